"""What the signals of evidence come to: how likely it supports a statement or speaks of it at all.

Two logistic models over the same signals, fitted by `python -m eval.fit_check` and stored in
check.json with the thresholds that turn their probabilities into a verdict.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.check_evidence import Evidence
from assistant.check_signals import NAMES
from assistant.verify import VETO

STORED = Path(__file__).parent / "check.json"
LIMIT = 6.0  # log odds of the verifier beyond which more says nothing more
# What no agreement outweighs. That most words are lacking ("alien") is left to the models.
DECISIVE = tuple(name for name in VETO if name != "alien")
# How much more a passage says is no doubt of what a statement takes from it.
# From which on a number, and a name, that stands elsewhere in the evidence decides: of the right
# claims and statements of the dev halves 0 and 0.5 % reach that, of the wrong ones 1 and 4 %.
BOUND, SURELY_BOUND = 0.3, 0.75
CLEARLY = 0.5  # from which on a signal decides
DERIVED = ("doubt", "decisive", "turned_alike", "told_alike")
FEATURES = (*(name for name in NAMES if name != "untold"), *DERIVED)
# What says whether a passage speaks of the same at all, whatever it says of it.
MATTER = (
    *("lack", "lack_cross", "exact_lack", "gone", "gone_nouns", "gone_verbs", "gone_names"),
    *("soft_names", "index_lack", "index_lack_cross", "index_lack_restated", "elsewhere", "far"),
    *("far_cross", "cross", "restated", "short"),
)


@dataclass(frozen=True, slots=True)
class Logistic:
    """bias + weights · signals, as log odds."""

    bias: float
    weights: Mapping[str, float]

    def __call__(self, values: Mapping[str, float]) -> float:
        """The probability, in (0, 1)."""
        logit = self.bias + sum(w * values[name] for name, w in self.weights.items())
        return 1 / (1 + math.exp(-max(min(logit, 30.0), -30.0)))


@dataclass(frozen=True, slots=True)
class CheckModel:
    """Both models, and where verdicts begin.

    From `supported` a statement is supported; below `near` its matter is not in the document; in
    between it is contradicted below `against`, else unclear.
    """

    support: Logistic
    matter: Logistic
    supported: Mapping[str, float]  # by language of the statement
    against: float
    near: float


@cache
def load_check_model(path: Path = STORED) -> CheckModel:
    """The model in `path`."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    models = {name: Logistic(**stored[name]) for name in ("support", "matter")}
    return CheckModel(
        **models,
        supported=stored["supported"],
        against=stored["against"],
        near=stored["near"],
    )


def features(evidence: Evidence) -> dict[str, float]:
    """What the models read of evidence: each of FEATURES."""
    signals = evidence.signals
    found = {name: signals[name] for name in FEATURES[: -len(DERIVED)]}
    found["doubt"] = -max(min(evidence.logit, LIMIT), -LIMIT)
    elsewhere = signals["number_bound"] >= BOUND or signals["name_bound"] >= SURELY_BOUND
    swapped = signals["way"] and signals["number_order"]  # from 52 up to 38 for from 38 down to 52
    decided = any(signals[name] >= CLEARLY for name in DECISIVE)
    found["decisive"] = float(bool(decided or swapped or elsewhere))
    # The nearer the statement is to the passage's words, the more one turned word says.
    alike = max(0.0, 1 - 2 * signals["exact_lack"])
    denied = signals["denied_at"] and (signals["copy_denied"] or signals["copy_undenied"])
    turned = bool(signals["way"] or signals["rival"] or denied)
    found["turned_alike"] = turned * alike
    found["told_alike"] = bool(signals["past_of_forecast"] or signals["done_now"]) * alike
    return found
