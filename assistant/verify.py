"""Check a claim against the passages it cites: rules read as signals, one small linear model.

Each content word of the claim is looked for in the passages (the same word, a concept of the
lexicon, a translation, a name by its sound, a neighbour in the shipped word vectors), in the
claim's own language where an edition of the passage has it, else across. Numbers, names, negation,
opposites, stance, source, scope, cause and order are compared apart, since one such word turns a
sentence that otherwise matches. Every signal is a doubt, zero where claim and passages agree; a
logistic model, fitted by `python -m eval.fit_verify` and stored in verify.json, weighs them.
A claim that is in a passage word for word scores 1. Not covered: what follows only by reasoning or
arithmetic, knowledge of the world, a wrong word that the vectors hold for a synonym.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant import verify_words as vw
from assistant.stance import stance
from index.lexicon import GLOSSARY, THESAURUS, compile_lexicon
from index.models import Embedder, load_embedder
from index.morphology import load_morphology
from index.numbers import Quantity, missing, same
from index.terms import Analyzer

WEIGHTS = Path(__file__).parent / "verify.json"
HELD = 0.45  # a word whose best match is below this is uncovered
COVERED = 0.6  # and from here on wholly covered
PAIRED = 0.5  # a match from here on says where in the passage the word stands
KEPT = 2048  # texts taken apart that are kept, since answers cite the same passages again
NEAR = 4  # words around a match that count as its surroundings

Code = Literal[
    "number", "name", "polarity", "stance", "attribution", "scope", "cause", "direction", "content"
]
Floats = NDArray[np.float32]

SIGNALS: Mapping[str, Code] = {
    "worst": "content",  # how far the least covered word is from being covered
    "apart": "content",  # 1 - cosine of claim and nearest passages
    "bulk": "content",  # uncovered weight of one clause, if it is most of the clause
    "idle": "content",  # a cited passage adds nothing
    "number": "number",  # numbers of the claim that the passages lack
    "near_number": "number",  # and they have another of the same kind
    "unit": "number",  # and they have the same value with another unit, or a power of ten away
    "weak_unit": "number",  # and the passages have another of the same kind
    "name": "name",  # names that the passages lack
    "other_name": "name",  # and they have another, unused, of the same type
    "affirmed": "polarity",  # the passages deny a word that the claim does not
    "turned": "polarity",  # parity, and a word denied here and not there; more if all else agrees
    "parity": "polarity",  # the one has an odd number of negations more
    "opposite": "polarity",  # one of a pair of opposites, and the passages have the other
    "opposite_cross": "polarity",
    "firm": "stance",  # the passages hedge and the claim does not
    "stated": "stance",  # what the stance rules call forecast is claimed as fact
    "stated_soft": "stance",  # with a hedge elsewhere
    "done": "stance",  # and as past
    "decided": "stance",  # the claim speaks of a decision, the passages do not
    "duty": "stance",  # the passages ask for it, the claim does not
    "certain": "stance",
    "sourceless": "attribution",  # the passages say who said it, the claim does not
    "sourceless_name": "attribution",  # nor names whom they name first
    "unsaid": "attribution",  # by them, though a word of saying stands in the claim
    "all": "scope",  # all, always; not in the passages
    "only": "scope",
    "cause": "cause",  # a causal word, and the passages have none
    "cause_new": "cause",  # uncovered weight on the cause's side
    "cause_turned": "cause",  # cause and effect have changed places
    "roles": "direction",  # subject and object have
}


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
        self._words = vw.Words(embedder or load_embedder(None))
        self._texts: dict[str, vw.Text] = {}

    @classmethod
    def load(cls) -> "Verifier":
        """With the shipped lexicon, tables and weights."""
        return cls()

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
        if any(_verbatim(claim, text) for texts in readings for text in texts):
            return Support(1.0, True, ())
        found = self.signals(claim, readings)
        pulls = {name: self.model.weights[name] * value for name, (value, _) in found.items()}
        score = float(1 / (1 + np.exp(-(self.model.bias + sum(pulls.values())))))
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
        return Comparison(asked, sets, self._analyzer).signals()

    def _read(self, texts: Sequence[str]) -> list[vw.Text]:
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


class Comparison:
    """One claim beside the readings of its passages."""

    def __init__(
        self, claim: vw.Text, passages: Sequence[Sequence[vw.Text]], analyzer: Analyzer
    ) -> None:
        self.claim = claim
        self.types = analyzer.lexicon.types
        self.readings = [text for texts in passages for text in texts]
        self.own = [
            next((t for t in texts if t.lang == claim.lang), texts[0]) for texts in passages
        ]
        self.cross = any(text.lang != claim.lang for text in self.own)
        self.match = [vw.matches(claim, text) for text in self.own]
        both = np.concatenate(self.match, axis=1) if claim.tokens else np.zeros((0, 1))
        cover = both.max(axis=1, initial=0.0)
        for text, match in zip(self.own, self.match, strict=True):
            cover = np.maximum(cover, vw.by_tables(claim, text, match))
        for i, token in enumerate(claim.tokens):
            if token.kind == "number":
                cover[i] = 1.0  # left to the numbers
        self.cover = cover
        self.weight = np.array([vw.weight(claim, i) for i in range(len(claim.tokens))])
        self.weight *= claim.lengths
        self.lack = self.weight * np.clip(1 - cover / COVERED, 0, 1)
        self.best = int(np.argmax([m.max(axis=1, initial=0).sum() for m in self.match]))
        self.found: dict[str, tuple[float, str]] = {name: (0.0, "") for name in SIGNALS}

    def _set(self, name: str, value: float, text: str = "") -> None:
        self.found[name] = (float(value), text)

    def signals(self) -> dict[str, tuple[float, str]]:
        """All of them."""
        self._content()
        self._numbers()
        self._names()
        self._polarity()
        self._stance()
        self._scope()
        self._cause()
        self._roles()
        return self.found

    def _word(self, place: int) -> str:
        token = self.claim.tokens[place]
        return self.claim.text[token.char_start : token.char_end]

    def _stretch(self, begin: int, end: int) -> str:
        tokens = self.claim.tokens
        return self.claim.text[tokens[begin].char_start : tokens[end - 1].char_end]

    def _content(self) -> None:
        if not len(self.cover):
            return
        lack = self.lack
        worst = int(lack.argmax())
        self._set("worst", lack[worst], self._word(worst))
        for begin, end in self._clauses():
            mass = lack[begin:end].sum()
            bulk = float(np.log1p(mass) * mass / (self.weight[begin:end].sum() + 0.5))
            if bulk > self.found["bulk"][0]:
                self._set("bulk", bulk, self._stretch(begin, end))
        if not self.cross:
            mean = self.weight @ self.claim.vectors
            rows = np.concatenate([text.vectors for text in self.own])
            used = np.concatenate(self.match, axis=1).max(axis=0, initial=0) >= PAIRED
            other = rows[used].sum(axis=0) if used.any() else rows.sum(axis=0)
            norm = float(np.linalg.norm(mean) * np.linalg.norm(other)) or 1.0
            self._set("apart", 1 - float(mean @ other) / norm, self._word(worst))
        if len(self.own) > 1:
            shares = [(m.max(axis=1, initial=0) * self.weight).sum() for m in self.match]
            self._set("idle", 1 - min(shares) / max(max(shares), 1e-9), self.claim.text)

    def _clauses(self) -> list[tuple[int, int]]:
        cuts = [m.end() for m in vw.CLAUSE[self.claim.lang].finditer(self.claim.text)]
        starts = [t.char_start for t in self.claim.tokens]
        places = sorted({0, len(starts), *(int(np.searchsorted(starts, c)) for c in cuts)})
        return [(a, b) for a, b in zip(places, places[1:], strict=False) if b > a]

    def _numbers(self) -> None:
        everything = "\n".join(text.text for text in self.readings)
        held = [q for text in self.readings for q in text.quantities]
        lacking = [q for q in missing(self.claim.text, everything) if not self._first(q, held)]
        spare = [h for h in held if not any(same(h, c) for c in self.claim.quantities)]
        near = [q for q in lacking if any(h.kind == q.kind for h in spare)]
        unit = [q for q in lacking if any(_same_digits(q, h) for h in held)]
        weak = [
            q
            for q in missing(self.claim.text, everything, weak=True)
            if q.weak and q.unit and any(h.kind == q.kind and h.unit != q.unit for h in spare)
        ]
        checks = {"number": lacking, "near_number": near, "unit": unit, "weak_unit": weak}
        for name, some in checks.items():
            if some:
                self._set(name, min(len(some), 2) ** 0.5, some[0].text)

    def _first(self, q: Quantity, held: Sequence[Quantity]) -> bool:
        """A first that the passages call the top one, or a value that they state less closely."""
        if q.value == 1 and any(_count(vw.TOP, text) for text in self.readings):
            return True
        plain = [
            h for h in held if h.value == q.value and {q.kind, h.kind} != {"number", "multiple"}
        ]
        return any(
            (q.kind == "number" and not q.unit)
            or (h.kind == "number" and not h.unit)
            or q.kind == h.kind == "ordinal"
            for h in plain
        )

    def _names(self) -> None:
        claim = self.claim
        concepts = set().union(*(c for text in self.readings for c in text.concepts))
        asked = set().union(*claim.concepts) if claim.concepts else set()
        spare = {self.types[c] for c in concepts - asked if c in self.types}
        free = any(
            vw.is_name(text, j) and match[:, j].max(initial=0) < PAIRED
            for text, match in zip(self.own, self.match, strict=True)
            for j in range(len(text.tokens))
        )
        lost, swapped = [], []
        for i in range(len(claim.tokens)):
            typed = {c for c in claim.concepts[i] if self.types.get(c) in _TYPES}
            if typed & concepts or self.cover[i] >= 0.55 or not (typed or vw.is_name(claim, i)):
                continue
            beside = [
                k for k in (i - 1, i + 1) if 0 <= k < len(claim.tokens) and vw.is_name(claim, k)
            ]
            if self.cross and any(self.cover[k] >= 0.55 for k in beside):
                continue  # the rest of a name that is there: agencies are translated freely
            lost.append(i)
            if {self.types[c] for c in typed} & spare or (not typed and free):
                swapped.append(i)
        for name, some in (("name", lost), ("other_name", swapped)):
            if some:
                self._set(name, min(len(some), 3) ** 0.5, self._stretch(some[0], some[0] + 1))

    def _polarity(self) -> None:
        own, denied = self.own, _denied(self.claim)
        held = [_denied(text) for text in own]
        word = ""
        for i in denied:
            if not any(self._around(n, i) & set(held[n]) for n in range(len(own))):
                word = self._word(i)
        inside = 0
        for match, places in zip(self.match, held, strict=True):
            for j in places:
                inside += bool(match[:, max(0, j - 1) : j + 2].max(initial=0) >= PAIRED)
                i = int(match[:, j].argmax()) if len(match) else 0
                alone = not any(abs(i - d) <= NEAR for d in denied)
                if alone and match[:, j].max(initial=0) >= PAIRED:
                    self._set("affirmed", 1, self._word(i))
        odd = bool((len(denied) - inside) % 2 and (len(denied) - sum(map(len, held))) % 2)
        turns = self._turns()
        if odd and not turns:  # a negation and an opposite make up for each other
            self._set("parity", 1, self.claim.text)
            if word := word or self.found["affirmed"][1]:
                close = 1 - 4 * self.lack.sum() / max(self.weight.sum(), 1e-9)
                self._set("turned", max(close, 0.2), word)
        if turns and not odd:
            self._set("opposite_cross" if self.cross else "opposite", 1, turns[0])

    def _turns(self) -> list[str]:
        """The claim's words whose opposites the passages have."""
        terms = {term for text in self.own for term in text.terms}
        sides = set().union(*(vw.OPPOSITES.get(term, set()) for term in terms))
        denial = vw.NEGATION[self.claim.lang]
        found = []
        for i, term in enumerate(self.claim.terms):
            mine = vw.OPPOSITES.get(term, set())
            turned = {(pair, 1 - side) for pair, side in mine} & sides
            if term in terms or not turned or mine & sides or self.cover[i] >= 0.8:
                continue
            denies = denial.match(self.claim.text, self.claim.tokens[i].char_start)
            if not denies and self._facing(i, turned):
                found.append(self._word(i))
        return found

    def _facing(self, i: int, turned: set[tuple[int, int]]) -> bool:
        """Whether one of `turned` stands in the passages for no other word of the claim."""
        for match, text in zip(self.match, self.own, strict=True):
            for j, term in enumerate(text.terms):
                if vw.OPPOSITES.get(term, set()) & turned:
                    rest = np.delete(match[:, j], i)
                    if rest.max(initial=0) < PAIRED:
                        return True
        return False

    def _around(self, n: int, i: int) -> set[int]:
        """The places of passage `n` about where the claim's word `i` and its neighbours match."""
        match = self.match[n]
        found: set[int] = set()
        for k in range(max(0, i - 1), min(len(match), i + 2)):
            if match.shape[1] and match[k].max() >= PAIRED:
                j = int(match[k].argmax())
                found |= set(range(j - NEAR, j + NEAR + 1))
        return found

    def _stance(self) -> None:
        claim, here = self.claim, self.own[self.best]
        asserted, source = stance(claim.text, claim.lang), stance(here.text, here.lang)
        tail, there = _tail(claim), _tail(here)
        hedged = bool(vw.HEDGE[claim.lang].search(tail) or vw.SAYS[claim.lang].search(tail))
        fewer = _count(vw.HEDGE, claim) < _count(vw.HEDGE, here)
        told = _present(claim) and here.lang == "en"  # 한다 also says what will be
        if vw.HEDGE[here.lang].search(there) and not hedged and fewer and not told:
            self._set("firm", 1, tail)
        if source == "forecast" and asserted == "fact":
            self._set("stated_soft" if hedged or not fewer else "stated", 1, tail)
            if vw.DONE[claim.lang].search(tail) and not hedged:
                self._set("done", 1, tail)
        if (word := self._realised()) is not None:
            self._set("done", 1, word)
        if (decided := self._added(vw.DECISION, vw.SETTLED)) is not None:
            self._set("decided", 1, decided)
        if source == "recommendation" and asserted != source and not _count(vw.DUTY, claim):
            self._set("duty", 1, tail)
        if (certain := self._added(vw.CERTAIN)) is not None:
            self._set("certain", 1, certain)
        self._sources(asserted)

    def _realised(self) -> str | None:
        """An English verb that a passage foretells and the claim tells as done."""
        if self.claim.lang != "en":
            return None
        for match, text in zip(self.match, self.own, strict=True):
            for found in vw.MODAL.finditer(text.text if text.lang == "en" else ""):
                j = text.near(found.end(), after=True)
                if j is None or match[:, j].max(initial=0) < 0.8:
                    continue
                i = int(match[:, j].argmax())
                start = self.claim.tokens[i].char_start
                if vw.PERFECT.search(self.claim.text[max(0, start - 16) : start]):
                    return self._word(i)
        return None

    def _sources(self, asserted: str) -> None:
        claim, tail = self.claim, _tail(self.claim)
        sourced = bool(_count(vw.SOURCE, claim))
        for match, here in zip(self.match, self.own, strict=True):
            near = (match.max(axis=1, initial=0) * self.weight).sum() / max(self.weight.sum(), 1e-9)
            if near < 0.3 or not _count(vw.SAYS, here):
                continue
            if not sourced:
                self._set("sourceless", 1, tail)
                first = [
                    j for j in range(min(4, len(here.tokens))) if here.tokens[j].kind != "number"
                ]
                if np.mean([match[:, j].max(initial=0) < PAIRED for j in first] or [0]) > 0.5:
                    self._set("sourceless_name", 1, tail)
            if stance(here.text, here.lang) == "attributed" and asserted != "attributed":
                self._set("unsaid", float(sourced), tail if sourced else "")

    def _added(self, marks: vw.Marks, loose: vw.Marks | None = None) -> str | None:
        """The first word of a sort that the claim has and no reading does, nor one of `loose`."""
        match = marks[self.claim.lang].search(self.claim.text)
        if not match or any(_count(loose or marks, text) for text in self.readings):
            return None
        return match[0]

    def _scope(self) -> None:
        for name, marks, loose in (("all", vw.ALL, vw.WHOLE), ("only", vw.ONLY, vw.SOLE)):
            if (added := self._added(marks, loose)) is not None:
                self._set(name, 1, added)
        if (added := self._added(vw.ANYWAY)) is not None:
            self._set("all", 1, added)

    def _cause(self) -> None:
        claim = self.claim
        if (added := self._added(vw.CAUSE)) is not None:
            self._set("cause", 1, added)
        parts = _cause_effect(claim)
        if not parts:
            return
        lack = self.weight * (self.cover < HELD)
        if parts[0]:
            own = list(parts[0])
            share = lack[own].sum() / (self.weight[own].sum() + 0.5)
            self._set("cause_new", share, self._stretch(own[0], own[-1] + 1))
        for n, text in enumerate(self.own):
            if not (other := _cause_effect(text)):
                continue
            flow = np.array([[self._flow(n, p, q) for q in other] for p in parts])
            straight, crossed = flow[0, 0] + flow[1, 1], flow[0, 1] + flow[1, 0]
            if crossed > straight:
                self._set("cause_turned", crossed - straight, claim.text)

    def _flow(self, n: int, part: Sequence[int], other: Sequence[int]) -> float:
        """Share of the claim's words `part` whose best match in passage `n` is among `other`."""
        match = self.match[n]
        sure = [i for i in part if match.shape[1] and match[i].max() >= PAIRED]
        inside = set(other)
        return float(np.mean([int(match[i].argmax()) in inside for i in sure])) if sure else 0.0

    def _roles(self) -> None:
        mine, text = _roles(self.claim), self.own[self.best]
        theirs, match = _roles(text), self.match[self.best]
        for i, role in mine.items():
            if match.shape[1] and match[i].max() >= 0.8:
                other = theirs.get(int(match[i].argmax()))
                if other and other != role:
                    self._set("roles", self.found["roles"][0] + 0.5, self._word(i))


_TYPES = {"person", "country", "organization", "place"}
_BEGIN, _END = r"(?<=[^0-9][.!?。])", r"(?=[.!?。](?![0-9])|$)"  # of a sentence, not of a decimal
_QUOTES = re.compile(r"[\s\"'“”‘’「」『』«»]+")


def _plain(text: str) -> str:
    """As verbatim is judged: NFC, without white space and quotation marks."""
    return _QUOTES.sub("", unicodedata.normalize("NFC", text))


def _verbatim(claim: str, text: str) -> bool:
    """Whether the claim is the text or whole sentences of it: what a clause lacks may matter."""
    wanted, whole = re.escape(_plain(claim).rstrip(".。")), _plain(text)
    return bool(re.search(rf"(?:^|{_BEGIN}){wanted}{_END}", whole))


# --- grammar ------------------------------------------------------------------------------------


def _count(marks: vw.Marks, text: vw.Text) -> int:
    return len(marks[text.lang].findall(text.text))


def _denied(text: vw.Text) -> list[int]:
    """The words that a negation stands at: after them in Korean, before them in English."""
    found = []
    for match in vw.NEGATION[text.lang].finditer(text.text):
        place = text.near(match.start(), after=text.lang == "en")
        if place is not None:
            found.append(place)
    return found


def _cause_effect(text: vw.Text) -> tuple[list[int], list[int]] | None:
    """The words of the cause and those of the effect, where a causal word divides the text."""
    after = vw.CAUSE_AFTER[text.lang].search(text.text)
    found = after or vw.CAUSE_BEFORE[text.lang].search(text.text)
    if not found:
        return None
    left = [i for i, t in enumerate(text.tokens) if t.char_end <= found.start() + 1]
    right = [i for i, t in enumerate(text.tokens) if t.char_start >= found.end() - 1]
    if after and not left:  # Because of X, Y
        comma = text.text.find(", ")
        right, left = (
            [i for i in right if text.tokens[i].char_start < comma],
            [i for i in right if text.tokens[i].char_start > comma],
        )
        return right, left
    return (right, left) if after else (left, right)


def _tail(text: vw.Text) -> str:
    """Where Korean asserts: the last words. English asserts anywhere."""
    return _TOLD.sub("", text.text)[-18:] if text.lang == "ko" else text.text


def _present(text: vw.Text) -> bool:
    """Whether a Korean sentence closes in the present, which may stand for the future."""
    return text.lang == "ko" and bool(re.search(r"(?:[한된는]다|[합됩니]니다)[.]?$", text.text))


def _same_digits(a: Quantity, b: Quantity) -> bool:
    """Equal values whose units differ, or values a power of ten apart."""
    if isinstance(a.value, tuple) or isinstance(b.value, tuple):
        values = [q.value if isinstance(q.value, tuple) else (q.value,) for q in (a, b)]
        return a.kind != b.kind and bool({*values[0]} & {*values[1]} - {None})
    if not a.value or not b.value:
        return False
    ratio = a.value / b.value
    return (
        ratio == 1
        or (ratio.numerator == 1 or ratio.denominator == 1)
        and {*str(ratio.numerator), *str(ratio.denominator)} <= {"0", "1"}
    )


_TOLD = re.compile(r"[다라자]고 [가-힣 ]{1,12}다\.?$")
_SUBJECT = re.compile(r"(?:들)?(?:이|가|은|는|께서)(?![가-힣])")
_OBJECT = re.compile(r"(?:들)?(?:을|를|에게|에)(?![가-힣])")


def _roles(text: vw.Text) -> dict[int, str]:
    """Which Korean words are marked as subject or topic, and which as object."""
    if text.lang != "ko":
        return {}
    found = {}
    for i, token in enumerate(text.tokens):
        if _SUBJECT.match(text.text, token.char_end):
            found[i] = "subject"
        elif _OBJECT.match(text.text, token.char_end):
            found[i] = "object"
    return found
