"""Numbers are the same in Korean and English, and the brief's translation keeps every one."""

import datetime
import json
from fractions import Fraction

import pytest
from conftest import CORPUS
from hypothesis import given, settings
from hypothesis import strategies as st

from index.number_match import missing, same
from index.numbers import Quantity, find

BRIEF = CORPUS / "brief.en.jsonl"


def only(text: str) -> Quantity:
    """The one quantity of `text`."""
    found = find(text)
    assert len(found) == 1, found
    return found[0]


EQUAL = [
    # money: myriads against thousands
    ("약 1,830억 달러", "about $183 billion"),
    ("1830억달러", "USD 183bn"),
    ("1,830억 달러", "183,000,000,000 dollars"),
    ("1,830억 달러를", "$183 billion은"),
    ("１，８３０억 달러", "US$183 billion"),
    ("179억 달러", "$17.9bn"),
    ("4경 8천조 원", "48,000 trillion won"),
    ("4경 8,000조 원", "48 quadrillion won"),
    ("7경 7천조 원", "seventy-seven thousand trillion won"),
    ("35조 달러", "35 trillion US dollars"),
    ("1억 2,000만 원", "120 million Korean won"),
    ("3만5천 유로", "€35,000"),
    ("오만 원", "₩50,000"),
    ("삼십오조 달러", "$35tn"),
    ("100달러", "US$ 100"),
    ("15억 위안", "1.5 billion yuan"),
    ("2조5천억 엔", "¥2.5 trillion"),
    ("50만 파운드", "half a million pounds"),
    ("500만 달러", "$5m"),
    # percent and points
    ("10.5%", "10.5 percent"),
    ("３０％", "thirty per cent"),
    ("30퍼센트가", "30 %"),
    ("2%포인트 상승", "up 2 percentage points"),
    ("0.5%p", "0.5 percentage point"),
    # multiples
    ("5배 증액", "a fivefold increase"),
    ("10배까지", "tenfold"),
    ("두 배로", "doubled"),
    ("세 배", "three times as large"),
    ("열 배", "10 times"),
    ("다섯 곱절", "fivefold"),
    ("1.5배", "1.5-fold"),
    ("두 번", "twice"),
    ("세 차례", "three times"),
    # ordinals
    ("제2의 지각변동", "a second tectonic shift"),
    ("두 번째", "2nd"),
    ("두번째", "second"),
    ("1기", "the first term"),
    ("트럼프 2기", "Trump's second term"),
    ("제12차", "the 12th"),
    ("제3차 세계 대전", "a third world war"),
    ("제2차 세계대전", "World War II"),
    ("1차 회담", "the first round of talks"),
    ("제2신속대응사단", "the 2nd Quick Response Division"),
    ("21세기", "the 21st century"),
    ("헌법 9조", "Article 9"),
    ("제5조", "Article Five"),
    ("2단계", "Phase 2"),
    ("2호", "No. 2"),
    ("스물한 번째", "the twenty-first"),
    ("47대 대통령", "the 47th president"),
    ("1등", "the 1st"),
    ("3분기", "the third quarter"),
    ("75주년", "the 75th anniversary"),
    ("38도선", "the 38th parallel"),
    # dates and times
    ("2018년부터", "since 2018"),
    ("10월 14일", "October 14"),
    ("10월14일", "14 October"),
    ("2024년 11월 5일", "November 5, 2024"),
    ("2024.11.05", "Nov. 5, 2024"),
    ("2024-11-05", "the 5th of November 2024"),
    ("2024. 11. 5.", "11/5/2024"),
    ("2024년 11월", "November 2024"),
    ("5월", "in May"),
    ("1990년대", "the 1990s"),
    ("14일에", "on the 14th"),
    ("9·11", "9/11"),
    ("오후 3시 30분", "3:30 p.m."),
    ("15시", "3 pm"),
    # durations
    ("24시간 내에", "within 24 hours"),
    ("24시간", "a day"),
    ("반 시간 가량", "about half an hour"),
    ("반 시간", "30 minutes"),
    ("3년간", "three years"),
    ("5개년 계획", "a five-year plan"),
    ("두 달", "two months"),
    ("석 달", "three months"),
    ("한 시간 반", "an hour and a half"),
    ("2년 반", "two and a half years"),
    ("30년", "three decades"),
    ("10년", "the past decade"),
    ("반세기", "half a century"),
    ("사흘", "three days"),
    ("보름", "15 days"),
    ("이십 년", "twenty years"),
    # counts and measures
    ("350척", "a 350-ship fleet"),
    ("350척", "350 vessels"),
    ("5명", "five people"),
    ("2만 8,500명", "28,500 US troops"),
    ("100개국", "100 countries"),
    ("300여 척", "some 300 ships"),
    ("이십만 명", "200,000 soldiers"),
    ("만 명", "ten thousand people"),
    ("열두 개", "a dozen"),
    ("스무 살", "20 years old"),
    ("서른다섯 가지", "thirty-five"),
    ("6자 회담", "six-party talks"),
    ("5km", "5 kilometers"),
    ("3만 톤급", "30,000 tons"),
    ("10기가와트", "10 GW"),
    ("1톤", "1,000 kg"),
    ("미사일 10기", "10 missiles"),
    # plain numbers and parts
    ("3분의 1", "one third"),
    ("3분의 2", "two-thirds"),
    ("4분의 1", "a quarter of"),
    ("절반", "half of"),
    ("1,234.5", "1,234.5"),
    ("F-35", "F-35"),
    ("화성-17형", "Hwasong-17"),
]


@pytest.mark.parametrize(("korean", "english"), EQUAL, ids=[k for k, _ in EQUAL])
def test_the_same_quantity_in_both_languages(korean: str, english: str) -> None:
    """One quantity on each side, and they are the same."""
    ko, en = only(korean), only(english)
    assert same(ko, en), (ko, en)
    assert same(en, ko)
    assert same(ko, ko)
    assert same(en, en)


DIFFERENT = [
    ("1,830억 달러", "$183 million"),
    ("1,830억 달러", "183 billion won"),
    ("5배", "5%"),
    ("5%", "5 percentage points"),
    ("5배", "5"),
    ("1기", "the second term"),
    ("350척", "350 countries"),
    ("10월 14일", "October 15"),
    ("2018년", "2019"),
    ("1990년대", "1990"),
    ("24시간", "24 days"),
    ("오전 3시", "3 p.m."),
    ("두 번째", "two"),
    ("21세기", "21 years"),
    ("F-35", "F-16"),
    ("3년", "3 days"),
]


@pytest.mark.parametrize(("korean", "english"), DIFFERENT)
def test_different_quantities_are_not_the_same(korean: str, english: str) -> None:
    """A scale, unit, currency, kind or field that differs is a difference."""
    assert not same(only(korean), only(english))


def test_a_unit_or_a_field_counts_only_where_both_state_one() -> None:
    """A bare number is the amount without its currency; a day is the date without its year."""
    assert same(only("183 billion"), only("1,830억 달러"))
    assert same(only("350"), only("350척"))
    assert same(only("October 14"), only("2024년 10월 14일"))
    assert same(only("2270"), only("2270호"))


def test_a_wrong_number_is_missing_in_both_directions() -> None:
    """The translation says 1.83 for 18.3, and drops the year."""
    source, target = "2018년에 183억 달러를 썼다.", "It spent $1.83 billion."
    assert [q.text for q in missing(source, target)] == ["2018년", "183억 달러"]
    assert [q.text for q in missing(target, source)] == ["$1.83 billion"]


def test_a_date_that_adds_a_year_is_missing_one_way() -> None:
    """`same` is content with the shared day; `missing` asks for all that the source states."""
    day, date = "10월 14일", "October 14, 2024"
    assert same(only(day), only(date))
    assert missing(day, date) == []
    assert len(missing(date, day)) == 1


@pytest.mark.parametrize("text", ["양국", "one of them", "F-35"])
def test_nobody_misses_a_weak_quantity_unless_asked_to(text: str) -> None:
    """Both 미국과 일본 and 양국 may stand for the two countries."""
    assert missing(text, "") == []
    assert missing(text, "", weak=True) == find(text)


def myriads(number: int) -> str:
    """`number` as Korean newspapers write it: 1억 2,000만 35."""
    parts = []
    for power, name in ((16, "경"), (12, "조"), (8, "억"), (4, "만"), (0, "")):
        group = number // 10**power % 10**4
        if group:
            parts.append(f"{group:,}{name}")
    return "".join(parts)


SINO = " 일이삼사오육칠팔구"


def sino(number: int) -> str:
    """`number` in Sino-Korean words: 이십만 삼천."""
    words = ""
    for power, name in ((16, "경"), (12, "조"), (8, "억"), (4, "만"), (0, "")):
        group = number // 10**power % 10**4
        small = ""
        for unit, small_name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
            if digit := group // unit % 10:
                small += (SINO[digit] if digit > 1 or unit == 1 else "") + small_name
        words += small + name if group else ""
    return words


ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
TENS = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()


def english(number: int) -> str:
    """`number` in English words, with hyphens and `and`."""
    for power, name in ((12, "trillion"), (9, "billion"), (6, "million"), (3, "thousand")):
        scale = 10**power
        if number >= scale:
            rest = f" {english(number % scale)}" if number % scale else ""
            return f"{english(number // scale)} {name}{rest}"
    if number >= 100:
        rest = f" and {english(number % 100)}" if number % 100 else ""
        return f"{ONES[number // 100]} hundred{rest}"
    if number >= 20:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    return ONES[number]


@settings(deadline=None)
@given(st.integers(1, 10**20 - 1), st.booleans())
def test_any_number_in_myriads_equals_its_digits(number: int, commas: bool) -> None:
    """Korean myriads and English digits are one amount of money."""
    dollars = f"${number:,}" if commas else f"{number} dollars"
    assert same(only(f"{myriads(number)} 달러"), only(dollars))
    assert only(f"{myriads(number)}달러").value == number


@settings(deadline=None)
@given(st.integers(11, 10**15 - 1))
def test_any_number_in_words_equals_its_digits(number: int) -> None:
    """Sino-Korean words and English words are read like digits."""
    assert same(only(f"{sino(number)} 달러"), only(f"{english(number)} dollars"))
    assert only(f"{english(number)} dollars").value == number


@settings(deadline=None)
@given(st.integers(1, 9999))
def test_decimals_of_a_scale_are_exact(tenths: int) -> None:
    """No float stands between 179억 and 17.9 billion."""
    assert same(only(f"{tenths}억 원"), only(f"{tenths // 10}.{tenths % 10} billion won"))
    assert only(f"{tenths // 10}.{tenths % 10}조 달러").value == Fraction(tenths, 10) * 10**12


@settings(deadline=None)
@given(st.dates(datetime.date(1500, 1, 1), datetime.date(2199, 12, 31)))
def test_any_date_is_the_same_in_both_languages(date: datetime.date) -> None:
    """Written out, and in digits."""
    year, month, day = date.year, date.month, date.day
    english = f"{MONTHS[month - 1]} {day}, {year}"
    korean = only(f"{year}년 {month}월 {day}일")
    assert korean.value == (year, month, day)
    assert same(korean, only(english))
    assert same(korean, only(f"{year}-{month:02}-{day:02}"))


MONTHS = (
    "January February March April May June July August September October November December"
).split()


ROWS = [json.loads(line) for line in BRIEF.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_translation_of_the_brief_keeps_every_number(row: dict[str, str]) -> None:
    """Nothing is lost from the Korean, and nothing is added by the English."""
    assert missing(row["source"], row["target"]) == []
    assert missing(row["target"], row["source"]) == []
