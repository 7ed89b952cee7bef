"""A model's lines taken apart into sentences and the numbers that they cite; pure.

prompts/answer.*.md ask for one sentence a line that ends in numbers such as [3] or [3, 5], and for
[0] where the passages do not answer. Models also write several sentences a line, put numbers before
the full stop, and decorate; that is read for what it means. Whether a number names a passage that
was shown, and whether that says it, is for the gate.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

NOTHING = "0"  # cited where the passages do not answer
MARKERS = re.compile(  # ⟦3⟧ is how the prompt shows a passage
    r"\s*[\[【［⟦]\s*(?:\^|(?:구절|passages?)\s*)?(\d{1,3}(?:\s*[,·、;]\s*\d{1,3})*)\s*[\]】］⟧]",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•·‣▪]+|>|#{1,6}|\(?\d{1,2}[.)](?=\s))\s+")
_BOLD = re.compile(r"(\*\*|__)(.+?)\1")
_LABEL = re.compile(r"^(?:답변?|답안|answer|a)\s*[:：]\s*", re.IGNORECASE)
_EMPTY = re.compile(
    r"\s*[(\[【［⟦](?:출처|근거|구절|sources?|passages?|see)?[\s:：,]*[)\]】］⟧]", re.IGNORECASE
)
_FENCE = re.compile(r"^```\w*$")
_STOP = re.compile(r"^[.!?。]+(?=\s|$)")

Split = Callable[[str], Sequence[tuple[int, int]]]  # where the sentences of a text stand


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence as a model wrote it, without its markers, and the numbers that it cites."""

    text: str
    numbers: tuple[int, ...]


def is_abstention(line: str) -> bool:
    """Whether the line says that the passages do not answer: it cites nothing else, if in words."""
    return MARKERS.findall(line) == [NOTHING]


def plain(line: str) -> str:
    """The line without a bullet, bold type and a label; nothing of the fence around code."""
    text = _LABEL.sub("", _BOLD.sub(r"\2", _BULLET.sub("", line)).strip())
    return "" if _FENCE.match(text) else text


def drafts(line: str, split: Split) -> Iterator[Draft]:
    """The sentences of one line; one without numbers takes those that come next in the line."""
    text = plain(line)
    pieces: list[tuple[str, tuple[int, ...]]] = []
    begin = 0
    for match in MARKERS.finditer(text):
        numbers = tuple(int(n) for n in re.findall(r"\d+", match[1]))
        pieces.append((text[begin : match.start()], numbers))
        begin = match.end()
    pieces.append((text[begin:], ()))
    yield from _joined(pieces, split)


def _joined(pieces: Sequence[tuple[str, tuple[int, ...]]], split: Split) -> Iterator[Draft]:
    """Pieces between markers as sentences: a piece without words ends the one before it."""
    waiting = ""
    numbers: tuple[int, ...] = ()
    for text, cited in pieces:
        stop = _STOP.match(text) if numbers else None  # the full stop after a marker
        if stop:
            waiting, text = waiting.rstrip(".!?。") + stop[0], text[stop.end() :]
        tail = text.strip()
        if not re.search(r"\w", tail):  # a closing mark after the marker, or a second marker
            waiting = waiting.rstrip() + tail if tail not in waiting[-1:] else waiting
            numbers = (*numbers, *cited)
            continue
        if numbers and _is_new(tail, waiting):
            yield from _sentences(waiting, numbers, split)
            waiting, numbers = "", ()
        waiting = f"{waiting} {tail}".strip()
        numbers = (*numbers, *cited)
    if waiting:
        yield from _sentences(waiting, numbers, split)


def _is_new(tail: str, before: str) -> bool:
    """Whether what follows a marker begins a sentence; a number may also stand in the middle."""
    return before.rstrip().endswith((".", "!", "?", "다", "음", "함", "됨")) or tail[0].isupper()


def _sentences(text: str, numbers: tuple[int, ...], split: Split) -> Iterator[Draft]:
    for begin, end in split(text):
        sentence, before = text[begin:end], ""
        while sentence != before:  # the brackets around a marker, and what they made look like one
            sentence, before = MARKERS.sub("", _EMPTY.sub("", sentence)), sentence
        if re.search(r"\w", sentence):
            yield Draft(sentence.strip(), tuple(dict.fromkeys(numbers)))
