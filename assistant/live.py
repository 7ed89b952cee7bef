"""An assistant over a library that changes while it is asked.

Documents are ingested, updated and forgotten by other processes. A thread looks for a new version
of the library, has its index opened (built, if nobody else has) and puts the new assistant in the
old one's place at once: a question that has begun ends on the version that it began with.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from assistant.errors import AssistantError
from assistant.types import Answer, Event

if TYPE_CHECKING:
    from assistant.answer import Assistant, Engine
    from assistant.check_types import TextCheck
    from assistant.holdings import Holdings
    from assistant.why import Explanation
    from index.build import Index
    from index.page import Originals
    from index.types import Document, Hit, Lang

EVERY = 1.0  # seconds between two looks
# Ingestion changes the library with every document. A version is taken up once it has stood for
# SETTLED seconds or one has been due for WAITED, and opening takes one part in SHARE of the time.
SETTLED, WAITED, SHARE = 1.5, 60.0, 5
log = logging.getLogger(__name__)


class Live:
    """Answers as the assistant of the newest version does. Safe to share between threads."""

    def __init__(self, assistant: "Assistant") -> None:
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

    def examples(self, lang: str) -> list[str]:
        """As `Assistant.examples`."""
        return self._assistant.examples(lang)

    def warm(self) -> None:
        """As `Assistant.warm`."""
        self._assistant.warm()

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: Literal["auto", "ko", "en"] = "auto",
        engine: "Engine" = "auto",
        id: str = "",
        documents: Collection[str] | None = None,
    ) -> Answer:
        """As `Assistant.ask`."""
        with self.using() as assistant:
            return assistant.ask(
                question, history, lang=lang, engine=engine, id=id, documents=documents
            )

    def stream(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: Literal["auto", "ko", "en"] = "auto",
        engine: "Engine" = "auto",
        id: str = "",
        stopped: Callable[[], bool] = lambda: False,
        documents: Collection[str] | None = None,
    ) -> Iterator[Event]:
        """As `Assistant.stream`."""
        with self.using() as assistant:
            yield from assistant.stream(
                question,
                history,
                lang=lang,
                engine=engine,
                id=id,
                stopped=stopped,
                documents=documents,
            )

    def check(
        self,
        text: str,
        lang: Literal["auto", "ko", "en"] = "auto",
        documents: Sequence[str] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> "TextCheck":
        """As `Assistant.check`."""
        with self.using() as assistant:
            return assistant.check(text, lang, documents, stopped)

    def explain(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: Literal["auto", "ko", "en"] = "auto",
        documents: Collection[str] | None = None,
    ) -> "Explanation":
        """As `Assistant.explain`."""
        with self.using() as assistant:
            return assistant.explain(question, history, lang=lang, documents=documents)

    def retrieve(
        self,
        question: str,
        history: Sequence[str] = (),
        limit: int = 10,
        *,
        documents: Collection[str] | None = None,
    ) -> "tuple[list[Hit], float]":
        """As `Assistant.retrieve`."""
        with self.using() as assistant:
            return assistant.retrieve(question, history, limit, documents=documents)

    def openings(
        self, lang: "Lang", documents: Collection[str] | None = None, count: int = 4
    ) -> list[str]:
        """As `Assistant.openings`."""
        with self.using() as assistant:
            return assistant.openings(lang, documents, count)

    def follow_ups(
        self,
        answer: Answer,
        asked: Sequence[str] = (),
        lang: "Lang | None" = None,
        documents: Collection[str] | None = None,
        count: int = 3,
    ) -> list[str]:
        """As `Assistant.follow_ups`."""
        with self.using() as assistant:
            return assistant.follow_ups(answer, asked, lang, documents, count)

    def nearest(
        self,
        question: str,
        lang: "Lang | None" = None,
        documents: Collection[str] | None = None,
        count: int = 3,
    ) -> list[str]:
        """As `Assistant.nearest`."""
        with self.using() as assistant:
            return assistant.nearest(question, lang, documents, count)

    @contextmanager
    def using(self) -> "Iterator[Assistant]":
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
