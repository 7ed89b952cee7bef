"""The documents of an index, written beside its passages: whole, as they were when it was built."""

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from index.types import Document

FILE = "documents.jsonl"


@cache
def _codec() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


def document_to_json(document: Document) -> bytes:
    """The document on one line of JSON, UTF-8."""
    return _codec().dump_json(document)


def document_from_json(line: bytes) -> Document:
    """What `document_to_json` wrote; ValueError for anything else."""
    return _codec().validate_json(line)


def write_documents(folder: Path, documents: Iterable[Document]) -> None:
    """Write them, in order, for `read_documents`."""
    with (folder / FILE).open("wb") as file:
        file.writelines(document_to_json(document) + b"\n" for document in documents)


def document_ids(folder: Path) -> list[str]:
    """The ids of an index's documents; none where they cannot be read."""
    try:
        with (folder / FILE).open("rb") as file:
            return [document_from_json(line).id for line in file]
    except (OSError, ValueError):
        return []


def read_documents(folder: Path) -> Mapping[str, Document]:
    """All documents of an index by id, in order."""
    with (folder / FILE).open("rb") as file:
        documents = [document_from_json(line) for line in file]
    return {sys.intern(document.id): document for document in documents}
