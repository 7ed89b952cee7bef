"""Cut a Document into Passages: sentences, table cells and table rows.

Pure but for the sentence splitter, which is passed in. Every passage's quote is a slice of the
document's text. A paragraph of another document that is one endless sentence is cut by LangChain's
text splitter, so that no passage is longer than a reader can check.
"""

from collections.abc import Callable, Iterator, Sequence

from index.types import Cell, Document, Kind, Passage, Table

VERSION = 3  # part of the index manifest: raise it when passages change
LONGEST_SENTENCE = 600  # characters

Splitter = Callable[[str], Sequence[tuple[int, int]]]


def chunk(document: Document, split: Splitter) -> list[Passage]:
    """The passages of `document` in reading order; `split` gives a paragraph's sentence spans."""
    passages: list[Passage] = []
    sentences = 0
    for paragraph, block in enumerate(document.blocks):
        if block.kind == "paragraph":
            body = document.text[block.char_start : block.char_end]
            for start, end in _spans(body, split):
                span = (block.char_start + start, block.char_start + end)
                sentences += 1
                name = f"s{sentences:03d}"
                passages.append(
                    _passage(document, name, "sentence", span, paragraph, len(passages))
                )
        elif block.kind == "table":
            table = next(t for t in document.tables if t.char_start == block.char_start)
            for name, kind, span, cells in _table_units(table):
                passages.append(
                    _passage(document, name, kind, span, paragraph, len(passages), table, cells)
                )
    return passages


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


def _table_units(
    table: Table,
) -> Iterator[tuple[str, Kind, tuple[int, int], tuple[Cell, ...]]]:
    for row in sorted({cell.row for cell in table.cells}):
        cells = tuple(cell for cell in table.cells if cell.row == row)
        span = (cells[0].char_start, cells[-1].char_end)
        yield f"{table.id}.r{row + 1}", "row", span, cells
        for number, cell in enumerate(cells, start=1):
            name = f"{table.id}.r{row + 1}.c{number}"
            yield name, "cell", (cell.char_start, cell.char_end), (cell,)


def _passage(
    document: Document,
    name: str,
    kind: Kind,
    span: tuple[int, int],
    paragraph: int,
    position: int,
    table: Table | None = None,
    cells: Sequence[Cell] = (),
) -> Passage:
    start, end = span
    quote = document.text[start:end]
    section = document.section(start)
    text, translation = quote, document.translations.get(quote)
    quote_translation = translation
    if table is not None:
        other = "en" if document.lang == "ko" else "ko"
        text = _read_out(table, cells, document.lang, lambda cell: _slice(document, cell)) or quote
        translation = _read_out(
            table, cells, other, lambda cell: document.translations.get(_slice(document, cell))
        )
        parts = [document.translations.get(_slice(document, cell)) for cell in cells]
        quote_translation = " / ".join(p for p in parts if p) if all(parts) else None
    return Passage(
        id=f"{document.id}:{name}",
        document_id=document.id,
        kind=kind,
        lang=document.lang,
        text=text,
        quote=quote,
        char_start=start,
        char_end=end,
        page=document.page(start),
        section_id=section.id,
        section_titles=section.titles,
        paragraph=paragraph,
        position=position,
        translation=translation,
        quote_translation=quote_translation,
        restatements=document.restatements.get(quote, {}),
        labels=_labels(cells[0]) if len(cells) == 1 else (),
    )


def _labels(cell: Cell) -> tuple[str, ...]:
    return (" / ".join(cell.row_labels.values()), " / ".join(cell.column_labels.values()))


def _slice(document: Document, cell: Cell) -> str:
    return document.text[cell.char_start : cell.char_end]


def _read_out(
    table: Table, cells: Sequence[Cell], lang: str, wording: Callable[[Cell], str | None]
) -> str | None:
    """표 1, 경제, 미국: … ; 한국: … - a cell or a row as one line that stands on its own."""
    columns: dict[str, list[str]] = {}
    for cell in cells:
        words, label = wording(cell), cell.column_labels.get(lang)
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
