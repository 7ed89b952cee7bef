# ruff: noqa: E501 - patterns, where Hangul counts double
"""What a claim turns round: a negation more or less, an opposite, the other direction.

Each turn of the claim is looked at where its neighbours stand in the passages, since a passage that
has both of two opposites tells nothing as a whole. A negation of one is answered by a negation, a
word that denies (refuse, 금지) or an opposite of the other. Not covered: what turns a sentence
without a word for it, a negation of more than its own clause.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import PAIRED, Pair
from index.types import Lang

REGION = 4  # words about the answer to a neighbour in which an opposite is looked for
Place = tuple[int, int]  # passage, word

# Directions that a comparison has, whose words are partly no words to the morphology.
_MORE = r"웃돌|넘[는어었겼게]|초과|상회|(?<![0-9원명%건])이상|높[은다았아이]|많[은다았아이]|[크큰]|[더보]다? ?[가-힣]* ?(?:높|많|크|큰|길|빨)|앞[지질]|늘[어었리렸]|증가|상승|인상|올[라랐리렸]|확대"
_LESS = r"밑돌|못 ?미|미치지 못|미달|미만|하회|뒤[지졌]|낮[은다았아추]|적[은다었어으]|모자라|줄[어었이였]|감소|하락|인하|내[려렸]|떨어|축소|[더보]다? ?[가-힣]* ?(?:낮|적|작|짧|느)"
DIRECTIONS: Mapping[str, Mapping[Lang, tuple[re.Pattern[str], re.Pattern[str]]]] = {
    "amount": {
        "ko": (re.compile(_MORE), re.compile(_LESS)),
        "en": (
            re.compile(
                r"\b(?:above|over(?! the\b)|exceed\w*|surpass\w*|more|higher|greater|larger|bigger|longer|top(?:s|ped|ping)?|outstrip\w*|outpac\w*|outnumber\w*|outweigh\w*|ris(?:e|es|en|ing)|rose|grow\w*|grew|increas\w*|climb\w*|up(?:per|ward)?|rais(?:e|es|ed|ing)|expand\w*|ahead|faster|doubl\w*|swell\w*|swollen|jump\w*|surg\w*|add(?:s|ed)?|gain\w*|highest|most|largest|biggest|stronger|heavier|older)\b",
                re.I,
            ),
            re.compile(
                r"\b(?:below|under(?! the\b)|less|fewer|lower\w*|smaller|shorter|short of|fall\w*|fell|drop\w*|declin\w*|decreas\w*|shr[aiu]nk\w*|reduc\w*|down|cut(?:s|ting)?|behind|slower|lag\w*|halv\w*|dwindl\w*|los(?:e|t|ing)|lowest|least|smallest|weaker|lighter|cheaper|younger|slip\w*|eas(?:e|ed|ing)|trail\w*|dip\w*|half)\b",
                re.I,
            ),
        ),
    },
    "time": {
        "ko": (
            re.compile(
                r"[기전] ?(?:전|이전)[에까부의 ]|전에|이전|앞서|앞[당둔두]|먼저|미리|일찍|앞선"
            ),
            re.compile(
                r"[은ㄴ] ?(?:뒤|후|다음)|[뒤후][에의 부,]|이후|직후|나중|뒤[늦이따]|늦[게은어었추]|미[루뤄뤘]|지난 뒤"
            ),
        ),
        "en": (
            re.compile(
                r"\b(?:before|prior to|earlier|ahead of|in advance|preced\w*|sooner|first|until|brought forward|forward)\b",
                re.I,
            ),
            re.compile(
                r"\b(?:after|since|following|later|once|subsequent\w*|afterwards?|behind|delay\w*|postpon\w*|put off|pushed back|late|then)\b",
                re.I,
            ),
        ),
    },
}
# Words that deny, beside `claim_marks.NEGATION`, and are words to the morphology: what they are
# said of does not hold, is stopped or is not wanted.
_FREE = re.compile(r"[가-힣]")


class Polarity:
    """The turns of one claim beside its passages."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.denied = places(cm.NEGATION, pair.claim)
        self.loose = places(cm.NEGATIVE, pair.claim)
        self.held = [places(cm.NEGATION, t) for t in pair.own]
        self.held_loose = [places(cm.NEGATIVE, t) for t in pair.own]

    def findings(self) -> Iterator[Finding]:
        """All of them."""
        yield from self._negations()
        yield from self._lost_negations()
        yield from self._opposites()
        yield from self._directions()
        yield from self._clauses()

    # --- negation --------------------------------------------------------------------------

    def _answered_loose(self, n: int, j: int) -> bool:
        """Whether the word that denies at `j` answers one that denies in the claim."""
        column = self.pair.match[n][:, j]
        return any(column[i] >= PAIRED for k in self.loose for i in (k, k + 1) if i < len(column))

    def _negations(self) -> Iterator[Finding]:
        """Negations of the claim that nothing where they stand in the passages answers."""
        pair = self.pair
        for i in self.denied:
            if pair.claim.tokens[i].kind == "number":
                continue
            answered = free = False
            sure = 0.0
            for n, text in enumerate(pair.own):
                region = self._region(n, i, keep=True)
                if region:
                    sure = max(sure, float(pair.match[n][i].max(initial=0)))
                answered |= bool(region & set(self.held[n]))
                free |= any(
                    j in region and not self._answered_loose(n, j) for j in self.held_loose[n]
                )
                answered |= self._opposite_in(n, i, region)
            if not answered and sure:
                yield ("neg_new" if not free else "neg_new_weak"), max(sure, 0.5), pair.word(i)

    def _lost_negations(self) -> Iterator[Finding]:
        """Negations of the passages at words that the claim has undenied."""
        pair = self.pair
        size = len(pair.claim.tokens)
        for n, text in enumerate(pair.own):
            match = pair.match[n]
            for j in self.held[n]:
                at = [
                    (float(match[:, k].max(initial=0)), int(match[:, k].argmax()), k)
                    for k in (j, j - 1, j + 1)
                    if 0 <= k < len(text.tokens) and size
                ]
                value, i, k = max(at, key=lambda f: f[0] - 0.15 * (f[2] != j)) if at else (0, 0, 0)
                if value < PAIRED:
                    continue
                again = [m for m, t in enumerate(text.terms) if t == text.terms[k]]
                if any(m != k and m not in self.held[n] for m in again):
                    continue
                near = range(i - 3, i + 4)
                if any(d in near for d in self.denied):
                    continue
                loose = any(d in near for d in self.loose)
                sides = cw.opposites().get(text.terms[j], frozenset())
                if any(
                    (p, 1 - s) in cw.opposites().get(t, frozenset())
                    for t in pair.claim.terms
                    for p, s in sides
                ):
                    continue
                name = "neg_lost_weak" if loose or k != j else "neg_lost"
                yield name, value, pair.word(i)

    def _clauses(self) -> Iterator[Finding]:
        """Negations counted, where the claim says what a clause of the passages says."""
        pair = self.pair
        spare = [i for i in self.loose if not self._denies_there(i)]
        turned = any(
            cw.opposites().get(t) and pair.cover[i] < 0.5 for i, t in enumerate(pair.claim.terms)
        )
        held = covered = loose = 0
        for n, text in enumerate(pair.own):
            for begin, end in clauses(text):
                share = self._share(n, begin, end)
                here = sum(begin <= j < end for j in self.held[n])
                loose += sum(
                    begin <= j < end and not self._answered_loose(n, j) for j in self.held_loose[n]
                )
                if share >= 0.4:
                    held += here
                    covered = max(covered, share * bool(here))
        mine = len(self.denied)
        if held and not mine and not spare:
            yield "denied_lost" + "_weak" * turned, covered, pair.claim.text
        if mine and not any(self.held) and not loose:
            yield "denied_new" + "_weak" * turned, 1.0, pair.word(self.denied[0])
        if mine and held and (mine - held) % 2 and not loose and not spare:
            yield "denied_odd", 1.0, pair.word(self.denied[0])

    def _denies_there(self, i: int) -> bool:
        """Whether the claim's word that denies answers one that denies."""
        for n in range(len(self.pair.own)):
            row = self.pair.match[n]
            if any(
                row[k, j] >= PAIRED for k in (i, i + 1) if k < len(row) for j in self.held_loose[n]
            ):
                return True
        return False

    def _share(self, n: int, begin: int, end: int) -> float:
        """How much of a clause of the passages the claim says."""
        text, match = self.pair.own[n], self.pair.match[n]
        total = got = 0.0
        for j in range(begin, end):
            if text.tokens[j].kind != "number":
                value = cw.weight(text, j)
                total += value
                got += value * (match[:, j].max(initial=0) >= PAIRED)
        return got / total if total else 0.0

    # --- opposites -------------------------------------------------------------------------

    def _region(self, n: int, i: int, *, keep: bool = False) -> set[int]:
        """The places of passage `n` about the answers to the neighbours of the claim's word."""
        match = self.pair.match[n]
        found: set[int] = set()
        if not match.shape[1]:
            return found
        for k in range(max(0, i - 2), min(len(match), i + 3)):
            if (k != i or keep) and match[k].max() >= PAIRED:
                j = int(match[k].argmax())
                found |= set(range(j - REGION, j + REGION + 1))
        return {j for j in found if 0 <= j < match.shape[1]}

    def _opposite_in(self, n: int, i: int, region: set[int]) -> bool:
        mine = cw.opposites().get(self.pair.claim.terms[i], frozenset())
        terms = self.pair.own[n].terms
        return any(
            (p, 1 - s) in cw.opposites().get(terms[j], frozenset()) for j in region for p, s in mine
        )

    def _opposites(self) -> Iterator[Finding]:
        """Words whose opposites stand where they should, for no other word of the claim."""
        pair = self.pair
        for i, term in enumerate(pair.claim.terms):
            mine = cw.opposites().get(term, frozenset())
            if not mine or len(pair.word(i)) < 2 and pair.claim.lang == "en":
                continue
            best = 0.0
            for n, text in enumerate(pair.own):
                region = self._region(n, i)
                if not region:
                    continue
                best = max(best, self._faced(n, i, region, mine))
                if self._same_side(n, region, term, mine):
                    best = 0.0
                    break
            if best:
                yield ("turned_cross" if pair.cross else "turned"), best, pair.word(i)

    def _same_side(self, n: int, region: set[int], term: str, mine: cw.Sides) -> bool:
        """Whether the word, or one on its side, stands there too."""
        terms = self.pair.own[n].terms
        for j in region:
            theirs = cw.opposites().get(terms[j], frozenset())
            if terms[j] == term or mine & theirs or cw.in_one_group(term, terms[j]):
                return True
        return False

    def _faced(self, n: int, i: int, region: set[int], mine: cw.Sides) -> float:
        pair = self.pair
        best = 0.0
        for j in region:
            theirs = cw.opposites().get(pair.own[n].terms[j], frozenset())
            if not any((p, 1 - s) in theirs for p, s in mine):
                continue
            rest = max((float(v) for k, v in enumerate(pair.match[n][:, j]) if k != i), default=0.0)
            odd = (i in self.denied) != (j in self.held[n])
            if rest < 0.65 and not odd:
                best = max(best, 1.0 if pair.cover[i] < 0.8 else 0.7)
        return best

    # --- directions ------------------------------------------------------------------------

    def _directions(self) -> Iterator[Finding]:
        """The claim has one direction of a comparison, the passages only the other one."""
        claim = self.pair.claim
        for kind, by_lang in DIRECTIONS.items():
            mine = [mark.search(claim.text) for mark in by_lang[claim.lang]]
            if bool(mine[0]) == bool(mine[1]):
                continue
            side = 0 if mine[0] else 1
            held = [any(by_lang[t.lang][s].search(t.text) for t in self.pair.own) for s in (0, 1)]
            found = mine[side]
            if held[1 - side] and not held[side] and found:
                yield f"way_{kind}", 1.0, found[0]


def clauses(text: cw.Text) -> list[tuple[int, int]]:
    """Where its clauses begin and end, in words."""
    cuts = [m.end() for m in cm.CLAUSE[text.lang].finditer(text.text)]
    starts = [t.char_start for t in text.tokens]
    at = sorted({0, len(starts), *(bisect_left(starts, c) for c in cuts)})
    return [(a, b) for a, b in pairwise(at) if b > a]


def places(marks: cm.Marks, text: cw.Text) -> list[int]:
    """The words that a mark stands at: after them in Korean, before them in English."""
    found = []
    for match in marks[text.lang].finditer(text.text):
        place = text.near(match.start(), after=text.lang == "en")
        if place is not None:
            found.append(place)
    return found
