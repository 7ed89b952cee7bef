"""Which words a passage has, and how near they are in meaning to other words.

The shipped embedder is a table of word pieces, so that single words, in base form, compare as texts
do, within a language and across. The words of every passage lie in one file beside the index, since
taking a text apart is what costs time. Not covered: a word of several senses has one vector.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.models import Embedder, Vectors, load_embedder

TEXT, STARTS = "words.txt", "words.npy"
KEPT = 20_000  # vectors of words; 40 MB at 512 numbers each


class PassageWords:
    """The words of each passage, read from disk when asked for. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._starts = np.load(folder / STARTS, mmap_mode="r")
        self._text: NDArray[np.uint8] = np.memmap(folder / TEXT, np.uint8, "r")

    def of(self, place: int) -> list[str]:
        """The distinct words of the passage at `place`, in all languages that it reads in."""
        begin, end = int(self._starts[place]), int(self._starts[place + 1])
        return bytes(self._text[begin:end]).decode("utf-8").split()


def write_words(folder: Path, words: Iterable[Iterable[str]]) -> None:
    """Write the words of all passages, in order, for PassageWords."""
    starts = [0]
    with (folder / TEXT).open("wb") as file:
        for own in words:
            line = (" ".join(dict.fromkeys(own)) + "\n").encode("utf-8")
            file.write(line)
            starts.append(starts[-1] + len(line))
    np.save(folder / STARTS, np.array(starts, np.int64))


class WordVectors:
    """Unit vectors of words. Safe to share between threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    def of(self, words: Sequence[str]) -> Vectors:
        """Shape (len(words), dimensions); a word that the embedder cannot read is all zeros."""
        if not words:
            return np.zeros((0, self._embedder.dimensions), np.float32)
        known = self._known  # another thread may begin a new one; this one stays whole
        if len(known) + len(words) > KEPT:
            known = self._known = {}
        new = [word for word in dict.fromkeys(words) if word not in known]
        if new:
            vectors = self._embedder.embed(new)
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
            known.update(zip(new, vectors / np.where(lengths > 0, lengths, 1), strict=True))
        return np.stack([known[word] for word in words]).astype(np.float32)

    def nearest(self, words: Sequence[str], passages: Sequence[Sequence[str]]) -> Vectors:
        """The cosine of each word to the nearest word of each passage.

        Shape (len(words), len(passages)), in [-1, 1]; 0 where a passage has no words.
        """
        own = self.of(words)
        found = np.zeros((len(words), len(passages)), np.float32)
        vocabulary = list(dict.fromkeys(word for passage in passages for word in passage))
        if not words or not vocabulary:
            return found
        cosines = own @ self.of(vocabulary).T
        column = {word: i for i, word in enumerate(vocabulary)}
        for place, passage in enumerate(passages):
            if passage:
                found[:, place] = cosines[:, [column[word] for word in passage]].max(axis=1)
        return found


@cache
def load_word_vectors() -> WordVectors:
    """Those of the shipped embedder, whichever one searches."""
    return WordVectors(load_embedder(None))
