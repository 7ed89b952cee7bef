"""What a second judge, a language model, makes of a run, and how far it agrees with our measures.

It reads what our deterministic checker reads: each sentence with its citations, each nugget with
its answer. It is tried on 60 claims that people wrote and labelled as well, so that a reader knows
what its word is worth. Agreement is Cohen's kappa; what either side could not judge is left out,
and counted.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval import claims
from eval.judge import Judge, agreement
from eval.measures import Supports
from eval.runs import Row
from eval.samples import SETS
from index.types import Lang

LABELLED = 60  # claims: as many right as wrong, as many Korean as English
LANGS: tuple[Lang, ...] = ("ko", "en")


def second_opinion(judge: Judge, rows: Sequence[Row], supports: Supports) -> dict[str, Any]:
    """Agreement of `judge` with our checker, our nugget matching and people's labels; its cost.

    `rows` are of a run whose quotes stand for their passages; a translation that a citation carries
    is read beside it.
    """
    found = {
        "sentences, our checker": list(_sentences(judge, rows, supports)),
        "nuggets, our matching": list(_nuggets(judge, rows)),
        "claims, labelled by hand": list(_claims(judge)),
    }
    return {
        "judge": judge.name,
        "agreement": {
            name: dataclasses.asdict(agreement([a for a, _ in pairs], [b for _, b in pairs]))
            for name, pairs in found.items()
        },
        "usage": dataclasses.asdict(judge.usage),
    }


def labelled() -> tuple[claims.Claim, ...]:
    """The hand-labelled claims that a judge is tried on: the first of each sort of the dev half."""
    known = claims.select(claims.load(SETS / "mutations.jsonl"), "dev")
    chosen: list[claims.Claim] = []
    for lang in LANGS:
        for right in (True, False):
            own = [c for c in known if (c.lang, c.right) == (lang, right)]
            by_kind: dict[str, list[claims.Claim]] = {}
            for claim in own:
                by_kind.setdefault(claim.kind, []).append(claim)
            turns = max(map(len, by_kind.values()))
            dealt = [c[turn] for turn in range(turns) for c in by_kind.values() if turn < len(c)]
            chosen += dealt[: LABELLED // 4]
    return tuple(chosen)


Pair = tuple[bool | None, bool | None]


def _sentences(judge: Judge, rows: Sequence[Row], supports: Supports) -> Iterator[Pair]:
    for row in rows:
        answer = row.said()
        if answer is None:
            continue
        by_number = {citation.n: citation for citation in answer.citations}
        for sentence in answer.sentences:
            cited = [by_number[n] for n in sentence.citations if n in by_number]
            readings = [[c.quote, *([c.translation] if c.translation else [])] for c in cited]
            texts = [text for reading in readings for text in reading]
            theirs = judge.support(sentence.text, texts, row.lang).verdict
            yield supports(sentence.text, readings), _told(theirs)


def _nuggets(judge: Judge, rows: Sequence[Row]) -> Iterator[Pair]:
    for row in rows:
        answer = row.said()
        if answer is None or not answer.sentences:
            continue
        for nugget in row.nuggets:
            yield nugget.told, _told(judge.nugget(nugget.text, answer.answer, row.lang).verdict)


def _claims(judge: Judge) -> Iterator[Pair]:
    chosen = labelled()
    passages, documents = claims.library("dev")
    cited: Mapping[str, Sequence[str]] = claims.evidence_of(chosen, passages, documents)
    for claim in chosen:
        yield claim.right, _told(judge.support(claim.claim, cited[claim.id], claim.lang).verdict)


def _told(verdict: str | None) -> bool | None:
    """Partial support is not enough to be quoted on."""
    return None if verdict is None else verdict == "support"
