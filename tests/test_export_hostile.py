"""What a hostile document says is only words in every file that is taken away.

Titles, sections, quotes, translations, questions and sentences hold markup of all kinds. Each file
is opened by a program that knows its format, and is to hold these words and nothing that acts.
"""

import ctypes
import io
import json
import re
import zipfile
from datetime import UTC, datetime

import docx
import pypdfium2
import pytest
from fakes import FIRST
from markdown_it import MarkdownIt
from pypdfium2 import raw
from test_export import everywhere
from test_export_files import W, boxes, notes_of

from assistant.export.exported import read
from assistant.export.footnotes import clean, paper
from assistant.export.formats import file_name, write
from assistant.export.pdf import pdf
from assistant.export.receipt import digest

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
WORDS = {
    "script": "<script>alert(1)</script> <img src=x onerror=alert(2)> &lt;b&gt; &#x41;",
    "link": "[눌러](javascript:alert(3)) <http://a.example> ![x](http://a.example/p.png)",
    "reference": "[눌러][1] [1]: http://a.example [^1]: 거짓 각주 [[쪽]]",
    "markdown": "# 제목 **굵게** `코드` ~~취소~~ ==형광== %%가림%% | 표 | $$x$$ :::경고",
    "list": "- 하나 1. 둘 > 셋 - [ ] 넷 --- ***",
    "formula": '=HYPERLINK("http://a.example","눌러") +1+cmd|\' /C calc\'!A0 @SUM(1) -2',
    "field": '{ HYPERLINK "http://a.example" } { DDEAUTO c:\\\\cmd.exe "/k calc" } INCLUDETEXT',
    "xml": 'x]]></w:t></w:r><w:fldSimple w:instr=" DDEAUTO c "/><!-- <?x?> &amp; "',
    "pdf": "((x) >> /OpenAction << /S /JavaScript /JS (app.alert(1)) >> \\051 {nb} ET endstream",
    "control": "\x00\x07\x1b[31m붉게\x1b[0m\x7f\x85끝\x08 가\r나",
    "direction": "\u202e뒤집힘\u202c \u2067가\u2069 \u200f나\u200e \u061c다\ufffe",
}
PASSIVE = {"heading", "paragraph", "inline", "text", "softbreak", "blockquote", "text_special"}
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u206f\ufffe]"
)


@pytest.fixture(params=WORDS)
def words(request):
    return WORDS[request.param]


def spaceless(text):
    return "".join(text.split())


def test_markdown_shows_the_words_and_nothing_else(words):
    text = write(read(everywhere(words)), "md", "ko", NOW, {}).decode()
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    every = [one for token in tokens for one in (token, *(token.children or ()))]
    kinds = {one.type.removesuffix("_open").removesuffix("_close") for one in every}
    assert kinds <= PASSIVE
    shown = ["".join(c.content for c in t.children) for t in tokens if t.type == "inline"]
    holding = [line for line in shown if clean(words) in line]
    assert len(holding) >= 7  # title, questions, sentence, notice, facts, refusal and note
    assert not INVISIBLE.search(text)
    # Of marks beyond CommonMark: every note is ours, and nothing is hidden or lit up.
    assert re.findall(r"^\[\^(\d+)\]:", text, re.M) == ["1"]
    assert re.findall(r"(?<!\\)\[\^(\d+)\]", text) == ["1", "1"]
    assert not re.search(r"==|%%|::|\$\$|\[\[|://", text)


def test_word_shows_the_words_and_nothing_else(words):
    data = write(read(everywhere(words)), "docx", "ko", NOW, {})
    document = docx.Document(io.BytesIO(data))
    kind, notes = notes_of(document)
    shown = [p.text for p in document.paragraphs]
    assert sum(clean(words) in text for text in shown) >= 6
    assert clean(words) in "".join(t.text for t in notes.iter(f"{W}t"))
    assert document.core_properties.title == clean(words)
    for part in (document.element, notes, document.sections[0].footer._element):
        acting = {e.tag.removeprefix(W) for e in part.iter() if isinstance(e.tag, str)}
        assert not acting & {"hyperlink", "instrText", "fldChar", "object", "altChunk", "script"}
        fields = [e.get(f"{W}instr").split()[0] for e in part.iter(f"{W}fldSimple")]
        assert set(fields) <= {"PAGE", "NOTEREF"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                inside = archive.read(name).decode()
                assert 'TargetMode="External"' not in inside
                assert not INVISIBLE.search(inside.replace("\r\n", "\n")), name


def test_a_pdf_shows_the_words_and_nothing_else(words, tmp_path):
    given = everywhere(words)
    data = pdf(paper(read(given), "ko", NOW.date()), NOW, boxes(tmp_path, given))
    document = pypdfium2.PdfDocument(data)
    text = spaceless("".join(page.get_textpage().get_text_range() for page in document))
    assert text.count(spaceless(clean(words))) >= 11
    assert not INVISIBLE.search(text)
    assert document.get_metadata_value("Title") == clean(words)
    assert raw.FPDFDoc_GetJavaScriptActionCount(document) == 0
    assert raw.FPDFDoc_GetAttachmentCount(document) == 0
    for page in document:
        assert raw.FPDFPage_GetAnnotCount(page) == 0
        link, at = raw.FPDF_LINK(), ctypes.c_int(0)
        assert not raw.FPDFLink_Enumerate(page, at, link)


def test_text_shows_the_words_and_nothing_that_turns_or_colours_them(words):
    text = write(read(everywhere(words)), "txt", "ko", NOW, {}).decode()
    assert text.count(clean(words)) >= 11
    assert not INVISIBLE.search(text)


def test_a_receipt_keeps_the_words_as_they_were_and_shows_none_that_turn(words):
    given = read(everywhere(words))
    data = write(given, "json", "ko", NOW, {}).decode()
    assert not INVISIBLE.search(data)
    receipt = json.loads(data)
    assert receipt["digest"] == digest(receipt)
    item = receipt["items"][0]
    assert item["question"] == item["sentences"][0]["text"] == words
    (cited,) = item["citations"]
    assert cited["quote"] == cited["document_title"] == cited["section"] == words
    assert FIRST in item["answer"]


@pytest.mark.parametrize("format", ["txt", "md", "docx", "pdf", "json"])
def test_the_name_of_a_file_is_letters_digits_and_hyphens(words, format):
    name = file_name(read(everywhere(f"../../{words}/con.exe")), format, NOW)
    ending = "receipt.json" if format == "json" else format
    assert re.fullmatch(rf"citebrief-2026-11-23(-[^\W_]+)*\.{re.escape(ending)}", name)
    assert not INVISIBLE.search(name)
