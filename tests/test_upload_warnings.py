"""What was noticed of a file, in the reader's language; what the parsers really say is known."""

import inspect
import re

import pytest

from assistant.coverage import Coverage
from assistant.upload_jobs import File
from assistant.upload_warnings import told
from index.parse import docx, html, markdown, parser, pdf, text

HANGUL = re.compile("[가-힣]")
KNOWN = {
    "Page 3 could not be read: the file is damaged there.": "3쪽은 파일이 손상되어 읽지 "
    "못했습니다.",
    "Pages 2-5, 9 were read by OCR; check quotes against the page.": "2~5, 9쪽은 그림에서 글자를 "
    "인식해 읽었습니다. 인용문을 그 쪽과 맞추어 보십시오.",
    "a {b} is one.docx is Markdown in spite of its name; it was read as such.": "‘a {b} is "
    "one.docx’의 내용은 이름과 달리 Markdown입니다. 내용에 맞추어 읽었습니다.",
}


@pytest.mark.parametrize("english", KNOWN)
def test_names_and_numbers_are_carried_over(english):
    assert told([english], "ko") == [KNOWN[english]]
    assert told([english], "en") == [english]


def pdf_warnings(tmp_path, pages):
    path = tmp_path / "cut.pdf"
    path.write_bytes(b"%PDF-1.7")
    every = pdf._Pages(
        **dict.fromkeys(("unread", "garbled", "recognised", "laid", "failed"), pages)
    )
    lost = pdf._Pages(lost=pages)
    return [*pdf._warnings(every, path, 12), *pdf._warnings(lost, path, 12)]


@pytest.mark.parametrize("pages", [[1], [1, 2, 3, 7], [12]])
def test_all_that_is_noticed_of_a_pdf_has_korean_words(tmp_path, pages):
    english = pdf_warnings(tmp_path, pages)
    assert len(english) == 7
    korean = told(english, "ko")
    assert all(HANGUL.search(sentence) for sentence in korean)
    assert len(set(korean)) == 7
    assert sum("쪽" in sentence for sentence in korean) == 7


@pytest.mark.parametrize("kind", parser._NAMES)
def test_a_file_of_another_kind_than_its_name_says_has_korean_words(kind):
    english = f"보고서.txt is {parser._NAMES[kind]} in spite of its name; it was read as such."
    (korean,) = told([english], "ko")
    assert korean.startswith("‘보고서.txt’의 내용은 이름과 달리 ")
    assert parser._NAMES[kind] not in korean or kind == "md"


@pytest.mark.parametrize("broken", [1, 3])
def test_broken_letters_have_korean_words(tmp_path, broken):
    path = tmp_path / "a.txt"
    path.write_bytes("부산항은 넓다.\n".encode() * 40 + b"\xff" * broken)
    korean = told(text.parse_text(path).warnings, "ko")
    assert f"{broken}군데" in korean[0]
    assert "41번째 줄" in korean[0]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        (docx, "A part that another program embedded was not read."),
        (html, "Elements that lie too deep inside each other were not read."),
        (markdown, "Too large, or of too long lines, for Markdown; it was read as plain text."),
    ],
)
def test_sentences_without_numbers_have_korean_words(where, sentence):
    assert sentence in inspect.getsource(where)
    assert HANGUL.search(told([sentence], "ko")[0])


def test_a_sentence_of_another_version_stays_as_it_is():
    assert told(["Something else was noticed."], "ko") == ["Something else was noticed."]


def test_the_list_and_an_upload_tell_them_in_the_language_asked_for():
    english = "Page 3 could not be read: the file is damaged there."
    file = File("a.pdf", 1, "ready", warnings=(english,))
    held = Coverage("a", {}, "ko", "pdf", 1, 1, None, "none", None, True, warnings=(english,))
    assert file.to_json("ko", 50)["warnings"] == held.to_json("ko")["warnings"] == [KNOWN[english]]
    assert file.to_json("en", 50)["warnings"] == held.to_json("en")["warnings"] == [english]
