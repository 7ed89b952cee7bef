"""When the model fails: what was verified is kept, else the extractive answer stands in."""

import pytest
from brief_replies import ASKED, ENGINE, LANGS, NAME, SHOWN, WRONG, assert_stands_in, remark, reply
from llm_server import Behaviour


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (Behaviour(status=401), "access"),
        (Behaviour(status=404), "not_found"),
        (Behaviour(status=429), "rate_limit"),
        (Behaviour("late", delay=5), "timeout"),
        (Behaviour(status=500), "outage"),
        (Behaviour("a\nb", drop_after=0), "outage"),
        (Behaviour("", finish="content_filter"), "refusal"),
        (Behaviour(""), "empty"),
        (Behaviour("html", malformed="html"), "malformed"),
        (Behaviour("x", finish="length"), "malformed"),
        (Behaviour(status=400, code="context_length_exceeded"), "overflow"),
        (Behaviour(status=400), "rejected"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_extractive_answer_stands_in_for_a_model_that_fails(
    model_assistant, llm_server, lang, behaviour, why
):
    llm_server.default = behaviour
    assistant = model_assistant(timeout=0.2 if why == "timeout" else 5.0)
    answer = assistant.ask(ASKED[lang], id="q-1")
    assert_stands_in(answer, assistant, ASKED[lang], why)
    assert (answer.id, answer.question, answer.language) == ("q-1", ASKED[lang], lang)
    assert NAME in answer.notice
    assert answer.usage.calls == len(llm_server.requests) >= 1
    assert answer.usage.output_tokens in (0, 15, 30)


def test_a_model_that_is_not_there_does_not_take_the_answer_with_it(model_assistant, llm_server):
    assistant = model_assistant()
    llm_server.close()
    for history in ([], ["하마스 전쟁에 대한 트럼프의 입장은?"]):
        answer = assistant.ask("우크라이나 전쟁은?", history)
        assert answer.notice.startswith(remark("outage", "ko"))
        assert answer.engine == "extractive"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("drop", ["broken", "tidy"])
def test_what_was_verified_before_the_model_broke_off_is_kept(
    model_assistant, llm_server, lang, drop
):
    llm_server.behaves(reply("{MONEY} [{money}]", "{HOURS} [{hours}]", drop_after=1, drop=drop))
    answer = model_assistant().ask(ASKED[lang])
    assert (answer.engine, answer.notice) == (ENGINE, remark("cut", lang))
    assert [s.verdict for s in answer.sentences] == ["verified"]
    assert len(llm_server.requests) == 1


def test_what_broke_off_before_anything_was_verified_is_not_kept(model_assistant, llm_server):
    llm_server.behaves(
        reply(WRONG["ko"] + " [{money}]", "{HOURS} [{hours}]", drop_after=1), reply("[0]")
    )
    assistant = model_assistant()
    answer = assistant.ask(ASKED["ko"])
    assert_stands_in(answer, assistant, ASKED["ko"], "outage")
    assert all(value >= 0 for value in answer.timings_ms.values())


def test_a_model_that_is_lost_while_it_mends_leaves_what_was_verified(model_assistant, llm_server):
    llm_server.behaves(reply("{MONEY} [{money}]", WRONG["ko"] + " [{money}]", "{HOURS} [{hours}]"))
    llm_server.default = Behaviour(status=503)
    answer = model_assistant().ask(ASKED["ko"])
    assert (answer.engine, answer.notice) == (ENGINE, remark("cut", "ko"))
    assert [s.verdict for s in answer.sentences] == ["verified"]


def test_a_model_that_cannot_read_so_much_is_given_the_best_of_it(model_assistant, llm_server):
    too_long = Behaviour(status=400, code="context_length_exceeded")
    llm_server.behaves(too_long, too_long, reply("{MONEY} [{money}]"))
    answer = model_assistant(passages=12).ask(ASKED["ko"])
    sizes = [len(SHOWN.findall(request.user)) for request in llm_server.requests]
    assert sizes[0] > sizes[1] > sizes[2]
    assert (answer.engine, answer.notice, len(answer.sentences)) == (ENGINE, None, 1)
    assert answer.usage.calls == 3
