"""Why an answer is what it is: the question as understood, what was found, and how it was judged.

An Explanation holds nothing that search did not use, in words: concepts of the glossary by their
names, stems by the words they stand for. It explains the search that every engine begins with; what
a chat model then made of it is told by the checks of the answer's sentences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from assistant.concepts import Concept
from assistant.extract import choose
from assistant.find import Finder, Found, Scope
from assistant.query import Query
from index.terms import TermGroup
from index.types import Lang, Passage

HITS = 10  # passages that are shown
EXCERPT = 160  # characters of each
MOST_ALTERNATIVES = 6  # of a word
LIKELY = 0.05  # a less likely translation is not worth a reader's time

Source = Literal["word", "glossary", "synonym", "spelling", "translation"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another word that a word of the question is looked for by, and how much it counts."""

    text: str
    weight: float  # in (0, 1]
    source: Source


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the question, or of an earlier one that it leans on."""

    text: str
    share: float  # how much it counts; 1 for a word of the question itself
    found: bool  # whether any passage has it, or what stands for it
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """A text that was searched by its meaning, and how much it weighs."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was found: where it stands, how it was scored, whether it answers."""

    passage: str
    document: str
    title: str
    page: int
    section: str
    excerpt: str
    language: Lang  # of the excerpt
    score: float  # the ranker's, which orders
    fused: float
    lexical: float  # of its words
    dense: float  # of its meaning: cosine
    used: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a question was understood, what was found for it, and how that was judged."""

    question: str
    language: Lang
    follow_up: bool
    kinds: tuple[str, ...]  # of thing asked for, as assistant.question_types names them
    unit: str | None
    entity: str | None
    documents: tuple[str, ...] | None  # that were asked; None: all
    searched: tuple[Searched, ...]
    terms: tuple[Term, ...]
    hits: tuple[FoundPassage, ...]
    probability: float  # that the documents answer
    threshold: float  # below it a question is refused
    answerable: bool
    judge: str  # "restated" or "plain", and "+reranker" where one had half a say

    def to_json(self) -> dict[str, Any]:
        """The explanation as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Explanation":
        """What `to_json` wrote; KeyError or TypeError for anything else."""
        terms = tuple(
            Term(**{**t, "alternatives": tuple(Alternative(**a) for a in t["alternatives"])})
            for t in plain["terms"]
        )
        documents = plain["documents"]
        parts = {
            "kinds": tuple(plain["kinds"]),
            "documents": None if documents is None else tuple(documents),
            "searched": tuple(Searched(**one) for one in plain["searched"]),
            "terms": terms,
            "hits": tuple(FoundPassage(**hit) for hit in plain["hits"]),
        }
        return cls(**{**plain, **parts})


def explain(
    finder: Finder, query: Query, scope: Scope, concepts: Mapping[str, Concept]
) -> Explanation:
    """Search once more for `query`, and tell how it went."""
    found = finder.find(query, scope)
    ranking = found.ranking
    return Explanation(
        question=query.question,
        language=query.language,
        follow_up=query.follow_up,
        kinds=tuple(sorted(query.asks)),
        unit=query.unit,
        entity=query.entity,
        documents=None if scope is None else tuple(sorted(scope)),
        searched=tuple(Searched(text, round(weight, 3)) for text, weight in query.texts),
        terms=_terms(finder, found, scope, concepts),
        hits=_hits(finder, found),
        probability=round(ranking.probability, 4),
        threshold=round(ranking.threshold, 4),
        answerable=ranking.answerable,
        judge=ranking.judge + ("+reranker" if finder.reranker is not None else ""),
    )


def _hits(finder: Finder, found: Found) -> tuple[FoundPassage, ...]:
    query, ranking, scored = found.query, found.ranking, found.scored
    passages = finder.index.passages
    if scored is None or not ranking.places:
        return ()
    chosen = choose(ranking, passages, query) if ranking.answerable else []
    used = {passage.id for passage in chosen}
    places = np.array(ranking.places[:HITS], dtype=np.int64)
    hits = []
    for place, column, score in zip(places, scored.columns(places), ranking.scores, strict=False):
        passage = passages[int(place)]
        excerpt, written_in = _reading(passage, query.language)
        document = finder.index.documents[passage.document_id]
        hits.append(
            FoundPassage(
                passage=passage.id,
                document=passage.document_id,
                title=document.title(query.language),
                page=passage.page,
                section=passage.section_title(query.language),
                excerpt=_cut(excerpt),
                language=written_in,
                score=round(score, 3),
                fused=round(float(scored.score[column]), 3),
                lexical=round(float(scored.lexical[column]), 3),
                dense=round(float(scored.dense[column]), 3),
                used=passage.id in used,
            )
        )
    return tuple(hits)


def _reading(passage: Passage, lang: Lang) -> tuple[str, Lang]:
    """A quote as the reader reads it, and the language that it is then in."""
    if lang == passage.lang or not passage.quote_translation:
        return passage.quote, passage.lang
    return passage.quote_translation, lang


def _cut(text: str) -> str:
    return text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"


def _terms(
    finder: Finder, found: Found, scope: Scope, concepts: Mapping[str, Concept]
) -> tuple[Term, ...]:
    if found.scored is None:
        return ()
    groups = found.scored.groups
    retriever = finder.retriever
    allowed = None if scope is None else retriever.allowed(scope)
    translated = retriever.translations(groups, allowed)
    near = [
        reading
        for place in found.ranking.places[:HITS]
        for reading in finder.index.passages[place].readings
    ]
    surfaces = _surfaces(finder, [*(text for text, _ in found.query.texts), *near])
    own = {group.word for group in found.query.groups}
    terms = []
    for group, others, anywhere in zip(groups, translated, found.scored.anywhere, strict=True):
        if group.share < 1 and group.kind == "other" and not found.query.follow_up:
            continue  # two neighbours together: both stand by themselves
        if _is_pair(group, own):
            continue
        known = _alternatives(group, surfaces, concepts, found.query.language)
        known += [
            Alternative(surfaces.get(term, term), round(weight, 3), "translation")
            for term, weight in sorted(others.items(), key=lambda one: -one[1])
            if weight >= LIKELY
            and (term in surfaces or not term.isascii())  # a bare stem says little
        ]
        once = {a.text.lower(): a for a in reversed(known)}
        shown = tuple(a for a in known if once[a.text.lower()] is a)[:MOST_ALTERNATIVES]
        word = surfaces.get(group.word, group.word)
        terms.append(Term(word, round(group.share, 3), bool(anywhere), shown))
    return tuple(terms)


def _is_pair(group: TermGroup, words: set[str]) -> bool:
    """Whether a group is two neighbouring words of the question together."""
    return group.kind == "other" and any(
        group.word.startswith(word) and group.word[len(word) :].lstrip("_") in words
        for word in words
        if word != group.word
    )


def _alternatives(
    group: TermGroup, surfaces: Mapping[str, str], concepts: Mapping[str, Concept], lang: Lang
) -> list[Alternative]:
    """What a word is looked for by besides itself; a concept by its names in both languages."""
    found = []
    for term, weight in sorted(group.alternatives.items(), key=lambda one: -one[1]):
        if term == group.word:
            continue
        counts = round(weight, 3)
        if not term.startswith("#"):
            found.append(Alternative(surfaces.get(term, term), counts, "spelling"))
        elif (concept := concepts.get(term)) is not None:
            source: Source = "glossary" if term.startswith("#g") else "synonym"
            other = "en" if lang == "ko" else "ko"
            names = dict.fromkeys((concept.name(lang), concept.name(other)))
            found.append(Alternative(" · ".join(names), counts, source))
    return found


def _surfaces(finder: Finder, texts: Sequence[str]) -> dict[str, str]:
    """By term, the word as the first of the texts that has it writes it."""
    morphology = finder.index.analyzer.morphology
    surfaces: dict[str, str] = {}
    for text, tokens in zip(texts, morphology.tokens_of(list(texts)), strict=True):
        for token in tokens:
            written = text[token.char_start : token.char_end]
            # A Korean verb's base form reads better than the stem that it is cut to.
            shown = token.term if token.term.endswith("다") else written
            surfaces.setdefault(token.term, shown)
    return surfaces
