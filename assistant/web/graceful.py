"""A uvicorn server that ends when answers have. Importing it brings uvicorn."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from assistant.web.service import Service

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Graceful(uvicorn.Server):
    """The first signal begins a stop, and is not handed on; a second ends the process at once."""

    def __init__(
        self, config: uvicorn.Config, service: Service, started: Callable[[], None]
    ) -> None:
        """`started` is called once requests are taken."""
        super().__init__(config)
        self.service, self.on_start = service, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.on_start()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Our handlers, where signals can be had."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop, or end."""
        if self.service.draining:
            os._exit(128 + sig)
        self.service.draining = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to stop listening now."""
        if self.service.draining:
            await self._drain()
            self.should_exit = True
        return await super().on_tick(counter)

    async def _drain(self) -> None:
        until = time.monotonic() + self.service.settings.grace
        while not self.service.idle() and time.monotonic() < until:
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.2)  # the last words of an answer are still to be sent
        self.service.hang_up()
