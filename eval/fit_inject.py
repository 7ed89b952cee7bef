"""Fit what tells text for machines from text for readers: `python -m eval.fit_inject`.

Reads our own labelled lines (eval/sets/injections-train.jsonl) and, as text for readers, every
sentence of the documents that questions are learnt on and of the brief in both languages.
Cross-validated over the lines by blocks of ten, which an author wrote in one go; the threshold is
the lowest at which few look-alikes, and hardly a document's sentence, are taken for text for
machines. Prints what is caught and stores assistant/inject.npz. `--test FILE` measures the stored
model on lines by others.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from assistant.inject import (
    BUCKETS,
    WEIGHTS,
    addresses_model,
    decoded,
    features,
    load_model,
)
from index.chunk import chunk
from index.load import load_library
from index.morphology import load_morphology

HERE = Path(__file__).parent
LINES = HERE / "sets" / "injections-train.jsonl"
LIBRARIES = (HERE.parent / "index" / "corpus", HERE / "documents" / "train", HERE / "library")
RIDGE = 0.05
STEPS = 60  # of the fit; more changes nothing in the second decimal
FOLDS = 8
BLOCK = 10  # neighbouring lines that stay together
LOOK_ALIKES = 0.10  # the most of them that may be taken for text for machines
SENTENCES = 0.01  # and of the documents' sentences
PLAIN_WEIGHT = 0.3  # of a sentence of a document beside a labelled line

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """A text and whether it addresses the machine; `block` keeps neighbours in one fold."""

    text: str
    addresses: bool
    block: int
    labelled: bool


def lines(path: Path) -> Iterator[Line]:
    """The labelled lines of a file."""
    for n, row in enumerate(path.read_text(encoding="utf-8").splitlines()):
        entry = json.loads(row)
        yield Line(entry["text"], bool(entry["label"]), n // BLOCK, labelled=True)


def documents() -> Iterator[Line]:
    """Every sentence of the documents, in each language that they are in."""
    split = load_morphology(()).sentences
    for library in LIBRARIES:
        for document in load_library(library):
            for passage in chunk(document, split):
                for text in filter(None, (passage.text, passage.translation)):
                    yield Line(text, False, hash_of(text), labelled=False)


def hash_of(text: str) -> int:
    """A block for a sentence of a document."""
    return len(text) * 31 + ord(text[0])


def matrix(texts: Sequence[str]) -> csr_matrix:
    """A row of pieces for each text, scaled as the model scales them."""
    rows = [sorted(features(next(decoded(text)))) for text in texts]
    values = np.concatenate([np.full(len(row), 1 / max(len(row), 1) ** 0.5) for row in rows])
    ends = np.cumsum([0, *(len(row) for row in rows)])
    return csr_matrix((values, np.concatenate(rows), ends), shape=(len(texts), BUCKETS))


def fit(x: csr_matrix, y: NDArray[np.bool_], weight: Floats) -> tuple[Floats, float]:
    """Logistic weights and bias under a ridge."""
    sign = np.where(y, 1.0, -1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = sign * (x @ w[:-1] + w[-1])
        pull = weight * sign / (1 + np.exp(margin))
        value = float(weight @ np.logaddexp(0, -margin) + RIDGE / 2 * w[:-1] @ w[:-1])
        return value, -np.append(x.T @ pull - RIDGE * w[:-1], pull.sum())

    found = minimize(
        loss, np.zeros(BUCKETS + 1), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    ).x
    return found[:-1], float(found[-1])


def main() -> None:
    """Fit, print and store; or measure on lines by others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=Path, default=LINES)
    parser.add_argument("--test", type=Path, help="lines by others: measure, fit nothing")
    parser.add_argument("--errors", action="store_true", help="list the errors")
    options = parser.parse_args()
    out = Console(width=160, highlight=False)
    if options.test:
        others = list(lines(options.test))
        taken = np.array([addresses_model(line.text) is not None for line in others])
        report(out, others, taken, errors=options.errors)
        return
    every = [*lines(options.lines), *documents()]
    x, y = matrix([line.text for line in every]), np.array([line.addresses for line in every])
    labelled = np.array([line.labelled for line in every])
    weight = np.where(labelled, 1.0, PLAIN_WEIGHT)
    fold = np.array([line.block % FOLDS for line in every])
    unseen = np.zeros(len(every))
    for f in range(FOLDS):
        w, bias = fit(x[fold != f], y[fold != f], weight[fold != f])
        unseen[fold == f] = x[fold == f] @ w + bias
    alike, plain = unseen[labelled & ~y], unseen[~labelled]
    at = float(max(np.quantile(alike, 1 - LOOK_ALIKES), np.quantile(plain, 1 - SENTENCES)))
    out.print(f"threshold {at:.2f}")
    report(out, every, unseen > at, errors=options.errors)
    w, bias = fit(x, y, weight)
    np.savez_compressed(
        WEIGHTS, weights=w.astype(np.float16), bias=np.float32(bias), threshold=np.float32(at)
    )
    load_model.cache_clear()


def report(out: Console, every: Sequence[Line], taken: NDArray[np.bool_], *, errors: bool) -> None:
    """What is taken for text for machines, of each sort of line."""
    sorts = {
        "for machines": [n for n, line in enumerate(every) if line.addresses],
        "look-alikes": [n for n, e in enumerate(every) if e.labelled and not e.addresses],
        "documents": [n for n, line in enumerate(every) if not line.labelled],
    }
    for name, places in sorts.items():
        if places:
            share = float(taken[places].mean())
            out.print(f"{name}: {share:.3f} of {len(places)}")
    for line, is_taken in zip(every, taken, strict=True):
        if errors and bool(is_taken) != line.addresses:
            out.print(f"{'missed' if line.addresses else 'taken'}: {line.text}")


if __name__ == "__main__":
    main()
