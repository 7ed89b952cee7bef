"""The extractive engine: the best passages, copied; or a refusal.

One to four passages, no more than the question needs: a passage is used while the ranker scores it
close enough to the best, closer where one value answers the question, looser where several things
are asked for. They are given in the order of the document, in which they were written to be read.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answer_types import holds_value, wants_value
from assistant.cite import compose, refuse
from assistant.find import Finder, Found, Scope
from assistant.gate import Gate
from assistant.query import Query
from assistant.rank import Margins, Ranking
from assistant.types import Answer, Event, Step, milliseconds
from index.types import Lang, Passage

LONGEST_ANSWER = 4  # passages
BUDGET = 600  # characters of quotes, white space not counted


class Extractor:
    """Answers with passages of one library. Safe to share between threads."""

    def __init__(self, finder: Finder, gate: Gate) -> None:
        self.finder = finder
        self.gate = gate

    def stream(
        self, question: str, history: Sequence[str], lang: Lang | None, scope: Scope = None
    ) -> Iterator[Event]:
        """Steps, and last the Answer, to a cleaned question after cleaned earlier ones."""
        start = time.perf_counter()
        yield Step("search")
        query = self.finder.understand(question, history, lang, scope)
        found = self.finder.find(query, scope)
        retrieved = time.perf_counter()
        answer = self.answer(found)
        yield Step("check", len(answer.sentences))
        timings = {
            "retrieve": milliseconds(retrieved - start),
            "answer": 0.0,
            "verify": milliseconds(time.perf_counter() - retrieved),
        }
        yield replace(answer, timings_ms=timings)

    def answer(self, found: Found) -> Answer:
        """The passages that answer, each through the gate, or a refusal."""
        query, ranking = found.query, found.ranking
        if not ranking.answerable:
            return refuse(query, self.finder.nearest(found))
        chosen = choose(ranking, self.finder.index.passages, query)
        checked = [self.gate.check(p.in_language(query.language) or p.text, [p]) for p in chosen]
        return compose(query, checked, self.finder.index.documents)


def choose(ranking: Ranking, passages: Sequence[Passage], query: Query) -> list[Passage]:
    """The passages of the library to answer with, in reading order; at least one.

    Of passages that say the same, letter for letter, only the best: a library may hold a document
    twice.
    """
    best = ranking.scores[0]
    margin = _margin(passages[ranking.places[0]], query, ranking.margins)
    chosen: dict[int, str] = {}  # places, with the letters there
    used = 0
    for place, score in zip(ranking.places, ranking.scores, strict=True):
        if score < best - margin or len(chosen) == LONGEST_ANSWER:
            break
        letters = "".join(passages[place].quote.split())
        if not chosen or (used + len(letters) <= BUDGET and letters not in chosen.values()):
            chosen[place] = letters
            used += len(letters)
    return [passages[place] for place in sorted(chosen)]


def _margin(best: Passage, query: Query, margins: Margins) -> float:
    several = query.asks & {"list", "table"}
    if several:
        return margins.several
    if wants_value(query.asks) and holds_value(best, query.asks, query.question):
        return margins.value
    return margins.single
