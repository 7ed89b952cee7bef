"""An inference model: a probability that is its label's, or a message that says what is wrong."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from assistant.answer import Assistant
from assistant.settings import Settings
from index.errors import CiteBriefError, InputError
from index.nli import CrossEncoderEntailment, load_entailment

LABELS = ("entailment", "neutral", "contradiction")
PAIRS = [
    ("The state pays half of the cost.", "Half of the cost is paid by the state."),
    ("정부가 비용의 절반을 부담한다.", "정부가 절반을 낸다."),
    ("정부가 비용의 절반을 부담한다.", "The government pays half."),
    ("word " * 900, "낱말 " * 300),
]


@pytest.fixture
def model(tiny_bert):
    """Saves a tiny model with these labels; with `bias`, one that always says the same."""

    def save(labels=LABELS, bias=None, name="nli"):
        folder = tiny_bert(name, "BertForSequenceClassification", labels=len(labels))
        config = json.loads((folder / "config.json").read_text())
        config["id2label"] = dict(enumerate(labels))
        config["label2id"] = {label: n for n, label in enumerate(labels)}
        (folder / "config.json").write_text(json.dumps(config))
        if bias is not None:
            weights = load_file(folder / "model.safetensors")
            weights["classifier.weight"][:] = 0
            weights["classifier.bias"][:] = bias
            save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return str(folder)

    return save


def test_without_a_name_there_is_no_inference_model():
    assert load_entailment(None) is None
    assert load_entailment("") is None


def test_a_probability_is_from_0_to_1_and_the_same_every_time(model):
    folder = model()
    first, again = load_entailment(folder), load_entailment(folder)
    found = [first.probability(*pair) for pair in PAIRS]
    assert all(0 < value < 1 for value in found)
    assert len(set(found)) == len(PAIRS)
    assert found == [again.probability(*pair) for pair in PAIRS]


def test_premise_and_sentence_are_not_taken_for_each_other(model):
    entailment = load_entailment(model())
    premise, sentence = PAIRS[0]
    assert entailment.probability(premise, sentence) != entailment.probability(sentence, premise)


@pytest.mark.parametrize(
    ("labels", "bias", "expected"),
    [
        (LABELS, [2.0, 0.0, 0.0], np.exp(2) / (np.exp(2) + 2)),
        (LABELS, [0.0, 2.0, 0.0], 1 / (np.exp(2) + 2)),
        (("contradiction", "neutral", "entailment"), [0.0, 0.0, 2.0], np.exp(2) / (np.exp(2) + 2)),
        (("NEUTRAL", "ENTAILMENT", "CONTRADICTION"), [0.0, 0.0, 0.0], 1 / 3),
        (("not_entailment", "entailment"), [0.0, 1.0], 1 / (1 + np.exp(-1))),
    ],
)
def test_the_probability_is_that_of_the_label_that_says_entailment(model, labels, bias, expected):
    entailment = load_entailment(model(labels, bias))
    assert entailment.probability(*PAIRS[0]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    "labels",
    [
        ("LABEL_0", "LABEL_1", "LABEL_2"),
        ("positive", "negative"),
        ("entailment",),
        ("entailment", "entailed"),
    ],
)
def test_a_model_whose_labels_do_not_name_entailment_once_is_an_input_error(model, labels):
    folder = model(labels)
    with pytest.raises(InputError) as refusal:
        load_entailment(folder)
    message = str(refusal.value)
    assert folder in message
    assert "CITEBRIEF_NLI" in message
    assert ", ".join(labels) in message
    assert "unset it" in message


def test_a_model_that_cannot_be_had_is_an_input_error_that_names_it(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for name in ("no-such/nli", str(tmp_path / "missing"), str(empty)):
        with pytest.raises(InputError, match=f"{name}.*CITEBRIEF_NLI.*unset it"):
            load_entailment(name)


def test_an_embedder_that_is_named_by_mistake_is_an_input_error(minilm):
    with pytest.raises(InputError, match="CITEBRIEF_NLI"):
        load_entailment(str(minilm))


def test_a_model_that_gives_no_numbers_is_an_error_that_names_the_setting(model):
    entailment = load_entailment(model(bias=np.nan, name="broken"))
    with pytest.raises(CiteBriefError, match="broken gives nan.*CITEBRIEF_NLI"):
        entailment.probability(*PAIRS[0])


# Chosen as a user does


@pytest.fixture
def settings(tmp_path, small_library, tiny_lexicon):
    def chosen(nli):
        return Settings(library=small_library, index=tmp_path / "index", nli=nli, **tiny_lexicon)

    return chosen


@pytest.mark.parametrize(("bias", "found"), [([5.0, 0, 0], []), ([0, 0, 5.0], ["entailment"])])
def test_the_chosen_model_has_its_say_in_the_gate(model, settings, bias, found):
    assistant = Assistant.open(settings(model(bias=bias)))
    assert isinstance(load_entailment(model(bias=bias)), CrossEncoderEntailment)
    (passage,) = [p for p in assistant.index.passages if "2.5 million" in p.quote]
    text = "In 2023 the U.S. Forest Service planted 2.5 million trees."
    checked = assistant.gate.check(text, [passage], "en")
    assert [check.code for check in checked.checks] == found
    copied = assistant.ask("How many trees did the Forest Service plant in 2023?")
    assert {sentence.verdict for sentence in copied.sentences} == {"verified"}


def test_a_model_that_cannot_be_had_is_told_before_the_index_is_built(settings):
    chosen = settings("no-such/nli")
    with pytest.raises(InputError, match="no-such/nli.*CITEBRIEF_NLI"):
        Assistant.open(chosen)
    assert not chosen.index.exists()
