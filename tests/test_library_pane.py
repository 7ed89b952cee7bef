"""The library pane in a real browser, over real routes and a record of its own."""

import socket
import threading
import time

import pytest
from library_page import HARBOUR, PAGE, STATIC, in_this_process, library
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles


@pytest.fixture
def address(nothing_set, monkeypatch, tmp_path, tiny_lexicon, small_library):
    import uvicorn

    in_this_process(monkeypatch, **tiny_lexicon)
    held = library(tmp_path, small_library, tiny_lexicon)

    async def page(request):
        lang = request.query_params.get("lang", "ko")
        theme = request.query_params.get("theme", "")
        return HTMLResponse(PAGE.replace("LANG", lang).replace("THEME", theme))

    static = Mount("/static-cb", StaticFiles(directory=STATIC))
    app = Starlette(routes=[Route("/", page), static, *held.routes])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def page(address, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="ko-KR")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(address)
    page.wait_for_selector(".cb-lib-doc")
    yield page
    assert page.faults == []
    context.close()


def upload(page, *files):
    page.locator("#cb-library input[type=file]").set_input_files(
        [{"name": n, "mimeType": "text/plain", "buffer": b} for n, b in files]
    )


@pytest.mark.browser
def test_a_document_is_uploaded_chosen_looked_through_and_removed(page):
    before = page.locator(".cb-lib-doc").count()
    assert page.evaluate("scopes") == [None]
    upload(page, ("<img src=x onerror=alert(1)>.md", HARBOUR.encode()), ("x.exe", b"MZ"))
    page.locator(".cb-job[data-state=ready]").wait_for()
    job = page.locator(".cb-job").inner_text()
    assert "추가함 · 대목 2개" in job
    assert "읽지 않는 형식입니다" in job
    assert page.locator("#cb-library img").count() == 0
    page.wait_for_function(
        "n => document.querySelectorAll('.cb-lib-doc').length === n", arg=before + 1
    )
    row = page.locator(".cb-lib-doc", has_text="항만 보고서").last
    id = row.get_attribute("data-id")
    row.locator("input").uncheck()
    scope = page.evaluate("scopes.at(-1)")
    assert len(scope) == before
    assert id not in scope
    page.get_by_role("button", name="모두 해제").click()
    assert len(page.evaluate("scopes.at(-1)")) == 1
    assert "적어도 한 건" in page.locator(".cb-lib-message").first.inner_text()
    row.locator(".cb-more").press("Enter")
    row.get_by_text("재원").click()
    assert page.evaluate("opened") == [[id, 1]]
    row.get_by_role("button", name="이 문서만").click()
    assert page.evaluate("scopes.at(-1)") == [id]
    page.reload()
    page.wait_for_selector(".cb-lib-doc")
    assert page.evaluate("scopes.at(-1)") == [id]
    row.locator(".cb-more").click()
    row.get_by_role("button", name="지우기").click()
    page.locator("dialog button[value=yes]").click()
    page.locator(".cb-job[data-state=removed]").wait_for()
    assert "남은 것이 없습니다" in page.locator(".cb-job").inner_text()
    page.wait_for_function("n => document.querySelectorAll('.cb-lib-doc').length === n", arg=before)
    assert page.evaluate("scopes.at(-1)") is None


@pytest.mark.browser
def test_the_pane_changes_its_language_and_fits_a_telephone(page):
    page.evaluate(
        "document.documentElement.dataset.lang = 'en';"
        "document.dispatchEvent(new CustomEvent('cb:lang'))"
    )
    page.get_by_role("button", name="Upload").wait_for()
    page.get_by_text("Shared by everyone who uses this server.").wait_for()
    page.locator(".cb-more").first.click()
    page.locator(".cb-detail dl").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_five_hundred_documents_are_filtered_at_once(page, address):
    def many(route):
        one = {"lang": "ko", "format": "pdf", "pages": 12, "passages": 90, "as_of": "2024-11"}
        more = {"edition": "none", "kept": True, "removable": True, "name": "a.pdf"}
        documents = [
            {"id": f"d{n}", "titles": {"ko": f"정책 보고서 {n}호"}, **one, **more}
            for n in range(500)
        ]
        limits = {"allowed": True, "why": None, "limit": 50, "largest": 5e7, "most": 50}
        route.fulfill(json={"documents": documents, "uploads": {**limits, "suffixes": [".pdf"]}})

    page.route("**/library?lang=*", many)
    page.goto(address)
    page.locator(".cb-find").fill("보고서 499")
    assert page.locator(".cb-lib-doc:visible").count() == 1
    took = page.evaluate(
        "() => { const f = document.querySelector('.cb-find'), t = performance.now();"
        " f.value = '1';"
        " f.dispatchEvent(new Event('input')); document.body.offsetHeight;"
        " return performance.now() - t; }"
    )
    assert took < 500
    page.get_by_role("button", name="모두 해제").click()
    page.locator(".cb-find").fill("")
    assert "500건 가운데" in page.locator(".cb-asked").inner_text()
