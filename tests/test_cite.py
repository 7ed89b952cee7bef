"""Every sentence carries a citation that slices out of its document, or is shown as unverified."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from assistant.cite import TOPICS, compose, refuse
from assistant.gate import Gate
from index.chunk import chunk
from index.load import load_library


@pytest.fixture
def library(small_library):
    """The documents by id, and every passage in order, one sentence to a full stop."""
    documents = {d.id: d for d in load_library(small_library)}
    passages = [p for d in documents.values() for p in chunk(d, sentences)]
    return documents, passages


def sentences(body):
    ends = [m.end() for m in re.finditer(r"\w\w[.](?=\s|$)", body)] or [len(body)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    return list(zip(starts, ends, strict=True))


def cite(query, chosen, documents, verifier=None):
    """The extractive answer of these passages."""
    gate = Gate(documents, verifier)
    checked = [gate.check(p.in_language(query.language) or p.text, [p]) for p in chosen]
    return compose(query, checked, documents)


def query(language="ko", question="무엇인가?"):
    return SimpleNamespace(question=question, language=language)


def find(passages, words):
    return next(p for p in passages if words in p.quote)


def test_markers_count_up_in_order_of_first_use(library):
    documents, passages = library
    chosen = [find(passages, "3조 원"), find(passages, "절반"), find(passages, "갯벌")]
    answer = cite(query(), chosen, documents)
    assert [c.n for c in answer.citations] == [1, 2, 3]
    assert [s.citations for s in answer.sentences] == [(1,), (2,), (3,)]
    assert answer.answer == " ".join(f"{p.quote} [{n}]" for n, p in enumerate(chosen, start=1))
    assert answer.status == "answered"


def test_every_quote_slices_out_of_its_document(library):
    documents, passages = library
    answer = cite(query(), passages, documents)
    assert {s.verdict for s in answer.sentences} == {"verified"}
    assert {s.support for s in answer.sentences} == {1.0}
    for c in answer.citations:
        document = documents[c.document]
        assert document.text[c.char_start : c.char_end] == c.quote
        assert document.page(c.char_start) == c.page


def test_page_section_and_title_are_those_of_the_passage(library):
    documents, passages = library
    (first,) = cite(query(), [find(passages, "절반")], documents).citations
    (second,) = cite(query(), [find(passages, "갯벌")], documents).citations
    assert (first.page, first.section, first.section_translation) == (1, "재원", "Funding")
    assert (second.page, second.section, second.section_translation) == (2, "환경", "Environment")
    assert first.document_title == "항만 개발 보고서"


def test_an_english_answer_reads_the_edition_and_still_quotes_the_original(library):
    documents, passages = library
    answer = cite(query("en"), [find(passages, "절반")], documents)
    assert answer.sentences[0].text == "The government bears half of the cost."
    assert answer.citations[0].quote == "정부가 비용의 절반을 부담한다."
    assert answer.citations[0].quote_language == "ko"
    assert answer.citations[0].translation == "The government bears half of the cost."
    assert answer.sentences[0].verdict == "verified"


def test_a_document_without_an_edition_is_given_in_its_own_language(library):
    documents, passages = library
    answer = cite(query("ko"), [find(passages, "2.5 million")], documents)
    assert answer.language == "ko"
    assert answer.sentences[0].text.startswith("The U.S. Forest Service")
    assert answer.citations[0].quote_language == "en"
    assert answer.citations[0].translation is None
    assert answer.citations[0].translation_note is None
    assert answer.sentences[0].verdict == "verified"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("예상된다", "forecast"),
        ("부담한다", "fact"),
        ("요구한다", "attributed"),
        ("Critics say", "attributed"),
    ],
)
def test_the_stance_is_judged_on_the_original(library, words, expected):
    documents, passages = library
    answer = cite(query("en"), [find(passages, words)], documents)
    assert answer.sentences[0].stance == expected


@pytest.mark.parametrize(
    "change",
    [
        {"char_start": 1},
        {"char_end": 3},
        {"page": 2},
        {"quote": "정부가 비용의 전부를 부담한다.", "text": "정부가 비용의 전부를 부담한다."},
        {"text": "정부가 비용의 전부를 부담한다."},
    ],
    ids=["start off", "end off", "page off", "altered quote", "altered wording"],
)
def test_what_does_not_check_out_is_unverified(library, verifier, change):
    documents, passages = library
    passage = replace(find(passages, "절반"), **change)
    answer = cite(query(), [passage], documents, verifier)
    assert answer.sentences[0].verdict == "unverified"
    assert answer.sentences[0].support < 0.5


def test_a_translation_that_is_not_the_editions_is_unverified(library, verifier):
    documents, passages = library
    passage = replace(find(passages, "절반"), translation="The government bears all of the cost.")
    for language, verdict in (("en", "unverified"), ("ko", "verified")):
        (sentence,) = cite(query(language), [passage], documents, verifier).sentences
        assert sentence.verdict == verdict


def test_one_unverified_sentence_does_not_taint_the_others(library):
    documents, passages = library
    chosen = [find(passages, "3조 원"), replace(find(passages, "절반"), page=9)]
    verdicts = [s.verdict for s in cite(query(), chosen, documents).sentences]
    assert verdicts == ["verified", "unverified"]


def test_the_date_is_given_where_all_that_is_cited_shares_it(library):
    documents, passages = library
    documents = {**documents, "harbour": replace(documents["harbour"], as_of="2024-11")}
    one, other = find(passages, "절반"), find(passages, "2.5 million")
    assert cite(query(), [one], documents).as_of == "2024-11"
    assert cite(query(), [one, other], documents).as_of is None


def test_table_cells_read_with_their_labels_and_quote_without(brief_index):
    cells = [p for p in brief_index.passages if p.kind == "cell"]
    for language, label in (("ko", "표 1, "), ("en", "Table 1, ")):
        answer = cite(query(language), cells, brief_index.documents)
        assert {s.verdict for s in answer.sentences} == {"verified"}
        for sentence, citation, cell in zip(answer.sentences, answer.citations, cells, strict=True):
            assert sentence.text.startswith(label)
            assert citation.quote == cell.quote
            assert citation.quote in cell.text
            assert citation.page == 8


def test_all_passages_of_the_brief_are_verbatim_in_both_languages(brief_index):
    gate = Gate(brief_index.documents)
    for passage in brief_index.passages:
        for language in ("ko", "en"):
            text = passage.in_language(language)
            assert text is not None
            checked = gate.check(text, [passage])
            assert checked.passed, passage.id
            assert (checked.support, checked.checks) == (1.0, ())


def test_the_translation_of_the_brief_says_whose_it_is(brief_index):
    passage = brief_index.passages[0]
    for language, words in (("ko", "비공식 번역"), ("en", "unofficial translation")):
        (citation,) = cite(query(language), [passage], brief_index.documents).citations
        assert citation.translation == passage.quote_translation
        assert citation.translation_note is not None
        assert words in citation.translation_note


@pytest.mark.parametrize(
    ("language", "topics", "words"),
    [
        ("ko", ["‘재원’", "‘환경’"], "문서에는 이 질문에 답하는 내용이 없습니다"),
        ("en", ["“Funding”", "“Environment”"], "The documents do not answer this question"),
    ],
)
def test_a_refusal_names_the_nearest_topics_in_the_language_of_the_question(
    library, language, topics, words
):
    _, passages = library
    nearest = [find(passages, w) for w in ("절반", "민간", "갯벌", "어민")]
    answer = refuse(query(language), nearest)
    assert answer.status == "not_in_document"
    assert (answer.sentences, answer.citations) == ((), ())
    assert words in answer.answer
    assert [answer.answer.count(topic) for topic in topics] == [1, 1]
    assert answer.answer.index(topics[0]) < answer.answer.index(topics[1])


def test_a_refusal_names_a_few_topics_only(brief_index):
    answer = refuse(query(), brief_index.passages)
    assert answer.answer.count("‘") == TOPICS
