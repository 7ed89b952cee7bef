"""A document's edition in its other language, made by a chat model piece by piece.

A piece is a sentence, a heading, a title or the words of a table. Each is sent with what stands
around it and with the glossary's terms in it, all between marks, and what comes back is checked
before it is accepted (`assistant.edition_check`). A reply that does not pass is asked for once
more with what was found, and is then left out: the original is quoted in its place. A piece that
addresses whoever reads by machine is never sent. What has been translated is handed on at once and
in reading order, so that a run that ends early goes on where it ended. The edition is labelled as a
machine's wherever it is shown (`with_edition`).
Not covered: one wording for one term throughout a document beyond the glossary's, and pieces that
only make sense together.
"""

import re
import threading
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import prompts
from assistant.edition_check import EditionCheck
from assistant.errors import AssistantError
from assistant.generator import LASTING
from assistant.inject import addresses_model
from assistant.labels import MACHINE_NOTE
from assistant.llm import ChatModel, Meter, ModelFailed, Reason
from assistant.remarks import MISTRANSLATED, REMARKS, mistranslations
from assistant.types import Check
from index.language import detect
from index.lexicon import GLOSSARY, THESAURUS, compile_lexicon, read_glossary
from index.morphology import load_morphology
from index.terms import Analyzer
from index.types import Cell, Document, Lang, Passage, Table

AT_ONCE = 4  # requests under way
AHEAD = 3 * AT_ONCE  # pieces taken up before the first of them is handed on
TRIES = 2  # the second is told what was found
GIVE_UP = 8  # pieces in a row that the model fails: the next would fail too
MOST_TERMS = 12  # of the glossary, that one piece is sent with
SHOWN = 60  # characters of a reply that a problem repeats
REMEDIES: Mapping[Reason, str] = {
    "access": "check the provider's key",
    "not_found": "correct the model's name or address",
    "rate_limit": "wait for the limit to pass",
}
NOTHING: Mapping[Lang, str] = {"ko": "없음", "en": "nothing"}  # was wrong before the first try
UNSENT = "it addresses whoever reads it by machine, so it was not sent to the language model"
_LETTER = re.compile(r"[A-Za-z가-힣]")
_ECHO = re.compile(r"^⟦t⟧\s*|\s*⟦/t⟧$")  # the marks around a piece, given back


@dataclass(frozen=True, slots=True)
class Translated:
    """A piece and its translation, or None and why there is none."""

    source: str
    target: str | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is translated, and what it is sent with."""

    text: str
    heading: str = ""
    before: str = ""
    after: str = ""


def pieces(document: Document, passages: Sequence[Passage]) -> list[str]:
    """Every distinct title, heading, sentence and table wording that the edition of `document`
    needs and that it lacks, in reading order; `passages` are all of the document's.
    """
    return [piece.text for piece in _pieces(document, passages)]


def translate(
    document: Document,
    passages: Sequence[Passage],
    model: ChatModel,
    meter: Meter,
    *,
    done: Mapping[str, str],
    stopped: Callable[[], bool] = lambda: False,
    analyzer: Analyzer | None = None,
    glossary: Path = GLOSSARY,
) -> Iterator[Translated]:
    """The pieces of `document` that are not among those `done`, each once, in reading order.

    `analyzer` is the open index's, if there is one; what the model takes is added to `meter`. Ends
    early once `stopped` is true. Raises AssistantError where the model cannot be had, after all
    that was translated until then has been handed on; call again with it `done` to go on.
    """
    needed = _pieces(document, passages)
    left = [piece for piece in needed if piece.text not in done]
    translator = _Translator(document.lang, model, meter, analyzer, glossary)
    kept = len(needed) - len(left)
    for result in translator.run(left, stopped):
        kept += result.target is not None
        yield result
    if translator.failure:
        raise AssistantError(_how_to_go_on(translator.failure, model.name, kept, len(needed)))


def with_edition(document: Document, translations: Mapping[str, str], model_name: str) -> Document:
    """`document` with the edition that the model called `model_name` made, labelled as such.

    `translations` are source texts with their translations; one that the document has keeps it.
    """
    known = {**translations, **document.translations}
    other = _other(document.lang)

    def both(wordings: Mapping[str, str]) -> Mapping[str, str]:
        target = known.get(wordings.get(document.lang, ""))
        return {**wordings, other: wordings.get(other, target)} if target else wordings

    def whole(table: Table) -> Table:
        return replace(
            table,
            labels=both(table.labels),
            captions=both(table.captions),
            cells=tuple(labelled(cell) for cell in table.cells),
        )

    def labelled(cell: Cell) -> Cell:
        rows, columns = both(cell.row_labels), both(cell.column_labels)
        return replace(cell, row_labels=rows, column_labels=columns)

    return replace(
        document,
        titles=both(document.titles),
        sections=tuple(replace(s, titles=both(s.titles)) for s in document.sections),
        tables=tuple(map(whole, document.tables)),
        translations=known,
        edition_notes={lang: note.format(name=model_name) for lang, note in MACHINE_NOTE.items()},
        edition_model=model_name,
    )


class _Translator:
    """Translates pieces, several at once; `failure` is set where the model cannot be had."""

    failure: ModelFailed | None = None

    def __init__(
        self,
        source: Lang,
        model: ChatModel,
        meter: Meter,
        analyzer: Analyzer | None,
        glossary: Path,
    ) -> None:
        self._lang = _other(source)
        self._model = model
        self._meter = meter
        self._given = analyzer
        self._glossary = glossary
        self._terms = _terms(glossary, source)
        self._failed_in_a_row = 0
        self._counting, self._checking = threading.Lock(), threading.Lock()

    def run(self, left: Sequence[_Piece], stopped: Callable[[], bool]) -> Iterator[Translated]:
        """The pieces in their order; fewer once `stopped` is true or the model cannot be had."""
        halt = threading.Event()

        def ended() -> bool:
            return halt.is_set() or stopped()

        pool = ThreadPoolExecutor(AT_ONCE, "translate")
        under_way: deque[Future[Translated | None]] = deque()
        try:
            for piece in left:
                if self.failure or ended():
                    break
                under_way.append(pool.submit(self._translated, piece, ended))
                if len(under_way) == AHEAD and (result := under_way.popleft().result()):
                    yield result
            while under_way:
                if result := under_way.popleft().result():
                    yield result
        finally:
            halt.set()  # where nobody reads on, no request is waited for
            pool.shutdown(cancel_futures=True)

    def _translated(self, piece: _Piece, ended: Callable[[], bool]) -> Translated | None:
        """What becomes of one piece; None where it was not finished."""
        text = piece.text
        if _reads_alike(text, self._lang):
            return Translated(text, text)
        if addresses_model(text):
            return Translated(text, None, UNSENT)
        if self.failure or ended():
            return None
        try:
            result = self._asked(piece, ended)
        except ModelFailed as failure:
            if self._is_lasting(failure):
                return None
            return Translated(text, None, REMARKS["en"][failure.reason].format(name=self._name))
        with self._counting:
            self._failed_in_a_row = 0
        return result

    @property
    def _name(self) -> str:
        return self._model.name

    def _is_lasting(self, failure: ModelFailed) -> bool:
        """Whether the next request would fail too; if so, it is kept as `failure`."""
        with self._counting:
            self._failed_in_a_row += 1
            if failure.reason not in LASTING and self._failed_in_a_row < GIVE_UP:
                return False
            self.failure = self.failure or failure
            return True

    def _asked(self, piece: _Piece, ended: Callable[[], bool]) -> Translated | None:
        """What the model makes of a piece, if it passes at the first try or the second."""
        faults: tuple[Check, ...] = ()
        for _ in range(TRIES):
            system, user = self._request(piece, faults)
            lines = self._model.complete(system, user, self._meter, ended)
            if ended():
                return None  # the reply may lack its end
            target = _plain(lines)
            with self._checking:  # what the check loads may be loaded once only
                faults = self._check.faults(piece.text, target, self._lang)
            if not faults:
                return Translated(piece.text, target)
        return Translated(piece.text, None, _problem(faults))

    def _request(self, piece: _Piece, faults: Sequence[Check]) -> tuple[str, str]:
        """The system and the user part for a piece; `faults` are those of the reply before."""
        around = {"h": piece.heading, "b": piece.before, "a": piece.after}
        values = {
            "around": "\n".join(_marked(mark, text) for mark, text in around.items() if text),
            "terms": "\n".join(_marked("g", term) for term in self._terms.of(piece.text)),
            "piece": _marked("t", piece.text),
            "found": mistranslations(faults, self._lang) or NOTHING[self._lang],
        }
        told = prompts.load_chat("translate", self._lang, frozenset(values))
        return told.system, re.sub(r"\n{3,}", "\n\n", told.user.substitute(values)).strip()

    @cached_property
    def _check(self) -> EditionCheck:
        if self._given:
            return EditionCheck(self._given)
        lexicon = compile_lexicon(self._glossary, THESAURUS)
        return EditionCheck(Analyzer(load_morphology(lexicon.names), lexicon))


class _Terms:
    """What the glossary calls the terms of a text in the other language."""

    def __init__(self, glossary: Path, source: Lang) -> None:
        wordings: dict[str, str] = {}
        for entry in read_glossary(glossary):
            if source == "ko":
                said, wording = [entry.ko, *entry.ko_aliases], entry.en
            else:
                said, wording = [entry.en, *entry.en_aliases], entry.ko
            for name in said:
                wordings.setdefault(name, wording)
        self._wordings = {name: word for name, word in wordings.items() if len(name) > 1}
        longest_first = sorted(self._wordings, key=len, reverse=True)
        # Whole words; in Korean at least the beginning of one, since particles follow.
        ends = ("(?<![가-힣])", "") if source == "ko" else ("(?<![A-Za-z])", "(?![A-Za-z])")
        names = "|".join(map(re.escape, longest_first)) or "(?!)"  # none: matches nowhere
        self._pattern = re.compile(f"{ends[0]}(?:{names}){ends[1]}")

    def of(self, text: str) -> list[str]:
        """Each term with its wording, in order of appearance."""
        found = dict.fromkeys(match[0] for match in self._pattern.finditer(text))
        return [f"{name} = {self._wordings[name]}" for name in [*found][:MOST_TERMS]]


@cache
def _terms(glossary: Path, source: Lang) -> _Terms:
    return _Terms(glossary, source)


def _pieces(document: Document, passages: Sequence[Passage]) -> list[_Piece]:
    """All pieces with their surroundings, each text once, as it first appears."""
    other = _other(document.lang)
    placed: list[tuple[int, _Piece]] = []

    def add(place: int, wordings: Mapping[str, str], heading: str = "") -> None:
        if other not in wordings and document.lang in wordings:
            placed.append((place, _Piece(wordings[document.lang], heading)))

    title = document.titles.get(document.lang, "")
    add(-1, document.titles)
    for section in document.sections:
        add(section.char_start, section.titles, title)
    for table in document.tables:
        heading = table.captions.get(document.lang) or document.section(table.char_start).title(
            document.lang
        )
        for wordings in (table.labels, table.captions):
            add(table.char_start, wordings, title)
        for cell in table.cells:
            for wordings in (cell.column_labels, cell.row_labels):
                add(table.char_start, wordings, heading)
    placed += _of_passages(passages, document.lang)
    placed.sort(key=lambda pair: pair[0])
    found: dict[str, _Piece] = {}
    for _, piece in placed:
        if piece.text.strip() and piece.text not in document.translations:
            found.setdefault(piece.text, piece)
    return list(found.values())


def _of_passages(passages: Sequence[Passage], lang: Lang) -> Iterator[tuple[int, _Piece]]:
    """Sentences and cells with their surroundings, and where each stands."""
    ordered = sorted(passages, key=lambda passage: passage.position)
    sentences = [passage for passage in ordered if passage.kind == "sentence"]
    places = {passage.id: n for n, passage in enumerate(sentences)}
    for passage in ordered:
        heading = _harmless(passage.section_title(lang))
        if passage.kind == "cell":
            heading = ", ".join(filter(None, (heading, *map(_harmless, passage.labels))))
            yield passage.char_start, _Piece(passage.quote, heading)
        elif passage.kind == "sentence":
            n = places[passage.id]
            beside = [
                _harmless(one.quote) if one.section_id == passage.section_id else ""
                for one in (*sentences[max(0, n - 1) : n], *sentences[n + 1 : n + 2])
            ]
            before = beside.pop(0) if n else ""
            yield (
                passage.char_start,
                _Piece(passage.quote, heading, before, beside[0] if beside else ""),
            )


def _harmless(text: str) -> str:
    """The text, or nothing where it addresses whoever reads by machine."""
    return "" if addresses_model(text) else text


def _reads_alike(text: str, lang: Lang) -> bool:
    """Whether a piece of a document needs no translation into `lang`: figures, its own words."""
    if not _LETTER.search(text):
        return True
    found = detect(text)
    return found.main == lang and not found.mixed


def _plain(lines: Sequence[str]) -> str:
    """The reply in NFC, without the marks of the piece where they are given back."""
    text = unicodedata.normalize("NFC", "\n".join(lines)).strip()
    return _ECHO.sub("", text).strip()


def _problem(faults: Sequence[Check]) -> str:
    """Why a translation was not accepted, for people."""
    said = []
    for fault in faults:
        piece = fault.text if len(fault.text) <= SHOWN else f"{fault.text[:SHOWN]}…"
        said.append(f"{MISTRANSLATED['en'].get(fault.code, fault.code)} ({piece!r})")
    return "; ".join(said)


def _how_to_go_on(failure: ModelFailed, name: str, kept: int, count: int) -> str:
    remedy = REMEDIES.get(failure.reason, "see that the model can be reached")
    return (
        f"{REMARKS['en'][failure.reason].format(name=name)} {kept:,} of {count:,} pieces are "
        f"translated and kept; {remedy} and run the same command again to go on."
    )


def _other(lang: Lang) -> Lang:
    return "en" if lang == "ko" else "ko"


def _marked(mark: str, text: str) -> str:
    return prompts.fence(mark, text, inline=True)
