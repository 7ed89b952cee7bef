"""Decide what stood between two printed lines: a space, nothing, or a hyphen that goes.

Korean is broken inside words when it is justified, and nothing printed tells a broken word from two
words. Evidence in this order: a space printed at the line's end, where the file prints them; room
left that a letter would have filled (so lines break between words); a particle that begins no word;
the two pieces, whole or apart, among the other words of the document; Korean morphology.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from index.layout import ORPHAN_PARTICLE
from index.parse.pdf_lines import Line

WORD_EDGE = re.compile(r"^\W+|\W+$")
HYPHENS = "-\u2010\u2011"
OPENS = "([{<“‘「『《〈【"
SHUTS = ")]}>”’」』》〉】.,!?:;%·…"
PARTICLE = re.compile(
    r"(?:은|는|을|를|에|에서|에게|에는|에도|으로|로|와|과|의|도|까지|부터|라고|이라고|이다|이며|이고|이나|"
    r"에서는|으로는|에게는|였다|이었다)[.,]?"
)
# The verbs that make a verb of the noun before, which no space parts them from.
VERB = re.compile(
    r"(?:하였|했|하는|하고|하여|하며|하기|하지|하도록|한다|하면|"
    r"되었|되는|되고|되어|된다|됐|시키|시킨|시켰)"
)
OBJECT = re.compile(r"[을를도은는이가게지고만서며록]$")
CONTEXT = 30  # characters at each side that morphology is shown
NUMBER = re.compile(r"\d[\d,.]*")
COUNTER = re.compile(r"[년월일시분초개명건회차억만천조호배권곳쪽점세주위번종대척]|퍼센트|달러")
ROOM = 1.05  # of the type's height: a Hangul letter would have fitted
ENOUGH = 50  # lines that end in Hangul: if none cut a particle off, none cuts a word
HANGUL = re.compile(r"[가-힣]")
CUT = re.compile(r"[^\W\d_][-\u2010\u2011]$")
HYPHENATED = 0.025  # of the lines: where fewer end in a hyphen, it is that of a compound
DROP = "\b"  # stands for: no space, and the hyphen before it goes


@dataclass(frozen=True, slots=True)
class Wording:
    """What the lines of a document tell of its words and of how it breaks lines."""

    words: Counter[str]
    compounds: frozenset[str]  # words with a hyphen inside, in lower case
    blanks_printed: bool  # whether spaces at line ends are printed
    between_words: bool  # whether lines break between words only
    hyphenates: bool = True  # whether words of other scripts are broken with a hyphen


def wording(lines: Iterable[Line], rights: Iterable[float]) -> Wording:
    """The evidence of the lines that others follow; `rights` are their columns' right edges."""
    words: Counter[str] = Counter()
    compounds: set[str] = set()
    ends = blanks = roomy = orphans = latin = broken = 0
    for line, right in zip(lines, rights, strict=True):
        for word in line.words[1:-1]:  # those at the ends may be pieces
            plain = WORD_EDGE.sub("", word.text).lower()
            words[plain] += 1
            if plain[:1].isdigit():
                words[NUMBER.sub("#", plain)] += 1
            if "-" in plain:
                compounds.add(plain)
        if HANGUL.search(line.words[-1].text[-1]):
            ends += 1
            blanks += line.blank_after
            gap = right - line.x1
            roomy += ROOM * line.size < gap < 6 * line.size
        else:
            latin += 1
            broken += bool(CUT.search(line.words[-1].text))
        orphans += bool(ORPHAN_PARTICLE.match(line.text) or PARTICLE.fullmatch(line.words[0].text))
    del words[""]
    return Wording(
        words,
        frozenset(compounds),
        blanks_printed=blanks > 0.25 * max(ends, 1),
        between_words=(roomy > 0.3 * ends and orphans <= 0.02 * ends)
        or (ends >= ENOUGH and not orphans),
        hyphenates=broken > HYPHENATED * latin,
    )


def between(above: Line, below: Line, right: float, known: Wording) -> str:
    """A space, nothing, or DROP; `right` is the right edge of the column of the line above."""
    one, two = above.words[-1].text, below.words[0].text
    if above.soft:
        return ""
    if one[-1] in HYPHENS and len(one) > 1:
        return _hyphen(one, two, known)
    if one[-1] in OPENS + "/~" or two[0] in SHUTS or _one_number(one, two):
        return ""
    if _particle(one[-1], two, below.text):
        return ""
    if not _undecided(one[-1], two[0]) or above.blank_after:
        return " "
    if known.blanks_printed:
        return ""
    if known.between_words or right - above.x1 > ROOM * above.size:
        return " "
    return _korean(above, below, known)


def _undecided(last: str, first: str) -> bool:
    """Whether two letters can stand in one Korean word."""
    if HANGUL.match(first):
        return bool(HANGUL.match(last)) or last.isdigit() or last in "%℃㎞㎡㎢’”'\")」』》〉"
    return bool(HANGUL.match(last)) and first.isdigit()


def _one_number(one: str, two: str) -> bool:
    """Whether two pieces are a number broken in two: 34|1, 1.|5%, 2,|340; not 2026.|1."""
    if not two[0].isdigit():
        return False
    if one[-1].isdigit():
        return True
    if re.search(r"\d,$", one):
        return bool(re.match(r"\d{3}(?!\d)", two))
    return bool(re.search(r"(?<!\d)\d{1,3}\.$", one)) and not re.match(r"\d+\.(?!\d)", two)


def _particle(last: str, word: str, text: str) -> bool:
    """Whether the line below begins with a particle cut off its word."""
    if HANGUL.match(last) and ORPHAN_PARTICLE.match(text):
        return True
    return bool(PARTICLE.fullmatch(word.lstrip("'\""))) and (last.isalnum() or last in SHUTS)


def _hyphen(one: str, two: str, known: Wording) -> str:
    """A hyphen at a line's end: of a compound it stays, of a broken word it goes."""
    before = WORD_EDGE.sub("", one[:-1]).lower()
    after = WORD_EDGE.sub("", two).lower()
    if not before or not before[-1].isalpha() or not two[0].islower():
        return DROP if HANGUL.match(one[-2]) and HANGUL.match(two[0]) else ""
    if known.words[before + after]:
        return DROP
    if f"{before}-{after}" in known.compounds or "-" in before:
        return ""
    both = known.words[before] and known.words[after] and min(len(before), len(after)) > 2
    return "" if both or not known.hyphenates else DROP


def _korean(above: Line, below: Line, known: Wording) -> str:
    """Whether two Hangul pieces are one word, where the page does not tell."""
    one, two = above.words[-1].text, below.words[0].text
    left, right = WORD_EDGE.sub("", one), WORD_EDGE.sub("", two)
    whole = known.words[left + right]
    apart = min(known.words[left], known.words[right])
    if left == one and whole != apart and len(left + right) > 2:
        return "" if whole > apart else " "
    if left[-1:].isdigit() and (
        known.words["#" + right] or (COUNTER.match(right) and not known.words[right])
    ):
        return ""
    if VERB.match(right) and left == one and not OBJECT.search(left):
        return ""
    from index.morphology import load_spacing

    before, after = above.text[-CONTEXT:], below.text[:CONTEXT]
    return "" if load_spacing().one_word(before, after) else " "
