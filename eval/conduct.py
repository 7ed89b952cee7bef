"""Conduct a run by names: choose the questions of a set, open engines and judges, ask them.

Bars on standard error tell how far it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from assistant.errors import InputError
from assistant.holdings import NONE
from assistant.settings import Settings, load_settings
from eval.check_wording import UNWRITTEN
from eval.manifest import manifest
from eval.measures import Supports
from eval.run import Asking, Engine, run
from eval.runs import Row, Writer
from eval.samples import Choice, Sample, library_of, load, select, set_path
from index.build import Progress as BuildProgress

if TYPE_CHECKING:
    from eval.judge import Judge

OpenEngine = Callable[[str, Settings, BuildProgress], Engine]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: the samples of a half of the set at `path`, `jobs` at once."""

    path: Path
    half: Choice
    samples: Sequence[Sample]
    settings: Settings  # with the library that the set asks about
    jobs: int


def order_of(questions: str, half: Choice | None, jobs: int) -> Order:
    """The questions of a set by name or path; InputError where some are still to be written."""
    path = set_path(questions)
    samples = load(path)
    left = [sample.id for sample in samples if UNWRITTEN.match(sample.question)]
    if left:
        raise InputError(
            f"{path} has questions still to be written: {len(left)}, the first is {left[0]!r}. "
            f"List them with: citebrief eval check {path}"
        )
    samples, chosen = select(samples, half)
    # What somebody ingested here must not change what a set's questions find.
    settings = load_settings().model_copy(update={"database": NONE})
    library = library_of(questions, chosen)
    if library is not None:
        settings = settings.model_copy(update={"library": library})
    return Order(path, chosen, samples, settings, jobs)


def ask(order: Order, name: str, folder: Path | None, opened: OpenEngine) -> tuple[Row, ...]:
    """The rows of the engine that `opened` opens by name, written into `folder` if there is one."""
    with _bars() as bars:
        steps: dict[str, TaskID] = {}

        def building(step: str, done: int, total: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(f"index: {step}")
            bars.update(steps[step], completed=done, total=total)

        engine = opened(name, order.settings, building)
        asking = Asking.of(engine, order.samples, checker())
        bar = bars.add_task(f"questions: {name}", total=len(order.samples))
        writer = None
        if folder:
            asked = order.path, order.half, order.samples, order.jobs
            writer = Writer(folder, manifest(order.settings, name, engine.index, *asked))
        return run(
            asking,
            order.samples,
            writer=writer,
            jobs=order.jobs,
            asked=lambda: bars.advance(bar),
        )


def open_engine(name: str, settings: Settings, progress: BuildProgress) -> Engine:
    """As eval.engines, which brings what engines need only when it is called."""
    from eval.engines import open_engine

    return open_engine(name, settings, progress)


def checker() -> Supports:
    """The deterministic checker of answers, as measures want it."""
    from assistant.verify import Verifier

    verifier = Verifier()
    return lambda claim, passages: verifier.support(claim, passages).supported


def open_judge(name: str, url: str | None, prices: str | None) -> "Judge":
    """A second judge; `prices` as 0.25/2.00 are USD per million tokens in and out."""
    from eval.judge import open_judge

    per_million = None
    if prices:
        try:
            first, second = (float(price) for price in prices.split("/"))
        except ValueError as error:
            raise InputError(
                f"--judge-prices {prices!r}: expected USD per million tokens in and out, as "
                "0.25/2.00."
            ) from error
        per_million = first, second
    return open_judge(name, base_url=url, prices=per_million)


def second_opinion(judge: "Judge", rows: Sequence[Row], jobs: int) -> dict[str, Any]:
    """What a second judge says of the rows, as plain JSON."""
    from eval.opinion import items_of, second_opinion

    items = items_of(judge, rows, checker())
    with _bars() as bars:
        bar = bars.add_task(f"judging: {judge.name}", total=len(items))
        return second_opinion(judge, items, jobs=jobs, asked=lambda: bars.advance(bar))


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, *times, console=Console(stderr=True))
