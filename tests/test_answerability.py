"""What is seen of a question before it is answered or refused: each figure worked by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from passages import passage

from assistant.features import EVIDENCE, SIGNALS, Case
from assistant.query import Query, understand
from assistant.rank import Judge, Linear, Margins, Models, rank
from index.build import open_index
from index.retrieve import Retriever
from index.terms import TermGroup

# The words of the question, and how much each says (its idf).
PORT = TermGroup("부산항", "name", {"부산항": 1.0})
BUDGET = TermGroup("예산", "noun", {"예산": 1.0})
ELEPHANT = TermGroup("코끼리", "noun", {"코끼리": 1.0})
NURI = TermGroup("누리시", "name", {"누리시": 1.0})
EARLIER = TermGroup("갯벌", "noun", {"갯벌": 1.0}, share=0.45)
GROUPS = [PORT, BUDGET, ELEPHANT, NURI, EARLIER]
IDF = [3, 2, 1, 2, 1]
#            passages 0    1    2    3    4
PRESENT = [[1.0, 0.0, 0.0, 0.8, 0.0],
           [0.5, 1.0, 0.0, 0.0, 0.0],
           [0.0, 0.0, 0.0, 0.0, 0.0],
           [0.0, 0.0, 0.0, 0.0, 0.0],
           [0.0, 0.0, 0.0, 0.0, 1.0]]  # fmt: skip
QUOTES = ["부산항은 넓다.", "예산은 3조 원이다.", "역이다.", "부산항이다.", "갯벌이다."]
ORDER = [1, 0, 2, 3, 4]  # best first


def query(**changes):
    given = {
        "question": "부산항 예산은 얼마인가?",
        "language": "ko",
        "asks": frozenset(),
        "groups": tuple(GROUPS),
        "texts": (("부산항 예산은 얼마인가?", 1.0),),
        "follow_up": False,
        "focus": frozenset(),
        "unit": None,
        "entity": None,
    }
    return Query(**{**given, **changes})


def evidence(order=ORDER, groups=GROUPS, coverage=(0.5, 0.5, 0.0, 0.25, 0.1), **asked):
    """The facts about the question, by name; the best passage scores 5, the next 4 …"""
    rows = [GROUPS.index(group) for group in groups]
    present = np.array(PRESENT, np.float32)[rows].reshape(len(rows), 5)
    around = present.copy()
    around[:1, 1] = 0.5  # 부산항 stands near the second passage
    scored = SimpleNamespace(
        places=np.arange(5),
        groups=list(groups),
        score=np.arange(5, 0, -1, dtype=np.float32),
        dense=np.array([0.1, 0.2, 0.3, 0.4, 0.9], np.float32),
        dense_lead=np.array([1, 2, 3, 4, 50], np.float32),
        present=present,
        around=around,
        anywhere=present.any(axis=1),
        group_idf=np.array(IDF, np.float32)[rows],
        coverage=np.array(coverage, np.float32),
        reach=np.array([0.6, 0.7, 0.0, 0.25, 0.1], np.float32),
        columns=lambda places: np.asarray(places),
    )
    index = SimpleNamespace(passages=[passage(quote, i) for i, quote in enumerate(QUOTES)])
    case = Case(query(**asked), scored, SimpleNamespace(index=index))
    values = case.evidence(np.array(order), np.arange(5, 5 - len(order), -1, dtype=np.float32))
    return dict(zip(EVIDENCE, map(float, values), strict=True))


def near(**expected):
    return {name: pytest.approx(value) for name, value in expected.items()}


def some(found, expected):
    return {name: found[name] for name in expected}


def test_the_best_passage_says_how_high_it_scores_and_how_far_it_leads():
    expected = near(score=5, lead=4, coverage=0.5, reach=0.7)
    assert some(evidence(), expected) == expected
    assert evidence(order=[*ORDER, 0])["lead"] == 4  # over the fifth, whatever comes sixth
    assert evidence(order=[1, 0])["lead"] == 1
    assert evidence(order=[1])["lead"] == 0


def test_meaning_counts_from_the_best_four_whatever_comes_fifth():
    expected = near(dense=0.4, dense_lead=4 / 5)
    assert some(evidence(), expected) == expected


def test_words_that_the_library_lacks_weigh_as_much_as_they_say():
    # 코끼리 and 누리시, 3 of 9; of the names 누리시, 2 of 5.
    expected = near(unknown=3 / 9, unknown_names=2 / 5)
    assert some(evidence(), expected) == expected


def test_names_are_looked_for_in_the_best_four_and_about_the_best():
    # 부산항 is in the second passage, and half as surely around the first.
    expected = near(names_missed=2 / 5, names_missed_here=(3 * 0.5 + 2) / 5)
    assert some(evidence(), expected) == expected


def test_the_weightiest_words_that_the_best_four_lack_are_told():
    # 누리시 (2) and 코끼리 (1), over 부산항 (3); what an earlier question asked is not among them.
    expected = near(worst_missed=2 / 3, second_missed=1 / 3)
    assert some(evidence(), expected) == expected
    all_there = evidence(groups=[PORT, BUDGET])
    assert (all_there["worst_missed"], all_there["second_missed"]) == (0, 0)


def test_a_word_is_had_for_certain_by_the_best_passage_or_by_one_of_four():
    # The first passage has 예산 (2 of 9), the second 부산항 (3 of 9); half a word is none.
    expected = near(tight=2 / 9, tight_union=5 / 9)
    assert some(evidence(), expected) == expected


def test_what_is_asked_for_must_stand_in_the_best_two():
    asked = evidence(focus=frozenset({"예산", "코끼리"}))
    expected = near(focus_missed=1 / 3, has_focus=1)
    assert some(asked, expected) == expected
    apart = evidence(order=[2, 3, 1, 0], focus=frozenset({"예산"}))
    assert (apart["focus_missed"], apart["has_focus"]) == (1, 1)
    assert (evidence()["focus_missed"], evidence()["has_focus"]) == (0, 0)


def test_only_the_questions_own_words_are_counted_and_twelve_are_many():
    assert evidence()["words"] == pytest.approx(4 / 12)
    assert evidence(groups=[PORT] * 20)["words"] == 1


def test_a_question_without_a_word_has_nothing_to_miss():
    found = evidence(groups=[], coverage=(0, 0, 0, 0, 0))
    for name in ("coverage", "unknown", "names_missed", "worst_missed", "tight", "has_focus"):
        assert found[name] == 0


def test_a_follow_up_says_that_it_leans():
    assert (evidence()["leans"], evidence(follow_up=True)["leans"]) == (0, 1)


@pytest.mark.parametrize(
    ("question", "personal"),
    [("제가 살 집은 얼마인가?", 1), ("How old is my dog?", 1), ("부산항 예산은 얼마인가?", 0)],
)
def test_a_question_about_the_asker_is_told(question, personal):
    assert evidence(question=question)["personal"] == personal


@pytest.mark.parametrize(
    ("order", "coverage", "lacking"),
    [
        ([1, 0, 2], (0.5, 0.5, 0, 0, 0), 0),  # the best has it
        ([0, 1, 2], (0.5, 0.5, 0, 0, 0), 0),  # the second, which covers as much
        ([0, 1, 2], (0.5, 0.3, 0, 0, 0), 0),  # six tenths are enough
        ([0, 1, 2], (0.5, 0.29, 0, 0, 0), 1),  # less is about something else
        ([0, 2, 1], (0.5, 0.5, 0.5, 0, 0), 1),  # the third is too late
        ([0], (0.5, 0.5, 0, 0, 0), 1),
    ],
)
def test_a_value_counts_where_the_best_passage_or_a_close_second_has_it(order, coverage, lacking):
    found = evidence(order=order, coverage=coverage, asks=frozenset({"number"}))
    assert (found["asks_value"], found["no_value"]) == (1, lacking)


def test_what_is_not_asked_for_is_not_missed():
    found = evidence()
    for name in ("no_value", "no_unit", "no_entity", "asks_value", "asks_entity", "asks_reason"):
        assert found[name] == 0


def judge(margin, threshold):
    """A judge told by its margin, which ranks by words and answers from `threshold` on."""
    return Judge(
        ranker=Linear(0.0, {name: float(name == "lexical") for name in SIGNALS}),
        answerability=Linear(0.0, dict.fromkeys(EVIDENCE, 0.0)),
        thresholds={"ko": threshold, "en": 0.0},
        margins=Margins(single=margin, several=margin, value=margin),
    )


MODELS = Models(restated=judge(1.0, 0.51), plain=judge(2.0, 0.5))


def ranked(index, question):
    retriever = Retriever(index)
    asked = understand(question, (), None, index.analyzer)
    return rank(asked, retriever.score(asked.texts, asked.groups), retriever, MODELS)


def test_documents_of_ones_own_are_judged_by_a_model_of_their_own(
    small_library, tiny_lexicon, fake_embedder, tmp_path, brief_index
):
    own = open_index(small_library, tmp_path / "index", fake_embedder, **tiny_lexicon)
    plain = ranked(own, "부산항은 언제까지 확장되나?")
    own.store.close()
    assert plain.margins.single == 2.0
    assert own.passages[plain.places[0]].id == "harbour:s001"
    assert (plain.probability, plain.answerable) == (0.5, True)  # at the threshold is enough
    restated = ranked(brief_index, "미국의 국가부채는 얼마인가?")
    assert restated.margins.single == 1.0
    assert (restated.probability, restated.answerable) == (0.5, False)
    assert ranked(brief_index, "How large is the national debt?").answerable
