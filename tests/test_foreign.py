"""Words of one language found in passages that read in the other only."""

import math
from dataclasses import replace

import pytest
from passages import passage

from index.foreign import ForeignWords
from index.lexical import LexicalArm, write_lexical
from index.terms import PAIR_SHARE, TermGroup
from index.translate import load_translator

KOREAN = ["간호사 병원", "바르콘다", "간호사", "전자"]  # the third has an edition


@pytest.fixture(scope="module")
def arms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words") / "ko"
    write_lexical(folder, [text.split() for text in KOREAN], range(len(KOREAN)))
    return {"ko": LexicalArm(folder)}


@pytest.fixture(scope="module")
def passages():
    return [
        passage(text, i, translation="A nurse." if i == 2 else None)
        for i, text in enumerate(KOREAN)
    ]


@pytest.fixture(scope="module")
def foreign(passages, arms):
    return ForeignWords(passages, arms, trust=1.0)


def group(word, kind="noun", share=1.0):
    return TermGroup(word, kind, {word: 1.0}, share)


def test_a_word_is_found_by_its_translations_in_passages_without_an_edition(foreign, arms):
    ((found,),) = foreign.matches([group("nurs")])
    assert found.places.tolist() == [0]
    table = arms["ko"].match_translations(load_translator().words("nurs"))
    assert table.places.tolist() == [0, 2]
    assert found.scores.tolist() == table.scores[:1].tolist()


def test_scores_are_as_high_as_translations_are_trusted(foreign, passages, arms):
    ((whole,),) = foreign.matches([group("nurs")])
    ((half,),) = ForeignWords(passages, arms, trust=0.5).matches([group("nurs")])
    assert half.scores == pytest.approx(whole.scores / 2)
    assert half.present.tolist() == whole.present.tolist()


def test_a_name_is_found_by_its_sound(foreign):
    ((found,),) = foreign.matches([group("varkonda", "name")])
    assert found.places.tolist() == [1]


@pytest.mark.parametrize(
    "word", [group("30", "number"), group("간호사"), group("nurs_hospit", "other", PAIR_SHARE)]
)
def test_numbers_words_of_the_passages_language_and_pairs_are_not_translated(foreign, word):
    assert foreign.matches([word]) == [[]]


def test_a_compound_wants_all_its_parts_and_counts_as_one_word(passages, tmp_path):
    write_lexical(tmp_path / "en", [["electron", "hospit"], ["hospit"]], [0, 1])
    english = [replace(p, lang="en") for p in passages[:2]]
    arm = LexicalArm(tmp_path / "en")
    ((found,),) = ForeignWords(english, {"en": arm}, 1.0).matches([group("전자병원")])
    (parts,) = load_translator().compound("전자병원")
    each = [arm.match_translations(part) for part in parts]
    both = sum(m.scores[m.places.tolist().index(0)] for m in each if 0 in m.places)
    assert len(parts) == 2
    assert found.scores[0] == pytest.approx(both / math.sqrt(2), rel=1e-5)
    assert found.present[0] > found.present[1]


def test_nothing_is_translated_where_every_passage_has_an_edition(arms):
    whole = [passage(text, i, translation="An edition.") for i, text in enumerate(KOREAN)]
    assert ForeignWords(whole, arms, 1.0).matches([group("nurs"), group("간호사")]) == [[], []]
