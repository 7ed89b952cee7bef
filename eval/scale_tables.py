"""The figures of libraries of several sizes as JSON, as a drawing and as tables."""

import dataclasses
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.machine import cores, memory_gib
from eval.scale_figures import WARM_UP, Latency, Row
from eval.scale_library import Question
from eval.scale_server import as_told
from index.store import EXACT_UP_TO


def report(rows: Sequence[Row], questions: Sequence[Question]) -> dict[str, Any]:
    """The rows with what they were measured by and on, as JSON has it."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {
            "cores": cores(),
            "memory_gib": round(memory_gib(), 1),
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
    for title, columns, cells in TABLES:
        table = Table(title=title, title_justify="left")
        for column in ("sentences", *columns.split("|")):
            table.add_column(column, justify="right")
        for row in rows:
            if shown := list(cells(row)):
                table.add_row(f"{row.built.sentences:,}", *shown)
        if table.row_count:
            console.print(table)


def _indexing(row: Row) -> Iterator[str]:
    built = row.built
    for seconds in (built.index_s, built.reading_s, built.words_s, built.vectors_s):
        yield f"{seconds:,.1f}"
    for size in (built.peak_mib, built.disk_mb, built.chroma_mb):
        yield f"{size:,.0f}"


def _served(row: Row) -> Iterator[str]:
    """Nothing where there was no server."""
    if row.served is not None:
        yield from as_told(row.served)


def _opened(row: Row) -> Iterator[str]:
    for seconds in (row.asked.open_s, row.asked.first_question_s):
        yield f"{seconds:,.2f}"
    for size in (row.asked.opened_mib, row.asked.asked_mib):
        yield f"{size:,.0f}"


def _plain(row: Row) -> Iterator[str]:
    return map(_written, (row.asked.lexical, row.asked.dense, row.asked.fused))


def _filtered(row: Row) -> Iterator[str]:
    asked = row.asked
    yield _written(asked.document_filter)
    yield f"{asked.document_filter_ratio:.1f}"
    yield _written(asked.language_filter)
    yield f"{asked.language_filter_ratio:.1f}"


def _nearest(row: Row) -> Iterator[str]:
    """Nothing where every field is small enough to be searched exactly."""
    if found := row.asked.neighbours:
        yield f"{found.recall_at_10:.3f}"
        yield from map(_written, (found.hnsw, found.exact))


def _written(times: Latency) -> str:
    return f"{times.p50_ms:.1f} / {times.p95_ms:.1f} ({times.per_second:.0f})"


# Title, headings and cells of each table.
TABLES = (
    ("Indexing", "index s|reading|words|vectors|peak MiB|disk MB|of it Chroma", _indexing),
    ("On the Chroma server", "rows|adding s|rows a s|MiB|peak MiB|disk MB", _served),
    ("An open index", "open s|first question s|MiB opened|MiB after questions", _opened),
    ("Questions: p50 / p95 ms (a second)", "lexical|dense|fused", _plain),
    (
        "Fused, filtered: p50 / p95 ms (a second)",
        "one document|× plain|one language|× plain",
        _filtered,
    ),
    ("Nearest neighbours: p50 / p95 ms (a second)", "recall@10|HNSW|exact", _nearest),
)
