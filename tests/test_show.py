"""An answer and a report as text: what stands where, in both languages."""

from dataclasses import replace

import pytest

from assistant.show import print_answer, print_report
from assistant.types import Answer, Check, Citation, Sentence

CITATION = Citation(
    n=1,
    document="d",
    document_title="시험 문서",
    document_title_translation="A test document",
    passage="d:s1",
    page=6,
    section="제목 [가]",
    section_translation="Heading [A]",
    quote="열 배까지 올라갔다.",
    quote_language="ko",
    translation="It rose tenfold.",
    translation_note="our unofficial translation",
    char_start=0,
    char_end=11,
)
NOTICE = {"ko": "문장 하나를 뺐습니다.", "en": "One sentence was left out."}


@pytest.fixture
def shown(capsys):
    """The lines on stdout of an answer of one forecast, changed as given."""

    def lines(language, *more, **changes):
        text = CITATION.quote if language == "ko" else CITATION.translation
        given = {
            "answer": "",
            "sentences": (Sentence(text, (1,), "verified", "forecast", 1.0), *more),
            "citations": (CITATION,),
            "as_of": "2024-11",
            "timings_ms": {"total": 3.0},
        }
        print_answer(Answer("", "", language, "answered", **given | changes))
        return capsys.readouterr().out.splitlines()

    return lines


def test_an_answer_is_shown_with_its_marker_stance_page_section_and_both_wordings(shown):
    assert shown("ko") == [
        "열 배까지 올라갔다. [1] (전망)",
        "",
        "출처: 시험 문서",
        "[1] 6쪽 · 제목 [가]",
        "    “열 배까지 올라갔다.”",
        "    “It rose tenfold.” (our unofficial translation)",
        "",
        "2024년 11월 기준",
        "원문 발췌 · 0.01초",
    ]


def test_an_english_answer_has_english_labels(shown):
    assert shown("en") == [
        "It rose tenfold. [1] (Forecast)",
        "",
        "Sources: A test document",
        "[1] p. 6 · Heading [A] (제목 [가])",
        "    “열 배까지 올라갔다.”",
        "    “It rose tenfold.” (our unofficial translation)",
        "",
        "As of November 2024",
        "Extracted from the source · 0.01 s",
    ]


def test_documents_are_named_at_each_citation_once_there_are_two(shown):
    other = replace(CITATION, n=2, document="e", document_title="다른 문서")
    lines = shown("ko", citations=(CITATION, other))
    assert "출처" in lines
    assert "[2] 6쪽 · 제목 [가] · 다른 문서" in lines


def test_a_refusal_is_shown_as_it_is(shown):
    lines = shown("ko", sentences=(), citations=(), as_of=None, answer="문서에는 없습니다.")
    assert lines[:2] == ["문서에는 없습니다.", ""]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "ko",
            [
                "스무 배 [1] (전망) (확인되지 않음)",
                "    출처에 없는 수: 스무 배",
                "    원문 그대로가 아니어서 따옴표를 뺀 말: [x]",
            ],
        ),
        (
            "en",
            [
                "twentyfold [1] (Forecast) (Unverified)",
                "    A number that the source does not have: twentyfold",
                "    Quotation marks taken away, since the words are not verbatim: [x]",
            ],
        ),
    ],
)
def test_what_the_checks_found_stands_under_its_sentence_and_the_notice_at_the_end(
    shown, lang, expected
):
    number = "스무 배" if lang == "ko" else "twentyfold"
    checks = (Check("number", number), Check("quotation", "[x]", passed=True))
    wrong = Sentence(number, (1,), "unverified", "forecast", 0.1, checks)
    lines = shown(lang, wrong, engine="llm:openai:scripted", notice=NOTICE[lang])
    assert lines[1:4] == expected
    assert lines[-2] == NOTICE[lang]
    assert lines[-1].startswith("LLM · openai:scripted")


REPORT = {
    "version": "1.2.3",
    "python": "3.11.0",
    "embedder": {"name": "tiny", "path": "/e", "state": "ready"},
    "reranker": {"name": None, "path": None, "version": None, "state": "not set"},
    "library": {"path": "/l", "titles": [{"ko": "제목 [가]", "en": "T"}], "state": "broken"},
    "settings": {"CITEBRIEF_PORT": 7860},
}


def test_a_report_shows_every_part_every_setting_and_every_problem(capsys):
    print_report({**REPORT, "problems": ["The library folder /l does not exist. Make it."]})
    shown = capsys.readouterr().out
    assert "name tiny" in shown
    assert "reranker    not set" in shown
    assert "제목 [가] / T" in shown
    assert "CITEBRIEF_PORT=7860" in shown
    assert "Problem: The library folder /l does not exist. Make it." in shown


def test_a_report_without_a_problem_says_so(capsys):
    print_report({**REPORT, "problems": []})
    assert "Everything works." in capsys.readouterr().out
