"""The units and counters of numbers in Korean and English, and which of them fit a numeral.

A Korean numeral in Hangul is a number only with a counter of its kind (두 명, 이십만 명), and what
looks like an English unit may be another word (the two won, 5G). Text is folded by
`number_words.FOLD`. Not covered: how units compare (`index.number_match`).
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from index import number_words as lex
from index.number_words import Kind

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
UNIT_OF = {word: key for key, words in UNITS.items() for word in words.split(", ")}
SYMBOLS = {"$": "usd", "US$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₩": "krw"}

# Counters written together with a native numeral; 세대, 세척, 열대 are other words.
NATIVE_GLUED = set("번 번째 째 배 달 명 개 가지 차례 시간 사람 나라 개월".split())
NATIVE_NEVER = set("일 분 초 년 인 국 자 세 회 주일 개국".split())  # these take Sino numerals

KO_UNITS = [word for word in UNIT_OF if re.match(r"[%\s]*[가-힣]", word)]
EN_UNITS = [word for word in UNIT_OF if re.match(r"[a-z]", word)]
SIGNS = [word for word in UNIT_OF if word not in KO_UNITS and word not in EN_UNITS]
UNIT = re.compile(
    r"(?P<more>여(?=\s?[가-힣%]))?[\s-]?"
    r"(?:(?:US|U\.S\.|American|(?:South )?Korean|Japanese|Chinese|British|미국?|중국|일본)\s?)?"
    rf"(?:(?P<ko>{lex.any_of(KO_UNITS)})(?:(?![가-힣])|(?={lex.PARTICLES}))"
    rf"|(?P<en>(?:{lex.any_of(EN_UNITS)})s?)(?![A-Za-z²])|(?P<sign>{lex.any_of(SIGNS)}))"
    r"(?P<half>\s반(?![가-힣])|\sand\sa\shalf\b)?",
    re.I,
)
COUNTED = [word for word in EN_UNITS if UNIT_OF[word][1] in ("ship", "person", "country")]
FAR_UNIT = re.compile(  # the noun counted, up to two words on: 28,500 US troops
    r"(?:[\s-](?!(?:of|and|or|to|in|for|the|at|on|from|by|per|with|as|was|were|is|are)\b)[A-Za-z.]+)"
    rf"{{1,2}}?[\s-](?P<en>(?:{lex.any_of(COUNTED)})s?)(?![A-Za-z])",
    re.I,
)
CODE = re.compile(r"(?:US\$|USD|KRW|EUR|JPY|CNY|RMB|GBP)\s?(?=[0-9])")
YEAR_BEFORE = re.compile(r"\b(?:in|since|by|of|until|from|year|to|early|late|mid)[\s-]$", re.I)
OFFICE = re.compile(r"\s?(?:대통령|총리|국왕|황제|왕|회장|총장|의장|장관|국회)")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A cardinal as written, before its unit is known; `form` is the script it is written in."""

    value: Fraction
    char_start: int
    char_end: int
    form: Literal["digits", "sino", "native", "word"]
    currency: str = ""


def unit_after(t: str, n: Numeral) -> tuple[re.Match[str], tuple[Kind, str]] | None:
    """The unit that follows the numeral `n` of the folded text `t`: its match, kind and name."""
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


def _fits_native(t: str, n: Numeral, word: str, kind: Kind, glued: bool) -> bool:
    """Whether the counter `word` goes with a native Korean numeral, as in 두 번."""
    if kind == "ordinal":
        return word in ("번째", "째")
    if word in NATIVE_NEVER or kind in ("money", "percent") or (n.value == 1 and word == "배"):
        return False
    return not glued or word in NATIVE_GLUED


def _fits_sino(t: str, n: Numeral, word: str, kind: Kind, glued: bool) -> bool:
    """Whether the counter `word` goes with a Sino-Korean numeral in Hangul, as in 이십만 명."""
    numeral = t[n.char_start : n.char_end]
    if numeral in lex.SINO:  # 이, 일, 사, 구 are also words, and begin many
        return glued and word in ("퍼센트", "개월", "주년")
    if len(numeral) == 1 and glued:  # 만기, 백인, 천문 are other words
        return word in ("년", "배", "달러", "개국", "퍼센트", "개월")
    return kind != "ordinal" or word in ("주년", "세기")


def _fits_english(t: str, n: Numeral, word: str, kind: Kind) -> bool:
    """Whether the English unit `word` counts the numeral before it."""
    if is_year(t, n) and (kind == "count" or word == "won"):
        return not YEAR_BEFORE.search(t[max(0, n.char_start - 8) : n.char_start])  # in 2016 won
    if word == "won":
        return n.form == "digits" or n.value >= 100  # the two won
    return len(word) > 1 or (word.islower() and n.form == "digits")  # 5G is not five grams


def is_year(t: str, n: Numeral) -> bool:
    """Whether the numeral, standing alone, reads as a year."""
    return n.form == "digits" and bool(re.fullmatch(lex.YEAR, t[n.char_start : n.char_end]))
