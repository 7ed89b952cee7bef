"""Build and open the index of a library: staged, atomic, rebuilt whenever it would be wrong.

A library is a folder of files, the documents that a record keeps (`Kept`), or both. The index is a
cache of them. A manifest says what it was made of (documents, embedder, lexicon, versions); its
fingerprint names the folder, so an index for other inputs never stands in the way. It is built in a
folder of its own and moved into place under a lock, so that a killed or a second process does no
harm, and a folder in place is only read. Damage (checksums, Chroma's own errors) means a rebuild,
with one line that says why.
"""

import dataclasses
import json
import logging
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np
from filelock import FileLock

from index import morphology
from index.chroma import StoreServer, require
from index.documents import document_ids, read_documents, write_documents
from index.errors import CiteBriefError, InputError
from index.lexical import LexicalArm, write_lexical
from index.lexicon import GLOSSARY, THESAURUS, Lexicon, compile_lexicon, lexicon_hash
from index.load import library_files, load_library
from index.manifest import (
    VECTORS,
    Manifest,
    damage,
    digest_of,
    file_made_with,
    indexes,
    news,
    superseded,
    write_receipt,
)
from index.models import Embedder, Vectors
from index.morphology import load_morphology
from index.prepare import HalfVectors, Prepared, Recipe, prepare, recipe_of
from index.shelf import Address
from index.store import FIELDS, DamagedStoreError, PassageStore, share, write_store
from index.terms import Analyzer
from index.types import Document, Passage
from index.word_vectors import PassageWords, write_words

TABLES = "vectors"  # the folder of the same vectors as plain tables
STAGED = re.compile(r"building-[0-9]+")  # of a folder in which a process builds one
KEPT = 4  # indexes kept on disk: other processes and libraries may still use the ones before
log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


class Snapshot(Protocol):
    """The documents that a record keeps, as they stand at one moment."""

    @property
    def state(self) -> str:
        """A digest that changes whenever what search sees of them does."""

    @property
    def ids(self) -> Sequence[str]:
        """Their ids, in the order that the index has them in."""

    def prepared(self, document_id: str, recipe: str) -> Prepared | None:
        """A document as it was kept, or None where it was prepared by another recipe."""

    def document(self, document_id: str) -> Document:
        """The document alone."""


class Kept(Protocol):
    """A record of documents (`index.record`) as the index sees it."""

    def state(self) -> str:
        """That of a snapshot taken now, told at once."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """What is kept now; it stays as it is until the end, whatever is kept meanwhile."""


@dataclass(slots=True)
class Index:
    """An open index: everything that a question needs."""

    folder: Path
    manifest: Manifest
    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    analyzer: Analyzer
    lexical: Mapping[str, LexicalArm]
    words: PassageWords
    store: PassageStore
    embedder: Embedder

    def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """Vectors of `texts` as the index's embedder reads them, shape (len(texts), dimensions)."""
        read = self.analyzer.reading(texts) if self.embedder.reads_terms else texts
        return self.embedder.embed(read, question=question)


def open_index(
    library: Path | None,
    root: Path,
    embedder: Embedder,
    *,
    kept: Kept | None = None,
    glossary: Path = GLOSSARY,
    thesaurus: Path = THESAURUS,
    progress: Progress | None = None,
    store: StoreServer | None = None,
) -> Index:
    """The index of the folder `library` and of what is `kept`.

    It is built under `root` first where there is none that fits. With a `store`, its neighbours are
    kept and searched on that server.
    """
    files = library_files(library) if library else []
    lexicon = lexicon_hash(glossary, thesaurus)
    manifest = _manifest(files, kept.state() if kept else "", embedder, lexicon)
    index = _read(root, manifest, embedder, store)
    if isinstance(index, Index):
        return index
    _make_root(root)
    with FileLock(root / "build.lock"), _snapshot(kept) as snapshot:
        # Another process may have built it, and what is kept may have changed.
        manifest = _manifest(files, snapshot.state if snapshot else "", embedder, lexicon)
        folder = root / manifest.fingerprint()
        index = _read(root, manifest, embedder, store)
        if isinstance(index, Index):
            return index
        if store is not None:
            require(store)  # told before a long build
        documents = load_library(library) if library else []
        log.warning("Building the index: %s.", index if folder.exists() else news(root, manifest))
        analyzer = _analyzer(compiled_lexicon(root, glossary, thesaurus))
        report = progress or (lambda step, done, total: None)
        prepared = _prepare_all(documents, snapshot, analyzer, embedder, manifest, report)
        with _staged(folder) as staged:
            _write(staged, manifest, prepared, analyzer.lexicon, report, store)
        _forget_old(root, folder)
        index = _read(root, manifest, embedder, store)
    if isinstance(index, Index):
        return index
    raise CiteBriefError(
        f"The index in {folder} cannot be read although it was just built: {index}. Set "
        "CITEBRIEF_INDEX to a folder on another disk."
    )


def _manifest(files: Sequence[Path], state: str, embedder: Embedder, lexicon: str) -> Manifest:
    return Manifest(
        documents=digest_of(files),
        # A record without documents, made for a user or a rating, changes nothing that is searched.
        record=state if state.strip("0") else "",
        embedder=embedder.name,
        embedder_version=embedder.version,
        dimensions=embedder.dimensions,
        lexicon=lexicon,
    )


def _snapshot(kept: Kept | None) -> AbstractContextManager[Snapshot | None]:
    return kept.snapshot() if kept else nullcontext()


def compiled_lexicon(root: Path, glossary: Path, thesaurus: Path) -> Lexicon:
    """The lexicon of both files, taken from an index under `root` where one was made with it.

    To compile it takes seconds.
    """
    made: dict[str, str | int] = {
        "lexicon": lexicon_hash(glossary, thesaurus),
        "morphology": morphology.VERSION,
    }
    known = file_made_with(root, "lexicon.json", made) if root.is_dir() else None
    if known is None:
        return compile_lexicon(glossary, thesaurus)
    return Lexicon.from_json(known.read_text(encoding="utf-8"))


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A folder to build in, moved to `folder` once it is whole; of one that fails nothing stays."""
    staged = folder.parent / f"building-{os.getpid()}"
    shutil.rmtree(staged, ignore_errors=True)
    try:
        yield staged
        shutil.rmtree(folder, ignore_errors=True)
        staged.rename(folder)
    except (OSError, DamagedStoreError) as error:
        fault = getattr(error, "strerror", None) or error
        raise CiteBriefError(
            f"The index could not be written to {folder.parent}: {fault}. Free the space or set "
            "CITEBRIEF_INDEX to a folder that can be written."
        ) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _analyzer(lexicon: Lexicon) -> Analyzer:
    return Analyzer(load_morphology(lexicon.names), lexicon)


def _prepare_all(
    documents: Sequence[Document],
    snapshot: Snapshot | None,
    analyzer: Analyzer,
    embedder: Embedder,
    manifest: Manifest,
    report: Progress,
) -> list[Prepared]:
    """Everything that the index is made of, in its order: the folder's documents, then the kept."""
    recipe = recipe_of(embedder, manifest.lexicon).fingerprint()
    ids = [*snapshot.ids] if snapshot else []
    _refuse_same_ids(documents, ids)
    total = len(documents) + len(ids)
    found: list[Prepared] = []
    for document in documents:
        found.append(prepare(document, analyzer, embedder, recipe))
        report("reading", len(found), total)
    for name in ids:
        if snapshot:
            known = snapshot.prepared(name, recipe)
            found.append(known or prepare(snapshot.document(name), analyzer, embedder, recipe))
            report("reading", len(found), total)
    if not found:
        raise InputError(
            "The library holds no document. Ingest one with: citebrief ingest PATH; or set "
            "CITEBRIEF_LIBRARY to a folder, or unset it for the brief."
        )
    if not any(one.passages for one in found):
        raise InputError("The documents of the library hold headings only; add sentences to them.")
    return found


def _refuse_same_ids(documents: Sequence[Document], kept: Sequence[str]) -> None:
    for document in documents:
        if document.id in kept:
            raise InputError(
                f"A file of the library folder and a document that was ingested both have the id "
                f"{document.id!r}. Rename the file, or: citebrief forget {document.id}"
            )


def _write(
    folder: Path,
    manifest: Manifest,
    prepared: Sequence[Prepared],
    lexicon: Lexicon,
    report: Progress,
    store: StoreServer | None,
) -> None:
    """Fill the new `folder`; the manifest, which says that it is whole, comes last."""
    folder.mkdir(parents=True)
    passages = [passage for one in prepared for passage in one.passages]
    rows = (json.dumps(dataclasses.asdict(p), ensure_ascii=False) + "\n" for p in passages)
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(rows)
    write_documents(folder, (one.document for one in prepared))
    (folder / "lexicon.json").write_text(lexicon.to_json(), encoding="utf-8")
    _write_terms(folder, prepared, report)
    write_words(folder, _words(prepared))
    _write_vectors(folder, passages, prepared, manifest, report, store)
    write_receipt(folder, manifest)


def _write_terms(folder: Path, prepared: Sequence[Prepared], report: Progress) -> None:
    """Write the lexical arm of each field."""
    sizes = [len(one.passages) for one in prepared]
    starts = [0, *accumulate(sizes)]
    for number, name in enumerate(FIELDS, start=1):
        places: list[int] = []
        terms: list[list[str]] = []
        known: set[str] = set()
        for start, one in zip(starts, prepared, strict=False):
            field = one.fields[name]
            places += [start + position for position in field.positions]
            terms += [text.terms for text in field.analysed]
            known.update(word for text in field.analysed for word in text.spoken)
        if any(terms):
            write_lexical(folder / f"bm25-{name}", terms, places, frozenset(known))
        report("words", number, len(FIELDS))


def _words(prepared: Sequence[Prepared]) -> Iterator[list[str]]:
    """The words of each passage in all languages that it reads in."""
    for one in prepared:
        own: list[list[str]] = [[] for _ in one.passages]
        for lang in ("ko", "en"):
            field = one.fields[lang]
            for position, text in zip(field.positions, field.analysed, strict=True):
                own[position] += text.reading.split()
        yield from own


def _write_vectors(
    folder: Path,
    passages: Sequence[Passage],
    prepared: Sequence[Prepared],
    manifest: Manifest,
    report: Progress,
    store: StoreServer | None,
) -> None:
    """Write the dense arm."""
    rows: dict[str, HalfVectors] = {}  # by text
    total = 0
    for one in prepared:
        for name, texts_of in FIELDS.items():
            texts = [text for passage in one.passages for text in texts_of(passage)]
            rows.update(zip(texts, one.fields[name].vectors, strict=True))
            total += len(texts)
    done = 0
    vectors = None if store is not None else folder / f"{VECTORS}{secrets.token_hex(4)}"

    def embed(texts: Sequence[str]) -> Vectors:
        return np.array([rows[text] for text in texts], np.float32)

    for stored in write_store(vectors, folder / TABLES, passages, embed, manifest.dimensions):
        done += stored
        report("vectors", done, total)
    if store is not None:
        address = _address(store, manifest)
        for done, total in share(address, folder / TABLES, passages):
            report("server", done, total)


def _address(store: StoreServer, manifest: Manifest) -> Address:
    """Where on the server the rows of an index are."""
    recipe = Recipe(
        manifest.embedder,
        manifest.embedder_version,
        manifest.dimensions,
        manifest.lexicon,
        manifest.chunking,
        manifest.morphology,
    )
    return Address(store, recipe.fingerprint(), manifest.fingerprint())


def _read(
    root: Path, manifest: Manifest, embedder: Embedder, store: StoreServer | None
) -> Index | str:
    """The index of `manifest` under `root`, or what keeps it from being read, in words that end a
    sentence.
    """
    folder = root / manifest.fingerprint()
    address = None if store is None else _address(store, manifest)
    if found := damage(folder):
        return found
    try:
        passages = list(_passages(folder))
        lexicon = Lexicon.from_json((folder / "lexicon.json").read_text(encoding="utf-8"))
        arms = {name: folder / f"bm25-{name}" for name in FIELDS}
        return Index(
            folder=folder,
            manifest=manifest,
            documents=read_documents(folder),
            passages=passages,
            analyzer=_analyzer(lexicon),
            lexical={name: LexicalArm(arm) for name, arm in arms.items() if arm.is_dir()},
            words=PassageWords(folder),
            store=PassageStore(
                next(folder.glob(f"{VECTORS}*"), folder / VECTORS),
                folder / TABLES,
                passages,
                address,
            ),
            embedder=embedder,
        )
    except DamagedStoreError as error:
        return f"its vectors cannot be read ({error})"
    except OSError as error:  # another process is replacing it
        return f"a file of it cannot be read ({error.strerror})"


def _passages(folder: Path) -> Iterator[Passage]:
    titles: dict[tuple[str, str], Mapping[str, str]] = {}  # one for all passages of a section
    restated: Mapping[str, tuple[str, ...]] = {}
    with (folder / "passages.jsonl").open(encoding="utf-8") as file:
        for line in file:
            stored = json.loads(line)
            section = sys.intern(stored["document_id"]), sys.intern(stored["section_id"])
            stored["document_id"], stored["section_id"] = section
            stored["section_titles"] = titles.setdefault(section, stored["section_titles"])
            if stored["text"] == stored["quote"]:
                stored["quote"] = stored["text"]
            stored["labels"] = tuple(stored["labels"])
            wordings = stored.pop("restatements").items()
            own = {lang: tuple(texts) for lang, texts in wordings} or restated
            yield Passage(**stored, restatements=own)


def _make_root(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
        probe = root / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink(missing_ok=True)  # two containers may have the same process id
    except OSError as error:
        raise CiteBriefError(
            f"The index folder {root} cannot be written ({error.strerror}). Set CITEBRIEF_INDEX to "
            "a folder that can."
        ) from error


def drop_indexes(root: Path, documents: Collection[str]) -> int:
    """Delete every index under `root` that holds one of these documents; gives how many."""
    if not root.is_dir():
        return 0
    with FileLock(root / "build.lock"):
        held = [f for f in indexes(root) if not {*document_ids(f)}.isdisjoint(documents)]
        leftovers = [path for path in root.iterdir() if STAGED.fullmatch(path.name)]
        for folder in [*held, *leftovers]:
            shutil.rmtree(folder, ignore_errors=True)
    return len(held)


def _forget_old(root: Path, current: Path) -> None:
    """Delete what the index `current` has taken the place of.

    That is every other state of the same record, which may hold what was forgotten meanwhile, and
    all but the newest indexes of other libraries.
    """
    for folder in superseded(root, current):
        shutil.rmtree(folder, ignore_errors=True)
    others = [folder for folder in indexes(root) if folder != current]
    leftovers = [path for path in root.iterdir() if STAGED.fullmatch(path.name)]
    for folder in [*others[KEPT - 1 :], *leftovers]:
        shutil.rmtree(folder, ignore_errors=True)
