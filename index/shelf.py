"""The rows of a library on a Chroma server, shared by its versions and by all instances of it.

There is a collection for each recipe (rows of another embedder or lexicon are other vectors) and
field. A row's id names content, `document@digest#ordinal`, so a new version adds the rows of its
new and changed documents only, and a reader takes the rows it knows and drops the others: it sees
its own version, whole. Which documents are whole there is written in the catalogue on the same
server: whoever wipes that, wipes the catalogue too, and the rows are put back from the tables of
the index folder. The rows of documents that none of the last versions has go.

Not covered: two libraries under one namespace, whose versions would push each other out.
"""

import hashlib
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from index.catalogue import Catalogue, Entry, batches
from index.chroma import StoreServer, patiently
from index.types import Passage

GROUP = 20_000  # rows after which the ledger is written
LAYOUT = b"1"  # of rows; another gives other keys
log = logging.getLogger(__name__)

TextsOf = Callable[[Passage], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where on a server the rows of an index lie, and which version of the library it is."""

    server: StoreServer
    recipe: str
    version: str


@dataclass(frozen=True, slots=True)
class Held:
    """A document as it lies on the server."""

    key: str  # document@digest
    begin: int  # its passages are [begin, end)
    end: int
    first: Mapping[str, int]  # row of each field's table
    counts: Mapping[str, int]  # rows of each field

    @property
    def rows(self) -> int:
        """Rows in all fields."""
        return sum(self.counts.values())


def held(passages: Sequence[Passage], fields: Mapping[str, TextsOf]) -> tuple[Held, ...]:
    """The documents of `passages`, whose passages stand together; those without rows left out."""
    found: list[Held] = []
    first = dict.fromkeys(fields, 0)
    begin = 0
    for name, own in itertools.groupby(passages, key=lambda passage: passage.document_id):
        counts = dict.fromkeys(fields, 0)
        digest = hashlib.sha256(LAYOUT)
        end = begin
        for passage in own:
            end += 1
            for field, texts_of in fields.items():
                for text in texts_of(passage):
                    counts[field] += 1
                    row = (field, passage.id, str(passage.page), passage.kind, text)
                    digest.update("\0".join(row).encode() + b"\1")
        if any(counts.values()):
            key = f"{name}@{digest.hexdigest()[:12]}"
            found.append(Held(key, begin, end, dict(first), counts))
        for field, count in counts.items():
            first[field] += count
        begin = end
    return tuple(found)


class Shelf:
    """The rows of one version on the server. For one thread."""

    def __init__(
        self,
        address: Address,
        documents: Sequence[Held],
        passages: Sequence[Passage],
        tables: Path,
        fields: Mapping[str, TextsOf],
    ) -> None:
        """`tables` holds a table of vectors for each of `fields` that has texts."""
        self.address = address
        self.catalogue = Catalogue(address.server)
        self._documents = documents
        self._passages = passages
        self._tables = tables
        self.fields = {f: of for f, of in fields.items() if any(d.counts[f] for d in documents)}

    def put(self) -> Iterator[tuple[int, int]]:
        """See that every row of this version is on the server; yields rows there, rows in all.

        Where one was killed, the next goes on. Raises what the server's client raises, once
        patience is at its end.
        """
        recipe = self.address.recipe
        self.catalogue.register(self.address.version, recipe, [d.key for d in self._documents])
        missing = self._missing()
        total = sum(document.rows for document in self._documents)
        done = total - sum(document.rows for document in missing)
        yield done, total
        for group in _groups(missing):
            entries = {document.key: document.counts for document in group}
            self.catalogue.note(recipe, entries, "adding")
            for field in self.fields:
                for count in self._put_field(field, group):
                    done += count
                    yield done, total
            self.catalogue.note(recipe, entries, "whole")

    def tidy(self) -> int:
        """Take away what none of the last versions has; how many rows went."""
        return self.catalogue.tidy(self.address.version)

    def counts(self) -> dict[str, int]:
        """Rows on the server, of this and other versions, by field."""
        recipe = self.address.recipe
        return {f: patiently(self.catalogue.open(recipe, f).count) for f in self.fields}

    def collection(self, field: str) -> str:
        """The name of the collection of a field."""
        return self.catalogue.collection(self.address.recipe, field)

    def fresh(self) -> "Shelf":
        """Another over the same rows, with a connection of its own."""
        return Shelf(self.address, self._documents, self._passages, self._tables, self.fields)

    def close(self) -> None:
        """Let go of the connection; the next use makes another."""
        self.catalogue.close()

    def _missing(self) -> Sequence[Held]:
        """The documents of this version that are not whole on the server."""
        recipe = self.address.recipe
        entries = self.catalogue.entries(recipe)
        if self._short(entries):
            entries = self.catalogue.entries(recipe)  # another instance may have taken rows away
            if self._short(entries):
                log.warning(
                    "Rows are missing on the vector server %s; they are put back.",
                    self.address.server.shown,
                )
                self.catalogue.note(recipe, entries, "adding")
                return self._documents
        return [d for d in self._documents if not _whole(entries.get(d.key))]

    def _short(self, entries: Mapping[str, Entry]) -> bool:
        """Whether a collection holds fewer rows than the ledger promises."""
        promised = [entry for entry in entries.values() if _whole(entry)]
        found = self.counts()
        return any(found[f] < sum(int(e.get(f, 0)) for e in promised) for f in found)

    def _put_field(self, field: str, documents: Sequence[Held]) -> Iterator[int]:
        """Put the rows of one field; yields how many, request by request."""
        table = np.load(self._tables / f"{field}.npy", mmap_mode="r")
        rows = self.catalogue.open(self.address.recipe, field)
        for batch in batches(self._rows(field, documents), self.catalogue.most):
            vectors = np.asarray(table[[number for number, _, _, _ in batch]], dtype=np.float32)
            patiently(
                rows.upsert,
                ids=[id for _, id, _, _ in batch],
                embeddings=cast(Any, vectors),
                documents=[text for _, _, text, _ in batch],
                metadatas=[_told(id, passage) for _, id, _, passage in batch],
            )
            yield len(batch)

    def _rows(
        self, field: str, documents: Iterable[Held]
    ) -> Iterator[tuple[int, str, str, Passage]]:
        """Number in the table, id, text and passage of each row."""
        texts_of = self.fields[field]
        for document in documents:
            ordinal = 0
            for passage in self._passages[document.begin : document.end]:
                for text in texts_of(passage):
                    number = document.first[field] + ordinal
                    yield number, f"{document.key}#{ordinal}", text, passage
                    ordinal += 1


def _whole(entry: Entry | None) -> bool:
    return entry is not None and entry["state"] == "whole"


def _told(id: str, passage: Passage) -> Any:
    return {
        "document": passage.document_id,
        "version": id.rpartition("#")[0],
        "passage": passage.id,
        "page": passage.page,
        "kind": passage.kind,
    }


def _groups(documents: Sequence[Held]) -> Iterator[list[Held]]:
    """Documents together, of about GROUP rows."""
    group: list[Held] = []
    size = 0
    for document in documents:
        group.append(document)
        size += document.rows
        if size >= GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group
