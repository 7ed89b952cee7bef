"""The lexical arm: an inverted index with BM25, one per language of the text.

Postings hold plain term counts, not finished scores, so that a question's word can be matched by
one term, by the best of several, or by a set of translations taken together (probabilistic
structured queries: Darwish and Oard 2003, "Probabilistic Structured Query Methods"), where expected
term and document frequencies stand in for counted ones. Files are memory-mapped: an open index of a
million passages costs little until words of it are asked for. Not covered: phrases, word order.
"""

import hashlib
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

K1 = 0.9  # sentences are short: a second occurrence says little
B = 0.35  # and long sentences are not padded ones
UNCERTAIN = (
    0.15  # added to the best translation's weight: the more doubtful it is, the less present
)

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matches:
    """The passages that hold a term or one of its translations, ascending, each once."""

    places: Rows  # (matches,)
    scores: Scores  # (matches,): BM25
    present: Scores  # (matches,): how surely the word is there, in [0, 1]
    idf: float  # Lucene's: ln(1 + (N - df + 0.5) / (df + 0.5))

    def weighted(self, score: float, present: float) -> "Matches":
        """With scores times `score` and presence times `present`."""
        return replace(
            self,
            scores=np.float32(score) * self.scores,
            present=np.float32(present) * self.present,
        )

    def within(self, mask: NDArray[np.bool_]) -> "Matches":
        """Those among the passages that `mask`, one value a passage of the library, allows."""
        chosen = mask[self.places]
        return Matches(self.places[chosen], self.scores[chosen], self.present[chosen], self.idf)


def best_of(matches: Sequence[Matches], count: int, unknown: float) -> Matches:
    """The alternatives of a word as one: the best score and presence in each of `count` passages.

    The commonest alternative tells how little the word narrows down; `unknown` is the idf of a word
    without any.
    """
    scores, present = np.zeros(count, np.float32), np.zeros(count, np.float32)
    for found in matches:
        scores[found.places] = np.maximum(scores[found.places], found.scores)
        present[found.places] = np.maximum(present[found.places], found.present)
    places = np.flatnonzero(present)
    idf = min((m.idf for m in matches), default=unknown)
    return Matches(places, scores[places], present[places], idf)


def sum_of(matches: Sequence[Matches], parts: int) -> Matches:
    """What is found of the `parts` of a compound as one: scores add up, presence is a mean."""
    places, where = np.unique(np.concatenate([m.places for m in matches]), return_inverse=True)
    scores = np.bincount(where, np.concatenate([m.scores for m in matches]), len(places))
    present = np.bincount(where, np.concatenate([m.present for m in matches]), len(places))
    return Matches(
        places,
        scores.astype(np.float32),
        (present / parts).astype(np.float32),
        max(m.idf for m in matches),
    )


class LexicalArm:
    """The inverted index of the passages that read in one language."""

    def __init__(self, folder: Path) -> None:
        """`folder` is one that `write_lexical` filled."""
        self._keys = np.load(folder / "keys.npy", mmap_mode="r")
        self._starts = np.load(folder / "starts.npy", mmap_mode="r")
        self._rows = np.load(folder / "rows.npy", mmap_mode="r")
        self._counts = np.load(folder / "counts.npy", mmap_mode="r")
        self.places: Rows = np.load(folder / "places.npy")
        self._lengths = np.load(folder / "lengths.npy").astype(np.float32)
        self._norms = _norms(self._lengths, self._lengths)
        self._count = len(self.places)  # of the passages that count
        self._allowed: NDArray[np.bool_] | None = None  # of the rows, where some do not
        # Every single word, without pairs of words and concepts of the lexicon.
        self.words = frozenset((folder / "words.txt").read_text(encoding="utf-8").split("\n"))
        self.highest_idf = self._idf(0.0)  # of a term seen in no passage

    def __contains__(self, term: str) -> bool:
        return self._find(term) is not None

    def within(self, mask: NDArray[np.bool_]) -> "LexicalArm":
        """The arm as it were if the library held nothing but what `mask` allows.

        How rare a word is, and how long a text is among others, is counted there alone. `words` and
        what is asked by `in` stay the library's.
        """
        arm = copy(self)
        arm._allowed = mask[self.places]
        arm._count = int(arm._allowed.sum())
        arm._norms = _norms(self._lengths, self._lengths[arm._allowed])
        arm.highest_idf = arm._idf(0.0)
        return arm

    def match(self, term: str) -> Matches | None:
        """The passages that hold `term`, or None where none does."""
        found = self._find(term)
        if found is None:
            return None
        rows, counts = self._posting(found)
        if not len(rows):
            return None
        idf = self._idf(float(len(rows)))
        scores = np.float32(idf) * counts / (counts + self._norms[rows])
        return Matches(self.places[rows], scores, np.ones(len(rows), np.float32), idf)

    def match_translations(self, weights: Mapping[str, float]) -> Matches | None:
        """The passages that hold a translation of a word, or None where none does.

        `weights` are how likely each term is what the word means, in (0, 1]. Expected counts are
        the weighted sums of the terms' counts, the expected document frequency likewise.
        """
        known = [(found, w) for t, w in weights.items() if (found := self._find(t)) is not None]
        if not known:
            return None
        expected = np.zeros(len(self.places), np.float32)
        present = np.zeros(len(self.places), np.float32)
        frequency = 0.0
        for found, weight in known:
            rows, counts = self._posting(found)
            expected[rows] += np.float32(weight) * counts
            present[rows] += np.float32(weight)
            frequency += weight * len(rows)
        held = np.flatnonzero(expected)
        if not len(held):
            return None
        idf = self._idf(min(frequency, float(self._count)))
        counts = expected[held]
        scores = np.float32(idf) * counts / (counts + self._norms[held])
        surely = np.minimum(present[held] / np.float32(max(weights.values()) + UNCERTAIN), 1)
        return Matches(self.places[held], scores, surely, idf)

    def _find(self, term: str) -> int | None:
        key = np.uint64(_key(term))
        place = int(np.searchsorted(self._keys, key))
        return place if place < len(self._keys) and self._keys[place] == key else None

    def _posting(self, term: int) -> tuple[NDArray[np.int32], Scores]:
        begin, end = int(self._starts[term]), int(self._starts[term + 1])
        rows, counts = np.asarray(self._rows[begin:end]), self._counts[begin:end]
        if self._allowed is not None:
            allowed = self._allowed[rows]
            rows, counts = rows[allowed], counts[allowed]
        return rows, counts.astype(np.float32)

    def _idf(self, frequency: float) -> float:
        rows = max(self._count, 1)
        return float(np.log(1 + (rows - frequency + 0.5) / (frequency + 0.5)))


def _norms(lengths: Scores, among: Scores) -> Scores:
    """What BM25 adds to the counts of texts of these lengths, among others of theirs."""
    mean = float(among.mean()) if among.size else 1.0
    return np.asarray(np.float32(K1) * (1 - B + B * lengths / max(mean, 1e-6)), np.float32)


def write_lexical(
    folder: Path,
    terms: Sequence[Sequence[str]],
    places: Sequence[int],
    words: frozenset[str] | None = None,
) -> None:
    """Index one list of terms per passage and save it in the new `folder`.

    `places` are the passages that the lists belong to; `words` those terms that are single words
    (None: all).
    """
    folder.mkdir()
    lengths = np.fromiter((len(row) for row in terms), np.int32, len(terms))
    ids: dict[str, int] = {}
    flat = np.fromiter(
        (ids.setdefault(term, len(ids)) for term in chain.from_iterable(terms)), np.int64
    )
    keys = np.fromiter((_key(term) for term in ids), np.uint64, len(ids))
    order = np.argsort(keys)
    rank = np.empty(len(ids), np.int64)
    rank[order] = np.arange(len(ids))
    row_of = np.repeat(np.arange(len(terms), dtype=np.int64), lengths)
    held, counts = np.unique(rank[flat] * max(len(terms), 1) + row_of, return_counts=True)
    term_of = held // max(len(terms), 1)
    np.save(folder / "keys.npy", keys[order])
    np.save(folder / "starts.npy", np.searchsorted(term_of, np.arange(len(ids) + 1)))
    np.save(folder / "rows.npy", (held % max(len(terms), 1)).astype(np.int32))
    np.save(folder / "counts.npy", np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16))
    np.save(folder / "lengths.npy", lengths)
    np.save(folder / "places.npy", np.asarray(places, dtype=np.int64))
    listed = sorted(ids if words is None else words)
    (folder / "words.txt").write_text("\n".join(listed), encoding="utf-8")


def _key(term: str) -> int:
    """64 bits that stand for a term; among ten million terms two alike are a one in 350,000."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8"), digest_size=8).digest(), "little")
