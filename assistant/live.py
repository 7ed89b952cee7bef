"""An assistant over a library that changes while it is asked.

Documents are ingested, updated and forgotten by other processes. A thread looks for a new version
of the library, has its index opened (built, if nobody else has) and puts the new assistant in the
old one's place at once: a question that has begun ends on the version that it began with.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from assistant.answer import Assistant
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.holdings import Holdings
    from index.build import Index
    from index.page import Originals
    from index.types import Document

P = ParamSpec("P")
R = TypeVar("R")

EVERY = 1.0  # seconds between two looks
# Ingestion changes the library with every document. A version is taken up once it has stood for
# SETTLED seconds or one has been due for WAITED, and opening takes one part in SHARE of the time.
SETTLED, WAITED, SHARE = 1.5, 60.0, 5
log = logging.getLogger(__name__)


def _of_now(
    method: Callable[Concatenate[Assistant, P], R],
) -> "Callable[Concatenate[Live, P], R]":
    """The same method, of the assistant that answers when it is called."""

    @wraps(method)
    def called(live: "Live", /, *args: P.args, **options: P.kwargs) -> R:
        with live.using() as assistant:
            same: Callable[P, R] = getattr(assistant, method.__name__)
            return same(*args, **options)

    return called


def _streamed_of_now(
    method: Callable[Concatenate[Assistant, P], Iterator[R]],
) -> "Callable[Concatenate[Live, P], Iterator[R]]":
    """The same, where the assistant is in use until the last item was read."""

    @wraps(method)
    def streamed(live: "Live", /, *args: P.args, **options: P.kwargs) -> Iterator[R]:
        with live.using() as assistant:
            same: Callable[P, Iterator[R]] = getattr(assistant, method.__name__)
            yield from same(*args, **options)

    return streamed


class Live:
    """Answers as the assistant of the newest version does. Safe to share between threads."""

    def __init__(self, assistant: Assistant) -> None:
        """`assistant` answers until `watch` finds a newer version."""
        self._assistant = assistant
        self._lock = threading.Lock()
        self._asked: dict[int, int] = {}  # questions under way, by the id of their assistant
        self._retired: list[Assistant] = []  # with questions still under way
        self._renewing = threading.Lock()
        self._stop = threading.Event()

    def watch(self, every: float = EVERY, settled: float = SETTLED) -> None:
        """Look for a new version every so many seconds until `close`."""
        seconds = (every, settled)
        threading.Thread(target=self._follow, args=seconds, daemon=True, name="library").start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()

    def refresh(self) -> None:
        """Take up the library as it is now, if it changed; `watch` does so in its own time."""
        holdings = self._assistant.holdings
        if holdings is not None and holdings.state() != self._assistant.state:
            self._take_up()

    @property
    def index(self) -> "Index":
        """The index that the next question is asked of."""
        return self._assistant.index

    @property
    def documents(self) -> "Mapping[str, Document]":
        """The documents that it covers."""
        return self._assistant.index.documents

    @property
    def originals(self) -> "Originals | None":
        """Files whose pages can be shown, where any are kept."""
        return self._assistant.originals

    examples = _of_now(Assistant.examples)
    warm = _of_now(Assistant.warm)
    ask = _of_now(Assistant.ask)
    stream = _streamed_of_now(Assistant.stream)
    check = _of_now(Assistant.check)
    explain = _of_now(Assistant.explain)
    retrieve = _of_now(Assistant.retrieve)
    openings = _of_now(Assistant.openings)
    follow_ups = _of_now(Assistant.follow_ups)
    nearest = _of_now(Assistant.nearest)

    @contextmanager
    def using(self) -> Iterator[Assistant]:
        """The assistant of now; its index stays open until the end."""
        with self._lock:
            assistant = self._assistant
            self._asked[id(assistant)] = self._asked.get(id(assistant), 0) + 1
        try:
            yield assistant
        finally:
            with self._lock:
                self._asked[id(assistant)] -= 1
            self._close_retired()

    def _close_retired(self) -> None:
        with self._lock:
            done = [a for a in self._retired if not self._asked.get(id(a))]
            self._retired = [a for a in self._retired if a not in done]
            for assistant in done:
                self._asked.pop(id(assistant), None)
        for assistant in done:
            assistant.index.store.close()

    def _follow(self, every: float, settled: float) -> None:
        if (holdings := self._assistant.holdings) is None:
            return
        changed, seen = time.monotonic(), self._assistant.state
        due: float | None = None  # since when there has been a newer version
        rest_until = 0.0
        told = ""
        while not self._stop.wait(every):
            now = time.monotonic()
            try:
                state = holdings.state()
                if state != seen:
                    seen, changed = state, now
                if state == self._assistant.state:
                    due = None
                    continue
                due = now if due is None else due
                early = (now - changed < settled and now - due < WAITED) or now < rest_until
                if early and not self._holds_forgotten(holdings):
                    continue
                self._take_up()
                rest_until = time.monotonic() + SHARE * (time.monotonic() - now)
                told = ""
            except Exception as error:  # answers go on from the version there is
                message = str(error) if isinstance(error, AssistantError) else repr(error)
                if message != told:
                    log.warning("The library as it is now could not be opened: %s", message)
                told = message

    def _holds_forgotten(self, holdings: "Holdings") -> bool:
        """Whether a document that answers now was forgotten: that is not waited for."""
        kept = self._assistant.kept
        return bool(kept) and not kept <= holdings.ids()

    def _take_up(self) -> None:
        with self._renewing:
            renewed = self._assistant.renewed()
            if renewed.index.folder == self._assistant.index.folder:  # it changed, and back
                self._assistant.state = renewed.state
                return
            renewed.warm()
            with self._lock:
                self._retired.append(self._assistant)
                self._assistant = renewed
        self._close_retired()
