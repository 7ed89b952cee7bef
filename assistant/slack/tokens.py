"""The tokens of the Slack app: whether each is there, of the right kind, taken, and may do enough.

What is wrong is said with where in Slack's pages it is put right. No token is ever shown.
"""

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from assistant.errors import AssistantError, InputError
from assistant.settings import Settings
from assistant.slack.client import (
    GoneError,
    LaterError,
    RefusedError,
    RevokedError,
    Slack,
    UnsureError,
)

Mode = Literal["socket", "http"]
SCOPES = frozenset(  # as docs/slack/manifest.yaml asks for
    "app_mentions:read assistant:write channels:history chat:write commands groups:history "
    "im:history mpim:history users:read".split()
)
PAGES = "On api.slack.com/apps choose the app, then"
INSTALL = f"{PAGES} OAuth & Permissions"
BOT = f"{INSTALL}, and copy the Bot User OAuth Token, which begins with xoxb-"
APP = (
    f"{PAGES} Basic Information, App-Level Tokens, and generate one with the scope "
    "connections:write; it begins with xapp-"
)
SECRET = f"{PAGES} Basic Information, App Credentials, and copy the Signing Secret: 32 hex digits"
KINDS = {
    "xoxb": "a bot token",
    "xapp": "an app-level token",
    "xoxp": "a user token",
    "xoxe": "a token that expires (of token rotation)",
    "xoxa": "a token of a legacy workspace app",
    "xoxs": "a browser's session",
    "xoxc": "a browser's session",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Who the bot is in its workspace."""

    team: str
    team_name: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str]


def check_kinds(settings: Settings, mode: Mode) -> None:
    """InputError where a token that `mode` needs is missing, or is another kind of token."""
    _check("CITEBRIEF_SLACK_BOT_TOKEN", settings.slack_bot_token, "xoxb", "bot token", BOT)
    if mode == "socket":
        _check("CITEBRIEF_SLACK_APP_TOKEN", settings.slack_app_token, "xapp", "app token", APP)
        return
    secret = settings.slack_signing_secret
    name = "CITEBRIEF_SLACK_SIGNING_SECRET"
    if secret is None:
        raise InputError(f"There is no signing secret ({name}), which HTTP mode needs. {SECRET}.")
    if kind := _kind(secret):
        raise InputError(f"{name} holds {kind}; expected the signing secret. {SECRET}.")


def stand(slack: Slack) -> Standing:
    """Who the bot is; AssistantError where Slack does not take its token."""
    try:
        found = slack.do("auth_test")
    except RevokedError as error:
        raise AssistantError(
            f"Slack does not take CITEBRIEF_SLACK_BOT_TOKEN ({error.code}). {BOT}; if the app was "
            "removed from the workspace, install it there again."
        ) from error
    except (LaterError, UnsureError, GoneError, RefusedError) as error:
        raise AssistantError(
            f"Slack cannot be asked about the bot at {slack.url} ({error}). Check that this "
            "machine reaches it, and try again."
        ) from error
    headers = {name.lower(): value for name, value in dict(found["headers"]).items()}
    given = headers.get("x-oauth-scopes", "")
    text = ",".join(given) if isinstance(given, list) else str(given)
    return Standing(
        team=str(found.get("team_id", "")),
        team_name=str(found.get("team", "")),
        bot_user=str(found.get("user_id", "")),
        bot_id=str(found.get("bot_id", "")),
        scopes=frozenset(filter(None, (scope.strip() for scope in text.split(",")))),
    )


def check_scopes(standing: Standing) -> None:
    """AssistantError that names the scopes that the bot's token lacks, if any."""
    missing = sorted(SCOPES - standing.scopes) if standing.scopes else []
    if missing:
        raise AssistantError(
            f"The bot token lacks {'the scope' if len(missing) == 1 else 'the scopes'} "
            f"{', '.join(missing)}. {INSTALL}, Scopes, Bot Token Scopes, add "
            f"{'it' if len(missing) == 1 else 'them'}, and install the app again; or take "
            "docs/slack/manifest.yaml, which asks for all of them."
        )


def check_socket(settings: Settings, slack: Slack) -> None:
    """AssistantError where the app token opens no Socket Mode connection."""
    token = settings.slack_app_token
    secret = token.get_secret_value() if token else ""
    try:
        slack.do("apps_connections_open", app_token=secret)
    except RevokedError as error:
        raise AssistantError(f"Slack does not take CITEBRIEF_SLACK_APP_TOKEN. {APP}.") from error
    except RefusedError as error:
        if error.code == "missing_scope":
            said = "lacks the scope connections:write"
        elif error.code in ("socket_mode_not_enabled", "forbidden_for_app", "not_enabled"):
            said = f"opens no connection, since Socket Mode is off ({PAGES} Socket Mode)"
        else:
            said = f"opens no connection ({error.code})"
        raise AssistantError(f"CITEBRIEF_SLACK_APP_TOKEN {said}. {APP}.") from error
    except (LaterError, UnsureError, GoneError) as error:
        raise AssistantError(
            f"No connection to Slack could be opened at {slack.url}. Check that this machine "
            "reaches it, and try again."
        ) from error


def check_all(settings: Settings, mode: Mode, slack: Slack) -> Standing:
    """All of it; the first thing that is wrong is raised."""
    standing = stand(slack)
    check_scopes(standing)
    if mode == "socket":
        check_socket(settings, slack)
    return standing


def _check(name: str, token: SecretStr | None, prefix: str, what: str, where: str) -> None:
    if token is None:
        raise InputError(f"There is no {what} ({name}). {where}.")
    secret = token.get_secret_value()
    if not re.fullmatch(rf"{prefix}-[!-~]+", secret):
        kind = _kind(token) or "something else"
        raise InputError(f"{name} holds {kind}; expected the {what}. {where}.")


def _kind(token: SecretStr) -> str | None:
    """What kind of token Slack would take it for."""
    return KINDS.get(token.get_secret_value().strip().partition("-")[0])
