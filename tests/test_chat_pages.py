"""From a citation in the chat to the page it stands on: the real server, a real browser."""

from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from chat import ask, kept, opened, served
from chat_with_pages import QUESTIONS, write

SCRIPT = Path(__file__).parent / "chat_with_pages.py"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The chat over a library of one PDF."""
    folder = tmp_path_factory.mktemp("pages")
    write(folder / "library")
    settings = {
        "CITEBRIEF_LIBRARY": str(folder / "library"),
        "CITEBRIEF_INDEX": str(folder / "index"),
    }
    with served(folder, settings, SCRIPT) as address:
        yield address


@pytest.fixture
def page(server, browser):
    with opened(browser, server) as page:
        yield page


def see(page, question=QUESTIONS["line"]):
    """Ask, open the page of the first citation, and wait for all of its images."""
    link = ask(page, question).locator(".cb-page").first
    link.click()
    page.locator(".cb-viewer img").first.wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.cb-viewer img')]"
        ".every(i => i.complete && i.naturalWidth)"
    )
    return link


def is_in_view(page, selector):
    return page.evaluate(
        "s => { const b = document.querySelector(s).getBoundingClientRect();"
        " return b.left >= 0 && b.top >= 0 && b.left < innerWidth && b.bottom <= innerHeight; }",
        selector,
    )


@pytest.mark.browser
def test_a_citation_opens_its_page_with_the_sentence_in_view(page):
    link = see(page)
    assert link.inner_text() == "1쪽 보기"
    assert page.locator(".cb-viewer figcaption").all_inner_texts() == ["1쪽"]
    assert page.locator(".cb-viewer .cb-unmarked").count() == 0
    assert is_in_view(page, ".cb-viewer .cb-spot")
    colour = page.evaluate(
        """() => {
          const image = document.querySelector(".cb-viewer img");
          const spot = document.querySelector(".cb-viewer .cb-spot");
          const canvas = document.createElement("canvas");
          canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
          const pen = canvas.getContext("2d");
          pen.drawImage(image, 0, 0);
          const x = spot.offsetLeft / image.clientWidth * canvas.width;
          const y = spot.offsetTop / image.clientHeight * canvas.height;
          return [...pen.getImageData(x + 4, y + 4, 1, 1).data].slice(0, 3);
        }"""
    )
    assert colour == [255, 228, 110]


@pytest.mark.browser
def test_the_overlay_is_closed_from_the_keyboard_and_gives_the_focus_back(page):
    see(page)
    assert page.evaluate("document.activeElement.closest('.cb-viewer') !== null")
    page.keyboard.press("Escape")
    page.locator(".cb-viewer").wait_for(state="detached")
    assert page.evaluate("document.activeElement.className") == "cb-page"
    page.keyboard.press("Enter")
    page.locator(".cb-viewer img").first.wait_for()
    page.locator(".cb-viewer button").click()
    page.locator(".cb-viewer").wait_for(state="detached")


@pytest.mark.browser
def test_a_sentence_over_a_page_break_shows_both_pages(page):
    see(page, QUESTIONS["break"])
    assert page.locator(".cb-viewer figcaption").all_inner_texts() == ["1쪽", "2쪽"]
    assert page.locator(".cb-viewer .cb-spot").count() == 2


@pytest.mark.browser
def test_the_whole_pdf_and_the_page_can_be_opened_in_a_tab(page, server):
    link = see(page)
    with page.context.expect_page() as tab:
        page.locator(".cb-viewer .cb-pdf").click()
    assert urlsplit(tab.value.url).path == "/document/harbour.pdf"
    assert urlsplit(tab.value.url).fragment == "page=1"
    page.keyboard.press("Escape")
    with page.context.expect_page() as tab:
        link.click(modifiers=["ControlOrMeta"])
    tab.value.locator(".cb-view img").wait_for()
    assert urlsplit(tab.value.url).path.startswith("/page/harbour/")
    assert not tab.value.locator(".cb-view button").is_visible()


@pytest.mark.browser
def test_the_overlay_fills_a_phone_and_its_button_stays_in_reach(page):
    page.set_viewport_size({"width": 390, "height": 844})
    see(page)
    box = page.locator(".cb-viewer").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    assert is_in_view(page, ".cb-viewer .cb-spot")
    for scroll in (0, 400):
        page.evaluate("x => document.querySelector('.cb-viewer').scrollLeft = x", scroll)
        button = page.locator(".cb-viewer button").bounding_box()
        assert button["x"] >= 0
        assert button["x"] + button["width"] <= 390


@pytest.mark.browser
def test_a_kept_conversation_still_opens_its_pages_after_a_reload(page):
    ask(page, QUESTIONS["line"])
    kept(page, 1)
    page.reload()
    page.locator("#cb-chat .cb-page").first.click()
    page.locator(".cb-viewer img").first.wait_for()


@pytest.mark.browser
def test_a_page_that_is_gone_is_told_in_the_overlay(page):
    link = ask(page, QUESTIONS["line"]).locator(".cb-page").first
    link.evaluate("e => e.href = 'page/harbour/harbour%3As999?lang=ko'")
    link.click()
    page.locator(".cb-viewer").get_by_text("이 쪽을 볼 수 없습니다").wait_for()
    page.keyboard.press("Escape")
    page.locator(".cb-viewer").wait_for(state="detached")
    page.errors.clear()  # the browser's own line about the page that is gone


def test_the_served_pdf_cannot_run_anything_and_other_paths_are_not_found(server):
    with httpx.Client(base_url=server, trust_env=False) as client:
        pdf = client.get("/document/harbour.pdf")
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.headers["content-security-policy"].startswith("sandbox")
        assert client.get("/document/other.pdf").status_code == 404
        assert client.get("/page/harbour/nothing.png").status_code == 404
