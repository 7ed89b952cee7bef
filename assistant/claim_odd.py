"""How odd each word of a claim is beside its passages: a small linear model over words.

One word put in another's place, or added, is what most wrong claims come down to, and a word that
only a paraphrase has looks much the same. What tells them apart a little is read here: how well a
word and those about it are matched, of which kind it is, whether the passages leave a word over
where it stands, how well the claim is matched in all. `python -m eval.fit_verify` fits the weights
on words that a wrong claim has and the right one it was made from has not. Not covered: what the
morphology gives no word for (particles, negation, most of grammar).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import COVERED, PAIRED, Pair

ANCHOR = 0.7  # a match from here on says where its neighbours should stand
REACH = 3  # words about the anchors that count as the place of a word
NAMES = (
    "bias u u2 u3 light name verb other cross crossname around alone slot_free slot_sim length "
    "taken phrase_own phrase_cross mean_u unknown opposite glossary"
).split()


def features(pair: Pair) -> cw.Floats:
    """A row for each word of the claim, a column for each of `NAMES`."""
    claim, cover = pair.claim, pair.cover
    size = len(claim.tokens)
    rows = np.zeros((size, len(NAMES)), np.float32)
    if not size:
        return rows
    u = np.clip(1 - cover / COVERED, 0, 1)
    free, sim = _slots(pair)
    taken = _taken(pair)
    phrase = _phrases(pair)
    heavy = pair.weight * (1 - pair.numbers)
    mean = float((heavy * u).sum() / (heavy.sum() + 1e-9))
    for i, token in enumerate(claim.tokens):
        if token.kind == "number":
            continue
        near = [float(u[k]) for k in (i - 1, i + 1) if 0 <= k < size]
        name = cw.is_name(claim, i)
        light = token.term in cw.light()
        known = not pair.cross or cw.is_known(token.term)
        rows[i] = (
            1,
            u[i],
            cover[i] < 0.3,
            1 - cover[i],
            light * u[i],
            name * u[i],
            (token.kind == "verb") * u[i],
            (token.kind == "other") * u[i],
            pair.cross * u[i],
            (pair.cross and name) * u[i],
            np.mean(near) if near else 0,
            u[i] * (1 - (np.mean(near) if near else 0)),
            free[i] * u[i],
            sim[i] * u[i],
            claim.lengths[i] * u[i],
            taken[i],
            0 if pair.cross else 1 - phrase[i],
            1 - phrase[i] if pair.cross else 0,
            mean * u[i],
            (not known) * u[i],
            _opposed(pair, i),
            bool(pair.claim.concepts[i]) * u[i],
        )
    return rows


def _slots(pair: Pair) -> tuple[cw.Floats, cw.Floats]:
    """For each word: whether a passage leaves a word over where it should stand, and how alike."""
    size = len(pair.claim.tokens)
    free, sim = np.zeros(size, np.float32), np.zeros(size, np.float32)
    for text, match in zip(pair.own, pair.match, strict=True):
        if not match.shape[1]:
            continue
        spare = np.array(
            [
                match[:, j].max() < PAIRED and t.kind != "number" and t.term not in cw.light()
                for j, t in enumerate(text.tokens)
            ]
        )
        best, at = match.max(axis=1), match.argmax(axis=1)
        for i in range(size):
            anchors = [
                int(at[k])
                for k in (i - 2, i - 1, i + 1, i + 2)
                if 0 <= k < size and best[k] >= ANCHOR
            ]
            places = {j for a in anchors for j in range(a - REACH, a + REACH + 1)}
            for j in places:
                if 0 <= j < len(spare) and spare[j]:
                    free[i] = 1
                    sim[i] = max(sim[i], match[i, j])
    return free, sim


def _taken(pair: Pair) -> cw.Floats:
    """For each word: whether the word that answers it answers another one better."""
    both = np.concatenate(pair.match, axis=1)
    size = len(both)
    taken = np.zeros(size, np.float32)
    if both.shape[1] < 2:
        return taken
    for i in range(size):
        j = int(both[i].argmax())
        value = both[i, j]
        if value < 0.3:
            continue
        rest = both[:, j].copy()
        rest[i] = 0
        if rest.max() > value + 0.05:
            taken[i] = min(rest.max() - value, 0.5) * 2
    return taken


def _phrases(pair: Pair) -> cw.Floats:
    """For each word: how well it and the words about it are matched by some stretch, by vectors."""
    claim = pair.claim
    size = len(claim.tokens)
    mine = _windows(claim.vectors * claim.lengths[:, None], 3)
    found = np.zeros(size, np.float32)
    for text in pair.own:
        if not len(text.tokens):
            continue
        weighted = text.vectors * text.lengths[:, None]
        for width in (2, 4):
            theirs = _windows(weighted, width)
            found = np.maximum(found, (mine @ theirs.T).max(axis=1))
    return np.clip(found, 0, 1)


def _windows(rows: cw.Floats, width: int) -> cw.Floats:
    """The direction of each row and those about it, `width` in all."""
    total = np.concatenate([np.zeros((1, rows.shape[1]), np.float32), rows.cumsum(axis=0)])
    size = len(rows)
    begin = np.clip(np.arange(size) - (width - 1) // 2, 0, size)
    end = np.clip(begin + width, 0, size)
    sums = total[end] - total[begin]
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(norms, 1e-6), np.float32)


def _opposed(pair: Pair, i: int) -> float:
    term = pair.claim.terms[i]
    mine = cw.opposites().get(term, frozenset())
    if not mine:
        return 0.0
    for text in pair.own:
        if term in text.terms:
            return 0.0
    for text, match in zip(pair.own, pair.match, strict=True):
        for j, other in enumerate(text.terms):
            theirs = cw.opposites().get(other, frozenset())
            if any((p, 1 - s) in theirs for p, s in mine):
                return 1.0
    return 0.0


def oddness(rows: cw.Floats, weights: Sequence[float]) -> cw.Floats:
    """How odd each word is, from its features: a log-odds."""
    return np.asarray(rows @ np.asarray(weights, np.float32), np.float32)
