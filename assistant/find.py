"""What the library holds on a question, and which passages a chat model is given to read.

Not covered: what an answer may say (`assistant.gate`) and how it is written.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.errors import InputError
from assistant.inject import addresses_model
from assistant.query import Query, understand
from assistant.rank import Ranking, load_models, rank
from index.build import Index
from index.models import Reranker
from index.retrieve import Retriever, Scored
from index.types import Hit, Lang, Passage

BESIDE = 1  # passages before and after one that was found, of its paragraph, that are read with it
Scope = frozenset[str] | None  # ids of the documents that are asked; None: all of them

NEAREST = 8  # passages whose sections are named when a question is refused


@dataclass(frozen=True, slots=True)
class Found:
    """A question as understood, and the library's passages ranked for it."""

    query: Query
    ranking: Ranking
    scored: Scored | None = None  # what is known of them, where they were searched


class Finder:
    """Searches an open library. Safe to share between threads."""

    def __init__(self, index: Index, reranker: Reranker | None = None) -> None:
        self.index = index
        self.reranker = reranker
        self.retriever = Retriever(index)
        self.models = load_models()

    def scope(self, documents: Collection[str] | None) -> Scope:
        """`documents` as those of the library that are to be asked; None for all of it.

        InputError for one that the library does not hold, and for none at all.
        """
        if documents is None:
            return None
        wanted = {documents} if isinstance(documents, str) else set(documents)
        if not wanted:
            raise InputError(
                "No document is chosen; expected the id of at least one, or leave the choice out "
                "to ask all of them. See citebrief documents."
            )
        known = self.index.documents
        if unknown := sorted(wanted - known.keys()):
            raise InputError(
                f"The library has no document {unknown[0]!r}; expected ids of its "
                f"{len(known):,} documents, as citebrief documents lists them."
            )
        return None if len(wanted) == len(known) else frozenset(wanted)

    def understand(
        self, question: str, history: Sequence[str], lang: Lang | None, scope: Scope = None
    ) -> Query:
        """The query for a cleaned question after cleaned earlier ones, oldest first."""
        titles = [
            title
            for id, document in self.index.documents.items()
            if scope is None or id in scope
            for title in document.titles.values()
        ]
        return understand(question, history, lang, self.index.analyzer, titles)

    def find(self, query: Query, scope: Scope = None) -> Found:
        """The ranking for a query; of the documents in `scope`, where there is one."""
        allowed = None if scope is None else self.retriever.allowed(scope)
        scored = self.retriever.score(query.texts, query.groups, allowed)
        ranking = rank(query, scored, self.retriever, self.models, self.reranker)
        return Found(query, ranking, scored)

    def hits(self, found: Found, limit: int) -> list[Hit]:
        """The best passages with the ranker's scores, best first."""
        ranked = zip(found.ranking.places[:limit], found.ranking.scores, strict=False)
        return [Hit(self.index.passages[place], score) for place, score in ranked]

    def nearest(self, found: Found) -> list[Passage]:
        """What the library has on a question that it does not answer, nearest first."""
        return [hit.passage for hit in self.hits(found, NEAREST)]

    def context(self, found: Sequence[Found], limit: int) -> list[Passage]:
        """What a chat model reads: the best `limit` of all rankings in turn, each with its
        neighbours of the same paragraph, in the order of the documents.

        A passage that addresses whoever reads by machine is left out (`assistant.inject`).
        """
        passages = self.index.passages
        chosen: dict[int, None] = {}
        for rank_place in range(max((len(f.ranking.places) for f in found), default=0)):
            for one in found:
                if len(chosen) < limit and rank_place < len(one.ranking.places):
                    chosen[one.ranking.places[rank_place]] = None
        wide = {near for place in chosen for near in self._around(place)}
        return [passages[i] for i in sorted(wide) if addresses_model(passages[i].quote) is None]

    def _around(self, place: int) -> list[int]:
        passages = self.index.passages
        here = passages[place]
        if here.kind != "sentence":
            return [place]
        return [
            i
            for i in range(max(0, place - BESIDE), min(len(passages), place + BESIDE + 1))
            if passages[i].kind == "sentence"
            and (passages[i].document_id, passages[i].paragraph)
            == (here.document_id, here.paragraph)
        ]
