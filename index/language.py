"""Which language a text is in: Korean, English, or both, by its letters.

Two languages need no model: Hangul says it. Names and abbreviations in Latin letters inside a
Korean sentence do not make it English (NATO는 …), so Korean wins once it carries a fair share of
the words.
"""

import re
from dataclasses import dataclass

from index.types import Lang

HANGUL_WORD = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]+")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
# English words of grammar: a sentence built with these is English even if it quotes Korean terms.
ENGLISH_GLUE = re.compile(
    r"\b(?:the|a|an|of|is|are|was|were|be|does|do|did|what|who|when|where|why|how|which|to|in|into|and|"
    r"about|can|could|will|would|should|has|have|by|for|on|with|from|it|its|that|this|next|any)\b",
    re.IGNORECASE,
)
# Korean puts its verb last and never begins with one of these; English questions do.
ENGLISH_OPENING = re.compile(
    r"^\W*(?:what|who|whom|whose|when|where|why|how|which|is|are|was|were|does|do|did|can|could|will|"
    r"would|should|has|have|had|tell|explain|describe|list|give|summari[sz]e|according|in|and|but|so)\b",
    re.IGNORECASE,
)
KOREAN_SHARE = 0.2  # of the words: Korean endings and particles make up at least this


@dataclass(frozen=True, slots=True)
class Detected:
    """`main` is the language to answer in; `mixed` says that words of both stand in the text."""

    main: Lang
    mixed: bool


def detect(text: str) -> Detected:
    """The main language of `text`; English for a text with no letters of either."""
    hangul = HANGUL_WORD.findall(text)
    latin = LATIN_WORD.findall(text)
    mixed = bool(hangul and latin)
    if not hangul:
        return Detected("en", mixed)
    glue = len(ENGLISH_GLUE.findall(text))
    opens_english = ENGLISH_OPENING.match(text) is not None
    if glue > len(hangul) or (opens_english and glue > 1):
        return Detected("en", mixed)
    share = len(hangul) / (len(hangul) + len(latin))
    return Detected("ko" if share >= KOREAN_SHARE else "en", mixed)
