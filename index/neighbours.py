"""The nearest rows of a large field by a Chroma server, which no reader has to wait for.

The server is first spoken to when a question needs it, in a thread of its own, which sees that the
rows are whole there and puts back what is missing. Until that is done, and whenever the server does
not answer, `rows` gives None and the caller searches its own tables; after REST_S the server is
tried again. One line is logged when it goes and one when it is back.
"""

import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from index import chroma
from index.models import Vectors
from index.shelf import Held, Shelf

if TYPE_CHECKING:
    from index.chroma import Client, Rows

ANSWER_S = 10.0  # for one question
REST_S = 30.0  # before a server that failed is tried again
MOST_ASKED = 16_000  # neighbours of one request
log = logging.getLogger(__name__)


class _LackingError(Exception):
    """A server that gives fewer neighbours than it must have."""


class Neighbours:
    """The reading side of a shelf. Safe to share between threads."""

    def __init__(self, shelf: Shelf, documents: Sequence[Held]) -> None:
        self.shelf = shelf
        self._documents = {document.key: document for document in documents}
        self._forget()

    def rows(self, field: str, vector: Vectors, count: int) -> NDArray[np.int64] | None:
        """About `count` rows of the field's table, nearest first; None: search the table."""
        collection = self._ready().get(field)
        if collection is None:
            return None
        try:
            return self._asked(field, collection, vector, count)
        except Exception as error:  # chromadb raises its own, httpx's and plain ones
            self._rest(error)
            return None

    def wait(self, seconds: float | None = None) -> bool:
        """Begin to connect, and wait for it; whether the server is ready."""
        self._ready()
        connecting = self._connecting
        if connecting is not None:
            connecting.join(seconds)
        return bool(self._collections)

    def close(self) -> None:
        """Let go of the connection; what is being put on the server is left where it is."""
        self._closed = True
        if self._connecting is not None:
            self._connecting.join(ANSWER_S)
        if self._client is not None:
            chroma.close(self._client)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._client: Client | None = None
        self._collections: Mapping[str, Rows] = {}
        self._connecting: threading.Thread | None = None
        self._again = 0.0  # when the server may be tried again
        self._told = False  # that it is away
        self._closed = False

    def _ready(self) -> Mapping[str, "Rows"]:
        """The open collections; none while the server is being connected to, or rests."""
        if os.getpid() != self._process:  # a connection does not survive a fork
            self._forget()
        with self._lock:
            idle = self._connecting is None or not self._connecting.is_alive()
            due = time.monotonic() >= self._again
            if not self._collections and idle and due and not self._closed:
                self._connecting = threading.Thread(target=self._connect, daemon=True)
                self._connecting.start()
            return self._collections

    def _connect(self) -> None:
        """Put what is missing on the server, and open the collections."""
        try:
            for _ in self.shelf.put():
                if self._closed:
                    return
            client = chroma.open_server(self.shelf.address.server, ANSWER_S)
            collections = {
                field: client.get_collection(self.shelf.collection(field), embedding_function=None)
                for field in self.shelf.fields
            }
        except Exception as error:  # see `rows`
            self._rest(error)
            return
        finally:
            self.shelf.close()
        with self._lock:
            self._client, self._collections = client, collections
            if self._told:
                log.warning("The vector server %s answers again.", self._shown)
            self._told = False

    def _rest(self, error: Exception) -> None:
        """Do without the server for a while."""
        with self._lock:
            self._again = time.monotonic() + REST_S
            self._collections = {}
            if not self._told:
                log.warning(
                    "The vector server %s cannot be used (%s). The nearest passages are searched "
                    "in the index folder, more slowly, until it can.",
                    self._shown,
                    chroma.fault(error)[1],
                )
            self._told = True

    @property
    def _shown(self) -> str:
        return self.shelf.address.server.shown

    def _asked(
        self, field: str, collection: "Rows", vector: Vectors, count: int
    ) -> NDArray[np.int64]:
        """Ask for more while other versions' rows stand among the nearest."""
        asked = count
        while True:
            found = collection.query(
                query_embeddings=cast(Any, vector[None, :]), n_results=asked, include=[]
            )
            ids = found["ids"][0]
            rows = self._known(field, ids)[:count]
            if len(rows) >= count or len(ids) < asked or asked >= MOST_ASKED:
                break
            asked = min(2 * asked, MOST_ASKED)
        if 2 * len(rows) < count:
            raise _LackingError(f"it gave {len(rows)} of {count} neighbours")
        return rows

    def _known(self, field: str, ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of this version among those found."""
        rows = []
        for id in ids:
            key, _, ordinal = id.rpartition("#")
            document = self._documents.get(key)
            if document is not None:
                rows.append(document.first[field] + int(ordinal))
        return np.array(rows, dtype=np.int64)
