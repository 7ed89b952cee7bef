"""A checked message as Block Kit: what was found of each sentence, and the passages it rests on."""

from collections.abc import Iterator
from typing import Any

from assistant.check_labels import (
    REASONS,
    SHAPES,
    VERDICT_LABELS,
    WORDS,
    difference_text,
    summary,
)
from assistant.check_types import CheckedStatement, TextCheck
from assistant.labels import LABELS, as_of_text
from assistant.slack import kit
from assistant.slack.blocks import marker_runs, source_pieces
from assistant.slack.kit import Message, Piece
from assistant.slack.mrkdwn import cut
from assistant.slack.words import words

# The message shortcuts of docs/slack/manifest.yaml, with the language that each asks for.
SHORTCUTS = {"cb_check": "en", "cb_check_ko": "ko"}


def check_messages(check: TextCheck, lang: str, *, folding: bool = True) -> list[Message]:
    """The summary, then every sentence with its verdict, then the sources, folded."""
    found = summary(check, lang)
    title = words(lang, "check_title")
    parts = [Piece((kit.header(title), kit.section(found)), f"{title}: {found}")]
    for statement in check.sentences:
        parts += _statement(statement, lang)
    parts += source_pieces(check.citations, lang, folded=folding, folding=folding)
    facts = [as_of_text(check.as_of, lang)] if check.as_of else []
    parts.append(Piece((kit.context(" · ".join([*facts, WORDS[lang]["how"]])),)))
    return kit.pack(parts, title)


def _statement(statement: CheckedStatement, lang: str) -> Iterator[Piece]:
    """A sentence as it was written, under its verdict, with what differs."""
    label = f"{SHAPES[statement.verdict]} {VERDICT_LABELS[lang][statement.verdict]}"
    if statement.stance and statement.verdict != "not_in_document":
        label = f"{label} · {LABELS[lang][statement.stance]}"
    head = kit.paragraph(kit.text(label, bold=True), *marker_runs(statement.citations[:50]))
    said = label
    notes: list[dict[str, Any]] = []
    for one in statement.checks[:20]:
        notes.append(kit.paragraph(kit.text(cut(difference_text(one, lang), 400))))
    if statement.reason:
        notes.append(kit.paragraph(kit.text(REASONS[lang][statement.reason])))
    *first, last = kit.split(statement.text, kit.RICH - 800)
    for piece in first:
        yield Piece((kit.rich(head, kit.quote(piece)),), f"{said}: {piece}")
        head, said = kit.paragraph(kit.text("…")), "…"
    block = kit.rich(head, kit.quote(last))
    if kit.size(block) + kit.size(notes) <= kit.RICH:
        block["elements"] += notes
        yield Piece((block,), f"{said}: {last}")
        return
    yield Piece((block,), f"{said}: {last}")
    for note in notes:
        yield Piece((kit.rich(note),))
