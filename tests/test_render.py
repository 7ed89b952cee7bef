"""An Answer becomes one line of escaped HTML, whose markers lead to its own citations."""

import re
from dataclasses import replace

import pytest

from assistant.render import answer_html, notice_html, steps_html
from assistant.turn_render import question_html
from assistant.types import Answer, Check, Citation, Sentence, Step


def citation(n=1, **changes):
    values = {
        "n": n,
        "document": "brief",
        "document_title": "브리프",
        "document_title_translation": "The brief",
        "passage": f"p{n}",
        "page": 4,
        "section": "대(對) 중국 정책",
        "section_translation": "China Policy",
        "quote": "약 1,830억 달러를 지원했다.",
        "quote_language": "ko",
        "translation": "It provided about $183 billion and $17.9 billion.",
        "translation_note": "the project's own unofficial translation",
        "char_start": 0,
        "char_end": 16,
    }
    return Citation(**(values | changes))


def sentence(text="약 1,830억 달러를 지원했다.", citations=(1,), **changes):
    values = {"verdict": "verified", "stance": "fact", "support": 1.0}
    return Sentence(text=text, citations=citations, **(values | changes))


def answer(language="ko", sentences=None, citations=None, **changes):
    values = {
        "id": "a1",
        "question": "얼마?",
        "status": "answered",
        "answer": "",
        "as_of": "2024-11",
        "timings_ms": {"total": 123.4},
    }
    return Answer(
        language=language,
        sentences=(sentence(),) if sentences is None else sentences,
        citations=(citation(),) if citations is None else citations,
        **(values | changes),
    )


def refusal(text):
    return answer(sentences=(), citations=(), status="not_in_document", answer=text)


def test_every_marker_leads_to_a_citation_of_its_own_answer():
    cited = answer(
        sentences=(sentence(citations=(1, 2)), sentence(citations=(2,))),
        citations=(citation(1), citation(2)),
    )
    page = answer_html(cited, "one") + answer_html(cited, "two")
    ids = re.findall(r'id="([^"]+)"', page)
    links = re.findall(r'href="#((?:one|two)[^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)
    assert [link for link in links if link.startswith("two-c")] == ["two-c1", "two-c2", "two-c2"]


def test_markers_keep_the_numbers_of_the_answer():
    page = answer_html(answer(sentences=(sentence(citations=(3,)),), citations=(citation(3),)), "a")
    assert re.findall(r">\[(\d+)\]</a>", page) == ["3"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "ko",
            ["사실", "출처", "4쪽", "대(對) 중국 정책", "원문", "비공식 번역", "2024년 11월 기준"],
        ),
        ("en", ["Fact", "Sources", "p. 4", "China Policy (대(對) 중국 정책)", "Original"]),
        ("en", ["Unofficial translation", "As of November 2024", "0.12 s", "$183 billion"]),
    ],
)
def test_labels_are_in_the_language_of_the_answer_and_the_quote_in_its_own(language, words):
    page = answer_html(answer(language), "a")
    for word in [*words, "약 1,830억 달러를 지원했다."]:
        assert word in page


@pytest.mark.parametrize(
    ("stance", "ko", "en"),
    [
        ("fact", "사실", "Fact"),
        ("forecast", "전망", "Forecast"),
        ("recommendation", "제언", "Recommendation"),
        ("attributed", "인용", "Attributed"),
    ],
)
def test_a_stance_is_named_in_words(stance, ko, en):
    for language, word in (("ko", ko), ("en", en)):
        page = answer_html(answer(language, sentences=(sentence(stance=stance),)), "a")
        assert re.search(rf"</i> {word}</span>", page)


def test_only_an_unverified_sentence_says_so():
    assert "확인되지 않음" not in answer_html(answer(), "a")
    doubtful = answer(sentences=(sentence(verdict="unverified", support=0.2),))
    assert "확인되지 않음" in answer_html(doubtful, "a")


def test_text_is_escaped_wherever_it_comes_from():
    bad = '<script>alert("x")</script>'
    cited = answer(
        sentences=(sentence(bad),),
        citations=(
            citation(
                quote=bad,
                section=bad,
                translation=bad,
                translation_note=bad,
                document_title=bad,
                document_title_translation=bad,
            ),
        ),
        engine=bad,
    )
    for page in (
        answer_html(cited, "a"),
        answer_html(refusal(bad), "a"),
        question_html(bad, "t1"),
        notice_html(bad, "ko"),
    ):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_a_message_is_one_line_so_that_markdown_leaves_it_alone():
    cited = answer(
        sentences=(sentence("**트럼프(Trump)**는\n\n# 말했다"),),
        citations=(citation(quote="표\n\n- 하나\n- 둘"),),
    )
    page = answer_html(cited, "a")
    assert "\n" not in page
    assert page.startswith("<div ")
    assert "**트럼프(Trump)**는<br>" in page
    asked = question_html("첫 줄\n둘째 줄", "t1")
    assert "\n" not in asked
    assert "첫 줄<br>둘째 줄</div>" in asked


def test_citations_wait_for_the_last_sentence():
    cited = answer(sentences=(sentence("하나."), sentence("둘.")))
    page = answer_html(cited, "a", shown=1)
    assert "하나." in page
    assert "둘." not in page
    assert "cb-source" not in page


def test_a_refusal_is_prose_with_its_topics_and_no_citations():
    page = answer_html(refusal("내용이 없습니다.\n- 중국 정책\n- 한미동맹"), "a")
    assert "<p>내용이 없습니다.</p><ul><li>중국 정책</li><li>한미동맹</li></ul>" in page
    assert "cb-source" not in page


def test_a_quote_without_a_translation_stands_alone():
    page = answer_html(answer(citations=(citation(translation=None, translation_note=None),)), "a")
    assert "비공식 번역" not in page


def test_documents_are_named_at_each_citation_once_there_are_two():
    two = (citation(1), citation(2, document="port", document_title="항만"))
    one = answer_html(answer(citations=two[:1]), "a")
    both = answer_html(answer(citations=two), "a")
    assert one.count("브리프") == 1
    assert both.count("· 브리프") == both.count("· 항만") == 1


def test_the_engine_is_named_as_readers_know_it():
    assert "Extracted from the source" in answer_html(answer("en"), "a")
    assert "LLM · openai:some-model" in answer_html(answer(engine="llm:openai:some-model"), "a")


def test_the_steps_say_what_is_done_and_what_is_being_done_in_both_languages():
    steps = [Step("search"), Step("read", 14), Step("check"), Step("check")]
    korean, english = steps_html(steps, "ko"), steps_html(steps, "en")
    assert "구절 14개를 읽는 중" in korean
    assert english.index("Searching the documents") < english.index("Reading 14 passages")
    assert english.count("Checking sentences") == 1
    assert re.search(r'aria-current="step"><i>…</i> Checking', english)


def test_an_unverified_sentence_says_why_and_a_remark_is_told_apart():
    doubtful = replace(
        answer().sentences[0],
        verdict="unverified",
        checks=(Check("number", "<190억>"), Check("derived", "두 배", passed=True)),
    )
    html = answer_html(replace(answer(), sentences=(doubtful,)), "a")
    assert '<span class="cb-check">출처에 없는 수: &lt;190억&gt;</span>' in html
    assert '<span class="cb-check cb-passed">' in html


def test_a_notice_stands_with_the_answer_and_with_a_refusal():
    for sentences in (answer().sentences, ()):
        html = answer_html(replace(answer(), sentences=sentences, notice="모델 <꺼짐>"), "a")
        assert '<p class="cb-remark">모델 &lt;꺼짐&gt;</p>' in html


@pytest.mark.parametrize(("lang", "words"), [("ko", "4쪽 보기"), ("en", "See page 4")])
def test_a_citation_leads_to_its_page_where_its_document_has_pages(lang, words):
    mixed = (citation(1, document="한미 <1>", passage="한미 <1>:s1"), citation(2, document="notes"))
    shown = answer_html(answer(lang, citations=mixed), "a", paged=lambda d: d != "notes")
    assert shown.count('class="cb-page"') == shown.count(words) == 1
    href = f"page/%ED%95%9C%EB%AF%B8%20%3C1%3E/%ED%95%9C%EB%AF%B8%20%3C1%3E%3As1?lang={lang}"
    assert f'href="{href}"' in shown
    assert "cb-page" not in answer_html(answer(lang, citations=mixed), "a")


def test_a_verified_sentence_is_told_by_sign_and_word_and_so_is_its_support():
    shown = answer_html(answer(sentences=(sentence(support=0.999),)), "a")
    assert re.search(r'class="cb-verified" title="근거 일치 99%"><i>✓</i> 확인됨<', shown)
    english = answer_html(answer("en"), "a")
    assert "Verified" in english
    assert "Unverified" not in english
    doubtful = answer_html(answer(sentences=(sentence(verdict="unverified", support=0.2),)), "a")
    assert "cb-verified" not in doubtful
    assert "근거 일치 20%" in doubtful


def test_a_source_names_each_way_in_which_sentences_rest_on_it_once():
    forecast = sentence("늘어날 것이다.", stance="forecast", support=0.8)
    shown = answer_html(answer(sentences=(sentence(), sentence(), forecast)), "a")
    card = shown.partition("cb-source")[2]
    assert card.count('class="cb-borne"') == 2
    assert "근거 일치 80%" in card


def test_markers_and_sources_say_which_passage_of_which_document_they_stand_for():
    cited = answer("en", citations=(citation(document='한미 "1"', passage="p&1"),))
    shown = answer_html(cited, "a")
    assert shown.count('data-document="한미 &quot;1&quot;" data-passage="p&amp;1"') == 4
    assert 'href="read/%ED%95%9C%EB%AF%B8%20%221%22?around=p%261&amp;lang=en"' in shown
    assert "See in the document" in shown
