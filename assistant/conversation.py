"""A conversation and its turns: what history keeps, and what a browser sends back.

What comes from outside is checked to its last field; InputError names the field that is wrong. What
was made by `to_json` comes back equal. Not covered: whether an answer is one that we gave, which
nobody can tell of a reader who keeps the conversations in a browser.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assistant.errors import InputError
from assistant.types import Answer
from index.record.turns import squeezed, words

Thumb = Literal["up", "down"]
Reason = Literal[
    "wrong_citation", "not_supported", "incomplete", "wrong_language", "should_have_answered"
]
REASONS: tuple[Reason, ...] = get_args(Reason)
LONGEST_TITLE = 120  # characters
LONGEST_QUESTION = 4_000
LONGEST_NOTE = 2_000
LARGEST_TURN = 1_000_000  # bytes of its JSON
MOST_TURNS = 1_000  # of a conversation that comes from outside
MOST_FOLLOW_UPS = 3
MOST_DOCUMENTS = 10_000  # that one question names
TURN_ID = r"[0-9a-f]{16}"
CONVERSATION_ID = r"[0-9a-f]{32}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)"


@dataclass(frozen=True, slots=True)
class Rating:
    """What a reader thinks of an answer."""

    thumb: Thumb
    reasons: tuple[Reason, ...] = ()
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a turn has it."""
        return {"thumb": self.thumb, "reasons": list(self.reasons), "note": self.note}


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer, as it was shown."""

    id: str  # the answer's
    asked_at: str
    question: str
    answer: Answer
    documents: tuple[str, ...] | None = None  # that were asked; None: all
    follow_ups: tuple[str, ...] = ()
    why: Mapping[str, Any] | None = None
    rating: Rating | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: what history keeps, and what pages are given."""
        plain: dict[str, Any] = json.loads(json.dumps(self.answer.to_json()))
        return {
            "id": self.id,
            "asked_at": self.asked_at,
            "question": self.question,
            "documents": None if self.documents is None else list(self.documents),
            "answer": plain,
            "follow_ups": list(self.follow_ups),
            "why": None if self.why is None else dict(self.why),
            "rating": None if self.rating is None else self.rating.to_json(),
        }

    @classmethod
    def from_json(cls, plain: Any, *, where: str = "turn") -> "Turn":
        """The turn that `plain` is; InputError, with the field, for anything else."""
        _check_size(plain, where)
        turn: Turn = _read(_Turn, plain, where)
        if turn.answer.id != turn.id:
            raise InputError(f"{where}.answer.id: expected {turn.id!r}, the id of the turn.")
        numbers = {citation.n for citation in turn.answer.citations}
        for number, sentence in enumerate(turn.answer.sentences):
            if unknown := set(sentence.citations) - numbers:
                raise InputError(
                    f"{where}.answer.sentences.{number}.citations: there is no citation "
                    f"{min(unknown)}."
                )
        return turn


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order, under a title."""

    id: str
    title: str
    created: str
    updated: str
    turns: tuple[Turn, ...] = field(default=())

    @classmethod
    def new(cls, question: str) -> "Conversation":
        """One that is to begin with `question`; it has no turns yet."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return cls(secrets.token_hex(16), title_of(question), now, now)

    def with_turn(self, turn: Turn) -> "Conversation":
        """The conversation with `turn` as its last."""
        return replace(self, updated=turn.asked_at, turns=(*self.turns, turn))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        turns = [turn.to_json() for turn in self.turns]
        head = {"id": self.id, "title": self.title}
        return head | {"created": self.created, "updated": self.updated, "turns": turns}

    @classmethod
    def from_json(cls, plain: Any, *, where: str = "conversation") -> "Conversation":
        """The conversation that `plain` is; InputError, with the field, for anything else."""
        if not isinstance(plain, dict) or not isinstance(plain.get("turns"), list):
            raise InputError(f"{where}.turns: expected a list of turns.")
        if len(plain["turns"]) > MOST_TURNS:
            raise InputError(f"{where}.turns: at most {MOST_TURNS} turns can be taken.")
        head: Conversation = _read(_Conversation, {**plain, "turns": []}, where)
        turns = tuple(
            Turn.from_json(turn, where=f"{where}.turns.{number}")
            for number, turn in enumerate(plain["turns"])
        )
        return cls(head.id, head.title, head.created, head.updated, turns)


def title_of(question: str) -> str:
    """The title of a conversation that begins with this question."""
    line = " ".join(question.split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "…"


def matches(conversation: Conversation, query: str) -> bool:
    """Whether every word of `query` stands in the title, a question or an answer.

    Case and white space do not count: 자유무역 finds 자유 무역, and the other way round.
    """
    said = [squeezed(conversation.title)]
    said += [words(turn.to_json()) for turn in conversation.turns]
    text = "\n".join(said)
    return all(squeezed(word) in text for word in query.split())


def read_rating(thumb: Any, reasons: Any = (), note: Any = "") -> Rating:
    """A rating from outside; InputError, with the field, where it is none."""
    rating: Rating = _read(_Rating, {"thumb": thumb, "reasons": reasons, "note": note}, "rating")
    return rating


def _check_size(plain: Any, where: str) -> None:
    try:
        size = len(json.dumps(plain, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{where}: expected plain JSON in Unicode.") from error
    if size > LARGEST_TURN:
        raise InputError(f"{where}: {size:,} bytes; at most {LARGEST_TURN:,} can be taken.")


def _read(fields: type["_Rating | _Turn | _Conversation"], plain: Any, where: str) -> Any:
    try:
        return fields.model_validate(plain).value()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, (where, *first["loc"])))
        raise InputError(f"{place}: {first['msg'][:200]}.") from error


_STRICT = ConfigDict(extra="forbid", frozen=True)
_Time = Annotated[str, StringConstraints(pattern=f"^{_TIME}$")]
_Question = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]
_Note = Annotated[str, StringConstraints(max_length=LONGEST_NOTE, strip_whitespace=True)]


class _Rating(BaseModel):
    model_config = _STRICT

    thumb: Thumb
    reasons: Annotated[tuple[Reason, ...], Field(max_length=len(REASONS))] = ()
    note: _Note = ""

    def value(self) -> Rating:
        return Rating(self.thumb, tuple(dict.fromkeys(self.reasons)), self.note)


class _Turn(BaseModel):
    model_config = _STRICT

    id: Annotated[str, StringConstraints(pattern=f"^{TURN_ID}$")]
    asked_at: _Time
    question: _Question
    answer: Answer
    documents: Annotated[tuple[str, ...], Field(max_length=MOST_DOCUMENTS)] | None = None
    follow_ups: Annotated[tuple[_Question, ...], Field(max_length=MOST_FOLLOW_UPS)] = ()
    why: dict[str, Any] | None = None
    rating: _Rating | None = None

    def value(self) -> Turn:
        rating = None if self.rating is None else self.rating.value()
        rest = (self.documents, self.follow_ups, self.why, rating)
        return Turn(self.id, self.asked_at, self.question, self.answer, *rest)


class _Conversation(BaseModel):
    model_config = _STRICT

    id: Annotated[str, StringConstraints(pattern=f"^{CONVERSATION_ID}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TITLE)]
    created: _Time
    updated: _Time
    turns: tuple[()]  # each is read by itself

    def value(self) -> Conversation:
        return Conversation(self.id, self.title, self.created, self.updated)
