"""The export menu in a real browser: files, copied text, a receipt, the keyboard, two languages."""

import json
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from exported import conversation
from fakes import DOCUMENT, FIRST, SECOND, answered

from assistant.web.export_routes import routes

pytestmark = pytest.mark.browser
STATIC = Path(__file__).parent.parent / "assistant" / "web" / "static"
ANSWER = answered(FIRST, SECOND)
PAGE = """<!doctype html><html data-lang="ko" lang="ko"><head><meta charset="utf-8"><title>x</title>
<link rel="stylesheet" href="/s/chat.css"><link rel="stylesheet" href="/s/export.css"></head><body>
<div id="cb-export"></div><p><a class="cb-copy" href="#copy" data-turn="{id}">복사</a></p>
<script type="module">import {{ setConversation }} from "/s/export.js";
window.open_ = {given}; setConversation(() => window.open_);</script></body></html>"""


@pytest.fixture(scope="module")
def address(brief_index):
    """A page with nothing on it but the menu and one copy link, served with the real routes."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    given = conversation(ANSWER)
    html = PAGE.format(id=given["turns"][0]["id"], given=json.dumps(given))
    index = SimpleNamespace(
        documents={"brief": DOCUMENT}, passages=[], analyzer=brief_index.analyzer
    )
    now = datetime(2026, 11, 23, tzinfo=UTC)
    app = Starlette(
        routes=[
            Route("/", lambda request: HTMLResponse(html)),
            Mount("/s", StaticFiles(directory=STATIC)),
            *routes(SimpleNamespace(index=index), None, lambda: now),
        ]
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 900, "height": 700}, locale="ko-KR")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".cb-export-button")
    yield page
    context.close()


@pytest.mark.parametrize(("item", "ending"), [("Markdown", ".md"), ("Word", ".docx")])
def test_the_menu_gives_a_file_with_the_title_in_its_name(page, item, ending):
    page.click(".cb-export-button")
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=item).click()
    name = download.value.suggested_filename
    assert name.startswith("citebrief-2026-11-23-함정은-몇-척인가")
    assert name.endswith(ending)
    said = page.locator("#cb-export-said:has-text('파일을 만들었습니다')")
    said.wait_for()
    assert said.get_attribute("aria-live") == "polite"


def test_a_copied_answer_has_its_footnotes(page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address[:-1])
    page.click(".cb-copy")
    page.wait_for_selector(".cb-copy.cb-done")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith(f"{FIRST} [1] {SECOND} [2]")
    assert f"“{SECOND}”" in text
    assert "복사했습니다" in page.inner_text("#cb-export-said")


def test_where_the_clipboard_is_refused_the_text_is_shown_to_copy(page):
    page.evaluate(
        "() => { const no = () => Promise.reject(new Error('no'));"
        "navigator.clipboard.write = no; navigator.clipboard.writeText = no; }"
    )
    page.click(".cb-copy")
    area = page.locator("dialog textarea")
    assert area.input_value().startswith(f"{FIRST} [1]")
    assert page.evaluate("document.activeElement.selectionEnd") > 50
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")


def test_a_receipt_is_checked_on_the_page(page, tmp_path):
    page.click(".cb-export-button")
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="검증 기록 (.json)").click()
    path = tmp_path / "receipt.json"
    download.value.save_as(path)
    path.write_text(path.read_text("utf-8").replace(FIRST, "<b>지어냄</b>", 1), "utf-8")
    page.click(".cb-export-button")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="검증 기록 확인").click()
    chooser.value.set_files(path)
    page.wait_for_selector("dialog .cb-findings")
    assert "확인되지 않습니다" in page.inner_text("dialog > p")
    assert page.locator("dialog .cb-is-broken").count() >= 2


def test_the_menu_works_from_the_keyboard_and_in_both_languages(page):
    page.focus(".cb-export-button")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Markdown (.md)"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent") == "검증 기록 확인"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "cb-export-button"
    page.evaluate(
        "document.documentElement.dataset.lang = 'en';"
        "document.dispatchEvent(new CustomEvent('cb:lang'))"
    )
    assert page.inner_text(".cb-export-button") == "Export"
    page.evaluate("window.open_ = null")
    page.click(".cb-export-button")
    page.get_by_role("menuitem", name="PDF").click()
    assert "no conversation" in page.inner_text("#cb-export-said")
