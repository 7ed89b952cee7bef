"""Where the record is: a file of SQLite or a database of PostgreSQL, from a URL.

Imports no database. A password is never part of what is shown.
"""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from index.errors import InputError

SQLITE = "sqlite:///"
SERVER = ("postgresql", "postgresql+psycopg", "postgres")
DRIVER = "postgresql+psycopg"


@dataclass(frozen=True, slots=True)
class Address:
    """A record's place; `file` of an SQLite record, `server` of a PostgreSQL one (with password).

    `place` names it in messages.
    """

    place: str
    file: Path | None = None
    server: str = field(default="", repr=False)


def address(url: str) -> Address:
    """The place that `url` names; InputError where it names none."""
    if url.startswith(SQLITE) and (name := url.removeprefix(SQLITE)):
        if name.startswith(":memory:") or name.startswith("file:") or "\0" in name:
            raise InputError(
                f"CITEBRIEF_DATABASE names {name!r}, which is no file on a disk. Write "
                "sqlite:////folder/citebrief.db."
            )
        file = Path(name).absolute()
        return Address(place=str(file), file=file)
    scheme = url.partition("://")[0]
    if scheme in SERVER:
        return _server(url)
    # The rest of what was typed may hold a password, and is not repeated.
    shown = scheme if "://" in url and scheme.replace("+", "").isalnum() else "no database"
    raise InputError(
        f"CITEBRIEF_DATABASE names {shown}, which the record cannot be kept in. Write "
        "sqlite:////folder/citebrief.db or postgresql://user:password@host:5432/database."
    )


def _server(url: str) -> Address:
    try:
        parts = urlsplit(url)
        host, port = _host(parts), parts.port or 5432
    except ValueError as error:
        raise InputError(
            "CITEBRIEF_DATABASE cannot be read as postgresql://user:password@host:5432/database; "
            "write marks such as @ / # : in a password as %40 %2F %23 %3A."
        ) from error
    database = unquote(parts.path.removeprefix("/"))
    if not database:
        raise InputError(
            f"CITEBRIEF_DATABASE names no database on {host}:{port}. Write its name after the "
            "port: postgresql://user:password@host:5432/database."
        )
    rest = url.partition("://")[2]
    return Address(
        place=f"the PostgreSQL database {database!r} on {host}:{port}",
        server=f"{DRIVER}://{rest}",
    )


def _host(parts: SplitResult) -> str:
    named = [p.removeprefix("host=") for p in parts.query.split("&") if p.startswith("host=")]
    return parts.hostname or (unquote(named[0]) if named else "localhost")
