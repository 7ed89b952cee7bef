"""Files that readers hand over in the browser, and documents that they have removed.

One thread does one thing after the other, by the same `Keeper` as `citebrief ingest` and
`citebrief forget`; whoever asks meanwhile is told how far it is. An upload is kept as a file of its
own name in a folder beside the record (`Keeper.uploads`): there the same name again is an update of
the same document, `citebrief ingest` of that folder reads everything anew, and removal deletes the
file. What could not be read leaves the file that was there before as it was.
"""

import hashlib
import logging
import os
import secrets
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.errors import InputError
from assistant.upload_jobs import ENDED, File, Job
from assistant.upload_names import file_name, numbered
from assistant.upload_words import is_read, refusal, without_folder
from index.parse.errors import shown

if TYPE_CHECKING:
    from assistant.erased import Erased
    from assistant.keeping import Order
    from index.build import Index, Progress
    from index.ingest import Outcome
    from index.sources import Found

MOST_FILES = 50  # of one upload
MOST_WAITING = 20  # jobs that are not done yet
MOST_BYTES = 4_000_000_000  # of their files
KEPT_SECONDS = 3600  # that a job which has ended is still told of
MOST_ENDED = 500  # of those
STAGING = ".incoming"  # in the folder of uploads; hidden, so that `citebrief ingest` passes it by
STALE = 86_400  # seconds after which what a process left there is cleared away
log = logging.getLogger(__name__)


class Refused(InputError):
    """A request that cannot be met; `code` is a key of `upload_words.REFUSALS`."""

    def __init__(self, code: str) -> None:
        super().__init__(refusal(code, "en", most=MOST_FILES))
        self.code = code


class Keeping(Protocol):
    """What changes the library: a `Keeper`."""

    @property
    def uploads(self) -> Path:
        """The folder of the files that were uploaded."""

    def kept_digest(self, path: Path) -> str | None:
        """SHA-256 of the file that a document of the record was read from `path` as."""

    def ingest(self, found: "Found", order: "Order") -> "Iterator[Outcome]":
        """Keep the files found and tell of each."""

    def index(self, progress: "Progress | None" = None) -> "Index":
        """The index as the library is now."""

    def forget(self, ids: Sequence[str], progress: "Progress | None" = None) -> "Erased":
        """Remove documents of the record from everywhere."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file as it arrived: what the browser calls it, and where its bytes lie until it is kept.

    `code` says why it will not be read, where that is known already; then there may be no bytes.
    """

    name: str
    path: Path | None
    size: int
    code: str | None = None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A file put where it is kept, and the one that was there before, moved aside."""

    number: int  # in the job
    path: Path
    before: Path | None


class Uploads:
    """The queue of what is to be kept and removed. Safe to share between threads.

    `renewed` is called after each change, so that what answers takes it up at once; `at_once` is
    how many files the keeper reads side by side.
    """

    def __init__(
        self,
        keeper: Keeping,
        *,
        renewed: Callable[[], None] = lambda: None,
        at_once: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.keeper = keeper
        self._renewed = renewed
        self._at_once = max(1, at_once)
        self._clock = clock
        self._changed = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._sources: dict[str, dict[int, Path]] = {}  # staged files of jobs, by number
        self._waiting: deque[str] = deque()
        self._cancelled: set[str] = set()
        self._thread: threading.Thread | None = None
        self._closed = False

    def room(self) -> None:
        """Refused where so much is waiting that no more can be taken."""
        with self._changed:
            self._forget_old()
            open_jobs = [job for job in self._jobs.values() if job.state not in ENDED]
        if len(open_jobs) >= MOST_WAITING or sum(job.size for job in open_jobs) > MOST_BYTES:
            raise Refused("busy")

    def stage(self) -> Path:
        """A new private folder for the files of one upload, on the disk that keeps them."""
        try:
            staging = self.keeper.uploads / STAGING
            staging.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._clear_stale(staging)
            folder = staging / secrets.token_hex(8)
            folder.mkdir(mode=0o700)
        except OSError as error:
            log.warning("Uploads cannot be stored in %s: %s", self.keeper.uploads, error)
            raise Refused("space") from error
        return folder

    def add(self, folder: Path, incoming: Sequence[Incoming]) -> Job:
        """Queue the files that arrived in `folder` (of `stage`), which is cleared in the end."""
        if not incoming or len(incoming) > MOST_FILES:
            shutil.rmtree(folder, ignore_errors=True)
            raise Refused("many" if incoming else "nothing")
        files: list[File] = []
        sources: dict[int, Path] = {}
        taken: set[str] = set()
        for number, one in enumerate(incoming):
            name = file_name(one.name)
            code = one.code or _fault_of(name, one)
            if code is None and one.path is not None:
                name = self._free(name, taken)
                sources[number] = one.path
            state = {"state": "skipped", "code": code} if code else {}
            label = name or shown(one.name)
            files.append(replace(File(label, one.size), **state))  # type: ignore[arg-type]
            if code == "empty":
                detail = f"{label} has no content (0 bytes). Is it the right file?"
                files[-1] = replace(files[-1], detail=detail)
        job = Job(folder.name, "add", files=tuple(files))
        if not sources:
            shutil.rmtree(folder, ignore_errors=True)
            job = replace(job, state="skipped", ended=self._clock())
        try:
            return self._queue(job, sources)
        except Refused:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def remove(self, document: str) -> Job:
        """Queue the removal of a document of the record."""
        return self._queue(Job(secrets.token_hex(8), "remove", document=document), {})

    def job(self, id: str) -> tuple[Job, int] | None:
        """How far a job is, and how many are done before it; None for one that is not known."""
        with self._changed:
            self._forget_old()
            job = self._jobs.get(id)
            if job is None:
                return None
            if id not in self._waiting:
                return job, 0
            running = sum(
                other.state not in ENDED and other.state != "waiting"
                for other in self._jobs.values()
            )
            return job, self._waiting.index(id) + running

    def cancel(self, id: str) -> Job:
        """Leave out what has not been read yet; what was kept stays. Refused where it ended."""
        with self._changed:
            job = self._jobs.get(id)
            if job is None:
                raise Refused("job")
            if job.state not in ("waiting", "reading"):
                raise Refused("started")
            self._cancelled.add(id)
            if id in self._waiting:
                self._waiting.remove(id)
                self._end(id, "cancelled")
                self._clear(id)
            return self._jobs[id]

    def close(self) -> None:
        """Take no more; the thread ends after what it is doing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # --- the queue --------------------------------------------------------------------------------

    def _queue(self, job: Job, sources: dict[int, Path]) -> Job:
        if job.state == "waiting":
            self.room()
        with self._changed:
            self._jobs[job.id] = job
            if job.state == "waiting":
                self._sources[job.id] = sources
                self._waiting.append(job.id)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, daemon=True, name="uploads")
                    self._thread.start()
                self._changed.notify_all()
        return job

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                id = self._waiting.popleft()
                adds = self._jobs[id].kind == "add"
                self._set(id, state="reading" if adds else "removing")
            try:
                self._add(id) if adds else self._remove(id)
            except Exception as error:  # the next job must not suffer from this one
                self._fail(id, error)
            finally:
                self._clear(id)

    def _add(self, id: str) -> None:
        from assistant.keeping import Order
        from index.sources import Found, SourceFile

        placed = self._place(id)
        by_path = {shown(one.path): one for one in placed}
        kept: set[int] = set()
        self._tell_reading(id)
        try:
            files = tuple(SourceFile(one.path) for one in placed)
            outcomes = self.keeper.ingest(Found(files, ()), Order())
            for outcome in outcomes:
                one = by_path[outcome.path]
                if self._settle(id, one, outcome):
                    kept.add(one.number)
                if id in self._cancelled:
                    close = getattr(outcomes, "close", None)
                    if close is not None:
                        close()
                    break
                self._tell_reading(id)
        finally:
            for one in placed:
                _put_back(one, kept=one.number in kept)
        if any(f.outcome in ("new", "changed") for f in self._jobs[id].files):
            with self._changed:
                self._set(id, state="indexing")
            self._renew(id)
        cancelled = id in self._cancelled
        with self._changed:
            files_now = self._jobs[id].files
            if any(f.document for f in files_now):
                self._end(id, "ready")
            else:
                self._end(id, "cancelled" if cancelled else "skipped")

    def _renew(self, id: str) -> None:
        def progress(step: str, done: int, total: int) -> None:
            with self._changed:
                self._set(id, step=step, step_done=done, step_total=total)

        self.keeper.index(progress).store.close()
        self._take_up()

    def _remove(self, id: str) -> None:
        document = self._jobs[id].document or ""

        def progress(step: str, done: int, total: int) -> None:
            with self._changed:
                self._set(id, step=step, step_done=done, step_total=total)

        proof = self.keeper.forget([document], progress)
        self._take_up()
        with self._changed:
            self._set(id, proof=proof)
            self._end(id, "removed")

    def _take_up(self) -> None:
        try:
            self._renewed()
        except Exception as error:  # what watches the library tries again, and tells
            log.warning("The changed library was not taken up at once: %r", error)

    def _settle(self, id: str, one: _Placed, outcome: "Outcome") -> bool:
        """Note what became of a file; says whether the file itself is to be kept."""
        if outcome.status == "skipped":
            told = without_folder(outcome.message or "", one.path)
            changes: dict[str, Any] = {"state": "skipped", "code": outcome.code, "detail": told}
        else:
            changes = {
                "state": "indexing" if outcome.status in ("new", "changed") else "ready",
                "document": outcome.id,
                "outcome": outcome.status,
                "pages": outcome.pages,
                "passages": outcome.passages,
                "rewritten": outcome.rewritten,
                "warnings": tuple(without_folder(w, one.path) for w in outcome.warnings),
            }
        with self._changed:
            self._set_file(id, one.number, **changes)
        return outcome.status in ("new", "changed", "unchanged")

    def _tell_reading(self, id: str) -> None:
        """The first files that are not done are those that are being read."""
        with self._changed:
            todo = [
                number
                for number, file in enumerate(self._jobs[id].files)
                if file.state in ("waiting", "reading")
            ]
            for number in todo[: self._at_once]:
                self._set_file(id, number, state="reading")

    def _fail(self, id: str, error: Exception) -> None:
        from index.record.entry import LockedError

        if isinstance(error, LockedError):
            code = "locked"
        elif isinstance(error, InputError) and self._jobs[id].kind == "remove":
            code = "unknown"
        else:
            code = "failed"
        log.warning("An upload or a removal failed.", exc_info=error)
        with self._changed:
            self._set(id, code=code)
            self._end(id, "failed")

    # --- files ------------------------------------------------------------------------------------

    def _free(self, name: str, taken: set[str]) -> str:
        """`name`, numbered where another file of this upload is called so, or shown so."""
        free, number = name, 1
        while (key := shown(self.keeper.uploads / free).casefold()) in taken:
            number += 1
            free = numbered(name, number)
        taken.add(key)
        return free

    def _place(self, id: str) -> list[_Placed]:
        placed: list[_Placed] = []
        try:
            for number, source in self._sources[id].items():
                path = self.keeper.uploads / self._jobs[id].files[number].name
                before = source.with_name(f"before-{number}") if path.exists() else None
                if before is not None:
                    before.with_suffix(".name").write_text(path.name, encoding="utf-8")
                    os.replace(path, before)
                placed.append(_Placed(number, path, before))
                os.replace(source, path)
        except OSError:
            for one in placed:
                _put_back(one, kept=False)
            raise
        return placed

    def _clear(self, id: str) -> None:
        self._sources.pop(id, None)
        self._cancelled.discard(id)
        if self._jobs[id].kind == "add":
            shutil.rmtree(self.keeper.uploads / STAGING / id, ignore_errors=True)

    def _clear_stale(self, staging: Path) -> None:
        """Clear what a process that was killed left, and put back what it had moved aside."""
        for folder in staging.iterdir():
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime < STALE or folder.name in self._jobs:
                    continue
                for note in folder.glob("before-*.name"):
                    name, aside = note.read_text(encoding="utf-8"), note.with_suffix("")
                    path = self.keeper.uploads / name
                    digest = hashlib.sha256(aside.read_bytes()).hexdigest()
                    if self.keeper.kept_digest(path) == digest:
                        os.replace(aside, path)
                shutil.rmtree(folder)

    # --- under the lock ---------------------------------------------------------------------------

    def _set(self, id: str, **changes: Any) -> None:
        self._jobs[id] = replace(self._jobs[id], **changes)

    def _set_file(self, id: str, number: int, **changes: Any) -> None:
        files = [*self._jobs[id].files]
        files[number] = replace(files[number], **changes)
        self._set(id, files=tuple(files))

    def _end(self, id: str, state: str) -> None:
        """End a job: what it kept is ready, what it did not come to is cancelled."""
        ends: dict[str, Any] = {"waiting": "cancelled", "reading": "cancelled"}
        if state == "ready":
            ends["indexing"] = "ready"
        files = tuple(replace(f, state=ends.get(f.state, f.state)) for f in self._jobs[id].files)
        self._set(id, state=state, files=files, ended=self._clock())

    def _forget_old(self) -> None:
        now = self._clock()
        ended = sorted((job.ended, id) for id, job in self._jobs.items() if job.ended is not None)
        for number, (when, id) in enumerate(ended):
            if number < len(ended) - MOST_ENDED or now - when > KEPT_SECONDS:
                del self._jobs[id]


def _fault_of(name: str, one: Incoming) -> str | None:
    """Why a file need not be read at all, in a word."""
    if not name:
        return "name"
    if not is_read(name):
        return "suffix"
    return "empty" if one.size == 0 else None


def _put_back(one: _Placed, *, kept: bool) -> None:
    """Where the new file was not kept, the one before takes its place again."""
    if kept:
        return
    if one.before is not None:
        os.replace(one.before, one.path)
    else:
        one.path.unlink(missing_ok=True)
