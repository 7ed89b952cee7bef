"""`citebrief check`: a text held against the library, or a file of texts.

Registered by `assistant.cli`. Exit codes as of every command: 0 checked, whatever came of it; 2 for
bad usage or input; 1 for a fault.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assistant.errors import AssistantError, InputError
from assistant.front_door import front_door, settings_in_force
from assistant.terminal import INTERRUPTED, build_bar, line_bar, print_json

if TYPE_CHECKING:
    from assistant.answer import Assistant
    from assistant.check_types import TextCheck

HOW = (
    "Expected: citebrief check FILE (or - for standard input), or: "
    "citebrief check --batch IN.jsonl --out OUT.jsonl"
)
Lang = Literal["auto", "ko", "en"]


def check(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A text file in UTF-8; - reads standard input."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    lang: Annotated[
        Lang, typer.Option(help="Language of the result; auto is that of the text.")
    ] = "auto",
    document: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Check against this document only; repeatable."),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="IN.jsonl",
            help='Texts to check, one object a line: {"id": "1", "text": "…"}, and where wanted '
            "lang and documents; - is standard input.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="OUT.jsonl", help="Where a batch's results go; - is standard output."),
    ] = None,
) -> None:
    """Check a text against the library, sentence by sentence."""
    with front_door("", lang):
        _check_options(file, batch, out)
        if batch is not None and out is not None:
            _check_batch(context, batch, out, lang)
            return
        text = read_text(str(file))
        found = _opened(context).check(text, lang, document)
        if as_json:
            print_json(found.to_json())
        else:
            from assistant.check_show import print_check

            print_check(found)


def read_text(source: str) -> str:
    """The text of a file, or of standard input for "-"; InputError where it cannot be read."""
    from assistant.checking import LONGEST

    most = 4 * LONGEST + 4  # bytes of the longest text that is taken
    try:
        if source == "-":
            raw = sys.stdin.buffer.read(most + 1)
        else:
            path = Path(source)
            if path.is_dir():
                raise InputError(f"{source} is a folder; expected a text file. {HOW}")
            with path.open("rb") as file:
                raw = file.read(most + 1)
    except FileNotFoundError:
        raise InputError(f"{source} does not exist; expected a text file. {HOW}") from None
    except OSError as error:
        raise InputError(
            f"{source} cannot be read ({error.strerror}); allow reading it."
        ) from error
    if len(raw) > most:
        raise InputError(
            f"{source} has more than {LONGEST:,} characters, which is the most that can be checked "
            "at once. Check it in parts."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source}: byte {error.start + 1}: expected UTF-8, got 0x{raw[error.start]:02x}; save "
            "it as plain text in UTF-8."
        ) from error


def check_lines(
    checked: "Callable[..., TextCheck]", lines: Iterable[bytes], *, lang: Lang = "auto"
) -> "Iterator[Mapping[str, Any]]":
    """An output object for each line not blank; one with "error" where it could not be checked.

    The error names the line and the field, and "exit_code" says what it means.
    """
    from assistant.batch import parse_object, text_of
    from assistant.failure import failure

    for number, line in enumerate(lines, start=1):
        raw = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not raw.strip():
            continue
        fields: dict[str, Any] = {}
        try:
            fields = parse_object(raw, '{"id": "1", "text": "…"}')
            yield _checked_line(checked, fields, lang)
        except Exception as error:
            found = failure(error, text_of(fields, "text") or "", lang)
            mark = "," if isinstance(error, AssistantError) else ":"
            yield {
                "id": text_of(fields, "id"),
                "text": text_of(fields, "text"),
                "verdict": "error",
                "citations": [],
                "sentences": [],
                "error": f"line {number}{mark} {found.message}",
                "exit_code": found.exit_code,
            }


def _checked_line(
    checked: "Callable[..., TextCheck]", fields: Mapping[str, Any], lang: Lang
) -> dict[str, Any]:
    from assistant.batch import required, unexpected

    name, text = required(fields, "id"), required(fields, "text")
    wanted = fields.get("lang") or lang
    if wanted not in ("auto", "ko", "en"):
        raise unexpected("lang", "auto or ko or en", wanted)
    documents = fields.get("documents")
    if documents is not None and not (
        isinstance(documents, list) and all(isinstance(one, str) for one in documents)
    ):
        raise unexpected("documents", "a list of ids", documents)
    try:
        found = checked(text, wanted, documents)
    except InputError as error:
        field = "documents" if "document" in str(error).lower() and documents else "text"
        raise InputError(f"field {field}: {error}") from error
    plain = found.to_json()
    plain["text"] = text
    return {"id": name, **{key: plain[key] for key in ("text", "verdict", "citations")}, **plain}


def _check_options(file: str | None, batch: str | None, out: str | None) -> None:
    if batch is None and out is not None:
        raise InputError(f"--out {out} needs a batch of texts. {HOW}")
    if batch is None and file is None:
        raise InputError(f"There is no text. {HOW}")
    if batch is not None and file is not None:
        raise InputError(f"Both {file} and --batch {batch} are given; leave one out.")
    if batch is not None and out is None:
        raise InputError(f"--batch {batch} needs --out. {HOW}")


def _check_batch(context: typer.Context, source: str, target: str, lang: Lang) -> None:
    """Ends with what became of the lines on stderr; a fault of ours outranks a line of theirs."""
    from assistant.batch_files import check_paths, open_source, open_target, write_line
    from assistant.check_types import VERDICTS

    check_paths(source, target)
    assistant = _opened(context)
    counts = dict.fromkeys((*VERDICTS, "error"), 0)
    codes = {0}
    interrupted = False
    with open_source(source) as lines, open_target(target) as file, line_bar(source) as step:
        try:
            for output in check_lines(assistant.check, lines, lang=lang):
                code = output.get("exit_code", 0)
                write_line(file, {k: v for k, v in output.items() if k != "exit_code"})
                counts[output["verdict"]] += 1
                codes.add(code)
                if code:
                    typer.echo(f"{source}: {output['error']}", err=True)
                step()
        except KeyboardInterrupt:
            interrupted = True
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    typer.echo(f"{'Interrupted. ' if interrupted else ''}{target}: {told}.", err=True)
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if any(codes):
        raise typer.Exit(1 if 1 in codes else max(codes))


def _opened(context: typer.Context) -> "Assistant":
    settings = settings_in_force()
    with build_bar() as progress:
        found: Assistant
        if callable(context.obj):
            found = context.obj(settings, progress)
        else:
            from assistant.answer import Assistant as Opened

            found = Opened.open(settings, progress)
        return found
