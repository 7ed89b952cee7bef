"""Make a Document of what a parser gave: one text, its pages, sections and tables.

What a person says of the file in a sidecar goes before what the file says of itself. Not covered:
the layouts of text files that a sidecar describes (`index.load`), which have no parser.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.language import detect
from index.load import Sidecar, edition, restatements, sections, slug
from index.parse.content import Box, Content, ContentBlock
from index.types import Block, Cell, Document, Lang, Table

APART = "\n\n"  # between two blocks
SAMPLE = 20_000  # characters by which the language is told
# Kiwi reads a paragraph whole, and memory grows with it: a longer one is cut where a sentence ends.
LONGEST_PARAGRAPH = 20_000
SENTENCE_END = re.compile(r"[.!?。…][”’\"')\]」』]*\s")
TABLE = {"ko": "표", "en": "Table"}  # the name of one that has none printed


@dataclass(frozen=True, slots=True)
class Assembled:
    """A document, and where its words stand on its pages, in offsets of its text."""

    document: Document
    boxes: tuple[Box, ...]


def assemble(
    content: Content, path: Path, sidecar: Sidecar | None = None, *, id: str | None = None
) -> Assembled:
    """The document of the file at `path`, whose `content` has at least one block.

    Editions that the sidecar names lie beside `path`. Without an `id` it is the sidecar's, or made
    of the file's name.
    """
    said = sidecar or Sidecar(file=path.name)
    placed = _placed(content.blocks)
    text = APART.join(block.text for _, block in placed)
    lang = said.lang or detect(text[:SAMPLE]).main
    titles = dict(said.title) or {lang: _title(content, path)}
    starts, numbers = _pages(placed)
    headings = [(at, max(1, b.level), b.text) for at, b in placed if b.kind == "heading"]
    return Assembled(
        Document(
            id=id or said.id or slug(path.stem),
            lang=lang,
            titles=titles,
            text=text,
            blocks=tuple(Block(b.kind, start, start + len(b.text)) for start, b in placed),
            page_starts=starts,
            page_numbers=numbers,
            sections=sections(headings, len(text), said, titles, lang),
            tables=tuple(_tables(placed, lang)),
            footnotes=tuple(
                (number, start + offset) for start, b in placed for number, offset in b.footnotes
            ),
            translations=edition(path.parent / said.edition) if said.edition else {},
            restatements=restatements(path.parent / said.restatements) if said.restatements else {},
            examples={lang: tuple(questions) for lang, questions in said.examples.items()},
            as_of=said.as_of or content.as_of,
            edition_notes=said.edition_note,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
        ),
        tuple(
            replace(box, char_start=start + box.char_start, char_end=start + box.char_end)
            for start, block in placed
            for box in block.boxes
        ),
    )


_Placed = tuple[int, ContentBlock]  # a block with where it starts in the document's text


def _placed(blocks: Sequence[ContentBlock]) -> list[_Placed]:
    found: list[_Placed] = []
    start = 0
    for block in blocks:
        for piece in _cut(block):
            found.append((start, piece))
            start += len(piece.text) + len(APART)
    return found


def _cut(block: ContentBlock) -> Iterator[ContentBlock]:
    """The block itself, or its pieces where it is an endless paragraph."""
    if block.kind == "table" and not block.cells:
        block = replace(block, kind="paragraph", text=" ".join(block.text.split()), boxes=())
    if block.kind != "paragraph" or len(block.text) <= LONGEST_PARAGRAPH:
        yield block
        return
    begin = 0
    while begin < len(block.text):
        end = _cut_before(block.text, begin)
        piece = block.text[begin:end]
        words = piece.strip()
        first = begin + piece.index(words) if words else begin
        if words:
            yield _piece(block, first, first + len(words))
        begin = end


def _cut_before(text: str, begin: int) -> int:
    """Where the piece that starts at `begin` ends: after a sentence, else after a word."""
    limit = begin + LONGEST_PARAGRAPH
    if limit >= len(text):
        return len(text)
    ends = [found.end() for found in SENTENCE_END.finditer(text, (begin + limit) // 2, limit)]
    if ends:
        return ends[-1]
    space = text.rfind(" ", begin + 1, limit)
    return space + 1 if space > begin else limit


def _piece(block: ContentBlock, start: int, end: int) -> ContentBlock:
    """`block` from `start` to `end`, on the page that it has got to by then."""
    before = [number for offset, number in block.pages if offset <= start]
    pages = [(0, before[-1])] if before else []
    pages += [(offset - start, number) for offset, number in block.pages if start < offset < end]
    return ContentBlock(
        kind=block.kind,
        text=block.text[start:end],
        pages=tuple(pages),
        footnotes=tuple((n, at - start) for n, at in block.footnotes if start <= at <= end),
        boxes=tuple(
            replace(box, char_start=box.char_start - start, char_end=box.char_end - start)
            for box in block.boxes
            if start <= box.char_start and box.char_end <= end
        ),
    )


def _pages(placed: Sequence[_Placed]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the page changes, and to which; a footnote may stand before words of an earlier one."""
    turns = [(0, 1)]
    for start, block in placed:
        for offset, number in block.pages:
            if start + offset == turns[-1][0]:
                turns[-1] = (start + offset, number)
            elif number != turns[-1][1]:
                turns.append((start + offset, number))
    return tuple(offset for offset, _ in turns), tuple(number for _, number in turns)


def _title(content: Content, path: Path) -> str:
    headings = (block.text for block in content.blocks if block.kind == "heading")
    return content.title or next(headings, path.stem)


def _tables(placed: Sequence[_Placed], lang: Lang) -> Iterator[Table]:
    tables = [(start, block) for start, block in placed if block.kind == "table"]
    for number, (start, block) in enumerate(tables, start=1):
        yield Table(
            id=f"t{number}",
            labels={lang: block.label or TABLE[lang]},
            captions={lang: block.caption} if block.caption else {},
            cells=tuple(
                Cell(
                    cell.row,
                    cell.column,
                    {lang: cell.row_label} if cell.row_label else {},
                    {lang: cell.column_label} if cell.column_label else {},
                    start + cell.char_start,
                    start + cell.char_end,
                )
                for cell in block.cells
            ),
            char_start=start,
            char_end=start + len(block.text),
        )
