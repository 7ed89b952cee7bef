"""Tell the headings among the blocks of a PDF, and their levels.

By size, weight and numbering: what is larger than the body's type; what is bold and short; what
is numbered as chapters are (제1장, Ⅰ.); and a short numbered or boxed line (1., 가., □) that other
text follows. Levels go by size, then weight, then the kind of number. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.parse.pdf_blocks import ENDED, Draft, Style

LARGER = 1.1  # times the body's type
LONGEST = 110  # characters
SHORT = 45
MOST_LINES = 3
DEEPEST = 6
NUMBERINGS = (  # from the highest rank
    re.compile(r"^제\s?\d+\s?[편부]\s"),
    re.compile(r"^(?:제\s?\d+\s?장(?:\s|$)|(?:Part|Chapter)\s+[\dIVX]+)"),
    re.compile(r"^(?:[Ⅰ-Ⅻ][.\s]|[IVX]{1,5}\.\s)"),
    re.compile(r"^제\s?\d+\s?절(?:\s|$)"),
    re.compile(r"^\d{1,2}\.\s+\S"),
    re.compile(r"^\d{1,2}\.\d{1,2}\.?\s+\S"),
    re.compile(r"^[가나다라마바사아자차카타파하]\.\s"),
    re.compile(r"^\d{1,2}(?:\.\d{1,2}){2,}\.?\s+\S"),
    re.compile(r"^[□■▣◆]\s?"),
)
ALWAYS = NUMBERINGS[:4]  # chapters: a heading wherever one stands alone and short
CLAUSE = re.compile(r"^제\s?\d+\s?조(?:의\s?\d+)?\s?\([^)]{1,40}\)$")
VERB = re.compile(r"(?:다|함|됨|임|음|것|요|죠|까)[.”’)]*$")


@dataclass(frozen=True, slots=True)
class _Look:
    size: float
    bold: bool
    rank: int


def levels(drafts: Sequence[Draft], usual: Style) -> list[int]:
    """For each block the level of the heading it is, from 1, or 0."""
    looks = [_look(drafts, index, usual) for index in range(len(drafts))]
    kinds = {look for look in looks if look is not None}
    order = sorted(kinds, key=lambda k: (-k.size, k.rank, not k.bold))
    return [0 if look is None else min(order.index(look) + 1, DEEPEST) for look in looks]


def _look(drafts: Sequence[Draft], index: int, usual: Style) -> _Look | None:
    draft = drafts[index]
    if draft.table is not None or draft.note or len(draft.lines) > MOST_LINES:
        return None
    text = draft.text
    line = draft.lines[0]
    rank = numbering(text)
    if len(text) > LONGEST or len(re.sub(r"[\W\d_]", "", text)) < 2:
        return None
    ended = bool(ENDED.search(text)) and not text.endswith(("?", ":"))
    look = _Look(round(line.size * 2) / 2, line.bold, rank)
    if line.size >= LARGER * usual.body:
        return look if not ended or line.size >= 1.3 * usual.body else None
    if line.size < 0.95 * usual.body or ended or len(draft.lines) > 2:
        return None
    if line.bold and len(text) <= SHORT * 1.6 and _leads(drafts, index):
        return look
    if len(draft.lines) > 1 or len(text) > SHORT:
        return None
    if any(p.match(text) for p in ALWAYS) or CLAUSE.match(text):
        return look if not VERB.search(text) else None
    if rank < len(NUMBERINGS) and not VERB.search(text) and _leads(drafts, index):
        return look if numbering(drafts[index + 1].text) != rank else None
    return None


def numbering(text: str) -> int:
    """The rank of the numbering that a text begins with, from 0; their count where none."""
    return next((i for i, p in enumerate(NUMBERINGS) if p.match(text)), len(NUMBERINGS))


def _leads(drafts: Sequence[Draft], index: int) -> bool:
    """Whether something follows that the heading could be over."""
    return index + 1 < len(drafts) and not drafts[index + 1].note
