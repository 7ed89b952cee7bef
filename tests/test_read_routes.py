"""What the server answers to the pane: documents, parts, searches; nothing for anything else."""

from types import SimpleNamespace

import pytest
from libraries import write_small_library
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_reading import sentences

from assistant.web.read_routes import routes
from index.chunk import chunk
from index.load import load_library


@pytest.fixture
def assistant(tmp_path):
    write_small_library(tmp_path)
    documents = {one.id: one for one in load_library(tmp_path)}
    passages = [p for one in documents.values() for p in chunk(one, sentences)]
    return SimpleNamespace(index=SimpleNamespace(documents=documents, passages=passages))


@pytest.fixture
def client(assistant):
    return TestClient(Starlette(routes=routes(assistant)))


def test_a_document_is_a_private_fragment_that_may_load_nothing(client):
    reply = client.get("/read/harbour?mode=both&lang=en&around=harbour:s003")
    assert reply.status_code == 200
    assert 'data-mode="both"' in reply.text
    assert 'data-passage="harbour:s003"' in reply.text
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "private, no-cache"
    again = {"if-none-match": reply.headers["etag"]}
    url = "/read/harbour?mode=both&lang=en&around=harbour:s003"
    assert client.get(url, headers=again).status_code == 304


def test_who_reads_another_language_is_shown_both_at_first(client):
    own, other = (client.get(f"/read/harbour?mode=auto&lang={lang}").text for lang in ("ko", "en"))
    assert 'data-mode="original"' in own
    assert 'data-mode="both"' in other


def test_a_part_comes_by_itself_and_a_gone_passage_leaves_the_document(client):
    assert client.get("/read/harbour?part=0").text.startswith('<div class="cb-part"')
    assert client.get("/read/harbour?around=forest:s001").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/read/gone", "/read/..%2f..%2fetc", "/read/harbour?part=9", "/read/harbour?part=-1",
     "/read/harbour?part=²", "/read/harbour?part=", "/read/gone/search?q=a"],
)  # fmt: skip
def test_what_is_not_there_is_not_found_and_nothing_else_is_said(client, path):
    reply = client.get(path)
    assert reply.status_code == 404
    assert "citebrief" not in reply.text
    assert "expected" not in reply.text


def test_a_search_is_json_with_marked_places_and_a_long_one_is_refused(client):
    found = client.get("/read/harbour/search", params={"q": "보호구역"}).json()
    assert found["total"] == 1
    match = found["matches"][0]
    start, end = match["snippet_marks"][0]
    assert match["snippet"][start:end] == "보호 구역"
    assert match["passage"].startswith("harbour:")
    assert client.get("/read/harbour/search", params={"q": "가" * 201}).status_code == 400
    assert client.get("/read/harbour/search").json()["matches"] == []


def test_a_newer_version_of_the_library_is_read_at_once(client, assistant):
    assert client.get("/read/trains").status_code == 200
    index = assistant.index
    rest = {id: one for id, one in index.documents.items() if id != "trains"}
    assistant.index = SimpleNamespace(documents=rest, passages=index.passages)
    assert client.get("/read/trains").status_code == 404
