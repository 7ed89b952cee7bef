"""`citebrief eval` through a real client over a fake engine: what is printed, written, refused."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from fakes import (
    ANSWERS,
    FIRST,
    LINES,
    SECOND,
    FakeEngine,
    Reply,
    answered,
    contains,
    line,
    write_lines,
)
from typer.testing import CliRunner

from assistant.errors import InputError
from assistant.settings import Settings
from eval import cli, conduct
from eval.run import Engine
from eval.runs import read_run
from eval.samples import DOCUMENTS, LIBRARY

SOUND: dict[str, Reply] = {
    **ANSWERS,
    "full": answered(FIRST, SECOND),
    "crash": answered(FIRST, SECOND),
    "shy": answered(FIRST, SECOND),
}
WORSE = {**SOUND, "full": replace(SOUND["full"], answer=f"{FIRST} {SECOND}")}  # without markers
COMMANDS = ["run", "report", "compare", "gate", "check", "draft", "schema", "mutations"]


@pytest.fixture(autouse=True)
def checker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checker of claims has tests of its own; here it looks for the words."""
    monkeypatch.setattr(conduct, "checker", lambda: contains)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "set.jsonl", LINES)


@dataclass
class Opener:
    """Opens a fake engine of each name and keeps what it was asked for."""

    answers: Mapping[str, Reply]
    opened: list[tuple[str, Settings]] = field(default_factory=list)
    engines: dict[str, FakeEngine] = field(default_factory=dict)

    def __call__(self, name: str, settings: Settings, progress: Any) -> Engine:
        if name == "unknown":
            raise InputError("No engine 'unknown'. Expected one of auto.")
        self.opened.append((name, settings))
        progress("reading", 1, 1)
        self.engines[name] = FakeEngine(self.answers)
        return self.engines[name]


def invoke(*words: object, answers: Mapping[str, Reply] = ANSWERS, obj: Any = None) -> Result:
    return CliRunner().invoke(cli.app, [*map(str, words)], obj=obj or Opener(answers))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_run_prints_figures_per_language_and_the_failures_of_dev(path: Path) -> None:
    shown = invoke("run", "--set", path, "--half", "all", "--show-failures")
    assert shown.exit_code == 0
    for words in ("Means per language and kind", "evidence recall", "refusal F1", "missed"):
        assert words in shown.stdout
    assert "1 of 7 questions ended in an error" in shown.stdout
    assert f"evidence missed: {SECOND}" in shown.stdout
    assert "error: RuntimeError: boom" in shown.stdout
    assert "after: earlier?" in shown.stdout
    assert f"{FIRST} [1]" in shown.stdout  # markers are not eaten as markup
    assert "questions: auto" in shown.stderr


def test_brackets_in_an_answer_are_no_markup(path: Path) -> None:
    odd = {**ANSWERS, "part": replace(answered(FIRST), answer=f"[bold]{FIRST}[/nonsense] [1]")}
    shown = invoke("run", "--set", path, "--show-failures", answers=odd)
    assert shown.exit_code == 0
    assert f"[bold]{FIRST}[/nonsense] [1]" in shown.stdout


def test_the_half_is_dev_unless_told(path: Path) -> None:
    opener = Opener(ANSWERS)
    found = json.loads(invoke("run", "--set", path, "--json", obj=opener).stdout)
    assert found["n"] == len(LINES) - 1
    assert "quiet" not in [id for _, _, id in opener.engines["auto"].asked]
    assert [name for name, _ in opener.opened] == ["auto"]


def test_a_run_as_json_has_figures_targets_and_failures_where_asked(path: Path) -> None:
    found = json.loads(invoke("run", "--set", path, "--json", "--show-failures").stdout)
    assert found["errors"] == 1
    assert found["targets"]["evidence"] == 0.95
    assert found["headlines"]["ko"]["evidence"]["n"] == 3
    assert [row["id"] for row in found["failures"]] == ["part", "shy", "crash", "leak", "en"]
    assert "failures" not in json.loads(invoke("run", "--set", path, "--json").stdout)


def test_failures_of_the_test_half_are_never_shown(path: Path) -> None:
    opener = Opener(ANSWERS)
    sealed = invoke("run", "--set", path, "--half", "test", "--show-failures", obj=opener)
    assert sealed.exit_code == 2
    assert "looking at the test half spends it" in sealed.stderr
    assert opener.opened == []
    wrong = {**ANSWERS, "quiet": replace(answered(SECOND, language="en"), answer="A secret. [1]")}
    for words in ((), ("--json",)):
        mixed = invoke(
            "run", "--set", path, "--half", "all", "--show-failures", *words, answers=wrong
        )
        assert mixed.exit_code == 0
        assert "secret" not in mixed.stdout
        assert "quiet" not in mixed.stdout


def test_a_run_is_written_and_goes_on_where_it_stopped(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    words = ("run", "--set", path, "--half", "all", "--out", out, "--json")
    assert invoke(*words).exit_code == 0
    rows = (out / "rows.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    assert [json.loads(row)["id"] for row in rows] == [x["id"] for x in LINES]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["set"]["half"] == "all"
    assert (manifest["engine"], manifest["index"]["embedder"]) == ("auto", "fake")
    assert {"started", "finished", "settings", "versions", "git"} <= set(manifest)
    (out / "rows.jsonl").write_text("".join(rows[:5]) + rows[5][:40], encoding="utf-8")
    opener = Opener(ANSWERS)
    again = invoke(*words, obj=opener)
    assert again.exit_code == 0
    assert [id for _, _, id in opener.engines["auto"].asked] == ["en", "quiet"]
    assert json.loads(again.stdout)["n"] == len(LINES)
    other = invoke("run", "--set", path, "--half", "dev", "--out", out)
    assert other.exit_code == 2
    assert "another set" in other.stderr


def test_a_written_run_says_how_to_read_it(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert f"citebrief eval report {out}" in flat(
        invoke("run", "--set", path, "--out", out).stderr
    ).replace("- ", "-")


def test_baselines_are_asked_the_same_and_compared(path: Path, tmp_path: Path) -> None:
    opener, out = Opener(ANSWERS), tmp_path / "out"
    words = ("run", "--set", path, "--baseline", "dense", "--baseline", "whitespace-bm25")
    shown = invoke(*words, "--out", out, obj=opener)
    assert shown.exit_code == 0
    assert [name for name, _ in opener.opened] == ["auto", "dense", "whitespace-bm25"]
    asked = [engine.asked for engine in opener.engines.values()]
    assert asked[0] == asked[1] == asked[2]
    assert "auto beside dense" in shown.stdout
    assert "auto beside whitespace-bm25" in shown.stdout
    assert read_run(out / "dense").manifest["engine"] == "dense"
    assert read_run(out).manifest["engine"] == "auto"
    found = json.loads(invoke(*words, "--json").stdout)
    assert found["baselines"].keys() == {"dense", "whitespace-bm25"}
    assert found["baselines"]["dense"]["n"] == found["n"]


def test_several_jobs_ask_the_same(path: Path) -> None:
    found = json.loads(invoke("run", "--set", path, "--half", "all", "--jobs", 4, "--json").stdout)
    assert (found["n"], found["errors"]) == (len(LINES), 1)


def test_a_run_fails_below_its_floors(path: Path, tmp_path: Path) -> None:
    floors = tmp_path / "gate.json"
    floors.write_text('{"en": {"evidence": 0.9}}', encoding="utf-8")
    words = ("run", "--set", path, "--gate", floors)
    below = invoke(*words, answers=SOUND)
    assert below.exit_code == 1
    assert "gate: en evidence recall: 0.500; expected at least 0.900" in below.stderr
    floors.write_text('{"en": {"evidence": 0.5}}', encoding="utf-8")
    assert invoke(*words, answers=SOUND).exit_code == 0
    assert invoke(*words, answers=ANSWERS).exit_code == 1  # a question ended in an error
    floors.write_text('{"en": {"beauty": 0.5}}', encoding="utf-8")
    wrong = invoke(*words)
    assert wrong.exit_code == 2
    assert "en.beauty" in wrong.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--set", "nowhere"], "brief, "),
        (["run", "--set", "documents", "--half", "all"], "--half dev or test"),
        (["run", "--half", "train"], "train"),
        (["run", "--jobs", "0"], "--jobs"),
        (["run", "--engine", "unknown"], "No engine 'unknown'"),
        (["run", "--judge", "openai:x", "--judge-prices", "cheap"], "0.25/2.00"),
        (["run", "--judge", "openai:x", "--judge-prices", "1"], "0.25/2.00"),
        (["report", "no-run"], "holds no run"),
        (["compare", "no-run", "none"], "holds no run"),
        (["gate", "no-run", "--against", "x.json"], "holds no run"),
        (["check", "nowhere"], "No question set 'nowhere'"),
        (["draft", "nowhere.md"], "nowhere.md"),
        (["mutations", "--half", "test", "--show-failures"], "spends it"),
        (["mutations", "--set", "nowhere"], "No question set 'nowhere'"),
    ],
)
def test_bad_usage_ends_in_2_with_what_was_expected(words: list[str], said: str) -> None:
    done = invoke(*words)
    assert done.exit_code == 2, done.stdout
    assert said in re.sub(r"\s*│\s*", " ", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command: str) -> None:
    done = invoke(command, "--help")
    assert done.exit_code == 0
    assert "Usage" in done.stdout


def test_help_names_every_command() -> None:
    shown = invoke("--help").stdout
    assert all(f" {command} " in shown for command in COMMANDS)


@pytest.mark.parametrize(
    ("words", "library"),
    [
        (["--set", "other"], LIBRARY),
        (["--set", "documents", "--half", "dev"], DOCUMENTS / "dev"),
        (["--set", "documents", "--half", "test"], DOCUMENTS / "test"),
        (["--set", "brief"], Settings().library),
    ],
)
def test_a_shipped_set_opens_the_library_that_it_asks_about(
    words: list[str], library: Path
) -> None:
    opener = Opener({})
    done = invoke("run", *words, obj=opener)
    assert opener.opened[0][1].library == library
    assert done.exit_code == 2  # the fake holds two sentences only


@pytest.fixture
def runs(path: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The folders of a good run and of a worse one."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    for folder, answers in ((good, SOUND), (bad, WORSE)):
        done = invoke("run", "--set", path, "--half", "all", "--out", folder, answers=answers)
        assert done.exit_code == 0, done.stderr
    return good, bad


def test_a_report_is_written_into_the_run_or_where_told(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    done = invoke("report", runs[0])
    assert done.exit_code == 0
    page = runs[0] / "report.html"
    assert done.stdout.replace("\n", "") == str(page)
    assert FIRST in page.read_text(encoding="utf-8")
    elsewhere = tmp_path / "elsewhere.html"
    assert invoke("report", runs[0], "--out", elsewhere, "--lang", "ko").exit_code == 0
    assert elsewhere.read_text(encoding="utf-8").startswith("<!")
    wrong = invoke("report", runs[0], "--lang", "fr")
    assert wrong.exit_code == 2
    assert "expected ko or en" in wrong.stderr


def test_a_report_shows_the_test_half_only_where_told(
    path: Path, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    invoke("report", runs[0], "--out", page)
    assert "quiet?" not in page.read_text(encoding="utf-8")
    invoke("report", runs[0], "--out", page, "--show-test")
    assert "quiet?" in page.read_text(encoding="utf-8")


def test_two_runs_are_compared_in_the_terminal_as_json_and_as_a_page(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    page = tmp_path / "compared.html"
    shown = invoke("compare", *runs, "--out", page)
    assert shown.exit_code == 0
    assert "full" in shown.stdout
    assert page.read_text(encoding="utf-8").startswith("<!")
    assert isinstance(json.loads(invoke("compare", *runs, "--json").stdout), dict)


def test_the_gate_closes_on_a_run_that_breaks_a_promise(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    good, bad = runs
    baseline = tmp_path / "baseline.json"
    renewed = invoke("gate", good, "--renew", baseline)
    assert renewed.exit_code == 0
    assert "7 questions" in renewed.stdout
    assert invoke("gate", good, "--against", baseline).exit_code == 0
    assert invoke("gate", good, "--against", good).exit_code == 0
    closed = invoke("gate", bad, "--against", baseline)
    assert closed.exit_code == 1
    assert "markers" in closed.stdout
    plain = invoke("gate", bad, "--against", baseline, "--json")
    assert plain.exit_code == 1
    assert json.loads(plain.stdout)["passed"] is False


def test_the_gate_takes_one_of_against_and_renew(runs: tuple[Path, Path], tmp_path: Path) -> None:
    for words in ((), ("--against", tmp_path / "a", "--renew", tmp_path / "b")):
        done = invoke("gate", runs[0], *words)
        assert done.exit_code == 2
        assert "either --against BASELINE or --renew BASELINE" in done.stderr


def test_a_second_judge_is_asked_and_shown(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = {"n": 3, "unscored": 1, "observed": 1.0, "kappa": None}
    opinion = {
        "judge": "fake:model",
        "agreement": {"sentences, our checker": agreed},
        "usage": {"calls": 4, "input_tokens": 10, "output_tokens": 2, "cost": None},
    }
    opened: list[tuple[object, ...]] = []
    monkeypatch.setattr(conduct, "open_judge", lambda *given: opened.append(given) or "judge")
    monkeypatch.setattr(conduct, "second_opinion", lambda judge, rows, jobs: opinion)
    shown = invoke("run", "--set", path, "--judge", "fake:model")
    assert shown.exit_code == 0
    assert "Second judge: fake:model" in shown.stdout
    assert "cost unknown (give --judge-prices)" in shown.stdout
    assert opened == [("fake:model", None, None)]
    found = json.loads(invoke("run", "--set", path, "--judge", "fake:model", "--json").stdout)
    assert found["judge"] == opinion


def test_no_judge_is_asked_unless_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conduct, "open_judge", lambda *given: pytest.fail("a judge was opened"))
    assert invoke("run", "--set", path).exit_code == 0


def test_a_draft_that_is_not_filled_in_is_not_asked(tmp_path: Path) -> None:
    unwritten = line("todo", "en", "number", question="TODO: ask for the number.")
    path = write_lines(tmp_path / "draft.jsonl", [line("full", "ko", "number"), unwritten])
    done = invoke("run", "--set", path)
    assert done.exit_code == 2
    assert "has questions still to be written: 1, the first is 'todo'" in done.stderr
    assert f"citebrief eval check {path}" in done.stderr
