"""The page's view of a checked text, and its Markdown: escaped, labelled, linked."""

from assistant.check_labels import summary
from assistant.check_render import check_html, check_markdown
from assistant.check_types import CheckedStatement, Difference, TextCheck
from assistant.types import Citation

EVIL = '<img src=x onerror="alert(1)"> & **bold** [1](http://x)'


def citation(**changes):
    given = {
        "n": 1,
        "document": 'br"ief',
        "document_title": "보고서",
        "document_title_translation": "Report",
        "passage": "brief:s1",
        "page": 4,
        "section": "부채",
        "section_translation": "Debt",
        "quote": "부채는 35조 달러이다.",
        "quote_language": "ko",
        "translation": "Debt is 35 trillion dollars.",
        "translation_note": None,
        "char_start": 0,
        "char_end": 12,
    }
    return Citation(**{**given, **changes})


def checked(**changes):
    wrong = CheckedStatement(
        "부채는 45조 달러이다.",
        0,
        13,
        "contradicted",
        "fact",
        0.02,
        (1,),
        (Difference("number", "45조 달러", "35조 달러"),),
    )
    given = {
        "text": "부채는 45조 달러이다. 왜 그런가?",
        "language": "ko",
        "sentences": (wrong, CheckedStatement("왜 그런가?", 14, 20, "unclear", reason="question")),
        "citations": (citation(),),
        "as_of": "2024-11",
        "timings_ms": {"total": 120.0},
    }
    return TextCheck(**{**given, **changes})


def test_a_verdict_is_a_shape_and_a_word_in_the_readers_language():
    check = checked()
    assert "✕</i> 어긋남" in check_html(check, "a", "ko")
    assert "✕</i> Contradicted" in check_html(check, "a", "en")


def test_what_differs_is_marked_in_the_text_in_the_finding_and_in_the_source():
    found = check_html(checked(), "a", "ko")
    assert "부채는 <mark>45조 달러</mark>이다." in found
    assert "문서: <mark>35조 달러</mark>" in found
    assert "부채는 <mark>35조 달러</mark>이다." in found


def test_a_marker_names_its_passage_and_leads_to_its_source():
    found = check_html(checked(), "t7", "ko")
    assert 'href="#t7-c1"' in found
    assert 'id="t7-c1"' in found
    assert 'data-n="1" data-document="br&quot;ief" data-passage="brief:s1"' in found


def test_pages_are_linked_only_where_they_can_be_shown():
    assert "cb-page" not in check_html(checked(), "a", "ko")
    shown = check_html(checked(), "a", "ko", lambda document: True)
    assert "page/br%22ief/brief%3As1?lang=ko" in shown


def test_hostile_text_stays_text_and_everything_is_one_line():
    sentence = CheckedStatement(
        EVIL + "\n끝이다.", 0, 60, "unclear", checks=(Difference("content", EVIL, EVIL),)
    )
    evil = citation(quote=EVIL, section=EVIL, document_title=EVIL, translation=EVIL)
    found = check_html(checked(sentences=(sentence,), citations=(evil,)), "a", "ko")
    assert "<img" not in found
    assert "\n" not in found


def test_the_summary_counts_statements_and_tells_of_what_was_not_checked():
    assert summary(checked(), "ko") == "문장 2개 중 어긋남 1개, 대조하지 않음 1개"
    assert summary(checked(), "en") == "Of 2 sentences: 1 contradicted, 1 not checked"
    assert summary(checked(sentences=()), "ko") == "대조할 문장이 없습니다."


def test_markdown_has_verdicts_differences_and_footnotes_and_nothing_of_a_text_is_read_as_markup():
    found = check_markdown(checked(), "ko")
    assert found.startswith("# 글 대조 결과")
    assert "- **✕ 어긋남** — 부채는 45조 달러이다.[^1]" in found
    assert "[^1]: 4쪽 · 부채 · 보고서 — “부채는 35조 달러이다.”" in found
    evil = checked(sentences=(CheckedStatement(EVIL, 0, 60, "unclear"),))
    assert "<img" not in check_markdown(evil, "en").replace("\\<", "")
