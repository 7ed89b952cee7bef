"""A model's lines taken apart into sentences and the numbers that they cite."""

import pytest

from assistant.draft import Draft, drafts, is_abstention
from index.morphology import load_morphology


@pytest.fixture(scope="module")
def read():
    split = load_morphology(()).sentences

    def taken_apart(line):
        return [(draft.text, draft.numbers) for draft in drafts(line, split)]

    return taken_apart


@pytest.mark.parametrize(
    ("line", "text", "numbers"),
    [
        ("부산항은 2030년까지 확장된다. [3]", "부산항은 2030년까지 확장된다.", (3,)),
        ("부산항은 2030년까지 확장된다.[3]", "부산항은 2030년까지 확장된다.", (3,)),
        ("부산항은 2030년까지 확장된다 [3].", "부산항은 2030년까지 확장된다.", (3,)),
        ("부산항은 2030년까지 확장된다. [3, 5]", "부산항은 2030년까지 확장된다.", (3, 5)),
        ("부산항은 2030년까지 확장된다. [5·3]", "부산항은 2030년까지 확장된다.", (5, 3)),
        ("부산항은 2030년까지 확장된다. [3][5]", "부산항은 2030년까지 확장된다.", (3, 5)),
        ("부산항은 2030년까지 확장된다. [3] [5].", "부산항은 2030년까지 확장된다.", (3, 5)),
        ("부산항은 2030년까지 확장된다. [3][3]", "부산항은 2030년까지 확장된다.", (3,)),
        ("부산항은 2030년까지 확장된다. 【3】", "부산항은 2030년까지 확장된다.", (3,)),
        ("부산항은 2030년까지 확장된다. ［3、5］", "부산항은 2030년까지 확장된다.", (3, 5)),
        ("부산항은 2030년까지 확장된다. [ 12 ]", "부산항은 2030년까지 확장된다.", (12,)),
        ("부산항은 2030년까지 확장된다. ⟦3⟧", "부산항은 2030년까지 확장된다.", (3,)),
        ("부산항은 2030년까지 확장된다. [구절 3, 5]", "부산항은 2030년까지 확장된다.", (3, 5)),
        ("부산항은 2030년까지 확장된다.[^3]", "부산항은 2030년까지 확장된다.", (3,)),
        ("Busan Port will be expanded. [Passage 3]", "Busan Port will be expanded.", (3,)),
        ("Busan Port will be expanded ⟦3⟧⟦5⟧.", "Busan Port will be expanded.", (3, 5)),
        ("Busan Port will be expanded. [3]", "Busan Port will be expanded.", (3,)),
        ("Busan Port will be expanded [3].", "Busan Port will be expanded.", (3,)),
        ("Busan Port will be expanded [3, 5].", "Busan Port will be expanded.", (3, 5)),
        ("Busan Port will be expanded [3][5].", "Busan Port will be expanded.", (3, 5)),
        ("Busan Port will be expanded! [3; 5]", "Busan Port will be expanded!", (3, 5)),
        ("Busan Port will be expanded. 【3】【5】", "Busan Port will be expanded.", (3, 5)),
        ("Busan Port [1] will be expanded [3].", "Busan Port will be expanded.", (1, 3)),
        ("부산항은 [1] 2030년까지 확장된다. [3]", "부산항은 2030년까지 확장된다.", (1, 3)),
    ],
)
def test_the_numbers_are_read_wherever_and_however_they_stand(read, line, text, numbers):
    assert read(line) == [(text, numbers)]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- 정부가 비용의 절반을 부담한다. [2]", "정부가 비용의 절반을 부담한다."),
        ("• 정부가 비용의 절반을 부담한다. [2]", "정부가 비용의 절반을 부담한다."),
        ("1. 정부가 비용의 절반을 부담한다. [2]", "정부가 비용의 절반을 부담한다."),
        ("(2) 정부가 비용의 절반을 부담한다. [2]", "정부가 비용의 절반을 부담한다."),
        ("**정부**가 비용의 **절반**을 부담한다. [2]", "정부가 비용의 절반을 부담한다."),
        ("**정부가 비용의 절반을 부담한다.** [2]", "정부가 비용의 절반을 부담한다."),
        ("> 정부가 비용의 절반을 부담한다. [2]", "정부가 비용의 절반을 부담한다."),
        ("### The government bears half. [2]", "The government bears half."),
        ("* The government bears half. [2]", "The government bears half."),
        ("12) The government bears half. [2]", "The government bears half."),
        ("The __government__ bears **half**. [2]", "The government bears half."),
        ("- **The government bears half. [2]**", "The government bears half."),
    ],
)
def test_bullets_and_bold_type_are_taken_off(read, line, text):
    assert read(line) == [(text, (2,))]


@pytest.mark.parametrize(
    "line",
    ["3.5% 오른 값이다. [1]", "2024. 11. 5. 선거가 있었다. [1]", "350 ships were planned. [1]"],
)
def test_a_number_that_opens_a_sentence_is_no_bullet_of_it(read, line):
    text = "".join(text for text, _ in read(line))
    assert text.startswith(line[:3])


@pytest.mark.parametrize("line", ["", "  ", "```", "```text", "---", "- ", "[3]", "**", "[1][2]."])
def test_a_line_without_words_holds_no_sentence(read, line):
    assert read(line) == []


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        (
            "정부가 절반을 부담한다. [2] 나머지는 기업이 맡는다. [3]",
            [("정부가 절반을 부담한다.", (2,)), ("나머지는 기업이 맡는다.", (3,))],
        ),
        (
            "정부가 절반을 부담한다 [2]. 나머지는 기업이 맡는다 [3].",
            [("정부가 절반을 부담한다.", (2,)), ("나머지는 기업이 맡는다.", (3,))],
        ),
        (
            "The government bears half. [2] Companies take the rest. [3, 4]",
            [("The government bears half.", (2,)), ("Companies take the rest.", (3, 4))],
        ),
        (
            "The government bears half [2]. Companies take the rest [3].",
            [("The government bears half.", (2,)), ("Companies take the rest.", (3,))],
        ),
    ],
)
def test_a_line_may_hold_several_sentences_each_with_its_own_numbers(read, line, sentences):
    assert read(line) == sentences


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        (
            "정부가 절반을 부담한다. 나머지는 기업이 맡는다. [2, 3]",
            [("정부가 절반을 부담한다.", (2, 3)), ("나머지는 기업이 맡는다.", (2, 3))],
        ),
        (
            "The government bears half. Companies take the rest. [2]",
            [("The government bears half.", (2,)), ("Companies take the rest.", (2,))],
        ),
    ],
)
def test_a_sentence_without_a_number_takes_the_next_of_its_line(read, line, sentences):
    assert read(line) == sentences


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ("정부가 절반을 부담한다. [2] 나머지는 기업이 맡는다.", "나머지는 기업이 맡는다."),
        ("The government bears half. [2] Companies take the rest.", "Companies take the rest."),
    ],
)
def test_a_sentence_after_the_last_number_has_none(read, line, last):
    assert [numbers for _, numbers in read(line)] == [(2,), ()]
    assert read(line)[-1][0] == last


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("선거는 2024년에 있었다. [2]", "선거는 2024년에 있었다."),
        ("그는 “협상[sic]을 하겠다”고 말했다. [2]", "그는 “협상[sic]을 하겠다”고 말했다."),
        ("합의(2024)는 [2024]년의 것이다. [2]", "합의(2024)는 [2024]년의 것이다."),
        ("He spoke of “the deal [sic]” twice. [2]", "He spoke of “the deal [sic]” twice."),
        ("The act [2024] was passed. [2]", "The act [2024] was passed."),
        ("It grew by 3.5% (to 12). [2]", "It grew by 3.5% (to 12)."),
    ],
)
def test_other_brackets_and_numbers_belong_to_the_sentence(read, line, text):
    assert read(line) == [(text, (2,))]


@pytest.mark.parametrize(
    ("line", "abstains"),
    [
        ("[0]", True),
        (" [0]. ", True),
        ("【0】", True),
        ("**[0]**", True),
        ("- [0]", True),
        ("0", False),
        ("[1]", False),
        ("[0][1]", False),
        ("구절에 답이 없다. [0]", True),
        ("The passages do not say. [0]", True),
        ("", False),
    ],
)
def test_a_line_that_cites_zero_alone_says_that_the_passages_do_not_answer(line, abstains):
    assert is_abstention(line) is abstains


def test_a_draft_is_the_sentence_and_its_numbers(read):
    split = load_morphology(()).sentences
    assert list(drafts("It is so. [2]", split)) == [Draft("It is so.", (2,))]
