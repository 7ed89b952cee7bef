"""The engine on a Ray cluster: real nodes on this machine, one of which is killed midway."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from ingested import digest, vectors, workshop, write_reports
from traps import Trap

from index import cluster, workers
from index.cluster import make_there, pack, release, run
from index.errors import CiteBriefError, InputError
from index.job import Job, Ready, Refused
from index.workers import Limits

ROOT = Path(__file__).parent.parent
AMPLE = Limits(seconds=120, memory=1_000_000_000)
TOKEN = "0123456789abcdef" * 4
# What a driver runs in a process of its own, as a user's: Ray is never loaded into that of pytest.
STARTS = """
import json, sys
from ray.cluster_utils import Cluster
cluster = Cluster()
more = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
nodes = [cluster.add_node(**more) for _ in "123"]
print(json.dumps(cluster.address), flush=True)
for line in sys.stdin:
    cluster.remove_node(nodes.pop(), allow_graceful=False)
    print(json.dumps(len(nodes)), flush=True)
cluster.shutdown()
"""


@pytest.fixture(scope="module")
def ray_environment():
    """What Ray and its nodes read; the tests' own modules can be imported on every node."""
    before = dict(os.environ)
    os.environ.update(
        PYTHONPATH=os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        RAY_USAGE_STATS_ENABLED="0",
        RAY_AUTH_MODE="token",
        RAY_AUTH_TOKEN=TOKEN,
    )
    yield
    os.environ.clear()
    os.environ.update(before)


class Nodes:
    """A cluster of three nodes of one CPU in processes of their own."""

    def __init__(self, folder):
        Path(folder, "ray").mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTS],
            env={**os.environ, "RAY_TMPDIR": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self.answer()

    def answer(self):
        for line in self.process.stdout:
            if line.startswith(('"', "1", "2")):
                return json.loads(line)
        raise AssertionError("the cluster ended")

    def kill_a_worker(self):
        """One that is at work: its name is then that of the task."""
        late = time.monotonic() + 60
        while time.monotonic() < late:
            for process in psutil.Process(self.process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    if process.name() == "ray::make_there":
                        process.kill()
                        return
        raise AssertionError("no worker was at work")

    def remove_one(self):
        self.process.stdin.write("remove\n")
        self.process.stdin.flush()
        return self.answer()


@pytest.fixture(scope="module")
def nodes(ray_environment):
    folder = tempfile.mkdtemp(prefix="cb-", dir="/tmp")  # short: sockets lie in it
    started = Nodes(folder)
    family = psutil.Process(started.process.pid)
    members = family.children(recursive=True)
    yield started
    members += [p for p in family.children(recursive=True) if p not in members]
    started.process.stdin.close()
    try:
        started.process.wait(timeout=60)
    finally:
        for process in [*members, family]:
            if process.is_running():
                process.kill()
        psutil.wait_procs(members, timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def on_this_machine(jobs):
    done = workers.run(jobs, workshop(), workers=1, limits=AMPLE)
    return {job.id: digest(result) for job, result in done}


def test_files_arrive_once_and_the_same_though_a_node_and_a_worker_are_killed(nodes, tmp_path):
    jobs = write_reports(tmp_path, 24)
    marks = [Job(Trap(f"once-{tmp_path / 'mark'}"), jobs[0].path), Job(Trap("exits"), jobs[1].path)]
    jobs.insert(6, marks[0])
    jobs.insert(9, marks[1])
    jobs.append(Job("missing", tmp_path / "없다.txt"))
    results = []
    for job, result in run(jobs, workshop(), address=nodes.address, limits=AMPLE):
        results.append((str(job.id), result))
        if len(results) == 5:
            assert nodes.remove_one() == 2
        if len(results) == 12:
            nodes.kill_a_worker()
    assert sorted(id for id, _ in results) == sorted(str(job.id) for job in jobs)
    found = dict(results)
    refused = {id: r.code for id, r in found.items() if isinstance(r, Refused)}
    assert refused == {"exits": "crashed", "missing": "unreadable"}
    assert "exit code 7" in found["exits"].message
    again = found.pop(str(marks[0].id))
    assert isinstance(again, Ready)  # the first process that read it died
    plain = [job for job in jobs if job.id.startswith(("report", "missing"))]
    expected = on_this_machine(plain)
    assert {id: digest(r) for id, r in found.items() if id != "exits"} == expected
    assert all(any(vectors(r).values()) for r in found.values() if isinstance(r, Ready))


def test_a_cluster_of_its_own_ends_with_the_iterator_and_leaves_nothing(ray_environment, tmp_path):
    jobs = write_reports(tmp_path, 6)
    before = {p.pid for p in psutil.process_iter()}
    folders = set(Path("/tmp").glob("cb-*"))
    script = tmp_path / "ingests.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from ingested import digest, workshop\n"
        "from index.cluster import run\n"
        "from index.job import Job\n"
        "from index.workers import Limits\n"
        "jobs = [Job(f'report-{n}', Path(p)) for n, p in enumerate(sys.argv[1:], 1)]\n"
        "done = run(jobs, workshop(), address=None, limits=Limits(), cpus=1)\n"
        "for job, result in done:\n"
        "    print(job.id, digest(result))\n"
        "    if job.id == 'report-3': break\n"
        "done.close()\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script), *(str(job.path) for job in jobs)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = dict(line.split() for line in done.stdout.splitlines())
    assert lines.items() <= on_this_machine(jobs).items()
    assert "report-3" in lines
    time.sleep(1)
    left = [p for p in psutil.process_iter() if p.pid not in before and "ray" in p.name()]
    assert left == []
    assert set(Path("/tmp").glob("cb-*")) <= folders


def test_an_address_without_a_cluster_is_named_within_seconds(ray_environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = f"127.0.0.1:{probe.getsockname()[1]}"
    start = time.monotonic()
    with pytest.raises(CiteBriefError, match=f"no Ray cluster at {free}.*ray start --head"):
        next(run([], workshop(), address=free, limits=AMPLE))
    assert time.monotonic() - start < 30  # Ray itself would try for minutes


@pytest.mark.parametrize("address", ["ray://10.0.0.5:10001", "10.0.0.5", "host:", "http://h:1"])
def test_what_is_no_address_is_the_users_to_correct(address):
    with pytest.raises(InputError, match="expected host:port"):
        next(run([], workshop(), address=address, limits=AMPLE))


def test_without_ray_the_command_that_installs_it_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"pip install -e '\.\[ray\]'"):
        next(run([], workshop(), address=None, limits=AMPLE))


def test_a_node_with_another_release_ends_the_run(tmp_path):
    import pickle

    (job,) = write_reports(tmp_path, 1)
    error = pickle.loads(make_there(pack(job), workshop(), AMPLE, "0.0.9 (abc)"))
    assert isinstance(error, CiteBriefError)
    assert "0.0.9 (abc)" in str(error)
    assert release() in str(error)


def there(job, limits=AMPLE):
    """The result of a job that travelled, made in this process's own worker."""
    import pickle

    try:
        return pickle.loads(make_there(pack(job), workshop(), limits, release()))
    finally:
        cluster._pool(limits).close()
        cluster._pool.cache_clear()


def test_a_sidecar_and_the_edition_it_names_travel_with_the_file(small_library):
    job = Job("harbour", small_library / "harbour.md", small_library / "harbour.yaml")
    result = there(job)
    assert result.prepared.document.title("en") == "Harbour Development Report"
    assert "Busan Port will be expanded" in str(result.prepared.passages)
    ((_, here),) = workers.run([job], workshop(), workers=1, limits=AMPLE)
    assert digest(result) == digest(here)


@pytest.mark.parametrize("name", ["빈 파일.txt", "x" * 200 + ".txt"])
def test_messages_name_the_file_as_it_is_called_here(tmp_path, name):
    job = Job("empty", tmp_path / name)
    job.path.touch()
    ((_, here),) = workers.run([job], workshop(), workers=1, limits=AMPLE)
    assert isinstance(here, Refused)
    assert there(job) == here


def test_what_cannot_travel_is_left_to_this_machine(tmp_path, monkeypatch):
    (job,) = write_reports(tmp_path, 1)
    assert pack(job).size == job.path.stat().st_size
    assert pack(Job("x", tmp_path)) is None
    sidecar = tmp_path / "report.yaml"
    sidecar.write_text(f"file: {job.path.name}\nedition: ../elsewhere.jsonl\n", encoding="utf-8")
    assert pack(Job("x", job.path, sidecar)) is None
    monkeypatch.setattr(cluster, "LARGEST", 10)
    assert pack(job) is None
