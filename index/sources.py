"""Find the files that a user means: named files, folders with all below them, glob patterns.

What is named is tried whatever it is called; inside a folder, files of formats that are not read
are left out and counted. Nothing is opened but YAML files, which may be sidecars. Links that lead
out of the folder, files that are no files (pipes, sockets, devices) and places that may not be read
are skipped with the reason; nothing here raises for what lies on the disk. The order is the same
on every machine.
Hidden files are left out without a word. A README is a document like any other.
"""

import glob
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from index.errors import InputError
from index.load import Sidecar, read_sidecar
from index.parse.errors import one_line
from index.parse.errors import shown as shown
from index.parse.parser import SUFFIXES

Reason = Literal["missing", "format", "link", "special", "unreadable", "sidecar"]
LARGEST_SIDECAR = 100_000  # bytes
DEEPEST_SIDECAR = 40  # brackets inside each other; reading takes the square of their number
_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be read, and the YAML beside it that describes it, if there is one."""

    path: Path
    sidecar: Path | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was named or found and is not read, with a sentence for its owner."""

    path: Path
    code: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the user means, each file once, and what is skipped; both in order of their paths."""

    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...]


@dataclass(slots=True)
class _Walk:
    files: dict[tuple[int, int], Path] = field(default_factory=dict)  # by device and inode
    skipped: dict[Path, Skipped] = field(default_factory=dict)
    folders: set[tuple[int, int]] = field(default_factory=set)

    def skip(self, path: Path, code: Reason, message: str) -> None:
        self.skipped.setdefault(path, Skipped(path, code, message))


def find_files(paths: Sequence[str]) -> Found:
    """The files that `paths` mean; an existing path is itself, whatever signs are in its name."""
    walk = _Walk()
    for named in paths:
        for path in _named(named, walk):
            _take(path, walk)
    sidecars, used = _sidecars(walk)
    files = [
        SourceFile(path, sidecars.get(_key(path)))
        for path in sorted(walk.files.values(), key=_order)
        if path not in used
    ]
    skipped = sorted(walk.skipped.values(), key=lambda s: _order(s.path))
    return Found(tuple(files), tuple(skipped))


def _named(named: str, walk: _Walk) -> list[Path]:
    """The paths that one argument stands for."""
    if "\0" in named or not named.strip():
        walk.skip(Path(named.replace("\0", "")), "missing", f"{shown(named)!r} is no path.")
        return []
    path = Path(named).expanduser() if named.startswith("~") else Path(named)
    if os.path.lexists(path):
        return [path]
    found: list[str] = []
    if _MAGIC & set(named):
        # A pattern finds what is not hidden; a folder that ** finds gives its files by itself.
        found = [p for p in glob.iglob(str(path), recursive=True) if not os.path.isdir(p)]
        if "**" not in Path(named).parts:
            found += [p for p in glob.iglob(str(path)) if os.path.isdir(p)]
        found = [p for p in found if _is_ours(Path(p)) or os.path.isdir(p)] or found
    if not found:
        what = "matches nothing" if _MAGIC & set(named) else "does not exist"
        walk.skip(path, "missing", f"{shown(path)} {what}; correct the path.")
    return [Path(p) for p in sorted(found, key=os.fsencode)]


def _take(path: Path, walk: _Walk) -> None:
    """Take a path that a user named: a file as it is, a folder with all below it."""
    try:
        status = os.stat(path)
    except OSError as error:
        _skip_unreadable(path, error, walk)
        return
    if stat.S_ISDIR(status.st_mode):
        try:
            root = path.resolve()
        except (OSError, RuntimeError) as error:
            walk.skip(path, "unreadable", f"{shown(path)} cannot be followed: {error}.")
            return
        _take_folder(path, root, walk)
    else:
        _take_file(path, status, walk)


def _take_file(path: Path, status: os.stat_result, walk: _Walk) -> None:
    if not stat.S_ISREG(status.st_mode):
        walk.skip(path, "special", f"{shown(path)} is a pipe, socket or device; name a file.")
    elif not os.access(path, os.R_OK):
        walk.skip(path, "unreadable", f"{shown(path)} may not be read; change its permissions.")
    else:
        same = (status.st_dev, status.st_ino)
        known = walk.files.get(same)
        if known is None or _order(path) < _order(known):
            walk.files[same] = path


def _take_folder(folder: Path, root: Path, walk: _Walk) -> None:
    """Take what is below a folder; `root` is the real place of the folder that the user named."""
    pending = [folder]
    while pending:
        here = pending.pop()
        try:
            status = os.stat(here)
            if (status.st_dev, status.st_ino) in walk.folders:
                continue  # a link led back, or the folder was named twice
            walk.folders.add((status.st_dev, status.st_ino))
            with os.scandir(here) as entries:
                names = sorted((entry.name for entry in entries), key=os.fsencode)
        except OSError as error:
            _skip_unreadable(here, error, walk)
            continue
        for name in names:
            if not name.startswith("."):
                pending += _take_entry(here / name, root, walk)


def _take_entry(path: Path, root: Path, walk: _Walk) -> Iterator[Path]:
    """Take one entry of a folder; folders come back, to be walked."""
    try:
        status = os.stat(path)
        outside = path.is_symlink() and not path.resolve().is_relative_to(root)
    except (OSError, RuntimeError) as error:  # a link to nowhere or to itself
        _skip_unreadable(path, error, walk)
        return
    if outside:
        walk.skip(
            path,
            "link",
            f"{shown(path)} is a link that leads out of the folder; name its target to read it.",
        )
    elif stat.S_ISDIR(status.st_mode):
        yield path
    elif not stat.S_ISREG(status.st_mode):
        walk.skip(path, "special", f"{shown(path)} is a pipe, socket or device, not a file.")
    elif _is_ours(path) or path.suffix.lower() == ".yaml":
        _take_file(path, status, walk)
    elif path.suffix.lower() != ".jsonl":
        what = f"of the type {shown(path.suffix)}" if path.suffix else "without a type"
        walk.skip(
            path, "format", f"{shown(path)} is {what}, which is not read; name the file to try it."
        )


def _skip_unreadable(path: Path, error: Exception, walk: _Walk) -> None:
    if path.is_symlink() and not isinstance(error, PermissionError):
        walk.skip(path, "link", f"{shown(path)} is a link that leads nowhere or to itself.")
    elif isinstance(error, PermissionError):
        walk.skip(path, "unreadable", f"{shown(path)} may not be read; change its permissions.")
    else:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        walk.skip(path, "unreadable", f"{shown(path)} cannot be read ({reason}).")


# --- sidecars -------------------------------------------------------------------------------------


def _sidecars(walk: _Walk) -> tuple[dict[tuple[str, str], Path], set[Path]]:
    """The sidecar of each file that has one, and the files that are only there for sidecars.

    Asked are the YAML files beside the files found; those that describe nothing are no documents.
    """
    described: dict[tuple[str, str], Path] = {}
    used: set[Path] = set()
    folders = {path.parent for path in walk.files.values()}
    names = {_composed(path.name) for path in walk.files.values()}
    for folder in sorted(folders, key=_order):
        for path in _yaml_files(folder):
            meant = path in walk.files.values()
            used.add(path)
            sidecar = _read_sidecar(path, walk) if meant or _names_any(path, names) else None
            if sidecar is None:
                continue
            key = (str(folder), _composed(sidecar.file))
            if key in described:
                walk.skip(
                    path,
                    "sidecar",
                    f"{shown(path)} and {shown(described[key].name)} both describe "
                    f"{shown(sidecar.file)}; remove one.",
                )
                continue
            described[key] = path
            more = (sidecar.edition, sidecar.restatements)
            used.update(folder / name for name in more if name)
    return described, used


def _yaml_files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [e.name for e in entries if e.is_file() and not e.name.startswith(".")]
    except OSError:
        return []
    names = [name for name in names if name.lower().endswith(".yaml")]
    return [folder / name for name in sorted(names, key=os.fsencode)]


def _names_any(path: Path, names: set[str]) -> bool:
    """Whether a YAML file that the user did not name speaks of a file that was found."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = _composed(file.read(LARGEST_SIDECAR))
    except OSError:
        return False
    return any(name in text for name in names)


def _read_sidecar(path: Path, walk: _Walk) -> Sidecar | None:
    try:
        if path.stat().st_size > LARGEST_SIDECAR:
            raise InputError(f"{path} is larger than {LARGEST_SIDECAR // 1000} kB; shorten it.")
        if _depth(path.read_bytes()) > DEEPEST_SIDECAR:
            raise InputError(f"{path} has too many brackets inside each other; correct it.")
        return read_sidecar(path)
    except (InputError, RecursionError, OSError) as error:
        said = str(error) if isinstance(error, InputError) else f"{path} cannot be read."
        message = one_line(" ".join(said.replace(str(path), shown(path)).split()))
        walk.skip(path, "sidecar", message)
        return None


def _depth(yaml: bytes) -> int:
    """How many opening brackets of a YAML file are open at once, at most."""
    depth = deepest = 0
    for byte in yaml:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth = max(depth - 1, 0)
    return deepest


def _key(path: Path) -> tuple[str, str]:
    return str(path.parent), _composed(path.name)


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)  # macOS writes names in NFD


def _is_ours(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _order(path: Path) -> tuple[str, bytes]:
    """Composed names first, so that a folder reads in the same order on every system."""
    return _composed(os.fsdecode(os.fsencode(path))), os.fsencode(path)
