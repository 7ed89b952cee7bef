"""A Slack workspace in memory: its people, channels, messages and views.

What the bot may do with them is in slack_methods.py, what people do in slack_sender.py and
slack_presses.py, the wires are in slack_server.py.
Not covered: files, canvases, several teams.
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

MANIFEST = Path(__file__).parents[1] / "docs" / "slack" / "manifest.yaml"
SCOPES = (  # where there is no manifest
    "app_mentions:read assistant:write channels:history groups:history im:history mpim:history"
    " channels:read groups:read im:read mpim:read chat:write commands users:read".split()
)
EVENTS = "app_mention app_home_opened message.channels message.groups message.im message.mpim"


def manifest() -> tuple[set[str], set[str]]:
    """The scopes that the bot asks for, and the events that it subscribes to."""
    if not MANIFEST.exists():
        return set(SCOPES), set(EVENTS.split())
    asked = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    events = asked["settings"]["event_subscriptions"]["bot_events"]
    return set(asked["oauth_config"]["scopes"]["bot"]), set(events)


class Refused(Exception):  # noqa: N818  (Slack's answer, not a fault of ours)
    """An answer that is not ok."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


class Call(NamedTuple):
    """A call of the Web API, refused ones too; `t` is in seconds since the epoch."""

    method: str
    args: dict[str, Any]
    t: float


class Status(NamedTuple):
    """A status that the bot set in a thread; an empty one takes it away."""

    channel: str
    thread_ts: str
    status: str
    t: float


@dataclass(slots=True)
class Stream:
    """A message that is being streamed, or was."""

    channel: str
    ts: str
    thread_ts: str | None
    recipient: str | None
    pieces: list[str] = field(default_factory=list)
    chunks: list[dict[str, Any]] = field(default_factory=list)
    open: bool = True

    @property
    def text(self) -> str:
        """All that came so far."""
        return "".join(self.pieces)


class Workspace:
    """Channels, people and messages, and what the bot may do with them."""

    team, team_name, domain = "T0TEAM", "Brief team", "brief"
    bot_user, bot_id, app_id, bot_name = "U0BOT", "B0BOT", "A0APP", "citebrief"
    token, app_token = "xoxb-1-loopback", "xapp-1-A0APP-1-loopback"
    signing_secret = "loopback-signing-secret"

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.scopes, self.subscriptions = manifest()
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.streams: dict[str, Stream] = {}
        self.views: dict[str, dict[str, Any]] = {}
        self.homes: dict[str, dict[str, Any]] = {}  # user -> the home tab last published
        self.statuses: list[Status] = []
        self.prompts: list[dict[str, Any]] = []
        self.reactions: list[tuple[str, str, str]] = []
        self.calls: list[Call] = []
        self.refusals: list[tuple[str, str]] = []  # method and error, planted faults left out
        self.advice: list[str] = []  # what Slack lets through, and a careful bot would not do
        self.revoked = False
        self.trigger_life = 3.0  # seconds
        self._triggers: dict[str, tuple[str, float]] = {}  # trigger -> user, made at
        self._used_triggers: set[str] = set()
        self._last_ts = 0
        self.open_link: Callable[[], str] = lambda: ""
        self.on_message: Callable[[str, dict[str, Any], str | None], None] = lambda *_: None
        for channel in ("C0GENERAL", "C0TEAM", "G0PRIVATE"):
            self.add_channel(channel)
        self.add_channel("C0OUTSIDE", member=False)
        self.add_user("U0ALICE", "en-US")
        self.add_user("U0MINJI", "ko-KR")

    # --- what is there ---------------------------------------------------------------------

    def add_user(self, user: str, locale: str = "en-US", is_bot: bool = False) -> dict[str, Any]:
        """A person of the workspace, new or known."""
        with self.lock:
            return self.users.setdefault(
                user,
                {
                    "id": user,
                    "team_id": self.team,
                    "name": user.lower(),
                    "real_name": user,
                    "deleted": False,
                    "is_bot": is_bot,
                    "tz": "Asia/Seoul" if locale.startswith("ko") else "America/New_York",
                    "locale": locale,
                    "profile": {"display_name": user.lower(), "real_name": user},
                },
            )

    def add_channel(self, channel: str, member: bool = True) -> dict[str, Any]:
        """A channel by its id: C… public, G… private, D… between one person and the bot."""
        with self.lock:
            if channel not in self.channels:
                self.messages[channel] = []
                self.channels[channel] = {
                    "id": channel,
                    "name": channel.lower(),
                    "is_channel": channel.startswith("C"),
                    "is_group": channel.startswith("G"),
                    "is_im": channel.startswith("D"),
                    "is_mpim": channel.startswith("M"),
                    "is_private": not channel.startswith("C"),
                    "is_member": member,
                    "is_archived": False,
                    "members": [self.bot_user] if member else [],
                }
            return self.channels[channel]

    def next_ts(self) -> str:
        """A time stamp that no message has yet."""
        with self.lock:
            self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_trigger(self, user: str) -> str:
        """A trigger id, good for one view within `trigger_life` seconds."""
        trigger = f"{self.next_ts().replace('.', '')}.{self.team}.{uuid.uuid4().hex}"
        with self.lock:
            self._triggers[trigger] = (user, time.monotonic())
        return trigger

    def find(self, channel: str, ts: str) -> dict[str, Any] | None:
        """A message by channel and time stamp, None once deleted."""
        with self.lock:
            for message in reversed(self.messages.get(channel, [])):
                if message["ts"] == ts:
                    return message
        return None

    def posts(self, channel: str, thread_ts: str | None = None) -> list[dict[str, Any]]:
        """What the bot wrote in a channel, or in one thread of it; ephemeral messages too."""
        with self.lock:
            return [
                message
                for message in self.messages.get(channel, [])
                if message.get("bot_id") == self.bot_id
                and (thread_ts is None or message.get("thread_ts") == thread_ts)
            ]

    def add_message(self, channel: str, **fields: Any) -> dict[str, Any]:
        """A message as Slack would keep it, without telling the bot."""
        with self.lock:
            self.add_channel(channel)
            message = {"type": "message", "ts": self.next_ts(), "team": self.team}
            message |= {name: value for name, value in fields.items() if value is not None}
            self.messages[channel].append(message)
            return message

    def delete_message(self, channel: str, ts: str) -> dict[str, Any]:
        """Somebody takes a message away, a streamed one too."""
        with self.lock:
            message = self.find(channel, ts)
            if message is None:
                raise LookupError(f"no message {ts} in {channel}; it holds {self.messages}")
            self.messages[channel].remove(message)
            if ts in self.streams:
                self.streams[ts].open = False
            return message

    def end_stream(self, ts: str) -> None:
        """Slack closes a stream by itself, as it does after some minutes without a word."""
        with self.lock:
            self.streams[ts].open = False
            message = self.find(self.streams[ts].channel, ts)
            if message is not None:
                message["streaming_state"] = "errored"

    def revoke(self) -> None:
        """The token is good no longer."""
        self.revoked = True

    def status(self, channel: str, thread_ts: str) -> str:
        """The status that readers of a thread see now."""
        with self.lock:
            for one in reversed(self.statuses):
                if (one.channel, one.thread_ts) == (channel, thread_ts):
                    return one.status
        return ""
