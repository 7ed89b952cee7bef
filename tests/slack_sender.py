"""What people write in the workspace of slack_workspace.py, told to the bot as Slack tells it.

Each method gives the key of the delivery. `Sender` leaves to its child how a `Delivery` travels.
Texts are given as they stand on the wire, with &amp;, &lt; and &gt; already in them.
"""

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_methods import WebApi

Retry = tuple[int, str]
KINDS = {"C": "channel", "G": "group", "D": "im", "M": "mpim"}
SUBSCRIBED = {"channel": "message.channels", "group": "message.groups"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One envelope, or one request."""

    key: str
    kind: str  # events_api, slash_commands or interactive
    payload: dict[str, Any]
    root: str  # the key of the first delivery of the same payload
    retry: Retry | None = None

    @property
    def takes_answer(self) -> bool:
        """Whether Slack reads a payload in the acknowledgement."""
        if self.kind == "interactive":
            return self.payload["type"] in ("view_submission", "block_suggestion")
        return self.kind == "slash_commands"


class Sender(WebApi):
    """A workspace whose people write, press and open."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Delivery] = {}
        self.echo = False  # whether the bot is told of its own messages, as Slack does
        self.on_message = self._tell_of

    def send(self, delivery: Delivery) -> None:
        """Let it travel."""
        raise NotImplementedError

    def _deliver(self, kind: str, payload: dict[str, Any], retry: Retry | None) -> str:
        key = str(uuid.uuid4())
        delivery = Delivery(key, kind, payload, key, retry)
        self.sent[key] = delivery
        self.send(delivery)
        return key

    def resend(self, key: str, retry: Retry | None = (1, "timeout")) -> str:
        """The same payload again, in a new envelope or freshly signed: a retry of Slack's own."""
        first = self.sent[key]
        again = Delivery(str(uuid.uuid4()), first.kind, first.payload, first.root, retry)
        self.sent[again.key] = again
        self.send(again)
        return again.key

    def ts_of(self, key: str) -> str:
        """The time stamp of the message that a delivery tells of."""
        event = self.sent[key].payload["event"]
        return str(event.get("ts") or event["event_ts"])

    # --- events ----------------------------------------------------------------------------

    def event(
        self,
        event: Mapping[str, Any],
        event_id: str | None = None,
        retry: Retry | None = None,
    ) -> str:
        """Any event of the Events API."""
        return self._deliver(
            "events_api",
            {
                "token": "legacy-verification-token",
                "team_id": self.team,
                "context_team_id": self.team,
                "context_enterprise_id": None,
                "api_app_id": self.app_id,
                "event": dict(event),
                "type": "event_callback",
                "event_id": event_id or f"Ev{uuid.uuid4().hex[:10].upper()}",
                "event_time": int(time.time()),
                "authorizations": [
                    {
                        "enterprise_id": None,
                        "team_id": self.team,
                        "user_id": self.bot_user,
                        "is_bot": True,
                        "is_enterprise_install": False,
                    }
                ],
                "is_ext_shared_channel": False,
                "event_context": f"4-{uuid.uuid4().hex}",
            },
            retry,
        )

    def post_as(
        self,
        channel: str,
        user: str | None,
        text: str,
        thread_ts: str | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Somebody writes, and the bot is not told."""
        if user and user != self.bot_user:
            self.add_user(user)
        self.add_channel(channel)
        if thread_ts is not None and self.find(channel, thread_ts) is None:
            raise LookupError(f"no message {thread_ts} in {channel} to reply to")
        members = self.add_channel(channel)["members"]
        if user and user not in members:
            members.append(user)
        if user and more.get("bot_id") is None:
            more = {"client_msg_id": str(uuid.uuid4()), **more}
        if "blocks" not in more and user:
            more["blocks"] = [_rich(text)]
        return self.add_message(channel, user=user, text=text, thread_ts=thread_ts, **more)

    def mention(
        self,
        channel: str,
        user: str,
        text: str,
        thread_ts: str | None = None,
        event_id: str | None = None,
        retry: Retry | None = None,
        twin: bool = True,
    ) -> str:
        """Somebody names the bot. As Slack does, a `message` event of the same message follows,
        where the app subscribes to those and unless `twin` is false.
        """
        if f"<@{self.bot_user}>" not in text:
            text = f"<@{self.bot_user}> {text}"
        message = self.post_as(channel, user, text, thread_ts)
        event = {**message, "channel": channel, "event_ts": message["ts"]}
        key = self.event({**event, "type": "app_mention"}, event_id, retry)
        if twin:
            self._tell_of(channel, message, None)
        return key

    def message(
        self,
        channel: str,
        user: str | None,
        text: str,
        thread_ts: str | None = None,
        channel_type: str | None = None,
        subtype: str | None = None,
        bot_id: str | None = None,
        event_id: str | None = None,
        retry: Retry | None = None,
        **more: Any,
    ) -> str:
        """Somebody writes without naming the bot; a subtype makes it one of Slack's own kinds."""
        message = self.post_as(
            channel, user, text, thread_ts, bot_id=bot_id, subtype=subtype, **more
        )
        return self._message_event(channel, message, event_id, retry, channel_type)

    def edit(self, channel: str, ts: str, text: str) -> str:
        """Somebody changes a message."""
        message = self.find(channel, ts)
        if message is None:
            raise LookupError(f"no message {ts} in {channel}")
        before = dict(message)
        edited = {"user": message.get("user"), "ts": self.next_ts()}
        message.update(text=text, blocks=[_rich(text)], edited=edited)
        return self._changed(channel, message, before)

    def delete(self, channel: str, ts: str) -> str:
        """Somebody deletes a message, and the bot is told (`delete_message` does not tell)."""
        gone = self.delete_message(channel, ts)
        stamp = self.next_ts()
        return self._message_event(
            channel,
            {
                "type": "message",
                "subtype": "message_deleted",
                "previous_message": gone,
                "deleted_ts": ts,
                "hidden": True,
                "ts": stamp,
            },
        )

    def home_opened(
        self, user: str, tab: str = "home", retry: Retry | None = None, event_id: str | None = None
    ) -> str:
        """Somebody opens the bot's home tab, or the talk with it (tab="messages")."""
        self.add_user(user)
        event = {
            "type": "app_home_opened",
            "user": user,
            "channel": self.add_channel("D" + user[1:])["id"],
            "tab": tab,
            "event_ts": self.next_ts(),
        }
        if tab == "home" and user in self.homes:
            event["view"] = self.homes[user]
        return self.event(event, event_id, retry)

    def _changed(self, channel: str, message: Mapping[str, Any], before: Mapping[str, Any]) -> str:
        return self._message_event(
            channel,
            {
                "type": "message",
                "subtype": "message_changed",
                "message": dict(message),
                "previous_message": dict(before),
                "hidden": True,
                "ts": self.next_ts(),
            },
        )

    def _message_event(
        self,
        channel: str,
        message: Mapping[str, Any],
        event_id: str | None = None,
        retry: Retry | None = None,
        channel_type: str | None = None,
    ) -> str:
        kind = channel_type or KINDS.get(channel[0], "channel")
        event = {**message, "channel": channel, "channel_type": kind, "event_ts": message["ts"]}
        return self.event(event, event_id, retry)

    def _tell_of(self, channel: str, message: dict[str, Any], subtype: str | None) -> None:
        """The message events of what the app subscribes to; its own messages with `echo` alone."""
        kind = KINDS.get(channel[0], "channel")
        own = subtype is not None or message.get("bot_id") == self.bot_id
        if SUBSCRIBED.get(kind, f"message.{kind}") not in self.subscriptions:
            return
        if own and not self.echo:
            return
        if subtype is None:
            self._message_event(channel, message)
        else:
            self._changed(channel, message["message"], message["before"])


def _rich(text: str) -> dict[str, Any]:
    """A text as the rich text block that Slack's clients send along."""
    parts: list[dict[str, Any]] = []
    for piece in re.split(r"(<@\w+>)", text):
        if piece.startswith("<@") and piece.endswith(">"):
            parts.append({"type": "user", "user_id": piece[2:-1]})
        elif piece:
            parts.append({"type": "text", "text": piece})
    section = {"type": "rich_text_section", "elements": parts}
    return {"type": "rich_text", "block_id": uuid.uuid4().hex[:5], "elements": [section]}
