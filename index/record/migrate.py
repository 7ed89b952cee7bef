"""Which revision of its tables a record has, and how it comes to the one that this code reads.

To add a revision:
1. change `tables.py`, and write `migrations/versions/NNNN_what.py` after the pattern of the last;
2. set HEAD to NNNN;
3. run `pytest tests/test_record_migrate.py`, which compares what both give.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import DBAPIError

from index.errors import CiteBriefError, InputError
from index.record import tables
from index.record.address import Address
from index.record.engine import (
    APPLICATION,
    REVISION_TABLE,
    WRITE,
    cannot_write,
    damaged,
    explained,
    open_engine,
    set_wal,
    table_names,
)
from index.record.rows import NOTHING

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0003"
_HERE = Path(__file__).parent / "migrations"
VERSIONS: tuple[Path, ...] = (_HERE / "versions",)


def revision(connection: Connection) -> str | None:
    """The revision that a record's tables have; None where there are none of ours."""
    try:
        query = f"SELECT version_num FROM {REVISION_TABLE}"
        found: str | None = connection.exec_driver_sql(query).scalar()
        return found
    except DBAPIError as error:
        missing = getattr(error.orig, "sqlstate", "") == "42P01"
        if missing or "no such table" in str(error.orig):
            connection.rollback()
            return None
        raise


def create_file(file: Path) -> None:
    """Make an empty record at `file`, whole or not at all; the caller holds the writer's lock."""
    fresh = file.with_name(f".{file.name}.new-{secrets.token_hex(4)}")
    try:
        with explained(Address(str(fresh), fresh)):
            write_empty(fresh)
            set_wal(fresh)
        put_in_place(fresh, file)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{fresh}{end}").unlink(missing_ok=True)


def write_empty(file: Path) -> None:
    """A new record in one plain file, not in WAL, that no one else knows of."""
    with closing(sqlite3.connect(file)) as raw:
        raw.execute(f"PRAGMA application_id={APPLICATION}")
        raw.commit()
    engine = open_engine(Address(str(file), file))
    try:
        with engine.connect().execution_options(**WRITE) as connection, connection.begin():
            _create_tables(connection)
    finally:
        engine.dispose()


def put_in_place(fresh: Path, file: Path) -> None:
    """Move the synced file `fresh` to `file`, and make sure that the folder remembers."""
    with fresh.open("rb+") as written:
        os.fsync(written.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def create_on_server(at: Address, engine: Engine) -> None:
    """Make the tables in an empty database; the caller holds the writer's lock."""
    with explained(at), engine.begin() as connection:
        names = table_names(connection)
        if REVISION_TABLE in names:
            return  # another process was first
        if names:
            raise InputError(
                f"{at.place[0].upper()}{at.place[1:]} holds tables of another program "
                f"({', '.join(sorted(names)[:3])}); it was left as it is. Set CITEBRIEF_DATABASE "
                "to a database of its own."
            )
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise InputError(
                f"{at.place[0].upper()}{at.place[1:]} has the encoding {encoding}, which cannot "
                "hold Korean and English. Create it anew: createdb --encoding UTF8 --template "
                "template0 NAME"
            )
        _create_tables(connection)


def is_known(found: str) -> bool:
    """Whether this code has the migrations that lead on from revision `found`."""
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        return ScriptDirectory.from_config(_config()).get_revision(found) is not None
    except CommandError:
        return False


def newer(at: Address, found: str) -> CiteBriefError:
    """That the record was written by a later CiteBrief."""
    return CiteBriefError(
        f"The record in {at.place} was written by a newer CiteBrief (revision {found}, this one "
        f"reads {HEAD}). Update CiteBrief; the record was left as it is."
    )


def upgrade(at: Address, engine: Engine, found: str) -> Path | None:
    """Bring an older record to HEAD in one transaction; gives the copy made before (SQLite).

    The caller holds the writer's lock.
    """
    copy = copy_beside(at.file, found) if at.file else None
    with (
        explained(at),
        engine.connect().execution_options(**WRITE) as connection,
        _without_cascades(connection),
        connection.begin(),
    ):
        migrate(connection)
        if at.file and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise damaged(at, f"after the upgrade from {found} rows have lost their document")
    return copy


def migrate(connection: Connection) -> None:
    """Run the migrations up to HEAD in the transaction that is open on `connection`."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    config.attributes["metadata"] = tables.metadata
    config.attributes["version_table"] = REVISION_TABLE
    command.upgrade(config, HEAD)


def copy_beside(file: Path, found: str) -> Path:
    """A whole copy of the record `file` in its folder, named after its revision."""
    names = (f"{file.name}.{found}{n}.bak" for n in ("", *(f"-{i}" for i in range(1, 1000))))
    target = next(path for name in names if not (path := file.with_name(name)).exists())
    fresh = target.with_name(f".{target.name}.new")
    try:
        with (
            closing(sqlite3.connect(file)) as source,
            closing(sqlite3.connect(fresh)) as copied,
        ):
            source.backup(copied)
            copied.execute("PRAGMA journal_mode=DELETE")
        put_in_place(fresh, target)
    except OSError as error:
        raise cannot_write(Address(str(file), file), error.strerror or str(error)) from error
    finally:
        fresh.unlink(missing_ok=True)
    return target


@contextmanager
def _without_cascades(connection: Connection) -> Iterator[None]:
    """A table written anew by a migration must not take the rows that hang on it along."""
    raw = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or raw is None:
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")  # without effect once a transaction has begun
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _create_tables(connection: Connection) -> None:
    migrate(connection)
    row = {"one": 1, "uid": secrets.token_hex(16), "version": 0, "state": NOTHING}
    connection.execute(insert(tables.library), [row | {"unerased": False}])


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    places = os.pathsep.join(map(str, VERSIONS))
    config.set_main_option("version_locations", places.replace("%", "%%"))
    return config
