"""What kind of thing a question asks for: a number, a date, a name, a reason …

Judged by the words of the question alone. Not covered: what only an earlier question says
(`assistant.query` carries that over).
"""

import re
from typing import Literal

from assistant.patterns import any_of, whole
from index.lexicon import EntityType

Asks = Literal[
    "number", "change", "date", "duration", "who", "reason", "list", "definition", "table",
    "forecast", "recommendation",
]  # fmt: skip

# "What would it cost", but not "the cost-sharing deal" or "spent on".
_COST = (
    r"\bwhat (?:would|does|did|do|will|could|might|is|are) .{0,80}"
    r"\b(?:cost|paid|pay|spend|spent|charge|charged|earn)\b(?!-| on\b)"
)
# By how much something changed or differs: "how much did demands rise", 얼마나 늘었나. Any amount
# answers, be it a sum, a multiple, a percentage or days; and no sum of money is asked for just
# because the question is about payments. But "how much did it cost to expand the fleet" asks for
# one, and so does "how much did the increase cost".
_BUYS = r"(?:pay|paid|pays|spend|spent|spends|costs?|gives?|gave|provided?)"
_CHANGES = any_of(
    "(?:rise|r[ao]se|risen|raised?|gr[eo]wn?|climb(?:ed)?|jump(?:ed)?|surged?|soar(?:ed)?)",
    "(?:swell(?:ed)?|swollen|increased?|decreased?|multipl(?:y|ied)|expand(?:ed)?|balloon(?:ed)?)",
    "(?:fall|fell|fallen|drop(?:ped)?|declined?|shr[aiu]nk|shrunken|dip(?:ped)?|cut|lower(?:ed)?)",
    "(?:reduced?|shorten(?:ed)?|narrow(?:ed)?|widen(?:ed)?|deepen(?:ed)?|improved?|worsen(?:ed)?)",
    "(?:g(?:o|oes|one)|went|c[ao]me|moved?|shoot|shot|shift(?:ed)?) (?:up|down|higher|lower)",
    r"(?:rising|growing|climbing|falling|shrinking)(?=\s*(?:[?？]|$|by\b|each\b|every\b))",
)
_CHANGE = re.compile(
    any_of(
        r"얼마(?:나|만큼|까지|로)? ?(?:더 |덜 |크게 |가파르게 |많이 )?"
        + any_of(
            "늘|늦|뛰|뛴|뛸|줄[어었이였인일]|커[지졌진질]|작아|높[아이였]|낮[아추췄]|많아|적어|빨라",
            "빠[지졌진질르]|느려|짧아|길어|비싸|두꺼워|무거워|올[라랐리렸린릴]|오[르른를]",
            "내[려렸린릴](?!오)|떨어|불어|불[렸린]|벌어|깎|앞당|모자라|부족|차이|치솟|급[증감등락]",
            "증가|감소|상승|하락|인상|인하|삭감|확대|축소|증액|감액|개선|악화|성장",
        ),
        r"by how much\b",
        r"how much (?:more|less|fewer|higher|lower|larger|bigger|smaller|greater|longer|shorter|"
        r"faster|slower|sooner|later|earlier|cheaper|costlier|deeper|steeper|better|worse)\b",
        rf"how much (?:(?!{_BUYS} (?:to|for|on|\w+ing)\b)\S+ ){{1,12}}?"
        rf"(?<!\bthe )(?<!\ban )(?<!\ba ){_CHANGES}(?![\w-])",
        r"how (?:steep|sharp|big|large) (?:an?|is the|was the|were the|are the) (?:\w+ ){0,2}"
        "(?:increase|rise|jump|hike|raise|cut|drop|fall|reduction|decline|gap)s?",
    ),
    re.IGNORECASE,
)
_ASKS: dict[Asks, re.Pattern[str]] = {
    "change": _CHANGE,
    "number": re.compile(
        any_of(
            r"얼마(?!\s*(?:만에|나))|액수|금액|총액|규모는|[가-힣] 수(?:는|치)|퍼센트|배수",
            "얼마나 (?:많|되|될|썼|쓰|쓸|들|드[나는]|내[야고나는]|낸|지원|부담|올[렸랐리]|늘)",
            r"몇\s?(?!\s*(?:월|일|년|시|가지|분|주))",
            "(?:비용|예산|가격|관세율|세율|지지율|득표율|투표율|비율|인구|면적|나이|사망자|인원|병력|"
            "국내총생산|GDP|길이|높이|무게|거리|속도|기온|소득|임금|연봉|실업률|점유율|밀도)"
            r"(?:은|는|이|가)?\s*[?？]?$",
            r"how (?:much|many|large|big|high|old|tall|expensive)\b",
            "what (?:(?:is|are|was|were|will be|would be) )?(?:(?:the|an?) )?"
            r"(?:(?!do |does |did )\w+ )?"
            + any_of(
                "number|amount|sum|size|percentage|share|figure|multiple|proportion|rate|price",
                "total|budget|margin|quota|toll|age|headcount|population|gdp",
                "gross domestic product|height|length|weight|distance|speed|temperature|density",
                "income|salary|wages?|cost",
            )
            + r"\b",
            _COST,
            r"^(?:the )?(?:cost|price|number|size|amount)s? of\b|by what factor",
            r"\b(?:margin|turnout|toll|headcount|price tag)\s*\??$|(?<!which )\bvalue\s*\??$",
        ),
        re.IGNORECASE,
    ),
    "date": re.compile(
        any_of(
            r"언제|며칠(?! ?만)|날짜|몇\s?(?:월|일|년)(?! ?(?:동안|간|만))|어느 해|연도",
            r"\bwhen (?:did|was|were|is|will|does|do)\b|^when\b|\b(?:by|since|until) when\b",
            "what (?:date|day|year|month)|which (?:date|week|year|month|day)",
            r"\bdates? (?:been |already )?(?:set|fixed|agreed)",
        ),
        re.IGNORECASE,
    ),
    "duration": re.compile(
        any_of(
            "얼마 ?만에|(?:시간|기간)(?:은|이)? ?(?:대략 |약 )?얼마|얼마나 (?:걸|길)|얼마 동안",
            "얼마나 오래|몇 ?(?:시간|분|년 ?(?:동안|간)|주)|며칠 ?만에",
            "how (?:long|soon|quickly|fast)|within what time",
            r"how many (?:\w+ )?(?:minutes|hours|days|weeks|months|years)",
        ),
        re.IGNORECASE,
    ),
    "who": re.compile(r"누구|누가|누굴|\bwho(?:m|se)?\b", re.IGNORECASE),
    "reason": re.compile(
        any_of(
            "왜(?![곡소군란])|이유|까닭|원인|때문|배경은|어째서",
            r"\bwhy\b|reason|cause[sd]?\b|what (?:made|explains|led)|how come",
        ),
        re.IGNORECASE,
    ),
    "list": re.compile(
        any_of(
            "(?:두|세|네|다섯|여러|몇) ?(?:가지|곳|개)|것들|어떤 [가-힣]+들",
            "무엇무엇|뭐뭐|각각|모두|나열|열거|어디어디",
            whole(
                r"list|which ones|what are|two|three|four|both|each|examples?",
                r"what (?:\w+ )?(?:measures|things|steps|goods|items|reasons|conditions)",
            ),
        ),
        re.IGNORECASE,
    ),
    "definition": re.compile(
        any_of(
            "뜻|의미|무슨 말|정의|(?:이|란|이란|라는 게) (?:무엇|뭐|뭔)",
            "what (?:is|does .* mean)|meant by|define|stand for",
        ),
        re.IGNORECASE,
    ),
    "forecast": re.compile(
        any_of(
            "전망|앞으로|예상|예측|[할될일] (?:것|거|까|건)|[될할]까|가능성|향후",
            "어떻게 (?:될|할|나올|바뀔)",
            whole(r"will|expect\w*|predict\w*|forecast|likely|outlook|going to|future|would"),
        ),
        re.IGNORECASE,
    ),
    "recommendation": re.compile(
        any_of(
            "해야|어야|제안|권고|권하|조언|방안|대책|해법|대안|어떤 태도|필요한|처방",
            whole(
                r"should|must|recommend\w*|advise\w*|urge[sd]?|suggest\w*|propos\w+",
                "need(?:s|ed)? to|ought|advice",
            ),
        ),
        re.IGNORECASE,
    ),
    "table": re.compile(
        any_of(
            r"표\s?\d|(?<![가-힣])표(?:에|를|의|로|에서|상)\b|도표|칸에|(?<![가-힣])[행열]에|항목에",
            r"\btable\b|\b(?:row|column)\b",
        ),
        re.IGNORECASE,
    ),
}
_UNITS: dict[str, re.Pattern[str]] = {
    "%": re.compile(
        any_of(
            "퍼센트|%|비율|비중|(?:보급|시청|지지|실업|물가|보험료)[율률]",
            r"percent|what (?:share|proportion)|\brate of\b",
        ),
        re.IGNORECASE,
    ),
    "person": re.compile(
        any_of(
            "몇 ?명|인원|병력 ?(?:수|규모)|(?:사망|부상|희생)자",
            r"how many (?:\w+ ){0,2}"
            "(?:people|troops|soldiers|workers|civilians|personnel|officials|residents|jobs)",
        ),
        re.IGNORECASE,
    ),
    "ship": re.compile(
        r"몇 ?척|how many (?:\w+ ){0,2}(?:ships|warships|vessels|boats|submarines)", re.IGNORECASE
    ),
    "multiple": re.compile(r"몇 ?배|how many times|by what factor|-?fold\b", re.IGNORECASE),
    "money": re.compile(
        any_of(
            "금액|액수|(?:예산|비용|연봉|임금|가격)(?:은|이|을|으로)? (?:얼마|총)",
            r"몇 ?(?:억|조|달러|원)(?= |\b)",
            "얼마를? ?(?:쓰|썼|지원|들|드|내|냈|지불)",
            "얼마나 ?(?:지원|들|드|내(?![려렸리린릴])|냈|지불)",  # not 쓰: water is used, too
            "how much (?:money|aid|funding)",
            r"how much (?:\S+ ){0,8}(?:cost|spen|pa(?:y|id)|provid|giv|charge)",
            r"\bhow many (?:\w+ )?(?:dollars|won)\b",
            r"what (?:is|was|will be) the (?:\S+ ){0,4}(?:budget|price|salary|cost)\b",
            _COST,
            r"^(?:the )?(?:cost|price)s? of\b|price tag",
        ),
        re.IGNORECASE,
    ),
}
# Words that ask for money though the question is about a change.
_MONEY = re.compile(r"몇 ?(?:억|조|달러|원)|금액|액수|how much (?:money|aid|funding)|dollars", re.I)
_ENTITIES: dict[EntityType, re.Pattern[str]] = {
    "person": re.compile(
        any_of(
            "누구|누가|누굴|인물|어떤 (?:사람|의원|장관)",
            r"\bwho(?:m|se)?\b|\bby name\b",
            r"which (?:\w+ )?"
            "(?:official|senator|minister|adviser|president|leader|general|candidate|person)",
        ),
        re.IGNORECASE,
    ),
    "country": re.compile(
        any_of(
            "(?:어느|어떤|무슨) (?:나라|국가)|(?:나라|국가)(?:는|가) 어디|회원국",
            "나라들|국가들(?:은|을|이)? (?:모두|어디|무엇)",
            r"which (?:\w+ ){0,2}"
            r"(?:countr\w+|nations?|states?|allies|ally|neighbou?rs?|capitals?)",
        ),
        re.IGNORECASE,
    ),
    "organization": re.compile(
        any_of(
            "(?:어느|어떤|무슨) (?:회사|기업|업체|조선소|기관|부처|단체|위원회|대학)",
            "(?:회사|기업|기관|조선소|부처)(?:는|가|의) (?:어디|이름)",
            r"which (?:\w+ ){0,2}"
            + any_of(
                r"compan\w+|firms?|(?:ship)?yards?|contractors?|agenc\w+|ministr\w+|bod(?:y|ies)",
                "institutions?|lines",
            ),
        ),
        re.IGNORECASE,
    ),
    "law": re.compile(
        any_of(
            "(?:어느|어떤|무슨) ?(?:법|법률|법안|조항|조약|규정)|몇 ?조(?:가|에|의| ?항)",
            "(?:법률|조약|법안|조항)(?:의)? (?:이름|명칭)",
            r"which (?:\w+ ){0,2}"
            "(?:laws?|acts?|articles?|statutes?|treat(?:y|ies)|clauses?|provisions?|regulations?)",
            "under what law",
        ),
        re.IGNORECASE,
    ),
    "weapon": re.compile(
        any_of(
            r"(?:어떤|무슨|어느) (?:\S+ )?(?:무기|미사일|전투기|기종|무기 ?체계)",
            r"which (?:\w+ ){0,2}(?:weapons?|missiles?|aircraft|systems?)",
        ),
        re.IGNORECASE,
    ),
    "place": re.compile(
        any_of(
            "(?:어느|어떤) (?:지역|도시|항구|항만|지방|주)",
            "(?:지역|도시|항구)(?:은|는|가|이)? (?:어디|이름)",
            r"which (?:\w+ ){0,2}"
            "(?:places?|cit(?:y|ies)|regions?|ports?|provinces?|districts?|locations?|sites?)",
        ),
        re.IGNORECASE,
    ),
}
# Which one of a series: any passage that speaks of the series has such a number.
_ORDINAL = re.compile("몇 ?(?:번째|차(?!례))|which (?:round|term|number)", re.IGNORECASE)
# Nouns so general that a passage rarely repeats them; they do not count as what is asked for.
_GENERAL = frozenset(
    "나라 국가 지역 문제 분야 사람 인물 것 점 일 말 곳 측면 부분 종류 사항 방법 쪽 이번 지금 현재 "
    "결과 상황 대신 "
    "countri nation state neighbour neighbor round els way area field problem matter group place "
    "region peopl person part type side point candid happen".split()
)


def asks_of(question: str) -> frozenset[Asks]:
    """The kinds of answer that `question` asks for; none for a plain "what about"."""
    found = {kind for kind, pattern in _ASKS.items() if pattern.search(question)}
    if "change" in found:
        found.add("number")
    elif "duration" in found or _ORDINAL.search(question):
        found.discard("number")
    return frozenset(found)


def unit_of(question: str) -> str | None:
    """What is counted, as index.numbers names it (몇 명 -> person), where the question says so.

    "change" for a question how much something changed or differs, whatever it is counted in.
    """
    unit = next((unit for unit, pattern in _UNITS.items() if pattern.search(question)), None)
    if unit in (None, "money") and _CHANGE.search(question) and not _MONEY.search(question):
        return "change"  # payments may rise tenfold
    return unit


def entity_of(question: str) -> EntityType | None:
    """The type of name asked for, where the question asks for one."""
    return next((kind for kind, pattern in _ENTITIES.items() if pattern.search(question)), None)


def is_general(term: str) -> bool:
    """Whether a noun next to a question word says too little to be what is asked for."""
    return term in _GENERAL
