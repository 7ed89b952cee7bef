"""Values to rows and back, exactly: tuples stay tuples, and any text is kept, even broken.

JSON is written as UTF-8 in which lone surrogates pass, and compressed. Reading takes the shape from
the dataclass's own annotations: a field that was added since takes its default.
"""

import dataclasses
import hashlib
import json
import types
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from index.parse.content import Box
from index.prepare import Field, HalfVectors
from index.terms import Analysed
from index.types import Document, Passage

PIECE = 4 * 2**20  # bytes of a row at most: neither a row's limit nor memory is met
_LEVEL = 3  # of compression: twice as fast as the default, a tenth larger
_BOX = np.dtype(
    [
        ("char_start", "<i8"),
        ("char_end", "<i8"),
        ("page", "<i8"),
        ("x0", "<f8"),
        ("top", "<f8"),
        ("x1", "<f8"),
        ("bottom", "<f8"),
    ]
)


def plain(value: Any) -> Any:
    """`value` as JSON has it: dataclasses and mappings as objects, tuples as arrays.

    A field that has its default is left out, so that a field added later changes no digest.
    """
    kind = type(value)
    if kind is str:
        return value
    if dataclasses.is_dataclass(kind):
        fields = ((name, getattr(value, name), usual) for name, usual in _fields(kind))
        return {name: plain(held) for name, held, usual in fields if held != usual}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(inner) for inner in value]
    return value


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass with their defaults, or MISSING."""
    return tuple(
        (f.name, f.default if f.default_factory is dataclasses.MISSING else f.default_factory())
        for f in dataclasses.fields(kind)
    )


def typed(kind: Any, value: Any) -> Any:
    """The dataclass `kind` that `plain` made `value` of."""
    read: Callable[[Any], Any] = _reader(kind)
    return read(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
        return lambda value: kind(**{name: readers[name](v) for name, v in value.items()})
    if origin is tuple and inner[-1] is Ellipsis:
        one = _reader(inner[0])
        return lambda value: tuple(one(v) for v in value)
    if origin is tuple:
        each = [_reader(i) for i in inner]
        return lambda value: tuple(read(v) for read, v in zip(each, value, strict=True))
    if origin is list:
        item = _reader(inner[0])
        return lambda value: [item(v) for v in value]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        held = _reader(inner[1])
        return lambda value: {key: held(v) for key, v in value.items()}
    if origin in (Union, types.UnionType):
        (present,) = (_reader(i) for i in inner if i is not type(None))
        return lambda value: None if value is None else present(value)
    if kind in (str, int, float, bool) or origin is Literal:
        return lambda value: value
    raise TypeError(f"{kind} cannot be read back from JSON; say how in index/record/packing.py")


def to_bytes(value: Any) -> bytes:
    """Plain JSON of `value`, not compressed."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def pack(value: Any) -> bytes:
    """`value` as compressed JSON."""
    return zlib.compress(to_bytes(value), _LEVEL)


def unpack(data: bytes) -> Any:
    """What `pack` was given, as plain JSON; zlib.error where bytes were changed."""
    return json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))


def digest(data: bytes) -> str:
    """Thirty-two hex digits."""
    return hashlib.sha256(data).hexdigest()[:32]


def content_digest(document: str, passages: Sequence[str]) -> str:
    """Of a document by the digest of it and those of its passages in order."""
    return digest("\n".join((document, *passages)).encode())


def document_bytes(document: Document) -> bytes:
    """A document as JSON."""
    return to_bytes(document)


def passage_digest(passage: Passage) -> str:
    """Of everything that a passage holds."""
    return digest(to_bytes(passage))


def pack_analysis(field: Field) -> bytes:
    """The words of a field's texts."""
    return pack(
        {
            "positions": field.positions,
            "analysed": [[a.terms, a.reading, a.spoken] for a in field.analysed],
        }
    )


def unpack_field(analysis: bytes, vectors: HalfVectors) -> Field:
    """A field of its words and its vectors."""
    stored = unpack(analysis)
    analysed = tuple(Analysed(*words) for words in stored["analysed"])
    return Field(tuple(stored["positions"]), analysed, vectors)


def pack_vectors(vectors: HalfVectors) -> bytes:
    """Rows of half precision, lowest byte first."""
    return np.ascontiguousarray(vectors, dtype="<f2").tobytes()


def unpack_vectors(data: bytes, dimensions: int) -> HalfVectors:
    """An array of shape (texts, dimensions) that cannot be written to."""
    vectors: HalfVectors = np.frombuffer(data, dtype="<f2").reshape(-1, dimensions)
    return vectors


def pack_boxes(boxes: Sequence[Box]) -> bytes:
    """Boxes as a compressed table."""
    rows = np.array([dataclasses.astuple(box) for box in boxes], dtype=_BOX)
    return zlib.compress(rows.tobytes(), _LEVEL)


def unpack_boxes(data: bytes) -> list[Box]:
    """The boxes in the order they were given."""
    rows = np.frombuffer(zlib.decompress(data), dtype=_BOX)
    return [Box(*row) for row in rows.tolist()]


def pieces(data: bytes) -> Iterator[bytes]:
    """`data` in rows; at least one, even of nothing."""
    for start in range(0, max(len(data), 1), PIECE):
        yield data[start : start + PIECE]
