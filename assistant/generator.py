"""The generator: what a chat model is asked about one question, and how its replies are read.

Four requests, each a prompt of prompts/ and each answered in lines: a follow-up as a question that
stands alone (condense), the questions that a comparison takes (plan), the answer, and a sentence of
it mended (repair). Passages, questions and drafts reach the model between marks that no text of
others can hold. Not covered: whether a sentence is true (`assistant.gate`), and when each request
is made (`assistant.write`).
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import prompts
from assistant.draft import Draft, drafts, is_abstention, plain
from assistant.llm import ChatModel, Meter, ModelFailed
from assistant.query import FRAME, LONGEST_QUESTION
from assistant.remarks import findings
from assistant.types import Check, Usage
from index.language import detect
from index.terms import Analyzer
from index.types import Lang, Passage

log = logging.getLogger(__name__)

EARLIER = 4  # questions of the conversation that the model is told
SUB_QUESTIONS = 4
# Failures of one request that the next would meet again: the model cannot be had at all.
LASTING = ("access", "not_found", "outage", "timeout", "rate_limit")


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Generator:
    """A chat model at work on one question."""

    def __init__(
        self, model: ChatModel, analyzer: Analyzer, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self.name = model.name
        self.stopped = stopped
        self._model = model
        self._analyzer = analyzer
        self._meter = Meter(model.prices)

    @property
    def usage(self) -> Usage:
        """What all requests took so far."""
        return self._meter.usage

    def condense(self, question: str, history: Sequence[str]) -> str | None:
        """A follow-up as a question that stands alone; None where the model gives none."""
        values = {
            "earlier": "\n".join(_marked("e", text) for text in history[-EARLIER:]),
            "question": _marked("q", question),
        }
        lines = self._aside("condense", detect(question).main, values)
        return next((line for line in map(plain, lines[:1]) if _may_replace(line, question)), None)

    def plan(self, question: str) -> tuple[str, ...]:
        """The questions that a comparison or a list takes, where the model names any."""
        lines = self._aside("plan", detect(question).main, {"question": _marked("q", question)})
        parts = (p for p in map(plain, lines) if _may_replace(p, question))
        kept = [part for part in parts if self._shares_a_word(part, question)]
        return tuple(dict.fromkeys(kept[:SUB_QUESTIONS]))

    def answer(
        self, questions: Sequence[str], context: Sequence[Passage], lang: Lang
    ) -> Iterator[Draft | None]:
        """Sentences as they are written; None where the model says that there is no answer.

        `questions` are wordings of the one question. Raises ModelFailed, also in the middle.
        """
        asked = prompts.fence("q", "\n".join(dict.fromkeys(questions)))
        system, user = _request(
            "answer", lang, {"passages": _shown(context, lang), "question": asked}
        )
        seen: set[str] = set()
        for line in self._model.lines(system, user, self._meter, self.stopped):
            if is_abstention(line):
                yield None
                continue
            for draft in drafts(line, self._analyzer.morphology.sentences):
                if draft.text not in seen:  # a weak model says the same thing again
                    seen.add(draft.text)
                    yield draft

    def repair(
        self, draft: Draft, checks: Sequence[Check], context: Sequence[Passage], lang: Lang
    ) -> Draft | None:
        """The sentence once more, the model being told what `checks` found; None: it gives up."""
        values = {
            "passages": _shown(context, lang),
            "sentence": prompts.fence("d", draft.text),
            "found": findings(checks, lang),
        }
        for line in self._aside("repair", lang, values)[:1]:
            if not is_abstention(line):
                return next(drafts(line, self._analyzer.morphology.sentences), None)
        return None

    def _aside(self, prompt: str, lang: Lang, values: Mapping[str, str]) -> list[str]:
        """A reply that the answer can do without; a model that cannot be had at all is told of."""
        system, user = _request(prompt, lang, values)
        try:
            lines = self._model.complete(system, user, self._meter, self.stopped)
        except ModelFailed as failure:
            if failure.reason in LASTING:
                raise
            log.warning("%s: %s", self.name, failure)
            lines = []
        if self.stopped():
            raise Stopped
        return lines

    def _shares_a_word(self, part: str, whole: str) -> bool:
        """Whether a sub-question holds a word of the question: it may not leave its subject."""
        groups = self._analyzer.question_groups
        words = {t for g in groups(whole, FRAME) for t in (g.word, *g.alternatives)}
        return any(g.word in words for g in groups(part, FRAME))


def _request(prompt: str, lang: Lang, values: Mapping[str, str]) -> tuple[str, str]:
    """The system and the user part of a prompt with its values."""
    told = prompts.load_chat(prompt, lang, frozenset(values))
    return told.system, told.user.substitute(values)


def _marked(mark: str, text: str) -> str:
    return prompts.fence(mark, text, inline=True)


def _shown(context: Sequence[Passage], lang: Lang) -> str:
    """The passages under their numbers, below their headings, in the answer's language if known."""
    parts: list[str] = []
    heading = ""
    for n, passage in enumerate(context, start=1):
        title = passage.section_title(lang)
        if title and title != heading:
            parts.append(_marked("s", title))
            heading = title
        parts.append(_marked(str(n), passage.in_language(lang) or passage.text))
    return "\n".join(parts)


def _may_replace(line: str, asked: str) -> bool:
    """Whether a line of the model's can be searched for in place of what was asked."""
    return (
        0 < len(line) <= min(LONGEST_QUESTION, 200 + 2 * len(asked))
        and detect(line).main == detect(asked).main
        and bool(re.search(r"\w{2}", line))
    )
