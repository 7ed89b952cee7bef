"""What this installation is made of, and whether each part works: `citebrief doctor`.

Every part is tried on its own, so that a broken one is told of rather than ending the examination:
its state is "broken", and `problems` says what to do next. A part that cannot be tried because
another is broken is "not checked", one that nobody configured is "not set". The index is built
where there is none. How good answers are is not judged here; see eval.
"""

import logging
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any

import numpy as np
from pydantic import SecretStr

from assistant.answer import Assistant, open_model
from assistant.errors import AssistantError
from assistant.llm import Meter, ModelFailed
from assistant.settings import PREFIX, Settings, load_settings
from index.build import Index, Progress, open_index
from index.load import load_library
from index.models import SHIPPED, CrossEncoderReranker, Embedder, Reranker, load_embedder
from index.morphology import Morphology
from index.nli import CrossEncoderEntailment

log = logging.getLogger(__name__)

TRIAL = "방위비분담금은 얼마인가? How large is the defense cost-sharing contribution?"
NOT_CHECKED = {"state": "not checked"}
SECRET_WORDS = {"key", "token", "secret", "password"}
LOGIN = re.compile(r"(?<=//)[^/@\s]+(?=@)")  # the name and password in an address

Part = dict[str, Any]


def examine(
    load: Callable[[], Settings] = load_settings, progress: Progress | None = None
) -> dict[str, Any]:
    """The report, as plain JSON; `problems` is empty where all is well."""
    problems: list[str] = []
    report: dict[str, Any] = {
        "version": _version("citebrief"),
        "python": platform.python_version(),
        "embedder": {
            "name": None,
            "path": None,
            "version": None,
            "dimensions": None,
            **NOT_CHECKED,
        },
        "reranker": {"name": None, "path": None, "version": None, **NOT_CHECKED},
        "nli": {"name": None, **NOT_CHECKED},
        "llm": {"name": None, "base_url": None, **NOT_CHECKED},
        "library": {"path": None, "documents": None, "passages": None, "titles": [], **NOT_CHECKED},
        "morphology": {"name": "kiwipiepy", "version": _version("kiwipiepy"), **NOT_CHECKED},
        "store": {
            "path": None,
            "fingerprint": None,
            "chromadb": _version("chromadb"),
            **NOT_CHECKED,
        },
        "engine": {"name": "extractive", **NOT_CHECKED},
        "settings": {},
        "problems": problems,
    }
    settings: list[Settings] = []
    if _try("settings", {}, problems, lambda part: settings.append(load())):
        _examine_parts(settings[0], report, problems, progress)
    return report


def _examine_parts(
    settings: Settings, report: dict[str, Any], problems: list[str], progress: Progress | None
) -> None:
    embedders: list[Embedder] = []
    indexes: list[Index] = []

    def embedder(part: Part) -> None:
        part["path"] = settings.embedder or str(SHIPPED)
        model = load_embedder(settings.embedder)
        part.update(name=model.name, version=model.version, dimensions=model.dimensions)
        vector = model.embed([TRIAL])
        if not np.isfinite(vector).all() or not vector.any():
            raise AssistantError(
                f"The embedder {model.name} gives no usable vector; restore its files in "
                f"{part['path']}, or set {PREFIX}EMBEDDER."
            )
        embedders.append(model)

    def library(part: Part) -> None:
        part["path"] = str(settings.library)
        documents = load_library(settings.library)
        part.update(documents=len(documents), titles=[dict(d.titles) for d in documents])

    def morphology(part: Part) -> None:
        if not Morphology().tokens(TRIAL):
            raise AssistantError("kiwipiepy finds no words in Korean text; reinstall kiwipiepy.")

    def store(part: Part) -> None:
        part["path"] = str(settings.index)
        index = open_index(
            settings.library,
            settings.index,
            embedders[0],
            glossary=settings.glossary,
            thesaurus=settings.thesaurus,
            progress=progress,
        )
        part.update(path=str(index.folder), fingerprint=index.manifest.fingerprint())
        report["library"]["passages"] = len(index.passages)
        indexes.append(index)

    report["settings"] = _shown(settings)
    checks = {"embedder": embedder, "library": library, "morphology": morphology}
    # A list, not a generator: every part is tried, also after a broken one.
    if all([_try(name, report[name], problems, check) for name, check in checks.items()]):
        _try("store", report["store"], problems, store)
    _try_nli(settings, report["nli"], problems)
    _try_llm(settings, report["llm"], problems)
    rerankers = _rerankers(settings, report["reranker"], problems)
    if indexes and rerankers is not None:
        _try("engine", report["engine"], problems, lambda part: _ask(indexes[0], rerankers, part))


def _rerankers(settings: Settings, part: Part, problems: list[str]) -> list[Reranker] | None:
    """The one that is configured, if any; None where it is broken."""
    name = settings.reranker
    rerankers: list[Reranker] = []
    if not name:
        part["state"] = "not set"
        return rerankers

    def reranker(part: Part) -> None:
        part["path"] = name
        model = CrossEncoderReranker(name)
        part.update(name=model.name, version=model.version)
        model.score(TRIAL, [TRIAL])
        rerankers.append(model)

    return rerankers if _try("reranker", part, problems, reranker) else None


def _try_nli(settings: Settings, part: Part, problems: list[str]) -> None:
    if not settings.nli:
        part["state"] = "not set"
        return
    part["name"] = settings.nli

    def infer(part: Part) -> None:
        CrossEncoderEntailment(part["name"]).probability(TRIAL, TRIAL)

    _try("nli", part, problems, infer)


def _try_llm(settings: Settings, part: Part, problems: list[str]) -> None:
    """One call of a few words: a key or an address is known to be right only then."""
    if not settings.llm:
        part["state"] = "not set"
        return
    part.update(name=settings.llm, base_url=_without_login(settings.llm_base_url))

    def call(part: Part) -> None:
        model = open_model(settings)
        if model is None:
            return
        meter = Meter(model.prices)
        try:
            model.complete("Reply with the one word OK.", "OK?", meter)
        except ModelFailed as failure:
            raise AssistantError(
                f"The chat model {settings.llm} ({PREFIX}LLM) does not answer: {failure}. Expected "
                "a reply of one word; check the name, the provider's key in the environment, and "
                f"{PREFIX}LLM_BASE_URL. Questions are answered from the documents' own words until "
                "it does."
            ) from failure
        part["tokens"] = meter.usage.input_tokens + meter.usage.output_tokens

    _try("llm", part, problems, call)


def _ask(index: Index, rerankers: Sequence[Reranker], part: Part) -> None:
    part["name"] = Assistant(index, next(iter(rerankers), None)).ask(TRIAL).engine


def _try(name: str, part: Part, problems: list[str], check: Callable[[Part], None]) -> bool:
    """Whether `check` passes; what it finds, and the state, go into `part`."""
    try:
        check(part)
    except AssistantError as error:
        problems.append(str(error))
    except (
        Exception
    ) as error:  # a front door: whatever is broken has to be told, not to end the rest
        log.debug("The check of the %s failed.", name, exc_info=True)
        problems.append(
            f"The {name} failed for an unforeseen reason ({type(error).__name__}). See it in full "
            f"with: {PREFIX}LOG_LEVEL=debug citebrief doctor"
        )
    else:
        part["state"] = "ready"
        return True
    part["state"] = "broken"
    return False


def _shown(settings: Settings) -> Mapping[str, str | int | None]:
    """The settings in force under the names of their variables; a secret only as set or not set."""
    shown: dict[str, str | int | None] = {}
    for name, value in settings:
        if isinstance(value, SecretStr) or not SECRET_WORDS.isdisjoint(name.split("_")):
            value = "set" if value else "not set"
        plain = value is None or isinstance(value, str | int)
        shown[PREFIX + name.upper()] = _without_login(value if plain else str(value))
    return shown


def _without_login(value: Any) -> Any:
    return LOGIN.sub("…", value) if isinstance(value, str) else value


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
