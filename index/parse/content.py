"""What a parser gives of a file: blocks of clean text in reading order, with where they stood.

A parser knows its format and nothing of documents, passages or languages; `index.assemble` makes a
Document of what it gives. Texts are as `index.clean.visible` leaves them, with white space folded
to single spaces, and never empty. All offsets are code points into the block's own text.
"""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["paragraph", "heading", "table"]
Format = Literal["pdf", "docx", "html", "md", "txt", "hwpx"]

CELL, ROW = "\t", "\n"  # what stands between the cells and the rows of a table block's text


@dataclass(frozen=True, slots=True)
class Box:
    """Where `text[char_start:char_end]` stands: a rectangle on a page, one line high.

    In points (1/72 inch) from the top left corner of the page as a viewer shows it, turned and
    cropped; `page` counts from 1.
    """

    char_start: int
    char_end: int
    page: int
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a table that holds words, without the header and the column of row labels.

    `row` counts from 0 over the rows below the header, `column` from 0 over the columns right of
    the labels. A cell that spans several stands at its first. Labels are empty where there are
    none; those of several header rows are joined by " / ".
    """

    row: int
    column: int
    row_label: str
    column_label: str
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class ContentBlock:
    """A paragraph (also: a list item, a footnote's words), a heading or a whole table."""

    kind: BlockKind
    text: str
    level: int = 0  # of a heading, from 1
    pages: tuple[tuple[int, int], ...] = ()  # (offset, page from 1) wherever the page changes
    footnotes: tuple[tuple[int, int], ...] = ()  # (number, offset) of markers taken out of the text
    label: str = ""  # of a table: its printed name, such as 표 2 or Table 2
    caption: str = ""  # of a table: what is printed after its name
    cells: tuple[GridCell, ...] = ()
    boxes: tuple[Box, ...] = ()  # ascending by char_start, not overlapping; a PDF has them


@dataclass(frozen=True, slots=True)
class Content:
    """A whole file. `warnings` are sentences on what of it could not be read, for its owner."""

    format: Format
    blocks: tuple[ContentBlock, ...]
    page_count: int = 1
    title: str | None = None  # from the file's own metadata or its title element
    as_of: str | None = None  # the date it gives of itself, as YYYY-MM-DD, YYYY-MM or YYYY
    warnings: tuple[str, ...] = ()
