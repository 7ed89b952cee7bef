"""One writer at a time over all processes: a lock file beside SQLite, an advisory lock on a server.

Either is let go by the system when its holder dies, however it dies. Who holds it is told from a
note that means nothing else: a note left by a killed process holds nobody up.
"""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from index.record.address import Address
from index.record.clock import now
from index.record.engine import cannot_write, explained, holder_name
from index.record.entry import LockedError

KEY = 0x63697465  # of the advisory lock: "cite"
_POLL = 0.1  # seconds
Told = Callable[[str], None]


@contextmanager
def writer_lock(
    at: Address, engine: Engine | None, wait: float, told: Told | None
) -> Iterator[Callable[[], None]]:
    """Hold the lock; gives a check that raises where it was lost. Waits up to `wait` seconds."""
    if at.file is not None:
        with _file_lock(at, at.file, wait, told):
            yield lambda: None
    elif engine is not None:
        with _server_lock(at, engine, wait, told) as check:
            yield check
    else:
        raise ValueError("a server's lock needs its engine")


@contextmanager
def _file_lock(at: Address, file: Path, wait: float, told: Told | None) -> Iterator[None]:
    lock, note = FileLock(f"{file}.lock"), Path(f"{file}.writer")
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if told and wait > 0:
                told(_waiting(at, _noted(note)))
            lock.acquire(timeout=wait, poll_interval=_POLL)
    except Timeout:
        raise _locked(at, _noted(note), wait) from None
    except OSError as error:
        raise cannot_write(at, error.strerror or str(error)) from error
    try:
        with suppress(OSError):  # no space is no reason not to try
            _write_note(note)
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _write_note(note: Path) -> None:
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": now()}
    fresh = note.with_name(f"{note.name}-{os.getpid()}")
    fresh.write_text(json.dumps(holder), encoding="utf-8")
    fresh.replace(note)


def _noted(note: Path) -> str:
    try:
        holder = json.loads(note.read_text(encoding="utf-8"))
        return f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has only just begun"


@contextmanager
def _server_lock(
    at: Address, engine: Engine, wait: float, told: Told | None
) -> Iterator[Callable[[], None]]:
    with explained(at):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with explained(at):
            _wait_for(at, connection, wait, told)
            name = f"{holder_name()[:40]}, {now()}"
            connection.execute(
                text("SELECT set_config('application_name', :name, false)"), {"name": name}
            )

        def check() -> None:
            try:
                held = connection.execute(_HELD, {"key": KEY}).scalar()
            except SQLAlchemyError:
                held = 0
            if not held:
                raise LockedError(
                    f"The connection that held {at.place} for writing was lost. What was kept is "
                    "whole; run the command again."
                )

        yield check
    finally:
        with suppress(SQLAlchemyError):  # a lost connection lets go by itself
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": KEY})
        connection.invalidate()  # its name told who was writing
        connection.close()


_HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() "
    "AND classid = 0 AND objid = :key AND granted"
)
_HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() "
    "WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = :key AND l.granted"
)


def _wait_for(at: Address, connection: Connection, wait: float, told: Told | None) -> None:
    end = time.monotonic() + wait
    asked = False
    while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": KEY}).scalar():
        name = connection.execute(_HOLDER, {"key": KEY}).scalar() or "another process"
        holder = name.replace("citebrief ", "process ").replace(", ", ", since ")
        if time.monotonic() >= end:
            raise _locked(at, holder, wait)
        if told and not asked:
            told(_waiting(at, holder))
            asked = True
        time.sleep(min(_POLL, max(0.0, end - time.monotonic())))


def _waiting(at: Address, holder: str) -> str:
    return f"Waiting for another writer of {at.place} ({holder})."


def _locked(at: Address, holder: str, wait: float) -> LockedError:
    return LockedError(
        f"The record in {at.place} is being written by another process ({holder}), still after "
        f"{wait:.0f} seconds. Run the command again when it is done."
    )
