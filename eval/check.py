"""Everything that is wrong with a question set or a set of claims, before any of it is run.

Errors are what a run would refuse: faults of form, evidence that the library does not hold, and
text that `citebrief eval draft` left to be written. Warnings are what makes figures mean less than
they seem to: wordings that no evidence holds, questions that copy their evidence, lopsided halves.
Each is a sentence that names file, line and field; one about the whole set has no line. Not
covered: whether a question is a good one, and whether its evidence answers it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.settings import BRIEF, load_settings
from eval.check_evidence import Library, Piece, faults_of
from eval.check_wording import UNWRITTEN, copied, other_language, short, unwritten, words_of
from eval.claims import Claim
from eval.claims import read as read_claims
from eval.lines import Fault, read_lines
from eval.samples import DOCUMENTS, LIBRARY, SETS, Nugget, Sample, read, squeeze
from index.language import detect
from index.types import Lang

FEWEST = 20  # questions of a language, below which a mean says little
LOPSIDED = 8  # questions of a kind or language, from which on both halves should have their share


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong, what is doubtful, and what a set holds: heading -> value -> how many."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]


def check(path: Path, library: Path | None = None) -> Findings:
    """Check a set of questions or of claims against a library folder, by default the set's own."""
    lines = [(number, _parsed(line)) for number, line in read_lines(path)]
    report = _Report()
    for number, raw in lines:
        report.errs(number, unwritten(raw))
    first = next((raw for _, raw in lines if isinstance(raw, dict)), {})
    check_all = _check_claims if "claim" in first else _check_questions
    counts = check_all(path, report, library)
    return Findings(_told(report.errors, path), _told(report.warnings, path), counts)


@dataclass(slots=True)
class _Report:
    """Errors and warnings as they are found."""

    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def errs(self, line: int, words: Iterable[str]) -> None:
        """Errors on one line (0: the whole set)."""
        self.errors += [Fault(line, w) for w in words]

    def warns(self, line: int, words: Iterable[str]) -> None:
        """Warnings on one line (0: the whole set)."""
        self.warnings += [Fault(line, w) for w in words]


def _told(found: Sequence[Fault], path: Path) -> tuple[str, ...]:
    """The sentences of `found`, by line."""
    return tuple(fault.of(path) for fault in sorted(found, key=lambda fault: fault.line))


def _check_questions(
    path: Path, report: _Report, library: Path | None
) -> Mapping[str, Mapping[str, int]]:
    training = _shipped(path) and path.stem.endswith("train")
    found = read(path, needs_nuggets=not training)
    report.errors += found.faults
    samples, where = found.items, found.where
    held = Library(_folders(path, library), {sample.document for sample in samples})
    for sample in samples:
        line, pieces = where[sample.id], _pieces(sample)
        wrong = faults_of(held, sample.document, pieces)
        if sample.answerable:
            report.errs(line, wrong)
        else:
            report.warns(line, wrong)
            pieces = []
        if not UNWRITTEN.match(sample.question):
            report.warns(line, _of_question(sample, held, pieces))
        if not wrong:
            report.warns(line, _of_nuggets(sample, held, pieces))
    told = [(where[s.id], s.document, s.question) for s in samples if not s.history]
    report.warnings += _twice(told, "question")
    report.warns(0, _of_set(samples, where))
    return _counts(samples)


def _of_question(sample: Sample, held: Library, pieces: Sequence[Piece]) -> Iterator[str]:
    if sample.kind not in ("mixed", "unanswerable") and (other := other_language(sample)):
        yield f"lang: {sample.lang!r}, but the question reads as {other!r}; correct either."
    if sample.document in held.documents and pieces:
        texts = held.readings(sample.document, pieces)[sample.lang]
        if run := copied(sample.question, texts):
            yield (
                f"question: copies {len(run)} words in a row from its evidence "
                f"({short(' '.join(run))}); ask as someone would who has not read it."
            )


def _of_nuggets(sample: Sample, held: Library, pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        if over := held.astride(sample.document, piece):
            yield (
                f"{piece.field}: reaches over {', '.join(over)}, and an answer quotes one passage "
                "at a time; make each passage a group of its own."
            )
    if not sample.nuggets or not pieces:
        return
    readings = held.readings(sample.document, pieces)
    for lang, texts in readings.items():
        said = [squeeze(text).casefold() for text in texts]
        for number, nugget in enumerate(sample.nuggets if said else ()):
            if missing := _unsaid(nugget, lang, said):
                yield (
                    f"nuggets.{number}.{lang}: {', '.join(map(repr, missing))} stands nowhere in "
                    "the evidence, so no quote can say it; take its words, or add the passage "
                    "that has them."
                )


def _unsaid(nugget: Nugget, lang: Lang, said: Sequence[str]) -> list[str]:
    """The wordings of a nugget in `lang` if none of them is said; any one of them would do."""
    wordings = [w for w in nugget.wordings(lang) if not UNWRITTEN.match(w)]
    if any(squeeze(wording).casefold() in text for wording in wordings for text in said):
        return []
    return wordings


def _of_set(samples: Sequence[Sample], where: Mapping[str, int]) -> Iterator[str]:
    if not samples:
        return
    yield from _few([sample.lang for sample in samples], "questions")
    if all(sample.answerable for sample in samples):
        yield (
            "kind: no question is unanswerable, so nothing shows whether an answer is made up; "
            "add some that the document does not answer."
        )
    halves = [(s.half, {"kind": s.kind, "lang": s.lang}) for s in samples]
    yield from _lopsided(halves)
    asked = [sample for sample in samples if sample.answerable]
    if without := [sample for sample in asked if not sample.stances]:
        yield (
            f"stances: {len(without)} of {len(asked)} answerable questions have none, the first "
            f"on line {where[without[0].id]}; whether answers keep the stance is measured on the "
            "others only."
        )


def _check_claims(
    path: Path, report: _Report, library: Path | None
) -> Mapping[str, Mapping[str, int]]:
    found = read_claims(path)
    report.errors += found.faults
    claims, where = found.items, found.where
    held = Library(_folders(path, library), {claim.document for claim in claims})
    for claim in claims:
        report.errs(where[claim.id], faults_of(held, claim.document, _cited(claim, held)))
        report.warns(where[claim.id], _of_claim(claim))
    told = [(where[claim.id], claim.document, claim.claim) for claim in claims if claim.right]
    report.warnings += _twice(told, "claim")
    report.warns(0, _of_claims(claims))
    return {
        "total": {"claims": len(claims), "documents": len({claim.document for claim in claims})},
        "language": Counter(claim.lang for claim in claims),
        "label": Counter(claim.label for claim in claims),
        "kind": Counter(claim.kind for claim in claims),
        "half": Counter(claim.half for claim in claims),
    }


def _cited(claim: Claim, held: Library) -> Iterator[Piece]:
    known = held.passages(claim.document) if claim.document in held.documents else {}
    for place, text in enumerate(claim.evidence):
        # A passage id has no white space in it, and a quote that has none says too little.
        by_id = text in known or not re.search(r"\s", text.strip())
        yield Piece(f"evidence.{place}", text, by_id)


def _of_claim(claim: Claim) -> Iterator[str]:
    read_as = detect(claim.claim).main
    if read_as != claim.lang and not UNWRITTEN.match(claim.claim):
        yield f"lang: {claim.lang!r}, but the claim reads as {read_as!r}; correct either."


def _of_claims(claims: Sequence[Claim]) -> Iterator[str]:
    if not claims:
        return
    yield from _few([claim.lang for claim in claims], "claims")
    for right, label in ((True, "supported"), (False, "unsupported")):
        if not any(claim.right == right for claim in claims):
            yield f"label: no claim is {label}; a checker is measured on both."
    yield from _lopsided([(c.half, {"kind": c.kind, "lang": c.lang}) for c in claims])


def _pieces(sample: Sample) -> list[Piece]:
    return [
        Piece(f"{name}.{number}.{place}", text, name == "evidence")
        for name, groups in (("evidence", sample.evidence), ("quotes", sample.quotes))
        for number, group in enumerate(groups)
        for place, text in enumerate(group)
    ]


def _twice(told: Iterable[tuple[int, str, str]], name: str) -> Iterator[Fault]:
    """The later ones of what is word for word the same about one document."""
    first: dict[tuple[str, str], int] = {}
    for number, document, text in told:
        if UNWRITTEN.match(text):
            continue
        line = first.setdefault((document, " ".join(words_of(text))), number)
        if line != number:
            words = f"{name}: the same as on line {line}, so it counts twice; ask otherwise."
            yield Fault(number, words)


def _few(langs: Sequence[Lang], what: str) -> Iterator[str]:
    for lang, n in sorted(Counter(langs).items()):
        if n < FEWEST:
            yield (
                f"lang: {n} {what} in {lang!r}; below {FEWEST} the intervals will be too wide to "
                "tell engines apart."
            )


def _lopsided(halved: Sequence[tuple[str | None, Mapping[str, str]]]) -> Iterator[str]:
    """Values of a field of which a half has less than half of its share."""
    sizes = Counter(half for half, _ in halved if half)
    if len(sizes) < 2:
        return
    for name in halved[0][1]:
        by_value: dict[str, Counter[str]] = {}
        for half, values in halved:
            if half:
                by_value.setdefault(values[name], Counter())[half] += 1
        for value, found in by_value.items():
            n = found.total()
            short = [h for h in sizes if found[h] < n * sizes[h] / sizes.total() / 2]
            if n >= LOPSIDED and short:
                yield (
                    f"half: of {n} with {name} {value!r} {found['dev']} are in dev and "
                    f"{found['test']} in test, so the halves do not measure the same; move some."
                )


def _counts(samples: Sequence[Sample]) -> Mapping[str, Mapping[str, int]]:
    stances = (stance for s in samples for given in s.stances.values() for stance in given[:1])
    answerable = sum(sample.answerable for sample in samples)
    return {
        "total": {
            "questions": len(samples),
            "answerable": answerable,
            "unanswerable": len(samples) - answerable,
            "pairs": len({frozenset((s.id, s.pair)) for s in samples if s.pair}),
            "conversations": len({s.conversation for s in samples if s.conversation}),
            "documents": len({sample.document for sample in samples}),
        },
        "language": Counter(sample.lang for sample in samples),
        "kind": Counter(sample.kind for sample in samples),
        "half": Counter(sample.half or "none" for sample in samples),
        "stance": Counter(stances),
    }


def _folders(path: Path, library: Path | None) -> tuple[Path, ...]:
    """Where the documents of a set may be: a shipped set asks about shipped ones."""
    if library is not None:
        return (library,)
    if _shipped(path):
        return (BRIEF, LIBRARY, *sorted(p for p in DOCUMENTS.iterdir() if p.is_dir()))
    return (load_settings().library,)


def _shipped(path: Path) -> bool:
    return path.resolve().parent == SETS.resolve()


def _parsed(line: str) -> Any:
    """The JSON of a line; None where it is none."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None
