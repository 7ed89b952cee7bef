"""Pieces of Block Kit within Slack's limits, and how they are packed into messages.

What documents and people say stands in plain or rich text, which Slack does not parse; so nothing
here needs escaping but the text of a notification. Lengths are counted as `mrkdwn.length` does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.slack.mrkdwn import cut, escape, length, pieces, shown

Block = dict[str, Any]

SECTION = 2_900  # Slack's 3,000, with some room
CONTEXT = 1_900  # of one element
RICH = 2_800  # of one rich text block
HEADER = 150
BUTTON = 75
OPTION = 75
VALUE = 150  # of an option
KEY = 200  # of what a button stands for
URL = 3_000
BLOCKS = 46  # of a message; Slack's limit is 50
CHARACTERS = 9_000  # of all texts of a message; beyond some 13,000 Slack finds it too long
FALLBACK = 3_500  # Slack advises 4,000 at most
CHILDREN = 10  # blocks in a container


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: its text, for notifications and screen readers, and its blocks."""

    text: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Piece:
    """Blocks that stay together, with what a notification says of them (not yet escaped)."""

    blocks: tuple[Block, ...]
    said: str = ""


def plain(text: str, most: int) -> dict[str, Any]:
    """A text that Slack shows as it is, without markup and emoji."""
    return {"type": "plain_text", "text": cut(shown(text).strip(), most) or "…", "emoji": False}


def text(words: str, **style: bool) -> dict[str, Any]:
    """A run of rich text."""
    run: dict[str, Any] = {"type": "text", "text": shown(words)}
    return run | ({"style": style} if style else {})


def rich(*elements: Mapping[str, Any]) -> Block:
    """A block of rich text."""
    return {"type": "rich_text", "elements": list(elements)}


def paragraph(*runs: Mapping[str, Any]) -> dict[str, Any]:
    """A paragraph of rich text; Slack takes none that is empty."""
    return {"type": "rich_text_section", "elements": [r for r in runs if r["text"]] or [text("…")]}


def quote(words: str) -> dict[str, Any]:
    """A quotation, with a rule beside it."""
    return {"type": "rich_text_quote", "elements": [text(shown(words) or "…")]}


def section(words: str) -> Block:
    """A plain paragraph that is never folded away."""
    return {"type": "section", "text": plain(words, SECTION), "expand": True}


def context(*lines: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [plain(line, CONTEXT) for line in lines if line][:10]}


def header(words: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(words, HEADER)}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def button(
    action: str, words: str, value: str = "", *, url: str | None = None, label: str = ""
) -> dict[str, Any]:
    """A button; `value` is a key, never a text, and `label` what a screen reader says instead."""
    if length(value) > KEY:
        raise ValueError(
            f"The value of {action} has {length(value)} characters, beginning {value[:40]!r}; "
            f"keys have at most {KEY}."
        )
    made: dict[str, Any] = {"type": "button", "action_id": action, "text": plain(words, BUTTON)}
    if value:
        made["value"] = value
    if url is not None:
        made["url"] = url
    if label:
        made["accessibility_label"] = cut(shown(label), BUTTON)
    return made


def actions(buttons: Sequence[Mapping[str, Any]]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": [dict(one) for one in buttons]}


def container(title: str, children: Sequence[Block], *, subtitle: str = "", folded: bool) -> Block:
    """A group of blocks that folds. It takes sections, contexts and dividers, no rich text."""
    made: Block = {
        "type": "container",
        "title": plain(title, HEADER),
        "child_blocks": list(children),
        "width": "full",
        "is_collapsible": True,
        "default_collapsed": folded,
    }
    if subtitle:
        made["subtitle"] = plain(subtitle, HEADER)
    return made


def split(words: str, most: int) -> list[str]:
    """`words`, as they are shown, in pieces of at most `most`; no marker is broken."""
    return pieces(shown(words), most)


def size(part: Any) -> int:
    """How many characters of text there are in a block, or in anything within one."""
    if isinstance(part, Mapping):
        own = part.get("text")
        rest = (value for key, value in part.items() if key != "text" or not isinstance(own, str))
        return (length(own) if isinstance(own, str) else 0) + sum(map(size, rest))
    if isinstance(part, list | tuple):
        return sum(map(size, part))
    return 0


def count(block: Block) -> int:
    """How many blocks it is, with those within it."""
    return 1 + len(block.get("child_blocks", ()))


def pack(parts: Iterable[Piece], fallback: str) -> list[Message]:
    """As few messages as hold the pieces in their order; `fallback` where a message says nothing.

    Only a message that is not the first ever begins with what would have fitted no more.
    """
    messages: list[Message] = []
    blocks: list[Block] = []
    said: list[str] = []
    characters = 0

    def close() -> None:
        nonlocal characters
        if blocks:
            whole = "\n".join(filter(None, said)) or fallback
            messages.append(Message(fallback_text(whole), list(blocks)))
        blocks.clear()
        said.clear()
        characters = 0

    for part in parts:
        more = size(part.blocks)
        held = sum(map(count, blocks)) + sum(map(count, part.blocks))
        if held > BLOCKS or characters + more > CHARACTERS:
            close()
        blocks.extend(part.blocks)
        said.append(part.said)
        characters += more
    close()
    return messages


def fallback_text(words: str) -> str:
    """`words` as the text of a message: escaped, and short enough once it is."""
    whole = escape(words)
    if length(whole) <= FALLBACK:
        return whole
    most = FALLBACK
    while length(escaped := escape(cut(words, most))) > FALLBACK:
        most = most * 9 // 10
    return escaped
