"""What stands before every route: headers, names, sizes, forged requests, a full queue."""

import ipaddress
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.settings import Settings
from assistant.web.limits import SENTENCES, language
from assistant.web.service import Service

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refusal = tuple[int, Mapping[str, str]]  # a status, and a sentence in each language

MB = 1_000_000
# No other host is reached. Gradio's page starts from inline script. Without 'unsafe-eval' it does
# not start at all (6.31, seen in Chromium): the `js` of an event is compiled as it is mounted, and
# each gr.HTML, a plain one too, is a template that is compiled. Nothing else needs it, so nothing
# but the page has it.
SELF = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'{eval}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
CSP = b"content-security-policy"
PAGE_CSP = {CSP: SELF.format(eval=" 'unsafe-eval'").encode()}
SECURITY = {
    CSP: SELF.format(eval="").encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"SAMEORIGIN",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    b"cross-origin-opener-policy": b"same-origin",
}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Paths whose state-changing requests need no X-CiteBrief header: forms, and JSON for programs.
FORMS = ("/login", "/logout", "/slack/events")  # Slack signs what it sends
JSON = re.compile(r"/(api|mcp)(/|$)")
LARGE = re.compile(r"/(export|history|verify)(/|$)|/gradio_api/")
UPLOADS = re.compile(r"/library(/|$)|/gradio_api/upload$")
ASKING = re.compile(r"/gradio_api/(queue/join|call/|run/|api/)|/(api|mcp)(/|$)")
TOO_LARGE = {
    "ko": "보낸 내용이 너무 큽니다. {mb}MB까지 보낼 수 있습니다.",
    "en": "What was sent is too large; up to {mb} MB can be sent.",
}
FORGED = {
    "ko": "다른 사이트에서 보낸 요청이라 받지 않았습니다. 페이지를 새로 고친 뒤 다시 시도해 "
    "주세요.",
    "en": "The request came from another site and was not taken. Please reload the page and try "
    "again.",
}
NOT_JSON = {
    "ko": "Content-Type: application/json으로 보내 주세요.",
    "en": "Please send it with Content-Type: application/json.",
}
HEADER = {
    "ko": "X-CiteBrief: 1 헤더가 없어 요청을 받지 않았습니다.",
    "en": "The request lacks the header X-CiteBrief: 1 and was not taken.",
}
# Said in both languages: whoever set the server up reads it, in whatever browser.
STRANGE = (
    "이 서버는 {host} 주소로 온 요청을 받지 않습니다. 서버가 있는 컴퓨터에서는 127.0.0.1이나 "
    "localhost로 여십시오. 이 주소로도 쓰려면 CITEBRIEF_HOSTS에 그 이름을 넣고 서버를 다시 "
    "시작하십시오.",
    "This server does not answer to the address {host}. On its own machine open it as 127.0.0.1 or "
    "localhost. To use it under this address too, set CITEBRIEF_HOSTS to the name and start the "
    "server again.",
)
PLAIN_HOST = re.compile(r"[A-Za-z0-9_.:\[\]-]{1,253}")


class Headers:
    """Adds the security headers that a response does not have of its own."""

    def __init__(self, app: "ASGIApp") -> None:
        """Around `app`."""
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def answer(message: "Message") -> None:
            if message["type"] == "http.response.start":
                own = [*message.get("headers", ())]
                given = {name.lower() for name, _ in own}
                ours = SECURITY | PAGE_CSP if scope["path"] == "/" else SECURITY
                message["headers"] = own + [f for f in ours.items() if f[0] not in given]
            await send(message)

        await self.app(scope, receive, answer)


class Hosts:
    """Refuses requests under a name that is not the server's: another site may lead it here (DNS).

    A server on this machine alone answers to this machine's names, to its own address and to those
    of `CITEBRIEF_HOSTS`; one that is open to others, to any name unless these are set. Probes have
    no name, or one that nobody set: /health, which tells nothing, answers whatever the name, and
    /ready answers to an IP address, which no other site can be called by.
    """

    def __init__(self, app: "ASGIApp", settings: Settings) -> None:
        """`settings` say where the server listens, and what it is called."""
        self.app = app
        self._names: frozenset[str] | None = None
        if settings.hosts is not None or _is_here(settings.host.lower()):
            named = settings.hosts.split(",") if settings.hosts else []
            self._names = frozenset((settings.host.lower(), *named))

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request."""
        if self._names is not None and scope["type"] == "http":
            given = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")
            if not self._is_ours(_without_port(given), scope["path"]):
                await self._refuse(given, scope["path"], send)
                return
        await self.app(scope, receive, send)

    def _is_ours(self, host: str, path: str) -> bool:
        if path == "/health" or (path == "/ready" and (not host or _ip(host) is not None)):
            return True
        names = self._names or frozenset()
        if _is_here(host) or host in names or "*" in names:
            return True
        return any(name.startswith("*.") and host.endswith(name[1:]) for name in names)

    async def _refuse(self, host: str, path: str, send: "Send") -> None:
        shown = host if PLAIN_HOST.fullmatch(host) else "…"
        said = [sentence.format(host=shown) for sentence in STRANGE]
        if JSON.match(path):
            await _say(400, " ".join(said), send, {})
        else:
            text = "".join(f"{sentence}\n" for sentence in said)
            await _send(400, text.encode(), send, {"Content-Type": "text/plain; charset=utf-8"})


class Shield:
    """Refuses what is forged, known to be too large, or one question too many."""

    def __init__(self, app: "ASGIApp", service: Service) -> None:
        """`service` knows the limits."""
        self.app, self.service = app, service

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] in UNSAFE:
            headers = {k: v.decode("latin-1") for k, v in scope["headers"]}
            refusal = _unsound(scope["path"], headers) or self._one_too_many(scope, headers)
            if refusal is not None:
                status, sentences = refusal
                lang = language(headers.get(b"accept-language", ""))
                await _say(
                    status, sentences[lang], send, {"Retry-After": "5"} if status > 420 else {}
                )
                return
        await self.app(scope, receive, send)

    def _one_too_many(self, scope: "Scope", headers: dict[bytes, str]) -> "Refusal | None":
        if not ASKING.match(scope["path"]) or not (self.service.draining or self.service.full()):
            return None
        what = "stopping" if self.service.draining else "full"
        self.service.metrics.refused.labels(what).inc()
        # Gradio's page shows the words of any failure but a 503, for which it has its own.
        page = scope["path"] == "/gradio_api/queue/join" and b"sec-fetch-site" in headers
        return (429 if page else 503), SENTENCES[what]


class Sizes:
    """Refuses a body that is too large, at once where its length is told, else when it shows."""

    def __init__(self, app: "ASGIApp", service: Service) -> None:
        """`service` knows how large an upload may be."""
        self.app, self.service = app, service

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] not in UNSAFE:
            await self.app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        headers = {k: v.decode("latin-1") for k, v in scope["headers"]}
        sentence = TOO_LARGE[language(headers.get(b"accept-language", ""))].format(mb=limit // MB)
        told = headers.get(b"content-length", "")
        if told.isdigit() and int(told) > limit:
            await _say(413, sentence, send, {"Connection": "close"})
            return
        counted = _Counted(receive, send, limit)
        try:
            await self.app(scope, counted.receive, counted.send)
        except Exception:
            if not counted.over:
                raise
        if counted.over and not counted.started:
            await _say(413, sentence, send, {"Connection": "close"})

    def _limit(self, path: str) -> int:
        if UPLOADS.match(path):
            return self.service.settings.upload_mb * MB
        return 4 * MB if LARGE.match(path) else MB


class _Counted:
    """A request whose body is counted; once it is `over`, the route's own answer is dropped."""

    def __init__(self, receive: "Receive", send: "Send", limit: int) -> None:
        self._receive, self._send, self._left = receive, send, limit
        self.over = self.started = False

    async def receive(self) -> "Message":
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.over = True
            raise _TooLargeError
        return message

    async def send(self, message: "Message") -> None:
        if not self.over or self.started:
            self.started = True
            await self._send(message)


class _TooLargeError(Exception):
    """More was sent than may be."""


def _without_port(host: str) -> str:
    """The name in a Host header, in small letters; an address of IPv6 without its brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".")


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_here(host: str) -> bool:
    """Whether it names this machine and can name no other."""
    address = _ip(host)
    return host == "localhost" if address is None else address.is_loopback


def _unsound(path: str, headers: dict[bytes, str]) -> "Refusal | None":
    """Why a state-changing request is not taken, if it is not."""
    if not _from_here(headers):
        return 403, FORGED
    if JSON.match(path):
        kind = headers.get(b"content-type", "").partition(";")[0].strip().lower()
        return None if kind == "application/json" else (415, NOT_JSON)
    gradio = path in FORMS or path.startswith("/gradio_api/")
    return None if gradio or headers.get(b"x-citebrief") == "1" else (403, HEADER)


def _from_here(headers: dict[bytes, str]) -> bool:
    """Whether a browser's request comes from a page of ours; programs send neither header."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get(b"origin")
    if origin is None:
        return True
    ours = {headers.get(b"host", "").lower(), headers.get(b"x-forwarded-host", "").lower()}
    return urlsplit(origin).netloc.lower() in ours - {""}


async def _say(status: int, sentence: str, send: "Send", headers: Mapping[str, str]) -> None:
    body = json.dumps({"error": sentence, "detail": sentence}, ensure_ascii=False).encode()
    await _send(status, body, send, {"Content-Type": "application/json", **headers})


async def _send(status: int, body: bytes, send: "Send", headers: Mapping[str, str]) -> None:
    fields = {"Content-Length": str(len(body)), **headers}
    named = [(k.lower().encode(), v.encode()) for k, v in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})
