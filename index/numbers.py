"""Find the quantities of a Korean or English text, in one form both languages share.

`1,830억 달러` and `$183 billion` become the same money, `2기` and `second term` the same ordinal.
The text may mix the languages: Hangul, Latin letters and digits each say how to be read.

Contract: `find` returns spans of the text as given, in order, never overlapping. A *weak* quantity
may be mere grammar (`one of`, 양국, 첫) or part of a name (F-35). `index.number_match` compares.

Not covered: vague amounts (수십, dozens; they are not found), bounds, hedges and signs (이상, 약,
영하), Roman numerals outside world wars, two-digit years (2018~20년), and Sino numerals in Hangul
with no counter or of one syllable (오천만 국민, 삼 년). Text is expected in NFC, as index.load has
it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from index import number_units as units
from index import number_words as lex
from index.number_units import Numeral, is_year, unit_after
from index.number_words import Kind as Kind

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
    weak: bool = False


def find(text: str) -> list[Quantity]:
    """The quantities of `text` in order of appearance, none overlapping another."""
    folded = text.translate(lex.FOLD)
    found: list[Quantity] = []
    at = 0
    while opening := lex.OPENING.search(folded, at):
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
    exact = Fraction(value) if isinstance(value, int) else value
    return Quantity(kind, exact, unit, t[start:end], start, end, weak)


def _read_digits(t: str, at: int, opening: str) -> Quantity | None:
    """What starts at a digit, or at a currency sign before one."""
    if opening in units.SYMBOLS:
        glued = at > 0 and t[at - 1].isascii() and t[at - 1].isalpha()  # A$, HK$
        digits = at + 1 + (t[at + 1 : at + 2] == " ")
        if glued or not lex.NUMBER.match(t, digits):
            return None
        return _quantity(t, _digit_numeral(t, at, digits, units.SYMBOLS[opening]))
    for reader in (_digit_name, _digit_date, _digit_time, _digit_ordinal, _digit_fraction):
        if quantity := reader(t, at):
            return quantity
    return _quantity(t, _digit_numeral(t, at, at))


def _digit_name(t: str, at: int) -> Quantity | None:
    if match := lex.PLUS.match(t, at):
        return _make(t, match.span(), "name", int(match[0][0]), weak=True)
    number = lex.NUMBER.match(t, at)
    if number and at > 1 and t[at - 1] == "-" and "가" <= t[at - 2] <= "힣":  # 화성-17
        return _make(t, number.span(), "name", Fraction(number[0].replace(",", "")), weak=True)
    return None


def _digit_date(t: str, at: int) -> Quantity | None:
    for pattern in lex.DIGIT_DATES:
        if match := pattern.match(t, at):
            return _make(t, match.span(), "date", _fields(match))
    if match := lex.DECADE.match(t, at - (at > 0 and t[at - 1] == "'")):
        year = int(match["y"])
        return _make(t, match.span(), "date", (year + 1900 * (year < 100), None, None), "decade")
    if match := lex.NAMED_DAY.match(t, at):
        if "/" in match[0] and int(match["m"]) < int(match["d"]) <= 10:
            return None  # 2/3 is a fraction
        return _make(t, match.span(), "date", _fields(match), weak=True)
    return None


def _fields(match: re.Match[str]) -> Fields:
    group = match.groupdict()
    month = group.get("m")
    if name := group.get("name"):
        month = str(1 + lex.MONTHS.index(name[:3].lower()))
    return tuple(int(n) if n else None for n in (group.get("y"), month, group.get("d")))


def _digit_time(t: str, at: int) -> Quantity | None:
    if not (match := lex.TIME.match(t, at)):
        return None
    half = (match["half"] or match["half2"] or "").lower()
    before = t[max(0, at - 4) : at]
    half = "a" if "오전" in before else "p" if "오후" in before else half
    value = (int(match["h"] or match["h2"]), int(match["m1"] or match["m2"] or 0))
    return _make(t, match.span(), "time", value, f"{half}m" if half else "")


def _digit_ordinal(t: str, at: int) -> Quantity | None:
    if match := lex.CLAUSE.match(t, at):
        return _make(t, match.span(), "ordinal", int(match["n"]), "label")
    return (
        _ordinal(t, match.span(), int(match["n"])) if (match := lex.SUFFIXED.match(t, at)) else None
    )


def _ordinal(t: str, span: tuple[int, int], value: int) -> Quantity:
    end = span[1]
    if century := lex.CENTURY.match(t, end):
        return _make(t, (span[0], century.end()), "ordinal", value, "century")
    return _make(t, span, "ordinal", value, "", value == 1 and not lex.NUMBERED.match(t, end))


def _digit_fraction(t: str, at: int) -> Quantity | None:
    if not (match := lex.FRACTION.match(t, at)):
        return None
    above, below = int(match["n"] or match["n2"]), int(match["d"] or match["d2"])
    if not below or (match["n2"] and above >= below):
        return None
    return _make(t, match.span(), "number", Fraction(above, below))


def _digit_numeral(t: str, start: int, at: int, currency: str = "") -> Numeral:
    """The numeral whose digits start at `at`, with the scale words of either language."""
    value, end = lex.myriads(t, at, lex.KO_DIGIT_TOKEN)
    scale = lex.DIGIT_SCALE.match(t, end)
    if currency and not scale:
        scale = lex.MONEY_SCALE.match(t, end)
    if scale:
        for word in re.findall("[a-z]+", scale[0].lower()):
            value *= lex.SCALES[word]
        end = scale.end()
    return Numeral(value, start, end, "digits", currency)


def _read_hangul(t: str, at: int, opening: str) -> Quantity | None:
    for reader in (_prefixed, _korean_word, _native, _sino):
        if quantity := reader(t, at):
            return quantity
    return None


def _prefixed(t: str, at: int) -> Quantity | None:
    if t[at] != "제" or not (match := lex.PREFIXED.match(t, at)):
        return None
    word = match["word"]
    value = lex.myriads(word, 0, lex.KO_WORD_TOKEN)[0] if word else Fraction(match["n"])
    return _make(t, match.span(), "ordinal", value, "label" if match["label"] else "")


def _korean_word(t: str, at: int) -> Quantity | None:
    if match := lex.FIXED_KO.match(t, at):
        kind, value, unit, weak = lex.FIXED[match[0]]
        return _make(t, match.span(), kind, value, unit, weak)
    if match := lex.FIRST_KO.match(t, at):
        return _make(t, match.span(), "ordinal", 1, weak=not match["nth"])
    if match := lex.HALF_KO.match(t, at):
        return _quantity(t, Numeral(Fraction(1, 2), at, match.end(), "word"))
    return None


def _native(t: str, at: int) -> Quantity | None:
    match = lex.NATIVE.match(t, at)
    if not match or not match[0]:
        return None
    value = lex.NATIVE_TENS.get(match["tens"], 0) + lex.NATIVE_ONES.get(match["ones"], 0)
    numeral = Numeral(Fraction(value), at, match.end(), "native")
    if quantity := _quantity(t, numeral):
        return quantity
    free = match["ones"] in lex.NATIVE_FREE and lex.NATIVE_END.match(t, match.end())
    if free or (match["ones"] in ("두", "세", "네") and lex.NATIVE_NOUN.match(t, match.end())):
        # 세 and 네 are words of their own too: tax, yes
        return _make(t, match.span(), "number", value, weak=value < 3 or not free)
    return None


def _sino(t: str, at: int) -> Quantity | None:
    if t[max(0, at - 2) : at] in ("수 ", "몇 "):
        return None
    value, end = lex.myriads(t, at, lex.KO_WORD_TOKEN)
    return _quantity(t, Numeral(value, at, end, "sino")) if end > at else None


def _read_latin(t: str, at: int, opening: str) -> Quantity | None:
    word = opening.lower()
    after = t[at + len(word) : at + len(word) + 2]
    if (match := units.CODE.match(t, at)) and lex.NUMBER.match(t, match.end()):
        sign = match[0].strip()
        currency = units.SYMBOLS.get(sign) or units.UNIT_OF[sign.lower()][1]
        return _quantity(t, _digit_numeral(t, at, match.end(), currency))
    if word in ("world", "ww", "wwi", "wwii", "wwiii") and (match := lex.WORLD_WAR.match(t, at)):
        return _make(t, match.span(), "ordinal", lex.ROMAN[match["n"].lower()])
    if re.fullmatch("-?[0-9]|[0-9].", after):
        return _name(t, at) or _label(t, at)
    if word[:3] in lex.MONTHS and opening[0].isupper():
        return _month(t, at)
    for reader in WORD_READERS.get(word, ()):
        if quantity := reader(t, at):
            return quantity
    return _fold(t, at, opening) if word.endswith("fold") else None


def _name(t: str, at: int) -> Quantity | None:
    if not (match := lex.NAME.match(t, at)):
        return None
    letters, digits = match[0][: match.start("n") - at].rstrip("-").lower(), match["n"]
    if re.fullmatch(lex.YEAR, digits):  # mid-2018, FY2024
        return _make(t, match.span("n"), "date", (int(digits), None, None))
    if letters == "q":
        return _make(t, match.span(), "ordinal", int(digits))
    return _make(t, match.span(), "name", int(digits), letters, weak=True)


def _label(t: str, at: int) -> Quantity | None:
    if not (match := lex.LABELLED.match(t, at)):
        return None
    digits = str(lex.CARDINALS.get(match["n"].lower(), match["n"]))
    return _make(t, match.span(), "ordinal", Fraction(digits), "label")


def _month(t: str, at: int) -> Quantity | None:
    for pattern in lex.WORD_DATES:
        if match := pattern.match(t, at):
            fields = _fields(match)
            alone = fields[0] is None and fields[2] is None
            if (
                alone
                and match["name"] in ("May", "March")
                and not lex.IN_MONTH.search(t[max(0, at - 8) : at])
            ):
                return None  # the verb at the start of a sentence
            return _make(t, match.span(), "date", fields)
    return None


def _fold(t: str, at: int, word: str) -> Quantity | None:
    value = lex.CARDINALS.get(word[:-4].lower())
    return _make(t, (at, at + len(word)), "multiple", value) if value else None


def _english_word(t: str, at: int) -> Quantity | None:
    match = lex.ENGLISH_WORD.match(t, at)
    if not match or match[0].lower() not in lex.FIXED:
        return None
    kind, value, unit, weak = lex.FIXED[match[0].lower()]
    return _make(t, match.span(), kind, value, unit, weak)


def _english_ordinal(t: str, at: int) -> Quantity | None:
    if not (match := lex.ORDINAL.match(t, at)):
        return None
    tens, ones = (match["tens"] or "").lower(), match["ones"].lower()
    if ones in ("first", "second") and (half := lex.HALF_YEAR.match(t, match.end())):
        return _make(t, (at, half.end()), "ordinal", lex.ORDINALS[ones], weak=True)
    return _ordinal(t, match.span(), lex.CARDINALS.get(tens, 0) + lex.ORDINALS[ones])


def _english_fraction(t: str, at: int) -> Quantity | None:
    if not (match := lex.WORD_FRACTION.match(t, at)):
        return None
    above = lex.CARDINALS.get(match["n"].lower(), 1)
    if match["n"].lower() in ("a", "an") and not match["of"]:
        return None  # a third world war
    if above > 1 and not match["s"] and "-" not in match[0]:
        return None
    part = match["d"].lower()
    below = 4 if part == "quarter" else lex.ORDINALS[part]
    return _make(t, (at, match.end("s")), "number", Fraction(above, below))


def _english_cardinal(t: str, at: int) -> Quantity | None:
    if not (match := lex.WORD_NUMERAL.match(t, at)):
        return None
    half = match.start("half") if match["half"] else match.end()
    value = lex.english_value(t[at:half].lower()) + Fraction(half < match.end(), 2)
    if not value and not lex.AN_HOUR.match(t, match.end()):
        return None  # a, an are numerals only before a scale or a stretch of time
    return _quantity(t, Numeral(value or Fraction(1), at, match.end(), "word"))


def _quantity(t: str, n: Numeral) -> Quantity | None:
    """The numeral `n` with the unit after it; None where a Korean word needs a unit to be one."""
    span = (n.char_start, n.char_end)
    if n.currency:
        return _make(t, span, "money", n.value, n.currency)
    if not (unit := unit_after(t, n)):
        return _unitless(t, n)
    match, (kind, name) = unit
    value = n.value + (Fraction(1, 2) if match["half"] else 0)
    spoken = n.form in ("native", "word") and kind != "ordinal"
    weak = spoken and (value == 1 or (value == 2 and kind == "count"))
    return _make(t, (span[0], match.end()), kind, value, name, weak)


def _unitless(t: str, n: Numeral) -> Quantity | None:
    span = (n.char_start, n.char_end)
    if n.form in ("native", "sino"):
        return None
    if is_year(t, n):
        return _make(t, span, "date", (int(n.value), None, None))
    if n.form == "digits" and (name := lex.NAME_AFTER.match(t, n.char_end)):
        return _make(t, (span[0], name.end()), "name", n.value, name[0].lower(), weak=True)
    if far := units.FAR_UNIT.match(t, n.char_end):
        word = far["en"].lower()
        unit = (units.UNIT_OF.get(word) or units.UNIT_OF[word[:-1]])[1]
        return _make(t, span, "count", n.value, unit, n.form == "word" and n.value in (1, 2))
    half = n.value == Fraction(1, 2) and not lex.HALF_OF.match(t, n.char_end)
    return _make(t, span, "number", n.value, "", n.form == "word" and (n.value in (1, 2) or half))


def _is_range(t: str, end: int, start: int, first: int) -> bool:
    gap = t[end:start]
    return bool(lex.RANGE.fullmatch(gap)) or (
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
    runs = lex.NUMBER.findall(q.text)
    if len(runs) != 1 or not isinstance(q.value, Fraction) or not lex.digits_value(runs[0]):
        return Fraction(1)
    return q.value / lex.digits_value(runs[0])


Reader = Callable[[str, int], Quantity | None]
READERS: dict[str, Callable[[str, int, str], Quantity | None]] = {
    "digit": _read_digits,
    "hangul": _read_hangul,
    "latin": _read_latin,
}
STARTERS: tuple[tuple[list[str], tuple[Reader, ...]], ...] = (
    ([*lex.ORDINALS], (_english_ordinal,)),
    ([*lex.CARDINALS, "a", "an", "half"], (_english_fraction, _english_cardinal)),
    (lex.TENS, (_english_ordinal, _english_cardinal)),
    ([*lex.FIXED], (_english_word,)),
    ([*lex.LABELS, "no", "p", "art"], (_label,)),
)
WORD_READERS = {word: readers for words, readers in STARTERS for word in words}
