"""PDFs drawn for tests, with a Korean font that every reader knows by name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SIZE = 10.0
LEADING = 16.0
LEFT, WIDTH, TOP = 72.0, 450.0, 760.0  # from the lower left corner, as PDF counts


class Sheet:
    """A PDF being drawn with reportlab, y counted from below."""

    def __init__(self, path: Path, size: tuple[float, float] = (595.0, 842.0), **options: Any):
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
        self.path = path
        self.canvas = Canvas(str(path), pagesize=size, pageCompression=0, **options)

    def text(self, x: float, y: float, words: str, size: float = SIZE, bold: bool = False) -> float:
        """Draw and give the right edge."""
        korean = any("가" <= c <= "힣" or c in "□○「」" for c in words)
        font = "HYSMyeongJo-Medium" if korean else "Helvetica-Bold" if bold else "Helvetica"
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, words)
        return x + self.canvas.stringWidth(words, font, size)

    def lines(self, x: float, y: float, texts: Sequence[str], size: float = SIZE) -> float:
        """Draw one under the other and give the y below."""
        for text in texts:
            self.text(x, y, text, size)
            y -= LEADING
        return y

    def grid(self, x: float, y: float, rows: Sequence[Sequence[str]], wide: float = 100.0) -> float:
        """Draw a ruled table with `y` at its top and give the y of its foot."""
        for index, row in enumerate(rows):
            for column, words in enumerate(row):
                if words:
                    self.text(x + wide * column + 4, y - 20 * index - 14, words)
        count, columns = len(rows), len(rows[0])
        for index in range(count + 1):
            self.canvas.line(x, y - 20 * index, x + wide * columns, y - 20 * index)
        for column in range(columns + 1):
            self.canvas.line(x + wide * column, y, x + wide * column, y - 20 * count)
        return y - 20 * count

    def turn(self) -> None:
        """Begin the next page."""
        self.canvas.showPage()

    def save(self) -> Path:
        """Write the file."""
        self.canvas.showPage()
        self.canvas.save()
        return self.path


def printed(path: Path, *draw: Callable[[Sheet], Any], **options: Any) -> Path:
    """A PDF with a page for each of `draw`."""
    sheet = Sheet(path, **options)
    for number, page in enumerate(draw):
        if number:
            sheet.turn()
        page(sheet)
    return sheet.save()
