"""Read any file that we know how to read, by what it holds rather than what it is called.

`parse` looks at a file's first bytes, and into a zip's directory, and hands it to the parser of its
format. A file of another format is refused with what it is and what to do. Nothing in a file is
executed or fetched, and each step is bounded; who wants limits of time and memory on top of these
calls it in a process of its own.
Not covered: formats beyond `SUFFIXES`; files in files.
"""

import os
import stat
from pathlib import Path

from index.parse.archive import open_archive
from index.parse.content import Content, Format
from index.parse.errors import UnreadableError, damaged, shown, unreadable
from index.parse.sniff import foreign

PARSER_VERSION = 1  # raise it when the same file gives other content than before
LARGEST_FILE = 500_000_000  # bytes
LARGEST_PAGE = 50_000_000  # bytes of a web page
SUFFIXES: dict[str, Format] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "md",
    ".markdown": "md",
    ".txt": "txt",
    ".hwpx": "hwpx",
}
FORMATS: tuple[Format, ...] = tuple(dict.fromkeys(SUFFIXES.values()))
_NAMES = {
    "pdf": "a PDF",
    "docx": "a Word file",
    "html": "a web page",
    "md": "Markdown",
    "txt": "plain text",
    "hwpx": "a Hangul file",
}


def parse(path: Path, *, ocr: bool = True) -> Content:
    """The content of the file at `path`; `ocr`: recognise the letters of scanned PDF pages.

    UnreadableError says why a file gives none.
    """
    head = _head(path)
    kind = _format(path, head)
    content = _parsed(path, kind, ocr=ocr)
    named = SUFFIXES.get(path.suffix.lower())
    if named is None or named == kind:
        return content
    warning = f"{shown(path.name)} is {_NAMES[kind]} in spite of its name; it was read as such."
    return Content(
        content.format,
        content.blocks,
        content.page_count,
        content.title,
        content.as_of,
        (warning, *content.warnings),
    )


def _parsed(path: Path, kind: Format, *, ocr: bool) -> Content:
    try:
        if kind == "pdf":
            from index.parse.pdf import parse_pdf

            return parse_pdf(path, ocr=ocr)
        if kind == "docx":
            from index.parse.docx import parse_docx

            return parse_docx(path)
        if kind == "hwpx":
            from index.parse.hwpx import parse_hwpx

            return parse_hwpx(path)
        if kind == "html":
            from index.parse.html import parse_html

            return parse_html(path)
        if kind == "md":
            from index.parse.markdown import parse_markdown

            return parse_markdown(path)
        from index.parse.text import parse_text

        return parse_text(path)
    except RecursionError as error:
        raise damaged(path, "its parts lie too deep inside each other") from error
    except OSError as error:
        raise unreadable(path, error) from error


def _head(path: Path) -> bytes:
    """The first bytes of a file that is one, has any, and is not too large."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("unreadable", f"{shown(path)} is no file; name a file.")
        if status.st_size > LARGEST_FILE:
            raise UnreadableError(
                "too-large",
                f"{shown(path)} has {status.st_size / 1e6:,.0f} MB; expected at most "
                f"{LARGEST_FILE / 1e6:.0f} MB. Split it, or save it without its pictures.",
            )
        with open(path, "rb") as file:
            head = file.read(65_536)
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:  # a name with a zero byte
        raise UnreadableError("unreadable", f"{shown(path)} is no name of a file.") from error
    if not head:
        raise UnreadableError("empty", f"{shown(path)} has no content (0 bytes); fetch it anew.")
    return head


def _format(path: Path, head: bytes) -> Format:
    if b"%PDF-" in head[:1_024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zip_format(path)
    refused = foreign(path, head)
    if refused is not None:
        raise refused
    named = SUFFIXES.get(path.suffix.lower())
    if named in ("docx", "hwpx") and not _is_text(head):
        raise damaged(path, f"it does not begin as {_NAMES[named]} does")
    if named == "pdf" and not _is_text(head):
        raise damaged(path, "it does not begin as a PDF does")
    return _text_format(path, head, named)


def _zip_format(path: Path) -> Format:
    with open_archive(path) as archive:
        names = archive.names
        mimetype = archive.read("mimetype")[:200] if "mimetype" in archive else b""
    lowered = {name.lower() for name in names}
    if mimetype.startswith(b"application/hwp+zip") or "contents/section0.xml" in lowered:
        return "hwpx"
    folders = {name.split("/")[0] for name in lowered}
    if "word" in folders:
        return "docx"
    known = {"xl": "an Excel workbook", "ppt": "a PowerPoint presentation"}
    what = next((said for folder, said in known.items() if folder in folders), "a zip archive")
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        what = "an OpenDocument file"
    elif mimetype.startswith(b"application/epub"):
        what = "an EPUB book"
    elif "[content_types].xml" in lowered and what == "a zip archive":
        raise damaged(path, "its main part is missing")
    advice = "unpack it and name the files in it" if what == "a zip archive" else "save it as PDF"
    raise UnreadableError("format", f"{shown(path)} is {what}, which is not read; {advice}.")


def _text_format(path: Path, head: bytes, named: Format | None) -> Format:
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\x00", b"")[:4_096].lower()
    while start.startswith(b"<!--") and b"-->" in start:
        start = start.partition(b"-->")[2].lstrip()
    if start.startswith(b"<?xml"):
        start = start.partition(b"?>")[2].lstrip()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        if os.stat(path).st_size > LARGEST_PAGE:
            raise UnreadableError(
                "too-large",
                f"{shown(path)} is a web page of more than {LARGEST_PAGE / 1e6:.0f} MB; split it.",
            )
        return "html"
    if named == "html" and b"<" in start:
        return "html"
    return "md" if named == "md" else "txt"


def _is_text(head: bytes) -> bool:
    return (
        b"\x00" not in head and sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head) == 0
    )
