"""Which pages can be shown, and that nothing but the open index says so."""

from types import SimpleNamespace

import pytest
from chat_with_pages import BRIEF
from passages import passage
from printed_pages import FakeOriginals, boxes_of, printed, text_of

from assistant.errors import InputError
from assistant.pages import KEPT, Pages
from index.types import Document, Section

TEXT = text_of(BRIEF)
SENTENCES = [
    "부산항은 2030년까지 3조 원을 들여 확장된다.",
    "어민들은 갯벌의 훼손에 대하여 보상을 요구한다.",
]


def document(id="harbour", sha256="1"):
    section = Section("sec0", 1, {"ko": "항만"}, 0, len(TEXT))
    titles = {"ko": "항만 <보고서>", "en": "Harbour report"}
    return Document(id, "ko", titles, TEXT, (), (0,), (section,), sha256=sha256)


def passages(document_id="harbour"):
    for number, quote in enumerate(SENTENCES):
        start = TEXT.index(quote)
        span = {"char_start": start, "char_end": start + len(quote)}
        yield passage(quote, id=f"{document_id}:s{number}", document_id=document_id, **span)


def library():
    """An index of a PDF, a Word file and a file of the library folder, and what is kept of them."""
    ids = ("harbour", "word", "folder")
    index = SimpleNamespace(
        documents={i: document(i) for i in ids}, passages=[p for i in ids for p in passages(i)]
    )
    files = {"harbour": printed(BRIEF), "word": b"PK\x03\x04", "gone": printed(BRIEF)}
    return index, FakeOriginals(files, {"harbour": boxes_of(BRIEF)})


@pytest.fixture
def pages():
    index, originals = library()
    return Pages(lambda: index, originals)


def test_only_an_open_document_whose_pdf_is_kept_shows_pages(pages):
    shown = {i: pages.shows(i) for i in ("harbour", "word", "folder", "gone", "../harbour")}
    assert shown == {
        "harbour": True,
        "word": False,
        "folder": False,
        "gone": False,
        "../harbour": False,
    }


def test_whether_a_document_is_a_pdf_is_asked_once_a_version():
    index, originals = library()
    asked = []
    counting = SimpleNamespace(original=lambda i: asked.append(i) or originals.original(i))
    pages = Pages(lambda: index, counting)
    assert [pages.shows("harbour") for _ in range(3)] == [True] * 3
    index.documents["harbour"] = document(sha256="2")
    originals.files["harbour"] = b"# now Markdown"
    assert pages.shows("harbour") is False
    assert asked == ["harbour", "harbour"]


def test_a_passage_over_a_page_break_is_shown_on_both_pages(pages):
    assert [(i.page, len(i.marks)) for i in pages.view("harbour:s0").images] == [(1, 1)]
    assert [(i.page, len(i.marks)) for i in pages.view("harbour:s1").images] == [(1, 1), (2, 1)]


def test_what_was_shown_is_kept_until_the_document_changes():
    index, originals = library()
    pages = Pages(lambda: index, originals)
    first = pages.view("harbour:s0")
    assert pages.view("harbour:s0") is first
    index.documents["harbour"] = document(sha256="2")
    assert pages.view("harbour:s0") is not first
    assert len(pages._views) <= KEPT


def test_the_index_that_is_open_now_is_asked():
    index, originals = library()
    pages = Pages(lambda: index, originals)
    pages.view("harbour:s0")
    index.passages, index.documents = [], {}
    with pytest.raises(InputError, match="no passage 'harbour:s0'"):
        pages.view("harbour:s0")
    assert not pages.shows("harbour")


@pytest.mark.parametrize(
    ("passage_id", "message"),
    [
        ("harbour:s9", r"no passage 'harbour:s9' .* citebrief ask"),
        ("word:s0", r"'word' has no pages to show.*citebrief ingest"),
        ("folder:s0", r"'folder' has no pages to show"),
    ],
)
def test_what_has_no_page_is_refused_with_what_to_do(pages, passage_id, message):
    with pytest.raises(InputError, match=message):
        pages.view(passage_id)


def test_the_whole_pdf_is_the_file_as_it_was_handed_over(pages):
    assert pages.pdf("harbour") == library()[1].files["harbour"]
    with pytest.raises(InputError, match="no document 'gone'"):
        pages.pdf("gone")
