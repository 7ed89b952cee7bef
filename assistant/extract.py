"""The extractive engine's choice: which of the ranked passages make the answer.

One to four passages, no more than the question needs: a passage is used while the ranker scores it
close enough to the best, closer where one value answers the question, looser where several things
are asked for. They are given in the order of the document, in which they were written to be read.
"""

from collections.abc import Sequence

from assistant.answer_types import holds_value, wants_value
from assistant.query import Query
from assistant.rank import Margins, Ranking
from index.types import Passage

LONGEST_ANSWER = 4  # passages
BUDGET = 600  # characters of quotes, white space not counted


def choose(ranking: Ranking, passages: Sequence[Passage], query: Query) -> list[Passage]:
    """The passages to answer with, in reading order; at least one."""
    best = ranking.scores[0]
    margin = _margin(passages[ranking.places[0]], query, ranking.margins)
    chosen: list[int] = []
    used = 0
    for place, score in zip(ranking.places, ranking.scores, strict=True):
        if score < best - margin or len(chosen) == LONGEST_ANSWER:
            break
        size = len("".join(passages[place].quote.split()))
        if not chosen or used + size <= BUDGET:
            chosen.append(place)
            used += size
    return [passages[place] for place in sorted(chosen)]


def _margin(best: Passage, query: Query, margins: Margins) -> float:
    several = query.asks & {"list", "table"}
    if several:
        return margins.several
    if wants_value(query.asks) and holds_value(best, query.asks, query.question):
        return margins.value
    return margins.single
