"""A conversation as the bytes of a file, by the name of its format; and the name of that file."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from assistant.errors import InputError
from assistant.export.exported import Exported
from assistant.export.footnotes import UNSAFE, clean, paper
from index.types import Document

Format = Literal["txt", "md", "docx", "pdf", "json"]
FORMATS: tuple[str, ...] = get_args(Format)
MEDIA: Mapping[str, str] = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "json": "application/json",
}
_UNSEEN = re.compile(f"{UNSAFE.pattern}|[\x85\u2028\u2029]")
LONGEST_NAME = 40  # characters of a title in the name of a file


def write(
    exported: Exported,
    format: str,
    lang: str,
    now: datetime,
    documents: Mapping[str, Document],
    font: str | None = None,
) -> bytes:
    """The file, framed in `lang`; json is the receipt over `documents`.

    InputError for an unknown format, and for a PDF where there is no font with Korean letters;
    `font` is the setting's.
    """
    if format == "json":
        from assistant.export.receipt import receipt

        made = receipt(exported, documents, now.isoformat(timespec="seconds"))
        text = json.dumps(made, ensure_ascii=False, indent=1)
        # Read as JSON these letters are what they were; to the eye they turn nothing round.
        return (_UNSEEN.sub(_escape, text) + "\n").encode()
    if format not in FORMATS:
        raise InputError(f"format {format[:20]!r}: expected one of {', '.join(FORMATS)}.")
    sheet = paper(exported, lang, now.date())
    if format == "docx":
        from assistant.export.word import word

        return word(sheet, now)
    if format == "pdf":
        from assistant.export.pdf import pdf
        from assistant.export.pdf_font import find_font

        return pdf(sheet, now, find_font(font))
    if format == "md":
        from assistant.export.markdown import markdown

        return markdown(sheet).encode()
    from assistant.export.plain import plain

    return plain(sheet).encode()


def file_name(exported: Exported, format: str, now: datetime) -> str:
    """Such as citebrief-2026-11-23-방위비-분담금.docx: letters, digits and hyphens only."""
    words = re.sub(r"[\W_]+", "-", clean(exported.title)).strip("-")[:LONGEST_NAME].strip("-")
    kind = "receipt.json" if format == "json" else format
    stem = "-".join(filter(None, ("citebrief", now.date().isoformat(), words)))
    return f"{stem}.{kind}"


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
