"""Who may come in: the login page, its cookie, HTTP Basic, throttling, and the way back out."""

import base64
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from chat import served
from starlette.responses import JSONResponse
from starlette.routing import Route
from web_app import FakeAccounts, client_of, service_of

from assistant.accounts import Accounts
from assistant.errors import InputError
from assistant.settings import Settings
from assistant.web.login import COOKIE, FORM_COOKIE, open_sessions, safe_next
from index.record.library import Library

NAME, PASSWORD = "kim", "바른 비밀번호"
HTML = {"Accept": "text/html", "Accept-Language": "ko"}


async def who(request):
    return JSONResponse([request.state.user, request.state.role])


@pytest.fixture
def accounts():
    return FakeAccounts()


@pytest.fixture
def service(accounts):
    return service_of(accounts=accounts)


@pytest.fixture
def client(service):
    return client_of(service, [Route("/library", who)])


def enter(client, password=PASSWORD, *, name=NAME, where="/library", **headers):
    token = re.search(r'name="form" value="([^"]+)"', client.get("/login").text)[1]
    form = {"name": name, "password": password, "form": token, "next": where}
    return client.post("/login", data=form, headers=headers)


def basic(password=PASSWORD, name=NAME):
    plain = f"{name}:{password}".encode()
    return {"Authorization": "Basic " + base64.b64encode(plain).decode()}


def test_a_browser_is_led_to_the_login_and_back_and_a_program_is_told(client):
    led = client.get("/library?a=1&b=2", headers=HTML)
    assert led.status_code == 303
    where = parse_qs(urlsplit(led.headers["location"]).query)["next"]
    assert where == ["/library?a=1&b=2"]
    for path in ("/library", "/config", "/gradio_api/info", "/metrics", "/api/openapi.json"):
        told = client.get(path, headers={"Accept-Language": "en"})
        assert told.status_code == 401, path
        assert "A login is needed" in told.json()["error"]
    assert client.post("/api/ask", json={"question": "a"}).status_code == 401
    assert client.post("/mcp", json={}).status_code == 401


def test_health_readiness_and_styles_need_no_login(client):
    for path in ("/health", "/ready", "/static-cb/login.css", "/login"):
        assert client.get(path).status_code == 200


def test_a_login_leads_on_with_a_cookie_that_no_script_reads(client):
    entered = enter(client)
    assert (entered.status_code, entered.headers["location"]) == (303, "/library")
    cookies = entered.headers.get_list("set-cookie")
    (cookie,) = [c for c in cookies if c.startswith(COOKIE)]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=2592000" in cookie
    assert "Secure" not in cookie
    assert client.get("/library").json() == ["kim", "member"]
    assert client.get("/gradio_api/user").json() == "kim"


def test_over_https_the_cookie_is_secure(service):
    entered = enter(client_of(service, base_url="https://testserver"))
    assert all("Secure" in c for c in entered.headers.get_list("set-cookie") if COOKIE in c)


@pytest.mark.parametrize(("name", "password"), [("kim", "틀린 비밀번호"), ("nobody", PASSWORD)])
def test_what_was_wrong_is_not_said(client, name, password):
    refused = enter(client, password, name=name, **{"Accept-Language": "ko"})
    assert refused.status_code == 401
    assert "이름이나 비밀번호가 맞지 않습니다" in refused.text
    assert 'role="alert"' in refused.text
    assert password not in refused.text
    assert COOKIE not in client.cookies


def test_the_name_that_was_typed_is_text(client):
    refused = enter(client, "x", name='"><script>alert(1)</script>')
    assert "<script>" not in refused.text


def test_attempts_are_throttled_before_the_password_is_looked_at(client, accounts):
    statuses = [enter(client, "틀림").status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert accounts.tried == 5
    late = enter(client, PASSWORD, **{"Accept-Language": "en"})
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 0
    assert "Too many attempts" in late.text
    assert client.get("/library", headers=basic("틀림")).status_code == 429


def test_a_login_that_succeeds_starts_the_count_anew(client):
    for _ in range(3):
        assert [enter(client, "틀림").status_code for _ in range(4)] == [401] * 4
        assert enter(client).status_code == 303


def test_the_form_must_be_one_that_we_gave(client):
    form = {"name": NAME, "password": PASSWORD, "form": "made up", "next": "/"}
    assert client.post("/login", data=form).status_code == 403
    client.get("/login")
    assert client.post("/login", data=form).status_code == 403
    assert COOKIE not in client.cookies
    evil = enter(client, Origin="https://evil.example")
    assert evil.status_code == 403
    assert client.cookies[FORM_COOKIE]


def test_a_program_logs_in_by_basic_and_the_password_is_checked_once(client, accounts):
    for _ in range(3):
        assert client.get("/library", headers=basic()).json() == ["kim", "member"]
    assert accounts.tried == 1
    assert client.get("/library", headers=basic("틀림")).status_code == 401
    for broken in ("Basic", "Basic ???", "Basic a2lt", "Bearer abc"):
        assert client.get("/library", headers={"Authorization": broken}).status_code == 401


def test_who_was_logged_out_elsewhere_is_out_by_basic_too(client, service, accounts):
    client.get("/library", headers=basic())
    accounts.sessions.clear()
    service.sessions._known.clear()
    client.get("/library", headers=basic())
    assert accounts.tried == 2


def test_a_logout_ends_the_session_and_needs_a_post(client, accounts):
    enter(client)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    left = client.post("/logout")
    assert left.headers["location"] == "/login"
    assert not accounts.sessions
    assert client.get("/library").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/a\\b",
        "\\/evil.example",
        "javascript:alert(1)",
        "evil",
        "/%0d\nSet-Cookie:a=b",
        "/login?next=/",
        "/logout",
        "",
        "/" + "a" * 600,
    ],
)
def test_a_login_never_leads_to_another_site(client, path):
    assert safe_next(path) == "/"
    assert enter(client, where=path).headers["location"] == "/"


def test_failed_logins_are_counted(client, service):
    enter(client, "틀림")
    assert "citebrief_logins_failed_total 1.0" in service.metrics.text()[0].decode()


def test_the_rate_is_each_users_own(accounts):
    client = client_of(service_of(accounts=accounts, rate="1/minute"))
    ask = {"question": "a"}
    assert client.post("/api/ask", json=ask, headers=basic()).status_code == 200
    assert client.post("/api/ask", json=ask, headers=basic()).status_code == 429


def test_with_no_user_the_command_that_adds_one_is_told(tmp_path):
    told = []
    settings = Settings(database=f"sqlite:///{tmp_path}/a.db", login="on")
    open_sessions(settings, told.append)
    assert "citebrief users add NAME --admin" in told[0]
    with pytest.raises(InputError, match=r"CITEBRIEF_DATABASE.*none.*CITEBRIEF_LOGIN=off"):
        open_sessions(Settings(database="none", login="on"), told.append)


@pytest.fixture(scope="module")
def server(brief_index, tmp_path_factory):
    folder = tmp_path_factory.mktemp("login")
    database = f"sqlite:///{folder}/citebrief.db"
    with Library.open(database) as record:
        Accounts(record, cost=4).add(NAME, PASSWORD, admin=True)
    settings = {
        "CITEBRIEF_INDEX": str(brief_index.folder.parent),
        "CITEBRIEF_DATABASE": database,
        "CITEBRIEF_LOGIN": "on",
    }
    with served(folder, settings) as address:
        yield address


@pytest.mark.browser
def test_a_reader_logs_in_in_a_browser_and_asks(server, browser):
    context = browser.new_context(locale="ko-KR", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    strange = []
    page.on("request", lambda r: None if r.url.startswith(server) else strange.append(r.url))
    page.on("console", lambda m: strange.append(m.text) if "Content Security" in m.text else None)
    page.goto(f"{server}/?a=1")
    assert page.url.startswith(f"{server}/login?next=")
    assert page.evaluate("document.activeElement.id") == "name"
    page.get_by_label("이름").fill(NAME)
    page.get_by_label("비밀번호").fill("틀린 비밀번호")
    page.keyboard.press("Enter")
    assert "맞지 않습니다" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("이름").input_value() == NAME
    page.get_by_label("비밀번호").fill(PASSWORD)
    page.get_by_role("button", name="로그인").click()
    page.wait_for_selector("#cb-box textarea")
    assert page.url == f"{server}/?a=1"
    page.fill("#cb-box textarea", "미국이 우크라이나 전쟁에 지원한 금액은?")
    page.press("#cb-box textarea", "Enter")
    page.locator("#cb-chat .cb-foot").wait_for()
    assert page.evaluate("document.cookie").find(COOKIE) == -1
    page.wait_for_function("() => !citebrief.busy() && citebrief.saved() === 1")
    page.click(".cb-export-button")
    with page.expect_download() as given:
        page.get_by_role("menuitem", name="Markdown").click()
    assert "[^1]" in Path(given.value.path()).read_text(encoding="utf-8")
    assert not strange
    context.close()


@pytest.mark.browser
def test_the_login_page_is_in_both_languages_and_fits_a_phone(server, browser):
    context = browser.new_context(
        locale="en-US", color_scheme="dark", viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    page.goto(f"{server}/login?next=/x")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(20, 24, 27)"
    page.get_by_role("link", name="한국어").click()
    assert page.locator("html").get_attribute("lang") == "ko"
    assert page.locator("input[name=next]").input_value() == "/x"
    context.close()
