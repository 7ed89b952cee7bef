"""The engine that ingests on a Ray cluster: what `index.workers` does, on many machines.

A task of Ray carries the bytes of a file and of its sidecar to a node, where a worker process with
limits makes it ready as it would here; a file that was lost with its node is sent again. Nodes
need no disk in common, but the same release of CiteBrief, which every one of them checks. What
cannot travel (a file that is missing, or very large) is made ready here. The engine keeps no state:
who writes down what it yields can begin again at any time. The home of ray, with
`index.cluster_connection`.
"""

import hashlib
import logging
import pickle
import socket
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import workers
from index.cluster_connection import INSTALL, answers, connected
from index.errors import CiteBriefError
from index.job import Job, Ready, Refused, Workshop, digest_of_file
from index.load import read_sidecar
from index.parse.errors import shown
from index.workers import Limits, Pool

if TYPE_CHECKING:
    import ray

AHEAD = 2  # files for each CPU of the cluster: one at work, one waiting
BYTES_AWAY = 1_000_000_000  # of files that are on their way or at work
LARGEST = 256_000_000  # bytes of a file that travels
RETRIES = 3  # of a file whose node or worker died
LOOK = 5.0  # seconds without a result after which the cluster is looked at
PATIENCE = 30.0  # seconds that it may be without a CPU, or out of reach
log = logging.getLogger(__name__)

_Result = Ready | Refused


@dataclass(frozen=True, slots=True)
class Parcel:
    """A job with its files: for each the path here, its place in a folder there, its bytes."""

    job: Job
    files: tuple[tuple[Path, str, bytes], ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(content) for _, _, content in self.files)


@dataclass(frozen=True, slots=True)
class _Flight:
    job: Job
    size: int
    losses: int  # how often it was lost before


def run(
    jobs: Iterable[Job],
    workshop: Workshop,
    *,
    address: str | None,
    limits: Limits,
    cpus: int | None = None,
) -> Iterator[tuple[Job, _Result]]:
    """Make files ready on the cluster at `address` (host:port, or auto); yields in no order.

    This machine must be one of its nodes. None starts a cluster of this machine alone, with `cpus`
    of its CPUs (None: all that this process may use), which ends with the iterator. InputError
    where Ray is not installed, CiteBriefError where the cluster cannot be used any more.
    """
    here: list[Job] = []
    with connected(address, cpus):
        yield from _Cluster(workshop, limits, address or "on this machine").run(jobs, here)
    yield from workers.run(here, workshop, workers=1, limits=limits)


class _Cluster:
    """The cluster this process is connected to, and the files that are away."""

    def __init__(self, workshop: Workshop, limits: Limits, name: str) -> None:
        import ray

        self._task: Any = ray.remote(num_cpus=1, max_retries=0)(make_there)
        self._workshop = ray.put(workshop)  # once, not with every file: its lexicon is large
        self._limits = limits
        self._away: dict[ray.ObjectRef[bytes], _Flight] = {}
        self._watch = _Watch(name)

    def run(self, jobs: Iterable[Job], here: list[Job]) -> Iterator[tuple[Job, _Result]]:
        """All files but those that cannot travel, which are added to `here`."""
        import ray

        todo, lost = iter(jobs), deque[_Flight]()
        try:
            while True:
                self._send(todo, lost, here)
                if not self._away:
                    return
                done, _ = ray.wait(list(self._away), num_returns=1, timeout=LOOK)
                self._watch.look(bool(done))
                for ref in done:
                    flight = self._away.pop(ref)
                    result = self._landed(ref, flight)
                    if result is None:
                        lost.append(replace(flight, losses=flight.losses + 1))
                    else:
                        yield flight.job, result
        finally:
            for ref in self._away:
                ray.cancel(ref, force=True)

    def _send(self, todo: Iterator[Job], lost: deque[_Flight], here: list[Job]) -> None:
        """Send files until every CPU has enough, those that were lost first."""
        away = sum(flight.size for flight in self._away.values())
        while len(self._away) < AHEAD * self._watch.cpus and (not self._away or away < BYTES_AWAY):
            flight = lost.popleft() if lost else None
            job = flight.job if flight else next(todo, None)
            if job is None:
                return
            parcel = pack(job)
            if parcel is None:
                here.append(job)
                continue
            ref = self._task.remote(parcel, self._workshop, self._limits, release())
            self._away[ref] = _Flight(job, parcel.size, flight.losses if flight else 0)
            away += parcel.size

    def _landed(self, ref: "ray.ObjectRef[bytes]", flight: _Flight) -> _Result | None:
        """What came of a file; None where it was lost and is to be sent again."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        job = flight.job
        try:
            result: _Result | CiteBriefError = pickle.loads(ray.get(ref))
        except RayTaskError as error:
            if isinstance(error.cause, ImportError):
                raise CiteBriefError(_wanted("none that can be imported")) from error
            log.debug("The task of %s failed.", job.path, exc_info=error)
            result = Refused(
                "crashed", f"{job.path} could not be read on the cluster: {error.cause}."
            )
        except RayError as error:  # its node or its worker died, or the result with it
            log.debug("%s was lost.", job.path, exc_info=error)
            times = flight.losses + 1
            result = Refused(
                "crashed",
                f"{job.path} was lost {times} times with the process or the node that read it; "
                "ingest it again with --engine local.",
            )
        if isinstance(result, CiteBriefError):
            raise result
        if isinstance(result, Refused):
            return None if result.code == "crashed" and flight.losses < RETRIES else result
        return _unless_changed(job, result)


class _Watch:
    """Sees that the cluster is there and has CPUs; `cpus` is how many, at least one."""

    def __init__(self, name: str) -> None:
        import ray

        self._name = name
        host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
        self._gcs = (host.strip("[]"), int(port))
        self._well = time.monotonic()
        self._looked = 0.0
        self.cpus = 1
        self.look(True)

    def look(self, moving: bool) -> None:
        """Look again where nothing is `moving`, or the last look was long ago."""
        import ray

        now = time.monotonic()
        if moving and now - self._looked < LOOK:
            return
        self._looked = now
        reached = answers(self._gcs)
        resources = ray.cluster_resources() if reached else {}  # type: ignore[no-untyped-call]
        if cpus := int(resources.get("CPU", 0)):
            self._well, self.cpus = time.monotonic(), cpus
        elif time.monotonic() - self._well > PATIENCE:
            fault = "has no CPU left" if reached else "cannot be reached any more"
            raise CiteBriefError(
                f"The Ray cluster {self._name} {fault}; what was ingested is kept. Start its nodes "
                "again (ray start), and ingest the rest with the same command."
            )


def pack(job: Job) -> Parcel | None:
    """The job with the bytes of its files, or None where one of them cannot travel."""
    try:
        places = _places(job)
        if not all(path.is_file() for path, _ in places):
            return None
        if sum(path.stat().st_size for path, _ in places) > LARGEST:
            return None
        return Parcel(job, tuple((path, place, path.read_bytes()) for path, place in places))
    except (OSError, ValueError, CiteBriefError):  # read here instead, which gives the reason
        return None


def _places(job: Job) -> list[tuple[Path, str]]:
    """The files of a job, its own first, and where they lie in a folder on a node."""
    places = [(job.path, f"document/{job.path.name}")]
    if job.sidecar:
        places.append((job.sidecar, f"sidecar/{job.sidecar.name}"))
        said = read_sidecar(job.sidecar)
        for name in filter(None, (said.edition, said.restatements)):
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise ValueError(f"{name} does not lie beside {job.path}")
            places.append((job.path.parent / name, f"document/{name}"))
    return places


def make_there(parcel: Parcel, workshop: Workshop, limits: Limits, wanted: str) -> bytes:
    """Runs on a node: the pickled result of a file, or the error that ends the run.

    Texts name the files as they are called where they come from.
    """
    if wanted != release():
        return pickle.dumps(CiteBriefError(_wanted(release(), wanted)))
    with tempfile.TemporaryDirectory(prefix="citebrief-") as folder:
        here: dict[Path, Path] = {}
        for path, place, content in parcel.files:
            here[path] = Path(folder) / place
            here[path].parent.mkdir(parents=True, exist_ok=True)
            here[path].write_bytes(content)
        sidecar = parcel.job.sidecar
        job = Job(parcel.job.id, here[parcel.job.path], here[sidecar] if sidecar else None)
        pool = _pool(limits)
        result = pool.end(pool.begin(job, workshop), job)
    return pickle.dumps(_renamed(result, here), protocol=pickle.HIGHEST_PROTOCOL)


def _renamed(result: _Result, here: dict[Path, Path]) -> _Result:
    """`result` with the paths of its messages as they were before the files travelled."""

    def told(text: str) -> str:
        for path, copy in here.items():
            text = text.replace(str(copy), str(path)).replace(shown(copy), shown(path))
        return text

    if isinstance(result, Refused):
        return replace(result, message=told(result.message))
    return replace(result, warnings=tuple(map(told, result.warnings)))


def _unless_changed(job: Job, ready: Ready) -> _Result:
    """As `make_ready` has it: a file that changed while it was read is refused."""
    try:
        if digest_of_file(job.path) == ready.sha256:
            return ready
    except OSError:
        pass
    return Refused("changing", f"{job.path} was changed while it was read; ingest it again.")


@cache
def _pool(limits: Limits) -> Pool:
    """The one worker process of this process of Ray's, which outlives its tasks."""
    return Pool(1, limits)


@cache
def release() -> str:
    """The version of CiteBrief, with a digest of all that decides what it makes of a file."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*folder.rglob("*.py"), *folder.glob("embedder/*.*")]):
        digest.update(f"{path.relative_to(folder).as_posix()} {digest_of_file(path)}\n".encode())
    for name in ("kiwipiepy", "kiwipiepy_model", "numpy", "PyStemmer", "sentencex", "tokenizers"):
        digest.update(f"{name} {_version(name)}\n".encode())
    return f"{_version('citebrief')} ({digest.hexdigest()[:12]})"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"


def _wanted(found: str, wanted: str | None = None) -> str:
    return (
        f"The node {socket.gethostname()} has another CiteBrief than this machine: {found}, "
        f"expected {wanted or release()}. Install the same release with the same packages on every "
        f"node ({INSTALL}), and restart Ray there."
    )
