"""Questions → answers in threads, and messages → what the documents say of them.

A question goes to the assistant with the questions that stood before it in its thread, and its
answer is posted, kept as a turn, and updated by whoever has to do it again: a turn's id is made of
its event's, so that the same event always leads to the same turn.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from assistant.checking import LONGEST
from assistant.conversation import Turn
from assistant.errors import InputError
from assistant.query import LONGEST_QUESTION
from assistant.slack import kit
from assistant.slack.blocks import (
    answer_messages,
    error_message,
    note_message,
    refusal_message,
    streamed_text,
)
from assistant.slack.check_blocks import check_messages
from assistant.slack.client import RefusedError
from assistant.slack.crew import Hold, described
from assistant.slack.desk import Desk, key_of, other, spoken
from assistant.slack.home import EXAMPLES
from assistant.slack.kit import Message
from assistant.slack.post import TOO_MUCH, Delivery, LostError, Place
from assistant.slack.threads import Threads
from assistant.slack.words import ErrorCode, words
from assistant.types import Answer, Event, Partial
from index.record.chats import ChannelSettings, Job

LATE = 12 * 3600.0  # seconds after which a question is not answered any more, but told of
AskedLang = Literal["auto", "ko", "en"]

log = logging.getLogger(__name__)


class FaultError(Exception):
    """The assistant failed; `error` says how, and is for the log alone."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


@dataclass(frozen=True, slots=True)
class Question:
    """A question with all that its answer depends on."""

    text: str
    place: Place
    lang: AskedLang
    settings: ChannelSettings
    documents: tuple[str, ...] | None
    private: bool = False  # only the asker is to see the answer
    called: bool = True  # the bot was mentioned, or written to directly
    told: bool = False  # nobody wrote it: the answer says what was asked


class Answers:
    """Answers questions and checks messages. Safe to share between threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._threads = desk, Threads(desk)

    def question(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Answer what somebody wrote."""
        asked = job.payload
        place = _place(job)
        settings = self._desk.chats.channel(job.team, place.channel)
        private, direct = bool(asked.get("private")), bool(asked.get("direct"))
        called = private or direct or bool(asked.get("mentioned"))
        if private:
            place = replace(place, thread_ts=f"c{turn_id(job)}")
        documents = self._desk.documents(settings.documents)
        question = Question(
            str(asked["text"]), place, settings.lang, settings, documents, private, called
        )
        if _is_late(asked.get("ts")):
            return self._tell(question, delivery, error_message("late", self._lang(question)))
        with self._desk.alone(place):
            earlier: list[str] = []
            if not private:
                ts = str(asked.get("ts") or "")
                earlier = self._threads.before(place, ts, but=turn_id(job))
            return self._answer(question, earlier, job, delivery, hold)

    def again(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Ask a kept question in the other language, or one that was offered."""
        asked, desk = job.payload, self._desk
        place, value = _place(job), str(asked["value"])
        settings = desk.chats.channel(job.team, place.channel)
        private = bool(asked.get("private"))
        if value.startswith("home:"):
            return self._from_home(job, value, settings, delivery, hold)
        key, _, number = value.partition(":")
        turn = desk.turn(job.team, place.channel, key)
        if turn is None:
            gone = error_message("gone", desk.locale(place.user))
            delivery.whisper(_private(place, asked), [gone])
            return "gone"
        lang: AskedLang
        if private:
            place = replace(place, thread_ts=f"c{turn_id(job)}")
        if number:
            if not number.isdigit() or int(number) >= len(turn.follow_ups):
                return "unknown"
            text, lang = turn.follow_ups[int(number)], settings.lang
        else:
            text, lang = turn.question, other(turn.answer)
        documents = desk.documents(turn.documents)
        question = Question(text, place, lang, settings, documents, private, told=True)
        with desk.alone(place):
            earlier = []
            if not private:
                until = "" if number else turn.id
                earlier = self._threads.questions(place, but=turn_id(job), until=until)
            return self._answer(question, earlier, job, delivery, hold)

    def check(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Hold a message against the documents; only who asked sees what was found."""
        asked, desk = job.payload, self._desk
        place = _place(job)
        settings = desk.chats.channel(job.team, place.channel)
        text = str(asked["text"])
        lang = spoken(text, settings.lang) if text else desk.locale(place.user)
        if not any(ch.isalnum() for ch in text):
            delivery.whisper(place, [error_message("empty", lang)])
            return "empty"
        documents = desk.documents(settings.documents)
        try:
            found = desk.assistant.check(text, lang, documents, hold.lost.is_set)
        except InputError:
            code: ErrorCode = "text_too_long" if len(text) > LONGEST else "empty"
            delivery.whisper(place, [error_message(code, lang)])
            return code
        except Exception as error:
            delivery.whisper(place, [_fault(error, job, lang)])
            return "error"
        if hold.lost.is_set():
            raise LostError
        delivery.whisper(place, check_messages(found, lang, folding=desk.folding))
        return "checked"

    def _from_home(
        self, job: Job, value: str, settings: ChannelSettings, delivery: Delivery, hold: Hold
    ) -> str:
        """An example of the home tab, asked in the conversation with the reader."""
        _, lang, number = value.split(":")
        place = replace(_place(job), thread_ts="", direct=True)
        if lang not in ("ko", "en") or not number.isdigit():
            return "unknown"
        offered = self._desk.assistant.openings("ko" if lang == "ko" else "en", None, EXAMPLES)
        if int(number) >= len(offered):
            return "unknown"
        text = offered[int(number)]
        place = replace(place, channel=place.channel or place.user)
        root = delivery.root(place, note_message(text))
        place = replace(place, thread_ts=root)
        question = Question(text, place, "auto", settings, None)
        return self._answer(question, [], job, delivery, hold)

    def _answer(
        self,
        question: Question,
        earlier: Sequence[str],
        job: Job,
        delivery: Delivery,
        hold: Hold,
    ) -> str:
        desk, place, id = self._desk, question.place, turn_id(job)
        lang = self._lang(question)
        if question.settings.quiet and not question.called:
            return "quiet"
        if len(question.text) > LONGEST_QUESTION:
            most = f"{LONGEST_QUESTION:,}"
            return self._tell(question, delivery, error_message("too_long", lang, most=most))
        if question.documents == ():
            return self._tell(question, delivery, error_message("no_documents", lang))
        self._status(question, words(lang, "searching"))
        try:
            answer = self._streamed(question, earlier, id, delivery, hold)
        except FaultError as fault:
            self._tell(question, delivery, _fault(fault.error, job, lang))
            return "error"
        turn = self._turn(question, answer, earlier, id)
        shown = bool(answer.sentences) or place.direct
        visible = shown and not question.private
        key = key_of(place, id)
        desk.chats.keep_turn(
            place.team,
            place.channel,
            place.thread_ts,
            turn.to_json(),
            answer.language,
            answered=visible,
        )
        render = self._render(question, turn, key)
        if visible:
            self._say(place, delivery, render)
        elif not answer.sentences and question.settings.quiet and not question.private:
            self._status(question, "")
            return "quiet"
        else:
            delivery.whisper(_private(place, job.payload), render(desk.folding))
            self._status(question, "")
        return answer.status

    def _streamed(
        self,
        question: Question,
        earlier: Sequence[str],
        id: str,
        delivery: Delivery,
        hold: Hold,
    ) -> Answer:
        """The answer, whose sentences appear as they come."""
        stream = None if question.private else delivery.stream(question.place)
        shown = 0
        events = self._desk.assistant.stream(
            question.text,
            list(earlier),
            lang=question.lang,
            id=id,
            stopped=hold.lost.is_set,
            documents=question.documents,
        )
        answer: Answer | None = None
        for event in _guarded(events):
            if not isinstance(event, Partial | Answer):
                continue
            now = event if isinstance(event, Answer) else event.answer
            if stream is not None:
                for piece in streamed_text(now, shown):
                    stream.write(piece)
            shown = max(shown, len(now.sentences))
            answer = event if isinstance(event, Answer) else None
        if answer is None:
            raise LostError
        if stream is not None:
            stream.end()
        return answer

    def _turn(self, question: Question, answer: Answer, earlier: Sequence[str], id: str) -> Turn:
        """The turn, with what could be asked next; a fault there costs no answer."""
        next_up: list[str] = []
        if not question.settings.quiet:
            documents, assistant = question.documents, self._desk.assistant
            try:
                if answer.sentences:
                    asked = [*earlier, question.text]
                    next_up = assistant.follow_ups(answer, asked, documents=documents)
                else:
                    lang = answer.language
                    next_up = assistant.nearest(question.text, lang, documents)
            except Exception as error:
                log.error("Slack: what to ask next: %s", described(error))
        return Turn(
            id=id,
            asked_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            question=question.text,
            answer=answer,
            documents=question.documents,
            follow_ups=tuple(next_up),
        )

    def _render(self, question: Question, turn: Turn, key: str) -> Callable[[bool], list[Message]]:
        """The messages of a turn, with containers that fold or without."""
        answer = turn.answer
        note = ""
        if turn.documents is not None:
            note = words(answer.language, "documents_note", count=len(turn.documents))

        def render(folding: bool) -> list[Message]:
            if not answer.sentences:
                nearest = turn.follow_ups
                return [refusal_message(answer, nearest, answer.language, key=key)]
            made = answer_messages(
                answer,
                key=key,
                page_url=self._desk.settings.public_url,
                question=question.text,
                documents_note=note,
                follow_ups=turn.follow_ups,
                folding=folding,
            )
            if question.told:
                first = made[0]
                asked = kit.context(question.text)
                made[0] = Message(first.text, [asked, *first.blocks])
            return made

        return render

    def _say(
        self, place: Place, delivery: Delivery, render: Callable[[bool], list[Message]]
    ) -> None:
        """Post for all; in plainer blocks where Slack does not take these."""
        desk = self._desk
        try:
            delivery.say(place, render(desk.folding), strict=desk.folding)
        except RefusedError as error:
            if error.code not in TOO_MUCH or not desk.folding:
                raise
            log.warning("Slack takes no folding lists; sources are shown by a button instead.")
            desk.folding = False
            delivery.say(place, render(False))

    def _tell(self, question: Question, delivery: Delivery, message: Message) -> str:
        """A short word to the asker, in a channel for nobody else."""
        place = question.place
        if delivery.started or (place.direct and not question.private):
            delivery.say(place, [message])
        elif question.called:
            delivery.whisper(place if not question.private else _unthreaded(place), [message])
        self._status(question, "")
        return "told"

    def _status(self, question: Question, status: str) -> None:
        """What the bot is doing, in the thread; an empty one takes it away."""
        place = question.place
        if not question.private:
            given = {"channel_id": place.channel, "thread_ts": place.thread_ts, "status": status}
            self._desk.slack.hint("assistant_threads_setStatus", **given)

    def _lang(self, question: Question) -> Literal["ko", "en"]:
        return spoken(question.text, question.lang)


def _guarded(events: Iterator[Event]) -> Iterator[Event]:
    """The events; what fails is a fault of the assistant's, not of who posts them."""
    while True:
        try:
            event = next(events)
        except StopIteration:
            return
        except Exception as error:
            raise FaultError(error) from error
        yield event


def turn_id(job: Job) -> str:
    """The id of the turn that a job leads to, however often it is done."""
    return hashlib.sha256(job.event.encode()).hexdigest()[:16]


def _place(job: Job) -> Place:
    asked = job.payload
    return Place(
        team=job.team,
        channel=str(asked.get("channel") or ""),
        thread_ts=str(asked.get("thread_ts") or ""),
        user=str(asked.get("user") or ""),
        direct=bool(asked.get("direct")),
        response_url=str(asked.get("response_url") or "") if asked.get("private") else "",
    )


def _private(place: Place, asked: Mapping[str, Any]) -> Place:
    """Where only the asker sees it: in the thread, unless there is none."""
    return _unthreaded(place) if asked.get("private") else place


def _unthreaded(place: Place) -> Place:
    """The thread of a private answer is none of Slack's."""
    return replace(place, thread_ts="")


def _is_late(ts: Any) -> bool:
    """Whether a message was written so long ago that nobody waits for an answer."""
    try:
        written = float(ts or "")
    except ValueError:
        return False
    return datetime.now(UTC).timestamp() - written > LATE


def _fault(error: Exception, job: Job, lang: str) -> Message:
    """What is said of a fault; the log has it under the turn's id, without what was asked."""
    id = turn_id(job)
    log.error("Slack: request %s failed: %s", id, described(error))
    return error_message("fault", lang, id=id)
