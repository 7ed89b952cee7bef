"""From an answer into the document it cites and back: the real server, a real browser."""

from contextlib import contextmanager

import pytest
from chat import ask, opened, served

KO = "미국이 우크라이나에 지원한 금액은 얼마인가요?"
EN = "How much did the United States give Ukraine?"
TITLE = "The Security Policy of the Second Trump Administration and South Korea's Response"
SEVERAL = "한미동맹의 비용 분담에 대해 미국은 무엇을 원하나요?"
QUOTE = (
    "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를, 이스라엘-하마스 전쟁에 179억 달러를 "
    "지원했다."
)
ENGLISH = (
    "The United States provided about $183 billion for the Russia-Ukraine war and $17.9 billion "
    "for the Israel-Hamas war."
)
IN_VIEW = (
    "s => { const b = document.querySelector(s).getBoundingClientRect();"
    " const a = document.querySelector('.cb-reader-body').getBoundingClientRect();"
    " return b.top >= a.top && b.bottom <= a.bottom && b.left >= 0 && b.right <= innerWidth; }"
)
HEARD = (
    "document.addEventListener('cb:ask', e => { window.heard = e.detail; });"
    "document.addEventListener('cb:open-citation', e => { window.cited = e.detail.passage; });"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The chat over the brief."""
    folder = tmp_path_factory.mktemp("reader")
    with served(folder, {"CITEBRIEF_INDEX": str(folder / "index")}) as address:
        yield address


@pytest.fixture
def page(server, browser):
    with opened(browser, server) as page:
        page.evaluate(HEARD)
        yield page


@pytest.fixture
def phone(server, browser):
    """A telephone: narrow, and touched."""
    touched = {"has_touch": True, "is_mobile": True}
    with visited(browser, server, width=390, height=844, locale="ko-KR", **touched) as page:
        yield page


@contextmanager
def visited(browser, server, *, width, height, **how):
    """The page in a window of that size; no error is said in its console."""
    context = browser.new_context(viewport={"width": width, "height": height}, **how)
    context.set_default_timeout(20_000)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(server)
    page.wait_for_selector("#cb-box textarea")
    page.wait_for_selector("#cb-export button")
    page.evaluate(HEARD)
    yield page
    assert errors == []
    context.close()


def read(page, question=KO):
    """Ask, and open the document at the first citation."""
    marker = ask(page, question).locator(".cb-marker").first
    marker.click()
    page.locator("#cb-reader .cb-cited").first.wait_for()
    return marker


def cited(page):
    return page.locator(".cb-cited").all_inner_texts()


@pytest.mark.browser
def test_a_marker_opens_the_document_at_exactly_the_sentence_that_is_quoted(page):
    answer = ask(page, KO)
    answer.locator(".cb-marker").first.click()
    page.locator(".cb-cited").wait_for()
    assert cited(page) == [QUOTE]
    page.wait_for_function(IN_VIEW, arg=".cb-cited")
    assert "4쪽" in page.locator(".cb-reader-where").inner_text()
    assert page.locator(".cb-reader-notice").is_hidden()
    assert "cb-shown" in answer.locator(".cb-source").first.get_attribute("class")
    box = page.locator("#cb-input").bounding_box()  # the chat makes room
    assert box["x"] + box["width"] <= page.locator("#cb-reader").bounding_box()["x"]
    words = page.evaluate("document.querySelector('.cb-doc').textContent")
    assert "결 론" in words or page.locator(".cb-part:not([data-loaded])").count()


@pytest.mark.browser
def test_nothing_is_highlighted_where_the_words_are_not_those_of_the_quote(page):
    answer = ask(page, KO)
    answer.locator(".cb-quote p").last.evaluate("e => { e.textContent += ' 덧붙임' }")
    answer.locator(".cb-marker").first.click()
    page.locator(".cb-reader-notice:visible").wait_for()
    assert "찾지 못해 표시하지 않았습니다" in page.locator(".cb-reader-notice").inner_text()
    assert page.locator(".cb-doc").count() == 1
    assert page.locator(".cb-cited").count() == 0
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('cb:open-citation',"
        " { detail: { document: 'brief', passage: 'brief:s999', quote: 'x' } }))"
    )
    page.locator(".cb-reader-notice:visible").wait_for()
    assert page.locator(".cb-cited").count() == 0


@pytest.mark.browser
def test_the_translation_and_both_side_by_side_light_up_at_the_same_sentence(page):
    read(page)
    page.click(".cb-reader-mode-translation")
    page.locator(".cb-cited.cb-t").wait_for()
    assert cited(page) == [ENGLISH]
    assert "비공식 번역" in page.locator(".cb-reader-edition").inner_text()
    page.click(".cb-reader-mode-both")
    page.locator(".cb-cited").nth(1).wait_for()
    assert cited(page) == [QUOTE, ENGLISH]
    page.wait_for_function(IN_VIEW, arg=".cb-cited")
    other = page.locator(".cb-row .cb-p:not(.cb-t):not(.cb-cited)").first
    other.scroll_into_view_if_needed()
    other.hover()
    assert page.locator(".cb-paired").count() == 2


@pytest.mark.browser
def test_the_keyboard_alone_leads_into_the_document_through_it_and_back(page):
    ask(page, SEVERAL)
    page.locator("#cb-chat .cb-marker").first.focus()
    page.keyboard.press("Enter")
    page.locator(".cb-cited").wait_for()
    page.wait_for_function("document.activeElement.classList.contains('cb-cited')")
    first = cited(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "t => document.querySelector('.cb-cited')?.innerText !== t", arg=first[0]
    )
    page.locator(".cb-cited").wait_for()
    assert "2 / " in page.locator(".cb-reader-count").inner_text()
    page.keyboard.press("ArrowDown")
    sentence = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("a")
    assert sentence in page.evaluate("heard.text")
    assert page.evaluate("heard.document") == "brief"
    assert page.input_value("#cb-box textarea") == page.evaluate("heard.text")
    page.locator(".cb-cited").focus()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")
    page.locator("#cb-reader").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.className") == "cb-marker"


@pytest.mark.browser
def test_words_are_found_in_the_whole_document_and_visited_in_turn(page):
    read(page)
    page.fill(".cb-reader-query", "방위비분담금")
    page.wait_for_function(
        "/^1 \\/ \\d+$/.test(document.querySelector('.cb-reader-hits').innerText)"
    )
    page.wait_for_function(IN_VIEW, arg=".cb-found")
    assert "방위비" in page.locator(".cb-found").first.inner_text()
    page.press(".cb-reader-query", "Enter")
    page.wait_for_function("document.querySelector('.cb-reader-hits').innerText.startsWith('2 /')")
    page.press(".cb-reader-query", "Shift+Enter")
    page.wait_for_function("document.querySelector('.cb-reader-hits').innerText.startsWith('1 /')")
    page.fill(".cb-reader-query", "없는말없는말")
    page.wait_for_function("document.querySelector('.cb-reader-hits').innerText === '결과 없음'")


@pytest.mark.browser
def test_a_selected_sentence_can_be_asked_about(page):
    read(page)
    assert page.locator(".cb-reader-ask").is_hidden()
    page.locator(".cb-cited").click(click_count=3)
    page.locator(".cb-reader-ask:visible").wait_for()
    page.click(".cb-reader-ask")
    assert "1,830억 달러" in page.evaluate("heard.text")
    assert page.evaluate("heard.text").endswith("설명해 주세요.")


@pytest.mark.browser
def test_pointing_at_a_marker_shows_its_quote_beside_the_line(page):
    answer = ask(page, KO)
    marker = answer.locator(".cb-marker").first
    marker.hover()
    card = page.locator("#cb-popover")
    card.wait_for()
    shown = card.inner_text()
    for words in ("4쪽", QUOTE, ENGLISH, "비공식 번역", "사실", "확인됨", "근거 일치 100%"):
        assert words in shown
    assert marker.get_attribute("aria-describedby") == "cb-popover"
    at, box = marker.bounding_box(), card.bounding_box()
    assert box["y"] >= at["y"] + at["height"] or box["y"] + box["height"] <= at["y"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    page.keyboard.press("Escape")
    card.wait_for(state="detached")


@pytest.mark.browser
def test_a_tap_on_a_phone_shows_the_quote_and_a_second_the_whole_document(phone):
    answer = ask(phone, KO)
    answer.locator(".cb-marker").first.tap()
    card = phone.locator("#cb-popover")
    card.wait_for()
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    phone.locator(".cb-popover-open").tap()
    phone.locator(".cb-cited").wait_for()
    assert cited(phone) == [QUOTE]
    phone.wait_for_function(IN_VIEW, arg=".cb-cited")
    pane = phone.locator("#cb-reader").bounding_box()
    assert (pane["x"], pane["y"], pane["width"], pane["height"]) == (0, 0, 390, 844)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.locator(".cb-reader-mode-both").tap()
    phone.locator(".cb-cited").nth(1).wait_for()
    assert phone.evaluate(
        "document.querySelector('.cb-reader-body').scrollWidth <="
        " document.querySelector('.cb-reader-body').clientWidth"
    )
    phone.locator(".cb-reader-back").tap()
    phone.locator("#cb-reader").wait_for(state="hidden")
    assert phone.evaluate("document.querySelectorAll('[inert]').length") == 0


@pytest.mark.browser
def test_the_places_that_are_found_are_listed_and_a_click_leads_to_one(page):
    read(page)
    page.fill(".cb-reader-query", "주한미군")
    entries = page.locator(".cb-reader-places button")
    entries.nth(1).wait_for()
    total = int(page.locator(".cb-reader-hits").inner_text().split("/")[1])
    assert entries.count() == total > 3
    assert all("주한미군" in words for words in entries.locator("mark").all_inner_texts())
    assert entries.last.locator("small").inner_text() == "10쪽"
    assert entries.first.get_attribute("aria-current") == "true"
    entries.nth(2).click()
    page.wait_for_function("document.querySelector('.cb-reader-hits').innerText.startsWith('3 /')")
    page.wait_for_function(IN_VIEW, arg=".cb-found")
    assert entries.nth(2).get_attribute("aria-current") == "true"
    assert page.locator(".cb-reader-places [aria-current]").count() == 1
    fold = page.locator(".cb-reader-fold")
    fold.click()
    assert page.locator(".cb-reader-places").is_hidden()
    assert fold.get_attribute("aria-expanded") == "false"
    page.fill(".cb-reader-query", "")
    page.wait_for_function("!document.querySelector('.cb-reader-places button')")


@pytest.mark.browser
def test_the_list_of_places_is_walked_with_the_arrows_and_opened_with_enter(page):
    read(page)
    page.keyboard.press("/")
    page.keyboard.insert_text("주한미군")
    page.locator(".cb-reader-places button").nth(3).wait_for()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.at") == "1"
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.cb-reader-hits').innerText.startsWith('2 /')")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")  # empties the search, and the pane stays
    assert page.locator(".cb-reader-places").is_hidden()
    assert page.locator("#cb-reader").is_visible()


@pytest.mark.browser
def test_a_reader_of_the_other_language_is_shown_both_under_a_title_to_be_read(server, browser):
    with visited(browser, server, width=1440, height=900, locale="en-US") as page:
        read(page, EN)
        assert page.locator(".cb-reader-title").inner_text() == TITLE
        assert page.locator(".cb-reader-mode-both").get_attribute("aria-pressed") == "true"
        assert cited(page) == [QUOTE, ENGLISH]
        own, other = (page.locator(".cb-cited").nth(n).bounding_box() for n in (0, 1))
        assert own["x"] + own["width"] <= other["x"]  # side by side
        page.click(".cb-reader-mode-original")
        page.wait_for_function("document.querySelectorAll('.cb-cited').length === 1")
        assert page.locator(".cb-reader-title").inner_text() == TITLE
        page.keyboard.press("Escape")
        page.locator("#cb-chat .cb-marker").first.click()  # what was chosen stays chosen
        page.locator(".cb-cited").wait_for()
        assert cited(page) == [QUOTE]


@pytest.mark.browser
def test_where_there_is_no_room_beside_the_readers_language_stands_first(server, browser):
    touched = {"has_touch": True, "is_mobile": True}
    with visited(browser, server, width=390, height=844, locale="en-US", **touched) as page:
        ask(page, EN).locator(".cb-open").first.tap()
        page.locator(".cb-cited").nth(1).wait_for()
        own, other = (page.locator(".cb-cited").nth(n).bounding_box() for n in (0, 1))
        assert other["y"] + other["height"] <= own["y"]
        page.wait_for_function(IN_VIEW, arg=".cb-cited.cb-t")
        page.fill(".cb-reader-query", "alliance")
        page.locator(".cb-reader-places button").nth(1).tap()
        assert page.locator(".cb-reader-places").is_hidden()  # it would lie over the text
        page.wait_for_function(IN_VIEW, arg=".cb-found")


@pytest.mark.browser
def test_the_pane_speaks_the_language_of_the_page(page):
    read(page)
    page.evaluate("document.documentElement.dataset.lang = 'en'")
    page.wait_for_function("document.querySelector('.cb-toc summary')?.innerText === 'Contents'")
    assert page.locator(".cb-reader-mode-both").inner_text() == "Both"
    assert page.locator("#cb-reader").get_attribute("aria-label") == "Source document"
    page.locator(".cb-cited").nth(1).wait_for()
    assert cited(page) == [QUOTE, ENGLISH]
    assert page.locator(".cb-reader-title").inner_text() == TITLE
