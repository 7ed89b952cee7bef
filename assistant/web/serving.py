"""Serving the page: open the library, build the page around it, listen until it is stopped.

Everything the page needs is served from here: no font, script or figure comes from another host,
and Gradio's analytics are off before it is imported.
"""

import importlib
import logging
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING, cast

from rich.console import Console

from assistant.chat import no_pages
from assistant.conversation import Conversation
from assistant.errors import InputError
from assistant.live import Live
from assistant.pages import Pages
from assistant.settings import Settings
from assistant.web import (
    export_routes,
    frame,
    history_routes,
    library_routes,
    logs,
    page_routes,
    read_routes,
)
from assistant.web.blocks import Services, build, translations
from assistant.web.running import listen, run
from assistant.web.server import create_app
from assistant.web.service import Service

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from assistant.answer import Assistant
    from assistant.web.history_routes import OpenRecord
    from assistant.web.login import Sessions

STEPS = {
    "reading": "reading",
    "words": "indexing words",
    "vectors": "indexing meaning",
    "server": "filling the vector server",
}
CTRL_C = " (Ctrl-C stops it)"

log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve the chat until it is stopped; an AssistantError says why it could not start."""
    import gradio

    console = Console(stderr=True, soft_wrap=True)
    logs.set_up(settings)
    _require_port(settings.host, settings.port)
    opened = _open(settings, console)
    assistant = Live(opened)
    assistant.watch()
    originals = assistant.originals
    pages = Pages(lambda: assistant.index, originals) if originals is not None else None
    service = Service(settings, assistant, _sessions(settings, console))
    threading.Thread(target=_warm, args=(service,), daemon=True, name="warm").start()
    record = _record(opened)
    page = build(
        Services(
            cast(Live, service.watched("page")),
            paged=pages.shows if pages else no_pages,
            save=partial(_save, record),
        )
    )
    routes = [
        *read_routes.routes(assistant),
        *(page_routes.routes(pages, frame.style) if pages else ()),
        *history_routes.routes(record),
        *export_routes.routes(assistant, settings.font),
        *library_routes.open_library(settings, assistant, login=service.sessions is not None),
    ]
    if settings.slack_mode == "chat":
        routes = [*_slack(settings, assistant, opened, service), *routes]
    app = create_app(page, service, routes, i18n=gradio.I18n(**translations()))
    address = f"http://{_shown(settings.host)}:{settings.port}"
    try:
        run(app, service, lambda: _say(console, settings, f"CiteBrief is at {address}", CTRL_C))
    except OSError as error:
        raise _port_taken(settings.host, settings.port, error) from error
    finally:
        assistant.close()


def _slack(
    settings: Settings, assistant: Live, opened: "Assistant", service: Service
) -> "list[BaseRoute]":
    """The routes of a Slack bot that answers from here, begun, and ended with the server."""
    if opened.holdings is None:
        raise InputError(
            "CITEBRIEF_SLACK_MODE=chat: the Slack bot needs a database to keep what it has yet to "
            "answer. Set CITEBRIEF_DATABASE to another value than none."
        )
    # By name, since nothing imports a front door.
    bot, routes = importlib.import_module("assistant.slack.http").mounted(
        settings, assistant, opened.holdings
    )
    bot.start()

    async def close() -> None:
        from anyio import to_thread

        await to_thread.run_sync(bot.stop)

    service.closing.append(close)
    return list(routes)


def _record(assistant: "Assistant") -> "OpenRecord":
    """What opens the database of record, made if asked for."""
    holdings = assistant.holdings
    if holdings is None:
        return lambda create: None
    return lambda create: holdings.record(create=create)


def _save(record: "OpenRecord", user: str, conversation: Conversation) -> None:
    """Keep the conversation of one who is logged in, as it now is."""
    from assistant.history import History

    kept = record(True)
    if kept is not None:
        *earlier, last = conversation.turns
        History(kept).save(user, conversation.id, last, [turn.id for turn in earlier])


def _say(console: Console, settings: Settings, said: str, more: str = "") -> None:
    if settings.log_format == "json":
        logs.say(said)
    else:
        console.print(said + more, highlight=False, markup=False)


def _shown(host: str) -> str:
    """The host of an address that can be opened on this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _sessions(settings: Settings, console: Console) -> "Sessions | None":
    if settings.login == "off":
        return None
    from assistant.web.login import open_sessions

    return open_sessions(settings, lambda said: _say(console, settings, said))


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
        for lang in frame.LANGS:  # what to ask next takes seconds the first time
            service.assistant.nearest("트럼프 Trump", lang)
    except Exception:
        log.exception("The models could not be loaded ahead; the first question will load them.")


def _require_port(host: str, port: int) -> None:
    """InputError where nothing can listen at `host` and `port`, before the index is built."""
    if not 1 <= port <= 65535:
        raise InputError(f"--port {port}: expected a number from 1 to 65535, such as 7860.")
    try:
        listen(host, port).close()
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
