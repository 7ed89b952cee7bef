"""What a reader is told of the model behind an answer, and the model of a sentence that failed.

One sentence each, in both languages; the place for a new wording of these.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import prompts
from assistant.llm import Reason
from assistant.types import Check, Code
from index.types import Lang

# Why the extractive answer stands in, or what of the model's is missing.
Remark = Literal["unverified", "cut", "dropped"] | Reason
COPIED = {
    "ko": " 그래서 원문에서 뽑은 문장으로 답합니다.",
    "en": " The answer is copied from the documents instead.",
}
REMARKS: dict[str, dict[Remark, str]] = {
    "ko": {
        "access": "언어 모델({name})이 API 키를 받아들이지 않았습니다.",
        "not_found": "언어 모델({name})을 찾지 못했습니다.",
        "rate_limit": "언어 모델({name})의 사용 한도를 넘었습니다.",
        "timeout": "언어 모델({name})이 제때 응답하지 않았습니다.",
        "outage": "언어 모델({name})에 연결하지 못했습니다.",
        "refusal": "언어 모델({name})이 답변을 거부했습니다.",
        "empty": "언어 모델({name})이 빈 응답을 보냈습니다.",
        "malformed": "언어 모델({name})의 응답을 읽지 못했습니다.",
        "overflow": "찾은 구절이 언어 모델({name})이 한 번에 읽을 수 있는 길이를 넘었습니다.",
        "rejected": "언어 모델({name})이 요청을 받아들이지 않았습니다.",
        "unverified": "언어 모델({name})이 쓴 문장이 하나도 확인되지 않았습니다.",
        "cut": "언어 모델({name})의 응답이 중간에 끊겨, 그때까지 확인된 문장만 보여 드립니다.",
        "dropped": "언어 모델이 쓴 문장 가운데 출처로 확인되지 않은 {count}개를 뺐습니다.",
    },
    "en": {
        "access": "The language model ({name}) did not accept its API key.",
        "not_found": "The language model ({name}) could not be found.",
        "rate_limit": "The language model ({name}) has reached its usage limit.",
        "timeout": "The language model ({name}) did not reply in time.",
        "outage": "The language model ({name}) could not be reached.",
        "refusal": "The language model ({name}) declined to answer.",
        "empty": "The language model ({name}) sent an empty reply.",
        "malformed": "The reply of the language model ({name}) could not be read.",
        "overflow": "The language model ({name}) cannot read all that was found at once.",
        "rejected": "The language model ({name}) did not accept the request.",
        "unverified": "No sentence that the language model ({name}) wrote could be verified.",
        "cut": "The reply of the language model ({name}) broke off; what could be verified of it "
        "is shown.",
        "dropped": "Left out, since the sources do not bear them out: {count} of the model's "
        "sentences.",
    },
}
FOUND: dict[str, dict[Code, str]] = {
    "ko": {
        "number": "구절에 없는 수나 날짜가 있음",
        "name": "구절에 없는 이름이 있음",
        "polarity": "구절과 반대되거나 부정이 뒤바뀜",
        "stance": "전망이나 제언을 사실로 씀",
        "attribution": "누구의 말인지 밝히지 않았거나 다른 사람의 말로 씀",
        "scope": "범위가 구절보다 넓음",
        "cause": "구절에 없는 인과 관계",
        "direction": "방향이나 순서가 구절과 다름",
        "content": "구절에 없는 내용이 있음",
        "entailment": "구절에서 따라 나오지 않음",
        "marker": "주어진 구절의 번호가 없음",
        "source": "근거로 쓸 수 없는 구절",
        "language": "한국어로 쓰지 않음",
        "form": "문장이 아닌 형식",
    },
    "en": {
        "number": "a number or date that the passages do not have",
        "name": "a name that the passages do not have",
        "polarity": "the opposite of the passages, or a negation turned round",
        "stance": "a forecast or advice told as fact",
        "attribution": "told without, or by another than, who said it",
        "scope": "a wider scope than the passages",
        "cause": "a cause that the passages do not give",
        "direction": "another direction or order than the passages",
        "content": "words that the passages do not bear out",
        "entailment": "it does not follow from the passages",
        "marker": "no number of a passage that was given",
        "source": "a passage that cannot be relied on",
        "language": "not in English",
        "form": "not in the form of a sentence",
    },
}
# Of a translation, beside the piece that it translates.
MISTRANSLATED: dict[str, dict[Code, str]] = {
    "ko": {
        "form": "번역문 한 줄이 아니거나 다른 말이 섞임",
        "language": "한국어로 쓰지 않음",
        "content": "원문과 길이나 내용이 크게 다름",
        "quotation": "따옴표가 원문과 다름",
        "number": "수나 단위, 날짜가 원문과 다름",
        "polarity": "부정이나 반대가 원문과 다름",
        "direction": "순서가 원문과 다름",
        "name": "이름이 원문과 다름",
    },
    "en": {
        "form": "not just the translation on one line",
        "language": "not in English",
        "content": "length or content far from the original's",
        "quotation": "quotation marks other than the original's",
        "number": "a number, unit or date other than the original's",
        "polarity": "a negation or an opposite other than in the original",
        "direction": "another order than the original's",
        "name": "a name other than in the original",
    },
}


def mistranslations(checks: Sequence[Check], lang: Lang) -> str:
    """What speaks against a translation into `lang`, as the model is told."""
    return _told(checks, MISTRANSLATED[lang])


def findings(checks: Sequence[Check], lang: Lang) -> str:
    """What the checks found, as the model is told: its own words stay between marks."""
    return _told([check for check in checks if not check.passed], FOUND[lang])


def _told(checks: Sequence[Check], wordings: Mapping[Code, str]) -> str:
    return "; ".join(
        wordings[check.code]
        + (f" ({prompts.fence('w', check.text, inline=True)})" if check.text else "")
        for check in checks
    )
