"""eval/scale.py at sizes that take seconds; what it says of time is not looked at."""

import dataclasses
import io
import json

import pytest
from rich.console import Console

from eval import scale
from eval.scale_figures import WARM_UP, Asked, Row, ask, build
from eval.scale_library import FEWEST_DOCUMENTS, read_questions, write_library
from eval.scale_server import running
from eval.scale_tables import plot, report, show
from index.errors import CiteBriefError


@pytest.fixture(scope="module")
def questions():
    return read_questions(12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("scale")


@pytest.fixture(scope="module")
def row(folder, questions):
    return Row(build(60, folder), ask(folder, questions))


def test_what_was_built_and_asked_is_measured(row):
    assert 54 <= row.built.passages == row.built.vectors <= 66  # the splitter may see others
    assert row.built.documents == FEWEST_DOCUMENTS
    stages = row.built.reading_s + row.built.words_s + row.built.vectors_s
    assert 0 < stages <= row.built.index_s
    assert row.built.chroma_mb == 0 < row.built.disk_mb  # small fields are not in Chroma
    assert row.asked.neighbours is None  # small fields are searched exactly
    for latency in (row.asked.lexical, row.asked.dense, row.asked.fused):
        assert 0 < latency.p50_ms <= latency.p95_ms


def test_an_index_that_is_not_there_is_not_built_while_it_is_asked(tmp_path, questions):
    write_library(60, tmp_path / "library")
    with pytest.raises(CiteBriefError, match="built once more"):
        ask(tmp_path, questions)


def test_the_report_is_json_with_its_machine_and_date(row, questions):
    told = json.loads(json.dumps(report([row], questions)))
    assert list(told) == "date machine questions warm_up exact_up_to sizes".split()
    assert told["machine"]["cores"] >= 1
    assert told["questions"] == len(questions) - WARM_UP
    (size,) = told["sizes"]
    assert size["built"]["sentences"] == 60
    assert list(size["asked"]) == [field.name for field in dataclasses.fields(Asked)]


def test_large_fields_are_compared_with_exact_search(tmp_path, questions, monkeypatch):
    monkeypatch.setattr("index.store.EXACT_UP_TO", 10)
    monkeypatch.setattr("eval.scale_figures.EXACT_UP_TO", 10)
    built = build(60, tmp_path)
    found = ask(tmp_path, questions).neighbours
    assert 0 < built.chroma_mb < built.disk_mb
    assert found is not None
    assert found.recall_at_10 == 1.0  # HNSW looks at more than there are


def test_a_server_of_its_own_is_filled_and_measured(tmp_path, questions, monkeypatch):
    monkeypatch.setattr("index.store.EXACT_UP_TO", 10)
    monkeypatch.setattr("eval.scale_figures.EXACT_UP_TO", 10)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running("own", tmp_path / "server", 60) as server:
        built = build(60, tmp_path, server.store)
        asked = ask(tmp_path, questions, server.store)
        served = server.served(built.vectors, built.server_s)
    assert asked.neighbours is not None
    assert asked.neighbours.recall_at_10 == 1.0
    assert built.chroma_mb == 0
    assert served.rows == built.vectors
    assert served.adding_s > 0
    assert served.resident_mib <= served.peak_mib
    assert served.disk_mb > 0
    console = Console(record=True, width=120, file=io.StringIO())
    show([Row(built, asked, served)], console)
    assert "On the Chroma server" in console.export_text()


def test_the_tables_and_the_plot_hold_every_size(row, tmp_path):
    console = Console(record=True, width=120, file=io.StringIO())
    larger = dataclasses.replace(row, built=dataclasses.replace(row.built, sentences=1_234))
    show([row, larger], console)
    assert console.export_text().count("1,234") == 4
    plot([row, larger], tmp_path / "scale.png")
    assert (tmp_path / "scale.png").read_bytes().startswith(b"\x89PNG")


def test_a_library_of_too_few_sentences_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["scale", "--sizes", "3"])
    with pytest.raises(SystemExit):
        scale.main()
    assert "20 sentences or more" in capsys.readouterr().err
