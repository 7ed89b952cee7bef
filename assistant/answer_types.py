"""What kind of thing a question asks for, and whether a passage holds one that the question lacks.

A question for an amount, a date or a name can only be answered by a passage that has one, and one
that the question did not bring along itself: "how much will the 350-ship fleet cost" is not answered
by the 350. Kinds are judged by the words of the question, values by index.numbers, names by the
types of the glossary. Not covered: names that the glossary does not know, except by title (장관, 씨).
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from index.lexicon import EntityType
from index.number_match import same
from index.numbers import Kind, Quantity, find
from index.types import Passage

Asks = Literal[
    "number", "date", "duration", "who", "reason", "list", "definition", "table", "forecast",
    "recommendation",
]  # fmt: skip

_ASKS: dict[Asks, re.Pattern[str]] = {
    "number": re.compile(
        r"얼마(?!\s*(?:만에|나))|얼마나 (?:많|되|될|썼|쓰|쓸|들|드[나는]|내[야고나는]|낸|지원|부담|올[렸랐리]|늘)|몇\s?(?!\s*(?:월|일|년|시|가지|분|주))|액수|금액|총액|규모는|[가-힣] 수(?:는|치)|퍼센트|배수|"
        r"(?:비용|예산|가격|관세율|세율|지지율|득표율|투표율|비율|인구|면적|나이|사망자|인원|병력)(?:은|는|이|가)?\s*[?？]?$|"
        r"how (?:much|many|large|big|high|old|tall|expensive)\b|"
        r"what (?:(?:is|are|was|were|will be|would be) )?(?:(?:the|an?) )?(?:(?!do |does |did )\w+ )?(?:number|amount|sum|size|percentage|share|figure|multiple|proportion|rate|price|total|budget|margin|quota|toll|age|headcount)\b|"
        r"\bwhat (?:would|does|did|do|will|could|might|is|are) .{0,80}\b(?:cost|paid|pay|spend|spent|charge|charged|earn)\b(?!-| on\b)|"
        r"^(?:the )?(?:cost|price|number|size|amount)s? of\b|\b(?:margin|turnout|toll|headcount|price tag)\s*\??$|(?<!which )\bvalue\s*\??$|by what factor",
        re.IGNORECASE,
    ),
    "date": re.compile(
        r"언제|며칠(?! ?만)|날짜|몇\s?(?:월|일|년)(?! ?(?:동안|간|만))|어느 해|연도|"
        r"\bwhen (?:did|was|were|is|will|does|do)\b|^when\b|what (?:date|day|year|month)|which (?:date|week|year|month|day)|"
        r"\bdates? (?:been |already )?(?:set|fixed|agreed)|\b(?:by|since|until) when\b",
        re.IGNORECASE,
    ),
    "duration": re.compile(
        r"얼마 ?만에|(?:시간|기간)(?:은|이)? ?(?:대략 |약 )?얼마|얼마나 (?:걸|길)|얼마 동안|얼마나 오래|몇 ?(?:시간|분|년 ?(?:동안|간)|주)|며칠 ?만에|how (?:long|soon|quickly|fast)|within what time|how many (?:\w+ )?(?:minutes|hours|days|weeks|months|years)",
        re.IGNORECASE,
    ),
    "who": re.compile(r"누구|누가|누굴|\bwho(?:m|se)?\b", re.IGNORECASE),
    "reason": re.compile(
        r"왜(?![곡소군란])|이유|까닭|원인|때문|배경은|어째서|\bwhy\b|reason|cause[sd]?\b|what (?:made|explains|led)|how come",
        re.IGNORECASE,
    ),
    "list": re.compile(
        r"(?:두|세|네|다섯|여러|몇) ?(?:가지|곳|개)|것들|무엇무엇|뭐뭐|각각|모두|나열|열거|어떤 [가-힣]+들|어디어디|"
        r"\b(?:list|which ones|what are|what (?:\w+ )?(?:measures|things|steps|goods|items|reasons|conditions)|"
        r"two|three|four|both|each|examples?)\b",
        re.IGNORECASE,
    ),
    "definition": re.compile(
        r"뜻|의미|무슨 말|정의|(?:이|란|이란|라는 게) (?:무엇|뭐|뭔)|what (?:is|does .* mean)|meant by|define|stand for",
        re.IGNORECASE,
    ),
    "forecast": re.compile(
        r"전망|앞으로|예상|예측|[할될일] (?:것|거|까|건)|[될할]까|어떻게 (?:될|할|나올|바뀔)|가능성|향후|"
        r"\b(?:will|expect\w*|predict\w*|forecast|likely|outlook|going to|future|would)\b",
        re.IGNORECASE,
    ),
    "recommendation": re.compile(
        r"해야|어야|제안|권고|권하|조언|방안|대책|해법|대안|어떤 태도|필요한|처방|"
        r"\b(?:should|must|recommend\w*|advise\w*|urge[sd]?|suggest\w*|propos\w+|need(?:s|ed)? to|ought|advice)\b",
        re.IGNORECASE,
    ),
    "table": re.compile(
        r"표\s?\d|(?<![가-힣])표(?:에|를|의|로|에서|상)\b|도표|칸에|(?<![가-힣])[행열]에|항목에|\btable\b|\b(?:row|column)\b",
        re.IGNORECASE,
    ),
}  # fmt: skip
_UNITS: dict[str, re.Pattern[str]] = {
    "%": re.compile(
        r"퍼센트|%|비율|비중|(?:보급|시청|지지|실업|물가|보험료)[율률]|percent|what (?:share|proportion)|\brate of\b",
        re.IGNORECASE,
    ),
    "person": re.compile(
        r"몇 ?명|인원|병력 ?(?:수|규모)|(?:사망|부상|희생)자|how many (?:\w+ ){0,2}(?:people|troops|soldiers|workers|civilians|personnel|"
        r"officials|residents|jobs)",
        re.IGNORECASE,
    ),
    "ship": re.compile(
        r"몇 ?척|how many (?:\w+ ){0,2}(?:ships|warships|vessels|boats|submarines)", re.IGNORECASE
    ),
    "multiple": re.compile(r"몇 ?배|how many times|by what factor|-?fold\b", re.IGNORECASE),
    "money": re.compile(
        r"금액|액수|(?:예산|비용|연봉|임금|가격)(?:은|이|을|으로)? (?:얼마|총)|몇 ?(?:억|조|달러|원)(?= |\b)|얼마(?:를|나)? ?(?:쓰|썼|지원|들|드|내|냈|지불)|"
        r"how much (?:money|aid|funding)|how much (?:\S+ ){0,8}(?:cost|spen|pa(?:y|id)|provid|giv|charge)|\bhow many (?:\w+ )?(?:dollars|won)\b|"
        r"what (?:is|was|will be) the (?:\S+ ){0,4}(?:budget|price|salary|cost)\b|"
        r"\bwhat (?:would|does|did|do|will|could|might|is|are) .{0,80}\b(?:cost|paid|pay|spend|spent|charge|charged|earn)\b(?!-| on\b)|"
        r"^(?:the )?(?:cost|price)s? of\b|price tag",
        re.IGNORECASE,
    ),
}  # fmt: skip
_ENTITIES: dict[EntityType, re.Pattern[str]] = {
    "person": re.compile(
        r"누구|누가|누굴|인물|어떤 (?:사람|의원|장관)|\bwho(?:m|se)?\b|\bby name\b|"
        r"which (?:\w+ )?(?:official|senator|minister|adviser|president|leader|general|candidate|person)",
        re.IGNORECASE,
    ),
    "country": re.compile(
        r"(?:어느|어떤|무슨) (?:나라|국가)|나라들|국가들(?:은|을|이)? (?:모두|어디|무엇)|(?:나라|국가)(?:는|가) 어디|회원국|"
        r"which (?:\w+ ){0,2}(?:countr\w+|nations?|states?|allies|ally|neighbou?rs?|capitals?)",
        re.IGNORECASE,
    ),
    "organization": re.compile(
        r"(?:어느|어떤|무슨) (?:회사|기업|업체|조선소|기관|부처|단체|위원회|대학)|(?:회사|기업|기관|조선소|부처)(?:는|가|의) (?:어디|이름)|"
        r"which (?:\w+ ){0,2}(?:compan\w+|firms?|(?:ship)?yards?|contractors?|agenc\w+|ministr\w+|bod(?:y|ies)|institutions?|lines)",
        re.IGNORECASE,
    ),
    "law": re.compile(
        r"(?:어느|어떤|무슨) ?(?:법|법률|법안|조항|조약|규정)|몇 ?조(?:가|에|의| ?항)|(?:법률|조약|법안|조항)(?:의)? (?:이름|명칭)|"
        r"which (?:\w+ ){0,2}(?:laws?|acts?|articles?|statutes?|treat(?:y|ies)|clauses?|provisions?|regulations?)|under what law",
        re.IGNORECASE,
    ),
    "weapon": re.compile(
        r"(?:어떤|무슨|어느) (?:\S+ )?(?:무기|미사일|전투기|기종|무기 ?체계)|which (?:\w+ ){0,2}(?:weapons?|missiles?|aircraft|systems?)",
        re.IGNORECASE,
    ),
    "place": re.compile(
        r"(?:어느|어떤) (?:지역|도시|항구|항만|지방|주)|(?:지역|도시|항구)(?:은|는|가|이)? (?:어디|이름)|"
        r"which (?:\w+ ){0,2}(?:places?|cit(?:y|ies)|regions?|ports?|provinces?|districts?|locations?|sites?)",
        re.IGNORECASE,
    ),
}  # fmt: skip
# People named by what they do or are, where no name is given: an answer to "who", if it is new.
_ROLES = re.compile(
    r"지지자|기부자|참모|전문가|관료|인사들?|의원|대통령|장관|총리|정상|당선인|후보|진영|주민|시민|엘리트|베테랑|노동자|기업인|국민|협의회|연합회|동맹국?으로|"
    r"\b(?:supporters?|donors?|aides?|experts?|officials?|people|president|minister|leaders?|camp|voters?|elites?|"
    r"veterans|allies|authority|council|committee|residents|workers|association|operators?|union)\b",
    re.IGNORECASE,
)
# Which one of a series: any passage that speaks of the series has such a number.
_ORDINAL = re.compile(r"몇 ?(?:번째|차(?!례))|which (?:round|term|number)", re.IGNORECASE)
# "Who pays" may be a country or a body; a place may be a country.
_ENOUGH: Mapping[EntityType, frozenset[EntityType]] = {
    "person": frozenset({"person", "country", "organization"}),
    "place": frozenset({"place", "country"}),
}
# Points in time without a number.
_MOMENT = re.compile(
    r"직후|즉시|당장|조만간|임기|기간 동안|during the|right after|immediately|as soon as|at once|upon taking",
    re.IGNORECASE,
)
_KINDS: Mapping[Asks, frozenset[Kind]] = {
    "number": frozenset({"money", "percent", "multiple", "count", "measure", "number"}),
    "date": frozenset({"date"}),
    "duration": frozenset({"duration", "date"}),
}
_CUES: Mapping[Asks, re.Pattern[str]] = {
    "reason": re.compile(
        r"때문|이유|원인|인해|인하여|위해|므로|기에|결과|[으]?로 인|\b(?:because|owing|due to|cause|reason|since|so that|result of)\b"
    ),
    "definition": re.compile(
        r"이란|의미|뜻|평가할 수|이다\.|\b(?:means?|is a|are the|assessed as|doctrine)\b"
    ),
    "forecast": re.compile(
        r"것이다|전망|예상|예측|보인다|수 있다|가능성|\b(?:will|expected|projected|likely|may|could)\b"
    ),
    "recommendation": re.compile(
        r"야 (?:한다|하며|할|하고|합니다)|필요|절실|수도? 있다|제공|대체|\b(?:must|should|needs?|could|can|urgently)\b"
    ),
}


# Aspects that a passage must show in so many words, or it does not answer: (question, passage).
_ASPECTS: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    name: (re.compile(asked, re.IGNORECASE), re.compile(shown, re.IGNORECASE))
    for name, asked, shown in (
        (
            "opinion",
            r"반응|반발|의견|여론|찬성|찬반|(?:뭐|무엇이)라고 (?:답|말했|평)|어떻게 (?:생각|평가|받아들)|비판(?:이|을)? (?:나왔|받)|"
            r"\breact(?:ed|s|ing)?\b|\breactions? (?:to|of|from)\b|\brespond(?:ed)? to\b|\bopinion|\bpolls?\b|\bthink (?:of|about)\b|\bfor or against\b|\bobject to\b|criticized by|\bcriticized .*\?|"
            r"(?<!brief )(?<!document )(?<!paper )(?<!report )(?<!text )(?<!author )(?<!it )\bsa(?:y|id) about\b",
            r"반대|찬성|비판|환영|우려|반발|평가|판단|주장|밝혔|밝혀|말한|말했|입장|정서|상실감|불안|본다|보지 않|요구|언급|축하|"
            r"\b(?:oppos\w+|critici\w+|welcom\w+|concern\w*|assess\w*|judged|argu\w+|insist\w*|said|says|position|sentiment|"
            r"feels?|unease|holds|views?|demand\w*|mention\w*|congratulat\w+|warn\w*)\b",
        ),
        (
            "superlative",
r"(?:가장|제일) (?:많|큰|크|높|적|낮|오래)|최대|\b(?:largest|biggest|highest|lowest|longest)\b|\bthe (?:most|least) \w+",
            r"가장|제일|최대|최고|최우선|주축|핵심|무엇보다|첫 번째|\b(?:most|largest|biggest|highest|greatest|best|worst|main|top|"
            r"core|above all|first|essential|least)\b",
        ),
        (
            "procedure",
            r"절차|순서|어떤 단계|단계별|\bprocedures?\b|\bin what order\b|\bstep by step\b",
            r"절차|순서|단계|먼저|이어|다음|법|협정|번복|\b(?:procedures?|steps?|first|then|agreement|legal\w*|process)\b",
        ),
        (
            "frequency",
            r"얼마나 자주|몇 번|몇 차례|\bhow often\b|\bhow many times\b",
            r"\d ?(?:번|차례|회|배)|매(?:년|달|주)|여러 차례|\b(?:times|annually|every|monthly|weekly|\w+fold)\b",
        ),
        (
            "name",
            r"(?:이름|명칭)(?:이|은|을|는|의)|뭐라고 부르|\bby name\b|\bwhat is .* called\b|\bnames? of\b",
            r"[‘“(]|라고 하는|\b(?:called|named)\b",
        ),
        (
            "participants",
            r"서명한|참여한|가입한|동석한|참석한|\b(?:signed|signator\w+|attended|joined|took part)\b",
            r"서명|참여|가입|동석|참석|참전|\b(?:sign\w*|attend\w*|join\w*|part)\b",
        ),
    )
}  # fmt: skip
# Nouns so general that a passage rarely repeats them; they do not count as what is asked for.
_GENERAL = frozenset(
    "나라 국가 지역 문제 분야 사람 인물 것 점 일 말 곳 측면 부분 종류 사항 방법 쪽 이번 지금 현재 결과 상황 대신 "
    "countri nation state neighbour neighbor round els way area field problem matter group place region "
    "peopl person part type side point candid happen".split()
)


def lacks_aspect(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question asks for an opinion, a superlative … that none of the passages shows."""
    return any(
        asked.search(question) and not any(shown.search(_texts(p)) for p in passages)
        for asked, shown in _ASPECTS.values()
    )


def lacks_given(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question states a number or date that none of the passages has."""
    held = [q for p in passages for q in quantities(_texts(p))]
    return any(not any(same(g, q) for q in held) for g in quantities(question))


def is_general(term: str) -> bool:
    """Whether a noun next to a question word says too little to be what is asked for."""
    return term in _GENERAL


def asks_of(question: str) -> frozenset[Asks]:
    """The kinds of answer that `question` asks for; none for a plain "what about"."""
    found = {kind for kind, pattern in _ASKS.items() if pattern.search(question)}
    if "duration" in found or _ORDINAL.search(question):
        found.discard("number")
    return frozenset(found)


def unit_of(question: str) -> str | None:
    """What is counted, as index.numbers names it (몇 명 -> person), where the question says so."""
    return next((unit for unit, pattern in _UNITS.items() if pattern.search(question)), None)


def entity_of(question: str) -> EntityType | None:
    """The type of name asked for, where the question asks for one."""
    return next((kind for kind, pattern in _ENTITIES.items() if pattern.search(question)), None)


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
    """The same for a unit (person, ship, %) or a kind that stands for one (money, multiple)."""
    given = quantities(question)
    return any(
        unit in (q.unit, q.kind) and not any(same(q, g) for g in given)
        for q in quantities(_texts(passage))
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
