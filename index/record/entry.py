"""What the record says of a document besides its text, and what its operations report.

Imports no database: cheap enough for every start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from index.errors import CiteBriefError
from index.types import Document, Passage


class LockedError(CiteBriefError):
    """Another process is writing to the record."""


class DamagedRecordError(CiteBriefError):
    """The record cannot be read as it was written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept document without its text: where it came from, and what of it was kept.

    `titles` to `as_of` are the document's own. `added` and `changed` (UTC, ISO) are for people to
    read; nothing depends on them. `content` is the digest of the document and its passages.
    """

    id: str
    path: str  # absolute, or the name of an upload; any file name, undecodable bytes as surrogates
    sha256: str  # of the file's bytes
    size: int  # of the file, in bytes
    format: str
    parser: int  # the version of what read it
    lang: str
    titles: Mapping[str, str]
    pages: int
    passages: int
    characters: int
    as_of: str | None = None
    source_note: str = ""
    licence: str = ""
    sidecar: str = ""  # digest of the sidecar and what it names, where there was one
    warnings: tuple[str, ...] = ()
    added: str = ""
    changed: str = ""
    content: str = ""


def entry_of(
    document: Document,
    passages: tuple[Passage, ...],
    *,
    path: str,
    sha256: str,
    size: int,
    format: str,
    parser: int,
    pages: int | None = None,
    source_note: str = "",
    licence: str = "",
    sidecar: str = "",
    warnings: tuple[str, ...] = (),
) -> Entry:
    """The entry of a document about to be kept; keeping it sets dates and content.

    `pages` are the file's, where it has more than the document's text stands on.
    """
    return Entry(
        id=document.id,
        path=path,
        sha256=sha256,
        size=size,
        format=format,
        parser=parser,
        lang=document.lang,
        titles=dict(document.titles),
        pages=len(document.page_starts) if pages is None else pages,
        passages=len(passages),
        characters=len(document.text),
        as_of=document.as_of,
        source_note=source_note,
        licence=licence,
        sidecar=sidecar,
        warnings=warnings,
    )


@dataclass(frozen=True, slots=True)
class Translation:
    """A sentence in another language: `given` by an edition, or by a `machine` that is named.

    `checked` says that its numbers were found to agree with the source's.
    """

    source: str
    target: str
    checked: bool
    kind: Literal["given", "machine"] = "machine"
    model: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping a document changed; a passage whose words changed counts as new and as gone."""

    entry: Entry
    new: int
    same: int
    gone: int
    replaced: bool  # there was a document of this id


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed: rows by table, ids that were not there, and whether the bytes are gone.

    `erased` is False while a reader still holds an older version open, or where there was no space
    to write the file anew; the next writer erases them first. `blanked` counts stored answers,
    titles and feedback that quoted it, and now say that it was deleted instead.
    """

    ids: tuple[str, ...]
    unknown: tuple[str, ...]
    rows: Mapping[str, int]
    erased: bool
    blanked: int = 0
