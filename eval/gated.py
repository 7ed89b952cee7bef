"""What the gate is worth: `python -m eval.gated --half dev` (or test).

Asks the brief's questions of a model that is scripted (`eval.scripted`), which makes one kind of
mistake at a time, and prints how many of its wrong sentences are shown as verified with the gate,
and how many of its right ones; without the gate all are. Then what the answers are worth whole,
beside the extractive ones, and what checking takes. Deterministic but for the times. Not covered:
a model's own mistakes, which no script foresees, and sentences that it mends; paraphrase, since the
right sentences are copied or nearly so; and chance, since many questions rest on the same passages,
so that the sentences of one kind are fewer than they look.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import get_args

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from assistant.answer import Assistant
from assistant.errors import AssistantError, InputError
from assistant.find import Finder, Found, Scope
from assistant.query import Query
from assistant.settings import load_settings
from eval.claims import WRONG, WrongKind
from eval.run import Asking, Engine, run
from eval.runs import Row
from eval.samples import LANGS, Half, Sample, load, select, set_path
from eval.scripted_engine import Scripted, Tally
from eval.show import mean_and_interval, plain_console
from eval.stand_ins import remembering, unchecked
from eval.summary import Summary, summarise
from index.types import Lang

ENGINES = ("extractive", "scripted", "scripted-ungated")
FIGURES = {
    "evidence": "evidence\nrecall",
    "vital": "vital\nnuggets",
    "citation_recall": "supported\n(by our checker)",
    "numbers": "numbers\nkept",
    "sentences": "sentences",
    "refused": "refused\nrightly",
}


class RememberedFinder(Finder):
    """Searches once for each query: all kinds of mistakes are asked the same questions."""

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(assistant.index, assistant.finder.reranker)
        self._found: dict[object, Found] = {}

    def find(self, query: Query, scope: Scope = None) -> Found:
        """The ranking for a query."""
        key = query.question, query.texts, query.language, scope
        if key not in self._found:
            self._found[key] = super().find(query, scope)
        return self._found[key]


@dataclass(frozen=True, slots=True)
class Caught:
    """What became of the sentences of a model with one kind of mistake, by language."""

    kind: WrongKind
    gated: Mapping[Lang, Tally]
    ungated: Mapping[Lang, Tally]


@dataclass(frozen=True, slots=True)
class Whole:
    """The figures of an engine, and the median milliseconds of an answer: all, and its checks."""

    name: str
    summary: Summary
    total_ms: Mapping[Lang, float]
    verify_ms: Mapping[Lang, float]


def by_kind(
    assistant: Assistant,
    samples: Sequence[Sample],
    kinds: Sequence[WrongKind],
    asked: Callable[[], None] = lambda: None,
) -> list[Caught]:
    """Ask every question of every kind, with the gate and without; `asked` after each."""
    kept = remembering(assistant.gate.check)
    found = []
    for kind in kinds:
        tallies = []
        for check in (kept, unchecked):
            engine = Scripted(assistant, kind, check)
            for sample in samples:
                engine.ask(sample.question, sample.history, id=sample.id)
                asked()
            tallies.append({lang: engine.tally_of(lang) for lang in LANGS})
        found.append(Caught(kind, *tallies))
    return found


def as_a_whole(
    assistant: Assistant, samples: Sequence[Sample], asked: Callable[[], None] = lambda: None
) -> list[Whole]:
    """The figures of extractive answers, and of a faithful model's with the gate and without."""
    verifier = assistant.gate.verifier
    engines: tuple[Engine, ...] = (
        assistant,
        Scripted(assistant),
        Scripted(assistant, check=unchecked),
    )
    found = []
    for name, engine in zip(ENGINES, engines, strict=True):
        asking = Asking.of(
            engine, samples, lambda claim, passages: verifier.support(claim, passages).supported
        )
        rows = run(asking, samples, asked=asked)
        times = [_times(rows, part) for part in ("total", "verify")]
        found.append(Whole(name, summarise(rows), *times))
    return found


def kinds_table(found: Sequence[Caught]) -> Table:
    """A row per kind and language, then one for all kinds."""
    table = Table(title="A scripted model's sentences, with the gate", box=box.SIMPLE_HEAD)
    for name in ("mistake", "lang"):
        table.add_column(name)
    for name in (
        "wrong\nwritten",
        "shown as\nverified",
        "share",
        "shown without\nthe gate",
        "right\nwritten",
        "right\nshown",
        "share",
    ):
        table.add_column(name, justify="right")
    for lang in LANGS:
        for one in found:
            table.add_row(one.kind, lang, *_cells(one.gated[lang], one.ungated[lang]))
        gated = sum((one.gated[lang] for one in found), Tally())
        ungated = sum((one.ungated[lang] for one in found), Tally())
        table.add_row("all", lang, *_cells(gated, ungated), end_section=True)
    return table


def whole_table(found: Sequence[Whole]) -> Table:
    """A row per engine and language."""
    table = Table(title="Whole answers (a faithful model)", box=box.SIMPLE_HEAD)
    table.add_column("engine")
    table.add_column("lang")
    for name in (
        *FIGURES.values(),
        "answer\nms, p50",
        "of it checks\nms, p50",
        "checks added\nms, p50",
    ):
        table.add_column(name, justify="right")
    for lang in LANGS:
        for one in found:
            group = one.summary.of(lang)
            if group is None:
                continue
            times = one.total_ms[lang], one.verify_ms[lang]
            added = one.verify_ms[lang] - found[0].verify_ms[lang]
            table.add_row(
                one.name,
                lang,
                *(mean_and_interval(group.means[name])[0] for name in FIGURES),
                *(f"{time:.1f}" for time in times),
                "–" if one is found[0] else f"{added:+.1f}",
                end_section=one is found[-1],
            )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, and print both tables; progress goes to standard error."""
    parser = argparse.ArgumentParser(prog="python -m eval.gated", description=__doc__)
    parser.add_argument("--half", choices=get_args(Half), required=True)
    parser.add_argument("--kinds", nargs="+", choices=WRONG, default=list(WRONG), metavar="KIND")
    parser.add_argument("--limit", type=int, help="ask the first questions of each language only")
    given = parser.parse_args(arguments)
    try:
        samples, _ = select(load(set_path("brief")), given.half)
        samples = _limited(samples, given.limit)
        assistant = Assistant.open(load_settings().model_copy(update={"llm": None}))
    except AssistantError as error:
        Console(stderr=True).print(str(error), markup=False)
        return 2 if isinstance(error, InputError) else 1
    logging.getLogger("assistant").setLevel(logging.ERROR)
    assistant.warm()
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("whole answers", total=len(ENGINES) * len(samples))
        whole = as_a_whole(assistant, samples, lambda: progress.advance(bar))
        # The times are taken; what follows need not search again.
        assistant.extractor.finder = RememberedFinder(assistant)
        bar = progress.add_task("mistakes", total=2 * len(given.kinds) * len(samples))
        caught = by_kind(assistant, samples, given.kinds, lambda: progress.advance(bar))
    console = plain_console()
    console.print(f"{len(samples)} questions of the {given.half} half")
    console.print(kinds_table(caught))
    console.print(whole_table(whole))
    return 0


def _limited(samples: Sequence[Sample], limit: int | None) -> tuple[Sample, ...]:
    """The first `limit`, as many of either language as there are, in their order."""
    if limit is None:
        return tuple(samples)
    half = {lang: [s for s in samples if s.lang == lang] for lang in LANGS}
    chosen = {s.id for n, lang in enumerate(LANGS) for s in half[lang][: (limit + 1 - n) // 2]}
    return tuple(s for s in samples if s.id in chosen)


def _times(rows: Sequence[Row], part: str) -> dict[Lang, float]:
    """The median milliseconds of a part of answering, of what was answered, by language."""
    found: dict[Lang, float] = {}
    for lang in LANGS:
        told = [row.said() for row in rows if row.lang == lang]
        times = [a.timings_ms[part] for a in told if a and a.sentences and part in a.timings_ms]
        found[lang] = median(times) if times else 0.0
    return found


def _cells(gated: Tally, ungated: Tally) -> list[str]:
    return [
        str(gated.mutated),
        str(gated.mutated_shown),
        _share(gated.mutated_shown, gated.mutated),
        _share(ungated.mutated_shown, ungated.mutated),
        str(gated.right),
        str(gated.right_shown),
        _share(gated.right_shown, gated.right),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


if __name__ == "__main__":
    sys.exit(main())
