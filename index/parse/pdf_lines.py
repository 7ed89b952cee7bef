"""Set the glyphs of a page into words and lines, and its lines into columns in reading order.

No files, no library of PDFs.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from index.parse.pdf_ink import SOFT_HYPHEN, Glyph, Rectangle, Turn
from index.parse.pdf_spacing import pieces_of

SEGMENT_GAP = 1.1  # wider than any space of a justified line
RAISED = 0.12  # of the type's height
SMALL = 0.87  # of the line's type: a footnote's marker is no larger
MARKER = re.compile(r"\(?(\d{1,3})\)?")
UNIT = re.compile(r"(?:^|[^A-Za-z])(?:[kcm]?m|㎞|㎝|㎡|㎥|10)$")
SUPERSCRIPTS = {c: str(i) for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
JUSTIFIED = 2.5  # of the type's height: spaces in a justified line of few words are no wider
MOSTLY = 0.7  # of the characters
FEWEST_PAIRED = 4  # lines side by side that make columns


@dataclass(frozen=True, slots=True)
class Word:
    """Letters printed without a space, and their place."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def box(self) -> Rectangle:
        """Its place."""
        return self.x0, self.top, self.x1, self.bottom


@dataclass(frozen=True, slots=True)
class Line:
    """Words printed side by side. `markers` are (number, word, offset in it) of footnotes."""

    page: int
    turn: Turn
    words: tuple[Word, ...]
    base: float
    size: float
    bold: bool
    markers: tuple[tuple[int, int, int], ...] = ()
    led_by: str = ""  # a raised number that the line begins with, as a footnote does
    led_box: Rectangle = (0.0, 0.0, 0.0, 0.0)  # where that number stands
    blank_after: bool = False  # whether a space is printed at its end
    soft: bool = False  # whether it ends in a soft hyphen

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Right edge."""
        return self.words[-1].x1

    @property
    def top(self) -> float:
        """Upper edge."""
        return min(w.top for w in self.words)

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return max(w.bottom for w in self.words)

    @property
    def text(self) -> str:
        """Its words with single spaces."""
        return " ".join(w.text for w in self.words)


def set_lines(glyphs: Sequence[Glyph], page: int, turn: Turn) -> list[Line]:
    """The lines of a page from top to bottom, cut where a gap may be that between columns."""
    rows = _rows(whole_letters(glyphs))
    segments = [segment for row in rows for segment in _segments(row)]
    segments = _with_raised(segments)
    lines = [line for s in segments if (line := _line(s, page, turn)) is not None]
    return sorted(lines, key=lambda line: (line.base, line.x0))


def whole_letters(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Hangul letters and accents that were printed in parts, composed."""
    whole: list[Glyph] = []
    for glyph in glyphs:
        if whole and not glyph.blank and not whole[-1].blank:
            before = whole[-1]
            both = unicodedata.normalize("NFC", before.text + glyph.text)
            near = abs(glyph.base - before.base) < before.size and glyph.x0 < before.x1 + glyph.size
            if near and len(both) < len(before.text) + len(glyph.text):
                whole[-1] = replace(
                    before,
                    text=both,
                    x0=min(before.x0, glyph.x0),
                    x1=max(before.x1, glyph.x1),
                )
                continue
        whole.append(glyph)
    return whole


def _rows(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    rows: list[list[Glyph]] = []
    base = -1e9
    for glyph in sorted(glyphs, key=lambda g: g.base):
        if not rows or glyph.base - base > 0.2 * max(glyph.size, 4.0):
            rows.append([])
            base = glyph.base
        rows[-1].append(glyph)
    return [sorted(row, key=lambda g: (g.x0, g.blank)) for row in rows]


def _segments(row: Sequence[Glyph]) -> list[list[Glyph]]:
    segments: list[list[Glyph]] = []
    last: Glyph | None = None
    held: list[Glyph] = []  # blanks since the last letter
    for glyph in row:
        if glyph.blank:
            held.append(glyph)
            continue
        em = max(glyph.size, last.size if last else 0.0, 1.0)
        if last is None or glyph.x0 - last.x1 > SEGMENT_GAP * em:
            if segments:
                segments[-1].extend(held)
            segments.append([glyph])
        else:
            segments[-1].extend([*held, glyph])
        held, last = [], glyph
    if segments:
        segments[-1].extend(held)
    return segments


def _with_raised(segments: list[list[Glyph]]) -> list[list[Glyph]]:
    """Small raised segments put into the line that they stand at; lines they parted, rejoined."""
    kept: list[list[Glyph]] = []
    sizes = [_size(s) for s in segments]
    bounds = [(min(g.x0 for g in s), max(g.x1 for g in s)) for s in segments]
    for index, segment in enumerate(segments):
        host = None
        if len(segment) <= 8:
            for other in range(max(0, index - 12), min(len(segments), index + 13)):
                big = sizes[other]
                rise = segments[other][0].base - segment[0].base
                if (
                    other != index
                    and sizes[index] <= SMALL * big
                    and -0.35 * big < rise < 0.8 * big
                    and bounds[index][0] < bounds[other][1] + 0.5 * big
                    and bounds[index][1] > bounds[other][0] - 0.5 * big
                ):
                    host = other
                    break
        if host is None:
            kept.append(segment)
        else:
            segments[host].extend(segment)
    return [sorted(s, key=lambda g: (g.x0, g.blank)) for s in kept]


def _size(glyphs: Sequence[Glyph]) -> float:
    sizes = Counter(round(g.size * 4) / 4 for g in glyphs if not g.blank)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _line(glyphs: Sequence[Glyph], page: int, turn: Turn) -> Line | None:
    printed = [g for g in glyphs if not g.blank]
    if not printed:
        return None
    size = _size(printed)
    main = [g for g in printed if round(g.size * 4) / 4 == size]
    base = median(g.base for g in main)
    plain, raised = _part_raised(glyphs, size, base)
    pieces = pieces_of(plain, size)
    words: list[Word] = []
    markers: list[tuple[int, int, int]] = []
    led_box = raised[0][1] if raised else (0.0, 0.0, 0.0, 0.0)
    for piece in pieces:
        text = ""
        for glyph in piece:
            while raised and raised[0][1][0] <= glyph.x0 + 0.05 * size:
                _mark(raised.pop(0)[0], words, text, markers)
            text += glyph.text.replace(SOFT_HYPHEN, "")
        if text:
            words.append(Word(text, *_box(piece)))
    for number, _ in raised:
        _mark(number, words, "", markers)
    if not words:
        return None
    led = next((str(n) for n, w, o in markers if w < 0), "")
    return Line(
        page,
        turn,
        tuple(words),
        base,
        size,
        sum(g.bold for g in main) > 0.6 * len(main),
        tuple(m for m in markers if m[1] >= 0),
        led,
        led_box,
        blank_after=glyphs[-1].blank,
        soft=printed[-1].text == SOFT_HYPHEN,
    )


def _mark(number: int, words: list[Word], text: str, markers: list[tuple[int, int, int]]) -> None:
    if text:
        markers.append((number, len(words), len(text)))
    else:
        end = len(words[-1].text) if words else 0
        markers.append((number, len(words) - 1, end))


def _part_raised(
    glyphs: Sequence[Glyph], size: float, base: float
) -> tuple[list[Glyph], list[tuple[int, Rectangle]]]:
    """The glyphs on the line, and (number, place) of the footnote markers above it."""
    plain: list[Glyph] = []
    found: list[tuple[int, Rectangle]] = []
    run: list[Glyph] = []

    def close() -> None:
        text = "".join(SUPERSCRIPTS.get(g.text, g.text) for g in run)
        before = "".join(g.text for g in plain[-4:])
        numbers = [int(n) for n in MARKER.findall(text)]
        if numbers and not MARKER.sub("", text).strip(", ·*") and not UNIT.search(before):
            found.extend((n, _box(run)) for n in numbers)
        else:
            exponents = {v: k for k, v in SUPERSCRIPTS.items()}
            plain.extend(
                replace(g, text=exponents.get(g.text, g.text)) if UNIT.search(before) else g
                for g in run
            )
        run.clear()

    for glyph in glyphs:
        small = glyph.size <= SMALL * size and base - glyph.base > RAISED * size
        if (small or glyph.text in SUPERSCRIPTS) and not glyph.blank:
            run.append(glyph)
            continue
        if run:
            close()
        plain.append(glyph)
    if run:
        close()
    return plain, found


def _box(glyphs: Sequence[Glyph]) -> Rectangle:
    return (
        min(g.x0 for g in glyphs),
        min(g.top for g in glyphs),
        max(g.x1 for g in glyphs),
        max(g.bottom for g in glyphs),
    )


def columns(lines: Sequence[Line], depth: int = 0) -> list[list[Line]]:
    """Lines by column, columns in reading order; a line over several columns parts them."""
    gutter = _gutter(lines) if depth < 3 else None
    if gutter is None:
        return [rejoined(lines)] if lines else []
    found: list[list[Line]] = []
    left: list[Line] = []
    right: list[Line] = []
    across: list[Line] = []

    def close() -> None:
        if across:
            found.append(rejoined(across))
            across.clear()
        for side in (left, right):
            found.extend(columns(side, depth + 1))
            side.clear()

    usual = median(line.size for line in lines)
    for line in sorted(lines, key=lambda one: (one.base, one.x0)):
        sides = left or right
        titled = across and not sides and _second(line, across[-1], usual)
        if titled or line.x0 < gutter < line.x1:
            if sides:
                close()
            across.append(line)
            continue
        if not sides:
            close()
        (left if line.x1 <= gutter else right).append(line)
    close()
    return found


def _second(line: Line, above: Line, usual: float) -> bool:
    """Whether a short line is the second of a title over several columns."""
    near = line.base - above.base < 1.9 * line.size
    return near and line.size == above.size and line.size > 1.1 * usual


def _gutter(lines: Sequence[Line]) -> float | None:
    """Where the gap between two columns of prose stands, if there are two."""
    edges = Counter(round(line.x0) for line in lines)
    best, most = None, -len(lines)
    for edge, count in edges.items():
        if count < 3:
            continue
        at = edge - 2.5
        left = [line for line in lines if line.x1 <= at]
        right = [line for line in lines if line.x0 >= at]
        paired = _paired(left, right)
        score = paired - (len(lines) - len(left) - len(right))  # those are over both
        if score > most and paired >= FEWEST_PAIRED and _prose(left) and _prose(right):
            best, most = at, score
    return best


def _paired(left: Sequence[Line], right: Sequence[Line]) -> int:
    """How many lines have one beside them on the other side."""
    spans = sorted((line.base - line.size, line.base) for line in right)
    count = at = 0
    for line in sorted(left, key=lambda one: one.base):
        while at < len(spans) and spans[at][1] < line.base - line.size:
            at += 1
        count += at < len(spans) and spans[at][0] < line.base
    return count


def _prose(lines: Sequence[Line]) -> bool:
    """Whether most lines, or most words, run over most of the width, as running text does."""
    runs = _runs(lines)
    if len(runs) < FEWEST_PAIRED:
        return False
    x0, x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
    sizes = [sum(len(line.text) for line in run) for run in runs]
    long = [
        size
        for size, run in zip(sizes, runs, strict=True)
        if run[-1].x1 - run[0].x0 > 0.7 * (x1 - x0) and size > 11
    ]
    # Beside a table most lines may be short, though most words stand in long ones.
    return len(long) >= 0.5 * len(runs) or sum(long) >= MOSTLY * sum(sizes)


def _runs(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines put together that were cut at the wide spaces of justified text, left to right."""
    runs: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: (round(one.base), one.x0)):
        last = runs[-1][-1] if runs else None
        if (
            last
            and abs(last.base - line.base) < 1
            and 0 < line.x0 - last.x1 < JUSTIFIED * line.size
        ):
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def rejoined(lines: Sequence[Line]) -> list[Line]:
    """Lines of one column from top to bottom, what stands on one line made one."""
    whole: list[Line] = []
    for line in sorted(lines, key=lambda one: (one.base, one.x0)):
        if whole:
            before = whole[-1]
            if abs(before.base - line.base) < 0.25 * max(line.size, before.size):
                first, second = (before, line) if before.x0 <= line.x0 else (line, before)
                whole[-1] = _beside(first, second)
                continue
        whole.append(line)
    return whole


def _beside(one: Line, two: Line) -> Line:
    moved = tuple((n, w + len(one.words), o) for n, w, o in two.markers)
    host = one if len(one.text) >= len(two.text) else two
    return replace(
        host,
        words=one.words + two.words,
        markers=one.markers + moved,
        led_by=one.led_by,
        led_box=one.led_box,
        blank_after=two.blank_after,
        soft=two.soft,
    )
