"""The quantities of a text are found in either language, with their spans, kinds and values."""

import json
import time

import pytest
from conftest import CORPUS
from hypothesis import given, settings
from hypothesis import strategies as st

from index.numbers import find

BRIEF = CORPUS / "brief.en.jsonl"
READ = [
    ("10~15%", [("percent", 10), ("percent", 15)]),
    ("10-15 percent", [("percent", 10), ("percent", 15)]),
    ("10∼15억 달러", [("money", 10**9), ("money", 15 * 10**8)]),
    ("$10–15 billion", [("money", 10**10), ("money", 15 * 10**9)]),
    ("from 3 to 5 percent", [("percent", 3), ("percent", 5)]),
    ("3%에서 5%로", [("percent", 3), ("percent", 5)]),
    ("3~4배", [("multiple", 3), ("multiple", 4)]),
    ("1·2기", [("ordinal", 1), ("ordinal", 2)]),
    ("2018~2020년", [("date", (2018, None, None)), ("date", (2020, None, None))]),
    ("2018-2020", [("date", (2018, None, None)), ("date", (2020, None, None))]),
    ("1~3월", [("date", (None, 1, None)), ("date", (None, 3, None))]),
    ("2035년 1월 4억 원", [("date", (2035, 1, None)), ("money", 4 * 10**8)]),
    ("10월 14~16일", [("date", (None, 10, 14)), ("date", (None, None, 16))]),
    ("between 3 and 5 percent", [("percent", 3), ("percent", 5)]),
    ("5,000명과 3만5천명", [("count", 5000), ("count", 35000)]),
    ("two hundred and five of 1,000", [("number", 205), ("number", 1000)]),
    ("트럼프 1기 (first term)", [("ordinal", 1), ("ordinal", 1)]),
    ("2024년 NATO defence spending 2%", [("date", (2024, None, None)), ("percent", 2)]),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[t for t, _ in READ])
def test_ranges_and_mixed_text(text: str, expected: list[tuple[str, object]]) -> None:
    """Both ends of a range carry its unit and scale; languages may stand side by side."""
    assert [(q.kind, q.value) for q in find(text)] == expected


NOT_NUMBERS = [
    "이 문제는 사실 일본의 오만한 구조 조정과 백서, 천문학, 만일의 사태다.",
    "세대와 세계, 세척, 열대, 한국, 한미, 네트워크, 석유, 다른 여러 나라",
    "수십 명, 수백만 달러, 몇 백 명, 두세 명, 서너 번, 수 천 명",
    "동맹의 일원으로서 경제 사조를 조약으로 제일 먼저",
    "tens of thousands, dozens of ships, several hundred people, a few million, for decades",
    "the Party won; it may march on; a point at the weekend; according to Mayor Kim",
    "A$ and HK$",
]


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_words_that_only_look_like_numbers_are_left_alone(text: str) -> None:
    """Syllables of other words and vague amounts are no quantities."""
    assert find(text) == []


WEAK = ["양국", "한 나라", "두 정상이", "첫 회담", "one of them", "both", "two sides", "at first"]
WEAK += ["America First", "F-35", "G7", "COVID-19", "5G", "KF-21", "3D", "2+2"]


@pytest.mark.parametrize("text", WEAK)
def test_grammar_and_names_are_weak(text: str) -> None:
    """They count nothing on purpose."""
    assert [q.weak for q in find(text)] == [True]


STRONG = ["1개국", "두 배", "첫 번째", "the first term", "2 countries", "two months", "10 people"]


@pytest.mark.parametrize("text", STRONG)
def test_what_is_counted_on_purpose_is_not_weak(text: str) -> None:
    """Digits, multiples, durations and numbered terms."""
    assert [q.weak for q in find(text)] == [False]


def test_the_span_is_the_slice_of_the_text_as_given() -> None:
    """Full-width digits are read without moving an offset."""
    text = "국방비는 약 １，８３０억 달러（$183 billion）로 ３０％ 늘었다."
    found = find(text)
    assert [q.text for q in found] == ["１，８３０억 달러", "$183 billion", "３０％"]
    assert all(text[q.char_start : q.char_end] == q.text for q in found)


PIECES = "0123456789,.-~/$%·' 만억조경천백십일이삼두세한첫제년월일차배명반a halfonetwMay"


@settings(deadline=None)
@given(st.text(alphabet=PIECES, max_size=40))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    """Spans are in order, inside the text and never overlap."""
    end = 0
    for q in find(text):
        assert end <= q.char_start < q.char_end <= len(text)
        assert q.text == text[q.char_start : q.char_end]
        end = q.char_end


def test_a_sentence_is_read_in_a_fraction_of_a_millisecond() -> None:
    """Ten times the expected cost is allowed, for slow machines."""
    rows = [json.loads(line) for line in BRIEF.read_text(encoding="utf-8").splitlines()]
    texts = [row[side] for row in rows for side in ("source", "target")]
    start = time.perf_counter()
    for text in texts:
        find(text)
    per_200_characters = (time.perf_counter() - start) / sum(map(len, texts)) * 200
    assert per_200_characters < 0.002
