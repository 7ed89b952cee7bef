"""Real processes on the brief: a cold start loads no more than it needs, and ends as it should."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from llm_server import Behaviour

from assistant.settings import PREFIX

NOT_TO_START = "chromadb eval kiwipiepy numpy pydantic rich yaml".split()
NOT_TO_COPY = (  # what an answer in the documents' own words is made without
    "chromadb gradio kubernetes langchain langchain_chroma langchain_core langchain_openai "
    "onnxruntime openai scipy sentence_transformers sklearn torch transformers"
).split()
DEMAND = {
    "ko": "방위비분담금 인상 요구는 몇 배까지 올라갔나?",
    "en": "How far did the demand for defense cost-sharing contributions rise?",
}
# Runs a command and writes to stderr which of the modules in its first argument were loaded.
LOADED = """
import sys
wanted, sys.argv = sys.argv[1].split(), ["citebrief", *sys.argv[2:]]
from assistant.cli import main
try:
    main()
finally:
    print(*[name for name in wanted if name in sys.modules], file=sys.stderr, end="")
"""


@pytest.fixture(scope="module")
def environment(brief_index):
    """That of a process without settings, but for the place of the tests' index."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    index = str(brief_index.folder.parent)
    return {**kept, "CITEBRIEF_INDEX": index, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture(autouse=True)
def _away_from_any_settings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def command(*args):
    return [sys.executable, "-m", "assistant", *args]


def process(*args, env):
    return subprocess.run(command(*args), capture_output=True, env=env, timeout=300)


def loading(modules, *args, env):
    start = [sys.executable, "-c", LOADED, " ".join(modules), *args]
    return subprocess.run(start, capture_output=True, env=env, timeout=300)


def test_help_comes_without_what_is_slow_to_load(environment):
    result = loading([*NOT_TO_START, *NOT_TO_COPY], "--help", env=environment)
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"citebrief" in result.stdout


def test_a_question_is_answered_with_a_quote_and_without_any_framework_it_does_not_need(
    environment,
):
    result = loading(NOT_TO_COPY, "ask", DEMAND["ko"], "--json", env=environment)
    assert (result.returncode, result.stderr) == (0, b"")
    found = json.loads(result.stdout.decode())
    assert (found["status"], found["language"]) == ("answered", "ko")
    assert any("10배" in citation["quote"] for citation in found["citations"])


def test_a_first_question_builds_the_index_and_one_line_says_why(environment, tmp_path):
    library, empty = tmp_path / "library", tmp_path / "empty.yaml"
    library.mkdir()
    (library / "note.md").write_text("방위비분담금은 열 배까지 올라갔다.\n", encoding="utf-8")
    empty.write_text("[]\n", encoding="utf-8")
    small = {
        "CITEBRIEF_LIBRARY": str(library),
        "CITEBRIEF_INDEX": str(tmp_path / "index"),
        "CITEBRIEF_GLOSSARY": str(empty),
        "CITEBRIEF_THESAURUS": str(empty),
    }
    env = {**environment, **small}
    result = process("ask", "방위비?", env=env)
    assert (result.returncode, result.stderr) == (0, b"Building the index: there is none yet.\n")


def test_a_reader_who_leaves_early_is_no_error(environment):
    with subprocess.Popen(
        command("ask", "방위비분담금은?"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as running:
        running.stdout.close()
        complaint = running.stderr.read().decode()
        running.wait(timeout=300)
    assert running.returncode == 141
    assert "Error" not in complaint


def test_ctrl_c_keeps_the_finished_lines_of_a_batch(environment, tmp_path):
    target = tmp_path / "out.jsonl"
    with subprocess.Popen(
        command("ask", "--batch", "-", "--out", str(target)),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as running:
        running.stdin.write(json.dumps({"id": "1", "question": DEMAND["en"]}).encode() + b"\n")
        running.stdin.flush()
        deadline = time.monotonic() + 300
        while not (target.exists() and target.stat().st_size) and running.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        complaint = running.stderr.read().decode()
        running.wait(timeout=60)
    assert running.returncode == 130
    assert "Interrupted." in complaint
    found = json.loads(target.read_text(encoding="utf-8"))
    assert (found["id"], found["status"], found["language"]) == ("1", "answered", "en")
    assert any("10배" in citation["quote"] for citation in found["citations"])


# With a chat model: the real client, and a scripted server in its place.

FENCED = re.compile(r"⟦(\d+)⟧ (.+?) ⟦/\1⟧")
MONEY = {
    "ko": (
        "미국이 러시아-우크라이나 전쟁에 지원한 돈은 얼마인가?",
        "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를 지원했다.",
    ),
    "en": (
        "How much did the United States provide for the Russia-Ukraine war?",
        "The United States provided about $183 billion for the Russia-Ukraine war.",
    ),
}


@pytest.fixture
def with_model(environment, llm_server):
    """The environment of a process whose chat model is the scripted server."""
    direct = {k: v for k, v in environment.items() if not k.upper().endswith("_PROXY")}
    return {
        **direct,
        "CITEBRIEF_LLM": "openai:scripted",
        "CITEBRIEF_LLM_BASE_URL": llm_server.base_url,
        "CITEBRIEF_LLM_INPUT_PRICE": "1",
        "CITEBRIEF_LLM_OUTPUT_PRICE": "4",
        "OPENAI_API_KEY": "dummy-key-for-tests",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def test_a_real_question_is_answered_by_a_chat_model_and_checked(with_model, llm_server):
    question, sentence = MONEY["ko"]

    def writes(body):
        shown = FENCED.findall(body["messages"][-1]["content"])
        number = next(n for n, text in shown if "1,830억" in text)
        return f"{sentence} [{number}]"

    llm_server.behaves(writes)
    result = process("ask", question, "--engine", "llm", "--json", env=with_model)
    assert (result.returncode, result.stderr) == (0, b"")
    found = json.loads(result.stdout.decode())
    assert (found["engine"], found["status"], found["language"]) == (
        "llm:openai:scripted",
        "answered",
        "ko",
    )
    assert found["answer"] == f"{sentence} [1]"
    (written,) = found["sentences"]
    assert (written["text"], written["citations"]) == (sentence, [1])
    assert (written["verdict"], written["stance"], written["checks"]) == ("verified", "fact", [])
    assert 0 < written["support"] < 1
    (citation,) = found["citations"]
    assert "1,830억" in citation["quote"]
    assert "$183 billion" in citation["translation"]
    assert found["usage"] == {
        "calls": 1,
        "input_tokens": 120,
        "output_tokens": 15,
        "cost": pytest.approx((120 * 1 + 15 * 4) / 1e6),
    }
    assert found["notice"] is None
    assert len(llm_server.requests) == 1


def test_a_chat_model_that_refuses_the_key_leaves_the_documents_own_words(with_model, llm_server):
    question, _ = MONEY["en"]
    key = with_model["OPENAI_API_KEY"]
    llm_server.default = Behaviour(status=401, message=f"Incorrect API key provided: {key}")
    result = process("ask", question, "--engine", "llm", "--json", env=with_model)
    assert result.returncode == 0
    found = json.loads(result.stdout.decode())
    assert (found["engine"], found["status"]) == ("extractive", "answered")
    assert found["notice"]
    assert key.encode() not in result.stdout + result.stderr
