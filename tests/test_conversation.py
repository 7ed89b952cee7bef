"""Conversations as JSON: back as they were, and checked where they come from outside."""

import json

import pytest
from talk_samples import QUESTION, refusal, turn

from assistant.conversation import Conversation, Rating, Turn, matches, read_rating, title_of
from assistant.errors import InputError

TIME = "2026-11-23T10:00:00Z"


def conversation(*turns):
    return Conversation("c" * 32, title_of(turns[0].question), TIME, TIME, turns)


def sent(value):
    return json.loads(json.dumps(value.to_json()))


@pytest.mark.parametrize(
    "one",
    [
        turn(),
        refusal(),
        turn(documents=("harbour",), why={"passages": [{"n": 1}]}, follow_ups=()),
        turn(rating=Rating("down", ("incomplete",), "비용이 없습니다")),
        turn(asked_at="2026-11-23T19:00:00.123+09:00"),
    ],
)
def test_a_turn_comes_back_as_it_was_sent(one):
    assert Turn.from_json(sent(one)) == one
    assert sent(Turn.from_json(sent(one))) == sent(one)


def test_a_conversation_comes_back_as_it_was_sent():
    whole = conversation(turn(1), refusal(2))
    assert Conversation.from_json(sent(whole)) == whole


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("id",), "<script>", "turn.id"),
        (("id",), "0" * 16, "turn.answer.id"),
        (("asked_at",), "yesterday", "turn.asked_at"),
        (("question",), "", "turn.question"),
        (("question",), "x" * 5000, "turn.question"),
        (("follow_ups",), ["a"] * 4, "turn.follow_ups"),
        (("documents",), "harbour", "turn.documents"),
        (("rating",), {"thumb": "sideways"}, "turn.rating.thumb"),
        (("rating",), {"thumb": "up", "note": "x" * 2001}, "turn.rating.note"),
        (("answer", "status"), "great", "turn.answer.status"),
        (("answer", "citations", 0, "page"), "first", "turn.answer.citations.0.page"),
        (("answer", "sentences", 0, "citations"), [9], "turn.answer.sentences.0.citations"),
        (("answer", "sentences", 0, "support"), float("nan"), "turn"),
        (("answer", "answer"), "x" * 1_100_000, "turn"),
        (("why",), "x", "turn.why"),
        (("more",), 1, "turn.more"),
    ],
)
def test_what_is_wrong_with_a_turn_from_outside_is_told_with_its_field(path, value, told):
    plain = sent(turn())
    at = plain
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises(InputError) as raised:
        Turn.from_json(plain)
    assert str(raised.value).startswith(f"{told}:")
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("plain", [None, [], "x", {}, {"turns": {}}, {"turns": [1], "id": "c"}])
def test_what_is_no_conversation_at_all_is_refused(plain):
    with pytest.raises(InputError, match=r"^conversation"):
        Conversation.from_json(plain)
    with pytest.raises(InputError, match=r"^turn"):
        Turn.from_json(plain)


def test_a_bad_turn_of_a_conversation_is_told_by_its_number():
    plain = sent(conversation(turn(1), turn(2)))
    plain["turns"][1]["question"] = 7
    with pytest.raises(InputError, match=r"^conversation\.turns\.1\.question"):
        Conversation.from_json(plain)


def test_a_rating_from_outside_is_checked():
    assert read_rating("down", ["incomplete", "incomplete"], " 짧다 ") == Rating(
        "down", ("incomplete",), "짧다"
    )
    with pytest.raises(InputError, match=r"^rating\.reasons\.0"):
        read_rating("down", ["bad"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("부산항", True),
        ("부 산 항", True),
        ("언제까지확장", True),
        ("나무 부산항", True),
        ("\u1107\u116e\u1109\u1161\u11ab항", True),  # the same in NFD
        ("부산항 태양광", False),
    ],
)
def test_search_reads_questions_and_answers_whatever_the_case_and_the_spaces(query, found):
    assert matches(conversation(turn()), query) is found
    english = conversation(turn(question="When will Busan Port grow?"))
    assert matches(english, "BUSAN port")


def test_a_long_question_makes_a_title_of_one_short_line():
    assert title_of(f"  {QUESTION}\n") == QUESTION
    assert len(title_of("가 " * 300)) <= 120
    assert title_of("가" * 300).endswith("…")
