"""Rank passages for a question and judge whether the library answers it: two small linear models.

A linear ranker orders passages by their signals; a logistic model turns the evidence of the best
ones into the probability that the library answers (`assistant.features`). Both are fitted by
`python -m eval.fit` and stored in weights.json. Where a reranker is configured, it has half a say
in the order; its scores are brought to the ranker's units first, so that what was fitted in them
holds.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.features import EVIDENCE, SIGNALS, Case, Floats
from assistant.query import Query
from index.models import Reranker
from index.retrieve import Retriever, Scored

WEIGHTS = Path(__file__).parent / "weights.json"
RERANKED = 50  # passages, best by the ranker, that a reranker looks at


@dataclass(frozen=True, slots=True)
class Linear:
    """bias + weights · values, by name."""

    bias: float
    weights: Mapping[str, float]

    def __call__(self, names: Sequence[str], values: Floats) -> Floats:
        """The sum for values of shape (…, len(names))."""
        weights = np.array([self.weights[name] for name in names], np.float32)
        return np.asarray(values @ weights + self.bias, np.float32)


@dataclass(frozen=True, slots=True)
class Margins:
    """How far below the best, in ranker units, a passage may be and still be used."""

    single: float
    several: float  # the same for a question that asks for several things
    value: float  # the same where the best passage holds the value asked for


@dataclass(frozen=True, slots=True)
class Judge:
    """Ranker and answerability as fitted together, and the settings chosen with them."""

    ranker: Linear
    answerability: Linear
    thresholds: Mapping[str, float]  # by language: a question below this probability is refused
    margins: Margins


@dataclass(frozen=True, slots=True)
class Models:
    """A judge for passages with restatements, and one for the rest, where far fewer words match.

    The first is trained on the brief, the second on documents that are not the brief.
    """

    restated: Judge
    plain: Judge


@cache
def load_models(path: Path = WEIGHTS) -> Models:
    """The models in `path`."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    judges = {
        name: Judge(
            ranker=Linear(0.0, judge["ranker"]),
            answerability=Linear(judge["bias"], judge["answerability"]),
            thresholds=judge["thresholds"],
            margins=Margins(**judge["margins"]),
        )
        for name, judge in stored.items()
    }
    return Models(**judges)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages for a question, best first, with scores, and whether they answer it."""

    places: tuple[int, ...]
    scores: tuple[float, ...]
    probability: float
    answerable: bool
    margins: Margins
    threshold: float = 0.5  # a question below this probability is refused
    judge: Literal["restated", "plain"] = "plain"  # of `Models`, the one that ranked and judged


def rank(
    query: Query,
    scored: Scored,
    retriever: Retriever,
    models: Models,
    reranker: Reranker | None = None,
) -> Ranking:
    """Order the best passages by the ranker, and a reranker if any; judge the question by them."""
    case = Case(query, scored, retriever)
    if not len(case.places):
        return Ranking((), (), 0.0, False, models.plain.margins, 1.0)
    judge = models.restated if case.restated else models.plain
    values = judge.ranker(SIGNALS, case.signals())
    order = np.argsort(-values, kind="stable")
    if reranker is not None:
        head = order[:RERANKED]
        values[head] = _with_reranker(values[head], case.places[head], case, reranker)
        order = np.argsort(-values, kind="stable")
    places, scores = case.places[order], values[order]
    logit = float(judge.answerability(EVIDENCE, case.evidence(places, scores)))
    probability = 1 / (1 + np.exp(-logit))
    return Ranking(
        places=tuple(int(place) for place in places),
        scores=tuple(float(score) for score in scores),
        probability=float(probability),
        answerable=bool(probability >= judge.thresholds[query.language]),
        margins=judge.margins,
        threshold=judge.thresholds[query.language],
        judge="restated" if judge is models.restated else "plain",
    )


def _with_reranker(
    values: Floats, places: NDArray[np.int64], case: Case, reranker: Reranker
) -> Floats:
    """The mean of the ranker's values and the reranker's at the ranker's mean and spread.

    A passage is read in the question's language where it can be, and a follow-up after the
    questions that it leans on.
    """
    query = case.query
    asked = [text for text, _ in reversed(query.texts)] if query.follow_up else [query.question]
    passages = [case.passages[place] for place in places]
    texts = [p.in_language(query.language) or p.text for p in passages]
    scores = reranker.score(" ".join(asked), texts).astype(np.float64)
    spread = float(scores.std())
    if not spread:  # it tells no passage from another
        return values
    scaled = (scores - scores.mean()) / spread * values.std() + values.mean()
    return np.asarray((values + scaled) / 2, np.float32)
