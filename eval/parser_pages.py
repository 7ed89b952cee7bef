"""Make the PDFs that parsers are compared on, from the project's own prose, with their true text.

Every layout is made twice: from the training half of the documents, on which our parser was tuned,
and from the others with other sizes, on which figures are reported. Made by a small press of our
own (`eval.parser_press`), by Chromium's print to PDF and by changing such files. Layouts that need
Chromium are left out, and named, where it is not installed.
"""

import html
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from eval.parser_press import Layout, Press, paragraphs

Half = Literal["tune", "report"]
HERE = Path(__file__).parent
DOCUMENTS = {
    "tune": {"ko": "cyber county hospital veterans", "en": "arctic night sanctions railway"},
    "report": {"ko": "schools forest digital tourism", "en": "grid treaty strait missile"},
}
HEADER = {"ko": "정책연구 보고서 제7호", "en": "Policy Report No. 7"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")


@dataclass(frozen=True, slots=True)
class Made:
    """A PDF and what a perfect parser gives of it."""

    name: str
    half: Half
    path: Path
    blocks: tuple[str, ...]  # headings and paragraphs in reading order, without footnotes
    notes: tuple[str, ...] = ()  # footnotes' words
    furniture: tuple[str, ...] = ()  # headers and footers: none of it belongs in the text
    hidden: tuple[str, ...] = ()  # what no reader of the page sees
    rows: tuple[tuple[str, ...], ...] = ()  # of its table
    cells: tuple[tuple[str, str, str], ...] = ()  # row label, column label, words
    starts: tuple[int, ...] = ()  # page that each block begins on, where known


def make(folder: Path, half: Half) -> list[Made]:
    """The PDFs of one half, written into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [_press(folder, half, name, lang, layout) for name, lang, layout in PRESSED]
    if CHROMIUM:
        made += [_printed(folder, half, name, lang, form) for name, lang, form in PRINTED]
        made += [change(folder, made) for change in CHANGED]
    return made


def _texts(half: Half, lang: str, number: int, count: int) -> list[tuple[str, str]]:
    name = DOCUMENTS[half][lang].split()[number % 4]
    path = next((HERE / "documents").glob(f"*/{name}.{lang}.md"))
    return list(paragraphs(path.read_text("utf-8")))[:count]


PRESSED: tuple[tuple[str, str, Layout], ...] = (
    ("notes-ko", "ko", Layout(header=HEADER["ko"])),
    ("notes-en", "en", Layout(header=HEADER["en"], number="{}")),
    ("columns-ko", "ko", Layout(columns=2, size=9.5, leading=15, header=HEADER["ko"])),
    ("columns-en", "en", Layout(columns=2, size=9.5, leading=14, number="Page {} of 9")),
    ("words-ko", "ko", Layout(inside_words=False, indent=0, apart=8, number="{}")),
    ("short-ko", "ko", Layout(inside_words=False, indent=0, apart=8)),
    ("no-spaces-ko", "ko", Layout(spacing="none")),
    ("letters-ko", "ko", Layout(spacing="letters")),
    ("wide-ko", "ko", Layout(spacing="wide", header=HEADER["ko"])),
)


def _press(folder: Path, half: Half, name: str, lang: str, layout: Layout) -> Made:
    if half == "report":
        layout = replace(layout, size=layout.size + 0.5, margin=layout.margin - 6)
    number = [n for n, _, _ in PRESSED].index(name)
    press = Press(layout)
    parts = _texts(half, lang, number, 6 if name == "short-ko" else 22)
    for index, (kind, text) in enumerate(parts):
        if kind == "paragraph":
            noted = name.startswith("notes") or name.startswith("columns")
            press.paragraph(_noted(text, index, lang) if noted else _spaced(text, layout))
        else:
            press.heading(text, 18 if kind == "title" else 13)
    path = folder / f"{name}-{half}.pdf"
    printed = press.save(path)
    plain = {_spaced(text, layout): text for _, text in parts}
    return Made(
        name,
        half,
        path,
        tuple(plain.get(text, text) for _, text, _ in printed.blocks),
        tuple(text for text, _ in printed.notes),
        (layout.header,) if layout.header else (),
        starts=tuple(page for _, _, page in printed.blocks),
    )


def _spaced(text: str, layout: Layout) -> str:
    return text.replace(" ", "") if layout.spacing == "none" else text


def _noted(text: str, index: int, lang: str) -> str:
    """Every other paragraph with a footnote after its first sentence."""
    if index % 2:
        return text
    note = {
        "ko": f"관계부처 합동, 「점검 보고」, {2010 + index}년 {index % 12 + 1}월, {index + 3}쪽.",
        "en": f"Joint Committee, Report on Progress ({2010 + index}), pp. {index + 3}-{index + 9}.",
    }[lang]
    return re.sub(r"(?<=[다a-z])\.(?=\s)", f".[[{note}]]", text, count=1)


PAGE = """<html lang={lang}><head><meta charset=utf-8><title>{title}</title><style>
@page{{size:A4;margin:26mm 24mm;@bottom-center{{content:"{number}";font-size:9pt}}
@top-right{{content:"{header}";font-size:9pt}}}}
body{{font-family:'Noto Serif CJK KR';font-size:{size}pt;line-height:1.6;margin:0;{style}}}
h1{{font-size:20pt;column-span:all}}h2{{font-size:14pt}}p{{margin:0 0 .7em}}
table{{border-collapse:collapse;width:100%;margin:1em 0}}
td,th{{border:1px solid #444;padding:3px 6px}}
</style></head><body>{body}</body></html>"""
FORMS = {
    "justified": "text-align:justify;hyphens:auto;word-break:normal",
    "ragged": "text-align:left;word-break:keep-all",
    "columns": "text-align:justify;columns:2;column-gap:9mm",
    "vertical": "writing-mode:vertical-rl;height:240mm",
    "outline": "text-align:left",
    "table": "text-align:left",
    "hidden": "text-align:justify",
}
PRINTED: tuple[tuple[str, str, str], ...] = (
    ("print-ko", "ko", "justified"),
    ("print-en", "en", "justified"),
    ("ragged-ko", "ko", "ragged"),
    ("print-columns-ko", "ko", "columns"),
    ("vertical-ko", "ko", "vertical"),
    ("outline-ko", "ko", "outline"),
    ("table-ko", "ko", "table"),
    ("hidden-ko", "ko", "hidden"),
)


def _printed(folder: Path, half: Half, name: str, lang: str, form: str) -> Made:
    number = [n for n, _, _ in PRINTED].index(name) + 1
    parts = _texts(half, lang, number, 7 if form in ("table", "vertical") else 20)
    if form == "columns":  # enough for two pages
        parts += _texts(half, lang, number + 1, 20)[1:]
    blocks = _outlined(parts) if form == "outline" else [text for _, text in parts]
    tags = {"title": "h1", "heading": "h2", "paragraph": "p"}
    shown = "\n".join(
        f"<{tags[kind]}>{html.escape(text)}</{tags[kind]}>"
        for (kind, _), text in zip(parts, blocks, strict=False)
    )
    if form == "outline":
        shown = _outline_html(blocks)
    rows, cells = _table(half) if form == "table" else ((), ())
    if form == "table":
        blocks.append("표 1. 부처별 예산")
        shown += f"<p style='break-after:avoid'>{blocks[-1]}</p>" + _table_html(half)
    if form == "columns":  # a body in columns would be shrunk to one page
        shown = f"<div style='{FORMS[form]}'>{shown}</div>"
    hidden: tuple[str, ...] = ()
    if form == "hidden":
        hidden = ("숨은지시문입니다", "덮인문장입니다", "바깥문장입니다")
        shown += (
            f"<p style='color:#fff'>{hidden[0]}</p><div style='position:relative'>{hidden[1]}"
            "<div style='position:absolute;left:0;top:0;width:300px;height:30px;background:#fff'>"
            f"</div></div><div style='position:absolute;left:-900px;top:9px'>{hidden[2]}</div>"
        )
    vertical = form == "vertical"
    page = PAGE.format(
        lang=lang,
        title="",
        number="" if vertical else '- " counter(page) " -',
        header="" if vertical else HEADER[lang],
        size=10.5 if half == "tune" else 11,
        style="" if form == "columns" else FORMS[form],
        body=shown,
    )
    path = folder / f"{name}-{half}.pdf"
    _chromium(page, path)
    furniture = () if vertical else (HEADER[lang],)
    return Made(
        name, half, path, tuple(blocks), (), furniture, hidden=hidden, rows=rows, cells=cells
    )


def _chromium(page: str, path: Path) -> None:
    source = path.with_suffix(".html")
    source.write_text(page, "utf-8")
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    quiet = "--disable-background-networking --disable-component-update --no-pdf-header-footer"
    command = [CHROMIUM or "chromium", *flags.split(), *quiet.split()]
    subprocess.run(
        [*command, f"--print-to-pdf={path}", source.as_uri()],
        capture_output=True,
        timeout=120,
        check=True,
    )


def _outlined(parts: Sequence[tuple[str, str]]) -> list[str]:
    """As Korean ministries write: boxes over circles over dashes."""
    blocks, signs = [], "○-"
    count = 0
    for kind, text in parts:
        if kind == "title":
            blocks.append(text)
        elif kind == "heading":
            count += 1
            blocks.append(f"□ {text.split('. ')[-1]}")
        else:
            first = re.split(r"(?<=다)\.\s", text)
            blocks += [f"{signs[i > 0]} {s.rstrip('.')}" for i, s in enumerate(first[:3])]
    return blocks


def _outline_html(blocks: Sequence[str]) -> str:
    shift = {"□": 0, "○": 1, "-": 2}
    lines = []
    for text in blocks:
        if text[0] not in shift:
            lines.append(f"<h1>{text}</h1>")
            continue
        left = shift[text[0]] + 1.2
        lines.append(f"<p style='margin-left:{left}em;text-indent:-1.2em'>{html.escape(text)}</p>")
    return "\n".join(lines)


def _table(half: Half) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, str, str], ...]]:
    names = (
        "국방 외교 통일 보건 교육 환경 농림 해양 산업 고용 문화 과학 국토 여성 행정 법무".split()
    )
    years = (2026, 2027) if half == "tune" else (2027, 2028)
    heads = [f"{y}년 / {kind}" for y in years for kind in ("국비", "지방비")]
    rows, cells = [], []
    for index in range(45):
        name = f"{names[index % 16]}부 {index // 16 + 1}과"
        values = [f"{(index * 37 + c * 11) % 900 + 10}억 원" for c in range(4)]
        rows.append((name, *values))
        cells += [(name, head, value) for head, value in zip(heads, values, strict=True)]
    return tuple(rows), tuple(cells)


def _table_html(half: Half) -> str:
    rows, cells = _table(half)
    years = list(dict.fromkeys(head.split(" / ")[0] for _, head, _ in cells))
    top = "".join(f"<th colspan=2>{year}</th>" for year in years)
    kinds = "<th>국비</th><th>지방비</th>" * 2
    head = f"<thead><tr><th rowspan=2>부처</th>{top}</tr><tr>{kinds}</tr></thead>"
    body = "".join(f"<tr>{''.join(f'<td>{v}</td>' for v in row)}</tr>" for row in rows)
    return f"<table>{head}{body}</table>"


def _named(made: Sequence[Made], name: str) -> Made:
    return next(m for m in made if m.name == name)


def _turned(folder: Path, made: Sequence[Made]) -> Made:
    """Pages turned by a quarter and cropped to what is printed."""
    import pikepdf

    source = _named(made, "print-ko")
    path = folder / f"turned-ko-{source.half}.pdf"
    with pikepdf.open(source.path) as pdf:
        for page in pdf.pages:
            page.Rotate = 90
            page.CropBox = [40, 40, 560, 800]
        pdf.save(path)
    return replace(source, name="turned-ko", path=path)


def _nameless(folder: Path, made: Sequence[Made]) -> Made:
    """Fonts that do not say what their glyphs mean."""
    import pikepdf

    source = _named(made, "short-ko")
    path = folder / f"nameless-ko-{source.half}.pdf"
    with pikepdf.open(source.path) as pdf:
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing:
                del thing["/ToUnicode"]
        pdf.save(path)
    return replace(source, name="nameless-ko", path=path)


def _scanned(folder: Path, made: Sequence[Made]) -> Made:
    """Pictures of pages."""
    import pypdfium2

    source = _named(made, "short-ko")
    path = folder / f"scanned-ko-{source.half}.pdf"
    document = pypdfium2.PdfDocument(source.path)
    picture = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    picture.convert("RGB").save(path, "PDF", resolution=200)
    document.close()
    return replace(source, name="scanned-ko", path=path)


CHANGED: tuple[Callable[[Path, Sequence[Made]], Made], ...] = (_turned, _nameless, _scanned)
