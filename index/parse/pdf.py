"""Read a PDF: running text without headers, footers and page numbers, every word with its place.

Pages are read one at a time and only their lines are kept, so a file of thousands of pages needs
little memory. Pages without text are read by OCR where Tesseract is installed. The metadata's
dates say when a file was made, not what it is of, so `as_of` stays empty. Not covered: tables
without rules, text inside pictures of a page that has text, right-to-left scripts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from index.clean import visible
from index.parse import ocr as scanner
from index.parse.content import Content, ContentBlock
from index.parse.errors import UnreadableError
from index.parse.pdf_blocks import Column, Draft, Drafts, style, write
from index.parse.pdf_cells import Filled, Table, caption, continued, table_block
from index.parse.pdf_furniture import furniture
from index.parse.pdf_headings import levels
from index.parse.pdf_ink import Glyph, Ink, Rectangle, Turn, garbled, needs_ocr, upright
from index.parse.pdf_join import Wording, wording
from index.parse.pdf_lines import Line, Word, columns, rejoined, set_lines
from index.parse.pdf_pdfium import Pdf, open_pdf
from index.parse.pdf_table import Grid, grids

NO_TITLE = re.compile(
    r"^(?:microsoft word|microsoft powerpoint|untitled|제목\s?없음|무제|문서\s?\d*|document\s?\d*|"
    r"print|slide\s?\d*|title|about:blank|https?:|[\w\-]+\.(?:hwpx?|docx?|pdf|pptx?|xlsx?|indd|html?)$)|"
    r"\.(?:hwpx?|docx?|pptx?|indd|xlsx?)$",
    re.IGNORECASE,
)
WIDEST_PANEL = 0.6  # of the page; a wider one is a ground under the text
FEWEST_BESIDE = 2  # lines in a box and beside it
HOLE = "\ufffc"  # stands in the lines for a table


@dataclass(slots=True)
class _Sheet:
    """The lines of one page, or of those of its lines that run one way."""

    page: int
    height: float
    turn: Turn
    lines: list[Line]
    tables: list[Table] = field(default_factory=list)
    boxes: list[Rectangle] = field(default_factory=list)  # of the tables
    ruled: list[tuple[float, float, float]] = field(default_factory=list)  # x0, x1, height
    panels: list[Rectangle] = field(default_factory=list)  # tinted, and narrower than the text


@dataclass(slots=True)
class _Pages:
    """Pages by what became of them."""

    sheets: list[_Sheet] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    recognised: list[int] = field(default_factory=list)
    laid: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


def parse_pdf(path: Path, *, ocr: bool = True) -> Content:
    """The PDF at `path`; `ocr` says whether pages without text may be read by Tesseract.

    Raises UnreadableError where no text can be had of it.
    """
    with open_pdf(path) as pdf:
        count, title = pdf.page_count, _title(pdf.title, path)
        if count == 0:
            raise UnreadableError("empty", f"{path.name} is a PDF without pages.")
        pages = _read(pdf, ocr)
    blocks = _blocks(pages.sheets)
    if not blocks:
        raise _no_text(path, pages, count)
    return Content(
        "pdf",
        tuple(blocks),
        count,
        title,
        warnings=tuple(_warnings(pages, path, count)),
    )


def _read(pdf: Pdf, ocr: bool) -> _Pages:
    pages = _Pages()
    tesseract = scanner.program() if ocr else None
    for number in range(1, pdf.page_count + 1):
        ink = pdf.ink(number)
        if ink is None:
            pages.lost.append(number)
            continue
        if needs_ocr(ink):
            bad = garbled(ink)
            found = _recognise(pdf, ink, tesseract)
            if found is None:
                failed = pages.failed if tesseract else pages.garbled if bad else pages.unread
                failed.append(number)
                if bad:
                    continue
            else:
                ink = found
                pages.recognised.append(number)
        elif ink.recognised:
            pages.laid.append(number)
        pages.sheets += _sheets(ink)
    return pages


def _recognise(pdf: Pdf, ink: Ink, tesseract: str | None) -> Ink | None:
    if tesseract is None:
        return None
    picture = pdf.picture(ink.page, scanner.DPI)
    found = scanner.recognise(picture, ink.page, ink.width, ink.height, tesseract=tesseract)
    return found if found is not None and found.glyphs else None


def _sheets(ink: Ink) -> list[_Sheet]:
    found = []
    for part, turn in upright(ink):
        glyphs = list(part.glyphs)
        sheet = _Sheet(part.page, part.height, turn, [])
        for grid in grids(part.rules):
            table, glyphs = _table(grid, glyphs, part.page, turn)
            if table is not None:
                sheet.tables.append(table)
                sheet.boxes.append(grid.box)
        sheet.lines = set_lines(glyphs, part.page, turn)
        sheet.ruled = [
            (r.x0, r.x1, r.top)
            for r in part.rules
            if r.level and 0.1 * part.width < r.x1 - r.x0 < 0.5 * part.width
        ]
        sheet.panels = [
            box
            for box in dict.fromkeys(part.panels)
            if 0.1 * part.width < box[2] - box[0] < WIDEST_PANEL * part.width
        ]
        found.append(sheet)
    return found


def _table(
    grid: Grid, glyphs: list[Glyph], page: int, turn: Turn
) -> tuple[Table | None, list[Glyph]]:
    """The table with the glyphs in its cells, and the glyphs outside it."""
    x0, top, x1, bottom = grid.box
    inside: dict[int, list[Glyph]] = {}
    outside: list[Glyph] = []
    for glyph in glyphs:
        x, y = glyph.middle
        if not (x0 <= x <= x1 and top <= y <= bottom):
            outside.append(glyph)
            continue
        for index, cell in enumerate(grid.cells):
            if cell.box[0] <= x <= cell.box[2] and cell.box[1] <= y <= cell.box[3]:
                inside.setdefault(index, []).append(glyph)
                break
    filled = tuple(
        Filled(cell, tuple(rejoined(set_lines(inside.get(index, []), page, turn))))
        for index, cell in enumerate(grid.cells)
    )
    full = [f for f in filled if f.lines]
    prose = max((sum(len(line.text) for line in f.lines) for f in full), default=0)
    if (
        len({f.cell.row for f in full}) < 2
        or len({f.cell.column for f in full}) < 2
        or (len(full) <= 3 and prose > 400)
    ):
        return None, glyphs  # a frame around text, or a drawing
    return Table(page, grid.rows, grid.columns, grid.edges, filled), outside


def _blocks(sheets: list[_Sheet]) -> list[ContentBlock]:
    drop = furniture([s.lines for s in sheets], lambda i: sheets[i].height)
    for sheet in sheets:
        sheet.lines = [line for line in sheet.lines if id(line) not in drop]
    placed = [column for sheet in sheets for column in _columns(sheet)]
    usual = style(placed)
    drafts = Drafts(usual)
    for column in placed:
        drafts.add(column)
    flow = _whole_tables(drafts.finish())
    known = _wording(placed, flow)
    return _written(flow, levels(flow, usual), known)


def _columns(sheet: _Sheet) -> Iterable[Column]:
    """The columns of a page in reading order, with its tables in their places."""
    holes = [
        Line(
            sheet.page,
            sheet.turn,
            (Word(f"{HOLE}{index}", *box),),
            box[3],
            0.0,
            False,
        )
        for index, box in enumerate(sheet.boxes)
    ]
    flow, asides = _asides(sheet)
    for lines in asides:
        left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
        yield Column(sheet.page, tuple(rejoined(lines)), left, right, aside=True)
    for lines in columns([*flow, *holes]):
        items = tuple(
            sheet.tables[int(line.words[0].text[1:])] if line.text.startswith(HOLE) else line
            for line in lines
        )
        printed = [item for item in items if isinstance(item, Line)]
        left = min((line.x0 for line in printed), default=0.0)
        right = max((line.x1 for line in printed), default=0.0)
        ruled = tuple(y for x0, x1, y in sheet.ruled if x0 < right and x1 > left)
        yield Column(sheet.page, items, left, right, ruled)


def _asides(sheet: _Sheet) -> tuple[list[Line], list[list[Line]]]:
    """The lines of the text, and those of each tinted box that the text flows past."""
    flow, asides = sheet.lines, []
    for x0, top, x1, bottom in sheet.panels:
        level = [line for line in flow if top < line.base - line.size / 3 < bottom]
        inside = [line for line in level if x0 <= line.x0 and line.x1 <= x1]
        beside = [line for line in level if line.x1 <= x0 or line.x0 >= x1]
        if min(len(inside), len(beside)) >= FEWEST_BESIDE and len(inside) < len(flow) / 2:
            asides.append(inside)
            flow = [line for line in flow if line not in inside]
    return flow, asides


def _whole_tables(drafts: list[Draft]) -> list[Draft]:
    """Tables that go on over a page break, in one."""
    whole: list[Draft] = []
    for draft in drafts:
        before = whole[-1] if whole else None
        if draft.table is not None and before is not None and before.table is not None:
            joined = continued(before.table, draft.table)
            if joined is not None:
                before.table = joined
                continue
        whole.append(draft)
    return whole


def _wording(placed: Sequence[Column], flow: Sequence[Draft]) -> Wording:
    lines = [line for draft in flow for line in draft.lines[:-1]]
    rights = [right for draft in flow for right in draft.rights[:-1]]
    return wording(lines, rights)


def _written(flow: list[Draft], heads: list[int], known: Wording) -> list[ContentBlock]:
    blocks: list[ContentBlock] = []
    name = ("", "")
    for index, (draft, level) in enumerate(zip(flow, heads, strict=True)):
        if draft.table is not None:
            after = flow[index + 1] if index + 1 < len(flow) else None
            if not name[0] and after is not None and after.lines and len(after.lines) == 1:
                name = caption(after.text) or name
            block = table_block(
                draft.table, lambda lines: write(lines, _cell_rights(lines), known), name
            )
            name = ("", "")
            if block is not None:
                blocks.append(block)
            continue
        after = flow[index + 1] if index + 1 < len(flow) else None
        block = write(draft.lines, draft.rights, known)
        found = caption(block.text)
        if found and after is not None and after.table is not None:
            name = found
            continue
        if found and blocks and blocks[-1].kind == "table" and blocks[-1].label == found[0]:
            continue
        if block.text.strip():
            blocks.append(replace(block, kind="heading", level=level) if level else block)
    return blocks


def _cell_rights(lines: Sequence[Line]) -> list[float]:
    return [max(line.x1 for line in lines)] * len(lines)


def _title(printed: str, path: Path) -> str | None:
    """The metadata's title, where it reads as one."""
    title = " ".join(visible(printed).split())
    odd = sum(
        not (c.isalnum() or c.isspace() or c in ".,·:;()「」『』~-–—'’\"“”&/?!%") for c in title
    )
    if not 3 <= len(title) <= 200 or NO_TITLE.search(title) or odd > 0.1 * len(title):
        return None
    return None if title.lower() in (path.stem.lower(), path.name.lower()) else title


def _no_text(path: Path, pages: _Pages, count: int) -> UnreadableError:
    if len(pages.lost) == count:
        return UnreadableError("damaged", f"No page of {path.name} can be read; it is damaged.")
    if pages.unread or pages.garbled:
        return UnreadableError(
            "no-text", f"{path.name} has no text that can be read; {scanner.ADVICE}."
        )
    if pages.failed:
        return UnreadableError("no-text", f"OCR found no words on the pages of {path.name}.")
    return UnreadableError("empty", f"The pages of {path.name} are blank.")


def _warnings(pages: _Pages, path: Path, count: int) -> Iterable[str]:
    if pages.lost:
        yield f"{_named(pages.lost)} could not be read: the file is damaged there."
    elif _cut_off(path):
        yield f"The file's end is missing; what could be found of its {count} pages was read."
    if pages.unread:
        yield f"{_named(pages.unread, 'holds', 'hold')} images only; {scanner.ADVICE}."
    if pages.garbled:
        yield (
            f"{_named(pages.garbled, 'has', 'have')} fonts that do not say what their letters "
            f"are; {scanner.ADVICE}."
        )
    if pages.failed:
        yield f"{_named(pages.failed, 'holds', 'hold')} images in which OCR found no words."
    if pages.recognised:
        named = _named(pages.recognised, "was", "were")
        yield f"{named} read by OCR; check quotes against the page."
    if pages.laid:
        yield (
            f"{_named(pages.laid, 'is a scan', 'are scans')} with text that their maker's OCR "
            "recognised; check quotes against the page."
        )


def _named(pages: Sequence[int], one: str = "", several: str = "") -> str:
    """Pages 2-5, 9 and the verb that goes with their number."""
    runs = []
    for _, group in groupby(enumerate(pages), key=lambda pair: pair[1] - pair[0]):
        numbers = [page for _, page in group]
        runs.append(f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else str(numbers[0]))
    verb = one if len(pages) == 1 else several
    return f"{'Page' if len(pages) == 1 else 'Pages'} {', '.join(runs)} {verb}".rstrip()


def _cut_off(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        return b"%%EOF" not in file.read()
