"""A claim that copies a sentence of its passages but for a few words: those words decide.

Models copy more than they reword, and a sentence that agrees in nine words of ten is the worst
place for a tenth that does not: the agreement of the rest outweighs it. Here the words that only
one side has are read apart. All values grow with how much of the claim is copied and are 0 below
half of it. In one language only; not covered: copied words in another order (roles swapped).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import Pair
from index.types import Lang

LEAST = 0.55  # of the claim's words copied, from which on the rest is read
WHOLE = 0.9  # and from here on fully
SAME = 0.85  # how well two words match that may stand for each other
FEW = 3  # changed words, up to which an opposite among them stands for the other
SIBLING = 0.4  # the least doubt of a name that stands where the passage has another
KINDS = {"noun", "verb", "name"}
TYPES = {"person", "country", "organization", "place"}
_WORD = re.compile(r"[^\s,.;:!?()\[\]“”\"‘’…·]+(?:[.,][0-9]+)*")
_NOT = {
    "ko": re.compile(r"않|못하|못했|못한|아니|없|^안$|^못$|지 ?말|불가|불필요"),
    "en": re.compile(r"^(?:not|no|never|none|neither|nor|without|cannot|\w+n['’]t)$", re.I),
}
_ORDINAL = re.compile(
    r"(?:first|second|third|fourth|fifth|last|half)$|제?[0-9]+|반(?=나절|세기|년|일)", re.I
)
_FEW = re.compile(  # only three is three
    r"\b(?:only|just|merely) (?:[0-9]|(?:one|two|three|four|five|six|seven|eight|nine|ten|"
    r"half|some|over|under|about|a (?:few|third|quarter|half|tenth))\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as written, what it is compared by, and its tokens."""

    text: str
    key: str
    tokens: tuple[int, ...]


def copies(pair: Pair) -> Iterator[Finding]:
    """What a claim changes of the sentence that it copies."""
    claim = pair.claim
    ours = _words(claim)
    best: tuple[float, int, list[_Word]] | None = None
    for n, text in enumerate(pair.own):
        if text.lang == claim.lang:
            extra = _apart(ours, _words(text))
            near = 1 - len(extra) / max(len(ours), 1)
            if best is None or near > best[0]:
                best = near, n, extra
    if best is None or best[0] < LEAST:
        return
    near, n, extra = best
    scale = min(1.0, (near - LEAST) / (WHOLE - LEAST) + 0.1)
    theirs = _words(pair.own[n])
    lost = _apart(theirs, ours)
    gone = _beside(lost, theirs, ours)
    for name, value, piece in _instead(pair, n, extra, gone):
        yield name, scale * value, piece
    yield "copy_clause", scale * _longest(pair, ours, extra), claim.text
    if (counted := _counted(claim, extra)) and _counted(pair.own[n], gone):
        yield "copy_number", scale, counted
    bent = list(_bent(ours, theirs))
    mine = [*(w.text for w in extra), *(o for o, _ in bent)]
    bare = [t for _, t in bent]
    told = [w.text for w in gone if any(pair.own[n].tokens[j].kind in KINDS for j in w.tokens)]
    for name, piece in _negation(claim, mine, [*(w.text for w in gone), *bare], told):
        yield name, scale, piece
    around = _beside(lost, theirs, ours, reach=2)  # what foretells takes several words
    for name, piece in _frame(claim, mine, [*(w.text for w in around), *bare]):
        yield name, scale, piece


def _words(text: cw.Text) -> list[_Word]:
    """The words of a text in order; compared by their base forms, else as written."""
    found = []
    for match in _WORD.finditer(text.text):
        inside = tuple(
            i
            for i, t in enumerate(text.tokens)
            if match.start() <= t.char_start and t.char_end <= match.end() + 1
        )
        key = " ".join(text.tokens[i].term for i in inside) or match[0].lower()
        found.append(_Word(match[0], key, inside))
    return found


def _apart(some: Sequence[_Word], others: Sequence[_Word]) -> list[_Word]:
    """The words that `others` have not, or have less often."""
    spare = Counter(word.key for word in others)
    left = []
    for word in some:
        if spare[word.key]:
            spare[word.key] -= 1
        else:
            left.append(word)
    return left


def _beside(
    gone: list[_Word], theirs: Sequence[_Word], ours: Sequence[_Word], reach: int = 1
) -> list[_Word]:
    """Of the words that are gone, those near one that is kept: what is cut off is no matter."""
    kept = {word.key for word in ours}
    lost = {id(word) for word in gone}
    return [
        word
        for i, word in enumerate(theirs)
        if id(word) in lost
        and any(word.key in kept for word in theirs[max(0, i - reach) : i + reach + 1])
    ]


def _bent(ours: Sequence[_Word], theirs: Sequence[_Word]) -> Iterator[tuple[str, str]]:
    """The same words in another form: 줄이지 and 줄였다."""
    forms: dict[str, list[str]] = {}
    for word in theirs:
        forms.setdefault(word.key, []).append(word.text.lower())
    for word in ours:
        if word.key in forms and word.text.lower() not in forms[word.key]:
            yield word.text, forms[word.key][0]


def _instead(
    pair: Pair, n: int, extra: Sequence[_Word], gone: Sequence[_Word]
) -> Iterator[Finding]:
    """Names and opposites that stand for other words."""
    claim, text, match = pair.claim, pair.own[n], pair.match[n]
    partners = [j for word in gone for j in word.tokens if text.tokens[j].kind in KINDS]
    named = any(_named(text, j, pair) for j in partners)
    denied = any(_NOT[claim.lang].search(word.text) for word in (*extra, *gone))
    few = len(extra) <= FEW and len(gone) <= FEW and not denied
    for i in (i for word in extra for i in word.tokens):
        weight = float(pair.weight[i])
        if claim.tokens[i].kind not in KINDS or weight <= 0.3:
            continue
        told = [text.tokens[j].term for j in partners]
        if few and _turned(claim.tokens[i].term, told):
            yield "copy_turned", 1.0, pair.word(i)
        if pair.cover[i] >= 0.95 or _same(claim, i, text, partners):
            continue
        if named and _named(claim, i, pair):
            apart = 1 - float(match[i, partners].max()) / SAME
            yield "copy_name", max(weight * max(apart, SIBLING), 0.5), pair.word(i)


def _longest(pair: Pair, ours: Sequence[_Word], extra: Sequence[_Word]) -> float:
    """The weight, 0 to 4, of the longest run of words that no passage has, above one word's."""
    added = {id(word) for word in extra}
    longest = run = 0.0
    for word in ours:
        if id(word) not in added:
            run = 0.0
        for i in word.tokens if id(word) in added else ():
            if pair.cover[i] < 0.7 and pair.claim.tokens[i].kind in KINDS:
                run += float(pair.weight[i])
        longest = max(longest, run)
    return min(max(longest - 1.0, 0.0), 4.0)


def _same(claim: cw.Text, i: int, text: cw.Text, partners: Sequence[int]) -> bool:
    """Whether a word of the passage may stand for word `i` by more than its vector."""
    term = claim.tokens[i].term
    return any(
        claim.concepts[i] & text.concepts[j]
        or cw.in_one_group(term, text.tokens[j].term)
        or cw.form_alike(term, text.tokens[j].term) >= 0.6
        for j in partners
    )


def _turned(term: str, others: Sequence[str]) -> bool:
    """Whether one of the other terms is its opposite."""
    return any(cw.facing(term) & cw.sides(other) for other in others)


def _named(text: cw.Text, i: int, pair: Pair) -> bool:
    typed = any(pair.types.get(c) in TYPES for c in text.concepts[i])
    return cw.is_name(text, i) or (typed and text.lang == "ko")


def _counted(text: cw.Text, words: Sequence[_Word]) -> str:
    """The first of the words that says how many, or which in order."""
    counts = (w.text for w in words if any(text.tokens[i].kind == "number" for i in w.tokens))
    return next(counts, "") or next((w.text for w in words if _ORDINAL.match(w.text)), "")


def _negation(
    claim: cw.Text, mine: Sequence[str], other: Sequence[str], told: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """A negation on one side only, with the word that the claim adds, or all of it.

    `told` are the words of content that are gone: one may say the negation that the claim adds.
    """
    lang: Lang = claim.lang
    negated = [word for word in mine if _NOT[lang].search(word)]
    denied = [word for word in other if _NOT[lang].search(word)]
    if len(negated) > len(denied) and not cm.NEGATIVE[lang].search(" ".join(told)):
        yield "copy_denied", negated[0]
    if len(denied) > len(negated) and not cm.NEGATIVE[lang].search(" ".join(mine)):
        yield "copy_undenied", claim.text


def _frame(claim: cw.Text, mine: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What frames the copied words on one side only: forecast, duty, source, scope.

    The piece of the claim is the word that it adds, or all of it where it lacks one.
    """
    lang: Lang = claim.lang
    here, there = " ".join(mine), " ".join(other)
    checks = (
        ("copy_firm", cm.FORETOLD, cm.HEDGE),
        ("copy_duty", cm.DUTY, cm.DUTY),
        ("copy_source", cm.SAYS, cm.SOURCE),
    )
    for name, lost, kept in checks:
        whole = here if name == "copy_firm" else claim.text  # another forecast may stand beside it
        if lost[lang].search(there) and not kept[lang].search(whole):
            yield name, claim.text
    for name, wide in (("copy_all", cm.ALL), ("copy_only", cm.ONLY)):
        marked = next((word for word in mine if wide[lang].search(f"{word} ")), None)
        if name == "copy_only" and _FEW.search(claim.text):
            continue
        if marked and not any(wide[lang].search(f"{word} ") for word in other):
            yield name, marked
