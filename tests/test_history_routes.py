"""The server's history and feedback, asked over HTTP."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from talk_samples import QUESTION, QUOTE, refusal, turn

from assistant.accounts import Accounts
from assistant.conversation import Rating
from assistant.feedback import kept
from assistant.history import History
from assistant.web.history_routes import LARGEST_BODY, routes
from index.errors import CiteBriefError
from index.record.library import Library

ONE = "1" * 32


@pytest.fixture
def record(tmp_path):
    with Library.open(f"sqlite:///{tmp_path}/citebrief.db") as library:
        for name in ("jihye", "minsu"):
            Accounts(library, cost=4).add(name, "correct horse")
        History(library).save("jihye", ONE, turn(1))
        History(library).save("jihye", "2" * 32, refusal(2))
        yield library


def client(open_record, user=None):
    """A browser of `user`, as the server's middleware would tell."""

    async def app(scope, receive, send):
        if scope["type"] == "http":
            scope.setdefault("state", {})["user"] = user
        await inner(scope, receive, send)

    inner = Starlette(routes=routes(open_record))
    return TestClient(app)


@pytest.fixture
def jihye(record):
    return client(lambda create: record, "jihye")


@pytest.fixture
def anybody(record):
    return client(lambda create: record)


def test_without_a_login_the_history_is_in_the_browser(anybody):
    assert anybody.get("/history").json() == {"where": "browser"}
    for method, path in (("GET", f"/history/{ONE}"), ("DELETE", "/history"), ("PUT", "/history/1")):
        assert anybody.request(method, path, json={"title": "x"}).status_code == 404


def test_a_server_that_tells_no_user_has_anonymous_readers(record):
    plain = TestClient(Starlette(routes=routes(lambda create: record)))
    assert plain.get("/history").json() == {"where": "browser"}


def test_conversations_are_listed_searched_and_read(jihye):
    reply = jihye.get("/history")
    assert reply.headers["cache-control"] == "no-store"
    assert len(reply.json()["conversations"]) == 2
    (found,) = jihye.get("/history", params={"q": "부산 항"}).json()["conversations"]
    assert (found["id"], found["title"], found["turns"]) == (ONE, QUESTION, 1)
    whole = jihye.get(f"/history/{ONE}").json()
    assert whole["turns"] == [turn(1).to_json()]
    assert jihye.get("/history", params={"before": "x"}).status_code == 400
    assert jihye.get("/history", params={"q": "x" * 300}).status_code == 400


def test_a_conversation_is_renamed_and_deleted(jihye):
    assert jihye.put(f"/history/{ONE}", json={"title": "예산"}).json() == {"done": True}
    assert jihye.get(f"/history/{ONE}").json()["title"] == "예산"
    for bad in ({}, {"title": ""}, {"title": 7}, [], "x"):
        assert jihye.put(f"/history/{ONE}", json=bad).status_code == 400
    assert jihye.delete(f"/history/{ONE}").json() == {"done": True}
    assert jihye.get(f"/history/{ONE}").status_code == 404
    assert jihye.delete("/history").json() == {"deleted": 1}


def test_nobody_reaches_the_conversation_of_another(record):
    minsu = client(lambda create: record, "minsu")
    assert minsu.get("/history").json()["conversations"] == []
    for method in ("GET", "PUT", "DELETE"):
        reply = minsu.request(method, f"/history/{ONE}", json={"title": "mine"})
        assert reply.status_code == 404
    assert minsu.post("/feedback", json={"turn": turn(1).id, "thumb": "up"}).status_code == 404
    assert History(record).get("jihye", ONE).title == QUESTION


def test_anybody_may_rate_what_the_browser_shows_and_take_it_back(anybody, record):
    body = {"turn": turn(5).to_json(), "thumb": "down", "reasons": ["incomplete"], "note": "짧다"}
    reply = anybody.post("/feedback", json=body)
    assert reply.json() == {"rating": {"thumb": "down", "reasons": ["incomplete"], "note": "짧다"}}
    (found,) = kept(record)
    assert (found.user, found.answer.citations[0].quote) == (None, QUOTE)
    assert anybody.post("/feedback", json=body | {"thumb": None}).json() == {"rating": None}
    assert kept(record) == []


def test_with_a_login_the_id_is_enough_and_what_is_stored_counts(jihye, record):
    reply = jihye.post("/feedback", json={"turn": turn(1).id, "thumb": "up"})
    assert reply.status_code == 200
    assert History(record).turn("jihye", turn(1).id).rating == Rating("up")
    forged = turn(1).to_json()
    forged["question"] = "다른 질문"
    jihye.post("/feedback", json={"turn": forged, "thumb": "down"})
    (found,) = kept(record)
    assert (found.user, found.question, found.rating.thumb) == ("jihye", QUESTION, "down")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"thumb": "sideways"}, "rating.thumb"),
        ({"reasons": ["rude"]}, "rating.reasons.0"),
        ({"note": "x" * 3000}, "rating.note"),
        ({"turn": {"id": "x"}}, "turn"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_wrong_with_feedback_is_told(anybody, record, change, told):
    reply = anybody.post("/feedback", json={"turn": turn(5).to_json(), "thumb": "down"} | change)
    assert reply.status_code == 400
    assert reply.json()["message"].startswith(told)
    assert kept(record) == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"x" * (LARGEST_BODY + 1)]
)
def test_what_is_no_small_json_object_is_refused(anybody, body):
    assert anybody.post("/feedback", content=body).status_code == 400


def test_a_rating_of_a_turn_that_nobody_knows_is_a_404(anybody, jihye):
    for one in (anybody, jihye):
        for unknown in ("f" * 16, None, 7):
            assert one.post("/feedback", json={"turn": unknown, "thumb": "up"}).status_code == 404


def test_without_a_database_feedback_is_told_to_be_impossible():
    nobody = client(lambda create: None)
    body = {"turn": turn(5).to_json(), "thumb": "up"}
    reply = nobody.post("/feedback", json=body)
    assert reply.status_code == 503
    assert "데이터베이스" in reply.json()["messages"]["ko"]
    assert nobody.post("/feedback", json=body | {"thumb": None}).json() == {"rating": None}
    alone = client(lambda create: None, "jihye")
    assert alone.get("/history").json()["conversations"] == []
    assert alone.delete("/history").json() == {"deleted": 0}


def test_the_first_feedback_makes_the_record(tmp_path):
    asked = []

    def open_record(create):
        asked.append(create)
        return Library.open(f"sqlite:///{tmp_path}/new.db") if create else None

    reply = client(open_record).post("/feedback", json={"turn": turn(5).to_json(), "thumb": "up"})
    assert reply.status_code == 200
    assert asked[-1] is True


def test_a_failing_database_is_told_without_its_insides():
    def broken(create):
        raise CiteBriefError("The record in /secret/place is busy.")

    reply = client(broken, "jihye").get("/history")
    assert reply.status_code == 503
    assert "secret" not in json.dumps(reply.json())
    assert set(reply.json()["messages"]) == {"ko", "en"}
