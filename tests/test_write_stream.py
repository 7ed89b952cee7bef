"""While an answer is written: the steps, each checked sentence at once, and stopping."""

import threading

import pytest
from brief_replies import (
    ASKED,
    COMPARISON,
    ENGINE,
    FOLLOW_UP,
    LANGS,
    RIGHT,
    SHOWN,
    WRONG,
    names_of,
    reply,
)
from llm_server import Behaviour

from assistant.types import Answer, Partial, Step


@pytest.mark.parametrize("lang", LANGS)
def test_a_sentence_is_shown_once_checked_and_before_the_next_is_written(
    model_assistant, llm_server, lang
):
    gate = threading.Semaphore(0)
    llm_server.behaves(
        reply("{MONEY} [{money}]", WRONG[lang] + " [{money}]", "{HOURS} [{hours}]", gate=gate),
        reply("[0]"),
    )
    events = model_assistant().stream(ASKED[lang], id="q-1")
    first = next(event for event in events if isinstance(event, Partial)).answer
    assert [s.verdict for s in first.sentences] == ["verified"]
    assert (first.id, first.question, first.engine) == ("q-1", ASKED[lang], ENGINE)
    assert [c.n for c in first.citations] == [1]
    gate.release()  # the wrong one comes, and is never shown
    gate.release()
    second = next(event for event in events if isinstance(event, Partial)).answer
    assert [s.verdict for s in second.sentences] == ["verified"] * 2
    assert second.citations[: len(first.citations)] == first.citations
    (answer,) = events
    assert (answer.sentences, answer.citations) == (second.sentences, second.citations)


def test_the_steps_are_told_in_their_order(model_assistant, llm_server):
    llm_server.behaves(reply(WRONG["ko"] + " [{money}]"), reply(RIGHT["ko"] + " [{money}]"))
    events = [*model_assistant().stream(ASKED["ko"])]
    assert names_of(events) == ["search", "read", "write", "check", "repair"]
    (read,) = [e for e in events if isinstance(e, Step) and e.name == "read"]
    assert read.count == len(SHOWN.findall(llm_server.requests[0].user))
    assert isinstance(events[-2], Partial)
    assert isinstance(events[-1], Answer)


@pytest.mark.parametrize("how", ["stopped", "closed"])
def test_a_stream_that_nobody_waits_for_ends_without_an_answer(model_assistant, llm_server, how):
    llm_server.behaves(reply("{MONEY} [{money}]", "{HOURS} [{hours}]", gate=threading.Event()))
    stop = threading.Event()
    events = model_assistant().stream(ASKED["ko"], stopped=stop.is_set)
    assert next(event for event in events if isinstance(event, Partial))
    if how == "stopped":
        stop.set()
        assert [*events] == []
    else:
        events.close()
    assert llm_server.disconnected.wait(2)
    assert len(llm_server.requests) == 1


@pytest.mark.parametrize(
    ("question", "history"),
    [(ASKED["ko"], []), (FOLLOW_UP["ko"], [ASKED["ko"]]), (COMPARISON["ko"], [])],
    ids=["write", "condense", "plan"],
)
def test_a_stop_before_the_model_has_said_anything_ends_it_too(
    model_assistant, llm_server, question, history
):
    llm_server.behaves(Behaviour("late", delay=5))
    stop = threading.Event()
    events = model_assistant().stream(question, history, stopped=stop.is_set)
    threading.Timer(0.2, stop.set).start()
    assert [event for event in events if not isinstance(event, Step)] == []
    assert len(llm_server.requests) <= 1
