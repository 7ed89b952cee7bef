"""Build and open the index of a library: staged, atomic, rebuilt whenever it would be wrong.

The index is a cache. A manifest says what it was made of (documents, embedder, lexicon, versions);
its fingerprint names the folder, so an index for other inputs never stands in the way. It is built
in a folder of its own and moved into place under a lock, so that a killed or a second process does
no harm, and a folder in place is only read. Damage (checksums, Chroma's own errors) means a
rebuild, with one line that says why.
"""

import dataclasses
import json
import logging
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from index.chroma import StoreServer, require
from index.chunk import chunk
from index.errors import CiteBriefError, InputError
from index.lexical import LexicalArm, write_lexical
from index.lexicon import GLOSSARY, THESAURUS, Lexicon, compile_lexicon, lexicon_hash
from index.load import library_files, load_library
from index.manifest import VECTORS, Manifest, damage, digest_of, indexes, news, write_receipt
from index.models import Embedder, Vectors
from index.morphology import Morphology, Token, load_morphology
from index.prepare import Recipe
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
Tokens = dict[str, list[Token]]  # by text: Kiwi takes its time, and need not twice


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
    library: Path,
    root: Path,
    embedder: Embedder,
    *,
    glossary: Path = GLOSSARY,
    thesaurus: Path = THESAURUS,
    progress: Progress | None = None,
    store: StoreServer | None = None,
) -> Index:
    """The index of `library`, built under `root` first where there is none that fits.

    With a `store`, its neighbours are kept and searched on that server.
    """
    documents = load_library(library)
    manifest = Manifest(
        documents=digest_of(library_files(library)),
        embedder=embedder.name,
        embedder_version=embedder.version,
        dimensions=embedder.dimensions,
        lexicon=lexicon_hash(glossary, thesaurus),
    )
    folder = root / manifest.fingerprint()
    address = None if store is None else _address(store, manifest)
    index = _read(folder, manifest, documents, embedder, address)
    if isinstance(index, Index):
        return index
    _make_root(root)
    with FileLock(root / "build.lock"):
        # Another process may have built it meanwhile.
        index = _read(folder, manifest, documents, embedder, address)
        if isinstance(index, Index):
            return index
        if store is not None:
            require(store)  # told before a long build
        log.warning("Building the index: %s.", index if folder.exists() else news(root, manifest))
        analyzer = _analyzer(compile_lexicon(glossary, thesaurus))
        with _staged(folder) as staged:
            _write(staged, manifest, documents, analyzer, embedder, progress, address)
        _forget_old(root, folder)
        index = _read(folder, manifest, documents, embedder, address)
    if isinstance(index, Index):
        return index
    raise CiteBriefError(
        f"The index in {folder} cannot be read although it was just built: {index}. Set "
        "CITEBRIEF_INDEX to a folder on another disk."
    )


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


def _write(
    folder: Path,
    manifest: Manifest,
    documents: Sequence[Document],
    analyzer: Analyzer,
    embedder: Embedder,
    progress: Progress | None,
    address: Address | None,
) -> None:
    """Fill the new `folder`; the manifest, which says that it is whole, comes last."""
    report = progress or (lambda step, done, total: None)
    folder.mkdir(parents=True)
    tokens: Tokens = {}
    passages = _cut(documents, analyzer.morphology, tokens, report)
    rows = [json.dumps(dataclasses.asdict(p), ensure_ascii=False) for p in passages]
    (folder / "passages.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "lexicon.json").write_text(analyzer.lexicon.to_json(), encoding="utf-8")
    readings = _write_terms(folder, passages, analyzer, tokens, report)
    own = [[" \n".join(FIELDS[lang](p)) for lang in ("ko", "en")] for p in passages]
    write_words(folder, (" ".join(readings.get(t, "") for t in texts).split() for texts in own))
    _write_vectors(folder, passages, analyzer, embedder, readings, report, address)
    write_receipt(folder, manifest)


def _cut(
    documents: Sequence[Document], morphology: Morphology, tokens: Tokens, report: Progress
) -> list[Passage]:
    """The passages of all documents; `tokens` gets those of their Korean sentences."""
    passages: list[Passage] = []
    for number, document in enumerate(documents, start=1):
        bodies = [
            document.text[block.char_start : block.char_end]
            for block in document.blocks
            if block.kind == "paragraph"
        ]
        spans = dict(zip(bodies, morphology.sentences_of(bodies, tokens), strict=True))
        passages += chunk(document, spans.__getitem__)
        report("reading", number, len(documents))
    if not passages:
        raise InputError("The documents of the library hold headings only; add sentences to them.")
    return passages


def _write_terms(
    folder: Path, passages: Sequence[Passage], analyzer: Analyzer, tokens: Tokens, report: Progress
) -> dict[str, str]:
    """Write the lexical arm of each field; gives the reading of every text that was analysed."""
    readings: dict[str, str] = {}
    for number, (name, field_of) in enumerate(FIELDS.items(), start=1):
        texts = [" \n".join(field_of(p)) for p in passages]
        places = [i for i, text in enumerate(texts) if text]
        if places:
            analysed = analyzer.analyse([texts[i] for i in places], tokens)
            terms = [text.terms for text in analysed]
            readings |= {texts[i]: a.reading for i, a in zip(places, analysed, strict=True)}
            if any(terms):
                known = frozenset(word for text in analysed for word in text.spoken)
                write_lexical(folder / f"bm25-{name}", terms, places, known)
        report("words", number, len(FIELDS))
    return readings


def _write_vectors(
    folder: Path,
    passages: Sequence[Passage],
    analyzer: Analyzer,
    embedder: Embedder,
    readings: dict[str, str],
    report: Progress,
    address: Address | None,
) -> None:
    """Write the dense arm; `readings` are those of texts analysed already."""

    def embed(texts: Sequence[str]) -> Vectors:
        if embedder.reads_terms:
            new = [text for text in texts if text not in readings]
            readings.update(zip(new, analyzer.reading(new), strict=True))
            texts = [readings[text] for text in texts]
        return embedder.embed(texts)

    total = sum(len(field_of(p)) for p in passages for field_of in FIELDS.values())
    done = 0
    vectors = None if address is not None else folder / f"{VECTORS}{secrets.token_hex(4)}"
    for stored in write_store(vectors, folder / TABLES, passages, embed, embedder.dimensions):
        done += stored
        report("vectors", done, total)
    if address is not None:
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
    folder: Path,
    manifest: Manifest,
    documents: Sequence[Document],
    embedder: Embedder,
    address: Address | None,
) -> Index | str:
    """The index in `folder`, or what keeps it from being read, in words that end a sentence."""
    if found := damage(folder, vectors_elsewhere=address is not None):
        return found
    try:
        passages = list(_passages(folder))
        lexicon = Lexicon.from_json((folder / "lexicon.json").read_text(encoding="utf-8"))
        arms = {name: folder / f"bm25-{name}" for name in FIELDS}
        return Index(
            folder=folder,
            manifest=manifest,
            documents={document.id: document for document in documents},
            passages=passages,
            analyzer=_analyzer(lexicon),
            lexical={name: LexicalArm(arm) for name, arm in arms.items() if arm.is_dir()},
            words=PassageWords(folder),
            store=PassageStore(
                next(folder.glob(f"{VECTORS}*"), folder), folder / TABLES, passages, address
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


def _forget_old(root: Path, current: Path) -> None:
    others = [folder for folder in indexes(root) if folder != current]
    leftovers = [path for path in root.iterdir() if STAGED.fullmatch(path.name)]
    for folder in [*others[KEPT - 1 :], *leftovers]:
        shutil.rmtree(folder, ignore_errors=True)
