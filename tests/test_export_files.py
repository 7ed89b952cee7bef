"""Word and PDF files: real footnotes, Korean text that comes out as it went in."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pypdfium2
import pytest
from exported import HOSTILE, conversation, font
from fakes import EDITION, FIRST, SECOND, answered
from test_export import everywhere

from assistant.errors import InputError
from assistant.export import pdf_font
from assistant.export.exported import read
from assistant.export.footnotes import paper
from assistant.export.formats import file_name, write
from assistant.export.pdf import pdf
from assistant.export.pdf_font import Font, find_font
from assistant.export.pdf_lines import Row, Word, rows, sheets

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def a_docx(given=None):
    data = write(read(given or conversation()), "docx", "ko", NOW, {})
    return docx.Document(io.BytesIO(data)), zipfile.ZipFile(io.BytesIO(data))


def notes_of(document):
    """The footnotes' part, by its relationship, as a reader of the format finds it."""
    part = next(
        r.target_part for r in document.part.rels.values() if r.reltype.endswith("/footnotes")
    )
    return part.content_type, docx.oxml.parser.parse_xml(part.blob)


def test_word_has_real_footnotes_in_the_order_of_the_text():
    document, _ = a_docx()
    kind, notes = notes_of(document)
    assert kind.endswith("wordprocessingml.footnotes+xml")
    used = [e.get(f"{W}id") for e in document.element.iter(f"{W}footnoteReference")]
    assert used == ["1", "2", "3"]
    ids = [note.get(f"{W}id") for note in notes]
    assert ids == ["-1", "0", "1", "2", "3"]
    assert [n.get(f"{W}type") for n in notes][:3] == ["separator", "continuationSeparator", None]
    text = "".join(t.text for t in notes[2].iter(f"{W}t"))
    assert text == f" 「브리프」, 1쪽, ‘서론’: “{FIRST}” 비공식 번역: “{EDITION[FIRST]}”"


def test_word_names_styles_settings_fonts_and_languages():
    document, _ = a_docx()
    ids = {style.style_id for style in document.styles}
    assert {"FootnoteText", "FootnoteReference", "Heading1", "Title"} <= ids
    fonts = document.styles["Heading 1"].element.rPr.rFonts
    assert {v for k, v in fonts.attrib.items()} == {"Malgun Gothic"}
    stated = document.settings.element.find(f"{W}footnotePr")
    assert [e.get(f"{W}id") for e in stated] == ["-1", "0"]
    langs = {e.get(f"{W}val") for e in notes_of(document)[1].iter(f"{W}lang")}
    assert langs == {"ko-KR", "en-US"}
    known = document.core_properties
    assert (known.title, known.author, known.language) == (
        "함정은 몇 척인가?",
        "CiteBrief",
        "ko-KR",
    )


def test_a_note_that_is_used_again_is_a_cross_reference():
    answer = answered(FIRST, SECOND)
    again = (*answer.sentences, replace(answer.sentences[0], citations=(1, 2)))
    document, _ = a_docx(conversation(replace(answer, sentences=again)))
    fields = [e.get(f"{W}instr").split()[:2] for e in document.element.body.iter(f"{W}fldSimple")]
    assert fields == [["NOTEREF", "_RefNote1"], ["NOTEREF", "_RefNote2"]]
    marks = [e.get(f"{W}name") for e in document.element.iter(f"{W}bookmarkStart")]
    assert marks == ["_RefNote1", "_RefNote2"]


def test_hostile_words_stay_words_in_word():
    document, archive = a_docx(everywhere(HOSTILE))
    assert "<script>alert('1')</script>" in "\n".join(p.text for p in document.paragraphs)
    assert not any(r.is_external for r in document.part.rels.values())
    assert all(b"\x07" not in archive.read(name) for name in archive.namelist() if "xml" in name)


LETTERS = "".join(map(chr, range(33, 127))) + "「」‘’“”·•…"


def boxes(tmp_path, given):
    """A font with the letters of a conversation."""
    used = set(LETTERS) | set("가힣확인되지않음원문발췌") | set(str(given))
    used |= set("".join(map(str, (paper(read(given), "ko", NOW.date()),))))
    return Font(font(tmp_path / "boxes.ttf", "".join(sorted(c for c in used if ord(c) > 32))))


def pdf_texts(data):
    """The text of each page, its lines joined by spaces."""
    document = pypdfium2.PdfDocument(data)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_the_text_of_a_pdf_is_the_korean_that_went_in(tmp_path):
    given = conversation(answered(FIRST, SECOND))
    (text,) = pdf_texts(pdf(paper(read(given), "ko", NOW.date()), NOW, boxes(tmp_path, given)))
    assert "질문 1." in text
    assert f"{FIRST}1 {SECOND}2" in text
    assert f"1. 「브리프」, 1쪽, ‘서론’: “{FIRST}” 비공식 번역: “{EDITION[FIRST]}”" in text
    assert text.endswith("1")  # the page


def test_a_note_stands_on_the_page_of_its_number(tmp_path):
    given = conversation(*[answered(FIRST, SECOND)] * 12)
    pages = pdf_texts(pdf(paper(read(given), "ko", NOW.date()), NOW, boxes(tmp_path, given)))
    assert len(pages) > 1
    for n in range(1, 25):
        quoted = [page for page in pages if f" {n}. 「브리프」" in page]
        sentence = FIRST if n % 2 else SECOND
        assert len(quoted) == 1
        assert f"{sentence}{n} " in quoted[0]


def test_a_font_without_korean_is_refused_by_name(tmp_path):
    given = Font(font(tmp_path / "latin.ttf", LETTERS))
    with pytest.raises(InputError, match="latin.ttf.*has no '가'.*CITEBRIEF_FONT"):
        pdf(paper(read(conversation()), "ko", NOW.date()), NOW, given)


@pytest.mark.parametrize("wanted", ["missing.ttf", "text.ttf", "good.ttf#1", "good.ttf#x"])
def test_a_setting_that_is_no_font_is_told(tmp_path, monkeypatch, wanted):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.ttf").write_text("no font")
    font(tmp_path / "good.ttf", LETTERS)
    with pytest.raises(InputError, match="CITEBRIEF_FONT="):
        find_font(wanted)
    assert find_font("good.ttf#0").face == 0


def test_a_machine_without_a_font_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pdf_font, "PLACES", ())
    monkeypatch.delenv("WINDIR", raising=False)
    with pytest.raises(InputError, match="fonts-noto-cjk.*CITEBRIEF_FONT"):
        find_font(None)


def wide(word):
    return len(word.text) * word.size


def test_korean_is_broken_at_spaces_and_only_what_no_line_holds_within_a_word():
    lines = rows([Word(w, 1) for w in "방위비 분담금을 올렸다".split()], 8, 1, wide)
    assert [[w.text for w in line.words] for line in lines] == [["방위비", "분담금을"], ["올렸다"]]
    lines = rows([Word("가" * 20, 1), Word("1", 1, glued=True, note=1)], 8, 1, wide)
    assert [sum(map(wide, line.words)) for line in lines] == [8, 8, 5]
    assert lines[2].notes == [1]


def test_a_mark_is_never_parted_from_its_word():
    lines = rows([Word(w, 1, glued=w == "12") for w in ("가", "나다", "12")], 5, 1, wide)
    assert [[w.text for w in line.words] for line in lines] == [["가"], ["나다", "12"]]


@pytest.mark.parametrize("long", [1, 8, 60, 200])
def test_every_line_and_note_is_set_once_in_order_on_pages_that_hold_them(long):
    body = [Row((Word(f"{n}", 1, note=n),), 10) for n in range(1, 31)]
    notes = {n: [Row((Word(f"n{n}", 1),), 8)] for n in range(1, 31)}
    notes[7] = [Row((Word(f"n7.{k}", 1),), 8) for k in range(long)]
    pages = sheets(body, notes, 300)
    assert [r for page in pages for r in page.body] == body
    assert [r for page in pages for r in page.notes] == [r for n in notes for r in notes[n]]
    assert all(page.used <= 300 for page in pages)
    for page in pages:  # a note begins where its number is
        for row in page.body:
            assert notes[row.notes[0]][0] in page.notes


def test_a_heading_does_not_stand_alone_at_the_foot_of_a_page():
    body = [Row((Word("x", 1),), 10) for _ in range(9)]
    body += [Row((Word("h", 1),), 10, heading=True), *body[:3]]
    pages = sheets(body, {}, 100)
    assert [len(page.body) for page in pages] == [9, 4]


def test_the_name_of_a_file_is_safe_and_says_what_it_is():
    given = read(conversation(title='../방위비 "분담금"?\n<b>'))
    assert file_name(given, "docx", NOW) == "citebrief-2026-11-23-방위비-분담금-b.docx"
    assert file_name(given, "json", NOW).endswith(".receipt.json")
    with pytest.raises(InputError, match="md, docx"):
        write(given, "exe", "ko", NOW, {})
