"""Revisions of the record: older ones are upgraded, newer ones refused; and servers' own ways."""

import textwrap

import pytest
from record_samples import boxes, entry, prepared, same
from sqlalchemy import text

from index.errors import CiteBriefError
from index.record import migrate, tables
from index.record.address import address
from index.record.engine import REVISION_TABLE, open_engine
from index.record.library import Library
from index.record.people import People, Person

pytest_plugins = ["postgres"]
LATER = '''
    """A column and a table that a later release might add."""

    import sqlalchemy as sa
    from alembic import op

    revision = "0004"
    down_revision = "0003"


    def upgrade():
        anew = "always" if op.get_bind().dialect.name == "sqlite" else "auto"
        with op.batch_alter_table("documents", recreate=anew) as documents:
            documents.add_column(sa.Column("owner", sa.Text, server_default="nobody"))
        op.create_table("letters", sa.Column("id", sa.Text, primary_key=True))
        FAULT
'''


@pytest.fixture
def release(monkeypatch, tmp_path):
    """Pretends that this code is of a later release; with a fault its migration fails."""
    folder = tmp_path / "later"
    folder.mkdir()

    def as_of(fault=""):
        source = textwrap.dedent(LATER).replace("FAULT", fault)
        (folder / "0004_owner.py").write_text(source)
        monkeypatch.setattr(migrate, "VERSIONS", (*migrate.VERSIONS[:1], folder))
        monkeypatch.setattr(migrate, "HEAD", "0004")

    return as_of


def filled(url):
    with Library.open(url) as library, library.writing() as writer:
        writer.keep(entry(prepared()), prepared(), boxes=boxes(), original=b"%PDF")
    return library.at


def revision_of(at):
    engine = open_engine(at)
    with engine.connect() as connection:
        found = migrate.revision(connection)
        owners = (
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() "
            "AND table_name = 'documents' AND column_name = 'owner'"
        )
        if at.file:
            owners = "SELECT count(*) FROM pragma_table_info('documents') WHERE name = 'owner'"
        has = connection.execute(text(owners)).scalar()
    engine.dispose()
    return found, has


def test_an_older_record_is_upgraded_after_a_copy_was_made(record_url, release):
    at = filled(record_url)
    release()
    with Library.open(record_url) as library:
        with library.snapshot() as snapshot:
            assert same(snapshot.prepared("harbour", "r1"), prepared())
            assert snapshot.original("harbour") == b"%PDF"
        assert library.check() == []
        with library.writing() as writer:
            writer.keep(entry(prepared("new")), prepared("new"))
            writer.forget(["harbour"])
    assert revision_of(at) == ("0004", 1)
    if at.file:
        copy = at.file.with_name("citebrief.db.0003.bak")
        assert revision_of(address(f"sqlite:///{copy}")) == ("0003", 0)


def test_a_record_without_people_gets_them_and_keeps_its_documents(record_url, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(migrate, "HEAD", "0001")
        at = filled(record_url)
        assert revision_of(at)[0] == "0001"
    with Library.open(record_url) as library:
        with library.snapshot() as snapshot:
            assert same(snapshot.prepared("harbour", "r1"), prepared())
        state = library.state()
        assert library.check() == []
        People(library).add(Person("jihye", "hash", "member", "2026-11-23T10:00:00Z"))
        assert library.state() == state
        if at.file:
            copy = at.file.with_name("citebrief.db.0001.bak")
            assert revision_of(address(f"sqlite:///{copy}"))[0] == "0001"
            library.restore(copy)
            assert People(library).all() == []
            assert library.state() == state
    assert revision_of(at)[0] == "0003"


def test_an_upgrade_that_fails_leaves_the_record_as_it_was(record_url, release, monkeypatch):
    at = filled(record_url)
    with monkeypatch.context():
        release("raise RuntimeError('power cut')")
        with pytest.raises(RuntimeError, match="power cut"):
            Library.open(record_url)
        assert revision_of(at) == ("0003", 0)
    release()
    with Library.open(record_url) as library:
        assert library.check() == []


def test_a_newer_record_is_left_as_it_is(record_url, release, monkeypatch):
    at = filled(record_url)
    engine = open_engine(at)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {REVISION_TABLE} SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(CiteBriefError, match="newer CiteBrief .revision 9999.*Update CiteBrief"):
        Library.open(record_url)
    assert revision_of(at) == ("9999", 0)


def test_a_writer_notices_that_the_record_was_upgraded_meanwhile(record_url, release):
    filled(record_url)
    with Library.open(record_url) as library:
        with library._engine.begin() as connection:
            connection.execute(text(f"UPDATE {REVISION_TABLE} SET version_num = '0004'"))
        with pytest.raises(CiteBriefError, match="Update CiteBrief"), library.writing():
            pass


def test_an_older_backup_is_upgraded_in_a_copy(record_url, release, tmp_path):
    filled(record_url)
    with Library.open(record_url) as library:
        library.backup(tmp_path / "old.db")
    before = (tmp_path / "old.db").read_bytes()
    release()
    with Library.open(record_url) as library:
        library.restore(tmp_path / "old.db")
        assert library.check() == []
        assert [e.id for e in library.entries()] == ["harbour"]
    assert (tmp_path / "old.db").read_bytes() == before


def test_the_migrations_make_the_tables_of_the_code(record_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    Library.open(record_url).close()
    engine = open_engine(address(record_url))
    with engine.connect() as connection:
        options = {"version_table": REVISION_TABLE, "compare_type": False}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_head_is_the_last_of_the_migrations_that_ship():
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(migrate._config()).get_heads() == [migrate.HEAD]


# --- a server's own ways --------------------------------------------------------------------------


def test_a_database_with_tables_of_another_program_is_left_alone(postgres):
    url = postgres.database()
    engine = open_engine(address(url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE documents (id TEXT)"))
    with pytest.raises(CiteBriefError, match=r"tables of another program \(documents\)"):
        Library.open(url)
    with engine.connect() as connection:
        assert migrate.revision(connection) is None
    engine.dispose()


def test_a_database_that_cannot_hold_korean_is_refused(postgres):
    url = postgres.database("--encoding", "LATIN1", "--template", "template0")
    with pytest.raises(CiteBriefError, match="has the encoding LATIN1.*--encoding UTF8"):
        Library.open(url)


def test_a_server_that_cannot_be_reached_is_told_without_the_password(postgres):
    good = postgres.database()
    for bad, why in (
        (good.replace(f":{postgres.port}/", ":1/"), "connection refused"),
        (good.replace("s3cret", "wr0ng"), "user or password was refused"),
        (good + "x", "no such database"),
    ):
        with pytest.raises(CiteBriefError, match=f"{why}.*CITEBRIEF_DATABASE") as raised:
            Library.open(bad)
        assert "127.0.0.1" in str(raised.value)
        assert "cret-of" not in str(raised.value)
        assert "wr0ng" not in str(raised.value)


def test_a_connection_that_was_dropped_is_made_anew(postgres):
    url = postgres.database()
    with Library.open(url) as library:
        before = library.state()
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        other = open_engine(address(postgres.database()))
        with other.connect() as connection:
            connection.execute(text(f"{end} AND datname IS NOT NULL"))
        assert library.state() == before
        with library.writing() as writer:
            with other.connect() as connection:
                connection.execute(text(f"{end} AND datname IS NOT NULL"))
            with pytest.raises(CiteBriefError, match="cannot be reached|was lost"):
                writer.keep(entry(prepared()), prepared())
        other.dispose()
        with library.writing() as writer:
            writer.keep(entry(prepared()), prepared())
        assert library.check() == []


def test_what_a_server_says_of_a_full_disk_is_told():
    from psycopg import errors

    from index.record.engine import explain

    at = address("postgresql://me:s3cret@db:5432/briefs")
    told = str(explain(at, errors.DiskFull("could not extend file")))
    assert told == (
        "Nothing was changed in the PostgreSQL database 'briefs' on db:5432: its disk is full. "
        "Make room there and run the command again."
    )
