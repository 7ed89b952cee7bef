"""`citebrief page`: the pages that a citation stands on, written as images."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.pages import Pages

if TYPE_CHECKING:
    from assistant.answer import Assistant

NO_RECORD = (
    "No documents have been handed over, so there are no pages to show: expected a passage of a "
    "PDF. Hand one over with: citebrief ingest PATH"
)


def write_pages(assistant: "Assistant", passage_id: str, out: str | None) -> list[str]:
    """Write the pages of a passage as PNG, and say of each where it is and whether it is marked.

    Without `out`, the files are named after the passage, in the current folder; with it and more
    than one page, the number of the page is added. Raises InputError for an unknown passage, for
    one without a page to show, and for a file that cannot be written.
    """
    if out is not None and Path(out).suffix.lower() != ".png":
        raise InputError(f"--out {out}: expected the name of an image file that ends in .png.")
    if assistant.originals is None:
        raise InputError(NO_RECORD)
    view = Pages(lambda: assistant.index, assistant.originals).view(passage_id)
    stem = Path(out).with_suffix("") if out else Path(re.sub(r"[^\w.-]+", "-", passage_id))
    told: list[str] = []
    for image in view.images:
        several = out is None or len(view.images) > 1
        path = stem.with_name(f"{stem.name}-p{image.page}.png") if several else Path(str(out))
        try:
            path.write_bytes(image.png)
        except OSError as error:
            raise InputError(
                f"{path} cannot be written ({error.strerror}); name another file with --out."
            ) from error
        marked = "marked" if image.marks else "not marked: its words were not found there for sure"
        told.append(f"{path}: page {image.page}, {marked}")
    return told
