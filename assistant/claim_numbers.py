"""The numbers of a claim that its passages lack, whatever form either states them in.

Beyond what `index.numbers` holds for the same: years and months (1년 8개월, 20 months), shares
(20 %, a fifth, one in five, 열에 둘), an hour in words, an age, and what a difference or a ratio of
two numbers of the passages gives. Also units of time and length that only the claim has. Not
covered: any other arithmetic, exchange rates.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from assistant import claim_marks as cm
from assistant.claim_pair import Pair
from assistant.claim_words import Text
from index.numbers import Quantity, missing, same

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
_IN = re.compile(r" (?:out of(?: every)?|in(?: every)?) |[가-힣 ]{0,4}(?:중|가운데) ")
_EACH = re.compile(r"당|마다|에 |꼴")
_LOOSE = Fraction(21, 2000)  # 21 % may be called a fifth
_LOOSE_HALF = Fraction(4, 100)  # and 52 % just over half


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
        if q.weak and q.unit and any(h.kind == q.kind and h.unit != q.unit for h in spare)
    ]
    checks = {"number": lacking, "near_number": near, "unit": unit, "weak_unit": weak}
    for name, some in checks.items():
        if some:
            yield name, min(len(some), 2) ** 0.5, some[0].text
    stated = {name for name, mark in cm.PERIODS.items() if mark.search(everything)}
    for name, mark in cm.PERIODS.items():
        if name not in stated and (found := mark.search(claim.text)):
            yield "period", 1.0 if stated else 0.5, found[0]


def _excused(q: Quantity, claim: Text, readings: Sequence[Text], held: Sequence[Quantity]) -> bool:
    before = claim.text[max(0, q.char_start - 8) : q.char_start]
    if q.text.lower() == "second" and before.endswith(("per ", "a ")):
        return True  # metres per second
    if q.value == 1 and (q.kind != "ordinal") and _EACH.match(claim.text, q.char_end):
        return True
    if q.value == 1 and any(cm.TOP[text.lang].search(text.text) for text in readings):
        return True
    if any(_alike(q, h) for h in held):
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
    if any(
        abs(v - w) <= (_LOOSE_HALF if v == Fraction(1, 2) else _LOOSE) for v in ours for w in theirs
    ):
        return not (q.kind == "percent" and any(h.kind == "percent" for h in held)) or any(
            v == w for v in ours for w in theirs
        )
    return _derived(q, held)


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
    )


def _stretches(text: Text) -> Iterator[Span]:
    """Lengths of time in months, a year and the months after it as one."""
    found = [q for q in text.quantities if q.kind == "duration" and q.unit in ("year", "month")]
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
        if q.kind == "multiple" and q.value <= high / low < q.value * Fraction(7, 5):
            return True
        alike = q.kind == kind or "number" in (q.kind, kind)
        if q.kind != "multiple" and alike and high - low == q.value and q.value > 4:
            return True
    return False


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
