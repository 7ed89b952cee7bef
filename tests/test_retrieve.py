"""Retrieval finds the passage, whatever the spacing, the spelling, the language or the size."""

import shutil

import numpy as np
import pytest
from conftest import CORPUS

from index.build import open_index
from index.models import load_embedder
from index.retrieve import Retriever, Weights


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


def test_arrays_are_about_the_passages_at_their_places(small):
    found = scored(small, "요금 갯벌")
    count = len(small.index.passages)
    assert found.places.tolist() == list(range(count))
    assert found.columns(found.places[[3, 7]]).tolist() == [3, 7]
    allowed = np.arange(count) % 3 == 1
    groups = small.index.analyzer.question_groups("요금 갯벌")
    some = small.score([("요금 갯벌", 1.0)], groups, allowed)
    assert some.places.tolist() == np.flatnonzero(allowed).tolist()
    assert some.present.shape == (len(groups), len(some.places))
    columns = some.columns(some.places)
    assert columns.tolist() == list(range(len(some.places)))
    assert np.allclose(some.dense, found.dense[some.places], atol=1e-6)
    assert np.allclose(some.present, found.present[:, some.places])


def test_a_word_that_the_library_lacks_is_nowhere(small):
    found = scored(small, "갯벌 코끼리")
    known = {g.word: known for g, known in zip(found.groups, found.anywhere, strict=True)}
    assert known == {"갯벌": True, "코끼리": False, "갯벌코끼리": False}


def test_an_arm_ranks_by_itself(small):
    found = scored(small, "철도 요금")
    for arm, values in (
        ("fused", found.score),
        ("lexical", found.lexical),
        ("dense", found.dense),
    ):
        hits = small.search("철도 요금", 20, arm=arm)
        assert [hit.score for hit in hits] == pytest.approx(sorted(values, reverse=True))
    assert np.allclose(found.score, found.lexical + np.maximum(found.dense_lead, 0))


KOREAN = [
    "산불 피해를 막기 위해 숲길에 감시 카메라를 설치한다.",
    "고속철도 요금은 내년에 오를 예정이다.",
    "시립 병원은 간호사 30명을 새로 뽑는다.",
    "어시장의 얼음 공장은 지난달에 문을 닫았다.",
    "낡은 수도관을 교체하여 깨끗한 물을 공급한다.",
    "학교 급식에 지역 농부가 기른 채소를 쓴다.",
    "박물관은 월요일마다 문을 닫는다.",
    "다리 건설 공사는 지진 때문에 늦어졌다.",
    "도서관은 점자책과 오디오북을 빌려준다.",
    "태양광 발전소가 섬에 전기를 보낸다.",
    "쓰레기 소각장 주변의 공기를 매일 측정한다.",
    "겨울 축제에 관광객 4만 명이 찾아왔다.",
]
ENGLISH = [
    "Cameras along the forest paths watch for wildfires.",
    "The fare of the high-speed railway will rise next year.",
    "The city hospital is hiring 30 nurses.",
    "The ice factory at the fish market closed last month.",
    "Old water pipes are replaced to supply clean water.",
    "School lunches use vegetables grown by local farmers.",
    "The museum is closed every Monday.",
    "An earthquake delayed the construction of the bridge.",
    "The library lends braille books and audiobooks.",
    "A solar power plant sends electricity to the island.",
    "The air around the waste incinerator is measured every day.",
    "The winter festival drew 40,000 tourists.",
]
ASKED = [  # in Korean, in English, and which sentence answers
    ("간호사를 몇 명 뽑나?", "How many nurses does the hospital hire?", 2),
    ("철도 요금은 언제 오르나?", "When will the railway fare rise?", 1),
    ("박물관은 무슨 요일에 쉬나?", "On which day is the museum closed?", 6),
    ("지진으로 늦어진 공사는?", "What did the earthquake delay?", 7),
    ("섬의 전기는 어디에서 오나?", "Where does the island get its electricity from?", 9),
    ("도서관은 무엇을 빌려주나?", "What does the library lend?", 8),
]


@pytest.fixture(scope="module")
def open_library(tmp_path_factory):
    """A function that opens a library of texts by file name with the shipped embedder.

    The same texts are indexed once.
    """
    made, opened = {}, []

    def make(texts):
        key = tuple(texts)
        if key not in made:
            made[key] = tmp_path_factory.mktemp("city")
            library = made[key] / "library"
            library.mkdir()
            for name, sentences in texts.items():
                # A paragraph each, so that neighbours do not vouch for each other.
                (library / name).write_text("\n\n".join(sentences) + "\n", encoding="utf-8")
            (made[key] / "none.yaml").write_text("[]\n", encoding="utf-8")
        folder, none = made[key], made[key] / "none.yaml"
        opened.append(
            open_index(
                folder / "library",
                folder / "index",
                load_embedder(None),
                glossary=none,
                thesaurus=none,
            )
        )
        return Retriever(opened[-1])

    yield make
    for index in opened:
        index.store.close()


@pytest.fixture(scope="module")
def one_language(open_library):
    """A library in Korean and one in English, neither with an edition, that say the same."""
    return {
        "ko": open_library({"korea.txt": KOREAN}),
        "en": open_library({"england.txt": ENGLISH}),
    }


@pytest.fixture(scope="module")
def mixed(open_library):
    """Half of the sentences in a Korean document, the other half in an English one."""
    return open_library({"korean.txt": KOREAN[:7], "english.txt": ENGLISH[7:]})


@pytest.mark.parametrize("arm", ["fused", "lexical"])
@pytest.mark.parametrize(("korean", "english", "number"), ASKED)
def test_a_question_finds_the_sentence_in_a_library_in_the_other_language(
    one_language, korean, english, number, arm
):
    (found,) = one_language["ko"].search(english, 1, arm=arm)
    assert found.passage.quote == KOREAN[number]
    (found,) = one_language["en"].search(korean, 1, arm=arm)
    assert found.passage.quote == ENGLISH[number]


@pytest.mark.parametrize("arm", ["fused", "lexical"])
@pytest.mark.parametrize(("korean", "english", "number"), ASKED)
def test_a_question_in_either_language_finds_the_sentence_in_a_mixed_library(
    mixed, korean, english, number, arm
):
    expected = KOREAN[number] if number < 7 else ENGLISH[number]
    for question in (korean, english):
        (found,) = mixed.search(question, 1, arm=arm)
        assert found.passage.quote == expected


def test_translations_say_how_surely_a_word_is_there(one_language):
    found = scored(one_language["ko"], "nurses of the hospital")
    by_word = dict(zip((g.word for g in found.groups), found.present, strict=True))
    nurses = by_word["nurs"]
    assert nurses.argmax() == 2
    assert 0.5 < nurses[2] <= 1
    assert (found.coverage <= 1.00001).all()
    assert found.coverage.argmax() == 2


NAMES = [("바르콘다", "Varkonda"), ("로젠크란츠", "Rosenkrantz"), ("타르벤코", "Tarvenko")]


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_name_that_no_table_knows_is_found_by_its_sound(open_library, number):
    korean = [f"{name} 시장은 새 다리를 칭찬했다." for name, _ in NAMES]
    english = [f"Mayor {name} praised the new bridge." for _, name in NAMES]
    asked_ko, asked_en = f"{NAMES[number][0]}는 누구인가?", f"Who is {NAMES[number][1]}?"
    (found,) = open_library({"names-ko.txt": korean}).search(asked_en, 1, arm="lexical")
    assert found.passage.quote == korean[number]
    (found,) = open_library({"names-en.txt": english}).search(asked_ko, 1, arm="lexical")
    assert found.passage.quote == english[number]


def test_words_are_translated_as_much_as_the_weights_say(one_language):
    index = one_language["ko"].index
    question = "How many nurses does the hospital hire?"
    whole, half, none = (
        scored(Retriever(index, Weights(translated=trust)), question) for trust in (1.0, 0.5, 0.0)
    )
    assert np.allclose(half.lexical, whole.lexical / 2, atol=1e-5)
    assert not none.lexical.any()
    assert np.array_equal(whole.dense, none.dense)


def test_a_number_is_found_as_it_stands_and_is_not_translated(one_language):
    found = scored(one_language["ko"], "30 nurses")
    (number,) = (row for g, row in zip(found.groups, found.present, strict=True) if g.word == "30")
    assert np.flatnonzero(number).tolist() == [2]
    assert number[2] == 1


def test_a_passage_with_an_edition_is_matched_in_the_edition_only(small):
    # 부담하다 may read as "burden", which the English edition ("bears half of the cost") lacks.
    found = scored(small, "burden of the fishers")
    by_word = dict(zip((g.word for g in found.groups), found.present, strict=True))
    edited = [p.translation is not None for p in small.index.passages]
    assert not by_word["burden"][edited].any()
    assert by_word["fisher"][edited].any()


@pytest.fixture
def many(monkeypatch):
    """Every library is a large one: passages are chosen first, their neighbours come from HNSW."""
    monkeypatch.setattr("index.retrieve.WHOLE", 4)
    monkeypatch.setattr("index.retrieve.LEADING", 40)
    monkeypatch.setattr("index.store.EXACT_UP_TO", 1)


@pytest.fixture
def large(retriever, many, monkeypatch, tmp_path):
    """The brief's index as if it were large, in a copy of its own."""
    monkeypatch.setattr("index.retrieve.LEADING", 5)
    folder = retriever.index.folder
    shutil.copytree(folder, tmp_path / folder.name)
    index = open_index(CORPUS, tmp_path, load_embedder(None))
    yield Retriever(index)
    index.store.close()


def test_a_large_library_gives_the_same_first_hits_as_one_scored_whole(
    retriever, large, monkeypatch
):
    questions = [
        "방위비분담금을 얼마나 올리나?",
        "젤렌스키와 통화는 얼마나 했나",
        "a 350-ship fleet",
        "US national debt in 2034",
        "How large an increase in the cost-sharing contribution?",
        "오모테나쉬 외교",
    ]
    found = {question: large.search(question, 3) for question in questions}
    for question in questions:
        assert len(scored(large, question).places) < len(large.index.passages)
    monkeypatch.undo()
    for question in questions:
        whole = retriever.search(question, 3)
        assert [h.passage.id for h in found[question]] == [h.passage.id for h in whole]
        for one, other in zip(found[question], whole, strict=True):
            assert one.features["lexical"] == pytest.approx(other.features["lexical"], rel=1e-3)
            assert one.features["dense"] == pytest.approx(other.features["dense"], abs=1e-3)
            assert one.features["coverage"] == pytest.approx(other.features["coverage"], rel=1e-3)


@pytest.mark.parametrize("question", ["", "없는말이다", "the of"])
def test_a_large_library_answers_questions_without_a_known_word(large, question):
    found = scored(large, question)
    assert np.isfinite(found.score).all()
    assert len(large.search(question, 3)) == 3


def test_whole_paragraphs_of_a_large_library_are_scored(large):
    found = scored(large, "젤렌스키와 통화")
    chosen = set(large.paragraphs[found.places].tolist())
    members = np.flatnonzero(np.isin(large.paragraphs, list(chosen)))
    assert found.places.tolist() == members.tolist()


@pytest.fixture(params=["whole", "large"])
def three(request, open_library):
    """Three documents, scored whole or as if they were many."""
    if request.param == "large":
        request.getfixturevalue("many")
    return open_library({"a.txt": KOREAN[:6], "b.txt": KOREAN[6:], "c.txt": ENGLISH})


@pytest.mark.parametrize(
    ("documents", "language", "allowed"),
    [
        (("a",), None, {"a"}),
        (("a", "b"), None, {"a", "b"}),
        (("c",), None, {"c"}),
        ((), "ko", {"a", "b"}),
        ((), "en", {"c"}),
        (("b", "c"), "ko", {"b"}),
        (("a",), "en", set()),
        (("nothing",), None, set()),
    ],
)
@pytest.mark.parametrize("question", ["간호사를 몇 명 뽑나?", "When will the railway fare rise?"])
def test_only_passages_of_the_documents_and_the_language_are_found(
    three, question, documents, language, allowed
):
    for arm in ("fused", "lexical", "dense"):
        hits = three.search(question, 40, documents=documents, language=language, arm=arm)
        assert {hit.passage.document_id for hit in hits} == allowed
    places = [p for p in three.index.passages if p.document_id in allowed]
    assert len(hits) == len(places)


def test_the_best_of_what_is_allowed_comes_first(three):
    question = "When will the railway fare rise?"
    assert three.search(question, 1)[0].passage.quote == ENGLISH[1]
    assert three.search(question, 1, language="ko")[0].passage.quote == KOREAN[1]
    assert three.search(question, 1, documents=["a"])[0].passage.quote == KOREAN[1]
    (first, *_) = three.search("박물관은 무슨 요일에 쉬나?", 1, documents=["b", "c"])
    assert first.passage.quote == KOREAN[6]


def test_without_a_filter_everything_is_allowed(small):
    assert small.allowed() is None
    assert small.allowed(["harbour", "forest", "trains"]) is None
    korean = [p.lang == "ko" for p in small.index.passages]
    assert small.allowed(language="ko").tolist() == korean
