"""The layout logic of PDFs on glyphs given as values: words, columns, joins, furniture, tables."""

from collections import Counter
from dataclasses import replace

import pytest

from index.parse.pdf_furniture import furniture
from index.parse.pdf_ink import Glyph, Ink, Rule, Turn, readable, upright
from index.parse.pdf_join import DROP, Wording, between
from index.parse.pdf_lines import Line, Word, columns, set_lines, whole_letters
from index.parse.pdf_spacing import pieces_of
from index.parse.pdf_table import grids

TURN = Turn(0, 595, 842)


def glyphs(text, x=0.0, base=100.0, size=10.0, gap=0.0):
    """Letters side by side, each as wide as its type is high (Latin: half as wide)."""
    found = []
    for letter in text:
        wide = size if "가" <= letter <= "힣" else size / 2
        found.append(Glyph(letter, x, base - size, x + wide, base, base, size))
        x += wide + gap
    return found


def line(text, x=0.0, base=100.0, size=10.0, page=1):
    (made,) = set_lines(glyphs(text, x, base, size), page, TURN)
    return made


def piece(text, x0, x1, base, size=10.0):
    return Line(1, TURN, (Word(text, x0, base - size, x1, base),), base, size, False)


def words(found):
    return ["".join(g.text for g in piece) for piece in found]


@pytest.mark.parametrize(
    ("printed", "gap", "expected"),
    [
        ("정부는 새 정책을", 0.0, ["정부는", "새", "정책을"]),
        ("정부는 새 정책을", 3.0, ["정부는", "새", "정책을"]),
        ("The new policy", 0.0, ["The", "new", "policy"]),
        ("a b c d e f", 0.0, ["a", "b", "c", "d", "e", "f"]),
    ],
)
def test_words_are_told_apart_however_wide_letters_are_set(printed, gap, expected):
    assert words(pieces_of(glyphs(printed, gap=gap), 10.0)) == expected


def test_korean_set_letter_by_letter_is_put_together():
    found = words(pieces_of(glyphs("정 부 는 새 로 운 정 책 을 발 표 하 였 다 ."), 10.0))
    assert "정부는" in found
    assert "정책을" in found


def test_hangul_in_parts_and_in_half_width_is_whole():
    parts = [Glyph(c, 10, 90, 20, 100, 100, 10) for c in "\u1112\u1161\u11ab"]
    assert [g.text for g in whole_letters(parts)] == ["한"]
    assert readable("\ufb01") == "fi"
    assert readable("\u200b") == ""


def test_korean_in_vertical_columns_is_read_from_the_right():
    def column(text, x):
        return [
            Glyph(c, x, 50 + 12 * i, x + 10, 60 + 12 * i, 58 + 12 * i, 10)
            for i, c in enumerate(text)
        ]

    ink = Ink(1, 595, 842, tuple(column("가" * 15, 400) + column("나" * 15, 380)))
    ((part, turn),) = upright(ink)
    first, second = set_lines(part.glyphs, 1, turn)
    assert (first.text[0], second.text[0]) == ("가", "나")
    x0, top, x1, bottom = turn.back(first.words[0].box)
    assert (x0, x1) == (400, 410)
    assert (top, bottom) == (50, 50 + 12 * 14 + 10)


def test_columns_follow_one_another_and_a_line_over_both_parts_them():
    left = [line(f"left column line {n}", 0, 100 + 15 * n) for n in range(6)]
    right = [line(f"right column line {n}", 150, 100 + 15 * n) for n in range(6)]
    title = line("a title that stands over both of the columns here", 0, 70)
    found = [[one.text for one in column] for column in columns([*left, *right, title])]
    assert found == [[title.text], [one.text for one in left], [one.text for one in right]]


KNOWN = Wording(
    Counter({"policy": 2, "방위비": 3, "cost": 1, "sharing": 1}), frozenset(), False, False
)


@pytest.mark.parametrize(
    ("above", "below", "gap"),
    [
        ("the pol-", "icy was", DROP),
        ("the cost-", "sharing deal", ""),
        ("the U.S.-", "Korea treaty", ""),
        ("새 정책", "을 발표", ""),
        ("새 방위", "비 협상", ""),
        ("약 2,", "340억 원", ""),
        ("2026. 1.", "5. 발표", " "),
        ("발표하였다.", "국방부는", " "),
        ("그는 (", "전) 장관", ""),
        ("at the", "end of", " "),
    ],
)
def test_what_stood_between_two_lines(above, below, gap):
    one = line(above)
    assert between(one, line(below, base=115), one.x1, KNOWN) == gap


def test_where_a_file_breaks_no_words_a_hyphen_at_a_line_end_stays():
    known = replace(KNOWN, hyphenates=False)
    one = line("the so-")
    assert between(one, line("called clause", base=115), one.x1, known) == ""


def test_columns_are_told_though_justified_lines_have_wide_spaces():
    """A line of few words is cut at its spaces; it is a line all the same."""
    lines = []
    for row in range(12):
        base = 100 + 15 * row
        starts = (60, 130, 210) if row % 3 else (60,)
        ends = (115, 193, 280) if row % 3 else (280,)
        for x0, x1 in zip(starts, ends, strict=True):
            lines.append(piece("words of the left", x0, x1, base))
            lines.append(piece("words of the right", x0 + 250, x1 + 250, base + 3))
    assert all(
        max(one.x1 for one in column) < 300 or min(one.x0 for one in column) > 300
        for column in columns(lines)
    )


def test_a_header_goes_where_it_counts_pages_and_stays_where_it_does_not():
    def page(number):
        return [
            line(f"Report {number}", base=30, page=number),
            line(f"Body text of page {number}", base=400, page=number),
            line(f"{number * 13} cases were counted", base=780, page=number),
        ]

    pages = [page(n) for n in range(1, 6)]
    dropped = furniture(pages, lambda _: 842.0)
    kept = [one.text for lines in pages for one in lines if id(one) not in dropped]
    assert "Report 3" not in kept
    assert "39 cases were counted" in kept


def test_merged_cells_and_open_sides_are_found():
    across = [Rule(0, y, 300, y) for y in (0, 40, 60)] + [Rule(100, 20, 300, 20)]
    upright_ = [Rule(100, 0, 100, 60), Rule(200, 20, 200, 60)]
    (grid,) = grids(across + upright_)
    spans = [(c.row, c.column, c.rows, c.columns) for c in grid.cells]
    assert (grid.rows, grid.columns) == (3, 3)
    assert spans[:2] == [(0, 0, 2, 1), (0, 1, 1, 2)]


def test_words_keep_their_place():
    made = line("정부는 새")
    assert made.words == (Word("정부는", 0, 90, 30, 100), Word("새", 35, 90, 45, 100))
