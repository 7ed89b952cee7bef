"""The systems that are compared, by name, and what each of them must be able to do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, get_args

from assistant.errors import InputError
from eval.baselines.dense import Unit

BRIEF_ONLY = "ours-plain"  # on passages without an edition it is `ours`
NAMES = (
    "quickstart",
    "whitespace-bm25",
    *(f"dense-{unit}" for unit in get_args(Unit)),
    "ours",
    BRIEF_ONLY,
)


class System(Protocol):
    """A search. What is indexed or read last takes the place of what was before."""

    @property
    def name(self) -> str:
        """One of `NAMES`."""

    def index(self, passages: Mapping[str, str]) -> None:
        """Make `passages` searchable; an id begins with its language, as in eval.retrieval."""

    def read(self, library: Path) -> Mapping[str, str]:
        """Make a library folder searchable instead; the texts that it may return, by id."""

    def rank(self, question: str) -> Sequence[str]:
        """Ids of passages, or of texts that `read` gave, best first, each once."""


def make(name: str, folder: Path) -> System:
    """The system called `name`, which may write into `folder`."""
    if name == "quickstart":
        from eval.baselines.quickstart import QuickStart

        return QuickStart(folder)
    if name == "whitespace-bm25":
        from eval.baselines.whitespace_bm25 import WhitespaceBM25

        return WhitespaceBM25()
    for unit in get_args(Unit):
        if name == f"dense-{unit}":
            from eval.baselines.dense import Dense

            return Dense(unit)
    if name in ("ours", BRIEF_ONLY):
        from eval.baselines.ours import Ours

        return Ours(folder, plain=name == BRIEF_ONLY)
    raise InputError(f"No system {name!r}. Expected one of {', '.join(NAMES)}.")
