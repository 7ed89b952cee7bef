"""Documents with their passages, vectors, words, translations, boxes and files.

A migration says what was true when it was written: it imports nothing of the tables as they are.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the first record."""
    op.create_table(
        "library",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("uid", sa.String(32), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("unerased", sa.Boolean, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("path_digest", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("format", sa.String(32), nullable=False),
        sa.Column("parser", sa.Integer, nullable=False),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("titles", sa.Text, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("passages", sa.Integer, nullable=False),
        sa.Column("characters", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.Text),
        sa.Column("source_note", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("sidecar", sa.String(64), nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("added", sa.String(32), nullable=False),
        sa.Column("changed", sa.String(32), nullable=False),
        sa.Column("content", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
    )
    op.create_index("documents_path", "documents", ["path_digest"])
    op.create_index("documents_sha256", "documents", ["sha256"])
    op.create_table(
        "passages",
        _document(),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("char_start", sa.BigInteger, nullable=False),
        sa.Column("char_end", sa.BigInteger, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("section_id", sa.Text, nullable=False),
        sa.Column("paragraph", sa.Integer, nullable=False),
        sa.Column("translation", sa.Text),
        sa.Column("rest", sa.Text, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
    )
    op.create_table(
        "translations",
        _document(),
        sa.Column("target_lang", sa.String(16), primary_key=True),
        sa.Column("source_digest", sa.String(32), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("checked", sa.Boolean, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    _parts("texts")
    of_field = ("recipe", "field")
    _parts("vectors", *of_field, counts=("texts", "dimensions"))
    _parts("analyses", *of_field)
    _parts("originals")
    _parts("boxes")


def _document() -> sa.Column[Any]:
    owner = sa.ForeignKey("documents.id", ondelete="CASCADE")
    return sa.Column("document_id", sa.Text, owner, primary_key=True)


def _parts(name: str, *keys: str, counts: tuple[str, ...] = ()) -> None:
    op.create_table(
        name,
        _document(),
        *(sa.Column(key, sa.String(32), primary_key=True) for key in keys),
        *(sa.Column(count, sa.Integer, nullable=False) for count in counts),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
