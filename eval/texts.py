"""A library as plain pieces of text, for systems that know nothing of documents.

Sentences and table cells are those that our own index is made of, so that every system which
returns single ones returns the same. Not covered: table rows, which repeat their cells.
"""

from functools import cache
from pathlib import Path

from index.chunk import chunk
from index.load import load_library
from index.morphology import Morphology
from index.types import Document, Passage


def sentences(text: str) -> list[str]:
    """The sentences of `text` in order, at least one where it is not blank."""
    return [text[start:end] for start, end in _morphology().sentences(text)]


def passages_of(document: Document) -> list[Passage]:
    """The passages that our index makes of a document, table rows among them."""
    return chunk(document, _morphology().sentences)


def read_sentences(library: Path) -> dict[str, str]:
    """Every sentence and table cell of a library as it reads on its own, by passage id."""
    return {
        passage.id: passage.text
        for document in load_library(library)
        for passage in passages_of(document)
        if passage.kind != "row"
    }


def copy_plain(library: Path, folder: Path) -> None:
    """Write the documents of a library anew as bare text: no edition, restatements, pages, tables.

    It is what a user has who drops a text file into a folder, but for id and language.
    """
    folder.mkdir(parents=True)
    for number, document in enumerate(load_library(library)):
        name = f"plain{number:03d}"
        (folder / f"{name}.txt").write_text(document.text + "\n", encoding="utf-8")
        (folder / f"{name}.yaml").write_text(
            f"file: {name}.txt\nid: {document.id}\nlang: {document.lang}\nlayout: plain\n",
            encoding="utf-8",
        )


@cache
def _morphology() -> Morphology:
    return Morphology()
