"""A stored turn of a conversation as plain JSON: what of it is searched, and what is blanked of it
once a document that it quotes is forgotten.

Blanked are quotes, translations, titles and headings of citations of that document, every sentence
that rests on one, the explanation, suggested questions of a refusal, and wherever else a whole
sentence of it stands, in a question or a note as well. What is left are the document's id, pages
and offsets. Not covered: a part of a sentence, or its sense, that a person wrote down.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SHORTEST = 20  # characters of a sentence that is looked for; shorter ones stand elsewhere too
SHORTEST_TITLE = 4
ERASED = {
    "ko": "(삭제된 문서의 내용이라 지웠습니다.)",
    "en": "(Erased: the document that said this was deleted.)",
}
TITLE = {"ko": "삭제된 문서", "en": "A deleted document"}
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gone:
    """Forgotten documents: their ids, and where they are known their sentences and titles."""

    ids: frozenset[str]
    sentences: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    _heads: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, ids: Iterable[str], sentences: Iterable[str], titles: Iterable[str]) -> "Gone":
        """What is long enough to be looked for."""
        long = sorted({s for s in sentences if len(s) >= SHORTEST}, key=len, reverse=True)
        named = sorted({t for t in titles if len(t) >= SHORTEST_TITLE}, key=len, reverse=True)
        heads: dict[str, list[str]] = {}
        for sentence in long:
            heads.setdefault(sentence[:SHORTEST], []).append(sentence)
        return cls(frozenset(ids), tuple(long), tuple(named), heads)

    def within(self, text: str) -> list[str]:
        """The sentences that `text` holds, the longest first."""
        found: set[str] = set()
        if self._heads:
            for start in range(len(text) - SHORTEST + 1):
                for sentence in self._heads.get(text[start : start + SHORTEST], ()):
                    if text.startswith(sentence, start):
                        found.add(sentence)
        return sorted(found, key=len, reverse=True)


def squeezed(text: str) -> str:
    """How text is compared in a search: NFC, without case and white space."""
    return "".join(unicodedata.normalize("NFC", text).casefold().split())


def words(turn: Mapping[str, Any]) -> str:
    """What of a turn is searched: the question and the answer."""
    return "\n".join(map(squeezed, (turn["question"], turn["answer"]["answer"])))


def blanked(turn: Plain, gone: Gone) -> Plain:
    """The turn without what the forgotten documents said; equal to `turn` where it has none."""
    answer, touched = _answer(turn["answer"], gone)
    refused = not turn["answer"].get("sentences")
    new = {**turn, "answer": answer}
    if touched or _names(turn.get("why"), gone.ids):
        new["why"] = None
    asked = turn.get("documents")
    if touched or (refused and (asked is None or gone.ids & set(asked))):
        new["follow_ups"] = []
    return {key: scrubbed(value, gone, _lang(answer)) for key, value in new.items()}


def blanked_answer(answer: Plain, gone: Gone) -> Plain:
    """The same of an answer alone."""
    new, _ = _answer(answer, gone)
    scrub: Plain = scrubbed(new, gone, _lang(new))
    return scrub


def scrubbed(value: Any, gone: Gone, lang: str = "en") -> Any:
    """`value` with every whole sentence of the forgotten documents blanked in its strings."""

    def change(text: str) -> str:
        for sentence in gone.within(text):
            text = text.replace(sentence, ERASED[lang])
        return text

    return _mapped(value, change)


def _answer(answer: Plain, gone: Gone) -> tuple[Plain, bool]:
    """The answer without what rests on the documents, and whether anything did."""
    lang = _lang(answer)
    citations = [_citation(c, gone, lang) for c in answer["citations"]]
    numbers = {c["n"] for c in answer["citations"] if c["document"] in gone.ids}
    if not answer["sentences"]:
        named = _replaced(answer, gone.titles, TITLE[lang])
        return named, False
    sentences, text, lost = [], answer["answer"], []
    for sentence in answer["sentences"]:
        if numbers & set(sentence["citations"]):
            lost.append(sentence["text"])
            sentence = _sentence(sentence, lang)
        sentences.append(sentence)
    for old in sorted(lost, key=len, reverse=True):
        text = text.replace(old, ERASED[lang])
    if any(old != ERASED[lang] and old in text for old in lost):
        text = ERASED[lang]
    new = {**answer, "answer": text, "sentences": sentences, "citations": citations}
    if numbers and isinstance(new.get("notice"), str):
        new["notice"] = _replaced(new["notice"], gone.titles, TITLE[lang])
    return new, bool(numbers)


def _citation(citation: Plain, gone: Gone, lang: str) -> Plain:
    if citation["document"] not in gone.ids:
        return citation
    return {
        **citation,
        "document_title": TITLE[lang],
        "document_title_translation": None,
        "section": "",
        "section_translation": None,
        "quote": ERASED[lang],
        "translation": None,
        "translation_note": None,
    }


def _sentence(sentence: Plain, lang: str) -> Plain:
    new = {"text": ERASED[lang], "verdict": "unverified", "stance": "fact"}
    return {**sentence, **new, "support": 0.0, "checks": []}


def _lang(answer: Mapping[str, Any]) -> str:
    return "ko" if answer.get("language") == "ko" else "en"


def _replaced(value: Any, texts: Sequence[str], by: str) -> Any:
    def change(text: str) -> str:
        for old in texts:
            text = text.replace(old, by)
        return text

    return _mapped(value, change)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """`value` with every string in it changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    return value


def _names(value: Any, ids: frozenset[str]) -> bool:
    """Whether a string in `value` is one of the ids, or that of a passage of such a document."""
    if isinstance(value, str):
        return value in ids or value.rpartition(":")[0] in ids
    if isinstance(value, dict):
        return any(_names(item, ids) for item in (*value, *value.values()))
    return isinstance(value, list) and any(_names(item, ids) for item in value)
