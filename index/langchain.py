"""Our search as LangChain's interfaces, for others to build on.

`CiteBriefRetriever` is a LangChain BaseRetriever over an open index: it takes a question in Korean
or English and gives LangChain Documents whose text is the passage and whose metadata is what a
citation needs. The dense arm alone is `index.store.vectorstore(...)`.
"""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.retrieve import Retriever
from index.types import Hit


class CiteBriefRetriever(BaseRetriever):
    """The fused lexical and dense search, best passage first."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    k: int = 4

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        return [_document(hit) for hit in self.retriever.search(query, self.k)]


def _document(hit: Hit) -> LangChainDocument:
    """A hit as a LangChain Document; its id is the passage's."""
    passage = hit.passage
    metadata: dict[str, Any] = {
        "document": passage.document_id,
        "page": passage.page,
        "section": passage.section_titles.get(passage.lang),
        "quote": passage.quote,
        "language": passage.lang,
        "translation": passage.quote_translation,
        "char_start": passage.char_start,
        "char_end": passage.char_end,
        "score": hit.score,
    }
    return LangChainDocument(page_content=passage.text, metadata=metadata, id=passage.id)
