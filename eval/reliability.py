"""Try to lose documents: kill, damage and starve a library, and look what is left of it.

`python -m eval.reliability --out DIR`. Everything goes through the command line as a user has it, in processes that are ended with SIGKILL
at random moments of ingesting, updating, forgetting and rebuilding. After each kill the record is
checked byte by byte, and the index is opened: a document that the command had named as kept must be
there as it then was, one that was named as forgotten must not, and none may be there in part.
Prints Markdown; docs/reliability.md holds what it printed. Not covered: a machine that loses power
(the disk's promises), and other disks than the one of DIR.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eval.machine import cores, memory_gib
from index.build import Index, open_index
from index.models import load_embedder
from index.record.library import Library
from index.retrieve import Retriever

GLOSSARY = "- {ko: 부산항, en: Busan Port, type: place}\n"
THESAURUS = "- {ko: [확장, 넓히다], en: [expand, enlarge]}\n"
SENTENCE = "제{0}호 항만의 {1}번째 계획은 {2}년에 시작되어 예산 {3}억 원을 쓴다."
WAITED = 120.0  # seconds for a command that is left to end
OPERATIONS = ("ingest", "update", "forget", "rebuild")


@dataclass(slots=True)
class Truth:
    """What the commands have said so far.

    `kept` has the versions that a document may have now: one, or more while a command that was
    killed may have got to it; 0 stands for its not being there.
    """

    kept: dict[str, set[int]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


class Trial:
    """A library in a folder of its own, and the commands that work on it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir(parents=True)
        (folder / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
        (folder / "thesaurus.yaml").write_text(THESAURUS, encoding="utf-8")
        self.index_root = folder / "index"
        self.database = f"sqlite:///{folder / 'record' / 'citebrief.db'}"
        self.random = random.Random(seed)
        self.versions: dict[str, int] = {}
        self.truth = Truth()
        self.embedder = load_embedder(None)

    @property
    def environment(self) -> dict[str, str]:
        """In which commands see this library and no other."""
        return {
            **os.environ,
            "CITEBRIEF_DATABASE": self.database,
            "CITEBRIEF_INDEX": str(self.index_root),
            "CITEBRIEF_LIBRARY": "none",
            "CITEBRIEF_GLOSSARY": str(self.folder / "glossary.yaml"),
            "CITEBRIEF_THESAURUS": str(self.folder / "thesaurus.yaml"),
            "CITEBRIEF_INGEST_WORKERS": "1",
        }

    def write(self, id: str) -> None:
        """A new version of the file of document `id`."""
        version = self.versions[id] = self.versions.get(id, 0) + 1
        (self.files / f"{id}.md").write_text(text_of(id, version), encoding="utf-8")

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """`citebrief` with these words, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "assistant", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *words: str) -> str:
        """What the command said once it ended by itself; RuntimeError where it failed."""
        process = self.start(*words)
        out, err = process.communicate(timeout=WAITED)
        if process.returncode:
            raise RuntimeError(f"{words}: exit {process.returncode}: {err.decode()[-500:]}")
        return out.decode()

    def open(self) -> Index:
        """The index as the library is now, built where it has to be."""
        with Library.open(self.database, create=False) as library:
            return open_index(
                None,
                self.index_root,
                self.embedder,
                kept=library,
                glossary=self.folder / "glossary.yaml",
                thesaurus=self.folder / "thesaurus.yaml",
            )


def text_of(id: str, version: int) -> str:
    """The text of one version of a document: twelve sentences that no other version has."""
    number = int(id.split("-")[1])
    lines = [SENTENCE.format(number, i, 2000 + version, number * 100 + i) for i in range(12)]
    return f"# 항만 {number} 계획\n\n" + "\n\n".join(lines) + "\n"


def kill_at_random(trial: Trial, operation: str, longest: float) -> tuple[float, bool]:
    """Start an operation and end it with SIGKILL; when, and whether it was still running.

    What it acknowledged goes into the truth.
    """
    words, touched = _order(trial, operation)
    process = trial.start(*words)
    moment = trial.random.uniform(0.05, longest)
    time.sleep(moment)
    running = process.poll() is None
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        running = False
    out, _ = process.communicate(timeout=WAITED)
    _believe(trial, operation, touched, out.decode("utf-8", "replace"))
    return moment, running


def _order(trial: Trial, operation: str) -> tuple[list[str], list[str]]:
    """The words of the command, and the documents that it works on."""
    known = sorted(trial.truth.kept)
    if operation == "forget" and known:
        chosen = trial.random.sample(known, min(3, len(known)))
        return ["forget", *chosen], chosen
    if operation == "rebuild" and known:
        shutil.rmtree(trial.index_root, ignore_errors=True)
        return ["ask", "항만의 예산은 얼마인가?"], []
    if operation == "update" and known:
        chosen = trial.random.sample(known, min(4, len(known)))
    else:
        first = 1 + max((int(id.split("-")[1]) for id in trial.versions), default=0)
        chosen = [f"harbour-{first + i}" for i in range(4)]
    for id in chosen:
        trial.write(id)
    return ["ingest", *(str(trial.files / f"{id}.md") for id in chosen)], chosen


def _believe(trial: Trial, operation: str, touched: list[str], said: str) -> None:
    truth = trial.truth
    if operation == "forget" and touched and said.startswith("Forgotten"):
        for id in touched:
            truth.kept.pop(id, None)
            truth.gone.add(id)
            (trial.files / f"{id}.md").unlink(missing_ok=True)
        return
    acknowledged = {line.split()[1] for line in said.splitlines() if line[:4] in ("new ", "chan")}
    for id in touched:
        version = trial.versions[id]
        if id in acknowledged:
            truth.kept[id] = {version}
        elif operation != "forget":
            truth.kept.setdefault(id, {0}).add(version)  # 0: it may not be there
        else:
            truth.kept.setdefault(id, set()).add(0)


def faults(trial: Trial) -> list[str]:
    """What is not as the commands said, after a kill; what is found settles what was open."""
    if not (trial.folder / "record" / "citebrief.db").exists():
        lost = [id for id, versions in trial.truth.kept.items() if 0 not in versions]
        return [f"no record, and {lost} were kept"] if lost else []
    found: list[str] = []
    with Library.open(trial.database, create=False) as library:
        found += library.check()
        with library.snapshot() as snapshot:
            there = {id: snapshot.document(id).text for id in snapshot.ids}
    found += _compare(trial, there, "record")
    if there:
        index = trial.open()
        found += _compare(trial, {id: d.text for id, d in index.documents.items()}, "index")
        found += _search(index)
        index.store.close()
    return found


def _compare(trial: Trial, there: Mapping[str, str], where: str) -> list[str]:
    found = []
    for id, versions in list(trial.truth.kept.items()):
        text = there.get(id)
        fits = {v for v in versions if (text is None if v == 0 else text == _read(id, v))}
        if not fits:
            found.append(f"{where}: {id} is {'missing' if text is None else 'of no known version'}")
        elif fits == {0}:
            del trial.truth.kept[id]
        else:
            trial.truth.kept[id] = fits
    found += [f"{where}: {id} was forgotten" for id in trial.truth.gone & there.keys()]
    return found


def _read(id: str, version: int) -> str:
    """The text as a document has it: without Markdown's marks."""
    return text_of(id, version).removeprefix("# ").rstrip("\n")


def _search(index: Index) -> list[str]:
    """A sentence of one document, searched for, is found first."""
    document = next(iter(index.documents.values()))
    sentence = document.text.split("\n\n")[1]
    hits = Retriever(index).search(sentence, 1)
    if hits and hits[0].passage.quote == sentence:
        return []
    return [f"index: the first sentence of {document.id} is not found"]


def kills(trial: Trial, count: int, progress: Callable[[str], None]) -> Iterator[str]:
    """Kill `count` commands, in turn of each operation; yields the rows of a table."""
    longest = dict.fromkeys(OPERATIONS, 0.0)
    for operation in OPERATIONS:  # how long each takes when it is left alone
        words, touched = _order(trial, operation)
        begun = time.monotonic()
        said = trial.run(*words)
        longest[operation] = time.monotonic() - begun
        _believe(trial, operation, touched, said)
    running: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    rebuilt = 0
    for number in range(count):
        operation = OPERATIONS[number % len(OPERATIONS)]
        _, alive = kill_at_random(trial, operation, longest[operation])
        running[operation] += alive
        found = faults(trial)
        wrong[operation] += bool(found)
        rebuilt += not found
        for fault in found:
            progress(f"kill {number + 1} ({operation}): {fault}")
        if number % 25 == 24:
            progress(f"{number + 1} of {count} kills, {sum(wrong.values())} with a fault")
    yield "| Operation | Kills | Still running when killed | With a fault |"
    yield "|---|---|---|---|"
    for operation in OPERATIONS:
        done = len(range(OPERATIONS.index(operation), count, len(OPERATIONS)))
        yield f"| {operation} | {done} | {running[operation]} | {wrong[operation]} |"
    yield ""
    kept, gone = len(trial.truth.kept), len(trial.truth.gone)
    yield f"At the end {kept} documents were kept and {gone} forgotten."


def damages(trial: Trial, progress: Callable[[str], None]) -> Iterator[str]:
    """Damage each file of the index in turn, in three ways; yields the rows of a table."""
    index = trial.open()
    index.store.close()
    names = sorted(
        path.relative_to(index.folder) for path in index.folder.rglob("*") if path.is_file()
    )
    healed: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for name in names:
        for how in ("deleted", "cut in half", "garbled"):
            folder = trial.open().folder
            place = _current(folder, name)
            if place is None:
                continue
            before = place.stat().st_ino
            _damage(place, how)
            found = faults(trial)
            again = _current(folder, name)
            wrong[how] += bool(found)
            if again is not None and again.stat().st_ino != before:
                healed[how] += 1
            else:
                unread[how] += 1  # nobody reads it, so that nobody could be misled
                shutil.rmtree(folder)
            for fault in found:
                progress(f"{name} {how}: {fault}")
    yield "| Damage | Files | Noticed, built anew | Never read | With a fault |"
    yield "|---|---|---|---|---|"
    for how in ("deleted", "cut in half", "garbled"):
        yield f"| {how} | {len(names)} | {healed[how]} | {unread[how]} | {wrong[how]} |"


def _current(folder: Path, name: Path) -> Path | None:
    """The file `name` in a folder built anew: Chroma's parts have other names each time."""
    parts = [("chroma-*" if part.startswith("chroma-") else part) for part in name.parts]
    if len(parts) > 2 and parts[0] == "chroma-*":
        parts[1] = "*"
    if (folder / name).exists():
        return folder / name
    return next(iter(sorted(folder.glob("/".join(parts)))), None)


def _damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "deleted":
        path.unlink()
    elif how == "cut in half":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(bytes(255 - byte for byte in data))


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk of so many megabytes in memory (Linux, as root)."""
    with tempfile.TemporaryDirectory() as folder:
        size = f"size={megabytes}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def full_disk(seed: int, megabytes: int = 12) -> Iterator[str]:
    """Ingest until the disk is full, then make room and go on."""
    with small_disk(megabytes) as disk:
        trial = Trial(disk / "trial", seed)
        said = ""
        for number in range(1, 2000):
            trial.write(f"harbour-{number}")
            if number % 40 == 0:
                process = trial.start("ingest", str(trial.files))
                out, err = process.communicate(timeout=WAITED)
                _believe(trial, "ingest", sorted(trial.versions), out.decode())
                if process.returncode:
                    said = err.decode().strip().splitlines()[-1]
                    break
        kept = sum(0 not in versions for versions in trial.truth.kept.values())
        shutil.rmtree(trial.index_root, ignore_errors=True)  # room again
        for file in sorted(trial.files.iterdir())[:-5]:
            file.unlink()
        found = faults(trial)
        yield f"- A disk of {megabytes} MB was full after {kept} documents: “{said}”"
        yield f"- After room was made: {len(found)} faults. {' '.join(found)}"


def main() -> None:
    """Run the trials that the options name, all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="a new folder to work in")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("kills", "damages", "disk"), action="append")
    options = parser.parse_args()
    chosen = options.only or ["kills", "damages", "disk"]

    def progress(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    print(f"{cores()} cores, {memory_gib():.0f} GiB, seed {options.seed}\n")
    trial = Trial(options.out, options.seed)
    if "kills" in chosen:
        print(*kills(trial, options.kills, progress), sep="\n")
    if "damages" in chosen:
        if not trial.truth.kept:
            words, touched = _order(trial, "ingest")
            _believe(trial, "ingest", touched, trial.run(*words))
        print("", *damages(trial, progress), sep="\n")
    if "disk" in chosen:
        print("", *full_disk(options.seed), sep="\n")


if __name__ == "__main__":
    main()
