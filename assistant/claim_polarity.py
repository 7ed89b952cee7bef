"""What a claim turns round: a negation lost, an opposite, before for after.

Each turn of the claim is looked at where its neighbours stand in the passages, since a passage that
has both of two opposites tells nothing as a whole. Not covered: what turns a sentence without a
word for it, a negation of more than its own clause.
"""

from collections.abc import Iterator

import numpy as np

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import HELD, NEAR, PAIRED, Pair
from assistant.claim_places import clauses, holds, places
from assistant.patterns import any_of

TOLD = 0.4  # a clause of the passages of which the claim says so much is told by it
REGION = 4  # words about the answer to a neighbour in which an opposite is looked for

# Before and after, whose words are partly no words to the morphology.
_BEFORE = cm.marks(
    ko="[기전] ?(?:전|이전)[에까부의 ]|전에|이전|앞서|앞[당둔두]|먼저|미리|일찍|앞선",
    en=any_of(
        r"ahead of|before|brought forward|earlier|first|forward|in advance|preced\w*|prior to",
        "sooner|until",
    ),
)
_AFTER = cm.marks(
    ko=any_of(
        "[은ㄴ] ?(?:뒤|후|다음)|[뒤후][에의 부,]|이후|직후|나중|뒤[늦이따]",
        "늦[게은어었추]|미[루뤄뤘]|지난 뒤",
    ),
    en=any_of(
        r"after|afterwards?|behind|delay\w*|following|late|later|once|postpon\w*|pushed back",
        r"put off|since|subsequent\w*|then",
    ),
)


def polarity(pair: Pair) -> Iterator[Finding]:
    """All of them."""
    yield from Polarity(pair).findings()


class Polarity:
    """The turns of one claim beside its passages."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.denied = places(cm.NEGATION, pair.claim)
        self.held = [places(cm.NEGATION, t) for t in pair.own]
        self.theirs = frozenset[tuple[int, int]]().union(
            *(cw.sides(term) for text in pair.own for term in text.terms)
        )

    def findings(self) -> Iterator[Finding]:
        """All of them."""
        if turned := self._turned_anywhere():
            yield ("opposite_cross" if self.pair.cross else "opposite"), 1.0, turned
        else:
            yield from self._negated()
        yield from self._affirmed()
        yield from self._lost()
        yield from self._turned()
        yield from self._times()

    def _negated(self) -> Iterator[Finding]:
        """A negation of the claim at a word that the passages do not deny."""
        pair, claim = self.pair, self.pair.claim
        loose = [_loose(text) for text in pair.own]
        for i in self.denied:
            if claim.tokens[i].kind == "number" or cw.facing(claim.terms[i]) & self.theirs:
                continue
            if not any(pair.around(n, i) & there for n, there in enumerate(loose)):
                yield "negated", float(pair.cover[i]), pair.word(i)

    def _affirmed(self) -> Iterator[Finding]:
        """A word that the passages deny, wherever they have it, and the claim does not."""
        pair, loose = self.pair, _loose(self.pair.claim)
        for n, text in enumerate(pair.own):
            for j in self.held[n]:
                best = pair.answered(n, j)
                again = [k for k, term in enumerate(text.terms) if term == text.terms[j]]
                if best < PAIRED or any(k not in self.held[n] for k in again):
                    continue
                if any(cw.facing(text.terms[j]) & cw.sides(term) for term in pair.claim.terms):
                    continue
                rows = np.flatnonzero(pair.match[n][:, j] >= PAIRED)
                if not any(abs(k - d) <= NEAR for k in rows for d in loose):
                    yield "affirmed", best, pair.word(int(pair.match[n][:, j].argmax()))

    def _turned_anywhere(self) -> str:
        """The first word of the claim whose opposite the passages have for no other word."""
        pair = self.pair
        terms = {term for text in pair.own for term in text.terms}
        near = 0.8 if pair.cross else 0.92
        for i, term in enumerate(pair.claim.terms):
            turned = cw.facing(term) & self.theirs
            if (
                turned
                and term not in terms
                and term not in cw.TWO_FACED
                and not cw.sides(term) & self.theirs
                and pair.cover[i] < near
                and i not in self.denied
                and len(pair.word(i)) > 1
                and self._stands_alone(i, turned)
            ):
                return pair.word(i)
        return ""

    def _stands_alone(self, i: int, turned: cw.Sides) -> bool:
        """Whether one of `turned`, undenied, stands in the passages for no other word."""
        for n, text in enumerate(self.pair.own):
            for j, term in enumerate(text.terms):
                if cw.sides(term) & turned and j not in self.held[n]:
                    rest = np.delete(self.pair.match[n][:, j], i)
                    if rest.max(initial=0) < PAIRED:
                        return True
        return False

    def _lost(self) -> Iterator[Finding]:
        """A negation in a clause of the passages that the claim tells without one."""
        pair = self.pair
        opposed = any(cw.sides(t) and pair.cover[i] < HELD for i, t in enumerate(pair.claim.terms))
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

    def _turned(self) -> Iterator[Finding]:
        """Words whose opposites stand where they should, for no other word of the claim."""
        pair = self.pair
        for i, term in enumerate(pair.claim.terms):
            if not cw.sides(term) or len(pair.word(i)) < 2 or term in cw.TWO_FACED:
                continue
            best = 0.0
            for n in range(len(pair.own)):
                region = self._region(n, i)
                if not region:
                    continue
                best = max(best, self._faced(n, i, region))
                if self._same_side(n, region, term):
                    best = 0.0
                    break
            if best:
                yield ("turned_cross" if pair.cross else "turned"), best, pair.word(i)

    def _same_side(self, n: int, region: set[int], term: str) -> bool:
        """Whether the word, or one on its side, stands there too."""
        terms = self.pair.own[n].terms
        for j in region:
            alike = cw.sides(term) & cw.sides(terms[j])
            if terms[j] == term or alike or cw.in_one_group(term, terms[j]):
                return True
        return False

    def _faced(self, n: int, i: int, region: set[int]) -> float:
        """How surely an opposite of the claim's word stands there for no other word: 0 to 1."""
        pair = self.pair
        facing = cw.facing(pair.claim.terms[i])
        best = 0.0
        for j in region:
            if not facing & cw.sides(pair.own[n].terms[j]):
                continue
            rest = max((float(v) for k, v in enumerate(pair.match[n][:, j]) if k != i), default=0.0)
            odd = (i in self.denied) != (j in self.held[n])
            if rest < 0.65 and not odd:
                best = max(best, 1.0 if pair.cover[i] < 0.8 else 0.7)
        return best

    def _times(self) -> Iterator[Finding]:
        """The claim puts before what the passages put after, or the other way round."""
        claim, own = self.pair.claim, self.pair.own
        for mine, other in ((_BEFORE, _AFTER), (_AFTER, _BEFORE)):
            found = mine[claim.lang].search(claim.text)
            turned = any(holds(other, t) for t in own) and not any(holds(mine, t) for t in own)
            if found and turned and not holds(other, claim):
                yield "way_time", 1.0, found[0]


def _loose(text: cw.Text) -> set[int]:
    """The words that something stands at that is, or may stand for, a negation."""
    return {*places(cm.NEGATION, text), *places(cm.NEGATIVE, text)}
