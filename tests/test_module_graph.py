"""The picture of our modules shows the imports that there are, and those that tell something."""

import xml.etree.ElementTree as ET

import pytest

from docs import module_graph
from docs.module_graph import PICTURE, arrows, boxes, digest, graph


@pytest.fixture
def project(monkeypatch):
    """Four modules: a front door over an engine, which imports the foot at once and later."""
    imported = {
        "assistant.cli": {("assistant.engine", False), ("assistant.foot", True)},
        "assistant.engine": {("assistant.foot", True), ("index.types", True), ("torch", False)},
        "assistant.foot": {("index.store", False)},
        "index.store": {("chromadb", True)},
        "index.types": set(),
    }
    monkeypatch.setattr(module_graph, "MODULES", imported)
    monkeypatch.setattr(module_graph, "imports", imported.__getitem__)
    return {name: [name] for name in imported}


def test_the_picture_is_of_the_imports_as_they_are():
    text = PICTURE.read_text(encoding="utf-8")
    assert digest(graph()) in text, "docs/modules.svg is older than the imports. Run: make graph"
    assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"


def test_every_module_that_holds_code_is_in_one_box():
    drawn = [module for modules in boxes().values() for module in modules]
    assert len(drawn) == len(set(drawn))
    assert {"app", "assistant.answer", "index.store", "prompts"} <= set(drawn)
    assert "assistant.claim_words" in boxes()["assistant.claim_"]
    assert "eval.baselines.dense" in boxes()["eval.baselines"]


def test_an_arrow_that_another_way_tells_is_left_out(project):
    assert arrows(project)["assistant.cli"] == {"assistant.engine": False}


def test_what_all_import_gets_no_arrow(project):
    assert arrows(project)["assistant.engine"] == {"assistant.foot": True}


def test_an_import_within_a_function_is_told_apart(project):
    assert arrows(project)["assistant.foot"] == {"index.store": False}
