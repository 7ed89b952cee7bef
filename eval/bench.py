"""Time and memory of what users wait for, as a Markdown table: `python -m eval.bench`.

Cold figures are of fresh processes, warm ones of one process after its first question; the machine
stands in the table, since a figure without it says nothing. Linux only: peak memory is VmHWM of
/proc. Not covered: many users at once, and how good the answers are (`citebrief eval run`).
"""

import argparse
import json
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.answer import Assistant
from assistant.errors import AssistantError, InputError
from assistant.settings import Settings, load_settings
from eval.machine import cores, memory_gib, memory_mib
from eval.means import percentile
from eval.samples import LANGS, Sample, load, select, set_path
from index.types import Lang

COLD_RUNS = 5
CHAT_QUESTIONS = 20
START_LIMIT_S = 120.0
HOST = "127.0.0.1"
HEADING = "## Time and memory"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `compared` says how many times what other figure it is."""

    what: str
    value: str
    compared: str = ""


def measure(settings: Settings) -> list[Figure]:
    """Every figure, in the order of the table. Takes about a minute."""
    samples, _ = select(load(set_path("brief")), "dev")
    _say("opening the library, building its index where there is none")
    Assistant.open(settings)
    figures = _index(settings)
    medians, warm = _warm(settings, samples)
    figures += _cold(samples, medians)
    figures += warm
    figures += _chat(samples)
    return figures


def table(figures: Sequence[Figure], date: str) -> str:
    """The section as Markdown: a heading, the machine, the table."""
    lines = [HEADING, "", f"{_machine()}; {date}.", ""]
    lines += ["| What | Measured | Compared |", "| --- | ---: | --- |"]
    lines += [f"| {f.what} | {f.value} | {f.compared} |" for f in figures]
    return "\n".join(lines) + "\n"


def with_section(page: str, section: str) -> str:
    """`page` with its section of that heading replaced by `section`, or with it appended."""
    before, found, rest = f"\n{page}".partition(f"\n{HEADING}\n")
    if not found:
        return (page.rstrip() + "\n\n" if page.strip() else "") + section
    _, following, after = rest.partition("\n## ")
    return f"{before}\n{section}"[1:] + (f"\n## {after}" if following else "")


def _index(settings: Settings) -> list[Figure]:
    """Open the library with its index in place, and into a fresh folder, in this one process."""
    _say("opening and building the index")
    start = time.perf_counter()
    Assistant.open(settings)
    opened = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        Assistant.open(settings.model_copy(update={"index": Path(folder)}))
        built = time.perf_counter() - start
    return [
        Figure("open the library, index in place", _seconds(opened)),
        Figure(
            "open the library, index built in a fresh folder",
            _seconds(built),
            f"{built / opened:.1f} × opening it in place",
        ),
    ]


def _warm(settings: Settings, samples: Sequence[Sample]) -> tuple[dict[Lang, float], list[Figure]]:
    """Median seconds per language, and the figures of an assistant that has answered before."""
    _say(f"asking {len(samples)} questions in one process")
    assistant = Assistant.open(settings)
    assistant.warm()
    medians: dict[Lang, float] = {}
    figures = []
    for lang in LANGS:
        times = []
        for sample in (s for s in samples if s.lang == lang):
            start = time.perf_counter()
            assistant.ask(sample.question, sample.history)
            times.append(time.perf_counter() - start)
        p50, p95 = percentile(times, 50) or 0.0, percentile(times, 95) or 0.0
        medians[lang] = p50
        value = f"{p50 * 1000:.1f} / {p95 * 1000:.1f} ms"
        what = f"warm answer, {lang}, p50 / p95 of {len(times)} questions"
        figures.append(Figure(what, value, f"p95 is {p95 / p50:.1f} × p50"))
    return medians, figures


def _cold(samples: Sequence[Sample], warm: Mapping[Lang, float]) -> list[Figure]:
    figures = []
    for lang in LANGS:
        question = next(s.question for s in samples if s.lang == lang and s.answerable)
        _say(f"citebrief ask in {COLD_RUNS} fresh processes ({lang})")
        times = [_ask_once(question) for _ in range(COLD_RUNS)]
        median = statistics.median(times)
        what = f"cold `citebrief ask`, {lang}, median of {COLD_RUNS} (min to max)"
        value = f"{_seconds(median)} ({min(times):.2f} to {max(times):.2f})"
        figures.append(Figure(what, value, f"{median / warm[lang]:.0f} × the warm p50"))
    return figures


def _ask_once(question: str) -> float:
    command = [sys.executable, "-m", "assistant", "ask", question, "--json"]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0 or not json.loads(done.stdout).get("answer"):
        raise AssistantError(f"citebrief ask ended with {done.returncode}: {done.stderr[-500:]}")
    return seconds


def _chat(samples: Sequence[Sample]) -> list[Figure]:
    """Start the chat twice; ask the second one questions as the page does, and read its memory."""
    _say("starting the chat twice")
    with _served() as (_, first, _url):
        pass
    with _served() as (process, second, url):
        idle = memory_mib("VmHWM", process.pid)
        _say(f"asking the chat {CHAT_QUESTIONS} questions")
        asked = _alternating(samples)[:CHAT_QUESTIONS]
        for number, sample in enumerate(asked):
            _ask_chat(url, sample.question, f"bench{number}")
        peak = memory_mib("VmHWM", process.pid)
    return [
        Figure(
            "`citebrief serve`, second start to first 200",
            _seconds(second),
            f"{second / first:.2f} × the start before",
        ),
        Figure(
            f"peak memory of the chat after {len(asked)} questions",
            f"{peak:.0f} MiB",
            f"{peak / idle:.2f} × at the first 200",
        ),
    ]


@contextmanager
def _served() -> Iterator[tuple[subprocess.Popen[bytes], float, str]]:
    """A chat on a free port, the seconds to its first 200 and its address; ended by its pid."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    url = f"http://{HOST}:{port}"
    command = [sys.executable, "-m", "assistant", "serve", "--host", HOST, "--port", str(port)]
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            while not _is_up(url):
                late = time.perf_counter() - start > START_LIMIT_S
                if late or process.poll() is not None:
                    output.seek(0)
                    said = output.read()[-500:].decode(errors="replace")
                    raise AssistantError(f"citebrief serve did not come up on {url}: {said}")
                time.sleep(0.02)
            yield process, time.perf_counter() - start, url
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as page:
            return bool(page.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _ask_chat(url: str, question: str, session: str) -> None:
    """Send a question through the page's own queue, and read until it is answered."""
    config = _json(f"{url}/config")
    submit = next(d for d in config["dependencies"] if any(t[1] == "submit" for t in d["targets"]))
    kinds = {part["id"]: part["type"] for part in config["components"]}
    # Beside the question goes what the browser keeps, which is nothing yet.
    given = [question if kinds[i] == "textbox" else None for i in submit["inputs"]]
    queue = f"{url}{config['api_prefix']}/queue"
    _json(f"{queue}/join", {"data": given, "fn_index": submit["id"], "session_hash": session})
    with urllib.request.urlopen(f"{queue}/data?session_hash={session}", timeout=60) as events:
        for line in events:
            if not line.startswith(b"data:"):
                continue
            event = json.loads(line[5:])
            if event["msg"] == "process_completed":
                if not event["success"]:
                    raise AssistantError(f"The chat failed on {question!r}: {event['output']}")
                return
    raise AssistantError(f"The chat ended its stream without an answer to {question!r}.")


def _json(url: str, body: Mapping[str, Any] | None = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, sent, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.loads(reply.read())


def _alternating(samples: Sequence[Sample]) -> list[Sample]:
    """Questions without history, one language after the other."""
    by_lang = [[s for s in samples if s.lang == lang and not s.history] for lang in LANGS]
    return [sample for pair in zip(*by_lang, strict=False) for sample in pair]


def _machine() -> str:
    memory, python = memory_gib(), platform.python_version()
    return f"{cores()} cores ({platform.machine()}), {memory:.0f} GiB of memory, Python {python}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _say(step: str) -> None:
    print(f"bench: {step}", file=sys.stderr)


def main() -> int:
    """Measure, print the table, and put it into a page where one is named."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument(
        "--out", type=Path, help=f"Markdown page whose section “{HEADING[3:]}” is written anew"
    )
    out: Path | None = parser.parse_args().out
    try:
        if out and not out.parent.is_dir():
            raise InputError(f"--out {out}: there is no folder {out.parent}; make it first.")
        section = table(measure(load_settings()), datetime.now(UTC).date().isoformat())
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    print(section, end="")
    if out:
        page = out.read_text(encoding="utf-8") if out.is_file() else ""
        out.write_text(with_section(page, section), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
