"""The two ends of a batch: JSON lines are read from a file or a pipe, and written to another."""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, Literal

from assistant.errors import AssistantError, InputError

STANDARD = "-"  # standard input or output in place of a file


def one_line(value: Mapping[str, Any]) -> str:
    """JSON on one line for every reader, also those that break lines at U+2028 or U+0085."""
    text = json.dumps(value, ensure_ascii=False)
    for mark in "\x85\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def check_paths(source: str, target: str) -> None:
    """InputError where the input cannot be read or the output not written, before any work."""
    if source != STANDARD:
        path = Path(source)
        if path.is_dir():
            raise InputError(f"--batch {source} is a folder; expected a file of JSON lines.")
        if not path.exists():
            raise InputError(f"--batch {source} does not exist; expected a file of JSON lines.")
        if not os.access(path, os.R_OK):
            raise InputError(f"--batch {source} may not be read; allow reading it: chmod u+r.")
    if target == STANDARD:
        return
    path = Path(target)
    if path.is_dir():
        raise InputError(f"--out {target} is a folder; expected a file to write, or - for stdout.")
    if not path.parent.is_dir():
        raise InputError(
            f"--out {target}: the folder {path.parent} does not exist; create it first."
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(f"--out {target} may not be written; choose a file that may.")
    if source != STANDARD and path.exists() and path.samefile(source):
        raise InputError(
            f"--out {target} is the input itself; choose another file for the answers."
        )


def open_source(source: str) -> AbstractContextManager[BinaryIO]:
    """The input's bytes: a file, or standard input for "-"."""
    return nullcontext(sys.stdin.buffer) if source == STANDARD else _opened("--batch", source, "rb")


def open_target(target: str) -> AbstractContextManager[BinaryIO]:
    """Where answers go, emptied: a file, or standard output for "-"."""
    return nullcontext(sys.stdout.buffer) if target == STANDARD else _opened("--out", target, "wb")


def write_line(file: BinaryIO, output: Mapping[str, Any]) -> None:
    """Hand one finished line to the operating system, so that a kill cannot take it back."""
    try:
        file.write(one_line(output).encode() + b"\n")
        file.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AssistantError(
            f"The answers could not be written ({error.strerror or error}); the lines before are "
            "kept. Free the space, or choose another --out."
        ) from error


def _opened(option: str, path: str, mode: Literal["rb", "wb"]) -> BinaryIO:
    try:
        return Path(path).open(mode)
    except OSError as error:
        done = "read" if mode == "rb" else "written"
        raise InputError(
            f"{option} {path} cannot be {done} ({error.strerror}); choose another."
        ) from error
