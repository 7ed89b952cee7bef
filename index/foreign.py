"""A question's words in the passages that have no edition in the question's language.

Such a passage is matched by what may translate a word: the words and phrases of the translation
tables (`index.translate`), and where those may have missed a name, the names of the library that
sound like it (`index.transliterate`). Not covered: passages that do read in the word's language,
which are matched by the word itself; numbers, which read alike in both.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.language import detect
from index.lexical import LexicalArm, Matches, sum_of
from index.terms import TermGroup
from index.translate import Parts, load_translator
from index.transliterate import NameIndex
from index.types import Lang, Passage

UNLIKELY = 0.3  # weight below which a translation may be a chance companion of a rare word
OTHER: Mapping[Lang, Lang] = {"ko": "en", "en": "ko"}

Options = tuple[Parts, ...]  # the ways in which a word may read in the other language


class ForeignWords:
    """Finds the words of questions in the other language, in the passages that need it."""

    def __init__(
        self, passages: Sequence[Passage], arms: Mapping[str, LexicalArm], trust: float
    ) -> None:
        """`arms` by language; `trust` is what a sure translation counts beside the word itself."""
        self._passages = passages
        self._arms = arms
        self._trust = trust

    def matches(
        self,
        groups: Sequence[TermGroup],
        arms: Mapping[str, LexicalArm] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> list[list[Matches]]:
        """For each of a question's words, where each way to translate it is found.

        With `allowed`, of those passages only, as the `arms` within them tell.
        """
        lacking = self._lacking
        if allowed is not None:
            some = {lang: mask & allowed for lang, mask in lacking.items()}
            lacking = {lang: mask for lang, mask in some.items() if mask.any()}
        return [
            self._found(group, options, arms or self._arms, lacking)
            for group, options in zip(groups, self._translated(groups, lacking), strict=True)
        ]

    def readings(
        self, groups: Sequence[TermGroup], allowed: NDArray[np.bool_] | None = None
    ) -> list[dict[str, float]]:
        """For each of a question's words, the terms that it is looked for by in the other language,
        and how likely each is what it means.
        """
        lacking = self._lacking
        if allowed is not None:
            lacking = {lang: mask for lang, mask in lacking.items() if (mask & allowed).any()}
        likely: list[dict[str, float]] = []
        for options in self._translated(groups, lacking):
            terms: dict[str, float] = {}
            for part in (part for parts in options for part in parts):
                for term, weight in part.items():
                    terms[term] = max(weight, terms.get(term, 0.0))
            likely.append(terms)
        return likely

    def _found(
        self,
        group: TermGroup,
        options: Options,
        arms: Mapping[str, LexicalArm],
        lacking: Mapping[Lang, NDArray[np.bool_]],
    ) -> list[Matches]:
        if not options:
            return []
        language = _language(group)
        arm = arms.get(OTHER[language])
        if arm is None:
            return []
        matches = []
        for parts in options:
            known = [m for part in parts if (m := arm.match_translations(part)) is not None]
            if known:
                found = sum_of([m.within(lacking[language]) for m in known], len(parts))
                trust = self._trust / math.sqrt(len(parts))
                matches.append(found.weighted(trust * group.share, 1.0))
        return matches

    @cached_property
    def _lacking(self) -> dict[Lang, NDArray[np.bool_]]:
        """By language, which passages do not read in it; without those that all do read in."""
        lacking = {
            lang: np.array([p.in_language(lang) is None for p in self._passages], bool)
            for lang in OTHER
        }
        return {lang: mask for lang, mask in lacking.items() if mask.any()}

    def _translated(
        self, groups: Sequence[TermGroup], lacking: Mapping[Lang, NDArray[np.bool_]]
    ) -> list[Options]:
        """How each group's word may read, where there are passages that need it."""
        found: list[Options] = [()] * len(groups)
        translator = load_translator()
        for language in lacking:
            rows = [
                i
                for i, g in enumerate(groups)
                if g.kind != "number" and "_" not in g.word and _language(g) == language
            ]
            words = [i for i in rows if groups[i].share == 1 or groups[i].kind != "other"]
            terms = [groups[i].word for i in words]
            for i, options in zip(words, translator.translate(terms), strict=True):
                named = self._named(groups[i]) if _doubtful(groups[i], options) else ()
                found[i] = (*options, *named) or translator.compound(groups[i].word)
            # A name that the morphology cut in two (포 + 시, Pausch) is heard as a whole.
            for first, second in zip(words, words[1:], strict=False):
                pair = groups[first].word + groups[second].word
                whole = [i for i in rows if groups[i].word == pair and groups[i].share < 1]
                if language == "ko" and whole and (named := self._named(groups[whole[0]])):
                    found[first], found[second] = (*found[first], *named), (*found[second], *named)
        return found

    def _named(self, group: TermGroup) -> Options:
        """Names of the library in the other script that sound like the word."""
        alike = dict(self._names[OTHER[_language(group)]].matches(group.word))
        return ((alike,),) if alike else ()

    @cached_property
    def _names(self) -> dict[Lang, NameIndex]:
        """The words of each language that a name in the other script could be."""
        return {
            lang: NameIndex(self._arms[lang].words if lang in self._arms else ()) for lang in OTHER
        }


def _doubtful(group: TermGroup, options: Options) -> bool:
    """Whether the tables may have missed a name: it is one, or no translation is likely."""
    likely = max((max(part.values()) for parts in options for part in parts), default=0.0)
    return group.kind == "name" or likely < UNLIKELY


def _language(group: TermGroup) -> Lang:
    return detect(group.word).main
