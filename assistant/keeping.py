"""What changes the library: ingestion, forgetting, backup and restoring.

One change at a time over all processes; another waits and says whom it waits for. After a change
the index is opened anew, so that the next question need not wait for it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from platformdirs import user_data_path

from assistant.answer import open_model
from assistant.editions import Edition, Editions, Tools
from assistant.erased import Erased, probes, search
from assistant.errors import InputError
from assistant.holdings import NONE, Holdings
from assistant.settings import Settings
from assistant.types import Usage
from index.build import Index, Progress, compiled_lexicon, drop_indexes
from index.catalogue import Catalogue
from index.lexicon import lexicon_hash
from index.load import load_library
from index.models import load_embedder
from index.morphology import load_morphology
from index.parse.errors import shown
from index.prepare import recipe_of
from index.record.address import address
from index.sources import Found
from index.terms import Analyzer
from index.types import Document

if TYPE_CHECKING:
    from index.ingest import Engine, Outcome
    from index.record.entry import Entry
    from index.record.library import Library
    from index.record.writer import Writer

Told = Callable[[str], None]  # hears, in a sentence, what is waited for


@dataclass(frozen=True, slots=True)
class Order:
    """How files are to be ingested, and what is said of all of them."""

    engine: Literal["local", "ray"] = "local"
    address: str | None = None  # of a Ray cluster; None: one on this machine
    workers: int | None = None  # processes; None: as the settings say
    ocr: bool = True
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of the library; `kept` tells one of the record from a file of the folder."""

    id: str
    title: str
    language: str
    format: str
    pages: int
    passages: int | None  # None where the file is only read when the index is built
    as_of: str | None
    source: str
    licence: str
    path: str
    kept: bool
    added: str = ""
    changed: str = ""
    warnings: tuple[str, ...] = ()


def _of_folder(document: Document, folder: Path) -> Listed:
    return Listed(
        id=document.id,
        title=document.title(document.lang),
        language=document.lang,
        format="text",
        pages=len(document.page_starts),
        passages=None,
        as_of=document.as_of,
        source="",
        licence="",
        path=str(folder),
        kept=False,
    )


def _of_record(entry: "Entry") -> Listed:
    titles = dict(entry.titles)
    return Listed(
        id=entry.id,
        title=titles.get(entry.lang) or next(iter(titles.values()), entry.id),
        language=entry.lang,
        format=entry.format,
        pages=entry.pages,
        passages=entry.passages,
        as_of=entry.as_of,
        source=entry.source_note,
        licence=entry.licence,
        path=shown(Path(entry.path)),
        kept=True,
        added=entry.added,
        changed=entry.changed,
        warnings=entry.warnings,
    )


class Keeper:
    """Changes the library of the settings."""

    def __init__(self, settings: Settings, told: Told) -> None:
        self.settings = settings
        self.holdings = Holdings(settings)
        self._told = told
        self.usage: Usage | None = None  # of the chat model, by the last `translate`

    def ingest(self, found: Found, order: Order) -> "Iterator[Outcome]":
        """Keep the files found, and tell of each file, those that were skipped first."""
        from index.ingest import Notes, Outcome, ingest

        for skipped in found.skipped:
            name = shown(skipped.path)
            yield Outcome(name, "skipped", code=skipped.code, message=skipped.message)
        if not found.files:
            return
        embedder = load_embedder(self.settings.embedder)
        lexicon = lexicon_hash(self.settings.glossary, self.settings.thesaurus)
        recipe = recipe_of(embedder, lexicon).fingerprint()
        library = self._record()
        with library.writing(told=self._told) as writer:
            changed = []
            for outcome in ingest(
                found.files,
                library,
                writer,
                self._engine(order, recipe, len(found.files)),
                recipe,
                taken=self._folder_ids(),
                notes=Notes(order.source, order.licence),
            ):
                if outcome.status == "changed":
                    changed.append(outcome.id)
                yield outcome
            self._translated_before(library, writer, filter(None, changed))

    def translate(
        self, ids: Sequence[str], started: "Callable[[int], Callable[[], None]]"
    ) -> "Iterator[Edition]":
        """Have the chat model make the other-language edition of documents of the record.

        `started` hears how many pieces there are to translate, and gives what to call after each.
        What the model took is in `usage` then.
        """
        from assistant.llm import Meter

        model = open_model(self.settings)
        library = self.holdings.record()
        if model is None or library is None:
            return
        meter = Meter(model.prices)
        with library.writing(told=self._told) as writer:
            editions = Editions(library, writer, self._tools())
            step = started(sum(editions.lacking(id) for id in ids))
            for id in ids:
                yield editions.make(id, model, meter, step)
                self.usage = meter.usage

    @property
    def uploads(self) -> Path:
        """The folder of files that came through the browser: beside the record, if that is a file.

        They are kept there under their names, so that the same name again updates its document.
        """
        self._require_database()
        file = address(self.settings.database).file
        if file is None:  # a server keeps the record; each machine its own uploads
            return user_data_path("citebrief") / "uploads"
        return file.with_name(f"{file.name.removesuffix('.db')}-uploads")

    def kept_digest(self, path: Path) -> str | None:
        """SHA-256 of the file that a document of the record was read from `path` as."""
        library = self.holdings.record()
        entry = library.by_path(os.path.abspath(path)) if library else None
        return entry.sha256 if entry else None

    def listed(self) -> "list[Listed]":
        """Every document of the library: those of the folder, then those of the record."""
        listed: list[Listed] = []
        if folder := self.holdings.folder:
            listed += [_of_folder(document, folder) for document in load_library(folder)]
        if record := self.holdings.record():
            listed += map(_of_record, record.entries())
        return listed

    def require_model(self) -> None:
        """InputError where no chat model is configured that could translate."""
        if self.settings.llm is None:
            raise InputError(
                "--translate needs a chat model, and none is configured; set CITEBRIEF_LLM to "
                "provider:model, or leave it out: questions in either language find the original."
            )

    def index(self, progress: Progress | None = None) -> Index:
        """The index as the library is now, built where that is still to be done."""
        return self.holdings.index(load_embedder(self.settings.embedder), progress)

    def forget(self, ids: Sequence[str], progress: Progress | None = None) -> Erased:
        """Remove documents of the record from everywhere, and look for what may be left of them.

        InputError, and nothing is removed, where one of `ids` is no document of the record.
        """
        library = self.holdings.record()
        entries = {entry.id: entry for entry in library.entries()} if library else {}
        self._require_kept(ids, entries)
        if library is None:
            return Erased((), 0, 0, (), whole=True)
        with library.snapshot() as snapshot:
            sentences = self._nowhere_in_folder(probes(snapshot, ids))
        with library.writing(told=self._told) as writer:
            forgotten = writer.forget(ids)
        if entries.keys() - set(ids) or self.holdings.folder:
            self.index(progress).store.close()
        drop_indexes(self.settings.index, ids)  # of other libraries, or with another embedder
        if (server := self.settings.store) is not None:
            catalogue = Catalogue(server)
            try:
                catalogue.forget(set(ids))
            finally:
                catalogue.close()
        erased = search(library.at.file, self.settings.index, sentences, forgotten)
        left = self._delete_uploads(entries[id].path for id in ids)
        return replace(erased, found=(*erased.found, *left))

    def backup(self, target: Path, *, force: bool) -> None:
        """Write the record as it is now into one file; others may write meanwhile."""
        self._existing().backup(target, force=force)

    def restore(self, source: Path, progress: Progress | None = None) -> "tuple[int, Path | None]":
        """Make the record what a backup holds: how many documents that are, and where the record
        that was there went, if it was damaged.
        """
        from index.record.library import restore

        self._require_database()
        aside = restore(self.settings.database, source, told=self._told)
        count = len(self._record().entries())
        if count or self.holdings.folder:
            self.index(progress).store.close()
        return count, aside

    def _engine(self, order: Order, recipe: str, files: int) -> "Engine":
        from index.job import Workshop
        from index.workers import Limits, run

        settings = self.settings
        lexicon = compiled_lexicon(settings.index, settings.glossary, settings.thesaurus)
        workshop = Workshop(lexicon.to_json(), settings.embedder, recipe, order.ocr)
        limits = Limits(settings.ingest_seconds, settings.ingest_memory * 1_000_000)
        if order.engine == "ray":
            from index.cluster import run as run_on_ray

            return lambda jobs: run_on_ray(jobs, workshop, address=order.address, limits=limits)
        workers = min(order.workers or settings.ingest_workers, files)
        return lambda jobs: run(jobs, workshop, workers=workers, limits=limits)

    def _translated_before(self, library: "Library", writer: "Writer", ids: Iterable[str]) -> None:
        """Documents that were read anew get the machine editions of what they still say back."""
        known = [id for id in ids if any(library.translations(id, lang) for lang in ("ko", "en"))]
        if known:
            editions = Editions(library, writer, self._tools())
            for id in known:
                editions.apply(id)

    def _tools(self) -> Tools:
        settings = self.settings
        lexicon = compiled_lexicon(settings.index, settings.glossary, settings.thesaurus)
        embedder = load_embedder(settings.embedder)
        hashed = lexicon_hash(settings.glossary, settings.thesaurus)
        recipe = recipe_of(embedder, hashed).fingerprint()
        return Tools(Analyzer(load_morphology(lexicon.names), lexicon), embedder, recipe)

    def _delete_uploads(self, paths: Iterable[str]) -> list[str]:
        """Delete those of `paths` that were uploaded; gives the files that are still there."""
        left = []
        for path in map(Path, paths):
            if path.parent != self.uploads.absolute():
                continue  # a file of its owner's, which was only read
            try:
                path.unlink(missing_ok=True)
            except OSError:
                left.append(str(path))
        return left

    def _folder_ids(self) -> set[str]:
        folder = self.holdings.folder
        return {document.id for document in load_library(folder)} if folder else set()

    def _nowhere_in_folder(self, sentences: list[bytes]) -> list[bytes]:
        """Those that no document of the folder has, which stays: its words prove nothing."""
        folder = self.holdings.folder
        stays = b"\0".join(
            text.encode("utf-8", "replace")
            for document in (load_library(folder) if folder else ())
            for text in (document.text, *document.translations.values())
        )
        return [sentence for sentence in sentences if sentence not in stays]

    def _require_kept(self, ids: Sequence[str], kept: "dict[str, Entry]") -> None:
        if in_folder := sorted(set(ids) & self._folder_ids()):
            raise InputError(
                f"{', '.join(in_folder)}: a file of the library folder {self.holdings.folder}, "
                "which is read where it lies. Delete the file there, or do without the folder: "
                f"CITEBRIEF_LIBRARY={NONE}"
            )
        if unknown := [id for id in ids if id not in kept]:
            raise InputError(
                f"There is no document {', '.join(map(repr, unknown))} to forget, so none was "
                "forgotten. The ids are shown by: citebrief documents"
            )

    def _record(self) -> "Library":
        self._require_database()
        library = self.holdings.record(create=True)
        if library is None:
            raise InputError("There is no record to write to; set CITEBRIEF_DATABASE.")
        return library

    def _require_database(self) -> None:
        if self.settings.database == NONE:
            raise InputError(
                f"CITEBRIEF_DATABASE={NONE}: documents cannot be kept without a database. Unset "
                "it, or set it to sqlite:///PATH or postgresql://…"
            )

    def _existing(self) -> "Library":
        self._require_database()
        library = self.holdings.record()
        if library is None:
            raise InputError(
                "There is nothing to back up: no document was ingested yet. Ingest one with: "
                "citebrief ingest PATH"
            )
        return library
