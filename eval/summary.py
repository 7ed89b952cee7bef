"""From rows to figures: means with intervals, per language and per kind, and what falls short.

One average over both languages would hide that one of them fails, so there is none. Every mean
carries its n, its unscored count and a bootstrap 95 % interval.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InputError
from eval.catalogue import BY_NAME, MEASURES
from eval.lines import first_fault
from eval.means import Mean, mean, percentile
from eval.measures import agreement
from eval.refusal import refusing
from eval.runs import Row
from eval.samples import KINDS, LANGS
from index.types import Lang

ALL = "all"
HEADLINES = ("evidence", "vital", "language", "wrongly_refused", "refused")  # of the terminal


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one language's questions of one kind, or of `all`."""

    lang: Lang
    kind: str
    n: int
    errors: int
    means: Mapping[str, Mean]
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run found. `refusal` has precision, recall and F1 of refusing, by language."""

    n: int
    errors: int
    groups: tuple[Group, ...]
    refusal: Mapping[Lang, Mapping[str, Mean]]
    shortfalls: tuple[str, ...] = field(default=())  # where a gate of floors was not passed

    def of(self, lang: Lang, kind: str = ALL) -> Group | None:
        """The figures of a language, or of one kind in it; None where nothing was asked."""
        return next((g for g in self.groups if (g.lang, g.kind) == (lang, kind)), None)

    @property
    def headlines(self) -> Mapping[Lang, Mapping[str, Mean]]:
        """By language, the figures that say in one look how a run went."""
        found = ((lang, self.of(lang)) for lang in LANGS)
        return {lang: {name: g.means[name] for name in HEADLINES} for lang, g in found if g}

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, with the targets beside the figures."""
        plain = dataclasses.asdict(self)
        plain["headlines"] = {
            lang: {name: dataclasses.asdict(m) for name, m in figures.items()}
            for lang, figures in self.headlines.items()
        }
        plain["targets"] = {m.name: m.target for m in MEASURES if m.target is not None}
        return plain


Bound = Annotated[float, Field(ge=0, le=1)]


class Floors(BaseModel):
    """What one language must reach for the gate: floors, and a ceiling for `wrongly_refused`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    evidence: Bound | None = None
    nuggets: Bound | None = None
    vital: Bound | None = None
    citation_recall: Bound | None = None
    language: Bound | None = None
    wrongly_refused: Bound | None = None
    refused: Bound | None = None


class Floor(BaseModel):
    """The gate file: floors per language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ko: Floors = Floors()
    en: Floors = Floors()


def summarise(rows: Sequence[Row], floor: Floor | None = None) -> Summary:
    """The figures of a run, and where they fall short of `floor`."""
    groups = tuple(_groups(rows))
    refusal = {lang: refusing([r for r in rows if r.lang == lang]) for lang in LANGS}
    found = Summary(len(rows), sum(row.answer is None for row in rows), groups, refusal)
    return dataclasses.replace(found, shortfalls=tuple(_shortfalls(found, floor or Floor())))


def with_agreement(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, with the score `agreement` on both questions of each pair that was answered."""
    by_id = {row.id: row for row in rows}
    scores: dict[str, float] = {}
    for row in rows:
        other = by_id.get(row.pair) if row.pair else None
        one, two = row.said(), other.said() if other else None
        if other and one and two:
            scores[row.id] = scores[other.id] = agreement(one, two)
    return tuple(
        row.model_copy(update={"scores": {**row.scores, "agreement": scores[row.id]}})
        if row.id in scores
        else row
        for row in rows
    )


def load_floor(path: Path) -> Floor:
    """The gate file at `path`; InputError names the field that is wrong."""
    try:
        return Floor.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"The gate file {path} cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        fault = first_fault(error, "the file")
        raise InputError(f"The gate file {path}: {fault}.") from error


def _groups(rows: Sequence[Row]) -> Iterator[Group]:
    for lang in LANGS:
        own = [row for row in rows if row.lang == lang]
        for kind in KINDS:
            if here := [row for row in own if row.kind == kind]:
                yield _group(lang, kind, here)
        if own:
            yield _group(lang, ALL, own)


def _group(lang: Lang, kind: str, rows: Sequence[Row]) -> Group:
    times = [t for row in rows if (t := row.scores.get("latency_ms")) is not None]
    return Group(
        lang=lang,
        kind=kind,
        n=len(rows),
        errors=sum(row.answer is None for row in rows),
        means={
            name: mean(row.scores[name] for row in rows if name in row.scores) for name in BY_NAME
        },
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )


def _shortfalls(found: Summary, floor: Floor) -> Iterator[str]:
    if found.errors and floor != Floor():
        yield f"{found.errors} questions ended in an error"
    for lang in LANGS:
        group = found.of(lang)
        for name, bound in getattr(floor, lang).model_dump(exclude_none=True).items():
            measure = BY_NAME[name]
            value = group.means[name].value if group else None
            label = f"{lang} {measure.label['en']}"
            if value is None:
                yield f"{label}: nothing was scored; expected {bound:.2f}"
            elif not measure.met(value, bound):
                side = "at most" if measure.better == "lower" else "at least"
                yield f"{label}: {value:.3f}; expected {side} {bound:.3f}"
