"""Retrieval: a question's scores for the passages worth looking at, lexical and dense fused.

Each word of the question asks for evidence: the best of its alternatives, in either language, in
the passage itself or, discounted, in its paragraph or its section's heading. A passage without an
edition in the language of a word is matched by what may translate the word. BM25 measures it; the
embedder adds what no shared word shows. A small library is scored whole; of a large one the
passages that lead by words or by meaning, with their paragraphs. Scores are comparable within one
question only, and higher is better; `coverage` (in [0, 1]) is comparable between questions.
"""

import math
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from index.build import Index
from index.language import detect
from index.lexical import Matches
from index.terms import TermGroup
from index.translate import Parts, load_translator
from index.transliterate import NameIndex
from index.types import Hit

SHORTEST_MISSPELLING = 4  # letters; shorter words have too many neighbours
LIKE_ENOUGH = 79  # of 100, rapidfuzz's ratio: one wrong letter in five
MISSPELT = 0.9  # times the likeness: what a word counts that may be another
WHOLE = 4_000  # passages; a library of no more is scored whole
LEADING = 300  # passages taken by words in each language, and by meaning in each field
FEW = 30  # passages; fewer of one language are no crowd to compare with
UNLIKELY = 0.3  # weight below which a translation may be a chance companion of a rare word
SURE_NAME = 0.5  # likeness from which a word in the other script is taken for the same name

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


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What one word of the question finds in the library."""

    places: NDArray[np.int64]  # ascending
    bm25: Scores
    present: Scores
    idf: float


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

    @cached_property
    def _lacking(self) -> dict[str, NDArray[np.bool_]]:
        """By language, which passages do not read in it; without those that all do read in."""
        lacking = {
            lang: np.array([p.in_language(lang) is None for p in self.index.passages], bool)
            for lang in ("ko", "en")
        }
        return {lang: mask for lang, mask in lacking.items() if mask.any()}

    def allowed(
        self, documents: Collection[str] = (), language: str | None = None
    ) -> NDArray[np.bool_] | None:
        """Which passages are of `documents` and written in `language`; None: no restriction."""
        if not documents and language is None:
            return None
        allowed = np.ones(len(self.index.passages), bool)
        if documents:
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
        weight: the question, and for a follow-up what it follows. `allowed` masks the library.
        """
        groups = [self._spelled(group) for group in groups]
        evidence = self._evidence(groups)
        vectors = self.index.embed([text for text, _ in texts], question=True)
        vector = np.array([weight for _, weight in texts], np.float32) @ vectors
        vector = np.asarray(vector / (np.linalg.norm(vector) or 1.0), np.float32)
        places, whole = self._worth_scoring(evidence, vector, allowed)
        shape = (len(groups), len(places))
        bm25, present = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for row, found in enumerate(evidence):
            columns, known = _intersect(places, found.places)
            bm25[row, columns], present[row, columns] = found.bm25[known], found.present[known]
        idf = np.array([e.idf * g.share for e, g in zip(evidence, groups, strict=True)], np.float32)
        around, heading, lexical = self._spread(groups, places, bm25, present)
        dense = self.index.store.cosines(vector, places)
        crowd = (places, dense) if whole else self.index.store.crowd(vector)
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
            anywhere=np.array([_found(e.places, allowed) for e in evidence], bool),
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

    @cached_property
    def _spellings(self) -> dict[str, dict[str, str]]:
        """By first letter, every word of the library and its letters (jamo for Hangul)."""
        # Sorted: of two words that are equally like, the same one must be meant in every process.
        words = sorted({w for arm in self.index.lexical.values() for w in arm.words})
        spellings: dict[str, dict[str, str]] = defaultdict(dict)
        for word in words:
            if len(word) > 1 and word[0] != "#" and word.isalpha():
                letters = _letters(word)
                spellings[letters[0]][word] = letters
        return dict(spellings)

    def _spelled(self, group: TermGroup) -> TermGroup:
        """The group with the likeliest word meant, where the library knows none of its words."""
        arms = self.index.lexical.values()
        if any(term in arm for term in group.alternatives for arm in arms):
            return group
        if len(group.alternatives) > 1:
            return group  # the lexicon knows the word, so it is spelt as it is meant
        letters = _letters(group.word)
        if len(letters) < SHORTEST_MISSPELLING or not group.word.isalpha() or group.share < 1:
            return group
        # People misspell the inside of a word: rain is not a train, nor is a train strained.
        alike = self._spellings.get(letters[0], {})
        found = process.extractOne(letters, alike, scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH)
        if found is None:
            return group
        _, likeness, word = found
        alternatives = {**group.alternatives, word: MISSPELT * likeness / 100}
        return replace(group, alternatives=alternatives)

    def _evidence(self, groups: Sequence[TermGroup]) -> list[_Evidence]:
        """What each group finds in all fields, in its own words and, where needed, translated."""
        count = len(self.index.passages)
        scratch = np.zeros(count, np.float32), np.zeros(count, np.float32)
        foreign = self._translated(groups)
        found = []
        for group, options in zip(groups, foreign, strict=True):
            matches = [*self._matches(group), *self._foreign_matches(group, options)]
            idfs = [m.idf for m in matches]
            if not idfs:
                arms = self.index.lexical.values()
                idfs = [max((arm.highest_idf for arm in arms), default=1.0)]
            # The commonest alternative tells how little the word narrows down.
            found.append(_Evidence(*_merged(matches, *scratch), min(idfs)))
        return found

    def _matches(self, group: TermGroup) -> list[Matches]:
        """The passages of every field that hold one of the group's alternatives, weighted."""
        matches = []
        for field, arm in self.index.lexical.items():
            trust = self.weights.restated if field.endswith("restated") else 1.0
            for term, likeness in group.alternatives.items():
                found = arm.match(term)
                if found is not None:
                    weight = trust * likeness
                    matches.append(_weighted(found, weight * group.share, weight))
        return matches

    def _foreign_matches(self, group: TermGroup, options: Sequence[Parts]) -> list[Matches]:
        """The passages without an edition in the word's language that translations are found in."""
        language = _language(group.word)
        arm = self.index.lexical.get("en" if language == "ko" else "ko")
        if arm is None or language not in self._lacking:
            return []
        matches = []
        for parts in options:
            known = [m for part in parts if (m := arm.match_translations(part)) is not None]
            found = _sum([_only(m, self._lacking[language]) for m in known], len(parts))
            if found is not None:
                trust = self.weights.translated / math.sqrt(len(parts))
                matches.append(_weighted(found, trust * group.share, 1.0))
        return matches

    def _translated(self, groups: Sequence[TermGroup]) -> list[Sequence[Parts]]:
        """How each group's word may read, where the library has passages that need it."""
        found: list[Sequence[Parts]] = [()] * len(groups)
        translator = load_translator()
        for language in self._lacking:
            rows = [
                i
                for i, g in enumerate(groups)
                if g.kind != "number" and "_" not in g.word and _language(g.word) == language
            ]
            words = [i for i in rows if groups[i].share == 1 or groups[i].kind != "other"]
            terms = [groups[i].word for i in words]
            for i, options in zip(words, translator.translate(terms), strict=True):
                named = self._named(groups[i]) if _doubtful(groups[i], options) else ()
                found[i] = (*options, *named) or translator.compound(groups[i].word)
            # A name that the morphology cut in two (포 + 시, Pausch) is heard as a whole.
            for first, second in zip(words, words[1:], strict=False):
                pair = groups[first].word + groups[second].word
                whole = [i for i in rows if groups[i].word == pair and groups[i].share < 1]
                if language == "ko" and whole and (named := self._named(groups[whole[0]])):
                    found[first], found[second] = (*found[first], *named), (*found[second], *named)
        return found

    def _named(self, group: TermGroup) -> Sequence[Parts]:
        """Names of the library in the other script that sound like the word."""
        names = self._names["en" if _language(group.word) == "ko" else "ko"]
        alike = {term: like for term, like in names.matches(group.word) if like >= SURE_NAME}
        return ((alike,),) if alike else ()

    @cached_property
    def _names(self) -> dict[str, NameIndex]:
        """By language, the words of the passages that have no edition in the other."""
        return {
            lang: NameIndex(arm.words)
            for lang in ("ko", "en")
            if (arm := self.index.lexical.get(lang)) is not None
        } | {lang: NameIndex(()) for lang in ("ko", "en") if lang not in self.index.lexical}

    def _worth_scoring(
        self,
        evidence: Sequence[_Evidence],
        vector: NDArray[np.float32],
        allowed: NDArray[np.bool_] | None,
    ) -> tuple[NDArray[np.int64], bool]:
        """The passages to score, ascending, and whether they are the whole library."""
        count = len(self.index.passages)
        if count <= WHOLE:
            everything = np.arange(count)
            return (everything, True) if allowed is None else (everything[allowed], False)
        total = np.zeros(count, np.float32)
        for found in evidence:
            total[found.places] += found.bm25
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
        headings, sections = self._headings
        sections = sections[places]
        heading = np.zeros((len(groups), int(sections.max()) + 1), np.float32)
        for row, group in enumerate(groups):
            for term, weight in sorted(group.alternatives.items(), key=lambda item: item[1]):
                if (held := headings.get(term)) is not None:  # the heaviest comes last
                    heading[row, held[held < heading.shape[1]]] = weight
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


def _found(places: NDArray[np.int64], allowed: NDArray[np.bool_] | None) -> bool:
    return bool(len(places) if allowed is None else allowed[places].any())


def _merged(
    matches: Sequence[Matches], bm25: Scores, present: Scores
) -> tuple[NDArray[np.int64], Scores, Scores]:
    """The best score and presence of each place; both scratch arrays are zero before and after."""
    for found in matches:
        bm25[found.places] = np.maximum(bm25[found.places], found.scores)
        present[found.places] = np.maximum(present[found.places], found.present)
    places = np.flatnonzero(present)
    merged = places, bm25[places], present[places]
    bm25[places] = present[places] = 0
    return merged


def _doubtful(group: TermGroup, options: Sequence[Parts]) -> bool:
    """Whether the tables may have missed a name: it is one, or no translation is likely."""
    likely = max((max(part.values()) for parts in options for part in parts), default=0.0)
    return group.kind == "name" or likely < UNLIKELY


def _weighted(found: Matches, score: float, present: float) -> Matches:
    return replace(
        found,
        scores=np.float32(score) * found.scores,
        present=np.float32(present) * found.present,
    )


def _only(found: Matches, mask: NDArray[np.bool_]) -> Matches:
    chosen = mask[found.places]
    return replace(
        found,
        places=found.places[chosen],
        scores=found.scores[chosen],
        present=found.present[chosen],
    )


def _sum(found: Sequence[Matches], parts: int) -> Matches | None:
    """What the parts of a compound find together: scores add up, presence is a mean."""
    if not found:
        return None
    places, where = np.unique(np.concatenate([f.places for f in found]), return_inverse=True)
    scores = np.bincount(where, np.concatenate([f.scores for f in found]), len(places))
    present = np.bincount(where, np.concatenate([f.present for f in found]), len(places))
    return Matches(
        places,
        scores.astype(np.float32),
        (present / parts).astype(np.float32),
        max(f.idf for f in found),
    )


def _intersect(
    places: NDArray[np.int64], found: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where members of `found` stand in `places`, and where in `found`; both ascending."""
    where = np.searchsorted(places, found)
    known = np.flatnonzero(where < len(places))
    known = known[places[where[known]] == found[known]]
    return where[known], known


def _top(scores: Scores, count: int) -> NDArray[np.int64]:
    """The places of the `count` highest scores above zero, in no order."""
    held = np.flatnonzero(scores)
    if len(held) <= count:
        return held
    return held[np.argpartition(-scores[held], count)[:count]]


def _language(word: str) -> str:
    return detect(word).main


def _letters(word: str) -> str:
    """Letters to compare spellings by: a Hangul syllable is two or three of them."""
    return unicodedata.normalize("NFD", word)


def _crowd(cosines: Scores) -> tuple[float, float]:
    """Mean and spread of the similarities known."""
    known = cosines[cosines > -1]
    if known.size < 2:
        return 0.0, 1.0
    return float(known.mean()), float(known.std()) or 1.0
