"""Clients of Chroma, for a folder of this machine or for a server. The only home of chromadb.

A server is asked for a sign of life before a client is made, because chromadb's own requests wait
for ever; afterwards its session gets a time limit. What went wrong is told apart by `fault`: a
server that is away or busy may come back by itself, one that refuses a token will not. A client is
safe to share between threads (its session is httpx's), and not between processes.
"""

import base64
import json
import logging
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar
from urllib.parse import unquote, urlsplit

from index.errors import CiteBriefError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from chromadb.config import Settings
    from langchain_chroma import Chroma

    # The types under which other modules know them.
    Client: TypeAlias = ClientAPI
    Rows: TypeAlias = Collection
    LangChainStore: TypeAlias = Chroma

EF_SEARCH = 400  # how far HNSW looks about; its recall is in docs/benchmarks.md
PROBE_S = 5.0  # for a sign of life
ATTEMPTS = 5
LONGEST_WAIT_S = 8.0  # between two attempts
LOGIN = re.compile(r"(?<=//)[^/@\s]+(?=@)")
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoreServer:
    """A Chroma server, and where on it the rows of one library lie."""

    url: str  # http(s)://[login@]host[:port][/path]
    token: str | None = field(default=None, repr=False)
    tenant: str = "default_tenant"
    database: str = "default_database"
    namespace: str = "citebrief"  # begins the collections' names; libraries need one each

    @property
    def shown(self) -> str:
        """The address without a login in it."""
        return LOGIN.sub("…", self.url)

    @property
    def address(self) -> str:
        """The address to connect to: its login goes in a header."""
        return re.sub(r"(?<=//)[^/@\s]+@", "", self.url).rstrip("/")

    @property
    def headers(self) -> dict[str, str]:
        """What proves who asks: proxies read the one, Chroma Cloud the other."""
        sent = {}
        if self.token:
            sent = {"Authorization": f"Bearer {self.token}", "X-Chroma-Token": self.token}
        parts = urlsplit(self.url)
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            sent["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        return sent


@dataclass(frozen=True, slots=True)
class Life:
    """What a server says of itself."""

    version: str
    answered_ms: float


class Unreachable(Exception):
    """A server that gave no sign of life; it may come back."""


def open_folder(folder: Path) -> "ClientAPI":
    """A client of the Chroma folder, which is made where there is none."""
    import chromadb
    from chromadb.config import Settings

    logging.getLogger("chromadb").setLevel(logging.ERROR)
    return chromadb.PersistentClient(
        path=str(folder), settings=Settings(anonymized_telemetry=False)
    )


def open_memory() -> "ClientAPI":
    """A client whose collections are gone with the process."""
    import chromadb
    from chromadb.config import Settings

    return chromadb.EphemeralClient(settings=Settings(anonymized_telemetry=False))


def life(server: StoreServer) -> Life:
    """The server's version and how long it took to say it; Unreachable where it does not."""
    start = time.perf_counter()
    version = _probe(server, "version")
    return Life(str(version), (time.perf_counter() - start) * 1000)


def open_server(server: StoreServer, timeout: float, *, create: bool = False) -> "ClientAPI":
    """A client of the server, whose requests take up to `timeout` seconds each.

    With `create`, a tenant and a database that the server does not know yet are made.
    """
    import chromadb
    from chromadb.errors import NotFoundError

    logging.getLogger("chromadb").setLevel(logging.ERROR)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request
    _probe(server, "heartbeat")

    def connect() -> "ClientAPI":
        return chromadb.HttpClient(
            host=server.address,
            ssl=server.address.startswith("https"),
            settings=_settings(server),
            headers=server.headers,
            tenant=server.tenant,
            database=server.database,
        )

    try:
        client = connect()
    except NotFoundError:
        if not create:
            raise
        _create(server)
        client = connect()
    session: Any = getattr(client, "_server")._session  # noqa: B009  # no setting reaches it
    session.timeout = timeout
    return client


def open_collection(client: "ClientAPI", name: str) -> "Collection":
    """The collection of that name in cosine space, made where there is none."""
    return client.get_or_create_collection(
        name,
        embedding_function=None,
        configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH}},
    )


def as_vectorstore(
    client: "ClientAPI", name: str, embed: Callable[[list[str]], list[list[float]]]
) -> "Chroma":
    """The collection of that name as LangChain's vector store."""
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    class _Embeddings(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embed(texts)

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    return Chroma(
        client=client,
        collection_name=name,
        embedding_function=_Embeddings(),
        create_collection_if_not_exists=False,
    )


def close(client: "ClientAPI") -> None:
    """Let go of a client's files and connections."""
    shut = getattr(client, "close", None)
    if shut is not None:
        shut()


def errors() -> type[Exception]:
    """What chromadb raises."""
    from chromadb.errors import ChromaError

    return ChromaError


def fault(error: BaseException) -> tuple[bool, str]:
    """Whether an error of a server may pass by itself, and what is wrong, in a few words."""
    import httpx
    from chromadb.errors import ChromaError

    if isinstance(error, Unreachable):
        return True, str(error)
    for cause in _causes(error):
        if isinstance(cause, httpx.TimeoutException):
            return True, "it does not answer in time"
        if isinstance(cause, httpx.TransportError):
            return True, f"the connection failed: {cause or type(cause).__name__}"
        status = None
        if isinstance(cause, httpx.HTTPStatusError):
            status = cause.response.status_code
        elif isinstance(cause, urllib.error.HTTPError):
            status = cause.code
        elif isinstance(cause, ChromaError):
            status = cause.code()
        if status in (401, 403):
            return False, f"it refuses the token or login (status {status})"
        if status is not None:
            return status in (408, 429) or status >= 500, f"status {status}: {_short(error)}"
    return False, _short(error)


def patiently(run: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What `run` gives of these; tried again after a pause where the fault may pass by itself."""
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    trying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.5, max=LONGEST_WAIT_S),
        retry=retry_if_exception(lambda error: fault(error)[0]),
        reraise=True,
    )
    return trying(run, *given, **named)


def require(server: StoreServer) -> None:
    """See that the server answers and lets us in; CiteBriefError says what to do where not."""
    try:
        close(patiently(open_server, server, PROBE_S, create=True))
    except Exception as error:
        raise refusal(server, error) from error


def refusal(server: StoreServer, error: BaseException) -> CiteBriefError:
    """What to tell a user of a server that cannot be used."""
    return CiteBriefError(
        f"The vector server {server.shown} (CITEBRIEF_STORE_URL), tenant {server.tenant!r}, "
        f"database {server.database!r}, cannot be used: {fault(error)[1]}. Start it, correct "
        "CITEBRIEF_STORE_URL or CITEBRIEF_STORE_TOKEN, or unset CITEBRIEF_STORE_URL to keep the "
        "vectors in the index folder."
    )


def _settings(server: StoreServer) -> "Settings":
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False, chroma_server_headers=server.headers)


def _create(server: StoreServer) -> None:
    import chromadb
    from chromadb.errors import NotFoundError, UniqueConstraintError

    settings = _settings(server)
    settings.chroma_api_impl = "chromadb.api.fastapi.FastAPI"
    settings.chroma_server_host = server.address
    settings.chroma_server_http_port = 0  # the address says it
    admin = chromadb.AdminClient(settings)
    try:
        admin.get_tenant(server.tenant)
    except NotFoundError:
        with suppress(UniqueConstraintError):  # another instance was quicker
            admin.create_tenant(server.tenant)
    try:
        admin.get_database(server.database, server.tenant)
    except NotFoundError:
        with suppress(UniqueConstraintError):
            admin.create_database(server.database, server.tenant)


def _probe(server: StoreServer, path: str) -> Any:
    request = urllib.request.Request(f"{server.address}/api/v2/{path}", headers=server.headers)
    try:
        with urllib.request.urlopen(request, timeout=PROBE_S) as response:
            return json.loads(response.read(1_000_000))
    except urllib.error.HTTPError:
        raise
    except (OSError, ValueError) as error:  # refused, no such host, cut short, not JSON
        reason = getattr(error, "reason", None) or error
        raise Unreachable(f"it does not answer as Chroma does ({reason})") from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came of: chromadb often wraps the one that tells."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        yield current
        seen.add(id(current))
        current = current.__cause__ or current.__context__


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__
