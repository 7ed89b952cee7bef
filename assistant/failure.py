"""What a front door shows of a failure: its message, its exit code, an answer's JSON.

An AssistantError is shown as it is. Anything else is a fault: it is logged in full under a request
id, and shown as one fixed sentence that names the id.
"""

import logging
import secrets
from dataclasses import dataclass
from typing import Any, cast

from assistant.errors import AssistantError, InputError
from assistant.labels import LABELS
from assistant.types import Answer
from index.language import detect
from index.types import Lang

NO_TIME = {"retrieve": 0.0, "answer": 0.0, "verify": 0.0, "total": 0.0}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """What is shown, and the exit code: 2 for what the asker can correct, else 1."""

    message: str
    exit_code: int


def failure(
    error: Exception, question: str, lang: str = "auto", *, id: str = "", level: int = logging.DEBUG
) -> Failure:
    """What is shown of `error`; a fault in `lang`, and where that is auto as the question is.

    A fault is logged at `level` under the request id `id`, or under one of its own.
    """
    if isinstance(error, AssistantError):
        return Failure(str(error), 2 if isinstance(error, InputError) else 1)
    request = id or secrets.token_hex(4)
    log.log(level, "Request %s failed.", request, exc_info=error)
    return Failure(LABELS[_language(question, lang)]["fault"].format(id=request), 1)


def error_answer(
    message: str, *, id: str | None = "", question: str | None = "", lang: str = "auto"
) -> dict[str, Any]:
    """An answer's JSON with the status "error"; an id or a question that was unreadable is None."""
    answer = Answer(
        id=id or "",
        question=question or "",
        language=_language(question or "", lang),
        status="error",
        answer="",
        timings_ms=NO_TIME,
    )
    return {**answer.to_json(), "id": id, "question": question, "error": message}


def _language(question: str, lang: str) -> Lang:
    return cast(Lang, lang) if lang in LABELS else detect(question).main
