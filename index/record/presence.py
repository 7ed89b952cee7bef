"""Whether there is a record at all: what every start asks, and what must cost it nothing."""

from index.record.address import address


def exists(url: str) -> bool:
    """Whether there is a record at `url`, in whatever state; no database is loaded for a file."""
    at = address(url)
    if at.file is not None:
        return at.file.is_file()
    from index.record.engine import has_record  # SQLAlchemy and the driver load with it

    return has_record(at)
