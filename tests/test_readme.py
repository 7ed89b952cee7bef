"""README.md and README.ko.md say the same: commands, examples, settings, and where links lead."""

import re
from pathlib import Path

import pytest

from assistant.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
ENGLISH, KOREAN = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ko.md"))
GUIDES = ["README.md", "README.ko.md", "CONTRIBUTING.md", "docs/architecture.md"]


def examples(text: str) -> list[str]:
    """The lines of code, commands and their output, without what a comment says of them."""
    inside = False
    lines = []
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif inside or line.startswith("    "):
            lines.append(re.sub(r"\s+# .*", "", line))
    return lines


def table(text: str, first: str) -> list[list[str]]:
    """The rows of the table whose first row begins with the cell `first`, cell by cell."""
    rows = text[text.index(f"| {first} |") :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def names(row: list[str]) -> list[str]:
    return re.findall(r"`([^`]+)`", row[0])


def outline(text: str) -> list[str]:
    return re.findall(r"^(#+) ", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)


def test_both_give_the_same_examples_in_the_same_order():
    assert len(examples(ENGLISH)) > 100
    assert examples(KOREAN) == examples(ENGLISH)


def test_both_have_the_same_chapters():
    assert outline(KOREAN) == outline(ENGLISH)


def test_both_list_the_same_settings_with_the_same_examples():
    english, korean = table(ENGLISH, "Variable"), table(KOREAN, "변수")
    assert [(row[0], row[3]) for row in korean] == [(row[0], row[3]) for row in english]


@pytest.mark.parametrize("rows", [table(ENGLISH, "Variable"), table(KOREAN, "변수")])
def test_every_setting_is_listed_with_its_default(rows):
    listed = {name: row[1] for row in rows for name in names(row)}
    fields = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}
    assert listed.keys() == fields.keys()
    for name, field in fields.items():
        if isinstance(field.default, str | int | float):
            assert listed[name] == f"`{field.default}`", name


@pytest.mark.parametrize(("english", "korean"), [("Entry", "항목"), ("Code", "코드")])
def test_both_list_the_same_sidecar_entries_and_exit_codes(english, korean):
    assert [r[0] for r in table(KOREAN, korean)] == [r[0] for r in table(ENGLISH, english)]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_link_leads_somewhere(guide):
    path = ROOT / guide
    text = path.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", line).strip().replace(" ", "-").lower()
        for line in re.findall(r"^#+ (.+)$", text, re.M)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (path.parent / target.split("#")[0]).exists(), target
