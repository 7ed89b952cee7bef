"""Questions made of sentences: natural in both languages, and none that leans on another."""

import pytest

from assistant.question_words import (
    Name,
    asked_abroad,
    asked_of,
    asked_of_cell,
    asked_of_section,
    heading_of,
    particle,
    with_article,
)

TAIWAN_KO, TAIWAN = Name("대만", "#g9", "country"), Name("Taiwan", "#g9", "country")
TRUMP_KO, TRUMP = Name("트럼프", "#g1", "person"), Name("Trump", "#g1", "person")


def asked(sentence, lang, stance="fact", names=(), heading=None):
    return [wording.text for wording in asked_of(sentence, lang, stance, names, heading)]


@pytest.mark.parametrize(
    ("word", "form"),
    [("대만", "은"), ("트럼프", "는"), ("NATO", "는"), ("SMA", "는"), ("2030", "은"),
     ("제2기", "는"), ("한국(ROK)", "은"), ("‘방위비’", "는"), ("F-16", "은"), ("BTL", "은")],
)  # fmt: skip
def test_a_particle_follows_the_sound_of_the_word(word, form):
    assert particle(word, "은", "는") == form


@pytest.mark.parametrize(
    ("sentence", "questions"),
    [
        (
            "동원이 늦어지는 까닭은 주소 정보의 오류와 개인 장비의 부족이다.",
            ["동원이 늦어지는 까닭은 무엇인가요?"],
        ),
        (
            "따라서 트럼프 안보정책의 핵심은 강력한 힘을 바탕으로 한 평화의 실현이다.",
            ["트럼프 안보정책의 핵심은 무엇인가요?"],
        ),
        ("전문병이란 4년의 복무를 약정하고 근무하는 병을 말한다.", ["전문병이란 무엇인가요?"]),
        ("부사관 정원은 5만 2천 명이지만 실제 인원은 다르다.", ["부사관 정원은 몇 명인가요?"]),
        ("방탄헬멧의 보급률은 54%에 불과하다.", ["방탄헬멧의 보급률은 몇 퍼센트인가요?"]),
        (
            "전문병의 초임은 월 285만 원으로, 병장의 약 2.6배이다.",
            ["전문병의 초임은 얼마인가요?"],
        ),
        (
            "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를 지원했다.",
            ["미국은 러시아-우크라이나 전쟁에 얼마를 지원했나요?"],
        ),
        ("이 수는 2035년 7만 9천 명이다.", []),
        ("같은 시험에서 직업군인 승무원조의 통과율은 81%였다.", []),
        ("찬성률은 20대 남성에서 63%로 높았고, 20대 여성에서는 39%였다.", []),
        ("2기에서 북한 문제는 우선순위가 낮아졌다.", []),
        ("우리 정부의 목표는 억제이다.", []),
    ],
)  # fmt: skip
def test_a_korean_sentence_gives_a_question_only_where_its_words_lend_themselves(
    sentence, questions
):
    assert asked(sentence, "ko") == questions


@pytest.mark.parametrize(
    ("sentence", "questions"),
    [
        (
            "The core of Trump's security policy is the realization of peace.",
            ["What is the core of Trump's security policy?"],
        ),
        (
            "The average second-tier pension was 1,340 crowns a month.",
            ["What was the average second-tier pension?"],
        ),
        (
            "The United States provided about $183 billion for the Russia-Ukraine war and more.",
            [],
        ),
        (
            "The United States provided about $183 billion for the Russia-Ukraine war.",
            ["How much did the United States provide for the Russia-Ukraine war?"],
        ),
        (
            "By structural deficit the Act means the deficit that would remain.",
            ["What is meant by structural deficit?"],
        ),
        ("The shortfall was met by a transfer from the budget.", []),
        ("This second ratio is the one that counts most of all.", []),
        ("The result is a loss of 40 million dollars a year.", []),
        ("The first measure is to raise the retirement age.", []),
    ],
)
def test_an_english_sentence_gives_a_question_only_where_its_words_lend_themselves(
    sentence, questions
):
    assert asked(sentence, "en") == questions


def test_the_greatest_of_what_is_said_by_its_section():
    heading = heading_of("3. 현행 제도의 문제점")
    assert asked("가장 큰 문제는 숙련의 단절이다.", "ko", heading=heading) == [
        "‘현행 제도의 문제점’에서 가장 큰 문제는 무엇인가요?"
    ]
    assert asked("The first measure is to raise the age.", "en", heading="The package") == [
        "In “The package”, what is the first measure?"
    ]


@pytest.mark.parametrize(
    ("stance", "korean", "english"),
    [
        (
            "fact",
            "문서는 대만에 대해 무엇이라고 설명하나요?",
            "What does the document say about Taiwan?",
        ),
        (
            "forecast",
            "대만에 대해 문서는 어떤 전망을 내놓나요?",
            "What outlook does the document give for Taiwan?",
        ),
        (
            "recommendation",
            "대만과 관련해 문서는 무엇을 제안하나요?",
            "What does the document recommend on Taiwan?",
        ),
    ],
)
def test_what_is_named_is_asked_about_by_the_stance(stance, korean, english):
    assert asked("안보 제공은 대만에 이어진다.", "ko", stance, [TAIWAN_KO]) == [korean]
    assert asked("Support goes to Taiwan.", "en", stance, [TAIWAN]) == [english]
    assert asked_abroad(TAIWAN, "en", stance).text == english
    assert asked_abroad(TAIWAN_KO, "ko", stance).text == korean


def test_who_speaks_is_asked_for_a_position():
    korean = "트럼프는 대만이 방위비를 내야 한다고 주장했다."
    assert asked(korean, "ko", "attributed", [TRUMP_KO, TAIWAN_KO]) == [
        "트럼프는 대만에 대해 어떤 입장인가요?"
    ]
    english = "Trump insists on more money from Taiwan."
    assert asked(english, "en", "attributed", [TRUMP, TAIWAN]) == [
        "What is Trump’s position on Taiwan?"
    ]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("The Taiwan issue is old.", Name("Taiwan", "x", "country"), None),
        ("He met the Senate.", Name("Senate", "x", "organization"), "the Senate"),
        ("It fears a Taiwan crisis.", Name("Taiwan crisis", "x"), "a Taiwan crisis"),
        ("US Navy ships sail.", Name("Navy ships", "x"), None),
        ("It rests on naval deterrence.", Name("naval deterrence", "x"), "naval deterrence"),
        ("It needs one aircraft carrier.", Name("aircraft carrier", "x"), None),
        ("The Russia-Ukraine war goes on.", Name("Ukraine", "x", "country"), None),
    ],
)  # fmt: skip
def test_an_english_name_takes_the_article_that_the_sentence_gives_it(text, name, expected):
    assert with_article(text, name) == expected


def test_a_name_that_says_too_little_is_not_asked_about():
    assert asked("무역이 줄었다.", "ko", names=[Name("무역", "x")]) == []
    assert asked("They reduced trade.", "en", names=[Name("trade", "x")]) == []
    assert asked_abroad(Name("extended deterrence", "x"), "en", "fact") is None
    senate = asked_abroad(Name("Federal Reserve", "x", "organization"), "en", "fact")
    assert senate.text == "What does the document say about the Federal Reserve?"


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("2. The pension system today", "The pension system today"),
        ("제3장 인구 전망", "인구 전망"),
        ("Ⅱ. 정책 기조", "정책 기조"),
        ("결론", None),
        ("3. Conclusions", None),
        ("What “peace” means", None),
        ("가" * 61, None),
    ],
)
def test_a_heading_is_quoted_without_its_number_or_not_at_all(heading, expected):
    assert heading_of(heading) == expected


def test_a_section_and_a_cell_are_asked_about_in_both_languages():
    both = frozenset({"fact", "recommendation"})
    assert [w.text for w in asked_of_section("중동 정책", "ko", both)] == [
        "‘중동 정책’과 관련해 문서는 무엇을 제안하나요?",
        "문서는 ‘중동 정책’에 대해 무엇이라고 설명하나요?",
    ]
    assert [w.text for w in asked_of_section("China Policy", "en", frozenset())] == [
        "What does the document say under “China Policy”?"
    ]
    cell = asked_of_cell(["표 1", "군사", "한국"], "ko")
    assert cell.text == "표 1의 ‘군사’ 항목에서 ‘한국’ 칸에는 무엇이 있나요?"
    cell = asked_of_cell(["Table 1", "Military", "South Korea"], "en")
    assert cell.text == "In Table 1, what does the “Military” row say for “South Korea”?"
    assert asked_of_cell(["Military", "South Korea"], "en") is None
