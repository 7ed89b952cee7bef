"""The workers: each claims a job, does it, and ends it; what cannot be done now waits.

A job is held by a lease that is renewed while it is worked on, so that another instance takes it
over soon after this one has died, and not before. Told to stop, the crew claims nothing more, lets
what is under way end, and puts back what does not end in time.
"""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assistant.slack.client import GoneError, LaterError, RefusedError, RevokedError
from assistant.slack.post import LostError
from index.record.chats import MOST_ATTEMPTS, Chats, Job

LEASE = 30.0  # seconds
POLL = 1.0  # seconds between looks for jobs that other instances took in or left
LONGEST_WAIT = 300.0  # seconds until the next try
HOUR = 3600.0
LAST = 3.0  # seconds for workers to notice that time is up

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Hold:
    """A job that is ours until `until` (of time.monotonic), unless it was lost."""

    event: str
    until: float
    lost: threading.Event = field(default_factory=threading.Event)

    def held(self) -> bool:
        """Whether it is ours now."""
        return not self.lost.is_set() and time.monotonic() < self.until


Do = Callable[[Job, Hold], str]  # gives what came of it, in a word


class Crew:
    """Workers over the jobs of a record."""

    def __init__(
        self,
        chats: Chats,
        do: Do,
        teams: Sequence[tuple[int, Sequence[str]]],
        *,
        instance: str,
        lease: float = LEASE,
        poll: float = POLL,
    ) -> None:
        """`teams` are how many workers there are for which kinds of jobs."""
        self.fatal: RevokedError | None = None
        self.ended = threading.Event()  # no more jobs are claimed
        self._chats, self._do, self._instance = chats, do, instance
        self._lease, self._poll = lease, poll
        self._lock = threading.Lock()
        self._holds: dict[str, Hold] = {}
        self._tries: dict[str, int] = {}
        self._wakes = [threading.Event() for _ in teams]
        self._idle = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._run, args=(wake, kinds), daemon=True, name=f"slack-{kinds[0]}-{number}"
            )
            for wake, (count, kinds) in zip(self._wakes, teams, strict=True)
            for number in range(count)
        ]
        self._keeper = threading.Thread(target=self._keep, daemon=True, name="slack-leases")

    def start(self) -> None:
        """Begin to work, with what an earlier run left first."""
        for thread in (*self._threads, self._keeper):
            thread.start()

    def wake(self) -> None:
        """There is something new."""
        for wake in self._wakes:
            wake.set()

    def stop(self, grace: float, give_up: Callable[[], None] = lambda: None) -> int:
        """Claim no more, and let what is under way end; gives how many jobs were put back.

        After `grace` seconds `give_up` is called, which is to end all waiting.
        """
        self.ended.set()
        self.wake()
        self._join(grace)
        with self._lock:
            left = list(self._holds.values())
        give_up()
        for hold in left:
            hold.lost.set()
        self._join(LAST)
        for hold in left:  # of a worker that is still busy: nothing of it is posted any more
            self._put_back(hold.event, 0.0, counted=True)
        self._idle.set()
        return len(left)

    def _join(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))

    def _run(self, wake: threading.Event, kinds: Sequence[str]) -> None:
        while not self.ended.is_set():
            wake.clear()
            try:
                job = self._chats.claim(self._instance, self._lease, kinds)
            except Exception as error:
                log.error("Slack: the jobs could not be read: %s", described(error))
                self.ended.wait(self._poll)
                continue
            if job is None:
                wake.wait(self._poll)
                continue
            self._work(job)

    def _work(self, job: Job) -> None:
        hold = Hold(job.event, time.monotonic() + self._lease)
        with self._lock:
            self._holds[job.event] = hold
        try:
            self._end(job, hold)
        except Exception as error:  # of the record; the lease runs out, and it is done again
            log.error("Slack: a job could not be ended: %s", described(error))
        finally:
            with self._lock:
                self._holds.pop(job.event, None)

    def _end(self, job: Job, hold: Hold) -> None:
        """Do the job, and say in the record what became of it."""
        try:
            outcome = self._do(job, hold)
        except LostError:  # counted, so that who goes on looks for what was posted
            self._put_back(job.event, 0.0, counted=True)
        except LaterError as error:
            tries = self._tries[job.event] = self._tries.get(job.event, 0) + 1
            wait = min(LONGEST_WAIT, max(error.seconds, 0.5 * 2 ** min(tries, 10)))
            log.info("Slack: a %s waits for %.0f s (%s).", job.kind, wait, error.code)
            self._put_back(job.event, wait, counted=False)
        except GoneError:
            self._done(job, "gone")
        except RevokedError as error:
            self._put_back(job.event, 0.0, counted=True)
            self.fatal = self.fatal or error
            self.ended.set()
            self.wake()
        except RefusedError as error:
            log.error("Slack refused a %s: %s", job.kind, error)
            self._chats.give_up(job.event, error.code)
        except Exception as error:
            log.error("Slack: a %s failed: %s", job.kind, described(error))
            if job.attempts >= MOST_ATTEMPTS:
                self._chats.give_up(job.event, type(error).__name__)
            else:
                self._put_back(job.event, 2.0**job.attempts, counted=True)
        else:
            self._done(job, outcome)

    def _done(self, job: Job, outcome: str) -> None:
        self._tries.pop(job.event, None)
        self._chats.done(job.event, outcome)

    def _put_back(self, event: str, wait: float, *, counted: bool) -> None:
        self._chats.put_back(event, self._instance, wait, counted=counted)

    def _keep(self) -> None:
        """Renew the leases of what is under way, until all is done."""
        tidied = 0.0
        while not self._idle.wait(self._lease / 4):
            with self._lock:
                holds = list(self._holds.values())
            for hold in holds:
                self._renew(hold)
            if not self.ended.is_set() and time.monotonic() - tidied > HOUR:
                tidied = time.monotonic()
                try:
                    self._chats.tidy()
                except Exception as error:
                    log.warning("Slack: old jobs could not be removed: %s", described(error))

    def _renew(self, hold: Hold) -> None:
        begun = time.monotonic()
        try:
            if self._chats.extend(hold.event, self._instance, self._lease):
                hold.until = begun + self._lease
            elif hold.event in self._holds:
                hold.lost.set()
        except Exception as error:  # `until` tells when it is no longer ours
            log.warning("Slack: a lease could not be renewed: %s", described(error))


def described(error: BaseException) -> str:
    """An error for the log: where it was raised and of which class; its text may hold a message."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{type(error).__name__}\n{frames}"
