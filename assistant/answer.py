"""Assistant.ask: a question in, an Answer out.

Two engines answer: `assistant.extract` copies passages, and `assistant.write` has a chat model
write where one is configured. Both search with one Finder, and each sentence of either goes through
one Gate. `stream` tells of the steps, and shows sentences as they are checked; `ask` is its end.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from assistant.errors import InputError
from assistant.extract import Extractor
from assistant.find import Finder
from assistant.gate import Gate
from assistant.holdings import Holdings
from assistant.query import clean, clean_history
from assistant.settings import Settings
from assistant.types import Answer, Event, Partial, milliseconds
from assistant.verify import Verifier
from index.build import Index, Progress
from index.language import detect
from index.models import Reranker, load_embedder, load_reranker
from index.nli import Entailment, load_entailment
from index.types import Hit, Lang

if TYPE_CHECKING:
    from assistant.check_types import TextCheck
    from assistant.checking import Checker
    from assistant.concepts import Concept
    from assistant.llm import ChatModel
    from assistant.suggest import Suggestions
    from assistant.why import Explanation
    from assistant.write import Writer
    from index.page import Originals

Engine = Literal["auto", "extractive", "llm"]


class Assistant:
    """Answers questions about an open library. Safe to share between threads."""

    writer: "Writer | None" = None  # the engine with a chat model; without one answers are copied
    originals: "Originals | None" = None  # files whose pages can be shown, where any are kept

    def __init__(
        self,
        index: Index,
        reranker: Reranker | None = None,
        entailment: Entailment | None = None,
        holdings: Holdings | None = None,
    ) -> None:
        """`holdings` is the library that the index was opened from, where it may change."""
        self.index = index
        self.holdings = holdings
        self.state = ""  # of the holdings when the index was opened
        self.kept: frozenset[str] = frozenset()  # its documents that the record keeps
        self._reranker, self._entailment = reranker, entailment
        self.finder = Finder(index, reranker)
        self.retriever = self.finder.retriever
        self.gate = Gate(index.documents, Verifier(index.analyzer), entailment)
        self.extractor = Extractor(self.finder, self.gate)

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> "Assistant":
        """Open the library of `settings`, building its index first where it must be."""
        # A wrong name is told before a long build.
        model = open_model(settings)
        reranker = load_reranker(settings.reranker)
        entailment = load_entailment(settings.nli)
        holdings = Holdings(settings)
        state = holdings.state()
        index = holdings.index(load_embedder(settings.embedder), progress)
        assistant = cls(index, reranker, entailment, holdings)
        assistant.state, assistant.kept = state, frozenset(holdings.ids() & index.documents.keys())
        assistant.originals = holdings
        if model is not None:
            shows = settings.unverified == "show"
            assistant.write_with(model, passages=settings.llm_passages, show_unverified=shows)
        return assistant

    def renewed(self) -> "Assistant":
        """The same assistant over its library as that is now; this one stays as it is.

        ValueError for one that was not opened from a library that may change.
        """
        if self.holdings is None:
            raise ValueError("an assistant over an index alone has no library to open anew")
        state = self.holdings.state()
        index = self.holdings.index(self.index.embedder)
        renewed = Assistant(index, self._reranker, self._entailment, self.holdings)
        renewed.state, renewed.originals = state, self.originals
        renewed.kept = frozenset(self.holdings.ids() & index.documents.keys())
        if self.writer is not None:
            renewed.writer = self.writer.over(renewed.extractor)
        return renewed

    def write_with(
        self, model: "ChatModel", *, passages: int = 12, show_unverified: bool = False
    ) -> None:
        """Have a chat model write the answers from the best `passages` and their neighbours."""
        from assistant.write import Writer  # brings LangChain

        self.writer = Writer(
            model, self.extractor, passages=passages, show_unverified=show_unverified
        )

    def warm(self) -> None:
        """Load what the first question would otherwise wait for."""
        self.retriever.search("준비 ready", limit=1)
        if self.writer is not None:
            self.gate.verifier.support("준비가 되었다.", [("The words are read ahead.",)])

    def examples(self, lang: str) -> list[str]:
        """Questions that the library's documents can answer, to start with."""
        return [q for d in self.index.documents.values() for q in d.examples.get(lang, ())]

    @cached_property
    def suggestions(self) -> "Suggestions":
        """Questions that the library answers, made of its own words."""
        from assistant.suggest import Suggestions

        return Suggestions(self.finder, lambda: self.concepts.values())

    @cached_property
    def concepts(self) -> "Mapping[str, Concept]":
        """What the glossary and the thesaurus of the index call things, by the index's ids."""
        from assistant.concepts import load_concepts

        made_with = self.index.manifest.lexicon
        if self.holdings is None:
            return load_concepts(made_with)
        settings = self.holdings.settings
        return load_concepts(made_with, settings.glossary, settings.thesaurus)

    def openings(
        self, lang: Lang, documents: Collection[str] | None = None, count: int = 4
    ) -> list[str]:
        """Questions to start with: the documents' own examples, else such as are made of them."""
        return self.suggestions.openings(lang, self.finder.scope(documents), count)

    def follow_ups(
        self,
        answer: Answer,
        asked: Sequence[str] = (),
        lang: Lang | None = None,
        documents: Collection[str] | None = None,
        count: int = 3,
    ) -> list[str]:
        """Questions to go on with after `answer`, in its language or `lang`.

        Each is answered by the `documents` with something that `answer` does not show. `asked` are
        the questions of the conversation so far. After a refusal, as `nearest`.
        """
        reader, scope = lang or answer.language, self.finder.scope(documents)
        if not answer.citations:
            return self.nearest(answer.question, reader, documents, count)
        return self.suggestions.follow_ups(answer, asked, reader, scope, count)

    def nearest(
        self,
        question: str,
        lang: Lang | None = None,
        documents: Collection[str] | None = None,
        count: int = 3,
    ) -> list[str]:
        """Questions that the library, or those `documents` of it, answers, nearest to this one."""
        text, scope = clean(question), self.finder.scope(documents)
        reader = lang or detect(text).main
        return self.suggestions.nearest(text, reader, scope, count)

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: Literal["auto", "ko", "en"] = "auto",
        engine: Engine = "auto",
        id: str = "",
        documents: Collection[str] | None = None,
    ) -> Answer:
        """Answer `question` in its own language, or in `lang`.

        `history` holds the earlier questions of the conversation, oldest first. `engine` auto is
        the chat model where one is configured. `documents` are the ids of those that are asked,
        where not the whole library is. Raises InputError for a question that is empty or too long,
        for the engine llm without a model, and for documents that the library does not hold.
        """
        for event in self.stream(
            question, history, lang=lang, engine=engine, id=id, documents=documents
        ):
            if isinstance(event, Answer):
                return event
        raise RuntimeError("the answer was stopped, and nothing could have stopped it")

    def stream(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: Literal["auto", "ko", "en"] = "auto",
        engine: Engine = "auto",
        id: str = "",
        stopped: Callable[[], bool] = lambda: False,
        documents: Collection[str] | None = None,
    ) -> Iterator[Event]:
        """The steps of answering, partial answers of checked sentences, and last the Answer.

        Stops without an Answer, and stops the model, once `stopped` is true or nobody reads on.
        Otherwise as `ask`.
        """
        check_engine(engine, configured=self.writer is not None)
        start = time.perf_counter()
        text, earlier = clean(question), clean_history(history)
        scope = self.finder.scope(documents)
        wanted = None if lang == "auto" else lang
        if self.writer is not None and engine != "extractive":
            events = self.writer.stream(text, earlier, wanted, stopped, scope)
        else:
            events = self.extractor.stream(text, earlier, wanted, scope)
        for event in events:
            if isinstance(event, Answer):
                timings = {**event.timings_ms, "total": milliseconds(time.perf_counter() - start)}
                yield replace(event, id=id, question=question, timings_ms=timings)
            elif isinstance(event, Partial):
                yield Partial(replace(event.answer, id=id, question=question))
            else:
                yield event

    def check(
        self,
        text: str,
        lang: Literal["auto", "ko", "en"] = "auto",
        documents: Sequence[str] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> "TextCheck":
        """Hold each sentence of `text` against the library, as `Checker.check`."""
        return self.checker.check(text, lang, documents, stopped=stopped)

    @cached_property
    def checker(self) -> "Checker":
        """What checks texts against this library."""
        from assistant.checking import Checker

        return Checker(self.finder, self.gate)

    def explain(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: Literal["auto", "ko", "en"] = "auto",
        documents: Collection[str] | None = None,
    ) -> "Explanation":
        """How `question` is understood, what is found for it, and why it is answered or refused."""
        from assistant.why import explain

        scope = self.finder.scope(documents)
        wanted = None if lang == "auto" else lang
        query = self.finder.understand(clean(question), clean_history(history), wanted, scope)
        return explain(self.finder, query, scope, self.concepts)

    def retrieve(
        self,
        question: str,
        history: Sequence[str] = (),
        limit: int = 10,
        *,
        documents: Collection[str] | None = None,
    ) -> tuple[list[Hit], float]:
        """The best passages for a question, best first, answered or not.

        Also the probability in [0, 1] that the library, or those `documents` of it, answers it.
        """
        scope = self.finder.scope(documents)
        query = self.finder.understand(clean(question), clean_history(history), None, scope)
        found = self.finder.find(query, scope)
        return self.finder.hits(found, limit), found.ranking.probability


def check_engine(engine: str, *, configured: bool) -> None:
    """InputError where a chat model is asked for and none is configured."""
    if engine == "llm" and not configured:
        raise InputError(
            "The engine 'llm' needs a chat model, and none is configured; set CITEBRIEF_LLM to "
            "provider:model, or choose auto or extractive, which answer without one."
        )


def open_model(settings: Settings) -> "ChatModel | None":
    """The chat model of `settings`, if any; no call is made yet."""
    if settings.llm is None:
        return None
    from assistant.llm import ChatModel, open_chat_model

    model = open_chat_model(
        settings.llm,
        told="CITEBRIEF_LLM",
        base_url=settings.llm_base_url,
        timeout=settings.llm_timeout,
        max_tokens=settings.llm_max_tokens,
    )
    return ChatModel(model, settings.llm, settings.llm_prices, settings.llm_timeout)
