"""The real server in a process of its own: how it stops, and the API that programs use."""

import asyncio
import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from chat import ROOT, opened, send, served
from test_app import KO, QUOTE

ASK = {"question": KO}


@pytest.fixture(scope="module")
def server(brief_index, tmp_path_factory):
    settings = {"CITEBRIEF_INDEX": str(brief_index.folder.parent)}
    with served(tmp_path_factory.mktemp("api"), settings) as address:
        yield address


@contextmanager
def slow_server(brief_index, folder, slow, **settings):
    """A process whose answers take `slow` seconds, its address and its log."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CITEBRIEF_")}
    environment |= {"CITEBRIEF_INDEX": str(brief_index.folder.parent), "SLOW": str(slow)}
    environment |= {"CITEBRIEF_PORT": str(port), "PYTHONPATH": str(ROOT), **settings}
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "slow_page.py")],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: httpx.get(f"{address}/ready", trust_env=False).is_success, 60)
        yield address, process, log
    finally:
        process.kill()
        process.wait()


def until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("it did not come true")


def post(address, path="/api/ask", body=ASK):
    headers = {"Accept-Language": "en"}
    return httpx.post(f"{address}{path}", json=body, headers=headers, timeout=60, trust_env=False)


def running(address):
    text = httpx.get(f"{address}/metrics", trust_env=False).text
    return float(re.search(r"^citebrief_running (.*)$", text, re.M)[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_an_answer_end_and_takes_no_new_question(brief_index, tmp_path, number):
    with (
        slow_server(brief_index, tmp_path, 2, CITEBRIEF_LOG_FORMAT="json") as served_slowly,
        ThreadPoolExecutor(1) as people,
    ):
        address, process, log = served_slowly
        answer = people.submit(post, address)
        until(lambda: running(address) == 1)
        process.send_signal(number)
        until(lambda: httpx.get(f"{address}/ready", trust_env=False).status_code == 503)
        late = post(address)
        assert late.status_code == 503
        assert "stopping" in late.json()["error"]
        assert QUOTE in answer.result().text
        assert process.wait(timeout=10) == 0
        assert "Traceback" not in log.read_text(encoding="utf-8")


def test_an_answer_that_takes_too_long_is_cut_off_after_the_time_of_grace(brief_index, tmp_path):
    with (
        slow_server(brief_index, tmp_path, 30, CITEBRIEF_GRACE="0.5") as served_slowly,
        ThreadPoolExecutor(1) as people,
    ):
        address, process, _ = served_slowly
        cut = people.submit(post, address)
        until(lambda: running(address) == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert cut.result().status_code == 503
        assert "stopping" in cut.result().json()["error"]


def test_a_second_signal_ends_it_at_once(brief_index, tmp_path):
    with (
        slow_server(brief_index, tmp_path, 30) as (address, process, _),
        ThreadPoolExecutor(1) as people,
    ):
        people.submit(post, address)
        until(lambda: running(address) == 1)
        process.send_signal(signal.SIGTERM)
        until(lambda: httpx.get(f"{address}/ready", trust_env=False).status_code == 503)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 128 + signal.SIGTERM


@pytest.mark.browser
def test_a_reader_is_told_when_too_many_questions_wait(brief_index, tmp_path, browser):
    settings = {"CITEBRIEF_USERS": "1", "CITEBRIEF_QUEUE": "1"}
    with (
        slow_server(brief_index, tmp_path, 6, **settings) as (address, _, _),
        opened(browser, address) as page,
        ThreadPoolExecutor(2) as people,
    ):
        people.submit(post, address)
        people.submit(post, address)
        metrics = f"{address}/metrics"
        full = "citebrief_queue_length 1.0"
        until(lambda: full in httpx.get(metrics, trust_env=False).text)
        send(page, KO)
        page.locator(".cb-toast:has-text('지금 기다리는 질문이 많아 새 질문을 받지')").wait_for()
        page.errors.clear()  # the browser's own line about the refusal


def test_the_start_says_where_the_page_is_and_asks_no_other_host(server, tmp_path, brief_index):
    with slow_server(brief_index, tmp_path, 0, http_proxy="http://127.0.0.1:9") as (at, _, log):
        assert f"CiteBrief is at {at} (Ctrl-C stops it)" in log.read_text(encoding="utf-8")


def test_only_ask_search_and_check_are_public(server):
    info = httpx.get(f"{server}/gradio_api/info", trust_env=False).json()
    assert info["named_endpoints"].keys() <= {"/ask", "/search", "/check"}
    assert {"/ask", "/search"} <= info["named_endpoints"].keys()
    assert info["unnamed_endpoints"] == {}
    assert all(one["description"] for one in info["named_endpoints"].values())


def test_pythons_gradio_client_asks_and_searches(server):
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(server, verbose=False)
    answer = client.predict(question=KO, api_name="/ask")
    assert answer["status"] == "answered"
    assert any(QUOTE in citation["quote"] for citation in answer["citations"])
    assert re.fullmatch(r"[0-9a-f]{16}", answer["id"])
    found = client.predict(query=KO, limit=3, api_name="/search")
    assert any(QUOTE in hit["quote"] for hit in found["hits"])
    assert len(found["hits"]) == 3
    with pytest.raises(AppError, match="The question is empty"):
        client.predict(question=" ", api_name="/ask")
    with pytest.raises(AppError, match="lang: Input should be 'auto', 'ko' or 'en'"):
        client.predict(question=KO, lang="fr", api_name="/ask")


def test_a_text_is_checked_with_the_documents_that_are_named(server):
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    # By the other name of this machine, which the server must answer to as well.
    client = Client(server.replace("127.0.0.1", "localhost"), verbose=False)
    text = "방위비분담금 인상 요구는 10배까지 올라갔다."
    whole = client.predict(text=text, api_name="/check")
    named = client.predict(text=text, documents=["brief"], api_name="/check")
    assert whole["sentences"] == named["sentences"]
    assert (whole["documents"], named["documents"]) == (None, ["brief"])
    with pytest.raises(AppError, match="'nowhere' is not in the library"):
        client.predict(text=text, documents=["nowhere"], api_name="/check")
    same = post(server, "/api/check", {"text": text, "documents": ["brief"]})
    assert same.json()["sentences"] == named["sentences"]
    wrong = post(server, "/api/check", {"text": text, "documents": ["nowhere"]})
    assert wrong.status_code == 400
    assert "'nowhere'" in wrong.json()["error"]


def test_a_site_that_leads_its_name_here_reads_nothing(server):
    headers = {"Host": "rebound.example"}
    for path in ("/", "/config", "/library", "/gradio_api/info", "/api/openapi.json"):
        read = httpx.get(f"{server}{path}", headers=headers, trust_env=False)
        assert read.status_code == 400, path
        assert "CITEBRIEF_HOSTS" in read.text
    assert httpx.get(f"{server}/health", headers=headers, trust_env=False).is_success


def test_curl_asks_and_searches(server):
    assert QUOTE in post(server).text
    assert QUOTE in post(server, "/api/search", {"query": KO}).text
    wrong = post(server, body={"question": KO, "lang": "fr", "limit": 3})
    assert wrong.status_code == 422
    assert [one["field"] for one in wrong.json()["fields"]] == ["lang", "limit"]
    assert post(server, body={"question": " "}).status_code == 400


def test_the_api_is_described_without_another_host(server):
    api = httpx.get(f"{server}/api/openapi.json", trust_env=False).json()
    assert (
        {"/api/ask", "/api/search"}
        <= api["paths"].keys()
        <= {
            "/api/ask",
            "/api/search",
            "/api/check",
        }
    )
    for path in ("/docs", "/redoc", "/openapi.json", "/api/docs"):
        assert httpx.get(f"{server}{path}", trust_env=False).status_code == 404


def test_a_program_that_speaks_mcp_asks_searches_and_checks(server, monkeypatch):
    assert importlib.util.find_spec("mcp"), "the extra mcp is part of the tests' environment"
    from mcp import Client

    monkeypatch.setenv("no_proxy", "*")

    async def talk():
        async with Client(f"{server}/mcp") as client:
            tools = await client.list_tools()
            answer = await client.call_tool("ask", ASK)
            found = await client.call_tool("search", {"query": KO, "limit": 2})
            empty = await client.call_tool("ask", {"question": " "})
            text = {"text": "방위비분담금 인상 요구는 10배까지 올라갔다."}
            checked = await client.call_tool("check", {**text, "documents": ["brief"]})
            return [tool.name for tool in tools.tools], answer, found, empty, checked

    # In a thread of its own: the browser's tests leave a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        tools, answer, found, empty, checked = thread.submit(lambda: asyncio.run(talk())).result()
    assert tools[:2] == ["ask", "search"]
    assert answer.structured_content["status"] == "answered"
    assert len(found.structured_content["hits"]) == 2
    assert checked.structured_content["documents"] == ["brief"]
    assert empty.is_error
    assert "The question is empty" in empty.content[0].text


def test_a_program_that_starts_a_command_asks_over_standard_input(brief_index, tmp_path):
    from mcp import Client, StdioServerParameters, stdio_client

    environment = {k: v for k, v in os.environ.items() if not k.startswith("CITEBRIEF_")}
    environment |= {"CITEBRIEF_INDEX": str(brief_index.folder.parent), "PYTHONPATH": str(ROOT)}
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "assistant", "mcp"], env=environment, cwd=tmp_path
    )

    async def talk():
        async with Client(stdio_client(command)) as client:
            return await client.call_tool("ask", ASK)

    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(lambda: asyncio.run(talk())).result()
    assert answer.structured_content["status"] == "answered"
