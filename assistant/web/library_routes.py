"""The library over HTTP: what can be asked, handing files over, and removing documents.

    GET    /library              the documents, what may be done with them, and by which limits
    GET    /library/{id}         what one covers: its headings too
    POST   /library              files of a multipart form; 202 with a job
    GET    /library/jobs/{id}    how far a job is
    DELETE /library/jobs/{id}    cancel it
    DELETE /library/{id}         remove a document; 202 with a job, which ends with the proof

All take `?lang=ko` or `en` for the sentences in their replies; what is refused is
`{"error": sentence, "code": word}`. Who may change anything is `CITEBRIEF_UPLOADS`.
"""

import logging
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assistant.coverage import Coverage, Heading, Shelf
from assistant.upload_words import refusal
from assistant.uploads import MOST_FILES, Refused, Uploads
from assistant.web.receive import receive
from index.parse.parser import SUFFIXES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from assistant.live import Live
    from assistant.settings import Settings

Answering = Callable[["Request"], Awaitable["Response"]]
Who = Literal["anyone", "admins", "nobody"]
MB = 1_000_000
STATUS = {
    "nobody": 403,
    "admins": 403,
    "login": 401,
    "database": 403,
    "whole": 413,
    "many": 413,
    "busy": 429,
    "space": 507,
    "unknown": 404,
    "job": 404,
    "folder": 409,
    "started": 409,
}  # of refusals; 400 for others
PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}

log = logging.getLogger(__name__)


def open_library(settings: "Settings", live: "Live", *, login: bool = False) -> "list[Route]":
    """The routes of the library that `live` answers from, with a queue of their own."""
    from assistant.holdings import NONE
    from assistant.keeping import Keeper

    keeper = Keeper(settings, told=lambda words: log.info("%s", words))
    uploads = None
    if settings.database != NONE:
        uploads = Uploads(keeper, renewed=live.refresh, at_once=settings.ingest_workers)
    shelf = Shelf(lambda: live.index, keeper.holdings)
    return routes(shelf, uploads, who=settings.uploads, limit=settings.upload_mb, login=login)


def routes(
    shelf: Shelf,
    uploads: Uploads | None,
    *,
    who: Who = "anyone",
    limit: int = 50,
    login: bool = False,
) -> "list[Route]":
    """The routes; `limit` is of a file, in MB. With a `login`, only its users change anything.

    `uploads` is None where there is no record to keep documents in.
    """
    from starlette.routing import Route

    door = _Door(shelf, uploads, who, limit, login)
    return [
        Route("/library", door.told(door.listed), methods=["GET"]),
        Route("/library", door.told(door.add), methods=["POST"]),
        Route("/library/jobs/{job}", door.told(door.progress), methods=["GET"]),
        Route("/library/jobs/{job}", door.told(door.cancel), methods=["DELETE"]),
        Route("/library/{document}", door.told(door.covered), methods=["GET"]),
        Route("/library/{document}", door.told(door.remove), methods=["DELETE"]),
    ]


@dataclass(frozen=True, slots=True)
class _Door:
    """What each route answers; a refusal is raised, and told by `told`."""

    shelf: Shelf
    uploads: Uploads | None
    who: Who
    limit: int  # MB of a file
    login: bool

    def told(self, answer: Answering) -> Answering:
        """`answer`, whose refusals are told in the reader's language."""

        async def answered(request: "Request") -> "Response":
            try:
                return await answer(request)
            except Refused as refused:
                said = self.sentence(refused.code, request)
                status = STATUS.get(refused.code, 400)
                return _reply({"error": said, "code": refused.code}, status)

        return answered

    def sentence(self, code: str, request: "Request") -> str:
        return refusal(code, _lang(request), limit=self.limit, most=MOST_FILES)

    def changing(self, request: "Request") -> Uploads:
        """The queue, for a reader who may change the library."""
        if self.uploads is None:
            raise Refused("database")
        if self.who == "nobody":
            raise Refused("nobody")
        if self.login and getattr(request.state, "user", None) is None:
            raise Refused("login")
        if self.who == "admins" and getattr(request.state, "role", None) != "admin":
            raise Refused("admins")
        return self.uploads

    def job(self, request: "Request", id: str, status: int = 200) -> "Response":
        found = self.uploads.job(id) if self.uploads else None
        if found is None:
            raise Refused("job")
        job, before = found
        return _reply(job.to_json(_lang(request), limit=self.limit, before=before), status)

    async def listed(self, request: "Request") -> "Response":
        from starlette.concurrency import run_in_threadpool

        why = None
        try:
            self.changing(request)
        except Refused as refused:
            why = self.sentence(refused.code, request)
        documents = await run_in_threadpool(self.shelf.documents)
        allowed = {
            "allowed": why is None,
            "why": why,
            "limit": self.limit,
            "largest": self.limit * MB,
            "most": MOST_FILES,
            "suffixes": [*SUFFIXES],
        }
        lang = _lang(request)
        return _reply({"documents": [d.to_json(lang) for d in documents], "uploads": allowed})

    async def covered(self, request: "Request") -> "Response":
        coverage, headings, count = await self._document(request)
        sections = [
            {"id": h.id, "titles": dict(h.titles), "level": h.level, "page": h.page}
            for h in headings
        ]
        plain = coverage.to_json(_lang(request))
        return _reply({**plain, "sections": sections, "sections_total": count})

    async def add(self, request: "Request") -> "Response":
        from starlette.concurrency import run_in_threadpool

        uploads = self.changing(request)
        uploads.room()
        folder = await run_in_threadpool(uploads.stage)
        try:
            files = await receive(request, folder, self.limit * MB)
        except BaseException:  # also where the reader went away in the middle
            shutil.rmtree(folder, ignore_errors=True)
            raise
        job = await run_in_threadpool(uploads.add, folder, files)
        return self.job(request, job.id, 202)

    async def remove(self, request: "Request") -> "Response":
        uploads = self.changing(request)
        coverage, _, _ = await self._document(request)
        if not coverage.kept:
            raise Refused("folder")
        return self.job(request, uploads.remove(coverage.id).id, 202)

    async def progress(self, request: "Request") -> "Response":
        return self.job(request, request.path_params["job"])

    async def cancel(self, request: "Request") -> "Response":
        job = self.changing(request).cancel(request.path_params["job"])
        return self.job(request, job.id)

    async def _document(self, request: "Request") -> tuple[Coverage, list[Heading], int]:
        from starlette.concurrency import run_in_threadpool

        found = await run_in_threadpool(self.shelf.coverage, request.path_params["document"])
        if found is None:
            raise Refused("unknown")
        return found


def _reply(content: object, status: int = 200) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse(content, status, PRIVATE)


def _lang(request: "Request") -> str:
    return "en" if request.query_params.get("lang") == "en" else "ko"
