"""Slack's requests over HTTP: signed, verified, kept and answered as those of a socket."""

import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from slack_office import ALICE, CHANNEL, MINJI, office, text_of
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from assistant.holdings import Holdings
from assistant.slack import app as slack_app
from assistant.slack.http import LARGEST, PATH, mounted, standalone

pytestmark = pytest.mark.usefixtures("nothing_set")


@contextmanager
def listening(app):
    """The application at an address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def at_work(tmp_path):
    with office(tmp_path) as made:
        bot = made.open(mode="http")
        with listening(standalone(bot)) as address:
            made.slack.send_to(address + PATH)
            yield made


def a_mention(at_work, **changes):
    """The body of an event, and headers that are not signed yet."""
    ts = at_work.slack.post_as(CHANNEL, ALICE, "<@U0BOT> How many ships?")["ts"]
    event = {
        "type": "app_mention",
        "user": ALICE,
        "text": "<@U0BOT> How many ships?",
        "ts": ts,
        "channel": CHANNEL,
    }
    whole = {"type": "event_callback", "team_id": "T0TEAM", "event_id": "Ev1", "event": event}
    return json.dumps(whole | changes), {"Content-Type": "application/json"}


def test_slack_verifies_the_address(at_work):
    reply = at_work.slack.verify_url()
    assert reply.status == 200
    assert json.loads(reply.body)["challenge"]


def test_questions_commands_clicks_and_dialogs_come_by_request(at_work):
    ts = at_work.ask("How many ships?")
    [answer] = at_work.said(ts)
    at_work.settle(at_work.slack.command("/brief", "몇 척인가요?", MINJI, CHANNEL))
    at_work.settle(at_work.slack.action("cb_up", None, answer, MINJI))
    key = at_work.slack.command("/brief", "settings", MINJI, CHANNEL)
    at_work.settle(key)
    values = {"cb_language": {"cb_language": {"selected_option": {"value": "ko"}}}}
    given = at_work.slack.view_submission("cb_settings", values, user=MINJI)
    at_work.settle(given)
    assert at_work.slack.replies[given].body == ""  # which closes the dialog
    assert at_work.bots[-1].chats.channel("T0TEAM", CHANNEL).lang == "ko"
    assert {reply.status for reply in at_work.slack.replies.values()} == {200}
    assert at_work.slack.complaints == at_work.slack.refusals == []


@pytest.mark.parametrize(
    ("seconds", "secret", "status"),
    [
        (0, None, 200),
        (-240, None, 200),
        (0, "another secret", 401),
        (-400, None, 401),
        (-86_400, None, 401),
        (400, None, 401),
    ],
)
def test_only_what_slack_signed_just_now_is_taken(at_work, seconds, secret, status):
    body, headers = a_mention(at_work)
    signed = at_work.slack.sign(body, int(time.time()) + seconds, secret)
    assert at_work.slack.request(body, headers | signed).status == status
    at_work.done()
    assert len(at_work.said()) == (1 if status == 200 else 0)


def test_without_a_signature_or_with_another_body_nothing_is_taken(at_work):
    body, headers = a_mention(at_work)
    signed = at_work.slack.sign(body)
    assert at_work.slack.request(body, headers).status == 401
    assert at_work.slack.request(body.replace("ships", "boats"), headers | signed).status == 401
    bare = {"X-Slack-Signature": "v0=", "X-Slack-Request-Timestamp": "now"}
    assert at_work.slack.request(body, headers | bare).status == 401
    assert at_work.bots[-1].chats.waiting() == 0


def test_the_same_request_again_is_acknowledged_and_not_answered_again(at_work):
    body, headers = a_mention(at_work)
    signed = at_work.slack.sign(body)
    replies = [at_work.slack.request(body, headers | signed).status for _ in range(3)]
    retried = headers | at_work.slack.sign(body) | {"X-Slack-Retry-Num": "1"}
    replies.append(at_work.slack.request(body, retried).status)
    at_work.done()
    assert replies == [200] * 4
    assert len(at_work.said()) == 1


def test_what_is_no_request_of_slacks_is_refused(at_work):
    signed = at_work.slack.sign("x" * (LARGEST + 1))
    assert at_work.slack.request("x" * (LARGEST + 1), signed).status == 413
    for body in ("", "[]", "{}", '{"type": "unheard_of"}', "nothing=1"):
        kind = {"Content-Type": "application/json"}
        reply = at_work.slack.request(body, kind | at_work.slack.sign(body))
        assert reply.status in (200, 400), body
    at_work.ask("How many ships?")
    assert len(at_work.said()) == 1


def test_what_cannot_be_kept_is_answered_in_time_and_sent_again(tmp_path, monkeypatch):
    monkeypatch.setattr(slack_app, "IN_TIME", 0.2)
    with office(tmp_path, retrying=True, retry_waits=(0.3, 0.3, 0.3)) as at_work:
        bot = at_work.open(mode="http")
        with listening(standalone(bot)) as address:
            at_work.slack.send_to(address + PATH)
            keep, held = bot._keep, threading.Event()
            monkeypatch.setattr(bot, "_keep", lambda body: (held.wait(), keep(body)))
            key = at_work.slack.mention(CHANNEL, ALICE, "How many ships?", twin=False)
            at_work.slack.wait_for(lambda: key in at_work.slack.replies)
            assert at_work.slack.replies[key].status == 503
            held.set()
            at_work.settle(key)
            assert len(at_work.said()) == 1


def test_the_bot_can_stand_in_another_server(tmp_path):
    async def page(request):
        return PlainTextResponse("the page")

    with office(tmp_path) as at_work:
        bot, at_slack = mounted(at_work.settings, at_work.assistant, Holdings(at_work.settings))
        at_work.bots.append(bot)
        bot.start()
        app = Starlette(routes=[*at_slack, Route("/{rest:path}", page)])
        with listening(app) as address:
            at_work.slack.send_to(address + PATH)
            ts = at_work.ask("How many ships?")
            assert "350-ship" in text_of(at_work.said(ts)[0])
