"""Read the ink of a PDF's pages with PDFium.

With `index.parse.pdf_paint` the only home of pypdfium2 in the product.

What no reader of the page sees is left out: text outside the page, in the colour of bare paper, or
under something painted over it. Invisible text over a picture is what a scanner's OCR laid there
and is kept, marked as recognised. Scripts, attachments, form fields and comments are not read.
"""

import ctypes
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.parse.errors import UnreadableError
from index.parse.pdf_ink import Glyph, Ink, Rectangle, Rule, readable, strange
from index.parse.pdf_paint import Painted, Writing, painted

if TYPE_CHECKING:
    from PIL.Image import Image


class Pdf:
    """An open PDF."""

    def __init__(self, document: Any) -> None:
        self._document = document

    @property
    def page_count(self) -> int:
        """How many pages it says it has."""
        return len(self._document)

    @property
    def title(self) -> str:
        """The title in its metadata, or an empty text."""
        return str(self._document.get_metadata_value("Title") or "")

    def ink(self, page: int) -> Ink | None:
        """What is printed on page `page`, from 1; None where it cannot be read."""
        import pypdfium2

        try:
            opened = self._document[page - 1]
        except pypdfium2.PdfiumError:
            return None
        try:
            return self._read(opened, page)
        except pypdfium2.PdfiumError:
            return None
        finally:
            opened.close()

    def picture(self, page: int, dpi: int) -> "Image":
        """Page `page`, from 1, as it is printed, in shades of grey."""
        opened = self._document[page - 1]
        try:
            # A page of the size of a wall at full resolution would fill the memory.
            most = 12_000 / max(*opened.get_size(), 1.0)
            bitmap = opened.render(scale=min(dpi / 72, most), grayscale=True)
            picture: Image = bitmap.to_pil()
            return picture
        finally:
            opened.close()

    def _read(self, page: Any, number: int) -> Ink:
        width, height = page.get_size()
        frame = _Frame(_visible_box(page), page.get_rotation(), width, height)
        text = page.get_textpage()
        try:
            return _Reader(text, frame, painted(page.raw)).ink(number)
        finally:
            text.close()


@contextmanager
def open_pdf(path: Path) -> Iterator[Pdf]:
    """The PDF at `path`; raises UnreadableError where it is encrypted, damaged or none."""
    import pypdfium2
    import pypdfium2.raw as raw

    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise UnreadableError("empty", f"{path.name} is empty (0 bytes); a PDF was expected.")
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as exc:
        if getattr(exc, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise UnreadableError(
                "encrypted",
                f"{path.name} asks for a password; save it without one and ingest it again.",
            ) from exc
        if b"%PDF-" not in head:
            raise UnreadableError(
                "format", f"{path.name} does not begin as a PDF does; is its extension right?"
            ) from exc
        raise UnreadableError(
            "damaged",
            f"{path.name} is damaged or cut off ({path.stat().st_size:,} bytes); "
            "fetch it again from where it came from.",
        ) from exc
    try:
        yield Pdf(document)
    finally:
        document.close()


class _Frame:
    """From the space of the page to points from the top left corner as shown."""

    def __init__(self, box: Rectangle, rotation: int, width: float, height: float) -> None:
        self.box, self.rotation = box, rotation
        self.width, self.height = width, height

    def point(self, x: float, y: float) -> tuple[float, float]:
        left, bottom, right, top = self.box
        if self.rotation == 90:
            return y - bottom, x - left
        if self.rotation == 180:
            return right - x, y - bottom
        if self.rotation == 270:
            return top - y, right - x
        return x - left, top - y

    def rectangle(self, x0: float, y0: float, x1: float, y1: float) -> Rectangle:
        (ax, ay), (bx, by) = self.point(x0, y0), self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


class _Reader:
    """The characters of one page, as glyphs."""

    def __init__(self, text: Any, frame: _Frame, paint: Painted) -> None:
        import pypdfium2.raw as raw

        self.text, self.frame, self.painted = text, frame, paint
        self.raw: Any = raw
        self.box, self.x, self.y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        self.types: dict[int, tuple[float, int]] = {}  # height and direction, by text object
        self.kept: dict[str, str] = {}  # characters as they are kept
        self.fills = [(o, frame.rectangle(*b), pale) for o, b, pale in paint.fills]
        self.pictures = [frame.rectangle(*b) for b in paint.pictures]

    def ink(self, number: int) -> Ink:
        raw = self.raw
        count = self.text.count_chars()
        glyphs: list[Glyph] = []
        unseen: list[Glyph] = []
        garbled = 0
        for index in range(count):
            if raw.FPDFText_IsGenerated(self.text, index) == 1:
                continue
            code = raw.FPDFText_GetUnicode(self.text, index)
            bad = raw.FPDFText_HasUnicodeMapError(self.text, index) == 1
            character = "-" if code == 2 else chr(code) if 0 < code < 0x110000 else "\ufffd"
            glyph, shown = self._glyph(index, character)
            if glyph is None:
                continue
            if not glyph.blank and (bad or strange(character)):
                garbled += 1
            (glyphs if shown else unseen).append(glyph)
        recognised = False
        over = [g for g in unseen if _inside_any(g.middle, self.pictures)]
        if len(over) > len(glyphs):
            glyphs, recognised = sorted_in(over, glyphs), True
        printed = sum(not g.blank for g in glyphs) or 1
        frame = self.frame
        return Ink(
            number,
            frame.width,
            frame.height,
            tuple(glyphs),
            tuple(Rule(*frame.rectangle(*r)) for r in self.painted.rules),
            tuple(box for _, box, pale in self.fills if not pale),
            min(1.0, sum(map(_area, map(self._clipped, self.pictures))) / _page_area(frame)),
            garbled / printed,
            recognised,
        )

    def _clipped(self, box: Rectangle) -> Rectangle:
        return (
            max(box[0], 0.0),
            max(box[1], 0.0),
            min(box[2], self.frame.width),
            min(box[3], self.frame.height),
        )

    def _glyph(self, index: int, character: str) -> tuple[Glyph | None, bool]:
        """The glyph, None where it is not on the page, and whether a reader sees it."""
        text = self.kept.get(character)
        if text is None:
            text = self.kept[character] = readable(character)
        if not text:
            return None, False
        raw, box, x, y, frame = self.raw, self.box, self.x, self.y, self.frame
        raw.FPDFText_GetLooseCharBox(self.text, index, box)
        raw.FPDFText_GetCharOrigin(self.text, index, x, y)
        place = frame.rectangle(box.left, box.bottom, box.right, box.top)
        middle = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
        if not (0 <= middle[0] <= frame.width and 0 <= middle[1] <= frame.height):
            return None, False
        thing = raw.FPDFText_GetTextObject(self.text, index)
        key = ctypes.addressof(thing.contents) if thing else 0
        writing = self.painted.writings.get(key)
        if not key or key not in self.types:
            self.types[key] = self._type(index)
        size, angle = self.types[key]
        bold = writing is not None and writing.bold
        base = frame.point(x.value, y.value)[1]
        glyph = Glyph(text, *place, base=base, size=size, bold=bold, angle=angle)
        shown = writing is None or (writing.shown and not self._covered(middle, writing))
        return glyph, shown

    def _type(self, index: int) -> tuple[float, int]:
        """The height of a character's type and its direction, those of all its text object."""
        raw = self.raw
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(self.text, index, matrix)
        high = raw.FPDFText_GetFontSize(self.text, index) * math.hypot(matrix.c, matrix.d)
        return high, _angle(matrix, self.frame.rotation)

    def _covered(self, middle: tuple[float, float], writing: Writing) -> bool:
        """Whether paint lies over it, or it is white on white."""
        ground = False
        for order, box, pale in self.fills:
            if _inside(middle, box):
                if order > writing.order:
                    return True
                ground = not pale
        return writing.pale and not ground and not _inside_any(middle, self.pictures)


def sorted_in(laid: list[Glyph], printed: list[Glyph]) -> list[Glyph]:
    """Recognised text, then what is printed over the picture apart from it."""
    taken = {(round(g.middle[0] / 4), round(g.middle[1] / 4)) for g in laid}
    apart = [g for g in printed if (round(g.middle[0] / 4), round(g.middle[1] / 4)) not in taken]
    return laid + apart


def _angle(matrix: Any, rotation: int) -> int:
    """The direction of writing, clockwise as shown; -1 where it is no right angle."""
    degrees = -math.degrees(math.atan2(matrix.b, matrix.a)) + rotation
    nearest = round(degrees / 90) * 90
    return int(nearest % 360) if abs(degrees - nearest) < 5 else -1


def _visible_box(page: Any) -> Rectangle:
    # Not the page's own boxes: they may be inherited, which those calls do not see.
    box: Rectangle = page.get_bbox()
    return box


def _inside(point: tuple[float, float], box: Rectangle) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _inside_any(point: tuple[float, float], boxes: list[Rectangle]) -> bool:
    return any(_inside(point, box) for box in boxes)


def _area(box: Rectangle) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _page_area(frame: _Frame) -> float:
    return max(1.0, frame.width * frame.height)
