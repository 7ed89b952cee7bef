"""Embedders, text -> unit vectors, and rerankers, question and texts -> scores.

The shipped model is a table of static token vectors: a text's vector is the mean of its tokens'
rows, scaled to length 1. That needs no torch, so it is computed here with numpy, and a question
costs microseconds. Any other sentence-transformers model, by name or folder, is loaded by that
library; none that runs code of its own. A configured model that cannot be had is an error that
names it; there is no fallback.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import CiteBriefError, InputError
from index.model_files import load_model, model_version

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer
    from tokenizers import Tokenizer

SHIPPED = Path(__file__).parent / "embedder"
FORMAT = "static-int8"

# What families of models want before a question and before a passage where their files do not say
# so; their cards do, also those of most models made from them (KoE5, multilingual-e5-small-ko).
# The instruct models of the family want other words, which their files hold.
PROMPTS = {
    re.compile(r"(?<![a-z0-9])(?:m|ko)?e5(?:-(?:small|base|large)|$)(?!.*instruct)"): (
        "query: ",
        "passage: ",
    ),
}
# Names under which a model's files keep the prompt for passages, the library's own first.
PASSAGE_PROMPTS = ("document", "passage", "corpus")

Vectors = NDArray[np.float32]
Scores = NDArray[np.float32]


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

    @property
    def reads_terms(self) -> bool:
        """Whether it wants the terms of a text (`Analyzer.reading`) in the text's place."""

    def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """One row of length 1 per text (a zero row for a text without a known token).

        `question` says that the texts are questions, which some models read in another way.
        """


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
            self.reads_terms = bool(self._config.get("reads_terms", False))
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

    def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """Vectors of shape (len(texts), dimensions), float32; questions are read as any text."""
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
    """Any sentence-transformers model, by hub name or folder. Safe to share between threads."""

    reads_terms = False

    def __init__(self, name: str) -> None:
        self.name = name
        self._one_at_a_time = Lock()  # two threads cannot borrow one tokenizer

    @cached_property
    def _model(self) -> "SentenceTransformer":
        from sentence_transformers import SentenceTransformer

        return load_model(
            SentenceTransformer,
            self.name,
            f"The embedder {self.name!r} (CITEBRIEF_EMBEDDER)",
            "a sentence-transformers model",
            "for the shipped model",
        )

    @cached_property
    def _prompts(self) -> tuple[str, str]:
        """What goes before a question, and before a passage."""
        return _prompts(self.name, self._model.prompts)

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def version(self) -> str:
        """The files' version, and the prompts where there are any."""
        files = model_version(self.name, self._model.default_huggingface_organization)
        question, passage = self._prompts
        return f"{files} {question!r} {passage!r}" if question or passage else files

    def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """Vectors of shape (len(texts), dimensions), float32.

        The library cuts each text where the model's input ends (`max_seq_length`).
        """
        model, prompt = self._model, self._prompts[0 if question else 1]
        encode = model.encode_query if question else model.encode_document
        with self._one_at_a_time:
            vectors = encode(
                list(texts), prompt=prompt, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dimensions)


class Reranker(Protocol):
    """What ranking needs of a model that reads a question and a passage together."""

    @property
    def name(self) -> str:
        """The model's name or folder, for people."""

    @property
    def version(self) -> str:
        """Changes whenever the scores would."""

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """How well each text answers `question`, shape (len(texts),); higher is better, any range.

        Scores of one question can be compared, those of two cannot.
        """


def load_reranker(name: str | None) -> Reranker | None:
    """The reranker called `name`, a folder or a sentence-transformers name; None: none."""
    return CrossEncoderReranker(name) if name else None


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder that gives a pair one score, loaded when it is made.

    Safe to share between threads.
    """

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder

        self.name = name
        self._one_at_a_time = Lock()  # as for the embedder
        told = f"The reranker {name!r} (CITEBRIEF_RERANKER)"
        self._model: CrossEncoder = load_model(
            CrossEncoder,
            name,
            told,
            "a sentence-transformers cross-encoder",
            "to rank without a reranker",
        )
        if fault := _unfit(self._model):
            raise InputError(
                f"{told} {fault}. Expected a cross-encoder trained to give a question and a "
                "passage one score; unset it to rank without a reranker."
            )

    @cached_property
    def version(self) -> str:
        """The files' version."""
        return model_version(self.name, self._model.default_huggingface_organization)

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Scores of shape (len(texts),), float32, before any sigmoid: that would press the best
        together at 1, and with them what tells them apart.
        """
        from torch.nn import Identity

        with self._one_at_a_time:
            scores = self._model.predict(
                [(question, text) for text in texts],
                activation_fn=Identity(),
                show_progress_bar=False,
            )
        if not np.isfinite(scores).all():
            raise CiteBriefError(
                f"The reranker {self.name} gives scores that are no numbers. Restore its files, or "
                "unset CITEBRIEF_RERANKER."
            )
        return np.asarray(scores, dtype=np.float32).reshape(len(texts))


def _unfit(model: "CrossEncoder") -> str | None:
    """Why a model that was loaded gives no scores of use, in words that go on from its name."""
    if model.num_labels != 1:
        return f"gives {model.num_labels} scores"
    made = type(model.transformers_model).__name__
    trained = getattr(model.config, "architectures", None)
    if trained and made not in trained:  # the library adds a layer of random weights
        return f"is a {trained[0]}, which has no layer for scores"
    return None


def _prompts(name: str, configured: Mapping[str, str | None]) -> tuple[str, str]:
    """The prompts for questions and for passages: the model's own, else those of its family.

    The library's encode_document would take an empty "document" before a "passage" that says
    something. Prompts under other names are for other tasks.
    """
    question = configured.get("query") or ""
    passage = next((p for key in PASSAGE_PROMPTS if (p := configured.get(key))), "")
    if question or passage:
        return question, passage
    parts = re.split(r"[/\\]+", name.lower().rstrip("/\\"))
    cached = [part for part in parts if part.startswith("models--")]  # a folder of the hub's cache
    own = (cached or parts)[-1]
    return next((found for family, found in PROMPTS.items() if family.search(own)), ("", ""))


def _is_static(folder: Path) -> bool:
    try:
        config = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("format") == FORMAT
