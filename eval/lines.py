"""Read a set: a file of one JSON object a line, with everything that is wrong, line by line.

Question sets and sets of claims are read alike: a line that is bad is left out and told of, a
second line of one id as well. Not covered: what is wrong between the items of a set.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pydantic import ValidationError

from assistant.errors import InputError


class Identified(Protocol):
    """What a line of a set holds."""

    @property
    def id(self) -> str:
        """Its name, which no other line of the set has."""


Item = TypeVar("Item", bound=Identified)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, or doubtful: the line (from 1; 0: the whole set), and words on it."""

    line: int
    words: str

    def of(self, path: Path) -> str:
        """As a sentence that names the file."""
        where = f"{path} line {self.line}" if self.line else str(path)
        says = self.words.startswith(("is ", "holds "))  # other words begin with a field
        return f"{where}{'' if says else ':'} {self.words}"


@dataclass(frozen=True, slots=True)
class Contents(Generic[Item]):
    """The good items of a set in file order, the line that each id stands on, and the faults."""

    items: tuple[Item, ...]
    where: Mapping[str, int]
    faults: tuple[Fault, ...]

    def judged(self, between: Iterable[tuple[Item, str]]) -> "Contents[Item]":
        """With what is wrong `between` the items: at which, and in words without the full stop."""
        more = (Fault(self.where[item.id], f"{words}.") for item, words in between)
        ordered = sorted(more, key=lambda fault: fault.line)
        return replace(self, faults=(*self.faults, *ordered))

    def or_refuse(self, path: Path) -> tuple[Item, ...]:
        """The items of a set without a fault; else InputError with the first."""
        if self.faults:
            n = len(self.faults) - 1
            more = f" ({n} more: citebrief eval check {path})" if n else ""
            raise InputError(self.faults[0].of(path) + more)
        return self.items


def read_lines(path: Path) -> list[tuple[int, str]]:
    """The lines of a file that hold anything, each with its number; InputError if it is no text."""
    try:
        # Not splitlines(), which also breaks at characters that JSON allows inside a string.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as UTF-8 text ({error}).") from error
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def read_items(path: Path, item_of: Callable[[Any], Item], noun: str) -> Contents[Item]:
    """What a set of `noun`s holds.

    `item_of` makes an item of the JSON of a line; it raises pydantic's ValidationError, or
    InputError with the words of a fault.
    """
    items: list[Item] = []
    where: dict[str, int] = {}
    faults: list[Fault] = []
    for number, line in read_lines(path):
        try:
            item = item_of(json.loads(line))
            if item.id in where:
                raise InputError(
                    f"id: {item.id!r} stands on line {where[item.id]} already; give each {noun} an "
                    "id of its own."
                )
        except json.JSONDecodeError as error:
            faults.append(Fault(number, f"is not JSON ({error.msg}); expected one object a line."))
        except ValidationError as error:
            got = error.errors()[0]["input"]
            faults.append(Fault(number, f"{first_fault(error, 'the line')} (got {got!r})."))
        except InputError as error:
            faults.append(Fault(number, str(error)))
        else:
            where[item.id] = number
            items.append(item)
    if not items and not faults:
        faults.append(Fault(0, f"holds no {noun}s; expected one JSON object a line."))
    return Contents(tuple(items), where, tuple(faults))


def first_fault(error: ValidationError, whole: str) -> str:
    """The field that is wrong first and why; `whole` is what no field stands for."""
    first = error.errors()[0]
    # Which of several literals it is not is of no interest.
    places = [str(place) for place in first["loc"] if not str(place).startswith("literal[")]
    return f"{'.'.join(places) or whole}: {first['msg']}"
