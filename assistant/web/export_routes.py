"""Taking a conversation away, and re-checking a receipt, over HTTP. Nothing is stored.

    POST /export {"format": "md" | "docx" | "pdf" | "json" | "txt", "lang": "ko" | "en",
                  "conversation": {…}}        the file; txt of one turn is what a copy button copies
    POST /verify {"lang": …, "receipt": {…}}  what re-checking found, as JSON; also a bare receipt

What cannot be used is a 400, what is too large a 413, each {"error": a sentence}.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from assistant.errors import InputError
from assistant.export.exported import BadField, read
from assistant.export.formats import FORMATS, MEDIA, file_name, write
from index.build import Index
from index.types import Document

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from assistant.answer import Assistant
    from assistant.live import Live

LARGEST = 4_000_000  # bytes of a request
SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}
SORRY = {
    "ko": {
        "large": "보낸 내용이 너무 큽니다. 4MB까지 받습니다. 대화를 나누어 내보내 주세요.",
        "field": "보낸 내용의 {field} 항목을 읽을 수 없습니다. CiteBrief가 만든 그대로인지 확인해 "
        "주세요.",
        "format": "format은 {formats} 가운데 하나여야 합니다.",
        "font": "이 서버에 한글 글꼴이 없어 PDF를 만들 수 없습니다. Word나 Markdown으로 "
        "내보내거나, 관리자에게 CITEBRIEF_FONT 설정을 요청해 주세요.",
        "fault": "내부 오류가 생겨 끝내지 못했습니다. 다시 시도해 주세요.",
    },
    "en": {
        "large": "This is too large; up to 4 MB are taken. Please export the conversation in "
        "parts.",
        "field": "The field {field} cannot be read. Please check that it is as CiteBrief made it.",
        "format": "format must be one of {formats}.",
        "font": "This server has no font with Korean letters, so it cannot make a PDF. Export to "
        "Word or Markdown, or ask its administrator to set CITEBRIEF_FONT.",
        "fault": "Something went wrong inside, and it was not done. Please try again.",
    },
}

log = logging.getLogger(__name__)


def routes(
    assistant: "Live | Assistant",
    font: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> "list[Route]":
    """The routes over the library of `assistant`; `font` is the setting's."""
    from starlette.routing import Route

    async def export(request: "Request") -> "Response":
        return await _answer(
            request, lambda asked, lang: _make(asked, lang, assistant.index.documents, font, now())
        )

    async def verify(request: "Request") -> "Response":
        return await _answer(request, lambda asked, lang: _check(asked, assistant.index))

    return [
        Route("/export", export, methods=["POST"]),
        Route("/verify", verify, methods=["POST"]),
    ]


def _make(
    asked: dict[str, Any],
    lang: str,
    documents: Mapping[str, Document],
    font: str | None,
    now: datetime,
) -> "Response":
    from starlette.responses import Response

    format = asked.get("format")
    if format not in FORMATS:
        return _sorry("format", lang, formats=", ".join(FORMATS))
    exported = read(asked.get("conversation"))
    try:
        content = write(exported, format, lang, now, documents, font)
    except InputError as error:
        if format != "pdf":
            raise
        log.warning("%s", error)
        return _sorry("font", lang)
    name = quote(file_name(exported, format, now), safe="")
    plain = f"citebrief-{now.date().isoformat()}.{format}"
    where = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"
    return Response(
        content, headers={**SAFE, "Content-Disposition": where}, media_type=MEDIA[format]
    )


def _check(asked: dict[str, Any], index: Index) -> "Response":
    from starlette.responses import JSONResponse

    from assistant.export.receipt_check import verify

    receipt = asked.get("receipt")
    found = verify(receipt if isinstance(receipt, dict) else asked, index)
    return JSONResponse(found.to_json(), headers=SAFE)


async def _answer(
    request: "Request", work: Callable[[dict[str, Any], str], "Response"]
) -> "Response":
    """What `work` makes of the request's JSON, beside the other requests; or why it cannot."""
    from starlette.concurrency import run_in_threadpool

    lang = "en" if request.query_params.get("lang") == "en" else "ko"
    body = await _body(request)
    if body is None:
        return _sorry("large", lang, 413)
    try:
        asked = _parsed(body)
        lang = asked["lang"] if asked.get("lang") in ("ko", "en") else lang
        return await run_in_threadpool(work, asked, lang)
    except BadField as error:
        return _sorry("field", lang, field=error.field)
    except Exception:
        log.exception("What was asked to be taken away, or checked, failed.")
        return _sorry("fault", lang, 500)


async def _body(request: "Request") -> bytes | None:
    """The request's bytes; None for more than are taken, which are not read."""
    whole = bytearray()
    async for chunk in request.stream():
        whole += chunk
        if len(whole) > LARGEST:
            return None
    return bytes(whole)


def _parsed(body: bytes) -> dict[str, Any]:
    from assistant.export.receipt_form import read_json

    asked = read_json(body, "JSON")
    if not isinstance(asked, dict):
        raise BadField("JSON", "expected an object.")
    return asked


def _sorry(why: str, lang: str, status: int = 400, **words: str) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse({"error": SORRY[lang][why].format(**words)}, status, SAFE)
