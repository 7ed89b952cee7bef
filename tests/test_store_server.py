"""Whole instances against one Chroma server: two of them, a new version, and a server away."""

import pytest
from chroma_server import ChromaServer, free_port

from assistant.answer import Assistant
from assistant.doctor import examine
from assistant.settings import Settings
from index.build import open_index
from index.chroma import StoreServer
from index.errors import CiteBriefError
from index.retrieve import Retriever

QUESTION = "부산항 확장 비용"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    server = ChromaServer(tmp_path_factory.mktemp("chroma") / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Every field is a large one, and nobody waits long."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("index.store.EXACT_UP_TO", 0)
    monkeypatch.setattr("index.chroma.LONGEST_WAIT_S", 0.01)


@pytest.fixture
def open_instance(tmp_path, small_library, tiny_lexicon, fake_embedder, running):
    """Opens the index of an instance by its number; all share the library and the server."""
    opened = []

    def run(number, url=running.url, *, namespace=tmp_path.name, **more):
        store = StoreServer(url, namespace=namespace)
        root = tmp_path / f"index{number}"
        index = open_index(small_library, root, fake_embedder, **tiny_lexicon, store=store, **more)
        opened.append(index)
        return index

    yield run
    for index in opened:
        index.store.close()


def first_of(index, question=QUESTION):
    assert index.store._server.wait(60)
    return Assistant(index).ask(question).citations[0].passage


def rows_of(index):
    return sum(index.store.check_server().values())


def test_two_instances_answer_from_one_server_and_a_new_version_comes_while_one_reads(
    open_instance, small_library
):
    steps = []
    first = open_instance(1, progress=lambda *step: steps.append(step))
    assert steps[-1] == ("server", rows_of(first), rows_of(first))
    assert not list(first.folder.glob("chroma-*"))
    steps.clear()
    second = open_instance(2, progress=lambda *step: steps.append(step))
    assert [step for step in steps if step[0] == "server"] == [("server",) + (rows_of(first),) * 2]
    answer = first_of(first)
    assert answer == first_of(second) == "harbour:s001"
    trains = small_library / "trains.txt"
    trains.write_text(trains.read_text("utf-8") + "\n새 역은 2031년에 열린다.\n", encoding="utf-8")
    newer = open_instance(2)
    assert newer.folder != second.folder
    assert first_of(first) == answer == first_of(newer)
    assert first_of(newer, "새 역은 언제 열리는가?").startswith("trains:")
    assert Retriever(first).search(QUESTION, 3)[0].passage.id == answer


def test_an_index_that_is_there_opens_and_answers_without_its_server(open_instance, caplog):
    first = open_instance(1)
    gone = open_instance(1, f"http://127.0.0.1:{free_port()}")
    assert gone.folder == first.folder
    hits = Retriever(gone).search(QUESTION, 3)
    gone.store._server.wait(60)
    again = Retriever(gone).search(QUESTION, 3)
    assert [h.passage.id for h in hits] == [h.passage.id for h in again]
    assert hits[0].passage.id == "harbour:s001"
    assert caplog.text.count("cannot be used") == 1


def test_an_index_is_not_built_without_its_server(open_instance, tmp_path):
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(CiteBriefError, match=f"{url} .CITEBRIEF_STORE_URL.*Start it"):
        open_instance(1, url)
    assert not [path for path in (tmp_path / "index1").iterdir() if path.is_dir()]


def test_an_index_built_for_a_server_is_built_anew_for_a_folder_and_not_the_other_way(
    open_instance, tmp_path, small_library, tiny_lexicon, fake_embedder, caplog
):
    shared = open_instance(1)
    root = tmp_path / "index1"
    local = open_index(small_library, root, fake_embedder, **tiny_lexicon)
    assert local.folder == shared.folder
    assert "Chroma's database is missing" in caplog.text
    assert list(local.folder.glob("chroma-*"))
    local.store.close()
    caplog.clear()
    first_of(open_instance(1))
    assert "Building" not in caplog.text


def test_doctor_tells_of_the_server_its_rows_and_its_absence(
    tmp_path, small_library, running, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    empty = tmp_path / "empty.yaml"
    empty.write_text("[]\n", encoding="utf-8")
    settings = Settings(
        library=small_library,
        index=tmp_path / "index",
        glossary=empty,
        thesaurus=empty,
        store_url=running.url.replace("//", "//me:secret@"),
        store_namespace="doctor",
        store_token="t0ken",
    )
    report = examine(lambda: settings)
    assert report["problems"] == []
    store = report["store"]
    assert (store["kind"], store["state"]) == ("server", "ready")
    assert store["url"] == running.url.replace("//", "//…@")
    assert sum(store["rows"].values()) > 0
    assert store["server"] and store["heartbeat_ms"] > 0
    assert report["settings"]["CITEBRIEF_STORE_TOKEN"] == "set"
    assert "secret" not in str(report) and "t0ken" not in str(report)
    away = settings.model_copy(update={"store_url": f"http://127.0.0.1:{free_port()}"})
    report = examine(lambda: away)
    assert report["store"]["state"] == "broken"
    assert "CITEBRIEF_STORE_URL" in report["problems"][0]
