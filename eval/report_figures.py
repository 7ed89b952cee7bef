"""The figures of a report: what the tables, sentences and drawings of the page are made from.

Languages are never pooled, and what has no score is counted beside every mean. The template turns
these values into text and SVG.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.calibration import Bin, expected_calibration_error, reliability
from eval.catalogue import BY_NAME, MEASURES, Measure
from eval.means import Mean, mean, percentile
from eval.measures import RANKINGS
from eval.runs import Row
from eval.samples import KINDS, LANGS
from eval.summary import Summary
from index.types import Lang

BARS = 20  # of a histogram, about


@dataclass(frozen=True, slots=True)
class Cell:
    """A mean beside its target; `bound` is what the scores cannot exclude where all are alike.

    With n questions that all came out alike the bootstrap interval has no width. By the rule of
    three (Hanley and Lippman-Hand 1983) up to 3/n of others would still be compatible.
    """

    mean: Mean
    met: bool | None
    close: bool  # the target lies inside the interval
    bound: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A measure with its cell by language; `top` is where its scale ends."""

    measure: Measure
    cells: Mapping[Lang, Cell]
    top: float


@dataclass(frozen=True, slots=True)
class Part:
    """`k` of `n` questions, with the mean that they make."""

    k: int
    n: int
    mean: Mean


@dataclass(frozen=True, slots=True)
class Headline:
    """What a reader should know first of one language's questions; Part.n 0: none was asked."""

    lang: Lang
    n: int
    errors: int
    evidence: Part  # every sentence needed was quoted
    vital: Part  # every vital fact was told
    refused: Part  # rightly
    wrongly: Part  # refused
    quotes: Part  # answers with every quote verbatim and every page right
    targets: int
    missed: Sequence[tuple[Measure, Mean]]


@dataclass(frozen=True, slots=True)
class Dot:
    """The mean of one kind of question in one language."""

    lang: Lang
    cell: Cell


@dataclass(frozen=True, slots=True)
class Diagram:
    """Stated against observed, with a Wilson 95 % interval for each bin."""

    lang: Lang
    n: int
    error: float
    bins: Sequence[tuple[Bin, float, float]]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in steps of `step` by language; the last bar also holds all that is higher."""

    measure: Measure
    start: float
    step: float
    counts: Mapping[str, Sequence[int]]
    means: Mapping[str, Mean]
    p50: Mapping[str, float | None]
    p95: Mapping[str, float | None]
    open_ended: bool


def lines_of(summary: Summary) -> Iterator[Line]:
    """Every measure, in the order of eval.catalogue."""
    for measure in MEASURES:
        groups = ((lang, summary.of(lang)) for lang in LANGS)
        cells = {lang: _cell(measure, group.means[measure.name]) for lang, group in groups if group}
        highs = [cell.mean.high for cell in cells.values() if cell.mean.high is not None]
        top = 1.0 if measure.unit == "share" else 1.05 * max(highs, default=1.0)
        yield Line(measure, cells, top or 1.0)


def _cell(measure: Measure, found: Mean) -> Cell:
    if found.value is None or found.low is None or found.high is None:
        return Cell(found, None, False, None)
    limit = bound(found) if measure.unit == "share" else None
    inside = measure.target is not None and found.low < measure.target <= found.high
    return Cell(found, measure.met(found.value), inside, limit)


def bound(found: Mean) -> float | None:
    """How far from a share of all or none the truth may be; None for any other share.

    Worked: of 30 questions none failed, so up to 3/30 may: 1.0 has the bound 0.9.
    """
    if found.low != found.high or found.value not in (0, 1):
        return None
    return abs(found.value - min(1.0, 3 / found.n))


def group_of(measure: Measure) -> str:
    """Under which heading of report_words.GROUP_WORDS a measure stands."""
    if measure.contract:
        return "contract"
    if measure.name in RANKINGS:
        return "search"
    if measure.better == "neither":
        return "size"
    return "refusal" if measure.name in ("refused", "wrongly_refused") else "answers"


def headline_of(lang: Lang, rows: Sequence[Row], lines: Sequence[Line]) -> Headline:
    """What is said first of the questions in `lang`."""
    own = [row for row in rows if row.lang == lang]

    def part(name: str, full: float = 1.0) -> Part:
        given = (row.scores[name] for row in own if name in row.scores)
        return _part([None if s is None else float(s == full) for s in given])

    def whole(row: Row) -> float | None:
        both = [row.scores.get("verbatim"), row.scores.get("pages")]
        if None in both and 0 not in both:
            return None
        return float(both == [1.0, 1.0])

    judged = [(line.measure, line.cells[lang]) for line in lines if lang in line.cells]
    return Headline(
        lang=lang,
        n=len(own),
        errors=sum(row.answer is None for row in own),
        evidence=part("evidence"),
        vital=part("vital"),
        refused=part("refused"),
        wrongly=part("wrongly_refused"),
        quotes=_part([whole(row) for row in own if "verbatim" in row.scores]),
        targets=sum(cell.met is not None for _, cell in judged),
        missed=[(measure, cell.mean) for measure, cell in judged if cell.met is False],
    )


def _part(scores: Sequence[float | None]) -> Part:
    found = mean(scores)
    return Part(sum(score == 1 for score in scores), found.n, found)


def matrix_of(rows: Sequence[Row], lang: Lang) -> Mapping[tuple[bool, bool | None], int]:
    """How many questions of a language there are by (the document answers, was refused)."""
    return Counter((row.answerable, row.refused) for row in rows if row.lang == lang)


def dots_by_kind(summary: Summary, name: str) -> list[tuple[str, list[Dot]]]:
    """By kind, the mean of a measure in each language; `refusals` is the share refused at all."""
    found: list[tuple[str, list[Dot]]] = []
    for kind in KINDS:
        dots: list[Dot] = []
        for lang in LANGS:
            group = summary.of(lang, kind)
            source = name
            if name == "refusals":
                source = "refused" if kind == "unanswerable" else "wrongly_refused"
            if group and (group.means[source].n or group.means[source].unscored):
                dots.append(Dot(lang, _cell(BY_NAME[source], group.means[source])))
        if dots:
            found.append((kind, dots))
    return found


def diagrams_of(rows: Sequence[Row]) -> list[Diagram]:
    """How well stated probabilities held, for each language that has some."""
    found = []
    for lang in LANGS:
        pairs = [
            (row.probability, row.answerable)
            for row in rows
            if row.lang == lang and row.probability is not None
        ]
        if pairs:
            stated, so = zip(*pairs, strict=True)
            bins = [(b, *_wilson(b.observed, b.count)) for b in reliability(stated, so)]
            error = expected_calibration_error(stated, so)
            found.append(Diagram(lang, len(pairs), error, bins))
    return found


def _wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of Wilson (1927) for a share of n. Worked: 0.5 of 10 is 0.237 to 0.763."""
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)


def histogram_of(measure: Measure, rows: Sequence[Row]) -> Histogram | None:
    """How the scores of a measure are spread; None where there are none."""
    values: dict[str, list[float]] = {}
    for row in rows:
        if (value := row.scores.get(measure.name)) is not None:
            values.setdefault(row.lang, []).append(value)
    everything = [value for own in values.values() for value in own]
    if not everything:
        return None
    start = min(everything) if measure.unit == "count" else 0.0
    end = percentile(everything, 98) or 1.0
    step = 1.0 if measure.unit == "count" else _step(end - start)
    bars = max(1, int((end - start) // step) + 1)
    counts = {lang: [0] * bars for lang in values}
    for lang, own in values.items():
        for value in own:
            counts[lang][min(bars - 1, int((value - start) // step))] += 1
    return Histogram(
        measure=measure,
        start=start,
        step=step,
        counts=counts,
        means={lang: mean(own) for lang, own in values.items()},
        p50={lang: percentile(own, 50) for lang, own in values.items()},
        p95={lang: percentile(own, 95) for lang, own in values.items()},
        open_ended=max(everything) >= start + bars * step,
    )


def _step(width: float) -> float:
    """A round step of which about BARS make `width`. Worked: 95 has steps of 5."""
    if width <= 0:
        return 1.0
    power = 10.0
    while power > width / BARS:
        power /= 10
    while power * 10 <= width / BARS:
        power *= 10
    return next(power * m for m in (1, 2, 5, 10) if power * m >= width / BARS)


def failed_by_code(rows: Sequence[Row]) -> Mapping[tuple[str, str], int]:
    """How many questions failed, by code and language."""
    return Counter(
        (code, row.lang) for row in rows for code in {failure.code for failure in row.failures}
    )
