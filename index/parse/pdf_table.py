"""Find the ruled tables of a page and read them as rows of cells.

A table is two rows and two columns at least of cells with ruled sides; sides that Korean forms
leave open at the left and right are taken as ruled where the lines across end. A box with one cell
is no table: its words stay in the text. Not covered: tables without rules. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.parse.pdf_ink import Rectangle, Rule

SNAP = 3.0  # points: edges nearer than this are one
REACH = 3.5  # how far an edge may end before the one it meets


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell at `row` and `column` from 0, over `rows` and `columns` of the grid."""

    row: int
    column: int
    rows: int
    columns: int
    box: Rectangle


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: where it stands and its cells, row by row."""

    box: Rectangle
    rows: int
    columns: int
    edges: tuple[float, ...]  # of the columns, along x
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class _Edge:
    at: float
    start: float
    end: float


def grids(rules: Sequence[Rule]) -> list[Grid]:
    """The ruled tables of a page from top to bottom."""
    if len(rules) < 4 or len(rules) > 5_000:
        return []  # a drawing with as many lines is no table
    level = _merged([_Edge((r.top + r.bottom) / 2, r.x0, r.x1) for r in rules if r.level])
    upright = _merged([_Edge((r.x0 + r.x1) / 2, r.top, r.bottom) for r in rules if not r.level])
    found = []
    for rows, sides in _connected(level, upright):
        grid = _grid(rows, [*sides, *_open_sides(rows, sides)])
        if grid is not None:
            found.append(grid)
    return sorted(found, key=lambda g: g.box[1])


def _merged(edges: list[_Edge]) -> list[_Edge]:
    """Edges that lie on one line, with those that touch made one."""
    groups: list[list[_Edge]] = []
    for edge in sorted(edges, key=lambda e: e.at):
        if groups and edge.at - groups[-1][0].at <= SNAP:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    merged: list[_Edge] = []
    for group in groups:
        at = sum(e.at for e in group) / len(group)
        whole: list[_Edge] = []
        for edge in sorted(group, key=lambda e: e.start):
            if whole and edge.start <= whole[-1].end + REACH:
                whole[-1] = replace(whole[-1], end=max(whole[-1].end, edge.end))
            else:
                whole.append(_Edge(at, edge.start, edge.end))
        merged.extend(whole)
    return merged


def _meet(level: _Edge, upright: _Edge) -> bool:
    return (
        level.start - REACH <= upright.at <= level.end + REACH
        and upright.start - REACH <= level.at <= upright.end + REACH
    )


def _connected(level: list[_Edge], upright: list[_Edge]) -> list[tuple[list[_Edge], list[_Edge]]]:
    """Edges in groups that hang together."""
    left, found = set(range(len(upright))), []
    seen: set[int] = set()
    for first in range(len(level)):
        if first in seen:
            continue
        rows, sides, queue = {first}, set(), [first]
        while queue:
            row = queue.pop()
            touching = {s for s in left if _meet(level[row], upright[s])}
            left -= touching
            sides |= touching
            for index, edge in enumerate(level):
                if index not in rows and any(_meet(edge, upright[s]) for s in touching):
                    rows.add(index)
                    queue.append(index)
        seen |= rows
        if len(rows) >= 3 and sides:
            found.append(([level[i] for i in sorted(rows)], [upright[i] for i in sorted(sides)]))
    return found


def _open_sides(rows: list[_Edge], sides: list[_Edge]) -> list[_Edge]:
    """Sides of the table that are not ruled, where its lines across all end."""
    top, bottom = min(r.at for r in rows), max(r.at for r in rows)
    widest = [r for r in rows if r.end - r.start > 0.8 * max(q.end - q.start for q in rows)]
    left, right = min(r.start for r in widest), max(r.end for r in widest)
    return [
        _Edge(x, top, bottom)
        for x in (left, right)
        if not any(abs(s.at - x) <= SNAP * 2 for s in sides)
    ]


def _grid(rows: list[_Edge], sides: list[_Edge]) -> Grid | None:
    ys, xs = _distinct([r.at for r in rows]), _distinct([s.at for s in sides])
    if len(ys) < 3 or len(xs) < 3:
        return None
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            if (row, column) in taken:
                continue
            wide, high = _extent(row, column, xs, ys, rows, sides)
            wide = next(
                (w for w in range(1, wide) if (row, column + w) in taken), wide
            )  # never over a cell from above
            box = (xs[column], ys[row], xs[column + wide], ys[row + high])
            cells.append(Cell(row, column, high, wide, box))
            taken |= {(row + r, column + c) for r in range(high) for c in range(wide)}
    return Grid((xs[0], ys[0], xs[-1], ys[-1]), len(ys) - 1, len(xs) - 1, tuple(xs), tuple(cells))


def _extent(
    row: int,
    column: int,
    xs: list[float],
    ys: list[float],
    rows: list[_Edge],
    sides: list[_Edge],
) -> tuple[int, int]:
    """How many columns and rows the cell with this upper left corner covers."""

    def ruled(edges: list[_Edge], at: float, start: float, end: float) -> bool:
        middle = (start + end) / 2
        return any(abs(e.at - at) <= SNAP and e.start - 1 < middle < e.end + 1 for e in edges)

    wide = 1
    while column + wide < len(xs) - 1 and not ruled(sides, xs[column + wide], ys[row], ys[row + 1]):
        wide += 1
    high = 1
    while row + high < len(ys) - 1 and not ruled(rows, ys[row + high], xs[column], xs[column + 1]):
        high += 1
    return wide, high


def _distinct(values: list[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > SNAP:
            kept.append(value)
    return kept
