"""Load question sets and check them before a single question is asked.

A set that is wrong makes every figure wrong, so a bad line is an InputError that names the file,
the line and the field; `read` finds all of them at once, for whoever writes a set. Evidence is
resolved to verbatim text here, by passage id or by quote, since measures compare text: a longer
quote that holds the evidence counts. Not covered: whether a question is a good one, and whether its
nuggets say what its evidence says.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.errors import InputError
from assistant.types import Stance
from eval.lines import Contents, read_items
from index.types import Document, Lang, Passage

SampleKind = Literal[
    "number",
    "date",
    "list",
    "reason",
    "definition",
    "forecast",
    "recommendation",
    "table",
    "comparison",
    "who",
    "stance",
    "follow_up",
    "noisy",
    "mixed",
    "false_premise",
    "unanswerable",
]
KINDS: tuple[SampleKind, ...] = get_args(SampleKind)
LANGS: tuple[Lang, ...] = get_args(Lang)
Half = Literal["dev", "test"]
Choice = Literal["dev", "test", "all"]

SETS = Path(__file__).parent / "sets"
LIBRARY = Path(__file__).parent / "library"  # the documents that the set "other" asks about
DOCUMENTS = Path(__file__).parent / "documents"  # the same of the set "documents", a folder a half

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Groups = tuple[tuple[str, ...], ...]
LONGEST_HISTORY = 2  # earlier questions that a sample keeps


@dataclass(frozen=True, slots=True)
class Nugget:
    """An atomic expected fact; `ko` and `en` are the wordings that show it, maybe of one only."""

    text: str
    vital: bool
    ko: tuple[str, ...]
    en: tuple[str, ...]

    def wordings(self, lang: Lang) -> tuple[str, ...]:
        """What an answer in `lang` may say, any one of it; empty where the set has none."""
        return self.ko if lang == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Sample:
    """A question with what its answer must rest on.

    `evidence` holds groups of passage ids of `document`, `quotes` groups of verbatim text; a sample
    has one or the other. Every group is needed; inside a group any one alternative is enough.
    `stances` maps a piece of evidence, as it is written there, to the stances that a careful reader
    may give it, the best first. `pair` is the id of the same question in the other language.
    """

    id: str
    document: str
    lang: Lang
    kind: SampleKind
    question: str
    history: tuple[str, ...]
    evidence: Groups
    quotes: Groups
    nuggets: tuple[Nugget, ...]
    half: Half | None
    note: str
    stances: Mapping[str, tuple[Stance, ...]] = field(default_factory=dict)
    pair: str | None = None
    conversation: str | None = None
    review: tuple[str, ...] = ()  # why a person has to say first what is expected

    @property
    def answerable(self) -> bool:
        """The document answers it."""
        return self.kind != "unanswerable"


class _Nugget(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    text: Text
    vital: bool
    ko: list[Text]
    en: list[Text]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Text
    lang: Lang
    kind: SampleKind
    question: Text
    document: Text = "brief"
    half: Half | None = None
    history: list[Text] = Field(default_factory=list, max_length=LONGEST_HISTORY)
    evidence: list[Annotated[list[Text], Field(min_length=1)]] = []
    quotes: list[Annotated[list[Text], Field(min_length=1)]] = []
    nuggets: list[_Nugget] = []
    stances: dict[Text, Annotated[list[Stance], Field(min_length=1)]] = {}
    pair: Text | None = None
    conversation: Text | None = None
    review: list[Text] = []
    note: str = ""


def set_path(name: str) -> Path:
    """The file of a set: a shipped one by name (`brief`, `other`), else `name` is a path."""
    shipped = SETS / f"{name}.jsonl"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in SETS.glob("*.jsonl")))
        raise InputError(f"No question set {name!r}. Expected one of {known}, or a .jsonl file.")
    return path


def library_of(name: str, half: Choice) -> Path | None:
    """The library that a shipped set asks about; None: the one that is configured."""
    if name == "other":
        return LIBRARY
    if name == "documents":
        if half == "all":
            raise InputError(
                "The halves of the set documents have a library each; give --half dev or test."
            )
        return DOCUMENTS / half
    return None


def load(path: Path, *, needs_nuggets: bool = True) -> tuple[Sample, ...]:
    """The samples of a set in file order; InputError names file, line and field.

    A set that only trains (`needs_nuggets=False`) may leave out what its answers should say.
    """
    return read(path, needs_nuggets=needs_nuggets).or_refuse(path)


def read(path: Path, *, needs_nuggets: bool = True) -> Contents[Sample]:
    """The good samples of a set in file order, and all that is wrong with it."""
    found = read_items(path, _sample, "question")
    return found.judged(_between(found.items, needs_nuggets))


def _between(samples: Sequence[Sample], needs_nuggets: bool) -> Iterator[tuple[Sample, str]]:
    """What is wrong between the questions of a set: at which, and in words that end a sentence."""
    halved = any(sample.half for sample in samples)
    told = any(sample.nuggets for sample in samples)
    turns: dict[str, list[Sample]] = {}
    for sample in samples:
        if halved and sample.half is None:
            yield sample, "half: expected dev or test, as the other questions have one"
        wanting = needs_nuggets and told and not sample.review
        if wanting and sample.answerable and not sample.nuggets:
            yield sample, "nuggets: none; give them to all answerable questions, or to none"
        if sample.conversation:
            turns.setdefault(sample.conversation, []).append(sample)
    yield from _unpaired(samples)
    for conversation in turns.values():
        asked: list[str] = []
        for sample in conversation:
            if list(sample.history) != asked[-LONGEST_HISTORY:]:
                yield sample, "history: expected the questions of the turns before, in order"
            if sample.half != conversation[0].half:
                yield sample, "half: the turns of a conversation belong to one half"
            asked.append(sample.question)


def _unpaired(samples: Sequence[Sample]) -> Iterator[tuple[Sample, str]]:
    """What is wrong with questions that name the same one in the other language."""
    by_id = {sample.id: sample for sample in samples}
    paired: dict[str, str] = {}
    for sample in (sample for sample in samples if sample.pair):
        name = sample.pair or ""
        if fault := _mismatch(sample, by_id.get(name)):
            yield sample, f"pair: {name!r} {fault}"
        if (first := paired.setdefault(name, sample.id)) != sample.id:
            yield sample, f"pair: {name!r} is the pair of {first!r} already"


def _mismatch(sample: Sample, other: Sample | None) -> str | None:
    """Why `other` is not the same question in the other language."""
    if other is None:
        return "is not a question of this set"
    if other.lang == sample.lang:
        return "is in the same language; a pair asks the same thing in both"
    if (other.evidence, other.quotes) != (sample.evidence, sample.quotes):
        return "has other evidence; a pair asks the same thing"
    if other.half != sample.half:
        return "is in the other half; a pair belongs to one half"
    return None


def select(samples: Sequence[Sample], half: Choice | None) -> tuple[tuple[Sample, ...], Choice]:
    """The samples of a half, and which it is: with None, dev, or all of a set without halves.

    Those that a person has to review first are left out.
    """
    if samples and not (reviewed := [sample for sample in samples if not sample.review]):
        raise InputError(
            f"All {len(samples)} questions of the set are to be reviewed first. Say what each one "
            "should be answered with, and take its review away."
        )
    samples = reviewed if samples else samples
    halved = any(sample.half for sample in samples)
    chosen: Choice = half or ("dev" if halved else "all")
    if chosen == "all":
        return tuple(samples), chosen
    found = tuple(sample for sample in samples if sample.half == chosen)
    if not found:
        raise InputError(f"The set has no {chosen} half. Leave --half out or give --half all.")
    return found, chosen


def evidence_texts(
    samples: Iterable[Sample],
    passages: Iterable[Passage],
    documents: Mapping[str, Document],
) -> dict[str, Groups]:
    """Sample id -> its evidence groups as verbatim text of the library that was opened."""
    quotes = {passage.id: passage.quote for passage in passages}
    squeezed = {name: squeeze(document.text) for name, document in documents.items()}
    texts: dict[str, Groups] = {}
    for sample in samples:
        if sample.answerable and sample.document not in documents:
            raise InputError(
                f"{sample.id}: document: {sample.document!r} is not in the library, which holds "
                f"{', '.join(sorted(documents))}. Set CITEBRIEF_LIBRARY to the folder that has it."
            )
        named = {i: f"{sample.document}:{i}" for group in sample.evidence for i in group}
        for written, name in named.items():
            if name not in quotes:
                raise InputError(f"{sample.id}: evidence: no passage {written!r} ({name}).")
        for quote in (quote for group in sample.quotes for quote in group):
            if squeeze(quote) not in squeezed[sample.document]:
                raise InputError(f"{sample.id}: quotes: {sample.document!r} has no {quote!r}.")
        by_id = tuple(tuple(quotes[named[i]] for i in group) for group in sample.evidence)
        texts[sample.id] = by_id or sample.quotes
    return texts


def schema() -> dict[str, Any]:
    """The JSON Schema of one line of a set."""
    return _Line.model_json_schema()


def squeeze(text: str) -> str:
    """`text` in NFC without white space: the form in which texts are compared."""
    return "".join(unicodedata.normalize("NFC", text).split())


def _sample(raw: Any) -> Sample:
    row = _Line.model_validate(raw)
    if not unicodedata.is_normalized("NFC", json.dumps(raw, ensure_ascii=False)):
        raise InputError("the text is not Unicode NFC; normalise the file.")
    if fault := _fault(row):
        raise InputError(f"{fault}.")
    return Sample(
        id=row.id,
        document=row.document,
        lang=row.lang,
        kind=row.kind,
        question=row.question,
        history=tuple(row.history),
        evidence=tuple(map(tuple, row.evidence)),
        quotes=tuple(map(tuple, row.quotes)),
        nuggets=tuple(Nugget(n.text, n.vital, tuple(n.ko), tuple(n.en)) for n in row.nuggets),
        half=row.half,
        note=row.note,
        stances={name: tuple(stances) for name, stances in row.stances.items()},
        pair=row.pair,
        conversation=row.conversation,
        review=tuple(row.review),
    )


def _fault(row: _Line) -> str | None:
    """What is wrong between the fields of a line, in words that end a sentence."""
    if row.kind == "unanswerable":
        given = [f for f in ("evidence", "quotes", "nuggets", "stances") if getattr(row, f)]
        return f"{given[0]}: an unanswerable question has none" if given else None
    if row.review and not row.evidence and not row.quotes:
        return None  # what it rests on is still to be found
    if bool(row.evidence) == bool(row.quotes):
        return "evidence: expected either evidence (passage ids) or quotes (verbatim text)"
    for number, nugget in enumerate(row.nuggets):
        if not nugget.ko and not nugget.en:
            return f"nuggets.{number}: expected a wording in ko or en"
    known = {text for group in (*row.evidence, *row.quotes) for text in group}
    if unknown := [name for name in row.stances if name not in known]:
        return f"stances: {unknown[0]!r} is not among the evidence"
    if row.pair == row.id:
        return f"pair: {row.pair!r} is the question itself"
    if row.kind == "follow_up" and not row.history:
        return "history: a follow_up question has one or two earlier questions"
    return None
