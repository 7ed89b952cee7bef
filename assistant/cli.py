"""The command line: `citebrief ask`, `serve`, `eval`, `doctor`, and those of `cli_library`.

It only asks, and shows.

Results go to standard output, all else to standard error. Exit codes: 0 answered or not in the
document, 2 bad usage or input, 1 a fault, 130 interrupted, 141 the reader of a pipe has gone. What
is slow to load is imported by the command that needs it, so that --help comes at once.
"""

import importlib
import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant import (
    cli_check,
    cli_feedback,
    cli_library,
    cli_mcp,
    cli_slack,
    cli_users,
    cli_verify,
)
from assistant.errors import InputError
from assistant.front_door import OURS, front_door, settings_in_force
from assistant.terminal import INTERRUPTED, build_bar, line_bar, print_json, set_up_streams

if TYPE_CHECKING:
    from assistant.answer import Assistant
    from assistant.settings import Settings
    from index.build import Progress

HOW_TO_ASK = (
    'Expected: citebrief ask "question", or: citebrief ask --batch IN.jsonl --out OUT.jsonl'
)

Lang = Literal["auto", "ko", "en"]
Engine = Literal["auto", "extractive", "llm"]
OpenAssistant = Callable[["Settings", "Progress | None"], "Assistant"]

cli = typer.Typer(
    name="citebrief",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain messages: no frame that breaks a path or a Korean word
)


def main() -> None:
    """The console command."""
    set_up_streams()
    handler = logging.StreamHandler()
    # Libraries set levels of their own (some log at debug), so they are told apart here.
    handler.addFilter(lambda r: r.name.split(".")[0] in OURS or r.levelno >= logging.ERROR)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    logging.captureWarnings(True)
    cli(prog_name="citebrief")


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"citebrief {version('citebrief')}")
        raise typer.Exit


@cli.callback()
def _citebrief(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Answers about policy documents, in Korean and English, cited to page and quote."""


@cli.command()
def ask(
    context: typer.Context,
    question: Annotated[
        str | None,
        typer.Argument(help="The question, in Korean or English; - reads it from standard input."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    lang: Annotated[
        Lang, typer.Option(help="Language of the answer; auto is that of the question.")
    ] = "auto",
    history: Annotated[
        list[str] | None,
        typer.Option(
            metavar="QUESTION",
            help="An earlier question of the conversation, oldest first; repeatable.",
        ),
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="What writes the answer; extractive needs no chat model.")
    ] = "auto",
    document: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="A document to ask, instead of the whole library, by its id in citebrief "
            "documents; repeatable.",
        ),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="IN.jsonl",
            help='Questions to answer, one object a line: {"id": "1", "question": "…"}, and where '
            "wanted history, lang, engine and documents; - is standard input.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="OUT.jsonl", help="Where a batch's answers go; - is standard output."),
    ] = None,
    receipt: Annotated[
        str | None,
        typer.Option(metavar="FILE.json", help="Also write a receipt; see citebrief verify."),
    ] = None,
) -> None:
    """Answer a question, or a file of them."""
    from assistant.batch import readable

    opened: OpenAssistant = context.obj if callable(context.obj) else _open_assistant
    if question is not None:
        asked = sys.stdin.buffer.read().decode("utf-8", "replace") if question == "-" else question
        question = readable(asked)
    with front_door(question or "", lang, as_json=as_json and batch is None):
        _check_options(question, history, batch, out, receipt)
        if batch is not None and out is not None:
            _ask_batch(opened, batch, out, lang, engine, document)
        elif question is not None:
            earlier = [readable(q) for q in history or ()]
            given = (document or None, receipt)
            _ask_one(opened, question, earlier, lang, engine, *given, as_json=as_json)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen at.")] = None,
) -> None:
    """Serve the chat in the browser, until Ctrl-C."""
    with front_door():
        given = {"host": host, "port": port}
        settings = settings_in_force().model_copy(
            update={k: v for k, v in given.items() if v is not None}
        )
        importlib.import_module("app").serve(settings)


@cli.command()
def page(
    context: typer.Context,
    passage: Annotated[
        str, typer.Argument(help="The id of a passage, as a citation of ask --json gives it.")
    ],
    out: Annotated[
        str | None, typer.Option(metavar="FILE.png", help="Where the image goes.")
    ] = None,
) -> None:
    """Write the page of a PDF that a citation stands on, with its sentence marked, as an image."""
    opened: OpenAssistant = context.obj if callable(context.obj) else _open_assistant
    with front_door():
        from assistant.cli_page import write_pages

        for line in write_pages(_opened(opened, "auto"), passage, out):
            typer.echo(line)


@cli.command(
    "eval",
    add_help_option=False,
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
    },
)
def evaluate(context: typer.Context) -> None:
    """Measure the answers on question sets; see citebrief eval --help."""
    with front_door():
        # By name, since imports point down: the evaluation depends on the assistant.
        importlib.import_module("eval.cli").app(context.args, prog_name="citebrief eval")


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say what this installation is made of, and whether each part works."""
    with front_door(as_json=as_json):
        from assistant.doctor import examine
        from assistant.show import print_report

        with build_bar() as progress:
            report = examine(settings_in_force, progress)
        (print_json if as_json else print_report)(report)
        if report["problems"]:
            raise typer.Exit(1)


for _command in (
    cli_check.check,
    cli_library.ingest,
    cli_library.documents,
    cli_library.forget,
    cli_library.backup,
    cli_library.restore,
    cli_verify.verify,
    cli_verify.export,
):
    cli.command()(_command)
cli.command("mcp")(cli_mcp.mcp)
cli.command("slack")(cli_slack.slack)
cli.add_typer(cli_users.users, name="users")
cli.add_typer(cli_feedback.feedback, name="feedback")


def _check_options(
    question: str | None,
    history: Sequence[str] | None,
    batch: str | None,
    out: str | None,
    receipt: str | None = None,
) -> None:
    """InputError where the options ask for neither one question nor one batch."""
    if batch is None:
        if question is None:
            raise InputError(f"There is no question. {HOW_TO_ASK}")
        if out is not None:
            raise InputError(f"--out {out} needs a batch of questions. {HOW_TO_ASK}")
        return
    if question is not None:
        raise InputError(f"Both a question and --batch {batch} are given; leave one out.")
    if history:
        raise InputError("--history is for one question; in a batch, each line has its own.")
    if receipt is not None:
        raise InputError(f"--receipt {receipt} is for one question; leave it out of a batch.")
    if out is None:
        raise InputError(f"--batch {batch} needs --out. {HOW_TO_ASK}")


def _ask_one(
    opened: OpenAssistant,
    question: str,
    history: list[str],
    lang: Lang,
    engine: Engine,
    documents: list[str] | None,
    receipt: str | None,
    *,
    as_json: bool,
) -> None:
    assistant = _opened(opened, engine)
    answer = assistant.ask(question, history, lang=lang, engine=engine, documents=documents)
    if receipt is not None:
        cli_verify.save_receipt(receipt, assistant, answer, history)
    if as_json:
        print_json(answer.to_json())
    else:
        from assistant.show import print_answer

        print_answer(answer)


def _ask_batch(
    opened: OpenAssistant,
    source: str,
    target: str,
    lang: Lang,
    engine: Engine,
    documents: list[str] | None,
) -> None:
    """Ends with what became of the lines on stderr; a fault of ours outranks a line of theirs."""
    from assistant.batch import answer_lines
    from assistant.batch_files import check_paths, open_source, open_target, write_line

    check_paths(source, target)
    assistant = _opened(opened, engine)
    counts = {"answered": 0, "not_in_document": 0, "error": 0}
    codes = {0}
    interrupted = False
    with open_source(source) as lines, open_target(target) as file, line_bar(source) as step:
        try:
            for row in answer_lines(
                assistant, lines, lang=lang, engine=engine, documents=documents or None
            ):
                write_line(file, row.output)
                counts[row.output["status"]] += 1
                codes.add(row.exit_code)
                if row.problem:
                    typer.echo(f"{source}: {row.problem}", err=True)
                step()
        except KeyboardInterrupt:
            interrupted = True
    typer.echo(
        f"{'Interrupted. ' if interrupted else ''}{target}: {counts['answered']} answered, "
        f"{counts['not_in_document']} not in the document, {counts['error']} with an error.",
        err=True,
    )
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if any(codes):
        raise typer.Exit(1 if 1 in codes else max(codes))


def _opened(opened: OpenAssistant, engine: Engine) -> "Assistant":
    """The assistant; an engine that it would refuse is refused before a long build."""
    from assistant.answer import check_engine

    settings = settings_in_force()
    check_engine(engine, configured=settings.llm is not None)
    with build_bar() as progress:
        return opened(settings, progress)


def _open_assistant(settings: "Settings", progress: "Progress | None") -> "Assistant":
    from assistant.answer import Assistant

    return Assistant.open(settings, progress)
