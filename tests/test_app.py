"""The chat page: the real server, driven by a real browser."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from chat import ask, kept, opened, send, served

from assistant.errors import InputError
from assistant.settings import Settings
from assistant.web import serving

KO = "미국이 우크라이나 전쟁에 지원한 금액은?"
EN = "How much has the US provided for the war in Ukraine?"
QUOTE = "약 1,830억 달러"
USERS = 20


def test_a_taken_port_is_named_with_the_setting_to_change(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"127.0.0.1 port {port} .*CITEBRIEF_PORT.*--port"):
            serving.serve(Settings(port=port, index=tmp_path))


def test_an_unknown_host_is_named(tmp_path):
    with pytest.raises(InputError, match=r"'999\.0\.0\.1\.invalid' is unknown.*CITEBRIEF_HOST"):
        serving.serve(Settings(host="999.0.0.1.invalid", index=tmp_path))


@pytest.fixture(scope="session")
def server(brief_index, tmp_path_factory):
    """The address of the real server, with the index of the tests."""
    settings = {"CITEBRIEF_INDEX": str(brief_index.folder.parent)}
    # A proxy that answers nobody: the server must not need it to reach itself.
    settings |= dict.fromkeys(("HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9")
    settings |= dict.fromkeys(("NO_PROXY", "no_proxy"), "")
    with served(tmp_path_factory.mktemp("chat"), settings) as address:
        yield address


def ask_over_http(address, number):
    """One question as the page asks it: join the queue, then follow its events to the end."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        config = client.get("/config").json()
        box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "cb-box")
        event = next(
            d["id"] for d in config["dependencies"] if [box, "submit"] in map(list, d["targets"])
        )
        session = f"session{number}"
        payload = {"data": [KO, None, None], "fn_index": event, "session_hash": session}
        client.post("/gradio_api/queue/join", json=payload).raise_for_status()
        seen = []
        url = f"/gradio_api/queue/data?session_hash={session}"
        with client.stream("GET", url) as events:
            for line in events.iter_lines():
                if not line.startswith("data:"):
                    continue
                seen.append(line)
                message = json.loads(line.removeprefix("data:"))
                if message["msg"] == "process_completed":
                    assert message["success"], message
                    break
        return "\n".join(seen)


def test_twenty_people_at_once_are_all_answered(server):
    start = time.monotonic()
    with ThreadPoolExecutor(USERS) as people:
        answers = list(people.map(lambda number: ask_over_http(server, number), range(USERS)))
    assert all(QUOTE in answer for answer in answers)
    assert time.monotonic() - start < 30


@pytest.fixture
def page(server, browser):
    """The chat, open in a browser of its own."""
    with opened(browser, server) as page:
        yield page


@pytest.mark.browser
def test_a_korean_question_is_answered_with_the_quote_and_its_page(page):
    answer = ask(page, KO)
    assert any(QUOTE in s for s in answer.locator(".cb-sentence").all_inner_texts())
    quotes = [q for q in answer.locator(".cb-source").all_inner_texts() if QUOTE in q]
    assert any("4쪽" in q and "비공식 번역" in q and "$183 billion" in q for q in quotes)
    assert "2024년 11월 기준" in answer.inner_text()


@pytest.mark.browser
def test_an_english_question_is_answered_in_english_with_the_korean_quote(page):
    answer = ask(page, EN)
    assert any("$183 billion" in s for s in answer.locator(".cb-sentence").all_inner_texts())
    assert any(QUOTE in q for q in answer.locator(".cb-quote").all_inner_texts())
    assert "As of November 2024" in answer.inner_text()


@pytest.mark.browser
def test_a_marker_leads_to_its_own_citation_even_after_another_answer(page):
    ask(page, KO)
    second = ask(page, EN)
    ids = page.evaluate("[...document.querySelectorAll('#cb-chat .cb-answer [id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    for answer in (page.locator("#cb-chat .cb-answer").first, second):
        assert answer.locator(".cb-marker").first.inner_text() == "[1]"
        answer.locator(".cb-marker").first.click()
        shown = page.locator(".cb-shown")
        shown.wait_for()
        assert shown.count() == 1
        assert answer.locator(".cb-source.cb-shown .cb-number").inner_text() == "1"


@pytest.mark.browser
def test_a_reload_keeps_the_conversation_word_for_word_and_a_new_one_begins_empty(page):
    ask(page, KO)
    ask(page, "이스라엘에는?")
    page.locator("#cb-chat .cb-after").nth(1).wait_for()
    before = page.locator("#cb-chat .cb-answer").all_inner_texts()
    kept(page, 2)
    page.reload()
    page.locator("#cb-chat .cb-answer").nth(1).wait_for()
    assert page.locator("#cb-chat .cb-answer").all_inner_texts() == before
    page.click("#cb-new")
    page.locator("#cb-chat .cb-question").first.wait_for(state="detached")
    ask(page, EN)
    assert page.locator("#cb-chat .cb-question").count() == 1


@pytest.mark.browser
def test_a_follow_up_that_is_offered_is_answered(page):
    ask(page, KO)
    offered = page.locator("#cb-chat .cb-follow")
    offered.first.wait_for()
    assert 1 <= offered.count() <= 3
    text = offered.first.inner_text()
    offered.first.click()
    page.locator("#cb-chat .cb-after").nth(1).wait_for()
    assert page.locator("#cb-chat .cb-question").last.inner_text() == text
    assert page.locator("#cb-chat .cb-answer").last.locator(".cb-sentence").count() > 0


@pytest.mark.browser
def test_a_refusal_names_what_the_documents_do_answer(page):
    ask(page, "브라질 축구 대표팀 감독은 누구인가요?")
    offered = page.locator("#cb-chat .cb-absent + .cb-after .cb-follow")
    offered.first.wait_for()
    offered.first.click()
    page.locator("#cb-chat .cb-after").nth(1).wait_for()
    assert page.locator("#cb-chat .cb-answer").last.locator(".cb-sentence").count() > 0


@pytest.mark.browser
def test_a_question_can_be_answered_again_or_edited_from_where_it_stands(page):
    ask(page, KO)
    ask(page, EN)
    page.locator("#cb-chat .cb-after").nth(1).wait_for()
    page.locator("[data-cb-act=retry]").first.click()
    page.wait_for_function("() => document.querySelectorAll('#cb-chat .cb-question').length === 1")
    page.locator("#cb-chat .cb-after").first.wait_for()
    assert page.locator("#cb-chat .cb-question").all_inner_texts() == [KO]
    page.locator("[data-cb-act=edit]").first.click()
    assert page.input_value("#cb-box textarea") == KO
    assert "질문을 고쳐 보내면" in page.inner_text("#cb-editing")
    send(page, "대만 정책은 바뀌나요?")
    page.wait_for_function(
        "() => document.querySelector('#cb-chat .cb-question')?.innerText.startsWith('대만')"
    )
    assert page.locator("#cb-chat .cb-question").count() == 1
    assert page.inner_text("#cb-editing") == ""


@pytest.mark.browser
def test_two_readers_see_nothing_of_each_other(page, server, browser):
    ask(page, KO)
    kept(page, 1)
    with opened(browser, server) as other:
        other.wait_for_timeout(800)
        assert other.locator("#cb-chat .cb-question").count() == 0
        assert KO not in other.inner_text("body")


@pytest.mark.browser
def test_the_language_and_the_brightness_are_the_readers_choice_and_stay(page):
    assert page.inner_text("#cb-new").endswith("새 대화")
    page.click(".cb-choice[lang=en]")
    assert page.inner_text("#cb-new").endswith("New conversation")
    assert page.get_attribute("#cb-box textarea", "placeholder") == "Ask a question"
    page.click("#cb-theme")
    page.click("#cb-theme")
    page.reload()
    page.wait_for_selector("#cb-export button")
    page.errors.clear()  # what the reload broke off
    assert page.inner_text("#cb-new").endswith("New conversation")
    assert page.evaluate("document.body.classList.contains('dark')")


@pytest.mark.browser
def test_the_page_speaks_english_to_an_english_browser(server, browser):
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(server)
    page.wait_for_selector("#cb-new")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.inner_text("#cb-new").endswith("New conversation")
    context.close()


@pytest.mark.browser
def test_a_text_is_checked_sentence_by_sentence(page):
    page.click("[data-cb-view=check]")
    page.fill(
        "#cb-check-text textarea",
        "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를 지원했다. "
        "미국은 러시아-우크라이나 전쟁에 약 2,830억 달러를 지원했다. "
        "브라질은 월드컵에서 우승했다.",
    )
    page.click("#cb-check-go")
    page.locator("#cb-check-result .cb-source").first.wait_for()
    shown = page.inner_text("#cb-check-result")
    assert "확인됨" in shown
    assert "문서에 없음" in shown
    with page.expect_download() as download:
        page.click("#cb-check-save")
    assert "2,830억" in download.value.path().read_text(encoding="utf-8")


@pytest.mark.browser
def test_what_a_reader_types_is_text(page):
    ask(page, '<b id="typed">**미국**</b> $x$ 우크라이나 지원 금액은?')
    assert page.locator("#typed").count() == 0
    assert '<b id="typed">**미국**</b> $x$' in page.locator(".cb-question").inner_text()


@pytest.mark.browser
def test_examples_can_be_clicked_in_the_language_of_the_page(page):
    chips = page.locator("#cb-openings button:visible")
    chips.first.wait_for()
    page.click(".cb-choice[lang=en]")
    text = chips.first.inner_text()
    assert text.isascii()
    chips.first.click()
    page.locator("#cb-chat .cb-foot").wait_for()
    assert page.locator(".cb-question").inner_text() == text


@pytest.mark.browser
def test_the_page_fits_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    ask(page, KO)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#cb-box").bounding_box()["y"] < 844


@pytest.mark.browser
def test_why_an_answer_was_given_can_be_unfolded_and_looks_it(page):
    ask(page, KO)
    why = page.locator(".cb-why")
    sign = "getComputedStyle(document.querySelector('.cb-why > summary'), '::before').transform"
    closed = page.evaluate(sign)
    why.locator("> summary").focus()
    page.keyboard.press("Enter")
    why.locator(".cb-why-table").first.wait_for()
    page.wait_for_function(f"{sign} !== {json.dumps(closed)}")


@pytest.mark.browser
def test_a_question_that_the_server_does_not_take_is_said_so_over_the_conversation(page):
    ask(page, KO)
    page.route("**/queue/join*", lambda route: route.fulfill(status=503, json={"detail": "full"}))
    page.fill("#cb-box textarea", "이스라엘에는 얼마를 지원했나요?")
    page.press("#cb-box textarea", "Enter")
    page.locator(".cb-toast[role=alert]:has-text('답을 받지 못했습니다')").wait_for()
    assert page.locator("#cb-chat .cb-answer").is_visible()
    assert page.locator(".toast-wrap").is_hidden()
    covered = (
        "() => document.elementFromPoint(innerWidth / 2, 300).closest('.cb-answer, .cb-after')"
    )
    assert page.evaluate(f"Boolean(({covered})())")
    page.unroute("**/queue/join*")
    page.errors.clear()  # the browser tells of the answer 503
    ask(page, "이스라엘에는 얼마를 지원했나요?")
    kept(page, 2)


@pytest.mark.browser
def test_the_side_pane_of_a_tablet_is_closed_by_a_click_beside_it(page):
    page.set_viewport_size({"width": 1024, "height": 768})
    page.click("#cb-open-side")
    page.locator("#cb-new:visible").wait_for()
    page.mouse.click(900, 400)
    page.locator("#cb-new").wait_for(state="hidden")
    assert page.locator("#cb-open-side").get_attribute("aria-expanded") == "false"


@pytest.mark.browser
def test_a_side_pane_of_any_length_scrolls_by_itself_and_moves_nothing(page):
    ask(page, KO)
    page.evaluate("document.getElementById('cb-library').style.paddingBottom = '3000px'")
    page.locator(".cb-h-row").last.click()  # it comes into view for that
    assert page.locator(".cb-masthead").bounding_box()["y"] == 0
    box = page.locator("#cb-box").bounding_box()
    assert 700 < box["y"] + box["height"] <= 900


@pytest.mark.browser
def test_escape_closes_a_dialog_and_leaves_the_side_pane_of_a_tablet_open(page):
    ask(page, KO)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.click("#cb-open-side")
    page.locator("#cb-new:visible").wait_for()
    page.get_by_role("button", name="모두 지우기").click()
    page.get_by_role("alertdialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("alertdialog").wait_for(state="detached")
    assert page.locator("#cb-new").is_visible()


@pytest.mark.browser
def test_no_other_host_is_asked_for_anything(page, server):
    ask(page, KO)
    page.wait_for_timeout(500)  # the page keeps one connection open, so it is never idle
    strangers = {
        url
        for url in page.asked
        if not url.startswith(("data:", "blob:"))
        and urlsplit(url).netloc != urlsplit(server).netloc
    }
    assert page.asked
    assert strangers == set()
