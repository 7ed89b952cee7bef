"""What chance explains of a difference between two runs: paired tests, and how many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

SIGNIFICANT = 0.05
FLIPS = 9_999  # sign flips that are drawn where there are more than so many
SAME = 1e-9  # scores that differ by less are equal

Alternative = Literal["two-sided", "less", "greater"]


@dataclass(frozen=True, slots=True)
class Chance:
    """The p of a test, and the least p that so few differences could have given."""

    p: float
    least: float


def sign_flip(differences: Sequence[float], alternative: Alternative = "two-sided") -> Chance:
    """The p of paired differences if each might as well have had the other sign.

    Source: Fisher's paired randomisation test (Smucker, Allan and Carterette 2007 on its use for
    retrieval), exact up to 13 differences that are not 0, else from FLIPS draws of a fixed seed.
    Worked: five falls of 1 and no rise: of 32 sign patterns one is as low, so "less" is 1/32 and
    "two-sided" 2/32.
    """
    from scipy.stats import permutation_test  # type: ignore[import-untyped]

    moved = [value for value in differences if abs(value) > SAME]
    sides = 2 if alternative == "two-sided" else 1
    least = min(1.0, sides * 0.5 ** len(moved))
    if not moved:
        return Chance(1.0, 1.0)
    moved += [0.0] * (2 - len(moved))  # scipy asks for two; a 0 changes no p
    result = permutation_test(
        (np.array(moved),),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=FLIPS,
        alternative=alternative,
        rng=np.random.default_rng(0),
    )
    return Chance(float(result.pvalue), least)


def adjusted(tests: Sequence[Chance]) -> tuple[float, ...]:
    """The p of each test, corrected for how many there are: the rate of false discoveries.

    Source: Benjamini and Hochberg 1995; as Tarone 1990 and Gilbert 2005 propose for discrete tests,
    those that could not have been significant whatever their signs do not count, and get 1.
    Worked: p 0.01 and 0.04, and one of a single difference: 0.02, 0.04, 1.
    """
    from scipy.stats import false_discovery_control

    able = [n for n, test in enumerate(tests) if test.least <= SIGNIFICANT]
    found = [1.0] * len(tests)
    if able:
        for n, p in zip(able, false_discovery_control([tests[n].p for n in able]), strict=True):
            found[n] = float(p)
    return tuple(found)
