"""Cut a Document into Passages: sentences, table cells and table rows.

Pure but for the sentence splitter, which is passed in. Every passage's quote is a slice of the
document's text. A paragraph of another document that is one endless sentence is cut by LangChain's
text splitter, so that no passage is longer than a reader can check.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.types import Cell, Document, Kind, Passage, Table

VERSION = 4  # part of the index manifest: raise it when passages change
LONGEST_SENTENCE = 600  # characters

Splitter = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class _Unit:
    """What becomes a passage: a sentence, or a row or cell of a table."""

    name: str
    kind: Kind
    char_start: int
    char_end: int
    paragraph: int
    table: Table | None = None
    cells: tuple[Cell, ...] = ()


def chunk(document: Document, split: Splitter) -> list[Passage]:
    """The passages of `document` in reading order; `split` gives a paragraph's sentence spans."""
    units = _units(document, split)
    return [_passage(document, unit, position) for position, unit in enumerate(units)]


def _units(document: Document, split: Splitter) -> Iterator[_Unit]:
    sentences = 0
    for paragraph, block in enumerate(document.blocks):
        if block.kind == "paragraph":
            body = document.text[block.char_start : block.char_end]
            for start, end in _spans(body, split):
                sentences += 1
                span = block.char_start + start, block.char_start + end
                yield _Unit(f"s{sentences:03d}", "sentence", *span, paragraph)
        elif block.kind == "table":
            table = next(t for t in document.tables if t.char_start == block.char_start)
            yield from _table_units(table, paragraph)


def _spans(body: str, split: Splitter) -> Iterator[tuple[int, int]]:
    for start, end in split(body):
        if end - start <= LONGEST_SENTENCE:
            yield start, end
        else:
            yield from ((start + a, start + b) for a, b in _cut(body[start:end]))


def _cut(text: str) -> Iterator[tuple[int, int]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=LONGEST_SENTENCE,
        chunk_overlap=0,
        separators=["; ", ", ", " ", ""],
        keep_separator="end",
        add_start_index=True,
    )
    for piece in splitter.create_documents([text]):
        start = int(piece.metadata["start_index"])
        yield start, start + len(piece.page_content)


def _table_units(table: Table, paragraph: int) -> Iterator[_Unit]:
    for row in sorted({cell.row for cell in table.cells}):
        cells = tuple(cell for cell in table.cells if cell.row == row)
        name, span = f"{table.id}.r{row + 1}", (cells[0].char_start, cells[-1].char_end)
        yield _Unit(name, "row", *span, paragraph, table, cells)
        for number, cell in enumerate(cells, start=1):
            span = cell.char_start, cell.char_end
            yield _Unit(f"{name}.c{number}", "cell", *span, paragraph, table, (cell,))


def _passage(document: Document, unit: _Unit, position: int) -> Passage:
    quote = document.text[unit.char_start : unit.char_end]
    section = document.section(unit.char_start)
    translated = document.translations.get(quote)
    text, translation, quote_translation = (
        _of_cells(document, unit.table, unit.cells)
        if unit.table
        else (quote, translated, translated)
    )
    return Passage(
        id=f"{document.id}:{unit.name}",
        document_id=document.id,
        kind=unit.kind,
        lang=document.lang,
        text=text or quote,
        quote=quote,
        char_start=unit.char_start,
        char_end=unit.char_end,
        page=document.page(unit.char_start),
        section_id=section.id,
        section_titles=section.titles,
        paragraph=unit.paragraph,
        position=position,
        translation=translation,
        quote_translation=quote_translation,
        restatements=document.restatements.get(quote, {}),
        labels=_labels(unit.cells[0]) if len(unit.cells) == 1 else (),
    )


def _of_cells(
    document: Document, table: Table, cells: Sequence[Cell]
) -> tuple[str | None, str | None, str | None]:
    """Cells read out in the document's language, in the other, and their bare words in the other.

    None for what the table's labels or the edition lack.
    """
    words = [document.text[cell.char_start : cell.char_end] for cell in cells]
    translated = [document.translations.get(own) for own in words]
    bare = " / ".join(filter(None, translated)) if all(translated) else None
    other = "en" if document.lang == "ko" else "ko"
    return (
        _read_out(table, cells, document.lang, words),
        _read_out(table, cells, other, translated),
        bare,
    )


def _labels(cell: Cell) -> tuple[str, ...]:
    return (" / ".join(cell.row_labels.values()), " / ".join(cell.column_labels.values()))


def _read_out(
    table: Table, cells: Sequence[Cell], lang: str, wordings: Sequence[str | None]
) -> str | None:
    """표 1, 경제, 미국: … ; 한국: … - a cell or a row as one line that stands on its own."""
    columns: dict[str, list[str]] = {}
    for cell, words in zip(cells, wordings, strict=True):
        label = cell.column_labels.get(lang)
        if words is None or label is None:
            return None
        columns.setdefault(label, []).append(words)
    if lang not in table.labels:
        return None
    head = ", ".join(filter(None, (table.labels[lang], cells[0].row_labels.get(lang))))
    if len(columns) == 1:
        label, words_of = next(iter(columns.items()))
        return f"{head}, {label}: {'; '.join(words_of)}"
    return f"{head} — " + " / ".join(f"{label}: {'; '.join(w)}" for label, w in columns.items())
