"""Units of time and length that a claim counts by and its passages never do.

"A day" for "a week" leaves every number as it was. Not covered: any unit that is not listed here.
"""

import re
from collections.abc import Iterator

from assistant.claim_numbers import Finding
from assistant.claim_pair import Pair
from assistant.patterns import any_of

_UNITS = {
    "year": re.compile(
        any_of(
            "연간|매년|해마다|한 해(?! ?[전앞뒤])|연평균|연 [0-9]|[0-9]년마다|평년",
            r"\b(?:a|per|each|every) (?:average |normal )?year\b"
            "(?! after| later| ago| earlier| before)",
            r"\bannual|\byearly",
        ),
        re.IGNORECASE,
    ),
    "quarter": re.compile(
        r"분기마다|매 ?분기|분기별|분기에|\b(?:a|per|each|every) quarter\b|\bquarterly",
        re.IGNORECASE,
    ),
    "month": re.compile(
        any_of(
            "(?<!개)월간|매월|매달|달마다|한 달에|월평균|(?<![0-9])월 [0-9]",
            r"\b(?:a|per|each|every) month\b|\bmonthly",
        ),
        re.IGNORECASE,
    ),
    "week": re.compile(
        any_of(
            "주간(?! )|매주|주마다|일주일에|한 주에|주당|주 [0-9]",
            r"\b(?:a|per|each|every) week\b|\bweekly",
        ),
        re.IGNORECASE,
    ),
    "day": re.compile(
        any_of(
            "(?<!열)하루|매일|24시간|24 hours|날마다|일평균|일일",
            r"\b(?:a|per|each|every) day\b|\bdaily",
        ),
        re.IGNORECASE,
    ),
    "night": re.compile(
        r"하룻밤|밤마다|매일 밤|밤에|\b(?:a|per|each|every) night\b|\bnightly", re.IGNORECASE
    ),
    "hour": re.compile(
        r"시간당|시속|한 시간에|\b(?:an|per|each|every) hour\b|\bhourly|km/h", re.IGNORECASE
    ),
    "foot": re.compile(r"피트|\bf(?:oo|ee)t\b"),
    "mile": re.compile(r"마일|\bmiles?\b"),
    "pound": re.compile(r"파운드|\bpounds?\b|£"),
    "acre": re.compile(r"에이커|\bacres?\b"),
    "litre": re.compile(r"리터|\blit(?:re|er)s?\b"),
    "gallon": re.compile(r"갤런|\bgallons?\b"),
}


def units(pair: Pair) -> Iterator[Finding]:
    """Each unit of the claim that the passages lack; half a doubt where they have none at all."""
    everything = "\n".join(text.text for text in pair.readings)
    stated = {name for name, mark in _UNITS.items() if mark.search(everything)}
    for name, mark in _UNITS.items():
        if name not in stated and (found := mark.search(pair.claim.text)):
            yield "period", 1.0 if stated else 0.5, found[0]
