"""Whether a piece of text addresses the machine that reads it, instead of its readers.

A document may hold text that tells a summariser or an assistant what to state, cite, print or hide.
Such a passage is not shown to a chat model and is no evidence for what one writes. Told by a small
linear model over pieces of words, fitted by `python -m eval.fit_inject`, and by marks that only a
chat protocol has; letters that cannot be seen, spaced-out words, base64 and ROT13 are read for what
they hide. Not covered: a false statement with no order beside it (which is what a document says),
other languages, other ciphers. One defence among several: prompts are fenced, and each sentence of
an answer is checked.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from assistant.patterns import any_of

WEIGHTS = Path(__file__).parent / "inject.npz"
BUCKETS = 1 << 15
GRAMS = range(2, 6)  # letters of a piece of a word
LONGEST = 1_000  # characters that are read

# Marks of a chat protocol, and headings that open what is meant for a model.
_MARKS = re.compile(
    any_of(
        r"<\|[\w ]{2,30}\|>|\[/?INST\]|<</?SYS>>|⟦[^⟧]{0,40}⟧",
        r"</?(?:system|assistant|user|instructions?|prompt|documents?|context|passages?)>",
        r"^\s*#{2,} ?(?:system|instructions?|assistant|user)\b",
        r"(?:^|[\s\[(])(?:system|assistant|developer)"
        r"(?: (?:message|prompt|override|note))?\s*[:\]]",
        r"[=*#-]{3,} ?(?:end|begin|start) of ",
        r"(?:새|새로운) (?:시스템 )?(?:지시|프롬프트)(?:사항)? ?[:\]]",
        r"(?:^|[\s\[(])시스템(?: (?:메시지|프롬프트|지시|명령|알림))?\s*[:\]]",
    ),
    re.IGNORECASE,
)
# The best-known order; the model learnt from lines by authors who avoided it.
_CLASSIC = re.compile(
    any_of(
        r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}"
        r"\b(?:previous|prior|above|earlier|preceding|system|your|all)\b.{0,25}"
        r"\b(?:instructions?|prompts?|directives?|messages?|context)\b",
        "(?:이전|앞의|앞선|위의|기존|지금까지|종전|시스템)[^.]{0,14}(?:지시|명령|프롬프트)"
        "[^.]{0,10}(?:무시|잊|따르지|취소)"
        "(?![^.]{0,8}(?:지시했|명령했|말했|밝혔|촉구))",  # but for an order that is told of
    ),
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f]"
)
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .·*_-]{1,3}){5,}[^\W\d_](?![^\W_])")
_GAP = re.compile(r"(?<=\w)[ .·*_-](?=\w)")  # two are a gap between words
_WORD = re.compile(r"[^\W_]+|[\[\]⟦⟧<>|#=:]")
_ENGLISH = re.compile(r"\b(?:the|and|ignore|answer|say|state|you)\b", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


@dataclass(frozen=True, slots=True)
class Model:
    """A weight for each bucket of pieces, the bias, and the least sum that counts."""

    weights: NDArray[np.float32]
    bias: float
    threshold: float


@cache
def load_model(path: Path = WEIGHTS) -> Model:
    """The fitted model."""
    stored = np.load(path)
    return Model(
        stored["weights"].astype(np.float32), float(stored["bias"]), float(stored["threshold"])
    )


@lru_cache(maxsize=8192)
def addresses_model(text: str) -> str | None:
    """What shows it: the mark, or the text itself; None where it speaks to its readers."""
    text = text[:LONGEST]
    model = load_model()
    for plain in decoded(text):
        if mark := _MARKS.search(plain) or _CLASSIC.search(plain):
            return mark[0].strip()
        if score(plain, model) >= model.threshold:
            return text
    return None


def score(text: str, model: Model) -> float:
    """The log-odds by the model, that a decoded text addresses a machine."""
    places = list(features(text))
    if not places:
        return model.bias
    return float(model.bias + model.weights[places].sum() / len(places) ** 0.5)


def features(text: str) -> set[int]:
    """The buckets of its words, pairs of words and pieces of words."""
    words = _WORD.findall(text.lower())
    pieces = {f"w {word}" for word in words}
    pieces |= {f"b {a} {b}" for a, b in zip(words, words[1:], strict=False)}
    for word in words:
        whole = f"^{word}$"
        pieces |= {whole[i : i + n] for n in GRAMS for i in range(len(whole) - n + 1)}
    return {crc32(piece.encode()) % BUCKETS for piece in pieces}


def decoded(text: str) -> Iterator[str]:
    """The text as it reads, then whatever is written in code in it, decoded."""
    plain = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    plain = _SPACED.sub(lambda m: _GAP.sub("", m[0]), plain)
    yield plain
    for match in _CODE.finditer(plain):
        try:
            hidden = base64.b64decode(match[0] + "=" * (-len(match[0]) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        yield hidden
    turned = codecs.decode(plain, "rot13")
    if _ENGLISH.search(turned):
        yield turned
