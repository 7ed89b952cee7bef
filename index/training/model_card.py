"""Write the model card of the embedder from what a training run counted and measured.

Contract: `render` fills in `model_card.md` and returns Markdown; every figure in it comes from its
arguments. Not covered: judging the figures; the limits named there hold for any run of this recipe.
"""

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

from index.training.contrastive import Settings
from index.training.measure import Figures, figures_table
from index.training.training_data import SOURCES

CARD = Path(__file__).parent / "model_card.md"


def sources_table(rows: Mapping[str, int], held_out: Mapping[str, int]) -> str:
    """One line per source: rows used, rows held out, draws per epoch, licence; as Markdown."""
    lines = [
        "| source | what it is | rows used | held out | weight | licence |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {name} | {source.note} | {rows.get(name, 0):,} | {held_out.get(name, 0):,} "
        f"| {source.weight:g} | {source.licence} |"
        for name, source in SOURCES.items()
    ]
    return "\n".join(lines)


def command(settings: Settings, dims: int) -> str:
    """The command line that repeats a run."""
    return (
        f"python -m index.training.train_embedder --data DATA --steps {settings.steps} "
        f"--seed {settings.seed} --vocabulary {settings.vocabulary} --dims {dims}"
    )


def render(
    *,
    rows: Mapping[str, int],
    held_out: Mapping[str, int],
    figures: Sequence[Figures],
    dims: int,
    settings: Settings,
    date: datetime.date,
    machine: str,
) -> str:
    """The model card; `rows` used for training and `held_out` are counted by source."""
    return CARD.read_text(encoding="utf-8").format(
        figures=figures_table(figures),
        dims=dims,
        korean=held_out.get("tydiqa-ko", 0),
        english=held_out.get("tydiqa-en", 0),
        date=date,
        machine=machine,
        settings=settings,
        command=command(settings, dims),
        sources=sources_table(rows, held_out),
    )
