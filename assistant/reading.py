"""A whole document as HTML to be read beside an answer: original, translation, or both.

Every sentence and table cell that the index knows is an element that carries its passage's id, its
offsets in `Document.text` and, as `data-quote` where its own text is not the quote, the words that
it stands for: so that a page can tell for certain whether a citation's words are there. Marks of
pages and footnotes are empty elements, drawn by CSS, and never part of a text. A long document
comes in parts of bounded size. Everything is escaped: what a document says is text.
"""

import html
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from assistant.labels import LABELS, READING
from assistant.reading_table import TableRow, rows_of, table_html
from index.types import Block, Document, Lang, Passage, Section, Table

Mode = Literal["original", "translation", "both"]
MODES: tuple[Mode, ...] = ("original", "translation", "both")
PART_CHARS = 8_000  # of a part; one sentence or one row of a table may go beyond
PART_PASSAGES = 100
MOST_ENTRIES = 300  # of the table of contents


@dataclass(frozen=True, slots=True)
class Piece:
    """A block, or as much of it as one part takes: passages `first` to `last`, excluded."""

    block: int
    char_start: int
    char_end: int
    first: int
    last: int


class Reading:
    """One document with its passages, ready to be shown in any mode. Immutable, thread-safe."""

    def __init__(self, document: Document, passages: Sequence[Passage]) -> None:
        """`passages` are all of the document's, in order."""
        self.document = document
        self.passages = tuple(passages)
        self.other: Lang = "en" if document.lang == "ko" else "ko"
        self.parts: tuple[tuple[Piece, ...], ...] = tuple(self._planned())
        self.translated = any(p.quote_translation for p in self.passages)
        self._footnotes = sorted((at, number) for number, at in document.footnotes)

    @cached_property
    def sections(self) -> Mapping[int, Section]:
        """The section that each block begins, by the block's number."""
        starts = [block.char_start for block in self.document.blocks]
        begun: dict[int, Section] = {}
        for section in self.document.sections:
            block = bisect_left(starts, section.char_start)
            if block < len(starts):
                begun.setdefault(block, section)
        return begun

    def mode_for(self, lang: str) -> Mode:
        """How a reader of `lang` is best shown the document at first."""
        return "both" if self.translated and lang != self.document.lang else "original"

    def part_of(self, passage_id: str) -> int | None:
        """The part in which the passage stands; None where it is not of this document."""
        found = next((i for i, p in enumerate(self.passages) if p.id == passage_id), None)
        return None if found is None else self.part_at(self.passages[found].char_start)

    def part_at(self, offset: int) -> int:
        """The part that holds the character at `offset`."""
        return max(bisect_right(self._part_starts, offset) - 1, 0)

    def part_html(self, number: int, mode: Mode, lang: str) -> str:
        """One part, with the labels of the page in `lang`; IndexError where there is no such."""
        pieces = self.parts[number]
        mode = mode if self.translated else "original"
        body = "".join(self._piece(piece, mode, lang) for piece in pieces)
        return f'<div class="cb-part" data-part="{number}" data-loaded>{body}</div>'

    def whole_html(self, mode: Mode, lang: str, part: int = 0) -> str:
        """The document with `part` in place and the others as empty elements of about their size.

        What has no translation is shown in the original, and it is said so.
        """
        shown: Mode = mode if self.translated else "original"
        parts = "".join(
            self.part_html(n, shown, lang) if n == part else self._empty(n)
            for n in range(len(self.parts))
        )
        titles = self.document.titles
        own = self.document.title(lang)  # in the language of the page, where it has one
        wanted = lang if shown == "both" else self._reads(shown)
        title = titles.get(wanted) or own
        language = self._language_of(titles, title)
        named = _lang(self._language_of(titles, own), "data-title-lang")
        pages = len(self.document.page_starts)
        paged = f' data-pages="{pages}"' if pages > 1 else ""
        return (
            f'<article class="cb-doc" data-document="{html.escape(self.document.id)}"'
            f' data-mode="{shown}" data-translated="{int(self.translated)}"'
            f' data-parts="{len(self.parts)}" data-lang="{self.document.lang}"{paged}'
            f' data-title="{html.escape(own)}"{named}>'
            f'<header><h2 class="cb-doc-title"{_lang(language)}>{html.escape(title)}</h2>'
            f"{self._notes(mode, lang)}</header>{self._contents(shown, lang)}{parts}</article>"
        )

    # --- what stands around the text --------------------------------------------------------------

    def _notes(self, mode: Mode, lang: str) -> str:
        """Whose the translation is, or that there is none."""
        words = READING[lang]
        if mode == "original":
            return ""
        if not self.translated:
            return f'<p class="cb-doc-note cb-none" role="status">{words["no_edition"]}</p>'
        model = self.document.edition_model
        note = self.document.edition_notes.get(lang)
        label = LABELS[lang]["translation"]
        if model:
            said = words["machine"].format(name=model)
        elif note and label.lower() in note.lower():
            said = note[0].upper() + note[1:]
        else:
            said = f"{label} · {note}" if note else label
        return f'<p class="cb-doc-note"><b aria-hidden="true">⚑</b> {html.escape(said)}</p>'

    def _contents(self, mode: Mode, lang: str) -> str:
        reads = lang if mode == "both" else self._reads(mode)
        begun = list(self.sections.items())
        if len(begun) > MOST_ENTRIES:
            least = min((s.level for _, s in begun), default=1)
            begun = [(b, s) for b, s in begun if s.level == least][:MOST_ENTRIES]
        if len(begun) < 2:
            return ""
        entries = []
        for block, section in begun:
            title = section.title(reads)
            at = self.document.blocks[block].char_start
            language = self._language_of(section.titles, title)
            entries.append(
                f'<li class="cb-level-{min(max(section.level, 1), 4)}"><a href="#cb-b-{block}"'
                f' data-part="{self.part_at(at)}"{_lang(language)}>{html.escape(title)}</a></li>'
            )
        return (
            f'<details class="cb-toc"><summary>{READING[lang]["contents"]}</summary>'
            f'<nav aria-label="{READING[lang]["contents"]}"><ol>{"".join(entries)}</ol></nav>'
            "</details>"
        )

    def _empty(self, number: int) -> str:
        pieces = self.parts[number]
        chars = pieces[-1].char_end - pieces[0].char_start
        return f'<div class="cb-part" data-part="{number}" style="--cb-chars:{chars}"></div>'

    # --- the text ---------------------------------------------------------------------------------

    def _piece(self, piece: Piece, mode: Mode, lang: str) -> str:
        block = self.document.blocks[piece.block]
        begins = piece.char_start == block.char_start
        marks = self._page_marks_before(piece.block, lang) if begins else ""
        name = f' id="cb-b-{piece.block}"' if begins else ""
        if block.kind == "heading":
            return marks + self._heading(piece, block, mode, lang, name)
        passages = self.passages[piece.first : piece.last]
        if block.kind == "table":
            table = next(
                (t for t in self.document.tables if t.char_start == block.char_start), None
            )
            if table is not None and table.cells:
                return marks + self._table(piece, table, passages, mode, lang, name)
        own = translated = ""
        if mode != "translation":
            text = self._original(piece, passages, lang)
            own = f'<p lang="{self.document.lang}">{text}</p>'
        if mode != "original":
            translated = f'<p lang="{self.other}">{self._translation(passages, lang)}</p>'
        if mode == "both":
            return f'{marks}<div class="cb-row"{name}>{own}{translated}</div>'
        return f'{marks}<div class="cb-block"{name}>{own or translated}</div>'

    def _heading(self, piece: Piece, block: Block, mode: Mode, lang: str, name: str) -> str:
        section = self.sections.get(piece.block)
        level = min(max(section.level if section else 1, 1), 3) + 2
        own = self._text(block.char_start, block.char_end, lang)
        own = f'<span lang="{self.document.lang}" data-heading="{piece.block}">{own}</span>'
        target = section.titles.get(self.other) if section else None
        if mode == "original" or not target:
            return f'<h{level} class="cb-block"{name}>{own}</h{level}>'
        other = f'<span lang="{self.other}">{html.escape(target)}</span>'
        if mode == "translation":
            return f'<h{level} class="cb-block"{name}>{other}</h{level}>'
        return f'<h{level} class="cb-row"{name}>{own}{other}</h{level}>'

    def _original(self, piece: Piece, passages: Sequence[Passage], lang: str) -> str:
        parts, at = [], piece.char_start
        for passage in passages:
            if passage.char_start < at:  # never: passages of a paragraph follow each other
                continue
            parts.append(self._text(at, passage.char_start, lang))
            parts.append(self.span(passage, lang))
            at = passage.char_end
        return "".join(parts) + self._text(at, piece.char_end, lang)

    def _translation(self, passages: Sequence[Passage], lang: str) -> str:
        parts = []
        for passage in passages:
            begin = max(passage.char_start, 1)
            marks = "".join(
                self._page_mark(at, lang)
                for at in self.document.page_starts
                if begin <= at < passage.char_end and at not in self._block_starts
            )
            parts.append(marks + self.translated_span(passage, lang))
        return " ".join(parts)

    def span(self, passage: Passage, lang: str) -> str:
        """A passage in the original; the element's text is exactly the document's."""
        text = self._text(passage.char_start, passage.char_end, lang)
        return f'<span class="cb-p" {self._data(passage)}>{text}</span>'

    def translated_span(self, passage: Passage, lang: str) -> str:
        """A passage in the translation, or in the original where it has none."""
        quote = html.escape(passage.quote)
        target = passage.quote_translation
        data = f'data-quote="{quote}" {self._data(passage, "t")}'
        if target:
            return f'<span class="cb-p cb-t" {data}>{html.escape(composed(target))}</span>'
        note = html.escape(READING[lang]["untranslated"])
        own = self.document.lang
        return (
            f'<span class="cb-p cb-t cb-none" lang="{own}" {data} title="{note}">{quote}</span>'
            f'<small class="cb-untranslated" lang="{lang}">{note}</small>'
        )

    def _table(
        self,
        piece: Piece,
        table: Table,
        passages: Sequence[Passage],
        mode: Mode,
        lang: str,
        name: str,
    ) -> str:
        def cell(passage: Passage) -> str:
            shown = ""
            if mode != "translation":
                shown = f'<div lang="{self.document.lang}">{self.span(passage, lang)}</div>'
            if mode != "original":
                translated = self.translated_span(passage, lang)
                shown += f'<div lang="{self.other}">{translated}</div>'
            return shown

        def row_mark(row: TableRow) -> str:
            starts = self.document.page_starts
            low = bisect_right(starts, row.before)
            return "".join(
                self._page_mark(at, lang)
                for at in starts[low : bisect_right(starts, row.char_start)]
                if at != piece.char_start
            )

        languages: list[str] = [self.document.lang]
        if mode != "original":
            languages = [self.other] if mode == "translation" else [self.document.lang, self.other]
        rows = rows_of(table, passages)
        first = piece.char_start == table.char_start
        last = piece.char_end >= table.char_end
        own = table.cells[-1].char_end
        tail = self._text(own, table.char_end, lang).strip() if last else ""
        lead = self.document.text[table.char_start : table.cells[0].char_start] if first else ""
        return table_html(
            table, rows, languages, cell, row_mark, self._row_data, name=name, lead=lead, tail=tail
        )

    def _row_data(self, passage: Passage) -> str:
        """The data of a table row, whose element holds more than its quote."""
        quote = html.escape(passage.quote)
        return f'class="cb-p cb-tr" data-quote="{quote}" {self._data(passage)}'

    def _data(self, passage: Passage, side: str = "") -> str:
        return (
            f'id="cb-r{side}-{passage.position}" data-passage="{html.escape(passage.id)}"'
            f' data-start="{passage.char_start}" data-end="{passage.char_end}"'
            f' data-page="{passage.page}" tabindex="-1"'
        )

    def _text(self, start: int, end: int, lang: str) -> str:
        """The text between two offsets with the marks that stand in it, which have no text."""
        text = self.document.text
        marks: list[tuple[int, int, str]] = []
        starts = self.document.page_starts
        for at in starts[bisect_left(starts, start) : bisect_left(starts, end)]:
            if at and at not in self._block_starts:
                marks.append((at, 1, self._page_mark(at, lang)))
        notes = self._footnotes
        low = bisect_left(notes, (start + 1, -1))
        for at, number in notes[low : bisect_left(notes, (end + 1, -1))]:
            label = html.escape(READING[lang]["footnote"].format(n=number))
            mark = f'<sup class="cb-fn" data-n="{number}" role="img" aria-label="{label}"></sup>'
            marks.append((at, 0, mark))
        parts, done = [], start
        for at, _, mark in sorted(marks):
            parts += [html.escape(text[done:at]), mark]
            done = at
        return "".join(parts) + html.escape(text[done:end])

    def _page_marks_before(self, block: int, lang: str) -> str:
        """Marks of the pages that begin with the block, or between the block before and it."""
        blocks, starts = self.document.blocks, self.document.page_starts
        if len(starts) < 2:
            return ""
        before = blocks[block - 1].char_end if block else -1
        low = bisect_left(starts, before) if block else 0
        high = bisect_right(starts, blocks[block].char_start)
        return "".join(self._page_mark(at, lang, whole=True) for at in starts[low:high])

    def _page_mark(self, at: int, lang: str, *, whole: bool = False) -> str:
        page = self.document.page(at)
        label = html.escape(LABELS[lang]["page"].format(page=page))
        tag = "div" if whole else "span"
        return (
            f'<{tag} class="cb-pagemark" role="separator" data-page="{page}"'
            f' data-label="{label}" aria-label="{label}"></{tag}>'
        )

    # --- parts ------------------------------------------------------------------------------------

    @cached_property
    def _part_starts(self) -> list[int]:
        return [pieces[0].char_start for pieces in self.parts]

    @cached_property
    def _block_starts(self) -> frozenset[int]:
        """Offsets of pages whose mark stands before a block, not in its text."""
        starts = self.document.page_starts
        ends = [-1, *(block.char_end for block in self.document.blocks)]
        taken: set[int] = set()
        for before, block in zip(ends, self.document.blocks, strict=False):
            low = bisect_left(starts, before)
            taken.update(starts[low : bisect_right(starts, block.char_start)])
        return frozenset(taken)

    def _planned(self) -> Iterator[tuple[Piece, ...]]:
        part: list[Piece] = []
        chars = count = 0
        for piece in self._pieces():
            size, held = piece.char_end - piece.char_start, piece.last - piece.first
            full = chars + size > PART_CHARS or count + held > PART_PASSAGES
            if part and full:
                yield tuple(part)
                part, chars, count = [], 0, 0
            part.append(piece)
            chars, count = chars + size, count + held
        if part:
            yield tuple(part)

    def _pieces(self) -> Iterator[Piece]:
        """Blocks in order; one that is larger than a part is cut between sentences or rows."""
        paragraphs = [passage.paragraph for passage in self.passages]
        for number, block in enumerate(self.document.blocks):
            first, last = bisect_left(paragraphs, number), bisect_right(paragraphs, number)
            begin, start = first, block.char_start
            row = first
            for at in range(first + 1, last):
                passage = self.passages[at]
                if passage.kind == "cell":
                    continue  # it stays with its row
                large = at + 1 - begin > PART_PASSAGES or passage.char_end - start > PART_CHARS
                if large and row > begin:
                    yield Piece(number, start, self.passages[row].char_start, begin, row)
                    begin, start = row, self.passages[row].char_start
                row = at
            if row > begin and (
                last - begin > PART_PASSAGES or block.char_end - start > PART_CHARS
            ):
                cut = self.passages[row].char_start
                yield Piece(number, start, cut, begin, row)
                begin, start = row, cut
            yield Piece(number, start, block.char_end, begin, last)

    def _reads(self, mode: Mode) -> Lang:
        return self.other if mode == "translation" else self.document.lang

    def _language_of(self, titles: Mapping[str, str], title: str) -> str | None:
        return next((lang for lang, one in titles.items() if one == title), None)


def composed(text: str) -> str:
    """`text` as it is shown and searched: in composed letters."""
    return unicodedata.normalize("NFC", text)


def _lang(lang: str | None, name: str = "lang") -> str:
    return f' {name}="{html.escape(lang)}"' if lang else ""
