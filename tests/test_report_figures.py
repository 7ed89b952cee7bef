"""The figures of a report, worked by hand."""

import pytest

from eval.catalogue import BY_NAME
from eval.means import Mean
from eval.report_figures import _step, _wilson, bound, histogram_of
from eval.runs import Row


def told(n: int) -> Row:
    """A question that was answered in `n` sentences."""
    return Row(
        id=str(n), lang="ko", kind="number", document="bay", question="?", scores={"sentences": n}
    )


def test_a_share_of_all_or_none_is_bound_by_the_rule_of_three():
    assert bound(Mean(1.0, 30, 0, 1.0, 1.0)) == 0.9
    assert bound(Mean(0.0, 2, 0, 0.0, 0.0)) == 1
    assert bound(Mean(0.5, 30, 0, 0.4, 0.6)) is None
    assert bound(Mean(None, 0, 3)) is None


def test_steps_are_round():
    assert _step(95) == 5
    assert _step(0) == 1


def test_wilson_intervals_are_those_of_the_tables():
    assert _wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert _wilson(1.0, 10)[1] == 1


def test_the_last_bar_holds_all_that_is_higher():
    found = histogram_of(BY_NAME["sentences"], [told(n) for n in (1, 2, 2, 4)])
    assert found.counts == {"ko": [1, 2, 1]}  # 3.88, the 98th percentile, is in the bar of 3
    assert found.open_ended
    assert histogram_of(BY_NAME["sentences"], []) is None
