"""What the Slack bot must remember, as rows: events that came in, threads, channels' settings.

An event is a job: kept before it is acknowledged, held by one instance at a time for as long as its
lease runs, and once it is done known by its key alone. Every change is one short transaction beside
the writer of documents. Leases go by the clocks of the instances, which may differ by far less than
a lease. A thread's turns are those of a conversation, and are forgotten as those are.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from index.record import tables
from index.record.forgetting import columns_of, late
from index.record.library import Library
from index.record.turns import Plain

ChannelLang = Literal["auto", "ko", "en"]
LEASE = 120.0  # seconds
MOST_ATTEMPTS = 5
MOST_TURNS = 40  # of a thread
JOB_DAYS, THREAD_DAYS = 7, 90  # that they are kept
LONGEST_KEY = 200  # characters; PostgreSQL's indexes end at some 2,700 bytes
LONGEST_OUTCOME = 200
_DAY = 86_400
_OPEN, _DONE, _GAVE_UP = "open", "done", "gave_up"
_JOBS = tables.slack_jobs.c
_THREADS = tables.slack_threads.c
_TURNS = tables.slack_turns.c


@dataclass(frozen=True, slots=True)
class Job:
    """An event that is to be dealt with; `attempts` counts this claim too."""

    event: str  # its key, which repetitions of the event share
    kind: str
    team: str
    payload: Mapping[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Thread:
    """What was said in a thread, the newest turn last, and whether everyone saw an answer there."""

    turns: tuple[Plain, ...]
    answered: bool
    lang: str


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """How the bot behaves in a channel; `documents` are those that it asks, None: all."""

    lang: ChannelLang = "auto"
    documents: tuple[str, ...] | None = None
    quiet: bool = False


class Chats:
    """The bot's memory in a record. May be used by several threads and instances."""

    def __init__(self, library: Library, clock: Callable[[], float] = time.time) -> None:
        self._library = library
        self._clock = clock

    # --- jobs -------------------------------------------------------------------------------------

    def take_in(self, event: str, kind: str, team: str, payload: Mapping[str, Any]) -> bool:
        """Keep an event as a job that waits; False where it was taken in before, by whomever."""
        key, came = _key(event), self._now()
        seen = select(_JOBS.event).where(_JOBS.event == key)
        if self._library.read(lambda c: c.execute(seen).first()):
            return False  # a repetition does not wait for those who write
        named = {"event": key, "kind": kind, "team": team, "payload": dict(payload)}
        fresh = {"state": _OPEN, "attempts": 0, "taken": came, "free": came}
        row = named | fresh | {"holder": "", "posted": None, "outcome": ""}

        def work(connection: Connection) -> bool:
            if connection.execute(seen).first():
                return False
            connection.execute(insert(tables.slack_jobs), [row])
            return True

        return self._library.change(work)

    def claim(
        self, instance: str, lease_s: float = LEASE, kinds: Collection[str] | None = None
    ) -> Job | None:
        """Hold the oldest job that waits, or whose lease has run out, for `lease_s` seconds.

        One of more than MOST_ATTEMPTS is claimed to be given up.
        """
        which = () if kinds is None else (_JOBS.kind.in_(list(kinds)),)
        return self._claim(instance, lease_s, *which)

    def claim_one(self, event: str, instance: str, lease_s: float = LEASE) -> Job | None:
        """Hold this job, where it waits or its lease has run out."""
        return self._claim(instance, lease_s, _JOBS.event == _key(event))

    def extend(self, event: str, instance: str, lease_s: float = LEASE) -> bool:
        """Hold the job for `lease_s` seconds from now; False where it is lost or ended."""
        held = (_JOBS.event == _key(event), _JOBS.state == _OPEN, _JOBS.holder == instance)

        def work(connection: Connection) -> bool:
            longer = update(tables.slack_jobs).where(*held)
            return connection.execute(longer.values(free=self._now(lease_s))).rowcount > 0

        return self._library.change(work)

    def put_back(
        self, event: str, instance: str, after_s: float = 0.0, *, counted: bool = True
    ) -> bool:
        """Let go of a job, which may be claimed again in `after_s` seconds; False: not held.

        Where it is not `counted`, as when Slack asks to wait, the attempt is taken back.
        """
        held = (_JOBS.event == _key(event), _JOBS.state == _OPEN, _JOBS.holder == instance)
        left = {"holder": "", "attempts": _JOBS.attempts - (0 if counted else 1)}

        def work(connection: Connection) -> bool:
            freed = update(tables.slack_jobs).where(*held)
            values = left | {"free": self._now(after_s)}
            return connection.execute(freed.values(values)).rowcount > 0

        return self._library.change(work)

    def posted(self, event: str) -> Plain | None:
        """What was last said with `mark_posted`, or None."""
        query = select(_JOBS.posted).where(_JOBS.event == _key(event))
        return self._library.read(lambda c: c.execute(query).scalar())

    def mark_posted(self, event: str, posted: Mapping[str, Any]) -> None:
        """Remember what was posted for a job, by ids alone: they stay as long as its key."""
        own = update(tables.slack_jobs).where(_JOBS.event == _key(event))
        self._library.change(lambda c: c.execute(own.values(posted=dict(posted))))

    def done(self, event: str, outcome: str) -> bool:
        """End a job and wipe what was asked; False where it had ended before."""
        return self._end(event, _DONE, outcome)

    def give_up(self, event: str, error: str) -> bool:
        """End a job that cannot be done, and wipe it; `error` is a code, no text of a message."""
        return self._end(event, _GAVE_UP, error)

    def waiting(self) -> int:
        """How many jobs have not ended, those that an instance holds among them."""
        query = select(func.count()).where(_JOBS.state == _OPEN)
        return self._library.read(lambda c: c.execute(query).scalar_one())

    def tidy(self, now: float | None = None) -> int:
        """Remove keys of jobs and threads that are too old at `now`, as of time.time().

        Gives how many. A job that waited all that time goes too, unless somebody holds it.
        """
        time = self._clock() if now is None else now
        idle = or_(_JOBS.state != _OPEN, _JOBS.free <= int(time * 1000))
        old = _JOBS.taken < int((time - JOB_DAYS * _DAY) * 1000)
        jobs = delete(tables.slack_jobs).where(and_(old, idle))
        threads = delete(tables.slack_threads).where(
            _THREADS.updated < _written(time - THREAD_DAYS * _DAY)
        )
        return self._library.change(
            lambda c: sum(c.execute(query).rowcount for query in (jobs, threads))
        )

    # --- threads ----------------------------------------------------------------------------------

    def thread(self, team: str, channel: str, thread_ts: str) -> Thread | None:
        """A thread with its turns, or None where nothing of it is kept."""
        id = _thread(team, channel, thread_ts)
        head = select(_THREADS.answered, _THREADS.lang).where(_THREADS.id == id)
        order = (_TURNS.position, _TURNS.id)
        turns = select(_TURNS.data).where(_TURNS.thread == id).order_by(*order)

        def work(connection: Connection) -> Thread | None:
            row = connection.execute(head).one_or_none()
            if row is None:
                return None
            found = tuple(connection.execute(turns).scalars())
            return Thread(found, row.answered, row.lang)

        return self._library.read(work)

    def turn(self, team: str, channel: str, thread_ts: str, id: str) -> Plain | None:
        """A turn of a thread by its id, which is its answer's, or None."""
        own = (_TURNS.thread == _thread(team, channel, thread_ts), _TURNS.id == id)
        return self._library.read(lambda c: c.execute(select(_TURNS.data).where(*own)).scalar())

    def keep_turn(
        self,
        team: str,
        channel: str,
        thread_ts: str,
        turn: Mapping[str, Any],
        lang: str,
        *,
        answered: bool = True,
    ) -> None:
        """Add a conversation's turn to a thread, or put it in its own place; the oldest make room.

        It counts as `answered` where everyone saw it; a thread once answered stays so.
        """
        place = (team, channel, thread_ts)

        def work(connection: Connection) -> None:
            id = self._put_thread(connection, place, lang, answered)
            kept = late(connection, dict(turn))
            _put_turn(connection, id, kept)

        self._library.change(work)

    def mark_answered(self, team: str, channel: str, thread_ts: str, lang: str) -> None:
        """Remember that the bot answered in a thread, though no turn of it is at hand."""
        place = (team, channel, thread_ts)
        self._library.change(lambda c: self._put_thread(c, place, lang, True))

    def answered_here(self, team: str, channel: str, thread_ts: str) -> bool:
        """Whether the bot has answered in this thread, so that no mention is needed."""
        query = select(_THREADS.answered).where(_THREADS.id == _thread(team, channel, thread_ts))
        return self._library.read(lambda c: bool(c.execute(query).scalar()))

    # --- channels ---------------------------------------------------------------------------------

    def channel(self, team: str, channel: str) -> ChannelSettings:
        """The settings of a channel; the usual ones where none were made."""
        query = select(tables.slack_channels).where(*_channel(team, channel))
        row = self._library.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            return ChannelSettings()
        named = row["documents"]
        documents = None if named is None else tuple(named)
        return ChannelSettings(row["lang"], documents, row["quiet"])

    def set_channel(self, team: str, channel: str, settings: ChannelSettings) -> None:
        """Keep the settings of a channel in place of those before."""
        documents = None if settings.documents is None else list(settings.documents)
        values = {"lang": settings.lang, "documents": documents, "quiet": settings.quiet}

        def work(connection: Connection) -> None:
            own = update(tables.slack_channels).where(*_channel(team, channel))
            if not connection.execute(own.values(values)).rowcount:
                row = {"team": team, "channel": channel} | values
                connection.execute(insert(tables.slack_channels), [row])

        self._library.change(work)

    def _now(self, plus: float = 0.0) -> int:
        return int((self._clock() + plus) * 1000)

    def _claim(self, instance: str, lease_s: float, *which: Any) -> Job | None:
        def first(*named: Any) -> Any:
            open = (_JOBS.state == _OPEN, _JOBS.free <= self._now(), *which)
            return select(*named).where(*open).order_by(_JOBS.taken, _JOBS.event).limit(1)

        if self._library.read(lambda c: c.execute(first(_JOBS.event)).first()) is None:
            return None  # who only looks does not keep others from writing

        def work(connection: Connection) -> Job | None:
            query = first(tables.slack_jobs).with_for_update(skip_locked=True)
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return None
            attempts = row["attempts"] + 1
            held = {"holder": instance, "free": self._now(lease_s), "attempts": attempts}
            own = update(tables.slack_jobs).where(_JOBS.event == row["event"])
            connection.execute(own.values(held))
            return Job(row["event"], row["kind"], row["team"], row["payload"], attempts)

        return self._library.change(work)

    def _end(self, event: str, state: str, outcome: str) -> bool:
        own = (_JOBS.event == _key(event), _JOBS.state == _OPEN)
        ended = {"state": state, "payload": {}, "outcome": outcome[:LONGEST_OUTCOME]}
        query = update(tables.slack_jobs).where(*own).values(ended)
        return self._library.change(lambda c: c.execute(query).rowcount > 0)

    def _put_thread(
        self, connection: Connection, place: tuple[str, str, str], lang: str, answered: bool
    ) -> str:
        """Make or touch a thread, which no other then changes until this transaction ends."""
        id = _thread(*place)
        values: dict[str, Any] = {"lang": lang, "updated": _written(self._clock())}
        values |= {"answered": True} if answered else {}
        own = update(tables.slack_threads).where(_THREADS.id == id)
        if not connection.execute(own.values(values)).rowcount:
            named = dict(zip(("team", "channel", "thread_ts"), place, strict=True))
            row = {"id": id, "answered": False} | named | values
            connection.execute(insert(tables.slack_threads), [row])
        return id


def _put_turn(connection: Connection, thread: str, turn: Plain) -> None:
    held = columns_of(turn)
    values = {"data": held["data"], "digest": held["digest"]}
    own = (_TURNS.thread == thread, _TURNS.id == turn["id"])
    if connection.execute(update(tables.slack_turns).where(*own).values(values)).rowcount:
        return
    last = select(func.max(_TURNS.position)).where(_TURNS.thread == thread)
    found = connection.execute(last).scalar()
    position = 0 if found is None else found + 1
    row = {"thread": thread, "id": turn["id"], "position": position} | values
    connection.execute(insert(tables.slack_turns), [row])
    old = (_TURNS.thread == thread, _TURNS.position <= position - MOST_TURNS)
    connection.execute(delete(tables.slack_turns).where(*old))


def _key(event: str) -> str:
    """The key as it is kept; of a kept key, itself."""
    if len(event) <= LONGEST_KEY:
        return event
    return hashlib.sha256(event.encode("utf-8", "surrogatepass")).hexdigest()


def _thread(team: str, channel: str, thread_ts: str) -> str:
    place = json.dumps([team, channel, thread_ts])
    return hashlib.sha256(place.encode()).hexdigest()[:32]


def _channel(team: str, channel: str) -> tuple[Any, Any]:
    columns = tables.slack_channels.c
    return columns.team == team, columns.channel == channel


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
