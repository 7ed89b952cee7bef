"""How evidence for a passage is put together: own words, paragraph, heading and meaning."""

from dataclasses import replace

import numpy as np
import pytest

from index.build import open_index
from index.retrieve import FEW, Retriever, Weights

LIBRARY = """\
# 철도

고속철도 요금은 내년에 오른다. 노인은 그대로 낸다.

## 요금

할인은 두 가지이다.

## 역

새 역이 선다.
"""
FARE, ELDERLY, DISCOUNT, STATION = range(4)


@pytest.fixture
def opened(tmp_path, tiny_lexicon, fake_embedder):
    """A function that opens a library of texts by file name."""
    indexes = []

    def make(**texts):
        folder = tmp_path / "library"
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        indexes.append(open_index(folder, tmp_path / "index", fake_embedder, **tiny_lexicon))
        return indexes[-1]

    yield make
    for index in indexes:
        index.store.close()


@pytest.fixture
def railway(opened):
    return opened(railway=LIBRARY)


def scored(retriever, question, share=1.0, allowed=None):
    groups = retriever.index.analyzer.question_groups(question)
    groups = [replace(group, share=group.share * share) for group in groups]
    return retriever.score([(question, 1.0)], groups, allowed)


def test_paragraph_and_heading_vouch_for_a_word_at_a_discount(railway):
    found = scored(Retriever(railway, Weights(paragraph=0.2, section=0.5)), "요금")
    own = found.lexical[FARE]
    assert own > 0
    assert found.lexical / own == pytest.approx([1, 0.2, 0.5, 0])
    assert found.present.tolist() == [[1, 0, 0, 0]]
    assert found.around.tolist() == [[1, 1, 1, 0]]
    assert found.heading.tolist() == [[0, 0, 1, 0]]
    assert found.coverage.tolist() == [1, 0, 0, 0]
    assert found.reach.tolist() == [1, 1, 1, 0]


def test_what_each_word_finds_adds_up(railway):
    retriever = Retriever(railway)
    one, other = scored(retriever, "요금"), scored(retriever, "할인")
    both = scored(retriever, "요금과 할인")
    assert both.lexical == pytest.approx(one.lexical + other.lexical)


def test_what_is_not_allowed_vouches_for_nothing(railway):
    allowed = np.array([False, True, False, True])
    found = scored(Retriever(railway), "요금", allowed=allowed)
    assert found.places.tolist() == [ELDERLY, STATION]
    assert not found.lexical.any()
    assert not found.anywhere.any()


def test_a_word_of_an_earlier_question_counts_for_its_share(railway):
    retriever = Retriever(railway)
    whole, half = scored(retriever, "요금"), scored(retriever, "요금", share=0.5)
    assert half.lexical == pytest.approx(whole.lexical / 2)
    assert half.group_idf == pytest.approx(whole.group_idf / 2)
    assert half.present.tolist() == whole.present.tolist()


def test_a_word_that_nobody_knows_says_the_most(railway):
    found = scored(Retriever(railway), "코끼리")
    highest = max(arm.highest_idf for arm in railway.lexical.values())
    assert found.group_idf.tolist() == pytest.approx([highest])
    assert found.coverage.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("weight", [0.0, 0.5, 2.0])
def test_meaning_adds_to_words_as_its_weight_says_and_never_takes_away(railway, weight):
    found = scored(Retriever(railway, Weights(dense=weight)), "고속철도 요금")
    assert (found.dense_lead < 0).any() and (found.dense_lead > 0).any()
    added = weight * np.maximum(found.dense_lead, 0)
    assert found.score == pytest.approx(found.lexical + added, abs=1e-5)


def test_a_question_asked_twice_means_what_it_means_once(railway):
    groups = railway.analyzer.question_groups("요금")
    once = Retriever(railway).score([("고속철도 요금", 1.0)], groups)
    twice = Retriever(railway).score([("고속철도 요금", 1.0), ("고속철도 요금", 0.5)], groups)
    assert twice.dense == pytest.approx(once.dense, abs=1e-6)


def test_the_embedder_is_told_that_it_reads_a_question(railway, fake_embedder, monkeypatch):
    told = []

    def embed(texts, *, question=False):
        told.append((list(texts), question))
        return type(fake_embedder)().embed(texts)

    monkeypatch.setattr(fake_embedder, "embed", embed)
    scored(Retriever(railway), "요금은?")
    assert told == [(["요금은?"], True)]


def test_the_lead_is_told_in_standard_deviations_of_the_whole_crowd(railway):
    found = scored(Retriever(railway), "고속철도 요금")
    expected = (found.dense - found.dense.mean()) / found.dense.std()
    assert found.dense_lead == pytest.approx(expected, abs=1e-4)


def test_the_lead_of_a_passage_is_over_those_that_are_allowed(railway):
    allowed = np.array([True, False, False, True])
    some = scored(Retriever(railway), "고속철도 요금", allowed=allowed)
    assert some.dense_lead == pytest.approx([1.0, -1.0], abs=1e-4)  # of two, one leads


@pytest.mark.parametrize(("count", "apart"), [(FEW, True), (FEW - 1, False)])
def test_passages_are_compared_with_their_own_language_where_there_are_enough(opened, count, apart):
    index = opened(
        ko="\n\n".join(f"부산항의 부두 {n}번은 배를 기다린다." for n in range(count)),
        en="\n\n".join(f"Pier {n} of the harbour waits for ships." for n in range(count)),
    )
    found = scored(Retriever(index), "부산항의 부두는 몇 개인가?")
    korean = np.array([p.lang == "ko" for p in index.passages])
    crowds = [korean, ~korean] if apart else [np.ones(len(korean), bool)]
    for crowd in crowds:
        dense, lead = found.dense[crowd], found.dense_lead[crowd]
        assert lead == pytest.approx((dense - dense.mean()) / dense.std(), abs=1e-3)


def test_a_question_without_words_is_ranked_by_meaning_alone(railway):
    found = Retriever(railway).score([("고속철도", 1.0)], [])
    assert found.lexical.tolist() == [0, 0, 0, 0]
    assert found.score == pytest.approx(np.maximum(found.dense_lead, 0), abs=1e-6)
