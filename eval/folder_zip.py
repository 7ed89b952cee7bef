"""ZIP files whose bytes depend on what is in them and not on when they were written."""

import io
import zipfile
from collections.abc import Iterable, Mapping

WHEN = (2031, 1, 2, 3, 4, 6)


def zipped(parts: Mapping[str, bytes | Iterable[bytes]], *, stored: tuple[str, ...] = ()) -> bytes:
    """An archive of `parts` in their order; those named in `stored` are not compressed.

    A part may come in pieces, so that it need not fit into memory.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.external_attr = 0o644 << 16
            info.create_system = 3
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as part:
                for piece in [content] if isinstance(content, bytes) else content:
                    part.write(piece)
    return out.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The parts of an archive in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
