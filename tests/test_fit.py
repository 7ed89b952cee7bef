"""The fit finds the signal that tells, the same each time, and never sees a test half."""

from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from assistant.features import EVIDENCE, SIGNALS
from eval import fit


def example(relevant, signals, groups=None):
    signals = np.array(signals, np.float32)
    return SimpleNamespace(
        places=np.arange(len(signals)),
        signals=signals,
        gold=set(relevant),
        groups=[[place] for place in relevant] if groups is None else groups,
        answerable=bool(relevant),
        paragraph_only=False,
        weight=1.0,
        ranks=True,
    )


def row(**values):
    return [values.get(name, 0.0) for name in SIGNALS]


def test_the_ranker_learns_which_signal_tells():
    told = [row(lexical=1.0, dense=0.5), row(lexical=0.2, dense=0.5), row(dense=0.9)]
    weights = dict(zip(SIGNALS, fit.fit_ranker([example([0], told)] * 5), strict=True))
    assert weights["lexical"] > 0 > weights["dense"]
    assert weights["short"] == pytest.approx(0)


def test_a_question_counts_once_however_many_passages_it_has():
    few = [row(lexical=1.0), row(dense=1.0)]
    many = [row(dense=1.0)] + [row(lexical=1.0)] * 50
    weights = fit.fit_ranker([example([0], few), example([0], many)])
    assert np.abs(weights).max() < 0.01


def test_the_best_sentence_stands_for_its_paragraph():
    told = [row(coverage=0.9, position=1.0), row(coverage=0.1), row(coverage=0.5)]
    known, paragraph = example([0], told[:1] + told[2:]), example([0, 1], told)
    paragraph.paragraph_only = True
    alone = fit.fit_ranker([known])
    assert np.allclose(fit.fit_ranker([paragraph]), alone)


def test_questions_without_a_choice_teach_the_ranker_nothing():
    told = example([0], [row(lexical=1.0), row()])
    unanswerable, all_relevant = example([], [row(dense=1.0)] * 2), example([0], [row(dense=1.0)])
    alone, among = fit.fit_ranker([told]), fit.fit_ranker([told, unanswerable, all_relevant])
    assert np.array_equal(alone, among)


def test_fitting_again_gives_the_same_weights():
    random = np.random.default_rng(0)
    examples = [example([0], random.random((8, len(SIGNALS)))) for _ in range(20)]
    assert np.array_equal(fit.fit_ranker(examples), fit.fit_ranker(examples))


def test_answerability_learns_what_the_answered_have_in_common():
    random = np.random.default_rng(0)
    examples = []
    for number in range(60):
        facts = random.random(len(EVIDENCE)).astype(np.float32)
        facts[EVIDENCE.index("coverage")] = 0.9 if number % 2 else 0.1
        one = example([0] if number % 2 else [], [row()])
        one.case = SimpleNamespace(evidence=lambda places, scores, facts=facts: facts)
        examples.append(one)
    ranker = np.zeros(len(SIGNALS), np.float32)
    bias, weights = fit.fit_answerability(examples, ranker)
    named = dict(zip(EVIDENCE, weights, strict=True))
    assert max(named, key=named.__getitem__) == "coverage"
    for one in examples:
        logit = one.case.evidence(one.places, None) @ weights + bias
        assert (logit > 0) == one.answerable


def test_recall_counts_groups_of_evidence_and_skips_the_unanswerable():
    by_hand = [
        example([1, 2, 3], [row()] * 4, groups=[[1], [2, 3]]),  # at 2: places 0, 1 -> 1 of 2
        example([0], [row()] * 4, groups=[[0, 3]]),  # 1 of 1
        example([], [row()] * 4),
    ]
    assert fit._recall(by_hand, 2) == pytest.approx(0.75)
    assert fit._recall(by_hand, 3) == pytest.approx(1.0)
    assert np.isnan(fit._recall(by_hand[2:], 2))


def test_a_test_half_is_never_seen(monkeypatch):
    samples = [SimpleNamespace(half=half) for half in ("dev", "test", None, "test")]
    monkeypatch.setattr(fit, "load", lambda path, needs_nuggets: samples)
    assert [s.half for s in fit._seen("brief")] == ["dev", None]


def test_a_library_is_copied_without_one_setting(small_library, tmp_path):
    folder = fit._copy_without(small_library, tmp_path / "copy", "edition")
    kept = yaml.safe_load((folder / "harbour.yaml").read_text(encoding="utf-8"))
    before = yaml.safe_load((small_library / "harbour.yaml").read_text(encoding="utf-8"))
    assert before.keys() - kept.keys() == {"edition"}
    assert kept["title"] == before["title"]
    assert (folder / "harbour.md").read_bytes() == (small_library / "harbour.md").read_bytes()


def test_weights_are_stored_by_name():
    values = np.arange(len(SIGNALS), dtype=np.float32) / 3
    named = fit._named(SIGNALS, values)
    assert [*named] == [*SIGNALS]
    assert named[SIGNALS[1]] == 0.3333
