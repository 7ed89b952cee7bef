"""Conversations and feedback as rows of plain JSON, each user's apart.

Every change is one short transaction beside the writer of documents. A turn is read back as it was
written, which a digest tells; but for what was blanked since by `index.record.forgetting`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from index.record import tables
from index.record.clock import now
from index.record.forgetting import columns_of, late
from index.record.library import Library
from index.record.turns import Plain, squeezed

_FEEDBACK = tuple(tables.feedback.c.keys())


@dataclass(frozen=True, slots=True)
class Head:
    """A conversation without its turns."""

    id: str
    title: str
    created: str
    updated: str
    turns: int


class Talks:
    """The conversations and the feedback of a record."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def save(
        self,
        owner: str,
        conversation: str,
        title: str,
        turn: Plain,
        before: Collection[str] | None = None,
    ) -> bool:
        """Add a turn, or put it in its own place; False where the conversation is another's.

        `before` are the ids of the turns that it follows on: other turns are taken out.
        """

        def work(connection: Connection) -> bool:
            kept = late(connection, turn)
            found = connection.execute(
                select(tables.conversations.c.owner).where(_is(conversation))
            ).scalar()
            if found is None:
                head = {"id": conversation, "owner": owner, "created": now(), "updated": now()}
                shown = title if kept["question"] == turn["question"] else kept["question"]
                connection.execute(insert(tables.conversations), [head | {"title": shown}])
            elif found != owner:
                return False
            if before is not None:
                stays = [*before, kept["id"]]
                columns = tables.turns.c
                gone = and_(columns.conversation == conversation, columns.id.not_in(stays))
                connection.execute(delete(tables.turns).where(gone))
            _put_turn(connection, conversation, kept)
            connection.execute(
                update(tables.conversations).where(_is(conversation)).values(updated=now())
            )
            return True

        return self._library.change(work)

    def heads(
        self, owner: str, query: str, limit: int, before: tuple[str, str] | None
    ) -> list[Head]:
        """An owner's conversations with every word of `query` in title or turns, the latest first.

        `before` is the time and the id of the last one that was seen.
        """
        columns, turns = tables.conversations.c, tables.turns.c
        where: list[Any] = [columns.owner == owner]
        if before is not None:
            time, id = before
            earlier = and_(columns.updated == time, columns.id < id)
            where.append(or_(columns.updated < time, earlier))
        for word in map(squeezed, query.split()):
            holds = turns.words.contains(word, autoescape=True)
            titled = func.replace(func.lower(columns.title), " ", "").contains(
                word, autoescape=True
            )
            where.append(or_(titled, columns.id.in_(select(turns.conversation).where(holds))))
        count = (
            select(func.count())
            .select_from(tables.turns)
            .where(turns.conversation == columns.id)
            .scalar_subquery()
        )
        named = (columns.id, columns.title, columns.created, columns.updated)
        found = (
            select(*named, count)
            .where(*where)
            .order_by(columns.updated.desc(), columns.id.desc())
            .limit(limit)
        )
        return self._library.read(lambda c: [Head(*row) for row in c.execute(found)])

    def turns(self, owner: str, conversation: str) -> tuple[Head, list[Plain]] | None:
        """A conversation of this owner with its turns in order, or None."""
        columns = tables.conversations.c
        head = select(columns.id, columns.title, columns.created, columns.updated).where(
            _is(conversation), columns.owner == owner
        )
        own = tables.turns.c.conversation == conversation
        query = select(tables.turns.c.data).where(own).order_by(tables.turns.c.position)

        def work(connection: Connection) -> tuple[Head, list[Plain]] | None:
            row = connection.execute(head).one_or_none()
            if row is None:
                return None
            found = list(connection.execute(query).scalars())
            return Head(*row, len(found)), found

        return self._library.read(work)

    def turn(self, owner: str, id: str) -> Plain | None:
        """A turn in any conversation of this owner."""
        query = select(tables.turns.c.data).where(*_own_turn(owner, id)).limit(1)
        return self._library.read(lambda c: c.execute(query).scalar())

    def rename(self, owner: str, conversation: str, title: str) -> bool:
        """Give a conversation another title; False where this owner has none of this id."""
        own = (_is(conversation), tables.conversations.c.owner == owner)
        changed = update(tables.conversations).where(*own).values(title=title)
        return self._library.change(lambda c: c.execute(changed).rowcount > 0)

    def delete(self, owner: str, conversation: str | None = None) -> int:
        """Delete a conversation of this owner, or all; gives how many there were."""
        where = [tables.conversations.c.owner == owner]
        where += [] if conversation is None else [_is(conversation)]
        gone = delete(tables.conversations).where(*where)
        return self._library.change(lambda c: c.execute(gone).rowcount)

    def rate(self, owner: str | None, turn: Plain, row: Mapping[str, Any] | None) -> None:
        """Keep what a reader thinks of a turn in place of what was thought before; None: nothing.

        A turn that the owner has stored is rated there too, by the turn's own `rating`.
        """
        columns = tables.feedback.c
        same = columns.owner.is_(None) if owner is None else columns.owner == owner
        own = (columns.turn_id == turn["id"], same)

        def work(connection: Connection) -> None:
            old = connection.execute(select(columns.id, columns.created).where(*own)).first()
            connection.execute(delete(tables.feedback).where(*own))
            if row is not None:
                kept = late(connection, turn)
                new = dict(row) | {"answer": kept["answer"], "question": kept["question"]}
                if old is not None:
                    new |= {"id": old.id, "created": old.created}
                connection.execute(insert(tables.feedback), [new])
            if owner is not None:
                _rate_stored(connection, owner, turn)

        self._library.change(work)

    def feedback(self, since: str = "", thumb: str | None = None) -> list[Plain]:
        """What readers thought, oldest first; `since` is a time, or the beginning of one."""
        columns = tables.feedback.c
        where = [columns.updated >= since]
        where += [] if thumb is None else [columns.thumb == thumb]
        query = select(tables.feedback).where(*where).order_by(columns.updated, columns.id)
        return self._library.read(
            lambda c: [{k: row[k] for k in _FEEDBACK} for row in c.execute(query).mappings()]
        )


def _put_turn(connection: Connection, conversation: str, turn: Plain) -> None:
    columns = tables.turns.c
    own = (columns.conversation == conversation, columns.id == turn["id"])
    if connection.execute(update(tables.turns).where(*own).values(columns_of(turn))).rowcount:
        return
    last = select(func.max(columns.position)).where(columns.conversation == conversation)
    place = connection.execute(last).scalar()
    key = {"conversation": conversation, "id": turn["id"], "asked_at": turn["asked_at"]}
    row = key | {"position": 0 if place is None else place + 1} | columns_of(turn)
    connection.execute(insert(tables.turns), [row])


def _rate_stored(connection: Connection, owner: str, turn: Plain) -> None:
    columns = tables.turns.c
    query = select(columns.conversation, columns.data).where(*_own_turn(owner, turn["id"]))
    for conversation, data in connection.execute(query).all():
        _put_turn(connection, conversation, {**data, "rating": turn.get("rating")})


def _own_turn(owner: str, id: str) -> Sequence[Any]:
    own = select(tables.conversations.c.id).where(tables.conversations.c.owner == owner)
    return tables.turns.c.id == id, tables.turns.c.conversation.in_(own)


def _is(conversation: str) -> Any:
    return tables.conversations.c.id == conversation
