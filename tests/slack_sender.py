"""What people do in the workspace of slack_workspace.py, told to the bot as Slack would tell it.

Each method gives the key of the delivery. `Sender` leaves to its child how a `Delivery` travels.
Texts are given as they stand on the wire, with &amp;, &lt; and &gt; already in them.
"""

import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_checks import elements
from slack_workspace import Workspace

Retry = tuple[int, str]
EVENTS = frozenset(  # what the manifest subscribes to
    ["app_mention", "app_home_opened"]
    + [f"message.{kind}" for kind in ("channels", "groups", "im", "mpim")]
)
KINDS = {"C": "channel", "G": "group", "D": "im", "M": "mpim"}
SUBSCRIBED = {"channel": "message.channels", "group": "message.groups"}
MOST_ANSWERS = 5  # to one response_url


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


class Sender(Workspace):
    """A workspace whose people write, press and open."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Delivery] = {}
        self.subscriptions: set[str] = set(EVENTS)
        self.echo = False  # whether the bot is told of its own messages, as Slack does
        self.response_urls: dict[str, dict[str, Any]] = {}
        self.on_message = self._tell_of

    def send(self, delivery: Delivery) -> None:
        """Let it travel."""
        raise NotImplementedError

    def response_url(self, ident: str) -> str:
        """The address of an answer by its id."""
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
        if user and "bot_id" not in more:
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

    # --- commands, shortcuts, buttons and modals --------------------------------------------

    def new_response_url(self, user: str, channel: str, message: Any = None) -> str:
        """An address that takes five answers."""
        ident = uuid.uuid4().hex
        self.response_urls[ident] = {
            "user": user,
            "channel": channel,
            "message": message,
            "left": MOST_ANSWERS,
        }
        return self.response_url(ident)

    def command(
        self,
        command: str,
        text: str,
        user: str,
        channel: str,
        retry: Retry | None = None,
    ) -> str:
        """Somebody types a slash command."""
        self.add_user(user)
        payload = {
            "token": "legacy-verification-token",
            "team_id": self.team,
            "team_domain": self.domain,
            "channel_id": channel,
            "channel_name": self.add_channel(channel)["name"],
            "user_id": user,
            "user_name": user.lower(),
            "command": command,
            "text": text,
            "api_app_id": self.app_id,
            "is_enterprise_install": "false",
            "response_url": self.new_response_url(user, channel),
            "trigger_id": self.new_trigger(user),
        }
        return self._deliver("slash_commands", payload, retry)

    def _who(self, user: str) -> dict[str, Any]:
        self.add_user(user)
        return {
            "user": {
                "id": user,
                "username": user.lower(),
                "name": user.lower(),
                "team_id": self.team,
            },
            "team": {"id": self.team, "domain": self.domain},
            "api_app_id": self.app_id,
            "token": "legacy-verification-token",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _where(self, message: Mapping[str, Any], channel: str | None) -> str:
        for name, kept in self.messages.items():
            if channel in (None, name) and any(m["ts"] == message["ts"] for m in kept):
                return name
        raise LookupError(f"no channel holds the message {message['ts']}; deleted already?")

    def shortcut(
        self,
        callback_id: str,
        message: Mapping[str, Any],
        user: str,
        channel: str | None = None,
        retry: Retry | None = None,
    ) -> str:
        """Somebody picks a message shortcut in the menu of a message."""
        channel = self._where(message, channel)
        shown = self.find(channel, message["ts"]) or dict(message)
        payload = {
            "type": "message_action",
            **self._who(user),
            "action_ts": self.next_ts(),
            "callback_id": callback_id,
            "channel": {"id": channel, "name": self.channels[channel]["name"]},
            "trigger_id": self.new_trigger(user),
            "response_url": self.new_response_url(user, channel),
            "message_ts": shown["ts"],
            "message": dict(shown),
        }
        return self._deliver("interactive", payload, retry)

    def action(
        self,
        action_id: str,
        value: str | None,
        message: Mapping[str, Any],
        user: str,
        channel: str | None = None,
        retry: Retry | None = None,
    ) -> str:
        """Somebody presses a button, or picks an option, of a message or a view that has it.

        `value` None takes the element's own; a key that no element has is a LookupError.
        """
        is_view = "ts" not in message
        shown = dict(message)
        if is_view:
            shown = dict(self.views[message["id"]])
            shown.pop("shown_to")
        else:
            channel = self._where(message, channel)
            shown = dict(self.find(channel, message["ts"]) or message)
        now = self.next_ts()
        payload = {
            "type": "block_actions",
            **self._who(user),
            "trigger_id": self.new_trigger(user),
            "actions": [{**_pressed(shown.get("blocks"), action_id, value), "action_ts": now}],
        }
        if is_view or channel is None:
            payload |= {"container": {"type": "view", "view_id": shown["id"]}, "view": shown}
        else:
            container = {
                "type": "message",
                "message_ts": shown["ts"],
                "channel_id": channel,
                "is_ephemeral": "ephemeral_to" in shown,
            }
            if "thread_ts" in shown:
                container["thread_ts"] = shown["thread_ts"]
            payload |= {
                "container": container,
                "channel": {"id": channel, "name": self.channels[channel]["name"]},
                "state": {"values": {}},
                "response_url": self.new_response_url(user, channel, shown),
            }
            if "ephemeral_to" not in shown:  # Slack sends no ephemeral message back
                payload["message"] = shown
        return self._deliver("interactive", payload, retry)

    def view_submission(
        self,
        callback_id: str,
        values: Mapping[str, Mapping[str, Any]],
        private_metadata: str | None = None,
        user: str = "U0ALICE",
        retry: Retry | None = None,
    ) -> str:
        """Somebody sends a modal off: the last one open with that callback id, or a bare one.

        Values are by block and action: states as Slack writes them, or plain texts and option
        values, from which the states are made with the help of the view's elements.
        """
        opened = [v for v in self.views.values() if v["callback_id"] == callback_id]
        mine = [v for v in opened if v["shown_to"] == user] or opened
        view = dict(mine[-1]) if mine else self._bare_view(callback_id)
        view.pop("shown_to", None)
        if private_metadata is not None:
            view["private_metadata"] = private_metadata
        known = {(block, e.get("action_id")): e for block, e in elements(view["blocks"])}
        view["state"] = {
            "values": {
                block: {
                    name: _state(value, known.get((block, name))) for name, value in inside.items()
                }
                for block, inside in values.items()
            }
        }
        payload = {
            "type": "view_submission",
            **self._who(user),
            "trigger_id": self.new_trigger(user),
            "view": view,
            "response_urls": [],
        }
        return self._deliver("interactive", payload, retry)

    def _bare_view(self, callback_id: str) -> dict[str, Any]:
        return {
            "id": "V0BARE",
            "team_id": self.team,
            "type": "modal",
            "blocks": [],
            "private_metadata": "",
            "callback_id": callback_id,
            "hash": f"{self.next_ts()}.bare",
            "title": {"type": "plain_text", "text": "Bare", "emoji": True},
            "root_view_id": "V0BARE",
            "previous_view_id": None,
            "app_id": self.app_id,
            "external_id": "",
            "app_installed_team_id": self.team,
            "bot_id": self.bot_id,
        }


def wire(delivery: Delivery) -> tuple[str, str]:
    """The body of a request and its content type."""
    from urllib.parse import urlencode

    if delivery.kind == "events_api":
        return json.dumps(delivery.payload), "application/json"
    form = delivery.payload
    if delivery.kind == "interactive":
        form = {"payload": json.dumps(delivery.payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


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


def _pressed(blocks: Any, action_id: str, value: str | None) -> dict[str, Any]:
    """What Slack says of an element that was pressed."""
    for block_id, element in elements(blocks):
        if element.get("action_id") != action_id:
            continue
        said = {"action_id": action_id, "block_id": block_id, "type": element["type"]}
        if element["type"] == "feedback_buttons":
            sides = [element["positive_button"], element["negative_button"]]
            for side in sides:
                if side["value"] == (value or sides[0]["value"]):
                    return {**said, "text": side["text"], "value": side["value"]}
        elif "options" in element or "option_groups" in element:
            state = _state(value, element)
            return {**said, **state}
        elif value in (None, element.get("value")):
            more = {name: element[name] for name in ("text", "value") if name in element}
            return {**said, **more}
    raise LookupError(f"nothing to press is called {action_id} with the value {value}")


def _state(value: Any, element: Mapping[str, Any] | None) -> dict[str, Any]:
    """The state of an input from a plain value."""
    if isinstance(value, dict):
        return value
    kind = element["type"] if element else "plain_text_input"
    groups = element.get("option_groups", []) if element else []
    options = [*(element or {}).get("options", []), *(o for g in groups for o in g["options"])]

    def option(name: str) -> dict[str, Any]:
        for one in options:
            if one["value"] == name:
                return dict(one)
        raise LookupError(f"{kind} has no option {name}, but {[o['value'] for o in options]}")

    if kind in ("checkboxes", "multi_static_select"):
        return {"type": kind, "selected_options": [option(name) for name in value]}
    if options:
        return {"type": kind, "selected_option": None if value is None else option(value)}
    return {"type": kind, "value": value}
