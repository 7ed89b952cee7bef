"""Time, memory and disk against the size of the library: `python -m eval.scale`.

The library is made up (`eval.scale_library`). What the figures contain, for each size in two
processes of its own (one builds, one asks):

- index: `open_index` from text files to an open index. Reading is loading, Kiwi's model, cutting
  into sentences, analysing and embedding them; words is writing the inverted index; vectors is
  writing the tables and Chroma; the rest of the whole is reading it all back. Peak memory is VmHWM.
- open: `open_index` with the index in place, in a fresh process, chromadb's import and the
  checksums included. First question: what is loaded only when it is needed.
- lexical: `Retriever.search` without embedding, nearest neighbours and cosines; dense: embedding,
  nearest neighbours and the best ten of them by cosine; fused: `Retriever.search` as it is. The two
  filters are fused searches in one document (each in turn) and in the question's own language;
  their ratios are of medians.
- HNSW, where a field is past EXACT_UP_TO: `PassageStore.nearest` against all cosines from a table
  in memory, in all such fields; recall is how many of a field's ten best it brings.
- server, with --store-url: seconds from the first row put on it to the last, and what it takes
  after the questions. Vectors are then tables alone.
- memory: VmRSS of /proc, so Linux only; it counts pages of mapped files that were touched.

Questions come one after the other from one thread. The first WARM_UP are not counted, in any
figure. Not covered: many users at once, and how good the answers are.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from eval.runs import write_json
from eval.scale_figures import Row, ask, build
from eval.scale_library import SMALLEST, Question, read_questions
from eval.scale_server import running
from eval.scale_tables import plot, report, show
from index.errors import CiteBriefError

SIZES = (1_000, 10_000, 100_000)  # sentences

Result = TypeVar("Result")


def _measured(
    size: int, questions: Sequence[Question], progress: Console, store_url: str | None
) -> Row:
    with tempfile.TemporaryDirectory(prefix="citebrief-scale-") as made, ExitStack() as open_now:
        folder = Path(made)
        server = None
        if store_url is not None:
            server = open_now.enter_context(running(store_url, folder / "server", size))
        store = None if server is None else server.store
        progress.print(f"scale: indexing {size:,} sentences")
        built = _apart(build, size, folder, store)
        progress.print(f"scale: asking {len(questions)} questions in five ways")
        asked = _apart(ask, folder, questions, store)
        served = None if server is None else server.served(built.vectors, built.server_s)
        return Row(built, asked, served)


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
    parser.add_argument(
        "--store-url",
        metavar="URL",
        help='a Chroma server that keeps the neighbours; "own" starts one for each size',
    )
    given = parser.parse_args()
    progress = Console(stderr=True)
    questions = read_questions()
    try:
        rows = [_measured(size, questions, progress, given.store_url) for size in given.sizes]
    except CiteBriefError as error:
        progress.print(str(error))
        return 1
    show(rows, Console())
    write_json(given.out / "scale.json", report(rows, questions))
    plot(rows, given.out / "scale.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
