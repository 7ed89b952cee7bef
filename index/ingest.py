"""Keep files as documents: what is new or changed is made ready and kept, the rest is left alone.

Each document is kept in a transaction of its own as soon as it is ready, so that whatever ends a
run keeps what was done, and a second run goes on with the rest. How files are made ready (worker
processes here, a cluster) is the engine's business; the result is the same.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.errors import InputError
from index.job import Job, Ready, Refused, digest_of_file
from index.load import Sidecar, read_sidecar, slug
from index.parse.errors import shown
from index.parse.parser import PARSER_VERSION
from index.record.entry import Entry, entry_of
from index.sources import SourceFile

if TYPE_CHECKING:
    from index.record.library import Library
    from index.record.writer import Writer

Status = Literal["new", "changed", "unchanged", "same", "skipped"]
Engine = Callable[[Iterable[Job]], Iterator[tuple[Job, Ready | Refused]]]

PAGED = ("pdf",)  # formats whose pages are shown, so that the file itself is kept


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file; `same` is one whose bytes are kept already, under `id`."""

    path: str  # fit to be shown on one line
    status: Status
    id: str | None = None
    passages: int = 0
    pages: int = 0
    rewritten: int = 0  # passages that were not kept as they are now
    code: str | None = None  # why it was skipped, in a word
    message: str | None = None  # and in a sentence
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notes:
    """What is said of all files that are handed over; a sidecar's word goes before."""

    source: str = ""
    licence: str = ""


def ingest(
    files: Iterable[SourceFile],
    library: "Library",
    writer: "Writer",
    engine: Engine,
    recipe: str,
    *,
    taken: Collection[str] = (),
    notes: Notes | None = None,
) -> Iterator[Outcome]:
    """Keep `files` and tell of each, in the order in which they are done.

    `recipe` is the fingerprint that `engine` prepares by, `taken` are ids that documents outside
    the record have. Closing the iterator stops the engine.
    """
    plan = _Plan(library, recipe, taken)
    done = engine(plan.jobs(files))
    try:
        for job, result in done:
            yield from plan.settled()
            if isinstance(result, Refused):
                plan.drop(job)
                yield Outcome(shown(job.path), "skipped", code=result.code, message=result.message)
            else:
                yield _keep(job, result, plan, writer, notes or Notes())
        yield from plan.settled()
    finally:
        close = getattr(done, "close", None)
        if close is not None:
            close()


def _keep(job: Job, ready: Ready, plan: "_Plan", writer: "Writer", notes: Notes) -> Outcome:
    said = plan.sidecars.get(job.id)
    entry = entry_of(
        ready.prepared.document,
        ready.prepared.passages,
        path=os.path.abspath(job.path),
        sha256=ready.sha256,
        sidecar=_digest_of_sidecar(job.sidecar, said),
        size=ready.size,
        format=ready.format,
        pages=ready.pages,
        parser=ready.parser,
        source_note=(said and said.source_note) or notes.source,
        licence=(said and said.licence) or notes.licence,
        warnings=ready.warnings,
    )
    original = job.path.read_bytes() if ready.format in PAGED else None
    if original is not None and hashlib.sha256(original).hexdigest() != ready.sha256:
        original = None  # changed since; its pages would not be those that were read
    kept = writer.keep(entry, ready.prepared, boxes=ready.boxes, original=original)
    return Outcome(
        path=shown(job.path),
        status="changed" if kept.replaced else "new",
        id=job.id,
        passages=len(ready.prepared.passages),
        pages=ready.pages,
        rewritten=kept.new,
        warnings=ready.warnings,
    )


class _Plan:
    """Which files are made ready, under which ids, and what became of those that need not be."""

    def __init__(self, library: "Library", recipe: str, taken: Collection[str]) -> None:
        self.sidecars: dict[str, Sidecar] = {}
        self._library = library
        self._recipe = recipe
        entries = library.entries()
        self._by_path = {entry.path: entry for entry in entries}
        self._by_sha256 = {entry.sha256: entry for entry in entries}
        self._ids = {entry.id for entry in entries} | set(taken)
        self._begun: dict[str, str] = {}  # ids of this run's documents, by the digest of the file
        self._settled: deque[Outcome] = deque()

    def settled(self) -> Iterator[Outcome]:
        """What became of files that no engine needed to see, since this was last asked."""
        while self._settled:
            yield self._settled.popleft()

    def drop(self, job: Job) -> None:
        """The file of `job` was refused: the same bytes elsewhere are no document either."""
        self._begun = {digest: id for digest, id in self._begun.items() if id != job.id}

    def jobs(self, files: Iterable[SourceFile]) -> Iterator[Job]:
        """The files to make ready, in order."""
        for file in files:
            try:
                job = self._job(file)
            except InputError as error:
                self._skip(file, "sidecar", str(error))
            except OSError as error:
                reason = f"{shown(file.path)} cannot be read ({error.strerror or error})."
                self._skip(file, "unreadable", reason)
            else:
                if job is not None:
                    yield job

    def _skip(self, file: SourceFile, code: str, message: str) -> None:
        self._settled.append(Outcome(shown(file.path), "skipped", code=code, message=message))

    def _job(self, file: SourceFile) -> Job | None:
        """The job for a file, or None where it is kept as it is."""
        said = read_sidecar(file.sidecar) if file.sidecar else None
        digest = digest_of_file(file.path)
        known = self._by_path.get(os.path.abspath(file.path))
        if known is None and said is None and (twin := self._twin(digest)) is not None:
            if isinstance(twin, Entry) and not os.path.exists(twin.path):
                moved = replace(twin, path=os.path.abspath(file.path))
                self._by_sha256[digest] = moved  # or its copy would be a second one
                return self._named(file, twin.id, said)
            name = twin.id if isinstance(twin, Entry) else twin
            self._settled.append(Outcome(shown(file.path), "same", id=name))
            return None
        if known is not None and self._is_current(known, digest, file.sidecar, said):
            self._settled.append(
                Outcome(
                    shown(file.path),
                    "unchanged",
                    id=known.id,
                    passages=known.passages,
                    pages=known.pages,
                )
            )
            return None
        id = (
            known.id if known else self._free(said.id if said and said.id else slug(file.path.stem))
        )
        self._begun[digest] = id
        return self._named(file, id, said)

    def _named(self, file: SourceFile, id: str, said: Sidecar | None) -> Job:
        if said is not None:
            self.sidecars[id] = said
        return Job(id, file.path, file.sidecar)

    def _twin(self, digest: str) -> Entry | str | None:
        """The document that has the same bytes: a kept one, or the id of one begun in this run."""
        return self._by_sha256.get(digest) or self._begun.get(digest)

    def _is_current(
        self, known: Entry, digest: str, sidecar: Path | None, said: Sidecar | None
    ) -> bool:
        return (
            known.sha256 == digest
            and known.sidecar == _digest_of_sidecar(sidecar, said)
            and known.parser == PARSER_VERSION
            and self._library.has_prepared(known.id, self._recipe)
        )

    def _free(self, wanted: str) -> str:
        """`wanted`, or with the first number that makes it an id of no other document."""
        id, number = wanted, 1
        while id in self._ids:
            number += 1
            id = f"{wanted}-{number}"
        self._ids.add(id)
        return id


def _digest_of_sidecar(path: Path | None, said: Sidecar | None) -> str:
    """Stands for the sidecar and the files that it names; empty without one."""
    if path is None or said is None:
        return ""
    digest = hashlib.sha256(path.read_bytes())
    for name in (said.edition, said.restatements):
        if name:
            digest.update((path.parent / name).read_bytes())
    return digest.hexdigest()
