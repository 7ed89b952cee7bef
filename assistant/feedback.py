"""What readers think of answers, kept in the record and exported as questions to measure with.

An answer that was liked becomes a question with the quotes that it cites as evidence, or one that
cannot be answered where it was refused. What an answer that was not liked should have been is for a
person to say: its line has `review`, with which `citebrief eval run` leaves it out until someone
has put it right and taken `review` away.
"""

import json
import secrets
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.conversation import REASONS, Rating, Reason, Thumb, Turn
from assistant.question_types import asks_of
from assistant.types import Answer

if TYPE_CHECKING:
    from index.record.library import Library

KINDS = (  # of samples, the most telling first
    "date", "number", "who", "table", "reason", "definition", "forecast", "recommendation",
)  # fmt: skip
REVIEW = "rated_down"  # in the place of reasons, where none was given


@dataclass(frozen=True, slots=True)
class Feedback:
    """A rated answer; `user` is None where the reader had not logged in."""

    id: str
    turn: str
    created: str
    updated: str
    user: str | None
    rating: Rating
    lang: str
    question: str
    answer: Answer
    engine: str
    state: str  # of the library, when it was rated


def keep(record: "Library", turn: Turn, rating: Rating | None, user: str | None = None) -> None:
    """Keep what a reader thinks of a turn, in place of what was thought before; None: nothing."""
    from index.record.clock import now
    from index.record.talks import Talks

    plain = turn.to_json() | {"rating": None if rating is None else rating.to_json()}
    if rating is None:
        Talks(record).rate(user, plain, None)
        return
    row = {
        "id": secrets.token_hex(16),
        "turn_id": turn.id,
        "created": now(),
        "updated": now(),
        "owner": user,
        "thumb": rating.thumb,
        "reasons": list(rating.reasons),
        "note": rating.note,
        "lang": turn.answer.language,
        "question": turn.question,
        "answer": plain["answer"],
        "engine": turn.answer.engine,
        "state": record.state(),
    }
    Talks(record).rate(user, plain, row)


def kept(record: "Library", since: str = "", thumb: Thumb | None = None) -> list[Feedback]:
    """What was kept, oldest first; `since` is a date, or a time, in UTC."""
    from index.record.talks import Talks

    return [_feedback(row) for row in Talks(record).feedback(since, thumb)]


def export(record: "Library", since: str = "", thumb: Thumb | None = None) -> Iterator[str]:
    """Lines of a set of questions (`eval/samples.py`), one for each rated answer."""
    for feedback in kept(record, since, thumb):
        yield json.dumps(_normal(sample(feedback)), ensure_ascii=False)


def sample(feedback: Feedback) -> dict[str, Any]:
    """A rated answer as a line of a set of questions."""
    answer, rating = feedback.answer, feedback.rating
    line: dict[str, Any] = {
        "id": f"feedback-{feedback.id}",
        "lang": answer.language,
        "kind": _kind(feedback.question) if answer.sentences else "unanswerable",
        "question": feedback.question.strip() or "?",
        "note": _note(feedback),
    }
    document = _document(answer)
    if document is not None:
        line["document"] = document
        quotes = [c.quote.strip() for c in answer.citations if c.document == document]
        line["quotes"] = [[quote] for quote in dict.fromkeys(quotes) if quote]
    if rating.thumb == "down" or (answer.sentences and not line.get("quotes")):
        line["review"] = list(rating.reasons) or [REVIEW]
    return line


def counts(found: list[Feedback]) -> Mapping[Reason, int]:
    """How often each reason was given."""
    counted = Counter(reason for feedback in found for reason in feedback.rating.reasons)
    return {reason: counted[reason] for reason in REASONS}


def _feedback(row: Mapping[str, Any]) -> Feedback:
    return Feedback(
        id=row["id"],
        turn=row["turn_id"],
        created=row["created"],
        updated=row["updated"],
        user=row["owner"],
        rating=Rating(row["thumb"], tuple(row["reasons"]), row["note"]),
        lang=row["lang"],
        question=row["question"],
        answer=Answer.from_json(row["answer"]),
        engine=row["engine"],
        state=row["state"],
    )


def _kind(question: str) -> str:
    asked = asks_of(question)
    if "duration" in asked:
        return "number"
    return next((kind for kind in KINDS if kind in asked), "list")


def _document(answer: Answer) -> str | None:
    """The document that is cited most; a question is about one."""
    cited = Counter(citation.document for citation in answer.citations)
    return cited.most_common(1)[0][0] if cited else None


def _note(feedback: Feedback) -> str:
    answer, rating = feedback.answer, feedback.rating
    others = sorted({c.document for c in answer.citations} - {_document(answer)})
    parts = (
        f"rated {rating.thumb} on {feedback.updated}",
        f"by {feedback.user}" if feedback.user else "",
        f"answered by {feedback.engine}: {answer.answer}" if rating.thumb == "down" else "",
        f"also cited: {', '.join(others)}" if others else "",
        f"the reader says: {rating.note}" if rating.note else "",
    )
    return "; ".join(filter(None, parts))


def _normal(value: Any) -> Any:
    """With every string in NFC, as sets of questions are."""
    plain = json.dumps(value, ensure_ascii=False)
    return json.loads(unicodedata.normalize("NFC", plain))
