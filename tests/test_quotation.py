"""Quotation marks are told from apostrophes, and what they quote is found."""

import pytest

from assistant.quotation import QUOTED_SPEECH, QUOTED_WORDS, inside


def found(pattern, text):
    return [inside(match) for match in pattern.finditer(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("이른바 '관문'은 항만이다.", ["관문"]),
        ("정부는 ‘힘을 통한 평화’를 내걸었다.", ["힘을 통한 평화"]),
        ("「국방수권법」과 『백서』", ["국방수권법", "백서"]),
        ('He called it “a gateway” and "a hub".', ["a gateway", "a hub"]),
        ("The fishers' boats and the farmers' barns", []),
        ("It isn't Korea's.", []),
    ],
)
def test_words_in_a_pair_of_marks_are_quoted_and_a_possessive_is_not(text, words):
    assert found(QUOTED_WORDS, text) == words
    assert found(QUOTED_SPEECH, text) == words


def test_speech_may_have_an_apostrophe_in_it():
    text = "He said ‘it’s over for the fleet’ twice."
    assert found(QUOTED_SPEECH, text) == ["it’s over for the fleet"]
    assert found(QUOTED_WORDS, text) == []


def test_words_may_stand_in_guillemets():
    assert found(QUOTED_WORDS, "un «pays tiers»") == ["pays tiers"]
