"""The LLM judge: what it believes, what it leaves unscored, what it takes."""

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

import pytest
from langchain_core.exceptions import ModelAuthenticationError, ModelTimeoutError
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from assistant.errors import AssistantError
from assistant.types import Usage
from eval.judge import Judge, Opinion

CLAIM = "갯벌 350헥타르가 보호 구역이 되었다."
PASSAGES = ["부산항은 확장된다.", "갯벌 350헥타르가 보호 구역으로\n지정되었다. 어민들은 반발한다."]
QUOTE = "갯벌 350헥타르가 보호 구역으로 지정되었다."


def said(verdict: str, quote: str | None) -> str:
    return json.dumps({"verdict": verdict, "quote": quote}, ensure_ascii=False)


def judge_of(*messages: AIMessage | str, prices: tuple[float, float] | None = None) -> Judge:
    return Judge(GenericFakeChatModel(messages=iter(messages)), "fake:model", prices)


def failing(*errors: Exception | str) -> Judge:
    """A judge whose calls end in these errors in turn, or in a reply where one is a text."""

    class Failing(GenericFakeChatModel):
        def _generate(self, *args: Any, **kwargs: Any) -> Any:
            if isinstance(errors[len(done)], Exception):
                done.append(1)
                raise errors[len(done) - 1]
            done.append(1)
            return super()._generate(*args, **kwargs)

    done: list[int] = []
    texts = iter([error for error in errors if isinstance(error, str)])
    return Judge(Failing(messages=texts), "fake:model")


# What is believed


@pytest.mark.parametrize("verdict", ["support", "partial_support"])
def test_a_verdict_whose_quote_stands_in_a_passage_is_believed(verdict):
    opinion = judge_of(said(verdict, QUOTE)).support(CLAIM, PASSAGES, "ko")
    assert opinion == Opinion(verdict, QUOTE, None)


@pytest.mark.parametrize(
    ("answer", "quote"),
    [
        ("A third of the cost is borne by the state.", "third of  the\ncost"),
        ("노인 할인은 유지된다.", "노인할인은 유지"),
        ("요금은 5% 오르고 the discount stays.", "오르고 the discount"),
        ("\u1100\u1161\u11ab척지", "간척지"),  # the answer decomposed, the quote composed
    ],
)
def test_a_quote_is_found_whatever_its_spacing_and_normal_form(answer, quote):
    opinion = judge_of(said("support", quote)).nugget("a fact", answer, "en")
    assert opinion == Opinion("support", quote, None)


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "```\n{}\n```", "\n {} \n"])
def test_a_reply_may_stand_in_a_fence_or_among_blank_lines(fence):
    reply = fence.replace("{}", said("support", QUOTE))
    assert judge_of(reply).support(CLAIM, PASSAGES, "ko").verdict == "support"


@pytest.mark.parametrize(
    ("quote", "kept"), [("", None), (None, None), ("nowhere", None), (QUOTE, QUOTE)]
)
def test_not_support_needs_no_quote_and_keeps_only_a_real_one(quote, kept):
    opinion = judge_of(said("not_support", quote)).support(CLAIM, PASSAGES, "ko")
    assert opinion == Opinion("not_support", kept, None)


def test_a_reply_in_blocks_after_reasoning_is_read():
    blocks = [
        {"type": "reasoning", "reasoning": "so"},
        {"type": "text", "text": said("support", QUOTE)},
    ]
    assert judge_of(AIMessage(content=blocks)).support(CLAIM, PASSAGES, "ko").verdict == "support"


@pytest.mark.parametrize("passages", [[], [" \n"]])
def test_nothing_follows_from_no_passages_and_no_call_is_made(passages):
    judge = judge_of()
    assert judge.support(CLAIM, passages, "ko") == Opinion("not_support", None, None)
    assert judge.nugget("a fact", " ", "en") == Opinion("not_support", None, None)
    assert judge.usage.calls == 0


# What is unscored


@pytest.mark.parametrize("verdict", ["support", "partial_support"])
@pytest.mark.parametrize(
    "quote",
    [
        "갯벌 530헥타르가 보호 구역으로 지정되었다.",
        "",
        " ",
        None,
        "확장된다. 갯벌 350헥타르가",  # runs over the border of two passages
        "갯벌 350헥타르가 … 지정되었다.",
        "⟦passage 1⟧",
    ],
)
def test_a_verdict_with_an_invented_quote_is_not_believed(verdict, quote):
    opinion = judge_of(said(verdict, quote)).support(CLAIM, PASSAGES, "ko")
    assert (opinion.verdict, opinion.quote) == (None, None)
    assert opinion.why_unscored.startswith(f"{verdict} with a quote that is not in the text")


def test_an_answer_is_not_quoted_from_the_fact():
    opinion = judge_of(said("support", "5%")).nugget("요금이 5% 오른다", "요금이 오른다.", "ko")
    assert opinion.verdict is None


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "support",
        "판정: support",
        '{"verdict": "support"}',
        '{"verdict": "supported", "quote": ""}',
        '{"verdict": "not_support", "quote": "", "score": 1}',
        '{"verdict": "not_support", "quote": ["a"]}',
        '{"verdict": "not_support", "quote": "" ',
        '[{"verdict": "not_support", "quote": ""}]',
        "{'verdict': 'not_support', 'quote': ''}",
        'Here you are: {"verdict": "not_support", "quote": ""}',
        '```json\n{"verdict": "not_support", "quote": ""}\n``` as asked',
        '{"verdict": "not_support", "quote": ""}\n{"verdict": "support", "quote": ""}',
    ],
)
def test_a_reply_that_is_not_the_one_object_is_unscored(reply):
    judge = judge_of(reply)
    opinion = judge.support(CLAIM, PASSAGES, "ko")
    assert (opinion.verdict, opinion.quote) == (None, None)
    assert "not the JSON object" in opinion.why_unscored
    assert judge.usage.calls == 1


def test_a_reply_that_was_cut_off_says_so():
    message = AIMessage(content='{"verd', response_metadata={"finish_reason": "length"})
    opinion = judge_of(message).support(CLAIM, PASSAGES, "ko")
    assert "(length)" in opinion.why_unscored


def test_a_refusal_is_unscored():
    message = AIMessage(content="", additional_kwargs={"refusal": "I cannot judge this."})
    opinion = judge_of(message).support(CLAIM, PASSAGES, "ko")
    assert opinion == Opinion(None, None, "the model refused: 'I cannot judge this.'")


def test_a_blank_claim_is_unscored_without_a_call():
    judge = judge_of()
    assert judge.support(" ", PASSAGES, "ko").verdict is None
    assert judge.nugget("", "an answer", "en").verdict is None
    assert judge.usage.calls == 0


def test_a_timeout_is_unscored_even_on_the_first_call():
    opinion = failing(ModelTimeoutError("secret")).support(CLAIM, PASSAGES, "ko")
    assert opinion == Opinion(None, None, "the call failed: ModelTimeoutError")


def test_a_refused_key_stops_the_run_before_the_first_reply_only():
    refused = ModelAuthenticationError("sk-secret")
    judge = failing(ModelTimeoutError(), refused, said("support", QUOTE), refused)
    assert judge.support(CLAIM, PASSAGES, "ko").verdict is None
    with pytest.raises(AssistantError, match="fake:model.*refused its key") as caught:
        judge.support(CLAIM, PASSAGES, "ko")
    assert "secret" not in str(caught.value)
    assert judge.support(CLAIM, PASSAGES, "ko").verdict == "support"
    assert judge.support(CLAIM, PASSAGES, "ko").why_unscored.startswith("the call failed: the prov")
    assert judge.usage.calls == 4


# What it takes


def test_usage_and_cost_are_totals_over_threads():
    tokens = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
    message = AIMessage(content=said("support", QUOTE), usage_metadata=tokens)
    judge = Judge(GenericFakeChatModel(messages=repeat(message)), "fake:model", (2.0, 8.0))
    with ThreadPoolExecutor(8) as pool:
        opinions = list(pool.map(lambda _: judge.support(CLAIM, PASSAGES, "ko"), range(100)))
    assert {opinion.verdict for opinion in opinions} == {"support"}
    # 10,000 tokens at 2 USD and 1,000 at 8 USD a million
    assert judge.usage == Usage(100, 10_000, 1_000, pytest.approx(0.028))


def test_without_prices_there_is_no_cost():
    assert judge_of().usage == Usage(0, 0, 0, None)
    assert judge_of(prices=(1.0, 1.0)).usage == Usage(0, 0, 0, 0.0)


def test_a_reply_without_its_tokens_leaves_the_cost_unknown():
    judge = judge_of(said("support", QUOTE), prices=(1.0, 1.0))
    judge.support(CLAIM, PASSAGES, "ko")
    assert judge.usage == Usage(1, 0, 0, None)
