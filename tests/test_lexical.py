"""BM25 of single terms and of sets of translations, with answers worked out by hand."""

import math

import numpy as np
import pytest

from index.lexical import K1, UNCERTAIN, B, LexicalArm, write_lexical

ROWS = [["a", "b", "a"], ["b"], [], ["c", "b"]]
PLACES = [0, 2, 3, 5]  # the rows belong to these of six passages


@pytest.fixture
def arm(tmp_path):
    write_lexical(tmp_path / "bm25", ROWS, PLACES)
    return LexicalArm(tmp_path / "bm25")


def idf(holders, rows=4):
    return math.log(1 + (rows - holders + 0.5) / (holders + 0.5))


def bm25(frequency, length, holders, mean=6 / 4):
    """Lucene's BM25 of one term, as its definition writes it."""
    return idf(holders) * frequency / (frequency + K1 * (1 - B + B * length / mean))


def test_scores_are_lucenes_bm25_at_the_passages_of_the_rows(arm):
    a, b = arm.match("a"), arm.match("b")
    assert a.places.tolist() == [0]
    assert a.scores == pytest.approx([bm25(2, 3, 1)])
    assert b.places.tolist() == [0, 2, 5]
    assert b.scores == pytest.approx([bm25(1, 3, 3), bm25(1, 1, 3), bm25(1, 2, 3)])
    assert b.present.tolist() == [1, 1, 1]


def test_an_unknown_term_matches_nothing_and_would_have_the_highest_idf(arm):
    assert arm.match("z") is None
    assert arm.highest_idf == pytest.approx(math.log(1 + 4.5 / 0.5))


def test_idf_falls_with_the_passages_that_hold_a_term(arm):
    assert arm.match("a").idf == pytest.approx(math.log(1 + 3.5 / 1.5))
    assert arm.match("b").idf == pytest.approx(math.log(1 + 1.5 / 3.5))


def test_every_term_is_known(arm):
    assert all(term in arm for term in "abc")
    assert "z" not in arm
    assert arm.words == {"a", "b", "c"}


def test_words_are_the_terms_that_are_said_to_be_words(tmp_path):
    write_lexical(tmp_path / "bm25", ROWS, PLACES, frozenset({"a", "c"}))
    arm = LexicalArm(tmp_path / "bm25")
    assert arm.words == {"a", "c"}
    assert "b" in arm


def test_a_term_is_found_among_thousands_and_no_other_is(tmp_path):
    write_lexical(tmp_path / "bm25", [[f"t{n}", f"t{n + 1}"] for n in range(3000)], range(3000))
    arm = LexicalArm(tmp_path / "bm25")
    for n in (1, 1234, 2999):
        assert arm.match(f"t{n}").places.tolist() == [n - 1, n]
    assert arm.match("t3001") is None


def test_translations_count_as_one_word_by_what_is_expected_of_them(arm):
    found = arm.match_translations({"a": 0.5, "c": 0.25})
    # Expected counts: 0.5 * 2 in the first row, 0.25 * 1 in the last; 0.5 * 1 + 0.25 * 1 holders.
    assert found.places.tolist() == [0, 5]
    assert found.idf == pytest.approx(math.log(1 + 3.75 / 1.25))
    assert found.scores == pytest.approx([bm25(1.0, 3, 0.75), bm25(0.25, 2, 0.75)])
    assert found.present == pytest.approx([0.5 / (0.5 + UNCERTAIN), 0.25 / (0.5 + UNCERTAIN)])


def test_several_translations_in_one_passage_add_up_to_presence_1_at_most(arm):
    found = arm.match_translations({"a": 0.6, "b": 0.4})
    assert found.places.tolist() == [0, 2, 5]
    assert found.idf == pytest.approx(idf(0.6 * 1 + 0.4 * 3))
    counts = [0.6 * 2 + 0.4, 0.4, 0.4]
    lengths = [3, 1, 2]
    assert found.scores == pytest.approx(
        [bm25(count, length, 1.8) for count, length in zip(counts, lengths, strict=True)]
    )
    assert found.present == pytest.approx([1, 0.4 / (0.6 + UNCERTAIN), 0.4 / (0.6 + UNCERTAIN)])


def test_a_certain_translation_scores_as_the_term_itself(arm):
    found, term = arm.match_translations({"b": 1.0}), arm.match("b")
    assert found.places.tolist() == term.places.tolist()
    assert found.scores == pytest.approx(term.scores)
    assert found.idf == pytest.approx(term.idf)


def test_a_likelier_translation_that_the_passages_lack_makes_the_others_less_present(arm):
    (present,) = arm.match_translations({"z": 0.9, "a": 0.3}).present
    assert present == pytest.approx(0.3 / (0.9 + UNCERTAIN))


def test_no_more_passages_are_expected_than_there_are(arm):
    found = arm.match_translations({"a": 1.0, "b": 1.0, "c": 1.0})
    assert found.idf == pytest.approx(idf(4))
    assert (found.scores > 0).all()


@pytest.mark.parametrize("weights", [{}, {"z": 1.0}, {"y": 0.5, "z": 0.1}])
def test_translations_that_no_passage_holds_match_nothing(arm, weights):
    assert arm.match_translations(weights) is None


def test_scores_are_single_precision_at_ascending_places(arm):
    for found in (arm.match("b"), arm.match_translations({"b": 0.5, "a": 0.2})):
        assert found.scores.dtype == found.present.dtype == np.float32
        assert (np.diff(found.places) > 0).all()
