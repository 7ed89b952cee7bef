"""What an answer says of the editions that it reads: none, one not whole, one by a machine."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from assistant.cite import compose
from assistant.gate import LONGEST_SENTENCE, Gate
from assistant.render import answer_html
from assistant.show import print_answer
from index.chunk import chunk
from index.load import load_library

MODEL = "openai:gpt-4.1-mini"
NOTES = {"ko": f"기계 번역({MODEL}), 사람이 확인하지 않음", "en": f"machine translation by {MODEL}"}
NONE = {
    "ko": "이 문서는 한국어 번역이 없어 영어 원문을 그대로 인용합니다.",
    "en": "This document has no English translation, so it is quoted in the original Korean.",
}


@pytest.fixture
def documents(small_library):
    """The documents of the small library by id."""
    return {document.id: document for document in load_library(small_library)}


def passages_of(document):
    """Its passages, one sentence to a full stop after two letters."""

    def sentences(body):
        ends = [m.end() for m in re.finditer(r"\w\w[.](?=\s|$)", body)] or [len(body)]
        return list(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True))

    return chunk(document, sentences)


def bare(document):
    return replace(document, translations={}, edition_notes={})


def by_machine(document):
    return replace(document, edition_notes=NOTES, edition_model=MODEL)


def cite(lang, documents, *words):
    """The extractive answer of the passages that hold these words."""
    passages = [p for d in documents.values() for p in passages_of(d)]
    chosen = [next(p for p in passages if one in p.quote) for one in words]
    gate = Gate(documents)
    checked = [gate.check(p.in_language(lang) or p.text, [p]) for p in chosen]
    return compose(SimpleNamespace(question="?", language=lang), checked, documents)


def pages(answer, capsys):
    """The answer in the chat, at a terminal, and as JSON."""
    print_answer(answer)
    terminal = " ".join(capsys.readouterr().out.split())
    return answer_html(answer, "a"), terminal, answer.to_json()


def test_an_answer_from_an_edition_by_people_says_nothing_more(documents):
    answer = cite("en", documents, "절반")
    assert (answer.notice, answer.citations[0].translation_model) == (None, None)


def test_an_answer_in_the_language_of_its_document_says_nothing(documents):
    assert cite("en", documents, "2.5 million").notice is None
    assert cite("ko", {k: bare(d) for k, d in documents.items()}, "절반").notice is None


@pytest.mark.parametrize(("lang", "words"), [("ko", "2.5 million"), ("en", "절반")])
def test_one_document_without_an_edition_is_told_wherever_the_answer_is_read(
    documents, lang, words, capsys
):
    answer = cite(lang, {k: bare(d) for k, d in documents.items()}, words)
    assert answer.notice == NONE[lang]
    assert answer.citations[0].translation is None
    html, terminal, plain = pages(answer, capsys)
    assert NONE[lang] in html
    assert NONE[lang] in terminal
    assert plain["notice"] == NONE[lang]


def test_several_documents_without_an_edition_are_told_of_together(documents):
    port = bare(next(d for d in documents.values() if "절반" in d.text))
    other = replace(port, id="other", titles={"ko": "둘째 보고서"})
    answer = cite("en", {port.id: port, other.id: other}, "절반")
    assert answer.notice == NONE["en"]
    both = {port.id: port, other.id: replace(other, text=other.text.replace("절반", "반절"))}
    assert cite("en", both, "절반", "반절").notice == (
        "These documents have no English translation, so they are quoted in the original Korean."
    )


def test_those_without_an_edition_are_named_where_others_have_one(documents):
    answer = cite("ko", documents, "절반", "2.5 million")
    title = answer.citations[1].document_title
    assert answer.notice == (
        f"다음 문서는 한국어 번역이 없어 영어 원문을 그대로 인용합니다: ‘{title}’."
    )


def test_an_edition_that_is_not_whole_is_no_missing_edition(documents):
    port = next(d for d in documents.values() if "절반" in d.text)
    some = {k: v for k, v in port.translations.items() if "절반" not in k}
    answer = cite("en", {port.id: replace(port, translations=some)}, "절반")
    assert answer.notice == "What has no English translation is quoted in the original Korean."


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_machine_translation_is_labelled_beside_the_words_wherever_they_are_read(
    documents, lang, capsys
):
    port = by_machine(next(d for d in documents.values() if "절반" in d.text))
    answer = cite(lang, {port.id: port}, "절반")
    html, terminal, plain = pages(answer, capsys)
    assert f">{NOTES[lang]}</p><p>The government bears half of the cost.</p>" in html
    assert f"“The government bears half of the cost.” ({NOTES[lang]})" in terminal
    (citation,) = plain["citations"]
    assert citation["quote"] == "정부가 비용의 절반을 부담한다."
    assert (citation["translation_note"], citation["translation_model"]) == (NOTES[lang], MODEL)
    if lang == "ko":
        assert answer.notice is None  # what the answer says is the document's own
    else:
        assert answer.sentences[0].verdict == "verified"
        for page in (html, terminal, plain["notice"]):
            assert f"a machine translation by {MODEL}, not checked by a person" in page


def test_the_korean_of_an_english_document_is_told_to_be_a_machines(documents):
    forest = next(d for d in documents.values() if "2.5 million" in d.text)
    quote = next(p.quote for p in passages_of(forest) if "2.5 million" in p.quote)
    edition = replace(by_machine(forest), translations={quote: "산림청은 250만 그루를 심었다."})
    answer = cite("ko", {edition.id: edition}, "2.5 million")
    assert answer.sentences[0].text == "산림청은 250만 그루를 심었다."
    assert answer.notice == (
        f"이 답에 쓰인 한국어 번역은 기계 번역({MODEL})이며 사람이 확인하지 않았습니다. 출처에 "
        "영어 원문이 함께 있습니다."
    )


def test_a_translation_may_be_longer_than_a_sentence_that_is_written(documents):
    port = next(d for d in documents.values() if "절반" in d.text)
    quote = "정부가 비용의 절반을 부담한다."
    long = " ".join(["The government bears half of the cost,"] * 16).rstrip(",") + "."
    assert len(long) > LONGEST_SENTENCE
    edition = replace(port, translations={**port.translations, quote: long})
    assert cite("en", {port.id: edition}, "절반").sentences[0].verdict == "verified"


def test_remarks_come_before_what_is_said_of_editions(documents):
    answer = cite("ko", {k: bare(d) for k, d in documents.items()}, "2.5 million")
    assert answer.noting("문장 하나를 뺐습니다.").notice == f"문장 하나를 뺐습니다. {NONE['ko']}"
    assert answer.noting("").notice == answer.noting(None).notice == NONE["ko"]
    assert replace(answer, notice=None).noting("").notice is None
