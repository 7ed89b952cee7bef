"""Lines of a text file become blocks: paragraphs re-joined, headings and pages found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.layout import Heading, TableArea, pdf_lines, plain

AREA = TableArea("[표 1] 비교", "자료: 저자", frozenset({"구분 미국 한국", "경제"}))


def texts(lines):
    return [line.text for line in lines]


def test_visual_lines_are_joined_until_a_line_ends_in_two_spaces():
    lines = pdf_lines("첫 문단이 \n\n이어진다.  \n\n둘째 문단이다.  \n")
    assert texts(lines) == ["첫 문단이 이어진다.", "둘째 문단이다."]


def test_a_wide_gap_ends_a_paragraph():
    assert texts(pdf_lines("하나 \n\n\n\n둘 \n")) == ["하나", "둘"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("이스라엘-\n\n하마스 전쟁 \n", "이스라엘-하마스 전쟁"),
        ("연대 재결성 \n\n으로 인한 \n", "연대 재결성으로 인한"),
        ("과도한 요구 \n\n로부터 탈피 \n", "과도한 요구로부터 탈피"),
        ("로마 \n\n로마인 \n", "로마 로마인"),
        ("well-\n\nknown \n", "well- known"),  # only Hangul is known to be cut there
        ("두  칸과\t탭 \n", "두 칸과 탭"),
    ],
)
def test_words_cut_at_the_end_of_a_line_are_made_whole(raw, expected):
    assert texts(pdf_lines(raw)) == [expected]


def test_a_page_starts_at_a_line_with_one_space_directly_under_another():
    (line,) = pdf_lines("앞 쪽의 끝 \n 뒤 쪽의 처음 \n")
    assert line.text == "앞 쪽의 끝 뒤 쪽의 처음"
    assert [line.text[offset:] for offset in line.page_offsets] == ["뒤 쪽의 처음"]


def test_a_printed_page_number_starts_a_page_and_is_left_out():
    lines = pdf_lines("앞 쪽이다.  \n\n - 4 - \n\n뒤 쪽이다.  \n")
    assert texts(lines) == ["앞 쪽이다.", "뒤 쪽이다."]
    assert [line.page_offsets for line in lines] == [(), (0,)]


def test_a_printed_number_inside_a_sentence_breaks_neither_sentence_nor_word():
    (line,) = pdf_lines("이스라엘-\n- 2 -\n하마스 전쟁 \n")
    assert line.text == "이스라엘-하마스 전쟁"
    assert line.page_offsets == (len("이스라엘-"),)


def test_a_printed_number_above_all_text_starts_no_second_page():
    assert pdf_lines("- 1 -\n\n첫 쪽이다.  \n")[0].page_offsets == ()


def test_headings_are_found_in_order_whatever_their_spaces():
    lines = pdf_lines("결 론 \n\n본문이다.  \n", [Heading("결론", 2)])
    assert [(line.kind, line.level) for line in lines] == [("heading", 2), ("paragraph", 0)]


def test_a_heading_that_is_not_there_is_an_error_that_names_it():
    with pytest.raises(ValueError, match="서론"):
        pdf_lines("본문이다.  \n", [Heading("서론", 1)])


def test_a_table_keeps_its_lines_apart_and_joins_the_rest_of_a_bullet():
    raw = (
        "앞 글이다.  \n\n[표 1] 비교 \n\n구분 미국 한국 \n\n경제 \n\n⚫ 무역의 \n\n시정 \n\n"
        "⚫ 시장 개척  \n\n자료: 저자 \n\n뒤 글이다.  \n"
    )
    lines = pdf_lines(raw, tables=[AREA])
    assert [(line.kind, line.text) for line in lines] == [
        ("paragraph", "앞 글이다."),
        ("table", "[표 1] 비교"),
        ("table", "구분 미국 한국"),
        ("table", "경제"),
        ("table", "⚫ 무역의 시정"),
        ("table", "⚫ 시장 개척"),
        ("table", "자료: 저자"),
        ("paragraph", "뒤 글이다."),
    ]


def test_plain_paragraphs_stand_between_blank_lines():
    lines = plain("The first line\nand its rest.\n\n둘째 문단이다.\n")
    assert texts(lines) == ["The first line and its rest.", "둘째 문단이다."]


def test_without_blank_lines_a_line_is_a_paragraph():
    assert texts(plain("하나다.\n둘이다.\nThree.")) == ["하나다.", "둘이다.", "Three."]


def test_lines_under_a_markdown_heading_are_one_paragraph():
    assert texts(plain("# Title\nThe first line is\nwrapped here.")) == [
        "Title",
        "The first line is wrapped here.",
    ]


@pytest.mark.parametrize(
    ("raw", "kind", "level"),
    [
        ("# 제목\n본문이다.", "heading", 1),
        ("### Deep ###\nBody.", "heading", 3),
        ("서론\n\n본문이다.", "heading", 1),
        ("한 문장이다.\n\n본문이다.", "paragraph", 0),
        ("- 항목\n\n본문이다.", "paragraph", 0),
        ("긴 " * 40 + "\n\n본문이다.", "paragraph", 0),
        ("마지막 줄", "paragraph", 0),
        ("#해시태그 말이다\n\n본문이다.", "heading", 1),  # short, alone, without a full stop
    ],
)
def test_headings_of_plain_text(raw, kind, level):
    assert (plain(raw)[0].kind, plain(raw)[0].level) == (kind, level)


def test_list_items_are_blocks_of_their_own():
    assert texts(plain("들어가며:\n- 하나\n  더\n- 둘\n\n끝이다.")) == [
        "들어가며:",
        "- 하나 더",
        "- 둘",
        "끝이다.",
    ]


def test_a_form_feed_starts_a_page_and_an_empty_page_counts():
    lines = plain("\f둘째 쪽이다.\n\f\f넷째 쪽이다.\n\n또 넷째 쪽이다.\f")
    assert [line.page_offsets for line in lines] == [(0,), (0, 0), ()]


@given(st.text(alphabet="가나 ab.-#\n\f\t1⚫", max_size=120))
def test_no_letter_is_lost_and_white_space_is_folded(raw):
    letters = [c for c in raw if c in "가나ab1"]
    for lines in (plain(raw), pdf_lines(raw)):
        joined = "".join(texts(lines))
        assert all(line.text == " ".join(line.text.split()) != "" for line in lines)
        if "-" not in raw:  # "- 1 -" is a printed page number
            assert [c for c in joined if c in "가나ab1"] == letters
