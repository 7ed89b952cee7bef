"""Fit the ranker and the answerability model: `python -m eval.fit`.

Trains on the questions of eval/sets/train.jsonl and the dev halves of the brief and other sets, and
never looks at a test half. Prints five-fold cross-validated figures, then writes
assistant/weights.json with the models fitted on all of it. Deterministic.

The ranker is a pairwise logistic regression: a relevant passage should score above an irrelevant
one of the same question. Answerability is a logistic regression on what the ranked passages cover;
its thresholds are those below which WRONGLY_REFUSED of the answerable questions of a language fall.
"""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from assistant.query import clean, understand
from assistant.rank import EVIDENCE, SIGNALS, WEIGHTS, Case
from assistant.settings import BRIEF, load_settings
from eval.samples import LIBRARY, SETS, Sample, evidence_texts, load, squeeze
from index.build import Index, open_index
from index.models import load_embedder
from index.retrieve import Retriever

WRONGLY_REFUSED = 0.025  # share of answerable questions that may be refused, cross-validated
REGULARISATION = 0.3  # inverse strength, of the standardised answerability model
RANKER_REGULARISATION = 0.01  # the same, of the ranker
FOLDS = 5
MARGINS = {"margin": 4.0, "margin_list": 3.0, "margin_value": 1.0}  # in ranker units

Floats = NDArray[np.float32]


@dataclass(slots=True)
class Example:
    """A question before a library, with what the models see of it."""

    sample: Sample
    case: Case
    places: NDArray[np.int64]  # of passages; ranked by models that never saw the question
    signals: Floats
    groups: Sequence[Sequence[int]]  # evidence groups, as places of passages

    @property
    def library(self) -> str:
        """The document, and what of an edition and restatements it has."""
        passages = self.case.passages
        extras = "+edition" * any(p.translation for p in passages)
        extras += "+restated" * any(any(p.restatements.values()) for p in passages)
        return self.sample.document + extras

    @property
    def gold(self) -> set[int]:
        """Every place that is evidence."""
        return {place for group in self.groups for place in group}


def main() -> None:
    """Fit, print the cross-validated figures, write the weights."""
    settings = load_settings()
    embedder = load_embedder(settings.embedder)
    brief = [s for name in ("train", "brief") for s in _seen(name)]
    korean = [s for s in brief if s.lang == "ko"]
    examples: list[Example] = []
    with TemporaryDirectory() as scratch:
        # What users' own documents lack is taken from the brief too, so that the models learn from
        # all its questions what to expect without it.
        plain = _copy_without(BRIEF, Path(scratch) / "plain", "restatements")
        single = _copy_without(plain, Path(scratch) / "single", "edition")
        root = Path(scratch) / "index"
        for folder, samples in (
            (BRIEF, brief),
            (plain, brief),
            (single, korean),
            (LIBRARY, _seen("other")),
        ):
            index = open_index(folder, root, embedder)
            examples += _examples(index, samples)
    known, probabilities = _cross_validate(examples)
    english = np.array([e.case.query.language == "en" for e in examples])
    thresholds = {
        regime: {
            lang: round(float(np.quantile(probabilities[c & known & spoken], WRONGLY_REFUSED)), 4)
            for lang, spoken in (("ko", ~english), ("en", english))
        }
        for regime, c in _regimes(examples).items()
    }
    _print(examples, probabilities, thresholds)
    _print_refusals(examples, probabilities, thresholds)
    ranker = fit_ranker(examples)
    stored: dict[str, Any] = {"ranker": {"bias": 0.0, "weights": _named(SIGNALS, ranker)}}
    for regime, chosen in _regimes(examples).items():
        bias, weights = fit_answerability(
            [e for e, c in zip(examples, chosen, strict=True) if c], ranker
        )
        stored[regime] = {
            "bias": round(bias, 4),
            "weights": _named(EVIDENCE, weights),
            "thresholds": thresholds[regime],
        }
    stored["margins"] = MARGINS
    WEIGHTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _regimes(examples: Sequence[Example]) -> dict[str, NDArray[np.bool_]]:
    """Which examples each answerability model is for."""
    restated = np.array([e.case.restated(e.case.places) for e in examples])
    return {"restated": restated, "plain": ~restated}


def _seen(name: str) -> list[Sample]:
    return [s for s in load(SETS / f"{name}.jsonl", needs_nuggets=False) if s.half != "test"]


def _copy_without(library: Path, folder: Path, setting: str) -> Path:
    """A copy of a library whose sidecars lack `setting`."""
    shutil.copytree(library, folder)
    for sidecar in folder.glob("*.yaml"):
        entries = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
        entries.pop(setting, None)
        sidecar.write_text(
            yaml.safe_dump(entries, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
    return folder


def fit_ranker(examples: Sequence[Example]) -> Floats:
    """Weights of SIGNALS, shape (len(SIGNALS),); each question counts once, however many pairs."""
    rows, shares = [], []
    for example in examples:
        relevant = np.isin(example.places, list(example.gold))
        if relevant.any() and not relevant.all():
            better, worse = example.signals[relevant], example.signals[~relevant]
            pairs = (better[:, None, :] - worse[None, :, :]).reshape(-1, len(SIGNALS))
            rows.append(pairs)
            shares.append(np.full(len(pairs), 100 / len(pairs)))
    pairs, share = np.concatenate(rows), np.concatenate(shares)
    model = LogisticRegression(C=RANKER_REGULARISATION, fit_intercept=False, max_iter=5_000)
    labels = np.r_[np.ones(len(pairs)), np.zeros(len(pairs))]
    model.fit(np.concatenate([pairs, -pairs]), labels, sample_weight=np.r_[share, share])
    return np.asarray(model.coef_[0], np.float32)


def fit_answerability(examples: Sequence[Example], ranker: Floats) -> tuple[float, Floats]:
    """Bias and weights of EVIDENCE, for values as they come (standardisation is folded in)."""
    facts = _facts(examples, ranker)
    mean, spread = facts.mean(axis=0), facts.std(axis=0) + 1e-6
    model = LogisticRegression(C=REGULARISATION, max_iter=5_000, class_weight="balanced")
    model.fit((facts - mean) / spread, [e.sample.answerable for e in examples])
    weights = np.asarray(model.coef_[0] / spread, np.float32)
    return float(model.intercept_[0] - weights @ mean), weights


def _examples(index: Index, samples: Sequence[Sample]) -> list[Example]:
    retriever = Retriever(index)
    texts = evidence_texts(samples, index.passages, index.documents)
    squeezed = [squeeze(p.quote) if p.kind != "row" else "" for p in index.passages]
    examples = []
    for sample in samples:
        query = understand(clean(sample.question), sample.history, None, index.analyzer)
        case = Case(query, retriever.score(query.texts, query.groups), retriever)
        groups = [
            [i for i, text in enumerate(squeezed) for quote in group if squeeze(quote) == text]
            for group in texts[sample.id]
        ]
        examples.append(Example(sample, case, case.places, case.signals(), groups))
    return examples


def _facts(examples: Sequence[Example], ranker: Floats) -> Floats:
    rows = []
    for example in examples:
        scores = example.signals @ ranker
        order = np.argsort(-scores, kind="stable")
        rows.append(example.case.evidence(example.places[order], scores[order]))
    return np.array(rows, np.float32)


def _cross_validate(
    examples: Sequence[Example],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each question is answerable, and its probability by models that never saw it."""
    probabilities = np.zeros(len(examples))
    regimes = _regimes(examples)
    # A question is asked of several libraries: all its examples go into one fold.
    names = [e.sample.id for e in examples]
    for train, held_out in GroupKFold(FOLDS).split(names, groups=names):
        ranker = fit_ranker([examples[i] for i in train])
        for chosen in regimes.values():
            unseen = held_out[chosen[held_out]]
            known = [examples[i] for i in train if chosen[i]]
            bias, weights = fit_answerability(known, ranker)
            facts = _facts([examples[i] for i in unseen], ranker)
            probabilities[unseen] = 1 / (1 + np.exp(-(facts @ weights + bias)))
        for example in (examples[i] for i in held_out):
            order = np.argsort(-(example.signals @ ranker), kind="stable")
            example.places, example.signals = example.places[order], example.signals[order]
    return np.array([e.sample.answerable for e in examples]), probabilities


def _print(
    examples: Sequence[Example], p: NDArray[np.float64], thresholds: dict[str, dict[str, float]]
) -> None:
    table = Table(title=f"{FOLDS}-fold cross-validation, thresholds {thresholds}")
    for heading in ("library", "language", "n", "R@1", "R@2", "R@4", "AUC", "refused", "wrongly"):
        table.add_column(heading, no_wrap=True)
    refused = np.zeros(len(examples), bool)
    for regime, chosen in _regimes(examples).items():
        limits = np.array([thresholds[regime][e.case.query.language] for e in examples])
        refused |= chosen & (p < limits)
    for library, lang in sorted({(e.library, e.sample.lang) for e in examples}):
        here = [i for i, e in enumerate(examples) if (e.library, e.sample.lang) == (library, lang)]
        known = np.array([examples[i].sample.answerable for i in here])
        recalls = [f"{_recall([examples[i] for i in here], k):.3f}" for k in (1, 2, 4)]
        auc = roc_auc_score(known, p[here])
        shares = [refused[here][~known].mean(), refused[here][known].mean()]
        figures = [f"{value:.3f}" for value in (auc, *shares)]
        table.add_row(library, lang, str(len(here)), *recalls, *figures)
    Console(width=120).print(table)


def _print_refusals(
    examples: Sequence[Example], p: NDArray[np.float64], thresholds: dict[str, dict[str, float]]
) -> None:
    """How many unanswerable questions are refused, by the sort that begins each one's note."""
    table = Table(title="Unanswerable questions refused, where passages have restatements")
    for heading in ("sort", "language", "n", "refused"):
        table.add_column(heading)
    refused: dict[tuple[str, str], list[bool]] = {}
    for example, probability in zip(examples, p, strict=True):
        if not example.sample.answerable and example.case.restated(example.case.places):
            lang = example.case.query.language
            sort = re.split(r"\W+", example.sample.note.lower())[0]
            below = bool(probability < thresholds["restated"][lang])
            refused.setdefault((sort, lang), []).append(below)
    for (sort, language), values in sorted(refused.items()):
        table.add_row(sort, language, str(len(values)), f"{np.mean(values):.3f}")
    Console(width=120).print(table)


def _recall(examples: Sequence[Example], k: int) -> float:
    """Mean share of evidence groups with one alternative among the first k places."""
    shares = [
        float(np.mean([bool(set(group) & {int(i) for i in e.places[:k]}) for group in e.groups]))
        for e in examples
        if e.sample.answerable and e.groups
    ]
    return float(np.mean(shares)) if shares else float("nan")


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: round(float(v), 4) for name, v in zip(names, values, strict=True)}


if __name__ == "__main__":
    main()
