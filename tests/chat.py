"""The real chat page for the browser tests: its server in a process of its own, and asking it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent


@contextmanager
def served(
    folder: Path, settings: Mapping[str, str], script: Path = ROOT / "app.py"
) -> Iterator[str]:
    """The address of the server, on a free port, with these CITEBRIEF_ settings and no others."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("CITEBRIEF_")}
    # Tests ask faster than people do.
    settings = {"CITEBRIEF_RATE": "off", **settings, "CITEBRIEF_PORT": str(port)}
    environment = inherited | settings
    environment["PYTHONPATH"] = str(ROOT)  # where a script beside the tests finds the project
    address = f"http://127.0.0.1:{port}"
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(script)],
            cwd=folder,  # away from any .env
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(address, process, log)
        yield address
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text(encoding="utf-8")


@contextmanager
def opened(browser: Any, address: str) -> Iterator[Any]:
    """The chat in a browser of its own; `page.asked` lists every address it asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.asked, page.errors = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(address)
    page.wait_for_selector("#cb-box textarea")
    page.wait_for_selector("#cb-export button")  # every part of the page has started
    yield page
    errors = [*page.errors]  # what is broken off by the end is no error of the page
    context.close()
    assert errors == []


def send(page: Any, question: str) -> None:
    """Type a question and send it."""
    page.fill("#cb-box textarea", question)
    page.press("#cb-box textarea", "Enter")


def ask(page: Any, question: str) -> Any:
    """Ask in the browser and wait for the whole answer."""
    page.wait_for_function("() => !window.citebrief.busy()")
    before = page.locator("#cb-chat .cb-after, #cb-chat .cb-notice").count()
    send(page, question)
    page.locator("#cb-chat .cb-after, #cb-chat .cb-notice").nth(before).wait_for()
    page.wait_for_function("() => !window.citebrief.busy()")
    return page.locator("#cb-chat .cb-answer").last


def kept(page: Any, turns: int) -> None:
    """Wait until the browser keeps the open conversation with so many turns."""
    page.wait_for_function(
        "n => window.citebrief.opening()[0]?.turns.length === n && window.citebrief.saved() === n",
        arg=turns,
    )


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/ready", trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail("the server did not start:\n" + log.read_text(encoding="utf-8"))
