"""What becomes of stored answers once a document that they quote is forgotten.

`forget_in` blanks what turns and feedback say of it, in Slack as well, and remembers, by a digest
of its id, that it was forgotten; so `late` can blank what is only handed in later of an answer from
before. Of questions from Slack that wait for an answer, its sentences are blanked.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, bindparam, delete, insert, literal, select, text, update

from index.record import packing, tables
from index.record.clock import now
from index.record.turns import Gone, Plain, blanked, blanked_answer, scrubbed, words

LATE = timedelta(hours=1)  # how long an answer may come from a version before a forgetting
SOME = 50  # conversations that are looked through at a time
KEY = 0x666F7267  # of the advisory lock: "forg"
_OPEN = tables.slack_jobs.c.state == "open"


def stand_aside(connection: Connection, *, alone: bool = False) -> None:
    """Until this transaction ends, none that is `alone` goes on beside it: on a server, where one
    that saves an answer would not see what another forgets.
    """
    if connection.dialect.name == "postgresql":
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        connection.execute(text(f"SELECT {lock}(:key)"), {"key": KEY})


def hold_any(connection: Connection) -> bool:
    """Whether there is anything in which a document could be quoted."""
    held = (tables.conversations, tables.feedback, tables.slack_turns)
    queries = [select(literal(1)).select_from(table) for table in held]
    queries.append(select(literal(1)).where(_OPEN))
    return any(connection.execute(query.limit(1)).first() for query in queries)


def forget_in(connection: Connection, gone: Gone) -> int:
    """Blank what turns, titles and feedback say of forgotten documents; gives in how many rows.

    It is remembered, by digests of the ids, that they were forgotten.
    """
    stand_aside(connection, alone=True)
    marks = [{"digest": _mark(id), "at": now()} for id in sorted(gone.ids)]
    if marks:
        old = tables.forgotten.c.digest.in_([mark["digest"] for mark in marks])
        connection.execute(delete(tables.forgotten).where(old))
        connection.execute(insert(tables.forgotten), marks)
    changed = _forget_in_turns(connection, gone, tables.turns.c.conversation)
    changed += _forget_in_turns(connection, gone, tables.slack_turns.c.thread)
    changed += _forget_in_jobs(connection, gone)
    titles = tables.conversations.c
    for id, title in connection.execute(select(titles.id, titles.title)).all():
        if (cleaned := scrubbed(title, gone, _lang(title))) != title:
            connection.execute(update(tables.conversations).where(_is(id)).values(title=cleaned))
            changed += 1
    return changed + _forget_in_feedback(connection, gone)


def _forget_in_turns(connection: Connection, gone: Gone, of: Column[Any]) -> int:
    """Blank the turns of a table; `of` is its column that names the conversation."""
    table, changed = of.table, 0
    columns = table.c
    own = (of == bindparam("of"), columns.id == bindparam("turn"))
    ids = connection.execute(select(of).distinct()).scalars().all()
    for start in range(0, len(ids), SOME):
        query = select(of, columns.id, columns.data).where(of.in_(ids[start : start + SOME]))
        rows = []
        for conversation, id, data in connection.execute(query).all():
            if (new := blanked(data, gone)) != data:
                held = {k: v for k, v in columns_of(new).items() if k in columns}
                rows.append({"of": conversation, "turn": id} | held)
        if rows:
            connection.execute(update(table).where(*own), rows)
        changed += len(rows)
    return changed


def _forget_in_jobs(connection: Connection, gone: Gone) -> int:
    columns, changed = tables.slack_jobs.c, 0
    for event in connection.execute(select(columns.event).where(_OPEN)).scalars().all():
        own = columns.event == event
        said = connection.execute(select(columns.payload).where(own)).scalar_one()
        if (cleaned := scrubbed(said, gone, _lang(str(said)))) != said:
            connection.execute(update(tables.slack_jobs).where(own).values(payload=cleaned))
            changed += 1
    return changed


def _forget_in_feedback(connection: Connection, gone: Gone) -> int:
    columns, changed = tables.feedback.c, 0
    for id in connection.execute(select(columns.id)).scalars().all():
        query = select(columns.question, columns.note, columns.answer, columns.lang)
        row = connection.execute(query.where(columns.id == id)).one()
        old = {"question": row.question, "note": row.note, "answer": row.answer}
        new = scrubbed(old, gone, "ko" if row.lang == "ko" else "en")
        new["answer"] = blanked_answer(row.answer, gone)
        if new != old:
            connection.execute(update(tables.feedback).where(columns.id == id).values(new))
            changed += 1
    return changed


def late(connection: Connection, turn: Plain) -> Plain:
    """The turn as it may be kept now: what it quotes may have been forgotten since it was asked."""
    cited = {citation["document"] for citation in turn["answer"]["citations"]}
    marks = {_mark(id): id for id in cited}
    columns = tables.forgotten.c
    query = select(columns.digest, columns.at).where(columns.digest.in_(list(marks)))
    found = {marks[digest]: at for digest, at in connection.execute(query)} if marks else {}
    if not found:
        return turn
    there = tables.documents.c.id
    kept = set(connection.execute(select(there).where(there.in_(list(found)))).scalars())
    asked = datetime.fromisoformat(turn["asked_at"])
    gone = set()
    for id, at in found.items():
        time = datetime.fromisoformat(at)
        if asked <= (time if id in kept else time + LATE):
            gone.add(id)
    return blanked(turn, Gone.of(gone, (), ())) if gone else turn


def columns_of(turn: Plain) -> dict[str, Any]:
    """What a turn's row holds of it."""
    digest = packing.digest(packing.to_bytes(turn))
    return {"data": turn, "words": words(turn), "digest": digest}


def _is(conversation: str) -> Any:
    return tables.conversations.c.id == conversation


def _mark(id: str) -> str:
    return hashlib.sha256(f"forgotten:{id}".encode("utf-8", "surrogatepass")).hexdigest()


def _lang(said: str) -> str:
    return "ko" if any("가" <= c <= "힣" for c in said) else "en"
