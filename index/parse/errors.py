"""What keeps a file from being read."""

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


class UnreadableError(InputError):
    """A file that no text can be had of; `code` says why in one word."""

    code: Code

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
