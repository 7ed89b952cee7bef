"""What the server answers to the pane in which a document is read beside the chat.

    GET /read/{document}?mode=&lang=&around=passage    the document, with the part around a passage;
                                                       mode=auto: as a reader of lang is best shown
    GET /read/{document}?mode=&lang=&part=n            one part of it
    GET /read/{document}/search?q=                     where words stand in it, as JSON

Ids are looked up in the open index and nowhere else. The fragment has no scripts, and shown by
itself may load nothing.
"""

import hashlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.labels import READING
from assistant.reading import MODES, Mode, Reading
from assistant.reading_find import Finder
from assistant.web.page_routes import SAFE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from assistant.answer import Assistant
    from assistant.live import Live
    from index.build import Index

KEPT = 8  # documents whose plan is kept
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class Readings:
    """The documents of whatever index is open, ready to be read. Safe to share between threads."""

    def __init__(self, assistant: "Assistant | Live") -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Index, Finder]] = OrderedDict()

    def of(self, document_id: str) -> Finder:
        """The document; InputError where the library has none of that id."""
        index = self._assistant.index
        document = index.documents.get(document_id)
        if document is None:
            raise InputError(
                f"There is no document {document_id!r} in the library; expected an id that "
                "citebrief documents lists."
            )
        with self._lock:
            kept = self._kept.get(document_id)
            if kept and kept[0] is index:
                self._kept.move_to_end(document_id)
                return kept[1]
        passages = sorted(
            (p for p in index.passages if p.document_id == document_id), key=lambda p: p.position
        )
        finder = Finder(Reading(document, passages))
        with self._lock:
            self._kept[document_id] = index, finder
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return finder


def routes(assistant: "Assistant | Live") -> "list[Route]":
    """The routes of the documents that `assistant` answers from."""
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    readings = Readings(assistant)

    def read(request: "Request") -> "Response":
        asked = request.query_params
        lang = "en" if asked.get("lang") == "en" else "ko"
        try:
            reading = readings.of(request.path_params["document"]).reading
            mode = _mode(reading, asked.get("mode"), lang)
            shown = _shown(reading, mode, lang, asked.get("part"), asked.get("around"))
        except InputError:
            said = f'<p class="cb-missing" lang="{lang}">{READING[lang]["no_document"]}</p>'
            return _html(request, said, 404)
        return _html(request, shown)

    def search(request: "Request") -> "Response":
        try:
            finder = readings.of(request.path_params["document"])
        except InputError:
            return JSONResponse({"error": "Not found."}, 404, SAFE)
        try:
            found = finder.find(request.query_params.get("q", ""))
        except InputError as error:
            return JSONResponse({"error": str(error)}, 400, SAFE)
        return JSONResponse(found.to_json(), headers=SAFE)

    return [Route("/read/{document}/search", search), Route("/read/{document}", read)]


def _mode(reading: Reading, asked: str | None, lang: str) -> Mode:
    if asked == "auto":
        return reading.mode_for(lang)
    return next((mode for mode in MODES if mode == asked), "original")


def _shown(reading: Reading, mode: Mode, lang: str, part: str | None, around: str | None) -> str:
    """The part asked for, or the document around a passage; InputError where there is no such."""
    if part is not None:
        number = int(part) if part.isascii() and part.isdigit() and len(part) < 10 else -1
        if not 0 <= number < len(reading.parts):
            raise InputError(f"There is no part {part!r}; expected 0 to {len(reading.parts) - 1}.")
        return reading.part_html(number, mode, lang)
    at = reading.part_of(around) if around else 0
    # A passage that is gone still has a document to be read, from its beginning.
    return reading.whole_html(mode, lang, at or 0)


def _html(request: "Request", shown: str, status: int = 200) -> "Response":
    from starlette.responses import HTMLResponse, Response

    tag = f'"{hashlib.sha256(shown.encode()).hexdigest()[:32]}"'
    headers = {**SAFE, "Content-Security-Policy": POLICY, "ETag": tag}
    if status == 200 and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(shown, status, headers)
