"""Means over many scores and what chance leaves open of them; percentiles.

Intervals are percentile bootstrap ones (Efron and Tibshirani, An Introduction to the Bootstrap,
1993, chapter 13) of RESAMPLES resamples, which are the same each time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000
SEED = 0


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of `n` scores with its bootstrap 95 % interval; None where nothing was scored."""

    value: float | None
    n: int
    unscored: int
    low: float | None = None
    high: float | None = None


def mean(scores: Iterable[float | None]) -> Mean:
    """The mean of what was scored, with its interval.

    Worked: (1.0, 0.0, None) has the mean 0.5 of n 2, 1 unscored; resamples of two give 0, 0.5 or 1,
    a quarter of them 0 and a quarter 1, so the interval is [0, 1].
    """
    given = list(scores)
    values = np.array([score for score in given if score is not None], dtype=np.float64)
    unscored = len(given) - len(values)
    if not len(values):
        return Mean(None, 0, unscored)
    low, high = interval(values[resamples(len(values))].mean(axis=1))
    return Mean(float(values.mean()), len(values), unscored, low, high)


def resamples(n: int) -> NDArray[np.int64]:
    """The places of n values drawn n times with replacement, a resample a row."""
    return np.random.default_rng(SEED).integers(n, size=(RESAMPLES, n))


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Where the middle 95 % of the resamples' values lie; those that are NaN do not count."""
    low, high = np.percentile(values[~np.isnan(values)], [2.5, 97.5])
    return float(low), float(high)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value that `percent` (0 to 100) of the values do not exceed, interpolated; None for none.

    Worked: 50 over (1.0, 3.0) is 2.0; 95 over (0.0, 100.0) is 95.0.
    """
    return float(np.percentile(values, percent)) if values else None
