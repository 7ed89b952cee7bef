"""The database of record: what users handed over, kept so that it cannot be lost.

Readers see one whole version however long they read; one writer at a time writes the next beside
it. The same tables are kept in a file of SQLite or in a database of PostgreSQL. Importing this
module loads SQLAlchemy; `index.record.presence.exists` says without it whether there is anything to
open.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from index.errors import CiteBriefError
from index.parse.content import Box
from index.record import backup, migrate, tables
from index.record.address import Address, address
from index.record.check import faults
from index.record.engine import (
    WRITE,
    cannot_write,
    check_header,
    damaged,
    explained,
    open_engine,
    passes,
    writable,
)
from index.record.entry import DamagedRecordError, Entry, Translation
from index.record.forgetting import stand_aside
from index.record.lock import Told, writer_lock
from index.record.snapshot import Snapshot
from index.record.writer import Writer

WAIT = 30.0  # seconds for another writer
TRIES = 3  # of a short change that met another one
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

Result = TypeVar("Result")


class Library:
    """An open record. May be used by several threads; `close` it, or use it in a `with`."""

    def __init__(self, at: Address, engine: Engine, *, readonly: bool) -> None:
        self.at = at
        self.readonly = readonly
        self._engine = engine
        self._file = _identity(at)
        # Those who wait for a file poll it, and some then wait for seconds: threads take turns.
        turn: AbstractContextManager[Any] = threading.Lock() if at.file else nullcontext()
        self._turn = turn

    @classmethod
    def open(
        cls, url: str, *, create: bool = True, wait: float = WAIT, told: Told | None = None
    ) -> "Library":
        """The record at `url`, made first where there is none, upgraded where it is older.

        CiteBriefError where it is damaged, newer than this code, or not ours; it is then left as
        it is.
        """
        at = address(url)
        if at.file is not None:
            if not os.path.lexists(at.file):
                _create_file(at, at.file, create, wait, told)
            check_header(at)
        readonly = at.file is not None and not writable(at.file)
        engine = open_engine(at, readonly=readonly)
        try:
            _bring_up_to_date(at, engine, create, readonly, wait, told)
        except BaseException:
            engine.dispose()
            raise
        return cls(at, engine, readonly=readonly)

    def __enter__(self) -> "Library":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def state(self) -> str:
        """Of everything that search sees; equal states mean equal contents. One small query."""
        with explained(self.at), self._connect() as connection:
            found = connection.execute(select(tables.library.c.state)).scalar()
        if found is None:
            raise damaged(self.at, "what says which version it is is missing")
        return str(found)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One version of the record, the same for all that is read in the `with`."""
        with explained(self.at):
            connection = self._connect()
        with connection:
            if self.at.file is None:
                connection = connection.execution_options(**SNAPSHOT)
            yield Snapshot(connection, self.at)

    def entries(self) -> list[Entry]:
        """Every kept document, by id."""
        with self.snapshot() as snapshot:
            return snapshot.entries

    def entry(self, id: str) -> Entry | None:
        """The document `id`, or None."""
        with self.snapshot() as snapshot:
            return snapshot.entry(id)

    def by_path(self, path: str) -> Entry | None:
        """The document that was read from `path`, or None."""
        with self.snapshot() as snapshot:
            return snapshot.by_path(path)

    def by_sha256(self, sha256: str) -> list[Entry]:
        """The documents whose file has these bytes, by id."""
        with self.snapshot() as snapshot:
            return snapshot.by_sha256(sha256)

    def has_prepared(self, id: str, recipe: str) -> bool:
        """Whether the words and vectors of the document are kept for `recipe`."""
        with self.snapshot() as snapshot:
            return recipe in snapshot.recipes(id)

    def original(self, id: str) -> bytes | None:
        """The file itself, where it was kept."""
        with self.snapshot() as snapshot:
            return snapshot.original(id)

    def boxes(self, id: str) -> list[Box]:
        """Where the text stands on the pages, with offsets into the document."""
        with self.snapshot() as snapshot:
            return snapshot.boxes(id)

    def translations(self, id: str, lang: str) -> list[Translation]:
        """The document's sentences in `lang`, in the order in which they were first given."""
        with self.snapshot() as snapshot:
            return snapshot.translations(id, lang)

    @contextmanager
    def writing(self, wait: float = WAIT, told: Told | None = None) -> Iterator[Writer]:
        """Be the one writer; `told` hears whom it waits for. LockedError after `wait` seconds."""
        if self.readonly:
            raise cannot_write(self.at, "no permission")
        with writer_lock(self.at, self._engine, wait, told) as check:
            with explained(self.at), self._connect() as connection:
                found = migrate.revision(connection)
                unerased = connection.execute(select(tables.library.c.unerased)).scalar()
            if found != migrate.HEAD:
                raise migrate.newer(self.at, str(found))
            writer = Writer(self.at, self._engine, check)
            if unerased:
                writer.erase()
            yield writer

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` reads, in a transaction of its own."""
        with explained(self.at), self._connect() as connection:
            return work(connection)

    def change(self, work: Callable[[Connection], Result]) -> Result:
        """Have `work` write what is beside the documents, in one short transaction.

        It waits for no ingestion, only for the commit of a document; where it met another change it
        is run anew, so it does nothing but what it is given the connection for.
        """
        if self.readonly:
            raise cannot_write(self.at, "no permission")
        with explained(self.at):
            for left in reversed(range(TRIES)):
                try:
                    with self._turn:
                        return self._changed(work)
                except DBAPIError as error:
                    if not left or not passes(error):
                        raise
                    time.sleep(random.uniform(0.01, 0.1))
        raise ValueError("the last try returns or raises")

    def _changed(self, work: Callable[[Connection], Result]) -> Result:
        connection = self._connect().execution_options(**WRITE)
        with connection, connection.begin():
            if (found := migrate.revision(connection)) != migrate.HEAD:
                raise migrate.newer(self.at, str(found))
            stand_aside(connection)
            return work(connection)

    def check(self) -> list[str]:
        """What is wrong with the record, a sentence each; empty where every byte is as written.

        Reads everything.
        """
        with self.snapshot() as snapshot, explained(self.at):
            return faults(snapshot)

    def backup(self, target: Path, *, force: bool = False) -> None:
        """Write one version of the record into the file `target`, while others may write.

        The file is checked before it takes its name; one that is there is replaced with `force`
        only. It can be restored to SQLite and to PostgreSQL.
        """
        with self.snapshot() as snapshot:
            backup.write(snapshot, target, force=force)

    def restore(self, source: Path, *, wait: float = WAIT, told: Told | None = None) -> None:
        """Replace everything by what the backup `source` holds, in one transaction.

        What is there now is lost: back it up first. The backup is checked before anything is
        touched.
        """
        with backup.opened(source) as snapshot:
            self.take_over(snapshot, wait=wait, told=told)

    def take_over(
        self, snapshot: Snapshot, *, wait: float = WAIT, told: Told | None = None
    ) -> None:
        """Replace everything by what `snapshot` of another record sees, in one transaction."""
        with self.writing(wait, told) as writer:
            backup.replace_all(self.at, self._engine, snapshot)
            writer.erase()

    def _connect(self) -> Connection:
        """A connection to the file that is there now: a restore may have put another in place."""
        if self._file != (found := _identity(self.at)):
            self._engine.dispose()
            self._file = found
        return self._engine.connect()


def restore(url: str, source: Path, *, wait: float = WAIT, told: Told | None = None) -> Path | None:
    """Make the record at `url` what the backup `source` holds, even where it is damaged or missing.

    A damaged file is moved aside, and where to is given; a whole one is replaced (back it up
    first).
    """
    at = address(url)
    with backup.opened(source) as snapshot:
        try:
            with Library.open(url, wait=wait, told=told) as library:
                if at.file is None or not library.check():
                    library.take_over(snapshot, wait=wait, told=told)
                    return None
        except DamagedRecordError:
            if at.file is None:
                raise
        if at.file is None:
            return None
        with writer_lock(at, None, wait, told):
            return backup.put_instead(at.file, snapshot)


def _identity(at: Address) -> tuple[int, int] | None:
    if at.file is None:
        return None
    try:
        found = at.file.stat()
    except OSError as error:
        raise CiteBriefError(
            f"The record {at.file} is no longer there ({error.strerror}). Put it back, or a backup "
            "of it: citebrief restore BACKUP"
        ) from error
    return found.st_dev, found.st_ino


def _create_file(at: Address, file: Path, create: bool, wait: float, told: Told | None) -> None:
    if not create:
        raise _missing(at)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with writer_lock(at, None, wait, told):
            if not os.path.lexists(file):
                migrate.create_file(file)
    except OSError as error:
        raise cannot_write(at, error.strerror or str(error)) from error


def _missing(at: Address) -> CiteBriefError:
    return CiteBriefError(
        f"There is no record in {at.place} yet. Make one with: citebrief ingest PATH"
    )


def _bring_up_to_date(
    at: Address, engine: Engine, create: bool, readonly: bool, wait: float, told: Told | None
) -> None:
    with explained(at), engine.connect() as connection:
        found = migrate.revision(connection)
    if found == migrate.HEAD:
        return
    if found is None and at.file is not None:
        raise damaged(at, "it has no tables")
    if found is None and not create:
        raise _missing(at)
    if found is not None and not migrate.is_known(found):
        raise migrate.newer(at, found)
    if readonly:
        raise cannot_write(at, f"it has to be upgraded from revision {found}")
    with writer_lock(at, engine, wait, told):
        if found is None:
            migrate.create_on_server(at, engine)
            return
        with explained(at), engine.connect() as connection:
            found = migrate.revision(connection)  # another process may have upgraded it
        if found is not None and found != migrate.HEAD:
            migrate.upgrade(at, engine, found)
