"""An optional LLM judge: does a claim follow from passages, does an answer tell a fact?

Any LangChain chat model can judge; nothing here runs, and no LLM package is loaded, until
`open_judge` is called. A verdict counts only with its evidence: a (partial) support whose quote
does not stand in the judged text is not believed. Whatever cannot be believed or read is unscored,
never not_support, and never stops a run; only a provider that refuses the judge before its first
reply does, since then nothing could be judged at all.
Not covered: whether a verdict is right or its quote proves it (measure a judge by `agreement` with
people first), models that reject temperature 0, and limits per minute beyond the client's retries.
"""

import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import AssistantError, InputError
from eval.samples import squeeze
from index.types import Lang
from prompts import load

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

Verdict = Literal["support", "partial_support", "not_support"]

TIMEOUT = 60.0  # seconds for one attempt
RETRIES = 3  # of the provider's client, with its own pauses
SHOWN = 200  # characters of a reply or an error that a reason repeats
NAME = re.compile(r"([\w-]+):(\S+)")
FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)
# Our marks are made of ⟦ and ⟧. A judged text keeps none of these, nor what looks like them.
NEUTRAL = str.maketrans("⟦⟧〚〛", "[][]")
KEY = "the provider's key in the environment (openai: OPENAI_API_KEY)"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict with the words it rests on; `verdict` None is unscored, for the reason given."""

    verdict: Verdict | None
    quote: str | None
    why_unscored: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What judging has taken so far; failed calls count as calls and have no tokens.

    `cost` is in USD; None without prices, or once a reply came without its numbers of tokens.
    """

    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa in [-1, 1] and the observed share in [0, 1] of `n` pairs that agree."""

    kappa: float | None
    observed: float | None
    n: int
    unscored: int


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
        self._prices = prices
        self._lock = threading.Lock()
        self._calls = self._input = self._output = 0
        self._replied = False
        self._all_counted = True

    @property
    def usage(self) -> Usage:
        """The totals at this moment."""
        with self._lock:
            cost = None
            if self._prices and self._all_counted:
                per_input, per_output = self._prices
                cost = (self._input * per_input + self._output * per_output) / 1_000_000
            return Usage(self._calls, self._input, self._output, cost)

    def support(self, claim: str, passages: Sequence[str], lang: Lang) -> Opinion:
        """Whether each statement of the claim follows from the passages; asked in `lang`.

        Numbers, negation, who says it, forecast or fact, and scope must agree. Nothing follows
        from no passages: that is not_support without a call.
        """
        shown = [_neutral(passage) for passage in passages]
        fenced = (_fence(f"passage {n}", text) for n, text in enumerate(shown, start=1))
        prompt = load("judge_support", lang, frozenset({"passages", "claim"})).substitute(
            passages="\n\n".join(fenced), claim=_fence("claim", _neutral(claim))
        )
        return self._judge(prompt, claim, shown)

    def nugget(self, fact: str, answer: str, lang: Lang) -> Opinion:
        """Whether the answer tells the fact, in whole or in part; asked in `lang`.

        Source: nugget assignment of TREC's AutoNuggetizer (Pradeep and others, 2024), which asks
        for the verdict only. A blank answer tells nothing: that is not_support without a call.
        """
        shown = _neutral(answer)
        prompt = load("judge_nugget", lang, frozenset({"fact", "answer"})).substitute(
            fact=_fence("fact", _neutral(fact)), answer=_fence("answer", shown)
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
        try:
            message = self._model.invoke(prompt)
        except Exception as error:  # the clients' errors have no common base class
            with self._lock:
                self._calls += 1
                replied = self._replied
            refused = _refused(error)
            if refused and not replied:
                raise AssistantError(
                    f"The judge {self.name!r} cannot judge at all: {refused}. Expected {KEY}, and "
                    "a model that this key may use. Correct the key, the model's name or the base "
                    "URL, and run again."
                ) from error
            return _unscored(f"the call failed: {refused or _failure(error)}")
        used = message.usage_metadata
        with self._lock:
            self._calls += 1
            self._replied = True
            if used is None:
                self._all_counted = False
            else:
                self._input += used["input_tokens"]
                self._output += used["output_tokens"]
        return message


def open_judge(
    name: str, *, base_url: str | None = None, prices: tuple[float, float] | None = None
) -> Judge:
    """The judge `name`, as provider:model of LangChain's init_chat_model; no call is made yet.

    `prices` are USD per million input and output tokens.
    """
    named = NAME.fullmatch(name)
    if not named:
        raise InputError(
            f"There is no judge {name!r}. Expected provider:model, such as openai:gpt-4.1-mini. "
            "Give --judge a name like that, or leave it out."
        )
    options: dict[str, Any] = {}
    if base_url is not None:
        url = urlsplit(base_url)
        if url.scheme not in {"http", "https"} or not url.netloc:
            raise InputError(
                f"The judge's base URL {base_url!r} is wrong. Expected an address such as "
                "http://127.0.0.1:8000/v1. Correct it or leave it out."
            )
        options["base_url"] = base_url
    if prices is not None and not all(math.isfinite(price) and price >= 0 for price in prices):
        raise InputError(
            f"The judge's prices {prices!r} are wrong. Expected USD per million input and output "
            "tokens, 0 or more. Correct them or leave them out."
        )
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise AssistantError(
            f"The judge {name!r} needs the package langchain, which is not installed. "
            "Run: pip install 'citebrief[llm]'"
        ) from error
    provider, model_name = named.groups()
    try:
        model = init_chat_model(
            model_name,
            model_provider=provider,
            temperature=0,
            timeout=TIMEOUT,
            max_retries=RETRIES,
            **options,
        )
    except ImportError as error:
        raise AssistantError(
            f"The judge {name!r} cannot be opened: {_first_line(error)}. For openai, run: "
            "pip install 'citebrief[llm]'; for another provider, install the package named here."
        ) from error
    except Exception as error:  # the clients' errors have no common base class
        raise InputError(
            f"The judge {name!r} cannot be opened: {_first_line(error)}. Expected a provider that "
            f"LangChain knows, such as openai in openai:gpt-4.1-mini, and {KEY}; a local server "
            "takes any key. Correct the name or set the key, and run again."
        ) from error
    return Judge(model, name, prices)


def agreement(ours: Sequence[bool | None], theirs: Sequence[bool | None]) -> Agreement:
    """How far two raters of the same things agree; pairs with an unscored side are left out.

    Source: Cohen (1960), by sklearn. `kappa` is None where both raters gave one and the same class
    only, since there chance alone explains full agreement; `observed` is None without pairs.
    Worked: ours (T, T, F, F, None), theirs (T, F, F, F, T): 1 pair unscored, 3 of 4 agree, so
    observed is 0.75. By chance 2/4 x 1/4 are both T and 2/4 x 3/4 both F, together 0.5: kappa is
    (0.75 - 0.5) / (1 - 0.5) = 0.5.
    """
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None]
    unscored = len(ours) - len(pairs)
    if not pairs:
        return Agreement(None, None, 0, unscored)
    observed = sum(a == b for a, b in pairs) / len(pairs)
    kappa = None
    if len({rating for pair in pairs for rating in pair}) > 1:
        from sklearn.metrics import cohen_kappa_score

        kappa = float(cohen_kappa_score(*zip(*pairs, strict=True)))
    return Agreement(kappa, observed, len(pairs), unscored)


def _neutral(text: str) -> str:
    return text.translate(NEUTRAL)


def _fence(tag: str, text: str) -> str:
    return f"⟦{tag}⟧\n{text}\n⟦/{tag}⟧"


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


def _first_line(error: Exception) -> str:
    """What a library says of its own set-up; of pydantic's errors not the input, maybe a key."""
    text = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
    lines = text.strip().splitlines() or [type(error).__name__]
    return lines[0][:SHOWN].rstrip(".")


def _ending(message: "AIMessage") -> str:
    """How the provider says that a reply ended, where that is told."""
    told = message.response_metadata
    reason = told.get("finish_reason") or told.get("stop_reason")
    return f" ({reason})" if reason else ""


def _excerpt(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
