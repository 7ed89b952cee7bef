"""A pasted text becomes statements with places; what states nothing is told apart."""

import pytest

from assistant.check_split import pieces
from index.morphology import load_spacing

TEXT = """■ 보도자료

안녕하십니까, 여러분.
미국은 우크라이나를 지원했다. 금액은 1,830억 달러이다.
- 방위비 분담금은 다섯 배에서
  열 배로 올랐다고 한다.

왜 그랬을까?
Thank you for listening.
"""


def cut(text):
    return pieces(text, load_spacing())


def test_each_piece_is_the_text_at_its_place():
    found = cut(TEXT)
    assert found
    assert all(TEXT[p.char_start : p.char_end] == p.text for p in found)
    assert all(a.char_end <= b.char_start for a, b in zip(found, found[1:], strict=False))


def test_two_sentences_of_a_line_are_two_pieces():
    told = [p.text for p in cut(TEXT)]
    assert "미국은 우크라이나를 지원했다." in told
    assert "금액은 1,830억 달러이다." in told


def test_a_line_that_a_column_broke_is_read_on_and_the_mark_of_a_list_is_not_looked_up():
    found = [p for p in cut(TEXT) if "방위비" in p.text]
    assert [p.statement for p in found] == ["방위비 분담금은 다섯 배에서 열 배로 올랐다고 한다."]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("미국은 왜 지원했는가?", "question"),
        ("Why did it rise?", "question"),
        ("2025년 예산 개요", "heading"),
        ("Key figures of the year", "heading"),
        ("안녕하세요.", "greeting"),
        ("경청해 주셔서 감사합니다.", "greeting"),
        ("Good morning, everyone.", "greeting"),
        ("함께 힘을 모읍시다.", None),
        ("꼭 확인해 주시기 바랍니다.", "order"),
        ("Please read the annex.", "order"),
        ("***", "fragment"),
        ("미국의 부채는 35조 달러다.", None),
        ("US debt stands at 35 trillion dollars.", None),
        ("예산은 3억 원으로 늘어남", None),
    ],
)
def test_what_states_nothing_is_told_apart(text, reason):
    assert [p.reason for p in cut(text)] == [reason]


@pytest.mark.parametrize("text", ["", "  \n \r\n\t", "\u3000"])
def test_a_blank_text_has_no_pieces(text):
    assert cut(text) == []


def test_a_decimal_and_an_abbreviation_end_no_sentence():
    text = "U.S. debt grew by 3.5 percent in 2024. It did not fall."
    assert [p.text for p in cut(text)] == [
        "U.S. debt grew by 3.5 percent in 2024.",
        "It did not fall.",
    ]
