"""Files that cannot be read, or must not be, each with the reason that ingestion has to give.

The codes are those of the parser's UnreadableError, and `link`. Some files may be refused for
more than one good reason; `also` names the others.
"""

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from random import Random

from eval.folder_zip import zipped

FOLDER = "hostile"
BOMB = 300 * 2**20  # bytes that the bomb unpacks to, from about 0.3 MiB
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file to be skipped: its name in the folder, its bytes, and why."""

    name: str
    code: str
    note: str
    make: Callable[[Random], bytes]
    also: tuple[str, ...] = ()


def hostile() -> Iterator[Hostile]:
    """The files in the order they are written; symlinks come by `link`."""
    yield Hostile("암호 보고서.pdf", "encrypted", "a password is needed to open it", _encrypted)
    yield Hostile("빈 파일.pdf", "empty", "0 bytes", lambda _: b"")
    yield Hostile("cut-off.pdf", "damaged", "the first 700 bytes of a PDF", _cut)
    yield Hostile("archive.docx", "bomb", "unpacks to 300 MiB", _zip_bomb, ("too-large",))
    yield Hostile("laughs.docx", "bomb", "entities that multiply", _laughs, _XML)
    yield Hostile("웃음.hwpx", "bomb", "entities that multiply", _laughs_hwpx, _XML)
    yield Hostile("행사 사진.png", "format", "a picture", lambda _: _png())
    yield Hostile("옛 공문.hwp", "format", "the old binary HWP format", _old_hwp)
    yield Hostile("broken.hwpx", "damaged", "a ZIP without its end", _broken_zip)
    yield Hostile("빈 문서.docx", "empty", "a DOCX of empty paragraphs", _empty_docx, ("no-text",))
    yield Hostile("password.docx", "encrypted", "an OLE file with EncryptedPackage", _ole_package)
    yield Hostile("blank-scan.pdf", "no-text", "a white page as a picture", _blank, ("empty",))
    yield Hostile("picture.docx", "format", "a PNG named .docx", lambda _: _png(), ("damaged",))
    yield Hostile("noise.txt", "encoding", "random bytes", _noise, ("format", "unreadable"))
    yield Hostile("frame.html", "empty", "a page without content", _frame, ("no-text",))
    yield Hostile(
        "spaces.md", "empty", "blanks and line ends", lambda _: b" \n\t\n" * 200, ("no-text",)
    )
    yield Hostile("setup.pdf", "format", "a Windows program named .pdf", _program, ("damaged",))
    yield Hostile("예산안.xlsx", "format", "a spreadsheet", _sheet)


_XML = ("damaged", "unreadable")
LINKS = (
    ("외부 링크.txt", "link", "a link to a file outside the folder"),
    ("elsewhere", "link", "a link to a folder outside the folder"),
)


def link(folder: Path, outside: Path) -> None:
    """Put links into `folder` to a file in `outside`, and to `outside` itself."""
    outside.mkdir(parents=True, exist_ok=True)
    (outside / "secret.txt").write_text(
        "This file lies outside the folder and must not be read.\n", encoding="utf-8"
    )
    for (name, _, _), target in zip(LINKS, (outside / "secret.txt", outside), strict=True):
        (folder / name).symlink_to(os.path.relpath(target, folder))


def _pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for number in range(3):
        canvas.drawString(72, 720, f"Confidential report, page {number + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _encrypted(random: Random) -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(_pdf())) as document:
        lock = pikepdf.Encryption(owner="owner", user="secret", R=3, aes=False, metadata=False)
        document.save(out, encryption=lock, static_id=True)
    return out.getvalue()


def _cut(random: Random) -> bytes:
    return _pdf()[:700]


def _docx(document: bytes | Iterable[bytes]) -> bytes:
    types = (
        b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        b'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        b'package.relationships+xml"/><Override PartName="/word/document.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
        b"</Types>"
    )
    relations = (
        b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/'
        b'2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
        b'officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
        b"</Relationships>"
    )
    parts: dict[str, bytes | Iterable[bytes]] = {"[Content_Types].xml": types}
    return zipped({**parts, "_rels/.rels": relations, "word/document.xml": document})


_BODY = (
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    b"%s</w:body></w:document>"
)


def _zip_bomb(random: Random) -> bytes:
    before, after = (b'<?xml version="1.0"?>' + _BODY).split(b"%s")
    return _docx(chain([before], repeat(b" " * 2**20, BOMB // 2**20), [after]))


def _entities() -> bytes:
    lines = [b'<!ENTITY l0 "lol">']
    lines += [b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)]
    return b'<?xml version="1.0"?><!DOCTYPE bomb [' + b"".join(lines) + b"]>"


def _laughs(random: Random) -> bytes:
    return _docx(_entities() + _BODY % b"<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>")


def _laughs_hwpx(random: Random) -> bytes:
    section = (
        b'<hs:sec xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section" '
        b'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph"><hp:p id="1"><hp:run>'
        b"<hp:t>&l9;</hp:t></hp:run></hp:p></hs:sec>"
    )
    parts = {"mimetype": b"application/hwp+zip", "Contents/section0.xml": _entities() + section}
    return zipped(parts, stored=("mimetype",))


def _png() -> bytes:
    def part(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    rows = b"".join(b"\0" + bytes((x * 8, y * 8, 128)[c] for x in range(32) for c in range(3))
                    for y in range(32))  # fmt: skip
    head = struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(rows))
        + part(b"IEND", b"")
    )


def _ole(streams: dict[str, bytes]) -> bytes:
    """A compound file of a header, a FAT, a directory and streams of at least 4096 bytes."""
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    fat = [fat_mark, end]  # sector 0 is the FAT itself, sector 1 the directory
    entries: list[bytes] = []
    body = b""
    for name, content in streams.items():
        content = content.ljust(4096, b"\0")
        content += b"\0" * (-len(content) % 512)
        start, count = len(fat), len(content) // 512
        fat += [*range(start + 1, start + count), end]
        entries.append(_entry(name, 2, start, len(content), right=len(entries) + 2))
        body += content
    entries = [_entry("Root Entry", 5, end, 0, child=1), *entries]
    entries[-1] = entries[-1][:72] + struct.pack("<I", free) + entries[-1][76:]
    fat += [free] * (128 - len(fat))
    header = OLE + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    directory = b"".join(entries).ljust(512, b"\0")
    return header + struct.pack("<128I", *fat) + directory + body


def _entry(
    name: str, kind: int, start: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF
) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    links = struct.pack("<III", 0xFFFFFFFF, right, child)
    return head + links + b"\0" * 36 + struct.pack("<IQ", start, size)


def _old_hwp(random: Random) -> bytes:
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, 1)
    return _ole({"FileHeader": header, "BodyText": random.randbytes(4096)})


def _ole_package(random: Random) -> bytes:
    info = struct.pack("<HHI", 4, 4, 0x40) + b"<encryption/>"
    return _ole({"EncryptedPackage": random.randbytes(8192), "EncryptionInfo": info})


def _broken_zip(random: Random) -> bytes:
    whole = zipped(
        {"mimetype": b"application/hwp+zip", "Contents/section0.xml": random.randbytes(9000)}
    )
    return whole[: len(whole) // 2]


def _empty_docx(random: Random) -> bytes:
    return _docx(b'<?xml version="1.0"?>' + _BODY % (b"<w:p/>" * 5))


def _blank(random: Random) -> bytes:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.drawImage(ImageReader(Image.new("L", (826, 1169), 250)), 0, 0, 595, 842)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _noise(random: Random) -> bytes:
    return random.randbytes(6000)


def _frame(random: Random) -> bytes:
    head = b"<head><title></title><script>var a=1;</script></head>"
    return b"<!DOCTYPE html><html>" + head + b"<body></body></html>"


def _program(random: Random) -> bytes:
    return b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff" + random.randbytes(4000)


def _sheet(random: Random) -> bytes:
    types = (
        b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        b'content-types"/>'
    )
    sheet = b"<worksheet><sheetData><row><c><v>1200</v></c></row></sheetData></worksheet>"
    parts = {"[Content_Types].xml": types, "xl/workbook.xml": b"<workbook/>"}
    return zipped({**parts, "xl/worksheets/sheet1.xml": sheet})
