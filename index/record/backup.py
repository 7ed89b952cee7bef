"""A record as one SQLite file, and a record made of such a file.

The rows are copied as they are, from whichever database to whichever, so a backup also moves a
record. Nothing half is ever seen: a backup takes its name when it is whole, and a restore is one
transaction.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, delete, select, update

from index.errors import CiteBriefError, InputError
from index.record import migrate, tables
from index.record.address import Address
from index.record.check import faults
from index.record.engine import WRITE, check_header, damaged, explained, open_engine, set_wal
from index.record.entry import DamagedRecordError
from index.record.forgetting import stand_aside
from index.record.snapshot import Snapshot

_ENDS = ("", "-wal", "-shm", "-journal")


def write(snapshot: Snapshot, target: Path, *, force: bool) -> None:
    """Copy what `snapshot` sees into the file `target`, which is checked before it has its name."""
    _refuse_existing(target, force)
    fresh = target.with_name(f".{target.name}.new-{secrets.token_hex(4)}")
    at = Address(str(target), fresh)
    try:
        fresh.touch(exist_ok=False)  # a folder that cannot be written is told as such
        with explained(at):
            migrate.write_empty(fresh)
            _fill(at, snapshot)
        _refuse_existing(target, force)
        migrate.put_in_place(fresh, target)
    except OSError as error:
        raise CiteBriefError(
            f"The backup {target} could not be written ({error.strerror}). Name a file in a folder "
            "that is there and can be written."
        ) from error
    finally:
        _remove(fresh)


@contextmanager
def opened(source: Path) -> Iterator[Snapshot]:
    """The whole, checked content of a backup; an older one is upgraded in a copy."""
    if not source.is_file():
        raise InputError(f"There is no backup {source}. Name a file made by: citebrief backup FILE")
    with tempfile.TemporaryDirectory(prefix="citebrief-") as folder:
        try:
            at = Address(str(source), source)
            check_header(at)
            engine = _engine(at, Path(folder) / "copy.db")
            try:
                with explained(at), engine.connect() as connection:
                    snapshot = Snapshot(connection, at)
                    if found := faults(snapshot):
                        raise damaged(at, found[0])
            except BaseException:
                engine.dispose()
                raise
        except DamagedRecordError as error:
            raise _unusable(source, error) from error
        try:
            with explained(at), engine.connect() as connection:
                yield Snapshot(connection, at)
        finally:
            engine.dispose()


def _engine(at: Address, copy: Path) -> Engine:
    """Reads the backup of `at` as it lies, or its upgraded `copy`; nothing is written beside it."""
    engine = open_engine(at, readonly=True)
    try:
        with explained(at), engine.connect() as connection:
            found = migrate.revision(connection)
    finally:
        engine.dispose()
    if found is None:
        raise damaged(at, "it has no tables")
    if found == migrate.HEAD:
        return open_engine(at, readonly=True)
    if not migrate.is_known(found):
        raise migrate.newer(at, found)
    try:
        shutil.copyfile(at.place, copy)
    except OSError as error:
        raise CiteBriefError(
            f"The backup {at.place} could not be copied to {copy.parent} ({error.strerror}). Free "
            "some space there, or set TMPDIR to a folder that has more."
        ) from error
    upgraded = Address(at.place, copy)
    engine = open_engine(upgraded)
    migrate.upgrade(upgraded, engine, found)
    return engine


def replace_all(at: Address, engine: Engine, snapshot: Snapshot) -> None:
    """Put the rows of a backup in place of all rows, in one transaction."""
    with (
        explained(at),
        engine.connect().execution_options(**WRITE) as connection,
        connection.begin(),
    ):
        query = select(tables.library.c.version).with_for_update()
        version = connection.execute(query).scalar_one()
        stand_aside(connection, alone=True)
        for table in reversed(tables.metadata.sorted_tables):
            if not table.info.get("stays"):
                connection.execute(delete(table))
        snapshot.copy_to(connection)
        latest = max(version, snapshot.version) + 1
        connection.execute(update(tables.library).values(version=latest, unerased=True))


def put_instead(file: Path, snapshot: Snapshot) -> Path:
    """Move a damaged record aside, and put one of the backup `snapshot` in its place.

    Gives where the damaged one is now. The caller holds the writer's lock.
    """
    names = (f"{file.name}.damaged-{number}" for number in range(1, 10_000))
    aside = next(path for name in names if not (path := file.with_name(name)).exists())
    fresh = file.with_name(f".{file.name}.new-{secrets.token_hex(4)}")
    at = Address(str(file), fresh)
    try:
        with explained(at):
            migrate.write_empty(fresh)
            _fill(at, snapshot)
            set_wal(fresh)
        for end in reversed(_ENDS):  # a -wal must never be read into another file
            if (part := Path(f"{file}{end}")).exists():
                part.rename(f"{aside}{end}")
        migrate.put_in_place(fresh, file)
    except OSError as error:
        raise CiteBriefError(
            f"The damaged record {file} could not be replaced ({error.strerror}). Make its folder "
            "writable, with space for the backup."
        ) from error
    finally:
        _remove(fresh)
    return aside


def _fill(at: Address, snapshot: Snapshot) -> None:
    """Copy everything into the new file of `at`, and check what came of it."""
    engine = open_engine(at)
    try:
        with engine.connect().execution_options(**WRITE) as connection, connection.begin():
            connection.execute(delete(tables.library))
            snapshot.copy_to(connection)
        with engine.connect() as connection:
            if found := faults(Snapshot(connection, at)):
                raise damaged(at, found[0])
    finally:
        engine.dispose()


def _unusable(source: Path, error: DamagedRecordError) -> CiteBriefError:
    why = str(error).partition(" is damaged: ")[2].partition(". Nothing was changed")[0]
    return CiteBriefError(
        f"The backup {source} cannot be used: {why or error}. Nothing was changed; name another "
        "backup."
    )


def _refuse_existing(target: Path, force: bool) -> None:
    if os.path.lexists(target) and not force:
        raise InputError(f"{target} is there already. Name another file, or replace it: --force")


def _remove(file: Path) -> None:
    for end in _ENDS:
        Path(f"{file}{end}").unlink(missing_ok=True)
