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

LONG = {"type": "section", "text": {"type": "plain_text", "text": "가" * 2900}}


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
            # The client notices its own end only when a read times out, and a server's at once.
            self.handler.client.auto_reconnect_enabled = False
            self.slack.disconnect()
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


def test_a_retry_says_so_in_both_modes(slack: LoopbackSlack, served: Driven) -> None:
    first = slack.home_opened("U0ALICE")
    slack.wait_for(lambda: first in slack.acks)
    again = slack.resend(first, (1, "http_timeout"))
    slack.wait_for(lambda: again in slack.acks)
    slack.wait_for(lambda: len(served.seen) == 2)
    assert served.retries == [None, "1"]
    assert len({body["event_id"] for _, body in served.seen}) == 1


def test_over_a_socket_even_a_first_try_carries_a_retry_number(
    slack: LoopbackSlack, bolt: Driven
) -> None:
    first = slack.home_opened("U0ALICE")
    again = slack.resend(first)
    slack.wait_for(lambda: first in slack.acks and again in slack.acks and len(bolt.seen) == 2)
    assert sorted(map(str, bolt.retries)) == ["0", "1"]


def test_forged_old_and_bare_requests_are_refused_by_bolt(
    slack: LoopbackSlack, served: Driven
) -> None:
    body = json.dumps({"type": "event_callback", "event": {"type": "app_mention"}})
    kind = {"Content-Type": "application/json"}
    now = int(time.time())
    assert slack.request(body, kind | slack.sign(body, secret="another")).status == 401
    assert slack.request(body, kind | slack.sign(body, timestamp=now - 600)).status == 401
    assert slack.request(body + " ", kind | slack.sign(body)).status == 401
    assert slack.request(body, kind).status == 401
    assert served.seen == []
    challenge = slack.verify_url()
    assert challenge.status == 200 and "challenge" in challenge.body


def test_a_replayed_request_is_the_same_to_the_letter(slack: LoopbackSlack, served: Driven) -> None:
    first = slack.command("/brief", "settings", "U0ALICE", "C0GENERAL")
    slack.wait_for(lambda: first in slack.replies)
    again = slack.replay(first)
    slack.wait_for(lambda: again in slack.replies)
    assert slack.requests[first] == slack.requests[again]
    assert served.names() == ["command", "command"]  # Bolt alone lets a fresh replay through


@pytest.mark.parametrize("mode", ["bolt", "served"])
def test_commands_shortcuts_buttons_and_modals_arrive(
    slack: LoopbackSlack, mode: str, request: pytest.FixtureRequest
) -> None:
    driven: Driven = request.getfixturevalue(mode)
    client = driven.app.client
    asked = slack.post_as("C0GENERAL", "U0ALICE", "The alliance dates from 1953.")
    posted = client.chat_postMessage(
        channel="C0GENERAL", text="Answer", blocks=[SECTION, actions(button("press", "k1"))]
    )
    keys = [
        slack.command("/brief", "설정", "U0MINJI", "C0GENERAL"),
        slack.shortcut("check", asked, "U0ALICE"),
        slack.action("press", None, posted["message"], "U0ALICE"),
        slack.view_submission("settings", {"lang": {"pick": "ko"}}, "C0GENERAL", "U0ALICE"),
    ]
    slack.wait_for(lambda: all(key in slack.acks for key in keys))
    told = dict(driven.seen)
    assert told["command"]["text"] == "설정" and told["command"]["trigger_id"]
    assert told["shortcut"]["message"]["text"] == asked["text"]
    assert told["press"]["actions"][0]["value"] == "k1"
    assert told["press"]["message"]["ts"] == posted["ts"]
    assert told["view"]["view"]["state"]["values"]["lang"]["pick"]["value"] == "ko"
    assert told["view"]["view"]["private_metadata"] == "C0GENERAL"
    assert slack.complaints == []


def test_only_what_a_message_shows_can_be_pressed(slack: LoopbackSlack, client: WebClient) -> None:
    posted = client.chat_postMessage(
        channel="C0GENERAL", text="A", blocks=[actions(button("press", "k1"))]
    )
    slack.send_to("http://127.0.0.1:9/")
    for action, value in (("other", None), ("press", "k2")):
        with pytest.raises(LookupError, match=action):
            slack.action(action, value, posted["message"], "U0ALICE")
    client.chat_delete(channel="C0GENERAL", ts=posted["ts"])
    with pytest.raises(LookupError, match="deleted"):
        slack.action("press", None, posted["message"], "U0ALICE")


def test_a_stream_of_the_sdk_is_put_together(slack: LoopbackSlack, client: WebClient) -> None:
    root = slack.post_as("C0GENERAL", "U0ALICE", "Why?")
    stream = client.chat_stream(
        channel="C0GENERAL",
        thread_ts=root["ts"],
        recipient_team_id=slack.team,
        recipient_user_id="U0ALICE",
        buffer_size=4,
    )
    for piece in ("Because ", "of the ", "treaty [1]"):
        stream.append(markdown_text=piece)
    (message,) = slack.posts("C0GENERAL", root["ts"])
    assert message["streaming_state"] == "in_progress"
    stream.stop(markdown_text=".", blocks=[actions(button("press"))])
    (message,) = slack.posts("C0GENERAL", root["ts"])
    assert message["text"] == "Because of the treaty [1]."
    assert message["streaming_state"] == "completed" and message["blocks"]
    assert [call.method for call in slack.calls].count("chat.appendStream") == 2


def test_a_short_stream_sends_no_append(slack: LoopbackSlack, client: WebClient) -> None:
    direct = slack.add_channel("D0ALICE")["id"]
    root = slack.post_as(direct, "U0ALICE", "Why?")
    stream = client.chat_stream(channel=direct, thread_ts=root["ts"])
    stream.append(markdown_text="Yes.")
    stream.stop()
    assert [call.method for call in slack.calls] == ["chat.startStream", "chat.stopStream"]
    assert slack.posts(direct)[0]["text"] == "Yes."


def test_streams_are_refused_as_slack_refuses_them(slack: LoopbackSlack, client: WebClient) -> None:
    ts = slack.post_as("C0GENERAL", "U0ALICE", "Why?")["ts"]
    start = client.chat_startStream
    where = {"channel": "C0GENERAL", "thread_ts": ts}
    whom = {"recipient_team_id": slack.team, "recipient_user_id": "U0ALICE"}
    assert error_of(start, **where) == "missing_recipient_team_id"
    assert error_of(start, **where, recipient_team_id=slack.team) == "missing_recipient_user_id"
    wrong = whom | {"recipient_team_id": "T1"}
    assert error_of(start, **where, **wrong) == "team_not_found"
    assert error_of(start, **where | {"thread_ts": "1.2"}, **whom) == "thread_not_found"
    assert error_of(start, **where, **whom, markdown_text="x" * 12_001) == "msg_too_long"
    open_one = {"channel": "C0GENERAL", "ts": start(**where, **whom)["ts"]}
    assert error_of(client.chat_update, **open_one, text="A") == "streaming_state_conflict"
    slack.end_stream(open_one["ts"])
    late = error_of(client.chat_appendStream, **open_one, markdown_text="A")
    assert late == "message_not_in_streaming_state"
    assert client.chat_update(**open_one, text="Whole after all")["ok"]
    gone = {"channel": "C0GENERAL", "ts": start(**where, **whom)["ts"]}
    slack.delete_message("C0GENERAL", gone["ts"])
    assert error_of(client.chat_stopStream, **gone) == "message_not_found"


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.nothing", {}, "unknown_method"),
        ("chat.postMessage", {"text": "A"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "C0GENERAL", "txt": "A"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "C0GENERAL"}, "no_text"),
        ("chat.postMessage", {"channel": "C9", "text": "A"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0OUTSIDE", "text": "A"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C0GENERAL", "text": "가" * 40_001}, "msg_too_long"),
        (
            "chat.postMessage",
            {"channel": "C0GENERAL", "text": "A", "thread_ts": "1.2"},
            "thread_not_found",
        ),
        (
            "chat.postMessage",
            {"channel": "C0GENERAL", "text": "A", "blocks": [{"type": "section"}]},
            "invalid_blocks",
        ),
        (
            "chat.postMessage",
            {"channel": "C0GENERAL", "text": "A", "blocks": [LONG] * 5},
            "msg_blocks_too_long",
        ),
        ("chat.update", {"channel": "C0GENERAL", "ts": "1.2", "text": "A"}, "message_not_found"),
        ("conversations.replies", {"channel": "C0GENERAL", "ts": "1.2"}, "thread_not_found"),
        ("reactions.add", {"channel": "C0GENERAL", "timestamp": "1", "name": "x"}, "missing_scope"),
        ("apps.connections.open", {}, "not_allowed_token_type"),
        ("users.info", {"user": "U9"}, "user_not_found"),
        (
            "assistant.threads.setStatus",
            {"channel_id": "C0GENERAL", "thread_ts": "1.2", "status": "…"},
            "thread_not_found",
        ),
    ],
)
def test_wrong_calls_are_refused_with_the_error_of_slack(
    slack: LoopbackSlack, client: WebClient, method: str, args: dict[str, Any], error: str
) -> None:
    assert error_of(client.api_call, api_method=method, json=args) == error
    assert slack.refusals == [(method, error)]


def test_tokens_and_scopes_are_looked_at(slack: LoopbackSlack, client: WebClient) -> None:
    answer = client.auth_test()
    assert answer["bot_id"] == slack.bot_id
    assert "chat:write" in answer.headers["x-oauth-scopes"]
    assert error_of(WebClient("xoxb-other", base_url=slack.url).auth_test) == "invalid_auth"
    assert error_of(WebClient(base_url=slack.url).auth_test) == "not_authed"
    slack.scopes.discard("groups:history")
    with pytest.raises(SlackApiError) as caught:
        client.conversations_history(channel="G0PRIVATE")
    assert caught.value.response["needed"] == "groups:history"
    assert "chat:write" in caught.value.response["provided"]
    slack.revoke()
    assert error_of(client.auth_test) == "token_revoked"


def test_a_thread_is_read_page_by_page(slack: LoopbackSlack, client: WebClient) -> None:
    root = slack.post_as("C0GENERAL", "U0ALICE", "One")
    for number in range(5):
        slack.post_as("C0GENERAL", "U0MINJI", f"{number}", root["ts"])
    client.chat_postEphemeral(
        channel="C0GENERAL", user="U0ALICE", text="Psst", thread_ts=root["ts"]
    )
    pages = client.conversations_replies(channel="C0GENERAL", ts=root["ts"], limit=4)
    texts = [message["text"] for page in pages for message in page["messages"]]
    assert texts == ["One", "0", "1", "2", "3", "4"]
    (shown,) = client.conversations_history(channel="C0GENERAL")["messages"]
    assert shown["ts"] == root["ts"]
    user = client.users_info(user="U0MINJI", include_locale=True)["user"]
    assert user["locale"] == "ko-KR"


def test_a_status_goes_when_the_bot_replies(slack: LoopbackSlack, client: WebClient) -> None:
    ts = slack.post_as("C0GENERAL", "U0ALICE", "Why?")["ts"]
    client.assistant_threads_setStatus(channel_id="C0GENERAL", thread_ts=ts, status="searching")
    assert slack.status("C0GENERAL", ts) == "searching"
    client.chat_postMessage(channel="C0GENERAL", thread_ts=ts, text="So")
    assert slack.status("C0GENERAL", ts) == ""


def test_a_trigger_opens_one_modal_and_not_for_long(
    slack: LoopbackSlack, client: WebClient
) -> None:
    select = {
        "type": "static_select",
        "action_id": "pick",
        "options": [
            {"text": {"type": "plain_text", "text": name}, "value": name} for name in ("ko", "en")
        ],
    }
    label = {"type": "plain_text", "text": "Language"}
    view = {
        "type": "modal",
        "callback_id": "settings",
        "title": {"type": "plain_text", "text": "Settings"},
        "submit": {"type": "plain_text", "text": "Save"},
        "private_metadata": "C0GENERAL",
        "blocks": [{"type": "input", "block_id": "lang", "label": label, "element": select}],
    }
    trigger = slack.new_trigger("U0ALICE")
    bare = {name: value for name, value in view.items() if name != "submit"}
    assert error_of(client.views_open, trigger_id=trigger, view=bare) == "invalid_arguments"
    opened = client.views_open(trigger_id=trigger, view=view)["view"]
    assert error_of(client.views_open, trigger_id=trigger, view=view) == "exchanged_trigger_id"
    slack.trigger_life = -1
    late = slack.new_trigger("U0ALICE")
    assert error_of(client.views_open, trigger_id=late, view=view) == "expired_trigger_id"
    slack.send_to("http://127.0.0.1:9/")
    sent = slack.sent[slack.view_submission("settings", {"lang": {"pick": "ko"}})].payload["view"]
    assert sent["id"] == opened["id"] and sent["private_metadata"] == "C0GENERAL"
    assert sent["state"]["values"]["lang"]["pick"]["selected_option"]["value"] == "ko"
    with pytest.raises(LookupError, match="no option de"):
        slack.view_submission("settings", {"lang": {"pick": "de"}})
    home = {"type": "home", "blocks": [SECTION]}
    assert client.views_publish(user_id="U0ALICE", view=home)["ok"]
    assert slack.homes["U0ALICE"]["blocks"][0]["text"] == SECTION["text"]


def test_a_response_url_takes_five_answers(slack: LoopbackSlack, client: WebClient) -> None:
    from slack_sdk.webhook import WebhookClient

    posted = client.chat_postMessage(channel="C0GENERAL", text="A")["message"]
    hook = WebhookClient(slack.new_response_url("U0ALICE", "C0GENERAL", posted))
    assert hook.send(text="B", replace_original=True).status_code == 200
    assert slack.posts("C0GENERAL")[0]["text"] == "B"
    assert hook.send(text="C", response_type="ephemeral").body == "ok"
    assert slack.posts("C0GENERAL")[1]["ephemeral_to"] == "U0ALICE"
    assert hook.send(text="D", blocks=[{"type": "nope"}]).status_code == 400
    assert hook.send(delete_original=True).status_code == 200
    assert hook.send(text="E", response_type="in_channel").status_code == 200
    assert hook.send(text="F").status_code == 404
    assert [message["text"] for message in slack.posts("C0GENERAL")] == ["C", "E"]


def test_planted_faults_strike_as_they_were_planted(
    slack: LoopbackSlack, client: WebClient
) -> None:
    slack.fail_next("auth.test", retry_after=2)
    with pytest.raises(SlackApiError) as caught:
        client.auth_test()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "2"
    slack.fail_next("auth.test", status=500, skip=1)
    assert client.auth_test()["ok"]
    with pytest.raises(SlackApiError) as caught:
        client.auth_test()
    assert caught.value.response.status_code == 500
    slack.fail_next("chat.postMessage", cut=True)
    slack.fail_next("chat.postMessage", lost=True)
    for _ in range(2):
        with pytest.raises(OSError):
            client.chat_postMessage(channel="C0GENERAL", text="A")
    assert len(slack.posts("C0GENERAL")) == 1  # the lost answer's message is there
    slack.fail_next("auth.test", error="account_inactive")
    assert error_of(client.auth_test) == "account_inactive"
    slack.fail_share(0.5, "500", seed=1)
    outcomes = Counter()
    for _ in range(40):
        try:
            outcomes["ok"] += bool(client.auth_test()["ok"])
        except SlackApiError:
            outcomes["500"] += 1
    assert 10 < outcomes["ok"] < 30
    slack.heal()
    assert client.auth_test()["ok"]
    assert slack.refusals == []


@pytest.mark.parametrize("polite", [True, False])
def test_the_client_comes_back_after_a_break(
    slack: LoopbackSlack, bolt: Driven, polite: bool
) -> None:
    slack.disconnect(polite)
    slack.wait_for(lambda: slack.connections == 2 and slack.connected() == 1)
    key = slack.home_opened("U0ALICE")
    slack.wait_for(lambda: key in slack.acks)


def test_what_was_not_acknowledged_comes_again() -> None:
    with LoopbackSlack(retrying=True, retry_waits=(0.1, 0.1, 0.1)) as slack:
        slack.send_to("http://127.0.0.1:9/")
        key = slack.home_opened("U0ALICE")
        slack.wait_for(lambda: len(slack.replies) == 4)
        assert not slack.acked(key) and slack.unacked() == [key]
        tries = [delivery.retry for delivery in slack.sent.values()]
        assert tries == [None] + [(number, "http_timeout") for number in (1, 2, 3)]


def test_a_ticket_lets_one_socket_in(slack: LoopbackSlack) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    link = slack.open_link()
    with connect(link) as first:
        assert json.loads(first.recv())["type"] == "hello"
        first.send("no envelope")
        slack.wait_for(lambda: slack.complaints)
        with pytest.raises(InvalidStatus):
            connect(link)


def test_edits_deletions_and_bots_are_told_as_slack_tells_them(
    slack: LoopbackSlack, bolt: Driven
) -> None:
    ts = slack.post_as("C0GENERAL", "U0ALICE", "One")["ts"]
    slack.edit("C0GENERAL", ts, "Two")
    slack.delete("C0GENERAL", ts)
    slack.message("C0GENERAL", None, "Built", subtype="bot_message", bot_id="B9")
    slack.wait_for(lambda: len(bolt.seen) == 3)
    kinds = sorted(body["event"]["subtype"] for _, body in bolt.seen)
    assert kinds == ["bot_message", "message_changed", "message_deleted"]


def test_the_bot_is_told_of_its_own_messages_where_asked(
    slack: LoopbackSlack, bolt: Driven
) -> None:
    slack.echo = True
    bolt.app.client.chat_postMessage(channel="C0GENERAL", text="Mine")
    slack.wait_for(lambda: len(slack.acks) == 1)
    assert bolt.seen == []  # Bolt leaves out what its own bot wrote


def test_over_breaking_sockets_every_event_comes_through() -> None:
    with LoopbackSlack(True, (0.4,) * 6, disconnect_share=0.02) as slack:
        driven = Driven(slack, "socket")
        for number in range(200):
            slack.message("C0GENERAL", "U0ALICE", f"{number}")
            time.sleep(0.005)
        slack.wait_for(lambda: not slack.unacked(), 20)
        assert slack.connections > 1
        assert len({body["event_id"] for _, body in driven.seen}) == 200
        driven.close()


def test_a_storm_of_envelopes_takes_the_server_a_few_seconds() -> None:
    from websockets.sync.client import connect

    with LoopbackSlack() as slack, connect(slack.open_link(), compression=None) as link:
        link.recv()
        slack.wait_for(slack.connected)
        start = time.perf_counter()
        for _ in range(1300):
            slack.mention("C0GENERAL", "U0ALICE", "Why?", twin=False)
        for _ in range(1300):
            link.send(json.dumps({"envelope_id": json.loads(link.recv())["envelope_id"]}))
        slack.wait_for(lambda: len(slack.acks) == 1300)
        assert time.perf_counter() - start < 6
        assert slack.unacked() == []
