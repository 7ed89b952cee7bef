"""The second judge: what it is asked of a run, and how far it agrees."""

from collections import Counter

import pytest
from fakes import (
    EDITION,
    FIRST,
    SECOND,
    FakeEngine,
    answered,
    contains,
    line,
    refused,
    write_lines,
)

from assistant.types import Usage
from eval.judge import Judge, Opinion
from eval.opinion import LABELLED, Item, agreement, items_of, labelled, second_opinion
from eval.run import Asking, run
from eval.samples import load


class FakeJudge:
    """Believes what stands in its text word for word; remembers what it was asked."""

    name = "fake:judge"
    usage = Usage(3, 20, 10, None)

    def __init__(self):
        self.asked = []

    def support(self, claim, passages, lang):
        self.asked.append(("support", claim, tuple(passages), lang))
        return Opinion("support" if claim in passages else "not_support", None, None)

    def nugget(self, fact, answer, lang):
        self.asked.append(("nugget", fact, answer, lang))
        return Opinion(None, None, "empty output")


def item(against, ours, verdict):
    return Item(against, "q1", ours, lambda: Opinion(verdict, None, None))


def test_agreement_is_told_for_each_thing_that_was_judged():
    asked = []
    items = [
        item("a", True, "support"),
        item("a", False, "not_support"),
        item("a", False, "partial_support"),  # not enough to be quoted on
        item("a", True, None),
        item("b", True, "not_support"),
    ]
    found = second_opinion(FakeJudge(), items, asked=lambda: asked.append(1))
    assert found["agreement"]["a"] == {"kappa": 1.0, "observed": 1.0, "n": 3, "unscored": 1}
    assert found["agreement"]["b"]["observed"] == 0.0
    assert found["usage"]["calls"] == 3
    assert [i["verdict"] for i in found["items"]][3:] == [None, "not_support"]
    assert len(asked) == 5


def test_several_at_once_give_the_same_as_one_after_the_other():
    items = [item("a", n % 2 == 0, "support" if n % 3 else "not_support") for n in range(30)]
    assert second_opinion(FakeJudge(), items, jobs=4) == second_opinion(FakeJudge(), items)


def test_sentences_nuggets_and_labelled_claims_of_a_run_are_asked(tmp_path):
    path = write_lines(
        tmp_path / "set.jsonl", [line("full", "ko", "number"), line("no", "ko", "date")]
    )
    engine = FakeEngine({"full": answered(FIRST, SECOND), "no": refused()})
    samples = load(path)
    rows = run(Asking.of(engine, samples, contains), samples)
    judge = FakeJudge()
    items = items_of(judge, rows, contains)
    assert Counter(i.against for i in items) == {
        "sentences, our checker": 2,
        "nuggets, our matching": 2,
        "claims, labelled by hand": LABELLED,
    }
    assert not judge.asked  # nothing is asked before it is paid for
    found = second_opinion(judge, items[:4])
    assert ("support", FIRST, (FIRST, EDITION[FIRST]), "ko") in judge.asked
    assert found["agreement"]["sentences, our checker"]["observed"] == 1.0
    assert found["agreement"]["nuggets, our matching"]["unscored"] == 2


def test_the_labelled_claims_are_half_right_half_korean_and_of_every_sort():
    chosen = labelled()
    assert len(chosen) == LABELLED == len({claim.id for claim in chosen})
    assert Counter((c.lang, c.right) for c in chosen) == {
        (lang, right): 15 for lang in ("ko", "en") for right in (True, False)
    }
    assert len({c.kind for c in chosen if not c.right}) == 13
    assert all(c.half == "dev" for c in chosen)


def test_a_judge_is_what_the_module_of_judges_makes():
    assert {"support", "nugget", "usage"} <= set(dir(Judge))
    with pytest.raises(TypeError):
        Judge()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("ours", "theirs", "kappa", "observed", "n", "unscored"),
    [
        ("TTFF", "TFFF", 0.5, 0.75, 4, 0),
        ("TTFF?T", "TFFFT?", 0.5, 0.75, 4, 2),
        ("TF", "TF", 1.0, 1.0, 2, 0),
        ("TF", "FT", -1.0, 0.0, 2, 0),
        ("TT", "TF", 0.0, 0.5, 2, 0),
        ("TT", "FF", 0.0, 0.0, 2, 0),
        ("TT", "TT", None, 1.0, 2, 0),
        ("FF?", "FFT", None, 1.0, 2, 1),
        ("?T", "T?", None, None, 0, 2),
        ("", "", None, None, 0, 0),
    ],
)
def test_agreement_worked_by_hand(ours, theirs, kappa, observed, n, unscored):
    read = {"T": True, "F": False, "?": None}
    found = agreement([read[c] for c in ours], [read[c] for c in theirs])
    assert found.kappa == (None if kappa is None else pytest.approx(kappa))
    assert (found.observed, found.n, found.unscored) == (observed, n, unscored)


def test_raters_of_different_things_are_a_fault():
    with pytest.raises(ValueError, match="shorter"):
        agreement([True, None], [True])
