from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.errors import InputError
from assistant.settings import BRIEF, load_settings
from index.chroma import StoreServer

pytestmark = pytest.mark.usefixtures("nothing_set")


def test_without_any_setting_the_brief_is_served_on_this_machine_only():
    settings = load_settings()
    assert settings.library == BRIEF
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.embedder is None
    assert settings.reranker is None
    assert settings.nli is None
    assert settings.llm is settings.llm_base_url is settings.llm_prices is None
    assert (settings.llm_timeout, settings.llm_passages, settings.unverified) == (60, 12, "drop")


def test_a_variable_is_read(monkeypatch, tmp_path):
    monkeypatch.setenv("CITEBRIEF_LIBRARY", str(tmp_path))
    monkeypatch.setenv("CITEBRIEF_PORT", "8000")
    settings = load_settings()
    assert (settings.library, settings.port) == (tmp_path, 8000)


def test_the_settings_of_a_chat_model_are_read(monkeypatch):
    given = {
        "LLM": "openai:gpt-5-mini",
        "LLM_BASE_URL": "http://127.0.0.1:8080/v1",
        "LLM_TIMEOUT": "2.5",
        "LLM_PASSAGES": "6",
        "UNVERIFIED": "show",
        "NLI": "models/nli",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"CITEBRIEF_{name}", value)
    settings = load_settings()
    assert {name: str(getattr(settings, name.lower())) for name in given} == given


def test_names_of_the_server_are_read_as_a_browser_sends_them(monkeypatch):
    assert load_settings().hosts is None
    monkeypatch.setenv("CITEBRIEF_HOSTS", "Brief.Example.org, *.example.org,한국.kr, [fd00::5]")
    assert load_settings().hosts == "brief.example.org,*.example.org,xn--3e0b707e.kr,fd00::5"


@pytest.mark.parametrize(
    ("given", "prices"),
    [
        ({"INPUT": "0.25", "OUTPUT": "2"}, (0.25, 2.0)),
        ({"INPUT": "0", "OUTPUT": "0"}, (0.0, 0.0)),
        ({"INPUT": "0.25"}, None),
        ({"OUTPUT": "2"}, None),
        ({}, None),
    ],
)
def test_prices_count_where_both_are_set(monkeypatch, given, prices):
    for name, value in given.items():
        monkeypatch.setenv(f"CITEBRIEF_LLM_{name}_PRICE", value)
    assert load_settings().llm_prices == prices


def test_a_vector_server_is_one_value_and_its_token_a_secret(monkeypatch):
    assert load_settings().store is None
    monkeypatch.setenv("CITEBRIEF_STORE_URL", "https://chroma.example.org:8443")
    assert load_settings().store == StoreServer("https://chroma.example.org:8443")
    given = {"TOKEN": "s3cret", "TENANT": "ministry", "DATABASE": "books", "NAMESPACE": "port-1"}
    for name, value in given.items():
        monkeypatch.setenv(f"CITEBRIEF_STORE_{name}", value)
    settings = load_settings()
    assert settings.store == StoreServer(
        "https://chroma.example.org:8443", "s3cret", "ministry", "books", "port-1"
    )
    assert "s3cret" not in repr(settings) + repr(settings.store)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TOKEN", "비밀 번호", "STORE_TOKEN='…': Value error, Value should be ASCII"),
        ("URL", "ftp://me:pw@host", "STORE_URL='ftp://…@host'"),
    ],
)
def test_a_wrong_secret_is_refused_without_being_shown(monkeypatch, name, value, told):
    monkeypatch.setenv(f"CITEBRIEF_STORE_{name}", value)
    with pytest.raises(InputError) as refusal:
        load_settings()
    assert told in str(refusal.value)
    assert not {"비밀", "pw"} & set(str(refusal.value).replace(":", " ").split())


def test_an_env_file_is_read_and_a_variable_goes_before_it(monkeypatch):
    Path(".env").write_text("CITEBRIEF_PORT=8001\nCITEBRIEF_HOST=0.0.0.0\n", encoding="utf-8")
    monkeypatch.setenv("CITEBRIEF_PORT", "8002")
    settings = load_settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 8002)


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("CITEBRIEF_PORT", "")
    assert load_settings().port == 7860


def test_another_programs_line_in_the_env_file_is_left_alone():
    Path(".env").write_text("SOMETHING_ELSE=1\n", encoding="utf-8")
    assert load_settings().port == 7860


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CITEBRIEF_PORT", "칠천", "integer"),
        ("CITEBRIEF_PORT", "0", "greater than or equal to 1"),
        ("CITEBRIEF_PORT", "65536", "less than or equal to 65535"),
        ("CITEBRIEF_USERS", "0", "greater than or equal to 1"),
        ("CITEBRIEF_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("CITEBRIEF_UNVERIFIED", "보이기", "'drop' or 'show'"),
        ("CITEBRIEF_LLM_TIMEOUT", "0", "greater than 0"),
        ("CITEBRIEF_LLM_TIMEOUT", "4000", "less than or equal to 3600"),
        ("CITEBRIEF_LLM_TIMEOUT", "nan", "less than or equal to 3600"),
        ("CITEBRIEF_LLM_TIMEOUT", "일 분", "number"),
        ("CITEBRIEF_LLM_PASSAGES", "0", "greater than or equal to 1"),
        ("CITEBRIEF_LLM_PASSAGES", "61", "less than or equal to 60"),
        ("CITEBRIEF_LLM_PASSAGES", "1.5", "integer"),
        ("CITEBRIEF_LOGIN", "예", "'on' or 'off'"),
        ("CITEBRIEF_RATE", "30", "off, or a number per time such as 30/minute"),
        ("CITEBRIEF_RATE", "0/minute", "such as 30/minute"),
        ("CITEBRIEF_HOSTS", "http://brief.example.org", "names separated by commas"),
        ("CITEBRIEF_HOSTS", "brief.example.org:443", "without port"),
        ("CITEBRIEF_HOSTS", "a.example,,b.example", "such as brief.example.org"),
        ("CITEBRIEF_HOSTS", "*example.org", "names separated by commas"),
        ("CITEBRIEF_QUEUE", "0", "greater than or equal to 1"),
        ("CITEBRIEF_GRACE", "-1", "greater than or equal to 0"),
        ("CITEBRIEF_UPLOAD_MB", "많이", "integer"),
        ("CITEBRIEF_LOG_FORMAT", "xml", "'text' or 'json'"),
        ("CITEBRIEF_STORE_URL", "127.0.0.1:8000", "an address such as http://127.0.0.1:8000"),
        ("CITEBRIEF_STORE_URL", "http://host:팔천", "an address such as http://127.0.0.1:8000"),
        ("CITEBRIEF_STORE_URL", "http://host:8000?x=1", "an address such as"),
        ("CITEBRIEF_STORE_TENANT", "a b", "3 to 62 ASCII letters"),
        ("CITEBRIEF_STORE_DATABASE", "도서", "3 to 62 ASCII letters"),
        ("CITEBRIEF_STORE_NAMESPACE", "x", "3 to 62 ASCII letters"),
        ("CITEBRIEF_LLM_INPUT_PRICE", "-1", "greater than or equal to 0"),
        ("CITEBRIEF_LLM_INPUT_PRICE", "무료", "number"),
        ("CITEBRIEF_LLM_OUTPUT_PRICE", "-0.5", "greater than or equal to 0"),
        ("CITEBRIEF_LLM_OUTPUT_PRICE", "inf", "finite number"),
    ],
)
def test_a_wrong_value_is_refused_with_the_variable_the_value_and_what_was_expected(
    monkeypatch, name, value, expected
):
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as refusal:
        load_settings()
    message = str(refusal.value)
    assert name in message
    assert repr(value) in message
    assert expected in message


def test_a_wrong_value_in_the_env_file_is_refused_the_same():
    Path(".env").write_text("CITEBRIEF_PORT=many\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"CITEBRIEF_PORT='many'"):
        load_settings()


def test_settings_do_not_change_once_read():
    with pytest.raises(ValidationError):
        load_settings().port = 1
