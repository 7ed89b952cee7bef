"""Terms of passages and the groups of a question meet across spacing and language."""

import pytest

from index.lexicon import Lexicon
from index.morphology import load_morphology
from index.terms import GLOSSARY_WEIGHT, PAIR_SHARE, THESAURUS_WEIGHT, Analyzer


@pytest.fixture(scope="module")
def analyzer():
    phrases = {
        ("방위비", "분담금"): ["#g1"],
        ("cost", "share", "contribut"): ["#g1"],
        ("인상",): ["#t1"],
        ("increas",): ["#t1"],
    }
    return Analyzer(load_morphology(()), Lexicon(phrases))


@pytest.mark.parametrize("text", ["방위비분담금을", "방위비 분담금", "방위비-분담금"])
def test_a_compound_gives_its_parts_its_pair_and_its_concept(analyzer, text):
    assert analyzer.passage_terms([text]) == [["방위비", "분담금", "방위비분담금", "#g1"]]


def test_an_english_phrase_gives_the_same_concept(analyzer):
    (found,) = analyzer.passage_terms(["the cost-sharing contribution"])
    assert found == ["cost", "share", "contribut", "cost_share", "share_contribut", "#g1"]


def test_a_concept_counts_once_and_a_word_as_often_as_it_stands(analyzer):
    (found,) = analyzer.passage_terms(["방위비분담금, 그리고 방위비분담금"])
    assert (found.count("#g1"), found.count("방위비")) == (1, 2)


def test_words_with_other_signs_between_them_are_no_pair(analyzer):
    (found,) = analyzer.passage_terms(["방위비, 분담금"])
    assert "방위비분담금" not in found


def test_1기_and_2기_are_told_apart(analyzer):
    one, two = analyzer.passage_terms(["트럼프 1기", "트럼프 2기"])
    assert ("1기" in one, "1기" in two, "2기" in two) == (True, False, True)


def test_a_question_has_a_group_for_each_word_with_weighted_alternatives(analyzer):
    groups = analyzer.question_groups("방위비분담금 인상은?")
    found = {group.word: group for group in groups}
    assert found["방위비"].alternatives == {"방위비": 1.0, "#g1": GLOSSARY_WEIGHT}
    assert found["인상"].alternatives == {"인상": 1.0, "#t1": THESAURUS_WEIGHT}
    assert found["방위비분담금"].share == PAIR_SHARE
    assert found["인상"].share == 1.0


def test_asking_words_give_no_group_unless_they_are_part_of_a_name(analyzer):
    frame = frozenset({"인상", "방위비"})
    words = [g.word for g in analyzer.question_groups("방위비 분담금 인상", frame)]
    assert "인상" not in words
    assert "방위비" in words


def test_a_text_reads_as_its_words_in_base_form(analyzer):
    texts = ["방위비분담금을 올렸다", "The fares rose"]
    assert analyzer.reading(texts) == ["방위비 분담금 올리다", "fare rise"]
    assert [text.reading for text in analyzer.analyse(texts)] == analyzer.reading(texts)
    assert analyzer.reading([]) == []


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("방위비분담금을", ["방위비", "분담금", "방위비분담금"]),
        ("방위비 분담금을", ["방위비", "분담금"]),
        ("the cost-sharing contribution", ["cost", "share", "contribut"]),
        ("NATO분담금", ["nato", "분담금", "nato분담금"]),
    ],
)
def test_the_words_spoken_are_single_or_written_together(analyzer, text, spoken):
    (analysed,) = analyzer.analyse([text])
    assert analysed.spoken == spoken
    assert set(spoken) <= set(analysed.terms)


def test_a_question_without_content_has_no_groups(analyzer):
    assert analyzer.question_groups("??") == ()
    assert analyzer.passage_terms([]) == []
