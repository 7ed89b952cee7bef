"""What the Slack bot remembers: events that came in, threads with their turns, channel settings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the Slack bot; nothing else is touched."""
    op.create_table(
        "slack_jobs",
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.Column("free", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("posted", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
    )
    op.create_index("slack_jobs_open", "slack_jobs", ["state", "taken"])
    op.create_table(
        "slack_threads",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("thread_ts", sa.Text, nullable=False),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("updated", sa.String(32), nullable=False),
    )
    op.create_index("slack_threads_updated", "slack_threads", ["updated"])
    op.create_table(
        "slack_turns",
        sa.Column(
            "thread",
            sa.String(32),
            sa.ForeignKey("slack_threads.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
    )
    op.create_table(
        "slack_channels",
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("documents", sa.Text, nullable=False),
        sa.Column("quiet", sa.Boolean, nullable=False),
    )
