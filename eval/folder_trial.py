"""Ingest the mixed folder as a user would, ask, change, forget.

`python -m eval.folder_trial --out DIR`. What each file holds is known (`eval.folder`), so it can be
counted what of it was recovered, whether each skipped file was skipped for the right reason, and
whether questions find the sentence that answers them. Prints Markdown; docs/reliability.md holds
what it printed.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

from assistant.answer import Assistant
from assistant.holdings import NONE
from assistant.keeping import Keeper, Order
from assistant.pages import Pages
from assistant.settings import Settings
from assistant.types import Answer
from eval.folder import Manifest, bare, change_folder, make_folder, recovered
from eval.folder_sources import Asked, sources
from eval.machine import cores, memory_gib
from index.ingest import Outcome
from index.sources import find_files

MARKED = 12  # passages of each PDF that are looked for on their pages
EVERY = 25  # questions between two lines on standard error


class Trial:
    """The folder, and a library of nothing but what is ingested from it."""

    def __init__(self, out: Path) -> None:
        self.folder = out / "docs"
        database = f"sqlite:///{out / 'record' / 'citebrief.db'}"
        self.settings = Settings(library=Path(NONE), index=out / "index", database=database)
        self.manifest = make_folder(self.folder)
        self.keeper = Keeper(self.settings, told=print)

    def ingest(self) -> tuple[dict[str, Outcome], float]:
        """What became of each file, by its path in the folder, and the seconds that it took."""
        begun = time.perf_counter()
        outcomes = [*self.keeper.ingest(find_files([str(self.folder)]), Order())]
        seconds = time.perf_counter() - begun
        prefix = f"{self.folder}/"
        return {outcome.path.removeprefix(prefix): outcome for outcome in outcomes}, seconds

    def open(self) -> Assistant:
        """The assistant over what is kept now."""
        assistant = Assistant.open(self.settings)
        assistant.warm()
        return assistant


def run(trial: Trial) -> Iterator[str]:
    """All steps; yields lines of Markdown."""
    outcomes, seconds = trial.ingest()
    yield from _files(trial.manifest, outcomes, seconds)
    assistant = trial.open()
    yield from _recovered(trial, assistant, outcomes)
    yield from _marked(assistant)
    yield from _asked(trial.manifest.questions, assistant)
    yield from _again(trial)
    yield from _changed(trial)
    yield from _forgotten(trial)


def _files(manifest: Manifest, outcomes: dict[str, Outcome], seconds: float) -> Iterator[str]:
    from index.parse.errors import shown

    kept = skipped = wrong = 0
    notes = []
    for file in manifest.files:
        outcome = outcomes.get(shown(file.path))
        if outcome is None:
            wrong += 1
            notes.append(f"{shown(file.path)}: not seen")
        elif file.outcome == "kept":
            kept += outcome.status in ("new", "same")
            if outcome.status == "skipped":
                notes.append(f"{shown(file.path)}: skipped ({outcome.code})")
        else:
            right = outcome.status == "skipped" and outcome.code in (file.code, *file.also)
            skipped += right
            if not right:
                notes.append(
                    f"{shown(file.path)}: {outcome.status} {outcome.code}, not {file.code}"
                )
    documents = [o for o in outcomes.values() if o.status == "new"]
    passages = sum(o.passages for o in documents)
    due = [file.outcome for file in manifest.files]
    yield f"{cores()} cores, {memory_gib():.0f} GiB."
    yield ""
    yield (
        f"- {len(manifest.files)} files: {kept} of {due.count('kept')} kept ({len(documents)} "
        f"documents, {passages} passages; the rest are the same bytes twice), {skipped} of "
        f"{due.count('skipped')} skipped for the right reason, in {seconds:.0f} s."
    )
    yield from (f"  - {note}" for note in notes)


def _recovered(trial: Trial, assistant: Assistant, outcomes: dict[str, Outcome]) -> Iterator[str]:
    from index.parse.errors import shown

    known = sources()
    shares: dict[str, list[float]] = defaultdict(list)
    for file in trial.manifest.files:
        outcome = outcomes.get(shown(file.path))
        if file.source is None or outcome is None or outcome.id is None:
            continue
        text = assistant.index.documents[outcome.id].text
        scanned = any("OCR" in warning for warning in outcome.warnings)
        kind = "pdf, by OCR" if scanned else file.format
        shares[kind].append(recovered(known[file.source].sentences(), text))
    yield ""
    yield "| Format | Files | Sentences recovered verbatim (mean) | Lowest |"
    yield "|---|---|---|---|"
    for kind in sorted(shares):
        own = shares[kind]
        yield f"| {kind} | {len(own)} | {mean(own):.3f} | {min(own):.3f} |"


def _marked(assistant: Assistant) -> Iterator[str]:
    """Of sentences spread over each PDF, how many are marked on their page."""
    if assistant.originals is None:
        return
    pages = Pages(lambda: assistant.index, assistant.originals)
    tried = marked = 0
    for id in assistant.index.documents:
        if not pages.shows(id):
            continue
        own = [p for p in assistant.index.passages if p.document_id == id and p.kind == "sentence"]
        for passage in own[:: max(1, len(own) // MARKED)]:
            view = pages.view(passage.id)
            tried += 1
            marked += all(image.marks for image in view.images)
    yield ""
    yield f"- {marked} of {tried} sentences of PDFs are marked on their page."


def _asked(questions: Sequence[Asked], assistant: Assistant) -> Iterator[str]:
    found: dict[str, list[bool]] = defaultdict(list)
    seconds = []
    for question in questions:
        begun = time.perf_counter()
        answer = assistant.ask(question.question)
        seconds.append(time.perf_counter() - begun)
        where = "the document's language" if question.lang == _lang(question) else "the other"
        kind = where if question.evidence else "not answered there"
        right = _right(answer, question) if question.evidence else not answer.sentences
        found[kind].append(right)
        for citation in answer.citations:
            text = assistant.index.documents[citation.document].text
            if text[citation.char_start : citation.char_end] != citation.quote:
                found["quotes that are not the document's"].append(True)
    yield ""
    yield "| Question in | Asked | Answered from the right sentence, or refused rightly |"
    yield "|---|---|---|"
    for kind, rights in found.items():
        yield f"| {kind} | {len(rights)} | {sum(rights)} ({mean(rights):.2f}) |"
    yield ""
    yield f"- An answer takes {1000 * mean(seconds):.0f} ms (mean)."


def _lang(question: Asked) -> str:
    return sources()[question.source].lang


def _right(answer: Answer, question: Asked) -> bool:
    """Whether a citation holds, or is held by, a sentence that answers the question."""
    cited = [bare(citation.quote) for citation in answer.citations]
    due = [bare(sentence) for sentence in question.evidence]
    return any(one in other or other in one for one in cited for other in due if one)


def _again(trial: Trial) -> Iterator[str]:
    before = trial.keeper.holdings.state()
    outcomes, seconds = trial.ingest()
    statuses = sorted({o.status for o in outcomes.values()})
    same = trial.keeper.holdings.state() == before
    yield (
        f"- Ingested again: {', '.join(statuses)}; the record is "
        f"{'as it was' if same else 'changed'}; {seconds:.0f} s."
    )


def _changed(trial: Trial) -> Iterator[str]:
    changes = change_folder(trial.folder)
    outcomes, seconds = trial.ingest()
    counted = [o.status for o in outcomes.values()]
    touched = [o for o in outcomes.values() if o.status == "changed"]
    yield (
        f"- Five documents changed: {counted.count('changed')} changed, {counted.count('new')} "
        f"new, {counted.count('unchanged')} unchanged, in {seconds:.0f} s; "
        f"{sum(o.rewritten for o in touched)} of {sum(o.passages for o in touched)} passages of "
        "changed documents rewritten."
    )
    index = trial.keeper.index()
    texts = {id: bare(document.text) for id, document in index.documents.items()}
    for change in changes:
        if change.before and change.after:
            old = any(bare(change.before) in text for text in texts.values())
            new = any(bare(change.after) in text for text in texts.values())
            yield (
                f"  - {change.path}: the new sentence is {'there' if new else 'missing'}, the old "
                f"one {'still there (in another document)' if old else 'gone'}"
            )


def _forgotten(trial: Trial) -> Iterator[str]:
    record = trial.keeper.holdings.record()
    entries = record.entries() if record else []
    chosen = [entry.id for entry in entries if entry.format in ("pdf", "hwpx")][:5]
    erased = trial.keeper.forget(chosen)
    yield (
        f"- Forgotten: {len(chosen)} documents; {erased.sentences} of their sentences looked for "
        f"in {erased.files} files, found in {len(erased.found)}; proved: {erased.proved}."
    )


def main() -> None:
    """Run the trial in a new folder."""
    parser = argparse.ArgumentParser(description="Ingest, ask, change and forget a mixed folder.")
    parser.add_argument("--out", type=Path, required=True, help="a new folder to work in")
    for line in run(Trial(parser.parse_args().out)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
