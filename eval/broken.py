"""Engines that are wrong in one way each, to try the gate on.

Each takes the answers of a sound engine and spoils them as a careless change to the code might.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from assistant.types import Answer
from eval.run import Engine, Library
from index.types import Hit

Fault = Literal["page", "markers", "numbers", "answers", "refuses"]
_NUMBER = re.compile(r"\d[\d,]*")


class Broken:
    """`engine` with one fault.

    page: every page is one too high. markers: each sentence cites the next one's passage. numbers:
    every number in the text is ten times too large. answers: never refuses. refuses: always does.
    """

    def __init__(self, engine: Engine, fault: Fault) -> None:
        self._engine = engine
        self._fault = fault

    @property
    def index(self) -> Library:
        """The library of the engine."""
        return self._engine.index

    def ask(self, question: str, history: Sequence[str] = (), *, id: str = "") -> Answer:
        """The engine's answer, spoilt."""
        answer = self._engine.ask(question, history, id=id)
        if self._fault == "refuses":
            return replace(answer, status="not_in_document", sentences=(), citations=())
        if answer.status != "answered":
            return self._made_up(answer, question, history) if self._fault == "answers" else answer
        if self._fault == "page":
            return replace(
                answer, citations=tuple(replace(c, page=c.page + 1) for c in answer.citations)
            )
        if self._fault == "markers":
            return _shifted(answer)
        if self._fault == "numbers":
            return _tenfold(answer)
        return answer

    def retrieve(
        self, question: str, history: Sequence[str] = (), limit: int = 10
    ) -> tuple[list[Hit], float | None]:
        """What the engine retrieves."""
        return self._engine.retrieve(question, history, limit)

    def _made_up(self, answer: Answer, question: str, history: Sequence[str]) -> Answer:
        """The best passage of a question that was refused, as if it answered it."""
        from assistant.cite import citation
        from assistant.types import Sentence

        hits, _ = self._engine.retrieve(question, history, 1)
        if not hits:
            return answer
        passage = hits[0].passage
        text = passage.in_language(answer.language) or passage.text
        document = self.index.documents[passage.document_id]
        return replace(
            answer,
            status="answered",
            answer=f"{text} [1]",
            sentences=(Sentence(text, (1,), "verified", "fact", 1.0),),
            citations=(citation(1, passage, document, answer.language),),
        )


def _shifted(answer: Answer) -> Answer:
    """Citations moved on by one under the old numbers; a single one cites what is not there."""
    moved = [*answer.citations[1:], answer.citations[0]]
    if len(moved) == 1:
        wrong = replace(answer.sentences[0], citations=(2,))
        return replace(answer, sentences=(wrong,))
    renumbered = tuple(replace(c, n=n) for n, c in enumerate(moved, start=1))
    return replace(answer, citations=renumbered)


def _tenfold(answer: Answer) -> Answer:
    def larger(text: str) -> str:
        return _NUMBER.sub(lambda m: m[0] + "0", text)

    sentences = tuple(replace(s, text=larger(s.text)) for s in answer.sentences)
    shown = " ".join(f"{s.text} [{', '.join(map(str, s.citations))}]" for s in sentences)
    return replace(answer, sentences=sentences, answer=shown)
