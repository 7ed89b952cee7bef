"""A conversation as the page shows it: what is asked and kept, and what a failure says."""

import threading

import pytest

from assistant.chat import EMPTY
from assistant.chat import converse as conversation
from assistant.errors import InputError
from assistant.types import Answer, Step


class FakeAssistant:
    """Refuses every question, or raises what it was given; remembers what it was asked."""

    def __init__(self, error=None):
        self.error = error
        self.asked = []

    def stream(self, question, history=(), *, id="", stopped=None):
        self.asked.append((question, list(history)))
        yield Step("search")
        if self.error:
            raise self.error
        yield Answer(
            id=id, question=question, language="ko", status="not_in_document", answer="없습니다."
        )


def converse(assistant, *questions):
    """What the conversation holds after `questions`, and what a reader saw last."""
    kept, last = EMPTY, None
    for question in questions:
        for shown in conversation(assistant, question, kept, threading.Event()):
            last, kept = shown.messages, shown.kept or kept
    return kept, last


def test_earlier_questions_are_passed_on_and_answers_are_not():
    assistant = FakeAssistant()
    converse(assistant, "첫 질문", "둘째 질문", "셋째 질문")
    assert assistant.asked[-1] == ("셋째 질문", ["첫 질문", "둘째 질문"])


def test_a_new_conversation_starts_empty():
    converse(FakeAssistant(), "첫 질문")
    assert EMPTY == {"questions": [], "messages": []}


def test_a_blank_question_is_not_asked():
    assistant = FakeAssistant()
    converse(assistant, "  \n ")
    assert assistant.asked == []


def test_what_is_wrong_with_a_question_is_shown_as_it_is_and_no_context_for_the_next():
    kept, last = converse(FakeAssistant(InputError("The question has 2,001 characters.")), "질문")
    assert "The question has 2,001 characters." in last[-1]["content"]
    assert kept["questions"] == []


@pytest.mark.parametrize(("question", "words"), [("질문", "요청 번호"), ("Why?", "request id")])
def test_a_fault_is_logged_under_the_id_that_the_reader_sees(question, words, caplog):
    _, last = converse(FakeAssistant(RuntimeError("secret path")), question)
    shown = last[-1]["content"]
    assert words in shown
    assert "secret" not in shown
    assert "secret path" in caplog.text
    assert caplog.records[-1].args[0] in shown
