"""The server's own routes, its headers and limits, its log and its metrics."""

import io
import json
import logging
import re

import pytest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from web_app import SECRET, client_of, service_of

from assistant.settings import Settings
from assistant.web import logs
from assistant.web.guard import Hosts

ASK = {"question": SECRET}


async def save(request):
    await request.body()
    return JSONResponse({"saved": True})


async def fall(request):
    raise ValueError("internals")


ROUTES = [Route("/feedback", save, methods=["POST"]), Route("/fall", fall)]


@pytest.fixture
def service():
    return service_of()


@pytest.fixture
def client(service):
    return client_of(service, ROUTES)


def test_health_is_ok_and_readiness_says_what_is_missing(service, client):
    assert client.get("/health").json() == {"status": "ok"}
    ready = client.get("/ready")
    assert ready.status_code == 200
    assert {"documents": 1, "passages": 1, "missing": []}.items() <= ready.json().items()
    service.warm = False
    waiting = client.get("/ready")
    assert (waiting.status_code, waiting.json()["missing"]) == (503, ["models"])


def test_metrics_count_questions_by_engine_status_language_and_door(client):
    client.post("/api/ask", json=ASK)
    client.post("/api/ask", json={"question": "fault"})
    client.post("/api/check", json={"text": "a"})
    text = client.get("/metrics").text
    for line in (
        'citebrief_questions_total{door="rest",engine="extractive",language="ko",'
        'status="answered"} 1.0',
        'citebrief_questions_total{door="rest",engine="none",language="none",status="error"} 1.0',
        'citebrief_answer_seconds_count{door="rest"} 1.0',
        'citebrief_first_sentence_seconds_count{door="rest"} 1.0',
        'citebrief_checks_total{door="rest",status="done"} 1.0',
        'citebrief_errors_total{kind="fault"} 1.0',
        "citebrief_library_documents 1.0",
        "citebrief_library_passages 1.0",
        "citebrief_running 0.0",
    ):
        assert line in text
    assert "process_cpu_seconds_total" in text
    assert not any(word in text for word in SECRET.split())


def test_metrics_can_be_off_or_need_a_token():
    assert "citebrief_" not in client_of(service_of(metrics="off")).get("/metrics").text
    client = client_of(service_of(metrics_token="abc"))
    assert client.get("/metrics").status_code == 401
    right = client.get("/metrics", headers={"Authorization": "Bearer abc"})
    assert "citebrief_running" in right.text


@pytest.mark.parametrize("path", ["/", "/health", "/config", "/nowhere", "/static-cb/login.css"])
def test_every_response_has_the_security_headers_and_a_request_id(client, path):
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert not re.search(r"https?:", headers["content-security-policy"])
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"])


def test_only_the_page_itself_may_compile_script(client):
    def rule(path):
        return client.get(path).headers["content-security-policy"]

    assert "'unsafe-eval'" in rule("/")  # Gradio does not start without it
    for path in ("/health", "/config", "/nowhere", "/static-cb/page.js", "/api/openapi.json"):
        assert "'unsafe-eval'" not in rule(path)


@pytest.mark.parametrize(
    ("settings", "host", "status"),
    [
        ({}, "127.0.0.1:7860", 200),
        ({}, "localhost:7860", 200),
        ({}, "LOCALHOST.", 200),
        ({}, "[::1]:7860", 200),
        ({}, "rebound.example:7860", 400),
        ({}, "127.0.0.1.rebound.example", 400),
        ({}, "localhost.rebound.example", 400),
        ({}, "192.168.0.9", 400),
        ({}, "", 400),
        ({"host": "localhost"}, "rebound.example", 400),
        ({"host": "::1"}, "rebound.example", 400),
        ({"host": "0.0.0.0"}, "anything.example", 200),
        ({"host": "192.168.0.9"}, "anything.example", 200),
        ({"hosts": "brief.example.org"}, "brief.example.org", 200),
        ({"hosts": "brief.example.org"}, "brief.example.org:443", 200),
        ({"hosts": "brief.example.org"}, "localhost:7860", 200),
        ({"hosts": "brief.example.org"}, "other.example.org", 400),
        ({"hosts": "*.example.org"}, "a.b.example.org", 200),
        ({"hosts": "*.example.org"}, "example.org", 400),
        ({"hosts": "*.example.org"}, "badexample.org", 400),
        ({"hosts": "*"}, "rebound.example", 200),
        ({"hosts": "문서.kr"}, "xn--3e0b707e.kr", 400),
        ({"hosts": "한국.kr"}, "xn--3e0b707e.kr", 200),
        ({"hosts": "fd00::5"}, "[fd00::5]:7860", 200),
        ({"host": "0.0.0.0", "hosts": "brief.example.org"}, "192.168.0.9", 400),
        ({"host": "192.168.0.9", "hosts": "brief.example.org"}, "192.168.0.9:7860", 200),
    ],
)
def test_a_name_that_is_not_the_servers_is_refused(settings, host, status):
    client = TestClient(Hosts(PlainTextResponse("said"), Settings(**settings)))
    for path in ("/", "/metrics", "/gradio_api/queue/data"):
        assert client.get(path, headers={"Host": host}).status_code == status, path
        assert client.post(path, headers={"Host": host}).status_code == status, path


def test_who_is_refused_for_the_name_is_told_in_both_languages_what_to_set():
    client = client_of(service_of(hosts=None))
    shown = client.get("/", headers={"Host": "brief.example.org:7860"})
    assert shown.headers["content-type"] == "text/plain; charset=utf-8"
    korean, english = shown.text.splitlines()
    for sentence in (korean, english):
        assert "brief.example.org" in sentence
        assert "CITEBRIEF_HOSTS" in sentence
        assert "localhost" in sentence
    assert "다시 시작" in korean
    assert "start the server again" in english
    assert "default-src 'self'" in shown.headers["content-security-policy"]
    for path in ("/api/ask", "/mcp"):
        program = client.post(path, json=ASK, headers={"Host": "brief.example.org"})
        assert program.status_code == 400
        assert "CITEBRIEF_HOSTS" in program.json()["error"]
    asked = client.post("/api/ask", json=ASK, headers={"Host": "localhost:7860"})
    assert asked.status_code == 200
    assert "<b>" not in client.get("/", headers={"Host": "<b>x"}).text


def test_probes_are_answered_by_whatever_name_they_know():
    client = client_of(service_of(hosts="brief.example.org", host="0.0.0.0"))
    for host in ("10.1.2.3:7860", "[fd00::5]:7860", ""):
        assert client.get("/health", headers={"Host": host}).json() == {"status": "ok"}
        assert client.get("/ready", headers={"Host": host}).status_code == 200
    assert client.get("/health", headers={"Host": "rebound.example"}).status_code == 200
    assert client.get("/ready", headers={"Host": "rebound.example"}).status_code == 400


def test_a_text_is_checked_with_all_documents_or_with_those_named(service, client):
    for body, options in (
        ({}, {}),
        ({"documents": None}, {}),
        ({"documents": []}, {}),
        ({"documents": ["brief"], "lang": "ko"}, {"documents": ["brief"]}),
    ):
        assert client.post("/api/check", json={"text": "a", **body}).status_code == 200
        assert service.assistant.checked.pop() == ("a", body.get("lang", "auto"), options)
    wrong = client.post("/api/check", json={"text": "a", "documents": "brief"})
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "documents")
    check = client.get("/api/openapi.json").json()["components"]["schemas"]["CheckBody"]
    assert check["required"] == ["text"]


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1.2:3", True), ("a" * 65, False), ("a b", False), ("<b>", False)]
)
def test_a_sane_request_id_is_kept_and_another_replaced(client, given, kept):
    answered = client.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert (answered == given) == kept


def test_a_fault_is_a_sentence_with_the_request_id_and_no_internals(client):
    failed = client.get("/fall", headers={"Accept-Language": "en", "X-Request-ID": "r1"})
    assert failed.status_code == 500
    assert "request id r1" in failed.json()["error"]
    assert "internals" not in failed.text


def test_static_files_have_their_type_and_a_tag_and_nothing_else_is_reachable(client):
    style = client.get("/static-cb/login.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    tag = style.headers["etag"]
    assert client.get("/static-cb/login.css", headers={"If-None-Match": tag}).status_code == 304
    script = client.get("/static-cb/page.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    for path in ("", "nothing.css", "..%2fblocks.py", "%2e%2e%2fblocks.py", ".css", "x.py"):
        assert client.get(f"/static-cb/{path}").status_code in (404, 405)


def test_a_change_needs_our_header_and_may_not_come_from_another_site(client):
    ours = {"X-CiteBrief": "1"}
    assert client.post("/feedback", headers=ours).json() == {"saved": True}
    assert client.post("/feedback").status_code == 403
    for theirs in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        for path in ("/feedback", "/api/ask", "/gradio_api/queue/join", "/mcp"):
            forged = client.post(path, json=ASK, headers={**ours, **theirs})
            assert forged.status_code == 403, (path, theirs)
    here = {**ours, "Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/feedback", headers=here).status_code == 200


def test_the_api_takes_json_only(client):
    form = client.post("/api/ask", data={"question": "a"})
    assert form.status_code == 415
    assert "application/json" in form.json()["error"]


def test_a_body_that_is_too_large_is_refused_however_it_is_sent(client):
    whole = client.post("/api/ask", json={"question": "a" * 1_000_001})
    assert whole.status_code == 413

    def parts():
        for _ in range(11):
            yield b"a" * 100_000

    for path in ("/api/ask", "/feedback"):
        headers = {"Content-Type": "application/json", "X-CiteBrief": "1"}
        piecemeal = client.post(path, content=parts(), headers=headers)
        assert piecemeal.status_code == 413, path
    assert (
        "1 MB"
        in client.post(
            "/api/ask", json={"question": "a" * 1_000_001}, headers={"Accept-Language": "en"}
        ).json()["error"]
    )


def test_uploads_have_a_limit_of_their_own():
    client = client_of(service_of(upload_mb=2), [Route("/library", save, methods=["POST"])])
    for size, status in ((1_900_000, 200), (2_100_000, 413)):
        sent = client.post("/library", content=b"a" * size, headers={"X-CiteBrief": "1"})
        assert sent.status_code == status


def test_who_asks_too_often_is_told_for_how_long_to_wait():
    client = client_of(service_of(rate="2/minute"))
    first = [client.post("/api/ask", json=ASK).status_code for _ in range(2)]
    assert first == [200, 200]
    for accepted, said in (
        ("en-US,en;q=0.9", "Too many questions"),
        ("ko", "질문이 너무 잦습니다"),
    ):
        late = client.post("/api/ask", json=ASK, headers={"Accept-Language": accepted})
        assert late.status_code == 429
        assert 1 <= int(late.headers["Retry-After"]) <= 60
        assert said in late.json()["error"]
    assert 'citebrief_refused_total{why="rate"} 2.0' in client.get("/metrics").text


def test_the_rate_can_be_off():
    client = client_of(service_of(rate="off"))
    assert {client.post("/api/ask", json=ASK).status_code for _ in range(40)} == {200}


def test_when_too_many_wait_the_reader_gets_a_sentence_and_a_program_a_503():
    service = service_of(queue=1)
    client = client_of(service)
    service.waiting = 1
    page = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "ko-KR"}
    shown = client.post("/gradio_api/queue/join", json={"data": []}, headers=page)
    assert shown.status_code == 429
    assert "기다리는 질문이 많아" in shown.json()["detail"]
    for path in ("/gradio_api/queue/join", "/api/ask", "/mcp"):
        refused = client.post(path, json=ASK, headers={"Accept-Language": "en"})
        assert refused.status_code == 503
        assert "Too many questions are waiting" in refused.json()["error"]
        assert "Retry-After" in refused.headers
    assert 'citebrief_refused_total{why="full"} 4.0' in client.get("/metrics").text


def test_a_server_that_stops_takes_no_new_questions():
    service = service_of()
    client = client_of(service)
    service.draining = True
    assert client.get("/ready").json()["missing"] == ["stopping"]
    refused = client.post("/api/ask", json=ASK, headers={"Accept-Language": "en"})
    assert refused.status_code == 503
    assert "stopping" in refused.json()["error"]


@pytest.fixture
def written():
    """Whatever is logged, as lines of JSON."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    out = io.StringIO()
    logs.set_up(Settings(log_format="json", log_level="debug"))
    root.handlers[0].setStream(out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    for name in (*logs.OURS, logs.log.name):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_the_log_has_a_line_for_the_request_and_one_for_the_question_and_never_its_text(
    client, written
):
    client.post("/api/ask", json=ASK, headers={"X-Request-ID": "abc"})
    client.post("/api/search?q=secret", json={"query": SECRET})
    client.post("/api/check", json={"text": SECRET})
    lines = written()
    question = next(line for line in lines if line["event"] == "question")
    assert question["request_id"] == "abc"
    assert (question["door"], question["answer_status"]) == ("rest", "answered")
    assert question["timings_ms"] == {"total": 1.0}
    asked = next(line for line in lines if line.get("path") == "/api/ask")
    assert (asked["request_id"], asked["status"], asked["method"]) == ("abc", 200, "POST")
    assert asked["ms"] > 0
    text = json.dumps(lines, ensure_ascii=False)
    assert not any(word in text for word in ("비밀", "secret", "Yes."))


def test_without_json_our_lines_are_plain_and_a_handler_that_is_there_stays(monkeypatch):
    root = logging.getLogger()
    there = [logging.NullHandler()]
    monkeypatch.setattr(root, "handlers", there)
    logs.set_up(Settings())
    assert root.handlers is there
    monkeypatch.setattr(root, "handlers", [])
    logs.set_up(Settings())
    (handler,) = root.handlers
    lines = [logging.LogRecord(n, 30, "", 0, "said", None, None) for n in ("assistant.x", "mcp")]
    assert [bool(handler.filter(line)) for line in lines] == [True, False]
    assert handler.format(lines[0]) == "said"


def test_questions_are_logged_where_that_is_switched_on(written):
    client = client_of(service_of(log_questions=True))
    client.post("/api/ask", json=ASK)
    assert any(line.get("question") == SECRET for line in written())


def test_a_question_on_the_page_is_admitted_counted_and_logged_with_its_request(written):
    service = service_of(rate="1/minute")
    with client_of(service) as client:
        config = client.get("/config").json()
        event = config["dependencies"][0]["id"]
        for session in ("one", "two"):
            asked = {"data": [SECRET], "fn_index": event, "session_hash": session}
            client.post("/gradio_api/queue/join", json=asked, headers={"X-Request-ID": session})
            client.get(f"/gradio_api/queue/data?session_hash={session}")
        text = client.get("/metrics").text
    assert 'door="page",engine="extractive",language="ko",status="answered"} 1.0' in text
    assert 'citebrief_refused_total{why="rate"} 1.0' in text
    question = next(line for line in written() if line["event"] == "question")
    assert question["request_id"] == "one"
