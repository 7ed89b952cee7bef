"""A Chroma server for `eval.scale`: started for one size and measured, or one that runs already.

Memory and disk are those of a server of our own; of another's they are not known.
"""

import dataclasses
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eval.machine import memory_mib
from index.chroma import StoreServer, Unreachable, life
from index.errors import CiteBriefError

START_S = 120.0
PROGRAM = "import sys; from chromadb.cli.cli import app; sys.argv[0] = 'chroma'; app()"


@dataclass(frozen=True, slots=True)
class Served:
    """What a server took of one size."""

    rows: int
    adding_s: float
    rows_per_second: float
    resident_mib: float | None  # after the questions; None: another's server
    peak_mib: float | None
    disk_mb: float | None


@dataclass(frozen=True, slots=True)
class Running:
    """A server that a benchmark fills."""

    store: StoreServer
    pid: int | None = None
    folder: Path | None = None

    def served(self, rows: int, seconds: float) -> Served:
        """The figures, as they are now."""
        resident = peak = disk = None
        if self.pid is not None and self.folder is not None:
            resident, peak = memory_mib("VmRSS", self.pid), memory_mib("VmHWM", self.pid)
            files = [path for path in self.folder.rglob("*") if path.is_file()]
            disk = sum(path.stat().st_size for path in files) / 1e6
        return Served(rows, seconds, rows / max(seconds, 1e-9), resident, peak, disk)


@contextmanager
def running(url: str, folder: Path, size: int) -> Iterator[Running]:
    """The server at `url`, or for "own" one over the new `folder`, stopped in the end."""
    if url != "own":
        namespace = f"scale-{size}-{time.time_ns():x}"
        yield Running(StoreServer(url, namespace=namespace))
        return
    folder.mkdir()
    port = _free_port()
    given = ["run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)]
    with (folder.parent / "chroma.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, *given], stdout=log, stderr=log)
    try:
        store = StoreServer(f"http://127.0.0.1:{port}", namespace="scale")
        _await(store, process)
        yield Running(store, process.pid, folder)
    finally:
        process.kill()
        process.wait()


def _await(store: StoreServer, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            life(store)
            return
        except Unreachable:
            time.sleep(0.1)
    raise CiteBriefError("`chroma run` did not start. Try it by hand, or give --store-url.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_told(served: Served) -> Iterator[str]:
    """The cells of a row in the table."""
    yield f"{served.rows:,}"
    yield f"{served.adding_s:,.1f}"
    yield f"{served.rows_per_second:,.0f}"
    for value in dataclasses.astuple(served)[3:]:
        yield "-" if value is None else f"{value:,.0f}"
