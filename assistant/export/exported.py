"""What is taken away: a conversation, read from JSON that a browser or a script hands in.

A single answer (`citebrief ask --json`) is a conversation of one turn. What comes in is not
trusted: its size is bounded, every marker must name a citation, and what is wrong is named by its
field. Whether it is true is for `assistant.export.receipt_check`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assistant.errors import InputError
from assistant.types import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MOST_TURNS = 200
MOST_SENTENCES = 200  # of an answer; as many citations
LONGEST_TEXT = 20_000  # characters of any one text
LONGEST_TITLE = 120


class BadField(InputError):
    """Something handed in that cannot be used; `field` is where it stands, e.g. turns[0].answer."""

    def __init__(self, field: str, wrong: str) -> None:
        """`wrong` says what is wrong with it, and what was expected."""
        super().__init__(f"{field}: {wrong}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer. `history` are the questions before it, oldest first."""

    id: str
    asked_at: str  # ISO 8601; "" where it is not known
    answer: Answer
    history: tuple[str, ...] = ()
    documents: tuple[str, ...] | None = None  # that were asked; None: all

    @property
    def question(self) -> str:
        """As it was typed."""
        return self.answer.question


@dataclass(frozen=True, slots=True)
class Exported:
    """A conversation as it leaves the house."""

    id: str
    title: str
    turns: tuple[Turn, ...]


def alone(answer: Answer, asked_at: str = "", history: tuple[str, ...] = ()) -> Exported:
    """One answer as a conversation."""
    turn = Turn(answer.id, asked_at, answer, history)
    return Exported(answer.id, _titled(answer.question), (turn,))


def read(plain: object) -> Exported:
    """A conversation, or one answer as `ask --json` prints it; BadField for anything else."""
    whole = _mapping(plain, "conversation")
    check_texts(whole)
    if "sentences" in whole and "turns" not in whole:
        return alone(_answer(whole, "answer"))
    turns = whole.get("turns")
    if not isinstance(turns, list) or not turns:
        raise BadField("turns", "expected a list of at least one turn.")
    if len(turns) > MOST_TURNS:
        raise BadField("turns", f"{len(turns)} turns; expected {MOST_TURNS} at most.")
    read_turns: list[Turn] = []
    for n, turn in enumerate(turns):
        history = tuple(one.question for one in read_turns)
        read_turns.append(_turn(turn, f"turns[{n}]", history))
    title = whole.get("title") or read_turns[0].question
    return Exported(_text(whole, "id", ""), _titled(str(title)), tuple(read_turns))


def check_texts(plain: object) -> None:
    """BadField for a text in it that is too long or no Unicode, and for too deep a nest."""
    for field, text in _texts(plain, ""):
        if len(text) > LONGEST_TEXT:
            raise BadField(field, f"{len(text)} characters; expected {LONGEST_TEXT} at most.")
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise BadField(field, "half of a character (a lone surrogate); expected Unicode text.")


def _turn(plain: object, field: str, history: tuple[str, ...]) -> Turn:
    turn = _mapping(plain, field)
    documents = turn.get("documents")
    if documents is not None and not (
        isinstance(documents, list) and all(isinstance(d, str) for d in documents)
    ):
        raise BadField(f"{field}.documents", "expected null or a list of ids of documents.")
    return Turn(
        _text(turn, "id", field),
        _text(turn, "asked_at", field),
        _answer(turn.get("answer"), f"{field}.answer"),
        history,
        None if documents is None else tuple(documents),
    )


def _answer(plain: object, field: str) -> Answer:
    from pydantic import ValidationError

    given = _mapping(plain, field)
    try:
        answer = _adapter().validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        at = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"])
        raise BadField(field + at, f"{first['msg']}.") from error
    if max(len(answer.sentences), len(answer.citations)) > MOST_SENTENCES:
        raise BadField(field, f"expected {MOST_SENTENCES} sentences and citations at most.")
    numbers = [citation.n for citation in answer.citations]
    if len(set(numbers)) < len(numbers):
        raise BadField(f"{field}.citations", "a number is given twice; expected each once.")
    for n, sentence in enumerate(answer.sentences):
        if lost := set(sentence.citations) - set(numbers):
            raise BadField(
                f"{field}.sentences[{n}].citations", f"no citation has the number {min(lost)}."
            )
    return answer


@lru_cache(maxsize=1)
def _adapter() -> "TypeAdapter[Answer]":
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


def _mapping(plain: object, field: str) -> Mapping[str, Any]:
    if not isinstance(plain, dict):
        raise BadField(field, f"{json.dumps(plain)[:40]}; expected a JSON object.")
    return plain


def _text(plain: Mapping[str, Any], name: str, field: str) -> str:
    value = plain.get(name) or ""
    if not isinstance(value, str):
        raise BadField(f"{field}.{name}".lstrip("."), "expected text.")
    return value


def _texts(value: object, field: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in `value`, keys too, with the field it stands in."""
    if depth > 24:
        raise BadField(field, "nested more deeply than a conversation is.")
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield field or "a key", key
            yield from _texts(one, f"{field}.{key}".lstrip("."), depth + 1)
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from _texts(one, f"{field}[{n}]", depth + 1)


def _titled(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1].rstrip() + "…"
