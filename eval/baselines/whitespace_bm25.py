"""BM25 over words cut at white space: what LangChain's BM25Retriever does unless told otherwise.

That retriever, of the package langchain-community, is rank_bm25.BM25Okapi with `text.split()` for
passages and questions alike; the package is not installed, and the two lines are here. A Korean
word keeps its particle, an English one its case and its full stop.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rank_bm25 import BM25Okapi

from eval.texts import read_sentences


class WhitespaceBM25:
    """Okapi BM25 with the defaults of rank_bm25."""

    name = "whitespace-bm25"

    def __init__(self) -> None:
        self._ids: Sequence[str] = ()
        self._bm25: BM25Okapi | None = None

    def index(self, passages: Mapping[str, str]) -> None:
        """Count the words of the passages."""
        self._ids = tuple(passages)
        self._bm25 = BM25Okapi([text.split() for text in passages.values()])

    def read(self, library: Path) -> dict[str, str]:
        """The sentences and table cells of the library."""
        texts = read_sentences(library)
        self.index(texts)
        return texts

    def rank(self, question: str) -> Sequence[str]:
        """The passages that share a word with the question: the others tie, so they are left out.

        BM25Retriever would fill its four places with some of them.
        """
        if self._bm25 is None:
            raise ValueError("nothing is indexed; call index() or read() first")
        scores = self._bm25.get_scores(question.split())
        return [self._ids[i] for i in np.argsort(-scores, kind="stable") if scores[i] != 0]
