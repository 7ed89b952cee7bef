"""What of a library speaks of a statement, and how it compares with it.

Retrieval gives candidates: single passages, and passages that stand side by side. Each is compared
word by word (`assistant.verify`). The one that is nearest in words and meaning is the evidence,
with another where that bears out a good part of the statement that the first lacks, or a clause of
it where the statement tells that alone. Whether that supports or contradicts it is told by
`assistant.checking`. Not covered: statements that only several places of a document bear out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.asserted import leans, points_back
from assistant.check_frame import unframed
from assistant.check_signals import Context, beside
from assistant.claim_pair import COVERED, PAIRED, Pair
from assistant.claim_words import is_name
from assistant.find import Finder
from assistant.gate import Gate
from assistant.inject import addresses_model
from assistant.stance import stance
from assistant.verify import Comparison, is_verbatim
from index.language import detect
from index.retrieve import Scored
from index.types import Passage

SINGLES = 8  # passages looked at, best by the fused score
BY_MEANING = 3  # and by meaning alone, where no word is shared
BESIDE = 3  # the next best passages, which may bear out the rest of a statement
LESS = 0.06  # of a statement's words that one clause of a passage may cover less than all of it
CONTEXT = 0.4  # of a statement, what the sentence before counts where the statement leans on it
GAIN = 0.15  # of a statement's words that a further passage must cover beyond the first


SHORT, CLAUSES = 4, 8  # words of a clause worth comparing, and clauses of a passage
# Between clauses that stand side by side; none of them tells whose words the other is, or when.
_JOINED = re.compile(
    r"(?<=[가-힣](?<![다라자냐]고)[고며나만데]), |(?<=[했었았였]으나) |(?<=[했었았였]지만) |"
    r"; |, (?:and|but|while|whereas|so|which) "
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Passages that speak of a statement, the nearest first, and how it stands to them.

    `signals` are those of `assistant.claim_signals` and `assistant.check_signals`, `pieces` what of
    the statement the first are about.
    """

    passages: tuple[Passage, ...]
    signals: Mapping[str, float]
    logit: float  # what the verifier makes of the first of these
    pieces: Mapping[str, str]
    verbatim: bool
    pair: Pair


@dataclass(frozen=True, slots=True)
class _Found:
    """Passages by their places, compared; `told` is the clause that counts, if one does."""

    places: tuple[int, ...]
    pair: Pair
    compared: Comparison
    told: tuple[str, ...]


class Evidences:
    """Finds evidence in one open library. Safe to share between threads."""

    def __init__(self, finder: Finder, gate: Gate) -> None:
        self._finder, self._gate = finder, gate

    def find(
        self,
        statement: str,
        allowed: NDArray[np.bool_] | None = None,
        before: str = "",
    ) -> Evidence | None:
        """The best evidence on a statement among the `allowed` passages; None where nothing is.

        `before` is the sentence before it, which is searched with it where it leans on that.
        """
        passages, verifier = self._finder.index.passages, self._gate.verifier
        told, statement = statement, unframed(statement)
        groups = self._finder.index.analyzer.question_groups(statement)
        scored = self._finder.retriever.score([(statement, 1.0)], groups, allowed)
        places = self._places(scored)
        if before and points_back(statement):
            known = {*scored.places.tolist()} - {*places}
            places += [p for p in self._after(statement, before, allowed) if p in known]
        if not places:
            return None
        read = {p: self._readings(passages[p]) for p in places}
        verifier.read([statement, *(t for texts in read.values() for t in texts)])
        single = {p: verifier.pair(statement, [read[p]]) for p in places}
        whole = {
            p
            for p in places
            if any(is_verbatim(told, text) for text in self._gate.readings(passages[p]))
        }
        column = dict(zip(places, scored.columns(np.array(places)).tolist(), strict=True))

        def near(place: int) -> float:
            """How surely a passage speaks of what the statement speaks of."""
            pair, at = single[place], column[place]
            own = float(scored.coverage[at]) + min(float(scored.dense_lead[at]), 8) / 16
            return own + pair.covered + 2 * (place in whole) - 0.1 * pair.cross

        order = sorted(places, key=near, reverse=True)
        first = order[0]
        found = _Found((first,), single[first], verifier.compare(single[first]), ())
        if first not in whole:
            others = self._others(first, order[1 : BESIDE + 1], allowed)
            found = self._widened(statement, found, others)
        if first not in whole and len(found.places) == 1:
            found = self._narrowed(statement, found, read[first])
        chosen, pair, compared = found.places, found.pair, found.compared
        said = found.told or tuple(passages[p].quote for p in chosen)
        at = column[first]
        context = Context(
            float(scored.coverage[at]),
            float(scored.coverage.max()),
            float(scored.dense_lead[at]),
            bool(passages[first].restatements),
        )
        theirs = [stance(text, detect(text).main) for text in said]
        further = beside(pair, theirs, context)
        return Evidence(
            tuple(passages[p] for p in chosen),
            {**{name: value for name, (value, _) in compared.signals.items()}, **further},
            compared.logit,
            {name: piece for name, (_, piece) in compared.signals.items() if piece},
            first in whole,
            pair,
        )

    def _after(self, statement: str, before: str, allowed: NDArray[np.bool_] | None) -> list[int]:
        """What is worth comparing where a statement leans on the sentence before it."""
        group = self._finder.index.analyzer.question_groups
        lighter = (replace(g, share=g.share * CONTEXT) for g in group(unframed(before)))
        asked = [(statement, 1.0), (before, CONTEXT)]
        scored = self._finder.retriever.score(asked, (*group(statement), *lighter), allowed)
        return self._places(scored)[:BESIDE]

    def _readings(self, passage: Passage) -> list[str]:
        """What a passage says in each language, in the document's own voice."""
        return [unframed(text) for text in self._gate.readings(passage)]

    def _widened(self, statement: str, found: _Found, others: Sequence[int]) -> _Found:
        """With another passage, where that bears out what the first lacks."""
        passages, verifier = self._finder.index.passages, self._gate.verifier
        (first,), alone = found.places, found
        for other in others:
            texts = [self._readings(passages[place]) for place in (first, other)]
            both = verifier.pair(statement, texts)
            lean = other == first - 1 and leans(passages[first])
            lacks = alone.compared.signals["number"][0] and abs(other - first) == 1
            if not lean and not lacks and not _adds(alone.pair, both):
                continue
            again = verifier.compare(both)
            if lacks and again.signals["number"][0]:
                continue
            if again.logit > found.compared.logit:
                found = _Found((first, other), both, again, ())
        return found

    def _narrowed(self, statement: str, found: _Found, readings: Sequence[str]) -> _Found:
        """One clause of the passage, where the statement tells that alone."""
        whole = found.pair
        for clause in _clauses(readings):
            part = self._gate.verifier.pair(statement, [[clause]])
            if part.covered < whole.covered - LESS or part.cross > whole.cross:
                continue
            again = self._gate.verifier.compare(part)
            if again.logit > found.compared.logit:
                found = _Found(found.places, part, again, (clause,))
        return found

    def _places(self, scored: Scored) -> list[int]:
        """The passages worth comparing; none that addresses whoever reads by machine."""
        by_words = np.argsort(-scored.score, kind="stable")[: SINGLES + 2]
        by_meaning = np.argsort(-scored.dense_lead, kind="stable")[:BY_MEANING]
        places = [int(scored.places[i]) for i in (*by_words, *by_meaning)]
        return [p for p in dict.fromkeys(places) if self._is_plain(p)][: SINGLES + BY_MEANING]

    def _is_plain(self, place: int) -> bool:
        return addresses_model(self._finder.index.passages[place].quote) is None

    def _others(
        self, first: int, next_best: Sequence[int], allowed: NDArray[np.bool_] | None
    ) -> list[int]:
        """What may bear out the rest of a statement: the neighbours and the next best, in order."""
        passages = self._finder.index.passages
        here = passages[first]

        def is_beside(i: int) -> bool:
            return (
                0 <= i < len(passages)
                and (allowed is None or bool(allowed[i]))
                and passages[i].kind == here.kind == "sentence"
                and (passages[i].document_id, passages[i].paragraph)
                == (here.document_id, here.paragraph)
                and self._is_plain(i)
            )

        around = [i for i in (first - 1, first + 1) if is_beside(i)]
        same = [p for p in next_best if passages[p].document_id == here.document_id]
        return list(dict.fromkeys((*around, *same)))


def _clauses(readings: Sequence[str]) -> list[str]:
    """The main clauses of a passage that join others side by side, in each of its readings.

    A statement may tell one of them alone, whatever the others foretell or deny.
    """
    found: list[str] = []
    for text in readings:
        cuts = [0, *(m.end() for m in _JOINED.finditer(text)), len(text)]
        parts = [text[a:b].strip(" ,;") for a, b in pairwise(cuts)]
        if len(parts) > 1:
            found += [part for part in parts if len(part.split()) >= SHORT]
    return list(dict.fromkeys(found))[:CLAUSES]


def _adds(one: Pair, both: Pair) -> bool:
    """Whether a further passage covers a good part of the statement, and not a name alone.

    A name that stands in the sentence after may well have done something else.
    """
    new = (one.cover < PAIRED) & (both.cover >= COVERED) & (both.weight > 0.3)
    plain = [i for i in np.flatnonzero(new) if not is_name(both.claim, int(i))]
    return both.covered - one.covered >= GAIN and len(plain) >= 2
