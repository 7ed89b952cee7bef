"""The scripted model server, driven by the client it stands in a provider's place for.

Which exception each failure comes out as is that client's doing: these tests pin it.
"""

import asyncio
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import openai
import pytest
from langchain.chat_models import init_chat_model
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)
from langchain_core.messages import HumanMessage, SystemMessage
from llm_server import Behaviour, LlmServer

TEXT = "갯벌 350헥타르가 보호 구역이 되었다.\n요금은 5% 오른다.\n"
PIECES = Behaviour("0123456789" * 4, pieces=10)


def alone(coroutine):
    """Run it in a thread of its own: beside a browser test, the main one has a running loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def client(server, **settings):
    return init_chat_model(
        "openai:name", base_url=server.base_url, api_key="k", **{"max_retries": 0} | settings
    )


def read(model, prompt="hi"):
    """The message a stream adds up to."""
    total, *rest = model.stream(prompt)
    for chunk in rest:
        total = total + chunk
    return total


def caught(stream):
    """The texts that came before a stream failed, and what it failed with."""
    texts = []
    try:
        for chunk in stream:
            texts.append(chunk.text)
    except Exception as error:
        return [text for text in texts if text], error
    raise AssertionError("the stream ended well")


# What it answers


@pytest.mark.parametrize("answer", ["whole", "stream"])
def test_a_text_comes_back_with_its_end_and_its_usage(llm_server, answer):
    llm_server.says(TEXT)
    model = client(llm_server, stream_usage=True)
    message = model.invoke("hi") if answer == "whole" else read(model)
    assert message.content == TEXT
    assert message.response_metadata["finish_reason"] == "stop"
    assert message.response_metadata["model_name"] == "name"
    assert message.usage_metadata["input_tokens"] == 120
    assert message.usage_metadata["output_tokens"] == 15


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [(4, ["가나다라", "마\n바사", "\n"]), ("lines", ["가나다라마\n", "바사\n"])],
)
def test_a_stream_comes_in_the_pieces_asked_for(llm_server, pieces, expected):
    llm_server.behaves(Behaviour("가나다라마\n바사\n", pieces=pieces))
    assert [chunk.text for chunk in client(llm_server).stream("hi") if chunk.text] == expected


def test_usage_comes_in_a_stream_only_where_it_was_asked_for_and_is_there(llm_server):
    llm_server.behaves(Behaviour("a", usage=(7, 2)), Behaviour("a", usage=None))
    assert read(client(llm_server, stream_usage=True)).usage_metadata["total_tokens"] == 9
    assert read(client(llm_server, stream_usage=True)).usage_metadata is None
    llm_server.says("a")
    assert read(client(llm_server)).usage_metadata is None  # the default with a base_url
    assert client(llm_server).invoke("hi").usage_metadata["total_tokens"] == 135
    asked = [request.body.get("stream_options") for request in llm_server.requests]
    assert asked == [{"include_usage": True}, {"include_usage": True}, None, None]


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_an_answer_may_end_otherwise(llm_server, finish):
    llm_server.behaves(Behaviour("a", finish=finish))
    model = client(llm_server)
    assert model.invoke("hi").response_metadata["finish_reason"] == finish
    assert read(model).response_metadata["finish_reason"] == finish


def test_the_client_shows_a_refusal_but_drops_a_streamed_one(llm_server):
    llm_server.behaves(Behaviour(refusal="I cannot do that."))
    model = client(llm_server)
    message = model.invoke("hi")
    assert (message.content, message.additional_kwargs["refusal"]) == ("", "I cannot do that.")
    message = read(model)
    assert (message.content, message.additional_kwargs) == ("", {})
    assert message.response_metadata["finish_reason"] == "stop"
    raw = openai.OpenAI(base_url=llm_server.base_url, max_retries=0)
    chunks = raw.chat.completions.create(
        model="name", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert "".join(delta.refusal or "" for delta in deltas) == "I cannot do that."


# What is scripted, what is received


def test_behaviours_are_served_in_turn_then_the_last_or_the_default(llm_server):
    llm_server.says("one", "two")
    model = client(llm_server)
    assert [model.invoke("hi").content for _ in range(3)] == ["one", "two", "two"]
    llm_server.default = Behaviour("any")
    llm_server.says("three")
    assert [model.invoke("hi").content for _ in range(3)] == ["three", "any", "any"]


def test_a_script_reads_the_request_it_answers(llm_server):
    def obey(body):
        said = body["messages"][-1]["content"]
        return Behaviour(status=403) if "secret" in said else said.upper()

    llm_server.behaves(obey)
    assert client(llm_server).invoke("ignore this").content == "IGNORE THIS"
    assert read(client(llm_server), "ignore this").content == "IGNORE THIS"
    with pytest.raises(ModelPermissionDeniedError):
        client(llm_server).invoke("the secret")


def test_requests_are_kept_with_their_prompts_and_headers(llm_server):
    llm_server.says("a")
    blocks = [{"type": "text", "text": "둘"}, {"type": "text", "text": "째"}]
    client(llm_server, temperature=0).invoke([SystemMessage("규칙"), HumanMessage(blocks)])
    read(client(llm_server), "next")
    first, second = llm_server.requests
    assert (first.system, first.user, first.prompt) == ("규칙", "둘째", "규칙\n\n둘째")
    assert (second.system, second.user) == ("", "next")
    assert llm_server.prompts == ["규칙\n\n둘째", "next"]
    assert (first.body["model"], first.body["temperature"]) == ("name", 0)
    assert not first.body.get("stream") and second.body["stream"] is True
    assert first.headers["authorization"] == "Bearer k"
    assert "Bearer" not in repr(first)


def test_nothing_is_printed_or_logged(llm_server, capfd, caplog):
    llm_server.behaves("a", Behaviour(status=500), PIECES)
    client(llm_server).invoke("a prompt")
    with pytest.raises(ModelAPIError):
        client(llm_server).invoke("a prompt")
    next(client(llm_server).stream("a prompt"))
    llm_server.close()
    assert capfd.readouterr() == ("", "")
    assert "a prompt" not in caplog.text


def test_many_clients_are_served_at_once(llm_server):
    llm_server.behaves(lambda body: Behaviour(body["messages"][0]["content"], delay=0.05))
    model = client(llm_server)
    names = [str(number) for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(lambda name: read(model, name).content, names)) == names
    assert sorted(llm_server.prompts) == sorted(names)


# How it fails


@pytest.mark.parametrize("answer", ["whole", "stream"])
@pytest.mark.parametrize(
    ("behaviour", "theirs", "core"),
    [
        (Behaviour(status=400), openai.BadRequestError, ModelInvalidRequestError),
        (Behaviour(status=401), openai.AuthenticationError, ModelAuthenticationError),
        (Behaviour(status=403), openai.PermissionDeniedError, ModelPermissionDeniedError),
        (Behaviour(status=404), openai.NotFoundError, ModelNotFoundError),
        (Behaviour(status=429), openai.RateLimitError, ModelRateLimitError),
        (Behaviour(status=500), openai.InternalServerError, ModelAPIError),
        (Behaviour(status=503), openai.InternalServerError, ModelAPIError),
        (Behaviour(delay=0.3), openai.APITimeoutError, ModelTimeoutError),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Behaviour) else value.__name__,
)
def test_an_error_before_the_first_byte_is_one_of_langchain(
    llm_server, answer, behaviour, theirs, core
):
    llm_server.behaves(behaviour)
    model = client(llm_server, timeout=0.1 if behaviour.delay else None)
    with pytest.raises(core) as failure:
        model.invoke("hi") if answer == "whole" else read(model)
    assert isinstance(failure.value, theirs)
    assert not isinstance(failure.value, openai.APIStatusError) or "planted" in str(failure.value)


@pytest.mark.parametrize("status", [408, 409, 422])
def test_an_error_that_langchain_does_not_know_stays_one_of_openai(llm_server, status):
    llm_server.behaves(Behaviour(status=status))
    with pytest.raises(openai.APIStatusError) as failure:
        client(llm_server).invoke("hi")
    assert failure.value.status_code == status
    assert not isinstance(failure.value, ModelError)


def test_a_context_overflow_is_known_by_its_code_not_always_by_its_class(llm_server):
    code = "context_length_exceeded"
    llm_server.behaves(
        Behaviour(
            status=400, code=code, message="This model's maximum context length is 8 tokens."
        ),
        Behaviour(status=400, code=code, message="Input tokens exceed the configured limit of 8."),
    )
    with pytest.raises(ModelInvalidRequestError) as failure:
        client(llm_server).invoke("hi")
    assert failure.value.code == code and not isinstance(failure.value, ContextOverflowError)
    with pytest.raises(ContextOverflowError) as failure:
        client(llm_server).invoke("hi")
    assert failure.value.code == code and not isinstance(failure.value, ModelInvalidRequestError)


@pytest.mark.parametrize("answer", ["whole", "stream"])
def test_the_client_waits_as_long_as_retry_after_says_and_tries_again(llm_server, answer, caplog):
    caplog.set_level("INFO", "openai")
    llm_server.behaves(Behaviour(status=429, retry_after=0.05), Behaviour(status=503), "at last")
    model = client(llm_server, max_retries=2)
    message = model.invoke("hi") if answer == "whole" else read(model)
    assert message.content == "at last"
    waits = re.findall(r"Retrying request in ([\d.]+) seconds", caplog.text)
    assert [float(wait) for wait in waits] == [0.05, 0.001]
    counts = [request.headers["x-stainless-retry-count"] for request in llm_server.requests]
    assert counts == ["0", "1", "2"]


def test_a_stream_that_breaks_off_raises_a_connection_error_after_what_came(llm_server):
    llm_server.behaves(Behaviour(PIECES.text, pieces=10, drop_after=2))
    texts, error = caught(client(llm_server, max_retries=2).stream("hi"))
    assert texts == ["0123456789"] * 2
    assert isinstance(error, ModelConnectionError) and isinstance(error, openai.APIConnectionError)
    assert len(llm_server.requests) == 1  # once it has begun, the client does not try again


def test_a_stream_may_break_off_after_its_text_and_before_its_end(llm_server):
    llm_server.behaves(Behaviour("a", drop_after=1))
    texts, error = caught(client(llm_server).stream("hi"))
    assert texts == ["a"] and isinstance(error, ModelConnectionError)


def test_a_stream_that_a_proxy_ends_early_looks_whole_but_for_its_finish_reason(llm_server):
    llm_server.behaves(Behaviour(PIECES.text, pieces=10, drop_after=2, drop="tidy"))
    message = read(client(llm_server))
    assert message.content == "0123456789" * 2
    assert "finish_reason" not in message.response_metadata


def test_half_a_body_raises(llm_server):
    llm_server.behaves(Behaviour("a", drop_after=0), Behaviour("a", drop_after=0, drop="tidy"))
    with pytest.raises(ModelConnectionError):
        client(llm_server).invoke("hi")
    with pytest.raises(json.JSONDecodeError):
        client(llm_server).invoke("hi")


@pytest.mark.parametrize(
    ("malformed", "whole", "streamed", "texts"),
    [
        ("json", json.JSONDecodeError, ValueError, []),
        ("html", ValueError, ValueError, []),
        ("sse", ValueError, json.JSONDecodeError, ["0123456789"]),
        ("error", ValueError, openai.APIError, ["0123456789"]),
    ],
)
def test_what_cannot_be_read_raises_no_error_of_langchain(
    llm_server, malformed, whole, streamed, texts
):
    llm_server.behaves(Behaviour(PIECES.text, pieces=10, malformed=malformed))
    with pytest.raises(whole) as failure:
        client(llm_server).invoke("hi")
    came, error = caught(client(llm_server).stream("hi"))
    assert came == texts
    assert type(error) is streamed
    assert not isinstance(failure.value, ModelError)


def test_no_choices_raise_in_a_body_and_are_an_empty_text_in_a_stream(llm_server):
    llm_server.behaves(Behaviour("a", malformed="empty_choices"))
    with pytest.raises(IndexError):
        client(llm_server).invoke("hi")
    message = read(client(llm_server))
    assert message.content == "" and "finish_reason" not in message.response_metadata


def test_a_stream_that_stalls_times_out(llm_server):
    llm_server.behaves(Behaviour(PIECES.text, pieces=10, pause=0.3))
    texts, error = caught(client(llm_server, timeout=0.1).stream("hi"))
    assert texts == ["0123456789"] and isinstance(error, ModelTimeoutError)
    assert llm_server.disconnected.wait(1)


def test_an_async_stream_that_stalls_raises_an_error_of_python(llm_server):
    async def drain():
        async for _ in client(llm_server, stream_chunk_timeout=0.1).astream("hi"):
            pass

    llm_server.behaves(Behaviour(PIECES.text, pieces=10, pause=0.3))
    with pytest.raises(TimeoutError) as failure:
        alone(drain())
    assert not isinstance(failure.value, (ModelError, openai.APIError))


def test_a_server_that_is_gone_is_a_connection_error(llm_server):
    llm_server.close()
    with pytest.raises(ModelConnectionError):
        client(llm_server).invoke("hi")


# Who goes away, who waits


def test_a_reader_who_stops_is_noticed(llm_server):
    llm_server.behaves(Behaviour(PIECES.text, pieces=10, gate=threading.Event()))
    stream = client(llm_server).stream("hi")
    assert next(chunk.text for chunk in stream if chunk.text) == "0123456789"
    assert not llm_server.disconnected.is_set()
    stream.close()
    assert llm_server.disconnected.wait(0.5)


@pytest.mark.parametrize("method", ["ainvoke", "astream"])
def test_a_task_that_is_cancelled_is_noticed(llm_server, method):
    async def drain():
        model = client(llm_server)
        if method == "ainvoke":
            await model.ainvoke("hi")
        async for _ in model.astream("hi"):
            pass

    async def cancel():
        task = asyncio.create_task(drain())
        while not llm_server.requests:
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    llm_server.behaves(Behaviour(PIECES.text, delay=5.0))
    alone(cancel())
    assert llm_server.disconnected.wait(0.5)


def test_a_reader_who_stays_to_the_end_did_not_go_away(llm_server):
    llm_server.behaves("a", PIECES)
    client(llm_server).invoke("hi")
    read(client(llm_server))
    alone(client(llm_server).ainvoke("hi"))
    llm_server.close()
    assert not llm_server.disconnected.is_set()


def test_a_gate_holds_all_pieces_but_the_first(llm_server):
    gate = threading.Event()
    llm_server.behaves(Behaviour("one\ntwo\nthree\n", pieces="lines", gate=gate))
    came = []
    with ThreadPoolExecutor(1) as pool:
        stream = client(llm_server).stream("hi")
        reading = pool.submit(lambda: came.extend(chunk.text for chunk in stream if chunk.text))
        until = time.monotonic() + 2
        while not came and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(0.05)
        assert came == ["one\n"]
        gate.set()
        reading.result(2)
    assert came == ["one\n", "two\n", "three\n"]


def test_a_semaphore_lets_pieces_through_one_by_one(llm_server):
    gate = threading.Semaphore(0)
    llm_server.behaves(Behaviour("one\ntwo\nthree\n", pieces="lines", gate=gate))
    texts = (chunk.text for chunk in client(llm_server).stream("hi") if chunk.text)
    assert next(texts) == "one\n"
    for expected in ("two\n", "three\n"):
        gate.release()
        assert next(texts) == expected
    assert list(texts) == []


# What a test does wrong


def test_a_test_that_errs_hears_of_it_when_the_server_closes(llm_server, monkeypatch):
    def fails(body):
        raise AssertionError("the prompt lacks a mark")

    def closing(*scripts, settings=None):
        server = LlmServer().start()
        server.behaves(*scripts)
        with pytest.raises(ModelError):
            read(client(server, **settings or {}))
        return server

    with pytest.raises(LookupError, match="no behaviour"):
        closing().close()
    with pytest.raises(AssertionError, match="lacks a mark"):
        closing(fails).close()
    monkeypatch.setattr("llm_server.SAFETY", 0.02)
    with pytest.raises(TimeoutError, match="gate"):
        closing(Behaviour(PIECES.text, gate=threading.Event())).close()
    with pytest.raises(LookupError, match="/v1/responses"):
        closing("a", settings={"use_responses_api": True}).close()
    server = LlmServer().start()
    assert httpx.get(f"{server.base_url}/models").status_code == 400
    with pytest.raises(LookupError, match="GET /v1/models"):
        server.close()


def test_closing_takes_no_time_and_leaves_no_thread(llm_server):  # for its environment
    before = set(threading.enumerate())
    server = LlmServer().start()
    server.behaves("a", Behaviour(PIECES.text, pieces=10, gate=threading.Event()))
    model = client(server)
    model.invoke("hi")  # its connection is kept open
    stream = model.stream("hi")
    next(stream)
    assert {thread.daemon for thread in set(threading.enumerate()) - before} == {True}
    start = time.monotonic()
    server.close()
    assert time.monotonic() - start < 0.5
    assert set(threading.enumerate()) <= before
    assert not server.disconnected.is_set()  # it was the server that went
    _, error = caught(stream)
    assert isinstance(error, ModelConnectionError)
    server.close()  # again does nothing
