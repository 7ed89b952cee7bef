"""Retrieval: a question's scores for the passages worth looking at, lexical and dense fused.

Each word of the question asks for evidence: the best of its alternatives, in either language, in
the passage itself or, discounted, in its paragraph or its section's heading. A passage without an
edition in the language of a word is matched by what may translate the word. BM25 measures it; the
embedder adds what no shared word shows. A small library is scored whole; of a large one the
passages that lead by words or by meaning, with their paragraphs. Where only some passages are
allowed, the rest might as well not be there: how rare a word is, and how near the crowd stands, is
told by the allowed ones. Scores are comparable within one question only, and higher is better;
`coverage` (in [0, 1]) is comparable between questions.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.build import Index
from index.foreign import ForeignWords
from index.lexical import LexicalArm, Matches, best_of
from index.terms import TermGroup
from index.types import Hit
from index.typos import Typos

WHOLE = 4_000  # passages; a library of no more is scored whole
LEADING = 300  # passages taken by words in each language, and by meaning in each field
FEW = 30  # passages; fewer of one language are no crowd to compare with

Arm = Literal["fused", "lexical", "dense"]
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts, relative to a word of the question in the passage."""

    paragraph: float = 0.35  # the word stands elsewhere in the passage's paragraph
    section: float = 0.35  # the word stands in the section's heading
    restated: float = 0.8  # the word stands in a restatement of the passage, not in its own text
    translated: float = 1.0  # a translation of the word stands there, as likely as it is
    dense: float = 1.0  # times (cosine - mean) / spread, clipped at zero


@dataclass(frozen=True, slots=True)
class Scored:
    """What is known of a question against n passages of the library, in ascending order.

    Arrays have the shape (n,) or (groups, n).
    """

    places: NDArray[np.int64]  # of the passages in the index
    groups: Sequence[TermGroup]
    score: Scores  # fused
    lexical: Scores
    dense: Scores  # cosine, best language
    dense_lead: Scores  # standard deviations above the crowd of all passages
    present: Scores  # (groups, n): weight of the best alternative in the passage itself, 0 to 1
    around: Scores  # (groups, n): the same in its paragraph or heading
    heading: Scores  # (groups, n): the same in its section's heading
    anywhere: NDArray[np.bool_]  # (groups,): whether any passage of the library has the word
    group_idf: Scores  # (groups,): how much each word says
    coverage: Scores  # idf-weighted share of the question's words in the passage itself
    reach: Scores  # the same, with paragraph and heading

    def columns(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the passages `places` stand in the arrays; all must be among them."""
        return np.searchsorted(self.places, places)


class Retriever:
    """Scores passages of an open index for a question."""

    def __init__(self, index: Index, weights: Weights | None = None) -> None:
        self.index = index
        self.weights = weights or Weights()

    @cached_property
    def paragraphs(self) -> NDArray[np.int64]:
        """A running number of the paragraph of each passage; documents never share one."""
        keys = [(p.document_id, p.paragraph) for p in self.index.passages]
        numbers = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        return np.array([numbers[key] for key in keys], dtype=np.int64)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many passages the document of each passage has."""
        _, document = self._documents
        return np.bincount(document)[document]

    @cached_property
    def _documents(self) -> tuple[list[str], NDArray[np.int64]]:
        """The ids of the documents that passages are of, and the number of each passage's."""
        numbers: dict[str, int] = {}
        own = [numbers.setdefault(p.document_id, len(numbers)) for p in self.index.passages]
        return list(numbers), np.array(own, dtype=np.int64)

    @cached_property
    def entities(self) -> list[frozenset[str]]:
        """The typed glossary concepts (people, countries, …) that each passage's own text names."""
        found: list[set[str]] = [set() for _ in self.index.passages]
        for field, arm in self.index.lexical.items():
            if field.endswith("restated"):
                continue
            for concept in self.index.analyzer.lexicon.types:
                matches = arm.match(concept)
                for place in matches.places if matches else ():
                    found[place].add(concept)
        return [frozenset(concepts) for concepts in found]

    @cached_property
    def labels(self) -> dict[int, tuple[frozenset[str], ...]]:
        """The terms of the row's and the column's label, for each passage that is a table cell."""
        cells = {place: p.labels for place, p in enumerate(self.index.passages) if p.labels}
        texts = [label for labels in cells.values() for label in labels]
        terms = iter(self.index.analyzer.passage_terms(texts))
        return {
            place: tuple(frozenset(next(terms)) for _ in labels) for place, labels in cells.items()
        }

    @cached_property
    def _headings(self) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.int64]]:
        """The sections whose heading has a term, by term, and which section each passage is in."""
        titles: dict[tuple[str, str], str] = {}
        for p in self.index.passages:
            titles.setdefault((p.document_id, p.section_id), " / ".join(p.section_titles.values()))
        numbers = {key: i for i, key in enumerate(titles)}
        places = [numbers[(p.document_id, p.section_id)] for p in self.index.passages]
        headed: dict[str, list[int]] = defaultdict(list)
        for number, terms in enumerate(self.index.analyzer.passage_terms(titles.values())):
            for term in set(terms):
                headed[term].append(number)
        found = {term: np.array(numbers, np.int64) for term, numbers in headed.items()}
        return found, np.array(places, dtype=np.int64)

    def allowed(
        self, documents: Collection[str] = (), language: str | None = None
    ) -> NDArray[np.bool_] | None:
        """Which passages are of `documents` and written in `language`; None: no restriction."""
        everything = not documents or self.index.documents.keys() <= set(documents)
        if everything and language is None:
            return None
        allowed = np.ones(len(self.index.passages), bool)
        if not everything:
            names, own = self._documents
            allowed &= np.isin(own, [i for i, name in enumerate(names) if name in documents])
        if language is not None:
            allowed &= self._written.get(language, np.False_)
        return allowed

    def score(
        self,
        texts: Sequence[tuple[str, float]],
        groups: Sequence[TermGroup],
        allowed: NDArray[np.bool_] | None = None,
    ) -> Scored:
        """Score the passages worth looking at for a question.

        `groups` are its words with their alternatives; `texts` what the embedder reads, each with a
        weight: the question, and for a follow-up what it follows. `allowed` masks the library: its
        other passages are neither scored nor counted.
        """
        groups = [self._typos.mended(group) for group in groups]
        found = self._found(groups, allowed)
        vector = self._vector(texts)
        places, whole = self._worth_scoring(found, vector, allowed)
        bm25, present = _table(found, places)
        idf = np.array([m.idf * g.share for m, g in zip(found, groups, strict=True)], np.float32)
        around, heading, lexical = self._spread(groups, places, bm25, present)
        dense = self.index.store.cosines(vector, places)
        crowd = (places, dense) if whole else self._crowd_of(vector, allowed)
        lead = self._lead(places, dense, *crowd)
        total = float(idf.sum()) or 1.0
        return Scored(
            places=places,
            groups=groups,
            score=np.asarray(lexical + self.weights.dense * np.maximum(lead, 0), np.float32),
            lexical=lexical,
            dense=dense,
            dense_lead=lead,
            present=present,
            around=around,
            heading=heading,
            anywhere=np.array([_stands(m.places, allowed) for m in found], bool),
            group_idf=idf,
            coverage=(idf[:, None] * present).sum(axis=0) / total,
            reach=(idf[:, None] * np.maximum(present, around)).sum(axis=0) / total,
        )

    def search(
        self,
        question: str,
        limit: int = 10,
        *,
        documents: Collection[str] = (),
        language: str | None = None,
        arm: Arm = "fused",
    ) -> list[Hit]:
        """The best passages for a plain question, best first, of `documents` in `language` only.

        `arm` leaves out the words or the meaning.
        """
        groups = self.index.analyzer.question_groups(question)
        scored = self.score([(question, 1.0)], groups, self.allowed(documents, language))
        ranked = {"fused": scored.score, "lexical": scored.lexical, "dense": scored.dense}[arm]
        return [
            Hit(
                self.index.passages[scored.places[i]],
                float(ranked[i]),
                {
                    "lexical": float(scored.lexical[i]),
                    "dense": float(scored.dense[i]),
                    "coverage": float(scored.coverage[i]),
                },
            )
            for i in np.argsort(-ranked, kind="stable")[:limit]
        ]

    def translations(
        self, groups: Sequence[TermGroup], allowed: NDArray[np.bool_] | None = None
    ) -> list[dict[str, float]]:
        """By what terms of the other language each group is looked for, and how likely each is."""
        return self._foreign.readings(groups, allowed)

    @cached_property
    def _typos(self) -> Typos:
        return Typos(self.index.lexical.values())

    @cached_property
    def _foreign(self) -> ForeignWords:
        return ForeignWords(self.index.passages, self.index.lexical, self.weights.translated)

    def _vector(self, texts: Sequence[tuple[str, float]]) -> NDArray[np.float32]:
        """The direction of the weighted texts together, of length 1; zeros for nothing known."""
        vectors = self.index.embed([text for text, _ in texts], question=True)
        vector = np.array([weight for _, weight in texts], np.float32) @ vectors
        return np.asarray(vector / (np.linalg.norm(vector) or 1.0), np.float32)

    def _found(
        self, groups: Sequence[TermGroup], allowed: NDArray[np.bool_] | None
    ) -> list[Matches]:
        """What each group finds in all fields, in its own words and, where needed, translated."""
        arms = self.index.lexical
        if allowed is not None:
            arms = {field: arm.within(allowed) for field, arm in arms.items()}
        count = len(self.index.passages)
        rarest = max((arm.highest_idf for arm in arms.values()), default=1.0)
        foreign = self._foreign.matches(groups, arms, allowed)
        return [
            best_of([*self._matches(group, arms), *translated], count, rarest)
            for group, translated in zip(groups, foreign, strict=True)
        ]

    def _matches(self, group: TermGroup, arms: Mapping[str, LexicalArm]) -> list[Matches]:
        """The passages of every field that hold one of the group's alternatives, weighted."""
        matches = []
        for field, arm in arms.items():
            trust = self.weights.restated if field.endswith("restated") else 1.0
            for term, likeness in group.alternatives.items():
                found = arm.match(term)
                if found is not None:
                    weight = trust * likeness
                    matches.append(found.weighted(weight * group.share, weight))
        return matches

    def _worth_scoring(
        self,
        found: Sequence[Matches],
        vector: NDArray[np.float32],
        allowed: NDArray[np.bool_] | None,
    ) -> tuple[NDArray[np.int64], bool]:
        """The passages to score, ascending, and whether they are all that there are."""
        count = len(self.index.passages)
        everything = np.arange(count) if allowed is None else np.flatnonzero(allowed)
        if len(everything) <= WHOLE:
            return everything, True
        total = np.zeros(count, np.float32)
        for matches in found:
            total[matches.places] += matches.scores
        if allowed is not None:
            total[~allowed] = 0
        leading = [self.index.store.nearest(vector, LEADING, allowed)]
        for lang in ("ko", "en"):
            own = np.where(self._written[lang], total, np.float32(0))
            leading.append(_top(own, LEADING))
        paragraphs = np.unique(self.paragraphs[np.concatenate(leading)])
        starts, order = self._members
        members = [order[starts[p] : starts[p + 1]] for p in paragraphs]
        places = np.sort(np.concatenate(members)) if members else np.empty(0, np.int64)
        return (places if allowed is None else places[allowed[places]]), False

    def _crowd_of(
        self, vector: NDArray[np.float32], allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], Scores]:
        """Passages that stand for all that are allowed, and the cosines of texts of theirs."""
        places, cosines = self.index.store.crowd(vector)
        if allowed is None:
            return places, cosines
        return places[allowed[places]], cosines[allowed[places]]

    @cached_property
    def _written(self) -> dict[str, NDArray[np.bool_]]:
        """By language, which passages are written in it."""
        return {
            lang: np.array([p.lang == lang for p in self.index.passages], bool)
            for lang in ("ko", "en")
        }

    @cached_property
    def _members(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each paragraph's passages begin in the second array, which lists them."""
        order = np.argsort(self.paragraphs, kind="stable")
        numbers = np.arange(int(self.paragraphs.max()) + 2)
        return np.searchsorted(self.paragraphs[order], numbers), order

    def _lead(
        self,
        places: NDArray[np.int64],
        cosines: Scores,
        crowd: NDArray[np.int64],
        crowd_cosines: Scores,
    ) -> Scores:
        """How many standard deviations each passage's cosine stands above its like.

        Texts of one language are closer to each other than to the other's, whatever they say, so
        passages are compared with those that read in the same languages.
        """
        lead = np.zeros(len(places), np.float32)
        for kind in np.unique(self._reading):
            like = crowd_cosines[self._reading[crowd] == kind]
            own = self._reading[places] == kind
            mean, spread = _crowd(like if len(like) >= FEW else crowd_cosines)
            lead[own] = (cosines[own] - np.float32(mean)) / np.float32(spread)
        return lead

    @cached_property
    def _reading(self) -> NDArray[np.int8]:
        """By passage, the languages that it reads in, as a number."""
        return np.array(
            [
                sum(2**i for i, lang in enumerate(("ko", "en")) if p.in_language(lang) is not None)
                for p in self.index.passages
            ],
            np.int8,
        )

    def _spread(
        self,
        groups: Sequence[TermGroup],
        places: NDArray[np.int64],
        bm25: Scores,
        present: Scores,
    ) -> tuple[Scores, Scores, Scores]:
        """Let paragraph and heading vouch for words that the passage itself lacks."""
        if not groups or not len(places):
            return present, present, np.zeros(bm25.shape[1], np.float32)
        own = self.paragraphs[places]  # ascending, as the places are
        first = np.flatnonzero(np.diff(own, prepend=-1))
        paragraphs = np.repeat(np.arange(len(first)), np.diff(first, append=len(own)))
        best = np.maximum.reduceat(bm25, first, axis=1)
        best_present = np.maximum.reduceat(present, first, axis=1)
        heading = self._in_headings(groups, places)
        peak = bm25.max(axis=1, keepdims=True)
        evidence = np.maximum(
            bm25,
            np.maximum(
                self.weights.paragraph * best[:, paragraphs],
                self.weights.section * heading * peak,
            ),
        )
        around = np.maximum(best_present[:, paragraphs], heading)
        return around, heading, evidence.sum(axis=0)

    def _in_headings(self, groups: Sequence[TermGroup], places: NDArray[np.int64]) -> Scores:
        """The weight of each group's best alternative in the headings of the places' sections."""
        headed, section_of = self._headings
        sections = section_of[places]
        weights = np.zeros((len(groups), int(sections.max()) + 1), np.float32)
        for row, group in enumerate(groups):
            for term, weight in sorted(group.alternatives.items(), key=lambda item: item[1]):
                if (held := headed.get(term)) is not None:  # the heaviest comes last
                    weights[row, held[held < weights.shape[1]]] = weight
        return weights[:, sections]


def _stands(places: NDArray[np.int64], allowed: NDArray[np.bool_] | None) -> bool:
    return bool(len(places) if allowed is None else allowed[places].any())


def _table(found: Sequence[Matches], places: NDArray[np.int64]) -> tuple[Scores, Scores]:
    """BM25 and presence of each word in each of `places` (ascending), of shape (words, places)."""
    bm25 = np.zeros((len(found), len(places)), np.float32)
    present = np.zeros_like(bm25)
    for row, matches in enumerate(found):
        column = np.searchsorted(places, matches.places)
        known = np.flatnonzero(column < len(places))
        known = known[places[column[known]] == matches.places[known]]
        bm25[row, column[known]] = matches.scores[known]
        present[row, column[known]] = matches.present[known]
    return bm25, present


def _top(scores: Scores, count: int) -> NDArray[np.int64]:
    """The places of the `count` highest scores above zero, in no order."""
    held = np.flatnonzero(scores)
    if len(held) <= count:
        return held
    return held[np.argpartition(-scores[held], count)[:count]]


def _crowd(cosines: Scores) -> tuple[float, float]:
    """Mean and spread of the similarities known."""
    known = cosines[cosines > -1]
    if known.size < 2:
        return 0.0, 1.0
    return float(known.mean()), float(known.std()) or 1.0
