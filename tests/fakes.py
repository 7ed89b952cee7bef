"""What the tests of eval share: a document of two sentences, a fake engine over it, a small set."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passages import passage as a_passage

from assistant.types import Answer, Citation, Sentence
from eval.measures import Reading
from eval.samples import squeeze
from index.manifest import Manifest
from index.types import Document, Hit, Lang, Passage

FIRST, SECOND = "목표는 함정 350척이다.", "통화는 반 시간이었다."
TEXT = f"{FIRST} {SECOND}"
EDITION = {FIRST: "The goal is a 350-ship navy.", SECOND: "The call took half an hour."}
DOCUMENT = Document(
    id="brief",
    lang="ko",
    titles={"ko": "브리프"},
    text=TEXT,
    blocks=(),
    page_starts=(0, len(FIRST) + 1),  # each sentence on a page of its own
    sections=(),
)
PAGES = {FIRST: 1, SECOND: 2}
NAMES = {FIRST: "s001", SECOND: "s002"}
SHIPS = {"text": "350척", "vital": True, "ko": ["350척"], "en": ["350-ship"]}
CALL = {"text": "반 시간", "vital": False, "ko": ["반 시간"], "en": []}


def passage(quote: str) -> Passage:
    start = TEXT.index(quote)
    return a_passage(
        quote,
        start,
        id=f"brief:{NAMES[quote]}",
        document_id="brief",
        char_start=start,
        char_end=start + len(quote),
        page=PAGES[quote],
        translation=EDITION[quote],
        quote_translation=EDITION[quote],
    )


def citation(n: int, quote: str) -> Citation:
    start = TEXT.index(quote)
    return Citation(
        n=n,
        document="brief",
        document_title="브리프",
        document_title_translation=None,
        passage=f"brief:{NAMES[quote]}",
        page=PAGES[quote],
        section="서론",
        section_translation=None,
        quote=quote,
        quote_language="ko",
        translation=EDITION[quote],
        translation_note=None,
        char_start=start,
        char_end=start + len(quote),
    )


def answered(*quotes: str, language: Lang = "ko", id: str = "") -> Answer:
    """A good answer: each quote, or its translation, as a sentence that cites it."""
    texts = [quote if language == "ko" else EDITION[quote] for quote in quotes]
    return Answer(
        id=id,
        question="",
        language=language,
        status="answered",
        answer=" ".join(f"{text} [{n}]" for n, text in enumerate(texts, start=1)),
        sentences=tuple(
            Sentence(text, (n,), "verified", "fact", 1.0) for n, text in enumerate(texts, start=1)
        ),
        citations=tuple(citation(n, quote) for n, quote in enumerate(quotes, start=1)),
    )


def refused(text: str = "문서에 없습니다.", language: Lang = "ko") -> Answer:
    return Answer("", "", language, "not_in_document", text)


def contains(claim: str, passages: Sequence[Reading]) -> bool | None:
    """A checker that believes what stands in a reading word for word; of "?" it cannot say."""
    if "?" in claim:
        return None
    return any(squeeze(claim) in squeeze(text) for reading in passages for text in reading)


@dataclass
class FakeIndex:
    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    manifest: Manifest = field(default_factory=lambda: Manifest("d", "fake", "1", 3, "l"))


Reply = Answer | BaseException


@dataclass
class FakeEngine:
    """Answers by question id; an exception in the place of an answer is raised.

    The search returns the second sentence before the first. Calls are recorded.
    """

    answers: Mapping[str, Reply]
    index: FakeIndex = field(
        default_factory=lambda: FakeIndex({"brief": DOCUMENT}, [passage(FIRST), passage(SECOND)])
    )
    asked: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    searched: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, question: str, history: Sequence[str] = (), *, id: str = "") -> Answer:
        with self.lock:
            self.asked.append((question, tuple(history), id))
        reply = self.answers[id]
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def retrieve(
        self, question: str, history: Sequence[str] = (), limit: int = 10
    ) -> tuple[list[Hit], float | None]:
        with self.lock:
            self.searched.append((question, tuple(history)))
        found = [Hit(passage(SECOND), 0.8), Hit(passage(FIRST), 0.4)]
        return found[:limit], 0.75


def line(id: str, lang: str, kind: str, **changes: Any) -> dict[str, Any]:
    """A line of a set, of the dev half, whose answer needs both sentences."""
    empty = kind == "unanswerable"
    given = {
        "evidence": [] if empty else [["s001"], ["s002"]],
        "nuggets": [] if empty else [SHIPS, CALL],
        "stances": {} if empty else {"s001": ["fact"], "s002": ["fact", "attributed"]},
    }
    asked = {"id": id, "lang": lang, "kind": kind, "question": f"{id}?", "half": "dev"}
    return {**asked, **given, **changes}


LINES = [
    line("full", "ko", "number", pair="en"),
    line("part", "ko", "number", history=["earlier?"]),
    line("shy", "ko", "date"),
    line("crash", "ko", "date"),
    line("leak", "ko", "unanswerable"),
    line("en", "en", "number"),
    line("quiet", "en", "unanswerable", half="test"),
]
# "en" belongs to "full" as its pair.
ANSWERS: dict[str, Reply] = {
    "full": answered(FIRST, SECOND),
    "part": answered(FIRST),
    "shy": refused("문서에 없습니다. 가까운 주제: 함정 350척, 반 시간"),
    "crash": RuntimeError("boom"),
    "leak": answered(SECOND),
    "en": answered(FIRST, language="en"),
    "quiet": refused("The document does not say.", "en"),
}


def write_lines(path: Path, lines: Sequence[Mapping[str, Any]]) -> Path:
    text = "\n".join(json.dumps(x, ensure_ascii=False) for x in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path
