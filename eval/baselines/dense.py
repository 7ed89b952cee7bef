"""The embedder that ships with the project, alone: by passage or by best sentence.

It shows what the other parts of our search add. Cosines are exact, without an index.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eval.texts import read_sentences, sentences
from index.lexicon import Lexicon
from index.models import Vectors, load_embedder
from index.morphology import load_morphology
from index.terms import Analyzer

Unit = Literal["passage", "sentence"]  # what a vector stands for


class Dense:
    """Passages by cosine to the question, highest first."""

    def __init__(self, unit: Unit) -> None:
        self.name = f"dense-{unit}"
        self._unit = unit
        self._embedder = load_embedder(None)
        self._analyzer = Analyzer(load_morphology(()), Lexicon({}))
        self._ids: Sequence[str] = ()
        self._starts: NDArray[np.int64] = np.empty(0, np.int64)  # of each passage's rows
        self._vectors: Vectors = np.empty((0, self._embedder.dimensions), np.float32)

    def index(self, passages: Mapping[str, str]) -> None:
        """Embed the passages, or their sentences."""
        pieces = [
            (sentences(text) if self._unit == "sentence" else []) or [text]
            for text in passages.values()
        ]
        self._ids = tuple(passages)
        self._starts = np.cumsum([0, *map(len, pieces)], dtype=np.int64)[:-1]
        self._vectors = self._embed([text for parts in pieces for text in parts])

    def read(self, library: Path) -> dict[str, str]:
        """The sentences and table cells of the library."""
        texts = read_sentences(library)
        self.index(texts)
        return texts

    def _embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts` as the embedder reads them."""
        return self._embedder.embed(self._analyzer.reading(texts))

    def rank(self, question: str) -> Sequence[str]:
        """Every passage."""
        if not self._ids:
            raise ValueError("nothing is indexed; call index() or read() first")
        cosines = self._vectors @ self._embed([question])[0]
        best = np.maximum.reduceat(cosines, self._starts)
        return [self._ids[i] for i in np.argsort(-best, kind="stable")]
