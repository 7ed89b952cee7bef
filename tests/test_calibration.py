"""Probabilities are held against what came true, in bins of equal size."""

import pytest

from eval.calibration import Bin, draw, expected_calibration_error, reliability

SAID = [0.9] * 10 + [0.1] * 10
TRUE = [True] * 7 + [False] * 3 + [True] + [False] * 9


def test_a_bin_says_what_was_stated_and_what_came_true():
    low, high = reliability(SAID, TRUE, bins=2)
    assert (low.stated, low.observed, low.count) == (pytest.approx(0.1), pytest.approx(0.1), 10)
    assert (high.stated, high.observed, high.count) == (pytest.approx(0.9), pytest.approx(0.7), 10)


def test_the_error_is_the_mean_distance_worked_out_by_hand():
    assert expected_calibration_error(SAID, TRUE, bins=2) == pytest.approx(0.1)
    assert expected_calibration_error([1.0, 0.0], [True, False]) == 0
    assert expected_calibration_error([1.0, 1.0], [False, False]) == 1


def test_fewer_questions_than_bins_are_a_bin_each_and_none_are_no_error():
    assert len(reliability([0.2, 0.8, 0.5], [False, True, True])) == 3
    assert expected_calibration_error([], []) == 0


def test_the_diagram_is_a_picture(tmp_path):
    draw([Bin(0.1, 0.2, 5), Bin(0.9, 0.8, 5)], tmp_path / "reliability.png")
    assert (tmp_path / "reliability.png").read_bytes().startswith(b"\x89PNG")
