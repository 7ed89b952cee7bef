"""Our whole search: a library is indexed, a question understood, scored and ranked.

It is what the assistant does up to the choice of passages: those that the ranker has looked at in
its order, after them the rest by the fused score. Not covered: whether the question is refused.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.query import clean, understand
from assistant.rank import load_models, rank
from eval.retrieval import Pool, write_library
from eval.texts import copy_plain
from index.build import Index, open_index
from index.models import load_embedder
from index.retrieve import Retriever


class Ours:
    """CiteBrief's search over a temporary library; a passage ranks where its best sentence does."""

    def __init__(self, folder: Path, *, plain: bool = False) -> None:
        """`plain`: a library is read as bare text, without its edition and restatements."""
        self.name = "ours-plain" if plain else "ours"
        self._folder = folder
        self._plain = plain
        self._embedder = load_embedder(None)
        self._models = load_models()
        self._retriever: Retriever | None = None
        self._ids: Mapping[int, str] = {}  # place in the index -> what it counts for

    def index(self, passages: Mapping[str, str]) -> None:
        """Write the passages as a library and index that."""
        library = self._new_folder() / "library"
        where = write_library(Pool(passages, ()), library)
        index = self._open(library)
        self._ids = {
            place: where[passage.document_id, passage.paragraph]
            for place, passage in enumerate(index.passages)
        }

    def read(self, library: Path) -> dict[str, str]:
        """The sentences and table cells of the library."""
        if self._plain:
            plain = self._new_folder() / "library"
            copy_plain(library, plain)
            library = plain
        index = self._open(library)
        kept = {place: p for place, p in enumerate(index.passages) if p.kind != "row"}
        self._ids = {place: p.id for place, p in kept.items()}
        return {p.id: p.text for p in kept.values()}

    def rank(self, question: str) -> Sequence[str]:
        """What the ranker has looked at, then the rest of what was scored."""
        if self._retriever is None:
            raise ValueError("nothing is indexed; call index() or read() first")
        query = understand(clean(question), [], None, self._retriever.index.analyzer)
        scored = self._retriever.score(query.texts, query.groups)
        ranked = rank(query, scored, self._retriever, self._models).places
        rest = scored.places[np.argsort(-scored.score, kind="stable")]
        places = [*ranked, *(int(place) for place in rest)]
        return list(dict.fromkeys(self._ids[p] for p in places if p in self._ids))

    def _open(self, library: Path) -> Index:
        if self._retriever is not None:
            self._retriever.index.store.close()
        index = open_index(library, self._new_folder(), self._embedder)
        self._retriever = Retriever(index)
        return index

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._folder))
