"""The contract of the record, the same for SQLite and PostgreSQL."""

import threading

import numpy as np
import pytest
from record_samples import ENGLISH, KOREAN, boxes, entry, prepared, same
from sqlalchemy import text

from index.errors import CiteBriefError, InputError
from index.record import clock, packing, tables
from index.record.entry import DamagedRecordError, LockedError, Translation
from index.record.library import Library
from index.record.presence import exists

pytest_plugins = ["postgres"]


@pytest.fixture
def library(record_url):
    with Library.open(record_url) as opened:
        yield opened


def keep(library, made=None, **options):
    made = made or prepared()
    with library.writing() as writer:
        return writer.keep(
            entry(made, path=options.pop("path", "/papers/harbour.pdf")), made, **options
        )


# --- keeping and reading ----------------------------------------------------------------------


def test_a_record_is_there_once_it_was_opened(record_url):
    assert not exists(record_url)
    Library.open(record_url).close()
    assert exists(record_url)
    with Library.open(record_url, create=False) as library:
        assert library.entries() == []


def test_a_record_that_is_not_there_is_made_only_on_request(record_url):
    with pytest.raises(CiteBriefError, match="no record in .* yet.*citebrief ingest"):
        Library.open(record_url, create=False)
    assert not exists(record_url)


@pytest.mark.parametrize("sentences", [KOREAN, ENGLISH, (KOREAN[0], ENGLISH[1])])
def test_what_was_kept_comes_back_to_the_last_bit(library, sentences):
    made = prepared(sentences=sentences)
    kept = keep(library, made, boxes=boxes(), original=b"%PDF")
    with library.snapshot() as snapshot:
        assert same(snapshot.prepared("harbour", "r1"), made)
        assert snapshot.document("harbour") == made.document
        assert snapshot.entries == [kept.entry]
    assert library.boxes("harbour") == boxes()
    assert library.original("harbour") == b"%PDF"
    assert (kept.new, kept.same, kept.gone, kept.replaced) == (len(sentences), 0, 0, False)
    assert library.check() == []


def test_what_is_not_there_is_none(library):
    keep(library)
    with library.snapshot() as snapshot:
        assert snapshot.prepared("harbour", "another recipe") is None
        assert snapshot.prepared("항만", "r1") is None
        with pytest.raises(DamagedRecordError, match="the text of '항만' is missing"):
            snapshot.document("항만")
    assert library.entry("항만") is None
    assert library.original("harbour") is None
    assert library.boxes("harbour") == []
    assert library.by_path("/elsewhere") is None
    assert library.by_sha256("0" * 64) == []


@pytest.mark.parametrize(
    "path",
    [
        "/문서/방위비 분담금.pdf",
        "/two\nlines/\u202egnp.pdf",
        "/papers/\udcb9\udcae\udcbc\udcad.pdf",  # EUC-KR bytes as Python gives them
        "/100%\ufffd\ufffd0041.pdf",
        "/" + "가" * 2000,
    ],
)
def test_a_document_is_found_by_any_path_and_by_its_bytes(library, path):
    kept = keep(library, path=path)
    assert library.by_path(path) == kept.entry
    assert library.by_path(path).path == path
    assert library.by_sha256(kept.entry.sha256) == [kept.entry]


def test_a_changed_document_writes_only_the_passages_that_changed(library):
    before = keep(library)
    changed = prepared(sentences=(*KOREAN[:2], "어민들은 이주를 거부한다."))
    after = keep(library, changed)
    assert (after.new, after.same, after.gone, after.replaced) == (1, 2, 1, True)
    assert after.entry.added == before.entry.added
    with library.snapshot() as snapshot:
        assert same(snapshot.prepared("harbour", "r1"), changed)
    assert library.check() == []


def test_only_vectors_that_differ_are_written(library):
    keep(library)
    log = []
    with library.writing() as writer:
        from sqlalchemy import event

        event.listen(
            library._engine, "before_cursor_execute", lambda c, cur, sql, *rest: log.append(sql)
        )
        writer.keep(entry(prepared()), prepared())
    assert not [sql for sql in log if sql.startswith(("INSERT", "DELETE FROM passages"))]


def test_one_call_with_a_foreign_entry_or_a_changed_file_keeps_nothing(library, tmp_path):
    other = prepared("forest", ENGLISH)
    with library.writing() as writer:
        with pytest.raises(ValueError, match="the entry is of 'harbour'"):
            writer.keep(entry(prepared()), other)
        with pytest.raises(InputError, match="changed while it was read"):
            writer.keep(entry(other), other, original=b"other bytes")
        with pytest.raises(InputError, match="cannot be read"):
            writer.keep(entry(other), other, original=tmp_path / "gone.pdf")
    assert library.entries() == []


def test_a_large_original_is_kept_in_parts(library, tmp_path):
    file = np.random.default_rng(1).bytes(2 * packing.PIECE + 7)
    (tmp_path / "large.pdf").write_bytes(file)
    made = prepared()
    with library.writing() as writer:
        writer.keep(entry(made, file), made, original=tmp_path / "large.pdf")
        writer.keep(entry(made, file), made, original=file)
    assert library.original("harbour") == file
    with library._engine.connect() as connection:
        sizes = connection.execute(text("SELECT length(data) FROM originals ORDER BY part"))
        assert sizes.scalars().all() == [packing.PIECE, packing.PIECE, 7]


def test_passages_can_be_read_by_sql(library):
    keep(library)
    query = "SELECT text, page FROM passages WHERE document_id = 'harbour' ORDER BY position"
    with library._engine.connect() as connection:
        assert connection.execute(text(query)).all() == [(sentence, 1) for sentence in KOREAN]


# --- recipes, states ----------------------------------------------------------------------------


def test_another_recipe_is_added_beside_the_first(library):
    keep(library)
    state = library.state()
    second = prepared(recipe="r2", seed=7)
    with library.writing() as writer:
        writer.keep_prepared("harbour", second)
    with library.snapshot() as snapshot:
        assert snapshot.recipes("harbour") == ("r1", "r2")
        assert same(snapshot.prepared("harbour", "r1"), prepared())
        assert same(snapshot.prepared("harbour", "r2"), second)
    assert library.state() == state
    with library.writing() as writer:
        assert writer.drop_recipes({"r2"}) == 1
    with library.snapshot() as snapshot:
        assert snapshot.recipes("harbour") == ("r2",)


def test_words_and_vectors_of_other_passages_are_refused(library):
    keep(library)
    with library.writing() as writer:
        with pytest.raises(InputError, match="kept with other passages"):
            writer.keep_prepared("harbour", prepared(sentences=ENGLISH, recipe="r2"))
        with pytest.raises(InputError, match="no document 'forest'"):
            writer.keep_prepared("forest", prepared("forest"))


def test_a_new_content_drops_the_vectors_of_the_old_one(library):
    keep(library)
    keep(library, prepared(sentences=ENGLISH, recipe="r2"))
    with library.snapshot() as snapshot:
        assert snapshot.recipes("harbour") == ("r2",)


def test_the_state_says_what_is_there_and_not_how_it_came(library):
    empty = library.state()
    keep(library)
    one = library.state()
    keep(library, prepared("forest", ENGLISH))
    both = library.state()
    assert len({empty, one, both}) == 3
    keep(library, prepared(sentences=KOREAN[:2]))
    assert library.state() not in {empty, one, both}
    keep(library)
    assert library.state() == both
    with library.writing() as writer:
        writer.forget(["forest"])
        assert library.state() == one
        writer.forget(["harbour"])
    assert library.state() == empty


def test_a_clock_that_goes_backwards_changes_nothing(library, monkeypatch):
    versions = []
    for year in (2030, 2026, 1999):
        monkeypatch.setattr("index.record.writer.now", lambda year=year: f"{year}-01-01T00:00:00Z")
        keep(library, prepared(sentences=KOREAN[: 1 + year % 3]))
        with library.snapshot() as snapshot:
            versions.append(snapshot.version)
            assert snapshot.prepared("harbour", "r1") is not None
    assert versions == [1, 2, 3]
    assert library.entry("harbour").added.startswith("2030")
    assert library.check() == []
    assert clock.now().endswith("Z")


# --- translations ---------------------------------------------------------------------------------


def test_a_translation_goes_on_where_it_stopped(library):
    keep(library)
    rows = [
        Translation(source, target, checked=True, model="gpt-test")
        for source, target in zip(KOREAN, ENGLISH, strict=True)
    ]
    with library.writing() as writer:
        assert writer.translate("harbour", "en", rows[:2]) == 2
    with library.writing() as writer:
        assert writer.translate("harbour", "en", rows[2:]) == 3
    better = Translation(
        KOREAN[0], "The port grows.", checked=False, kind="given", note="사람이 고침"
    )
    with library.writing() as writer:
        assert writer.translate("harbour", "en", [better]) == 3
    assert library.translations("harbour", "en") == [better, *rows[1:]]
    assert library.translations("harbour", "ko") == []
    with library.writing() as writer, pytest.raises(InputError, match="no document 'forest'"):
        writer.translate("forest", "en", rows)


# --- forgetting -----------------------------------------------------------------------------------


def test_forgetting_removes_every_row_of_a_document_and_no_other(library):
    keep(library, boxes=boxes(), original=b"%PDF")
    keep(library, prepared("forest", ENGLISH))
    with library.writing() as writer:
        writer.translate("harbour", "en", [Translation(KOREAN[0], ENGLISH[0], checked=True)])
        gone = writer.forget(["harbour", "nothing", "harbour"])
    assert (gone.ids, gone.unknown, gone.erased) == (("harbour",), ("nothing",), True)
    assert gone.rows == {
        "documents": 1, "passages": 3, "texts": 1, "vectors": 4, "analyses": 4,
        "translations": 1, "originals": 1, "boxes": 1,
    }  # fmt: skip
    with library._engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            if "document_id" in table.c:
                query = text(f"SELECT DISTINCT document_id FROM {table.name}")
                assert set(connection.execute(query).scalars()) <= {"forest"}
    assert [e.id for e in library.entries()] == ["forest"]
    assert library.check() == []


# --- one version for readers, one writer ------------------------------------------------------


def test_a_snapshot_stays_as_it_is_while_others_write(library, monkeypatch):
    monkeypatch.setattr("index.record.writer.READERS_WAIT", 0.1)
    keep(library)
    with library.snapshot() as snapshot:
        for number in range(3):
            keep(library, prepared(f"d{number}", ENGLISH))
            keep(library, prepared(sentences=KOREAN[: number + 1]))
        with library.writing() as writer:
            writer.forget(["d1"])
        assert [e.id for e in snapshot.entries] == ["harbour"]
        assert same(snapshot.prepared("harbour", "r1"), prepared())
        with library.snapshot() as later:
            assert [e.id for e in later.entries] == ["d0", "d2", "harbour"]


def test_a_second_writer_waits_is_told_of_the_first_and_gives_up(record_url, library):
    told = []
    with Library.open(record_url) as other, library.writing():
        holder = r"process \d+ on .*, since 20\d\d-.*Run the command"
        with (
            pytest.raises(LockedError, match=holder),
            other.writing(wait=0.3, told=told.append),
        ):
            pytest.fail("two writers at once")
        assert other.entries() == []  # readers do not wait
    assert len(told) == 1
    assert "Waiting for another writer" in told[0]
    assert "s3cret" not in told[0]


def test_a_waiting_writer_goes_on_when_the_first_is_done(record_url, library):
    begun, waiting = threading.Event(), threading.Event()

    def first():
        with library.writing() as writer:
            begun.set()
            assert waiting.wait(20)
            writer.keep(entry(prepared()), prepared())

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(20)
    with Library.open(record_url) as other, other.writing(20, lambda _: waiting.set()) as writer:
        writer.keep(entry(prepared("forest", ENGLISH)), prepared("forest", ENGLISH))
    thread.join()
    assert [e.id for e in library.entries()] == ["forest", "harbour"]


def test_an_error_in_the_middle_of_keeping_leaves_all_as_it_was(library, monkeypatch):
    keep(library)
    before = library.state()
    monkeypatch.setattr("index.record.writer._keep_original", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep(library, prepared(sentences=ENGLISH))
    assert library.state() == before
    with library.snapshot() as snapshot:
        assert snapshot.version == 1
        assert same(snapshot.prepared("harbour", "r1"), prepared())


# --- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE passages SET text = 'x' WHERE position = 1", "not as it was written"),
        ("DELETE FROM passages WHERE position = 2", "not as it was written"),
        ("DELETE FROM analyses WHERE field = 'ko'", "words or vectors of 'harbour' are missing"),
        ("UPDATE vectors SET texts = 1 WHERE field = 'ko'", "vectors of 'harbour' are missing"),
        ("UPDATE texts SET data = substr(data, 2)", "texts are not as written"),
        ("UPDATE passages SET rest = '{' WHERE position = 1", "cannot be read"),
    ],
)
def test_a_changed_row_is_noticed_where_it_is_read_and_by_the_check(library, change, told):
    keep(library)
    with library._engine.begin() as connection:
        connection.execute(text(change))
    with library.snapshot() as snapshot:
        with pytest.raises(CiteBriefError, match=told) as raised:
            snapshot.prepared("harbour", "r1")
        assert "citebrief restore" in str(raised.value)
    assert any(told in fault for fault in library.check())


def test_a_row_taken_from_the_list_of_documents_is_noticed_by_the_check(library):
    keep(library)
    with library._engine.begin() as connection:
        connection.execute(text("DELETE FROM documents"))
    assert library.check() == ["The list of documents is not the one that was written."]
    with library._engine.begin() as connection:
        connection.execute(text("DELETE FROM library"))
    with pytest.raises(CiteBriefError, match="is damaged"):
        library.state()
