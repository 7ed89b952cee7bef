"""Rank passages for a question and judge whether the library answers it: two small linear models.

`signals` says of each passage how well it matches the question's words, meaning and kind (a question
for a date wants a passage with a date). A linear ranker orders passages by them. `evidence` says of
the question as a whole how much of it the best passages cover and what they leave unexplained; a
logistic model turns that into the probability that the library answers. Both are fitted by
`python -m eval.fit` and stored in weights.json with the figures of the fit.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.answer_types import holds_entity, holds_unit, holds_value, shows, wants_value
from assistant.query import Query
from index.retrieve import Scored
from index.terms import Analyzer
from index.types import Passage

WEIGHTS = Path(__file__).parent / "weights.json"
TIGHT = 0.75  # weight of an alternative that is the word itself, a glossary term, or that restated
RANKED = 40  # passages, best by the fused score, that the ranker looks at

Matrix = NDArray[np.float32]

SIGNALS = (
    "lexical",  # BM25 sum over its highest value for this question
    "coverage",  # share of the question's words in the passage
    "reach",  # the same with paragraph and heading
    "names",  # share of its names and numbers
    "pairs",  # share of its pairs of neighbouring words
    "own",  # words matched exactly or by the glossary in the passage's own text
    "dense",  # cosine
    "dense_lead",  # standard deviations above the crowd
    "fit",  # the passage holds the kind of thing asked for
    "misfit",  # a value is asked for and the passage holds none
    "cell_wanted",  # a table cell, and the question is about the table
    "cell_unwanted",  # a table cell otherwise
    "short",  # fewer than 25 characters: too little to answer with
)
EVIDENCE = (
    "score",  # of the best passage
    "lead",  # over the fifth
    "coverage",
    "reach",
    "union",  # share of the question's words in the best four together
    "unknown",  # share of its words found nowhere in the library
    "unknown_names",
    "names_missed",  # share of its names and numbers that the best four lack
    "dense",
    "dense_lead",
    "no_value",  # a value is asked for and the best two hold none of its kind
    "no_unit",  # a unit is asked for (몇 명) and the best two hold none of it
    "focus_missed",  # share of the words that say what is asked for that the best two lack
    "has_focus",  # there are such words
    "worst_missed",  # the weightiest word that the best four lack, over the weightiest of all
    "second_missed",
    "names_missed_here",  # names and numbers that the best passage and its paragraph lack
    "asks_value",
    "asks_entity",
    "no_entity",  # a name is asked for and the best two have no new one of its type
    "tight",  # share of the words that the best passage has as such or by the glossary
    "tight_union",
    "asks_reason",
    "words",  # number of content words, over 12
    "plain",  # the best passage has no restatements, so that fewer words can be expected to match
    "plain_coverage",
    "plain_unknown",
    "instruction",  # asks for something to be done rather than for what a document says
)
_INSTRUCTION = re.compile(
    r"(?:지시|명령|규칙|프롬프트|시스템 ?메시지|설정).{0,12}(?:무시|잊|공개|출력|보여|알려|바꿔)|무시하고|"
    r"(?:시|노래|가사|소설|농담|이야기|코드|프로그램|함수|이메일|편지|자소서|에세이|연설문|번역)(?:를|을)? ?(?:한 편|하나|좀)? ?(?:써|지어|만들어|작성|짜|해 ?줘|해 ?주)|"
    r"(?:ignore|disregard|forget|override|reveal|print|repeat|show).{0,30}(?:instruction|prompt|rule|above|previous|system)|"
    r"\b(?:write|compose|draft|generate|create|make up)\b.{0,25}\b(?:poem|haiku|song|story|joke|code|script|program|function|essay|"
    r"email|letter|tweet|rap|limerick|speech)\b|\btranslate\b|\b(?:pretend|act as|role-?play|you are now)\b|너는 이제|인 척|역할을 해",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Linear:
    """bias + weights · values, by name."""

    bias: float
    weights: Mapping[str, float]

    def __call__(self, names: Sequence[str], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sum for values of shape (…, len(names))."""
        return values @ np.array([self.weights[n] for n in names], np.float32) + self.bias


@dataclass(frozen=True, slots=True)
class Models:
    """Ranker and answerability as fitted, and the settings chosen with them."""

    ranker: Linear
    answerable: Linear
    threshold: float  # probability below which a question is refused
    margin: float  # how far below the best, in ranker units, a passage may be and still be used
    margin_list: float  # the same for a question that asks for several things
    margin_value: float  # the same where the best passage holds the value asked for


@cache
def load_models(path: Path = WEIGHTS) -> Models:
    """The models in `path`."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    ranker, answerable = (Linear(**stored[name]) for name in ("ranker", "answerable"))
    return Models(ranker, answerable, **stored["settings"])


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages for a question, best first, with scores, and how sure it is that they answer it."""

    places: tuple[int, ...]
    scores: tuple[float, ...]
    probability: float


def rank(
    scored: Scored,
    passages: Sequence[Passage],
    query: Query,
    analyzer: Analyzer,
    models: Models,
) -> Ranking:
    """Order the best passages by the ranker and judge the question by them."""
    places = candidates(scored, passages)
    values = models.ranker(SIGNALS, signals(scored, passages, query, places, analyzer))
    order = np.argsort(-values, kind="stable")
    ranked, scores = places[order], values[order]
    facts = evidence(scored, passages, query, ranked, scores, analyzer)
    logit = float(models.answerable(EVIDENCE, facts))
    return Ranking(
        tuple(int(i) for i in ranked), tuple(float(s) for s in scores), 1 / (1 + np.exp(-logit))
    )


def candidates(scored: Scored, passages: Sequence[Passage]) -> NDArray[np.int64]:
    """Places of the passages worth ranking. A table row gives way to its cells, which cite better."""
    order = np.argsort(-scored.score, kind="stable")
    kept = [int(i) for i in order[: RANKED * 2] if passages[i].kind != "row"]
    return np.array(kept[:RANKED], dtype=np.int64)


def signals(
    scored: Scored,
    passages: Sequence[Passage],
    query: Query,
    places: NDArray[np.int64],
    analyzer: Analyzer,
) -> Matrix:
    """Shape (len(places), len(SIGNALS)); every value in about [0, 1] but for `dense_lead`."""
    idf, present = scored.group_idf, scored.present[:, places]
    names = np.array([g.kind in ("name", "number") for g in scored.groups], bool)
    pairs = np.array([g.share < 1 and g.kind == "other" for g in scored.groups], bool)
    dense = scored.dense[places]
    known = scored.dense[scored.dense > -1]
    spread = float(known.std()) or 1.0
    matches = np.array([_match(passages[i], query, analyzer) for i in places], np.float32)
    cells = np.array([passages[i].kind == "cell" for i in places], np.float32)
    about_table = float("table" in query.asks)
    short = np.array([len(passages[i].quote) < 25 for i in places], np.float32) * (1 - cells)
    columns = {
        "lexical": scored.lexical[places] / (float(scored.lexical.max()) or 1.0),
        "coverage": scored.coverage[places],
        "reach": scored.reach[places],
        "names": _share(idf * names, present),
        "pairs": _share(idf * pairs, present),
        "own": _share(idf, (present >= 0.9).astype(np.float32)),
        "dense": dense,
        "dense_lead": (dense - float(known.mean())) / spread / 5,
        "fit": matches[:, 0],
        "misfit": matches[:, 1],
        "cell_wanted": cells * about_table,
        "cell_unwanted": cells * (1 - about_table),
        "short": short,
    }
    return np.stack([np.asarray(columns[name], np.float32) for name in SIGNALS], axis=1)


def evidence(
    scored: Scored,
    passages: Sequence[Passage],
    query: Query,
    ranked: NDArray[np.int64],
    scores: NDArray[np.float32],
    analyzer: Analyzer,
) -> NDArray[np.float32]:
    """Shape (len(EVIDENCE),): what the ranked passages say of the question's chances."""
    idf, top = scored.group_idf, ranked[:4]
    present = scored.present[:, top]
    covered = present.max(axis=1) if len(idf) else np.zeros(0)
    anywhere = scored.present.max(axis=1) > 0 if len(idf) else np.zeros(0, bool)
    names = np.array([g.kind in ("name", "number") for g in scored.groups], bool)
    words = sum(g.share >= 1 for g in scored.groups)
    total = float(idf.sum()) or 1.0
    named = float((idf * names).sum()) or 1.0
    known = scored.dense[scored.dense > -1]
    dense = float(scored.dense[top].max())
    best_two = [passages[i] for i in ranked[:2]]
    focus = np.array([g.word in query.focus for g in scored.groups], bool)
    near = np.maximum(scored.present, scored.around)[:, ranked[0]] if len(idf) else np.zeros(0)
    single = np.array([g.share >= 1 for g in scored.groups], bool)
    missed = np.sort(np.append(idf * single * (1 - covered), [0.0, 0.0]))[::-1]
    peak = float(max(idf.max(initial=0.0), 1.0))
    two = present[:, :2].max(axis=1) if len(idf) else np.zeros(0)
    focused = float((idf * focus).sum())
    plain = float(not any(passages[ranked[0]].restatements.values()))
    unknown = float((idf * ~anywhere).sum() / total)
    facts = {
        "plain": plain,
        "plain_coverage": plain * float(scored.coverage[ranked[0]]),
        "plain_unknown": plain * unknown,
        "no_unit": float(
            query.unit is not None
            and not any(holds_unit(p, query.unit, query.question) for p in best_two)
        ),
        "no_entity": float(
            query.entity is not None
            and not any(holds_entity(p, query.entity, query.question, analyzer) for p in best_two)
        ),
        "no_value": float(
            wants_value(query.asks)
            and not any(holds_value(p, query.asks, query.question) for p in best_two)
        ),
        "tight": float((idf * (present[:, 0] >= TIGHT)).sum() / total) if len(idf) else 0.0,
        "tight_union": float((idf * (covered >= TIGHT)).sum() / total),
        "asks_entity": float(query.entity is not None),
        "focus_missed": float((idf * focus * (1 - two)).sum() / (focused or 1.0)),
        "has_focus": float(focused > 0),
        "worst_missed": float(missed[0]) / peak,
        "second_missed": float(missed[1]) / peak,
        "names_missed_here": float((idf * names * (1 - near)).sum() / named),
        "asks_value": float(wants_value(query.asks)),
        "asks_reason": float("reason" in query.asks),
        "score": float(scores[0]),
        "lead": float(scores[0] - scores[min(4, len(scores) - 1)]),
        "coverage": float(scored.coverage[ranked[0]]),
        "reach": float(scored.reach[ranked[0]]),
        "union": float((idf * covered).sum() / total),
        "unknown": unknown,
        "unknown_names": float((idf * (~anywhere & names)).sum() / named),
        "names_missed": float((idf * names * (1 - covered)).sum() / named),
        "dense": dense,
        "dense_lead": (dense - float(known.mean())) / (float(known.std()) or 1.0) / 5,
        "words": min(words, 12) / 12,
        "instruction": float(bool(_INSTRUCTION.search(query.question))),
    }
    return np.array([facts[name] for name in EVIDENCE], np.float32)


def _match(passage: Passage, query: Query, analyzer: Analyzer) -> tuple[bool, bool]:
    """Whether the passage holds what is asked for, and whether it lacks something asked for."""
    checks = []
    if wants_value(query.asks):
        checks.append(holds_value(passage, query.asks, query.question))
    if query.unit is not None:
        checks.append(holds_unit(passage, query.unit, query.question))
    if query.entity is not None:
        checks.append(holds_entity(passage, query.entity, query.question, analyzer))
    fits = all(checks) if checks else shows(passage, query.asks)
    return fits, not all(checks)


def _share(idf: NDArray[np.float32], present: NDArray[np.float32]) -> NDArray[np.float32]:
    total = float(idf.sum())
    if not total:
        return np.zeros(present.shape[1], np.float32)
    return np.asarray((idf[:, None] * present).sum(axis=0) / total, np.float32)
