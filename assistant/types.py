"""The values an answer is made of, and their JSON (the contract that scripts rely on)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from index.types import Lang

Status = Literal["answered", "not_in_document", "error"]
Stance = Literal["fact", "forecast", "recommendation", "attributed"]
Verdict = Literal["verified", "unverified"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A resolved marker: the passage that supports a sentence, with its verbatim quote.

    `quote` is `document.text[char_start:char_end]` (code points) in the document's own language;
    `translation` is the same in the other language, with `translation_note` saying whose it is,
    and `translation_model` naming the chat model, where no person translated.
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
    translation_model: str | None = None

    def title(self, lang: str) -> str:
        """The document's title in `lang`, or in the document's own language."""
        if lang != self.quote_language and self.document_title_translation:
            return self.document_title_translation
        return self.document_title


Code = Literal[
    "number",  # a number, unit or date that the passages lack
    "name",
    "polarity",  # denied, or the opposite
    "stance",  # a forecast told as fact, a recommendation as decided
    "attribution",  # told without, or by another than, who said it
    "scope",
    "cause",
    "direction",
    "content",  # words that the passages do not hold
    "entailment",  # a configured inference model does not see that it follows
    "marker",  # it cites nothing that was shown
    "source",  # the quote or the page is not the document's
    "language",  # not the language of the answer
    "form",  # not a sentence: markup, a link, a list of data
    "derived",  # passed: a number that follows from the passages' numbers
    "quotation",  # passed: marks around words that are not verbatim were taken away
]


@dataclass(frozen=True, slots=True)
class Check:
    """What a check of a sentence found, and the piece of the sentence that it is about.

    A sentence with one that did not pass is unverified; those that passed are remarks.
    """

    code: Code
    text: str
    passed: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without markers. `support` is in [0, 1]."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    stance: Stance
    support: float
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls of a chat model took; failed calls count as calls and have no tokens.

    `cost` is in USD; None without prices, or once a reply came without its numbers of tokens.
    """

    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None


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
    notice: str | None = None  # what the reader should know, e.g. that no model answered
    searched: tuple[str, ...] = ()  # what was looked for, where that is not the question itself
    usage: Usage | None = None  # of the chat model, where one was asked
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def noting(self, remark: str | None) -> "Answer":
        """The answer with `remark`, if any, before what its notice says already."""
        return replace(self, notice=" ".join(filter(None, (remark, self.notice))) or None)

    def to_json(self) -> dict[str, Any]:
        """The answer as the contract has it; every value is plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Answer":
        """The answer that `to_json` wrote; KeyError or TypeError for anything else."""
        sentences = tuple(
            Sentence(
                **{
                    **sentence,
                    "citations": tuple(sentence["citations"]),
                    "checks": tuple(Check(**check) for check in sentence.get("checks", ())),
                }
            )
            for sentence in plain["sentences"]
        )
        citations = tuple(Citation(**citation) for citation in plain["citations"])
        usage = Usage(**plain["usage"]) if plain.get("usage") else None
        parts = {"sentences": sentences, "citations": citations, "usage": usage}
        return cls(**{**plain, **parts, "searched": tuple(plain.get("searched", ()))})


StepName = Literal["condense", "plan", "search", "read", "write", "check", "repair"]


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done now; `count` says to how many, where that is known."""

    name: StepName
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """An answer so far: every sentence in it has been checked, and its markers are final."""

    answer: Answer


Event = Step | Partial | Answer


def milliseconds(seconds: float) -> float:
    """As an answer's `timings_ms` gives them."""
    return round(seconds * 1000, 2)
