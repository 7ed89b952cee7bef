"""What readers are told of their uploads and removals: values that say how far each is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from assistant.upload_warnings import told
from assistant.upload_words import refusal, why_skipped

if TYPE_CHECKING:
    from assistant.erased import Erased

Stage = Literal["waiting", "reading", "indexing", "ready", "skipped", "cancelled"]
State = Literal[
    "waiting", "reading", "indexing", "removing", "ready", "skipped", "removed", "failed",
    "cancelled",
]  # fmt: skip
ENDED: frozenset[State] = frozenset(("ready", "skipped", "removed", "failed", "cancelled"))


@dataclass(frozen=True, slots=True)
class File:
    """One file of an upload; `code` and `detail` say why it was left out, if it was."""

    name: str
    size: int
    state: Stage = "waiting"
    document: str | None = None
    outcome: str | None = None  # new, changed, unchanged or same, as `citebrief ingest` tells
    pages: int = 0
    passages: int = 0
    rewritten: int = 0
    warnings: tuple[str, ...] = ()
    code: str | None = None
    detail: str = ""

    def to_json(self, lang: str, limit: int) -> dict[str, Any]:
        """As the page shows it, the reason and the warnings in `lang`."""
        why = why_skipped(self.code, lang, detail=self.detail, limit=limit) if self.code else None
        return {
            "name": self.name,
            "size": self.size,
            "state": self.state,
            "document": self.document,
            "outcome": self.outcome,
            "pages": self.pages,
            "passages": self.passages,
            "rewritten": self.rewritten,
            "warnings": told(self.warnings, lang),
            "code": self.code,
            "message": why,
        }


@dataclass(frozen=True, slots=True)
class Job:
    """An upload of files or the removal of a document, as far as it is."""

    id: str
    kind: Literal["add", "remove"]
    state: State = "waiting"
    files: tuple[File, ...] = ()
    document: str | None = None  # that is removed
    step: str = ""  # of the index: reading, words, vectors or server
    step_done: int = 0
    step_total: int = 0
    code: str | None = None  # why it failed
    proof: "Erased | None" = None
    ended: float | None = None  # on the clock of `Uploads`

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(file.size for file in self.files)

    def to_json(self, lang: str, *, limit: int, before: int = 0) -> dict[str, Any]:
        """As the page shows it; `before` are the jobs that are done first."""
        done = sum(file.state in ("ready", "skipped", "cancelled") for file in self.files)
        read = sum(file.state not in ("waiting", "reading") for file in self.files)
        proof = self.proof and {
            "proved": self.proof.proved,
            "sentences": self.proof.sentences,
            "files": self.proof.files,
        }
        return {
            "job": self.id,
            "kind": self.kind,
            "state": self.state,
            "ended": self.state in ENDED,
            "before": before,
            "files": [file.to_json(lang, limit) for file in self.files],
            "total": len(self.files),
            "read": read,
            "done": done,
            "document": self.document,
            "step": self.step,
            "step_done": self.step_done,
            "step_total": self.step_total,
            "code": self.code,
            "message": refusal(self.code, lang) if self.code else None,
            "proof": proof,
        }
