"""Malicious questions, documents, addresses and conversations: shown as text, refused, or inert.

The page shows HTML of our own making without a sanitizer, so it is looked at in a real browser: no
script runs, no dialog opens, and nothing outside is asked for.
"""

import json
import re
from urllib.parse import urlsplit

import docx
import httpx
import pypdfium2
import pytest
from chat import ask, kept, opened, send, served
from conftest import CHROMIUM, FLAGS
from docx.oxml.parser import parse_xml
from markdown_it import MarkdownIt

PAYLOADS = (
    "<script>window.__hacked = 1; alert(1)</script>",
    '<img src=x onerror="window.__hacked = 2; alert(2)">',
    "<svg onload='window.__hacked = 3'><animate onbegin=alert(3) attributeName=x></svg>",
    '<a id="hack-link" href="javascript:window.__hacked=4">press</a>',
    '</p></div></article></main></body><h1 id="hack-out">out</h1>',
    "<style>body { display: none !important }</style>",
    '<button id="hack-ask" data-cb-ask="stolen" data-cb-act="retry">x</button>',
    "[x](javascript:window.__hacked=5) ![x](http://outside.example/x.png)",
    '"><iframe id="hack-frame" src="http://outside.example/"></iframe>',
    "<math><mtext><table><mglyph><style><!--</style><img src=x onerror=window.__hacked=6>",
)
MARKUP = (
    "#cb-main script, #cb-main iframe, #cb-main img, #cb-main style:not(svg style), #hack-link,"
    " #hack-out, #hack-ask, #hack-frame, [onerror], [onload], [href^='javascript:' i], #cb-main h1"
)
ATTACK = " ".join(PAYLOADS)
DOCUMENT = f"""# <img src=x onerror=window.__hacked=7> 항만 보고서 <script>alert(7)</script>

## </h2><script>window.__hacked=8</script> "><svg onload=alert(8)> 통행료

부산항의 통행료는 2023년에 8.3% 올랐다 {PAYLOADS[1]}. 부산항은 새 부두를 세 곳 열었다 {PAYLOADS[0]}.

부산항 물동량은 1,384만 개였다 {PAYLOADS[7]}. {PAYLOADS[2]} 부산항의 직원은 420명이다 {PAYLOADS[5]}.

| 항목 <script>alert(9)</script> | 값 |
| --- | --- |
| 준설 비용 {PAYLOADS[8]} | 52억 원 |
"""
NAME = "<img src=x onerror=alert(10)>' onmouseover='alert(11).md"


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """The address of the real server over a library that is out for its readers."""
    folder = tmp_path_factory.mktemp("hostile")
    library = folder / "library"
    library.mkdir()
    (library / NAME).write_text(DOCUMENT, encoding="utf-8")
    settings = {
        "CITEBRIEF_LIBRARY": str(library),
        "CITEBRIEF_INDEX": str(folder / "index"),
        "CITEBRIEF_DATABASE": "none",
        "CITEBRIEF_RATE": "off",
    }
    with served(folder, settings) as address:
        yield address


@pytest.fixture(scope="session")
def client(hostile):
    """Talks to the server as programs do."""
    with httpx.Client(base_url=hostile, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def page(hostile, browser):
    """The page, which is to be as it was when the test ends."""
    with opened(browser, hostile) as page:
        dialogs = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        yield page
        page.wait_for_timeout(300)
        assert dialogs == []
        assert page.evaluate("window.__hacked === undefined")
        ours = urlsplit(hostile).netloc
        strangers = [
            url
            for url in page.asked
            if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != ours
        ]
        assert strangers == []


def foreign(page):
    """What stands on the page that nobody but an attacker would write."""
    return page.locator(MARKUP).evaluate_all("found => found.map(e => e.outerHTML.slice(0, 200))")


def in_markdown(path):
    """The text that is shown; there is no HTML, link or image in it."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(path.read_text("utf-8"))
    inside = [child for token in tokens for child in token.children or ()]
    assert not {one.type for one in (*tokens, *inside)} & {"html_block", "html_inline", "image"}
    assert not {one.type for one in inside} & {"link_open", "code_inline", "strong_open"}
    return "".join(one.content for one in inside)


def in_word(path):
    """The text of the body and the notes; nothing in it points outside."""
    document = docx.Document(str(path))
    parts = [rel.target_part for rel in document.part.rels.values() if not rel.is_external]
    assert len(parts) == len(document.part.rels)
    notes = next(part for part in parts if part.partname.endswith("footnotes.xml"))
    roots = (document.element, parse_xml(notes.blob))
    assert not any(e.tag.endswith(("}hyperlink", "}instrText")) for r in roots for e in r.iter())
    return "".join(e.text or "" for root in roots for e in root.iter() if e.tag.endswith("}t"))


def in_pdf(path):
    """The text of the pages, which have no annotation, script or attachment."""
    document = pypdfium2.PdfDocument(path)
    assert pypdfium2.raw.FPDFDoc_GetJavaScriptActionCount(document) == 0
    assert all(pypdfium2.raw.FPDFPage_GetAnnotCount(page) == 0 for page in document)
    return "".join(page.get_textpage().get_text_range() for page in document)


def in_receipt(path):
    """All texts of the receipt."""
    item = json.loads(path.read_text("utf-8"))["items"][0]
    return item["answer"] + "".join(one["document_title"] for one in item["citations"])


EXPORTED = {"md": in_markdown, "docx": in_word, "pdf": in_pdf, "json": in_receipt}


# --- in the browser -------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_question_of_markup_is_shown_as_it_was_typed(page, payload):
    typed = f"{payload} 부산항의 통행료는 얼마나 올랐나?"
    ask(page, typed)
    page.locator("#cb-chat .cb-after").first.wait_for()
    shown = page.locator("#cb-chat .cb-question").inner_text()
    assert "".join(shown.split()) == "".join(typed.split())
    assert foreign(page) == []
    assert page.locator("#cb-box").is_visible()


@pytest.mark.browser
def test_a_question_with_empty_lines_begins_no_markdown(page):
    lines = "부산항?\n\n![x](http://outside.example/x.png)\n\n# 제목\n\n[x](javascript:alert(1))"
    page.evaluate(
        "text => document.dispatchEvent(new CustomEvent('cb:ask', { detail: { text } }))", lines
    )
    page.press("#cb-box textarea", "Enter")
    page.locator("#cb-chat .cb-after, #cb-chat .cb-notice").first.wait_for()
    assert foreign(page) == []
    assert "[x](javascript:alert(1))" in page.inner_text("#cb-chat .cb-question")


@pytest.mark.browser
def test_signs_that_turn_or_end_text_are_only_text(page):
    ask(page, "부산항\u202e의 통행료\u2066는 얼마나\ufeff 올랐나\u2069?")
    assert page.locator("#cb-chat .cb-answer").count() == 1
    assert foreign(page) == []


@pytest.mark.browser
def test_a_question_beyond_the_limit_is_answered_with_a_sentence(page):
    page.evaluate("document.querySelector('#cb-box textarea').removeAttribute('maxlength')")
    send(page, "가" * 100_000)
    page.locator("#cb-chat .cb-notice").wait_for()
    assert page.locator(".toast-body").count() == 0


@pytest.mark.browser
def test_a_hostile_document_is_quoted_read_and_exported_as_text(page, tmp_path):
    answer = ask(page, "부산항의 통행료는 얼마나 올랐나?")
    assert "8.3%" in answer.inner_text()
    assert foreign(page) == []
    page.locator("#cb-chat .cb-why summary").first.click()
    answer.locator(".cb-marker").first.click()
    pane = page.locator("#cb-reader .cb-doc")
    pane.wait_for()
    assert "<script>" in pane.inner_text()
    inside = "#cb-reader script, #cb-reader img, #cb-reader iframe, #cb-reader [onerror]"
    assert page.locator(inside).count() == 0
    page.keyboard.press("Escape")
    assert page.locator("#cb-side script, #cb-side img, #cb-side [onerror]").count() == 0
    kept(page, 1)
    page.reload()
    page.locator("#cb-chat .cb-answer").wait_for()
    assert foreign(page) == []
    for key, reads in EXPORTED.items():
        page.click(".cb-export-button")
        with page.expect_download() as download:
            page.click(f"#cb-export [data-key={key}]")
        assert re.fullmatch(r"citebrief-[\w.-]+", download.value.suggested_filename)
        path = tmp_path / key
        download.value.save_as(path)
        text = "".join(reads(path).split())
        assert "8.3%올랐다<imgsrc=xonerror=" in text, key
        assert "항만보고서<script>" in text, key


@pytest.mark.browser
def test_a_hostile_text_is_checked_as_text(page):
    page.click("[data-cb-view=check]")
    page.fill(
        "#cb-check-text textarea",
        f"부산항의 통행료는 2023년에 9.3% 올랐다 {PAYLOADS[1]}. {ATTACK}",
    )
    page.click("#cb-check-go")
    page.locator("#cb-check-result .cb-foot, #cb-check-result .cb-notice").first.wait_for()
    assert foreign(page) == []
    assert "onerror" in page.inner_text("#cb-check-result")


@pytest.mark.browser
def test_a_site_that_leads_its_name_to_this_machine_is_shown_a_refusal(hostile, browser):
    port = urlsplit(hostile).port
    rebound = [*FLAGS, "--host-resolver-rules=MAP rebound.example 127.0.0.1"]
    led = browser.browser_type.launch(executable_path=str(CHROMIUM), args=rebound)
    try:
        page = led.new_page()
        assert page.goto(f"http://rebound.example:{port}/").status == 400
        assert "CITEBRIEF_HOSTS에 그 이름을 넣고" in page.inner_text("body")
        assert "set CITEBRIEF_HOSTS to the name" in page.inner_text("body")
        for path in ("/config", "/library", "/gradio_api/info"):
            read = (
                "async path => { const r = await fetch(path); return [r.status, await r.text()] }"
            )
            status, text = page.evaluate(read, path)
            assert (status, "rebound.example" in text) == (400, True), path
        page.goto(f"http://localhost:{port}/")
        page.wait_for_selector("#cb-box textarea")
    finally:
        led.close()


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../../../../etc/passwd",
        "/gradio_api/file=%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/gradio_api/file=app.py",
        "/gradio_api/file=/proc/self/environ",
        "/gradio_api/file=http://127.0.0.1:9/",
        "/file=/etc/passwd",
        "/static-cb/..%2fserver.py",
        "/static-cb/..%2f..%2fserver.py",
        "/static-cb/%2e%2e/server.py",
        "/static-cb/page.js%00.css",
        "/static-cb/.hidden.js",
        "/static/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/page/..%2f..%2fetc/passwd",
        "/page/%00/x",
        "/page/..%2f/x.png",
        "/document/..%2f..%2fetc%2fpasswd.pdf",
        "/document/%00.pdf",
        "/document/../.pdf",
        "/read/..%2f..%2fetc%2fpasswd",
        "/read/%00",
        "/read/x/search?q=%00",
        "/library/..%2f..%2fetc%2fpasswd",
    ],
)
def test_no_address_leads_to_a_file(client, path):
    reply = client.get(path)
    assert 400 <= reply.status_code < 500, reply.status_code
    assert "root:" not in reply.text
    assert "from assistant" not in reply.text
    assert "Traceback" not in reply.text


def event_of(client):
    """The number of the event that asks."""
    config = client.get("/config").json()
    box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "cb-box")
    return next(
        d["id"] for d in config["dependencies"] if [box, "submit"] in map(list, d["targets"])
    )


def asked_with(client, name, question, conversation, scope=None):
    """What the page is told when a question comes with a conversation of the client's making."""
    payload = {
        "data": [question, conversation, scope],
        "fn_index": event_of(client),
        "session_hash": name,
    }
    joined = client.post("/gradio_api/queue/join", json=payload)
    if joined.is_error:
        return joined.text
    told = []
    with client.stream("GET", f"/gradio_api/queue/data?session_hash={name}") as events:
        for line in events.iter_lines():
            told.append(line)
            if '"close_stream"' in line or '"process_completed"' in line:
                break
    return "\n".join(told)


def forged(words="x", **changes):
    """A conversation of one turn in which every text is `words`."""
    citation = {
        "n": 1,
        "document": words,
        "document_title": words,
        "document_title_translation": words,
        "passage": words,
        "page": 1,
        "section": words,
        "section_translation": words,
        "quote": words,
        "quote_language": "ko",
        "translation": words,
        "translation_note": words,
        "char_start": 0,
        "char_end": 1,
        "translation_model": words,
    }
    answer = {
        "id": "0123456789abcdef",
        "question": words,
        "language": "ko",
        "status": "answered",
        "answer": words,
        "sentences": [
            {
                "text": words,
                "citations": [1],
                "verdict": "verified",
                "stance": "fact",
                "support": 1.0,
                "checks": [{"code": "number", "text": words, "passed": False}],
            }
        ],
        "citations": [citation],
        "engine": words,
        "as_of": words,
        "notice": words,
        "searched": [],
        "usage": None,
        "timings_ms": {"total": 1.0},
    }
    turn = {
        "id": "0123456789abcdef",
        "asked_at": "2026-11-23T10:00:00Z",
        "question": words,
        "documents": None,
        "answer": answer | changes.pop("answer", {}),
        "follow_ups": [words],
        "why": None,
        "rating": None,
    }
    return {
        "id": "0" * 32,
        "title": "t",
        "created": "2026-11-23T10:00:00Z",
        "updated": "2026-11-23T10:00:00Z",
        "turns": [turn | changes],
    }


FORGERIES = {
    "language": forged(answer={"language": '"><script>alert(1)</script>'}),
    "stance": forged(
        answer={
            "sentences": [
                {
                    "text": "x",
                    "citations": [1],
                    "verdict": "verified",
                    "stance": "<b>",
                    "support": 1.0,
                }
            ]
        }
    ),
    "turn": forged(id='x" onload="alert(1)'),
    "type": "<script>alert(1)</script>",
    "list": [1, 2, 3],
    "number": forged(answer={"citations": "many"}),
    "update": {"__type__": "update", "value": "x", "turns": []},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_conversation_is_not_taken(client, name):
    told = asked_with(client, f"forged-{name}", "부산항의 직원은 몇 명인가?", FORGERIES[name])
    assert "<script>" not in told
    assert "root:" not in told
    assert "onload" not in told
    assert '"turns":[{' not in told


def test_a_conversation_of_five_megabytes_is_refused(client):
    payload = {"data": ["x", forged("x" * 5_000_000), None], "fn_index": 0, "session_hash": "big"}
    assert client.post("/gradio_api/queue/join", json=payload).status_code == 413


@pytest.mark.browser
def test_a_conversation_forged_in_the_browser_is_shown_as_text(page):
    words = ATTACK + "\n\n![x](http://outside.example/x.png)\n\n<img src=x onerror=alert(12)>"
    page.evaluate(
        "kept => document.dispatchEvent(new CustomEvent('cb:open-conversation', { detail: kept }))",
        forged(words, why={"terms": "<script>", "kinds": 3}),
    )
    page.locator("#cb-chat .cb-answer").wait_for()
    page.locator("#cb-chat .cb-marker").first.hover()
    page.wait_for_timeout(500)
    assert foreign(page) == []
    assert "onerror" in page.inner_text("#cb-chat .cb-sentence")


@pytest.mark.parametrize("question", ["부산항\u0000의 직원은?", "\u0000", "가" * 100_000, ""])
def test_a_question_of_any_kind_is_answered_with_words(client, question):
    told = asked_with(client, f"q{len(question)}", question, None)
    done = next(line for line in told.splitlines() if '"process_completed"' in line)
    assert json.loads(done.removeprefix("data:"))["success"]
