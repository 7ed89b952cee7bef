"""Posting what a job leads to exactly once, whatever breaks in between.

Each message that everyone sees carries metadata: the key of its job and which part of it it is. So
whoever takes a job over, or does not know whether a call was carried out, looks into the thread for
it and updates it rather than posting again. A stream gets its metadata only at its end: that one
is about to begin is noted in the record first, and a message of the bot's without metadata from
then on is taken for it. What only one person sees cannot be looked up: where it is not known
whether that came through it is sent again, since nothing else would tell them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from assistant.slack.client import (
    GoneError,
    LaterError,
    RefusedError,
    Slack,
    UnsureError,
    outcome,
)
from index.record.chats import Chats, Job

if TYPE_CHECKING:
    from slack_sdk.web.chat_stream import ChatStream

ANSWER = "citebrief_answer"  # the event_type of the metadata
ROOT = "root"
TRIES = 3
PAGE = 200  # messages of a thread that are read at once
MOST_PAGES = 10
SKEW = 5.0  # seconds by which our clock and Slack's may differ
BUFFER = 256  # characters that a stream collects before a call
LONGEST_PIECE = 10_000  # Slack takes 12,000
TOO_MUCH = frozenset(
    "invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long".split()
)
STREAMING = frozenset(("streaming_state_conflict", "message_in_streaming_state"))
SHORT = 3_900  # characters of a text without blocks


class LostError(Exception):
    """Another instance has the job now, or this one stops: nothing more may be posted."""


class Said(Protocol):
    """A message as the blocks are made."""

    @property
    def text(self) -> str:
        """For notifications."""

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """What is seen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes, and who asked."""

    team: str
    channel: str
    thread_ts: str
    user: str
    direct: bool = False
    response_url: str = ""  # where only the asker is to see it


class Delivery:
    """What one job posts. For one thread."""

    def __init__(
        self, slack: Slack, chats: Chats, job: Job, bot_id: str, held: Callable[[], bool]
    ) -> None:
        """`held` says whether the job is still ours, which is asked before each call."""
        self.slack, self._chats, self._job = slack, chats, job
        self._bot_id, self._held = bot_id, held
        self._posted: dict[str, Any] = dict(chats.posted(job.event) or {})
        self._parts: dict[str, str] = dict(self._posted.get("parts") or {})
        # Whoever did this before may have posted what could not be noted any more.
        self._look = job.attempts > 1 or bool(self._posted)
        self._looked: set[tuple[str, str]] = set()
        self._unkept = False

    @property
    def started(self) -> bool:
        """Whether its first message stands in the thread, as far as is known."""
        return "0" in self._parts

    def stream(self, place: Place) -> "Stream":
        """What is written into the first message before it is whole."""
        return Stream(self, place)

    def say(self, place: Place, messages: Sequence[Said], *, strict: bool = False) -> None:
        """Post for everyone in the thread, or update what stands there.

        Blocks that Slack does not take are left out, unless `strict`: then RefusedError.
        """
        for part, message in enumerate(messages):
            self._put(place, str(part), message, strict=strict)

    def root(self, place: Place, message: Said) -> str:
        """Post a message that a thread is to hang on; gives its ts."""
        self._put(place, ROOT, message, strict=False)
        return self._parts[ROOT]

    def whisper(self, place: Place, messages: Sequence[Said]) -> None:
        """Post for the asker alone."""
        for number, message in enumerate(messages):
            if number >= int(self._posted.get("private", 0)):
                self._whisper(place, message)
                self._note(private=number + 1)

    def fence(self) -> None:
        """LostError where the job is no longer ours."""
        if not self._held():
            raise LostError

    def keep(self) -> None:
        """Note what was posted, of a job that is to go on later."""
        if self._unkept:
            self._note(parts=dict(self._parts))

    def found(self, place: Place, part: str) -> str | None:
        """The ts of a part that was posted, if any."""
        where = (place.channel, place.thread_ts)
        if self._look and part not in self._parts and where not in self._looked:
            self._looked.add(where)
            self._find(place)
        return self._parts.get(part)

    def begin(self) -> None:
        """Note that a stream is about to begin."""
        self.fence()
        self._note(began=time.time())

    def begun(self, ts: str) -> None:
        """Note where it did."""
        self._parts["0"] = ts
        self._note(parts=dict(self._parts))

    def metadata(self, part: str) -> dict[str, Any]:
        """What tells a part of this job from all other messages."""
        payload = {"key": self._job.event, "part": part}
        return {"event_type": ANSWER, "event_payload": payload}

    def look_again(self) -> None:
        """Look into the thread before the next part is posted, now and whoever goes on."""
        self._look = True
        self._looked.clear()
        self._note(unsure=True)

    def _put(self, place: Place, part: str, message: Said, *, strict: bool) -> None:
        metadata = self.metadata(part)
        for attempt in range(TRIES):
            ts = self.found(place, part)
            self.fence()
            try:
                if ts is not None:
                    self._update(place, ts, message, metadata, strict=strict)
                else:
                    self._post(place, part, message, metadata, strict=strict)
                return
            except UnsureError:
                self.look_again()
                self.slack.stop.wait(0.5 * 2**attempt)
        raise LaterError(15.0, "unsure")

    def _post(
        self, place: Place, part: str, message: Said, metadata: dict[str, Any], *, strict: bool
    ) -> None:
        given = {"channel": place.channel, "metadata": metadata}
        if place.thread_ts:
            given["thread_ts"] = place.thread_ts
        quiet = {"unfurl_links": False, "unfurl_media": False}
        post = self.slack.post
        answer = _fitting(post, "chat_postMessage", message, strict, **given, **quiet)
        self._parts[part] = str(answer["ts"])
        # Not noted yet: the message itself says what it is, and a note costs every answer a write.
        self._unkept = True

    def _update(
        self, place: Place, ts: str, message: Said, metadata: dict[str, Any], *, strict: bool
    ) -> None:
        given = {"channel": place.channel, "ts": ts, "metadata": metadata}
        try:
            _fitting(self.slack.do, "chat_update", message, strict, **given)
        except RefusedError as error:
            if error.code in TOO_MUCH:
                raise
            # A stream whose end did not come through is still being written.
            with suppress(RefusedError):
                self.slack.do("chat_stopStream", channel=place.channel, ts=ts)
            try:
                _fitting(self.slack.do, "chat_update", message, strict, **given)
            except RefusedError as again:
                if again.code in STREAMING:
                    raise LaterError(2.0, again.code) from again
                raise

    def _whisper(self, place: Place, message: Said) -> None:
        for attempt in range(TRIES):
            self.fence()
            try:
                self._whisper_once(place, message)
                return
            except UnsureError:
                self.slack.stop.wait(0.5 * 2**attempt)
        raise LaterError(15.0, "unsure")

    def _whisper_once(self, place: Place, message: Said) -> None:
        if place.response_url:
            body = {"response_type": "ephemeral", "replace_original": False}
            try:
                said = {"text": message.text, "blocks": message.blocks}
                self.slack.answer_at(place.response_url, body | said)
                return
            except GoneError:  # it ends after half an hour, or five answers
                pass
        given = {"channel": place.channel, "user": place.user}
        if place.thread_ts:
            given["thread_ts"] = place.thread_ts
        _fitting(self.slack.post, "chat_postEphemeral", message, False, **given)

    def _note(self, **more: Any) -> None:
        self._posted |= more
        self._unkept = False
        self._chats.mark_posted(self._job.event, self._posted)

    def _find(self, place: Place) -> None:
        """Look for this job's messages in the thread."""
        before = dict(self._parts)
        began = float(self._posted.get("began", 0))
        orphan = None
        for message in replies(self.slack, place.channel, place.thread_ts):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == ANSWER:
                payload = metadata.get("event_payload") or {}
                if payload.get("key") == self._job.event:
                    self._parts.setdefault(str(payload.get("part")), str(message["ts"]))
            elif (
                began
                and orphan is None
                and message.get("bot_id") == self._bot_id
                and float(message["ts"]) >= began - SKEW
            ):
                orphan = str(message["ts"])
        if orphan is not None:
            self._parts.setdefault("0", orphan)
        if self._parts != before:
            self._note(parts=dict(self._parts))


class Stream:
    """A message that grows. A break costs the growing, never the answer."""

    def __init__(self, delivery: Delivery, place: Place) -> None:
        self._delivery, self._place = delivery, place
        self._chat: ChatStream | None = None
        self._broken = self._known = False
        self._gathered = ""

    def write(self, text: str) -> None:
        """Add to it. It is opened once there is something to see: a short answer needs none."""
        self._gathered += text
        if self._broken or len(self._gathered) < BUFFER:
            return
        text, self._gathered = self._gathered, ""
        chat = self._chat or self._open()
        if chat is None:
            return
        self._delivery.fence()
        try:
            for start in range(0, len(text), LONGEST_PIECE):
                with outcome("chat_stream"):
                    chat.append(markdown_text=text[start : start + LONGEST_PIECE])
        except (LaterError, RefusedError):
            self._broken = True
        except UnsureError:
            self._broken = True
            self._delivery.look_again()
        if chat.ts is not None and not self._known:
            self._known = True
            self._delivery.begun(str(chat.ts))

    def end(self) -> None:
        """Close it, if it was opened; what it says in the end is for `Delivery.say`."""
        if self._chat is not None and self._chat.ts is not None:
            given = {"channel": self._place.channel, "ts": self._chat.ts}
            metadata = self._delivery.metadata("0")
            self._delivery.slack.hint("chat_stopStream", **given, metadata=metadata)

    def _open(self) -> "ChatStream | None":
        """A new stream; None where the message stands already."""
        delivery, place = self._delivery, self._place
        if delivery.found(place, "0") is not None:
            self._broken = True
            return None
        delivery.begin()
        who = {"recipient_user_id": place.user, "recipient_team_id": place.team}
        self._chat = delivery.slack.once.chat_stream(
            buffer_size=1, channel=place.channel, thread_ts=place.thread_ts, **who
        )
        return self._chat


def replies(slack: Slack, channel: str, thread_ts: str) -> list[Mapping[str, Any]]:
    """The messages of a thread with their metadata, oldest first; without one, the last said."""
    if not thread_ts:
        page = slack.do(
            "conversations_history", channel=channel, limit=PAGE, include_all_metadata=True
        )
        return list(reversed(page.get("messages") or []))
    found: list[Mapping[str, Any]] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        more = {"cursor": cursor} if cursor else {}
        page = slack.do(
            "conversations_replies",
            channel=channel,
            ts=thread_ts,
            limit=PAGE,
            include_all_metadata=True,
            **more,
        )
        found += page.get("messages") or []
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return found


def _fitting(
    call: Any, method: str, message: Said, strict: bool, **given: Any
) -> Mapping[str, Any]:
    """The call with the message's blocks, or where Slack takes those not with its text alone."""
    try:
        made: Mapping[str, Any] = call(method, text=message.text, blocks=message.blocks, **given)
    except RefusedError as error:
        if strict or error.code not in TOO_MUCH:
            raise
        made = call(method, text=message.text[:SHORT], **given)
    return made
