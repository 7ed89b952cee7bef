"""Real folders of vectors: cosines, neighbours exact and by HNSW, and what is told of damage."""

import shutil
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from conftest import FakeEmbedder
from langchain_core.vectorstores import VectorStore
from passages import passage

from index.errors import CiteBriefError
from index.store import DamagedStoreError, PassageStore, write_store
from index.types import Passage


def stored(number, ko, en=None, restated=()):
    return passage(
        ko,
        number,
        page=number % 3 + 1,
        translation=en,
        quote_translation=en,
        restatements={"ko": tuple(restated)},
    )


PASSAGES = [
    stored(0, "부산항은 확장된다.", "Busan Port will be expanded.", ["항구를 넓힌다."]),
    stored(1, "요금이 오른다.", "Fares will rise."),
    stored(2, "갯벌은 보호된다.", None),
    stored(3, "a", ""),  # no pair of characters: FakeEmbedder gives a zero vector
]
SYNC = 1300  # more vectors than Chroma keeps in its log before it writes them to files


@dataclass(frozen=True)
class Stored:
    """Passages, and the folders that hold their vectors."""

    passages: list[Passage]
    chroma: Path
    tables: Path

    def open(self):
        return PassageStore(self.chroma, self.tables, self.passages)

    def copy(self, folder):
        if self.chroma.exists():
            shutil.copytree(self.chroma, folder / "chroma")
        shutil.copytree(self.tables, folder / "tables")
        return Stored(self.passages, folder / "chroma", folder / "tables")


LARGE = 10  # vectors; the field of so many that a test searches by HNSW


def store_away(folder, passages):
    """Write the passages' vectors under the new `folder`."""
    folder.mkdir()
    stored = Stored(passages, folder / "chroma", folder / "tables")
    assert sum(write_store(stored.chroma, stored.tables, passages, FakeEmbedder().embed, 64)) > 0
    return stored


@pytest.fixture
def open_store(tmp_path):
    """A function that stores passages and opens the folder; what it opened is closed in the end."""
    opened = []

    def make(stored=PASSAGES):
        if isinstance(stored, list):
            stored = store_away(tmp_path / f"store{len(opened)}", stored)
        opened.append(stored.open())
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Many passages, stored as a large field and closed."""
    passages = [
        stored(n, f"{n}번 문장 {chr(0xAC00 + n * 8)} {n * 7919 % 1000}") for n in range(SYNC)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.store.EXACT_UP_TO", LARGE)
        return store_away(tmp_path_factory.mktemp("large") / "store", passages)


def places(*numbers):
    return np.array(numbers, dtype=np.int64)


def everywhere(passages):
    return np.arange(len(passages))


def brute_force(embedder, passages, vector):
    best = np.full(len(passages), -1.0)
    for place, p in enumerate(passages):
        texts = [t for t in (p.text, p.translation, *p.restatements["ko"]) if t]
        best[place] = (embedder.embed(texts) @ vector).max()
    return best


HALF = 1e-3  # what half precision may be off


@pytest.mark.parametrize("question", ["요금", "Busan Port", "항구를 넓힌다.", "x"])
def test_cosines_are_those_of_the_best_text(open_store, fake_embedder, question):
    vector = fake_embedder.embed([question])[0]
    found = open_store().cosines(vector, everywhere(PASSAGES))
    assert found.dtype == np.float32
    assert np.allclose(found, brute_force(fake_embedder, PASSAGES, vector), atol=HALF)
    assert (found <= 1 + HALF).all()


def test_the_same_text_has_cosine_1(open_store, fake_embedder):
    store = open_store()
    for place, text in enumerate(["Busan Port will be expanded.", "요금이 오른다."]):
        vector = fake_embedder.embed([text])[0]
        assert store.cosines(vector, places(place)) == pytest.approx([1], abs=HALF)


def test_a_passage_without_a_text_that_is_searched_has_cosine_minus_1(open_store, fake_embedder):
    passages = [*PASSAGES[:2], replace(PASSAGES[2], text="", quote="")]
    vector = fake_embedder.embed(["요금"])[0]
    store = open_store(passages)
    assert store.cosines(vector, places(2)).tolist() == [-1]
    assert store.cosines(vector, places()).shape == (0,)


@pytest.mark.parametrize("exact_up_to", [10_000, 10])
@pytest.mark.parametrize("chosen", [range(SYNC), range(3, SYNC, 97), [], [SYNC - 1]])
def test_cosines_of_chosen_passages_are_the_same_in_a_small_and_in_a_large_store(
    large, open_store, fake_embedder, monkeypatch, exact_up_to, chosen
):
    monkeypatch.setattr("index.store.EXACT_UP_TO", exact_up_to)
    vector = fake_embedder.embed(["77번 문장"])[0]
    chosen = places(*chosen)
    found = open_store(large).cosines(vector, chosen)
    expected = brute_force(fake_embedder, large.passages, vector)[chosen]
    assert np.allclose(found, expected, atol=HALF)


def test_the_nearest_of_a_small_store_are_exact(large, open_store, fake_embedder):
    vector = fake_embedder.embed(["77번 문장"])[0]
    store = open_store(large)
    cosines = store.cosines(vector, everywhere(large.passages))
    found = store.nearest(vector, 20)
    assert found.tolist() == sorted(np.argsort(-cosines, kind="stable")[:20].tolist())


def test_the_nearest_by_hnsw_are_almost_the_exact_ones(
    large, open_store, fake_embedder, monkeypatch
):
    vector = fake_embedder.embed(["77번 문장"])[0]
    cosines = np.sort(brute_force(fake_embedder, large.passages, vector))[::-1]
    monkeypatch.setattr("index.store.EXACT_UP_TO", 10)
    store = open_store(large)
    near = store.nearest(vector, 20)
    assert len(near) == 20
    assert (np.diff(near) > 0).all()
    found = store.cosines(vector, near)
    assert (found >= cosines[19] - HALF).sum() >= 18  # HNSW may miss one; several are as near


@pytest.mark.parametrize("exact_up_to", [10_000, 10])
@pytest.mark.parametrize("every", [2, 40, 400])
def test_only_allowed_passages_are_nearest(
    large, open_store, fake_embedder, monkeypatch, exact_up_to, every
):
    monkeypatch.setattr("index.store.EXACT_UP_TO", exact_up_to)
    allowed = np.arange(SYNC) % every == 1
    vector = fake_embedder.embed(["77번 문장"])[0]
    found = open_store(large).nearest(vector, 20, allowed)
    assert allowed[found].all()
    best = np.where(allowed, brute_force(fake_embedder, large.passages, vector), -2)
    wanted = min(20, int(allowed.sum()))
    assert len(found) == wanted
    assert (best[found] >= np.sort(best)[-wanted] - HALF).sum() >= 0.9 * wanted


@pytest.mark.parametrize("exact_up_to", [10_000, 0])
def test_where_nothing_is_allowed_nothing_is_near(
    large, open_store, fake_embedder, monkeypatch, exact_up_to
):
    monkeypatch.setattr("index.store.EXACT_UP_TO", exact_up_to)
    vector = fake_embedder.embed(["77번 문장"])[0]
    assert open_store(large).nearest(vector, 20, np.zeros(SYNC, bool)).shape == (0,)


@pytest.mark.parametrize("exact_up_to", [10_000, 0])
def test_each_field_gives_its_nearest_each_passage_once(
    open_store, fake_embedder, monkeypatch, exact_up_to
):
    monkeypatch.setattr("index.store.EXACT_UP_TO", exact_up_to)
    store = open_store(PASSAGES[:3])
    vector = fake_embedder.embed(["요금이 오른다."])[0]
    assert store.nearest(vector, 3).tolist() == [0, 1, 2]
    # One of each field: Korean, English, and the only restatement.
    assert {0, 1} <= set(store.nearest(vector, 1).tolist())


def test_the_crowd_stands_for_every_field(large, open_store, fake_embedder, monkeypatch):
    vector = fake_embedder.embed(["요금"])[0]
    found, cosines = open_store(PASSAGES).crowd(vector)
    assert sorted(found.tolist()) == [0, 0, 0, 1, 1, 2, 3]
    assert cosines.max() <= 1 + HALF
    monkeypatch.setattr("index.store.EXACT_UP_TO", 10)
    monkeypatch.setattr("index.store.SAMPLE", 100)
    store = open_store(large)
    found, cosines = store.crowd(vector)
    assert 100 <= len(found) < 110
    assert np.allclose(cosines, store.cosines(vector, found), atol=HALF)


def test_the_vectorstore_is_langchains_and_answers(open_store, fake_embedder):
    store = open_store().vectorstore("ko", fake_embedder.embed)
    assert isinstance(store, VectorStore)
    ((document, distance),) = store.similarity_search_with_score("요금이 오른다.", k=1)
    assert document.page_content == "요금이 오른다."
    assert document.metadata == {"place": 1, "document": "d", "page": 2, "kind": "sentence"}
    assert distance == pytest.approx(0, abs=1e-5)
    english = open_store().vectorstore("en", fake_embedder.embed)
    assert english.as_retriever(search_kwargs={"k": 1}).invoke("Fares will rise.")[
        0
    ].page_content == ("Fares will rise.")


def test_a_small_field_leaves_nothing_of_chromas_on_the_disk(tmp_path):
    stored = store_away(tmp_path / "store", PASSAGES)
    assert not stored.chroma.exists()
    assert {path.name for path in stored.tables.iterdir()} >= {"ko.npy", "en.npy"}


def test_a_large_field_whose_database_is_gone_is_damaged(large, tmp_path, monkeypatch):
    monkeypatch.setattr("index.store.EXACT_UP_TO", LARGE)
    copy = large.copy(tmp_path / "copy")
    shutil.rmtree(copy.chroma)
    with pytest.raises(DamagedStoreError, match="Chroma's database is missing"):
        copy.open()
    assert not copy.chroma.exists()


def test_batches_are_reported_as_they_are_stored(tmp_path, fake_embedder, monkeypatch):
    monkeypatch.setattr("index.store.BATCH", 3)
    batches = write_store(tmp_path / "s", tmp_path / "t", PASSAGES, fake_embedder.embed, 64)
    assert list(batches) == [3, 1, 2, 1]


def test_a_folder_with_other_vectors_than_promised_is_damaged(tmp_path):
    stored = store_away(tmp_path / "store", PASSAGES[:2])
    with pytest.raises(DamagedStoreError, match="5 vectors where 6 belong"):
        PassageStore(stored.chroma, stored.tables, PASSAGES[:3])


def test_an_empty_folder_is_damaged(tmp_path):
    with pytest.raises(DamagedStoreError, match="0 vectors where 7 belong"):
        PassageStore(tmp_path / "empty", tmp_path / "tables", PASSAGES)


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty"])
def test_a_damaged_database_is_damaged(large, tmp_path, monkeypatch, damage):
    monkeypatch.setattr("index.store.EXACT_UP_TO", LARGE)
    copy = large.copy(tmp_path / "copy")
    path = copy.chroma / "chroma.sqlite3"
    content = path.read_bytes()
    path.write_bytes({"garbage": b"x" * 9999, "truncated": content[:8000], "empty": b""}[damage])
    with pytest.raises(DamagedStoreError):
        copy.open()


def damage_file(path, how):
    content = path.read_bytes()
    if how == "deleted":
        path.unlink()
    else:
        garbage = np.random.default_rng(0).bytes(len(content))
        half = content[: len(content) // 2]
        path.write_bytes({"garbage": garbage, "truncated": half, "empty": b""}[how])


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("data_level0.bin", "deleted"),
        ("length.bin", "deleted"),
        ("header.bin", "garbage"),
        ("index_metadata.pickle", "truncated"),
        ("index_metadata.pickle", "garbage"),
    ],
)
def test_files_of_hnsw_that_cannot_be_read_are_damage_where_it_is_searched(
    large, tmp_path, monkeypatch, name, how
):
    monkeypatch.setattr("index.store.EXACT_UP_TO", 10)
    copy = large.copy(tmp_path / "copy")
    (path,) = copy.chroma.rglob(name)
    damage_file(path, how)
    with pytest.raises(DamagedStoreError):
        copy.open()


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("data_level0.bin", "truncated"),
        ("data_level0.bin", "garbage"),
        ("length.bin", "truncated"),
        ("length.bin", "garbage"),
        ("index_metadata.pickle", "deleted"),
    ],
)
def test_damaged_files_of_hnsw_never_give_other_cosines(
    large, open_store, tmp_path, fake_embedder, name, how
):
    copy = large.copy(tmp_path / "copy")
    (path,) = copy.chroma.rglob(name)
    damage_file(path, how)
    vector = fake_embedder.embed(["77번 문장"])[0]
    found = open_store(copy).cosines(vector, everywhere(large.passages))
    assert np.allclose(found, brute_force(fake_embedder, large.passages, vector), atol=HALF)


def test_a_collection_that_cannot_be_read_is_told_to_who_asks_for_it(
    large, tmp_path, monkeypatch, fake_embedder
):
    monkeypatch.setattr("index.store.EXACT_UP_TO", LARGE)
    copy = large.copy(tmp_path / "copy")
    store = copy.open()
    store.close()
    shutil.rmtree(copy.chroma)
    with pytest.raises(CiteBriefError, match="cannot be read.* Delete the folder .*/copy and open"):
        store.vectorstore("ko", fake_embedder.embed)
    with pytest.raises(CiteBriefError, match="no texts in 'fr'; expected one of ko"):
        store.vectorstore("fr", fake_embedder.embed)


@pytest.mark.parametrize("name", ["ko.npy", "ko.places.npy"])
@pytest.mark.parametrize("how", ["deleted", "truncated", "garbage", "empty"])
def test_damaged_tables_never_give_other_vectors(large, tmp_path, name, how):
    copy = large.copy(tmp_path / "copy")
    damage_file(copy.tables / name, how)
    with warnings.catch_warnings(), pytest.raises(DamagedStoreError):
        warnings.simplefilter("error")
        copy.open()


@pytest.mark.parametrize("exact_up_to", [10_000, 10])
def test_vectors_that_are_not_of_length_1_are_damage(large, tmp_path, monkeypatch, exact_up_to):
    monkeypatch.setattr("index.store.EXACT_UP_TO", exact_up_to)
    copy = large.copy(tmp_path / "copy")
    table = np.load(copy.tables / "ko.npy")
    np.save(copy.tables / "ko.npy", table * np.float16(1.1))
    with pytest.raises(DamagedStoreError, match="not of length 1"):
        copy.open()
