"""The public API: `ask`, `search` and `check`, for gradio_client and for anything that sends JSON.

    /ask /search /check                   Gradio's endpoints, listed at /gradio_api/info
    POST /api/ask /api/search /api/check  JSON in, JSON out; described at /api/openapi.json

A failure is a sentence: what was wrong, and what to do. What a fault was is in the log only.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import AssistantError, InputError
from assistant.failure import failure
from assistant.query import LONGEST_QUESTION
from assistant.web.limits import Refused, language
from assistant.web.service import Service, Watched
from index.types import Document, Hit

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

Body = TypeVar("Body", bound=BaseModel)
Lang = Literal["auto", "ko", "en"]
Engine = Literal["auto", "extractive", "llm"]
LONGEST_TEXT = 100_000
MOST_DOCUMENTS = 1_000
MOST_HITS = 100
WRONG = {"ko": "요청을 읽지 못했습니다.", "en": "The request could not be read."}
FAILURES: dict[int | str, dict[str, Any]] = {
    400: {"description": "The question cannot be asked so; `error` says why."},
    401: {"description": "A login is needed."},
    422: {"description": "`fields` names what is wrong in the JSON."},
    429: {"description": "Asked too often; Retry-After gives the seconds."},
    502: {"description": "A model or the library failed; `error` says which."},
    503: {"description": "Too many questions wait, or the server is stopping."},
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


Documents = Annotated[
    list[Annotated[str, Field(max_length=500)]] | None, Field(max_length=MOST_DOCUMENTS)
]


class AskBody(_Strict):
    """A question, and what it follows on."""

    question: str = Field(description=f"In Korean or English, up to {LONGEST_QUESTION} characters.")
    history: list[str] = Field(default=[], max_length=1_000, description="Earlier questions.")
    lang: Lang = Field(default="auto", description="Of the answer; auto is that of the question.")
    documents: Documents = Field(default=None, description="Ids to ask; null is all of them.")
    engine: Engine = Field(default="auto", description="extractive needs no chat model.")


class SearchBody(_Strict):
    """What to look for."""

    query: str = Field(description="In Korean or English.")
    limit: int = Field(default=10, ge=1, le=MOST_HITS)
    documents: Documents = Field(default=None, description="Ids to search; null is all of them.")


class CheckBody(_Strict):
    """A text whose sentences are checked against the library."""

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    lang: Lang = "auto"
    documents: Documents = Field(default=None, description="Ids to check with; null is all.")


def do_ask(
    assistant: Watched,
    question: str,
    history: list[str] | None = None,
    lang: str = "auto",
    documents: list[str] | None = None,
    engine: str = "auto",
) -> dict[str, Any]:
    """An answer's JSON."""
    body = _body(
        AskBody,
        question=question,
        history=history or [],
        lang=lang,
        documents=documents or None,
        engine=engine,
    )
    scope = _scope(body.documents)
    id = secrets.token_hex(8)
    answer = assistant.ask(
        body.question, body.history, lang=body.lang, engine=body.engine, id=id, **scope
    )
    return answer.to_json()


def do_search(
    assistant: Watched, query: str, limit: int = 10, documents: list[str] | None = None
) -> dict[str, Any]:
    """The best passages' JSON."""
    body = _body(SearchBody, query=query, limit=limit, documents=documents or None)
    scope = _scope(body.documents)
    hits, probability = assistant.retrieve(body.query, (), body.limit, **scope)
    documents_of = assistant.index.documents
    return {
        "query": query,
        "answerable": round(float(probability), 4),
        "hits": [_hit(hit, documents_of) for hit in hits],
    }


def do_check(
    assistant: Watched, text: str, lang: str = "auto", documents: list[str] | None = None
) -> dict[str, Any]:
    """What a check of a text found, as JSON."""
    body = _body(CheckBody, text=text, lang=lang, documents=documents or None)
    scope = _scope(body.documents)
    plain: dict[str, Any] = assistant.check(body.text, lang=body.lang, **scope).to_json()
    return plain


def checks_texts(service: Service) -> bool:
    """Whether the assistant checks texts."""
    return hasattr(service.assistant, "check")


def publish(service: Service) -> None:
    """Gradio's endpoints; called within the page, which makes them its only public ones."""
    from gradio.events import api as endpoint

    assistant = service.watched("api")

    def ask(
        question: str,
        history: list[str] = [],  # noqa: B006  (Gradio shows the default, and nothing changes it)
        lang: str = "auto",
        documents: list[str] = [],  # noqa: B006
        engine: str = "auto",
    ) -> dict[str, Any]:
        """Answer a question from the library's documents; each sentence is cited to page and quote.

        `history`: earlier questions of the conversation, oldest first. `lang`: language of the
        answer, auto, ko or en. `documents`: ids of those to ask; none given is all of them.
        `engine`: auto, extractive or llm. The answer's status is "answered" or "not_in_document".
        """
        return _told(lambda: do_ask(assistant, question, history, lang, documents, engine), lang)

    def search(query: str, limit: int = 10, documents: list[str] = []) -> dict[str, Any]:  # noqa: B006
        """Find the passages nearest to a question, best first, each with its page and quote.

        `limit`: how many, 1 to 100. `documents`: ids of those to search; none given is all of them.
        `answerable` is the probability that the library answers the question.
        """
        return _told(lambda: do_search(assistant, query, limit, documents), "auto")

    def check(text: str, lang: str = "auto", documents: list[str] = []) -> dict[str, Any]:  # noqa: B006
        """Check each sentence of a text against the library's documents, with quotes.

        `lang`: language of the remarks, auto, ko or en. `documents`: ids of those to check with;
        none given is all of them.
        """
        return _told(lambda: do_check(assistant, text, lang, documents), lang)

    calls: list[Callable[..., Any]] = [ask, search, check]
    for call in calls if checks_texts(service) else calls[:2]:
        endpoint(call, api_name=call.__name__)


def rest(service: Service) -> "APIRouter":
    """POST /api/ask, /api/search and /api/check."""
    from anyio.to_thread import run_sync
    from fastapi import APIRouter, Request
    from fastapi.responses import JSONResponse

    assistant = service.watched("rest")
    router = APIRouter(prefix="/api", tags=["CiteBrief"])

    async def run(request: Request, work: Callable[[Watched], dict[str, Any]]) -> JSONResponse:
        try:
            async with service.turn(request):
                return JSONResponse(await run_sync(partial(work, assistant.of(request))))
        except Refused as error:
            waits = {"Retry-After": str(error.retry_after)}
            return JSONResponse({"error": str(error)}, error.status, waits)
        except InputError as error:
            return JSONResponse({"error": str(error)}, 400)
        except AssistantError as error:
            return JSONResponse({"error": str(error)}, 502)
        except Exception as error:
            lang = language(request.headers.get("accept-language", ""))
            id = request.state.request_id
            shown = failure(error, "", lang, id=id, level=logging.ERROR)
            return JSONResponse({"error": shown.message}, 500)

    @router.post("/ask", summary="Ask", responses=FAILURES)
    async def ask(request: Request, body: AskBody) -> JSONResponse:
        """Answer a question from the documents; every sentence is cited to page and quote."""
        return await run(request, lambda inside: do_ask(inside, **body.model_dump()))

    @router.post("/search", summary="Search", responses=FAILURES)
    async def search(request: Request, body: SearchBody) -> JSONResponse:
        """Find the passages nearest to a question, best first."""
        return await run(request, lambda inside: do_search(inside, **body.model_dump()))

    if checks_texts(service):

        @router.post("/check", summary="Check a text", responses=FAILURES)
        async def check(request: Request, body: CheckBody) -> JSONResponse:
            """Check each sentence of a text against the documents."""
            return await run(request, lambda inside: do_check(inside, **body.model_dump()))

    return router


def name_fields(app: "FastAPI") -> None:
    """Answer wrong JSON with a sentence that names the field, and never with what was sent."""
    from fastapi import Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse

    async def tell(request: Request, error: Exception) -> JSONResponse:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        fields = [
            {"field": ".".join(str(at) for at in one["loc"][1:]) or "body", "message": one["msg"]}
            for one in found
        ]
        lang = language(request.headers.get("accept-language", ""))
        named = "; ".join(f"{one['field']}: {one['message']}" for one in fields)
        return JSONResponse({"error": f"{WRONG[lang]} {named}", "fields": fields}, 422)

    app.add_exception_handler(RequestValidationError, tell)


def _told(work: Callable[[], dict[str, Any]], lang: str) -> dict[str, Any]:
    """What `work` gives, or a gr.Error with a sentence that can be shown."""
    import gradio as gr

    try:
        return work()
    except Exception as error:
        shown = failure(error, "", lang if lang in ("ko", "en") else "en", level=logging.ERROR)
        raise gr.Error(shown.message, print_exception=False) from None


def _body(kind: type[Body], **given: Any) -> Body:
    try:
        return kind(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(at) for at in first["loc"])
        raise InputError(f"{field}: {first['msg']}.") from None


def _scope(documents: list[str] | None) -> dict[str, Any]:
    """The option that keeps a question to some documents."""
    return {} if documents is None else {"documents": documents}


def _hit(hit: Hit, documents: Mapping[str, Document]) -> dict[str, Any]:
    passage = hit.passage
    document = documents[passage.document_id]
    return {
        "passage": passage.id,
        "document": passage.document_id,
        "document_title": document.title(document.lang),
        "page": passage.page,
        "section": passage.section_title(passage.lang),
        "quote": passage.quote,
        "quote_language": passage.lang,
        "translation": passage.quote_translation,
        "char_start": passage.char_start,
        "char_end": passage.char_end,
        "score": round(float(hit.score), 4),
    }
