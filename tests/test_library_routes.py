"""The library over HTTP, over a real record: uploads from friends and strangers, and removal."""

import unicodedata

import pytest
from library_page import HARBOUR, in_this_process, library, wait_for
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from assistant.web import library_routes
from assistant.web.library_routes import routes


@pytest.fixture
def held(nothing_set, monkeypatch, tmp_path, tiny_lexicon, small_library):
    in_this_process(monkeypatch, **tiny_lexicon)
    return library(tmp_path, small_library, tiny_lexicon)


@pytest.fixture
def client(held):
    return TestClient(Starlette(routes=held.routes))


def upload(client, *files, lang="en"):
    return client.post(f"/library?lang={lang}", files=[("files", file) for file in files])


def kept(client, *files):
    return wait_for(client, upload(client, *files).json()["job"])


def test_the_built_in_documents_are_there_from_the_start_and_cannot_be_removed(client):
    told = client.get("/library").json()
    assert told["documents"]
    assert not any(d["removable"] or d["kept"] for d in told["documents"])
    assert told["uploads"]["allowed"]
    id = told["documents"][0]["id"]
    reply = client.delete(f"/library/{id}")
    assert (reply.status_code, reply.json()["code"]) == (409, "folder")
    assert "지울 수 없습니다" in reply.json()["error"]


def test_an_upload_can_be_asked_updated_and_removed_with_proof(client, held, tmp_path):
    decomposed = unicodedata.normalize("NFD", "항만 보고서.md")
    job = kept(client, (decomposed, HARBOUR.encode()))
    (file,) = job["files"]
    assert (file["name"], file["state"], file["outcome"]) == ("항만 보고서.md", "ready", "new")
    id = file["document"]
    assert "2030년" in str(held.live.ask("인천항은 언제까지 넓히나요?").to_json())
    covered = client.get(f"/library/{id}").json()
    assert covered["titles"] == {"ko": "항만 보고서"}
    assert [s["titles"]["ko"] for s in covered["sections"]] == ["재원"]
    assert covered["removable"]
    assert str(tmp_path) not in str(covered)
    again = kept(client, ("항만 보고서.md", HARBOUR.encode()))["files"][0]
    assert (again["outcome"], again["document"]) == ("unchanged", id)
    twin = kept(client, ("copy.md", HARBOUR.encode()))["files"][0]
    assert (twin["outcome"], twin["document"]) == ("same", id)
    newer = HARBOUR.replace("2030", "2035").encode()
    changed = kept(client, ("항만 보고서.md", newer))["files"][0]
    assert (changed["outcome"], changed["document"], changed["rewritten"]) == ("changed", id, 1)
    assert "2035년" in str(held.live.ask("인천항은 언제까지 넓히나요?").to_json())
    proof = wait_for(client, client.delete(f"/library/{id}").json()["job"])
    assert (proof["state"], proof["proof"]["proved"]) == ("removed", True)
    assert client.get(f"/library/{id}").status_code == 404
    sentence = "인천항은 2035년까지".encode()
    ours = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert not [p for p in ours if sentence in p.read_bytes()]


def test_hostile_names_are_kept_harmless_or_told_of(client, held, tmp_path):
    job = kept(
        client,
        ("../../etc/passwd", b"root"),
        ("../../<img onerror>.txt", b"The port grows by ten percent each year, it says."),
        ("\u202efdp.exe", b"MZ"),
        ("가" * 300 + ".txt", "항만은 해마다 십 퍼센트씩 커진다고 한다.".encode()),
        ("empty.txt", b""),
        ("fake.pdf", b"%PDF-1.4 nothing"),
    )
    codes = [file["code"] for file in job["files"]]
    assert codes == ["suffix", None, "suffix", None, "empty", "damaged"]
    assert all(file["message"] for file in job["files"] if file["code"])
    assert str(tmp_path) not in str(job)
    names = {p.name for p in (tmp_path / "record" / "citebrief-uploads").iterdir() if p.is_file()}
    assert names == {job["files"][1]["name"], job["files"][3]["name"]}
    assert not (tmp_path / "etc").exists()


def test_too_large_a_file_is_left_out_and_the_others_go_on(held, monkeypatch):
    monkeypatch.setattr(library_routes, "MB", 100)
    client = TestClient(Starlette(routes=held.routes))
    text = b"The port grows by ten percent each year, it says."
    job = kept(client, ("big.txt", b"x" * 10_000), ("small.txt", text))
    assert [file["code"] for file in job["files"]] == ["large", None]
    assert "50 MB" in job["files"][0]["message"]


def test_what_is_no_form_of_files_is_refused(client, tmp_path):
    assert client.post("/library", content=b"hello").status_code == 400
    cut = {"content-type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nab'
    assert client.post("/library", content=part, headers=cut).json()["code"] == "form"
    assert client.post("/library", data={"a": "b"}, files={"x": ("", b"")}).status_code == 400
    many = upload(client, *[(f"{n}.txt", b"x") for n in range(51)])
    assert (many.status_code, many.json()["code"]) == (413, "many")
    assert not [*(tmp_path / "record" / "citebrief-uploads" / ".incoming").iterdir()]
    assert client.get("/library/jobs/0123").status_code == 404
    assert client.delete("/library/jobs/0123?lang=en").json()["error"].startswith("There is no")
    assert client.delete("/library/nothing").status_code == 404


class As:
    """Middleware that says who asks."""

    def __init__(self, app, **who):
        self.app, self.who = app, who

    async def __call__(self, scope, receive, send):
        scope.setdefault("state", {}).update(self.who)
        await self.app(scope, receive, send)


@pytest.mark.parametrize(
    ("who", "login", "asks", "allowed"),
    [
        ("anyone", False, {}, True),
        ("nobody", False, {"user": "kim", "role": "admin"}, False),
        ("admins", False, {}, False),
        ("admins", True, {"user": "kim", "role": "reader"}, False),
        ("admins", True, {"user": "kim", "role": "admin"}, True),
        ("anyone", True, {"user": None}, False),
        ("anyone", True, {"user": "kim"}, True),
    ],
)
def test_who_may_change_the_library_is_a_setting(who, login, asks, allowed):
    shelf = type("Empty", (), {"documents": lambda self: [], "coverage": lambda self, id: None})()
    queue = type("Queue", (), {"room": lambda self: None})()
    app = Starlette(
        routes=routes(shelf, queue, who=who, login=login), middleware=[Middleware(As, **asks)]
    )
    client = TestClient(app)
    told = client.get("/library").json()["uploads"]
    assert (told["allowed"], told["why"] is None) == (allowed, allowed)
    assert (client.delete("/library/x").status_code == 404) is allowed


def test_words_that_a_built_in_document_has_too_do_not_spoil_the_proof(client):
    text = (
        "# 사본\n\n부산항은 2030년까지 3조 원을 들여 확장된다. 이 사본에만 있는 문장도 하나 둔다.\n"
    )
    id = kept(client, ("copy.md", text.encode()))["files"][0]["document"]
    proof = wait_for(client, client.delete(f"/library/{id}").json()["job"])["proof"]
    assert (proof["proved"], proof["sentences"]) == (True, 1)
