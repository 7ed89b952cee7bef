"""Models that a user chooses, from the setting to the answer, and a reranker's say in the order."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from assistant.answer import Assistant
from assistant.cli import cli
from assistant.errors import InputError
from assistant.features import EVIDENCE, SIGNALS
from assistant.query import clean, understand
from assistant.rank import Judge, Linear, Margins, Models, rank
from assistant.settings import load_settings
from index.models import CrossEncoderReranker, TransformerEmbedder
from index.retrieve import Retriever

QUESTION = "How many trees did the Forest Service plant in 2023?"
RANKER = {"coverage": 3.0, "lexical": 2.0, "position": -1.0}


def answered(answer):
    """What a reader sees of an answer."""
    return answer.status, answer.answer, [citation.quote for citation in answer.citations]


@dataclass
class FakeReranker:
    """Scores by a function of the texts' number; keeps what it was given."""

    scores: object
    name: str = "fake"
    version: str = "1"
    given: list = field(default_factory=list)

    def score(self, question, texts):
        self.given.append((question, list(texts)))
        return np.asarray(self.scores(len(texts)), np.float32)


@pytest.fixture(scope="module")
def models():
    """Models by hand, so that no fit changes what is tested here."""
    judge = Judge(
        ranker=Linear(0.0, {name: RANKER.get(name, 0.0) for name in SIGNALS}),
        answerability=Linear(0.0, {name: float(name == "score") for name in EVIDENCE}),
        thresholds={"ko": 0.5, "en": 0.5},
        margins=Margins(single=0.1, several=0.2, value=0.1),
    )
    return Models(restated=judge, plain=judge)


@pytest.fixture(scope="module")
def ranked(brief_index, models):
    retriever = Retriever(brief_index)

    def order(question, *history, reranker=None):
        query = understand(clean(question), history, None, brief_index.analyzer)
        scored = retriever.score(query.texts, query.groups)
        return rank(query, scored, retriever, models, reranker)

    return order


def test_a_reranker_of_the_same_mind_changes_nothing_on_whatever_scale_it_scores(ranked):
    alone = ranked("미국의 국가부채는 얼마인가?")
    agrees = FakeReranker(lambda n: 1_000 + 7 * np.array(alone.scores))
    both = ranked("미국의 국가부채는 얼마인가?", reranker=agrees)
    assert sorted(both.places) == sorted(alone.places)
    assert np.allclose(both.scores, alone.scores, atol=1e-3)
    assert both.probability == pytest.approx(alone.probability, abs=1e-3)


def test_the_order_is_that_of_the_mean_at_the_rankers_mean_and_spread(ranked):
    alone = ranked("미국의 국가부채는 얼마인가?")
    ours = np.array(alone.scores)
    theirs = np.arange(len(ours)) % 5 * 0.01
    both = ranked("미국의 국가부채는 얼마인가?", reranker=FakeReranker(lambda n: theirs))
    scaled = (theirs - theirs.mean()) / theirs.std() * ours.std() + ours.mean()
    expected = dict(zip(alone.places, (ours + scaled) / 2, strict=True))
    assert list(both.scores) == sorted(both.scores, reverse=True)
    assert both.places != alone.places
    assert np.allclose([expected[place] for place in both.places], both.scores, atol=1e-4)
    assert np.mean(both.scores) == pytest.approx(np.mean(alone.scores), abs=1e-4)


def test_scores_that_tell_no_passage_from_another_change_nothing(ranked):
    reranker = FakeReranker(lambda n: [0.3] * n)
    assert ranked("방위비분담금은?", reranker=reranker) == ranked("방위비분담금은?")
    assert len(reranker.given) == 1


@pytest.mark.parametrize("question", ["미국의 국가부채는 얼마인가?", "How large is the US debt?"])
def test_a_passage_is_read_in_the_language_of_the_question_else_in_its_own(
    ranked, brief_index, question
):
    alone, reranker = ranked(question), FakeReranker(np.arange)
    ranked(question, reranker=reranker)
    ((asked, texts),) = reranker.given
    language = "ko" if "얼마" in question else "en"
    passages = [brief_index.passages[place] for place in alone.places]
    assert asked == question
    assert texts == [p.in_language(language) or p.text for p in passages]
    assert all(texts)


def test_a_follow_up_is_read_after_the_question_that_it_leans_on(ranked):
    reranker = FakeReranker(np.arange)
    ranked("그럼 일본은?", "한국은 방위비를 얼마나 내나?", reranker=reranker)
    ((asked, _),) = reranker.given
    assert asked == "한국은 방위비를 얼마나 내나? 그럼 일본은?"


# From here on, real models, chosen as a user does.


@pytest.fixture
def choose(monkeypatch, tmp_path, small_library, tiny_lexicon):
    """Sets the variables for a small library, and those given."""
    monkeypatch.chdir(tmp_path)
    settings = {"library": small_library, "index": tmp_path / "index", **tiny_lexicon}

    def to(**chosen):
        for name, value in (settings | chosen).items():
            monkeypatch.setenv(f"CITEBRIEF_{name.upper()}", str(value))
        return load_settings()

    return to


@pytest.fixture
def ranker(tiny_bert):
    return tiny_bert("ranker", "BertForSequenceClassification")


def test_a_chosen_embedder_fills_an_index_of_its_own_and_a_question_is_answered(choose, minilm):
    settings = choose(embedder=minilm)
    assistant = Assistant.open(settings)
    assert isinstance(assistant.index.embedder, TransformerEmbedder)
    assert assistant.index.manifest.dimensions == 384
    assert assistant.index.folder != Assistant.open(choose(embedder="")).index.folder
    answer = assistant.ask(QUESTION)
    assert answer.status == "answered"
    assert any("2.5 million trees" in citation.quote for citation in answer.citations)
    assert {sentence.verdict for sentence in answer.sentences} == {"verified"}


def test_another_version_of_an_embedder_is_another_index(choose, tiny_bert):
    folder = tiny_bert("model", "BertModel")
    first = Assistant.open(choose(embedder=folder)).index.manifest
    assert Assistant.open(choose(embedder=folder)).index.manifest == first
    tiny_bert("model", "BertModel", seed=1)
    assert Assistant.open(choose(embedder=folder)).index.manifest != first


def test_a_chosen_reranker_is_asked_and_the_answer_is_the_same_every_time(choose, ranker):
    assistant = Assistant.open(choose(reranker=ranker))
    assert isinstance(assistant.finder.reranker, CrossEncoderReranker)
    kept = []
    real = assistant.finder.reranker.score

    def score(question, texts):
        kept.append((question, real(question, texts)))
        return kept[-1][1]

    assistant.finder.reranker = SimpleNamespace(score=score)
    first, second = assistant.ask(QUESTION), assistant.ask(QUESTION)
    assert answered(first) == answered(second)
    assert [question for question, _ in kept] == [QUESTION, QUESTION]
    assert len(set(kept[0][1].tolist())) > 5
    assert np.array_equal(kept[0][1], kept[1][1])
    assert {sentence.verdict for sentence in first.sentences} <= {"verified"}


def test_the_command_line_answers_with_both_models_chosen(choose, minilm, ranker):
    choose(embedder=minilm, reranker=ranker)
    result = CliRunner().invoke(cli, ["ask", QUESTION, "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["status"] in ("answered", "not_in_document")


def test_a_reranker_that_cannot_be_had_is_told_before_the_index_is_built(choose, tmp_path):
    settings = choose(reranker="no-such/reranker")
    with pytest.raises(InputError, match="no-such/reranker.*CITEBRIEF_RERANKER"):
        Assistant.open(settings)
    assert not settings.index.exists()
    result = CliRunner().invoke(cli, ["ask", QUESTION])
    assert result.exit_code == 2
    assert "CITEBRIEF_RERANKER" in result.stderr
