"""A sentence that fails its check: given back to the model once, then left out or marked."""

import re

import pytest
from brief_replies import (
    ASKED,
    ENGINE,
    LANGS,
    RIGHT,
    SHOWN,
    WRONG,
    assert_stands_in,
    names_of,
    remark,
    reply,
)
from llm_server import Behaviour

from assistant.remarks import FOUND
from assistant.write import REPAIRS


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{wrong} [{{money}}]", "number"),
        ("{right} [99]", "marker"),
        ("{right}", "marker"),
        ("{other} [{{money}}]", "language"),
    ],
    ids=["a changed number", "an invented marker", "no marker", "language"],
)
def test_a_sentence_that_fails_is_given_back_and_the_mended_one_is_shown(
    model_assistant, llm_server, lang, line, code
):
    other = "en" if lang == "ko" else "ko"
    written = line.format(wrong=WRONG[lang], right=RIGHT[lang], other=RIGHT[other])
    llm_server.behaves(
        reply(written, "{HOURS} [{hours}]"), reply(RIGHT[lang] + " [{money}]", "More. [1]")
    )
    events = [*model_assistant().stream(ASKED[lang])]
    answer = events[-1]
    assert [s.text for s in answer.sentences][0] == RIGHT[lang]
    assert [s.verdict for s in answer.sentences] == ["verified"] * 2
    assert [s.citations for s in answer.sentences] == [(1,), (2,)]
    assert answer.notice is None
    assert "repair" in names_of(events)
    _, given_back = llm_server.requests
    assert FOUND[lang][code] in given_back.user
    sentence = re.sub(r" ?\[[^\]]*\]", "", written).replace("{", "").replace("}", "")
    assert f"⟦d⟧\n{sentence}\n⟦/d⟧" in given_back.user
    assert SHOWN.findall(given_back.user) == SHOWN.findall(llm_server.requests[0].user)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "again",
    [reply("[0]"), Behaviour(""), Behaviour(status=400), "{wrong}"],
    ids=["given up", "empty", "rejected", "wrong again"],
)
def test_what_fails_again_is_left_out_and_the_notice_says_how_many(
    model_assistant, llm_server, lang, again
):
    if again == "{wrong}":
        again = reply(WRONG[lang] + " [{money}]")
    llm_server.behaves(reply("{HOURS} [{hours}]", WRONG[lang] + " [{money}]"))
    llm_server.default = again
    answer = model_assistant().ask(ASKED[lang])
    assert len(answer.sentences) == 1
    assert WRONG[lang] not in answer.answer
    assert [c.n for c in answer.citations] == [1]
    assert answer.engine == ENGINE
    assert answer.notice == remark("dropped", lang, count=1)


@pytest.mark.parametrize("lang", LANGS)
def test_what_fails_again_is_shown_as_unverified_where_that_is_wanted(
    model_assistant, llm_server, lang
):
    llm_server.behaves(
        reply("{HOURS} [{hours}]", WRONG[lang] + " [{money}]", WRONG[lang] + "! [99]"),
        *[reply("[0]")] * 2,
    )
    answer = model_assistant(show_unverified=True).ask(ASKED[lang])
    assert [s.verdict for s in answer.sentences] == ["verified", "unverified"]  # not the uncited
    doubtful = answer.sentences[1]
    assert (doubtful.text, doubtful.citations) == (WRONG[lang], (2,))
    assert any(check.code == "number" and not check.passed for check in doubtful.checks)
    mark = {"ko": "(확인되지 않음)", "en": "(unverified)"}[lang]
    assert answer.answer.endswith(f"{WRONG[lang]} [2] {mark}")
    assert answer.answer.count(mark) == 1
    assert answer.notice is None


def test_a_sentence_that_is_mended_into_one_already_there_is_shown_once(
    model_assistant, llm_server
):
    llm_server.behaves(
        reply("{MONEY} [{money}]", WRONG["ko"] + " [{money}]", WRONG["ko"] + "! [{money}]"),
        *[reply("{MONEY} [{money}]")] * 2,
    )
    answer = model_assistant().ask(ASKED["ko"])
    assert len(answer.sentences) == 1
    assert answer.notice is None


def test_no_more_than_a_few_sentences_are_given_back(model_assistant, llm_server):
    wrong = [
        f"The United States provided ${n} billion for the war. [{{money}}]" for n in range(301, 309)
    ]
    llm_server.behaves(reply("{MONEY} [{money}]", *wrong))
    llm_server.default = reply("[0]")
    answer = model_assistant().ask(ASKED["en"])
    assert len(llm_server.requests) == 1 + REPAIRS
    assert answer.notice == remark("dropped", "en", count=len(wrong))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("show", [False, True])
def test_the_extractive_answer_stands_in_where_nothing_passes(
    model_assistant, llm_server, lang, show
):
    other = "en" if lang == "ko" else "ko"
    llm_server.default = reply(WRONG[lang] + " [{money}]", RIGHT[other] + " [{money}]")
    assistant = model_assistant(show_unverified=show)
    answer = assistant.ask(ASKED[lang])
    assert_stands_in(answer, assistant, ASKED[lang], "unverified")
    assert answer.language == lang
