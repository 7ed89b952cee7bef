"""Each measure on cases that can be worked by hand, the empty and the unjudged among them."""

import pytest

from assistant.types import Citation
from eval.measures import (
    Mean,
    evidence_found,
    hangul_share,
    language_right,
    mean,
    nuggets_found,
    percentile,
    quote_characters,
    share,
    verbatim,
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
    ("citations", "expected"),
    [
        ([citation("다라", 3, 2)], 1.0),
        ([citation("다라", 3, 2), citation("다라", 3, 1)], 0.5),  # the second is off by a page
        ([citation("다 라", 3, 2)], 0.0),
        ([citation("다라", 2, 1)], 0.0),
        ([citation("", 3, 2)], 0.0),
        ([citation("다", -2, 0)], 0.0),  # a slice from the end is no offset
        ([citation("다라", 3, 2, document="gone")], 0.0),
        ([], None),
    ],
)
def test_a_citation_holds_if_its_slice_and_page_do(
    citations: list[Citation], expected: float | None
) -> None:
    assert verbatim(citations, {"d": DOCUMENT}) == expected


def test_quote_characters_leave_white_space_out() -> None:
    assert quote_characters(["가 나", "다\n"]) == 3
    assert quote_characters([]) == 0


def test_a_mean_counts_what_was_unscored_and_has_its_interval() -> None:
    assert mean([1.0, 0.0, None]) == Mean(0.5, 2, 1, 0.0, 1.0)
    assert mean([1.0, 1.0]) == Mean(1.0, 2, 0, 1.0, 1.0)
    assert mean([None]) == Mean(None, 0, 1)
    assert mean([]) == Mean(None, 0, 0)


def test_the_interval_is_the_same_for_the_same_seed_and_close_to_the_normal_one() -> None:
    scores = [1.0] * 80 + [0.0] * 20
    found = mean(scores)
    assert found == mean(scores)
    assert found.low == pytest.approx(0.8 - 1.96 * 0.04, abs=0.015)  # sqrt(.8 * .2 / 100) = .04
    assert found.high == pytest.approx(0.8 + 1.96 * 0.04, abs=0.015)


def test_percentiles_are_interpolated() -> None:
    assert percentile([1.0, 3.0], 50) == 2.0
    assert percentile([0.0, 100.0], 95) == pytest.approx(95.0)
    assert percentile([], 50) is None
