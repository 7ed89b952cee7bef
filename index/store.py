"""The dense arm: passage vectors in a Chroma folder. The only home of chromadb.

One collection per searchable field (language, own text or restatement), cosine space, vectors
always passed explicitly (a collection opened without them would fetch a model). A small library is
searched exactly, in memory; a large one by Chroma's HNSW. Similarities are cosines in [-1, 1];
higher is better. A folder is written by one process, once, before it is moved into place; see
build.py.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from index.models import Embedder, Vectors
from index.types import Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from langchain_chroma import Chroma

EXACT_UP_TO = 20_000  # vectors of one field; beyond, HNSW
BATCH = 2_000  # Chroma takes 5461 at most
CANDIDATES = 300  # neighbours taken from HNSW
TOLERANCE = 0.01  # of a stored vector's length


def _own(lang: str) -> Callable[[Passage], Sequence[str]]:
    return lambda passage: [text] if (text := passage.in_language(lang)) else []


def _restated(lang: str) -> Callable[[Passage], Sequence[str]]:
    return lambda passage: passage.restatements.get(lang, ())


# The searchable texts of a passage: its own in each language, and restatements of it. Each field
# has an index of its own in both arms.
FIELDS: Mapping[str, Callable[[Passage], Sequence[str]]] = {
    "ko": _own("ko"),
    "en": _own("en"),
    "ko-restated": _restated("ko"),
    "en-restated": _restated("en"),
}


class DamagedStoreError(Exception):
    """The folder cannot be read as the index that the manifest promises."""


def write_store(folder: Path, passages: Sequence[Passage], embedder: Embedder) -> Iterator[int]:
    """Embed and store every text of every passage; yields how many were stored, batch by batch."""
    from chromadb.errors import ChromaError

    client = _client(folder)
    try:
        for field, texts_of in FIELDS.items():
            texts = [(i, text) for i, passage in enumerate(passages) for text in texts_of(passage)]
            if not texts:
                continue
            collection = client.create_collection(
                _collection_name(field),
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
            )
            for start in range(0, len(texts), BATCH):
                batch = texts[start : start + BATCH]
                collection.add(
                    ids=[f"{passages[i].id}#{start + j}" for j, (i, _) in enumerate(batch)],
                    embeddings=cast(Any, embedder.embed([text for _, text in batch])),
                    documents=[text for _, text in batch],
                    metadatas=[
                        {
                            "place": i,
                            "document": passages[i].document_id,
                            "page": passages[i].page,
                            "kind": passages[i].kind,
                        }
                        for i, _ in batch
                    ],
                )
                yield len(batch)
    except ChromaError as error:  # a full disk comes as one
        raise DamagedStoreError(str(error)) from error
    finally:
        _close(client)


class PassageStore:
    """Read side: similarity of every passage, or of the nearest, to a question's vector."""

    def __init__(self, folder: Path, passages: Sequence[Passage]) -> None:
        self.folder = folder
        self._count = len(passages)
        try:
            self._client = _client(folder)
            try:
                self._collections = self._open()
                self._exact = {
                    field: self._load(collection)
                    for field, collection in self._collections.items()
                    if collection.count() <= EXACT_UP_TO
                }
                stored = sum(collection.count() for collection in self._collections.values())
            except BaseException:
                self.close()  # or Chroma would hand out the same broken client once more
                raise
        except Exception as error:  # chromadb raises its own, sqlite's and Rust's errors
            raise DamagedStoreError(str(error)) from error
        expected = sum(len(texts_of(p)) for p in passages for texts_of in FIELDS.values())
        if stored != expected:
            self.close()
            raise DamagedStoreError(f"{stored} vectors where {expected} belong")

    def similarities(self, vector: Vectors) -> NDArray[np.float32]:
        """Cosine of each passage's best text with `vector`; -1 for a passage not looked at."""
        best = np.full(self._count, -1.0, dtype=np.float32)
        for field, collection in self._collections.items():
            if field in self._exact:
                places, vectors = self._exact[field]
                np.maximum.at(best, places, vectors @ vector)
            else:
                places, cosines = self._nearest(collection, vector)
                np.maximum.at(best, places, cosines)
        return best

    def close(self) -> None:
        """Let go of the folder's files."""
        _close(self._client)

    def vectorstore(self, lang: str, embedder: Embedder) -> "Chroma":
        """The collection of one language as a LangChain vector store, for others to build on."""
        from langchain_chroma import Chroma
        from langchain_core.embeddings import Embeddings

        class _Embeddings(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return cast(list[list[float]], embedder.embed(texts).tolist())

            def embed_query(self, text: str) -> list[float]:
                return self.embed_documents([text])[0]

        return Chroma(
            client=self._client,
            collection_name=_collection_name(lang),
            embedding_function=_Embeddings(),
            create_collection_if_not_exists=False,
        )

    def _open(self) -> dict[str, "Collection"]:
        names = [collection.name for collection in self._client.list_collections()]
        return {
            name.removeprefix("passages-"): self._client.get_collection(
                name, embedding_function=None
            )
            for name in names
        }

    @staticmethod
    def _load(collection: "Collection") -> tuple[NDArray[np.int64], Vectors]:
        rows = collection.get(include=["embeddings", "metadatas"])
        places = np.array([int(cast(int, m["place"])) for m in rows["metadatas"] or []])
        vectors = np.asarray(rows["embeddings"], dtype=np.float32)
        with np.errstate(all="ignore"):  # of garbage
            lengths = np.linalg.norm(vectors, axis=1)
        if not np.all((abs(lengths - 1) < TOLERANCE) | (lengths == 0)):
            raise DamagedStoreError("vectors that are not of length 1")
        return places, vectors

    @staticmethod
    def _nearest(
        collection: "Collection", vector: Vectors
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        rows = collection.query(
            query_embeddings=cast(Any, vector[None, :]),
            n_results=CANDIDATES,
            include=["distances", "metadatas"],
        )
        metadatas, distances = (rows["metadatas"] or [[]])[0], (rows["distances"] or [[]])[0]
        places = np.array([int(cast(int, m["place"])) for m in metadatas])
        return places, 1.0 - np.asarray(distances, dtype=np.float32)


def _collection_name(field: str) -> str:
    return f"passages-{field}"


def _client(folder: Path) -> "ClientAPI":
    import chromadb
    from chromadb.config import Settings

    logging.getLogger("chromadb").setLevel(logging.ERROR)
    return chromadb.PersistentClient(
        path=str(folder), settings=Settings(anonymized_telemetry=False)
    )


def _close(client: "ClientAPI") -> None:
    close = getattr(client, "close", None)
    if close is not None:
        close()
