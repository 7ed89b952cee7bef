"""The Slack bot put together: Bolt takes requests in, the record keeps them, workers answer.

Every request is kept in the record before Slack is told that it came, and nothing else happens
before that; so Slack is answered within moments, and whatever breaks afterwards, another start or
another instance goes on. A request that cannot be kept in time is not acknowledged: Slack sends it
again.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from typing import TYPE_CHECKING, Any

from slack_bolt import App, BoltResponse

from assistant.settings import Settings
from assistant.slack.answers import Answers
from assistant.slack.clicks import Clicks
from assistant.slack.client import LaterError, RevokedError, Slack, quiet_log
from assistant.slack.crew import LEASE, POLL, Crew, Hold, described
from assistant.slack.desk import Desk
from assistant.slack.events import QUICK, SLOW, read
from assistant.slack.link import Link
from assistant.slack.post import Delivery
from assistant.slack.tokens import Standing
from index.record.chats import Chats, Job

if TYPE_CHECKING:
    from assistant.holdings import Holdings
    from assistant.live import Live
    from index.record.library import Library

IN_TIME = 2.0  # seconds to keep a request; Slack waits for three
TAKERS = 8  # requests that are kept at once
QUICK_WORKERS = 2

log = logging.getLogger(__name__)


class SlackBot:
    """One instance of the bot."""

    def __init__(
        self,
        settings: Settings,
        assistant: "Live",
        record: "Library",
        slack: Slack,
        standing: Standing,
        *,
        holdings: "Holdings | None" = None,
        lease: float = LEASE,
        poll: float = POLL,
    ) -> None:
        """`slack` is the Web API with the bot's token, and `standing` what that says of it."""
        self.instance = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._settings, self._standing = settings, standing
        self.slack = slack
        self.chats = Chats(record)
        desk = Desk(settings, assistant, record, holdings, self.chats, slack, standing)
        answers, clicks = Answers(desk), Clicks(desk)
        self._do: dict[str, Callable[[Job, Delivery, Hold], str]] = {
            "question": answers.question,
            "again": answers.again,
            "check": answers.check,
            "evidence": clicks.evidence,
            "sources": clicks.sources,
            "rating": clicks.rating,
            "rating_given": clicks.rating_given,
            "settings": clicks.settings,
            "settings_given": clicks.settings_given,
            "help": clicks.help,
            "home": clicks.home,
        }
        teams = ((settings.slack_workers, SLOW), (QUICK_WORKERS, QUICK))
        self.crew = Crew(
            self.chats, self._work, teams, instance=self.instance, lease=lease, poll=poll
        )
        self._takers = ThreadPoolExecutor(TAKERS, thread_name_prefix="slack-in")
        self._closed = threading.Event()
        self._link: Link | None = None
        secret = settings.slack_signing_secret
        self.bolt = App(
            name="citebrief",
            logger=quiet_log(),
            client=slack.steady,
            signing_secret=secret.get_secret_value() if secret else "",
            token_verification_enabled=False,
            before_authorize=self._take_in,
        )

    @property
    def fatal(self) -> RevokedError | None:
        """Why the bot has stopped by itself, if it has."""
        return self.crew.fatal

    def start(self) -> None:
        """Begin with what waits."""
        self.crew.start()

    def connect(self) -> None:
        """Take requests over a socket that is opened from here, anew whenever it breaks."""
        token = self._settings.slack_app_token
        self._link = Link(self.bolt, token.get_secret_value() if token else "", self.slack)
        self._link.open()

    def stop(self, grace: float | None = None) -> int:
        """Take nothing more in, let what is under way end; gives how many jobs were left."""
        self._closed.set()
        if self._link is not None:
            self._link.close()
        seconds = self._settings.grace if grace is None else grace
        left = self.crew.stop(seconds, self.slack.stop.set)
        self.slack.stop.set()
        self._takers.shutdown(wait=False)
        return left

    def _work(self, job: Job, hold: Hold) -> str:
        do = self._do.get(job.kind)
        if do is None:  # of a newer version, which is to do it
            return "unknown"
        delivery = Delivery(self.slack, self.chats, job, self._standing.bot_id, hold.held)
        try:
            return do(job, delivery, hold)
        except LaterError:
            delivery.keep()
            raise

    def _take_in(self, body: dict[str, Any], next: Callable[[], None]) -> BoltResponse:  # noqa: A002
        """Keep what a request asks for, before anything else; the answer to Slack is all it gives.

        Bolt calls it once the signature is verified. It never goes on to `next`.
        """
        if body.get("type") == "url_verification":
            return BoltResponse(status=200, body={"challenge": str(body.get("challenge", ""))})
        if self._closed.is_set() or self.crew.ended.is_set():
            return BoltResponse(status=503, body="")
        try:
            self._takers.submit(self._keep, body).result(IN_TIME)
        except TooSlow:
            log.error("Slack: a request could not be kept in %.0f s.", IN_TIME)
            return BoltResponse(status=503, body="")
        except Exception as error:
            log.error("Slack: a request could not be kept: %s", described(error))
            return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body="")

    def _keep(self, body: dict[str, Any]) -> None:
        work = read(body, self._standing.bot_user, self.chats.answered_here)
        if work is None:
            return
        if self.chats.take_in(work.key, work.kind, work.team, work.payload):
            self.crew.wake()
