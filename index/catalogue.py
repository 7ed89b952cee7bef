"""What lies on a Chroma server for the libraries of one namespace: versions, and whole documents.

The list of versions names the documents that each has, newest last; a ledger for each recipe says
of every document with rows there how many they are and whether they are all there: "adding",
"whole" or "removing". Both are collections on the server itself, so they are lost with the rows and
never without them. Rows are only ever put under an entry and taken away before it, so that none
lies there that no entry names, whenever a process is killed.
"""

import itertools
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from index import chroma
from index.chroma import StoreServer, patiently

if TYPE_CHECKING:
    from index.chroma import Client, Rows

KEPT = 4  # versions whose rows stay
BATCH = 2_000  # rows of one request, where the server takes as many
PAGE = 1_000  # entries read at once
KEYS = 200  # documents in one row of the list of versions: Chroma Cloud takes 16 KiB
WRITE_S = 120.0  # for one request
NOTHING = [1.0]  # a vector for entries that nobody searches

Entry = Mapping[str, Any]  # of a ledger: its state, and how many rows each field has
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Version:
    """A version on the list."""

    name: str
    recipe: str
    number: int
    keys: tuple[str, ...]  # of its documents


class Catalogue:
    """The lists and ledgers of a server's namespace. For one thread; connects when first used."""

    def __init__(self, server: StoreServer) -> None:
        self.server = server
        self._opened: dict[str, Rows] = {}

    def collection(self, recipe: str, field: str) -> str:
        """The name of the collection of a field, in the vectors of a recipe."""
        return f"{self.server.namespace}-{recipe}-{field}"

    @cached_property
    def client(self) -> "Client":
        """The open client."""
        return patiently(chroma.open_server, self.server, WRITE_S, create=True)

    @cached_property
    def most(self) -> int:
        """Rows that one request may hold."""
        limit = int(patiently(self.client.get_max_batch_size))
        return min(BATCH, limit) if limit > 0 else BATCH

    def open(self, recipe: str, field: str) -> "Rows":
        """The collection of a field, made where there is none."""
        return self._open(self.collection(recipe, field))

    def _open(self, name: str) -> "Rows":
        if name not in self._opened:
            self._opened[name] = patiently(chroma.open_collection, self.client, name)
        return self._opened[name]

    def close(self) -> None:
        """Let go of the connection; the next use makes another."""
        if "client" in self.__dict__:
            chroma.close(self.client)
        for name in ("client", "most"):
            self.__dict__.pop(name, None)
        self._opened.clear()

    def register(self, name: str, recipe: str, keys: Sequence[str]) -> None:
        """Put a version on the list, as the newest, where it is not there whole."""
        listed = self.versions()
        if any(v.name == name and len(v.keys) == len(keys) for v in listed):
            return
        number = 1 + max((version.number for version in listed), default=0)
        for part, some in enumerate(batches(keys, KEYS)):
            row = {"version": name, "recipe": recipe, "number": number}
            self._write_listed(f"{name}#{part:06d}", some, row)

    def versions(self) -> list[Version]:
        """The versions on the list, in no order."""
        found: dict[str, Version] = {}
        for _, row, keys in self._listed():
            name = str(row["version"])
            before = found[name].keys if name in found else ()
            found[name] = Version(name, str(row["recipe"]), int(row["number"]), (*before, *keys))
        return list(found.values())

    def entries(self, recipe: str) -> dict[str, Entry]:
        """The ledger of a recipe: what it says of each document."""
        entries: dict[str, Entry] = {}
        for page in _pages(self._ledger(recipe), ["metadatas"]):
            entries |= zip(page["ids"], cast(list[Entry], page["metadatas"]), strict=True)
        return entries

    def note(self, recipe: str, entries: Mapping[str, Entry], state: str) -> None:
        """Write entries into the ledger of a recipe, in this state."""
        ledger = self._ledger(recipe)
        for batch in batches(entries.items(), self.most):
            patiently(
                ledger.upsert,
                ids=[key for key, _ in batch],
                embeddings=cast(Any, [NOTHING] * len(batch)),
                metadatas=[{**entry, "state": state} for _, entry in batch],
            )

    def tidy(self, own: str) -> int:
        """Take away what neither the last KEPT versions nor `own` has; how many rows went."""
        versions = sorted(self.versions(), key=lambda version: -version.number)
        for version in versions[KEPT:]:
            if version.name != own:
                patiently(self._list.delete, where={"version": version.name})
        recipes = {version.recipe for version in self.versions()}
        went = 0
        for recipe in self._recipes():
            went += self._drop_unlisted(recipe)
            if recipe not in recipes:
                self._drop_recipe(recipe)
        return went

    def forget(self, documents: Collection[str]) -> int:
        """Take away every row of the documents of these ids, of any version; how many rows went."""
        went = 0
        for recipe in self._recipes():
            entries = self.entries(recipe)
            gone = {k: e for k, e in entries.items() if k.rpartition("@")[0] in documents}
            went += self._drop(recipe, gone)
        for id, row, keys in list(self._listed()):
            kept = [key for key in keys if key.rpartition("@")[0] not in documents]
            if len(kept) < len(keys):
                self._write_listed(id, kept, row)
        return went

    @property
    def _list(self) -> "Rows":
        return self._open(f"{self.server.namespace}-versions")

    def _ledger(self, recipe: str) -> "Rows":
        return self.open(recipe, "ledger")

    def _listed(self) -> Iterator[tuple[str, Entry, list[str]]]:
        """Id, values and documents of each row of the list of versions."""
        for page in _pages(self._list, ["metadatas", "documents"]):
            for id, row, keys in zip(
                page["ids"], page["metadatas"], page["documents"], strict=True
            ):
                yield id, row, json.loads(keys)

    def _write_listed(self, id: str, keys: Sequence[str], row: Entry) -> None:
        patiently(
            self._list.upsert,
            ids=[id],
            embeddings=cast(Any, [NOTHING]),
            documents=[json.dumps(keys, ensure_ascii=False)],
            metadatas=[dict(row)],
        )

    def _recipes(self) -> list[str]:
        """The recipes whose rows are on the server."""
        ours = re.compile(re.escape(self.server.namespace) + r"-([0-9a-f]{16})-ledger")
        found = (ours.fullmatch(c.name) for c in patiently(self.client.list_collections))
        return [match[1] for match in found if match]

    def _needed(self, recipe: str) -> set[str]:
        return {key for v in self.versions() if v.recipe == recipe for key in v.keys}

    def _drop_unlisted(self, recipe: str) -> int:
        """Take away the documents that no listed version of a recipe has; how many rows went."""
        entries = self.entries(recipe)
        gone = entries.keys() - self._needed(recipe)
        if not gone:
            return 0
        self.note(recipe, {key: entries[key] for key in gone}, "removing")
        # A version listed meanwhile may have read the ledger before: what it needs stays.
        stays = gone & self._needed(recipe)
        for key in stays:
            self.note(recipe, {key: entries[key]}, entries[key]["state"])
        return self._drop(recipe, {key: entries[key] for key in gone - stays})

    def _drop(self, recipe: str, entries: Mapping[str, Entry]) -> int:
        """Take away documents, their entries last; how many rows went."""
        went = 0
        self.note(recipe, entries, "removing")
        for field in {f for entry in entries.values() for f in entry if f != "state" and entry[f]}:
            rows = self.open(recipe, field)
            counts = ((key, int(entry.get(field, 0))) for key, entry in entries.items())
            ids = (f"{key}#{n}" for key, count in counts for n in range(count))
            for batch in batches(ids, self.most):
                patiently(rows.delete, ids=batch)
                went += len(batch)
        ledger = self._ledger(recipe)
        for keys in batches(entries, self.most):
            patiently(ledger.delete, ids=keys)
        return went

    def _drop_recipe(self, recipe: str) -> None:
        """Take away the collections of a recipe, the ledger last, by whose name it is found."""
        start = self.collection(recipe, "")
        names = [collection.name for collection in patiently(self.client.list_collections)]
        own = [name for name in names if name.startswith(start)]
        for name in sorted(own, key=lambda name: name.endswith("-ledger")):
            patiently(self.client.delete_collection, name)
            self._opened.pop(name, None)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of up to `size`."""
    left = iter(items)
    while batch := list(itertools.islice(left, size)):
        yield batch


def _pages(rows: "Rows", include: list[str]) -> Iterator[Any]:
    for start in itertools.count(0, PAGE):
        page = patiently(rows.get, include=cast(Any, include), limit=PAGE, offset=start)
        yield page
        if len(page["ids"]) < PAGE:
            return
