"""Compare two runs question by question: what rose, what fell, and what chance would explain.

Only questions that both runs were asked alike are compared, and a measure only where both have a
score. Languages are never pooled. A run's questions are a sample of what readers ask, so every
difference carries a paired bootstrap interval and the p of a paired sign-flip test, corrected for
the number of tests. No text of a test half comes out: such questions are counted, not shown. Not
covered: chance inside an engine, which would take several runs of each.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.errors import InputError
from eval.chance import FLIPS, SAME, SIGNIFICANT, Chance, adjusted, sign_flip
from eval.measures import BUDGET, RESAMPLES, evidence_found, mean
from eval.runs import Row, Run
from eval.samples import squeeze
from eval.scores import BY_NAME, MEASURES, Measure, Unit
from eval.summary import LANGS
from index.types import Lang

STATUS = "status"
REFUSAL_F1 = Measure(
    "refusal_f1",
    {"ko": "거절의 F1", "en": "refusal F1"},
    {
        "ko": "답이 없는 질문만, 그리고 모두 거절했는지",
        "en": "harmonic mean of precision and recall of refusing",
    },
)
COMPARED = {**BY_NAME, REFUSAL_F1.name: REFUSAL_F1}
JUDGED = ("evidence", "vital", *(m.name for m in MEASURES if m.contract))  # what flips a verdict
SHOWN = 15  # flipped questions in the terminal; the page has all

Direction = Literal["worse", "mixed", "better"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in one language over the `n` questions that both runs have scored.

    `difference` is b - a, `low` to `high` its 95 % interval; `adjusted` is p after the correction
    for all tests. `unscored_*` counts the questions to which the measure applies in either run and
    that have no score in this one.
    """

    measure: str
    lang: Lang
    n: int
    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float
    adjusted: float
    rose: int
    fell: int
    stayed: int
    unscored_a: int
    unscored_b: int

    @property
    def significant(self) -> bool:
        """Chance alone would hardly give it, all tests considered."""
        return self.adjusted <= SIGNIFICANT

    @property
    def too_few(self) -> bool:
        """Scores differ, but on so few questions that no test could tell."""
        return self.rose + self.fell > 0 and 2 * 0.5 ** (self.rose + self.fell) > SIGNIFICANT

    @property
    def favours(self) -> Literal["a", "b"] | None:
        """The run that is significantly better; None also where neither way is better."""
        better = COMPARED[self.measure].better
        if not self.significant or not self.difference or better == "neither":
            return None
        return "b" if (self.difference > 0) == (better == "higher") else "a"


@dataclass(frozen=True, slots=True)
class Change:
    """What changed about a question: a measure, or `status` (answered, refused, error)."""

    what: str
    a: str | float | None
    b: str | float | None


@dataclass(frozen=True, slots=True)
class Flipped:
    """A question that the runs differ on in what a reader would mind."""

    a: Row
    b: Row
    changes: tuple[Change, ...]

    @property
    def direction(self) -> Direction:
        """Whether b is the worse or the better; mixed where it is both, or cannot be told."""
        signs = {sign for c in self.changes if (sign := _sign(c, self.a.answerable))}
        return "mixed" if len(signs) != 1 else "better" if signs == {1} else "worse"


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
    found = [f for x, y in pairs if (f := Flipped(x, y, tuple(_changes(x, y)))).changes]
    shown = [f for f in found if "test" not in (f.a.half, f.b.half)]
    order: list[Direction] = ["worse", "mixed", "better"]
    return Comparison(
        a=a,
        b=b,
        counts={lang: n for lang in LANGS if (n := sum(x.lang == lang for x, _ in pairs))},
        differences=tuple(_differences(pairs)),
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
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": figure, "p": shown_p}
    page = environment.get_template("compare.html.j2").render(
        comparison=comparison,
        lang=lang,
        measures=COMPARED,
        gists=[_gist(comparison, of) for of in comparison.counts],
        sections=[(of, *_split(comparison.differences, of)) for of in comparison.counts],
        limit=_limit(comparison.differences),
        directions=[
            (name, sum(f.direction == name for f in comparison.flipped))
            for name in ("worse", "mixed", "better")
        ],
        budget=BUDGET,
        found=_found,
        sides=_sides,
        status=_status,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error


Pairs = Sequence[tuple[Row, Row]]


def _expected(row: Row) -> tuple[Any, ...]:
    """What was asked and expected: rows that differ in it do not compare."""
    groups = tuple(frozenset(squeeze(e.quote) for e in group) for group in row.evidence)
    nuggets = tuple((nugget.text, nugget.vital) for nugget in row.nuggets)
    return row.lang, row.answerable, row.question, row.history, groups, nuggets


def _differences(pairs: Pairs) -> Iterator[Difference]:
    found: list[tuple[dict[str, Any], Chance]] = []
    for lang in LANGS:
        own = [(x, y) for x, y in pairs if x.lang == lang]
        for measure in MEASURES:
            found += _difference(measure.name, lang, own)
            if measure.name == "wrongly_refused":
                found += _refusal(lang, own)
    corrected = adjusted([test for _, test in found])
    for (fields, test), p in zip(found, corrected, strict=True):
        yield Difference(**fields, p=test.p, adjusted=p)


def _difference(name: str, lang: Lang, pairs: Pairs) -> Iterator[tuple[dict[str, Any], Chance]]:
    """One, or none where the measure applies to no question."""
    applies = [(x.scores, y.scores) for x, y in pairs if name in x.scores or name in y.scores]
    given = [(x.get(name), y.get(name)) for x, y in applies]
    both = [(x, y) for x, y in given if x is not None and y is not None]
    if not given:
        return
    moved = [y - x for x, y in both]
    change = mean(moved)
    rose, fell = sum(d > SAME for d in moved), sum(d < -SAME for d in moved)
    fields = {
        "measure": name,
        "lang": lang,
        "n": len(both),
        "a": mean(x for x, _ in both).value,
        "b": mean(y for _, y in both).value,
        "difference": change.value,
        "low": change.low,
        "high": change.high,
        "rose": rose,
        "fell": fell,
        "stayed": len(both) - rose - fell,
        "unscored_a": sum(x is None for x, _ in given),
        "unscored_b": sum(y is None for _, y in given),
    }
    yield fields, sign_flip(moved)


def _refusal(lang: Lang, pairs: Pairs) -> Iterator[tuple[dict[str, Any], Chance]]:
    """The difference in F1 of refusing; a question rises where its refusal has become right.

    The test swaps the two runs' refusals of a question, in place of a sign.
    """
    both = [(x, y) for x, y in pairs if x.refused is not None and y.refused is not None]
    given = np.array([(not x.answerable, x.refused, y.refused) for x, y in both], dtype=bool)
    if not len(given) or not given[:, 0].any():
        return
    wanted, a, b = given.T
    drawn = np.random.default_rng(0).integers(len(given), size=(RESAMPLES, len(given)))
    resampled = _f1(wanted[drawn], b[drawn]) - _f1(wanted[drawn], a[drawn])
    low, high = np.percentile(resampled[~np.isnan(resampled)], [2.5, 97.5])
    rose = int(((a != wanted) & (b == wanted)).sum())
    fell = int(((a == wanted) & (b != wanted)).sum())
    before, after = float(_f1(wanted, a)), float(_f1(wanted, b))
    fields = {
        "measure": REFUSAL_F1.name,
        "lang": lang,
        "n": len(given),
        "a": before,
        "b": after,
        "difference": after - before,
        "low": float(low),
        "high": float(high),
        "rose": rose,
        "fell": fell,
        "stayed": len(given) - rose - fell,
        "unscored_a": sum(x.refused is None for x, _ in pairs),
        "unscored_b": sum(y.refused is None for _, y in pairs),
    }
    yield fields, _swapped(wanted, a, b)


def _swapped(wanted: Any, a: Any, b: Any) -> Chance:
    from scipy.stats import permutation_test

    moved = a != b
    count = int(moved.sum())
    if count < 2:  # swapped or not, one is as far from the other
        return Chance(1.0, 1.0)
    rest, still = wanted & ~moved, a & ~moved
    fixed_wanted, fixed_refused, fixed_both = wanted.sum(), still.sum(), (rest & still).sum()

    def f1(refused: Any, axis: int) -> Any:
        both = fixed_both + (refused * wanted[moved]).sum(axis=axis)
        return 2 * both / (fixed_wanted + fixed_refused + refused.sum(axis=axis))

    result = permutation_test(
        (a[moved].astype(float), b[moved].astype(float)),
        lambda x, y, axis: f1(y, axis) - f1(x, axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=FLIPS,
        rng=np.random.default_rng(0),
    )
    return Chance(float(result.pvalue), min(1.0, 2 * 0.5**count))


def _f1(wanted: Any, refused: Any) -> Any:
    with np.errstate(invalid="ignore"):
        both = (wanted & refused).sum(axis=-1)
        return 2 * both / (wanted.sum(axis=-1) + refused.sum(axis=-1))


def _status(row: Row) -> str:
    return "error" if row.answer is None else "refused" if row.refused else "answered"


def _changes(x: Row, y: Row) -> Iterator[Change]:
    if _status(x) != _status(y):
        yield Change(STATUS, _status(x), _status(y))
    for name in JUDGED:
        if name not in x.scores or name not in y.scores:
            continue
        a, b = x.scores[name], y.scores[name]
        if (a is None) != (b is None) or (a is not None and b is not None and abs(b - a) > SAME):
            yield Change(name, a, b)


def _sign(change: Change, answerable: bool) -> int:
    """1 where b is better, -1 where it is worse, 0 where it cannot be told."""
    if change.what == STATUS:
        worth = {"error": -1, "answered": int(answerable), "refused": int(not answerable)}
        a, b = worth[str(change.a)], worth[str(change.b)]
        return (b > a) - (b < a)
    if not isinstance(change.a, float) or not isinstance(change.b, float):
        return 0
    return 1 if change.b > change.a else -1


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
