"""What the load test makes of what it measured; the test itself needs minutes and a machine."""

from dataclasses import replace

from eval.chat_load import Report, Times, _with, questions, slope, table

REPORT = Report(
    machine="2 cores",
    date="2025-01-02",
    load_before=0.1,
    users=50,
    answers=2000,
    refused=400,
    errors=(),
    seconds=100.0,
    step=Times.of([10.0, 20.0]),
    final=Times(500.0, 900.0, 1000.0),
    own=Times(9.0, 18.0, 30.0),
    alone_step=Times(5.0, 8.0, 9.0),
    alone_final=Times(200.0, 300.0, 400.0),
    alone_own=Times(8.0, 9.0, 10.0),
    memory=((100, 700.0), (200, 701.0)),
    slope=1.5,
)


def test_the_slope_is_that_of_the_second_half():
    memory = [(100, 50.0), (200, 90.0), (300, 91.0), (400, 92.0)]
    assert slope(memory) == 10.0
    assert slope(memory[:1]) == 0.0
    assert slope([]) == 0.0


def test_the_table_compares_with_one_reader_and_says_whether_memory_is_steady():
    shown = table(REPORT)
    assert "| until the answer is whole | 200 / 300 / 400 | 500 / 900 / 1,000 | 3.0 |" in shown
    assert "20.0 a second; 0 errors" in shown
    assert "steady" in shown
    assert REPORT.to_json()["steady"] is True
    growing = replace(REPORT, slope=5.0, errors=("AssistantError: no answer",))
    assert "GROWING" in table(growing)
    assert "- AssistantError: no answer" in table(growing)


def test_what_changed_is_put_into_what_was_shown():
    shown = _with([], ["", [{"content": "a"}], None])
    edits = [
        [["replace", [], {"value": "b"}]],
        [["append", [0, "content"], "b"], ["add", [1], {"content": "c"}]],
        [["replace", [], {"turns": []}]],
    ]
    shown = _with(shown, edits)
    assert shown == [{"value": "b"}, [{"content": "ab"}, {"content": "c"}], {"turns": []}]
    shown = _with(shown, [[["delete", ["value"], None]], [["delete", [0], None]], []])
    assert shown == [{}, [{"content": "c"}], {"turns": []}]


def test_the_questions_are_of_both_languages_and_the_same_each_time():
    asked = questions()
    assert asked == questions()
    assert len(asked) == len(set(asked)) > 100
    assert {question.isascii() for question in asked} == {True, False}
