"""A real Chroma server at 127.0.0.1, and a gate before it that can shut, stall, refuse and count.

`chroma run` checks nobody's token, so the gate keeps the headers that came to it for a test to look
at, as a proxy in front of a server would.
"""

import http.client
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SAFETY = 60.0  # seconds that a server may take to start
PROGRAM = "import sys; from chromadb.cli.cli import app; sys.argv[0] = 'chroma'; app()"
HOP = {"connection", "content-length", "host", "transfer-encoding"}


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ChromaServer:
    """`chroma run` over a folder; it can be stopped, wiped and started again at the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for its first sign of life."""
        self.folder.mkdir(parents=True, exist_ok=True)
        given = ["run", "--host", "127.0.0.1", "--port", str(self.port), "--path", str(self.folder)]
        with (self.folder.parent / "chroma.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *given], stdout=log, stderr=log
            )
        end = time.monotonic() + SAFETY
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"chroma did not start; see {self.folder.parent / 'chroma.log'}")

    def stop(self) -> None:
        """Kill it, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wipe(self) -> None:
        """Lose all that it holds."""
        self.stop()
        shutil.rmtree(self.folder)
        self.start()

    @property
    def pid(self) -> int:
        """The id of the running process."""
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid


@dataclass
class Gate:
    """What stands between a client and the server."""

    target: int  # port
    token: str | None = None  # that a request must bring
    status: int | None = None  # given to every request instead of the server's answer
    fail_first: int = 0  # requests that are answered with 503
    stall: threading.Event | None = None  # waited for before every answer
    allow_writes: int | None = None  # requests that add rows, before one is cut off
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def __enter__(self) -> "Gate":
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                gate.pass_on(self)

            do_GET = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self.stall is not None:
            self.stall.set()
        self._http.shutdown()
        self._http.server_close()

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request as told, or hand it on."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.paths.append(f"{request.command} {request.path}")
        if self.stall is not None:
            self.stall.wait(SAFETY)
        if self.token is not None and request.headers.get("X-Chroma-Token") != self.token:
            return _answer(request, 401, b'{"error":"AuthError","message":"Forbidden"}')
        if self.status is not None:
            return _answer(request, self.status, b"<h1>Bad gateway</h1>")
        if self.fail_first > 0:
            self.fail_first -= 1
            return _answer(request, 503, b"busy")
        if self.allow_writes is not None and request.path.endswith("/upsert"):
            if self.allow_writes == 0:
                request.close_connection = True
                return None
            self.allow_writes -= 1
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=SAFETY)
        headers = {n: v for n, v in request.headers.items() if n.lower() not in HOP}
        connection.request(request.command, request.path, body, headers)
        answer = connection.getresponse()
        _answer(request, answer.status, answer.read())
        connection.close()
        return None


def _answer(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
