"""A receipt as it comes in from outside: bounded, every field of its type, or named as wrong."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.export.exported import (
    LONGEST_TEXT,
    MOST_SENTENCES,
    MOST_TURNS,
    BadField,
    check_texts,
)
from assistant.export.receipt import FORMAT
from assistant.types import Code, Stance, Status, Verdict
from index.types import Lang

MOST_BYTES = 8_000_000
LARGEST = 2**53  # a number that every JSON reader keeps

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Number = Annotated[int, Field(ge=0, le=LARGEST, strict=True)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckForm(_Form):
    """What a check found, as the receipt has it."""

    code: Code
    text: Text
    passed: bool


class SentenceForm(_Form):
    """A sentence of an answer."""

    text: Text
    verdict: Verdict
    stance: Stance
    support: float = Field(ge=0, le=1, allow_inf_nan=False)
    citations: list[Number] = Field(max_length=MOST_SENTENCES)
    checks: list[CheckForm] = Field(max_length=MOST_SENTENCES)


class CitationForm(_Form):
    """A quote, and where it stood in which version of a document."""

    n: Number
    document: Text
    document_title: Text
    document_sha256: Hash | None
    passage: Text
    page: Number
    section: Text
    char_start: Number
    char_end: Number
    quote_sha256: Hash
    quote: Text
    translation_sha256: Hash | None


class ItemForm(_Form):
    """A question with its answer."""

    turn: Number
    question: Text
    history: list[Text] = Field(max_length=MOST_TURNS)
    language: Lang
    documents: list[Text] | None
    engine: Text
    status: Status
    answer: Text
    answer_sha256: Hash
    sentences: list[SentenceForm] = Field(max_length=MOST_SENTENCES)
    citations: list[CitationForm] = Field(max_length=MOST_SENTENCES)


class ReceiptForm(_Form):
    """The whole receipt."""

    receipt: Literal["citebrief/1"]
    made: Text
    conversation: Text
    items: list[ItemForm] = Field(min_length=1, max_length=MOST_TURNS)
    digest: Hash


def read_receipt(plain: object) -> ReceiptForm:
    """BadField names what of it cannot be a receipt."""
    if not isinstance(plain, dict) or plain.get("receipt") != FORMAT:
        found = plain.get("receipt") if isinstance(plain, dict) else plain
        told = json.dumps(found, default=str)[:40]
        raise BadField("receipt", f'{told}; expected "{FORMAT}", as CiteBrief writes it.')
    check_texts(plain)
    try:
        form = ReceiptForm.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        at = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"])
        raise BadField(at.lstrip("."), f"{first['msg']}.") from error
    return form


def read_json(data: bytes, name: str) -> Any:
    """What JSON holds; BadField, under the name of a file, where it is none or too much."""
    if len(data) > MOST_BYTES:
        raise BadField(name, f"{len(data)} bytes; expected {MOST_BYTES} at most.")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        told = str(error) if isinstance(error, ValueError) else "nested too deeply"
        raise BadField(name, f"not JSON in UTF-8 ({told}).") from error
