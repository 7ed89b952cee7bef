"""The part of a Word document that holds its footnotes, and the XML of runs in two languages.

Written as the standard for Office Open XML (ECMA-376, 17.11) has it: two notes that are the lines
between text and notes, then ours, numbered as in the text. Every text is escaped.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from assistant.export.footnotes import Note, Piece

if TYPE_CHECKING:
    from docx.document import Document

BCP = {"ko": "ko-KR", "en": "en-US"}
SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LINES = (("-1", "separator"), ("0", "continuationSeparator"))
# What stands behind the footnotes' settings in the file's fixed order (17.15.1.78).
BEHIND = ("endnotePr", "compat", "docVars", "rsids", "mathPr", "attachedSchema", "themeFontLang",
          "clrSchemeMapping", "doNotIncludeSubdocsInStats", "shapeDefaults", "decimalSymbol",
          "listSeparator")  # fmt: skip


def element(xml: str) -> Any:
    """The element that `xml`, with the prefix w, is; the caller has escaped its texts."""
    from docx.oxml.parser import parse_xml

    head, _, rest = xml.partition(" ") if " " in xml.partition(">")[0] else xml.partition(">")
    end = " " if " " in xml.partition(">")[0] else ">"
    return parse_xml(f'{head} xmlns:w="{SPACE}"{end}{rest}')


def run_xml(piece: Piece) -> str:
    """A run of words in their language, by which Word spells, reads aloud and breaks lines."""
    return (
        f'<w:r><w:rPr><w:lang w:val="{BCP[piece.lang]}" w:eastAsia="{BCP["ko"]}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(piece.text)}</w:t></w:r>'
    )


def footnotes_part(document: "Document", notes: Sequence[Note]) -> None:
    """Add the part to the package; its relationship and content type come with it."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import XmlPart

    lines = "".join(
        f'<w:footnote w:type="{name}" w:id="{number}"><w:p><w:r><w:{name}/></w:r></w:p>'
        "</w:footnote>"
        for number, name in LINES
    )
    root = element(f"<w:footnotes>{lines}{''.join(map(_note, notes))}</w:footnotes>")
    name, kind = PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES
    part = XmlPart(name, kind, root, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def state_notes(document: "Document") -> None:
    """Name the two lines in the settings, where Word looks for them."""
    settings = document.settings.element
    stated = element(
        "<w:footnotePr>"
        + "".join(f'<w:footnote w:id="{number}"/>' for number, _ in LINES)
        + "</w:footnotePr>"
    )
    behind = next((e for e in settings if e.tag.rpartition("}")[2] in BEHIND), None)
    if behind is None:
        settings.append(stated)
    else:
        behind.addprevious(stated)


def _note(note: Note) -> str:
    words = "".join(map(run_xml, (Piece(" ", "en"), *note.pieces)))
    return (
        f'<w:footnote w:id="{note.number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
        '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
        f"{words}</w:p></w:footnote>"
    )
