import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import pytest
from llm_server import Behaviour
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from assistant import cli
from assistant.errors import AssistantError, InputError
from assistant.query import clean
from assistant.settings import PREFIX
from assistant.types import Answer, Check, Citation, Sentence

SLOW = ("chromadb", "eval", "gradio", "kiwipiepy", "langchain", "sentence_transformers", "torch")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


class FakeAssistant:
    """Answers every question with one sentence of a made-up document; may be told to fail."""

    def __init__(self, failure=None):
        self.failure = failure
        self.asked = []
        note = {"ko": "우리의 비공식 번역", "en": "our unofficial translation"}
        self.index = SimpleNamespace(documents={"d": SimpleNamespace(edition_notes=note)})

    def ask(self, question, history=(), *, lang="auto", engine="auto", id=""):
        self.asked.append((question, tuple(history), lang))
        clean(question)
        if self.failure:
            raise self.failure
        language = "ko" if lang == "auto" else lang
        if "바나나" in question:
            return Answer(id, question, language, "not_in_document", "문서에는 없습니다.")
        citation = Citation(
            n=1,
            document="d",
            document_title="시험 문서",
            document_title_translation="A test document",
            passage="d:s1",
            page=6,
            section="제목 [가]",
            section_translation="Heading [A]",
            quote="열 배까지 올라갔다.",
            quote_language="ko",
            translation="It rose tenfold.",
            translation_note="our unofficial translation",
            char_start=0,
            char_end=11,
        )
        text = "열 배까지 올라갔다." if language == "ko" else "It rose tenfold."
        return Answer(
            id,
            question,
            language,
            "answered",
            f"{text} [1]",
            (Sentence(text, (1,), "verified", "forecast", 1.0),),
            (citation,),
            as_of="2024-11",
            timings_ms={"retrieve": 1.0, "answer": 1.0, "verify": 1.0, "total": 3.0},
        )


def run(*args, assistant=None, opened=None, stdin=None):
    fake = assistant or FakeAssistant()
    return CliRunner().invoke(
        cli.cli, list(args), input=stdin, obj=opened or (lambda settings, progress: fake)
    )


def test_an_answer_is_shown_with_its_marker_stance_page_section_and_both_wordings():
    shown = run("ask", "얼마인가?").stdout
    assert shown.splitlines() == [
        "열 배까지 올라갔다. [1] (전망)",
        "",
        "출처: 시험 문서",
        "[1] 6쪽 · 제목 [가]",
        "    “열 배까지 올라갔다.”",
        "    “It rose tenfold.” (our unofficial translation)",
        "",
        "2024년 11월 기준",
        "원문 발췌 · 0.00초",
    ]


def test_an_english_answer_has_english_labels():
    shown = run("ask", "얼마인가?", "--lang", "en").stdout
    assert "It rose tenfold. [1] (Forecast)" in shown
    assert "[1] p. 6 · Heading [A] (제목 [가])" in shown
    assert "“It rose tenfold.” (our unofficial translation)" in shown
    assert "As of November 2024" in shown


class Written(FakeAssistant):
    """As if a chat model had written: a sentence that did not pass, a remark and a notice."""

    NOTICE = {"ko": "문장 하나를 뺐습니다.", "en": "One sentence was left out."}

    def ask(self, question, history=(), *, lang="auto", engine="auto", id=""):
        answer = super().ask(question, history, lang=lang, id=id)
        (sentence,) = answer.sentences
        number = "스무 배" if answer.language == "ko" else "twentyfold"
        checks = (Check("number", number), Check("quotation", "[x]", passed=True))
        wrong = replace(sentence, text=number, verdict="unverified", checks=checks)
        return replace(
            answer,
            sentences=(sentence, wrong),
            engine="llm:openai:scripted",
            notice=self.NOTICE[answer.language],
        )


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "ko",
            [
                "스무 배 [1] (전망) (확인되지 않음)",
                "    출처에 없는 수: 스무 배",
                "    원문 그대로가 아니어서 따옴표를 뺀 말: [x]",
            ],
        ),
        (
            "en",
            [
                "twentyfold [1] (Forecast) (Unverified)",
                "    A number that the source does not have: twentyfold",
                "    Quotation marks taken away, since the words are not verbatim: [x]",
            ],
        ),
    ],
)
def test_what_the_checks_found_stands_under_its_sentence_and_the_notice_at_the_end(lang, expected):
    lines = run("ask", "얼마인가?", "--lang", lang, assistant=Written()).stdout.splitlines()
    assert lines[1:4] == expected
    assert lines[-2] == Written.NOTICE[lang]
    assert lines[-1].startswith("llm:openai:scripted · ")


def test_what_the_checks_found_and_the_notice_are_in_the_json():
    found = json.loads(run("ask", "얼마인가?", "--json", assistant=Written()).stdout)
    assert found["notice"] == Written.NOTICE["ko"]
    assert [sentence["verdict"] for sentence in found["sentences"]] == ["verified", "unverified"]
    assert found["sentences"][1]["checks"] == [
        {"code": "number", "text": "스무 배", "passed": False},
        {"code": "quotation", "text": "[x]", "passed": True},
    ]


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
    assert found["citations"][0]["quote"] == "열 배까지 올라갔다."
    assert "열 배까지" in result.stdout


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
        def ask(self, question, history=(), *, lang="auto", engine="auto", id=""):
            if self.asked:
                raise KeyboardInterrupt
            return super().ask(question, history, lang=lang, id=id)

    line = '{"id": "1", "question": "얼마?"}'
    source, target = write_batch(tmp_path, line, line)
    result = run("ask", "--batch", source, "--out", str(target), assistant=Interrupted())
    assert result.exit_code == 130
    assert "1 answered" in result.stderr
    assert len(target.read_text(encoding="utf-8").splitlines()) == 1


def test_korean_is_wrapped_by_the_columns_it_takes_and_quotes_stay_indented():
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=24, color_system=None)
    cli._print_wrapped(console, Text("방위비분담금 인상 요구는 열 배까지 올라갔다."), indent=4)
    lines = out.getvalue().splitlines()
    assert len(lines) > 1
    assert all(line.startswith("    ") and cell_len(line) <= 24 for line in lines)


def test_serve_hands_the_settings_to_the_chat_page(monkeypatch):
    served = []
    monkeypatch.setitem(sys.modules, "app", SimpleNamespace(serve=served.append))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    result = run("serve", "--port", str(free))
    assert result.exit_code == 0
    assert (served[0].host, served[0].port) == ("127.0.0.1", free)


def test_serve_says_when_the_port_is_in_use(monkeypatch):
    monkeypatch.setitem(sys.modules, "app", SimpleNamespace(serve=pytest.fail))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 2
    assert f"127.0.0.1 port {port}" in result.stderr
    assert f"--port {port + 1}" in result.stderr


def test_serve_says_when_the_host_is_unknown(monkeypatch):
    monkeypatch.setitem(sys.modules, "app", SimpleNamespace(serve=pytest.fail))
    result = run("serve", "--host", "999.0.0.1.invalid")
    assert result.exit_code == 2
    assert "'999.0.0.1.invalid'" in result.stderr


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
        "reranker": {"name": None, "path": None, "version": None, "state": "not set"},
        "library": {"path": "/l", "titles": [{"ko": "제목 [가]", "en": "T"}], "state": "broken"},
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


def test_doctor_shows_a_table_and_every_problem(report):
    report["problems"].append("The library folder /l does not exist. Make it.")
    result = run("doctor")
    assert result.exit_code == 1
    assert "name tiny" in result.stdout
    assert "reranker    not set" in result.stdout
    assert "제목 [가] / T" in result.stdout
    assert "CITEBRIEF_PORT=7860" in result.stdout
    assert "Problem: The library folder /l does not exist. Make it." in result.stdout


def test_the_version_is_shown():
    assert run("--version").stdout.startswith("citebrief ")


# From here on, real processes on the brief, with an index of their own.


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    index = tmp_path_factory.mktemp("index")
    return {**kept, "CITEBRIEF_INDEX": str(index), "PYTHONPATH": os.pathsep.join(sys.path)}


def command(*args):
    return [sys.executable, "-m", "assistant", *args]


def process(*args, env):
    return subprocess.run(command(*args), capture_output=True, env=env, timeout=300)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("방위비분담금 인상 요구는 몇 배까지 올라갔나?", "ko"),
        ("How far did the demand for defense cost-sharing contributions rise?", "en"),
    ],
)
def test_a_real_question_is_answered_with_a_quote_in_its_own_language(
    environment, question, language
):
    result = process("ask", question, "--json", env=environment)
    assert result.returncode == 0, result.stderr.decode()
    found = json.loads(result.stdout.decode())
    assert (found["status"], found["language"]) == ("answered", language)
    assert any("10배" in citation["quote"] for citation in found["citations"])


def test_the_index_is_built_once_and_its_one_line_says_why(environment, tmp_path):
    library, empty = tmp_path / "library", tmp_path / "empty.yaml"
    library.mkdir()
    (library / "note.md").write_text("방위비분담금은 열 배까지 올라갔다.\n", encoding="utf-8")
    empty.write_text("[]\n", encoding="utf-8")
    small = {
        "CITEBRIEF_LIBRARY": str(library),
        "CITEBRIEF_INDEX": str(tmp_path / "index"),
        "CITEBRIEF_GLOSSARY": str(empty),
        "CITEBRIEF_THESAURUS": str(empty),
    }
    env = {**environment, **small}
    first, second = (process("ask", "방위비?", env=env) for _ in range(2))
    assert first.stderr.decode() == "Building the index: there is none yet.\n"
    assert second.stderr.decode() == ""


def test_the_command_line_starts_without_what_is_slow_to_load(environment):
    code = f"import sys, assistant.cli; print([m for m in {SLOW} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    assert result.stdout.decode().strip() == "[]"


def test_a_reader_who_leaves_early_is_no_error(environment):
    with subprocess.Popen(
        command("ask", "방위비분담금은?"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as running:
        running.stdout.close()
        complaint = running.stderr.read().decode()
        running.wait(timeout=300)
    assert running.returncode == 141
    assert "Error" not in complaint


def test_a_real_ctrl_c_keeps_the_finished_lines_of_a_batch(environment, tmp_path):
    target = tmp_path / "out.jsonl"
    with subprocess.Popen(
        command("ask", "--batch", "-", "--out", str(target)),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as running:
        running.stdin.write('{"id": "1", "question": "방위비분담금은?"}\n'.encode())
        running.stdin.flush()
        deadline = time.monotonic() + 300
        while not (target.exists() and target.stat().st_size) and running.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        complaint = running.stderr.read().decode()
        running.wait(timeout=60)
    assert running.returncode == 130
    assert "Interrupted." in complaint
    assert json.loads(target.read_text(encoding="utf-8"))["id"] == "1"


# With a chat model: the real client, and a scripted server in its place.

FENCED = re.compile(r"⟦(\d+)⟧ (.+?) ⟦/\1⟧")
MONEY = {
    "ko": (
        "미국이 러시아-우크라이나 전쟁에 지원한 돈은 얼마인가?",
        "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를 지원했다.",
    ),
    "en": (
        "How much did the United States provide for the Russia-Ukraine war?",
        "The United States provided about $183 billion for the Russia-Ukraine war.",
    ),
}


@pytest.fixture
def with_model(environment, brief_index, llm_server):
    """The environment of a process whose chat model is the scripted server."""
    direct = {k: v for k, v in environment.items() if not k.upper().endswith("_PROXY")}
    return {
        **direct,
        "CITEBRIEF_INDEX": str(brief_index.folder.parent),
        "CITEBRIEF_LLM": "openai:scripted",
        "CITEBRIEF_LLM_BASE_URL": llm_server.base_url,
        "CITEBRIEF_LLM_INPUT_PRICE": "1",
        "CITEBRIEF_LLM_OUTPUT_PRICE": "4",
        "OPENAI_API_KEY": "dummy-key-for-tests",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_real_question_is_answered_by_a_chat_model_and_checked(with_model, llm_server, lang):
    question, sentence = MONEY[lang]

    def writes(body):
        shown = FENCED.findall(body["messages"][-1]["content"])
        number = next(n for n, text in shown if "1,830억" in text or "$183 billion" in text)
        return f"{sentence} [{number}]"

    llm_server.behaves(writes)
    result = process("ask", question, "--engine", "llm", "--json", env=with_model)
    assert (result.returncode, result.stderr) == (0, b"")
    found = json.loads(result.stdout.decode())
    assert (found["engine"], found["status"], found["language"]) == (
        "llm:openai:scripted",
        "answered",
        lang,
    )
    assert found["answer"] == f"{sentence} [1]"
    (written,) = found["sentences"]
    assert (written["text"], written["citations"]) == (sentence, [1])
    assert (written["verdict"], written["stance"], written["checks"]) == ("verified", "fact", [])
    assert 0 < written["support"] < 1
    (citation,) = found["citations"]
    assert "1,830억" in citation["quote"]
    assert "$183 billion" in citation["translation"]
    assert found["usage"] == {
        "calls": 1,
        "input_tokens": 120,
        "output_tokens": 15,
        "cost": pytest.approx((120 * 1 + 15 * 4) / 1e6),
    }
    assert found["notice"] is None
    assert len(llm_server.requests) == 1


def test_a_chat_model_that_refuses_the_key_leaves_the_documents_own_words(with_model, llm_server):
    question, _ = MONEY["en"]
    key = with_model["OPENAI_API_KEY"]
    llm_server.default = Behaviour(status=401, message=f"Incorrect API key provided: {key}")
    result = process("ask", question, "--engine", "llm", "--json", env=with_model)
    assert result.returncode == 0
    found = json.loads(result.stdout.decode())
    assert (found["engine"], found["status"]) == ("extractive", "answered")
    assert found["notice"]
    assert key.encode() not in result.stdout + result.stderr
