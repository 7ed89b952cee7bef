"""A mixed folder of documents in Korean and English whose right answers are known.

`make_folder` writes the project's evaluation documents, and texts made up for it, as PDF, DOCX,
HTML, Markdown, TXT and HWPX in the forms they are published in, with a `hostile` folder of files
that must be skipped, and beside the folder a manifest: what each file holds or why it cannot be
read, and questions with the sentences that answer them. The same seed gives the same bytes, with
one build of Chromium, pdfium and zlib. Not covered: that real files are as these are.
"""

import argparse
import dataclasses
import json
import re
import sys
import unicodedata
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from eval import folder_docx, folder_hwpx, folder_print, folder_scan, folder_typeset, folder_web
from eval.folder_hostile import FOLDER, LINKS, hostile, link
from eval.folder_plan import DELETED, EDITED, REPLACED, Entry, plan
from eval.folder_sources import Asked, Source, sources
from index.errors import InputError
from index.types import Lang

MAKERS = {
    **folder_docx.MAKERS,
    **folder_hwpx.MAKERS,
    **folder_print.MAKERS,
    **folder_scan.MAKERS,
    **folder_typeset.MAKERS,
    **folder_web.MAKERS,
}
PRINTERS = 2  # Chromium processes at a time
QUOTES = str.maketrans(dict.fromkeys("“”„‟″〝〞＂«»", '"') | dict.fromkeys("‘’‚‛′＇`´", "'"))


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder with what should become of it."""

    path: str  # in the folder, as the file system holds it
    format: str  # what the bytes are; of a hostile file the suffix
    source: str | None
    lang: Lang | None
    outcome: Literal["kept", "skipped"]
    code: str | None = None  # why it is skipped
    also: tuple[str, ...] = ()  # other codes that are as right
    note: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a folder and the questions about its sources."""

    seed: int
    files: tuple[File, ...]
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What `change_folder` did to one document; `before` and `after` are sentences of an edit."""

    kind: Literal["edited", "replaced", "deleted"]
    path: str
    source: str
    now: str | None = None  # the path where the document stands now
    before: str | None = None
    after: str | None = None


def make_folder(target: Path, *, seed: int = 0) -> Manifest:
    """Write the folder `target`, which must be new or empty, and its manifest beside it.

    The manifest is `NAME.manifest.json`; `NAME.outside` is a folder that links in `hostile` lead
    to, which must not be read.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is not empty; name a folder that does not exist yet.")
    entries = plan()
    with ThreadPoolExecutor(PRINTERS) as printers:
        printing: dict[str, Future[bytes]] = {
            e.path: printers.submit(_content, e, sources()[e.source], seed)
            for e in entries
            if e.maker == "printed"
        }
        for entry in entries:
            waiting = printing.get(entry.path)
            content = (
                waiting.result() if waiting else _content(entry, sources()[entry.source], seed)
            )
            _write(target / entry.path, content)
    files = [_file(entry) for entry in entries] + _write_hostile(target, seed)
    used = {entry.source for entry in entries}
    questions = tuple(q for s in sources().values() if s.id in used for q in s.questions)
    made = Manifest(seed, tuple(files), questions)
    text = json.dumps(dataclasses.asdict(made), ensure_ascii=False, indent=1)
    manifest_path(target).write_text(text + "\n", encoding="utf-8")
    return made


def manifest_path(target: Path) -> Path:
    """The manifest of the folder `target`, which stands beside it."""
    return target.parent / f"{target.name}.manifest.json"


def change_folder(target: Path, *, seed: int = 0) -> tuple[Changed, ...]:
    """Edit a sentence in three documents, replace one by another format, delete one."""
    entries = {entry.path: entry for entry in plan()}
    done = []
    for path in EDITED:
        entry, source = entries[path], sources()[entries[path].source]
        if source.change is None:
            raise ValueError(f"{source.id} names no change")
        _write(target / path, _content(entry, source.changed(), seed))
        change = source.change
        done.append(Changed("edited", path, source.id, path, change.before, change.after))
    old, new = REPLACED
    (target / old).unlink()
    _write(target / new.path, _content(new, sources()[new.source], seed))
    done.append(Changed("replaced", old, new.source, new.path))
    (target / DELETED).unlink()
    done.append(Changed("deleted", DELETED, entries[DELETED].source))
    return tuple(done)


def recovered(source_sentences: Sequence[str], document_text: str) -> float:
    """The share, 0 to 1, of the sentences that stand in the text verbatim.

    White space, Unicode form and the style of quotation marks do not count; no sentence gives 1.
    """
    text = bare(document_text)
    wanted = [own for sentence in source_sentences if (own := bare(sentence))]
    if not wanted:
        return 1.0
    return sum(own in text for own in wanted) / len(wanted)


def bare(text: str) -> str:
    """What of a text is compared: no white space, NFC, one style of quotation marks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text)).translate(QUOTES)


def _content(entry: Entry, source: Source, seed: int) -> bytes:
    return MAKERS[entry.maker](source, entry.style, Random(f"{seed}:{entry.path}"))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _file(entry: Entry) -> File:
    lang = sources()[entry.source].lang
    note = f"{entry.maker} {entry.style}"
    return File(entry.path, entry.format, entry.source, lang, "kept", note=note)


def _write_hostile(target: Path, seed: int) -> list[File]:
    files = []
    for one in hostile():
        path = f"{FOLDER}/{one.name}"
        _write(target / path, one.make(Random(f"{seed}:{path}")))
        suffix = Path(one.name).suffix.removeprefix(".")
        files.append(File(path, suffix, None, None, "skipped", one.code, one.also, one.note))
    link(target / FOLDER, target.parent / f"{target.name}.outside")
    for name, code, note in LINKS:
        files.append(File(f"{FOLDER}/{name}", "", None, None, "skipped", code, note=note))
    return files


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the folder that the command line names, or change it, and say what is in it."""
    parser = argparse.ArgumentParser(prog="python -m eval.folder", description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--change", action="store_true", help="change a folder made before")
    given = parser.parse_args(arguments)
    if given.change:
        changes = [dataclasses.asdict(c) for c in change_folder(given.target, seed=given.seed)]
        sys.stdout.write(json.dumps(changes, ensure_ascii=False, indent=1) + "\n")
        return
    made = make_folder(given.target, seed=given.seed)
    kept = [file for file in made.files if file.outcome == "kept"]
    skipped = len(made.files) - len(kept)
    sys.stdout.write(
        f"{len(kept)} documents, {skipped} files to skip, {len(made.questions)} questions: "
        f"{manifest_path(given.target)}\n"
    )


if __name__ == "__main__":
    main()
