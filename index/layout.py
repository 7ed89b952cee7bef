"""Turn the lines of a text file into blocks of clean text, with page starts.

Two layouts. `pdf_lines`: every visual line of a PDF followed by a blank line; a paragraph ends where
a line ends in two spaces or more, or where the gap is wider than one blank line; a page starts at a
line that begins with one space directly after another line, or after a printed number such as
`- 4 -`. `plain`: paragraphs between blank lines, Markdown headings, form feeds between pages.
Pure: no files, no language model.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

PRINTED_NUMBER = re.compile(r"^\s*-\s*\d+\s*-\s*$")
BULLET = re.compile(r"^[⚫●•▪◦○■□▶-]\s+")
# Particles that never begin a sentence or a line: their word was cut off on the line before.
ORPHAN_PARTICLE = re.compile(
    r"^(?:으로|로|로부터|으로부터|을|를|에게|에게서|에서|까지|부터|와|과)(?=\s)"
)
MARKDOWN_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
LONGEST_HEADING = 60  # characters; a longer line without a full stop is a paragraph

LineKind = Literal["paragraph", "heading", "table"]


@dataclass(slots=True)
class Line:
    """A block under construction: its text, where pages start inside it, and its heading level."""

    kind: LineKind
    text: str
    level: int = 0
    page_offsets: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as printed, and its level from 1."""

    printed: str
    level: int


@dataclass(frozen=True, slots=True)
class TableArea:
    """The lines of a flattened table: from its caption to its source line, both included."""

    first: str
    last: str
    labels: frozenset[str]  # lines that stand alone: header and row labels


def pdf_lines(
    raw: str, headings: Sequence[Heading] = (), tables: Sequence[TableArea] = ()
) -> list[Line]:
    """Blocks of a text whose visual lines are separated by blank lines.

    `headings` in order of appearance; raises ValueError with the printed text of one not found.
    """
    lines = raw.split("\n")
    pending = list(headings)
    table: TableArea | None = None
    blocks: list[Line] = []
    new_page = gap = 0
    ended = True  # whether the paragraph so far is complete
    for number, line in enumerate(lines):
        text = " ".join(line.split())
        if not text:
            gap += 1
            continue
        if PRINTED_NUMBER.match(line):
            new_page, gap = 1, 0
            continue
        previous_blank = number == 0 or not lines[number - 1].strip()
        if number and not previous_blank and line.startswith(" ") and not line.startswith("  "):
            new_page = 1
        area = next((t for t in tables if _same(text, t.first)), None)
        heading = pending[0] if pending and _same(text, pending[0].printed) else None
        if heading is not None and table is None:
            pending.pop(0)
            blocks.append(Line("heading", text, heading.level, (0,) if new_page else ()))
            ended = True
        elif area is not None or table is not None:
            table = area or table
            assert table is not None  # noqa: S101 - for the type checker
            alone = area is not None or text in table.labels or _same(text, table.last)
            if alone or BULLET.match(text) or ended:
                blocks.append(Line("table", text, 0, (0,) if new_page else ()))
            else:
                _append(blocks[-1], text, line, lines, number, new_page)
            ended = alone
            if _same(text, table.last):
                table, ended = None, True
        elif ended or gap > 1 or BULLET.match(text):
            blocks.append(Line("paragraph", text, 0, (0,) if new_page else ()))
            ended = _paragraph_ends(line)
        else:
            _append(blocks[-1], text, line, lines, number, new_page)
            ended = _paragraph_ends(line)
        new_page = gap = 0
    if pending:
        raise ValueError(pending[0].printed)
    return blocks


def plain(raw: str) -> list[Line]:
    """Blocks of an ordinary text or Markdown file; a form feed starts a page."""
    blocks: list[Line] = []
    for page_number, page in enumerate(raw.split("\f")):
        chunks = re.split(r"\n\s*\n", page.strip("\n"))
        if len(chunks) == 1 and not MARKDOWN_HEADING.search(page):
            chunks = page.split("\n")  # no blank line at all: a line is a paragraph
        first = True
        for position, chunk in enumerate(chunks):
            for piece in _split_headings(chunk):
                block = _plain_block(piece, alone=position + 1 < len(chunks))
                if block is None:
                    continue
                if first and page_number:
                    block.page_offsets = (0,)
                first = False
                blocks.append(block)
    return blocks


def _split_headings(chunk: str) -> list[str]:
    """A Markdown heading or list item is a block of its own even without a blank line around it."""
    pieces: list[list[str]] = [[]]
    for line in chunk.split("\n"):
        if MARKDOWN_HEADING.match(line):
            pieces += [[line], []]
        elif BULLET.match(line.strip()):
            pieces.append([line])
        else:
            pieces[-1].append(line)
    return ["\n".join(piece) for piece in pieces if piece]


def _plain_block(piece: str, *, alone: bool) -> Line | None:
    heading = MARKDOWN_HEADING.match(piece.strip())
    if heading:
        return Line("heading", " ".join(heading.group(2).split()), len(heading.group(1)))
    text = " ".join(piece.split())
    if not text:
        return None
    ends = text.rstrip("”’\"')」")[-1:] in ".!?…:;,。"
    if alone and "\n" not in piece.strip() and not ends and len(text) <= LONGEST_HEADING:
        if BULLET.match(text):
            return Line("paragraph", text)
        return Line("heading", text, 1)
    return Line("paragraph", text)


def _paragraph_ends(line: str) -> bool:
    return line.endswith("  ")


def _append(
    block: Line, text: str, line: str, lines: Sequence[str], number: int, new_page: int
) -> None:
    before = next(previous for previous in reversed(lines[:number]) if previous.strip())
    glued = bool(re.search(r"[가-힣]-$", before)) or bool(ORPHAN_PARTICLE.match(text))
    block.text += text if glued else " " + text
    if new_page:
        block.page_offsets += (len(block.text) - len(text),)


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())
