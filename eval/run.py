"""Ask an engine a question set: one row per question, written as it comes, with every score.

A question that ends in a fault is a row with an error and no scores, and the run goes on. Questions
are asked from `jobs` threads; rows end up in the order of the set. Latency is the time of `ask`
alone, so with several jobs it includes waiting for the others.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.types import Answer, Citation, Stance
from eval.claims import readings
from eval.measures import Reading, Supports
from eval.runs import Expected, ExpectedNugget, Failure, Retrieved, Row, Writer
from eval.samples import Groups, Sample, evidence_texts, squeeze
from eval.scores import score
from eval.summary import with_agreement
from index.manifest import Manifest
from index.types import Document, Hit, Passage

RETRIEVED = 10  # passages that a row keeps of what the search returned
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


@dataclass(frozen=True, slots=True)
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
            return self._failed(sample, f"{type(error).__name__}: {error}")
        if answer.status == "error":
            return self._failed(sample, answer.answer or "status is error")
        scored = score(
            sample,
            answer,
            self.evidence[sample.id],
            self.engine.index.documents,
            supports=self.supports,
            readings=self._reading,
            stances=self.stances,
            ranked=[hit.passage.quote for hit in hits],
            latency_ms=latency_ms,
        )
        return Row(
            **self._asked(sample),
            nuggets=_nuggets(sample, scored.told),
            retrieved=tuple(map(_retrieved, hits)),
            probability=probability,
            answer=answer.to_json(),
            scores=dict(scored.scores),
            failures=scored.failures,
        )

    def _reading(self, citation: Citation) -> Reading:
        """What is cited with the translations that the library has of it, not the citation's."""
        known = self.readings.get((citation.document, squeeze(citation.quote)))
        return known or (citation.quote,)

    def _failed(self, sample: Sample, error: str) -> Row:
        return Row(
            **self._asked(sample),
            nuggets=_nuggets(sample, [None] * len(sample.nuggets)),
            error=error,
            failures=(Failure(code="error", about=error),),
        )

    def _asked(self, sample: Sample) -> dict[str, Any]:
        """The fields of a row that are known before the question is asked."""
        return {
            "id": sample.id,
            "half": sample.half,
            "lang": sample.lang,
            "kind": sample.kind,
            "document": sample.document,
            "question": sample.question,
            "history": sample.history,
            "pair": sample.pair,
            "conversation": sample.conversation,
            "note": sample.note,
            "evidence": tuple(self._expected(sample)),
        }

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
        writer.finish(found)
    return found


def _nuggets(sample: Sample, told: Sequence[bool | None]) -> tuple[ExpectedNugget, ...]:
    return tuple(
        ExpectedNugget(text=nugget.text, vital=nugget.vital, told=ok)
        for nugget, ok in zip(sample.nuggets, told, strict=True)
    )


def _retrieved(hit: Hit) -> Retrieved:
    return Retrieved(
        document=hit.passage.document_id,
        passage=hit.passage.id,
        page=hit.passage.page,
        quote=hit.passage.quote,
        score=float(hit.score),
    )


def _page(document: Document, quote: str) -> int | None:
    """The page of a quote whose white space may differ from the text's."""
    if (at := document.text.find(quote)) >= 0:
        return document.page(at)
    places = [i for i, c in enumerate(document.text) if not c.isspace()]
    at = squeeze(document.text).find(squeeze(quote))
    return document.page(places[at]) if 0 <= at < len(places) else None
