"""The commands that change the library or list it; they only ask, and show.

`ingest` names each document on standard output once it is kept, so that whoever stops it knows what
is. Exit code 2 where a file that was named could not be kept; one that was only met in a folder is
told of, and does not fail the command.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.errors import AssistantError, InputError
from assistant.front_door import front_door, settings_in_force
from assistant.terminal import INTERRUPTED, build_bar, file_bar, print_json

if TYPE_CHECKING:
    from assistant.editions import Edition
    from assistant.erased import Erased
    from assistant.keeping import Keeper, Order
    from index.ingest import Outcome, Status

STATUSES: tuple["Status", ...] = ("new", "changed", "unchanged", "same", "skipped")
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def ingest(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH…",
            help="Files, folders and patterns: PDF, DOCX, HWPX, HTML, Markdown, text.",
        ),
    ],
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Where files are read and embedded.")
    ] = "local",
    address: Annotated[
        str | None, typer.Option(help="A Ray cluster's address; without one, Ray runs here.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes that read files.")
    ] = None,
    ocr: Annotated[
        bool, typer.Option("--ocr/--no-ocr", help="Read pages that are images by Tesseract.")
    ] = True,
    translate: Annotated[
        bool,
        typer.Option("--translate", help="Have the chat model translate what has no edition."),
    ] = False,
    source: Annotated[str, typer.Option(help="A note on where the files come from.")] = "",
    licence: Annotated[str, typer.Option(help="Under what licence they may be used.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keep documents: files, folders and patterns."""
    from assistant.keeping import Order

    with front_door(as_json=as_json):
        if address is not None and engine != "ray":
            raise InputError(f"--address {address} is for --engine ray; leave it out, or add that.")
        order = Order(engine, address, workers, ocr, source, licence)
        _ingest(paths, order, translate=translate, as_json=as_json)


def _ingest(paths: list[str], order: "Order", *, translate: bool, as_json: bool) -> None:
    from index.parse.errors import shown
    from index.sources import find_files

    keeper = _keeper()
    if translate:
        keeper.require_model()
    found = find_files(paths)
    outcomes: list[Outcome] = []
    code = 0
    with file_bar("Reading", len(found.files) + len(found.skipped)) as step:
        try:
            for outcome in keeper.ingest(found, order):
                outcomes.append(outcome)
                step()
                if not as_json and outcome.status in ("new", "changed"):
                    _tell_kept(outcome)
        except KeyboardInterrupt:
            code = INTERRUPTED
    if not as_json:
        _tell_others(outcomes)
    typer.echo(_summary(outcomes, interrupted=bool(code)), err=True)
    editions: list[Edition] = []
    if translate and not code:
        code = _translate(keeper, outcomes, editions, quiet=as_json)
    if code != INTERRUPTED:
        with build_bar() as progress:
            keeper.index(progress).store.close()
    if as_json:
        print_json(
            {
                "files": [asdict(o) for o in outcomes],
                "counts": _counts(outcomes),
                "editions": [asdict(e) for e in editions],
            }
        )
    refused = {o.path for o in outcomes if o.status == "skipped"}
    if code or not refused.isdisjoint(shown(Path(path)) for path in paths):
        raise typer.Exit(code or 2)


def _translate(
    keeper: "Keeper", outcomes: "Sequence[Outcome]", editions: "list[Edition]", *, quiet: bool
) -> int:
    """Make the editions of what was handed over, one after the other; gives the exit code."""
    ids = dict.fromkeys(o.id for o in outcomes if o.id is not None)
    with ExitStack() as stack:

        def started(pieces: int) -> Callable[[], None]:
            return stack.enter_context(file_bar("Translating", pieces, "pieces"))

        try:
            for edition in keeper.translate([*ids], started):
                editions.append(edition)
                if not quiet:
                    _tell_edition(edition)
        except KeyboardInterrupt:
            typer.echo("Interrupted; what was translated is kept.", err=True)
            return INTERRUPTED
        except AssistantError as error:  # what was kept can still be searched
            typer.echo(str(error), err=True)
            return 1
    if keeper.usage is not None:
        cost = "" if keeper.usage.cost is None else f", {keeper.usage.cost:.4f} USD"
        typer.echo(
            f"The chat model took {keeper.usage.calls} calls, {keeper.usage.input_tokens} and "
            f"{keeper.usage.output_tokens} tokens{cost}.",
            err=True,
        )
    return 0


def documents(as_json: AsJson = False) -> None:
    """List the documents of the library."""
    with front_door(as_json=as_json):
        from assistant.show import print_documents

        listed = [asdict(document) for document in _keeper().listed()]
        if as_json:
            print_json({"documents": listed})
        else:
            print_documents(listed)


def forget(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="As citebrief documents shows.")],
    as_json: AsJson = False,
) -> None:
    """Remove documents from everywhere, and prove it."""
    with front_door(as_json=as_json):
        with build_bar() as progress:
            erased = _keeper().forget(ids, progress)
        if as_json:
            print_json({**asdict(erased), "proved": erased.proved})
        if not erased.proved:
            typer.echo(_left(erased), err=True)
            raise typer.Exit(1)
        if not as_json:
            typer.echo(
                f"Forgotten: {', '.join(erased.ids)}. The record has no row left of it, and none "
                f"of {erased.sentences} sentences is found in the {erased.files} files of record "
                "and index."
            )
            if erased.blanked:
                typer.echo(
                    f"What was quoted of it was blanked in {_counted(erased.blanked, 'place')} of "
                    "stored conversations and feedback."
                )


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write everything that was ingested into one file."""
    with front_door():
        _keeper().backup(file, force=force)
        typer.echo(f"Backed up to {file} ({file.stat().st_size / 1e6:.1f} MB).")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that citebrief backup wrote.")],
) -> None:
    """Make the library what a backup holds; what was ingested since is lost."""
    with front_door():
        with build_bar() as progress:
            count, aside = _keeper().restore(file, progress)
        typer.echo(f"Restored {count} documents from {file}.")
        if aside is not None:
            typer.echo(f"The damaged record was moved to {aside}.", err=True)


def _keeper() -> "Keeper":
    from assistant.keeping import Keeper

    return Keeper(settings_in_force(), told=lambda words: typer.echo(words, err=True))


def _tell_kept(outcome: "Outcome") -> None:
    pages, passages = _counted(outcome.pages, "page"), _counted(outcome.passages, "passage")
    typer.echo(
        f"{outcome.status:8} {outcome.id}  {pages}, {passages}"
        + (f", {outcome.rewritten} rewritten" if outcome.status == "changed" else "")
        + f"  {outcome.path}"
    )
    for warning in outcome.warnings:
        typer.echo(f"         {warning}")
    sys.stdout.flush()  # whoever reads it may rely on it at once


def _tell_others(outcomes: "Sequence[Outcome]") -> None:
    """What was the same elsewhere, and what was skipped, with the reason."""
    for outcome in outcomes:
        if outcome.status == "same":
            typer.echo(f"same     {outcome.id}  {outcome.path}")
    for outcome in outcomes:
        if outcome.status == "skipped":
            typer.echo(f"skipped  {outcome.path}  ({outcome.code})\n         {outcome.message}")


def _tell_edition(edition: "Edition") -> None:
    left = edition.pieces - edition.translated
    typer.echo(
        f"edition  {edition.id}  {edition.translated} of {edition.pieces} pieces translated"
        + (f"; {left} stay in the original" if left else "")
    )
    for piece in edition.left:
        typer.echo(f"         “{piece.source}”: {piece.problem}")


def _counts(outcomes: "Sequence[Outcome]") -> dict[str, int]:
    counted = Counter(outcome.status for outcome in outcomes)
    return {status: counted[status] for status in STATUSES}


def _summary(outcomes: "Sequence[Outcome]", *, interrupted: bool) -> str:
    counts = _counts(outcomes)
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    return (
        f"{'Interrupted; what was kept stays. ' if interrupted else ''}"
        f"{_counted(len(outcomes), 'file')}: {told or 'nothing to do'}."
    )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _left(erased: "Erased") -> str:
    where = f" Words of it are left in {', '.join(erased.found)}." if erased.found else ""
    return (
        f"It was removed, but its bytes are not all gone yet: another process reads an older "
        f"version, or the disk is full.{where} They go with the next change, or run citebrief "
        "forget again once that is over."
    )
