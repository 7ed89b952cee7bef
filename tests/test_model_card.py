"""The embedder's model card says what a run counted and measured, and how to repeat it."""

import datetime

from index.training.contrastive import Settings
from index.training.measure import Figures
from index.training.model_card import render
from index.training.training_data import SOURCES

MRR = {"ko": 0.6, "en": 0.7, "ko>en": 0.5, "en>ko": 0.6125}


def test_every_figure_of_the_card_comes_from_the_run():
    card = render(
        rows={"lexicon": 12_345},
        held_out={"tydiqa-ko": 808, "tydiqa-en": 1_818},
        figures=[Figures(256, "int8", 0.9834, 0.9815, MRR)],
        dims=256,
        settings=Settings(steps=7_000, seed=13, vocabulary=50_000),
        date=datetime.date(2026, 11, 22),
        machine="2 cores",
    )
    for part in (
        "| 256 | int8 | 98.3% | 98.2% | 0.600 | 0.700 | 0.500 | 0.613 |",
        "--steps 7000 --seed 13 --vocabulary 50000 --dims 256",
        "Measured 2026-11-22 on 2 cores, 7,000 steps",
        "808 Korean and 1,818",
        "| lexicon | this project's own word list | 12,345 | 0 | 0.5 | MIT |",
        "68% of them",
    ):
        assert part in card, part
    assert all(f"| {source} | " in card for source in SOURCES)
    assert "{" not in card
