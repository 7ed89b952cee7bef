"""Numbers at the edges of what is one: years before nouns, verbs that are months, names, parts."""

from fractions import Fraction

import pytest

from index.number_match import missing, same
from index.numbers import find


def only(text):
    (quantity,) = find(text)
    return quantity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In 2016 nations signed the accord.", [("date", (2016, None, None), "")]),
        ("2016 nations signed the accord.", [("count", 2016, "country")]),
        ("The party that lost in 2016 won this time.", [("date", (2016, None, None), "")]),
        ("It cost one hundred won.", [("money", 100, "krw")]),
        ("FY2024", [("date", (2024, None, None), "")]),
        ("since mid-2018", [("date", (2018, None, None), "")]),
        ("in Q3", [("ordinal", 3, "")]),
        ("2+2 회담", [("name", 2, "")]),
        ("9시 30분", [("time", (9, 30), "")]),
        ("제2의 지각변동", [("ordinal", 2, "")]),
        ("before 9·11", [("date", (None, 9, 11), "")]),
        ("May 5", [("date", (None, 5, 5), "")]),
        ("March 2024", [("date", (2024, 3, None), "")]),
        ("1 to two percent", [("percent", 1, "%"), ("percent", 2, "%")]),
        ("2/3", [("number", Fraction(2, 3), "")]),
        ("an eighth term", [("ordinal", 8, "")]),
        ("네 정상이 만났다", [("number", 4, "")]),
        ("네 분이 오셨다", [("number", 4, "")]),
        ("십퍼센트 올랐다", [("percent", 10, "%")]),
        ("정부는 예산의 절반을 썼다", [("number", Fraction(1, 2), "")]),
        ("정부는 두 번째 회담을 열었다", [("ordinal", 2, "")]),
        ("회원국 다섯은 반대했다", [("number", 5, "")]),
        ("about USD 183bn", [("money", 183 * 10**9, "usd")]),
        ("$ 100", [("money", 100, "usd")]),
    ],
)
def test_what_stands_next_to_a_number_says_what_it_is(text, expected):
    assert [(q.kind, q.value, q.unit) for q in find(text)] == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("넷째", "the fourth"),
        ("제이차 세계 대전", "World War II"),
        ("제2차 세계 대전", "WWII"),
        ("제2차 세계 대전", "WW II"),
        ("제3차 세계 대전", "WWIII"),
        ("반세기", "50 years"),
        ("14일", "14 days"),
        ("350척", "350 new ships"),
        ("9시 30분", "9:30 a.m."),
        ("9시 30분", "9:30 p.m."),
        ("2018", "2,018명"),
    ],
)
def test_one_quantity_in_two_wordings_is_the_same(one, other):
    assert same(only(one), only(other))
    assert same(only(other), only(one))


@pytest.mark.parametrize(
    ("one", "other"), [("2단계", "2 ships"), ("제5조", "5 ships"), ("2018", "2018%")]
)
def test_a_number_that_names_is_not_one_that_counts(one, other):
    assert not same(only(one), only(other))


@pytest.mark.parametrize(
    "text", ["제5조", "헌법 9조", "Phase 2", "Article Five", "2단계"], ids=lambda text: text
)
def test_a_label_says_so_since_it_may_be_a_plain_number_elsewhere(text):
    assert only(text).unit == "label"


@pytest.mark.parametrize(
    "text",
    [
        "수 천 명이 모였다.",
        "May the talks succeed.",
        "March on!",
        "백인 유권자",
        "만기가 돌아온다.",
    ],
)
def test_verbs_vague_amounts_and_other_words_are_no_numbers(text):
    assert find(text) == []


@pytest.mark.parametrize("text", ["화성-17형", "the first half", "상반기"])
def test_names_and_halves_of_a_year_are_not_missed(text):
    assert missing(text, "") == []


@pytest.mark.parametrize("text", ["thirty-five", "three of them", "2/3"])
def test_a_number_in_words_is_missed_when_it_is_gone(text):
    assert missing(text, "") == find(text) != []
