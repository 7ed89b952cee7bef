"""Make a table block of a ruled grid and the lines in its cells. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.parse.content import CELL, ROW, Box, ContentBlock, GridCell
from index.parse.pdf_lines import Line
from index.parse.pdf_table import Cell

CAPTION = re.compile(
    r"^[<〈《\[【(]?\s*((?:표|Table|TABLE)\s*(?:\d+(?:[-.–]\d+)*|[IVX]+))\s*[>〉》\]】)]?\s*[.:：]?\s*(.*)$"
)
FIGURE = re.compile(r"^[\s\d.,%+\-–—()△▲▽▼~/:]*\d[\s\d.,%+\-–—()△▲▽▼~/:]*[가-힣%A-Za-z]{0,3}$")
LONGEST_LABEL = 60  # characters; a longer first column is text, not labels


@dataclass(frozen=True, slots=True)
class Filled:
    """A cell with its lines."""

    cell: Cell
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as found on a page, or on several that it goes over."""

    page: int
    rows: int
    columns: int
    edges: tuple[float, ...]
    filled: tuple[Filled, ...]
    near_end: bool = False  # whether it reaches down to where the page's text ends
    near_start: bool = False


def caption(text: str) -> tuple[str, str] | None:
    """The printed name and the caption of a table's caption line."""
    match = CAPTION.match(text)
    if not match or len(text) > 150:
        return None
    return " ".join(match[1].split()), match[2].strip().rstrip(">〉》]】")


def continued(first: Table, second: Table) -> Table | None:
    """Both as one table, where the second goes on with the first on the next page."""
    same = first.columns == second.columns and all(
        abs(a - b) < 4 for a, b in zip(first.edges, second.edges, strict=False)
    )
    if not same or second.page != _last_page(first) + 1:
        return None
    head = header_rows(first)
    repeated = head if _texts(first, head) == _texts(second, head) else 0
    moved = tuple(
        replace(f, cell=replace(f.cell, row=f.cell.row - repeated + first.rows))
        for f in second.filled
        if f.cell.row >= repeated
    )
    return replace(
        first,
        rows=first.rows + second.rows - repeated,
        filled=first.filled + moved,
        near_end=second.near_end,
    )


def _last_page(table: Table) -> int:
    return max((line.page for f in table.filled for line in f.lines), default=table.page)


def _texts(table: Table, rows: int) -> list[tuple[int, int, str]]:
    return [
        (f.cell.row, f.cell.column, "".join(line.text for line in f.lines))
        for f in table.filled
        if f.cell.row < rows
    ]


def header_rows(table: Table) -> int:
    """How many rows are headers: the first, and those beside or under a merged cell in it."""
    first = [f for f in table.filled if f.cell.row == 0]
    deep = max((f.cell.rows for f in first), default=1)
    wide = any(f.cell.columns > 1 and f.cell.columns < table.columns for f in first)
    count = min(max(deep, 2 if wide and table.rows > 2 else 1), table.rows - 1, 3)
    figures = [f for f in first if f.lines and FIGURE.match(_text(f)) and f.cell.column > 0]
    worded = [f for f in first if f.lines and f.cell.column > 0]
    years = all(re.match(r"(?:19|20)\d\d", _text(f)) for f in figures)
    return 0 if worded and len(figures) > len(worded) / 2 and not years else count


def _text(filled: Filled) -> str:
    return " ".join(line.text for line in filled.lines)


def _labelled(table: Table, head: int) -> bool:
    """Whether the first column names its rows."""
    column = [_text(f) for f in table.filled if f.cell.column == 0 and f.cell.row >= head]
    words = [text for text in column if text]
    if not words or len(words) < len(column) * 0.6:
        return False
    named = [t for t in words if len(t) <= LONGEST_LABEL and (len(t) < 5 or not FIGURE.match(t))]
    return len(named) > 0.6 * len(words)


def table_block(
    table: Table,
    write: Callable[[Sequence[Line]], ContentBlock],
    name: tuple[str, str] = ("", ""),
) -> ContentBlock | None:
    """The table as a block; `write` makes a paragraph of a cell's lines."""
    head = header_rows(table)
    labelled = _labelled(table, head)
    texts = {(f.cell.row, f.cell.column): write(f.lines) for f in table.filled if f.lines}
    if not texts:
        return None
    text, pages, boxes, notes = "", [(0, table.page)], list[Box](), list[tuple[int, int]]()
    starts: dict[tuple[int, int], int] = {}
    for row in range(table.rows):
        for column in range(table.columns):
            block = texts.get((row, column))
            if block is not None:
                at = len(text)
                starts[row, column] = at
                boxes += [
                    replace(b, char_start=b.char_start + at, char_end=b.char_end + at)
                    for b in block.boxes
                ]
                notes += [(number, offset + at) for number, offset in block.footnotes]
                if block.pages and block.pages[0][1] > pages[-1][1]:
                    pages.append((at, block.pages[0][1]))
                text += block.text
            text += CELL if column < table.columns - 1 else ROW
    cells = tuple(
        GridCell(
            f.cell.row - head,
            f.cell.column - labelled,
            _row_label(table, f.cell, texts) if labelled else "",
            _column_label(table, f.cell, head, texts),
            starts[f.cell.row, f.cell.column],
            starts[f.cell.row, f.cell.column] + len(texts[f.cell.row, f.cell.column].text),
        )
        for f in sorted(table.filled, key=lambda f: (f.cell.row, f.cell.column))
        if f.cell.row >= head and f.cell.column >= labelled and f.lines
    )
    return ContentBlock(
        "table",
        text.removesuffix(ROW),
        pages=tuple(pages),
        footnotes=tuple(notes),
        label=name[0],
        caption=name[1],
        cells=cells,
        boxes=tuple(boxes),
    )


def _row_label(table: Table, cell: Cell, texts: dict[tuple[int, int], ContentBlock]) -> str:
    for f in table.filled:
        own = f.cell
        if own.column == 0 and own.row <= cell.row < own.row + own.rows and f.lines:
            return texts[own.row, 0].text
    return ""


def _column_label(
    table: Table, cell: Cell, head: int, texts: dict[tuple[int, int], ContentBlock]
) -> str:
    found = []
    for f in sorted(table.filled, key=lambda f: f.cell.row):
        own = f.cell
        over = own.column <= cell.column < own.column + own.columns
        if own.row < head and over and f.lines:
            found.append(texts[own.row, own.column].text)
    return " / ".join(dict.fromkeys(found))
