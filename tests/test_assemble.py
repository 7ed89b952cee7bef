"""A Document is made of what a parser gives: one text, its pages, sections and tables."""

from pathlib import Path

import pytest

from index.assemble import LONGEST_PARAGRAPH, assemble
from index.load import Sidecar
from index.parse.content import Box, Content, ContentBlock, GridCell

NAME = Path("항만 보고서.pdf")


def paragraph(text, **more):
    return ContentBlock("paragraph", text, **more)


def document_of(*blocks, sidecar=None, **more):
    return assemble(Content("pdf", blocks, **more), NAME, sidecar).document


def test_blocks_stand_apart_in_one_text_that_their_offsets_cut_out():
    blocks = ContentBlock("heading", "재원", 2), paragraph("정부가 부담한다."), paragraph("끝.")
    document = document_of(*blocks)
    assert document.text == "재원\n\n정부가 부담한다.\n\n끝."
    assert [document.text[b.char_start : b.char_end] for b in document.blocks] == [
        block.text for block in blocks
    ]
    assert (document.id, document.lang) == ("항만-보고서", "ko")


def test_a_page_is_the_one_that_the_words_stand_on_even_if_a_footnote_comes_late():
    document = document_of(
        paragraph("앞 쪽에서 다음 쪽으로 이어진다.", pages=((0, 3), (8, 4))),
        paragraph("각주는 앞 쪽에 있다.", pages=((0, 3),)),
        paragraph("본문은 이어진다.", pages=((0, 4),)),
    )
    pages = {text: document.page(document.text.index(text)) for text in ("앞 쪽에서", "이어진다")}
    assert pages == {"앞 쪽에서": 3, "이어진다": 4}
    assert document.page(document.text.index("각주는")) == 3
    assert document.page(document.text.index("본문은")) == 4
    assert document.page(0) == 3


def test_without_pages_all_is_on_page_1():
    assert document_of(paragraph("한 문장이다.")).page(3) == 1


def test_sections_are_those_of_the_headings_and_of_the_outline_where_there_is_one():
    blocks = paragraph("머리말이다."), ContentBlock("heading", "재원", 1), paragraph("돈이다.")
    plain = document_of(*blocks, title="항만 보고서")
    assert [dict(s.titles) for s in plain.sections] == [{"ko": "항만 보고서"}, {"ko": "재원"}]
    outline = Sidecar(file="x.pdf", outline=[{"level": 1, "ko": "재원", "en": "Funding"}])
    told = document_of(*blocks, sidecar=outline)
    assert told.section(told.text.index("돈")).title("en") == "Funding"


@pytest.mark.parametrize(
    ("title", "sidecar", "expected"),
    [
        ("파일의 제목", None, "파일의 제목"),
        (None, None, "첫 제목"),
        ("파일의 제목", Sidecar(file="x.pdf", title={"ko": "말한 제목"}), "말한 제목"),
    ],
)
def test_the_title_is_the_sidecars_then_the_files_then_the_first_heading(title, sidecar, expected):
    document = document_of(
        ContentBlock("heading", "첫 제목", 1), paragraph("글."), title=title, sidecar=sidecar
    )
    assert document.title("ko") == expected


def test_the_title_of_a_file_without_any_is_its_name():
    assert document_of(paragraph("글이다.")).title("ko") == "항만 보고서"


def test_a_table_keeps_its_cells_with_their_labels():
    text = "구분\t2024년\n예산\t3조 원"
    cell = GridCell(0, 0, "예산", "2024년", text.index("3조"), len(text))
    block = ContentBlock("table", text, label="표 2", caption="재원", cells=(cell,))
    document = document_of(paragraph("앞의 글이다."), block)
    (table,) = document.tables
    (found,) = table.cells
    assert (dict(table.labels), dict(table.captions)) == ({"ko": "표 2"}, {"ko": "재원"})
    assert document.text[found.char_start : found.char_end] == "3조 원"
    assert (dict(found.row_labels), dict(found.column_labels)) == ({"ko": "예산"}, {"ko": "2024년"})


def test_a_table_without_cells_is_read_as_a_paragraph():
    document = document_of(ContentBlock("table", "구분\t값"))
    assert [b.kind for b in document.blocks] == ["paragraph"]
    assert document.tables == ()


def test_boxes_and_footnotes_move_with_their_words():
    first = paragraph("첫 문장이다.", pages=((0, 1),))
    second = paragraph(
        "둘째 문장이다.",
        pages=((0, 2),),
        footnotes=((7, 8),),
        boxes=(Box(3, 7, 2, 10.0, 20.0, 50.0, 32.0),),
    )
    made = assemble(Content("pdf", (first, second)), NAME)
    (box,) = made.boxes
    assert made.document.text[box.char_start : box.char_end] == "문장이다"
    assert (box.page, box.x0) == (2, 10.0)
    assert made.document.footnotes == ((7, len("첫 문장이다.\n\n") + 8),)


def test_an_endless_paragraph_is_cut_after_sentences_and_loses_nothing():
    sentence = "부산항은 2030년까지 3조 원을 들여 확장된다. "
    text = (sentence * 3000).strip()
    turn = len(sentence) * 2000
    document = document_of(paragraph(text, pages=((0, 1), (turn, 2))))
    pieces = [document.text[b.char_start : b.char_end] for b in document.blocks]
    assert len(pieces) > 3
    assert max(map(len, pieces)) <= LONGEST_PARAGRAPH
    assert all(piece.endswith("확장된다.") for piece in pieces)
    assert " ".join(pieces) == text
    assert document.page(len(document.text) - 1) == 2


def test_ten_million_characters_without_a_space_are_cut_too():
    document = document_of(paragraph("가" * 1_000_000))
    assert max(b.char_end - b.char_start for b in document.blocks) <= LONGEST_PARAGRAPH
    assert document.text.replace("\n\n", "") == "가" * 1_000_000


def test_the_sidecar_goes_before_what_the_file_says_of_itself(tmp_path):
    (tmp_path / "x.en.jsonl").write_text(
        '{"id": "1", "source": "한 문장이다.", "target": "It is one sentence."}\n', encoding="utf-8"
    )
    sidecar = Sidecar(file="x.pdf", id="mine", as_of="2024-11", lang="ko", edition="x.en.jsonl")
    content = Content("pdf", (paragraph("한 문장이다."),), as_of="2019-01-01")
    document = assemble(content, tmp_path / "x.pdf", sidecar).document
    assert (document.id, document.as_of) == ("mine", "2024-11")
    assert document.translations == {"한 문장이다.": "It is one sentence."}
    assert assemble(content, tmp_path / "x.pdf", sidecar, id="given").document.id == "given"
