"""Serving the page: open the library, build the page around it, listen until it is stopped.

Everything the page needs is served from here: no font, script or figure comes from another host,
and Gradio's analytics are off before it is imported.
"""

import logging
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

from rich.console import Console

from assistant.errors import InputError
from assistant.live import Live
from assistant.pages import Pages
from assistant.settings import Settings
from assistant.web import frame, read_routes
from assistant.web.blocks import build
from assistant.web.page_routes import routes

if TYPE_CHECKING:
    import gradio as gr

    from assistant.answer import Assistant

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
STEPS = {
    "reading": "reading",
    "words": "indexing words",
    "vectors": "indexing meaning",
    "server": "filling the vector server",
}

log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve the chat until it is stopped; an AssistantError says why it could not start."""
    console = Console(stderr=True, soft_wrap=True)
    _require_port(settings.host, settings.port)
    assistant = Live(_open(settings, console))
    assistant.watch()
    threading.Thread(target=_warm, args=(assistant,), daemon=True, name="warm").start()
    originals = assistant.originals
    pages = Pages(lambda: assistant.index, originals) if originals is not None else None
    page = build(assistant, pages)
    page.queue(default_concurrency_limit=settings.users, api_open=False)
    _reach_ourselves(settings.host)
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    try:
        _launch(page, settings, pages, assistant)
        console.print(f"CiteBrief is at {page.local_url} (Ctrl-C stops it)", highlight=False)
        stop.wait()
    except OSError as error:
        raise _port_taken(settings.host, settings.port, error) from error
    finally:
        assistant.close()
        page.close(verbose=False)


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


def _warm(assistant: Live) -> None:
    try:
        assistant.warm()
    except Exception:
        log.exception("The models could not be loaded ahead; the first question will load them.")


def _launch(page: "gr.Blocks", settings: Settings, pages: Pages | None, assistant: Live) -> None:
    from gradio.themes import Base

    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        max_threads=max(40, settings.users),
        ssr_mode=False,
        mcp_server=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        favicon_path=frame.ICON,
        theme=Base(font=FONTS, font_mono=("ui-monospace", "monospace")),
        head=frame.head(),
        app_kwargs={
            "routes": [
                *read_routes.routes(assistant),
                *read_routes.assets(),
                *(routes(pages, frame.style) if pages else ()),
            ]
        },
    )


def _reach_ourselves(host: str) -> None:
    """Keep a proxy out of the way: on launch Gradio asks its own server whether it is up."""
    ours = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [ours, host, "127.0.0.1", "localhost"])
    )


def _require_port(host: str, port: int) -> None:
    """InputError where nothing can listen at `host` and `port`, before the index is built."""
    if not 1 <= port <= 65535:
        raise InputError(f"--port {port}: expected a number from 1 to 65535, such as 7860.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise InputError(
            f"The host {host!r} is unknown; expected an address of this machine such as 127.0.0.1. "
            "Correct --host or CITEBRIEF_HOST."
        ) from error
    except OSError as error:
        raise _port_taken(host, port, error) from error


def _port_taken(host: str, port: int, error: OSError) -> InputError:
    return InputError(
        f"Nothing can listen at {host} port {port} ({error.strerror or error}); expected a free "
        "port. Stop what uses it, or choose another with CITEBRIEF_PORT or: citebrief serve --port "
        f"{port % 65535 + 1}"
    )
