"""What readers of a checked text are told, in both languages: the one place for it."""

from collections.abc import Mapping
from types import MappingProxyType

from assistant.check_types import CheckVerdict, Difference, Reason, TextCheck
from assistant.labels import PIECE
from assistant.types import Code

VERDICT_LABELS: Mapping[str, Mapping[CheckVerdict, str]] = MappingProxyType(
    {
        "ko": {
            "supported": "확인됨",
            "contradicted": "어긋남",
            "not_in_document": "문서에 없음",
            "unclear": "판단 불가",
        },
        "en": {
            "supported": "Supported",
            "contradicted": "Contradicted",
            "not_in_document": "Not in the document",
            "unclear": "Cannot say",
        },
    }
)
# A shape with the word, so that a verdict is told by more than its colour.
SHAPES: Mapping[CheckVerdict, str] = MappingProxyType(
    {"supported": "✓", "contradicted": "✕", "not_in_document": "○", "unclear": "?"}
)
REASONS: Mapping[str, Mapping[Reason, str]] = MappingProxyType(
    {
        "ko": {
            "question": "질문이라 대조하지 않았습니다.",
            "heading": "제목이라 대조하지 않았습니다.",
            "greeting": "인사말이라 대조하지 않았습니다.",
            "fragment": "온전한 문장이 아니라 대조하지 않았습니다.",
            "order": "부탁이나 권유라 대조하지 않았습니다.",
        },
        "en": {
            "question": "A question, so there was nothing to check.",
            "heading": "A heading, so there was nothing to check.",
            "greeting": "A greeting, so there was nothing to check.",
            "fragment": "Not a whole sentence, so there was nothing to check.",
            "order": "A request, so there was nothing to check.",
        },
    }
)
# What differs, as a reader of the text is told: the text's word, then the document's.
DIFFERENCES: Mapping[str, Mapping[Code, str]] = MappingProxyType(
    {
        "ko": {
            "number": "수가 다릅니다",
            "name": "이름이 다릅니다",
            "polarity": "문서와 반대입니다",
            "stance": "문서는 전망이나 제언으로 말합니다",
            "attribution": "누구의 말인지가 문서와 다릅니다",
            "scope": "범위가 문서와 다릅니다",
            "cause": "문서에 없는 인과 관계입니다",
            "direction": "방향이나 순서가 문서와 다릅니다",
            "content": "문서에서 확인되지 않습니다",
        },
        "en": {
            "number": "The number differs",
            "name": "The name differs",
            "polarity": "The document says the opposite",
            "stance": "The document says this as a forecast or advice",
            "attribution": "The document names another source, or leaves it to one",
            "scope": "The scope differs from the document's",
            "cause": "The document does not give this cause",
            "direction": "The direction or order differs from the document's",
            "content": "The document does not say this",
        },
    }
)
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "instead": "문서: {text}",
            "summary": "문장 {total}개 중 {parts}",
            "part": "{label} {count}개",
            "unchecked": "대조하지 않음 {count}개",
            "nothing": "대조할 문장이 없습니다.",
            "title": "글 대조 결과",
            "overall": "전체 판정",
            "evidence": "근거",
            "sources": "출처",
            "scope": "대조한 문서: {titles}",
            "how": "자동으로 대조한 결과입니다. ‘확인됨’은 인용한 대목이 같은 내용을 말한다는 "
            "뜻이며, 쓰기 전에 원문을 직접 확인해 주세요.",
        },
        "en": {
            "instead": "document: {text}",
            "summary": "Of {total} sentences: {parts}",
            "part": "{count} {label}",
            "unchecked": "{count} not checked",
            "nothing": "There is no statement to check.",
            "title": "Result of checking the text",
            "overall": "Overall",
            "evidence": "Evidence",
            "sources": "Sources",
            "scope": "Checked against: {titles}",
            "how": "Checked automatically. “Supported” means that the cited passage says the same; "
            "please read the original before you rely on it.",
        },
    }
)


def difference_text(one: Difference, lang: str) -> str:
    """What differs, with the text's piece and the document's, where they are short."""
    label = DIFFERENCES[lang].get(one.code, DIFFERENCES[lang]["content"])
    shown = f"{label}: {one.text}" if 0 < len(one.text) <= PIECE else label
    return f"{shown} → {WORDS[lang]['instead'].format(text=one.instead)}" if one.instead else shown


def summary(check: TextCheck, lang: str) -> str:
    """How many sentences have each verdict, on one line."""
    words = WORDS[lang]
    checked = sum(check.counts.values())
    if not checked:
        return words["nothing"]
    labels = VERDICT_LABELS[lang]
    parts = [
        words["part"].format(label=labels[v] if lang == "ko" else labels[v].lower(), count=count)
        for v, count in check.counts.items()
        if count
    ]
    if left := len(check.sentences) - checked:
        parts.append(words["unchecked"].format(count=left))
    return words["summary"].format(total=len(check.sentences), parts=", ".join(parts))
