"""Conversations of users in both databases: each their own, found again, beside a long writer."""

import threading
import time
from dataclasses import replace

import pytest
from record_samples import ENGLISH, entry, prepared
from sqlalchemy import text
from talk_samples import OTHER, QUESTION, QUOTE, refusal, turn

from assistant.accounts import Accounts
from assistant.conversation import Rating
from assistant.errors import InputError
from assistant.feedback import keep, kept
from assistant.history import History, new_id
from index.record import tables
from index.record.library import Library

pytest_plugins = ["postgres"]
ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
def record(record_url):
    with Library.open(record_url) as library:
        accounts = Accounts(library, cost=4)
        for name in ("jihye", "minsu"):
            accounts.add(name, "correct horse")
        yield library


@pytest.fixture
def history(record):
    return History(record)


@pytest.fixture
def seconds(monkeypatch):
    """A clock that goes on by a second at each look."""
    looks = iter(range(3600))

    def tick():
        count = next(looks)
        return f"2026-11-23T10:{count // 60:02d}:{count % 60:02d}Z"

    monkeypatch.setattr("index.record.talks.now", tick)


def test_a_conversation_comes_back_exactly_as_it_was_shown(history):
    turns = [turn(1, why={"passages": []}), refusal(2), turn(3, documents=("harbour",))]
    for one in turns:
        history.save("jihye", ONE, one)
    found = history.get("jihye", ONE)
    assert [one.to_json() for one in found.turns] == [one.to_json() for one in turns]
    assert (found.id, found.title) == (ONE, QUESTION)


def test_nobody_reaches_the_conversation_of_another(history):
    history.save("jihye", ONE, turn(1))
    assert history.get("minsu", ONE) is None
    assert history.turn("minsu", turn(1).id) is None
    assert history.list("minsu").conversations == ()
    assert not history.rename("minsu", ONE, "mine")
    assert not history.delete("minsu", ONE)
    assert history.delete_all("minsu") == 0
    with pytest.raises(InputError, match="no conversation .* of yours"):
        history.save("minsu", ONE, turn(2))
    assert [one.id for one in history.get("jihye", ONE).turns] == [turn(1).id]


def test_a_turn_that_is_saved_again_keeps_its_place(history):
    history.save("jihye", ONE, turn(1))
    history.save("jihye", ONE, turn(2))
    history.save("jihye", ONE, turn(1, question="부산항은 얼마나 커지나요?"))
    found = [one.question for one in history.get("jihye", ONE).turns]
    assert found == ["부산항은 얼마나 커지나요?", QUESTION]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [TWO, ONE]),
        ("부산항", [ONE]),
        ("부산항은언제까지 나무", [ONE]),
        ("달", [TWO]),
        ("100%", []),
        ("_", []),
        ("숲에는나무", [ONE]),
    ],
)
def test_search_finds_questions_and_answers_without_case_and_spaces(history, seconds, query, found):
    history.save("jihye", ONE, turn(1))
    history.save("jihye", TWO, refusal(2))
    assert [one.id for one in history.list("jihye", query).conversations] == found


def test_a_title_that_was_given_is_found_too(history):
    history.save("jihye", ONE, turn(1))
    assert history.rename("jihye", ONE, "  예산  회의 ")
    (found,) = history.list("jihye", "예산회의").conversations
    assert (found.title, found.turns) == ("예산 회의", 1)
    for bad in ("", " ", "x" * 121):
        with pytest.raises(InputError, match="title: expected 1 to 120"):
            history.rename("jihye", ONE, bad)


def test_a_long_list_is_read_page_by_page(history, seconds):
    ids = [f"{number:032x}" for number in range(7)]
    for number, id in enumerate(ids):
        history.save("jihye", id, turn(number))
    seen, before = [], None
    while True:
        page = history.list("jihye", limit=3, before=before)
        seen += [one.id for one in page.conversations]
        before = page.next
        if before is None:
            break
    assert seen == ids[::-1]
    with pytest.raises(InputError, match="before"):
        history.list("jihye", before="'; DROP TABLE turns")


def test_deleting_one_or_all_takes_the_turns_along(history, record):
    for id in (ONE, TWO, new_id()):
        history.save("jihye", id, turn(1))
    history.save("minsu", new_id(), turn(1))
    assert history.delete("jihye", ONE)
    assert history.delete_all("jihye") == 2
    with record._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM turns")).scalar() == 1


def test_an_id_that_is_none_is_refused(history):
    with pytest.raises(InputError, match="32 hex digits"):
        history.save("jihye", "../1", turn(1))


def test_history_is_saved_while_a_document_is_ingested(record, history, record_url):
    before = record.state()
    with Library.open(record_url) as other, other.writing() as writer:
        history.save("jihye", ONE, turn(1))  # does not wait for the lock of the writer
        writer.keep(entry(prepared()), prepared())
        history.save("jihye", ONE, turn(2))
    assert len(history.get("jihye", ONE).turns) == 2
    assert record.state() != before
    state = record.state()
    history.save("jihye", ONE, turn(3))
    assert record.state() == state  # it is nothing that search sees
    assert record.check() == []


def test_many_may_save_at_once(record, history):
    faults = []

    def work(user, first):
        try:
            for number in range(5):
                history.save(user, new_id(), turn(first + number))
        except Exception as error:
            faults.append(error)

    threads = [
        threading.Thread(target=work, args=(("jihye", "minsu")[n % 2], n * 10)) for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sum(len(history.list(user).conversations) for user in ("jihye", "minsu")) == 30


def test_a_changed_turn_is_noticed_by_the_check(record, history):
    history.save("jihye", ONE, turn(1))
    with record._engine.begin() as connection:
        connection.execute(text("UPDATE turns SET data = replace(data, '2030', '2040')"))
    assert record.check() == [f"The turn {turn(1).id} of a conversation is not as it was written."]


def test_a_backup_has_conversations_and_feedback(record, history, tmp_path):
    history.save("jihye", ONE, turn(1))
    keep(record, turn(1), Rating("up"), "jihye")
    record.backup(tmp_path / "saved.db")
    history.delete_all("jihye")
    record.restore(tmp_path / "saved.db")
    (found,) = history.get("jihye", ONE).turns
    assert found.rating == Rating("up")
    assert [one.user for one in kept(record)] == ["jihye"]


# --- forgetting -----------------------------------------------------------------------------------

SECRETS = (QUOTE, "비밀 조항은 누구에게도 알려지지 않아야 할 것이다.")


def stored(record):
    """Everything that conversations and feedback hold, as one text."""
    held = (tables.conversations, tables.turns, tables.feedback)
    return record.read(lambda c: repr([[*map(tuple, c.execute(table.select()))] for table in held]))


def test_forgetting_a_document_blanks_what_stored_answers_say_of_it(record, history):
    secret = prepared("harbour", SECRETS)
    with record.writing() as writer:
        writer.keep(entry(secret), secret)
        writer.keep(entry(prepared("forest", ENGLISH)), prepared("forest", ENGLISH))
    asked = turn(1, question=f"“{SECRETS[1]}” 무슨 뜻인가요?", why={"passage": "harbour:a1"})
    history.save("jihye", ONE, asked)
    history.save("jihye", TWO, turn(2, question="나무는?", why={"n": 1}))
    keep(record, turn(3), Rating("down", ("incomplete",), f"여기 있다: {QUOTE}"))
    with record.writing() as writer:
        gone = writer.forget(["harbour"])
    assert gone.blanked == 4  # two turns, a title, feedback
    for said in (*SECRETS, "부산항은2030년까지", "확장 계획", "항만 보고서", "Busan Port"):
        assert said not in stored(record)
    (found,) = history.get("jihye", ONE).turns
    assert found.answer.citations[1].quote == OTHER
    assert found.answer.citations[0].quote == "(삭제된 문서의 내용이라 지웠습니다.)"
    assert found.answer.sentences[0].verdict == "unverified"
    assert found.answer.answer == (
        "(삭제된 문서의 내용이라 지웠습니다.) [1] 숲에는 나무 250만 그루를 심었다. [2]"
    )
    assert (found.why, found.follow_ups) == (None, ())
    assert record.check() == []
    assert [one.rating.reasons for one in kept(record)] == [("incomplete",)]


def test_what_is_handed_in_after_the_forgetting_is_blanked_too(record, history, monkeypatch):
    secret = prepared("harbour", SECRETS)
    with record.writing() as writer:
        writer.keep(entry(secret), secret)
        writer.forget(["harbour"])
    late = turn(1, asked_at="2020-01-01T00:00:00Z")
    history.save("jihye", ONE, late)
    keep(record, late, Rating("up"))
    assert QUOTE not in stored(record)
    again = prepared("harbour", SECRETS)
    with record.writing() as writer:
        writer.keep(entry(again), again)
    history.save("jihye", TWO, turn(2, asked_at="2999-01-01T00:00:00Z"))
    assert QUOTE in stored(record)


def test_an_answer_that_is_saved_while_its_document_is_forgotten_is_blanked(record, record_url):
    secret = prepared("harbour", SECRETS)
    with record.writing() as writer:
        writer.keep(entry(secret), secret)
    stop, faults = threading.Event(), []

    def save(first):
        try:
            with Library.open(record_url) as other:
                number = first
                while not stop.is_set():
                    number += 1
                    History(other).save("jihye", new_id(), turn(number))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=save, args=(n * 10_000,)) for n in range(3)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 20
    while len(History(record).list("jihye", limit=9).conversations) < 9:
        assert time.monotonic() < until
    with record.writing() as writer:
        writer.forget(["harbour"])
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert QUOTE not in stored(record)


def test_of_a_refusal_the_headings_of_a_forgotten_document_go(record, history):
    secret = prepared("harbour", SECRETS)
    with record.writing() as writer:
        writer.keep(entry(secret), secret)
    title = secret.document.titles["ko"]
    told = refusal(1)
    told = replace(told, answer=replace(told.answer, answer=f"가까운 주제: ‘{title}’."))
    history.save("jihye", ONE, told)
    with record.writing() as writer:
        assert writer.forget(["harbour"]).blanked == 1
    (found,) = history.get("jihye", ONE).turns
    assert found.answer.answer == "가까운 주제: ‘삭제된 문서’."
    assert found.follow_ups == ()
