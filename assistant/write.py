"""The engine with a chat model: a LangChain runnable from a question to an answer of checked lines.

condense | plan | search | write: a follow-up is made to stand alone, a comparison is broken into
questions, the library is searched for all of them, and the model writes from what was found, one
sentence a line (`assistant.generator`). Each sentence goes through the gate as soon as its line is
whole; one that fails is given back once with what the check found, and is then left out, or shown
as unverified. Where the model fails, or nothing of it can be verified, the extractive answer stands
in, with a sentence that says so. Not covered: what the answer looks like (`assistant.render`).
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assistant.cite import compose, refuse
from assistant.draft import Draft
from assistant.extract import Extractor
from assistant.find import Found, Scope
from assistant.gate import Checked, CheckSentence
from assistant.generator import Generator, Stopped
from assistant.llm import ChatModel, ModelFailed
from assistant.query import Query
from assistant.remarks import COPIED, REMARKS, Remark
from assistant.types import Answer, Event, Partial, Step, milliseconds
from index.types import Lang, Passage

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

log = logging.getLogger(__name__)

LONGEST_ANSWER = 12  # sentences; a model that runs on is stopped
MOST_SENTENCES = 40  # of a model's, shown or not
REPAIRS = 4  # sentences of one answer that are given back
LEAST_PASSAGES = 2  # fewer are not tried again where the model cannot read so much
COMPARES = re.compile(
    r"비교|차이|다른 점|달라[지졌]|각각|대비|공통점|반면|"
    r"\bcompar|\bdiffer|\bversus\b|\bvs\b|\bboth\b|\beach\b|"
    r"\b(?:more|less|rather) .{1,60}\bthan\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Clock:
    """Seconds spent by name; a stretch ends where the next begins."""

    spent: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, since: float) -> None:
        self.spent[name] = self.spent.get(name, 0.0) + time.perf_counter() - since

    def timings(self) -> dict[str, float]:
        verify, whole = self.spent.get("verify", 0.0), self.spent.get("write", 0.0)
        seconds = {**self.spent, "answer": whole - verify, "verify": verify}
        wanted = ("condense", "plan", "retrieve", "answer", "verify", "first_sentence")
        return {name: milliseconds(seconds[name]) for name in wanted if name in seconds}


@dataclass(frozen=True, slots=True)
class _Task:
    """What runs through the chain: the question and all that is known of it so far."""

    question: str
    history: Sequence[str]
    query: Query
    generator: Generator
    clock: _Clock
    begun: float
    scope: Scope = None
    standalone: str | None = None
    parts: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()

    @property
    def searched(self) -> tuple[str, ...]:
        """What was looked for besides the question as typed."""
        return tuple(filter(None, (self.standalone, *self.parts)))


@dataclass(slots=True)
class _Page:
    """What has come of the model's sentences so far."""

    kept: list[Checked] = field(default_factory=list)
    read: int = 0  # sentences of the model's
    dropped: int = 0  # that did not pass, shown or not
    repairs: int = REPAIRS  # that are left
    abstained: bool = False
    cut: bool = False

    @property
    def verified(self) -> bool:
        return any(one.passed for one in self.kept)


class _Unverified(Exception):
    """The model wrote, and nothing of it passed."""


class Writer:
    """Answers with a chat model over one library. Safe to share between threads."""

    def __init__(
        self,
        model: ChatModel,
        extractor: Extractor,
        check: CheckSentence | None = None,
        *,
        passages: int = 12,
        show_unverified: bool = False,
    ) -> None:
        """The model reads the `passages` best; `extractor` stands in for it.

        `check` is that of the extractor's gate where none is given; eval measures with others.
        """
        self.model = model
        self.check = check or extractor.gate.check
        self._extractor = extractor
        self._finder = extractor.finder
        self._passages = passages
        self._show_unverified = show_unverified

    def over(self, extractor: Extractor) -> "Writer":
        """The same writer over the library of another extractor, held to that one's gate."""
        return Writer(
            self.model,
            extractor,
            passages=self._passages,
            show_unverified=self._show_unverified,
        )

    def stream(
        self,
        question: str,
        history: Sequence[str],
        lang: Lang | None,
        stopped: Callable[[], bool] = lambda: False,
        scope: Scope = None,
    ) -> Iterator[Event]:
        """Steps, partial answers, and last the Answer, to a cleaned question after cleaned
        earlier ones; no Answer once `stopped` is true.
        """
        query = self._finder.understand(question, history, lang, scope)
        begun = time.perf_counter()
        generator = Generator(self.model, self._finder.index.analyzer, stopped)
        task = _Task(question, history, query, generator, _Clock(), begun, scope)
        try:
            yield from self.chain.stream(task)
        except ModelFailed as failure:
            log.warning("%s: %s", self.model.name, failure)
            yield self._stand_in(task, failure.reason)
        except _Unverified:
            yield self._stand_in(task, "unverified")
        except Stopped:
            return

    @cached_property
    def chain(self) -> "Runnable[_Task, Event]":
        """The steps as one LangChain runnable, which streams events."""
        from langchain_core.runnables import RunnableGenerator

        def step(
            name: str, work: Callable[[_Task], Iterator[Any]]
        ) -> "RunnableGenerator[Any, Any]":
            def transform(items: Iterator[Any]) -> Iterator[Any]:
                for item in items:  # events of the steps before pass through
                    if isinstance(item, _Task):
                        yield from work(item)
                    else:
                        yield item

            return RunnableGenerator(transform, name=name)

        return (
            step("condense", self._condense)
            | step("plan", self._plan)
            | step("search", self._search)
            | step("write", self._write)
        )

    def _condense(self, task: _Task) -> Iterator[Event | _Task]:
        """A follow-up as a question that stands alone, searched beside the question as typed."""
        if task.query.follow_up:
            yield Step("condense")
            start = time.perf_counter()
            standalone = task.generator.condense(task.question, task.history)
            task.clock.add("condense", start)
            task = replace(task, standalone=standalone)
        yield task

    def _plan(self, task: _Task) -> Iterator[Event | _Task]:
        """The questions that a comparison or a list takes."""
        asked = task.standalone or task.question
        if COMPARES.search(asked) or {"list", "table"} & task.query.asks:
            yield Step("plan")
            start = time.perf_counter()
            parts = task.generator.plan(asked)
            task.clock.add("plan", start)
            task = replace(task, parts=parts)
        yield task

    def _search(self, task: _Task) -> Iterator[Event | _Task]:
        """The rankings for the question, and for what it was made into; or the refusal."""
        yield Step("search")
        start = time.perf_counter()
        lang = task.query.language
        queries = [self._finder.understand(text, (), lang, task.scope) for text in task.searched]
        found = tuple(self._finder.find(query, task.scope) for query in (task.query, *queries))
        task.clock.add("retrieve", start)
        task = replace(task, found=found)
        if any(one.ranking.answerable for one in found):
            yield task
        else:
            yield self._refusal(task, "extractive")

    def _write(self, task: _Task) -> Iterator[Event]:
        """The answer, line by line; with fewer passages where the model cannot read so many."""
        start, limit = time.perf_counter(), self._passages
        while True:
            try:
                yield from self._write_from(task, limit, start)
                return
            except ModelFailed as failure:
                if failure.reason != "overflow" or limit // 2 < LEAST_PASSAGES:
                    task.clock.add("write", start)
                    raise
                limit //= 2

    def _write_from(self, task: _Task, limit: int, start: float) -> Iterator[Event]:
        context = self._finder.context(task.found, limit)
        if not context:
            yield self._refusal(task, "extractive")
            return
        yield Step("read", len(context))
        yield Step("write")
        page = _Page()
        try:
            yield from self._sentences(task, context, page)
        except ModelFailed as failure:
            if failure.reason == "overflow" or not page.verified:
                raise
            log.warning("%s broke off: %s", self.model.name, failure)
            page.cut = True
        task.clock.add("write", start)
        if task.generator.stopped():
            raise Stopped
        if page.abstained:
            yield self._refusal(task, f"llm:{self.model.name}")
        elif page.verified:
            yield self._finished(task, page)
        else:
            raise _Unverified

    def _sentences(self, task: _Task, context: Sequence[Passage], page: _Page) -> Iterator[Event]:
        """Checks what the model writes onto the page, sentence by sentence."""
        asked = [task.question, task.standalone] if task.standalone else [task.question]
        for draft in task.generator.answer(asked, context, task.query.language):
            if draft is None:
                page.abstained = not page.read  # beside sentences it says nothing
                continue
            if not page.read:
                yield Step("check")
            page.read += 1
            checked = self._check(draft, context, task)
            if not checked.passed and page.repairs:
                page.repairs -= 1
                yield Step("repair")
                checked = self._repaired(draft, checked, context, task)
            page.dropped += not checked.passed
            if any(checked.text == one.text for one in page.kept):  # mended into one already there
                continue
            if checked.passed or (self._show_unverified and checked.passages):
                page.kept.append(checked)
                if len(page.kept) == 1:
                    task.clock.add("first_sentence", task.begun)
                if page.verified:  # else the extractive answer may yet stand in
                    yield Partial(self._composed(task, page.kept))
            if len(page.kept) == LONGEST_ANSWER or page.read == MOST_SENTENCES:
                return

    def _check(self, draft: Draft, context: Sequence[Passage], task: _Task) -> Checked:
        start = time.perf_counter()
        cited = [context[n - 1] for n in draft.numbers if 1 <= n <= len(context)]
        checked = self.check(draft.text, cited, task.query.language, context)
        task.clock.add("verify", start)
        return checked

    def _repaired(
        self, draft: Draft, checked: Checked, context: Sequence[Passage], task: _Task
    ) -> Checked:
        """The sentence as the model mends it, if that passes; else as it was."""
        again = task.generator.repair(draft, checked.checks, context, task.query.language)
        mended = self._check(again, context, task) if again else checked
        return mended if mended.passed else checked

    def _composed(self, task: _Task, kept: Sequence[Checked]) -> Answer:
        answer = compose(task.query, kept, self._finder.index.documents)
        return replace(answer, engine=f"llm:{self.model.name}", searched=task.searched)

    def _finished(self, task: _Task, page: _Page) -> Answer:
        remarks = [self._remark("cut", task)] if page.cut else []
        if page.dropped and not self._show_unverified:
            remarks.append(self._remark("dropped", task, page.dropped))
        answer = self._composed(task, page.kept).noting(" ".join(remarks))
        return _accounted(answer, task)

    def _refusal(self, task: _Task, engine: str) -> Answer:
        answer = refuse(task.query, self._finder.nearest(task.found[0]))
        return _accounted(replace(answer, engine=engine, searched=task.searched), task)

    def _stand_in(self, task: _Task, why: Remark) -> Answer:
        """The extractive answer, and why."""
        start = time.perf_counter()
        answer = self._extractor.answer(self._finder.find(task.query, task.scope))
        task.clock.add("retrieve", start)
        copied = COPIED[answer.language] if answer.sentences else ""
        return _accounted(answer.noting(self._remark(why, task) + copied), task)

    def _remark(self, why: Remark, task: _Task, count: int = 0) -> str:
        return REMARKS[task.query.language][why].format(name=self.model.name, count=count)


def _accounted(answer: Answer, task: _Task) -> Answer:
    """With what it took."""
    return replace(answer, usage=task.generator.usage, timings_ms=task.clock.timings())
