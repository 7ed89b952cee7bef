"""Whether a passage has what is asked for, and the question did not bring it along."""

import pytest
from passages import passage

from assistant.answer_types import holds_unit, holds_value, shows
from assistant.question_types import asks_of


@pytest.mark.parametrize(
    ("question", "quote", "holds"),
    [
        ("350척 함대의 비용은 얼마인가?", "350척 함대를 구축하겠다고 밝혔다.", False),
        ("350척 함대의 비용은 얼마인가?", "350척 함대에 200억 달러가 든다.", True),
        ("How much will the 350-ship fleet cost?", "He promised a 350-ship fleet.", False),
        ("How much will the 350-ship fleet cost?", "The fleet costs $20 billion.", True),
        ("1,830억 달러는 얼마나 많은가?", "It provided $183 billion.", False),
        ("$183 billion 지원은 몇 %인가?", "1,830억 달러를 지원했다.", False),
        ("지원액은 얼마인가?", "약 1,830억 달러를 지원했다.", True),
        ("지원액은 얼마인가?", "지원을 중단했다.", False),
        ("2018년에 시작한 것은 언제 끝났나?", "2018년에 시작했다.", False),
        ("2018년에 시작한 것은 언제 끝났나?", "2018년에 시작해 2020년에 끝났다.", True),
        ("언제 타결됐나?", "10월 14일 타결했다.", True),
        ("언제 해결하나?", "취임 직후 해결해야 한다.", True),
    ],
)
def test_a_value_that_the_question_brought_along_is_no_answer(question, quote, holds):
    assert holds_value(passage(quote), asks_of(question), question) is holds


def test_a_value_of_another_kind_is_no_answer():
    held = passage("SMA를 10월 14일 타결했다.")
    assert not holds_value(held, frozenset({"number"}), "얼마인가?")
    assert holds_value(held, frozenset({"date"}), "언제인가?")


def test_the_translation_may_hold_the_value():
    held = passage("함대는 크다.", translation="The fleet has 350 ships.")
    assert holds_value(held, frozenset({"number"}), "몇 척인가?")
    assert holds_unit(held, "ship", "몇 척인가?")


@pytest.mark.parametrize(
    ("unit", "quote", "holds"),
    [
        ("ship", "350척 함대를 구축한다.", True),
        ("ship", "병력 350명을 보낸다.", False),
        ("person", "병력 350명을 보낸다.", True),
        ("money", "$183 billion was provided.", True),
        ("multiple", "5배 증액이 거론되었다.", True),
        ("multiple", "a fivefold increase", True),
        ("%", "GDP의 2%를 쓴다.", True),
        ("%", "2개국이다.", False),
        ("change", "요구는 5배에서 10배까지 거론되었다.", True),
        ("change", "It fell by 3 percent.", True),
        ("change", "The debt is $35 trillion, and $56 trillion in 2034.", True),
        ("change", "통보 기한을 5주 줄인다.", True),
        ("change", "350척 함대를 구축한다.", False),
        ("change", "SMA를 10월 14일 타결했다.", False),
    ],
)
def test_a_passage_is_checked_for_the_unit(unit, quote, holds):
    assert holds_unit(passage(quote), unit, "얼마인가?") is holds


@pytest.mark.parametrize(
    ("kind", "quote", "shown"),
    [
        ("reason", "예산이 부족하기 때문이다.", True),
        ("reason", "because of budget shortages", True),
        ("reason", "예산은 3조 원이다.", False),
        ("forecast", "늘어날 것이다.", True),
        ("forecast", "it will grow", True),
        ("recommendation", "태도를 바꿔야 한다.", True),
        ("recommendation", "태도를 취해야 한다.", True),
        ("recommendation", "Korea must act", True),
    ],
)
def test_a_passage_is_checked_for_the_kind_of_statement(kind, quote, shown):
    assert shows(passage(quote), frozenset({kind})) is shown
    assert not shows(passage(quote), frozenset())
