"""BM25 of single terms, with answers worked out by hand."""

import math

import numpy as np
import pytest

from index.lexical import K1, B, LexicalArm, write_lexical

ROWS = [["a", "b", "a"], ["b"], [], ["c", "b"]]
PLACES = [0, 2, 3, 5]  # the rows belong to these of six passages


@pytest.fixture
def arm(tmp_path):
    write_lexical(tmp_path / "bm25", ROWS)
    return LexicalArm(tmp_path / "bm25", np.array(PLACES), 6)


def bm25(frequency, length, holders, rows=4, mean=6 / 4):
    """Lucene's BM25 of one term, as its definition writes it."""
    idf = math.log(1 + (rows - holders + 0.5) / (holders + 0.5))
    return idf * frequency / (frequency + K1 * (1 - B + B * length / mean))


def test_scores_are_lucenes_bm25_at_the_passages_of_the_rows(arm):
    assert arm.scores("a") == pytest.approx([bm25(2, 3, 1), 0, 0, 0, 0, 0])
    assert arm.scores("b") == pytest.approx([bm25(1, 3, 3), 0, bm25(1, 1, 3), 0, 0, bm25(1, 2, 3)])


def test_an_unknown_term_has_no_scores_and_the_highest_idf(arm):
    assert arm.scores("z") is None
    assert arm.idf("z") == arm.highest_idf == pytest.approx(math.log(1 + 4.5 / 0.5))


def test_idf_falls_with_the_passages_that_hold_a_term(arm):
    assert arm.idf("a") == pytest.approx(math.log(1 + 3.5 / 1.5))
    assert arm.idf("b") == pytest.approx(math.log(1 + 1.5 / 3.5))


def test_the_vocabulary_is_every_term(arm):
    assert {"a", "b", "c"} <= arm.vocabulary
    assert "z" not in arm.vocabulary
