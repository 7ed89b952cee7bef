"""The proof that a document is forgotten: its sentences are looked for in every file of ours.

What is packed or written as numbers cannot be found so; of that the record itself tells, which
counts the rows that it removed and says whether their bytes are gone. Stored conversations and
feedback stay, with what they quoted of it blanked. Not covered: what readers told of it in their
own words, backups, answers that readers copied or that their browsers keep, and blocks that a disk
has let go of.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.record.entry import Forgotten
    from index.record.snapshot import Snapshot

SHORTEST = 20  # characters of a sentence that is looked for; shorter ones stand elsewhere too
MOST = 200  # sentences of one document that are looked for, spread over it
PIECE = 1 << 22  # bytes read at once


@dataclass(frozen=True, slots=True)
class Erased:
    """What was forgotten, what was searched for it, and what was found.

    `whole` says that the record has no row of it left, and no byte of one in its file; `blanked`
    counts stored answers, titles and feedback that said so, and now say that it was deleted.
    """

    ids: tuple[str, ...]
    sentences: int  # looked for
    files: int  # searched
    found: tuple[str, ...]  # files that still hold one
    whole: bool
    blanked: int = 0

    @property
    def proved(self) -> bool:
        """Whether nothing of it is left."""
        return self.whole and not self.found


def probes(snapshot: "Snapshot", ids: Sequence[str]) -> list[bytes]:
    """Sentences of the documents that no document which stays has, as files hold them."""
    own: dict[str, None] = {}
    for id in ids:
        texts = [text for text in snapshot.texts(id) if len(text) >= SHORTEST]
        own.update(dict.fromkeys(texts[:: max(1, len(texts) // MOST)]))
    for entry in snapshot.entries:
        if entry.id not in ids:
            for text in snapshot.texts(entry.id):
                own.pop(text, None)
    return [text.encode("utf-8", "replace") for text in own]


def search(
    record: Path | None, indexes: Path, sentences: Sequence[bytes], forgotten: "Forgotten"
) -> Erased:
    """Look for `sentences` in the record's files and in everything under `indexes`."""
    files = [*_files(record, indexes)]
    found = [str(path) for path in files if _holds(path, sentences)]
    whole = forgotten.erased and not forgotten.unknown
    return Erased(forgotten.ids, len(sentences), len(files), tuple(found), whole, forgotten.blanked)


def _files(record: Path | None, indexes: Path) -> Iterator[Path]:
    beside = record.parent.glob(f"{record.name}*") if record else ()
    within: Iterable[Path] = indexes.rglob("*") if indexes.is_dir() else ()
    for path in (*beside, *within):
        if path.is_file():
            yield path


def _holds(path: Path, sentences: Sequence[bytes]) -> bool:
    longest = max(map(len, sentences), default=0)
    try:
        with path.open("rb") as file:
            before = b""
            while piece := file.read(PIECE):
                window = before + piece
                if any(sentence in window for sentence in sentences):
                    return True
                before = window[-longest:]
    except FileNotFoundError:  # an index that was just taken the place of
        pass
    return False
