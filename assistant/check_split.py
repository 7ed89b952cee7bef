"""A pasted text cut into statements, each with its place, and what of it states nothing.

Lines that a column or a printed page broke are read on; a blank line, or a line that ends as a
sentence does, ends a paragraph. Questions, headings, greetings and bare fragments are told apart,
since nothing can be said of them. Rule-based; not covered: tables, and irony.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.check_types import Reason
from assistant.patterns import any_of
from index.language import detect
from index.morphology import Morphology

WRAPPED = 25  # characters; a shorter line without a full stop stands by itself, as a heading does
LONG = 8  # words; an English line of fewer, without a full stop or a sure verb, is a heading
_BREAK = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_CLOSED = re.compile(r"[.!?。:;…][\"'”’」』)\]]*\s*$")
_MARK = re.compile(  # of a list, a heading or a quotation, before the words
    r"\s*(?:(?:[-–—*•·▪■□○●◦▶※>#|]+|\(?\d{1,2}[.)](?!\d)|\(?[가-하][.)]|[①-⑳])\s+)*[\"“‘'「『(]*"
)
_QUESTION = re.compile(r"[?？][\"'”’)\]]*\s*$|(?:습니까|인가요|나요|까요|는가)[.]?\s*$")
_GREETING = re.compile(
    any_of(
        "안녕하(?:세요|십니까)",
        r"(?:대단히 |정말 |경청해 주셔서 |들어 주셔서 )*(?:감사|고맙)[가-힣]*니다[.!]?$",
        "반갑습니다",
        "존경하는 .{1,40}여러분[,.!]?$",
        r"(?:good (?:morning|afternoon|evening)|hello|hi|dear|ladies and gentlemen)\b.{0,60}$",
        r"thank(?:s| you)\b.{0,60}$",
        r"(?:best|kind|warm) regards\b.{0,40}$",
        r"welcome\b.{0,60}$",
    ),
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"(?:하자|합시다|하십시오|하세요|해 주세요|바랍니다|주십시오)[.!]?\s*$|"
    r"^(?:please|let us|let's)\b",
    re.IGNORECASE,
)
# How a Korean sentence closes: 다, 요, 음/함 of official papers, 까.
_PREDICATE = re.compile(
    r"(?:다|[어아에예해네군지데세까와워여려져]요|죠|임|함|됨|음|봄|힘|짐|림|남|옴|옮|움|쉼|킴|침|냄)[\"'”’」』)\]]*[.!。…]*\s*$"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|may|might|can|could|should|must|shall|"
    r"do|does|did|said|says)\b|\b\w{3,}(?:ed|es|s)\b|\b(?:rose|fell|grew|cut|met|won|lost|gave|took|"
    r"made|began|ran|held|led|set|put|told|saw|came|went|became|kept|left|spent|built|sent)\b",
    re.IGNORECASE,
)
# What surely is one, where a line has no full stop: "figures" and "named" may be no verbs.
_SURE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|may|might|can|could|should|must|said|says|rose|"
    r"fell|grew|won|lost|gave|took|made|began|became|spent|built|sent)\b",
    re.IGNORECASE,
)
# A line that ends so runs on in the next, however short it is.
_RUNS_ON = re.compile(
    r"(?:[가-힣](?:은|는|을|를|의|와|과|에|에서|에게|으로|로|며|고|면|및|보다|까지|부터|하여|하는|되는)|"
    r"[,·]|\b(?:the|an?|of|and|or|to|in|on|at|by|for|from|with|that|which|as|is|are|was|were))\s*$",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[A-Za-z가-힣]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of a text, its place in it, and why it states nothing, if it does not."""

    text: str
    char_start: int
    char_end: int
    reason: Reason | None = None

    @property
    def statement(self) -> str:
        """What is looked up: on one line, without the mark of a list."""
        words = " ".join(self.text.replace("\N{REPLACEMENT CHARACTER}", " ").split())
        mark = _MARK.match(words)
        return words[len(mark[0].rstrip("\"“‘'「『(")) if mark else 0 :].strip()


def pieces(text: str, morphology: Morphology) -> list[Piece]:
    """The sentences of a text in order; blank stretches give none."""
    spans = list(_paragraphs(text))
    plain = [_BREAK.sub(lambda m: " " * len(m[0]), text[start:end]) for start, end in spans]
    found = []
    for (start, _), words, cut in zip(spans, plain, morphology.sentences_of(plain), strict=True):
        for a, b in cut:
            inner = words[a:b]
            a += len(inner) - len(inner.lstrip())
            b = a + len(inner.strip())
            if b > a:
                piece = Piece(text[start + a : start + b], start + a, start + b)
                found.append(Piece(piece.text, piece.char_start, piece.char_end, _reason(piece)))
    return found


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of whole sentences: printed lines are joined where one runs on in the next."""
    begin: int | None = None
    end = 0
    for start, stop in _lines(text):
        line = text[start:stop]
        if not line.strip():
            if begin is not None:
                yield begin, end
            begin = None
            continue
        if begin is not None and _begins(line):
            yield begin, end
            begin = None
        begin = start if begin is None else begin
        end = stop
        short = len(line.strip()) < WRAPPED and not _RUNS_ON.search(line)
        if _CLOSED.search(line) or _PREDICATE.search(line) or short:
            yield begin, end
            begin = None
    if begin is not None:
        yield begin, end


def _begins(line: str) -> bool:
    """Whether a line opens an item of a list or a heading."""
    mark = _MARK.match(line)
    return bool(mark and re.search(r"\S\s+$|[-–—*•·▪■□○●◦▶※>#|]", mark[0]))


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _BREAK.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _reason(piece: Piece) -> Reason | None:
    words = piece.statement
    if not _LETTER.search(words):
        return "fragment"
    if _QUESTION.search(words):
        return "question"
    if _GREETING.match(words):
        return "greeting"
    if _ORDER.search(words):
        return "order"
    if detect(words).main == "ko":
        if not _PREDICATE.search(words):
            return "heading" if len(words) <= 60 and not _CLOSED.search(words) else None
        return None
    closed = bool(_CLOSED.search(words))
    if not closed and (
        not _VERB.search(words) or (len(words.split()) < LONG and not _SURE.search(words))
    ):
        return "heading"
    return "fragment" if len(words.split()) < 3 else None
