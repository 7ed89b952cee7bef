"""DOCX files by python-docx: with styles or without, with footnotes, tables and tracked changes.

python-docx writes no footnotes, so their part is made here. A tracked change leaves the text that
the source has: what was inserted is in it, what was deleted is not.
"""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any
from xml.sax.saxutils import escape

from eval.folder_sources import MARKER, Block, Source
from eval.folder_zip import unzipped, zipped

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
STRUCK = {
    "ko": "이 문장은 검토 과정에서 삭제되었다. ",
    "en": "This sentence was struck out in review. ",
}


def docx_file(source: Source, style: str, random: Random) -> bytes:
    """The source as a DOCX: `styled`, `bare` (bold lines for headings) or `tracked`."""
    import docx

    document = docx.Document()
    day = datetime.fromisoformat((source.date + "-01-01")[:10]).replace(tzinfo=UTC)
    core = document.core_properties
    core.title, core.author = source.title, source.agency
    core.created = core.modified = day
    _furniture(document, source)
    _heading(document, source.title, 0, style)
    document.add_paragraph(f"{source.agency}  {source.date}")
    tracked = style == "tracked"
    for block in source.blocks:
        if block.kind == "heading":
            _heading(document, block.text, max(1, block.level - 1), style)
        elif block.kind == "table":
            _table(document, block)
        else:
            named = "List Bullet" if block.kind == "item" and style != "bare" else None
            paragraph = document.add_paragraph(style=named)
            if block.kind == "item" and style == "bare":
                paragraph.add_run("ㅇ " if source.lang == "ko" else "- ")
            change = tracked and random.random() < 0.5
            _fill(paragraph, block.text, change, source)
    if source.notes:
        _footnotes(document, source)
    out = io.BytesIO()
    document.save(out)
    return zipped(unzipped(out.getvalue()))


def _furniture(document: Any, source: Source) -> None:
    section = document.sections[0]
    section.header.paragraphs[0].text = f"{source.agency} | {source.title[:30]}"
    foot = section.footer.paragraphs[0]
    foot.alignment = 1
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        run = foot.add_run()._r
        if kind:
            run.append(_element("fldChar", fldCharType=kind))
        else:
            field = _element("instrText")
            field.text = text
            run.append(field)


def _heading(document: Any, text: str, level: int, style: str) -> None:
    if style != "bare":
        document.add_heading(text, level)
        return
    from docx.shared import Pt

    run = document.add_paragraph().add_run(text)
    run.bold = True
    run.font.size = Pt(18 if level == 0 else 14 if level == 1 else 12)


def _fill(paragraph: Any, text: str, tracked: bool, source: Source) -> None:
    parts = MARKER.split(text)
    for number, part in enumerate(parts):
        if number % 2:
            _mark(paragraph, int(part))
        elif tracked and number == 0 and len(part) > 40:
            _tracked(paragraph, part, source)
        else:
            for piece in _runs(part):
                paragraph.add_run(piece)


def _runs(text: str) -> Sequence[str]:
    """Word cuts runs anywhere, in words too: at a proofing mark, or where somebody typed."""
    third = len(text) // 3
    return [piece for piece in (text[:third], text[third:]) if piece]


def _mark(paragraph: Any, number: int) -> None:
    run = paragraph.add_run()
    run.font.superscript = True
    run._r.append(_element("footnoteReference", id=str(number)))


def _tracked(paragraph: Any, text: str, source: Source) -> None:
    """The first half as typed, then something struck out, then the rest as inserted."""
    half = text.find(" ", len(text) // 2) + 1 or len(text)
    paragraph.add_run(text[:half])
    by = {"author": "검토자" if source.lang == "ko" else "Reviewer", "date": "2031-01-02T03:04:05Z"}
    for number, (name, tag, words) in enumerate(
        (("del", "delText", STRUCK[source.lang]), ("ins", "t", text[half:]))
    ):
        change = _element(name, id=str(900 + number), **by)
        run, inner = _element("r"), _element(tag)
        inner.text = words
        inner.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.append(inner)
        change.append(run)
        if words:
            paragraph._p.append(change)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _table(document: Any, block: Block) -> None:
    if block.text:
        document.add_paragraph(block.text, style="Caption")
    table = document.add_table(len(block.rows), len(block.rows[0]), style="Table Grid")
    for span in block.spans():
        cell = table.cell(span.row, span.column)
        if span.rows > 1 or span.columns > 1:
            end = table.cell(span.row + span.rows - 1, span.column + span.columns - 1)
            cell = cell.merge(end)
        cell.text = span.text
    document.add_paragraph()


def _footnotes(document: Any, source: Source) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    marks = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{tag}/></w:r></w:p></w:footnote>'
        for number, kind, tag in (
            (-1, "separator", "separator"),
            (0, "continuationSeparator", "continuationSeparator"),
        )
    )
    texts = "".join(
        f'<w:footnote w:id="{number}"><w:p><w:r><w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {escape(text)}</w:t></w:r></w:p></w:footnote>'
        for number, text in source.notes.items()
    )
    xml = f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes xmlns:w="{W}">{marks}{texts}'
    blob = f"{xml}</w:footnotes>".encode()
    part = Part(PackURI("/word/footnotes.xml"), NOTES_TYPE, blob, document.part.package)
    document.part.relate_to(part, RELATION)


MAKERS: dict[str, Callable[[Source, str, Random], bytes]] = {"docx": docx_file}
