"""How a command writes: wrapped lines, JSON, bars of progress, and a pipe whose reader has gone.

Rich is loaded by what needs it, so that a command that prints plain text starts at once.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from index.build import Progress

INTERRUPTED = 130  # exit code: 128 + the signal's number, as a shell has it
PLAIN_WIDTH = 160  # columns of a table that is not at a terminal


def set_up_streams() -> None:
    """UTF-8 wherever output is piped, and no failure over a letter or a stream that is closed."""
    sys.stdout = sys.stdout or _nowhere()  # None where the caller closed it
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty():
            stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def drop_output() -> None:
    """Let what is still buffered for a closed pipe vanish, or it fails again at the exit."""
    with suppress(OSError, ValueError):  # a stream of a test has no descriptor
        os.dup2(_nowhere().fileno(), sys.stdout.fileno())


def print_json(value: dict[str, Any]) -> None:
    """The one document on stdout: indented for eyes, on one line for programs."""
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")


def plain_console() -> "Console":
    """A console that takes no word for markup, and leaves a closed pipe to the front door."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # as with every other output

    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return _Console(highlight=False, markup=False, emoji=False, width=width)


def print_wrapped(console: "Console", text: "Text", indent: int = 0) -> None:
    """Wrap at a terminal, where Hangul takes two columns; in a pipe a line stays one line."""
    width = max(20, console.width - indent)
    lines = text.wrap(console, width) if console.is_terminal else text.split("\n")
    for line in lines:
        console.print(" " * indent, line, sep="", soft_wrap=True)


@contextmanager
def build_bar() -> "Iterator[Progress | None]":
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
def line_bar(source: str) -> Iterator[Callable[[], None]]:
    """What to call after each line of the file `source`, to move the bar of a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    total = None
    if Path(source).is_file():
        with Path(source).open("rb") as lines:
            total = sum(1 for line in lines if line.strip())
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Answering", total=total)
        yield lambda: bar.advance(task)


@contextmanager
def file_bar(words: str, total: int, unit: str = "files") -> Iterator[Callable[[], None]]:
    """What to call after each `unit`, to move a bar with its rate and the time that is left."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar
    from rich.text import Text

    class _Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.finished_speed or task.speed or 0:.1f} {unit}/s")

    columns = (
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda: bar.advance(task)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")
