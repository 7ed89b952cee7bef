"""The words and numbers of a report: names in both languages, shares, units, marked evidence."""

import re
from typing import get_args

import pytest

from assistant.types import Stance
from eval.catalogue import BY_NAME
from eval.means import Mean
from eval.report_cards import LONGEST, marked
from eval.report_words import CODE_WORDS, KIND_WORDS, STANCE_WORDS, amount, interval, percent
from eval.runs import Code
from eval.samples import KINDS


def test_every_name_has_words_in_both_languages():
    assert KIND_WORDS.keys() == set(KINDS)
    assert CODE_WORDS.keys() == set(get_args(Code))
    assert STANCE_WORDS.keys() == set(get_args(Stance))
    for words in (*KIND_WORDS.values(), *CODE_WORDS.values(), *STANCE_WORDS.values()):
        assert all(words[lang].strip() for lang in ("ko", "en"))


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (None, 1, "–"),
        (1.0, 1, "100.0%"),
        (0.9997, 1, "99.9%"),
        (0.999, 0, "99%"),
        (0.0001, 1, "0.1%"),
        (0.0, 1, "0.0%"),
        (0.915, 0, "92%"),
    ],
)
def test_only_all_is_a_hundred_percent_and_only_none_is_zero(value, digits, shown):
    assert percent(value, digits) == shown


def test_amounts_have_their_unit_once():
    assert amount(BY_NAME["latency_ms"], 12.4) == "12 ms"
    assert amount(BY_NAME["latency_ms"], 12_400) == "12.4 s"
    assert amount(BY_NAME["sentences"], 2.66) == "2.7"
    assert interval(BY_NAME["evidence"], Mean(0.5, 9, 0, 0.25, 0.75)) == "25.0–75.0%"
    assert interval(BY_NAME["latency_ms"], Mean(9.0, 9, 0, 8.0, 10.0)) == "8–10 ms"
    assert interval(BY_NAME["latency_ms"], Mean(9e3, 9, 0, 8e3, 2e4)) == "8,000 ms–20.0 s"


def test_evidence_is_marked_across_white_space_and_a_long_text_is_cut_around_it():
    assert marked("가 나\n다", ["나 다"]) == "가 <mark>나\n다</mark>"
    assert marked("<b>", ["<b>"]) == "<mark>&lt;b&gt;</mark>"
    assert marked("", ["가"]) == ""
    long = marked("x" * 2_000 + "여기" + "y" * 2_000, ["여기"])
    assert "<mark>여기</mark>" in long
    assert "part of 4,002 characters" in long
    assert len(re.sub("<.*?>", "", long)) < LONGEST + 80
