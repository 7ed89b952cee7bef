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

from assistant.errors import InputError
from assistant.settings import BRIEF, load_settings
from eval.samples import DOCUMENTS, LIBRARY, SETS, Nugget, Sample, read, squeeze
from index.language import detect
from index.load import load_library
from index.types import Document, Lang, Passage

FEWEST = 20  # questions of a language, below which a mean says little
COPIED = 8  # words in a row that no reader asks in by chance
LOPSIDED = 8  # questions of a kind or language, from which on both halves should have their share
NEAR = 50  # of 100; a passage less like a quote is no suggestion
SHOWN = 80  # characters of a text that a message repeats
UNWRITTEN = re.compile(r"\s*(?:TODO\b|할 일\s*(?:[:：—–-]|$))")

_LINE = re.compile(r"line (\d+)\b")
_WORD = re.compile(r"[\w%$€£₩]+(?:[.,'’-]\w+)*")


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong, what is doubtful, and what a set holds: heading -> value -> how many."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]

    @property
    def fit(self) -> bool:
        """Nothing stands in the way of a run."""
        return not self.errors


def check(path: Path, library: Path | None = None) -> Findings:
    """Check a set of questions or of claims against a library folder, by default the set's own."""
    lines = _lines(path)
    report = _Report(path)
    report.errors += [(number, fault) for number, raw in lines for fault in _unwritten(raw)]
    first = next((raw for _, raw in lines if isinstance(raw, dict)), {})
    if "claim" in first:
        counts = _check_claims(path, lines, report, library)
    else:
        counts = _check_questions(path, lines, report, library)
    return Findings(report.told(report.errors), report.told(report.warnings), counts)


@dataclass(slots=True)
class _Report:
    """Errors and warnings as they are found: the line (0: the whole set), then field and words."""

    path: Path
    errors: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def take(self, faults: Iterable[str]) -> None:
        """Faults that already name the file, and mostly the line."""
        for fault in faults:
            match = _LINE.match(fault, len(str(self.path)) + 1)
            start = match.end() if match else len(str(self.path))
            self.errors.append((int(match[1]) if match else 0, fault[start:].removeprefix(": ")))

    def told(self, found: list[tuple[int, str]]) -> tuple[str, ...]:
        """The sentences of `found`, by line."""
        return tuple(
            f"{self.path} line {number}{'' if words.startswith(' ') else ': '}{words}"
            if number
            else f"{self.path}{'' if words.startswith(' ') else ': '}{words}"
            for number, words in sorted(found, key=lambda one: one[0])
        )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of evidence as a set has it: an id of a passage, or words of the document."""

    field: str
    text: str
    by_id: bool


class _Library:
    """The documents that a set asks about, opened folder by folder until all are found."""

    def __init__(self, folders: Iterable[Path], wanted: Iterable[str]) -> None:
        self.documents: dict[str, Document] = {}
        self._passages: dict[str, dict[str, Passage]] = {}
        self._squeezed: dict[str, str] = {}
        missing = set(wanted)
        for number, folder in enumerate(folders):
            if number and not missing:
                break
            for document in load_library(folder):
                self.documents.setdefault(document.id, document)
            missing -= self.documents.keys()

    def passages(self, document: str) -> Mapping[str, Passage]:
        """The passages of a document by id, without the document's own."""
        if document not in self._passages:
            from eval.baselines.texts import passages_of

            self._passages[document] = {
                passage.id.removeprefix(f"{document}:"): passage
                for passage in passages_of(self.documents[document])
            }
        return self._passages[document]

    def holds(self, document: str, quote: str) -> bool:
        """Whether the document says `quote`, however its white space runs."""
        if document not in self._squeezed:
            self._squeezed[document] = squeeze(self.documents[document].text)
        return squeeze(quote) in self._squeezed[document]

    def unknown(self, document: str) -> str | None:
        """What is wrong with the name of a document."""
        if document in self.documents:
            return None
        known = ", ".join(sorted(self.documents))
        return (
            f"document: {document!r} is not in the library, which holds {known}; correct the id, "
            "or give the folder that has it with --library."
        )

    def fault(self, document: str, piece: _Piece) -> str | None:
        """What is wrong with a piece of evidence, with the passage that may have been meant."""
        if piece.by_id:
            if piece.text in self.passages(document):
                return None
            what = f"{document!r} has no passage {piece.text!r}"
        else:
            if self.holds(document, piece.text):
                return None
            what = f"{document!r} does not say {_short(piece.text)}"
        return f"{piece.field}: {what}. {self._suggestion(document, piece)}"

    def _suggestion(self, document: str, piece: _Piece) -> str:
        from rapidfuzz import fuzz, process

        passages = self.passages(document)
        if piece.by_id:
            name = process.extractOne(piece.text, list(passages), scorer=fuzz.ratio)[0]
            return f"The nearest id is {name!r}, {_short(passages[name].quote)}; correct the id."
        for other in self.documents:
            if other != document and self.holds(other, piece.text):
                return f"The document {other!r} says it; correct the document."
        quotes = {name: squeeze(passage.quote) for name, passage in passages.items()}
        near = process.extractOne(
            squeeze(piece.text), quotes, scorer=fuzz.ratio, score_cutoff=NEAR
        ) or process.extractOne(
            squeeze(piece.text), quotes, scorer=fuzz.partial_ratio, score_cutoff=NEAR + 25
        )
        if near is None:
            return "No passage is like it; copy a sentence of the document."
        return f"The nearest passage is {near[2]}: {passages[near[2]].quote!r}; copy its words."

    def readings(self, document: str, pieces: Iterable[_Piece]) -> dict[Lang, list[str]]:
        """What the evidence says in each language that there is an edition in."""
        texts: dict[Lang, list[str]] = {"ko": [], "en": []}
        own = self.documents[document].lang
        other: Lang = "en" if own == "ko" else "ko"
        for piece in pieces:
            passages = self.passages(document)
            if piece.by_id:
                found = [passages[piece.text]] if piece.text in passages else []
                texts[own] += [text for p in found for text in (p.quote, p.text)]
            else:
                texts[own].append(piece.text)
                quote = squeeze(piece.text)
                found = [p for p in passages.values() if _overlap(squeeze(p.quote), quote)]
            editions = ((p.quote_translation, p.translation) for p in found)
            texts[other] += [text for edition in editions for text in edition if text]
        return texts

    def astride(self, document: str, piece: _Piece) -> list[str]:
        """The passages that a quote reaches over, where no single one holds it."""
        quote = squeeze(piece.text)
        passages = [p for p in self.passages(document).values() if p.kind != "row"]
        if piece.by_id or any(quote in squeeze(p.quote) for p in passages):
            return []
        text = self.documents[document].text
        start = squeeze(text).find(quote)
        spans = ((p, len(squeeze(text[: p.char_start]))) for p in passages)
        return [
            p.id.removeprefix(f"{document}:")
            for p, begin in spans
            if begin < start + len(quote) and start < begin + len(squeeze(p.quote))
        ]


def _check_questions(
    path: Path, lines: Sequence[tuple[int, Any]], report: _Report, library: Path | None
) -> Mapping[str, Mapping[str, int]]:
    training = _shipped(path) and path.stem.endswith("train")
    samples, faults = read(path, needs_nuggets=not training)
    report.take(faults)
    where = _numbers(lines)
    held = _Library(_folders(path, library), {sample.document for sample in samples})
    for sample in samples:
        number, pieces = where[sample.id], _pieces(sample)
        wrong = _evidence_faults(held, sample.document, pieces)
        if not sample.answerable:
            report.warnings += [(number, fault) for fault in wrong]
            pieces = []
        else:
            report.errors += [(number, fault) for fault in wrong]
        if not UNWRITTEN.match(sample.question):
            report.warnings += [(number, w) for w in _of_question(sample, held, pieces)]
        if not wrong:
            report.warnings += [(number, w) for w in _of_nuggets(sample, held, pieces)]
    told = [(where[s.id], s.document, s.question) for s in samples if not s.history]
    report.warnings += _twice(told, "question")
    report.warnings += [(0, words) for words in _of_set(samples, where)]
    return _counts(samples)


def _of_question(sample: Sample, held: _Library, pieces: Sequence[_Piece]) -> Iterator[str]:
    if sample.kind not in ("mixed", "unanswerable") and (other := _other(sample)):
        yield f"lang: {sample.lang!r}, but the question reads as {other!r}; correct either."
    if sample.document in held.documents and pieces:
        texts = held.readings(sample.document, pieces)[sample.lang]
        if run := _copied(sample.question, texts):
            yield (
                f"question: copies {len(run)} words in a row from its evidence "
                f"({_short(' '.join(run))}); ask as someone would who has not read it."
            )


def _of_nuggets(sample: Sample, held: _Library, pieces: Sequence[_Piece]) -> Iterator[str]:
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
    path: Path, lines: Sequence[tuple[int, Any]], report: _Report, library: Path | None
) -> Mapping[str, Mapping[str, int]]:
    from eval.claims import read as read_claims

    claims, faults = read_claims(path)
    report.take(faults)
    where = _numbers(lines)
    held = _Library(_folders(path, library), {claim.document for claim in claims})
    for claim in claims:
        number, pieces = where[claim.id], []
        for place, text in enumerate(claim.evidence):
            known = claim.document in held.documents and text in held.passages(claim.document)
            # A passage id has no white space in it, and a quote that has none says too little.
            by_id = known or not re.search(r"\s", text.strip())
            pieces.append(_Piece(f"evidence.{place}", text, by_id))
        wrong = _evidence_faults(held, claim.document, pieces)
        report.errors += [(number, fault) for fault in wrong]
        found = detect(claim.claim).main
        if found != claim.lang and not UNWRITTEN.match(claim.claim):
            report.warnings.append(
                (number, f"lang: {claim.lang!r}, but the claim reads as {found!r}; correct either.")
            )
    told = [(where[claim.id], claim.document, claim.claim) for claim in claims if claim.right]
    report.warnings += _twice(told, "claim")
    if claims:
        notes = [*_few([claim.lang for claim in claims], "claims")]
        for right, label in ((True, "supported"), (False, "unsupported")):
            if not any(claim.right == right for claim in claims):
                notes.append(f"label: no claim is {label}; a checker is measured on both.")
        notes += _lopsided([(c.half, {"kind": c.kind, "lang": c.lang}) for c in claims])
        report.warnings += [(0, words) for words in notes]
    return {
        "total": {"claims": len(claims), "documents": len({claim.document for claim in claims})},
        "language": Counter(claim.lang for claim in claims),
        "label": Counter(claim.label for claim in claims),
        "kind": Counter(claim.kind for claim in claims),
        "half": Counter(claim.half for claim in claims),
    }


def _evidence_faults(held: _Library, document: str, pieces: Iterable[_Piece]) -> list[str]:
    if unknown := held.unknown(document):
        return [unknown]
    return [
        f
        for piece in pieces
        if not UNWRITTEN.match(piece.text) and (f := held.fault(document, piece))
    ]


def _pieces(sample: Sample) -> list[_Piece]:
    return [
        _Piece(f"{name}.{number}.{place}", text, name == "evidence")
        for name, groups in (("evidence", sample.evidence), ("quotes", sample.quotes))
        for number, group in enumerate(groups)
        for place, text in enumerate(group)
    ]


def _twice(told: Iterable[tuple[int, str, str]], name: str) -> Iterator[tuple[int, str]]:
    """The later ones of what is word for word the same about one document."""
    first: dict[tuple[str, str], int] = {}
    for number, document, text in told:
        if UNWRITTEN.match(text):
            continue
        line = first.setdefault((document, " ".join(_words(text))), number)
        if line != number:
            yield number, f"{name}: the same as on line {line}, so it counts twice; ask otherwise."


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


def _copied(question: str, texts: Iterable[str]) -> tuple[str, ...]:
    """The longest run of words that a question shares with its evidence, where it is too long."""
    asked, longest = _words(question), 0
    run: tuple[str, ...] = ()
    for text in texts:
        said = _words(text)
        before = [0] * (len(said) + 1)
        for end, word in enumerate(asked, start=1):
            row = [0] * (len(said) + 1)
            for place, other in enumerate(said, start=1):
                if word == other:
                    row[place] = before[place - 1] + 1
                    if row[place] > longest:
                        longest = row[place]
                        run = tuple(asked[end - longest : end])
            before = row
    return run if longest >= COPIED else ()


def _other(sample: Sample) -> Lang | None:
    """The language that a question reads as, if not the one it claims."""
    found = detect(sample.question)
    return found.main if found.main != sample.lang and _WORD.search(sample.question) else None


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


def _lines(path: Path) -> list[tuple[int, Any]]:
    """The lines that hold anything, each with its number; None for one that is not JSON."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as UTF-8 text ({error}).") from error
    return [
        (number, _parsed(line))
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def _numbers(lines: Iterable[tuple[int, Any]]) -> dict[str, int]:
    """Where each id stands first; blanks around an id do not count."""
    where: dict[str, int] = {}
    for number, raw in lines:
        if isinstance(raw, dict) and isinstance(raw.get("id"), str):
            where.setdefault(raw["id"].strip(), number)
    return where


def _unwritten(raw: Any, place: str = "") -> Iterator[str]:
    """Text that says of itself that it is still to be written."""
    if isinstance(raw, str) and UNWRITTEN.match(raw):
        rest = "line" if place == "question" else "entry"
        yield f"{place}: still to be written, {_short(raw)}; write it, or delete the {rest}."
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(raw, dict):
        children = raw.items()
    elif isinstance(raw, list):
        children = enumerate(raw)
    for name, value in children:
        yield from _unwritten(value, f"{place}.{name}" if place else str(name))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _overlap(one: str, other: str) -> bool:
    return one in other or other in one


def _short(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")
