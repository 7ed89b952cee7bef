"""Check a text against the library: each sentence supported, contradicted, absent, or unclear.

A statement is looked up (`assistant.check_evidence`), and two small models weigh how it stands to
what was found (`assistant.check_model`). Supported means that a passage, or two together, say it in
whatever words; a forecast told as fact is not. Contradicted means that the passage speaks of the
same and says something else; not in the document, that no passage speaks of it; unclear is what
lies between, and what states nothing. Not covered: what follows only by reasoning.
"""

import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.check_differences import differences
from assistant.check_evidence import Evidence, Evidences
from assistant.check_frame import unframed
from assistant.check_model import CheckModel, features, load_check_model
from assistant.check_split import Piece, pieces
from assistant.check_types import CheckedStatement, CheckVerdict, Difference, TextCheck
from assistant.cite import citation
from assistant.errors import InputError
from assistant.find import Finder
from assistant.gate import Gate
from assistant.stance import stance
from assistant.types import milliseconds
from index.language import detect
from index.types import Lang, Passage

LONGEST = 100_000  # characters of a text
MOST = 1_500  # sentences of one
LONGEST_STATEMENT = 1_000  # characters; what is longer is no sentence anybody would check
LEAST_RAISED = 0.05  # of our own probability, from which an inference model may decide
SHOWN = 0.5  # of being about the same matter, from which on evidence is shown with "unclear"
AskedLang = Literal["auto", "ko", "en"]
Allowed = NDArray[np.bool_] | None  # the passages that may be evidence; None: all
_Judged = tuple[CheckedStatement, tuple[Passage, ...]]  # without citations, and what it is to cite


class Checker:
    """Holds texts against one open library. Safe to share between threads."""

    def __init__(self, finder: Finder, gate: Gate, model: CheckModel | None = None) -> None:
        """`model` is the fitted one unless given."""
        self._finder, self._gate = finder, gate
        self._evidences = Evidences(finder, gate)
        self._given = model

    def check(
        self,
        text: str,
        lang: AskedLang | None = None,
        documents: Sequence[str] | None = None,
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> TextCheck:
        """Check each sentence of `text` against the library, or against `documents` of it.

        `lang` is the language that the result is told in, by default that of the text. Sentences
        after `stopped` has become true are left out. InputError for a text that is empty or too
        long, and for a document that is not in the library.
        """
        start = time.perf_counter()
        text = readable(text)
        found = pieces(text, self._finder.index.analyzer.morphology)
        if not any(ch.isalnum() for ch in text) or not found:
            raise InputError("The text is empty; paste at least one sentence.")
        if len(found) > MOST:
            raise InputError(
                f"The text has {len(found):,} sentences; at most {MOST:,} can be checked at once. "
                "Check it in parts."
            )
        allowed = self._allowed(documents)
        language: Lang = lang if lang == "ko" or lang == "en" else detect(text).main
        cut = time.perf_counter()
        judged = []
        before = ""
        for piece in found:
            if stopped():
                break
            judged.append(self._judge(piece, allowed, before))
            before = piece.statement
        timings = {
            "split": milliseconds(cut - start),
            "check": milliseconds(time.perf_counter() - cut),
            "total": milliseconds(time.perf_counter() - start),
        }
        checked = self._compose(text, language, judged, documents)
        return replace(checked, timings_ms=timings)

    def _allowed(self, documents: Sequence[str] | None) -> Allowed:
        if documents is None:
            return None
        known = self._finder.index.documents
        if not documents:
            raise InputError("No document was chosen; choose at least one, or leave it open.")
        for name in documents:
            if name not in known:
                raise InputError(
                    f"The document {name!r} is not in the library, which holds "
                    f"{', '.join(sorted(known)[:20])}; choose one of these."
                )
        return self._finder.retriever.allowed(documents)

    def _judge(self, piece: Piece, allowed: Allowed, before: str) -> _Judged:
        """The statement after `before`, without citations, and the passages that it is to cite."""
        plain = CheckedStatement(
            piece.text, piece.char_start, piece.char_end, "unclear", reason=piece.reason
        )
        if piece.reason is not None or len(piece.statement) > LONGEST_STATEMENT:
            return plain, ()
        evidence = self._evidences.find(piece.statement, allowed, before)
        if evidence is None:
            return replace(plain, verdict="not_in_document"), ()
        return self._weigh(plain, piece.statement, evidence)

    def _weigh(self, plain: CheckedStatement, statement: str, evidence: Evidence) -> _Judged:
        model = self._given or load_check_model()
        values = features(evidence)
        support = 1.0 if evidence.verbatim else model.support(values)
        if values["decisive"] and not evidence.verbatim:
            support = min(support, 0.01)
        elif not evidence.verbatim:
            support = self._inferred(statement, evidence, support)
        matter = 1.0 if evidence.verbatim else model.matter(values)
        lang = detect(statement).main
        verdict: CheckVerdict
        if support >= model.supported[lang] and self._asserts(statement, evidence):
            verdict = "supported"
        elif matter < model.near:
            verdict = "not_in_document"
        elif support < model.against:
            verdict = "contradicted"
        else:
            verdict = "unclear"
        if verdict == "not_in_document" or (verdict == "unclear" and matter < SHOWN):
            return replace(plain, verdict=verdict, support=round(support, 4)), ()
        checks: tuple[Difference, ...] = ()
        if verdict != "supported":
            checks = differences(statement, evidence, self._gate.verifier.model)
        first = evidence.passages[0]
        told = stance(first.quote, first.lang)
        found = replace(
            plain, verdict=verdict, support=round(support, 4), stance=told, checks=checks
        )
        return found, evidence.passages

    def _inferred(self, statement: str, evidence: Evidence, support: float) -> float:
        """What a configured inference model leaves of the support, or adds to it.

        It reads a statement's meaning where we compare words, so that it may raise a reworded
        statement; but not one that our own comparison holds for another matter.
        """
        core = unframed(statement)
        read = [[unframed(t) for t in self._gate.readings(p)] for p in evidence.passages]
        entailed = self._gate.entailed(core, read)
        if entailed is None:
            return support
        if support < LEAST_RAISED:
            return min(support, entailed)
        return entailed

    def _asserts(self, statement: str, evidence: Evidence) -> bool:
        """Whether the passages say it themselves, and do not order it to be said."""
        read = [self._gate.readings(passage) for passage in evidence.passages]
        return self._gate.asserts(statement, read)

    def _compose(
        self,
        text: str,
        language: Lang,
        judged: Sequence[_Judged],
        documents: Sequence[str] | None,
    ) -> TextCheck:
        """Citations count from 1 in the order of first use, as in an answer."""
        known = self._finder.index.documents
        numbers: dict[str, int] = {}
        citations = []
        sentences = []
        for statement, passages in judged:
            for passage in passages:
                if passage.id not in numbers:
                    n = numbers[passage.id] = len(numbers) + 1
                    document = known[passage.document_id]
                    citations.append(citation(n, passage, document, language))
            cited = tuple(sorted(numbers[passage.id] for passage in passages))
            sentences.append(replace(statement, citations=cited))
        dates = {known[c.document].as_of for c in citations}
        return TextCheck(
            text=text,
            language=language,
            sentences=tuple(sentences),
            citations=tuple(citations),
            documents=None if documents is None else tuple(documents),
            as_of=dates.pop() if len(dates) == 1 else None,
        )


def readable(text: str) -> str:
    """The text as it is checked: NFC, no lone surrogates; InputError where it is too long."""
    if len(text) > LONGEST:
        raise InputError(
            f"The text has {len(text):,} characters; at most {LONGEST:,} can be checked at once. "
            "Check it in parts."
        )
    plain = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", plain)
