"""The lexical arm: BM25 over terms, one index per language of the text. The only home of bm25s.

Scores come per term, so that a question's word can be satisfied by any of its alternatives and the
caller sees which words a passage covers.
"""

import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

K1 = 0.9  # sentences are short: a second occurrence says little
B = 0.35  # and long sentences are not padded ones


class LexicalArm:
    """BM25 of single terms over the passages that read in one language."""

    def __init__(self, folder: Path, places: NDArray[np.int64], count: int) -> None:
        """`places[i]` is the passage that row i of the stored index belongs to, of `count`."""
        import bm25s

        self._bm25 = bm25s.BM25.load(str(folder), load_corpus=False)
        self._places = places
        self._count = count
        self.vocabulary: frozenset[str] = frozenset(self._bm25.vocab_dict)
        self.scores = lru_cache(maxsize=4096)(self._scores)
        rows = max(len(places), 1)
        self.highest_idf = float(np.log(1 + (rows + 0.5) / 0.5))  # of a term seen in no passage

    def _scores(self, term: str) -> NDArray[np.float32] | None:
        """BM25 of `term` for every passage (zero where it does not occur), or None if unknown."""
        if term not in self.vocabulary:
            return None
        scores = np.zeros(self._count, dtype=np.float32)
        scores[self._places] = self._bm25.get_scores([term])
        return scores

    def idf(self, term: str) -> float:
        """Lucene's idf, ln(1 + (N - df + 0.5) / (df + 0.5)); `highest_idf` for an unknown term."""
        scores = self.scores(term)
        if scores is None:
            return self.highest_idf
        rows, df = len(self._places), int(np.count_nonzero(scores))
        return float(np.log(1 + (rows - df + 0.5) / (df + 0.5)))


def write_lexical(folder: Path, terms: Sequence[Sequence[str]]) -> None:
    """Index one list of terms per passage and save it in `folder`."""
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for DEBUG on import
    bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
    bm25.index([list(row) for row in terms], show_progress=False)
    bm25.save(str(folder), show_progress=False)
