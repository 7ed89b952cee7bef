"""A Slack workspace in memory and its Web API, strict about scopes, arguments and limits.

`Workspace.call` performs one method and gives its answer, or raises `Refused` with Slack's own
error. What the users of the workspace do is in slack_sender.py, the wires are in slack_server.py.
Not covered: files, canvases, several teams, rate limits of its own (tests plant them).
"""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from slack_checks import blocks_faults, view_faults

SCOPES = frozenset(  # until the manifest says so: what the bot asks for
    "app_mentions:read assistant:write channels:history groups:history im:history mpim:history"
    " channels:read groups:read im:read mpim:read chat:write commands users:read".split()
)
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
    here = len(own) if isinstance(own, str) else 0
    here += CONTAINER if "type" in blocks else 0
    return here + sum(blocks_text(item) for item in blocks.values())


class Workspace:
    """Channels, people and messages, and what the bot may do with them."""

    team, team_name, domain = "T0TEAM", "Brief team", "brief"
    bot_user, bot_id, app_id, bot_name = "U0BOT", "B0BOT", "A0APP", "citebrief"
    token, app_token = "xoxb-1-loopback", "xapp-1-A0APP-1-loopback"
    signing_secret = "loopback-signing-secret"

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.scopes: set[str] = set(SCOPES)
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

    # --- the Web API -----------------------------------------------------------------------

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
            raise _invalid("invalid_arguments", faults)

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
            raise _invalid("invalid_blocks", faults)
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

    def status(self, channel: str, thread_ts: str) -> str:
        """The status that readers of a thread see now."""
        with self.lock:
            for one in reversed(self.statuses):
                if (one.channel, one.thread_ts) == (channel, thread_ts):
                    return one.status
        return ""

    def _auth_test(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "url": f"https://{self.domain}.slack.com/",
            "team": self.team_name,
            "user": self.bot_name,
            "team_id": self.team,
            "user_id": self.bot_user,
            "bot_id": self.bot_id,
            "is_enterprise_install": False,
        }

    def _apps_connections_open(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return {"url": self.open_link()}

    def _chat_postMessage(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel, thread_ts = args["channel"], args.get("thread_ts")
        if channel in self.users:  # a person's id posts into the talk with them
            channel = self.add_channel("D" + channel[1:])["id"]
        self._channel(channel, to_write=True)
        self._thread(channel, thread_ts)
        message = self._post(
            channel, self._content(args), thread_ts=thread_ts, metadata=args.get("metadata")
        )
        return {"channel": channel, "ts": message["ts"], "message": dict(message)}

    def _chat_postEphemeral(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._channel(args["channel"], to_write=True)
        self._thread(args["channel"], args.get("thread_ts"))
        if args["user"] not in self.users:
            raise Refused("user_not_in_channel")
        message = self._post(
            args["channel"],
            self._content(args),
            thread_ts=args.get("thread_ts"),
            ephemeral_to=args["user"],
        )
        return {"message_ts": message["ts"]}

    def _own(self, args: Mapping[str, Any], otherwise: str) -> dict[str, Any]:
        self._channel(args["channel"])
        message = self.find(args["channel"], args["ts"])
        if message is None or "ephemeral_to" in message:
            raise Refused("message_not_found")
        if message.get("bot_id") != self.bot_id:
            raise Refused(otherwise)
        return message

    def _chat_update(self, args: dict[str, Any]) -> dict[str, Any]:
        message = self._own(args, "cant_update_message")
        if args["ts"] in self.streams and self.streams[args["ts"]].open:
            raise Refused("streaming_state_conflict")
        content = self._content(args, MOST_NEW_TEXT)
        before = dict(message)
        if "blocks" not in content:
            message.pop("blocks", None)
        message.update(content)
        message["edited"] = {"user": self.bot_user, "ts": self.next_ts()}
        self.on_message(args["channel"], {"message": message, "before": before}, "message_changed")
        return {
            "channel": args["channel"],
            "ts": args["ts"],
            "text": message["text"],
            "message": dict(message),
        }

    def _chat_delete(self, args: dict[str, Any]) -> dict[str, Any]:
        message = self._own(args, "cant_delete_message")
        self.delete_message(args["channel"], message["ts"])
        return {"channel": args["channel"], "ts": args["ts"]}

    def _chunks(self, args: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """The text of a piece of a stream, and its chunks that are not text."""
        markdown, chunks = args.get("markdown_text"), args.get("chunks")
        if markdown is not None and chunks is not None:
            raise _invalid("invalid_arguments", ["[ERROR] markdown_text and chunks are given"])
        words, others = markdown or "", []
        for place, chunk in enumerate(chunks or []):
            kind = chunk.get("type") if isinstance(chunk, dict) else None
            if kind == "markdown_text" and isinstance(chunk.get("text"), str):
                words += chunk["text"]
            elif kind == "blocks":
                others.append({**chunk, "blocks": self._blocks(chunk.get("blocks"))})
            elif (kind == "task_update" and chunk.get("id") and chunk.get("title")) or (
                kind == "plan_update" and chunk.get("title")
            ):
                others.append(chunk)
            else:
                raise _invalid("invalid_chunks", [f"[ERROR] [json-pointer:/chunks/{place}]"])
        if len(words) > MOST_MARKDOWN:
            raise Refused("msg_too_long")
        return words, others

    def _chat_startStream(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel, thread_ts = args["channel"], args.get("thread_ts")
        direct = self._channel(channel, to_write=True)["is_im"]
        if direct and not thread_ts:
            raise _invalid("invalid_arguments", ["[ERROR] missing required field: thread_ts"])
        self._thread(channel, thread_ts)
        team, user = args.get("recipient_team_id"), args.get("recipient_user_id")
        if not direct and not team:
            raise Refused("missing_recipient_team_id")
        if not direct and not user:
            raise Refused("missing_recipient_user_id")
        if team and team != self.team:
            raise Refused("team_not_found")
        if user and user not in self.users:
            raise Refused("user_not_found")
        words, others = self._chunks(args)
        message = self._post(
            channel, {"text": words}, thread_ts=thread_ts, streaming_state="in_progress"
        )
        stream = Stream(channel, message["ts"], thread_ts, user, [words] if words else [], others)
        self.streams[stream.ts] = stream
        return {"channel": channel, "ts": stream.ts}

    def _open_stream(self, args: Mapping[str, Any]) -> tuple[Stream, dict[str, Any]]:
        message = self._own(args, "message_not_owned_by_app")
        stream = self.streams.get(args["ts"])
        if stream is None or not stream.open:
            raise Refused("message_not_in_streaming_state")
        return stream, message

    def _chat_appendStream(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        stream, message = self._open_stream(args)
        words, others = self._chunks(args)
        if not words and not others:
            raise Refused("no_text")
        stream.pieces.append(words)
        stream.chunks += others
        message["text"] = stream.text
        return {"channel": stream.channel, "ts": stream.ts}

    def _chat_stopStream(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        stream, message = self._open_stream(args)
        words, others = self._chunks(args)
        blocks = self._blocks(args["blocks"]) if "blocks" in args else None
        if words:
            stream.pieces.append(words)
        stream.chunks += others
        stream.open = False
        message.update(text=stream.text, streaming_state="completed")
        if blocks is not None:
            message["blocks"] = blocks
        if not stream.text and not blocks and not stream.chunks:
            self.advice.append("a stream was stopped without a word in it")
        return {"channel": stream.channel, "ts": stream.ts, "message": dict(message)}

    def _assistant_threads_setStatus(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._channel(args["channel_id"], to_write=True)
        self._thread(args["channel_id"], args["thread_ts"])
        if len(args.get("loading_messages") or []) > 10:
            raise _invalid("invalid_arguments", ["[ERROR] [json-pointer:/loading_messages]"])
        self.statuses.append(
            Status(args["channel_id"], args["thread_ts"], args["status"], time.time())
        )
        return {}

    def _assistant_threads_setSuggestedPrompts(  # noqa: N802
        self, args: dict[str, Any]
    ) -> dict[str, Any]:
        self._channel(args["channel_id"], to_write=True)
        prompts = args["prompts"]
        good = isinstance(prompts, list) and 1 <= len(prompts) <= 4
        if not good or not all(set(one) == {"title", "message"} for one in prompts):
            raise _invalid("invalid_arguments", ["[ERROR] [json-pointer:/prompts]"])
        self.prompts.append(dict(args))
        return {}

    def _page(self, found: Sequence[Any], args: Mapping[str, Any], most: int) -> dict[str, Any]:
        """A page of a list, and the cursor of the next."""
        start = int(args.get("cursor") or 0)
        end = start + max(1, min(int(args.get("limit") or most), most))
        more = end < len(found)
        cursor = {"next_cursor": str(end) if more else ""}
        return {"page": list(found[start:end]), "has_more": more, "response_metadata": cursor}

    def _between(self, args: Mapping[str, Any], message: Mapping[str, Any]) -> bool:
        oldest, latest = str(args.get("oldest", "0")), str(args.get("latest", "9" * 20))
        stamp = float(message["ts"])
        if str(args.get("inclusive", "")).lower() in ("1", "true"):
            return float(oldest) <= stamp <= float(latest)
        return float(oldest) < stamp < float(latest)

    def _conversations_replies(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args["channel"])["id"]
        asked = self.find(channel, args["ts"])
        if asked is None or "ephemeral_to" in asked:
            raise Refused("thread_not_found")
        root_ts = asked.get("thread_ts", asked["ts"])
        shown = [m for m in self.messages[channel] if "ephemeral_to" not in m]
        replies = [m for m in shown if m.get("thread_ts") == root_ts and m["ts"] != root_ts]
        root = [
            {**m, "thread_ts": root_ts, "reply_count": len(replies)} if replies else dict(m)
            for m in shown
            if m["ts"] == root_ts
        ]
        found = root + [dict(m) for m in replies if self._between(args, m)]
        page = self._page(found, args, 1000)
        return {"messages": page.pop("page"), **page}

    def _conversations_history(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args["channel"])
        if not channel["is_member"]:
            raise Refused("not_in_channel")
        found = [
            dict(message)
            for message in reversed(self.messages[channel["id"]])
            if "ephemeral_to" not in message
            and message.get("thread_ts", message["ts"]) == message["ts"]
            and self._between(args, message)
        ]
        page = self._page(found, args, 1000)
        return {"messages": page.pop("page"), **page}

    def _conversations_info(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = dict(self._channel(args["channel"]))
        channel.pop("members")
        if str(args.get("include_locale", "")).lower() in ("1", "true"):
            channel["locale"] = "en-US"
        return {"channel": channel}

    def _conversations_members(self, args: dict[str, Any]) -> dict[str, Any]:
        page = self._page(self._channel(args["channel"])["members"], args, 1000)
        return {"members": page["page"], "response_metadata": page["response_metadata"]}

    def _conversations_open(self, args: dict[str, Any]) -> dict[str, Any]:
        user = str(args.get("users", ""))
        if user not in self.users:
            raise Refused("user_not_found")
        return {"channel": {"id": self.add_channel("D" + user[1:])["id"]}}

    def _users_info(self, args: dict[str, Any]) -> dict[str, Any]:
        if args["user"] not in self.users:
            raise Refused("user_not_found")
        user = dict(self.users[args["user"]])
        if str(args.get("include_locale", "")).lower() not in ("1", "true"):
            user.pop("locale")
        return {"user": user}

    def keep_view(self, view: Any, user: str, old: Mapping[str, Any] | None = None) -> Any:
        """A view as Slack keeps it, once checked; `old` is the one it takes the place of."""
        if not isinstance(view, dict):
            raise _invalid("invalid_arguments", ["[ERROR] must be an object [json-pointer:/view]"])
        faults = view_faults(view)
        if faults:
            raise _invalid("invalid_arguments", faults)
        view_id = old["id"] if old else "V" + uuid.uuid4().hex[:10].upper()
        kept = {"private_metadata": "", "callback_id": "", "external_id": "", **view}
        kept |= {
            "id": view_id,
            "team_id": self.team,
            "app_id": self.app_id,
            "bot_id": self.bot_id,
            "app_installed_team_id": self.team,
            "root_view_id": view_id,
            "previous_view_id": None,
            "state": {"values": {}},
            "hash": f"{self.next_ts()}.{uuid.uuid4().hex[:8]}",
            "blocks": [{"block_id": uuid.uuid4().hex[:5], **block} for block in view["blocks"]],
        }
        self.views[view_id] = {**kept, "shown_to": user}
        return kept

    def _views_open(self, args: dict[str, Any]) -> dict[str, Any]:
        trigger = args.get("trigger_id")
        if trigger in self._used_triggers:
            raise Refused("exchanged_trigger_id")
        if trigger not in self._triggers:
            raise Refused("invalid_trigger_id")
        user, made = self._triggers[trigger]
        if time.monotonic() - made > self.trigger_life:
            raise Refused("expired_trigger_id")
        if isinstance(args["view"], dict) and args["view"].get("type") != "modal":
            raise _invalid("invalid_arguments", ["[ERROR] must be modal [json-pointer:/view/type]"])
        kept = self.keep_view(args["view"], user)
        self._used_triggers.add(trigger)
        return {"view": kept}

    def _views_publish(self, args: dict[str, Any]) -> dict[str, Any]:
        user = args["user_id"]
        if user not in self.users:
            raise Refused("user_not_found")
        old = self.homes.get(user)
        if args.get("hash") and old and args["hash"] != old["hash"]:
            raise Refused("hash_conflict")
        if isinstance(args["view"], dict) and args["view"].get("type") != "home":
            raise _invalid("invalid_arguments", ["[ERROR] must be home [json-pointer:/view/type]"])
        self.homes[user] = self.keep_view(args["view"], user, old)
        return {"view": self.homes[user]}

    def _views_update(self, args: dict[str, Any]) -> dict[str, Any]:
        external = args.get("external_id")
        old = self.views.get(args.get("view_id", "")) or next(
            (view for view in self.views.values() if external and view["external_id"] == external),
            None,
        )
        if old is None:
            raise Refused("not_found")
        if args.get("hash") and args["hash"] != old["hash"]:
            raise Refused("hash_conflict")
        return {"view": self.keep_view(args["view"], old["shown_to"], old)}

    def _reactions_add(self, args: dict[str, Any]) -> dict[str, Any]:
        self._channel(args["channel"])
        if self.find(args["channel"], args["timestamp"]) is None:
            raise Refused("message_not_found")
        reaction = (args["channel"], args["timestamp"], args["name"])
        if reaction in self.reactions:
            raise Refused("already_reacted")
        self.reactions.append(reaction)
        return {}

    def _team_info(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return {"team": {"id": self.team, "name": self.team_name, "domain": self.domain}}


def _invalid(error: str, faults: list[str]) -> Refused:
    return Refused(error, errors=faults, response_metadata={"messages": faults})
