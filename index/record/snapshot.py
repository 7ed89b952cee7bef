"""One version of the record, read in one transaction however long that takes.

What was written is compared with the digests written beside it, so a changed byte is noticed where
it would be used.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from index.parse.content import Box
from index.prepare import Field, HalfVectors, Prepared
from index.record import packing, tables
from index.record.address import Address
from index.record.engine import damaged, explained
from index.record.entry import Entry, Translation
from index.record.rows import path_digest, row_entry, row_passage
from index.types import Document, Passage


class Snapshot:
    """Reads on an open transaction; of no use once `Library.snapshot` is left."""

    def __init__(self, connection: Connection, at: Address) -> None:
        self._connection = connection
        self._at = at
        with explained(at):
            row = connection.execute(select(tables.library)).mappings().one_or_none()
        if row is None:
            raise damaged(at, "what says which version it is is missing")
        self.state: str = row["state"]
        self.version: int = row["version"]

    @cached_property
    def entries(self) -> list[Entry]:
        """Every kept document, by id."""
        return sorted(self._entries(), key=lambda entry: entry.id)

    @property
    def ids(self) -> list[str]:
        """The ids of every kept document, in order."""
        return [entry.id for entry in self.entries]

    def texts(self, id: str) -> list[str]:
        """What the passages of a document say, in the words that it and its edition use."""
        return [text for passage in self._passages(id) for text in passage.readings]

    def entry(self, id: str) -> Entry | None:
        """The document `id`, or None."""
        return next(iter(self._entries(tables.documents.c.id == id)), None)

    def by_path(self, path: str) -> Entry | None:
        """The document that was read from `path`, or None."""
        return next(iter(self._entries(tables.documents.c.path_digest == path_digest(path))), None)

    def by_sha256(self, sha256: str) -> list[Entry]:
        """The documents whose file has these bytes, by id."""
        found = self._entries(tables.documents.c.sha256 == sha256)
        return sorted(found, key=lambda entry: entry.id)

    def document(self, id: str) -> Document:
        """The document `id` with its text; DamagedRecordError where that is not there."""
        data = self._bytes(tables.texts, id)
        if data is None:
            raise damaged(self._at, f"the text of {id!r} is missing")
        return self._document(id, data)

    def prepared(self, id: str, recipe: str) -> Prepared | None:
        """The document as search takes it; None where it is kept for another recipe only."""
        entry, data = self.entry(id), self._bytes(tables.texts, id)
        fields = self._fields(id, recipe)
        if entry is None or not fields:
            return None
        if data is None:
            raise damaged(self._at, f"the text of {id!r} is missing")
        document, passages = self._document(id, data), self._passages(id)
        written = packing.digest(packing.document_bytes(document))
        digests = [packing.passage_digest(passage) for passage in passages]
        if packing.content_digest(written, digests) != entry.content:
            raise damaged(self._at, f"{id!r} is not as it was written")
        return Prepared(document, passages, fields, recipe)

    def recipes(self, id: str) -> tuple[str, ...]:
        """The fingerprints of the recipes that the document is kept for."""
        column = tables.vectors.c.recipe
        query = select(column).where(tables.vectors.c.document_id == id).distinct()
        with explained(self._at):
            return tuple(sorted(self._connection.execute(query).scalars()))

    def original(self, id: str) -> bytes | None:
        """The file itself, where it was kept."""
        return self._bytes(tables.originals, id)

    def boxes(self, id: str) -> list[Box]:
        """Where the text stands on the pages, with offsets into the document."""
        data = self._bytes(tables.boxes, id)
        with self._unpacking(id):
            return [] if data is None else packing.unpack_boxes(data)

    def translations(self, id: str, lang: str) -> list[Translation]:
        """The document's sentences in `lang`, in the order in which they were first given."""
        columns = tables.translations.c
        query = (
            select(tables.translations)
            .where(columns.document_id == id, columns.target_lang == lang)
            .order_by(columns.position)
        )
        names = ("source", "target", "checked", "kind", "model", "note")
        with explained(self._at):
            rows = self._connection.execute(query).mappings()
            return [Translation(**{name: row[name] for name in names}) for row in rows]

    def database_faults(self) -> list[str]:
        """What the database itself finds wrong with its pages; of a server, its owner knows."""
        if self._at.file is None:
            return []
        with explained(self._at):
            said = self._connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
            orphans = self._connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        found = [f"The file {self._at.place}: {line}." for line in said if line != "ok"]
        if orphans:
            found.append(f"{len(orphans)} rows belong to nothing that is there.")
        return found

    def copy_to(self, target: Connection) -> None:
        """Copy every row that lasts into `target`, whose tables are empty."""
        for table in tables.metadata.sorted_tables:
            if table.info.get("passing"):
                continue
            with explained(self._at):
                size = table.info["rows"]
                found = self._connection.execution_options(yield_per=size).execute(select(table))
                for rows in found.mappings().partitions():
                    target.execute(insert(table), [dict(row) for row in rows])

    def talk_faults(self) -> list[str]:
        """Turns of conversations that are not as they were written."""
        found = []
        for table, of in ((tables.turns, "conversation"), (tables.slack_turns, "Slack thread")):
            query = select(table.c.id, table.c.data, table.c.digest)
            with explained(self._at), self._unpacking("the conversations"):
                for id, data, digest in self._connection.execute(query):
                    if packing.digest(packing.to_bytes(data)) != digest:
                        found.append(f"The turn {id} of a {of} is not as it was written.")
        return found

    def _entries(self, *where: Any) -> list[Entry]:
        with explained(self._at), self._unpacking("the list of documents"):
            rows = self._connection.execute(select(tables.documents).where(*where)).mappings()
            return [row_entry(dict(row)) for row in rows]

    def _document(self, id: str, data: bytes) -> Document:
        with self._unpacking(id):
            document: Document = packing.typed(Document, packing.unpack(data))
            return document

    def _passages(self, id: str) -> tuple[Passage, ...]:
        columns = tables.passages.c
        query = select(tables.passages).where(columns.document_id == id).order_by(columns.position)
        with explained(self._at), self._unpacking(id):
            rows = self._connection.execute(query).mappings()
            return tuple(row_passage(dict(row)) for row in rows)

    def _fields(self, id: str, recipe: str) -> dict[str, Field]:
        vectors: dict[str, HalfVectors] = {}
        of_recipe = tables.vectors.c.recipe == recipe
        for (name, rows, dimensions), data in self._parts(
            tables.vectors, id, ("field", "texts", "dimensions"), of_recipe
        ).items():
            with self._unpacking(id):
                vectors[name] = packing.unpack_vectors(data, dimensions)
            if len(vectors[name]) != rows:
                raise damaged(self._at, f"vectors of {id!r} are missing")
        words = self._parts(tables.analyses, id, ("field",), tables.analyses.c.recipe == recipe)
        if vectors.keys() != {name for (name,) in words}:
            raise damaged(self._at, f"words or vectors of {id!r} are missing")
        with self._unpacking(id):
            return {
                name: packing.unpack_field(data, vectors[name]) for (name,), data in words.items()
            }

    def _bytes(self, table: Table, id: str) -> bytes | None:
        return self._parts(table, id, ()).get(())

    def _parts(
        self, table: Table, id: str, keys: tuple[str, ...], *where: Any
    ) -> dict[tuple[Any, ...], bytes]:
        """The bytes of each thing that a document has in `table`, by its `keys`."""
        columns = table.c
        query = (
            select(*(columns[key] for key in keys), columns.digest, columns.data)
            .where(columns.document_id == id, *where)
            .order_by(*(columns[key] for key in keys), columns.part)
        )
        parts: dict[tuple[Any, ...], list[bytes]] = {}
        digests: dict[tuple[Any, ...], str] = {}
        with explained(self._at):
            for row in self._connection.execute(query):
                key = tuple(row[: len(keys)])
                parts.setdefault(key, []).append(bytes(row.data))
                digests[key] = row.digest
        whole = {key: b"".join(pieces) for key, pieces in parts.items()}
        for key, data in whole.items():
            if packing.digest(data) != digests[key]:
                raise damaged(self._at, f"bytes of {id!r} in {table.name} are not as written")
        return whole

    @contextmanager
    def _unpacking(self, what: str) -> Iterator[None]:
        try:
            yield
        except (zlib.error, ValueError, TypeError, KeyError) as error:
            raise damaged(self._at, f"{what!r} cannot be read") from error
