"""An answer, and the report of `citebrief doctor`, as text at a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.labels import LABELS, as_of_text, check_text, cited_titles, how_made, place
from assistant.terminal import plain_console, print_wrapped
from assistant.types import Answer, Citation, Sentence

STATE_STYLES = {
    "ready": "green",
    "broken": "bold red",
    "not checked": "yellow",
    "not set": "dim",
}
APART = ("state", "path", "titles")  # of a part of the report: not among its facts


def print_answer(answer: Answer) -> None:
    """Sentences with their markers, then what each marker stands for."""
    console = plain_console()
    for sentence in answer.sentences:
        _print_sentence(console, sentence, answer.language)
    if not answer.sentences:
        print_wrapped(console, Text(answer.answer))
    titles = cited_titles(answer)
    if titles:
        named = titles if len(titles) == 1 else []
        heading = ": ".join([LABELS[answer.language]["sources"], *named])
        print_wrapped(console, Text(f"\n{heading}", "bold"))
    for citation in answer.citations:
        print_citation(console, citation, answer.language, titled=len(titles) > 1)
    console.print()
    _print_foot(console, answer)


def _print_sentence(console: Console, sentence: Sentence, lang: str) -> None:
    labels = LABELS[lang]
    text = Text(sentence.text)
    for n in sentence.citations:
        text.append(f" [{n}]", "bold cyan")
    text.append(f" ({labels[sentence.stance]})", "dim")
    if sentence.verdict != "verified":
        text.append(f" ({labels['unverified']})", "bold yellow")
    print_wrapped(console, text)
    for check in sentence.checks:
        print_wrapped(console, Text(check_text(check, lang), "dim"), indent=4)


def print_citation(console: Console, citation: Citation, lang: str, *, titled: bool) -> None:
    """What one marker stands for: the place, the quote and its translation."""
    where = " · ".join(place(citation, lang, titled=titled))
    print_wrapped(console, Text.assemble((f"[{citation.n}]", "bold cyan"), " ", where))
    print_wrapped(console, Text(f"“{citation.quote}”"), indent=4)
    if citation.translation:
        note = citation.translation_note or LABELS[lang]["translation"]
        translation = Text(f"“{citation.translation}” ").append(f"({note})", "dim")
        print_wrapped(console, translation, indent=4)


def _print_foot(console: Console, answer: Answer) -> None:
    """How old, what the reader should know, how made and how long it took."""
    if answer.as_of:
        print_wrapped(console, Text(as_of_text(answer.as_of, answer.language)))
    if answer.notice:
        print_wrapped(console, Text(answer.notice, "yellow"))
    print_wrapped(console, Text(" · ".join(how_made(answer)), "dim"))


def print_report(report: Mapping[str, Any]) -> None:
    """Every part with its state, every setting, and what to do about each problem."""
    console = plain_console()
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
        print_wrapped(console, Text.assemble(("Problem: ", "bold red"), problem))
    if not report["problems"]:
        console.print(Text("Everything works.", "green"))


def print_documents(documents: Sequence[Mapping[str, Any]]) -> None:
    """A line for each document of the library, as `citebrief documents --json` gives them."""
    console = plain_console()
    table = Table(
        "id", "title", "language", "pages", "passages", "date", "from", box=box.SIMPLE_HEAD
    )
    for one in documents:
        table.add_row(
            Text(one["id"]),
            Text(one["title"]),
            one["language"],
            str(one["pages"]),
            "" if one["passages"] is None else str(one["passages"]),
            one["as_of"] or "",
            Text("\n".join(filter(None, (one["path"], one["source"], one["licence"])))),
        )
    console.print(table)
    kept = sum(one["kept"] for one in documents)
    console.print(f"{len(documents)} documents, {kept} of them ingested.")


def _details(part: Mapping[str, Any]) -> Text:
    facts = [f"{k} {v}" for k, v in part.items() if k not in APART and v is not None]
    lines = [", ".join(facts), part.get("path") or ""]
    lines += [" / ".join(titles.values()) for titles in part.get("titles", ())]
    return Text("\n".join(filter(None, lines)), overflow="fold")
