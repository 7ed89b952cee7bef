"""The engine with a chat model: a LangChain runnable from a question to an answer of checked lines.

condense | plan | search | write: a follow-up is made to stand alone, a comparison is broken into
questions, the library is searched for all of them, and the model writes from what was found, one
sentence a line. Each sentence goes through the gate as soon as its line is whole; one that fails is
given back once with what the check found, and is then left out, or shown as unverified. Passages,
questions and drafts reach the model between marks that no text of others can hold.
Where the model fails, or nothing of it can be verified, the extractive answer stands in, with a
sentence that says so. Not covered: what the answer looks like (`assistant.render`).
"""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import prompts
from assistant.cite import compose, refuse
from assistant.draft import Draft, drafts, is_abstention, plain
from assistant.find import Finder, Found
from assistant.llm import ChatModel, Meter, ModelFailed, Reason
from assistant.query import FRAME, LONGEST_QUESTION, Query
from assistant.types import Answer, Check, Event, Partial, Step
from assistant.verify import Checked, Gate
from index.language import detect
from index.types import Lang, Passage

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

log = logging.getLogger(__name__)

NEAREST = 8  # passages whose sections are named when a question is refused
LONGEST_ANSWER = 12  # sentences; a model that runs on is stopped
REPAIRS = 4  # sentences of one answer that are given back
SUB_QUESTIONS = 4
LEAST_PASSAGES = 2  # fewer are not tried again where the model cannot read so much
COMPARES = re.compile(
    r"비교|차이|다른 점|달라[지졌]|각각|대비|공통점|반면|"
    r"\bcompar|\bdiffer|\bversus\b|\bvs\b|\bboth\b|\beach\b|"
    r"\b(?:more|less|rather) .{1,60}\bthan\b",
    re.IGNORECASE,
)

# Why the extractive answer stands in, or what of the model's is missing.
Remark = Literal["unverified", "cut", "dropped"] | Reason
_COPIED = {
    "ko": " 그래서 원문에서 뽑은 문장으로 답합니다.",
    "en": " The answer is copied from the documents instead.",
}
_REMARKS: dict[str, dict[Remark, str]] = {
    "ko": {
        "access": "언어 모델({name})이 API 키를 받아들이지 않았습니다.",
        "not_found": "언어 모델({name})을 찾지 못했습니다.",
        "rate_limit": "언어 모델({name})의 사용 한도를 넘었습니다.",
        "timeout": "언어 모델({name})이 제때 응답하지 않았습니다.",
        "outage": "언어 모델({name})에 연결하지 못했습니다.",
        "refusal": "언어 모델({name})이 답변을 거부했습니다.",
        "empty": "언어 모델({name})이 빈 응답을 보냈습니다.",
        "malformed": "언어 모델({name})의 응답을 읽지 못했습니다.",
        "overflow": "찾은 구절이 언어 모델({name})이 한 번에 읽을 수 있는 길이를 넘었습니다.",
        "rejected": "언어 모델({name})이 요청을 받아들이지 않았습니다.",
        "unverified": "언어 모델({name})이 쓴 문장이 하나도 확인되지 않았습니다.",
        "cut": "언어 모델({name})의 응답이 중간에 끊겨, 그때까지 확인된 문장만 보여 드립니다.",
        "dropped": "언어 모델이 쓴 문장 가운데 출처로 확인되지 않은 {count}개를 뺐습니다.",
    },
    "en": {
        "access": "The language model ({name}) did not accept its API key.",
        "not_found": "The language model ({name}) could not be found.",
        "rate_limit": "The language model ({name}) has reached its usage limit.",
        "timeout": "The language model ({name}) did not reply in time.",
        "outage": "The language model ({name}) could not be reached.",
        "refusal": "The language model ({name}) declined to answer.",
        "empty": "The language model ({name}) sent an empty reply.",
        "malformed": "The reply of the language model ({name}) could not be read.",
        "overflow": "The language model ({name}) cannot read all that was found at once.",
        "rejected": "The language model ({name}) did not accept the request.",
        "unverified": "No sentence that the language model ({name}) wrote could be verified.",
        "cut": "The reply of the language model ({name}) broke off; what could be verified of it "
        "is shown.",
        "dropped": "Left out, since the sources do not bear them out: {count} of the model's "
        "sentences.",
    },
}
_FOUND: dict[str, dict[str, str]] = {
    "ko": {
        "number": "구절에 없는 수나 날짜가 있음",
        "name": "구절에 없는 이름이 있음",
        "polarity": "구절과 반대되거나 부정이 뒤바뀜",
        "stance": "전망이나 제언을 사실로 씀",
        "attribution": "누구의 말인지 밝히지 않았거나 다른 사람의 말로 씀",
        "scope": "범위가 구절보다 넓음",
        "cause": "구절에 없는 인과 관계",
        "direction": "방향이나 순서가 구절과 다름",
        "content": "구절에 없는 내용이 있음",
        "entailment": "구절에서 따라 나오지 않음",
        "marker": "주어진 구절의 번호가 없음",
        "source": "근거로 쓸 수 없는 구절",
        "language": "한국어로 쓰지 않음",
        "form": "문장이 아닌 형식",
    },
    "en": {
        "number": "a number or date that the passages do not have",
        "name": "a name that the passages do not have",
        "polarity": "the opposite of the passages, or a negation turned round",
        "stance": "a forecast or advice told as fact",
        "attribution": "told without, or by another than, who said it",
        "scope": "a wider scope than the passages",
        "cause": "a cause that the passages do not give",
        "direction": "another direction or order than the passages",
        "content": "words that the passages do not bear out",
        "entailment": "it does not follow from the passages",
        "marker": "no number of a passage that was given",
        "source": "a passage that cannot be relied on",
        "language": "not in English",
        "form": "not in the form of a sentence",
    },
}


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
        lang = task.query.language
        told = prompts.load_chat("answer", lang, frozenset({"passages", "question"}))
        asked = dict.fromkeys(filter(None, (task.question, task.standalone)))
        user = told.user.substitute(
            passages=_shown(context, lang), question=prompts.fence("q", "\n".join(asked))
        )
        for draft in self._drafts(told.system, user, task):
            if draft is None:  # beside sentences it says nothing
                page.abstained = not page.read
                continue
            if page.abstained:  # read to its end, where the model says what it took
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
            if len(page.kept) == LONGEST_ANSWER:
                return

    def _drafts(self, system: str, user: str, task: _Task) -> Iterator[Draft | None]:
        """The model's sentences; None where it says that the passages do not answer."""
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
        checked = self.gate.check(draft.text, cited, task.query.language)
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
            found=_told(checked.checks, lang),
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
        copied = _COPIED[answer.language] if answer.sentences else ""
        return replace(
            answer,
            notice=self._remark(why, task) + copied,
            usage=task.meter.usage,
            timings_ms=task.clock.timings(),
        )

    def _remark(self, why: Remark, task: _Task, count: int = 0) -> str:
        return _REMARKS[task.query.language][why].format(name=self.model.name, count=count)


class _Unverified(Exception):
    """The model wrote, and nothing of it passed."""


def as_runnable(
    ask: Callable[..., Iterator[Event]],
) -> "Runnable[str | dict[str, Any], Event]":
    """`Assistant.stream` as a LangChain Runnable, for others to build on.

    Takes a question, or a dict with `question` and, where wanted, `history`, `lang` and `engine`.
    `invoke` gives the Answer; `stream` gives Steps and Partials before it.
    """
    from langchain_core.runnables import RunnableLambda

    def run(asked: str | dict[str, Any]) -> Generator[Event, None, None]:
        given = {"question": asked} if isinstance(asked, str) else asked
        yield from ask(**given)

    async def arun(asked: str | dict[str, Any]) -> AsyncIterator[Event]:
        events = run(asked)
        try:
            while (event := await asyncio.to_thread(next, events, None)) is not None:
                yield event
        finally:
            await asyncio.to_thread(events.close)

    return RunnableLambda(run, arun, name="citebrief")


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


def _told(checks: Sequence[Check], lang: Lang) -> str:
    """What the checks found, as the model is told: its own words stay between marks."""
    faults = [check for check in checks if not check.passed]
    return "; ".join(
        _FOUND[lang][check.code]
        + (f" ({prompts.fence('w', check.text, inline=True)})" if check.text else "")
        for check in faults
    )


def _is_question(line: str, asked: str) -> bool:
    """Whether a line of the model's can be searched for in place of what was asked."""
    return (
        0 < len(line) <= min(LONGEST_QUESTION, 200 + 2 * len(asked))
        and detect(line).main == detect(asked).main
        and bool(re.search(r"\w{2}", line))
    )
