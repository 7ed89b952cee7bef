"""The report of a run: what it tells, what it keeps to itself, and that text of others is text."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from assistant.errors import InputError
from eval.catalogue import BY_NAME, MEASURES
from eval.report import write_report
from eval.runs import Row, Run
from index.types import Lang

SCRIPT = "</script><script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(2)>"
QUOTE = "갯벌 350헥타르가 보호 구역이 되었다."
VOID = {"meta", "link", "input", "br", "line", "circle", "rect"}


def answer(lang: Lang, text: str, quote: str = QUOTE, page: int = 4) -> dict:
    return {
        "id": "",
        "question": "",
        "language": lang,
        "status": "answered",
        "answer": f"{text} [1]",
        "sentences": [
            {
                "text": text,
                "citations": [1],
                "verdict": "verified",
                "stance": "fact",
                "support": 1.0,
            }
        ],
        "citations": [
            {
                "n": 1,
                "document": "bay",
                "document_title": "갯벌 보고서",
                "document_title_translation": None,
                "passage": "bay:s001",
                "page": page,
                "section": "보호",
                "section_translation": None,
                "quote": quote,
                "quote_language": "ko",
                "translation": None,
                "translation_note": None,
                "char_start": 0,
                "char_end": len(quote),
            }
        ],
    }


REFUSAL = {
    "status": "not_in_document",
    "language": "en",
    "answer": "The document does not say.",
    "sentences": [],
    "citations": [],
}
GOOD = {"evidence": 1.0, "vital": 1.0, "wrongly_refused": 0.0, "language": 1.0, "latency_ms": 12.0}
NEEDED = [[{"quote": QUOTE, "passage": "bay:s001", "page": 4, "stances": ["fact"]}]]


def row(id: str, lang: Lang, **more: object) -> Row:
    given = {
        "id": id,
        "half": "dev",
        "lang": lang,
        "kind": "number",
        "document": "bay",
        "question": f"question {id}",
        "evidence": NEEDED,
        "answer": answer(lang, QUOTE),
        "scores": {**GOOD, "verbatim": 1.0, "pages": 1.0, "stance": 1.0},
        "probability": 0.9,
    }
    return Row.model_validate({**given, **more})


ROWS = (
    row("k1", "ko", question="보호 구역은 몇 헥타르인가요?", pair="e1"),
    row("k2", "ko", scores={**GOOD, "verbatim": 1.0, "pages": 1.0, "stance": None}),
    row(
        "e1",
        "en",
        question=f"How many hectares? {SCRIPT}",
        history=[f"And before? {IMAGE}"],
        answer=answer("en", f"It is {IMAGE}\u2028.", quote=f"{SCRIPT} {QUOTE}"),
        scores={**GOOD, "evidence": 0.0, "vital": 0.0},
        nuggets=[{"text": f"350 {IMAGE}", "vital": True, "told": False}],
        failures=[
            {"code": "evidence_missed", "about": QUOTE},
            {"code": "nugget_missed", "about": f"350 {IMAGE}"},
        ],
    ),
    row(
        "e2",
        "en",
        kind="unanswerable",
        evidence=[],
        answer=REFUSAL,
        scores={"refused": 1.0, "language": 1.0, "latency_ms": 900.0},
        probability=0.1,
    ),
    row(
        "e3",
        "en",
        answer=None,
        scores={},
        error=f"ValueError: {SCRIPT}",
        probability=None,
        failures=[{"code": "error", "about": f"ValueError: {SCRIPT}"}],
    ),
    row(
        "t1",
        "en",
        half="test",
        kind="date",
        question="sealed question",
        answer=answer("en", "sealed answer", quote="sealed quote"),
        scores={**GOOD, "evidence": 0.0},
        failures=[{"code": "evidence_missed", "about": "sealed evidence"}],
    ),
)
MANIFEST = {
    "format": 2,
    "set": {"name": "bay", "sha256": "0" * 64, "half": "all", "questions": len(ROWS)},
    "engine": f"fake {IMAGE}",
    "git": {"commit": "abc123", "changed": False},
    "documents": {
        "bay": {"lang": "ko", "titles": {"ko": "갯벌 보고서", "en": "The Tidal Flat Report"}}
    },
    "jobs": 1,
    "started": "2026-03-05T10:00:00+00:00",
}


def page(tmp_path, rows=ROWS, lang="en", **more):
    path = tmp_path / "out" / "report.html"
    write_report(Run(tmp_path / "bay-run", MANIFEST, tuple(rows)), path, lang, **more)
    return path.read_text(encoding="utf-8")


class Reader(HTMLParser):
    """The elements of a page, those left open, and its text by the language it is marked with."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open, self.words = Counter(), [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag, attributes = self.open[-1] if self.open else ("", {})
        marked = attributes.get("lang") if "t" in attributes.get("class", "").split() else None
        if tag not in ("script", "style"):
            self.words.append((marked, data))

    def shown(self, lang):
        """What a reader of the page in `lang` sees, white space evened out."""
        text = "".join(data for marked, data in self.words if marked in (None, lang))
        return " ".join(text.split())


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_page_starts_in_the_language_asked_for_and_holds_both(tmp_path, lang):
    text = page(tmp_path, lang=lang)
    assert f'<html lang="{lang}"' in text
    read = Reader(text)
    assert "Of 2 questions that the document answers, 0 got an answer" in read.shown("en")
    assert "문서에 답이 있는 질문 2개 가운데 2개에서 필요한 문장을 모두" in read.shown("ko")
    assert "On 5 March 2026" in read.shown("en")
    assert "2026년 3월 5일" in read.shown("ko")
    assert "The Tidal Flat Report" in read.shown("en")
    assert "문서 「갯벌 보고서」" in read.shown("ko")
    for measure in MEASURES:
        assert measure.says["ko"] in read.shown("ko")
        assert measure.says["en"] in read.shown("en")


def test_no_word_of_one_language_is_shown_in_the_other(tmp_path):
    rows = [r for r in ROWS if r.lang == "en" and r.answer == REFUSAL]
    english = Reader(page(tmp_path, rows)).shown("en").replace("갯벌 보고서", "")  # the manifest
    assert re.findall(r"[가-힣]+", english) == ["한국어"]  # the switch


def test_text_of_others_is_never_markup(tmp_path):
    text = page(tmp_path)
    read = Reader(text)
    assert read.tags["script"] == 1
    assert read.tags["img"] == 0
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert "alert(1)" in read.shown("en")  # as text
    assert "fake <img src=x" in read.shown("en")
    assert not [left for left, _ in read.open if left not in ("html", "body")]


def test_the_page_names_no_host_and_its_policy_forbids_the_network(tmp_path):
    text = page(tmp_path)
    assert not re.search(r"(?:https?:)?//[\w.-]+\.\w", text)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1].split("; ")
    assert policy[0] == "default-src 'none'"
    assert not [p for p in policy if "unsafe" in p or "*" in p]


def test_means_stand_beside_interval_n_target_and_verdict(tmp_path):
    read = Reader(page(tmp_path, [row(f"k{n}", "ko") for n in range(10)]))
    assert "100.0% 100.0–100.0%†70.0% n 10 unscored 0 ✓ met" in read.shown("en")
    assert "100.0% 100.0–100.0%†70.0% n 10 판정 불가 0 ✓ 달성" in read.shown("ko")
    read = Reader(page(tmp_path, [row("a", "ko"), row("b", "ko", scores={**GOOD, "evidence": 0})]))
    assert "50.0% 0.0–100.0% n 2 unscored 0 ✗ missed within error" in read.shown("en")


def test_what_could_not_be_judged_is_counted_apart(tmp_path):
    read = Reader(page(tmp_path, [r for r in ROWS if r.lang == "ko"]))
    stance = read.shown("en").split(BY_NAME["stance"].says["en"])[1]
    assert re.match(r"\D*100\.0% 100\.0–100\.0%†0\.0% n 1 unscored 1 ", stance)


def test_an_error_is_told_and_not_scored(tmp_path):
    shown = Reader(page(tmp_path)).shown("en")
    assert "1 question ended in an error, without scores, and not counted above." in shown
    assert "No answer came: an error." in shown
    assert "ValueError: </script>" in shown


def test_refusals_are_counted_against_what_should_be_refused(tmp_path):
    rows = [
        row("1", "ko"),
        row("2", "ko", answer=REFUSAL),
        *(row(str(n), "ko", kind="unanswerable", evidence=[], answer=REFUSAL) for n in (3, 4, 5)),
        row("6", "ko", kind="unanswerable", evidence=[]),
    ]
    shown = Reader(page(tmp_path, rows)).shown("en")
    assert "the document answers1 ✓1 ✗ it does not1 ✗3 ✓" in shown
    assert re.search(r"precision75\.0%.{1,20}6 recall75\.0%.{1,20}6 F175\.0%", shown)


def test_questions_of_the_test_half_are_counted_and_not_shown(tmp_path):
    text = page(tmp_path)
    assert "sealed" not in re.sub(
        r'(class|id|aria-labelledby)="[^"]*"', "", text.split("<body>")[1]
    )
    shown = Reader(text).shown("en")
    assert "1 question not shown" in shown
    assert "they no longer measure how unseen questions fare" in shown
    sealed = shown.split("1 question not shown")[1].split("One by one")[0]
    assert "needed evidence not quoted01" in sealed
    assert "date01" in sealed
    assert "5 of 5" in shown


def test_the_test_half_is_shown_on_request_and_said_to_be_spent(tmp_path):
    shown = Reader(page(tmp_path, show_test=True)).shown("en")
    assert "sealed question" in shown
    assert "they can measure it no more" in shown
    assert "not shown" not in shown


def test_a_failure_stands_beside_what_was_expected(tmp_path):
    text = page(tmp_path)
    card = text.split('id="q-e1"')[1].split("</article>")[0]
    shown = Reader(card).shown("en")
    assert "Asked before" in shown
    assert "needed evidence not quoted: " + QUOTE in shown
    assert "✗ not quoted" in shown
    assert "p. 4 · fact · bay:s001" in shown
    assert f"350 {IMAGE} (vital, not told)" in shown
    assert "[1] p. 4 · 보호" in shown
    assert "evidence recall 0.0%" in shown
    assert "필요한 근거를 인용하지 않음" in Reader(card).shown("ko")
    assert f"<mark>{QUOTE}</mark>" in card
    assert 'href="#q-k1"' not in card  # its pair names it, it names none
    assert 'href="#q-e1"' in text.split('id="q-k1"')[1].split("</article>")[0]


def test_a_run_without_probabilities_says_so(tmp_path):
    shown = Reader(page(tmp_path, [row("k", "ko", probability=None)])).shown("en")
    assert "This engine states no probability" in shown


def test_a_page_of_two_hundred_long_answers_stays_under_three_megabytes(tmp_path):
    scores = {measure.name: 1.0 for measure in MEASURES}
    long = [row(f"k{n}", "ko", answer=answer("ko", QUOTE * 90), scores=scores) for n in range(200)]
    assert len(page(tmp_path, long).encode()) < 3_000_000


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match=r"report\.html cannot be written"):
        page(tmp_path)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_a_reader_switches_the_language_filters_and_follows_a_link(tmp_path, browser, width):
    page(tmp_path)
    address = (tmp_path / "out" / "report.html").as_uri()
    opened = browser.new_page(viewport={"width": width, "height": 900})
    said, asked = [], []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("dialog", lambda dialog: said.append(dialog.message))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(address)
    assert opened.locator(".card:visible").count() == 2  # the failures: e1 and e3
    assert opened.locator("#count").inner_text() == "2 of 5"

    opened.focus("[data-speak=ko]")
    opened.keyboard.press("Enter")
    assert opened.get_attribute("html", "lang") == "ko"
    assert opened.locator("h1").inner_text() == "CiteBrief 평가 보고서"
    assert opened.locator("#count").inner_text() == "5개 가운데 2개"
    assert opened.locator("select[name=show] option").first.inner_text() == "문제 있는 답 (2)"
    assert "평가 보고서" in opened.title()

    opened.select_option("select[name=code]", "error")
    assert opened.locator(".card:visible .id").all_inner_texts() == ["e3"]
    opened.click("button[type=reset]")
    opened.select_option("select[name=show]", "")
    opened.select_option("select[name=lang]", "ko")
    assert opened.locator(".card:visible .id").all_inner_texts() == ["k1", "k2"]
    opened.fill("input[name=text]", "몇  헥타르")
    assert opened.locator(".card:visible .id").all_inner_texts() == ["k1"]
    opened.fill("input[name=text]", "nothing has this")
    assert opened.locator("#none").is_visible()

    opened.evaluate("location.hash = '#q-e2'")  # which every filter hides
    opened.locator("#q-e2 .body").wait_for(state="visible")
    opened.focus("#q-e1 summary")
    opened.keyboard.press("Enter")
    assert QUOTE in opened.locator("#q-e1 .body").inner_text()
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.emulate_media(media="print")
    assert not opened.locator("#filters").is_visible()
    assert said == []
    assert asked == [address]
    opened.close()
