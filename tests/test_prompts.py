"""Every text of the assistant is there in both languages, with the variables that are filled in."""

import re

import pytest

import prompts
from prompts import FOLDER, PromptError, load

TOPICS = frozenset({"topics"})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    load.cache_clear()
    yield tmp_path
    load.cache_clear()


@pytest.mark.parametrize(("lang", "word"), [("ko", "문서"), ("en", "documents")])
def test_the_refusal_reads_in_its_language_and_takes_the_topics(lang, word):
    text = load("refusal", lang, TOPICS).substitute(topics="XYZ")
    assert word in text
    assert "XYZ" in text
    assert "$" not in text


def test_every_text_is_there_in_both_languages_with_the_same_variables():
    found: dict[str, dict[str, set[str]]] = {}
    for path in FOLDER.glob("*.md"):
        name, lang, _ = path.name.split(".")
        variables = set(re.findall(r"\$\{?(\w+)", path.read_text(encoding="utf-8")))
        found.setdefault(name, {})[lang] = variables
    assert found
    for name, langs in found.items():
        assert langs.keys() == {"ko", "en"}, name
        assert langs["ko"] == langs["en"], name


@pytest.mark.parametrize(
    ("variables", "given"),
    [
        (frozenset(), "no variables"),
        (frozenset({"topic"}), r"\$topic\."),
        (frozenset({"topics", "question"}), r"\$question, \$topics"),
    ],
    ids=["none", "another name", "one too many"],
)
def test_a_variable_that_does_not_match_names_the_file_and_both_sides(variables, given):
    with pytest.raises(PromptError, match=rf"refusal\.ko\.md uses \$topics; .*{given}"):
        load("refusal", "ko", variables)


@pytest.mark.parametrize(("name", "lang"), [("refusal", "fr"), ("없는글", "ko"), ("answer", "en")])
def test_a_missing_text_is_named(folder, name, lang):
    with pytest.raises(PromptError, match=rf"{name}\.{lang}\.md cannot be read"):
        load(name, lang)


def test_a_stray_dollar_sign_is_refused(folder):
    (folder / "cost.en.md").write_text("It costs $5, says $who.", encoding="utf-8")
    with pytest.raises(PromptError, match=r"cost\.en\.md"):
        load("cost", "en", frozenset({"who"}))


def test_two_dollar_signs_stand_for_one(folder):
    (folder / "cost.ko.md").write_text(" 비용은 $$5, ${who}의 말.\n", encoding="utf-8")
    text = load("cost", "ko", frozenset({"who"})).substitute(who="저자")
    assert text == "비용은 $5, 저자의 말."
