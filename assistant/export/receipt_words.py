"""What re-checking a receipt found, as a reader is told it, in both languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

State = Literal["confirmed", "changed", "broken"]
Code = Literal[
    "digest",
    "digest_differs",
    "answer",
    "answer_differs",
    "refused",
    "refusal_differs",
    "quote",
    "gone",
    "unknown_version",
    "still_said",
    "not_said",
    "hash_differs",
    "place_differs",
    "title_differs",
    "page_differs",
    "section_differs",
    "passage_differs",
    "translation_differs",
    "sentence",
    "entailment",
    "uncited",
    "source_changed",
    "source_broken",
    "words_differ",
    "verdict_differs",
    "stance_differs",
]

OVERALL: Mapping[str, Mapping[State, str]] = MappingProxyType(
    {
        "ko": {
            "confirmed": "확인되었습니다. 인용과 판정이 모두 지금의 문서에서 그대로 확인됩니다.",
            "changed": "문서가 바뀌었거나 없습니다. 검증 기록은 온전하지만 일부를 다시 확인할 수 "
            "없습니다.",
            "broken": "확인되지 않습니다. 검증 기록이 고쳐졌거나, 문서가 그 내용을 뒷받침하지 "
            "않습니다.",
        },
        "en": {
            "confirmed": "Confirmed: every quote and every verdict holds in the documents as they "
            "are now.",
            "changed": "A document has changed or is gone. The receipt is intact, but not all of "
            "it can be checked again.",
            "broken": "Not confirmed: the receipt was altered, or the documents do not bear it "
            "out.",
        },
    }
)
WHERE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "receipt": "검증 기록",
            "answer": "질문 {turn}",
            "citation": "질문 {turn}, 출처 {n}",
            "sentence": "질문 {turn}, 문장 {n}",
        },
        "en": {
            "receipt": "Receipt",
            "answer": "Question {turn}",
            "citation": "Question {turn}, citation {n}",
            "sentence": "Question {turn}, sentence {n}",
        },
    }
)
SAID: Mapping[str, Mapping[Code, str]] = MappingProxyType(
    {
        "ko": {
            "digest": "온전합니다.",
            "digest_differs": "내용이 만들어진 뒤에 바뀌었습니다(요약값이 다릅니다).",
            "answer": "답이 그 문장들로 이루어져 있습니다.",
            "answer_differs": "답이 그 문장들이나 기록된 해시와 다릅니다.",
            "refused": "문서에 없다고 답했으며, 다시 확인할 인용이 없습니다.",
            "refusal_differs": "문서에 없다는 답인데, 그 답의 문구가 아닙니다.",
            "quote": "문서의 그 자리에 그대로 있습니다.",
            "gone": "문서 {document}이(가) 지금은 없습니다.",
            "unknown_version": "검증 기록을 만들 때 문서 {document}이(가) 없었거나 달랐습니다.",
            "still_said": "문서 {document}이(가) 바뀌었습니다. 인용문은 지금 문서에도 있습니다.",
            "not_said": "문서 {document}이(가) 바뀌었습니다. 인용문은 지금 문서에 없습니다.",
            "hash_differs": "인용문이 기록된 해시와 다릅니다.",
            "place_differs": "문서의 그 자리에 있는 말은 인용문과 다릅니다.",
            "title_differs": "문서의 제목은 ‘{found}’입니다.",
            "page_differs": "인용문은 {found}쪽에 있습니다.",
            "section_differs": "인용문은 ‘{found}’ 절에 있습니다.",
            "passage_differs": "구절의 번호가 그 자리의 것이 아닙니다.",
            "translation_differs": "번역이 그때와 다릅니다.",
            "sentence": "판정과 성격이 다시 확인됩니다.",
            "entailment": "그때는 추론 모델이 확인하지 않은 문장입니다. 그 모델 없이는 판정을 다시 "
            "확인할 수 없습니다.",
            "uncited": "문장이 가리키는 출처가 검증 기록에 없습니다.",
            "source_changed": "출처의 문서가 바뀌어 판정을 다시 확인할 수 없습니다.",
            "source_broken": "출처가 확인되지 않아 문장도 확인되지 않습니다.",
            "words_differ": "따옴표 안의 말이 출처의 말 그대로가 아닙니다.",
            "verdict_differs": "판정이 다릅니다. 기록: {stated}, 다시 확인: {found}.",
            "stance_differs": "성격이 다릅니다. 기록: {stated}, 다시 확인: {found}.",
        },
        "en": {
            "digest": "It is intact.",
            "digest_differs": "Its content was altered after it was made (the digest differs).",
            "answer": "The answer is made of its sentences.",
            "answer_differs": "The answer differs from its sentences, or from its hash.",
            "refused": "The answer was that the documents do not say; there is no citation to "
            "check.",
            "refusal_differs": "This answers that the documents do not say, but not in the words "
            "for it.",
            "quote": "It stands in the document, word for word, where the receipt says.",
            "gone": "The document {document} is not in the library.",
            "unknown_version": "When the receipt was made, the document {document} was missing or "
            "another version.",
            "still_said": "The document {document} has changed. The quote still stands in it.",
            "not_said": "The document {document} has changed. The quote no longer stands in it.",
            "hash_differs": "The quote differs from its hash.",
            "place_differs": "The document says something else at this place.",
            "title_differs": "The document's title is “{found}”.",
            "page_differs": "The quote stands on page {found}.",
            "section_differs": "The quote stands in the section “{found}”.",
            "passage_differs": "The passage named is not the one at this place.",
            "translation_differs": "The translation is no longer the same.",
            "sentence": "Verdict and stance come out the same again.",
            "entailment": "An inference model did not bear this sentence out then; without it the "
            "verdict cannot be checked again.",
            "uncited": "The receipt lacks the citation that the sentence names.",
            "source_changed": "The document cited has changed, so the verdict cannot be checked "
            "again.",
            "source_broken": "What the sentence cites is not confirmed, so neither is the "
            "sentence.",
            "words_differ": "Words in quotation marks are not verbatim.",
            "verdict_differs": "Another verdict: the receipt says {stated}, checked again it is "
            "{found}.",
            "stance_differs": "Another stance: the receipt says {stated}, checked again it is "
            "{found}.",
        },
    }
)
VERDICTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {"verified": "확인됨", "unverified": "확인되지 않음"},
        "en": {"verified": "verified", "unverified": "unverified"},
    }
)
