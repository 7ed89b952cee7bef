"""Embedders: text -> unit vectors. The only home of sentence_transformers.

The shipped model is a table of static token vectors: a text's vector is the mean of its tokens'
rows, scaled to length 1. That needs no torch, so it is computed here with numpy, and a question
costs microseconds. Any other sentence-transformers model, by name or folder, is loaded by that
library. A configured model that cannot be had is an error that names it; there is no fallback.
"""

import hashlib
import json
import socket
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from index.errors import CiteBriefError, InputError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

SHIPPED = Path(__file__).parent / "embedder"
FORMAT = "static-int8"

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """What the index needs of a model: its name, a fingerprint of its weights, and vectors."""

    @property
    def name(self) -> str:
        """The model's name or folder, for people."""

    @property
    def version(self) -> str:
        """Changes whenever the vectors would."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 per text (a zero row for a text without a known token)."""


def load_embedder(name: str | None) -> Embedder:
    """The embedder called `name`, a folder or a sentence-transformers name; None: the shipped."""
    folder = Path(name) if name else SHIPPED
    if name is None or (folder / "config.json").is_file() and _is_static(folder):
        return StaticEmbedder(folder, shipped=name is None)
    return TransformerEmbedder(name)


class StaticEmbedder:
    """Mean of int8 token rows, each with a scale of its own; see the model card in the folder."""

    def __init__(self, folder: Path, *, shipped: bool = False) -> None:
        self.folder = folder
        self.name = "citebrief-static-ko-en" if shipped else str(folder)
        try:
            self._config: dict[str, Any] = json.loads((folder / "config.json").read_text())
            self.dimensions = int(self._config["dimensions"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CiteBriefError(
                f"The embedder in {folder} cannot be read ({error}); expected config.json, "
                "tokenizer.json and model.safetensors. Restore the folder, or set "
                "CITEBRIEF_EMBEDDER."
            ) from error

    @cached_property
    def version(self) -> str:
        """A digest of the tokenizer and of the weights' beginning and size: cheap, and different
        after every training.
        """
        path = self.folder / "model.safetensors"
        digest = hashlib.sha256(json.dumps(self._config, sort_keys=True).encode())
        try:
            with path.open("rb") as file:
                digest.update(file.read(1 << 20))
            digest.update(str(path.stat().st_size).encode())
            digest.update((self.folder / "tokenizer.json").read_bytes())
        except OSError as error:
            raise CiteBriefError(
                f"The embedder's file {error.filename} cannot be read ({error.strerror}); "
                "restore it."
            ) from error
        return digest.hexdigest()[:16]

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        try:
            return Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises bare Exception for every fault
            raise CiteBriefError(
                f"The tokenizer in {self.folder} cannot be read ({error}); restore tokenizer.json."
            ) from error

    @cached_property
    def _table(self) -> tuple[NDArray[np.int8], Vectors]:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = self.folder / "model.safetensors"
        try:
            tensors = load_file(path)
            return tensors["embedding"], tensors["scale"].astype(np.float32)
        except (OSError, KeyError, SafetensorError) as error:
            raise CiteBriefError(
                f"The embedder's weights {path} are damaged ({error}); restore the file."
            ) from error

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions), float32."""
        rows, scale = self._table
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for place, encoding in enumerate(
            self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ):
            ids = np.asarray(encoding.ids, dtype=np.int64)
            if len(ids):
                vectors[place] = scale[ids] @ rows[ids].astype(np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        norms[norms == 0] = 1
        return np.asarray(vectors / norms, dtype=np.float32)


class TransformerEmbedder:
    """Any sentence-transformers model, by hub name or folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _model(self) -> "SentenceTransformer":
        from sentence_transformers import SentenceTransformer

        try:
            # Files at hand are used without asking anybody; a hub that no name leads to is not
            # asked at all, since the library would try for minutes.
            local = Path(self.name).exists() or not _hub_is_known()
            return SentenceTransformer(self.name, local_files_only=local)
        except Exception as error:  # the library raises many kinds: network, path, format
            raise InputError(
                f"The embedder {self.name!r} (CITEBRIEF_EMBEDDER) could not be loaded: "
                f"{type(error).__name__}. Expected a folder with a sentence-transformers model, or "
                "a model name with its files at hand or a network; unset it for the shipped model."
            ) from error

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def version(self) -> str:
        """The name and dimensions; a changed model under the same name is not noticed."""
        return f"{self.name}:{self.dimensions}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions), float32."""
        vectors = self._model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dimensions)


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


def _is_static(folder: Path) -> bool:
    try:
        config = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("format") == FORMAT
