"""The server's process: it listens, and when told to stop lets answers under way end."""

import logging
import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from assistant.web.service import Service

if TYPE_CHECKING:
    from fastapi import FastAPI

log = logging.getLogger(__name__)


def run(app: "FastAPI", service: Service, started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM: then take no new questions, and let answers end.

    A second signal ends the process at once.
    """
    import uvicorn

    from assistant.web.graceful import Graceful

    settings = service.settings
    # Bound here, so that a port that was taken meanwhile is an OSError.
    with listen(settings.host, settings.port) as listener:
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
            ws="none",
        )
        server = Graceful(config, service, started)
        server.run(sockets=[listener])
    if service.running:  # its thread would keep the process until the answer is whole
        log.warning("%d answers were cut off.", service.running)
        logging.shutdown()
        os._exit(0)


def listen(host: str, port: int) -> socket.socket:
    """A socket at `host` and `port`; OSError where there can be none."""
    family, kind, protocol, _, address = _address(host, port)
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _address(host: str, port: int) -> tuple[int, int, int, str, Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
