"""Citations at their edges: no edition, no title in the reader's language, sentences in doubt."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from passages import passage

from assistant.cite import citation, compose, refuse
from assistant.gate import Checked
from assistant.types import Check
from index.types import Document

QUOTE = "정부가 비용의 절반을 부담한다."
ENGLISH = "The government bears half of the cost."
KOREAN = passage(
    QUOTE,
    2,
    id="harbour:s003",
    document_id="harbour",
    section_titles={"ko": "재원", "en": "Funding"},
    translation=ENGLISH,
    quote_translation=ENGLISH,
)
HARBOUR = Document(
    id="harbour",
    lang="ko",
    titles={"ko": "항만 개발 보고서", "en": "Harbour Development Report"},
    text=QUOTE,
    blocks=(),
    page_starts=(0,),
    sections=(),
    edition_notes={"ko": "비공식 번역", "en": "unofficial translation"},
)


def query(language):
    return SimpleNamespace(question="누가 부담하나?", language=language)


def checked(*found):
    return Checked(QUOTE, (KOREAN,), "fact", 0.25, found)


@pytest.mark.parametrize(
    ("language", "shown"),
    [("ko", f"{QUOTE} [1] (확인되지 않음)"), ("en", f"{QUOTE} [1] (unverified)")],
)
def test_a_sentence_in_doubt_says_so_where_a_reader_sees_it(language, shown):
    doubt = Check("number", "절반")
    answer = compose(query(language), [checked(doubt)], {"harbour": HARBOUR})
    assert answer.answer == shown
    (sentence,) = answer.sentences
    assert (sentence.verdict, sentence.support) == ("unverified", 0.25)
    assert sentence.checks == (doubt,)


def test_a_remark_is_kept_and_casts_no_doubt():
    remark = Check("derived", "5달러", passed=True)
    answer = compose(query("ko"), [checked(remark)], {"harbour": HARBOUR})
    assert answer.answer == f"{QUOTE} [1]"
    assert answer.sentences[0].checks == (remark,)


def test_an_answer_has_no_id_until_it_is_given_one():
    assert compose(query("ko"), [], {}).id == ""
    assert refuse(query("ko"), []).id == ""


@pytest.mark.parametrize(
    ("reader", "note"), [("ko", "비공식 번역"), ("en", "unofficial translation")]
)
def test_a_citation_names_its_passage_and_both_titles(reader, note):
    made = citation(3, KOREAN, HARBOUR, reader)
    assert (made.n, made.document, made.passage) == (3, "harbour", "harbour:s003")
    assert made.document_title == "항만 개발 보고서"
    assert made.document_title_translation == "Harbour Development Report"
    assert (made.section, made.section_translation) == ("재원", "Funding")
    assert (made.translation, made.translation_note) == (ENGLISH, note)


def test_an_english_passage_has_korean_for_its_other_language():
    english = replace(KOREAN, lang="en", quote_translation=None)
    made = citation(1, english, HARBOUR, "ko")
    assert made.document_title == "Harbour Development Report"
    assert made.document_title_translation == "항만 개발 보고서"
    assert (made.section, made.section_translation) == ("Funding", "재원")


def test_without_a_translation_there_is_no_note_on_whose_it_is():
    made = citation(1, replace(KOREAN, quote_translation=None), HARBOUR, "en")
    assert (made.translation, made.translation_note) == (None, None)


def test_a_title_in_another_language_is_better_than_none():
    passage = replace(KOREAN, section_titles={"en": "Funding"})
    made = citation(1, passage, replace(HARBOUR, titles={"en": "Harbour Report"}), "ko")
    assert (made.document_title, made.section) == ("Harbour Report", "Funding")


@pytest.mark.parametrize(
    ("language", "topics"), [("ko", "‘재원’, ‘환경’"), ("en", "“Funding”, “Environment”")]
)
def test_a_refusal_lists_its_topics_in_the_marks_of_its_language(language, topics):
    other = replace(KOREAN, section_titles={"ko": "환경", "en": "Environment"})
    answer = refuse(query(language), [KOREAN, other, KOREAN])
    assert topics in answer.answer
    assert answer.language == language
    assert answer.question == "누가 부담하나?"
