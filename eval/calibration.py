"""How far stated probabilities can be believed: reliability diagrams and calibration error.

`python -m eval.calibration [--half test] [--plot FILE.png]` asks every question of the set
documents, whose texts no model was trained on, and compares the probability that the library
answers it with whether it does. Bins hold equal numbers of questions, since equal widths leave most
bins empty where a model is sure of itself. Not covered: whether the questions are like those that
users ask; a library that is asked fewer unanswerable questions is answered more often than stated.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import ArrayLike
from rich.console import Console
from rich.table import Table

from assistant.find import Finder
from assistant.query import clean, clean_history
from assistant.settings import load_settings
from eval.samples import DOCUMENTS, SETS, load
from index.build import open_index
from index.models import load_embedder

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Some questions of like probability: what was said, and what came true."""

    stated: float  # mean probability, in [0, 1]
    observed: float  # share that came true, in [0, 1]
    count: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one question, and what is so."""

    lang: str
    probability: float
    refused: bool
    answerable: bool


def reliability(probabilities: ArrayLike, outcomes: ArrayLike, bins: int = BINS) -> Sequence[Bin]:
    """The questions in `bins` groups of nearly equal size, by rising probability."""
    p = np.asarray(probabilities, dtype=np.float64)
    true = np.asarray(outcomes, dtype=np.float64)
    groups = np.array_split(np.argsort(p, kind="stable"), min(bins, len(p)) or 1)
    return [Bin(float(p[g].mean()), float(true[g].mean()), len(g)) for g in groups if len(g)]


def expected_calibration_error(
    probabilities: ArrayLike, outcomes: ArrayLike, bins: int = BINS
) -> float:
    """Mean distance between what was said and what came true, by bin, weighted by size; in [0, 1].

    Naeini, Cooper and Hauskrecht 2015, "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", with bins of equal size. By hand: 0.9 said of ten questions of which 7 come true and
    0.1 of ten of which 1 does gives (0.2 * 10 + 0.0 * 10) / 20 = 0.1 with two bins.
    """
    found = reliability(probabilities, outcomes, bins)
    total = sum(b.count for b in found)
    return sum(b.count * abs(b.stated - b.observed) for b in found) / total if total else 0.0


def verdicts(half: str) -> list[Verdict]:
    """What the models say of each question of a half of the set documents."""
    samples = [s for s in load(SETS / "documents.jsonl") if s.half == half]
    embedder = load_embedder(load_settings().embedder)
    with TemporaryDirectory() as scratch:
        index = open_index(DOCUMENTS / half, Path(scratch), embedder)
        finder = Finder(index)
        found = []
        for sample in samples:
            question, history = clean(sample.question), clean_history(sample.history)
            query = finder.understand(question, history, None)
            ranking = finder.find(query).ranking
            refused = not ranking.answerable
            found.append(Verdict(query.language, ranking.probability, refused, sample.answerable))
        index.store.close()
    return found


def draw(bins: Sequence[Bin], path: Path) -> None:
    """The reliability diagram as a picture: stated against observed, circles by size."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4.5, 4.5), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="as stated")
    axes.plot([b.stated for b in bins], [b.observed for b in bins], marker="o", color="#1f5fa8")
    axes.set(
        xlabel="stated probability that the library answers",
        ylabel="share of questions that it answers",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, ask, print, and draw where a file is named."""
    parser = argparse.ArgumentParser(description="Measure the calibration of answerability.")
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--plot", type=Path, metavar="FILE.png")
    options = parser.parse_args(arguments)
    found = verdicts(options.half)
    table = Table(title=f"Answerability, documents never seen, {options.half} half")
    for heading in ("asked in", "n", "ECE", "wrongly refused", "refused when unanswerable"):
        table.add_column(heading)
    for label, langs in (("ko", {"ko"}), ("en", {"en"}), ("both", {"ko", "en"})):
        own = [v for v in found if v.lang in langs]
        error = expected_calibration_error(
            [v.probability for v in own], [v.answerable for v in own]
        )
        shares = [
            f"{np.mean([v.refused for v in own if v.answerable == answerable]):.3f}"
            for answerable in (True, False)
        ]
        table.add_row(label, str(len(own)), f"{error:.3f}", *shares)
    console = Console(width=100)
    console.print(table)
    bins = reliability([v.probability for v in found], [v.answerable for v in found])
    diagram = Table(title="Reliability")
    for heading in ("stated", "observed", "questions"):
        diagram.add_column(heading)
    for b in bins:
        diagram.add_row(f"{b.stated:.2f}", f"{b.observed:.2f}", str(b.count))
    console.print(diagram)
    if options.plot:
        draw(bins, options.plot)


if __name__ == "__main__":
    main()
