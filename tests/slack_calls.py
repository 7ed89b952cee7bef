"""How the Web API takes a call: tokens, scopes, arguments, and the limits of what is posted.

`Calls.call` performs one method and gives its answer, or raises `Refused` with Slack's own error.
Not covered: rate limits of its own (tests plant them), and methods that the bot does not use.
"""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_checks import blocks_faults
from slack_workspace import Refused, Status, Workspace

MOST_TEXT = 40_000  # of a new message
MOST_NEW_TEXT = 4_000  # of an update
MOST_MARKDOWN = 12_000
# Not in Slack's pages: it counts the text of all blocks of a message together, with something for
# each container, and refuses at about 13,200 (github.com/slackapi/bolt-js, issues 2509 and 2867).
MOST_BLOCKS_TEXT = 13_200
CONTAINER = 25
ANSWERS = "text blocks attachments thread_ts markdown_text metadata parse link_names mrkdwn"
LOOKS = "username icon_emoji icon_url as_user"
READS = {"C": "channels", "G": "groups", "D": "im", "M": "mpim"}


@dataclass(frozen=True, slots=True)
class Method:
    """What a method needs and may be given; {} in a scope stands for the kind of channel."""

    scope: str | None
    required: str = ""
    optional: str = ""


METHODS = {
    "auth.test": Method(None),
    "apps.connections.open": Method(None),
    "chat.postMessage": Method(
        "chat:write", "channel", f"{ANSWERS} {LOOKS} reply_broadcast unfurl_links unfurl_media"
    ),
    "chat.postEphemeral": Method("chat:write", "channel user", f"{ANSWERS} {LOOKS}"),
    "chat.update": Method(
        "chat:write", "channel ts", f"{ANSWERS} as_user file_ids reply_broadcast"
    ),
    "chat.delete": Method("chat:write", "channel ts", "as_user"),
    "chat.startStream": Method(
        "chat:write",
        "channel",
        "thread_ts markdown_text chunks recipient_team_id recipient_user_id task_display_mode"
        f" {LOOKS}",
    ),
    "chat.appendStream": Method("chat:write", "channel ts", "markdown_text chunks"),
    "chat.stopStream": Method(
        "chat:write", "channel ts", "markdown_text chunks blocks metadata session_status"
    ),
    "assistant.threads.setStatus": Method(
        "assistant:write", "channel_id thread_ts status", f"loading_messages {LOOKS}"
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        "assistant:write", "channel_id prompts", "thread_ts title"
    ),
    "conversations.replies": Method(
        "{}:history", "channel ts", "cursor inclusive include_all_metadata latest limit oldest"
    ),
    "conversations.history": Method(
        "{}:history", "channel", "cursor inclusive include_all_metadata latest limit oldest"
    ),
    "conversations.info": Method("{}:read", "channel", "include_locale include_num_members"),
    "conversations.members": Method("{}:read", "channel", "cursor limit"),
    "conversations.open": Method("im:write", "", "channel users return_im"),
    "users.info": Method("users:read", "user", "include_locale"),
    "views.open": Method(None, "view", "trigger_id interactivity_pointer"),
    "views.publish": Method(None, "user_id view", "hash"),
    "views.update": Method(None, "view", "view_id external_id hash"),
    "reactions.add": Method("reactions:write", "channel name timestamp"),
    "team.info": Method("team:read", "", "team domain"),
}
OBJECTS = ("blocks", "attachments", "chunks", "view", "metadata", "prompts", "loading_messages")


def blocks_text(blocks: Any) -> int:
    """How much of its limit Slack counts blocks as: their texts, however deep, and containers."""
    if isinstance(blocks, list):
        return sum(map(blocks_text, blocks))
    if not isinstance(blocks, dict):
        return 0
    own = blocks.get("text")
    words = len(own) if isinstance(own, str) else 0
    inside = [item for name, item in blocks.items() if name != "style"]
    holds = any(isinstance(item, dict | list) for item in inside)
    return words + CONTAINER * holds + sum(map(blocks_text, blocks.values()))


class Calls(Workspace):
    """What all methods share; its child has one method for each, named after it."""

    def call(self, name: str, args: dict[str, Any], token: str | None) -> dict[str, Any]:
        """Perform a method; raises Refused."""
        with self.lock:
            method = METHODS.get(name)
            if method is None:
                raise Refused("unknown_method", req_method=name)
            self._check_token(name, token)
            self._check_arguments(method, args)
            if method.scope:
                self._check_scope(method.scope, args)
            return {"ok": True, **getattr(self, "_" + name.replace(".", "_"))(args)}

    def _check_token(self, name: str, token: str | None) -> None:
        if not token:
            raise Refused("not_authed")
        if token not in (self.token, self.app_token):
            raise Refused("invalid_auth")
        if self.revoked:
            raise Refused("token_revoked")
        if (token == self.app_token) != (name == "apps.connections.open"):
            raise Refused("not_allowed_token_type")

    def _check_arguments(self, method: Method, args: dict[str, Any]) -> None:
        known = {*method.required.split(), *method.optional.split()}
        faults = [f"[ERROR] unknown field: {name}" for name in args if name not in known]
        for name in method.required.split():
            if args.get(name) is None or (args[name] == "" and name != "status"):
                faults.append(f"[ERROR] missing required field: {name}")
        for name, value in args.items():
            if value is None:
                faults.append(f"[ERROR] must not be null [json-pointer:/{name}]")
            elif name in OBJECTS and isinstance(value, str):
                try:
                    args[name] = json.loads(value)
                except ValueError:
                    faults.append(f"[ERROR] must be valid JSON [json-pointer:/{name}]")
            elif name not in OBJECTS and isinstance(value, dict | list):
                faults.append(f"[ERROR] must be a string [json-pointer:/{name}]")
        if faults:
            raise invalid("invalid_arguments", faults)

    def _check_scope(self, scope: str, args: Mapping[str, Any]) -> None:
        needed = scope.format(READS.get(str(args.get("channel", ""))[:1], "channels"))
        if needed not in self.scopes:
            raise Refused("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))

    def _channel(self, channel: str, to_write: bool = False) -> dict[str, Any]:
        if channel not in self.channels:
            raise Refused("channel_not_found")
        found = self.channels[channel]
        if not found["is_member"] and (to_write or found["is_private"]):
            raise Refused("not_in_channel" if not found["is_private"] else "channel_not_found")
        if to_write and found["is_archived"]:
            raise Refused("is_archived")
        return found

    def _thread(self, channel: str, thread_ts: str | None) -> None:
        if thread_ts is None:
            return
        root = self.find(channel, thread_ts)
        if root is None:
            raise Refused("thread_not_found")
        if root.get("thread_ts", thread_ts) != thread_ts or "ephemeral_to" in root:
            raise Refused("cannot_reply_to_message")

    def _content(self, args: Mapping[str, Any], most: int = MOST_TEXT) -> dict[str, Any]:
        """The text and blocks of a message, checked."""
        words, blocks, markdown = (args.get(n) for n in ("text", "blocks", "markdown_text"))
        if not (words or blocks or markdown or args.get("attachments")):
            raise Refused("no_text")
        if markdown and (words or blocks):
            raise Refused("markdown_text_conflict")
        if len(words or "") > most or len(markdown or "") > MOST_MARKDOWN:
            raise Refused("msg_too_long")
        if blocks and not words:
            self.advice.append("blocks without text: notifications would be empty")
        if len(words or "") > MOST_NEW_TEXT:
            self.advice.append(f"a text of {len(words or '')} characters: Slack advises 4,000")
        content = {"text": words or markdown or ""}
        if blocks is not None:
            content["blocks"] = self._blocks(blocks)
        return content

    def _blocks(self, blocks: Any) -> list[dict[str, Any]]:
        if not isinstance(blocks, list):
            raise Refused("invalid_blocks_format")
        faults = blocks_faults(blocks)
        if faults:
            raise invalid("invalid_blocks", faults)
        if blocks_text(blocks) > MOST_BLOCKS_TEXT:
            raise Refused("msg_blocks_too_long")
        return [{"block_id": uuid.uuid4().hex[:5], **block} for block in blocks]

    def _post(self, channel: str, content: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """A message by the bot, which is told of it as Slack would."""
        message = self.add_message(
            channel,
            user=self.bot_user,
            bot_id=self.bot_id,
            app_id=self.app_id,
            **content,
            **more,
        )
        if "ephemeral_to" not in more:
            self._unset_status(channel, message.get("thread_ts"))
            self.on_message(channel, message, None)
        return message

    def _unset_status(self, channel: str, thread_ts: str | None) -> None:
        """A reply in a thread takes its status away."""
        if thread_ts and self.status(channel, thread_ts):
            self.statuses.append(Status(channel, thread_ts, "", time.time()))


def invalid(error: str, faults: list[str]) -> Refused:
    """A refusal that says what is wrong, as Slack says it."""
    return Refused(error, errors=faults, response_metadata={"messages": faults})
