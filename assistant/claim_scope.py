"""How far a claim reaches: conditions set aside, some for all, a forecast told as a fact.

Each compares a class of marks (`assistant.claim_marks`) in the claim with those of the
passages. Not covered: scope that follows from word order alone.
"""

from collections.abc import Iterator

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import PAIRED, Pair


def scopes(pair: Pair) -> Iterator[Finding]:
    """All of them."""
    yield from _unhedged(pair)
    yield from _quantified(pair)
    yield from _conditions(pair)


def _has(marks: cm.Marks, text: cw.Text) -> bool:
    return bool(marks[text.lang].search(text.text))


def _unhedged(pair: Pair) -> Iterator[Finding]:
    """The claim tells without a hedge, or as past, what the passages foretell."""
    if _has(cm.HEDGE, pair.claim):
        return
    told = max((_foretold(pair, n) for n in range(len(pair.own))), default=0.0)
    if told >= 0.5:
        yield "unhedged", told, pair.claim.text
        if past := cm.PAST[pair.claim.lang].search(pair.claim.text):
            yield "unhedged_past", told, past[0]


def _foretold(pair: Pair, n: int) -> float:
    """How much of the words at a hedge of passage `n` the claim says."""
    text, best = pair.own[n], 0.0
    for match in cm.FORETOLD[text.lang].finditer(text.text):
        before = text.near(match.start(), after=False)
        after = text.near(match.end(), after=True)
        if text.lang == "ko" or after is None:
            places = range(before - 3, before + 1) if before is not None else range(0)
        else:
            places = range(after, after + 4)
        told = [pair.answered(n, j) >= PAIRED for j in places if 0 <= j < len(text.tokens)]
        best = max(best, sum(told) / max(len(told), 1))
    return best


def _quantified(pair: Pair) -> Iterator[Finding]:
    """The passages say some or most, the claim all; or a number of all, or none."""
    claim, own = pair.claim, pair.own
    some, every = (any(_has(marks, text) for text in own) for marks in (cm.SOME, cm.ALL))
    found = cm.ALL[claim.lang].search(claim.text)
    part = cm.SOME[claim.lang].search(claim.text)
    if found and some and not every and not part:
        yield "some_all", 1.0, found[0]
    if part and every and not some:
        yield "all_some", 1.0, part[0]


def _conditions(pair: Pair) -> Iterator[Finding]:
    """A condition of the passages that the claim sets aside."""
    anyway = cm.ANYWAY[pair.claim.lang].search(pair.claim.text)
    held = any(_has(cm.ANYWAY, text) for text in pair.own)
    if anyway and not held and any(_has(cm.IF, text) for text in pair.own):
        yield "anyway", 1.0, anyway[0]
