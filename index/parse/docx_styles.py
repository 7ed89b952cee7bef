"""The parts of a Word file beside its body: what its styles mean, its notes, its properties."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from index.parse.archive import Archive
from index.parse.blocks import Words
from index.parse.xml import attribute, is_on, local, number, read_xml

MAIN = "word/document.xml"
BODY_TEXT = 10  # outline levels are 1 to 9
_HEADING_STYLE = re.compile(r"^(?:heading|제목|개요|outline)\s*([1-9])$", re.IGNORECASE)
_TITLE_STYLE = re.compile(r"^(?:title|제목|문서 제목)$", re.IGNORECASE)
_NO_TITLES = re.compile(
    r"^(?:word document|microsoft word.*|제목 없음|문서 ?\d*|document ?\d*|untitled.*|title|"
    r"template.*|.*\.(?:docx?|hwpx?))$",
    re.IGNORECASE,
)
_OF_TEMPLATE = "2013-12-23"  # python-docx's template was made then; so says every file made of it


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says, with what it is based on worked in."""

    name: str = ""
    level: int = BODY_TEXT
    size: float = 0.0
    bold: bool = False
    hidden: bool = False


def main_part(archive: Archive) -> str:
    """The name of the part that holds the text; it need not be the usual one."""
    if "_rels/.rels" in archive:
        for relation in read_xml(archive, "_rels/.rels"):
            if str(relation.get("Type", "")).endswith("/officeDocument"):
                return str(relation.get("Target", MAIN)).lstrip("/")
    return MAIN


def read_styles(archive: Archive, name: str) -> tuple[dict[str, Style], Style]:
    """Paragraph and character styles by id, and what holds where none is named."""
    if name not in archive:
        return {}, Style()
    root = read_xml(archive, name)
    elements = {
        attribute(e, "styleId"): e
        for e in root
        if local(e) == "style" and attribute(e, "type") not in ("table", "numbering")
    }
    defaults = next((e for e in root.iter() if local(e) == "rPrDefault"), None)
    base = changed(Style(), defaults, "") if defaults is not None else Style()
    found: dict[str, Style] = {}
    for key in elements:
        chain: list[str] = []
        while key in elements and key not in chain:  # what a style is based on may lead in circles
            chain.append(key)
            key = next((attribute(e, "val") for e in elements[key] if local(e) == "basedOn"), "")
        style = base
        for link in reversed(chain):
            title = next((attribute(e, "val") for e in elements[link] if local(e) == "name"), "")
            style = changed(style, elements[link], title)
        found[chain[0]] = style
    usual = next(
        (
            found[key]
            for key, element in elements.items()
            if attribute(element, "type") == "paragraph"
            and attribute(element, "default") in ("1", "true")
        ),
        base,
    )
    return found, usual


def changed(style: Style, element: etree._Element, name: str) -> Style:
    """`style` with what a style's or a run's properties change of it."""
    if heading := _HEADING_STYLE.match(name):
        style = replace(style, level=int(heading.group(1)))
    elif _TITLE_STYLE.match(name):
        style = replace(style, level=1)
    style = replace(style, name=name or style.name)
    said = [e for part in element if local(part) in ("pPr", "rPr") for e in part]
    for e in [*element, *said]:
        match local(e):
            case "outlineLvl":
                level = number(attribute(e, "val"), BODY_TEXT - 1) + 1
                style = replace(style, level=min(max(level, 1), BODY_TEXT))
            case "sz":
                style = replace(style, size=number(attribute(e, "val"), 0) / 2)
            case "b":
                style = replace(style, bold=is_on(e))
            case "vanish":
                style = replace(style, hidden=is_on(e))
    return style


def read_notes(archive: Archive, name: str, kind: str) -> Iterator[tuple[str, etree._Element]]:
    """(id, element) of each footnote or endnote, without the lines that separate them."""
    if name not in archive:
        return
    for note in read_xml(archive, name):
        if local(note) == kind and attribute(note, "type") in ("", "normal"):
            yield attribute(note, "id"), note


def read_properties(archive: Archive) -> tuple[str | None, str | None]:
    """(title, date) as the file says them, where an author may have meant them."""
    if "docProps/core.xml" not in archive:
        return None, None
    said = {local(e): (e.text or "").strip() for e in read_xml(archive, "docProps/core.xml")}
    title = Words()
    title.add(said.get("title", ""))
    words = title.fold().text
    dates = [said.get("modified", ""), said.get("created", "")]
    date = next((d[:10] for d in dates if re.match(r"(?:19[89]|20)\d\d-\d\d-\d\dT", d)), None)
    plausible = 2 < len(words) <= 200 and not _NO_TITLES.match(words)
    return words if plausible else None, None if date == _OF_TEMPLATE else date
