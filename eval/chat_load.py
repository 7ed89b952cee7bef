"""The chat under load: many readers at once over the real server, as JSON and a table.

`python -m eval.chat_load` starts `app.py` in a process of its own and drives the page's own queue:
each reader opens the page, asks question after question in a conversation that grows, and leaves it
after a few turns for a new page, as people do through a day. First one reader asks alone, to
compare with. One question in five has a made-up word, so that nothing remembered can answer it.

A time is what a reader waits, with the pauses in which sentences follow each other in. Not covered:
the browser's own work, a chat model, uploads. Linux only.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError
from eval.machine import cores, memory_gib, memory_mib
from eval.means import percentile
from eval.samples import load, select, set_path

if TYPE_CHECKING:
    import httpx

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
START_LIMIT_S = 180.0
ANSWER_LIMIT_S = 120.0
TURNS = 4  # of a conversation, then the reader opens a new page
ALONE = 30  # questions of the one reader at most
EVERY = 100  # answers between two looks at the memory
STEADY = 5.0  # MiB per 1,000 answers, over the second half
WORDS = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허"


@dataclass(frozen=True, slots=True)
class Times:
    """What readers waited, in milliseconds."""

    p50: float
    p95: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Times":
        """Of what was measured; all nought of nothing."""
        if not values:
            return cls(0.0, 0.0, 0.0)
        return cls(percentile(values, 50) or 0.0, percentile(values, 95) or 0.0, max(values))


@dataclass(slots=True)
class Asked:
    """What came of the questions of one part of the run."""

    steps: list[float] = field(default_factory=list)
    finals: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)  # the answers' own timings_ms.total
    refused: int = 0  # that the documents do not answer
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)  # (answers, MiB)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run."""

    machine: str
    date: str
    load_before: float
    users: int
    answers: int
    refused: int
    errors: tuple[str, ...]
    seconds: float
    step: Times
    final: Times
    own: Times
    alone_step: Times
    alone_final: Times
    alone_own: Times
    memory: tuple[tuple[int, float], ...]
    slope: float

    @property
    def ratio(self) -> float:
        """How many times as long the p95 of an answer is as that of one reader alone."""
        return self.final.p95 / max(self.alone_final.p95, 1e-9)

    @property
    def steady(self) -> bool:
        """Whether memory stays where it is."""
        return self.slope < STEADY

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        rate = self.answers / max(self.seconds, 1e-9)
        more = {"answers_per_second": rate, "ratio": self.ratio, "steady": self.steady}
        return asdict(self) | more


def slope(memory: Sequence[tuple[int, float]]) -> float:
    """MiB per 1,000 answers by least squares over the second half of the looks.

    Worked: (100, 50), (200, 90), (300, 91), (400, 92) is 10, that of the last two.
    """
    late = memory[len(memory) // 2 :]
    if len(late) < 2:
        return 0.0
    mean_x = sum(x for x, _ in late) / len(late)
    mean_y = sum(y for _, y in late) / len(late)
    spread = sum((x - mean_x) ** 2 for x, _ in late)
    along = sum((x - mean_x) * (y - mean_y) for x, y in late)
    return 1000 * along / spread if spread else 0.0


def questions() -> tuple[str, ...]:
    """The brief's dev half in an order that is the same each time; some it does not answer."""
    samples, _ = select(load(set_path("brief")), "dev")
    texts = sorted({sample.question for sample in samples})
    random.Random(0).shuffle(texts)
    return tuple(texts)


def measure(users: int, wanted: int, seconds: float) -> Report:
    """The figures of `users` at once until `wanted` answers are in or `seconds` are over."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="citebrief-load-") as folder, _served(folder) as found:
        address, pid, log = found
        alone = asyncio.run(_drive(address, pid, 1, min(ALONE, wanted), min(60.0, seconds)))
        many = asyncio.run(_drive(address, pid, users, wanted, seconds))
        faults = _faults(log)
    return Report(
        machine=f"{cores()} cores ({platform.machine()}), {memory_gib():.0f} GiB, "
        f"Python {platform.python_version()}",
        date=datetime.now(UTC).date().isoformat(),
        load_before=before,
        users=users,
        answers=len(many.finals),
        refused=many.refused,
        errors=(*alone.errors, *many.errors, *faults),
        seconds=many.seconds,
        step=Times.of(many.steps),
        final=Times.of(many.finals),
        own=Times.of(many.own),
        alone_step=Times.of(alone.steps),
        alone_final=Times.of(alone.finals),
        alone_own=Times.of(alone.own),
        memory=tuple(many.memory),
        slope=slope(many.memory),
    )


def table(report: Report) -> str:
    """The figures as Markdown."""
    rate = report.answers / max(report.seconds, 1e-9)
    rows = [
        ("until the first step shows", report.alone_step, report.step),
        ("until the answer is whole", report.alone_final, report.final),
        ("the answer's own time", report.alone_own, report.own),
    ]
    lines = [
        f"{report.machine}; {report.date}; load {report.load_before:.1f} before it began.",
        "",
        f"| ms, p50 / p95 / most | 1 reader | {report.users} readers | p95, × |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, one, many in rows:
        times = many.p95 / max(one.p95, 1e-9)
        lines.append(f"| {name} | {_times(one)} | {_times(many)} | {times:.1f} |")
    first, last = (report.memory[0], report.memory[-1]) if report.memory else ((0, 0.0), (0, 0.0))
    lines += [
        "",
        f"{report.answers} answers ({report.refused} that the brief does not give) in "
        f"{report.seconds:.0f} s, {rate:.1f} a second; {len(report.errors)} errors. Memory "
        f"{first[1]:.0f} MiB after {first[0]} answers, {last[1]:.0f} after {last[0]}; over the "
        f"second half {report.slope:+.1f} MiB per 1,000 answers: "
        f"{'steady' if report.steady else 'GROWING'} (less than {STEADY:.0f} is steady).",
    ]
    lines += [f"- {error}" for error in report.errors[:10]]
    return "\n".join(lines) + "\n"


def _times(times: Times) -> str:
    return f"{times.p50:,.0f} / {times.p95:,.0f} / {times.most:,.0f}"


@contextmanager
def _served(folder: str) -> Iterator[tuple[str, int, Path]]:
    """The server, ready, with folders of its own: its address, its process and what it says."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("CITEBRIEF_")}
    settings = {
        "CITEBRIEF_HOST": HOST,
        "CITEBRIEF_PORT": str(port),
        "CITEBRIEF_INDEX": f"{folder}/index",
        "CITEBRIEF_DATABASE": "none",
        "CITEBRIEF_RATE": "off",
        "CITEBRIEF_METRICS": "on",
        "XDG_DATA_HOME": f"{folder}/data",
        "PYTHONPATH": str(ROOT),
    }
    log = Path(folder) / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            cwd=folder,  # away from any .env
            env=inherited | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://{HOST}:{port}"
    try:
        _await(address, process, log)
        yield address, process.pid, log
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _faults(log: Path) -> list[str]:
    """The last line of each fault that the server reported."""
    parts = log.read_text(encoding="utf-8", errors="replace").split("Traceback (")[1:]
    lines = (part.splitlines()[1:] for part in parts)
    return [next((line for line in fault if line[:1].strip()), "a fault") for fault in lines]


def _await(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    import httpx

    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{address}/ready", trust_env=False).is_success:
                return
        time.sleep(0.2)
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise AssistantError(f"The server did not become ready at {address}:\n{said}")


@dataclass(slots=True)
class _Work:
    """What the readers of one part share."""

    asked: Asked
    pid: int
    wanted: int
    end: float
    texts: tuple[str, ...]
    chance: random.Random
    taken: int = 0

    def next(self) -> str | None:
        """The next question; None once enough were taken, or the time is over."""
        if self.taken >= self.wanted or time.monotonic() > self.end:
            return None
        text = self.texts[self.taken % len(self.texts)]
        self.taken += 1
        if self.taken % 5 == 0:
            text += " " + "".join(self.chance.choices(WORDS, k=4))
        return text

    def count(self) -> None:
        """Look at the memory now and then."""
        done = len(self.asked.finals)
        if done % EVERY == 0:
            self.asked.memory.append((done, memory_mib("VmRSS", self.pid)))


async def _drive(address: str, pid: int, users: int, wanted: int, seconds: float) -> Asked:
    import httpx

    begun = time.monotonic()
    asked = Asked()
    work = _Work(asked, pid, wanted, begun + seconds, questions(), random.Random(1))
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=users * 2)
    async with httpx.AsyncClient(
        base_url=address, timeout=ANSWER_LIMIT_S, trust_env=False, limits=limits
    ) as client:
        event = _event((await client.get("/config")).json())
        await asyncio.gather(*(_reader(client, event, work) for _ in range(users)))
    asked.seconds = time.monotonic() - begun
    return asked


def _event(config: Mapping[str, Any]) -> int:
    """The number of what happens when a question is sent."""
    box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "cb-box")
    return int(
        next(d["id"] for d in config["dependencies"] if [box, "submit"] in map(list, d["targets"]))
    )


async def _reader(client: "httpx.AsyncClient", event: int, work: _Work) -> None:
    """Conversations of a few turns, each on a page of its own, until there are no questions."""
    question = work.next()
    while question is not None:
        session = f"{random.Random().getrandbits(48):012x}"
        kept: Any = None
        async with _open_page(client, session):
            for _ in range(TURNS):
                try:
                    kept = await _ask(client, event, session, question, kept, work)
                except Exception as error:
                    work.asked.errors.append(f"{type(error).__name__}: {error} ({question!r})")
                question = work.next()
                if question is None:
                    return


@asynccontextmanager
async def _open_page(client: "httpx.AsyncClient", session: str) -> AsyncIterator[None]:
    """The connection that a page keeps open for as long as it is."""

    async def beat() -> None:
        async with client.stream("GET", f"/gradio_api/heartbeat/{session}", timeout=None) as alive:
            async for _ in alive.aiter_lines():
                pass

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await beating


async def _ask(
    client: "httpx.AsyncClient",
    event: int,
    session: str,
    question: str,
    kept: Any,
    work: _Work,
) -> Any:
    """One question; the conversation comes back with its new turn."""
    begun = time.perf_counter()
    body = {"data": [question, kept, None], "fn_index": event, "session_hash": session}
    joined = await client.post("/gradio_api/queue/join", json=body)
    joined.raise_for_status()
    step: float | None = None
    shown: list[Any] = []
    async with client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as events:
        async for line in events.aiter_lines():
            if not line.startswith("data:"):
                continue
            said = json.loads(line[5:])
            if said["msg"] == "process_generating":
                if step is None:
                    step = time.perf_counter() - begun
                shown = _with(shown, said["output"]["data"])
            elif said["msg"] == "process_completed":
                if not said["success"]:
                    raise AssistantError(f"the page was told: {said['output']}")
                break
    took = time.perf_counter() - begun
    longer = shown[2] if len(shown) > 2 else None
    before = len(kept["turns"]) if kept else 0
    if not isinstance(longer, dict) or len(longer.get("turns", ())) != before + 1:
        raise AssistantError("the conversation came back without the new turn")
    answer = longer["turns"][-1]["answer"]
    work.asked.steps.append(1000 * (step or took))
    work.asked.finals.append(1000 * took)
    work.asked.own.append(answer["timings_ms"]["total"])
    work.asked.refused += answer["status"] == "not_in_document"
    work.count()
    return longer


def _with(shown: list[Any], data: Sequence[Any]) -> list[Any]:
    """What is shown after an event: the first brings values, later ones what changed in them."""
    if not shown:
        return list(data)
    return [_changed(old, change) for old, change in zip(shown, data, strict=True)]


def _changed(value: Any, edits: Sequence[Any]) -> Any:
    for action, path, new in edits:
        if not path:
            value = value + new if action == "append" else new
            continue
        place = value
        for step in path[:-1]:
            place = place[step]
        last = path[-1]
        if action == "append":
            place[last] += new
        elif action == "delete":
            del place[last]
        elif action == "add" and isinstance(place, list):
            place.insert(last, new)
        else:
            place[last] = new
    return value


def main() -> int:
    """Measure and print; 1 where a question was not answered or memory grows."""
    parser = argparse.ArgumentParser(prog="python -m eval.chat_load", description=__doc__)
    parser.add_argument("--users", type=int, default=50, help="readers at once")
    parser.add_argument("--questions", type=int, default=2000, help="answers in all")
    parser.add_argument("--seconds", type=float, default=1200, help="the most that it may take")
    parser.add_argument("--json", action="store_true", help="print JSON after the table")
    given = parser.parse_args()
    if given.users < 1 or given.questions < 1 or given.seconds <= 0:
        parser.error("--users, --questions and --seconds: expected numbers above nought")
    try:
        report = measure(given.users, given.questions, given.seconds)
    except AssistantError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(table(report))
    if given.json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n")
    return 0 if not report.errors and report.steady else 1


if __name__ == "__main__":
    sys.exit(main())
