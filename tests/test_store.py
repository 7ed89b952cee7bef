"""A real Chroma folder: cosines, exact and by HNSW, and what is told of a damaged one."""

import os
import shutil
import warnings

import numpy as np
import pytest
from langchain_core.vectorstores import VectorStore

from index.store import DamagedStoreError, PassageStore, write_store
from index.types import Passage


def passage(number, ko, en=None, restated=()):
    return Passage(
        id=f"d:s{number:03d}",
        document_id="d",
        kind="sentence",
        lang="ko",
        text=ko,
        quote=ko,
        char_start=0,
        char_end=len(ko),
        page=number % 3 + 1,
        section_id="sec0",
        section_titles={"ko": "절"},
        paragraph=0,
        position=number,
        translation=en,
        quote_translation=en,
        restatements={"ko": tuple(restated)},
    )


PASSAGES = [
    passage(0, "부산항은 확장된다.", "Busan Port will be expanded.", ["항구를 넓힌다."]),
    passage(1, "요금이 오른다.", "Fares will rise."),
    passage(2, "갯벌은 보호된다.", None),
    passage(3, "a", ""),  # no pair of characters: FakeEmbedder gives a zero vector
]
SYNC = 1300  # more vectors than Chroma keeps in its log before it writes them to files


@pytest.fixture
def open_store(tmp_path, fake_embedder):
    """A function that stores passages and opens the folder; what it opened is closed in the end."""
    opened = []

    def make(passages=PASSAGES, folder=None):
        if folder is None:
            folder = tmp_path / f"store{len(opened)}"
            assert sum(write_store(folder, passages, fake_embedder)) > 0
        opened.append(PassageStore(folder, passages))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A closed folder of many passages, and those passages."""
    from conftest import FakeEmbedder

    passages = [
        passage(n, f"{n}번 문장 {chr(0xAC00 + n * 8)} {n * 7919 % 1000}") for n in range(SYNC)
    ]
    folder = tmp_path_factory.mktemp("large") / "store"
    assert list(write_store(folder, passages, FakeEmbedder())) == [SYNC]
    return folder, passages


def brute_force(embedder, passages, vector):
    best = np.full(len(passages), -1.0)
    for place, p in enumerate(passages):
        texts = [t for t in (p.text, p.translation, *p.restatements["ko"]) if t]
        best[place] = (embedder.embed(texts) @ vector).max()
    return best


@pytest.mark.parametrize("question", ["요금", "Busan Port", "항구를 넓힌다.", "x"])
def test_similarities_are_the_cosines_of_the_best_text(open_store, fake_embedder, question):
    vector = fake_embedder.embed([question])[0]
    found = open_store().similarities(vector)
    assert found.dtype == np.float32
    assert np.allclose(found, brute_force(fake_embedder, PASSAGES, vector), atol=1e-6)
    assert (found <= 1.00001).all()


def test_the_same_text_has_similarity_1(open_store, fake_embedder):
    store = open_store()
    for place, text in enumerate(["Busan Port will be expanded.", "요금이 오른다."]):
        assert store.similarities(fake_embedder.embed([text])[0])[place] == pytest.approx(1)


def test_the_hnsw_path_agrees_with_the_exact_one(large, open_store, fake_embedder, monkeypatch):
    folder, passages = large
    vector = fake_embedder.embed(["77번 문장"])[0]
    exact = open_store(passages, folder).similarities(vector)
    assert np.allclose(exact, brute_force(fake_embedder, passages, vector), atol=1e-6)
    monkeypatch.setattr("index.store.EXACT_UP_TO", 10)
    near = open_store(passages, folder).similarities(vector)
    looked_at = near > -1
    assert 200 <= looked_at.sum() <= 300
    assert np.allclose(near[looked_at], exact[looked_at], atol=1e-5)
    best = np.argsort(-exact)[:20]
    assert looked_at[best].sum() >= 18  # HNSW may miss one


def test_a_small_store_can_be_searched_by_hnsw_too(open_store, fake_embedder, monkeypatch):
    monkeypatch.setattr("index.store.EXACT_UP_TO", 0)
    vector = fake_embedder.embed(["요금이 오른다."])[0]
    found = open_store(PASSAGES[:3]).similarities(vector)
    assert np.allclose(found, brute_force(fake_embedder, PASSAGES[:3], vector), atol=1e-5)


def test_the_vectorstore_is_langchains_and_answers(open_store, fake_embedder):
    store = open_store().vectorstore("ko", fake_embedder)
    assert isinstance(store, VectorStore)
    ((document, distance),) = store.similarity_search_with_score("요금이 오른다.", k=1)
    assert document.page_content == "요금이 오른다."
    assert document.metadata == {"place": 1, "document": "d", "page": 2, "kind": "sentence"}
    assert distance == pytest.approx(0, abs=1e-5)
    english = open_store().vectorstore("en", fake_embedder)
    assert english.as_retriever(search_kwargs={"k": 1}).invoke("Fares will rise.")[
        0
    ].page_content == ("Fares will rise.")


def test_batches_are_reported_as_they_are_stored(tmp_path, fake_embedder, monkeypatch):
    monkeypatch.setattr("index.store.BATCH", 3)
    assert list(write_store(tmp_path / "s", PASSAGES, fake_embedder)) == [3, 1, 2, 1]


def test_a_folder_with_other_vectors_than_promised_is_damaged(open_store):
    folder = open_store(PASSAGES[:2]).folder
    with pytest.raises(DamagedStoreError, match="5 vectors where 6 belong"):
        PassageStore(folder, PASSAGES[:3])


def test_an_empty_folder_is_damaged(tmp_path):
    with pytest.raises(DamagedStoreError, match="0 vectors where 7 belong"):
        PassageStore(tmp_path / "empty", PASSAGES)


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty"])
def test_a_damaged_database_is_damaged(large, tmp_path, damage):
    folder, passages = large
    copy = shutil.copytree(folder, tmp_path / "copy")
    path = copy / "chroma.sqlite3"
    content = path.read_bytes()
    path.write_bytes({"garbage": b"x" * 9999, "truncated": content[:8000], "empty": b""}[damage])
    with pytest.raises(DamagedStoreError):
        PassageStore(copy, passages)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("data_level0.bin", "deleted"),
        ("data_level0.bin", "truncated"),
        ("data_level0.bin", "garbage"),
        ("length.bin", "truncated"),
        ("length.bin", "garbage"),
        ("index_metadata.pickle", "deleted"),
    ],
)
def test_damaged_vector_files_never_give_other_vectors(
    large, tmp_path, fake_embedder, name, damage
):
    folder, passages = large
    copy = shutil.copytree(folder, tmp_path / "copy")
    (path,) = copy.rglob(name)
    size = path.stat().st_size
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes(
            os.urandom(size) if damage == "garbage" else path.read_bytes()[: size // 2]
        )
    with warnings.catch_warnings(), pytest.raises(DamagedStoreError):
        warnings.simplefilter("error")
        PassageStore(copy, passages)
