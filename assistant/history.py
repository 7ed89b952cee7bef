"""The conversations of users who log in, each user's own and nobody else's.

A reader without a login keeps conversations in the browser; nothing of those comes here.
"""

import re
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from assistant.conversation import CONVERSATION_ID, LONGEST_TITLE, Conversation, Turn, title_of
from assistant.errors import InputError

if TYPE_CHECKING:
    from index.record.library import Library

PAGE = 50  # conversations that are listed at a time
MOST = 200
LONGEST_QUERY = 200
_BEFORE = re.compile(rf"([0-9TZ:.+-]{{1,40}}),({CONVERSATION_ID})")


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list."""

    id: str
    title: str
    created: str
    updated: str
    turns: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Listed:
    """Conversations, the latest first; `next` is what `before` is for those after them."""

    conversations: tuple[Summary, ...]
    next: str | None


class History:
    """The conversations in a record. May be used by several threads."""

    def __init__(self, record: "Library") -> None:
        from index.record.talks import Talks

        self._talks: Talks = Talks(record)

    def save(
        self, user: str, conversation: str, turn: Turn, before: Collection[str] | None = None
    ) -> None:
        """Add a turn to a conversation, begun with it where there is none, or replace it there.

        `before` are the ids of the turns that it follows on, where it takes the place of others.
        """
        id = _id(conversation)
        if not self._talks.save(user, id, title_of(turn.question), turn.to_json(), before):
            raise InputError(f"There is no conversation {id} of yours. Begin a new one.")

    def list(
        self, user: str, query: str = "", limit: int = PAGE, before: str | None = None
    ) -> Listed:
        """The user's conversations in which every word of `query` stands, the latest first."""
        if len(query) > LONGEST_QUERY:
            raise InputError(f"q: at most {LONGEST_QUERY} characters can be searched for.")
        limit = max(1, min(limit, MOST))
        seen = None
        if before:
            found = _BEFORE.fullmatch(before)
            if found is None:
                raise InputError("before: expected what the last list gave as next.")
            seen = (found[1], found[2])
        heads = self._talks.heads(user, query, limit + 1, seen)
        shown = tuple(Summary(h.id, h.title, h.created, h.updated, h.turns) for h in heads[:limit])
        more = len(heads) > limit
        return Listed(shown, f"{shown[-1].updated},{shown[-1].id}" if more else None)

    def get(self, user: str, conversation: str) -> Conversation | None:
        """A conversation with its turns, as they were shown; None where the user has none such."""
        found = self._talks.turns(user, conversation)
        if found is None:
            return None
        head, turns = found
        read = tuple(Turn.from_json(turn) for turn in turns)
        return Conversation(head.id, head.title, head.created, head.updated, read)

    def turn(self, user: str, id: str) -> Turn | None:
        """A turn of any of the user's conversations, or None."""
        found = self._talks.turn(user, id)
        return None if found is None else Turn.from_json(found)

    def rename(self, user: str, conversation: str, title: str) -> bool:
        """Give a conversation another title; False where the user has none such."""
        line = " ".join(unicodedata.normalize("NFC", title).split())
        if not 0 < len(line) <= LONGEST_TITLE:
            raise InputError(f"title: expected 1 to {LONGEST_TITLE} characters, not {len(line)}.")
        return self._talks.rename(user, conversation, line)

    def delete(self, user: str, conversation: str) -> bool:
        """Delete a conversation; False where the user has none such."""
        return self._talks.delete(user, conversation) > 0

    def delete_all(self, user: str) -> int:
        """Delete every conversation of the user; gives how many there were."""
        return self._talks.delete(user)


def new_id() -> str:
    """An id for a conversation that begins."""
    return secrets.token_hex(16)


def _id(conversation: str) -> str:
    if not re.fullmatch(CONVERSATION_ID, conversation):
        raise InputError(f"{conversation[:80]!r} is no conversation's id: expected 32 hex digits.")
    return conversation
