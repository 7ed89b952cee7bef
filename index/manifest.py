"""What an index was made of, and whether its folder still holds it.

A manifest names the documents, the embedder, the lexicon and the versions that an index depends on.
It is written into the index's folder last, with a checksum of every file whose bytes never change,
so that a folder with a whole manifest and whole files is a whole index.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import chunk as chunking
from index import morphology as words
from index.store import EXACT_UP_TO

FORMAT = 5
FLOAT = 4  # bytes of a number in Chroma's graph
# The Chroma folder's name goes on with a token of its own: Chroma keeps a client for a path while
# the process lives, and would answer for a rebuilt folder from the damaged one.
VECTORS = "chroma-"
NAME = re.compile(r"[0-9a-f]{16}")  # of an index's folder


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made of; two equal manifests give the same index."""

    documents: str  # digest of every file of the library's folder
    embedder: str
    embedder_version: str
    dimensions: int
    lexicon: str
    format: int = FORMAT
    chunking: int = chunking.VERSION
    morphology: int = words.VERSION
    record: str = ""  # state of the record of documents, where there is one

    def fingerprint(self) -> str:
        """Sixteen hex digits that name the index's folder."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest_of(files: Sequence[Path]) -> str:
    """Sixteen hex digits that stand for the names and contents of `files`."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def write_receipt(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and the checksums into a folder that holds everything else."""
    receipt = {
        "manifest": dataclasses.asdict(manifest),
        "files": {
            name: _file_digest(folder / name) for name in _own_files(folder, manifest.dimensions)
        },
    }
    (folder / "manifest.json").write_text(json.dumps(receipt, indent=1), encoding="utf-8")


def _receipt(folder: Path, part: str) -> dict[str, Any] | None:
    """The `manifest` or the `files` of what was written, or None where it cannot be read."""
    try:
        return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))[part])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def damage(folder: Path) -> str | None:
    """What is wrong with a folder, judged by the checksums of the files that only we write."""
    if not folder.exists():
        return "there is none yet"
    if (digests := _receipt(folder, "files")) is None:
        return "its manifest is missing or damaged"
    for name in sorted({"passages.jsonl", "documents.jsonl", "lexicon.json"} | digests.keys()):
        try:
            whole = _file_digest(folder / name) == digests.get(name)
        except OSError:
            return f"the file {name} is missing"
        if not whole:
            return f"the file {name} is damaged"
    return None


def news(root: Path, manifest: Manifest) -> str:
    """What is no longer as in the newest index there is."""
    new = dataclasses.asdict(manifest)
    for folder in indexes(root):
        if (old := _receipt(folder, "manifest")) is None:
            continue
        changed = [name.replace("_", " ") for name in new if old.get(name) != new[name]]
        return "changed since the last one: " + ", ".join(changed or ["its folder"])
    return "there is none yet"


def superseded(root: Path, current: Path) -> list[Path]:
    """The indexes that differ from `current` in nothing but the state of the record."""
    own = _receipt(current, "manifest") or {}
    return [
        folder
        for folder in indexes(root)
        if folder != current
        and own.get("record")
        and {**(_receipt(folder, "manifest") or {}), "record": own["record"]} == own
    ]


def file_made_with(root: Path, name: str, parts: Mapping[str, str | int]) -> Path | None:
    """The undamaged file `name` of the newest index whose manifest has these parts."""
    for folder in indexes(root):
        old = _receipt(folder, "manifest") or {}
        digests = _receipt(folder, "files") or {}
        if all(old.get(key) == part for key, part in parts.items()):
            with suppress(OSError):
                if _file_digest(folder / name) == digests.get(name):
                    return folder / name
    return None


def indexes(root: Path) -> list[Path]:
    """The indexes under `root`, newest first; other folders that stand there are none of ours."""
    manifests = []
    for path in root.iterdir():
        with suppress(OSError):
            if NAME.fullmatch(path.name):
                manifests.append(((path / "manifest.json").stat().st_mtime, path))
    return [path for _, path in sorted(manifests, reverse=True)]


def _own_files(folder: Path, dimensions: int) -> list[str]:
    """The files whose bytes never change after building.

    Chroma touches its database when it opens it, and the graph of a small collection, which nobody
    searches; the graph of a large one it only reads, and garbage there would end the process.
    """
    searched = {
        graph.parent
        for graph in folder.glob(f"{VECTORS}*/*/data_level0.bin")
        if graph.stat().st_size > EXACT_UP_TO * dimensions * FLOAT
    }
    files = [p for p in folder.rglob("*") if p.is_file()]
    return sorted(
        p.relative_to(folder).as_posix()
        for p in files
        if not p.relative_to(folder).parts[0].startswith(VECTORS) or p.parent in searched
    )


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
