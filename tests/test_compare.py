"""Two runs compared: the tests by hand, what is left out, and a page that hides the test half."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import FIRST, SECOND, answered, refused
from rich.console import Console

from assistant.errors import InputError
from assistant.types import Answer
from eval.chance import Chance, adjusted, sign_flip
from eval.compare import Comparison, compare, figure, print_comparison, shown_p, write_comparison
from eval.runs import Expected, ExpectedNugget, Row, Run

GROUP = ((Expected(quote=FIRST, page=1),),)


def row(
    id: str,
    scores: Mapping[str, float | None] | None = None,
    answer: Answer | None = None,
    **changes: Any,
) -> Row:
    """An answerable Korean question of the dev half, answered by the first sentence."""
    given = {
        "id": id,
        "half": "dev",
        "lang": "ko",
        "kind": "number",
        "document": "brief",
        "question": f"{id}?",
        "evidence": GROUP,
        "answer": (answer or answered(FIRST)).to_json(),
        "scores": dict(scores or {}),
    }
    return Row(**{**given, **changes})


FAILED = row("q").model_copy(update={"answer": None, "error": "RuntimeError: boom"})


def run(rows: Sequence[Row], name: str = "a", **manifest: Any) -> Run:
    made_of = {"name": "brief", "sha256": "f" * 64, "half": "dev", "questions": len(rows)}
    given = {"format": 2, "set": made_of, "engine": "extractive", "started": "2026-11-20T10:00:00"}
    return Run(Path("runs") / name, {**given, **manifest}, tuple(rows))


def scored(measure: str, scores: Sequence[float | None], **changes: Any) -> list[Row]:
    return [row(f"q{n}", {measure: score}, **changes) for n, score in enumerate(scores)]


def compared(a: Sequence[Row], b: Sequence[Row]) -> Comparison:
    return compare(run(a), run(b, "b"))


def difference(comparison: Comparison, measure: str, lang: str = "ko") -> Any:
    found = [d for d in comparison.differences if (d.measure, d.lang) == (measure, lang)]
    assert len(found) == 1
    return found[0]


def page(comparison: Comparison, tmp_path: Path, lang: Any = "ko") -> str:
    path = tmp_path / "new" / "compare.html"
    write_comparison(comparison, path, lang)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("differences", "alternative", "p", "least"),
    [
        ([-1.0] * 5, "less", 1 / 32, 1 / 32),
        ([-1.0] * 5, "two-sided", 2 / 32, 2 / 32),
        ([-1.0] * 5 + [0.0] * 50, "less", 1 / 32, 1 / 32),  # what stayed says nothing
        ([-1.0] * 5, "greater", 1.0, 1 / 32),
        ([-1.0] * 4 + [1.0], "less", 6 / 32, 1 / 32),  # no rise or one of five: 1 + 5 patterns
        ([-0.5, -1.0], "less", 1 / 4, 1 / 4),
        ([-1.0], "less", 1 / 2, 1 / 2),
        ([0.0, 0.0], "less", 1.0, 1.0),
        ([], "two-sided", 1.0, 1.0),
    ],
)
def test_the_sign_flip_test_is_exact_where_few_differ(differences, alternative, p, least):
    found = sign_flip(differences, alternative)
    assert (found.p, found.least) == (pytest.approx(p), pytest.approx(least))


def test_many_differences_are_drawn_alike_each_time():
    differences = [-0.1 * n for n in range(-8, 25)]
    assert sign_flip(differences) == sign_flip(differences)
    assert sign_flip([-1.0] * 60, "less").p == pytest.approx(1 / 10_000)


def test_the_correction_counts_only_tests_that_could_be_significant():
    able = [Chance(0.01, 0.001), Chance(0.04, 0.001)]
    assert adjusted([*able, Chance(1.0, 0.5)]) == pytest.approx((0.02, 0.04, 1.0))
    assert adjusted([Chance(0.2, 0.2)]) == (1.0,)
    assert adjusted([]) == ()


def test_languages_are_never_pooled():
    a = scored("evidence", [1.0, 1.0])
    b = scored("evidence", [0.0, 1.0])
    english = [row("e", {"evidence": 0.5}, lang="en")]
    found = compared([*a, *english], [*b, *english])
    assert found.counts == {"ko": 2, "en": 1}
    ko, en = difference(found, "evidence"), difference(found, "evidence", "en")
    assert (ko.n, ko.a, ko.b, ko.difference) == (2, 1.0, 0.5, -0.5)
    assert (ko.rose, ko.fell, ko.stayed) == (0, 1, 1)
    assert (en.n, en.difference, en.fell) == (1, 0.0, 0)


def test_the_interval_is_that_of_the_paired_differences():
    """Resamples of differences -1 and 0 give -1, -0.5 or 0, a quarter of them each end."""
    found = difference(
        compared(scored("evidence", [1.0, 1.0]), scored("evidence", [0.0, 1.0])), "evidence"
    )
    assert (found.low, found.high) == (-1.0, 0.0)


def test_what_either_run_could_not_judge_is_counted_and_left_out():
    a = scored("numbers", [1.0, None, 1.0, 0.5])
    b = [*scored("numbers", [0.5, 1.0, None]), row("q3", {}, refused())]
    found = difference(compared(a, b), "numbers")
    assert (found.n, found.unscored_a, found.unscored_b) == (1, 1, 2)
    assert (found.a, found.b) == (1.0, 0.5)


def test_a_measure_without_a_common_score_has_no_means():
    found = difference(compared(scored("stance", [1.0]), scored("stance", [None])), "stance")
    assert (found.n, found.a, found.difference, found.p) == (0, None, None, 1.0)
    assert not found.significant
    assert found.favours is None


@pytest.mark.parametrize(
    ("measure", "a", "b", "favours"),
    [
        ("evidence", 0.0, 1.0, "b"),
        ("evidence", 1.0, 0.0, "a"),
        ("wrongly_refused", 0.0, 1.0, "a"),
        ("latency_ms", 10.0, 20.0, None),
    ],
)
def test_which_run_is_better_depends_on_the_measure(measure, a, b, favours):
    """Ten of ten one way: p is 2/1024."""
    comparison = compared(scored(measure, [a] * 10), scored(measure, [b] * 10))
    found = difference(comparison, measure)
    assert found.p == pytest.approx(2 / 1024)
    assert found.significant
    assert found.favours == favours


def test_five_changes_are_too_few_to_tell_and_six_are_not():
    six = compared(scored("evidence", [0.0] * 6), scored("evidence", [1.0] * 6))
    assert difference(six, "evidence").adjusted == pytest.approx(2 / 64)
    five = difference(
        compared(scored("evidence", [0.0] * 5), scored("evidence", [1.0] * 5)), "evidence"
    )
    assert five.too_few
    assert not five.significant


def test_refusal_is_compared_by_f1():
    """Two unanswerable, one answerable. A refuses the first: F1 2/3. B refuses all: 4/5."""
    no = {"kind": "unanswerable", "evidence": ()}
    a = [row("u1", {}, refused(), **no), row("u2", {}, **no), row("yes")]
    b = [row("u1", {}, refused(), **no), row("u2", {}, refused(), **no), row("yes", {}, refused())]
    found = difference(compared(a, b), "refusal_f1")
    assert (found.n, found.rose, found.fell, found.stayed) == (3, 1, 1, 1)
    assert found.a == pytest.approx(2 / 3)
    assert found.b == pytest.approx(4 / 5)
    # Swapping "yes" alone gives 1/2 and 1: of four ways two are at least as far apart on one side,
    # and twice that share is 1.
    assert found.p == 1.0


def test_a_single_changed_refusal_has_a_p_of_one():
    no = {"kind": "unanswerable", "evidence": ()}
    a, b = [row("u1", {}, **no)], [row("u1", {}, refused(), **no)]
    found = difference(compared(a, b), "refusal_f1")
    assert (found.a, found.b, found.rose, found.p) == (0.0, 1.0, 1, 1.0)


def test_refusals_that_all_change_have_the_p_of_their_count():
    """Ten unanswerable, none refused against all: two of 1,024 swaps are as far apart."""
    no = {"kind": "unanswerable", "evidence": ()}
    a = [row(f"u{n}", {}, **no) for n in range(10)]
    b = [row(f"u{n}", {}, refused(), **no) for n in range(10)]
    assert difference(compared(a, b), "refusal_f1").p == pytest.approx(2 / 1024)


def test_questions_that_were_not_asked_alike_are_left_out():
    other = ((Expected(quote=SECOND),),)
    fact = (ExpectedNugget(text="350", vital=True),)
    same = row("same", {"evidence": 1.0})
    a = [same, row("asked"), row("expected"), row("told"), row("before"), row("gone")]
    b = [
        same,
        row("asked", question="else?"),
        row("expected", evidence=other),
        row("told", nuggets=fact),
        row("before", history=("earlier?",)),
        row("new"),
    ]
    found = compared(a, b)
    assert found.counts == {"ko": 1}
    assert (found.only_a, found.only_b) == (("gone",), ("new",))
    assert found.changed == ("asked", "expected", "told", "before")


def test_white_space_in_the_evidence_makes_no_other_question():
    spaced = ((Expected(quote=FIRST.replace(" ", "\n"), passage="brief:s9", page=3),),)
    assert compared([row("q")], [row("q", evidence=spaced)]).counts == {"ko": 1}


def test_runs_without_a_common_question_are_an_error():
    with pytest.raises(InputError, match="no question in common .*Compare runs of one set"):
        compared([row("q")], [row("other")])


@pytest.mark.parametrize(
    ("a", "b", "direction", "changes"),
    [
        (row("q"), row("q", {}, refused()), "worse", [("status", "answered", "refused")]),
        (FAILED, row("q"), "better", [("status", "error", "answered")]),
        (
            row("q", {"evidence": 0.5, "pages": 1.0}),
            row("q", {"evidence": 1.0, "pages": 0.5}),
            "mixed",
            [("evidence", 0.5, 1.0), ("pages", 1.0, 0.5)],
        ),
        (row("q", {"vital": 1.0}), row("q", {"vital": 0.0}), "worse", [("vital", 1.0, 0.0)]),
        (row("q", {"pages": 1.0}), row("q", {"pages": None}), "mixed", [("pages", 1.0, None)]),
        (row("q", {"latency_ms": 1.0}), row("q", {"latency_ms": 9.0}), None, []),
    ],
)
def test_a_flipped_question_says_from_what_to_what(a, b, direction, changes):
    flipped = compared([a], [b]).flipped
    assert [f.direction for f in flipped] == ([direction] if direction else [])
    assert [(c.what, c.a, c.b) for f in flipped for c in f.changes] == changes


def test_refusing_what_the_document_does_not_answer_is_better():
    no = {"kind": "unanswerable", "evidence": ()}
    (flipped,) = compared([row("u", {}, **no)], [row("u", {}, refused(), **no)]).flipped
    assert flipped.direction == "better"


def test_what_differs_between_the_manifests_is_listed():
    a = run([row("q")], git={"commit": "one"}, jobs=1, finished="then")
    b = run([row("q")], "b", git={"commit": "two"}, jobs=1, finished="later", judge="own")
    assert compare(a, b).manifests == (("git.commit", "one", "two"), ("judge", "", "own"))


def test_texts_of_a_test_half_are_counted_and_never_shown(tmp_path):
    secret = {"half": "test", "question": "SECRET?", "note": "SECRET"}
    a = [row("open", {"evidence": 1.0}), row("q", {"evidence": 1.0}, **secret)]
    b = [row("open", {"evidence": 0.0}), row("q", {"evidence": 0.0}, **secret)]
    found = compared(a, b)
    assert [f.a.id for f in found.flipped] == ["open"]
    assert found.sealed == 1
    assert difference(found, "evidence").fell == 2
    html = page(found, tmp_path)
    assert "SECRET" not in html
    assert "Of the test half: 1, counted and not shown" in html
    console = Console(record=True, width=160, quiet=False, file=(tmp_path / "out").open("w"))
    print_comparison(found, console)
    printed = console.export_text()
    assert "SECRET" not in printed
    assert "1 of them in the test half" in printed
    assert "SECRET" not in str(found.to_json())


def test_the_page_holds_both_languages_and_asks_no_host(tmp_path):
    found = compared(scored("evidence", [1.0] * 8), scored("evidence", [0.0] * 8))
    html = page(found, tmp_path, "en")
    assert '<html lang="en">' in html
    assert '<html lang="ko">' in page(found, tmp_path, "ko")
    assert "근거 재현율" in html
    assert "evidence recall" in html
    assert "B가 나쁨" in html
    assert "B worse" in html
    assert "http://" not in html
    assert "https://" not in html
    assert "src=" not in html
    assert "<svg" in html


def test_the_page_shows_both_answers_and_what_was_expected(tmp_path):
    fact = (ExpectedNugget(text="350척", vital=True, told=True),)
    a = row("q", {"evidence": 1.0}, answered(FIRST), nuggets=fact)
    b = row("q", {"evidence": 0.0}, answered(SECOND), nuggets=fact)
    html = page(compared([a], [b]), tmp_path)
    assert f"“{FIRST}”" in html
    assert f"{SECOND} [1]" in html
    assert "350척" in html


def test_an_error_and_a_question_without_an_answer_are_told(tmp_path):
    no = {"kind": "unanswerable", "evidence": ()}
    a = [row("q"), row("u", {}, refused(), **no)]
    html = page(compared(a, [FAILED, row("u", {}, **no)]), tmp_path)
    assert "RuntimeError: boom" in html
    assert "it should be refused" in html


def test_what_others_wrote_is_escaped(tmp_path):
    bad = "<script>alert(1)</script>"
    said = answered(FIRST)
    worse = Answer(**{**said.to_json(), "answer": bad, "sentences": (), "citations": ()})
    a = row("q", {"evidence": 1.0}, question=bad, evidence=((Expected(quote=bad),),))
    b = row("q", {"evidence": 0.0}, worse, question=bad, evidence=((Expected(quote=bad),),))
    found = compare(run([a], bad), run([b], "b", engine=bad))
    html = page(found, tmp_path)
    assert bad not in html
    assert html.count("&lt;script&gt;alert") >= 4


def test_the_terminal_shows_square_brackets_as_they_are(tmp_path):
    a, b = row("[red]q", {"evidence": 1.0}), row("[red]q", {"evidence": 0.0})
    console = Console(record=True, width=160, file=(tmp_path / "out").open("w"))
    print_comparison(compare(run([a], "[bold]a"), run([b], "b")), console)
    printed = console.export_text()
    assert "[bold]a" in printed
    assert "[red]q: evidence recall 1.00 -> 0.00" in printed


def test_a_page_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_comparison(compared([row("q")], [row("q")]), tmp_path / "file" / "c.html", "ko")


@pytest.mark.parametrize(
    ("value", "unit", "signed", "shown"),
    [
        (0.9154, "share", False, "0.915"),
        (-0.5, "share", True, "−0.500"),
        (0.25, "share", True, "+0.250"),
        (-0.0001, "share", True, "0.000"),
        (2722.6, "characters", True, "+2,723"),
        (19.73, "ms", False, "19.7"),
        (None, "share", True, "–"),
    ],
)
def test_figures_are_rounded_for_reading(value, unit, signed, shown):
    assert figure(value, unit, signed=signed) == shown


def test_a_small_p_is_not_shown_as_zero():
    assert shown_p(0.0001) == "< 0.001"
    assert shown_p(0.0312) == "0.031"
