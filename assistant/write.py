"""The engine with a chat model: a LangChain runnable from a question to an answer of checked lines.

condense | plan | search | write: a follow-up is made to stand alone, a comparison is broken into
questions, the library is searched for all of them, and the model writes from what was found, one
sentence a line. Each sentence goes through the gate as soon as its line is whole; one that fails is
given back once with what the check found, and is then left out, or shown as unverified. Passages,
questions and drafts reach the model between marks that no text of others can hold.
Where the model fails, or nothing of it can be verified, the extractive answer stands in, with a
sentence that says so. Not covered: what the answer looks like (`assistant.render`).
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import prompts
from assistant.cite import compose, refuse
from assistant.draft import Draft, drafts, is_abstention, plain
from assistant.find import Finder, Found
from assistant.llm import ChatModel, Meter, ModelFailed
from assistant.query import FRAME, LONGEST_QUESTION, Query
from assistant.remarks import COPIED, REMARKS, Remark, findings
from assistant.types import Answer, Event, Partial, Step
from assistant.verify import Checked, Gate
from index.language import detect
from index.types import Lang, Passage

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

log = logging.getLogger(__name__)

NEAREST = 8  # passages whose sections are named when a question is refused
LONGEST_ANSWER = 12  # sentences; a model that runs on is stopped
MOST_SENTENCES = 40  # of a model's, shown or not
REPAIRS = 4  # sentences of one answer that are given back
SUB_QUESTIONS = 4
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
        return {k: round(seconds[k] * 1000, 2) for k in wanted if k in seconds}


@dataclass(frozen=True, slots=True)
class _Task:
    """What runs through the chain: the question and all that is known of it so far."""

    question: str
    earlier: Sequence[str]
    query: Query
    stopped: Callable[[], bool]
    meter: Meter
    clock: _Clock
    begun: float
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


class _Stopped(Exception):
    """Nobody waits for the answer any more."""


class Writer:
    """Answers with a chat model over one library. Safe to share between threads."""

    def __init__(
        self,
        model: ChatModel,
        finder: Finder,
        gate: Gate,
        *,
        passages: int = 12,
        show_unverified: bool = False,
    ) -> None:
        self.model = model
        self._finder = finder
        self.gate = gate
        self._passages = passages
        self._show_unverified = show_unverified

    def stream(
        self,
        question: str,
        earlier: Sequence[str],
        lang: Lang | None,
        extract: Callable[[Found], Answer],
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Event]:
        """Steps, partial answers, and the Answer to a cleaned question; `extract` stands in."""
        query = self._finder.understand(question, earlier, lang)
        meter, begun = Meter(self.model.prices), time.perf_counter()
        task = _Task(question, earlier, query, stopped, meter, _Clock(), begun)
        try:
            yield from self.chain.stream(task)
        except ModelFailed as failure:
            log.warning("%s: %s", self.model.name, failure)
            yield self._stand_in(task, extract, failure.reason)
        except _Unverified:
            yield self._stand_in(task, extract, "unverified")
        except _Stopped:
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
        if not task.query.follow_up:
            yield task
            return
        yield Step("condense")
        start = time.perf_counter()
        told = prompts.load_chat(
            "condense", detect(task.question).main, frozenset({"earlier", "question"})
        )
        user = told.user.substitute(
            earlier="\n".join(prompts.fence("e", q, inline=True) for q in task.earlier[-4:]),
            question=prompts.fence("q", task.question, inline=True),
        )
        lines = self._aside(told.system, user, task)
        task.clock.add("condense", start)
        good = [line for line in map(plain, lines[:1]) if _is_question(line, task.question)]
        yield replace(task, standalone=good[0]) if good else task

    def _plan(self, task: _Task) -> Iterator[Event | _Task]:
        """The questions that a comparison or a list takes, where the model names any."""
        asked = task.standalone or task.question
        if not (COMPARES.search(asked) or {"list", "table"} & task.query.asks):
            yield task
            return
        yield Step("plan")
        start = time.perf_counter()
        told = prompts.load_chat("plan", detect(asked).main, frozenset({"question"}))
        user = told.user.substitute(question=prompts.fence("q", asked, inline=True))
        lines = self._aside(told.system, user, task)
        task.clock.add("plan", start)
        parts = [
            line
            for line in map(plain, lines)
            if _is_question(line, asked) and self._shares(line, asked)
        ]
        yield replace(task, parts=tuple(dict.fromkeys(parts[:SUB_QUESTIONS])))

    def _search(self, task: _Task) -> Iterator[Event | _Task]:
        """The rankings for the question, and for what it was made into; or the refusal."""
        yield Step("search")
        start = time.perf_counter()
        asked = [task.query]
        for text in task.searched:
            asked.append(self._finder.understand(text, (), task.query.language))
        found = [self._finder.find(query) for query in asked]
        task.clock.add("retrieve", start)
        task = replace(task, found=tuple(found))
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
            yield from self._sentences(task, context, page, start)
        except ModelFailed as failure:
            if failure.reason == "overflow" or not page.verified:
                raise
            log.warning("%s broke off: %s", self.model.name, failure)
            page.cut = True
        task.clock.add("write", start)
        if task.stopped():
            raise _Stopped
        if page.abstained:
            yield self._refusal(task, f"llm:{self.model.name}")
        elif page.verified:
            yield self._finished(task, page)
        else:
            raise _Unverified

    def _sentences(
        self, task: _Task, context: Sequence[Passage], page: "_Page", start: float
    ) -> Iterator[Event]:
        """Checks what the model writes onto the page, line by line."""
        for draft in self._drafts(task, context):
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

    def _drafts(self, task: _Task, context: Sequence[Passage]) -> Iterator[Draft | None]:
        """The model's sentences; None where it says that the passages do not answer."""
        lang = task.query.language
        told = prompts.load_chat("answer", lang, frozenset({"passages", "question"}))
        asked = dict.fromkeys(filter(None, (task.question, task.standalone)))
        system, user = (
            told.system,
            told.user.substitute(
                passages=_shown(context, lang), question=prompts.fence("q", "\n".join(asked))
            ),
        )
        seen: set[str] = set()
        for line in self.model.lines(system, user, task.meter, task.stopped):
            if is_abstention(line):
                yield None
                continue
            for draft in drafts(line, self._finder.index.analyzer.morphology.sentences):
                if draft.text not in seen:  # a weak model says the same thing again
                    seen.add(draft.text)
                    yield draft

    def _check(self, draft: Draft, context: Sequence[Passage], task: _Task) -> Checked:
        start = time.perf_counter()
        cited = [context[n - 1] for n in draft.numbers if 1 <= n <= len(context)]
        checked = self.gate.check(draft.text, cited, task.query.language, context)
        task.clock.add("verify", start)
        return checked

    def _repaired(
        self, draft: Draft, checked: Checked, context: Sequence[Passage], task: _Task
    ) -> Checked:
        """The sentence as the model mends it, if that passes; else as it was."""
        lang = task.query.language
        told = prompts.load_chat("repair", lang, frozenset({"passages", "sentence", "found"}))
        user = told.user.substitute(
            passages=_shown(context, lang),
            sentence=prompts.fence("d", draft.text),
            found=findings(checked.checks, lang),
        )
        for line in self._aside(told.system, user, task)[:1]:
            if is_abstention(line):
                break
            for again in drafts(line, self._finder.index.analyzer.morphology.sentences):
                mended = self._check(again, context, task)
                return mended if mended.passed else checked
        return checked

    def _aside(self, system: str, user: str, task: _Task) -> list[str]:
        """A reply that the answer can do without; a model that cannot be had at all is told of."""
        try:
            lines = self.model.complete(system, user, task.meter, task.stopped)
        except ModelFailed as failure:
            if failure.reason in ("access", "not_found", "outage", "timeout", "rate_limit"):
                raise
            log.warning("%s: %s", self.model.name, failure)
            lines = []
        if task.stopped():
            raise _Stopped
        return lines

    def _shares(self, part: str, whole: str) -> bool:
        """Whether a sub-question holds a word of the question: it may not leave its subject."""
        groups = self._finder.index.analyzer.question_groups
        words = {t for g in groups(whole, FRAME) for t in (g.word, *g.alternatives)}
        return any(g.word in words for g in groups(part, FRAME))

    def _composed(self, task: _Task, kept: Sequence[Checked]) -> Answer:
        answer = compose(task.query, kept, self._finder.index.documents)
        return replace(answer, engine=f"llm:{self.model.name}", searched=task.searched)

    def _finished(self, task: _Task, page: "_Page") -> Answer:
        remarks = [self._remark("cut", task)] if page.cut else []
        if page.dropped and not self._show_unverified:
            remarks.append(self._remark("dropped", task, page.dropped))
        return replace(
            self._composed(task, page.kept),
            notice=" ".join(remarks) or None,
            usage=task.meter.usage,
            timings_ms=task.clock.timings(),
        )

    def _refusal(self, task: _Task, engine: str) -> Answer:
        nearest = [self._finder.index.passages[i] for i in task.found[0].ranking.places[:NEAREST]]
        return replace(
            refuse(task.query, nearest),
            engine=engine,
            searched=task.searched,
            usage=task.meter.usage,
            timings_ms=task.clock.timings(),
        )

    def _stand_in(self, task: _Task, extract: Callable[[Found], Answer], why: Remark) -> Answer:
        """The extractive answer, and why."""
        start = time.perf_counter()
        answer = extract(self._finder.find(task.query))
        task.clock.add("retrieve", start)
        copied = COPIED[answer.language] if answer.sentences else ""
        return replace(
            answer,
            notice=self._remark(why, task) + copied,
            usage=task.meter.usage,
            timings_ms=task.clock.timings(),
        )

    def _remark(self, why: Remark, task: _Task, count: int = 0) -> str:
        return REMARKS[task.query.language][why].format(name=self.model.name, count=count)


class _Unverified(Exception):
    """The model wrote, and nothing of it passed."""


def _shown(context: Sequence[Passage], lang: Lang) -> str:
    """The passages under their numbers, below their headings, in the answer's language if known."""
    parts: list[str] = []
    heading = ""
    for n, passage in enumerate(context, start=1):
        titles = passage.section_titles
        title = titles.get(lang) or next(iter(titles.values()), "")
        if title and title != heading:
            parts.append(prompts.fence("s", title, inline=True))
            heading = title
        parts.append(prompts.fence(str(n), passage.in_language(lang) or passage.text, inline=True))
    return "\n".join(parts)


def _is_question(line: str, asked: str) -> bool:
    """Whether a line of the model's can be searched for in place of what was asked."""
    return (
        0 < len(line) <= min(LONGEST_QUESTION, 200 + 2 * len(asked))
        and detect(line).main == detect(asked).main
        and bool(re.search(r"\w{2}", line))
    )
