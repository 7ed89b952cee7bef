"""Feedback in both databases, and as questions that `eval` reads."""

import json
import unicodedata

import pytest
from talk_samples import OTHER, QUESTION, QUOTE, refusal, turn

from assistant.accounts import Accounts
from assistant.conversation import Rating
from assistant.feedback import counts, export, keep, kept
from assistant.history import History
from eval.samples import InputError, load, select
from index.record.library import Library

pytest_plugins = ["postgres"]


@pytest.fixture
def record(record_url):
    with Library.open(record_url) as library:
        Accounts(library, cost=4).add("jihye", "correct horse")
        yield library


@pytest.fixture
def exported(record, tmp_path):
    """A function that exports, and loads what came of it as a set of questions."""

    def load_again(**which):
        path = tmp_path / "feedback.jsonl"
        path.write_text("".join(f"{line}\n" for line in export(record, **which)), "utf-8")
        return load(path)

    return load_again


def test_a_reader_has_one_opinion_of_an_answer_and_may_change_it(record):
    keep(record, turn(1), Rating("up"))
    (first,) = kept(record)
    keep(record, turn(1), Rating("down", ("wrong_citation",), "3쪽이 아니다"))
    (found,) = kept(record)
    assert (found.id, found.rating.reasons) == (first.id, ("wrong_citation",))
    assert (found.question, found.answer, found.engine) == (QUESTION, turn(1).answer, "extractive")
    assert found.state == record.state()
    keep(record, turn(1), Rating("up"), "jihye")  # somebody else
    assert len(kept(record)) == 2
    keep(record, turn(1), None)
    assert [one.user for one in kept(record)] == ["jihye"]


def test_with_a_login_the_turn_itself_is_rated(record):
    history = History(record)
    history.save("jihye", "1" * 32, turn(1))
    keep(record, turn(1), Rating("down", ("incomplete",)), "jihye")
    assert history.turn("jihye", turn(1).id).rating == Rating("down", ("incomplete",))
    keep(record, turn(1), None, "jihye")
    assert history.turn("jihye", turn(1).id) == turn(1)


def test_feedback_outlives_its_user_without_the_name(record):
    keep(record, turn(1), Rating("up"), "jihye")
    Accounts(record).remove("jihye")
    assert [one.user for one in kept(record)] == [None]


def test_a_liked_answer_is_a_question_with_its_quotes_as_evidence(record, exported):
    keep(record, turn(1), Rating("up"))
    (sample,) = exported()
    assert (sample.question, sample.lang, sample.kind) == (QUESTION, "ko", "date")
    assert (sample.document, sample.quotes, sample.review) == ("harbour", ((QUOTE,),), ())
    assert "also cited: forest" in sample.note
    assert OTHER not in str(sample.quotes)
    assert select([sample], None)[0] == (sample,)


def test_a_liked_refusal_is_a_question_that_cannot_be_answered(record, exported):
    keep(record, refusal(1), Rating("up"))
    (sample,) = exported()
    assert (sample.kind, sample.review) == ("unanswerable", ())


def test_what_was_not_liked_waits_for_a_person(record, exported):
    keep(record, turn(1), Rating("down", ("not_supported", "incomplete"), "근거가 다르다"))
    keep(record, refusal(2), Rating("down", ("should_have_answered",)))
    keep(record, refusal(3), Rating("down"))
    keep(record, turn(4), Rating("up"))
    samples = {sample.id: sample for sample in exported()}
    reviews = sorted(sample.review for sample in samples.values())
    assert reviews == [
        (), ("not_supported", "incomplete"), ("rated_down",), ("should_have_answered",)
    ]  # fmt: skip
    (told,) = [s for s in samples.values() if "incomplete" in s.review]
    assert "the reader says: 근거가 다르다" in told.note
    assert [s.review for s in select([*samples.values()], None)[0]] == [()]
    with pytest.raises(InputError, match="All 3 questions .* reviewed first"):
        select(exported(thumb="down"), None)


def test_only_what_was_asked_for_is_exported(record, exported):
    keep(record, turn(1), Rating("up"))
    keep(record, turn(2), Rating("down"))
    assert [bool(sample.review) for sample in exported(thumb="up")] == [False]
    assert [*export(record, since="2999-01-01")] == []
    assert len(exported(since="2020-01-01")) == 2


def test_an_export_is_nfc_and_a_line_a_question(record):
    keep(record, turn(1), Rating("down", (), unicodedata.normalize("NFD", "안 된다\n둘째 줄")))
    (line,) = export(record)
    assert "안 된다" in json.loads(line)["note"]
    assert "\n" not in line


def test_reasons_are_counted(record):
    keep(record, turn(1), Rating("down", ("incomplete", "wrong_citation")))
    keep(record, turn(2), Rating("down", ("incomplete",)))
    found = counts(kept(record))
    assert (found["incomplete"], found["wrong_citation"], found["wrong_language"]) == (2, 1, 0)
