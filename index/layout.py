"""Turn the lines of a text file into blocks of clean text, with page starts.

Two layouts. `pdf_lines`: every visual line of a PDF followed by a blank line; a paragraph ends
where a line ends in two spaces or more, or where the gap is wider than one blank line; a page
starts at a line that begins with one space directly after another line, or after a printed number
such as `- 4 -`. `plain`: paragraphs between blank lines, Markdown headings, form feeds between
pages; the text after the last of several form feeds stands on the page that they count to.
Pure: no files, no language model.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

PRINTED_NUMBER = re.compile(r"^\s*-\s*\d+\s*-\s*$")
BULLET = re.compile(r"^[⚫●•▪◦○■□▶-]\s+")
# Particles that never begin a sentence or a line: their word was cut off on the line before.
ORPHAN_PARTICLE = re.compile(
    r"^(?:으로|로|로부터|으로부터|을|를|에게|에게서|에서|까지|부터|와|과)(?=\s)"
)
HYPHENATED = re.compile(r"[가-힣]-$")
# Bounded, for on a line of a million signs the pattern would try every ending.
MARKDOWN_HEADING = re.compile(r"^(?=.{1,1000}$)(#{1,6})\s+(.+?)\s*#*$")
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
    labels: frozenset[str]  # header and row labels, as printed

    def sets_apart(self, text: str) -> bool:
        """Whether `text` is a line that no other continues: caption, label or source."""
        return text in self.labels or _same(text, self.first) or _same(text, self.last)


@dataclass(frozen=True, slots=True)
class _VisualLine:
    """One printed line, white space folded, and what the lines around it say of it."""

    text: str
    gap: int  # blank lines before it
    starts_page: bool
    ends_paragraph: bool
    glued: bool  # no space belongs between the line before and this one


def pdf_lines(
    raw: str, headings: Sequence[Heading] = (), tables: Sequence[TableArea] = ()
) -> list[Line]:
    """Blocks of a text whose visual lines are separated by blank lines.

    `headings` in order of appearance; raises ValueError with the printed text of one not found.
    """
    pending = deque(headings)
    table: TableArea | None = None
    blocks: list[Line] = []
    ended = True  # whether the block so far is complete
    for line in _visual_lines(raw):
        table = table or next((t for t in tables if _same(line.text, t.first)), None)
        heading = not table and bool(pending) and _same(line.text, pending[0].printed)
        alone = heading or (table is not None and table.sets_apart(line.text))
        wide_gap = table is None and line.gap > 1
        if alone or ended or wide_gap or BULLET.match(line.text):
            kind: LineKind = "heading" if heading else "table" if table else "paragraph"
            level = pending.popleft().level if heading else 0
            blocks.append(Line(kind, line.text, level, (0,) if line.starts_page else ()))
        else:
            _append(blocks[-1], line)
        ended = alone or (table is None and line.ends_paragraph)
        if table and _same(line.text, table.last):
            table = None
    if pending:
        raise ValueError(pending[0].printed)
    return blocks


def _visual_lines(raw: str) -> Iterator[_VisualLine]:
    above = None  # the line directly above, blank or not
    before = None  # the last line that was neither blank nor a page number
    gap, starts_page = 0, False
    for line in raw.split("\n"):
        text = " ".join(line.split())
        if not text:
            gap += 1
        elif PRINTED_NUMBER.match(line):
            gap, starts_page = 0, True
        else:
            directly_below = bool(above and above.strip())
            starts_page |= directly_below and line.startswith(" ") and not line.startswith("  ")
            cut = before is not None and HYPHENATED.search(before)
            yield _VisualLine(
                text=text,
                gap=gap,
                starts_page=starts_page and before is not None,
                ends_paragraph=line.endswith("  "),
                glued=bool(cut or ORPHAN_PARTICLE.match(text)),
            )
            before, gap, starts_page = line, 0, False
        above = line


def _append(block: Line, line: _VisualLine) -> None:
    block.text += line.text if line.glued else " " + line.text
    if line.starts_page:
        block.page_offsets += (len(block.text) - len(line.text),)


def plain(raw: str) -> list[Line]:
    """Blocks of an ordinary text or Markdown file; a form feed starts a page."""
    blocks: list[Line] = []
    turned = 0  # pages begun since the last block: an empty page counts too
    for page_number, page in enumerate(raw.split("\f")):
        turned += page_number > 0
        chunks = re.split(r"\n\s*\n", page.strip("\n"))
        if len(chunks) == 1 and not any(map(MARKDOWN_HEADING.match, page.split("\n"))):
            chunks = page.split("\n")  # no blank line at all: a line is a paragraph
        for position, chunk in enumerate(chunks):
            for piece in _split_headings(chunk):
                block = _plain_block(piece, followed=position + 1 < len(chunks))
                if block is not None:
                    block.page_offsets, turned = (0,) * turned, 0
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


def _plain_block(piece: str, *, followed: bool) -> Line | None:
    heading = MARKDOWN_HEADING.match(piece.strip())
    if heading:
        return Line("heading", " ".join(heading.group(2).split()), len(heading.group(1)))
    text = " ".join(piece.split())
    if not text:
        return None
    ends = text.rstrip("”’\"')」")[-1:] in ".!?…:;,。"
    one_line = "\n" not in piece.strip() and len(text) <= LONGEST_HEADING
    if followed and one_line and not ends and not BULLET.match(text):
        return Line("heading", text, 1)
    return Line("paragraph", text)


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())
