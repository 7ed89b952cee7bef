"""Take in the files of a multipart form, written to disk as they arrive.

A file that grows over its limit is dropped there and then, and told of with the others; a form that
goes on beyond all of them ends the request. Starlette's own form would take a whole file in first.
"""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from assistant.uploads import MOST_FILES, Incoming, Refused

if TYPE_CHECKING:
    from starlette.requests import Request

ROOM = 1_000_000  # bytes of a form beside its files
LONGEST_GIVEN = 2_000  # characters of a name that are looked at


async def receive(request: "Request", folder: Path, largest: int) -> list[Incoming]:
    """The files of the form in `request`, each of at most `largest` bytes, kept in `folder`.

    Refused where it is no form, or goes on beyond what an upload may have.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header
    from starlette.concurrency import run_in_threadpool

    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    most = MOST_FILES * largest + ROOM
    if kind != b"multipart/form-data" or not boundary:
        raise Refused("form")
    if int(_digits(request.headers.get("content-length"))) > most:
        raise Refused("whole")
    form = _Form(folder, largest)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": form.begin,
                "on_header_field": form.field,
                "on_header_value": form.value,
                "on_header_end": form.header,
                "on_headers_finished": form.headed,
                "on_part_data": form.write,
                "on_part_end": form.end,
                "on_end": form.finish,
            },
            max_size=most,
        )
        taken = 0
        async for chunk in request.stream():
            taken += len(chunk)
            if taken > most:
                raise Refused("whole")
            await run_in_threadpool(parser.write, chunk)
    except FormParserError as error:
        raise Refused("form") from error
    except OSError as error:
        raise Refused("space") from error
    finally:
        form.close()
    if not form.finished:
        raise Refused("form")
    return form.files


def _digits(length: str | None) -> str:
    return length[:18] if length and length.isascii() and length.isdigit() else "0"


class _Form:
    """What the parser calls, in order, for each part; parts that are no files are passed over."""

    def __init__(self, folder: Path, largest: int) -> None:
        self.files: list[Incoming] = []
        self.finished = False
        self._folder = folder
        self._largest = largest
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = b"", b""
        self._file: BinaryIO | None = None
        self._given: str | None = None  # what the file of this part is called
        self._size = 0

    def begin(self) -> None:
        self._headers, self._given, self._size = {}, None, 0

    def field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def headed(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" not in options:
            return
        if len(self.files) == MOST_FILES:
            raise Refused("many")
        self._given = options[b"filename"].decode("utf-8", "replace")[:LONGEST_GIVEN]
        self._file = self._path.open("xb")

    def write(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is None:
            return
        if self._size > self._largest:
            self.close()
            self._path.unlink()
        else:
            self._file.write(data[start:end])

    def end(self) -> None:
        if self._given is None:
            return
        self.close()
        if self._given or self._size:  # a form without a chosen file sends one without a name
            large = self._size > self._largest
            path, code = (None, "large") if large else (self._path, None)
            self.files.append(Incoming(self._given, path, self._size, code))
        self._given = None

    def finish(self) -> None:
        self.finished = True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def _path(self) -> Path:
        return self._folder / f"part-{len(self.files)}"
