"""`citebrief eval`: measure answers, report, compare, gate. A front door that measures nothing.

Tables go to standard output, progress to standard error. Failures are shown of questions that are
not in the test half only, since a test half that somebody has looked at measures nothing any more.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.errors import AssistantError, InputError
from eval import conduct
from eval.runs import read_run, write_json
from eval.samples import LANGS, Choice, schema, set_path
from eval.show import misjudged_lines, mutation_table, plain_console, print_run, run_json
from eval.summary import load_floor, summarise
from index.types import Lang

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
Set = Annotated[
    str, typer.Option("--set", help="brief, documents, other, or a .jsonl file of questions.")
]
Half = Annotated[
    Choice | None,
    typer.Option(help="Half to ask; by default dev, or all of a set without halves."),
]
EngineName = Annotated[
    str, typer.Option(help="What answers: auto, extractive, llm, a baseline and more (README).")
]
Baselines = Annotated[
    list[str] | None,
    typer.Option(help="Ask this too, and compare; e.g. langchain-quickstart. May be repeated."),
]
RunFolder = Annotated[
    Path | None, typer.Option(help="Folder of the run; one that was stopped goes on.")
]
Jobs = Annotated[int, typer.Option(min=1, max=32, help="Questions asked, and judged, at once.")]
Floors = Annotated[
    Path | None,
    typer.Option(help="JSON file of floors per language; exit 1 below one. See eval/gate.json."),
]
JudgeName = Annotated[
    str | None,
    typer.Option(help="An LLM as a second judge: provider:model, as openai:gpt-5-mini."),
]
JudgeUrl = Annotated[
    str | None, typer.Option(help="Address of an OpenAI-compatible server for --judge.")
]
JudgePrices = Annotated[
    str | None, typer.Option(help="USD per million tokens in/out, as 0.25/2.00.")
]
ShowFailures = Annotated[
    bool, typer.Option("--show-failures", help="List what failed, never of the test half.")
]
MisjudgedToo = Annotated[
    bool, typer.Option("--show-failures", help="List what was misjudged, never of the test half.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]


@app.callback()
def _evaluate() -> None:
    """Measure the answers on question sets."""


@app.command()
def run(
    context: typer.Context,
    questions: Set = "brief",
    half: Half = None,
    engine: EngineName = "auto",
    baseline: Baselines = None,
    out: RunFolder = None,
    jobs: Jobs = 1,
    gate: Floors = None,
    judge: JudgeName = None,
    judge_url: JudgeUrl = None,
    judge_prices: JudgePrices = None,
    show_failures: ShowFailures = False,
    as_json: AsJson = False,
) -> None:
    """Ask every question of a set, and print the measures per language and kind."""
    with _errors():
        order = conduct.order_of(questions, half, jobs)
        if show_failures and order.half == "test":
            raise InputError(SEALED)
        floor = load_floor(gate) if gate else None
        second = conduct.open_judge(judge, judge_url, judge_prices) if judge else None
        opened = context.obj if callable(context.obj) else conduct.open_engine
        folders = {engine: out}
        for name in baseline or []:
            folders.setdefault(name, out / name if out else None)
        found = {name: conduct.ask(order, name, of, opened) for name, of in folders.items()}
        rows = found.pop(engine)
        opinion = conduct.second_opinion(second, rows, jobs) if second else None
        if opinion and out:
            write_json(out / "judge.json", opinion)
    summary = summarise(rows, floor)
    others = {name: summarise(other) for name, other in found.items()}
    failures = [row for row in rows if row.failures and row.half != "test"]
    if as_json:
        shown = failures if show_failures else None
        typer.echo(json.dumps(run_json(summary, others, opinion, shown), ensure_ascii=False))
    else:
        print_run(engine, summary, others, opinion, failures if show_failures else ())
        if out:
            typer.echo(f"Written to {out}. Read it: citebrief eval report {out}", err=True)
    _end_short(summary.shortfalls)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    out: Annotated[
        Path | None, typer.Option(help="The page to write; by default report.html in RUN.")
    ] = None,
    lang: Annotated[str, typer.Option(help="Language shown first: ko or en.")] = "en",
    show_test: Annotated[
        bool, typer.Option(help="Show questions of the test half; this spends it.")
    ] = False,
) -> None:
    """Write one HTML page about a run, in Korean and English, for people who read no code."""
    from eval.report import write_report

    with _errors():
        path = out or folder / "report.html"
        write_report(read_run(folder), path, _lang(lang), show_test=show_test)
    typer.echo(str(path))


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="Folder of a run.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Folder of another, such as a newer one.")],
    out: Annotated[Path | None, typer.Option(help="Also write an HTML page here.")] = None,
    lang: Annotated[str, typer.Option(help="Language shown first in it: ko or en.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Compare two runs question by question: what changed, and is it more than chance?"""
    from eval.compare import compare as compare_runs
    from eval.compare import print_comparison, write_comparison

    with _errors():
        found = compare_runs(read_run(a), read_run(b))
        if out:
            write_comparison(found, out, _lang(lang))
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        print_comparison(found, plain_console())


@app.command()
def gate(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    against: Annotated[
        Path | None, typer.Option(help="Baseline file, or the folder of an earlier run.")
    ] = None,
    renew: Annotated[
        Path | None, typer.Option(help="Write the run down as the new baseline, here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Exit 1 where a run falls significantly below a baseline, or breaks what is promised."""
    from eval.gate import gate as judge_run
    from eval.gate_baseline import write_baseline

    with _errors():
        found = read_run(folder)
        if (against is None) == (renew is None):
            raise InputError("Give either --against BASELINE or --renew BASELINE.")
        if renew:
            write_baseline(found, renew)
            typer.echo(f"{renew} now holds {len(found.rows)} questions of {folder}.")
            return
        assert against is not None  # noqa: S101 - one of the two, as was checked
        verdict = judge_run(found, against)
    if as_json:
        typer.echo(json.dumps(verdict.to_json(), ensure_ascii=False))
    else:
        for line in verdict.lines():
            typer.echo(line)
    if not verdict.passed:
        raise typer.Exit(1)


@app.command()
def check(
    questions: Annotated[str, typer.Argument(metavar="SET", help="A set by name, or a file.")],
    library: Annotated[
        Path | None, typer.Option(help="Folder of the documents that it asks about.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a question set: every fault with its line and field. Exit 2 if there is one."""
    from eval.check import check as check_set

    with _errors():
        found = check_set(set_path(questions), library)
    if as_json:
        plain = {"errors": found.errors, "warnings": found.warnings, "counts": found.counts}
        typer.echo(json.dumps(plain, ensure_ascii=False))
    else:
        for warning in found.warnings:
            typer.echo(f"warning: {warning}", err=True)
        for error in found.errors:
            typer.echo(error, err=True)
        typer.echo(
            f"{len(found.errors)} errors, {len(found.warnings)} warnings. "
            + "; ".join(f"{name}: {_plain(count)}" for name, count in found.counts.items())
        )
    if found.errors:
        raise typer.Exit(2)


@app.command()
def draft(
    document: Annotated[Path, typer.Argument(help="A document of your own.")],
    out: Annotated[Path | None, typer.Option(help="File to write; by default the screen.")] = None,
    questions: Annotated[int, typer.Option(min=1, max=500, help="How many to propose.")] = 24,
) -> None:
    """Propose question skeletons for a document of your own, to be filled in."""
    from eval.draft import draft as draft_set

    with _errors():
        found = draft_set(document, questions)
        if out is None:
            typer.echo(found.lines(), nl=False)
            return
        if out.exists():
            raise InputError(f"{out} exists; name another file, so that nothing written is lost.")
        try:
            out.write_text(found.lines(), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{out} cannot be written ({error.strerror}).") from error
    typer.echo(
        f"{out}: write what begins with TODO or 할 일, then run: citebrief eval check {out}",
        err=True,
    )


@app.command("schema")
def show_schema() -> None:
    """Print the JSON Schema of one line of a question set."""
    typer.echo(json.dumps(schema(), ensure_ascii=False, indent=1))


@app.command()
def mutations(
    questions: Annotated[
        str, typer.Option("--set", help="A set of claims, right and wrong.")
    ] = "mutations",
    half: Annotated[Choice, typer.Option(help="Half of it.")] = "dev",
    show_failures: MisjudgedToo = False,
    as_json: AsJson = False,
) -> None:
    """Try the checker of answers on right and spoilt claims: share caught and false alarms."""
    from eval import claims

    with _errors():
        if show_failures and half == "test":
            raise InputError(SEALED)
        known = claims.select(claims.load(set_path(questions)), half)
        passages, documents = claims.library(half)
        judged = claims.judge(known, passages, documents, conduct.checker())
    found = claims.shares(judged)
    if as_json:
        typer.echo(json.dumps(claims.to_json(found), ensure_ascii=False))
        return
    console = plain_console()
    console.print(mutation_table(found))
    if show_failures:
        for line in misjudged_lines(judged):
            console.print(line)


@contextmanager
def _errors() -> Iterator[None]:
    """What is safe to show is shown, with the exit code of the contract."""
    try:
        yield
    except AssistantError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2 if isinstance(error, InputError) else 1) from error


def _lang(name: str) -> Lang:
    if name not in LANGS:
        raise InputError(f"--lang {name!r}: expected ko or en.")
    return "ko" if name == "ko" else "en"


def _plain(count: Any) -> str:
    """A count, or counts by name, in words."""
    if isinstance(count, dict):
        return ", ".join(f"{name} {number}" for name, number in count.items())
    return str(count)


def _end_short(shortfalls: Sequence[str]) -> None:
    for shortfall in shortfalls:
        typer.echo(f"gate: {shortfall}", err=True)
    if shortfalls:
        raise typer.Exit(1)
