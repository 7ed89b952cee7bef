"""Propose questions for a user's own document: skeletons of a question set, to be filled in.

For each line a sentence is chosen that is worth asking about and stands on its own; the kinds take
turns, and the sentences are spread over sections. What the sentence gives is filled in: quote,
stance, the number, date, name or items that an answer must tell. What only a person can write (the
question itself, a wording in the other language that is not certain) says TODO or 할 일, and
`citebrief eval check` reports it until it is written. The same document gives the same draft.
Not covered: follow-ups, questions in haste or of a false premise, evidence in several sentences.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from assistant.errors import InputError
from eval.draft_offers import Offer, gaps_of, offers_of
from eval.draft_sentences import Fact, Seen, read_sentences
from eval.draft_words import AGAIN, PICK
from eval.samples import KINDS
from index.load import SUFFIXES, Sidecar, load_document, read_text
from index.types import Document, Lang

UNANSWERABLE = 4  # one question in so many
# In turn; both halves and both languages have their share of every kind that has two lines.
TURNS: tuple[tuple[Literal["dev", "test"], Lang], ...] = (
    ("dev", "ko"),
    ("test", "en"),
    ("dev", "en"),
    ("test", "ko"),
)
NEAR = 2  # passages between two that are asked about, or the questions answer each other


@dataclass(frozen=True, slots=True)
class Draft:
    """The lines of a set to be filled in, in the form that eval.samples reads."""

    document: str
    rows: tuple[Mapping[str, Any], ...]

    @property
    def summary(self) -> Mapping[str, int]:
        """How many questions there are of each kind."""
        kinds = Counter(row["kind"] for row in self.rows)
        return {kind: kinds[kind] for kind in KINDS if kinds[kind]}

    def lines(self) -> str:
        """The set as JSON Lines."""
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows)


def draft(document: Path, questions: int = 24) -> Draft:
    """Skeletons of up to `questions` questions about a file; fewer where it says too little."""
    if questions < 1:
        raise InputError(f"{questions} questions cannot be drafted; expected 1 or more.")
    opened = _open(document)
    seen = read_sentences(opened)
    apart = questions // UNANSWERABLE
    offers = [offer for one in seen for offer in offers_of(one)]
    chosen = _choose(offers, questions - apart, seen)
    if not chosen:
        raise InputError(
            f"{document} holds no sentence to ask about; expected prose of some length. Give a "
            "document in Korean or English sentences."
        )
    apart = min(apart, max(1, len(chosen) // (UNANSWERABLE - 1))) if apart else 0
    asked = {offer.seen.passage.position for offer in chosen}
    paragraphs: dict[int, list[Seen]] = {}
    for one in seen:
        paragraphs.setdefault(one.passage.paragraph, []).append(one)
    gaps = [
        # Better about a sentence that no other question is about, where there is one.
        replace(gap, score=gap.score - 2 * (one.passage.position in asked))
        for one in seen
        for gap in gaps_of(one, paragraphs[one.passage.paragraph])
    ]
    rows = _rows(opened, chosen) + _rows(opened, _choose(gaps, apart, seen))
    width = max(3, len(str(len(rows))))
    return Draft(
        opened.id,
        tuple({"id": f"{opened.id}-{n:0{width}d}", **row} for n, row in enumerate(rows, start=1)),
    )


def _open(path: Path) -> Document:
    """One file with the sidecar that stands beside it, if any."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        raise InputError(
            f"{path} is not a document; expected a file that ends in {' or '.join(SUFFIXES)}."
        )
    for beside in sorted(path.parent.glob("*.yaml")):
        try:
            said = yaml.safe_load(read_text(beside))
            if isinstance(said, dict) and said.get("file") == path.name:
                return load_document(path, Sidecar.model_validate(said))
        except (yaml.YAMLError, ValueError) as error:  # pydantic's error is a ValueError
            raise InputError(f"{beside} is not a sidecar ({error}); correct it.") from error
    return load_document(path, Sidecar(file=path.name))


def _choose(offers: Sequence[Offer], wanted: int, seen: Sequence[Seen]) -> list[Offer]:
    """Offers of every sort in turn, the rarest first, each time the best that is not crowded."""
    by_sort: dict[str, list[Offer]] = {}
    for offer in offers:
        by_sort.setdefault(offer.sort, []).append(offer)
    sorts = sorted(by_sort, key=lambda sort: (len(by_sort[sort]), sort))
    sizes = Counter(one.passage.section_id for one in seen)
    chosen: list[Offer] = []

    def value(offer: Offer) -> tuple[float, int]:
        passage = offer.seen.passage
        taken = sum(o.seen.passage.section_id == passage.section_id for o in chosen)
        crowd = taken / max(wanted * sizes[passage.section_id] / len(seen), 0.5)
        near = any(abs(o.seen.passage.position - passage.position) < NEAR for o in chosen)
        return offer.score - crowd - 0.5 * near, -passage.position

    while len(chosen) < wanted:
        before = len(chosen)
        for sort in sorts:
            taken = {offer.seen.passage.position for offer in chosen}
            free = [o for o in by_sort[sort] if o.seen.passage.position not in taken]
            if free and len(chosen) < wanted:
                chosen.append(max(free, key=value))
        if len(chosen) == before:
            break
        if before == 0:
            sorts.reverse()  # once each has one, the frequent ones may have more
    return chosen


def _rows(document: Document, chosen: Sequence[Offer]) -> list[dict[str, Any]]:
    """The lines in reading order, with halves and languages dealt out within each kind."""
    by_kind = sorted(chosen, key=lambda o: (KINDS.index(o.kind), o.seen.passage.position))
    turns = {id(offer): TURNS[n % len(TURNS)] for n, offer in enumerate(by_kind)}
    order = sorted(chosen, key=lambda o: o.seen.passage.position)
    return [_row(document, offer, *turns[id(offer)]) for offer in order]


def _row(document: Document, offer: Offer, half: str, lang: Lang) -> dict[str, Any]:
    quote = offer.seen.passage.quote
    row: dict[str, Any] = {"half": half, "document": document.id, "lang": lang, "kind": offer.kind}
    row |= {"question": offer.ask[lang], "history": [], "quotes": [], "nuggets": []}
    if offer.kind != "unanswerable":
        row["quotes"] = [[quote]]
        row["stances"] = {quote: [offer.seen.stance]}
        facts = offer.facts or (Fact(""),)
        row["nuggets"] = [_nugget(fact, document.lang, lang) for fact in facts]
    return {**row, "note": _note(offer, lang)}


def _nugget(fact: Fact, own: Lang, asked: Lang) -> dict[str, Any]:
    """A nugget with what is certain; the language of the question needs a wording in any case."""
    wordings: dict[Lang, list[str]] = {"ko": [], "en": []}
    other: Lang = "en" if own == "ko" else "ko"
    wordings[own] = [fact.text or PICK[own]]
    wordings[other] = [*fact.other]
    if asked == other and not fact.other:
        wordings[other] = [AGAIN[other].format(fact.text or "…")]
    both = {"ko": wordings["ko"], "en": wordings["en"]}
    return {"text": fact.text or PICK[asked], "vital": True, **both}


def _note(offer: Offer, lang: Lang) -> str:
    """Why the sentence was chosen and where it stands; the sentence itself if no quote has it."""
    passage = offer.seen.passage
    name = passage.id.removeprefix(f"{passage.document_id}:")
    page = f"{passage.page}쪽" if lang == "ko" else f"p. {passage.page}"
    section = passage.section_titles.get(lang) or next(iter(passage.section_titles.values()))
    note = "; ".join((offer.why[lang], f"{name}, {page}", section, *passage.labels))
    return note if offer.kind != "unanswerable" else f"{note}; “{passage.quote}”"
