"""Serving the page: open the library, build the page around it, listen until it is stopped.

Everything the page needs is served from here: no font, script or figure comes from another host,
and Gradio's analytics are off before it is imported.
"""

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console

from assistant.chat import no_pages
from assistant.errors import InputError
from assistant.live import Live
from assistant.pages import Pages
from assistant.settings import Settings
from assistant.web import frame, logs
from assistant.web.blocks import Services, build, translations
from assistant.web.page_routes import routes
from assistant.web.server import create_app
from assistant.web.service import Service

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from assistant.answer import Assistant
    from assistant.web.login import Sessions

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STEPS = {
    "reading": "reading",
    "words": "indexing words",
    "vectors": "indexing meaning",
    "server": "filling the vector server",
}

log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve the chat until it is stopped; an AssistantError says why it could not start."""
    import gradio

    console = Console(stderr=True, soft_wrap=True)
    logs.set_up(settings)
    _require_port(settings.host, settings.port)
    assistant = Live(_open(settings, console))
    assistant.watch()
    originals = assistant.originals
    pages = Pages(lambda: assistant.index, originals) if originals is not None else None
    service = Service(settings, assistant, _sessions(settings))
    threading.Thread(target=_warm, args=(service,), daemon=True, name="warm").start()
    page = build(Services(cast(Live, service.watched("page")), pages.shows if pages else no_pages))
    app = create_app(
        page,
        service,
        routes(pages, frame.style) if pages else (),
        i18n=gradio.I18n(**translations()),
    )
    address = f"http://{_shown(settings.host)}:{settings.port}"
    try:
        run(app, service, lambda: _tell(console, settings, address))
    except OSError as error:
        raise _port_taken(settings.host, settings.port, error) from error
    finally:
        assistant.close()


def _tell(console: Console, settings: Settings, address: str) -> None:
    if settings.log_format == "json":
        logs.say(f"CiteBrief is at {address}")
    else:
        console.print(f"CiteBrief is at {address} (Ctrl-C stops it)", highlight=False, markup=False)


def _shown(host: str) -> str:
    """The host of an address that can be opened on this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host


def run(app: "FastAPI", service: Service, started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM: then take no new questions, and let answers end.

    A second signal ends the process at once.
    """
    import uvicorn

    settings = service.settings
    # Bound here, so that a port that was taken meanwhile is an OSError.
    with _listen(settings.host, settings.port) as listener:
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
            ws="none",
        )
        server = _server(config, service, started)
        server.run(sockets=[listener])
    if service.running:  # its thread would keep the process until the answer is whole
        log.warning("%d answers were cut off.", service.running)
        logging.shutdown()
        os._exit(0)


def _server(
    config: "uvicorn.Config", service: Service, started: Callable[[], None]
) -> "uvicorn.Server":
    import uvicorn

    class Graceful(uvicorn.Server):
        """Ends when answers have, and without handing its signal on."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

        @contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            if threading.current_thread() is not threading.main_thread():
                yield
                return
            before = {n: signal.signal(n, self.handle_exit) for n in SIGNALS}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if service.draining:
                os._exit(128 + sig)
            service.draining = True

        async def on_tick(self, counter: int) -> bool:
            if service.draining:
                await self._drain()
                self.should_exit = True
            return await super().on_tick(counter)

        async def _drain(self) -> None:
            until = time.monotonic() + service.settings.grace
            while not service.idle() and time.monotonic() < until:
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.2)  # the last words of an answer are still to be sent
            service.hang_up()

    return Graceful(config)


def _sessions(settings: Settings) -> "Sessions | None":
    if settings.login == "off":
        return None
    from assistant.web.login import open_sessions

    return open_sessions(settings)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = _address(host, port)
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _open(settings: Settings, console: Console) -> "Assistant":
    """The assistant; the console tells of an index that must be built first."""
    from assistant.answer import Assistant

    with console.status("Opening the library …") as status:
        return Assistant.open(
            settings,
            progress=lambda step, done, total: status.update(
                f"Building the index, this once: {STEPS.get(step, step)} {done} of {total} …"
            ),
        )


def _warm(service: Service) -> None:
    try:
        service.assistant.warm()
        service.warm = True
    except Exception:
        log.exception("The models could not be loaded ahead; the first question will load them.")


def _require_port(host: str, port: int) -> None:
    """InputError where nothing can listen at `host` and `port`, before the index is built."""
    if not 1 <= port <= 65535:
        raise InputError(f"--port {port}: expected a number from 1 to 65535, such as 7860.")
    try:
        _listen(host, port).close()
    except socket.gaierror as error:
        raise InputError(
            f"The host {host!r} is unknown; expected an address of this machine such as 127.0.0.1. "
            "Correct --host or CITEBRIEF_HOST."
        ) from error
    except OSError as error:
        raise _port_taken(host, port, error) from error


def _address(host: str, port: int) -> tuple[int, int, int, str, Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]


def _port_taken(host: str, port: int, error: OSError) -> InputError:
    return InputError(
        f"Nothing can listen at {host} port {port} ({error.strerror or error}); expected a free "
        "port. Stop what uses it, or choose another with CITEBRIEF_PORT or: citebrief serve --port "
        f"{port % 65535 + 1}"
    )
