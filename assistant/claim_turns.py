"""What a claim turns round or frames otherwise than its passages: polarity, stance, source, scope,
cause, contrast.

Each check finds its marks in claim and passages (`assistant.claim_marks`) and asks whether they
stand at words that answer to each other. Not covered: what only the paragraph frames.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import HELD, NEAR, PAIRED, Pair
from assistant.stance import stance


def turns(pair: Pair) -> Iterator[Finding]:
    """All of them."""
    for check in (_polarity, _stance, _sources, _scope, _cause, _contrast):
        yield from check(pair)


# --- polarity ----------------------------------------------------------------------------------


def _polarity(pair: Pair) -> Iterator[Finding]:
    claim, own = pair.claim, pair.own
    denied, loose = _places(cm.NEGATION, claim), _loose(claim)
    held, held_loose = [_places(cm.NEGATION, t) for t in own], [_loose(t) for t in own]
    turned = _turns(pair, denied)
    for i in denied:
        near = [pair.around(n, i) for n in range(len(own))]
        if any(near[n] & held_loose[n] for n in range(len(own))) or _opposed(pair, i):
            continue
        if not turned and claim.tokens[i].kind != "number":
            yield "negated", float(pair.cover[i]), pair.word(i)
    for n, places in enumerate(held):
        for j in places:
            best = pair.answered(n, j)
            again = [k for k, t in enumerate(own[n].terms) if t == own[n].terms[j]]
            if best < PAIRED or any(k not in places for k in again):
                continue
            i = int(pair.match[n][:, j].argmax())
            rows = np.flatnonzero(pair.match[n][:, j] >= PAIRED)
            sides = cw.opposites().get(own[n].terms[j], frozenset())
            meant = any(
                (p, 1 - s) in cw.opposites().get(t, frozenset())
                for t in claim.terms
                for p, s in sides
            )
            if not meant and not any(abs(k - d) <= NEAR for k in rows for d in loose):
                yield "affirmed", best, pair.word(i)
    if turned:
        yield ("opposite_cross" if pair.cross else "opposite"), 1.0, turned[0]


def _places(marks: cm.Marks, text: cw.Text) -> list[int]:
    """The words that a negation stands at: after them in Korean, before them in English."""
    found = []
    for match in marks[text.lang].finditer(text.text):
        place = text.near(match.start(), after=text.lang == "en")
        if place is not None:
            found.append(place)
    return found


def _loose(text: cw.Text) -> set[int]:
    return {*_places(cm.NEGATION, text), *_places(cm.NEGATIVE, text)}


def _opposed(pair: Pair, i: int) -> bool:
    """Whether the passages have an opposite of the claim's word, or of one beside it."""
    terms = {term for text in pair.own for term in text.terms}
    sides = set().union(*(cw.opposites().get(term, frozenset()) for term in terms))
    around = pair.claim.terms[i : i + 1]
    return any((p, 1 - s) in sides for t in around for p, s in cw.opposites().get(t, frozenset()))


def _turns(pair: Pair, denied: Sequence[int]) -> list[str]:
    """The claim's words whose opposites the passages have."""
    terms = {term for text in pair.own for term in text.terms}
    sides = set().union(*(cw.opposites().get(term, frozenset()) for term in terms))
    found = []
    for i, term in enumerate(pair.claim.terms):
        mine = cw.opposites().get(term, frozenset())
        turned = {(p, 1 - side) for p, side in mine} & sides
        if (
            term in terms
            or term in cw.TWO_FACED
            or not turned
            or mine & sides
            or pair.cover[i] >= (0.8 if pair.cross else 0.92)
            or i in denied
        ):
            continue
        if len(pair.word(i)) > 1 and _facing(pair, i, turned):
            found.append(pair.word(i))
    return found


def _facing(pair: Pair, i: int, turned: set[tuple[int, int]]) -> bool:
    """Whether one of `turned`, undenied, stands in the passages for no other word of the claim."""
    for match, text in zip(pair.match, pair.own, strict=True):
        denied = _places(cm.NEGATION, text)
        for j, term in enumerate(text.terms):
            if cw.opposites().get(term, frozenset()) & turned and j not in denied:
                rest = np.delete(match[:, j], i)
                if rest.max(initial=0) < PAIRED:
                    return True
    return False


# --- stance and source -------------------------------------------------------------------------


def _stance(pair: Pair) -> Iterator[Finding]:
    claim, here = pair.claim, pair.own[pair.best]
    asserted, source = stance(claim.text, claim.lang), stance(here.text, here.lang)
    tail, there = _tail(claim), _tail(here)
    hedged = bool(cm.HEDGE[claim.lang].search(tail) or cm.SAYS[claim.lang].search(tail))
    fewer = _count(cm.HEDGE, claim) < _count(cm.HEDGE, here)
    told = _present(claim) and here.lang == "en"  # 한다 also says what will be
    hedge = bool(cm.HEDGE[here.lang].search(there))
    if hedge and not hedged and fewer and not told and _hedged_word(pair):
        yield "firm", 1, tail
        if cm.PAST[claim.lang].search(tail) and not cm.PAST[here.lang].search(there):
            yield "done", 1, tail
    foretold = source == "forecast" and asserted == "fact" and hedge and fewer
    if foretold and not hedged and cm.PAST[claim.lang].search(tail):
        yield "done", 1, tail
    if (word := _realised(pair)) is not None:
        yield "done", 1, word
    if (decided := _added(pair, cm.DECISION, cm.SETTLED)) is not None:
        yield "decided", 1, decided
    if source == "recommendation" and asserted != source and not _count(cm.DUTY, claim):
        yield "duty", 1, tail
    if (certain := _added(pair, cm.CERTAIN)) is not None:
        yield "certain", 1, certain


def _hedged_word(pair: Pair) -> bool:
    """Whether a word that a passage hedges answers to one of the claim."""
    text = pair.own[pair.best]
    for found in cm.HEDGE[text.lang].finditer(text.text):
        first = text.near(
            found.end() if text.lang == "en" else found.start(), after=text.lang == "en"
        )
        if first is None:
            continue
        places = (first, first + 1, first + 2) if text.lang == "en" else (first, first - 1)
        if any(pair.answered(pair.best, j) >= PAIRED for j in places if 0 <= j < len(text.tokens)):
            return True
    return False


def _realised(pair: Pair) -> str | None:
    """An English verb that a passage foretells and the claim tells as done."""
    if pair.claim.lang != "en":
        return None
    for match, text in zip(pair.match, pair.own, strict=True):
        for found in cm.MODAL.finditer(text.text if text.lang == "en" else ""):
            j = text.near(found.end(), after=True)
            if j is None or match[:, j].max(initial=0) < 0.8:
                continue
            i = int(match[:, j].argmax())
            start = pair.claim.tokens[i].char_start
            before = pair.claim.text[:start]
            if cm.PERFECT.search(before[-16:]) and not cm.MODAL.search(before[-36:]):
                return pair.word(i)
    return None


def _sources(pair: Pair) -> Iterator[Finding]:
    claim, tail = pair.claim, _tail(pair.claim)
    if _count(cm.SOURCE, claim):
        return
    for n, text in enumerate(pair.own):
        for speaker, said in _said(text):
            told = [pair.answered(n, j) >= PAIRED for j in said]
            first = told[-5:] if text.lang == "ko" else told[:5]
            if not told or np.mean(told) < 0.4 or np.mean(first) < 0.4:
                continue
            if not any(pair.answered(n, j) >= HELD for j in speaker):
                yield "sourceless", 1, tail


def _said(text: cw.Text) -> Iterator[tuple[list[int], list[int]]]:
    """The words for who says something, and those for what is said."""
    for begin, end in _sentences(text.text):
        match = cm.SAYS[text.lang].search(text.text, begin, end)
        if not match:
            continue
        inside = [i for i, t in enumerate(text.tokens) if begin <= t.char_start < end]
        before = [i for i in inside if text.tokens[i].char_end <= match.start() + 1]
        after = [i for i in inside if text.tokens[i].char_start >= match.end() - 1]
        if text.lang == "ko":
            topic = next(
                (
                    k
                    for k, i in enumerate(before)
                    if _TOPIC.match(text.text, text.tokens[i].char_end)
                ),
                None,
            )
            cut = topic + 1 if topic is not None and topic < 8 else 0
            speaker, said = before[:cut], before[cut:]
        elif match[0].lower() == "according to":
            speaker, said = after[:4], before or after[4:]
        elif len(before) > 2 * len(after):
            speaker, said = after, before
        else:
            speaker, said = before[-6:], after
        names = [i for i in speaker if text.tokens[i].kind != "number"]
        yield [i for i in names if text.terms[i] not in cw.light()], said


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for found in re.finditer(r"(?<=[^0-9A-Z][.!?])\s+|$", text):
        yield begin, found.start()
        begin = found.end()


def _tail(text: cw.Text) -> str:
    """Where Korean asserts: the last words. English asserts anywhere."""
    return _TOLD.sub("", text.text)[-18:] if text.lang == "ko" else text.text


def _present(text: cw.Text) -> bool:
    """Whether a Korean sentence closes in the present, which may stand for the future."""
    return text.lang == "ko" and bool(_PRESENT.search(text.text))


# --- scope, cause, contrast --------------------------------------------------------------------


def _scope(pair: Pair) -> Iterator[Finding]:
    if (added := _added(pair, cm.ALL, cm.WHOLE)) is not None:
        yield "all", 1, added
    all_here = any(_count(cm.ALL, text) for text in pair.readings)
    if not all_here and (added := _added(pair, cm.ANYWAY)) is not None:
        yield "all", 1, added
    only = cm.ONLY[pair.claim.lang].search(pair.claim.text)
    meant = only and (only[0] != "만" or _is_particle(pair.claim, only.start()))
    if only and meant and not any(_count(cm.SOLE, text) for text in pair.readings):
        yield "only", 1, only[0]


def _is_particle(text: cw.Text, at: int) -> bool:
    """Whether a word ends here, so that 만 is no part of 항만."""
    return any(t.char_end == at and t.kind != "number" for t in text.tokens)


def _added(pair: Pair, marks: cm.Marks, loose: cm.Marks | None = None) -> str | None:
    """The first word of a sort that the claim has and no reading does, nor one of `loose`."""
    match = marks[pair.claim.lang].search(pair.claim.text)
    if not match or any(_count(loose or marks, text) for text in pair.readings):
        return None
    return match[0]


def _cause(pair: Pair) -> Iterator[Finding]:
    parts = _cause_effect(pair.claim)
    if not parts:
        return
    lack = pair.weight * (pair.cover < HELD)
    if parts[0]:
        own = list(parts[0])
        share = lack[own].sum() / (pair.weight[own].sum() + 0.5)
        yield "cause_new", share, pair.stretch(own[0], own[-1] + 1)


def _cause_effect(text: cw.Text) -> tuple[list[int], list[int]] | None:
    """The words of the cause and those of the effect, where a causal word divides the text."""
    after = cm.CAUSE_AFTER[text.lang].search(text.text)
    found = after or cm.CAUSE_BEFORE[text.lang].search(text.text)
    if not found:
        return None
    left = [i for i, t in enumerate(text.tokens) if t.char_end <= found.start() + 1]
    right = [i for i, t in enumerate(text.tokens) if t.char_start >= found.end() - 1]
    if after and not left:  # Because of X, Y
        comma = text.text.find(", ")
        right, left = (
            [i for i in right if text.tokens[i].char_start < comma],
            [i for i in right if text.tokens[i].char_start > comma],
        )
        return right, left
    return (right, left) if after else (left, right)


def _contrast(pair: Pair) -> Iterator[Finding]:
    """What stands on the lesser side of a contrast (not A but B, B보다 A) stands on the other."""
    if flipped(pair):
        return
    about = _lesser(pair.claim, wide=True)
    for i in _lesser(pair.claim):
        for n, text in enumerate(pair.own):
            match = pair.match[n]
            if not match.shape[1] or match[i].max() < PAIRED:
                continue
            sure = [j for j in _lesser(text) if pair.answered(n, j) >= PAIRED]
            back = [int(match[:, j].argmax()) for j in sure]
            there = {int(j) for j in np.flatnonzero(match[i] >= match[i].max() - 0.05)}
            if there.isdisjoint(_lesser(text, wide=True)) and back and about.isdisjoint(back):
                yield "contrast", 1, pair.word(i)


def flipped(pair: Pair) -> bool:
    """Whether the claim compares by less where the passages compare by more, or the other way."""
    mine = _comparing(pair.claim)
    theirs = {side for text in pair.own for side in _comparing(text)}
    return len(mine) == len(theirs) == 1 and mine != theirs


def _comparing(text: cw.Text) -> set[int]:
    return {side for side in (0, 1) if cm.COMPARED[side][text.lang].search(text.text)}


def _lesser(text: cw.Text, *, wide: bool = False) -> set[int]:
    """The words at a mark of contrast: those before it in Korean, those after it in English."""
    found: set[int] = set()
    for match in cm.LESSER[text.lang].finditer(text.text):
        place = text.near(
            match.end() if text.lang == "en" else match.start(), after=text.lang == "en"
        )
        if place is not None:
            near = (
                range(place, place + 3)
                if text.lang == "en"
                else range(place - (3 if wide else 1), place + 1)
            )
            found |= {
                i
                for i in near
                if 0 <= i < len(text.tokens)
                and text.tokens[i].kind != "number"
                and (wide or text.terms[i] not in cw.light())
            }
    return found


def _count(marks: cm.Marks, text: cw.Text) -> int:
    return len(marks[text.lang].findall(text.text))


_TOLD = re.compile(r"[다라자](?:고|며|면서) [가-힣 ]{1,12}다\.?$")
_PRESENT = re.compile(r"(?:[한된는]다|[합됩][니]다|[입]니다|[습]니다)[.]?$")
_TOPIC = re.compile(r"[가-힣]{0,4}(?:은|는|이|가|께서|따르면|의하면)(?![가-힣])")
