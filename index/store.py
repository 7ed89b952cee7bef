"""The dense arm: passage vectors in plain tables, and in Chroma's folder or on a Chroma server.

One collection per searchable field (language, own text or restatement), cosine space, vectors
always passed explicitly (a collection opened without them would fetch a model). The same vectors
lie in a plain table in half precision, memory-mapped, in each instance's own folder: a small field
is searched exactly in it, and put into Chroma only where LangChain asks for it; a large one, whose
neighbours come from Chroma's HNSW, compares chosen passages by it, and is searched in it where a
server is away.
Similarities are cosines in [-1, 1]; higher is better. A folder is written by one process, once,
before it is moved into place; see build.py. A server's rows are shared; see shelf.py.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from index import chroma
from index.errors import CiteBriefError
from index.models import Vectors
from index.neighbours import Neighbours
from index.shelf import Address, Shelf, held
from index.types import Passage

if TYPE_CHECKING:
    from index.chroma import Client, LangChainStore, Rows

EXACT_UP_TO = 20_000  # vectors of one field; beyond, HNSW
BATCH = 2_000  # Chroma takes 5461 at most
MOST_FETCHED = 4_000  # neighbours asked of HNSW where a filter will drop many
SAMPLE = 2_000  # vectors of a large field that stand for the crowd
TOLERANCE = 0.01  # of a stored vector's length
SCAN = 16_384  # vectors of a large field compared at once


Embed = Callable[[Sequence[str]], Vectors]


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


def write_store(
    folder: Path | None, tables: Path, passages: Sequence[Passage], embed: Embed, dimensions: int
) -> Iterator[int]:
    """Embed and store every text of every passage; yields how many were stored, batch by batch.

    `tables` gets the plain tables; `folder`, where one is given, becomes Chroma's, if there is a
    large field. Of a small one nothing may stand there: hnswlib writes a file of memory that it
    never filled, in which words of documents were found that had just been forgotten. A large one's
    memory comes from the kernel, empty.
    """
    tables.mkdir()
    client: Client | None = None
    try:
        for field, texts_of in FIELDS.items():
            texts = [(i, text) for i, passage in enumerate(passages) for text in texts_of(passage)]
            if not texts:
                continue
            np.save(tables / f"{field}.places.npy", np.array([i for i, _ in texts], np.int64))
            collection = None
            if folder is not None and len(texts) > EXACT_UP_TO:
                client = client or chroma.open_folder(folder)
                collection = chroma.open_collection(client, _collection_name(field))
            # Not through a memory map: on a full disk that ends the process (SIGBUS).
            with (tables / f"{field}.npy").open("wb") as table:
                header = {"descr": "<f2", "fortran_order": False}
                shape = (len(texts), dimensions)
                np.lib.format.write_array_header_1_0(table, {**header, "shape": shape})
                for start in range(0, len(texts), BATCH):
                    batch = texts[start : start + BATCH]
                    vectors = embed([text for _, text in batch])
                    table.write(vectors.astype("<f2").tobytes())
                    if collection is not None:
                        _add(collection, passages, batch, start, vectors)
                    yield len(batch)
    except chroma.errors() as error:  # a full disk comes as one
        raise DamagedStoreError(str(error)) from error
    finally:
        if client is not None:
            chroma.close(client)


def share(address: Address, tables: Path, passages: Sequence[Passage]) -> Iterator[tuple[int, int]]:
    """Put the rows of written tables on a server, and take away what no version needs any more.

    Yields how many rows are there, of how many; CiteBriefError says what keeps it from them.
    """
    shelf = Shelf(address, held(passages, FIELDS), passages, tables, FIELDS)
    try:
        yield from shelf.put()
        shelf.tidy()
    except Exception as error:  # chromadb raises its own, httpx's and plain ones
        raise chroma.refusal(address.server, error) from error
    finally:
        shelf.close()


def _add(
    collection: "Rows",
    passages: Sequence[Passage],
    batch: Sequence[tuple[int, str]],
    start: int,
    vectors: Vectors,
) -> None:
    """Put texts, each with its passage's place, into a collection, as the rows from `start` on."""
    collection.add(
        ids=[f"{passages[i].id}#{start + j}" for j, (i, _) in enumerate(batch)],
        embeddings=cast(Any, vectors),
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


class _Table:
    """The vectors of one field and the passage of each; several may belong to one passage."""

    def __init__(self, folder: Path, field: str) -> None:
        self.places: NDArray[np.int64] = np.load(folder / f"{field}.places.npy")
        self.exact = len(self.places) <= EXACT_UP_TO
        stored = np.load(folder / f"{field}.npy", mmap_mode="r")
        step = 1 if self.exact else max(len(stored) // SAMPLE, 1)
        self._stored = stored
        self.rows = np.arange(0, len(stored), step)  # that the sample holds
        self._last: tuple[Vectors, NDArray[np.float32]] | None = None
        self._first = np.flatnonzero(np.diff(self.places, prepend=-1))
        self.passages: NDArray[np.int64] = self.places[self._first]  # each once
        self.sample = np.asarray(stored[::step], dtype=np.float32)  # all of a small field
        with np.errstate(all="ignore"):  # of garbage
            lengths = np.linalg.norm(self.sample, axis=1)
        if not np.all((abs(lengths - 1) < TOLERANCE) | (lengths == 0)):
            raise DamagedStoreError("vectors that are not of length 1")

    def sampled(self, vector: Vectors) -> NDArray[np.float32]:
        """The cosines of the sample; a question asks for them three times, so they are kept."""
        last = self._last  # threads may put others there meanwhile
        if last is None or last[0] is not vector:
            last = self._last = (vector, self.sample @ vector)
        return last[1]

    def every(self, vector: Vectors) -> NDArray[np.float32]:
        """The cosine of each of `passages`."""
        cosines = self.sampled(vector) if self.exact else self._scanned(vector)
        best: NDArray[np.float32] = np.maximum.reduceat(cosines, self._first)
        return best

    def _scanned(self, vector: Vectors) -> NDArray[np.float32]:
        cosines = np.empty(len(self._stored), np.float32)
        for start in range(0, len(cosines), SCAN):
            rows = self._stored[start : start + SCAN]
            cosines[start : start + SCAN] = rows.astype(np.float32) @ vector
        return cosines

    def of(self, places: NDArray[np.int64], vector: Vectors, best: NDArray[np.float32]) -> None:
        """Raise `best[i]` to the cosine of passage `places[i]`, where it has a vector here."""
        if self.exact and len(places) * 2 > len(self.places):
            cosines, own = self.sampled(vector), self.places
        else:
            first = np.searchsorted(self.places, places, side="left")
            last = np.searchsorted(self.places, places, side="right")
            counts = last - first
            begins = np.cumsum(counts) - counts
            rows = np.repeat(first - begins, counts) + np.arange(int(counts.sum()))
            own = self.places[rows]
            if self.exact:
                cosines = self.sampled(vector)[rows]
            else:
                cosines = self._stored[rows].astype(np.float32) @ vector
        where = np.searchsorted(places, own)
        known = (where < len(places)) & (places[np.minimum(where, len(places) - 1)] == own)
        np.maximum.at(best, where[known], cosines[known])


class PassageStore:
    """Read side: similarity of passages to a question's vector, and the nearest passages."""

    def __init__(
        self,
        folder: Path,
        tables: Path,
        passages: Sequence[Passage],
        address: Address | None = None,
    ) -> None:
        """Chroma is opened only for a large field, or when `vectorstore` wants it.

        With an `address` it is the server there, and `folder` is not looked at.
        """
        self.folder = folder
        self._passages = passages
        self._server: Neighbours | None = None
        try:
            self._tables = {
                field: _Table(tables, field) for field in FIELDS if _held(tables, field)
            }
            counts = {field: len(table.places) for field, table in self._tables.items()}
            if address is None:
                counts |= {field: rows.count() for field, rows in self._collections.items()}
            stored = sum(counts.values())
        except BaseException as error:
            self.close()  # or Chroma would hand out the same broken client once more
            if not isinstance(error, Exception):
                raise
            # chromadb raises its own, sqlite's and Rust's errors
            raise DamagedStoreError(str(error)) from error
        expected = sum(len(texts_of(p)) for p in passages for texts_of in FIELDS.values())
        if stored != expected:
            self.close()
            raise DamagedStoreError(f"{stored} vectors where {expected} belong")
        if address is not None:
            documents = held(passages, FIELDS)
            shelf = Shelf(address, documents, passages, tables, FIELDS)
            self._server = Neighbours(shelf, documents)

    def cosines(self, vector: Vectors, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the best text of each of `places` (ascending) with `vector`; -1 without one."""
        best = np.full(len(places), -1.0, dtype=np.float32)
        if len(places):
            for table in self._tables.values():
                table.of(places, vector, best)
        return best

    def nearest(
        self, vector: Vectors, count: int, allowed: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """About `count` passages of each field nearest to `vector`, among `allowed` where given.

        Exact for a small field, where few passages are allowed, or where a server is away; else by
        HNSW, which may miss some. Chroma's own filters cost a hundred plain queries on a large
        field, so more neighbours are fetched than wanted and the rest dropped.
        """
        found = []
        for field, table in self._tables.items():
            chosen = table.passages
            chosen = chosen if allowed is None else chosen[allowed[chosen]]
            if not len(chosen):
                continue
            rows = None
            if not table.exact and len(chosen) > EXACT_UP_TO:
                share = len(chosen) / len(table.passages)
                wanted = min(int(count / share), MOST_FETCHED, len(table.places))
                rows = self._neighbours(field, vector, wanted)
            if rows is None:
                places = chosen[_highest(_best(table, chosen, vector), count)]
            else:
                places = table.places[rows]
                places = places if allowed is None else places[allowed[places]][:count]
            found.append(places)
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)

    def crowd(self, vector: Vectors) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Passages that stand for the library, and the cosines of texts of theirs with `vector`."""
        tables = self._tables.values()
        places = [t.places[t.rows] for t in tables]
        cosines = [t.sampled(vector) for t in tables]
        if not tables:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return np.concatenate(places), np.concatenate(cosines)

    def close(self) -> None:
        """Let go of the folder's files, or of the server."""
        if "_client" in self.__dict__:
            chroma.close(self._client)
        if self._server is not None:
            self._server.close()

    def connect(self, seconds: float | None = None) -> bool:
        """Wait for the server, which else is connected to beside the questions; if it is ready."""
        return self._server is not None and self._server.wait(seconds)

    def check_server(self) -> dict[str, int]:
        """Rows on the server by field, of all versions, once those that were missing are back.

        CiteBriefError says what is wrong with the server; a store of a folder has none.
        """
        if self._server is None:
            return {}
        shelf = self._server.shelf.fresh()
        try:
            for _ in shelf.put():
                pass
            return shelf.counts()
        except Exception as error:  # chromadb raises its own, httpx's and plain ones
            raise chroma.refusal(shelf.address.server, error) from error
        finally:
            shelf.close()

    def vectorstore(self, lang: str, embed: Embed) -> "LangChainStore":
        """The collection of one language as a LangChain vector store, for others to build on.

        On a server it may also find rows of the last versions; their metadata names `version`.
        """
        if lang not in self._tables:
            known = ", ".join(self._tables)
            raise CiteBriefError(f"The library has no texts in {lang!r}; expected one of {known}.")
        return chroma.as_vectorstore(*self._lent(lang), lambda texts: embed(texts).tolist())

    def _lent(self, lang: str) -> tuple["Client", str]:
        """A client and the name of a collection that is whole."""
        if self._server is not None:
            shelf = self._server.shelf.fresh()
            try:
                for _ in shelf.put():
                    pass
                return shelf.catalogue.client, shelf.collection(lang)
            except Exception as error:  # chromadb raises its own, httpx's and plain ones
                raise chroma.refusal(shelf.address.server, error) from error
        try:
            if lang not in self._collections:
                return self._in_memory, self._put_in_memory(lang)
            self._collections[lang].count()  # reads what a search will need
            return self._client, _collection_name(lang)
        except Exception as error:  # chromadb raises its own, sqlite's and Rust's errors
            raise CiteBriefError(
                f"The vectors in {self.folder} cannot be read ({error}). Delete the folder "
                f"{self.folder.parent} and open the index again, which builds it anew."
            ) from error

    @cached_property
    def _client(self) -> "Client":
        return chroma.open_folder(self.folder)

    @cached_property
    def _collections(self) -> dict[str, "Rows"]:
        """The large fields' own, in the folder."""
        large = [field for field, table in self._tables.items() if not table.exact]
        if large and not (self.folder / "chroma.sqlite3").exists():
            raise DamagedStoreError("Chroma's database is missing")
        return {
            field: self._client.get_collection(_collection_name(field), embedding_function=None)
            for field in large
        }

    @cached_property
    def _in_memory(self) -> "Client":
        return chroma.open_memory()

    def _put_in_memory(self, field: str) -> str:
        """The name of a collection with the rows of a small field."""
        name = f"{_collection_name(field)}-{secrets.token_hex(4)}"
        collection = chroma.open_collection(self._in_memory, name)
        texts_of = FIELDS[field]
        texts = [(i, text) for i, p in enumerate(self._passages) for text in texts_of(p)]
        vectors = self._tables[field].sample
        for start in range(0, len(texts), BATCH):
            end = start + BATCH
            _add(collection, self._passages, texts[start:end], start, vectors[start:end])
        return name

    def _neighbours(self, field: str, vector: Vectors, count: int) -> NDArray[np.int64] | None:
        """Rows of the field's table, None where a server is away.

        A folder's ids end in them, and to fetch metadata takes longer.
        """
        if self._server is not None:
            return self._server.rows(field, vector, count)
        found = self._collections[field].query(
            query_embeddings=cast(Any, vector[None, :]), n_results=count, include=[]
        )
        return np.array([int(i.rpartition("#")[2]) for i in found["ids"][0]], dtype=np.int64)


def _best(table: _Table, chosen: NDArray[np.int64], vector: Vectors) -> NDArray[np.float32]:
    """The cosine of each of `chosen`, some of the table's passages."""
    best = np.full(len(chosen), -1.0, dtype=np.float32)
    if len(chosen) == len(table.passages):
        return table.every(vector)
    if not table.exact and len(chosen) > EXACT_UP_TO:
        return table.every(vector)[np.searchsorted(table.passages, chosen)]
    table.of(chosen, vector, best)
    return best


def _highest(cosines: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Where the `count` highest are, in no order; of equal ones the first."""
    if len(cosines) <= count:
        return np.arange(len(cosines))
    edge = -np.partition(-cosines, count - 1)[count - 1]
    above = np.flatnonzero(cosines > edge)
    return np.concatenate([above, np.flatnonzero(cosines == edge)[: count - len(above)]])


def _collection_name(field: str) -> str:
    return f"passages-{field}"


def _held(tables: Path, field: str) -> bool:
    return (tables / f"{field}.places.npy").exists()
