"""Whether a run is worse than the baseline that the repository keeps.

A promise to every answer (a contract measure) may not fall at all; any other measure falls where
chance would hardly explain it. An answer that did not come, or that can no longer be judged, is a
fall as well: a crash must not pass for want of scores. The baseline holds scores by question and
no texts, rounded to PLACES, and a run is rounded likewise before it is held against it. Not gated:
latency and length, which no way is better; absolute levels are for `eval.summary.Floor`.
"""

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import InputError
from eval.chance import SAME, SIGNIFICANT, Chance, adjusted, sign_flip
from eval.compare import shown_p
from eval.lines import first_fault
from eval.runs import Row, Run, read_run
from eval.scores import BY_NAME, MEASURES
from eval.summary import LANGS
from index.types import Lang

PLACES = 4
NAMED = 5  # questions that a line names
CONTRACT = tuple(measure.name for measure in MEASURES if measure.contract)
STATISTICAL = (
    "evidence",
    "vital",
    "nuggets",
    "language",
    "refused",
    "wrongly_refused",
    "follow_up",
    "agreement",
    "stance",
    "conciseness",
    "recall_10",
    "rr_10",
)
GATED = (*CONTRACT, *STATISTICAL)
OF_ANSWERS = (*CONTRACT, "stance", "conciseness")  # these a refusal does not have
MAY_VANISH = ("numbers", "agreement")  # no number told; the other question of the pair failed
# Unscored where nobody labelled what is cited, so that honest changes raise it: tested, not strict.
LABELLED = ("stance",)

Scores = Mapping[str, float | None]
Kind = Literal["promise", "significant", "unscored", "error", "missing"]


class _Set(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    half: str | None


class Baseline(BaseModel):
    """What a run is held against: of which set, made by what, and the scores by question.

    None in the place of a question's scores: no answer came.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    set: _Set
    engine: str
    commit: str | None
    date: str | None
    questions: dict[str, dict[str, float | None] | None]


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
        return f"{_means(self)} over {_count(self.n)}{chance}"


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
        named = _named(self.questions, self.sealed)
        if self.kind == "missing":
            return f"{_count(self.n)} of the baseline not asked{named}"
        if self.kind == "error":
            return f"{self.lang}: {_count(self.n)} without an answer or without scores{named}"
        if self.kind == "promise":
            return f"{_means(self)} over {_count(self.n)}; no fall is allowed{named}"
        if self.kind == "significant":
            return f"{_means(self)} over {_count(self.n)}, p {_equals(self.p)}{named}"
        label = f"{self.lang} {BY_NAME[self.measure or ''].label['en']}"
        if self.p is None:
            counts = f"{self.before:.0f} -> {self.after:.0f} of {_count(self.n)}"
            return f"{label}: could not be judged {counts}{named}"
        return (
            f"{label}: judged {self.before:.3f} -> {self.after:.3f} of {_count(self.n)}, "
            f"p {_equals(self.p)}{named}"
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
        said = f"{_count(self.n)} compared with {self.baseline}"
        said += f", {self.ignored} that it lacks left out" if self.ignored else ""
        return (
            f"gate {'passed' if self.passed else 'failed'}: {said}",
            *(f"fall: {fall.line}" for fall in self.falls),
            *(f"rise: {rise.line}" for rise in self.rises),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, with the lines."""
        return {**asdict(self), "lines": list(self.lines())}


def write_baseline(run: Run, path: Path) -> None:
    """Write the run's scores as the baseline, a line a question; InputError if any has none."""
    baseline = _of_run(run)
    if silent := [name for name, scores in baseline.questions.items() if scores is None]:
        raise InputError(
            f"{run.folder} makes no baseline: {_count(len(silent))} got no answer or "
            f"no scores{_named(silent, 0)}. Mend that and run it again."
        )
    head = baseline.model_dump(exclude={"questions"})
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    questions = (
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(scores)}"
        for name, scores in baseline.questions.items()
    )
    lines.append('"questions": {\n  ' + ",\n  ".join(questions) + "\n }")
    staged = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text("{\n " + ",\n ".join(lines) + "\n}\n", encoding="utf-8")
        os.replace(staged, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error


def gate(run: Run, against: Path) -> Verdict:
    """Hold a run against a baseline file or a run's folder; InputError for other questions."""
    baseline = _of_run(read_run(against)) if against.is_dir() else _read(against)
    now = _of_run(run)
    if baseline.set.sha256 != now.set.sha256:
        raise InputError(_other_set(run, now, against, baseline))
    rows = {row.id: row for row in run.rows}
    common = [name for name in baseline.questions if name in rows]
    if not common:
        raise InputError(
            f"{run.folder} (half {now.set.half}) and {against} (half {baseline.set.half}) have no "
            "question in common. Run the baseline's half."
        )
    falls = list(_missing(baseline, rows))
    rises: list[Rise] = []
    tests: list[_Test] = []
    for lang in LANGS:
        asked = [name for name in common if rows[name].lang == lang]
        pairs = [_Pair(rows[i], baseline.questions[i], now.questions[i]) for i in asked]
        falls += _errors(lang, pairs)
        both = [pair for pair in pairs if pair.before is not None and pair.after is not None]
        for name in CONTRACT:
            kept = _promise(name, lang, both)
            falls += [found for found in kept if isinstance(found, Fall)]
            rises += [found for found in kept if isinstance(found, Rise)]
        falls += _unscored(lang, both)
        tests += _tests(lang, both)
    falls += _significant(tests)
    rises += _risen(tests)
    return Verdict(
        passed=not falls,
        falls=tuple(falls),
        rises=tuple(rises),
        n=len(common),
        ignored=len(rows) - len(common),
        baseline=f"{against} ({baseline.engine}, {(baseline.date or 'undated')[:10]})",
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A question with its scores before and now; None where no answer came."""

    row: Row
    before: Scores | None
    after: Scores | None

    def both(self, name: str) -> tuple[float, float] | None:
        """Its scores of a measure, if both have one."""
        before, after = (
            scores.get(name) if scores else None for scores in (self.before, self.after)
        )
        return None if before is None or after is None else (before, after)


@dataclass(frozen=True, slots=True)
class _Test:
    """A measure to be tested: its scores before and now, question by question."""

    kind: Kind
    measure: str
    lang: Lang
    pairs: Sequence[tuple[Row, float, float]]

    def gains(self) -> list[float]:
        """What each question gained, so that higher is better."""
        sign = -1 if self.kind == "significant" and BY_NAME[self.measure].better == "lower" else 1
        return [sign * (after - before) for _, before, after in self.pairs]

    def chance(self, way: Literal["less", "greater"]) -> Chance:
        """The one-sided p of a fall, or of a rise."""
        return sign_flip(self.gains(), way)


def _of_run(run: Run) -> Baseline:
    made_of, git = run.manifest["set"], run.manifest.get("git") or {}
    return Baseline(
        set=_Set(name=made_of["name"], sha256=made_of["sha256"], half=made_of.get("half")),
        engine=run.manifest["engine"],
        commit=git.get("commit"),
        date=run.manifest.get("finished") or run.manifest.get("started"),
        questions={row.id: _scores(row) for row in run.rows},
    )


def _scores(row: Row) -> dict[str, float | None] | None:
    if row.answer is None or not row.scores:
        return None
    return {
        name: None if (value := row.scores[name]) is None else round(value, PLACES)
        for name in GATED
        if name in row.scores
    }


def _read(path: Path) -> Baseline:
    try:
        return Baseline.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"No baseline at {path}. Write one with: citebrief eval gate RUN --renew {path}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The baseline {path} cannot be read ({error}).") from error
    except ValidationError as error:
        fault = first_fault(error, "the file")
        raise InputError(
            f"The baseline {path}: {fault}. Write it anew with: "
            f"citebrief eval gate RUN --renew {path}"
        ) from error


def _other_set(run: Run, now: Baseline, against: Path, baseline: Baseline) -> str:
    sets = (
        f"{against} is of other questions (set {baseline.set.name}, {baseline.set.sha256[:12]}) "
        f"than {run.folder} (set {now.set.name}, {now.set.sha256[:12]})"
    )
    if against.is_dir():
        return f"{sets}. Ask both the same set."
    return (
        f"{sets}. If the questions were meant to change, renew it: "
        f"citebrief eval gate {run.folder} --renew {against}"
    )


def _missing(baseline: Baseline, rows: Mapping[str, Row]) -> Iterator[Fall]:
    if missing := tuple(name for name in baseline.questions if name not in rows):
        yield Fall("missing", None, None, len(missing), None, None, None, missing)


def _errors(lang: Lang, pairs: Sequence[_Pair]) -> Iterator[Fall]:
    lost = [pair.row for pair in pairs if pair.before is not None and pair.after is None]
    if lost:
        yield Fall("error", None, lang, len(lost), None, None, None, *_open(lost))


def _promise(name: str, lang: Lang, pairs: Sequence[_Pair]) -> Iterator[Fall | Rise]:
    """How a contract measure moved, and how it does where the baseline has no score of it.

    New answers are held to the baseline's mean, 1 where it has none.
    """
    both = [(pair.row, *found) for pair in pairs if (found := pair.both(name))]
    if both:
        before, after = _mean(b for _, b, _ in both), _mean(a for _, _, a in both)
        if after < before - SAME:
            worse = [row for row, b, a in both if a < b]
            yield Fall("promise", name, lang, len(both), before, after, None, *_open(worse))
        elif after > before + SAME:
            yield Rise(name, lang, len(both), before, after, None)
    known = [b for pair in pairs if (b := (pair.before or {}).get(name)) is not None]
    bar = _mean(known) if known else 1.0
    new = [
        (pair.row, a)
        for pair in pairs
        if (a := (pair.after or {}).get(name)) is not None and (pair.before or {}).get(name) is None
    ]
    if new and (mean := _mean(a for _, a in new)) < bar - SAME:
        worse = [row for row, a in new if a < bar]
        yield Fall("promise", name, lang, len(new), bar, mean, None, *_open(worse))


def _unscored(lang: Lang, pairs: Sequence[_Pair]) -> Iterator[Fall]:
    for name in GATED:
        if name in LABELLED:
            continue
        before = sum(name in p.before and p.before[name] is None for p in pairs if p.before)
        now = [pair.row for pair in pairs if _is_unscored(pair, name)]
        if len(now) > before:
            n = sum(name in (p.before or {}) or name in (p.after or {}) for p in pairs)
            counts = float(before), float(len(now))
            yield Fall("unscored", name, lang, n, *counts, None, *_open(now))


def _is_unscored(pair: _Pair, name: str) -> bool:
    """Whether a measure that applies has no score: None, or gone though it still applies."""
    before, after = pair.before or {}, pair.after or {}
    if name in after:
        return after[name] is None
    if name not in before or name in MAY_VANISH:
        return False
    return name not in OF_ANSWERS or not pair.row.refused


def _tests(lang: Lang, pairs: Sequence[_Pair]) -> Iterator[_Test]:
    for name in STATISTICAL:
        both = [(pair.row, *found) for pair in pairs if (found := pair.both(name))]
        if both:
            yield _Test("significant", name, lang, both)
    for name in LABELLED:
        applies = [(p.row, p.before or {}, p.after or {}) for p in pairs if not p.row.refused]
        judged = [
            (row, float(before[name] is not None), float(after.get(name) is not None))
            for row, before, after in applies
            if name in before
        ]
        if judged:
            yield _Test("unscored", name, lang, judged)


def _significant(tests: Sequence[_Test]) -> Iterator[Fall]:
    corrected = adjusted([test.chance("less") for test in tests])
    for test, p in zip(tests, corrected, strict=True):
        if p <= SIGNIFICANT:
            gains = zip(test.pairs, test.gains(), strict=True)
            worse = [row for (row, _, _), gain in gains if gain < -SAME]
            yield Fall(
                test.kind,
                test.measure,
                test.lang,
                len(test.pairs),
                _mean(before for _, before, _ in test.pairs),
                _mean(after for _, _, after in test.pairs),
                p,
                *_open(worse),
            )


def _risen(tests: Sequence[_Test]) -> Iterator[Rise]:
    own = [test for test in tests if test.kind == "significant"]
    corrected = adjusted([test.chance("greater") for test in own])
    for test, p in zip(own, corrected, strict=True):
        if p <= SIGNIFICANT:
            before = _mean(before for _, before, _ in test.pairs)
            after = _mean(after for _, _, after in test.pairs)
            yield Rise(test.measure, test.lang, len(test.pairs), before, after, p)


def _mean(scores: Iterable[float]) -> float:
    values = list(scores)
    return math.fsum(values) / len(values)


def _open(rows: Sequence[Row]) -> tuple[tuple[str, ...], int]:
    """The ids that may be named, and how many are of a test half."""
    named = tuple(row.id for row in rows if row.half != "test")
    return named, len(rows) - len(named)


def _means(moved: Fall | Rise) -> str:
    """Language, measure and both means, with as many places as it takes to tell them apart."""
    label = f"{moved.lang} {BY_NAME[moved.measure or ''].label['en']}"
    before, after = moved.before or 0.0, moved.after or 0.0
    places = 3 if f"{before:.3f}" != f"{after:.3f}" else 5
    return f"{label}: {before:.{places}f} -> {after:.{places}f}"


def _equals(p: float | None) -> str:
    shown = shown_p(p or 0.0)
    return shown if shown.startswith("<") else f"= {shown}"


def _named(questions: Sequence[str], sealed: int) -> str:
    named = list(questions[:NAMED])
    if more := len(questions) - len(named):
        named.append(f"and {more} more")
    if sealed:
        named.append(f"{sealed} of the test half")
    return f" ({', '.join(named)})" if named else ""


def _count(n: int) -> str:
    return "1 question" if n == 1 else f"{n} questions"
