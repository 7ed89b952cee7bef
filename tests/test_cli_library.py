"""The commands that change the library, as a user types them; files are read in this process."""

import json

import pytest
from typer.testing import CliRunner

from assistant import cli
from assistant.keeping import Keeper
from index.job import Refused, Workshop, make_ready
from index.lexicon import compile_lexicon
from index.record.library import Library

HARBOUR = "# 항만 보고서\n\n부산항은 2030년까지 3조 원을 들여 확장된다. 정부가 절반을 낸다.\n"
FOREST = "Forest Policy\n\nThe Forest Service planted 2.5 million trees in 2023. Losses fell.\n"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "받은 파일"
    folder.mkdir()
    (folder / "harbour.md").write_text(HARBOUR, encoding="utf-8")
    (folder / "forest.txt").write_text(FOREST, encoding="utf-8")
    return folder


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path / 'record' / 'citebrief.db'}"


@pytest.fixture
def run(nothing_set, monkeypatch, tmp_path, tiny_lexicon, database):
    """A function that runs `citebrief` with these words, over what was ingested alone."""
    for name, value in {
        "LIBRARY": "none",
        "DATABASE": database,
        "INDEX": tmp_path / "index",
        "GLOSSARY": tiny_lexicon["glossary"],
        "THESAURUS": tiny_lexicon["thesaurus"],
    }.items():
        monkeypatch.setenv(f"CITEBRIEF_{name}", str(value))
    lexicon = compile_lexicon(**tiny_lexicon).to_json()

    def engine(keeper, order, recipe, files):
        workshop = Workshop(lexicon, None, recipe)
        return lambda jobs: ((job, make_ready(job, workshop)) for job in jobs)

    monkeypatch.setattr(Keeper, "_engine", engine)
    return lambda *words: CliRunner().invoke(cli.cli, [str(word) for word in words])


def test_ingest_names_each_document_that_it_keeps_and_then_all_can_be_asked(run, folder):
    result = run("ingest", folder)
    assert result.exit_code == 0
    kept = [line.split()[:2] for line in result.stdout.splitlines()]
    assert kept == [["new", "forest"], ["new", "harbour"]]
    assert "2 files: 2 new." in result.stderr
    answer = json.loads(run("ask", "부산항은 언제까지 확장되나요?", "--json").stdout)
    (citation,) = answer["citations"]
    assert citation["document"] == "harbour"
    assert citation["quote"] == "부산항은 2030년까지 3조 원을 들여 확장된다."


def test_ingest_as_json_is_one_document_with_every_file(run, folder):
    (folder / "empty.txt").write_bytes(b"")
    report = json.loads(run("ingest", folder, "--json").stdout)
    assert report["counts"] == {"new": 2, "changed": 0, "unchanged": 0, "same": 0, "skipped": 1}
    (skipped,) = [file for file in report["files"] if file["status"] == "skipped"]
    assert (skipped["code"], skipped["path"]) == ("empty", str(folder / "empty.txt"))


def test_what_was_skipped_is_told_with_its_reason_and_fails_only_where_it_was_named(run, folder):
    (folder / "empty.txt").write_bytes(b"")
    met = run("ingest", folder)
    assert met.exit_code == 0
    assert "empty.txt  (empty)" in met.stdout
    assert "has no content (0 bytes)" in met.stdout
    named = run("ingest", folder / "harbour.md", folder / "empty.txt")
    assert named.exit_code == 2
    missing = run("ingest", folder / "nowhere.pdf")
    assert missing.exit_code == 2
    assert "nowhere.pdf  (missing)" in missing.stdout


def test_notes_of_source_and_licence_are_listed(run, folder):
    run("ingest", folder, "--source", "Ministry of Oceans", "--licence", "KOGL 1")
    listed = json.loads(run("documents", "--json").stdout)["documents"]
    assert [(d["id"], d["source"], d["licence"]) for d in listed] == [
        ("forest", "Ministry of Oceans", "KOGL 1"),
        ("harbour", "Ministry of Oceans", "KOGL 1"),
    ]
    table = run("documents").stdout
    assert "항만 보고서" in table
    assert "2 documents, 2 of them ingested." in table


def test_a_changed_file_is_answered_from_as_it_is_now(run, folder):
    run("ingest", folder)
    (folder / "harbour.md").write_text(HARBOUR.replace("2030", "2035"), encoding="utf-8")
    result = run("ingest", folder)
    assert "changed  harbour  1 page, 2 passages, 1 rewritten" in result.stdout
    assert "2035년" in run("ask", "부산항은 언제까지 확장되나요?").stdout


def test_forget_removes_a_document_everywhere_and_proves_it(run, folder, tmp_path, database):
    run("ingest", folder)
    result = json.loads(run("forget", "harbour", "--json").stdout)
    assert result["proved"]
    assert result["ids"] == ["harbour"]
    assert result["sentences"] == 1  # the other is too short to be no one else's
    assert result["files"] > 10
    with Library.open(database) as library:
        assert [entry.id for entry in library.entries()] == ["forest"]
    sentence = "부산항은 2030년까지".encode()
    ours = [path for path in tmp_path.rglob("*") if path.is_file() and folder not in path.parents]
    assert not [path for path in ours if sentence in path.read_bytes()]
    assert "부산항" not in run("ask", "부산항은 언제까지 확장되나요?").stdout


def test_what_is_no_document_of_the_record_is_not_forgotten_and_nothing_else_is(run, folder):
    run("ingest", folder)
    result = run("forget", "forest", "nothing")
    assert result.exit_code == 2
    assert "'nothing'" in result.stderr
    assert len(json.loads(run("documents", "--json").stdout)["documents"]) == 2


def test_a_file_of_the_library_folder_cannot_be_forgotten(run, monkeypatch, small_library):
    monkeypatch.setenv("CITEBRIEF_LIBRARY", str(small_library))
    result = run("forget", "harbour")
    assert result.exit_code == 2
    assert str(small_library) in result.stderr
    assert "CITEBRIEF_LIBRARY=none" in result.stderr


def test_a_backup_brings_back_what_was_forgotten(run, folder, tmp_path):
    run("ingest", folder)
    saved = run("backup", tmp_path / "saved.citebrief")
    assert (saved.exit_code, "Backed up to" in saved.stdout) == (0, True)
    run("forget", "harbour", "forest")
    restored = run("restore", tmp_path / "saved.citebrief")
    assert restored.stdout.startswith("Restored 2 documents")
    assert "2030년" in run("ask", "부산항은 언제까지 확장되나요?").stdout


def test_a_backup_over_a_file_wants_force(run, folder, tmp_path):
    run("ingest", folder)
    (tmp_path / "there").write_text("mine")
    assert run("backup", tmp_path / "there").exit_code == 2
    assert (tmp_path / "there").read_text() == "mine"
    assert run("backup", tmp_path / "there", "--force").exit_code == 0


def test_without_anything_ingested_there_is_nothing_to_back_up_or_forget(run):
    assert "nothing to back up" in run("backup", "file").stderr
    assert run("forget", "harbour").exit_code == 2
    assert json.loads(run("documents", "--json").stdout) == {"documents": []}


def test_without_a_database_nothing_can_be_kept(run, folder, monkeypatch):
    monkeypatch.setenv("CITEBRIEF_DATABASE", "none")
    result = run("ingest", folder)
    assert result.exit_code == 2
    assert "CITEBRIEF_DATABASE=none" in result.stderr


def test_documents_of_folder_and_record_are_asked_together(run, folder, monkeypatch, small_library):
    monkeypatch.setenv("CITEBRIEF_LIBRARY", str(small_library))
    result = run("ingest", folder)
    assert [line.split()[1] for line in result.stdout.splitlines()] == ["forest-2", "harbour-2"]
    ids = [d["id"] for d in json.loads(run("documents", "--json").stdout)["documents"]]
    assert ids == ["forest", "harbour", "trains", "forest-2", "harbour-2"]
    assert "고속철도" in run("ask", "고속철도 요금은 언제 오르나요?").stdout


def test_an_interrupted_run_keeps_what_it_named_and_says_so(run, folder, monkeypatch, database):
    whole = Keeper._engine

    def engine(keeper, order, recipe, files):
        read = whole(keeper, order, recipe, files)

        def stopped(jobs):
            for number, (job, made) in enumerate(read(jobs)):
                if number:
                    raise KeyboardInterrupt
                yield job, made

        return stopped

    monkeypatch.setattr(Keeper, "_engine", engine)
    result = run("ingest", folder)
    assert result.exit_code == 130
    assert "Interrupted; what was kept stays." in result.stderr
    with Library.open(database) as library:
        assert [entry.id for entry in library.entries()] == ["forest"]


def test_a_file_that_takes_too_long_is_told_of(run, folder, monkeypatch):
    def engine(keeper, order, recipe, files):
        return lambda jobs: ((job, Refused("time", f"{job.path} takes long")) for job in jobs)

    monkeypatch.setattr(Keeper, "_engine", engine)
    assert "harbour.md takes long" in run("ingest", folder).stdout


def test_translate_needs_a_chat_model(run, folder):
    result = run("ingest", folder, "--translate")
    assert result.exit_code == 2
    assert "CITEBRIEF_LLM" in result.stderr


def test_an_address_is_for_ray(run, folder):
    assert "--engine ray" in run("ingest", folder, "--address", "ray://x:1").stderr


TRANSLATIONS = {
    "항만 보고서": "Harbour report",
    "부산항은 2030년까지 3조 원을 들여 확장된다.": (
        "Busan Port will be expanded by 2030 at a cost of 3 trillion won."
    ),
    "정부가 절반을 낸다.": "The government pays half.",
}


def translating(body):
    """The translation of whichever piece the request asks for."""
    prompt = body["messages"][-1]["content"]
    return TRANSLATIONS[prompt.partition("⟦t⟧")[2].partition("⟦/t⟧")[0].strip()]


@pytest.fixture
def with_model(llm_server, monkeypatch):
    monkeypatch.setenv("CITEBRIEF_LLM", "openai:scripted")
    monkeypatch.setenv("CITEBRIEF_LLM_BASE_URL", llm_server.base_url)
    return llm_server


def test_a_translated_document_is_answered_in_the_other_language_and_says_by_whom(
    run, folder, with_model, database
):
    with_model.default = translating
    result = run("ingest", folder / "harbour.md", "--translate")
    assert result.exit_code == 0
    assert "edition  harbour  3 of 3 pieces translated" in result.stdout
    question = "Until when will Busan Port be expanded?"
    answer = json.loads(run("ask", question, "--engine", "extractive", "--json").stdout)
    assert answer["answer"].startswith("Busan Port will be expanded by 2030")
    assert answer["citations"][0]["translation_model"] == "openai:scripted"
    assert "machine" in answer["notice"]


def test_a_changed_document_keeps_the_translations_of_what_it_still_says(
    run, folder, with_model, database
):
    with_model.default = translating
    run("ingest", folder / "harbour.md", "--translate")
    (folder / "harbour.md").write_text(HARBOUR + "\n새 문장이다.\n", encoding="utf-8")
    run("ingest", folder / "harbour.md")
    with Library.open(database) as library, library.snapshot() as snapshot:
        document = snapshot.document("harbour")
    assert dict(document.translations) == {
        source: target for source, target in TRANSLATIONS.items() if source in document.text
    }


def test_forget_blanks_what_stored_conversations_quote_and_says_so(run, folder, tmp_path, database):
    from talk_samples import QUOTE, turn

    from assistant.accounts import Accounts
    from assistant.history import History

    run("ingest", folder)
    with Library.open(database) as library:
        Accounts(library, cost=4).add("jihye", "correct horse")
        History(library).save("jihye", "1" * 32, turn(1))
    result = run("forget", "harbour")
    assert result.exit_code == 0
    assert "blanked in 1 place of stored conversations" in result.stdout
    ours = [path for path in tmp_path.rglob("*") if path.is_file() and folder not in path.parents]
    assert not [path for path in ours if QUOTE.encode() in path.read_bytes()]
