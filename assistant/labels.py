"""What readers are shown beside the documents' words, in both languages: the one place for it.

Here stand the labels of an answer at a terminal and on the page, the steps, what a check found, and
how a date or a citation's place reads. What is said of a chat model is in `assistant.remarks`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from assistant.types import Answer, Check, Citation, Code, StepName

LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "fact": "사실",
            "forecast": "전망",
            "recommendation": "제언",
            "attributed": "인용",
            "unverified": "확인되지 않음",
            "sources": "출처",
            "citation": "출처 {n}",
            "back": "출처 {n}을(를) 쓴 문장으로",
            "page": "{page}쪽",
            "see_page": "{page}쪽 보기",
            "whole_pdf": "PDF 전체 열기",
            "close": "닫기",
            "unmarked": "이 쪽에서 인용문의 자리를 확실히 찾지 못해 표시하지 않았습니다.",
            "no_page": "이 쪽을 볼 수 없습니다. 문서가 바뀌었거나 지워졌을 수 있으니 다시 질문해 "
            "주세요.",
            "broken_page": "PDF를 읽지 못해 이 쪽을 보여 드릴 수 없습니다. 원본 파일을 직접 열어 "
            "주세요.",
            "original": "원문",
            "translation": "비공식 번역",
            "as_of": "{year}년 {month}월 기준",
            "as_of_year": "{year}년 기준",
            "extractive": "원문 발췌",
            "seconds": "{seconds}초",
            "copy": "출처와 함께 복사",
            "stopped": "멈추었습니다. 그때까지 확인된 문장만 남았습니다.",
            "steps": "진행 상황",
            "fault": "내부 오류가 생겨 답하지 못했습니다. 다시 시도해 주시고, 계속되면 요청 번호 "
            "{id}와 함께 알려 주세요.",
            "documents": "문서 {count}건",
            "retry": "다시 답하기",
            "edit": "질문 고치기",
            "again": "다시 질문하기",
            "why": "이 답이 나온 까닭",
            "follow_ups": "이어서 물어볼 만한 질문",
            "nearest": "문서가 답할 수 있는 가까운 질문",
            "full": "한 대화에는 질문을 {count}개까지 담습니다. 새 대화를 시작해 주세요. 이 대화는 "
            "지난 대화에 남아 있습니다.",
        },
        "en": {
            "fact": "Fact",
            "forecast": "Forecast",
            "recommendation": "Recommendation",
            "attributed": "Attributed",
            "unverified": "Unverified",
            "sources": "Sources",
            "citation": "Citation {n}",
            "back": "Back to the sentence that cites {n}",
            "page": "p. {page}",
            "see_page": "See page {page}",
            "whole_pdf": "Open the whole PDF",
            "close": "Close",
            "unmarked": "The quote could not be located on this page for certain, so it is not "
            "marked.",
            "no_page": "This page cannot be shown. The document may have changed or been removed; "
            "please ask again.",
            "broken_page": "The PDF could not be read, so this page cannot be shown. Please open "
            "the original file itself.",
            "original": "Original",
            "translation": "Unofficial translation",
            "as_of": "As of {month} {year}",
            "as_of_year": "As of {year}",
            "extractive": "Extracted from the source",
            "seconds": "{seconds} s",
            "copy": "Copy with citations",
            "stopped": "Stopped. What had been checked by then is kept.",
            "steps": "Progress",
            "fault": "Something went wrong inside and the question was not answered. Please try "
            "again; if it keeps happening, report it with request id {id}.",
            "documents": "{count} documents",
            "retry": "Answer again",
            "edit": "Edit the question",
            "again": "Ask again",
            "why": "Why this answer",
            "follow_ups": "You could ask next",
            "nearest": "Close to it, and answered by the documents",
            "full": "A conversation holds up to {count} questions. Please start a new one; this "
            "one stays in the history.",
        },
    }
)
# What a reader should know of the editions of documents in another language than the answer.
NO_EDITION: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "one": "이 문서는 한국어 번역이 없어 영어 원문을 그대로 인용합니다.",
            "all": "이 문서들은 한국어 번역이 없어 영어 원문을 그대로 인용합니다.",
            "some": "다음 문서는 한국어 번역이 없어 영어 원문을 그대로 인용합니다: {titles}.",
            "part": "한국어 번역이 없는 대목은 영어 원문을 그대로 인용합니다.",
        },
        "en": {
            "one": "This document has no English translation, so it is quoted in the original "
            "Korean.",
            "all": "These documents have no English translation, so they are quoted in the "
            "original Korean.",
            "some": "Quoted in the original Korean, since there is no English translation: "
            "{titles}.",
            "part": "What has no English translation is quoted in the original Korean.",
        },
    }
)
MACHINE_EDITION: Mapping[str, str] = MappingProxyType(
    {
        "ko": "이 답에 쓰인 한국어 번역은 기계 번역({name})이며 사람이 확인하지 않았습니다. "
        "출처에 영어 원문이 함께 있습니다.",
        "en": "The English translation used in this answer is a machine translation by {name}, not "
        "checked by a person; the sources quote the original Korean.",
    }
)
# Whose the translation is, as it stands beside the translated words.
MACHINE_NOTE: Mapping[str, str] = MappingProxyType(
    {
        "ko": "기계 번역({name}), 사람이 확인하지 않음",
        "en": "machine translation by {name}, not checked by a person",
    }
)
# What stands in and around a document that is read beside the answer.
READING: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "contents": "차례",
            "footnote": "각주 {n}",
            "machine": "비공식 번역 · 기계 번역({name}), 사람이 확인하지 않음",
            "no_edition": "이 문서는 번역이 없어 원문을 보여 드립니다.",
            "untranslated": "번역 없음 · 원문",
            "no_document": "이 문서를 열 수 없습니다. 문서가 바뀌었거나 지워졌을 수 있습니다.",
            "open": "문서에서 보기",
            "verified": "확인됨",
            "support": "근거 일치 {percent}%",
        },
        "en": {
            "contents": "Contents",
            "footnote": "Footnote {n}",
            "machine": "Unofficial translation · machine translation by {name}, not checked by a "
            "person",
            "no_edition": "This document has no translation, so the original is shown.",
            "untranslated": "Not translated · original",
            "no_document": "This document cannot be opened. It may have changed or been removed.",
            "open": "See in the document",
            "verified": "Verified",
            "support": "Support {percent}%",
        },
    }
)
# What is being done, and what a check of a sentence found.
STEPS: Mapping[str, Mapping[StepName, str]] = MappingProxyType(
    {
        "ko": {
            "condense": "이어진 질문의 뜻을 푸는 중",
            "plan": "질문을 나누는 중",
            "search": "문서에서 찾는 중",
            "read": "구절 {count}개를 읽는 중",
            "write": "답을 쓰는 중",
            "check": "문장을 출처와 대조하는 중",
            "repair": "확인되지 않은 문장을 고치는 중",
        },
        "en": {
            "condense": "Working out the follow-up",
            "plan": "Breaking the question up",
            "search": "Searching the documents",
            "read": "Reading {count} passages",
            "write": "Writing",
            "check": "Checking sentences against their sources",
            "repair": "Mending a sentence that its source does not bear out",
        },
    }
)
CHECKS: Mapping[str, Mapping[Code, str]] = MappingProxyType(
    {
        "ko": {
            "number": "출처에 없는 수",
            "name": "출처에 없는 이름",
            "polarity": "출처와 반대되는 대목",
            "stance": "전망이나 제언을 사실처럼 쓴 대목",
            "attribution": "누구의 말인지가 출처와 다른 대목",
            "scope": "범위가 출처와 다른 대목",
            "cause": "출처에 없는 인과 관계",
            "direction": "방향이나 순서가 출처와 다른 대목",
            "content": "출처에서 확인되지 않는 대목",
            "entailment": "출처에서 따라 나오지 않는 문장",
            "marker": "출처를 밝히지 않은 문장",
            "source": "근거로 쓸 수 없는 출처",
            "language": "다른 언어로 쓴 문장",
            "form": "문장이 아닌 형식",
            "derived": "출처의 수를 계산하거나 바꾸어 쓴 수",
            "quotation": "원문 그대로가 아니어서 따옴표를 뺀 말",
        },
        "en": {
            "number": "A number that the source does not have",
            "name": "A name that the source does not have",
            "polarity": "The opposite of the source",
            "stance": "A forecast or advice told as fact",
            "attribution": "Not told as the words of whoever said it",
            "scope": "A scope other than the source's",
            "cause": "A cause that the source does not give",
            "direction": "A direction or order other than the source's",
            "content": "Not borne out by the source",
            "entailment": "Does not follow from the source",
            "marker": "Cites no source",
            "source": "A source that cannot be relied on",
            "language": "In another language",
            "form": "Not in the form of a sentence",
            "derived": "A number calculated or restated from the source's",
            "quotation": "Quotation marks taken away, since the words are not verbatim",
        },
    }
)
MONTHS = (
    "January February March April May June July August September October November December".split()
)
PIECE = 60  # characters of a sentence that a check may point at
AS_OF = re.compile(r"(\d{4})(?:-(\d{2}))?")


def check_text(check: Check, lang: str) -> str:
    """What a check found, as a reader is told; a piece as long as the sentence says no more."""
    label = CHECKS[lang][check.code]
    return f"{label}: {check.text}" if 0 < len(check.text) <= PIECE else label


def as_of_text(as_of: str, lang: str) -> str:
    """`2024-11` as a reader says it; anything but a year or a year and month is left as it is."""
    match = AS_OF.fullmatch(as_of)
    if match is None or (match[2] and not 1 <= int(match[2]) <= len(MONTHS)):
        return as_of
    if match[2] is None:
        return LABELS[lang]["as_of_year"].format(year=match[1])
    month = int(match[2]) if lang == "ko" else MONTHS[int(match[2]) - 1]
    return LABELS[lang]["as_of"].format(year=match[1], month=month)


def how_made(answer: Answer) -> list[str]:
    """Who wrote the answer, where there is one, and how long it took, where that is known."""
    labels = LABELS[answer.language]
    made = labels.get(answer.engine) or answer.engine.replace("llm:", "LLM · ", 1)
    facts = [made] if answer.sentences else []
    if "total" in answer.timings_ms:
        seconds = f"{max(answer.timings_ms['total'], 10) / 1000:.2f}"  # never 0.00
        facts.append(labels["seconds"].format(seconds=seconds))
    return facts


def cited_titles(answer: Answer) -> list[str]:
    """The titles of the documents that the answer cites, each once, in order of first use."""
    return list(dict.fromkeys(c.title(answer.language) for c in answer.citations))


def place(citation: Citation, lang: str, *, titled: bool) -> list[str]:
    """Where the quote stands: its page, its section, and where `titled` its document."""
    section = citation.section
    if citation.quote_language != lang and citation.section_translation:
        section = f"{citation.section_translation} ({citation.section})"
    where = [LABELS[lang]["page"].format(page=citation.page), section]
    return [*where, citation.title(lang)] if titled else where
