"""The gate at its edges: subjects in the sentence before, lengths, and what a copy may lack."""

from dataclasses import replace

import pytest

from assistant.gate import BEFORE, LONGEST_SENTENCE, Gate
from assistant.verify import is_verbatim
from index.chunk import chunk
from index.load import Sidecar, load_document

KOREAN = [
    "박서준 의원은 항만 확장에 반대한다.",
    "그는 공사비가 두 배로 늘었다고 주장하였다.",
    "부두는 세 개가 지어졌다.",
    "갯벌은 보호 구역으로 지정되었다.",
]
ENGLISH = [
    "Senator Joan Miller opposes the harbour plan.",
    "She argued that the cost of the works has doubled.",
    "Three piers were built.",
    "The tidal flats were made a protected area.",
]
LEANS = {
    "ko": (KOREAN, "박서준 의원은 공사비가 두 배로 늘었다고 주장하였다."),
    "en": (ENGLISH, "Senator Joan Miller argued that the cost of the works has doubled."),
}


@pytest.fixture
def library(tmp_path, verifier):
    """A function that opens a document of one paragraph: its gate and its passages."""

    def opened(sentences, entailment=None):
        path = tmp_path / "own.txt"
        path.write_text(" ".join(sentences), encoding="utf-8")
        document = load_document(path, Sidecar(file="own.txt"))

        def split(body):
            places = [body.index(sentence) for sentence in sentences]
            return [(at, at + len(s)) for at, s in zip(places, sentences, strict=True)]

        return Gate({document.id: document}, verifier, entailment), chunk(document, split)

    return opened


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_who_is_meant_by_a_pronoun_may_stand_in_the_sentence_before(library, lang):
    sentences, told = LEANS[lang]
    gate, passages = library(sentences)
    checked = gate.check(told, [passages[1]], lang, passages)
    assert checked.passed, checked.checks
    assert checked.passages == (passages[0], passages[1])


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_the_writer_was_not_shown_or_comes_later_is_no_help(library, lang):
    sentences, told = LEANS[lang]
    gate, passages = library(sentences)
    for context in ((), passages[1:], [passages[1]]):
        checked = gate.check(told, [passages[1]], lang, context)
        assert not checked.passed
        assert checked.passages == (passages[1],)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_subject_is_looked_for_a_few_sentences_back_and_no_further(library, lang):
    (subject, leaning, *between), told = LEANS[lang]
    for count in range(len(between) + 1):
        gate, passages = library([subject, *between[:count], leaning])
        checked = gate.check(told, [passages[-1]], lang, passages)
        assert checked.passed == (count < BEFORE), checked.checks
        if checked.passed:  # and what stands between is not cited
            assert checked.passages == (passages[0], passages[-1])


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_sentence_that_stands_alone_takes_nothing_from_the_one_before(library, lang):
    sentences, told = LEANS[lang]
    gate, passages = library(sentences)
    assert not gate.check(told, [passages[2]], lang, passages).passed


def test_a_support_has_four_digits(library):
    gate, passages = library(KOREAN)
    told = "박서준 의원은 항만을 확장하는 것에 반대한다."
    support = gate.check(told, [passages[0]], "ko").support
    assert 0 < support < 1
    assert support == round(support, 4)


@pytest.mark.parametrize(
    ("passage", "text"),
    [
        ("안내문에는 다리의 통행료가 폐지되었다고 적어야 한다.", "다리의 통행료가 폐지되었다."),
        ("The notice shall state that the tolls were abolished.", "The tolls were abolished."),
    ],
)
def test_what_is_only_ordered_to_be_said_is_pointed_at_as_a_whole(library, passage, text):
    gate, passages = library([passage])
    checked = gate.check(text, passages, "ko" if "다" in text else "en")
    assert checked.checks[0].code == "attribution"
    assert {c.text for c in checked.checks} == {text}


def test_of_a_fact_and_a_forecast_a_reader_must_not_miss_the_forecast(library):
    gate, passages = library(["부두는 세 개가 지어졌다.", "물동량은 늘어날 것으로 예상된다."])
    assert [gate.check(p.quote, [p]).stance for p in passages] == ["fact", "forecast"]
    told = "정부는 부두를 더 지어 물동량을 늘려야 한다."
    assert gate.check(told, passages, "ko").stance == "forecast"


def test_a_table_cell_is_read_with_its_labels_and_without_and_each_once(library):
    _, (passage, *_) = library(KOREAN)
    cell = replace(
        passage, kind="cell", text="표 1, 경제: 반대", quote="반대", translation="Table 1: against"
    )
    assert cell.readings == ("반대", "표 1, 경제: 반대", "Table 1: against")
    assert passage.readings == (KOREAN[0],)


class Unsure:
    """An inference model that is asked and says no."""

    def __init__(self):
        self.premises = []

    def probability(self, premise, hypothesis):
        self.premises.append(premise)
        return 0.0


def test_an_inference_model_reads_the_original_where_there_is_no_translation(library):
    unsure = Unsure()
    gate, passages = library(["Ferry fares rose from $12 to $17."], unsure)
    checked = gate.check("페리 요금은 12달러에서 17달러로 올랐다.", passages, "ko")
    assert [c.code for c in checked.checks] == ["entailment"]
    assert unsure.premises == ["Ferry fares rose from $12 to $17."]


@pytest.mark.parametrize("letter", ["가", "a"])
def test_a_passage_as_long_as_a_sentence_may_be_is_still_one(library, letter):
    text = (letter * (LONGEST_SENTENCE - 1)) + "."
    gate, passages = library([text])
    assert gate.check(text, passages).passed
    longer = letter + text
    gate, passages = library([longer])
    assert [c.code for c in gate.check(longer, passages).checks] == ["form"]


def test_a_sentence_that_cites_nothing_has_no_piece_to_point_at(library):
    gate, _ = library(KOREAN)
    assert [(c.code, c.text) for c in gate.check(KOREAN[2], [], "ko").checks] == [("marker", "")]


@pytest.mark.parametrize(
    ("claim", "text", "verbatim"),
    [
        ("They chose plan X.", "They chose plan X.", True),
        ("They chose plan", "They chose plan X.", False),
        ("요금은 3.5% 올랐다", "요금은 3.5% 올랐다.", True),
        ("5% 올랐다.", "요금은 3.5% 올랐다.", False),
        ("둘째다.", "첫째다. 둘째다. 셋째다.", True),
        ("첫째다. 둘째다.", "첫째다. 둘째다. 셋째다.", True),
    ],
)
def test_whole_sentences_are_verbatim_and_their_ends_are_not(claim, text, verbatim):
    assert is_verbatim(claim, text) is verbatim
