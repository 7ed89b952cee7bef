"""Web pages, Markdown and plain text of a source, as sites and mail attachments carry them."""

import textwrap
from collections.abc import Callable
from html import escape
from random import Random

from eval.folder_sources import MARKER, Block, Source, plain

NAV = {
    "ko": "처음으로 기관소개 정책자료 보도자료 통계 알림마당 정보공개 민원안내 사이트맵".split(),
    "en": "Home About Topics Publications News Statistics Events Careers Contact".split(),
}
WORDS = {
    "ko": {
        "cookie": "이 누리집은 쿠키를 사용합니다. 계속 이용하시면 동의한 것으로 봅니다.",
        "agree": "동의",
        "related": "함께 보면 좋은 자료",
        "print": "인쇄하기",
        "share": "공유하기",
        "views": "조회수 1,284",
        "foot": "저작권은 해당 기관에 있습니다. 대표전화 02-0000-0000",
        "notes": "주",
    },
    "en": {
        "cookie": "We use cookies to improve your visit. By continuing you accept our policy.",
        "agree": "Accept all",
        "related": "Related reading",
        "print": "Print this page",
        "share": "Share",
        "views": "1,284 views",
        "foot": "All rights reserved. Terms of use. Accessibility statement.",
        "notes": "Notes",
    },
}
RELATED = {
    "ko": ("연안 여객선 안전 점검 결과", "지방 소멸 대응 사업 공고", "2030년도 업무계획"),
    "en": ("Annual report 2030", "Call for evidence: inland waterways", "Our priorities"),
}


def body(source: Source, *, links: bool = True) -> str:
    """The blocks of a source as HTML, without the title and the notes."""
    parts: list[str] = []
    listing = False
    for number, block in enumerate(source.blocks):
        if listing and block.kind != "item":
            parts.append("</ul>")
        if block.kind == "item" and not listing:
            parts.append("<ul>")
        listing = block.kind == "item"
        parts.append(_element(block, number, links))
    return "\n".join([*parts, "</ul>"] if listing else parts)


def _element(block: Block, number: int, links: bool) -> str:
    if block.kind == "heading":
        return f'<h{block.level} id="h{number}">{escape(block.text)}</h{block.level}>'
    if block.kind == "table":
        return table(block)
    marked = marks(block.text, links)
    return f"<li>{marked}</li>" if block.kind == "item" else f"<p>{marked}</p>"


def marks(text: str, links: bool) -> str:
    """Escaped `text` with its footnote markers as superscripts."""
    mark = r'<sup><a href="#fn\1">\1</a></sup>' if links else r"<sup>\1)</sup>"
    return MARKER.sub(mark, escape(text, quote=False))


def table(block: Block) -> str:
    """A table with merged cells, its caption above."""
    spans = block.spans()
    rows = []
    for number in range(len(block.rows)):
        cells = ""
        for span in (s for s in spans if s.row == number):
            tag = "th" if number < block.header_rows or span.column == 0 else "td"
            wide = f' colspan="{span.columns}"' if span.columns > 1 else ""
            high = f' rowspan="{span.rows}"' if span.rows > 1 else ""
            cells += f"<{tag}{wide}{high}>{escape(span.text)}</{tag}>"
        rows.append(f"<tr>{cells}</tr>")
    head, rest = rows[: block.header_rows], rows[block.header_rows :]
    caption = f"<caption>{escape(block.text)}</caption>" if block.text else ""
    inner = f"<thead>{''.join(head)}</thead>\n<tbody>{chr(10).join(rest)}</tbody>"
    return f"<table>{caption}\n{inner}</table>"


def notes(source: Source) -> str:
    """The footnotes as a list, or nothing."""
    if not source.notes:
        return ""
    items = "\n".join(
        f'<li id="fn{number}" value="{number}">{escape(text)}</li>'
        for number, text in source.notes.items()
    )
    heading = WORDS[source.lang]["notes"]
    return f'<section class="footnotes"><h2>{heading}</h2><ol>\n{items}\n</ol></section>'


def web_page(source: Source, style: str, random: Random) -> bytes:
    """A page of a site; the style names its encoding, `bare` a page without a frame."""
    words = WORDS[source.lang]
    encoding = {"euc-kr": "euc-kr", "cp949": "cp949"}.get(style, "utf-8")
    declared = {"cp949": "", "euc-kr": '<meta charset="euc-kr">'}.get(
        style, '<meta charset="utf-8">'
    )
    related = random.sample(RELATED[source.lang], 3)
    title = escape(source.title)
    content = f"<h1>{title}</h1>\n<p class='by'>{escape(source.agency)} | {source.date}</p>\n"
    content += f"{body(source)}\n{notes(source)}"
    if style == "bare":
        page = f"<html><head>{declared}<title>{title}</title></head><body>{content}</body></html>"
        return page.encode()
    nav = "".join(f'<li><a href="/{i}">{name}</a></li>' for i, name in enumerate(NAV[source.lang]))
    links = "".join(f'<li><a href="/r/{i}">{name}</a></li>' for i, name in enumerate(related))
    frame = "div" if style == "divs" else ""
    page = f"""<!DOCTYPE html>
<html lang="{source.lang}"><head>{declared}
<title>{title} - {escape(source.agency)}</title>
<meta name="description" content="{title}">
<meta property="article:published_time" content="{source.date}">
<style>.cookie{{position:fixed;bottom:0}} nav li{{display:inline}} .hidden{{display:none}}</style>
<script>window.dataLayer=[];function track(){{dataLayer.push("view");}}</script></head>
<body onload="track()">
<div id="cookie-banner" class="cookie" role="dialog"><p>{words["cookie"]}</p>
<button>{words["agree"]}</button></div>
<{frame or "header"} class="header"><a href="/">{escape(source.agency)}</a>
<{frame or "nav"} class="nav menu"><ul>{nav}</ul></{frame or "nav"}></{frame or "header"}>
<div class="breadcrumb"><a href="/">{NAV[source.lang][0]}</a> &gt; {NAV[source.lang][3]}</div>
<{frame or "main"} class="content"><{frame or "article"}>
{content}
</{frame or "article"}>
<div class="share"><a href="#">{words["share"]}</a> <a href="#">{words["print"]}</a>
<span>{words["views"]}</span></div></{frame or "main"}>
<{frame or "aside"} class="sidebar"><h3>{words["related"]}</h3><ul>{links}</ul>
</{frame or "aside"}>
<{frame or "footer"} class="footer"><p>{words["foot"]}</p></{frame or "footer"}>
</body></html>
"""
    return page.encode(encoding, errors="xmlcharrefreplace")


def markdown(source: Source, style: str, random: Random) -> bytes:
    """Markdown with front matter; merged cells are repeated, as pipe tables have none."""
    lines = []
    if style != "bare":
        lines += ["---", f'title: "{source.title}"', f"author: {source.agency}"]
        lines += [f"date: {source.date}", f"lang: {source.lang}", "---", ""]
    lines += [f"# {source.title}", ""]
    for block in source.blocks:
        if block.kind == "heading":
            lines += ["#" * block.level + " " + block.text, ""]
        elif block.kind == "table":
            rows = [f"| {' | '.join(row)} |" for row in grid(block)]
            rule = "|" + " --- |" * len(block.rows[0])
            lines += [block.text, "", rows[0], rule, *rows[1:], ""]
        else:
            lines += [("- " if block.kind == "item" else "") + block.text, ""]
    lines += [f"[^{number}]: {text}" for number, text in source.notes.items()]
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8-sig" if style == "bom" else "utf-8")


def grid(block: Block) -> list[list[str]]:
    """The rows of a table with the text of a merged cell in each of its places."""
    rows = [[""] * len(row) for row in block.rows]
    for span in block.spans():
        for i in range(span.row, span.row + span.rows):
            for j in range(span.column, span.column + span.columns):
                rows[i][j] = span.text
    return rows


def text_file(source: Source, style: str, random: Random) -> bytes:
    """Plain text; the style names the encoding, `wrapped` breaks lines at 40 columns."""
    wide = 40 if style in {"wrapped", "cp949"} else 0
    lines = [source.title, "", f"{source.agency}  {source.date}", ""]
    for block in source.blocks:
        if block.kind == "table":
            lines += [block.text, *("  ".join(row) for row in grid(block)), ""]
        elif block.kind == "item":
            lines += wrapped("- " + plain(block.text), wide)
        else:
            mark = MARKER.sub(r"[\1]", block.text)
            lines += [*wrapped(mark, wide), ""]
    if source.notes:
        lines += ["", "-" * 20]
        lines += [f"[{number}] {text}" for number, text in source.notes.items()]
    text = "\n".join(lines) + "\n"
    encoding = {"cp949": "cp949", "utf-16": "utf-16", "bom": "utf-8-sig"}.get(style, "utf-8")
    if style in {"cp949", "utf-16"}:
        text = text.replace("\n", "\r\n")
    if style == "cp949":
        text = text.replace("–", "-").replace("—", "-")
    return text.encode(encoding)


def wrapped(text: str, wide: int) -> list[str]:
    """Lines of at most `wide` columns, where Hangul counts two; 0 leaves one line."""
    if not wide:
        return [text]
    if text.isascii():
        return textwrap.wrap(text, wide)
    lines, line, used = [], "", 0
    for character in text:
        size = 2 if ord(character) > 0x1100 else 1
        if used + size > wide:  # inside a word too, as terminals and mail programs do
            lines.append(line.rstrip() if line.endswith(" ") else line)
            line, used = "", 0
            if character == " ":
                lines[-1] += " "
                continue
        line, used = line + character, used + size
    return [*lines, line] if line else lines


MAKERS: dict[str, Callable[[Source, str, Random], bytes]] = {
    "web": web_page,
    "markdown": markdown,
    "text": text_file,
}
