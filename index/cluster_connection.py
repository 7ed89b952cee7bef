"""The connection of this process to a Ray cluster, or to one of its own that ends with it.

Ray itself tries a wrong address for minutes, so it is asked first, within seconds. Not covered:
addresses of Ray's client (ray://) and of its jobs (http://); this machine is a node.
"""

import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import CiteBriefError, InputError

CONNECT = 5.0  # seconds for its port to answer
HEALTH = 20.0  # and for Ray to answer behind it
LOCAL_STORE = 1_000_000_000  # bytes of shared memory of a cluster of our own; the rest goes to disk
INSTALL = "pip install -e '.[ray]'"


@contextmanager
def connected(address: str | None, cpus: int | None) -> Iterator[None]:
    """Connected to the cluster, or to one of our own; no statistics are sent, no page is served."""
    told = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    if address is None:  # its ports are open to the network, but only for who has this token
        told |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    folder = None
    main = threading.current_thread() is threading.main_thread()
    on_term = signal.getsignal(signal.SIGTERM)  # which Ray sets to its own
    try:
        import ray
    except ImportError as error:
        raise InputError(
            f"--engine ray needs Ray, which is not installed. Install it with: {INSTALL}"
        ) from error
    try:
        if address is None:
            folder = tempfile.mkdtemp(prefix="cb-", dir=_short_folder())
            _start(folder, cpus)
        else:
            _join(address)
        yield
    finally:
        ray.shutdown()
        if main and on_term is not None:
            signal.signal(signal.SIGTERM, on_term)
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _start(folder: str, cpus: int | None) -> None:
    """A cluster of this machine alone, which ends with this process."""
    import ray

    # Ray takes 127.0.0.1 for the address of this machine in its network; this one it leaves.
    loopback: dict[str, Any] = {"_node_ip_address": "127.0.0.2"} if sys.platform == "linux" else {}
    try:
        ray.init(
            address="local",  # not what RAY_ADDRESS says
            num_cpus=cpus or _cores(),
            object_store_memory=LOCAL_STORE,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _temp_dir=folder,
            **loopback,
        )
    except Exception as error:  # Ray raises what comes
        raise CiteBriefError(
            f"Ray could not be started on this machine ({_first_line(error)}). Ingest with "
            "--engine local, or start a cluster with ray start --head and name it by --address."
        ) from error


def _join(address: str) -> None:
    import ray

    if address != "auto":
        _check(address)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # Ray raises what comes
        raise CiteBriefError(
            f"The Ray cluster {address} cannot be used ({_first_line(error)}). Run this on one of "
            "its nodes, with the same Ray and Python as theirs; ray status shows it."
        ) from error


def _check(address: str) -> None:
    """Ask before Ray does, which would try for minutes."""
    host, _, port = address.rpartition(":")
    if "/" in address or not host or not port.isdigit():
        raise InputError(
            f"--address {address!r} names no Ray cluster; expected host:port, such as "
            "10.0.0.5:6379 (ray start --head prints it), or auto."
        )
    fault = "nothing answers there"
    if answers((host.strip("[]"), int(port))):
        fault = "what answers there is no Ray, or wants another token (RAY_AUTH_TOKEN)"
        command = [
            sys.executable,
            "-m",
            "ray.scripts.scripts",
            "health-check",
            "--address",
            address,
        ]
        try:
            if not subprocess.run(command, capture_output=True, timeout=HEALTH).returncode:
                return
        except subprocess.TimeoutExpired:
            pass
    raise CiteBriefError(
        f"There is no Ray cluster at {address}: {fault}. Start one with ray start --head, and give "
        "the address that it prints; or leave out --address to use this machine alone."
    )


def answers(place: tuple[str, int]) -> bool:
    """Whether anything listens at a host and port."""
    try:
        socket.create_connection(place, timeout=CONNECT).close()
    except OSError:
        return False
    return True


def _short_folder() -> str | None:
    """Where Ray's sockets can lie: their paths may have about a hundred letters."""
    return "/tmp" if Path("/tmp").is_dir() else None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
