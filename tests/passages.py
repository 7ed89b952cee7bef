"""A passage as a test wants it: whatever it does not name is as plain as can be."""

from typing import Any

from index.types import Passage


def passage(text: str, position: int = 0, **changes: Any) -> Passage:
    """A Korean sentence that is its own quote; `changes` are other fields of a Passage."""
    given = {
        "id": f"d:s{position}",
        "document_id": "d",
        "kind": "sentence",
        "lang": "ko",
        "text": text,
        "quote": text,
        "char_start": 0,
        "char_end": len(text),
        "page": 1,
        "section_id": "sec0",
        "section_titles": {"ko": "서론"},
        "paragraph": 0,
        "position": position,
    }
    return Passage(**given | changes)
