"""The tables that `citebrief eval` prints: a run, two runs, claims, a second judge."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.catalogue import BY_NAME
from eval.claims import Judged, Shares
from eval.means import Mean
from eval.runs import Row
from eval.samples import LANGS
from eval.summary import Summary

PLAIN_WIDTH = 150  # of a table that is piped: as wide as its columns need
KIND_COLUMNS = {
    "evidence": "evidence",
    "vital": "vital",
    "citation_recall": "supported",
    "stance": "stance",
    "language": "language",
    "wrongly_refused": "wrongly\nrefused",
    "refused": "refused",
    "sentences": "sentences",
    "quote_chars": "quote\nchars",
}


def plain_console() -> Console:
    """A console as wide as the terminal, or as the tables need where output is piped."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def run_json(
    summary: Summary,
    others: Mapping[str, Summary],
    opinion: Mapping[str, Any] | None,
    failures: Sequence[Row] | None,
) -> dict[str, Any]:
    """A run as plain JSON, with the baselines beside it and the failures where there are any."""
    shown = summary.to_json()
    if opinion:
        shown["judge"] = opinion
    if others:
        shown["baselines"] = {name: other.to_json() for name, other in others.items()}
    if failures is not None:
        shown["failures"] = [row.model_dump(mode="json") for row in failures]
    return shown


def print_run(
    engine: str,
    summary: Summary,
    others: Mapping[str, Summary],
    opinion: Mapping[str, Any] | None,
    failures: Sequence[Row],
) -> None:
    """Print a run: per kind, all measures, the failures given, then what stands beside it."""
    console = plain_console()
    console.print(_kinds(summary))
    console.print(_measures(summary))
    if summary.errors:
        console.print(
            f"{summary.errors} of {summary.n} questions ended in an error and have no scores."
        )
    for row in failures:
        console.print(failure_text(row))
    for name, other in others.items():
        console.print(_beside(engine, summary, name, other))
    if opinion:
        _print_opinion(opinion, console)


def _kinds(found: Summary) -> Table:
    title = "Means per language and kind; in brackets the n, where it is not the row's"
    table = Table(title=title, box=box.SIMPLE_HEAD)
    table.add_column("lang")
    table.add_column("kind", no_wrap=True)
    for name in ["n", "errors", *KIND_COLUMNS.values(), "p50\nms", "p95\nms"]:
        table.add_column(name, justify="right")
    for group in found.groups:
        cells = [_cell(group.means[measure], group.n) for measure in KIND_COLUMNS]
        times = ["–" if t is None else f"{t:.0f}" for t in (group.p50_ms, group.p95_ms)]
        counts = [str(group.n), str(group.errors)]
        last = group.kind == "all"
        table.add_row(group.lang, group.kind, *counts, *cells, *times, end_section=last)
    return table


def _cell(mean: Mean, n: int) -> str:
    if mean.value is None:
        return f"– ({mean.unscored} unscored)" if mean.unscored else "–"
    value = f"{mean.value:.0f}" if mean.value >= 10 else f"{mean.value:.2f}"
    return value if mean.n == n else f"{value} ({mean.n})"


def _measures(found: Summary) -> Table:
    table = Table(title="Measures with bootstrap 95 % intervals", box=box.SIMPLE_HEAD)
    table.add_column("lang")
    table.add_column("measure", no_wrap=True)
    for name in ("mean", "interval", "n", "unscored", "target", ""):
        table.add_column(name, justify="right")
    for lang in LANGS:
        group = found.of(lang)
        if group is None:
            continue
        for name, measure in BY_NAME.items():
            mean = group.means[name]
            if not mean.n and not mean.unscored:
                continue
            target = verdict = ""
            if measure.target is not None:
                target = f"{'≤' if measure.better == 'lower' else '≥'} {measure.target:.2f}"
                met = None if mean.value is None else measure.met(mean.value)
                verdict = {True: "met", False: "missed", None: "not scored"}[met]
            label = measure.label["en"]
            table.add_row(lang, label, *_figures(mean), target, verdict)
        for name, mean in found.refusal[lang].items():
            label = "F1" if name == "f1" else name
            table.add_row(
                lang, f"refusal {label}", *_figures(mean), "", "", end_section=name == "f1"
            )
    return table


def mean_and_interval(mean: Mean) -> tuple[str, str]:
    """Both as a table shows them; dashes where nothing was scored."""
    if mean.value is None or mean.low is None or mean.high is None:
        return "–", "–"
    digits = 1 if mean.value >= 10 else 3
    value, low, high = (f"{x:.{digits}f}" for x in (mean.value, mean.low, mean.high))
    return value, f"{low} to {high}"


def _figures(mean: Mean) -> list[str]:
    """Mean, interval, n and unscored as a table shows them."""
    return [*mean_and_interval(mean), str(mean.n), str(mean.unscored)]


def _beside(name: str, found: Summary, other_name: str, other: Summary) -> Table:
    table = Table(title=f"{name} beside {other_name}", box=box.SIMPLE_HEAD)
    for heading in ("lang", "measure", name, other_name):
        table.add_column(heading)
    for lang in LANGS:
        one, two = found.of(lang), other.of(lang)
        if one is None or two is None:
            continue
        for measure in BY_NAME.values():
            pair = one.means[measure.name], two.means[measure.name]
            if any(mean.n for mean in pair):
                table.add_row(lang, measure.label["en"], *(_with_interval(m) for m in pair))
    return table


def _with_interval(mean: Mean) -> str:
    value, interval = mean_and_interval(mean)
    return value if mean.value is None else f"{value} ({interval})"


def _print_opinion(opinion: Mapping[str, Any], console: Console) -> None:
    """How far a second judge agrees, and what it cost."""
    table = Table(title=f"Second judge: {opinion['judge']}", box=box.SIMPLE_HEAD)
    for heading in ("against", "n", "unscored", "observed agreement", "Cohen's kappa"):
        table.add_column(heading)
    for name, found in opinion["agreement"].items():
        figures = [
            "–" if found[key] is None else f"{found[key]:.3f}" for key in ("observed", "kappa")
        ]
        table.add_row(name, str(found["n"]), str(found["unscored"]), *figures)
    console.print(table)
    usage = opinion["usage"]
    cost = "unknown (give --judge-prices)" if usage["cost"] is None else f"${usage['cost']:.4f}"
    console.print(
        f"{usage['calls']} calls, {usage['input_tokens']} tokens in, {usage['output_tokens']} out; "
        f"cost {cost}"
    )


def mutation_table(found: Sequence[Shares]) -> Table:
    """The shares caught and doubted as a table."""
    title = "Wrong claims: share caught. Right claims: share doubted (false alarms). 95 % intervals"
    table = Table(title=title, box=box.SIMPLE_HEAD)
    for heading in ("claim in", "kind", "evidence in", "share", "interval", "n", "unscored"):
        table.add_column(heading, justify="left" if heading != "n" else "right")
    names = {None: "either", True: "the other language", False: "the same language"}
    for shares in found:
        figures = _figures(shares.share)
        last = shares.kind.startswith("all") and shares.across is None
        table.add_row(shares.lang, shares.kind, names[shares.across], *figures, end_section=last)
    return table


def failure_text(row: Row) -> Text:
    """A failure in a few lines, as plain text: brackets in an answer are no markup."""
    lines = [f"\n{row.id} {row.lang} {row.kind}: {row.question}"]
    lines += [f"  after: {question}" for question in row.history]
    if row.error:
        lines.append(f"  error: {row.error}")
    if row.answer:
        lines.append(f"  {row.answer['status']}: {row.answer['answer']}")
    lines += [
        f"  {failure.code.replace('_', ' ')}{': ' if failure.about else ''}{failure.about}"
        for failure in row.failures
        if failure.code != "error"
    ]
    return Text("\n".join(lines))


def misjudged_lines(judged: Sequence[Judged]) -> Iterator[Text]:
    """The claims that a checker got wrong, without those of the test half."""
    for one in judged:
        if one.believed is not one.claim.right and one.claim.half != "test":
            verdict = {True: "believed", False: "doubted", None: "not judged"}[one.believed]
            line = f"{one.claim.id} {one.claim.kind} {verdict}: {one.claim.claim}"
            yield Text(f"{line}\n    {' | '.join(one.claim.evidence)}")
