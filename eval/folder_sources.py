"""The texts that the test folder is made of, each as blocks that every format can show.

All that eval/folder_texts holds is made up for testing: no agency, programme, person, sum or date
in it is real. The other texts are the project's own evaluation documents, and the brief. A source
is Markdown: headings, paragraphs, `- ` lists, pipe tables below a caption line, and footnotes.
In a table `<` continues the cell on its left and `^` the one above.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from eval.samples import DOCUMENTS, LIBRARY, Sample, evidence_texts, load, set_path
from eval.texts import passages_of, sentences
from index.errors import CiteBriefError
from index.load import load_library
from index.types import Document, Lang

TEXTS = Path(__file__).parent / "folder_texts"
CORPUS = Path(__file__).parent.parent / "index" / "corpus"
ASKED = 4  # answerable questions taken from a set for each of its documents
MARKER = re.compile(r"\[\^(\d+)\]")
CAPTION = re.compile(r"^(?:표|Table) [\d-]+\. ")
RULE = re.compile(r"^\|(?: ?:?-+:? ?\|)+$")
AGENCIES = {"ko": "정책연구 자료실", "en": "Policy Papers Service"}

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A cell of a table with how many rows and columns it covers."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a list item or a table; texts still hold `[^1]` markers."""

    kind: Literal["heading", "paragraph", "item", "table"]
    text: str  # of a table: its caption
    level: int = 0
    rows: tuple[Row, ...] = ()
    header_rows: int = 0

    def spans(self) -> list[Span]:
        """The cells of a table, those that are continued counted once."""
        found = []
        for i, row in enumerate(self.rows):
            for j, text in enumerate(row):
                if text in {"<", "^"}:
                    continue
                wide, high = 1, 1
                while j + wide < len(row) and row[j + wide] == "<":
                    wide += 1
                while i + high < len(self.rows) and self.rows[i + high][j] == "^":
                    high += 1
                found.append(Span(i, j, high, wide, text))
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a source; its evidence is empty where the source does not answer it."""

    id: str
    source: str
    lang: Lang
    question: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence of a source, and what stands there after the folder was changed."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Source:
    """A text to publish, with what is asked about it."""

    id: str
    lang: Lang
    title: str
    agency: str
    date: str  # YYYY-MM-DD
    genre: str
    blocks: tuple[Block, ...]
    notes: Mapping[int, str] = field(default_factory=dict)
    questions: tuple[Asked, ...] = ()
    change: Change | None = None

    def units(self) -> list[str]:
        """Every heading, paragraph, item, caption, cell and footnote as plain text, in order."""
        found = [self.title]
        for block in self.blocks:
            found.append(plain(block.text))
            found += [plain(span.text) for span in block.spans()]
        return [unit for unit in (*found, *self.notes.values()) if unit]

    def sentences(self) -> list[str]:
        """The sentences of the paragraphs and items, which any format must keep."""
        prose = [plain(b.text) for b in self.blocks if b.kind in {"paragraph", "item"}]
        return [sentence for text in prose for sentence in sentences(text)]

    def changed(self) -> "Source":
        """The same source with its change made."""
        change = self.change
        if change is None:
            raise ValueError(f"{self.id} has no change to make")
        blocks = tuple(
            replace(b, text=b.text.replace(change.before, change.after)) for b in self.blocks
        )
        return replace(self, blocks=blocks)


def plain(text: str) -> str:
    """`text` without footnote markers."""
    return MARKER.sub("", text)


@cache
def sources() -> Mapping[str, Source]:
    """Every source by its id: those made for the folder first, then the project's own."""
    made = [_read(path) for path in sorted(TEXTS.glob("*.md"))]
    own = [source for name, folder in _OWN for source in _own(name, folder)]
    return {source.id: source for source in (*made, *own)}


_OWN = (
    ("documents-train", DOCUMENTS / "train"),
    ("documents", DOCUMENTS / "dev"),
    ("documents", DOCUMENTS / "test"),
    ("other", LIBRARY),
    ("brief", CORPUS),
)


def _read(path: Path) -> Source:
    raw = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    _, head, body = raw.split("---\n", 2)
    said: dict[str, Any] = yaml.safe_load(head)
    name = said["id"]
    blocks, notes = _parse(body)
    if blocks[0].text == said["title"]:
        blocks = blocks[1:]
    questions = tuple(
        Asked(f"{name}-{number}", name, q["lang"], q["question"], tuple(q.get("evidence", ())))
        for number, q in enumerate(said["questions"], 1)
    )
    change = Change(**said["change"]) if "change" in said else None
    source = Source(
        name,
        said["lang"],
        said["title"],
        said["agency"],
        str(said["date"]),
        said["genre"],
        blocks,
        notes,
        questions,
        change,
    )
    _check(source)
    return source


def _check(source: Source) -> None:
    units = source.units()
    wanted = [text for asked in source.questions for text in asked.evidence]
    if source.change:
        wanted.append(source.change.before)
    for text in wanted:
        if not any(text in unit for unit in units):
            raise CiteBriefError(f"{source.id}: no text holds the evidence {text!r}; correct it.")


def _parse(body: str) -> tuple[tuple[Block, ...], dict[int, str]]:
    blocks: list[Block] = []
    notes: dict[int, str] = {}
    for lines in _groups(body):
        first = lines[0]
        if re.match(r"\[\^\d+\]: ", first):
            for line in lines:
                number, text = re.findall(r"\[\^(\d+)\]: (.*)", line)[0]
                notes[int(number)] = text
        elif first.startswith("#"):
            marks, text = first.split(" ", 1)
            blocks.append(Block("heading", text.strip(), len(marks)))
        elif CAPTION.match(first) or first.startswith("|"):
            blocks.append(_table(lines))
        elif first.startswith("- "):
            blocks += [Block("item", line[2:].strip()) for line in lines]
        else:
            blocks.append(Block("paragraph", " ".join(line.strip() for line in lines)))
    return tuple(blocks), notes


def _groups(body: str) -> Iterator[list[str]]:
    caption: list[str] = []
    for group in re.split(r"\n\s*\n", body.strip()):
        lines = [line for line in group.splitlines() if line.strip()]
        if CAPTION.match(lines[0]) and len(lines) == 1:
            caption = lines
            continue
        yield caption + lines
        caption = []


def _table(lines: Sequence[str]) -> Block:
    caption = "" if lines[0].startswith("|") else lines[0]
    rows = [line for line in lines if line.startswith("|")]
    header = next(i for i, line in enumerate(rows) if RULE.match(line))
    cells = tuple(
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in rows
        if not RULE.match(line)
    )
    return Block("table", caption, rows=cells, header_rows=header)


def _own(name: str, folder: Path) -> Iterator[Source]:
    samples = load(set_path(name), needs_nuggets=False)
    for document in load_library(folder):
        mine = [s for s in samples if s.document == document.id and not s.history]
        questions = tuple(_asked(_some(mine), document))
        if name == "brief":
            blocks = tuple(_brief(document))
        else:
            [path] = folder.glob(f"{document.id}.*.md")
            blocks, _ = _parse(unicodedata.normalize("NFC", path.read_text(encoding="utf-8")))
            blocks = blocks[1:]  # the first is the title
        number = sum(map(ord, document.id))
        date = f"{2031 + number % 4}-{1 + number % 12:02}-{1 + number % 28:02}"
        yield Source(
            document.id,
            document.lang,
            document.title(document.lang),
            AGENCIES[document.lang],
            document.as_of or date,
            "report",
            blocks,
            questions=questions,
        )


def _some(samples: Sequence[Sample]) -> list[Sample]:
    chosen: list[Sample] = []
    for lang in ("ko", "en"):
        mine = [s for s in samples if s.answerable and s.lang == lang]
        chosen += mine[:: max(1, len(mine) // (ASKED // 2))][: ASKED // 2]
    return chosen + [s for s in samples if not s.answerable][:1]


def _asked(samples: Sequence[Sample], document: Document) -> Iterator[Asked]:
    passages = passages_of(document)
    texts = evidence_texts(samples, passages, {document.id: document})
    for sample in samples:
        evidence = tuple(group[0] for group in texts[sample.id])
        yield Asked(sample.id, document.id, sample.lang, sample.question, evidence)


def _brief(document: Document) -> Iterator[Block]:
    levels = {s.char_start: s.level for s in document.sections}
    for block in document.blocks:
        text = document.text[block.char_start : block.char_end]
        if block.kind == "heading":
            yield Block("heading", " ".join(text.split()), 1 + levels.get(block.char_start, 1))
        elif block.kind == "paragraph":
            yield Block("paragraph", " ".join(text.split()))
        else:
            yield _brief_table(document)


def _brief_table(document: Document) -> Block:
    """The table of the brief, its bullets of one cell joined."""
    [table] = document.tables
    lang = document.lang
    rows: dict[str, dict[str, list[str]]] = {}
    for cell in table.cells:
        text = " ".join(document.text[cell.char_start : cell.char_end].split())
        row = rows.setdefault(cell.row_labels[lang], {})
        row.setdefault(cell.column_labels[lang], []).append(text)
    columns = list(dict.fromkeys(c for row in rows.values() for c in row))
    head = ("구분", *columns)
    body = [(name, *(" ".join(row.get(c, [])) for c in columns)) for name, row in rows.items()]
    caption = f"{table.labels[lang]}. {table.captions[lang]}"
    return Block("table", caption, rows=(head, *body), header_rows=1)
