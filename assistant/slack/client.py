"""Calls of Slack's Web API, and what becomes of one: done, later, unsure, gone or refused.

Whoever posts must know whether a call that failed may have been carried out all the same. Being
told to wait (429) says that it was not, and is waited for here where the wait is short. A broken
connection or a 500 leaves it open: calls that may be repeated are, the others end as `Unsure`.
What is called and answered is never logged, at any level: it holds what people wrote.
"""

import logging
import threading
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from assistant.errors import AssistantError
from assistant.settings import Settings

TIMEOUT = 15  # seconds for one call
PATIENCE = 8.0  # seconds that a call waits for Slack; what takes longer is put back
WAITS = 3  # of a call that Slack asks to wait
LATER = 15.0  # seconds until the next try, where Slack does not say
REVOKED = frozenset(
    "invalid_auth not_authed account_inactive token_revoked token_expired no_permission "
    "org_login_required team_access_not_granted app_not_installed".split()
)
GONE = frozenset(
    "message_not_found thread_not_found channel_not_found is_archived not_in_channel "
    "cant_update_message cant_reply_to_message user_not_in_channel user_not_found "
    "cannot_reply_to_message message_deleted restricted_action no_channel".split()
)
PASSING = frozenset(
    "internal_error fatal_error service_unavailable request_timeout team_added_to_org "
    "ratelimited rate_limited message_limit_exceeded accesslimited "
    "external_channel_migrating".split()
)


class RevokedError(AssistantError):
    """Slack takes the token no more: nothing can be done until somebody sets another."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(
            f"Slack no longer takes the bot's token ({method}: {code}). In api.slack.com/apps "
            "choose the app, then OAuth & Permissions, and install it again; set "
            "CITEBRIEF_SLACK_BOT_TOKEN to the Bot User OAuth Token and start the bot again. "
            "Questions that wait are kept."
        )
        self.code = code


class GoneError(Exception):
    """The message, thread or channel is there no more: nothing is left to do."""


class LaterError(Exception):
    """Nothing was done; it may be in `seconds`."""

    def __init__(self, seconds: float, code: str = "") -> None:
        super().__init__(code)
        self.seconds, self.code = seconds, code


class UnsureError(Exception):
    """Whether it was done is not known."""


class RefusedError(Exception):
    """Slack does not do what was asked; `code` says why in a word."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.code = code


class Patient(RateLimitErrorRetryHandler):
    """Waits as long as Slack says, where that is not long; ends at once when stopped."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(max_retry_count=WAITS)
        self._stop = stop

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or response.status_code != 429 or self._stop.is_set():
            return False
        return retry_after(response.headers) <= PATIENCE

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        """Wait, unless the bot stops meanwhile."""
        state.next_attempt_requested = True
        seconds = retry_after(response.headers) if response else 1.0
        self._stop.wait(seconds)
        state.increment_current_attempt()


def retry_after(headers: Mapping[str, Any]) -> float:
    """Seconds that Slack asks to wait; one where it does not say."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            try:
                return max(0.0, float(value[0] if isinstance(value, list) else value))
            except ValueError:
                break
    return 1.0


def quiet_log() -> logging.Logger:
    """For Slack's libraries: at debug they would write down what people said, and what breaks is
    told by us.
    """
    logger = logging.getLogger("assistant.slack.sdk")
    logger.setLevel(logging.CRITICAL)
    return logger


class Slack:
    """Slack's Web API with one token. May be used by several threads."""

    def __init__(self, settings: Settings, token: str | None = None) -> None:
        """`token` is the bot's of the settings unless given."""
        secret = settings.slack_bot_token
        self._token = token or (secret.get_secret_value() if secret else "")
        self.url = settings.slack_api_url.rstrip("/") + "/"
        self.stop = threading.Event()  # ends all waiting
        # Of the two, one repeats what may have been carried out already, one never does.
        patient = Patient(self.stop)
        self.steady = self._client(
            patient, ConnectionErrorRetryHandler(), ServerErrorRetryHandler()
        )
        self.once = self._client(patient)
        self._hasty = self._client()

    def _client(self, *retries: RetryHandler) -> WebClient:
        return WebClient(
            self._token,
            base_url=self.url,
            timeout=TIMEOUT,
            logger=quiet_log(),
            retry_handlers=[*retries],
        )

    def do(self, method: str, /, **arguments: Any) -> Mapping[str, Any]:
        """A call that may be carried out twice without harm; LaterError where it was not."""
        try:
            return self._call(self.steady, method, arguments)
        except UnsureError as error:
            raise LaterError(LATER, "unreachable") from error

    def post(self, method: str, /, **arguments: Any) -> Mapping[str, Any]:
        """A call that must not be carried out twice; UnsureError where it may have been."""
        return self._call(self.once, method, arguments)

    def hint(self, method: str, /, **arguments: Any) -> bool:
        """A call that answers do not depend on, tried once; whether it was carried out."""
        try:
            self._call(self._hasty, method, arguments)
        except (LaterError, UnsureError, GoneError, RefusedError):
            return False
        return True

    def answer_at(self, url: str, body: Mapping[str, Any]) -> None:
        """Answer at a response_url; GoneError where that has ended."""
        from slack_sdk.webhook import WebhookClient

        client = WebhookClient(
            url, timeout=TIMEOUT, logger=quiet_log(), retry_handlers=[Patient(self.stop)]
        )
        with outcome("response_url"):
            answer = client.send_dict(dict(body))
        if answer.status_code == 429:
            raise LaterError(max(1.0, retry_after(answer.headers)), "ratelimited")
        if answer.status_code >= 500:
            raise UnsureError("response_url")
        if answer.status_code != 200 or answer.body not in ("ok", '{"ok":true}', '{"ok": true}'):
            raise GoneError("response_url")

    def _call(
        self, client: WebClient, method: str, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        with outcome(method):
            answer = getattr(client, method)(**arguments)
            data = answer.data
            if not isinstance(data, dict):
                raise UnsureError(method)
            return {**data, "headers": answer.headers}


class outcome:  # noqa: N801
    """Within it, what Slack's library raises becomes one of our errors."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __enter__(self) -> None:
        """Nothing to begin with."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Raise ours in the place of theirs."""
        if isinstance(error, SlackApiError):
            raise _told(self._method, error) from None
        if isinstance(error, SlackClientError | HTTPException | OSError):
            raise UnsureError(self._method) from None


def _told(method: str, error: SlackApiError) -> Exception:
    """Our error for Slack's; its text goes nowhere, since it may repeat what was sent."""
    response = error.response
    status = getattr(response, "status_code", 200)
    headers = getattr(response, "headers", {}) or {}
    if status == 429:
        return LaterError(max(1.0, retry_after(headers)), "ratelimited")
    if status >= 500:
        return UnsureError(method)
    data = getattr(response, "data", response)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if code in REVOKED:
        return RevokedError(method, code)
    if code in GONE:
        return GoneError(code)
    if code in ("ratelimited", "rate_limited"):
        return LaterError(max(1.0, retry_after(headers)), code)
    if code in PASSING:
        return UnsureError(method)
    return RefusedError(method, code or f"status {status}")
