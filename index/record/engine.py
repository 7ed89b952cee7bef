"""Connections to the record, and what is said when the database behind it fails.

SQLite runs in WAL with every commit synced, so that readers and the writer do not wait for each
other; a folder that cannot be written to is read as it lies. Transactions of SQLite begin when we
say so: Python's own driver would begin them late. Statements and values never reach a message.
"""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from index.errors import CiteBriefError, InputError
from index.record.address import Address
from index.record.entry import DamagedRecordError

APPLICATION = 0x43426C62  # "CBlb" in the header of our SQLite files
MAGIC = b"SQLite format 3\0"
REVISION_TABLE = "citebrief_revision"
BUSY_SECONDS = 30.0
CONNECT_SECONDS = 10
WRITE = {"begin": "BEGIN IMMEDIATE"}  # options of a transaction that will write
_FULL, _IOERR, _CORRUPT, _NOTADB = 13, 10, 11, 26  # SQLite's codes
_READONLY, _CANTOPEN, _BUSY, _PERM, _AUTH = 8, 14, 5, 3, 23
_LOCKED = 6
_TAKEN = (1555, 2067)  # a key that another row has


def open_engine(at: Address, *, readonly: bool = False) -> Engine:
    """An engine for `at`; nothing is connected yet. `readonly` is for SQLite."""
    if at.file is None:
        return _server_engine(at)
    file = at.file
    engine = create_engine(
        "sqlite://",
        creator=lambda: _connect(file, readonly),
        poolclass=NullPool if readonly else QueuePool,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def writable(file: Path) -> bool:
    """Whether SQLite can write `file`, which needs its folder too."""
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


def has_record(at: Address) -> bool:
    """Whether a server's database holds a record of whatever revision."""
    engine = open_engine(at)
    try:
        with explained(at), engine.connect() as connection:
            return REVISION_TABLE in table_names(connection)
    finally:
        engine.dispose()


def table_names(connection: Connection) -> set[str]:
    """The tables that a database holds, in the schema that we would use."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    return {name for (name,) in connection.exec_driver_sql(query)}


@contextmanager
def explained(at: Address) -> Iterator[None]:
    """Turns what the database raises into an error that may be shown."""
    try:
        yield
    except DBAPIError as error:
        raise explain(at, error.orig or error) from error
    except sqlite3.Error as error:
        raise explain(at, error) from error
    except SQLAlchemyError as error:
        raise CiteBriefError(
            f"The record in {at.place} did not answer ({type(error).__name__}). Try again."
        ) from error


def explain(at: Address, error: BaseException) -> CiteBriefError:
    """What went wrong in `at`, and what to do."""
    if isinstance(error, sqlite3.Error):
        return _file_error(at, error)
    return _server_error(at, error)


def passes(error: DBAPIError) -> bool:
    """Whether what failed may go well at once: another change was in its way, or came first."""
    orig = error.orig
    if isinstance(orig, sqlite3.Error):
        code = getattr(orig, "sqlite_errorcode", None) or 0
        return code & 0xFF in (_BUSY, _LOCKED) or code in _TAKEN
    return getattr(orig, "sqlstate", None) in ("40001", "40P01", "55P03", "23505")


def damaged(at: Address, what: str) -> DamagedRecordError:
    """That a record cannot be trusted; `what` ends a sentence."""
    return DamagedRecordError(
        f"The record in {at.place} is damaged: {what}. Nothing was changed. Put a backup in its "
        "place: citebrief restore BACKUP"
    )


def cannot_write(at: Address, reason: str) -> CiteBriefError:
    """That the record can be read only."""
    folder = at.file.parent if at.file else at.place
    return CiteBriefError(
        f"Nothing can be written in {folder} ({reason}), so the record in {at.place} can only be "
        "read. Make the folder writable, or set CITEBRIEF_DATABASE to one that is."
    )


def _connect(file: Path, readonly: bool) -> sqlite3.Connection:
    modes = ["mode=rw"]
    if readonly:
        # Without its -wal file a database is whole, and may be read where no lock can be taken.
        wal = Path(f"{file}-wal")
        left = wal.exists() and wal.stat().st_size > 0
        modes = ["mode=ro"] if left else ["mode=ro", "mode=ro&immutable=1"]
    for mode in modes:
        connection = sqlite3.connect(
            f"file:{quote(os.fsencode(file))}?{mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA schema_version")
        except sqlite3.OperationalError:
            connection.close()
            if mode is modes[-1]:
                raise
            continue
        except sqlite3.Error:
            connection.close()
            raise
        break
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _server_engine(at: Address) -> Engine:
    try:
        url = make_url(at.server)
        named: dict[str, Any] = {"application_name": holder_name()}
        if "connect_timeout" not in url.query:
            named["connect_timeout"] = CONNECT_SECONDS
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=named)
    except (ArgumentError, ValueError) as error:
        raise InputError(
            f"CITEBRIEF_DATABASE cannot be used for {at.place}; write it as "
            "postgresql://user:password@host:5432/database."
        ) from error
    event.listen(engine, "connect", _prepare_server_connection)
    return engine


def _prepare_server_connection(connection: DBAPIConnection, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SET client_encoding TO 'UTF8'")
    cursor.execute("SET idle_in_transaction_session_timeout TO 0")  # a snapshot may be read slowly
    cursor.close()
    connection.commit()


def holder_name() -> str:
    """This process, as other processes are told of it; at most 63 bytes."""
    return f"citebrief {os.getpid()} on {socket.gethostname()}"[:63]


def _file_error(at: Address, error: sqlite3.Error) -> CiteBriefError:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (_CORRUPT, _NOTADB):
        return damaged(at, str(error))
    if "decode to UTF-8" in str(error):  # Python's driver, which then repeats the text
        return damaged(at, "a text in it is no UTF-8")
    if code in (_FULL, _IOERR):
        cause = "the disk is full" if code == _FULL else f"the disk failed: {error}"
        return CiteBriefError(
            f"Nothing was changed in the record in {at.place}: {cause}. Free some space on that "
            "disk and run the command again; what was kept before is whole."
        )
    if code in (_READONLY, _CANTOPEN, _PERM, _AUTH):
        return cannot_write(at, str(error))
    if code == _BUSY:
        return CiteBriefError(
            f"The record in {at.place} stayed busy for {BUSY_SECONDS:.0f} seconds. Wait until "
            "other programs that have it open are done, and run the command again."
        )
    return CiteBriefError(f"The record in {at.place} could not be used: {error}.")


def _server_error(at: Address, error: BaseException) -> CiteBriefError:
    state = str(getattr(error, "sqlstate", None) or "")
    if state.startswith("53"):  # disk full, out of memory, too many connections
        told = "its disk is full" if state == "53100" else "the server has no room left"
        return CiteBriefError(
            f"Nothing was changed in {at.place}: {told}. Make room there and run the command again."
        )
    if state in ("42501", "25006"):
        return CiteBriefError(
            f"The user of CITEBRIEF_DATABASE may not write in {at.place}. Grant it the right to "
            "create tables there, or name another user."
        )
    # A server that is not reached gives no state, and neither does one that refuses a password.
    if not state or state.startswith(("08", "28", "3D", "57P")):
        return CiteBriefError(
            f"The record in {at.place} cannot be reached ({_why(state, error)}). Check that the "
            "server runs, and host, port, user and password in CITEBRIEF_DATABASE."
        )
    if state.startswith("XX"):
        return damaged(at, "the server finds its files corrupt")
    return CiteBriefError(
        f"The record in {at.place} could not be used (PostgreSQL error {state}). Nothing was "
        "changed; run the command again."
    )


def _why(state: str, error: BaseException) -> str:
    said = str(error).lower()
    for words, why in (
        ("password", "user or password was refused"),
        ("authentication", "user or password was refused"),
        ("does not exist", "there is no such database or user"),
        ("refused", "connection refused"),
        ("timeout", "no answer in time"),
        ("resolve", "the host's name is unknown"),
        ("translate", "the host's name is unknown"),
    ):
        if words in said:
            return why
    return f"the connection was lost, {state}" if state else "no connection"


def check_header(at: Address) -> None:
    """Refuse a file that is no SQLite database, not ours, or cut short; nothing is opened."""
    if at.file is None:
        return
    try:
        with at.file.open("rb") as file:
            head, size = file.read(100), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise CiteBriefError(
            f"The record {at.file} cannot be read ({error.strerror}). Check its permissions."
        ) from error
    if len(head) < 100:
        raise damaged(at, f"the file has {size} bytes only")
    if head[:16] != MAGIC:
        raise damaged(at, "it does not begin as an SQLite database does")
    number = int.from_bytes(head[68:72])
    if number != APPLICATION:
        raise InputError(
            f"{at.file} is an SQLite database of another program; it was left as it is. Set "
            "CITEBRIEF_DATABASE to a file of its own."
        )
    page = int.from_bytes(head[16:18])
    whole = int.from_bytes(head[28:32]) * (65536 if page == 1 else page)
    wal = Path(f"{at.file}-wal")
    pending = wal.exists() and wal.stat().st_size > 0  # then pages may still come from there
    if size < whole and not pending:
        raise damaged(at, f"{whole:,} bytes were written and {size:,} are there")


def set_wal(file: Path) -> None:
    """Switch an SQLite file that nobody has open yet to WAL."""
    with closing(_connect(file, readonly=False)) as connection:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
