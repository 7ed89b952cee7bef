"""The engine on this machine: no file takes another one down, and no worker outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from ingested import digest, workshop, write_reports
from traps import Trap

from index.job import Job, Ready, Refused, make_ready
from index.workers import Limits, run

ROOT = Path(__file__).parent.parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits and orphans are Linux's")
AMPLE = Limits(seconds=60, memory=1_000_000_000)

SCRIPT = """
import sys
from pathlib import Path
from ingested import workshop
from traps import Trap
from index.job import Job
from index.workers import Limits, run
if __name__ == "__main__":
    path = Path(sys.argv[1])
    jobs = [Job("first", path), *(Job(Trap(f"sleeps{n}"), path) for n in range(4))]
    for job, _ in run(jobs, workshop(), workers=2, limits=Limits(seconds=300)):
        print(job.id, flush=True)
"""


def made(jobs, limits=AMPLE, workers=1):
    return {job.id: result for job, result in run(jobs, workshop(), workers=workers, limits=limits)}


OTHERS = set()  # children that other tests of this process have


@pytest.fixture(autouse=True)
def others():
    OTHERS.clear()
    OTHERS.update(psutil.Process().children(recursive=True))


def children(process=None):
    found = set((process or psutil.Process()).children(recursive=True)) - OTHERS
    # The tracker of multiprocessing lives as long as its process, and ends with it.
    return [p for p in found if "resource_tracker" not in " ".join(p.cmdline())]


def gone(processes, seconds=20):
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def test_every_file_arrives_once_and_as_if_made_in_this_process(tmp_path):
    jobs = write_reports(tmp_path, 7)
    results = list(run(jobs, workshop(), workers=2, limits=AMPLE))
    assert sorted(job.id for job, _ in results) == sorted(job.id for job in jobs)
    for job, result in results:
        assert isinstance(result, Ready)
        assert digest(result) == digest(make_ready(job, workshop()))
    assert not children()


@LINUX
def test_a_file_that_harms_its_worker_is_refused_alone(tmp_path):
    first, second, third = write_reports(tmp_path, 3)
    harm = [Job(Trap(kind), first.path) for kind in ("exits", "fails", "gorges", "sleeps")]
    limits = Limits(seconds=15, memory=200_000_000)
    results = made([first, *harm[:2], second, *harm[2:], third], limits)
    codes = {str(id): r.code for id, r in results.items() if isinstance(r, Refused)}
    assert codes == {"exits": "crashed", "fails": "fault", "gorges": "memory", "sleeps": "time"}
    assert {id for id, r in results.items() if isinstance(r, Ready)} == {
        "report-1",
        "report-2",
        "report-3",
    }
    assert "exit code 7" in results["exits"].message
    assert "15 seconds" in results["sleeps"].message
    assert "ZeroDivisionError" in results["fails"].message
    assert all(str(first.path) in r.message for r in results.values() if isinstance(r, Refused))


def test_a_file_that_is_missing_is_refused_with_its_name(tmp_path):
    (result,) = made([Job("x", tmp_path / "없다.txt")]).values()
    assert (result.code, "없다.txt" in result.message) == ("unreadable", True)


def test_no_file_is_read_long_before_its_turn(tmp_path):
    drawn = []

    def jobs():
        for job in write_reports(tmp_path, 9):
            drawn.append(job)
            yield job

    results = run(jobs(), workshop(), workers=1, limits=AMPLE)
    next(results)
    assert len(drawn) <= 2
    results.close()


@LINUX
def test_closing_the_iterator_ends_the_workers_at_once(tmp_path):
    (job,) = write_reports(tmp_path, 1)
    results = run(
        [job, *(Job(Trap(f"sleeps{n}"), job.path) for n in range(3))],
        workshop(),
        workers=2,
        limits=AMPLE,
    )
    assert next(results)[0] == job
    workers = children()
    assert len(workers) == 2
    results.close()
    assert gone(workers, 0.5)


@pytest.fixture
def ingesting(tmp_path):
    """A process that ingests with two workers, of which both sleep; its group is its own."""
    script = tmp_path / "ingesting.py"
    script.write_text(SCRIPT, encoding="utf-8")
    (job,) = write_reports(tmp_path, 1)
    process = subprocess.Popen(
        [sys.executable, str(script), str(job.path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@LINUX
def test_ctrl_c_ends_the_workers_with_one_traceback_at_most(ingesting):
    assert ingesting.stdout.readline() == b"first\n"
    workers = children(psutil.Process(ingesting.pid))
    assert len(workers) == 2
    os.killpg(ingesting.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, errors = ingesting.communicate(timeout=30)
    assert gone(workers)
    assert errors.count(b"Traceback") == errors.count(b"KeyboardInterrupt") == 1


@LINUX
def test_ctrl_c_while_workers_start_is_not_seen_by_them(ingesting):
    parent = psutil.Process(ingesting.pid)
    late = time.monotonic() + 60
    while len(children(parent)) < 2 and time.monotonic() < late:
        time.sleep(0.01)
    workers = children(parent)
    os.killpg(ingesting.pid, signal.SIGINT)
    _, errors = ingesting.communicate(timeout=30)
    assert gone(workers)
    assert errors.count(b"Traceback") == 1


@LINUX
def test_workers_end_with_a_parent_that_is_killed(ingesting):
    assert ingesting.stdout.readline() == b"first\n"
    workers = children(psutil.Process(ingesting.pid))
    assert len(workers) == 2
    ingesting.kill()
    assert gone(workers)
