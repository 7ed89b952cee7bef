"""Which passages a sentence of an answer may cite, which it keeps, and whose stance it takes."""

from dataclasses import replace

import pytest
from port import CARGO, DUTY, EDITION, MACHINE, MONEY, NORWAY, PIER, SAID, SWEDEN, TOLLS, faults


@pytest.mark.parametrize("text", [MONEY, EDITION[MONEY]])
def test_a_sentence_that_cites_nothing_does_not_pass(check, text):
    checked = check(text)
    assert (faults(checked), checked.support, checked.passages) == (["marker"], 0.0, ())


@pytest.mark.parametrize("text", [MONEY, EDITION[MONEY]])
@pytest.mark.parametrize(
    "change",
    [
        {"quote": MONEY.replace("1,830", "2,830")},
        {"char_start": 1},
        {"char_end": 3},
        {"page": 2},
        {"page": 0},
    ],
    ids=["quote", "start", "end", "page", "no page"],
)
def test_a_passage_whose_quote_or_page_is_not_the_documents_is_no_source(
    check, port_passages, text, change
):
    checked = check(text, replace(port_passages[MONEY], **change))
    assert (faults(checked), checked.support) == (["source"], 0.0)


def test_a_made_up_quote_is_no_source_for_what_it_says_either(check, port_passages):
    made_up = MONEY.replace("1,830", "2,830")
    false = replace(port_passages[MONEY], quote=made_up, text=made_up)
    assert faults(check(made_up, false)) == ["source"]


@pytest.mark.parametrize("text", ["항만은 무료다.", "The port is free.", MACHINE, EDITION[MACHINE]])
def test_a_passage_that_addresses_a_machine_is_no_source_for_one(check, text):
    assert faults(check(text, MACHINE)) == ["source"]
    assert faults(check(text, MONEY, MACHINE)) == ["source"]


# More passages than one


@pytest.mark.parametrize("text", [MONEY, EDITION[MONEY], EDITION[MONEY].replace("about", "some")])
def test_a_passage_that_adds_nothing_is_left_out(check, text):
    for cited in ((MONEY, TOLLS), (TOLLS, MONEY), (TOLLS, MONEY, NORWAY), (MONEY, MONEY)):
        checked = check(text, *cited)
        assert checked.passed
        assert [p.quote for p in checked.passages] == [MONEY]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("미국은 항만 공사에 약 1,830억 달러를 지원했고 새 부두는 10월 14일에 문을 열었다.", 2),
        ("The United States provided $183 billion and the new pier opened on October 14.", 2),
    ],
)
def test_passages_that_are_both_needed_both_stay(check, text, cited):
    checked = check(text, MONEY, TOLLS, PIER)
    assert checked.passed
    assert [p.quote for p in checked.passages] == [MONEY, PIER]
    assert not check(text, MONEY).passed


def test_a_sentence_that_one_passage_bears_out_is_kept_without_one_that_says_otherwise(check):
    for text in (NORWAY, "In 2023 Norway approved the treaty."):
        for cited in ((NORWAY, SWEDEN), (SWEDEN, NORWAY)):
            checked = check(text, *cited)
            assert (checked.passed, [p.quote for p in checked.passages]) == (True, [NORWAY])


def test_all_passages_stay_where_none_bears_the_sentence_out(check):
    checked = check(EDITION[MONEY].replace("183", "283"), MONEY, PIER)
    assert faults(checked)[0] == "number"
    assert [p.quote for p in checked.passages] == [MONEY, PIER]


@pytest.mark.parametrize(
    ("source", "stance"),
    [(MONEY, "fact"), (CARGO, "forecast"), (DUTY, "recommendation"), (SAID, "attributed")],
)
def test_the_stance_is_that_of_the_passage(check, source, stance):
    for text in (source, EDITION[source]):
        assert check(text, source).stance == stance


@pytest.mark.parametrize(
    ("text", "cited", "stance"),
    [
        (
            "미국은 항만 공사에 약 1,830억 달러를 지원했고, "
            "내년에 물동량은 12% 늘어날 것으로 예상된다.",
            (MONEY, CARGO),
            "forecast",
        ),
        (
            "The United States provided about $183 billion for the port works, and cargo is "
            "expected to grow by 12% next year.",
            (MONEY, CARGO),
            "forecast",
        ),
        # Its own is neither of theirs: the one that a reader must not miss.
        ("물동량이 12% 늘고 정부가 어민들에게 보상한다.", (DUTY, CARGO), "forecast"),
        ("Cargo grows, and the fishers are compensated.", (DUTY, SAID), "attributed"),
    ],
)
def test_where_the_passages_differ_the_sentence_says_which_stance_it_has(
    check, text, cited, stance
):
    assert check(text, *cited).stance == stance
