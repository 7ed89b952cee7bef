"""Whether a library says what a set rests on: documents, passage ids, quotes.

A piece of evidence that is not there gets the passage that may have been meant beside it. Not
covered: whether evidence that is there answers its question.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.check_wording import UNWRITTEN, short
from eval.samples import squeeze
from index.load import load_library
from index.types import Document, Lang, Passage

NEAR = 50  # of 100; a passage less like a quote is no suggestion


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence as a set has it: an id of a passage, or words of the document."""

    field: str
    text: str
    by_id: bool


class Library:
    """The documents that a set asks about, opened folder by folder until all are found."""

    def __init__(self, folders: Iterable[Path], wanted: Iterable[str]) -> None:
        self.documents: dict[str, Document] = {}
        self._passages: dict[str, dict[str, Passage]] = {}
        self._squeezed: dict[str, str] = {}
        missing = set(wanted)
        for number, folder in enumerate(folders):
            if number and not missing:
                break
            for document in load_library(folder):
                self.documents.setdefault(document.id, document)
            missing -= self.documents.keys()

    def passages(self, document: str) -> Mapping[str, Passage]:
        """The passages of a document by id, without the document's own."""
        if document not in self._passages:
            from eval.texts import passages_of

            self._passages[document] = {
                passage.id.removeprefix(f"{document}:"): passage
                for passage in passages_of(self.documents[document])
            }
        return self._passages[document]

    def holds(self, document: str, quote: str) -> bool:
        """Whether the document says `quote`, however its white space runs."""
        if document not in self._squeezed:
            self._squeezed[document] = squeeze(self.documents[document].text)
        return squeeze(quote) in self._squeezed[document]

    def unknown(self, document: str) -> str | None:
        """What is wrong with the name of a document."""
        if document in self.documents:
            return None
        known = ", ".join(sorted(self.documents))
        return (
            f"document: {document!r} is not in the library, which holds {known}; correct the id, "
            "or give the folder that has it with --library."
        )

    def fault(self, document: str, piece: Piece) -> str | None:
        """What is wrong with a piece of evidence, with the passage that may have been meant."""
        if piece.by_id:
            if piece.text in self.passages(document):
                return None
            what = f"{document!r} has no passage {piece.text!r}"
        else:
            if self.holds(document, piece.text):
                return None
            what = f"{document!r} does not say {short(piece.text)}"
        return f"{piece.field}: {what}. {self._suggestion(document, piece)}"

    def _suggestion(self, document: str, piece: Piece) -> str:
        from rapidfuzz import fuzz, process

        passages = self.passages(document)
        if piece.by_id:
            name = process.extractOne(piece.text, list(passages), scorer=fuzz.ratio)[0]
            return f"The nearest id is {name!r}, {short(passages[name].quote)}; correct the id."
        for other in self.documents:
            if other != document and self.holds(other, piece.text):
                return f"The document {other!r} says it; correct the document."
        quotes = {name: squeeze(passage.quote) for name, passage in passages.items()}
        near = process.extractOne(
            squeeze(piece.text), quotes, scorer=fuzz.ratio, score_cutoff=NEAR
        ) or process.extractOne(
            squeeze(piece.text), quotes, scorer=fuzz.partial_ratio, score_cutoff=NEAR + 25
        )
        if near is None:
            return "No passage is like it; copy a sentence of the document."
        return f"The nearest passage is {near[2]}: {passages[near[2]].quote!r}; copy its words."

    def readings(self, document: str, pieces: Iterable[Piece]) -> dict[Lang, list[str]]:
        """What the evidence says in each language that there is an edition in."""
        texts: dict[Lang, list[str]] = {"ko": [], "en": []}
        own = self.documents[document].lang
        other: Lang = "en" if own == "ko" else "ko"
        for piece in pieces:
            passages = self.passages(document)
            if piece.by_id:
                found = [passages[piece.text]] if piece.text in passages else []
                texts[own] += [text for p in found for text in (p.quote, p.text)]
            else:
                texts[own].append(piece.text)
                quote = squeeze(piece.text)
                found = [p for p in passages.values() if _overlap(squeeze(p.quote), quote)]
            editions = ((p.quote_translation, p.translation) for p in found)
            texts[other] += [text for edition in editions for text in edition if text]
        return texts

    def astride(self, document: str, piece: Piece) -> list[str]:
        """The passages that a quote reaches over, where no single one holds it."""
        quote = squeeze(piece.text)
        passages = [p for p in self.passages(document).values() if p.kind != "row"]
        if piece.by_id or any(quote in squeeze(p.quote) for p in passages):
            return []
        text = self.documents[document].text
        start = squeeze(text).find(quote)
        spans = ((p, len(squeeze(text[: p.char_start]))) for p in passages)
        return [
            p.id.removeprefix(f"{document}:")
            for p, begin in spans
            if begin < start + len(quote) and start < begin + len(squeeze(p.quote))
        ]


def faults_of(held: Library, document: str, pieces: Iterable[Piece]) -> list[str]:
    """What is wrong with the evidence of a line, but for what is still to be written."""
    if unknown := held.unknown(document):
        return [unknown]
    return [
        f
        for piece in pieces
        if not UNWRITTEN.match(piece.text) and (f := held.fault(document, piece))
    ]


def _overlap(one: str, other: str) -> bool:
    return one in other or other in one
