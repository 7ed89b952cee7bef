"""Files become clean documents, and a file that cannot is an error that names it."""

import os
import unicodedata

import pytest

from index.errors import InputError
from index.load import load_library

TABLE = """\
앞 글이다.

[표 1] 비교

구분 미국 한국

경제

⚫ 무역 시정

⚫ 시장 개척

자료: 저자
"""
TABLE_SIDECAR = """\
file: a.txt
layout: pdf_lines
tables:
  - {printed: "[표 1] 비교", header: 구분 미국 한국, label: {ko: 표 1}, caption: {ko: 비교},
     columns: [{ko: 미국}, {ko: 한국}], rows: [{ko: 경제}], source: {ko: "자료: 저자"}}
"""


@pytest.fixture
def library(tmp_path):
    """A function that writes files into a library folder and loads it."""
    folder = tmp_path / "documents"
    folder.mkdir()

    def load(**files):
        for name, content in files.items():
            path = folder / name.replace("__", ".")
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content, encoding="utf-8")
        return load_library(folder)

    load.folder = folder
    return load


def refused(load, *words, **files):
    """The message of the InputError that loading `files` ends in, which must hold `words`."""
    with pytest.raises(InputError) as error:
        load(**files)
    for word in words:
        assert word in str(error.value)


def test_a_file_in_nfd_loads_as_nfc(library):
    (document,) = library(a__txt=unicodedata.normalize("NFD", "한미동맹이 중요하다."))
    assert document.text == "한미동맹이 중요하다."


def test_a_byte_order_mark_is_left_out(library):
    (document,) = library(a__txt="\ufeff한미동맹이 중요하다.".encode())
    assert document.text == "한미동맹이 중요하다."


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_of_every_system_read_alike(library, end):
    (document,) = library(a__txt=end.join(["서론", "", "첫 줄", "둘째 줄.", "", "끝."]).encode())
    assert document.text == "서론\n\n첫 줄 둘째 줄.\n\n끝."
    assert [s.title("ko") for s in document.sections] == ["서론"]


@pytest.mark.parametrize("content", [b"abc \xff\xfe def", "한글".encode("cp949"), b"\xff\xfea\0"])
def test_a_file_that_is_not_utf_8_is_refused_by_name(library, content):
    refused(library, "a.txt", "not UTF-8", "save it as UTF-8", a__txt=content)


@pytest.mark.parametrize("content", ["", " \n\t\n", "\ufeff", "\f\f"])
def test_an_empty_file_is_refused_by_name(library, content):
    refused(library, "a.txt", "holds no text", a__txt=content)


def test_a_folder_without_documents_is_refused_by_name(library):
    refused(library, str(library.folder), ".txt or .md")
    refused(library, str(library.folder), README__md="Not a document.", notes__pdf=b"%PDF")


def test_a_folder_that_is_not_there_is_refused_with_the_setting_to_change(tmp_path):
    with pytest.raises(InputError, match="nowhere.*CITEBRIEF_LIBRARY"):
        load_library(tmp_path / "nowhere")


def test_two_documents_with_one_id_are_refused(library):
    refused(library, "'brief'", "rename", brief__txt="하나다.", brief__md="둘이다.")


def test_hidden_files_and_folders_are_no_documents(library):
    (library.folder / "folder.txt").mkdir()
    documents = library(a__txt="하나다.", __ds__txt=b"\x00\xff", b__TXT="Two.")
    assert [d.id for d in documents] == ["a", "b"]


def test_an_id_is_made_of_the_letters_of_the_file_name(library):
    names = {"한미 동맹 (2024)__md": "가.", "A_b.C__txt": "가.", "---__txt": "가."}
    assert {d.id for d in library(**names)} == {"한미-동맹-2024", "a-b-c", "document"}


def test_a_sidecar_finds_a_file_whose_name_macos_decomposed(library):
    name = unicodedata.normalize("NFD", "보고서.txt")
    (library.folder / name).write_text("하나다.", encoding="utf-8")
    (document,) = library(a__yaml="file: 보고서.txt\ntitle: {ko: 제목}\n")
    assert document.titles == {"ko": "제목"}
    assert library()[0].id == "보고서"


def test_characters_that_nobody_sees_are_left_out_of_text_and_quotes(library):
    (document,) = library(a__txt="방위\u200b비가 \x1b[31m오\u202e른다.\a The\ufeff end.\x00")
    assert document.text == "방위비가 [31m오른다. The end."


def test_the_main_language_is_told_by_the_letters(library):
    documents = library(
        a__txt="NATO는 방위비를 올린다.", b__txt="The won (원) fell against the dollar."
    )
    assert [d.lang for d in documents] == ["ko", "en"]


def test_pages_sections_and_edition_of_a_markdown_file(small_library):
    harbour = next(d for d in load_library(small_library) if d.id == "harbour")
    assert harbour.titles == {"ko": "항만 개발 보고서", "en": "Harbour Development Report"}
    assert [(s.level, s.titles["ko"], s.titles["en"]) for s in harbour.sections] == [
        (1, "항만 개발 보고서", "Harbour Development Report"),
        (2, "재원", "Funding"),
        (2, "환경", "Environment"),
    ]
    assert harbour.page(harbour.text.index("나머지는")) == 1
    assert harbour.page(harbour.text.index("환경")) == 2
    assert harbour.section(harbour.text.index("나머지는")).title("en") == "Funding"
    assert harbour.translations["나머지는 민간 기업이 맡는다."].startswith("Private companies")


def test_headings_of_plain_text_are_sections(small_library):
    forest = next(d for d in load_library(small_library) if d.id == "forest")
    assert [s.title("en") for s in forest.sections] == ["Forest Policy", "Funding"]
    assert forest.titles == {"en": "Forest Policy"}
    assert forest.section(len(forest.text)).title("ko") == "Funding"  # the language there is


def test_text_before_the_first_heading_is_a_section_of_its_own(library):
    (document,) = library(a__md="머리말이다.\n\n# 본론\n\n본문이다.\n")
    assert [s.title("ko") for s in document.sections] == ["본론", "본론"]
    assert [s.char_start for s in document.sections] == [0, document.text.index("본론")]


def test_empty_pages_count(library):
    (document,) = library(a__txt="\f둘째 쪽이다.\n\f\f넷째 쪽이다.\n")
    assert document.page(0) == 2
    assert document.page(document.text.index("넷째")) == 4


def test_footnote_markers_are_looked_for_only_in_extracted_text(library):
    text = "하나다.1 둘이다.2 셋이다.3\n"
    assert library(a__txt=text)[0].footnotes == ()
    (document,) = library(a__yaml="file: a.txt\nlayout: pdf_lines\n")
    assert document.text == "하나다. 둘이다. 셋이다."
    assert [number for number, _ in document.footnotes] == [1, 2, 3]


def test_a_flattened_table_is_rebuilt(library):
    (document,) = library(a__txt=TABLE, a__yaml=TABLE_SIDECAR)
    (table,) = document.tables
    cells = [(c.column_labels["ko"], document.text[c.char_start : c.char_end]) for c in table.cells]
    assert cells == [("미국", "무역 시정"), ("한국", "시장 개척")]
    assert [b.kind for b in document.blocks] == ["paragraph", "table"]


@pytest.mark.parametrize(
    ("sidecar", "words"),
    [
        ("[]", ["a.yaml", "valid dictionary"]),
        ("", ["a.yaml", "valid dictionary"]),
        ("file: [a", ["a.yaml", "not valid YAML"]),
        ("id: x\n", ["a.yaml", "file: Field required"]),
        ("file: a.txt\ntitel: x\n", ["a.yaml", "titel"]),
        ("file: a.txt\nlayout: pdf\n", ["a.yaml", "layout", "plain"]),
        ("file: a.txt\noutline: [{level: one}]\n", ["a.yaml", "outline.0.level"]),
        ("file: b.txt\n", ["a.yaml", "b.txt", "not beside it"]),
        ("file: a.txt\nedition: gone.jsonl\n", ["gone.jsonl", "cannot be read"]),
        (
            "file: a.txt\nlayout: pdf_lines\noutline: [{level: 1, ko: 없는 제목}]\n",
            ["a.txt", "없는 제목", "outline"],
        ),
        (TABLE_SIDECAR.replace('"[표 1] 비교"', "표 9"), ["a.txt", "표 9"]),
        (TABLE_SIDECAR.replace('"자료: 저자"', "끝"), ["a.txt", "끝"]),
        (TABLE_SIDECAR.replace("pdf_lines", "plain"), ["a.txt", "pdf_lines"]),
        (TABLE_SIDECAR.replace("{ko: 한국}", "{ko: 한국}, {ko: 일본}"), ["a.txt", "[2] bullets"]),
        (TABLE_SIDECAR.replace("[{ko: 경제}]", "[]"), ["a.yaml", "tables.0.rows"]),
    ],
)
def test_a_broken_sidecar_is_an_error_that_names_file_and_entry(library, sidecar, words):
    refused(library, *words, a__txt=TABLE, a__yaml=sidecar)


def test_two_sidecars_for_one_file_are_refused(library):
    sidecar = "file: a.txt\n"
    refused(library, "a.yaml", "b.yaml", a__txt="가.", a__yaml=sidecar, b__yaml=sidecar)


GOOD = '{"id": "s1", "source": "가다.", "target": "Go."}\n'


@pytest.mark.parametrize(
    "line",
    ["not json", "[]", '{"id": "s2", "source": "나다."}', '{"id": 2, "source": "", "target": ""}'],
)
def test_a_broken_line_of_an_edition_is_an_error_that_names_file_and_line(library, line):
    refused(
        library,
        "a.en.jsonl line 3",
        "id, source, target",
        a__txt="가다.",
        a__yaml="file: a.txt\nedition: a.en.jsonl\n",
        **{"a.en__jsonl": GOOD + "\n" + line + "\n"},
    )


def test_a_line_of_an_edition_may_hold_any_character_that_json_allows(library):
    (document,) = library(
        a__txt="가다.",
        a__yaml="file: a.txt\nedition: a.jsonl\nrestatements: b.jsonl\n",
        a__jsonl='{"id": "s1", "source": "가다.", "target": "Go\u2028on."}\r\n\r\n',
        b__jsonl='{"source": "가다.", "ko": ["간다."]}\n',
    )
    assert document.translations == {"가다.": "Go\u2028on."}
    assert document.restatements == {"가다.": {"ko": ("간다.",), "en": ()}}


def test_a_file_too_large_is_refused(library, monkeypatch):
    monkeypatch.setattr("index.load.LARGEST_FILE", 10)
    refused(library, "a.txt", "split it", a__txt="가" * 10)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_a_dangling_link_is_no_document(library):
    (library.folder / "gone.txt").symlink_to("nowhere")
    assert [d.id for d in library(a__txt="하나다.")] == ["a"]
