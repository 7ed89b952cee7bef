"""The web server's application: our own routes, what stands before them, and Gradio behind them.

GET /health    200 while the process lives
GET /ready     200 once questions are taken; 503 with what is missing
GET /metrics   counters as Prometheus reads them
GET /static-cb/{file}   styles and scripts of our own
"""

import hashlib
import hmac
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from assistant.web import api, frame, mcp_server
from assistant.web.guard import Headers, Hosts, Shield, Sizes
from assistant.web.logs import Tracing
from assistant.web.memory import keep_little
from assistant.web.service import Service

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

FONTS = (
    "-apple-system",
    "BlinkMacSystemFont",
    "Segoe UI",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "sans-serif",
)
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


def create_app(
    page: "gr.Blocks",
    service: Service,
    routes: "Sequence[BaseRoute]" = (),
    *,
    head: str | None = None,
    i18n: Any = None,
) -> "FastAPI":
    """The application: `routes` before Gradio's `page`, behind login, limits and headers.

    `head` stands in the page's head, and is by default the chat's style and script.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr
    from fastapi import FastAPI
    from gradio.themes import Base
    from starlette.routing import Mount, Route

    settings = service.settings
    keep_little(page)
    with page:
        api.publish(service)
    threads = max(40, 2 * settings.users)
    page.queue(default_concurrency_limit=settings.users, max_size=settings.queue, api_open=False)
    page.max_threads = threads
    page._queue.max_thread_count = threads
    service.page = page

    app = FastAPI(
        title="CiteBrief",
        version=version("citebrief"),
        docs_url=None,  # they load scripts from another host
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_lifespan(threads, service),
    )
    app.router.routes.extend(
        [
            Route("/health", _health),
            Route("/ready", _ready(service)),
            Route("/static-cb/{file}", _static),
            *([Route("/metrics", _metrics(service))] if settings.metrics == "on" else []),
            *routes,
        ]
    )
    app.include_router(api.rest(service))
    api.name_fields(app)
    if settings.mcp == "on" and mcp_server.available():
        mcp = mcp_server.Mcp(service)
        service.closing.append(mcp.close)
        app.router.routes.append(Route("/mcp", mcp, methods=["GET", "POST", "DELETE"]))
    sessions = service.sessions
    if sessions is not None:
        from assistant.web.login import OPEN, Login, login_routes

        sessions.metrics = service.metrics
        app.router.routes.extend(login_routes(sessions))
        # The metrics have a token of their own, or are for those who are logged in.
        without = (*OPEN, *(["/metrics"] if settings.metrics_token else []))
        app.add_middleware(Login, sessions=sessions, without=without)
    app.add_middleware(Sizes, service=service)
    app.add_middleware(Shield, service=service)
    app.add_middleware(Hosts, settings=settings)
    app.add_middleware(Headers)
    app.add_middleware(Tracing, metrics=service.metrics)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=f"{settings.upload_mb}mb",
        favicon_path=str(frame.ICON),
        theme=Base(font=FONTS, font_mono=("ui-monospace", "monospace")),
        head=frame.head() if head is None else head,
        i18n=i18n,
        auth_dependency=_user if sessions is not None else None,
        app_kwargs={"openapi_url": None},
    )
    behind = next(r.app for r in reversed(app.routes) if isinstance(r, Mount))
    service.hang_up = cast(Any, behind).stop_event.set
    return app


def _user(request: "Request") -> str | None:
    """Who is logged in, as the middleware found."""
    user: str | None = getattr(request.state, "user", None)
    return user


def _lifespan(threads: int, service: Service) -> "Callable[[FastAPI], Any]":
    @asynccontextmanager
    async def lifespan(app: "FastAPI") -> AsyncIterator[None]:
        from anyio.to_thread import current_default_thread_limiter

        current_default_thread_limiter().total_tokens = threads
        yield
        for close in service.closing:
            await close()

    return lifespan


async def _health(request: "Request") -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse({"status": "ok"})


def _ready(service: Service) -> "Callable[[Request], Any]":
    async def ready(request: "Request") -> "Response":
        from starlette.responses import JSONResponse

        missing = service.missing()
        index = service.assistant.index
        told = {
            "status": "not ready" if missing else "ready",
            "missing": missing,
            "documents": len(index.documents),
            "passages": len(index.passages),
            "version": version("citebrief"),
        }
        return JSONResponse(told, 503 if missing else 200, {"Cache-Control": "no-store"})

    return ready


def _metrics(service: Service) -> "Callable[[Request], Any]":
    token = service.settings.metrics_token

    def metrics(request: "Request") -> "Response":
        from starlette.responses import PlainTextResponse, Response

        wanted = f"Bearer {token.get_secret_value()}" if token else ""
        given = request.headers.get("authorization", "")
        if wanted and not hmac.compare_digest(given.encode(), wanted.encode()):
            return PlainTextResponse(
                "The metrics need the token of CITEBRIEF_METRICS_TOKEN.\n",
                401,
                {"WWW-Authenticate": "Bearer"},
            )
        text, kind = service.metrics.text()
        return Response(text, headers={"Content-Type": kind, "Cache-Control": "no-store"})

    return metrics


def _static(request: "Request") -> "Response":
    from starlette.responses import PlainTextResponse, Response

    path = frame.FOLDER / (name := request.path_params["file"])
    kind = KINDS.get(path.suffix)
    if kind is None or name.startswith(".") or path.name != name or not path.is_file():
        return PlainTextResponse("Not found.", 404)
    content, tag = _file(str(path), path.stat().st_mtime_ns)
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Type": kind}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)


@lru_cache(maxsize=64)
def _file(path: str, changed: int) -> tuple[bytes, str]:
    with open(path, "rb") as file:
        content = file.read()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
