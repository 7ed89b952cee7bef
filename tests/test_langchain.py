"""Our search through LangChain's own interface."""

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from index.langchain import CiteBriefRetriever
from index.retrieve import Retriever


def test_invoke_gives_documents_with_page_quote_and_translation(brief_index):
    retriever = CiteBriefRetriever(retriever=Retriever(brief_index), k=3)
    assert isinstance(retriever, BaseRetriever)
    documents = retriever.invoke("미국은 우크라이나 전쟁에 얼마를 지원했나?")
    assert len(documents) == 3
    first = documents[0]
    assert isinstance(first, Document)
    assert first.metadata["page"] == 4
    assert "1,830억 달러" in first.metadata["quote"]
    assert "$183 billion" in first.metadata["translation"]
    assert first.metadata["section"] == "러시아-우크라이나 전쟁과 NATO 정책"
    source = brief_index.documents[first.metadata["document"]].text
    span = slice(first.metadata["char_start"], first.metadata["char_end"])
    assert source[span] == first.metadata["quote"]
    assert first.id == f"brief:{first.id.split(':')[1]}"
    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True)


def test_an_english_question_finds_the_same_passage(brief_index):
    retriever = CiteBriefRetriever(retriever=Retriever(brief_index))
    documents = retriever.invoke("How much has the US provided for the war in Ukraine?")
    assert len(documents) == 4
    assert any("1,830억 달러" in document.metadata["quote"] for document in documents)


def test_the_vector_store_of_the_brief_answers_by_itself(brief_index):
    store = brief_index.store.vectorstore("en", brief_index.embed)
    (found,) = store.similarity_search("a half-hour phone call with Zelensky", k=1)
    assert found.metadata["document"] == "brief"
