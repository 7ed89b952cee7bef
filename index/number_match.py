"""Whether a text states the quantities of another, in whichever language each is written.

Contract: a unit, or a field of a date, is compared only where both sides state one, so a bare
`183 billion` equals `1,830억 달러` and `$183 billion`. A weak quantity can be the counterpart of
another, but nobody misses it. Not covered: exchange rates, days against months, how exactly an
amount is meant (약, about).
"""

from fractions import Fraction

from index.numbers import Fields, Quantity, find

# Unit -> the unit it is compared in, and how many of those it is. Days do not convert to months.
BASE: dict[str, tuple[str, int | Fraction]] = {
    "second": ("minute", Fraction(1, 60)), "hour": ("minute", 60), "day": ("minute", 1440),
    "week": ("minute", 10080), "year": ("month", 12), "decade": ("month", 120),
    "century": ("month", 1200), "mm": ("m", Fraction(1, 1000)), "cm": ("m", Fraction(1, 100)),
    "km": ("m", 1000), "g": ("kg", Fraction(1, 1000)), "t": ("kg", 1000), "kt": ("kg", 10**6),
    "Mt": ("kg", 10**9), "kW": ("W", 10**3), "MW": ("W", 10**6), "GW": ("W", 10**9),
}  # fmt: skip
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
