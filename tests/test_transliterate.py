"""Names in the other script: which are found, which are not, and how long it takes."""

import json
import random
import time

import pytest

from index import spelling
from index.training.romanisation import romanised
from index.transliterate import LIKELY, NameIndex, likeness

NAMES = [
    ("카네기", "carnegie"),
    ("카네기", "carnegi"),
    ("멜런", "Mellon"),
    ("시러큐스", "Syracuse"),
    ("랜디", "randi"),
    ("용인", "Yongin"),
    ("조선", "Joseon"),
    ("고려", "Goryeo"),
    ("로어노크", "Roanoke"),
    ("묘청", "Myocheong"),
    ("악셀", "Axel"),
    ("모차르트", "Mozart"),
    ("반데르발스", "van der Waals"),
    ("캐딜락", "Cadillac"),
    ("다뉴브강", "Danube"),
    ("오하이오주", "Ohio"),
    ("용인시", "Yongin"),
    ("박", "Park"),
    ("이", "Lee"),
    ("최", "Choi"),
    ("김", "Kim"),
]


@pytest.mark.parametrize(("hangul", "latin"), NAMES)
def test_a_name_is_known_in_the_other_script(hangul, latin):
    assert LIKELY <= likeness(hangul, latin) <= 1


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("조선", "Carnegie"),
        ("시간", "second"),
        ("물", "mule"),
        ("나라", "near"),
        ("정보", "jumbo"),
        ("사람", "summer"),
        ("피", "pea"),
        ("모차르트", "Mossad"),
    ],
)
def test_words_that_sound_little_or_briefly_alike_are_no_name(hangul, latin):
    assert likeness(hangul, latin) < LIKELY


@pytest.mark.parametrize(
    ("hangul", "latin"), [("", "x"), ("가", ""), ("abc", "abc"), ("카네기", "4"), ("카네기2", "x")]
)
def test_what_is_no_word_of_its_script_is_like_nothing(hangul, latin):
    assert likeness(hangul, latin) == 0


LIBRARY = [
    *dict.fromkeys(word for pair in NAMES for word in pair),
    "book",
    "책",
    "forti",
    "1950",
    "",
]


@pytest.mark.parametrize(
    ("hangul", "latin"), [pair for pair in NAMES if pair[1] != "van der Waals"]
)
def test_a_library_gives_the_name_in_either_direction(hangul, latin):
    index = NameIndex(LIBRARY)
    assert latin in [word for word, _ in index.matches(hangul)]
    assert hangul in [word for word, _ in index.matches(latin)]


def test_matches_come_best_first_and_are_likely():
    index = NameIndex(LIBRARY)
    found = index.matches("용인", limit=2)
    assert found[0][0] == "Yongin"
    assert [value for _, value in found] == sorted((v for _, v in found), reverse=True)
    assert all(LIKELY <= value <= 1 for _, value in index.matches("카네기"))
    assert len(index.matches("카네기", limit=1)) == 1


@pytest.mark.parametrize(
    "word", ["", "책", "책갈피", "xyzzy", "1950", "제2의", "a", "가" * 40, "b" * 40]
)
def test_a_word_that_is_no_name_here_gives_nothing(word):
    assert NameIndex(["carnegi", "카네기", "ohio"]).matches(word) == []


@pytest.mark.parametrize("words", [[], ["카네기"], ["carnegi"], ["1", ""]])
def test_a_library_without_words_of_the_other_script_gives_nothing(words):
    index = NameIndex(words)
    assert index.matches("오하이오") == index.matches("ohio") == []


def test_accents_and_hyphens_do_not_count():
    assert likeness("괴테", "Gœthe") > 0
    assert spelling.latin_letters("Saint-Étienne") == "saintetienne"
    assert spelling.latin_letters("Łódź") == "lodz"


def test_the_tables_survive_storing():
    tables = spelling.shipped()
    text = spelling.TABLES.read_text(encoding="utf-8")
    chunks = json.loads(text)["chunks"]
    again = spelling.parse(spelling.dump(tables.channel, chunks, tables.surnames))
    rows = spelling.sound_slots(spelling.syllable_rows(["카네기", "이"]))
    letters = spelling.letter_rows(["carnegie", "lee"])
    assert again.channel.evidence(rows, letters) == pytest.approx(
        tables.channel.evidence(rows, letters), abs=0.2
    )
    assert len(text.encode()) <= 150_000


def test_the_sounds_of_a_word_know_their_settings():
    slots = spelling.sound_slots(spelling.syllable_rows(["용인", "스"]))
    read = [
        [spelling.SOUNDS[s // spelling.CONTEXTS] for s in row if s != spelling.SILENT]
        for row in slots
    ]
    assert read == [["vㅛ", "cㅇ", "vㅣ", "cㄴ", "end"], ["oㅅ", "vㅡ", "end"]]


def test_a_search_among_many_words_is_quick():
    syllables = "".join(map(chr, range(ord("a"), ord("z") + 1)))
    words = [a + b + c + d for a in syllables for b in "aeiou" for c in syllables for d in "aeiou"]
    index = NameIndex([*words, "carnegi"])
    assert index.matches("카네기")[0][0] == "carnegi"
    begin = time.perf_counter()
    for _ in range(20):
        index.matches("카네기")
    assert (time.perf_counter() - begin) / 20 < 0.1  # about 2 ms; machines are busy


@pytest.mark.parametrize(
    ("word", "spelling_"),
    [("신라", "silla"), ("왕십리", "wangsimni"), ("설악", "seorak"), ("묘청", "myocheong")],
)
def test_the_revised_romanisation_follows_the_sound(word, spelling_):
    assert romanised(word, random.Random(0), revised=True) == spelling_
