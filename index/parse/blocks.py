"""Gather what a parser reads into blocks: words folded, with page turns and footnote markers.

`Words` is one stretch of running text under construction; `Blocks` a whole file. Parsers of formats
that have no place for headings, or of files whose authors used none, may say how a paragraph is set
(`Look`); where a file has no heading at all, short lines that stand out become headings.
Not covered: what a format means by its elements, which is each parser's own subject.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.clean import visible
from index.layout import BULLET, LONGEST_HEADING
from index.parse.content import BlockKind, ContentBlock

_ENDS = ".!?…:;,。"  # a line that ends so is no heading
_CLOSERS = "”’\"')」】)]"
_FIGURE = re.compile(r"^[\d\W_]+$")
LARGER = 1.14  # times the size of most of the text: 11 to 12.5 points is a heading

Sign = Literal["page", "note"]


@dataclass(frozen=True, slots=True)
class Mark:
    """At `offset` of a text, page `number` begins, or the marker of footnote `number` stood."""

    sign: Sign
    number: int
    offset: int


@dataclass(frozen=True, slots=True)
class Folded:
    """Clean text and the marks in it, ascending by offset."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph is set: its size in points (0: unknown), and whether all of it is bold."""

    size: float = 0.0
    bold: bool = False


class Words:
    """Running text, piece by piece; pieces join without a space, as a word may change its font."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._signs: list[tuple[int, Sign, int]] = []  # pieces before it, sign, number

    def add(self, text: str) -> None:
        """Append text as it is."""
        if text:
            self._pieces.append(text)

    def sign(self, sign: Sign, number: int) -> None:
        """Note that a page begins, or a footnote marker stands, after what was added so far."""
        self._signs.append((len(self._pieces), sign, number))

    def extend(self, folded: Folded) -> None:
        """Append a text that is clean already, with its marks, after a space."""
        self.add(" ")
        start = 0
        for mark in folded.marks:
            self.add(folded.text[start : mark.offset])
            self.sign(mark.sign, mark.number)
            start = mark.offset
        self.add(folded.text[start:])
        self.add(" ")

    def fold(self) -> Folded:
        """What was added, as `visible` leaves it and with single spaces, with the marks' places."""
        parts: list[str] = []
        places: list[tuple[int, Sign, int]] = []
        length, begin, spaced = 0, 0, True  # spaced: no space is wanted before the next word
        for end, sign, number in [*self._signs, (len(self._pieces), None, 0)]:
            raw = visible("".join(self._pieces[begin:end]))
            begin = end
            words = " ".join(raw.split())
            if words and raw[:1].isspace() and not spaced:
                words = " " + words
            if raw[-1:].isspace() and (words or not spaced):
                words += " "
            if words:
                parts.append(words)
                length += len(words)
                spaced = words.endswith(" ")
            if sign is not None:
                places.append((length, sign, number))
        return _folded("".join(parts), places)


def _folded(text: str, places: Sequence[tuple[int, Sign, int]]) -> Folded:
    if not unicodedata.is_normalized("NFC", text):  # a letter composed across two pieces
        composed = [len(unicodedata.normalize("NFC", text[:offset])) for offset, _, _ in places]
        places = [(new, s, n) for new, (_, s, n) in zip(composed, places, strict=True)]
        text = unicodedata.normalize("NFC", text)
    text = text.rstrip(" ")
    marks = []
    for place, sign, number in places:
        offset = min(place, len(text))
        if sign == "page" and text[offset : offset + 1] == " ":
            offset += 1  # a page begins with a word
        elif sign == "note" and text[offset - 1 : offset] == " ":
            offset -= 1  # a marker hangs on the word before it
        marks.append(Mark(sign, number, max(offset, 0)))
    return Folded(text, tuple(sorted(marks, key=lambda mark: mark.offset)))


class Blocks:
    """The blocks of a file under construction, in reading order. Pages count from 1."""

    def __init__(self) -> None:
        self.page = 1  # the page that is being read
        self._done: list[ContentBlock] = []
        self._looks: list[Look] = []
        self._page_reached = 1  # the page on which the last block ends

    def turn_page(self, words: Words) -> None:
        """Begin a page after what `words` holds so far."""
        self.page += 1
        words.sign("page", self.page)

    def add(
        self, kind: BlockKind, folded: Folded, *, level: int = 0, look: Look | None = None
    ) -> bool:
        """Append a paragraph or heading; without words it is no block. Says whether it was one."""
        if not folded.text:
            return False
        block = ContentBlock(kind, folded.text, level if kind == "heading" else 0)
        self.append(block, folded.marks, look)
        return True

    def append(
        self, block: ContentBlock, marks: Sequence[Mark] = (), look: Look | None = None
    ) -> None:
        """Append a finished block, with the marks in its text."""
        turns = [(m.offset, m.number) for m in marks if m.sign == "page"]
        # The page was turned between this block and the one before, or inside an empty one.
        before = turns[0][1] - 1 if turns else self.page
        pages: dict[int, int] = {}
        for offset, page in [(0, before), *turns]:
            if page > self._page_reached and offset < len(block.text):
                pages[offset] = self._page_reached = page
        notes = tuple((m.number, m.offset) for m in marks if m.sign == "note")
        self._done.append(replace(block, pages=tuple(pages.items()), footnotes=notes))
        self._looks.append(look or Look())

    @property
    def last(self) -> ContentBlock | None:
        """The block appended last."""
        return self._done[-1] if self._done else None

    @property
    def page_count(self) -> int:
        """The page on which the words end."""
        return self._page_reached

    def finish(self) -> tuple[ContentBlock, ...]:
        """All blocks; where none is a heading, short lines that stand out become headings."""
        if any(block.kind == "heading" for block in self._done):
            return tuple(self._done)
        levels = _levels(self._done, self._looks)
        return tuple(
            replace(block, kind="heading", level=level) if level else block
            for block, level in zip(self._done, levels, strict=True)
        )


def _levels(blocks: Sequence[ContentBlock], looks: Sequence[Look]) -> list[int]:
    """The heading level of each block that stands out from most of the text; 0 of the others."""
    sizes: Counter[float] = Counter()
    plain = 0
    for block, look in zip(blocks, looks, strict=True):
        if block.kind == "paragraph":
            sizes[look.size] += len(block.text)
            plain += 0 if look.bold else len(block.text)
    if not sizes:
        return [0] * len(blocks)
    usual = sizes.most_common(1)[0][0]
    mostly_plain = 2 * plain > sizes.total()
    ranks = {
        size: rank
        for rank, size in enumerate(
            sorted((size for size in sizes if size > LARGER * usual > 0), reverse=True), start=1
        )
    }
    return [
        0
        if not (follower and _may_be_heading(block))
        else ranks.get(look.size) or (len(ranks) + 1 if look.bold and mostly_plain else 0)
        for block, look, follower in zip(blocks, looks, _followers(blocks), strict=True)
    ]


def _followers(blocks: Sequence[ContentBlock]) -> Iterator[ContentBlock | None]:
    yield from blocks[1:]
    yield None


def _may_be_heading(block: ContentBlock) -> bool:
    text = block.text
    return (
        block.kind == "paragraph"
        and len(text) <= LONGEST_HEADING
        and text.rstrip(_CLOSERS)[-1:] not in _ENDS
        and not BULLET.match(text)
        and not _FIGURE.match(text)
    )
