"""Retrieval finds the passage, whatever the spacing, the spelling or the language."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.build import open_index
from index.retrieve import Retriever

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def retriever(brief_index):
    return Retriever(brief_index)


@pytest.fixture
def small(small_library, tiny_lexicon, fake_embedder, tmp_path):
    index = open_index(small_library, tmp_path / "index", fake_embedder, **tiny_lexicon)
    yield Retriever(index)
    index.store.close()


def quotes(retriever, question, limit=5):
    return [hit.passage.quote for hit in retriever.search(question, limit)]


def scored(retriever, question):
    groups = retriever.index.analyzer.question_groups(question)
    return retriever.score([(question, 1.0)], groups)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("방위비분담금을 얼마나 올리나?", "5배 증액"),
        ("방위비 분담금을 얼마나 올리나?", "5배 증액"),
        ("How large an increase in the cost-sharing contribution?", "5배 증액"),
        ("cost-sharing contribution 10배", "5배 증액"),
        ("주한미군감축대신뭘", "주한미군의 유연성으로 대체"),
        ("주한미군 감축 대신 뭘", "주한미군의 유연성으로 대체"),
        ("350척 함대", "350척"),
        ("a 350-ship fleet", "350척"),
        ("젤렌스키와 통화는 얼마나 했나", "반 시간 가량"),
        ("US national debt in 2034", "2034년에는 56조 달러"),
        ("오모테나시 외교", "오모테나시"),
    ],
)
def test_the_passage_is_among_the_first_five(retriever, question, words):
    assert any(words in quote for quote in quotes(retriever, question))


@pytest.mark.parametrize(
    ("misspelt", "words"),
    [
        ("오모테나쉬 외교", "오모테나시"),
        ("젤렌스끼 대통령 통화", "젤렌스키"),
        ("Zelenskyi phone call", "젤렌스키"),
        ("transactonalism doctrine", "실용적 거래주의"),
    ],
)
def test_misspelt_words_still_find(retriever, misspelt, words):
    assert any(words in quote for quote in quotes(retriever, misspelt))


def test_both_spacings_of_a_compound_score_alike(retriever):
    one, two = scored(retriever, "방위비분담금을"), scored(retriever, "방위비 분담금을")
    assert np.array_equal(one.lexical, two.lexical)
    assert np.array_equal(one.coverage, two.coverage)


def test_hits_come_best_first_with_where_the_score_came_from(small):
    hits = small.search("부산항 확장 비용", 20)
    assert len(hits) == len(small.index.passages) == 13
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].passage.id == "harbour:s001"
    assert set(hits[0].features) == {"lexical", "dense", "coverage"}


def test_a_synonym_counts_less_than_the_word_itself(small):
    exact, near = scored(small, "부산항은 확장된다"), scored(small, "부산항은 넓혀진다")
    best = int(exact.coverage.argmax())
    assert small.index.passages[best].id == "harbour:s001"
    assert exact.coverage[best] == pytest.approx(1)
    assert 0 < near.coverage[best] < 1


def test_the_other_language_finds_through_glossary_and_edition(small):
    assert quotes(small, "Port of Busan", 1)[0].startswith("부산항은")
    assert quotes(small, "tidal flats", 1)[0].startswith("갯벌")


def test_a_heading_vouches_for_the_passages_under_it(small):
    found = scored(small, "환경")
    under = [p.section_titles.get("ko") == "환경" for p in small.index.passages]
    assert not found.coverage.any()
    assert [bool(reach) for reach in found.reach] == under


def test_coverage_and_presence_lie_between_0_and_1(retriever):
    for question in ("방위비분담금 인상 요구", "What did Trump say about Taiwan?", "없는말이다"):
        found = scored(retriever, question)
        for values in (found.coverage, found.reach, found.present, found.around):
            assert values.min() >= 0
            assert values.max() <= 1.00001
        assert found.dense.min() >= -1.00001


@pytest.mark.parametrize("question", ["", "???", "the of", "😀"])
def test_a_question_without_a_word_gives_scores_all_the_same(retriever, question):
    found = scored(retriever, question)
    assert found.present.shape == (0, len(retriever.index.passages))
    assert not found.lexical.any()
    assert np.isfinite(found.score).all()
    assert len(retriever.search(question, 3)) == 3


def test_what_a_follow_up_follows_weighs_on_the_vector(small):
    groups = small.index.analyzer.question_groups("요금")
    alone = small.score([("요금", 1.0)], groups).dense
    after = small.score([("요금", 1.0), ("갯벌 보호 구역", 0.9)], groups).dense
    place = next(i for i, p in enumerate(small.index.passages) if "갯벌" in p.quote)
    assert after[place] > alone[place]


def test_scores_do_not_hang_on_the_order_of_sets(small, tmp_path):
    """Of two words equally like a misspelt one, every process must take the same."""
    script = """
import sys
from types import SimpleNamespace
from index.retrieve import Retriever
from index.terms import TermGroup
arm = SimpleNamespace(vocabulary=frozenset(["abcdex", "abcdey", "abcdez", "abcdew"]))
index = SimpleNamespace(lexical={"en": arm})
group = Retriever(index)._spelled(TermGroup("abcdeq", "noun", {"abcdeq": 1.0}))
print(sorted(group.alternatives))
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in "123"
    }
    assert outputs == {"['abcdeq', 'abcdew']\n"}
