"""Gates to put in the place of the assistant's: open, remembering, or watched.

The assistant has no way around its own gate; what the gate is worth, and what it makes of a model,
is measured with these.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.types import Check
from assistant.verify import Checked, Gate
from index.types import Lang, Passage


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate is asked: see Gate.check."""

    text: str
    cited: Sequence[Passage]
    lang: Lang | None
    context: Sequence[Passage]

    def of(self, gate: Gate) -> Checked:
        """What a gate says to it."""
        return gate.check(self.text, self.cited, self.lang, self.context)


class StandIn(Gate):
    """A gate of which every check is what `answer` makes of it."""

    def __init__(self, answer: Callable[[Asked], Checked]) -> None:
        self._answer = answer

    def check(
        self,
        text: str,
        cited: Sequence[Passage],
        lang: Lang | None = None,
        context: Sequence[Passage] = (),
    ) -> Checked:
        """What `answer` makes of it."""
        return self._answer(Asked(text, cited, lang, context))


def open_gate() -> Gate:
    """Lets through whatever cites a passage that was shown."""

    def answer(asked: Asked) -> Checked:
        given = tuple({passage.id: passage for passage in asked.cited}.values())
        faults = () if given else (Check("marker", ""),)
        return Checked(asked.text, given, "fact", 0.0, faults)

    return StandIn(answer)


def remembering(gate: Gate) -> Gate:
    """As `gate`, but a sentence is checked once: many are written again and again."""
    known: dict[tuple[object, ...], Checked] = {}

    def answer(asked: Asked) -> Checked:
        ids = [tuple(passage.id for passage in some) for some in (asked.cited, asked.context)]
        key = asked.text, *ids, asked.lang
        if key not in known:
            known[key] = asked.of(gate)
        return known[key]

    return StandIn(answer)


def watched(gate: Gate, seen: Callable[[Asked, Checked], None]) -> Gate:
    """As `gate`, telling `seen` of every check."""

    def answer(asked: Asked) -> Checked:
        checked = asked.of(gate)
        seen(asked, checked)
        return checked

    return StandIn(answer)
