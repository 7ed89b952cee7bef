"""The files of sentence-transformers models: loading one, and telling one version from another.

A model is a folder, or a name of the model hub whose files are at hand or can be fetched. Not
covered: what a model is asked (`index.models`, `index.nli`).
"""

import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from index.errors import CiteBriefError, InputError

SAMPLE = 1 << 16  # bytes
SAMPLES = 64  # of a large file, spread over it, that stand for the whole of it

Loaded = TypeVar("Loaded")


def load_model(
    load: Callable[..., Loaded], name: str, told: str, expected: str, otherwise: str
) -> Loaded:
    """What `load` makes of the model `name`; InputError in the words given where it cannot."""
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # of weights read, not of downloads
    try:
        # Files at hand are used without asking anybody; a hub that no name leads to is not
        # asked at all, since the library would try for minutes.
        return load(name, local_files_only=Path(name).exists() or not _hub_is_known())
    except Exception as error:  # the library raises many kinds: network, path, format
        raise InputError(
            f"{told} could not be loaded: {type(error).__name__}. Expected a folder with "
            f"{expected}, or a model name with its files at hand or a network; unset it "
            f"{otherwise}."
        ) from error


def model_version(name: str, organization: str | None) -> str:
    """A digest of a folder's files, or the revision of a hub's model.

    A large file is told by its size and by samples spread over it: other weights differ nearly
    everywhere. The name alone where the revision cannot be had.
    """
    folder = Path(name)
    if not folder.exists():
        return _revision(name if "/" in name else f"{organization}/{name}") or name
    digest = hashlib.sha256()
    try:
        for path in _files(folder):
            digest.update(f"{path.relative_to(folder).as_posix()} {path.stat().st_size}".encode())
            for block in _samples(path):
                digest.update(block)
    except OSError as error:
        raise CiteBriefError(
            f"The model's file {error.filename} cannot be read ({error.strerror}); restore it."
        ) from error
    return digest.hexdigest()[:16]


def _files(folder: Path) -> list[Path]:
    """The files of a model that a vector or a score may depend on."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"]
    return sorted(p for p in files if not any(s[0] == "." for s in p.relative_to(folder).parts))


def _samples(path: Path) -> Iterator[bytes]:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= SAMPLE * SAMPLES:
            yield file.read()
            return
        for number in range(SAMPLES):
            file.seek((size - SAMPLE) * number // (SAMPLES - 1))
            yield file.read(SAMPLE)


def _revision(name: str) -> str | None:
    """The commit of a hub's model whose files are in the cache."""
    from huggingface_hub import try_to_load_from_cache

    cache = os.environ.get("SENTENCE_TRANSFORMERS_HOME")  # as the library has it
    for file in ("modules.json", "config.json"):
        path = try_to_load_from_cache(name, file, cache_dir=cache)
        if isinstance(path, str):
            return Path(path).parent.name
    return None


def _hub_is_known() -> bool:
    """Whether the model hub's host has an address, so that asking it makes sense."""
    from huggingface_hub import constants

    host = urlsplit(constants.ENDPOINT).hostname
    if constants.HF_HUB_OFFLINE or host is None:
        return False
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return False
    return True
