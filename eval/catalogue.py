"""The measures: what each is called and tells a reader in both languages, and what is aimed at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Words = Mapping[str, str]  # by language
Unit = Literal["share", "count", "characters", "ms"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: what it is called and says, in both languages, and which way is better.

    Shares are in [0, 1]. `contract` marks what the product promises of every answer: any fall is a
    defect, however few questions it concerns. `target` is what the product aims at.
    """

    name: str
    label: Words
    says: Words
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


def both(ko: str, en: str) -> Words:
    """Words by language."""
    return {"ko": ko, "en": en}


MEASURES = (
    Measure(
        "evidence",
        both("근거 재현율", "evidence recall"),
        both(
            "답에 필요한 근거 문장 가운데 답이 인용한 것의 비율",
            "share of the sentences that the answer rests on which the answer quotes",
        ),
        target=0.95,
    ),
    Measure(
        "vital",
        both("필수 사실", "vital nuggets"),
        both(
            "빠지면 답이 되지 않는 사실 가운데 답이 말한 것의 비율",
            "share of the facts without which there is no answer that are told",
        ),
        target=0.9,
    ),
    Measure(
        "nuggets",
        both("모든 사실", "all nuggets"),
        both(
            "필수 사실과 함께 있으면 좋은 사실까지 답이 말한 것의 비율",
            "share of vital and merely welcome facts that the answer tells",
        ),
    ),
    Measure(
        "citation_recall",
        both("인용의 뒷받침", "citation recall"),
        both(
            "인용한 대목이 내용을 온전히 뒷받침하는 문장의 비율",
            "share of sentences that what they cite supports in full",
        ),
        contract=True,
        target=1.0,
    ),
    Measure(
        "citation_precision",
        both("인용의 필요성", "citation precision"),
        both(
            "문장을 뒷받침하는 데 쓸모가 있는 인용의 비율",
            "share of citations that their sentence needs",
        ),
        contract=True,
        target=1.0,
    ),
    Measure(
        "verbatim",
        both("원문 그대로", "verbatim quotes"),
        both(
            "인용문이 문서의 그 자리에 글자 그대로 있는 비율",
            "share of quotes that stand letter for letter where they are said to",
        ),
        contract=True,
        target=1.0,
    ),
    Measure(
        "pages",
        both("쪽 번호", "page right"),
        both(
            "쪽 번호가 맞는 인용의 비율",
            "share of citations that name the page on which the quote stands",
        ),
        contract=True,
        target=1.0,
    ),
    Measure(
        "markers",
        both("인용 번호", "markers right"),
        both(
            "본문에 자기 인용 번호가 바르게 붙은 문장의 비율",
            "share of sentences shown with their own citation numbers",
        ),
        contract=True,
        target=1.0,
    ),
    Measure(
        "numbers",
        both("숫자 보존", "numbers kept"),
        both(
            "답에 나온 숫자와 날짜 가운데 인용한 대목에 있는 것의 비율",
            "share of the numbers and dates told that the cited quotes state",
        ),
        contract=True,
        target=1.0,
    ),
    Measure(
        "stance",
        both("성격 보존", "stance kept"),
        both(
            "사실·전망·제언·인용의 구분을 원문대로 보인 문장의 비율",
            "share of sentences shown as fact, forecast, recommendation or attributed "
            "as their source is",
        ),
    ),
    Measure(
        "language",
        both("답의 언어", "language right"),
        both("질문한 언어로 쓴 답의 비율", "share of answers in the language of the question"),
        target=1.0,
    ),
    Measure(
        "refused",
        both("답이 없을 때의 거절", "refused rightly"),
        both(
            "문서에 답이 없는 질문 가운데 없다고 말한 것의 비율",
            "share of questions that the document does not answer which are refused",
        ),
        target=0.9,
    ),
    Measure(
        "wrongly_refused",
        both("잘못된 거절", "wrongly refused"),
        both(
            "문서에 답이 있는데도 없다고 말한 질문의 비율",
            "share of questions that the document answers which are refused",
        ),
        better="lower",
        target=0.05,
    ),
    Measure(
        "follow_up",
        both("이어지는 질문", "follow-ups"),
        both(
            "앞의 질문에 기대는 질문에 제대로 답하거나 제대로 거절한 비율",
            "share of the evidence found, or refused rightly, where a question leans on "
            "earlier ones",
        ),
    ),
    Measure(
        "agreement",
        both("두 언어의 일치", "agreement"),
        both(
            "같은 질문을 한국어와 영어로 했을 때 같은 근거를 댄 정도",
            "how far the same question in Korean and in English is answered by the same passages",
        ),
    ),
    Measure(
        "conciseness",
        both("간결함", "conciseness"),
        both(
            "인용한 글자 가운데 답에 필요한 근거의 비율",
            "share of the quoted characters that the answer needed",
        ),
    ),
    Measure(
        "recall_5",
        both("R@5", "R@5"),
        both(
            "검색 결과 앞 5개에 든 근거의 비율",
            "share of the evidence among the first 5 passages that the search returns",
        ),
    ),
    Measure(
        "recall_10",
        both("R@10", "R@10"),
        both("검색 결과 앞 10개에 든 근거의 비율", "share of the evidence among the first 10"),
    ),
    Measure(
        "rr_10",
        both("RR@10", "RR@10"),
        both("첫 근거가 나온 순위의 역수", "one over the rank of the first evidence, 0 beyond 10"),
    ),
    Measure(
        "ndcg_10",
        both("nDCG@10", "nDCG@10"),
        both(
            "근거가 앞에 놓일수록 높은 순위 점수",
            "gain of the evidence, less the further down it stands",
        ),
    ),
    Measure(
        "sentences",
        both("문장 수", "sentences"),
        both("답 하나의 문장 수", "sentences in an answer"),
        unit="count",
        better="neither",
    ),
    Measure(
        "quote_chars",
        both("인용 글자 수", "quoted characters"),
        both("읽는 사람이 확인해야 할 글자 수", "characters that a reader has to check"),
        unit="characters",
        better="neither",
    ),
    Measure(
        "latency_ms",
        both("응답 시간", "latency"),
        both("질문 하나에 걸린 시간", "time that a question took"),
        unit="ms",
        better="neither",
    ),
)
BY_NAME = {measure.name: measure for measure in MEASURES}
