"""How a statement stands to the passages that speak of it, in numbers.

The doubts of `assistant.claim_signals` say what differs; here is added how much of the statement
the passages hold at all (told apart by kind of word), what search makes of it, whether its stance
is theirs, and whether words that both have stand in the same order and role. `assistant.checking`
weighs them all. Every value is bounded, so that no single one decides for lack of a limit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import yaml

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.check_binding import misplaced
from assistant.claim_pair import PAIRED, Pair
from assistant.claim_places import holds, places
from assistant.stance import stance
from index.number_match import same

WORDS = Path(__file__).parent / "check_words.yaml"

LOST = 0.45  # a word whose best match is below this is not there
SURE = 0.85  # a word whose match is at least this is the same word
PAST = re.compile(
    "(?:[" + "".join(c for i in range(399) if (c := chr(0xAC00 + 28 * i + 20)) not in "있겠") + "])"
    r"(?:다|습니다|음|어요|아요)?[.!]?\s*$"
)
PAST_EN = re.compile(r"\b(?:has|have|had|was|were|did|already)\b|\b\w{3,}ed\b")
FUTURE_EN = re.compile(
    r"\b(?:will|would|may|might|could|shall|going to|set to|expected|projected|forecast|"
    r"predicted|likely|due to|plans? to|aims? to)\b"
)
_MODAL = re.compile(
    r"\b(?:will|would|may|might|could|shall|(?:set|plans?|intends?|aims?|due|projected|expected|"
    r"likely|forecast|hopes?|wants?|is|are) to)\b(?: (?:also|not|soon|then|still|be))?"
)
_AUXILIARY = re.compile(r"\b(?:has|have|had|was|were|did|is|are)\b[^,.;]{0,14}$")
_PAST_FORMS = frozenset(
    "rose fell grew cut met won lost gave took made began ran held led set put told saw came went "
    "became kept left spent built sent brought bought fought sought taught caught broke spoke "
    "chose "
    "drove wrote knew threw drew shrank sank stood understood".split()
)
_WAYS = {
    "up": cm.marks(
        ko="늘[어었리렸린릴]|증가|증대|인상|상승|확대|올[라랐리렸린]|오른|오르|높아|높였|높인|"
        "커[지졌진]|웃돌|치솟",
        en=r"\bup (?:from|by|to)\b|increas\w*|ris(?:e|es|en|ing)|rose|gr[eo]w\w*|climb\w*|rais\w+|"
        r"higher|expand\w*|soar\w*|surg\w*|jump\w*|gone up|went up|goes? up|more than before",
    ),
    "down": cm.marks(
        ko="줄[어었이였인일]|감소|축소|감축|삭감|인하|하락|내[려렸린릴]|떨어|낮아|낮췄|낮춘|낮추|"
        "밑돌|작아",
        en=r"\bdown (?:from|by|to)\b|decreas\w*|f[ae]ll(?:s|en|ing)?|declin\w*|reduc\w*|drop\w*|"
        r"shr[aiu]nk\w*|lower\w*|cut(?:s|ting)?|come down|came down|gone down|went down|slump\w*|"
        r"sank",
    ),
}
_ROLES = (
    ("subject", re.compile("이|가|은|는|께서|에서는|도")),
    ("object", re.compile("을|를")),
    ("place", re.compile("에게|에|로|으로|와|과|보다|의")),
)


@dataclass(frozen=True, slots=True)
class Context:
    """What search knows of the evidence."""

    coverage: float  # idf-weighted share of the statement's words in the first passage
    best: float  # the same in whichever passage has most
    lead: float  # of the first passage's meaning, in standard deviations
    restated: bool  # the document comes with restatements, which search knows


def beside(pair: Pair, stances: Sequence[str], context: Context) -> dict[str, float]:
    """Each of the further signals; 0 is what speaks least against the statement."""
    claim = pair.claim
    heavy = (pair.weight > 0.3) & ~pair.numbers
    cover = pair.cover
    total = float((pair.weight * heavy).sum()) or 1.0
    gone = heavy & (cover < LOST)
    kinds = np.array([t.kind for t in claim.tokens], object)
    names = np.array([cw.is_name(claim, i) for i in range(len(claim.tokens))], bool)
    lack = 1 - pair.covered
    cross = float(pair.cross)
    found = {
        "lack": lack,
        "lack_cross": lack * cross,
        "exact_lack": float((pair.weight * heavy * (cover < SURE)).sum()) / total,
        "gone": float((pair.weight * gone).sum()) / total,
        "gone_nouns": min(int((gone & (kinds == "noun") & ~names).sum()), 4) / 4,
        "gone_verbs": min(int((gone & (kinds == "verb")).sum()), 4) / 4,
        "gone_names": min(int((gone & names).sum()), 3) / 3,
        "index_lack": 1 - context.coverage,
        "index_lack_cross": (1 - context.coverage) * cross,
        "index_lack_restated": (1 - context.coverage) * context.restated,
        "elsewhere": max(context.best - context.coverage, 0.0),
        "far": max(0.0, 1 - max(context.lead, 0.0) / 6),
        "far_cross": max(0.0, 1 - max(context.lead, 0.0) / 6) * cross,
        "cross": cross,
        "restated": float(context.restated),
        "untold": _untold(pair),
        "order": _order(pair),
        "roles": _roles(pair),
        "soft_names": min(int((names & (cover >= LOST) & (cover < SURE)).sum()), 3) / 3,
        "rival": min(len(rivals(pair)), 2) / 2,
        "number_order": _number_order(pair),
        "way": _way(pair),
        "denied_at": _denied_at(pair),
        "done_now": _done(pair),
        **_negations(pair),
        "short": 1 / max(int(heavy.sum()), 1),
    }
    return {**found, **misplaced(pair), **_stance(pair, stances)}


def _untold(pair: Pair) -> float:
    """The share of the best passage's words that the statement does not tell."""
    text, match = pair.own[pair.best], pair.match[pair.best]
    if not text.tokens or not match.size:
        return 1.0
    weights = np.array([cw.weight(text, j) for j in range(len(text.tokens))])
    held = np.clip(match.max(axis=0, initial=0.0) / 0.6, 0, 1)
    return float(1 - (weights * held).sum() / max(weights.sum(), 1e-9))


@cache
def _rivals() -> tuple[tuple[frozenset[str], ...], ...]:
    found = yaml.safe_load(WORDS.read_text("utf-8"))["rivals"]
    return tuple(tuple(frozenset(group.split()) for group in groups) for groups in found)


def rivals(pair: Pair) -> list[tuple[int, str]]:
    """Words of the statement, with their places, where the passages have a rival of the word.

    Neither side may have the other's word as well.
    """
    mine = {term: i for i, term in reversed([*enumerate(pair.claim.terms)])}
    theirs = {term for text in pair.readings for term in text.terms}
    found = []
    for groups in _rivals():
        own = [group & mine.keys() for group in groups]
        other = [bool(group & theirs) for group in groups]
        if not any(there and not here for here, there in zip(own, other, strict=True)):
            continue
        for here, there in zip(own, other, strict=True):
            if here and not there:
                term = min(here, key=lambda term: mine[term])
                if term not in theirs:
                    found.append((mine[term], term))
                break
    return found


def _negations(pair: Pair) -> dict[str, float]:
    """How many more, and fewer, denials the statement has than what it tells of the passage."""
    text = pair.own[pair.best]
    mine = len(places(cm.NEGATION, pair.claim))
    theirs = 0
    for place in places(cm.NEGATION, text):
        near = range(max(place - 1, 0), min(place + 2, len(text.tokens)))
        theirs += any(pair.answered(pair.best, j) >= PAIRED for j in near)
    more, fewer = max(mine - theirs, 0), max(theirs - mine, 0)
    return {
        "denied_more": min(more, 2) / 2,
        "denied_fewer": min(fewer, 2) / 2,
        "denied_more_bare": float(more > 0 and not holds(cm.NEGATIVE, text)),
        "denied_fewer_bare": float(fewer > 0 and not holds(cm.NEGATIVE, pair.claim)),
        "denied_odd": float((mine - theirs) % 2),
    }


def _aligned(pair: Pair) -> list[tuple[int, int]]:
    """Words that both have once, with their places."""
    match = pair.match[pair.best]
    found = []
    for i in range(match.shape[0]):
        if match.shape[1] and match[i].max() >= SURE and pair.claim.tokens[i].kind != "number":
            j = int(match[i].argmax())
            if (match[i] >= SURE).sum() == 1 and (match[:, j] >= SURE).sum() == 1:
                found.append((i, j))
    return found


def _order(pair: Pair) -> float:
    """The share of words that both have whose order is turned; only where most words are shared."""
    aligned = _aligned(pair)
    if len(aligned) < 3 or pair.cross:
        return 0.0
    turned = sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in combinations(aligned, 2))
    share = len(aligned) / max(len(pair.claim.tokens), 1)
    return turned / (len(aligned) * (len(aligned) - 1) / 2) * share


def _roles(pair: Pair) -> float:
    """Korean words that are subject on one side and object or place on the other."""
    text = pair.own[pair.best]
    if pair.claim.lang != "ko" or text.lang != "ko":
        return 0.0
    turned = 0
    for i, j in _aligned(pair):
        mine, theirs = _role(pair.claim, i), _role(text, j)
        turned += mine != theirs and "subject" in (mine, theirs) and None not in (mine, theirs)
    return min(turned, 3) / 3


def _role(text: cw.Text, i: int) -> str | None:
    end = text.tokens[i].char_end
    after = re.match(r"[가-힣]{1,3}(?=[\s,.])", text.text[end : end + 4])
    if after is None:
        return None
    return next((name for name, particle in _ROLES if particle.fullmatch(after[0])), None)


def _number_order(pair: Pair) -> float:
    """The share of numbers of one kind, in both, that stand the other way round."""
    if pair.cross:
        return 0.0
    text = pair.own[pair.best]
    places = [
        (q.kind, q.char_start, other.char_start)
        for q in pair.claim.quantities
        for other in text.quantities
        if q.kind == other.kind and same(q, other)
    ]
    twos = [(a, b) for a, b in combinations(places, 2) if a[0] == b[0] and a[1] != b[1]]
    turned = sum((a[1] - b[1]) * (a[2] - b[2]) < 0 for a, b in twos)
    return turned / len(twos) if twos else 0.0


def _way(pair: Pair) -> float:
    """Whether the statement goes up where the passage goes down, or the other way round."""
    text = pair.own[pair.best]
    mine = {way for way, mark in _WAYS.items() if holds(mark, pair.claim)}
    theirs = {way for way, mark in _WAYS.items() if holds(mark, text)}
    return float(len(mine) == 1 and len(theirs) == 1 and mine != theirs)


def _denied_at(pair: Pair) -> float:
    """How many words that both have once are denied on one side only."""
    mine = set(places(cm.NEGATION, pair.claim))
    theirs = set(places(cm.NEGATION, pair.own[pair.best]))
    turned = sum((i in mine) != (j in theirs) for i, j in _aligned(pair))
    return min(turned, 2) / 2


def _done(pair: Pair) -> float:
    """An English verb that the passage foretells and the statement has in the past."""
    claim, text, match = pair.claim, pair.own[pair.best], pair.match[pair.best]
    if claim.lang != "en" or text.lang != "en" or FUTURE_EN.search(claim.text):
        return 0.0
    for found in _MODAL.finditer(text.text):
        j = text.near(found.end(), after=True)
        if j is None or match[:, j].max(initial=0.0) < PAIRED:
            continue
        token = claim.tokens[int(match[:, j].argmax())]
        word = claim.text[token.char_start : token.char_end].lower()
        before = claim.text[max(token.char_start - 24, 0) : token.char_start]
        if word.endswith("ed") or word in _PAST_FORMS or _AUXILIARY.search(before):
            return 1.0
    return 0.0


def _told(pair: Pair, marks: cm.Marks) -> bool:
    """Whether the statement tells the words that a mark of the best passage stands at."""
    text = pair.own[pair.best]
    for found in marks[text.lang].finditer(text.text):
        korean = text.lang == "ko"
        place = text.near(found.start() if korean else found.end(), after=not korean)
        if place is None:
            continue
        near = range(place - 2, place + 1) if korean else range(place, place + 3)
        if any(pair.answered(pair.best, j) >= PAIRED for j in near if 0 <= j < len(text.tokens)):
            return True
    return False


def _stance(pair: Pair, theirs: Sequence[str]) -> dict[str, float]:
    claim = pair.claim
    own = stance(claim.text, claim.lang)
    past = bool((PAST if claim.lang == "ko" else PAST_EN).search(claim.text))
    if claim.lang == "en" and FUTURE_EN.search(claim.text):
        past = False
    first = theirs[0] if theirs else own
    found: dict[str, float] = {}
    foretold = first == "forecast" and _told(pair, cm.FORETOLD)
    asked = first == "recommendation" and _told(pair, cm.DUTY)
    found["fact_of_forecast"] = float(own == "fact" and foretold)
    found["fact_of_recommendation"] = float(own == "fact" and asked)
    found["fact_of_attributed"] = float(own == "fact" and first == "attributed")
    found["past_of_forecast"] = float(past and own == "fact" and foretold)
    found["past_of_recommendation"] = float(past and own == "fact" and asked)
    found["forecast_of_fact"] = float(own == "forecast" and first == "fact")
    found["recommended_fact"] = float(own == "recommendation" and first == "fact")
    found["attributed_fact"] = float(own == "attributed" and first == "fact")
    found["forecast_of_duty"] = float(own == "forecast" and first == "recommendation")
    found["duty_of_forecast"] = float(own == "recommendation" and first == "forecast")
    found["other_stance"] = float(own != first)
    return found


# The names of these signals, in order.
NAMES: tuple[str, ...] = (
    *("lack", "lack_cross", "exact_lack", "gone", "gone_nouns", "gone_verbs", "gone_names"),
    *("soft_names", "index_lack", "index_lack_cross", "index_lack_restated", "elsewhere", "far"),
    *("far_cross", "cross", "restated", "untold", "order", "roles", "rival", "short"),
    *("number_bound", "name_bound", "number_order", "way", "denied_at", "done_now"),
    *("denied_more", "denied_fewer", "denied_more_bare", "denied_fewer_bare", "denied_odd"),
    *("fact_of_forecast", "fact_of_recommendation", "fact_of_attributed", "past_of_forecast"),
    *("past_of_recommendation", "forecast_of_fact", "recommended_fact", "attributed_fact"),
    *("forecast_of_duty", "duty_of_forecast", "other_stance"),
)
