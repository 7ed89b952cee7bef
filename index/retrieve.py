"""Retrieval: a question's scores for every passage, lexical and dense fused.

Each word of the question asks for evidence: the best of its alternatives, in either language, in
the passage itself or, discounted, in its paragraph or its section's heading. BM25 measures it; the
embedder adds what no shared word shows. Scores are comparable within one question only, and higher
is better; `coverage` (in [0, 1]) is comparable between questions.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from index.build import Index
from index.terms import TermGroup
from index.types import Hit

SHORTEST_MISSPELLING = 4  # letters; shorter words have too many neighbours
LIKE_ENOUGH = 79  # of 100, rapidfuzz's ratio: one wrong letter in five
MISSPELT = 0.9  # times the likeness: what a word counts that may be another

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts, relative to a word of the question in the passage."""

    paragraph: float = 0.35  # the word stands elsewhere in the passage's paragraph
    section: float = 0.35  # the word stands in the section's heading
    restated: float = 0.8  # the word stands in a restatement of the passage, not in its own text
    dense: float = 1.0  # times (cosine - mean) / spread, clipped at zero


@dataclass(frozen=True, slots=True)
class Scored:
    """What is known of a question against all n passages; arrays of shape (n,) or (groups, n)."""

    groups: Sequence[TermGroup]
    score: Scores  # fused
    lexical: Scores
    dense: Scores  # cosine, best language
    present: Scores  # (groups, n): weight of the best alternative in the passage itself, 0 to 1
    around: Scores  # (groups, n): the same in its paragraph or heading
    heading: Scores  # (groups, n): the same in its section's heading
    group_idf: Scores  # (groups,): how much each word says
    coverage: Scores  # idf-weighted share of the question's words in the passage itself
    reach: Scores  # the same, with paragraph and heading


class Retriever:
    """Scores passages of an open index for a question."""

    def __init__(self, index: Index, weights: Weights | None = None) -> None:
        self.index = index
        self.weights = weights or Weights()

    @cached_property
    def _paragraphs(self) -> NDArray[np.int64]:
        """A running number of the paragraph of each passage; documents never share one."""
        keys = [(p.document_id, p.paragraph) for p in self.index.passages]
        numbers = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        return np.array([numbers[key] for key in keys], dtype=np.int64)

    @cached_property
    def entities(self) -> list[frozenset[str]]:
        """The typed glossary concepts (people, countries, …) that each passage's own text names."""
        found: list[set[str]] = [set() for _ in self.index.passages]
        for field, arm in self.index.lexical.items():
            if field.endswith("restated"):
                continue
            for concept in self.index.analyzer.lexicon.types:
                scores = arm.scores(concept)
                if scores is not None:
                    for place in np.flatnonzero(scores):
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
    def _headings(self) -> tuple[list[frozenset[str]], NDArray[np.int64]]:
        """The terms of every section heading, and which section each passage is in."""
        titles: dict[tuple[str, str], str] = {}
        for p in self.index.passages:
            titles.setdefault((p.document_id, p.section_id), " / ".join(p.section_titles.values()))
        numbers = {key: i for i, key in enumerate(titles)}
        places = [numbers[(p.document_id, p.section_id)] for p in self.index.passages]
        terms = self.index.analyzer.passage_terms(titles.values())
        return [frozenset(row) for row in terms], np.array(places, dtype=np.int64)

    def score(self, texts: Sequence[tuple[str, float]], groups: Sequence[TermGroup]) -> Scored:
        """Score every passage for a question.

        `groups` are its words with their alternatives; `texts` what the embedder reads, each with a
        weight: the question, and for a follow-up what it follows.
        """
        count = len(self.index.passages)
        shape = (len(groups), count)
        bm25, present = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        idf = np.zeros(len(groups), np.float32)
        groups = [self._spelled(group) for group in groups]
        for row, group in enumerate(groups):
            idf[row] = self._group_evidence(group, bm25[row], present[row]) * group.share
        around, heading, lexical = self._spread(groups, bm25, present)
        vectors = self.index.embedder.embed([text for text, _ in texts])
        vector = np.array([weight for _, weight in texts], np.float32) @ vectors
        dense = self.index.store.similarities(vector / (np.linalg.norm(vector) or 1.0))
        total = float(idf.sum()) or 1.0
        return Scored(
            groups=groups,
            score=lexical + self.weights.dense * _standardised(dense),
            lexical=lexical,
            dense=dense,
            present=present,
            around=around,
            heading=heading,
            group_idf=idf,
            coverage=(idf[:, None] * present).sum(axis=0) / total,
            reach=(idf[:, None] * np.maximum(present, around)).sum(axis=0) / total,
        )

    def search(self, question: str, limit: int = 10) -> list[Hit]:
        """The best passages for a plain question, best first."""
        groups = self.index.analyzer.question_groups(question)
        scored = self.score([(question, 1.0)], groups)
        order = np.argsort(-scored.score, kind="stable")[:limit]
        return [
            Hit(
                self.index.passages[i],
                float(scored.score[i]),
                {
                    "lexical": float(scored.lexical[i]),
                    "dense": float(scored.dense[i]),
                    "coverage": float(scored.coverage[i]),
                },
            )
            for i in order
        ]

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Every word of the library by its letters (jamo for Hangul): misspellings look here."""
        # Sorted: of two words that are equally like, the same one must be meant in every process.
        words = sorted({w for arm in self.index.lexical.values() for w in arm.vocabulary})
        return {_letters(w): w for w in words if len(w) > 1 and w[0] != "#" and w.isalpha()}

    def _spelled(self, group: TermGroup) -> TermGroup:
        """The group with the likeliest word meant, where the library knows none of its words."""
        arms = self.index.lexical.values()
        if any(term in arm.vocabulary for term in group.alternatives for arm in arms):
            return group
        if len(group.alternatives) > 1:
            return group  # the lexicon knows the word, so it is spelt as it is meant
        letters = _letters(group.word)
        if len(letters) < SHORTEST_MISSPELLING or not group.word.isalpha() or group.share < 1:
            return group
        # People misspell the inside of a word: rain is not a train, nor is a train strained.
        alike = [word for word in self._spellings if word[0] == letters[0]]
        found = process.extractOne(letters, alike, scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH)
        if found is None:
            return group
        likeness = MISSPELT * found[1] / 100
        return replace(
            group, alternatives={**group.alternatives, self._spellings[found[0]]: likeness}
        )

    def _group_evidence(self, group: TermGroup, bm25: Scores, present: Scores) -> float:
        """Fill one row of both matrices; returns the idf of the group's best-known alternative."""
        idfs = []
        for field, arm in self.index.lexical.items():
            trust = self.weights.restated if field.endswith("restated") else 1.0
            for term, likeness in group.alternatives.items():
                scores = arm.scores(term)
                if scores is None:
                    continue
                weight = trust * likeness
                np.maximum(bm25, weight * group.share * scores, out=bm25)
                np.maximum(present, weight * (scores > 0), out=present)
                idfs.append(arm.idf(term))
        if idfs:
            return min(idfs)  # the commonest alternative tells how little the word narrows down
        return max((arm.highest_idf for arm in self.index.lexical.values()), default=1.0)

    def _spread(
        self, groups: Sequence[TermGroup], bm25: Scores, present: Scores
    ) -> tuple[Scores, Scores, Scores]:
        """Let paragraph and heading vouch for words that the passage itself lacks."""
        if not groups:
            return present, present, np.zeros(bm25.shape[1], np.float32)
        paragraphs = self._paragraphs
        best = np.zeros((len(groups), int(paragraphs.max()) + 1), np.float32)
        best_present = np.zeros_like(best)
        for row in range(len(groups)):
            np.maximum.at(best[row], paragraphs, bm25[row])
            np.maximum.at(best_present[row], paragraphs, present[row])
        headings, sections = self._headings
        heading = np.zeros((len(groups), len(headings)), np.float32)
        for row, group in enumerate(groups):
            for section, terms in enumerate(headings):
                heading[row, section] = max(
                    (w for t, w in group.alternatives.items() if t in terms), default=0.0
                )
        peak = bm25.max(axis=1, keepdims=True)
        evidence = np.maximum(
            bm25,
            np.maximum(
                self.weights.paragraph * best[:, paragraphs],
                self.weights.section * heading[:, sections] * peak,
            ),
        )
        around = np.maximum(best_present[:, paragraphs], heading[:, sections])
        return around, heading[:, sections], evidence.sum(axis=0)


def _letters(word: str) -> str:
    """Letters to compare spellings by: a Hangul syllable is two or three of them."""
    return unicodedata.normalize("NFD", word)


def _standardised(cosines: Scores) -> Scores:
    """How far each similarity stands above the crowd, in standard deviations, 0 and up."""
    known = cosines[cosines > -1]
    if known.size < 2:
        return np.maximum(cosines, 0)
    spread = float(known.std()) or 1.0
    above: Scores = (cosines - np.float32(known.mean())) / np.float32(spread)
    return np.maximum(above, np.float32(0))
