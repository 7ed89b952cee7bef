"""The values an answer is made of, and their JSON (the contract that scripts rely on)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from index.types import Lang

Status = Literal["answered", "not_in_document", "error"]
Stance = Literal["fact", "forecast", "recommendation", "attributed"]
Verdict = Literal["verified", "unverified"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A resolved marker: the passage that supports a sentence, with its verbatim quote.

    `quote` is `document.text[char_start:char_end]` (code points) in the document's own language;
    `translation` is the same in the other language, with `translation_note` saying whose it is.
    """

    n: int  # the marker, from 1, in order of first use
    document: str
    document_title: str  # in the document's language
    document_title_translation: str | None
    passage: str
    page: int
    section: str  # heading in the document's language
    section_translation: str | None
    quote: str
    quote_language: Lang
    translation: str | None
    translation_note: str | None
    char_start: int
    char_end: int

    def title(self, lang: str) -> str:
        """The document's title in `lang`, or in the document's own language."""
        if lang != self.quote_language and self.document_title_translation:
            return self.document_title_translation
        return self.document_title


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without markers. `support` is in [0, 1]."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    stance: Stance
    support: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says. No sentences means that the library does not answer the question."""

    id: str
    question: str
    language: Lang
    status: Status
    answer: str  # the sentences with [n] markers, or why there are none
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    engine: str = "extractive"
    as_of: str | None = None  # how old what was cited is, e.g. 2024-11
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The answer as the contract has it; every value is plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Answer":
        """The answer that `to_json` wrote; KeyError or TypeError for anything else."""
        sentences = tuple(
            Sentence(**{**sentence, "citations": tuple(sentence["citations"])})
            for sentence in plain["sentences"]
        )
        citations = tuple(Citation(**citation) for citation in plain["citations"])
        return cls(**{**plain, "sentences": sentences, "citations": citations})
