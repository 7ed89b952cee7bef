"""A document as HTML: every passage says exactly what the document does, and is only text."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from libraries import write_small_library

from assistant.errors import InputError
from assistant.reading import MODES, PART_CHARS, PART_PASSAGES, Reading
from assistant.reading_find import LONGEST, Finder
from index.chunk import chunk
from index.load import load_library
from index.types import Block, Cell, Document, Section, Table


def sentences(text):
    """Spans of the sentences of a text whose sentences all end in a full stop."""
    return [m.span() for m in re.finditer(r"[^\s.][^.]*\.(?:\d[^.]*\.)*", text)]


class Passages(HTMLParser):
    """What a browser makes of it: the text of each element with a passage, and every tag."""

    def __init__(self, html):
        super().__init__()
        self.open, self.found, self.tags, self.text = [], [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        self.open.append((tag, values, len(self.text)))

    def handle_endtag(self, tag):
        name, values, start = self.open.pop()
        assert name == tag
        if tag == "span" and "data-passage" in values:
            self.found.append((values, self.text[start:]))

    def handle_data(self, data):
        self.text += data


def document(text, blocks=None, **changes):
    values = {
        "id": "d",
        "lang": "ko",
        "titles": {"ko": "보고서", "en": "Report"},
        "text": text,
        "blocks": blocks or (Block("paragraph", 0, len(text)),),
        "page_starts": (0,),
        "sections": (Section("sec0", 1, {"ko": "서론", "en": "Introduction"}, 0, len(text)),),
    }
    return Document(**(values | changes))


def reading(held):
    return Reading(held, list(chunk(held, sentences)))


def all_of(held, mode="original", lang="ko"):
    return "".join(held.part_html(n, mode, lang) for n in range(len(held.parts)))


@pytest.fixture
def harbour(tmp_path):
    write_small_library(tmp_path)
    found = {one.id: one for one in load_library(tmp_path)}
    return reading(found["harbour"])


TEXT = "표\n연도 미국\n기조\n⚫ 하나 <b>\n경제\n⚫ 둘\n⚫ 셋\n자료: 저자"


def with_table(**changes):
    def cell(row, words):
        start = TEXT.index(words)
        labels = ({"ko": "기조", "en": "Line"}, {"ko": "경제", "en": "Economy"})[row]
        return Cell(row, 0, labels, {"ko": "미국", "en": "US"}, start, start + len(words))

    cells = (cell(0, "하나 <b>"), cell(1, "둘"), cell(1, "셋"))
    table = Table("t1", {"ko": "표"}, {}, cells, 0, len(TEXT))
    return document(TEXT, (Block("table", 0, len(TEXT)),), tables=(table,), **changes)


def test_the_text_of_every_passage_is_the_slice_its_offsets_name(brief_index):
    held = Reading(
        brief_index.documents["brief"],
        [p for p in brief_index.passages if p.document_id == "brief"],
    )
    found = Passages(all_of(held)).found
    shown = {values["data-passage"]: text for values, text in found}
    text = held.document.text
    assert all(text[int(v["data-start"]) : int(v["data-end"])] == said for v, said in found)
    assert shown == {p.id: p.quote for p in held.passages if p.kind != "row"}


def test_the_text_between_passages_is_kept_and_ids_are_not_repeated():
    held = document("가나다. (출처 없음) 라마바. 끝")
    page = Passages(all_of(reading(held)))
    assert page.text == held.text
    whole = Passages(all_of(reading(held), "both"))
    ids = [values["id"] for _, values in whole.tags if "id" in values]
    assert len(ids) == len(set(ids))


def test_pages_and_footnotes_are_marked_without_becoming_text():
    text = "첫 쪽이 여기서 둘째로 이어진다. 끝났다."
    held = document(text, page_starts=(0, 8), page_numbers=(4, 5), footnotes=((3, 18),))
    page = Passages(all_of(reading(held)))
    assert page.text == text
    marks = [v for _, v in page.tags if v.get("class") == "cb-pagemark"]
    assert [(v["data-page"], v["data-label"]) for v in marks] == [("4", "4쪽"), ("5", "5쪽")]
    notes = [v for _, v in page.tags if v.get("class") == "cb-fn"]
    assert [(v["data-n"], v["aria-label"]) for v in notes] == [("3", "각주 3")]
    assert 'data-label="p. 5"' in all_of(reading(held), lang="en")


@pytest.mark.parametrize("mode", ["original", "translation", "both"])
def test_what_a_hostile_document_says_is_text(mode):
    bad = '"><script>alert(1)</script><img src=x onerror=alert(1)>.'
    held = document(
        f"{bad} 하나.",
        id='d"><script>',
        titles={"ko": bad, "en": bad},
        translations={bad: bad},
        edition_notes={"ko": bad},
        sections=(Section("s", 1, {"ko": bad}, 0, 5), Section("t", 1, {"ko": bad}, 5, 9)),
    )
    tags = Passages(reading(held).whole_html(mode, "ko")).tags
    assert not {tag for tag, _ in tags} & {"script", "img"}
    assert not any(name.startswith("on") for _, values in tags for name in values)


def test_a_table_is_a_table_with_its_labels_and_says_where_it_is_from():
    html = all_of(reading(with_table()))
    assert html.count("<tr ") == 2
    assert re.findall(r'<th scope="(\w+)"><span lang="ko">(\w+)', html) == [
        ("col", "미국"),
        ("row", "기조"),
        ("row", "경제"),
    ]
    assert "자료: 저자" in html
    assert "하나 &lt;b&gt;" in html
    row = next(v for tag, v in Passages(html).tags if v.get("data-passage") == "d:t1.r2")
    assert row["data-quote"] == "둘\n⚫ 셋"


def test_a_table_in_both_languages_has_labels_and_cells_in_both():
    held = with_table(translations={"둘": "Two", "셋": "Three"})
    html = all_of(reading(held), "both")
    assert '<span lang="en">Economy</span>' in html
    assert ">Two</span>" in html
    assert "번역 없음" in html  # of the cell without one


def test_the_translation_stands_for_the_original_and_carries_its_quote(harbour):
    html = all_of(harbour, "translation")
    found = {v["data-quote"]: text for v, text in Passages(html).found}
    quote = "정부가 비용의 절반을 부담한다."
    assert found[quote] == "The government bears half of the cost."
    assert ">Funding</span>" in html
    both = Passages(all_of(harbour, "both")).found
    same = [text for v, text in both if v["data-passage"] == both[0][0]["data-passage"]]
    assert len(same) == 2


def test_the_title_of_the_pane_is_in_the_language_of_the_page(harbour):
    english = harbour.document.titles["en"]
    for mode in MODES:
        assert f'data-title="{english}" data-title-lang="en"' in harbour.whole_html(mode, "en")
    assert f'<h2 class="cb-doc-title" lang="en">{english}</h2>' in harbour.whole_html("both", "en")
    assert f">{harbour.document.titles['ko']}</h2>" in harbour.whole_html("original", "en")


def test_only_what_is_translated_is_shown_in_both_languages_at_first(harbour):
    assert [harbour.mode_for(lang) for lang in ("ko", "en")] == ["original", "both"]
    assert reading(document("한국어로만.")).mode_for("en") == "original"


def test_what_has_no_translation_is_shown_in_the_original_and_it_is_said_so():
    held = reading(document("하나. 둘.", translations={"하나.": "One."}))
    html = held.whole_html("translation", "en")
    assert ">One.</span>" in html
    assert 'class="cb-p cb-t cb-none" lang="ko"' in html
    assert "Not translated" in html
    bare = reading(document("하나. 둘."))
    assert "번역이 없어" in bare.whole_html("both", "ko")
    assert 'data-mode="original"' in bare.whole_html("both", "ko")


def test_a_translation_says_that_it_is_unofficial_and_which_machine_made_it(harbour):
    assert "비공식 번역" in harbour.whole_html("translation", "ko")
    assert "Unofficial translation" in harbour.whole_html("both", "en")
    held = document("하나.", translations={"하나.": "One."}, edition_model="openai:x<y>")
    said = reading(held).whole_html("translation", "en")
    assert "Unofficial translation · machine translation by openai:x&lt;y&gt;" in said


def test_a_book_comes_in_bounded_parts_that_together_are_the_whole():
    text = " ".join(f"문장 번호 {n} 입니다." for n in range(6000))
    half = text.index("문장 번호 3000 ")
    blocks = (Block("paragraph", 0, half), Block("paragraph", half, len(text)))
    held = reading(document(text, blocks))
    assert len(held.parts) > 20
    for part in held.parts:
        assert part[-1].char_end - part[0].char_start <= PART_CHARS
        assert sum(piece.last - piece.first for piece in part) <= PART_PASSAGES
    assert Passages(all_of(held)).text == text
    around = held.part_of("d:s5000")
    assert 'data-passage="d:s5000"' in held.part_html(around, "original", "ko")
    whole = held.whole_html("original", "ko", around)
    assert whole.count('class="cb-part"') == len(held.parts)
    assert len(whole) < 90_000
    assert held.part_of("d:gone") is None


def test_a_long_table_is_cut_between_rows_and_keeps_its_labels():
    words = [f"값{n}" for n in range(900)]
    text = "\n".join(words)
    starts = [text.index(f"{w}\n") if w != words[-1] else len(text) - len(w) for w in words]
    cells = tuple(
        Cell(n, 0, {}, {"ko": "금액"}, s, s + len(w))
        for n, (w, s) in enumerate(zip(words, starts, strict=True))
    )
    table = Table("t1", {"ko": "표 1"}, {}, cells, 0, len(text))
    held = reading(document(text, (Block("table", 0, len(text)),), tables=(table,)))
    pages = [held.part_html(n, "original", "ko") for n in range(len(held.parts))]
    assert len(pages) > 5
    assert all(page.count("금액") == 1 for page in pages)
    assert [t for page in pages for _, t in Passages(page).found] == words


def test_contents_lead_to_the_part_in_which_a_section_begins(harbour):
    html = harbour.whole_html("translation", "ko")
    assert re.search(r'href="#cb-b-\d+" data-part="0" lang="en">Environment<', html)


def test_words_are_found_however_they_are_spaced_in_case_and_in_either_language(harbour):
    finder = Finder(harbour)
    spaced = finder.find("보호구역 으로")
    assert [m.side for m in spaced.matches] == ["original"]
    (mark,) = spaced.matches[0].marks
    assert "갯벌 350헥타르가 보호 구역으로 지정되었다."[slice(*mark)] == "보호 구역으로"
    assert spaced.matches[0].page == 2
    english = finder.find("BUSAN   port")
    assert english.matches[0].side == "translation"
    (mark,) = english.matches[0].snippet_marks
    assert english.matches[0].snippet[slice(*mark)] == "Busan Port"
    assert finder.find("재원").matches[0].passage is None  # a heading
    assert finder.find("busanport").total == 0
    assert finder.find("  ").total == finder.find("없는말").total == 0


def test_a_search_is_bounded():
    held = document(" ".join(["같은 말."] * 700))
    found = Finder(reading(held)).find("같은")
    assert (found.total, len(found.matches)) == (700, 500)
    with pytest.raises(InputError, match="expected at most"):
        Finder(reading(held)).find("가" * (LONGEST + 1))


def test_decomposed_letters_and_printed_quotation_marks_are_found_as_typed():
    held = document("그는 ‘워싱턴 문법’을 따른다.")
    found = Finder(reading(held)).find("'워싱턴문법'")
    (match,) = found.matches
    assert held.text[slice(*match.marks[0])] == "‘워싱턴 문법’"
    other = replace(held, translations={held.text: "Cafe\u0301 words."})
    (match,) = Finder(reading(other)).find("café").matches
    assert match.marks == ((0, 4),)
