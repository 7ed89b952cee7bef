"""The scripted model is as strict as a provider is, and its failures look as a provider's do.

The real client drives it; which exception each failure comes out as is that client's doing.
"""

import json
import threading

import httpx
import openai
import pytest
from langchain.chat_models import init_chat_model
from llm_server import Behaviour, LlmServer

TEXT = "갯벌 350헥타르가 보호 구역이 되었다.\n요금은 5% 오른다.\n"
LINES = TEXT.splitlines(keepends=True)


def client(server, **settings):
    return init_chat_model(
        "openai:name", base_url=server.base_url, api_key="k", **{"max_retries": 0} | settings
    )


def read(model):
    """The texts that a stream brought, and what it failed with, or how it ended."""
    texts, end = [], None
    try:
        for chunk in model.stream("hi"):
            texts.append(chunk.text)
            end = chunk.response_metadata.get("finish_reason", end)
    except Exception as error:
        end = error
    return [text for text in texts if text], end


def test_a_text_comes_in_one_body_or_in_the_pieces_of_a_stream(llm_server):
    llm_server.behaves(Behaviour(TEXT, pieces="lines"))
    message = client(llm_server).invoke("hi")
    assert (message.content, message.usage_metadata["total_tokens"]) == (TEXT, 135)
    assert message.response_metadata["finish_reason"] == "stop"
    assert read(client(llm_server)) == (LINES, "stop")


def test_a_stream_tells_its_usage_only_where_that_is_asked_for(llm_server):
    llm_server.says("a")
    for asked, total in ((True, [135]), (False, [])):
        chunks = client(llm_server, stream_usage=asked).stream("hi")
        told = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
        assert [usage["total_tokens"] for usage in told] == total


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (Behaviour(status=400), openai.BadRequestError),
        (Behaviour(status=401), openai.AuthenticationError),
        (Behaviour(status=403), openai.PermissionDeniedError),
        (Behaviour(status=404), openai.NotFoundError),
        (Behaviour(status=429), openai.RateLimitError),
        (Behaviour(status=503), openai.InternalServerError),
        (Behaviour(delay=0.3), openai.APITimeoutError),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Behaviour) else value.__name__,
)
def test_what_fails_before_the_first_byte_is_an_error_of_its_kind(llm_server, behaviour, error):
    llm_server.behaves(behaviour)
    model = client(llm_server, timeout=0.1 if behaviour.delay else None)
    for ask in (model.invoke, lambda prompt: next(model.stream(prompt))):
        with pytest.raises(error, match="timed out" if behaviour.delay else "planted"):
            ask("hi")


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ({"drop_after": 1}, openai.APIConnectionError),
        ({"drop_after": 1, "drop": "tidy"}, None),  # whole, but for a reason to end
        ({"malformed": "sse"}, json.JSONDecodeError),
        ({"malformed": "error"}, openai.APIError),
        ({"pause": 0.3}, openai.APITimeoutError),
    ],
    ids=["broken", "tidy", "not JSON", "an error", "silence"],
)
def test_what_fails_in_mid_stream_comes_after_its_first_piece(llm_server, change, end):
    llm_server.behaves(Behaviour(TEXT, pieces="lines", **change))
    texts, how = read(client(llm_server, timeout=0.1 if "pause" in change else 5, max_retries=2))
    assert texts == LINES[:1]
    assert how is None if end is None else isinstance(how, end)
    assert len(llm_server.requests) == 1  # once it has begun, the client does not try again


@pytest.mark.parametrize("leaves", [True, False])
def test_only_a_reader_who_leaves_early_is_found_to_have_left(llm_server, leaves):
    gate = threading.Event()
    llm_server.behaves(Behaviour(TEXT, pieces="lines", gate=gate))
    stream = client(llm_server).stream("hi")
    assert next(chunk.text for chunk in stream if chunk.text) == LINES[0]
    if leaves:
        stream.close()
    else:
        gate.set()
        assert "".join(chunk.text for chunk in stream) == LINES[1]
    assert llm_server.disconnected.wait(0.5 if leaves else 0.05) is leaves


def test_a_mistake_of_the_test_is_told_when_the_server_closes():
    def fails(body):
        raise AssertionError("the prompt lacks a mark")

    for scripts, settings, mistake, words in (
        ([], {}, LookupError, "no behaviour"),
        ([fails], {}, AssertionError, "lacks a mark"),
        ([Behaviour(TEXT, drop_after=1)], {}, LookupError, "no stream"),
        (["a"], {"use_responses_api": True}, LookupError, "/v1/responses"),
    ):
        with pytest.raises(mistake, match=words), LlmServer() as server:
            server.behaves(*scripts)
            with pytest.raises(openai.APIError):
                client(server, **settings).invoke("hi")
    with pytest.raises(LookupError, match="GET /v1/models"), LlmServer() as server:
        assert httpx.get(f"{server.base_url}/models", trust_env=False).status_code == 400
