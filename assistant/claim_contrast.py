"""A contrast (not A but B, B보다 A) whose two sides the claim has the other way round.

Not covered: a contrast without a mark. A comparison by less instead of more is no contrast turned,
and left to `assistant.claim_polarity`.
"""

from collections.abc import Iterator

import numpy as np

from assistant.claim_marks import marks
from assistant.claim_numbers import Finding
from assistant.claim_pair import PAIRED, Pair
from assistant.claim_places import holds
from assistant.claim_words import Text, light
from assistant.patterns import any_of

# The lesser side of a contrast. In Korean it stands before the mark, in English after.
_LESSER = marks(
    ko=any_of(
        "(?:이|가|은|는|것이|에서가|때문이|해서가|여서가|아서가|어서가|만이)? ?아니라",
        "아니고",
        "보다(?:는|도)?(?= )",
    ),
    en=any_of(
        # "not so much by A as", "not because of A but": the words between are no side
        r"not(?: so much)?(?! only)(?! (?:been|be|have|yet))(?: by| to| from| because of| in| the)*"
        r"(?=[^.;]{1,90} but )",
        r"rather than|instead of|than|less (?:by|from|to|because of|on)",
        r"(?<=,) not|and not",
    ),
)
# By more and by less, in comparisons.
_COMPARED = (
    marks(
        ko="더|많|높|[크큰]|웃돌|넘|앞[서섰지]|길|빨|강|상회|초과|비싸|비싼",
        en=any_of(
            r"above|ahead|better|beyond|bigger|exceed\w*|faster|greater|higher|larger|longer",
            r"matters|more|outnumber\w*|outstrip\w*|outweigh\w*|over|stronger|worse",
        ),
    ),
    marks(
        ko=any_of(
            "낮|느[리린려]|덜|뒤[지졌처쳐]|못 ?미|미달|미치지 못|밑돌|싸다|싼|약[하한해]",
            "작[다은아게았]|적[다은어게었]|짧|하회",
        ),
        en=any_of(
            r"behind|below|cheaper|fewer|lag\w*|less|lesser|lower|shorter|short of|slower|smaller",
            r"trail\w*|weaker",
        ),
    ),
)


def contrasts(pair: Pair) -> Iterator[Finding]:
    """What stands on the lesser side of a contrast stands on the other side in the passages."""
    if _is_flipped(pair):
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


def _is_flipped(pair: Pair) -> bool:
    """Whether the claim compares by less where the passages compare by more, or the other way."""
    mine = _comparing(pair.claim)
    theirs = {side for text in pair.own for side in _comparing(text)}
    return len(mine) == len(theirs) == 1 and mine != theirs


def _comparing(text: Text) -> set[int]:
    return {side for side, words in enumerate(_COMPARED) if holds(words, text)}


def _lesser(text: Text, *, wide: bool = False) -> set[int]:
    """The words at a mark of contrast: those before it in Korean, those after it in English."""
    found: set[int] = set()
    for match in _LESSER[text.lang].finditer(text.text):
        english = text.lang == "en"
        place = text.near(match.end() if english else match.start(), after=english)
        if place is None:
            continue
        before = 3 if wide else 1
        near = range(place, place + 3) if english else range(place - before, place + 1)
        found |= {
            i
            for i in near
            if 0 <= i < len(text.tokens)
            and text.tokens[i].kind != "number"
            and (wide or text.terms[i] not in light())
        }
    return found
