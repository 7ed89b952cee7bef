"""`citebrief slack` and what `citebrief doctor` says of it: tokens, modes, starts and stops."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chat import ROOT
from slack_office import ALICE, CHANNEL, MINJI, Office, buttons, office, text_of
from slack_server import LoopbackSlack
from typer.testing import CliRunner

from assistant.answer import Assistant
from assistant.cli import cli
from assistant.doctor import examine
from assistant.errors import AssistantError, InputError
from assistant.live import Live
from assistant.settings import Settings, load_settings
from assistant.slack.client import Slack
from assistant.slack.tokens import SCOPES, check_all, check_kinds

pytestmark = pytest.mark.usefixtures("nothing_set")
BOT, APP, SECRET = "xoxb-1-ABC", "xapp-1-ABC", "0123456789abcdef" * 2


@pytest.fixture
def workspace():
    with LoopbackSlack() as slack:
        yield slack


def settings_for(slack, **changes):
    given = {
        "slack_bot_token": slack.token,
        "slack_app_token": slack.app_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.url,
    }
    return Settings(**(given | changes))


@pytest.mark.parametrize("prefix", ["", "CITEBRIEF_"])
def test_the_tokens_are_read_under_slacks_names_or_ours(monkeypatch, prefix):
    monkeypatch.setenv(f"{prefix}SLACK_BOT_TOKEN", BOT)
    monkeypatch.setenv(f"{prefix}SLACK_APP_TOKEN", APP)
    monkeypatch.setenv(f"{prefix}SLACK_SIGNING_SECRET", SECRET)
    settings = load_settings()
    assert settings.slack_bot_token.get_secret_value() == BOT
    assert settings.slack_app_token.get_secret_value() == APP
    assert settings.slack_signing_secret.get_secret_value() == SECRET
    assert not {BOT, APP, SECRET} & set(repr(settings).replace("'", " ").split())


def test_ours_go_before_slacks(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-theirs")
    monkeypatch.setenv("CITEBRIEF_SLACK_BOT_TOKEN", BOT)
    assert load_settings().slack_bot_token.get_secret_value() == BOT


@pytest.mark.parametrize(
    ("given", "mode", "told"),
    [
        ({}, "socket", ["no bot token", "CITEBRIEF_SLACK_BOT_TOKEN", "OAuth & Permissions"]),
        ({"bot_token": BOT}, "socket", ["no app token", "App-Level Tokens", "connections:write"]),
        ({"bot_token": BOT}, "http", ["no signing secret", "Basic Information", "32 hex"]),
        ({"bot_token": "xapp-1"}, "http", ["SLACK_BOT_TOKEN holds an app-level token", "xoxb-"]),
        ({"bot_token": "xoxp-1"}, "http", ["holds a user token"]),
        ({"bot_token": "hello"}, "http", ["holds something else"]),
        ({"bot_token": "xoxb-1 x"}, "http", ["expected the bot token"]),
        ({"bot_token": BOT, "app_token": BOT}, "socket", ["APP_TOKEN holds a bot token", "xapp-"]),
        ({"bot_token": BOT, "signing_secret": APP}, "http", ["SECRET holds an app-level token"]),
    ],
)
def test_a_token_that_is_missing_or_of_another_kind_is_told_with_its_place(given, mode, told):
    settings = Settings(**{f"slack_{name}": value for name, value in given.items()})
    with pytest.raises(InputError) as refusal:
        check_kinds(settings, mode)
    for words in told:
        assert words in str(refusal.value)
    assert not {"xoxb-1-ABC", "xoxp-1"} & set(str(refusal.value).split())


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda slack: slack.scopes.remove("assistant:write"), ["the scope assistant:write"]),
        (
            lambda slack: slack.scopes.difference_update({"commands", "im:history"}),
            ["the scopes commands, im:history", "install the app again", "manifest.yaml"],
        ),
        (lambda slack: setattr(slack, "revoked", True), ["token_revoked", "SLACK_BOT_TOKEN"]),
        (
            lambda slack: slack.fail_next("auth.test", error="account_inactive"),
            ["account_inactive", "install it there again"],
        ),
        (lambda slack: slack.fail_next("auth.test", times=9, status=500), ["reaches it"]),
        (
            lambda slack: slack.fail_next("apps.connections.open", error="missing_scope"),
            ["lacks the scope connections:write"],
        ),
        (
            lambda slack: slack.fail_next("apps.connections.open", error="invalid_auth"),
            ["does not take CITEBRIEF_SLACK_APP_TOKEN"],
        ),
        (
            lambda slack: slack.fail_next("apps.connections.open", error="forbidden_for_app"),
            ["Socket Mode is off"],
        ),
    ],
)
def test_what_slack_says_against_the_tokens_is_told(workspace, spoil, told):
    spoil(workspace)
    settings = settings_for(workspace)
    with pytest.raises(AssistantError) as refusal:
        check_all(settings, "socket", Slack(settings))
    for words in told:
        assert words in str(refusal.value)
    assert "loopback" not in str(refusal.value).replace(workspace.url, "")


def test_the_scopes_are_those_of_the_manifest():
    import yaml

    manifest = yaml.safe_load((ROOT / "docs" / "slack" / "manifest.yaml").read_text("utf-8"))
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_without_tokens_the_command_says_what_is_missing():
    done = CliRunner().invoke(cli, ["slack"])
    assert done.exit_code == 2
    assert "CITEBRIEF_SLACK_BOT_TOKEN" in done.output


def test_without_a_database_the_command_says_why_it_needs_one(monkeypatch, workspace):
    for name, value in {
        "SLACK_BOT_TOKEN": workspace.token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "CITEBRIEF_DATABASE": "none",
    }.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(cli, ["slack"])
    assert done.exit_code == 2
    assert "CITEBRIEF_DATABASE=none" in done.output


def test_without_the_extra_the_command_says_how_to_install_it(monkeypatch):
    import assistant.cli_slack as cli_slack

    def missing(name):
        raise ModuleNotFoundError("No module named 'slack_bolt'", name="slack_bolt")

    monkeypatch.setattr(cli_slack.importlib, "import_module", missing)
    done = CliRunner().invoke(cli, ["slack"])
    assert done.exit_code == 2
    assert "pip install -e '.[slack]'" in done.output


def doctored(settings):
    """What doctor says of Slack; no index is built for it."""
    report = examine(lambda: settings.model_copy(update={"library": Path("nowhere")}))
    return report["slack"], [p for p in report["problems"] if "SLACK" in p or "scope" in p]


def test_doctor_says_nothing_of_slack_where_no_token_is_set():
    part, problems = doctored(Settings())
    assert (part["state"], problems) == ("not set", [])


def test_doctor_tries_the_tokens(workspace):
    part, problems = doctored(settings_for(workspace))
    assert part | {"bolt": ""} == {
        "mode": "socket",
        "team": "Brief team",
        "bot": "U0BOT",
        "bolt": "",
        "state": "ready",
    }
    assert problems == []
    assert [call.method for call in workspace.calls] == ["auth.test", "apps.connections.open"]


def test_doctor_says_which_scope_is_missing(workspace):
    workspace.scopes.discard("users:read")
    part, [problem] = doctored(settings_for(workspace))
    assert part["state"] == "broken"
    assert "users:read" in problem


# --- a process of its own, with the real assistant --------------------------------------------


class Process:
    """`citebrief slack`, running."""

    def __init__(self, made: Office, brief_index, *arguments: str, **environment: str) -> None:
        given = {k: v for k, v in os.environ.items() if not k.startswith(("CITEBRIEF_", "SLACK_"))}
        given |= {
            "CITEBRIEF_INDEX": str(brief_index.folder.parent),
            "CITEBRIEF_DATABASE": made.settings.database,
            "CITEBRIEF_SLACK_API_URL": made.slack.url,
            "SLACK_BOT_TOKEN": made.slack.token,
            "SLACK_APP_TOKEN": made.slack.app_token,
            "SLACK_SIGNING_SECRET": made.slack.signing_secret,
            "PYTHONPATH": str(ROOT),
        }
        self.log = made.folder / f"log-{time.monotonic_ns()}"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "assistant", "slack", *arguments],
                env=given | environment,
                stderr=log,
                cwd=made.folder,
            )

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture
def made(tmp_path):
    with office(tmp_path) as made:
        made.bots.append(made.new())  # to look at the record with
        yield made


def test_the_real_bot_answers_over_a_socket_and_ends_when_told(made, brief_index):
    running = Process(made, brief_index)
    try:
        made.slack.wait_for(made.slack.connected, 60)
        first = made.slack.mention(CHANNEL, MINJI, "방위비분담금 인상 요구는 몇 배까지 올라갔나요?")
        second = made.slack.mention(CHANNEL, ALICE, "Who won the World Cup in 2018?")
        made.slack.wait_for(lambda: made.slack.acked(first) and made.slack.acked(second))
        made.done(60)
    finally:
        code = running.stop()
    [answer] = made.said(made.slack.ts_of(first))
    assert "[1]" in text_of(answer)
    assert "2024년 11월 기준" in text_of(answer)
    assert {"cb_up", "cb_evidence", "cb_follow"} <= buttons(answer).keys()
    assert made.said(made.slack.ts_of(second)) == []
    assert len(made.whispered()) == 1
    assert code == 0, running.said()
    assert "CiteBrief is in Brief team" in running.said()
    assert "방위비" not in running.said()
    assert made.slack.refusals == made.slack.advice == made.slack.complaints == []


def test_the_real_bot_takes_requests_and_what_waited_is_answered(made, brief_index):
    import socket

    made.bots[-1].chats.take_in(
        "T0TEAM:Ev0",
        "question",
        "T0TEAM",
        {
            "channel": CHANNEL,
            "ts": (ts := made.slack.post_as(CHANNEL, ALICE, "hello")["ts"]),
            "thread_ts": ts,
            "user": ALICE,
            "text": "How much has the US provided for the war in Ukraine?",
            "mentioned": True,
        },
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Process(made, brief_index, "--http", "--port", str(port))
    try:
        made.slack.wait_for(lambda: "takes Slack's requests" in running.said(), 60)
        made.slack.send_to(f"http://127.0.0.1:{port}/slack/events")
        assert made.slack.verify_url().status == 200
        key = made.slack.mention(CHANNEL, ALICE, "What does the brief recommend South Korea do?")
        made.slack.wait_for(lambda: made.slack.acked(key))
        made.done(60)
    finally:
        code = running.stop()
    assert code == 0, running.said()
    assert "1 questions were waiting" in running.said()
    assert "$183 billion" in text_of(made.said(ts)[0])
    assert made.said(made.slack.ts_of(key))


def test_a_revoked_token_ends_the_process_with_a_sentence_and_keeps_the_question(made, brief_index):
    running = Process(made, brief_index)
    try:
        made.slack.wait_for(made.slack.connected, 60)
        made.slack.revoked = True
        key = made.slack.mention(CHANNEL, ALICE, "How much has the US provided for Ukraine?")
        made.slack.wait_for(lambda: made.slack.acked(key))
        assert running.process.wait(30) == 1
    finally:
        running.process.kill()
    assert "Slack no longer takes the bot's token" in running.said()
    assert made.bots[-1].chats.waiting() == 1


def test_a_message_is_checked_by_the_real_assistant(made, brief_index):
    bot = made.open(assistant=Live(Assistant(brief_index)))
    ts = made.slack.post_as(CHANNEL, ALICE, "미국은 우크라이나 전쟁에 약 1,830억 달러를 지원했다.")[
        "ts"
    ]
    made.settle(made.slack.shortcut("cb_check_ko", made.slack.find(CHANNEL, ts), MINJI))
    told = "".join(map(text_of, made.whispered()))
    assert "1,830억 달러" in told
    assert "4쪽" in told
    assert bot.fatal is None
