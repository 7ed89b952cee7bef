"""The shipped embedder's vectors, and what is said where an embedder cannot be had."""

import json
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from index.errors import CiteBriefError, InputError
from index.models import SHIPPED, StaticEmbedder, load_embedder

TEXTS = [
    "방위비분담금은 얼마나 늘어나는가?",
    "How much does the United States demand?",
    "미국을 다시 위대하게(MAGA)",
    "😀 unknown 글자 ꙮ",
    "35조 달러(약 4경 8천조 원)",
]


@pytest.fixture(scope="module")
def shipped():
    return load_embedder(None)


@pytest.fixture
def copied(tmp_path):
    """A copy of the shipped folder, to be damaged."""
    return shutil.copytree(SHIPPED, tmp_path / "embedder")


def test_vectors_have_length_1_and_are_float32(shipped):
    vectors = shipped.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), shipped.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_without_tokens_has_a_zero_vector(shipped):
    assert not shipped.embed([""]).any()
    assert shipped.embed([]).shape == (0, shipped.dimensions)


def test_a_text_has_the_same_vector_alone_and_in_a_batch(shipped):
    batch = shipped.embed(TEXTS)
    for text, vector in zip(TEXTS, batch, strict=True):
        assert np.array_equal(shipped.embed([text])[0], vector)


def test_sentence_transformers_gives_the_same_vectors_and_its_unknown_names_are_input_errors(
    shipped,
):
    # One test, because the import takes many seconds.
    from safetensors.numpy import load_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    tensors = load_file(SHIPPED / "model.safetensors")
    table = tensors["embedding"].astype(np.float32) * tensors["scale"].astype(np.float32)[:, None]
    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    reference = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=table)])
    expected = reference.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert ((shipped.embed(TEXTS) * expected).sum(axis=1) > 0.999).all()
    with pytest.raises(InputError, match="no-such/embedder.*CITEBRIEF_EMBEDDER"):
        load_embedder("no-such/embedder").embed(["하나"])


def test_the_version_changes_with_weights_tokenizer_and_configuration(copied):
    first = StaticEmbedder(copied).version
    assert StaticEmbedder(copied).version == first == load_embedder(str(copied)).version
    for name in ("model.safetensors", "tokenizer.json"):
        path = copied / name
        path.write_bytes(path.read_bytes() + b" ")
        assert StaticEmbedder(copied).version != first
        first = StaticEmbedder(copied).version
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"note": "changed"}))
    assert StaticEmbedder(copied).version != first


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("damage", ["gone", "garbage"])
def test_a_damaged_embedder_is_an_error_that_names_the_place(copied, name, damage):
    (copied / name).unlink()
    if damage == "garbage":
        (copied / name).write_bytes(b"[1, 2")
    with pytest.raises(CiteBriefError, match=str(copied)) as error:
        StaticEmbedder(copied).embed(["하나"])
    assert "estore" in str(error.value)


@pytest.mark.parametrize("config", ["[]", "{}", '{"dimensions": "many"}', '{"dimensions": null}'])
def test_a_configuration_that_says_no_dimensions_is_an_error(copied, config):
    (copied / "config.json").write_text(config)
    with pytest.raises(CiteBriefError, match="config.json"):
        StaticEmbedder(copied)


@pytest.mark.parametrize("name", ["no-such/embedder", "/nowhere/embedder"])
def test_an_embedder_that_cannot_be_loaded_is_an_input_error_that_names_it(monkeypatch, name):
    def refuse(name, local_files_only):
        raise OSError(f"{name}: no such model")

    fake = SimpleNamespace(SentenceTransformer=refuse)
    monkeypatch.setitem(sys.modules, "sentence_transformers", fake)
    monkeypatch.setattr("index.models._hub_is_known", lambda: False)
    for use in (lambda e: e.embed(["하나"]), lambda e: e.version, lambda e: e.dimensions):
        with pytest.raises(InputError, match=f"{name}.*CITEBRIEF_EMBEDDER.*OSError"):
            use(load_embedder(name))


@pytest.mark.parametrize("found", [True, False])
def test_a_hub_whose_host_has_no_address_is_not_asked(monkeypatch, found):
    asked = []

    def model(name, local_files_only):
        asked.append(local_files_only)
        raise OSError

    def look_up(host, port):
        if not found:
            raise OSError

    fake = SimpleNamespace(SentenceTransformer=model)
    monkeypatch.setitem(sys.modules, "sentence_transformers", fake)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("index.models.socket.getaddrinfo", look_up)
    with pytest.raises(InputError):
        load_embedder("no-such/embedder").embed(["하나"])
    assert asked == [not found]


def test_another_models_vectors_are_taken_at_length_1(monkeypatch):
    class Model:
        def __init__(self, name, local_files_only):
            self.name = name

        def get_embedding_dimension(self):
            return 3

        def encode(self, texts, *, normalize_embeddings, show_progress_bar):
            assert normalize_embeddings and not show_progress_bar
            return np.full((len(texts), 3), 3**-0.5)

    fake = SimpleNamespace(SentenceTransformer=Model)
    monkeypatch.setitem(sys.modules, "sentence_transformers", fake)
    embedder = load_embedder("some/model")
    assert (embedder.name, embedder.dimensions) == ("some/model", 3)
    assert "some/model" in embedder.version
    assert embedder.embed(["하나", "둘"]).dtype == np.float32
    assert embedder.embed([]).shape == (0, 3)
