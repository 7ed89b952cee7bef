"""The engine that ingests on this machine: worker processes with limits of memory and time.

A file can be made to exhaust whatever reads it, so none is read in the process that writes. A
worker that runs out of time or memory is ended and replaced, and only its file is refused.
Limits of memory hold on Linux; elsewhere only those of time do. The only home of pebble.
"""

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import resource_tracker

from index.job import Job, Ready, Refused, Workshop, make_ready

AHEAD = 2  # files that wait for each worker; more would only lie in memory
FILES_A_WORKER = 200  # until a fresh one takes its place: what libraries leak goes with the old
# What Kiwi and the shipped embedder reserve, 1.4 GB, most of which is never touched; with room.
MODELS = 2_000_000_000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take: seconds of time, and bytes of memory beside the models."""

    seconds: float = 900
    memory: int = 4_000_000_000


class Pool:
    """Worker processes with limits, for one file at a time each; `close` ends them at once.

    They start with the first file, and end with the thread that gave it as with the process.
    """

    def __init__(self, workers: int, limits: Limits) -> None:
        from pebble import ProcessPool

        self._limits = limits
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=FILES_A_WORKER,
            initializer=_begin,
            initargs=(limits.memory, os.getpid()),
            context=multiprocessing.get_context("spawn"),
        )

    def begin(self, job: Job, workshop: Workshop) -> "Future[Ready | Refused]":
        """Give a file to the next worker that is free; `end` says what came of it."""
        with _interrupts_held():
            made: Future[Ready | Refused] = self._pool.schedule(
                make_ready, args=(job, workshop), timeout=self._limits.seconds
            )
        return made

    def end(self, future: "Future[Ready | Refused]", job: Job) -> Ready | Refused:
        """The file made ready, or why it could not be; waits for it."""
        return _result(future, job, self._limits)

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def run(
    jobs: Iterable[Job], workshop: Workshop, *, workers: int, limits: Limits
) -> Iterator[tuple[Job, Ready | Refused]]:
    """Make files ready in `workers` processes; yields each as it is done, in no order.

    Closing the iterator, or an exception such as Ctrl-C, ends the workers at once.
    """
    todo = iter(jobs)
    waiting: dict[Future[Ready | Refused], Job] = {}
    pool = Pool(workers, limits)
    try:
        while True:
            for job in islice(todo, workers * AHEAD - len(waiting)):
                waiting[pool.begin(job, workshop)] = job
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                job = waiting.pop(future)
                yield job, pool.end(future, job)
    finally:
        pool.close()


def _result(future: "Future[Ready | Refused]", job: Job, limits: Limits) -> Ready | Refused:
    from pebble import ProcessExpired

    try:
        return future.result()
    except TimeoutError:
        return Refused(
            "time",
            f"{job.path} takes longer than {limits.seconds:g} seconds; split it, or raise "
            "CITEBRIEF_INGEST_SECONDS.",
        )
    except ProcessExpired as error:  # killed from outside, or a library crashed
        return Refused(
            "crashed",
            f"{job.path} ended the process that read it (exit code {error.exitcode}); save it in "
            "another format, or give it more memory with CITEBRIEF_INGEST_MEMORY.",
        )
    except MemoryError:
        return Refused("memory", f"{job.path} takes more memory than a file may; split it.")
    except Exception as error:  # a fault of a parser must not stop the other files
        log.debug("%s could not be read.", job.path, exc_info=error)
        return Refused(
            "fault",
            f"{job.path} could not be read for an unforeseen reason ({type(error).__name__}); "
            "save it in another format.",
        )


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes and threads that start here never see Ctrl-C, not even before `_begin`."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it lets Ctrl-C through again where it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(memory: int, parent: int) -> None:
    """Runs first in a new worker: its limits, and its end with its parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    if sys.platform != "linux":
        return
    import ctypes
    import resource

    # Anonymous memory; the address space would count files that are only mapped.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (memory + MODELS, memory + MODELS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    die_with_parent = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None, use_errno=True).prctl(die_with_parent, signal.SIGKILL)
    if os.getppid() != parent:  # it had gone before this was said
        os._exit(1)
