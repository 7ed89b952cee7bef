"""Find the footnote markers that a PDF extractor left glued to the text.

A marker is a bare number after a full stop, a comma, a closing quotation mark or a Hangul syllable.
So are many ordinary numbers; what tells markers apart is that they count 1, 2, 3 … in order. The
likeliest such chain is taken: among the places where each number could stand, those that look most
like a marker. Not covered: markers that restart on every page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

CLOSERS = ".,!?…’”'\")]」』"
# A number directly before one of these is a quantity, an ordinal or a date, never a marker.
UNITS = re.compile(
    r"\s?(?:%|기(?![가-힣])|기[의에와는가]|차(?:[^가-힣]|\s)|차례|년|월|일|시간|시|분|초|개|명|배|척|회|위|조|억|만|천|경|대|세|호|권|"
    r"달러|원|km|kg|[A-Za-z.,:/~-]?\d)"
)
CANDIDATE = re.compile(r"(?<!\d)(?<!\d[.,])(\s?)(\d{1,3})(?![\d])")
MINIMUM_CHAIN = 3  # fewer numbers in a row may be chance


@dataclass(frozen=True, slots=True)
class Marker:
    """Footnote `number`, standing at `char_start:char_end` of the text it was found in."""

    number: int
    char_start: int
    char_end: int


def find_markers(text: str) -> list[Marker]:
    """The markers of the likeliest chain 1, 2, 3 …, in order; none where no chain of three is."""
    best: dict[int, tuple[float, int, tuple[Marker, ...]]] = {}
    # best[k]: the best chain that ends with number k before the present place. Weight first: one
    # more convincing place beats an earlier one; equal places keep the earlier.
    for marker, weight in _candidates(text):
        if marker.number == 1:
            chain: tuple[float, int, tuple[Marker, ...]] = (weight, marker.char_end, (marker,))
        elif marker.number - 1 in best:
            total, _, markers = best[marker.number - 1]
            chain = (total + weight, marker.char_end, (*markers, marker))
        else:
            continue
        if marker.number not in best or chain[0] > best[marker.number][0]:
            best[marker.number] = chain
    if not best or max(best) < MINIMUM_CHAIN:
        return []
    return list(best[max(best)][2])


def remove_markers(text: str, markers: Sequence[Marker]) -> tuple[str, list[tuple[int, int]]]:
    """The text without `markers`, and (number, offset in the new text) for each of them."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    length = start = 0
    for marker in markers:
        piece = text[start : marker.char_start]
        pieces.append(piece)
        length += len(piece)
        places.append((marker.number, length))
        start = marker.char_end
    pieces.append(text[start:])
    return "".join(pieces), places


def _candidates(text: str) -> list[tuple[Marker, float]]:
    found = []
    for match in CANDIDATE.finditer(text):
        start, number = match.start(), int(match.group(2))
        before = text[start - 1] if start else "\n"
        after = text[match.end() : match.end() + 4]
        spaced = bool(match.group(1))
        if number == 0 or match.group(2).startswith("0"):
            continue
        # After "다.3 " comes the next sentence, even where it begins like a unit (3 일본은).
        apart = not spaced and after[:1].isspace()
        if before in CLOSERS and (apart or not UNITS.match(after)):
            weight = 0.7 if spaced else 1.0
        elif "가" <= before <= "힣" and before != "제" and not spaced and not UNITS.match(after):
            weight = 0.6
        else:
            continue
        if spaced and after and not after[0].isspace():
            continue  # ". 3국" is the beginning of a sentence
        found.append((Marker(number, start, match.end()), weight))
    return found
