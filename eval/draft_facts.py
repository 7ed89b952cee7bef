"""Propose nuggets: which figure of a sentence is wanted, and how either language writes it.

A wording in the other language is proposed only where `index.numbers` reads the same quantity in
it, or where the document has an edition in that language that says so.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from eval.draft_sentences import Fact, Seen
from eval.draft_words import MEASURED
from index.number_match import same
from index.numbers import Quantity, find
from index.types import Lang, Passage

_CHANGE: Mapping[Lang, re.Pattern[str]] = {
    "ko": re.compile(r"에서 .*(?:으?로|까지) "),
    "en": re.compile(r"\bfrom .* to\b"),
}
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_CURRENCIES = {"krw": "원", "usd": "달러", "eur": "유로"}
_COINS = {"krw": "won", "usd": "dollars", "eur": "euros"}
_SPANS = {"minute": "분", "hour": "시간", "day": "일", "week": "주", "month": "개월", "year": "년"}


def sort_of(quantity: Quantity) -> str:
    """What a quantity measures, as draft_words.MEASURED has it."""
    if quantity.unit in ("person", "ship"):
        return quantity.unit
    return quantity.kind if quantity.kind in MEASURED else "count"


def figures_of(seen: Seen) -> list[Quantity]:
    """The quantities that a question may want: in digits, and more than a bare two or three."""
    return [
        q
        for q in seen.quantities
        if q.kind not in ("ordinal", "date", "time", "name")
        and isinstance(q.value, Fraction)
        and re.search(r"\d", q.text)
        and not re.fullmatch(r"\d0대", q.text)  # 20대 is an age group
        and (not q.text.isdigit() or q.value >= 10)
        and (q.kind != "count" or q.value > 1)  # 1인당
    ]


def focus_of(figures: Sequence[Quantity], passage: Passage) -> Quantity:
    """The first figure, or the last of a change from one to another."""
    figures = [q for q in figures if q.unit != "age"] or figures  # 65세 이상 is who, not how much
    changes = len(figures) > 1 and _CHANGE[passage.lang].search(passage.quote)
    return figures[-1] if changes else figures[0]


def date_parts(q: Quantity) -> tuple[int | None, ...]:
    """Year, month and day of a date, None for each that it does not give."""
    return (None, None, None) if isinstance(q.value, Fraction) else q.value


def is_dated(q: Quantity) -> bool:
    """Whether a date says enough to be asked for: a year, or a day of a month."""
    year, month, day = date_parts(q)
    return q.unit != "decade" and (year is not None or (month is not None and day is not None))


def stated(q: Quantity, passage: Passage) -> Fact:
    """A quantity as the passage states it, and as the other language does where that is certain.

    A bare 540 takes the word after it along: the digits alone stand in too many answers.
    """
    text, edition = q.text, passage.quote_translation
    if text.isdigit() and q.kind != "date":
        rest = passage.quote[q.char_end :]
        after = re.match(r"[가-힣]{1,2}(?=에서|으로|로|이|을|를|의|[ .])| [a-z-]{3,}s\b", rest)
        text += after[0] if after else ""
    if edition:
        said = [other.text for other in find(edition) if not other.weak and same(q, other)]
        return Fact(text, tuple(said[:1]))
    written = _in_english(q) if passage.lang == "ko" else _in_korean(q)
    return Fact(text, tuple(w for w in written if any(same(q, other) for other in find(w))))


def listed(text: str, passage: Passage) -> Fact:
    """A thing of a list; NATO is NATO in either language."""
    alike = re.fullmatch(r"[A-Z][A-Za-z0-9-]+", text) and text in (passage.quote_translation or "")
    return Fact(text, (text,) if alike else ())


def _in_english(q: Quantity) -> list[str]:
    if isinstance(q.value, Fraction):
        return _figure_in_english(q, q.value)
    year, month, day = date_parts(q)
    if q.kind != "date" or not (month or year):
        return []
    name = _MONTHS[month - 1] if month else ""
    if not day:
        return [f"{name} {year or ''}".strip()]
    return [f"{day} {name} {year or ''}".strip(), f"{name} {day}" + (f", {year}" if year else "")]


def _figure_in_english(q: Quantity, value: Fraction) -> list[str]:
    if q.kind == "percent" and q.unit == "%":
        return [f"{_decimal(value)}{sign}" for sign in ("%", " per cent", " percent")]
    if q.kind == "money" and q.unit in _CURRENCIES:
        scales = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
        said = (f"{_decimal(value / scale)} {word}" for scale, word in scales if value >= scale)
        return [next(said, f"{_decimal(value)} {_COINS[q.unit]}")]
    if q.kind == "duration" and q.unit in _SPANS and value > 1:
        return [f"{_decimal(value)} {q.unit}s"]
    whole = q.kind == "count" and value.denominator == 1 and value >= 10
    return [f"{int(value):,}"] if whole else []


def _in_korean(q: Quantity) -> list[str]:
    if isinstance(q.value, Fraction):
        return _figure_in_korean(q, q.value)
    parts = zip(date_parts(q), "년월일", strict=True)
    said = " ".join(f"{number}{unit}" for number, unit in parts if number)
    return [said] if q.kind == "date" and said else []


def _figure_in_korean(q: Quantity, value: Fraction) -> list[str]:
    if q.kind == "percent" and q.unit == "%":
        return [f"{_decimal(value)}%", f"{_decimal(value)}퍼센트"]
    if q.kind == "duration" and q.unit in _SPANS:
        return [f"{_decimal(value)}{_SPANS[q.unit]}"]
    unit = _CURRENCIES.get(q.unit) if q.kind == "money" else ""
    if unit is None or q.kind not in ("money", "count"):
        return []
    for scale, word in ((10**12, "조"), (10**8, "억"), (10**4, "만")):
        if value >= scale:
            return [f"{int(value / scale):,}{word} {unit}".strip()] if not value % scale else []
    return [f"{int(value):,}{unit}"] if value.denominator == 1 and value >= 10 else []


def _decimal(value: Fraction) -> str:
    return f"{float(value):,.4f}".rstrip("0").rstrip(".")
