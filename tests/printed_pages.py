"""PDFs whose words stand where a test put them, and a record that holds them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import pikepdf
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from index.parse.content import Box

FONT, SIZE = "HYSMyeongJo-Medium", 12
WIDTH, HEIGHT = 400.0, 300.0


@dataclass(frozen=True)
class Line:
    """A printed line: `text` from `x`, its base line `y` points from the top of page `page`."""

    text: str
    x: float
    y: float
    page: int = 1
    printed: str = ""  # where other than the text: with a footnote's number, say


def width(text: str) -> float:
    """Of `text` as printed, in points."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    return float(pdfmetrics.stringWidth(text, FONT, SIZE))


def printed(lines: Sequence[Line]) -> bytes:
    """A PDF of these lines, on pages of 400 by 300 points."""
    width("")
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=1)
    for page in range(1, max(line.page for line in lines) + 1):
        canvas.setFont(FONT, SIZE)
        for line in lines:
            if line.page == page:
                canvas.drawString(line.x, HEIGHT - line.y, line.printed or line.text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def boxes_of(lines: Sequence[Line]) -> list[Box]:
    """A box a line, of the text that is the lines with a space between."""
    boxes, start = [], 0
    for line in lines:
        end = start + len(line.text)
        x1 = line.x + width(line.printed or line.text)
        boxes.append(
            Box(start, end, line.page, line.x, line.y - 0.8 * SIZE, x1, line.y + 0.2 * SIZE)
        )
        start = end + 1
    return boxes


def text_of(lines: Sequence[Line]) -> str:
    """The document's text of which `boxes_of` says where it stands."""
    return " ".join(line.text for line in lines)


TURNS = {  # what puts upright again what /Rotate turns: a, b, c, d, e, f of a PDF matrix
    0: (1, 0, 0, 1, 0, 0),
    90: (0, 1, -1, 0, HEIGHT, 0),
    180: (-1, 0, 0, -1, WIDTH, HEIGHT),
    270: (0, -1, 1, 0, 0, WIDTH),
}


def turned(
    pdf: bytes,
    rotate: int,
    crop: tuple[float, float, float, float] | None = None,
    *,
    upright: bool = True,
) -> bytes:
    """The same pages by way of /Rotate, cropped as shown to left, bottom, right, top.

    They look as before, as those of a landscape table do; unless `upright`, they are shown turned.
    """
    a, b, c, d, e, f = TURNS[rotate] if upright else TURNS[0]

    def corners(left: float, bottom: float, right: float, top: float) -> list[float]:
        xs = sorted((a * left + c * bottom + e, a * right + c * top + e))
        ys = sorted((b * left + d * bottom + f, b * right + d * top + f))
        return [xs[0], ys[0], xs[1], ys[1]]

    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            page.obj["/Rotate"] = rotate
            page.mediabox = corners(0, 0, WIDTH, HEIGHT)
            if crop:
                page.cropbox = corners(*crop)
            page.contents_add(f"{a} {b} {c} {d} {e} {f} cm".encode(), prepend=True)
        document.save(file)
    return file.getvalue()


@dataclass
class FakeOriginals:
    """Files and boxes by document, as the record keeps them."""

    files: dict[str, bytes] = field(default_factory=dict)
    known: dict[str, list[Box]] = field(default_factory=dict)

    def original(self, document_id: str) -> bytes | None:
        """The file, or None."""
        return self.files.get(document_id)

    def boxes(self, document_id: str) -> list[Box]:
        """The boxes, or []."""
        return self.known.get(document_id, [])
