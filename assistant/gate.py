"""The gate: what may be shown as verified.

`Gate.check` holds every sentence of an answer, whoever wrote it, against the passages it cites: the
markers name passages that were shown, quote and page are the document's, the sentence is one in the
answer's language and without markup, quotation marks stand around verbatim text only, and the
passages support it (`assistant.verify`). Its stance is that of what it cites.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.asserted import asserted, leans
from assistant.inject import addresses_model
from assistant.quotation import MARKS, QUOTED_WORDS, inside
from assistant.stance import stance
from assistant.types import Check, Stance
from assistant.verify import QUOTES, Support, Verifier, bare
from index.language import detect
from index.nli import Entailment
from index.number_match import missing
from index.types import Document, Lang, Passage

LONGEST_SENTENCE = 600  # characters
ENTAILED = 0.5  # the least probability that a configured inference model must give
BEFORE = 2  # passages back, in which a subject that is left out is looked for
LEANING = ("name", "content", "attribution")  # what the lack of a subject may be taken for
# Where the passages of a sentence differ: the stance that a reader must not miss, first.
CAUTION: tuple[Stance, ...] = ("attributed", "forecast", "recommendation", "fact")


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence as it may be shown, what it rests on, and what the checks found."""

    text: str
    passages: tuple[Passage, ...]
    stance: Stance
    support: float
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """No check failed."""
        return all(check.passed for check in self.checks)


# `Gate.check`, or what stands in its place where it is measured.
CheckSentence = Callable[[str, Sequence[Passage], Lang | None, Sequence[Passage]], Checked]


@dataclass(frozen=True, slots=True)
class _Basis:
    """Passages that a sentence may rest on, as each reads, and how well they support it."""

    passages: tuple[Passage, ...]
    readings: tuple[tuple[str, ...], ...]
    support: Support


class Gate:
    """Checks sentences against the passages of one library. Safe to share between threads."""

    def __init__(
        self,
        documents: Mapping[str, Document],
        verifier: Verifier | None = None,
        entailment: Entailment | None = None,
    ) -> None:
        self.verifier = verifier or Verifier()
        self._documents = documents
        self._entailment = entailment

    def check(
        self,
        text: str,
        cited: Sequence[Passage],
        lang: Lang | None = None,
        context: Sequence[Passage] = (),
    ) -> Checked:
        """Whether `text`, without its markers, may be shown as verified by `cited`.

        `lang` is the language that the sentence must be in; None for a passage's own words, which
        must then be in it letter for letter. `context` are the passages that its writer was shown:
        where one that is cited leaves out who or what it speaks of, those before it say so, and
        are cited too.
        """
        given = tuple({passage.id: passage for passage in cited}.values())
        read = tuple(map(self.readings, given))
        text, quoted = _unquoted(_tidy(text, read), read)
        found = [Check("quotation", piece, passed=True) for piece in quoted]
        found += self._plain_faults(text, given, read, lang)
        support = 0.0
        if all(check.passed for check in found):
            basis = self._needed(text, given)
            if lang and not basis.support.supported:
                basis = self._with_antecedents(text, basis, context)
            given, support = basis.passages, basis.support.score
            found += self._doubts(text, basis, lang)
        return Checked(text, given, _stance(text, given), round(support, 4), tuple(found))

    def readings(self, passage: Passage) -> tuple[str, ...]:
        """What the document and its edition have of a passage, whatever the index says."""
        if passage.kind != "sentence":
            return passage.readings
        translation = self._documents[passage.document_id].translations.get(passage.quote)
        return (passage.quote, translation) if translation else (passage.quote,)

    def _plain_faults(
        self,
        text: str,
        cited: Sequence[Passage],
        read: Sequence[Sequence[str]],
        lang: Lang | None,
    ) -> Iterator[Check]:
        """What is wrong whatever the passages say."""
        if not cited:
            yield Check("marker", "")
        for passage in cited:
            document = self._documents[passage.document_id]
            if not _is_real(passage, document) or (lang and addresses_model(passage.quote)):
                yield Check("source", passage.quote)
        if fault := _form(text, read):
            yield Check("form", fault)
        if lang and _LETTER.search(text) and detect(text).main != lang:
            yield Check("language", text)

    def _basis(self, text: str, passages: tuple[Passage, ...]) -> _Basis:
        read = tuple(map(self.readings, passages))
        return _Basis(passages, read, self.verifier.support(text, read))

    def _needed(self, text: str, passages: tuple[Passage, ...]) -> _Basis:
        """The passages that the sentence needs.

        One that it is as well supported without is left out, since a model cites too many rather
        than too few; all stay where none of their choices supports it.
        """
        best = self._basis(text, passages)
        while len(best.passages) > 1:
            some = best.passages
            fewer = [self._basis(text, some[:n] + some[n + 1 :]) for n in range(len(some))]
            chosen = max(fewer, key=lambda basis: basis.support.score)
            if not chosen.support.supported or chosen.support.score < best.support.score:
                break
            best = chosen
        return best

    def _with_antecedents(self, text: str, basis: _Basis, context: Sequence[Passage]) -> _Basis:
        """The passages with the ones before them that they lean on, if that supports the text."""
        given = basis.passages
        found = self.verifier.signals(text, basis.readings)
        instead = found["copy_name"][0] or found["other_name"][0]  # of a name that is there
        if instead or any(doubt.code not in LEANING for doubt in basis.support.doubts):
            return basis
        before = [p for p in context if p not in given and _leads(p, given)]
        for count in range(1, len(before) + 1):
            wider = self._needed(text, (*before[-count:], *given))
            if wider.support.supported and any(p in given for p in wider.passages):
                return wider
        return basis

    def _doubts(self, text: str, basis: _Basis, lang: Lang | None) -> Iterator[Check]:
        """What keeps the passages from bearing the text out, and what is to be remarked."""
        support = basis.support
        yield from support.doubts
        if not support.supported or (support.score == 1 and lang is None):
            return
        if lang is None:
            yield Check("content", text)
        elif not self.asserts(text, basis.readings):
            yield Check("attribution", text)
        elif support.score < 1:  # word for word there is nothing to add
            yield from self._remarks(text, basis.readings)

    def asserts(self, text: str, read: Sequence[Sequence[str]]) -> bool:
        """Whether passages say it themselves; a sentence that names its source may quote."""
        sourced = stance(text, detect(text).main) == "attributed"
        own = [[asserted(reading, quoted=sourced) for reading in texts] for texts in read]
        if own == [list(texts) for texts in read]:
            return True
        told = asserted(text, quoted=sourced)
        if not told.strip():  # an order told as one; not somebody's words without whose they are
            return not asserted(QUOTES.sub(" ", text)).strip()
        return self.verifier.support(told, own).supported

    def _remarks(self, text: str, read: Sequence[Sequence[str]]) -> Iterator[Check]:
        evidence = "\n".join(reading for texts in read for reading in texts)
        for quantity in missing(text, evidence):
            yield Check("derived", quantity.text, passed=True)
        entailed = self.entailed(text, read)
        if entailed is not None and entailed < ENTAILED:
            yield Check("entailment", text)

    def entailed(self, text: str, read: Sequence[Sequence[str]]) -> float | None:
        """How likely `text` follows from passages, each as its readings; None without a model."""
        if self._entailment is None:
            return None
        premise = " ".join(_in_language(texts, detect(text).main) for texts in read)
        return self._entailment.probability(premise, text)


def _leads(passage: Passage, given: Sequence[Passage]) -> bool:
    """Whether one of `given` leaves its subject to this passage, shortly before it."""
    return any(
        (one.document_id, one.paragraph) == (passage.document_id, passage.paragraph)
        and 0 < one.position - passage.position <= BEFORE
        and leans(one)
        for one in given
    )


_LETTER = re.compile(r"[A-Za-z가-힣]")
_MARKUP = re.compile(r"[<>{}|\\`]|\*\*|__|\]\(|\w://|^#|www\.|⟦|⟧")
_PICTURE = re.compile("[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]")


def _tidy(text: str, read: Sequence[Sequence[str]]) -> str:
    """NFC, folded white space, and no pictures that the passages do not have."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    known = "".join(reading for texts in read for reading in texts)
    return " ".join(_PICTURE.sub(lambda m: m[0] if m[0] in known else "", text).split())


def _unquoted(text: str, read: Sequence[Sequence[str]]) -> tuple[str, list[str]]:
    """The text without marks around words that are not verbatim, and those words."""
    known = [unicodedata.normalize("NFC", reading) for texts in read for reading in texts]
    loose: list[str] = []

    def keep(match: re.Match[str]) -> str:
        words = inside(match)
        wanted = rf"[\s{MARKS}]*".join(map(re.escape, bare(words).rstrip(".,。")))
        whole = re.compile(rf"(?<![A-Za-z0-9]){wanted}(?![A-Za-z0-9])")  # of 동맹은 but not of 183
        if any(whole.search(reading) for reading in known):
            return match[0]
        loose.append(words)
        return words.strip()

    return QUOTED_WORDS.sub(keep, text), loose


def _form(text: str, read: Sequence[Sequence[str]]) -> str:
    """What of the text no sentence has; nothing if the passages have it too."""
    if not _LETTER.search(text):
        return text or "…"
    known = "\n".join(reading for texts in read for reading in texts)
    if len(text) > LONGEST_SENTENCE and text not in known:  # an English wording is the longer one
        return text[:40] + "…"
    return markup(text, known)


def markup(text: str, known: str) -> str:
    """The first mark of markup, or of ours, in `text` that `known` does not have; "" for none."""
    return next((m[0] for m in _MARKUP.finditer(text) if m[0] not in known), "")


def _is_real(passage: Passage, document: Document) -> bool:
    """Whether quote and page are the document's."""
    quote = document.text[passage.char_start : passage.char_end]
    return quote == passage.quote and document.page(passage.char_start) == passage.page


def _stance(text: str, cited: Sequence[Passage]) -> Stance:
    """That of the passages; where they differ, the sentence's own if one has it."""
    theirs = {stance(passage.quote, passage.lang) for passage in cited}
    if len(theirs) == 1:
        return theirs.pop()
    own = stance(text, detect(text).main)
    return own if own in theirs or not theirs else min(theirs, key=CAUTION.index)


def _in_language(texts: Sequence[str], lang: Lang) -> str:
    return next((text for text in texts if detect(text).main == lang), texts[0])
