"""The record as a file of SQLite: read-only, full, damaged, foreign, forgotten to the last byte."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from record_samples import ENGLISH, KOREAN, boxes, entry, prepared, same
from sqlalchemy import event

from index.errors import CiteBriefError, InputError
from index.record.address import address
from index.record.library import Library
from index.record.presence import exists

ROOT = Path(__file__).parent.parent


@pytest.fixture
def file(tmp_path):
    """A closed record of one document."""
    file = tmp_path / "record" / "citebrief.db"
    with Library.open(f"sqlite:///{file}") as library, library.writing() as writer:
        writer.keep(entry(prepared()), prepared(), boxes=boxes(), original=b"%PDF")
    return file


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def size_of(folder):
    return {path.name: path.stat().st_size for path in folder.iterdir()}


# --- where it is --------------------------------------------------------------------------------


def test_a_missing_record_is_known_without_loading_a_database(tmp_path):
    script = (
        "import sys\nfrom index.record.presence import exists\n"
        f"assert not exists('sqlite:///{tmp_path}/no.db')\n"
        "print([m for m in ('sqlalchemy', 'alembic', 'psycopg', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_opening_a_current_record_loads_no_migrations(file):
    script = (
        "import sys\nfrom index.record.library import Library\n"
        f"Library.open('sqlite:///{file}').close()\n"
        "print([m for m in ('alembic', 'psycopg', 'torch', 'kiwipiepy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_relative_path_is_of_the_folder_one_is_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Library.open("sqlite:///기록 100%?#.db").close()
    assert (tmp_path / "기록 100%?#.db").is_file()
    assert exists("sqlite:///기록 100%?#.db")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "names no database"),
        ("citebrief.db", "names no database"),
        ("sqlite://", "names sqlite"),
        ("sqlite:///", "names sqlite"),
        ("sqlite:///:memory:", "no file on a disk"),
        ("mysql://me:s3cret@host/db", "names mysql"),
        ("postgresql://me:s3cret@host:54x/db", "%40"),
        ("postgresql://me:s3cret@host", "names no database on host:5432"),
        ("me:s3cret@host://x", "names no database"),
    ],
)
def test_a_url_that_names_no_record_is_told_without_its_password(url, told):
    with pytest.raises(InputError, match="CITEBRIEF_DATABASE") as raised:
        Library.open(url)
    assert told in str(raised.value)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_every_spelling_of_a_server_means_the_same(scheme):
    at = address(f"{scheme}://me:s3%40cret@db.example:5433/briefs?sslmode=require")
    assert at.place == "the PostgreSQL database 'briefs' on db.example:5433"
    assert at.server == "postgresql+psycopg://me:s3%40cret@db.example:5433/briefs?sslmode=require"
    assert "cret" not in repr(at)


# --- no permission, no space ----------------------------------------------------------------------


def test_a_record_in_a_read_only_folder_can_be_read(file, small_disk):
    shutil.copy(file, small_disk / "citebrief.db")
    remount = ["mount", "-o", "remount,ro", str(small_disk)]
    subprocess.run(remount, check=True)
    with Library.open(f"sqlite:///{small_disk}/citebrief.db") as library:
        with library.snapshot() as snapshot:
            assert same(snapshot.prepared("harbour", "r1"), prepared())
        assert library.check() == []
        with pytest.raises(CiteBriefError) as raised, library.writing():
            pass
        assert f"written in {small_disk} (" in str(raised.value)
    with pytest.raises(CiteBriefError, match=r"written in .*Make the folder writable"):
        Library.open(f"sqlite:///{small_disk}/new/citebrief.db")


def test_without_permission_a_record_can_be_read(file, monkeypatch):
    monkeypatch.setattr("index.record.library.writable", lambda _: False)
    with Library.open(f"sqlite:///{file}") as library:
        assert library.readonly
        assert [e.id for e in library.entries()] == ["harbour"]
        with pytest.raises(CiteBriefError, match="can only be read"), library.writing():
            pass


def fill_up(library, least=1):
    """Keep documents until there is no space for one; gives how many were kept."""
    noise = os.urandom(200_000)
    for number in range(100):
        made = prepared(f"d{number}", (*ENGLISH, f"Number {number}."))
        try:
            with library.writing() as writer:
                writer.keep(entry(made, noise), made, original=noise)
        except CiteBriefError as error:
            assert "disk" in str(error)
            assert "Free some space" in str(error)
            assert number >= least
            return number
    raise AssertionError("the disk is never full")


def check_after_full(library, kept):
    assert [e.id for e in library.entries()] == sorted(f"d{n}" for n in range(kept))
    assert library.check() == []


def test_a_full_disk_loses_nothing_and_keeping_goes_on_when_there_is_space(small_disk):
    (small_disk / "ballast").write_bytes(b"\0" * 700_000)
    with Library.open(f"sqlite:///{small_disk}/citebrief.db") as library:
        kept = fill_up(library)
        check_after_full(library, kept)
        (small_disk / "ballast").unlink()
        made = prepared(f"d{kept}", ENGLISH)
        with library.writing() as writer:
            writer.keep(entry(made), made)
        check_after_full(library, kept + 1)


def test_a_database_that_may_not_grow_loses_nothing(tmp_path):
    with Library.open(f"sqlite:///{tmp_path}/r.db") as library:
        limit = ["PRAGMA max_page_count=200"]
        event.listen(library._engine, "connect", lambda c, _: c.execute(limit[0]))
        library._engine.dispose()
        kept = fill_up(library)
        check_after_full(library, kept)
        library._engine.dispose()
        limit[0] = "PRAGMA max_page_count=100000"
        with library.writing() as writer:
            writer.keep(entry(prepared(f"d{kept}")), prepared(f"d{kept}"))
        check_after_full(library, kept + 1)


def test_a_limit_on_the_size_of_files_loses_nothing(tmp_path):
    with Library.open(f"sqlite:///{tmp_path}/r.db") as library:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, hard))
        try:
            kept = fill_up(library)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        check_after_full(library, kept)
        with library.writing() as writer:
            writer.keep(entry(prepared(f"d{kept}")), prepared(f"d{kept}"))
        check_after_full(library, kept + 1)


# --- damage ---------------------------------------------------------------------------------------


def cut(data):
    return data[: len(data) // 2]


def cut_head(data):
    return data[:50]


def flip_head(data):
    return b"X" + data[1:]


def zero_schema(data):
    return data[:100] + b"\xff" * 300 + data[400:]


def empty(data):
    return b""


def another(data):
    return b"%PDF-1.7\n" * 1000


@pytest.mark.parametrize("harm", [cut, cut_head, flip_head, zero_schema, empty, another])
def test_a_damaged_file_is_named_and_left_as_it_is(file, harm):
    damaged = harm(file.read_bytes())
    file.write_bytes(damaged)
    with pytest.raises(CiteBriefError) as raised:
        Library.open(f"sqlite:///{file}")
    assert str(file) in str(raised.value)
    assert "citebrief restore BACKUP" in str(raised.value)
    assert file.read_bytes() == damaged
    assert exists(f"sqlite:///{file}")


def test_every_flipped_byte_of_what_is_kept_is_noticed_by_the_check(file):
    data = file.read_bytes()
    places = [
        data.index(KOREAN[1].encode()),
        data.rindex(b"%PDF"),
        data.index("시 / City".encode()),
    ]
    places += [data.index(prepared().fields["ko"].vectors.tobytes()[:16])]
    noticed = []
    for place in places:
        file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with Library.open(f"sqlite:///{file}") as library:
            noticed.append(bool(library.check()))
    assert noticed == [True] * 4


def test_a_database_of_another_program_is_left_alone(tmp_path):
    file = tmp_path / "theirs.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE documents (id TEXT)")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(InputError, match=r"theirs\.db is an SQLite database of another program"):
        Library.open(f"sqlite:///{file}")
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.db"]


def test_a_folder_or_a_link_to_nowhere_is_no_record(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "link"):
        with pytest.raises(CiteBriefError, match=name):
            Library.open(f"sqlite:///{tmp_path}/{name}")
    assert not (tmp_path / "nowhere").exists()


def test_a_record_that_is_taken_away_while_open_is_told(file):
    with Library.open(f"sqlite:///{file}") as library:
        file.rename(file.with_name("elsewhere.db"))
        with pytest.raises(CiteBriefError, match="no longer there"):
            library.state()
    assert not file.exists()


def test_a_closed_record_is_one_file_and_what_a_killed_creation_left_is_no_record(file):
    assert set(size_of(file.parent)) == {"citebrief.db", "citebrief.db.lock"}
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# --- no byte of what was forgotten ----------------------------------------------------------------

SECRETS = ("기밀 예산은 4,217억 원이다.", "The secret budget is 318 million.", "비밀은 없다.")


def traces(folder, words=SECRETS):
    """Which files of `folder` hold any of the words."""
    held = [word.encode() for word in words]
    return {p.name for p in folder.iterdir() if any(word in p.read_bytes() for word in held)}


def test_of_a_forgotten_document_no_byte_stays_in_any_file(file):
    made = prepared("secret", SECRETS)
    original = "\n".join(SECRETS).encode() * 5000
    with Library.open(f"sqlite:///{file}") as library:
        with library.writing() as writer:
            writer.keep(entry(made, original), made, original=original)
            writer.keep(entry(made, b"short"), made, original=b"short")
        assert traces(file.parent) != set()
        with library.writing() as writer:
            assert writer.forget(["secret"]).erased
            assert traces(file.parent) == set()
        assert library.check() == []
    assert traces(file.parent) == set()


def test_while_a_reader_holds_the_old_version_erasing_is_left_to_the_next_writer(file, monkeypatch):
    monkeypatch.setattr("index.record.writer.READERS_WAIT", 0.1)
    made = prepared("secret", SECRETS)
    with Library.open(f"sqlite:///{file}") as library:
        with library.writing() as writer:
            writer.keep(entry(made), made)
        with library.snapshot() as snapshot:
            with library.writing() as writer:
                assert not writer.forget(["secret"]).erased
            assert same(snapshot.prepared("secret", "r1"), made)
            assert library.entry("secret") is None
        with library.writing():
            pass
        assert traces(file.parent) == set()


def test_a_replaced_text_leaves_no_byte_after_the_next_forgetting(file):
    made = prepared("secret", SECRETS)
    with Library.open(f"sqlite:///{file}") as library, library.writing() as writer:
        writer.keep(entry(made), made)
        clean = prepared("secret", ENGLISH)
        writer.keep(entry(clean), clean)
        writer.forget(["harbour"])
        assert traces(file.parent) == set()
        assert [e.id for e in library.entries()] == ["secret"]
