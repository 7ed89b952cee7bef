"""Machine editions of documents of the record: made piece by piece, kept as they come, searched.

A run that ends early has kept what was translated, and the next goes on with the rest. A document
that is ingested anew takes the translations of what it still says with it. Not covered: how a piece
is translated and checked (`assistant.edition`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from assistant.edition import Translated, pieces, translate, with_edition
from assistant.llm import ChatModel, Meter
from index.models import Embedder
from index.prepare import Prepared, prepare
from index.record.entry import Translation
from index.terms import Analyzer
from index.types import Lang

if TYPE_CHECKING:
    from index.record.library import Library
    from index.record.writer import Writer

TOGETHER = 10  # pieces kept in one transaction


@dataclass(frozen=True, slots=True)
class Tools:
    """What a document is prepared with, and the fingerprint of the recipe that this is."""

    analyzer: Analyzer
    embedder: Embedder
    recipe: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A document's machine edition: of `pieces` so many were `translated`; `left` says why not."""

    id: str
    lang: Lang
    pieces: int
    translated: int
    left: tuple[Translated, ...]


class Editions:
    """Makes editions with the one writer of the record."""

    def __init__(self, library: "Library", writer: "Writer", tools: Tools) -> None:
        self._library = library
        self._writer = writer
        self._tools = tools

    def lacking(self, id: str) -> int:
        """How many pieces of the document have no translation yet."""
        made = self._kept(id)
        done = self._done(id, _other(made.document.lang))
        return sum(text not in done for text in pieces(made.document, made.passages))

    def make(self, id: str, model: ChatModel, meter: Meter, step: Callable[[], None]) -> Edition:
        """Translate what the document lacks, keep it, and have search see it.

        `step` is called for each piece. AssistantError where the model cannot be had; what was
        translated until then is kept and searched.
        """
        made = self._kept(id)
        lang = _other(made.document.lang)
        done = self._done(id, lang)
        needed = pieces(made.document, made.passages)
        results = translate(
            made.document,
            made.passages,
            model,
            meter,
            done=done,
            analyzer=self._tools.analyzer,
        )
        left: list[Translated] = []
        try:
            for some in _batches(results):
                left += [one for one in some if one.target is None]
                rows = [
                    Translation(one.source, one.target, checked=True, model=model.name)
                    for one in some
                    if one.target is not None
                ]
                self._writer.translate(id, lang, rows)
                for _ in some:
                    step()
        finally:
            self.apply(id)
        done = self._done(id, lang)
        return Edition(id, lang, len(needed), sum(text in done for text in needed), tuple(left))

    def apply(self, id: str) -> bool:
        """Put the translations that were kept into the document; whether that changed it."""
        with self._library.snapshot() as snapshot:
            entry = snapshot.entry(id)
            document = snapshot.document(id)
            boxes, original = snapshot.boxes(id), snapshot.original(id)
            rows = snapshot.translations(id, _other(document.lang))
        if entry is None or not rows:
            return False
        lacking = set(pieces(document, self._kept(id).passages))
        targets = {row.source: row.target for row in rows if row.source in lacking}
        if not targets:
            return False
        models = dict.fromkeys(row.model for row in rows if row.source in targets)
        if document.edition_model:
            models = {document.edition_model: None, **models}
        document = with_edition(document, targets, ", ".join(filter(None, models)))
        tools = self._tools
        made = prepare(document, tools.analyzer, tools.embedder, tools.recipe)
        self._writer.keep(entry, made, boxes=boxes, original=original)
        return True

    def _kept(self, id: str) -> Prepared:
        with self._library.snapshot() as snapshot:
            made = snapshot.prepared(id, self._tools.recipe)
            document = snapshot.document(id)
        tools = self._tools
        return made or prepare(document, tools.analyzer, tools.embedder, tools.recipe)

    def _done(self, id: str, lang: Lang) -> dict[str, str]:
        return {row.source: row.target for row in self._library.translations(id, lang)}


def _batches(results: Iterator[Translated]) -> Iterator[list[Translated]]:
    """So many at a time, and what there was of the last when the results end in an error."""
    while True:
        some: list[Translated] = []
        try:
            for one in islice(results, TOGETHER):
                some.append(one)
        except BaseException:  # Ctrl-C too: what was paid for is kept
            if some:
                yield some
            raise
        if not some:
            return
        yield some


def _other(lang: Lang) -> Lang:
    return "en" if lang == "ko" else "ko"
