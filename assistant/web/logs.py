"""The server's log: request ids, and one JSON object a line where CITEBRIEF_LOG_FORMAT is json.

What was asked and what was answered is never in it, but with CITEBRIEF_LOG_QUESTIONS; who asked is
a hash whose key lives as long as the process.
"""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from assistant.settings import Settings
from assistant.web.limits import SENTENCES, language

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from assistant.web.metrics import Metrics

SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
QUIET = ("/health", "/ready", "/metrics", "/assets/", "/static", "/gradio_api/heartbeat", "/svelte")
OURS = ("app", "assistant", "eval", "index")
FAULT = {
    "ko": "내부 오류가 생겼습니다. 다시 시도해 주시고, 계속되면 요청 번호 {id}와 함께 알려 주세요.",
    "en": "Something went wrong here. Please try again, and if it goes on, report it with the "
    "request id {id}.",
}
_KEY = secrets.token_bytes(16)

log = logging.getLogger("assistant.web.requests")


def set_up(settings: Settings) -> None:
    """Where JSON is wanted, write every line of the log as JSON; else all stays as it is."""
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
    root = logging.getLogger()
    if settings.log_format != "json":
        if not root.handlers:  # or else the package mcp would add one that shows everything
            plain = logging.StreamHandler(sys.stderr)
            plain.addFilter(_ours)
            logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[plain])
        return
    import structlog

    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        stamp,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    handler.addFilter(_ours)
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(min(logging.INFO, logging.getLogger("assistant").level))


def _ours(record: logging.LogRecord) -> bool:
    """What is shown: our own lines, and what fails elsewhere."""
    return record.name.split(".")[0] in OURS or record.levelno >= logging.ERROR


FIELDS = (
    "request_id method path status ms user door answer engine answer_status language "
    "timings_ms kind question"
).split()


def say(what: str, *args: Any, level: int = logging.INFO, **fields: Any) -> None:
    """One line: `what` for people, and the fields (of FIELDS) beside it."""
    if log.isEnabledFor(level):
        told = " ".join(f"{name}={value}" for name, value in fields.items() if value is not None)
        text = what if _as_json() else f"{what} {told}"
        log.log(level, text, *args, extra={k: v for k, v in fields.items() if v is not None})


def _as_json() -> bool:
    handlers = logging.getLogger().handlers
    return bool(handlers) and type(handlers[0].formatter).__name__ == "ProcessorFormatter"


def hashed(user: str | None) -> str | None:
    """What stands for a user in the log."""
    if user is None:
        return None
    return hmac.new(_KEY, user.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:12]


def current_request() -> Any | None:
    """The request that a Gradio event runs for; it has .headers, .client and .state."""
    from gradio.context import LocalContext

    return LocalContext.request.get(None)


def state_of(request: Any) -> Mapping[str, Any]:
    """What the middleware noted of a request (starlette's, or Gradio's around it)."""
    inner = getattr(request, "request", None) or request
    scope = getattr(inner, "scope", None)
    return scope.get("state", {}) if isinstance(scope, MutableMapping) else {}


class Tracing:
    """Gives each request an id, writes its line at its end, and answers for what nobody caught."""

    def __init__(self, app: "ASGIApp", metrics: "Metrics") -> None:
        """`metrics` counts the requests."""
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        from structlog.contextvars import bound_contextvars

        headers = {k: v.decode("latin-1") for k, v in scope["headers"]}
        given = headers.get(b"x-request-id", "")
        id = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = id
        start, status = time.perf_counter(), 0

        async def answer(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", id.encode())]
            await send(message)

        with bound_contextvars(request_id=id):
            try:
                await self.app(scope, receive, answer)
            except asyncio.CancelledError:  # the server stops, and this took too long
                if not status:
                    accepted = headers.get(b"accept-language", "")
                    await _fail(503, SENTENCES["stopping"][language(accepted)], scope, answer)
            except Exception:
                self.metrics.errors.labels("fault").inc()
                log.exception("Request %s failed.", id)
                if not status:
                    accepted = headers.get(b"accept-language", "")
                    await _fail(500, FAULT[language(accepted)].format(id=id), scope, answer)
            finally:
                self.metrics.requests.labels(_method(scope["method"]), str(status or 499)).inc()
                path = scope["path"]
                quiet = path.startswith(QUIET) and status < 400
                say(
                    "request",
                    level=logging.DEBUG if quiet else logging.INFO,
                    request_id=id,
                    method=_method(scope["method"]),
                    path=path[:120],
                    status=status or 499,
                    ms=round((time.perf_counter() - start) * 1000, 1),
                    user=hashed(scope["state"].get("user")),
                )


def _method(method: str) -> str:
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"


async def _fail(status: int, sentence: str, scope: "Scope", send: "Send") -> None:
    from starlette.requests import empty_receive
    from starlette.responses import JSONResponse

    await JSONResponse({"error": sentence}, status)(scope, empty_receive, send)
