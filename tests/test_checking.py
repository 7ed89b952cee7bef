"""A text held against the brief and another document: verdicts, evidence, bounds."""

import json

import pytest

from assistant.check_types import CheckedStatement, TextCheck
from assistant.checking import LONGEST, Checker
from assistant.errors import InputError
from assistant.find import Finder
from assistant.gate import Gate


@pytest.fixture(scope="module")
def checker(brief_index, verifier):
    return Checker(Finder(brief_index), Gate(brief_index.documents, verifier))


def only(check):
    assert len(check.sentences) == 1
    return check.sentences[0]


@pytest.mark.parametrize(
    "text",
    [
        "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를, 이스라엘-하마스 전쟁에 "
        "179억 달러를 지원했다.",
        "미국의 국가부채는 35조 달러에 이르렀고 2034년에는 56조 달러가 될 전망이다.",
        "미국의 국가부채는 35조 달러에 이르렀고 2034년에는 56조 달러가 될 전망입니다.",
        "America's national debt has reached 35 trillion dollars and is projected to hit 56 "
        "trillion by 2034.",
    ],
)
def test_what_the_brief_says_in_whatever_words_is_supported_with_its_quote(
    checker, brief_index, text
):
    check = checker.check(text)
    sentence = only(check)
    assert (check.verdict, sentence.verdict) == ("supported", "supported")
    assert sentence.citations
    for citation in check.citations:
        whole = brief_index.documents[citation.document].text
        assert whole[citation.char_start : citation.char_end] == citation.quote


@pytest.mark.parametrize(
    ("text", "code", "wrong", "right"),
    [
        ("미국의 국가부채는 45조 달러에 이른다.", "number", "45조 달러", "35조 달러"),
        ("US debt stands at 45 trillion dollars and is forecast to hit 56 trillion by 2034.",
         "number", "45 trillion dollars", "35 trillion"),
    ],
)  # fmt: skip
def test_another_number_is_contradicted_and_the_documents_own_is_shown(
    checker, text, code, wrong, right
):
    sentence = only(checker.check(text))
    assert sentence.verdict == "contradicted"
    found = next(one for one in sentence.checks if one.code == code)
    assert found.text == wrong
    assert right in found.instead


@pytest.mark.parametrize(
    "text",
    [
        "한국은 2030년까지 핵추진 잠수함 세 척을 건조하기로 했다.",
        "The museum of modern art in Busan will show French paintings until May.",
    ],
)
def test_what_no_passage_speaks_of_is_not_in_the_document_and_cites_nothing(checker, text):
    check = checker.check(text)
    assert only(check).verdict == "not_in_document"
    assert check.citations == ()


def test_citations_are_numbered_in_the_order_of_first_use_and_repeated_not_doubled(checker):
    sentence = (
        "국가부채만 해도 35조 달러(약 4경 8천조 원)에 이르며, 2034년에는 56조 달러(약 7경 7천조 "
        "원)에 이를 전망이다."
    )
    check = checker.check(
        f"{sentence}\n\n트럼프의 당선은 미국 가치의 재건을 의미한다.\n\n{sentence}"
    )
    assert [c.n for c in check.citations] == list(range(1, len(check.citations) + 1))
    first, _, again = check.sentences
    assert first.citations == again.citations


def test_questions_and_headings_are_unclear_and_weigh_nothing(checker):
    check = checker.check(
        "미국의 부채\n\n얼마나 될까?\n\n트럼프의 당선은 미국 가치의 재건을 의미한다."
    )
    assert [s.reason for s in check.sentences] == ["heading", "question", None]
    assert [s.verdict for s in check.sentences] == ["unclear", "unclear", "supported"]
    assert check.verdict == "supported"
    assert sum(check.counts.values()) == 1


def test_the_gravest_sentence_gives_the_verdict_of_the_whole():
    def of(*verdicts):
        return TextCheck(
            "", "ko", tuple(CheckedStatement("x", 0, 1, verdict) for verdict in verdicts)
        ).verdict

    assert of("supported", "unclear", "not_in_document", "contradicted") == "contradicted"
    assert of("supported", "unclear", "not_in_document") == "not_in_document"
    assert of("supported", "unclear") == "unclear"
    assert of("supported") == "supported"
    assert of() == "unclear"


def test_the_result_survives_json(checker):
    check = checker.check("트럼프의 당선은 미국 가치의 재건을 의미한다. 국가부채는 45조 달러이다.")
    plain = json.loads(json.dumps(check.to_json()))
    assert plain["verdict"] == check.verdict
    assert TextCheck.from_json(plain) == check


def test_the_same_text_gets_the_same_result(checker):
    text = "일본은 쿼드를 이끌었다. 트럼프는 350척 함대를 완성했다."
    one, other = checker.check(text), checker.check(text)
    assert one.sentences == other.sentences


def test_a_text_may_be_held_against_chosen_documents_only(checker):
    text = "트럼프의 당선은 미국 가치의 재건을 의미한다."
    assert checker.check(text, documents=["brief"]).documents == ("brief",)
    for wrong in (["nowhere"], []):
        with pytest.raises(InputError, match="ocument"):
            checker.check(text, documents=wrong)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b"])
def test_a_blank_text_is_refused(checker, text):
    with pytest.raises(InputError, match="empty"):
        checker.check(text)


def test_a_text_that_is_too_long_is_refused_with_the_limit(checker):
    with pytest.raises(InputError, match="100,000"):
        checker.check("가" * (LONGEST + 1))
    with pytest.raises(InputError, match="1,500"):
        checker.check("그렇다.\n" * 2_000)


def test_checking_stops_when_it_is_told_to(checker):
    check = checker.check("하나이다. 둘이다.", stopped=lambda: True)
    assert check.sentences == ()


def test_a_lone_surrogate_and_decomposed_letters_do_no_harm(checker):
    import unicodedata

    text = unicodedata.normalize("NFD", "트럼프의 당선은 미국 가치의 재건을 의미한다.") + "\ud800"
    check = checker.check(text)
    assert check.sentences[0].verdict == "supported"
    assert "\ud800" not in check.text


class Inferring:
    """An inference model that gives every pair the same probability."""

    def __init__(self, probability):
        self.given = probability
        self.asked = []

    def probability(self, premise, hypothesis):
        self.asked.append((premise, hypothesis))
        return self.given


def test_an_inference_model_decides_what_our_comparison_leaves_open(brief_index, verifier):
    text = "보고서에 따르면 미국의 국가부채는 35조 달러에 이르렀다."
    for probability, verdict in ((0.99, "supported"), (0.02, "contradicted")):
        model = Inferring(probability)
        checker = Checker(Finder(brief_index), Gate(brief_index.documents, verifier, model))
        assert only(checker.check(text)).verdict == verdict
        premise, hypothesis = model.asked[0]
        assert hypothesis == "미국의 국가부채는 35조 달러에 이르렀다."
        assert "35조 달러" in premise


def test_an_inference_model_makes_no_wrong_number_right(brief_index, verifier):
    model = Inferring(1.0)
    checker = Checker(Finder(brief_index), Gate(brief_index.documents, verifier, model))
    assert only(checker.check("미국의 국가부채는 38조 달러에 이르렀다.")).verdict == "contradicted"
    assert model.asked == []


def test_a_number_of_another_item_is_contradicted_with_the_items_own(checker):
    check = checker.check("미국이 우크라이나와 러시아의 전쟁에 쏟은 지원은 179억 달러였다.")
    sentence = only(check)
    assert sentence.verdict == "contradicted"
    assert ("number", "1,830억 달러") in [(c.code, c.instead) for c in sentence.checks]


def test_a_sentence_that_leans_on_the_one_before_is_searched_with_it(checker):
    check = checker.check(
        "트럼프는 우크라이나 전쟁에 대한 예산 지원에 반대한다. "
        "그는 취임 후 24시간 안에 전쟁을 멈추겠다고 말한다."
    )
    assert check.sentences[1].verdict == "supported"


def test_a_leaning_sentence_borrows_no_support_from_the_one_before(checker):
    check = checker.check(
        "미국은 이스라엘-하마스 전쟁에 179억 달러를 지원했다. 이는 큰 부담이 되었다."
    )
    assert check.sentences[1].verdict != "supported"
