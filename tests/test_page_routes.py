"""What the chat's server answers about pages, to those who ask well and to those who do not."""

import io
from dataclasses import replace

import pytest
from PIL import Image
from printed_pages import printed
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_pages import BRIEF, library

from assistant.pages import Pages
from assistant.render import page_href
from assistant.web.page_routes import routes


@pytest.fixture
def held():
    return library()


@pytest.fixture
def client(held):
    index, originals = held
    return TestClient(Starlette(routes=routes(Pages(lambda: index, originals), lambda: "b {}")))


def test_the_image_of_a_passage_is_a_private_png_in_a_sandbox(client):
    reply = client.get("/page/harbour/harbour:s0.png?n=0")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "image/png"
    assert reply.headers["cache-control"] == "private, no-cache"
    assert reply.headers["content-security-policy"].startswith("sandbox")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-disposition"].startswith("inline")
    assert Image.open(io.BytesIO(reply.content)).size == (800, 600)


def test_the_whole_pdf_comes_unchanged_inline_and_in_a_sandbox(client):
    reply = client.get("/document/harbour.pdf")
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-security-policy"].startswith("sandbox")
    assert reply.headers["content-disposition"] == "inline; filename*=UTF-8''harbour.pdf"
    assert reply.content == printed(BRIEF)


def test_what_a_browser_has_already_is_not_sent_again_until_it_changes(client, held):
    first = client.get("/document/harbour.pdf")
    again = {"if-none-match": first.headers["etag"]}
    assert client.get("/document/harbour.pdf", headers=again).status_code == 304
    held[1].files["harbour"] += b"\n%more"
    assert client.get("/document/harbour.pdf", headers=again).status_code == 200


@pytest.mark.parametrize(
    ("lang", "words"),
    [("ko", ["1쪽", "2쪽", "PDF 전체 열기"]), ("en", ["p. 1", "p. 2", "whole PDF"])],
)
def test_the_html_page_shows_both_pages_in_the_language_of_the_answer(client, lang, words):
    reply = client.get("/" + page_href("harbour", "harbour:s1", lang))
    assert reply.status_code == 200
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert all(word in reply.text for word in words)
    assert f'lang="{lang}"' in reply.text
    assert 'src="harbour%3As1.png?n=1"' in reply.text
    assert 'href="../../document/harbour.pdf#page=1"' in reply.text
    assert "보고서>" not in reply.text  # the title is escaped
    assert "cb-unmarked" not in reply.text


@pytest.mark.parametrize(("lang", "words"), [("ko", "표시하지 않았습니다"), ("en", "not marked")])
def test_a_page_without_a_mark_says_so(client, held, lang, words):
    held[1].known.clear()
    reply = client.get(f"/page/harbour/harbour:s0?lang={lang}")
    assert words in reply.text
    assert "cb-spot" not in reply.text.partition("<main")[2]


@pytest.mark.parametrize(
    "path",
    [
        "/page/harbour/harbour:s9",
        "/page/harbour/harbour:s9.png",
        "/page/word/harbour:s0",
        "/page/word/harbour:s0.png",
        "/page/word/word:s0.png",
        "/page/folder/folder:s0",
        "/page/harbour/harbour:s0.png?n=1",
        "/page/harbour/harbour:s0.png?n=-1",
        "/page/harbour/harbour:s0.png?n=²",
        "/page/harbour/harbour:s0.png?n=999999999999999999999",
        "/document/gone.pdf",
        "/document/word.pdf",
        "/document/..%2f..%2fetc%2fpasswd.pdf",
        "/document/%2e%2e%2fharbour.pdf",
        "/page/%00/%00.png",
    ],
)
def test_what_is_not_in_the_open_index_is_not_found_and_nothing_else_is_said(client, path):
    reply = client.get(path)
    assert reply.status_code == 404
    told = reply.text.partition("<main")[2] or reply.text
    assert not any(secret in told for secret in ("Traceback", "InputError", "citebrief", "passwd"))


@pytest.mark.parametrize(("lang", "words"), [("ko", "읽지 못해"), ("en", "could not be read")])
def test_a_damaged_pdf_is_told_of_without_internals(client, held, lang, words):
    held[1].files["harbour"] = b"%PDF-1.7 damaged"
    page = client.get(f"/page/harbour/harbour:s0?lang={lang}")
    assert page.status_code == 500
    assert words in page.text
    assert client.get("/page/harbour/harbour:s0.png").text == "Failed."


def test_a_quote_in_the_page_is_text():
    index, originals = library()
    index.passages[0] = replace(index.passages[0], quote='"><script>alert(1)</script>')
    client = TestClient(Starlette(routes=routes(Pages(lambda: index, originals), lambda: "")))
    assert "<script>" not in client.get("/page/harbour/harbour:s0").text
