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

from assistant.keeping import Keeper


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


def drag(page, kind, *paths, outside=False):
    """What the browser does when files are dragged over the middle of the pane, or beside it."""
    box = page.locator(".cb-lib").bounding_box()
    if "cdp" not in vars(page):
        page.cdp = page.context.new_cdp_session(page)
    page.cdp.send(
        "Input.dispatchDragEvent",
        {
            "type": kind,
            "x": 385 if outside else box["x"] + box["width"] / 2,
            "y": box["y"] + box["height"] / 2,
            "data": {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1},
        },
    )


def documents(page, count):
    page.wait_for_function("n => document.querySelectorAll('.cb-lib-doc').length === n", arg=count)


@pytest.mark.browser
def test_files_that_are_dropped_on_the_pane_are_uploaded(page, tmp_path):
    good, bad = tmp_path / "항만.md", tmp_path / "그림.png"
    good.write_text(HARBOUR, encoding="utf-8")
    bad.write_bytes(b"x")
    before = page.locator(".cb-lib-doc").count()
    dropping = page.locator(".cb-lib.cb-dropping")
    drag(page, "dragEnter", good, bad)
    dropping.wait_for()
    assert "여기에 놓으면 올라갑니다" in page.locator(".cb-veil").inner_text()
    drag(page, "dragOver", good, bad, outside=True)
    dropping.wait_for(state="detached")
    assert page.locator(".cb-job").count() == 0
    drag(page, "dragOver", good, bad)
    dropping.wait_for()
    drag(page, "drop", good, bad)
    page.locator(".cb-job[data-state=ready]").wait_for()
    assert dropping.count() == 0
    told = page.locator(".cb-job").inner_text()
    assert "항만.md" in told
    assert "추가함 · 대목 2개" in told
    assert "읽지 않는 형식입니다" in told
    documents(page, before + 1)


@pytest.mark.browser
def test_text_that_is_dragged_over_the_pane_is_left_alone(page):
    page.evaluate(
        "() => { const data = new DataTransfer(); data.setData('text/plain', '통행료');"
        " for (const kind of ['dragenter', 'dragover', 'drop'])"
        " document.querySelector('.cb-lib').dispatchEvent(new DragEvent(kind,"
        " { dataTransfer: data, bubbles: true, cancelable: true })); }"
    )
    assert page.locator(".cb-dropping, .cb-job").count() == 0


@pytest.mark.browser
def test_an_upload_that_is_being_sent_can_be_cancelled(page):
    before = page.locator(".cb-lib-doc").count()
    held = []

    def hold(route):  # as over a slow line
        held.append(route) if route.request.method == "POST" else route.continue_()

    page.route("**/library?lang=*", hold)
    upload(page, ("항만.md", HARBOUR.encode()))
    page.locator(".cb-job[data-state=sending]").wait_for()
    page.get_by_role("button", name="취소: 항만.md").click()
    page.locator(".cb-job").wait_for(state="detached")
    assert len(held) == 1
    assert page.evaluate("document.activeElement.className").startswith("cb-upload")
    page.unroute("**/library?lang=*")
    page.reload()
    documents(page, before)
    assert page.locator(".cb-job").count() == 0


@pytest.fixture
def going_on(monkeypatch):
    """Until this event is set, no file is read to its end."""
    event, engine = threading.Event(), Keeper._engine

    def slow(keeper, order, recipe, files):
        read = engine(keeper, order, recipe, files)

        def reading(jobs):
            for found in read(jobs):
                event.wait(30)
                yield found

        return reading

    monkeypatch.setattr(Keeper, "_engine", slow)
    yield event
    event.set()


@pytest.mark.browser
def test_an_upload_that_waits_or_is_read_can_be_cancelled(page, going_on):
    before = page.locator(".cb-lib-doc").count()
    upload(page, ("첫째.md", HARBOUR.encode()), ("둘째.md", HARBOUR.replace("4", "5").encode()))
    reading = page.locator(".cb-job", has_text="첫째.md")
    page.locator(".cb-job[data-state=reading]").wait_for()
    upload(page, ("셋째.md", HARBOUR.replace("4", "6").encode()))
    waiting = page.locator(".cb-job", has_text="셋째.md")
    waiting.get_by_text("앞의 작업 1건을 기다리는 중").wait_for()
    waiting.get_by_role("button", name="취소: 셋째.md").click()
    page.locator(".cb-job[data-state=cancelled]").wait_for()
    assert "취소함" in waiting.inner_text()
    reading.get_by_role("button", name="취소: 첫째.md").click()
    reading.get_by_text("읽고 있는 파일까지만 처리하는 중").wait_for()
    assert reading.get_by_role("button").count() == 0
    going_on.set()
    page.locator(".cb-job[data-state=ready]").wait_for()
    told = reading.inner_text()
    assert "추가함 · 대목 2개" in told
    assert "취소함" in told
    documents(page, before + 1)
    reading.get_by_role("button", name="닫기: 첫째.md").click()
    reading.wait_for(state="detached")


@pytest.mark.browser
def test_what_was_noticed_of_a_file_is_told_in_the_language_of_the_page(page):
    upload(page, ("항만.txt", HARBOUR.encode() * 20 + b"\xff"))
    page.locator(".cb-job[data-state=ready]").wait_for()
    row = page.locator(".cb-lib-doc", has_text="항만").last
    row.locator(".cb-more").click()
    noticed = row.locator(".cb-warnings li")
    assert "UTF-8 문자로 읽을 수 없는 곳이 1군데" in noticed.inner_text()
    page.evaluate(
        "document.documentElement.dataset.lang = 'en';"
        "document.dispatchEvent(new CustomEvent('cb:lang'))"
    )
    row.get_by_text("1 place is not valid UTF-8").wait_for()


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
