"""Suggested questions: each is answered, with something new, in the language and scope asked."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.concepts import load_concepts
from assistant.errors import InputError
from assistant.live import Live
from index.build import open_index
from index.models import load_embedder

DOCUMENTS = Path(__file__).parent.parent / "eval" / "documents" / "dev"
ASKED = {
    "ko": ["미국이 우크라이나에 얼마를 지원했나요?", "대만 정책은 바뀌나요?"],
    "en": ["How much did the US give Ukraine?", "Will Taiwan policy change?"],
}  # fmt: skip
REFUSED = {"ko": "김치찌개는 어떻게 끓이나요?", "en": "Who won the 2022 World Cup?"}


@pytest.fixture(scope="module")
def assistant(brief_index):
    return Assistant(brief_index)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A Korean and an English document, neither with an edition in the other language."""
    folder = tmp_path_factory.mktemp("suggest")
    library = folder / "library"
    library.mkdir()
    for name in ("pension.en.md", "pension.yaml", "conscript.ko.md", "conscript.yaml"):
        (library / name).write_bytes((DOCUMENTS / name).read_bytes())
    return Assistant(open_index(library, folder / "index", load_embedder(None)))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_answer_is_followed_by_three_questions_that_are_answered_with_something_new(
    assistant, lang
):
    for question in ASKED[lang]:
        answer = assistant.ask(question)
        shown = {c.passage for c in answer.citations}
        follow_ups = assistant.follow_ups(answer)
        assert len(set(follow_ups)) == 3
        for follow_up in follow_ups:
            found = assistant.ask(follow_up, [question])
            assert (found.status, found.language) == ("answered", lang)
            assert {c.passage for c in found.citations} - shown
            shown |= {c.passage for c in found.citations}


def test_what_was_asked_is_not_suggested_again(assistant):
    answer = assistant.ask(ASKED["ko"][0])
    first = assistant.follow_ups(answer)
    again = assistant.follow_ups(answer, first)
    assert again
    assert not set(first) & set(again)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_refusal_is_followed_by_questions_that_are_answered(assistant, lang):
    answer = assistant.ask(REFUSED[lang])
    assert answer.status == "not_in_document"
    nearest = assistant.follow_ups(answer)
    assert nearest == assistant.nearest(REFUSED[lang])
    assert len(nearest) == 3
    assert all(assistant.ask(question).status == "answered" for question in nearest)


def test_a_document_opens_with_its_own_examples(assistant):
    for lang in ("ko", "en"):
        examples = assistant.index.documents["brief"].examples[lang]
        assert assistant.openings(lang) == [*examples[:4]]
        made = assistant.openings(lang, count=len(examples) + 2)
        assert made[: len(examples)] == [*examples]
        assert all(assistant.ask(question).status == "answered" for question in made)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("document", ["pension", "conscript"])
def test_documents_of_either_language_are_asked_about_in_either(two, document, lang):
    openings = two.openings(lang, [document])
    assert len(openings) >= 3
    for question in openings:
        answer = two.ask(question, documents=[document])
        assert (answer.status, answer.language) == ("answered", lang)
        assert {c.document for c in answer.citations} == {document}
    follow_ups = two.follow_ups(answer, openings, documents=[document])
    for question in follow_ups:
        answer = two.ask(question, documents=[document])
        assert {c.document for c in answer.citations} == {document}


def test_an_unknown_document_is_an_input_error(two):
    with pytest.raises(InputError, match="'nothing'"):
        two.openings("ko", ["nothing"])


def test_the_same_is_suggested_each_time_and_by_every_thread(brief_index):
    answer = Assistant(brief_index).ask(ASKED["ko"][0])
    fresh = Assistant(brief_index)
    with ThreadPoolExecutor(4) as threads:
        lists = [*threads.map(lambda _: fresh.follow_ups(answer), range(4))]
    assert lists == [fresh.follow_ups(answer)] * 4


def test_an_answer_whose_passages_are_gone_is_followed_by_nothing(assistant):
    answer = assistant.ask(ASKED["en"][0])
    gone = replace(answer, citations=tuple(replace(c, passage="gone:1") for c in answer.citations))
    assert assistant.follow_ups(gone) == []


def test_a_changing_library_suggests_as_its_assistant_does(assistant):
    live = Live(assistant)
    answer = live.ask(ASKED["ko"][0], documents=["brief"])
    assert live.follow_ups(answer) == assistant.follow_ups(answer)
    assert live.openings("en") == assistant.openings("en")
    assert live.nearest(REFUSED["ko"]) == assistant.nearest(REFUSED["ko"])


def test_concepts_have_names_only_where_the_glossary_is_the_index_s(assistant):
    concepts = load_concepts(assistant.index.manifest.lexicon)
    assert concepts["#g1"].name("ko") == "미국"
    assert concepts["#g1"].name("en") == "United States"
    assert any(id.startswith("#t") for id in concepts)
    assert load_concepts("another") == {}


def test_suggestions_are_plain_text(assistant):
    answer = assistant.ask(ASKED["ko"][1])
    assert json.loads(json.dumps(assistant.follow_ups(answer))) == assistant.follow_ups(answer)
