"""Compare two runs question by question: what rose, what fell, and what chance would explain.

Only questions that both runs were asked alike are compared, and a measure only where both have a
score. Languages are never pooled. A run's questions are a sample of what readers ask, so every
difference carries a paired bootstrap interval and the p of a paired sign-flip test, corrected for
the number of tests. No text of a test half comes out: such questions are counted, not shown. Not
covered: chance inside an engine, which would take several runs of each.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.errors import InputError
from eval import page
from eval.catalogue import Unit
from eval.chance import SAME
from eval.compare_differences import COMPARED, Difference, differences_of
from eval.compare_flips import STATUS, Direction, Flipped, changes_of, status_of
from eval.measures import BUDGET, evidence_found
from eval.runs import Row, Run
from eval.samples import LANGS, squeeze
from index.types import Lang

SHOWN = 15  # flipped questions in the terminal; the page has all


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared. `sealed` counts flipped questions of a test half, which are not shown.

    `only_a`, `only_b` and `changed` are the ids that were left out: asked in one run only, or with
    another question or other expectations. `manifests` lists what differs between the manifests.
    """

    a: Run
    b: Run
    counts: Mapping[Lang, int]
    differences: tuple[Difference, ...]
    flipped: tuple[Flipped, ...]
    sealed: int
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    changed: tuple[str, ...]
    manifests: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, without the texts of the questions."""
        return {
            "a": str(self.a.folder),
            "b": str(self.b.folder),
            "questions": dict(self.counts),
            "differences": [
                {**asdict(d), "significant": d.significant, "favours": d.favours}
                for d in self.differences
            ],
            "flipped": [
                {
                    "id": f.a.id,
                    "lang": f.a.lang,
                    "direction": f.direction,
                    "changes": [asdict(change) for change in f.changes],
                }
                for f in self.flipped
            ],
            "sealed": self.sealed,
            "only_a": list(self.only_a),
            "only_b": list(self.only_b),
            "changed": list(self.changed),
            "manifests": [list(entry) for entry in self.manifests],
        }


def compare(a: Run, b: Run) -> Comparison:
    """How `b` differs from `a`; InputError where they have no question in common."""
    others = {row.id: row for row in b.rows}
    asked = [(row, others[row.id]) for row in a.rows if row.id in others]
    pairs = [(x, y) for x, y in asked if _expected(x) == _expected(y)]
    if not pairs:
        raise InputError(
            f"{a.folder} and {b.folder} have no question in common ({_set(a)}; {_set(b)}). "
            "Compare runs of one set and half."
        )
    kept, ids = {x.id for x, _ in asked}, {x.id for x, _ in pairs}
    found = [f for x, y in pairs if (f := Flipped(x, y, tuple(changes_of(x, y)))).changes]
    shown = [f for f in found if "test" not in (f.a.half, f.b.half)]
    order: list[Direction] = ["worse", "mixed", "better"]
    return Comparison(
        a=a,
        b=b,
        counts={lang: n for lang in LANGS if (n := sum(x.lang == lang for x, _ in pairs))},
        differences=tuple(differences_of(pairs)),
        flipped=tuple(sorted(shown, key=lambda f: order.index(f.direction))),
        sealed=len(found) - len(shown),
        only_a=tuple(row.id for row in a.rows if row.id not in kept),
        only_b=tuple(row.id for row in b.rows if row.id not in kept),
        changed=tuple(x.id for x, _ in asked if x.id not in ids),
        manifests=tuple(_manifests(a.manifest, b.manifest)),
    )


def figure(value: float | None, unit: Unit = "share", *, signed: bool = False) -> str:
    """A score as it is shown; a dash for None."""
    if value is None:
        return "–"
    places = {"share": 3, "count": 2, "characters": 0, "ms": 1}[unit]
    text = f"{value:{'+' if signed else ''},.{places}f}"
    if not any(c in "123456789" for c in text):
        text = text.lstrip("+-")
    return text.replace("-", "−")


def shown_p(p: float) -> str:
    """A p as it is shown: `< 0.001`, or three places."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print a table for each language, what flipped, and what was left out."""
    for letter, run in (("A", comparison.a), ("B", comparison.b)):
        console.print(Text(f"{letter}: {run.name} ({_set(run)}; {run.manifest.get('engine')})"))
    for lang, differences in groupby(comparison.differences, key=lambda d: d.lang):
        table = Table(
            title=f"{lang}, {comparison.counts[lang]} questions", box=box.SIMPLE_HEAD, expand=False
        )
        for heading in ("measure", "n", "A", "B", "B - A", "95 % interval", "p*", "up/down/same"):
            left = heading == "measure"
            table.add_column(heading, justify="left" if left else "right", no_wrap=True)
        table.add_column("")
        for d in differences:
            table.add_row(*_cells(d))
        console.print(table)
    console.print("* after Benjamini-Hochberg over all tests; significant at 0.05.", style="dim")
    _print_flipped(comparison, console)
    for note in _left_out(comparison):
        console.print(Text(note))


def write_comparison(comparison: Comparison, path: Path, lang: Lang) -> None:
    """Write the comparison as one page that needs no other file, opening in `lang`."""
    values = {
        "comparison": comparison,
        "lang": lang,
        "measures": COMPARED,
        "gists": [_gist(comparison, of) for of in comparison.counts],
        "sections": [(of, *_split(comparison.differences, of)) for of in comparison.counts],
        "limit": _limit(comparison.differences),
        "directions": [
            (name, sum(f.direction == name for f in comparison.flipped))
            for name in ("worse", "mixed", "better")
        ],
        "budget": BUDGET,
        "found": _found,
        "sides": _sides,
        "status": status_of,
    }
    filters: dict[str, Callable[..., str]] = {"figure": figure, "p": shown_p}
    page.write(page.render("compare.html.j2", values, filters), path)


def _expected(row: Row) -> tuple[Any, ...]:
    """What was asked and expected: rows that differ in it do not compare."""
    groups = tuple(frozenset(squeeze(e.quote) for e in group) for group in row.evidence)
    nuggets = tuple((nugget.text, nugget.vital) for nugget in row.nuggets)
    return row.lang, row.answerable, row.question, row.history, groups, nuggets


def _manifests(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The entries that differ, but for the times and the documents' titles."""
    left, right = (dict(_flat(manifest)) for manifest in (a, b))
    for key in dict.fromkeys((*left, *right)):
        if left.get(key) != right.get(key):
            yield key, left.get(key, ""), right.get(key, "")


def _flat(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in manifest.items():
        if key in ("started", "finished", "documents"):
            continue
        inner = value if isinstance(value, dict) else {"": value}
        for name, entry in inner.items():
            text = entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)
            yield f"{key}.{name}".rstrip("."), text


def _set(run: Run) -> str:
    made_of = run.manifest.get("set", {})
    return f"set {made_of.get('name')}, {made_of.get('half')}"


def _cells(d: Difference) -> Iterator[Text]:
    measure = COMPARED[d.measure]
    yield Text(measure.label["en"])
    yield Text(str(d.n))
    yield Text(figure(d.a, measure.unit))
    yield Text(figure(d.b, measure.unit))
    yield Text(figure(d.difference, measure.unit, signed=True))
    low, high = (figure(value, measure.unit, signed=True) for value in (d.low, d.high))
    yield Text(f"{low} to {high}" if d.n else "–")
    yield Text("too few" if d.too_few else shown_p(d.adjusted) if d.n else "–")
    yield Text(f"{d.rose}/{d.fell}/{d.stayed}")
    said = {"a": ("A better", "red"), "b": ("B better", "green"), None: ("", "")}[d.favours]
    if d.significant and d.favours is None:
        said = ("B more" if (d.difference or 0) > 0 else "B less", "")
    unscored = f"no score: A {d.unscored_a}, B {d.unscored_b}"
    yield Text.assemble(said, (f"  {unscored}" if d.unscored_a or d.unscored_b else "", "dim"))


def _print_flipped(comparison: Comparison, console: Console) -> None:
    total = len(comparison.flipped) + comparison.sealed
    hidden = f", {comparison.sealed} of them in the test half" if comparison.sealed else ""
    console.print(Text(f"{total} questions with another verdict{hidden}"))
    for f in comparison.flipped[:SHOWN]:
        changes = "; ".join(
            f"{'status' if c.what == STATUS else COMPARED[c.what].label['en']} "
            f"{_shown(c.a)} -> {_shown(c.b)}"
            for c in f.changes
        )
        line = Text(f"  {f.direction:6} {f.a.lang} {f.a.id}: {changes}  {f.a.question}")
        console.print(line, no_wrap=True, overflow="ellipsis")
    if len(comparison.flipped) > SHOWN:
        console.print(Text(f"  and {len(comparison.flipped) - SHOWN} more"))


def _shown(value: str | float | None) -> str:
    return value if isinstance(value, str) else "unscored" if value is None else f"{value:.2f}"


def _left_out(comparison: Comparison) -> Iterator[str]:
    for ids, why in (
        (comparison.only_a, "asked in A only"),
        (comparison.only_b, "asked in B only"),
        (comparison.changed, "with another question or other expectations"),
    ):
        if ids:
            more = ", ..." if len(ids) > 5 else ""
            yield f"left out, {why}: {len(ids)} ({', '.join(ids[:5])}{more})"


def _gist(comparison: Comparison, lang: Lang) -> dict[str, Any]:
    """Which measures speak for which run in one language."""
    own = [d for d in comparison.differences if d.lang == lang]
    judged = [d for d in own if COMPARED[d.measure].better != "neither"]
    return {
        "lang": lang,
        "b": [COMPARED[d.measure] for d in judged if d.favours == "b"],
        "a": [COMPARED[d.measure] for d in judged if d.favours == "a"],
        "unclear": sum(d.favours is None for d in judged),
        "differs": [
            (COMPARED[d.measure], (d.difference or 0) > 0)
            for d in own
            if d.significant and COMPARED[d.measure].better == "neither"
        ],
        # A promise that was broken more often, though too seldom to be significant.
        "promises": [
            COMPARED[d.measure]
            for d in own
            if COMPARED[d.measure].contract and (d.difference or 0) < -SAME and not d.significant
        ],
    }


def _split(
    differences: Sequence[Difference], lang: Lang
) -> tuple[list[Difference], list[Difference]]:
    """What is a share, and what has a unit of its own."""
    own = [d for d in differences if d.lang == lang]
    return (
        [d for d in own if COMPARED[d.measure].unit == "share"],
        [d for d in own if COMPARED[d.measure].unit != "share"],
    )


def _limit(differences: Sequence[Difference]) -> float:
    """How far the axis of the shares reaches to either side."""
    bounds = [
        abs(bound)
        for d in differences
        if COMPARED[d.measure].unit == "share"
        for bound in (d.low, d.high)
        if bound is not None
    ]
    return next((step for step in (0.1, 0.2, 0.5) if max(bounds, default=0) <= step), 1.0)


def _sides(flipped: Flipped) -> tuple[tuple[str, Row], tuple[str, Row]]:
    return ("A", flipped.a), ("B", flipped.b)


def _found(row: Row) -> tuple[bool, ...]:
    """For each evidence group of a row, whether what the answer cites shows it."""
    answer = row.said()
    quotes = [c.quote for c in answer.citations] if answer and not row.refused else []
    return evidence_found(tuple(tuple(e.quote for e in g) for g in row.evidence), quotes)
