"""Backup and restore: one file, checked, that any record can be made of."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from record_samples import ENGLISH, KOREAN, boxes, entry, prepared, same
from sqlalchemy import text

from index.errors import CiteBriefError, InputError
from index.record.entry import Translation
from index.record.library import Library, restore

pytest_plugins = ["postgres"]


def filled(url):
    """A record of two documents with all that can be kept of them."""
    library = Library.open(url)
    forest = prepared("forest", ENGLISH)
    with library.writing() as writer:
        writer.keep(entry(prepared()), prepared(), boxes=boxes(), original=b"%PDF")
        writer.keep(entry(forest), forest)
        writer.keep_prepared("forest", prepared("forest", ENGLISH, recipe="r2", seed=3))
        writer.translate("harbour", "en", [Translation(KOREAN[0], ENGLISH[0], checked=True)])
    return library


def everything(library):
    """All that can be read of it."""
    with library.snapshot() as snapshot:
        return (
            snapshot.state,
            snapshot.entries,
            [snapshot.recipes(e.id) for e in snapshot.entries],
            [snapshot.boxes(e.id) for e in snapshot.entries],
            [snapshot.original(e.id) for e in snapshot.entries],
            [snapshot.translations(e.id, "en") for e in snapshot.entries],
        )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_makes_the_same_record_in_either_database(record_url, kind, tmp_path, request):
    target = f"sqlite:///{tmp_path}/moved.db"
    if kind == "postgresql":
        target = request.getfixturevalue("postgres").database()
    with filled(record_url) as library:
        library.backup(tmp_path / "b.db")
        with Library.open(target) as moved:
            other = prepared("other", KOREAN[:1])
            with moved.writing() as writer:
                writer.keep(entry(other), other)
            moved.restore(tmp_path / "b.db")
            assert everything(moved) == everything(library)
            assert moved.check() == []
            with moved.snapshot() as snapshot:
                second = prepared("forest", ENGLISH, recipe="r2", seed=3)
                assert same(snapshot.prepared("forest", "r2"), second)
                assert snapshot.entry("other") is None
    assert {path.name for path in tmp_path.iterdir()} <= {
        "b.db", "record", "moved.db", "moved.db.lock", "moved.db-wal", "moved.db-shm",
    }  # fmt: skip


def test_a_backup_is_of_one_version_while_a_writer_writes(record_url, tmp_path, monkeypatch):
    with filled(record_url) as library:
        before = everything(library)
        from index.record import backup

        fill = backup._fill

        def interrupted(at, snapshot):
            with Library.open(record_url) as other, other.writing() as writer:
                writer.keep(entry(prepared("new")), prepared("new"))
            fill(at, snapshot)

        monkeypatch.setattr(backup, "_fill", interrupted)
        library.backup(tmp_path / "b.db")
        assert len(library.entries()) == 3
        library.restore(tmp_path / "b.db")
        assert everything(library) == before


def test_a_backup_never_takes_the_place_of_a_file_unasked(record_url, tmp_path):
    (tmp_path / "b.db").write_text("mine")
    with filled(record_url) as library:
        with pytest.raises(InputError, match="is there already.*--force"):
            library.backup(tmp_path / "b.db")
        assert (tmp_path / "b.db").read_text() == "mine"
        with pytest.raises(CiteBriefError, match="could not be written"):
            library.backup(tmp_path / "no" / "b.db")
        library.backup(tmp_path / "b.db", force=True)
        library.restore(tmp_path / "b.db")


def test_a_damaged_record_gives_no_backup(record_url, tmp_path):
    with filled(record_url) as library:
        with library._engine.begin() as connection:
            connection.execute(text("UPDATE passages SET text = 'x' WHERE position = 1"))
        with pytest.raises(CiteBriefError, match="is damaged: .* is not as it was written"):
            library.backup(tmp_path / "b.db")
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith((".", "b"))] == []


@pytest.mark.parametrize("harm", ["cut", "flip", "text", "other", "empty", "missing", "row"])
def test_a_backup_that_is_not_whole_is_refused_and_nothing_changes(record_url, harm, tmp_path):
    source = tmp_path / "b.db"
    with filled(record_url) as library:
        library.backup(source)
        before = everything(library)
        data = source.read_bytes()
        if harm == "cut":
            source.write_bytes(data[: len(data) // 2])
        elif harm == "flip":
            place = data.rindex(KOREAN[1].encode())
            source.write_bytes(data[:place] + b"X" + data[place + 1 :])
        elif harm == "text":
            source.write_text("# no database at all\n" * 100)
        elif harm == "empty":
            source.write_bytes(b"")
        elif harm == "missing":
            source.unlink()
        elif harm == "row":
            with closing(sqlite3.connect(source)) as connection:
                connection.execute("DELETE FROM documents WHERE id = 'forest'")
                connection.commit()
        else:
            source.unlink()
            with closing(sqlite3.connect(source)) as connection:
                connection.execute("CREATE TABLE documents (id TEXT)")
        with pytest.raises(CiteBriefError, match=r"b\.db"):
            library.restore(source)
        assert everything(library) == before
        with pytest.raises(CiteBriefError, match=r"b\.db"):
            restore(record_url, source)
        assert everything(library) == before


def test_restore_puts_a_backup_in_place_of_a_damaged_file_and_keeps_that_aside(tmp_path):
    file = tmp_path / "r" / "citebrief.db"
    url = f"sqlite:///{file}"
    with filled(url) as library:
        expected = everything(library)
        library.backup(tmp_path / "b.db")
    file.write_bytes(b"damaged " * 100)
    aside = restore(url, tmp_path / "b.db")
    assert aside is not None
    assert aside.read_bytes() == b"damaged " * 100
    with Library.open(url) as library:
        assert everything(library) == expected
        # A row changed behind the record's back is damage as well; readers go on in the new file.
        with library._engine.begin() as connection:
            connection.execute(text("UPDATE passages SET text = 'x'"))
        assert restore(url, tmp_path / "b.db") not in (None, aside)
        assert everything(library) == expected
        assert library.check() == []
    assert restore(url, tmp_path / "b.db") is None  # a whole one is replaced where it is


def test_restore_makes_a_record_where_there_is_none(record_url, tmp_path, postgres):
    with filled(record_url) as library:
        expected = everything(library)
        library.backup(tmp_path / "b.db")
    for url in (f"sqlite:///{tmp_path}/new/r.db", postgres.database()):
        assert restore(url, tmp_path / "b.db") is None
        with Library.open(url) as library:
            assert everything(library) == expected


def test_a_record_goes_on_from_where_it_was_restored(record_url, tmp_path):
    with filled(record_url) as library:
        library.backup(tmp_path / "b.db")
        shutil.copy(tmp_path / "b.db", tmp_path / "c.db")
        with library.snapshot() as snapshot:
            version = snapshot.version
        library.restore(tmp_path / "b.db")
        with library.snapshot() as snapshot:
            assert snapshot.version > version
        with library.writing() as writer:
            assert writer.keep(entry(prepared("new")), prepared("new")).new == 3
            writer.forget(["harbour"])
        assert library.check() == []
    assert (tmp_path / "b.db").read_bytes() == (tmp_path / "c.db").read_bytes()
