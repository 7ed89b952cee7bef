# ruff: noqa: E501 - patterns, where Hangul counts double
"""What a claim turns round: a negation lost, an opposite, before for after.

Each turn of the claim is looked at where its neighbours stand in the passages, since a passage that
has both of two opposites tells nothing as a whole. Negations that stand at a word are compared in
`assistant.claim_turns`. Not covered: what turns a sentence without a word for it, a negation of more
than its own clause.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import HELD, PAIRED, Pair
from index.types import Lang

TOLD = 0.4  # a clause of the passages of which the claim says so much is told by it
REGION = 4  # words about the answer to a neighbour in which an opposite is looked for

# Before and after, whose words are partly no words to the morphology.
TIMES: Mapping[Lang, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "ko": (
        re.compile(r"[기전] ?(?:전|이전)[에까부의 ]|전에|이전|앞서|앞[당둔두]|먼저|미리|일찍|앞선"),
        re.compile(
            r"[은ㄴ] ?(?:뒤|후|다음)|[뒤후][에의 부,]|이후|직후|나중|뒤[늦이따]|늦[게은어었추]|미[루뤄뤘]|지난 뒤"
        ),
    ),
    "en": (
        re.compile(
            r"\b(?:before|prior to|earlier|ahead of|in advance|preced\w*|sooner|first|until|brought forward|forward)\b",
            re.I,
        ),
        re.compile(
            r"\b(?:after|since|following|later|once|subsequent\w*|afterwards?|behind|delay\w*|postpon\w*|put off|pushed back|late|then)\b",
            re.I,
        ),
    ),
}


def polarity(pair: Pair) -> Iterator[Finding]:
    """All of them."""
    yield from Polarity(pair).findings()


class Polarity:
    """The turns of one claim beside its passages."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.denied = places(cm.NEGATION, pair.claim)
        self.held = [places(cm.NEGATION, t) for t in pair.own]

    def findings(self) -> Iterator[Finding]:
        """All of them."""
        yield from self._denied()
        yield from self._opposites()
        yield from self._times()

    def _denied(self) -> Iterator[Finding]:
        """A negation in a clause of the passages that the claim tells without one."""
        pair = self.pair
        opposed = any(
            cw.opposites().get(t) and pair.cover[i] < HELD for i, t in enumerate(pair.claim.terms)
        )
        if self.denied or opposed or places(cm.NEGATIVE, pair.claim):
            return
        for n, text in enumerate(pair.own):
            for begin, end in clauses(text):
                share = self._share(n, begin, end)
                if share >= TOLD and any(begin <= j < end for j in self.held[n]):
                    yield "denied_lost", share, pair.claim.text

    def _share(self, n: int, begin: int, end: int) -> float:
        """How much of a clause of the passages the claim says."""
        text, match = self.pair.own[n], self.pair.match[n]
        total = got = 0.0
        for j in range(begin, end):
            if text.tokens[j].kind != "number":
                value = cw.weight(text, j)
                total += value
                got += value * (match[:, j].max(initial=0) >= PAIRED)
        return got / total if total else 0.0

    def _region(self, n: int, i: int) -> set[int]:
        """The places of passage `n` about the answers to the neighbours of the claim's word."""
        match = self.pair.match[n]
        found: set[int] = set()
        if not match.shape[1]:
            return found
        for k in range(max(0, i - 2), min(len(match), i + 3)):
            if k != i and match[k].max() >= PAIRED:
                j = int(match[k].argmax())
                found |= set(range(j - REGION, j + REGION + 1))
        return {j for j in found if 0 <= j < match.shape[1]}

    def _opposites(self) -> Iterator[Finding]:
        """Words whose opposites stand where they should, for no other word of the claim."""
        pair = self.pair
        for i, term in enumerate(pair.claim.terms):
            mine = cw.opposites().get(term, frozenset())
            if not mine or len(pair.word(i)) < 2 or term in cw.TWO_FACED:
                continue
            best = 0.0
            for n in range(len(pair.own)):
                region = self._region(n, i)
                if not region:
                    continue
                best = max(best, self._faced(n, i, region, mine))
                if self._same_side(n, region, term, mine):
                    best = 0.0
                    break
            if best:
                yield ("turned_cross" if pair.cross else "turned"), best, pair.word(i)

    def _same_side(self, n: int, region: set[int], term: str, mine: cw.Sides) -> bool:
        """Whether the word, or one on its side, stands there too."""
        terms = self.pair.own[n].terms
        for j in region:
            theirs = cw.opposites().get(terms[j], frozenset())
            if terms[j] == term or mine & theirs or cw.in_one_group(term, terms[j]):
                return True
        return False

    def _faced(self, n: int, i: int, region: set[int], mine: cw.Sides) -> float:
        pair = self.pair
        best = 0.0
        for j in region:
            theirs = cw.opposites().get(pair.own[n].terms[j], frozenset())
            if not any((p, 1 - s) in theirs for p, s in mine):
                continue
            rest = max((float(v) for k, v in enumerate(pair.match[n][:, j]) if k != i), default=0.0)
            odd = (i in self.denied) != (j in self.held[n])
            if rest < 0.65 and not odd:
                best = max(best, 1.0 if pair.cover[i] < 0.8 else 0.7)
        return best

    def _times(self) -> Iterator[Finding]:
        """The claim puts before what the passages put after, or the other way round."""
        claim = self.pair.claim
        mine = [mark.search(claim.text) for mark in TIMES[claim.lang]]
        held = [any(TIMES[t.lang][s].search(t.text) for t in self.pair.own) for s in (0, 1)]
        for side in (0, 1):
            found = mine[side]
            if found and not mine[1 - side] and held[1 - side] and not held[side]:
                yield "way_time", 1.0, found[0]


def clauses(text: cw.Text) -> list[tuple[int, int]]:
    """Where its clauses begin and end, in words."""
    cuts = [m.end() for m in cm.CLAUSE[text.lang].finditer(text.text)]
    starts = [t.char_start for t in text.tokens]
    at = sorted({0, len(starts), *(bisect_left(starts, c) for c in cuts)})
    return [(a, b) for a, b in pairwise(at) if b > a]


def places(marks: cm.Marks, text: cw.Text) -> list[int]:
    """The words that a mark stands at: after them in Korean, before them in English."""
    found = []
    for match in marks[text.lang].finditer(text.text):
        place = text.near(match.start(), after=text.lang == "en")
        if place is not None:
            found.append(place)
    return found
