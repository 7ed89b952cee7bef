"""Why a file could not be read, with a code that a summary can count, and names fit to be shown.

A file's name comes from outside as its content does: it may hold line ends, marks that turn the
direction of writing, or bytes that are no letters. `shown` is how messages name a file.
"""

import unicodedata
from pathlib import Path
from typing import Literal

from index.errors import InputError

Code = Literal[
    "encrypted",
    "empty",
    "damaged",
    "format",
    "too-large",
    "bomb",
    "no-text",
    "unreadable",
    "encoding",
]
LONGEST_NAME = 160  # characters of a name that a message shows


class UnreadableError(InputError):
    """A file that gives no content; the message names it and says what to do.

    Raised as `UnreadableError(code, message)`; survives pickling, so that a worker can raise it.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code: Code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


def shown(path: Path | str) -> str:
    """The path on one line: composed letters, what cannot be seen escaped, very long ones cut."""
    safe = one_line(unicodedata.normalize("NFC", str(path)))
    if len(safe) > LONGEST_NAME:
        half = LONGEST_NAME // 2
        safe = f"{safe[:half]}…{safe[-half:]}"
    return safe


def one_line(text: str) -> str:
    """The text with line ends, marks of direction and whatever else cannot be seen escaped."""
    return "".join(c if c == " " or c.isprintable() else _escaped(c) for c in text)


def damaged(path: Path, reason: str) -> UnreadableError:
    """The error for a file that is cut off or overwritten in places."""
    return UnreadableError(
        "damaged",
        f"{shown(path)} is damaged: {reason}. Open it in its program and save it again, or fetch "
        "it anew.",
    )


def unreadable(path: Path, error: OSError) -> UnreadableError:
    """The error for a file that the system does not let us read."""
    return UnreadableError(
        "unreadable",
        f"{shown(path)} cannot be read ({error.strerror or 'input error'}); check that it is there "
        "and that you may read it.",
    )


def bomb(path: Path, reason: str) -> UnreadableError:
    """The error for a file that is small only as long as nobody unpacks it."""
    return UnreadableError(
        "bomb",
        f"{shown(path)} looks like a bomb made to fill the memory: {reason}. If you trust it, open "
        "it in its program and save it again.",
    )


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8, as Python carries it
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
