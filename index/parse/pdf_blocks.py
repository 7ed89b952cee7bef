"""Put the lines of a PDF's columns together to paragraphs, over column and page breaks. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.layout import BULLET
from index.parse.content import Box, ContentBlock
from index.parse.pdf_cells import Table
from index.parse.pdf_join import DROP, Wording, between
from index.parse.pdf_lines import Line

ITEM = re.compile(
    r"^(?:[□■◇◆○●◎❍❏▣▪◾▶►▷•·∙⚫◦※☞➤➢✓√ㅇ]\s?|[-–—*]\s+|[①-⑳㉠-㉻⑴-⒇]|"
    r"\(?(?:\d{1,2}|[가나다라마바사아자차카타파하]|[a-z])\)\s*\S|"
    r"(?:\d{1,2}|[가나다라마바사아자차카타파하]|[A-Z]|[IVXⅠ-Ⅻ]{1,5})\.\s+\S|"
    r"\d{1,2}(?:[.-]\d{1,2})+\.?\s+\S|"
    r"제\s?\d{1,3}\s?(?:조|장|절|편|관|항)(?:의\d+)?(?:\s|\()|[Ⅰ-Ⅻ]\s|\[\d+\]\s)"
)
ENDED = re.compile(r"[.!?。…:;][”’\"')\]」』》〉]*$")
NOTE = re.compile(
    r"^(?:\(?\d{1,3}\)|\[\d{1,3}\]|\d{1,3}[.)]?\s|[*†‡]{1,3}\s?|주\s?\d*\s?[):])\s*\S"
)
INDENT = 0.65  # of the type's height
LESS = 0.95  # of the body's type: a footnote's
NEAR = 1.3  # times the usual distance of two lines: still one paragraph


@dataclass(frozen=True, slots=True)
class Column:
    """The lines and tables of one column of one page, from top to bottom."""

    page: int
    items: tuple[Line | Table, ...]
    left: float
    right: float
    ruled: tuple[float, ...] = ()  # heights of short lines ruled in it
    aside: bool = False  # whether it stands in a box beside the text, which flows past it


@dataclass(frozen=True, slots=True)
class Style:
    """What is usual in a document."""

    body: float  # height of its type
    pitch: dict[float, float]  # from line to line, by height of type
    indented: bool  # whether paragraphs begin with an indent


@dataclass(slots=True)
class Draft:
    """A block under construction: lines with the right edge of the column of each."""

    lines: list[Line] = field(default_factory=list)
    rights: list[float] = field(default_factory=list)
    column: tuple[float, float] = (0.0, 0.0)  # of its last line
    table: Table | None = None
    note: bool = False
    gap_before: float = 0.0  # white space over it, in lines

    @property
    def text(self) -> str:
        """Its words as printed."""
        return " ".join(line.text for line in self.lines)


def style(columns: Sequence[Column]) -> Style:
    """What is usual in these columns."""
    sizes: Counter[float] = Counter()
    steps: dict[float, Counter[float]] = defaultdict(Counter)
    starts = indents = 0
    for column in columns:
        lines = [item for item in column.items if isinstance(item, Line)]
        for line in lines:
            sizes[line.size] += len(line.text)
        for one, two in zip(lines, lines[1:], strict=False):
            if abs(one.size - two.size) < 0.06 * one.size:
                steps[two.size][round((two.base - one.base) * 2) / 2] += 1
            if ENDED.search(one.text) and not ITEM.match(two.text):
                starts += 1
                indents += INDENT * two.size < two.x0 - column.left < 4 * two.size
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    pitch = {}
    for size, counts in steps.items():
        most = max(counts.values())
        pitch[size] = min(
            step for step, n in counts.items() if n >= 0.4 * most and step > 0.8 * size or n == most
        )
    return Style(body, pitch, indents >= 3 and indents > 0.25 * starts)


class Drafts:
    """Blocks in reading order, each page's notes and boxes after the paragraph that crosses it."""

    def __init__(self, usual: Style) -> None:
        self.usual = usual
        self.done: list[Draft] = []
        self._open: Draft | None = None  # the last paragraph, which the next column may go on with
        self._notes: list[Draft] = []

    def add(self, column: Column) -> None:
        """The next column in reading order."""
        if column.aside:
            own = Drafts(self.usual)
            own.add(replace(column, aside=False))
            self._notes += own.finish()
            return
        items, notes = _part_notes(column, self.usual)
        rights = _rights(items, column, self.usual)
        last: Line | None = None
        for item, right in zip(items, rights, strict=True):
            if isinstance(item, Table):
                self.done.append(Draft(table=item))
                last = None
                continue
            draft = self._open
            if draft and draft.lines:
                goes_on = (
                    self._continues(draft, last, item, column)
                    if last is not None
                    else self._resumes(draft, item, column)
                )
            else:
                goes_on = False
            if not goes_on or draft is None:
                self._flush(item.page)
                step = item.base - last.base if last is not None else 1e3
                draft = Draft(gap_before=step / self._pitch(item))
                self.done.append(draft)
                self._open = draft
            draft.lines.append(item)
            draft.rights.append(right)
            draft.column = (column.left, right)
            last = item
        self._notes += notes

    def finish(self) -> list[Draft]:
        """All blocks."""
        self._flush(10**9)
        return self.done

    def _flush(self, page: int) -> None:
        now = [n for n in self._notes if n.lines[0].page < page]
        self._notes = [n for n in self._notes if n.lines[0].page >= page]
        self.done += now

    def _pitch(self, line: Line) -> float:
        return self.usual.pitch.get(line.size, 1.6 * line.size)

    def _continues(self, draft: Draft, last: Line, line: Line, column: Column) -> bool:
        """Whether `line`, right under the draft's last line, goes on with it."""
        em = line.size
        if line.base - last.base > NEAR * self._pitch(line) + 1:
            return False
        if (
            abs(line.size - last.size) > 0.08 * max(line.size, last.size)
            and min(len(line.text), len(last.text)) > 3
        ):
            return False
        if _begins_item(last, line, full := _full(last, line, draft.rights[-1])):
            return False
        centred = abs((line.x0 + line.x1) - (last.x0 + last.x1)) < 0.8 * em
        if centred and min(line.x0, last.x0) > column.left + em and line.bold == last.bold:
            return line.size > 1.1 * self.usual.body or not ENDED.search(last.text)
        large = min(line.size, last.size) > 1.15 * self.usual.body and line.bold == last.bold
        if large and last.x1 - last.x0 > 0.6 * (draft.rights[-1] - column.left):
            return True  # a heading of two lines, broken early
        if line.bold != last.bold and not full:
            return False
        first = draft.lines[0]
        hanging = bool(ITEM.match(first.text) or first.led_by)
        if line.x0 > last.x0 + INDENT * em:
            return full and hanging and last is first or not ENDED.search(last.text) and full
        if line.x0 < last.x0 - INDENT * em and hanging:
            return full and not ENDED.search(last.text)
        return full

    def _resumes(self, draft: Draft, line: Line, column: Column) -> bool:
        """Whether `line`, first of its column, goes on with a paragraph of the column before."""
        last = draft.lines[-1]
        if abs(line.size - last.size) > 0.06 * last.size or line.bold != last.bold:
            return False
        if line.led_by or last.size > 1.15 * self.usual.body:
            return False
        full = _full(last, line, draft.column[1])
        if not full or _begins_item(last, line, full):
            return False
        indented = line.x0 > column.left + INDENT * line.size
        if ENDED.search(last.text):
            return self.usual.indented and not indented and not ITEM.match(draft.lines[0].text)
        return not indented or not self.usual.indented or bool(ITEM.match(draft.lines[0].text))


def _full(last: Line, line: Line, right: float) -> bool:
    """Whether the first word of `line` would not have fitted after `last`, or is cut off it."""
    if re.search(r"[a-z]-$", last.text) and line.text[0].islower():
        return True
    word = line.words[0]
    return right - last.x1 < (word.x1 - word.x0) + 0.45 * line.size


def _begins_item(last: Line, line: Line, full: bool) -> bool:
    text = line.text
    if not ITEM.match(text) and not BULLET.match(text):
        return bool(line.led_by) and len(text) > 3
    if re.match(r"^[□■◇◆○●◎❍❏▣▪▶►▷•⚫◦※☞➤➢✓①-⑳ㅇ]", text):
        return True
    # A date or a sentence may break before a number: "2026. 1. 5." or "제3조".
    if re.match(r"^\d", text) and re.search(r"\d\.$", last.text):
        return False
    return not full or bool(ENDED.search(last.text))


def _rights(items: Sequence[Line | Table], column: Column, usual: Style) -> list[float]:
    """The right edge that each line was set to: that of its run of lines, or the column's."""
    rights: list[float] = []
    run: list[Line] = []

    def close() -> None:
        if run:
            edge = max(line.x1 for line in run)
            em = run[0].size
            reach = sum(edge - line.x1 < 0.8 * em for line in run)
            narrow = reach >= 3 and reach >= 0.5 * len(run)
            rights.extend([edge if narrow else max(column.right, edge)] * len(run))
            run.clear()

    for item in items:
        if isinstance(item, Table):
            close()
            rights.append(column.right)
            continue
        if run:
            far = item.base - run[-1].base > NEAR * usual.pitch.get(item.size, 1e3) + 1
            if far or item.size != run[-1].size:
                close()
        run.append(item)
    close()
    return rights


def _part_notes(column: Column, usual: Style) -> tuple[list[Line | Table], list[Draft]]:
    """The items of a column without its footnotes, and the footnotes."""
    items = list(column.items)
    start = len(items)
    while start > 0:
        item = items[start - 1]
        if isinstance(item, Table) or item.size > LESS * usual.body:
            break
        start -= 1
    lines = [item for item in items[start:] if isinstance(item, Line)]
    for index, line in enumerate(lines):
        above = items[start + index - 1] if start + index else None
        high = above.base if isinstance(above, Line) else line.top - 60
        ruled = any(high - 1 < y < line.top + 2 for y in column.ruled)
        if ruled or line.led_by or NOTE.match(line.text):
            return items[: start + index], _notes(lines[index:], column)
    return items, []


def _notes(lines: Sequence[Line], column: Column) -> list[Draft]:
    notes: list[Draft] = []
    for line in lines:
        if not notes or line.led_by or NOTE.match(line.text):
            notes.append(Draft(note=True))
        notes[-1].lines.append(line)
        notes[-1].rights.append(column.right)
    return notes


def write(lines: Sequence[Line], rights: Sequence[float], known: Wording) -> ContentBlock:
    """One paragraph of printed lines, with a box for every printed word."""
    first, boxes = lines[0], list[Box]()
    text = f"{first.led_by} " if first.led_by else ""
    if text:
        boxes.append(Box(0, len(text) - 1, first.page, *first.turn.back(first.led_box)))
    pages: list[tuple[int, int]] = []
    notes: list[tuple[int, int]] = []
    for index, line in enumerate(lines):
        if index:
            gap = between(lines[index - 1], line, rights[index - 1], known)
            if gap == DROP:
                text = text[:-1]
                boxes[-1] = _shorter(boxes[-1])
            else:
                text += gap
        if not pages or pages[-1][1] != line.page:
            pages.append((len(text) if pages else 0, line.page))
        text = _write_line(line, text, boxes, notes)
    return ContentBlock(
        "paragraph",
        text,
        pages=tuple(pages),
        footnotes=tuple(notes),
        boxes=tuple(b for b in boxes if b.char_start < b.char_end),
    )


def _write_line(line: Line, text: str, boxes: list[Box], notes: list[tuple[int, int]]) -> str:
    marks = defaultdict(list)
    for number, at, offset in line.markers:
        marks[at].append((number, offset))
    for index, word in enumerate(line.words):
        text += " " if index else ""
        notes += [(number, len(text) + offset) for number, offset in marks[index]]
        place = line.turn.back(word.box)
        boxes.append(Box(len(text), len(text) + len(word.text), line.page, *place))
        text += word.text
    return text


def _shorter(box: Box) -> Box:
    return Box(box.char_start, box.char_end - 1, box.page, box.x0, box.top, box.x1, box.bottom)
