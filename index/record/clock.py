"""The time as people read it. Nothing depends on it: versions are counted, not dated."""

from datetime import UTC, datetime


def now() -> str:
    """The present in UTC, to the second, as 2026-01-31T12:00:00Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
