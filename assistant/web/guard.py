"""What stands before every route: headers, sizes, requests forged elsewhere, a full queue."""

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.web.limits import SENTENCES, language
from assistant.web.service import Service

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MB = 1_000_000
# Gradio's page starts from inline script and compiles its event handlers; no other host is reached.
CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    b"cross-origin-opener-policy": b"same-origin",
}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Paths whose state-changing requests need no X-CiteBrief header: forms, and JSON for programs.
FORMS = ("/login", "/logout")
JSON = re.compile(r"/(api|mcp)(/|$)")
LARGE = re.compile(r"/(export|history|verify)(/|$)|/gradio_api/")
UPLOADS = re.compile(r"/library(/|$)|/gradio_api/upload$")
ASKING = re.compile(r"/gradio_api/(queue/join|call/|run/|api/)|/(api|mcp)(/|$)")
TOO_LARGE = {
    "ko": "보낸 내용이 너무 큽니다. {mb}MB까지 보낼 수 있습니다.",
    "en": "What was sent is too large; up to {mb} MB can be sent.",
}
FORGED = {
    "ko": "다른 사이트에서 보낸 요청이라 받지 않았습니다. 페이지를 새로 고친 뒤 다시 시도해 주세요.",
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


class Shield:
    """Adds the security headers, and refuses what is too large, forged, or one too many."""

    def __init__(self, app: "ASGIApp", service: Service) -> None:
        """`service` knows the limits."""
        self.app, self.service = app, service

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {k: v.decode("latin-1") for k, v in scope["headers"]}
        lang = language(headers.get(b"accept-language", ""))
        limit = self._limit(scope["path"])
        started = over = False

        async def answer(message: "Message") -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                given = {name.lower() for name, _ in message.get("headers", ())}
                more = [(k, v) for k, v in SECURITY.items() if k not in given]
                message["headers"] = [*message.get("headers", ()), *more]
            elif over and not started:  # the route's own answer to half a body
                return
            await send(message)

        if refusal := self._refusal(scope, headers, lang, limit):
            await _say(*refusal, answer)
            return
        taken = 0

        async def take() -> "Message":
            nonlocal taken, over
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    over = True
                    raise _TooLargeError
            return message

        async def hold(message: "Message") -> None:
            if not over:
                await answer(message)

        try:
            await self.app(scope, take, hold)
        except Exception:
            if not over:
                raise
        if over and not started:
            over = False
            await _say(413, TOO_LARGE[lang].format(mb=limit // MB), {}, answer)

    def _limit(self, path: str) -> int:
        if UPLOADS.match(path):
            return self.service.settings.upload_mb * MB
        return 4 * MB if LARGE.match(path) else MB

    def _refusal(
        self, scope: "Scope", headers: dict[bytes, str], lang: str, limit: int
    ) -> tuple[int, str, dict[str, str]] | None:
        """Status, sentence and headers, where the request is not to be taken."""
        if scope["method"] not in UNSAFE:
            return None
        path: str = scope["path"]
        if (
            headers.get(b"content-length", "0").isdigit()
            and int(headers.get(b"content-length", "0")) > limit
        ):
            return 413, TOO_LARGE[lang].format(mb=limit // MB), {"Connection": "close"}
        if not _from_here(headers):
            return 403, FORGED[lang], {}
        if JSON.match(path):
            kind = headers.get(b"content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json" and scope["method"] != "DELETE":
                return 415, NOT_JSON[lang], {}
        elif not (path in FORMS or path.startswith("/gradio_api/")):
            if headers.get(b"x-citebrief") != "1":
                return 403, HEADER[lang], {}
        if ASKING.match(path) and (self.service.draining or self.service.full()):
            what = "stopping" if self.service.draining else "full"
            self.service.metrics.refused.labels(what).inc()
            # Gradio's page shows the words of any failure but a 503, for which it has its own.
            page = path == "/gradio_api/queue/join" and b"sec-fetch-site" in headers
            return 429 if page else 503, SENTENCES[what][lang], {"Retry-After": "5"}
        return None


class _TooLargeError(Exception):
    """More was sent than may be."""


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


async def _say(status: int, sentence: str, headers: dict[str, str], send: "Send") -> None:
    body = json.dumps({"error": sentence, "detail": sentence}, ensure_ascii=False).encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    named = [(k.lower().encode(), v.encode()) for k, v in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})
