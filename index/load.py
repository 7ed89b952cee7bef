"""Load a library folder into clean Documents: Unicode NFC, language, pages, sections, footnotes.

A library is a folder of `.txt` and `.md` files. Beside a file may stand a YAML sidecar that names it
(`file: brief.ko.txt`) and says what the text alone does not: id, title, layout, outline, tables, and
an aligned edition in the other language. Everything downstream sees only Documents.
Not covered: PDF, DOCX and other formats; a file in more than one language.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from index.errors import InputError
from index.footnotes import find_markers, remove_markers
from index.language import detect
from index.layout import BULLET, Heading, Line, TableArea, pdf_lines, plain
from index.types import Block, Cell, Document, Lang, Section, Table

SUFFIXES = (".txt", ".md")
LARGEST_FILE = 50_000_000  # bytes

_Row = TypeVar("_Row", bound=BaseModel)
Titles = Mapping[str, str]  # language -> wording


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OutlineEntry(_Strict):
    """A heading: its level, its wording in each language, and how it is printed if otherwise."""

    level: int
    ko: str | None = None
    en: str | None = None
    printed: str | None = None


class TableEntry(_Strict):
    """A flattened table: what its lines look like, and the labels of its columns and rows."""

    printed: str
    header: str
    label: dict[str, str]
    caption: dict[str, str]
    columns: list[dict[str, str]]
    rows: list[dict[str, str]]
    source: dict[str, str]


class Sidecar(_Strict):
    """What a person says of a document, checked when the library is loaded."""

    file: str
    id: str | None = None
    lang: Lang | None = None
    layout: Literal["plain", "pdf_lines"] = "plain"
    title: dict[str, str] = {}
    as_of: str | None = None
    edition: str | None = None
    restatements: str | None = None
    examples: dict[str, list[str]] = {}
    edition_note: dict[str, str] = {}
    source_note: str | None = None
    first_section: dict[str, str] = {}
    outline: list[OutlineEntry] = []
    tables: list[TableEntry] = []


class EditionRow(_Strict):
    """One aligned pair of an edition file: a sentence, cell or heading and its translation."""

    id: str
    source: str
    target: str


class RestatementRow(_Strict):
    """Other wordings of one sentence or cell, by language; searched, never shown."""

    source: str
    ko: list[str] = []
    en: list[str] = []


def library_files(folder: Path) -> list[Path]:
    """Every file that the library's documents are made of, sidecars and editions included."""
    if not folder.is_dir():
        raise InputError(
            f"The library folder {folder} does not exist; expected a folder of .txt or .md files. "
            "Set CITEBRIEF_LIBRARY to one, or unset it for the brief."
        )
    suffixes = (*SUFFIXES, ".yaml", ".jsonl")
    return sorted(
        p for p in folder.iterdir() if p.suffix in suffixes and p.name.upper() != "README.MD"
    )


def load_library(folder: Path) -> list[Document]:
    """All documents of a library folder, in order of their file names."""
    files = library_files(folder)
    sidecars = {s.file: (s, p) for p in files if p.suffix == ".yaml" for s in [_sidecar(p)]}
    documents = []
    for path in files:
        if path.suffix in SUFFIXES:
            sidecar, _ = sidecars.pop(path.name, (Sidecar(file=path.name), path))
            documents.append(load_document(path, sidecar))
    if sidecars:
        sidecar, path = next(iter(sidecars.values()))
        raise InputError(f"{path} describes the file {sidecar.file}, which is not beside it.")
    if not documents:
        raise InputError(
            f"The library folder {folder} holds no .txt or .md file; add at least one."
        )
    _refuse_same_ids(documents)
    return documents


def load_document(path: Path, sidecar: Sidecar) -> Document:
    """One document, cleaned; InputError names the file and what in it is wrong."""
    raw = read_text(path)
    if sidecar.layout == "pdf_lines":
        headings = [Heading(e.printed or e.ko or e.en or "", e.level) for e in sidecar.outline]
        areas = [_table_area(t) for t in sidecar.tables]
        try:
            lines = pdf_lines(raw, headings, areas)
        except ValueError as error:
            raise InputError(
                f"{path}: the heading {str(error)!r} of the outline is not in the text, or not in "
                "that order; correct the sidecar's outline."
            ) from error
    else:
        lines = plain(raw)
    if not lines:
        raise InputError(f"{path} holds no text; remove it from the library or fill it.")
    return _assemble(path, raw, lines, sidecar)


def read_text(path: Path) -> str:
    """A UTF-8 file's text in NFC with \\n line ends, without a byte order mark."""
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"{path} is larger than {LARGEST_FILE // 10**6} MB; split it into parts.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return unicodedata.normalize("NFC", text)


def _assemble(path: Path, raw: str, lines: Sequence[Line], sidecar: Sidecar) -> Document:
    lang = sidecar.lang or detect(raw[:20_000]).main
    text, starts, pages = _join(lines)
    blocks = [
        (line, start, start + len(line.text)) for line, start in zip(lines, starts, strict=True)
    ]
    footnotes: list[tuple[int, int]] = []
    if sidecar.layout == "pdf_lines":
        markers = find_markers(text)
        text, footnotes = remove_markers(text, markers)

        def moved(offset: int) -> int:
            return offset - sum(
                min(m.char_end, offset) - m.char_start for m in markers if m.char_start < offset
            )

        blocks = [(line, moved(start), moved(end)) for line, start, end in blocks]
        pages = [moved(page) for page in pages]
    tables = _tables(text, blocks, sidecar)
    title = dict(sidecar.title) or {lang: _title(lines, path)}
    return Document(
        id=sidecar.id or _slug(path.name.removesuffix(path.suffix)),
        lang=lang,
        titles=title,
        text=text,
        blocks=_blocks(blocks, tables),
        page_starts=tuple([0, *(page for page in pages if page > 0)]),
        sections=_sections(blocks, len(text), sidecar, title, lang),
        tables=tables,
        footnotes=tuple(footnotes),
        translations=_edition(path.parent / sidecar.edition) if sidecar.edition else {},
        restatements=_restatements(path.parent / sidecar.restatements)
        if sidecar.restatements
        else {},
        examples={lang: tuple(questions) for lang, questions in sidecar.examples.items()},
        as_of=sidecar.as_of,
        edition_notes=sidecar.edition_note,
        sha256=hashlib.sha256(raw.encode()).hexdigest(),
    )


def _join(lines: Sequence[Line]) -> tuple[str, list[int], list[int]]:
    pieces: list[str] = []
    starts: list[int] = []
    pages: list[int] = []
    length = 0
    for previous, line in zip([None, *lines], lines, strict=False):
        if previous is not None:
            separator = "\n" if previous.kind == line.kind == "table" else "\n\n"
            pieces.append(separator)
            length += len(separator)
        starts.append(length)
        pages += [length + offset for offset in line.page_offsets]
        pieces.append(line.text)
        length += len(line.text)
    return "".join(pieces), starts, pages


_Placed = tuple[Line, int, int]  # a line with where its cleaned text starts and ends


def _blocks(blocks: Sequence[_Placed], tables: Sequence[Table]) -> tuple[Block, ...]:
    found = [Block(line.kind, s, e) for line, s, e in blocks if line.kind != "table"]
    found += [Block("table", table.char_start, table.char_end) for table in tables]
    return tuple(sorted(found, key=lambda block: block.char_start))


def _sections(
    blocks: Sequence[_Placed], length: int, sidecar: Sidecar, title: Titles, lang: Lang
) -> tuple[Section, ...]:
    """Sections in reading order; text before the first heading is a section of its own."""
    outline = iter(sidecar.outline)
    first = sidecar.first_section or title
    heads: list[tuple[int, int, Titles]] = []
    for line, start, _ in blocks:
        if line.kind == "heading":
            entry = next(outline, None)
            titles = {k: v for k in ("ko", "en") if entry and (v := getattr(entry, k))}
            heads.append((start, line.level, titles or {lang: line.text}))
    if not heads or heads[0][0] > 0:
        heads.insert(0, (0, 1, first))
    ends = [start for start, _, _ in heads[1:]] + [length]
    return tuple(
        Section(f"sec{number}", level, titles, start, end)
        for number, ((start, level, titles), end) in enumerate(zip(heads, ends, strict=True))
    )


def _table_area(entry: TableEntry) -> TableArea:
    rows = [label for row in entry.rows for label in row.values()]
    source = next(iter(entry.source.values()))
    return TableArea(entry.printed, source, frozenset([entry.header, *rows]))


def _tables(text: str, blocks: Sequence[_Placed], sidecar: Sidecar) -> tuple[Table, ...]:
    """Rebuild flattened tables: a row's bullets, in order, fill its columns evenly."""
    tables = []
    lines = [(text[start:end], start, end) for line, start, end in blocks if line.kind == "table"]
    for number, entry in enumerate(sidecar.tables, start=1):
        begin = next(i for i, (words, _, _) in enumerate(lines) if words == entry.printed)
        source = next(iter(entry.source.values()))
        end = next(i for i in range(begin, len(lines)) if lines[i][0] == source)
        rows: list[list[tuple[int, int]]] = []
        for words, start, stop in lines[begin:end]:
            if any(words in row.values() for row in entry.rows):
                rows.append([])
            elif rows and (bullet := BULLET.match(words)):
                rows[-1].append((start + bullet.end(), stop))
        if len(rows) != len(entry.rows) or any(len(r) % len(entry.columns) for r in rows):
            raise InputError(
                f"{sidecar.file}: {entry.printed} has {[len(r) for r in rows]} bullets in its rows; "
                f"expected {len(entry.rows)} rows that fill {len(entry.columns)} columns evenly."
            )
        cells = [
            Cell(r, column, entry.rows[r], entry.columns[column], start, stop)
            for r, row in enumerate(rows)
            for i, (start, stop) in enumerate(row)
            for column in [i * len(entry.columns) // len(row)]
        ]
        tables.append(
            Table(
                f"t{number}",
                entry.label,
                entry.caption,
                tuple(cells),
                lines[begin][1],
                lines[end][2],
            )
        )
    return tuple(tables)


def _edition(path: Path) -> dict[str, str]:
    return {row.source: row.target for row in _rows(path, EditionRow)}


def _restatements(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        row.source: {"ko": tuple(row.ko), "en": tuple(row.en)}
        for row in _rows(path, RestatementRow)
    }


def _rows(path: Path, shape: type[_Row]) -> Iterator[_Row]:
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            yield shape.model_validate(json.loads(line))
        except (ValidationError, json.JSONDecodeError) as error:
            raise InputError(
                f"{path} line {number}: expected an object with {', '.join(shape.model_fields)}."
            ) from error


def _sidecar(path: Path) -> Sidecar:
    try:
        return Sidecar.model_validate(yaml.safe_load(read_text(path)))
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not valid YAML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise InputError(f"{path}: {where}: {first['msg']}.") from error


def _title(lines: Sequence[Line], path: Path) -> str:
    return next((line.text for line in lines if line.kind == "heading"), path.stem)


def _slug(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name).split()).lower()


def _refuse_same_ids(documents: Sequence[Document]) -> None:
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise InputError(
                f"Two documents have the id {document.id!r}; rename one file or give one a sidecar id."
            )
        seen.add(document.id)
