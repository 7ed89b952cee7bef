"""Read the members of a zip file, and XML, without trusting either.

Sizes that a zip declares are checked first and the real ones while unpacking, so that a bomb costs
no more than the limits below. Members are only ever read into memory, never written, so that a name
such as ../../etc/passwd leads nowhere; zips inside are not opened.
Not covered: zips that need a password.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.parse.errors import UnreadableError, bomb, damaged, shown, unreadable

MOST_MEMBERS = 10_000
LARGEST_MEMBER = 200_000_000  # bytes, unpacked, of one member that we read
LARGEST_TOTAL = 400_000_000  # and of all that we read
LARGEST_DECLARED = 4_000_000_000  # of everything in it, pictures included, as declared
SMALL = 10_000_000  # bytes below which no ratio is suspicious
HIGHEST_RATIO = 150  # unpacked to packed; XML of real documents stays below 40

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a method of packing that zipfile does not know
    RuntimeError,  # needs a password; also raised on some damage
    ValueError,
    KeyError,
    OverflowError,
    IndexError,
    UnicodeError,
)


class Archive:
    """An open zip file. Errors are UnreadableError with the file's name and what to do."""

    def __init__(self, path: Path, zip_file: zipfile.ZipFile) -> None:
        self._path = path
        self._zip = zip_file
        self._members = {info.filename: info for info in zip_file.infolist()}
        self._read = 0  # bytes unpacked so far

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names, in the order of the zip's directory."""
        return tuple(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """A member's bytes, unpacked within the limits."""
        info = self._members.get(name)
        if info is None:
            raise damaged(self._path, f"its part {shown(name)} is missing")
        if info.flag_bits & 1:
            raise UnreadableError(
                "encrypted",
                f"{shown(self._path)} is protected by a password; save it without one.",
            )
        most = min(LARGEST_MEMBER, LARGEST_TOTAL - self._read)
        if info.file_size > most:
            raise bomb(self._path, f"{shown(name)} unpacks to {info.file_size:,} bytes")
        unpacked = self._unpack(info, most)
        self._read += len(unpacked)
        return unpacked

    @property
    def path(self) -> Path:
        """Where the zip lies, for messages."""
        return self._path

    def _unpack(self, info: zipfile.ZipInfo, most: int) -> bytes:
        pieces: list[bytes] = []
        length = 0
        try:
            with self._zip.open(info) as member:
                while piece := member.read(1 << 20):
                    pieces.append(piece)
                    length += len(piece)
                    # The declared size is not to be believed; zipfile stops at it, but the
                    # directory may be forged together with it.
                    if length > most or _suspicious(length, info.compress_size):
                        raise bomb(self._path, f"{shown(info.filename)} unpacks without end")
        except _BROKEN as error:
            raise damaged(self._path, f"its part {shown(info.filename)} is broken") from error
        return b"".join(pieces)


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The zip at `path`, its directory checked; UnreadableError where it is damaged or a bomb."""
    try:
        zip_file = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise damaged(path, "its zip directory is broken") from error
    except OSError as error:
        raise unreadable(path, error) from error
    with zip_file:
        _check(path, zip_file.infolist())
        yield Archive(path, zip_file)


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise bomb(path, f"it holds {len(members):,} members")
    declared = sum(info.file_size for info in members)
    if declared > LARGEST_DECLARED:
        raise bomb(path, f"it unpacks to {declared:,} bytes")
    for info in members:
        if _suspicious(info.file_size, info.compress_size):
            raise bomb(path, f"{shown(info.filename)} unpacks to {info.file_size:,} bytes")


def _suspicious(unpacked: int, packed: int) -> bool:
    return unpacked > SMALL and unpacked > HIGHEST_RATIO * max(packed, 1)
