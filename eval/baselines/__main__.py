"""Compare our search with what a user would pick instead: `python -m eval.baselines --data DATA`.

DATA is a folder with retrieval.jsonl.xz, out of which the TyDi QA passages come; without it the
brief alone is asked about. Tables go to standard output, progress to standard error, and with
`--out` every figure into a JSON file. Two runs differ in their times only.
"""

import argparse
import dataclasses
import importlib.metadata
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from assistant.errors import AssistantError, InputError
from assistant.settings import BRIEF
from eval.baselines.compare import (
    LONG,
    SHORT,
    TASKS,
    OnLibrary,
    OnPool,
    on_library,
    on_pool,
    stands_alone,
)
from eval.baselines.systems import BRIEF_ONLY, NAMES, System, make
from eval.retrieval import Pool, read_pool
from eval.runs import write_json
from eval.samples import (
    LANGS,
    Choice,
    Groups,
    Sample,
    evidence_texts,
    load,
    select,
    set_path,
)
from eval.show import mean_and_interval
from eval.texts import passages_of
from index.load import load_library

LIBRARIES = {"ko": "Korean", "en": "English", "mixed": "Korean and English"}
WARM = {"ko00000": "시험은 준비되었다.", "en00000": "The test is ready."}
PACKAGES = ("citebrief", "chromadb", "langchain-chroma", "rank-bm25", "sentence-transformers")
WIDTH = 110


def main() -> int:
    """Measure, print the tables, and write the figures where a file is named."""
    options = _options()
    progress = Console(stderr=True)
    try:
        if options.out and not options.out.parent.is_dir():
            raise InputError(f"--out {options.out}: there is no folder {options.out.parent}.")
        pools = _pools(options.data, options.part) if options.data else {}
        samples, evidence = _brief(options.brief_half)
        on_pools: list[OnPool] = []
        on_brief: list[OnLibrary] = []
        for name in options.system or NAMES:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                system = make(name, Path(folder))
                _warm(system)
                for label, pool in pools.items() if name != BRIEF_ONLY else ():
                    progress.print(f"{name}: {LIBRARIES[label]} passages")
                    on_pools += on_pool(system, pool, label)
                progress.print(f"{name}: the brief")
                on_brief += on_library(system, BRIEF, samples, evidence)
    except AssistantError as error:
        progress.print(str(error), markup=False)
        return 2 if isinstance(error, InputError) else 1
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for table in (*pool_tables(on_pools, pools), *brief_tables(on_brief)):
        console.print(table)
    if options.out:
        figures = {
            "part": options.part if options.data else None,
            "brief_half": options.brief_half,
            "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
            "pools": [dataclasses.asdict(figure) for figure in on_pools],
            "brief": [dataclasses.asdict(figure) for figure in on_brief],
        }
        write_json(options.out, figures)
    return 0


def pool_tables(figures: Sequence[OnPool], pools: Iterable[str]) -> Iterator[Table]:
    """A table for each pool and task, a system a row."""
    for label in pools:
        for task in TASKS:
            own = [f for f in figures if (f.pool, f.task) == (label, task)]
            if not own:
                continue
            asked, _, other = task.partition(">")
            about = f"{LIBRARIES[asked]} questions about {LIBRARIES[other or asked]} passages"
            among = " among both languages" if label == "mixed" else ""
            table = _table(
                f"{about}{among} (n = {own[0].recall.n})",
                ("R@10", "95 % interval", "MRR@10", "nDCG@10"),
            )
            for f in own:
                shown = (*mean_and_interval(f.recall), f"{f.mrr:.3f}", f"{f.ndcg:.3f}")
                table.add_row(f.system, *shown, f"{f.ms:.1f}", f"{f.index_s:.1f}")
            yield table


def brief_tables(figures: Sequence[OnLibrary]) -> Iterator[Table]:
    """A table for each language of questions, a system a row."""
    for lang in LANGS:
        own = [f for f in figures if f.lang == lang]
        if own:
            table = _table(
                f"{LIBRARIES[lang]} questions about the brief (n = {own[0].short.n})",
                (f"evidence in\n{SHORT:,} chars", "\n95 % interval")
                + (f"evidence in\n{LONG:,} chars", "\n95 % interval", "\nMRR@10"),
            )
            table.caption = (
                "quickstart returns chunks, the others sentences and table cells. ours has the "
                "brief's English edition and restatements, the others have not; quickstart and "
                "ours-plain read bare text, in which the table is flat."
            )
            for f in own:
                shown = (
                    *mean_and_interval(f.short),
                    *mean_and_interval(f.long),
                    mean_and_interval(f.mrr)[0],
                )
                table.add_row(f.system, *shown, f"{f.ms:.1f}", f"{f.index_s:.1f}")
            yield table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.baselines", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with retrieval.jsonl.xz")
    parser.add_argument("--part", choices=("test", "tune"), default="test")
    parser.add_argument("--brief-half", choices=("test", "dev", "all"), default="test")
    parser.add_argument(
        "--system", action="append", choices=NAMES, help="again for more; by default all"
    )
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="every figure as JSON")
    return parser.parse_args()


def _pools(data: Path, part: str) -> dict[str, Pool]:
    """The passages of each language as a library of its own, and of both as one."""
    if not (data / "retrieval.jsonl.xz").is_file():
        raise InputError(f"--data {data} holds no retrieval.jsonl.xz; name the folder that does.")
    pool = read_pool(data, "test" if part == "test" else "tune")
    return {"ko": pool.only("ko"), "en": pool.only("en"), "mixed": pool}


def _brief(half: Choice) -> tuple[list[Sample], dict[str, Groups]]:
    """The questions about the brief that it answers by themselves, and their evidence."""
    chosen, _ = select(load(set_path("brief")), half)
    samples = [sample for sample in chosen if stands_alone(sample)]
    documents = {document.id: document for document in load_library(BRIEF)}
    passages = [passage for document in documents.values() for passage in passages_of(document)]
    return samples, evidence_texts(samples, passages, documents)


def _warm(system: System) -> None:
    """Load what the first passage and question would otherwise wait for."""
    system.index(WARM)
    system.rank("준비 ready?")


def _table(title: str, figures: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("system", no_wrap=True)
    for heading in (*figures, "ms a\nquery", "index\nseconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    return table


if __name__ == "__main__":
    sys.exit(main())
