"""A claim beside the readings of the passages it cites: which word answers to which.

In the claim's own language where a passage has an edition in it, else across. All signals read this
one comparison. Not covered: what follows from several words together.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.claim_places import holds

HELD = 0.45  # a word whose best match is below this is uncovered
COVERED = 0.6  # and from here on wholly covered
PAIRED = 0.5  # a match from here on says where in the passage the word stands
NEAR = 4  # words around a match that count as its surroundings


class Pair:
    """One claim, its passages, and how well each word of the claim is matched in them."""

    def __init__(
        self,
        claim: cw.Text,
        passages: Sequence[Sequence[cw.Text]],
        types: Mapping[str, str],
    ) -> None:
        """`passages` each as its readings, `types` of the lexicon's concepts."""
        self.claim = claim
        self.types = types
        self.readings = [text for texts in passages for text in texts]
        self.own = [
            next((t for t in texts if t.lang == claim.lang), texts[0]) for texts in passages
        ]
        self.cross = any(text.lang != claim.lang for text in self.own)
        self.match = [cw.matches(claim, text) for text in self.own]
        both = np.concatenate(self.match, axis=1) if claim.tokens else np.zeros((0, 1))
        cover = both.max(axis=1, initial=0.0)
        for text, match in zip(self.own, self.match, strict=True):
            cover = np.maximum(cover, cw.by_tables(claim, text, match))
        spans = [(q.char_start, q.char_end) for q in claim.quantities]
        for i, token in enumerate(claim.tokens):
            counted = any(a <= token.char_start and token.char_end <= b for a, b in spans)
            if token.kind == "number" or counted:
                cover[i] = 1.0  # left to the numbers
        self.cover = cover
        self.weight = np.array([cw.weight(claim, i) for i in range(len(claim.tokens))])
        self.weight *= claim.lengths
        self.numbers = np.array([t.kind == "number" for t in claim.tokens], bool)
        self.lack = self.weight * np.clip(1 - cover / COVERED, 0, 1)
        self.best = int(np.argmax([m.max(axis=1, initial=0).sum() for m in self.match]))

    @property
    def covered(self) -> float:
        """The share of the claim's words, by weight and numbers aside, that are covered: 0 to 1."""
        heavy = self.weight * ~self.numbers
        total = float(heavy.sum())
        held = float((heavy * np.clip(self.cover / COVERED, 0, 1)).sum())
        return held / total if total else 0.0

    def word(self, place: int) -> str:
        """A word as the claim writes it."""
        return self.stretch(place, place + 1)

    def stretch(self, begin: int, end: int) -> str:
        """Some neighbouring words as the claim writes them."""
        tokens = self.claim.tokens
        return self.claim.text[tokens[begin].char_start : tokens[end - 1].char_end]

    def added(self, marks: cm.Marks, excuse: cm.Marks) -> str | None:
        """The claim's first mark of a sort, if no reading has one of `excuse`."""
        match = marks[self.claim.lang].search(self.claim.text)
        return match[0] if match and not any(holds(excuse, t) for t in self.readings) else None

    def answered(self, n: int, j: int) -> float:
        """How well any word of the claim matches word `j` of passage `n`."""
        return float(self.match[n][:, j].max(initial=0))

    def around(self, n: int, i: int) -> set[int]:
        """The places of passage `n` about where the claim's word `i` and its neighbours match."""
        match = self.match[n]
        found: set[int] = set()
        for k in range(max(0, i - 1), min(len(match), i + 2)):
            if match.shape[1] and match[k].max() >= PAIRED:
                j = int(match[k].argmax())
                found |= set(range(j - NEAR, j + NEAR + 1))
        return found
