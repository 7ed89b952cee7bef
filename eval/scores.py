"""Every score of one answer, and what a reader would mind of it.

A measure that has a meaning for a question stands in its scores; None there is unscored: it could
not be judged, and is counted, never taken for 0. `failures` say in codes what a reader would mind,
with the piece of text that it is about; `eval.report_words` puts them into words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.types import Answer, Stance
from eval import measures
from eval.measures import Readings, Supports
from eval.runs import Code, Failure
from eval.samples import Groups, Sample
from index.types import Document

FULL: tuple[tuple[Code, str], ...] = (  # what every good answer has in full
    ("wrong_language", "language"),
    ("not_supported", "citation_recall"),
    ("not_verbatim", "verbatim"),
    ("wrong_page", "pages"),
    ("wrong_markers", "markers"),
    ("number_changed", "numbers"),
    ("stance_changed", "stance"),
)


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores that apply to one answer, which nuggets it tells, and what failed."""

    scores: Mapping[str, float | None]
    told: Sequence[bool | None]  # nugget by nugget; None: could not be judged
    failures: tuple[Failure, ...]


def score(
    sample: Sample,
    answer: Answer,
    evidence: Groups,
    documents: Mapping[str, Document],
    *,
    supports: Supports,
    readings: Readings,
    stances: Mapping[str, Sequence[Stance]],
    ranked: Sequence[str],
    latency_ms: float,
) -> Scored:
    """Every score of one answer but `agreement`, which takes two.

    A refusal tells nothing, whatever topics its text names. `ranked` are the quotes of what the
    search returned, best first.
    """
    answered = answer.status == "answered"
    quotes = [c.quote for c in answer.citations] if answered else []
    found = measures.evidence_found(evidence, quotes)
    text = answer.answer if answered else ""
    told = measures.nuggets_found(sample.nuggets, answer.language, text)
    scores: dict[str, float | None] = {
        "language": measures.language_right(answer.answer, answer.language, sample.lang),
        "latency_ms": latency_ms,
    }
    if sample.answerable:
        scores |= {"evidence": measures.share(found), "wrongly_refused": float(not answered)}
        scores |= _of_nuggets(sample, told) | measures.ranking(evidence, ranked)
    else:
        scores["refused"] = float(not answered)
    if sample.history:
        scores["follow_up"] = scores["evidence" if sample.answerable else "refused"]
    if answered:
        if sample.answerable:
            scores["conciseness"] = measures.quotes_to_the_point(evidence, quotes)
        scores |= _of_citations(answer, documents, supports, readings)
        scores["stance"] = measures.stances_kept(answer, stances)
        scores["sentences"] = float(len(answer.sentences))
        scores["quote_chars"] = float(measures.quote_characters(quotes))
        if (kept := measures.numbers_kept(answer, readings)) is not None:
            scores["numbers"] = kept
    missed = [group for group, ok in zip(evidence, found, strict=True) if answered and not ok]
    return Scored(scores, told, tuple(_failures(sample, answered, scores, missed, told)))


def _of_nuggets(sample: Sample, told: Sequence[bool | None]) -> dict[str, float | None]:
    if not sample.nuggets:
        return {}
    vital = [ok for ok, nugget in zip(told, sample.nuggets, strict=True) if nugget.vital]
    return {"nuggets": measures.share(told), "vital": measures.share(vital)}


def _of_citations(
    answer: Answer, documents: Mapping[str, Document], supports: Supports, readings: Readings
) -> dict[str, float | None]:
    return {
        "citation_recall": measures.citation_recall(answer, supports, readings),
        "citation_precision": measures.citation_precision(answer, supports, readings),
        "verbatim": measures.quotes_verbatim(answer.citations, documents),
        "pages": measures.pages_right(answer.citations, documents),
        "markers": measures.markers_right(answer),
    }


def _failures(
    sample: Sample,
    answered: bool,
    scores: Mapping[str, float | None],
    missed: Sequence[Sequence[str]],
    told: Sequence[bool | None],
) -> Iterator[Failure]:
    if scores.get("wrongly_refused") == 1:
        yield Failure(code="wrongly_refused")
    if scores.get("refused") == 0:
        yield Failure(code="not_refused")
    for group in missed:
        yield Failure(code="evidence_missed", about=" | ".join(group))
    for nugget, ok in zip(sample.nuggets, told, strict=True):
        if answered and nugget.vital and ok is False:
            yield Failure(code="nugget_missed", about=nugget.text)
    for code, name in FULL:
        if (value := scores.get(name)) is not None and value < 1:
            yield Failure(code=code)
