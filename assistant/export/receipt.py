"""A receipt: what was answered, and hashes of all that it rests on, for anyone to re-check.

    {"receipt": "citebrief/1", "made": "2026-11-23T10:00:00Z", "conversation": id, "items": [
      {"turn", "question", "history", "language", "documents", "engine", "status", "answer",
       "answer_sha256",
       "sentences": [{"text", "verdict", "stance", "support", "citations", "checks"}],
       "citations": [{"n", "document", "document_title", "document_sha256", "passage", "page",
                      "section", "char_start", "char_end", "quote_sha256", "quote",
                      "translation_sha256"}]}], "digest"}

`digest` is the SHA-256 of the whole without it, in canonical JSON. It tells of damage and of
careless edits; it is no signature, since anyone can compute it anew. What a receipt proves is what
`assistant.export.receipt_check` finds borne out by the library. `document_sha256` is null where the
library did not hold the document, or held another version, when the receipt was made.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from assistant.export.exported import Exported, Turn
from assistant.types import Citation
from index.types import Document

FORMAT = "citebrief/1"


def receipt(exported: Exported, documents: Mapping[str, Document], made: str) -> dict[str, Any]:
    """The receipt of a conversation over a library's documents; `made` is an ISO time."""
    plain = {
        "receipt": FORMAT,
        "made": made,
        "conversation": exported.id,
        "items": [_item(n, turn, documents) for n, turn in enumerate(exported.turns, start=1)],
    }
    return {**plain, "digest": digest(plain)}


def digest(plain: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of everything but "digest".

    Keys are sorted, nothing is escaped that need not be, there are no spaces, and a number without
    a fraction is written without one, as every JavaScript writes it.
    """
    rest = {key: value for key, value in plain.items() if key != "digest"}
    text = json.dumps(
        _whole(rest), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return sha256(text)


def sha256(text: str) -> str:
    """Of the text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def version(document: Document) -> str:
    """What tells this version of a document from another."""
    return document.sha256 or sha256(document.text)


def _item(number: int, turn: Turn, documents: Mapping[str, Document]) -> dict[str, Any]:
    answer = turn.answer
    return {
        "turn": number,
        "question": answer.question,
        "history": list(turn.history),
        "language": answer.language,
        "documents": None if turn.documents is None else list(turn.documents),
        "engine": answer.engine,
        "status": answer.status,
        "answer": answer.answer,
        "answer_sha256": sha256(answer.answer),
        "sentences": [
            {
                "text": sentence.text,
                "verdict": sentence.verdict,
                "stance": sentence.stance,
                "support": round(sentence.support, 4),
                "citations": list(sentence.citations),
                "checks": [
                    {"code": check.code, "text": check.text, "passed": check.passed}
                    for check in sentence.checks
                ],
            }
            for sentence in answer.sentences
        ],
        "citations": [_citation(one, documents.get(one.document)) for one in answer.citations],
    }


def _citation(citation: Citation, document: Document | None) -> dict[str, Any]:
    held = (
        document is not None
        and document.text[citation.char_start : citation.char_end] == citation.quote
    )
    return {
        "n": citation.n,
        "document": citation.document,
        "document_title": citation.document_title,
        "document_sha256": version(document) if document is not None and held else None,
        "passage": citation.passage,
        "page": citation.page,
        "section": citation.section,
        "char_start": citation.char_start,
        "char_end": citation.char_end,
        "quote_sha256": sha256(citation.quote),
        "quote": citation.quote,
        "translation_sha256": sha256(citation.translation) if citation.translation else None,
    }


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
