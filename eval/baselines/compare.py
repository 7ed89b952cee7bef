"""Measure one system on the passages of a pool, or on the questions of the brief.

On a pool a system ranks passages: R@10, MRR@10 and nDCG@10 of eval.retrieval. On a library it
returns texts, long chunks or single sentences, and those are compared by what a reader finds in the
first characters of them. Figures stand for one task or language each, since one mean over both
would hide that one of them fails. Times are of this machine, with the models loaded. Not covered:
questions that follow up on an earlier one, since no system here is told of it.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.baselines.systems import System
from eval.means import Mean, mean
from eval.measures import evidence_found, share
from eval.retrieval import Pool, Question, measure
from eval.retrieval import run as run_questions
from eval.samples import LANGS, Groups, Sample, squeeze
from index.types import Lang

CUT = 10  # places of a ranking that count
SHORT, LONG = 1_000, 4_000  # characters of returned text; the quick start's four chunks are LONG
TASKS = ("ko", "en", "ko>en", "en>ko")


@dataclass(frozen=True, slots=True)
class OnPool:
    """How a system ranks the passages of `pool` (ko, en, mixed) for the questions of `task`."""

    system: str
    pool: str
    task: str
    recall: Mean  # R@10, in [0, 1]
    mrr: float  # MRR@10
    ndcg: float  # nDCG@10
    ms: float  # of a question, median
    index_s: float


@dataclass(frozen=True, slots=True)
class OnLibrary:
    """What a system returns for the questions of one language: all figures are in [0, 1]."""

    system: str
    lang: Lang
    short: Mean  # evidence recall in the first 1,000 characters of what is returned
    long: Mean  # the same in the first 4,000
    mrr: Mean  # MRR@10 of the first text that holds any of the evidence
    ms: float
    index_s: float


def on_pool(system: System, pool: Pool, label: str) -> list[OnPool]:
    """Index the passages, ask every question, and measure each task that has questions."""
    index_s = _seconds(lambda: system.index(pool.passages))
    times: list[float] = []
    found = run_questions(pool.questions, _timed(system.rank, times))
    asked = list(zip(pool.questions, times, strict=True))
    figures = []
    for task in TASKS:
        own = [(question, ms) for question, ms in asked if question.task == task]
        if own:
            questions = [question for question, _ in own]
            means = measure(questions, found)
            figures.append(
                OnPool(
                    system=system.name,
                    pool=label,
                    task=task,
                    recall=mean(_hits(questions, found)),
                    mrr=means["RR@10"],
                    ndcg=means["nDCG@10"],
                    ms=statistics.median(ms for _, ms in own),
                    index_s=index_s,
                )
            )
    return figures


def on_library(
    system: System, library: Path, samples: Sequence[Sample], evidence: Mapping[str, Groups]
) -> list[OnLibrary]:
    """Read the library, ask each language's questions, and look for evidence in what comes back.

    `evidence` holds verbatim text by sample, as eval.samples resolves it.
    """
    start = time.perf_counter()
    texts = system.read(library)
    index_s = time.perf_counter() - start
    squeezed = {i: squeeze(text) for i, text in texts.items()}
    times: list[float] = []
    rank = _timed(system.rank, times)
    figures = []
    for lang in LANGS:
        own = [sample for sample in samples if sample.lang == lang]
        if own:
            times.clear()
            rankings = [(evidence[sample.id], rank(sample.question)) for sample in own]
            figures.append(
                OnLibrary(
                    system=system.name,
                    lang=lang,
                    short=mean(recall(g, [texts[i] for i in r], SHORT) for g, r in rankings),
                    long=mean(recall(g, [texts[i] for i in r], LONG) for g, r in rankings),
                    mrr=mean(
                        reciprocal_rank(g, [squeezed[i] for i in r[:CUT]]) for g, r in rankings
                    ),
                    ms=statistics.median(times),
                    index_s=index_s,
                )
            )
    return figures


def stands_alone(sample: Sample) -> bool:
    """The documents answer the question, and it needs no earlier one to be understood."""
    return sample.answerable and not sample.history


def recall(groups: Groups, texts: Sequence[str], limit: int) -> float | None:
    """The share of evidence groups found in the first `limit` characters of `texts`, in order.

    White space counts, as it does for whoever reads or pays for the text; the text that the limit
    cuts counts as far as it reaches. None without groups.
    Worked: groups (("ab",), ("cd",)), texts ["a b", "cd"]: limit 4 cuts to "a b", "c": 0.5.
    """
    return share(evidence_found(groups, list(_cut(texts, limit)), budget=limit))


def reciprocal_rank(groups: Groups, squeezed: Sequence[str]) -> float:
    """1 / place of the first text that holds any alternative of any group; 0.0 where none does.

    Worked: groups (("ab",), ("c", "d")), texts ["x", "xdx"] is 1/2.
    """
    wanted = {squeeze(quote) for group in groups for quote in group}
    for place, text in enumerate(squeezed, start=1):
        if any(quote in text for quote in wanted):
            return 1 / place
    return 0.0


def _cut(texts: Sequence[str], limit: int) -> Iterator[str]:
    ends = itertools.accumulate(map(len, texts), initial=0)
    for start, text in zip(ends, texts, strict=False):
        if start >= limit:
            return
        yield text[: limit - start]


def _hits(
    questions: Sequence[Question], found: Mapping[str, Mapping[str, float]]
) -> Iterator[float]:
    """R@10 of each question: 1.0 where its passage has a score of the first ten places."""
    for question in questions:
        yield float(found[question.id].get(question.passage, 0.0) >= 1 / CUT)


def _timed(
    rank: Callable[[str], Sequence[str]], times: list[float]
) -> Callable[[str], Sequence[str]]:
    """`rank`, adding the milliseconds of each call to `times`."""

    def timed(question: str) -> Sequence[str]:
        start = time.perf_counter()
        ranking = rank(question)
        times.append((time.perf_counter() - start) * 1000)
        return ranking

    return timed


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
