"""eval/scale.py at sizes that take seconds; what it says of time is not looked at."""

import dataclasses
import io
import json

import pytest
from rich.console import Console

from eval import scale
from index.errors import CiteBriefError
from index.load import load_library


@pytest.fixture(scope="module")
def questions():
    return scale.read_questions(12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("scale")


@pytest.fixture(scope="module")
def row(folder, questions):
    return scale.Row(scale.build(60, folder), scale.ask(folder, questions))


def test_the_same_size_gives_the_same_library(tmp_path):
    for name in ("one", "two"):
        assert scale.write_library(60, tmp_path / name) == scale.FEWEST_DOCUMENTS
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(files) == 2 * scale.FEWEST_DOCUMENTS
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_library_is_half_korean_in_paragraphs_under_headings(tmp_path):
    scale.write_library(2_000, tmp_path / "library")
    documents = load_library(tmp_path / "library")
    assert [d.lang for d in documents] == ["ko", "en", "ko", "en"]
    for document in documents:
        kinds = [block.kind for block in document.blocks]
        assert kinds.count("paragraph") == 500 / scale.PARAGRAPH
        assert kinds.count("heading") == 500 / scale.PARAGRAPH / scale.SECTION


def test_a_larger_library_has_more_documents(tmp_path):
    assert scale.write_library(6 * scale.DOCUMENT, tmp_path / "library") == 6


def test_questions_come_in_both_languages_and_are_enough():
    questions = scale.read_questions()
    assert len(questions) - scale.WARM_UP >= 200
    assert {lang for _, lang in questions} == {"ko", "en"}
    assert questions == scale.read_questions()


def test_what_was_built_and_asked_is_measured(row):
    assert 54 <= row.built.passages == row.built.vectors <= 66  # the splitter may see others
    assert row.built.documents == scale.FEWEST_DOCUMENTS
    stages = row.built.reading_s + row.built.words_s + row.built.vectors_s
    assert 0 < stages <= row.built.index_s
    assert 0 < row.built.chroma_mb < row.built.disk_mb
    assert row.asked.neighbours is None  # small fields are searched exactly
    for latency in (row.asked.lexical, row.asked.dense, row.asked.fused):
        assert 0 < latency.p50_ms <= latency.p95_ms


def test_an_index_that_is_not_there_is_not_built_while_it_is_asked(tmp_path, questions):
    scale.write_library(60, tmp_path / "library")
    with pytest.raises(CiteBriefError, match="built once more"):
        scale.ask(tmp_path, questions)


def test_the_report_is_json_with_its_machine_and_date(row, questions):
    report = json.loads(json.dumps(scale.report([row], questions)))
    assert list(report) == "date machine questions warm_up exact_up_to sizes".split()
    assert report["machine"]["cores"] >= 1
    assert report["questions"] == len(questions) - scale.WARM_UP
    (size,) = report["sizes"]
    assert size["built"]["sentences"] == 60
    assert list(size["asked"]) == [field.name for field in dataclasses.fields(scale.Asked)]


def test_large_fields_are_compared_with_exact_search(row, folder, questions, monkeypatch):
    monkeypatch.setattr("index.store.EXACT_UP_TO", 10)
    monkeypatch.setattr(scale, "EXACT_UP_TO", 10)
    found = scale.ask(folder, questions).neighbours
    assert found is not None
    assert found.recall_at_10 == 1.0  # HNSW looks at more than there are


def test_the_tables_and_the_plot_hold_every_size(row, tmp_path):
    console = Console(record=True, width=120, file=io.StringIO())
    larger = dataclasses.replace(row, built=dataclasses.replace(row.built, sentences=1_234))
    scale.show([row, larger], console)
    assert console.export_text().count("1,234") == 4
    scale.plot([row, larger], tmp_path / "scale.png")
    assert (tmp_path / "scale.png").read_bytes().startswith(b"\x89PNG")


def test_a_library_of_too_few_sentences_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["scale", "--sizes", "3"])
    with pytest.raises(SystemExit):
        scale.main()
    assert "20 sentences or more" in capsys.readouterr().err
