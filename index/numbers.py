"""Find the quantities of a Korean or English text, in one form both languages share.

`1,830억 달러` and `$183 billion` become the same money, `2기` and `second term` the same ordinal.
The text may mix the languages: Hangul, Latin letters and digits each say how to be read.

Contract: `find` returns spans of the text as given, in order, never overlapping. `same` compares a
unit, or a field of a date, only where both sides state one, so a bare `183 billion` equals both.
A *weak* quantity may be mere grammar (`one of`, 양국, 첫) or part of a name (F-35): it can be the
counterpart of another, but `missing` does not ask for it.

Not covered: vague amounts (수십, dozens; they are not found), bounds and signs (이상, at least,
영하), exchange rates, Roman numerals outside world wars, two-digit years (2018~20년), and Sino
numerals in Hangul with no counter or of one syllable (오천만 국민, 삼 년). Text is expected in NFC,
as index.load leaves it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

Kind = Literal[
    "number", "money", "percent", "multiple", "ordinal", "date", "time", "duration", "count",
    "measure", "name",
]  # fmt: skip
Fields = tuple[int | None, ...]  # a date is (year, month, day), a time (hour, minute)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of a text: `text` is its slice [char_start, char_end), in code points.

    `unit` is "" where none is stated or the counter says nothing (개, 가지). An ordinal's unit is
    "label" when it may also be read as a plain number (2단계, Phase 2, 미사일 10기).
    """

    kind: Kind
    value: Fraction | Fields
    unit: str
    text: str
    char_start: int
    char_end: int
    approximate: bool = False
    weak: bool = False


# --- lexicon ------------------------------------------------------------------------------------

UNITS: dict[tuple[Kind, str], str] = {
    ("money", "usd"): "달러, dollar, usd",
    ("money", "krw"): "원, won, krw",
    ("money", "eur"): "유로, euro, eur",
    ("money", "jpy"): "엔, yen, jpy",
    ("money", "cny"): "위안, yuan, renminbi, cny, rmb",
    ("money", "gbp"): "파운드, pound, gbp",
    ("percent", "%"): "%, 퍼센트, percent, per cent, pct",
    ("percent", "point"): "%포인트, %p, % 포인트, 퍼센트포인트, 퍼센트 포인트, percentage point, "
    "percent point, pp",
    ("multiple", ""): "배, 곱절, times, fold",
    ("ordinal", ""): "번째, 째, 차, 위, 등, 순위, 주년, 주기, 분기, 세대, 심, 도선",
    ("ordinal", "century"): "세기",
    ("ordinal", "label"): "기, 호, 급, 단계, 항, 장, 절, 쪽, 페이지",
    ("duration", "second"): "초, second",
    ("duration", "minute"): "분, minute",
    ("duration", "hour"): "시간, hour",
    ("duration", "day"): "일, day",
    ("duration", "week"): "주, 주일, week",
    ("duration", "month"): "달, 개월, month",
    ("duration", "year"): "년, 해, 개년, year",
    ("duration", "decade"): "decade",
    ("duration", "century"): "century, centuries",
    ("count", "ship"): "척, ship, vessel, warship, submarine, boat, destroyer, frigate, tanker",
    ("count", "person"): "명, 인, 사람, people, person, troop, soldier, personnel, servicemember",
    ("count", "country"): "개국, 국, 나라, country, countries, nation",
    ("count", "time"): "번, 차례, 회",
    ("count", "age"): "세, 살, year old, years old, year-old, years of age",
    ("count", ""): "개, 가지, 대, 건, 곳, 점, 발, 종, 자, 석, 표, 마리, 권, 편",
    ("measure", "mm"): "mm, ㎜, 밀리미터, millimeter, millimetre",
    ("measure", "cm"): "cm, ㎝, 센티미터, centimeter, centimetre",
    ("measure", "m"): "m, 미터, meter, metre",
    ("measure", "km"): "km, ㎞, 킬로미터, kilometer, kilometre",
    ("measure", "mile"): "마일, mile",
    ("measure", "km2"): "㎢, km², 제곱킬로미터, 평방킬로미터, square kilometer, square kilometre",
    ("measure", "ha"): "ha, 헥타르, hectare",
    ("measure", "g"): "g, 그램, gram",
    ("measure", "kg"): "kg, ㎏, 킬로그램, kilogram",
    ("measure", "t"): "t, 톤, ton, tonne, metric ton",
    ("measure", "kt"): "kt, 킬로톤, kiloton",
    ("measure", "Mt"): "메가톤, megaton",
    ("measure", "W"): "와트, watt",
    ("measure", "kW"): "kw, ㎾, 킬로와트, kilowatt",
    ("measure", "MW"): "mw, ㎿, 메가와트, megawatt",
    ("measure", "GW"): "gw, 기가와트, gigawatt",
    ("measure", "TWh"): "twh, 테라와트시, terawatt-hour",
    ("measure", "barrel"): "배럴, barrel",
    ("measure", "liter"): "리터, liter, litre",
    ("measure", "degree"): "℃, °c, °, degree",
}
# Unit -> the unit it is compared in, and how many of those it is. Days do not convert to months.
BASE: dict[str, tuple[str, int | Fraction]] = {
    "second": ("minute", Fraction(1, 60)), "hour": ("minute", 60), "day": ("minute", 1440),
    "week": ("minute", 10080), "year": ("month", 12), "decade": ("month", 120),
    "century": ("month", 1200), "mm": ("m", Fraction(1, 1000)), "cm": ("m", Fraction(1, 100)),
    "km": ("m", 1000), "g": ("kg", Fraction(1, 1000)), "t": ("kg", 1000), "kt": ("kg", 10**6),
    "Mt": ("kg", 10**9), "kW": ("W", 10**3), "MW": ("W", 10**6), "GW": ("W", 10**9),
}  # fmt: skip
UNIT_OF = {word: key for key, words in UNITS.items() for word in words.split(", ")}
SYMBOLS = {"$": "usd", "US$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₩": "krw"}

SINO = {c: n for n, c in enumerate("일이삼사오육칠팔구", start=1)}
SMALL = {"십": 10, "백": 100, "천": 1000}
MYRIADS = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
NATIVE_ONES = {
    "하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4, "넉": 4,
    "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9,
}  # fmt: skip
NATIVE_TENS = {
    "열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70,
    "여든": 80, "아흔": 90,
}  # fmt: skip
NATIVE_FREE = {"둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉"}  # nouns of their own
# Counters written together with a native numeral; 세대, 세척, 열대 are other words.
NATIVE_GLUED = set("번 번째 째 배 달 명 개 가지 차례 시간 사람 나라 개월".split())
NATIVE_NEVER = set("일 분 초 년 인 국 자 세 회 주일 개국".split())  # these take Sino numerals

ONES = "one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
CARDINALS = {word: n for n, word in enumerate(ONES + TEENS, start=1)} | {
    word: n for n, word in zip(range(20, 100, 10), TENS, strict=True)
}
SCALES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "quadrillion": 10**15, "dozen": 12, "mn": 10**6, "bn": 10**9, "tn": 10**12,
    "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12,
}  # fmt: skip
ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        start=1,
    )
} | {f"{word[:-1]}ieth": n for n, word in zip(range(20, 100, 10), TENS, strict=True)}
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
ROMAN = {"i": 1, "ii": 2, "iii": 3, "one": 1, "two": 2, "three": 3, "1": 1, "2": 2, "3": 3}
LABELS = (
    "article chapter section paragraph phase stage part volume pillar track tier level "
    "option page resolution figure table"
).split()
Meaning = tuple[Kind, Fraction, str, bool]  # kind, value, unit, weak
FIXED_ROWS: tuple[tuple[Kind, str, str, bool, str], ...] = (
    ("number", "0", "", True, "zero 제로"),
    ("number", "2", "", True, "both bilateral 양국 양측 양대 양자 양당 양쪽 양군"),
    ("number", "3", "", True, "trilateral"),
    ("number", "1/2", "", False, "절반"),
    ("count", "1", "time", True, "once"),
    ("count", "3", "time", False, "thrice"),
    ("multiple", "2", "", False, "twice doubled doubles doubling"),
    ("multiple", "2", "", True, "double"),
    ("multiple", "3", "", False, "tripled triples tripling"),
    ("multiple", "3", "", True, "triple"),
    ("multiple", "4", "", False, "quadrupled quadruple"),
    ("ordinal", "1", "", True, "상반기"),
    ("ordinal", "2", "", True, "하반기"),
    ("duration", "1", "decade", True, "decade"),
    ("duration", "1", "century", True, "century"),
    ("duration", "1", "day", True, "하루"),
    ("duration", "15", "day", False, "보름"),
)
FIXED: dict[str, Meaning] = {
    word: (kind, Fraction(value), unit, weak)
    for kind, value, unit, weak, words in FIXED_ROWS
    for word in words.split()
}
for n, word in enumerate("이틀 사흘 나흘 닷새 엿새 이레 여드레 아흐레 열흘".split(), start=2):
    FIXED[word] = ("duration", Fraction(n), "day", False)

# --- patterns -----------------------------------------------------------------------------------


def _any(words: list[str] | dict[str, int] | set[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


# One character for one, so that offsets into the folded text are offsets into the text.
FOLD = str.maketrans(
    "０１２３４５６７８９，．％＄￦～∼〜–−‐‑’‘ㆍ・∙\u00a0\u202f", "0123456789,.%$₩~~~----''···  "
)
OPENING = re.compile(
    r"(?P<digit>[0-9$€£¥₩])|(?P<latin>[A-Za-z]+)|(?P<hangul>(?<![가-힣])"
    r"[제첫한하두둘세셋석네넷넉다여일이삼사오육칠팔구열스서마쉰예아십백천만반절양상나닷엿보])"
)
DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
YEAR = r"(?:1[5-9]|2[01])[0-9]{2}"
MONTH, DAY = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12][0-9]|0?[1-9])"
MONTH_NAME = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
WORD_YEAR = rf"(?:,?\s(?:of\s)?(?P<y>{YEAR})(?![0-9]|[,.][0-9]))?"
DIGIT_DATES = [
    re.compile(pattern)
    for pattern in (
        rf"(?P<y>{YEAR})(?:[-/.]\s?|년\s?)(?P<m>{MONTH})(?:[-/.]\s?|월\s?)(?P<d>{DAY})(?![0-9])일?",
        rf"(?P<y>{YEAR})(?:년\s?|\.\s?)(?P<m>{MONTH})(?:월|\.(?![0-9]))",
        rf"(?P<m>{MONTH})월\s?(?P<d>{DAY})(?:일|(?=\s?[~-]\s?{DAY}일))",
        rf"(?P<m>{MONTH})/(?P<d>{DAY})/(?P<y>{YEAR})(?![0-9])",
        rf"(?P<y>{YEAR})년(?!대|\s?간|\s?동안|\s?만에)",
        rf"(?P<m>{MONTH})월",
        rf"(?P<d>{DAY})일(?!\s?(?:간|동안|만에|째))",
        rf"(?P<d>{DAY})(?:st|nd|rd|th)?\s(?:of\s)?(?P<name>{MONTH_NAME}){WORD_YEAR}",
    )
]
WORD_DATES = [
    re.compile(pattern)
    for pattern in (
        rf"(?P<name>{MONTH_NAME})\s(?P<d>{DAY})(?:st|nd|rd|th)?(?![0-9]|[,.][0-9]){WORD_YEAR}",
        rf"(?P<name>{MONTH_NAME}){WORD_YEAR}",
    )
]
IN_MONTH = re.compile(
    r"\b(?:in|of|since|by|until|last|next|this|from|to|early|late|mid)[\s-]$", re.I
)
DECADE = re.compile(rf"'?(?P<y>{YEAR}|[2-9]0)(?:년대|s\b)")
# 9·11 and 9/11 name a day by its date; in 1·2차 the digits are a list.
NAMED_DAY = re.compile(
    rf"(?P<m>{MONTH})[·/](?P<d>{DAY})(?![0-9]|[/·][0-9]|\s?(?:차|기|분기|호|위|세대|심|단계))"
)
TIME = re.compile(
    r"(?P<h>[01]?[0-9]|2[0-4])(?:시(?!간|도)(?:\s?(?P<m1>[0-5]?[0-9])분)?|:(?P<m2>[0-5][0-9]))"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?|(?P<h2>1[0-2]|[1-9])\s?(?P<half2>[ap])\.?m\b\.?"
)
FRACTION = re.compile(
    r"(?P<d>[0-9]+)\s?분의\s?(?P<n>[0-9]+)|(?P<n2>[1-9])/(?P<d2>[1-9]|10)(?![0-9/])"
)
PARTS = ["third", "quarter", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
WORD_FRACTION = re.compile(
    rf"(?P<n>an?|{_any(ONES)})[\s-](?P<d>{_any(PARTS)})(?P<s>s?)\b(?P<of>\sof\b)?", re.I
)
CLAUSE = re.compile(  # 헌법 9조 is an article, 9조 원 nine trillion
    r"(?<=헌법\s|조약\s|헌장\s|협정\s)(?P<n>[0-9]+)조(?!\s?(?:원|달러|엔|유로|위안|[0-9]))"
)
# What follows a number is its scale only if it is not the start of another word (3조각, 5경기).
KO_DIGIT_TOKEN = re.compile(
    rf"(?P<n>{DIGITS})|(?P<small>[십백천])|\s?(?P<big>만(?!큼|하|기|료)|억(?!제|류|압)"
    r"|조(?!각|항|직|약|건|치|사|정)|경(?!기|제|우|쟁|찰|로|계|험|고))"
)
KO_WORD_TOKEN = re.compile(r"(?P<n>[일이삼사오육칠팔구])|(?P<small>[십백천])|(?P<big>[만억조경])")
NEXT_GROUP = re.compile(
    rf"\s(?=[0-9,]+\s?[십백천만억조경]|(?!{YEAR}년)(?:[0-9],)?[0-9]{{3}}(?![0-9]))"
)
NATIVE = re.compile(rf"(?P<tens>{_any(NATIVE_TENS)})?(?P<ones>{_any(NATIVE_ONES)})?")
PREFIXED = re.compile(
    r"제\s?(?:(?P<n>[0-9]+)|(?P<word>[이삼사오육칠팔구십]+)(?=차))"
    r"(?P<unit>차|회|대|세대|분기|(?P<label>[조항장절호급기]|단계)(?![가-힣]{2}))?"
)
SMALL_EN = rf"(?:(?:{_any(TENS)})(?:[\s-](?:{_any(ONES)})\b)?|{_any(TEENS)}|{_any(ONES)})\b"
HUNDREDS = rf"(?:(?:{SMALL_EN}|an?)[\s-]hundred\b(?:\s(?:and\s)?{SMALL_EN})?|{SMALL_EN})"
BIG_EN = r"(?:hundred|thousand|million|billion|trillion|quadrillion|dozen)\b"
WORD_NUMERAL = re.compile(
    rf"(?:{HUNDREDS}|half(?:[\s-]an?\b)?|an?\b)(?:[\s-]{BIG_EN}(?:\s(?:and\s)?{HUNDREDS})?)*"
    r"(?P<half>[\s-]and[\s-]a[\s-]half\b)?",
    re.I,
)
DIGIT_SCALE = re.compile(rf"(?:[\s-]?(?:{BIG_EN}|(?:mn|bn|tn)\b))+", re.I)
MONEY_SCALE = re.compile(r"\s?[kmbt]\b", re.I)
ORDINAL = re.compile(rf"(?:(?P<tens>{_any(TENS)})[\s-])?(?P<ones>{_any(ORDINALS)})\b", re.I)
SUFFIXED = re.compile(r"(?P<n>[0-9]+)(?:st|nd|rd|th)\b", re.I)
# After these a `first` counts something; elsewhere (at first, America First) it may be an adverb.
NUMBERED = re.compile(
    r"[\s-](?:terms?|round|phase|stage|quarter|session|generation|tranche)\b", re.I
)
HALF_OF = re.compile(r"[\s-](?:of|the|its|their)\b", re.I)
WORLD_WAR = re.compile(r"(?:World\sWar\s|WW\s?)(?P<n>I{1,3}|One|Two|Three|[123])\b", re.I)
LABELLED = re.compile(
    rf"(?:(?:{_any(LABELS)})\s|(?:no|p|art)\.\s?)(?P<n>[0-9]+(?:\.[0-9]+)?|(?:{_any(ONES)})\b)",
    re.I,
)
NAME = re.compile(r"(?:[A-Za-z&]+|[A-Za-z]*[A-Z][A-Za-z]*-)(?P<n>[0-9]+)[A-Za-z]*")
NAME_AFTER = re.compile(r"[A-Z]{1,2}(?![A-Za-z])")  # 5G, 3D
CODE = re.compile(r"(?:US\$|USD|KRW|EUR|JPY|CNY|RMB|GBP)\s?(?=[0-9])")

PARTICLES = (
    "은|는|이|가|을|를|의|에|와|과|도|로|으로|만|보다|부터|까지|씩|당|짜리|가량|정도|안팎|내외|규모|어치|"
    "대|선|여|급|나|라|인|였|입|뿐|마다|밖|처럼|조차|쯤|째|꼴|들|간|중|전|후|동안|상당|미만|초과"
)
KO_UNITS = [word for word in UNIT_OF if re.match(r"[%\s]*[가-힣]", word)]
EN_UNITS = [word for word in UNIT_OF if re.match(r"[a-z]", word)]
SIGNS = [word for word in UNIT_OF if word not in KO_UNITS and word not in EN_UNITS]
UNIT = re.compile(
    r"(?P<more>여(?=\s?[가-힣%]))?[\s-]?"
    r"(?:(?:US|U\.S\.|American|(?:South )?Korean|Japanese|Chinese|British|미국?|중국|일본)\s?)?"
    rf"(?:(?P<ko>{_any(KO_UNITS)})(?:(?![가-힣])|(?={PARTICLES}))"
    rf"|(?P<en>(?:{_any(EN_UNITS)})s?)(?![A-Za-z²])|(?P<sign>{_any(SIGNS)}))"
    r"(?P<half>\s반(?![가-힣])|\sand\sa\shalf\b)?",
    re.I,
)
COUNTED = [word for word in EN_UNITS if UNIT_OF[word][1] in ("ship", "person", "country")]
FAR_UNIT = re.compile(  # the noun counted, up to two words on: 28,500 US troops
    r"(?:[\s-](?!(?:of|and|or|to|in|for|the|at|on|from|by|per|with|as|was|were|is|are)\b)[A-Za-z.]+)"
    rf"{{1,2}}?[\s-](?P<en>(?:{_any(COUNTED)})s?)(?![A-Za-z])",
    re.I,
)
ROUGHLY = re.compile(
    r"(?:(?<![가-힣])(?:약|대략|거의|근)|\b(?:about|around|approximately|roughly|nearly|almost|some))\s?$",
    re.I,
)
SOME = re.compile(r"(?<=[0-9십백천만억조경])여")
OR_SO = re.compile(r"\s?(?:가량|정도|안팎|내외|쯤|or so\b)")
YEAR_BEFORE = re.compile(r"\b(?:in|since|by|of|until|from|year|to|early|late|mid)[\s-]$", re.I)
RANGE = re.compile(r"\s?[~-]\s?|\sto\s|에서\s?|·")
NUMBER = re.compile(DIGITS)
FIXED_KO = re.compile(
    rf"(?:{_any({word for word in FIXED if word[0] > '가'})})(?:(?![가-힣])|(?={PARTICLES}))"
)
FIRST_KO = re.compile(r"첫(?:\s?(?P<nth>번째|째)|(?=\s))")
HALF_KO = re.compile(r"반(?=\s?(?:시간|세기|년))")
CENTURY = re.compile(r"[\s-]century\b", re.I)
HALF_YEAR = re.compile(r"\shalf\b", re.I)
AN_HOUR = re.compile(r"\s(?:minute|hour|day|week|month|year|decade|century)\b", re.I)
OFFICE = re.compile(r"\s?(?:대통령|총리|국왕|황제|왕|회장|총장|의장|장관|국회)")
ENGLISH_WORD = re.compile("[a-z]+", re.I)
NATIVE_END = re.compile(rf"(?![가-힣])|(?={PARTICLES})")
NATIVE_NOUN = re.compile(r"\s[가-힣]")
PLUS = re.compile(r"[0-9]\+[0-9](?:\+[0-9])*")  # 2+2 talks

# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Numeral:
    """A cardinal as written, before its unit is known; `form` is the script it is written in."""

    value: Fraction
    char_start: int
    char_end: int
    form: Literal["digits", "sino", "native", "word"]
    currency: str = ""


def find(text: str) -> list[Quantity]:
    """The quantities of `text` in order of appearance, none overlapping another."""
    folded = text.translate(FOLD)
    found: list[Quantity] = []
    at = 0
    while opening := OPENING.search(folded, at):
        quantity = READERS[str(opening.lastgroup)](folded, opening.start(), opening[0])
        at = quantity.char_end if quantity else opening.end()
        if quantity:
            found.append(quantity)
    for i in range(len(found) - 1):
        if _is_range(folded, found[i].char_end, found[i + 1].char_start, found[i].char_start):
            found[i], found[i + 1] = _as_range(found[i], found[i + 1])
    if folded == text:
        return found
    return [replace(q, text=text[q.char_start : q.char_end]) for q in found]


def _make(
    t: str, span: tuple[int, int], kind: Kind, value: Fraction | int | Fields, unit: str = "",
    weak: bool = False,
) -> Quantity:  # fmt: skip
    start, end = span
    roughly = ROUGHLY.search(t[max(0, start - 16) : start]) or OR_SO.match(t, end)
    roughly = roughly or SOME.search(t, start, end)
    exact = Fraction(value) if isinstance(value, int) else value
    return Quantity(kind, exact, unit, t[start:end], start, end, bool(roughly), weak)


def _read_digits(t: str, at: int, opening: str) -> Quantity | None:
    """What starts at a digit, or at a currency sign before one."""
    if opening in SYMBOLS:
        glued = at > 0 and t[at - 1].isascii() and t[at - 1].isalpha()  # A$, HK$
        digits = at + 1 + (t[at + 1 : at + 2] == " ")
        if glued or not NUMBER.match(t, digits):
            return None
        return _quantity(t, _digit_numeral(t, at, digits, SYMBOLS[opening]))
    for reader in (_digit_name, _digit_date, _digit_time, _digit_ordinal, _digit_fraction):
        if quantity := reader(t, at):
            return quantity
    return _quantity(t, _digit_numeral(t, at, at))


def _digit_name(t: str, at: int) -> Quantity | None:
    if match := PLUS.match(t, at):
        return _make(t, match.span(), "name", int(match[0][0]), weak=True)
    number = NUMBER.match(t, at)
    if number and at > 1 and t[at - 1] == "-" and "가" <= t[at - 2] <= "힣":  # 화성-17
        return _make(t, number.span(), "name", Fraction(number[0].replace(",", "")), weak=True)
    return None


def _digit_date(t: str, at: int) -> Quantity | None:
    for pattern in DIGIT_DATES:
        if match := pattern.match(t, at):
            return _make(t, match.span(), "date", _fields(match))
    if match := DECADE.match(t, at - (at > 0 and t[at - 1] == "'")):
        year = int(match["y"])
        return _make(t, match.span(), "date", (year + 1900 * (year < 100), None, None), "decade")
    if match := NAMED_DAY.match(t, at):
        if "/" in match[0] and int(match["m"]) < int(match["d"]) <= 10:
            return None  # 2/3 is a fraction
        return _make(t, match.span(), "date", _fields(match), weak=True)
    return None


def _fields(match: re.Match[str]) -> Fields:
    group = match.groupdict()
    month = group.get("m")
    if name := group.get("name"):
        month = str(1 + MONTHS.index(name[:3].lower()))
    return tuple(int(n) if n else None for n in (group.get("y"), month, group.get("d")))


def _digit_time(t: str, at: int) -> Quantity | None:
    if not (match := TIME.match(t, at)):
        return None
    half = (match["half"] or match["half2"] or "").lower()
    before = t[max(0, at - 4) : at]
    half = "a" if "오전" in before else "p" if "오후" in before else half
    value = (int(match["h"] or match["h2"]), int(match["m1"] or match["m2"] or 0))
    return _make(t, match.span(), "time", value, f"{half}m" if half else "")


def _digit_ordinal(t: str, at: int) -> Quantity | None:
    if match := CLAUSE.match(t, at):
        return _make(t, match.span(), "ordinal", int(match["n"]), "label")
    return _ordinal(t, match.span(), int(match["n"])) if (match := SUFFIXED.match(t, at)) else None


def _ordinal(t: str, span: tuple[int, int], value: int) -> Quantity:
    end = span[1]
    if century := CENTURY.match(t, end):
        return _make(t, (span[0], century.end()), "ordinal", value, "century")
    return _make(t, span, "ordinal", value, "", value == 1 and not NUMBERED.match(t, end))


def _digit_fraction(t: str, at: int) -> Quantity | None:
    if not (match := FRACTION.match(t, at)):
        return None
    above, below = int(match["n"] or match["n2"]), int(match["d"] or match["d2"])
    if not below or (match["n2"] and above >= below):
        return None
    return _make(t, match.span(), "number", Fraction(above, below))


def _digit_numeral(t: str, start: int, at: int, currency: str = "") -> _Numeral:
    """The numeral whose digits start at `at`, with the scale words of either language."""
    value, end = _myriads(t, at, KO_DIGIT_TOKEN)
    scale = DIGIT_SCALE.match(t, end)
    if currency and not scale:
        scale = MONEY_SCALE.match(t, end)
    if scale:
        for word in re.findall("[a-z]+", scale[0].lower()):
            value *= SCALES[word]
        end = scale.end()
    return _Numeral(value, start, end, "digits", currency)


def _myriads(t: str, at: int, token: re.Pattern[str]) -> tuple[Fraction, int]:
    """Read 4경 8천조 or 이십만: the value and where it ends, which is `at` if nothing is read."""
    total = section = Fraction(0)
    pending: Fraction | None = None  # digits not yet multiplied
    small_left, big_left = 10**4, 10**20  # scales must fall: 천 before 백, 억 before 만
    end = at
    while match := token.match(t, end) or _next_group(t, end, at, token):
        if match["n"]:
            if pending is not None:
                break
            pending = _digits_value(match["n"])
        elif match["small"]:
            if (scale := SMALL[match["small"]]) >= small_left:
                break
            section += scale * (1 if pending is None else pending)
            pending, small_left = None, scale
        else:
            section += pending or 0
            bare = not section and end == at and match["big"] == "만"  # 만 명 is 10,000 people
            if (scale := MYRIADS[match["big"]]) >= big_left or not (section or bare):
                return total + section, end
            total += scale * (section or 1)
            section, pending, small_left, big_left = Fraction(0), None, 10**4, scale
        end = match.end()
    return total + section + (pending or 0), end


def _digits_value(digits: str) -> Fraction:
    return Fraction(SINO.get(digits) or digits.replace(",", ""))


def _next_group(t: str, end: int, at: int, token: re.Pattern[str]) -> re.Match[str] | None:
    """The token after a space: only a scale lets a numeral go on (3만 5천, 1억 2,000만)."""
    if end == at or t[end - 1] not in "십백천만억조경":
        return None
    gap = NEXT_GROUP.match(t, end)
    return token.match(t, gap.end()) if gap else None


def _read_hangul(t: str, at: int, opening: str) -> Quantity | None:
    for reader in (_prefixed, _korean_word, _native, _sino):
        if quantity := reader(t, at):
            return quantity
    return None


def _prefixed(t: str, at: int) -> Quantity | None:
    if t[at] != "제" or not (match := PREFIXED.match(t, at)):
        return None
    word = match["word"]
    value = _myriads(word, 0, KO_WORD_TOKEN)[0] if word else Fraction(match["n"])
    return _make(t, match.span(), "ordinal", value, "label" if match["label"] else "")


def _korean_word(t: str, at: int) -> Quantity | None:
    if match := FIXED_KO.match(t, at):
        kind, value, unit, weak = FIXED[match[0]]
        return _make(t, match.span(), kind, value, unit, weak)
    if match := FIRST_KO.match(t, at):
        return _make(t, match.span(), "ordinal", 1, weak=not match["nth"])
    if match := HALF_KO.match(t, at):
        return _quantity(t, _Numeral(Fraction(1, 2), at, match.end(), "word"))
    return None


def _native(t: str, at: int) -> Quantity | None:
    match = NATIVE.match(t, at)
    if not match or not match[0]:
        return None
    value = NATIVE_TENS.get(match["tens"], 0) + NATIVE_ONES.get(match["ones"], 0)
    numeral = _Numeral(Fraction(value), at, match.end(), "native")
    if quantity := _quantity(t, numeral):
        return quantity
    free = match["ones"] in NATIVE_FREE and NATIVE_END.match(t, match.end())
    if free or (match["ones"] in ("두", "세", "네") and NATIVE_NOUN.match(t, match.end())):
        # 세 and 네 are words of their own too: tax, yes
        return _make(t, match.span(), "number", value, weak=value < 3 or not free)
    return None


def _sino(t: str, at: int) -> Quantity | None:
    if t[max(0, at - 2) : at] in ("수 ", "몇 "):
        return None
    value, end = _myriads(t, at, KO_WORD_TOKEN)
    return _quantity(t, _Numeral(value, at, end, "sino")) if end > at else None


def _read_latin(t: str, at: int, opening: str) -> Quantity | None:
    word = opening.lower()
    after = t[at + len(word) : at + len(word) + 2]
    if (match := CODE.match(t, at)) and NUMBER.match(t, match.end()):
        sign = match[0].strip()
        currency = SYMBOLS.get(sign) or UNIT_OF[sign.lower()][1]
        return _quantity(t, _digit_numeral(t, at, match.end(), currency))
    if word in ("world", "ww", "wwi", "wwii", "wwiii") and (match := WORLD_WAR.match(t, at)):
        return _make(t, match.span(), "ordinal", ROMAN[match["n"].lower()])
    if re.fullmatch("-?[0-9]|[0-9].", after):
        return _name(t, at) or _label(t, at)
    if word[:3] in MONTHS and opening[0].isupper():
        return _month(t, at)
    for reader in WORD_READERS.get(word, ()):
        if quantity := reader(t, at):
            return quantity
    return _fold(t, at, opening) if word.endswith("fold") else None


def _name(t: str, at: int) -> Quantity | None:
    if not (match := NAME.match(t, at)):
        return None
    letters, digits = match[0][: match.start("n") - at].rstrip("-").lower(), match["n"]
    if re.fullmatch(YEAR, digits):  # mid-2018, FY2024
        return _make(t, match.span("n"), "date", (int(digits), None, None))
    if letters == "q":
        return _make(t, match.span(), "ordinal", int(digits))
    return _make(t, match.span(), "name", int(digits), letters, weak=True)


def _label(t: str, at: int) -> Quantity | None:
    if not (match := LABELLED.match(t, at)):
        return None
    digits = str(CARDINALS.get(match["n"].lower(), match["n"]))
    return _make(t, match.span(), "ordinal", Fraction(digits), "label")


def _month(t: str, at: int) -> Quantity | None:
    for pattern in WORD_DATES:
        if match := pattern.match(t, at):
            fields = _fields(match)
            alone = fields[0] is None and fields[2] is None
            if (
                alone
                and match["name"] in ("May", "March")
                and not IN_MONTH.search(t[max(0, at - 8) : at])
            ):
                return None  # the verb at the start of a sentence
            return _make(t, match.span(), "date", fields)
    return None


def _fold(t: str, at: int, word: str) -> Quantity | None:
    value = CARDINALS.get(word[:-4].lower())
    return _make(t, (at, at + len(word)), "multiple", value) if value else None


def _english_word(t: str, at: int) -> Quantity | None:
    match = ENGLISH_WORD.match(t, at)
    if not match or match[0].lower() not in FIXED:
        return None
    kind, value, unit, weak = FIXED[match[0].lower()]
    return _make(t, match.span(), kind, value, unit, weak)


def _english_ordinal(t: str, at: int) -> Quantity | None:
    if not (match := ORDINAL.match(t, at)):
        return None
    tens, ones = (match["tens"] or "").lower(), match["ones"].lower()
    if ones in ("first", "second") and (half := HALF_YEAR.match(t, match.end())):
        return _make(t, (at, half.end()), "ordinal", ORDINALS[ones], weak=True)
    return _ordinal(t, match.span(), CARDINALS.get(tens, 0) + ORDINALS[ones])


def _english_fraction(t: str, at: int) -> Quantity | None:
    if not (match := WORD_FRACTION.match(t, at)):
        return None
    above = CARDINALS.get(match["n"].lower(), 1)
    if match["n"].lower() in ("a", "an") and not match["of"]:
        return None  # a third world war
    if above > 1 and not match["s"] and "-" not in match[0]:
        return None
    part = match["d"].lower()
    below = 4 if part == "quarter" else ORDINALS[part]
    return _make(t, (at, match.end("s")), "number", Fraction(above, below))


def _english_cardinal(t: str, at: int) -> Quantity | None:
    if not (match := WORD_NUMERAL.match(t, at)):
        return None
    half = match.start("half") if match["half"] else match.end()
    value = _english_value(t[at:half].lower()) + Fraction(half < match.end(), 2)
    if not value and not AN_HOUR.match(t, match.end()):
        return None  # a, an are numerals only before a scale or a stretch of time
    return _quantity(t, _Numeral(value or Fraction(1), at, match.end(), "word"))


def _english_value(words: str) -> Fraction:
    """The value of `half a million`, `two hundred and five`; 0 for a lone `a`."""
    total = section = Fraction(0)
    for word in re.findall("[a-z]+", words):
        if word in CARDINALS:
            section += CARDINALS[word]
        elif word == "half":
            section = Fraction(1, 2)
        elif word in ("hundred", "dozen"):
            section = (section or Fraction(1)) * SCALES[word]
        elif word in SCALES:
            if section or not total:
                total += (section or 1) * SCALES[word]
            else:  # forty-eight thousand trillion: a scale upon a scale
                total *= SCALES[word]
            section = Fraction(0)
    return total + section


def _quantity(t: str, n: _Numeral) -> Quantity | None:
    """The numeral `n` with the unit after it; None where a Korean word needs a unit to be one."""
    span = (n.char_start, n.char_end)
    if n.currency:
        return _make(t, span, "money", n.value, n.currency)
    if not (unit := _unit(t, n)):
        return _unitless(t, n)
    match, (kind, name) = unit
    value = n.value + (Fraction(1, 2) if match["half"] else 0)
    spoken = n.form in ("native", "word") and kind != "ordinal"
    weak = spoken and (value == 1 or (value == 2 and kind == "count"))
    return _make(t, (span[0], match.end()), kind, value, name, weak)


def _unit(t: str, n: _Numeral) -> tuple[re.Match[str], tuple[Kind, str]] | None:
    if not (match := UNIT.match(t, n.char_end)):
        return None
    word = match["ko"] or match["en"] or match["sign"]
    key = UNIT_OF.get(word.lower()) or UNIT_OF[word.lower()[:-1]]
    glued = match.start("ko") == n.char_end and not match["more"]
    if word == "등" and not glued:
        return None  # 3등 is a rank, `3 등` ends a list
    if n.form in ("native", "sino"):
        fits = _fits_native if n.form == "native" else _fits_sino
        return (match, key) if match["ko"] and fits(t, n, word, key[0], glued) else None
    if match["en"] and not _fits_english(t, n, word, key[0]):
        return None
    if word == "대" and OFFICE.match(t, match.end()):
        key = ("ordinal", "")
    if key[1] == "century" and n.value == Fraction(1, 2):
        key = ("duration", "century")  # 반세기
    return match, key


def _fits_english(t: str, n: _Numeral, word: str, kind: Kind) -> bool:
    if _is_year(t, n) and (kind == "count" or word == "won"):
        return not YEAR_BEFORE.search(t[max(0, n.char_start - 8) : n.char_start])  # in 2016 won
    if word == "won":
        return n.form == "digits" or n.value >= 100  # the two won
    return len(word) > 1 or (word.islower() and n.form == "digits")  # 5G is not five grams


def _fits_native(t: str, n: _Numeral, word: str, kind: Kind, glued: bool) -> bool:
    if kind == "ordinal":
        return word in ("번째", "째")
    if word in NATIVE_NEVER or kind in ("money", "percent") or (n.value == 1 and word == "배"):
        return False
    return not glued or word in NATIVE_GLUED


def _fits_sino(t: str, n: _Numeral, word: str, kind: Kind, glued: bool) -> bool:
    numeral = t[n.char_start : n.char_end]
    if numeral in SINO:  # 이, 일, 사, 구 are also words, and begin many
        return glued and word in ("퍼센트", "개월", "주년")
    if len(numeral) == 1 and glued:  # 만기, 백인, 천문 are other words
        return word in ("년", "배", "달러", "개국", "퍼센트", "개월")
    return kind != "ordinal" or word in ("주년", "세기")


def _unitless(t: str, n: _Numeral) -> Quantity | None:
    span = (n.char_start, n.char_end)
    if n.form in ("native", "sino"):
        return None
    if _is_year(t, n):
        return _make(t, span, "date", (int(n.value), None, None))
    if n.form == "digits" and (name := NAME_AFTER.match(t, n.char_end)):
        return _make(t, (span[0], name.end()), "name", n.value, name[0].lower(), weak=True)
    if far := FAR_UNIT.match(t, n.char_end):
        word = far["en"].lower()
        unit = (UNIT_OF.get(word) or UNIT_OF[word[:-1]])[1]
        return _make(t, span, "count", n.value, unit, n.form == "word" and n.value in (1, 2))
    half = n.value == Fraction(1, 2) and not HALF_OF.match(t, n.char_end)
    return _make(t, span, "number", n.value, "", n.form == "word" and (n.value in (1, 2) or half))


def _is_year(t: str, n: _Numeral) -> bool:
    return n.form == "digits" and bool(re.fullmatch(YEAR, t[n.char_start : n.char_end]))


def _is_range(t: str, end: int, start: int, first: int) -> bool:
    gap = t[end:start]
    return bool(RANGE.fullmatch(gap)) or (
        gap == " and " and t[max(0, first - 8) : first].endswith("between ")
    )


def _as_range(a: Quantity, b: Quantity) -> tuple[Quantity, Quantity]:
    """In 10~15%, $10-15 billion and 1·2기 one number carries the unit or the scale of both."""
    value = a.value
    if not isinstance(value, Fraction):
        return a, b
    if not isinstance(b.value, Fraction):  # 1~3월, 14~16일
        number = int(value)
        if a.kind == "number" and b.kind == "date" and sum(f is not None for f in b.value) == 1:
            a = replace(a, kind="date", value=tuple(number if f else None for f in b.value))
        return a, b
    factor = _scale(b)
    if _scale(a) == 1 and value < factor:
        a = replace(a, value=value * factor)
    if a.kind == "number" and b.kind not in ("name", "number"):
        a = replace(a, kind=b.kind, unit=b.unit)
    elif b.kind == "number" and a.kind == "money":
        b = replace(b, kind=a.kind, unit=a.unit)
    return a, b


def _scale(q: Quantity) -> Fraction:
    runs = NUMBER.findall(q.text)
    if len(runs) != 1 or not isinstance(q.value, Fraction) or not _digits_value(runs[0]):
        return Fraction(1)
    return q.value / _digits_value(runs[0])


Reader = Callable[[str, int], Quantity | None]
READERS: dict[str, Callable[[str, int, str], Quantity | None]] = {
    "digit": _read_digits,
    "hangul": _read_hangul,
    "latin": _read_latin,
}
STARTERS: tuple[tuple[list[str], tuple[Reader, ...]], ...] = (
    ([*ORDINALS], (_english_ordinal,)),
    ([*CARDINALS, "a", "an", "half"], (_english_fraction, _english_cardinal)),
    (TENS, (_english_ordinal, _english_cardinal)),
    ([*FIXED], (_english_word,)),
    ([*LABELS, "no", "p", "art"], (_label,)),
)
WORD_READERS = {word: readers for words, readers in STARTERS for word in words}

# --- comparing ----------------------------------------------------------------------------------

AMOUNTS = {"number", "money", "count", "measure", "duration", "name"}


def same(a: Quantity, b: Quantity) -> bool:
    """Whether one states the other, in whichever language: October 14 and 2024년 10월 14일 do."""
    return _states(a, b) or _states(b, a)


def missing(source: str, target: str, *, weak: bool = False) -> list[Quantity]:
    """The quantities of `source` that `target` states nowhere; the weak ones only if asked for."""
    stated = find(target)
    return [
        q for q in find(source) if (weak or not q.weak) and not any(_states(t, q) for t in stated)
    ]


def _states(a: Quantity, b: Quantity) -> bool:
    """Whether `a` says all that `b` says; of two dates `a` may say more."""
    if not isinstance(a.value, Fraction) and not isinstance(b.value, Fraction):
        return _states_fields(a, b, a.value, b.value)
    if isinstance(a.value, Fraction) and isinstance(b.value, Fraction):
        return _comparable(a, b) and _amount(a) == _amount(b)
    return _states_plain(a, b) if isinstance(b.value, Fraction) else _states_plain(b, a)


def _states_fields(a: Quantity, b: Quantity, left: Fields, right: Fields) -> bool:
    if a.kind != b.kind or "decade" in (a.unit, b.unit) and a.unit != b.unit:
        return False
    if a.kind == "time":
        hours = [(f[0] or 0) % 12 for f in (left, right)]
        halves = {q.unit or ("pm" if (f[0] or 0) > 12 else "") for q, f in ((a, left), (b, right))}
        return hours[0] == hours[1] and left[1] == right[1] and len(halves - {""}) < 2
    return all(r is None or r == v for v, r in zip(left, right, strict=True))


def _states_plain(date: Quantity, other: Quantity) -> bool:
    """A date of one field may be no date: 2018 alone is a number, 14일 also fourteen days."""
    if date.kind != "date" or date.unit or isinstance(date.value, Fraction):
        return False
    year, month, day = date.value
    if year and not month:
        return date.text.isdigit() and other.kind in AMOUNTS | {"ordinal"} and other.value == year
    plain = other.kind in ("number", "ordinal") or other.unit == "day"
    return not year and not month and plain and other.value == day


def _comparable(a: Quantity, b: Quantity) -> bool:
    kinds = {a.kind, b.kind}
    if kinds <= AMOUNTS:
        units = [BASE.get(q.unit, (q.unit, 1))[0] for q in (a, b)]
        return units[0] == units[1] or "" in units
    if len(kinds) == 1:
        return a.unit == b.unit or (a.kind == "ordinal" and bool({"", "label"} & {a.unit, b.unit}))
    if kinds == {"multiple", "count"}:  # three times: 세 번, 세 배
        return "time" in (a.unit, b.unit)
    return "label" in (a.unit, b.unit) and all(
        q.kind == "ordinal" or (q.kind in ("number", "count") and not q.unit) for q in (a, b)
    )


def _amount(q: Quantity) -> Fraction:
    """The value in its base unit; as stated for one without a unit."""
    value = q.value if isinstance(q.value, Fraction) else Fraction(0)
    return value * BASE[q.unit][1] if q.unit in BASE else value
