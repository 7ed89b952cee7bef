"""Ask an engine a question set: one row per question, written as it comes, with every score.

A question that ends in a fault is a row with an error and no scores, and the run goes on. Questions
are asked from `jobs` threads; rows end up in the order of the set. Latency is the time of `ask`
alone, so with several jobs it includes waiting for the others.
"""

import dataclasses
import hashlib
import importlib.metadata
import logging
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from assistant.settings import Settings
from assistant.types import Answer, Citation, Stance
from eval.claims import readings
from eval.measures import Reading, Supports, nuggets_found
from eval.runs import FORMAT, Expected, ExpectedNugget, Retrieved, Row, RowFailure, Writer
from eval.samples import Choice, Groups, Sample, evidence_texts, squeeze
from eval.scores import score
from eval.summary import with_agreement
from index.manifest import Manifest
from index.types import Document, Hit, Passage

RETRIEVED = 10  # passages that a row keeps of what the search returned
PACKAGES = (
    "citebrief",
    "chromadb",
    "ir-measures",
    "kiwipiepy",
    "langchain-core",
    "numpy",
    "sentence-transformers",
    "torch",
)
CODE = {".json", ".md", ".py", ".safetensors", ".yaml"}  # files that decide what is answered
SECRET = {"key", "token", "secret", "password"}  # a setting named so stays out of the manifest

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


class Engine(Protocol):
    """What a run needs of whatever answers. Safe to share between threads."""

    @property
    def index(self) -> Library:
        """The library it answers from."""

    def ask(self, question: str, history: Sequence[str] = (), *, id: str = "") -> Answer:
        """Answer a question in the light of the earlier ones."""

    def retrieve(
        self, question: str, history: Sequence[str] = (), limit: int = RETRIEVED
    ) -> tuple[list[Hit], float | None]:
        """What the search returns, best first, and how likely it is that it answers."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asking:
    """What all questions of a run have in common."""

    engine: Engine
    supports: Supports
    evidence: Mapping[str, Groups]
    stances: Mapping[str, tuple[Stance, ...]]  # by passage id, from all questions of the set
    readings: Mapping[tuple[str, str], Reading]  # by document and quote without white space

    @classmethod
    def of(cls, engine: Engine, samples: Sequence[Sample], supports: Supports) -> "Asking":
        """Resolve the evidence of all samples; InputError for what the library does not hold."""
        library = engine.index
        places = {(p.document_id, squeeze(p.quote)): p.id for p in library.passages}
        stances = {
            places.get((sample.document, squeeze(name)), f"{sample.document}:{name}"): given
            for sample in samples
            for name, given in sample.stances.items()
        }
        evidence = evidence_texts(samples, library.passages, library.documents)
        read = {(p.document_id, squeeze(p.quote)): readings(p) for p in library.passages}
        return cls(engine, supports, evidence, stances, read)

    def row(self, sample: Sample) -> Row:
        """Ask one question and score what comes."""
        try:
            start = time.perf_counter()
            answer = self.engine.ask(sample.question, sample.history, id=sample.id)
            latency_ms = (time.perf_counter() - start) * 1000
            hits, probability = self.engine.retrieve(sample.question, sample.history)
        except Exception as error:  # a fault of what is measured is an outcome, and the run goes on
            log.warning("%s ended in %r", sample.id, error, exc_info=True)
            return self._row(sample, error=f"{type(error).__name__}: {error}")
        if answer.status == "error":
            return self._row(sample, error=answer.answer or "status is error")
        evidence = self.evidence[sample.id]
        scored = score(
            sample,
            answer,
            evidence,
            self.engine.index.documents,
            supports=self.supports,
            readings=self._reading,
            stances=self.stances,
            ranked=[hit.passage.quote for hit in hits],
            latency_ms=latency_ms,
        )
        told = nuggets_found(
            sample.nuggets, answer.language, answer.answer if answer.sentences else ""
        )
        return self._row(
            sample,
            nuggets=tuple(
                ExpectedNugget(text=nugget.text, vital=nugget.vital, told=ok)
                for nugget, ok in zip(sample.nuggets, told, strict=True)
            ),
            retrieved=tuple(
                Retrieved(
                    document=hit.passage.document_id,
                    passage=hit.passage.id,
                    page=hit.passage.page,
                    quote=hit.passage.quote,
                    score=float(hit.score),
                )
                for hit in hits
            ),
            probability=probability,
            answer=answer.to_json(),
            scores=dict(scored.scores),
            failures=tuple(RowFailure(code=f.code, about=f.about) for f in scored.failures),
        )

    def _reading(self, citation: Citation) -> Reading:
        """What is cited with the translations that the library has of it, not the citation's."""
        known = self.readings.get((citation.document, squeeze(citation.quote)))
        return known or (citation.quote,)

    def _row(self, sample: Sample, *, error: str | None = None, **more: Any) -> Row:
        if error is not None:
            more = {
                "nuggets": tuple(
                    ExpectedNugget(text=n.text, vital=n.vital) for n in sample.nuggets
                ),
                "failures": (RowFailure(code="error", about=error),),
            }
        return Row(
            id=sample.id,
            half=sample.half,
            lang=sample.lang,
            kind=sample.kind,
            document=sample.document,
            question=sample.question,
            history=sample.history,
            pair=sample.pair,
            conversation=sample.conversation,
            note=sample.note,
            evidence=tuple(self._expected(sample)),
            error=error,
            **more,
        )

    def _expected(self, sample: Sample) -> Iterator[tuple[Expected, ...]]:
        library = self.engine.index
        document = library.documents.get(sample.document)
        written = sample.evidence or sample.quotes
        for names, texts in zip(written, self.evidence[sample.id], strict=True):
            yield tuple(
                Expected(
                    quote=text,
                    passage=f"{sample.document}:{name}" if sample.evidence else None,
                    page=_page(document, text) if document else None,
                    stances=sample.stances.get(name, ()),
                )
                for name, text in zip(names, texts, strict=True)
            )


def run(
    asking: Asking,
    samples: Sequence[Sample],
    *,
    writer: Writer | None = None,
    jobs: int = 1,
    asked: Callable[[], None] = lambda: None,
) -> tuple[Row, ...]:
    """One row per sample, in order; `asked` is called after each question.

    Rows that `writer` has from before are kept; the others are written as they come.
    """
    rows = dict(writer.done) if writer else {}
    waiting = [sample for sample in samples if sample.id not in rows]
    for _ in range(len(samples) - len(waiting)):
        asked()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = [pool.submit(asking.row, sample) for sample in waiting]
        try:
            for future in as_completed(futures):
                row = future.result()
                rows[row.id] = row
                if writer:
                    writer.append(row)
                asked()
        except BaseException:
            for future in futures:
                future.cancel()
            raise
    found = with_agreement([rows[sample.id] for sample in samples])
    if writer:
        writer.finish(found, finished=_now())
    return found


def manifest(
    settings: Settings,
    engine: str,
    library: Library,
    path: Path,
    half: Choice,
    samples: Sequence[Sample],
    jobs: int = 1,
) -> dict[str, Any]:
    """What a run is of: the set, the engine, the code, the index and the machine."""
    shown = {
        name: _shown(value)
        for name, value in settings.model_dump().items()
        if SECRET.isdisjoint(name.split("_"))
    }
    return {
        "format": FORMAT,
        "set": {
            "name": path.stem,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "half": half,
            "questions": len(samples),
        },
        "engine": engine,
        "seed": 0,  # of the bootstrap: engines draw no chances
        "git": _git(),
        "code": _code(),
        "versions": dict(_versions()),
        "settings": shown,
        "index": dataclasses.asdict(library.manifest),
        "documents": {
            document.id: {"lang": document.lang, "titles": dict(document.titles)}
            for document in library.documents.values()
        },
        "jobs": jobs,
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        "started": _now(),
    }


def _shown(value: Any) -> str | None:
    """A setting as text; a path without what it tells of this machine."""
    if value is None:
        return None
    if isinstance(value, Path):
        for folder, short in ((Path(__file__).parent.parent, "."), (Path.home(), "~")):
            if value.is_relative_to(folder):
                return f"{short}/{value.relative_to(folder)}"
    return str(value)


def _page(document: Document, quote: str) -> int | None:
    """The page of a quote whose white space may differ from the text's."""
    if (at := document.text.find(quote)) >= 0:
        return document.page(at)
    places = [i for i, c in enumerate(document.text) if not c.isspace()]
    at = squeeze(document.text).find(squeeze(quote))
    return document.page(places[at]) if 0 <= at < len(places) else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, "not installed"


def _code() -> str:
    """A digest of the code and the models, which a commit alone does not tell of a changed tree."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for package in ("assistant", "eval", "index", "prompts"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in CODE and path.is_file():
                digest.update(str(path.relative_to(root)).encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


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
