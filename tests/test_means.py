"""Means, their intervals and percentiles, on cases that can be worked by hand."""

import pytest

from eval.means import Mean, mean, percentile


def test_a_mean_counts_what_was_unscored_and_has_its_interval() -> None:
    assert mean([1.0, 0.0, None]) == Mean(0.5, 2, 1, 0.0, 1.0)
    assert mean([1.0, 1.0]) == Mean(1.0, 2, 0, 1.0, 1.0)
    assert mean([None]) == Mean(None, 0, 1)
    assert mean([]) == Mean(None, 0, 0)


def test_the_interval_is_the_same_each_time_and_close_to_the_normal_one() -> None:
    scores = [1.0] * 80 + [0.0] * 20
    found = mean(scores)
    assert found == mean(scores)
    assert found.low == pytest.approx(0.8 - 1.96 * 0.04, abs=0.015)  # sqrt(.8 * .2 / 100) = .04
    assert found.high == pytest.approx(0.8 + 1.96 * 0.04, abs=0.015)


def test_percentiles_are_interpolated() -> None:
    assert percentile([1.0, 3.0], 50) == 2.0
    assert percentile([0.0, 100.0], 95) == pytest.approx(95.0)
    assert percentile([], 50) is None
