"""Time, memory and disk against the size of the library: `python -m eval.scale`.

The library is made up, the same on every machine: sentences of this project's own, half Korean and
half English, cut and joined anew at a word boundary, with other numbers and now and then an
invented name, so that words and vectors are about as frequent and as close as in real text. What
the figures contain, for each size in two processes of its own (one builds, one asks):

- index: `open_index` from text files to an open index. Reading is loading, Kiwi's model and cutting
  into sentences; words is analysing them and writing the inverted index; vectors is embedding and
  Chroma; the rest of the whole is reading it all back. Peak memory is VmHWM.
- open: `open_index` with the index in place, in a fresh process, chromadb's import and the
  checksums included. First question: what is loaded only when it is needed.
- lexical: `Retriever.search` without embedding, nearest neighbours and cosines; dense: embedding,
  nearest neighbours and the best ten of them by cosine; fused: `Retriever.search` as it is. The two
  filters are fused searches in one document (each in turn) and in the question's own language;
  their ratios are of medians.
- HNSW, where a field is past EXACT_UP_TO: `PassageStore.nearest` against all cosines from a table
  in memory, in all such fields; recall is how many of a field's ten best it brings.
- memory: VmRSS of /proc, so Linux only; it counts pages of mapped files that were touched.

Questions come one after the other from one thread. The first WARM_UP are not counted, in any
figure. Not covered: many users at once, and how good the answers are.
"""

import argparse
import dataclasses
import json
import os
import platform
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from eval.measures import percentile
from index.build import TABLES, Index, open_index
from index.errors import CiteBriefError
from index.manifest import VECTORS
from index.models import Vectors, load_embedder
from index.retrieve import LEADING, Retriever, Weights
from index.store import EXACT_UP_TO, FIELDS, PassageStore
from index.types import Lang

TRAINING = Path(__file__).parent.parent / "index" / "training"
SIZES = (1_000, 10_000, 100_000)  # sentences
SMALLEST = 20  # sentences: one paragraph in each document
SEED = "citebrief"
DOCUMENT = 5_000  # sentences
FEWEST_DOCUMENTS = 4
PARAGRAPH = 5  # sentences
SECTION = 20  # paragraphs
PAIRS = 110  # of questions, each in both languages
WARM_UP = 20  # questions
NEIGHBOURS = 10
NUMBER_CHANGES = 0.7  # how likely a number is another
NAME_COMES = 0.05  # how likely a sentence gets an invented name
KOREAN_SOUNDS = (
    "가 나 도 라 루 르 마 모 바 벨 비 사 센 스 아 에 오 유 이 자 카 켈 타 토 트 파 하 한".split()
)
ENGLISH_SOUNDS = (
    "ba ko dra fe gal hen ir jo kel lun mar nov or pel quin ros sten tal uv wes".split()
)

Question = tuple[str, Lang]
Result = TypeVar("Result")


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


def write_library(size: int, folder: Path) -> int:
    """Write about `size` sentences as documents with sidecars; gives how many documents."""
    folder.mkdir(parents=True)
    count = max(FEWEST_DOCUMENTS, round(size / DOCUMENT))
    count += count % 2  # as many in each language
    pools: dict[Lang, list[str]] = {"ko": _sentences(0), "en": _sentences(1)}
    for number in range(count):
        lang: Lang = "en" if number % 2 else "ko"
        own = size * (number + 1) // count - size * number // count
        name = f"scale-{number:04d}-{lang}"
        text = _document(pools[lang], own, lang, random.Random(f"{SEED}-{number}"))
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        (folder / f"{name}.yaml").write_text(
            f"file: {name}.txt\nid: {name}\nlang: {lang}\nlayout: plain\n"
            f"title:\n  {lang}: Report {number}\n",
            encoding="utf-8",
        )
    return count


def read_questions(pairs: int = PAIRS) -> list[Question]:
    """Questions evenly from all of the project's own, each in both languages."""
    rows = _table("quads.tsv")
    chosen = [rows[i * len(rows) // pairs] for i in range(pairs)]
    return [question for row in chosen for question in ((row[0], "ko"), (row[1], "en"))]


def build(size: int, folder: Path) -> Built:
    """Write a library of `size` sentences into `folder`, index it there, and say what it took."""
    documents = write_library(size, folder / "library")
    ended: dict[str, float] = {}

    def note(step: str, done: int, total: int) -> None:
        ended[step] = time.perf_counter()

    start = time.perf_counter()
    index = open_index(folder / "library", folder / "index", load_embedder(None), progress=note)
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
        disk_mb=_megabytes(index.folder),
        chroma_mb=sum(_megabytes(path) for path in index.folder.glob(f"{VECTORS}*")),
        peak_mib=_memory("VmHWM"),
    )


def ask(folder: Path, questions: Sequence[Question]) -> Asked:
    """Open the index that `build` left in `folder`, ask it `questions`, and say what it took."""
    embedder = load_embedder(None)
    start = time.perf_counter()
    index = open_index(folder / "library", folder / "index", embedder, progress=_refuse)
    opened = time.perf_counter() - start
    opened_mib = _memory("VmRSS")
    fused = Retriever(index)
    start = time.perf_counter()
    fused.search(questions[0][0])
    first = time.perf_counter() - start
    plain = _timed(lambda text, lang, number: fused.search(text), questions)
    asked_mib = _memory("VmRSS")
    names = sorted(index.documents)
    one = _timed(
        lambda text, lang, number: fused.search(text, documents=[names[number % len(names)]]),
        questions,
    )
    own = _timed(lambda text, lang, number: fused.search(text, language=lang), questions)
    worded = Retriever(
        dataclasses.replace(
            index,
            store=_NoVectors(),
            embedder=_NoEmbedder(index.embedder.dimensions),
        ),
        Weights(dense=0),
    )
    lexical = _timed(lambda text, lang, number: worded.search(text, arm="lexical"), questions)
    dense = _timed(lambda text, lang, number: _by_meaning(index, text), questions)
    row = Asked(
        open_s=opened,
        first_question_s=first,
        opened_mib=opened_mib,
        asked_mib=asked_mib,
        lexical=lexical,
        dense=dense,
        fused=plain,
        document_filter=one,
        language_filter=own,
        document_filter_ratio=one.p50_ms / plain.p50_ms,
        language_filter_ratio=own.p50_ms / plain.p50_ms,
        neighbours=_neighbours(index, questions),
    )
    index.store.close()
    return row


def report(rows: Sequence[Row], questions: Sequence[Question]) -> dict[str, Any]:
    """The rows with what they were measured by and on, as JSON has it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "memory_gib": round(memory, 1),
            "processor": platform.machine(),
            "system": platform.system(),
            "python": platform.python_version(),
            "load": round(os.getloadavg()[0], 1),  # of the last minute, this included
        },
        "questions": len(questions) - WARM_UP,
        "warm_up": WARM_UP,
        "exact_up_to": EXACT_UP_TO,
        "sizes": [dataclasses.asdict(row) for row in rows],
    }


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw question times, indexing time and memory against the number of sentences."""
    from matplotlib.figure import Figure

    sizes = [row.built.sentences for row in rows]
    panels: dict[str, dict[str, list[float]]] = {
        "p95 of a question, ms": {
            "fused": [row.asked.fused.p95_ms for row in rows],
            "lexical": [row.asked.lexical.p95_ms for row in rows],
            "dense": [row.asked.dense.p95_ms for row in rows],
        },
        "indexing, s": {
            "whole": [row.built.index_s for row in rows],
            "reading": [row.built.reading_s for row in rows],
            "words": [row.built.words_s for row in rows],
            "vectors": [row.built.vectors_s for row in rows],
        },
        "resident memory, MiB": {
            "after the questions": [row.asked.asked_mib for row in rows],
            "after opening": [row.asked.opened_mib for row in rows],
        },
    }
    figure = Figure(figsize=(12, 4), layout="constrained")
    for axes, (title, lines) in zip(figure.subplots(1, 3), panels.items(), strict=True):
        for label, values in lines.items():
            axes.plot(sizes, values, marker="o", label=label)
        axes.set(xscale="log", yscale="log", title=title, xlabel="sentences")
        axes.grid(True, which="both", alpha=0.25)
        axes.legend()
    figure.savefig(path, dpi=150)


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the tables."""
    table = _headed("Indexing", "index s|reading|words|vectors|peak MiB|disk MB|of it Chroma")
    for row in rows:
        built = row.built
        seconds = (built.index_s, built.reading_s, built.words_s, built.vectors_s)
        sizes = (built.peak_mib, built.disk_mb, built.chroma_mb)
        table.add_row(
            f"{built.sentences:,}",
            *(f"{value:,.1f}" for value in seconds),
            *(f"{value:,.0f}" for value in sizes),
        )
    console.print(table)
    table = _headed("An open index", "open s|first question s|MiB opened|MiB after questions")
    for row in rows:
        asked = row.asked
        table.add_row(
            f"{row.built.sentences:,}",
            *(f"{value:,.2f}" for value in (asked.open_s, asked.first_question_s)),
            *(f"{value:,.0f}" for value in (asked.opened_mib, asked.asked_mib)),
        )
    console.print(table)
    table = _headed("Questions: p50 / p95 ms (a second)", "lexical|dense|fused")
    for row in rows:
        asked = row.asked
        times = map(_written, (asked.lexical, asked.dense, asked.fused))
        table.add_row(f"{row.built.sentences:,}", *times)
    console.print(table)
    table = _headed(
        "Fused, filtered: p50 / p95 ms (a second)", "one document|× plain|one language|× plain"
    )
    for row in rows:
        asked = row.asked
        table.add_row(
            f"{row.built.sentences:,}",
            _written(asked.document_filter),
            f"{asked.document_filter_ratio:.1f}",
            _written(asked.language_filter),
            f"{asked.language_filter_ratio:.1f}",
        )
    console.print(table)
    table = _headed("Nearest neighbours: p50 / p95 ms (a second)", "recall@10|HNSW|exact")
    for row in rows:
        if found := row.asked.neighbours:
            times = map(_written, (found.hnsw, found.exact))
            table.add_row(f"{row.built.sentences:,}", f"{found.recall_at_10:.3f}", *times)
    if table.row_count:
        console.print(table)


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


def _document(pool: Sequence[str], size: int, lang: Lang, rng: random.Random) -> str:
    sentences = [_spliced(pool, lang, rng) for _ in range(size)]
    blocks = []
    for number, start in enumerate(range(0, size, PARAGRAPH)):
        if number % SECTION == 0:
            words = rng.choice(pool).rstrip(".").split()
            blocks.append("## " + " ".join(words[: rng.randint(2, 5)]))
        blocks.append(" ".join(sentences[start : start + PARAGRAPH]))
    return "\n\n".join(blocks) + "\n"


def _spliced(pool: Sequence[str], lang: Lang, rng: random.Random) -> str:
    """The beginning of one sentence and the rest of another."""
    first, second = rng.choice(pool).split(), rng.choice(pool).split()
    share = rng.uniform(0.3, 0.7)
    words = first[: max(1, round(len(first) * share))]
    if rng.random() < NAME_COMES:
        words.append(_name(lang, rng))
    words += second[min(len(second) - 1, round(len(second) * share)) :]

    def changed(match: re.Match[str]) -> str:
        if rng.random() >= NUMBER_CHANGES:
            return match[0]
        digits = len(match[0])
        return str(rng.randrange(10 ** (digits - 1), 10**digits))

    return re.sub(r"\d+", changed, " ".join(words))


def _name(lang: Lang, rng: random.Random) -> str:
    if lang == "ko":
        return "".join(rng.choices(KOREAN_SOUNDS, k=rng.randint(2, 4))) + "의"
    return "".join(rng.choices(ENGLISH_SOUNDS, k=rng.randint(2, 3))).capitalize()


def _sentences(column: int) -> list[str]:
    """The project's own sentences of one language: 0 is Korean, 1 English."""
    rows = [row[column] for row in _table("sentences.tsv")]
    rows += [row[column + 2] for row in _table("quads.tsv")]
    cut = [sentence for row in rows for sentence in re.split(r"(?<=[a-z가-힣0-9)]\.) ", row)]
    return [s for s in cut if s.endswith(".") and s[0].isalnum() and len(s.split()) > 4]


def _table(name: str) -> list[list[str]]:
    lines = (TRAINING / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line]


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


def _memory(field: str) -> float:
    """MiB of this process: VmRSS is what is resident, VmHWM the most that was."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) / 1024


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _headed(title: str, columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("sentences", *columns.split("|")):
        table.add_column(column, justify="right")
    return table


def _written(times: Latency) -> str:
    return f"{times.p50_ms:.1f} / {times.p95_ms:.1f} ({times.per_second:.0f})"


def _apart(function: Callable[..., Result], *given: object) -> Result:
    """Run in a fresh process, whose memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def _size(text: str) -> int:
    size = int(text.replace("_", "").replace(",", ""))
    if size < SMALLEST:
        raise argparse.ArgumentTypeError(f"{text} is too few; give {SMALLEST} sentences or more.")
    return size


def main() -> int:
    """Measure every size, print the tables, and write scale.json and scale.png."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--sizes",
        type=_size,
        nargs="+",
        default=SIZES,
        metavar="N",
        help="sentences in the library; 1000000 takes about an hour and ten gigabytes in TMPDIR",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build/scale"), help="folder for scale.json and scale.png"
    )
    given = parser.parse_args()
    progress = Console(stderr=True)
    questions = read_questions()
    rows = []
    try:
        for size in given.sizes:
            with tempfile.TemporaryDirectory(prefix="citebrief-scale-") as folder:
                progress.print(f"scale: indexing {size:,} sentences")
                built = _apart(build, size, Path(folder))
                progress.print(f"scale: asking {len(questions)} questions in five ways")
                rows.append(Row(built, _apart(ask, Path(folder), questions)))
    except CiteBriefError as error:
        progress.print(str(error))
        return 1
    show(rows, Console())
    out: Path = given.out
    out.mkdir(parents=True, exist_ok=True)
    written = json.dumps(report(rows, questions), indent=1)
    (out / "scale.json").write_text(written + "\n", encoding="utf-8")
    plot(rows, out / "scale.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
