"""Words of both languages in the form that search works with, and sentences with their spans."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.morphology import load_morphology


@pytest.fixture(scope="module")
def morphology():
    return load_morphology(())


def terms(morphology, text):
    return [token.term for token in morphology.tokens(text)]


@pytest.mark.parametrize("ending", ["", "을", "은", "의", "이라는", "까지도"])
def test_a_noun_is_one_term_whatever_particle_follows(morphology, ending):
    assert terms(morphology, f"분담금{ending}") == ["분담금"]


@pytest.mark.parametrize(
    "text", ["방위비분담금을", "방위비 분담금을", "방위비분담금이", "방위비 분담금"]
)
def test_a_compound_is_its_parts_with_or_without_a_space(morphology, text):
    assert terms(morphology, text) == ["방위비", "분담금"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("demands", "demanded"),
        ("alliance", "alliances"),
        ("withdrew", "withdraw"),
        ("spent", "spends"),
        ("allies", "ally"),
        ("U.S.", "US"),
        ("Trump's", "Trump"),
        ("Trump’s", "Trump"),
    ],
)
def test_forms_of_an_english_word_are_one_term(morphology, one, other):
    assert terms(morphology, one) == terms(morphology, other) != []


def test_the_pronoun_us_is_no_country(morphology):
    assert terms(morphology, "with us") == []
    assert terms(morphology, "with the US") == ["usa"]


@pytest.mark.parametrize("text", ["", " ", "!?", "the of and", "그리고 그 것은", "😀"])
def test_text_without_content_has_no_terms(morphology, text):
    assert terms(morphology, text) == []


def test_a_token_says_where_it_stands(morphology):
    for text in ("트럼프는 방위비분담금을 원한다.", "Trump demands cost-sharing of $183 billion."):
        for token in morphology.tokens(text):
            assert text[token.char_start : token.char_end].lower()[0] == token.term[0]


def test_numbers_are_read_without_their_commas(morphology):
    assert "28500" in terms(morphology, "28,500 troops")


def test_decomposed_hangul_reads_like_composed(morphology):
    assert terms(morphology, "\u1112\u1161\u11ab\u1106\u1175 동맹") == terms(
        morphology, "한미 동맹"
    )


def test_names_that_look_like_grammar_are_seen_once_they_are_told():
    assert "가자" in load_morphology(()).lost(["가자", "방위비"])
    told = load_morphology(("가자",))
    assert told.lost(["가자"]) == []
    assert load_morphology(("가자",)) is told
    assert [t.term for t in told.tokens("가자 지구 전투")][0] == "가자"


def test_dictionary_forms_are_kept_as_verbs(morphology):
    assert morphology.dictionary_terms(["줄이다", "감축하다", "지출 삭감"]) == [
        ("줄이다",),
        ("감축",),
        ("지출", "삭감"),
    ]


def test_text_typed_without_spaces_is_read_after_spacing(morphology):
    found = [token.term for token in morphology.tokens("주한미군감축대신뭘제안하나")]
    assert {"주한", "미군", "감축"} <= set(found)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "The U.S. Army left. Rule No. 3 holds. It fell by 8.3% in 2023.",
            ["The U.S. Army left.", "Rule No. 3 holds.", "It fell by 8.3% in 2023."],
        ),
        ("Mr. Kim spoke. “It is so.” He left!", ["Mr. Kim spoke.", "“It is so.”", "He left!"]),
        ("성장률은 8.3%다. 다음은 3.5%였다.", ["성장률은 8.3%다.", "다음은 3.5%였다."]),
        ("“그렇다.”라고 말했다. 끝이다.", ["“그렇다.”라고 말했다.", "끝이다."]),
        ("미국(U.S.)은 크다. 한국은 작다.", ["미국(U.S.)은 크다.", "한국은 작다."]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(morphology, text, sentences):
    assert [text[start:end] for start, end in morphology.sentences(text)] == sentences


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=80),
        st.lists(st.sampled_from("한국은 간다. 😀 U.S. “그래” yes. \n 3.5% ㅋ".split(" "))).map(
            " ".join
        ),
    )
)
def test_sentences_come_in_order_and_hold_everything_but_white_space(text):
    spans = load_morphology(()).sentences(text)
    covered = set()
    end = 0
    for start, stop in spans:
        assert end <= start < stop <= len(text)
        covered.update(range(start, stop))
        end = stop
    assert not "".join(c for i, c in enumerate(text) if i not in covered).strip()


def test_many_threads_get_the_same_terms(morphology):
    texts = ["주한미군 감축을 요구했다.", "US forces in Korea", "방위비분담금을 올린다."] * 10
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: terms(morphology, text), texts))
    assert found == [terms(morphology, text) for text in texts]
