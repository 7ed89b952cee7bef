"""Rules of what a JSON value may be, put together from small ones.

A rule is a function of a value, its place as a JSON pointer, and the list to which it adds faults
in Slack's words. Lengths are counted in UTF-16 units, which are never fewer than characters.
"""

from collections.abc import Callable, Mapping
from typing import Any

Rule = Callable[[Any, str, list[str]], None]


def say(found: list[str], what: str, at: str) -> None:
    """Add a fault, in Slack's form."""
    found.append(f"[ERROR] {what} [json-pointer:{at}]")


def anything(value: Any, at: str, found: list[str]) -> None:
    """A rule that all values keep."""


def boolean(value: Any, at: str, found: list[str]) -> None:
    """True or false."""
    if not isinstance(value, bool):
        say(found, "must be a boolean", at)


def integer(value: Any, at: str, found: list[str]) -> None:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        say(found, "must be a number", at)


def string(most: int, least: int = 1, blank: bool = False) -> Rule:
    """A string of so many characters; spaces alone count as none unless it may be blank."""

    def rule(value: Any, at: str, found: list[str]) -> None:
        if not isinstance(value, str):
            say(found, "must be a string", at)
        elif len(value) + sum(letter > "\uffff" for letter in value) > most:
            say(found, f"must be less than {most + 1} characters", at)
        elif len(value if blank else value.strip()) < least:
            say(found, f"must be more than {least - 1} characters", at)

    return rule


def address(most: int = 3000) -> Rule:
    """A web address."""

    def rule(value: Any, at: str, found: list[str]) -> None:
        string(most)(value, at, found)
        if isinstance(value, str) and not value.startswith(("http://", "https://", "mailto:")):
            say(found, "must be a valid URL", at)

    return rule


def choice(*values: Any) -> Rule:
    """One of these."""

    def rule(value: Any, at: str, found: list[str]) -> None:
        if value not in values:
            say(found, f"must be one of {', '.join(map(str, values))}", at)

    return rule


def array(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list of so many, each of which keeps the rule."""

    def check(value: Any, at: str, found: list[str]) -> None:
        if not isinstance(value, list):
            say(found, "must be an array", at)
            return
        if len(value) > most:
            say(found, f"no more than {most} items allowed", at)
        if len(value) < least:
            say(found, f"no fewer than {least} items allowed", at)
        for place, item in enumerate(value):
            rule(item, f"{at}/{place}", found)

    return check


def fields(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with these fields and no others (`type` is always let through)."""
    known = {"type": anything, **required, **(optional or {})}

    def rule(value: Any, at: str, found: list[str]) -> None:
        if not isinstance(value, dict):
            say(found, "must be an object", at)
            return
        for name in required:
            if value.get(name) is None:
                say(found, f"missing required field: {name}", at)
        for name, item in value.items():
            if name not in known:
                say(found, f"no more properties allowed: {name}", at)
            elif item is None:
                say(found, "must not be null", f"{at}/{name}")
            else:
                known[name](item, f"{at}/{name}", found)

    return rule


def by_type(table: Mapping[str, Rule], what: str) -> Rule:
    """An object whose `type` says which rule it keeps."""

    def rule(value: Any, at: str, found: list[str]) -> None:
        if not isinstance(value, dict):
            say(found, "must be an object", at)
        elif value.get("type") not in table:
            say(found, f"unsupported type of {what}: {value.get('type')}", f"{at}/type")
        else:
            table[value["type"]](value, at, found)

    return rule


def both(first: Rule, second: Rule) -> Rule:
    """Two rules, the second only where the first is kept."""

    def rule(value: Any, at: str, found: list[str]) -> None:
        before = len(found)
        first(value, at, found)
        if len(found) == before:
            second(value, at, found)

    return rule


def text(most: int, *kinds: str) -> Rule:
    """A text object."""
    table = {
        "plain_text": fields({"text": string(most)}, {"emoji": boolean}),
        "mrkdwn": fields({"text": string(most)}, {"verbatim": boolean}),
    }
    return by_type({kind: table[kind] for kind in kinds or table}, "text")


def plain(most: int) -> Rule:
    """A plain text object."""
    return text(most, "plain_text")


def one_of(*names: str) -> Rule:
    """An object that has one or more of the fields."""

    def rule(value: Any, at: str, found: list[str]) -> None:
        if not any(value.get(name) for name in names):
            say(found, f"one of these is required: {', '.join(names)}", at)

    return rule
