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

import numpy as np

from assistant.claim_pair import Pair
from assistant.claim_signals import SIGNALS, Code, signals
from assistant.claim_words import Text, Words
from index.lexicon import GLOSSARY, THESAURUS, compile_lexicon
from index.models import Embedder, load_embedder
from index.morphology import load_morphology
from index.terms import Analyzer

WEIGHTS = Path(__file__).parent / "verify.json"
# One of these is enough: a number that the passages lack, more words than they hold, or in a copied
# sentence another name or the opposite must not pass for what else agrees.
VETO = ("alien", "number", "near_number", "unit", "weak_unit", "copy_name", "copy_turned")
KEPT = 2048  # texts taken apart that are kept, since answers cite the same passages again


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the passages do not hold: which check says so, and the piece of the claim."""

    code: Code
    text: str


@dataclass(frozen=True, slots=True)
class Support:
    """Whether passages support a claim. `score` is the probability, in [0, 1]."""

    score: float
    supported: bool
    doubts: tuple[Doubt, ...]


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

    @classmethod
    def load(cls) -> "Verifier":
        """With the shipped lexicon, tables and weights."""
        return cls()

    @cached_property
    def _words(self) -> Words:
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
            return Support(0.0, False, (Doubt("content", claim),))
        if any(is_verbatim(claim, text) for texts in readings for text in texts):
            return Support(1.0, True, ())
        found = self.signals(claim, readings)
        pulls = {name: self.model.weights[name] * value for name, (value, _) in found.items()}
        score = float(1 / (1 + np.exp(-(self.model.bias + sum(pulls.values())))))
        if any(found[name][0] for name in VETO):
            score = 0.0
        if score >= self.model.threshold:
            return Support(score, True, ())
        doubts: dict[Code, Doubt] = {}
        for name in sorted(pulls, key=lambda name: pulls[name]):
            code = SIGNALS[name]
            if found[name][1] and (pulls[name] < -0.4 or not doubts) and code not in doubts:
                doubts[code] = Doubt(code, found[name][1])
        return Support(score, False, tuple(doubts.values()) or (Doubt("content", claim),))

    def signals(
        self, claim: str, passages: Sequence[Sequence[str]]
    ) -> dict[str, tuple[float, str]]:
        """Each of `SIGNALS` with the piece of the claim it is about; for `eval.fit_verify`."""
        wanted = [claim, *(text for texts in passages for text in texts)]
        asked, *rest = self._read([unicodedata.normalize("NFC", text) for text in wanted])
        parsed = iter(rest)
        sets = [[next(parsed) for _ in texts] for texts in passages]
        return signals(Pair(asked, sets, self._analyzer.lexicon.types))

    def _read(self, texts: Sequence[str]) -> list[Text]:
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


_BEGIN, _END = r"(?<=[^0-9][.!?。])", r"(?=[.!?。](?![0-9])|$)"  # of a sentence, not of a decimal
QUOTES = re.compile(r"[\s\"'“”‘’「」『』«»]+")


def bare(text: str) -> str:
    """As verbatim is judged: NFC, without white space and quotation marks."""
    return QUOTES.sub("", unicodedata.normalize("NFC", text))


def is_verbatim(claim: str, text: str) -> bool:
    """Whether the claim is the text or whole sentences of it: what a clause lacks may matter."""
    wanted, whole = re.escape(bare(claim).rstrip(".。")), bare(text)
    return bool(re.search(rf"(?:^|{_BEGIN}){wanted}{_END}", whole))
