"""What can be measured, by name: our engines, what a user would pick instead, and broken ones.

The baselines answer as such systems do without a language model: with the pieces of text that they
found, each citing itself. They cannot refuse. The broken engines take a right answer and spoil one
thing, so that whoever doubts the gate of floors can see it close. The scripted ones are our engine
with a chat model that plays by rules and makes one kind of mistake, with the gate that checks each
sentence and without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, get_args

from assistant.errors import InputError
from assistant.settings import Settings
from assistant.types import Answer, Citation, Sentence
from eval.broken import Broken, Fault
from eval.claims import WRONG
from eval.run import Engine
from index.build import Progress
from index.language import detect
from index.manifest import Manifest
from index.types import Document, Hit, Lang, Passage

if TYPE_CHECKING:
    from eval.scripted_engine import Scripted

OURS = ("auto", "extractive", "llm")
BASELINES = {  # name -> the search of eval.baselines, and how many of its texts make an answer
    "langchain-quickstart": ("quickstart", 4),
    "whitespace-bm25": ("whitespace-bm25", 4),
    "dense": ("dense-sentence", 4),
}
FAULTS: tuple[Fault, ...] = get_args(Fault)
UNGATED = "-ungated"
SCRIPTED = {  # name -> the mistake that the model makes
    "scripted": None,
    **{f"scripted-{kind}": kind for kind in WRONG},
}
NAMES = (
    *OURS,
    *BASELINES,
    *(f"broken-{fault}" for fault in FAULTS),
    *(name + ending for name in SCRIPTED for ending in ("", UNGATED)),
)


def open_engine(name: str, settings: Settings, progress: Progress | None = None) -> Engine:
    """The engine called `name` over the library of `settings`, ready to be asked.

    Raises InputError for a name that is none of NAMES.
    """
    if name in OURS:
        from assistant.answer import Assistant, check_engine  # not for --help: brings the models

        check_engine(name, configured=settings.llm is not None)
        if name == "extractive":
            settings = settings.model_copy(update={"llm": None})
        assistant = Assistant.open(settings, progress)
        assistant.warm()
        return assistant
    if name in BASELINES:
        return Baseline.open(name, settings.library)
    if (told := name.removesuffix(UNGATED)) in SCRIPTED:
        return _scripted(told, settings, progress, gated=told == name)
    fault = name.removeprefix("broken-")
    if name == f"broken-{fault}" and fault in FAULTS:
        return Broken(open_engine("extractive", settings, progress), fault)
    raise InputError(f"No engine {name!r}. Expected one of {', '.join(NAMES)}.")


def _scripted(
    name: str, settings: Settings, progress: Progress | None, *, gated: bool
) -> "Scripted":
    from assistant.answer import Assistant
    from eval.scripted_engine import Scripted
    from eval.stand_ins import unchecked

    assistant = Assistant.open(settings.model_copy(update={"llm": None}), progress)
    return Scripted(assistant, SCRIPTED[name], None if gated else unchecked)


@dataclass(frozen=True, slots=True)
class Texts:
    """A library as a baseline sees it. `passages` are ours, since questions name those."""

    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    manifest: Manifest


class Baseline:
    """A search of eval.baselines as an engine: what it finds is its answer."""

    def __init__(
        self,
        index: Texts,
        pieces: Mapping[str, Passage],
        system: object,
        k: int,
        folder: "TemporaryDirectory[str] | None" = None,
    ) -> None:
        self.index = index
        self._folder = folder  # what the search writes; gone with the engine
        self._pieces = pieces
        self._system = system
        self._k = k

    @classmethod
    def open(cls, name: str, library: Path) -> "Baseline":
        """Read the library folder with the search that `name` stands for."""
        from eval.baselines.systems import make
        from eval.texts import passages_of
        from index.load import load_library

        system_name, k = BASELINES[name]
        folder = TemporaryDirectory(prefix="citebrief-")
        try:
            system = make(system_name, Path(folder.name))
        except ModuleNotFoundError as error:
            raise InputError(
                f"The engine {name} needs {error.name}, which is not installed. Run make test, or: "
                "pip install -e '.[dev]'"
            ) from error
        documents = {document.id: document for document in load_library(library)}
        texts = system.read(library)
        passages = [p for document in documents.values() for p in passages_of(document)]
        manifest = Manifest("", name, "", 0, "")
        library_read = Texts(documents, passages, manifest)
        return cls(library_read, _pieces(texts, documents, passages), system, k, folder)

    def ask(self, question: str, history: Sequence[str] = (), *, id: str = "") -> Answer:
        """The first texts that the search returns, in its order, each citing itself."""
        hits, _ = self.retrieve(question, history, self._k)
        passages = [hit.passage for hit in hits]
        citations = tuple(
            _citation(n, passage, self.index.documents[passage.document_id])
            for n, passage in enumerate(passages, start=1)
        )
        return Answer(
            id=id,
            question=question,
            language=_spoken(passages, question),
            status="answered",
            answer=" ".join(f"{p.text} [{n}]" for n, p in enumerate(passages, start=1)),
            sentences=tuple(
                Sentence(passage.text, (n,), "unverified", "fact", 0.0)
                for n, passage in enumerate(passages, start=1)
            ),
            citations=citations,
        )

    def retrieve(
        self, question: str, history: Sequence[str] = (), limit: int = 10
    ) -> tuple[list[Hit], float | None]:
        """What the search returns. A plain search knows nothing of earlier questions."""
        ranked = self._system.rank(question)  # type: ignore[attr-defined]
        found = [self._pieces[i] for i in ranked if i in self._pieces][:limit]
        return [Hit(passage, 1.0 / n) for n, passage in enumerate(found, start=1)], None


def _pieces(
    texts: Mapping[str, str], documents: Mapping[str, Document], passages: Sequence[Passage]
) -> dict[str, Passage]:
    """The texts that a search may return as passages with a place in their document."""
    known = {passage.id: passage for passage in passages}
    pieces: dict[str, Passage] = {}
    for name, text in texts.items():
        if name in known:
            pieces[name] = known[name]
            continue
        for document in documents.values():
            if (start := document.text.find(text)) >= 0:
                pieces[name] = _chunk(name, text, start, document)
                break
    return pieces


def _chunk(name: str, text: str, start: int, document: Document) -> Passage:
    section = document.section(start)
    return Passage(
        id=f"{document.id}:{name}",
        document_id=document.id,
        kind="sentence",
        lang=document.lang,
        text=text,
        quote=text,
        char_start=start,
        char_end=start + len(text),
        page=document.page(start),
        section_id=section.id,
        section_titles=section.titles,
        paragraph=0,
        position=start,
    )


def _citation(n: int, passage: Passage, document: Document) -> Citation:
    return Citation(
        n=n,
        document=document.id,
        document_title=next(iter(document.titles.values()), document.id),
        document_title_translation=None,
        passage=passage.id,
        page=passage.page,
        section=next(iter(passage.section_titles.values()), ""),
        section_translation=None,
        quote=passage.quote,
        quote_language=passage.lang,
        translation=None,
        translation_note=None,
        char_start=passage.char_start,
        char_end=passage.char_end,
    )


def _spoken(passages: Sequence[Passage], question: str) -> Lang:
    """The language that the answer is in: that of most of its texts."""
    if not passages:
        return detect(question).main
    korean = sum(passage.lang == "ko" for passage in passages)
    return "ko" if 2 * korean >= len(passages) else "en"
