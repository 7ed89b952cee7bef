"""Entries and passages as rows, and rows as entries and passages."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from index.record import packing, tables
from index.record.entry import Entry
from index.types import Passage

_ENTRY = [f.name for f in dataclasses.fields(Entry)]
_COLUMNS = {f.name for f in dataclasses.fields(Passage)} & set(tables.passages.c.keys())
BITS = 128  # of a record's state


def entry_row(entry: Entry) -> dict[str, Any]:
    """The row of `documents`."""
    row = {name: getattr(entry, name) for name in _ENTRY}
    row["titles"], row["warnings"] = dict(entry.titles), list(entry.warnings)
    return row | {"path_digest": path_digest(entry.path), "digest": _entry_digest(entry)}


def row_entry(row: Mapping[str, Any]) -> Entry:
    """The entry of a row of `documents`; ValueError where it is not as it was written."""
    held = {name: row[name] for name in _ENTRY}
    entry = Entry(**held | {"warnings": tuple(held["warnings"])})
    if _entry_digest(entry) != row["digest"]:
        raise ValueError(f"the entry of {entry.id!r} is not as it was written")
    return entry


def _entry_digest(entry: Entry) -> str:
    return packing.digest(packing.to_bytes(entry))


def path_digest(path: str) -> str:
    """What a path is found by."""
    return packing.digest(path.encode("utf-8", "surrogatepass"))


def passage_row(passage: Passage, digest: str) -> dict[str, Any]:
    """The row of `passages`: what has a column of its own, and the rest."""
    row = {name: getattr(passage, name) for name in _COLUMNS}
    row["rest"] = {k: v for k, v in packing.plain(passage).items() if k not in _COLUMNS}
    return row | {"digest": digest}


def row_passage(row: Mapping[str, Any]) -> Passage:
    """The passage of a row of `passages`."""
    held = {name: row[name] for name in _COLUMNS}
    passage: Passage = packing.typed(Passage, held | row["rest"])
    return passage


def state_of(state: str, *, gone: Entry | None = None, come: Entry | None = None) -> str:
    """The state after a document went, came or was replaced; 32 hex digits.

    It is a sum over the documents, so it does not depend on the order in which they came: the same
    documents with the same contents always give the same state.
    """
    total = int(state, 16)
    total -= _share(gone) if gone else 0
    total += _share(come) if come else 0
    return f"{total % 2**BITS:032x}"


NOTHING = "0" * 32  # the state of a record without documents


def _share(entry: Entry) -> int:
    return int(packing.digest(packing.to_bytes([entry.id, entry.content])), 16)
