"""`citebrief eval`: measure answers on a question set. A front door: no measuring happens here.

Tables go to standard output, progress to standard error. Failures are shown of questions that are
not in the test half only, since a test half that somebody has looked at measures nothing any more.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from assistant.errors import AssistantError, InputError
from assistant.settings import Settings, load_settings
from eval.measures import Mean
from eval.run import HEADLINES, Asker, Group, Report, Row, load_gate, manifest, report, write
from eval.run import run as run_samples
from eval.samples import Choice, Sample, library_of, load, select, set_path
from index.build import Progress as BuildProgress

PLAIN_WIDTH = 150  # of a table that is piped: as wide as its columns need
SEALED = (
    "--show-failures shows questions of the dev half only, because looking at the test half spends "
    "it: leave it out, or give --half dev."
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
OpenAssistant = Callable[[Settings, BuildProgress], Asker]


@app.callback()
def _evaluate() -> None:
    """Measure the answers on question sets."""


@app.command()
def run(
    context: typer.Context,
    questions: Annotated[
        str, typer.Option("--set", help="brief, other, or a .jsonl file of questions.")
    ] = "brief",
    half: Annotated[
        Choice | None,
        typer.Option(help="Half to ask; by default dev, or all of a set without halves."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for rows.jsonl and manifest.json.")
    ] = None,
    gate: Annotated[
        Path | None,
        typer.Option(
            help="JSON file of floors per language; exit 1 below one. See eval/gate.json."
        ),
    ] = None,
    show_failures: Annotated[
        bool, typer.Option("--show-failures", help="List what failed, never of the test half.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The report as JSON instead of tables.")
    ] = False,
) -> None:
    """Ask every question of a set, and print the measures per language and kind."""
    try:
        path = set_path(questions)
        samples, chosen = select(load(path), half)
        if show_failures and chosen == "test":
            raise InputError(SEALED)
        floors = load_gate(gate) if gate else None
        settings = load_settings()
        library = library_of(questions, chosen)
        if library is not None:
            settings = settings.model_copy(update={"library": library})
        opened: OpenAssistant = context.obj if callable(context.obj) else _open_assistant
        asker, rows = _ask(opened, settings, samples)
        found = report(rows, floors)
        if out:
            made_of = manifest(settings, asker.index.manifest, path, chosen, found)
            write(out, rows, made_of)
    except AssistantError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2 if isinstance(error, InputError) else 1) from error
    failures = [row for row in rows if row.failed and row.sample.half != "test"]
    if as_json:
        shown = {"failures": [row.to_json() for row in failures]} if show_failures else {}
        typer.echo(json.dumps({**found.to_json(), **shown}, ensure_ascii=False))
    else:
        _print(found, failures if show_failures else [])
    for shortfall in found.shortfalls:
        typer.echo(f"gate: {shortfall}", err=True)
    if found.shortfalls:
        raise typer.Exit(1)


def _ask(
    opened: OpenAssistant, settings: Settings, samples: Sequence[Sample]
) -> tuple[Asker, list[Row]]:
    """The assistant that was opened and its rows, with bars on standard error meanwhile."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        steps: dict[str, TaskID] = {}

        def building(step: str, done: int, total: int) -> None:
            if step not in steps:
                steps[step] = progress.add_task(f"index: {step}")
            progress.update(steps[step], completed=done, total=total)

        asker = opened(settings, building)
        asking = progress.add_task("questions", total=len(samples))
        return asker, run_samples(asker, samples, lambda: progress.advance(asking))


def _open_assistant(settings: Settings, progress: BuildProgress) -> Asker:
    from assistant.answer import Assistant  # brings the language models: not for --help

    assistant = Assistant.open(settings, progress)
    assistant.warm()
    return assistant


def _print(found: Report, failures: Sequence[Row]) -> None:
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    console.print(_kinds(found.groups))
    console.print(_headlines(found))
    if found.errors:
        console.print(
            f"{found.errors} of {found.n} questions ended in an error and have no scores."
        )
    for row in failures:
        console.print(_failure(row))


def _kinds(groups: Sequence[Group]) -> Table:
    title = "Means per language and kind; in brackets the n, where it is not the row's"
    table = Table(title=title, box=box.SIMPLE_HEAD)
    table.add_column("lang")
    table.add_column("kind", no_wrap=True)
    names = {
        "evidence": "evidence",
        "nuggets": "nuggets",
        "vital": "vital",
        "language": "language",
        "wrongly_refused": "wrongly\nrefused",
        "refused": "refused",
        "sentences": "sentences",
        "quote_chars": "quote\nchars",
        "verbatim": "verbatim",
    }
    for name in ["n", "errors", *names.values(), "p50\nms", "p95\nms"]:
        table.add_column(name, justify="right")
    for group in groups:
        cells = [_cell(group.means[measure], group.n) for measure in names]
        times = ["–" if t is None else f"{t:.0f}" for t in (group.p50_ms, group.p95_ms)]
        counts = [str(group.n), str(group.errors)]
        last = group.kind == "all answerable"
        table.add_row(group.lang, group.kind, *counts, *cells, *times, end_section=last)
    return table


def _cell(mean: Mean, n: int) -> str:
    if mean.value is None:
        return f"– ({mean.unscored} unscored)" if mean.unscored else "–"
    value = f"{mean.value:.0f}" if mean.value >= 10 else f"{mean.value:.2f}"
    return value if mean.n == n else f"{value} ({mean.n})"


def _headlines(found: Report) -> Table:
    table = Table(title="Headline figures with bootstrap 95 % intervals", box=box.SIMPLE_HEAD)
    table.add_column("lang")
    table.add_column("figure", no_wrap=True)
    for name in ("mean", "interval", "n", "unscored", "target", ""):
        table.add_column(name, justify="right")
    for lang, figures in found.headlines.items():
        for headline in HEADLINES:
            mean = figures[headline.measure]
            target = f"{'≤' if headline.ceiling else '≥'} {headline.target:.2f}"
            value, interval, verdict = "–", "–", "not scored"
            if mean.value is not None:
                value, interval = f"{mean.value:.3f}", f"{mean.low:.3f} to {mean.high:.3f}"
                verdict = "met" if headline.met(mean.value) else "missed"
            last = headline is HEADLINES[-1]
            counts = [str(mean.n), str(mean.unscored)]
            cells = [lang, headline.label, value, interval, *counts, target, verdict]
            table.add_row(*cells, end_section=last)
    return table


def _failure(row: Row) -> Text:
    """A failure in a few lines, as plain text: brackets in an answer are no markup."""
    sample = row.sample
    lines = [f"\n{sample.id} {sample.lang} {sample.kind}: {sample.question}"]
    lines += [f"  after: {question}" for question in sample.history]
    if row.error:
        lines.append(f"  error: {row.error}")
    if row.answer:
        lines.append(f"  {row.answer.status}: {row.answer.answer}")
    lines += [f"  evidence missed: {' | '.join(group)}" for group in row.missed_evidence]
    lines += [f"  nugget missed: {nugget}" for nugget in row.missed_nuggets]
    if row.scores.language == 0:
        lines.append(f"  the answer is not in the language of the question ({sample.lang})")
    if row.scores.verbatim is not None and row.scores.verbatim < 1:
        lines.append("  a quote or its page does not match the document")
    return Text("\n".join(lines))
