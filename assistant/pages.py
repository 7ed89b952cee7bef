"""The pages that citations stand on, looked up by ids of the open index and by nothing else.

Only a document whose PDF the record keeps has pages to show; files of the library folder have none.
What was shown last is kept for a while, since a reader's browser asks for a page in pieces.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from assistant.errors import InputError
from index.build import Index
from index.page import Originals, PageImage, is_pdf, marked_page, page_parts
from index.types import Document, Passage

KEPT = 8  # views, of one or two images each
REMEMBERED = 10_000  # documents of which it is known whether they are PDFs


@dataclass(frozen=True, slots=True)
class View:
    """A passage, and the pages it stands on, in order."""

    document: Document
    passage: Passage
    images: tuple[PageImage, ...]


class Pages:
    """Pages of the documents of whatever index is open. Safe to share between threads."""

    def __init__(self, index: Callable[[], Index], originals: Originals) -> None:
        self._index = index
        self._originals = originals
        self._lock = threading.Lock()
        self._views: OrderedDict[tuple[str, str], View] = OrderedDict()
        self._are_pdf: dict[tuple[str, str], bool] = {}

    def shows(self, document_id: str) -> bool:
        """Whether pages of the document can be shown: it is open, and its PDF is kept."""
        document = self._index().documents.get(document_id)
        if document is None:
            return False
        version = (document_id, document.sha256)
        known = self._are_pdf.get(version)
        if known is None:
            known = is_pdf(self._originals.original(document_id))
            if len(self._are_pdf) >= REMEMBERED:
                self._are_pdf.clear()
            self._are_pdf[version] = known
        return known

    def pdf(self, document_id: str) -> bytes:
        """The whole PDF; InputError where there is no such document, or no PDF of it."""
        if document_id not in self._index().documents:
            raise InputError(
                f"There is no document {document_id!r} in the library; expected an id that "
                "citebrief documents lists."
            )
        original = self._originals.original(document_id)
        if original is None or not is_pdf(original):
            raise InputError(
                f"The document {document_id!r} has no pages to show: no PDF of it is kept. Pages "
                "are shown of PDFs that were handed over with: citebrief ingest PATH"
            )
        return original

    def view(self, passage_id: str) -> View:
        """The passage on its pages, marked where its words were found.

        InputError where there is no such passage, or no PDF of its document; CiteBriefError where
        the PDF cannot be read.
        """
        index = self._index()
        passage = next((p for p in index.passages if p.id == passage_id), None)
        if passage is None:
            raise InputError(
                f"There is no passage {passage_id!r} in the library; expected the id of a "
                'citation, as citebrief ask "question" --json gives it under "passage".'
            )
        document = index.documents[passage.document_id]
        with self._lock:
            kept = self._views.get((passage_id, document.sha256))
            if kept and (kept.passage, kept.document) == (passage, document):
                self._views.move_to_end((passage_id, document.sha256))
                return kept
        pdf = self.pdf(document.id)
        parts = page_parts(self._originals.boxes(document.id), passage)
        view = View(document, passage, tuple(marked_page(pdf, part) for part in parts))
        with self._lock:
            self._views[passage_id, document.sha256] = view
            while len(self._views) > KEPT:
                self._views.popitem(last=False)
        return view
