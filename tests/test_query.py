"""A question as typed becomes a query: cleaned, its language known, its missing words found."""

import unicodedata

import pytest

from assistant.errors import InputError
from assistant.query import LONGEST_QUESTION, clean, understand


@pytest.fixture(scope="module")
def ask(brief_index):
    """understand() with the brief's words."""

    def query(question, *history, lang=None):
        return understand(question, history, lang, brief_index.analyzer)

    return query


def words(query):
    """The words a query is searched by, with how much each counts."""
    return {g.word: g.share for g in query.groups}


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  트럼프는\n 누구?\t", "트럼프는 누구?"),
        (unicodedata.normalize("NFD", "방위비분담금은?"), "방위비분담금은?"),
        ("Who is\u202e Trump\u202c?", "Who is Trump?"),
        ("\ufeff한미\u200b동맹\u2066?\u2069", "한미동맹?"),
        ("NA\x00TO\x1b[31m?", "NATO[31m?"),
        ("cafe\u0301 정책은?", "caf\u00e9 정책은?"),
        ("SMA는　언제?", "SMA는 언제?"),
        ("👍 미국은?", "👍 미국은?"),
    ],
)
def test_a_question_is_cleaned(typed, cleaned):
    assert clean(typed) == cleaned
    assert clean(clean(typed)) == cleaned


@pytest.mark.parametrize("typed", ["", "   ", "\n\t", "\u200b\ufeff", "\x00\x07", "\u202e\u2066"])
def test_an_empty_question_is_refused(typed):
    with pytest.raises(InputError, match="empty"):
        clean(typed)


@pytest.mark.parametrize("letter", ["가", "a", "👍"])
def test_the_longest_question_is_read(letter):
    assert len(clean(letter * LONGEST_QUESTION)) == 2_000


@pytest.mark.parametrize(
    ("typed", "number"),
    [("가" * 2_001, "2,001"), ("a" * 2_001, "2,001"), ("왜? " * 33_333 + "a", "100,000")],
    ids=["ko", "en", "100,000"],
)
def test_a_question_that_is_too_long_is_refused_with_its_length(typed, number):
    with pytest.raises(InputError, match=f"{number} characters; at most 2,000"):
        clean(typed)


def test_length_is_counted_after_cleaning():
    assert len(clean("가" + " " * 5_000 + "나")) == 3
    decomposed = unicodedata.normalize("NFD", "각" * 1_500)
    assert len(decomposed) > LONGEST_QUESTION
    assert len(clean(decomposed)) == 1_500


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("트럼프의 중동 정책은?", "ko"),
        ("What is Trump's Middle East policy?", "en"),
        ("NATO의 defense spending은 어떻게 되나?", "ko"),
        ("Trump 2기의 ABB policy는?", "ko"),
        ("What is 확장억제 분담금?", "en"),
        ("What does the brief say about 방위비분담금?", "en"),
        ("USFK?", "en"),
        ("쿼드?", "ko"),
        ("350?", "en"),
    ],
)
def test_the_answer_is_in_the_language_of_the_question(ask, question, language):
    assert ask(question).language == language


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("question", ["트럼프의 중동 정책은?", "What is the Quad?", "SMA는 언제?"])
def test_a_language_asked_for_is_used(ask, question, lang):
    assert ask(question, lang=lang).language == lang


def test_the_language_of_a_follow_up_is_its_own(ask):
    assert ask("And to Israel?", "우크라이나에 얼마를 지원했나?").language == "en"
    assert ask("그럼 이스라엘은?", "How much went to Ukraine?").language == "ko"


@pytest.mark.parametrize(
    ("earlier", "question", "taken"),
    [
        ("미국은 우크라이나 전쟁에 얼마를 지원했나?", "그럼 이스라엘은?", "지원"),
        ("How much did the US provide for the war?", "And what about Israel?", "provid"),
        ("주한미군 감축은 무엇으로 대체할 수 있나?", "왜?", "감축"),
        ("미국의 조선업은 왜 쇠퇴하나?", "What about it?", "조선업"),
        ("Why did the 350-ship fleet fail?", "그건 언제 발표됐나?", "fleet"),
    ],
    ids=["ko", "en", "why", "ko then en", "en then ko"],
)
def test_a_follow_up_takes_the_words_it_lacks(ask, earlier, question, taken):
    alone, followed = ask(question), ask(question, earlier)
    assert followed.follow_up
    assert taken not in words(alone)
    assert 0 < words(followed)[taken] < 1
    assert [text for text, _ in followed.texts] == [question, earlier]


def test_a_follow_up_takes_what_is_asked_for_where_it_does_not_say(ask):
    assert "number" in ask("그럼 이스라엘은?", "우크라이나에 얼마를 지원했나?").asks
    assert "number" in ask("And to Israel?", "How much went to Ukraine?").asks
    assert "number" not in ask("왜?", "우크라이나에 얼마를 지원했나?").asks


def test_a_follow_up_counts_its_own_words_most_and_older_questions_least(ask):
    query = ask("그럼 이스라엘은?", "쿼드를 주도한 나라는?", "우크라이나에 얼마를 지원했나?")
    shares = words(query)
    assert 1 == shares["이스라엘"] > shares["지원"] > shares["쿼드"] > 0


def test_only_the_last_questions_are_leant_on(ask):
    query = ask("그럼 이스라엘은?", "쿼드는?", "조선업은 왜 쇠퇴하나?", "우크라이나 지원액은?")
    assert "쿼드" not in words(query)
    assert len(query.texts) == 3


@pytest.mark.parametrize(
    "question",
    [
        "제12차 방위비분담특별협정은 언제 타결되었나?",
        "When was the 12th Special Measures Agreement concluded?",
        "트럼프 1기의 350척 함대 구축 계획은 어떻게 되었나?",
        "How large is the national debt projected for 2034?",
        "NATO 회원국의 defense spending은 얼마인가?",
    ],
)
def test_a_question_that_stands_alone_takes_nothing(ask, question):
    alone = ask(question)
    followed = ask(question, "김치찌개는 어떻게 끓이나?", "How do I bake bread?")
    assert followed == alone
    assert not followed.follow_up


def test_without_earlier_questions_nothing_is_a_follow_up(ask):
    assert not ask("그럼 이스라엘은?").follow_up


def test_words_of_asking_are_not_searched_for(ask):
    assert words(ask("이 문서에서 저자는 무엇이라고 설명하나요?")).keys() <= {"하다"}
    assert not words(ask("What does the author of this document say?"))


@pytest.mark.parametrize(
    ("question", "focus"),
    [
        ("2024년 예산은 얼마인가?", "예산"),
        ("which law did the United States cite?", "law"),
        ("어떤 조약에 서명했나?", "조약"),
    ],
)
def test_the_focus_is_what_the_question_word_stands_by(ask, question, focus):
    assert focus in ask(question).focus


def test_unit_and_entity_come_with_the_query(ask):
    assert ask("병력은 몇 명인가?").unit == "person"
    assert ask("어느 나라가 반대했나?").entity == "country"
    assert ask("왜 그런가?").unit is None
