"""The command line: `citebrief ask`, `serve`, `eval`, `doctor`. It only asks, and shows.

Results go to standard output, all else to standard error. Exit codes: 0 answered or not in the
document, 2 bad usage or input, 1 a fault, 130 interrupted, 141 the reader of a pipe has gone. What
is slow to load is imported by the command that needs it, so that --help comes at once.
"""

import importlib
import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

from assistant.errors import AssistantError, InputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from assistant.answer import Assistant
    from assistant.batch import Row
    from assistant.settings import Settings
    from assistant.types import Answer, Citation
    from index.build import Progress

OURS = ("app", "assistant", "eval", "index")
INTERRUPTED = 130  # 128 + the signal's number, as a shell has it
PIPE_CLOSED = 141
PLAIN_WIDTH = 160  # columns of a table that is not at a terminal
STATE_STYLES = {
    "ready": "green",
    "broken": "bold red",
    "not checked": "yellow",
    "not set": "dim",
}
SEE_MORE = "To see it in full, run the same with CITEBRIEF_LOG_LEVEL=debug."
HOW_TO_ASK = (
    'Expected: citebrief ask "question", or: citebrief ask --batch IN.jsonl --out OUT.jsonl'
)

log = logging.getLogger(__name__)

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
    sys.stdout = sys.stdout or _nowhere()  # None where the caller closed it
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty():
            stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
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
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="IN.jsonl",
            help='Questions to answer, one object a line: {"id": "1", "question": "…"}, and where '
            "wanted history, lang and engine; - is standard input.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="OUT.jsonl", help="Where a batch's answers go; - is standard output."),
    ] = None,
) -> None:
    """Answer a question, or a file of them."""
    from assistant.batch import check_paths, readable

    opened: OpenAssistant = context.obj if callable(context.obj) else _open_assistant
    asked = readable(question or "")
    if question == "-":
        asked = sys.stdin.buffer.read().decode("utf-8", "replace")
    with _front_door(asked, lang, as_json=as_json and batch is None):
        if batch is None:
            if question is None:
                raise InputError(f"There is no question. {HOW_TO_ASK}")
            if out is not None:
                raise InputError(f"--out {out} needs a batch of questions. {HOW_TO_ASK}")
            earlier = [readable(q) for q in history or ()]
            _ask_one(opened, asked, earlier, lang, engine, as_json=as_json)
            return
        if question is not None:
            raise InputError(f"Both a question and --batch {batch} are given; leave one out.")
        if history:
            raise InputError("--history is for one question; in a batch, each line has its own.")
        if out is None:
            raise InputError(f"--batch {batch} needs --out. {HOW_TO_ASK}")
        check_paths(batch, out)
        code = _ask_batch(opened, batch, out, lang, engine)
        if code:
            raise typer.Exit(code)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen at.")] = None,
) -> None:
    """Serve the chat in the browser, until Ctrl-C."""
    with _front_door():
        given = {"host": host, "port": port}
        settings = _settings().model_copy(update={k: v for k, v in given.items() if v is not None})
        _refuse_taken_port(settings.host, settings.port)
        importlib.import_module("app").serve(settings)


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
    with _front_door():
        # By name, since imports point down: the evaluation depends on the assistant.
        importlib.import_module("eval.cli").app(context.args, prog_name="citebrief eval")


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say what this installation is made of, and whether each part works."""
    with _front_door(as_json=as_json):
        from assistant.doctor import examine

        with _build_bar() as progress:
            report = examine(_settings, progress)
        if as_json:
            _print_json(report)
        else:
            _print_report(report)
        if report["problems"]:
            raise typer.Exit(1)


def _ask_one(
    opened: OpenAssistant,
    question: str,
    history: list[str],
    lang: Lang,
    engine: Engine,
    *,
    as_json: bool,
) -> None:
    settings = _settings()
    _refuse_engine(engine, settings)
    with _build_bar() as progress:
        assistant = opened(settings, progress)
    answer = assistant.ask(question, history, lang=lang, engine=engine)
    if as_json:
        _print_json(answer.to_json())
    else:
        _print_answer(answer)
    if answer.status == "error":
        raise typer.Exit(1)


def _ask_batch(opened: OpenAssistant, source: str, target: str, lang: Lang, engine: Engine) -> int:
    """The exit code, after a summary on stderr of what became of the lines."""
    from assistant.batch import answer_lines, open_source, open_target, write_row

    settings = _settings()
    _refuse_engine(engine, settings)
    with _build_bar() as progress:
        assistant = opened(settings, progress)
    counts = {"answered": 0, "not_in_document": 0, "error": 0}
    codes = {0}
    interrupted = False
    with open_source(source) as lines, open_target(target) as file, _batch_bar(source) as step:
        try:
            for row in answer_lines(assistant, lines, lang=lang, engine=engine):
                write_row(file, row)
                counts[row.output["status"]] += 1
                codes.add(row.exit_code)
                step(row)
        except KeyboardInterrupt:
            interrupted = True
    typer.echo(
        f"{'Interrupted. ' if interrupted else ''}{target}: {counts['answered']} answered, "
        f"{counts['not_in_document']} not in the document, {counts['error']} with an error.",
        err=True,
    )
    if interrupted:
        return INTERRUPTED
    return 1 if 1 in codes else max(codes)  # a fault of ours outranks a line of theirs


def _refuse_engine(engine: Engine, settings: "Settings") -> None:
    """Before a long build, what the assistant would refuse after it."""
    from assistant.answer import check_engine

    check_engine(engine, configured=settings.llm is not None)


def _open_assistant(settings: "Settings", progress: "Progress | None") -> "Assistant":
    from assistant.answer import Assistant

    return Assistant.open(settings, progress)


def _settings() -> "Settings":
    from assistant.settings import load_settings

    settings = load_settings()
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
    return settings


@contextmanager
def _front_door(question: str = "", lang: str = "en", *, as_json: bool = False) -> Iterator[None]:
    """Turn whatever ends a command into a message and an exit code; internals are never shown."""
    try:
        yield
        sys.stdout.flush()
        return
    except typer.Exit:
        raise
    except AssistantError as error:
        message, code = str(error), 2 if isinstance(error, InputError) else 1
    except BrokenPipeError:
        _drop_output()
        raise typer.Exit(PIPE_CLOSED) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except Exception:
        from assistant.batch import fault

        message, code = f"{fault(question, lang)}\n{SEE_MORE}", 1
    typer.echo(message, err=True)
    if as_json:
        from assistant.batch import error_answer

        _print_json(error_answer(message, question=question, lang=lang))
    raise typer.Exit(code)


def _drop_output() -> None:
    """Let what is still buffered for a closed pipe vanish, or it fails again at the exit."""
    with suppress(OSError, ValueError):  # a stream of a test has no descriptor
        os.dup2(_nowhere().fileno(), sys.stdout.fileno())


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _print_json(value: dict[str, Any]) -> None:
    """The one document on stdout: indented for eyes, on one line for programs."""
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")


def _print_answer(answer: "Answer") -> None:
    """Sentences with their markers, then what each marker stands for."""
    from rich.text import Text

    from assistant.render import LABELS, as_of_text, check_text

    labels = LABELS[answer.language]
    console = _console()
    for sentence in answer.sentences:
        text = Text(sentence.text)
        for n in sentence.citations:
            text.append(f" [{n}]", "bold cyan")
        text.append(f" ({labels[sentence.stance]})", "dim")
        if sentence.verdict != "verified":
            text.append(f" ({labels['unverified']})", "bold yellow")
        _print_wrapped(console, text)
        for check in sentence.checks:
            _print_wrapped(console, Text(check_text(check, answer.language), "dim"), indent=4)
    if not answer.sentences:
        _print_wrapped(console, Text(answer.answer))
    titles = dict.fromkeys(c.title(answer.language) for c in answer.citations)
    if titles:
        heading = [labels["sources"], *titles] if len(titles) == 1 else [labels["sources"]]
        _print_wrapped(console, Text("\n" + ": ".join(heading), "bold"))
    for citation in answer.citations:
        _print_citation(console, citation, answer.language, with_title=len(titles) > 1)
    console.print()
    if answer.as_of:
        _print_wrapped(console, Text(as_of_text(answer.as_of, answer.language)))
    if answer.notice:
        _print_wrapped(console, Text(answer.notice, "yellow"))
    seconds = f"{answer.timings_ms.get('total', 0) / 1000:.2f}"
    made = labels.get(answer.engine, answer.engine)
    _print_wrapped(console, Text(f"{made} · {labels['seconds'].format(seconds=seconds)}", "dim"))


def _print_citation(
    console: "Console",
    citation: "Citation",
    lang: str,
    *,
    with_title: bool,
) -> None:
    from rich.text import Text

    from assistant.render import LABELS

    labels = LABELS[lang]
    section = citation.section
    if citation.quote_language != lang and citation.section_translation:
        section = f"{citation.section_translation} ({citation.section})"
    where = [labels["page"].format(page=citation.page), section]
    if with_title:
        where.append(citation.title(lang))
    head = Text.assemble((f"[{citation.n}]", "bold cyan"), " ", " · ".join(where))
    _print_wrapped(console, head)
    _print_wrapped(console, Text(f"“{citation.quote}”"), indent=4)
    if citation.translation:
        note = citation.translation_note or labels["translation"]
        translation = Text(f"“{citation.translation}” ").append(f"({note})", "dim")
        _print_wrapped(console, translation, indent=4)


def _print_wrapped(console: "Console", text: "Text", indent: int = 0) -> None:
    """Wrap at a terminal, where Hangul takes two columns; in a pipe a line stays one line."""
    width = max(20, console.width - indent)
    lines = text.wrap(console, width) if console.is_terminal else text.split("\n")
    for line in lines:
        console.print(" " * indent, line, sep="", soft_wrap=True)


def _print_report(report: Mapping[str, Any]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = _console()
    table = Table("part", "state", "details", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_row("citebrief", "", f"{report['version']}, Python {report['python']}")
    for name, part in report.items():
        if isinstance(part, dict) and "state" in part:
            table.add_row(name, Text(part["state"], STATE_STYLES[part["state"]]), _details(part))
    table.add_section()
    for name, value in report["settings"].items():
        table.add_row("setting", "", Text(f"{name}={'' if value is None else value}"))
    console.print(table)
    for problem in report["problems"]:
        _print_wrapped(console, Text.assemble(("Problem: ", "bold red"), problem))
    if not report["problems"]:
        console.print(Text("Everything works.", "green"))


def _details(part: Mapping[str, Any]) -> "Text":
    from rich.text import Text

    apart = ("state", "path", "titles")
    facts = [f"{k} {v}" for k, v in part.items() if k not in apart and v is not None]
    lines = [", ".join(facts), part.get("path") or ""]
    lines += [" / ".join(titles.values()) for titles in part.get("titles", ())]
    return Text("\n".join(filter(None, lines)), overflow="fold")


def _console() -> "Console":
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # the front door's to handle, as with every other output

    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return _Console(highlight=False, markup=False, emoji=False, width=width)


@contextmanager
def _build_bar() -> "Iterator[Progress | None]":
    """A bar while the index is built; where there is no terminal, the log's one line has to do."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with ExitStack() as stack:
        bars: list[Bar] = []

        def show(step: str, done: int, total: int) -> None:
            if not bars:
                bars.append(stack.enter_context(Bar(console=Console(stderr=True), transient=True)))
                bars[0].add_task("")
            words = f"Building the index (once): {step}"
            bars[0].update(bars[0].task_ids[0], description=words, completed=done, total=total)

        yield show


@contextmanager
def _batch_bar(source: str) -> "Iterator[Callable[[Row], None]]":
    """What to call after each line, to tell of its problem and to move the bar of a terminal."""

    def complain(row: "Row") -> None:
        if row.problem:
            typer.echo(f"{source}: {row.problem}", err=True)

    if not sys.stderr.isatty():
        yield complain
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    total = None
    if Path(source).is_file():
        with Path(source).open("rb") as lines:
            total = sum(1 for line in lines if line.strip())
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Answering", total=total)

        def step(row: "Row") -> None:
            complain(row)
            bar.advance(task)

        yield step


def _refuse_taken_port(host: str, port: int) -> None:
    """InputError where nothing can listen at `host` and `port`, before a slow start."""
    if not 1 <= port <= 65535:
        raise InputError(f"--port {port}: expected a number from 1 to 65535, such as 7860.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise InputError(
            f"The host {host!r} is unknown; expected an address of this machine such as 127.0.0.1. "
            "Correct --host or CITEBRIEF_HOST."
        ) from error
    except OSError as error:
        raise InputError(
            f"Nothing can listen at {host} port {port} ({error.strerror}); expected a free port. "
            f"Stop what uses it, or choose another: citebrief serve --port {port % 65535 + 1}"
        ) from error
