"""Read plain text, and find out the encoding of what is neither zip nor PDF.

Plain text goes through `index.layout.plain`, as the library's files do.
Not covered: other encodings than UTF-8, UTF-16, UTF-32, CP949 (EUC-KR) and Windows-1252.
"""

import codecs
import re
from pathlib import Path

from index.clean import visible
from index.layout import plain
from index.parse.blocks import Blocks, Mark
from index.parse.content import Content, ContentBlock
from index.parse.errors import UnreadableError, shown, unreadable

LARGEST_TEXT = 50_000_000  # bytes
MOST_SIGNS = 0.25  # share of the bytes of a Windows-1252 text that may lie beyond ASCII
MOST_WRONG = 0.02  # share of the letters beyond ASCII that may be broken in a UTF-8 text
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like that of UTF-16, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KOREAN = re.compile(r"[가-힣]")
# Modern words hardly leave the 2,350 syllables of KS X 1001; what is no Korean text leaves it soon.
_COMMON = re.compile(rb"[\xa1-\xac\xb0-\xc8][\xa1-\xfe]")
_PAIR = re.compile(rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xfe]")


def parse_text(path: Path) -> Content:
    """The content of a plain text file; UnreadableError where it has none."""
    text, warnings = read_text(path)
    return plain_content(text, path, warnings)


def plain_content(text: str, path: Path, warnings: tuple[str, ...] = ()) -> Content:
    """The content of a text that is read as plain text."""
    blocks = Blocks()
    for line in plain(text):
        marks = []
        for offset in line.page_offsets:
            blocks.page += 1
            marks.append(Mark("page", blocks.page, offset))
        blocks.append(ContentBlock(line.kind, line.text, line.level), marks)
    found = blocks.finish()
    if not found:
        raise empty(path)
    return Content("txt", found, blocks.page_count, warnings=warnings)


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """A file's text as `visible` leaves it, with \\n line ends, and what of it was not readable."""
    try:
        size = path.stat().st_size
        if size > LARGEST_TEXT:
            raise UnreadableError(
                "too-large",
                f"{shown(path)} has {size / 1e6:,.0f} MB of text; expected at most "
                f"{LARGEST_TEXT / 1e6:.0f} MB. Split it into parts.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    text, warnings = decode(data, path)
    text = visible(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        raise empty(path)
    return text, warnings


def empty(path: Path) -> UnreadableError:
    """The error for a file without a word."""
    return UnreadableError("empty", f"{shown(path)} holds no text; fill it or leave it out.")


def decode(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """The text in `data` and sentences on what was replaced; UnreadableError where nothing fits."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _with_gaps(data, name, path)
    if b"\x00" in data:
        return _without_bom(data, path)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    korean = _is_korean(data)
    as_utf8 = data.decode("utf-8", "replace")
    # U+FFFD may stand in the file itself, but hardly next to bytes that are no UTF-8.
    wrong = as_utf8.count("\ufffd")
    right = sum(1 for c in as_utf8 if c > "\x7f" and c != "\ufffd")
    if right and wrong <= max(3, MOST_WRONG * right) and wrong < right:
        return _with_gaps(data, "utf-8", path)
    if korean:
        return _with_gaps(data, "cp949", path)
    if wrong <= MOST_SIGNS * len(data):  # English with the quotation marks of Windows
        try:
            return data.decode("cp1252"), ()
        except UnicodeDecodeError:
            pass
    raise UnreadableError(
        "encoding",
        f"{shown(path)} is in an encoding that was not recognised; save it as UTF-8.",
    )


def _is_korean(data: bytes) -> bool:
    """Whether the bytes beyond ASCII are the pairs of EUC-KR, with few of CP949's rarer ones."""
    pairs = _PAIR.findall(data)
    common = sum(bool(_COMMON.match(pair)) for pair in pairs)
    high = len(re.findall(rb"[\x80-\xff]", data))
    return bool(pairs) and common >= 0.8 * len(pairs) and 2 * common >= 0.8 * high


def _without_bom(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """UTF-16 without a byte order mark, told by the halves that are zero; else it is no text."""
    head = data[:4_000]
    low, high = head[1::2].count(0), head[::2].count(0)
    if max(low, high) * 20 > len(head) / 2 and len(data) % 2 == 0:
        try:
            text = data.decode("utf-16-le" if low > high else "utf-16-be")
        except UnicodeDecodeError:
            text = "\x00"
        if "\x00" not in text and (text.isascii() or _KOREAN.search(text)):
            return text, ()
    raise UnreadableError(
        "format",
        f"{shown(path)} is no text: it holds zero bytes. Expected PDF, DOCX, HWPX, HTML, Markdown "
        "or plain text; save it as one of these.",
    )


def _with_gaps(data: bytes, name: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """Decode, and say how many places were not readable and where the first one is."""
    try:
        return data.decode(name), ()
    except UnicodeDecodeError as error:
        first = error.start
    text = data.decode(name, "replace")
    count = text.count("\ufffd")
    if 20 * count > len(text):
        raise UnreadableError(
            "encoding",
            f"{shown(path)} is not whole {name.upper()}: {count:,} places are broken, the first at "
            f"byte {first}. Save it anew as UTF-8.",
        )
    line = data.count(b"\n", 0, first) + 1
    places = "1 place is" if count == 1 else f"{count:,} places are"
    return text, (
        f"{places} not valid {name.upper()} and shown as \ufffd; the first is in line {line} "
        f"(byte {first}).",
    )
