"""What a second judge, a language model, makes of a run, and how far it agrees with our measures.

It reads what our deterministic checker reads: each sentence with its citations, each nugget with
its answer. It is tried on 60 claims that people wrote and labelled as well, so that a reader knows
what its word is worth. Agreement is Cohen's kappa; what either side could not judge is left out,
and counted.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from eval import claims
from eval.judge import Judge, Opinion
from eval.measures import Supports
from eval.runs import Row
from eval.samples import LANGS, SETS

LABELLED = 60  # claims: as many right as wrong, as many Korean as English
SENTENCES, NUGGETS = "sentences, our checker", "nuggets, our matching"
CLAIMS = "claims, labelled by hand"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be judged: what it is, our verdict, and how to ask for theirs."""

    against: str
    about: str
    ours: bool | None
    ask: Callable[[], Opinion]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa in [-1, 1] and the observed share in [0, 1] of `n` pairs that agree."""

    kappa: float | None
    observed: float | None
    n: int
    unscored: int


def second_opinion(
    judge: Judge,
    items: Sequence[Item],
    *,
    jobs: int = 1,
    asked: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """What `judge` says of each item, its agreement with our verdicts, and its cost, as plain JSON.

    `jobs` items are asked at once; `asked` is called after each.
    """

    def opinion(item: Item) -> Opinion:
        found = item.ask()
        asked()
        return found

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        opinions = list(pool.map(opinion, items))
    judged = list(zip(items, opinions, strict=True))
    found: dict[str, Any] = {}
    for name in dict.fromkeys(item.against for item in items):
        own = [(item.ours, _told(theirs)) for item, theirs in judged if item.against == name]
        found[name] = asdict(agreement([ours for ours, _ in own], [told for _, told in own]))
    return {
        "judge": judge.name,
        "agreement": found,
        "usage": asdict(judge.usage),
        "items": [
            {"against": item.against, "about": item.about, "ours": item.ours, **asdict(theirs)}
            for item, theirs in judged
        ],
    }


def agreement(ours: Sequence[bool | None], theirs: Sequence[bool | None]) -> Agreement:
    """How far two raters of the same things agree; pairs with an unscored side are left out.

    Source: Cohen (1960), by sklearn. `kappa` is None where both raters gave one and the same class
    only, since there chance alone explains full agreement; `observed` is None without pairs.
    Worked: ours (T, T, F, F, None), theirs (T, F, F, F, T): 1 pair unscored, 3 of 4 agree, so
    observed is 0.75. By chance 2/4 x 1/4 are both T and 2/4 x 3/4 both F, together 0.5: kappa is
    (0.75 - 0.5) / (1 - 0.5) = 0.5.
    """
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None]
    unscored = len(ours) - len(pairs)
    if not pairs:
        return Agreement(None, None, 0, unscored)
    observed = sum(a == b for a, b in pairs) / len(pairs)
    kappa = None
    if len({rating for pair in pairs for rating in pair}) > 1:
        from sklearn.metrics import cohen_kappa_score

        kappa = float(cohen_kappa_score(*zip(*pairs, strict=True)))
    return Agreement(kappa, observed, len(pairs), unscored)


def items_of(judge: Judge, rows: Sequence[Row], supports: Supports) -> list[Item]:
    """All that a second judge is asked of a run: its sentences and nuggets, and labelled claims.

    The quotes of a run stand for their passages; a translation that a citation carries is read
    beside them.
    """
    return [*_sentences(judge, rows, supports), *_nuggets(judge, rows), *_claims(judge)]


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


def _sentences(judge: Judge, rows: Sequence[Row], supports: Supports) -> Iterator[Item]:
    for row in rows:
        answer = row.said()
        if answer is None:
            continue
        by_number = {citation.n: citation for citation in answer.citations}
        for sentence in answer.sentences:
            cited = [by_number[n] for n in sentence.citations if n in by_number]
            readings = [[c.quote, *([c.translation] if c.translation else [])] for c in cited]
            texts = [text for reading in readings for text in reading]
            ask = partial(judge.support, sentence.text, texts, row.lang)
            yield Item(SENTENCES, row.id, supports(sentence.text, readings), ask)


def _nuggets(judge: Judge, rows: Sequence[Row]) -> Iterator[Item]:
    for row in rows:
        answer = row.said()
        if answer is None or not answer.sentences:
            continue
        for nugget in row.nuggets:
            ask = partial(judge.nugget, nugget.text, answer.answer, row.lang)
            yield Item(NUGGETS, row.id, nugget.told, ask)


def _claims(judge: Judge) -> Iterator[Item]:
    chosen = labelled()
    passages, documents = claims.library("dev")
    cited = claims.evidence_of(chosen, passages, documents)
    for claim in chosen:
        ask = partial(judge.support, claim.claim, cited[claim.id], claim.lang)
        yield Item(CLAIMS, claim.id, claim.right, ask)


def _told(opinion: Opinion) -> bool | None:
    """Partial support is not enough to be quoted on."""
    return None if opinion.verdict is None else opinion.verdict == "support"
