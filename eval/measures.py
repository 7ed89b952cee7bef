"""Pure scorers for one answer: text in, numbers out.

A score that cannot be judged is None: unscored, counted, and never 0. Texts are compared in NFC and
without white space, since spacing in Korean is a matter of taste and quotes are re-joined lines.
Not covered: whether prose is well put, and whether a fact is told in words that the set did not
foresee (such an answer scores too low, never too high).
"""

import re
from collections.abc import Callable, Mapping, Sequence

from assistant.types import Answer, Citation, Sentence, Stance
from eval.samples import Groups, Nugget, squeeze
from index.number_match import missing
from index.numbers import find
from index.types import Document, Lang

BUDGET = 600  # non-space characters of quotes that a reader is taken to check
KOREAN_FROM = 0.3  # share of Hangul: the document's own Korean sentences have 0.44 and more
ENGLISH_UNTIL = 0.1  # a Korean name in brackets passes, an untranslated sentence does not
MARKER = re.compile(r"\[\d+(?:,\s*\d+)*\]")
MARKERS = re.compile(r"(?:\s*\[\d+(?:,\s*\d+)*\])+")


def evidence_found(groups: Groups, quotes: Sequence[str], budget: int = BUDGET) -> tuple[bool, ...]:
    """Which evidence groups stand in the quotes, each group by any one of its alternatives.

    Source: answer-side context recall, cut at a fixed reading budget so that quoting whole pages
    does not pay. `budget` is in characters without white space, spent in citation order; the quote
    that it cuts counts as far as it reaches.
    Worked: groups (("ab c",), ("de",)), quotes ["ab cd", "e de"], budget 5: the quotes shrink to
    "abcd" and "e", so the first group is found and the second is not: (True, False).
    """
    shown: list[str] = []
    left = budget
    for quote in map(squeeze, quotes):
        shown.append(quote[:left])
        left -= len(shown[-1])
    return tuple(any(squeeze(text) in quote for text in g for quote in shown) for g in groups)


def nuggets_found(nuggets: Sequence[Nugget], lang: Lang, text: str) -> tuple[bool | None, ...]:
    """Which nuggets an answer tells, by their wordings in `lang`; None where the set has none.

    Source: nugget recall (TREC, AutoNuggetizer) with literal matching in the place of a judge;
    case, white space and markers do not count. Plain containment: "350" is also found in "1,350".
    Worked: wordings ("half an hour",) and (), text "Half an  hour [1].": (True, None).
    """
    told = squeeze(MARKER.sub("", text)).casefold()
    return tuple(
        any(squeeze(w).casefold() in told for w in wordings) if wordings else None
        for wordings in (nugget.wordings(lang) for nugget in nuggets)
    )


def share(found: Sequence[bool | None]) -> float | None:
    """The share in [0, 1] that is True among what was judged; None where nothing was.

    Recall, when given `evidence_found` or `nuggets_found`.
    Worked: (True, False, None) is 1 of 2 judged: 0.5. (None,) and () are None.
    """
    judged = [value for value in found if value is not None]
    return sum(judged) / len(judged) if judged else None


def hangul_share(text: str) -> float | None:
    """The share in [0, 1] of Hangul letters among all letters; None for a text without letters.

    Worked: "NATO는 12" has the letters N A T O 는, one of five is Hangul: 0.2.
    """
    letters = [c for c in squeeze(text) if c.isalpha()]
    if not letters:
        return None
    return sum("가" <= c <= "힣" or "ㄱ" <= c <= "ㅣ" for c in letters) / len(letters)


def language_right(text: str, claimed: Lang, wanted: Lang) -> float | None:
    """1.0 if an answer claims the wanted language and is written in it, else 0.0.

    Unscored for an answer that claims rightly but has no letters to tell by.
    Worked: wanted "en", claimed "en", text "약 350척": Hangul share 1.0 is over 0.1, so 0.0.
    """
    if claimed != wanted:
        return 0.0
    hangul = hangul_share(text)
    if hangul is None:
        return None
    return float(hangul >= KOREAN_FROM if wanted == "ko" else hangul <= ENGLISH_UNTIL)


def quotes_verbatim(
    citations: Sequence[Citation], documents: Mapping[str, Document]
) -> float | None:
    """The share in [0, 1] of citations whose quote slices out of the document's text.

    Source: the contract (`char_start:char_end` slices the quote out). A document that the library
    lacks has no such text. None for an answer without citations.
    Worked: text "가나 다라", quotes "다라" at 3:5 and "다 라" at 3:6: one of two, 0.5.
    """
    return share(tuple(_slices(citation, documents) for citation in citations))


def pages_right(citations: Sequence[Citation], documents: Mapping[str, Document]) -> float | None:
    """The share in [0, 1] of citations that name the page on which their quote stands.

    Source: the contract. A quote that is not verbatim where it is said to be is looked for in the
    whole text; one that stands nowhere has no page, and is unscored. None where none has.
    Worked: pages start at (0, 3) in "가나 다라": "다라" on page 2 is right, on page 1 wrong: 0.5.
    """
    return share(tuple(_page_right(citation, documents) for citation in citations))


def markers_right(answer: Answer) -> float | None:
    """The share in [0, 1] of sentences that the answer's text shows followed by their own markers.

    Source: the contract: citations are numbered from 1 in order of first use, and the text shows
    each sentence with the markers that the sentence has. Where the numbering itself is wrong, 0.
    None without sentences.
    Worked: sentences "가." citing 1 and "나." citing 2, text "가. [1] 나. [1]": one of two, 0.5.
    """
    if not answer.sentences:
        return None
    used = list(dict.fromkeys(n for sentence in answer.sentences for n in sentence.citations))
    if not [c.n for c in answer.citations] == used == list(range(1, len(used) + 1)):
        return 0.0
    right = []
    rest = answer.answer
    for sentence in answer.sentences:
        _, found, after = rest.partition(sentence.text or "\0")  # an empty one is never shown
        shown = MARKERS.match(after)
        numbers = tuple(int(n) for n in re.findall(r"\d+", shown[0])) if shown else ()
        right.append(bool(found) and numbers == sentence.citations)
        rest = after if found else rest
    return sum(right) / len(right)


# A passage as it reads in the original, then in what translations the library has of it.
Reading = Sequence[str]
Readings = Callable[[Citation], Reading]
# Whether passages together support a claim; None: that cannot be judged.
Supports = Callable[[str, Sequence[Reading]], bool | None]


def citation_recall(answer: Answer, supports: Supports, readings: Readings) -> float | None:
    """The share in [0, 1] of sentences that all their citations together support.

    Source: citation recall of ALCE (Gao et al. 2023, "Enabling Large Language Models to Generate
    Text with Citations", section 3), with `supports` in the place of their NLI model, so that
    claim and quote may be in either language. A sentence without citations is not supported; one
    that `supports` cannot judge is unscored.
    Worked: of two sentences the first is supported by its quote, the second cites nothing: 0.5.
    """
    return share(tuple(_supported(s, answer, supports, readings) for s in answer.sentences))


def citation_precision(answer: Answer, supports: Supports, readings: Readings) -> float | None:
    """The share in [0, 1] of a sentence's citations that it needs, over all sentences.

    Source: citation precision of ALCE (see `citation_recall`): a citation of an unsupported
    sentence is not precise; nor is one that does not support the sentence by itself while the
    others do without it. A citation whose sentence cannot be judged is unscored.
    Worked: a sentence cites [1][2]; [1] alone supports it and [2] does not: 1 of 2, 0.5.
    """
    verdicts: list[bool | None] = []
    for sentence in answer.sentences:
        whole = _supported(sentence, answer, supports, readings)
        for n in sentence.citations:
            if not whole or len(sentence.citations) == 1:
                verdicts.append(whole)
                continue
            rest = [other for other in sentence.citations if other != n]
            others = _readings(answer, rest, readings)
            alone = supports(sentence.text, _readings(answer, [n], readings))
            needless = alone is False and supports(sentence.text, others) is True
            verdicts.append(not needless)
    return share(tuple(verdicts))


def numbers_kept(answer: Answer, readings: Readings) -> float | None:
    """The share in [0, 1] of the numbers in the sentences that what they cite states.

    Source: number fidelity with index.numbers, which reads both languages (1,830억 달러 is $183
    billion). Without numbers there is nothing to judge: None.
    Worked: "함정 350척, 2조 원" citing "목표는 함정 350척이다": 350 is kept, 2조 is not: 0.5.
    """
    kept: list[bool] = []
    for sentence in answer.sentences:
        cited = _readings(answer, sentence.citations, readings)
        quotes = " / ".join(text for reading in cited for text in reading)
        stated = [q for q in find(sentence.text) if not q.weak]
        lost = min(len(missing(sentence.text, quotes)), len(stated))
        kept += [True] * (len(stated) - lost) + [False] * lost
    return share(tuple(kept))


def stances_kept(answer: Answer, stances: Mapping[str, Sequence[Stance]]) -> float | None:
    """The share in [0, 1] of sentences shown with a stance that what they cite really has.

    Source: stance fidelity: hand-labelled stances of passages, by passage id; a passage that a
    careful reader may take in two ways has two. A sentence that cites none of them is unscored.
    Worked: stances {"b:s1": ("forecast",)}; the sentence citing b:s1 says "fact": 0.0.
    """
    passages = {citation.n: citation.passage for citation in answer.citations}
    verdicts: list[bool | None] = []
    for sentence in answer.sentences:
        held = [stances[i] for n in sentence.citations if (i := passages.get(n, "")) in stances]
        verdicts.append(any(sentence.stance in s for s in held) if held else None)
    return share(tuple(verdicts))


def quotes_to_the_point(groups: Groups, quotes: Sequence[str]) -> float | None:
    """The share in [0, 1] of the quotes' characters that are evidence: conciseness.

    Source: precision at the level of characters, white space not counted, so that it falls with
    every quote that the question did not need and with every chunk longer than its evidence. None
    without quotes.
    Worked: groups (("ab",),), quotes ["ab cd", "ef"]: 2 of 6 characters, 0.333.
    """
    total = quote_characters(quotes)
    if not total:
        return None
    texts = {squeeze(text) for group in groups for text in group}
    wanted = 0
    for quote in map(squeeze, quotes):
        marked = [False] * len(quote)
        for text in texts:
            if (at := quote.find(text)) >= 0:
                marked[at : at + len(text)] = [True] * len(text)
            elif quote and quote in text:
                marked = [True] * len(quote)
        wanted += sum(marked)
    return wanted / total


def agreement(one: Answer, other: Answer) -> float:
    """How far two answers rest on the same evidence, in [0, 1]: Jaccard of the cited passages.

    Source: Jaccard 1912. Two refusals agree wholly, a refusal and an answer not at all.
    Worked: {s1, s2} and {s2} share one of two: 0.5.
    """
    if one.status != "answered" or other.status != "answered":
        return float(one.status == other.status)
    left, right = ({(c.document, c.quote) for c in a.citations} for a in (one, other))
    return len(left & right) / len(left | right) if left | right else 1.0


RANKINGS = ("recall_5", "recall_10", "rr_10", "ndcg_10")


def ranking(groups: Groups, ranked: Sequence[str]) -> dict[str, float]:
    """R@5, R@10, RR@10 and nDCG@10 in [0, 1] of a ranking of quotes, by ir-measures.

    Each evidence group is a relevant item, found by the first quote that holds one of its
    alternatives; so systems that return sentences and systems that return chunks compare. A quote
    that holds two groups counts as two items in a row.
    Worked: groups (("ab",), ("cd",)), ranked ["xx", "ab"]: R@5 0.5, RR@10 0.5.
    """
    import ir_measures
    from ir_measures import RR, R, nDCG

    wanted = [[squeeze(text) for text in group] for group in groups]
    items: list[str] = []
    for place, quote in enumerate(map(squeeze, ranked)):
        held = [f"g{g}" for g, texts in enumerate(wanted) if any(t in quote for t in texts)]
        items += [g for g in held if g not in items] or [f"x{place}"]
    run = {"q": {item: 1.0 / n for n, item in enumerate(items, start=1)}}
    qrels = {"q": {f"g{g}": 1 for g in range(len(wanted))}}
    found = ir_measures.calc_aggregate([R @ 5, R @ 10, RR @ 10, nDCG @ 10], qrels, run)
    return dict(
        zip(
            RANKINGS,
            map(float, (found[m] for m in (R @ 5, R @ 10, RR @ 10, nDCG @ 10))),
            strict=True,
        )
    )


def quote_characters(quotes: Sequence[str]) -> int:
    """Characters of all quotes without white space: what a reader has to check.

    Worked: ["가 나", "다"] is 3.
    """
    return sum(len(squeeze(quote)) for quote in quotes)


def _slices(citation: Citation, documents: Mapping[str, Document]) -> bool:
    document = documents.get(citation.document)
    if document is None or citation.char_start < 0:
        return False
    return document.text[citation.char_start : citation.char_end] == citation.quote != ""


def _page_right(citation: Citation, documents: Mapping[str, Document]) -> bool | None:
    document = documents.get(citation.document)
    if document is None or not citation.quote:
        return None
    start = citation.char_start
    if not _slices(citation, documents):
        start = document.text.find(citation.quote)
    return citation.page == document.page(start) if start >= 0 else None


def _readings(answer: Answer, numbers: Sequence[int], readings: Readings) -> list[Reading]:
    """What stands under the markers `numbers`, as it may be read."""
    by_number = {citation.n: citation for citation in answer.citations}
    return [readings(by_number[n]) for n in numbers if n in by_number]


def _supported(
    sentence: Sentence, answer: Answer, supports: Supports, readings: Readings
) -> bool | None:
    cited = _readings(answer, sentence.citations, readings)
    return supports(sentence.text, cited) if cited else False
