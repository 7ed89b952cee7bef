"""The texts that the assistant speaks with: one file per task and language, `task.lang.md`.

A text names its variables as $name. `load` checks them, so that a renamed variable or a missing
translation shows when the text is loaded and not in front of a reader.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent


class PromptError(Exception):
    """A text is missing, or its variables are not those that the code fills in."""


@cache
def load(name: str, lang: str, variables: frozenset[str] = frozenset()) -> Template:
    """The text `name` in `lang`, whose variables must be exactly `variables`."""
    path = FOLDER / f"{name}.{lang}.md"
    try:
        template = Template(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise PromptError(
            f"{path} cannot be read ({error.strerror}); every text needs it."
        ) from error
    found = frozenset(template.get_identifiers())
    if found != variables or not template.is_valid():
        raise PromptError(f"{path} uses {_list(found)}; load() was given {_list(variables)}.")
    return template


def _list(names: Collection[str]) -> str:
    return ", ".join(f"${name}" for name in sorted(names)) or "no variables"
