"""The tables of the record. What they are now stands here; how they came to be, in migrations.

Any text can be kept: what a database's text cannot hold (NUL, half of a surrogate pair, as in file
names that are not UTF-8) stands as U+FFFD and four hex digits, and comes back as it was. Names of
what later versions add here are added to a migration too; `tests/test_record_migrate.py` compares.
"""

import json
import re
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

MARK = "\ufffd"
_UNSAFE = re.compile("[\ud800-\udfff\0\ufffd]")
_ESCAPED = re.compile(MARK + "([0-9a-f]{4})")
SOME = 500  # rows of text that are copied at a time
FEW = 4  # rows of bytes


class SafeText(TypeDecorator[str]):
    """Text of any code points, read back as it was."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """As the database holds it."""
        if value is None or not _UNSAFE.search(value):
            return value
        return _UNSAFE.sub(lambda found: f"{MARK}{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """As it was given."""
        if value is None or MARK not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


class JsonText(TypeDecorator[Any]):
    """A small value as JSON that a person can read; its strings may be any text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """As the database holds it."""
        text = json.dumps(value, ensure_ascii=False)
        return _UNSAFE.sub(lambda found: f"{MARK}{ord(found[0]):04x}", text)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """As it was given, with arrays as lists."""
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value or "null")
        return json.loads(text)


metadata = MetaData()


def _document() -> Column[str]:
    owner = ForeignKey("documents.id", ondelete="CASCADE")
    return Column("document_id", SafeText, owner, primary_key=True)


# One row: what the whole record is. `state` changes with what search sees, and comes back with it;
# `version` counts commits; `unerased` says that bytes of what was forgotten may still be there.
library = Table(
    "library",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("uid", String(32), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", String(64), nullable=False),
    Column("unerased", Boolean, nullable=False),
    info={"rows": SOME},
)
documents = Table(
    "documents",
    metadata,
    Column("id", SafeText, primary_key=True),
    Column("path", SafeText, nullable=False),
    Column("path_digest", String(32), nullable=False),  # a path may be too long for an index
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("format", String(32), nullable=False),
    Column("parser", Integer, nullable=False),
    Column("lang", String(16), nullable=False),
    Column("titles", JsonText, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("passages", Integer, nullable=False),
    Column("characters", BigInteger, nullable=False),
    Column("as_of", SafeText),
    Column("source_note", SafeText, nullable=False),
    Column("licence", SafeText, nullable=False),
    Column("sidecar", String(64), nullable=False),
    Column("warnings", JsonText, nullable=False),
    Column("added", String(32), nullable=False),
    Column("changed", String(32), nullable=False),
    Column("content", String(32), nullable=False),
    Column("digest", String(32), nullable=False),  # of the entry
    Index("documents_path", "path_digest"),
    Index("documents_sha256", "sha256"),
    info={"rows": SOME},
)
passages = Table(
    "passages",
    metadata,
    _document(),
    Column("id", SafeText, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("lang", String(16), nullable=False),
    Column("text", SafeText, nullable=False),
    Column("quote", SafeText, nullable=False),
    Column("char_start", BigInteger, nullable=False),
    Column("char_end", BigInteger, nullable=False),
    Column("page", Integer, nullable=False),
    Column("section_id", SafeText, nullable=False),
    Column("paragraph", Integer, nullable=False),
    Column("translation", SafeText),
    Column("rest", JsonText, nullable=False),  # what of a passage has no column
    Column("digest", String(32), nullable=False),
    info={"rows": SOME},
)
translations = Table(
    "translations",
    metadata,
    _document(),
    Column("target_lang", String(16), primary_key=True),
    Column("source_digest", String(32), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("source", SafeText, nullable=False),
    Column("target", SafeText, nullable=False),
    Column("checked", Boolean, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("model", SafeText, nullable=False),
    Column("note", SafeText, nullable=False),
    info={"rows": SOME},
)


def _bytes(name: str, *columns: Column[Any]) -> Table:
    """Bytes of a document in parts; `digest` is of all parts together."""
    return Table(
        name,
        metadata,
        _document(),
        *columns,
        Column("part", Integer, primary_key=True, autoincrement=False),
        Column("digest", String(32), nullable=False),
        Column("data", LargeBinary, nullable=False),
        info={"rows": FEW},
    )


texts = _bytes("texts")  # the Document, compressed JSON
vectors = _bytes(
    "vectors",
    Column("recipe", String(32), primary_key=True),
    Column("field", String(32), primary_key=True),
    Column("texts", Integer, nullable=False),
    Column("dimensions", Integer, nullable=False),
)
analyses = _bytes(
    "analyses",
    Column("recipe", String(32), primary_key=True),
    Column("field", String(32), primary_key=True),
)
originals = _bytes("originals")
boxes = _bytes("boxes")


# What people said and were answered. None of it is part of the library's `state`, and it is written
# in transactions of its own, beside the one writer. `owner` is a user's name.
def _owner(**how: Any) -> Column[str]:
    whose = ForeignKey("users.name", ondelete=how.pop("ondelete", "CASCADE"))
    return Column("owner", SafeText, whose, **how)


users = Table(
    "users",
    metadata,
    Column("name", SafeText, primary_key=True),
    Column("password", String(128), nullable=False),  # hashed
    Column("role", String(16), nullable=False),
    Column("created", String(32), nullable=False),
    Column("disabled", Boolean, nullable=False),
    info={"rows": SOME},
)
# A login ends with what it was for: it is in no backup, and a restore ends every one.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the token, which is kept nowhere
    _owner(nullable=False),
    Column("created", String(32), nullable=False),
    Column("expires", String(32), nullable=False),
    Column("seen", String(32), nullable=False),
    Index("sessions_owner", "owner"),
    info={"rows": SOME, "passing": True},
)
conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    _owner(nullable=False),
    Column("title", SafeText, nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False),
    Index("conversations_owner", "owner", "updated"),
    info={"rows": SOME},
)
turns = Table(
    "turns",
    metadata,
    Column(
        "conversation",
        String(32),
        ForeignKey("conversations.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("id", String(32), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("asked_at", String(32), nullable=False),
    Column("data", JsonText, nullable=False),
    Column("words", SafeText, nullable=False),  # what is searched
    Column("digest", String(32), nullable=False),  # of the data
    info={"rows": FEW},
)
feedback = Table(
    "feedback",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("turn_id", String(32), nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False),
    _owner(ondelete="SET NULL"),
    Column("thumb", String(8), nullable=False),
    Column("reasons", JsonText, nullable=False),
    Column("note", SafeText, nullable=False),
    Column("lang", String(16), nullable=False),
    Column("question", SafeText, nullable=False),
    Column("answer", JsonText, nullable=False),
    Column("engine", SafeText, nullable=False),
    Column("state", String(64), nullable=False),  # of the library, when it was given
    Index("feedback_turn", "turn_id"),
    info={"rows": FEW},
)
# Documents that were forgotten, by a digest of their id: what was answered before and is only now
# handed in must not bring their words back.
forgotten = Table(
    "forgotten",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("at", String(32), nullable=False),
    info={"rows": SOME},
)
# What the Slack bot must remember. A job is an event that came in, by the key that its repetitions
# share, so that no instance does it again; its times are milliseconds since 1970. Jobs are in no
# backup, and a restore leaves them: what was asked meanwhile is neither lost nor answered twice.
slack_jobs = Table(
    "slack_jobs",
    metadata,
    Column("event", SafeText, primary_key=True),
    Column("kind", SafeText, nullable=False),
    Column("team", SafeText, nullable=False),
    Column("state", String(16), nullable=False),  # open, done or gave_up
    Column("payload", JsonText, nullable=False),  # {} once it is no longer open
    Column("attempts", Integer, nullable=False),
    Column("taken", BigInteger, nullable=False),  # when it came in
    Column("free", BigInteger, nullable=False),  # when it may be claimed, as long as it is open
    Column("holder", SafeText, nullable=False),  # the instance that claimed it last
    Column("posted", JsonText, nullable=False),  # the messages that it has led to so far
    Column("outcome", SafeText, nullable=False),
    Index("slack_jobs_open", "state", "taken"),
    info={"rows": SOME, "passing": True, "stays": True},
)
slack_threads = Table(
    "slack_threads",
    metadata,
    Column("id", String(32), primary_key=True),  # a digest of the next three
    Column("team", SafeText, nullable=False),
    Column("channel", SafeText, nullable=False),
    Column("thread_ts", SafeText, nullable=False),
    Column("lang", String(16), nullable=False),
    Column("answered", Boolean, nullable=False),
    Column("updated", String(32), nullable=False),
    Index("slack_threads_updated", "updated"),
    info={"rows": SOME},
)
slack_turns = Table(
    "slack_turns",
    metadata,
    Column(
        "thread",
        String(32),
        ForeignKey("slack_threads.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("id", String(32), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("data", JsonText, nullable=False),
    Column("digest", String(32), nullable=False),  # of the data
    info={"rows": FEW},
)
slack_channels = Table(
    "slack_channels",
    metadata,
    Column("team", SafeText, primary_key=True),
    Column("channel", SafeText, primary_key=True),
    Column("lang", String(16), nullable=False),
    Column("documents", JsonText, nullable=False),
    Column("quiet", Boolean, nullable=False),
    info={"rows": SOME},
)
