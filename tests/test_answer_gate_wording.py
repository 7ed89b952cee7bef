"""How a sentence of an answer may be written: its form, its language, its quotation marks."""

import unicodedata

import pytest
from port import CALLED, DUTY, EDITION, MARKUP, MONEY, PIER, SAID, faults, remarks

from assistant.gate import LONGEST_SENTENCE


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        (f"<b>{MONEY}</b>", "<"),
        (f"# {MONEY}", "#"),
        (f"**미국**은 {MONEY[4:]}", "**"),
        (f"[미국](a)은 {MONEY[4:]}", "]("),
        (f"{MONEY} https://example.org", "s://"),
        (f"{MONEY} www.example.org", "www."),
        ('{"답": "1,830억 달러"}', "{"),
        ("| 미국 | 1,830억 달러 |", "|"),
        (f"`{EDITION[MONEY]}`", "`"),
        (f"⟦1⟧ {EDITION[MONEY]}", "⟦"),
        ("The United States provided <br> about $183 billion for the port works.", "<"),
        ('{"answer": "$183 billion"}', "{"),
        (f"[{EDITION[MONEY]}](a)", "]("),
        ("", "…"),
        ("...", "..."),
        ("1,830", "1,830"),
    ],
)
def test_what_is_no_sentence_does_not_pass_and_the_piece_is_named(check, text, piece):
    checked = check(text, MONEY, lang="ko" if "미국" in text or "답" in text else "en")
    assert "form" in faults(checked)
    assert piece in [found.text for found in checked.checks]
    assert checked.support == 0.0


@pytest.mark.parametrize("text", ["미국은 항만을 지원했다. ", "The United States paid. "])
def test_a_sentence_that_is_too_long_does_not_pass(check, text):
    checked = check(text * (LONGEST_SENTENCE // len(text) + 1), MONEY)
    assert faults(checked) == ["form"]
    assert len(checked.checks[0].text) < 60


@pytest.mark.parametrize("text", [MARKUP, EDITION[MARKUP]])
def test_marks_and_pictures_that_the_passage_has_too_may_stay(check, text):
    checked = check(text, MARKUP)
    assert (checked.passed, checked.text) == (True, text)


def test_the_marks_of_another_passage_are_no_excuse(check):
    assert faults(check(f"`{EDITION[MONEY]}`", MONEY)) == ["form"]
    assert faults(check(f"`{EDITION[MONEY]}`", MONEY, MARKUP)) == []


@pytest.mark.parametrize(("text", "lang"), [(MONEY, "en"), (EDITION[MONEY], "ko")])
def test_a_sentence_in_another_language_than_the_answers_does_not_pass(check, text, lang):
    assert faults(check(text, MONEY, lang=lang)) == ["language"]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("미국(United States)은 항만 공사에 약 1,830억 달러를 지원했다.", MONEY),
        ("박서준(Park Seo-jun) 의원은 이 사업이 지방 경제를 약화시킨다고 주장하였다.", SAID),
        ("The commission called the port the “동북아의 관문”.", CALLED),
    ],
)
def test_a_few_words_of_the_other_language_do_no_harm(check, text, source):
    assert "language" not in faults(check(text, source))


@pytest.mark.parametrize("text", [MONEY, EDITION[MONEY]])
def test_pictures_are_taken_away(check, text):
    for written in (f"🚢 {text} ✅", f"→ {text}", f"{text} ⚠\ufe0f"):
        checked = check(written, MONEY)
        assert (checked.text, checked.passed, checked.support) == (text, True, 1.0)


@pytest.mark.parametrize("text", [MONEY, PIER, CALLED])
def test_letters_taken_apart_and_white_space_are_put_in_order(check, text):
    written = unicodedata.normalize("NFD", text).replace(" ", " \n ")
    checked = check(f" {written} ", text)
    assert (checked.text, checked.passed, checked.support) == (text, True, 1.0)


# Quotation marks


KOREAN = "위원회는 이 항만을 {}이라 불렀다."
CLOSED = "The commission called the port the {}."


@pytest.mark.parametrize("marks", ["“”", '""', "‘’", "''", "「」", "『』", "«»"])
@pytest.mark.parametrize(
    ("frame", "right", "wrong"),
    [
        (KOREAN, "동북아의 관문", "동북아의 큰 관문"),
        (CLOSED, "gateway to Northeast Asia", "gate of Northeast Asia"),
    ],
    ids=["ko", "en"],
)
def test_quotation_marks_stay_around_verbatim_words_only(check, marks, frame, right, wrong):
    opening, closing = marks
    kept = check(frame.format(opening + right + closing), CALLED)
    assert (kept.text, kept.checks) == (frame.format(opening + right + closing), ())
    gone = check(frame.format(opening + wrong + closing), CALLED)
    assert gone.text == frame.format(wrong)
    assert remarks(gone)[0] == ("quotation", wrong)


@pytest.mark.parametrize(
    "words",
    ["동북아의관문", "동북아 의  관문", unicodedata.normalize("NFD", "동북아의 관문")],
    ids=["closed up", "spaced out", "letters taken apart"],
)
def test_verbatim_is_told_whatever_the_spacing_and_the_normal_form(check, words):
    checked = check(KOREAN.format(f"“{words}”"), CALLED)
    assert checked.text.count("“") == checked.text.count("”") == 1
    assert checked.checks == ()


def test_words_of_the_other_edition_are_verbatim_too(check):
    assert check("The commission called the port the “동북아의 관문”.", CALLED).text.count("“") == 1


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The commission called the port the “gate” to Northeast Asia.", CALLED),
        ("The United States provided about “$83 billion” for the port works.", MONEY),
        ("The United States provided about $183 billion for the “port work”.", MONEY),
    ],
)
def test_a_part_of_a_word_or_number_is_not_verbatim(check, text, source):
    assert check(text, source).text == text.replace("“", "").replace("”", "")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The commission's name for the port was the gateway to Northeast Asia.", CALLED),
        ("The fishers' claim is that the government should pay the fishers' losses.", DUTY),
        ("The fishers’ government should compensate the fishers’ families.", DUTY),
    ],
)
def test_an_apostrophe_is_no_quotation_mark(check, text, source):
    checked = check(text, source)
    assert checked.text == text
    assert "quotation" not in [found.code for found in checked.checks]
