"""`citebrief verify` and `citebrief export`: re-check a receipt, and take an answer away.

`verify` exits with 0 where everything is confirmed, with 1 where it is not, and with 2 for a file
that is no receipt.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assistant.errors import InputError
from assistant.front_door import front_door, settings_in_force
from assistant.terminal import build_bar, print_json

if TYPE_CHECKING:
    from assistant.answer import Assistant
    from assistant.types import Answer

FORMATS = ("txt", "md", "docx", "pdf", "json")


def verify(
    context: typer.Context,
    receipt: Annotated[
        str, typer.Argument(metavar="RECEIPT", help="A receipt's file; - is standard input.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Re-check a receipt against the library: every quote, and every verdict."""
    with front_door():
        from assistant.export.receipt_check import verify as check
        from assistant.export.receipt_form import read_receipt
        from assistant.export.receipt_words import OVERALL

        plain = _read(receipt)
        read_receipt(plain)  # what is no receipt is told before a library is opened
        assistant = _opened(context)
        found = check(plain, assistant.index, assistant.gate)
        if as_json:
            print_json(found.to_json())
        else:
            for one in found.findings:
                typer.echo(f"{_SIGNS[one.state]} {one.text('en')}")
            typer.echo(OVERALL["en"][found.state])
        if found.state != "confirmed":
            raise typer.Exit(1)


def export(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="ANSWER.json",
            help="An answer, as ask --json prints it, or a conversation; - is standard input.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Where it goes; ends in .txt, .md, .docx, .pdf, or in .json for a receipt.",
        ),
    ],
    lang: Annotated[
        Literal["auto", "ko", "en"],
        typer.Option(help="Language around the answers; auto is that of the first."),
    ] = "auto",
) -> None:
    """Write an answer or a conversation with its footnotes, or as a receipt."""
    with front_door():
        from assistant.export.exported import read
        from assistant.export.formats import write

        kind = Path(out).suffix.lower().removeprefix(".")
        if kind not in FORMATS:
            raise InputError(
                f"--out {out}: expected a name that ends in .txt, .md, .docx, .pdf or .json."
            )
        exported = read(_read(source))
        documents = _opened(context).index.documents if kind == "json" else {}
        framed = exported.turns[0].answer.language if lang == "auto" else lang
        font = settings_in_force().font if kind == "pdf" else None
        _save(out, write(exported, kind, framed, datetime.now(UTC), documents, font))


def save_receipt(path: str, assistant: "Assistant", answer: "Answer", history: list[str]) -> None:
    """The receipt of one answer, for `citebrief ask --receipt`."""
    from assistant.export.exported import alone
    from assistant.export.formats import write

    now = datetime.now(UTC)
    one = alone(answer, now.isoformat(timespec="seconds"), tuple(history))
    _save(path, write(one, "json", answer.language, now, assistant.index.documents))


_SIGNS = {"confirmed": "✓", "changed": "~", "broken": "✗"}


def _read(source: str) -> Any:
    from assistant.export.receipt_form import MOST_BYTES, read_json

    try:
        if source == "-":
            return read_json(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
        with Path(source).open("rb") as file:
            return read_json(file.read(MOST_BYTES + 1), source)
    except OSError as error:
        raise InputError(
            f"{source} cannot be read: {error.strerror}. Expected the path of a JSON file."
        ) from error


def _save(path: str, content: bytes) -> None:
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}. Give the path of a file in a folder that "
            "is there and that you may write to."
        ) from error


def _opened(context: typer.Context) -> "Assistant":
    from assistant.answer import Assistant

    opened: Any = context.obj if callable(context.obj) else Assistant.open
    with build_bar() as progress:
        assistant: Assistant = opened(settings_in_force(), progress)
    return assistant
