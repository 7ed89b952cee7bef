"""A document is prepared alike wherever that is done, and read back as it was."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import FakeEmbedder

from index.documents import document_from_json, document_ids, document_to_json, write_documents
from index.lexicon import compile_lexicon
from index.load import load_library
from index.morphology import load_morphology
from index.prepare import prepare, recipe_of
from index.store import FIELDS
from index.terms import Analyzer


@pytest.fixture
def analyzer(tiny_lexicon):
    lexicon = compile_lexicon(**tiny_lexicon)
    return Analyzer(load_morphology(lexicon.names), lexicon)


@pytest.fixture
def documents(small_library):
    return {document.id: document for document in load_library(small_library)}


def test_each_field_has_its_passages_their_words_and_a_vector_for_each_text(
    analyzer, documents, fake_embedder
):
    made = prepare(documents["harbour"], analyzer, fake_embedder, "recipe")
    assert made.fields.keys() == FIELDS.keys()
    for name, texts_of in FIELDS.items():
        field = made.fields[name]
        texts = [text for passage in made.passages for text in texts_of(passage)]
        assert len(field.vectors) == len(texts)
        assert len(field.positions) == len(field.analysed)
        assert [*field.positions] == [i for i, p in enumerate(made.passages) if any(texts_of(p))]
        expected = fake_embedder.embed(texts).astype(np.float16)
        assert np.array_equal(field.vectors, expected)


def test_several_texts_of_a_passage_are_words_of_one_and_vectors_of_each(
    analyzer, documents, fake_embedder
):
    sentence = "정부가 비용의 절반을 부담한다."
    own = {"ko": ("정부 부담은 반이다.", "나라가 절반을 낸다."), "en": ()}
    document = replace(documents["harbour"], restatements={sentence: own})
    field = prepare(document, analyzer, fake_embedder, "recipe").fields["ko-restated"]
    assert len(field.positions) == 1
    assert len(field.vectors) == 2
    assert {"정부", "나라"} <= set(field.analysed[0].terms)


def test_the_same_document_prepared_twice_is_the_same(analyzer, documents):
    first = prepare(documents["forest"], analyzer, FakeEmbedder(), "recipe")
    second = prepare(documents["forest"], analyzer, FakeEmbedder(), "recipe")
    assert first.passages == second.passages
    for name, field in first.fields.items():
        assert field.analysed == second.fields[name].analysed
        assert np.array_equal(field.vectors, second.fields[name].vectors)


def test_a_recipe_is_another_for_another_embedder_or_lexicon(fake_embedder):
    first = recipe_of(fake_embedder, "a").fingerprint()
    assert recipe_of(fake_embedder, "a").fingerprint() == first
    assert recipe_of(fake_embedder, "b").fingerprint() != first
    fake_embedder.version = "2"
    assert recipe_of(fake_embedder, "a").fingerprint() != first


def test_a_document_is_read_back_as_it_was_written(documents, tmp_path):
    for document in documents.values():
        assert document_from_json(document_to_json(document)) == document
    write_documents(tmp_path, documents.values())
    assert document_ids(tmp_path) == [*documents]
    assert document_ids(tmp_path / "nowhere") == []
