"""Every score of one answer, and the list of measures with what each tells a reader.

A measure that has a meaning for a question stands in its scores; None there is unscored: it could
not be judged, and is counted, never taken for 0. `failures` say in codes what a reader would mind,
with the piece of text that it is about; `eval.report` puts them into words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.types import Answer, Stance
from eval import measures
from eval.measures import Readings, Supports
from eval.samples import Groups, Sample
from index.types import Document

Unit = Literal["share", "count", "characters", "ms"]
Code = Literal[
    "error",
    "wrongly_refused",
    "not_refused",
    "evidence_missed",
    "nugget_missed",
    "wrong_language",
    "not_supported",
    "not_verbatim",
    "wrong_page",
    "wrong_markers",
    "number_changed",
    "stance_changed",
]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: what it is called and says, in both languages, and which way is better.

    Shares are in [0, 1]. `contract` marks what the product promises of every answer: any fall is a
    defect, however few questions it concerns. `target` is what the product aims at.
    """

    name: str
    label: Mapping[str, str]
    says: Mapping[str, str]
    unit: Unit = "share"
    better: Literal["higher", "lower", "neither"] = "higher"
    contract: bool = False
    target: float | None = None

    def met(self, value: float, bound: float | None = None) -> bool | None:
        """Whether `value` keeps to `bound`, by default the target; None without either."""
        limit = self.target if bound is None else bound
        if limit is None or self.better == "neither":
            return None
        return value >= limit if self.better == "higher" else value <= limit


def _measure(name: str, ko: tuple[str, str], en: tuple[str, str], **more: object) -> Measure:
    label, says = {"ko": ko[0], "en": en[0]}, {"ko": ko[1], "en": en[1]}
    return Measure(name, label, says, **more)  # type: ignore[arg-type]


MEASURES = (
    _measure(
        "evidence",
        ("근거 재현율", "답에 필요한 근거 문장 가운데 답이 인용한 것의 비율"),
        (
            "evidence recall",
            "share of the sentences that the answer rests on which the answer quotes",
        ),
        target=0.95,
    ),
    _measure(
        "vital",
        ("필수 사실", "빠지면 답이 되지 않는 사실 가운데 답이 말한 것의 비율"),
        ("vital nuggets", "share of the facts without which there is no answer that are told"),
        target=0.90,
    ),
    _measure(
        "nuggets",
        ("모든 사실", "필수 사실과 함께 있으면 좋은 사실까지 답이 말한 것의 비율"),
        ("all nuggets", "share of vital and merely welcome facts that the answer tells"),
    ),
    _measure(
        "citation_recall",
        ("인용의 뒷받침", "인용한 대목이 내용을 온전히 뒷받침하는 문장의 비율"),
        ("citation recall", "share of sentences that what they cite supports in full"),
        contract=True,
        target=1.0,
    ),
    _measure(
        "citation_precision",
        ("인용의 필요성", "문장을 뒷받침하는 데 쓸모가 있는 인용의 비율"),
        ("citation precision", "share of citations that their sentence needs"),
        contract=True,
        target=1.0,
    ),
    _measure(
        "verbatim",
        ("원문 그대로", "인용문이 문서의 그 자리에 글자 그대로 있는 비율"),
        ("verbatim quotes", "share of quotes that stand letter for letter where they are said to"),
        contract=True,
        target=1.0,
    ),
    _measure(
        "pages",
        ("쪽 번호", "쪽 번호가 맞는 인용의 비율"),
        ("page right", "share of citations that name the page on which the quote stands"),
        contract=True,
        target=1.0,
    ),
    _measure(
        "markers",
        ("인용 번호", "본문에 자기 인용 번호가 바르게 붙은 문장의 비율"),
        ("markers right", "share of sentences shown with their own citation numbers"),
        contract=True,
        target=1.0,
    ),
    _measure(
        "numbers",
        ("숫자 보존", "답에 나온 숫자와 날짜 가운데 인용한 대목에 있는 것의 비율"),
        ("numbers kept", "share of the numbers and dates told that the cited quotes state"),
        contract=True,
        target=1.0,
    ),
    _measure(
        "stance",
        ("성격 보존", "사실·전망·제언·인용의 구분을 원문대로 보인 문장의 비율"),
        (
            "stance kept",
            "share of sentences shown as fact, forecast, recommendation or attributed "
            "as their source is",
        ),
    ),
    _measure(
        "language",
        ("답의 언어", "질문한 언어로 쓴 답의 비율"),
        ("language right", "share of answers in the language of the question"),
        target=1.0,
    ),
    _measure(
        "refused",
        ("답이 없을 때의 거절", "문서에 답이 없는 질문 가운데 없다고 말한 것의 비율"),
        (
            "refused rightly",
            "share of questions that the document does not answer which are refused",
        ),
        target=0.90,
    ),
    _measure(
        "wrongly_refused",
        ("잘못된 거절", "문서에 답이 있는데도 없다고 말한 질문의 비율"),
        ("wrongly refused", "share of questions that the document answers which are refused"),
        better="lower",
        target=0.05,
    ),
    _measure(
        "follow_up",
        ("이어지는 질문", "앞의 질문에 기대는 질문에 제대로 답하거나 제대로 거절한 비율"),
        (
            "follow-ups",
            "share of the evidence found, or refused rightly, where a question leans on "
            "earlier ones",
        ),
    ),
    _measure(
        "agreement",
        ("두 언어의 일치", "같은 질문을 한국어와 영어로 했을 때 같은 근거를 댄 정도"),
        (
            "agreement",
            "how far the same question in Korean and in English is answered by the same passages",
        ),
    ),
    _measure(
        "conciseness",
        ("간결함", "인용한 글자 가운데 답에 필요한 근거의 비율"),
        ("conciseness", "share of the quoted characters that the answer needed"),
    ),
    _measure(
        "recall_5",
        ("R@5", "검색 결과 앞 5개에 든 근거의 비율"),
        ("R@5", "share of the evidence among the first 5 passages that the search returns"),
    ),
    _measure(
        "recall_10",
        ("R@10", "검색 결과 앞 10개에 든 근거의 비율"),
        ("R@10", "share of the evidence among the first 10"),
    ),
    _measure(
        "rr_10",
        ("RR@10", "첫 근거가 나온 순위의 역수"),
        ("RR@10", "one over the rank of the first evidence, 0 beyond 10"),
    ),
    _measure(
        "ndcg_10",
        ("nDCG@10", "근거가 앞에 놓일수록 높은 순위 점수"),
        ("nDCG@10", "gain of the evidence, less the further down it stands"),
    ),
    _measure(
        "sentences",
        ("문장 수", "답 하나의 문장 수"),
        ("sentences", "sentences in an answer"),
        unit="count",
        better="neither",
    ),
    _measure(
        "quote_chars",
        ("인용 글자 수", "읽는 사람이 확인해야 할 글자 수"),
        ("quoted characters", "characters that a reader has to check"),
        unit="characters",
        better="neither",
    ),
    _measure(
        "latency_ms",
        ("응답 시간", "질문 하나에 걸린 시간"),
        ("latency", "time that a question took"),
        unit="ms",
        better="neither",
    ),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class Failure:
    """What a reader would mind, and the text that it is about."""

    code: Code
    about: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores that apply to one answer, and what failed."""

    scores: Mapping[str, float | None]
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
    text = answer.answer if answered else ""
    quotes = [c.quote for c in answer.citations] if answered else []
    found = measures.evidence_found(evidence, quotes)
    told = measures.nuggets_found(sample.nuggets, answer.language, text)
    scores: dict[str, float | None] = {
        "language": measures.language_right(answer.answer, answer.language, sample.lang),
        "latency_ms": latency_ms,
    }
    if sample.answerable:
        scores["evidence"] = measures.share(found)
        scores["wrongly_refused"] = float(not answered)
        if sample.nuggets:
            vital = [t for t, nugget in zip(told, sample.nuggets, strict=True) if nugget.vital]
            scores["nuggets"], scores["vital"] = measures.share(told), measures.share(vital)
        scores |= measures.ranking(evidence, ranked)
    else:
        scores["refused"] = float(not answered)
    if sample.history:
        scores["follow_up"] = scores["evidence" if sample.answerable else "refused"]
    if answered:
        if sample.answerable:
            scores["conciseness"] = measures.quotes_to_the_point(evidence, quotes)
        scores |= {
            "citation_recall": measures.citation_recall(answer, supports, readings),
            "citation_precision": measures.citation_precision(answer, supports, readings),
            "verbatim": measures.quotes_verbatim(answer.citations, documents),
            "pages": measures.pages_right(answer.citations, documents),
            "markers": measures.markers_right(answer),
            "stance": measures.stances_kept(answer, stances),
            "sentences": float(len(answer.sentences)),
            "quote_chars": float(measures.quote_characters(quotes)),
        }
        if (kept := measures.numbers_kept(answer, readings)) is not None:
            scores["numbers"] = kept
    failures = [Failure("wrongly_refused")] if scores.get("wrongly_refused") == 1 else []
    failures += [Failure("not_refused")] if scores.get("refused") == 0 else []
    if answered:
        missed = (group for group, ok in zip(evidence, found, strict=True) if not ok)
        failures += [Failure("evidence_missed", " | ".join(group)) for group in missed]
        failures += [
            Failure("nugget_missed", nugget.text)
            for nugget, ok in zip(sample.nuggets, told, strict=True)
            if ok is False and nugget.vital
        ]
    short = (code for code, name in _FULL if (value := scores.get(name)) is not None and value < 1)
    failures += [Failure(code) for code in short]
    return Scored(scores, tuple(failures))


# What is full in every good answer.
_FULL: tuple[tuple[Code, str], ...] = (
    ("wrong_language", "language"),
    ("not_supported", "citation_recall"),
    ("not_verbatim", "verbatim"),
    ("wrong_page", "pages"),
    ("wrong_markers", "markers"),
    ("number_changed", "numbers"),
    ("stance_changed", "stance"),
)
