"""Read the words of scanned pages with Tesseract, where it is installed with Korean and English.

Tesseract runs as a program of its own: its words come back as tab-separated values. Letters it is
less sure of than LEAST are left out. Not covered: handwriting, vertical Korean.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from index.parse.pdf_ink import Glyph, Ink
from index.parse.pdf_spacing import respaced

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 300
LANGUAGES = ("kor", "eng")
LEAST = 25.0  # confidence, of 100, of a word that is kept
GAP = 0.2  # of the type's height: narrower ones part no words
HANGUL = re.compile(r"[가-힣]")
PATIENCE = 120.0  # seconds for a page
_Found = tuple[str, float, float, float, float]  # letters, x0, top, x1, bottom
ADVICE = (
    "install Tesseract with Korean and English "
    "(Debian: apt-get install tesseract-ocr tesseract-ocr-kor) and ingest the file again"
)


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
    data = BytesIO()
    picture.save(data, format="PNG", compress_level=1)
    command = [tesseract, "-", "-", "-l", "+".join(LANGUAGES), "--dpi", str(DPI)]
    try:
        done = subprocess.run(
            [*command, "--psm", "3", "-c", "preserve_interword_spaces=0", "tsv"],
            input=data.getvalue(),
            capture_output=True,
            timeout=PATIENCE,
            env={"OMP_THREAD_LIMIT": "1"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    scale = width / picture.width
    rows = [row.split("\t") for row in done.stdout.decode("utf-8", "replace").splitlines()[1:]]
    glyphs = tuple(_glyphs(rows, scale))
    return Ink(page, width, height, glyphs, pictured=1.0, recognised=True)


def _glyphs(rows: list[list[str]], scale: float) -> Iterator[Glyph]:
    """A glyph for each letter, all of a line on one base and of one size."""
    lines: dict[tuple[str, ...], list[_Found]] = {}
    for row in rows:
        if len(row) == 12 and row[0] == "5" and float(row[10]) >= LEAST and row[11].strip():
            x, y, wide, high = (int(value) * scale for value in row[6:10])
            box = (row[11].strip(), x, y, x + wide, y + high)
            lines.setdefault(tuple(row[1:5]), []).append(box)
    sizes = {key: _height(words) for key, words in lines.items()}
    usual = sorted(sizes.values())[len(sizes) // 2] if sizes else 10.0
    for key, words in lines.items():
        size = sizes[key]
        # The height of a line wavers with its letters: near the usual, it is the usual.
        size = usual if 0.75 * usual < size < 1.3 * usual else size
        base = sorted(word[4] for word in words)[len(words) // 2]
        yield from _spaced(words, base, size)


def _spaced(words: list[_Found], base: float, size: float) -> Iterator[Glyph]:
    """The letters of a line, with blanks between its words.

    Tesseract parts Korean words into syllables and lets their boxes overlap: its order is right,
    its spaces are not. So beside Hangul morphology says where words begin.
    """
    runs: list[list[Glyph]] = []
    end: float | None = None
    for text, x0, top, x1, bottom in words:
        left = x0 if end is None else max(x0, end)
        korean = HANGUL.search(text) or (runs and HANGUL.search(runs[-1][-1].text))
        if end is None or (not korean and left - end > GAP * size):
            runs.append([])
        wide = max(x1 - left, 0.1 * size) / len(text)
        for letter in text:
            runs[-1].append(Glyph(letter, left, top, left + wide, bottom, base, size))
            left += wide
        end = left
    for run in runs:
        for piece in respaced(run) if any(HANGUL.match(g.text) for g in run) else [run]:
            # What Tesseract's boxes leave between syllables is no space.
            yield from _closed(piece)
            last = piece[-1]
            yield Glyph(" ", last.x1, last.top, last.x1 + 0.1, last.bottom, base, size)


def _closed(word: list[Glyph]) -> Iterator[Glyph]:
    for glyph, after in zip(word, [*word[1:], None], strict=True):
        yield replace(glyph, x1=max(after.x0, glyph.x0 + 0.1)) if after else glyph


def _height(words: list[_Found]) -> float:
    heights = sorted(bottom - top for _, _, top, _, bottom in words)
    return round(heights[len(heights) // 2] * 1.1, 1)
