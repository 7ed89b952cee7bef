"""Re-checking a receipt against the library, offline: is every quote there, does the gate agree?

Nothing that a receipt says of itself is believed, its digest least of all: quotes are looked up in
the documents, and each sentence goes through the gate again with the passages it cites. What cannot
be looked up, because a document has changed or is gone, is told apart from what is wrong. Not
covered: whether the engine named wrote the answer, and whether it was given when it says.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import prompts
from assistant.cite import UNVERIFIED
from assistant.export.receipt import digest, sha256, version
from assistant.export.receipt_form import CitationForm, ItemForm, SentenceForm, read_receipt
from assistant.export.receipt_words import OVERALL, SAID, VERDICTS, WHERE, Code, State
from assistant.gate import Checked, Gate
from assistant.labels import LABELS
from assistant.verify import Verifier
from index.terms import Analyzer
from index.types import Document, Passage

About = Literal["receipt", "answer", "citation", "sentence"]
_MARKER = re.compile(r"\[\d+\]")
_TOPIC = re.compile(r"[‘“](.+?)[’”](?=, [‘“]|$)")


class Held(Protocol):
    """What of an index is needed."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """By id."""

    @property
    def passages(self) -> Sequence[Passage]:
        """All of them."""

    @property
    def analyzer(self) -> Analyzer:
        """As the verifier reads words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; `turn` and `n` count from 1, and are 0 for the receipt as a whole."""

    about: About
    state: State
    code: Code
    turn: int = 0
    n: int = 0
    stated: str = ""
    found: str = ""
    document: str = ""

    def text(self, lang: str) -> str:
        """As a reader is told."""
        where = WHERE[lang][self.about].format(turn=self.turn, n=self.n)
        words = {**LABELS[lang], **VERDICTS[lang]}
        stated, found = words.get(self.stated, self.stated), words.get(self.found, self.found)
        said = SAID[lang][self.code].format(stated=stated, found=found, document=self.document)
        return f"{where}: {said}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What re-checking found, one finding for each thing that was looked at."""

    state: State
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """With the findings' sentences in both languages."""
        return {
            "state": self.state,
            "message": {lang: OVERALL[lang][self.state] for lang in OVERALL},
            "findings": [
                {
                    "about": one.about,
                    "turn": one.turn,
                    "n": one.n,
                    "state": one.state,
                    "code": one.code,
                    "message": {lang: one.text(lang) for lang in SAID},
                }
                for one in self.findings
            ],
        }


def verify(plain: object, held: Held, gate: Gate | None = None) -> Verification:
    """Re-check a receipt, as JSON has it, against an index; BadField for what is no receipt.

    `gate` is the library's own, where there is one; without it there is no inference model.
    """
    form = read_receipt(plain)
    gate = gate or Gate(held.documents, Verifier(held.analyzer))
    intact = isinstance(plain, dict) and digest(plain) == form.digest
    found = [
        Finding("receipt", "confirmed", "digest")
        if intact
        else Finding("receipt", "broken", "digest_differs")
    ]
    wanted = {citation.passage for item in form.items for citation in item.citations}
    passages = {p.id: p for p in held.passages if p.id in wanted} if wanted else {}
    for item in form.items:
        found += _item(item, held.documents, passages, gate)
    states = {one.state for one in found}
    overall: State = next((s for s in ("broken", "changed") if s in states), "confirmed")
    return Verification(overall, tuple(found))


def _item(
    item: ItemForm, documents: Mapping[str, Document], passages: Mapping[str, Passage], gate: Gate
) -> Iterator[Finding]:
    yield _answer(item)
    states: dict[int, State] = {}
    for citation in item.citations:
        state, code, extra = _citation(citation, documents, passages)
        twice = citation.n in states
        states[citation.n] = "broken" if twice else state
        if twice:
            state, code = "broken", "passage_differs"
        yield Finding("citation", state, code, item.turn, citation.n, **extra)
    cited = {citation.n: citation for citation in item.citations}
    for n, sentence in enumerate(item.sentences, start=1):
        known = [states.get(number) for number in sentence.citations]
        if not known or None in known:
            yield Finding("sentence", "broken", "uncited", item.turn, n)
        elif "broken" in known:
            yield Finding("sentence", "broken", "source_broken", item.turn, n)
        elif any(cited[number].passage not in passages for number in sentence.citations) or (
            any(_is_changed(cited[number], documents) for number in sentence.citations)
        ):
            yield Finding("sentence", "changed", "source_changed", item.turn, n)
        else:
            given = [passages[cited[number].passage] for number in sentence.citations]
            state, code, stated, seen = _sentence(sentence, given, item, gate)
            if state == "broken" and "changed" in known:  # the translation that it was checked by
                state, code = "changed", "source_changed"
            yield Finding("sentence", state, code, item.turn, n, stated, seen)


def _answer(item: ItemForm) -> Finding:
    """Whether the text of the answer is that of its sentences, or of a refusal."""
    same = sha256(item.answer) == item.answer_sha256
    if item.status == "answered" and item.sentences:
        same = same and _bare(item.answer, item.language) == " ".join(
            " ".join(sentence.text.split()) for sentence in item.sentences
        )
        code: tuple[Code, Code] = ("answer", "answer_differs")
    else:
        ours = item.answer == "" if item.status == "error" else _refuses(item)
        same = same and ours and not item.sentences and not item.citations
        code = ("refused", "refusal_differs")
    if same:
        return Finding("answer", "confirmed", code[0], item.turn)
    return Finding("answer", "broken", code[1], item.turn)


def _bare(answer: str, lang: str) -> str:
    """An answer without its markers and the words for a doubt."""
    return " ".join(_MARKER.sub("", answer).replace(UNVERIFIED[lang], "").split())


def _refuses(item: ItemForm) -> bool:
    """Whether the words are those in which we say that the documents do not say."""
    if item.status != "not_in_document":
        return False
    whole = prompts.load("refusal", item.language, frozenset({"topics"})).substitute(topics="\0")
    before, _, after = whole.partition("\0")
    text = item.answer
    if not (text.startswith(before) and text.endswith(after)):
        return False
    topics = text[len(before) : len(text) - len(after)]
    return not topics or _TOPIC.sub("", topics).replace(", ", "") == ""


def _citation(
    citation: CitationForm, documents: Mapping[str, Document], passages: Mapping[str, Passage]
) -> tuple[State, Code, dict[str, str]]:
    named = {"document": citation.document}
    if sha256(citation.quote) != citation.quote_sha256:
        return "broken", "hash_differs", {}
    document = documents.get(citation.document)
    if document is None:
        return "changed", "gone", named
    if _is_changed(citation, documents):
        if citation.document_sha256 is None:
            return "changed", "unknown_version", named
        return "changed", "still_said" if citation.quote in document.text else "not_said", named
    passage = passages.get(citation.passage)
    return _standing(citation, document, passage)


def _standing(
    citation: CitationForm, document: Document, passage: Passage | None
) -> tuple[State, Code, dict[str, str]]:
    """Whether the quote stands in this version of the document as the receipt says."""
    place = (citation.char_start, citation.char_end)
    if not citation.quote or document.text[place[0] : place[1]] != citation.quote:
        return "broken", "place_differs", {}
    if passage is None or (
        (passage.document_id, passage.char_start, passage.char_end) != (document.id, *place)
    ):
        return "broken", "passage_differs", {}
    told: tuple[tuple[Code, str, str], ...] = (
        ("title_differs", citation.document_title, document.title(passage.lang)),
        ("page_differs", str(citation.page), str(document.page(citation.char_start))),
        ("section_differs", citation.section, passage.section_title(passage.lang)),
    )
    for code, stated, found in told:
        if stated != found:
            return "broken", code, {"found": found}
    translation = passage.quote_translation
    if citation.translation_sha256 != (sha256(translation) if translation else None):
        return "changed", "translation_differs", {}
    return "confirmed", "quote", {}


def _is_changed(citation: CitationForm, documents: Mapping[str, Document]) -> bool:
    """Whether the library has another version of the document than the receipt, or none."""
    document = documents.get(citation.document)
    return document is None or version(document) != citation.document_sha256


def _sentence(
    sentence: SentenceForm, given: Sequence[Passage], item: ItemForm, gate: Gate
) -> tuple[State, Code, str, str]:
    """What the gate makes of the sentence, as the engine had it checked."""
    lang = None if item.engine == "extractive" else item.language
    stated = (sentence.verdict, sentence.stance)
    checked = gate.check(sentence.text, given, lang)
    if _found(checked) != stated and len(given) > 1:  # numbers need not be in the writer's order
        in_order = sorted(given, key=lambda passage: (passage.document_id, passage.position))
        checked = gate.check(sentence.text, in_order, lang)
    verdict, stance = _found(checked)
    if checked.text != sentence.text:
        return "broken", "words_differ", "", ""
    if sentence.verdict != verdict:
        failed = {check.code for check in sentence.checks if not check.passed}
        if verdict == "verified" and failed == {"entailment"}:
            return "confirmed", "entailment", "", ""
        return "broken", "verdict_differs", sentence.verdict, verdict
    if sentence.stance != stance:
        return "broken", "stance_differs", sentence.stance, stance
    return "confirmed", "sentence", "", ""


def _found(checked: Checked) -> tuple[str, str]:
    return ("verified" if checked.passed else "unverified"), checked.stance
