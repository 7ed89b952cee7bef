"""Words in the other language: tables, compounds, phrases, and how surely a text has them."""

import json

import pytest

from index.errors import CiteBriefError
from index.training.train_translations import write_tables
from index.translate import Translator, load_translator, presence

TABLES = {
    "전쟁": {"war": 0.8, "warfar": 0.2},
    "war": {"전쟁": 0.8},
    "전자": {"electron": 0.6},
    "레인지": {"rang": 0.4},
    "전": {"former": 0.4},
    "자": {"ruler": 0.4},
    "전기": {"electr": 0.6},
    "차": {"car": 0.8, "tea": 0.4},
    "비": {"rain": 0.6},
    "국가": {"state": 0.6, "nation": 0.4},
    "부서": {"depart": 0.6},
    "오류": {"error": 0.001},
}
PHRASES = {
    "방위비": ["defens cost", "defens spend", "militari budget item"],
    "국가 부서": ["state depart"],
    "국가 부서 장관": ["secretari state"],
    "tea room": ["다방"],
}
EXACT = 0.5 / 255  # weights are stored in 255ths


@pytest.fixture(scope="module")
def translator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    write_tables(folder, TABLES)
    (folder / "phrases.json").write_text(json.dumps(PHRASES), encoding="utf-8")
    return Translator(folder)


@pytest.mark.parametrize("term", TABLES)
def test_a_word_gives_the_translations_that_were_written(translator, term):
    found = translator.words(term)
    assert list(found) == list(TABLES[term])
    assert all(0 < weight <= 1 for weight in found.values())
    if term != "오류":
        assert found == pytest.approx(TABLES[term], abs=EXACT)


def test_the_least_weight_is_not_lost(translator):
    assert translator.words("오류") == {"error": 1 / 255}


@pytest.mark.parametrize("term", ["산", "mountain", "", "warfar", "전자레인지"])
def test_an_unknown_word_or_one_that_is_only_a_translation_gives_none(translator, term):
    assert translator.words(term) == {}


def test_a_known_word_is_an_option_of_one_part(translator):
    assert translator.options("전쟁") == ((translator.words("전쟁"),),)
    assert translator.options("산") == ()


@pytest.mark.parametrize(
    ("term", "parts"),
    [
        ("전자레인지", ["전자", "레인지"]),  # and not 전 + 자 + 레인지
        ("전기차", ["전기", "차"]),
        ("전쟁국가비", ["전쟁", "국가", "비"]),
    ],
)
def test_a_compound_is_taken_apart_into_the_fewest_known_words(translator, term, parts):
    assert translator.options(term) == ()
    assert translator.compound(term) == (tuple(translator.words(part) for part in parts),)


@pytest.mark.parametrize(
    "term",
    [
        "비차",  # too short: two syllables
        "전자산",  # a part is unknown
        "비전자",  # only the last part may be of one syllable
        "전쟁",  # a word that is known as a whole
        "electronrang",  # not Korean
        "전자3",
        "",
    ],
)
def test_what_is_no_sure_compound_is_not_taken_apart(translator, term):
    assert translator.compound(term) == ()


def test_a_phrases_alternatives_line_up_where_they_have_as_many_words(translator):
    ((first, second),) = translator.options("방위비")
    assert first == {"defens": 1.0}
    assert second == {"cost": 1.0, "spend": 1.0}


def test_a_phrase_is_a_further_option_of_each_of_its_words(translator):
    phrase = ({"state": 1.0}, {"depart": 1.0})
    found = translator.translate(["국가", "부서", "전쟁"])
    assert found[0] == ((translator.words("국가"),), phrase)
    assert found[1] == ((translator.words("부서"),), phrase)
    assert found[2] == ((translator.words("전쟁"),),)


def test_the_longest_phrase_goes_first(translator):
    found = translator.translate(["국가", "부서", "장관"])
    phrase = ({"secretari": 1.0}, {"state": 1.0})
    assert [options[-1] for options in found] == [phrase] * 3
    assert found[2] == (phrase,)


def test_words_apart_or_in_another_order_are_no_phrase(translator):
    assert translator.translate(["부서", "국가"]) == [
        ((translator.words("부서"),),),
        ((translator.words("국가"),),),
    ]
    assert translator.translate(["tea", "x", "room"]) == [(), (), ()]
    assert translator.translate([]) == []


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"a", "b"}, 1.0),
        ({"a"}, 0.5),
        ({"c"}, 0.25),  # half as likely as the likeliest, in one part of two
        ({"a", "c"}, 0.5),
        ({"c", "b"}, 0.75),
        (set(), 0.0),
    ],
)
def test_presence_is_the_mean_over_the_parts(held, expected):
    assert presence(({"a": 0.8, "c": 0.4}, {"b": 0.3}), held) == pytest.approx(expected)


def test_what_has_no_parts_is_not_present():
    assert presence((), {"a"}) == 0


@pytest.mark.parametrize("damage", ["gone", "garbage"])
def test_tables_that_cannot_be_read_are_an_error_that_names_the_file(tmp_path, damage):
    write_tables(tmp_path, TABLES)
    if damage == "garbage":
        (tmp_path / "tables.safetensors").write_bytes(b"[1, 2")
        (tmp_path / "phrases.json").write_bytes(b"[1, 2")
    with pytest.raises(CiteBriefError, match=r"phrases\.json.*restore"):
        Translator(tmp_path)._phrase(["국가"])
    if damage == "gone":
        (tmp_path / "tables.safetensors").unlink()
    with pytest.raises(CiteBriefError, match=r"tables\.safetensors.*restore"):
        Translator(tmp_path).words("전쟁")


@pytest.mark.parametrize(
    ("term", "translation"),
    [
        ("전쟁", "war"),
        ("war", "전쟁"),
        ("산불", "wildfir"),
        ("water", "물"),
        ("철도", "railway"),
        ("동맹", "allianc"),
        ("hospit", "병원"),
    ],
)
def test_the_shipped_tables_know_common_words(term, translation):
    found = load_translator().words(term)
    assert max(found, key=lambda other: found[other]) == translation


def test_the_shipped_tables_know_the_field():
    first = {other for parts in load_translator().options("방위비") for other in parts[0]}
    assert first & {"defens", "defenc"}
    (parts,) = load_translator().compound("고속철도")
    assert {"railway", "rail"} <= {term for part in parts for term in part}


def test_the_shipped_tables_are_loaded_once():
    assert load_translator() is load_translator()
