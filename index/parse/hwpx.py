"""Read a Hangul file (HWPX, OWPML): what a reader sees of its sections, in reading order.

Hidden comments, memos, deleted text, headers, footers and page numbers are out; text boxes and
footnotes are in, a footnote's words as a paragraph after the block that calls it. A page begins
where the author broke it, where a section begins, and where Hangul noted that the lines of a
paragraph start again at the top; files that another program wrote have no such notes, and those of
sections with several columns are not used.
Not covered: numbers that Hangul makes for list items, formulas as more than their script, pictures.
Read as XML rather than through python-hwpx: see docs/decisions/0012.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from index.parse.archive import Archive, open_archive
from index.parse.blocks import Blocks, Folded, Look, Words
from index.parse.content import BlockKind, Content
from index.parse.errors import UnreadableError, damaged, shown
from index.parse.table import Spot, add_table
from index.parse.xml import attribute, local, number, read_xml

HEADER = "Contents/header.xml"
PACKAGE = "Contents/content.hpf"
_SECTION = re.compile(r"^Contents/section(\d{1,6})\.xml$", re.IGNORECASE)
_HEADING_STYLE = re.compile(r"^(?:개요|제목|heading|outline)\s*(\d{1,2})$", re.IGNORECASE)
_TITLE_STYLE = re.compile(r"^(?:제목|문서 제목|큰 제목|title)$", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(
    r"^(?:차례|목차|toc)(?:\s*제목|\s*heading|\s*\d{1,2})?$", re.IGNORECASE
)
_DATE = re.compile(r"^((?:19[89]|20)\d\d)-(\d\d)-(\d\d)T")
_SIGNS = {"tab": " ", "lineBreak": " ", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"}
_OUT = frozenset(
    "secPr linesegarray hiddenComment header footer pageNum pageNumCtrl newNum autoNum "
    "autoNumFormat colPr bookmark indexmark parameters metaTag caption equation chart pic "
    "default".split()
)
_CONTROL = 8  # places that anything but a letter takes in Hangul's count of a paragraph


@dataclass(frozen=True, slots=True)
class _Head:
    """What header.xml says of styles, by the numbers that paragraphs and runs name them with."""

    levels: Mapping[str, int] = field(default_factory=dict)  # style -> heading level
    contents: frozenset[str] = frozenset()  # styles of a table of contents
    outlines: Mapping[str, int] = field(default_factory=dict)  # paragraph properties -> level
    looks: Mapping[str, Look] = field(default_factory=dict)  # letter properties


@dataclass(slots=True)
class _State:
    """What is known of the file while its sections are walked."""

    blocks: Blocks
    head: _Head
    deleted: int = 0  # deletions begun and not ended
    line: int = 0  # where on its page the last line stood, in Hangul's units
    columns: int = 1
    notes: list[etree._Element] = field(default_factory=list)
    after: list[etree._Element] = field(default_factory=list)  # tables and boxes in a paragraph
    numbers: Counter[str] = field(default_factory=Counter)
    looks: Counter[Look] = field(default_factory=Counter)
    pictures: bool = False


def parse_hwpx(path: Path) -> Content:
    """The content of an HWPX file; UnreadableError where it has none."""
    with open_archive(path) as archive:
        _refuse_encrypted(path, archive)
        names = _sections(archive)
        if not names:
            raise damaged(path, "it holds no section")
        head = _head(read_xml(archive, HEADER)) if HEADER in archive else _Head()
        title, as_of = _properties(archive)
        state = _State(Blocks(), head)
        for count, name in enumerate(names):
            if count and state.blocks.last is not None:
                state.blocks.page += 1
            state.line, state.columns, state.deleted = 0, 1, 0
            _walk(read_xml(archive, name), state, top=True)
    blocks = state.blocks.finish()
    if not blocks and state.pictures:
        raise UnreadableError(
            "no-text",
            f"{shown(path)} holds pictures and no text; save it as PDF, whose pages can be "
            "recognised.",
        )
    if not blocks:
        raise UnreadableError("empty", f"{shown(path)} holds no text; fill it or leave it out.")
    return Content("hwpx", blocks, state.blocks.page_count, title, as_of)


# --- parts beside the sections --------------------------------------------------------------------


def _refuse_encrypted(path: Path, archive: Archive) -> None:
    manifest = "META-INF/manifest.xml"
    if manifest not in archive:
        return
    if any(local(e) == "encryption-data" for e in read_xml(archive, manifest).iter()):
        raise UnreadableError(
            "encrypted",
            f"{shown(path)} is encrypted or made for distribution only; save it in Hangul without "
            "a password.",
        )


def _sections(archive: Archive) -> list[str]:
    found = [(int(m.group(1)), name) for name in archive.names if (m := _SECTION.match(name))]
    return [name for _, name in sorted(found)]


def _head(root: etree._Element) -> _Head:
    levels: dict[str, int] = {}
    contents: set[str] = set()
    outlines: dict[str, int] = {}
    looks: dict[str, Look] = {}
    for e in root.iter():
        key = attribute(e, "id")
        match local(e):
            case "style":
                names = (attribute(e, "name").strip(), attribute(e, "engName").strip())
                contents |= {key for name in names if _CONTENTS_STYLE.match(name)}
                levels[key] = max(map(_style_level, names))
            case "paraPr":
                outlines[key] = max(_outline(e), default=0)
            case "charPr":
                bold = any(local(inner) == "bold" for inner in e)
                looks[key] = Look(number(attribute(e, "height"), 0) / 100, bold)
    return _Head(levels, frozenset(contents), outlines, looks)


def _style_level(name: str) -> int:
    """The heading level that a style's name gives it; 0 for none."""
    if heading := _HEADING_STYLE.match(name):
        return max(int(heading.group(1)), 1)
    return 1 if _TITLE_STYLE.match(name) else 0


def _outline(properties: etree._Element) -> list[int]:
    """The heading level of paragraph properties that are part of an outline."""
    return [
        number(attribute(e, "level"), 0) + 1
        for e in properties.iter()
        if local(e) == "heading" and attribute(e, "type") == "OUTLINE"
    ]


def _properties(archive: Archive) -> tuple[str | None, str | None]:
    """(title, date) as the package says them."""
    if PACKAGE not in archive:
        return None, None
    title, dates = "", {}
    for e in read_xml(archive, PACKAGE).iter():
        if local(e) == "title" and not title:
            words = Words()
            words.add(e.text or "")
            title = words.fold().text
        elif local(e) == "meta" and (date := _DATE.match((e.text or "").strip())):
            dates[attribute(e, "name")] = "-".join(date.groups())
    plausible = 2 < len(title) <= 200 and not re.match(r"(?i)빈 ?문서|제목 ?없음|.*\.hwpx?$", title)
    return title if plausible else None, dates.get("ModifiedDate") or dates.get("CreatedDate")


# --- the sections ---------------------------------------------------------------------------------


def _walk(parent: etree._Element, state: _State, *, top: bool = False) -> None:
    """Blocks of the paragraphs in `parent`; `top`: they stand on the page itself, not in a box."""
    words = Words()
    for paragraph in _paragraphs(parent):
        if top and attribute(paragraph, "pageBreak") == "1" and state.blocks.last is not None:
            state.blocks.page += 1
            state.line = 0
        state.looks = Counter()
        _inline(paragraph, state, words, _turns(paragraph, state) if top else [])
        if not state.deleted:  # else the end of the paragraph was deleted with its words
            _end(paragraph, words, state)
            words = Words()
    state.blocks.add("paragraph", words.fold())


def _end(paragraph: etree._Element, words: Words, state: _State) -> None:
    """Append the paragraph, then the tables, text boxes and footnotes that it holds."""
    style = attribute(paragraph, "styleIDRef")
    level = state.head.levels.get(style) or state.head.outlines.get(
        attribute(paragraph, "paraPrIDRef"), 0
    )
    kind: BlockKind = "heading" if level else "paragraph"
    size = (
        max(state.looks, key=lambda look: (state.looks[look], look.size)).size if state.looks else 0
    )
    look = Look(size, bool(state.looks) and all(look.bold for look in state.looks))
    if style not in state.head.contents:
        state.blocks.add(kind, words.fold(), level=level, look=look)
    after, state.after = state.after, []
    for element in after:
        if local(element) == "tbl":
            _table(element, state)
        else:
            _walk(element, state)
    _called_notes(state)


def _called_notes(state: _State) -> None:
    called, state.notes = state.notes, []
    for note in called:
        state.blocks.add("paragraph", _all_words(note, state))


def _all_words(parent: etree._Element, state: _State) -> Folded:
    """The words of a cell or a footnote in one line, its paragraphs and inner tables in order."""
    words = Words()
    outer, state.after = state.after, []
    for paragraph in _paragraphs(parent):
        words.add(" ")
        _inline(paragraph, state, words, [])
        while state.after:
            inner = state.after.pop(0)
            cells = _inside(inner, "tc") if local(inner) == "tbl" else [inner]
            for cell in cells:
                words.extend(_all_words(cell, state))
    state.after = outer
    return words.fold()


def _paragraphs(parent: etree._Element) -> Iterator[etree._Element]:
    for element in parent:
        if local(element) == "p":
            yield element
        elif local(element) == "subList":
            yield from _paragraphs(element)


def _inline(parent: etree._Element, state: _State, words: Words, turns: list[int]) -> None:
    """The words of a paragraph; a page is turned at each of `turns`, places in Hangul's count."""
    reader = _Reader(state, words, turns)
    for run in parent:
        if local(run) == "run":
            reader.look = state.head.looks.get(attribute(run, "charPrIDRef"), Look())
            reader.read(run)


@dataclass(slots=True)
class _Reader:
    """Reads the runs of one paragraph, counting places as Hangul does."""

    state: _State
    words: Words
    turns: list[int]  # ascending
    look: Look = Look()
    place: int = 0

    def read(self, parent: etree._Element) -> None:
        """The words in an element of a run, in order; tables, boxes and notes are set aside."""
        state = self.state
        for element in parent:
            name = local(element)
            if name == "t":
                self._text(element)
            elif name == "ctrl":
                self.read(element)
            elif name in ("footNote", "endNote"):
                self._advance()
                if not state.deleted:
                    state.numbers[name] += 1
                    self.words.sign("note", state.numbers[name])
                    state.notes.append(element)
            elif name == "dutmal":
                main = next((e for e in element if local(e) == "mainText"), None)
                self._add("" if main is None else "".join(map(str, main.itertext())))
            elif name == "compose":
                self._add(attribute(element, "composeText"))
            elif name not in ("secPr", "linesegarray"):
                self._advance()
                self._set_aside(element, name)

    def _set_aside(self, element: etree._Element, name: str) -> None:
        """Keep a table or the text boxes of a shape for after the paragraph."""
        state = self.state
        if name == "colPr":
            state.columns = number(attribute(element, "colCount"), 1)
        state.pictures = state.pictures or name == "pic"
        if state.deleted or name in _OUT or name in ("fieldBegin", "fieldEnd"):
            return  # a memo's words lie in fieldBegin; what is between the two is text
        if name == "tbl":
            state.after.append(element)
            return
        for inner in element.iter():
            if local(inner) == "drawText" and not _in_box(inner, element):
                state.after.append(inner)

    def _text(self, element: etree._Element) -> None:
        self._add(element.text or "")
        for sign in element:
            name = local(sign)
            if name == "deleteBegin":
                self.state.deleted += 1
            elif name == "deleteEnd":
                self.state.deleted = max(self.state.deleted - 1, 0)
            elif name not in ("insertBegin", "insertEnd", "markpenBegin", "markpenEnd"):
                self._add(_SIGNS.get(name, ""))
                self.place += _CONTROL - 1 if name == "tab" else 0
            self._add(sign.tail or "")

    def _add(self, text: str) -> None:
        text = text.replace("\n", "").replace("\r", "")  # line ends of the XML, not of the text
        while self.turns and self.turns[0] < self.place + len(text):
            before = max(self.turns.pop(0) - self.place, 0)
            self._keep(text[:before])
            self.state.blocks.turn_page(self.words)
            self.place += before
            text = text[before:]
        self._keep(text)
        self.place += len(text)

    def _keep(self, text: str) -> None:
        if not self.state.deleted:
            self.words.add(text)
            if text.strip():
                self.state.looks[self.look] += len(text)

    def _advance(self) -> None:
        self.place += _CONTROL


def _in_box(box: etree._Element, outermost: etree._Element) -> bool:
    parent = box.getparent()
    while parent is not None and parent is not outermost:
        if local(parent) == "drawText":
            return True
        parent = parent.getparent()
    return False


def _turns(paragraph: etree._Element, state: _State) -> list[int]:
    """Where in a paragraph its lines start again at the top of a page, as Hangul noted them."""
    if state.columns > 1:
        return []
    found = []
    for lines in paragraph:
        if local(lines) != "linesegarray":
            continue
        for line in lines:
            height = number(attribute(line, "vertpos"), state.line)
            if height < state.line:
                found.append(number(attribute(line, "textpos"), 0))
            state.line = height
    return found


# --- tables ---------------------------------------------------------------------------------------


def _table(table: etree._Element, state: _State) -> None:
    for element in table:
        if local(element) == "caption":
            _walk(element, state)  # such as 표 1, where the table looks for its name
    rows = [list(_inside(row, "tc")) for row in table if local(row) == "tr"]
    if all(len(row) <= 1 for row in rows):  # a frame around paragraphs
        for row in rows:
            for cell in row:
                _walk(cell, state)
        return
    spots = []
    for at, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            said = {local(e): e for e in cell}
            address, span = said.get("cellAddr"), said.get("cellSpan")
            spots.append(
                Spot(
                    at if address is None else number(attribute(address, "rowAddr"), at),
                    column if address is None else number(attribute(address, "colAddr"), column),
                    _all_words(cell, state),
                    1 if span is None else max(number(attribute(span, "rowSpan"), 1), 1),
                    1 if span is None else max(number(attribute(span, "colSpan"), 1), 1),
                    attribute(cell, "header") == "1",
                )
            )
    add_table(state.blocks, spots)
    _called_notes(state)


def _inside(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Cells, rows and what may wrap them."""
    for element in parent:
        if local(element) == name:
            yield element
        elif local(element) in ("tr", "sub"):
            yield from _inside(element, name)
