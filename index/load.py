"""Load a library folder into clean Documents: Unicode NFC, language, pages, sections, footnotes.

A library is a folder of `.txt` and `.md` files. Beside a file may stand a YAML sidecar that names
it (`file: brief.ko.txt`) and says what the text alone does not: id, title, layout, outline, tables,
and an aligned edition in the other language. Everything downstream sees only Documents.
Not covered: PDF, DOCX and other formats; a file in more than one language.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.clean import visible
from index.errors import InputError
from index.footnotes import Marker, find_markers, remove_markers
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
    label: Annotated[dict[str, str], Field(min_length=1)]
    caption: dict[str, str]
    columns: Annotated[list[dict[str, str]], Field(min_length=1)]
    rows: Annotated[list[dict[str, str]], Field(min_length=1)]
    source: Annotated[dict[str, str], Field(min_length=1)]

    @property
    def last(self) -> str:
        """The line that ends the table, as printed."""
        return next(iter(self.source.values()))


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
        p
        for p in folder.iterdir()
        if p.suffix.lower() in suffixes
        and p.name.upper() != "README.MD"
        and not p.name.startswith(".")  # ._brief.txt and its like, which no user sees
        and p.is_file()
    )


def load_library(folder: Path) -> list[Document]:
    """All documents of a library folder, in order of their file names."""
    files = library_files(folder)
    sidecars = _sidecars(path for path in files if path.suffix.lower() == ".yaml")
    documents = []
    for path in files:
        if path.suffix.lower() in SUFFIXES:
            name = unicodedata.normalize("NFC", path.name)  # macOS writes names in NFD
            sidecar, _ = sidecars.pop(name, (Sidecar(file=name), path))
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
    """A UTF-8 file's text as `visible` leaves it, with \\n line ends."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            size = f"{LARGEST_FILE // 10**6} MB"
            raise InputError(f"{path} is larger than {size}; split it into parts.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}). Restore it, or correct the setting or the "
            "sidecar that names it."
        ) from error
    return visible(text.replace("\r\n", "\n").replace("\r", "\n"))


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
        blocks = [(line, _moved(s, markers), _moved(e, markers)) for line, s, e in blocks]
        pages = [_moved(page, markers) for page in pages]
    tables = _tables(text, blocks, sidecar)
    title = dict(sidecar.title) or {lang: _title(lines, path)}
    return Document(
        id=sidecar.id or _slug(path.stem),
        lang=lang,
        titles=title,
        text=text,
        blocks=_blocks(blocks, tables),
        page_starts=(0, *pages),
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


def _moved(offset: int, markers: Sequence[Marker]) -> int:
    """Where `offset` lies once the markers are out of the text."""
    return offset - sum(
        min(m.char_end, offset) - m.char_start for m in markers if m.char_start < offset
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
    return TableArea(entry.printed, entry.last, frozenset([entry.header, *rows]))


def _tables(text: str, blocks: Sequence[_Placed], sidecar: Sidecar) -> tuple[Table, ...]:
    lines = [(text[start:end], start, end) for line, start, end in blocks if line.kind == "table"]
    return tuple(
        _table(f"t{number}", entry, lines, sidecar.file)
        for number, entry in enumerate(sidecar.tables, start=1)
    )


def _table(name: str, entry: TableEntry, lines: Sequence[tuple[str, int, int]], file: str) -> Table:
    """Rebuild a flattened table: a row's bullets, in order, fill its columns evenly.

    `lines` are those of all tables of the document, with their starts and ends.
    """
    printed = [_folded(words) for words, _, _ in lines]
    try:
        begin = printed.index(_folded(entry.printed))
        end = printed.index(_folded(entry.last), begin)
    except ValueError as error:
        raise InputError(
            f"{file}: no table from the line {entry.printed!r} to the line {entry.last!r}; "
            "correct the sidecar's tables. Only the layout pdf_lines has them."
        ) from error
    rows: list[list[tuple[int, int]]] = []
    for words, start, stop in lines[begin:end]:
        if any(words in row.values() for row in entry.rows):
            rows.append([])
        elif rows and (bullet := BULLET.match(words)):
            rows[-1].append((start + bullet.end(), stop))
    if len(rows) != len(entry.rows) or any(len(r) % len(entry.columns) for r in rows):
        raise InputError(
            f"{file}: {entry.printed} has {[len(r) for r in rows]} bullets in its rows; expected "
            f"{len(entry.rows)} rows that fill {len(entry.columns)} columns evenly. Correct the "
            "sidecar's tables."
        )
    cells = tuple(
        Cell(r, column, entry.rows[r], entry.columns[column], start, stop)
        for r, row in enumerate(rows)
        for i, (start, stop) in enumerate(row)
        for column in [i * len(entry.columns) // len(row)]
    )
    return Table(name, entry.label, entry.caption, cells, lines[begin][1], lines[end][2])


def _edition(path: Path) -> dict[str, str]:
    return {row.source: row.target for row in _rows(path, EditionRow)}


def _restatements(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        row.source: {"ko": tuple(row.ko), "en": tuple(row.en)}
        for row in _rows(path, RestatementRow)
    }


def _rows(path: Path, shape: type[_Row]) -> Iterator[_Row]:
    # Not splitlines(), which also breaks at characters that JSON allows inside a string.
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield shape.model_validate_json(line)
        except ValidationError as error:
            raise InputError(
                f"{path} line {number}: {_first_fault(error)}. Expected a JSON object with "
                f"{', '.join(shape.model_fields)}; correct the line."
            ) from error


def _sidecars(paths: Iterable[Path]) -> dict[str, tuple[Sidecar, Path]]:
    """Sidecars with their own paths, by the name of the file that each describes."""
    found: dict[str, tuple[Sidecar, Path]] = {}
    for path in paths:
        sidecar = read_sidecar(path)
        if sidecar.file in found:
            other = found[sidecar.file][1].name
            raise InputError(f"{path} and {other} both describe {sidecar.file}; remove one.")
        found[sidecar.file] = (sidecar, path)
    return found


def read_sidecar(path: Path) -> Sidecar:
    """What the YAML file at `path` says of a document; InputError names what in it is wrong."""
    try:
        return Sidecar.model_validate(yaml.safe_load(read_text(path)))
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not valid YAML: {error}.") from error
    except ValidationError as error:
        raise InputError(f"{path}: {_first_fault(error)}; correct the entry.") from error


def _first_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def _folded(text: str) -> str:
    return "".join(text.split())


def _title(lines: Sequence[Line], path: Path) -> str:
    return next((line.text for line in lines if line.kind == "heading"), path.stem)


def _slug(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    words = "".join(c if c.isalnum() else " " for c in name).split()
    return "-".join(words).lower() or "document"


def _refuse_same_ids(documents: Sequence[Document]) -> None:
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise InputError(
                f"Two documents have the id {document.id!r}; rename one file, or give one an "
                "id in a sidecar."
            )
        seen.add(document.id)
