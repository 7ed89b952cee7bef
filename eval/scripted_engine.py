"""The assistant with a scripted model, with its gate or without, and a tally of what got through.

What the gate is worth is the difference between the two.
"""

import copy
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Assistant
from assistant.gate import CheckSentence
from assistant.types import Answer
from assistant.verify import bare
from assistant.write import Writer
from eval.claims import WrongKind
from index.build import Index
from index.types import Hit, Lang


@dataclass(frozen=True, slots=True)
class Tally:
    """Sentences that a model wrote with a mistake, and without; how many were shown of each."""

    mutated: int = 0
    mutated_shown: int = 0
    right: int = 0
    right_shown: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.mutated + other.mutated,
            self.mutated_shown + other.mutated_shown,
            self.right + other.right,
            self.right_shown + other.right_shown,
        )


class Scripted:
    """An engine: a sound assistant whose model is scripted, and makes the mistakes of `kind`."""

    def __init__(
        self,
        assistant: Assistant,
        kind: WrongKind | None = None,
        check: CheckSentence | None = None,
    ) -> None:
        """`check`: by default that of the assistant's gate."""
        self._assistant = assistant
        self._kind = kind
        self._check = check
        self._lock = threading.Lock()
        self._tallies: dict[Lang, Tally] = {}

    @property
    def index(self) -> Index:
        """The library of the assistant."""
        return self._assistant.index

    def tally_of(self, lang: Lang) -> Tally:
        """Of the questions so far that were answered in one language."""
        with self._lock:
            return self._tallies.get(lang, Tally())

    def ask(self, question: str, history: Sequence[str] = (), *, id: str = "") -> Answer:
        """Answer with a model of its own, so that what it wrote is known of this answer."""
        from assistant.llm import ChatModel
        from eval.scripted import ScriptedModel  # brings LangChain

        model = ScriptedModel(mutation=self._kind)
        chat = ChatModel(model, "scripted")
        assistant = copy.copy(self._assistant)
        assistant.writer = Writer(chat, self._assistant.extractor, self._check)
        answer = assistant.ask(question, history, id=id)
        # A sentence is known again by its bare words: the gate may take quotation marks away.
        # Where the extractive answer stands in, nothing of the model's is shown.
        own = answer.sentences if answer.engine == "llm:scripted" else ()
        shown = Counter(bare(s.text) for s in own if s.verdict == "verified")
        found = Tally()
        for written in model.written:
            seen = shown[bare(written.text)] > 0
            found += (
                Tally(mutated=1, mutated_shown=int(seen))
                if written.wrong
                else Tally(right=1, right_shown=int(seen))
            )
        with self._lock:
            self._tallies[answer.language] = self._tallies.get(answer.language, Tally()) + found
        return answer

    def retrieve(
        self, question: str, history: Sequence[str] = (), limit: int = 10
    ) -> tuple[list[Hit], float]:
        """What the assistant retrieves."""
        return self._assistant.retrieve(question, history, limit)
