"""Footnote markers are found by their order, taken out, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.footnotes import Marker, find_markers, remove_markers

ORDINARY = (
    "1기 2기 제2의 제3차 제12차 5배 10배 24시간 350척 10월 14일 2018년 2034년 35조 7경 7천조"
).split(" ")


def cleaned(text):
    return remove_markers(text, find_markers(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("그렇다.1 아니다.2 모른다.3", "그렇다. 아니다. 모른다."),
        ("그렇다. 1 아니다, 2 모른다. 3", "그렇다. 아니다, 모른다."),
        ("‘하나’1와 (둘)2과 입장3까지", "‘하나’와 (둘)과 입장까지"),
        ("It is so.1 It is not,2 they say.3 The end.", "It is so. It is not, they say. The end."),
        (
            "보인다.1 2018년이다.2 일본은 그렇다.3 대중 정책",
            "보인다. 2018년이다. 일본은 그렇다. 대중 정책",
        ),
        ("한국 (Korea)1 and 미국.2 So?3 끝", "한국 (Korea) and 미국. So? 끝"),
    ],
)
def test_markers_in_order_are_removed_with_the_space_before_them(text, expected):
    assert cleaned(text)[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "그렇다.1 아니다.2",  # two may be chance
        "그렇다.5 아니다.6 모른다.7",  # a chain begins with 1
        "1기, 2기, 3기",
        "제1차 제2차 제3차",
        "1.5배와 2.5배, 3.5배",
        "2018년 3월 1일, 2월 2일, 3월 3일",
        "끝. 1년 뒤. 2년 뒤. 3년 뒤",
        "",
    ],
)
def test_without_a_chain_of_three_nothing_is_removed(text):
    assert cleaned(text) == (text, [])


def test_ordinary_numbers_between_markers_are_kept():
    words = [f"{word} 값이다.{n}" for n, word in enumerate(ORDINARY, start=1)]
    text, places = cleaned(" ".join(words))
    assert text == " ".join(f"{word} 값이다." for word in ORDINARY)
    assert [number for number, _ in places] == list(range(1, len(ORDINARY) + 1))


def test_the_place_of_a_marker_is_where_it_stood_in_the_clean_text():
    text, places = cleaned("하나다.1 둘이다.2 셋이다.3")
    assert [text[:offset][-3:] for _, offset in places] == ["나다.", "이다.", "이다."]


def test_of_two_chains_the_likelier_is_taken():
    # 입장1 could be a marker, but the one after a full stop is more like it.
    text, places = cleaned("입장1 하나.1 둘.2 셋.3")
    assert text == "입장1 하나. 둘. 셋."
    assert len(places) == 3


pieces = st.sampled_from(
    ["다.", "요", "’", " ", ",", "1", "2", "3", "4", "12", "기", "년", "제", "a", "%", "\n", "😀"]
)


@given(st.one_of(st.text(max_size=200), st.lists(pieces, max_size=60).map("".join)))
def test_removal_keeps_every_other_character(text):
    markers = find_markers(text)
    clean, places = remove_markers(text, markers)
    assert [m.number for m in markers] == list(range(1, len(markers) + 1))
    assert all(text[m.char_start : m.char_end].strip() == str(m.number) for m in markers)
    rebuilt, at = "", 0
    for marker, (number, offset) in zip(markers, places, strict=True):
        assert number == marker.number
        rebuilt += clean[at:offset] + text[marker.char_start : marker.char_end]
        at = offset
    assert rebuilt + clean[at:] == text


def test_removing_no_marker_changes_nothing():
    assert remove_markers("가.1", []) == ("가.1", [])
    assert remove_markers("가.1", [Marker(1, 2, 3)]) == ("가.", [(1, 2)])
