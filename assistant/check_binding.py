"""Numbers and names of a statement that its evidence has elsewhere: for another item, of another.

A statement is cut into clauses, and so is its evidence. Where most of what a clause tells stands in
one clause of the evidence, its numbers and names should stand there too. One that stands in another
clause only, while the right one has its own number or name that the statement does not tell, was
taken from the wrong place. Not covered: two items within one clause.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from assistant import claim_words as cw
from assistant.claim_pair import PAIRED, Pair
from index.number_match import same
from index.numbers import Quantity

TOLD = 0.75  # a name whose match is at least this stands there
LEAST = 2  # words of a statement's clause that must stand in the clause it tells
_CUT = {
    "ko": re.compile(r"[,;:]\s|(?<=[고며만서로데니자면])\s(?=[가-힣])"),
    "en": re.compile(r"[,;:]\s|\s(?:and|but|while|whereas|which|although|though)\s"),
}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause of the evidence: which text, and which words of it."""

    n: int
    words: Span
    chars: Span


def misplaced(pair: Pair) -> dict[str, float]:
    """How surely a number, or a name, was taken from another clause: 0 to 1 each."""
    found = {"number_bound": 0.0, "name_bound": 0.0}
    there = list(_clauses(pair))
    if len(there) < 2:
        return found
    for words in _parts(pair.claim):
        for name, value in _of_clause(pair, words, there):
            found[name] = max(found[name], value)
    return found


def likeliest(pair: Pair, mine: Quantity) -> str:
    """What the evidence says in place of a number: that of the clause that tells the same."""
    words = _around(pair, mine)
    there = list(_clauses(pair))
    others = [_others(pair, clause, mine) for clause in there]
    votes = _telling(pair, words, there, [bool(o) for o in others])
    best = max(range(len(there)), key=lambda c: (bool(others[c]), votes[c]), default=0)
    return others[best][0].text if there and others[best] else ""


def elsewhere(pair: Pair) -> Quantity | None:
    """The number of the statement that was most surely taken from another clause."""
    there = list(_clauses(pair))
    found = [(_number(pair, _around(pair, q), q, there), q) for q in pair.claim.quantities]
    value, quantity = max(found, key=lambda one: one[0], default=(0.0, None))
    return quantity if value else None


def _around(pair: Pair, mine: Quantity) -> Span:
    """The clause of the statement that a number is in."""
    spans = _parts(pair.claim)
    inside = (w for w in spans if _chars(pair.claim, w)[1] > mine.char_start)
    return next(inside, (0, len(pair.claim.tokens)))


def _clauses(pair: Pair) -> Iterator[_Clause]:
    for n, text in enumerate(pair.own):
        for words in _parts(text):
            yield _Clause(n, words, _chars(text, words))


def _parts(text: cw.Text) -> list[Span]:
    """Where the clauses and the members of a list begin and end, in words."""
    cuts = [m.end() for m in _CUT[text.lang].finditer(text.text)]
    starts = [token.char_start for token in text.tokens]
    at = sorted({0, len(starts), *(bisect_left(starts, cut) for cut in cuts)})
    return [(a, b) for a, b in pairwise(at) if b > a]


def _chars(text: cw.Text, words: Span) -> Span:
    return text.tokens[words[0]].char_start, text.tokens[words[1] - 1].char_end


def _of_clause(pair: Pair, words: Span, there: list[_Clause]) -> Iterator[tuple[str, float]]:
    claim = pair.claim
    begin, end = _chars(claim, words)
    for quantity in claim.quantities:
        if begin < quantity.char_end and quantity.char_start < end and not quantity.weak:
            yield "number_bound", _number(pair, words, quantity, there)
    for i in range(*words):
        if cw.is_name(claim, i) and claim.tokens[i].kind != "number":
            yield "name_bound", _name(pair, words, i, there)


def _number(pair: Pair, words: Span, mine: Quantity, there: list[_Clause]) -> float:
    held = [[q for q in _quantities(pair, clause) if same(q, mine)] for clause in there]
    others = [_others(pair, clause, mine) for clause in there]
    told = [i for i in range(*words) if pair.claim.tokens[i].kind != "number"]
    votes = [_votes(pair, told, clause) for clause in there]
    return _margin(votes, [bool(h) for h in held], [bool(o) for o in others])


def _others(pair: Pair, clause: _Clause, mine: Quantity) -> list[Quantity]:
    """The numbers of its kind in a clause that the statement does not tell."""
    return [
        q
        for q in _quantities(pair, clause)
        if q.kind == mine.kind
        and (q.unit == mine.unit or not q.unit or not mine.unit)
        and not any(same(q, own) for own in pair.claim.quantities)
    ]


def _telling(
    pair: Pair, words: Span, there: list[_Clause], counted: list[bool]
) -> list[tuple[float, int]]:
    """The votes for each clause by the words that some of those with a number have, not all."""
    told = [i for i in range(*words) if pair.claim.tokens[i].kind != "number"]
    some = [clause for clause, counts in zip(there, counted, strict=True) if counts]
    telling = [
        i for i in told if 0 < sum(_stands(pair, i, clause) for clause in some) < max(len(some), 1)
    ]
    return [_votes(pair, telling, clause) for clause in there]


def _stands(pair: Pair, i: int, clause: _Clause) -> bool:
    """Whether a word stands in a clause; one name may be near another, so that it must be sure."""
    return _best(pair, i, clause) >= (TOLD if cw.is_name(pair.claim, i) else PAIRED)


def _quantities(pair: Pair, clause: _Clause) -> list[Quantity]:
    begin, end = clause.chars  # of its words: the sign of $17.9 billion stands before them
    return [q for q in pair.own[clause.n].quantities if begin < q.char_end and q.char_start < end]


def _name(pair: Pair, words: Span, i: int, there: list[_Clause]) -> float:
    told = [k for k in range(*words) if k != i and pair.claim.tokens[k].kind != "number"]
    votes = [_votes(pair, told, clause) for clause in there]
    held = [_best(pair, i, clause) >= TOLD for clause in there]
    others = [
        any(
            cw.is_name(pair.own[clause.n], j)
            and max((pair.match[clause.n][k, j] for k in range(*words)), default=0) < PAIRED
            for j in range(*clause.words)
        )
        for clause in there
    ]
    return _margin(votes, held, others)


def _votes(pair: Pair, told: list[int], clause: _Clause) -> tuple[float, int]:
    """The weight, and the number, of words that stand in a clause."""
    some = [k for k in told if _stands(pair, k, clause)]
    return sum(cw.weight(pair.claim, k) for k in some), len(some)


def _best(pair: Pair, i: int, clause: _Clause) -> float:
    match = pair.match[clause.n][i, clause.words[0] : clause.words[1]]
    return float(match.max(initial=0))


def _margin(votes: list[tuple[float, int]], held: list[bool], others: list[bool]) -> float:
    """By what share of the words the clause that is told leads those that hold the number."""
    best = max(range(len(votes)), key=lambda c: votes[c])
    if held[best] or not others[best] or not any(held) or votes[best][1] < LEAST:
        return 0.0
    rest = max(votes[c][0] for c in range(len(votes)) if held[c])
    return max(0.0, (votes[best][0] - rest) / votes[best][0])
