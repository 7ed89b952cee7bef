"""The questions of a report: each with its answer, what it needed, and what of that was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from eval.report_words import t
from eval.runs import Row
from eval.samples import squeeze

LONGEST = 600  # characters of one piece of text that a card shows


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that the answer needs (any one of `options`), whether quoted, and its rank."""

    options: Sequence[Any]  # eval.runs.Expected
    quoted: bool
    rank: int | None  # in the search, from 1; None: not among what was kept of it


@dataclass(frozen=True, slots=True)
class Card:
    """A question as the page shows it."""

    row: Row
    codes: Sequence[str]  # each once
    evidence: Sequence[Evidence]
    wanted: Sequence[str]  # texts to mark in what the answer says
    texts: frozenset[str]  # of the answer's sentences


def card_of(row: Row) -> Card:
    """What a row has to show."""
    missed = {failure.about for failure in row.failures if failure.code == "evidence_missed"}
    said = row.answer is not None and not row.refused
    evidence = []
    for group in row.evidence:
        quoted = said and " | ".join(option.quote for option in group) not in missed
        evidence.append(Evidence(group, quoted, _rank([o.quote for o in group], row)))
    sentences = row.answer["sentences"] if row.answer else ()
    return Card(
        row=row,
        codes=list(dict.fromkeys(failure.code for failure in row.failures)),
        evidence=evidence,
        wanted=[option.quote for group in row.evidence for option in group],
        texts=frozenset(sentence["text"] for sentence in sentences),
    )


def _rank(quotes: Sequence[str], row: Row) -> int | None:
    wanted = [squeeze(quote) for quote in quotes]
    for place, hit in enumerate(row.retrieved, start=1):
        found = squeeze(hit.quote)
        if any(quote in found for quote in wanted):
            return place
    return None


def marked(text: str, wanted: Sequence[str] = ()) -> Markup:
    """`text` with what was wanted of it marked; of a very long one the part where that begins."""
    places = [at for at, c in enumerate(text) if not c.isspace()]
    bare = "".join(text[at] for at in places)
    inside = [False] * len(text)
    for piece in filter(None, map(squeeze, wanted)):
        if (at := bare.find(piece)) >= 0:
            first, last = places[at], places[at + len(piece) - 1]
            inside[first : last + 1] = [True] * (last + 1 - first)
    begin = 0
    if len(text) > LONGEST and True in inside:
        begin = max(0, min(inside.index(True) - LONGEST // 4, len(text) - LONGEST))
    end = min(len(text), begin + LONGEST)
    found = Markup("… ") if begin else Markup()
    while begin < end:
        until = begin
        while until < end and inside[until] == inside[begin]:
            until += 1
        piece = escape(text[begin:until])
        found += Markup("<mark>{}</mark>").format(piece) if inside[begin] else piece
        begin = until
    if len(text) > LONGEST:
        n = f"{len(text):,}"
        found += t(" … (전체 {n}자 가운데 일부)", " … (part of {n} characters)", n=n)
    return found
