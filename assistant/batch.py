"""Questions from a file of JSON lines, answers to another: one line in, one line out, same order.

A line that cannot be read, or that a fault keeps from being answered, gives an output line with the
status "error" and a sentence that names the line and the field; the lines around it are unharmed.
Blank lines are skipped. Lines are answered as they are read, so that a pipe may feed them, and each
is handed over before the next is begun, so that a kill loses none.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from assistant.errors import AssistantError, InputError
from assistant.failure import error_answer, failure
from assistant.query import clean
from assistant.types import Answer

AskedLang = Literal["auto", "ko", "en"]
Engine = Literal["auto", "extractive", "llm"]

SHOWN = 60  # characters of a wrong value that a message repeats


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
        documents: Collection[str] | None = None,
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
    documents: tuple[str, ...] | None


def answer_lines(
    assistant: Asker,
    lines: Iterable[bytes],
    *,
    lang: AskedLang = "auto",
    engine: Engine = "auto",
    documents: Sequence[str] | None = None,
) -> Iterator[Row]:
    """A row for each line not blank.

    `lang`, `engine` and `documents` stand in where a line names none.
    """
    defaults = {"lang": lang, "engine": engine, "documents": documents and list(documents)}
    for number, line in enumerate(lines, start=1):
        raw = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if raw.strip():
            yield _answer_line(assistant, raw, number, defaults)


def readable(text: str) -> str:
    """`text` with U+FFFD for each lone surrogate, which no UTF-8 output could hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _answer_line(assistant: Asker, raw: bytes, number: int, defaults: Mapping[str, Any]) -> Row:
    fields: dict[str, Any] = {}
    try:
        fields = parse_object(raw)
        asked = _asked({**defaults, **{k: v for k, v in fields.items() if v is not None}})
        return _ask(assistant, asked)
    except Exception as error:
        question, lang = text_of(fields, "question"), text_of(fields, "lang") or defaults["lang"]
        found = failure(error, question or "", lang)
        mark = "," if isinstance(error, AssistantError) else ":"  # which names the field next
        message = f"line {number}{mark} {found.message}"
        output = error_answer(message, id=text_of(fields, "id"), question=question, lang=lang)
        return Row(output, message, found.exit_code)


def _ask(assistant: Asker, asked: _Asked) -> Row:
    with _naming("question"):
        clean(asked.question)
    # With the question known to be good, what is left to refuse is the engine, or the documents.
    with _naming("engine" if asked.documents is None else "engine or documents"):
        answer = assistant.ask(
            asked.question,
            asked.history,
            lang=asked.lang,
            engine=asked.engine,
            id=asked.id,
            documents=asked.documents,
        )
    return Row(answer.to_json())


def parse_object(raw: bytes, example: str = '{"id": "1", "question": "…"}') -> dict[str, Any]:
    """The JSON object on a line; InputError says what is wrong with it, and shows an `example`."""
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
            f"expected an object such as {example}, got {_short(text)}; correct the line."
        )
    return value


def _asked(fields: Mapping[str, Any]) -> _Asked:
    id, question = required(fields, "id"), required(fields, "question")
    history = fields.get("history", [])
    if not isinstance(history, list) or not all(isinstance(q, str) for q in history):
        raise unexpected("history", "a list of texts, the earlier questions", history)
    for field, known in (("lang", get_args(AskedLang)), ("engine", get_args(Engine))):
        if fields[field] not in known:
            raise unexpected(field, " or ".join(known), fields[field])
    documents = fields.get("documents")
    if documents is not None and not (
        isinstance(documents, list) and all(isinstance(one, str) for one in documents)
    ):
        raise unexpected("documents", "a list of texts, the ids of documents", documents)
    earlier = tuple(readable(q) for q in history)
    chosen = None if documents is None else tuple(documents)
    return _Asked(id, question, earlier, fields["lang"], fields["engine"], chosen)


def required(fields: Mapping[str, Any], field: str) -> str:
    """The text of a field that there must be; InputError where there is none."""
    if field not in fields:
        raise InputError(f"field {field}: expected a text, but there is none; add it.")
    text = text_of(fields, field)
    if text is None:
        raise unexpected(field, "a text", fields[field])
    return text


def unexpected(field: str, expected: str, value: Any) -> InputError:
    """The error for a field whose value is something else than was expected."""
    got = _short(json.dumps(value, ensure_ascii=False))
    return InputError(f"field {field}: expected {expected}, got {got}; correct it.")


def text_of(fields: Mapping[str, Any], field: str) -> str | None:
    """The text of a field, readable; None where there is none."""
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
