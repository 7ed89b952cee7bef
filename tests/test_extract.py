"""The answer takes as few of the ranked passages as the question needs, in reading order."""

from types import SimpleNamespace

import pytest
from passages import passage

from assistant.extract import BUDGET, LONGEST_ANSWER, choose
from assistant.rank import Margins

MARGINS = Margins(single=5.0, several=7.0, value=2.5)


def chosen(scores, quotes, asks=(), question="무엇인가?"):
    """The positions chosen; `scores` is {position: score}, best first."""
    passages = [passage(quote, i) for i, quote in enumerate(quotes)]
    ranking = SimpleNamespace(places=tuple(scores), scores=tuple(scores.values()), margins=MARGINS)
    query = SimpleNamespace(asks=frozenset(asks), question=question)
    return [p.position for p in choose(ranking, passages, query)]


def test_the_order_is_that_of_the_document_not_of_the_ranking():
    assert chosen({2: 9.0, 0: 8.0, 1: 7.0}, ["가.", "나.", "다."]) == [0, 1, 2]


def test_a_passage_far_below_the_best_is_left_out():
    assert chosen({1: 9.0, 0: 3.9}, ["가.", "나."]) == [1]
    assert chosen({1: 9.0, 0: 4.1}, ["가.", "나."]) == [0, 1]


@pytest.mark.parametrize(
    ("asks", "question", "quotes"),
    [
        ({"number"}, "얼마를 지원했나?", ["예산이 중요하다.", "약 1,830억 달러를 지원했다."]),
        ({"number"}, "How much was provided?", ["It matters.", "It provided $183 billion."]),
        ({"date"}, "SMA는 언제 타결됐나?", ["분담금은 중요하다.", "SMA를 10월 14일 타결했다."]),
    ],
    ids=["ko", "en", "mixed"],
)
def test_one_value_that_answers_needs_one_sentence(asks, question, quotes):
    assert chosen({1: 9.0, 0: 6.0}, quotes, asks, question) == [1]


def test_a_best_passage_without_the_value_does_not_end_the_search_for_it():
    quotes = ["약 1,830억 달러를 지원했다.", "예산이 중요하다."]
    assert chosen({1: 9.0, 0: 6.0}, quotes, {"number"}, "얼마를 지원했나?") == [0, 1]


def test_a_sentence_that_stands_in_two_documents_is_given_once():
    quotes = ["1,530억 원을 쓴다.", "예산이 는다.", "1,530 억 원을 쓴다."]
    assert chosen({2: 9.0, 0: 8.9, 1: 8.0}, quotes) == [1, 2]


@pytest.mark.parametrize("asks", [{"list"}, {"table"}, {"list", "number"}])
def test_a_question_for_several_things_takes_more(asks):
    quotes = ["5배로 올렸다.", "10배로 올렸다.", "셋이다.", "넷이다.", "다섯이다."]
    scores = {0: 9.0, 1: 6.0, 2: 5.0, 3: 4.0, 4: 3.5}
    assert chosen(scores, quotes, asks) == [0, 1, 2, 3]
    assert len(chosen(scores, quotes, asks)) == LONGEST_ANSWER


def test_quotes_together_stay_within_the_budget():
    long, short = "가" * (BUDGET - 10), "나" * 10
    assert chosen({0: 9.0, 1: 8.5, 2: 8.0}, [long, "다" * 11, short]) == [0, 2]


def test_white_space_does_not_count_towards_the_budget():
    spaced = " ".join("가" * (BUDGET // 2))
    other = spaced.replace("가", "나")
    assert chosen({0: 9.0, 1: 8.0}, [spaced, other]) == [0, 1]


def test_a_best_passage_longer_than_the_budget_is_still_given_alone():
    assert chosen({0: 9.0, 1: 8.0}, ["가" * (BUDGET + 1), "나."]) == [0]
