"""Names written in the other script: 카네기 is Carnegie, Yongin is 용인.

Purpose: the few words of a library that a name in the other script could be, each with a likeness.
Contract: `index.spelling` reads a pair; from a likeness of 0.5 on the two are more likely one name
than not, and short words must be near-perfect. Sketches pick what it reads, so that a search takes
milliseconds among 200,000 words. English words may be stemmed (`carnegi`); accents, case and
hyphens do not count. The two halves of an index are built at the first search in their direction.
Not covered: names that are translated or written by another tradition (Lake Superior, 동해 for Sea
of Japan, 북경 for Beijing), initialisms, digits, telling two people of one name apart.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.spelling import (
    CONTEXTS,
    Channel,
    FloatArray,
    IntArray,
    Tables,
    hangul_syllables,
    latin_letters,
    letter_rows,
    shipped,
    sound_slots,
    syllable_rows,
)

LIKELY = 0.5  # what `matches` asks of a likeness
SHORTLIST = 160  # words that the channel reads, of those that sound alike roughly
LONGEST_HANGUL, LONGEST_LATIN = 12, 20  # syllables, letters; longer words are no single names
# Nouns that end names of places, peoples and tongues in Korean and stand apart, or not at all, in
# English: 오하이오주, 다뉴브강. A match without its ending counts a little less.
ENDINGS = frozenset("시주강섬산성군구도국족어인호대역왕")
WITHOUT_ENDING = 0.93
SURNAME = 0.8  # likeness of a Korean surname and a usual spelling: 김, kim


def likeness(hangul: str, latin: str) -> float:
    """How likely the two are one name, 0 to 1; 0 for what is not a word of its script.

    Either may be a few words (반데르발스, van der Waals).
    """
    syllables, letters = hangul_syllables(hangul), latin_letters(latin)
    if not syllables or not letters:
        return 0.0
    found = SURNAME if letters in shipped().surnames.get(syllables, ()) else 0.0
    for form, discount in forms(syllables):
        slots = sound_slots(syllable_rows([form]))
        value = shipped().channel.likenesses(slots, letter_rows([letters]))[0]
        found = max(found, float(value) * discount)
    return found


def forms(hangul: str) -> list[tuple[str, float]]:
    """The word, and what is left of it without an ending such as 강, with its discount."""
    if len(hangul) > 2 and hangul[-1] in ENDINGS:
        return [(hangul, 1.0), (hangul[:-1], WITHOUT_ENDING)]
    return [(hangul, 1.0)]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The words of one script, ordered by what they begin with."""

    places: IntArray  # of each form, the number of its word
    discounts: FloatArray
    codes: NDArray[np.uint16]  # letters, or syllables counted from 1; 0 beyond the end
    sketches: NDArray[np.float32]
    blocks: dict[int, slice]  # the forms that begin with a letter, or with a sound


class NameIndex:
    """The words of a library that a name in the other script could be."""

    def __init__(self, words: Iterable[str], tables: Tables | None = None) -> None:
        """Words of either script, mixed; what is not a word of one is ignored.

        `tables` is for training; without it the shipped ones are read at the first search.
        """
        self._words = tuple(dict.fromkeys(words))
        self._given = tables

    def matches(self, word: str, limit: int = 4) -> list[tuple[str, float]]:
        """At most `limit` words that `word` could be, with likenesses of at least `LIKELY`.

        Best first. A Hangul word gives Latin words, a Latin word Hangul ones.
        """
        return [(found, value) for found, value in self.nearest(word, limit) if value >= LIKELY]

    def nearest(self, word: str, limit: int = 4) -> list[tuple[str, float]]:
        """As `matches`, however unlikely the words are."""
        best: dict[str, float] = {}
        if hangul := hangul_syllables(word):
            for form, discount in forms(hangul[:LONGEST_HANGUL]):
                for found, value in self._latin_for(form):
                    best[found] = max(best.get(found, 0.0), value * discount)
        elif 1 < len(latin := latin_letters(word)) <= LONGEST_LATIN:
            for found, value in self._hangul_for(latin):
                best[found] = max(best.get(found, 0.0), value)
        for found in self._surnames.get(hangul or latin_letters(word), ()):
            best[found] = max(best.get(found, 0.0), SURNAME)
        return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:limit]

    @cached_property
    def _tables(self) -> Tables:
        return self._given or shipped()

    @cached_property
    def _channel(self) -> Channel:
        return self._tables.channel

    @cached_property
    def _surnames(self) -> dict[str, list[str]]:
        """The words that a surname, or a spelling of one, could be."""
        words = {word.casefold(): word for word in self._words if len(word) < 8}
        found: dict[str, list[str]] = defaultdict(list)
        for name, spellings in self._tables.surnames.items():
            for spelling in spellings:
                if spelling in words:
                    found[name].append(words[spelling])
                if name in words:
                    found[spelling].append(name)
        return dict(found)

    @cached_property
    def _latin(self) -> _Shelf:
        plain = [(latin_letters(word), place) for place, word in enumerate(self._words)]
        kept = [(letters, place) for letters, place in plain if 1 < len(letters) <= LONGEST_LATIN]
        codes = letter_rows([letters for letters, _ in kept])
        order = np.argsort(codes[:, 0], kind="stable")
        codes = codes[order]
        return _Shelf(
            np.array([place for _, place in kept], dtype=np.int64)[order],
            np.ones(len(kept)),
            codes.astype(np.uint16),
            _in_batches(self._channel.latin_sketches, codes),
            _blocks(codes[:, 0]),
        )

    @cached_property
    def _hangul(self) -> _Shelf:
        plain = [(hangul_syllables(word), place) for place, word in enumerate(self._words)]
        kept = [
            (form, place, discount)
            for syllables, place in plain
            if 0 < len(syllables) <= LONGEST_HANGUL
            for form, discount in forms(syllables)
        ]
        codes = syllable_rows([form for form, _, _ in kept])
        first = sound_slots(codes[:, :1])[:, 0] // CONTEXTS
        order = np.argsort(first, kind="stable")
        codes = codes[order]
        return _Shelf(
            np.array([place for _, place, _ in kept], dtype=np.int64)[order],
            np.array([discount for _, _, discount in kept])[order],
            (codes + 1).astype(np.uint16),
            _in_batches(lambda rows: self._channel.hangul_sketches(sound_slots(rows)), codes),
            _blocks(first[order]),
        )

    def _latin_for(self, hangul: str) -> Iterator[tuple[str, float]]:
        shelf, channel = self._latin, self._channel
        slots = sound_slots(syllable_rows([hangul]))
        begins = np.flatnonzero(self._channel.first_letters[slots[0, 0]])
        rows = _shortlist(shelf, begins, channel.hangul_sketches(slots)[0])
        if not len(rows):
            return
        letters = _trimmed(shelf.codes[rows])
        yield from self._named(shelf, rows, channel.likenesses(slots, letters))

    def _hangul_for(self, latin: str) -> Iterator[tuple[str, float]]:
        shelf, channel = self._hangul, self._channel
        letters = letter_rows([latin])
        begins = np.unique(
            np.flatnonzero(self._channel.first_letters[:, letters[0, 0]]) // CONTEXTS
        )
        rows = _shortlist(shelf, begins, channel.latin_sketches(letters)[0])
        if not len(rows):
            return
        slots = sound_slots(_trimmed(shelf.codes[rows]) - 1)
        yield from self._named(shelf, rows, channel.likenesses(slots, letters))

    def _named(
        self, shelf: _Shelf, rows: IntArray, values: FloatArray
    ) -> Iterator[tuple[str, float]]:
        values = values * shelf.discounts[rows]
        for i in np.argsort(-values, kind="stable")[:64].tolist():
            yield self._words[int(shelf.places[rows[i]])], float(values[i])


def _in_batches(
    sketch: Callable[[IntArray], NDArray[np.float32]], codes: IntArray
) -> NDArray[np.float32]:
    """Batches keep the memory small."""
    starts = range(0, max(len(codes), 1), 8192)
    return np.concatenate([sketch(codes[at : at + 8192]) for at in starts])


def _blocks(first: IntArray) -> dict[int, slice]:
    kinds, starts = np.unique(first, return_index=True)
    ends = [*starts.tolist(), len(first)][1:]
    return {
        int(kind): slice(int(start), end)
        for kind, start, end in zip(kinds, starts, ends, strict=True)
    }


def _shortlist(shelf: _Shelf, begins: IntArray, sketch: NDArray[np.float32]) -> IntArray:
    """The rows that point most nearly the way of `sketch`, of those with a fit beginning."""
    blocks = [shelf.blocks[b] for b in begins.tolist() if b in shelf.blocks]
    if not blocks:
        return np.zeros(0, dtype=np.int64)
    rows = np.concatenate([np.arange(block.start, block.stop) for block in blocks])
    if len(rows) <= SHORTLIST:
        return rows
    # Not `@`: for a product this small, threads of a BLAS cost more than they save.
    near = np.concatenate([np.einsum("ij,j->i", shelf.sketches[b], sketch) for b in blocks])
    best: IntArray = rows[np.argpartition(-near, SHORTLIST)[:SHORTLIST]]
    return best


def _trimmed(codes: NDArray[np.uint16]) -> IntArray:
    width = int((codes > 0).sum(axis=1).max(initial=1))
    return codes[:, :width].astype(np.int64)
