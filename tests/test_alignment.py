"""Word translations from sentence pairs: tiny texts whose answer is clear by hand."""

import numpy as np
import pytest

from index.training.alignment import NULL_SHARE, Bitext, align

ROUNDS = 8
NEVER = ROUNDS  # from no round on must the directions agree


def bitext(pairs, weights=None):
    """Pairs of texts as ids, and the words of either side in the order of their ids."""
    korean, english = {}, {}
    left = [np.array([korean.setdefault(w, len(korean)) for w in ko.split()]) for ko, _ in pairs]
    right = [np.array([english.setdefault(w, len(english)) for w in en.split()]) for _, en in pairs]
    weights = np.ones(len(pairs)) if weights is None else np.array(weights)
    return Bitext(left, right, weights, len(korean), len(english)), list(korean), list(english)


def aligned(pairs, rounds=ROUNDS, agree_from=1, weights=None):
    """p(english | korean) and p(korean | english) by (korean, english)."""
    texts, korean, english = bitext(pairs, weights)
    found = align(texts, rounds, agree_from)
    words = [(korean[k], english[e]) for k, e in zip(found.korean, found.english, strict=True)]
    return (
        dict(zip(words, found.to_english, strict=True)),
        dict(zip(words, found.to_korean, strict=True)),
        dict(zip(words, found.together, strict=True)),
    )


CLEAR = [
    ("물 불", "fire water"),
    ("물 땅", "earth water"),
    ("불 땅", "fire earth"),
    ("물 바람", "wind water"),
]
# Loose: the last pair leaves out what 물 means and adds "fire"; 비 and "rain" stand nowhere else.
LOOSE = [*CLEAR * 3, ("물 비", "fire rain")]


@pytest.mark.parametrize("agree_from", [0, 1, NEVER])
def test_words_that_always_stand_together_translate_each_other(agree_from):
    to_english, to_korean, _ = aligned(CLEAR, agree_from=agree_from)
    meanings = {"물": "water", "불": "fire", "땅": "earth", "바람": "wind"}
    for korean, english in meanings.items():
        given_korean = {e: p for (k, e), p in to_english.items() if k == korean}
        given_english = {k: p for (k, e), p in to_korean.items() if e == english}
        assert max(given_korean, key=given_korean.get) == english
        assert max(given_english, key=given_english.get) == korean


def test_one_round_is_as_worked_out_by_hand():
    to_english, to_korean, together = aligned([("가 나", "x")], rounds=1, agree_from=NEVER)
    # "x" shares itself between 가 and 나; each of them has "x" alone. Some goes to no word, and one
    # half count is held back.
    half, whole = 0.5 / (1 + NULL_SHARE), 1 / (1 + NULL_SHARE)
    assert together == pytest.approx({("가", "x"): half, ("나", "x"): half})
    assert to_english["가", "x"] == pytest.approx(half / (half + 0.5))
    assert to_korean["가", "x"] == pytest.approx(whole / (2 * whole + 0.5))


def test_a_link_counts_as_much_as_both_directions_believe_in_it():
    to_english, _, together = aligned([("가 나", "x")], rounds=1, agree_from=0)
    agreed = np.sqrt(0.5) / (1 + NULL_SHARE)
    assert together["가", "x"] == pytest.approx(agreed)
    assert to_english["가", "x"] == pytest.approx(agreed / (agreed + 0.5))


def test_a_pair_counts_by_its_weight():
    _, _, together = aligned([("가", "x"), ("나", "y")], rounds=1, weights=[3.0, 1.0])
    assert together["가", "x"] == pytest.approx(3 * together["나", "y"])
    twice = aligned([("가 나", "x y"), ("가", "x"), ("가", "x")])[0]
    weighted = aligned([("가 나", "x y"), ("가", "x")], weights=[1.0, 2.0])[0]
    assert weighted == pytest.approx(twice)


def test_agreement_beats_one_direction_on_a_rare_word():
    alone, _, _ = aligned(LOOSE, agree_from=NEVER)
    agreed, _, _ = aligned(LOOSE, agree_from=1)
    # On its own 비, seen once, takes all of its sentence.
    assert alone["비", "fire"] > 0.5 * alone["비", "rain"]
    assert agreed["비", "fire"] < 0.2 * agreed["비", "rain"]
    assert agreed["비", "rain"] > alone["비", "rain"]


def test_probabilities_add_up_to_1_at_most():
    for agree_from in (0, 1, NEVER):
        to_english, to_korean, together = aligned(LOOSE, agree_from=agree_from)
        for table, side in ((to_english, 0), (to_korean, 1)):
            for word in {words[side] for words in table}:
                given = [p for words, p in table.items() if words[side] == word]
                assert min(given) >= 0
                assert sum(given) < 1
        assert min(together.values()) >= 0


def test_only_words_that_met_are_linked_each_once():
    texts, korean, english = bitext(CLEAR)
    found = align(texts, 2, 1)
    links = [(korean[k], english[e]) for k, e in zip(found.korean, found.english, strict=True)]
    met = {(k, e) for ko, en in CLEAR for k in ko.split() for e in en.split()}
    assert len(links) == len(met)
    assert set(links) == met


def test_the_same_text_gives_the_same_numbers_and_the_order_of_pairs_does_not_matter():
    texts, _, _ = bitext(LOOSE)
    first, second = align(texts, ROUNDS, 1), align(texts, ROUNDS, 1)
    assert np.array_equal(first.to_english, second.to_english)
    assert np.array_equal(first.to_korean, second.to_korean)
    assert np.array_equal(first.together, second.together)
    assert aligned(LOOSE)[0] == pytest.approx(aligned(LOOSE[::-1])[0])
