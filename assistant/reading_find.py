"""Find words in a whole document, in the original and in its translation.

Letters of any case and composition are the same, and so are the shapes of quotation marks and
dashes. Words with Hangul are found however they are spaced; others with any spaces between them.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from assistant.errors import InputError
from assistant.reading import Reading, composed

LONGEST = 200  # characters of what is looked for
MOST = 500  # places that are handed over
AROUND = 36  # characters of a snippet before and after the first place in it

_SAME = str.maketrans({**dict.fromkeys("‘’‛′", "'"), **dict.fromkeys("“”„″", '"'), "–": "-"})
_HANGUL = re.compile("[가-힣ᄀ-ᇿㄱ-ㆎ]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence, cell or heading that holds what was looked for.

    `element` is the id of its original on the page; `marks` are the places, start included, end
    excluded, in code points of its text, and `snippet_marks` those in the snippet.
    """

    element: str
    passage: str | None
    part: int
    page: int
    side: Literal["original", "translation"]
    snippet: str
    snippet_marks: tuple[tuple[int, int], ...]
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """All places, of which the first `MOST` are `matches`."""

    query: str
    total: int
    matches: tuple[Match, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "query": self.query,
            "total": self.total,
            "matches": [
                {
                    "element": m.element,
                    "passage": m.passage,
                    "part": m.part,
                    "page": m.page,
                    "side": m.side,
                    "snippet": m.snippet,
                    "snippet_marks": m.snippet_marks,
                    "marks": m.marks,
                }
                for m in self.matches
            ],
        }


@dataclass(frozen=True, slots=True)
class _Unit:
    element: str
    passage: str | None
    char_start: int
    text: str
    side: Literal["original", "translation"]


class Finder:
    """Looks in one document; what it folds is kept for the next search."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def find(self, query: str) -> Found:
        """Every sentence, cell and heading with `query` in it, in reading order.

        InputError for one that is longer than `LONGEST`; nothing is found for one of spaces.
        """
        if len(query) > LONGEST:
            raise InputError(
                f"The search has {len(query)} characters; expected at most {LONGEST}. Shorten it."
            )
        spaced = not _HANGUL.search(composed(query))
        wanted = _folded(query.strip(), spaced=spaced)
        if not wanted:
            return Found(query, 0, ())
        folded = self._spaced if spaced else self._unspaced
        total = 0
        matches: list[Match] = []
        for unit, text in zip(self._units, folded, strict=True):
            if wanted in text:
                total += 1
                if len(matches) < MOST:
                    matches.append(self._match(unit, wanted, spaced=spaced))
        return Found(query, total, tuple(matches))

    @cached_property
    def _units(self) -> list[_Unit]:
        document = self.reading.document
        units: list[tuple[int, int, _Unit]] = []
        for number, block in enumerate(document.blocks):
            if block.kind == "heading":
                at, text = block.char_start, document.text[block.char_start : block.char_end]
                element = f"cb-b-{number}"
                units.append((at, 0, _Unit(element, None, at, text, "original")))
                section = self.reading.sections.get(number)
                title = section.titles.get(self.reading.other) if section else None
                if title:
                    other = _Unit(element, None, at, composed(title), "translation")
                    units.append((at, 1, other))
        for passage in self.reading.passages:
            if passage.kind == "row":
                continue  # its cells are found
            at, element = passage.char_start, f"cb-r-{passage.position}"
            units.append((at, 0, _Unit(element, passage.id, at, passage.quote, "original")))
            if passage.quote_translation:
                text = composed(passage.quote_translation)
                units.append((at, 1, _Unit(element, passage.id, at, text, "translation")))
        return [unit for _, _, unit in sorted(units, key=lambda one: one[:2])]

    @cached_property
    def _spaced(self) -> list[str]:
        return [_folded(unit.text, spaced=True) for unit in self._units]

    @cached_property
    def _unspaced(self) -> list[str]:
        return [_folded(unit.text, spaced=False) for unit in self._units]

    def _match(self, unit: _Unit, wanted: str, *, spaced: bool) -> Match:
        marks = _places(unit.text, wanted, spaced=spaced)
        first, last = marks[0]
        start = max(first - AROUND, 0)
        end = min(max(last, first + 1) + AROUND, len(unit.text))
        before = "…" if start else ""
        snippet = before + unit.text[start:end] + ("…" if end < len(unit.text) else "")
        moved = len(before) - start
        return Match(
            element=unit.element,
            passage=unit.passage,
            part=self.reading.part_at(unit.char_start),
            page=self.reading.document.page(unit.char_start),
            side=unit.side,
            snippet=snippet,
            snippet_marks=tuple((a + moved, b + moved) for a, b in marks if b <= end),
            marks=marks,
        )


def _folded(text: str, *, spaced: bool) -> str:
    """What is compared; letter by letter the same as `_places` makes it."""
    return _SPACE.sub(" " if spaced else "", composed(text).casefold().translate(_SAME))


def _places(text: str, wanted: str, *, spaced: bool) -> tuple[tuple[int, int], ...]:
    """Where `wanted`, folded, stands in `text`, which is in composed letters."""
    letters: list[str] = []
    offsets: list[int] = []
    for at, letter in enumerate(text):
        folded = letter.casefold().translate(_SAME)
        if _SPACE.fullmatch(folded):
            if not spaced or (letters and letters[-1] == " "):
                continue
            folded = " "
        letters += folded
        offsets += [at] * len(folded)
    joined = "".join(letters)
    found = []
    at = joined.find(wanted)
    while at >= 0:
        found.append((offsets[at], offsets[at + len(wanted) - 1] + 1))
        at = joined.find(wanted, at + len(wanted))
    return tuple(found)
