"""Rows on a real Chroma server: shared by versions and instances, and healed when they are lost."""

import dataclasses
import logging
import threading

import chromadb
import numpy as np
import pytest
from chroma_server import ChromaServer, Gate, free_port
from conftest import FakeEmbedder
from langchain_core.vectorstores import VectorStore
from passages import passage

from index.catalogue import Catalogue
from index.chroma import StoreServer, fault, life, require
from index.errors import CiteBriefError
from index.shelf import Address, held
from index.store import FIELDS, PassageStore, share, write_store

RECIPE, OTHER_RECIPE = "a" * 16, "b" * 16
pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server for all tests here; each has a namespace of its own."""
    server = ChromaServer(tmp_path_factory.mktemp("chroma") / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def quick(monkeypatch):
    """Every field is a large one, and nobody waits long."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("index.store.EXACT_UP_TO", 0)
    monkeypatch.setattr("index.chroma.LONGEST_WAIT_S", 0.01)
    monkeypatch.setattr("index.neighbours.REST_S", 0.0)


@pytest.fixture
def server(running, request):
    """The server, with a namespace that no other test has."""
    return StoreServer(running.url, namespace=f"t{abs(hash(request.node.nodeid))}")


def library(*changed):
    """Three documents in two languages; those named in `changed` have another text."""
    passages = []
    for name in ("항만", "forest", "trains"):
        word = f"{name} 새 문장" if name in changed else f"{name} 문장"
        passages += [
            dataclasses.replace(
                passage(f"{word} {n}번은 {n * 7919 % 1000}이다.", n),
                id=f"{name}:s{n}",
                document_id=name,
                translation=f"{word} sentence {n} is {n * 7919 % 1000}.",
                restatements={"ko": (f"{word} {n}",)} if n % 2 else {},
            )
            for n in range(20)
        ]
    return passages


class Instance:
    """An app's own index folder, and the version of the library in it."""

    def __init__(self, folder, server, passages, version="v1", recipe=RECIPE):
        self.passages, self.tables = passages, folder / f"tables-{version}"
        self.address = Address(server, recipe, version)
        if not self.tables.exists():
            for _ in write_store(None, self.tables, passages, FakeEmbedder().embed, 64):
                pass

    def share(self):
        return list(share(self.address, self.tables, self.passages))

    def open(self):
        return PassageStore(self.tables, self.tables, self.passages, self.address)


@pytest.fixture
def instance(tmp_path, server):
    """Makes instances, each with a folder of its own; what they opened is closed in the end."""
    opened = []

    def make(passages=None, version="v1", *, number=0, on=server, recipe=RECIPE):
        folder = tmp_path / f"instance{number}"
        folder.mkdir(exist_ok=True)
        made = Instance(folder, on, library() if passages is None else passages, version, recipe)
        plain = made.open

        def open():
            opened.append(plain())
            return opened[-1]

        made.open = open
        return made

    yield make
    for store in opened:
        store.close()


def rows_on(server, recipe=RECIPE):
    """The ids on the server, by field."""
    client = chromadb.HttpClient(server.url.partition("//")[2].partition(":")[0],
                                 int(server.url.rpartition(":")[2]))  # fmt: skip
    found = {}
    for field in FIELDS:
        names = [c.name for c in client.list_collections()]
        name = f"{server.namespace}-{recipe}-{field}"
        if name in names:
            found[field] = set(client.get_collection(name, embedding_function=None).get()["ids"])
    return found


def count_on(server, recipe=RECIPE):
    return sum(map(len, rows_on(server, recipe).values()))


def near(store, text, count=5):
    """The nearest passages, when the server is ready."""
    store._server.wait(30)
    return store.nearest(FakeEmbedder().embed([text])[0], count).tolist()


def is_right(store, text, found, count=5):
    """Whether the places found are the nearest of each field, or as near."""
    vector = FakeEmbedder().embed([text])[0]
    for table in store._tables.values():
        cosines = table.every(vector)
        best = np.sort(cosines)[::-1][:count]
        own = np.sort(cosines[np.isin(table.passages, found)])[::-1][:count]
        if not np.allclose(best, own, atol=1e-3):
            return False
    return len(found) <= count * len(store._tables)


def asked(store):
    """Whether the store's neighbours come from the server now."""
    return bool(store._server._collections)


def test_the_rows_of_a_library_are_put_on_the_server_and_searched_there(instance, server):
    first = instance()
    steps = first.share()
    assert steps[0] == (0, 150)
    assert steps[-1] == (150, 150)
    assert {field: len(ids) for field, ids in rows_on(server).items()} == {
        "ko": 60,
        "en": 60,
        "ko-restated": 30,
    }
    store = first.open()
    for text in ("항만 문장 7번은", "trains sentence 3 is", "forest 문장 1"):
        assert is_right(store, text, near(store, text))
    assert asked(store)


def test_a_second_instance_finds_the_rows_there_and_adds_none(instance, server):
    instance().share()
    second = instance(number=2)
    assert second.share() == [(150, 150)]
    store = second.open()
    assert is_right(store, "항만 문장 7번은", near(store, "항만 문장 7번은"))
    assert count_on(server) == 150


def test_a_new_version_adds_its_changed_document_while_the_other_reads_its_own(instance, server):
    first = instance()
    first.share()
    reader = first.open()
    before = near(reader, "forest 문장 1번은", 20)
    second = instance(library("forest"), "v2", number=2)
    assert second.share()[0] == (100, 150)  # two of three documents were there
    assert count_on(server) == 200
    assert len(before) > 20
    assert near(reader, "forest 문장 1번은", 20) == before
    assert near(reader, "forest 새 문장 1번은", 60) == list(range(60))
    newer = second.open()
    assert is_right(newer, "forest 새 문장 1번은", near(newer, "forest 새 문장 1번은"))
    assert asked(reader) and asked(newer)


def test_rows_that_none_of_the_last_versions_has_go(instance, server):
    for number, changed in enumerate(([], ["forest"], ["forest", "trains"], ["항만"]), start=1):
        instance(library(*changed), f"v{number}").share()
    assert count_on(server) == 6 * 50  # two wordings of each document
    for number in (5, 6, 7):
        instance(library("항만"), f"v{number}").share()
    assert count_on(server) == 3 * 50
    assert {id.partition("@")[0] for id in rows_on(server)["ko"]} == {"항만", "forest", "trains"}


def test_the_collections_of_a_recipe_that_no_version_has_go(instance, server):
    instance(version="old", recipe=OTHER_RECIPE).share()
    assert count_on(server, OTHER_RECIPE) == 150
    for number in range(4):
        instance(version=f"v{number}").share()
    assert rows_on(server, OTHER_RECIPE) == {}
    assert count_on(server) == 150


def test_another_namespace_is_left_alone(instance, server):
    other = dataclasses.replace(server, namespace=f"{server.namespace}-b")
    instance(number=2, on=other).share()
    for number in range(5):
        instance(library("forest"), version=f"v{number}").share()
    assert count_on(other) == 150


def test_a_forgotten_document_leaves_no_row_and_no_name(instance, server):
    instance().share()
    instance(library("forest"), "v2").share()
    catalogue = Catalogue(server)
    assert catalogue.forget({"forest"}) == 2 * 50
    assert not any("forest" in id for ids in rows_on(server).values() for id in ids)
    assert not any("forest" in key for key in catalogue.entries(RECIPE))
    assert not any("forest" in key for v in catalogue.versions() for key in v.keys)
    catalogue.close()


def test_a_wiped_server_is_filled_again_from_the_tables(tmp_path, instance, caplog):
    own = ChromaServer(tmp_path / "own" / "data")
    own.start()
    try:
        first = instance(on=StoreServer(own.url, namespace="wiped"))
        first.share()
        store = first.open()
        near(store, "항만 문장 7번은")
        assert asked(store)
        own.wipe()
        # From the tables, since the server lacks the rows; then from the server.
        assert is_right(store, "항만 문장 7번은", near(store, "항만 문장 7번은"))
        assert is_right(store, "항만 문장 7번은", near(store, "항만 문장 7번은"))
        assert asked(store)
        assert count_on(first.address.server) == 150
        told = [r.getMessage() for r in caplog.records if "vector server" in r.getMessage()]
        assert [("cannot be used" in line, "answers again" in line) for line in told] == [
            (True, False),
            (False, True),
        ]
    finally:
        own.stop()


@pytest.mark.parametrize("loss", ["some rows", "a collection", "the ledger", "the versions"])
def test_what_is_lost_in_part_is_put_back(instance, server, caplog, loss):
    instance(library("forest"), "v0").share()
    first = instance()
    first.share()
    catalogue = Catalogue(server)
    if loss == "some rows":
        rows = catalogue.open(RECIPE, "ko")
        rows.delete(ids=[id for id in rows.get()["ids"] if id.startswith("항만")][:9])
    else:
        names = {
            "a collection": catalogue.collection(RECIPE, "en"),
            "the ledger": catalogue.collection(RECIPE, "ledger"),
            "the versions": f"{server.namespace}-versions",
        }
        catalogue.client.delete_collection(names[loss])
    catalogue.close()
    store = first.open()
    assert is_right(store, "trains sentence 3 is", near(store, "trains sentence 3 is"))
    assert asked(store)
    held_here = {d.key for d in held(first.passages, FIELDS)}
    for field, ids in rows_on(server).items():
        own = {id for id in ids if id.rpartition("#")[0] in held_here}
        assert len(own) == {"ko": 60, "en": 60, "ko-restated": 30}[field]
    told = "Rows are missing" in caplog.text
    assert told == (loss in ("some rows", "a collection"))


@pytest.mark.parametrize("writes", [0, 1, 3, 5])
def test_a_writer_killed_at_any_request_is_gone_on_with(instance, running, server, writes):
    with Gate(running.port, allow_writes=writes) as gate:
        behind = dataclasses.replace(server, url=gate.url)
        killed = instance(on=behind)
        # Of six: the list, the ledger, three fields, the ledger.
        with pytest.raises(CiteBriefError, match="cannot be used"):
            killed.share()
    again = instance(number=2)
    assert again.share()[-1] == (150, 150)
    assert count_on(server) == 150
    store = again.open()
    assert is_right(store, "항만 문장 7번은", near(store, "항만 문장 7번은"))


def test_passing_faults_are_waited_out(instance, running, server):
    with Gate(running.port, fail_first=3) as gate:
        assert instance(on=dataclasses.replace(server, url=gate.url)).share()[-1] == (150, 150)


def test_many_documents_and_rows_are_written_in_parts(instance, server, monkeypatch):
    monkeypatch.setattr("index.catalogue.BATCH", 7)
    monkeypatch.setattr("index.catalogue.KEYS", 2)
    monkeypatch.setattr("index.catalogue.PAGE", 2)
    monkeypatch.setattr("index.shelf.GROUP", 60)
    first = instance()
    steps = first.share()
    assert steps[-1] == (150, 150)
    assert len(steps) > 20
    (version,) = Catalogue(server).versions()
    assert sorted(version.keys) == sorted(d.key for d in held(first.passages, FIELDS))
    assert first.share() == [(150, 150)]
    assert count_on(server) == 150


def test_a_server_that_is_away_stops_no_reader_and_is_told_of_once(instance, caplog):
    gone = StoreServer(f"http://nobody:secret@127.0.0.1:{free_port()}")
    store = instance(on=gone).open()
    for _ in range(3):
        assert is_right(store, "trains 3번", near(store, "trains 3번"))
    allowed = np.arange(60) % 2 == 1
    vector = FakeEmbedder().embed(["trains 3번"])[0]
    assert allowed[store.nearest(vector, 5, allowed)].all()
    (line,) = [r.getMessage() for r in caplog.records if "vector server" in r.getMessage()]
    assert "cannot be used" in line
    assert "secret" not in line
    with pytest.raises(CiteBriefError, match="CITEBRIEF_STORE_URL.*unset CITEBRIEF_STORE_URL"):
        store.vectorstore("ko", FakeEmbedder().embed)


def test_a_server_that_stalls_keeps_no_question_waiting(instance, running, server, monkeypatch):
    monkeypatch.setattr("index.neighbours.ANSWER_S", 0.2)
    with Gate(running.port) as gate:
        first = instance(on=dataclasses.replace(server, url=gate.url))
        first.share()
        store = first.open()
        near(store, "항만 문장 7번은")
        assert asked(store)
        gate.stall = threading.Event()
        vector = FakeEmbedder().embed(["항만 문장 7번은"])[0]
        assert is_right(store, "항만 문장 7번은", store.nearest(vector, 5))
        assert not asked(store)
        gate.stall.set()
        assert is_right(store, "항만 문장 7번은", near(store, "항만 문장 7번은"))


def test_threads_share_one_connection(instance, server):
    first = instance()
    first.share()
    store = first.open()
    texts = [p.text for p in first.passages]
    expected = [near(store, text) for text in texts]
    found = {}

    def ask(start):
        for place in range(start, len(texts), 8):
            found[place] = near(store, texts[place])

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[place] for place in range(len(texts))] == expected
    assert asked(store)


def test_the_token_goes_with_every_request_and_no_wrong_one_is_tried_twice(
    instance, running, server
):
    with Gate(running.port, token="s3cret") as gate:
        behind = dataclasses.replace(server, url=gate.url, token="s3cret")
        first = instance(on=behind)
        first.share()
        store = first.open()
        near(store, "항만")
        assert asked(store)
        assert all(sent["authorization"] == "Bearer s3cret" for sent in gate.headers)
        assert all(sent["x-chroma-token"] == "s3cret" for sent in gate.headers)
        gate.paths.clear()
        wrong = dataclasses.replace(behind, token="wrong")
        with pytest.raises(CiteBriefError, match="refuses the token.*CITEBRIEF_STORE_TOKEN") as no:
            require(wrong)
        assert "wrong" not in str(no.value)
        assert "s3cret" not in repr(behind)
        assert len(gate.paths) == 1
        assert gate.paths[0].startswith("GET ")


def test_a_login_in_the_address_goes_in_a_header(running, server):
    with Gate(running.port) as gate:
        login = dataclasses.replace(server, url=gate.url.replace("//", "//me:p%40ss@"), token="t")
        require(login)
        assert {sent["authorization"] for sent in gate.headers} == {"Basic bWU6cEBzcw=="}
        assert login.shown == gate.url.replace("//", "//…@")


def test_a_proxys_error_page_is_a_passing_fault(running, server):
    with Gate(running.port, status=502) as gate:
        with pytest.raises(CiteBriefError, match="status 502"):
            require(dataclasses.replace(server, url=gate.url))
        assert len(gate.paths) == 5


def test_what_is_no_chroma_server_is_told(running, server):
    told = pytest.raises(CiteBriefError, match="does not answer as Chroma does")
    with Gate(running.port, status=200) as gate, told:
        require(dataclasses.replace(server, url=gate.url))


def test_a_tenant_and_a_database_are_made_where_there_are_none(instance, server):
    own = dataclasses.replace(server, tenant=f"{server.namespace}-t", database="books")
    first = instance(on=own)
    first.share()
    assert first.share() == [(150, 150)]
    assert first.open().check_server() == {"ko": 60, "en": 60, "ko-restated": 30}
    assert rows_on(own) == {}  # of the default tenant
    require(own)


def test_the_server_tells_its_version_and_whether_it_may_be_waited_for(server):
    assert life(server).version
    assert life(server).answered_ms > 0
    assert fault(TimeoutError("x")) == (False, "x")


def test_the_vectorstore_of_a_server_is_langchains_and_answers(instance, server):
    first = instance()
    first.share()
    store = first.open().vectorstore("en", FakeEmbedder().embed)
    assert isinstance(store, VectorStore)
    text = first.passages[3].translation
    ((document, distance),) = store.similarity_search_with_score(text, k=1)
    assert document.page_content == text
    assert document.metadata["passage"] == first.passages[3].id
    assert distance == pytest.approx(0, abs=1e-3)


def test_keys_name_content(caplog):
    caplog.set_level(logging.DEBUG)
    before = {d.key for d in held(library(), FIELDS)}
    after = {d.key for d in held(library("forest"), FIELDS)}
    assert len(before) == 3
    assert {key.partition("@")[0] for key in before ^ after} == {"forest"}
    moved = [dataclasses.replace(library()[0], page=7), *library()[1:]]
    assert {k.partition("@")[0] for k in before ^ {d.key for d in held(moved, FIELDS)}} == {"항만"}
