"""Who is asking: sessions by cookie, HTTP Basic for programs, and the way to the login page.

A browser without a session is led to /login, a program gets a 401 in JSON. Failed attempts are
throttled by name and address. What a password is checked against is `assistant.accounts`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Collection
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import parse_qs, quote, urlsplit

from assistant.errors import InputError
from assistant.settings import Settings
from assistant.web.limits import SENTENCES, Rate, language
from assistant.web.login_page import login_html

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send

    from assistant.web.metrics import Metrics

COOKIE = "citebrief_session"
FORM_COOKIE = "citebrief_form"  # what the form sends back, so that no other site can send it
MAX_AGE = 30 * 24 * 3600
KNOWN_FOR = 5.0  # seconds that a session counts as checked
BASIC_FOR = 300.0  # seconds that a name and password count as checked
LONGEST_FORM = 8_000
OPEN = ("/health", "/ready", "/login", "/favicon.ico", "/slack/events")
OF_LOGIN = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
UNKNOWN = {
    "ko": "로그인이 필요합니다. 브라우저에서는 /login에서 로그인하고, 프로그램에서는 HTTP "
    "Basic으로 이름과 비밀번호를 보내 주세요.",
    "en": "A login is needed: in a browser at /login, from a program by HTTP Basic with a name and "
    "a password.",
}


class User(Protocol):
    """Somebody with an account."""

    @property
    def name(self) -> str:
        """As it is logged in with."""

    @property
    def role(self) -> str:
        """What the user may do."""


class Accounts(Protocol):
    """What `assistant.accounts` does for a login."""

    def login(self, name: str, password: str) -> str | None:
        """A new session's token; None where name and password do not fit."""

    def session(self, token: str) -> User | None:
        """Whose session it is, while it lasts."""

    def logout(self, token: str) -> None:
        """End a session."""


class Sessions:
    """Who is logged in. Safe to share between threads; nothing of a password is kept."""

    def __init__(self, accounts: Accounts) -> None:
        """`accounts` decide."""
        self.accounts = accounts
        self.metrics: Metrics | None = None
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, User | None]] = {}  # by a token's digest
        self._basic: dict[str, tuple[float, str]] = {}  # by a header's digest: until, token
        self._pair, self._name, self._address = (
            Rate("5/minute"),
            Rate("20/minute"),
            Rate("30/minute"),
        )

    def log_in(self, name: str, password: str, address: str) -> tuple[str | None, int]:
        """A session's token, or None and the seconds to wait, 0 where name or password is wrong."""
        folded = name.casefold()
        pair = f"{address}\n{folded}"
        wait = self._pair.wait(pair) or self._name.left(folded) or self._address.left(address)
        token = None if wait else self.accounts.login(name, password)
        if token is not None:
            self._pair.forget(pair)
            return token, 0
        if not wait:
            self._name.wait(folded)
            self._address.wait(address)
        if self.metrics is not None:
            self.metrics.logins_failed.inc()
        return None, wait

    def user(self, token: str) -> User | None:
        """Whose session it is."""
        digest, now = self._digest(token), time.monotonic()
        with self._lock:
            until, known = self._known.get(digest, (0.0, None))
        if now < until:
            return known
        found = self.accounts.session(token)
        with self._lock:
            if len(self._known) > 5_000:
                self._known = {k: v for k, v in self._known.items() if v[0] > now}
            if len(self._known) <= 50_000 and found is not None:
                self._known[digest] = (now + KNOWN_FOR, found)
            else:
                self._known.pop(digest, None)
        return found

    def log_out(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._known.pop(self._digest(token), None)
        self.accounts.logout(token)

    def basic(self, header: str, address: str) -> tuple[User | None, int]:
        """Who an Authorization: Basic header is of, or None and the seconds to wait."""
        digest, now = self._digest(header), time.monotonic()
        with self._lock:
            until, token = self._basic.get(digest, (0.0, ""))
        if now < until and (user := self.user(token)) is not None:
            return user, 0
        if (pair := _decoded(header)) is None:
            return None, 0
        fresh, wait = self.log_in(*pair, address)
        if fresh is None:
            return None, wait
        with self._lock:
            self._basic = {k: v for k, v in self._basic.items() if v[0] > now}
            self._basic[digest] = (now + BASIC_FOR, fresh)
        return self.user(fresh), 0

    def _digest(self, secret: str) -> str:
        return hmac.new(self._key, secret.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class Login:
    """Lets through who is logged in, and says to others where to."""

    def __init__(self, app: "ASGIApp", sessions: Sessions, without: Collection[str] = OPEN) -> None:
        """`sessions` know who is logged in; the paths `without` need no login."""
        self.app, self.sessions, self.without = app, sessions, without

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        from anyio.to_thread import run_sync
        from starlette.requests import Request

        request = Request(scope)
        state = scope.setdefault("state", {})
        path: str = scope["path"]
        state["user"] = state["role"] = None
        if path in self.without or path.startswith("/static-cb/"):
            await self.app(scope, receive, send)
            return
        user, wait = await run_sync(self._who, request)
        if user is not None:
            state["user"], state["role"] = user.name, user.role
            await self.app(scope, receive, send)
            return
        await _refusal(request, wait)(scope, receive, send)

    def _who(self, request: "Request") -> tuple[User | None, int]:
        header = request.headers.get("authorization", "")
        if header[:6].lower() == "basic ":
            return self.sessions.basic(header, _address(request))
        token = token_of(request)
        return (self.sessions.user(token) if token else None), 0


def login_routes(sessions: Sessions) -> "list[Route]":
    """GET and POST /login, POST /logout."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import PlainTextResponse, RedirectResponse
    from starlette.routing import Route

    async def show(request: "Request") -> "Response":
        return _form(request, safe_next(request.query_params.get("next", "")))

    async def enter(request: "Request") -> "Response":
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_FORM:
                return _form(request, "/", "wrong", status=413)
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        name, password, sent, where = (
            fields.get(key, [""])[0] for key in ("name", "password", "form", "next")
        )
        where = safe_next(where)
        ours = request.cookies.get(FORM_COOKIE, "")
        if not ours or not hmac.compare_digest(ours.encode(), sent.encode()):
            return _form(request, where, "stale", status=403, name=name)
        token, wait = await run_in_threadpool(
            sessions.log_in, name.strip(), password, _address(request)
        )
        if token is None:
            status, what = (429, "wait") if wait else (401, "wrong")
            return _form(request, where, what, status=status, name=name, seconds=wait)
        response = RedirectResponse(where, 303, {"Cache-Control": "no-store"})
        _keep(response, request, COOKIE, token, MAX_AGE)
        response.delete_cookie(FORM_COOKIE, "/login")
        return response

    async def leave(request: "Request") -> "Response":
        if token := token_of(request):
            await run_in_threadpool(sessions.log_out, token)
        response = RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
        response.delete_cookie(COOKIE, "/")
        return response

    async def only_post(request: "Request") -> "Response":
        return PlainTextResponse("Log out with POST.", 405, {"Allow": "POST"})

    return [
        Route("/login", show, methods=["GET"]),
        Route("/login", enter, methods=["POST"]),
        Route("/logout", leave, methods=["POST"]),
        Route("/logout", only_post),  # or else it would be Gradio's
    ]


def token_of(request: "Request") -> str:
    """The session's token that a browser sent, or nothing."""
    try:
        morsel = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""


def safe_next(path: str) -> str:
    """`path` if it leads somewhere on this server, else the page."""
    parts = urlsplit(path)
    here = path.startswith("/") and not path.startswith(("//", "/\\", "/login", "/logout"))
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= 500
    return path if here and plain and not parts.scheme and not parts.netloc else "/"


def open_sessions(settings: Settings, tell: Callable[[str], None]) -> Sessions:
    """Sessions over the accounts of the record; `tell` hears what to do while there are none."""
    from assistant.accounts import Accounts as Kept
    from assistant.holdings import Holdings

    record = Holdings(settings).record(create=True)
    if record is None:
        raise InputError(
            "CITEBRIEF_LOGIN=on needs the record, which keeps the accounts, and CITEBRIEF_DATABASE "
            "is none. Unset CITEBRIEF_DATABASE, or set CITEBRIEF_LOGIN=off."
        )
    accounts = Kept(record)
    if not accounts.any():
        tell(
            "Nobody can log in yet: there is no user. Add one, while this runs, with: citebrief "
            "users add NAME --admin"
        )
    return Sessions(accounts)


def _form(
    request: "Request",
    where: str,
    problem: str = "",
    *,
    status: int = 200,
    name: str = "",
    seconds: int = 0,
) -> "Response":
    from starlette.responses import HTMLResponse

    wanted = request.query_params.get("lang", "")
    lang = wanted or language(request.headers.get("accept-language", ""))
    token = request.cookies.get(FORM_COOKIE, "") or secrets.token_urlsafe(24)
    page = login_html("en" if lang == "en" else "ko", token, where, problem, name[:200], seconds)
    headers = {"Content-Security-Policy": OF_LOGIN, "Cache-Control": "no-store"}
    if seconds:
        headers["Retry-After"] = str(seconds)
    response = HTMLResponse(page, status, headers)
    _keep(response, request, FORM_COOKIE, token, 3600, path="/login", samesite="strict")
    return response


def _keep(
    response: "Response",
    request: "Request",
    name: str,
    value: str,
    age: int,
    *,
    path: str = "/",
    samesite: Literal["lax", "strict"] = "lax",
) -> None:
    """A cookie out of a script's reach, never sent along with another site's form."""
    response.set_cookie(
        name,
        value,
        age,
        path=path,
        httponly=True,
        samesite=samesite,
        secure=request.url.scheme == "https",
    )


def _refusal(request: "Request", wait: int) -> "Response":
    from starlette.responses import JSONResponse, RedirectResponse

    lang = language(request.headers.get("accept-language", ""))
    if wait:
        sentence = SENTENCES["login"][lang].format(seconds=wait)
        return JSONResponse({"error": sentence}, 429, {"Retry-After": str(wait)})
    page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if page and "authorization" not in request.headers:
        query = f"?{request.url.query}" if request.url.query else ""
        where = quote(safe_next(request.url.path + query), safe="")
        return RedirectResponse(f"/login?next={where}", 303, {"Cache-Control": "no-store"})
    return JSONResponse({"error": UNKNOWN[lang]}, 401, {"Cache-Control": "no-store"})


def _address(request: "Request") -> str:
    return request.client.host if request.client else ""


def _decoded(header: str) -> tuple[str, str] | None:
    try:
        text = base64.b64decode(header[6:].strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    name, colon, password = text.partition(":")
    return (name, password) if colon else None
