"""The bot within the chat's own server: one process, one address, the page and Slack."""

import httpx
import pytest
from chat import served
from slack_office import ALICE, CHANNEL, text_of
from slack_server import LoopbackSlack

pytestmark = pytest.mark.usefixtures("nothing_set")


def settings_for(slack, brief_index, folder):
    return {
        "CITEBRIEF_INDEX": str(brief_index.folder.parent),
        "CITEBRIEF_DATABASE": f"sqlite:///{folder / 'record.db'}",
        "CITEBRIEF_SLACK_MODE": "chat",
        "CITEBRIEF_SLACK_BOT_TOKEN": slack.token,
        "CITEBRIEF_SLACK_SIGNING_SECRET": slack.signing_secret,
        "CITEBRIEF_SLACK_API_URL": slack.url,
        "CITEBRIEF_LOGIN": "on",
    }


def test_the_chats_server_answers_slack_behind_its_login(brief_index, tmp_path):
    with (
        LoopbackSlack() as slack,
        served(tmp_path, settings_for(slack, brief_index, tmp_path)) as address,
    ):
        slack.send_to(f"{address}/slack/events")
        question = "<@U0BOT> How much has the US provided for the Russia-Ukraine war?"
        slack.mention(CHANNEL, ALICE, question)
        said = slack.wait_for(lambda: [m for m in slack.messages[CHANNEL] if _whole(m)], 60)
        assert len(said) == 1
        assert "$183 billion" in text_of(said[0])
        assert {slack.replies[key].status for key in slack.replies} == {200}
        refused = httpx.post(f"{address}/slack/events", content=b"{}", trust_env=False)
        assert refused.status_code == 401  # by Slack's signature, not by the login
        assert httpx.get(f"{address}/config", trust_env=False).status_code == 401
        assert slack.refusals == slack.complaints == []


def _whole(message):
    return message.get("bot_id") and message.get("metadata")
