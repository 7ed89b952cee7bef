"""Whether a run is worse than the baseline that the repository keeps.

A promise to every answer (a contract measure) may not fall at all; any other measure falls where
chance would hardly explain it. An answer that did not come, or that can no longer be judged, is a
fall as well: a crash must not pass for want of scores. Not gated: latency and length, which no way
is better; absolute levels are for `eval.summary.Floor`.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.errors import InputError
from eval.catalogue import BY_NAME
from eval.chance import SAME, SIGNIFICANT, Chance, adjusted, sign_flip
from eval.gate_baseline import (
    CONTRACT,
    GATED,
    STATISTICAL,
    Baseline,
    Scores,
    baseline_of,
    read_baseline,
)
from eval.gate_verdict import Fall, Kind, Rise, Verdict
from eval.runs import Row, Run
from eval.samples import LANGS
from index.types import Lang

OF_ANSWERS = (*CONTRACT, "stance", "conciseness")  # these a refusal does not have
MAY_VANISH = ("numbers", "agreement")  # no number told; the other question of the pair failed
# Unscored where nobody labelled what is cited, so that honest changes raise it: tested, not strict.
LABELLED = ("stance",)


def gate(run: Run, against: Path) -> Verdict:
    """Hold a run against a baseline file or a run's folder; InputError for other questions."""
    baseline = read_baseline(against)
    now = baseline_of(run)
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
        kept = [found for name in CONTRACT for found in _promise(name, lang, both)]
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
