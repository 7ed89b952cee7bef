"""`citebrief check`: one text, or a batch that survives its bad lines."""

import json

import pytest
from typer.testing import CliRunner

from assistant import cli
from assistant.check_types import CheckedStatement, TextCheck
from assistant.errors import InputError

pytestmark = pytest.mark.usefixtures("nothing_set")


class FakeAssistant:
    """Supports everything but bananas; is told to fail by "fault"."""

    def __init__(self):
        self.asked = []

    def check(self, text, lang="auto", documents=None):
        self.asked.append((text, lang, documents))
        if "fault" in text:
            raise RuntimeError("secret")
        if not text.strip():
            raise InputError("The text is empty; paste at least one sentence.")
        verdict = "not_in_document" if "바나나" in text else "supported"
        language = "en" if lang == "en" else "ko"
        return TextCheck(text, language, (CheckedStatement(text, 0, len(text), verdict),))


def run(*args, assistant=None, stdin=None):
    fake = assistant or FakeAssistant()
    return CliRunner().invoke(cli.cli, list(args), input=stdin, obj=lambda settings, progress: fake)


def test_a_file_is_checked_and_shown_in_its_language(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("\ufeff트럼프가 이겼다.", encoding="utf-8")
    result = run("check", str(file))
    assert result.exit_code == 0
    assert "확인됨" in result.stdout
    assert "문장 1개 중 확인됨 1개" in result.stdout


def test_standard_input_and_json():
    assistant = FakeAssistant()
    result = run(
        "check", "-", "--json", "--document", "brief", assistant=assistant, stdin="바나나다."
    )
    found = json.loads(result.stdout)
    assert found["verdict"] == "not_in_document"
    assert found["sentences"][0]["char_end"] == 5
    assert assistant.asked == [("바나나다.", "auto", ["brief"])]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["check"], "There is no text"),
        (["check", "nowhere.txt"], "does not exist"),
        (["check", "."], "is a folder"),
        (["check", "x", "--batch", "in.jsonl"], "leave one out"),
        (["check", "--batch", "in.jsonl"], "needs --out"),
        (["check", "--out", "out.jsonl"], "needs a batch"),
    ],
)
def test_bad_usage_says_what_was_wrong(args, told):
    result = run(*args)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    file = tmp_path / "text.txt"
    file.write_bytes("한글".encode("cp949"))
    result = run("check", str(file))
    assert result.exit_code == 2
    assert "UTF-8" in result.stderr


def test_a_batch_gives_one_line_for_each_in_order_and_bad_lines_name_line_and_field(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [
        '{"id": "a", "text": "트럼프가 이겼다."}',
        "",
        '{"id": "b"}',
        '{"id": "c", "text": " "}',
        "nonsense",
        '{"id": "d", "text": "It is.", "lang": "fr"}',
        '{"id": "e", "text": "바나나다.", "documents": ["brief"]}',
    ]
    source.write_text("\n".join(lines), encoding="utf-8")
    result = run("check", "--batch", str(source), "--out", str(target))
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["a", "b", "c", None, "d", "e"]
    assert [row["verdict"] for row in rows] == [
        *("supported", "error", "error", "error", "error"),
        "not_in_document",
    ]
    assert list(rows[0])[:4] == ["id", "text", "verdict", "citations"]
    assert rows[1]["error"].startswith("line 3, field text:")
    assert rows[2]["error"].startswith("line 4, field text:")
    assert rows[4]["error"].startswith("line 6, field lang:")
    assert result.exit_code == 2
    assert "1 supported" in result.stderr


def test_a_fault_of_ours_is_told_without_its_inside_and_the_rest_goes_on(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "a", "text": "fault"}\n{"id": "b", "text": "맞다."}\n', "utf-8")
    result = run("check", "--batch", str(source), "--out", str(target))
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["verdict"] for row in rows] == ["error", "supported"]
    assert "secret" not in target.read_text(encoding="utf-8")
    assert result.exit_code == 1
