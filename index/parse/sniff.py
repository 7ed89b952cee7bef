"""Name the formats that are not read, by their first bytes, with what their owner can do.

Not covered: formats without a signature, which are taken for text until their bytes say otherwise.
"""

from pathlib import Path

from index.parse.errors import UnreadableError, shown

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST = 20_000_000  # bytes of a compound file that are searched for the names of its streams

_PICTURE = "put it into a PDF, whose pages can be recognised"
_PACKED = "unpack it and name the files in it"
_SIGNATURES: tuple[tuple[bytes, int, str, str], ...] = (  # bytes, offset, what it is, what to do
    (b"{\\rtf", 0, "an RTF file", "save it as DOCX"),
    (b"HWP Document File", 0, "an old Hangul file (HWP 3)", "save it as HWPX"),
    (b"<HWPML", 0, "a Hangul XML file", "save it as HWPX"),
    (b"\x89PNG", 0, "a PNG picture", _PICTURE),
    (b"\xff\xd8\xff", 0, "a JPEG picture", _PICTURE),
    (b"GIF8", 0, "a GIF picture", _PICTURE),
    (b"II*\x00", 0, "a TIFF picture", _PICTURE),
    (b"MM\x00*", 0, "a TIFF picture", _PICTURE),
    (b"WEBP", 8, "a WebP picture", _PICTURE),
    (b"BM", 0, "a bitmap", _PICTURE),
    (b"\x7fELF", 0, "a program", "name a document"),
    (b"MZ", 0, "a program", "name a document"),
    (b"\xcf\xfa\xed\xfe", 0, "a program", "name a document"),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7z archive", _PACKED),
    (b"Rar!", 0, "a RAR archive", _PACKED),
    (b"\x1f\x8b", 0, "a gzip archive", _PACKED),
    (b"BZh", 0, "a bzip2 archive", _PACKED),
    (b"\xfd7zXZ\x00", 0, "an xz archive", _PACKED),
    (b"\x28\xb5\x2f\xfd", 0, "a zstd archive", _PACKED),
    (b"ALZ\x01", 0, "an ALZip archive", _PACKED),
    (b"EGGA", 0, "an EGG archive", _PACKED),
    (b"ustar", 257, "a tar archive", _PACKED),
    (b"ftyp", 4, "a video or picture", "name a document"),
    (b"ID3", 0, "a sound file", "name a document"),
    (b"OggS", 0, "a sound file", "name a document"),
    (b"RIFF", 0, "a sound or video file", "name a document"),
    (b"SQLite format 3\x00", 0, "a database", "name a document"),
    (b"%!PS", 0, "a PostScript file", "convert it to PDF"),
)
_ALWAYS_BINARY = (b"BM", b"MZ", b"ID3", b"RIFF", b"ALZ\x01", b"EGGA", b"BZh")  # also begin words


def foreign(path: Path, head: bytes) -> UnreadableError | None:
    """The error for a file of a known format that is not read; None where it may be ours."""
    if head.startswith(_OLE):
        return _compound(path)
    for signature, offset, what, advice in _SIGNATURES:
        if head[offset : offset + len(signature)] != signature:
            continue
        if signature in _ALWAYS_BINARY and b"\x00" not in head:
            continue  # a text may begin with these letters
        return UnreadableError("format", f"{shown(path)} is {what}, which is not read; {advice}.")
    return None


def _compound(path: Path) -> UnreadableError:
    """What an OLE compound file holds, by the names of its streams."""
    with open(path, "rb") as file:
        data = file.read(_MOST)
    if _utf16("EncryptedPackage") in data:
        return UnreadableError(
            "encrypted", f"{shown(path)} is protected by a password; save it without one."
        )
    if _utf16("FileHeader") in data or b"HWP Document File" in data:
        what, advice = "an old binary Hangul file (HWP)", "save it as HWPX in Hangul"
    elif _utf16("WordDocument") in data:
        what, advice = "an old binary Word file (DOC)", "save it as DOCX"
    elif _utf16("Workbook") in data or _utf16("Book") in data:
        what, advice = "an old Excel workbook (XLS)", "save it as PDF"
    elif _utf16("PowerPoint Document") in data:
        what, advice = "an old PowerPoint presentation (PPT)", "save it as PDF"
    else:
        what, advice = "an old Office or Windows file", "save it as DOCX, HWPX or PDF"
    return UnreadableError("format", f"{shown(path)} is {what}, which is not read; {advice}.")


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")
