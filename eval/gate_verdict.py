"""What the gate found of a run, and how it says so in plain English."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from eval.catalogue import BY_NAME
from eval.compare import shown_p
from index.types import Lang

NAMED = 5  # questions that a line names

Kind = Literal["promise", "significant", "unscored", "error", "missing"]


@dataclass(frozen=True, slots=True)
class Rise:
    """A measure that went up over `n` questions; `p` is corrected, None for a promise."""

    measure: str
    lang: Lang
    n: int
    before: float
    after: float
    p: float | None

    @property
    def line(self) -> str:
        """The rise in plain English."""
        chance = f", p {_equals(self.p)}" if self.p is not None else ""
        return f"{_means(self)} over {count(self.n)}{chance}"


@dataclass(frozen=True, slots=True)
class Fall:
    """What is worse than before.

    promise: the mean of a contract measure fell, or is lower over the questions it is new to.
    significant: a measure fell by more than chance. unscored: more questions than before could not
    be judged (`before` and `after` are counts, or shares with a `p`). error: no answer came, or one
    without scores. missing: not asked. `questions` names those concerned, without the test half;
    `sealed` counts the latter.
    """

    kind: Kind
    measure: str | None
    lang: Lang | None
    n: int
    before: float | None
    after: float | None
    p: float | None
    questions: tuple[str, ...]
    sealed: int = 0

    @property
    def line(self) -> str:
        """The fall in plain English."""
        which = named(self.questions, self.sealed)
        if self.kind == "missing":
            return f"{count(self.n)} of the baseline not asked{which}"
        if self.kind == "error":
            return f"{self.lang}: {count(self.n)} without an answer or without scores{which}"
        if self.kind == "promise":
            return f"{_means(self)} over {count(self.n)}; no fall is allowed{which}"
        if self.kind == "significant":
            return f"{_means(self)} over {count(self.n)}, p {_equals(self.p)}{which}"
        label = f"{self.lang} {BY_NAME[self.measure or ''].label['en']}"
        if self.p is None:
            counts = f"{self.before:.0f} -> {self.after:.0f} of {count(self.n)}"
            return f"{label}: could not be judged {counts}{which}"
        return (
            f"{label}: judged {self.before:.3f} -> {self.after:.3f} of {count(self.n)}, "
            f"p {_equals(self.p)}{which}"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a run passed, and why: `n` questions compared, `ignored` ones only in the run."""

    passed: bool
    falls: tuple[Fall, ...]
    rises: tuple[Rise, ...]
    n: int
    ignored: int
    baseline: str

    def lines(self) -> tuple[str, ...]:
        """The verdict in plain English, a line each."""
        said = f"{count(self.n)} compared with {self.baseline}"
        said += f", {self.ignored} that it lacks left out" if self.ignored else ""
        return (
            f"gate {'passed' if self.passed else 'failed'}: {said}",
            *(f"fall: {fall.line}" for fall in self.falls),
            *(f"rise: {rise.line}" for rise in self.rises),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, with the lines."""
        return {**asdict(self), "lines": list(self.lines())}


def _means(moved: Fall | Rise) -> str:
    """Language, measure and both means, with as many places as it takes to tell them apart."""
    label = f"{moved.lang} {BY_NAME[moved.measure or ''].label['en']}"
    before, after = moved.before or 0.0, moved.after or 0.0
    places = 3 if f"{before:.3f}" != f"{after:.3f}" else 5
    return f"{label}: {before:.{places}f} -> {after:.{places}f}"


def _equals(p: float | None) -> str:
    shown = shown_p(p or 0.0)
    return shown if shown.startswith("<") else f"= {shown}"


def named(questions: Sequence[str], sealed: int) -> str:
    """Some of the questions in brackets, after a space; empty where there are none.

    `sealed` is how many more there are that may not be named, being of a test half.
    """
    told = list(questions[:NAMED])
    if more := len(questions) - len(told):
        told.append(f"and {more} more")
    if sealed:
        told.append(f"{sealed} of the test half")
    return f" ({', '.join(told)})" if told else ""


def count(n: int) -> str:
    """How many questions."""
    return "1 question" if n == 1 else f"{n} questions"
