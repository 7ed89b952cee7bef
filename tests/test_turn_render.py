"""What stands around an answer in the conversation."""

from assistant.turn_render import LONG, question_html


def test_a_long_question_is_set_as_text_and_not_as_a_headline():
    assert 'class="cb-question"' in question_html("가" * LONG, "t1")
    assert 'class="cb-question cb-long"' in question_html("가" * (LONG + 1), "t1")
