"""The numbers of a claim that its passages lack, whatever form either states them in.

Beyond what `index.number_match` holds for the same: years and months (1년 8개월, 20 months), shares
(20 %, a fifth, one in five, 열에 둘), an hour in words, an age, and what a difference or a ratio of
two numbers of the passages gives. Not covered: any other arithmetic, exchange rates.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from assistant.claim_marks import marks
from assistant.claim_pair import Pair
from assistant.claim_words import Text
from assistant.patterns import any_of
from index.number_match import missing, same
from index.numbers import Quantity

Finding = tuple[str, float, str]  # signal, value, piece of the claim
Span = tuple[Fraction, int, int]

_HALF = re.compile(r" ?반(?![가-힣]*기)| and a half")
_SMALL = {w: i for i, w in enumerate("하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열".split(), start=1)}
_SMALL |= {"한": 1, "두": 2, "세": 3, "네": 4}
_WORDS = "|".join(sorted(_SMALL, key=len, reverse=True))
_OF_KO = re.compile(
    rf"({_WORDS})(?: ?[가-힣]{{1,3}})?(?:에| 중에?서?| 가운데)(?: [가-힣]+)?? ?"
    rf"({_WORDS})(?![가-힣]{{3}})"
)
_PART_EN = re.compile(r"\b(?:an?|one|further|another|last) (third|quarter|fifth|tenth)\b", re.I)
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_IN = re.compile(
    r" (?:out of(?: every| the)?|in(?: every)?|of (?:the|its|all)) |[가-힣 ]{0,4}(?:중|가운데) "
)
# Words about a number that is stated loosely: the true one lies above, below, or about it.
_OVER = re.compile(
    r"\b"
    + any_of(
        r"over|more than|above|upwards of|exceed\w*|just over|in excess of|at least|past|topp\w+"
    )
    + " (?:an? |the )?$"
)
_UNDER = re.compile(
    r"\b"
    + any_of(
        "nearly|almost|under|less than|fewer than|below|close to|just under|just short of|shy of",
        "approaching|up to",
    )
    + " (?:an? |the )?$|(?:거의|근) ?$"
)
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|some|approximately|circa|near|or so) (?:an? |the )?$|"
    "(?:약|대략|얼추) ?$"
)
_OVER_KO = re.compile(
    "[가-힣]{0,3}[을를이도]? ?(?:조금 |살짝 |약간 |크게 |훌쩍 )?"
    "(?:넘|웃[돌도돈돎]|상회|남짓|이상|여 |초과)"
)
_UNDER_KO = re.compile(
    "[가-힣]{0,3}[에을를이도]? ?(?:조금 |살짝 |약간 |채 )?"
    "(?:가까|육박|못 ?미|밑[돌도돈돎]|안 ?되|이하|미만|약간 모자|모자라)"
)
_ABOUT_KO = re.compile("[가-힣]{0,3} ?(?:안팎|가량|쯤|정도|내외|꼴|수준|전후)")
_YEAR_END = re.compile(r"(?:\d{4}년 )?12월$")
_END = re.compile(r"연말|\d{4}년 말|end of (?:the year|\d{4})|year-?end")
_PER_YEAR = re.compile(
    "(?:twice|four times|two times) (?:a|each|every|per) year|(?:연|한 해에?|해마다|매년) ?[24두네]"
)
_TERM = {2: re.compile("반기|half-year|six months|six-month"), 4: re.compile("분기|quarter")}
_DOUBLE = re.compile(r"두 ?배|2배|갑절|배로|\bdoubl\w+|\btwofold|\btwice")
# What a list has a number of.
_MEMBERS = re.compile(
    "[가-힣]+ ?"
    + any_of(
        "나라|국|기관|곳|사람|가지|개|단체|명|회사|기업|분야|도시|지역",
    )
    + r"|\w+ \w*"
    + any_of(
        "countries|nations|bodies|agencies|ministries|groups|firms|companies|parties|people",
        "areas|cities|sides|conditions|reasons|factors|things",
    )
    + r"\b"
)
_LISTED = re.compile(r"[,·、]|\band\b|(?<=[가-힣])[과와] ")
_SUM = re.compile(r"합[치쳐한계해]|더[하해한]|together|combined|between them|altogether|sum of")
_REST = re.compile(r"나머지|그 밖|이외|rest|remain|other|still|아직|여전|반대로|않")
_LOOSELY = Fraction(6, 100)
_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_HALF_WORD = re.compile(r"과반|절반|\bmajorit|\bhalf\b|\bhalv|(?<![가-힣])반(?![가-힣])")
_RANGE = re.compile(r"(\d{1,2})월? ?(?:~|∼|-|–|에서|부터) ?(\d{1,2})월")
_HALF_YEAR = re.compile(
    r"반기|반년|\b(?:first|second|last) half\b|(?:first|last|second) six months|half a year|"
    "half-year"
)
_EACH = re.compile(r"당|마다|에 |꼴")
_LOOSE = Fraction(21, 2000)  # 21 % may be called a fifth
_LOOSE_HALF = Fraction(4, 100)  # and 52 % just over half
# A value taken for the highest, of which there is one.
_TOP = marks(
    ko="최우선|가장|최초|처음|으뜸|첫", en="top|most|first|initial(?:ly)?|foremost|earliest"
)


def numbers(pair: Pair) -> Iterator[Finding]:
    """Numbers that are lacking, and whether the passages have another where they should be."""
    claim = pair.claim
    everything = "\n".join(text.text for text in pair.readings)
    held = [q for text in pair.readings for q in text.quantities]
    lacking = [
        q for q in missing(claim.text, everything) if not _excused(q, claim, pair.readings, held)
    ]
    spare = [h for h in held if not any(same(h, c) for c in claim.quantities)]
    near = [q for q in lacking if any(h.kind == q.kind for h in spare)]
    unit = [q for q in lacking if any(_same_digits(q, h) for h in held)]
    weak = [
        q
        for q in missing(claim.text, everything, weak=True)
        if q.weak
        and q.unit
        and any(h.kind == q.kind and h.unit != q.unit for h in spare)
        and not _excused(q, claim, pair.readings, held)
    ]
    checks = {"number": lacking, "near_number": near, "unit": unit, "weak_unit": weak}
    for name, some in checks.items():
        if some:
            yield name, min(len(some), 2) ** 0.5, some[0].text


def _excused(q: Quantity, claim: Text, readings: Sequence[Text], held: Sequence[Quantity]) -> bool:
    before = claim.text[max(0, q.char_start - 8) : q.char_start]
    if q.text.lower() == "second" and before.endswith(("per ", "a ")):
        return True  # metres per second
    if q.value == 1 and (q.kind != "ordinal") and _EACH.match(claim.text, q.char_end):
        return True
    if q.value == 1 and any(_TOP[text.lang].search(text.text) for text in readings):
        return True
    if any(_alike(q, h) for h in held) or _loosely(q, claim, held) or _idiom(q, claim, readings):
        return True
    if any(
        v == w
        for v, a, b in _stretches(claim)
        if a <= q.char_start < b
        for text in readings
        for w, _, _ in _stretches(text)
    ):
        return True
    ours = [v for v, a, b in _shares(claim) if a <= q.char_start < b]
    theirs = [v for text in readings for v, _, _ in _shares(text)]
    if any(v.numerator == 1 and abs(v - w) < v / 30 for v in ours for w in _quotients(held)):
        return True
    if any(_near_share(v, w, q, claim) for v in ours for w in theirs):
        return True
    if any(
        abs(v - w) <= (_LOOSE_HALF if v == Fraction(1, 2) else _LOOSE) for v in ours for w in theirs
    ):
        return not (q.kind == "percent" and any(h.kind == "percent" for h in held)) or any(
            v == w for v in ours for w in theirs
        )
    level = before.endswith((" to ", " at ")) or re.match(
        r"(?:으로|로)(?! ?[많적높낮길짧])", claim.text[q.char_end :]
    )
    return (not level and _derived(q, held)) or _reckoned(q, claim, held)


def _loosely(q: Quantity, claim: Text, held: Sequence[Quantity]) -> bool:
    """A number stated as over, under or about, near to one of its kind on that side."""
    if not isinstance(q.value, Fraction) or q.value <= 0 or q.kind in ("date", "ordinal"):
        return False
    before, after = claim.text[max(0, q.char_start - 24) : q.char_start], claim.text[q.char_end :]
    low = high = Fraction(1)
    if _OVER.search(before.lower()) or _OVER_KO.match(after):
        high += _LOOSELY
    if _UNDER.search(before.lower()) or _UNDER_KO.match(after):
        low -= _LOOSELY
    if _ABOUT.search(before.lower()) or _ABOUT_KO.match(after):
        low, high = low - _LOOSELY / 2, high + _LOOSELY / 2
    if low == high:
        return False
    return any(
        isinstance(h.value, Fraction)
        and h.kind == q.kind
        and (h.unit == q.unit or not h.unit or not q.unit)
        and q.value * low <= h.value <= q.value * high
        and _digits(q.value) < _digits(h.value)
        for h in held
    )


def _digits(value: Fraction) -> int:
    """How many digits of a number say something."""
    return len(f"{float(value):.12g}".replace(".", "").strip("0"))


def _idiom(q: Quantity, claim: Text, readings: Sequence[Text]) -> bool:
    """A month by its name, half for a majority, six months for half a year, 제3의."""
    texts = [text.text for text in readings]
    if q.text.startswith("제3") and claim.text[q.char_end :].startswith("의"):
        return True
    if q.kind == "date" and (month := re.fullmatch(r"(\d{1,2})월", q.text)):
        name = _MONTHS[(int(month[1]) - 1) % 12].capitalize()
        return any(re.search(rf"\b{name}\b", text) for text in texts)
    if _YEAR_END.match(q.text) and any(_END.search(text) for text in texts):
        return True
    if q.value in (2, 4) and q.kind != "percent" and _PER_YEAR.match(claim.text, q.char_start):
        return any(_TERM[2 if q.value == 2 else 4].search(text) for text in texts)
    if q.kind == "percent" and q.value == 100 and any(_DOUBLE.search(text) for text in texts):
        return True
    members = q.value if isinstance(q.value, Fraction) else 0
    if members in range(2, 8) and q.kind == "number" and _MEMBERS.match(claim.text, q.char_start):
        return any(len(_LISTED.findall(text)) + 1 >= members for text in texts)
    if q.value == Fraction(1, 2) and any(_HALF_WORD.search(text) for text in texts):
        return True
    if q.kind == "duration" and q.unit == "month" and isinstance(q.value, Fraction):
        spans = [int(b) - int(a) + 1 for text in texts for a, b in _RANGE.findall(text)]
        half = q.value == 6 and any(_HALF_YEAR.search(text) for text in texts)
        return half or q.value in spans
    return False


def _alike(q: Quantity, h: Quantity) -> bool:
    """The same value stated less closely, as an age, or an hour in words."""
    if q.kind == "time" and isinstance(q.value, tuple):
        return h.kind == "number" and h.value == (q.value[0] or 0) % 12
    if h.kind == "time" and isinstance(h.value, tuple):
        return q.kind == "number" and q.value == (h.value[0] or 0) % 12
    if q.value != h.value or {q.kind, h.kind} == {"number", "multiple"}:
        return False
    return (
        (q.kind == "number" and not q.unit)
        or (h.kind == "number" and not h.unit)
        or q.kind == h.kind == "ordinal"
        or {q.unit, h.unit} == {"age", "year"}
        or (h.text + q.text).count("주년") == 1
    )


def _stretches(text: Text) -> Iterator[Span]:
    """Lengths of time in months, a year and the months after it as one."""
    found = [q for q in text.quantities if q.kind == "duration" and q.unit in ("year", "month")]
    for q in text.quantities:  # in parts of a month that no number of months makes
        if q.kind == "duration" and isinstance(q.value, Fraction) and q.unit in ("hour", "minute"):
            minutes, end = q.value * (60 if q.unit == "hour" else 1), q.char_end
            if q.unit == "hour" and (half := _HALF.match(text.text, end)):
                minutes, end = minutes + 30, half.end()
            yield minutes / 100_000_007, q.char_start, end
    for i, q in enumerate(found):
        if not isinstance(q.value, Fraction):
            continue
        months, end = q.value * (12 if q.unit == "year" else 1), q.char_end
        if q.unit == "year" and (half := _HALF.match(text.text, end)):
            months, end = months + 6, half.end()
        elif q.unit == "year" and i + 1 < len(found) and found[i + 1].unit == "month":
            after = found[i + 1]
            if text.text[end : after.char_start] in ("", " ", " and ", ", "):
                months, end = months + Fraction(str(after.value)), after.char_end
        yield months, q.char_start, end


def _shares(text: Text) -> Iterator[Span]:
    """Parts of a whole: 20 %, a fifth, one in five, 열에 둘."""
    for q in text.quantities:
        if isinstance(q.value, Fraction):
            if q.kind == "percent" and q.unit == "%":
                yield q.value / 100, q.char_start, q.char_end
            elif q.kind == "number" and q.value < 1:
                yield q.value, q.char_start, q.char_end
    yield from _ratios(text)
    for match in _PART_EN.finditer(text.text):
        yield Fraction(1, _PARTS[match[1].lower()]), match.start(), match.end()


def _quotients(held: Sequence[Quantity]) -> Iterator[Fraction]:
    """What part of another a number of the passages is, such as 140 of 420."""
    values = [(h.kind, h.unit, h.value) for h in held if isinstance(h.value, Fraction)]
    for (kind, unit, a), (other, last, b) in combinations(values, 2):
        low, high = sorted((a, b))
        if kind == other and unit == last and kind not in ("date", "ordinal") and 0 < low < high:
            yield low / high


def _near_share(v: Fraction, w: Fraction, q: Quantity, claim: Text) -> bool:
    """Whether a share stated as over or under is near the true one, on that side."""
    before = claim.text[max(0, q.char_start - 24) : q.char_start].lower()
    after = claim.text[q.char_end : q.char_end + 16]
    over = bool(_OVER.search(before) or re.search(r"넘|웃돌|남짓|이상", after))
    under = bool(_UNDER.search(before) or re.search(r"가까|못 ?미|육박|안 되|채 ", after))
    return (over and v <= w <= v + Fraction(3, 100)) or (under and v - Fraction(3, 100) <= w <= v)


def _ratios(text: Text) -> Iterator[Span]:
    for a, b in combinations(text.quantities, 2):
        near = b.char_start - a.char_end < 16 and _IN.search(
            text.text[max(0, a.char_end - 1) : b.char_start + 1]
        )
        if near and isinstance(a.value, Fraction) and isinstance(b.value, Fraction):
            low, high = sorted((a.value, b.value))
            if 0 < low < high <= 100:
                yield low / high, a.char_start, b.char_end
    for match in _OF_KO.finditer(text.text):
        part, whole = sorted((_SMALL[match[1]], _SMALL[match[2]]))
        if part < whole:
            yield Fraction(part, whole), match.start(), match.end()


def _derived(q: Quantity, held: Iterable[Quantity]) -> bool:
    """The difference of two stated numbers of its kind, or for 두 배 about their ratio."""
    if not isinstance(q.value, Fraction) or q.kind in ("date", "ordinal"):
        return False
    values = [
        (h.kind, h.value)
        for h in held
        if isinstance(h.value, Fraction)
        and h.kind not in ("date", "name")
        and (h.kind != "ordinal" or h.value >= 100)
    ]
    for (kind, a), (other, b) in combinations(values, 2):
        low, high = sorted((a, b))
        if kind != other or not low or low == high:
            continue
        if q.kind == "multiple" and q.value * Fraction(19, 20) <= high / low < q.value * Fraction(
            7, 5
        ):
            return True
        alike = q.kind == kind or "number" in (q.kind, kind)
        least = 0 if q.kind in ("duration", "percent") or q.unit else 4
        if q.kind != "multiple" and alike and high - low == q.value and q.value > least:
            return True
    return False


def _reckoned(q: Quantity, claim: Text, held: Sequence[Quantity]) -> bool:
    """The sum of two stated numbers of its kind, or what is left of a hundred per cent, said so."""
    values = [h.value for h in held if h.kind == q.kind and isinstance(h.value, Fraction)]
    if not isinstance(q.value, Fraction) or q.kind in ("date", "ordinal"):
        return False
    if _SUM.search(claim.text) and any(a + b == q.value for a, b in combinations(values, 2)):
        return True
    return q.kind == "percent" and bool(_REST.search(claim.text)) and 100 - q.value in values


def _same_digits(a: Quantity, b: Quantity) -> bool:
    """Equal values whose units differ, or values a power of ten apart."""
    if isinstance(a.value, tuple) or isinstance(b.value, tuple):
        values = [q.value if isinstance(q.value, tuple) else (q.value,) for q in (a, b)]
        return a.kind != b.kind and bool({*values[0]} & {*values[1]} - {None})
    if not a.value or not b.value:
        return False
    ratio = a.value / b.value
    return (
        ratio == 1
        or (ratio.numerator == 1 or ratio.denominator == 1)
        and {*str(ratio.numerator), *str(ratio.denominator)} <= {"0", "1"}
    )
