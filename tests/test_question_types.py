"""What a question asks for, by its words."""

import pytest

from assistant.answer_types import wants_value
from assistant.question_types import asks_of, entity_of, unit_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("미국이 우크라이나에 지원한 금액은 얼마인가?", "number"),
        ("회원국은 몇 개국인가?", "number"),
        ("How much did it cost?", "number"),
        ("How many ships were planned?", "number"),
        ("What is the population of Seoul?", "number"),
        ("한국의 GDP는?", "number"),
        ("NATO 지출은 GDP의 몇 퍼센트인가?", "number"),
        ("협정은 언제 타결됐나?", "date"),
        ("취임은 몇 월인가?", "date"),
        ("When was the agreement concluded?", "date"),
        ("In which year did it begin?", "date"),
        ("SMA는 언제 타결?", "date"),
        ("며칠 만에 끝내겠다고 했나?", "duration"),
        ("취임 후 몇 시간 안에 끝내겠다고 했나?", "duration"),
        ("How long will it take?", "duration"),
        ("누가 통화에서 축하했나?", "who"),
        ("Who called Trump?", "who"),
        ("왜 실패했나?", "reason"),
        ("실패한 까닭은?", "reason"),
        ("Why did the 350-ship plan fail?", "reason"),
        ("두 가지 조건은 무엇인가?", "list"),
        ("What are the conditions?", "list"),
        ("QRF의 뜻은?", "definition"),
        ("What does QRF stand for?", "definition"),
        ("앞으로 어떻게 될까?", "forecast"),
        ("What will happen to NATO?", "forecast"),
        ("한국은 무엇을 해야 하나?", "recommendation"),
        ("What should South Korea do?", "recommendation"),
        ("표 1에서 미국의 기조는?", "table"),
        ("What does the table say about the economy?", "table"),
    ],
)
def test_what_a_question_asks_for_is_seen(question, kind):
    assert kind in asks_of(question)


@pytest.mark.parametrize("question", ["하마스 전쟁에 대한 입장", "NATO policy", "트럼프 doctrine"])
def test_a_plain_topic_asks_for_nothing_in_particular(question):
    assert asks_of(question) == frozenset()


@pytest.mark.parametrize("question", ["얼마 만에 끝내나?", "How long does it last?"])
def test_a_duration_is_not_taken_for_an_amount(question):
    assert "number" not in asks_of(question)
    assert wants_value(asks_of(question))


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("병력은 몇 명인가?", "person"),
        ("How many troops are stationed there?", "person"),
        ("함대는 몇 척인가?", "ship"),
        ("How many ships are planned?", "ship"),
        ("분담금은 몇 배로 늘어나나?", "multiple"),
        ("By what factor did it grow?", "multiple"),
        ("지원 금액은?", "money"),
        ("How much did the fleet cost?", "money"),
        ("지지율은 몇 %인가?", "%"),
        ("What share of GDP is it?", "%"),
        ("왜 그런가?", None),
        ("What is NATO?", None),
    ],
)
def test_the_unit_asked_for_is_named_as_numbers_name_it(question, unit):
    assert unit_of(question) == unit


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("누가 서명했나?", "person"),
        ("Who signed it?", "person"),
        ("어느 나라가 반대했나?", "country"),
        ("Which countries objected?", "country"),
        ("어떤 기업이 참여했나?", "organization"),
        ("Which shipyards took part?", "organization"),
        ("무슨 법률에 따른 것인가?", "law"),
        ("Under what law was it?", "law"),
        ("어떤 미사일인가?", "weapon"),
        ("Which missiles were tested?", "weapon"),
        ("어느 도시에 유치하나?", "place"),
        ("Which ports would be shared?", "place"),
        ("무엇이 문제인가?", None),
        ("What is the problem?", None),
    ],
)
def test_the_type_of_name_asked_for_is_seen(question, kind):
    assert entity_of(question) == kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("미국의 목표를 알려줘", "table"),
        ("은행에 대한 정책은 어떤가", "table"),
        ("역사 왜곡 문제를 어떻게 보나", "reason"),
        ("주한미군은 얼마나 중요한가", "number"),
    ],
)
def test_a_word_inside_another_word_asks_for_nothing(question, kind):
    assert kind not in asks_of(question)


def test_trillions_are_money_and_articles_are_law():
    assert unit_of("국가부채는 몇 조 달러인가") == "money"
    assert entity_of("국가부채는 몇 조 달러인가") is None
    assert entity_of("대만관계법 몇 조가 근거인가") == "law"


def test_a_budget_that_is_only_mentioned_is_not_asked_for():
    assert unit_of("Why did a budget shortage stop the fleet?") is None
    assert unit_of("What is the US defense budget?") == "money"


@pytest.mark.parametrize(
    "question",
    [
        "How much did demands for defense cost-sharing rise?",
        "How much did the cost rise?",
        "How much has the debt grown since 2018?",
        "By how much would payments fall?",
        "How much more does he want South Korea to pay?",
        "How steep an increase has he asked for?",
        "방위비 인상 압박은 얼마나 커졌나?",
        "비용은 얼마나 더 늘었나?",
        "댐이 물을 빼면 수위가 얼마나 내려가나?",
        "통보 기한은 얼마나 짧아지나?",
    ],
)
def test_by_how_much_something_changed_may_be_told_in_any_unit(question):
    assert {"change", "number"} <= asks_of(question)
    assert unit_of(question) == "change"


@pytest.mark.parametrize(
    "question",
    [
        "How much did the increase cost?",
        "How much did it cost to expand the fleet?",
        "How much did the US pay to increase its troops?",
        "How much does keeping one soldier in Korea cost a year?",
        "얼마를 내나?",
        "비용은 얼마나 드나?",
    ],
)
def test_a_sum_that_is_asked_for_is_no_change(question):
    assert "change" not in asks_of(question)
    assert unit_of(question) == "money"


def test_a_change_whose_unit_is_named_is_asked_for_in_that_unit():
    assert unit_of("요구는 얼마나 늘어 몇 배가 되었나?") == "multiple"
    assert unit_of("How much money was lost when prices fell?") == "money"


def test_how_long_and_how_often_are_no_change():
    assert asks_of("전쟁은 얼마나 오래 가나?") == {"duration"}
    assert "change" not in asks_of("기타 줄은 얼마나 자주 갈아야 하나?")
