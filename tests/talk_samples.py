"""Turns of conversations for tests: an answer about the harbour, and a refusal."""

from typing import Any

from assistant.conversation import Turn
from assistant.types import Answer, Check, Citation, Sentence

QUOTE = "부산항은 2030년까지 3조 원을 들여 확장된다."
OTHER = "The Forest Service planted 2.5 million trees in 2023."
QUESTION = "부산항은 언제까지 확장되나요?"
HARBOUR_ID, FOREST_ID = "harbour", "forest"


def citation(n: int, document: str = HARBOUR_ID, quote: str = QUOTE) -> Citation:
    """A citation of a document's only page."""
    lang = "ko" if document == HARBOUR_ID else "en"
    return Citation(
        n=n,
        document=document,
        document_title="항만 보고서" if lang == "ko" else "Forest Policy",
        document_title_translation=None,
        passage=f"{document}:a{n}",
        page=1,
        section="확장 계획" if lang == "ko" else "Planting",
        section_translation=None,
        quote=quote,
        quote_language=lang,
        translation="Busan Port will be expanded by 2030." if lang == "ko" else None,
        translation_note="machine" if lang == "ko" else None,
        char_start=0,
        char_end=len(quote),
    )


def turn(number: int = 1, question: str = QUESTION, **values: Any) -> Turn:
    """An answered turn of two sentences, each with a source of its own."""
    id = f"{number:016x}"
    answer = Answer(
        id=id,
        question=question,
        language="ko",
        status="answered",
        answer=f"{QUOTE} [1] 숲에는 나무 250만 그루를 심었다. [2]",
        sentences=(
            Sentence(QUOTE, (1,), "verified", "forecast", 0.98, (Check("derived", "3조", True),)),
            Sentence("숲에는 나무 250만 그루를 심었다.", (2,), "verified", "fact", 0.9),
        ),
        citations=(citation(1), citation(2, FOREST_ID, OTHER)),
        as_of="2024-11",
        searched=("부산항", "확장"),
        timings_ms={"search": 1.25},
    )
    given = {"asked_at": "2026-11-23T10:00:00Z", "follow_ups": ("비용은 누가 내나요?",)}
    return Turn(id, question=question, answer=answer, **given | values)


def refusal(number: int = 2, question: str = "달에는 누가 갔나요?", **values: Any) -> Turn:
    """A turn without an answer, which names what the document is about."""
    id = f"{number:016x}"
    text = "문서에는 이 질문에 답하는 내용이 없습니다. 문서가 다루는 가까운 주제: ‘확장 계획’."
    answer = Answer(id=id, question=question, language="ko", status="not_in_document", answer=text)
    given = {"asked_at": "2026-11-23T10:00:00Z", "follow_ups": ("부산항은 어떻게 되나요?",)}
    return Turn(id, question=question, answer=answer, **given | values)
