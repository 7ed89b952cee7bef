"""HWPX files written by hand: the ZIP and XML of Hancom's open format (KS X 6101).

It has what documents of Korean ministries have: outline styles, tables with merged cells,
footnotes, tabs and line breaks, bullets as characters, and a preview of the first page. Only what a
reader of text needs is written; whether Hancom Office opens the files was not tried.
"""

from collections.abc import Callable
from random import Random
from xml.sax.saxutils import escape

from eval.folder_sources import MARKER, Block, Source, plain
from eval.folder_zip import zipped

NAMESPACES = " ".join(
    f'xmlns:{prefix}="http://www.hancom.co.kr/hwpml/2011/{name}"'
    for prefix, name in (
        ("ha", "app"),
        ("hp", "paragraph"),
        ("hs", "section"),
        ("hc", "core"),
        ("hh", "head"),
    )
)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>'
BODY, TITLE, OUTLINE = 0, 1, 2  # paragraph styles: body text, the title, outline 1 and so on
STYLES = (("바탕글", "Normal"), ("제목", "Title"), ("개요 1", "Outline 1"), ("개요 2", "Outline 2"))


def hwpx_file(source: Source, style: str, random: Random) -> bytes:
    """The source as an HWPX; `sections` cuts it in two, `boxed` sets the title in a table."""
    writer = _Writer(source)
    title = Block("table", "", rows=((source.title,),)) if style == "boxed" else None
    start = [writer.table(title) if title else writer.paragraph(source.title, TITLE)]
    start.append(writer.paragraph(f"{source.agency}\t{source.date}", BODY))
    parts = [writer.block(block) for block in source.blocks]
    cut = len(parts) // 2 if style == "sections" else len(parts)
    sections = [[*start, *parts[:cut]], parts[cut:]]
    files = {
        "mimetype": b"application/hwp+zip",
        "version.xml": _version().encode(),
        "Contents/header.xml": _header().encode(),
    }
    count = 0
    for number, content in enumerate(s for s in sections if s):
        files[f"Contents/section{number}.xml"] = (
            f"{XML}<hs:sec {NAMESPACES}>{''.join(content)}</hs:sec>"
        ).encode()
        count += 1
    files["Contents/content.hpf"] = _package(source, count).encode()
    files["META-INF/container.xml"] = _container().encode()
    preview = f"<{source.title}>\r\n" + plain(source.blocks[0].text)
    files["Preview/PrvText.txt"] = preview.encode("utf-8")
    return zipped(files, stored=("mimetype",))


class _Writer:
    """Paragraphs and tables as XML, each with an id of its own."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.last = 0

    def block(self, block: Block) -> str:
        if block.kind == "heading":
            return self.paragraph(block.text, OUTLINE + (1 if block.level > 2 else 0))
        if block.kind == "table":
            caption = self.paragraph(block.text, BODY) if block.text else ""
            return caption + self.table(block)
        bullet = "○ " if self.source.lang == "ko" else "• "
        return self.paragraph((bullet if block.kind == "item" else "") + block.text, BODY)

    def paragraph(self, text: str, style: int) -> str:
        self.last += 1
        return (
            f'<hp:p id="{self.last}" paraPrIDRef="{style}" styleIDRef="{style}" pageBreak="0" '
            f'columnBreak="0" merged="0">{self._runs(text)}'
            '<hp:linesegarray><hp:lineseg textpos="0" vertpos="0" vertsize="1000" textheight="1000"'
            ' baseline="850" spacing="600" horzpos="0" horzsize="42520" flags="393216"/>'
            "</hp:linesegarray></hp:p>"
        )

    def _runs(self, text: str) -> str:
        runs = []
        for number, part in enumerate(MARKER.split(text)):
            if number % 2:
                inner = self._note(int(part))
                runs.append(f'<hp:run charPrIDRef="0"><hp:ctrl>{inner}</hp:ctrl></hp:run>')
            elif part:
                words = escape(part).replace("\t", '<hp:tab width="4000" leader="0" type="1"/>')
                runs.append(f'<hp:run charPrIDRef="0"><hp:t>{words}</hp:t></hp:run>')
        return "".join(runs)

    def _note(self, number: int) -> str:
        text = self.paragraph(self.source.notes[number], BODY)
        return (
            f'<hp:footNote number="{number}" suffixChar="41" instId="{700 + number}">'
            '<hp:subList id="" textDirection="HORIZONTAL" lineWrap="BREAK" vertAlign="TOP">'
            f"{text}</hp:subList></hp:footNote>"
        )

    def table(self, block: Block) -> str:
        rows = ""
        for number in range(len(block.rows)):
            cells = ""
            for span in (s for s in block.spans() if s.row == number):
                inner = self.paragraph(span.text, BODY)
                cells += (
                    f'<hp:tc name="" header="{int(number < block.header_rows)}" hasMargin="0">'
                    f'<hp:subList id="" textDirection="HORIZONTAL">{inner}</hp:subList>'
                    f'<hp:cellAddr colAddr="{span.column}" rowAddr="{span.row}"/>'
                    f'<hp:cellSpan colSpan="{span.columns}" rowSpan="{span.rows}"/>'
                    '<hp:cellSz width="10000" height="1200"/></hp:tc>'
                )
            rows += f"<hp:tr>{cells}</hp:tr>"
        self.last += 1
        return (
            f'<hp:p id="{self.last}" paraPrIDRef="0" styleIDRef="0"><hp:run charPrIDRef="0">'
            f'<hp:tbl id="{5000 + self.last}" rowCnt="{len(block.rows)}" '
            f'colCnt="{len(block.rows[0])}" cellSpacing="0" borderFillIDRef="1" repeatHeader="1">'
            f"{rows}</hp:tbl><hp:t/></hp:run></hp:p>"
        )


def _header() -> str:
    styles = "".join(
        f'<hh:style id="{number}" type="PARA" name="{name}" engName="{english}" '
        f'paraPrIDRef="{number}" charPrIDRef="0" nextStyleIDRef="0" langID="1042" lockForm="0"/>'
        for number, (name, english) in enumerate(STYLES)
    )
    paragraphs = "".join(
        f'<hh:paraPr id="{number}"><hh:align horizontal="JUSTIFY" vertical="BASELINE"/>'
        f'<hh:heading type="{"OUTLINE" if number >= OUTLINE else "NONE"}" idRef="0" '
        f'level="{max(0, number - OUTLINE)}"/></hh:paraPr>'
        for number in range(len(STYLES))
    )
    return (
        f'{XML}<hh:head {NAMESPACES} version="1.4" secCnt="1"><hh:refList>'
        '<hh:charProperties itemCnt="1"><hh:charPr id="0" height="1000" textColor="#000000"/>'
        f"</hh:charProperties><hh:paraProperties>{paragraphs}</hh:paraProperties>"
        f'<hh:styles itemCnt="{len(STYLES)}">{styles}</hh:styles></hh:refList></hh:head>'
    )


def _package(source: Source, sections: int) -> str:
    names = ["header", *(f"section{number}" for number in range(sections))]
    items = "".join(
        f'<opf:item id="{name}" href="Contents/{name}.xml" media-type="application/xml"/>'
        for name in names
    )
    spine = "".join(f'<opf:itemref idref="{name}" linear="yes"/>' for name in names)
    return (
        f'{XML}<opf:package xmlns:opf="http://www.idpf.org/2007/opf/" version="" '
        f'unique-identifier="" id=""><opf:metadata><opf:title>{escape(source.title)}</opf:title>'
        f"<opf:language>{source.lang}</opf:language>"
        f'<opf:meta name="creator" content="text">{escape(source.agency)}</opf:meta>'
        f'<opf:meta name="CreatedDate" content="text">{source.date}T00:00:00Z</opf:meta>'
        f"</opf:metadata><opf:manifest>{items}</opf:manifest>"
        f"<opf:spine>{spine}</opf:spine></opf:package>"
    )


def _version() -> str:
    return (
        f'{XML}<hv:HCFVersion xmlns:hv="http://www.hancom.co.kr/hwpml/2011/version" '
        'tagetApplication="WORDPROCESSOR" major="5" minor="1" micro="0" buildNumber="1" os="1" '
        'xmlVersion="1.4" application="Hancom Office Hangul" appVersion="11, 0, 0, 1"/>'
    )


def _container() -> str:
    return (
        f'{XML}<ocf:container xmlns:ocf="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<ocf:rootfiles><ocf:rootfile full-path="Contents/content.hpf" '
        'media-type="application/hwpml-package+xml"/></ocf:rootfiles></ocf:container>'
    )


MAKERS: dict[str, Callable[[Source, str, Random], bytes]] = {"hwpx": hwpx_file}
