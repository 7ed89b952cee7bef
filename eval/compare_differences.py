"""How far two runs differ in a measure, and what chance would explain of it.

A measure is compared in one language, over the questions that both runs have a score for: the mean
of the differences with a paired bootstrap interval, and the p of a paired test, corrected for the
number of tests. The F1 of refusing is no mean over questions, so it has a test of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from eval.catalogue import BY_NAME, MEASURES, Measure, both
from eval.chance import FLIPS, SAME, SIGNIFICANT, Chance, adjusted, sign_flip
from eval.means import interval, mean, resamples
from eval.refusal import precision_recall_f1
from eval.runs import Row
from eval.samples import LANGS
from index.types import Lang

REFUSAL_F1 = Measure(
    "refusal_f1",
    both("거절의 F1", "refusal F1"),
    both(
        "답이 없는 질문만, 그리고 모두 거절했는지",
        "harmonic mean of precision and recall of refusing",
    ),
)
COMPARED = {**BY_NAME, REFUSAL_F1.name: REFUSAL_F1}
Pairs = Sequence[tuple[Row, Row]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in one language over the `n` questions that both runs have scored.

    `difference` is b - a, `low` to `high` its 95 % interval; `adjusted` is p after the correction
    for all tests. `unscored_*` counts the questions to which the measure applies in either run and
    that have no score in this one.
    """

    measure: str
    lang: Lang
    n: int
    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float
    adjusted: float
    rose: int
    fell: int
    stayed: int
    unscored_a: int
    unscored_b: int

    @property
    def significant(self) -> bool:
        """Chance alone would hardly give it, all tests considered."""
        return self.adjusted <= SIGNIFICANT

    @property
    def too_few(self) -> bool:
        """Scores differ, but on so few questions that no test could tell."""
        return self.rose + self.fell > 0 and 2 * 0.5 ** (self.rose + self.fell) > SIGNIFICANT

    @property
    def favours(self) -> Literal["a", "b"] | None:
        """The run that is significantly better; None also where neither way is better."""
        better = COMPARED[self.measure].better
        if not self.significant or not self.difference or better == "neither":
            return None
        return "b" if (self.difference > 0) == (better == "higher") else "a"


def differences_of(pairs: Pairs) -> Iterator[Difference]:
    """Every measure in every language that it applies to, corrected for all of them together."""
    found: list[tuple[dict[str, Any], Chance]] = []
    for lang in LANGS:
        own = [(x, y) for x, y in pairs if x.lang == lang]
        for measure in MEASURES:
            found += _difference(measure.name, lang, own)
            if measure.name == "wrongly_refused":
                found += _refusal(lang, own)
    corrected = adjusted([test for _, test in found])
    for (fields, test), p in zip(found, corrected, strict=True):
        yield Difference(**fields, p=test.p, adjusted=p)


def _difference(name: str, lang: Lang, pairs: Pairs) -> Iterator[tuple[dict[str, Any], Chance]]:
    """One, or none where the measure applies to no question."""
    applies = [(x.scores, y.scores) for x, y in pairs if name in x.scores or name in y.scores]
    given = [(x.get(name), y.get(name)) for x, y in applies]
    both = [(x, y) for x, y in given if x is not None and y is not None]
    if not given:
        return
    moved = [y - x for x, y in both]
    change = mean(moved)
    rose, fell = sum(d > SAME for d in moved), sum(d < -SAME for d in moved)
    fields = {
        "measure": name,
        "lang": lang,
        "n": len(both),
        "a": mean(x for x, _ in both).value,
        "b": mean(y for _, y in both).value,
        "difference": change.value,
        "low": change.low,
        "high": change.high,
        "rose": rose,
        "fell": fell,
        "stayed": len(both) - rose - fell,
        "unscored_a": sum(x is None for x, _ in given),
        "unscored_b": sum(y is None for _, y in given),
    }
    yield fields, sign_flip(moved)


def _refusal(lang: Lang, pairs: Pairs) -> Iterator[tuple[dict[str, Any], Chance]]:
    """The difference in F1 of refusing; a question rises where its refusal has become right.

    The test swaps the two runs' refusals of a question, in place of a sign.
    """
    both = [(x, y) for x, y in pairs if x.refused is not None and y.refused is not None]
    given = np.array([(not x.answerable, x.refused, y.refused) for x, y in both], dtype=bool)
    if not len(given) or not given[:, 0].any():
        return
    wanted, a, b = given.T
    drawn = resamples(len(given))
    low, high = interval(_f1(wanted[drawn], b[drawn]) - _f1(wanted[drawn], a[drawn]))
    rose = int(((a != wanted) & (b == wanted)).sum())
    fell = int(((a == wanted) & (b != wanted)).sum())
    before, after = float(_f1(wanted, a)), float(_f1(wanted, b))
    fields = {
        "measure": REFUSAL_F1.name,
        "lang": lang,
        "n": len(given),
        "a": before,
        "b": after,
        "difference": after - before,
        "low": low,
        "high": high,
        "rose": rose,
        "fell": fell,
        "stayed": len(given) - rose - fell,
        "unscored_a": sum(x.refused is None for x, _ in pairs),
        "unscored_b": sum(y.refused is None for _, y in pairs),
    }
    yield fields, _swapped(wanted, a, b)


def _swapped(wanted: Any, a: Any, b: Any) -> Chance:
    from scipy.stats import permutation_test  # type: ignore[import-untyped]

    moved = a != b
    count = int(moved.sum())
    if count < 2:  # swapped or not, one is as far from the other
        return Chance(1.0, 1.0)
    rest, still = wanted & ~moved, a & ~moved
    fixed_wanted, fixed_refused, fixed_both = wanted.sum(), still.sum(), (rest & still).sum()

    def f1(refused: Any, axis: int) -> Any:
        both = fixed_both + (refused * wanted[moved]).sum(axis=axis)
        return 2 * both / (fixed_wanted + fixed_refused + refused.sum(axis=axis))

    result = permutation_test(
        (a[moved].astype(float), b[moved].astype(float)),
        lambda x, y, axis: f1(y, axis) - f1(x, axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=FLIPS,
        rng=np.random.default_rng(0),
    )
    return Chance(float(result.pvalue), min(1.0, 2 * 0.5**count))


def _f1(wanted: Any, refused: Any) -> Any:
    return precision_recall_f1(wanted, refused)[2]
