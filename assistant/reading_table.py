"""A table of a document as an HTML table: its labels as headers, its cells as passages."""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.types import Cell, Passage, Table


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its own passage, and its cells in order; `before` is where the row before ended."""

    passage: Passage | None
    cells: tuple[tuple[Cell, Passage], ...]
    char_start: int
    before: int


def rows_of(table: Table, passages: Sequence[Passage]) -> list[TableRow]:
    """The rows that `passages`, rows each followed by its cells, stand for."""
    known = {(cell.char_start, cell.char_end): cell for cell in table.cells}
    grouped: list[tuple[Passage | None, list[tuple[Cell, Passage]]]] = []
    for passage in passages:
        if passage.kind == "row":
            grouped.append((passage, []))
            continue
        cell = known.get((passage.char_start, passage.char_end))
        if cell is None:
            continue
        if not grouped:
            grouped.append((None, []))
        grouped[-1][1].append((cell, passage))
    found: list[TableRow] = []
    before = table.char_start
    for row, cells in grouped:
        if not cells:
            continue
        start = cells[0][0].char_start
        found.append(TableRow(row, tuple(cells), start, before))
        before = start
    return found


def table_html(
    table: Table,
    rows: Sequence[TableRow],
    languages: Sequence[str],
    cell: Callable[[Passage], str],
    mark: Callable[[TableRow], str],
    row_data: Callable[[Passage], str],
    *,
    name: str = "",
    lead: str = "",
    tail: str = "",
) -> str:
    """The table, or as much of it as `rows` are, with its labels in `languages`.

    `lead` is the text before its first cell: a caption in it is shown, one that stands elsewhere in
    the document is only told to screen readers. `tail` (HTML) stands below.
    """
    labels = {c.column: c.column_labels for c in table.cells if c.column_labels}
    columns = sorted({c.column for c in table.cells})
    named = any(c.row_labels for c in table.cells)
    caption = _caption(table, languages)
    printed = all(words in lead for words in _first(table)) if lead else False
    head = ""
    if labels:
        corner = "<td></td>" if named else ""
        heads = "".join(
            f'<th scope="col">{_in(labels.get(column, {}), languages)}</th>' for column in columns
        )
        head = f"<thead><tr>{corner}{heads}</tr></thead>"
    body = "".join(_row(row, columns, languages, cell, mark, row_data, named=named) for row in rows)
    below = f'<p class="cb-table-note">{tail}</p>' if tail else ""
    shown = f"<caption>{caption}</caption>" if printed and caption else ""
    told = f' aria-label="{caption}"' if caption and not shown else ""
    region = f' aria-label="{caption}"' if caption else ""
    return (
        f'<div class="cb-table cb-block"{name} role="region" tabindex="0"{region}>'
        f"<table{told}>{shown}{head}<tbody>{body}</tbody></table>{below}</div>"
    )


def _row(
    row: TableRow,
    columns: Iterable[int],
    languages: Sequence[str],
    cell: Callable[[Passage], str],
    mark: Callable[[TableRow], str],
    row_data: Callable[[Passage], str],
    *,
    named: bool,
) -> str:
    data = row_data(row.passage) if row.passage else ""
    held: dict[int, list[str]] = {}
    for one, passage in row.cells:
        held.setdefault(one.column, []).append(cell(passage))
    marks = mark(row)
    label = ""
    if named:
        label = f'<th scope="row">{marks}{_in(row.cells[0][0].row_labels, languages)}</th>'
        marks = ""
    shown = []
    for column in columns:
        words = held.get(column, [])
        many = len(words) > 1
        inner = "".join(f"<li>{w}</li>" for w in words) if many else "".join(words)
        shown.append(f"<td>{marks}{f'<ul>{inner}</ul>' if many else inner}</td>")
        marks = ""
    return f"<tr {data}>{label}{''.join(shown)}</tr>"


def _in(labels: Mapping[str, str], languages: Sequence[str]) -> str:
    """A label in each of `languages`, or in whatever language there is."""
    found = {lang: labels[lang] for lang in languages if labels.get(lang)} or dict(
        list(labels.items())[:1]
    )
    return "<br>".join(
        f'<span lang="{html.escape(lang)}">{html.escape(label)}</span>'
        for lang, label in found.items()
    )


def _first(table: Table) -> list[str]:
    return [next(iter(words.values())) for words in (table.labels, table.captions) if words]


def _caption(table: Table, languages: Sequence[str]) -> str:
    said = []
    for lang in languages:
        words = [w[lang] for w in (table.labels, table.captions) if w.get(lang)]
        if words:
            said.append(" · ".join(words))
    return html.escape(" / ".join(said or [" · ".join(_first(table))]))
