"""A checked text at a terminal: each sentence with its verdict, then what it rests on."""

from rich.text import Text

from assistant.check_labels import REASONS, SHAPES, VERDICT_LABELS, difference_text, summary
from assistant.check_types import CheckedStatement, CheckVerdict, TextCheck
from assistant.labels import LABELS, as_of_text
from assistant.show import print_citation
from assistant.terminal import plain_console, print_wrapped

STYLES: dict[CheckVerdict, str] = {
    "supported": "green",
    "contradicted": "bold red",
    "not_in_document": "yellow",
    "unclear": "dim",
}


def print_check(check: TextCheck) -> None:
    """Sentences in order, the citations, and the counts last."""
    console = plain_console()
    lang = check.language
    for sentence in check.sentences:
        print_wrapped(console, _line(sentence, lang))
        for one in sentence.checks:
            print_wrapped(console, Text(difference_text(one, lang), "dim"), indent=4)
        if sentence.reason:
            print_wrapped(console, Text(REASONS[lang][sentence.reason], "dim"), indent=4)
    titles = list(dict.fromkeys(c.title(lang) for c in check.citations))
    if titles:
        named = titles if len(titles) == 1 else []
        heading = ": ".join([LABELS[lang]["sources"], *named])
        print_wrapped(console, Text(f"\n{heading}", "bold"))
    for citation in check.citations:
        print_citation(console, citation, lang, titled=len(titles) > 1)
    console.print()
    if check.as_of:
        print_wrapped(console, Text(as_of_text(check.as_of, lang)))
    print_wrapped(console, Text(summary(check, lang), "bold"))


def _line(sentence: CheckedStatement, lang: str) -> Text:
    label = f"{SHAPES[sentence.verdict]} {VERDICT_LABELS[lang][sentence.verdict]}"
    text = Text.assemble((f"[{label}]", STYLES[sentence.verdict]), " ")
    text.append(" ".join(sentence.text.split()))
    for n in sentence.citations:
        text.append(f" [{n}]", "bold cyan")
    if sentence.stance and sentence.verdict in ("supported", "contradicted"):
        text.append(f" ({LABELS[lang][sentence.stance]})", "dim")
    return text
