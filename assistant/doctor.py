"""What this installation is made of, and whether each part works: `citebrief doctor`.

Every part is tried on its own, so that a broken one is told of rather than ending the examination:
its state is "broken", and `problems` says what to do next. A part that cannot be tried because
another is broken is "not checked", one that nobody configured is "not set". The index is built
where there is none. How good answers are is not judged here; see eval.
"""

import logging
import platform
import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib import metadata
from typing import Any, TypeVar

import numpy as np
from pydantic import SecretStr

from assistant.answer import Assistant, open_model
from assistant.errors import AssistantError
from assistant.holdings import Holdings
from assistant.llm import Meter, ModelFailed
from assistant.settings import PREFIX, Settings, load_settings
from index.build import Index, Progress
from index.chroma import life
from index.load import load_library
from index.models import SHIPPED, CrossEncoderReranker, Embedder, Reranker, load_embedder
from index.morphology import load_morphology
from index.nli import CrossEncoderEntailment

log = logging.getLogger(__name__)

TRIAL = "방위비분담금은 얼마인가? How large is the defense cost-sharing contribution?"
SECRET_WORDS = {"key", "token", "secret", "password"}
LOGIN = re.compile(r"(?<=//)[^/@\s]+(?=@)")  # the name and password in an address

Part = dict[str, Any]
T = TypeVar("T")


def examine(
    load: Callable[[], Settings] = load_settings, progress: Progress | None = None
) -> dict[str, Any]:
    """The report, as plain JSON; `problems` is empty where all is well."""
    report = _untried()
    settings = _attempt("settings", {}, report["problems"], lambda part: load())
    if settings is None:
        return report
    report["settings"] = _shown(settings)
    index = _try_library(settings, report, progress)
    _try_slack(settings, report)
    _try_configured("nli", settings, report, _infer)
    _try_configured("llm", settings, report, _call)
    reranker = _try_configured("reranker", settings, report, _score)
    if index is not None and report["reranker"]["state"] != "broken":
        engine = partial(_ask, index, reranker)
        _attempt("engine", report["engine"], report["problems"], engine)
    return report


def _untried() -> dict[str, Any]:
    """The report before anything is tried."""
    return {
        "version": _version("citebrief"),
        "python": platform.python_version(),
        "embedder": _part("name", "path", "version", "dimensions"),
        "reranker": _part("name", "path", "version"),
        "nli": _part("name"),
        "llm": _part("name", "base_url"),
        "library": _part("path", "documents", "passages", titles=[]),
        "record": _part("path", "documents"),
        "morphology": _part(name="kiwipiepy", version=_version("kiwipiepy")),
        "store": _part("path", "fingerprint", "kind", chromadb=_version("chromadb")),
        "engine": _part(name="extractive"),
        "slack": _part("mode", "team", "bot", bolt=_version("slack-bolt")),
        "settings": {},
        "problems": [],
    }


def _part(*unknown: str, **known: Any) -> Part:
    return {**dict.fromkeys(unknown), **known, "state": "not checked"}


def _try_library(
    settings: Settings, report: dict[str, Any], progress: Progress | None
) -> Index | None:
    """The open index, once all that it is made of is known to work."""
    problems = report["problems"]
    embedder = _attempt("embedder", report["embedder"], problems, partial(_embed, settings))
    _attempt("library", report["library"], problems, partial(_load, settings))
    _try_record(settings, report)
    _attempt("morphology", report["morphology"], problems, _split)
    if embedder is None or problems:
        return None
    opening = partial(_open, settings, embedder, progress)
    index = _attempt("store", report["store"], problems, opening)
    if index is not None:
        titles = [dict(document.titles) for document in index.documents.values()]
        counts = {"documents": len(titles), "passages": len(index.passages)}
        report["library"].update(**counts, titles=titles)
    return index


def _try_record(settings: Settings, report: dict[str, Any]) -> None:
    """The record of what was ingested, read to its last byte; there need be none."""

    def check(part: Part) -> None:
        record = Holdings(settings).record()
        if record is None:
            return
        with record:
            part.update(path=record.at.place, documents=len(record.entries()))
            if faults := record.check():
                raise AssistantError(
                    f"The record is damaged: {' '.join(faults)} Restore a backup with: citebrief "
                    "restore FILE"
                )

    _attempt("record", report["record"], report["problems"], check)
    if report["record"]["state"] == "ready" and report["record"]["path"] is None:
        report["record"]["state"] = "not set"


def _try_slack(settings: Settings, report: dict[str, Any]) -> None:
    """The tokens, where any is set: their kinds, and what Slack says of them."""
    tokens = (settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret)
    if not any(tokens):
        report["slack"]["state"] = "not set"
        return

    def check(part: Part) -> None:
        part["mode"] = settings.slack_mode
        try:
            from assistant.slack.client import Slack
            from assistant.slack.tokens import Mode, check_all, check_kinds
        except ModuleNotFoundError as error:
            raise AssistantError(
                f"The Slack bot needs the package {error.name}, which is not installed. Install it "
                "with: pip install -e '.[slack]'"
            ) from error
        mode: Mode = "socket" if settings.slack_mode == "socket" else "http"
        check_kinds(settings, mode)
        standing = check_all(settings, mode, Slack(settings))
        part.update(team=standing.team_name, bot=standing.bot_user)

    _attempt("slack", report["slack"], report["problems"], check)


def _try_configured(
    name: str, settings: Settings, report: dict[str, Any], check: Callable[[Settings, Part], T]
) -> T | None:
    """What `check` gives of a part that nobody needs to configure."""
    if not getattr(settings, name):
        report[name]["state"] = "not set"
        return None
    return _attempt(name, report[name], report["problems"], partial(check, settings))


def _embed(settings: Settings, part: Part) -> Embedder:
    part["path"] = settings.embedder or str(SHIPPED)
    model = load_embedder(settings.embedder)
    part.update(name=model.name, version=model.version, dimensions=model.dimensions)
    vector = model.embed([TRIAL])
    if not np.isfinite(vector).all() or not vector.any():
        raise AssistantError(
            f"The embedder {model.name} gives no usable vector; restore its files in "
            f"{part['path']}, or set {PREFIX}EMBEDDER."
        )
    return model


def _load(settings: Settings, part: Part) -> None:
    folder = Holdings(settings).folder
    part["path"] = str(settings.library)
    documents = load_library(folder) if folder else []
    part.update(documents=len(documents), titles=[dict(d.titles) for d in documents])


def _split(part: Part) -> None:
    if not load_morphology(()).tokens(TRIAL):
        raise AssistantError("kiwipiepy finds no words in Korean text; reinstall kiwipiepy.")


def _open(settings: Settings, embedder: Embedder, progress: Progress | None, part: Part) -> Index:
    part["path"] = str(settings.index)
    index = Holdings(settings).index(embedder, progress)
    part.update(path=str(index.folder), fingerprint=index.manifest.fingerprint(), kind="folder")
    if settings.store is not None:
        part.update(kind="server", url=settings.store.shown)
        rows = index.store.check_server()
        found = life(settings.store)
        part.update(server=found.version, heartbeat_ms=round(found.answered_ms, 1), rows=rows)
    return index


def _score(settings: Settings, part: Part) -> Reranker:
    part["path"] = settings.reranker
    model = CrossEncoderReranker(part["path"])
    part.update(name=model.name, version=model.version)
    model.score(TRIAL, [TRIAL])
    return model


def _infer(settings: Settings, part: Part) -> None:
    part["name"] = settings.nli
    CrossEncoderEntailment(part["name"]).probability(TRIAL, TRIAL)


def _call(settings: Settings, part: Part) -> None:
    """One call of a few words: a key or an address is known to be right only then."""
    part.update(name=settings.llm, base_url=_without_login(settings.llm_base_url))
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


def _ask(index: Index, reranker: Reranker | None, part: Part) -> None:
    part["name"] = Assistant(index, reranker).ask(TRIAL).engine


def _attempt(name: str, part: Part, problems: list[str], check: Callable[[Part], T]) -> T | None:
    """What `check` gives, None where it fails; what it finds, and the state, go into `part`."""
    try:
        found = check(part)
    except Exception as error:  # a front door: what is broken is told, and must not end the rest
        part["state"] = "broken"
        problems.append(_problem(name, error))
        return None
    part["state"] = "ready"
    return found


def _problem(name: str, error: Exception) -> str:
    if isinstance(error, AssistantError):
        return str(error)
    log.debug("The check of the %s failed.", name, exc_info=error)
    return (
        f"The {name} failed for an unforeseen reason ({type(error).__name__}). See it in full "
        f"with: {PREFIX}LOG_LEVEL=debug citebrief doctor"
    )


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
