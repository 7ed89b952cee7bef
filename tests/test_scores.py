"""Every score of one answer and what a reader would mind, each worked by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from fakes import CALL, DOCUMENT, FIRST, SECOND, SHIPS, answered, contains, refused

from assistant.types import Answer, Stance
from eval.catalogue import BY_NAME, MEASURES, Measure
from eval.samples import Nugget, Sample, SampleKind
from eval.scores import Scored, score

STANCES: dict[str, tuple[Stance, ...]] = {"brief:s001": ("fact",), "brief:s002": ("fact",)}
RETRIEVAL = {"recall_5", "recall_10", "rr_10", "ndcg_10"}
TEXTUAL = {
    "citation_recall",
    "citation_precision",
    "verbatim",
    "pages",
    "markers",
    "numbers",
    "stance",
    "sentences",
    "quote_chars",
}
ALWAYS = {"language", "latency_ms"}
ANSWERABLE = {"evidence", "wrongly_refused", "nuggets", "vital"} | RETRIEVAL


def nugget(given: Mapping[str, object]) -> Nugget:
    return Nugget(given["text"], given["vital"], tuple(given["ko"]), tuple(given["en"]))


def sample(kind: SampleKind = "number", **changes: object) -> Sample:
    whole = Sample(
        id="a",
        document="brief",
        lang="ko",
        kind=kind,
        question="?",
        history=(),
        evidence=() if kind == "unanswerable" else (("s001",), ("s002",)),
        quotes=(),
        nuggets=() if kind == "unanswerable" else (nugget(SHIPS), nugget(CALL)),
        half=None,
        note="",
    )
    return replace(whole, **changes)


def scored(given: Sample, answer: Answer, ranked: Sequence[str] = (FIRST, SECOND)) -> Scored:
    return score(
        given,
        answer,
        ((FIRST,), (SECOND,)) if given.answerable else (),
        {"brief": DOCUMENT},
        supports=contains,
        readings=lambda c: (c.quote, c.translation or c.quote),
        stances=STANCES,
        ranked=ranked,
        latency_ms=5.0,
    )


def codes(found: Scored) -> list[str]:
    return [failure.code for failure in found.failures]


def test_a_full_answer_has_full_scores_and_nothing_to_mind() -> None:
    found = scored(sample(), answered(FIRST, SECOND))
    assert found.scores.keys() == ALWAYS | ANSWERABLE | TEXTUAL | {"conciseness"}
    contract = [m.name for m in MEASURES if m.contract]
    full = ["evidence", "vital", "nuggets", "language", "stance", "conciseness", *contract]
    assert {name: found.scores[name] for name in full} == dict.fromkeys(full, 1.0)
    assert (found.scores["wrongly_refused"], found.scores["latency_ms"]) == (0.0, 5.0)
    assert (found.scores["sentences"], found.scores["quote_chars"]) == (2.0, 22.0)
    assert found.failures == ()


def test_a_partial_answer_says_what_it_missed() -> None:
    found = scored(sample(), answered(SECOND))
    assert (found.scores["evidence"], found.scores["nuggets"], found.scores["vital"]) == (
        0.5,
    ) * 2 + (0,)
    assert [(f.code, f.about) for f in found.failures] == [
        ("evidence_missed", FIRST),
        ("nugget_missed", "350척"),
    ]


def test_a_welcome_fact_that_is_missing_is_no_failure() -> None:
    assert codes(scored(sample(), answered(FIRST))) == ["evidence_missed"]


def test_a_refusal_tells_nothing_whatever_topics_it_names() -> None:
    found = scored(sample(), refused("문서에 없습니다. 가까운 주제: 함정 350척, 반 시간"))
    assert found.scores.keys() == ALWAYS | ANSWERABLE
    assert (found.scores["evidence"], found.scores["nuggets"], found.scores["vital"]) == (0, 0, 0)
    assert (found.scores["wrongly_refused"], found.scores["language"]) == (1.0, 1.0)
    assert codes(found) == ["wrongly_refused"]


def test_the_search_is_measured_even_where_the_answer_refuses() -> None:
    found = scored(sample(), refused(), ranked=[SECOND])
    assert (found.scores["recall_5"], found.scores["rr_10"]) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("answer", "refused_rightly", "minded"),
    [(refused(), 1.0, []), (answered(FIRST), 0.0, ["not_refused"])],
)
def test_an_unanswerable_question_is_scored_on_refusing(
    answer: Answer, refused_rightly: float, minded: list[str]
) -> None:
    found = scored(sample("unanswerable"), answer)
    expected = ALWAYS | {"refused"} | (TEXTUAL if answer.sentences else set())
    assert found.scores.keys() == expected
    assert found.scores["refused"] == refused_rightly
    assert codes(found) == minded


def test_a_follow_up_is_scored_by_its_evidence_or_by_its_refusal() -> None:
    asked = sample(history=("앞?",))
    assert scored(asked, answered(FIRST)).scores["follow_up"] == 0.5
    beside = sample("unanswerable", history=("앞?",))
    assert scored(beside, refused()).scores["follow_up"] == 1.0
    assert scored(beside, answered(FIRST)).scores["follow_up"] == 0.0


def test_a_question_without_nuggets_has_no_score_of_them() -> None:
    assert not {"nuggets", "vital"} & scored(sample(nuggets=()), refused()).scores.keys()


def test_what_cannot_be_judged_is_unscored_and_no_failure() -> None:
    asked = sample(lang="en", nuggets=(nugget({**CALL, "vital": True}),))  # without English words
    unsure = answered(FIRST, language="en")
    unsure = replace(unsure, sentences=(replace(unsure.sentences[0], text="350-ship?"),))
    unlabelled = replace(unsure, citations=(replace(unsure.citations[0], passage="brief:s009"),))
    found = scored(asked, unlabelled)
    for name in ("nuggets", "vital", "citation_recall", "citation_precision", "stance"):
        assert name in found.scores
        assert found.scores[name] is None, name
    assert "not_supported" not in codes(found)
    assert "nugget_missed" not in codes(found)


def test_an_answer_without_numbers_has_no_score_of_them() -> None:
    answer = answered(SECOND)
    wordy = replace(answer, sentences=(replace(answer.sentences[0], text="통화했다."),))
    assert "numbers" not in scored(sample(), wordy).scores


def spoilt(code: str) -> Answer:
    """A full answer with one thing wrong."""
    good = answered(FIRST, SECOND)
    (first, second), (one, two) = good.sentences, good.citations
    return {
        "wrong_language": replace(good, language="en"),
        "not_supported": replace(
            good,
            answer=good.answer.replace("목표는", "목적은"),
            sentences=(replace(first, text=first.text.replace("목표는", "목적은")), second),
        ),
        "not_verbatim": replace(good, citations=(one, replace(two, char_start=two.char_start - 1))),
        "wrong_page": replace(good, citations=(one, replace(two, page=1))),
        "wrong_markers": replace(good, answer=good.answer.replace("[2]", "[1]")),
        "stance_changed": replace(good, sentences=(first, replace(second, stance="forecast"))),
    }[code]


@pytest.mark.parametrize(
    "code",
    [
        "wrong_language",
        "not_supported",
        "not_verbatim",
        "wrong_page",
        "wrong_markers",
        "stance_changed",
    ],
)
def test_one_thing_that_is_wrong_is_the_one_thing_to_mind(code: str) -> None:
    minded = codes(scored(sample(nuggets=()), spoilt(code)))
    assert minded == [code]


def test_a_number_that_is_not_cited_is_minded() -> None:
    good = answered(FIRST, SECOND)
    more = replace(good.sentences[0], text="함정은 360척이다.")
    changed = replace(good, sentences=(more, good.sentences[1]), answer="함정은 360척이다. [1]")
    assert {"number_changed", "not_supported"} <= set(codes(scored(sample(), changed)))


def test_measures_have_a_name_of_their_own_and_words_in_both_languages() -> None:
    assert len(BY_NAME) == len(MEASURES)
    for measure in MEASURES:
        for words in (measure.label, measure.says):
            assert words.keys() == {"ko", "en"}
            assert all(words.values())
        if measure.contract:
            assert measure.target == 1.0


@pytest.mark.parametrize(
    ("measure", "value", "bound", "met"),
    [
        (BY_NAME["evidence"], 0.95, None, True),
        (BY_NAME["evidence"], 0.94, None, False),
        (BY_NAME["evidence"], 0.94, 0.9, True),
        (BY_NAME["wrongly_refused"], 0.06, None, False),  # lower is better
        (BY_NAME["wrongly_refused"], 0.05, None, True),
        (BY_NAME["wrongly_refused"], 0.0, 0.0, True),
        (BY_NAME["evidence"], 0.1, 0.0, True),  # a bound of 0 is a bound
        (BY_NAME["nuggets"], 0.1, None, None),  # without a target
        (BY_NAME["sentences"], 3.0, 2.0, None),  # neither way is better
    ],
)
def test_a_value_meets_a_bound_from_the_right_side(
    measure: Measure, value: float, bound: float | None, met: bool | None
) -> None:
    assert measure.met(value, bound) is met
