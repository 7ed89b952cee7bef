"""A conversation as the page shows it: what is asked and kept, and what a failure says."""

import threading

import pytest

from assistant.chat import MOST_TURNS, messages
from assistant.chat import converse as conversation
from assistant.conversation import Conversation
from assistant.errors import InputError
from assistant.types import Answer, Sentence, Step


class Reasons:
    """What an explanation is to a turn."""

    def to_json(self):
        return {}


class FakeAssistant:
    """Gives the answer it was made with, or raises; remembers what it was asked."""

    def __init__(self, error=None, sentences=(), next_up=("다음 질문?",), broken=False):
        self.error, self.sentences, self.next_up = error, sentences, next_up
        self.broken = broken
        self.asked = []

    def stream(self, question, history=(), *, id="", stopped=None, documents=None):
        self.asked.append((question, list(history), documents))
        yield Step("search")
        if self.error:
            raise self.error
        yield Answer(
            id=id,
            question=question,
            language="ko",
            status="answered" if self.sentences else "not_in_document",
            answer="없습니다.",
            sentences=tuple(self.sentences),
        )

    def explain(self, question, history=(), *, lang="auto", documents=None):
        if self.broken:
            raise RuntimeError("no reasons today")
        return Reasons()

    def follow_ups(self, answer, asked=(), *, documents=None):
        return [q for q in self.next_up if q not in asked]

    def nearest(self, question, *, lang="ko", documents=None):
        return ["가까운 질문?"]


SENTENCE = Sentence("관세가 오른다.", (), "verified", "fact", 1.0)


def converse(assistant, *questions, **scope):
    """The conversation after `questions`, and what a reader saw last."""
    kept, last = Conversation.new("x"), None
    for question in questions:
        for shown in conversation(assistant, question, kept, threading.Event(), **scope):
            last, kept = shown.messages, shown.conversation or kept
    return kept, last


def test_earlier_questions_are_passed_on_and_answers_are_not():
    assistant = FakeAssistant()
    converse(assistant, "첫 질문", "둘째 질문", "셋째 질문")
    assert assistant.asked[-1][:2] == ("셋째 질문", ["첫 질문", "둘째 질문"])


def test_only_the_documents_that_were_chosen_are_asked():
    assistant = FakeAssistant()
    kept, _ = converse(assistant, "질문", documents=["b", "a"])
    assert assistant.asked[-1][2] == ["b", "a"]
    assert kept.turns[0].documents == ("a", "b")


def test_a_conversation_that_comes_back_reads_as_it_did():
    kept, last = converse(FakeAssistant(sentences=[SENTENCE]), "첫 질문", "둘째 질문")
    assert messages(Conversation.from_json(kept.to_json())) == last


def test_a_blank_question_is_not_asked():
    assistant = FakeAssistant()
    converse(assistant, "  \n ")
    assert assistant.asked == []


def test_an_answer_comes_with_what_to_ask_next_and_a_refusal_with_what_can_be_asked():
    answered, _ = converse(FakeAssistant(sentences=[SENTENCE]), "질문")
    refused, last = converse(FakeAssistant(), "질문")
    assert answered.turns[0].follow_ups == ("다음 질문?",)
    assert refused.turns[0].follow_ups == ("가까운 질문?",)
    assert 'data-cb-ask="가까운 질문?"' in last[-1]["content"]


def test_an_answer_is_kept_even_if_the_reasons_for_it_cannot_be_told(caplog):
    kept, last = converse(FakeAssistant(sentences=[SENTENCE], broken=True), "질문")
    assert kept.turns[0].answer.sentences == (SENTENCE,)
    assert kept.turns[0].why is None
    assert "no reasons today" in caplog.text
    assert "관세가 오른다." in last[-1]["content"]


def test_what_is_wrong_with_a_question_is_shown_with_the_question_and_no_context_for_the_next():
    kept, last = converse(FakeAssistant(InputError("The question has 2,001 characters.")), "질문")
    assert "The question has 2,001 characters." in last[-1]["content"]
    assert 'data-cb-ask="질문"' in last[-1]["content"]
    assert kept.turns == ()


def test_a_conversation_has_an_end_and_says_so():
    assistant = FakeAssistant()
    kept, last = converse(assistant, *(f"질문 {n}" for n in range(MOST_TURNS + 1)))
    assert len(kept.turns) == len(assistant.asked) == MOST_TURNS
    assert "새 대화를 시작해 주세요" in last[-1]["content"]


@pytest.mark.parametrize(("question", "words"), [("질문", "요청 번호"), ("Why?", "request id")])
def test_a_fault_is_logged_under_the_id_that_the_reader_sees(question, words, caplog):
    _, last = converse(FakeAssistant(RuntimeError("secret path")), question)
    shown = last[-1]["content"]
    assert words in shown
    assert "secret" not in shown
    assert "secret path" in caplog.text
    assert caplog.records[-1].args[0] in shown
