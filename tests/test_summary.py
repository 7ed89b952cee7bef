"""From rows to figures: per language and kind, errors and unscored apart, refusal, floors."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import FIRST, SECOND, answered, refused

from assistant.errors import InputError
from assistant.types import Answer
from eval.catalogue import BY_NAME
from eval.means import Mean
from eval.runs import Row
from eval.samples import LIBRARY
from eval.summary import Floor, Summary, load_floor, summarise, with_agreement

TOLD, SHY = answered(FIRST), refused()


def row(id: str, answer: Answer | None, **changes: Any) -> Row:
    given: dict[str, Any] = {"lang": "ko", "kind": "number", "document": "brief", "question": "?"}
    given |= {"answer": answer.to_json()} if answer else {"error": "boom"}
    return Row.model_validate({"id": id, **given, **changes})


def scored(id: str, scores: dict[str, float | None], **changes: Any) -> Row:
    return row(id, TOLD, scores=scores, **changes)


ROWS = [
    scored("k1", {"evidence": 1.0, "wrongly_refused": 0.0, "latency_ms": 10.0}),
    scored("k2", {"evidence": 0.5, "wrongly_refused": 0.0, "latency_ms": 30.0}, kind="date"),
    row("k3", None, kind="date"),
    scored("k4", {"evidence": None, "wrongly_refused": 1.0}, kind="date"),
    scored("k5", {"refused": 0.0}, kind="unanswerable"),
    scored("e1", {"evidence": 0.2, "wrongly_refused": 0.0}, lang="en"),
    row("e2", SHY, lang="en", kind="unanswerable", scores={"refused": 1.0}),
]


def test_means_stand_per_language_and_kind_with_errors_apart() -> None:
    found = summarise(ROWS)
    assert (found.n, found.errors) == (7, 1)
    assert [(g.lang, g.kind, g.n, g.errors) for g in found.groups] == [
        ("ko", "number", 1, 0),
        ("ko", "date", 3, 1),
        ("ko", "unanswerable", 1, 0),
        ("ko", "all", 5, 1),
        ("en", "number", 1, 0),
        ("en", "unanswerable", 1, 0),
        ("en", "all", 2, 0),
    ]
    korean, english = found.of("ko"), found.of("en")
    assert korean and english
    assert korean.means["evidence"].value == 0.75
    assert english.means["evidence"].value == 0.2  # of its own, whatever Korean has
    assert korean.means["wrongly_refused"].value == pytest.approx(1 / 3)
    assert found.of("en", "date") is None


def test_the_unscored_are_counted_and_never_zero() -> None:
    korean = summarise(ROWS).of("ko")
    assert korean
    evidence = korean.means["evidence"]
    assert (evidence.value, evidence.n, evidence.unscored) == (0.75, 2, 1)
    assert (korean.means["refused"].n, korean.means["refused"].unscored) == (1, 0)
    dates = summarise(ROWS[3:4]).of("ko", "date")
    assert dates
    assert dates.means["evidence"] == Mean(None, 0, 1)
    assert dates.means["vital"] == Mean(None, 0, 0)  # which no question has


def test_times_are_percentiles_of_the_questions_that_have_one() -> None:
    korean, english = summarise(ROWS).of("ko"), summarise(ROWS).of("en")
    assert korean and english
    assert (korean.p50_ms, korean.p95_ms) == (20.0, pytest.approx(29.0))
    assert (english.p50_ms, english.p95_ms) == (None, None)


def test_no_rows_make_no_figures() -> None:
    found = summarise([])
    assert (found.n, found.errors, found.groups) == (0, 0, ())
    assert found.headlines == {}
    assert found.refusal["ko"]["f1"] == Mean(None, 0, 0)


def refusals(*marks: str) -> list[Row]:
    """A row for each mark: ? unanswerable or ! answerable, then r refused, a answered, e error."""
    replies = {"r": SHY, "a": TOLD, "e": None}
    kinds = {"?": "unanswerable", "!": "number"}
    return [row(f"q{n}", replies[m[1]], kind=kinds[m[0]]) for n, m in enumerate(marks)]


def values(rows: Sequence[Row]) -> list[float | None]:
    return [summarise(rows).refusal["ko"][name].value for name in ("precision", "recall", "f1")]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("?r ?r ?r ?a !r !a !a", [0.75, 0.75, 0.75]),
        ("?r ?a ?a ?a !a", [1.0, 0.25, 0.4]),
        ("?r !r !r !r", [0.25, 1.0, 0.4]),
        ("?a !r", [0.0, 0.0, 0.0]),
        ("?a !a", [None, 0.0, 0.0]),  # nothing was refused
        ("!r !a", [0.0, None, 0.0]),  # nothing was to be refused
        ("!a", [None, None, None]),
        ("?r !a !e ?e", [1.0, 1.0, 1.0]),  # errors are neither
        ("?e", [None, None, None]),
        ("", [None, None, None]),
    ],
)
def test_refusing_has_precision_recall_and_f1(marks: str, expected: list[float | None]) -> None:
    assert values(refusals(*marks.split())) == expected


def test_refusal_figures_have_intervals_and_leave_errors_unscored() -> None:
    found = summarise(refusals(*["?r"] * 30, *["?a"] * 10, *["!a"] * 40, "!e")).refusal["ko"]
    recall = found["recall"]
    assert (recall.n, recall.unscored) == (80, 1)
    assert recall.low is not None and recall.high is not None
    half = 1.96 * (0.75 * 0.25 / 40) ** 0.5  # the normal approximation over 40 unanswerable ones
    assert recall.low == pytest.approx(0.75 - half, abs=0.02)
    assert recall.high == pytest.approx(0.75 + half, abs=0.02)
    assert (found["precision"].low, found["precision"].high) == (1.0, 1.0)
    assert (
        found == summarise(refusals(*["?r"] * 30, *["?a"] * 10, *["!a"] * 40, "!e")).refusal["ko"]
    )


def agreements(*rows: Row) -> list[float | None]:
    return [r.scores.get("agreement") for r in with_agreement(rows)]


def test_agreement_goes_to_both_questions_of_a_pair_whichever_names_the_other() -> None:
    both = answered(FIRST, SECOND)
    english = row("e", TOLD, lang="en")
    assert agreements(row("k", both, pair="e"), english) == [0.5, 0.5]
    assert agreements(english, row("k", both, pair="e")) == [0.5, 0.5]
    assert agreements(row("k", SHY, pair="e"), english) == [0.0, 0.0]
    assert agreements(row("k", SHY, pair="e"), row("e", SHY, lang="en")) == [1.0, 1.0]


def test_a_pair_of_which_one_was_not_asked_or_failed_has_no_agreement() -> None:
    assert agreements(row("k", TOLD, pair="e")) == [None]
    assert agreements(row("k", TOLD, pair="e"), row("e", None, lang="en")) == [None, None]
    assert agreements(row("k", TOLD)) == [None]


def test_the_headlines_are_the_figures_of_a_language() -> None:
    headlines = summarise(ROWS).headlines
    assert list(headlines) == ["ko", "en"]
    assert headlines["ko"]["evidence"].value == 0.75
    assert headlines["en"]["refused"].value == 1.0


def test_a_summary_is_plain_json_with_the_targets() -> None:
    found = summarise(ROWS, Floor.model_validate({"ko": {"evidence": 0.9}}))
    plain = json.loads(json.dumps(found.to_json()))
    assert plain["targets"] == {n: m.target for n, m in BY_NAME.items() if m.target is not None}
    assert plain["headlines"]["ko"]["evidence"]["value"] == 0.75
    assert len(plain["groups"]) == 7
    assert plain["shortfalls"]


def shortfalls(rows: Sequence[Row], floor: dict[str, Any]) -> tuple[str, ...]:
    found: Summary = summarise(rows, Floor.model_validate(floor))
    return found.shortfalls


def test_floors_name_each_figure_that_falls_short() -> None:
    floor = {"ko": {"evidence": 0.8, "wrongly_refused": 0.3}, "en": {"evidence": 0.2, "refused": 1}}
    assert shortfalls(ROWS, floor) == (
        "1 questions ended in an error",
        "ko evidence recall: 0.750; expected at least 0.800",
        "ko wrongly refused: 0.333; expected at most 0.300",
    )


def test_a_floor_is_not_passed_by_scoring_nothing() -> None:
    korean = [r for r in ROWS if r.lang == "ko" and r.answer]
    assert shortfalls(korean, {"en": {"nuggets": 0.9}}) == (
        "en all nuggets: nothing was scored; expected 0.90",
    )
    assert shortfalls([], {"ko": {"evidence": 0.0}}) == (
        "ko evidence recall: nothing was scored; expected 0.00",
    )


def test_errors_fall_short_of_any_floor_and_of_no_floor_at_all() -> None:
    assert shortfalls(ROWS, {"en": {"refused": 0.1}}) == ("1 questions ended in an error",)
    assert summarise(ROWS).shortfalls == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"ko": {"recall": 1}}', r"ko\.recall"),
        ('{"en": {"evidence": 1.2}}', r"en\.evidence"),
        ('{"fr": {}}', "fr"),
        ("[]", "the file"),
        ("{", "the file"),
    ],
)
def test_a_wrong_floor_file_is_refused_with_the_field(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "gate.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        load_floor(file)


def test_a_floor_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_floor(tmp_path / "none.json")


def test_the_shipped_floors_are_valid_and_of_both_languages() -> None:
    floor = load_floor(LIBRARY.parent / "gate.json")
    for floors in (floor.ko, floor.en):
        assert floors.evidence is not None
        assert floors.refused is not None


def test_every_floor_is_a_measure() -> None:
    assert type(Floor().ko).model_fields.keys() <= BY_NAME.keys()
