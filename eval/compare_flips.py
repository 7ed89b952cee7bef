"""What changed about a single question between two runs, and whether for the better."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from eval.catalogue import MEASURES
from eval.chance import SAME
from eval.runs import Row

STATUS = "status"
JUDGED = ("evidence", "vital", *(m.name for m in MEASURES if m.contract))  # what flips a verdict
Direction = Literal["worse", "mixed", "better"]


@dataclass(frozen=True, slots=True)
class Change:
    """What changed about a question: a measure, or `status` (answered, refused, error)."""

    what: str
    a: str | float | None
    b: str | float | None


@dataclass(frozen=True, slots=True)
class Flipped:
    """A question that the runs differ on in what a reader would mind."""

    a: Row
    b: Row
    changes: tuple[Change, ...]

    @property
    def direction(self) -> Direction:
        """Whether b is the worse or the better; mixed where it is both, or cannot be told."""
        signs = {sign for c in self.changes if (sign := _sign(c, self.a.answerable))}
        return "mixed" if len(signs) != 1 else "better" if signs == {1} else "worse"


def status_of(row: Row) -> str:
    """What became of a question: answered, refused or error."""
    return "error" if row.answer is None else "refused" if row.refused else "answered"


def changes_of(x: Row, y: Row) -> Iterator[Change]:
    """What a reader would mind of the difference between two rows of one question."""
    if status_of(x) != status_of(y):
        yield Change(STATUS, status_of(x), status_of(y))
    for name in JUDGED:
        if name not in x.scores or name not in y.scores:
            continue
        a, b = x.scores[name], y.scores[name]
        if (a is None) != (b is None) or (a is not None and b is not None and abs(b - a) > SAME):
            yield Change(name, a, b)


def _sign(change: Change, answerable: bool) -> int:
    """1 where b is better, -1 where it is worse, 0 where it cannot be told."""
    if change.what == STATUS:
        worth = {"error": -1, "answered": int(answerable), "refused": int(not answerable)}
        a, b = worth[str(change.a)], worth[str(change.b)]
        return (b > a) - (b < a)
    if not isinstance(change.a, float) or not isinstance(change.b, float):
        return 0
    return 1 if change.b > change.a else -1
