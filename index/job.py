"""One file made ready to be kept: read, assembled, cut, taken apart, embedded.

`make_ready` depends on the file and the workshop alone, and both can be sent to another process or
machine, so every engine that ingests (`index.workers`, `index.cluster`) runs this same function and
gets the same result. What a file is refused for comes back as a value, not as an exception: one bad
file must not stop the rest.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.assemble import assemble
from index.errors import CiteBriefError
from index.lexicon import Lexicon
from index.load import read_sidecar
from index.models import Embedder, load_embedder
from index.morphology import load_morphology
from index.parse.content import Box, Format
from index.parse.errors import UnreadableError
from index.parse.parser import PARSER_VERSION, parse
from index.prepare import Prepared, prepare
from index.terms import Analyzer


@dataclass(frozen=True, slots=True)
class Workshop:
    """What files are made ready with; the same for all files of one run, and safe to send."""

    lexicon: str  # compiled, as Lexicon.to_json writes it
    embedder: str | None  # as `load_embedder` takes it
    recipe: str  # fingerprint
    ocr: bool = True  # whether pages that are only images are read by Tesseract


@dataclass(frozen=True, slots=True)
class Job:
    """A file to make ready, and the id that its document is to have."""

    id: str
    path: Path
    sidecar: Path | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A file made ready. `boxes` say where the words stand, in offsets of the document's text."""

    prepared: Prepared
    boxes: tuple[Box, ...]
    format: Format
    pages: int
    sha256: str  # of the bytes that were read
    size: int  # bytes
    warnings: tuple[str, ...]
    parser: int = PARSER_VERSION


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that could not be made ready: a word for the kind of fault, and a sentence on it."""

    code: str
    message: str


def make_ready(job: Job, workshop: Workshop) -> Ready | Refused:
    """The file of `job` made ready, or why it cannot be."""
    try:
        before = digest_of_file(job.path)
        made = _make(job, workshop, before)
        if digest_of_file(job.path) != before:
            return Refused(
                "changing", f"{job.path} was changed while it was read; ingest it again."
            )
        return made
    except UnreadableError as error:
        return Refused(error.code, str(error))
    except CiteBriefError as error:
        return Refused("input", str(error))
    except MemoryError:
        return Refused("memory", f"{job.path} takes more memory than a file may; split it.")
    except RecursionError:
        return Refused("damaged", f"{job.path} is nested too deep to be read; save it anew.")
    except OSError as error:
        return Refused("unreadable", f"{job.path} cannot be read ({error.strerror or error}).")


def _make(job: Job, workshop: Workshop, sha256: str) -> Ready:
    sidecar = read_sidecar(job.sidecar) if job.sidecar else None
    content = parse(job.path, ocr=workshop.ocr)
    assembled = assemble(content, job.path, sidecar, id=job.id)
    analyzer, embedder = _tools(workshop)
    prepared = prepare(assembled.document, analyzer, embedder, workshop.recipe)
    if not prepared.passages:
        raise UnreadableError(
            "empty", f"{job.path} holds headings only; expected sentences. Leave it out."
        )
    return Ready(
        prepared=prepared,
        boxes=assembled.boxes,
        format=content.format,
        pages=content.page_count,
        sha256=sha256,
        size=job.path.stat().st_size,
        warnings=content.warnings,
    )


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _tools(workshop: Workshop) -> tuple[Analyzer, Embedder]:
    """What the workshop stands for, loaded once a process."""
    lexicon = Lexicon.from_json(workshop.lexicon)
    return Analyzer(load_morphology(lexicon.names), lexicon), load_embedder(workshop.embedder)
