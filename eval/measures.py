"""Pure scorers for one answer, and the mean over many: text in, numbers out.

A score that cannot be judged is None: unscored, counted, and never 0. Texts are compared in NFC and
without white space, since spacing in Korean is a matter of taste and quotes are re-joined lines.
Not covered: whether prose is well put, and whether a fact is told in words that the set did not
foresee (such an answer scores too low, never too high).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.types import Citation
from eval.samples import Groups, Nugget, squeeze
from index.types import Document, Lang

BUDGET = 600  # non-space characters of quotes that a reader is taken to check
KOREAN_FROM = 0.3  # share of Hangul: the document's own Korean sentences have 0.44 and more
ENGLISH_UNTIL = 0.1  # a Korean name in brackets passes, an untranslated sentence does not
RESAMPLES = 1_000
MARKER = re.compile(r"\[\d+(?:,\s*\d+)*\]")


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of `n` scores with its bootstrap 95 % interval; None where nothing was scored."""

    value: float | None
    n: int
    unscored: int
    low: float | None = None
    high: float | None = None


def evidence_found(groups: Groups, quotes: Sequence[str], budget: int = BUDGET) -> tuple[bool, ...]:
    """Which evidence groups stand in the quotes, each group by any one of its alternatives.

    Source: answer-side context recall, cut at a fixed reading budget so that quoting whole pages
    does not pay. `budget` is in characters without white space, spent in citation order; the quote
    that it cuts counts as far as it reaches.
    Worked: groups (("ab c",), ("de",)), quotes ["ab cd", "e de"], budget 5: the quotes shrink to
    "abcd" and "e", so the first group is found and the second is not: (True, False).
    """
    shown: list[str] = []
    left = budget
    for quote in map(squeeze, quotes):
        shown.append(quote[:left])
        left -= len(shown[-1])
    return tuple(any(squeeze(text) in quote for text in g for quote in shown) for g in groups)


def nuggets_found(nuggets: Sequence[Nugget], lang: Lang, text: str) -> tuple[bool | None, ...]:
    """Which nuggets an answer tells, by their wordings in `lang`; None where the set has none.

    Source: nugget recall (TREC, AutoNuggetizer) with literal matching in the place of a judge;
    case, white space and markers do not count. Plain containment: "350" is also found in "1,350".
    Worked: wordings ("half an hour",) and (), text "Half an  hour [1].": (True, None).
    """
    told = squeeze(MARKER.sub("", text)).casefold()
    return tuple(
        any(squeeze(w).casefold() in told for w in wordings) if wordings else None
        for wordings in (nugget.wordings(lang) for nugget in nuggets)
    )


def share(found: Sequence[bool | None]) -> float | None:
    """The share in [0, 1] that is True among what was judged; None where nothing was.

    Recall, when given `evidence_found` or `nuggets_found`.
    Worked: (True, False, None) is 1 of 2 judged: 0.5. (None,) and () are None.
    """
    judged = [value for value in found if value is not None]
    return sum(judged) / len(judged) if judged else None


def hangul_share(text: str) -> float | None:
    """The share in [0, 1] of Hangul letters among all letters; None for a text without letters.

    Worked: "NATO는 12" has the letters N A T O 는, one of five is Hangul: 0.2.
    """
    letters = [c for c in squeeze(text) if c.isalpha()]
    if not letters:
        return None
    return sum("가" <= c <= "힣" or "ㄱ" <= c <= "ㅣ" for c in letters) / len(letters)


def language_right(text: str, claimed: Lang, wanted: Lang) -> float | None:
    """1.0 if an answer claims the wanted language and is written in it, else 0.0.

    Unscored for an answer that claims rightly but has no letters to tell by.
    Worked: wanted "en", claimed "en", text "약 350척": Hangul share 1.0 is over 0.1, so 0.0.
    """
    if claimed != wanted:
        return 0.0
    hangul = hangul_share(text)
    if hangul is None:
        return None
    return float(hangul >= KOREAN_FROM if wanted == "ko" else hangul <= ENGLISH_UNTIL)


def verbatim(citations: Sequence[Citation], documents: Mapping[str, Document]) -> float | None:
    """The share in [0, 1] of citations that hold: quote sliced out of the text, on that page.

    A document that the library lacks does not hold. None for an answer without citations.
    Worked: text "가나 다라", pages starting at (0, 3): a quote "다라" at 3:5 on page 2 holds, the
    same on page 1 or as "다 라" does not.
    """
    return share(tuple(_holds(citation, documents) for citation in citations))


def quote_characters(quotes: Sequence[str]) -> int:
    """Characters of all quotes without white space: what a reader has to check.

    Worked: ["가 나", "다"] is 3.
    """
    return sum(len(squeeze(quote)) for quote in quotes)


def mean(scores: Iterable[float | None], seed: int = 0) -> Mean:
    """The mean of what was scored, with its percentile bootstrap 95 % interval.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; 1,000
    resamples, the same for the same `seed`.
    Worked: (1.0, 0.0, None) has the mean 0.5 of n 2, 1 unscored; resamples of two give 0, 0.5 or 1,
    a quarter of them 0 and a quarter 1, so the interval is [0, 1].
    """
    given = list(scores)
    values = np.array([score for score in given if score is not None], dtype=np.float64)
    unscored = len(given) - len(values)
    if not len(values):
        return Mean(None, 0, unscored)
    drawn = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
    return Mean(float(values.mean()), len(values), unscored, float(low), float(high))


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value that `percent` (0 to 100) of the values do not exceed, interpolated; None for none.

    Worked: 50 over (1.0, 3.0) is 2.0; 95 over (0.0, 100.0) is 95.0.
    """
    return float(np.percentile(values, percent)) if values else None


def _holds(citation: Citation, documents: Mapping[str, Document]) -> bool:
    document = documents.get(citation.document)
    if document is None:
        return False
    said = document.text[citation.char_start : citation.char_end]
    page = document.page(citation.char_start)
    return citation.char_start >= 0 and said == citation.quote != "" and citation.page == page
