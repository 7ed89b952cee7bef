"""The texts that the assistant speaks and prompts with: one file per task and language.

`task.lang.md` names its variables as $name. `load` and `load_chat` check them, so that a renamed
variable or a missing translation shows when the text is loaded and not in front of a reader. What a
prompt holds of others (passages, questions, drafts) is fenced with marks that only we can write.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent
# Our marks are made of ⟦ and ⟧; a fenced text keeps none of these, nor what looks like them, nor
# letters that cannot be seen (zero-width, direction marks, tags).
NEUTRAL = str.maketrans("⟦⟧〚〛⟬⟭", "[][][]")
UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
CHAT = re.compile(r"version: (\d+)\n---\n(.+?)\n---\n(.+)", re.DOTALL)


class PromptError(Exception):
    """A text is missing or misshapen, or its variables are not those that the code fills in."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A prompt for a chat model: what it is told once, and what it is given each time."""

    version: int  # goes up with every change of the words
    system: str
    user: Template


@cache
def load(name: str, lang: str, variables: frozenset[str] = frozenset()) -> Template:
    """The text `name` in `lang`, whose variables must be exactly `variables`."""
    return _template(_read(name, lang), _path(name, lang), variables)


@cache
def load_chat(name: str, lang: str, variables: frozenset[str]) -> Chat:
    """The prompt `name` in `lang`, whose user part must have exactly `variables`.

    The file has three parts between lines of ---: `version: N`, the system part, the user part.
    """
    path = _path(name, lang)
    parts = CHAT.fullmatch(_read(name, lang))
    if parts is None:
        raise PromptError(
            f"{path} is misshapen. Expected 'version: N', a line '---', what the model is told, a "
            "line '---', what it is given."
        )
    return Chat(int(parts[1]), parts[2].strip(), _template(parts[3].strip(), path, variables))


def fence(tag: str, text: str, *, inline: bool = False) -> str:
    """`text` between our marks, with nothing in it that could be taken for one of them."""
    gap = " " if inline else "\n"
    return f"⟦{tag}⟧{gap}{neutral(text)}{gap}⟦/{tag}⟧"


def neutral(text: str) -> str:
    """`text` without our marks, their look-alikes, and letters that cannot be seen."""
    return UNSEEN.sub("", text.translate(NEUTRAL))


def _path(name: str, lang: str) -> Path:
    return FOLDER / f"{name}.{lang}.md"


def _read(name: str, lang: str) -> str:
    path = _path(name, lang)
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise PromptError(
            f"{path} cannot be read ({error.strerror}); every text needs it."
        ) from error


def _template(text: str, path: Path, variables: frozenset[str]) -> Template:
    template = Template(text)
    found = frozenset(template.get_identifiers())
    if found != variables or not template.is_valid():
        raise PromptError(f"{path} uses {_list(found)}; load() was given {_list(variables)}.")
    return template


def _list(names: Collection[str]) -> str:
    return ", ".join(f"${name}" for name in sorted(names)) or "no variables"
