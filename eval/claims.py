"""Claims with their evidence, right ones and spoilt ones: how well a checker tells them apart.

Each wrong claim is a right one with one thing changed (a number, a name, "will" made "does", …). A
checker is good when it lets the right ones pass and catches the wrong ones, in either language over
either language. Not covered: wrong claims that differ from their source in several ways at once,
which are easier to catch.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.errors import InputError
from assistant.settings import BRIEF
from eval.lines import Contents, read_items
from eval.means import Mean, mean
from eval.measures import Reading, Supports
from eval.samples import DOCUMENTS, LANGS, Choice, Half, squeeze
from index.load import load_library
from index.types import Document, Lang, Passage

RightKind = Literal["verbatim", "paraphrase", "compressed", "translation", "merged"]
WrongKind = Literal[
    "number",
    "unit",
    "date",
    "name",
    "negation",
    "forecast_as_fact",
    "recommendation_as_decision",
    "attributed_as_author",
    "scope",
    "cause_effect",
    "wrong_citation",
    "addition",
    "large_number",
]
RIGHT: tuple[RightKind, ...] = get_args(RightKind)
WRONG: tuple[WrongKind, ...] = get_args(WrongKind)

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Claim(BaseModel):
    """A sentence as an answer would state it, with the passages it cites.

    `evidence` holds passage ids of the brief, or verbatim text of any other document. `of` is the
    id of the right claim that a wrong one was made from.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Text
    half: Half | Literal["train"]
    document: Text
    lang: Lang
    claim: Text
    evidence: Annotated[list[Text], Field(min_length=1)]
    label: Literal["supported", "unsupported"]
    kind: RightKind | WrongKind
    of: Text | None = None
    note: str = ""

    @property
    def right(self) -> bool:
        """What it cites supports it."""
        return self.label == "supported"


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim, the language of what it cites, and whether a checker believed it; None: unscored."""

    claim: Claim
    across: bool  # the claim is in the other language than its evidence
    believed: bool | None


@dataclass(frozen=True, slots=True)
class Shares:
    """Of some wrong claims the share caught, or of some right ones the share doubted: a Mean."""

    kind: str
    lang: Lang
    across: bool | None  # None: both
    share: Mean


def read(path: Path) -> Contents[Claim]:
    """The good claims of a set in file order, and all that is wrong with it."""
    found = read_items(path, Claim.model_validate, "claim")
    by_id = {claim.id: claim for claim in found.items}
    faults = ((claim, _fault(claim, by_id)) for claim in found.items)
    return found.judged((claim, fault) for claim, fault in faults if fault)


def load(path: Path) -> tuple[Claim, ...]:
    """The claims of a set; InputError names file, line and field of the first fault."""
    return read(path).or_refuse(path)


def select(claims: Sequence[Claim], half: Choice) -> tuple[Claim, ...]:
    """The claims of a half, or all."""
    return tuple(claim for claim in claims if half in ("all", claim.half))


def judge(
    claims: Iterable[Claim],
    passages: Iterable[Passage],
    documents: Mapping[str, Document],
    check: Supports,
) -> list[Judged]:
    """What `check` makes of each claim; InputError for evidence that the library does not hold."""
    claims = list(claims)
    cited = _cited(claims, passages, documents)
    return [
        Judged(
            claim, claim.lang != documents[claim.document].lang, check(claim.claim, cited[claim.id])
        )
        for claim in claims
    ]


def evidence_of(
    claims: Iterable[Claim], passages: Iterable[Passage], documents: Mapping[str, Document]
) -> dict[str, list[str]]:
    """Claim id -> what it cites as text, in the original; InputError as `judge`."""
    found = _cited(claims, passages, documents)
    return {name: [reading[0] for reading in cited] for name, cited in found.items()}


def _cited(
    claims: Iterable[Claim], passages: Iterable[Passage], documents: Mapping[str, Document]
) -> dict[str, list[Reading]]:
    """Claim id -> the passages that it cites."""
    by_id: dict[str, Reading] = {}
    by_quote: dict[tuple[str, str], Reading] = {}
    for passage in passages:
        by_id[passage.id] = readings(passage)
        by_quote[passage.document_id, squeeze(passage.quote)] = readings(passage)
    found: dict[str, list[Reading]] = {}
    for claim in claims:
        document = documents.get(claim.document)
        if document is None:
            raise InputError(
                f"{claim.id}: document: {claim.document!r} is not in the library, which holds "
                f"{', '.join(sorted(documents))}."
            )
        cited = []
        for text in claim.evidence:
            known = by_id.get(f"{claim.document}:{text}")
            known = known or by_quote.get((claim.document, squeeze(text)))
            if known is None and squeeze(text) not in squeeze(document.text):
                raise InputError(f"{claim.id}: evidence: {claim.document!r} has no {text!r}.")
            cited.append(known or (text,))
        found[claim.id] = cited
    return found


def readings(passage: Passage) -> Reading:
    """A passage as it reads in the original and in its translations, each once."""
    texts = (passage.quote, passage.text, passage.quote_translation, passage.translation)
    return tuple(dict.fromkeys(text for text in texts if text))


def shares(judged: Sequence[Judged]) -> list[Shares]:
    """Caught per kind of wrong claim, false alarms per kind of right one, by language.

    Each kind stands by the language of the claim, and `all wrong` and `all right` also by whether
    it crosses the languages. A claim that could not be judged is unscored.
    Worked: two wrong numbers, one believed: caught 0.5. Ten right ones, one doubted: 0.1.
    """
    found: list[Shares] = []
    for lang in LANGS:
        own = [j for j in judged if j.claim.lang == lang]
        for right, kinds, label in ((False, WRONG, "all wrong"), (True, RIGHT, "all right")):
            for kind in kinds:
                found += _shares(kind, lang, None, [j for j in own if j.claim.kind == kind])
            these = [j for j in own if j.claim.right == right]
            for across in (False, True):
                found += _shares(label, lang, across, [j for j in these if j.across == across])
            found += _shares(label, lang, None, these)
    return found


def to_json(found: Sequence[Shares]) -> list[dict[str, Any]]:
    """Plain JSON."""
    return [
        {
            "kind": s.kind,
            "language": s.lang,
            "across": s.across,
            "measure": "false_alarms" if s.kind in (*RIGHT, "all right") else "caught",
            "value": s.share.value,
            "low": s.share.low,
            "high": s.share.high,
            "n": s.share.n,
            "unscored": s.share.unscored,
        }
        for s in found
    ]


def _shares(
    kind: str, lang: Lang, across: bool | None, judged: Sequence[Judged]
) -> Iterator[Shares]:
    """Nothing where there are no such claims."""
    if judged:
        doubted = (None if j.believed is None else float(not j.believed) for j in judged)
        yield Shares(kind, lang, across, mean(doubted))


def _fault(claim: Claim, by_id: Mapping[str, Claim]) -> str | None:
    """What is wrong between the fields of a claim, or with what it was made from."""
    kinds = RIGHT if claim.right else WRONG
    if claim.kind not in kinds:
        return f"kind: {claim.kind!r} does not go with label {claim.label!r}"
    if claim.right:
        return "of: only a wrong claim was made from another" if claim.of else None
    source = by_id.get(claim.of or "")
    if source is None or not source.right:
        return f"of: {claim.of!r} is not a right claim of this set"
    if source.half != claim.half:
        return f"half: {claim.of!r}, which it was made from, is in the other half"
    return None


def library(half: Choice) -> tuple[list[Passage], dict[str, Document]]:
    """The passages and documents that the shipped claims are about: the brief, and others."""
    from eval.texts import passages_of

    folders = [BRIEF, *(DOCUMENTS / name for name in ("dev", "test") if half in (name, "all"))]
    documents = {d.id: d for folder in folders for d in load_library(folder)}
    return [p for d in documents.values() for p in passages_of(d)], documents
