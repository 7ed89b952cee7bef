"""The index is a cache: reused while it is right, rebuilt when it is not, and safe to share."""

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from conftest import FakeEmbedder

from index.build import KEPT, open_index
from index.errors import CiteBriefError, InputError
from index.manifest import Manifest
from index.models import load_embedder
from index.retrieve import Retriever

ROOT = Path(__file__).parent.parent
QUESTION = "부산항 확장 비용"


@pytest.fixture
def build(tmp_path, small_library, tiny_lexicon, fake_embedder, caplog):
    """A function that opens the small library's index; `build.log` is what the last call logged."""
    opened = []

    def run(root=tmp_path / "index", embedder=fake_embedder, library=small_library, **more):
        caplog.clear()
        opened.append(open_index(library, root, embedder, **tiny_lexicon, **more))
        run.log = [record.getMessage() for record in caplog.records if record.name != "filelock"]
        return opened[-1]

    run.library, run.lexicon, run.root = small_library, tiny_lexicon, tmp_path / "index"
    yield run
    for index in opened:
        index.store.close()


def answers(index):
    hits = Retriever(index).search(QUESTION, 3)
    return hits[0].passage.id == "harbour:s001"


def test_a_first_build_says_so_in_one_line_and_reports_its_progress(build):
    steps = []
    index = build(progress=lambda *step: steps.append(step))
    assert build.log == ["Building the index: there is none yet."]
    assert [s for s in steps if s[0] == "reading"] == [("reading", n, 3) for n in (1, 2, 3)]
    name, done, total = steps[-1]
    assert (name, done) == ("vectors", total)
    assert set(index.documents) == {"harbour", "forest", "trains"}
    assert len(index.passages) == 13
    assert answers(index)


def test_nothing_changed_nothing_built(build):
    first = build()
    second = build(progress=lambda *step: pytest.fail("built again"))
    assert build.log == []
    assert second.folder == first.folder
    assert second.passages == first.passages
    assert answers(second)


class EmptyRecord:
    """A database that was made for a user or a rating, and holds no document."""

    def state(self):
        return "0" * 32


def test_a_record_without_documents_needs_no_other_index(build):
    first = build()
    second = build(kept=EmptyRecord(), progress=lambda *step: pytest.fail("built again"))
    assert second.folder == first.folder


def change_document(build):
    path = build.library / "trains.txt"
    path.write_text(path.read_text(encoding="utf-8") + "\n새 문장이다.\n", encoding="utf-8")


def change_edition(build):
    path = build.library / "harbour.en.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("half", "a half"), encoding="utf-8")


def change_glossary(build):
    path = build.lexicon["glossary"]
    path.write_text(path.read_text(encoding="utf-8") + "- {ko: 갯벌, en: tidal flat}\n", "utf-8")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_document, "documents"),
        (change_edition, "documents"),
        (lambda build: (build.library / "forest.txt").unlink(), "documents"),
        (change_glossary, "lexicon"),
    ],
)
def test_a_changed_file_is_a_rebuild_with_one_line_that_says_why(build, change, reason):
    build()
    change(build)
    assert answers(build())
    assert build.log == [f"Building the index: changed since the last one: {reason}."]


def test_another_version_of_the_embedder_is_a_rebuild(build, fake_embedder):
    build()
    fake_embedder.version, fake_embedder.name = "2", "other"
    build()
    assert build.log == [
        "Building the index: changed since the last one: embedder, embedder version."
    ]


def test_another_way_of_chunking_is_a_rebuild(build, monkeypatch):
    build()
    newer = partial(Manifest, chunking=999)
    monkeypatch.setattr("index.build.Manifest", newer)
    build()
    assert build.log == ["Building the index: changed since the last one: chunking."]


def damage(path, how):
    if how == "deleted":
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        path.write_bytes(bytes(255 - byte for byte in path.read_bytes()))


@pytest.mark.parametrize(
    ("name", "how", "reason"),
    [
        ("passages.jsonl", "truncated", "the file passages.jsonl is damaged"),
        ("passages.jsonl", "deleted", "the file passages.jsonl is missing"),
        ("lexicon.json", "garbled", "the file lexicon.json is damaged"),
        ("bm25-ko/words.txt", "garbled", "the file bm25-ko/words.txt is damaged"),
        ("bm25-en/places.npy", "truncated", "the file bm25-en/places.npy is damaged"),
        ("bm25-ko", "deleted", "the file bm25-ko/counts.npy is missing"),
        ("vectors/ko.npy", "garbled", "the file vectors/ko.npy is damaged"),
        ("vectors", "deleted", "the file vectors/en.npy is missing"),
        ("manifest.json", "deleted", "its manifest is missing or damaged"),
        ("manifest.json", "garbled", "its manifest is missing or damaged"),
    ],
)
def test_a_damaged_file_is_a_rebuild_with_one_line_that_says_why(build, name, how, reason):
    (path,) = build().folder.glob(name)
    damage(path, how)
    assert answers(build())
    assert build.log == [f"Building the index: {reason}."]
    build()
    assert build.log == []


@pytest.mark.parametrize("how", ["truncated", "garbled"])
def test_a_damaged_database_is_a_rebuild_even_while_the_old_one_is_open(build, how, monkeypatch):
    monkeypatch.setattr("index.store.EXACT_UP_TO", 3)
    old = build()
    (path,) = old.folder.glob("chroma-*/chroma.sqlite3")
    damage(path, how)
    assert answers(build())
    (line,) = build.log
    assert line.startswith("Building the index: its vectors cannot be read (")
    assert answers(old)  # it has its vectors in memory


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "7", "null", '{"files": 3}', '{"files": {}}', "\0\0"]
)
def test_a_manifest_of_garbage_is_a_rebuild(build, content):
    (build().folder / "manifest.json").write_text(content)
    assert answers(build())
    assert len(build.log) == 1


@pytest.mark.parametrize("content", ["[]", '{"manifest": 3}', '{"manifest": [1]}', "{", ""])
def test_the_damaged_manifest_of_another_index_does_no_harm(build, content):
    (build().folder / "manifest.json").write_text(content)
    change_document(build)
    build()
    assert build.log == ["Building the index: there is none yet."]


def test_the_leftovers_of_killed_processes_do_no_harm_and_are_cleared(build):
    for number in (os.getpid(), 999999):
        leftover = build.root / f"building-{number}"
        leftover.mkdir(parents=True)
        (leftover / "passages.jsonl").write_text("half a li")
    (build.root / "build.lock").touch()
    assert answers(build())
    assert not list(build.root.glob("building-*"))


def test_a_process_killed_while_building_leaves_a_folder_to_build_in(build, tmp_path):
    script = f"""
import os, signal
from pathlib import Path
from conftest import FakeEmbedder
from index.build import open_index
die = lambda step, *_: os.kill(os.getpid(), signal.SIGKILL) if step == "words" else None
open_index(Path({str(build.library)!r}), Path({str(build.root)!r}), FakeEmbedder(), progress=die,
           glossary=Path({str(build.lexicon["glossary"])!r}),
           thesaurus=Path({str(build.lexicon["thesaurus"])!r}))
"""
    killed = start(script)
    killed.communicate(timeout=120)
    assert killed.returncode == -9
    assert len(list(build.root.glob("building-*"))) == 1
    assert answers(build())
    assert not list(build.root.glob("building-*"))


def start(script):
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_build_at_once_both_end_with_a_readable_index(build):
    script = f"""
from pathlib import Path
from conftest import FakeEmbedder
from index.build import open_index
from index.retrieve import Retriever
index = open_index(Path({str(build.library)!r}), Path({str(build.root)!r}), FakeEmbedder(),
                   glossary=Path({str(build.lexicon["glossary"])!r}),
                   thesaurus=Path({str(build.lexicon["thesaurus"])!r}))
print(Retriever(index).search({QUESTION!r}, 1)[0].passage.id)
"""
    processes = [start(script) for _ in range(2)]
    try:
        outputs = [process.communicate(timeout=120) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [out.strip() for out, _ in outputs] == ["harbour:s001"] * 2, outputs
    assert sum(err.count("Building the index") for _, err in outputs) == 1
    build()
    assert build.log == []


def test_a_folder_that_cannot_be_written_is_an_error_with_the_next_step(build, tmp_path):
    (tmp_path / "file").write_text("in the way")
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(CiteBriefError, match=f"{root}.*CITEBRIEF_INDEX"):
            build(root=root)


def test_a_full_disk_is_an_error_with_the_next_step_and_leaves_nothing(build, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("index.build.write_lexical", full)
    with pytest.raises(CiteBriefError, match="No space left on device.*CITEBRIEF_INDEX"):
        build()
    assert [p.name for p in build.root.iterdir()] == ["build.lock"]


def test_old_indexes_are_pruned_and_what_is_not_an_index_is_kept(build, fake_embedder):
    foreign = [build.root / "photos", build.root / "building-plans"]
    for folder in foreign:
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text('{"manifest": {}}')
    folders = []
    for version in range(KEPT + 2):
        fake_embedder.version = str(version)
        folders.append(build().folder)
        os.utime(folders[-1] / "manifest.json", (version, version))
    assert [folder.exists() for folder in folders] == [False] * 2 + [True] * KEPT
    assert all(folder.exists() for folder in foreign)


def test_a_library_of_headings_only_is_refused(build):
    shutil.rmtree(build.library)
    build.library.mkdir()
    (build.library / "a.md").write_text("# 제목\n\n## 다른 제목\n", encoding="utf-8")
    with pytest.raises(InputError, match="headings only"):
        build()


def test_a_library_without_a_word_to_search_for_can_still_be_opened(build):
    shutil.rmtree(build.library)
    build.library.mkdir()
    (build.library / "a.txt").write_text("!!!\n\nIt is the.\n", encoding="utf-8")
    index = build()
    assert index.lexical == {}
    assert len(Retriever(index).search("부산항", 5)) == 2


@dataclass
class ReadingEmbedder(FakeEmbedder):
    """Keeps every text that it is given, and which of them were questions."""

    given: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def embed(self, texts, *, question=False):
        (self.asked if question else self.given).extend(texts)
        return super().embed(texts)


@pytest.mark.parametrize(
    ("reads_terms", "passage", "question"),
    [
        (False, "고속철도 요금은 2025년에 5% 오른다.", "요금은 오르나요?"),
        (True, "고속 철도 요금 2025 5 오르다", "요금 오르다"),
    ],
)
def test_an_embedder_is_given_texts_or_their_terms_as_it_wants(
    build, reads_terms, passage, question
):
    embedder = ReadingEmbedder(reads_terms=reads_terms)
    index = build(embedder=embedder)
    assert embedder.given.count(passage) == 1
    vectors = index.embed(["요금은 오르나요?"], question=True)
    assert embedder.asked == [question]
    assert vectors.shape == (1, 64)


def test_the_receipt_says_what_the_index_was_made_of(build):
    index = build()
    receipt = json.loads((index.folder / "manifest.json").read_text(encoding="utf-8"))
    assert receipt["manifest"]["embedder"] == "fake"
    assert index.folder.name == index.manifest.fingerprint()


def test_building_and_asking_open_no_socket_to_the_outside(build, monkeypatch):
    asked = []
    connect = socket.socket.connect

    def only_loopback(self, address):
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            asked.append(address)
            raise OSError("no network in this test")
        return connect(self, address)

    def no_names(host, *args, **kwargs):
        asked.append(host)
        raise socket.gaierror("no names in this test")

    monkeypatch.setattr(socket.socket, "connect", only_loopback)
    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    index = build(embedder=load_embedder(None))
    assert Retriever(index).search(QUESTION, 1)[0].passage.id == "harbour:s001"
    build(embedder=load_embedder(None))
    assert asked == []
