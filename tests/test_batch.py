import json

import pytest

from assistant.answer import check_engine
from assistant.batch import answer_lines, readable
from assistant.errors import AssistantError
from assistant.types import Answer

KEYS = {
    "id",
    "question",
    "language",
    "status",
    "answer",
    "sentences",
    "citations",
    "engine",
    "timings_ms",
}


class FakeAssistant:
    """Knows no document; raises what it was told to raise for a question."""

    def __init__(self, **failures):
        self.failures = failures
        self.asked = []
        self.engines = []
        self.documents = []

    def ask(self, question, history=(), *, lang="auto", engine="auto", id="", documents=None):
        check_engine(engine, configured=False)
        self.engines.append(engine)
        self.documents.append(documents)
        self.asked.append((id, question, tuple(history), lang))
        if question in self.failures:
            raise self.failures[question]
        return Answer(id, question, "ko", "not_in_document", "문서에 없습니다.")


def rows(*lines, assistant=None, **defaults):
    encoded = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return list(answer_lines(assistant or FakeAssistant(), encoded, **defaults))


def line(**fields):
    return json.dumps({"id": "1", "question": "방위비?", **fields}, ensure_ascii=False)


def test_each_line_is_answered_in_order_with_its_own_id():
    found = rows(line(id="나"), line(id="가"), line(id="나"))
    assert [row.output["id"] for row in found] == ["나", "가", "나"]
    assert [row.exit_code for row in found] == [0, 0, 0]


def test_only_id_and_question_are_required():
    assistant = FakeAssistant()
    rows('{"id": "1", "question": "Why?"}', assistant=assistant)
    assert assistant.asked == [("1", "Why?", (), "auto")]


def test_history_and_language_of_a_line_reach_the_assistant():
    assistant = FakeAssistant()
    rows(line(history=["나토는?"], lang="en", engine="extractive"), assistant=assistant)
    assert assistant.asked == [("1", "방위비?", ("나토는?",), "en")]


def test_a_line_without_a_language_takes_that_of_the_command():
    assistant = FakeAssistant()
    rows(line(), line(lang=None), line(lang="ko"), assistant=assistant, lang="en")
    assert [lang for *_, lang in assistant.asked] == ["en", "en", "ko"]


def test_unknown_fields_are_left_alone():
    assert rows(line(gold=["p1"]))[0].problem is None


def test_blank_lines_give_no_output_but_count_as_lines():
    found = rows("\n", line(), "  \r\n", "{")
    assert len(found) == 2
    assert found[1].problem.startswith("line 4, ")


def test_a_byte_order_mark_and_crlf_are_not_part_of_a_line():
    found = rows(b"\xef\xbb\xbf" + line().encode() + b"\r\n", line(id="2") + "\r\n")
    assert [row.output["id"] for row in found] == ["1", "2"]


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ("{", "line 2, character 2: expected one JSON object"),
        ("[1]", "expected an object such as"),
        ('"질문"', "expected an object such as"),
        pytest.param("[" * 100_000, "expected one JSON object", id="deeply nested"),
        (b'{"id": "\xff"}', "line 2, byte 9: expected UTF-8, got 0xff"),
        ("\ud55c".encode("utf-16"), "byte 1: expected UTF-8"),
        ('{"question": "왜?"}', "line 2, field id: expected a text, but there is none"),
        ('{"id": "1"}', "line 2, field question: expected a text, but there is none"),
        (line(id=7), "line 2, field id: expected a text, got 7"),
        (line(question=["왜?"]), 'line 2, field question: expected a text, got ["왜?"]'),
        (line(question=""), "line 2, field question: The question is empty"),
        (line(question="\x00\x07"), "line 2, field question: The question is empty"),
        pytest.param(
            line(question="가" * 100_000), "field question: The question has 100,000", id="too long"
        ),
        (line(history="나토는?"), "line 2, field history: expected a list of texts"),
        (line(history=[1]), "line 2, field history: expected a list of texts"),
        (line(lang="fr"), 'line 2, field lang: expected auto or ko or en, got "fr"'),
        (line(lang=["ko"]), "line 2, field lang: expected auto or ko or en"),
        (line(engine="gpt"), "line 2, field engine: expected auto or extractive or llm"),
        (line(engine="llm"), "line 2, field engine: The engine 'llm' needs a chat model"),
    ],
)
def test_a_wrong_line_is_named_with_its_field_and_the_others_are_answered(bad, named):
    found = rows(line(id="1"), bad, line(id="3"))
    assert [row.output["status"] for row in found] == [
        "not_in_document",
        "error",
        "not_in_document",
    ]
    wrong = found[1]
    assert named in wrong.problem
    assert len(wrong.problem) < 400
    assert wrong.output["error"] == wrong.problem
    assert wrong.exit_code == 2
    assert wrong.output.keys() >= KEYS


def test_an_error_keeps_the_id_and_the_question_where_they_could_be_read():
    found = rows(line(lang="fr"), line(question=5), line(id=5), "{")
    assert [(row.output["id"], row.output["question"]) for row in found] == [
        ("1", "방위비?"),
        ("1", None),
        (None, "방위비?"),
        (None, None),
    ]
    assert found[0].output["language"] == "ko"


@pytest.mark.parametrize(
    ("question", "words"), [("방위비?", "내부 오류가"), ("Why?", "Something went wrong inside")]
)
def test_a_fault_is_told_in_the_language_of_the_question_without_its_cause(question, words):
    assistant = FakeAssistant(**{question: KeyError("internal detail")})
    fault, after = rows(line(question=question), line(question="다음?"), assistant=assistant)
    assert fault.exit_code == 1
    assert words in fault.output["error"]
    assert "internal detail" not in fault.output["error"]
    assert after.output["status"] == "not_in_document"


def test_a_failure_with_a_message_of_its_own_is_a_fault_with_that_message():
    assistant = FakeAssistant(**{"방위비?": AssistantError("No index at x.")})
    row = rows(line(), assistant=assistant)[0]
    assert (row.exit_code, row.problem) == (1, "line 1, No index at x.")


def test_half_a_character_becomes_a_replacement_character_so_that_output_is_utf_8():
    row = rows('{"id": "\\ud800", "question": "왜 \\udfff?"}')[0]
    assert row.output["question"] == "왜 \N{REPLACEMENT CHARACTER}?"
    json.dumps(row.output, ensure_ascii=False).encode()
    assert readable("\ud83d\ude00") == "😀"


def test_the_engine_of_a_line_reaches_the_assistant():
    assistant = FakeAssistant()
    rows(line(engine="extractive"), line(), assistant=assistant)
    assert assistant.engines == ["extractive", "auto"]


def test_documents_of_a_line_reach_the_assistant_or_those_of_the_command():
    assistant = FakeAssistant()
    rows(line(documents=["brief"]), line(), assistant=assistant, documents=["a", "b"])
    assert assistant.documents == [("brief",), ("a", "b")]
    (row,) = rows(line(documents="brief"))
    assert row.exit_code == 2
    assert "field documents: expected a list of texts" in row.problem
