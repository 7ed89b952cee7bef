"""A conversation as a paper: sentences with footnotes whose numbers run over the whole of it.

What every format shares is decided here: which words stand where, and in which language. The frame
is in the reader's language, an answer and its notes are in the answer's own. Numbers are given anew
in the order of first use, as a word processor would give them. Letters that no format may carry
(controls, signs that turn the direction of writing) are taken out; nothing else of a text changes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from assistant.export.exported import Exported, Turn
from assistant.export.words import ASKED, FRAME, SECTION, WHERE
from assistant.labels import LABELS, MACHINE_NOTE, as_of_text, check_text, how_made, place
from assistant.types import Answer, Citation, Sentence
from index.language import detect

# What `split` takes for a space is left to it.
UNSAFE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\ufffe\uffff]"
)
_LABELLED = re.compile("비공식|기계 번역|unofficial|machine translation", re.IGNORECASE)
_BULLET = re.compile(r"^\s*[-•·*]\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in one language."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: where a quote stands, the quote, and its translation if there is one."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole note on one line."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Mark:
    """A number after a sentence; `first` where its note belongs, since it may be used again."""

    number: int
    first: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, what a reader must know of it, and its marks."""

    text: str
    remark: str  # e.g. (전망); "" for a verified fact
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A question and what was answered: `lines`, or `prose` where there are no sentences."""

    number: int
    question: Piece
    lang: str
    lines: tuple[Line, ...]
    prose: tuple[str, ...]
    notes: tuple[Note, ...]
    notice: str
    facts: tuple[str, ...]  # how old, how made, when asked


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole, ready to be set in any format."""

    title: Piece
    lang: str
    about: str
    saved: str
    parts: tuple[Part, ...]


def paper(exported: Exported, lang: str, today: date) -> Paper:
    """The conversation, framed in `lang`."""
    parts: list[Part] = []
    used = 0
    for number, turn in enumerate(exported.turns, start=1):
        parts.append(_part(turn, number, used))
        used += len(parts[-1].notes)
    frame = FRAME[lang]
    title = clean(exported.title)
    named = Piece(title, detect(title).main) if title else Piece(frame["empty"], lang)
    saved = frame["saved"].format(date=today.isoformat())
    return Paper(named, lang, frame["about"], saved, tuple(parts))


def clean(text: str) -> str:
    """One line, without letters that could harm a file or its reader."""
    return " ".join(UNSAFE.sub("", text).split())


def _part(turn: Turn, number: int, used: int) -> Part:
    answer = turn.answer
    cited = {citation.n: citation for citation in answer.citations}
    numbers: dict[int, int] = {}
    lines: list[Line] = []
    for sentence in answer.sentences:
        marks: list[Mark] = []
        for n in dict.fromkeys(sentence.citations):
            first = n not in numbers
            marks.append(Mark(numbers.setdefault(n, used + len(numbers) + 1), first))
        lines.append(Line(clean(sentence.text), _remark(sentence, answer.language), tuple(marks)))
    question = clean(turn.question)
    notes: list[Note] = []
    named: set[str] = set()  # documents whose own title has been given
    for n, there in numbers.items():
        original = cited[n].document not in named
        notes.append(_note(there, cited[n], answer.language, original=original))
        named.add(cited[n].document)
    return Part(
        number,
        Piece(question, detect(question).main),
        answer.language,
        tuple(lines),
        () if lines else _prose(answer.answer),
        tuple(notes),
        clean(answer.notice or ""),
        tuple(map(clean, _facts(turn, answer))),
    )


def _prose(text: str) -> tuple[str, ...]:
    """Paragraphs; of a list, its bullets become ours."""
    lines = [line for line in text.splitlines() if clean(line)]
    return tuple(clean(_BULLET.sub("• ", line)) for line in lines)


def _remark(sentence: Sentence, lang: str) -> str:
    """The stance of what is not a fact, and that a sentence was not verified, and why."""
    labels = LABELS[lang]
    said = [] if sentence.stance == "fact" else [labels[sentence.stance].lower()]
    if sentence.verdict != "verified":
        why = [check_text(check, lang) for check in sentence.checks if not check.passed]
        doubt = labels["unverified"].lower()
        said.append(f"{doubt}: {'; '.join(why)}" if why else doubt)
    return "".join(f"({clean(one)})" for one in said)


def _note(number: int, citation: Citation, lang: str, *, original: bool) -> Note:
    """The note; `original` adds the title in the document's own language where it is another."""
    page, section = place(citation, lang, titled=False)
    title = clean(citation.title(lang))
    own = clean(citation.document_title)
    if original and title != own:
        title = f"{title} ({own})"
    where = [WHERE[lang].format(title), page]
    if clean(section):
        where.append(SECTION[lang].format(clean(section)))
    pieces = [
        Piece(f"{', '.join(where)}: ", lang),
        Piece(f"“{clean(citation.quote)}”", citation.quote_language),
    ]
    if citation.translation:
        other = "en" if citation.quote_language == "ko" else "ko"
        pieces.append(Piece(f" {_whose(citation, lang)}: ", lang))
        pieces.append(Piece(f"“{clean(citation.translation)}”", other))
    return Note(number, tuple(pieces))


def _whose(citation: Citation, lang: str) -> str:
    """Whose the translation is: never left to be taken for the document's own."""
    note = clean(citation.translation_note or "")
    if citation.translation_model and citation.translation_model not in note:
        machine = MACHINE_NOTE[lang].format(name=clean(citation.translation_model))
        note = f"{note}; {machine}" if note else machine
    label = LABELS[lang]["translation"]
    if not note:
        return label
    told = _LABELLED.search(note) is not None
    return note[0].upper() + note[1:] if told else f"{label} ({note})"


def _facts(turn: Turn, answer: Answer) -> Iterator[str]:
    if answer.as_of:
        yield as_of_text(answer.as_of, answer.language)
    yield from how_made(replace(answer, timings_ms={}))
    if turn.asked_at:
        yield ASKED[answer.language].format(date=turn.asked_at[:10])
