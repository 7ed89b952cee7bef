"""Fill in the template of a page and write it: one file that needs no other.

Everything filled in is escaped unless it is Markup, and a name that the template does not get is an
error. The templates lie beside this module.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import InputError

HERE = Path(__file__).parent


def render(
    template: str,
    values: Mapping[str, Any],
    filters: Mapping[str, Callable[..., str]] | None = None,
) -> str:
    """The page that `template` makes of `values`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters or {})
    return environment.get_template(template).render(values)


def write(page: str, path: Path) -> None:
    """Write a page as UTF-8, with its folder; InputError where `path` cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error
