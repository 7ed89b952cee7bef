"""What is printed on one page of a PDF: glyphs and ruled lines, as values of no library.

Lengths are points from the top left corner of the page as a viewer shows it, turned and cropped.
Text that runs down or up the page, and Korean text set in vertical columns, is turned so that it
runs rightwards; `Turn` remembers how, and turns boxes back.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.clean import visible

SPACES = frozenset(" \u00a0\u3000\u2002\u2003\u2009\u202f\t\r\n")
SOFT_HYPHEN = "\u00ad"
MOST_GARBLED = 0.25  # share of a page's characters; more and the page counts as having no text
LEAST_PICTURED = 0.15  # share of a page; less is a logo, not a scan
FEWEST_LETTERS = 10  # on a page that is else a picture
Rectangle = tuple[float, float, float, float]  # x0, top, x1, bottom


@dataclass(frozen=True, slots=True)
class Glyph:
    """One printed character (a ligature: several) and its place; a blank one prints nothing."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float  # the line it stands on, as a distance from the top
    size: float  # height of the type
    bold: bool = False
    angle: int = 0  # of the writing, clockwise: 0, 90, 180, 270, or -1 for a slanted one

    @property
    def blank(self) -> bool:
        """Whether it is a space."""
        return self.text in SPACES

    @property
    def middle(self) -> tuple[float, float]:
        """The centre of its box."""
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruled line, along x or along y."""

    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def level(self) -> bool:
        """Whether it runs along x."""
        return self.x1 - self.x0 >= self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Ink:
    """A page. `garbled` is the share of its characters that stand for no known letter."""

    page: int  # from 1
    width: float
    height: float
    glyphs: tuple[Glyph, ...] = ()  # in the order of the file
    rules: tuple[Rule, ...] = ()
    panels: tuple[Rectangle, ...] = ()  # tinted areas
    pictured: float = 0.0  # share of the page that pictures cover
    garbled: float = 0.0
    recognised: bool = False  # whether the text is invisible and lies over a picture
    slope: float = 0.0  # of the page as scanned; its glyphs are levelled


@dataclass(frozen=True, slots=True)
class Turn:
    """How a page was turned, clockwise by `angle`, to make its writing run rightwards.

    `slope` is how much its lines fell to the right before they were levelled.
    """

    angle: int
    width: float  # of the page as shown
    height: float
    slope: float = 0.0

    def levelled(self, box: Rectangle) -> Rectangle:
        """The rectangle of a page laid askew, where it would stand on one laid straight."""
        return self._sloped(box, -self.slope)

    def _sloped(self, box: Rectangle, slope: float) -> Rectangle:
        right = -slope * ((box[1] + box[3]) / 2 - self.height / 2)
        down = slope * ((box[0] + box[2]) / 2 - self.width / 2)
        return box[0] + right, box[1] + down, box[2] + right, box[3] + down

    def back(self, box: Rectangle) -> Rectangle:
        """The rectangle on the page as shown."""
        if self.slope:
            return self._sloped(replace(self, slope=0.0).back(box), self.slope)
        x0, top, x1, bottom = box
        if self.angle == 90:
            return self.width - bottom, x0, self.width - top, x1
        if self.angle == 180:
            return self.width - x1, self.height - bottom, self.width - x0, self.height - top
        if self.angle == 270:
            return top, self.height - x1, bottom, self.height - x0
        return box

    def over(self, box: Rectangle) -> Rectangle:
        """The rectangle on the turned page."""
        x0, top, x1, bottom = box
        if self.angle == 90:
            return top, self.width - x1, bottom, self.width - x0
        if self.angle == 180:
            return self.width - x1, self.height - bottom, self.width - x0, self.height - top
        if self.angle == 270:
            return self.height - bottom, x0, self.height - top, x1
        return box


def garbled(ink: Ink) -> bool:
    """Whether the page has letters, and its fonts do not say which."""
    return ink.garbled > MOST_GARBLED and any(not g.blank for g in ink.glyphs)


def needs_ocr(ink: Ink) -> bool:
    """Whether what the page says can be had from its picture only."""
    letters = sum(not g.blank for g in ink.glyphs)
    return garbled(ink) or (letters < FEWEST_LETTERS and ink.pictured > LEAST_PICTURED)


def upright(ink: Ink) -> list[tuple[Ink, Turn]]:
    """The page once for each direction of its writing, turned; slanted stamps are left out."""
    down = _set_in_columns(ink.glyphs)
    glyphs = [
        replace(g, angle=90, base=ink.width - g.x0) if down and g.angle == 0 else g
        for g in ink.glyphs
    ]
    counts = Counter(g.angle for g in glyphs if g.angle >= 0 and not g.blank)
    parts = []
    for number, (angle, _) in enumerate(counts.most_common()):
        turn = Turn(angle, ink.width, ink.height, ink.slope)
        own = tuple(_turned(g, turn) for g in glyphs if g.angle == angle)
        rules = tuple(Rule(*turn.over((r.x0, r.top, r.x1, r.bottom))) for r in ink.rules)
        wide, high = (ink.height, ink.width) if angle in (90, 270) else (ink.width, ink.height)
        part = replace(
            ink,
            width=wide,
            height=high,
            glyphs=own,
            rules=rules if number == 0 else (),
            panels=tuple(map(turn.over, ink.panels)),
        )
        parts.append((part, turn))
    return parts


def _turned(glyph: Glyph, turn: Turn) -> Glyph:
    if turn.angle == 0:
        return glyph
    x0, top, x1, bottom = turn.over((glyph.x0, glyph.top, glyph.x1, glyph.bottom))
    base = {90: bottom, 180: turn.height - glyph.base, 270: bottom}[turn.angle]
    return replace(glyph, x0=x0, top=top, x1=x1, bottom=bottom, base=base, angle=0)


def _set_in_columns(glyphs: Sequence[Glyph]) -> bool:
    """Whether most neighbours in the file stand below each other: 세로쓰기."""
    down = along = 0
    plain = [g for g in glyphs if not g.blank and g.angle == 0]
    for one, two in zip(plain, plain[1:], strict=False):
        em = max(one.size, 1.0)
        dx, dy = two.middle[0] - one.middle[0], two.middle[1] - one.middle[1]
        if abs(dx) < 0.3 * em and 0.6 * em < dy < 2.2 * em:
            down += 1
        elif abs(dy) < 0.4 * em and 0.2 * em < dx < 3 * em:
            along += 1
    return down > 20 and down > 3 * along


def readable(text: str) -> str:
    """A character as it is kept: ligatures opened, half-width Hangul whole, the unseen gone."""
    if text in SPACES:
        return " "
    if text == SOFT_HYPHEN:
        return text
    opened = "".join(
        unicodedata.normalize("NFKC", c)
        if "\ufb00" <= c <= "\ufb06" or "\uffa0" <= c <= "\uffdc" or "\u2e80" <= c <= "\u2fdf"
        else c
        for c in text
    )
    return visible(opened)


def strange(character: str) -> bool:
    """Whether it stands for no letter: private use, unassigned or the replacement character."""
    return character == "\ufffd" or unicodedata.category(character) in ("Co", "Cn", "Cc", "Cs")
