"""The methods of the Web API, on the workspace of slack_workspace.py.

Not covered: what the bot does not use.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from slack_calls import MOST_MARKDOWN, MOST_NEW_TEXT, Calls, invalid
from slack_checks import view_faults
from slack_workspace import Refused, Status, Stream


class WebApi(Calls):
    """What the bot may do in the workspace."""

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
        if args.get("metadata"):
            message["metadata"] = args["metadata"]
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
            raise invalid("invalid_arguments", ["[ERROR] markdown_text and chunks are given"])
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
                raise invalid("invalid_chunks", [f"[ERROR] [json-pointer:/chunks/{place}]"])
        if len(words) > MOST_MARKDOWN:
            raise Refused("msg_too_long")
        return words, others

    def _chat_startStream(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel, thread_ts = args["channel"], args.get("thread_ts")
        direct = self._channel(channel, to_write=True)["is_im"]
        if direct and not thread_ts:
            raise invalid("invalid_arguments", ["[ERROR] missing required field: thread_ts"])
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
        if args.get("metadata"):
            message["metadata"] = args["metadata"]
        if not stream.text and not blocks and not stream.chunks:
            self.advice.append("a stream was stopped without a word in it")
        return {"channel": stream.channel, "ts": stream.ts, "message": dict(message)}

    def _assistant_threads_setStatus(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._channel(args["channel_id"], to_write=True)
        self._thread(args["channel_id"], args["thread_ts"])
        if len(args.get("loading_messages") or []) > 10:
            raise invalid("invalid_arguments", ["[ERROR] [json-pointer:/loading_messages]"])
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
            raise invalid("invalid_arguments", ["[ERROR] [json-pointer:/prompts]"])
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
            raise invalid("invalid_arguments", ["[ERROR] must be an object [json-pointer:/view]"])
        faults = view_faults(view)
        if faults:
            raise invalid("invalid_arguments", faults)
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
            raise invalid("invalid_arguments", ["[ERROR] must be modal [json-pointer:/view/type]"])
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
            raise invalid("invalid_arguments", ["[ERROR] must be home [json-pointer:/view/type]"])
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
