"""Measure sentence vectors: translation accuracy@1 and retrieval MRR@10.

Contract: a text's vector is the mean of its token rows, cut to the first `dims` numbers, then L2
normalised; a text without known tokens has the zero vector. Cosine ranks. Not covered: hybrid
ranking with BM25, sentence windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.training.training_data import TokenTexts

FloatArray = NDArray[np.float32]
TASKS = ("ko", "en", "ko>en", "en>ko")  # language of the question, and of the passages if another


@dataclass(frozen=True, slots=True)
class Question:
    """Questions of one language over its passages; `answers[i]` is the passage of question i."""

    questions: TokenTexts
    passages: TokenTexts
    answers: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Everything a model is measured on; `korean[i]` translates `english[i]`."""

    korean: TokenTexts
    english: TokenTexts
    retrieval: Mapping[str, Question]  # TyDi QA, by task: ko, en, ko>en, en>ko


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1: accuracy@1 both ways on FLORES, MRR@10 by task on held-out TyDi QA."""

    dims: int
    stored: str
    flores_ko_en: float
    flores_en_ko: float
    mrr: Mapping[str, float]


def embed(table: FloatArray, texts: TokenTexts, dims: int) -> FloatArray:
    """Unit vectors [texts, dims] from a token table [vocabulary, at least dims]."""
    vectors = np.zeros((len(texts.starts) - 1, dims), dtype=np.float32)
    for row, (begin, end) in enumerate(zip(texts.starts[:-1], texts.starts[1:], strict=True)):
        if end > begin:
            vectors[row] = table[texts.tokens[begin:end], :dims].mean(axis=0)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit


def accuracy_at_1(queries: FloatArray, targets: FloatArray) -> float:
    """Share of rows i of `queries` whose nearest row of `targets` is row i."""
    nearest = (queries @ targets.T).argmax(axis=1)
    return float((nearest == np.arange(len(queries))).mean())


def mrr_at_10(queries: FloatArray, passages: FloatArray, answers: NDArray[np.int64]) -> float:
    """Mean of 1 / rank of the answer, 0 where it ranks below 10; a tie counts against us."""
    scores = queries @ passages.T
    own = scores[np.arange(len(answers)), answers]
    ranks = (scores >= own[:, None]).sum(axis=1)
    return float(np.where(ranks <= 10, 1.0 / np.maximum(ranks, 1), 0.0).mean())


def measure(table: FloatArray, benchmark: Benchmark, dims: int, stored: str) -> Figures:
    """All figures of one token table at one length of vector."""
    korean, english = (embed(table, t, dims) for t in (benchmark.korean, benchmark.english))
    mrr = {
        task: mrr_at_10(embed(table, q.questions, dims), embed(table, q.passages, dims), q.answers)
        for task, q in benchmark.retrieval.items()
    }
    return Figures(
        dims, stored, accuracy_at_1(korean, english), accuracy_at_1(english, korean), mrr
    )


def figures_table(rows: Sequence[Figures]) -> str:
    """The figures as a Markdown table, accuracy@1 in percent and MRR@10."""
    lines = [
        "| dims | stored as | FLORES ko→en | FLORES en→ko | TyDi QA ko | en | ko→en | en→ko |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.dims} | {row.stored} | {row.flores_ko_en:.1%} | {row.flores_en_ko:.1%} "
        f"| {' | '.join(f'{row.mrr[task]:.3f}' for task in TASKS)} |"
        for row in rows
    ]
    return "\n".join(lines)
