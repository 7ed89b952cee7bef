"""A private PostgreSQL for tests: made, started and stopped by them, on a free port of 127.0.0.1.

PostgreSQL refuses to run as root; then everything is done as the user `postgres`.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [
    Path(found).parent for found in [shutil.which("initdb")] if found
]
USER, PASSWORD = "citebrief", "s3cret-of-tests"


class Postgres:
    """A running server; `database()` gives the URL of a fresh database on it."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._binaries = binaries
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as_user:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        login = ["--username", USER, "--pwfile", str(folder / "password")]
        options = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
        self._run("initdb", "--pgdata", str(folder / "data"), *login, *options)

    def start(self) -> None:
        """Start it and wait until it answers."""
        listen = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c fsync=off"
        sockets = f"-c unix_socket_directories={self.folder}"
        log = ["--log", str(self.folder / "log"), "--wait"]
        self._control("start", "--options", f"{listen} {sockets}", *log)

    def stop(self) -> None:
        """Stop it at once, without waiting for its clients."""
        self._control("stop", "--mode", "immediate", "--wait")

    def database(self, *options: str) -> str:
        """The URL of a new, empty database; `options` as of `createdb`."""
        name = f"test_{secrets.token_hex(6)}"
        at = ["--host", "127.0.0.1", "--port", str(self.port), "--username", USER]
        self._run("createdb", *at, *options, name)
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def _control(self, what: str, *arguments: str) -> None:
        self._run("pg_ctl", what, "--silent", "--pgdata", str(self.folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._binaries / program), *arguments]
        env = os.environ | {"PGPASSWORD": PASSWORD, "LC_ALL": "C"}
        subprocess.run(
            command, cwd="/", check=True, env=env, timeout=120,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for the whole run; without one the test is skipped, but under CI it fails."""
    if not BINARIES:
        missing = "no PostgreSQL; install it with: apt-get install postgresql"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with tempfile.TemporaryDirectory(prefix="citebrief-pg-") as folder:
        server = Postgres(Path(folder), BINARIES[-1])
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def record_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a record that is not there yet, in each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/record/citebrief.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
