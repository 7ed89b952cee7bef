"""Read a Word file (DOCX): what a reader sees of its body, in reading order.

Deleted text, comments, hidden text, tables of contents, headers and footers are out; inserted text,
text boxes and footnotes are in, a footnote's words as a paragraph after the block that calls it.
Pages are those of the last time that Word laid the file out, which it notes in the file; without
such notes the page breaks that its author set, and without those one page.
Not covered: numbers that Word makes for list items, formulas as more than their letters, pictures.
The elements are read as XML rather than through python-docx: see docs/decisions/0012.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from index.parse.archive import open_archive
from index.parse.blocks import Blocks, Folded, Look, Words
from index.parse.content import BlockKind, Content
from index.parse.docx_styles import (
    BODY_TEXT,
    Style,
    changed,
    main_part,
    read_notes,
    read_properties,
    read_styles,
)
from index.parse.errors import UnreadableError, damaged, shown
from index.parse.table import WIDEST_SPAN, Spot, add_table
from index.parse.xml import attribute, is_on, local, number, read_xml

_CONTENTS_STYLE = re.compile(
    r"^(?:toc|목차|차례|table of figures)(?:\s*\d|\s*heading)?$", re.IGNORECASE
)
_OUT = frozenset(
    "del moveFrom instrText delText delInstrText commentReference annotationRef rt sectPr pPr rPr "
    "footnoteRef endnoteRef tblPr tblGrid trPr tcPr Fallback fldData binData sdtPr sdtEndPr".split()
)
_SIGNS = {"tab": " ", "cr": " ", "ptab": " ", "br": " ", "noBreakHyphen": "-"}


@dataclass(slots=True)
class _State:
    """What is known of the file while its body is walked."""

    blocks: Blocks
    styles: Mapping[str, Style]
    usual: Style
    notes: Mapping[tuple[str, str], etree._Element]
    rendered: bool  # Word left notes of where its pages began
    called: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)
    looks: list[tuple[int, float, bool]] = field(default_factory=list)  # letters, size, bold


def parse_docx(path: Path) -> Content:
    """The content of a DOCX file; UnreadableError where it has none."""
    with open_archive(path) as archive:
        main = main_part(archive)
        if main not in archive:
            raise damaged(path, "its main text is missing")
        root = read_xml(archive, main)
        body = next((e for e in root if local(e) == "body"), None)
        if body is None:
            raise damaged(path, "its main text has no body")
        folder = main.rpartition("/")[0]
        styles, usual = read_styles(archive, f"{folder}/styles.xml")
        notes = {
            (kind, key): note
            for kind in ("footnote", "endnote")
            for key, note in read_notes(archive, f"{folder}/{kind}s.xml", kind)
        }
        title, as_of = read_properties(archive)
    rendered = any(local(e) == "lastRenderedPageBreak" for e in body.iter())
    state = _State(Blocks(), styles, usual, notes, rendered)
    _walk(body, state)
    blocks = state.blocks.finish()
    if not blocks:
        raise _wordless(path, body)
    chunks = any(local(e) == "altChunk" for e in body.iter())
    warnings = ("A part that another program embedded was not read.",) if chunks else ()
    return Content("docx", blocks, state.blocks.page_count, title, as_of, warnings)


def _wordless(path: Path, body: etree._Element) -> UnreadableError:
    if any(local(e) in ("drawing", "pict", "object") for e in body.iter()):
        return UnreadableError(
            "no-text",
            f"{shown(path)} holds pictures and no text; export it as PDF, whose pages can be "
            "recognised.",
        )
    return UnreadableError("empty", f"{shown(path)} holds no text; fill it or leave it out.")


# --- the body -------------------------------------------------------------------------------------


def _walk(parent: etree._Element, state: _State) -> None:
    """Blocks of the paragraphs and tables in `parent`, whatever wraps them."""
    words: Words | None = None  # of a paragraph whose end was deleted: the next one continues it
    for element in parent:
        name = local(element)
        if name == "p":
            words = _paragraph(element, state, words or Words())
        elif name == "tbl":
            _table(element, state)
        elif name == "sdt" and _is_contents(element):
            continue
        elif name == "AlternateContent":
            _walk(_choice(element), state)
        elif name not in _OUT:
            _walk(element, state)
    if words is not None:
        _end(words, state, state.usual)


def _paragraph(element: etree._Element, state: _State, words: Words) -> Words | None:
    """Read a paragraph to its end; its words come back where that end was deleted."""
    properties = next((e for e in element if local(e) == "pPr"), None)
    style = state.usual
    if properties is not None:
        key = next((attribute(e, "val") for e in properties if local(e) == "pStyle"), "")
        style = state.styles.get(key, state.usual)
        own = next((e for e in properties if local(e) == "outlineLvl"), None)
        if own is not None:
            level = number(attribute(own, "val"), BODY_TEXT - 1) + 1
            style = replace(style, level=min(max(level, 1), BODY_TEXT))
        turns = any(local(e) == "pageBreakBefore" and is_on(e) for e in properties)
        if turns and not state.rendered:
            state.blocks.turn_page(words)
    if _CONTENTS_STYLE.match(style.name):
        return None
    state.looks = []
    _inline(element, state, words, style)
    deleted = properties is not None and any(
        local(mark) == "del" for e in properties if local(e) == "rPr" for mark in e
    )
    if deleted:
        return words
    _end(words, state, style)
    section = properties is not None and any(local(e) == "sectPr" for e in properties)
    if section and not state.rendered and _turns(properties):
        state.blocks.page += 1
    return None


def _end(words: Words, state: _State, style: Style) -> None:
    """Append the paragraph, then the text boxes and footnotes that it holds."""
    folded = words.fold()
    sizes = Counter[float]()
    for letters, size, _ in state.looks:
        sizes[size] += letters
    look = Look(
        sizes.most_common(1)[0][0] if sizes else 0.0,
        bool(state.looks) and all(bold for _, _, bold in state.looks),
    )
    kind: BlockKind = "heading" if style.level < BODY_TEXT else "paragraph"
    state.blocks.add(kind, folded, level=style.level, look=look)
    boxes, state.boxes = state.boxes, []
    for box in boxes:
        _walk(box, state)
    _called_notes(state)


def _called_notes(state: _State) -> None:
    called, state.called = state.called, []
    for key in called:
        page = state.blocks.page  # a note may run over to the next page; the text does not
        folded = _all_words(state.notes[key], state)
        state.blocks.page = page
        state.blocks.add("paragraph", Folded(folded.text))


def _all_words(parent: etree._Element, state: _State) -> Folded:
    """The words of a cell or a footnote in one line, its paragraphs and inner tables in order."""
    words = Words()
    for paragraph in _paragraphs(parent):
        words.add(" ")
        _inline(paragraph, state, words, state.usual)
        while state.boxes:
            words.extend(_all_words(state.boxes.pop(0), state))
    return words.fold()


def _paragraphs(parent: etree._Element) -> Iterator[etree._Element]:
    for element in parent:
        name = local(element)
        if name == "p":
            yield element
        elif name == "AlternateContent":
            yield from _paragraphs(_choice(element))
        elif name not in _OUT:
            yield from _paragraphs(element)


def _inline(parent: etree._Element, state: _State, words: Words, style: Style) -> None:
    """The words of a paragraph's runs, whatever wraps them."""
    for element in parent:
        name = local(element)
        if name == "r":
            _run(element, state, words, style)
        elif name == "AlternateContent":
            _inline(_choice(element), state, words, style)
        elif name not in _OUT:
            _inline(element, state, words, style)
        if name == "t" and local(parent) != "r" and element.text:
            words.add(element.text)  # of a formula


def _run(run: etree._Element, state: _State, words: Words, style: Style) -> None:
    style = _run_style(run, state, style)
    if style.hidden:
        return
    for element in run:
        name = local(element)
        if name == "t":
            text = element.text or ""
            words.add(text)
            if text.strip():
                state.looks.append((len(text), style.size, style.bold))
        elif name in ("footnoteReference", "endnoteReference"):
            _call(element, name.removesuffix("Reference"), state, words)
        elif name in ("drawing", "pict", "object", "AlternateContent"):
            _find_boxes(element, state)
        elif name == "ruby":
            _inline(element, state, words, style)
        else:
            words.add(_SIGNS.get(name, ""))
            if _is_page_break(element, state):
                state.blocks.turn_page(words)


def _run_style(run: etree._Element, state: _State, style: Style) -> Style:
    properties = next((e for e in run if local(e) == "rPr"), None)
    if properties is None:
        return style
    named = next((attribute(e, "val") for e in properties if local(e) == "rStyle"), "")
    if state.styles.get(named, Style()).hidden:
        style = replace(style, hidden=True)
    return changed(style, properties, style.name)


def _is_page_break(element: etree._Element, state: _State) -> bool:
    """Where Word noted its pages, only the notes count: it makes one after each break as well."""
    if state.rendered:
        return local(element) == "lastRenderedPageBreak"
    return local(element) == "br" and attribute(element, "type") == "page"


def _call(element: etree._Element, kind: str, state: _State, words: Words) -> None:
    key = (kind, attribute(element, "id"))
    if key in state.notes:
        state.numbers[kind] += 1
        words.sign("note", state.numbers[kind])
        state.called.append(key)


def _find_boxes(element: etree._Element, state: _State) -> None:
    """Note the text boxes in a drawing, to be read after the paragraph that holds it."""
    name = local(element)
    if name == "txbxContent":
        state.boxes.append(element)
    elif name == "AlternateContent":
        _find_boxes(_choice(element), state)
    else:
        for inner in element:
            _find_boxes(inner, state)


# --- tables ---------------------------------------------------------------------------------------


def _table(table: etree._Element, state: _State) -> None:
    rows = [row for row in _inside(table, "tr") if not _is_deleted(row)]
    cells = [list(_inside(row, "tc")) for row in rows]
    if all(len(row) <= 1 for row in cells):  # a frame around paragraphs
        for row in cells:
            for cell in row:
                _walk(cell, state)
        return
    spots: list[Spot] = []
    begun: dict[int, int] = {}  # column -> which spot a cell that is merged downwards belongs to
    for at, (row, inside) in enumerate(zip(rows, cells, strict=True)):
        header = any(local(e) == "tblHeader" and is_on(e) for e in _properties_of(row, "trPr"))
        column = _value(row, "trPr", "gridBefore", 0)
        page = reached = state.blocks.page
        for cell in inside:
            merges = [e for e in _properties_of(cell, "tcPr") if local(e) == "vMerge"]
            wide = max(_value(cell, "tcPr", "gridSpan", 1), 1)
            if merges and attribute(merges[0], "val") != "restart" and column in begun:
                above = begun[column]
                spots[above] = replace(spots[above], row_span=at + 1 - spots[above].row)
            else:
                state.blocks.page = page  # every cell of a row begins on the same page
                folded = _all_words(cell, state)
                reached = max(reached, state.blocks.page)
                begun.pop(column, None)
                if merges:
                    begun[column] = len(spots)
                spots.append(Spot(at, column, folded, 1, wide, header))
            column += wide
        state.blocks.page = reached
    add_table(state.blocks, spots)
    _called_notes(state)


def _value(parent: etree._Element, properties: str, name: str, otherwise: int) -> int:
    """A number among the properties of a row or cell, no larger than a span may be."""
    for element in _properties_of(parent, properties):
        if local(element) == name:
            return min(number(attribute(element, "val"), otherwise), WIDEST_SPAN)
    return otherwise


def _inside(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """The rows of a table or cells of a row, also those that controls or custom XML wrap."""
    for element in parent:
        if local(element) == name:
            yield element
        elif local(element) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _inside(element, name)


def _is_deleted(row: etree._Element) -> bool:
    return any(local(e) == "del" for e in _properties_of(row, "trPr"))


def _properties_of(parent: etree._Element, name: str) -> list[etree._Element]:
    return [e for properties in parent if local(properties) == name for e in properties]


# --- small things ---------------------------------------------------------------------------------


def _is_contents(sdt: etree._Element) -> bool:
    galleries = (attribute(e, "val") for e in sdt.iter() if local(e) == "docPartGallery")
    return "Table of Contents" in galleries


def _choice(alternate: etree._Element) -> etree._Element:
    """What newer programs show of content that is there twice; older ones' where it is alone."""
    choices = [e for e in alternate if local(e) == "Choice"]
    return (choices or list(alternate) or [alternate.makeelement("none")])[0]


def _turns(properties: etree._Element | None) -> bool:
    """Whether a section that ends here begins the next on a new page."""
    if properties is None:
        return False
    kinds = [attribute(e, "val") for e in properties.iter() if local(e) == "type"]
    return not kinds or kinds[0] in ("nextPage", "oddPage", "evenPage", "")
