"""What speaks against a machine's translation of one piece of a document.

Told without a model, as the gate checks an answer's sentences: the form (one line, no markup,
nothing but the translation), the language, the length, every number, unit and date of either side
on the other (`index.number_match`), quotation marks, and by the verifier's comparison across
languages negations, opposites, names and whether the words are those of the piece at all. Strict on
purpose: a right translation that is refused costs a second request or stays out, and the original
is quoted in its place. Not covered: a wrong word that the word vectors hold for a synonym, who did
what to whom, style.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from assistant.claim_marks import NEGATION, NEGATIVE
from assistant.claim_signals import SIGNALS
from assistant.gate import markup
from assistant.inject import addresses_model
from assistant.quotation import QUOTED_WORDS
from assistant.types import Check
from assistant.verify import Verifier
from index.language import detect
from index.number_match import missing, same
from index.numbers import Quantity, find
from index.terms import Analyzer
from index.types import Lang

# Signals of the verifier that hold across languages, and the least of each that speaks against a
# translation; measured on the brief's own edition and on 1,000 other pairs, both ways.
AGAINST: Mapping[str, float] = {
    "negated": 0.3,
    "affirmed": 0.3,
    "denied_lost": 0.6,
    "opposite_cross": 0.6,
    "turned_cross": 0.8,
    "way_time": 0.6,
    "name": 0.6,
    "other_name": 0.3,
    "alien": 0.62,
}
# Signals that are also looked for the other way round: what the source has and the target lacks.
LOST = ("name", "other_name", "alien")
# How long a translation may be beside its source, in characters: Korean writes the same in fewer.
LENGTHS: Mapping[Lang, tuple[float, float]] = {"en": (0.8, 6.0), "ko": (0.15, 1.5)}
SLACK = 20  # characters by which a short piece may be off
AN_AGE = 100  # years; 1392년 is when, and no time that anything takes
# How a model speaks of the task instead of doing it.
_ASIDE = re.compile(
    r"^\W*(?:i['’]m sorry|i am sorry|sorry,|i can(?:no|['’])t|i am unable|i['’]m unable|as an ai\b|"
    r"here(?: is|['’]s)\b.{0,30}translat|sure[,!]|(?:the |english |korean )*translation\s*[:：]|"
    r"note\s*[:：]|죄송|번역해 드릴 수|번역할 수 없|도와드릴 수|다음은 .{0,20}번역|"
    r"(?:한국어 )?번역\s*[:：])",
    re.IGNORECASE,
)


class EditionCheck:
    """Checks translations with one lexicon. Safe to share between threads once loaded."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._verifier = Verifier(analyzer)
        self._split = analyzer.morphology.sentences

    def faults(self, source: str, target: str, lang: Lang) -> tuple[Check, ...]:
        """What speaks against `target` as `source` in the language `lang`; nothing if it will do.

        The gravest first; where the form is wrong, nothing else is looked at.
        """
        plain = tuple(self._plain(source, target, lang))
        return plain or tuple(self._meant(source, target))

    def _plain(self, source: str, target: str, lang: Lang) -> Iterator[Check]:
        """What is wrong whatever the piece means."""
        low, high = LENGTHS[lang]
        if "\n" in target or _ASIDE.search(target) or addresses_model(target):
            yield Check("form", target)
        elif mark := markup(target, source):
            yield Check("form", mark)
        elif detect(target).main != lang and not (target == source and source.isupper()):
            yield Check("language", target)
        elif not low * len(source) - SLACK <= len(target) <= high * len(source) + SLACK:
            yield Check("content", target)
        elif len(self._split(target)) > len(self._split(source)) + 1:
            yield Check("form", target)
        elif bool(QUOTED_WORDS.search(source)) != bool(QUOTED_WORDS.search(target)):
            yield Check("quotation", target)

    def _meant(self, source: str, target: str) -> Iterator[Check]:
        """What the two say otherwise: numbers either way, then what the verifier compares."""
        numbers = [*_lacking(source, target), *_lacking(target, source)]
        if numbers:
            yield Check("number", numbers[0].text)
        if (denied := _denied(source, target) or _denied(target, source)) is not None:
            yield Check("polarity", denied)
        told = self._verifier.signals(target, [(source,)])
        left = self._verifier.signals(source, [(target,)])
        found = {name: told[name] for name in AGAINST}
        found |= {f"{name} lost": left[name] for name in LOST}
        seen = {"polarity"} if denied is not None else set()
        for key, (value, piece) in found.items():
            name = key.removesuffix(" lost")
            code = SIGNALS[name]
            if value >= AGAINST[name] and code not in seen:
                seen.add(code)
                yield Check(code, piece)


def _denied(text: str, other: str) -> str | None:
    """A negation of `text`, if `other` has fewer words that deny, or may stand for denying."""
    lang, beside = detect(text).main, detect(other).main
    own = [match[0] for match in NEGATION[lang].finditer(text)]
    marks = (NEGATION[beside], NEGATIVE[beside])
    answered = sum(len(mark.findall(other)) for mark in marks)
    return own[-1] if len(own) > answered else None


def _lacking(source: str, target: str) -> Iterable[Quantity]:
    """The quantities of `source` that `target` lacks, but for how either leaves out a unit."""
    lost = missing(source, target)
    if not lost:
        return ()
    ours, theirs = find(source), find(target)
    spare = [t for t in theirs if not any(same(t, q) for q in ours)]
    return [q for q in lost if not any(_elliptic(q, ours, t, theirs) for t in spare)]


def _elliptic(
    a: Quantity, beside_a: Iterable[Quantity], b: Quantity, beside_b: Iterable[Quantity]
) -> bool:
    """Whether both are one value, and one leaves out the unit that its text has said or implies.

    From four hours to three, 1325년 and 1325, eight o'clock as eight, thirty years old.
    """
    value, units = _bare(a), {a.unit, b.unit}
    if value is None or value != _bare(b):
        return False
    if units <= {"age", "year"} or {"date", "time"} & {a.kind, b.kind}:
        return True
    if units == {"", "year"} and value >= AN_AGE:
        return True
    if all(units):
        return False
    stated, beside = (b.unit, beside_a) if not a.unit else (a.unit, beside_b)
    return any(q.unit == stated for q in beside)


def _bare(q: Quantity) -> Fraction | None:
    """The one number of a quantity, whatever it counts; None for a date of several fields."""
    if isinstance(q.value, Fraction):
        return q.value
    fields = [n for n in q.value if n]
    return Fraction(fields[0]) if len(fields) == 1 else None
