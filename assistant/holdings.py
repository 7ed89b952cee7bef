"""What the library holds: the files of a folder and the documents of the record, as one index.

The record (`index.record`) is opened only where there is one, since without it a question needs no
database.
"""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from assistant.settings import Settings
from index.build import Index, Progress, open_index
from index.models import Embedder
from index.parse.content import Box

if TYPE_CHECKING:
    from index.record.library import Library


NONE = "none"  # in the place of a folder or a database: there is to be none


class Holdings:
    """The library of the settings. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._record: Library | None = None

    @property
    def folder(self) -> Path | None:
        """Where the files that need no ingestion lie."""
        return None if str(self.settings.library) == NONE else self.settings.library

    def record(self, *, create: bool = False) -> "Library | None":
        """The record, or None where nothing was ever ingested, unless it is to be created."""
        from index.record.presence import exists

        url = self.settings.database
        if url == NONE:
            return None
        with self._lock:
            if self._record is None and (create or exists(url)):
                from index.record.library import Library

                self._record = Library.open(url, create=create)
            return self._record

    def state(self) -> str:
        """Changes whenever what the record keeps does."""
        record = self.record()
        return record.state() if record else ""

    def ids(self) -> set[str]:
        """The documents that the record keeps."""
        record = self.record()
        if record is None:
            return set()
        with record.snapshot() as snapshot:
            return set(snapshot.ids)

    def index(self, embedder: Embedder, progress: Progress | None = None) -> Index:
        """The index over all of it, built first where there is none that fits."""
        return open_index(
            self.folder,
            self.settings.index,
            embedder,
            kept=self.record(),
            glossary=self.settings.glossary,
            thesaurus=self.settings.thesaurus,
            progress=progress,
            store=self.settings.store,
        )

    def original(self, document_id: str) -> bytes | None:
        """The file that a document was read from, where its pages can be shown."""
        record = self.record()
        return record.original(document_id) if record else None

    def boxes(self, document_id: str) -> list[Box]:
        """Where the words of a document stand on its pages, in offsets of its text."""
        record = self.record()
        return record.boxes(document_id) if record else []
