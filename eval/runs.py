"""The folder of a run: rows.jsonl (a line a question) and manifest.json (what asked what of what).

A row holds the question, what was expected, what was answered and retrieved, and every score, so
that a run can be judged anew, reported and compared without the library that it was asked of. Rows
are appended as they come; a run that was killed goes on where it stopped, unless anything that the
manifest states has changed meanwhile. Floats are as measured; nothing is rounded.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import InputError
from assistant.types import Answer, Stance
from eval.lines import first_fault
from eval.samples import Half, SampleKind
from index.types import Lang

ROWS = "rows.jsonl"
MANIFEST = "manifest.json"
FORMAT = 2
Code = Literal[
    "error",
    "wrongly_refused",
    "not_refused",
    "evidence_missed",
    "nugget_missed",
    "wrong_language",
    "not_supported",
    "not_verbatim",
    "wrong_page",
    "wrong_markers",
    "number_changed",
    "stance_changed",
]
# What may differ between the two halves of a run that was killed.
UNTIED = ("started", "finished", "machine", "jobs")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(_Frozen):
    """A sentence that answers the question, where it stands, and the stances it may be given."""

    quote: str
    passage: str | None = None
    page: int | None = None
    stances: tuple[Stance, ...] = ()


class ExpectedNugget(_Frozen):
    """A fact that the answer should tell, and whether it did; None: could not be judged."""

    text: str
    vital: bool
    told: bool | None = None


class Retrieved(_Frozen):
    """A passage that the search returned."""

    document: str
    passage: str
    page: int
    quote: str
    score: float


class Failure(_Frozen):
    """What a reader would mind (see Code), and the text that it is about."""

    code: Code
    about: str = ""


class Row(_Frozen):
    """A question and all that is known of how it was answered; `error` where no answer came.

    `scores` holds the measures that apply to the question; None is unscored.
    """

    id: str
    half: Half | None = None
    lang: Lang
    kind: SampleKind
    document: str
    question: str
    history: tuple[str, ...] = ()
    pair: str | None = None
    conversation: str | None = None
    note: str = ""
    evidence: tuple[tuple[Expected, ...], ...] = ()
    nuggets: tuple[ExpectedNugget, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    probability: float | None = None
    answer: dict[str, Any] | None = None
    error: str | None = None
    scores: dict[str, float | None] = {}
    failures: tuple[Failure, ...] = ()

    @property
    def answerable(self) -> bool:
        """The document answers the question."""
        return self.kind != "unanswerable"

    @property
    def refused(self) -> bool | None:
        """Whether it was refused; None where no answer came."""
        return None if self.answer is None else self.answer["status"] == "not_in_document"

    def said(self) -> Answer | None:
        """The answer as a value."""
        return Answer.from_json(self.answer) if self.answer else None


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was read: its folder, its manifest and its rows in the order of the set."""

    folder: Path
    manifest: Mapping[str, Any]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name


def read_run(folder: Path) -> Run:
    """The run in `folder`; InputError where it is none, or is broken."""
    manifest = _manifest(folder)
    if manifest is None:
        raise InputError(
            f"{folder} holds no run ({MANIFEST} is missing). Make one with: "
            f"citebrief eval run --out {folder}"
        )
    rows = read_rows(folder)
    if not rows:
        raise InputError(f"{folder / ROWS} holds no rows; the run was stopped before it began.")
    expected = manifest.get("set", {}).get("questions")
    if isinstance(expected, int) and len(rows) < expected:
        raise InputError(
            f"{folder} is unfinished: {len(rows)} of {expected} questions. Give the same "
            "citebrief eval run command again, and it goes on."
        )
    return Run(folder, manifest, rows)


def read_rows(folder: Path) -> tuple[Row, ...]:
    """The rows in `folder`, without a last line that was cut short; empty where there is none."""
    path = folder / ROWS
    try:
        lines = path.read_bytes().split(b"\n")  # a letter may be cut short as well
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error}).") from error
    rows = []
    for number, line in enumerate(lines[:-1], start=1):  # a whole line ends in a line break
        try:
            rows.append(Row.model_validate_json(line))
        except ValidationError as error:
            fault = first_fault(error, "the line")
            raise InputError(f"{path} line {number}: {fault}.") from error
    return tuple(rows)


class Writer:
    """Writes a run; what a run of the same manifest left in the folder is `done`."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.done: dict[str, Row] = {}
        self._manifest = dict(manifest)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be written ({error.strerror}).") from error
        before = _manifest(folder)
        if before is not None:
            changed = _changed(before, manifest)
            if changed:
                raise InputError(
                    f"{folder} holds a run with another {', '.join(changed)}. Name another folder "
                    "with --out, or delete this one."
                )
            self.done = {row.id: row for row in read_rows(folder)}
            self._manifest["started"] = before.get("started")
        self._write(self.done.values())  # also drops a line that was cut short
        self._save()

    def append(self, row: Row) -> None:
        """Write a row; it is on disk when this returns."""
        with (self.folder / ROWS).open("a", encoding="utf-8") as file:
            file.write(_line(row))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, rows: Sequence[Row]) -> None:
        """Write all rows anew in the order given, and when that was into the manifest."""
        self._write(rows)
        self._manifest["finished"] = now()
        self._save()

    def _write(self, rows: Iterable[Row]) -> None:
        write_whole(self.folder / ROWS, "".join(map(_line, rows)))

    def _save(self) -> None:
        write_json(self.folder / MANIFEST, self._manifest)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The entries in which a run begun before differs from one that would go on with it."""
    plain = json.loads(json.dumps(now))
    return [key for key, value in plain.items() if key not in UNTIED and before.get(key) != value]


def _line(row: Row) -> str:
    return row.model_dump_json() + "\n"


def _manifest(folder: Path) -> dict[str, Any] | None:
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); delete the folder.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InputError(
            f"{path} is of another version of this program; run it again into another folder."
        )
    return found


def now() -> str:
    """The time to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file, with its folder, whole or not at all; InputError where it cannot be."""
    staged = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(text, encoding="utf-8")
        os.replace(staged, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error
