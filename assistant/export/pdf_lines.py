"""Words into lines, and lines onto pages with the notes that they call for at the foot.

Korean is broken at spaces, as far as a word fits on a line at all. A note begins on the page of its
number; one that is longer than the room there goes on at the foot of the next page. Pure: widths
come from a function, so nothing here knows a PDF.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

LEAST_LINES = 3  # of text under a heading, or the heading goes to the next page
ABOVE_NOTES = 14.0  # points between text and notes, with the rule


@dataclass(frozen=True, slots=True)
class Word:
    """Letters that are not parted, unless no line would hold them; `glued` to the word before."""

    text: str
    size: float
    grey: bool = False
    raised: bool = False
    glued: bool = False
    note: int = 0  # the note that belongs to the page of this word


@dataclass(frozen=True, slots=True)
class Row:
    """A line of words, how high it is, and the room before it."""

    words: tuple[Word, ...]
    height: float
    before: float = 0.0
    heading: bool = False

    @property
    def notes(self) -> list[int]:
        """The notes that must stand, or begin, on the page of this line."""
        return [word.note for word in self.words if word.note]


@dataclass(slots=True)
class Sheet:
    """What stands on a page."""

    body: list[Row] = field(default_factory=list)
    notes: list[Row] = field(default_factory=list)

    @property
    def used(self) -> float:
        """Points of its height that are taken."""
        rows = sum(row.height + row.before for row in (*self.body, *self.notes))
        return rows + (ABOVE_NOTES if self.notes else 0)


Measure = Callable[[Word], float]  # points; a space of the word's size for " "


def rows(
    words: Sequence[Word], width: float, height: float, measure: Measure, before: float = 0.0
) -> list[Row]:
    """The words as lines of at most `width` points."""
    found: list[Row] = []
    line: list[Word] = []
    used = 0.0
    for group in _groups(words, width, measure):
        wide = sum(map(measure, group))
        space = measure(Word(" ", group[0].size)) if line and not group[0].glued else 0.0
        if line and used + space + wide > width:
            found.append(Row(tuple(line), height, 0.0 if found else before))
            line, used, space = [], 0.0, 0.0
        line += group
        used += space + wide
    if line:
        found.append(Row(tuple(line), height, 0.0 if found else before))
    return found


def _groups(words: Sequence[Word], width: float, measure: Measure) -> Iterator[list[Word]]:
    """Words with those that are glued to them; what no line holds comes in pieces."""
    group: list[Word] = []
    for word in words:
        for piece in _pieces(word, width, measure):
            if group and not (piece.glued and sum(map(measure, group)) + measure(piece) <= width):
                yield group
                group = []
            group.append(piece)
    if group:
        yield group


def _pieces(word: Word, width: float, measure: Measure) -> Iterator[Word]:
    from dataclasses import replace

    if measure(word) <= width:
        yield word
        return
    piece, glued = "", word.glued
    for letter in word.text:
        if piece and measure(replace(word, text=piece + letter)) > width:
            yield replace(word, text=piece, glued=glued, note=0)
            piece, glued = "", True
        piece += letter
    yield replace(word, text=piece, glued=glued)


def sheets(body: Sequence[Row], notes: dict[int, list[Row]], room: float) -> list[Sheet]:
    """The lines on pages of `room` points, each with its notes."""
    pages = [Sheet()]
    waiting: list[Row] = []  # of notes that did not fit on their page

    def turn() -> None:
        pages.append(Sheet())
        while waiting and pages[-1].used + waiting[0].height <= room * 0.7:
            pages[-1].notes.append(waiting.pop(0))

    for at, row in enumerate(body):
        own = [line for number in row.notes for line in notes[number]]
        ahead = sum(one.height + one.before for one in body[at + 1 : at + 1 + LEAST_LINES])
        need = row.height + row.before + (ahead if row.heading else 0.0)
        least = need + sum(line.height for line in own[:2])  # a note begins with its number
        rule = ABOVE_NOTES if own and not pages[-1].notes else 0.0
        whole = need + rule + sum(line.height for line in own)
        page = pages[-1]
        if page.body and (
            page.used + least + rule > room
            or (waiting and own)
            or (page.used + whole > room and whole <= room * 0.7)
        ):
            turn()
            while waiting and own:  # notes keep their order
                turn()
        page = pages[-1]
        page.body.append(row)
        for line in own:
            extra = 0.0 if page.notes else ABOVE_NOTES
            if waiting or page.used + extra + line.height > room:
                waiting.append(line)
            else:
                page.notes.append(line)
    while waiting:
        turn()
    return pages
