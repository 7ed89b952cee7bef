"""The assistant as a LangChain Runnable, for others to build on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

from assistant.types import Event

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable


def as_runnable(
    ask: Callable[..., Iterator[Event]],
) -> "Runnable[str | dict[str, Any], Event]":
    """`Assistant.stream` as a LangChain Runnable, for others to build on.

    Takes a question, or a dict with `question` and, where wanted, `history`, `lang` and `engine`.
    `invoke` gives the Answer; `stream` gives Steps and Partials before it.
    """
    from langchain_core.runnables import RunnableLambda

    def run(asked: str | dict[str, Any]) -> Generator[Event, None, None]:
        given = {"question": asked} if isinstance(asked, str) else asked
        yield from ask(**given)

    async def arun(asked: str | dict[str, Any]) -> AsyncIterator[Event]:
        events = run(asked)
        try:
            while (event := await asyncio.to_thread(next, events, None)) is not None:
                yield event
        finally:
            await asyncio.to_thread(events.close)

    return RunnableLambda(run, arun, name="citebrief")
