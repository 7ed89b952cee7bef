"""The questions that were asked in a thread, from the record or read back from Slack."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from assistant.conversation import Turn
from assistant.query import LONGEST_QUESTION
from assistant.slack.client import GoneError, RefusedError
from assistant.slack.desk import Desk, spoken
from assistant.slack.events import plain_text
from assistant.slack.post import ANSWER, Place, replies
from assistant.types import Answer

log = logging.getLogger(__name__)


class Threads:
    """What a question follows on. Safe to share between threads of execution."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def before(self, place: Place, ts: str, *, but: str) -> list[str]:
        """The questions before the message `ts`; `but` is its own turn, should it be kept."""
        if place.thread_ts == ts:
            return []
        if self._desk.chats.thread(place.team, place.channel, place.thread_ts) is None:
            self._rebuild(place, ts)
        return self.questions(place, but=but)

    def questions(self, place: Place, *, but: str, until: str = "") -> list[str]:
        """Those of the kept turns up to the turn `until`, or all, without the turn `but`."""
        thread = self._desk.chats.thread(place.team, place.channel, place.thread_ts)
        found: list[str] = []
        for turn in thread.turns if thread else ():
            if turn["id"] == until:
                break
            if turn["id"] != but:
                found.append(str(turn["question"]))
        return found

    def _rebuild(self, place: Place, ts: str) -> None:
        """Keep the questions of a thread that the record has lost, as Slack still has them.

        What was answered is not read back: it stands in the thread, and only the questions matter
        for the next.
        """
        bot, chats = self._desk.me, self._desk.chats
        try:
            found = replies(self._desk.slack, place.channel, place.thread_ts)
        except (GoneError, RefusedError) as error:  # better an answer that knows less than none
            log.warning("Slack: a thread could not be read back: %s", error)
            return
        before = [m for m in found if str(m.get("ts")) < ts]
        ours = [_is_answer(message, bot.bot_id) for message in before]
        for number, message in enumerate(before):
            text = str(message.get("text") or "")
            asked = place.direct or f"<@{bot.bot_user}>" in text or any(ours[number + 1 :][:1])
            if message.get("bot_id") or not message.get("user") or not asked:
                continue
            question = plain_text(text, bot.bot_user)[:LONGEST_QUESTION]
            if question:
                turn = _lost_turn(f"{place.channel}:{message['ts']}", question, message)
                lang = turn.answer.language
                chats.keep_turn(
                    place.team, place.channel, place.thread_ts, turn.to_json(), lang,
                    answered=any(ours),
                )  # fmt: skip


def _is_answer(message: Mapping[str, Any], bot_id: str) -> bool:
    metadata = message.get("metadata") or {}
    return metadata.get("event_type") == ANSWER or message.get("bot_id") == bot_id


def _lost_turn(place: str, question: str, message: Mapping[str, Any]) -> Turn:
    """A turn whose answer is known to the thread alone."""
    id = hashlib.sha256(place.encode()).hexdigest()[:16]
    lang = spoken(question, "auto")
    asked = datetime.fromtimestamp(float(message["ts"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = Answer(id=id, question=question, language=lang, status="answered", answer="")
    return Turn(id, asked, question, answer)
