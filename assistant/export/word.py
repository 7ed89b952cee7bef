"""A conversation as a Word document with real footnotes.

python-docx writes the body; the part with the footnotes, which it does not know, is made in
`assistant.export.word_notes`. A note that is used again is a cross-reference to its first number,
so that Word renumbers both together. Not covered: what Word itself makes of fonts that are not
installed; Malgun Gothic is named, which Word has on Windows and on a Mac.
"""

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assistant.export.footnotes import Line, Paper, Part, Piece
from assistant.export.word_notes import BCP, element, footnotes_part, run_xml, state_notes
from assistant.export.words import FRAME

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

FONT = "Malgun Gothic"
INK, SOFT, ACCENT = "1D2327", "586168", "1F5A73"


def word(paper: Paper, made: datetime) -> bytes:
    """The document's bytes; `made` is what its properties say."""
    from docx import Document

    document = Document()
    _properties(document, paper, made)
    _styles(document, paper.lang)
    _piece(document.add_paragraph(style="Title"), paper.title)
    about = document.add_paragraph(style="Remark")
    _piece(about, Piece(f"{paper.about} {paper.saved}", paper.lang))
    for part in paper.parts:
        _part(document, part, paper.lang)
    notes = [note for part in paper.parts for note in part.notes]
    footnotes_part(document, notes)
    state_notes(document)
    _page_number(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _part(document: "Document", part: Part, lang: str) -> None:
    heading = document.add_paragraph(style="Heading 1")
    _piece(heading, Piece(f"{FRAME[lang]['question']} {part.number}. ", lang))
    _piece(heading, part.question)
    for line in part.lines:
        _line(document.add_paragraph(), line, part.lang)
    for text in part.prose:
        _piece(document.add_paragraph(), Piece(text, part.lang))
    for text in (part.notice, " · ".join(part.facts)):
        if text:
            _piece(document.add_paragraph(style="Remark"), Piece(text, part.lang))


def _line(paragraph: "Paragraph", line: Line, lang: str) -> None:
    _piece(paragraph, Piece(line.text, lang))
    if line.remark:
        _piece(paragraph, Piece(f" {line.remark}", lang))
    for position, mark in enumerate(line.marks):
        if position:  # or 1 and 2 would read as 12
            paragraph._p.append(
                element(
                    '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:t>,</w:t></w:r>'
                )
            )
        style = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
        name = f"_RefNote{mark.number}"
        if mark.first:
            paragraph._p.append(element(f'<w:bookmarkStart w:id="{mark.number}" w:name="{name}"/>'))
            paragraph._p.append(
                element(f'<w:r>{style}<w:footnoteReference w:id="{mark.number}"/></w:r>')
            )
            paragraph._p.append(element(f'<w:bookmarkEnd w:id="{mark.number}"/>'))
        else:
            paragraph._p.append(
                element(
                    f'<w:fldSimple w:instr=" NOTEREF {name} \\f \\h "><w:r>{style}'
                    f"<w:t>{mark.number}</w:t></w:r></w:fldSimple>"
                )
            )


def _piece(paragraph: "Paragraph", piece: Piece) -> None:
    paragraph._p.append(element(run_xml(piece)))


def _properties(document: "Document", paper: Paper, made: datetime) -> None:
    from docx.shared import Mm

    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    known = document.core_properties
    known.title = paper.title.text[:255]
    known.author = known.last_modified_by = "CiteBrief"
    known.language = BCP[paper.lang]
    known.comments = ""
    known.created = known.modified = made.replace(tzinfo=None)


def _styles(document: "Document", lang: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    styles = document.styles
    styles.add_style("Remark", WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name, size, before, after, colour in (
        ("Normal", 10.5, 0, 6, INK),
        ("Title", 20, 0, 6, INK),
        ("Heading 1", 13, 18, 6, ACCENT),
        ("Remark", 9, 0, 6, SOFT),
    ):
        _style(styles[name], size, colour)
        styles[name].paragraph_format.space_before = Pt(before)
        styles[name].paragraph_format.space_after = Pt(after)
        styles[name].paragraph_format.line_spacing = 1.45 if name == "Normal" else 1.25
    for rule in ("autoSpaceDE", "autoSpaceDN"):  # no room between 5 and 배 that is not in the text
        settled: Any = styles["Normal"].element.get_or_add_pPr()
        (settled.find(_q("w:spacing"))).addprevious(element(f'<w:{rule} w:val="0"/>'))
    text = styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.base_style = styles["Normal"]
    text.element.set(_q("w:styleId"), "FootnoteText")
    _style(text, 8.5, INK)
    text.paragraph_format.space_after, text.paragraph_format.line_spacing = Pt(2), 1.2
    mark = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
    mark.element.set(_q("w:styleId"), "FootnoteReference")
    mark.font.superscript = True
    for rule in document.styles["Title"].element.iter(_q("w:pBdr")):
        rule.getparent().remove(rule)
        break
    for found in styles.element.iter(_q("w:lang")):
        found.set(_q("w:val"), BCP[lang])
        found.set(_q("w:eastAsia"), BCP["ko"])


def _style(style: "ParagraphStyle", size: float, colour: str) -> None:
    """Its font for every script, without the theme's, which would come first."""
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size = FONT, Pt(size)
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts: Any = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(_q(f"w:{script}"), FONT)


def _page_number(document: "Document") -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    foot = document.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot._p.append(element('<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'))


def _q(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))
