"""The values a check of a text is made of, and their JSON (a contract that scripts rely on)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from assistant.types import Citation, Code, Stance
from index.types import Lang

CheckVerdict = Literal["supported", "contradicted", "not_in_document", "unclear"]
VERDICTS: tuple[CheckVerdict, ...] = ("supported", "contradicted", "not_in_document", "unclear")
# Of a text: the gravest of its statements' verdicts, in this order.
GRAVEST: tuple[CheckVerdict, ...] = ("contradicted", "not_in_document", "unclear", "supported")
# Why a sentence says nothing that could be checked.
Reason = Literal["question", "heading", "greeting", "fragment", "order"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What of a statement the document does not say, and what it says instead, where that is known.

    `text` is a piece of the statement, `instead` one of the document, verbatim or "".
    """

    code: Code
    text: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A sentence of the text, verbatim, and what the library makes of it.

    `char_start` and `char_end` are its place in the text, in code points. `stance` is that of the
    evidence, None without. `support` is how sure it is that the evidence bears the sentence out,
    in [0, 1]. A sentence with a `reason` states nothing that could be checked, and is unclear.
    """

    text: str
    char_start: int
    char_end: int
    verdict: CheckVerdict
    stance: Stance | None = None
    support: float = 0.0
    citations: tuple[int, ...] = ()
    checks: tuple[Difference, ...] = ()
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class TextCheck:
    """A text held against a library, sentence by sentence."""

    text: str  # NFC; the offsets of the sentences count in it
    language: Lang
    sentences: tuple[CheckedStatement, ...]
    citations: tuple[Citation, ...] = ()
    documents: tuple[str, ...] | None = None  # those that it was held against; None: all
    as_of: str | None = None  # how old what was cited is, e.g. 2024-11
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> CheckVerdict:
        """Of the text as a whole: the gravest verdict of a sentence that could be checked.

        One contradicted sentence makes the text contradicted; else one that is not in the
        document, or unclear, makes it that. Unclear for a text that states nothing.
        """
        found = {sentence.verdict for sentence in self.sentences if sentence.reason is None}
        return next((verdict for verdict in GRAVEST if verdict in found), "unclear")

    @property
    def counts(self) -> Mapping[CheckVerdict, int]:
        """How many of the sentences that could be checked have each verdict."""
        checked = [s.verdict for s in self.sentences if s.reason is None]
        return {verdict: checked.count(verdict) for verdict in VERDICTS}

    def to_json(self) -> dict[str, Any]:
        """The check as plain JSON, with the verdict of the whole and the counts."""
        return {**asdict(self), "verdict": self.verdict, "counts": dict(self.counts)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "TextCheck":
        """The check that `to_json` wrote; KeyError or TypeError for anything else."""
        sentences = tuple(
            CheckedStatement(
                **{
                    **one,
                    "citations": tuple(one["citations"]),
                    "checks": tuple(Difference(**check) for check in one["checks"]),
                }
            )
            for one in plain["sentences"]
        )
        documents = plain.get("documents")
        return cls(
            text=plain["text"],
            language=plain["language"],
            sentences=sentences,
            citations=tuple(Citation(**citation) for citation in plain["citations"]),
            documents=None if documents is None else tuple(documents),
            as_of=plain.get("as_of"),
            timings_ms=plain.get("timings_ms", {}),
        )
