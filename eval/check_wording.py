"""What the words of a set show by themselves: text still to be written, language, copied runs."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from eval.samples import Sample
from index.language import detect
from index.types import Lang

COPIED = 8  # words in a row that no reader asks in by chance
SHOWN = 80  # characters of a text that a message repeats
UNWRITTEN = re.compile(r"\s*(?:TODO\b|할 일\s*(?:[:：—–-]|$))")
_WORD = re.compile(r"[\w%$€£₩]+(?:[.,'’-]\w+)*")


def unwritten(raw: Any, place: str = "") -> Iterator[str]:
    """Text that says of itself that it is still to be written."""
    if isinstance(raw, str) and UNWRITTEN.match(raw):
        rest = "line" if place == "question" else "entry"
        yield f"{place}: still to be written, {short(raw)}; write it, or delete the {rest}."
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(raw, dict):
        children = raw.items()
    elif isinstance(raw, list):
        children = enumerate(raw)
    for name, value in children:
        yield from unwritten(value, f"{place}.{name}" if place else str(name))


def other_language(sample: Sample) -> Lang | None:
    """The language that a question reads as, if not the one it claims."""
    found = detect(sample.question)
    return found.main if found.main != sample.lang and _WORD.search(sample.question) else None


def copied(question: str, texts: Iterable[str]) -> tuple[str, ...]:
    """The longest run of words that a question shares with its evidence, where it is too long."""
    asked, longest = words_of(question), 0
    run: tuple[str, ...] = ()
    for text in texts:
        said = words_of(text)
        before = [0] * (len(said) + 1)
        for end, word in enumerate(asked, start=1):
            row = [0] * (len(said) + 1)
            for place, other in enumerate(said, start=1):
                if word == other:
                    row[place] = before[place - 1] + 1
                    if row[place] > longest:
                        longest = row[place]
                        run = tuple(asked[end - longest : end])
            before = row
    return run if longest >= COPIED else ()


def words_of(text: str) -> list[str]:
    """The words of a text, whatever their case."""
    return _WORD.findall(text.casefold())


def short(text: str) -> str:
    """A text in quotation marks, cut where it is long."""
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")
