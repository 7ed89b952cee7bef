"""What a misspelt word of a question means: the likest word of the library.

A word that stands in no passage and that the lexicon does not know is compared, letter by letter,
with the words that do stand there. Not covered: a wrong first letter, short words, a word misspelt
into another that is known.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from functools import cached_property

from index.lexical import LexicalArm
from index.terms import TermGroup

SHORTEST = 4  # letters; shorter words have too many neighbours
LIKE_ENOUGH = 79  # of 100, rapidfuzz's ratio: one wrong letter in five
MISSPELT = 0.9  # times the likeness: what a word counts that may be another


class Typos:
    """Mends the words of questions to one library. Safe to share between threads."""

    def __init__(self, arms: Collection[LexicalArm]) -> None:
        self._arms = arms

    def mended(self, group: TermGroup) -> TermGroup:
        """The group with the likeliest word meant, where the library knows none of its words."""
        if any(term in arm for term in group.alternatives for arm in self._arms):
            return group
        if len(group.alternatives) > 1:
            return group  # the lexicon knows the word, so it is spelt as it is meant
        letters = _letters(group.word)
        if len(letters) < SHORTEST or not group.word.isalpha() or group.share < 1:
            return group
        from rapidfuzz import fuzz, process  # slow to import, and most questions are spelt well

        # People misspell the inside of a word: rain is not a train, nor is a train strained.
        alike = self._spellings.get(letters[0], {})
        found = process.extractOne(letters, alike, scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH)
        if found is None:
            return group
        _, likeness, word = found
        alternatives = {**group.alternatives, word: MISSPELT * likeness / 100}
        return replace(group, alternatives=alternatives)

    @cached_property
    def _spellings(self) -> dict[str, dict[str, str]]:
        """By first letter, every word of the library and its letters."""
        # Sorted: of two words that are equally like, the same one must be meant in every process.
        words = sorted({w for arm in self._arms for w in arm.words})
        spellings: dict[str, dict[str, str]] = defaultdict(dict)
        for word in words:
            if len(word) > 1 and word[0] != "#" and word.isalpha():
                letters = _letters(word)
                spellings[letters[0]][word] = letters
        return dict(spellings)


def _letters(word: str) -> str:
    """Letters to compare spellings by: a Hangul syllable is two or three of them."""
    return unicodedata.normalize("NFD", word)
