"""The commands for feedback, as they are typed."""

import json

import pytest
from talk_samples import QUESTION, turn
from typer.testing import CliRunner

from assistant import cli
from assistant.conversation import Rating
from assistant.feedback import keep
from eval.samples import load
from index.record.library import Library


@pytest.fixture
def run(nothing_set, monkeypatch, tmp_path):
    """A function that runs `citebrief` with these words, over two rated answers."""
    url = f"sqlite:///{tmp_path / 'citebrief.db'}"
    monkeypatch.setenv("CITEBRIEF_DATABASE", url)
    with Library.open(url) as record:
        keep(record, turn(1), Rating("up"))
        keep(record, turn(2), Rating("down", ("incomplete",), "비용이 없다"))
    return lambda *words: CliRunner().invoke(cli.cli, [str(word) for word in words])


def test_an_export_is_a_set_of_questions(run, tmp_path):
    out = tmp_path / "set.jsonl"
    result = run("feedback", "export", "--out", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "2 rated answers" in result.stderr
    assert sorted(len(sample.review) for sample in load(out)) == [0, 1]


def test_an_export_goes_to_standard_output_too(run):
    (line,) = run("feedback", "export", "--thumb", "down").stdout.splitlines()
    assert json.loads(line)["review"] == ["incomplete"]
    assert run("feedback", "export", "--since", "2999-01-01").stdout == ""


def test_feedback_is_listed_with_how_often_each_reason_was_given(run):
    result = run("feedback", "list")
    assert f"{QUESTION}  (incomplete: 비용이 없다)" in result.stdout
    assert "1 up, 1 down, incomplete 1." in result.stderr
    told = json.loads(run("feedback", "list", "--json").stdout)
    assert [one["rating"]["thumb"] for one in told["feedback"]].count("up") == 1
    assert told["reasons"]["incomplete"] == 1


def test_a_day_that_is_none_and_a_file_that_cannot_be_written_are_told(run, tmp_path):
    assert "2026-11-23" in run("feedback", "list", "--since", "yesterday").stderr
    result = run("feedback", "export", "--out", tmp_path)
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_without_a_record_there_is_no_feedback(run, monkeypatch, tmp_path):
    monkeypatch.setenv("CITEBRIEF_DATABASE", f"sqlite:///{tmp_path / 'none.db'}")
    assert "0 rated answers" in run("feedback", "export").stderr
    assert not (tmp_path / "none.db").exists()
