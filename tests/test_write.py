"""An answer that a chat model writes: what is shown and cited, told, recorded and handed on."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from brief_replies import (
    ASKED,
    ENGINE,
    FOLLOW_UP,
    KNOWN,
    LANGS,
    OTHER_TOPIC,
    PAGE,
    RIGHT,
    SHOWN,
    STANDALONE,
    WRONG,
    names_of,
    reply,
)
from langchain_core.runnables import Runnable
from llm_server import Behaviour

from assistant.runnable import as_runnable
from assistant.types import Answer, Check, Partial, Usage
from assistant.write import LONGEST_ANSWER


def same(answer):
    """The answer without what differs from one asking to the next."""
    return replace(answer, timings_ms={})


@pytest.mark.parametrize("lang", LANGS)
def test_sentences_that_hold_are_shown_with_the_passages_that_they_cite(
    model_assistant, llm_server, lang
):
    llm_server.behaves(reply(RIGHT[lang] + " [{money}]", "{HOURS} [{hours}]"))
    assistant = model_assistant()
    answer = assistant.ask(ASKED[lang], id="q-1")
    assert (answer.id, answer.question, answer.language) == ("q-1", ASKED[lang], lang)
    assert (answer.engine, answer.status, answer.notice) == (ENGINE, "answered", None)
    assert [s.verdict for s in answer.sentences] == ["verified"] * 2
    assert [s.citations for s in answer.sentences] == [(1,), (2,)]
    assert answer.sentences[0].text == RIGHT[lang]
    assert answer.answer.startswith(f"{RIGHT[lang]} [1] ")
    (document,) = assistant.index.documents.values()
    for citation, name in zip(answer.citations, ("money", "hours"), strict=True):
        assert document.text[citation.char_start : citation.char_end] == citation.quote
        assert KNOWN[name][0] in citation.quote
        assert KNOWN[name][1] in citation.translation
        assert citation.page == PAGE
    assert answer.as_of == "2024-11"
    assert len(llm_server.requests) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_markers_count_from_one_in_order_of_first_use(model_assistant, llm_server, lang):
    llm_server.behaves(
        reply(
            "{ISRAEL} [{israel}]",
            "{MONEY} [{money}]",
            "{HOURS} [{hours}]",
            RIGHT[lang] + " [{money}]",
        )
    )
    answer = model_assistant().ask(ASKED[lang])
    assert [s.citations for s in answer.sentences] == [(1,), (2,), (3,), (2,)]
    quoted = [c.quote for c in answer.citations]
    for name, quote in zip(("israel", "money", "hours"), quoted, strict=True):
        assert KNOWN[name][0] in quote
    assert re.findall(r"\[(\d+)\]", answer.answer) == ["1", "2", "3", "2"]


@pytest.mark.parametrize("lang", LANGS)
def test_a_citation_that_a_sentence_does_not_need_is_left_out(model_assistant, llm_server, lang):
    llm_server.behaves(reply("{MONEY} [{israel}, {money}, 99]"))
    answer = model_assistant().ask(ASKED[lang])
    assert [s.citations for s in answer.sentences] == [(1,)]
    assert KNOWN["money"][0] in answer.citations[0].quote


@pytest.mark.parametrize("lang", LANGS)
def test_a_sentence_that_comes_twice_is_shown_once(model_assistant, llm_server, lang):
    llm_server.behaves(reply(*["{MONEY} [{money}]"] * 5))
    assert len(model_assistant().ask(ASKED[lang]).sentences) == 1


def test_a_model_that_runs_on_is_stopped(model_assistant, llm_server):
    def copies_all(body):
        shown = SHOWN.findall(body["messages"][-1]["content"])
        assert len(shown) > LONGEST_ANSWER
        text = "".join(f"{text} [{n}]\n" for n, text in shown)
        return Behaviour(text * 50, pieces="lines", pause=0.01)

    llm_server.behaves(copies_all)
    answer = model_assistant(passages=20, prices=(1.0, 1.0)).ask(ASKED["en"])
    assert len(answer.sentences) == LONGEST_ANSWER
    assert answer.notice is None
    assert answer.usage == Usage(1, 0, 0, None)  # it would have said at its end what it took
    assert llm_server.disconnected.wait(2)


# Not in the documents


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "lines",
    [["[0]"], ["**[0]**"], ["【0】"], ["[0]", "{MONEY} [{money}]"]],
    ids=["plain", "bold", "other brackets", "and more"],
)
def test_a_model_that_finds_no_answer_is_believed(model_assistant, llm_server, lang, lines):
    llm_server.behaves(reply(*lines))
    answer = model_assistant().ask(ASKED[lang])
    assert (answer.status, answer.language, answer.engine) == ("not_in_document", lang, ENGINE)
    assert (answer.sentences, answer.citations, answer.notice) == ((), (), None)
    assert {"ko": "가까운 주제", "en": "nearest topics"}[lang] in answer.answer
    assert answer.usage == Usage(1, 120, 15, None)


@pytest.mark.parametrize("lang", LANGS)
def test_beside_sentences_a_zero_says_nothing(model_assistant, llm_server, lang):
    llm_server.behaves(reply("{MONEY} [{money}]", "[0]"))
    answer = model_assistant().ask(ASKED[lang])
    assert (answer.status, len(answer.sentences), answer.notice) == ("answered", 1, None)


@pytest.mark.parametrize("lang", LANGS)
def test_what_the_library_does_not_answer_is_refused_without_a_call(
    model_assistant, llm_server, lang
):
    answer = model_assistant().ask(OTHER_TOPIC[lang])
    assert (answer.status, answer.language) == ("not_in_document", lang)
    assert answer.engine == "extractive"
    assert llm_server.requests == []
    assert answer.usage == Usage(0, 0, 0, None)


def test_the_extractive_engine_asks_no_model(model_assistant, llm_server):
    answer = model_assistant().ask(ASKED["ko"], engine="extractive")
    assert (answer.engine, answer.usage, llm_server.requests) == ("extractive", None, [])


# What is recorded


@pytest.mark.parametrize("lang", LANGS)
def test_calls_tokens_cost_and_times_are_recorded(model_assistant, llm_server, lang):
    llm_server.behaves(reply(WRONG[lang] + " [{money}]"), reply(RIGHT[lang] + " [{money}]"))
    answer = model_assistant(prices=(1.0, 4.0)).ask(ASKED[lang])
    assert answer.usage == Usage(2, 240, 30, pytest.approx((240 * 1 + 30 * 4) / 1e6))
    times = answer.timings_ms
    assert times.keys() == {"retrieve", "answer", "verify", "first_sentence", "total"}
    assert all(value >= 0 for value in times.values())
    assert times["first_sentence"] <= times["total"]


@pytest.mark.parametrize("lang", LANGS)
def test_an_answer_comes_back_from_its_json(model_assistant, llm_server, lang):
    llm_server.behaves(
        STANDALONE[lang], reply("{MONEY} [{money}]", WRONG[lang] + " [{money}]"), reply("[0]")
    )
    answer = model_assistant(show_unverified=True, prices=(1.0, 1.0)).ask(
        FOLLOW_UP[lang], [ASKED[lang]]
    )
    assert answer.sentences[1].checks
    assert all(isinstance(check, Check) for check in answer.sentences[1].checks)
    assert answer.usage.cost > 0
    assert answer.searched
    for one in (answer, replace(answer, notice="말씀")):
        assert Answer.from_json(json.loads(json.dumps(one.to_json()))) == one


# For others to build on


def test_the_chain_is_a_runnable_of_four_steps(model_assistant):
    chain = model_assistant().writer.chain
    assert isinstance(chain, Runnable)
    assert [step.name for step in chain.steps] == ["condense", "plan", "search", "write"]


@pytest.mark.parametrize("lang", LANGS)
def test_as_a_runnable_it_gives_the_answer_or_streams_events(model_assistant, llm_server, lang):
    llm_server.default = reply("{MONEY} [{money}]")
    runnable = as_runnable(model_assistant().stream)
    assert isinstance(runnable, Runnable)
    answer = runnable.invoke(ASKED[lang])
    assert isinstance(answer, Answer)
    assert (answer.engine, len(answer.sentences)) == (ENGINE, 1)
    copied = runnable.invoke({"question": ASKED[lang], "engine": "extractive", "history": []})
    assert copied.engine == "extractive"
    events = [*runnable.stream({"question": ASKED[lang]})]
    assert names_of(events) == ["search", "read", "write", "check"]
    assert isinstance(events[-2], Partial)
    assert same(events[-1]) == same(answer)


def test_questions_that_are_asked_at_once_get_the_answers_of_one_at_a_time(
    model_assistant, llm_server
):
    llm_server.default = reply("{MONEY} [{money}]", "{HOURS} [{hours}]")
    assistant = model_assistant()
    alone = [same(assistant.ask(ASKED[lang])) for lang in LANGS]
    with ThreadPoolExecutor(4) as threads:
        together = [*threads.map(lambda lang: same(assistant.ask(ASKED[lang])), LANGS * 4)]
    assert together == alone * 4
