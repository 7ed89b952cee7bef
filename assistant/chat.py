"""A conversation on the chat page: a question in, out come the messages as the answer grows.

What is kept of a conversation, {"questions": […], "messages": […]}, is the reader's own browser's;
the questions give a follow-up its context.
"""

import logging
import secrets
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from threading import Event as Stop
from typing import TYPE_CHECKING, Any

from assistant import render
from assistant.failure import failure
from assistant.labels import LABELS
from assistant.types import Answer, Event, Step
from index.language import detect

if TYPE_CHECKING:
    from assistant.answer import Assistant
    from assistant.live import Live

PAUSE = 0.08  # seconds between two sentences, so that a reader can follow them in
KEPT = 60  # messages of a conversation; a browser keeps 5 MB, and an answer is about 10 kB

Kept = dict[str, list[Any]]
Messages = list[dict[str, str]]
Paged = Callable[[str], bool]

EMPTY: Kept = {"questions": [], "messages": []}


@dataclass(frozen=True, slots=True)
class Shown:
    """All messages as they stand now, and once the last is whole what is kept of them."""

    messages: Messages
    kept: Kept | None = None


def converse(
    assistant: "Assistant | Live",
    question: str,
    kept: Kept,
    stop: Stop,
    paged: Paged = lambda document: False,
) -> Iterator[Shown]:
    """What is shown while `question` is answered, each time that there is something new.

    `paged` tells of a document's id whether its pages can be shown.
    """
    if not question.strip():
        yield Shown(kept["messages"], kept)
        return
    anchor = "a" + secrets.token_hex(4)
    asked = {"role": "user", "content": render.question_html(question)}
    questions = kept["questions"]

    def with_answer(content: str) -> Messages:
        return [*kept["messages"], asked, {"role": "assistant", "content": content}]

    final = render.steps_html([Step("search")], detect(question).main)
    yield Shown(with_answer(final))
    for content in _contents(assistant, question, questions, stop, anchor, paged):
        if content is None:
            questions = [*questions, question]
        else:
            final = content
            yield Shown(with_answer(final))
    messages = with_answer(final)[-KEPT:]
    yield Shown(messages, {"questions": questions, "messages": messages})


def _contents(
    assistant: "Assistant | Live",
    question: str,
    earlier: list[str],
    stop: Stop,
    anchor: str,
    paged: Paged,
) -> Iterator[str | None]:
    """The message as it grows; None once the question counts as one of the conversation."""
    lang = detect(question).main
    events = assistant.stream(question, earlier, id=anchor, stopped=stop.is_set)
    try:
        counts = yield from _growing(events, lang, anchor, paged)
    except Exception as error:
        shown = failure(error, question, id=anchor, level=logging.ERROR)
        yield render.notice_html(shown.message, lang)
        return
    if counts:
        yield None


def _growing(
    events: Iterable[Event], lang: str, anchor: str, paged: Paged
) -> Generator[str, None, bool]:
    """The message after each event; in the end, whether it holds an answer, if only part of one."""
    steps: list[Step] = []
    so_far: Answer | None = None
    for event in events:
        if isinstance(event, Answer):
            if so_far is None:  # written at once: let the reader follow it in
                for count in range(1, len(event.sentences) + 1):
                    yield render.answer_html(event, anchor, shown=count)
                    time.sleep(PAUSE)
            yield render.answer_html(event, anchor, paged=paged)
            return True
        if isinstance(event, Step):
            steps.append(event)
        else:
            so_far = event.answer
        if so_far is None:
            yield render.steps_html(steps, lang)
        else:
            count = len(so_far.sentences)
            yield render.answer_html(so_far, anchor, shown=count, steps=steps)
    stopped = LABELS[lang]["stopped"]
    if so_far is None:
        yield render.notice_html(stopped, lang)
        return False
    yield render.answer_html(so_far.noting(stopped), anchor, paged=paged)
    return True
