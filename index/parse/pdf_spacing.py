"""Tell the words of a printed line apart.

By the spaces in the file, and by gaps wider than the line's usual gap between letters, since many
files place words without printing spaces. Where a line was set letter by letter, or without any
space, Korean morphology says where its words begin.
"""

import re
from collections.abc import Sequence
from statistics import median, median_low

from index.parse.pdf_ink import Glyph

WORD_GAP = 0.16  # of the type's height, beyond the line's usual gap
HANGUL = re.compile(r"[가-힣]")
FEWEST_SYLLABLES = 8  # of a line, to tell that its spacing is broken
FEWEST_RESPACED = 5  # letters
LONGEST_WORD = 10  # syllables; few words are longer


def pieces_of(glyphs: Sequence[Glyph], size: float) -> list[list[Glyph]]:
    """The glyphs of each word of a line whose type is `size` high, from left to right."""
    printed: list[Glyph] = []
    gaps: list[float] = []
    blanks: list[bool] = []
    blank = False
    for glyph in glyphs:
        if glyph.blank:
            blank = True
            continue
        if printed:
            gaps.append(glyph.x0 - printed[-1].x1)
            blanks.append(blank)
        printed.append(glyph)
        blank = False
    if not printed:
        return []
    usual = _usual(gaps, blanks, size)
    spaced = [b or g > usual + WORD_GAP * size for b, g in zip(blanks, gaps, strict=True)]
    broken = _letter_by_letter(printed, spaced)
    if broken:
        usual = median(gaps)
        spaced = [gap > usual + WORD_GAP * size for gap in gaps]
    words = _cut(printed, spaced)
    if broken or _solid(words):
        return [piece for word in words for piece in respaced(word)]
    return words


def _usual(gaps: Sequence[float], blanks: Sequence[bool], size: float) -> float:
    """The gap between the letters of a word."""
    if sum(blanks) > 0.6 * len(blanks):
        return 0.0  # one-letter words, or a line set letter by letter
    inside = [gap for gap, blank in zip(gaps, blanks, strict=True) if not blank]
    return min(max(median_low(inside), -0.15 * size), 0.9 * size) if len(inside) > 2 else 0.0


def _letter_by_letter(printed: Sequence[Glyph], spaced: Sequence[bool]) -> bool:
    """Whether most syllables stand alone: 정 부 는."""
    syllables = sum(bool(HANGUL.match(g.text)) for g in printed)
    if syllables < FEWEST_SYLLABLES:
        return False
    alone = [w for w in _cut(printed, spaced) if len(w) == 1 and HANGUL.match(w[0].text)]
    return len(alone) > 0.75 * syllables


def _cut(printed: Sequence[Glyph], spaced: Sequence[bool]) -> list[list[Glyph]]:
    words = [[printed[0]]]
    for glyph, apart in zip(printed[1:], spaced, strict=True):
        if apart:
            words.append([])
        words[-1].append(glyph)
    return words


def _solid(words: Sequence[Sequence[Glyph]]) -> bool:
    """Whether a line has next to no spaces."""
    syllables = [sum(bool(HANGUL.match(g.text)) for g in word) for word in words]
    long = [n for n in syllables if n >= LONGEST_WORD]
    return sum(long) > 0.5 * sum(syllables) and sum(syllables) >= 1.6 * LONGEST_WORD


def respaced(word: Sequence[Glyph]) -> list[list[Glyph]]:
    """Letters printed without spaces, by word."""
    from index.morphology import load_spacing

    text = "".join(g.text for g in word)
    if len(text) < FEWEST_RESPACED:
        return [list(word)]
    starts, at = {0}, 0
    for character in load_spacing().spaced(text):
        if character == " ":
            starts.add(at)
        else:
            at += 1
    if at != len(text):
        return [list(word)]
    words: list[list[Glyph]] = []
    at = 0
    for glyph in word:
        if at in starts and not (words and glyph.text == "%"):
            words.append([])
        words[-1].append(glyph)
        at += len(glyph.text)
    return words
