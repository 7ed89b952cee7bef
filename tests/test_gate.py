"""The gate: what fails it, what passes, and a baseline that holds no texts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import FIRST, answered, refused

from assistant.errors import InputError
from assistant.types import Answer
from eval.catalogue import BY_NAME
from eval.gate import gate
from eval.gate_baseline import CONTRACT, GATED, write_baseline
from eval.gate_verdict import Verdict
from eval.runs import Row, Run, Writer, read_run

GOOD = {"evidence": 1.0, "language": 1.0, "wrongly_refused": 0.0, "pages": 1.0, "numbers": 1.0}
SHA = "f" * 64


def row(
    n: int, scores: Mapping[str, float | None], answer: Answer | None = None, **changes: Any
) -> Row:
    given = {
        "id": f"q{n}",
        "half": "dev",
        "lang": "ko",
        "kind": "number",
        "document": "brief",
        "question": "SECRET?",
        "answer": (answer or answered(FIRST)).to_json(),
        "scores": dict(scores),
    }
    return Row(**{**given, **changes})


def good(n: int = 10, **changes: Any) -> list[Row]:
    return [row(i, GOOD, **changes) for i in range(n)]


def failed(of: Row) -> Row:
    return of.model_copy(update={"answer": None, "error": "boom", "scores": {}})


def with_scores(rows: Sequence[Row], *changed: int, **scores: float | None) -> list[Row]:
    """The rows, of which those at `changed` have other scores."""
    return [
        r.model_copy(update={"scores": {**r.scores, **scores}}) if n in changed else r
        for n, r in enumerate(rows)
    ]


def run(rows: Sequence[Row], sha256: str = SHA, half: str = "dev", **manifest: Any) -> Run:
    made_of = {"name": "brief", "sha256": sha256, "half": half, "questions": len(rows)}
    given = {"format": 2, "set": made_of, "engine": "extractive", "finished": "2026-11-20T10:00:00"}
    return Run(Path("runs/new"), {**given, **manifest}, tuple(rows))


@pytest.fixture
def judged(tmp_path):
    def judge(before: Sequence[Row], after: Sequence[Row], **changes: Any) -> Verdict:
        path = tmp_path / "baseline.json"
        write_baseline(run(before), path)
        return gate(run(after, **changes), path)

    return judge


def kinds(verdict: Verdict) -> list[tuple[str, str | None, str | None]]:
    return [(fall.kind, fall.measure, fall.lang) for fall in verdict.falls]


def test_every_gated_measure_exists():
    assert set(GATED) <= BY_NAME.keys()
    assert set(CONTRACT) == {m.name for m in BY_NAME.values() if m.contract}
    assert all(BY_NAME[name].better != "neither" for name in GATED)


def test_a_run_passes_against_itself(judged):
    rows = with_scores(good(), 1, evidence=2 / 3, pages=1 / 3)  # no place of rounding is a fall
    verdict = judged(rows, rows)
    assert (verdict.passed, verdict.falls, verdict.rises, verdict.n) == (True, (), (), 10)
    assert verdict.lines()[0].startswith("gate passed: 10 questions compared with")


def test_five_falls_and_no_rise_have_the_p_of_one_in_32(judged):
    verdict = judged(good(), with_scores(good(), 0, 1, 2, 3, 4, evidence=0.0))
    assert kinds(verdict) == [("significant", "evidence", "ko")]
    (fall,) = verdict.falls
    assert (fall.before, fall.after, fall.n) == (1.0, 0.5, 10)
    assert fall.p == pytest.approx(1 / 32)
    assert verdict.lines()[1] == (
        "fall: ko evidence recall: 1.000 -> 0.500 over 10 questions, p = 0.031 (q0, q1, q2, q3, q4)"
    )


def test_four_falls_are_noise(judged):
    assert judged(good(), with_scores(good(), 0, 1, 2, 3, evidence=0.0)).passed


def test_one_question_of_a_statistical_measure_is_noise(judged):
    assert judged(good(), with_scores(good(), 7, evidence=0.0)).passed


def test_rises_make_up_for_falls_of_a_statistical_measure(judged):
    """Five falls and a rise, all of 1: of 64 patterns 7 are as low, so p is 0.109."""
    before = with_scores(good(), 9, evidence=0.0)
    after = with_scores(good(), 0, 1, 2, 3, 4, evidence=0.0)
    assert judged(before, after).passed


def test_two_measures_are_corrected_for_being_two(judged):
    """p 1/32 and 1/64: Benjamini-Hochberg gives both 1/32."""
    after = with_scores(good(), *range(5), evidence=0.0)
    after = with_scores(after, *range(6), language=0.0)
    falls = judged(good(), after).falls
    assert [f.measure for f in falls] == ["evidence", "language"]
    assert [f.p for f in falls] == pytest.approx([1 / 32, 1 / 32])


def test_lower_is_better_for_some(judged):
    more = with_scores(good(), *range(6), wrongly_refused=1.0)
    assert kinds(judged(good(), more)) == [("significant", "wrongly_refused", "ko")]
    better = judged(more, good())
    assert better.passed
    (rise,) = better.rises
    assert (rise.measure, rise.before, rise.after) == ("wrongly_refused", 0.6, 0.0)
    assert better.lines()[1] == (
        "rise: ko wrongly refused: 0.600 -> 0.000 over 10 questions, p = 0.016"
    )


def test_a_fall_in_one_language_is_not_made_up_for_by_the_other(judged):
    english = [r.model_copy(update={"id": f"e{r.id}", "lang": "en"}) for r in good()]
    poor = with_scores(english, *range(6), evidence=0.0)
    before = [*with_scores(good(), *range(6), evidence=0.0), *english]
    verdict = judged(before, [*good(), *poor])
    assert kinds(verdict) == [("significant", "evidence", "en")]
    assert [(r.measure, r.lang) for r in verdict.rises] == [("evidence", "ko")]


@pytest.mark.parametrize("measure", CONTRACT)
def test_one_fall_of_a_promise_fails(judged, measure):
    before = with_scores(good(), *range(10), **{measure: 1.0})
    verdict = judged(before, with_scores(before, 3, **{measure: 0.9}))
    assert kinds(verdict) == [("promise", measure, "ko")]
    label = BY_NAME[measure].label["en"]
    assert verdict.lines()[1] == (
        f"fall: ko {label}: 1.000 -> 0.990 over 10 questions; no fall is allowed (q3)"
    )


def test_a_tiny_fall_of_a_promise_is_shown_as_one(judged):
    verdict = judged(good(), with_scores(good(), 0, pages=0.999))
    assert "1.00000 -> 0.99990" in verdict.lines()[1]


def test_a_promise_is_kept_by_new_answers_too(judged):
    shy = [row(0, {"wrongly_refused": 1.0, "language": 1.0}, refused()), *good()[1:]]
    assert judged(shy, good()).passed
    verdict = judged(shy, with_scores(good(), 0, pages=0.5))
    assert kinds(verdict) == [("promise", "pages", "ko")]
    assert (verdict.falls[0].n, verdict.falls[0].questions) == (1, ("q0",))


def test_a_refusal_has_no_promise_to_break(judged):
    shy = [row(0, {"evidence": 0.0, "wrongly_refused": 1.0, "language": 1.0}, refused())]
    assert judged(good(), [*shy, *good()[1:]]).passed


def test_an_answer_without_numbers_is_no_fall(judged):
    told = {name: score for name, score in GOOD.items() if name != "numbers"}
    assert judged(good(), [row(0, told), *good()[1:]]).passed


def test_always_refusing_fails(judged):
    shy = {"evidence": 0.0, "wrongly_refused": 1.0, "language": 1.0}
    verdict = judged(good(), [row(n, shy, refused()) for n in range(10)])
    assert [f.measure for f in verdict.falls] == ["evidence", "wrongly_refused"]


def test_one_crash_fails(judged):
    verdict = judged(good(), [failed(good()[0]), *good()[1:]])
    assert kinds(verdict) == [("error", None, "ko")]
    assert verdict.lines()[1] == "fall: ko: 1 question without an answer or without scores (q0)"


def test_a_run_of_crashes_fails(judged):
    assert kinds(judged(good(), [failed(r) for r in good()])) == [("error", None, "ko")]


def test_an_answer_without_any_score_fails(judged):
    assert not judged(good(), [row(0, {}), *good()[1:]]).passed


@pytest.mark.parametrize("measure", ["pages", "evidence", "language"])
def test_a_score_that_could_not_be_judged_fails(judged, measure):
    verdict = judged(good(), with_scores(good(), 0, **{measure: None}))
    assert kinds(verdict) == [("unscored", measure, "ko")]
    assert "could not be judged 0 -> 1 of 10 questions (q0)" in verdict.lines()[1]


@pytest.mark.parametrize("measure", ["pages", "evidence"])
def test_a_score_that_is_gone_from_an_answer_fails(judged, measure):
    told = {name: score for name, score in GOOD.items() if name != measure}
    assert kinds(judged(good(), [row(0, told), *good()[1:]])) == [("unscored", measure, "ko")]


def test_what_could_not_be_judged_before_may_stay_so(judged):
    rows = with_scores(good(), 0, pages=None)
    assert judged(rows, rows).passed


def test_stances_that_nobody_labelled_fail_only_beyond_chance(judged):
    rows = with_scores(good(), *range(10), stance=1.0)
    assert judged(rows, with_scores(rows, 0, 1, stance=None)).passed
    verdict = judged(rows, with_scores(rows, *range(6), stance=None))
    assert kinds(verdict) == [("unscored", "stance", "ko")]
    assert "judged 1.000 -> 0.400 of 10 questions, p = 0.016" in verdict.lines()[1]


def test_questions_that_were_not_asked_fail_and_are_named(judged):
    verdict = judged(good(), good(8))
    assert kinds(verdict) == [("missing", None, None)]
    assert verdict.lines()[1] == "fall: 2 questions of the baseline not asked (q8, q9)"


def test_questions_that_the_baseline_lacks_are_counted(judged):
    verdict = judged(good(8), [*good(8), row(8, {"pages": 0.0}), failed(row(9, {}))], half="all")
    assert verdict.passed
    assert (verdict.n, verdict.ignored) == (8, 2)
    assert "2 that it lacks left out" in verdict.lines()[0]


def test_another_set_is_an_error_that_tells_how_to_renew(judged):
    with pytest.raises(InputError, match=r"citebrief eval gate runs/new --renew .*baseline\.json"):
        judged(good(), good(), sha256="0" * 64)


def test_halves_without_a_common_question_are_an_error(judged):
    others = [r.model_copy(update={"id": f"t{r.id}"}) for r in good()]
    with pytest.raises(InputError, match="no question in common"):
        judged(good(), others, half="test")


def test_questions_of_a_test_half_are_counted_and_not_named(judged):
    rows = [*good(5), *(r.model_copy(update={"half": "test"}) for r in good()[5:])]
    verdict = judged(rows, with_scores(rows, 1, 7, 8, pages=0.0))
    (fall,) = verdict.falls
    assert (fall.questions, fall.sealed) == (("q1",), 2)
    assert verdict.lines()[1].endswith("(q1, 2 of the test half)")


def test_the_baseline_is_small_and_holds_no_text(tmp_path):
    path = tmp_path / "eval" / "baseline.json"
    extra = with_scores(good(), 0, latency_ms=12.3, evidence=2 / 3)
    write_baseline(run(extra, git={"commit": "abc", "changed": False}), path)
    text = path.read_text(encoding="utf-8")
    assert "SECRET" not in text
    assert FIRST not in text
    plain = json.loads(text)
    assert plain.pop("questions")["q0"] == {**GOOD, "evidence": 0.6667}
    assert plain == {
        "format": 1,
        "set": {"name": "brief", "sha256": SHA, "half": "dev"},
        "engine": "extractive",
        "commit": "abc",
        "date": "2026-11-20T10:00:00",
    }
    assert sum(line.startswith('  "q') for line in text.splitlines()) == 10  # a line a question


def test_a_run_with_a_crash_makes_no_baseline(tmp_path):
    with pytest.raises(InputError, match=r"no baseline: 1 question got no answer .*\(q0\)"):
        write_baseline(run([failed(good()[0]), *good()[1:]]), tmp_path / "b.json")


def test_a_run_folder_serves_as_the_baseline(tmp_path):
    before = run(good())
    writer = Writer(tmp_path / "old", before.manifest)
    writer.finish(before.rows)
    assert gate(read_run(tmp_path / "old"), tmp_path / "old").passed
    worse = run(with_scores(good(), 0, pages=0.0))
    assert not gate(worse, tmp_path / "old").passed
    with pytest.raises(InputError, match="Ask both the same set"):
        gate(run(good(), sha256="0" * 64), tmp_path / "old")


def test_a_missing_baseline_is_an_error_that_tells_how_to_write_it(tmp_path):
    with pytest.raises(InputError, match="No baseline at .*--renew"):
        gate(run(good()), tmp_path / "none.json")


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2}'])
def test_a_broken_baseline_is_an_error_that_names_the_file(tmp_path, text):
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"broken\.json: .* Write it anew with"):
        gate(run(good()), path)


def test_a_baseline_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_baseline(run(good()), tmp_path / "file" / "b.json")


def test_the_verdict_is_plain_json(judged):
    plain = judged(good(), with_scores(good(), 0, pages=0.0)).to_json()
    again = json.loads(json.dumps(plain))
    assert (again["passed"], again["n"]) == (False, 10)
    assert again["falls"][0]["measure"] == "pages"
    assert again["lines"][0].startswith("gate failed")
