"""Why an answer is what it is, as data and as HTML."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from assistant.answer import Assistant
from assistant.live import Live
from assistant.why import EXCERPT, HITS, Explanation
from assistant.why_render import KINDS, WORDS, summary_text, why_html

QUESTION = "미국이 우크라이나에 얼마를 지원했나요?"
REFUSED = "Who won the 2022 World Cup?"
HOSTILE = "<script>alert('1')</script> & \"x\""


@pytest.fixture(scope="module")
def assistant(brief_index):
    return Assistant(brief_index)


@pytest.fixture(scope="module")
def explained(assistant):
    return assistant.explain(QUESTION)


def test_a_question_is_told_as_it_was_understood(explained):
    assert (explained.language, explained.follow_up) == ("ko", False)
    assert (explained.kinds, explained.unit) == (("number",), "money")
    assert [(one.text, one.weight) for one in explained.searched] == [(QUESTION, 1.0)]
    assert explained.documents is None


def test_concepts_are_told_by_their_names_in_both_languages(explained):
    terms = {term.text: term for term in explained.terms}
    assert list(terms) == ["미국", "우크라이나", "지원"]
    named = [(a.text, a.source) for a in terms["우크라이나"].alternatives]
    assert ("우크라이나 · Ukraine", "glossary") in named
    assert not re.search("#[gt][0-9]", json.dumps(explained.to_json(), ensure_ascii=False))


def test_what_was_found_is_what_is_retrieved_and_used_what_is_cited(assistant, explained):
    answer = assistant.ask(QUESTION)
    hits, probability = assistant.retrieve(QUESTION, limit=HITS)
    assert [hit.passage for hit in explained.hits] == [hit.passage.id for hit in hits]
    assert {h.passage for h in explained.hits if h.used} == {c.passage for c in answer.citations}
    assert explained.probability == pytest.approx(probability, abs=1e-4)
    assert explained.answerable == (explained.probability >= explained.threshold)
    assert all(len(hit.excerpt) <= EXCERPT + 1 for hit in explained.hits)
    assert explained.judge == "restated"


def test_a_follow_up_tells_what_it_leans_on(assistant):
    explained = assistant.explain("And for Israel?", [QUESTION])
    assert explained.follow_up
    assert [(one.text, one.weight) for one in explained.searched] == [
        ("And for Israel?", 1.0),
        (QUESTION, 0.45),
    ]
    assert {t.text: t.share for t in explained.terms}["우크라이나"] == 0.45
    assert explained.hits[0].language == "en"


def test_a_refusal_tells_which_words_stand_nowhere(assistant):
    explained = assistant.explain(REFUSED)
    assert not explained.answerable
    assert explained.probability < explained.threshold
    assert not any(hit.used for hit in explained.hits)
    assert {"Cup", "2022"} <= {term.text for term in explained.terms if not term.found}


def test_an_explanation_comes_back_from_json(assistant, explained):
    for one in (explained, assistant.explain(REFUSED, documents=["brief"])):
        assert Explanation.from_json(json.loads(json.dumps(one.to_json()))) == one
    with pytest.raises(KeyError):
        Explanation.from_json({})


def test_a_changing_library_explains_as_its_assistant_does(assistant, explained):
    assert Live(assistant).explain(QUESTION) == explained


class Tags(HTMLParser):
    """Opened and closed tags, and all text."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(html):
    tags = Tags()
    tags.feed(html)
    assert not tags.open
    assert "\n" not in html
    return tags


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_is_shown_as_tables_in_the_reader_s_language(assistant, explained, lang):
    answer = assistant.ask(QUESTION)
    shown = read(why_html(explained, answer, lang))
    assert shown.seen.count("table") == 3
    for label in ("question", "terms", "hits", "verdict", "checks"):
        assert WORDS[lang][label] in shown.text
    assert KINDS[lang]["money"] in shown.text
    assert "97.4%" in shown.text
    assert summary_text(lang) in ("이렇게 답한 까닭", "Why this answer")
    bare = read(why_html(explained, None, lang))
    assert bare.seen.count("table") == 2


def test_both_languages_have_every_label():
    assert WORDS["ko"].keys() == WORDS["en"].keys()
    assert KINDS["ko"].keys() == KINDS["en"].keys()


def test_what_the_answer_cites_is_marked_whoever_wrote_it(assistant, explained):
    answer = assistant.ask(QUESTION)
    others = replace(answer, citations=())
    assert why_html(explained, answer, "ko").count('class="cb-why-used"') == len(answer.citations)
    assert 'class="cb-why-used"' not in why_html(explained, others, "ko")


def test_a_hostile_question_and_document_are_escaped(explained):
    hit = replace(explained.hits[0], excerpt=HOSTILE, section=HOSTILE, title=HOSTILE)
    term = replace(explained.terms[0], text=HOSTILE)
    searched = (replace(explained.searched[0], text=HOSTILE),)
    hostile = replace(
        explained, question=HOSTILE, hits=(hit,), terms=(term,), searched=searched,
        documents=(HOSTILE,), judge=HOSTILE, kinds=(HOSTILE,),
    )  # fmt: skip
    shown = read(why_html(hostile, None, "en"))
    assert "script" not in shown.seen
    assert HOSTILE in shown.text


def test_nothing_found_is_said(explained):
    html = why_html(replace(explained, hits=(), terms=()), None, "ko")
    assert "찾은 구절이 없습니다." in html
    assert "<table" not in html
