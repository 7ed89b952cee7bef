"""PDFs as a word processor or a browser would make them: HTML printed by headless Chromium.

Chromium embeds Noto CJK and writes the time into the file; that is set to the source's own date,
so that the same Chromium gives the same bytes. Another version of it gives other ones.
"""

import io
import subprocess
import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from random import Random

from eval.folder_sources import Source
from eval.folder_web import body, notes
from index.errors import CiteBriefError

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    " --disable-background-networking --disable-component-update --no-pdf-header-footer"
).split()
WAIT = 90  # seconds

COMMON = """
* { box-sizing: border-box } sup { font-size: 65%; line-height: 0 } sup a { color: inherit }
table { border-collapse: collapse; width: 100%; font-size: 85%; margin: 3mm 0 }
th, td { border: .4pt solid #444; padding: 1mm 1.6mm } thead th { background: #e8edf4 }
caption { font-weight: bold; padding: 1mm } tr { break-inside: avoid }
.footnotes { border-top: .5pt solid #000; margin-top: 8mm; font-size: 75% }
.footnotes h2 { display: none } h2, h3 { break-after: avoid }
p { text-align: justify; margin: 0 0 2mm }
"""
STYLES = {
    "press": """
@page { size: A4; margin: 20mm 20mm 22mm; @bottom-center { content: "- " counter(page) " -" } }
body { font: 11pt/1.75 "Noto Serif CJK KR", serif } h1 { text-align: center; font-size: 17pt;
border-top: 2pt solid #15397f; border-bottom: 2pt solid #15397f; padding: 4mm }
h2 { font-size: 12.5pt } p { word-break: break-all }
.banner { font: bold 22pt "Noto Sans CJK KR"; color: #15397f }
.meta td { font-family: "Noto Sans CJK KR"; font-size: 9pt } ul li { list-style: "○ " }
""",
    "columns": """
@page { size: A4; margin: 24mm 18mm 22mm; @top-left { content: "HEAD"; font: 8pt sans-serif }
@top-right { content: "DATE"; font: 8pt sans-serif }
@bottom-center { content: counter(page); font: 9pt serif } }
@page :first { @top-left { content: "" } @top-right { content: "" } }
body { font: 9.5pt/1.6 "Noto Serif CJK KR", serif } h1 { font-size: 18pt; text-align: center }
.text { column-count: 2; column-gap: 8mm } h2 { font-size: 11.5pt } h3 { font-size: 10pt }
p { text-indent: 1em }
""",
    "report": """
@page { size: A4; margin: 28mm 24mm; @top-right { content: "HEAD"; font: 8pt sans-serif;
border-bottom: .4pt solid #888 } @bottom-right { content: counter(page) " / " counter(pages) } }
@page :first { margin: 0; @top-right { content: ""; border: 0 } @bottom-right { content: "" } }
body { font: 11pt/1.7 "Noto Sans CJK KR", sans-serif; margin: 0 }
.cover { height: 296mm; padding: 70mm 25mm; break-after: page; background: #f1f5f2 }
.cover h1 { font-size: 26pt; line-height: 1.35 } .cover p { text-align: left }
.toc { break-after: page; padding-top: 10mm } .toc div { display: flex } .toc i { flex: 1;
overflow: hidden; white-space: nowrap; margin: 0 2mm; font-style: normal } h2 { font-size: 15pt }
""",
    "letter": """
@page { size: Letter; margin: 1in .9in; @top-center { content: "HEAD"; font: italic 8pt serif }
@bottom-left { content: "DATE"; font: 8pt serif } @bottom-right { content: "Page " counter(page);
font: 8pt serif } }
body { font: 11pt/1.4 "DejaVu Serif", "Noto Serif CJK KR", serif } h1 { font-size: 20pt }
.side { float: right; width: 34%; background: #eef3f8; border-left: 3pt solid #246; font-size: 85%;
padding: 3mm; margin: 0 0 3mm 5mm } h2 { color: #246; font-size: 13pt }
""",
}


def printed(source: Source, style: str, random: Random) -> bytes:
    """The source as a PDF printed in one of STYLES."""
    if style != "report":
        return _print(_page(source, style, {}), source)
    first = _print(_page(source, style, {}), source)
    return _print(_page(source, style, _pages(first, source)), source)


def _page(source: Source, style: str, pages: dict[str, int]) -> str:
    head = source.title.replace('"', "'")[:40]
    rules = STYLES[style].replace("HEAD", head).replace("DATE", source.date)
    title, agency = escape(source.title), escape(source.agency)
    text = f'<div class="text">{body(source, links=False)}</div>{notes(source)}'
    by = f"<p>{agency} · {source.date}</p>"
    front = f"<h1>{title}</h1>{by}"
    if style == "press":
        front = _banner(source) + f"<h1>{title}</h1>"
    elif style == "report":
        front = f'<div class="cover"><p>{agency}</p><h1>{title}</h1><p>{source.date}</p></div>'
        front += _contents(source, pages)
    elif style == "letter":
        side = "핵심 정보" if source.lang == "ko" else "About this paper"
        front = f'<h1>{title}</h1><div class="side"><b>{side}</b>{by}</div>'
    return (
        f'<!DOCTYPE html><html lang="{source.lang}"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{COMMON}{rules}</style><body>{front}{text}</body></html>"
    )


def _banner(source: Source) -> str:
    korean = source.lang == "ko"
    name = "보 도 자 료" if korean else "PRESS RELEASE"
    when, who = ("보도 시점", "담당 부서") if korean else ("For release", "Issued by")
    return (
        f'<div class="banner">{name}</div><table class="meta"><tr><td>{when}</td>'
        f"<td>{source.date}</td><td>{who}</td><td>{escape(source.agency)}</td></tr></table>"
    )


def _contents(source: Source, pages: dict[str, int]) -> str:
    heading = "차례" if source.lang == "ko" else "Contents"
    lines = "".join(
        f"<div><span>{escape(b.text)}</span><i>{'.' * 130}</i><span>{pages.get(b.text, 0)}</span>"
        "</div>"
        for b in source.blocks
        if b.kind == "heading"
    )
    return f'<div class="toc"><h2>{heading}</h2>{lines}</div>'


def _pages(pdf: bytes, source: Source) -> dict[str, int]:
    """The page of each heading, the cover and the contents left out."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    texts = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    found = {}
    for block in source.blocks:
        if block.kind == "heading":
            wanted = "".join(block.text.split())
            found[block.text] = next(
                (n for n, t in enumerate(texts, 1) if n > 2 and wanted in t), 3
            )
    return found


def _print(html: str, source: Source) -> bytes:
    if not CHROMIUM.exists():
        raise CiteBriefError(
            f"No {CHROMIUM} to print PDFs with; install it: apt-get install chromium fonts-noto-cjk"
        )
    with tempfile.TemporaryDirectory() as folder:
        page, pdf = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(html, encoding="utf-8")
        profile = f"--user-data-dir={folder}/profile"
        command = [str(CHROMIUM), *FLAGS, profile, f"--print-to-pdf={pdf}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=WAIT)
        return _dated(pdf.read_bytes(), source.date)


def _dated(pdf: bytes, date: str) -> bytes:
    import pikepdf

    stamp = "D:" + (date + "-01-01")[:10].replace("-", "") + "120000+00'00'"
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for name in ("/CreationDate", "/ModDate"):
            document.docinfo[name] = stamp
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


MAKERS: dict[str, Callable[[Source, str, Random], bytes]] = {"printed": printed}
