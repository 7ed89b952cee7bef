"""An amount is the same however it is spelt, in either language, and no text trips the reader."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import amounts, broken, english_spellings, korean_spellings, sentences, steady

from index.number_match import missing, same
from index.numbers import find

KOREAN = ["정부는 {} 달러를 썼다.", "예산은 약 {}달러로 늘어날 전망이다.", "{} 달러가 든다."]
ENGLISH = ["The cost is {} dollars.", "It spent about US${} on the fleet.", "${} was not enough."]


@settings(steady, max_examples=150)
@given(st.data(), amounts)
def test_no_spelling_of_an_amount_misses_it_in_another(data, amount):
    texts = [
        data.draw(st.sampled_from(frames)).format(data.draw(st.sampled_from(spellings(amount))))
        for frames, spellings in ((KOREAN, korean_spellings), (ENGLISH, english_spellings))
    ]
    for source in texts:
        (only,) = find(source)
        assert (only.kind, only.value, only.unit) == ("money", amount, "usd")
        assert [missing(source, target) for target in texts] == [[], []]


@settings(steady, max_examples=150)
@given(st.data(), amounts, amounts)
def test_another_amount_is_missed_in_every_spelling(data, amount, other):
    if amount == other:
        other *= 10
    korean = data.draw(st.sampled_from(KOREAN)).format(
        data.draw(st.sampled_from(korean_spellings(amount)))
    )
    english = data.draw(st.sampled_from(ENGLISH)).format(
        data.draw(st.sampled_from(english_spellings(other)))
    )
    assert missing(korean, english) == find(korean)
    assert missing(english, korean) == find(english)


@pytest.mark.parametrize("unit", ["원", "유로", "엔"])
@steady
@given(amount=amounts)
def test_another_currency_is_another_amount(unit, amount):
    spelling = korean_spellings(amount)[0]
    assert missing(f"{spelling} {unit}이다.", f"It cost ${amount:,}.") != []


@settings(steady, max_examples=200)
@given(broken)
def test_any_text_is_read_and_states_what_it_states(text):
    found = find(text)
    assert [q.text for q in found] == [text[q.char_start : q.char_end] for q in found]
    assert all(a.char_end <= b.char_start for a, b in zip(found, found[1:], strict=False))
    assert missing(text, text, weak=True) == []


@steady
@given(st.lists(sentences, min_size=2, max_size=5))
def test_sentences_side_by_side_state_what_each_states_alone(given_sentences):
    together = find(" ".join(given_sentences))
    apart = [q for sentence in given_sentences for q in find(sentence)]
    assert [(q.text, q.kind, q.value, q.unit) for q in together] == [
        (q.text, q.kind, q.value, q.unit) for q in apart
    ]
    assert all(same(one, other) for one, other in zip(together, apart, strict=True))
