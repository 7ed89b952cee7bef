"""The manifest of the Slack app is one that Slack takes, and both READMEs explain its scopes."""

from pathlib import Path

import pytest
import yaml

from assistant.slack.check_blocks import SHORTCUTS
from tests.test_readme import ENGLISH, KOREAN, names, table

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/slack/manifest.yaml").read_text("utf-8")
MANIFEST = yaml.safe_load(TEXT)
FEATURES, SETTINGS = MANIFEST["features"], MANIFEST["settings"]
SCOPES = MANIFEST["oauth_config"]["scopes"]["bot"]
NEEDED = {  # the scope without which Slack sends no such event
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
}


def test_its_texts_are_as_long_as_slack_takes_them():
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000


def test_it_is_an_agent_of_the_new_kind_with_prompts_in_both_languages():
    assert "assistant_view" not in FEATURES
    view = FEATURES["agent_view"]
    assert len(view["agent_description"]) <= 300
    assert 1 <= len(view["suggested_prompts"]) <= 4
    for prompt in view["suggested_prompts"]:
        assert prompt.keys() == {"title", "message"}
        assert all(prompt.values())
    korean = [p for p in view["suggested_prompts"] if any("가" <= c <= "힣" for c in p["message"])]
    assert 0 < len(korean) < len(view["suggested_prompts"])


def test_its_agent_has_a_home_tab_and_a_messages_tab_that_can_be_written_in():
    assert FEATURES["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert "assistant:write" in SCOPES


def test_every_event_has_its_scope_and_those_of_the_old_assistant_are_gone():
    events = SETTINGS["event_subscriptions"]["bot_events"]
    assert {"app_home_opened", "app_mention", "message.im"} <= set(events)
    assert not [event for event in events if event.startswith("assistant_thread")]
    assert {NEEDED[event] for event in events if event in NEEDED} <= set(SCOPES)


def test_it_has_the_command_and_the_message_shortcuts_that_the_bot_answers():
    assert [one["command"] for one in FEATURES["slash_commands"]] == ["/brief"]
    assert {one["callback_id"] for one in FEATURES["shortcuts"]} == SHORTCUTS.keys()
    for shortcut in FEATURES["shortcuts"]:
        assert shortcut["type"] == "message"
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    assert SETTINGS["interactivity"]["is_enabled"]


def test_it_is_for_socket_mode_and_says_what_to_change_for_http():
    assert SETTINGS["socket_mode_enabled"] is True
    assert "request_url" not in str(SETTINGS)
    for line in ("socket_mode_enabled: false", "event_subscriptions.request_url", "interactivity"):
        assert line in TEXT.split("_metadata")[0]


@pytest.mark.parametrize(("readme", "column"), [(ENGLISH, "Scope"), (KOREAN, "범위")])
def test_each_scope_is_explained_and_no_other(readme, column):
    rows = table(readme, column)
    assert sorted(name for row in rows for name in names(row)) == sorted(SCOPES)
    assert all(len(row) == 2 and row[1] for row in rows)
