"""A loopback server that speaks OpenAI's chat completions, for tests of what a model may do.

The real client is to be driven against it: `init_chat_model("openai:name", api_key="k",
base_url=server.base_url, max_retries=0)`. What is scripted is what providers do: text in one body
or in pieces, slowness, refusals, errors, broken bodies and broken connections.
Not covered: TLS and HTTP/2, tools, pictures, the Responses API, more than one choice. A broken
connection and what comes after the first piece are for streams alone.
"""

import json
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

PATH = "/v1/chat/completions"
SAFETY = 10.0  # seconds that a gate may stay shut
STEP = 0.005  # seconds between two looks at a gate and at the connection
ERRORS = {  # the type and code OpenAI gives each status
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("server_error", None),
}
NO_JSON = b"data: {oops\n\n"
BROKEN = {  # whole bodies and the types they say they are of
    "json": ("application/json", b'{"id": "c1", "choices": ['),
    "html": ("text/html", b"<!doctype html><title>Sign in</title><p>Sign in to this network."),
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server does with one request; unless it says otherwise, it answers `text`.

    In a stream, `text` (or `refusal`) is cut into pieces of so many characters, or at line ends.
    """

    text: str = ""
    pieces: int | Literal["lines"] = 8
    delay: float = 0.0  # seconds before the first byte
    pause: float = 0.0  # seconds before each piece but the first
    # Waited for before each piece but the first: an event lets all through while it is set, a
    # semaphore one piece per release.
    gate: threading.Event | threading.Semaphore | None = None
    drop_after: int | None = None  # breaks a stream off after so many pieces
    # How a drop looks: as a broken connection, or as a proxy's that ends the body in good order.
    drop: Literal["broken", "tidy"] = "broken"
    status: int = 200  # 400 and above: an error in OpenAI's JSON
    message: str = "planted"  # of the error
    code: str | None = None  # of the error, where not the usual one of its status
    # "sse" and "error" come after the first piece of a stream: a line that is not JSON, an error.
    malformed: Literal["json", "sse", "html", "empty_choices", "error"] | None = None
    refusal: str | None = None  # instead of `text`
    finish: Literal["stop", "length", "content_filter"] = "stop"
    usage: tuple[int, int] | None = (120, 15)  # input and output tokens

    @property
    def needs_stream(self) -> bool:
        """Whether a whole body cannot show it."""
        in_stream = self.malformed in ("sse", "empty_choices", "error")
        return self.drop_after is not None or in_stream


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came; the names of its headers in lower case."""

    body: dict[str, Any]
    headers: Mapping[str, str] = field(repr=False)  # hold the key

    @property
    def system(self) -> str:
        """The text of its system messages."""
        return self._text("system")

    @property
    def user(self) -> str:
        """The text of its user messages."""
        return self._text("user")

    @property
    def prompt(self) -> str:
        """The text of all its messages."""
        return self._text("system", "user", "assistant")

    def _text(self, *roles: str) -> str:
        return "\n\n".join(m["content"] for m in self.body["messages"] if m["role"] in roles)


Script = Behaviour | str | Callable[[dict[str, Any]], Behaviour | str]


class LlmServer:
    """Serves the behaviours in the order they were scripted and keeps what it received.

    Once all are used up, `default` answers every further request, or the last behaviour where no
    default was given. `close` raises the first mistake of the test's own that a request met: a
    script that raised, was missing or needs a stream, a wrong path, a gate that nobody opened.
    """

    def __init__(self) -> None:
        self.default: Script | None = None
        self.requests: list[Received] = []
        self.disconnected = threading.Event()  # a client went away before it had its whole answer
        self.base_url = ""
        self._scripts: deque[Script] = deque()
        self._last: Script | None = None
        self._mistakes: list[Exception] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http: _Http | None = None
        self._thread: threading.Thread | None = None

    def says(self, *texts: str) -> None:
        """Queue ordinary completions of these texts."""
        self.behaves(*texts)

    def behaves(self, *scripts: Script) -> None:
        """Queue behaviours, or callables that make one, or its text, of the request's body."""
        with self._lock:
            self._scripts.extend(scripts)

    @property
    def prompts(self) -> list[str]:
        """The text of all messages of each request."""
        return [request.prompt for request in list(self.requests)]

    def start(self) -> Self:
        """Listen at a free port of 127.0.0.1."""
        self._http = _Http(self)
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Break off what is under way, stop listening and raise the test's mistake, if any."""
        if self._http is None or self._thread is None:
            return
        self._closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._http.hang_up()
        self._http = None
        if self._mistakes:
            raise self._mistakes[0]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, request: Received) -> Behaviour:
        script: Script | None
        with self._lock:
            self.requests.append(request)
            if self._scripts:
                script = self._last = self._scripts.popleft()
            else:
                script = self._last if self.default is None else self.default
        if script is None:
            raise LookupError("a request came, and the test has scripted no behaviour")
        made = script if isinstance(script, Behaviour | str) else script(request.body)
        behaviour = Behaviour(made) if isinstance(made, str) else made
        if behaviour.needs_stream and not request.body.get("stream"):
            raise LookupError(f"no stream was asked for, which {behaviour} needs")
        return behaviour


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, owner: LlmServer) -> None:
        self.owner = owner
        self._open: dict[socket.socket, threading.Thread] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self._open[request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Prints nothing: a client may hang up when it likes."""

    def hang_up(self) -> None:
        """End the connections that clients keep open, and wait for their threads."""
        open_now = list(self._open.items())
        for connection, _ in open_now:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        until = time.monotonic() + 0.5
        for _, thread in open_now:
            thread.join(max(0.0, until - time.monotonic()))


class _Gone(Exception):
    """The client is gone, or the server is to close."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def log_message(self, *_: object) -> None:
        """Logs nothing: prompts and keys are nobody's business."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        owner = self.server.owner
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # it was cancelled while it was sent
            self.close_connection = True
            return
        try:
            if self.path != PATH or self.command != "POST":
                raise LookupError(f"only POST {PATH} is served, not {self.command} {self.path}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(json.loads(body), headers)
            asked, behaviour = request.body, owner._take(request)
        except Exception as error:
            owner._mistakes.append(error)
            asked, behaviour = {}, Behaviour(status=400, message="the test's mistake")
        try:
            self._wait(behaviour.delay)
            if behaviour.status >= 400:
                self._fail(behaviour)
            elif asked.get("stream") and behaviour.malformed not in ("json", "html"):
                self._stream(behaviour, asked)
            else:
                self._whole(behaviour, asked)
        except (_Gone, ConnectionError):
            if not owner._closing.is_set():
                owner.disconnected.set()
            self.close_connection = True
        except TimeoutError as error:
            owner._mistakes.append(error)
            self._break_off()

    def _fail(self, behaviour: Behaviour) -> None:
        after = {"retry-after-ms": "1"}  # or the client would wait half a second
        self._send(behaviour.status, "application/json", _json(_error(behaviour)), after)

    def _whole(self, behaviour: Behaviour, asked: dict[str, Any]) -> None:
        whole = ("application/json", _json(_completion(behaviour, asked)))
        self._send(200, *BROKEN.get(behaviour.malformed or "", whole))

    def _stream(self, behaviour: Behaviour, asked: dict[str, Any]) -> None:
        self._head(200, "text/event-stream; charset=utf-8", {"Transfer-Encoding": "chunked"})
        opening, pieces, ending = _events(behaviour, asked)
        self._chunk(opening)
        for number, piece in enumerate(pieces):
            if number:
                self._wait(behaviour.pause)
                self._pass(behaviour.gate)
            if number == behaviour.drop_after:
                break
            self._chunk(piece)
        if behaviour.drop_after is None:
            self._chunk(ending, last=True)  # in one write: the client hangs up when it reads [DONE]
        elif behaviour.drop == "tidy":
            self._chunk(b"", last=True)
        else:
            self._break_off()

    def _head(self, status: int, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "x-request-id": "req_1", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(
        self, status: int, kind: str, sent: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        self._head(status, kind, {"Content-Length": str(len(sent)), **(headers or {})})
        self.wfile.write(sent)

    def _chunk(self, sent: bytes, *, last: bool = False) -> None:
        self._look()
        framed = b"%x\r\n%b\r\n" % (len(sent), sent) if sent else b""
        self.wfile.write(framed + (b"0\r\n\r\n" if last else b""))

    def _break_off(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _wait(self, seconds: float) -> None:
        """Wait, but not for a client that has gone."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._look()
            time.sleep(min(left, STEP))

    def _pass(self, gate: threading.Event | threading.Semaphore | None) -> None:
        until = time.monotonic() + SAFETY
        while gate is not None:
            self._look()
            if gate.is_set() if isinstance(gate, threading.Event) else gate.acquire(blocking=False):
                return
            if time.monotonic() > until:
                raise TimeoutError(f"nobody opened the gate within {SAFETY:g} seconds")
            time.sleep(STEP)

    def _look(self) -> None:
        """Raise where nobody waits for the answer any more."""
        if self.server.owner._closing.is_set():
            raise _Gone
        try:
            gone = not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if gone:
            raise _Gone


def _events(behaviour: Behaviour, asked: dict[str, Any]) -> tuple[bytes, list[bytes], bytes]:
    """The event that opens a stream, one for each piece, and those that end it with the usage."""
    counted = bool((asked.get("stream_options") or {}).get("include_usage"))

    def event(choices: list[dict[str, Any]], usage: dict[str, int] | None = None) -> bytes:
        chunk = _envelope("chat.completion.chunk", asked, choices)
        return _event(chunk | {"usage": usage} if counted else chunk)

    def delta(change: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": change, "logprobs": None, "finish_reason": finish}
        return event([choice])

    done = b"data: [DONE]\n\n"
    if behaviour.malformed == "empty_choices":
        return event([]), [], done
    name, content = ("content", "") if behaviour.refusal is None else ("refusal", None)
    opening = delta({"role": "assistant", "content": content})
    pieces = [delta({name: piece}) for piece in _pieces(behaviour)]
    if behaviour.malformed == "sse":
        return opening, [*pieces[:1], NO_JSON], done
    if behaviour.malformed == "error":
        return opening, [*pieces[:1], _event(_error(behaviour))], done
    ending = delta({}, behaviour.finish)
    if counted and behaviour.usage is not None:
        ending += event([], _usage(behaviour.usage))
    return opening, pieces, ending + done


def _pieces(behaviour: Behaviour) -> list[str]:
    text, size = behaviour.refusal or behaviour.text, behaviour.pieces
    if size == "lines":
        return re.findall(r"[^\n]*\n|[^\n]+", text)
    return [text[start : start + size] for start in range(0, len(text), size)]


def _completion(behaviour: Behaviour, asked: dict[str, Any]) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": behaviour.text if behaviour.refusal is None else None,
        "refusal": behaviour.refusal,
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": behaviour.finish}
    body = _envelope("chat.completion", asked, [choice])
    return body if behaviour.usage is None else body | {"usage": _usage(behaviour.usage)}


def _envelope(kind: str, asked: dict[str, Any], choices: list[dict[str, Any]]) -> dict[str, Any]:
    model = asked.get("model", "tester")
    return {"id": "c1", "object": kind, "created": 0, "model": model, "choices": choices}


def _error(behaviour: Behaviour) -> dict[str, Any]:
    kind, usual = ERRORS.get(behaviour.status, ("server_error", None))
    code = behaviour.code or usual
    return {"error": {"message": behaviour.message, "type": kind, "param": None, "code": code}}


def _usage(tokens: tuple[int, int]) -> dict[str, int]:
    given, made = tokens
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}


def _event(value: Any) -> bytes:
    return b"data: " + _json(value) + b"\n\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
