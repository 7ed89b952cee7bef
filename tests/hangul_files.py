"""Hangul files (HWPX) for tests: a small writer of OWPML as Hangul writes it."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_P = "http://www.hancom.co.kr/hwpml/2011/paragraph"
_SPACES = (
    f'xmlns:hp="{_P}" xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section" '
    'xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head" '
    'xmlns:hc="http://www.hancom.co.kr/hwpml/2011/core"'
)
# Styles 0 to 3: body, 개요 1, 개요 2, table of contents; letters 0 to 2: 10 pt, 16 pt bold, bold.
HEADER = (
    f'<hh:head {_SPACES} version="1.4"><hh:refList>'
    '<hh:charProperties><hh:charPr id="0" height="1000"/>'
    '<hh:charPr id="1" height="1600"><hh:bold/></hh:charPr>'
    '<hh:charPr id="2" height="1000"><hh:bold/></hh:charPr></hh:charProperties>'
    '<hh:paraProperties><hh:paraPr id="0"><hh:heading type="NONE" idRef="0" level="0"/></hh:paraPr>'
    '<hh:paraPr id="1"><hh:heading type="OUTLINE" idRef="0" level="0"/></hh:paraPr>'
    '<hh:paraPr id="2"><hh:heading type="OUTLINE" idRef="0" level="1"/></hh:paraPr>'
    "</hh:paraProperties><hh:styles>"
    '<hh:style id="0" type="PARA" name="바탕글" engName="Normal" paraPrIDRef="0"/>'
    '<hh:style id="1" type="PARA" name="개요 1" engName="Outline 1" paraPrIDRef="1"/>'
    '<hh:style id="2" type="PARA" name="개요 2" engName="Outline 2" paraPrIDRef="2"/>'
    '<hh:style id="3" type="PARA" name="차례 1" engName="TOC 1" paraPrIDRef="0"/>'
    "</hh:styles></hh:refList></hh:head>"
)
CONTAINER = (
    '<ocf:container xmlns:ocf="urn:oasis:names:tc:opendocument:xmlns:container"><ocf:rootfiles>'
    '<ocf:rootfile full-path="Contents/content.hpf" media-type="application/hwpml-package+xml"/>'
    "</ocf:rootfiles></ocf:container>"
)
PACKAGE = (
    '<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:metadata>'
    "<opf:title>{title}</opf:title><opf:language>ko</opf:language>"
    '<opf:meta name="CreatedDate" content="text">2024-03-02T01:00:00Z</opf:meta>'
    '<opf:meta name="ModifiedDate" content="text">2024-05-17T01:00:00Z</opf:meta>'
    "</opf:metadata></opf:package>"
)


def write_hwpx(
    path: Path,
    *sections: str,
    title: str = "동맹의 비용",
    parts: dict[str, str] | None = None,
) -> Path:
    """A Hangul file whose sections hold the paragraphs given as XML."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/hwp+zip", zipfile.ZIP_STORED)
        file.writestr(
            "version.xml", '<hv:HCFVersion xmlns:hv="http://www.hancom.co.kr/hwpml/2011/version"/>'
        )
        file.writestr("META-INF/container.xml", CONTAINER)
        file.writestr("Contents/content.hpf", PACKAGE.format(title=escape(title)))
        file.writestr("Contents/header.xml", HEADER)
        for number, section in enumerate(sections):
            file.writestr(f"Contents/section{number}.xml", f"<hs:sec {_SPACES}>{section}</hs:sec>")
        file.writestr("Preview/PrvText.txt", "미리보기는 읽지 않는다.")
        for name, content in (parts or {}).items():
            file.writestr(name, content)
    return path


def p(
    *inside: str,
    style: int = 0,
    letters: int = 0,
    new_page: bool = False,
    lines: Sequence[tuple[int, int]] = (),
) -> str:
    """A paragraph; what is no XML is put into hp:t. `lines`: (place, height) of each line."""
    runs = "".join(
        f'<hp:run charPrIDRef="{letters}">{x if x.startswith("<") else t(x)}</hp:run>'
        for x in inside
    )
    marks = "".join(f'<hp:lineseg textpos="{at}" vertpos="{top}"/>' for at, top in lines)
    return (
        f'<hp:p id="0" paraPrIDRef="0" styleIDRef="{style}" pageBreak="{int(new_page)}" '
        f'columnBreak="0" merged="0">{runs}<hp:linesegarray>{marks}</hp:linesegarray></hp:p>'
    )


def t(text: str) -> str:
    """Words, which may hold the elements that stand among them."""
    return f"<hp:t>{text}</hp:t>"


def note(words: str, kind: str = "footNote") -> str:
    """A footnote as it stands in a run."""
    return (
        f'<hp:ctrl><hp:{kind} number="1"><hp:subList>'
        + p("<hp:ctrl><hp:autoNum num='1'/></hp:ctrl>", " " + words)
        + f"</hp:subList></hp:{kind}></hp:ctrl>"
    )


def table(rows: Iterable[Iterable[str | tuple[str, int, int]]], caption: str = "") -> str:
    """A table; a cell is words, or (words, rows that it spans, columns that it spans)."""
    taken: set[tuple[int, int]] = set()
    xml = ""
    for at, row in enumerate(rows):
        cells, column = "", 0
        for cell in row:
            words, down, across = cell if isinstance(cell, tuple) else (cell, 1, 1)
            while (at, column) in taken:
                column += 1
            taken |= {(at + i, column + j) for i in range(down) for j in range(across)}
            inside = words if words.startswith("<") else p(words)
            cells += (
                f'<hp:tc header="0"><hp:subList>{inside}</hp:subList>'
                f'<hp:cellAddr colAddr="{column}" rowAddr="{at}"/>'
                f'<hp:cellSpan colSpan="{across}" rowSpan="{down}"/></hp:tc>'
            )
        xml += f"<hp:tr>{cells}</hp:tr>"
    named = f"<hp:caption><hp:subList>{p(caption)}</hp:subList></hp:caption>" if caption else ""
    return f'<hp:tbl repeatHeader="1">{named}{xml}</hp:tbl>'
