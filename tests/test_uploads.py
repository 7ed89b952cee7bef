"""The queue of uploads: names, order, limits, cancelling, and files that stay as they were."""

import threading
from types import SimpleNamespace

import pytest

from assistant import uploads as module
from assistant.uploads import STAGING, Incoming, Refused, Uploads
from index.ingest import Outcome
from index.parse.errors import shown

SOON = 20.0


class FakeKeeper:
    """Keeps what does not say "bad", and waits for `go` before each file."""

    def __init__(self, folder):
        self.uploads = folder
        self.go = threading.Event()
        self.go.set()
        self.asked, self.forgotten, self.fault = [], [], None

    def kept_digest(self, path):
        return None

    def ingest(self, found, order):
        for file in found.files:
            assert self.go.wait(SOON)
            if self.fault:
                raise self.fault
            text = file.path.read_text(encoding="utf-8")
            self.asked.append((file.path.name, text))
            path = shown(file.path)
            if "bad" in text:
                yield Outcome(path, "skipped", code="damaged", message=f"{path} is damaged.")
            else:
                yield Outcome(path, "new", id=file.path.stem, passages=2, pages=1)

    def index(self, progress):
        progress("words", 1, 4)
        return SimpleNamespace(store=SimpleNamespace(close=lambda: None))

    def forget(self, ids, progress):
        self.forgotten += ids
        return SimpleNamespace(proved=True, sentences=1, files=2)


@pytest.fixture
def keeper(tmp_path):
    return FakeKeeper(tmp_path / "uploads")


@pytest.fixture
def queue(keeper):
    queue = Uploads(keeper)
    yield queue
    keeper.go.set()
    queue.close()


def hand_over(queue, **files):
    folder = queue.stage()
    incoming = []
    for number, (name, text) in enumerate(files.items()):
        path = folder / f"part-{number}"
        path.write_text(text, encoding="utf-8")
        incoming.append(Incoming(f"{name}.txt", path, len(text)))
    return queue.add(folder, incoming)


def ended(queue, job):
    for _ in range(2000):
        told, _before = queue.job(job.id)
        if told.ended is not None:
            return told
        threading.Event().wait(0.01)
    raise AssertionError(told)


def test_a_file_is_kept_under_its_name_and_what_was_staged_is_gone(queue, keeper):
    job = ended(queue, hand_over(queue, report="words"))
    assert (job.state, job.files[0].state, job.files[0].document) == ("ready", "ready", "report")
    assert (keeper.uploads / "report.txt").read_text() == "words"
    assert not [*(keeper.uploads / STAGING).iterdir()]


def test_what_cannot_be_read_leaves_the_file_before_as_it_was(queue, keeper):
    ended(queue, hand_over(queue, report="words"))
    job = ended(queue, hand_over(queue, report="bad", other="bad"))
    assert job.state == "skipped"
    assert job.files[0].to_json("en", 50)["message"] == "report.txt is damaged."
    assert "손상" in job.files[0].to_json("ko", 50)["message"]
    assert (keeper.uploads / "report.txt").read_text() == "words"
    assert not (keeper.uploads / "other.txt").exists()


def test_a_fault_fails_the_job_alone_and_tells_nothing_of_the_inside(queue, keeper):
    keeper.fault = RuntimeError("secret path /srv/x")
    job = ended(queue, hand_over(queue, one="words"))
    assert (job.state, job.code) == ("failed", "failed")
    assert "secret" not in str(job.to_json("en", limit=50))
    assert not (keeper.uploads / "one.txt").exists()
    keeper.fault = None
    assert ended(queue, hand_over(queue, two="words")).state == "ready"


def test_a_job_that_waits_can_be_cancelled_and_knows_its_place(queue, keeper):
    keeper.go.clear()
    first, second = hand_over(queue, one="words"), hand_over(queue, two="words")
    third = queue.remove("one")
    assert queue.job(third.id)[1] == 2
    assert queue.cancel(second.id).state == "cancelled"
    keeper.go.set()
    assert ended(queue, third).state == "removed"
    assert ended(queue, first).state == "ready"
    assert [name for name, _ in keeper.asked] == ["one.txt"]
    assert keeper.forgotten == ["one"]
    with pytest.raises(Refused):
        queue.cancel(first.id)


def test_cancelling_what_is_read_keeps_what_was_read_and_leaves_out_the_rest(queue, keeper):
    keeper.go.clear()
    job = hand_over(queue, one="words", two="words")
    while queue.job(job.id)[0].state != "reading":
        threading.Event().wait(0.005)
    queue.cancel(job.id)
    keeper.go.set()
    told = ended(queue, job)
    assert [file.state for file in told.files] == ["ready", "cancelled"]
    assert not (keeper.uploads / "two.txt").exists()


def test_files_of_one_name_in_one_upload_are_numbered(queue, keeper):
    folder = queue.stage()
    for n in (0, 1):
        (folder / f"part-{n}").write_text(f"words {n}")
    job = queue.add(folder, [Incoming("A.txt", folder / f"part-{n}", 7) for n in (0, 1)])
    assert [file.name for file in ended(queue, job).files] == ["A.txt", "A (2).txt"]


def test_no_more_wait_than_there_is_room_for(queue, keeper, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    keeper.go.clear()
    hand_over(queue, one="words")
    queue.remove("x")
    with pytest.raises(Refused) as refused:
        hand_over(queue, two="words")
    assert refused.value.code == "busy"
    assert len([*(keeper.uploads / STAGING).iterdir()]) == 1  # what was refused is not left there


def test_a_job_is_told_of_for_an_hour(keeper):
    now = [0.0]
    queue = Uploads(keeper, clock=lambda: now[0])
    job = queue.remove("one")
    ended(queue, job)
    now[0] = module.KEPT_SECONDS - 1
    assert queue.job(job.id)
    now[0] = module.KEPT_SECONDS + 1
    assert queue.job(job.id) is None
    queue.close()
