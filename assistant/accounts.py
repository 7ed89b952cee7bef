"""Users, their passwords and their logins.

A password is kept as a bcrypt hash only, and a login as the digest of its token, so who reads the
database can be nobody. A login with a name that is not there takes as long as one with a wrong
password. Not covered: how often one may try, which the server limits.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from assistant.errors import InputError

if TYPE_CHECKING:
    from index.record.library import Library
    from index.record.people import Person

COST = 12  # of bcrypt: about a quarter of a second
SHORTEST, LONGEST = 8, 72  # bytes of a password as UTF-8; bcrypt reads no further
LASTS = timedelta(days=30)  # a login, from when it was last used
NOTED = timedelta(hours=1)  # how exactly it is noted when it was
NAME = re.compile(r"[^\W_][\w.@+-]{0,63}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_TOKEN = 32  # bytes
Role = Literal["admin", "member"]


@dataclass(frozen=True, slots=True)
class User:
    """Who may log in."""

    name: str
    role: Role
    created: str
    disabled: bool = False

    @property
    def admin(self) -> bool:
        """Whether the user may change the library, where that needs a right."""
        return self.role == "admin"


class Accounts:
    """The users of a record. May be used by several threads."""

    def __init__(
        self,
        record: "Library",
        *,
        cost: int | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        from index.record.people import People

        self._people: People = People(record)
        self._cost = cost or COST
        self._clock = clock
        self._nobody = b""  # the hash that an unknown name is compared with

    def any(self) -> bool:
        """Whether there is a user at all."""
        return bool(self._people.all())

    def list(self) -> list[User]:
        """Every user, by name."""
        return [_user(person) for person in self._people.all()]

    def add(self, name: str, password: str, *, admin: bool = False) -> User:
        """Add a user; InputError where the name is taken or either cannot be used."""
        from index.record.people import Person

        name, hashed = named(name), self._hash(password)
        role: Role = "admin" if admin else "member"
        person = Person(name, hashed, role, self._clock().strftime(_TIME))
        if not self._people.add(person):
            raise InputError(
                f"There is a user {name!r} already. Change the password with: citebrief users "
                f"password {name}"
            )
        return _user(person)

    def remove(self, name: str) -> None:
        """Remove a user with all conversations and logins."""
        if not self._people.remove(_folded(name)):
            raise _unknown(name)

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password, which ends every login."""
        if not self._people.set(_folded(name), password=self._hash(password)):
            raise _unknown(name)

    def disable(self, name: str, *, disabled: bool = True) -> None:
        """Keep a user from logging in, or let it in again; either ends every login."""
        if not self._people.set(_folded(name), disabled=disabled):
            raise _unknown(name)

    def login(self, name: str, password: str) -> str | None:
        """A token for a new session; None where name or password is wrong."""
        import bcrypt

        from index.record.people import Session

        person = self._people.find(_folded(name))
        given = _bytes(password)
        hashed = self._unknown() if person is None else person.password.encode()
        right = bcrypt.checkpw(given[:LONGEST], hashed) and len(given) <= LONGEST
        if not right or person is None or person.disabled:
            return None
        token, now = secrets.token_urlsafe(_TOKEN), self._clock()
        times = (now.strftime(_TIME), (now + LASTS).strftime(_TIME), now.strftime(_TIME))
        return token if self._people.start(Session(_digest(token), person.name, *times)) else None

    def session(self, token: str) -> User | None:
        """Whose login this is, which lasts on from now; None where it is none, or has ended."""
        digest, now = _digest(token), self._clock()
        found = self._people.session(digest)
        if found is None:
            return None
        session, person = found
        if session.expires <= now.strftime(_TIME) or person.disabled:
            return None
        if session.seen <= (now - NOTED).strftime(_TIME):
            self._people.prolong(digest, now.strftime(_TIME), (now + LASTS).strftime(_TIME))
        return _user(person)

    def logout(self, token: str) -> None:
        """End a login."""
        self._people.end(_digest(token))

    def _hash(self, password: str) -> str:
        import bcrypt

        given = _bytes(password)
        if not SHORTEST <= len(given) <= LONGEST:
            raise InputError(
                f"The password has {len(given)} bytes; expected {SHORTEST} to {LONGEST} bytes of "
                "UTF-8, in which a Latin letter takes one and a Korean syllable three."
            )
        if b"\0" in given:
            raise InputError("The password holds a NUL character; leave it out.")
        return bcrypt.hashpw(given, bcrypt.gensalt(self._cost)).decode()

    def _unknown(self) -> bytes:
        if not self._nobody:
            self._nobody = self._hash(secrets.token_urlsafe(_TOKEN)).encode()
        return self._nobody


def named(name: str) -> str:
    """A name as it is kept: NFC and lower case; InputError where it cannot be one."""
    folded = _folded(name)
    if not NAME.fullmatch(folded):
        raise InputError(
            f"{name[:80]!r} cannot be a user's name; expected 1 to 64 letters, digits and . _ - + "
            "@, a letter or digit first."
        )
    return folded


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().lower()


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _user(person: "Person") -> User:
    return User(person.name, person.role, person.created, person.disabled)


def _unknown(name: str) -> InputError:
    return InputError(f"There is no user {name[:80]!r}. See: citebrief users list")
