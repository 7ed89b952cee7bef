"""Words of one language in the other: translation tables learned from parallel text.

Where a document has no edition in the language of a question, each word of the question is looked
up as the set of words that may translate it, weighted by how likely each is; BM25 then counts the
whole set as one word (`index.lexical`). A phrase of the lexicon goes before its words, and a Korean
compound that the tables lack is taken apart (전자레인지 -> 전자 + 레인지). The same tables say how
surely a text of the other language says a word (`presence`). Tables and their card lie in
`index/translation/`. Not covered: names that the tables lack (`index.transliterate`), word order.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from index.errors import CiteBriefError

SHIPPED = Path(__file__).parent / "translation"
LONGEST_PHRASE = 5  # words
SHORTEST_COMPOUND = 3  # syllables
_HANGUL_WORD = re.compile(r"[가-힣]+")

# What a word may be in the other language: sets of terms, weighted by how likely each is. A
# compound has a set for each part, and wants one term of each.
Parts = tuple[Mapping[str, float], ...]


class Translator:
    """Looks words up in the shipped tables. Safe to share between threads once loaded."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        self._folder = folder

    @cached_property
    def _table(self) -> dict[str, tuple[int, int]]:
        """Term -> where its translations begin and end."""
        starts = self._arrays["starts"]
        return {
            term: (int(starts[i]), int(starts[i + 1]))
            for i, term in enumerate(self._terms)
            if starts[i + 1] > starts[i]
        }

    @cached_property
    def _terms(self) -> list[str]:
        return bytes(self._arrays["terms"]).decode("utf-8").split("\n")

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = self._folder / "tables.safetensors"
        try:
            return load_file(path)
        except (OSError, SafetensorError) as error:
            raise CiteBriefError(
                f"The word translation tables {path} cannot be read ({error}); restore the file."
            ) from error

    @cached_property
    def _phrases(self) -> dict[str, list[str]]:
        """A phrase as terms joined by spaces -> its translations, likewise."""
        path = self._folder / "phrases.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise CiteBriefError(
                f"The phrase table {path} cannot be read ({error}); restore the file."
            ) from error

    def words(self, term: str) -> Mapping[str, float]:
        """The likely translations of one term with weights in (0, 1]; empty if none is known."""
        if (span := self._table.get(term)) is None:
            return {}
        begin, end = span
        targets = self._arrays["targets"][begin:end]
        weights = self._arrays["weights"][begin:end]
        return {self._terms[t]: float(w) / 255 for t, w in zip(targets, weights, strict=True)}

    def options(self, term: str) -> tuple[Parts, ...]:
        """The ways to translate one term: as the tables have it, else as a phrase, or none."""
        if known := self.words(term):
            return ((known,),)
        phrase = self._phrase([term])
        return (phrase,) if phrase else ()

    def compound(self, term: str) -> tuple[Parts, ...]:
        """The way to translate a Korean word by its parts, or none."""
        parts = tuple(self.words(part) for part in self._cut(term))
        return (parts,) if parts else ()

    def translate(self, terms: Sequence[str]) -> list[tuple[Parts, ...]]:
        """`options` of each of a question's terms in order; a phrase's are added to all its terms.

        Any one of a term's options will do.
        """
        found = [list(self.options(term)) for term in terms]
        place = 0
        while place < len(terms):
            for end in range(min(place + LONGEST_PHRASE, len(terms)), place + 1, -1):
                if phrase := self._phrase(terms[place:end]):
                    for options in found[place:end]:
                        options.append(phrase)
                    place = end
                    break
            else:
                place += 1
        return [tuple(options) for options in found]

    def _phrase(self, terms: Sequence[str]) -> Parts:
        """A phrase's translations: where they have as many terms each, alternatives part by part.

        Else the first, since parts of different length do not line up.
        """
        wordings = [w.split(" ") for w in self._phrases.get(" ".join(terms), ())]
        if not wordings:
            return ()
        alike = [w for w in wordings if len(w) == len(wordings[0])]
        return tuple({w[i]: 1.0 for w in alike} for i in range(len(wordings[0])))

    @cache  # noqa: B019 - one translator lives as long as the process
    def _cut(self, term: str) -> tuple[str, ...]:
        """The fewest known terms that a Korean word is made of; empty if there is no way.

        Only the last may be of one syllable (다뉴브강), or foreign names would fall to pieces.
        """
        size = len(term)
        if size < SHORTEST_COMPOUND or not _HANGUL_WORD.fullmatch(term):
            return ()
        best: list[tuple[str, ...] | None] = [(), *[None] * size]
        for end in range(1, size + 1):
            for begin in range(end):
                before, part = best[begin], term[begin:end]
                if before is None or part not in self._table or part == term:
                    continue
                if len(part) == 1 and end < size:
                    continue
                now = best[end]
                if now is None or len(before) + 1 < len(now):
                    best[end] = (*before, part)
        return best[size] or ()


def presence(parts: Parts, held: set[str]) -> float:
    """How surely a text with the terms `held` has what `parts` translate, in [0, 1]."""
    if not parts:
        return 0.0
    shares = [
        min(sum(w for t, w in part.items() if t in held) / max(part.values()), 1.0)
        for part in parts
    ]
    return sum(shares) / len(shares)


@cache
def load_translator() -> Translator:
    """The shipped tables; read when first asked for a word."""
    return Translator()
