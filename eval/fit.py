"""Fit the rankers and the answerability models: `python -m eval.fit --data DATA`.

Two judges are fitted. The one for passages with restatements learns from the brief: its questions
in eval/sets (train, and the dev half), asked of the brief as it is, without its restatements, and
in Korean alone. The one for all other documents never sees the brief: it learns from this project's
own documents (eval/documents/train, the dev half of the set other) and from the tune half of the
TyDi QA passages in the data folder, in both languages and across. No test half is looked at. Prints
cross-validated figures, then writes assistant/weights.json, fitted on all of it. Deterministic.

A ranker is a pairwise logistic regression: a relevant passage should score above an irrelevant one
of the same question. Where only the relevant paragraph is known, its best sentence stands for it.
Answerability is a logistic regression on what the ranked passages cover, unweighted, so that its
probabilities are those of the questions it saw; a TyDi QA question is also asked with its answer
taken out of the library. Thresholds are those below which a share of the answerable questions fall.
"""

import argparse
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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

from assistant.features import EVIDENCE, SIGNALS, Case
from assistant.query import clean, understand
from assistant.rank import WEIGHTS
from assistant.settings import BRIEF, load_settings
from eval.calibration import expected_calibration_error
from eval.retrieval import Question, read_pool, write_library
from eval.samples import DOCUMENTS, LIBRARY, SETS, Sample, evidence_texts, load, squeeze
from index.build import Index, open_index
from index.models import load_embedder
from index.retrieve import Retriever

WRONGLY_REFUSED = 0.025  # share of answerable questions that may be refused, cross-validated
ENOUGH = 200  # answerable questions of a language; fewer do not set a threshold of their own
REGULARISATION = 0.3  # inverse strength, of the standardised answerability model
RANKER_REGULARISATION = 0.01  # the same, of the ranker
FOLDS = 5
ROUNDS = 2  # of choosing the sentence that stands for its paragraph, and fitting again
POOL_WEIGHT = 0.05  # what a TyDi QA question counts in answerability, beside one of a document
POOL_RANKS = 0.03  # of each: they are many, and ask for other things of other texts
BARE_WEIGHT = 0.3  # the same of a question about the brief without its restatements
MARGINS = {"single": 4.0, "several": 3.0, "value": 1.0}  # in ranker units

Floats = NDArray[np.float32]


@dataclass(slots=True)
class Example:
    """A question before a library, with what the models see of it."""

    id: str
    library: str
    lang: str
    answerable: bool
    case: Case
    places: NDArray[np.int64]  # of passages; ranked by models that never saw the question
    signals: Floats
    groups: Sequence[Sequence[int]]  # evidence groups, as places of passages
    note: str = ""
    paragraph_only: bool = False  # the group is a paragraph, of which one sentence may tell
    ranks: float = 1.0  # weight in the ranker; 0: it teaches it nothing
    weight: float = 1.0  # in answerability; 0: it teaches it nothing
    calibrates: bool = True  # probabilities and thresholds are meant for questions like it
    gold: set[int] = field(init=False)  # every place that is evidence

    def __post_init__(self) -> None:
        self.gold = {place for group in self.groups for place in group}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A judge's numbers, and how the questions it learnt from fared before others fitted so."""

    ranker: Floats
    bias: float
    answerability: Floats
    thresholds: Mapping[str, float]
    probabilities: NDArray[np.float64]  # cross-validated


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit both judges, print the cross-validated figures, write the weights."""
    parser = argparse.ArgumentParser(description="Fit the rankers and answerability models.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    data = parser.parse_args(arguments).data
    with TemporaryDirectory() as scratch:
        brief = brief_examples(Path(scratch))
        bare = [e for e in brief if not e.case.restated]
        other = [*document_examples(Path(scratch)), *pool_examples(data, Path(scratch))]
        examples = {
            "restated": [
                e if e.case.restated else replace(e, weight=0.0, calibrates=False) for e in brief
            ],
            "plain": other
            + [replace(e, ranks=0.0, weight=BARE_WEIGHT, calibrates=False) for e in bare],
        }
        stored: dict[str, Any] = {}
        for name, own in examples.items():
            judge = fit_judge(own)
            _print(name, own, judge)
            _print_refusals(own, judge)
            stored[name] = {
                "ranker": _named(SIGNALS, judge.ranker),
                "bias": round(judge.bias, 4),
                "answerability": _named(EVIDENCE, judge.answerability),
                "thresholds": judge.thresholds,
                "margins": MARGINS,
            }
    WEIGHTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def brief_examples(scratch: Path) -> list[Example]:
    """The brief's questions, asked of the brief with all, and with less, that it comes with."""
    settings = load_settings()
    embedder = load_embedder(settings.embedder)
    samples = [s for name in ("train", "brief") for s in _seen(name)]
    plain = _copy_without(BRIEF, scratch / "plain", "restatements")
    single = _copy_without(plain, scratch / "single", "edition")
    examples = []
    for folder, label in ((BRIEF, "brief"), (plain, "brief, edition"), (single, "brief, Korean")):
        index = open_index(folder, scratch / "index", embedder)
        examples += sample_examples(index, samples, label)
    return examples


def document_examples(scratch: Path) -> list[Example]:
    """The questions about this project's other documents, of which no translation exists."""
    embedder = load_embedder(load_settings().embedder)
    examples = []
    for folder, name in ((DOCUMENTS / "train", "documents-train"), (LIBRARY, "other")):
        index = open_index(folder, scratch / "index", embedder)
        examples += sample_examples(index, _seen(name), name)
    return examples


def pool_examples(data: Path, scratch: Path) -> list[Example]:
    """The TyDi QA questions of the tune half, over one language and over both.

    Each is asked of all passages, and of all but the one that answers it.
    """
    embedder = load_embedder(load_settings().embedder)
    everything = read_pool(data, "tune")
    examples = []
    for label in ("ko", "en", "mixed"):
        pool = everything if label == "mixed" else everything.only(label)  # type: ignore[arg-type]
        where = write_library(pool, scratch / f"pool-{label}")
        index = open_index(scratch / f"pool-{label}", scratch / "index", embedder)
        retriever = Retriever(index)
        paragraph = [where[(p.document_id, p.paragraph)] for p in index.passages]
        own: dict[str, list[int]] = {}
        for place, passage in enumerate(paragraph):
            own.setdefault(passage, []).append(place)
        for question in pool.questions:
            if label == "mixed" and int(question.id[:4], 16) % 3:
                continue  # a third of them is enough of what both pools teach already
            query = understand(clean(question.text), [], None, index.analyzer)
            others = np.array([p != question.passage for p in paragraph])
            for allowed, groups in ((None, [own[question.passage]]), (others, [])):
                case = Case(query, retriever.score(query.texts, query.groups, allowed), retriever)
                examples.append(_pool_example(question, label, case, groups))
    return examples


def _pool_example(
    question: Question, label: str, case: Case, groups: Sequence[Sequence[int]]
) -> Example:
    """`groups` is empty where the passage that answers the question was left out."""
    return Example(
        question.id,
        f"TyDi QA {label}, {question.task}",
        question.lang,
        bool(groups),
        case,
        case.places,
        case.signals(),
        groups,
        paragraph_only=True,
        ranks=POOL_RANKS,
        weight=POOL_WEIGHT,
        calibrates=False,
    )


def sample_examples(index: Index, samples: Sequence[Sample], library: str) -> list[Example]:
    """The samples of a set, asked of an open library."""
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
        examples.append(
            Example(
                sample.id,
                library,
                case.query.language,
                sample.answerable,
                case,
                case.places,
                case.signals(),
                groups,
                sample.note,
            )
        )
    return examples


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


def fit_judge(examples: Sequence[Example]) -> Fitted:
    """Fit ranker and answerability, then set the probabilities right, and choose the thresholds.

    The last two go by what models said of questions that they had not seen.
    """
    logits = _cross_validate(examples)
    ranker = fit_ranker(examples)
    bias, weights = fit_answerability(examples, ranker)
    slope, shift = _calibrated(examples, logits)
    probabilities = 1 / (1 + np.exp(-(slope * logits + shift)))
    known = np.array([e.answerable and e.calibrates for e in examples])
    lang = np.array([e.lang for e in examples])
    thresholds = {}
    for spoken in ("ko", "en"):
        own = known & (lang == spoken)
        chosen = probabilities[own if own.sum() >= ENOUGH else known]
        thresholds[spoken] = round(float(np.quantile(chosen, WRONGLY_REFUSED)), 4)
    return Fitted(
        ranker, slope * bias + shift, np.float32(slope) * weights, thresholds, probabilities
    )


def _calibrated(examples: Sequence[Example], logits: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and shift that bring logits to what came true (Platt 1999)."""
    own = np.array([e.calibrates for e in examples])
    answerable = np.array([e.answerable for e in examples])
    model = LogisticRegression(C=1e6).fit(logits[own, None], answerable[own])
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def fit_ranker(examples: Sequence[Example]) -> Floats:
    """Weights of SIGNALS, shape (len(SIGNALS),); each question counts by its `ranks`."""
    weights = np.zeros(len(SIGNALS), np.float32)
    weights[[SIGNALS.index("coverage"), SIGNALS.index("dense_lead")]] = 1.0
    rounds = ROUNDS if any(e.paragraph_only and e.ranks for e in examples) else 1
    for _ in range(rounds):
        rows, shares = [], []
        for example in examples:
            relevant = np.isin(example.places, list(example.gold))
            if not example.ranks or not relevant.any() or relevant.all():
                continue
            better, worse = example.signals[relevant], example.signals[~relevant]
            if example.paragraph_only:
                better = better[[int((better @ weights).argmax())]]
            pairs = (better[:, None, :] - worse[None, :, :]).reshape(-1, len(SIGNALS))
            rows.append(pairs)
            shares.append(np.full(len(pairs), 100 * example.ranks / len(pairs)))
        pairs, share = np.concatenate(rows), np.concatenate(shares)
        model = LogisticRegression(C=RANKER_REGULARISATION, fit_intercept=False, max_iter=5_000)
        labels = np.r_[np.ones(len(pairs)), np.zeros(len(pairs))]
        model.fit(np.concatenate([pairs, -pairs]), labels, sample_weight=np.r_[share, share])
        weights = np.asarray(model.coef_[0], np.float32)
    return weights


def fit_answerability(examples: Sequence[Example], ranker: Floats) -> tuple[float, Floats]:
    """Bias and weights of EVIDENCE, for values as they come (standardisation is folded in)."""
    examples = [e for e in examples if e.weight]
    facts = _facts(examples, ranker)
    mean, spread = facts.mean(axis=0), facts.std(axis=0) + 1e-6
    model = LogisticRegression(C=REGULARISATION, max_iter=5_000)
    model.fit(
        (facts - mean) / spread,
        [e.answerable for e in examples],
        sample_weight=[e.weight for e in examples],
    )
    weights = np.asarray(model.coef_[0] / spread, np.float32)
    return float(model.intercept_[0] - weights @ mean), weights


def _facts(examples: Sequence[Example], ranker: Floats) -> Floats:
    rows = []
    for example in examples:
        scores = example.signals @ ranker
        order = np.argsort(-scores, kind="stable")
        rows.append(example.case.evidence(example.places[order], scores[order]))
    return np.array(rows, np.float32)


def _cross_validate(examples: Sequence[Example]) -> NDArray[np.float64]:
    """The logit of each question's being answerable, by models that never saw it."""
    logits = np.zeros(len(examples))
    # A question is asked of several libraries: all its examples go into one fold.
    names = [e.id for e in examples]
    for train, held_out in GroupKFold(FOLDS).split(names, groups=names):
        known = [examples[i] for i in train]
        ranker = fit_ranker(known)
        bias, weights = fit_answerability(known, ranker)
        facts = _facts([examples[i] for i in held_out], ranker)
        logits[held_out] = facts @ weights + bias
        for example in (examples[i] for i in held_out):
            order = np.argsort(-(example.signals @ ranker), kind="stable")
            example.places, example.signals = example.places[order], example.signals[order]
    return logits


def _print(name: str, examples: Sequence[Example], judge: Fitted) -> None:
    title = f"{name}: {FOLDS}-fold cross-validation, thresholds {judge.thresholds}"
    table = Table(title=title)
    headings = ("library", "asked in", "n", "R@1", "R@2", "R@4", "AUC", "refused", "wrongly", "ECE")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    p = judge.probabilities
    refused = p < np.array([judge.thresholds[e.lang] for e in examples])
    for library, lang in sorted({(e.library, e.lang) for e in examples}):
        here = [i for i, e in enumerate(examples) if (e.library, e.lang) == (library, lang)]
        known = np.array([examples[i].answerable for i in here])
        figures = [_recall([examples[i] for i in here], k) for k in (1, 2, 4)]
        if known.any() and not known.all():
            figures += [
                float(roc_auc_score(known, p[here])),
                refused[here][~known].mean(),
                refused[here][known].mean(),
                expected_calibration_error(p[here], known),
            ]
        table.add_row(library, lang, str(len(here)), *(f"{value:.3f}" for value in figures))
    Console(width=120).print(table)


def _print_refusals(examples: Sequence[Example], judge: Fitted) -> None:
    """How many unanswerable questions are refused, by the sort that begins each one's note."""
    table = Table(title="Unanswerable questions refused")
    for heading in ("library", "sort", "language", "n", "refused"):
        table.add_column(heading)
    refused: dict[tuple[str, str, str], list[bool]] = {}
    for example, probability in zip(examples, judge.probabilities, strict=True):
        if not example.answerable and example.note:
            sort = re.split(r"\W+", example.note.lower())[0]
            below = bool(probability < judge.thresholds[example.lang])
            refused.setdefault((example.library, sort, example.lang), []).append(below)
    for key, values in sorted(refused.items()):
        table.add_row(*key, str(len(values)), f"{np.mean(values):.3f}")
    Console(width=120).print(table)


def _recall(examples: Sequence[Example], k: int) -> float:
    """Mean share of evidence groups with one alternative among the first k places."""
    shares = [
        float(np.mean([bool(set(group) & {int(i) for i in e.places[:k]}) for group in e.groups]))
        for e in examples
        if e.answerable and e.groups
    ]
    return float(np.mean(shares)) if shares else float("nan")


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: round(float(v), 4) for name, v in zip(names, values, strict=True)}


if __name__ == "__main__":
    main()
