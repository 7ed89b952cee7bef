"""Documents of a library asked alone: as if the library held nothing else."""

from pathlib import Path

import numpy as np
import pytest

from assistant.answer import Assistant
from assistant.errors import InputError
from index.build import open_index
from index.models import load_embedder
from index.retrieve import Retriever

HARBOUR = """\
# Lisk Harbour Plan

## Cost

The port of Lisk will cost 74 million dollars. The city pays half of it. Private companies take on \
the rest.

## Schedule

Work on the port begins in 2026. The old quay stays open until then.
"""
FOREST = """\
# Forest Report

## Fires

The forest fires of 2023 burned 4,100 hectares. The port of Lisk sent two fire boats. The minister \
recommends a ban on camping.

## Trees

The city planted 90,000 oaks in 2024. Private companies paid for 30,000 of them.
"""
PORT_KO = """\
# 부산항 확장 계획

## 비용

부산항은 2030년까지 3조 원을 들여 확장된다. 정부가 비용의 절반을 부담한다.

## 산불

산불은 2023년에 4,100헥타르를 태웠다.
"""
TEXTS = {"harbour.md": HARBOUR, "forest.md": FOREST, "port.md": PORT_KO}
QUESTIONS = [
    "How much does the port of Lisk cost?",
    "Who pays for the rest?",
    "When does work on the port begin?",
    "산불은 몇 헥타르를 태웠나요?",
    "What does the minister recommend?",
    "Who won the 2022 World Cup?",
]


def opened(folder: Path, texts: dict[str, str]) -> Assistant:
    library = folder / "library"
    library.mkdir()
    for name, text in texts.items():
        (library / name).write_text(text, encoding="utf-8")
    return Assistant(open_index(library, folder / "index", load_embedder(None)))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("scope"), TEXTS)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Each pair of documents as a library of its own."""
    pairs = [("harbour.md",), ("forest.md",), ("harbour.md", "port.md")]
    return {
        frozenset(name.removesuffix(".md") for name in names): opened(
            tmp_path_factory.mktemp("alone"), {name: TEXTS[name] for name in names}
        )
        for names in pairs
    }


def said(answer):
    return [(s.text, s.citations) for s in answer.sentences], [c.passage for c in answer.citations]


@pytest.mark.parametrize("question", QUESTIONS)
def test_documents_asked_alone_answer_as_a_library_of_theirs_does(library, alone, question):
    for documents, own in alone.items():
        found, expected = (
            library.ask(question, documents=documents),
            own.ask(question),
        )
        assert (found.status, said(found)) == (expected.status, said(expected))
        hits, chance = library.retrieve(question, documents=documents)
        own_hits, own_chance = own.retrieve(question)
        assert [h.passage.id for h in hits] == [h.passage.id for h in own_hits]
        assert chance == pytest.approx(own_chance, abs=1e-4)


@pytest.mark.parametrize("question", QUESTIONS)
def test_all_documents_are_the_library_itself(library, question):
    whole, every = library.ask(question), library.ask(question, documents=library.index.documents)
    assert (every.answer, every.citations) == (whole.answer, whole.citations)
    every_id = ["harbour", "forest", "port"]
    assert library.retrieve(question) == library.retrieve(question, documents=every_id)


def test_a_refusal_names_topics_of_the_documents_asked_alone(library):
    refusal = library.ask("Who won the 2022 World Cup?", documents=["forest"])
    assert refusal.status == "not_in_document"
    assert "Fires" in refusal.answer or "Trees" in refusal.answer
    for elsewhere in ("Cost", "Schedule", "비용"):
        assert elsewhere not in refusal.answer


def test_what_only_another_document_says_is_refused(library):
    question = "How many hectares did the forest fires burn?"
    assert library.ask(question).status == "answered"
    assert library.ask(question, documents=["harbour"]).status == "not_in_document"


def test_a_question_about_the_whole_is_about_the_documents_asked(library):
    hits, _ = library.retrieve("What is the main point?", documents=["forest"])
    assert {hit.passage.document_id for hit in hits} == {"forest"}


def test_an_unknown_document_is_named_with_where_to_look(library):
    with pytest.raises(InputError, match=r"'forrest'.*citebrief documents"):
        library.ask("Why?", documents=["harbour", "forrest"])
    with pytest.raises(InputError, match="No document is chosen"):
        library.retrieve("Why?", documents=[])


def test_one_id_may_be_given_as_it_is(library):
    answer = library.ask("How much does the port of Lisk cost?", documents="harbour")
    assert {c.document for c in answer.citations} == {"harbour"}


def test_words_are_counted_among_the_passages_allowed(library):
    retriever = library.retriever
    arm = retriever.index.lexical["en"]
    mask = retriever.allowed(["harbour"])
    within = arm.within(mask)
    assert mask[within.match("port").places].all()
    assert len(arm.match("port").places) > len(within.match("port").places)
    assert within.match("hectar") is None
    assert arm.match("hectar") is not None
    assert within.highest_idf < arm.highest_idf


def test_of_a_large_library_the_crowd_is_that_of_the_documents_asked(library, monkeypatch):
    monkeypatch.setattr("index.retrieve.WHOLE", 2)
    monkeypatch.setattr("index.store.EXACT_UP_TO", 1)
    retriever = Retriever(library.index)
    mask = retriever.allowed(["harbour", "forest"])
    groups = retriever.index.analyzer.question_groups(QUESTIONS[0])
    scored = retriever.score([(QUESTIONS[0], 1.0)], groups, mask)
    assert mask[scored.places].all()
    assert np.isfinite(scored.dense_lead).all()
    places, cosines = retriever._crowd_of(np.ones(512, np.float32), mask)
    assert mask[places].all()
    assert len(places) == len(cosines)
