"""Precision, recall and F1 of refusing, an unanswerable question being what is to be found.

Source: van Rijsbergen 1979, chapter 7, with bootstrap intervals over questions.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.means import Mean, interval, resamples
from eval.runs import Row

REFUSAL = ("precision", "recall", "f1")
Flags = NDArray[np.bool_]
Figures = NDArray[np.float64]


def refusing(rows: Sequence[Row]) -> dict[str, Mean]:
    """The three figures, in [0, 1]; questions without an answer are unscored.

    A figure is None where its denominator is 0; such resamples are left out of the interval.
    Worked: four unanswerable questions of which three are refused, and one answerable refused:
    precision 3/4, recall 3/4, F1 0.75.
    """
    known = [(not row.answerable, row.refused) for row in rows if row.refused is not None]
    unscored = len(rows) - len(known)
    if not known:
        return {name: Mean(None, 0, unscored) for name in REFUSAL}
    wanted, refused = np.array(known, dtype=bool).T
    drawn = resamples(len(known))
    whole = precision_recall_f1(wanted, refused)
    resampled = precision_recall_f1(wanted[drawn], refused[drawn])
    found = {}
    for name, value, values in zip(REFUSAL, whole, resampled, strict=True):
        if np.isnan(value):
            found[name] = Mean(None, 0, len(rows))
        else:
            found[name] = Mean(float(value), len(known), unscored, *interval(values))
    return found


def precision_recall_f1(wanted: Flags, refused: Flags) -> tuple[Figures, Figures, Figures]:
    """The three figures over the last axis (questions); NaN where a denominator is 0."""
    both = (wanted & refused).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = both / refused.sum(axis=-1)
        recall = both / wanted.sum(axis=-1)
        f1 = 2 * both / (refused.sum(axis=-1) + wanted.sum(axis=-1))
    return precision, recall, f1
