"""What a sentence of an answer may say: what its passages say, however it is worded.

What fails differs from a passage in one plain thing, so that a new fit moves no verdict.
"""

from dataclasses import dataclass, field, replace

import pytest
from fakes import DOCUMENT
from passages import passage
from port import (
    CALLED,
    CARGO,
    DUTY,
    EDITION,
    FERRY,
    MACHINE,
    MONEY,
    NORWAY,
    ORDER,
    PIER,
    QUOTED,
    SAID,
    SWEDEN,
    TOLLS,
    faults,
    remarks,
)

from assistant.gate import ENTAILED, Gate
from index.language import detect


def test_a_sentence_in_the_words_of_its_passage_passes_in_both_languages(check):
    for source in (MONEY, TOLLS, PIER, CARGO, SAID, DUTY, CALLED, QUOTED):
        for text in (source, EDITION[source]):
            checked = check(text, source)
            assert (checked.passed, checked.support, checked.checks) == (True, 1.0, ())
            assert (checked.text, [p.quote for p in checked.passages]) == (text, [source])


@pytest.mark.parametrize(
    ("text", "source", "code"),
    [
        (MONEY.replace("1,830", "2,830"), MONEY, "number"),
        (EDITION[MONEY].replace("183", "283"), MONEY, "number"),
        (EDITION[MONEY].replace("billion", "million"), MONEY, "number"),
        (MONEY.replace("달러", "원"), MONEY, "number"),
        (PIER.replace("14일", "24일"), PIER, "number"),
        (EDITION[PIER].replace("14", "24"), PIER, "number"),
        (TOLLS.replace("열 배", "스무 배"), TOLLS, "number"),
        (EDITION[TOLLS].replace("tenfold", "twentyfold"), TOLLS, "number"),
        (NORWAY.replace("2023", "2024"), NORWAY, "number"),
        (MONEY.replace("미국", "일본"), MONEY, "name"),
        (EDITION[MONEY].replace("The United States", "Japan"), MONEY, "name"),
        (NORWAY.replace("Norway", "Sweden"), NORWAY, "name"),
        (SAID.replace("박서준", "김민수"), SAID, "name"),
        (PIER.replace("열었다", "열지 않았다"), PIER, "polarity"),
        (NORWAY.replace("approved", "did not approve"), NORWAY, "polarity"),
        (SWEDEN.replace("did not approve", "approved"), SWEDEN, "polarity"),
        (CARGO.replace("늘어날", "줄어들"), CARGO, "polarity"),
        (EDITION[CARGO].replace("grow", "shrink"), CARGO, "polarity"),
        (CARGO.replace("늘어날 것으로 예상된다", "늘어났다"), CARGO, "stance"),
        (EDITION[CARGO].replace("is expected to grow", "grew"), CARGO, "stance"),
        (DUTY.replace("보상해야 한다", "보상하기로 결정했다"), DUTY, "stance"),
        ("The government has decided to compensate the fishers.", DUTY, "stance"),
        ("이 사업은 지방 경제를 약화시킨다.", SAID, "attribution"),
        ("The project weakens the rural economy.", SAID, "attribution"),
    ],
)
def test_one_changed_thing_fails_and_is_told_by_its_kind(check, text, source, code):
    assert text not in (source, EDITION.get(source))
    checked = check(text, source)
    assert code in faults(checked), checked.checks
    assert [p.quote for p in checked.passages] == [source]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The United States provided about 183 billion dollars for the port works.", MONEY),
        ("미국은 항만 공사에 약 1830억 달러를 지원했다.", MONEY),
        ("미국은 항만 공사에 약 183 billion 달러를 지원했다.", MONEY),
        ("지난해 통행료는 10배로 올랐다.", TOLLS),
        ("Last year tolls rose tenfold.", TOLLS),
        ("Last year tolls rose ten times.", TOLLS),
        ("The new pier opened on 14 October.", PIER),
        ("On October 14, the new pier opened.", PIER),
        ("페리 요금은 12달러에서 17달러로 올랐다.", FERRY),
    ],
)
def test_a_number_may_be_written_otherwise(check, text, source):
    checked = check(text, source)
    assert (checked.passed, checked.checks) == (True, ())
    assert 0 < checked.support < 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Ferry fares rose by $5, from $12 to $17.", "$5"),
        ("페리 요금은 12달러에서 17달러로 5달러 올랐다.", "5달러"),
    ],
)
def test_a_number_that_follows_from_others_passes_with_a_remark(check, text, number):
    checked = check(text, FERRY)
    assert (checked.passed, remarks(checked)) == (True, [("derived", number)])


@pytest.mark.parametrize("text", ["Ferry fares rose by $6, from $12 to $17."])
def test_a_number_that_does_not_follow_fails(check, text):
    assert "number" in faults(check(text, FERRY))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (MONEY, MONEY.replace("지원했다", "지원하였다")),
        (EDITION[MONEY], EDITION[MONEY].replace("port works", "works of the port")),
    ],
)
def test_a_copied_passage_must_be_its_words(check, text, other):
    assert check(text, MONEY, lang=None).passed
    assert check(other, MONEY).passed  # in an answer that a model writes
    copied = check(other, MONEY, lang=None)
    assert faults(copied) == ["content"]
    assert copied.support < 1


def test_a_passage_that_addresses_a_machine_may_be_copied(check):
    assert check(MACHINE, MACHINE, lang=None).passed


# What a passage only orders or quotes


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("다리의 통행료가 폐지되었다.", ORDER),
        ("다리의 “통행료”가 폐지되었다.", ORDER),
        ("The tolls of the bridge were abolished.", ORDER),
        ("The tolls of the “bridge” were abolished.", ORDER),
        ("“The tolls of the bridge were abolished.”", ORDER),
        ("철도 요금이 동결되었다.", QUOTED),
        ("“철도 요금이 동결되었다.”", QUOTED),
        ("Rail fares have been frozen.", QUOTED),
        ("“Rail fares have been frozen.”", QUOTED),
    ],
)
def test_what_a_passage_only_orders_or_quotes_it_does_not_say(check, text, source):
    assert "attribution" in faults(check(text, source))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("시장은 철도 요금이 동결되었다고 말했다.", QUOTED),
        ("시장은 “철도 요금이 동결되었다”고 말했다.", QUOTED),
        ("The mayor said that rail fares have been frozen.", QUOTED),
        ("According to the mayor, rail fares have been frozen.", QUOTED),
        (ORDER, ORDER),
        ("안내문은 다리의 통행료가 폐지되었다고 적어야 한다.", ORDER),
        ("The notice must say that the tolls of the bridge were abolished.", ORDER),
    ],
)
def test_a_sentence_that_names_its_source_may_tell_what_was_said_or_ordered(check, text, source):
    checked = check(text, source)
    assert (checked.passed, checked.checks) == (True, ())


BESIDE_EN = "The minister said “the port is open”, and signs must state that “tolls are abolished”."
BESIDE_KO = "장관은 “항만은 열려 있다”고 말했고, 안내문에는 “통행료가 폐지되었다”고 적을 것."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("The minister said “tolls are abolished”.", BESIDE_EN),
        ("The minister said that tolls are abolished.", BESIDE_EN),
        ("장관은 “통행료가 폐지되었다”고 말했다.", BESIDE_KO),
    ],
)
def test_what_is_ordered_is_not_told_as_the_words_of_whoever_is_quoted_beside_it(
    verifier, text, sentence
):
    assert "attribution" in faults(alone(verifier, text, sentence))


def test_what_is_quoted_beside_an_order_may_be_told_with_its_source(verifier):
    assert alone(verifier, "The minister said “the port is open”.", BESIDE_EN).passed


def alone(verifier, text, sentence):
    """What the gate says of `text` beside a document of one sentence."""
    document = replace(DOCUMENT, text=sentence, translations={}, page_starts=(0,))
    lang = detect(sentence).main
    cited = passage(sentence, document_id=document.id, lang=lang)
    return Gate({document.id: document}, verifier).check(text, [cited], lang, [cited])


# An inference model


@dataclass
class FakeEntailment:
    """Always as sure; keeps what it was asked."""

    sure: float
    asked: list = field(default_factory=list)

    def probability(self, premise, hypothesis):
        self.asked.append((premise, hypothesis))
        return self.sure


PARAPHRASED = [
    ("미국은 항만 공사에 약 1830억 달러를 지원하였다.", MONEY),
    ("The United States provided some $183 billion for the port works.", EDITION[MONEY]),
]


@pytest.mark.parametrize(("text", "premise"), PARAPHRASED)
def test_an_inference_model_that_says_no_stops_a_sentence(check, text, premise):
    entailment = FakeEntailment(ENTAILED - 0.01)
    checked = check(text, MONEY, TOLLS, entailment=entailment)
    assert faults(checked) == ["entailment"]
    assert [p.quote for p in checked.passages] == [MONEY]
    assert entailment.asked == [(premise, text)]  # the passage in the sentence's language


@pytest.mark.parametrize(("text", "premise"), PARAPHRASED)
def test_an_inference_model_that_says_yes_lets_it_pass(check, text, premise):
    entailment = FakeEntailment(ENTAILED)
    assert check(text, MONEY, entailment=entailment).passed
    assert entailment.asked == [(premise, text)]


def test_an_inference_model_reads_all_passages_that_are_needed(check):
    entailment = FakeEntailment(1.0)
    text = "The United States provided $183 billion and the new pier opened on October 14."
    check(text, MONEY, PIER, entailment=entailment)
    assert entailment.asked == [(f"{EDITION[MONEY]} {EDITION[PIER]}", text)]


def test_an_inference_model_rescues_nothing_and_is_not_asked_about_it(check):
    entailment = FakeEntailment(1.0)
    assert not check(MONEY.replace("1,830", "2,830"), MONEY, entailment=entailment).passed
    assert not check(f"<b>{MONEY}</b>", MONEY, entailment=entailment).passed
    assert entailment.asked == []


@pytest.mark.parametrize("lang", ["own", None])
@pytest.mark.parametrize("text", [MONEY, EDITION[MONEY]])
def test_an_inference_model_has_no_say_over_a_passages_own_words(check, text, lang):
    entailment = FakeEntailment(0.0)
    assert check(text, MONEY, lang=lang, entailment=entailment).passed
    assert entailment.asked == []
