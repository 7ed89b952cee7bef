"""The state of one server, and the assistant as each door has it: admitted, counted and logged.

A door is where a question came in: "page", "api" (gradio_client), "rest" or "mcp".
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError, InputError
from assistant.settings import Settings
from assistant.types import Answer, Event, Partial
from assistant.web import logs
from assistant.web.limits import Rate, Refused
from assistant.web.metrics import Metrics

if TYPE_CHECKING:
    import gradio as gr

    from assistant.live import Live
    from assistant.web.login import Sessions


class Service:
    """What the routes, the page and the API share. Safe to share between threads."""

    def __init__(
        self, settings: Settings, assistant: "Live", sessions: "Sessions | None" = None
    ) -> None:
        """`sessions` know who is logged in; None: there is no login."""
        self.settings, self.assistant, self.sessions = settings, assistant, sessions
        self.metrics = Metrics()
        self.rate = Rate(settings.rate)
        self.page: gr.Blocks | None = None
        self.hang_up: Callable[[], None] = lambda: None  # ends what pages keep open
        self.closing: list[Callable[[], Awaitable[None]]] = []  # when the server has stopped
        self.warm = False
        self.draining = False
        self.running = 0
        self.waiting = 0
        self._lock = threading.Lock()
        self._turns: asyncio.Semaphore | None = None
        follow = self.metrics.follow
        follow("citebrief_running", "Questions under way.", lambda: self.running)
        follow("citebrief_queue_length", "Questions that wait.", self.queued)
        follow("citebrief_library_documents", "Documents.", lambda: len(assistant.index.documents))
        follow("citebrief_library_passages", "Passages.", lambda: len(assistant.index.passages))
        follow("citebrief_ready", "Whether questions are taken.", lambda: not self.missing())

    def missing(self) -> list[str]:
        """What is wanting before questions are taken; nothing: it is ready."""
        return [
            *([] if self.warm else ["models"]),
            *(["stopping"] if self.draining else []),
        ]

    def queued(self) -> int:
        """How many questions wait for their turn, at all doors."""
        return self.waiting + (len(self.page._queue) if self.page is not None else 0)

    def full(self) -> bool:
        """Whether no more questions may wait."""
        return self.queued() >= self.settings.queue

    def idle(self) -> bool:
        """Whether nothing is under way."""
        jobs = self.page._queue.active_jobs if self.page is not None else []
        return not (self.running or self.queued() or any(job is not None for job in jobs))

    def admit(self, request: Any | None) -> None:
        """Refused (an InputError) where whoever sent `request` asks too often; counts the question.

        `request` is starlette's or Gradio's; None is nobody in particular, who is always admitted.
        """
        if request is None:
            return
        state = logs.state_of(request)
        client = getattr(request, "client", None)
        key = state.get("user") or f"@{getattr(client, 'host', '')}"
        if seconds := self.rate.wait(str(key)):
            self.metrics.refused.labels("rate").inc()
            accepted = str(request.headers.get("accept-language", ""))
            raise Refused("rate", accepted, seconds, 429)

    def watched(self, door: str) -> "Watched":
        """The assistant as a door has it."""
        return Watched(self, door)

    @asynccontextmanager
    async def turn(self, request: Any | None = None) -> AsyncIterator[None]:
        """A turn for a question beside Gradio's queue; Refused where too many wait."""
        accepted = str(request.headers.get("accept-language", "")) if request is not None else ""
        if self.draining or self.full():
            what = "stopping" if self.draining else "full"
            self.metrics.refused.labels(what).inc()
            raise Refused(what, accepted)
        if self._turns is None:
            self._turns = asyncio.Semaphore(self.settings.users)
        self.waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Counts what runs, so that a stop waits for it."""
        with self._lock:
            self.running += 1
        try:
            yield
        finally:
            with self._lock:
                self.running -= 1


class Watched:
    """An assistant whose questions are admitted, counted and logged; else as the one inside."""

    def __init__(self, service: Service, door: str, request: Any | None = None) -> None:
        """`request` is who asks; None: the request of the Gradio event that runs."""
        self._service, self._door, self._request = service, door, request

    def __getattr__(self, name: str) -> Any:
        """Whatever is not watched."""
        return getattr(self._service.assistant, name)

    def of(self, request: Any) -> "Watched":
        """The same for one request."""
        return Watched(self._service, self._door, request)

    def ask(self, question: str, history: Any = (), **options: Any) -> Answer:
        """As `Assistant.ask`."""
        for event in self.stream(question, history, **options):
            if isinstance(event, Answer):
                return event
        raise RuntimeError("the answer was stopped, and nothing could have stopped it")

    def stream(self, question: str, history: Any = (), **options: Any) -> Iterator[Event]:
        """As `Assistant.stream`."""
        request = self._request if self._request is not None else logs.current_request()
        service, door = self._service, self._door
        start, first, answer = time.perf_counter(), 0.0, None
        status = "stopped"
        service.admit(request)
        with service.under_way(), self._failures():
            try:
                for event in service.assistant.stream(question, history, **options):
                    if isinstance(event, Answer):
                        answer, status = event, event.status
                        first = first or time.perf_counter() - start
                        took = time.perf_counter() - start
                        service.metrics.answer_seconds.labels(door).observe(took)
                    elif isinstance(event, Partial) and event.answer.sentences:
                        first = first or time.perf_counter() - start
                    yield event
            except Exception:
                status = "error"
                raise
            finally:
                if first:
                    service.metrics.first_sentence_seconds.labels(door).observe(first)
                engine = answer.engine if answer else "none"
                engine = engine if engine == "extractive" or not answer else "llm"
                language = answer.language if answer else "none"
                service.metrics.questions.labels(engine, status, language, door).inc()
                self._tell(request, question, status, answer, options.get("id"), start)

    def retrieve(self, question: str, history: Any = (), limit: int = 10, **options: Any) -> Any:
        """As `Assistant.retrieve`."""
        counter = self._service.metrics.searches
        return self._once(
            counter, lambda inner: inner.retrieve(question, history, limit, **options)
        )

    def check(self, text: str, *given: Any, **options: Any) -> Any:
        """As `Assistant.check`."""
        counter = self._service.metrics.checks
        return self._once(counter, lambda inner: inner.check(text, *given, **options))

    def _once(self, counter: Any, work: Any) -> Any:
        request = self._request if self._request is not None else logs.current_request()
        self._service.admit(request)
        status = "error"
        with self._service.under_way(), self._failures():
            try:
                found = work(self._service.assistant)
                status = "done"
                return found
            finally:
                counter.labels(status, self._door).inc()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        errors = self._service.metrics.errors
        try:
            yield
        except InputError:
            errors.labels("input").inc()
            raise
        except AssistantError:
            errors.labels("assistant").inc()
            raise
        except Exception:
            errors.labels("fault").inc()
            raise

    def _tell(
        self,
        request: Any,
        question: str,
        status: str,
        answer: Answer | None,
        id: str | None,
        start: float,
    ) -> None:
        state = logs.state_of(request) if request is not None else {}
        logs.say(
            "question",
            level=logging.INFO,
            request_id=state.get("request_id"),
            user=logs.hashed(state.get("user")),
            door=self._door,
            answer=answer.id if answer else id,
            engine=answer.engine if answer else None,
            answer_status=status,
            language=answer.language if answer else None,
            timings_ms=dict(answer.timings_ms) if answer else None,
            ms=round((time.perf_counter() - start) * 1000, 1),
            question=question if self._service.settings.log_questions else None,
        )
