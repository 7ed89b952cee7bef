"""Read the words of scanned pages with Tesseract, where it is installed with Korean and English.

Tesseract runs as a program of its own, on a page in black and white, in the one language that the
page is mostly written in. What it is less sure of than LEAST is left out, but for lines that it
reads well. Not covered: handwriting, vertical Korean, ruled tables on scans, and on Korean pages
English and signs such as % and ㎢ that neither of the two models is sure of.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from index.parse.pdf_ink import Glyph, Ink, Turn
from index.parse.pdf_spacing import LONGEST_WORD, respaced

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 300
LANGUAGES = ("kor", "eng")
LEAST = 25.0  # confidence, of 100, of a word that is kept
LONG = 12  # heights of its words: lines as long tell how the page slopes
FEWEST_LINES = 3
STEEPEST = 0.06  # the tangent; more is no page laid askew
DOT = str.maketrans("\u318d", "·")  # the Korean model takes one for the other
READABLE = 70.0  # confidence of most words of a line that is text
GAP = 0.2  # of the type's height: narrower ones part no words
GRAIN = 1.0  # pixels of 2,480 across the page: what is finer is no ink
LEAST_ENGLISH = 60.0  # confidence of a word that the English model reads in a Korean page
SAME = 0.75  # of the wider of two words: they share as much where they are one
FEWEST_LETTERS = 30  # to tell the language by
LEAST_KOREAN = 0.2  # of them; English read as Korean turns to digits and single letters
HANGUL = re.compile(r"[가-힣]")
PATIENCE = 120.0  # seconds for a page
ADVICE = (
    "install Tesseract with Korean and English "
    "(Debian: apt-get install tesseract-ocr tesseract-ocr-kor) and ingest the file again"
)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or a part of one as Tesseract found it."""

    line: tuple[str, ...]
    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    sure: float  # of 100
    better: str = ""  # how the English model reads it, where that is surer

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


@lru_cache(maxsize=1)
def program() -> str | None:
    """Where Tesseract is, if it is installed with the languages needed."""
    found = shutil.which("tesseract")
    if found is None:
        return None
    try:
        done = subprocess.run(
            [found, "--list-langs"], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found if set(LANGUAGES) <= set(done.stdout.split()) else None


def recognise(
    picture: "Image", page: int, width: float, height: float, *, tesseract: str
) -> Ink | None:
    """The words on the picture of a page of `width` x `height` points; None where it failed."""
    clean = _clean(picture)
    language = _language(clean, tesseract)
    found = _run(clean, language, tesseract) if language else None
    if found is None:
        return None
    rows, printed = found
    scale = width / picture.width
    words = _words(rows, scale)
    if language == "kor" and (english := _run(clean, "eng", tesseract)):
        words = _bettered(words, _words(english[0], scale))
    slope = _slope(words)
    turn = Turn(0, width, height, slope)
    glyphs = tuple(_glyphs([_levelled(word, turn) for word in words], printed))
    return Ink(page, width, height, glyphs, pictured=1.0, recognised=True, slope=slope)


def _levelled(word: _Word, turn: Turn) -> _Word:
    x0, top, x1, bottom = turn.levelled((word.x0, word.top, word.x1, word.bottom))
    return replace(word, x0=x0, top=top, x1=x1, bottom=bottom)


def _slope(words: list[_Word]) -> float:
    """How much the lines of a page that was laid askew fall to the right."""
    lines: dict[tuple[str, ...], list[_Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    slopes = []
    for line in lines.values():
        (one, high), (two, low) = line[0].middle, line[-1].middle
        if two - one > LONG * (line[0].bottom - line[0].top):
            slopes.append((low - high) / (two - one))
    found = median(slopes) if len(slopes) >= FEWEST_LINES else 0.0
    return found if abs(found) < STEEPEST else 0.0


def _clean(picture: "Image") -> "Image":
    """The grey picture in black and white, its grain smoothed away."""
    from PIL import ImageFilter

    smooth = picture.filter(ImageFilter.GaussianBlur(GRAIN * picture.width / 2480))
    limit = _threshold(smooth.histogram())
    return smooth.point([255 if value > limit else 0 for value in range(256)])


def _threshold(counts: list[int]) -> int:
    """The shade that parts ink from paper best (Otsu 1979)."""
    total, whole = sum(counts), sum(i * n for i, n in enumerate(counts))
    best, most, dark, weight = 127, 0.0, 0, 0
    for shade, count in enumerate(counts[:-1]):
        dark += count
        weight += shade * count
        if 0 < dark < total:
            spread = (whole * dark / total - weight) ** 2 / (dark * (total - dark))
            if spread > most:
                best, most = shade, spread
    return best


def _language(picture: "Image", tesseract: str) -> str | None:
    """Korean or English: what a strip of the page is written in. None where Tesseract failed.

    Both at once read Korean syllables as English letters.
    """
    wide, high = picture.size
    for top, bottom in ((0.3, 0.5), (0.0, 1.0)):
        strip = picture.crop((0, int(top * high), wide, int(bottom * high)))
        found = _run(strip, "kor", tesseract)
        if found is None:
            return None
        text = _solid("".join(found[1]))
        if len(text) >= FEWEST_LETTERS:
            return "kor" if len(HANGUL.findall(text)) > LEAST_KOREAN * len(text) else "eng"
    return "+".join(LANGUAGES)


def _run(
    picture: "Image", language: str, tesseract: str
) -> tuple[list[list[str]], list[str]] | None:
    """The rows of Tesseract's table of words, and its lines of text; None where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        image, out = Path(folder, "page.png"), Path(folder, "page")
        picture.save(image, format="PNG", compress_level=1)
        command = [tesseract, str(image), str(out), "-l", language, "--dpi", str(DPI)]
        try:
            done = subprocess.run(
                [*command, "--psm", "3", "tsv", "txt"],
                capture_output=True,
                timeout=PATIENCE,
                env={"OMP_THREAD_LIMIT": "1"},
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode:
            return None
        table = out.with_suffix(".tsv").read_text("utf-8", "replace")
        text = out.with_suffix(".txt").read_text("utf-8", "replace")
    rows = [row.split("\t") for row in table.splitlines()[1:]]
    return rows, [line.translate(DOT) for line in text.splitlines() if line.strip()]


def _words(rows: list[list[str]], scale: float) -> list[_Word]:
    words = []
    for row in rows:
        if len(row) == 12 and row[0] == "5" and row[11].strip():
            x, y, wide, high = (int(value) * scale for value in row[6:10])
            place = (x, y, x + wide, y + high)
            text = row[11].strip().translate(DOT)
            words.append(_Word(tuple(row[1:5]), text, *place, float(row[10])))
    return words


def _bettered(words: list[_Word], english: list[_Word]) -> list[_Word]:
    """Figures and names in Latin letters as the English model reads them, where it is surer."""
    better = []
    for word in words:
        other = None if HANGUL.search(word.text) else _same(word, english)
        surer = other is not None and other.sure > max(word.sure, LEAST_ENGLISH)
        better.append(replace(word, better=other.text) if other and surer else word)
    return better


def _same(word: _Word, others: list[_Word]) -> _Word | None:
    """The word that stands at the same place."""
    for other in others:
        wide = min(word.x1, other.x1) - max(word.x0, other.x0)
        high = min(word.bottom, other.bottom) - max(word.top, other.top)
        widest = max(word.x1 - word.x0, other.x1 - other.x0)
        highest = max(word.bottom - word.top, other.bottom - other.top)
        if wide > SAME * widest and high > highest / 2:
            return other
    return None


def _glyphs(words: list[_Word], printed: list[str]) -> Iterator[Glyph]:
    """A glyph for each letter, all of a line on one base and of one size."""
    lines: dict[tuple[str, ...], list[_Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    sizes = {key: _height(words) for key, words in lines.items()}
    usual = sorted(sizes.values())[len(sizes) // 2] if sizes else 10.0
    texts = iter(printed)
    for key, own in lines.items():
        plain = _solid("".join(word.text for word in own))
        text = next((one for one in texts if _solid(one) == plain), None)
        if text is None:  # its spaces are not known: those of the lines after it still are
            texts = iter(printed)
        size = sizes[key]
        # The height of a line wavers with its letters: near the usual, it is the usual.
        size = usual if 0.75 * usual < size < 1.3 * usual else size
        base = sorted(word.bottom for word in own)[len(own) // 2]
        yield from _spaced(own, base, size, text)


def _solid(text: str) -> str:
    return "".join(text.split())


def _spaced(words: list[_Word], base: float, size: float, text: str | None) -> Iterator[Glyph]:
    """The letters of a line that Tesseract is sure of, with blanks between its words.

    The table of words parts Korean ones into syllables whose boxes overlap; where words begin, the
    line of text says. Where it has no spaces, Korean morphology does.
    """
    starts = _starts(text) if text else None
    runs: list[list[Glyph]] = []
    end: float | None = None
    at, before = 0, ""
    # In a line that is read well a doubtful syllable is a guess; without it the word is wrong.
    readable = median(word.sure for word in words) >= READABLE
    for word in words:
        left = word.x0 if end is None else max(word.x0, end)
        letters = word.better or word.text
        gap = left - end if end is not None else size
        korean = HANGUL.search(word.text) or HANGUL.search(before)
        before = word.text
        wide = max(word.x1 - left, 0.1 * size) / len(letters)
        for number, letter in enumerate(letters):
            if starts is not None:
                begins = at + number in starts and not (number and word.better)
            else:
                begins = not number and gap > GAP * size and not (korean and runs)
            if begins or not runs:
                runs.append([])
            if readable or word.sure >= LEAST or word.better:
                place = (left, word.top, left + wide, word.bottom)
                runs[-1].append(Glyph(letter, *place, base, size))
            left += wide
        at += len(_solid(word.text))
        end = left
    for run in filter(None, runs):
        solid = len(run) > LONGEST_WORD and all(HANGUL.match(g.text) for g in run)
        for piece in respaced(run) if solid or starts is None else [run]:
            # What Tesseract's boxes leave between syllables is no space.
            yield from _closed(piece)
            last = piece[-1]
            # A little to the left, since the next word may begin right where this one ends.
            yield Glyph(" ", last.x1 - 0.01, last.top, last.x1, last.bottom, base, size)


def _starts(text: str) -> set[int]:
    """Which letters of a line begin a word, counted without the spaces."""
    starts, at = set(), 0
    for word in text.split():
        starts.add(at)
        at += len(word)
    return starts


def _closed(word: list[Glyph]) -> Iterator[Glyph]:
    for glyph, after in zip(word, [*word[1:], None], strict=True):
        yield replace(glyph, x1=max(after.x0, glyph.x0 + 0.1)) if after else glyph


def _height(words: list[_Word]) -> float:
    heights = sorted(word.bottom - word.top for word in words)
    return round(heights[len(heights) // 2] * 1.1, 1)
