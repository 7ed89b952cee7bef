"""A loopback Slack: its Web API, Socket Mode and signed requests, for the real Bolt to talk to.

    with LoopbackSlack() as slack:
        app = App(client=WebClient(slack.token, base_url=slack.url), ...)

Ports are chosen by the system, and all ends with the block. What the workspace holds and refuses
is in slack_workspace.py, what its people do in slack_sender.py, what blocks may be in
slack_checks.py. Kinder than Slack in one thing: a retry waits until a socket is there.
Not covered: TLS, rate limits of its own (plant them), deliveries to several apps.
"""

import asyncio
import contextlib
import hmac
import http.client
import json
import random
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

from slack_checks import blocks_faults, view_faults
from slack_sender import Delivery, Retry, Sender, wire
from slack_workspace import Call, Refused

ACK_WITHIN = 3.0  # seconds
SENDERS = 16  # threads that send requests


class Reply(NamedTuple):
    """What the app answered to a request: status 0 where it could not be reached in time."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class Fault:
    """A planted fault, for the next calls or for a share of them."""

    method: str  # "*" for all
    skip: int = 0
    times: int | None = None  # None: without end
    share: tuple[float, random.Random] | None = None
    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    cut: bool = False  # the connection breaks, and nothing was done
    lost: bool = False  # it was done, and the connection breaks before the answer
    delay: float = 0.0  # seconds before it is done

    def strikes(self, method: str) -> bool:
        """Whether this call is hit."""
        if self.method not in ("*", method) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.share is not None and self.share[1].random() >= self.share[0]:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class LoopbackSlack(Sender):
    """Slack on 127.0.0.1, as long as the block lasts."""

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
        self._faults: list[Fault] = []
        self._fault_lock = threading.Lock()
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

    # --- life ------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/api/"
        self.open_link = self._open_link
        self._ready = threading.Event()
        self._stopping = False
        self._thread_of_loop = threading.Thread(target=self._run, name="loopback-slack")
        self._thread_of_loop.start()
        self._ready.wait(10)
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        self._stopping = True
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread_of_loop.join(10)
        self._senders.shutdown(wait=True, cancel_futures=True)
        if self._crashes and kind is None:
            raise AssertionError("the loopback Slack itself failed:\n" + "\n".join(self._crashes))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()
            self._listener.close()

    async def _serve(self) -> None:
        import uvicorn
        from websockets.asyncio.server import serve

        self._end = asyncio.Event()
        config = uvicorn.Config(
            self._answer_http,
            log_level="critical",
            access_log=False,
            interface="asgi3",
            proxy_headers=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        async with serve(
            self._talk,
            "127.0.0.1",
            0,
            process_request=self._let_in,
            compression=None,
            ping_interval=None,
            close_timeout=0.5,
        ) as links:
            self._link_port = links.sockets[0].getsockname()[1]
            running = asyncio.create_task(server.serve(sockets=[self._listener]))
            while not server.started:
                await asyncio.sleep(0.005)
            self._ready.set()
            await self._end.wait()
            server.should_exit = server.force_exit = True
            await running
            for link in list(self._sockets):
                link.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def wait_for(self, predicate: Callable[[], Any], timeout: float = 10) -> Any:
        """Wait until it is true, and give what it gave; AssertionError when it stays false."""
        end = time.monotonic() + timeout
        while not (value := predicate()):
            if time.monotonic() > end:
                raise AssertionError(
                    f"not so within {timeout} s; calls {[c.method for c in self.calls[-20:]]},"
                    f" refused {self.refusals[-5:]}, {len(self.acks)} of {len(self.sent)} acked"
                )
            time.sleep(0.005)
        return value

    # --- faults ----------------------------------------------------------------------------

    def fail_next(self, method: str, times: int = 1, **fault: Any) -> None:
        """Plant a fault in the next calls of a method ("*": of any); the fields are Fault's."""
        if "retry_after" in fault:
            fault = {"status": 429, "error": "ratelimited", **fault}
        with self._fault_lock:
            self._faults.append(Fault(method, times=times, **fault))

    def fail_share(
        self, share: float, kind: str, seed: int = 7, method: str = "*", retry_after: int = 1
    ) -> None:
        """Plant a fault in a share of all calls: "429", "500", "cut", "lost" or an error's name."""
        made: dict[str, Any] = {
            "429": {"status": 429, "error": "ratelimited", "retry_after": retry_after},
            "500": {"status": 500},
            "cut": {"cut": True},
            "lost": {"lost": True},
        }.get(kind, {"error": kind})
        with self._fault_lock:
            self._faults.append(Fault(method, share=(share, random.Random(seed)), **made))

    def heal(self) -> None:
        """Take all planted faults away."""
        with self._fault_lock:
            self._faults.clear()
        self.disconnect_share = 0.0

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

    # --- the Web API on the wire -----------------------------------------------------------

    async def _answer_http(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        try:
            if scope["path"].startswith("/api/"):
                found = await self._answer_call(scope, headers, body)
            else:
                found = self._answer_response_url(scope["path"], body)
        except Exception:
            self._crashes.append(traceback.format_exc())
            found = (500, b"the loopback Slack itself failed", [])
        if found is None:
            send.__self__.transport.abort()
            return
        status, content, extra = found
        kind = b"application/json; charset=utf-8" if content[:1] == b"{" else b"text/plain"
        length = (b"content-length", str(len(content)).encode())
        extra = [(b"content-type", kind), length, *extra]
        await send({"type": "http.response.start", "status": status, "headers": extra})
        await send({"type": "http.response.body", "body": content})

    async def _answer_call(self, scope: Any, headers: Mapping[str, str], body: bytes) -> Any:
        method = scope["path"].removeprefix("/api/")
        args = _arguments(headers.get("content-type", ""), body, scope["query_string"])
        token = str((args or {}).pop("token", ""))
        kind, _, given = headers.get("authorization", "").partition(" ")
        token = given if kind == "Bearer" else token
        if args is None:
            return self._refuse(method, Refused("invalid_json"))
        self.calls.append(Call(method, dict(args), time.time()))
        with self._fault_lock:
            fault = next((one for one in self._faults if one.strikes(method)), None)
        if fault:
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if fault.cut:
                return None
            planted = self._planted(fault)
            if planted:
                return planted
        try:
            result = self.call(method, args, token)
        except Refused as refused:
            return self._refuse(method, refused)
        if fault and fault.lost:
            return None
        return 200, json.dumps(result).encode(), self._headers()

    def _headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"x-oauth-scopes", ",".join(sorted(self.scopes)).encode()),
            (b"x-slack-req-id", uuid.uuid4().hex.encode()),
        ]

    def _refuse(self, method: str, refused: Refused) -> Any:
        self.refusals.append((method, refused.error))
        answer = {"ok": False, "error": refused.error, **refused.more}
        return 200, json.dumps(answer).encode(), self._headers()

    def _planted(self, fault: Fault) -> Any:
        """The answer that a fault gives, None where the call is to go on."""
        if fault.status and fault.status >= 500:
            return fault.status, b"upstream connect error or disconnect/reset before headers", []
        if fault.error:
            extra = self._headers()
            if fault.retry_after is not None:
                extra.append((b"retry-after", str(fault.retry_after).encode()))
            content = json.dumps({"ok": False, "error": fault.error}).encode()
            return fault.status or 200, content, extra
        return None

    # --- answers to a response_url ---------------------------------------------------------

    def response_url(self, ident: str) -> str:
        """The address of an answer by its id."""
        return f"http://127.0.0.1:{self._port}/response/{ident}"

    def _answer_response_url(self, path: str, body: bytes) -> Any:
        entry = self.response_urls.get(path.removeprefix("/response/"))
        args = _arguments("application/json", body, b"")
        if entry is None:
            return 404, b'{"ok":false,"error":"expired_url"}', []
        if entry["left"] == 0:
            return 404, b'{"ok":false,"error":"used_url"}', []
        if args is None:
            return 400, b"invalid_payload", []
        self.calls.append(Call("response_url", dict(args), time.time()))
        entry["left"] -= 1
        try:
            with self.lock:
                self._post_answer(args, entry["user"], entry["channel"], entry["message"])
        except Refused as refused:
            self.refusals.append(("response_url", refused.error))
            return 400, json.dumps({"ok": False, "error": refused.error}).encode(), []
        return 200, b"ok", []

    def _post_answer(self, args: Mapping[str, Any], user: str, channel: str, old: Any) -> None:
        """A message by response_url, or in the acknowledgement of a command."""
        known = {"text", "blocks", "attachments", "response_type", "replace_original"}
        known |= {"delete_original", "thread_ts", "unfurl_links", "unfurl_media", "metadata"}
        if set(args) - known:
            raise Refused("invalid_arguments", errors=sorted(set(args) - known))
        replaces, deletes = args.get("replace_original"), args.get("delete_original")
        if old and (replaces or deletes):
            found = self.find(channel, old["ts"])
            if found is None:
                raise Refused("message_not_found")
            if deletes:
                self.messages[channel].remove(found)
                return
        faults = blocks_faults(args.get("blocks") or [])
        if faults:
            raise Refused("invalid_blocks", errors=faults)
        if not (args.get("text") or args.get("blocks") or args.get("attachments")):
            raise Refused("no_text")
        content = {name: args[name] for name in ("text", "blocks") if name in args}
        content.setdefault("text", "")
        if old and replaces:
            found.update(content)
            return
        seen_by = None if args.get("response_type") == "in_channel" else user
        self._post(channel, content, thread_ts=args.get("thread_ts"), **_only(seen_by))


def _only(user: str | None) -> dict[str, str]:
    return {"ephemeral_to": user} if user else {}


def _arguments(content_type: str, body: bytes, query: bytes) -> dict[str, Any] | None:
    """The arguments of a call, as JSON or as a form; None where they cannot be read."""
    args: dict[str, Any] = dict(parse_qsl(query.decode()))
    text = body.decode()
    if not text:
        return args
    if not content_type.startswith("application/json"):
        return args | dict(parse_qsl(text, keep_blank_values=True))
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return args | said if isinstance(said, dict) else None
