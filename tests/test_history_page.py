"""The list of conversations and the thumbs in a browser, on a page of their own."""

import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from talk_samples import QUESTION, refusal, turn

from assistant.accounts import Accounts
from assistant.feedback import kept
from assistant.history import History
from assistant.web.history_routes import routes
from index.record.library import Library

pytestmark = pytest.mark.browser
STATIC = Path(__file__).parent.parent / "assistant" / "web" / "static"
ONE, TWO = "1" * 32, "2" * 32
PAGE = """<!doctype html><html lang="ko" data-lang="ko"><head><meta charset="utf-8"><title>t</title>
<link rel="stylesheet" href="/static-cb/chat.css">
<link rel="stylesheet" href="/static-cb/history.css">
<link rel="stylesheet" href="/static-cb/feedback.css"><link rel="icon" href="data:,"></head>
<body><div id="cb-history" style="width:280px;padding:16px"></div>
<div id="answers" style="padding:16px"></div>
<script type="module">
import * as talk from "/static-cb/history.js";
import * as feedback from "/static-cb/feedback.js";
import * as store from "/static-cb/store.js";
talk.start(); feedback.start();
window.seen = []; window.talk = talk; window.store = store;
for (const name of ["cb:open-conversation", "cb:conversation-deleted", "cb:rated"]) {
  document.addEventListener(name, (event) => window.seen.push([name, event.detail]));
}
</script></body></html>"""


@pytest.fixture
def record(tmp_path):
    with Library.open(f"sqlite:///{tmp_path}/citebrief.db") as library:
        Accounts(library, cost=4).add("jihye", "correct horse")
        yield library


@pytest.fixture
def server(record):
    """The address of a small server of these files and routes; the cookie says who is asking."""
    inner = Starlette(
        routes=[
            Route("/", lambda request: HTMLResponse(PAGE)),
            Mount("/static-cb", StaticFiles(directory=STATIC)),
            *routes(lambda create: record),
        ]
    )

    async def app(scope, receive, send):
        if scope["type"] == "http":
            cookies = dict(scope["headers"]).get(b"cookie", b"")
            scope.setdefault("state", {})["user"] = "jihye" if b"user=jihye" in cookies else None
        await inner(scope, receive, send)

    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not running.started and time.monotonic() < until:
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    running.should_exit = True
    thread.join(10)


@pytest.fixture
def reader(browser, server):
    """A function that opens the page in a browser of its own."""
    contexts = []

    @contextmanager
    def opened(*, user=None, script=None):
        context = browser.new_context(locale="ko-KR", viewport={"width": 700, "height": 800})
        context.set_default_timeout(10_000)
        contexts.append(context)
        if user:
            context.add_cookies([{"name": "user", "value": user, "url": server}])
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        show(page, server)
        yield page
        assert page.faults == []

    yield opened
    for context in contexts:
        context.close()


def show(page, address=None):
    if address:
        page.goto(address)
    else:
        page.reload()
    page.wait_for_selector("#cb-history .cb-h-foot .cb-h-note")


def conversation(id, *turns, updated="2026-11-23T10:00:00Z", title=""):
    head = {"id": id, "title": title, "created": "2026-11-23T10:00:00Z", "updated": updated}
    return head | {"turns": [one.to_json() for one in turns]}


def remember(page, *conversations):
    for one in conversations:
        page.evaluate("c => talk.remember(c)", one)


def titles(page):
    return page.locator(".cb-h-title").all_inner_texts()


def rate_place(page, id):
    page.evaluate(
        """id => { const place = document.createElement("div"); place.className = "cb-rate";
        place.dataset.turn = id; document.querySelector("#answers").append(place); }""",
        id,
    )
    page.wait_for_selector(".cb-thumb-up[aria-pressed]")


def test_conversations_stay_in_the_browser_and_come_back_as_they_were(reader, record):
    with reader() as page:
        assert "이 브라우저에만" in page.inner_text(".cb-h-foot")
        one = conversation(ONE, turn(1, why={"n": 1}), refusal(2))
        remember(page, one, conversation(TWO, refusal(3), updated="2026-11-23T11:00:00Z"))
        show(page)
        assert titles(page) == ["달에는 누가 갔나요?", QUESTION]
        page.click(f"text={QUESTION}")
        page.wait_for_function("seen.length === 1")
        name, detail = page.evaluate("seen[0]")
        assert name == "cb:open-conversation"
        assert detail == one | {"title": QUESTION}
        assert page.locator('[aria-current="true"]').inner_text().startswith(QUESTION)
    assert History(record).list("jihye").conversations == ()


def test_two_browsers_see_nothing_of_each_other(reader):
    with reader() as first, reader() as second:
        remember(first, conversation(ONE, turn(1)))
        show(second)
        assert titles(first) == [QUESTION]
        assert titles(second) == []
        assert "아직 나눈 대화가 없습니다" in second.inner_text(".cb-h-list")


def test_search_leaves_what_holds_every_word(reader):
    with reader() as page:
        remember(page, conversation(ONE, turn(1)), conversation(TWO, refusal(3)))
        page.fill(".cb-h-search", "부산 항 나무")
        page.wait_for_function("document.querySelectorAll('.cb-h-row').length === 1")
        assert titles(page) == [QUESTION]
        page.fill(".cb-h-search", "태양광")
        page.wait_for_selector("text=찾은 대화가 없습니다")


def test_a_conversation_is_renamed_by_keyboard(reader):
    with reader() as page:
        remember(page, conversation(ONE, turn(1)))
        page.focus(".cb-h-rename")
        page.keyboard.press("Enter")
        page.fill(".cb-h-name", "예산 회의")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=예산 회의")
        remember(page, conversation(ONE, turn(1), turn(2)))  # the next answer keeps the name
        show(page)
        assert titles(page) == ["예산 회의"]


def test_deleting_asks_first_and_is_for_good(reader):
    with reader() as page:
        remember(page, conversation(ONE, turn(1)), conversation(TWO, refusal(3)))
        page.hover(".cb-h-row")
        page.click(".cb-h-remove >> nth=0")
        assert page.evaluate("document.activeElement.className") == "cb-h-no"
        page.keyboard.press("Escape")
        assert len(titles(page)) == 2
        page.click(f'.cb-h-row[data-id="{TWO}"] .cb-h-remove')
        page.click(".cb-h-yes")
        page.wait_for_function("document.querySelectorAll('.cb-h-row').length === 1")
        assert page.evaluate("seen.at(-1)") == ["cb:conversation-deleted", {"id": TWO}]
        show(page)
        assert titles(page) == [QUESTION]
        page.click(".cb-h-clear")
        page.click(".cb-h-yes")
        page.wait_for_selector("text=아직 나눈 대화가 없습니다")
        show(page)
        assert titles(page) == []


def test_days_and_words_are_in_the_language_of_the_page(reader):
    with reader() as page:
        now = page.evaluate("new Date().toISOString()")
        remember(
            page,
            conversation(ONE, turn(1), updated=now),
            conversation(TWO, refusal(3), updated="2020-03-02T10:00:00Z"),
        )
        assert page.locator(".cb-h-day").all_inner_texts() == ["오늘", "2020년 3월"]
        page.evaluate(
            """() => { document.documentElement.dataset.lang = "en";
            document.dispatchEvent(new CustomEvent("cb:lang")); }"""
        )
        page.wait_for_selector("text=March 2020")
        assert page.locator(".cb-h-day").all_inner_texts() == ["Today", "March 2020"]
        assert "this browser only" in page.inner_text(".cb-h-foot")


def test_more_conversations_than_a_page_are_shown_on_demand(reader):
    with reader() as page:
        many = [
            conversation(f"{n:032x}", turn(n), updated=f"2026-11-22T10:{n % 60:02d}:00Z")
            for n in range(1, 56)
        ]
        page.evaluate(
            "async all => { const s = await store.openStore(); for (const c of all) "
            "await s.put({...c, title: 'x'}); }",
            many,
        )
        show(page)
        assert len(titles(page)) == 50
        page.click(".cb-h-more")
        page.wait_for_function("document.querySelectorAll('.cb-h-row').length === 55")
        assert page.locator(".cb-h-more").count() == 0


@pytest.mark.parametrize(
    "script",
    [
        "Object.defineProperty(window, 'indexedDB', { value: undefined });",
        "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); };",
    ],
)
def test_a_browser_that_keeps_nothing_is_told_so_and_works(reader, script):
    with reader(script=script) as page:
        assert "창을 닫으면 대화가 사라집니다" in page.inner_text(".cb-h-foot")
        remember(page, conversation(ONE, turn(1)))
        assert titles(page) == [QUESTION]
        page.click(f"text={QUESTION}")
        page.wait_for_function("seen.length === 1")


def test_hostile_text_stays_text(reader):
    with reader() as page:
        bad = "<img src=x onerror=document.title='bad'>"
        remember(page, conversation(ONE, turn(1, question=bad)))
        assert titles(page) == [bad]
        assert page.title() == "t"


def test_with_a_login_the_server_keeps_the_history(reader, record):
    History(record).save("jihye", ONE, turn(1))
    with reader(user="jihye") as page:
        assert titles(page) == [QUESTION]
        assert "로그인한 계정" in page.inner_text(".cb-h-foot")
        page.click(f"text={QUESTION}")
        page.wait_for_function("seen.length === 1")
        assert page.evaluate("seen[0][1].turns") == [turn(1).to_json()]
        page.click(".cb-h-clear")
        page.click(".cb-h-yes")
        page.wait_for_selector("text=아직 나눈 대화가 없습니다")
    assert History(record).get("jihye", ONE) is None


# --- thumbs ---------------------------------------------------------------------------------------


def test_thumbs_up_is_kept_at_once_and_taken_back_by_the_same_thumb(reader, record):
    with reader() as page:
        remember(page, conversation(ONE, turn(1)))
        rate_place(page, turn(1).id)
        page.click(".cb-thumb-up")
        page.wait_for_selector('.cb-thumb-up[aria-pressed="true"]')
        page.wait_for_selector("text=의견을 저장했습니다")
        assert [one.rating.thumb for one in kept(record)] == ["up"]
        show(page)
        rate_place(page, turn(1).id)  # it is known with the turn
        page.wait_for_selector('.cb-thumb-up[aria-pressed="true"]')
        page.click(".cb-thumb-up")
        page.wait_for_selector('.cb-thumb-up[aria-pressed="false"]')
        page.wait_for_selector("text=의견을 취소했습니다")
        assert kept(record) == []


def test_thumbs_down_asks_why(reader, record):
    with reader() as page:
        remember(page, conversation(ONE, turn(1)))
        rate_place(page, turn(1).id)
        page.focus(".cb-thumb-down")
        page.keyboard.press("Enter")
        page.wait_for_selector(".cb-reasons")
        assert "질문과 답이 의견과 함께 서버에 저장됩니다" in page.inner_text(".cb-reasons")
        page.check('input[value="wrong_citation"]')
        page.check('input[value="incomplete"]')
        page.fill(".cb-reasons textarea", "3쪽이 아닙니다")
        page.click(".cb-rate-send")
        page.wait_for_selector(".cb-reasons", state="detached")
        (found,) = kept(record)
        assert found.rating.reasons == ("wrong_citation", "incomplete")
        assert found.rating.note == "3쪽이 아닙니다"
        rating = {"thumb": "down", "reasons": ["wrong_citation", "incomplete"]}
        said = page.evaluate("seen.filter(([name]) => name === 'cb:rated').at(-1)[1]")
        assert said == {"turn": turn(1).id, "rating": rating | {"note": "3쪽이 아닙니다"}}
        page.click(".cb-thumb-down")  # again: what was said can be changed
        page.wait_for_selector(".cb-reasons")
        assert page.is_checked('input[value="incomplete"]')
        page.keyboard.press("Escape")
        page.wait_for_selector(".cb-reasons", state="detached")
        assert page.evaluate("document.activeElement.className").endswith("cb-thumb-down")


def test_with_a_login_the_rating_stays_with_the_turn(reader, record):
    History(record).save("jihye", ONE, turn(1))
    with reader(user="jihye") as page:
        page.click(f"text={QUESTION}")
        page.wait_for_function("seen.length === 1")
        rate_place(page, turn(1).id)
        page.click(".cb-thumb-up")
        page.wait_for_selector("text=의견을 저장했습니다")
    assert History(record).turn("jihye", turn(1).id).rating.thumb == "up"
    assert [one.user for one in kept(record)] == ["jihye"]


def test_feedback_that_cannot_be_kept_says_so(reader, record):
    with reader() as page:
        rate_place(page, turn(7).id)  # of a turn that nobody knows
        page.click(".cb-thumb-up")
        page.wait_for_selector(".cb-rate-failed >> text=저장하지 못했습니다")
        assert page.get_attribute(".cb-thumb-up", "aria-pressed") == "false"
    assert kept(record) == []
