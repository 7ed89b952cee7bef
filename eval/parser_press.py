"""A small printing press: sets text on the pages of a PDF and remembers what it set.

It breaks Korean inside words and English with hyphens, justifies, sets footnotes at the foot of the
page that refers to them, running headers and page numbers: what Korean reports look like. A
footnote's place is written [[words of the note]] in the text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from eval.parser_encode import encode_plainly

FONTS = "/usr/share/fonts/opentype/noto/NotoSerifCJK-{}.ttc"
KOREAN_FACE = 1  # of the collection
NOTE = re.compile(r"\[\[(.*?)\]\]")
TOKEN = re.compile(r"\x00\d+\x00|\s+|\S")
WORDS = re.compile(r"\x00\d+\x00|\s+|[^\s\x00]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """How pages are set; lengths in points."""

    size: float = 10.5
    leading: float = 17.0
    margin: float = 72.0
    inside_words: bool = True
    indent: float = 10.0
    apart: float = 0.0  # between paragraphs
    columns: int = 1
    header: str = ""
    number: str = "- {} -"
    spacing: str = "as written"  # or "none", "letters", "wide"
    restart: bool = True  # whether notes count from 1 on every page
    page: tuple[float, float] = (595.0, 842.0)


@dataclass(slots=True)
class Printed:
    """What was set: blocks in order, with the page that each begins on."""

    blocks: list[tuple[str, str, int]] = field(default_factory=list)  # kind, text, page
    notes: list[tuple[str, int]] = field(default_factory=list)
    markers: int = 0


class Press:
    """One PDF being set. Call `paragraph` and `heading` in order, then `save`."""

    def __init__(self, layout: Layout) -> None:
        from fpdf import FPDF

        self.layout = layout
        self.pdf = FPDF(unit="pt", format=layout.page)
        self.pdf.set_auto_page_break(False)
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.pdf.add_font("Noto", style, FONTS.format(name), collection_font_number=KOREAN_FACE)
        self.printed = Printed()
        self.page = self.column = self.count = 0
        self._feet: list[list[str]] = []
        self._turn()

    @property
    def width(self) -> float:
        """Of a column."""
        inner = self.layout.page[0] - 2 * self.layout.margin
        return (inner - 20.0 * (self.layout.columns - 1)) / self.layout.columns

    def heading(self, text: str, size: float = 14.0) -> None:
        """A heading in bold."""
        self.y += self.layout.leading * 0.8
        if self.y + 3 * self.layout.leading > self._floor():
            self._turn()
        self.pdf.set_font("Noto", "B", size)
        for number, line in enumerate(self._broken(text, size, self.width, False)):
            if number == 0:
                self.printed.blocks.append(("heading", text, self.page))
            self.y += size * 1.4
            self.pdf.text(self._left(), self.y, line.strip())
        self.y += self.layout.leading * 0.4

    def paragraph(self, text: str) -> None:
        """A paragraph, with its footnotes."""
        layout, notes = self.layout, [str(n) for n in NOTE.findall(text)]
        parts = iter(range(len(notes)))
        marked = NOTE.sub(lambda _: f"\0{next(parts)}\0", text)
        self.pdf.set_font("Noto", "", layout.size)
        lines = self._broken(marked, layout.size, self.width, True)
        self.y += layout.apart
        for index, line in enumerate(lines):
            own = [notes[int(n)] for n in re.findall(r"\0(\d+)\0", line)]
            need = sum(len(self._note_lines(n, 1)) for n in own) * 11.5 + (20 if own else 0)
            if self.y + layout.leading + need > self._floor():
                self._turn()
            if index == 0:
                self.printed.blocks.append(("paragraph", NOTE.sub("", text), self.page))
            self.y += layout.leading
            x = self._left() + (layout.indent if index == 0 else 0.0)
            width = self.width - (layout.indent if index == 0 else 0.0)
            self._set(line, x, width if index < len(lines) - 1 else None, own)

    def save(self, path: Path) -> Printed:
        """Write the file."""
        self._foot()
        self.pdf.output(str(path))
        encode_plainly(path)
        return self.printed

    def _left(self) -> float:
        return self.layout.margin + self.column * (self.width + 20.0)

    def _floor(self) -> float:
        used = sum(len(lines) for lines in self._feet)
        return self.layout.page[1] - self.layout.margin - used * 11.5 - (20 if used else 0)

    def _turn(self) -> None:
        if self.page and self.column + 1 < self.layout.columns:
            self._foot()
            self.column += 1
        else:
            if self.page:
                self._foot()
            self.pdf.add_page()
            self.page, self.column = self.page + 1, 0
            self._furniture()
            if self.layout.restart:
                self.count = 0
        self.y = self.layout.margin
        self.pdf.set_font("Noto", "", self.layout.size)

    def _furniture(self) -> None:
        layout, (width, height) = self.layout, self.layout.page
        self.pdf.set_font("Noto", "", 8.5)
        if layout.header:
            self.pdf.text(layout.margin, 40, layout.header)
            self.pdf.line(layout.margin, 46, width - layout.margin, 46)
        if layout.number:
            text = layout.number.format(self.page)
            self.pdf.text((width - self.pdf.get_string_width(text)) / 2, height - 32, text)

    def _note_lines(self, note: str, number: int) -> list[str]:
        self.pdf.set_font("Noto", "", 8)
        lines = self._broken(f"{number}) {note}", 8, self.width, True)
        self.pdf.set_font("Noto", "", self.layout.size)
        return lines

    def _foot(self) -> None:
        if not self._feet:
            return
        top = self._floor() + 12
        self.pdf.line(self._left(), top, self._left() + 120, top)
        self.pdf.set_font("Noto", "", 8)
        for lines in self._feet:
            for line in lines:
                top += 11.5
                self.pdf.text(self._left(), top, line.strip())
        self._feet = []

    def _broken(self, text: str, size: float, width: float, body: bool) -> list[str]:
        """Lines that fit."""
        korean = bool(re.search(r"[가-힣]", text))
        letters = self.layout.inside_words and korean
        lines, line = [], ""
        room = width - (self.layout.indent if body and size == self.layout.size else 0.0)
        for token in (TOKEN if letters else WORDS).findall(text):
            if self._wide(line + token) > room and line.strip():
                if token.isspace():
                    lines.append(line)
                    line, room = "", width
                    continue
                if not letters and self.layout.inside_words and not korean and body:
                    cut = self._hyphenation(line, token, room)
                    if cut:
                        lines.append(f"{line}{token[:cut]}-")
                        line, room = token[cut:], width
                        continue
                if token in ".,)”’」』%" and letters:
                    line += token
                    continue
                lines.append(line)
                line, room = token, width
            else:
                line += token
        return [*lines, line] if line.strip() else lines

    def _hyphenation(self, line: str, word: str, room: float) -> int:
        if not re.fullmatch(r"[a-z]{7,}[.,;]?", word):
            return 0
        return next(
            (c for c in range(len(word) - 4, 2, -1) if self._wide(line + word[:c] + "-") <= room), 0
        )

    def _wide(self, text: str) -> float:
        plain = re.sub(r"\0\d+\0", "", text)
        if self.layout.spacing == "wide":
            return float(self.pdf.get_string_width(plain)) + 3.0 * len(plain)
        if self.layout.spacing == "letters":
            plain = re.sub(r"(?<=\S)(?=\S)", " ", plain)
        return float(self.pdf.get_string_width(plain))

    def _set(self, line: str, x: float, width: float | None, notes: list[str]) -> None:
        pieces = re.findall(r"\0\d+\0|\s+|[^\s\0]+", line.strip())
        gaps = sum(piece.isspace() for piece in pieces)
        slack = (width - self._wide(line.strip())) / gaps if width and gaps else 0.0
        slack = min(max(slack, 0.0), self.layout.size)
        own = iter(notes)
        for piece in pieces:
            if piece.startswith("\0"):
                x += self._marker(next(own), x)
            elif piece.isspace():
                x += self._wide(piece) + slack
            else:
                x += self._word(piece, x)

    def _word(self, word: str, x: float) -> float:
        if self.layout.spacing == "wide":
            for index, letter in enumerate(word):
                self.pdf.text(x + sum(self._wide(c) for c in word[:index]), self.y, letter)
            return sum(self._wide(c) for c in word)
        if self.layout.spacing == "letters":
            word = " ".join(word)
            self.pdf.text(x, self.y, word)
            return float(self.pdf.get_string_width(word))
        self.pdf.text(x, self.y, word)
        return self._wide(word)

    def _marker(self, note: str, x: float) -> float:
        self.count += 1
        self.printed.markers += 1
        self.printed.notes.append((f"{self.count}) {note}", self.page))
        self._feet.append(self._note_lines(note, self.count))
        self.pdf.set_font("Noto", "", self.layout.size * 0.62)
        text = f"{self.count})"
        self.pdf.text(x, self.y - self.layout.size * 0.35, text)
        wide = float(self.pdf.get_string_width(text))
        self.pdf.set_font("Noto", "", self.layout.size)
        return wide


def paragraphs(markdown: str) -> Iterable[tuple[str, str]]:
    """(kind, text) of the headings and paragraphs of a Markdown text."""
    for chunk in re.split(r"\n\s*\n", markdown):
        text = " ".join(chunk.split())
        heading = re.match(r"(#+)\s+(.*)", text)
        if heading:
            yield ("title" if len(heading[1]) == 1 else "heading"), heading[2]
        elif text:
            yield "paragraph", text
