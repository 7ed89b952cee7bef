"""What people press, pick and send off: slash commands, shortcuts, buttons and modals.

Only what a message or a view shows can be pressed; anything else is a LookupError.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from slack_checks import elements
from slack_sender import Delivery, Retry, Sender

MOST_ANSWERS = 5  # to one response_url


class Presser(Sender):
    """A workspace whose people press and open, too."""

    def __init__(self) -> None:
        super().__init__()
        self.response_urls: dict[str, dict[str, Any]] = {}

    def response_url(self, ident: str) -> str:
        """The address of an answer by its id."""
        raise NotImplementedError

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
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload), "application/json"
    form = delivery.payload
    if delivery.kind == "interactive":
        form = {"payload": json.dumps(delivery.payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


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
