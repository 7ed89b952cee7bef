"""Word translation probabilities from sentence pairs: IBM Model 1, both directions, joined.

Model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation", 4.2) asks which
words of a sentence could have given which words of its translation, whatever their order; order is
of no use between Korean and English. Each direction alone invents translations for rare words
(a word seen once takes all of its sentence), so the two are trained with agreement (Liang, Taskar
and Klein 2006, "Alignment by Agreement"): a link counts as much as both directions believe in it.
Contract: terms come as integer ids; the result is sparse. Not covered: phrases, word order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
NULL_SHARE = 0.1  # of a word's mass that goes to no word at all, however few candidates it has


@dataclass(frozen=True, slots=True)
class Bitext:
    """Sentence pairs as term ids without repeats, and how much each pair counts."""

    korean: Sequence[IntArray]
    english: Sequence[IntArray]
    weights: FloatArray
    korean_size: int
    english_size: int


@dataclass(frozen=True, slots=True)
class Translations:
    """Sparse p(english | korean) and p(korean | english) over the same `links` pairs of terms."""

    korean: IntArray  # [links]
    english: IntArray  # [links]
    to_english: FloatArray  # [links], at most 1 in sum over a Korean term
    to_korean: FloatArray  # [links], at most 1 in sum over an English term
    together: FloatArray  # [links], expected number of times the two were linked


def align(bitext: Bitext, rounds: int, agree_from: int) -> Translations:
    """Train both directions for `rounds` of EM; from round `agree_from` on they must agree."""
    lengths = np.array(
        [len(k) * len(e) for k, e in zip(bitext.korean, bitext.english, strict=True)]
    )
    korean = np.concatenate(
        [np.repeat(k, len(e)) for k, e in zip(bitext.korean, bitext.english, strict=True)]
    )
    english = np.concatenate(
        [np.tile(e, len(k)) for k, e in zip(bitext.korean, bitext.english, strict=True)]
    )
    weight = np.repeat(bitext.weights, lengths)
    # A group is one word of one sentence: its links compete.
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    by_english = _groups(sentence, english, bitext.english_size)
    by_korean = _groups(sentence, korean, bitext.korean_size)
    keys, link = np.unique(korean * bitext.english_size + english, return_inverse=True)
    link_korean, link_english = keys // bitext.english_size, keys % bitext.english_size
    to_english = np.ones(len(keys))
    to_korean = np.ones(len(keys))
    together = np.ones(len(keys))
    for number in range(rounds):
        forward = _responsibility(to_english[link], by_english)
        backward = _responsibility(to_korean[link], by_korean)
        if number >= agree_from:
            forward = backward = np.sqrt(forward * backward)
        together = np.bincount(link, weight * forward, len(keys)).astype(np.float64)
        to_english = _normalised(together, link_korean, bitext.korean_size)
        counted = np.bincount(link, weight * backward, len(keys)).astype(np.float64)
        to_korean = _normalised(counted, link_english, bitext.english_size)
    return Translations(link_korean, link_english, to_english, to_korean, together)


def _groups(sentence: IntArray, word: IntArray, size: int) -> IntArray:
    groups: IntArray = np.unique(sentence * size + word, return_inverse=True)[1]
    return groups


def _responsibility(scores: FloatArray, groups: IntArray) -> FloatArray:
    """Each link's share of its group; a part is left to no word at all."""
    total = np.bincount(groups, scores)
    best: FloatArray = scores / (total * (1 + NULL_SHARE))[groups]
    return best


def _normalised(counts: FloatArray, given: IntArray, size: int) -> FloatArray:
    """Counts as probabilities given one side; one count is held back for what was never seen."""
    total = np.bincount(given, counts, size)
    return counts / (total + 0.5)[given]
