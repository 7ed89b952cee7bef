"""Walk over what a page of a PDF paints: its text objects, fills, pictures and ruled lines.

With `index.parse.pdf_pdfium` the home of pypdfium2 in the product. Places are in the space of the
page, from its lower left corner.
"""

import ctypes
from dataclasses import dataclass, field
from typing import Any

from index.parse.pdf_ink import Rectangle

DEEPEST_FORM = 4  # forms within forms; deeper ones are ornaments or an attack
MOST_OBJECTS = 200_000  # of a page; a map can have more, and no text is lost by it
THIN = 2.5  # points; a filled rectangle as thin as this is a ruled line
PALE = 245  # of 255 in every colour: as good as white
INVISIBLE = 3  # render mode
Matrix = tuple[float, float, float, float, float, float]
PLAIN: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Writing:
    """A text object: when it was painted, whether it can be seen, whether it is bold."""

    order: int
    bold: bool
    shown: bool
    pale: bool


@dataclass(slots=True)
class Painted:
    """What a page paints besides text, and its text objects by address."""

    writings: dict[int, Writing] = field(default_factory=dict)
    fills: list[tuple[int, Rectangle, bool]] = field(default_factory=list)  # order, box, pale
    pictures: list[Rectangle] = field(default_factory=list)
    rules: list[Rectangle] = field(default_factory=list)
    bold: dict[int, bool] = field(default_factory=dict)  # fonts by address
    count: int = 0


def painted(page: Any) -> Painted:
    """What the page with this handle of PDFium paints."""
    found = Painted()
    _walk(page, False, PLAIN, 0, found)
    return found


def _walk(holder: Any, form: bool, matrix: Matrix, depth: int, out: Painted) -> None:
    import pypdfium2.raw as raw

    count = (raw.FPDFFormObj_CountObjects if form else raw.FPDFPage_CountObjects)(holder)
    get = raw.FPDFFormObj_GetObject if form else raw.FPDFPage_GetObject
    for index in range(count):
        out.count += 1
        if out.count > MOST_OBJECTS:
            return
        thing = get(holder, index)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            key = ctypes.addressof(thing.contents)
            out.writings[key] = _writing(thing, out)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            out.pictures.append(_bounds(thing, matrix))
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            _path(thing, matrix, out)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < DEEPEST_FORM:
            own = raw.FS_MATRIX()
            raw.FPDFPageObj_GetMatrix(thing, own)
            inner = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
            _walk(thing, True, inner, depth + 1, out)


def _writing(thing: Any, out: Painted) -> Writing:
    import pypdfium2.raw as raw

    font = raw.FPDFTextObj_GetFont(thing)
    key = ctypes.addressof(font.contents) if font else 0
    if key not in out.bold:
        out.bold[key] = bool(font) and _is_bold(font)
    mode = raw.FPDFTextObj_GetTextRenderMode(thing)
    colour, alpha = _fill_colour(thing)
    stroked = mode in (1, 2)
    return Writing(
        out.count,
        out.bold[key],
        shown=mode != INVISIBLE and (alpha > 0 or stroked),
        pale=min(colour) >= PALE and not stroked,
    )


def _path(thing: Any, matrix: Matrix, out: Painted) -> None:
    """Ruled lines and filled rectangles of a path."""
    import pypdfium2.raw as raw

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(thing, fill, stroke)
    box = _bounds(thing, matrix)
    wide, high = box[2] - box[0], box[3] - box[1]
    colour, alpha = _fill_colour(thing)
    if fill.value and alpha > 0:
        if min(wide, high) <= THIN < max(wide, high):
            if min(colour) < PALE:
                out.rules.append(box)
        elif alpha == 255 and not raw.FPDFPageObj_HasTransparency(thing) and _rectangular(thing):
            out.fills.append((out.count, box, min(colour) >= PALE))
    if not stroke.value:
        return
    start = last = None
    for index in range(min(raw.FPDFPath_CountSegments(thing), 2_000)):
        segment = raw.FPDFPath_GetPathSegment(thing, index)
        x, y = ctypes.c_float(), ctypes.c_float()
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = _moved(x.value, y.value, _times(_matrix(thing), matrix))
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == raw.FPDF_SEGMENT_LINETO and last is not None:
            _edge(last, point, out)
        last = point
        if raw.FPDFPathSegment_GetClose(segment) and start is not None:
            _edge(last, start, out)


def _edge(one: tuple[float, float], two: tuple[float, float], out: Painted) -> None:
    wide, high = abs(one[0] - two[0]), abs(one[1] - two[1])
    if min(wide, high) <= 1.0 < max(wide, high):
        xs, ys = sorted((one[0], two[0])), sorted((one[1], two[1]))
        out.rules.append((xs[0], ys[0], xs[1], ys[1]))


def _rectangular(thing: Any) -> bool:
    """Whether a path has straight sides only, each along x or y."""
    import pypdfium2.raw as raw

    points = []
    count = raw.FPDFPath_CountSegments(thing)
    if not 4 <= count <= 6:
        return False
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(thing, index)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_BEZIERTO:
            return False
        x, y = ctypes.c_float(), ctypes.c_float()
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        points.append((x.value, y.value))
    pairs = zip(points, points[1:], strict=False)
    return all(min(abs(a[0] - b[0]), abs(a[1] - b[1])) < 0.1 for a, b in pairs)


def _is_bold(font: Any) -> bool:
    import pypdfium2.raw as raw

    if raw.FPDFFont_GetWeight(font) >= 600:
        return True
    size = raw.FPDFFont_GetBaseFontName(font, None, 0)
    name = ctypes.create_string_buffer(max(size, 1))
    raw.FPDFFont_GetBaseFontName(font, name, size)
    return any(word in name.value.lower() for word in (b"bold", b"black", b"heavy", b"extrab"))


def _fill_colour(thing: Any) -> tuple[tuple[int, int, int], int]:
    import pypdfium2.raw as raw

    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha):
        return (0, 0, 0), 255
    return (red.value, green.value, blue.value), alpha.value


def _bounds(thing: Any, matrix: Matrix) -> Rectangle:
    import pypdfium2.raw as raw

    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top)
    corners = [_moved(x.value, y.value, matrix) for x in (left, right) for y in (bottom, top)]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _matrix(thing: Any) -> Matrix:
    import pypdfium2.raw as raw

    own = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(thing, own)
    return own.a, own.b, own.c, own.d, own.e, own.f


def _times(one: Matrix, two: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = two
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
