"""What changes the record: each call one transaction, whole or absent.

Only what differs is written. SQLite overwrites what is deleted (secure_delete); `forget` then also
writes the file anew, so that no byte of a forgotten document stays in it or beside it.
"""

import dataclasses
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from index.errors import CiteBriefError, InputError
from index.parse.content import Box
from index.prepare import Prepared
from index.record import packing, tables
from index.record.address import Address
from index.record.clock import now
from index.record.engine import BUSY_SECONDS, WRITE, damaged, explained
from index.record.entry import Entry, Forgotten, Kept, Translation
from index.record.forgetting import forget_in, hold_any
from index.record.rows import entry_row, passage_row, state_of
from index.record.snapshot import Snapshot
from index.record.turns import Gone
from index.types import Passage

LONGEST_ID = 200  # characters; PostgreSQL's indexes end at some 2,700 bytes
_BATCH = 1_000  # rows of passages a statement
READERS_WAIT = 5.0  # seconds for readers of an older version, before bytes are overwritten
_PER_DOCUMENT = (
    tables.passages,
    tables.texts,
    tables.vectors,
    tables.analyses,
    tables.translations,
    tables.originals,
    tables.boxes,
)
_QUOTING = (  # where readers asked and were answered
    tables.turns,
    tables.conversations,
    tables.feedback,
    tables.slack_turns,
    tables.slack_jobs,
)
log = logging.getLogger(__name__)


class Writer:
    """The one writer of a record; of no use once `Library.writing` is left."""

    def __init__(self, at: Address, engine: Engine, check: Callable[[], None]) -> None:
        self._at = at
        self._engine = engine
        self._check = check  # that the lock is still held

    def keep(
        self,
        entry: Entry,
        prepared: Prepared,
        *,
        boxes: Sequence[Box] = (),
        original: bytes | Path | None = None,
    ) -> Kept:
        """Put a document into the record, or a new version in place of the one there.

        `original` is the file itself, kept as it is; its bytes must be those of `entry.sha256`.
        Vectors for other recipes stay while the content does.
        """
        document, digests = prepared.document, _digests(prepared)
        if entry.id != document.id or not 0 < len(entry.id) <= LONGEST_ID:
            raise ValueError(f"the entry is of {entry.id[:300]!r}, the document {document.id!r}")
        text = packing.document_bytes(document)
        entry = dataclasses.replace(
            entry, content=packing.content_digest(packing.digest(text), digests)
        )
        _check_original(entry, original)
        with self._transaction() as (connection, there):
            old = there.entry(entry.id)
            entry = dataclasses.replace(entry, added=old.added if old else now(), changed=now())
            new, same, gone = self._keep_rows(connection, old, entry, prepared.passages, digests)
            _put(connection, tables.texts, {"document_id": entry.id}, packing.pack(document))
            if old and old.content != entry.content:
                _drop_recipes(connection, entry.id, [prepared.recipe])
            _keep_fields(connection, entry.id, prepared)
            data = packing.pack_boxes(boxes) if boxes else None
            _put(connection, tables.boxes, {"document_id": entry.id}, data)
            _keep_original(connection, entry, original)
            state = state_of(there.state, gone=old, come=entry)
            connection.execute(update(tables.library).values(state=state))
        return Kept(entry, new, same, gone, replaced=old is not None)

    def keep_prepared(self, id: str, prepared: Prepared) -> None:
        """Add the words and vectors of a kept document for another recipe.

        InputError where its passages differ from those kept: then it has to be kept anew.
        """
        text = packing.digest(packing.document_bytes(prepared.document))
        content = packing.content_digest(text, _digests(prepared))
        with self._transaction() as (connection, there):
            entry = _known(there, id)
            if entry.content != content:
                raise InputError(
                    f"The document {id!r} was kept with other passages than these. Keep it anew: "
                    "citebrief ingest PATH"
                )
            _keep_fields(connection, id, prepared)

    def drop_recipes(self, others_than: Iterable[str]) -> int:
        """Remove words and vectors for all recipes but these; gives how many were removed."""
        with self._transaction() as (connection, _):
            return _drop_recipes(connection, None, list(others_than))

    def translate(self, id: str, lang: str, rows: Iterable[Translation]) -> int:
        """Keep sentences of the document in `lang`; gives how many sentences it has then.

        A sentence kept before is replaced and stays in its place. Search sees them once the
        document is kept anew with them.
        """
        columns = tables.translations.c
        with self._transaction() as (connection, there):
            _known(there, id)
            own = (columns.document_id == id, columns.target_lang == lang)
            query = select(columns.source_digest, columns.position).where(*own)
            places = {row[0]: row[1] for row in connection.execute(query)}
            following = max(places.values(), default=-1) + 1
            fresh = {}
            for row in rows:
                source = packing.digest(packing.to_bytes(row.source))
                if source not in places:
                    places[source], following = following, following + 1
                named = {"document_id": id, "target_lang": lang, "source_digest": source}
                values = {f.name: getattr(row, f.name) for f in dataclasses.fields(row)}
                fresh[source] = named | {"position": places[source]} | values
            _delete_each(connection, tables.translations, own, columns.source_digest, fresh)
            _insert(connection, tables.translations, list(fresh.values()))
        return len(places)

    def forget(self, ids: Iterable[str]) -> Forgotten:
        """Remove documents with all that is kept of them, and their bytes.

        Conversations, in Slack as well, and feedback that quote them stay, with what they say of
        them blanked.
        """
        found: list[str] = []
        unknown: list[str] = []
        rows = {table.name: 0 for table in (tables.documents, *_PER_DOCUMENT)}
        with self._transaction() as (connection, there):
            state = there.state
            named = list(dict.fromkeys(ids))
            gone = _gone(there, named, hold_any(connection))
            for id in named:
                entry = there.entry(id)
                if entry is None:
                    unknown.append(id)
                    continue
                for table in _PER_DOCUMENT:
                    counted = select(func.count()).where(table.c.document_id == id)
                    rows[table.name] += connection.execute(counted).scalar_one()
                connection.execute(delete(tables.documents).where(tables.documents.c.id == id))
                rows["documents"] += 1
                state = state_of(state, gone=entry)
                found.append(id)
            blanked = forget_in(connection, gone) if found else 0
            values = {"state": state} | ({"unerased": True} if found else {})
            connection.execute(update(tables.library).values(values))
        erased = self.erase() if found else True
        return Forgotten(tuple(found), tuple(unknown), rows, erased, blanked)

    def erase(self) -> bool:
        """Overwrite what was forgotten; False where readers or a full disk keep it from being done.

        On a server, its own vacuum frees the rows; its log and its backups are its owner's.
        """
        try:
            with explained(self._at):
                done = self._vacuum_server() if self._at.file is None else self._vacuum_file()
        except CiteBriefError as error:
            log.warning("Forgotten bytes were not yet erased: %s", error)
            return False
        if done:
            with self._transaction() as (connection, _):
                connection.execute(update(tables.library).values(unerased=False))
        return done

    def _vacuum_file(self) -> bool:
        raw = self._engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute(f"PRAGMA busy_timeout={READERS_WAIT * 1000:.0f}")
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone() or (1,)
            cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
            return busy == 0
        finally:
            raw.close()

    def _vacuum_server(self) -> bool:
        options = {"isolation_level": "AUTOCOMMIT"}
        with self._engine.connect().execution_options(**options) as connection:
            for table in (tables.documents, *_PER_DOCUMENT, *_QUOTING):
                connection.exec_driver_sql(f"VACUUM {table.name}")
        return True

    @contextmanager
    def _transaction(self) -> Iterator[tuple[Connection, Snapshot]]:
        """A transaction that counts one version further; what is in it is kept, or nothing."""
        self._check()
        with (
            explained(self._at),
            self._engine.connect().execution_options(**WRITE) as connection,
            connection.begin(),
        ):
            locked = connection.execute(select(tables.library.c.one).with_for_update())
            if len(locked.all()) != 1:
                raise damaged(self._at, "what says which version it is is missing")
            yield connection, Snapshot(connection, self._at)
            counted = tables.library.c.version + 1
            connection.execute(update(tables.library).values(version=counted))

    @staticmethod
    def _keep_rows(
        connection: Connection,
        old: Entry | None,
        entry: Entry,
        passages: Sequence[Passage],
        digests: Sequence[str],
    ) -> tuple[int, int, int]:
        """Write the entry and the passages that differ; gives how many are new, same and gone."""
        if old is None:
            connection.execute(insert(tables.documents), [entry_row(entry)])
        else:
            own = tables.documents.c.id == entry.id
            connection.execute(update(tables.documents).where(own).values(entry_row(entry)))
        columns = tables.passages.c
        query = select(columns.id, columns.digest).where(columns.document_id == entry.id)
        there = {row[0]: row[1] for row in connection.execute(query)}
        pairs = list(zip(passages, digests, strict=True))
        now_there = {passage.id: digest for passage, digest in pairs}
        gone = [id for id, digest in there.items() if now_there.get(id) != digest]
        own_rows = (columns.document_id == entry.id,)
        _delete_each(connection, tables.passages, own_rows, columns.id, gone)
        fresh = [passage_row(p, d) for p, d in pairs if there.get(p.id) != d]
        _insert(connection, tables.passages, fresh)
        return len(fresh), len(pairs) - len(fresh), len(gone)


def _digests(prepared: Prepared) -> list[str]:
    return [packing.passage_digest(passage) for passage in prepared.passages]


def _gone(there: Snapshot, ids: Sequence[str], quoted: bool) -> Gone:
    """What is about to be forgotten, without what a document that stays says too."""
    kept = {entry.id for entry in there.entries}
    leaving = kept & set(ids)
    if not quoted or not leaving:
        return Gone.of(leaving, (), ())
    said, titles = _said(there, leaving)
    also, named = _said(there, kept - leaving)
    return Gone.of(leaving, said - also, titles - named)


def _said(there: Snapshot, ids: Iterable[str]) -> tuple[set[str], set[str]]:
    """The texts and the titles of documents, in every language that they have."""
    texts: set[str] = set()
    titles: set[str] = set()
    for id in ids:
        texts.update(there.texts(id))
        document = there.document(id)
        texts.update(document.translations, document.translations.values())
        for named in (document.titles, *(section.titles for section in document.sections)):
            titles.update(named.values())
    return texts, titles


def _known(there: Snapshot, id: str) -> Entry:
    entry = there.entry(id)
    if entry is None:
        raise InputError(f"There is no document {id!r} in the record. See: citebrief documents")
    return entry


def _keep_fields(connection: Connection, id: str, prepared: Prepared) -> None:
    for table in (tables.vectors, tables.analyses):
        own = (table.c.document_id == id, table.c.recipe == prepared.recipe)
        connection.execute(delete(table).where(*own, table.c.field.not_in(list(prepared.fields))))
    for name, field in prepared.fields.items():
        key = {"document_id": id, "recipe": prepared.recipe, "field": name}
        texts, dimensions = field.vectors.shape
        data = packing.pack_vectors(field.vectors)
        _put(connection, tables.vectors, key, data, texts=texts, dimensions=dimensions)
        _put(connection, tables.analyses, key, packing.pack_analysis(field))


def _drop_recipes(connection: Connection, id: str | None, others_than: list[str]) -> int:
    dropped: set[tuple[str, str]] = set()
    for table in (tables.vectors, tables.analyses):
        others: list[ColumnElement[bool]] = [table.c.recipe.not_in(others_than)]
        others += [] if id is None else [table.c.document_id == id]
        query = select(table.c.document_id, table.c.recipe).where(*others).distinct()
        dropped |= {(row[0], row[1]) for row in connection.execute(query)}
        connection.execute(delete(table).where(*others))
    return len(dropped)


def _check_original(entry: Entry, original: bytes | Path | None) -> None:
    if original is None:
        return
    try:
        digest = hashlib.sha256()
        for piece in _pieces_of(original):
            digest.update(piece)
    except OSError as error:
        raise InputError(
            f"The file {original!r} cannot be read ({error.strerror}). Is it still there?"
        ) from error
    if digest.hexdigest() != entry.sha256:
        raise InputError(
            f"The file of {entry.id!r} changed while it was read. Run citebrief ingest again."
        )


def _keep_original(connection: Connection, entry: Entry, original: bytes | Path | None) -> None:
    columns = tables.originals.c
    digest = entry.sha256[:32]
    query = select(columns.digest).where(columns.document_id == entry.id).distinct()
    if original is not None and connection.execute(query).scalars().all() == [digest]:
        return
    connection.execute(delete(tables.originals).where(columns.document_id == entry.id))
    if original is not None:
        for part, data in enumerate(_pieces_of(original)):
            row = {"document_id": entry.id, "part": part, "digest": digest, "data": data}
            connection.execute(insert(tables.originals), [row])


def _pieces_of(original: bytes | Path) -> Iterator[bytes]:
    """The file a few megabytes at a time; at least one piece, even of an empty file."""
    if isinstance(original, bytes):
        yield from packing.pieces(original)
        return
    with original.open("rb") as file:
        yield file.read(packing.PIECE)
        while piece := file.read(packing.PIECE):
            yield piece


def _put(
    connection: Connection, table: Table, key: dict[str, Any], data: bytes | None, **counts: int
) -> None:
    """Write the bytes of `key` where they differ from those there; None removes them."""
    own = [table.c[name] == value for name, value in key.items()]
    digest = None if data is None else packing.digest(data)
    there = connection.execute(select(table.c.digest).where(*own).limit(1)).scalar()
    if there == digest:
        return
    if there is not None:
        connection.execute(delete(table).where(*own))
    if data is not None:
        for part, piece in enumerate(packing.pieces(data)):
            row = key | counts | {"part": part, "digest": digest, "data": piece}
            connection.execute(insert(table), [row])


def _delete_each(
    connection: Connection, table: Table, own: tuple[Any, ...], column: Any, keys: Iterable[str]
) -> None:
    rows = [{"key": key} for key in keys]
    if rows:
        connection.execute(delete(table).where(*own, column == bindparam("key")), rows)


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _BATCH):
        connection.execute(insert(table), list(rows[start : start + _BATCH]))
