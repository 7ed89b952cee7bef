"""Measure the checking of texts on our own statements: `python -m eval.check_texts --half test`.

A statement of `eval/sets/check.jsonl` is supported by its document in other words, contradicted by
it (a number, date, name, direction, polarity, stance, cause or attribution is changed), or not in
it. It is held against the library that its document is in: the brief, the documents of the half, or
`eval/library`. Printed are, by language and over both: how many false statements (contradicted or
absent) pass as supported, and how many of each kind get their verdict.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from rich.console import Console
from rich.table import Table

from assistant.check_types import CheckVerdict, TextCheck
from assistant.settings import BRIEF
from eval.lines import Contents, read_items
from eval.samples import DOCUMENTS, LIBRARY
from index.load import load_library
from index.types import Lang

SET = Path(__file__).parent / "sets" / "check.jsonl"
FALSE = ("contradicted", "not_in_document")


class Statement(BaseModel):
    """A sentence as somebody might publish it, and what its document says of it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: str
    half: Literal["dev", "test"]
    document: str
    lang: Lang
    text: Annotated[str, Field(min_length=1)]
    verdict: Literal["supported", "contradicted", "not_in_document"]
    kind: Literal[
        "paraphrase",
        "translation",
        "number",
        "date",
        "name",
        "direction",
        "polarity",
        "stance",
        "cause",
        "attribution",
        "absent",
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A statement and what the checker made of it."""

    statement: Statement
    check: TextCheck

    @property
    def verdict(self) -> CheckVerdict:
        """The checker's."""
        return self.check.verdict


def read(path: Path = SET) -> Contents[Statement]:
    """The good statements of a set in file order, and all that is wrong with it."""
    return read_items(path, Statement.model_validate, "statement")


def folders() -> dict[str, Path]:
    """Document -> the library folder that it is in."""
    return {
        document.id: folder
        for folder in (BRIEF, *(DOCUMENTS / part for part in ("dev", "train", "test")), LIBRARY)
        for document in load_library(folder)
    }


def outcomes(statements: Sequence[Statement]) -> Iterator[Outcome]:
    """Each statement held against its library."""
    from assistant.answer import Assistant
    from index.build import open_index
    from index.models import load_embedder

    where = folders()
    by_folder: dict[Path, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_folder[where[statement.document]].append(statement)
    with tempfile.TemporaryDirectory() as scratch:
        for folder, some in by_folder.items():
            assistant = Assistant(open_index(folder, Path(scratch), load_embedder(None)))
            for statement in some:
                yield Outcome(statement, assistant.check(statement.text))


def shares(found: Sequence[Outcome]) -> dict[str, tuple[int, int]]:
    """Of how many how many: false ones passed, and of each verdict those that were found."""
    said = [(o.statement.verdict, o.verdict) for o in found]
    counts = {"false passed": [v == "supported" for truth, v in said if truth in FALSE]}
    for truth in ("supported", *FALSE):
        counts[f"{truth} found"] = [v == truth for t, v in said if t == truth]
    return {name: (sum(values), len(values)) for name, values in counts.items()}


def main() -> None:
    """Print the shares; with --errors also each statement that got another verdict."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--errors", action="store_true", help="list the errors")
    parser.add_argument("--json", action="store_true", help="print the shares as JSON")
    options = parser.parse_args()
    chosen = [s for s in read().or_refuse(SET) if s.half == options.half]
    found = list(outcomes(chosen))
    groups = {lang: [o for o in found if o.statement.lang == lang] for lang in ("ko", "en")}
    measured = {name: shares(some) for name, some in {**groups, "both": found}.items()}
    console = Console(width=160, highlight=False, markup=False)
    if options.errors:
        for o in found:
            if o.verdict != o.statement.verdict:
                s = o.check.sentences[0]
                quotes = " | ".join(c.quote for c in o.check.citations)
                console.print(
                    f"{o.statement.id} {o.statement.kind} {o.statement.lang} -> {o.verdict} "
                    f"{s.support:.2f} {[(c.code, c.text) for c in s.checks]}\n"
                    f"   {o.statement.text}\n   < {quotes}"
                )
    if options.json:
        console.print(json.dumps(measured))
        return
    table = Table(title=f"check.jsonl, {options.half}")
    for heading in ("", *measured["both"]):
        table.add_column(heading)
    for name, some in measured.items():
        table.add_row(name, *(f"{a}/{n} ({a / max(n, 1):.3f})" for a, n in some.values()))
    console.print(table)


if __name__ == "__main__":
    main()
