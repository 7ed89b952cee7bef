"""Run an assistant over a question set: one row per question, then means, headlines and the gate.

Rows come first and keep their evidence (the answer, what it missed); every mean is made of rows.
Means stand per language, or per language and kind: one average over both languages would hide that
one of them fails. A question that ends in a fault is counted as an error and has no scores.
"""

import dataclasses
import hashlib
import importlib.metadata
import json
import logging
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InputError
from assistant.settings import Settings
from assistant.types import Answer
from eval import measures
from eval.measures import Mean
from eval.samples import KINDS, Choice, Groups, Sample, evidence_texts
from index.build import Manifest
from index.types import Document, Lang, Passage

LANGS: tuple[Lang, ...] = ("ko", "en")
PACKAGES = (
    "citebrief",
    "chromadb",
    "kiwipiepy",
    "numpy",
    "sentence-transformers",
    "torch",
)
SECRET = ("key", "token", "secret", "password")  # a setting named so stays out of the manifest

log = logging.getLogger(__name__)


class Library(Protocol):
    """What a run needs of an index."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """Document id -> document."""

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage of the library."""

    @property
    def manifest(self) -> Manifest:
        """What the index was made of."""


class Asker(Protocol):
    """What a run needs of an assistant."""

    @property
    def index(self) -> Library:
        """The library it answers from."""

    def ask(self, question: str, history: Sequence[str] = (), *, id: str = "") -> Answer:
        """Answer a question in the light of the earlier ones."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one answer; None is unscored, or does not apply (`applies` tells which)."""

    evidence: float | None = None
    nuggets: float | None = None
    vital: float | None = None
    language: float | None = None
    wrongly_refused: float | None = None
    refused: float | None = None  # of an unanswerable question: 1.0 is right
    sentences: float | None = None
    quote_chars: float | None = None
    verbatim: float | None = None
    latency_ms: float | None = None


MEASURES = tuple(f.name for f in dataclasses.fields(Scores))
OF_ANSWERABLE = ("evidence", "nuggets", "vital", "wrongly_refused")
OF_ANSWERED = ("sentences", "quote_chars", "verbatim")


@dataclass(frozen=True, slots=True)
class Row:
    """A question, what was answered, and how good that was. `error` is set where no answer came."""

    sample: Sample
    answer: Answer | None
    scores: Scores
    error: str | None = None
    missed_evidence: Groups = ()
    missed_nuggets: tuple[str, ...] = ()
    unscored_nuggets: int = 0

    def applies(self, measure: str) -> bool:
        """The measure has a meaning for this question, whether or not it could be scored."""
        if self.answer is None:
            return False
        if measure in OF_ANSWERABLE:
            return self.sample.answerable
        if measure in OF_ANSWERED:
            return self.answer.status == "answered"
        return measure != "refused" or not self.sample.answerable

    @property
    def failed(self) -> bool:
        """Something that a reader would mind: an error, or a score short of full."""
        full = ("evidence", "nuggets", "language", "refused", "verbatim")
        short = any((getattr(self.scores, m) or 0.0) < 1 for m in full if self._scored(m))
        return self.error is not None or short or self.scores.wrongly_refused == 1

    def to_json(self) -> dict[str, Any]:
        """One line of rows.jsonl."""
        return {
            **{k: getattr(self.sample, k) for k in ("id", "half", "lang", "kind", "document")},
            "question": self.sample.question,
            "history": list(self.sample.history),
            "answer": self.answer.to_json() if self.answer else None,
            "error": self.error,
            "measures": dataclasses.asdict(self.scores),
            "missed_evidence": [list(group) for group in self.missed_evidence],
            "missed_nuggets": list(self.missed_nuggets),
            "unscored_nuggets": self.unscored_nuggets,
        }

    def _scored(self, measure: str) -> bool:
        return getattr(self.scores, measure) is not None


@dataclass(frozen=True, slots=True)
class Headline:
    """A measure that has a target: at least `target`, or at most where `ceiling`."""

    measure: str
    label: str
    target: float
    ceiling: bool = False

    def met(self, value: float, bound: float | None = None) -> bool:
        """Whether `value` keeps to `bound`, by default the target."""
        limit = self.target if bound is None else bound
        return value <= limit if self.ceiling else value >= limit


HEADLINES = (
    Headline("evidence", "evidence recall", 0.95),
    Headline("nuggets", "nugget recall", 0.90),
    Headline("language", "language right", 1.0),
    Headline("wrongly_refused", "wrongly refused", 0.05, ceiling=True),
    Headline("refused", "refused when unanswerable", 0.90),
)


@dataclass(frozen=True, slots=True)
class Group:
    """The means of one language's questions of one kind, or of all kinds that have an answer."""

    lang: Lang
    kind: str
    n: int
    errors: int
    means: Mapping[str, Mean]
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found: `headlines` maps a language to its figures by measure."""

    n: int
    errors: int
    headlines: Mapping[Lang, Mapping[str, Mean]]
    groups: tuple[Group, ...]
    shortfalls: tuple[str, ...] = field(default=())  # where the gate was not passed

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, with the targets beside the figures."""
        plain = dataclasses.asdict(self)
        plain["targets"] = {h.measure: h.target for h in HEADLINES}
        return plain


Bound = Annotated[float, Field(ge=0, le=1)]


class Floors(BaseModel):
    """What one language must reach for the gate: floors, and a ceiling for `wrongly_refused`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    evidence: Bound | None = None
    nuggets: Bound | None = None
    language: Bound | None = None
    wrongly_refused: Bound | None = None
    refused: Bound | None = None


class Gate(BaseModel):
    """The gate file: floors per language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ko: Floors = Floors()
    en: Floors = Floors()


def run(asker: Asker, samples: Sequence[Sample], asked: Callable[[], None]) -> list[Row]:
    """One row per sample, in order; `asked` is called after each question."""
    evidence = evidence_texts(samples, asker.index.passages, asker.index.documents)
    rows = []
    for sample in samples:
        rows.append(_ask(asker, sample, evidence[sample.id]))
        asked()
    return rows


def score(
    sample: Sample,
    answer: Answer,
    evidence: Groups,
    documents: Mapping[str, Document],
    latency_ms: float,
) -> Row:
    """Every score of one answer. A refusal tells nothing, whatever topics its text names."""
    answered = answer.status == "answered"
    text = answer.answer if answered else ""
    quotes = [c.quote for c in answer.citations] if answered else []
    found = measures.evidence_found(evidence, quotes)
    told = measures.nuggets_found(sample.nuggets, answer.language, text)
    vital = [t for t, nugget in zip(told, sample.nuggets, strict=True) if nugget.vital]
    scores = Scores(
        evidence=measures.share(found),
        nuggets=measures.share(told),
        vital=measures.share(vital),
        language=measures.language_right(answer.answer, answer.language, sample.lang),
        wrongly_refused=float(not answered) if sample.answerable else None,
        refused=None if sample.answerable else float(not answered),
        sentences=float(len(answer.sentences)) if answered else None,
        quote_chars=float(measures.quote_characters(quotes)) if answered else None,
        verbatim=measures.verbatim(answer.citations, documents) if answered else None,
        latency_ms=latency_ms,
    )
    return Row(
        sample,
        answer,
        scores,
        missed_evidence=tuple(g for g, ok in zip(evidence, found, strict=True) if not ok),
        missed_nuggets=tuple(
            n.text for n, ok in zip(sample.nuggets, told, strict=True) if ok is False
        ),
        unscored_nuggets=sum(ok is None for ok in told),
    )


def report(rows: Sequence[Row], gate: Gate | None = None) -> Report:
    """The means of a run, and where it falls short of the gate."""
    headlines: dict[Lang, Mapping[str, Mean]] = {}
    for lang in LANGS:
        if own := [row for row in rows if row.sample.lang == lang]:
            headlines[lang] = {h.measure: _mean(own, h.measure) for h in HEADLINES}
    errors = sum(row.answer is None for row in rows)
    shortfalls = tuple(_shortfalls(headlines, errors, gate)) if gate else ()
    return Report(len(rows), errors, headlines, tuple(_groups(rows)), shortfalls)


def load_gate(path: Path) -> Gate:
    """The gate file at `path`; InputError names the field that is wrong."""
    try:
        return Gate.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"The gate file {path} cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "the file"
        raise InputError(f"The gate file {path}: {name}: {first['msg']}.") from error


def write(folder: Path, rows: Sequence[Row], manifest: Mapping[str, Any]) -> None:
    """Write `rows.jsonl` and `manifest.json` into `folder`, which is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(row.to_json(), ensure_ascii=False) for row in rows]
        (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}); name another.") from error


def manifest(
    settings: Settings, index: Manifest, path: Path, half: Choice, found: Report
) -> dict[str, Any]:
    """What repeats a run: inputs, settings, versions, commit, date; and its figures."""
    chosen = settings.model_dump(mode="json")
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "set": {
            "path": str(path),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "half": half,
            "questions": found.n,
        },
        "settings": {k: v for k, v in chosen.items() if not any(s in k.lower() for s in SECRET)},
        "index": {"fingerprint": index.fingerprint(), **dataclasses.asdict(index)},
        "versions": {"python": platform.python_version(), **dict(_versions())},
        "git": _git(),
        "report": found.to_json(),
    }


def _ask(asker: Asker, sample: Sample, evidence: Groups) -> Row:
    start = time.perf_counter()
    try:
        answer = asker.ask(sample.question, sample.history, id=sample.id)
    except Exception as error:  # a fault of what is measured is an outcome, and the run goes on
        log.warning("%s ended in %r", sample.id, error, exc_info=True)
        return Row(sample, None, Scores(), error=f"{type(error).__name__}: {error}")
    latency_ms = (time.perf_counter() - start) * 1000
    if answer.status == "error":
        return Row(sample, None, Scores(), error=answer.answer or "status is error")
    return score(sample, answer, evidence, asker.index.documents, latency_ms)


def _mean(rows: Sequence[Row], measure: str) -> Mean:
    return measures.mean(getattr(row.scores, measure) for row in rows if row.applies(measure))


def _groups(rows: Sequence[Row]) -> Iterator[Group]:
    for lang in LANGS:
        own = [row for row in rows if row.sample.lang == lang]
        for kind in KINDS:
            yield from _group(lang, kind, [row for row in own if row.sample.kind == kind])
        yield from _group(lang, "all answerable", [row for row in own if row.sample.answerable])


def _group(lang: Lang, kind: str, rows: Sequence[Row]) -> Iterator[Group]:
    if not rows:
        return
    times = [row.scores.latency_ms for row in rows if row.scores.latency_ms is not None]
    yield Group(
        lang=lang,
        kind=kind,
        n=len(rows),
        errors=sum(row.answer is None for row in rows),
        means={measure: _mean(rows, measure) for measure in MEASURES},
        p50_ms=measures.percentile(times, 50),
        p95_ms=measures.percentile(times, 95),
    )


def _shortfalls(
    headlines: Mapping[Lang, Mapping[str, Mean]], errors: int, gate: Gate
) -> Iterator[str]:
    if errors:
        yield f"{errors} questions ended in an error"
    nothing: Mapping[str, Mean] = {}
    for lang in LANGS:
        for headline in HEADLINES:
            bound: float | None = getattr(getattr(gate, lang), headline.measure)
            if bound is None:
                continue
            found = headlines.get(lang, nothing).get(headline.measure)
            if found is None or found.value is None:
                yield f"{lang} {headline.label}: nothing was scored; expected {bound:.2f}"
            elif not headline.met(found.value, bound):
                side = "at most" if headline.ceiling else "at least"
                yield f"{lang} {headline.label}: {found.value:.3f}; expected {side} {bound:.3f}"


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, "not installed"


def _git() -> dict[str, Any] | None:
    """The commit of the code, and whether files differ from it; None outside a checkout."""
    root = Path(__file__).parent.parent
    words = []
    for command in (["git", "rev-parse", "HEAD"], ["git", "status", "--porcelain"]):
        try:
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        words.append(done.stdout.strip())
    return {"commit": words[0], "changed": bool(words[1])}
