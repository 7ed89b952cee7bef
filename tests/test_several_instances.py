"""Several instances of the app over one PostgreSQL and one Chroma server see one library."""

import time

import pytest
from chroma_server import ChromaServer

from assistant.answer import Assistant
from assistant.keeping import Keeper, Order
from assistant.live import Live
from assistant.settings import Settings
from index.catalogue import Catalogue
from index.job import Workshop, make_ready
from index.lexicon import compile_lexicon
from index.sources import find_files

pytest_plugins = ["postgres"]
QUESTION = "부산항은 언제까지 확장되나요?"
HARBOUR = "# 항만 보고서\n\n부산항은 2030년까지 3조 원을 들여 확장된다. 정부가 절반을 낸다.\n"
FOREST = "# 산림 보고서\n\n국립공원은 2027년에 두 곳 늘어난다. 입장료는 그대로이다.\n"
SOON = 60.0  # seconds; far longer than it takes


@pytest.fixture
def server(tmp_path):
    server = ChromaServer(tmp_path / "chroma" / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings_of(nothing_set, tmp_path, tiny_lexicon, postgres, server, monkeypatch):
    """The settings of an instance by its number: all alike but for the folder of its caches."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr("index.store.EXACT_UP_TO", 0)  # every field is searched on the server
    lexicon = compile_lexicon(**tiny_lexicon).to_json()

    def engine(keeper, order, recipe, files):
        workshop = Workshop(lexicon, None, recipe)
        return lambda jobs: ((job, make_ready(job, workshop)) for job in jobs)

    monkeypatch.setattr(Keeper, "_engine", engine)
    database = postgres.database()
    return lambda number: Settings(
        library="none",
        database=database,
        index=tmp_path / f"index{number}",
        store_url=server.url,
        **tiny_lexicon,
    )


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "harbour.md").write_text(HARBOUR, encoding="utf-8")
    (folder / "forest.md").write_text(FOREST, encoding="utf-8")
    return folder


def ingest(settings, folder):
    keeper = Keeper(settings, told=print)
    outcomes = [*keeper.ingest(find_files([str(folder)]), Order())]
    keeper.index().store.close()
    return {outcome.id: outcome.status for outcome in outcomes}


def until(condition):
    end = time.monotonic() + SOON
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_what_one_instance_changes_another_answers_from(settings_of, folder):
    assert ingest(settings_of(1), folder) == {"forest": "new", "harbour": "new"}
    live = Live(Assistant.open(settings_of(2)))
    live.watch(every=0.05, settled=0.0)
    try:
        assert "2030년" in live.ask(QUESTION).answer
        (folder / "harbour.md").write_text(HARBOUR.replace("2030", "2035"), encoding="utf-8")
        assert ingest(settings_of(1), folder) == {"forest": "unchanged", "harbour": "changed"}
        until(lambda: "2035년" in live.ask(QUESTION).answer)
    finally:
        live.close()


def test_what_one_instance_forgets_is_gone_from_the_caches_of_all(settings_of, folder, tmp_path):
    ingest(settings_of(1), folder)
    live = Live(Assistant.open(settings_of(2)))
    live.watch(every=0.05, settled=0.0)
    try:
        keeper = Keeper(settings_of(1), told=print)
        assert keeper.forget(["harbour"]).proved
        until(lambda: [*live.documents] == ["forest"])
        sentence = "부산항은 2030년까지".encode()
        caches = [p for n in (1, 2) for p in (tmp_path / f"index{n}").rglob("*") if p.is_file()]
        assert caches
        assert not [path for path in caches if sentence in path.read_bytes()]
        catalogue = Catalogue(settings_of(1).store)
        assert catalogue.forget({"harbour"}) == 0
        catalogue.close()
        assert "부산항" not in live.ask(QUESTION).answer
    finally:
        live.close()
