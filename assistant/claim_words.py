"""A text of a claim check taken apart into words, and how well two words match.

The same word, a concept of the lexicon, a translation, a name by its sound, a neighbour among the
shipped word vectors. How much a word counts depends on its kind; words that any paraphrase may add
or drop are listed in claim_words.yaml, with the pairs of opposites. Not covered: a wrong word that
the vectors hold for a synonym.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from index.language import detect
from index.lexicon import Lexicon, is_glossary
from index.models import Embedder
from index.morphology import Token
from index.numbers import Quantity, find
from index.translate import load_translator, presence
from index.transliterate import likeness
from index.types import Lang

LISTS = Path(__file__).parent / "claim_words.yaml"
GROUPED = 0.6  # how well two words match that may stand for one another
# Words that stand on a side in some of their senses only: no opposites by themselves.
TWO_FACED = frozenset(
    "end leav last late ahead few less more littl access hold open close clear high long short "
    "low strong weak light least most first second forward stand up down support "
    "뒤 앞 끊기다 늦다 남다".split()
)
PROBE = "정부"  # a word of usual weight
Floats = NDArray[np.float32]
Sides = frozenset[tuple[int, int]]  # of opposites: the pair, and which of its sides


@cache
def _lists() -> Mapping[str, list[list[str]] | list[str]]:
    found: Mapping[str, list[list[str]] | list[str]] = yaml.safe_load(LISTS.read_text("utf-8"))
    return found


@cache
def _opposites() -> Mapping[str, Sides]:
    found: dict[str, set[tuple[int, int]]] = {}
    for number, pair in enumerate(_lists()["opposites"]):
        for side, words in enumerate(pair):
            for word in words.split():
                found.setdefault(word, set()).add((number, side))
    return {word: frozenset(stands) for word, stands in found.items()}


def sides(term: str) -> Sides:
    """The sides of pairs of opposites that a term stands on."""
    return _opposites().get(term, frozenset())


def facing(term: str) -> Sides:
    """The sides that its opposites stand on; a word of these turns a sentence round."""
    return frozenset((pair, 1 - side) for pair, side in sides(term))


@cache
def light() -> frozenset[str]:
    """The terms that any paraphrase may add or drop."""
    return frozenset(word for words in _lists()["light"] for word in str(words).split())


@cache
def groups() -> Mapping[str, frozenset[int]]:
    """A term -> the groups of words that may stand for one another that it is in."""
    found: dict[str, set[int]] = {}
    for number, words in enumerate(_lists()["alike"]):
        for word in str(words).split():
            found.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


@dataclass(frozen=True, slots=True)
class Text:
    """A claim, or one reading of a passage, taken apart."""

    text: str
    lang: Lang
    tokens: tuple[Token, ...]
    vectors: Floats  # a row for each token
    lengths: Floats  # how much each token says, by the embedder
    concepts: tuple[frozenset[str], ...]  # of each token
    quantities: tuple[Quantity, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """The base forms of its words."""
        return tuple(token.term for token in self.tokens)

    def near(self, offset: int, *, after: bool) -> int | None:
        """The token next to a character: the first after it, else the last before."""
        if after:
            return next((i for i, t in enumerate(self.tokens) if t.char_start >= offset), None)
        ends = [i for i, t in enumerate(self.tokens) if t.char_end <= offset + 1]
        return ends[-1] if ends else None


class Words:
    """Reads texts with one embedder; keeps what it knows of each word."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, tuple[Floats, float]] = {}

    def read(self, text: str, tokens: Sequence[Token], lexicon: Lexicon) -> Text:
        """The text taken apart into `tokens`."""
        concepts: list[set[str]] = [set() for _ in tokens]
        for match in lexicon.matches([token.term for token in tokens]):
            for place in range(match.start, match.end):
                concepts[place].add(match.concept)
        known = [self._word(token.term) for token in tokens]
        vectors = np.array([vector for vector, _ in known], np.float32)
        return Text(
            text,
            detect(text).main,
            tuple(tokens),
            vectors.reshape(len(tokens), self._embedder.dimensions),
            np.array([length for _, length in known], np.float32),
            tuple(frozenset(found) for found in concepts),
            tuple(find(text)),
        )

    def _word(self, term: str) -> tuple[Floats, float]:
        """A word's direction, and how much it counts in a mean of words against a usual one."""
        if (known := self._known.get(term)) is None:
            word, probe, both = self._embedder.embed([term, PROBE, f"{term} {PROBE}"])
            shared, own, other = float(word @ probe), float(both @ word), float(both @ probe)
            length = 1.0
            if word.any() and shared < 0.9:
                ratio = (own - shared * other) / max(other - shared * own, 1e-3)
                length = min(max(ratio, 0.3), 2.0)
            known = self._known[term] = np.asarray(word, np.float32), length
        return known


_KOREAN_NAME = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+-[a-z]+\b|\b[A-Z][a-z]+-[a-z]+ [A-Z][a-z]+\b")
_HANGUL_WORD = re.compile(r"[가-힣]+")


def weight(text: Text, i: int) -> float:
    """How much a word counts by its kind, 0.2 to 1.2."""
    token = text.tokens[i]
    if token.term in light():
        return 0.25
    if is_name(text, i) or any(is_glossary(c) for c in text.concepts[i]):
        return 1.2
    return {"noun": 1.0, "verb": 0.7, "number": 0.2, "name": 1.0, "other": 0.4}[token.kind]


def is_name(text: Text, i: int) -> bool:
    """English: a capital that does not open the sentence, or an acronym. Korean: as tagged."""
    token = text.tokens[i]
    if token.kind != "name":
        return _is_rest_of_name(text, i)
    word = text.text[token.char_start : token.char_end]
    return text.lang == "ko" or token.char_start > 1 or word[1:].isupper()


def _is_rest_of_name(text: Text, i: int) -> bool:
    """The ho of Seung-ho."""
    if not i or text.lang != "en" or text.tokens[i].kind != "noun":
        return False
    before, here = text.tokens[i - 1], text.tokens[i].char_start
    return (
        text.text[before.char_end : here] == "-" and len(before.term) < 7 and is_name(text, i - 1)
    )


def matches(claim: Text, text: Text) -> Floats:
    """How well each word of the claim (rows) matches each of the text, in [0, 1]."""
    found: Floats = np.clip((claim.vectors @ text.vectors.T - 0.1) * 1.25, 0, 0.9)
    for i, term in enumerate(claim.terms):
        for j, other in enumerate(text.terms):
            if term == other:
                found[i, j] = 1.0
            elif shared := claim.concepts[i] & text.concepts[j]:
                value = 0.95 if any(map(is_glossary, shared)) else 0.85
                found[i, j] = max(found[i, j], value)
            else:
                found[i, j] = max(found[i, j], form_alike(term, other))
            if found[i, j] < GROUPED and in_one_group(term, other):
                found[i, j] = GROUPED
    return found


@lru_cache(maxsize=200_000)
def in_one_group(a: str, b: str) -> bool:
    """Whether one of two words may stand for the other, and is not its opposite."""
    if a not in groups() or b not in groups() or groups()[a].isdisjoint(groups()[b]):
        return False
    return facing(a).isdisjoint(sides(b))


@lru_cache(maxsize=200_000)
def form_alike(a: str, b: str) -> float:
    """Two words by their form or by the translation tables, in [0, 1]."""
    if a[:1].isdigit() or b[:1].isdigit():
        return 0.0
    if a.isascii() != b.isascii():
        tables = load_translator()
        there, back = tables.words(a), tables.words(b)
        value = 0.0
        if b in there:
            value = there[b] / max(there.values())
        if a in back:
            value = max(value, back[a] / max(back.values()))
        if value:
            return 0.5 + 0.5 * value
        if len(a) > 1 and len(b) > 1 and not (there and back):
            hangul, latin = (b, a) if a.isascii() else (a, b)
            return 0.9 * _sound(hangul, latin)
        return 0.0
    short, long = sorted((a.removesuffix("다"), b.removesuffix("다")), key=len)
    if a.isascii():
        common = len(short) > 4 and long.startswith(short[:-1])
        return 0.75 if common else 0.0
    if len(short) > 1 and short in long:
        return 0.75
    return 0.6 if len(short) > 2 and short[:2] == long[:2] else 0.0


def by_tables(claim: Text, text: Text, match: Floats) -> Floats:
    """What phrases and compounds of the translation tables cover of the claim's words."""
    cover = np.zeros(len(claim.tokens), np.float32)
    if claim.lang == text.lang:
        return cover
    tables, held = load_translator(), set(text.terms)
    for i, options in enumerate(tables.translate(claim.terms)):
        term = claim.terms[i]
        if not term[:1].isdigit():
            ways = options or tables.compound(term)
            cover[i] = max((presence(parts, held) for parts in ways), default=0.0)
    if claim.lang == "en":
        inside = _inside(text.text)
        for i, term in enumerate(claim.terms):
            cover[i] = max(cover[i], 0.6 * (term in inside))
    else:
        for i, term in enumerate(claim.terms):
            cover[i] = max(cover[i], 0.8 * _parts_held(term, held))
    for i in range(len(claim.tokens)):
        if max(cover[i], match[i].max(initial=0)) < 0.6 and is_name(claim, i):
            cover[i] = max(cover[i], _by_sound(claim, i, text))
    return cover


@lru_cache(maxsize=4096)
def _inside(text: str) -> frozenset[str]:
    """What pieces of the Hangul words of a text may be in English: 정보 of 새온정보산업진흥원."""
    words = {
        w[a:b] for w in _HANGUL_WORD.findall(text) for a in range(len(w)) for b in (a + 2, a + 3)
    }
    found: set[str] = set()
    for word in words:
        if len(word) > 1 and (known := load_translator().words(word)):
            least = 0.3 * max(known.values())
            found.update(term for term, value in known.items() if value > least)
    return frozenset(found)


def _parts_held(term: str, held: set[str]) -> float:
    """The share of a Hangul word's syllables in pieces whose translations are held."""
    if len(term) < 4 or not _HANGUL_WORD.fullmatch(term):
        return 0.0
    good = [False] * len(term)
    for a in range(len(term) - 1):
        for b in (a + 2, a + 3):
            known = load_translator().words(term[a:b])
            if any(t in held and v > 0.3 * max(known.values()) for t, v in known.items()):
                good[a:b] = [True] * len(good[a:b])
    return sum(good) / len(good)


def _by_sound(claim: Text, i: int, text: Text) -> float:
    """A name of the claim among the words of a text in the other script, in [0, 1]."""
    mine = {_written(claim, i, i + 1)}
    at = claim.tokens[i].char_start
    if whole := next(
        (m for m in _KOREAN_NAME.finditer(claim.text) if m.start() <= at < m.end()), None
    ):
        mine.add(re.sub(r"[ -]", "", whole[0]))
    for begin, end in ((i, i + 2), (i - 1, i + 1), (i - 1, i + 2), (i - 2, i + 1), (i, i + 3)):
        if begin >= 0 and end <= len(claim.tokens):
            mine.add(_written(claim, begin, end))
    if claim.lang == "ko":
        word = _HANGUL_WORD.match(claim.text, claim.tokens[i].char_start)
        mine |= {word[0][:k] for k in range(2, 6)} if word else set()
        theirs = {
            _written(text, j, k)
            for j in range(len(text.tokens))
            if is_name(text, j)
            for k in (j + 1, j + 2)
        }
        pairs = [(a, b) for a in mine for b in theirs]
    else:
        words = {word[:k] for word in _HANGUL_WORD.findall(text.text) for k in range(2, 6)}
        pairs = [(b, a) for a in mine for b in words]
    return max(
        (_sound(a, b) for a, b in pairs if 1.2 * len(a) <= len(b) <= 5 * len(a)), default=0.0
    )


# What a Korean syllable's first consonant may be written with.
_FIRST = (
    "gkcq gkcq nrkg dt dt rl m bpv bpv sxczt sxct aeiouwyhlrj jzgcs jzgc cthz kcgqx tch pfv hjwgx"
).split()


@lru_cache(maxsize=200_000)
def _sound(hangul: str, latin: str) -> float:
    """How alike a Hangul word and a Latin one sound, 0 where they begin with other sounds."""
    first, letter = (ord(hangul[0]) - 0xAC00) // 588, latin[:1].lower()
    if 0 <= first < len(_FIRST) and letter.isascii() and letter not in _FIRST[first]:
        return 0.0
    return likeness(hangul, latin)


def _written(text: Text, begin: int, end: int) -> str:
    """Some neighbouring words as they are written, as one."""
    end = min(end, len(text.tokens))
    whole = text.text[text.tokens[begin].char_start : text.tokens[end - 1].char_end]
    return re.sub(r"[^A-Za-z가-힣]", "", whole)
