"""What Slack sends → what is to be done: an event, a command or a click as a job, or nothing.

The manners stand here: in channels only what mentions the bot, or goes on in a thread in which it
has answered; in direct messages everything; never bots, edits, or the bot itself. Of messages that
are not for the bot nothing is kept. Pure, but for asking whether the bot answered in a thread.
"""

import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "question",  # answered in its thread, or for a command where only the asker sees it
    "check",  # a message that is held against the library
    "again",  # a question of a kept turn, in the other language or as a follow-up
    "evidence",
    "sources",
    "rating",
    "help",
    "home",
    "settings",  # the dialogue is to be opened
    "settings_given",
    "rating_given",
]
SLOW: tuple[Kind, ...] = ("question", "again", "check")
QUICK: tuple[Kind, ...] = (
    "settings", "settings_given", "rating", "rating_given", "home", "help", "evidence", "sources",
)  # fmt: skip
COMMAND = "/brief"
CHECKS = ("cb_check", "cb_check_ko")  # the message shortcut, in each language
BY_PEOPLE = (None, "file_share", "thread_broadcast", "me_message")  # subtypes of new messages
LONGEST = 40_000  # characters of a message that are kept

Answered = Callable[[str, str, str], bool]  # team, channel, thread_ts
Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done; `key` is shared by repetitions of the same event."""

    key: str
    kind: Kind
    team: str
    payload: dict[str, Any] = field(default_factory=dict)


def read(body: Plain, bot: str, answered: Answered) -> Work | None:
    """The work that a request of Slack's asks for; `bot` is the bot's user id."""
    if body.get("type") == "event_callback":
        return _event(body, bot, answered)
    if body.get("command"):
        return _command(body, bot)
    return _interaction(body, bot)


def plain_text(text: str, bot: str = "") -> str:
    """What a person wrote, of what Slack sent: mentions left out, links as their words."""

    def spelled(match: re.Match[str]) -> str:
        inside, _, label = match[1].partition("|")
        if inside.startswith("@"):
            return "" if inside[1:] == bot else label
        if inside.startswith("#"):
            return f"#{label}" if label else ""
        if inside.startswith("!"):
            return label.lstrip("@") if inside.startswith("!date") else ""
        return label or inside.removeprefix("mailto:")

    found = html.unescape(re.sub(r"<([^<>\n]*)>", spelled, text))
    return "\n".join(" ".join(line.split()) for line in found.split("\n")).strip()[:LONGEST]


def _event(body: Plain, bot: str, answered: Answered) -> Work | None:
    event = body.get("event") or {}
    team = str(body.get("team_id") or event.get("team") or "")
    key = f"{team}:{body.get('event_id') or _digest(body)}"
    kind = event.get("type")
    if kind == "app_home_opened":
        if event.get("tab") != "home" or not event.get("user"):
            return None
        channel = str(event.get("channel") or "")
        return Work(key, "home", team, {"user": str(event["user"]), "channel": channel})
    if kind not in ("message", "app_mention") or not _by_person(event, bot):
        return None
    channel, ts = str(event.get("channel") or ""), str(event.get("ts") or "")
    if not channel or not ts:
        return None
    text = str(event.get("text") or "")
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    thread, mentioned = event.get("thread_ts"), f"<@{bot}" in text
    if kind == "message" and not direct:
        # A mention comes as an event of its own as well.
        if mentioned or not thread or not answered(team, channel, str(thread)):
            return None
    elif kind == "app_mention" and direct:
        return None
    payload = {
        "channel": channel,
        "ts": ts,
        "thread_ts": str(thread or ts),
        "user": str(event["user"]),
        "text": plain_text(text, bot),
        "direct": direct,
        "mentioned": kind == "app_mention",
    }
    return Work(key, "question" if payload["text"] else "help", team, payload)


def _by_person(event: Plain, bot: str) -> bool:
    """Whether a person has just written this; what was edited is not new."""
    return bool(
        event.get("user")
        and event["user"] != bot
        and not event.get("bot_id")
        and not event.get("edited")
        and not event.get("hidden")
        and event.get("subtype") in BY_PEOPLE
    )


def _command(body: Plain, bot: str) -> Work:
    team = str(body.get("team_id") or "")
    text = plain_text(str(body.get("text") or ""), bot)
    payload = {
        "channel": str(body.get("channel_id") or ""),
        "user": str(body.get("user_id") or ""),
        "response_url": str(body.get("response_url") or ""),
        "trigger_id": str(body.get("trigger_id") or ""),
        "text": text,
        "private": True,
    }
    word = text.lower()
    kind: Kind = "question"
    if word in ("", "help", "도움말", "?"):
        kind = "help"
    elif word in ("settings", "setting", "설정"):
        kind = "settings"
    return Work(_key(body, team), kind, team, payload)


def _interaction(body: Plain, bot: str) -> Work | None:
    kind = body.get("type")
    team = str((body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id") or "")
    user = str((body.get("user") or {}).get("id") or "")
    asked = {
        "user": user,
        "trigger_id": str(body.get("trigger_id") or ""),
        "response_url": str(body.get("response_url") or ""),
    }
    if kind == "message_action" and body.get("callback_id") in CHECKS:
        return _check(body, team, asked, bot)
    if kind == "view_submission":
        view = body.get("view") or {}
        given = {
            "user": user,
            "state": {"values": (view.get("state") or {}).get("values") or {}},
            "private_metadata": str(view.get("private_metadata") or ""),
        }
        names: dict[str, Kind] = {"cb_settings": "settings_given", "cb_feedback": "rating_given"}
        named = names.get(str(view.get("callback_id")))
        return Work(_key(body, team), named, team, given) if named else None
    if kind == "block_actions":
        return _click(body, team, asked)
    return None


def _check(body: Plain, team: str, asked: dict[str, Any], bot: str) -> Work:
    message, channel = body.get("message") or {}, body.get("channel") or {}
    payload = asked | {
        "channel": str(channel.get("id") or ""),
        "ts": str(message.get("ts") or ""),
        "thread_ts": str(message.get("thread_ts") or message.get("ts") or ""),
        "text": plain_text(str(message.get("text") or ""), bot),
        "private": True,
    }
    return Work(_key(body, team), "check", team, payload)


def _click(body: Plain, team: str, asked: dict[str, Any]) -> Work | None:
    actions = body.get("actions") or [{}]
    action, value = str(actions[0].get("action_id") or ""), str(actions[0].get("value") or "")
    place, message = body.get("container") or {}, body.get("message") or {}
    channel = place.get("channel_id") or (body.get("channel") or {}).get("id") or ""
    home = body.get("view") or {}  # its own metadata says which conversation is with the reader
    channel = channel or home.get("private_metadata") or ""
    ts = str(place.get("message_ts") or message.get("ts") or "")
    private = bool(place.get("is_ephemeral") or message.get("is_ephemeral"))
    payload = asked | {
        "action": action,
        "value": value,
        "label": str((actions[0].get("text") or {}).get("text") or ""),
        "channel": str(channel),
        "ts": ts,
        "thread_ts": str(place.get("thread_ts") or message.get("thread_ts") or ts),
        "private": private,
        "direct": str(channel).startswith("D"),
    }
    kinds: dict[str, Kind] = {
        "cb_up": "rating",
        "cb_down": "rating",
        "cb_evidence": "evidence",
        "cb_sources": "sources",
        "cb_language": "again",
        "cb_follow": "again",
        "cb_settings": "settings",
    }
    # Follow-ups are told apart by what comes after the name.
    kind = next((k for name, k in kinds.items() if action == name or _numbered(action, name)), None)
    if kind is None:
        return None
    if kind == "again" and not private and not value.startswith("home:"):
        # Once for an answer, however often and by however many it is clicked.
        return Work(f"{team}:{action}:{channel}:{value}", kind, team, payload)
    return Work(_key(body, team), kind, team, payload)


def _numbered(action: str, name: str) -> bool:
    return re.fullmatch(rf"{name}_\d+", action) is not None


def _key(body: Plain, team: str) -> str:
    """Of what has no event id: Slack gives each a trigger of its own."""
    return f"{team}:{body.get('trigger_id') or _digest(body)}"


def _digest(body: Plain) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:40]
