"""What the ranker and the answerability model see of a question before an open library.

`Case.signals` says of each passage how well it matches the question's words, meaning and kind (a
question for a date wants a passage with a date). `Case.evidence` says of the question as a whole
how much of it the best passages cover and what they leave unexplained. `assistant.rank` weighs
both.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.answer_types import (
    holds_entity,
    holds_unit,
    holds_value,
    lacks_aspect,
    lacks_given,
    shows,
    wants_value,
)
from assistant.query import Query
from index.lexicon import EntityType
from index.retrieve import Retriever, Scored
from index.word_vectors import load_word_vectors

TIGHT = 0.75  # weight of an alternative that is the word itself, a glossary term, or that restated
EXACT = 0.9  # the word itself or a glossary term, in the passage's own text
CONTENDS = 0.6  # share of the best passage's coverage that a second must reach to count
SHORT = 25  # characters; less says too little to answer with
OTHER_LABEL = 5.0  # times the signal, so that the fit can make it nearly rule a cell out
FAR, AKIN = 0.25, 0.75  # cosine of two words up to which they have nothing in common; of likes
LEAD_UNIT = 5.0  # standard deviations
RANKED = 50  # passages, best by the fused score, that the ranker looks at

Floats = NDArray[np.float32]

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
    "beside",  # BM25 sum of the sentence before or after it, as for `lexical`
    "heading",  # share of the words in the section's heading
    "other_label",  # a table cell, and the question names the label of another row or column
    "cell_wanted",  # a table cell, and the question is about the table
    "foreign",  # it does not read in the language of the answer
    "foreign_lexical",  # `lexical` of one that does not, whose words are matched by translation
    "foreign_coverage",
    "foreign_lead",  # `dense_lead` of one that does not
    "short",  # fewer than 25 characters: too little to answer with
    "window",  # `dense_lead`, mean of its paragraph
    "opens",  # it opens its paragraph
    "position",  # how far down its document it stands
    "near",  # share of the question's words that it has, or has a near word for
    "nearness",  # cosine of the question's words to its nearest words, mean
    "near_least",  # how near it has the weightiest word that it lacks
)
EVIDENCE = (
    "score",  # of the best passage
    "lead",  # over the fifth
    "coverage",
    "reach",
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
    "no_aspect",  # an opinion, a superlative, a procedure … is asked for and not shown
    "given_missed",  # the question states a number or date that the best two lack
    "words",  # number of content words, over 12
    "leans",  # it is a follow-up: most of its words come from earlier questions, at a discount
    "personal",  # it is about the asker, who is in no document
    "instruction",  # asks for something to be done rather than for what a document says
)

# Asks for something to be done rather than for what a document says.
_INSTRUCTION = re.compile(
    "|".join(
        (
            r"(?:지시|명령|규칙|지침|프롬프트|시스템 ?메시지|설정).{0,14}"
            r"(?:무시|잊|공개|출력|보여|알려|바꿔|따르지|말해)",
            r"무시하고",
            r"(?:^|\s)(?:시|시조|동시|노래|가사|소설|농담|이야기|코드|프로그램|함수|이메일|편지|"
            r"자소서|자기소개서|에세이|연설문|축사|기사|랩|트윗)(?:를|을|로)?"
            r" ?(?:한 ?(?:편|수|줄|곡|통|개)|하나|좀|짧게)? ?(?:써|쓰|지어|만들어|작성|짜)",
            r"번역(?:을|을 좀)? ?(?:해|하)",
            r"(?:로|으로) 옮겨 ?(?:줘|주)",
            r"(?:ignore|disregard|forget|override|reveal|print|repeat|show|bypass|turn off|is off)"
            r".{0,40}(?:instruction|prompt|rule|above|previous|system|guideline|citation)",
            r"(?:system|developer) ?(?:prompt|message|mode)",
            r"^\s*system\s*:",
            r"\b(?:write|compose|draft|generate|create|make up|rewrite|proofread|edit|sing)\b"
            r".{0,30}\b(?:poem|haiku|song|story|joke|code|script|program|function|essay|email|letter|tweet|"
            r"rap|limerick|speech|sonnet|verse|headline|article|resume|cv)\b",
            r"\btranslate\b",
            r"\b(?:pretend|act as|role-?play|you are now)\b",
            r"너는 이제",
            r"지금부터 (?:너|당신)",
            r"인 척",
            r"역할을 (?:해|맡)",
            r"own knowledge",
            r"without (?:sources|citations)",
            r"출처 없이",
            r"네 (?:생각|지식)",
        )
    ),
    re.IGNORECASE,
)
# Is about the asker, who is in no document.
_PERSONAL = re.compile(
    "|".join(
        (
            r"(?:^|\s)(?:제가|저는|저도|제|내가|우리 (?:집|애|아이|회사|엄마|아빠|강아지))(?=\s)",
            r"\b(?:I|I'm|I've|my|mine)\b",
            r"(?:남자|여자) ?친구",
            r"추천해",
            r"맛집",
            r"레시피",
            r"날씨",
            r"(?:^|\s)(?:비|눈)(?:가|이)? (?:오|올|와)",
        )
    )
)


class Case:
    """One question before the passages worth ranking: what the two models see of it."""

    def __init__(self, query: Query, scored: Scored, retriever: Retriever) -> None:
        self.query = query
        self.scored = scored
        self.retriever = retriever
        self.passages = retriever.index.passages
        order = scored.places[np.argsort(-scored.score, kind="stable")]
        # A table row gives way to its cells, which cite better.
        kept = [int(i) for i in order[: RANKED * 2] if self.passages[i].kind != "row"]
        self.places: NDArray[np.int64] = np.array(kept[:RANKED], dtype=np.int64)
        self._column_of = {int(place): i for i, place in enumerate(scored.places)}
        self._idf = scored.group_idf
        self._names = np.array([g.kind in ("name", "number") for g in scored.groups], bool)
        self._words = np.array([g.share >= 1 for g in scored.groups], bool)
        # What the question names for certain: its words and their glossary terms.
        self._asked = frozenset(
            t
            for g in query.groups
            for t, w in g.alternatives.items()
            if w >= EXACT and g.share >= 1
        )
        self._given = frozenset(t for g in query.groups for t in g.alternatives)

    @property
    def restated(self) -> bool:
        """Whether the best passage by the fused score has restatements."""
        return any(self.passages[self.places[0]].restatements.values())

    def signals(self) -> Floats:
        """Shape (len(places), len(SIGNALS)); values in about [0, 1]."""
        scored, places = self.scored, self.places
        columns = scored.columns(places)
        present = scored.present[:, columns]
        pairs = np.array([g.share < 1 and g.kind == "other" for g in scored.groups], bool)
        checks = [self._checks(i) for i in places]
        cells = np.array([self.passages[i].kind == "cell" for i in places])
        reads = [self.passages[i].in_language(self.query.language) is not None for i in places]
        foreign = ~np.array(reads)
        short = np.array([len(self.passages[i].quote) < SHORT for i in places])
        paragraph = self.retriever.paragraphs
        about_table = "table" in self.query.asks
        peak = float(scored.lexical.max()) or 1.0
        beside = np.array([self._beside(int(i)) for i in places], np.float32) / peak
        values = {
            "lexical": scored.lexical[columns] / peak,
            "coverage": scored.coverage[columns],
            "reach": scored.reach[columns],
            "names": _share(self._idf * self._names, present),
            "pairs": _share(self._idf * pairs, present),
            "own": _share(self._idf, present >= EXACT),
            "dense": scored.dense[columns],
            "dense_lead": scored.dense_lead[columns] / LEAD_UNIT,
            "fit": [
                all(found) if found else shows(self.passages[i], self.query.asks)
                for i, found in zip(places, checks, strict=True)
            ],
            "misfit": [not all(found) for found in checks],
            "beside": beside,
            "heading": _share(self._idf, scored.heading[:, columns]),
            "other_label": [OTHER_LABEL * self._other_label(int(i)) for i in places],
            "cell_wanted": cells & about_table,
            "foreign": foreign,
            "foreign_lexical": foreign * scored.lexical[columns] / peak,
            "foreign_coverage": foreign * scored.coverage[columns],
            "foreign_lead": foreign * scored.dense_lead[columns] / LEAD_UNIT,
            "short": short & ~cells,
            "window": self._window()[columns] / LEAD_UNIT,
            "opens": [i == 0 or paragraph[i] != paragraph[i - 1] for i in places],
            "position": [self.passages[i].position / self.retriever.sizes[i] for i in places],
            **self._nearness(present),
        }
        return np.stack([np.asarray(values[name], np.float32) for name in SIGNALS], axis=1)

    def _nearness(self, present: Floats) -> dict[str, Floats]:
        """What the vectors of single words add to the words that each place is known to have."""
        weights = self._idf * self._words
        total = float(weights.sum())
        if not total:
            nothing = np.zeros(len(self.places), np.float32)
            return {"near": nothing, "nearness": nothing, "near_least": nothing}
        index = self.retriever.index
        held = [index.words.of(int(place)) for place in self.places]
        cosines = load_word_vectors().nearest([g.word for g in self.scored.groups], held)
        akin = np.maximum(np.clip((cosines - FAR) / (AKIN - FAR), 0, 1), present)
        return {
            "near": (weights @ akin) / total,
            "nearness": (weights @ np.maximum(cosines, present)) / total,
            "near_least": 1 - (weights[:, None] * (1 - akin)).max(axis=0) / max(weights.max(), 1),
        }

    def _window(self) -> Floats:
        """Of each passage scored, the mean lead of its paragraph's passages."""
        _, paragraph = np.unique(self.retriever.paragraphs[self.scored.places], return_inverse=True)
        sums = np.bincount(paragraph, self.scored.dense_lead)
        return np.asarray((sums / np.bincount(paragraph))[paragraph], np.float32)

    def evidence(self, places: NDArray[np.int64], scores: Floats) -> Floats:
        """Shape (len(EVIDENCE),): what ranked passages say of the question's chances."""
        best = self.scored.columns(places[:4])
        facts = dict.fromkeys(EVIDENCE, 0.0) | {
            "score": float(scores[0]),
            "lead": float(scores[0] - scores[min(4, len(scores) - 1)]),
            "dense": float(self.scored.dense[best].max()),
            "dense_lead": float(self.scored.dense_lead[best].max()) / LEAD_UNIT,
            "words": min(int(self._words.sum()), 12) / 12,
            "leans": float(self.query.follow_up),
            "instruction": float(bool(_INSTRUCTION.search(self.query.question))),
            "personal": float(bool(_PERSONAL.search(self.query.question))),
            **self._word_evidence(places),
            **self._kind_evidence(self._contenders(places)),
        }
        return np.array([facts[name] for name in EVIDENCE], np.float32)

    def _word_evidence(self, places: NDArray[np.int64]) -> dict[str, float]:
        """Which of the question's words the best passages cover, and which they miss."""
        scored, idf, names = self.scored, self._idf, self._names
        if not len(idf):
            return {}  # a question without words finds nothing and misses nothing
        columns = scored.columns(places[:4])
        best, top = columns[0], scored.present[:, columns]
        covered, two = top.max(axis=1), top[:, :2].max(axis=1)
        near = np.maximum(scored.present, scored.around)[:, best]
        anywhere = scored.anywhere
        focus = np.array([g.word in self.query.focus for g in scored.groups], bool)
        total, named = float(idf.sum()) or 1.0, float(idf[names].sum()) or 1.0
        focused = float(idf[focus].sum())
        missed = np.sort(np.append(idf * self._words * (1 - covered), [0.0, 0.0]))[::-1]
        peak = max(float(idf.max()), 1.0)
        return {
            "coverage": float(scored.coverage[best]),
            "reach": float(scored.reach[best]),
            "tight": float(idf[top[:, 0] >= TIGHT].sum()) / total,
            "tight_union": float(idf[covered >= TIGHT].sum()) / total,
            "unknown": float(idf[~anywhere].sum()) / total,
            "unknown_names": float(idf[~anywhere & names].sum()) / named,
            "names_missed": float((idf * names * (1 - covered)).sum()) / named,
            "names_missed_here": float((idf * names * (1 - near)).sum()) / named,
            "focus_missed": float((idf * focus * (1 - two)).sum()) / (focused or 1.0),
            "has_focus": float(focused > 0),
            "worst_missed": float(missed[0]) / peak,
            "second_missed": float(missed[1]) / peak,
        }

    def _beside(self, place: int) -> float:
        """The higher lexical score of the two sentences next to a passage, in its section."""
        passages = self.passages
        near = [i for i in (place - 1, place + 1) if i in self._column_of]
        home = (passages[place].document_id, passages[place].section_id)
        scores = [
            float(self.scored.lexical[self._column_of[i]])
            for i in near
            if (passages[i].document_id, passages[i].section_id) == home
            and passages[i].kind == passages[place].kind == "sentence"
        ]
        return max(scores, default=0.0)

    def _contenders(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The best passage, and the second where it covers nearly as many of the words.

        A passage about something else that happens to hold a date is no answer to "when".
        """
        coverage = self.scored.coverage[self.scored.columns(places[:2])]
        return places[: 1 + int(len(coverage) > 1 and coverage[1] >= CONTENDS * coverage[0])]

    def _kind_evidence(self, places: NDArray[np.int64]) -> dict[str, float]:
        """Which kinds of thing are asked for, and which of them the passages lack."""
        query, passages = self.query, [self.passages[i] for i in places]
        value, unit, entity = wants_value(query.asks), query.unit, query.entity
        return {
            "no_aspect": float(lacks_aspect(query.question, passages)),
            "given_missed": float(lacks_given(query.question, passages)),
            "asks_value": float(value),
            "asks_entity": float(entity is not None),
            "asks_reason": float("reason" in query.asks),
            "no_value": float(
                value and not any(holds_value(p, query.asks, query.question) for p in passages)
            ),
            "no_unit": float(
                unit is not None and not any(holds_unit(p, unit, query.question) for p in passages)
            ),
            "no_entity": float(
                entity is not None and not any(self._names_one(i, entity) for i in places)
            ),
        }

    def _checks(self, place: np.int64) -> list[bool]:
        """For each value, unit or name asked for, whether the passage holds it."""
        query, passage, checks = self.query, self.passages[int(place)], []
        if wants_value(query.asks):
            checks.append(holds_value(passage, query.asks, query.question))
        if query.unit is not None:
            checks.append(holds_unit(passage, query.unit, query.question))
        if query.entity is not None:
            checks.append(self._names_one(place, query.entity))
        return checks

    def _names_one(self, place: np.int64, entity: EntityType) -> bool:
        return holds_entity(
            self.passages[int(place)],
            self.retriever.entities[int(place)],
            entity,
            self.query.question,
            self._given,
            self.retriever.index.analyzer.lexicon.types,
        )

    def _other_label(self, place: int) -> bool:
        labels = self.retriever.labels
        if place not in labels:
            return False
        table = [
            own for other, own in labels.items()
            if self.passages[other].paragraph == self.passages[place].paragraph
            and self.passages[other].document_id == self.passages[place].document_id
        ]  # fmt: skip
        return any(
            self._asked.isdisjoint(own) and any(not self._asked.isdisjoint(o) for o in others)
            for own, others in zip(labels[place], zip(*table, strict=True), strict=True)
        )


def _share(idf: Floats, present: NDArray[Any]) -> Floats:
    """Share, by idf, of the question's words that are present; shape (passages,), in [0, 1]."""
    total = float(idf.sum())
    if not total:
        return np.zeros(present.shape[1], np.float32)
    return np.asarray((idf[:, None] * present).sum(axis=0) / total, np.float32)
