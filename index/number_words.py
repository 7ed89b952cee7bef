"""The words and patterns of numbers in Korean and English, and the values that they spell.

What index.numbers reads with: numerals, fixed words, and the patterns that say where each may
stand; units are in index.number_units. A pattern is matched against text folded by `FOLD`.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

Kind = Literal[
    "number", "money", "percent", "multiple", "ordinal", "date", "time", "duration", "count",
    "measure", "name",
]  # fmt: skip

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


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of `words`, the longest first."""
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
    r"(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?![A-Za-z])|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
WORD_YEAR = rf"(?:,?\s(?:of\s)?(?P<y>{YEAR})(?![0-9]|[,.][0-9]))?"
DIGIT_DATES = [
    re.compile(pattern)
    for pattern in (
        rf"(?P<y>{YEAR})(?:[-/.]\s?|년\s?)(?P<m>{MONTH})(?:[-/.]\s?|월\s?)(?P<d>{DAY})"
        r"(?![0-9]|\s?[십백천만억조명개곳척대건])일?",
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
    rf"(?P<n>an?|{any_of(ONES)})[\s-](?P<d>{any_of(PARTS)})(?P<s>s?)\b(?P<of>\sof\b)?", re.I
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
NATIVE = re.compile(rf"(?P<tens>{any_of(NATIVE_TENS)})?(?P<ones>{any_of(NATIVE_ONES)})?")
PREFIXED = re.compile(
    r"제\s?(?:(?P<n>[0-9]+)|(?P<word>[이삼사오육칠팔구십]+)(?=차))"
    r"(?P<unit>차|회|대|세대|분기|(?P<label>[조항장절호급기]|단계)(?![가-힣]{2}))?"
)
SMALL_EN = rf"(?:(?:{any_of(TENS)})(?:[\s-](?:{any_of(ONES)})\b)?|{any_of(TEENS)}|{any_of(ONES)})\b"
HUNDREDS = rf"(?:(?:{SMALL_EN}|an?)[\s-]hundred\b(?:\s(?:and\s)?{SMALL_EN})?|{SMALL_EN})"
BIG_EN = r"(?:hundred|thousand|million|billion|trillion|quadrillion|dozen)\b"
WORD_NUMERAL = re.compile(
    rf"(?:{HUNDREDS}|half(?:[\s-]an?\b)?|an?\b)(?:[\s-]{BIG_EN}(?:\s(?:and\s)?{HUNDREDS})?)*"
    r"(?P<half>[\s-]and[\s-]a[\s-]half\b)?",
    re.I,
)
# ASCII: a Hangul particle may follow at once ($183 billion은), and is no part of the word.
DIGIT_SCALE = re.compile(rf"(?:[\s-]?(?:{BIG_EN}|(?:mn|bn|tn)\b))+", re.I | re.A)
MONEY_SCALE = re.compile(r"\s?[kmbt]\b", re.I | re.A)
ORDINAL = re.compile(rf"(?:(?P<tens>{any_of(TENS)})[\s-])?(?P<ones>{any_of(ORDINALS)})\b", re.I)
SUFFIXED = re.compile(r"(?P<n>[0-9]+)(?:st|nd|rd|th)\b", re.I)
# After these a `first` counts something; elsewhere (at first, America First) it may be an adverb.
NUMBERED = re.compile(
    r"[\s-](?:terms?|round|phase|stage|quarter|session|generation|tranche)\b", re.I
)
HALF_OF = re.compile(r"[\s-](?:of|the|its|their)\b", re.I)
WORLD_WAR = re.compile(r"(?:World\sWar\s|WW\s?)(?P<n>I{1,3}|One|Two|Three|[123])\b", re.I)
LABELLED = re.compile(
    rf"(?:(?:{any_of(LABELS)})\s|(?:no|p|art)\.\s?)(?P<n>[0-9]+(?:\.[0-9]+)?|(?:{any_of(ONES)})\b)",
    re.I,
)
NAME = re.compile(r"(?:[A-Za-z&]+|[A-Za-z]*[A-Z][A-Za-z]*-)(?P<n>[0-9]+)[A-Za-z]*")
NAME_AFTER = re.compile(r"[A-Z]{1,2}(?![A-Za-z])")  # 5G, 3D

PARTICLES = (
    "은|는|이|가|을|를|의|에|와|과|도|로|으로|만|보다|부터|까지|씩|당|짜리|가량|정도|안팎|내외|규모|어치|"
    "대|선|여|급|나|라|인|였|입|뿐|마다|밖|처럼|조차|쯤|째|꼴|들|간|중|전|후|동안|상당|미만|초과"
)
RANGE = re.compile(r"\s?[~-]\s?|\sto\s|에서\s?|·")
NUMBER = re.compile(DIGITS)
FIXED_KO = re.compile(
    rf"(?:{any_of({word for word in FIXED if word[0] > '가'})})(?:(?![가-힣])|(?={PARTICLES}))"
)
FIRST_KO = re.compile(r"첫(?:\s?(?P<nth>번째|째)|(?=\s))")
HALF_KO = re.compile(r"반(?=\s?(?:시간|세기|년))")
CENTURY = re.compile(r"[\s-]century\b", re.I)
HALF_YEAR = re.compile(r"\shalf\b", re.I)
AN_HOUR = re.compile(r"\s(?:minute|hour|day|week|month|year|decade|century)\b", re.I)
ENGLISH_WORD = re.compile("[a-z]+", re.I)
NATIVE_END = re.compile(rf"(?![가-힣])|(?={PARTICLES})")
NATIVE_NOUN = re.compile(r"\s[가-힣]")
PLUS = re.compile(r"[0-9]\+[0-9](?:\+[0-9])*")  # 2+2 talks

# --- values ------------------------------------------------------------------------------------


def myriads(t: str, at: int, token: re.Pattern[str]) -> tuple[Fraction, int]:
    """Read 4경 8천조 or 이십만: the value and where it ends, which is `at` if nothing is read."""
    total = section = Fraction(0)
    pending: Fraction | None = None  # digits not yet multiplied
    small_left, big_left = 10**4, 10**20  # scales must fall: 천 before 백, 억 before 만
    end = at
    while match := token.match(t, end) or _next_group(t, end, at, token):
        if match["n"]:
            if pending is not None:
                break
            pending = digits_value(match["n"])
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


def digits_value(digits: str) -> Fraction:
    """The value of a run of digits, or of one Sino-Korean numeral."""
    return Fraction(SINO.get(digits) or digits.replace(",", ""))


def _next_group(t: str, end: int, at: int, token: re.Pattern[str]) -> re.Match[str] | None:
    """The token after a space: only a scale lets a numeral go on (3만 5천, 1억 2,000만)."""
    if end == at or t[end - 1] not in "십백천만억조경":
        return None
    gap = NEXT_GROUP.match(t, end)
    return token.match(t, gap.end()) if gap else None


def english_value(words: str) -> Fraction:
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
