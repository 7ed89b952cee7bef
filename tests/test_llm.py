"""The chat model as a source of lines: when they come, what they cost, and each way to fail."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from llm_server import Behaviour

from assistant import llm
from assistant.errors import InputError
from assistant.llm import LONGEST_LINE, ChatModel, Meter, ModelFailed, check_prices, open_chat_model
from assistant.types import Usage

KO = ["갯벌 350헥타르가 보호 구역이 되었다. [1]", "요금은 5% 오른다. [2]"]
EN = ["350 hectares were made a protected area. [1]", "Fares rise by 5%. [2]"]
KEY = "dummy-key-for-tests"  # of the fixture
SOON = 0.2  # seconds, as a time-out


def opened(server, *, timeout=5.0, retries=0, prices=None):
    model = open_chat_model(
        "openai:scripted",
        told="The model",
        base_url=server.base_url,
        timeout=timeout,
        retries=retries,
    )
    return ChatModel(model, "openai:scripted", prices, timeout)


def said(server, *, meter=None, **options):
    """All lines of one reply."""
    return opened(server, **options).complete("told", "asked", meter or Meter())


def fails(server, *, meter=None, **options):
    """What a reply fails with, and the lines that came before."""
    lines = []
    with pytest.raises(ModelFailed) as failed:
        for line in opened(server, **options).lines("told", "asked", meter or Meter()):
            lines.append(line)
    return failed.value, lines


def fake(*texts):
    """A model without a network, that says each of the texts in turn, word by word."""
    return ChatModel(GenericFakeChatModel(messages=iter(map(AIMessage, texts))), "fake:model")


# Lines


@pytest.mark.parametrize("lines", [KO, EN], ids=["ko", "en"])
@pytest.mark.parametrize("pieces", [1, 7, 1_000, "lines"])
def test_the_lines_are_the_same_in_whatever_pieces_they_come(llm_server, lines, pieces):
    llm_server.behaves(Behaviour("\n \n".join(lines) + "\n", pieces=pieces))
    assert said(llm_server) == lines


def test_a_line_is_handed_on_before_the_next_is_written(llm_server):
    gate = threading.Semaphore(0)
    llm_server.behaves(Behaviour("\n".join([*KO, *EN]), pieces="lines", gate=gate))
    lines = opened(llm_server).lines("told", "asked", Meter())
    for expected in [*KO, *EN[:-1]]:  # nobody opens the gate before the line has come
        assert next(lines) == expected
        gate.release()
    assert list(lines) == EN[-1:]


def test_what_the_model_is_told_and_given_reaches_it_at_temperature_0(llm_server):
    llm_server.says("네.")
    opened(llm_server).complete("지침 1", "What?\n질문", Meter())
    (request,) = llm_server.requests
    assert (request.system, request.user) == ("지침 1", "What?\n질문")
    assert request.body["model"] == "scripted"
    assert request.body["temperature"] == 0
    assert request.body["stream"] is True


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "<think>\n무엇일까.\n\n[1]이다.\n</think>\n\n답이다. [1]\n둘째. [2]",
            ["답이다. [1]", "둘째. [2]"],
        ),
        ("<thinking>What?\nWell.</thinking>It is. [1]", ["It is. [1]"]),
        ("<THINK>a\nb</THINK>\nIt is. [1]", ["It is. [1]"]),
        ("It is. [1]\n<think>more?\n</think>And so. [2]", ["It is. [1]", "And so. [2]"]),
        ("It is. [1]\n<think>for ever\nand ever", ["It is. [1]"]),
    ],
    ids=["ko", "thinking", "capitals", "in the middle", "without an end"],
)
@pytest.mark.parametrize("pieces", [1, 5, "lines"])
def test_what_is_thought_aloud_is_dropped(llm_server, text, lines, pieces):
    llm_server.behaves(Behaviour(text, pieces=pieces))
    assert said(llm_server) == lines


def test_any_model_of_langchain_will_do():
    model = fake("첫째 줄. [1]\n둘째 줄. [2]")
    meter = Meter((1.0, 1.0))
    assert model.complete("told", "asked", meter) == ["첫째 줄. [1]", "둘째 줄. [2]"]
    assert meter.usage == Usage(1, 0, 0, None)  # it says nothing of tokens, so nothing of a cost


def test_many_threads_share_a_model(llm_server):
    llm_server.default = lambda body: f"{body['messages'][-1]['content']}!\nyes"
    model, meter = opened(llm_server), Meter()
    with ThreadPoolExecutor(8) as threads:
        replies = threads.map(lambda n: model.complete("told", f"n{n}", meter), range(24))
    assert list(replies) == [[f"n{n}!", "yes"] for n in range(24)]
    assert meter.usage == Usage(24, 24 * 120, 24 * 15, None)


def test_first_questions_that_come_at_once_share_one_loop(monkeypatch):
    made = []

    def slowly():
        made.append(True)
        time.sleep(0.05)
        return asyncio.SelectorEventLoop()

    monkeypatch.setattr(asyncio, "new_event_loop", slowly)
    kept = llm._loop()
    llm._started.cache_clear()
    try:
        with ThreadPoolExecutor(4) as threads:
            loops = set(threads.map(lambda _: llm._loop(), range(4)))
    finally:
        llm._started.cache_clear()
    assert len(loops) == 1
    assert kept not in loops


# Failures


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour(status=401, message=f"Incorrect API key: {KEY}"), "access"),
        (Behaviour(status=403, message=f"{KEY} may not use it"), "access"),
        (Behaviour(status=404), "not_found"),
        (Behaviour(status=429), "rate_limit"),
        (Behaviour(status=500), "outage"),
        (Behaviour(status=503), "outage"),
        (Behaviour("late", delay=10), "timeout"),
        (Behaviour("json", malformed="json"), "malformed"),
        (Behaviour("html", malformed="html"), "malformed"),
        (Behaviour("", malformed="sse"), "malformed"),
        (Behaviour(malformed="empty_choices"), "outage"),  # it never says that it is at its end
        (Behaviour(""), "empty"),
        (Behaviour(" \n\n "), "empty"),
        (Behaviour("<think>\nnothing else\n</think>\n"), "empty"),
        (Behaviour(refusal="I will not."), "empty"),  # the client drops a streamed refusal
        (Behaviour("", finish="content_filter"), "refusal"),
        (Behaviour(status=400, code="context_length_exceeded"), "overflow"),
        (Behaviour(status=400, message="This model's maximum context length is 8192"), "overflow"),
        (Behaviour(status=413, message="The prompt is too long"), "overflow"),
        (Behaviour(status=400), "rejected"),
        (Behaviour(status=422), "rejected"),
        (Behaviour("x" * (LONGEST_LINE + 8)), "malformed"),
        (Behaviour("never here", drop_after=0), "outage"),
        (Behaviour("never here", drop_after=0, drop="tidy"), "outage"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_failure_has_its_reason_and_tells_no_key(llm_server, behaviour, reason):
    llm_server.default = behaviour
    failure, lines = fails(llm_server, timeout=SOON if behaviour.delay else 5.0)
    assert (failure.reason, lines) == (reason, [])
    assert str(failure) == f"{reason}: {failure.detail}"
    assert failure.detail
    assert KEY not in str(failure)


def test_a_refusal_that_a_client_hands_on_is_one():
    message = AIMessage("", additional_kwargs={"refusal": "I will not."})
    model = ChatModel(GenericFakeChatModel(messages=iter([message])), "fake:model")
    with pytest.raises(ModelFailed, match="refusal: 'I will not.'"):
        model.complete("told", "asked", Meter())


def test_a_server_that_is_not_there_is_an_outage(llm_server):
    llm_server.close()
    failure, _ = fails(llm_server)
    assert failure.reason == "outage"


@pytest.mark.parametrize(
    ("behaviour", "requests"),
    [
        (Behaviour(status=500), 2),
        (Behaviour(""), 2),
        (Behaviour("", malformed="sse"), 2),
        (Behaviour(status=401), 1),
        (Behaviour(status=404), 1),
        (Behaviour(status=429), 1),
        (Behaviour(status=400), 1),
        (Behaviour("", finish="content_filter"), 1),
    ],
    ids=["500", "empty", "malformed", "401", "404", "429", "400", "content filter"],
)
def test_it_is_asked_again_only_where_that_could_help(llm_server, behaviour, requests):
    llm_server.default = behaviour
    fails(llm_server)
    assert len(llm_server.requests) == requests


@pytest.mark.parametrize(
    "bad",
    [Behaviour(status=503), Behaviour(""), Behaviour("ab\ncd", drop_after=0)],
    ids=["503", "empty", "broken off"],
)
def test_the_second_try_may_be_good(llm_server, bad):
    llm_server.behaves(bad, "\n".join(KO))
    meter = Meter()
    assert said(llm_server, meter=meter) == KO
    assert meter.usage.calls == 2


def test_the_provider_s_client_tries_a_rate_limit_again_by_itself(llm_server):
    llm_server.behaves(Behaviour(status=429), Behaviour(status=429), "\n".join(EN))
    meter = Meter()
    assert said(llm_server, meter=meter, retries=2) == EN
    assert len(llm_server.requests) == 3
    assert meter.usage.calls == 1


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour("\n".join(KO), pieces="lines", drop_after=1), "outage"),
        (Behaviour("\n".join(KO), pieces="lines", drop_after=1, drop="tidy"), "outage"),
        (Behaviour("\n".join(KO), pieces="lines", malformed="sse"), "malformed"),
        (Behaviour("\n".join(KO), pieces="lines", malformed="error"), "outage"),
        (Behaviour(KO[0] + "\n", pieces="lines", finish="content_filter"), "refusal"),
    ],
    ids=["broken", "tidy", "not JSON", "an error", "content filter"],
)
def test_what_fails_in_mid_stream_comes_after_its_whole_lines_and_once(
    llm_server, behaviour, reason
):
    llm_server.default = behaviour
    failure, lines = fails(llm_server)
    assert (failure.reason, lines) == (reason, KO[:1])
    assert len(llm_server.requests) == 1


def test_a_line_that_was_broken_off_is_not_a_line(llm_server):
    llm_server.default = Behaviour("첫째 줄. [1]\n둘째 줄은 3조", pieces="lines", drop_after=2)
    failure, lines = fails(llm_server)
    assert (failure.reason, lines) == ("outage", ["첫째 줄. [1]"])


def test_a_reply_that_was_cut_at_its_length_keeps_its_whole_lines(llm_server):
    llm_server.default = Behaviour(f"{KO[0]}\n요금은 5", finish="length")
    failure, lines = fails(llm_server)
    assert (failure.reason, lines) == ("malformed", KO[:1])
    assert "cut off" in failure.detail


def test_silence_in_mid_stream_is_a_timeout(llm_server):
    llm_server.default = Behaviour("\n".join(KO), pieces="lines", pause=5)
    failure, lines = fails(llm_server, timeout=SOON)
    assert (failure.reason, lines) == ("timeout", KO[:1])


def test_a_reply_that_drips_for_ever_is_a_timeout(llm_server):
    llm_server.default = Behaviour("\n".join(["또 한 줄. [1]"] * 99), pieces="lines", pause=0.05)
    failure, lines = fails(llm_server, timeout=0.1)
    assert failure.reason == "timeout"
    assert 1 < len(lines) < 99


# What it takes


def test_calls_tokens_and_their_price_add_up(llm_server):
    llm_server.says("one", "two")
    model, meter = opened(llm_server, prices=(2.0, 10.0)), Meter((2.0, 10.0))
    assert model.prices == (2.0, 10.0)
    model.complete("told", "asked", meter)
    assert meter.usage == Usage(1, 120, 15, pytest.approx((120 * 2 + 15 * 10) / 1e6))
    model.complete("told", "asked", meter)
    assert meter.usage == Usage(2, 240, 30, pytest.approx((240 * 2 + 30 * 10) / 1e6))


def test_a_cost_that_is_not_known_is_not_made_up(llm_server):
    llm_server.behaves("one", Behaviour("two", usage=None))
    model, meter = opened(llm_server), Meter((2.0, 10.0))
    model.complete("told", "asked", meter)
    model.complete("told", "asked", meter)
    assert meter.usage == Usage(2, 120, 15, None)
    assert Meter().usage == Usage(0, 0, 0, None)


def test_what_a_reply_took_that_is_not_read_to_its_end_is_not_known(llm_server):
    llm_server.behaves(Behaviour("\n".join(KO), pieces="lines", gate=threading.Event()))
    meter = Meter((2.0, 10.0))
    lines = opened(llm_server).lines("told", "asked", meter)
    assert next(lines) == KO[0]
    lines.close()
    assert meter.usage == Usage(1, 0, 0, None)


def test_a_failed_call_counts_as_a_call(llm_server):
    llm_server.default = Behaviour(status=400)
    meter = Meter((2.0, 10.0))
    fails(llm_server, meter=meter)
    assert (meter.usage.calls, meter.usage.input_tokens) == (1, 0)


# Nobody reads any more


def test_closing_the_iterator_closes_the_connection(llm_server):
    llm_server.behaves(Behaviour("\n".join(KO), pieces="lines", gate=threading.Event()))
    lines = opened(llm_server).lines("told", "asked", Meter())
    assert next(lines) == KO[0]
    assert not llm_server.disconnected.is_set()
    lines.close()
    assert llm_server.disconnected.wait(2)


@pytest.mark.parametrize("when", ["before the first line", "in mid-stream"])
def test_stopped_ends_the_lines_and_closes_the_connection(llm_server, when):
    waits = when == "before the first line"
    llm_server.behaves(
        Behaviour(
            "\n".join(KO), pieces="lines", gate=threading.Event(), delay=5.0 if waits else 0.0
        )
    )
    stop = threading.Event()
    lines = opened(llm_server).lines("told", "asked", Meter(), stop.is_set)
    if waits:
        threading.Timer(0.1, stop.set).start()
    else:
        assert next(lines) == KO[0]
        stop.set()
    begun = time.monotonic()
    assert list(lines) == []
    assert time.monotonic() - begun < 2
    assert llm_server.disconnected.wait(2)
    assert len(llm_server.requests) == 1


# Names, addresses and keys


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("gpt-4.1-mini", {}, r"The model 'gpt-4\.1-mini' .*provider:model.*Correct"),
        ("", {}, r"The model ''.*provider:model"),
        ("openai:", {}, r"'openai:' is not a model's name"),
        ("openai:두 낱말", {}, "is not a model's name"),
        ("nobody:model", {}, "'nobody:model' cannot be opened.*a provider"),
        ("openai:m", {"base_url": "127.0.0.1:8000"}, "base URL '127.0.0.1:8000' is wrong.*http://"),
        ("openai:m", {"base_url": "ftp://there/v1"}, "base URL 'ftp://there/v1' is wrong"),
        ("openai:m", {"base_url": ""}, "base URL '' is wrong"),
    ],
)
def test_a_name_or_an_address_that_is_wrong_is_told(llm_server, name, options, words):
    with pytest.raises(InputError, match=words):
        open_chat_model(name, told="The model", **options)


def test_a_key_that_is_missing_is_told(llm_server, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # where no .env holds one
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match="CITEBRIEF_LLM 'openai:m' cannot be.*OPENAI_API_KEY"):
        open_chat_model("openai:m", told="CITEBRIEF_LLM", base_url=llm_server.base_url)


def test_a_key_may_stand_in_a_file_beside_the_settings(llm_server, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "")  # gone again when the test is over
    monkeypatch.delenv("OPENAI_API_KEY")
    (tmp_path / ".env").write_text("OPENAI_API_KEY=key-of-the-file\n", encoding="utf-8")
    llm_server.says("네.")
    said(llm_server)
    assert llm_server.requests[0].headers["authorization"] == "Bearer key-of-the-file"


def test_the_key_goes_into_the_header_and_nowhere_else(llm_server):
    llm_server.says("네.")
    said(llm_server)
    (request,) = llm_server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(request.body)


@pytest.mark.parametrize("prices", [(-1.0, 1.0), (1.0, float("nan")), (float("inf"), 1.0)])
def test_prices_that_are_no_prices_are_told(prices):
    with pytest.raises(InputError, match="The judge's prices .* 0 or more"):
        check_prices("The judge", prices)
    check_prices("The judge", (0.0, 2.5))
    check_prices("The judge", None)
