"""Slack's requests over HTTP: the routes of the bot, for a server of its own or the chat's.

Bolt verifies the signatures: a request without a good one, or one signed more than five minutes
ago, gets 401, and one that comes again 200 and no second answer.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.settings import Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from assistant.holdings import Holdings
    from assistant.live import Live
    from assistant.slack.app import SlackBot

PATH = "/slack/events"
LARGEST = 1_000_000  # bytes of a request; Slack's have a few thousand


def routes(bot: "SlackBot") -> "list[BaseRoute]":
    """Where Slack sends events, commands and clicks; mount them before all that asks for a login.

    The bot itself is to be started and stopped with the server.
    """
    from starlette.routing import Route

    async def events(request: "Request") -> "Response":
        from slack_bolt import BoltRequest
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import PlainTextResponse, Response

        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST:
                return PlainTextResponse("Too large.", 413)
        if not request.headers.get("x-slack-request-timestamp", "0").isdecimal():
            return PlainTextResponse("Expected Slack's signature.", 401)
        try:
            headers: dict[str, str | Sequence[str]] = {**request.headers}
            asked = BoltRequest(body=body.decode("utf-8"), query=request.url.query, headers=headers)
        except (ValueError, TypeError, AttributeError):  # neither JSON nor a form
            return PlainTextResponse("Expected a request of Slack's.", 400)
        done = await run_in_threadpool(bot.bolt.dispatch, asked)
        return Response(done.body, done.status, dict(done.first_headers()))

    return [Route(PATH, events, methods=["POST"])]


def mounted(
    settings: Settings, assistant: "Live", holdings: "Holdings"
) -> "tuple[SlackBot, list[BaseRoute]]":
    """The bot over an assistant that a server has open already, and its routes for that server.

    The server calls `start` of the bot once it listens, and `stop` when it ends.
    """
    from assistant.slack.app import SlackBot
    from assistant.slack.client import Slack
    from assistant.slack.tokens import check_all, check_kinds

    check_kinds(settings, "http")
    record = holdings.record(create=True)
    if record is None:
        raise InputError("The Slack bot needs a database; unset CITEBRIEF_DATABASE=none.")
    slack = Slack(settings)
    standing = check_all(settings, "http", slack)
    bot = SlackBot(settings, assistant, record, slack, standing, holdings=holdings)
    return bot, routes(bot)


def standalone(bot: "SlackBot") -> "Starlette":
    """A server's application with nothing but the bot, and /health."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def health(request: "Request") -> "Response":
        return JSONResponse({"status": "ok"})

    return Starlette(routes=[Route("/health", health), *routes(bot)])
