"""An inference model: how likely it is that one text follows from another.

Optional: any sentence-transformers cross-encoder trained on natural language inference, by name or
folder, whose labels name entailment. Nothing of it is loaded before one is configured.
"""

from collections.abc import Mapping
from threading import Lock
from typing import Protocol

from index.errors import CiteBriefError, InputError
from index.model_files import load_model


class Entailment(Protocol):
    """What a check of sentences needs of an inference model."""

    def probability(self, premise: str, hypothesis: str) -> float:
        """How likely it is that the hypothesis follows from the premise, in [0, 1]."""


def load_entailment(name: str | None) -> Entailment | None:
    """The inference model called `name`, a folder or a sentence-transformers name; None: none."""
    return CrossEncoderEntailment(name) if name else None


class CrossEncoderEntailment:
    """A cross-encoder with a label for entailment. Safe to share between threads."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder

        self.name = name
        self._one_at_a_time = Lock()
        told = f"The inference model {name!r} (CITEBRIEF_NLI)"
        self._model = load_model(
            CrossEncoder,
            name,
            told,
            "a cross-encoder trained on natural language inference",
            "to check without one",
        )
        labels: Mapping[int, str] = dict(self._model.config.id2label or {})
        places = [n for n, label in labels.items() if str(label).lower().startswith("entail")]
        if len(places) != 1 or len(labels) < 2:
            raise InputError(
                f"{told} has the labels {', '.join(map(str, labels.values()))}. Expected a model "
                "one of whose labels is entailment; unset it to check without one."
            )
        self._place = int(places[0])

    def probability(self, premise: str, hypothesis: str) -> float:
        """How likely it is that the hypothesis follows from the premise, in [0, 1]."""
        with self._one_at_a_time:
            scores = self._model.predict(
                [(premise, hypothesis)], apply_softmax=True, show_progress_bar=False
            )
        value = float(scores[0][self._place])
        if not 0 <= value <= 1:  # also a NaN
            raise CiteBriefError(
                f"The inference model {self.name} gives {value}, which is no probability. Restore "
                "its files, or unset CITEBRIEF_NLI."
            )
        return value
