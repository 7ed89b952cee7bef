"""Retrieval over passages that are not the brief: Korean, English, across and mixed.

Contract: the passages and questions in their own language are the held-out half of the TyDi QA rows
in the data folder (Clark et al. 2020, "TyDi QA"), which no shipped model was trained on; the same
questions in the other language are this project's own translations (`read_questions`), found by a
key, so that no TyDi QA text lies in the project. Each passage is one paragraph of a library
and a hit on any of its sentences is a hit on it. The tune half chooses, the test half reports; they
share no passage. Measures are ir-measures'. Not covered: whether another passage of the pool
answers a question too (one is marked for each).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.training.training_data import question_key, read_questions, read_retrieval
from index.types import Lang

Part = Literal["tune", "test"]
Ranker = Callable[[str], Sequence[str]]  # question -> passage ids, best first
DEPTH = 100  # passages of a ranking that are measured


@dataclass(frozen=True, slots=True)
class Question:
    """A question in one language about a passage in the same or the other."""

    id: str
    text: str
    lang: Lang
    passage: str  # the id of the passage that answers it

    @property
    def task(self) -> str:
        """Which languages meet: ko, en, ko>en or en>ko."""
        other = self.passage[:2]
        return self.lang if self.lang == other else f"{self.lang}>{other}"


@dataclass(frozen=True, slots=True)
class Pool:
    """Passages by id, in both languages, and the questions about them."""

    passages: Mapping[str, str]
    questions: tuple[Question, ...]

    def only(self, lang: Lang) -> "Pool":
        """The passages of one language, with every question about them."""
        kept = {i: text for i, text in self.passages.items() if i.startswith(lang)}
        return Pool(kept, tuple(q for q in self.questions if q.passage in kept))


def part_of(passage: str) -> Part:
    """The half that a passage belongs to, the same on every machine."""
    return "test" if hashlib.sha256(passage.encode("utf-8")).digest()[1] % 2 == 0 else "tune"


def read_pool(data: Path, part: Part | None) -> Pool:
    """The passages of a half (None: both) with their questions, own and translated."""
    translated = {question.key: question for question in read_questions()}
    _, held_out = read_retrieval(data)
    ids: dict[str, str] = {}
    questions: dict[str, Question] = {}
    for pair in held_out:
        if not pair.source.startswith("tydiqa-") or part not in (None, part_of(pair.right)):
            continue
        lang: Lang = "ko" if pair.source == "tydiqa-ko" else "en"
        passage = ids.setdefault(pair.right, f"{lang}{len(ids):05d}")
        key = question_key(pair)
        questions.setdefault(key, Question(key, pair.left, lang, passage))
        if key in translated:
            asked = translated[key].question
            other: Lang = "en" if lang == "ko" else "ko"
            questions.setdefault(f"{key}-x", Question(f"{key}-x", asked, other, passage))
    return Pool({i: " ".join(t.split()) for t, i in ids.items()}, tuple(questions.values()))


def write_library(pool: Pool, folder: Path) -> dict[tuple[str, int], str]:
    """Write the passages as documents of one paragraph each; (document, paragraph) -> passage."""
    folder.mkdir(parents=True)
    where: dict[tuple[str, int], str] = {}
    for lang in ("ko", "en"):
        own = [i for i in pool.passages if i.startswith(lang)]
        if own:
            text = "\n\n".join(_sentence(pool.passages[i]) for i in own)
            (folder / f"pool-{lang}.txt").write_text(text + "\n", encoding="utf-8")
            (folder / f"pool-{lang}.yaml").write_text(
                f"file: pool-{lang}.txt\nid: pool-{lang}\nlang: {lang}\nlayout: plain\n"
                f"title:\n  {lang}: Passages\n",
                encoding="utf-8",
            )
            where |= {(f"pool-{lang}", number): i for number, i in enumerate(own)}
    return where


def run(questions: Iterable[Question], rank: Ranker) -> dict[str, dict[str, float]]:
    """Question id -> passage id -> a score that falls with the rank, as ir-measures reads it."""
    return {
        q.id: {passage: 1.0 / n for n, passage in enumerate(rank(q.text)[:DEPTH], start=1)}
        for q in questions
    }


def measure(
    questions: Iterable[Question], found: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Means of R@10, RR@10 (called MRR@10) and nDCG@10 over the questions, in [0, 1]."""
    import ir_measures
    from ir_measures import RR, R, nDCG

    qrels = {q.id: {q.passage: 1} for q in questions}
    run_of = {i: dict(found.get(i, {})) for i in qrels}
    values = ir_measures.calc_aggregate([R @ 10, RR @ 10, nDCG @ 10], qrels, run_of)
    return {str(name): float(value) for name, value in values.items()}


def _sentence(text: str) -> str:
    """`text` with a full stop, or a short passage would be read as a heading."""
    text = text.lstrip("#>*- ")
    return text if text.endswith((".", "!", "?")) else text + "."
