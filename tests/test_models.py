"""The shipped embedder's vectors, and what is said where an embedder cannot be had."""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from index.errors import CiteBriefError, InputError
from index.models import (
    SHIPPED,
    StaticEmbedder,
    _prompts,
    load_embedder,
    load_reranker,
)

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
    monkeypatch.setattr("index.model_files._hub_is_known", lambda: False)
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
    monkeypatch.setattr("index.model_files.socket.getaddrinfo", look_up)
    with pytest.raises(InputError):
        load_embedder("no-such/embedder").embed(["하나"])
    assert asked == [not found]


# From here on, real models of the library, small ones, from folders.

PROMPTED = {"query": "question: ", "passage": "passage: "}
REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def english(minilm):
    return load_embedder(str(minilm))


@pytest.fixture
def prompted(tiny_bert):
    """Saves a model whose files hold prompts, and gives its folder and the model."""

    def save(name, prompts):
        from sentence_transformers import SentenceTransformer

        folder = tiny_bert(f"{name}-plain", "BertModel")
        model = SentenceTransformer(str(folder), prompts=prompts, local_files_only=True)
        model.save_pretrained(str(folder.parent / name))
        return folder.parent / name, model

    return save


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Puts a folder into a hub's cache, as a model that was once downloaded."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("SENTENCE_TRANSFORMERS_HOME", raising=False)

    def put(folder, name):
        model = tmp_path / "hub" / f"models--{name.replace('/', '--')}"
        shutil.copytree(folder, model / "snapshots" / REVISION)
        (model / "refs").mkdir()
        (model / "refs" / "main").write_text(REVISION)
        return model / "snapshots" / REVISION

    return put


def plain(model, texts):
    """What the library makes of texts as they stand."""
    return model.encode(texts, prompt="", normalize_embeddings=True, show_progress_bar=False)


def test_a_folder_of_the_library_gives_vectors_of_length_1_that_know_a_meaning(english, minilm):
    vectors = english.embed(
        ["The fishers want to be paid.", "Fishermen demand compensation.", "A railway opens."]
    )
    assert (english.name, english.dimensions, english.reads_terms) == (str(minilm), 384, False)
    assert (vectors.shape, vectors.dtype) == ((3, 384), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.5 > 0.3 > vectors[0] @ vectors[2]
    assert english.embed([]).shape == english.embed([], question=True).shape == (0, 384)


def test_a_model_without_prompts_reads_questions_as_it_reads_passages(english):
    texts = ["Who pays?", "누가 내나?"]
    assert np.array_equal(english.embed(texts), english.embed(texts, question=True))


def test_a_long_text_is_read_to_the_end_of_the_models_input(english):
    long, longer, other = english.embed(["tree " * 300, "tree " * 3_000, "tree " * 20])
    assert np.array_equal(long, longer)
    assert not np.array_equal(long, other)


def test_threads_may_share_a_model(english):
    texts = ["word " * n for n in range(1, 17)]
    alone = [english.embed([text])[0] for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: english.embed([text])[0], texts))
    assert np.allclose(alone, together, atol=1e-5)


@pytest.mark.parametrize("key", ["document", "passage", "corpus"])
def test_questions_and_passages_get_the_prompts_of_the_models_files(prompted, key):
    folder, model = prompted("prompted", {"query": "question: ", key: "told: ", "sts": "same: "})
    embedder = load_embedder(str(folder))
    asked, told = plain(model, ["question: Who pays?", "told: Who pays?"])
    assert np.allclose(embedder.embed(["Who pays?"], question=True)[0], asked, atol=1e-5)
    assert np.allclose(embedder.embed(["Who pays?"])[0], told, atol=1e-5)
    assert embedder.version.endswith(" 'question: ' 'told: '")


def test_a_prompt_for_questions_alone_leaves_passages_as_they_are(prompted):
    folder, model = prompted("half", {"query": "question: "})
    embedder = load_embedder(str(folder))
    asked, told = plain(model, ["question: Who pays?", "Who pays?"])
    assert np.allclose(embedder.embed(["Who pays?"], question=True)[0], asked, atol=1e-5)
    assert np.allclose(embedder.embed(["Who pays?"])[0], told, atol=1e-5)


def test_a_model_of_the_hub_has_its_revision_for_version_and_its_familys_prompts(prompted, hub):
    folder, model = prompted("plain", {})
    hub(folder, "intfloat/multilingual-e5-small")
    snapshot = hub(folder, "some/model")
    family, other = (load_embedder(n) for n in ("intfloat/multilingual-e5-small", "some/model"))
    assert family.version == f"{REVISION} 'query: ' 'passage: '"
    assert other.version == REVISION
    assert load_embedder(str(snapshot)).version not in (REVISION, str(snapshot))
    asked, told, bare = plain(model, ["query: Who pays?", "passage: Who pays?", "Who pays?"])
    assert np.allclose(family.embed(["Who pays?"], question=True)[0], asked, atol=1e-5)
    assert np.allclose(family.embed(["Who pays?"])[0], told, atol=1e-5)
    assert np.allclose(other.embed(["Who pays?"], question=True)[0], bare, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "configured", "expected"),
    [
        ("intfloat/multilingual-e5-large", {}, ("query: ", "passage: ")),
        ("models/multilingual-e5-base/", {"query": "", "document": ""}, ("query: ", "passage: ")),
        ("C:\\models\\e5-base-v2", {}, ("query: ", "passage: ")),
        ("hub/models--intfloat--multilingual-e5-small/snapshots/0a1", {}, ("query: ", "passage: ")),
        ("nlpai-lab/KoE5", {}, ("query: ", "passage: ")),
        ("dragonkue/multilingual-e5-small-ko", {}, ("query: ", "passage: ")),
        ("intfloat/multilingual-e5-large-instruct", {}, ("", "")),
        ("intfloat/e5-mistral-7b-instruct", {}, ("", "")),
        ("multilingual-e5-base/bge-m3", {}, ("", "")),
        ("nlpai-lab/KURE-v1", {}, ("", "")),
        ("sentence-transformers/all-MiniLM-L6-v2", {}, ("", "")),
        ("intfloat/multilingual-e5-small", {"query": "Q: "}, ("Q: ", "")),
    ],
)
def test_a_familys_prompts_stand_in_where_the_files_have_none(name, configured, expected):
    assert _prompts(name, configured) == expected


def test_the_version_of_a_folder_changes_with_its_files_and_prompts(prompted, tmp_path):
    folder, _ = prompted("first", PROMPTED)
    first = load_embedder(str(folder)).version
    moved = shutil.copytree(folder, tmp_path / "moved")
    (moved / "README.md").write_text("Another card.")
    assert load_embedder(str(moved)).version == first
    config = moved / "config_sentence_transformers.json"
    config.write_text(config.read_text().replace("question: ", "asked: "))
    second = load_embedder(str(moved)).version
    assert second.split()[0] != first.split()[0]
    weights = moved / "model.safetensors"
    changed = bytearray(weights.read_bytes())
    changed[-1] ^= 1
    weights.write_bytes(changed)
    assert load_embedder(str(moved)).version not in (first, second)


def test_without_a_name_there_is_no_reranker():
    assert load_reranker(None) is None
    assert load_reranker("") is None


def test_a_cross_encoder_scores_each_text_and_is_the_same_when_loaded_again(tiny_bert):
    folder = tiny_bert("ranker", "BertForSequenceClassification")
    question, texts = "Who pays?", ["The state pays.", "Trees grow.", "정부가 낸다.", "word " * 900]
    reranker, again = load_reranker(str(folder)), load_reranker(str(folder))
    scores = reranker.score(question, texts)
    assert reranker.name == str(folder)
    assert (scores.shape, scores.dtype) == ((4,), np.float32)
    assert len(set(scores.tolist())) == 4
    assert np.array_equal(scores, again.score(question, texts))
    assert reranker.version == again.version
    assert np.allclose(scores[1], reranker.score(question, texts[1:2]), atol=1e-4)
    assert reranker.score(question, []).shape == (0,)


def test_scores_are_those_before_the_sigmoid(tiny_bert):
    from sentence_transformers import CrossEncoder

    folder = tiny_bert("ranker", "BertForSequenceClassification")
    pressed = CrossEncoder(str(folder), local_files_only=True).predict([("Who?", "The state.")])
    score = load_reranker(str(folder)).score("Who?", ["The state."])
    assert np.allclose(1 / (1 + np.exp(-score)), pressed, atol=1e-5)


def test_scores_that_are_no_numbers_are_an_error_that_names_the_reranker(tiny_bert):
    from safetensors.numpy import load_file, save_file

    weights = tiny_bert("broken", "BertForSequenceClassification") / "model.safetensors"
    tensors = load_file(weights)
    tensors["classifier.bias"][:] = np.nan
    save_file(tensors, weights, metadata={"format": "pt"})
    with pytest.raises(CiteBriefError, match="broken.*CITEBRIEF_RERANKER"):
        load_reranker(str(weights.parent)).score("Who pays?", ["The state pays."])


def test_the_version_of_a_reranker_changes_with_its_weights_and_is_a_hubs_revision(tiny_bert, hub):
    first = tiny_bert("first", "BertForSequenceClassification")
    second = tiny_bert("second", "BertForSequenceClassification", seed=1)
    hub(first, "some/ranker")
    assert load_reranker(str(first)).version != load_reranker(str(second)).version
    assert load_reranker("some/ranker").version == REVISION


def test_a_model_that_is_no_reranker_is_an_input_error_that_says_why(tiny_bert, minilm):
    three = tiny_bert("three", "BertForSequenceClassification", labels=3)
    with pytest.raises(InputError, match="three.*CITEBRIEF_RERANKER.*gives 3 scores.*unset it"):
        load_reranker(str(three))
    with pytest.raises(InputError, match="CITEBRIEF_RERANKER.*is a BertModel, which has no layer"):
        load_reranker(str(minilm))


def test_a_reranker_that_cannot_be_had_is_an_input_error_that_names_it(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for name in ("no-such/reranker", str(empty)):
        with pytest.raises(InputError, match=f"{name}.*CITEBRIEF_RERANKER.*unset it"):
            load_reranker(name)
