"""What the chat's server answers beside the chat: cited pages as images, and whole PDFs.

    GET /page/{document}/{passage}?lang=ko      the pages of a passage: an HTML page, which the chat
                                                shows as an overlay, and a browser as it is
    GET /page/{document}/{passage}.png?n=0      one of its images
    GET /document/{document}.pdf                the file as it was handed over

Ids are looked up in the open index; nothing else is reachable, and what is not found is a 404 that
says no more. A PDF's own scripts get no rights of this origin: it is served in a sandbox.
"""

import hashlib
import html
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from assistant.errors import AssistantError, InputError
from assistant.labels import LABELS
from assistant.pages import Pages, View
from assistant.render import text_html
from index.page import PageImage

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

SAFE = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
OF_VIEW = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

log = logging.getLogger(__name__)


def routes(pages: Pages, style: Callable[[], str]) -> "list[Route]":
    """The routes of `pages`; `style` gives the CSS of the chat, in which the HTML page is shown."""
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    def page(request: "Request") -> "Response":
        lang = "en" if request.query_params.get("lang") == "en" else "ko"
        status, shown = 200, ""
        try:
            shown = view_html(_view(pages, request), lang)
        except InputError:
            status, shown = 404, _sorry(LABELS[lang]["no_page"], lang)
        except AssistantError as error:
            log.warning("%s", error)
            status, shown = 500, _sorry(LABELS[lang]["broken_page"], lang)
        headers = {**SAFE, "Content-Security-Policy": OF_VIEW}
        return HTMLResponse(_whole(shown, style(), lang), status, headers)

    def image(request: "Request") -> "Response":
        number = request.query_params.get("n", "0")
        try:
            images = _view(pages, request).images
        except InputError:
            return _nothing()
        except AssistantError as error:
            log.warning("%s", error)
            return _nothing(500)
        if not (number.isascii() and number.isdigit() and int(number[:9]) < len(images)):
            return _nothing()
        return _file(request, images[int(number)].png, "image/png", "page.png")

    def pdf(request: "Request") -> "Response":
        name = request.path_params["document"]
        try:
            return _file(request, pages.pdf(name), "application/pdf", f"{name}.pdf")
        except InputError:
            return _nothing()

    return [
        Route("/page/{document}/{passage}.png", image),
        Route("/page/{document}/{passage}", page),
        Route("/document/{document}.pdf", pdf),
    ]


def view_html(view: View, lang: str) -> str:
    """The main part of the HTML page; what it refers to stands beside it."""
    labels = LABELS[lang]
    document, passage = (quote(i, safe="") for i in (view.document.id, view.passage.id))
    first = view.images[0].page
    figures = "".join(
        _figure(image, f"{passage}.png?n={n}", view.passage.quote, lang)
        for n, image in enumerate(view.images)
    )
    return (
        f'<main class="cb-view" lang="{lang}"><div class="cb-view-bar">'
        f"<h2>{text_html(view.document.title(lang))}</h2>"
        f'<a class="cb-pdf" href="../../document/{document}.pdf#page={first}" target="_blank"'
        f' rel="noopener">{labels["whole_pdf"]}</a>{_close(lang)}</div>{figures}</main>'
    )


def _figure(image: PageImage, source: str, words: str, lang: str) -> str:
    labels = LABELS[lang]
    page = labels["page"].format(page=image.page)
    said = spot = ""
    if image.marks:
        m = image.marks[0]
        spot = (
            f'<span class="cb-spot" style="left:{m.x0:.2%};top:{m.top:.2%};'
            f'width:{m.x1 - m.x0:.2%};height:{m.bottom - m.top:.2%}"></span>'
        )
    else:
        said = f'<span class="cb-unmarked" role="status">{labels["unmarked"]}</span>'
    alt = html.escape(f"{page}: {words}")
    return (
        f"<figure><figcaption><b>{page}</b>{said}</figcaption>"
        f'<div class="cb-sheet"><img src="{html.escape(source)}" width="{image.width}"'
        f' height="{image.height}" alt="{alt}">{spot}</div></figure>'
    )


def _sorry(message: str, lang: str) -> str:
    return (
        f'<main class="cb-view" lang="{lang}"><div class="cb-view-bar">{_close(lang)}</div>'
        f"<p>{message}</p></main>"
    )


def _close(lang: str) -> str:
    """Closes the overlay; an HTML page of its own does not show it."""
    return f'<form method="dialog"><button>{LABELS[lang]["close"]}</button></form>'


def _whole(main: str, style: str, lang: str) -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>CiteBrief</title><style>{style}</style></head><body>{main}</body></html>"
    )


def _view(pages: Pages, request: "Request") -> View:
    view = pages.view(request.path_params["passage"])
    if view.document.id != request.path_params["document"]:
        raise InputError("The passage is of another document.")
    return view


def _file(request: "Request", content: bytes, kind: str, name: str) -> "Response":
    from starlette.responses import Response

    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**SAFE, "Content-Security-Policy": SANDBOX, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=kind, headers=headers)


def _nothing(status: int = 404) -> "Response":
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("Not found." if status == 404 else "Failed.", status, SAFE)
