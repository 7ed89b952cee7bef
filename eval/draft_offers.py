"""What could be asked about a sentence, and what a reader might ask next that nothing answers.

An offer says what to ask for, why, and which facts an answer must tell; its score tells how well
the sentence suits the question. Not covered: which offers are taken (`eval.draft`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eval.draft_facts import date_parts, figures_of, focus_of, is_dated, listed, sort_of, stated
from eval.draft_sentences import Fact, Seen
from eval.draft_words import ASK, GAP, GAP_WHY, MEASURED, NTH, NUMBER, TAIL, UNTOLD, WHY, Both
from eval.samples import SampleKind
from index.numbers import Quantity
from index.types import Lang

_CUES: Mapping[SampleKind, Mapping[Lang, re.Pattern[str]]] = {
    "definition": {
        "ko": re.compile(
            r"[가-힣’”'](?:(?<!것)이란|(?<![이다])란) .*(?:말한|뜻한|의미한|가리킨|이)다\.$|"
            r"(?:은|는) .*(?:을|를) (?:말한|뜻한|가리킨|일컫는)다|"
            r"(?:이?라고|로) (?:정의|부른|불린)|"
            r"(?:하는|위한) (?:제도|체계|개념|방식)이다"
        ),
        "en": re.compile(
            r"\b(?:is|are) defined as|\brefers? to\b|\bdenotes?\b|\bis (?:called|known as)\b|"
            r"\bthis term\b|(?<!this )(?<!which )\bmeans (?!that|of|\d)|, known as\b",
            re.IGNORECASE,
        ),
    },
    "reason": {
        "ko": re.compile(r"때문|이유|까닭|원인|덕분|탓|데서 (?:발생|비롯)|로 인(?:해|하여)"),
        "en": re.compile(
            r"\bbecause\b|\bowing to\b|(?<!is )(?<!are )(?<!was )\bdue to\b|\breasons?\b|"
            r"\bcaused by\b|\bexplained by\b|, since\b|\bthanks to\b",
            re.IGNORECASE,
        ),
    },
    "comparison": {
        "ko": re.compile(
            r"(?<!무엇)(?<!기)보다(?:는|도)? |에 비(?:해|하여)|반면|(?:와|과)는? 달리|견주어|대비 "
        ),
        "en": re.compile(
            r"\bcompared (?:with|to)\b|(?<!more )(?<!less )(?<!fewer )(?<!rather )(?<!other )"
            r"\bthan\b(?! a (?:third|quarter|half))|\bwhereas\b|\bby contrast\b|\bagainst \d",
            re.IGNORECASE,
        ),
    },
}
# Not what merely may or can be.
_AHEAD = re.compile(
    r"전망|예상|예측|것이|것으로|가능성|\b(?:will|expect\w*|likely|forecasts?|projected|predict\w*)\b"
)
_RISEN = re.compile(
    r"늘었|늘어났|줄었|줄어들|높아졌|낮아졌|올랐|올라갔|커졌|증가|감소|"
    r"\b(?:rose|fell|grew|dropped|declined|increased|decreased|risen|fallen|grown|doubled|tripled)\b"
)
_SURVEY = re.compile(
    r"설문|조사|면담|추산|추정|표본|survey|interview|estimat|sample|poll", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A question that could be asked about a passage: what to ask and why, in both languages."""

    seen: Seen
    kind: SampleKind
    sort: str  # offers of different sorts take turns
    score: float
    ask: Both
    why: Both
    facts: tuple[Fact, ...] = ()


def offers_of(seen: Seen) -> Iterator[Offer]:
    """Every question that a passage could answer."""
    if seen.worth < 0:
        return
    if seen.passage.kind == "cell":
        edition = seen.passage.quote_translation
        fact = Fact(seen.passage.quote, (edition,) if edition else ())
        yield _offer(seen, "table", 0.0, [fact])
        return
    yield from _valued(seen)
    yield from _told(seen)


def _valued(seen: Seen) -> Iterator[Offer]:
    """Questions for a number, a date, a name or a list."""
    figures, passage = figures_of(seen), seen.passage
    dates = [q for q in seen.quantities if q.kind == "date" and is_dated(q)]
    if figures:
        focus = focus_of(figures, passage)
        score = 0.5 - 0.25 * len(seen.quantities)
        offer = _offer(seen, "number", score, [stated(focus, passage)])
        yield replace(offer, ask=_ask_number(focus, seen.quantities))
    if dates:
        score = 1.0 * (date_parts(dates[0])[1] is not None) - 0.6 * (len(seen.quantities) - 1)
        yield _offer(seen, "date", score, [stated(dates[0], passage)])
    if seen.names:
        yield _offer(seen, "who", 1.0 - 0.5 * (len(seen.names) - 1), seen.names[:1])
    if seen.items:
        yield _offer(seen, "list", 1.0, [listed(text, passage) for text in seen.items])


def _told(seen: Seen) -> Iterator[Offer]:
    """Questions for what a thing is called, why it is so, how it differs, will be or should be."""
    passage = seen.passage
    wanted, ahead = figures_of(seen), seen.stance == "forecast"
    sorts = Counter(sort_of(q) for q in wanted)
    alike = [stated(q, passage) for q in wanted if sort_of(q) == sorts.most_common(1)[0][0]]
    for kind, cues in _CUES.items():
        if cues[passage.lang].search(passage.quote):
            shown = alike[:2] if kind == "comparison" else []
            yield _offer(seen, kind, 0.5 + 0.5 * (len(shown) > 1), shown)
    if seen.stance == "attributed":
        yield _offer(seen, "stance", 0.5 + 0.5 * bool(seen.names))
    elif seen.stance != "fact":
        shown = [stated(focus_of(wanted, passage), passage)] if wanted and ahead else []
        mild = ahead and not _AHEAD.search(passage.quote)
        yield _offer(seen, seen.stance, 0.5 + 0.25 * len(shown) - mild, shown)


def _offer(seen: Seen, kind: SampleKind, score: float, facts: Sequence[Fact] = ()) -> Offer:
    ask = {lang: words + TAIL[lang] for lang, words in ASK.get(kind, {}).items()}
    return Offer(seen, kind, kind, seen.worth + score, ask, WHY[kind], tuple(facts))


def _ask_number(focus: Quantity, quantities: Sequence[Quantity]) -> Both:
    """Which of the quantities is meant, where there are several of a sort."""
    alike = [q for q in quantities if sort_of(q) == sort_of(focus) and q.kind != "date"]
    ko, en = MEASURED[sort_of(focus)]["ko"], MEASURED[sort_of(focus)]["en"]
    nth = min(alike.index(focus), 5)
    if len(alike) > 1:
        ko += f" {len(alike)}개 가운데 {NTH['ko'].split()[nth]} 번째 것"
        en = f"{NTH['en'].split()[nth]} {en} of {len(alike)}"
    particle = "을" if (ord(ko[-1]) - ord("가")) % 28 else "를"
    what: Both = {"ko": ko + particle, "en": en}
    return {lang: text.format(what=what[lang]) + TAIL[lang] for lang, text in NUMBER.items()}


def gaps_of(seen: Seen, paragraph: Sequence[Seen]) -> Iterator[Offer]:
    """What a reader might ask next about a passage, and its paragraph does not say."""
    if seen.worth < 0 or seen.passage.kind == "cell":
        return
    quote, lang = seen.passage.quote, seen.passage.lang
    text = " ".join(other.passage.quote for other in paragraph)
    kinds = {q.kind for other in paragraph for q in other.quantities}
    advised, foretold = seen.stance == "recommendation", seen.stance == "forecast"
    figures = figures_of(seen)
    untold: Mapping[str, bool] = {
        "cost": advised and "money" not in kinds,
        "date": (advised or foretold) and "date" not in kinds,
        "reason": bool(figures and _RISEN.search(quote)) and not _CUES["reason"][lang].search(text),
        "chance": foretold and "percent" not in kinds,
        "who": advised and not any(other.names for other in paragraph),
        "reply": seen.stance == "attributed",
        "person": bool(seen.names),
        "method": seen.stance == "fact" and len(figures) == 1 and not _SURVEY.search(text),
        "origin": bool(_CUES["definition"][lang].search(quote)),
    }
    for sort, words in UNTOLD.items():
        if untold[sort]:
            ask = {lang: text.format(what=words[lang]) for lang, text in GAP.items()}
            why = {lang: text.format(what=words[lang]) for lang, text in GAP_WHY.items()}
            yield Offer(seen, "unanswerable", sort, seen.worth, ask, why)
