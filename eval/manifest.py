"""What a run is of: the set, the engine, the settings, the code, the index and the machine.

It tells no secret, and of paths nothing that only this machine has.
"""

import dataclasses
import hashlib
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from eval.run import Library
from eval.runs import FORMAT, now
from eval.samples import Choice, Sample

PACKAGES = (
    "citebrief",
    "chromadb",
    "ir-measures",
    "kiwipiepy",
    "langchain-core",
    "numpy",
    "sentence-transformers",
    "torch",
)
CODE = {".json", ".md", ".py", ".safetensors", ".yaml"}  # files that decide what is answered
SECRET = {"key", "token", "secret", "password"}  # a setting named so stays out of the manifest


def manifest(
    settings: Settings,
    engine: str,
    library: Library,
    path: Path,
    half: Choice,
    samples: Sequence[Sample],
    jobs: int = 1,
) -> dict[str, Any]:
    """What a run is of: the set, the engine, the code, the index and the machine."""
    return {
        "format": FORMAT,
        "set": {
            "name": path.stem,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "half": half,
            "questions": len(samples),
        },
        "engine": engine,
        "seed": 0,  # of the bootstrap: engines draw no chances
        "git": _git(),
        "code": _code(),
        "versions": dict(_versions()),
        "settings": dict(_settings(settings)),
        "index": dataclasses.asdict(library.manifest),
        "documents": {
            document.id: {"lang": document.lang, "titles": dict(document.titles)}
            for document in library.documents.values()
        },
        "jobs": jobs,
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        "started": now(),
    }


def _settings(settings: Settings) -> Iterator[tuple[str, str | None]]:
    for name, value in settings.model_dump().items():
        if SECRET.isdisjoint(name.split("_")):
            yield name, _shown(value)


def _shown(value: Any) -> str | None:
    """A setting as text; a path without what it tells of this machine."""
    if value is None:
        return None
    if isinstance(value, Path):
        for folder, short in ((Path(__file__).parent.parent, "."), (Path.home(), "~")):
            if value.is_relative_to(folder):
                return f"{short}/{value.relative_to(folder)}"
    return str(value)


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, "not installed"


def _code() -> str:
    """A digest of the code and the models, which a commit alone does not tell of a changed tree."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for package in ("assistant", "eval", "index", "prompts"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in CODE and path.is_file():
                digest.update(str(path.relative_to(root)).encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _git() -> dict[str, Any] | None:
    """The commit of the code, and whether files differ from it; None outside a checkout."""
    root = Path(__file__).parent.parent
    words = []
    for command in (["git", "rev-parse", "HEAD"], ["git", "status", "--porcelain"]):
        try:
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        words.append(done.stdout.strip())
    return {"commit": words[0], "changed": bool(words[1])}
