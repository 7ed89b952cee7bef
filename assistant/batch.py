"""Questions from a file of JSON lines, answers to another: one line in, one line out, same order.

A line that cannot be read, or that a fault keeps from being answered, gives an output line with the
status "error" and a sentence that names the line and the field; the lines around it are unharmed.
Blank lines are skipped. Lines are answered as they are read, so that a pipe may feed them, and each
is handed over before the next is begun, so that a kill loses none.
"""

import json
import logging
import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, cast

from assistant.errors import FAULT, AssistantError, InputError
from assistant.query import clean
from assistant.types import Answer
from index.language import detect
from index.types import Lang

log = logging.getLogger(__name__)

AskedLang = Literal["auto", "ko", "en"]
Engine = Literal["auto", "extractive", "llm"]

LANGS = ("auto", "ko", "en")
ENGINES = ("auto", "extractive", "llm")
SHOWN = 60  # characters of a wrong value that a message repeats
STANDARD = "-"  # standard input or output in place of a file
NO_TIME = {"retrieve": 0.0, "answer": 0.0, "verify": 0.0, "total": 0.0}


class Asker(Protocol):
    """What a batch needs of the assistant."""

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: AskedLang = "auto",
        engine: Engine = "auto",
        id: str = "",
    ) -> Answer:
        """Answer one question."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of output: its JSON, what was wrong with the input, and the exit code that means."""

    output: Mapping[str, Any]
    problem: str | None = None
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    id: str
    question: str
    history: tuple[str, ...]
    lang: AskedLang
    engine: Engine


def answer_lines(
    assistant: Asker, lines: Iterable[bytes], *, lang: AskedLang = "auto", engine: Engine = "auto"
) -> Iterator[Row]:
    """A row for each line not blank; `lang` and `engine` stand in where a line names none."""
    for number, line in enumerate(lines, start=1):
        raw = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if raw.strip():
            yield _answer_line(assistant, raw, number, {"lang": lang, "engine": engine})


def error_answer(
    message: str, *, id: str | None = "", question: str | None = "", lang: str = "auto"
) -> dict[str, Any]:
    """An answer's JSON with the status "error"; an id or a question that was unreadable is None."""
    answer = Answer(
        id=id or "",
        question=question or "",
        language=cast(Lang, lang) if lang in ("ko", "en") else detect(question or "").main,
        status="error",
        answer="",
        timings_ms=NO_TIME,
    )
    return {**answer.to_json(), "id": id, "question": question, "error": message}


def fault(question: str, lang: str) -> str:
    """The sentence shown for the exception being handled, which the log gets in full."""
    request = secrets.token_hex(4)
    log.debug("Request %s failed.", request, exc_info=True)
    language = lang if lang in FAULT else detect(question).main
    return FAULT[language].format(id=request)


def readable(text: str) -> str:
    """`text` with U+FFFD for each lone surrogate, which no UTF-8 output could hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
    if source == STANDARD:
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise InputError(
            f"--batch {source} cannot be read ({error.strerror}); choose another."
        ) from error


def open_target(target: str) -> AbstractContextManager[BinaryIO]:
    """Where answers go, emptied: a file, or standard output for "-"."""
    if target == STANDARD:
        return nullcontext(sys.stdout.buffer)
    try:
        return Path(target).open("wb")
    except OSError as error:
        raise InputError(
            f"--out {target} cannot be written ({error.strerror}); choose another."
        ) from error


def write_row(file: BinaryIO, row: Row) -> None:
    """Hand one finished line to the operating system, so that a kill cannot take it back."""
    try:
        file.write(one_line(row.output).encode() + b"\n")
        file.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AssistantError(
            f"The answers could not be written ({error.strerror or error}); the lines before are "
            "kept. Free the space, or choose another --out."
        ) from error


def _answer_line(assistant: Asker, raw: bytes, number: int, defaults: Mapping[str, str]) -> Row:
    fields: dict[str, Any] = {}
    try:
        fields = _object(raw)
        asked = _asked({**defaults, **{k: v for k, v in fields.items() if v is not None}})
        return _ask(assistant, asked)
    except AssistantError as error:
        message, code = f"line {number}, {error}", 2 if isinstance(error, InputError) else 1
    except Exception:
        question, lang = _text(fields, "question"), _text(fields, "lang")
        message, code = f"line {number}: {fault(question or '', lang or '')}", 1
    output = error_answer(
        message,
        id=_text(fields, "id"),
        question=_text(fields, "question"),
        lang=_text(fields, "lang") or defaults["lang"],
    )
    return Row(output, message, code)


def _ask(assistant: Asker, asked: _Asked) -> Row:
    with _naming("question"):
        clean(asked.question)
    # With the question known to be good, what is left to refuse is the engine.
    with _naming("engine"):
        answer = assistant.ask(
            asked.question, asked.history, lang=asked.lang, engine=asked.engine, id=asked.id
        )
    return Row(answer.to_json())


def _object(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start + 1}: expected UTF-8, got 0x{raw[error.start]:02x}; save the file "
            "as UTF-8."
        ) from error
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"character {error.pos + 1}: expected one JSON object a line, got {_short(text)} "
            f"({error.msg}); correct the line."
        ) from error
    except (ValueError, RecursionError) as error:  # a number of 4300 digits, 1000 brackets
        raise InputError(
            f"expected one JSON object, got {_short(text)}; correct the line."
        ) from error
    if not isinstance(value, dict):
        raise InputError(
            f'expected an object such as {{"id": "1", "question": "…"}}, got {_short(text)}; '
            "correct the line."
        )
    return value


def _asked(fields: Mapping[str, Any]) -> _Asked:
    id, question = _required(fields, "id"), _required(fields, "question")
    history = fields.get("history", [])
    if not isinstance(history, list) or not all(isinstance(q, str) for q in history):
        raise _unexpected("history", "a list of texts, the earlier questions", history)
    for field, known in (("lang", LANGS), ("engine", ENGINES)):
        if fields[field] not in known:
            raise _unexpected(field, " or ".join(known), fields[field])
    earlier = tuple(readable(q) for q in history)
    return _Asked(id, question, earlier, fields["lang"], fields["engine"])


def _required(fields: Mapping[str, Any], field: str) -> str:
    if field not in fields:
        raise InputError(f"field {field}: expected a text, but there is none; add it.")
    text = _text(fields, field)
    if text is None:
        raise _unexpected(field, "a text", fields[field])
    return text


def _unexpected(field: str, expected: str, value: Any) -> InputError:
    got = _short(json.dumps(value, ensure_ascii=False))
    return InputError(f"field {field}: expected {expected}, got {got}; correct it.")


def _text(fields: Mapping[str, Any], field: str) -> str | None:
    value = fields.get(field)
    return readable(value) if isinstance(value, str) else None


def _short(value: str) -> str:
    """`value` as a message repeats it: its beginning, with nothing a terminal would obey."""
    shown = value if len(value) <= SHOWN else value[:SHOWN] + "…"
    return readable("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown))


@contextmanager
def _naming(field: str) -> Iterator[None]:
    """Put the field's name before the message of an InputError."""
    try:
        yield
    except InputError as error:
        raise InputError(f"field {field}: {error}") from error
