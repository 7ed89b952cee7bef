"""How deliveries travel to the app, over sockets or as signed requests, and what comes back.

Kinder than Slack in one thing: a retry waits until a socket is there.
"""

import asyncio
import contextlib
import hmac
import http.client
import json
import random
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from slack_checks import view_faults
from slack_faults import Faulty
from slack_presses import wire
from slack_sender import Delivery, Retry
from slack_workspace import Refused

ACK_WITHIN = 3.0  # seconds
SENDERS = 16  # threads that send requests


class Reply(NamedTuple):
    """What the app answered to a request: status 0 where it could not be reached in time."""

    status: int
    headers: dict[str, str]
    body: str


class Deliverer(Faulty):
    """A workspace that reaches the app; its child keeps the loop and the ports."""

    def __init__(
        self,
        retrying: bool = False,
        retry_waits: Sequence[float] = (3.0, 3.0, 3.0),
        disconnect_share: float = 0.0,
        seed: int = 7,
    ) -> None:
        super().__init__()
        self.retrying = retrying  # resend what was not acknowledged, as Slack does with events
        self.retry_waits = tuple(retry_waits)
        # Of envelopes, after which the socket breaks, politely or not; a new one stays for a while,
        # or what waited for it would break it, come again, and break the next.
        self.disconnect_share = disconnect_share
        self.calm = 0.5  # seconds
        self.acks: dict[str, float] = {}  # key -> seconds from sending to acknowledgement
        self.answers: dict[str, Any] = {}  # key -> payload of the acknowledgement, if any
        self.replies: dict[str, Reply] = {}  # key -> whole reply, for requests
        self.complaints: list[str] = []  # what Slack would not take from the app's sockets
        self.requests: dict[str, tuple[str, dict[str, str]]] = {}  # key -> body and headers
        self.connections = 0  # sockets opened so far
        self._random = random.Random(seed)
        self._http: str | None = None  # where requests go
        self._sent_at: dict[str, float] = {}
        self._roots_acked: set[str] = set()
        self._tries: dict[str, int] = {}
        self._planned: set[str] = set()  # roots of which a retry is due
        self._sockets: list[Any] = []
        self._waiting: list[Delivery] = []  # for a socket
        self._opened: dict[Any, float] = {}  # socket -> when
        self._tickets: set[str] = set()
        self._crashes: list[str] = []
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="loopback-slack")
        self._local = threading.local()

    def disconnect(self, polite: bool = False) -> None:
        """Break every socket: without a word, or with Slack's warning first."""
        self._loop.call_soon_threadsafe(lambda: [self._break(s, polite) for s in [*self._sockets]])

    def _break(self, link: Any, polite: bool) -> None:
        if link in self._sockets:  # nothing more is sent over it
            self._sockets.remove(link)
        if not polite:
            link.transport.abort()
            return

        async def part() -> None:
            goodbye = {
                "type": "disconnect",
                "reason": "refresh_requested",
                "debug_info": {"host": "loopback"},
            }
            await link.send(json.dumps(goodbye))
            await asyncio.sleep(0.2)  # Slack gives some seconds, so that none is lost
            await link.close()

        self._loop.create_task(part())

    # --- Socket Mode -----------------------------------------------------------------------

    def connected(self) -> int:
        """How many sockets are open."""
        return len(self._sockets)

    def _open_link(self) -> str:
        ticket = str(uuid.uuid4())
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self._link_port}/link/?ticket={ticket}&app_id={self.app_id}"

    def _let_in(self, link: Any, request: Any) -> Any:
        parts = urlsplit(request.path)
        ticket = dict(parse_qsl(parts.query)).get("ticket", "")
        if parts.path != "/link/" or ticket not in self._tickets:
            return link.respond(401, "no such ticket, or one used already\n")
        self._tickets.discard(ticket)
        return None

    async def _talk(self, link: Any) -> None:
        from websockets.exceptions import ConnectionClosed

        hello = {
            "type": "hello",
            "num_connections": len(self._sockets) + 1,
            "connection_info": {"app_id": self.app_id},
            "debug_info": {"host": "loopback", "approximate_connection_time": 18060},
        }
        try:
            await link.send(json.dumps(hello))
            self._opened[link] = time.monotonic()
            self._sockets.append(link)
            self.connections += 1
            waiting, self._waiting = self._waiting, []
            for delivery in waiting:
                self._push(delivery)
            async for raw in link:
                self._take_ack(raw)
        except ConnectionClosed:
            pass
        except Exception:
            self._crashes.append(traceback.format_exc())
        finally:
            if link in self._sockets:
                self._sockets.remove(link)

    def _take_ack(self, raw: str | bytes) -> None:
        now = time.perf_counter()
        try:
            said = json.loads(raw)
            delivery = self.sent[said["envelope_id"]]
        except (ValueError, KeyError, TypeError):
            self.complaints.append(f"no acknowledgement of an envelope: {raw[:200]!r}")
            return
        if delivery.key in self.acks:
            self.complaints.append(f"{delivery.key} was acknowledged twice")
            return
        self._roots_acked.add(delivery.root)
        payload = said.get("payload")
        if payload:
            self.answers[delivery.key] = payload
            self._take_answer(delivery, payload)
        self.acks[delivery.key] = now - self._sent_at[delivery.key]

    def _push(self, delivery: Delivery) -> None:
        """Send over one of the sockets; in the loop."""
        if not self._sockets:
            self._waiting.append(delivery)
            return
        link = self._random.choice(self._sockets)
        envelope = {
            "envelope_id": delivery.key,
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.takes_answer,
        }
        if delivery.kind == "events_api":
            number, reason = delivery.retry or (0, "")
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        self._loop.create_task(self._write(link, delivery, json.dumps(envelope)))

    async def _write(self, link: Any, delivery: Delivery, envelope: str) -> None:
        from websockets.exceptions import ConnectionClosed

        if link not in self._sockets:  # broken since it was chosen
            self._push(delivery)
            return
        old_enough = time.monotonic() - self._opened[link] > self.calm
        breaks = self.disconnect_share and self._random.random() < self.disconnect_share
        self._sent_at[delivery.key] = time.perf_counter()
        self._plan_retry(delivery)
        with contextlib.suppress(ConnectionClosed):
            await link.send(envelope)
        if breaks and old_enough:
            self._break(link, polite=self._random.random() < 0.5)

    # --- signed requests -------------------------------------------------------------------

    def send_to(self, url: str | None) -> None:
        """From now on, deliver as signed requests to this address; None: over sockets again."""
        self._http = url

    def sign(
        self, body: str | bytes, timestamp: int | None = None, secret: str | None = None
    ) -> dict[str, str]:
        """The headers with which Slack signs a body; another secret, or an old time, spoils it."""
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        raw = body.encode() if isinstance(body, str) else body
        digest = hmac.new(
            (secret or self.signing_secret).encode(), b"v0:" + stamp.encode() + b":" + raw, "sha256"
        ).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    def verify_url(self) -> Reply:
        """Slack's first request to a new address; the app is to give the challenge back."""
        body = json.dumps({"token": "t", "type": "url_verification", "challenge": uuid.uuid4().hex})
        return self.request(body, {"Content-Type": "application/json", **self.sign(body)})

    def request(self, body: str, headers: Mapping[str, str]) -> Reply:
        """Any request to the app's address, as it stands: forged, old or bare."""
        if self._http is None:
            raise RuntimeError("no address to send to; call send_to(url) first")
        parts = urlsplit(self._http)
        link = getattr(self._local, "link", None)
        for fresh in (False, True):
            if link is None or fresh or self._local.to != parts.netloc:
                link = http.client.HTTPConnection(parts.netloc, timeout=ACK_WITHIN)
                self._local.link, self._local.to = link, parts.netloc
            try:
                link.request("POST", parts.path or "/", body.encode(), dict(headers))
                answer = link.getresponse()
                shown = {name.lower(): value for name, value in answer.getheaders()}
                return Reply(answer.status, shown, answer.read().decode())
            except TimeoutError:
                link.close()
                return Reply(0, {}, "http_timeout")
            except (http.client.HTTPException, OSError) as exc:
                link.close()  # a kept connection may have ended meanwhile: once more, on a new one
                failed = Reply(0, {}, f"connection_failed: {exc}")
        return failed

    def replay(self, key: str, retry: Retry | None = None) -> str:
        """The same request once more, to the letter (signature and time too); over sockets, the
        same payload in a new envelope.
        """
        first = self.sent[key]
        again = Delivery(str(uuid.uuid4()), first.kind, first.payload, first.root, retry)
        self.sent[again.key] = again
        if self._http is None:
            self.send(again)
        else:
            body, headers = self.requests[key]
            self._sent_at[again.key] = time.perf_counter()
            self._senders.submit(self._guarded, self._post_off, again, body, headers)
        return again.key

    def send(self, delivery: Delivery) -> None:
        """Let a delivery travel, by request or by socket."""
        if self._stopping:
            return
        if self._http is not None:
            self._senders.submit(self._guarded, self._sign_and_post, delivery)
        elif self._sockets or self.retrying or self.connections:
            self._loop.call_soon_threadsafe(self._push, delivery)
        else:
            raise RuntimeError("no socket is connected; connect one, or call send_to(url) first")

    def _guarded(self, work: Callable[..., None], *args: Any) -> None:
        try:
            work(*args)
        except Exception:
            self._crashes.append(traceback.format_exc())

    def _sign_and_post(self, delivery: Delivery) -> None:
        body, content_type = wire(delivery)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **self.sign(body),
        }
        if delivery.retry:
            headers["X-Slack-Retry-Num"] = str(delivery.retry[0])
            headers["X-Slack-Retry-Reason"] = delivery.retry[1]
        self._sent_at[delivery.key] = time.perf_counter()
        self._post_off(delivery, body, headers)

    def _post_off(self, delivery: Delivery, body: str, headers: dict[str, str]) -> None:
        self.requests[delivery.key] = (body, headers)
        reply = self.request(body, headers)
        took = time.perf_counter() - self._sent_at[delivery.key]
        stop = reply.headers.get("x-slack-no-retry") == "1"
        if 200 <= reply.status < 300:
            self._roots_acked.add(delivery.root)
            if reply.body and delivery.kind != "events_api":
                is_json = reply.headers.get("content-type", "").startswith("application/json")
                payload = json.loads(reply.body) if is_json else {"text": reply.body}
                self.answers[delivery.key] = payload
                self._take_answer(delivery, payload)
            self.acks[delivery.key] = took
        self.replies[delivery.key] = reply
        if not stop and not self._stopping:
            self._loop.call_soon_threadsafe(self._plan_retry, delivery)

    def _plan_retry(self, delivery: Delivery) -> None:
        """Look after a while whether it was acknowledged; in the loop."""
        tries = self._tries.get(delivery.root, 0)
        if not self.retrying or delivery.kind != "events_api" or tries >= len(self.retry_waits):
            return
        if delivery.root in self._planned:
            return
        self._planned.add(delivery.root)

        def again() -> None:
            self._planned.discard(delivery.root)
            if delivery.root not in self._roots_acked and not self._stopping:
                self._tries[delivery.root] = self._tries.get(delivery.root, 0) + 1
                reason = "timeout" if self._http is None else "http_timeout"
                self.resend(delivery.key, (self._tries[delivery.root], reason))

        self._loop.call_later(self.retry_waits[tries], again)

    def acked(self, key: str) -> bool:
        """Whether a delivery was acknowledged, itself or one of its retries."""
        return self.sent[key].root in self._roots_acked

    def unacked(self) -> list[str]:
        """The keys of the first deliveries that were acknowledged by no try."""
        roots = {delivery.root for delivery in list(self.sent.values())}
        return sorted(roots - self._roots_acked)

    def _take_answer(self, delivery: Delivery, payload: Any) -> None:
        """What the acknowledgement of a command or a modal carries."""
        if not delivery.takes_answer:
            self.complaints.append(f"{delivery.kind} takes no payload: {str(payload)[:200]}")
        elif delivery.kind == "slash_commands":
            try:
                with self.lock:
                    self._post_answer(
                        payload, delivery.payload["user_id"], delivery.payload["channel_id"], None
                    )
            except Refused as refused:
                self.complaints.append(f"answer to {delivery.payload['command']}: {refused.error}")
        else:
            self._take_view_answer(delivery, payload)

    def _take_view_answer(self, delivery: Delivery, payload: Any) -> None:
        view, action = delivery.payload["view"], payload.get("response_action")
        if action == "errors":
            known = {block.get("block_id") for block in view["blocks"]}
            if not payload.get("errors") or not set(payload["errors"]) <= known:
                self.complaints.append(f"errors of no block: {payload.get('errors')}")
        elif action in ("update", "push"):
            faults = view_faults(payload.get("view"))
            self.complaints += faults
            if not faults:
                old = self.views.get(view["id"]) if action == "update" else None
                self.keep_view(payload["view"], delivery.payload["user"]["id"], old)
        elif action != "clear":
            self.complaints.append(f"unknown response_action: {action}")
