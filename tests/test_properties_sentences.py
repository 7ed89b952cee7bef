"""From a model's draft to a cited answer: nothing is invented, and nothing false gets by."""

import re
import unicodedata
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import broken, english_spellings, korean_spellings, sentences, steady

from assistant.cite import TOPICS, compose, refuse
from assistant.draft import MARKERS, drafts
from assistant.gate import Checked, Gate
from index.chunk import chunk
from index.language import detect
from index.load import Sidecar, load_document, load_library

# --- drafts ---------------------------------------------------------------------------------------


def whole(text):
    """A splitter that takes a text for one sentence."""
    return [(0, len(text))] if text else []


markers = st.sampled_from(["[{}]", "【{}】", "⟦{}⟧", "[구절 {}]", "[^{}]", "[ {} ]"])


@settings(steady, max_examples=100)
@given(st.lists(st.tuples(sentences, markers, st.integers(1, 999)), min_size=1, max_size=4))
def test_a_sentence_keeps_its_words_and_its_own_number(cited):
    line = " ".join(f"{text} {marker.format(number)}" for text, marker, number in cited)
    assert [(d.text, d.numbers) for d in drafts(line, whole)] == [
        (text, (number,)) for text, _, number in cited
    ]


@settings(steady, max_examples=200)
@given(broken)
@example("부산항은 확장된다 [[3]].")
@example("[[1]3] 부산항은 확장된다.")
@example("부산항은 확장된다. [[1] [2], 3]")
@example("부산항은 확장된다 [(출처) 3].")
def test_no_draft_keeps_a_marker_or_cites_what_was_not_written(line):
    written = {int(n) for group in MARKERS.findall(line) for n in re.findall(r"\d+", group)}
    for draft in drafts(line, whole):
        assert not MARKERS.search(draft.text)
        assert "[]" not in draft.text or "[]" in line
        assert draft.text == draft.text.strip() != ""
        assert len(set(draft.numbers)) == len(draft.numbers)
        assert set(draft.numbers) <= written


# --- citations ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A document of each language, by id, and its passages: one to a line."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "korean.txt").write_text("\n".join(KOREAN), encoding="utf-8")
    (folder / "english.txt").write_text("\n".join(ENGLISH), encoding="utf-8")
    documents = {document.id: document for document in load_library(folder)}
    return documents, [p for d in documents.values() for p in chunk(d, whole)]


KOREAN = [
    "미국은 항만 공사에 약 1,830억 달러를 지원했다.",
    "위원회는 이 항만을 “동북아의 관문”이라 불렀다.",
    "내년에 물동량은 12% 늘어날 것으로 예상된다.",
    "정부는 어민들에게 보상해야 한다.",
]
ENGLISH = [
    "Norway approved the treaty in 2023.",
    "The mayor called the bridge a “gateway to the north”.",
    "Cargo is expected to grow by 12% next year.",
    "The council should order a second substation.",
]
asked = st.builds(
    lambda language: SimpleNamespace(question="?", language=language), st.sampled_from(["ko", "en"])
)
used = st.lists(st.lists(st.integers(0, 7), max_size=3, unique=True), max_size=6)


@settings(steady, max_examples=100)
@given(asked, used)
def test_markers_count_from_one_in_order_of_first_use_and_every_citation_is_used(
    library, query, chosen
):
    documents, passages = library
    checked = [
        Checked("그렇다.", tuple(passages[i] for i in places), "fact", 1.0, ()) for places in chosen
    ]
    answer = compose(query, checked, documents)
    shown = [int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)]
    count = len({i for places in chosen for i in places})
    assert list(dict.fromkeys(shown)) == [c.n for c in answer.citations] == [*range(1, count + 1)]
    by_number = {c.n: c.passage for c in answer.citations}
    for sentence, places in zip(answer.sentences, chosen, strict=True):
        assert {by_number[n] for n in sentence.citations} == {passages[i].id for i in places}
        assert list(sentence.citations) == sorted(sentence.citations)
    for c in answer.citations:
        assert documents[c.document].text[c.char_start : c.char_end] == c.quote


@steady
@given(asked, st.lists(st.text("가나다ab", min_size=1, max_size=3), max_size=8))
def test_a_refusal_names_no_topic_twice_and_three_at_most(library, query, titles):
    _, passages = library
    some = library[1][0]
    nearest = [replace(some, section_titles={query.language: title}) for title in titles]
    text = refuse(query, nearest).answer
    named = re.findall("[‘“]([^’”]*)[’”]", text)
    assert named == list(dict.fromkeys(titles))[:TOPICS]


# --- the gate -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gate(library, verifier):
    return Gate(library[0], verifier)


@steady
@given(st.lists(sentences, min_size=1, max_size=5))
def test_a_passages_own_sentence_always_passes(tmp_path_factory, gate, lines):
    path = tmp_path_factory.getbasetemp() / "own.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    document = load_document(path, Sidecar(file="own.txt"))
    own = Gate({document.id: document}, gate.verifier)
    passages = chunk(document, whole)
    assert [p.quote for p in passages] == lines
    for passage in passages:
        for lang in (None, detect(passage.quote).main):
            checked = own.check(unicodedata.normalize("NFD", passage.quote), [passage], lang)
            assert (checked.passed, checked.support, checked.text) == (True, 1.0, passage.quote)
            assert checked.passages == (passage,)


STATED = 183 * 10**9
unstated = st.builds(lambda n, power: n * 10**power, st.integers(1100, 9999), st.integers(2, 12))


@settings(steady, max_examples=30)
@given(st.data(), unstated.filter(lambda n: not STATED * 0.8 < n < STATED * 1.25))
def test_a_number_that_no_passage_has_never_passes(library, gate, data, amount):
    _, passages = library
    in_korean = data.draw(st.booleans())
    spelling = data.draw(
        st.sampled_from(korean_spellings(amount) if in_korean else english_spellings(amount))
    )
    frames = (
        [KOREAN[0].replace("1,830억", "{}"), "항만은 {} 달러가 든다."]
        if in_korean
        else ["The United States provided about ${} for the port.", "The treaty cost ${} in 2023."]
    )
    text = data.draw(st.sampled_from(frames)).format(spelling)
    cited = data.draw(st.lists(st.sampled_from(passages), min_size=1, max_size=3))
    for lang in (None, detect(text).main):
        checked = gate.check(text, cited, lang)
        assert not checked.passed, checked


@settings(steady, max_examples=100)
@given(broken, st.lists(st.integers(0, 7), max_size=3), st.sampled_from(["ko", "en", None]))
def test_any_text_is_judged_and_none_passes_without_a_source(library, gate, text, places, lang):
    checked = gate.check(text, [library[1][i] for i in places], lang)
    assert 0 <= checked.support <= 1
    assert places or not checked.passed
    if lang is None and checked.passed:
        assert any(
            squeezed(checked.text.rstrip(".")) in squeezed(p.quote) for p in checked.passages
        )


quoted = st.sampled_from(
    [
        "동북아의 관문",
        "동북아의 큰 관문",
        "gateway to the north",
        "gateway to the south",
        "관문",
        "way",
    ]
)
marks = st.sampled_from(["“{}”", '"{}"', "‘{}’", "「{}」", "『{}』", "«{}»"])


@settings(steady, max_examples=30)
@given(st.lists(st.tuples(quoted, marks), min_size=1, max_size=3), st.booleans())
def test_quotation_marks_remain_only_around_verbatim_words(library, gate, pieces, in_korean):
    shown = [mark.format(words) for words, mark in pieces]
    text = (
        "위원회는 이 항만을 " + ", ".join(shown) + "이라 불렀다."
        if in_korean
        else "The mayor called the bridge a " + ", a ".join(shown) + "."
    )
    cited = [p for p in library[1] if "관문" in p.quote or "gateway" in p.quote]
    kept = gate.check(text, cited, "ko" if in_korean else "en").text
    verbatim = "\n".join(p.quote for p in cited)
    for (words, _), piece in zip(pieces, shown, strict=True):
        known = re.search(rf"(?<![a-z]){words}(?![a-z])", verbatim)
        assert (piece in kept) == bool(known)
        assert words in kept


def squeezed(text):
    return re.sub(r"[\s\"'“”‘’「」『』«»]", "", unicodedata.normalize("NFC", text))
