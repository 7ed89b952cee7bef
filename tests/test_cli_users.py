"""The commands for users, as they are typed."""

import json

import pytest
from typer.testing import CliRunner

from assistant import cli

SECRET = "correct horse battery"


@pytest.fixture
def run(nothing_set, monkeypatch, tmp_path):
    """A function that runs `citebrief` with these words, and with this on standard input."""
    monkeypatch.setenv("CITEBRIEF_DATABASE", f"sqlite:///{tmp_path / 'citebrief.db'}")
    monkeypatch.setenv("CITEBRIEF_LIBRARY", "none")
    monkeypatch.setattr("assistant.accounts.COST", 4)
    return lambda *words, given="": CliRunner().invoke(cli.cli, [*words], input=given)


def listed(run):
    return {u["name"]: u for u in json.loads(run("users", "list", "--json").stdout)["users"]}


def test_a_user_is_added_listed_and_removed(run):
    result = run("users", "add", "Jihye", "--admin", "--password-stdin", given=f"{SECRET}\n")
    assert (result.exit_code, result.stdout) == (0, "Added jihye (admin).\n")
    assert "jihye" in run("users", "list").stdout
    assert run("users", "remove", "jihye").exit_code == 0
    assert listed(run) == {}
    assert "citebrief users add" in run("users", "list").stderr


def test_a_password_is_asked_for_twice_and_never_shown(run):
    wrong = run("users", "add", "jihye", given=f"{SECRET}\nother words\n{SECRET}\n{SECRET}\n")
    assert wrong.exit_code == 0
    assert SECRET not in wrong.output
    assert set(listed(run)) == {"jihye"}


def test_what_cannot_be_a_name_is_told_before_a_password_is_asked_for(run):
    result = run("users", "add", "a b")
    assert result.exit_code == 2
    assert "Password" not in result.output


def test_a_short_password_is_told_with_what_is_expected(run):
    result = run("users", "add", "jihye", "--password-stdin", given="short\n")
    assert result.exit_code == 2
    assert "8 to 72 bytes" in result.stderr
    assert "short" not in result.stderr


def test_a_password_is_changed_and_a_user_disabled(run):
    run("users", "add", "jihye", "--password-stdin", given=SECRET)
    changed = run("users", "password", "jihye", "--password-stdin", given="another password")
    assert changed.exit_code == 0
    run("users", "disable", "jihye")
    assert listed(run)["jihye"]["disabled"]
    assert "disabled" in run("users", "list").stdout
    run("users", "enable", "jihye")
    assert not listed(run)["jihye"]["disabled"]
    assert run("users", "remove", "minsu").exit_code == 2


def test_without_a_record_there_is_no_user(run, monkeypatch):
    assert "citebrief users add" in run("users", "remove", "jihye").stderr.replace("\n", " ")
    monkeypatch.setenv("CITEBRIEF_DATABASE", "none")
    assert run("users", "add", "jihye", "--password-stdin", given=SECRET).exit_code == 2
