"""The socket to Slack: opened from here, and opened again as soon as it breaks.

Slack's client notices a connection that ended without a word only after some pings; meanwhile what
Slack sends is lost until it sends it again. So the socket is looked at, and a new connection is
made at once, or as soon as Slack lets one be made.
"""

import logging
import select
import threading
from contextlib import suppress
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler

from assistant.slack.client import Slack, quiet_log

PING = 2.0  # seconds between pings; after some without an answer the connection counts as broken
LONGEST_PAUSE = 30.0  # seconds between tries to connect
LOOK = 0.5  # seconds between looks at the socket
ENDED = getattr(select, "POLLRDHUP", 0)  # the other side has ended, where the system tells
CONCURRENT = 10  # requests that are taken in at once

log = logging.getLogger(__name__)


class Link:
    """A connection for Socket Mode that is kept up until `close`."""

    def __init__(self, app: App, token: str, slack: Slack) -> None:
        """`token` is the app's, which begins with xapp-."""
        self._handler = SocketModeHandler(
            app,
            token,
            logger=quiet_log(),
            web_client=slack.steady,
            ping_interval=PING,
            concurrency=CONCURRENT,
        )
        self._client: Any = self._handler.client
        self._broken = threading.Event()
        self._closed = threading.Event()
        self._client.on_error_listeners.append(lambda error: self._broken.set())

    def open(self) -> None:
        """Connect, and watch over the connection."""
        self._client.connect()
        threading.Thread(target=self._watch, daemon=True, name="slack-link").start()

    def close(self) -> None:
        """Break the connection; the client's own threads end in their own time."""
        self._closed.set()
        self._broken.set()
        # It breaks the connection at once, and then waits seconds for its threads.
        threading.Thread(target=self._part, daemon=True, name="slack-close").start()

    def _part(self) -> None:
        with suppress(AttributeError):  # of a connection that breaks in the same moment
            self._client.disconnect()
        with suppress(AttributeError):
            self._client.close()

    def _watch(self) -> None:
        while not self._closed.is_set():
            if not self._broken.wait(LOOK) and not self._ended():
                continue
            self._broken.clear()
            pause = 0.5
            while not self._closed.is_set() and not self._again():
                self._closed.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _ended(self) -> bool:
        """Whether the other side has hung up."""
        sock = getattr(self._client.current_session, "sock", None)
        if sock is None or not hasattr(select, "poll"):
            return False
        try:
            poll = select.poll()
            poll.register(sock.fileno(), ENDED | select.POLLHUP | select.POLLERR)
            return bool(poll.poll(0))
        except (OSError, ValueError):  # closed in this moment
            return False

    def _again(self) -> bool:
        """Connect anew; whether that came about."""
        log.warning("Slack: the connection broke; connecting again.")
        try:
            self._client.disconnect()
            self._client.connect_to_new_endpoint()
        except Exception as error:
            log.warning("Slack: no connection yet (%s).", type(error).__name__)
            return False
        return bool(self._client.is_connected())
