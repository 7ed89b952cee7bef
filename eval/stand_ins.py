"""Functions to put in the place of `Gate.check`: one that lets all pass, remembering, watched.

The assistant has no way around its own gate; what the gate is worth, and what it makes of a model,
is measured with these.
"""

from collections.abc import Callable, Sequence

from assistant.gate import Checked, CheckSentence
from assistant.types import Check
from index.types import Lang, Passage


def unchecked(
    text: str, cited: Sequence[Passage], lang: Lang | None, context: Sequence[Passage]
) -> Checked:
    """Lets through whatever cites a passage that was shown."""
    given = tuple({passage.id: passage for passage in cited}.values())
    return Checked(text, given, "fact", 0.0, () if given else (Check("marker", ""),))


def remembering(check: CheckSentence) -> CheckSentence:
    """As `check`, but a sentence is checked once: many are written again and again."""
    known: dict[tuple[object, ...], Checked] = {}

    def checked(
        text: str, cited: Sequence[Passage], lang: Lang | None, context: Sequence[Passage]
    ) -> Checked:
        key = text, tuple(p.id for p in cited), lang, tuple(p.id for p in context)
        if key not in known:
            known[key] = check(text, cited, lang, context)
        return known[key]

    return checked


def watched(check: CheckSentence, seen: Callable[[Checked, Lang | None], None]) -> CheckSentence:
    """As `check`, telling `seen` of every sentence and the language that it had to be in."""

    def checked(
        text: str, cited: Sequence[Passage], lang: Lang | None, context: Sequence[Passage]
    ) -> Checked:
        found = check(text, cited, lang, context)
        seen(found, lang)
        return found

    return checked
