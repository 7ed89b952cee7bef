"""The loopback Slack, driven by the real slack_sdk and Bolt: what it lets through and refuses."""

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_server import LoopbackSlack

Opened = Callable[..., "Driven"]
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Answer"}}


def button(action_id: str, value: str = "v") -> dict[str, Any]:
    label = {"type": "plain_text", "text": "Press"}
    return {"type": "button", "text": label, "action_id": action_id, "value": value}


def actions(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(buttons)}


class Driven:
    """A Bolt app that keeps what it was told, over sockets or by requests."""

    def __init__(self, slack: LoopbackSlack, mode: str) -> None:
        from slack_bolt import App

        self.slack = slack
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.retries: list[str | None] = []
        quiet = logging.getLogger("test-slack")
        quiet.setLevel(logging.CRITICAL)
        self.app = App(
            client=WebClient(slack.token, base_url=slack.url, logger=quiet),
            signing_secret=slack.signing_secret,
            logger=quiet,
        )
        for event in ("app_mention", "message", "app_home_opened"):
            self.app.event(event)(self._keep(event))
        for action in ("press", "pick"):
            self.app.action(action)(self._keep_and_ack(action))
        self.app.command("/brief")(self._keep_and_ack("command"))
        self.app.shortcut("check")(self._keep_and_ack("shortcut"))
        self.app.view("settings")(self._keep_and_ack("view"))
        if mode == "socket":
            from slack_bolt.adapter.socket_mode import SocketModeHandler

            self.handler = SocketModeHandler(
                self.app, slack.app_token, web_client=self.app.client, ping_interval=0.2
            )
            self.handler.connect()
            slack.wait_for(slack.connected)

    def _keep(self, name: str) -> Callable[..., None]:
        def keep(body: dict[str, Any], request: Any) -> None:
            self.retries.append((request.headers.get("x-slack-retry-num") or [None])[0])
            self.seen.append((name, body))

        return keep

    def _keep_and_ack(self, name: str) -> Callable[..., None]:
        def keep(ack: Any, body: dict[str, Any]) -> None:
            self.seen.append((name, body))
            ack()

        return keep

    def names(self) -> list[str]:
        return [name for name, _ in self.seen]

    def close(self) -> None:
        if hasattr(self, "handler"):
            self.handler.close()


class Served:
    """A Bolt app behind uvicorn, as it would stand in HTTP mode."""

    def __init__(self, app: Any) -> None:
        import uvicorn
        from slack_bolt.adapter.starlette import SlackRequestHandler
        from starlette.applications import Starlette
        from starlette.routing import Route

        handler = SlackRequestHandler(app)

        async def events(request: Any) -> Any:
            return await handler.handle(request)

        routes = [Route("/slack/events", events, methods=["POST"])]
        config = uvicorn.Config(
            Starlette(routes=routes), port=0, log_level="critical", lifespan="off"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/slack/events"

    def close(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(10)


@pytest.fixture
def slack() -> Iterator[LoopbackSlack]:
    with LoopbackSlack() as server:
        yield server


@pytest.fixture
def client(slack: LoopbackSlack) -> WebClient:
    return WebClient(slack.token, base_url=slack.url, retry_handlers=[])


@pytest.fixture
def bolt(slack: LoopbackSlack) -> Iterator[Driven]:
    driven = Driven(slack, "socket")
    yield driven
    driven.close()


@pytest.fixture
def served(slack: LoopbackSlack) -> Iterator[Driven]:
    driven = Driven(slack, "http")
    server = Served(driven.app)
    slack.send_to(server.url)
    yield driven
    server.close()


def error_of(call: Callable[..., Any], **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def test_a_bolt_app_over_a_socket_hears_a_mention_and_acknowledges_it(
    slack: LoopbackSlack, bolt: Driven
) -> None:
    key = slack.mention("C0GENERAL", "U0ALICE", "What does the brief cover?")
    slack.wait_for(lambda: len(bolt.seen) == 2 and key in slack.acks)
    assert sorted(bolt.names()) == ["app_mention", "message"]
    one, two = (body["event"] for _, body in bolt.seen)
    assert one["ts"] == two["ts"] and one["text"].startswith("<@U0BOT> ")
    assert slack.acks[key] < 3
    assert slack.complaints == []


def test_a_bolt_app_over_http_hears_the_same_signed(slack: LoopbackSlack, served: Driven) -> None:
    key = slack.mention("C0GENERAL", "U0ALICE", "무엇을 다룹니까?", twin=False)
    slack.wait_for(lambda: key in slack.replies and served.seen)
    assert slack.replies[key].status == 200 and key in slack.acks
    assert served.seen[0][1]["event"]["text"] == "<@U0BOT> 무엇을 다룹니까?"
