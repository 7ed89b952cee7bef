"""PDFs set by reportlab: columns, footnotes at the foot of the column, running heads, ruled tables.

Korean is set in CID-keyed fonts that are named and not embedded (HYSMyeongJo, HYGothic), with lines
broken inside words and justified, as Korean publications do. The same source gives the same bytes.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from xml.sax.saxutils import escape

from eval.folder_sources import MARKER, Block, Source

MM = 72 / 25.4
GAP = 7 * MM  # between columns
SIZES = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a PDF is set: its paper, columns, size of type and what runs along its pages."""

    paper: str
    columns: int
    size: float
    head: bool = True
    cover: bool = False
    contents: bool = False
    notes_at_end: bool = False


LAYOUTS = {
    "journal": Layout("a4", 2, 9),
    "brief": Layout("letter", 1, 10.5, cover=True),
    "review": Layout("letter", 2, 9.5, contents=False),
    "report": Layout("a4", 1, 10.5, cover=True, contents=True),
    "plain": Layout("a4", 1, 12, head=False, notes_at_end=True),
}


def typeset(source: Source, style: str, random: Random) -> bytes:
    """The source as a PDF in one of LAYOUTS."""
    layout = LAYOUTS[style]
    first = _Setter(source, layout, {})
    first.set()
    if not layout.contents:
        return first.bytes()
    second = _Setter(source, layout, first.pages)  # now that the pages of the headings are known
    second.set()
    return second.bytes()


class _Setter:
    """One pass over a source: a canvas, where the next line goes, and what stands at the foot."""

    def __init__(self, source: Source, layout: Layout, pages: dict[str, int]) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        for name in ("HYSMyeongJo-Medium", "HYGothic-Medium"):
            pdfmetrics.registerFont(UnicodeCIDFont(name))
        self.source, self.layout, self.known = source, layout, pages
        self.korean = source.lang == "ko"
        self.serif = "HYSMyeongJo-Medium" if self.korean else "Times-Roman"
        self.bold = "HYGothic-Medium" if self.korean else "Times-Bold"
        self.sans = "HYGothic-Medium" if self.korean else "Helvetica"
        self.width, self.height = SIZES[layout.paper]
        self.file = io.BytesIO()
        self.canvas = Canvas(self.file, (self.width, self.height), invariant=1)
        self.canvas.setTitle(source.title)
        self.canvas.setAuthor(source.agency)
        self.side, self.top, self.foot = 22 * MM, self.height - 25 * MM, 24 * MM
        room = self.width - 2 * self.side - GAP * (layout.columns - 1)
        self.measure = room / layout.columns
        self.page, self.column, self.ceiling = 1, 0, self.top
        self.y = self.top
        self.notes: list[Any] = []
        self.pages: dict[str, int] = {}

    def bytes(self) -> bytes:
        self.canvas.save()
        return self.file.getvalue()

    def set(self) -> None:
        if self.layout.cover:
            self._cover()
        if self.layout.contents:
            self._contents()
        if not self.layout.cover:
            self._title()
        for block in self.source.blocks:
            self._block(block)
        if self.layout.notes_at_end and self.source.notes:
            self._place(self._heading("주" if self.korean else "Notes", 2))
            for number, text in self.source.notes.items():
                self._place(self._paragraph(f"{number}) {escape(text)}", size=-2))
        self._end_column()
        self._end_page()

    def _style(self, size: float, font: str, **more: Any) -> Any:
        from reportlab.lib.styles import ParagraphStyle

        wrap = "CJK" if self.korean else None
        leading = size * (1.6 if self.korean else 1.25)
        return ParagraphStyle(
            "s", fontName=font, fontSize=size, leading=leading, wordWrap=wrap, **more
        )

    def _paragraph(self, text: str, *, size: float = 0, font: str = "", **more: Any) -> Any:
        from reportlab.platypus import Paragraph

        more.setdefault("alignment", 4)
        style = self._style(self.layout.size + size, font or self.serif, **more)
        return Paragraph(text, style)

    def _heading(self, text: str, level: int) -> Any:
        size = {1: 6, 2: 2.5}.get(level, 1)
        return self._paragraph(
            escape(text), size=size, font=self.bold, alignment=0, spaceBefore=9, spaceAfter=4
        )

    def _title(self) -> None:
        full = self.width - 2 * self.side
        parts = [
            self._paragraph(escape(self.source.title), size=8, font=self.bold, alignment=1),
            self._paragraph(escape(f"{self.source.agency} · {self.source.date}"), alignment=1),
        ]
        for part in parts:
            _, high = part.wrap(full, 500)
            part.drawOn(self.canvas, self.side, self.y - high)
            self.y -= high + 6
        self.canvas.setLineWidth(0.8)
        self.canvas.line(self.side, self.y, self.width - self.side, self.y)
        self.y -= 12
        self.ceiling = self.y

    def _cover(self) -> None:
        canvas, middle = self.canvas, self.width / 2
        canvas.setFillColorRGB(0.1, 0.22, 0.42)
        canvas.rect(0, self.height - 60, self.width, 60, fill=1, stroke=0)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.setFont(self.sans, 12)
        canvas.drawString(self.side, self.height - 38, self.source.agency)
        canvas.setFillColorRGB(0, 0, 0)
        title = self._paragraph(escape(self.source.title), size=14, font=self.bold, alignment=1)
        _, high = title.wrap(self.width - 3 * self.side, 400)
        title.drawOn(canvas, 1.5 * self.side, self.height * 0.6)
        canvas.setFont(self.serif, 13)
        canvas.drawCentredString(middle, self.height * 0.55 - high / 2, self._date())
        canvas.setFont(self.sans, 10)
        canvas.drawCentredString(middle, 60, self.source.agency)
        canvas.showPage()
        self.page += 1

    def _date(self) -> str:
        year, month, day = (int(n) for n in (self.source.date + "-01-01").split("-")[:3])
        names = "January February March April May June July August September October November"
        if self.korean:
            return f"{year}. {month}. {day}."
        return f"{day} {[*names.split(), 'December'][month - 1]} {year}"

    def _contents(self) -> None:
        canvas, y = self.canvas, self.top
        canvas.setFont(self.bold, 16)
        canvas.drawCentredString(self.width / 2, y, "목  차" if self.korean else "Contents")
        y -= 40
        right = self.width - self.side
        for block in self.source.blocks:
            if block.kind != "heading":
                continue
            size = 11 if block.level < 3 else 10
            left = self.side + (0 if block.level < 3 else 14)
            canvas.setFont(self.serif, size)
            canvas.drawString(left, y, block.text)
            page = str(self.known.get(block.text, 0))
            from_x = left + canvas.stringWidth(block.text, self.serif, size) + 6
            dot = canvas.stringWidth(".", self.serif, size) * 1.5
            x = right - 24
            while x > from_x:
                canvas.drawString(x, y, ".")
                x -= dot
            canvas.drawRightString(right, y, page)
            y -= size * 2
        self._furniture()
        canvas.showPage()
        self.page += 1

    def _block(self, block: Block) -> None:
        if block.kind == "heading":
            heading = self._heading(block.text, block.level)
            if self.y - heading.wrap(self.measure, 500)[1] < self._bottom() + 50:
                self._end_column()
            self._place(heading)
            self.pages.setdefault(block.text, self.page)
        elif block.kind == "table":
            caption = self._paragraph(escape(block.text), size=-1, font=self.sans, alignment=1)
            table = self._table(block)
            high = sum(part.wrap(self.measure, 900)[1] for part in (caption, table)) + 12
            if self.y - high < self._bottom():
                self._end_column()
            self._place(caption)
            self._place(table)
            self.y -= 8
        else:
            bullet = "○ " if self.korean else "• "
            indent = self.layout.size if block.kind == "paragraph" else 0
            text = (bullet if block.kind == "item" else "") + self._marked(block.text)
            numbers = [int(n) for n in MARKER.findall(block.text)]
            notes = [] if self.layout.notes_at_end else [self._note(n) for n in numbers]
            self._place(self._paragraph(text, spaceAfter=4, firstLineIndent=indent), notes)

    def _marked(self, text: str) -> str:
        mark = r"<super>\1)</super>" if self.korean else r"<super>\1</super>"
        return MARKER.sub(mark, escape(text))

    def _note(self, number: int) -> Any:
        mark = f"<super>{number}{')' if self.korean else ''}</super> "
        return self._paragraph(mark + escape(self.source.notes[number]), size=-2)

    def _table(self, block: Block) -> Any:
        from reportlab.lib import colors
        from reportlab.platypus import Table

        rows: list[list[Any]] = [["" for _ in row] for row in block.rows]
        how: list[Any] = [
            ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
            ("BACKGROUND", (0, 0), (-1, block.header_rows - 1), colors.Color(0.9, 0.92, 0.96)),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ]
        for span in block.spans():
            head = span.row < block.header_rows
            rows[span.row][span.column] = self._paragraph(
                escape(span.text),
                size=-1.5,
                font=self.sans if head else self.serif,
                alignment=1 if head else 0,
            )
            last = (span.column + span.columns - 1, span.row + span.rows - 1)
            how.append(("SPAN", (span.column, span.row), last))
        width = self.measure / len(rows[0])
        return Table(rows, colWidths=[width] * len(rows[0]), style=how)

    def _bottom(self, more: Sequence[Any] = ()) -> float:
        notes = [*self.notes, *more]
        high = sum(note.wrap(self.measure, 500)[1] + 1 for note in notes)
        return self.foot + (high + 8 if notes else 0)

    def _place(self, part: Any, notes: Sequence[Any] = ()) -> None:
        """Draw `part` in this column, the rest of it in the next ones."""
        before = part.getSpaceBefore() if self.y < self.ceiling else 0
        _, high = part.wrap(self.measure, 2000)
        if self.y - before - high >= self._bottom(notes):
            self.y -= before + high
            part.drawOn(self.canvas, self._left(), self.y)
            self.y -= part.getSpaceAfter()
            self.notes += notes
            return
        pieces = [] if notes else part.split(self.measure, self.y - before - self._bottom())
        if len(pieces) < 2 and self.y >= self.ceiling:
            raise ValueError(f"{self.source.id}: a block is higher than a column")
        if len(pieces) == 2:
            self._place(pieces[0])
            part = pieces[1]
        self._end_column()
        self._place(part, notes)

    def _left(self) -> float:
        return self.side + self.column * (self.measure + GAP)

    def _end_column(self) -> None:
        if self.notes:
            y = self._bottom() - 6
            self.canvas.setLineWidth(0.4)
            self.canvas.line(self._left(), y, self._left() + self.measure / 3, y)
            for note in self.notes:
                high = note.wrap(self.measure, 500)[1]
                y -= high + 1
                note.drawOn(self.canvas, self._left(), y)
            self.notes = []
        self.column += 1
        if self.column == self.layout.columns:
            self._end_page()
        self.y = self.ceiling

    def _end_page(self) -> None:
        if self.column == 0 and self.y >= self.ceiling:
            return
        self._furniture()
        self.canvas.showPage()
        self.page += 1
        self.column, self.ceiling = 0, self.top
        self.y = self.top

    def _furniture(self) -> None:
        canvas, left, right = self.canvas, self.side, self.width - self.side
        canvas.setFont(self.sans, 8)
        canvas.drawCentredString(self.width / 2, 12 * MM, f"- {self.page} -")
        if not self.layout.head or (self.page == 1):
            return
        y = self.height - 15 * MM
        odd = self.page % 2
        canvas.drawString(left, y, self.source.title[:34] if odd else self.source.agency)
        canvas.drawRightString(right, y, self.source.date if odd else str(self.page))
        canvas.setLineWidth(0.3)
        canvas.line(left, y - 4, right, y - 4)


def embedded(source: Source, style: str, random: Random) -> bytes:
    """The source as a PDF by fpdf2 with a subset of Noto Sans CJK (OpenType, CFF) embedded.

    Its tables and notes stand at the end, as an annex.
    """
    from fpdf import FPDF
    from fpdf.enums import WrapMode

    pdf = FPDF(format="letter" if style == "letter" else "A4")
    pdf.set_creation_date(_noon(source.date))
    for weight, file in (("", "Regular"), ("B", "Bold")):
        path = f"/usr/share/fonts/opentype/noto/NotoSansCJK-{file}.ttc"
        pdf.add_font("Noto", weight, path, collection_font_number=1)
    pdf.set_title(source.title)
    pdf.set_margins(24, 22)
    pdf.set_auto_page_break(True, 24)
    pdf.add_page()
    wrap = WrapMode.CHAR if source.lang == "ko" else WrapMode.WORD
    for text, how in _lines(source):
        pdf.set_font("Noto", how[0], how[1])
        pdf.multi_cell(
            0, how[1] * 0.55, text, align=how[2], new_x="LMARGIN", new_y="NEXT", wrapmode=wrap
        )
        pdf.ln(2)
    return bytes(_with_tables(pdf, source))


def _lines(source: Source) -> Iterator[tuple[str, tuple[str, float, str]]]:
    yield source.title, ("B", 17, "C")
    yield f"{source.agency}   {source.date}", ("", 9, "R")
    for block in source.blocks:
        if block.kind == "heading":
            yield block.text, ("B", 13 if block.level < 3 else 11.5, "L")
        elif block.kind != "table":
            mark = "- " if block.kind == "item" else ""
            yield (
                mark + MARKER.sub(r"(주 \1)" if source.lang == "ko" else r"(note \1)", block.text),
                (
                    "",
                    10.5,
                    "J",
                ),
            )


def _with_tables(pdf: Any, source: Source) -> Any:
    """Tables at the end, as an annex; then the notes."""
    tables = [b for b in source.blocks if b.kind == "table"]
    korean = source.lang == "ko"
    if tables:
        pdf.add_page()
        pdf.set_font("Noto", "B", 14)
        pdf.cell(
            0, 10, "붙임. 통계표" if korean else "Annex: tables", new_x="LMARGIN", new_y="NEXT"
        )
    for block in tables:
        pdf.set_font("Noto", "", 9)
        pdf.cell(0, 9, block.text, align="C", new_x="LMARGIN", new_y="NEXT")
        with pdf.table(num_heading_rows=block.header_rows) as table:
            spans = block.spans()
            for number in range(len(block.rows)):
                row = table.row()
                for span in (s for s in spans if s.row == number):
                    row.cell(span.text, colspan=span.columns, rowspan=span.rows)
        pdf.ln(5)
    for number, text in source.notes.items():
        pdf.set_font("Noto", "", 8)
        pdf.multi_cell(0, 4.5, f"({number}) {text}", new_x="LMARGIN", new_y="NEXT")
    return pdf.output()


def _noon(date: str) -> Any:
    from datetime import UTC, datetime

    year, month, day = (int(n) for n in (date + "-01-01").split("-")[:3])
    return datetime(year, month, day, 12, tzinfo=UTC)


MAKERS: dict[str, Callable[[Source, str, Random], bytes]] = {
    "typeset": typeset,
    "embedded": embedded,
}
