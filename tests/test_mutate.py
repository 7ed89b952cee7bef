"""One mistake at a time: what each kind makes of a sentence, and where it finds no occasion."""

import pytest

from eval.claims import WRONG
from eval.mutate import Name, load_names, mutate, pick
from eval.mutate_english import past
from eval.mutate_korean import linked, with_particle

NAMES = (
    Name("South Korea", "en", "country", 1, True),
    Name("Japan", "en", "country", 2, True),
    Name("United States", "en", "country", 3, True),
    Name("Kim Mina", "en", "person", 4, True),
    Name("한국", "ko", "country", 1, True),
    Name("일본", "ko", "country", 2, True),
    Name("김민아", "ko", "person", 4, True),
)
OTHERS = {
    "ko": ("어민들은 보상을 요구한다.",),
    "en": ("The fishers demand compensation.",),
}
MADE = [
    ("number", "함정은 350척이다.", "함정은 530척이다."),
    ("number", "2030년까지 3조 원을 들인다.", "2030년까지 4조 원을 들인다."),
    ("number", "회담은 두 차례 열렸다.", "회담은 세 차례 열렸다."),
    ("number", "It built 96 ships in 2024.", "It built 69 ships in 2024."),
    ("number", "The two sides met.", "The three sides met."),
    ("unit", "예산은 1,830억 달러를 넘는다.", "예산은 1,830억 원을 넘는다."),
    ("unit", "비중은 12%이다.", "비중은 12%포인트이다."),
    ("unit", "It took 24 hours.", "It took 24 days."),
    ("unit", "It gave $40 million.", "It gave €40 million."),
    ("name", "한국은 미사일을 배치했다.", "일본은 미사일을 배치했다."),
    ("name", "한국과 협력한다.", "일본과 협력한다."),
    ("name", "The United States agreed.", "South Korea agreed."),
    ("negation", "정부가 비용의 절반을 부담한다.", "정부가 비용의 절반을 부담하지 않는다."),
    ("negation", "요금이 올랐다.", "요금이 오르지 않았다."),
    ("negation", "조약에 서명하였다.", "조약에 서명하지 않았다."),
    ("negation", "협상의 시기였다.", "협상의 시기가 아니었다."),
    ("negation", "예산을 줄였다.", "예산을 줄이지 않았다."),
    ("negation", "협상에 참여하지 않았다.", "협상에 참여했다."),
    ("negation", "함대를 늘릴 것이다.", "함대를 늘리지 않을 것이다."),
    ("negation", "이는 선거 때문이다.", "이는 선거 때문이 아니다."),
    ("negation", "계획을 세우고 있다.", "계획을 세우고 있지 않다."),
    ("negation", "예산을 늘려야 한다.", "예산을 늘려서는 안 된다."),
    ("negation", "The port will grow.", "The port will not grow."),
    ("negation", "If it is so, it will end.", "If it is so, it will not end."),
    ("negation", "It cannot be excluded.", "It can be excluded."),
    ("negation", "It does not pay.", "It does pay."),
    ("negation", "The service planted trees.", "The service did not plant trees."),
    ("forecast_as_fact", "물량은 12% 늘어날 것으로 예상된다.", "물량은 12% 늘어났다."),
    ("forecast_as_fact", "정책을 추진할 것이다.", "정책을 추진했다."),
    ("forecast_as_fact", "갈등이 심해질 가능성이 크다.", "갈등이 심해졌다."),
    ("forecast_as_fact", "지지를 받을 전망이다.", "지지를 받았다."),
    ("forecast_as_fact", "기지가 있을 것이다.", "기지가 있다."),
    ("forecast_as_fact", "Trade is expected to grow.", "Trade grew."),
    ("forecast_as_fact", "The rules may be tightened.", "The rules were tightened."),
    ("recommendation_as_decision", "예산을 늘려야 한다.", "예산을 늘리기로 결정했다."),
    ("recommendation_as_decision", "협의할 필요가 있다.", "협의하기로 결정했다."),
    ("recommendation_as_decision", "Korea should act.", "Korea has decided to act."),
    ("recommendation_as_decision", "They need to act.", "They have decided to act."),
    ("recommendation_as_decision", "It must be ended.", "It has been ended."),
    (
        "attributed_as_author",
        "장관은 예산이 부족하다고 밝혔다.",
        "예산이 부족하다.",
    ),
    ("attributed_as_author", "조사에 따르면 수요가 줄었다.", "수요가 줄었다."),
    ("attributed_as_author", "Critics say that it harms wildlife.", "It harms wildlife."),
    ("attributed_as_author", "According to Kim, prices fell.", "Prices fell."),
    ("scope", "일부 어민이 반대한다.", "모든 어민이 반대한다."),
    ("scope", "한국은 협상에 참여했다.", "한국만 협상에 참여했다."),
    ("scope", "비용은 약 3조 원이다.", "비용만 약 3조 원이다."),
    ("scope", "Some fishers object.", "All fishers object."),
    ("scope", "The port is growing.", "Only the port is growing."),
    ("scope", "In 2024 about 40 ships came.", "In 2024 40 ships came."),
    (
        "cause_effect",
        "항만이 확장되었다.",
        "어민들은 보상을 요구하기 때문에, 항만이 확장되었다.",
    ),
    ("cause_effect", "It grew.", "It grew because the fishers demand compensation."),
    ("large_number", "선박 12,000척이 있다.", "선박 120,000척이 있다."),
    ("large_number", "It has 40,000 staff.", "It has 400,000 staff."),
    ("date", "10월 14일에 타결했다.", "11월 14일에 타결했다."),
    ("date", "It was signed in May.", "It was signed in July."),
]
NO_OCCASION = [
    ("number", "2024년 3월에 시작되었다."),
    ("number", "It began in 2024."),
    ("unit", "함대를 늘렸다."),
    ("unit", "It grew."),
    ("date", "함대를 늘렸다."),
    ("date", "It may grow."),
    ("name", "함대를 늘렸다."),
    ("name", "It grew."),
    ("negation", "함대의 규모."),
    ("forecast_as_fact", "함대를 늘렸다."),
    ("forecast_as_fact", "It grew."),
    ("recommendation_as_decision", "함대를 늘렸다."),
    ("recommendation_as_decision", "It grew."),
    ("attributed_as_author", "함대를 늘렸다."),
    ("attributed_as_author", "It grew."),
    ("scope", "함대를 늘렸다."),
    ("scope", "In Europe it grew."),
    ("cause_effect", "불황 때문에 줄었다."),
    ("cause_effect", "It fell because of the war."),
    ("wrong_citation", "함대를 늘렸다."),
    ("wrong_citation", "It grew."),
    ("large_number", "함정 350척."),
    ("large_number", "It has 350 ships."),
]


def lang_of(text):
    return "ko" if any("가" <= c <= "힣" for c in text) else "en"


@pytest.mark.parametrize(("kind", "text", "expected"), MADE)
def test_a_sentence_gets_one_mistake(kind, text, expected):
    lang = lang_of(text)
    assert mutate(kind, text, lang, OTHERS[lang], NAMES) == expected


@pytest.mark.parametrize(("kind", "text"), NO_OCCASION)
def test_a_sentence_without_the_occasion_is_left_alone(kind, text):
    lang = lang_of(text)
    assert mutate(kind, text, lang, OTHERS[lang], NAMES) is None


@pytest.mark.parametrize("kind", sorted(set(WRONG) - {"wrong_citation", "addition"}))
def test_each_kind_is_shown_in_both_languages(kind):
    assert {lang_of(text) for made, text, _ in MADE if made == kind} == {"ko", "en"}


@pytest.mark.parametrize(("text", "lang"), [("항만이 확장되었다.", "ko"), ("It grew.", "en")])
def test_an_addition_keeps_the_sentence_and_ends_as_one(text, lang):
    made = mutate("addition", text, lang, OTHERS[lang])
    assert made
    assert made.startswith(text.removesuffix("다.").removesuffix("."))
    assert made.endswith(".")
    assert len(made) > len(text) + 8
    assert made == mutate("addition", text, lang, OTHERS[lang])


def test_a_name_that_stands_beside_comes_before_others():
    names = (*NAMES, Name("China", "en", "country", 5, True))
    for beside in ("Japan", "China"):
        made = mutate("name", "South Korea agreed.", "en", (f"{beside} waited.",), names)
        assert made == f"{beside} agreed."


def test_a_name_is_found_as_a_word_of_its_own():
    assert mutate("name", "한국산 무기를 산다.", "ko", (), NAMES) is None
    assert mutate("name", "It met Japan Airlines staff.", "en", (), NAMES) is None


def test_the_names_of_the_lexicon_are_proper_names():
    names = load_names()
    assert {name.type for name in names} >= {"person", "country", "organization"}
    assert not any(name.text in ("대통령", "president") for name in names if name.preferred)


@pytest.mark.parametrize(
    ("word", "particle", "joined"),
    [
        ("한국", "는", "한국은"),
        ("러시아", "은", "러시아는"),
        ("서울", "으로", "서울로"),
        ("부산", "로", "부산으로"),
        ("NATO", "을", "NATO를"),
        ("한국", "에", "한국에"),
    ],
)
def test_a_particle_goes_with_the_last_letter(word, particle, joined):
    assert with_particle(word, particle) == joined


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("확장한다.", "확장하며"),
        ("늘렸다.", "늘렸으며"),
        ("받는다.", "받으며"),
        ("문제이다.", "문제이며"),
        ("함정 350척.", None),
    ],
)
def test_a_sentence_is_linked_to_a_next(text, clause):
    assert linked(text, "며") == clause


@pytest.mark.parametrize(
    ("verb", "form"),
    [("grow", "grew"), ("carry", "carried"), ("stop", "stopped"), ("reduce", "reduced")],
)
def test_the_past_of_a_verb(verb, form):
    assert past(verb) == form


def test_a_pick_is_always_the_same_and_in_range():
    assert {pick("문장", 3) for _ in range(3)} == {pick("문장", 3)}
    assert all(0 <= pick(str(n), 4) < 4 for n in range(50))
