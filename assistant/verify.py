"""How sure it is that passages support a claim, told without a language model.

Each content word of the claim is looked for in the passages (the same word, a concept of the
lexicon, a translation, a name by its sound, a neighbour in the shipped word vectors), in the
claim's own language where an edition of the passage has it, else across. Numbers, names, negation,
opposites, stance, source, scope, cause and contrast are compared apart, since one such word turns a
sentence that otherwise matches (`assistant.claim_signals`). Every signal is a doubt, zero where
claim and passages agree; a logistic model, fitted by `python -m eval.fit_verify` and stored in
verify.json, weighs them. Those of `VETO` are never outweighed, such as a number that the passages
lack. A claim that is in a passage word for word scores 1. Not covered: what follows only by
reasoning, knowledge of the world, a wrong word that the vectors hold for a synonym, who did what to
whom. How often that goes wrong is in docs/evaluation.md.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.quotation import MARKS
from assistant.types import Check, Code
from index.lexicon import GLOSSARY, THESAURUS, compile_lexicon
from index.models import Embedder, load_embedder
from index.morphology import load_morphology
from index.terms import Analyzer

if TYPE_CHECKING:
    from assistant.claim_pair import Pair
    from assistant.claim_words import Text, Words

WEIGHTS = Path(__file__).parent / "verify.json"
# One of these is enough: a number that the passages lack, more words than they hold, or in a copied
# sentence another name or the opposite must not pass for what else agrees.
VETO = ("alien", "number", "near_number", "unit", "weak_unit", "copy_name", "copy_turned")
CLEAR = -0.4  # log odds by which a signal speaks against a claim, from which readers are told
KEPT = 2048  # texts taken apart that are kept, since answers cite the same passages again


@dataclass(frozen=True, slots=True)
class Support:
    """Whether passages support a claim.

    `score` is the probability, in [0, 1]; `doubts` are what the passages do not hold, the gravest
    first, none where they support it.
    """

    score: float
    supported: bool
    doubts: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim beside passages, undecided: for who weighs the signals otherwise than `support`.

    `signals` are those of `SIGNALS` with their pieces, and `logit` is what the model makes of them
    before any veto.
    """

    signals: Mapping[str, tuple[float, str]]
    logit: float


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by signal as fitted, none above 0, and the lowest score that counts as support."""

    bias: float
    weights: Mapping[str, float]
    threshold: float


@cache
def load_model(path: Path = WEIGHTS) -> Model:
    """The model in `path`."""
    return Model(**json.loads(path.read_text(encoding="utf-8")))


class Verifier:
    """Says whether passages support a claim. Safe to share between threads once loaded."""

    def __init__(
        self,
        analyzer: Analyzer | None = None,
        model: Model | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        """What is not given is loaded as shipped: the model at once, the rest when needed."""
        self.model = model or load_model()
        self._given = analyzer
        self._embedder = embedder
        self._texts: dict[str, Text] = {}

    @cached_property
    def _words(self) -> "Words":
        from assistant.claim_words import Words

        return Words(self._embedder or load_embedder(None))

    @cached_property
    def _analyzer(self) -> Analyzer:
        if self._given:
            return self._given
        lexicon = compile_lexicon(GLOSSARY, THESAURUS)
        return Analyzer(load_morphology(lexicon.names), lexicon)

    def support(self, claim: str, passages: Sequence[Sequence[str]]) -> Support:
        """Whether `passages`, each given as its readings (the original first), support `claim`."""
        readings = [[r for r in readings if r.strip()] for readings in passages]
        readings = [r for r in readings if r]
        if not claim.strip() or not readings:
            return Support(0.0, False, (Check("content", claim),))
        if any(is_verbatim(claim, text) for texts in readings for text in texts):
            return Support(1.0, True)
        found = self.signals(claim, readings)
        pulls = {name: self.model.weights[name] * value for name, (value, _) in found.items()}
        score = float(1 / (1 + np.exp(-(self.model.bias + sum(pulls.values())))))
        if any(found[name][0] for name in VETO):
            score = 0.0
        if score >= self.model.threshold:
            return Support(score, True)
        pieces = {name: piece for name, (_, piece) in found.items() if piece}
        return Support(score, False, _doubts(pulls, pieces) or (Check("content", claim),))

    def pair(self, claim: str, passages: Sequence[Sequence[str]]) -> "Pair":
        """The claim beside passages, each given as its readings, word by word."""
        readings = [[r for r in texts if r.strip()] for texts in passages]
        return self._pair(claim, [texts for texts in readings if texts])

    def compare(self, pair: "Pair") -> Comparison:
        """What speaks against a claim beside its passages; nothing is decided."""
        from assistant.claim_signals import signals

        found = signals(pair)
        pulls = (self.model.weights[name] * value for name, (value, _) in found.items())
        return Comparison(found, self.model.bias + sum(pulls))

    def read(self, texts: Sequence[str]) -> list["Text"]:
        """Texts taken apart; those that will be compared are read together, which is faster."""
        return self._read([unicodedata.normalize("NFC", text) for text in texts if text.strip()])

    def signals(
        self, claim: str, passages: Sequence[Sequence[str]]
    ) -> dict[str, tuple[float, str]]:
        """Each of `SIGNALS` with the piece of the claim that it is about."""
        # What a copied sentence does without: most answers are made of these.
        from assistant.claim_signals import signals

        return signals(self._pair(claim, passages))

    def _pair(self, claim: str, passages: Sequence[Sequence[str]]) -> "Pair":
        from assistant.claim_pair import Pair

        wanted = [claim, *(text for texts in passages for text in texts)]
        asked, *rest = self._read([unicodedata.normalize("NFC", text) for text in wanted])
        parsed = iter(rest)
        sets = [[next(parsed) for _ in texts] for texts in passages]
        return Pair(asked, sets, self._analyzer.lexicon.types)

    def _read(self, texts: Sequence[str]) -> list["Text"]:
        read = {text: self._texts[text] for text in texts if text in self._texts}
        new = [text for text in dict.fromkeys(texts) if text not in read]
        if new:
            tokens = self._analyzer.morphology.tokens_of(new)
            lexicon = self._analyzer.lexicon
            for text, found in zip(new, tokens, strict=True):
                read[text] = self._words.read(text, found, lexicon)
            kept = self._texts if len(self._texts) < KEPT else {}
            self._texts = kept | read
        return [read[text] for text in texts]


def _doubts(pulls: Mapping[str, float], pieces: Mapping[str, str]) -> tuple[Check, ...]:
    """A finding for each check that speaks clearly against the claim, or at least the clearest."""
    from assistant.claim_signals import SIGNALS

    found: dict[Code, Check] = {}
    for name in sorted(pulls, key=lambda name: pulls[name]):
        code = SIGNALS[name]
        if name in pieces and (pulls[name] < CLEAR or not found) and code not in found:
            found[code] = Check(code, pieces[name])
    return tuple(found.values())


_BEGIN, _END = r"(?<=[^0-9][.!?。])", r"(?=[.!?。](?![0-9])|$)"  # of a sentence, not of a decimal
QUOTES = re.compile(rf"[\s{MARKS}]+")


def bare(text: str) -> str:
    """As verbatim is judged: NFC, without white space and quotation marks."""
    return QUOTES.sub("", unicodedata.normalize("NFC", text))


def is_verbatim(claim: str, text: str) -> bool:
    """Whether the claim is the text or whole sentences of it: what a clause lacks may matter."""
    wanted, whole = re.escape(bare(claim).rstrip(".。")), bare(text)
    return bool(re.search(rf"(?:^|{_BEGIN}){wanted}{_END}", whole))
