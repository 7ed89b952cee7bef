"""`citebrief export`, `verify` and `ask --receipt`: files out, files in, and exit codes."""

import json

import pytest
from brief_replies import ASKED
from typer.testing import CliRunner

from assistant.answer import Assistant
from assistant.cli import cli


@pytest.fixture
def run(nothing_set, brief_index):
    def command(*arguments, opened=None, stdin=None):
        opens = opened or (lambda settings, progress: Assistant(brief_index))
        return CliRunner().invoke(cli, list(arguments), obj=opens, input=stdin)

    return command


def test_a_receipt_is_written_beside_the_answer_and_confirmed(run, tmp_path):
    done = run("ask", ASKED["ko"], "--receipt", "r.json", "--history", "그 전은?")
    assert done.exit_code == 0
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["items"][0]["history"] == [
        "그 전은?"
    ]
    done = run("verify", "r.json")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1].startswith("Confirmed: ")
    assert "✓ Question 1, sentence 1: " in done.stdout


def test_an_altered_receipt_ends_with_1(run, tmp_path):
    run("ask", ASKED["ko"], "--receipt", "r.json")
    plain = json.loads((tmp_path / "r.json").read_text("utf-8"))
    plain["items"][0]["sentences"][0]["stance"] = "forecast"
    done = run("verify", "-", "--json", stdin=json.dumps(plain))
    assert done.exit_code == 1
    assert json.loads(done.stdout)["state"] == "broken"


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.docx", "a.json"])
def test_the_answer_of_ask_json_is_taken_away(run, tmp_path, name):
    (tmp_path / "answer.json").write_text(run("ask", ASKED["en"], "--json").stdout, "utf-8")
    done = run("export", "answer.json", "--out", name)
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / name).stat().st_size > 300
    if name == "a.json":
        assert run("verify", name).exit_code == 0
    if name == "a.md":
        assert "## Question 1. " in (tmp_path / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "none.json"], "none.json cannot be read"),
        (["verify", "bad.json"], "bad.json: not JSON"),
        (["verify", "other.json"], 'receipt: null; expected "citebrief/1"'),
        (["export", "other.json", "--out", "a.exe"], "--out a.exe"),
        (["export", "other.json", "--out", "a.md"], "turns: expected"),
        (["ask", "--batch", "a", "--out", "b", "--receipt", "c"], "--receipt c"),
    ],
)
def test_wrong_input_is_told_before_a_library_is_opened(run, tmp_path, arguments, message):
    (tmp_path / "bad.json").write_bytes(b"\xff{")
    (tmp_path / "other.json").write_text("{}")
    done = run(*arguments, opened=pytest.fail)
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_file_that_cannot_be_written_is_told(run):
    done = run("ask", ASKED["ko"], "--receipt", "missing/r.json")
    assert done.exit_code == 2
    assert "missing/r.json cannot be written" in done.stderr
