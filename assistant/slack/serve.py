"""`citebrief slack`: the tokens are checked, the library is opened, and the bot runs until stopped.

A signal lets what is under way end, for CITEBRIEF_GRACE seconds; what waits is answered at the next
start. A second signal ends the process at once, which loses nothing either.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console

from assistant.errors import InputError
from assistant.holdings import NONE
from assistant.live import Live
from assistant.settings import Settings
from assistant.slack.app import SlackBot
from assistant.slack.client import Slack
from assistant.slack.tokens import Mode, Standing, check_all, check_kinds

if TYPE_CHECKING:
    from assistant.answer import Assistant

SIGNALS = (signal.SIGINT, signal.SIGTERM)
BACKLOG = 2048

log = logging.getLogger(__name__)


def serve(settings: Settings, mode: Mode | None = None) -> None:
    """Run the bot until it is stopped; an AssistantError says why it cannot start, or go on."""
    console = Console(stderr=True, soft_wrap=True)
    if mode is None:
        if settings.slack_mode == "chat":
            raise InputError(
                "CITEBRIEF_SLACK_MODE=chat: the bot runs in the chat's server. Start that with "
                "citebrief serve, or set socket or http."
            )
        mode = settings.slack_mode
    check_kinds(settings, mode)
    if settings.database == NONE:
        raise InputError(
            f"CITEBRIEF_DATABASE={NONE}: the Slack bot keeps in it what it has yet to answer, so "
            "that nothing is lost or answered twice. Unset it, or set it to sqlite:///PATH or "
            "postgresql://…"
        )
    slack = Slack(settings)
    standing = check_all(settings, mode, slack)
    bot, live = open_bot(settings, slack, standing, console)
    stop = threading.Event()
    with _signals(stop):
        bot.start()
        try:
            waiting = bot.chats.waiting()
            where = f"{standing.team_name} as {standing.bot_user}"
            more = f"; {waiting} questions were waiting" if waiting else ""
            if mode == "http":
                address = f"http://{settings.slack_host}:{settings.slack_port}"
                told = f"CiteBrief is in {where}, and takes Slack's requests at {address}{more}"
                _serve_http(settings, bot, stop, lambda: _say(console, told))
            else:
                bot.connect()
                _say(console, f"CiteBrief is in {where}{more} (Ctrl-C stops it)")
                _wait(stop, bot)
        finally:
            left = bot.stop()
            live.close()
    if bot.fatal is not None:
        raise bot.fatal
    if left:
        log.warning("%d answers were put back for the next start.", left)


def open_bot(
    settings: Settings, slack: Slack, standing: Standing, console: Console
) -> tuple[SlackBot, Live]:
    """The bot over the library of the settings, not started yet."""
    opened = _open(settings, console)
    holdings = opened.holdings
    record = holdings.record(create=True) if holdings is not None else None
    if record is None:
        raise InputError("There is no database to write to; set CITEBRIEF_DATABASE.")
    live = Live(opened)
    live.watch()
    threading.Thread(target=_warm, args=(live,), daemon=True, name="warm").start()
    return SlackBot(settings, live, record, slack, standing, holdings=holdings), live


def _open(settings: Settings, console: Console) -> "Assistant":
    from assistant.answer import Assistant

    with console.status("Opening the library …"):
        return Assistant.open(settings)


def _warm(live: Live) -> None:
    try:
        live.warm()
        for lang in ("ko", "en"):  # what to ask next takes seconds the first time
            live.nearest("트럼프 Trump", "ko" if lang == "ko" else "en")
    except Exception:
        log.exception("The models could not be loaded ahead; the first question will load them.")


def _wait(stop: threading.Event, bot: SlackBot) -> None:
    while not stop.wait(0.2):
        if bot.crew.ended.is_set():
            return


def _serve_http(
    settings: Settings, bot: SlackBot, stop: threading.Event, started: Callable[[], None]
) -> None:
    """Listen until told to stop; connections that are open end first."""
    import uvicorn

    from assistant.slack.http import standalone

    app = standalone(bot)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    with _listen(settings.slack_host, settings.slack_port) as listener:
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="slack-http"
        )
        thread.start()
        started()
        _wait(stop, bot)
        server.should_exit = True
        thread.join(10)


def _listen(host: str, port: int) -> socket.socket:
    """A socket at `host` and `port`; InputError where there can be none."""
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise InputError(
            f"Nothing can listen at {host} port {port} ({error.strerror or error}); expected a "
            "free port of this machine. Set CITEBRIEF_SLACK_HOST and CITEBRIEF_SLACK_PORT, or: "
            f"citebrief slack --port {port % 65535 + 1}"
        ) from error


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Within it a signal begins a stop, and a second ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(console: Console, said: str) -> None:
    console.print(said, highlight=False, markup=False)
