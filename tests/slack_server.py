"""A loopback Slack: its Web API, Socket Mode and signed requests, for the real Bolt to talk to.

    with LoopbackSlack() as slack:
        app = App(client=WebClient(slack.token, base_url=slack.url), ...)

Ports are chosen by the system, and all ends with the block. From the bottom up: slack_rules.py and
slack_checks.py (what blocks may be), slack_workspace.py (what is there), slack_calls.py and
slack_methods.py (the Web API), slack_sender.py and slack_presses.py (what people do),
slack_faults.py (what tests plant), slack_deliveries.py (how the app is told), and this module,
which opens the ports.
Not covered: TLS, rate limits of its own (plant them), deliveries to several apps.
"""

import asyncio
import json
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import parse_qsl

from slack_checks import blocks_faults
from slack_deliveries import Deliverer, Reply
from slack_faults import Fault
from slack_workspace import Call, Refused

__all__ = ["Fault", "LoopbackSlack", "Reply"]


class LoopbackSlack(Deliverer):
    """Slack on 127.0.0.1, as long as the block lasts."""

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
        fault = self.fault_of(method)
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
