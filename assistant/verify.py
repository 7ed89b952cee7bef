"""The gate: what may be shown as verified, and how sure a claim's support by its passages is.

`Gate.check` holds every sentence of an answer, whoever wrote it, against the passages it cites: the
markers name passages that were shown, quote and page are the document's, the sentence is one in the
answer's language and without markup, quotation marks stand around verbatim text only, and the
passages support it. Its stance is that of what it cites. `Verifier` is the last of these checks.

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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from assistant.asserted import asserted, leans
from assistant.claim_pair import Pair
from assistant.claim_signals import SIGNALS, Code, signals
from assistant.claim_words import Text, Words
from assistant.inject import addresses_model
from assistant.stance import stance
from assistant.types import Check, Stance
from index.language import detect
from index.lexicon import GLOSSARY, THESAURUS, compile_lexicon
from index.models import Embedder, load_embedder
from index.morphology import load_morphology
from index.nli import Entailment
from index.number_match import missing
from index.terms import Analyzer
from index.types import Document, Lang, Passage

WEIGHTS = Path(__file__).parent / "verify.json"
# One of these is enough: a number that the passages lack, more words than they hold, or in a copied
# sentence another name or the opposite must not pass for what else agrees.
VETO = ("alien", "number", "near_number", "unit", "weak_unit", "copy_name", "copy_turned")
KEPT = 2048  # texts taken apart that are kept, since answers cite the same passages again
LONGEST_SENTENCE = 600  # characters
ENTAILED = 0.5  # the least probability that a configured inference model must give
BEFORE = 2  # passages back, in which a subject that is left out is looked for
LEANING = ("name", "content", "attribution")  # what the lack of a subject may be taken for
# Where the passages of a sentence differ: the stance that a reader must not miss, first.
CAUTION: tuple[Stance, ...] = ("attributed", "forecast", "recommendation", "fact")


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
_QUOTES = re.compile(r"[\s\"'“”‘’「」『』«»]+")


def _plain(text: str) -> str:
    """As verbatim is judged: NFC, without white space and quotation marks."""
    return _QUOTES.sub("", unicodedata.normalize("NFC", text))


def is_verbatim(claim: str, text: str) -> bool:
    """Whether the claim is the text or whole sentences of it: what a clause lacks may matter."""
    wanted, whole = re.escape(_plain(claim).rstrip(".。")), _plain(text)
    return bool(re.search(rf"(?:^|{_BEGIN}){wanted}{_END}", whole))


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence as it may be shown, what it rests on, and what the checks found."""

    text: str
    passages: tuple[Passage, ...]
    stance: Stance
    support: float
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """No check failed."""
        return all(check.passed for check in self.checks)


class Gate:
    """Checks sentences against the passages of one library. Safe to share between threads."""

    def __init__(
        self,
        documents: Mapping[str, Document],
        verifier: Verifier | None = None,
        entailment: Entailment | None = None,
    ) -> None:
        self.verifier = verifier or Verifier()
        self._documents = documents
        self._entailment = entailment

    def check(
        self,
        text: str,
        cited: Sequence[Passage],
        lang: Lang | None = None,
        context: Sequence[Passage] = (),
    ) -> Checked:
        """Whether `text`, without its markers, may be shown as verified by `cited`.

        `lang` is the language that the sentence must be in; None for a passage's own words, which
        must then be in it letter for letter. `context` are the passages that its writer was shown:
        where one that is cited leaves out who or what it speaks of, those before it say so, and
        are cited too.
        """
        given = tuple({passage.id: passage for passage in cited}.values())
        read = [self._readings(passage) for passage in given]
        text, quoted = _unquoted(_tidy(text, read), read)
        found = [Check("quotation", piece, passed=True) for piece in quoted]
        found += self._plain_faults(text, given, read, lang)
        support = 0.0
        if all(check.passed for check in found):
            given, read, judged = self._judged(text, given, read)
            if not judged.supported and lang:
                given, read, judged = self._with_antecedents(text, given, read, judged, context)
            support = judged.score
            found += [Check(doubt.code, doubt.text) for doubt in judged.doubts]
            if judged.supported and lang is None and judged.score < 1:
                found.append(Check("content", text))
            elif judged.supported and lang and not self._asserted(text, read):
                found.append(Check("attribution", text))
            elif judged.supported and judged.score < 1:  # word for word there is nothing to add
                found += self._remarks(text, read)
        return Checked(text, given, _stance(text, given), round(support, 4), tuple(found))

    def _readings(self, passage: Passage) -> tuple[str, ...]:
        """What the document and its edition have of a passage, whatever the index says."""
        if passage.kind != "sentence":
            return readings(passage)
        translation = self._documents[passage.document_id].translations.get(passage.quote)
        return (passage.quote, translation) if translation else (passage.quote,)

    def _plain_faults(
        self,
        text: str,
        cited: Sequence[Passage],
        read: Sequence[Sequence[str]],
        lang: Lang | None,
    ) -> Iterator[Check]:
        if not cited:
            yield Check("marker", "")
        for passage in cited:
            document = self._documents[passage.document_id]
            if not _is_real(passage, document) or (lang and addresses_model(passage.quote)):
                yield Check("source", passage.quote)
        if fault := _form(text, read):
            yield Check("form", fault)
        if lang and _LETTER.search(text) and detect(text).main != lang:
            yield Check("language", text)

    def _judged(
        self, text: str, given: tuple[Passage, ...], read: list[tuple[str, ...]]
    ) -> tuple[tuple[Passage, ...], list[tuple[str, ...]], Support]:
        """The passages that the sentence needs, and how well they support it.

        One that it is as well supported without is left out, since a model cites too many rather
        than too few; all stay where none of their choices supports it.
        """
        best = given, read, self.verifier.support(text, read)
        while len(best[0]) > 1:
            fewer = [
                (kept, texts, self.verifier.support(text, texts))
                for kept, texts in _without_one(best[0], best[1])
            ]
            chosen = max(fewer, key=lambda choice: choice[2].score)
            if not chosen[2].supported or chosen[2].score < best[2].score:
                break
            best = chosen
        return best

    def _with_antecedents(
        self,
        text: str,
        given: tuple[Passage, ...],
        read: list[tuple[str, ...]],
        judged: Support,
        context: Sequence[Passage],
    ) -> tuple[tuple[Passage, ...], list[tuple[str, ...]], Support]:
        """The passages with the ones before them that they lean on, if that supports the text."""
        found = self.verifier.signals(text, read)
        instead = found["copy_name"][0] or found["other_name"][0]  # of a name that is there
        if instead or any(doubt.code not in LEANING for doubt in judged.doubts):
            return given, read, judged
        before = [p for p in context if p not in given and _leads(p, given)]
        for count in range(1, len(before) + 1):
            wider = (*before[-count:], *given)
            texts = [self._readings(passage) for passage in wider]
            needed = self._judged(text, wider, texts)
            if needed[2].supported and any(passage in given for passage in needed[0]):
                return needed
        return given, read, judged

    def _asserted(self, text: str, read: Sequence[Sequence[str]]) -> bool:
        """Whether the passages say it themselves; a sentence that names its source may quote."""
        sourced = stance(text, detect(text).main) == "attributed"
        own = [[asserted(reading, quoted=sourced) for reading in texts] for texts in read]
        if own == [list(texts) for texts in read]:
            return True
        told = asserted(text, quoted=sourced)
        if not told.strip():  # an order told as one; not somebody's words without whose they are
            return not asserted(_QUOTES.sub(" ", text)).strip()
        return self.verifier.support(told, own).supported

    def _remarks(self, text: str, read: Sequence[Sequence[str]]) -> Iterator[Check]:
        evidence = "\n".join(reading for texts in read for reading in texts)
        for quantity in missing(text, evidence):
            yield Check("derived", quantity.text, passed=True)
        if self._entailment is not None:
            premise = " ".join(_in_language(texts, detect(text).main) for texts in read)
            if self._entailment.probability(premise, text) < ENTAILED:
                yield Check("entailment", text)


def _leads(passage: Passage, given: Sequence[Passage]) -> bool:
    """Whether one of `given` leaves its subject to this passage, shortly before it."""
    return any(
        (one.document_id, one.paragraph) == (passage.document_id, passage.paragraph)
        and 0 < one.position - passage.position <= BEFORE
        and leans(one)
        for one in given
    )


def _without_one(
    given: tuple[Passage, ...], read: list[tuple[str, ...]]
) -> Iterator[tuple[tuple[Passage, ...], list[tuple[str, ...]]]]:
    for n in range(len(given)):
        yield (*given[:n], *given[n + 1 :]), read[:n] + read[n + 1 :]


def readings(passage: Passage) -> tuple[str, ...]:
    """A passage as it reads in the original and in its translations, each once."""
    texts = (passage.quote, passage.text, passage.quote_translation, passage.translation)
    return tuple(dict.fromkeys(text for text in texts if text))


_LETTER = re.compile(r"[A-Za-z가-힣]")
_MARKUP = re.compile(r"[<>{}|\\`]|\*\*|__|\]\(|\w://|^#|www\.|⟦|⟧")
_PICTURE = re.compile("[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]")
_QUOTED = re.compile(
    r"“([^“”]+)”|\"([^\"]+)\"|「([^「」]+)」|『([^『』]+)』|«([^«»]+)»|‘([^‘’]+)’(?![a-z])|"
    r"(?<![A-Za-z0-9])'([^']+)'(?![A-Za-z0-9])"  # 이른바 '관문'은, but not the fishers' boats
)


def _tidy(text: str, read: Sequence[Sequence[str]]) -> str:
    """NFC, folded white space, and no pictures that the passages do not have."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    known = "".join(reading for texts in read for reading in texts)
    return " ".join(_PICTURE.sub(lambda m: m[0] if m[0] in known else "", text).split())


def _unquoted(text: str, read: Sequence[Sequence[str]]) -> tuple[str, list[str]]:
    """The text without marks around words that are not verbatim, and those words."""
    known = [unicodedata.normalize("NFC", reading) for texts in read for reading in texts]
    loose: list[str] = []

    def keep(match: re.Match[str]) -> str:
        words = next(group for group in match.groups() if group)
        wanted = r"[\s\"'“”‘’「」『』«»]*".join(map(re.escape, _plain(words).rstrip(".,。")))
        whole = re.compile(rf"(?<![A-Za-z0-9]){wanted}(?![A-Za-z0-9])")  # of 동맹은 but not of 183
        if any(whole.search(reading) for reading in known):
            return match[0]
        loose.append(words)
        return words

    return _QUOTED.sub(keep, text), loose


def _form(text: str, read: Sequence[Sequence[str]]) -> str:
    """What of the text no sentence has; nothing if the passages have it too."""
    if not _LETTER.search(text):
        return text or "…"
    if len(text) > LONGEST_SENTENCE:
        return text[:40] + "…"
    known = "".join(reading for texts in read for reading in texts)
    return next((m[0] for m in _MARKUP.finditer(text) if m[0] not in known), "")


def _is_real(passage: Passage, document: Document) -> bool:
    """Whether quote and page are the document's."""
    quote = document.text[passage.char_start : passage.char_end]
    return quote == passage.quote and document.page(passage.char_start) == passage.page


def _stance(text: str, cited: Sequence[Passage]) -> Stance:
    """That of the passages; where they differ, the sentence's own if one has it."""
    theirs = {stance(passage.quote, passage.lang) for passage in cited}
    if len(theirs) == 1:
        return theirs.pop()
    own = stance(text, detect(text).main)
    return own if own in theirs or not theirs else min(theirs, key=CAUTION.index)


def _in_language(texts: Sequence[str], lang: Lang) -> str:
    return next((text for text in texts if detect(text).main == lang), texts[0])
