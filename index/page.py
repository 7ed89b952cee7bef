"""A page of a PDF as an image, with the words of a cited passage marked on it.

Where a passage stands is known from the boxes that the parser gave, clipped to it by proportion,
and so only nearly. The page is therefore read once more, by PDFium: the letters around the boxes
must be those of the quote, and it is these letters that are marked. Where they are not found (fonts
whose letters cannot be read, an original that is not the one that was parsed) the page is shown
without a mark: better none than a wrong one. A scan has no letters to compare: there the boxes are
those of the words that OCR read, and are marked as they are if there is ink in each. Scripts of a
PDF are never run.
"""

import io
import math
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from index.errors import CiteBriefError
from index.parse.content import Box
from index.parse.pdf_ink import needs_ocr
from index.parse.pdf_pdfium import Pdf
from index.types import Passage

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 12_000_000  # of an image; a larger page is shown at a smaller scale
MOST_CHARACTERS = 100_000  # of a page that is read for its letters
REACH = 10.0  # line heights to either end of the boxes in which a passage may begin and end
NOTE_DIGITS = 3  # digits in a row that a page may have over the quote: the number of a footnote
LEAST_CONTRAST = 60  # of 255, between a scanned word and its paper
GAP = 1.5  # line heights between two boxes of a line that are marked as one
PAD = 1.0  # points around the marked words
FILL, EDGE = (255, 228, 110), (150, 84, 0)  # the marker, and the line around it
WAYS = ((0, 1), (1, 1), (1, -1), (0, -1))  # how lines run: right, down, up, left (upside down)
FINE = 100  # steps a point, when PDFium says where on the page a point is

_pdfium = threading.Lock()  # PDFium may be used by one thread at a time


class Originals(Protocol):
    """What is kept of the files that documents were made of."""

    def original(self, document_id: str, /) -> bytes | None:
        """The file as it was handed over; None where none is kept."""

    def boxes(self, document_id: str, /) -> list[Box]:
        """Where the document's text stands, offsets in the document, ascending; [] if unknown."""


@dataclass(frozen=True, slots=True)
class PagePart:
    """What of a passage stands on one page; without boxes, nobody knows where on it."""

    page: int  # from 1
    boxes: tuple[Box, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked rectangle, in fractions of the image's width and height from its top left corner."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as PNG, `width` by `height` pixels; no marks where the quote was not found."""

    page: int
    png: bytes
    width: int
    height: int
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter, digit or sign, in points from the top left of the page as shown."""

    letter: str
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


def is_pdf(original: bytes | None) -> bool:
    """Whether these are the bytes of a PDF, whose pages can be shown."""
    return original is not None and b"%PDF-" in original[:1024]


def passage_boxes(boxes: Sequence[Box], char_start: int, char_end: int) -> list[Box]:
    """Where `[char_start, char_end)` stands: one box a line, as exact as its characters are even.

    Of a box that only begins or ends in it, the part is taken by the proportion of characters.
    """
    lines: list[Box] = []
    for box in boxes:
        start, end = max(box.char_start, char_start), min(box.char_end, char_end)
        if start >= end:
            continue
        step = (box.x1 - box.x0) / (box.char_end - box.char_start)
        x0, x1 = box.x0 + step * (start - box.char_start), box.x0 + step * (end - box.char_start)
        part = replace(box, char_start=start, char_end=end, x0=x0, x1=x1)
        if lines and _one_line(lines[-1], part):
            part = _joined(lines.pop(), part)
        lines.append(part)
    return lines


def page_parts(boxes: Sequence[Box], passage: Passage) -> list[PagePart]:
    """The pages that `passage` stands on, in order, with its boxes and its words on each."""
    own = passage_boxes(boxes, passage.char_start, passage.char_end)
    quote, offset = passage.quote, passage.char_start
    covered = {i for box in own for i in range(box.char_start - offset, box.char_end - offset)}
    if not own:
        return [PagePart(passage.page, (), quote)]
    whole = all(i in covered or not letter.isalnum() for i, letter in enumerate(quote))
    parts = []
    for page in sorted({box.page for box in own}):
        here = tuple(box for box in own if box.page == page)
        start = min(box.char_start for box in here) - offset
        end = max(box.char_end for box in here) - offset
        parts.append(PagePart(page, here if whole else (), quote[start:end]))
    return parts


def marked_page(pdf: bytes, part: PagePart, *, scale: float = 2.0) -> PageImage:
    """The page of `part` with its words marked, `scale` pixels a point; large pages get fewer.

    Raises CiteBriefError where the file or the page cannot be read.
    """
    import pypdfium2

    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise CiteBriefError(
                f"The PDF cannot be opened ({error}), so page {part.page} cannot be shown. Open "
                "the original file in a viewer of your own."
            ) from error
        try:
            image, marks = _shown(document, part, scale)
        except pypdfium2.PdfiumError as error:
            raise CiteBriefError(
                f"Page {part.page} of the PDF cannot be shown ({error}). Open the original file in "
                "a viewer of your own."
            ) from error
        finally:
            document.close()
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=6)
    return PageImage(part.page, file.getvalue(), image.width, image.height, marks)


def _shown(document: Any, part: PagePart, scale: float) -> "tuple[Image, tuple[Mark, ...]]":
    if not 1 <= part.page <= len(document):
        raise CiteBriefError(
            f"The PDF has {len(document)} pages, and page {part.page} was asked for. Hand the "
            "document over again with: citebrief ingest PATH"
        )
    page = document[part.page - 1]
    width, height = page.get_size()
    scale = min(scale, math.sqrt(MOST_PIXELS / max(width * height, 1.0)))
    image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    words = _words(_letters(page), part) if part.boxes else []
    if part.boxes and not words and _scanned(document, part):
        words = [box for box in part.boxes if _inked(image, box, image.width / width)]
        words = words if len(words) == len(part.boxes) else []
    marks = tuple(
        Mark(
            max((box.x0 - PAD) / width, 0.0),
            max((box.top - PAD) / height, 0.0),
            min((box.x1 + PAD) / width, 1.0),
            min((box.bottom + PAD) / height, 1.0),
        )
        for box in words
    )
    return (_marked(image, marks) if marks else image), marks


def _scanned(document: Any, part: PagePart) -> bool:
    """Whether the page was read by OCR, so that the boxes of `part` are those of words in it."""
    ink = Pdf(document).ink(part.page)
    return ink is not None and needs_ocr(ink)


def _inked(image: "Image", box: Box, scale: float) -> bool:
    """Whether something dark and something light stand in `box`."""
    left, top = round(box.x0 * scale), round(box.top * scale)
    right, bottom = round(box.x1 * scale) + 1, round(box.bottom * scale) + 1
    shades = image.crop((left, top, right, bottom)).convert("L").histogram()
    used = [shade for shade, count in enumerate(shades) if count]
    return bool(used) and used[-1] - used[0] > LEAST_CONTRAST


def _marked(image: "Image", marks: Sequence[Mark]) -> "Image":
    """Lay a marker over the words, which stay as dark as they are, and draw a line around it."""
    from PIL import Image, ImageChops, ImageDraw, ImageFilter

    mask = Image.new("L", image.size)
    draw = ImageDraw.Draw(mask)
    for m in marks:
        draw.rectangle(
            (
                round(m.x0 * image.width),
                round(m.top * image.height),
                round(m.x1 * image.width),
                round(m.bottom * image.height),
            ),
            fill=255,
        )
    inked = ImageChops.multiply(image, Image.new("RGB", image.size, FILL))
    image.paste(inked, mask=mask)
    left, top, right, bottom = mask.getbbox() or (0, 0, 0, 0)
    around = (left - 4, top - 4, right + 4, bottom + 4)
    near = mask.crop(around)
    edge = ImageChops.subtract(near.filter(ImageFilter.MaxFilter(5)), near)
    image.paste(EDGE, (around[0], around[1]), edge)
    return image


@dataclass(frozen=True, slots=True)
class _Placed:
    """A letter with the number of the box that it is nearest to, and whether it is inside it."""

    box: int
    letter: _Letter
    inside: bool


def _words(letters: Sequence[_Letter], part: PagePart) -> list[Box]:
    """The boxes of `part` drawn close around the quote's own letters; [] where they are not there.

    The letters count in the order of the boxes, and in each from left to right, or else as they
    run on pages that are shown turned or are written downwards.
    """
    for axis, sign in WAYS:
        around = _around(letters, part.boxes, axis, sign)
        if found := _found(around, part.quote):
            return _drawn(around[found[0] : found[1] + 1], part.boxes, down=axis == 1)
    return []


def _around(
    letters: Sequence[_Letter], boxes: Sequence[Box], axis: int, sign: int
) -> list[_Placed]:
    """The letters in and near `boxes`, in the order in which they are read along that way."""
    placed: list[_Placed] = []
    for letter in letters:
        if (found := _box_at(boxes, letter.centre, axis, sign, reach=0.0)) is not None:
            placed.append(_Placed(found, letter, inside=True))
        elif (found := _box_at(boxes, letter.centre, axis, sign, reach=REACH)) is not None:
            placed.append(_Placed(found, letter, inside=False))
    return sorted(placed, key=lambda one: (one.box, sign * one.letter.centre[axis]))


def _found(around: Sequence[_Placed], quote: str) -> tuple[int, int] | None:
    """The first and the last of the letters of `quote`, where there is no doubt which they are."""
    read = [i for i, placed in enumerate(around) if placed.letter.letter.isalnum()]
    text = "".join(around[i].letter.letter for i in read)
    places = list(_places(text, "".join(filter(str.isalnum, _alike(quote)))))
    sure = [sum(around[i].inside for i in read[start:end]) for start, end in places]
    if not sure or sure.count(max(sure)) > 1:
        return None
    start, end = places[sure.index(max(sure))]
    if 2 * max(sure) < end - start:
        return None
    return _with_signs(around, read[start], read[end - 1], quote)


def _drawn(words: Sequence[_Placed], boxes: Sequence[Box], *, down: bool) -> list[Box]:
    """The boxes that hold `words`, as long as these are; their length is their height if `down`."""
    drawn: list[Box] = []
    for number in sorted({placed.box for placed in words}):
        own = [placed.letter for placed in words if placed.box == number]
        if down:
            top, bottom = min(one.top for one in own), max(one.bottom for one in own)
            drawn.append(replace(boxes[number], top=top, bottom=bottom))
        else:
            x0, x1 = min(one.x0 for one in own), max(one.x1 for one in own)
            drawn.append(replace(boxes[number], x0=x0, x1=x1))
    return drawn


def _with_signs(around: Sequence[_Placed], first: int, last: int, quote: str) -> tuple[int, int]:
    """`first` and `last` moved over the quotation marks, full stop … around the quote's letters."""
    signs = re.sub(r"\s", "", quote)
    before = next(i for i, sign in enumerate(signs) if sign.isalnum())
    after = next(i for i, sign in enumerate(reversed(signs)) if sign.isalnum())
    while before and first and not around[first - 1].letter.letter.isalnum():
        first, before = first - 1, before - 1
    while after and last + 1 < len(around) and not around[last + 1].letter.letter.isalnum():
        last, after = last + 1, after - 1
    return first, last


def _places(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Where `quote` stands in `text`, which may have the numbers of footnotes in between."""
    if not quote:
        return
    reached: dict[int, tuple[int, int]] = {}  # letters of the quote -> start, digits passed over
    for i, letter in enumerate(text):
        after: dict[int, tuple[int, int]] = {}
        for count, (start, passed) in reached.items():
            if letter.isdigit() and passed < NOTE_DIGITS:
                after.setdefault(count, (start, passed + 1))
            if quote[count] == letter:
                after[count + 1] = (start, 0)
        if quote[0] == letter:
            after[1] = (i, 0)
        if whole := after.pop(len(quote), None):
            yield whole[0], i + 1
        reached = after


def _box_at(
    boxes: Sequence[Box], point: tuple[float, float], axis: int, sign: int, *, reach: float
) -> int | None:
    """The box that holds the point; the first may begin earlier by `reach`, the last end later."""
    found: list[tuple[float, int]] = []
    for number, box in enumerate(boxes):
        sides = ((box.x0, box.x1), (box.top, box.bottom))
        (start, end), (low, high) = sides[axis], sides[1 - axis]
        far = reach * (high - low)
        before = far if number == (0 if sign > 0 else len(boxes) - 1) else 0.0
        after = far if number == (len(boxes) - 1 if sign > 0 else 0) else 0.0
        along, across = point[axis], point[1 - axis]
        if start - before <= along <= end + after and low <= across <= high:
            found.append((abs(across - (low + high) / 2), number))
    return min(found)[1] if found else None


def _letters(page: Any) -> list[_Letter]:
    """All that a page shows of letters, as PDFium reads it; [] of one that holds far too many."""
    from pypdfium2 import raw

    text = page.get_textpage()
    count = text.count_chars()
    if count > MOST_CHARACTERS:
        return []
    place = _as_shown(page)
    letters: list[_Letter] = []
    for i in range(count):
        read = chr(min(raw.FPDFText_GetUnicode(text, i), 0x10FFFF))
        joins = bool(letters) and _joins(read)
        if read.isspace() or not (joins or read.isprintable()):
            continue
        left, bottom, right, top = text.get_charbox(i)
        (xa, ya), (xb, yb) = place(left, bottom), place(right, top)
        x0, x1, y0, y1 = min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb)
        if joins:
            last = letters.pop()
            x0, x1 = min(x0, last.x0), max(x1, last.x1)
            y0, y1 = min(y0, last.top), max(y1, last.bottom)
            read = last.letter + read
        letters.append(_Letter(read, x0, y0, x1, y1))
    return [replace(one, letter=like) for one in letters for like in _alike(one.letter)]


def _joins(letter: str) -> bool:
    """Whether it is written into the letter before: an accent, or the rest of a Hangul syllable."""
    return bool(unicodedata.combining(letter)) or "\u1160" <= letter <= "\u11ff"


def _alike(text: str) -> Iterator[str]:
    """The characters of `text`, one by one, in the spelling in which they are compared."""
    return (one for one in unicodedata.normalize("NFKC", text) if not one.isspace())


def _as_shown(page: Any) -> Callable[[float, float], tuple[float, float]]:
    """From PDF's own coordinates to points from the top left of the page as it is shown."""
    from pypdfium2 import PdfPosConv

    width, height = page.get_size()
    fine = PdfPosConv(page, (0, 0, round(width * FINE), round(height * FINE), 0))
    (x, y), (xa, ya), (xb, yb) = (fine.to_bitmap(*p) for p in ((0, 0), (1000, 0), (0, 1000)))

    def place(right: float, up: float) -> tuple[float, float]:
        return (
            (x + (xa - x) * right / 1000 + (xb - x) * up / 1000) / FINE,
            (y + (ya - y) * right / 1000 + (yb - y) * up / 1000) / FINE,
        )

    return place


def _one_line(left: Box, right: Box) -> bool:
    """Whether `right` goes on where `left` ends, with no more than a wide space between."""
    height = min(left.bottom - left.top, right.bottom - right.top)
    shared = min(left.bottom, right.bottom) - max(left.top, right.top)
    gap = right.x0 - left.x1
    return left.page == right.page and shared > height / 2 and -height < gap < GAP * height


def _joined(left: Box, right: Box) -> Box:
    return replace(
        left,
        char_end=right.char_end,
        top=min(left.top, right.top),
        x1=max(left.x1, right.x1),
        bottom=max(left.bottom, right.bottom),
    )
