"""The values that flow through the index: Document -> Passage -> Hit.

All offsets are code points into `Document.text`, start included, end excluded. Values are frozen
and hold ids, not parents, so that they can be stored, compared and sent between processes.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Lang = Literal["ko", "en"]
Kind = Literal["sentence", "cell", "row"]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text under it. `titles` maps a language to the heading in it."""

    id: str
    level: int
    titles: Mapping[str, str]
    char_start: int
    char_end: int

    def title(self, lang: str) -> str:
        """The heading in `lang`, or in whatever language there is."""
        return _in(self.titles, lang)


@dataclass(frozen=True, slots=True)
class Cell:
    """One bullet of a table, with the labels of its row and column in every language known."""

    row: int
    column: int
    row_labels: Mapping[str, str]
    column_labels: Mapping[str, str]
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table as structured cells; `labels` is its printed name, e.g. 표 1 / Table 1."""

    id: str
    labels: Mapping[str, str]
    captions: Mapping[str, str]
    cells: tuple[Cell, ...]
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading or a whole table, in reading order."""

    kind: Literal["paragraph", "heading", "table"]
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A source, cleaned: NFC text, lines re-joined, page numbers and footnote markers taken out."""

    id: str
    lang: Lang
    titles: Mapping[str, str]
    text: str
    blocks: tuple[Block, ...]
    page_starts: tuple[int, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...] = ()
    footnotes: tuple[tuple[int, int], ...] = ()  # (number, offset it stood at)
    translations: Mapping[str, str] = field(default_factory=dict)  # source text -> other language
    restatements: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    as_of: str | None = None
    edition_notes: Mapping[str, str] = field(default_factory=dict)
    edition_model: str | None = None  # the chat model that made `translations`, if no person did
    sha256: str = ""
    page_numbers: tuple[int, ...] = ()  # of what starts at `page_starts`; 1, 2, 3 … where empty

    def title(self, lang: str) -> str:
        """The document's title in `lang`, or in whatever language there is."""
        return _in(self.titles, lang)

    def page(self, offset: int) -> int:
        """The page, counted from 1, that the character at `offset` stands on."""
        turn = bisect_right(self.page_starts, offset)
        return self.page_numbers[turn - 1] if self.page_numbers else turn

    def section(self, offset: int) -> Section:
        """The innermost section that holds `offset`."""
        return self.sections[bisect_right(self.sections, offset, key=lambda s: s.char_start) - 1]


@dataclass(frozen=True, slots=True)
class Passage:
    """What is stored, retrieved and cited: a sentence, a table cell or a table row.

    `text` reads well on its own (a cell carries its labels); the verbatim quote is
    `document.text[char_start:char_end]`. `translation` is `text` in the other language, where an
    aligned edition exists, and `quote_translation` the quote's. `restatements` say the same in
    other words, by language: they are searched, and never shown or cited.
    """

    id: str
    document_id: str
    kind: Kind
    lang: Lang
    text: str
    quote: str
    char_start: int
    char_end: int
    page: int
    section_id: str
    section_titles: Mapping[str, str]
    paragraph: int  # running number in the document; passages of one paragraph share it
    position: int  # running number of the passage in the document
    translation: str | None = None
    quote_translation: str | None = None
    restatements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()  # of a table cell: its row's and its column's, in both languages

    @property
    def readings(self) -> tuple[str, ...]:
        """The passage as it reads in the original and in its translations, each once."""
        texts = (self.quote, self.text, self.quote_translation, self.translation)
        return tuple(dict.fromkeys(text for text in texts if text))

    def in_language(self, lang: str) -> str | None:
        """The passage as it reads in `lang`, or None where no edition has it."""
        return self.text if lang == self.lang else self.translation

    def section_title(self, lang: str) -> str:
        """The heading over it in `lang`, or in whatever language there is."""
        return _in(self.section_titles, lang)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score; higher is better. `features` say where the score came from."""

    passage: Passage
    score: float
    features: Mapping[str, float] = field(default_factory=dict)


def _in(texts: Mapping[str, str], lang: str) -> str:
    return texts.get(lang) or next(iter(texts.values()), "")
