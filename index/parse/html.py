"""Read a web page (HTML): its main text in reading order, without what surrounds it.

Left out: scripts, what is hidden, menus, banners, footers, sidebars, lists of links, controls.
Tables that only lay out a page are read as running text. A page is one page, whatever its length.
The encoding is what the bytes begin with, what the page says of itself, or what fits.
Not covered: text that a script would write, frames, alternative texts of pictures.
A structural walk of our own rather than trafilatura: see docs/decisions/0012.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from lxml import etree

from index.parse.blocks import Blocks, Folded, Words
from index.parse.content import BlockKind, Content
from index.parse.errors import UnreadableError, damaged, shown, unreadable
from index.parse.html_main import headline, is_left_out, main_element
from index.parse.table import Spot, add_table, place
from index.parse.text import decode

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I
)
_KOREAN = re.compile(r"euc[-_]?kr|ks[_c-]|korean|cp949|uhc|x-windows-949|windows-949", re.I)
_BLOCKS = frozenset(
    "address article blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form header hgroup hr html legend li main menu nav ol p pre "
    "section summary table tbody td tfoot th thead tr ul".split()
)
_MARKER = re.compile(r"^\s*[\[(]?\s*(?:주\s*)?(\d{1,3})\s*[\])]?\s*$")
_BARE_MARKER = re.compile(r"^\s*(?:\[\s*(\d{1,3})\s*\]|(?:주\s*)?(\d{1,3})\s*\))\s*$")
_NOTE_LINK = re.compile(r"fn|ftn|note|cite|각주|주석|^#_?edn", re.I)
_DATE = re.compile(r"((?:19[89]|20)\d\d)[-./년]\s?(\d{1,2})[-./월]\s?(\d{1,2})")
_PRINTED_DATE = re.compile(
    r"(?:등록|작성|게시|발행|배포|입력|보도)\s?(?:일시?|일자|날짜)?\s*[:：]?\s*"
    r"((?:19[89]|20)\d\d)[-./년]\s?(\d{1,2})[-./월]\s?(\d{1,2})"
)
DEEPEST = 200  # elements inside each other; what lies deeper is read without its structure
_LONGEST_CELL = 1_500  # characters; tables with longer cells lay out a page
_DATE_NAMES = frozenset(
    "article:published_time datepublished dc.date dc.date.issued dcterms.issued dcterms.date "
    "pubdate publishdate date citation_publication_date article.published".split()
)


@dataclass(slots=True)
class _State:
    """The blocks so far and the words of the one that is being read."""

    blocks: Blocks
    words: Words = field(default_factory=Words)
    heading: int = 0  # the level of the heading that is being read
    breaks: int = 0  # line breaks since the last word
    depth: int = 0


def parse_html(path: Path) -> Content:
    """The content of a web page; UnreadableError where it has none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    text, warnings = _decoded(data, path)
    root, cut = _tree(text, path)
    main = main_element(root)
    state = _State(Blocks())
    above = headline(root, main)
    if above is not None:
        _block(above, state)
    _block(main, state)
    _end(state)
    blocks = state.blocks.finish()
    if cut and not blocks:
        raise damaged(path, "its elements lie too deep inside each other")
    if cut:
        warnings = (*warnings, "Elements that lie too deep inside each other were not read.")
    if not blocks:
        raise UnreadableError(
            "empty",
            f"{shown(path)} holds no text by itself; open it in a browser and save what you see.",
        )
    printed = " ".join(str(text)[:200] for text in islice(root.itertext(), 5_000))
    return Content("html", blocks, 1, _title(root, blocks[0].text), _date(root, printed), warnings)


def read_fragment(text: str, blocks: Blocks) -> None:
    """Append the blocks of a piece of HTML inside another format, such as Markdown."""
    parsed, _ = _parsed(f"<html><body>{text}</body></html>")
    if parsed is not None:
        state = _State(blocks)
        _block(parsed, state)
        _end(state)


def _decoded(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    if not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        said = _META_CHARSET.search(data[:8_192])
        name = said.group(1).decode("ascii") if said else ""
        try:
            if _KOREAN.match(name):
                return data.decode("cp949"), ()
            if name and b"\x00" not in data[:1_000]:
                return data.decode(name), ()
        except (LookupError, UnicodeError):
            pass  # pages are often not in the encoding that they name
    return decode(data, path)


def _tree(text: str, path: Path) -> tuple[etree._Element, bool]:
    root, cut = _parsed(text)
    if root is None:
        raise damaged(path, "no element of the page can be read")
    return root, cut


def _parsed(text: str) -> tuple[etree._Element | None, bool]:
    """The tree of a page, and whether it is deeper than libxml2 goes, which leaves the rest out."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None, False
    return root, any("depth" in error.message.lower() for error in parser.error_log)


# --- the walk -------------------------------------------------------------------------------------


def _block(element: etree._Element, state: _State) -> None:
    """Read an element and what it holds; the text after it is its parent's."""
    tag = element.tag
    if not isinstance(tag, str) or is_left_out(element):
        return
    if tag == "br":
        _line_break(state)
        return
    if tag == "table" and not _lays_out(element):
        _end(state)
        _table(element, state)
        return
    if tag in ("a", "sup") and _marker(element, state):
        return
    heading = len(tag) == 2 and tag[0] == "h" and tag[1] in "123456"
    apart = heading or tag in _BLOCKS
    if apart:
        _end(state)
    if heading:
        state.heading = int(tag[1])
    state.depth += 1
    if state.depth > DEEPEST:
        _text(_all_text(element), state)
    else:
        _text(element.text, state)
        for child in element:
            _block(child, state)
            _text(child.tail, state)
    state.depth -= 1
    if apart:
        _end(state)


def _line_break(state: _State) -> None:
    state.breaks += 1
    if state.breaks > 1:  # <br><br> is how many pages end a paragraph
        _end(state)
    state.words.add(" ")


def _all_text(element: etree._Element) -> str:
    """What an element says, of whatever depth: pages that never end their elements are deep."""
    inside = (e for e in element.iter() if e.tag not in ("script", "style"))
    return " ".join(
        f"{e.text or ''} {e.tail or ''}" if e is not element else e.text or "" for e in inside
    )


def _text(text: str | None, state: _State) -> None:
    if text:
        if not text.isspace():
            state.breaks = 0
        state.words.add(text)


def _end(state: _State) -> None:
    """End the block that is being read; without words it was none."""
    kind: BlockKind = "heading" if state.heading else "paragraph"
    state.blocks.add(kind, state.words.fold(), level=state.heading)
    state.words, state.heading, state.breaks = Words(), 0, 0


def _marker(element: etree._Element, state: _State) -> bool:
    """Whether an element is a footnote's marker or a way back to one; a marker is noted."""
    text = "".join(map(str, element.itertext()))
    link = element if element.tag == "a" else next(element.iter("a"), None)
    target = "" if link is None else str(link.get("href", ""))
    if target.startswith("#"):
        if "ref" in target and (_MARKER.match(text) or not any(map(str.isalnum, text))):
            return True  # the number before a footnote's words, or the arrow after them
        number = _MARKER.match(text)
        if number and (_NOTE_LINK.search(target) or element.tag == "sup"):
            state.words.sign("note", int(number.group(1)))
            return True
    bare = _BARE_MARKER.match(text) if element.tag == "sup" else None
    if bare:
        state.words.sign("note", int(bare.group(1) or bare.group(2)))
    return bare is not None


# --- tables ---------------------------------------------------------------------------------------


def _lays_out(table: etree._Element) -> bool:
    if table.get("role") in ("presentation", "none"):
        return True
    inside = table.iter("table", "h1", "h2", "h3", "h4", "h5", "h6")
    if any(element is not table for element in inside):
        return True
    rows = [cells for cells, _ in _rows(table)]
    if all(len(cells) <= 1 for cells in rows):
        return True
    return any(
        sum(len(text) for text in cell.itertext()) > _LONGEST_CELL for row in rows for cell in row
    )


def _rows(table: etree._Element) -> Iterator[tuple[list[etree._Element], bool]]:
    """(cells, whether they are in the head) of each row."""
    for part in table:
        if part.tag == "tr":
            yield [cell for cell in part if cell.tag in ("td", "th")], False
        elif part.tag in ("thead", "tbody", "tfoot"):
            for row in part:
                if row.tag == "tr" and not is_left_out(row):
                    cells = [cell for cell in row if cell.tag in ("td", "th")]
                    yield cells, part.tag == "thead"


def _table(table: etree._Element, state: _State) -> None:
    caption = next((_words(e).text for e in table if e.tag == "caption"), "")
    rows = []
    for cells, in_head in _rows(table):
        rows.append(
            [
                (
                    _words(cell),
                    _span(cell, "rowspan"),
                    _span(cell, "colspan"),
                    in_head or cell.tag == "th",
                )
                for cell in cells
            ]
        )
    spots: list[Spot] = place(rows)
    add_table(state.blocks, spots, caption)


def _words(element: etree._Element) -> Folded:
    """All words of a cell in one line, with its footnote markers."""
    inner = _State(Blocks())
    _gather(element, inner)
    return inner.words.fold()


def _gather(element: etree._Element, state: _State) -> None:
    state.words.add(" " if element.tag in _BLOCKS or element.tag == "br" else "")
    state.depth += 1
    if state.depth > DEEPEST:
        state.words.add(_all_text(element))
        state.depth -= 1
        return
    state.words.add(element.text or "")
    for child in element:
        seen = isinstance(child.tag, str) and not is_left_out(child)
        if seen and not (child.tag in ("a", "sup") and _marker(child, state)):
            _gather(child, state)
        state.words.add(child.tail or "")
    state.words.add(" " if element.tag in _BLOCKS else "")
    state.depth -= 1


def _span(cell: etree._Element, name: str) -> int:
    value = str(cell.get(name, "1")).strip()
    return int(value) if re.fullmatch(r"[0-9]{1,6}", value) else 1


# --- what the page says of itself -----------------------------------------------------------------


def _title(root: etree._Element, first: str) -> str | None:
    """The title without the site's name, where the page lets the two be told apart."""
    named = {
        str(e.get("property") or e.get("name") or "").lower(): str(e.get("content") or "")
        for e in root.iter("meta")
    }
    title = named.get("og:title") or named.get("dc.title") or ""
    if not title.strip():
        title = next(("".join(map(str, e.itertext())) for e in root.iter("title")), "")
    words = Words()
    words.add(title)
    title = words.fold().text
    headings = [_words(e).text for e in root.iter("h1", "h2", "h3")]
    for heading in [*headings, first]:
        if len(heading) > 3 and heading in title:
            return heading
    parts = [part for part in re.split(r"\s[|–—<>»-]\s|\s::\s", title) if part.strip()]
    return (max(parts[:1] + parts[-1:], key=len).strip() if parts else None) or None


def _date(root: etree._Element, printed: str) -> str | None:
    said = [
        str(e.get("content") or "")
        for e in root.iter("meta")
        if str(e.get("property") or e.get("name") or e.get("itemprop") or "").lower() in _DATE_NAMES
    ]
    said += [str(e.get("datetime") or "") for e in root.iter("time") if not is_left_out(e)][:1]
    for text in said:
        if match := _DATE.match(text.strip()):
            return _as_date(match)
    match = _PRINTED_DATE.search(printed)
    return _as_date(match) if match else None


def _as_date(match: re.Match[str]) -> str | None:
    year, month, day = (int(group) for group in match.groups())
    return f"{year}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None
