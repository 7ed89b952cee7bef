"""Read Markdown: what a reader of the rendered page sees, as blocks.

markdown-it-py parses; here its tokens become blocks. Headings, lists, tables, footnotes, front
matter (title and date) and HTML inside are read; code stays, as a paragraph; pictures are left out.
Emphasis that closes between a bracket and a particle, **트럼프(Trump)**는, is none in CommonMark;
here it is. A form feed starts a page, as in plain text.
Not covered: files larger than `LARGEST_MARKDOWN` or with longer lines than `LONGEST_LINE`, which
are read as plain text; definitions of links that stand on another page.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from index.parse.blocks import Blocks, Folded, Words
from index.parse.content import Content
from index.parse.html import read_fragment
from index.parse.table import Spot, add_table
from index.parse.text import empty, plain_content, read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LARGEST_MARKDOWN = 5_000_000  # characters
LONGEST_LINE = 100_000  # characters
_FRONT = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(
    r"^(title|date|제목|날짜)[ \t]*:[ \t]*(.{1,300})$", re.MULTILINE | re.IGNORECASE
)
_DATE = re.compile(r"((?:19[89]|20)\d\d(?:-\d\d(?:-\d\d)?)?)(?![\d-])")
_NOTE = re.compile(r"\[\^([^\]\s]{1,40})\]")
_NOTE_BODY = re.compile(r"^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*", re.MULTILINE)
# Where emphasis ends after a sign and before a particle, or begins between a letter and a sign,
# CommonMark sees none. A letter that nobody sees stands between for as long as it is parsed.
_ENDS_AT_SIGN = re.compile(r"(?<=[^\w\s*\\])(\*{1,3})(?=[가-힣])")
_BEGINS_AT_SIGN = re.compile(r"(?<=[가-힣])(\*{1,3})(?=[^\w\s*])")
_LETTER = "\ufdd2"
_BAR = "\ufdd1"  # around the name of a footnote before its words
_MOVED_BODY = re.compile(f"{_BAR}([^{_BAR}]*){_BAR} ")


def parse_markdown(path: Path) -> Content:
    """The content of a Markdown file; UnreadableError where it has none."""
    text, warnings = read_text(path)
    if len(text) > LARGEST_MARKDOWN or max(map(len, text.split("\n"))) > LONGEST_LINE:
        note = "Too large, or of too long lines, for Markdown; it was read as plain text."
        return plain_content(text, path, (*warnings, note))
    text, title, as_of = _front_matter(text)
    blocks = Blocks()
    reader = _Reader(blocks, _parser())
    for number, page in enumerate(text.split("\f")):
        blocks.page += number > 0
        reader.read(page)
    found = blocks.finish()
    if not found:
        raise empty(path)
    return Content("md", found, blocks.page_count, title, as_of, warnings)


def _front_matter(text: str) -> tuple[str, str | None, str | None]:
    """The text without its front matter, and the title and date that stood there."""
    front = _FRONT.match(text)
    if front is None or not re.search(r"^[\w가-힣-]+[ \t]*:", front.group(1), re.MULTILINE):
        return text, None, None
    said = {
        key.lower(): value.strip().strip("\"'") for key, value in _FIELD.findall(front.group(1))
    }
    date = _DATE.match(said.get("date") or said.get("날짜") or "")
    title = " ".join((said.get("title") or said.get("제목") or "").split())
    return text[front.end() :], title or None, date.group(1) if date else None


def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class _Reader:
    """Turns the tokens of each page into blocks; footnotes are numbered in order of their calls."""

    def __init__(self, blocks: Blocks, parser: "MarkdownIt") -> None:
        self._blocks = blocks
        self._parser = parser
        self._numbers: dict[str, int] = {}
        self._defined: set[str] = set()

    def read(self, page: str) -> None:
        """Append the blocks of one page."""
        self._defined |= set(_NOTE_BODY.findall(page))
        # A body is a paragraph of its own, and no definition of a link.
        page = _NOTE_BODY.sub(lambda m: f"\n{_BAR}{m.group(1)}{_BAR} ", page)
        page = _ENDS_AT_SIGN.sub(rf"{_LETTER}\1", page)
        page = _BEGINS_AT_SIGN.sub(rf"\1{_LETTER}", page)
        tokens = self._parser.parse(page)
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "table_open":
                end = next(i for i in range(at, len(tokens)) if tokens[i].type == "table_close")
                self._table(tokens[at:end])
                at = end
            elif token.type == "inline":
                opener = tokens[at - 1]
                heading = opener.type == "heading_open"
                level = int(opener.tag[1]) if heading else 0
                words = self._words(token)
                self._blocks.add("heading" if heading else "paragraph", words, level=level)
            elif token.type in ("fence", "code_block"):
                code = Words()
                content = token.content.replace(_LETTER, "")
                code.add(_MOVED_BODY.sub(r"[^\1]: ", content))
                self._blocks.add("paragraph", code.fold())
            elif token.type == "html_block":
                read_fragment(token.content.replace(_LETTER, ""), self._blocks)
            at += 1

    def _table(self, tokens: "Sequence[Token]") -> None:
        spots: list[Spot] = []
        row = column = -1
        for token in tokens:
            if token.type == "tr_open":
                row, column = row + 1, -1
            elif token.type in ("th_open", "td_open"):
                column += 1
            elif token.type == "inline":
                header = row == 0
                spots.append(Spot(row, column, self._words(token), header=header))
        add_table(self._blocks, spots)

    def _words(self, token: "Token") -> Folded:
        pieces: list[str] = []
        for inner in token.children or []:
            if inner.type in ("text", "text_special", "code_inline"):
                pieces.append(inner.content)
            elif inner.type in ("softbreak", "hardbreak") or inner.content[:3].lower() == "<br":
                pieces.append("\n")
        text = "".join(pieces).replace(_LETTER, "")
        return self._noted(text)

    def _noted(self, text: str) -> Folded:
        """The text without the markers of its footnotes, and where they stood."""
        text = re.sub(f"^{_BAR}[^{_BAR}]*{_BAR} ?", "", text)
        words = Words()
        start = 0
        for marker in _NOTE.finditer(text):
            if marker.group(1) not in self._defined:
                continue  # no footnote has this name: it is text
            words.add(text[start : marker.start()])
            words.sign("note", self._number(marker.group(1)))
            start = marker.end()
        words.add(text[start:])
        return words.fold()

    def _number(self, name: str) -> int:
        """A footnote's own number, or for a name its place in the order of calls."""
        if re.fullmatch(r"[0-9]{1,4}", name):
            return int(name)
        return self._numbers.setdefault(name, len(self._numbers) + 1)
