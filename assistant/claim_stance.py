"""What a claim tells more firmly than its passages: a forecast as a fact, a plan as decided.

Passages hedge, foretell or ask for what the claim states; whether the hedge stands at words that
the claim has is asked of each. Not covered: a forecast told as another's.
"""

import re
from collections.abc import Iterator

from assistant import claim_marks as cm
from assistant.claim_numbers import Finding
from assistant.claim_pair import PAIRED, Pair
from assistant.claim_places import holds, tail
from assistant.claim_words import Text
from assistant.patterns import any_of, whole
from assistant.stance import stance

# Before a verb: that it will be, and that it was.
_MODAL = re.compile(
    whole(
        r"will|would|may|might|could(?! not)|shall|set to|plans? to|intends? to|aims? to",
        r"(?:projected|expected|likely|forecast) to",
    )
)
_PERFECT = re.compile(r"\b(?:has|have|had|was|were|did|already)\b[^,]*$")
# Syllables of the past: those that end in ㅆ, but for 있 and 겠.
_PAST_SYLLABLES = "".join(c for i in range(399) if (c := chr(0xAC00 + 28 * i + 20)) not in "있겠")
_PAST = cm.marks(
    ko=any_of(f"[{_PAST_SYLLABLES}](?:다|습니다)", "고 있다", "고 있습니다", "하였"),
    en=any_of(
        r"has(?! to)|have(?! to)|had|was|were|did|(?:is|are) \w+ing",
        "came|took|became|made|rose|fell|grew|won|lost|began",
    ),
)
# That it is decided; `_SETTLED`, looser, excuses it.
_DECISION = cm.marks(
    ko=any_of(
        "결론[이을]? ?(?:났|내)|결정[되했하됐]|결정이 (?:나|내려|이뤄)",
        "기로 (?:했|하였|합의|의결|방침|결정|확정)|의결[했됐하되]|정해졌|(?<![가-힣])정했",
        "채택[했됐되]|확정[되했하됐된]",
    ),
    en=any_of(
        "adopted|agreed to|been (?:agreed|adopted|approved|settled|fixed|finali[sz]ed)",
        "(?:been |was |were |has |have )?decided|decision (?:has|was|is)|resolved to",
        "took the decision",
    ),
)
_SETTLED = cm.marks(
    ko="결정|확정|정해|정하|정한|의결|채택|합의|방침|결론|약속|기로 ",
    en=r"decid\w*|decision\w*|confirm\w*|adopt\w*|agree[sd]?|settled|fixed|approv\w+|resolv\w+",
)
_CERTAIN = cm.marks(
    ko="틀림없|반드시|확실(?:히|하|시)|분명(?:히|하)|당연히|확정",
    en=any_of(
        r"certain(?:ly)?(?= to| that|,)",  # not of a certain size
        r"definitely|surely|undoubtedly|inevitably|without (?:a )?doubt",
    ),
)
_PRESENT = re.compile(r"(?:[한된는]다|[합됩][니]다|[입]니다|[습]니다)[.]?$")


def stances(pair: Pair) -> Iterator[Finding]:
    """All of them."""
    yield from _firmer(pair)
    yield from _done(pair)
    yield from _decided(pair)
    yield from _unhedged(pair)


def _firmer(pair: Pair) -> Iterator[Finding]:
    """The passage that answers best hedges, foretells or asks for it; the claim does not."""
    claim, here = pair.claim, pair.own[pair.best]
    asserted, source = stance(claim.text, claim.lang), stance(here.text, here.lang)
    end, there = tail(claim), tail(here)
    hedged = bool(cm.HEDGE[claim.lang].search(end) or cm.SAYS[claim.lang].search(end))
    fewer = _hedges(claim) < _hedges(here)
    told = _is_present(claim) and here.lang == "en"  # 한다 also says what will be
    hedge = bool(cm.HEDGE[here.lang].search(there))
    past = bool(_PAST[claim.lang].search(end))
    if hedge and not hedged and fewer and not told and _hedges_the_claim(pair):
        yield "firm", 1, end
        if past and not _PAST[here.lang].search(there):
            yield "done", 1, end
    foretold = source == "forecast" and asserted == "fact" and hedge and fewer
    if foretold and not hedged and past:
        yield "done", 1, end
    if source == "recommendation" and asserted != source and not holds(cm.DUTY, claim):
        yield "duty", 1, end


def _hedges(text: Text) -> int:
    return len(cm.HEDGE[text.lang].findall(text.text))


def _is_present(text: Text) -> bool:
    """Whether a Korean sentence closes in the present, which may stand for the future."""
    return text.lang == "ko" and bool(_PRESENT.search(text.text))


def _hedges_the_claim(pair: Pair) -> bool:
    """Whether a word that the best passage hedges answers to one of the claim."""
    text = pair.own[pair.best]
    english = text.lang == "en"
    for found in cm.HEDGE[text.lang].finditer(text.text):
        first = text.near(found.end() if english else found.start(), after=english)
        if first is None:
            continue
        around = (first, first + 1, first + 2) if english else (first, first - 1)
        if any(pair.answered(pair.best, j) >= PAIRED for j in around if 0 <= j < len(text.tokens)):
            return True
    return False


def _done(pair: Pair) -> Iterator[Finding]:
    """An English verb that a passage foretells and the claim tells as done."""
    if pair.claim.lang != "en":
        return
    for match, text in zip(pair.match, pair.own, strict=True):
        for found in _MODAL.finditer(text.text if text.lang == "en" else ""):
            j = text.near(found.end(), after=True)
            if j is None or match[:, j].max(initial=0) < 0.8:
                continue
            i = int(match[:, j].argmax())
            before = pair.claim.text[: pair.claim.tokens[i].char_start]
            if _PERFECT.search(before[-16:]) and not _MODAL.search(before[-36:]):
                yield "done", 1, pair.word(i)
                return


def _decided(pair: Pair) -> Iterator[Finding]:
    """A decision or a certainty that only the claim speaks of."""
    if (decided := pair.added(_DECISION, _SETTLED)) is not None:
        yield "decided", 1, decided
    if (certain := pair.added(_CERTAIN, _CERTAIN)) is not None:
        yield "certain", 1, certain


def _unhedged(pair: Pair) -> Iterator[Finding]:
    """The claim tells without a hedge, or as past, what the passages foretell."""
    if holds(cm.HEDGE, pair.claim):
        return
    told = max((_foretold(pair, n) for n in range(len(pair.own))), default=0.0)
    if told >= 0.5:
        yield "unhedged", told, pair.claim.text
        if past := _PAST[pair.claim.lang].search(pair.claim.text):
            yield "unhedged_past", told, past[0]


def _foretold(pair: Pair, n: int) -> float:
    """How much of the words at a hedge of passage `n` the claim says."""
    text, best = pair.own[n], 0.0
    for match in cm.FORETOLD[text.lang].finditer(text.text):
        before = text.near(match.start(), after=False)
        after = text.near(match.end(), after=True)
        if text.lang == "ko" or after is None:
            around = range(before - 3, before + 1) if before is not None else range(0)
        else:
            around = range(after, after + 4)
        told = [pair.answered(n, j) >= PAIRED for j in around if 0 <= j < len(text.tokens)]
        best = max(best, sum(told) / max(len(told), 1))
    return best
