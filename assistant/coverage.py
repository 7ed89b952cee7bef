"""What each document of the library covers, as a reader chooses which to ask.

What can be asked is told from the open index, and what is said of a file (when it was added, what
could not be read of it) from the record. Where files lie on the server is not told.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assistant.upload_warnings import told
from assistant.upload_words import without_folder
from index.parse.errors import shown

if TYPE_CHECKING:
    from assistant.holdings import Holdings
    from index.build import Index
    from index.record.entry import Entry
    from index.types import Document

MOST_SECTIONS = 40  # headings that are told of
MOST_COUNTED = 200_000  # passages up to which those of a folder's documents are counted
Edition = Literal["none", "unofficial", "machine"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document and the page that it stands on."""

    id: str
    titles: Mapping[str, str]
    level: int
    page: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """A document in short; `kept` tells one of the record from a built-in file of the folder."""

    id: str
    titles: Mapping[str, str]
    lang: str
    format: str
    pages: int
    passages: int | None  # None where counting them would take long
    as_of: str | None
    edition: Edition  # of the other language
    model: str | None  # that made a machine edition
    kept: bool
    name: str = ""  # of the file
    size: int = 0
    source: str = ""
    licence: str = ""
    added: str = ""
    changed: str = ""
    warnings: tuple[str, ...] = ()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """One line of the list, its warnings in `lang`."""
        return {
            "id": self.id,
            "titles": dict(self.titles),
            "lang": self.lang,
            "format": self.format,
            "pages": self.pages,
            "passages": self.passages,
            "as_of": self.as_of,
            "edition": self.edition,
            "model": self.model,
            "kept": self.kept,
            "removable": self.kept,
            "name": self.name,
            "size": self.size,
            "source": self.source,
            "licence": self.licence,
            "added": self.added,
            "changed": self.changed,
            "warnings": told(self.warnings, lang),
        }


class Shelf:
    """The documents that can be asked now. Safe to share between threads."""

    def __init__(self, index: "Callable[[], Index]", holdings: "Holdings | None") -> None:
        """`index` gives the open one, which may be another each time."""
        self._index = index
        self._holdings = holdings
        self._lock = threading.Lock()
        self._listed: tuple[tuple[Path, str], dict[str, Coverage]] | None = None

    def documents(self) -> list[Coverage]:
        """All of them: those of the folder first, then those of the record, the newest first."""
        return [*self._all().values()]

    def coverage(self, id: str) -> tuple[Coverage, list[Heading], int] | None:
        """A document, its first headings and how many there are in all; None for one unknown."""
        found = self._all().get(id)
        document = self._index().documents.get(id)
        if found is None or document is None:
            return None
        headings = headings_of(document)
        return found, headings[:MOST_SECTIONS], len(headings)

    def _all(self) -> dict[str, Coverage]:
        index = self._index()
        record = self._holdings.record() if self._holdings else None
        made_of = (index.folder, record.state() if record else "")
        with self._lock:
            if self._listed is None or self._listed[0] != made_of:
                entries = {entry.id: entry for entry in record.entries()} if record else {}
                self._listed = made_of, _summaries(index, entries)
            return self._listed[1]


def headings_of(document: "Document") -> list[Heading]:
    """The headings of a document in order, but for one that only repeats its title."""
    return [
        Heading(s.id, dict(s.titles), s.level, document.page(s.char_start))
        for s in document.sections
        if any(title.strip() for title in s.titles.values())
        and not (s.char_start == 0 and s.titles == document.titles)
    ]


def edition_of(document: "Document") -> Edition:
    """What of the document there is in the other language."""
    if not document.translations:
        return "none"
    return "machine" if document.edition_model else "unofficial"


def _summaries(index: "Index", entries: "Mapping[str, Entry]") -> dict[str, Coverage]:
    counts: Counter[str] | None = None
    if len(index.passages) <= MOST_COUNTED and not entries.keys() >= index.documents.keys():
        counts = Counter(passage.document_id for passage in index.passages)
    found = [
        _coverage(document, entries.get(id), counts[id] if counts is not None else None)
        for id, document in index.documents.items()
    ]
    in_folder = [one for one in found if not one.kept]
    kept = sorted((one for one in found if one.kept), key=lambda c: c.added, reverse=True)
    return {one.id: one for one in (*in_folder, *kept)}


def _coverage(document: "Document", entry: "Entry | None", counted: int | None) -> Coverage:
    summary = Coverage(
        id=document.id,
        titles=dict(document.titles),
        lang=document.lang,
        format=entry.format if entry else "text",
        pages=entry.pages if entry else len(document.page_starts),
        passages=entry.passages if entry else counted,
        as_of=document.as_of,
        edition=edition_of(document),
        model=document.edition_model,
        kept=entry is not None,
    )
    if entry is None:
        return summary
    path = Path(entry.path)
    return replace(
        summary,
        name=shown(path.name),
        size=entry.size,
        source=entry.source_note,
        licence=entry.licence,
        added=entry.added,
        changed=entry.changed,
        warnings=tuple(without_folder(warning, path) for warning in entry.warnings),
    )
