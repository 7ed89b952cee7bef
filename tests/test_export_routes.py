"""Taking away over HTTP, by those who ask well and by those who do not."""

import io
from datetime import UTC, datetime
from types import SimpleNamespace

import docx
import pytest
from exported import conversation, font
from fakes import DOCUMENT, FIRST, answered
from starlette.applications import Starlette
from starlette.testclient import TestClient

from assistant.export import pdf_font
from assistant.web import export_routes
from assistant.web.export_routes import routes

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def client(brief_index):
    index = SimpleNamespace(
        documents={"brief": DOCUMENT}, passages=[], analyzer=brief_index.analyzer
    )
    app = Starlette(routes=routes(SimpleNamespace(index=index), None, lambda: NOW))
    return TestClient(app)


def asked(format, **more):
    return {"format": format, "conversation": conversation(), **more}


@pytest.mark.parametrize(
    ("format", "kind", "begins"),
    [
        ("md", "text/markdown; charset=utf-8", "# 함정은 몇 척인가?".encode()),
        ("txt", "text/plain; charset=utf-8", "함정은 몇 척인가?".encode()),
        ("json", "application/json", b'{\n "receipt": "citebrief/1"'),
        ("docx", export_routes.MEDIA["docx"], b"PK"),
    ],
)
def test_a_conversation_comes_as_a_file_that_is_not_kept(client, format, kind, begins):
    reply = client.post("/export", json=asked(format))
    assert reply.status_code == 200
    assert reply.headers["content-type"] == kind
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.content.startswith(begins)
    where = reply.headers["content-disposition"]
    assert where.startswith(
        f'attachment; filename="citebrief-2026-11-23.{format}"; filename*=UTF-8'
    )
    assert "%ED%95%A8%EC%A0%95" in where


def test_word_opens_what_came(client):
    content = client.post("/export", json=asked("docx", lang="en")).content
    assert docx.Document(io.BytesIO(content)).paragraphs[2].text.startswith("Question 1. ")


def test_a_pdf_needs_a_font_and_the_reader_is_told_in_their_language(client, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf_font, "PLACES", ())
    monkeypatch.delenv("WINDIR", raising=False)
    reply = client.post("/export", json=asked("pdf"))
    assert reply.status_code == 400
    assert "CITEBRIEF_FONT" in reply.json()["error"]
    assert "글꼴" in reply.json()["error"]
    letters = "".join(sorted(set(str(conversation())) | set("가힣A1“「」‘’각주질문")))
    found = font(tmp_path / "boxes.ttf", letters)
    monkeypatch.setattr(pdf_font, "PLACES", ((str(found), 0),))
    assert client.post("/export", json=asked("pdf")).content.startswith(b"%PDF")


def test_a_receipt_goes_out_and_comes_back(client):
    receipt = client.post("/export", json=asked("json")).json()
    for body in (receipt, {"receipt": receipt, "lang": "en"}):
        found = client.post("/verify", json=body).json()
        assert {f["code"] for f in found["findings"] if f["about"] == "receipt"} == {"digest"}
        assert set(found["message"]) == {"ko", "en"}


@pytest.mark.parametrize("path", ["/export", "/verify"])
@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b"[" * 100_000, b"{}"])
def test_what_is_no_request_is_a_400_with_a_sentence(client, path, body):
    for lang, words in (("ko", "다"), ("en", " ")):
        reply = client.post(f"{path}?lang={lang}", content=body)
        assert reply.status_code == 400
        assert words in reply.json()["error"]


def test_the_field_that_is_wrong_is_named(client):
    given = conversation(answered(FIRST))
    given["turns"][0]["answer"]["language"] = "fr"
    reply = client.post("/export", json={"format": "md", "lang": "en", "conversation": given})
    assert "turns[0].answer.language" in reply.json()["error"]


def test_too_much_is_a_413(client, monkeypatch):
    monkeypatch.setattr(export_routes, "LARGEST", 1000)
    reply = client.post("/export", json=asked("md"))
    assert reply.status_code == 413
    assert "4MB" in reply.json()["error"]


def test_a_fault_shows_nothing_of_the_inside(client, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(export_routes, "write", fail)
    reply = client.post("/export", json=asked("md"))
    assert reply.status_code == 500
    assert "secret" not in reply.text


def test_the_routes_take_posts_only(client):
    assert client.get("/export").status_code == client.get("/verify").status_code == 405
