"""Each measure on cases that can be worked by hand, the empty and the unjudged among them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes import contains

from assistant.types import Answer, Citation, Sentence, Stance
from eval.measures import (
    RANKINGS,
    Reading,
    agreement,
    citation_precision,
    citation_recall,
    evidence_found,
    hangul_share,
    language_right,
    markers_right,
    nuggets_found,
    numbers_kept,
    pages_right,
    quote_characters,
    quotes_to_the_point,
    quotes_verbatim,
    ranking,
    share,
    stances_kept,
)
from eval.samples import Groups, Nugget
from index.types import Document, Lang

DOCUMENT = Document(
    id="d",
    lang="ko",
    titles={},
    text="가나 다라",
    blocks=(),
    page_starts=(0, 3),
    sections=(),
)


def citation(quote: str, start: int, page: int, document: str = "d") -> Citation:
    return Citation(
        n=1,
        document=document,
        document_title="",
        document_title_translation=None,
        passage="d:s001",
        page=page,
        section="",
        section_translation=None,
        quote=quote,
        quote_language="ko",
        translation=None,
        translation_note=None,
        char_start=start,
        char_end=start + len(quote),
    )


@pytest.mark.parametrize(
    ("groups", "quotes", "budget", "found"),
    [
        ((("ab c",), ("de",)), ["ab cd", "e de"], 5, (True, False)),
        ((("ab c",), ("de",)), ["ab cd", "e de"], 7, (True, True)),
        ((("없다", "있 다"),), ["곧 있다."], 600, (True,)),  # an alternative, spaced otherwise
        ((("셀",),), ["한 줄의\n셀 하나"], 600, (True,)),  # the row of a table holds its cell
        (
            (("\u1112\u1161\u11ab\u1100\u116e\u11a8",),),
            ["한국"],
            600,
            (True,),
        ),  # decomposed letters
        ((("abcd",),), ["ab", "cd"], 600, (False,)),  # two quotes are no passage
        ((("abc",),), ["xyzabc"], 5, (False,)),  # cut inside the evidence
        ((("Ab",),), ["ab"], 600, (False,)),  # verbatim: case counts
        ((("a",),), [], 600, (False,)),
        ((), ["a"], 600, ()),
    ],
)
def test_evidence_is_found_inside_the_budget_only(
    groups: Groups, quotes: list[str], budget: int, found: tuple[bool, ...]
) -> None:
    assert evidence_found(groups, quotes, budget) == found


def test_the_budget_is_600_characters_without_white_space() -> None:
    assert evidence_found((("끝",),), ["가 " * 599 + "끝"]) == (True,)
    assert evidence_found((("끝",),), ["가 " * 600 + "끝"]) == (False,)
    assert evidence_found((("끝",),), ["가 " * 600, "끝"]) == (False,)


@pytest.mark.parametrize(
    ("nugget", "lang", "text", "found"),
    [
        (Nugget("", True, (), ("half an hour",)), "en", "Half an  hour [1].", True),
        (Nugget("", True, (), ("half an hour",)), "ko", "Half an hour.", None),
        (Nugget("", True, ("방위비 분담금",), ()), "ko", "방위비분담금을 올린다. [1]", True),
        (Nugget("", True, ("350척", "삼백오십 척"), ()), "ko", "삼백오십척", True),
        (Nugget("", True, ("350척",), ("350-ship",)), "ko", "350-ship", False),
        (Nugget("", True, ("끝나다",), ()), "ko", "끝 [1, 2]나다", True),  # markers are no text
        (Nugget("", True, ("2",), ()), "ko", "하나 [2]", False),
    ],
)
def test_a_nugget_is_found_in_the_words_of_the_language_of_the_answer(
    nugget: Nugget, lang: Lang, text: str, found: bool | None
) -> None:
    assert nuggets_found([nugget], lang, text) == (found,)


@pytest.mark.parametrize(
    ("found", "expected"),
    [((True, False, None), 0.5), ((None,), None), ((), None), ((False,), 0.0), ((True,), 1.0)],
)
def test_share_leaves_the_unjudged_out(
    found: tuple[bool | None, ...], expected: float | None
) -> None:
    assert share(found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("NATO는 12", 0.2), ("한국", 1.0), ("Seoul", 0.0), ("350 [1]", None), ("", None)],
)
def test_hangul_share_counts_letters_only(text: str, expected: float | None) -> None:
    assert hangul_share(text) == expected


@pytest.mark.parametrize(
    ("text", "claimed", "wanted", "expected"),
    [
        ("약 350척", "en", "en", 0.0),
        ("약 350척", "ko", "ko", 1.0),
        ("About 350 ships", "ko", "ko", 0.0),  # it says Korean and is not
        ("About 350 ships", "en", "ko", 0.0),
        ("President Yoon Suk Yeol (윤석열) spoke with him.", "en", "en", 1.0),
        ("Yes. 미국은 함정을 늘린다.", "en", "en", 0.0),
        ("NATO와 AUKUS, QUAD를 통한 협력", "ko", "ko", 1.0),
        ("350", "ko", "ko", None),
        ("350", "en", "ko", 0.0),
    ],
)
def test_the_language_must_be_claimed_and_written(
    text: str, claimed: Lang, wanted: Lang, expected: float | None
) -> None:
    assert language_right(text, claimed, wanted) == expected


@pytest.mark.parametrize(
    ("citations", "verbatim", "page"),
    [
        ([citation("다라", 3, 2)], 1.0, 1.0),
        ([citation("다라", 3, 2), citation("다라", 3, 1)], 1.0, 0.5),  # the second page is wrong
        ([citation("다라", 3, 2), citation("다 라", 3, 2)], 0.5, 1.0),  # which stands nowhere
        ([citation("다 라", 3, 2)], 0.0, None),
        ([citation("다라", 2, 2)], 0.0, 1.0),  # not there, but on that page
        ([citation("다라", 2, 1)], 0.0, 0.0),
        ([citation("", 3, 2)], 0.0, None),
        ([citation("다", -2, 2)], 0.0, 1.0),  # a slice from the end is no offset
        ([citation("다라", 3, 2, document="gone")], 0.0, None),
        ([], None, None),
    ],
)
def test_a_quote_holds_by_its_slice_and_a_page_by_where_the_quote_stands(
    citations: list[Citation], verbatim: float | None, page: float | None
) -> None:
    assert quotes_verbatim(citations, {"d": DOCUMENT}) == verbatim
    assert pages_right(citations, {"d": DOCUMENT}) == page


def answer(
    *sentences: tuple[str, Sequence[int]],
    quotes: Sequence[str] = (),
    text: str | None = None,
    numbers: Sequence[int] | None = None,
    stance: Stance = "fact",
) -> Answer:
    """Sentences with the numbers that they cite, over quotes numbered from 1 or by `numbers`."""
    given = numbers or range(1, len(quotes) + 1)
    shown = " ".join(f"{s} {[*cited]}" if cited else s for s, cited in sentences)
    return Answer(
        id="",
        question="",
        language="ko",
        status="answered" if sentences else "not_in_document",
        answer=shown if text is None else text,
        sentences=tuple(Sentence(s, tuple(n), "verified", stance, 1.0) for s, n in sentences),
        citations=tuple(
            replace(citation(quote, 0, 1), n=n, passage=f"d:{quote}")
            for n, quote in zip(given, quotes, strict=True)
        ),
    )


def as_quoted(citation: Citation) -> Reading:
    return (citation.quote,)


TWO = (("가.", (1,)), ("나.", (2,)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(*TWO, quotes="ab", text="가. [1] 나. [1]"), 0.5),
        (answer(*TWO, quotes="ab"), 1.0),
        (answer(*TWO, quotes="ab", text="가. 나."), 0.0),
        (answer(*TWO, quotes="ab", text="나. [2] 가. [1]"), 0.5),  # not in their order
        (answer(*TWO, quotes="ab", text="가. [1]"), 0.5),  # the second is not shown
        (answer(("가.", (1, 2)), quotes="ab", text="가. [1, 2]"), 1.0),
        (answer(("가.", (1, 2)), quotes="ab", text="가. [1][2]"), 1.0),
        (answer(("가.", (1, 2)), quotes="ab", text="가. [2] [1]"), 0.0),
        (answer(("가.", (1,)), ("가.", (2,)), quotes="ab"), 1.0),  # said twice, cited apart
        (answer(("가.", (1,)), ("나.", ()), quotes="a"), 1.0),
        (answer(("가.", (2,)), ("나.", (1,)), quotes="ab"), 0.0),  # not numbered by first use
        (answer(("가.", (2,)), ("나.", (1,)), quotes="ab", numbers=[2, 1]), 0.0),
        (answer(("가.", (1,)), quotes="ab"), 0.0),  # the second citation is of no sentence
        (answer(("가.", (2,)), quotes="a"), 0.0),  # nothing is cited under 2
        (answer(("가.", (2,)), quotes="a", numbers=[2]), 0.0),  # the first is 1
        (answer(("", (1,)), quotes="a", text=" [1]"), 0.0),  # an empty sentence is not shown
        (answer(), None),
    ],
)
def test_markers_are_right_if_the_text_shows_each_sentence_with_its_own(
    given: Answer, expected: float | None
) -> None:
    assert markers_right(given) == expected


@pytest.mark.parametrize(
    ("given", "recall", "precision"),
    [
        (answer(("가나", (1,)), ("다라", ()), quotes=["가나."]), 0.5, 1.0),
        (answer(("가나", (1, 2)), quotes=["가나.", "다라."]), 1.0, 0.5),  # the second is needless
        (answer(("가나", (1, 2)), quotes=["가나.", "가나!"]), 1.0, 1.0),  # each alone supports it
        (answer(("가나", (1,)), quotes=["다라."]), 0.0, 0.0),
        (answer(("가나", (1, 2)), quotes=["다라.", "마바."]), 0.0, 0.0),
        (answer(("가나", (1,)), ("다라", (2,)), quotes=["가나.", "마바."]), 0.5, 0.5),
        (answer(("가나", (3,)), quotes=["가나."]), 0.0, 0.0),  # a marker that leads nowhere
        (answer(("가나?", (1,)), quotes=["가나?"]), None, None),  # cannot be judged
        (answer(("가나?", (1,)), ("다라", (2,)), quotes=["가나?", "다라"]), 1.0, 1.0),
        (answer(("가나?", ()), quotes=[]), 0.0, None),  # nothing cited: that needs no judge
        (answer(), None, None),
    ],
)
def test_citations_must_support_their_sentence_and_be_needed_for_it(
    given: Answer, recall: float | None, precision: float | None
) -> None:
    assert citation_recall(given, contains, as_quoted) == recall
    assert citation_precision(given, contains, as_quoted) == precision


def test_citations_that_support_a_sentence_only_together_are_both_needed() -> None:
    def together(claim: str, passages: Sequence[Reading]) -> bool:
        return all(word in " ".join(text for p in passages for text in p) for word in claim.split())

    both = answer(("가 나", (1, 2)), quotes=["가", "나"])
    assert citation_recall(both, together, as_quoted) == 1.0
    assert citation_precision(both, together, as_quoted) == 1.0
    third = answer(("가 나", (1, 2, 3)), quotes=["가", "나", "다"])
    assert citation_precision(third, together, as_quoted) == pytest.approx(2 / 3)


def test_a_citation_is_read_with_the_translations_that_the_library_has_of_it() -> None:
    english = answer(("The sea", (1,)), quotes=["바다"])
    assert citation_recall(english, contains, as_quoted) == 0.0
    assert citation_recall(english, contains, lambda c: (c.quote, "The sea.")) == 1.0


@pytest.mark.parametrize(
    ("sentence", "quote", "expected"),
    [
        ("함정 350척, 2조 원", "목표는 함정 350척이다.", 0.5),
        ("The navy has 350 ships.", "목표는 함정 350척이다.", 1.0),
        ("The war cost $183 billion.", "전쟁에 약 1,830억 달러를 지원했다.", 1.0),
        ("The war cost $18.3 billion.", "전쟁에 약 1,830억 달러를 지원했다.", 0.0),
        ("One navy, 2 trillion won", "목표는 함정 350척이다.", 0.0),  # "one" states nothing
        ("함정이 늘어난다.", "목표는 함정 350척이다.", None),
    ],
)
def test_numbers_must_stand_in_what_is_cited_in_either_language(
    sentence: str, quote: str, expected: float | None
) -> None:
    assert numbers_kept(answer((sentence, (1,)), quotes=[quote]), as_quoted) == expected


def test_a_number_of_another_sentences_citation_is_not_kept() -> None:
    crossed = answer(("함정 350척", (1,)), ("2조 원", (1,)), quotes=["함정 350척", "2조 원"])
    assert numbers_kept(crossed, as_quoted) == 0.5
    assert numbers_kept(answer(("함정 350척", ())), as_quoted) == 0.0
    assert numbers_kept(answer(), as_quoted) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(("가", (1,)), quotes=["s1"]), 0.0),
        (answer(("가", (1,)), quotes=["s1"], stance="forecast"), 1.0),
        (answer(("가", (1,)), quotes=["s2"], stance="attributed"), 1.0),  # either will do
        (answer(("가", (1, 2)), quotes=["s1", "s2"]), 1.0),  # one of what it cites has it
        (answer(("가", (1,)), ("나", (2,)), quotes=["s1", "s2"]), 0.5),
        (answer(("가", (1,)), ("나", (2,)), quotes=["s1", "s9"]), 0.0),  # s9 has no label
        (answer(("가", (1,)), quotes=["s9"]), None),
        (answer(("가", (7,)), ("나", ()), quotes=["s1"]), None),
        (answer(), None),
    ],
)
def test_a_stance_is_kept_if_something_cited_has_it(given: Answer, expected: float | None) -> None:
    labels: dict[str, tuple[Stance, ...]] = {"d:s1": ("forecast",), "d:s2": ("fact", "attributed")}
    assert stances_kept(given, labels) == expected


@pytest.mark.parametrize(
    ("groups", "quotes", "expected"),
    [
        ((("ab",),), ["ab cd", "ef"], 2 / 6),
        ((("ab",),), ["a b"], 1.0),
        ((("ab", "cd"),), ["abcd"], 1.0),  # alternatives are both to the point
        ((("abc",), ("bcd",)), ["abcd"], 1.0),  # what two groups share counts once
        ((("abcd",),), ["bc"], 1.0),  # a piece of the evidence
        ((("ab",),), ["cd"], 0.0),
        ((("ab",),), ["ab", "ab"], 1.0),
        ((), ["ab"], 0.0),
        ((("ab",),), [], None),
        ((("ab",),), [" "], None),
    ],
)
def test_quotes_are_to_the_point_by_the_share_of_their_characters(
    groups: Groups, quotes: list[str], expected: float | None
) -> None:
    assert quotes_to_the_point(groups, quotes) == (
        None if expected is None else pytest.approx(expected)
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("s1", "s2"), ("s2",), 0.5),
        (("s1", "s2"), ("s2", "s1"), 1.0),
        (("s1",), ("s2",), 0.0),
        ((), (), 1.0),  # both refuse
        (("s1",), (), 0.0),
    ],
)
def test_two_answers_agree_as_far_as_they_cite_the_same(
    one: Sequence[str], other: Sequence[str], expected: float
) -> None:
    left, right = (answer(*(("가", (1,)) for _ in q[:1]), quotes=q) for q in (one, other))
    assert agreement(left, right) == agreement(right, left) == expected


def test_answers_without_citations_agree() -> None:
    assert agreement(answer(("가", ())), answer(("나", ()))) == 1.0


@pytest.mark.parametrize(
    ("groups", "ranked", "expected"),
    [
        ((("ab",), ("cd",)), ["xx", "ab"], (0.5, 0.5, 0.5, 0.387)),  # 0.631 of the ideal 1.631
        ((("ab",),), ["a b"], (1, 1, 1, 1)),
        ((("ab", "cd"),), ["xx", "cd", "ab"], (1, 1, 0.5, 0.631)),  # either is the item
        ((("ab",), ("cd",)), ["ab cd"], (1, 1, 1, 1)),  # a chunk that holds both
        ((("ab",),), ["ab", "xx", "ab"], (1, 1, 1, 1)),  # found once, though it comes again
        ((("ab",),), ["x"] * 5 + ["ab"], (0, 1, 1 / 6, 0.356)),  # 1 / log2(7)
        ((("ab",),), [f"x{n}" for n in range(10)] + ["ab"], (0, 0, 0, 0)),
        ((("ab",),), ["xx"], (0, 0, 0, 0)),
        ((("ab",),), [], (0, 0, 0, 0)),
    ],
)
def test_a_ranking_is_measured_by_the_evidence_that_its_quotes_hold(
    groups: Groups, ranked: list[str], expected: tuple[float, ...]
) -> None:
    found = ranking(groups, ranked)
    assert tuple(found) == RANKINGS
    assert tuple(found.values()) == pytest.approx(expected, abs=0.0005)


def test_quote_characters_leave_white_space_out() -> None:
    assert quote_characters(["가 나", "다\n"]) == 3
    assert quote_characters([]) == 0
