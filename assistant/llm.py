"""The chat model: opened by name, asked for lines of text, its failures told apart.

The only home of langchain's chat models. Any provider that `init_chat_model` knows will do; nothing
of LangChain is loaded before a model is opened. Replies are streamed and handed on line by line, so
that a sentence can be checked while the next is written; what calls take is counted. Whatever a
provider, a network or a model does wrong is one `ModelFailed` with a reason, after the tries that
could help. A caller that stops reading, or whose `stopped` says so, closes the connection, which
stops the model.
Not covered: tools, images, and limits per minute beyond the client's own pauses.
"""

import asyncio
import math
import queue
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from assistant.errors import AssistantError, InputError
from assistant.types import Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

Reason = Literal[
    "access",  # the key is refused, or may not use the model
    "not_found",  # no such model or address
    "rate_limit",
    "timeout",
    "outage",  # not reached, a server error, a connection that broke off
    "refusal",  # the model or its provider would not answer
    "empty",
    "malformed",  # what came is not what the protocol says
    "overflow",  # more than the model can read
    "rejected",  # a request that the provider calls invalid
]
AGAIN: frozenset[Reason] = frozenset({"timeout", "outage", "empty", "malformed"})

TIMEOUT = 60.0  # seconds of silence
WHOLE = 5  # times the silence allowed, that a whole reply may take
RETRIES = 2  # of the provider's client, with its own pauses and as Retry-After asks
TRIES = 2  # of ours, where what came was no reply
POLL = 0.05  # seconds between two looks at whether anyone still reads
LONGEST_LINE = 2_000  # characters; a longer one is not a sentence
SHOWN = 200  # characters of an error that a message repeats
NAME = re.compile(r"([\w-]+):(\S+)")
KEY = "the provider's key in the environment (openai: OPENAI_API_KEY)"
TELLS_ENDING = {"openai-chat"}  # kinds of models whose every whole reply says how it ended
TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size)|too (?:long|many tokens)", re.IGNORECASE
)
THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|$)", re.DOTALL | re.IGNORECASE)

Prices = tuple[float, float]  # USD per million input and output tokens


class ModelFailed(Exception):
    """The model gave no usable reply; `detail` is for the log and for people, and holds no key."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Meter:
    """Adds up what calls take; safe to share between threads. Failed calls have no tokens."""

    def __init__(self, prices: Prices | None = None) -> None:
        self._prices = prices
        self._lock = threading.Lock()
        self._calls = self._input = self._output = 0
        self._all_counted = True

    def call(self) -> None:
        """A call is made."""
        with self._lock:
            self._calls += 1

    def tokens(self, used: "dict[str, Any] | Any | None") -> None:
        """What a reply took, as LangChain's usage_metadata has it; None: the provider is silent."""
        with self._lock:
            if used is None:
                self._all_counted = False
            else:
                self._input += used["input_tokens"]
                self._output += used["output_tokens"]

    @property
    def usage(self) -> Usage:
        """The totals at this moment."""
        with self._lock:
            cost = None
            if self._prices and self._all_counted:
                per_input, per_output = self._prices
                cost = (self._input * per_input + self._output * per_output) / 1_000_000
            return Usage(self._calls, self._input, self._output, cost)


class ChatModel:
    """A chat model as a source of lines. Safe to share between threads."""

    def __init__(
        self,
        model: "BaseChatModel",
        name: str,
        prices: Prices | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.name = name
        self.prices = prices
        self._model = model
        self._timeout = timeout

    def lines(
        self, system: str, user: str, meter: Meter, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[str]:
        """The reply's lines that are not blank, each as soon as it is whole.

        A reply that breaks off before its first line is asked for once more. Raises ModelFailed,
        also in the middle of a reply. Ends early once `stopped` is true.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

        attempts = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random(0.1, 0.5),
            retry=retry_if_exception(lambda e: isinstance(e, ModelFailed) and e.reason in AGAIN),
            reraise=True,
        )
        for attempt in attempts:
            with attempt:
                reply = self._reply(system, user, meter, stopped)
                first = next(reply, None)
                if first is None and not stopped():
                    raise ModelFailed("empty", "the reply holds no text")
        with closing(reply):
            if first is not None:
                yield first
                yield from reply

    def complete(
        self, system: str, user: str, meter: Meter, stopped: Callable[[], bool] = lambda: False
    ) -> list[str]:
        """All lines of the reply."""
        return list(self.lines(system, user, meter, stopped))

    def _reply(
        self, system: str, user: str, meter: Meter, stopped: Callable[[], bool]
    ) -> Generator[str, None, None]:
        text, thinking = "", False
        with closing(self._texts(system, user, meter, stopped)) as texts:
            for piece in texts:
                text += piece
                if "<think" in text.lower():
                    thinking = True
                if thinking:  # a reasoning model that thinks aloud
                    if "</think" not in text.lower() or ">" not in text.lower().split("</think")[1]:
                        continue
                    text, thinking = THINKING.sub("", text), False
                *whole, text = text.split("\n")
                yield from (line.strip() for line in whole if line.strip())
                if len(text) > LONGEST_LINE:
                    raise ModelFailed("malformed", f"a line has more than {LONGEST_LINE:,} letters")
        text = THINKING.sub("", text)
        if text.strip() and not stopped():
            yield text.strip()

    def _texts(
        self, system: str, user: str, meter: Meter, stopped: Callable[[], bool]
    ) -> Generator[str, None, None]:
        """The pieces of text of one reply; its tokens are counted and its ending is judged."""
        used, ending, refusal = None, "", ""
        meter.call()
        with closing(self._chunks([("system", system), ("user", user)], stopped)) as chunks:
            for chunk in chunks:
                used = chunk.usage_metadata or used
                ending = str(
                    chunk.response_metadata.get("finish_reason")
                    or chunk.response_metadata.get("stop_reason")
                    or ending
                )
                refusal += str(chunk.additional_kwargs.get("refusal") or "")
                if chunk.text:
                    try:
                        yield chunk.text
                    except GeneratorExit:
                        meter.tokens(used)  # not told before the end
                        raise
        meter.tokens(used)
        if stopped():
            return
        if refusal or ending in {"content_filter", "refusal"}:
            raise ModelFailed("refusal", _excerpt(refusal or ending))
        if ending in {"length", "max_tokens"}:
            raise ModelFailed("malformed", "the reply was cut off at the most it may hold")
        if not ending and self._model._llm_type in TELLS_ENDING:
            raise ModelFailed("outage", "the reply ended before its end")

    def _chunks(
        self, messages: Sequence[tuple[str, str]], stopped: Callable[[], bool]
    ) -> Generator["AIMessage", None, None]:
        """What the model streams, read on a loop of our own, since only a task can be cancelled."""
        inbox: queue.SimpleQueue[AIMessage | Exception | None] = queue.SimpleQueue()
        pump = asyncio.run_coroutine_threadsafe(self._pump(messages, inbox), _loop())
        heard = begun = time.monotonic()
        try:
            while not stopped():
                try:
                    item = inbox.get(timeout=POLL)
                except queue.Empty:
                    if time.monotonic() - heard > self._timeout * (RETRIES + 1.5):
                        raise ModelFailed("timeout", "nothing came any more") from None
                    continue
                heard = time.monotonic()
                if item is None:
                    return
                if isinstance(item, Exception):
                    raise _failed(item) from item
                if heard - begun > self._timeout * WHOLE:
                    raise ModelFailed("timeout", f"the reply took over {self._timeout * WHOLE:g} s")
                yield item
        finally:
            pump.cancel()

    async def _pump(
        self,
        messages: Sequence[tuple[str, str]],
        inbox: "queue.SimpleQueue[AIMessage | Exception | None]",
    ) -> None:
        try:
            stream: AsyncIterator[Any] = self._model.astream(list(messages))
            async for chunk in stream:
                inbox.put(chunk)
        except Exception as error:  # the clients' errors have no common base class
            inbox.put(error)
        else:
            inbox.put(None)


def open_chat_model(
    name: str,
    *,
    told: str,
    base_url: str | None = None,
    timeout: float = TIMEOUT,
    retries: int = RETRIES,
    max_tokens: int | None = None,
) -> "BaseChatModel":
    """The LangChain model `name` (provider:model) at temperature 0; no call is made yet.

    `told` is how messages call it: "The judge". `max_tokens` bounds a reply, where the provider
    is known to take it. Raises InputError for a name, an address or a key that cannot be right,
    AssistantError for a package that is not installed.
    """
    named = NAME.fullmatch(name)
    if not named:
        raise InputError(
            f"{told} {name!r} is not a model's name. Expected provider:model, such as "
            "openai:gpt-4.1-mini. Correct it or leave it out."
        )
    provider, model_name = named.groups()
    if base_url is not None:
        _check_address(told, base_url)
    options = {
        "model_provider": provider,
        "temperature": 0,
        "timeout": timeout,
        "max_retries": retries,
        **_provider_options(provider, base_url, timeout, max_tokens),
    }
    return _initialised(told, name, model_name, options)


def _check_address(told: str, base_url: str) -> None:
    url = urlsplit(base_url)
    if url.scheme not in {"http", "https"} or not url.netloc:
        raise InputError(
            f"{told}'s base URL {base_url!r} is wrong. Expected an address such as "
            "http://127.0.0.1:8000/v1. Correct it or leave it out."
        )


def _provider_options(
    provider: str, base_url: str | None, timeout: float, max_tokens: int | None
) -> dict[str, Any]:
    """What is passed on beyond what every provider takes."""
    options: dict[str, Any] = {}
    if provider == "openai":  # off for other servers than its own, and a limit of its own
        options = {"stream_usage": True, "stream_chunk_timeout": timeout}
    if base_url is not None:
        options["base_url"] = base_url
    if max_tokens is not None and provider == "openai" and base_url is not None:
        options["extra_body"] = {"max_tokens": max_tokens}  # other servers know the old name only
    elif max_tokens is not None and provider in ("openai", "anthropic"):
        options["max_tokens"] = max_tokens
    return options


def _initialised(told: str, name: str, model_name: str, options: dict[str, Any]) -> "BaseChatModel":
    try:
        from dotenv import load_dotenv
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise AssistantError(
            f"{told} {name!r} needs the package langchain, which is not installed. "
            "Run: pip install 'citebrief[llm]'"
        ) from error
    load_dotenv(".env")  # the provider's key may stand beside our own settings
    try:
        opened: BaseChatModel = init_chat_model(model_name, **options)
    except ImportError as error:
        raise AssistantError(
            f"{told} {name!r} cannot be opened: {first_line(error)}. For openai, run: "
            "pip install 'citebrief[llm]'; for another provider, install the package named here."
        ) from error
    except Exception as error:  # the clients' errors have no common base class
        raise InputError(
            f"{told} {name!r} cannot be opened: {first_line(error)}. Expected a provider that "
            f"LangChain knows, such as openai in openai:gpt-4.1-mini, and {KEY}; a local server "
            "takes any key. Correct the name or set the key, and run again."
        ) from error
    return opened


def check_prices(told: str, prices: Prices | None) -> None:
    """InputError for prices that are not numbers from 0 up."""
    if prices is not None and not all(math.isfinite(price) and price >= 0 for price in prices):
        raise InputError(
            f"{told}'s prices {prices!r} are wrong. Expected USD per million input and output "
            "tokens, 0 or more. Correct them or leave them out."
        )


def first_line(error: Exception) -> str:
    """What a library says of its own set-up; of pydantic's errors not the input, maybe a key."""
    from pydantic import ValidationError

    text = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
    lines = text.strip().splitlines() or [type(error).__name__]
    return lines[0][:SHOWN].rstrip(".")


def _failed(error: Exception) -> ModelFailed:
    """What an error of a client, of the network below it or of its parser means."""
    from langchain_core import exceptions as known

    kinds: tuple[tuple[type[Exception], Reason], ...] = (
        (known.ContextOverflowError, "overflow"),
        (known.ModelAuthenticationError, "access"),
        (known.ModelPermissionDeniedError, "access"),
        (known.ModelNotFoundError, "not_found"),
        (known.ModelRateLimitError, "rate_limit"),
        (known.ModelTimeoutError, "timeout"),
        (known.ModelInvalidRequestError, "rejected"),
        (TimeoutError, "timeout"),
        (ValueError, "malformed"),  # of a JSON parser too
        (LookupError, "malformed"),
        (TypeError, "malformed"),
    )
    kind, status = type(error).__name__, getattr(error, "status_code", None)
    reason: Reason = next((reason for kind, reason in kinds if isinstance(error, kind)), "outage")
    if reason == "outage" and status and 400 <= status < 500 and status != 408:
        reason = "rejected"
    # The client tells an overflow by its message alone, and not each server words it alike.
    if reason == "rejected" and (
        getattr(error, "code", None) == "context_length_exceeded" or TOO_LONG.search(str(error))
    ):
        reason = "overflow"
    if status in (401, 403):  # may repeat the key
        return ModelFailed(reason, f"{kind} (HTTP {status})")
    said = f"{kind} (HTTP {status}): {_excerpt(str(error))}" if status else kind
    return ModelFailed(reason, said)


def _loop() -> asyncio.AbstractEventLoop:
    """One loop for all models: LangChain's clients keep their connections between calls."""
    with _STARTING:  # first questions may come at once
        return _started()


_STARTING = threading.Lock()


@cache
def _started() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True, name="chat models").start()
    return loop


def _excerpt(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
