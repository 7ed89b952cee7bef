"""Users, passwords and logins, in both databases."""

import unicodedata
from datetime import UTC, datetime, timedelta

import bcrypt
import pytest
from sqlalchemy import select

from assistant.accounts import Accounts
from assistant.errors import InputError
from index.record import tables
from index.record.library import Library

pytest_plugins = ["postgres"]
SECRET = "correct horse battery"


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def record(record_url):
    with Library.open(record_url) as library:
        yield library


@pytest.fixture
def accounts(record, clock):
    return Accounts(record, cost=4, clock=clock)


def rows(record, table):
    return record.read(lambda c: [dict(row) for row in c.execute(select(table)).mappings()])


def test_a_user_logs_in_and_out(accounts):
    accounts.add("Jihye", SECRET, admin=True)
    token = accounts.login("jihye", SECRET)
    user = accounts.session(token)
    assert (user.name, user.role, user.admin) == ("jihye", "admin", True)
    accounts.logout(token)
    assert accounts.session(token) is None
    assert accounts.session("x") is None


def test_neither_password_nor_token_is_kept(accounts, record):
    accounts.add("jihye", SECRET)
    token = accounts.login("jihye", SECRET)
    held = repr([rows(record, tables.users), rows(record, tables.sessions)])
    assert SECRET not in held
    assert token not in held
    assert len(token) >= 43  # 256 bits


@pytest.mark.parametrize(
    ("name", "password"),
    [("jihye", "wrong password"), ("nobody", SECRET), ("jihye", SECRET + "x" * 60), ("", "")],
)
def test_a_wrong_name_or_password_logs_nobody_in(accounts, name, password):
    accounts.add("jihye", SECRET)
    assert accounts.login(name, password) is None


def test_an_unknown_name_costs_as_much_as_a_wrong_password(accounts, monkeypatch):
    accounts.add("jihye", SECRET)
    accounts.login("nobody", SECRET)  # the first has to make the hash to compare with
    checked = []
    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda p, h: checked.append(h[:7]) or real(p, h))
    for name in ("jihye", "nobody"):
        assert accounts.login(name, "wrong password") is None
    assert checked == [b"$2b$04$", b"$2b$04$"]


def test_a_login_lasts_thirty_days_from_when_it_was_last_used(accounts, clock, record):
    accounts.add("jihye", SECRET)
    token = accounts.login("jihye", SECRET)
    for _ in range(4):
        clock.now += timedelta(days=29)
        assert accounts.session(token)
    clock.now += timedelta(days=30)
    assert accounts.session(token) is None
    accounts.login("jihye", SECRET)
    assert len(rows(record, tables.sessions)) == 1  # the one that ended is gone


def test_a_login_that_is_used_all_day_is_not_written_at_each_use(accounts, clock, record):
    accounts.add("jihye", SECRET)
    token = accounts.login("jihye", SECRET)
    clock.now += timedelta(minutes=59)
    before = rows(record, tables.sessions)
    assert accounts.session(token)
    assert rows(record, tables.sessions) == before


def test_another_password_ends_every_login(accounts):
    accounts.add("jihye", SECRET)
    token = accounts.login("jihye", SECRET)
    accounts.set_password("jihye", "another password")
    assert accounts.session(token) is None
    assert accounts.login("jihye", SECRET) is None
    assert accounts.login("jihye", "another password")


def test_a_disabled_user_is_out_at_once_and_may_come_back(accounts):
    accounts.add("jihye", SECRET)
    token = accounts.login("jihye", SECRET)
    accounts.disable("jihye")
    assert accounts.session(token) is None
    assert accounts.login("jihye", SECRET) is None
    accounts.disable("jihye", disabled=False)
    assert accounts.login("jihye", SECRET)


def test_a_removed_user_is_gone_with_the_login(accounts, record):
    accounts.add("jihye", SECRET)
    token = accounts.login("jihye", SECRET)
    assert accounts.any()
    accounts.remove("jihye")
    assert accounts.session(token) is None
    assert accounts.list() == []
    assert not accounts.any()
    assert rows(record, tables.sessions) == []


@pytest.mark.parametrize("password", ["", "short", "가나", "가" * 25, "x" * 73, "nul\0nul\0nul"])
def test_a_password_that_cannot_be_used_is_refused_without_repeating_it(accounts, password):
    with pytest.raises(InputError, match="8 to 72 bytes|NUL") as raised:
        accounts.add("jihye", password)
    if password:
        assert password not in str(raised.value)


def test_korean_passwords_fit_however_they_are_composed(accounts):
    password = "가나다라마바사아자차카타파하" + "가" * 10  # 24 syllables, 72 bytes
    accounts.add("지혜", password)
    assert accounts.login("지혜", unicodedata.normalize("NFD", password))
    assert accounts.login(unicodedata.normalize("NFD", "지혜"), password)


@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "-x", "x" * 65, "a\n", "<b>"])
def test_a_name_that_cannot_be_one_is_refused(accounts, name):
    if name == "a\n":  # white space at the ends does not count
        assert accounts.add(name, SECRET).name == "a"
        return
    with pytest.raises(InputError, match="cannot be a user's name"):
        accounts.add(name, SECRET)


def test_a_name_is_taken_once(accounts):
    accounts.add("jihye", SECRET)
    with pytest.raises(InputError, match="already.*citebrief users password"):
        accounts.add("JIHYE", SECRET)
    for unknown in (accounts.remove, accounts.disable):
        with pytest.raises(InputError, match="no user 'minsu'.*citebrief users list"):
            unknown("minsu")
    with pytest.raises(InputError, match="no user 'minsu'"):
        accounts.set_password("minsu", SECRET)


def test_a_restore_ends_logins_and_keeps_users(accounts, record, tmp_path):
    accounts.add("jihye", SECRET)
    token = accounts.login("jihye", SECRET)
    record.backup(tmp_path / "saved.db")
    accounts.add("minsu", SECRET)
    record.restore(tmp_path / "saved.db")
    assert [user.name for user in accounts.list()] == ["jihye"]
    assert accounts.session(token) is None
    assert accounts.login("jihye", SECRET)
    assert record.check() == []
