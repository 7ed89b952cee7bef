"""Tell running headers, footers and printed page numbers from the text of a PDF's pages.

They stand outermost on the page, at the same place on many pages, and read the same but for
numbers. A heading that merely repeats stands elsewhere on the page, or on few pages. A header
on few pages is told by its small type and by what it says. Pure.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import median

from index.parse.pdf_lines import Line

OUTERMOST = 3  # lines looked at, at each end of a page
ZONE = 0.16  # of the page's height, at each end
SHIFT = 5.0  # points that the same line may wander from page to page
APART = 2.0  # times the text's type: from a header to what it is over
SMALLER = 0.95  # times the text's type: a header that is on few pages
FEWEST_KNOWN = 4  # letters of a header that stand on the first page too
DATE = re.compile(
    r"(?:19|20)\d\d\s?[-./년]\s?\d{1,2}(?:\s?[-./월]\s?(?:\d{1,2}\s?[.일]?)?)?|"
    r"\d{1,2}\s[A-Z][a-z]+\s(?:19|20)\d\d|[A-Z][a-z]+\s\d{1,2},\s(?:19|20)\d\d"
)
PRINTED_NUMBER = re.compile(
    r"(?:[-–—·|<\[(]\s*)?(?:p(?:age|\.)?\s*)?(\d{1,4}|[ivxlc]{1,7})"
    r"(?:\s*(?:/|of|중)\s*\d{1,4})?\s*(?:쪽|페이지)?(?:\s*[-–—·|>\])])?",
    re.IGNORECASE,
)


def furniture(pages: Sequence[Sequence[Line]], height: Callable[[int], float]) -> set[int]:
    """The `id`s of lines that are no part of the text; `height` is that of page `i` from 0."""
    drop: set[int] = set()
    front = _bare(line.text for line in pages[0]) if pages else ""
    for at_top in (True, False):
        for _ in range(OUTERMOST):
            rows = [_outermost(lines, drop, at_top, height(i)) for i, lines in enumerate(pages)]
            found = _repeated(rows, len(pages)) | _numbers(rows)
            if at_top:
                found |= _running(rows, pages, drop, front)
            if not found - drop:
                break
            drop |= found
    return drop


def _outermost(lines: Sequence[Line], drop: set[int], at_top: bool, height: float) -> list[Line]:
    """The lines on the outermost row that is left, where it lies near the edge."""
    left = [line for line in lines if id(line) not in drop]
    if not left:
        return []
    edge = (min if at_top else max)(left, key=lambda line: line.base)
    near = edge.base < ZONE * height if at_top else edge.base > (1 - ZONE) * height
    if not near:
        return []
    return [line for line in left if abs(line.base - edge.base) < 0.6 * max(edge.size, 6.0)]


def _keys(line: Line, page: int) -> set[str]:
    """How it reads on every page if it is furniture: its numbers as they are, or counting pages."""
    text = "".join(line.text.lower().split())

    def counted(match: re.Match[str]) -> str:
        return f"<{int(match[0][:9]) - page}>"

    last = re.sub(r"\d+(?=\D*$)", counted, text)
    return {text, last, re.sub(r"\d+", counted, text, count=1)}


def _repeated(rows: Sequence[Sequence[Line]], count: int) -> set[int]:
    """Lines that stand at one height on enough pages, reading the same but for numbers."""
    places: dict[str, list[tuple[int, Line]]] = defaultdict(list)
    for page, row in enumerate(rows):
        for line in row:
            for key in _keys(line, page):
                places[key].append((page, line))
    found: set[int] = set()
    for all_of_it in places.values():
        for same in _same_height(all_of_it):
            numbers = [page for page, _ in same]
            span = numbers[-1] - numbers[0] + 1
            # Facing pages may carry different headers: every other page is enough.
            dense = len(set(numbers)) >= 0.45 * span
            if len(set(numbers)) >= (2 if count == 2 else 3) and dense:
                found.update(id(line) for _, line in same)
    return found


def _same_height(places: list[tuple[int, Line]]) -> list[list[tuple[int, Line]]]:
    groups: list[list[tuple[int, Line]]] = []
    for page, line in sorted(places, key=lambda p: (p[1].base, p[0])):
        if groups and line.base - groups[-1][0][1].base <= SHIFT:
            groups[-1].append((page, line))
        else:
            groups.append([(page, line)])
    return [sorted(group, key=lambda p: p[0]) for group in groups]


def _numbers(rows: Sequence[Sequence[Line]]) -> set[int]:
    """Printed page numbers: alone on their row, or beside a header, rising with the page."""
    offsets: dict[int, list[tuple[int, Line]]] = defaultdict(list)
    for page, row in enumerate(rows):
        for line in row:
            match = PRINTED_NUMBER.fullmatch(line.text)
            if match:
                offsets[_value(match[1]) - page].append((page, line))
    found: set[int] = set()
    for same in offsets.values():
        dashed = [line for _, line in same if not line.text[0].isalnum() or "/" in line.text]
        if len({page for page, _ in same}) >= 2:
            found.update(id(line) for _, line in same)
        else:
            found.update(id(line) for line in dashed)
    if len(rows) == 1:  # one page: a bare 1 below the text is its number
        found.update(id(line) for _, line in offsets.get(1, []))
    return found


def _running(
    rows: Sequence[Sequence[Line]], pages: Sequence[Sequence[Line]], drop: set[int], front: str
) -> set[int]:
    """Headers on too few pages to be told by repetition.

    They are set small, stand apart over the page's text, and hold nothing but what the first page
    says too (title, author, date), a date, or a page number.
    """
    found: set[int] = set()
    for row, lines in list(zip(rows, pages, strict=True))[1:]:
        own = {id(line) for line in row}
        below = [line for line in lines if id(line) not in drop | own]
        if not row or not below:
            continue
        first = min(below, key=lambda line: line.base)
        size, usual = max(line.size for line in row), median(line.size for line in below)
        apart = first.base - max(line.base for line in row) > APART * usual
        if apart and size < SMALLER * usual and all(_known(line.text, front) for line in row):
            found |= own
    return found


def _known(text: str, front: str) -> bool:
    plain = _bare([text])
    number = PRINTED_NUMBER.fullmatch(text) or DATE.fullmatch(text)
    return bool(number) or (len(plain) >= FEWEST_KNOWN and plain in front)


def _bare(texts: Iterable[str]) -> str:
    return "".join("".join(text.lower().split()) for text in texts)


def _value(text: str) -> int:
    if text.isdigit():
        return int(text)
    values = [dict(i=1, v=5, x=10, l=50, c=100)[c] for c in text.lower()]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-one if one < two else one for one, two in pairs)
