"""Compare readers of PDFs on files whose true text is known: `python -m eval.parsers [FOLDER]`.

Measures, all from 0 to 1 and higher better unless said: `letters`, 1 - edit distance / length of
the text without white space; `words`, F1 of the places of spaces; `order`, share of the true
paragraphs that a reader gives whole and apart, in the true order; `cells`, F1 of table cells with
their labels; `leaks`, how often words of headers, footers and hidden text stand in the text (lower
is better); seconds a page; and the most memory, of a process of its own for each reader and file.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.parser_pages import CHROMIUM, Half, Made, make

PATIENCE = 180  # seconds for one reader and file


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader gives: paragraphs (as well as it can tell them) and table cells or rows."""

    paragraphs: tuple[str, ...]
    cells: tuple[tuple[str, str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Score:
    """How one reader did on one file."""

    letters: float
    words: float
    order: float
    cells: float | None
    leaks: int
    seconds: float  # a page
    megabytes: float


def ours(path: Path) -> Read:
    """The parser of this project."""
    from index.parse.pdf import parse_pdf

    content = parse_pdf(path)
    cells, texts = [], []
    for block in content.blocks:
        if block.kind == "table":
            texts += [f"{block.label}. {block.caption}"] * bool(block.label)
        texts.append(block.text)
        cells += [
            (c.row_label, c.column_label, block.text[c.char_start : c.char_end])
            for c in block.cells
        ]
    return Read(tuple(texts), tuple(cells), pages=content.page_count)


def by_pypdf(path: Path) -> Read:
    """pypdf, its plain extraction; a line is a paragraph unless blank lines part them."""
    from pypdf import PdfReader

    pages = [page.extract_text() for page in PdfReader(path).pages]
    return Read(_paragraphs(pages), pages=len(pages))


def by_pdfplumber(path: Path) -> Read:
    """pdfplumber, its text and its tables."""
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        pages, rows = [], []
        for page in pdf.pages:
            pages.append(page.extract_text() or "")
            rows += [tuple(c or "" for c in row) for t in page.extract_tables() for row in t]
            page.close()
    return Read(_paragraphs(pages), rows=tuple(rows), pages=len(pages))


def by_pdfminer(path: Path) -> Read:
    """pdfminer.six, with its analysis of the layout."""
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams, LTTextContainer

    texts, count = [], 0
    for page in extract_pages(path, laparams=LAParams(detect_vertical=True)):
        count += 1
        texts += [box.get_text() for box in page if isinstance(box, LTTextContainer)]
    return Read(tuple(" ".join(t.split()) for t in texts if t.strip()), pages=count)


def by_pypdfium2(path: Path) -> Read:
    """pypdfium2, PDFium's own text of each page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_range() for page in document]
    count = len(document)
    return Read(_paragraphs([p.replace("\r", "") for p in pages]), pages=count)


READERS: dict[str, Callable[[Path], Read]] = {
    "pypdf": by_pypdf,
    "pdfminer.six": by_pdfminer,
    "pdfplumber": by_pdfplumber,
    "pypdfium2": by_pypdfium2,
    "ours": ours,
}


def _paragraphs(pages: Sequence[str]) -> tuple[str, ...]:
    """Blank lines part paragraphs where there are any; else each line is one."""
    found: list[str] = []
    for page in pages:
        chunks = page.split("\n\n") if "\n\n" in page else page.split("\n")
        found += [" ".join(chunk.split()) for chunk in chunks if chunk.strip()]
    return tuple(found)


def score(made: Made, read: Read, seconds: float, megabytes: float) -> Score:
    """What a reader gave of a file against the truth."""
    given = [text for text in read.paragraphs if not _is_note(text, made)]
    flat = " ".join(given)
    truth = " ".join((*made.blocks, *(" ".join(row) for row in made.rows)))
    leaks = sum(flat.replace(" ", "").count(f.replace(" ", "")) for f in made.furniture)
    leaks += sum(flat.replace(" ", "").count(h.replace(" ", "")) for h in made.hidden)
    cells = _cells(made, read) if made.cells else None
    return Score(
        _letters(flat, truth),
        _words(flat, truth),
        _order(made.blocks, given),
        cells,
        leaks,
        seconds / max(read.pages, 1),
        megabytes,
    )


def _is_note(text: str, made: Made) -> bool:
    plain = "".join(text.split())
    return any("".join(note.split()) == plain for note in made.notes)


def _letters(given: str, truth: str) -> float:
    from rapidfuzz.distance import Levenshtein

    one, two = "".join(given.split()), "".join(truth.split())
    return max(0.0, 1 - Levenshtein.distance(one, two) / max(len(two), 1))


def _words(given: str, truth: str) -> float:
    """F1 of the words, each as often as it stands there."""
    one, two = Counter(given.split()), Counter(truth.split())
    both = sum((one & two).values())
    return 2 * both / max(one.total() + two.total(), 1)


def _order(truth: Sequence[str], given: Sequence[str]) -> float:
    """The longest run of true paragraphs, in order, that stand whole and apart among the given."""
    plain = ["".join(text.split()) for text in given]
    places = defaultdict(list)
    for index, text in enumerate(plain):
        places[text].append(index)
    found = [places["".join(t.split())][0] for t in truth if places["".join(t.split())]]
    best = [0] * len(found)
    for i, place in enumerate(found):
        best[i] = 1 + max((best[j] for j in range(i) if found[j] < place), default=0)
    return max(best, default=0) / max(len(truth), 1)


def _cells(made: Made, read: Read) -> float:
    """F1 of (row label, column label, words); of (row label, words) for readers of bare rows."""
    if read.cells:
        one, two = Counter(read.cells), Counter(made.cells)
        both = sum((one & two).values())
        return 2 * both / max(one.total() + two.total(), 1)
    given = Counter((row[0], cell) for row in read.rows[2:] for cell in row[1:])
    truth = Counter((row, cell) for row, _, cell in made.cells)
    both = sum((given & truth).values())
    return 2 * both / max(given.total() + truth.total(), 1)


def measure(name: str, made: Made) -> Score | None:
    """One reader on one file, in a process of its own; None where it failed."""
    command = [sys.executable, "-m", "eval.parsers", "--read", name, str(made.path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    row = json.loads(done.stdout.splitlines()[-1])
    read = Read(
        tuple(row["paragraphs"]),
        tuple(map(tuple, row["cells"])),
        tuple(map(tuple, row["rows"])),
        row["pages"],
    )
    return score(made, read, row["seconds"], row["megabytes"])


def _read_alone(name: str, path: Path) -> str:
    """What the process of one reader prints; the second of two readings is timed."""
    read = READERS[name](path)
    start = time.perf_counter()
    READERS[name](path)
    seconds = time.perf_counter() - start
    return json.dumps(
        {
            "paragraphs": read.paragraphs,
            "cells": read.cells,
            "rows": read.rows,
            "pages": read.pages,
            "seconds": seconds,
            "megabytes": _peak(),
        }
    )


def _peak() -> float:
    """Megabytes; not ru_maxrss, which a process takes over from the one that started it."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def table(scores: dict[tuple[str, str], Score | None], files: Sequence[Made]) -> Iterable[str]:
    """Markdown: a table of means, then the letters, words and order of each file."""
    yield "| Reader | letters | words | order | cells | leaks | ms a page | MB | failed |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name in READERS:
        own = [s for m in files if (s := scores[name, m.name])]
        count = max(len(own), 1)
        cells = [s.cells for s in own if s.cells is not None]
        yield (
            f"| {name} | {sum(s.letters for s in own) / count:.3f} "
            f"| {sum(s.words for s in own) / count:.3f} | {sum(s.order for s in own) / count:.3f} "
            f"| {sum(cells) / max(len(cells), 1):.3f} | {sum(s.leaks for s in own)} "
            f"| {1000 * sorted(s.seconds for s in own)[count // 2] if own else 0:.0f} "
            f"| {max((s.megabytes for s in own), default=0):.0f} | {len(files) - len(own)} |"
        )
    yield ""
    yield "| File | " + " | ".join(READERS) + " |"
    yield "| --- |" + " --- |" * len(READERS)
    for made in files:
        row = [scores[name, made.name] for name in READERS]
        cells_ = [f"{s.letters:.2f} {s.words:.2f} {s.order:.2f}" if s else "failed" for s in row]
        yield f"| {made.name} | " + " | ".join(cells_) + " |"


def main(arguments: Sequence[str]) -> int:
    """Print the comparison; `--tune` takes the half that our parser was tuned on."""
    if arguments[:1] == ["--read"]:
        sys.stdout.write(_read_alone(arguments[1], Path(arguments[2])) + "\n")
        return 0
    half: Half = "tune" if "--tune" in arguments else "report"
    with tempfile.TemporaryDirectory() as folder:
        files = make(Path(folder), half)
        scores = {(n, m.name): measure(n, m) for m in files for n in READERS}
        sys.stdout.write("\n".join(table(scores, files)) + "\n")
    if not CHROMIUM:
        sys.stdout.write("Without Chromium the printed layouts are missing.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
