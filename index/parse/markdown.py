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
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,300}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![*\w])\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*(?=[가-힣])")
_STAR, _BAR = "\ufdd0", "\ufdd1"  # a star and a low line that are meant, while emphasis is sought
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

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    # Escaped stars stay apart from those that may yet be emphasis.
    return parser.disable("text_join")


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
                code.add(_MOVED_BODY.sub(r"[^\1]: ", token.content))
                self._blocks.add("paragraph", code.fold())
            elif token.type == "html_block":
                read_fragment(token.content, self._blocks)
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
            match inner.type:
                case "text":
                    pieces.append(inner.content)
                case "text_special" | "code_inline":
                    pieces.append(inner.content.replace("*", _STAR).replace("_", _BAR + _BAR))
                case "softbreak" | "hardbreak":
                    pieces.append("\n")
                case "html_inline" if inner.content[:3].lower() == "<br":
                    pieces.append(" ")
                case "link_open" if inner.info == "auto":
                    pass  # its words follow
        text = "".join(pieces)
        text = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", text))
        text = text.replace(_BAR + _BAR, "_").replace(_STAR, "*")
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
