"""Users and their logins, as rows. Passwords and tokens come hashed: what they hash is not known
here. Every change is one short transaction beside the writer of documents.
"""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select, update

from index.record import tables
from index.record.library import Library

Role = Literal["admin", "member"]
_PERSON = ("name", "password", "role", "created", "disabled")


@dataclass(frozen=True, slots=True)
class Person:
    """A user's row; `password` is a hash."""

    name: str
    password: str
    role: Role
    created: str
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A login's row: times in UTC, as 2026-01-31T12:00:00Z."""

    digest: str  # of the token
    owner: str
    created: str
    expires: str
    seen: str


class People:
    """The users of a record."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def add(self, person: Person) -> bool:
        """Add a user; False where the name is taken."""

        def work(connection: Connection) -> bool:
            if _person(connection, person.name):
                return False
            row = {name: getattr(person, name) for name in _PERSON}
            connection.execute(insert(tables.users), [row])
            return True

        return self._library.change(work)

    def remove(self, name: str) -> bool:
        """Remove a user with logins and conversations; feedback stays, without the name."""
        own = tables.users.c.name == name
        return self._library.change(
            lambda c: c.execute(delete(tables.users).where(own)).rowcount > 0
        )

    def all(self) -> list[Person]:
        """Every user, by name."""
        query = select(tables.users).order_by(tables.users.c.name)
        return self._library.read(lambda c: [_of(row) for row in c.execute(query).mappings().all()])

    def find(self, name: str) -> Person | None:
        """The user of this name, or None."""
        return self._library.read(lambda c: _person(c, name))

    def set(self, name: str, **values: Any) -> bool:
        """Change a user's password or whether it is disabled, which ends its logins."""
        own, logins = tables.users.c.name == name, tables.sessions.c.owner == name

        def work(connection: Connection) -> bool:
            found = connection.execute(update(tables.users).where(own).values(values)).rowcount
            connection.execute(delete(tables.sessions).where(logins))
            return found > 0

        return self._library.change(work)

    def start(self, session: Session) -> bool:
        """Keep a login, and drop those that ended; False where the user is no longer there."""
        ended = tables.sessions.c.expires <= session.created
        row = {name: getattr(session, name) for name in Session.__slots__}

        def work(connection: Connection) -> bool:
            if (person := _person(connection, session.owner)) is None or person.disabled:
                return False
            connection.execute(delete(tables.sessions).where(ended))
            connection.execute(insert(tables.sessions), [row])
            return True

        return self._library.change(work)

    def session(self, digest: str) -> tuple[Session, Person] | None:
        """A login and whose it is, whether or not it has ended."""
        sessions = tables.sessions.c
        query = select(tables.sessions).where(sessions.digest == digest)

        def work(connection: Connection) -> tuple[Session, Person] | None:
            row = connection.execute(query).mappings().one_or_none()
            person = _person(connection, row["owner"]) if row else None
            return None if row is None or person is None else (Session(**dict(row)), person)

        return self._library.read(work)

    def prolong(self, digest: str, seen: str, expires: str) -> None:
        """Say when a login was last seen, and when it ends now."""
        own = tables.sessions.c.digest == digest
        changed = update(tables.sessions).where(own).values(seen=seen, expires=expires)
        self._library.change(lambda c: c.execute(changed))

    def end(self, digest: str) -> None:
        """Forget a login."""
        own = tables.sessions.c.digest == digest
        self._library.change(lambda c: c.execute(delete(tables.sessions).where(own)))


def _person(connection: Connection, name: str) -> Person | None:
    query = select(tables.users).where(tables.users.c.name == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _of(row)


def _of(row: Any) -> Person:
    return Person(**{name: row[name] for name in _PERSON})
