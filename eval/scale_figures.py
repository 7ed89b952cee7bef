"""What it takes to index a made-up library of one size, to open its index and to ask it questions.

`build` and `ask` measure the process that they run in, so each needs one of its own.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.machine import memory_mib
from eval.means import percentile
from eval.scale_library import Question, write_library
from eval.scale_server import Served
from index.build import TABLES, Index, open_index
from index.chroma import StoreServer
from index.errors import CiteBriefError
from index.manifest import VECTORS
from index.models import Vectors, load_embedder
from index.retrieve import LEADING, Retriever, Weights
from index.store import EXACT_UP_TO, FIELDS, PassageStore
from index.types import Lang

WARM_UP = 20  # questions
NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Latency:
    """How long questions took, one after the other."""

    p50_ms: float
    p95_ms: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Built:
    """What it took to index a library."""

    sentences: int  # asked for; the splitter may see a few more or less
    passages: int
    documents: int
    vectors: int
    index_s: float
    reading_s: float
    words_s: float
    vectors_s: float
    server_s: float  # 0 where there is none
    disk_mb: float
    chroma_mb: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """HNSW beside exact search."""

    recall_at_10: float
    hnsw: Latency
    exact: Latency


@dataclass(frozen=True, slots=True)
class Asked:
    """What it took to open an index and to ask it questions."""

    open_s: float
    first_question_s: float
    opened_mib: float
    asked_mib: float
    lexical: Latency
    dense: Latency
    fused: Latency
    document_filter: Latency
    language_filter: Latency
    document_filter_ratio: float
    language_filter_ratio: float
    neighbours: Neighbours | None  # None: every field is small enough to be searched exactly


@dataclass(frozen=True, slots=True)
class Row:
    """All of one size."""

    built: Built
    asked: Asked
    served: Served | None = None


def build(size: int, folder: Path, store: StoreServer | None = None) -> Built:
    """Write a library of `size` sentences into `folder`, index it there, and say what it took."""
    documents = write_library(size, folder / "library")
    ended: dict[str, float] = {}

    def note(step: str, done: int, total: int) -> None:
        ended[step] = time.perf_counter()

    start = time.perf_counter()
    index = open_index(
        folder / "library", folder / "index", load_embedder(None), progress=note, store=store
    )
    whole = time.perf_counter() - start
    index.store.close()
    return Built(
        sentences=size,
        passages=len(index.passages),
        documents=documents,
        vectors=sum(len(of(p)) for p in index.passages for of in FIELDS.values()),
        index_s=whole,
        reading_s=ended["reading"] - start,
        words_s=ended["words"] - ended["reading"],
        vectors_s=ended["vectors"] - ended["words"],
        server_s=ended.get("server", ended["vectors"]) - ended["vectors"],
        disk_mb=_megabytes(index.folder),
        chroma_mb=sum(_megabytes(path) for path in index.folder.glob(f"{VECTORS}*")),
        peak_mib=memory_mib("VmHWM"),
    )


def ask(folder: Path, questions: Sequence[Question], store: StoreServer | None = None) -> Asked:
    """Open the index that `build` left in `folder`, ask it `questions`, and say what it took."""
    embedder = load_embedder(None)
    start = time.perf_counter()
    index = open_index(
        folder / "library", folder / "index", embedder, progress=_refuse, store=store
    )
    opened = time.perf_counter() - start
    opened_mib = memory_mib("VmRSS")
    fused = Retriever(index)
    start = time.perf_counter()
    fused.search(questions[0][0])
    first = time.perf_counter() - start
    if store is not None and not index.store.connect():
        raise CiteBriefError(f"The server {store.shown} cannot be used; see the line above.")
    plain = _timed(lambda text, lang, number: fused.search(text), questions)
    asked_mib = memory_mib("VmRSS")
    names = sorted(index.documents)
    one = _timed(
        lambda text, lang, number: fused.search(text, documents=[names[number % len(names)]]),
        questions,
    )
    own = _timed(lambda text, lang, number: fused.search(text, language=lang), questions)
    worded = _by_words(index)
    row = Asked(
        open_s=opened,
        first_question_s=first,
        opened_mib=opened_mib,
        asked_mib=asked_mib,
        lexical=_timed(lambda text, lang, number: worded.search(text, arm="lexical"), questions),
        dense=_timed(lambda text, lang, number: _by_meaning(index, text), questions),
        fused=plain,
        document_filter=one,
        language_filter=own,
        document_filter_ratio=one.p50_ms / plain.p50_ms,
        language_filter_ratio=own.p50_ms / plain.p50_ms,
        neighbours=_neighbours(index, questions),
    )
    index.store.close()
    return row


class _NoEmbedder:
    """Stands where a search is to do without vectors."""

    name = version = ""
    reads_terms = False

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions

    def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        return np.zeros((len(texts), self.dimensions), np.float32)


class _NoVectors(PassageStore):
    """A store without vectors, so that a search by words pays for words only."""

    def __init__(self) -> None:
        pass

    def cosines(self, vector: Vectors, places: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.full(len(places), -1.0, np.float32)

    def nearest(
        self, vector: Vectors, count: int, allowed: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        return np.empty(0, np.int64)

    def crowd(self, vector: Vectors) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return np.empty(0, np.int64), np.empty(0, np.float32)


def _refuse(step: str, done: int, total: int) -> None:
    raise CiteBriefError(
        "The index that was built a moment ago does not open and would be built once more, so no "
        "figure of it would be right. Run the tests of index/build.py."
    )


def _by_words(index: Index) -> Retriever:
    """A search without embedding, nearest neighbours and cosines."""
    bare = dataclasses.replace(
        index, store=_NoVectors(), embedder=_NoEmbedder(index.embedder.dimensions)
    )
    return Retriever(bare, Weights(dense=0))


def _by_meaning(index: Index, text: str) -> NDArray[np.int64]:
    vector = index.embed([text], question=True)[0]
    places = index.store.nearest(vector, LEADING)
    cosines = index.store.cosines(vector, places)
    best: NDArray[np.int64] = places[np.argsort(-cosines, kind="stable")[:NEIGHBOURS]]
    return best


def _neighbours(index: Index, questions: Sequence[Question]) -> Neighbours | None:
    folder = index.folder / TABLES
    fields = [field for field in FIELDS if (folder / f"{field}.npy").is_file()]
    places = {field: np.load(folder / f"{field}.places.npy") for field in fields}
    large = [field for field in fields if len(places[field]) > EXACT_UP_TO]
    if not large:
        return None
    tables = {field: np.load(folder / f"{field}.npy").astype(np.float32) for field in large}
    vectors = index.embed([text for text, _ in questions], question=True)
    recalls, hnsw, exact = [], [], []
    for vector in vectors:
        start = time.perf_counter()
        found = index.store.nearest(vector, LEADING)
        middle = time.perf_counter()
        cosines = {field: table @ vector for field, table in tables.items()}
        for values in cosines.values():
            np.argpartition(-values, NEIGHBOURS)
        hnsw.append(middle - start)
        exact.append(time.perf_counter() - middle)
        recalls += [_recall(found, places[field], cosines[field]) for field in large]
    return Neighbours(float(np.mean(recalls)), _latency(hnsw), _latency(exact))


def _recall(
    found: NDArray[np.int64], places: NDArray[np.int64], cosines: NDArray[np.float32]
) -> float:
    """The share of the ten best rows whose passages were found, in [0, 1]."""
    best = np.argpartition(-cosines, NEIGHBOURS)[:NEIGHBOURS]
    return float(np.isin(places[best], found).mean())


def _timed(run: Callable[[str, Lang, int], object], questions: Sequence[Question]) -> Latency:
    times = []
    for number, (text, lang) in enumerate(questions):
        start = time.perf_counter()
        run(text, lang, number)
        times.append(time.perf_counter() - start)
    return _latency(times)


def _latency(times: Sequence[float]) -> Latency:
    counted = times[WARM_UP:]
    p50, p95 = percentile(counted, 50) or 0.0, percentile(counted, 95) or 0.0
    return Latency(p50 * 1000, p95 * 1000, len(counted) / sum(counted))


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
