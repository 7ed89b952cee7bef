"""The signals of a claim check: each a doubt, zero where claim and passages agree.

Here what the passages do not hold (words, names; numbers and units in `assistant.claim_numbers` and
`claim_units`). What they hold and the claim turns or frames otherwise is in `claim_polarity`,
`claim_stance`, `claim_attribution`, `claim_scope`, `claim_cause` and `claim_contrast`; what it
changes of a sentence that it copies, in `claim_copy`. `SIGNALS` names them all and says which check
a reader is told of.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from assistant import claim_words as cw
from assistant.claim_attribution import attribution
from assistant.claim_cause import causes
from assistant.claim_contrast import contrasts
from assistant.claim_copy import copies
from assistant.claim_numbers import Finding, numbers
from assistant.claim_pair import COVERED, PAIRED, Pair
from assistant.claim_places import clauses
from assistant.claim_polarity import polarity
from assistant.claim_scope import scopes
from assistant.claim_stance import stances
from assistant.claim_units import units
from assistant.types import Code

SIGNALS: Mapping[str, Code] = {
    "bulk": "content",  # uncovered weight of one clause, if it is most of the clause
    "alien": "content",  # most of the claim's weight is uncovered
    "number": "number",  # numbers of the claim that the passages lack
    "near_number": "number",  # and they have another of the same kind
    "unit": "number",  # and they have the same value with another unit, or a power of ten away
    "weak_unit": "number",  # and the passages have another of the same kind
    "period": "number",  # a year, a night, feet: not in the passages
    "name": "name",  # names that the passages lack
    "other_name": "name",  # and they have another, unused, of the same type
    "negated": "polarity",  # a negation at a word that the passages do not deny
    "affirmed": "polarity",  # and the other way round
    "negated_alone": "polarity",  # and all other words are those of the passages
    "affirmed_alone": "polarity",
    "opposite": "polarity",  # of a word, anywhere in the passages
    "opposite_cross": "polarity",
    "turned": "polarity",  # and where the word should stand
    "turned_cross": "polarity",
    "denied_lost": "polarity",  # the clause of the passages has a negation, the claim none
    "way_time": "direction",  # before for after
    "firm": "stance",  # the passages hedge and the claim does not
    "done": "stance",  # and as past
    "decided": "stance",  # the claim speaks of a decision, the passages do not
    "duty": "stance",  # the passages ask for it, the claim does not
    "certain": "stance",
    "unhedged": "stance",  # what the passages foretell is told without a hedge
    "unhedged_past": "stance",  # and as past
    "sourceless": "attribution",  # the passages say who said it, the claim does not
    "lost_source": "attribution",  # no source in the claim, one in the passages
    "lost_source_told": "attribution",  # the claim names another source, not this one
    "other_source": "attribution",  # the source of the claim is no source of the passages
    "all": "scope",  # all, always; not in the passages
    "only": "scope",
    "some_all": "scope",  # some or most there, all in the claim
    "all_some": "scope",
    "anyway": "scope",  # a condition there, set aside in the claim
    "cause_new": "cause",  # uncovered weight on the cause's side
    "cause_lacks": "cause",  # the same, sides told more closely
    "cause_swapped": "cause",  # cause and effect stand on each other's side
    "contrast": "direction",  # the two sides of a contrast have
    "copy_name": "name",  # in a claim that is copied but for some words: another name
    "copy_number": "number",  # another number or ordinal, be it one that stands elsewhere
    "copy_turned": "polarity",  # the opposite
    "copy_clause": "content",  # words more in a row
    "copy_denied": "polarity",
    "copy_undenied": "polarity",
    "copy_firm": "stance",  # a forecast without its mark
    "copy_duty": "stance",
    "copy_source": "attribution",
    "copy_all": "scope",
    "copy_only": "scope",
}
ALIEN = 0.62  # 1 right claim in 90 of our own lacks so much, and those were to share few words
HOME = {"korea", "korean", "south"}
TYPES = {"person", "country", "organization", "place"}


def signals(pair: Pair) -> dict[str, tuple[float, str]]:
    """Each of `SIGNALS` with the piece of the claim it is about; the strongest of each."""
    found = dict.fromkeys(SIGNALS, (0.0, ""))
    checks = (
        *(_content, numbers, units, _names, polarity, stances),
        *(attribution, causes, scopes, contrasts, copies),
    )
    for check in checks:
        for name, value, text in check(pair):
            if value > found[name][0]:
                found[name] = (float(value), text)
    alike = _alike(pair)
    for name in ("negated", "affirmed"):
        value, text = found[name]
        if value and alike:
            found[f"{name}_alone"] = (alike * value, text)
    return found


def _alike(pair: Pair) -> float:
    """How near the claim's words are to being the words of the passages: 0 to 1."""
    heavy = pair.weight * ~pair.numbers
    if not heavy.sum():
        return 0.0
    share = float((heavy * (pair.cover >= 0.85)).sum() / heavy.sum())
    return max(0.0, (share - 0.7) / 0.3)


def _content(pair: Pair) -> Iterator[Finding]:
    claim, lack = pair.claim, pair.lack
    if not len(lack):
        return
    heavy = pair.weight * ~pair.numbers
    share = float((heavy * (pair.cover < COVERED)).sum() / max(heavy.sum(), 1e-9))
    if share > ALIEN:
        yield "alien", share, claim.text
    for begin, end in clauses(claim):
        mass = lack[begin:end].sum()
        bulk = float(np.log1p(mass) * mass / (pair.weight[begin:end].sum() + 0.5))
        yield "bulk", bulk, pair.stretch(begin, end)


def _names(pair: Pair) -> Iterator[Finding]:
    claim, types = pair.claim, pair.types
    concepts = set().union(*(c for text in pair.readings for c in text.concepts))
    asked = set().union(*claim.concepts) if claim.concepts else set()
    spare = {types[c] for c in concepts - asked if c in types}
    free = any(
        cw.is_name(text, j) and pair.answered(n, j) < PAIRED
        for n, text in enumerate(pair.own)
        for j in range(len(text.tokens))
    )
    lost, swapped = [], []
    far = 1 - pair.cover / COVERED
    for i in range(len(claim.tokens)):
        typed = {c for c in claim.concepts[i] if types.get(c) in TYPES}
        if claim.lang == "en" and not pair.word(i)[:1].isupper():
            typed = set()
        if typed & concepts or pair.cover[i] >= 0.55 or not (typed or cw.is_name(claim, i)):
            continue
        if pair.cross and (_beside_known(pair, i) or claim.terms[i] in HOME):
            continue  # the rest of a name that is there, or what a Korean text leaves unsaid
        lost.append(i)
        if {types[c] for c in typed} & spare or (not typed and free):
            swapped.append(i)
    for name, some in (("name", lost), ("other_name", swapped)):
        if some:
            yield name, min(far[some].sum(), 3) ** 0.5, pair.word(some[0])


def _beside_known(pair: Pair, i: int) -> bool:
    """Whether a word of the same name, next to `i` or after a hyphen, is covered."""
    claim = pair.claim
    for k in (i - 2, i - 1, i + 1, i + 2):
        if not 0 <= k < len(claim.tokens) or not cw.is_name(claim, k) or pair.cover[k] < 0.55:
            continue
        a, b = sorted((i, k))
        gap = claim.text[claim.tokens[a].char_end : claim.tokens[b].char_start]
        if "," not in gap and " of " not in gap:
            return True
    return False
