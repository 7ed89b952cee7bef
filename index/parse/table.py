"""From the cells of a table, wherever they came from, to a table block with labelled cells.

A parser says where each cell begins, how far it spans and what it says; here it is decided which
rows are headers and which columns labels. What the file marks as headers is believed; without such
marks the top left cell tells (a 구분 that spans two rows heads a header of two rows), and a table
of two columns without a heading word is a list of names and values.
Not covered: tables that only lay out a page (one cell, one column), whose content is no table.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.parse.blocks import Blocks, Folded, Mark, Words
from index.parse.content import CELL, ROW, ContentBlock, GridCell

MOST_PLACES = 5_000_000  # of a grid as its numbers describe it
MOST_SPANNED = 200_000  # places beyond which a cell no longer spans several
MOST_COLUMNS = 5_000
WIDEST_SPAN = 500
LONGEST_LABEL = 80  # characters; a longer text is no label
BETWEEN_LABELS = " / "

_FIGURE = re.compile(r"^(?=.*\d)[\d\W_]*(?:%p?|[가-힣]{1,2}|[A-Za-z]{1,3})?[\d\W_]*$")
_YEAR = re.compile(r"^[’']?(?:19|20)?\d\d\s?(?:년|년도)?(?:\s?[.~-]\s?\d{0,4}(?:년|월)?)?$")
_HEADING_WORD = re.compile(
    r"구\s*분|항\s*목|분\s*류|연\s*도|년\s*도|번\s*호|순\s*번|내\s*용|국\s*가|지\s*역|부\s*처|category|item|year|no\.?|"
    r"country|region|area|type|name",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"^[<\[【〈《(]?\s*((?:표|Table|TABLE)\s*(?:[A-Z]\s?[-.]?\s?)?(?:\d{1,3}(?:[-.]\d{1,3})*|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]|[IVX]{1,4}))"
    r"(?![\d가-힣A-Za-z])\s*[>\]】〉》)]?\s*[.:]?\s*(.*)$"
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a grid: its first place, how many rows and columns it takes, what it says."""

    row: int
    column: int
    words: Folded
    row_span: int = 1
    column_span: int = 1
    header: bool = False  # marked as a header by the file


_NO_SPOT = Spot(0, 0, Folded(""))


def place(rows: Iterable[Sequence[tuple[Folded, int, int, bool]]]) -> list[Spot]:
    """Spots of cells given row by row as (words, row span, column span, header), as HTML has it."""
    found: list[Spot] = []
    taken: set[tuple[int, int]] = set()
    all_rows = list(rows)
    for row, cells in enumerate(all_rows):
        column = 0
        for words, row_span, column_span, header in cells:
            while (row, column) in taken:
                column += 1
            down = min(max(row_span, 1), len(all_rows) - row)
            across = min(max(column_span, 1), WIDEST_SPAN)
            if len(taken) + down * across > MOST_SPANNED:
                down = across = 1
            taken.update((row + i, column + j) for i in range(down) for j in range(across))
            found.append(Spot(row, column, words, down, across, header))
            column += across
    return found


def caption_of(text: str) -> tuple[str, str] | None:
    """(printed name, what follows it) of a line such as <표 2> 연도별 예산 or Table 1: Budgets."""
    match = _CAPTION.match(text)
    return (match.group(1), match.group(2).strip()) if match else None


def add_table(blocks: Blocks, spots: Sequence[Spot], caption: str = "") -> None:
    """Append a table block, or paragraphs where the cells are but one row; nothing where empty.

    `caption` is the table's own; without one, the block before it is asked. A caption that the
    file keeps apart from its text becomes a paragraph before the table.
    """
    spots = _within_bounds(spots)
    worded = [spot for spot in spots if spot.words.text]
    if not worded:
        return
    if caption:
        blocks.add("paragraph", Folded(caption))
    elif blocks.last and blocks.last.kind == "paragraph" and len(blocks.last.text) <= 200:
        caption = blocks.last.text if caption_of(blocks.last.text) else ""
    label, rest = caption_of(caption) or ("", caption)
    if len({spot.row for spot in worded}) == 1:
        _add_line(blocks, worded)
        return
    text, places, marks = _text(_pages_ascending(worded))
    cells = _cells(spots, places)
    block = ContentBlock("table", text, label=label, caption=rest, cells=cells)
    blocks.append(block, marks)


def _within_bounds(spots: Sequence[Spot]) -> list[Spot]:
    """The spots, each alone on its place where their numbers are no sensible grid."""
    right = max((spot.column + spot.column_span for spot in spots), default=0)
    below = max((spot.row for spot in spots), default=0)
    least = min((min(spot.row, spot.column) for spot in spots), default=0)
    if least >= 0 and right <= MOST_COLUMNS and (below + 1) * right <= MOST_PLACES:
        return list(spots)
    rows = {row: at for at, row in enumerate(sorted({spot.row for spot in spots}))}
    taken: Counter[int] = Counter()
    moved = []
    for spot in spots:
        row = rows[spot.row]
        moved.append(replace(spot, row=row, column=taken[row], row_span=1, column_span=1))
        taken[row] += 1
    return moved


def _add_line(blocks: Blocks, spots: Sequence[Spot]) -> None:
    """One row is no table: short cells make one line (Ⅰ | 추진 배경), long ones paragraphs."""
    if all(len(spot.words.text) <= LONGEST_LABEL for spot in spots):
        line = Words()
        for spot in spots:
            line.extend(spot.words)
        blocks.add("paragraph", line.fold())
        return
    for spot in spots:
        blocks.add("paragraph", spot.words)


def _text(spots: Sequence[Spot]) -> tuple[str, dict[tuple[int, int], int], list[Mark]]:
    """The table's text, where in it each cell starts, and the marks; rows without words left out.

    An empty place, or one that a cell before it covers, is empty between its tabs.
    """
    ordered = sorted(spots, key=lambda spot: (spot.row, spot.column))
    parts: list[str] = []
    starts: dict[tuple[int, int], int] = {}
    marks: list[Mark] = []
    length, row, column = 0, ordered[0].row, 0
    first_column = min(spot.column for spot in spots)
    column = first_column
    for spot in ordered:
        if spot.row != row:
            between, row, column = ROW, spot.row, first_column
        else:
            between = ""
        between += CELL * min(spot.column - column, WIDEST_SPAN)
        column = spot.column
        parts += [between, spot.words.text]
        length += len(between)
        starts[spot.row, spot.column] = length
        marks += [Mark(m.sign, m.number, m.offset + length) for m in spot.words.marks]
        length += len(spot.words.text)
    return "".join(parts), starts, marks


def _cells(spots: Sequence[Spot], starts: Mapping[tuple[int, int], int]) -> tuple[GridCell, ...]:
    said = _grid(spots)
    columns = 1 + max(column for _, column in said)
    heads = _header_rows(spots, said, columns)
    names = _label_columns(spots, said, heads, columns)
    column_labels = [
        _joined(said.get((row, column), "") for row in range(heads)) for column in range(columns)
    ]
    cells = []
    for spot in sorted(spots, key=lambda spot: (spot.row, spot.column)):
        whole_row = spot.column < names and spot.column + spot.column_span >= columns
        if not spot.words.text or spot.row < heads or (spot.column < names and not whole_row):
            continue
        row_label = "" if whole_row else _joined(said.get((spot.row, c), "") for c in range(names))
        start = starts[spot.row, spot.column]
        cells.append(
            GridCell(
                spot.row - heads,
                max(spot.column - names, 0),
                row_label,
                "" if whole_row else column_labels[spot.column],
                start,
                start + len(spot.words.text),
            )
        )
    return tuple(cells)


def _grid(spots: Sequence[Spot]) -> dict[tuple[int, int], str]:
    """What stands at each place, cells that span several repeated."""
    said: dict[tuple[int, int], str] = {}
    for spot in spots:
        across = min(spot.column_span, WIDEST_SPAN)
        if len(said) + spot.row_span * across > MOST_SPANNED:
            said[spot.row, spot.column] = spot.words.text
            continue
        for row in range(spot.row, spot.row + spot.row_span):
            for column in range(spot.column, spot.column + across):
                said.setdefault((row, column), spot.words.text)
    return said


def _header_rows(spots: Sequence[Spot], said: Mapping[tuple[int, int], str], columns: int) -> int:
    """How many rows from the top are headers; at least one row is left below them."""
    rows = 1 + max(spot.row for spot in spots)
    marked = 0
    by_row: dict[int, list[Spot]] = {}
    for spot in spots:
        by_row.setdefault(spot.row, []).append(spot)
    while marked < rows - 1 and all(s.header for s in by_row.get(marked, [_NO_SPOT])):
        marked += 1
    if marked or any(spot.header for spot in spots):
        return marked  # a file that marks headers marks all of them, if only those of rows
    first = by_row.get(0, [])
    corner = next((spot for spot in first if spot.column == 0), None)
    if any(len(s.words.text) > LONGEST_LABEL or _is_figure(s.words.text) for s in first):
        return 0
    filled = {column for (row, column), words in said.items() if row == 0 and words}
    if len(filled) < columns - 1 or (len(filled) == columns - 1 and 0 in filled):
        return 0  # a gap elsewhere than in the corner
    if columns == 2 and corner and not any(_HEADING_WORD.match(s.words.text) for s in first):
        return 0  # names and values: 담당 부서 | 외교부
    deep = corner.row_span if corner else max(spot.row_span for spot in first)
    return min(deep, rows - 1)


def _label_columns(
    spots: Sequence[Spot], said: Mapping[tuple[int, int], str], heads: int, columns: int
) -> int:
    """How many columns from the left name their rows; at least one column is left beside them."""
    if columns < 2:
        return 0
    corner = next((spot for spot in spots if spot.row == 0 and spot.column == 0), None)
    wide = corner.column_span if heads and corner else 1
    wide = wide if wide < columns else 1
    body = [
        spot
        for spot in spots
        if spot.row >= heads and spot.column == 0 and spot.column_span < columns
    ]
    if not body:
        return 0
    if any(spot.header for spot in body):
        return wide
    texts = [spot.words.text for spot in body if spot.words.text]
    figures = sum(_is_figure(text) for text in texts)
    long = sum(len(text) > LONGEST_LABEL for text in texts)
    counted = bool(heads) and bool(_HEADING_WORD.match(said.get((0, 0), "")))
    return wide if 2 * (long + (0 if counted else figures)) <= len(texts) else 0


def _is_figure(text: str) -> bool:
    """Whether a cell holds an amount, and not a year, which may well name a row or column."""
    return len(text) <= LONGEST_LABEL and bool(_FIGURE.match(text)) and not _YEAR.match(text)


def _pages_ascending(spots: Sequence[Spot]) -> list[Spot]:
    """Only the first cell that turns to a page keeps the mark: the others of its row do as well."""
    reached = 0
    kept = []
    for spot in spots:
        marks: list[Mark] = []
        for mark in spot.words.marks:
            if mark.sign == "page" and mark.number <= reached:
                continue
            reached = mark.number if mark.sign == "page" else reached
            marks.append(mark)
        kept.append(replace(spot, words=Folded(spot.words.text, tuple(marks))))
    return kept


def _joined(labels: Iterable[str]) -> str:
    return BETWEEN_LABELS.join(dict.fromkeys(label for label in labels if label))
