"""A conversation on the page: a question in, out come the messages as the answer grows.

The server keeps nothing between two questions: the whole conversation comes with each, and goes
back with its new turn, so that any instance can answer and a reload shows what was shown.
"""

import logging
import secrets
import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event as Stop
from typing import TYPE_CHECKING

from assistant import render
from assistant.conversation import Conversation, Turn
from assistant.failure import failure
from assistant.labels import LABELS
from assistant.turn_render import failed_html, question_html, turn_html
from assistant.types import Answer, Event, Step
from index.language import detect

if TYPE_CHECKING:
    from assistant.answer import Assistant
    from assistant.live import Live

PAUSE = 0.08  # seconds between two sentences, so that a reader can follow them in
MOST_TURNS = 40  # of a conversation: it travels with each question, at about 15 kB a turn

Messages = list[dict[str, str]]
Paged = Callable[[str], bool]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """All messages as they stand now; at the end also the conversation, with its new turn if any.

    `answer` is there once it is whole.
    """

    messages: Messages
    conversation: Conversation | None = None
    answer: Answer | None = None


def no_pages(document: str) -> bool:
    """That of no document pages can be shown."""
    return False


def messages(conversation: Conversation, paged: Paged = no_pages) -> Messages:
    """The conversation as it was shown."""
    shown: Messages = []
    for turn in conversation.turns:
        shown.append(_asked(turn.question, turn.id))
        shown.append(_said(turn_html(turn, paged)))
    return shown


def converse(
    assistant: "Assistant | Live",
    question: str,
    conversation: Conversation,
    stop: Stop,
    *,
    documents: Collection[str] | None = None,
    paged: Paged = no_pages,
) -> Iterator[Shown]:
    """What is shown while `question` is answered, each time that there is something new.

    `documents` are those to ask, None for all; `paged` tells of a document's id whether its pages
    can be shown.
    """
    earlier = messages(conversation, paged)
    if not question.strip():
        yield Shown(earlier, conversation)
        return
    id = secrets.token_hex(8)
    begun = datetime.now(UTC)
    asked = _asked(question, id)
    lang = detect(question).main
    if len(conversation.turns) >= MOST_TURNS:
        full = LABELS[lang]["full"].format(count=MOST_TURNS)
        yield Shown([*earlier, asked, _said(render.notice_html(full, lang))], conversation)
        return

    def growing(content: str) -> Shown:
        return Shown([*earlier, asked, _said(content)])

    yield growing(render.steps_html([Step("search")], lang))
    questions = [turn.question for turn in conversation.turns]
    answer: Answer | None = None
    final = ""
    events = assistant.stream(question, questions, id=id, stopped=stop.is_set, documents=documents)
    try:
        for final, whole in _growing(events, lang, id, paged):
            answer = whole
            yield growing(final)
    except Exception as error:
        shown = failure(error, question, id=id, level=logging.ERROR)
        answer, final = None, failed_html(shown.message, question, lang)
    if answer is None:
        yield Shown([*earlier, asked, _said(final)], conversation)
        return
    turn = Turn(
        id=id,
        asked_at=begun.strftime("%Y-%m-%dT%H:%M:%SZ"),
        question=question,
        documents=tuple(sorted(documents)) if documents is not None else None,
        answer=answer,
    )
    if not stop.is_set():
        turn = _with_more(turn, assistant, questions, documents)
    longer = conversation.with_turn(turn)
    said = _said(turn_html(turn, paged))
    yield Shown([*earlier, asked, said], longer, answer)


def _with_more(
    turn: Turn,
    assistant: "Assistant | Live",
    questions: list[str],
    documents: Collection[str] | None,
) -> Turn:
    """The turn with what to ask next and why it is answered so; a fault there costs no answer."""
    answer = turn.answer
    try:
        why = assistant.explain(turn.question, questions, lang=answer.language, documents=documents)
        asked = [*questions, turn.question]
        if answer.sentences:
            next_up = assistant.follow_ups(answer, asked, documents=documents)
        else:
            next_up = assistant.nearest(turn.question, lang=answer.language, documents=documents)
    except Exception:
        log.exception("What to ask after %s could not be worked out.", turn.id)
        return turn
    return replace(turn, why=why.to_json(), follow_ups=tuple(next_up))


def _asked(question: str, id: str) -> dict[str, str]:
    return {"role": "user", "content": question_html(question, id)}


def _said(content: str) -> dict[str, str]:
    return {"role": "assistant", "content": content}


def _growing(
    events: Iterable[Event], lang: str, anchor: str, paged: Paged
) -> Generator[tuple[str, Answer | None]]:
    """The message after each event, at the end with the answer, if only part of one."""
    steps: list[Step] = []
    so_far: Answer | None = None
    for event in events:
        if isinstance(event, Answer):
            if so_far is None:  # written at once: let the reader follow it in
                for count in range(1, len(event.sentences) + 1):
                    yield render.answer_html(event, anchor, shown=count), None
                    time.sleep(PAUSE)
            yield render.answer_html(event, anchor, paged=paged), event
            return
        if isinstance(event, Step):
            steps.append(event)
        else:
            so_far = event.answer
        if so_far is None:
            yield render.steps_html(steps, lang), None
        else:
            count = len(so_far.sentences)
            yield render.answer_html(so_far, anchor, shown=count, steps=steps), None
    stopped = LABELS[lang]["stopped"]
    if so_far is None:
        yield render.notice_html(stopped, lang), None
        return
    answer = so_far.noting(stopped)
    yield render.answer_html(answer, anchor, paged=paged), answer
