"""Documents become passages whose quotes are slices of the text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import LONGEST_SENTENCE, chunk
from index.errors import InputError
from index.load import Sidecar, load_document, load_library
from index.morphology import load_morphology


def by_full_stop(text):
    """A splitter that needs no model: sentences end in a full stop."""
    return [m.span() for m in re.finditer(r"\S[^.]*\.?", text)]


@pytest.fixture
def document(tmp_path):
    """A function that writes a plain file and loads it."""

    def load(text):
        path = tmp_path / "a.txt"
        path.write_bytes(text.encode())
        return load_document(path, Sidecar(file="a.txt"))

    return load


def test_sentences_are_numbered_in_reading_order_with_page_section_and_paragraph(small_library):
    harbour = next(d for d in load_library(small_library) if d.id == "harbour")
    passages = chunk(harbour, by_full_stop)
    assert [p.id for p in passages] == [f"harbour:s{n:03d}" for n in range(1, 7)]
    assert [p.position for p in passages] == list(range(6))
    assert [p.page for p in passages] == [1, 1, 1, 1, 2, 2]
    assert [p.section_titles["en"] for p in passages][::2] == [
        "Harbour Development Report",
        "Funding",
        "Environment",
    ]
    numbers = [p.paragraph for p in passages]
    assert numbers[0] == numbers[1] < numbers[2] == numbers[3] < numbers[4]


def test_a_sentence_carries_its_translation_and_reads_in_both_languages(small_library):
    harbour = next(d for d in load_library(small_library) if d.id == "harbour")
    first = chunk(harbour, by_full_stop)[0]
    assert first.in_language("ko") == first.quote == "부산항은 2030년까지 3조 원을 들여 확장된다."
    assert first.in_language("en") == first.quote_translation
    assert first.quote_translation.startswith("Busan Port will be expanded by 2030")


def test_without_an_edition_a_passage_reads_in_its_own_language_only(document):
    (passage,) = chunk(document("하나다."), by_full_stop)
    assert (passage.translation, passage.in_language("en")) == (None, None)


@pytest.mark.parametrize(
    "sentence",
    [
        "가나다라 " * 800,
        "one, two; " * 300,
        "x" * 3000,
        "가" * 601,
        "😀 " * 900,
        "ab " * 199 + "abcd",
    ],
)
def test_one_endless_sentence_is_cut_into_slices_that_a_reader_can_check(document, sentence):
    made = document("짧은 글이다.\n\n" + sentence + "\n")
    passages = chunk(made, lambda text: [(0, len(text))])
    assert all(len(p.quote) <= LONGEST_SENTENCE for p in passages)
    assert len(passages) >= 3
    assert_slices(made, passages)
    assert "".join("".join(p.quote.split()) for p in passages) == "".join(made.text.split())


def test_english_sentences_end_where_a_reader_would_end_them(small_library):
    forest = next(d for d in load_library(small_library) if d.id == "forest")
    assert [p.quote for p in chunk(forest, load_morphology(()).sentences)] == [
        "The U.S. Forest Service planted 2.5 million trees in 2023.",
        "Rule No. 3 limits logging near rivers.",
        "Losses to fire fell by 8.3% that year.",
        "Congress approved $40 million for new roads.",
        "Critics say the roads will harm wildlife.",
    ]


def test_headings_are_no_passages(document):
    assert [p.quote for p in chunk(document("제목\n\n본문이다.\n"), by_full_stop)] == ["본문이다."]


def assert_slices(made, passages):
    end = 0
    for passage in passages:
        assert made.text[passage.char_start : passage.char_end] == passage.quote
        assert passage.quote.strip() == passage.quote != ""
        assert passage.char_start >= end
        end = passage.char_end


WORDS = st.sampled_from(
    "한미동맹은 강하다. 그렇다 U.S. No. 3 8.3% \n \n\n \f # - “인용” (괄호) 😀 é ㄱ. ? … 。".split(
        " "
    )
)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.lists(WORDS, min_size=1, max_size=40).map(" ".join),
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=80),
    ).filter(lambda text: text.replace("\0", "").strip())
)
def test_every_quote_of_any_document_is_a_slice_of_its_text(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "made.txt"
    path.write_bytes(text.encode())
    try:
        made = load_document(path, Sidecar(file="made.txt"))
    except InputError as error:
        assert "holds no text" in str(error)
        return
    passages = chunk(made, load_morphology(()).sentences)
    assert_slices(made, passages)
    for block in made.blocks:
        if block.kind == "paragraph":
            inside = [p for p in passages if block.char_start <= p.char_start < block.char_end]
            body = made.text[block.char_start : block.char_end]
            assert "".join("".join(p.quote.split()) for p in inside) == "".join(body.split())
