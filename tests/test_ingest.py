"""Files are kept as documents: new and changed ones are read, all others are left alone."""

from pathlib import Path

import pytest

from index.ingest import Notes, ingest
from index.job import Refused, Workshop, make_ready
from index.lexicon import compile_lexicon, lexicon_hash
from index.models import load_embedder
from index.prepare import recipe_of
from index.record.library import Library
from index.sources import find_files

HARBOUR = "# 항만 보고서\n\n부산항은 2030년까지 3조 원을 들여 확장된다. 정부가 절반을 낸다.\n"
FOREST = "Forest Policy\n\nThe Forest Service planted 2.5 million trees in 2023. Losses fell.\n"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "harbour.md").write_text(HARBOUR, encoding="utf-8")
    (folder / "forest.txt").write_text(FOREST, encoding="utf-8")
    return folder


@pytest.fixture
def library(tmp_path):
    with Library.open(f"sqlite:///{tmp_path / 'record.db'}") as library:
        yield library


@pytest.fixture
def workshop(tiny_lexicon):
    recipe = recipe_of(load_embedder(None), lexicon_hash(**tiny_lexicon)).fingerprint()
    return Workshop(compile_lexicon(**tiny_lexicon).to_json(), None, recipe)


@pytest.fixture
def run(library, workshop, folder):
    """A function that ingests paths in this process; `run.read` are the files that it read."""

    def engine(jobs):
        for job in jobs:
            run.read.append(job.path.name)
            yield job, make_ready(job, workshop)

    def run(*paths, **options):
        run.read = []
        files = find_files([str(path) for path in paths or (folder,)]).files
        with library.writing() as writer:
            return [*ingest(files, library, writer, engine, workshop.recipe, **options)]

    return run


def statuses(outcomes):
    return {outcome.id: outcome.status for outcome in outcomes}


def test_new_files_are_kept_with_what_is_known_of_them(run, library, folder):
    outcomes = run(notes=Notes("from the ministry", "KOGL 1"))
    assert statuses(outcomes) == {"harbour": "new", "forest": "new"}
    entry = library.entry("harbour")
    assert (entry.lang, entry.format, entry.pages, entry.passages) == ("ko", "md", 1, 2)
    assert (entry.source_note, entry.licence) == ("from the ministry", "KOGL 1")
    assert entry.path == str(folder / "harbour.md")
    assert dict(entry.titles) == {"ko": "항만 보고서"}


def test_files_that_are_as_they_were_are_not_read_again(run):
    run()
    assert statuses(run()) == {"harbour": "unchanged", "forest": "unchanged"}
    assert run.read == []


def test_a_changed_file_rewrites_only_the_passages_that_changed(run, folder, library):
    run()
    (folder / "harbour.md").write_text(HARBOUR.replace("절반을", "전부를"), encoding="utf-8")
    before = library.state()
    outcomes = {outcome.id: outcome for outcome in run()}
    assert run.read == ["harbour.md"]
    assert (outcomes["harbour"].status, outcomes["harbour"].rewritten) == ("changed", 1)
    assert outcomes["forest"].status == "unchanged"
    assert library.state() != before


def test_a_file_that_is_changed_back_gives_the_state_that_was(run, folder, library):
    run()
    before = library.state()
    (folder / "forest.txt").write_text(FOREST + "\nIt rained.\n", encoding="utf-8")
    run()
    (folder / "forest.txt").write_text(FOREST, encoding="utf-8")
    run()
    assert library.state() == before


def test_the_same_bytes_under_another_name_are_no_second_document(run, folder):
    (folder / "copy.md").write_text(HARBOUR, encoding="utf-8")
    found = {outcome.path.rpartition("/")[2]: (outcome.status, outcome.id) for outcome in run()}
    assert found["harbour.md"] == ("same", "copy")
    assert found["copy.md"] == ("new", "copy")


def test_a_file_that_was_moved_keeps_its_id(run, folder, library):
    run()
    (folder / "harbour.md").rename(folder / "renamed.md")
    assert statuses(run())["harbour"] == "changed"
    assert library.entry("harbour").path == str(folder / "renamed.md")
    assert library.entry("renamed") is None


def test_documents_whose_files_are_called_alike_get_ids_of_their_own(run, folder, library):
    (folder / "other").mkdir()
    (folder / "other" / "harbour.md").write_text(HARBOUR + "\n끝이다.\n", encoding="utf-8")
    run(taken={"forest"})
    assert [entry.id for entry in library.entries()] == ["forest-2", "harbour", "harbour-2"]
    assert {outcome.status for outcome in run(taken={"forest"})} == {"unchanged"}


def test_a_sidecar_speaks_for_its_file_and_a_change_of_it_counts(run, folder, library):
    sidecar = folder / "harbour.yaml"
    sidecar.write_text(
        "file: harbour.md\nid: port\nas_of: 2024-03\nlicence: CC BY 4.0\n", encoding="utf-8"
    )
    assert statuses(run())["port"] == "new"
    entry = library.entry("port")
    assert (entry.as_of, entry.licence) == ("2024-03", "CC BY 4.0")
    assert statuses(run())["port"] == "unchanged"
    sidecar.write_text("file: harbour.md\nid: port\nas_of: 2025-03\n", encoding="utf-8")
    assert statuses(run())["port"] == "changed"
    assert library.entry("port").as_of == "2025-03"


def test_a_bad_file_is_told_of_and_does_not_stop_the_rest(run, folder):
    (folder / "empty.txt").write_bytes(b"")
    (folder / "headings.md").write_text("# 제목\n\n## 다른 제목\n", encoding="utf-8")
    (folder / "zip.docx").write_bytes(b"PK\x03\x04 and no more")
    outcomes = {Path(outcome.path).name: outcome for outcome in run()}
    assert outcomes["harbour.md"].status == "new"
    assert {n: o.code for n, o in outcomes.items() if o.status == "skipped"} == {
        "empty.txt": "empty",
        "headings.md": "empty",
        "zip.docx": "damaged",
    }
    assert "0 bytes" in outcomes["empty.txt"].message


def test_what_the_engine_refuses_is_told_with_its_reason(library, workshop, folder):
    def refuse(jobs):
        for job in jobs:
            yield job, Refused("time", f"{job.id} took too long")

    with library.writing() as writer:
        files = find_files([str(folder)]).files
        outcomes = [*ingest(files, library, writer, refuse, workshop.recipe)]
    assert [(o.code, o.message) for o in outcomes] == [
        ("time", "forest took too long"),
        ("time", "harbour took too long"),
    ]
    assert library.entries() == []


def test_a_run_that_is_stopped_keeps_what_it_told_of(library, workshop, folder):
    def engine(jobs):
        for number, job in enumerate(jobs):
            if number:
                raise KeyboardInterrupt
            yield job, make_ready(job, workshop)

    told = []
    with pytest.raises(KeyboardInterrupt), library.writing() as writer:
        for outcome in ingest(
            find_files([str(folder)]).files, library, writer, engine, workshop.recipe
        ):
            told.append(outcome.id)
    assert told == [entry.id for entry in library.entries()] == ["forest"]


def test_another_recipe_has_everything_read_again(run, library, folder):
    run()
    asked = []

    def engine(jobs):
        asked.extend(job.id for job in jobs)
        return iter(())

    with library.writing() as writer:
        assert [*ingest(find_files([str(folder)]).files, library, writer, engine, "another")] == []
    assert asked == ["forest", "harbour"]
