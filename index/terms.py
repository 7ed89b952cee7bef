"""Terms: what passages and questions are matched by.

A passage gives a flat list of terms: base words, pairs of neighbouring words (so that
방위비분담금 and 방위비 분담금 meet, and 2기 is told from 1기), and the concepts of the lexicon.
A question gives term groups: for each of its words the alternatives that would satisfy it, each
with a weight in (0, 1].
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.lexicon import Lexicon, is_glossary
from index.morphology import Morphology, Token, TokenKind

GLOSSARY_WEIGHT = 0.95  # a glossary concept is nearly as good as the word itself
THESAURUS_WEIGHT = 0.6  # a near-synonym is weaker evidence
PAIR_SHARE = 0.4  # what a pair of neighbours adds to its two words
_JOINTS = {"", " ", "-", "·", "–", "—"}


@dataclass(frozen=True, slots=True)
class TermGroup:
    """One word of a question: its alternatives with weights, and how much the word counts."""

    word: str
    kind: TokenKind
    alternatives: Mapping[str, float]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Analysed:
    """A text taken apart."""

    terms: list[str]  # as search matches them
    reading: str  # its words in base form, as an embedder of terms reads it
    spoken: list[str]  # words, and morphemes written together: a name may have been cut in two


class Analyzer:
    """Turns text into terms, with one morphology and one lexicon."""

    def __init__(self, morphology: Morphology, lexicon: Lexicon) -> None:
        self.morphology = morphology
        self.lexicon = lexicon

    def passage_terms(self, texts: Iterable[str]) -> list[list[str]]:
        """The terms of each text, repeated as often as they occur; a concept counts once."""
        return [text.terms for text in self.analyse(texts)]

    def analyse(
        self, texts: Iterable[str], known: Mapping[str, list[Token]] | None = None
    ) -> list[Analysed]:
        """The terms of each text, and what else is known of its words by the way.

        `known` are the tokens of some of them.
        """
        texts = list(texts)
        found = []
        for text, tokens in zip(texts, self.morphology.tokens_of(texts, known), strict=True):
            words = [token.term for token in tokens]
            concepts = {match.concept for match in self.lexicon.matches(words)}
            pairs = neighbours(text, tokens)
            joined = [
                pair
                for (first, second), pair in pairs
                if first.char_end == second.char_start and "_" not in pair
            ]
            terms = [*words, *(pair for _, pair in pairs), *sorted(concepts)]
            found.append(Analysed(terms, " ".join(words), [*words, *joined]))
        return found

    def reading(self, texts: Iterable[str]) -> list[str]:
        """The words of each text in base form, as an embedder trained on terms reads it."""
        return [
            " ".join(token.term for token in tokens)
            for tokens in self.morphology.tokens_of(list(texts))
        ]

    def question_groups(
        self, text: str, frame: frozenset[str] = frozenset()
    ) -> tuple[TermGroup, ...]:
        """A group for each content word of a question that is not in `frame` (asking words)."""
        tokens = self.morphology.tokens(text)
        words = [token.term for token in tokens]
        alternatives: list[dict[str, float]] = [{word: 1.0} for word in words]
        covered: dict[int, int] = {}  # word -> length of the longest glossary phrase over it
        for match in self.lexicon.matches(words):
            weight = GLOSSARY_WEIGHT if is_glossary(match.concept) else THESAURUS_WEIGHT
            for place in range(match.start, match.end):
                alternatives[place][match.concept] = weight
                covered[place] = max(covered.get(place, 0), match.end - match.start)
        groups = [
            TermGroup(token.term, token.kind, alternatives[place])
            for place, token in enumerate(tokens)
            if token.term not in frame or covered.get(place, 0) > 1
        ]
        kept = {group.word for group in groups}
        for (first, second), pair in neighbours(text, tokens):
            if first.term in kept and second.term in kept:
                groups.append(TermGroup(pair, "other", {pair: 1.0}, PAIR_SHARE))
        return tuple(groups)


def neighbours(text: str, tokens: Sequence[Token]) -> list[tuple[tuple[Token, Token], str]]:
    """Pairs of content words with nothing but a space or hyphen between them, and their term."""
    found = []
    for first, second in zip(tokens, tokens[1:], strict=False):
        if text[first.char_end : second.char_start] in _JOINTS:
            latin = first.term.isascii() and second.term.isascii()
            found.append(((first, second), f"{first.term}{'_' if latin else ''}{second.term}"))
    return found
