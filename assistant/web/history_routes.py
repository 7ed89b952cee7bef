"""What the chat's server keeps for readers: their conversations, with a login, and their feedback.

    GET    /history?q=&before=   the reader's conversations, the latest first
    GET    /history/{id}         one of them with its turns
    PUT    /history/{id}         {"title": …}: rename it
    DELETE /history/{id}         delete it
    DELETE /history              delete all
    POST   /feedback             {"turn": a turn, or with a login its id, "thumb": "up", "down" or
                                 null, "reasons": […], "note": "…"}

Without a login the history is in the browser: GET /history says {"where": "browser"}, and there is
nothing else. Another user's conversation is a 404, as one that is not there. Not here: how often
one may ask, and the guard against requests of other sites; the server has both in front of this.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from assistant.conversation import LARGEST_TURN, Turn, read_rating
from assistant.errors import AssistantError, InputError
from assistant.history import History
from assistant.web.page_routes import SAFE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from index.record.library import Library

OpenRecord = Callable[[bool], "Library | None"]  # True: make it where there is none
LARGEST_BODY = LARGEST_TURN + 20_000  # bytes: a turn with a note
BROWSER = {"where": "browser"}
BROKEN = {
    "ko": "지금은 저장할 수 없습니다. 잠시 뒤에 다시 시도해 주세요.",
    "en": "This cannot be saved right now. Please try again in a moment.",
}
NOT_KEPT = {
    "ko": "이 서버에는 데이터베이스가 없어 의견을 저장할 수 없습니다.",
    "en": "This server has no database, so it cannot keep feedback.",
}
log = logging.getLogger(__name__)


def routes(open_record: OpenRecord) -> "list[Route]":
    """The routes over the record that `open_record` gives, e.g. `Holdings.record`."""
    from starlette.routing import Route

    async def conversations(request: "Request") -> "Response":
        user, query = _user(request), request.query_params
        if user is None:
            return _json(BROWSER, 200 if request.method == "GET" else 404)
        if request.method == "DELETE":
            return await _answered(lambda: _clear(open_record, user))
        q, before = query.get("q", ""), query.get("before")
        return await _answered(lambda: _listed(open_record, user, q, before))

    async def one(request: "Request") -> "Response":
        user, id = _user(request), request.path_params["id"]
        if user is None:
            return _json(BROWSER, 404)
        if request.method == "GET":
            return await _answered(lambda: _shown(open_record, user, id))
        if request.method == "DELETE":
            return await _answered(lambda: _deleted(open_record, user, id))
        return await _with_body(request, lambda body: _renamed(open_record, user, id, body))

    async def rate(request: "Request") -> "Response":
        user = _user(request)
        return await _with_body(request, lambda body: _rate(open_record, user, body))

    return [
        Route("/history", conversations, methods=["GET", "DELETE"]),
        Route("/history/{id}", one, methods=["GET", "PUT", "DELETE"]),
        Route("/feedback", rate, methods=["POST"]),
    ]


def _listed(open_record: OpenRecord, user: str, query: str, before: str | None) -> "Response":
    history = _history(open_record)
    if history is None:
        return _json({"where": "server", "conversations": [], "next": None})
    found = history.list(user, query, before=before)
    shown = [one.to_json() for one in found.conversations]
    return _json({"where": "server", "conversations": shown, "next": found.next})


def _shown(open_record: OpenRecord, user: str, id: str) -> "Response":
    history = _history(open_record)
    found = None if history is None else history.get(user, id)
    return _missing() if found is None else _json(found.to_json())


def _renamed(open_record: OpenRecord, user: str, id: str, body: dict[str, Any]) -> "Response":
    title, history = body.get("title"), _history(open_record)
    if not isinstance(title, str):
        raise InputError("title: expected text.")
    done = history is not None and history.rename(user, id, title)
    return _json({"done": True}) if done else _missing()


def _deleted(open_record: OpenRecord, user: str, id: str) -> "Response":
    history = _history(open_record)
    done = history is not None and history.delete(user, id)
    return _json({"done": True}) if done else _missing()


def _clear(open_record: OpenRecord, user: str) -> "Response":
    history = _history(open_record)
    return _json({"deleted": 0 if history is None else history.delete_all(user)})


def _rate(open_record: OpenRecord, user: str | None, body: dict[str, Any]) -> "Response":
    from assistant import feedback

    if unknown := body.keys() - {"turn", "thumb", "reasons", "note"}:
        raise InputError(f"{min(unknown)}: expected turn, thumb, reasons and note alone.")
    thumb, reasons, note = body.get("thumb"), body.get("reasons", []), body.get("note", "")
    rating = None if thumb is None else read_rating(thumb, reasons, note)
    turn = _turn(open_record, user, body.get("turn"))
    if turn is None:
        return _missing()
    record = open_record(rating is not None)
    if record is None:
        if rating is None:
            return _json({"rating": None})
        return _json({"message": NOT_KEPT[turn.answer.language], "messages": NOT_KEPT}, 503)
    feedback.keep(record, turn, rating, user)
    return _json({"rating": None if rating is None else rating.to_json()})


def _turn(open_record: OpenRecord, user: str | None, given: Any) -> Turn | None:
    """The turn that is rated: the one that is stored, or what the browser says it was shown."""
    id = given.get("id") if isinstance(given, dict) else given
    if user is not None and isinstance(id, str):
        history = _history(open_record)
        stored = None if history is None else history.turn(user, id)
        if stored is not None:
            return stored
    return Turn.from_json(given) if isinstance(given, dict) else None


def _history(open_record: OpenRecord) -> History | None:
    record = open_record(False)
    return None if record is None else History(record)


def _user(request: "Request") -> str | None:
    user: str | None = getattr(request.state, "user", None)
    return user


async def _body(request: "Request") -> dict[str, Any]:
    """The JSON object that was sent; InputError where it is none, or too large."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > LARGEST_BODY:
            raise InputError(f"The request is larger than {LARGEST_BODY:,} bytes.")
        pieces.append(piece)
    try:
        read = json.loads(b"".join(pieces))
    except (ValueError, RecursionError) as error:
        raise InputError("The request is not JSON.") from error
    if not isinstance(read, dict):
        raise InputError("The request is not a JSON object.")
    return read


async def _with_body(
    request: "Request", work: "Callable[[dict[str, Any]], Response]"
) -> "Response":
    try:
        body = await _body(request)
    except InputError as error:
        return _json({"message": str(error)}, 400)
    return await _answered(lambda: work(body))


async def _answered(work: "Callable[[], Response]") -> "Response":
    """What `work` answers, done beside the loop; an error is told without its insides."""
    from starlette.concurrency import run_in_threadpool

    running: Awaitable[Response] = run_in_threadpool(work)
    try:
        return await running
    except InputError as error:
        return _json({"message": str(error)}, 400)
    except AssistantError as error:
        log.warning("%s", error)
        return _json({"message": BROKEN["en"], "messages": BROKEN}, 503)


def _missing() -> "Response":
    return _json({"message": "not found"}, 404)


def _json(plain: Any, status: int = 200) -> "Response":
    from starlette.responses import JSONResponse

    headers = {**SAFE, "Cache-Control": "no-store"}
    return JSONResponse(plain, status, headers)
