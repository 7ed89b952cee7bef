"""An optional LLM judge: does a claim follow from passages, does an answer tell a fact?

Any LangChain chat model can judge; nothing here runs, and no LLM package is loaded, until
`open_judge` is called. A verdict counts only with its evidence: a (partial) support whose quote
does not stand in the judged text is not believed. Whatever cannot be believed or read is unscored,
never not_support, and never stops a run; only a provider that refuses the judge before its first
reply does, since then nothing could be judged at all.
Not covered: whether a verdict is right or its quote proves it (`eval.opinion` measures a judge by
its agreement with people), models that reject temperature 0, and limits per minute beyond the
client's retries.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import AssistantError
from assistant.llm import KEY, Meter, check_prices, open_chat_model
from assistant.types import Usage
from eval.samples import squeeze
from index.types import Lang
from prompts import fence, load, neutral

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

Verdict = Literal["support", "partial_support", "not_support"]

TIMEOUT = 60.0  # seconds for one attempt
RETRIES = 3  # of the provider's client, with its own pauses
SHOWN = 200  # characters of a reply or an error that a reason repeats
FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict with the words it rests on; `verdict` None is unscored, for the reason given."""

    verdict: Verdict | None
    quote: str | None
    why_unscored: str | None


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    verdict: Verdict
    quote: str | None


class Judge:
    """A chat model that judges, and the running total of what that took; safe to share by threads.

    `prices` are USD per million input and output tokens.
    """

    def __init__(
        self, model: "BaseChatModel", name: str, prices: tuple[float, float] | None = None
    ) -> None:
        self.name = name
        self._model = model
        self._meter = Meter(prices)
        self._replied = False

    @property
    def usage(self) -> Usage:
        """The totals at this moment."""
        return self._meter.usage

    def support(self, claim: str, passages: Sequence[str], lang: Lang) -> Opinion:
        """Whether each statement of the claim follows from the passages; asked in `lang`.

        Numbers, negation, who says it, forecast or fact, and scope must agree. Nothing follows
        from no passages: that is not_support without a call.
        """
        shown = [neutral(passage) for passage in passages]
        fenced = (fence(f"passage {n}", text) for n, text in enumerate(shown, start=1))
        prompt = load("judge_support", lang, frozenset({"passages", "claim"})).substitute(
            passages="\n\n".join(fenced), claim=fence("claim", neutral(claim))
        )
        return self._judge(prompt, claim, shown)

    def nugget(self, fact: str, answer: str, lang: Lang) -> Opinion:
        """Whether the answer tells the fact, in whole or in part; asked in `lang`.

        Source: nugget assignment of TREC's AutoNuggetizer (Pradeep and others, 2024), which asks
        for the verdict only. A blank answer tells nothing: that is not_support without a call.
        """
        shown = neutral(answer)
        prompt = load("judge_nugget", lang, frozenset({"fact", "answer"})).substitute(
            fact=fence("fact", neutral(fact)), answer=fence("answer", shown)
        )
        return self._judge(prompt, fact, [shown])

    def _judge(self, prompt: str, asked: str, shown: Sequence[str]) -> Opinion:
        """The opinion on `asked`, whose quote must stand in one of the texts `shown`."""
        if not squeeze(asked):
            return _unscored("there is nothing to judge: the claim or fact is blank")
        if not any(map(squeeze, shown)):
            return Opinion("not_support", None, None)
        message = self._ask(prompt)
        if isinstance(message, Opinion):
            return message
        if refusal := message.additional_kwargs.get("refusal"):
            return _unscored(f"the model refused: {_excerpt(str(refusal))}")
        reply = _parse(message.text)
        if reply is None:
            return _unscored(
                f"the reply is not the JSON object that was asked for{_ending(message)}: "
                f"{_excerpt(message.text)}"
            )
        quote = squeeze(reply.quote or "")
        stands = bool(quote) and any(quote in squeeze(text) for text in shown)
        if reply.verdict != "not_support" and not stands:
            said = _excerpt(reply.quote or "")
            return _unscored(f"{reply.verdict} with a quote that is not in the text: {said}")
        return Opinion(reply.verdict, reply.quote if stands else None, None)

    def _ask(self, prompt: str) -> "AIMessage | Opinion":
        """The model's message, counted; an unscored opinion where there was none."""
        self._meter.call()
        try:
            message = self._model.invoke(prompt)
        except Exception as error:  # the clients' errors have no common base class
            refused = _refused(error)
            if refused and not self._replied:
                raise AssistantError(
                    f"The judge {self.name!r} cannot judge at all: {refused}. Expected {KEY}, and "
                    "a model that this key may use. Correct the key, the model's name or the base "
                    "URL, and run again."
                ) from error
            return _unscored(f"the call failed: {refused or _failure(error)}")
        self._replied = True
        self._meter.tokens(message.usage_metadata)
        return message


def open_judge(
    name: str, *, base_url: str | None = None, prices: tuple[float, float] | None = None
) -> Judge:
    """The judge `name`, as provider:model of LangChain's init_chat_model; no call is made yet.

    `prices` are USD per million input and output tokens.
    """
    check_prices("The judge", prices)
    model = open_chat_model(
        name, told="The judge", base_url=base_url, timeout=TIMEOUT, retries=RETRIES
    )
    return Judge(model, name, prices)


def _parse(text: str) -> _Reply | None:
    """The one object that a reply must be, in a ```json fence or bare; None for anything else."""
    fenced = FENCE.fullmatch(text.strip())
    try:
        return _Reply.model_validate_json(fenced[1] if fenced else text)
    except ValidationError:
        return None


def _unscored(why: str) -> Opinion:
    return Opinion(None, None, why)


def _refused(error: Exception) -> str | None:
    """Why the provider will refuse every call alike; None where another call may succeed."""
    from langchain_core.exceptions import (
        ModelAuthenticationError,
        ModelNotFoundError,
        ModelPermissionDeniedError,
    )

    status = getattr(error, "status_code", None)
    if status == 401 or isinstance(error, ModelAuthenticationError):
        return "the provider refused its key (HTTP 401)"
    if status == 403 or isinstance(error, ModelPermissionDeniedError):
        return "its key lacks the permission (HTTP 403)"
    if status == 404 or isinstance(error, ModelNotFoundError):
        return "there is no such model or address (HTTP 404)"
    return None


def _failure(error: Exception) -> str:
    """An error in one line: the server's own words, or else its class, which gives nothing away."""
    status = getattr(error, "status_code", None)
    kind = type(error).__name__
    return kind if status is None else f"{kind} (HTTP {status}): {_excerpt(str(error))}"


def _ending(message: "AIMessage") -> str:
    """How the provider says that a reply ended, where that is told."""
    told = message.response_metadata
    reason = told.get("finish_reason") or told.get("stop_reason")
    return f" ({reason})" if reason else ""


def _excerpt(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
