import json
from pathlib import Path

import pytest
from llm_server import Behaviour
from pydantic import SecretStr

from assistant.doctor import examine
from assistant.errors import InputError
from assistant.settings import Settings

TEXT = """# 방위비

방위비분담금 인상 요구는 열 배까지 올라갔다. 한국은 대비해야 한다.

미국은 동맹에 더 많은 비용을 요구할 것으로 보인다.
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    library = tmp_path / "library"
    library.mkdir()
    (library / "note.md").write_text(TEXT, encoding="utf-8")
    empty = tmp_path / "empty.yaml"
    empty.write_text("[]\n", encoding="utf-8")
    return Settings(library=library, index=tmp_path / "index", glossary=empty, thesaurus=empty)


def states(report):
    parts = ("embedder", "library", "morphology", "store", "engine")
    return {name: report[name]["state"] for name in parts}


def test_a_sound_installation_builds_its_index_and_has_every_part_ready(settings):
    steps = []
    report = examine(lambda: settings, lambda step, done, total: steps.append(step))
    assert list(dict.fromkeys(steps)) == ["reading", "words", "vectors"]
    assert report["problems"] == []
    assert set(states(report).values()) == {"ready"}
    assert report["reranker"] == {"name": None, "path": None, "version": None, "state": "not set"}
    assert report["nli"] == {"name": None, "state": "not set"}
    assert report["llm"] == {"name": None, "base_url": None, "state": "not set"}
    assert report["embedder"]["dimensions"] > 0
    assert report["library"]["documents"] == 1
    assert report["library"]["passages"] == 3
    assert Path(report["store"]["path"]).name == report["store"]["fingerprint"]
    assert report["store"]["chromadb"]
    assert report["engine"]["name"] == "extractive"
    json.dumps(report)


def test_a_missing_library_is_a_problem_and_the_other_parts_are_still_examined(settings):
    missing = settings.model_copy(update={"library": Path("no-such")})
    report = examine(lambda: missing)
    assert states(report) == {
        "embedder": "ready",
        "library": "broken",
        "morphology": "ready",
        "store": "not checked",
        "engine": "not checked",
    }
    assert len(report["problems"]) == 1
    assert "no-such" in report["problems"][0]
    assert "CITEBRIEF_LIBRARY" in report["problems"][0]


def test_a_missing_embedder_is_a_problem_and_the_other_parts_are_still_examined(settings, tmp_path):
    folder = tmp_path / "embedder"
    folder.mkdir()
    (folder / "config.json").write_text('{"format": "static-int8", "dimensions": 8}')
    report = examine(lambda: settings.model_copy(update={"embedder": str(folder)}))
    assert (report["embedder"]["state"], report["library"]["state"]) == ("broken", "ready")
    assert report["embedder"]["path"] == str(folder)
    assert "model.safetensors" in report["problems"][0]


def test_a_reranker_is_tried_where_one_is_configured(settings, tiny_bert):
    folder = str(tiny_bert("ranker", "BertForSequenceClassification"))
    report = examine(lambda: settings.model_copy(update={"reranker": folder}))
    assert report["problems"] == []
    assert report["reranker"]["state"] == report["engine"]["state"] == "ready"
    assert report["reranker"]["name"] == report["reranker"]["path"] == folder
    assert report["reranker"]["version"]
    json.dumps(report)


def test_a_missing_reranker_is_a_problem_and_nothing_is_answered_without_it(settings):
    report = examine(lambda: settings.model_copy(update={"reranker": "no-such/reranker"}))
    assert (report["store"]["state"], report["reranker"]["state"]) == ("ready", "broken")
    assert (report["engine"]["state"], report["reranker"]["path"]) == (
        "not checked",
        "no-such/reranker",
    )
    (problem,) = report["problems"]
    assert "no-such/reranker" in problem
    assert "CITEBRIEF_RERANKER" in problem


@pytest.fixture
def nli(tiny_bert):
    """The folder of an inference model of random weights, whose labels are those given."""

    def save(*labels):
        folder = tiny_bert("nli", "BertForSequenceClassification", labels=len(labels))
        config = json.loads((folder / "config.json").read_text())
        named = {"id2label": dict(enumerate(labels)), "label2id": {}}
        (folder / "config.json").write_text(json.dumps(config | named))
        return str(folder)

    return save


def test_an_inference_model_is_tried_where_one_is_configured(settings, nli):
    folder = nli("entailment", "neutral", "contradiction")
    report = examine(lambda: settings.model_copy(update={"nli": folder}))
    assert report["problems"] == []
    assert report["nli"] == {"name": folder, "state": "ready"}
    assert report["settings"]["CITEBRIEF_NLI"] == folder
    json.dumps(report)


def test_an_inference_model_that_is_none_is_a_problem_and_the_rest_is_examined(settings, nli):
    for name in (nli("LABEL_0", "LABEL_1"), "no-such/nli"):
        report = examine(lambda name=name: settings.model_copy(update={"nli": name}))
        assert report["nli"] == {"name": name, "state": "broken"}
        assert set(states(report).values()) == {"ready"}
        (problem,) = report["problems"]
        assert name in problem
        assert "CITEBRIEF_NLI" in problem


@pytest.fixture
def with_model(settings, llm_server):
    """The settings with a chat model, by default the scripted one."""

    def set_to(name="openai:scripted", **more):
        given = {"llm": name, "llm_base_url": llm_server.base_url, "llm_timeout": 5.0, **more}
        return lambda: settings.model_copy(update=given)

    return set_to


def test_a_chat_model_is_asked_for_a_word_and_what_it_took_is_told(with_model, llm_server):
    llm_server.says("OK")
    report = examine(with_model())
    assert report["problems"] == []
    assert report["llm"] == {
        "name": "openai:scripted",
        "base_url": llm_server.base_url,
        "tokens": 135,  # 120 in and 15 out, as the server has it
        "state": "ready",
    }
    assert len(llm_server.requests) == 1
    json.dumps(report)


def test_a_key_that_is_refused_is_a_problem_and_is_not_shown(with_model, llm_server, monkeypatch):
    key = "sk-hidden-key-of-a-user"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    llm_server.behaves(Behaviour(status=401, message=f"Incorrect API key provided: {key}"))
    report = examine(with_model())
    assert llm_server.requests[0].headers["authorization"] == f"Bearer {key}"
    assert report["llm"]["state"] == "broken"
    assert set(states(report).values()) == {"ready"}  # questions are answered without it
    (problem,) = report["problems"]
    assert "openai:scripted (CITEBRIEF_LLM)" in problem
    assert "401" in problem
    assert "hidden" not in json.dumps(report)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour(status=503), "outage"),
        (Behaviour(""), "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_chat_model_that_does_not_answer_is_a_problem(with_model, llm_server, behaviour, reason):
    llm_server.default = behaviour
    report = examine(with_model())
    assert report["llm"]["state"] == "broken"
    assert "tokens" not in report["llm"]
    (problem,) = report["problems"]
    assert "CITEBRIEF_LLM" in problem
    assert reason in problem


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("no-such-provider:model", {}),
        ("gpt-5-mini", {}),
        ("openai:scripted", {"llm_base_url": "127.0.0.1:8080"}),
    ],
    ids=["provider", "name", "address"],
)
def test_a_chat_model_that_cannot_be_opened_is_a_problem_and_nobody_is_asked(
    with_model, llm_server, name, more
):
    report = examine(with_model(name, **more))
    assert (report["llm"]["name"], report["llm"]["state"]) == (name, "broken")
    assert set(states(report).values()) == {"ready"}
    (problem,) = report["problems"]
    assert "CITEBRIEF_LLM" in problem
    assert more.get("llm_base_url", name) in problem
    assert llm_server.requests == []


def test_the_login_in_an_address_is_not_shown(with_model, llm_server):
    llm_server.says("OK")
    address = llm_server.base_url.replace("//", "//me:hidden-1@")
    report = examine(with_model(llm_base_url=address))
    shown = llm_server.base_url.replace("//", "//…@")
    assert report["llm"]["base_url"] == report["settings"]["CITEBRIEF_LLM_BASE_URL"] == shown
    assert "hidden" not in json.dumps(report)


def test_an_index_folder_that_is_a_file_is_a_problem_of_the_store(settings, tmp_path):
    file = tmp_path / "file"
    file.touch()
    report = examine(lambda: settings.model_copy(update={"index": file}))
    assert report["store"]["state"] == "broken"
    assert "CITEBRIEF_INDEX" in report["problems"][0]


def test_settings_that_cannot_be_read_are_the_one_problem():
    def refuse():
        raise InputError("CITEBRIEF_PORT='x': expected a number.")

    report = examine(refuse)
    assert report["problems"] == ["CITEBRIEF_PORT='x': expected a number."]
    assert set(states(report).values()) == {"not checked"}


def test_an_unforeseen_failure_is_told_without_its_details():
    def burst():
        raise KeyError("internal detail")

    (problem,) = examine(burst)["problems"]
    assert "KeyError" in problem
    assert "internal detail" not in problem
    assert "CITEBRIEF_LOG_LEVEL=debug" in problem


def test_settings_are_shown_under_the_names_of_their_variables(settings):
    missing = settings.model_copy(update={"library": Path("no-such")})
    shown = examine(lambda: missing)["settings"]
    assert (shown["CITEBRIEF_PORT"], shown["CITEBRIEF_LIBRARY"]) == (7860, "no-such")


def test_a_secret_is_never_shown(settings):
    class WithSecrets(Settings):
        api_key: str | None = None
        slack: SecretStr | None = None

    secret = WithSecrets(**dict(settings), api_key="hidden-1", slack=SecretStr("hidden-2"))
    report = examine(lambda: secret.model_copy(update={"library": Path("no-such")}))
    assert report["settings"]["CITEBRIEF_API_KEY"] == "set"
    assert report["settings"]["CITEBRIEF_SLACK"] == "set"
    assert "hidden" not in json.dumps(report)
