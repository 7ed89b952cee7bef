import json
import logging
import sys
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from assistant import cli
from assistant.errors import AssistantError, InputError
from assistant.query import clean
from assistant.types import Answer

pytestmark = pytest.mark.usefixtures("nothing_set")


class FakeAssistant:
    """Answers every question but one; may be told to fail."""

    def __init__(self, failure=None):
        self.failure = failure
        self.asked = []

    def ask(self, question, history=(), *, lang="auto", engine="auto", id="", documents=None):
        self.asked.append((question, tuple(history), lang))
        self.documents = documents
        clean(question)
        if self.failure:
            raise self.failure
        language = "ko" if lang == "auto" else lang
        if "바나나" in question:
            return Answer(id, question, language, "not_in_document", "문서에는 없습니다.")
        return Answer(id, question, language, "answered", "열 배까지 올라갔다. [1]")


def run(*args, assistant=None, opened=None, stdin=None):
    fake = assistant or FakeAssistant()
    return CliRunner().invoke(
        cli.cli, list(args), input=stdin, obj=opened or (lambda settings, progress: fake)
    )


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_the_engine_llm_without_a_model_is_refused_before_the_library_is_opened(more):
    result = run("ask", "왜?", "--engine", "llm", *more, opened=pytest.fail)
    assert result.exit_code == 2
    assert "CITEBRIEF_LLM" in result.stderr
    assert "provider:model" in result.stderr
    if more:
        found = json.loads(result.stdout)
        assert (found["status"], found["language"]) == ("error", "ko")
        assert "CITEBRIEF_LLM" in found["error"]


def test_an_answer_that_is_not_in_the_document_is_no_error():
    result = run("ask", "바나나 값은?")
    assert result.exit_code == 0
    assert "문서에는 없습니다." in result.stdout


def test_json_is_one_document_and_nothing_else_on_stdout():
    result = run("ask", "얼마인가?", "--json")
    found = json.loads(result.stdout)
    assert found["status"] == "answered"
    assert "열 배까지" in result.stdout  # as letters, not as escapes


def test_earlier_questions_and_the_language_reach_the_assistant_in_order():
    assistant = FakeAssistant()
    run(
        "ask",
        "그럼?",
        "--history",
        "첫째",
        "--history",
        "둘째",
        "--lang",
        "en",
        assistant=assistant,
    )
    assert assistant.asked == [("그럼?", ("첫째", "둘째"), "en")]


def test_a_dash_reads_the_question_from_standard_input():
    assistant = FakeAssistant()
    run("ask", "-", stdin="방위비는?\n", assistant=assistant)
    assert assistant.asked[0][0].strip() == "방위비는?"


def test_bytes_of_an_argument_that_are_no_text_do_not_end_in_a_crash():
    result = run("ask", "왜 \udcff?", "--json")
    assert json.loads(result.stdout)["question"] == "왜 \N{REPLACEMENT CHARACTER}?"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["ask"], "There is no question. Expected: citebrief ask"),
        (["ask", ""], "The question is empty"),
        (["ask", "가" * 100_000], "The question has 100,000 characters"),
        (["ask", "왜?", "--engine", "llm"], "choose auto or extractive"),
        (["ask", "왜?", "--out", "o.jsonl"], "--out o.jsonl needs a batch"),
        (["ask", "--batch", "i.jsonl"], "--batch i.jsonl needs --out"),
        (["ask", "왜?", "--batch", "i.jsonl", "--out", "o.jsonl"], "leave one out"),
        (["ask", "--history", "왜?", "--batch", "-", "--out", "-"], "each line has its own"),
        (["ask", "--batch", "no.jsonl", "--out", "o.jsonl"], "no.jsonl does not exist"),
        (["ask", "--batch", ".", "--out", "o.jsonl"], ". is a folder"),
        (["ask", "--batch", "-", "--out", "no/o.jsonl"], "the folder no does not exist"),
        (["ask", "왜?", "--lang", "fr"], "fr"),
        (["serve", "--port", "0"], "--port 0: expected a number from 1 to 65535"),
        (["asks"], "Did you mean 'ask'?"),
    ],
)
def test_bad_usage_or_input_is_told_on_stderr_with_exit_code_2(args, words):
    result = run(*args)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_a_setting_that_is_wrong_is_named(monkeypatch):
    monkeypatch.setenv("CITEBRIEF_PORT", "칠천")
    result = run("ask", "왜?")
    assert result.exit_code == 2
    assert "CITEBRIEF_PORT='칠천'" in result.stderr


@pytest.mark.parametrize(("failure", "code"), [(InputError, 2), (AssistantError, 1)])
def test_a_failure_with_a_message_is_shown_by_it_alone(failure, code):
    result = run("ask", "왜?", assistant=FakeAssistant(failure("The index is gone. Build it.")))
    assert (result.exit_code, result.stderr) == (code, "The index is gone. Build it.\n")


@pytest.mark.parametrize(
    ("question", "words"),
    [("왜 그런가?", "내부 오류가 생겨"), ("Why is that?", "Something went wrong inside")],
)
def test_a_fault_shows_one_fixed_sentence_in_the_language_of_the_question(question, words):
    result = run("ask", question, assistant=FakeAssistant(KeyError("internal detail")))
    assert result.exit_code == 1
    assert words in result.stderr
    assert "CITEBRIEF_LOG_LEVEL=debug" in result.stderr
    assert "internal detail" not in result.output
    assert "Traceback" not in result.output


def test_a_fault_is_logged_in_full_under_the_request_id_that_is_shown(monkeypatch, caplog):
    monkeypatch.setenv("CITEBRIEF_LOG_LEVEL", "debug")
    result = run("ask", "Why?", assistant=FakeAssistant(KeyError("internal detail")))
    records = [r for r in caplog.records if r.exc_info and "internal detail" in str(r.exc_info[1])]
    logging.getLogger("assistant").setLevel(logging.NOTSET)
    assert len(records) == 1
    assert records[0].args[0] in result.stderr


@pytest.mark.parametrize("failure", [KeyError("internal detail"), InputError("Too strange.")])
def test_with_json_an_error_is_json_too(failure):
    result = run("ask", "왜?", "--json", assistant=FakeAssistant(failure))
    found = json.loads(result.stdout)
    assert (found["status"], found["question"], found["language"]) == ("error", "왜?", "ko")
    assert found["error"].splitlines()[0] in result.stderr
    assert found["answer"] == "" and found["sentences"] == found["citations"] == []


def test_ctrl_c_ends_quietly_with_130():
    def interrupted(settings, progress):
        raise KeyboardInterrupt

    result = run("ask", "왜?", opened=interrupted)
    assert (result.exit_code, result.output) == (130, "")


def write_batch(tmp_path, *lines):
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path), tmp_path / "out.jsonl"


def test_a_batch_is_answered_line_by_line_and_summed_up(tmp_path):
    source, target = write_batch(
        tmp_path, '{"id": "1", "question": "얼마?"}', '{"id": "2", "question": "바나나 값은?"}'
    )
    result = run("ask", "--batch", source, "--out", str(target))
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "1 answered, 1 not in the document, 0 with an error." in result.stderr
    found = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [(row["id"], row["status"]) for row in found] == [
        ("1", "answered"),
        ("2", "not_in_document"),
    ]


def test_a_wrong_line_of_a_batch_is_named_on_stderr_and_gives_exit_code_2(tmp_path):
    source, target = write_batch(tmp_path, '{"id": "1", "question": "왜?"}', '{"id": "2"}')
    result = run("ask", "--batch", source, "--out", str(target))
    assert result.exit_code == 2
    assert f"{source}: line 2, field question: expected a text" in result.stderr
    assert len(target.read_text(encoding="utf-8").splitlines()) == 2


def test_a_fault_in_a_batch_gives_exit_code_1(tmp_path):
    source, target = write_batch(tmp_path, '{"id": "1", "question": "왜?"}', "{")
    result = run(
        "ask", "--batch", source, "--out", str(target), assistant=FakeAssistant(KeyError("x"))
    )
    assert result.exit_code == 1


def test_a_batch_runs_from_standard_input_to_standard_output():
    line = '{"id": "1", "question": "얼마?"}\n'
    result = run("ask", "--batch", "-", "--out", "-", stdin=line)
    assert json.loads(result.stdout)["id"] == "1"


def test_the_answers_of_an_earlier_batch_are_replaced_only_once_the_library_is_open(tmp_path):
    source, target = write_batch(tmp_path, '{"id": "1", "question": "얼마?"}')
    target.write_text("old\n", encoding="utf-8")

    def broken(settings, progress):
        raise AssistantError("The index is gone.")

    run("ask", "--batch", source, "--out", str(target), opened=broken)
    assert target.read_text(encoding="utf-8") == "old\n"
    run("ask", "--batch", source, "--out", str(target))
    assert json.loads(target.read_text(encoding="utf-8"))["id"] == "1"


def test_an_interrupted_batch_keeps_its_finished_lines(tmp_path):
    class Interrupted(FakeAssistant):
        def ask(self, question, history=(), *, lang="auto", engine="auto", id="", documents=None):
            if self.asked:
                raise KeyboardInterrupt
            return super().ask(question, history, lang=lang, id=id)

    line = '{"id": "1", "question": "얼마?"}'
    source, target = write_batch(tmp_path, line, line)
    result = run("ask", "--batch", source, "--out", str(target), assistant=Interrupted())
    assert result.exit_code == 130
    assert "1 answered" in result.stderr
    assert len(target.read_text(encoding="utf-8").splitlines()) == 1


def test_serve_hands_the_settings_to_the_chat_page(monkeypatch):
    served = []
    monkeypatch.setitem(sys.modules, "app", SimpleNamespace(serve=served.append))
    assert run("serve", "--port", "7861").exit_code == 0
    assert (served[0].host, served[0].port) == ("127.0.0.1", 7861)


def test_eval_hands_every_argument_to_the_evaluation(monkeypatch):
    called = []
    fake = SimpleNamespace(app=lambda args, prog_name: called.append((args, prog_name)))
    monkeypatch.setitem(sys.modules, "eval.cli", fake)
    assert run("eval", "run", "--half", "dev", "--json").exit_code == 0
    assert run("eval", "--help").exit_code == 0
    assert called == [
        (["run", "--half", "dev", "--json"], "citebrief eval"),
        (["--help"], "citebrief eval"),
    ]


@pytest.fixture
def report(monkeypatch):
    found = {
        "version": "1.2.3",
        "python": "3.11.0",
        "embedder": {"name": "tiny", "path": "/e", "state": "ready"},
        "settings": {"CITEBRIEF_PORT": 7860},
        "problems": [],
    }
    fake = SimpleNamespace(examine=lambda load, progress: found)
    monkeypatch.setitem(sys.modules, "assistant.doctor", fake)
    return found


def test_doctor_prints_its_report_as_json(report):
    result = run("doctor", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == report


def test_a_problem_that_doctor_finds_is_shown_and_gives_exit_code_1(report):
    report["problems"].append("The library folder /l does not exist. Make it.")
    result = run("doctor")
    assert result.exit_code == 1
    assert "Problem: The library folder /l does not exist. Make it." in result.stdout


def test_the_version_is_shown():
    assert run("--version").stdout.startswith("citebrief ")


def test_documents_that_are_chosen_reach_the_assistant_and_none_means_all():
    for given, documents in (([], None), (["--document", "a", "--document", "b"], ["a", "b"])):
        fake = FakeAssistant()
        assert run("ask", "왜?", *given, assistant=fake).exit_code == 0
        assert fake.documents == documents
