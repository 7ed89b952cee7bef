"""`citebrief eval` on sets: check, draft, schema, mutations."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from fakes import contains, write_lines
from typer.testing import CliRunner

from eval import cli, conduct


@pytest.fixture(autouse=True)
def checker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checker of claims has tests of its own; here it looks for the words."""
    monkeypatch.setattr(conduct, "checker", lambda: contains)


def invoke(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [*map(str, words)])


LIBRARY_TEXT = (
    "# Ports\n\nThe port of Busan will be expanded by 2030 at a cost of 3 trillion won. "
    "The government bears half of the cost and private companies take on the rest.\n\n"
    "## Nature\n\n350 hectares of tidal flats were made a protected area in 2024.\n"
)


def question(**changes: Any) -> dict[str, Any]:
    """A line about the library of one English document."""
    given = {
        "id": "p1",
        "lang": "en",
        "kind": "number",
        "question": "How many hectares of mud flats are protected?",
        "document": "ports",
        "quotes": [["350 hectares of tidal flats"]],
        "nuggets": [{"text": "350", "vital": True, "ko": ["350헥타르"], "en": ["350 hectares"]}],
    }
    return {**given, **changes}


@pytest.fixture
def ports(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "ports.md").write_text(LIBRARY_TEXT, encoding="utf-8")
    return folder


def test_check_tells_every_fault_and_ends_in_2(ports: Path, tmp_path: Path) -> None:
    good = write_lines(tmp_path / "good.jsonl", [question()])
    fine = invoke("check", good, "--library", ports)
    assert fine.exit_code == 0, fine.stderr
    assert "0 errors" in fine.stdout
    lines = [question(lang="fr"), question(id="p2", quotes=[["no such words at all"]])]
    bad = write_lines(tmp_path / "bad.jsonl", lines)
    faulty = invoke("check", bad, "--library", ports)
    assert faulty.exit_code == 2
    assert "line 1: lang" in faulty.stderr
    assert "line 2: quotes" in faulty.stderr
    assert "2 errors" in faulty.stdout
    plain = invoke("check", bad, "--library", ports, "--json")
    assert plain.exit_code == 2
    assert len(json.loads(plain.stdout)["errors"]) == 2


def test_a_draft_goes_to_the_screen_or_into_a_new_file(ports: Path, tmp_path: Path) -> None:
    shown = invoke("draft", ports / "ports.md", "--questions", 4)
    assert shown.exit_code == 0, shown.stderr
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert 1 <= len(lines) <= 4
    assert "TODO" in shown.stdout
    out = tmp_path / "draft.jsonl"
    written = invoke("draft", ports / "ports.md", "--questions", 4, "--out", out)
    assert written.exit_code == 0
    assert out.read_text(encoding="utf-8") == shown.stdout
    assert "citebrief eval check" in " ".join(written.stderr.split())
    again = invoke("draft", ports / "ports.md", "--out", out)
    assert again.exit_code == 2
    assert "exists" in again.stderr
    assert invoke("check", out, "--library", ports).exit_code == 2  # there is a TODO in it


CLAIM: dict[str, Any] = {
    "id": "r1",
    "half": "dev",
    "document": "brief",
    "lang": "ko",
    "claim": "1,830억 달러",
    "evidence": ["s039"],
    "label": "supported",
    "kind": "verbatim",
}


def test_mutations_print_what_a_checker_caught_and_doubted(tmp_path: Path) -> None:
    wrong = {"label": "unsupported", "kind": "number", "of": "r1"}
    claims = [
        CLAIM,
        {**CLAIM, **wrong, "id": "w1", "claim": "9,999억 달러"},
        {**CLAIM, **wrong, "id": "w2", "claim": "179억 달러"},  # which stands there as well
    ]
    path = write_lines(tmp_path / "claims.jsonl", claims)
    shown = invoke("mutations", "--set", path, "--show-failures")
    assert shown.exit_code == 0, shown.stderr
    assert "share caught" in shown.stdout
    assert "w2 number believed: 179억 달러" in shown.stdout
    assert "w1" not in shown.stdout
    sealed = [{**claim, "half": "test"} for claim in claims]
    write_lines(path, sealed)
    both = invoke("mutations", "--set", path, "--half", "all", "--show-failures")
    assert both.exit_code == 0
    assert "w2" not in both.stdout
    write_lines(path, claims)
    found = json.loads(invoke("mutations", "--set", path, "--json").stdout)
    values = {(s["kind"], s["measure"]): s["value"] for s in found if s["across"] is None}
    assert values["number", "caught"] == 0.5
    assert values["all right", "false_alarms"] == 0.0


def test_the_schema_is_json_of_a_line() -> None:
    done = invoke("schema")
    assert done.exit_code == 0
    assert "question" in json.loads(done.stdout)["properties"]
