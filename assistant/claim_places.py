"""Where in a text of a claim check a mark, a clause or a sentence stands.

Marks (`assistant.claim_marks`) are found in characters; the checks compare words.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from assistant import claim_marks as cm
from assistant.claim_words import Text
from assistant.patterns import SENTENCE_END, any_of

_CLAUSE_END = cm.marks(
    ko=any_of(
        r"[,;:]\s",
        r"(?<=[고며만서로데니자])\s(?=[가-힣])",  # 하고, 하며, 하지만, 해서, 으로, 는데, 하니, 하자
        r"(?<=[가-힣]면)\s",  # 하면
    ),
    en=any_of(
        r"[,;:]\s",
        r"\s(?:and|but|which|while|because|although|though|so|since|with|owing|due|as|after|"
        r"beginning|including)\s",
    ),
)
_TOLD = re.compile(r"[다라자](?:고|며|면서) [가-힣 ]{1,12}다\.?$")


def holds(marks: cm.Marks, text: Text) -> bool:
    """Whether a text has one of some marks."""
    return bool(marks[text.lang].search(text.text))


def places(marks: cm.Marks, text: Text) -> list[int]:
    """The words that marks stand at: before them in Korean, after them in English."""
    found = (
        text.near(match.start(), after=text.lang == "en")
        for match in marks[text.lang].finditer(text.text)
    )
    return [place for place in found if place is not None]


def clauses(text: Text) -> list[tuple[int, int]]:
    """Where its clauses begin and end, in words."""
    cuts = [m.end() for m in _CLAUSE_END[text.lang].finditer(text.text)]
    starts = [t.char_start for t in text.tokens]
    at = sorted({0, len(starts), *(bisect_left(starts, c) for c in cuts)})
    return [(a, b) for a, b in pairwise(at) if b > a]


def sentences(text: Text) -> Iterator[tuple[int, int]]:
    """Where its sentences begin and end, in characters; the space after one is part of it."""
    ends = [m.end() for m in SENTENCE_END.finditer(text.text)]
    return pairwise([0, *ends, len(text.text)])


def tail(text: Text) -> str:
    """Where Korean asserts: the last words. English asserts anywhere."""
    return _TOLD.sub("", text.text)[-18:] if text.lang == "ko" else text.text
