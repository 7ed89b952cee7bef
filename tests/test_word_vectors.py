"""Words of passages on disk, and how near words are to each other."""

from pathlib import Path

import numpy as np
import pytest

from index.word_vectors import KEPT, PassageWords, WordVectors, load_word_vectors, write_words


class TinyEmbedder:
    """Three dimensions; a word it does not know is all zeros."""

    dimensions = 3
    TABLE = {"ship": [1, 0, 0], "vessel": [3, 1, 0], "money": [0, 0, 2]}

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def embed(self, texts, *, question=False):
        self.asked.append(list(texts))
        return np.array([self.TABLE.get(text, [0, 0, 0]) for text in texts], np.float32)


def test_the_words_of_each_passage_come_back_once_and_in_order(tmp_path: Path) -> None:
    write_words(tmp_path, [["함정", "목표", "함정"], [], ["navy", "goal"]])
    words = PassageWords(tmp_path)
    assert [words.of(place) for place in range(3)] == [["함정", "목표"], [], ["navy", "goal"]]


def test_a_word_is_as_near_to_a_passage_as_to_its_nearest_word() -> None:
    found = WordVectors(TinyEmbedder()).nearest(
        ["ship", "money"], [["vessel", "money"], ["ship"], []]
    )
    assert found == pytest.approx(np.array([[3 / 10**0.5, 1, 0], [1, 0, 0]]), abs=1e-6)


def test_a_word_without_a_vector_is_near_to_nothing() -> None:
    assert WordVectors(TinyEmbedder()).nearest(["zyx"], [["ship"]]) == pytest.approx(0)


def test_a_word_is_embedded_once() -> None:
    embedder = TinyEmbedder()
    vectors = WordVectors(embedder)
    vectors.nearest(["ship"], [["money", "ship"]])
    vectors.nearest(["ship"], [["money"]])
    assert embedder.asked == [["ship"], ["money"]]


def test_vectors_are_forgotten_before_they_fill_the_memory() -> None:
    vectors = WordVectors(TinyEmbedder())
    for start in range(0, 3 * KEPT, KEPT // 2):
        words = [f"w{n}" for n in range(start, start + KEPT // 2)]
        assert vectors.of(words).shape == (KEPT // 2, 3)
        assert len(vectors._known) <= KEPT


def test_no_words_are_an_empty_table() -> None:
    vectors = WordVectors(TinyEmbedder())
    assert vectors.of([]).shape == (0, 3)
    assert vectors.nearest([], [["ship"]]).shape == (0, 1)
    assert vectors.nearest(["ship"], []).shape == (1, 0)


def test_the_shipped_vectors_know_likes_within_and_across_the_languages() -> None:
    vectors = load_word_vectors()
    near = vectors.nearest(["alli", "동맹", "예산"], [["동맹"], ["budget"], ["banana"]])
    assert near[1, 0] == pytest.approx(1, abs=1e-5)
    assert near[0, 0] > near[0, 2] + 0.2
    assert near[2, 1] > near[2, 2] + 0.2
