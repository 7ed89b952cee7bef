"""The commands for what readers thought of answers."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.errors import InputError
from assistant.front_door import front_door, settings_in_force
from assistant.terminal import print_json

if TYPE_CHECKING:
    from index.record.library import Library

feedback = typer.Typer(
    help="What readers thought of answers.", no_args_is_help=True, rich_markup_mode=None
)
Thumb = Literal["up", "down"]
Since = Annotated[str, typer.Option(metavar="DATE", help="From this day (UTC) on, as 2026-11-23.")]
OfThumb = Annotated[Thumb | None, typer.Option(help="Only these.")]


@feedback.command()
def export(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where it goes; else standard output.")
    ] = None,
    since: Since = "",
    thumb: OfThumb = None,
) -> None:
    """Write rated answers as questions for citebrief eval, one line of JSON each.

    A line with "review" needs a person: eval run leaves it out until what is expected was put right
    and "review" was taken away.
    """
    with front_door():
        from assistant.feedback import export as lines_of

        record = _record(since)
        lines = [] if record is None else list(lines_of(record, since, thumb))
        if out is None:
            for line in lines:
                typer.echo(line)
        else:
            _write(out, lines)
        typer.echo(f"{len(lines)} rated answers.", err=True)


@feedback.command("list")
def list_feedback(
    since: Since = "",
    thumb: OfThumb = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """List rated answers, and how often each reason was given."""
    with front_door(as_json=as_json):
        from dataclasses import asdict

        from assistant.feedback import counts, kept

        record = _record(since)
        found = [] if record is None else kept(record, since, thumb)
        if as_json:
            print_json({"feedback": [asdict(f) for f in found], "reasons": dict(counts(found))})
            return
        for one in found:
            why = ", ".join(one.rating.reasons)
            told = ": ".join(filter(None, (why, one.rating.note)))
            typer.echo(
                f"{one.updated[:10]}  {one.rating.thumb:4}  {one.user or '-':12}  "
                f"{' '.join(one.question.split())}{f'  ({told})' if told else ''}"
            )
        ups = sum(one.rating.thumb == "up" for one in found)
        given = "".join(f", {reason} {n}" for reason, n in counts(found).items() if n)
        typer.echo(f"{ups} up, {len(found) - ups} down{given}.", err=True)


def _record(since: str) -> "Library | None":
    from assistant.holdings import Holdings

    if since and not re.fullmatch(r"\d{4}-\d\d-\d\d", since):
        raise InputError(f"--since {since}: expected a day such as 2026-11-23.")
    return Holdings(settings_in_force()).record()


def _write(out: Path, lines: list[str]) -> None:
    try:
        out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{out} cannot be written ({error.strerror}). Name another file."
        ) from error
