"""Whether a passage holds the kind of thing that a question asks for, and that the question lacks.

A question for an amount, a date or a name can only be answered by a passage that has one, and one
that the question did not bring along itself: "how much will the 350-ship fleet cost" is not
answered by the 350. What is asked for is in `assistant.question_types`; values are judged by
index.numbers, names by the types of the glossary. Not covered: names that the glossary does not
know, except by title (장관, 씨).
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from assistant.patterns import any_of, whole
from assistant.question_types import Asks
from index.lexicon import EntityType
from index.number_match import same
from index.numbers import Kind, Quantity, find
from index.types import Passage

# People named by what they do or are, where no name is given: an answer to "who", if it is new.
_ROLES = re.compile(
    any_of(
        "지지자|기부자|참모|전문가|관료|인사들?|의원|대통령|장관|총리|정상|당선인|후보|진영|주민|시민",
        "엘리트|베테랑|노동자|기업인|국민|협의회|연합회|동맹국?으로",
        whole(
            "supporters?|donors?|aides?|experts?|officials?|people|president|minister|leaders?",
            "camp|voters?|elites?|veterans|allies|authority|council|committee|residents|workers",
            "association|operators?|union",
        ),
    ),
    re.IGNORECASE,
)
# "Who pays" may be a country or a body; a place may be a country.
_ENOUGH: Mapping[EntityType, frozenset[EntityType]] = {
    "person": frozenset({"person", "country", "organization"}),
    "place": frozenset({"place", "country"}),
}
# Words beside which a single amount tells by how much something changed or differs.
_CHANGED = re.compile(
    any_of(
        "늘|줄[었어이인일]|높[아이였]|낮[아추췄]|올[라랐렸린]|오[르른를]|뛰|떨어|내[려렸]|커[지졌진]|빨라",
        "느려|짧아|길어|벌어|보다|더 |덜 |대비|모자라|부족|차이|증가|감소|상승|하락|인상|인하|삭감",
        "확대|축소|증액|감액|개선",
        r"\b(?:ris|rose|rais|gr[eo]w|increas|decreas|climb|jump|surg|fall|fell|drop|declin|cut)",
        r"\b(?:shr[aiu]nk|reduc|lower|higher|short|improv|narrow|widen|double|triple|halve|expand)",
        whole("more|less|fewer|than|up|down|gap|faster|slower|sooner|later|longer"),
    ),
    re.IGNORECASE,
)
# Points in time without a number.
_MOMENT = re.compile(
    any_of(
        "직후|즉시|당장|조만간|임기|기간 동안",
        "during the|right after|immediately|as soon as|at once|upon taking",
    ),
    re.IGNORECASE,
)
_KINDS: Mapping[Asks, frozenset[Kind]] = {
    "number": frozenset({"money", "percent", "multiple", "count", "measure", "number"}),
    "change": frozenset({"money", "percent", "multiple", "count", "measure", "number", "duration"}),
    "date": frozenset({"date"}),
    "duration": frozenset({"duration", "date"}),
}
# Words of the kind of statement asked for.
_CUES: Mapping[Asks, re.Pattern[str]] = {
    "reason": re.compile(
        any_of(
            "때문|이유|원인|인해|인하여|위해|므로|기에|결과|[으]?로 인",
            whole("because|owing|due to|cause|reason|since|so that|result of"),
        )
    ),
    "definition": re.compile(
        any_of(
            r"이란|의미|뜻|평가할 수|이다\.",
            whole("means?|is a|are the|assessed as|doctrine"),
        )
    ),
    "forecast": re.compile(
        any_of(
            "것이다|전망|예상|예측|보인다|수 있다|가능성",
            whole("will|expected|projected|likely|may|could"),
        )
    ),
    "recommendation": re.compile(
        any_of(
            "야 (?:한다|하며|할|하고|합니다)|필요|절실|수도? 있다|제공|대체",
            whole("must|should|needs?|could|can|urgently"),
        )
    ),
}
# Aspects that a passage must show in so many words, or it does not answer: (question, passage).
_ASPECTS = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(shown, re.IGNORECASE))
    for asked, shown in (
        (  # an opinion
            any_of(
                "반응|반발|의견|여론|찬성|찬반|비판(?:이|을)? (?:나왔|받)",
                "(?:뭐|무엇이)라고 (?:답|말했|평)|어떻게 (?:생각|평가|받아들)",
                r"\breact(?:ed|s|ing)?\b|\breactions? (?:to|of|from)\b|\brespond(?:ed)? to\b",
                r"\bopinion|\bpolls?\b|\bthink (?:of|about)\b|\bfor or against\b|\bobject to\b",
                r"criticized by|\bcriticized .*\?",
                # "what does the brief say about" asks for no opinion
                "(?<!brief )(?<!document )(?<!paper )(?<!report )(?<!text )(?<!author )(?<!it )"
                r"\bsa(?:y|id) about\b",
            ),
            any_of(
                "반대|찬성|비판|환영|우려|반발|평가|판단|주장|밝혔|밝혀|말한|말했|입장|정서|상실감|불안",
                "본다|보지 않|요구|언급|축하",
                whole(
                    r"oppos\w+|critici\w+|welcom\w+|concern\w*|assess\w*|judged|argu\w+|insist\w*",
                    r"said|says|position|sentiment|feels?|unease|holds|views?|demand\w*",
                    r"mention\w*|congratulat\w+|warn\w*",
                ),
            ),
        ),
        (  # a superlative
            any_of(
                "(?:가장|제일) (?:많|큰|크|높|적|낮|오래)|최대",
                r"\b(?:largest|biggest|highest|lowest|longest)\b|\bthe (?:most|least) \w+",
            ),
            any_of(
                "가장|제일|최대|최고|최우선|주축|핵심|무엇보다|첫 번째",
                whole(
                    "most|largest|biggest|highest|greatest|best|worst|main|top|core|above all",
                    "first|essential|least",
                ),
            ),
        ),
        (  # a procedure
            any_of(
                "절차|순서|어떤 단계|단계별",
                r"\bprocedures?\b|\bin what order\b|\bstep by step\b",
            ),
            any_of(
                "절차|순서|단계|먼저|이어|다음|법|협정|번복",
                whole(r"procedures?|steps?|first|then|agreement|legal\w*|process"),
            ),
        ),
        (  # how often
            r"얼마나 자주|몇 번|몇 차례|\bhow often\b|\bhow many times\b",
            any_of(
                r"\d ?(?:번|차례|회|배)|매(?:년|달|주)|여러 차례",
                whole(r"times|annually|every|monthly|weekly|\w+fold"),
            ),
        ),
        (  # what it is called
            any_of(
                "(?:이름|명칭)(?:이|은|을|는|의)|뭐라고 부르",
                r"\bby name\b|\bwhat is .* called\b|\bnames? of\b",
            ),
            r"[‘“(]|라고 하는|\b(?:called|named)\b",
        ),
        (  # who took part
            any_of(
                "서명한|참여한|가입한|동석한|참석한",
                whole(r"signed|signator\w+|attended|joined|took part"),
            ),
            any_of(
                "서명|참여|가입|동석|참석|참전",
                whole(r"sign\w*|attend\w*|join\w*|part"),
            ),
        ),
    )
)


def lacks_aspect(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question asks for an opinion, a superlative … that none of the passages shows."""
    return any(
        asked.search(question) and not any(shown.search(_texts(p)) for p in passages)
        for asked, shown in _ASPECTS
    )


def lacks_given(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question states a number or date that none of the passages has."""
    held = [q for p in passages for q in quantities(_texts(p))]
    return any(not any(same(g, q) for q in held) for g in quantities(question))


def wants_value(asks: frozenset[Asks]) -> bool:
    """Whether a number, a date or a duration is asked for."""
    return bool(asks & _KINDS.keys())


def holds_value(passage: Passage, asks: frozenset[Asks], question: str) -> bool:
    """Whether the passage has a value of a kind asked for that is not already in the question."""
    wanted = frozenset().union(*(_KINDS[kind] for kind in asks & _KINDS.keys()))
    given = quantities(question)
    if asks & {"date", "duration"} and _MOMENT.search(_texts(passage)):
        return True
    return any(
        q.kind in wanted and not any(same(q, g) for g in given) for q in quantities(_texts(passage))
    )


def holds_unit(passage: Passage, unit: str, question: str) -> bool:
    """The same for a unit (person, ship, %) or a kind that stands for one (money, multiple).

    The unit "change" is held by a multiple, a percentage, two amounts to compare, or one amount
    beside a word of change.
    """
    given = quantities(question)
    new = [q for q in quantities(_texts(passage)) if not any(same(q, g) for g in given)]
    if unit != "change":
        return any(unit in (q.unit, q.kind) for q in new)
    amounts = [q for q in new if q.kind in _KINDS["change"]]
    return (
        any(q.kind in ("multiple", "percent") for q in amounts)
        or bool(amounts and _CHANGED.search(_texts(passage)))
        or any(
            (a.kind, a.unit) == (b.kind, b.unit) and not same(a, b)
            for a, b in combinations(amounts, 2)
        )
    )


def holds_entity(
    passage: Passage,
    held: frozenset[str],
    kind: EntityType,
    query: str,
    given: frozenset[str],
    types: Mapping[str, EntityType],
) -> bool:
    """Whether the passage names an entity of `kind` that the question does not name.

    `held` and `given` are the glossary concepts of the passage and of the question.
    """
    enough = _ENOUGH.get(kind, frozenset({kind}))
    if any(types.get(concept) in enough for concept in held - given):
        return True
    if kind != "person":
        return False
    asked = {word.lower() for word in _ROLES.findall(query)}
    return any(word.lower() not in asked for word in _ROLES.findall(_texts(passage)))


def shows(passage: Passage, asks: frozenset[Asks]) -> bool:
    """Whether the passage has words of the kind of statement asked for (a reason, a forecast …)."""
    return any(kind in asks and cue.search(_texts(passage)) for kind, cue in _CUES.items())


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text that are more than grammar."""
    return tuple(q for q in find(text) if not q.weak)


def _texts(passage: Passage) -> str:
    return f"{passage.quote}\n{passage.translation or ''}"
