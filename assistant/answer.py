"""Assistant.ask: a question in, an Answer out. The one deep module of the assistant.

Understand the question, score the library, decide whether the library answers it, choose the
passages, and write them down with citations that are checked against the document's text.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from assistant.cite import cite, refuse
from assistant.extract import choose
from assistant.query import clean, clean_history, understand
from assistant.rank import load_models, rank
from assistant.settings import Settings
from assistant.types import Answer
from index.build import Index, Progress, open_index
from index.models import Reranker, load_embedder, load_reranker
from index.retrieve import Retriever
from index.types import Hit

log = logging.getLogger(__name__)

NEAREST = 8  # passages whose sections are named when a question is refused


class Assistant:
    """Answers questions about an open library. Safe to share between threads."""

    def __init__(self, index: Index, reranker: Reranker | None = None) -> None:
        self.index = index
        self.reranker = reranker
        self.retriever = Retriever(index)
        self.models = load_models()
        self._titles = [t for d in index.documents.values() for t in d.titles.values()]

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> "Assistant":
        """Open the library of `settings`, building its index first where it must be."""
        reranker = load_reranker(settings.reranker)  # a wrong name is told before a long build
        index = open_index(
            settings.library,
            settings.index,
            load_embedder(settings.embedder),
            glossary=settings.glossary,
            thesaurus=settings.thesaurus,
            progress=progress,
        )
        return cls(index, reranker)

    def warm(self) -> None:
        """Load what the first question would otherwise wait for."""
        self.retriever.search("준비 ready", limit=1)

    def examples(self, lang: str) -> list[str]:
        """Questions that the library's documents can answer, to start with."""
        return [q for d in self.index.documents.values() for q in d.examples.get(lang, ())]

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: Literal["auto", "ko", "en"] = "auto",
        id: str = "",
    ) -> Answer:
        """Answer `question` in its own language, or in `lang`.

        `history` holds the earlier questions of the conversation, oldest first. Raises InputError
        for a question that is empty or too long.
        """
        start = time.perf_counter()
        text = clean(question)
        earlier = clean_history(history)
        query = understand(
            text, earlier, None if lang == "auto" else lang, self.index.analyzer, self._titles
        )
        scored = self.retriever.score(query.texts, query.groups)
        retrieved = time.perf_counter()
        passages = self.index.passages
        ranking = rank(query, scored, self.retriever, self.models, self.reranker)
        if not ranking.answerable:
            decided = time.perf_counter()
            answer = refuse(query, [passages[i] for i in ranking.places[:NEAREST]])
        else:
            chosen = choose(ranking, passages, query)
            decided = time.perf_counter()
            answer = cite(query, chosen, self.index.documents)
        done = time.perf_counter()
        timings = {
            "retrieve": _ms(retrieved - start),
            "answer": _ms(decided - retrieved),
            "verify": _ms(done - decided),
            "total": _ms(done - start),
        }
        return replace(answer, id=id, question=question, timings_ms=timings)

    def retrieve(
        self, question: str, history: Sequence[str] = (), limit: int = 10
    ) -> tuple[list[Hit], float]:
        """The best passages for a question, best first, answered or not.

        Also the probability in [0, 1] that the library answers it.
        """
        query = understand(
            clean(question), clean_history(history), None, self.index.analyzer, self._titles
        )
        scored = self.retriever.score(query.texts, query.groups)
        ranking = rank(query, scored, self.retriever, self.models, self.reranker)
        hits = [
            Hit(self.index.passages[place], score)
            for place, score in zip(ranking.places[:limit], ranking.scores, strict=False)
        ]
        return hits, ranking.probability


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
