"""What the Slack bot remembers, in both databases: events once only, threads, settings."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from record_samples import ENGLISH, entry, prepared, same
from sqlalchemy import func, select, text
from talk_samples import OTHER, QUOTE, refusal, turn

from index.record import migrate, tables
from index.record.address import address
from index.record.chats import LONGEST_KEY, MOST_TURNS, ChannelSettings, Chats, Job, Thread
from index.record.engine import open_engine
from index.record.library import Library, restore
from index.record.people import People, Person

pytest_plugins = ["postgres"]
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["index.record.chats", "index.record.library"])
HERE = ("T0TEAM", "C0BRIEF", "1700000000.000100")
ASKED = {"channel": "C0BRIEF", "text": "부산항은 언제까지 확장되나요?", "ts": "1700000000.000100"}
START = 1_790_000_000.0
DAY = 86_400.0


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.time = START

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def record(record_url):
    with Library.open(record_url) as library:
        yield library


@pytest.fixture
def chats(record, clock):
    return Chats(record, clock)


def take_in(chats, *events, kind="mention", payload=ASKED):
    return [chats.take_in(event, kind, "T0TEAM", payload) for event in events]


def stored(record, *held):
    """Everything that the tables hold, as one text."""
    return record.read(lambda c: repr([[*map(tuple, c.execute(table.select()))] for table in held]))


def row_of(record, event):
    jobs = tables.slack_jobs
    return record.read(
        lambda c: dict(c.execute(select(jobs).where(jobs.c.event == event)).mappings().one())
    )


# --- events ---------------------------------------------------------------------------------------


def test_an_event_is_taken_in_once_whoever_sees_it_again(record, chats, record_url):
    assert take_in(chats, "T0:Ev1", "T0:Ev1", "T0:Ev2") == [True, False, True]
    with Library.open(record_url) as other:  # another instance, or this one after a restart
        assert take_in(Chats(other), "T0:Ev1", "T0:Ev3") == [False, True]
        assert Chats(other).waiting() == 3
    assert chats.claim_one("T0:Ev1", "a") == Job("T0:Ev1", "mention", "T0TEAM", ASKED, 1)
    chats.done("T0:Ev1", "answered")
    assert take_in(chats, "T0:Ev1") == [False]
    assert chats.claim_one("T0:Ev1", "a") is None


def test_any_text_may_be_in_a_payload_and_in_a_key(chats):
    payload = {"text": "\0 \ud800 \ufffd <@U1> 한글", "blocks": [{"n": 1, "of": None}]}
    assert take_in(chats, "T0:\0한", payload=payload) == [True]
    assert chats.claim("a").payload == payload
    long = "T0:" + "x" * 5_000
    assert take_in(chats, long, long, long + "y") == [True, False, True]
    job = chats.claim_one(long, "a")
    assert len(job.event) <= LONGEST_KEY
    assert chats.extend(job.event, "a")
    assert chats.done(job.event, "answered")
    assert not chats.done(long, "answered")


def test_the_oldest_job_is_claimed_first_and_by_its_kind(chats, clock):
    for number, kind in enumerate(("mention", "command", "mention")):
        clock.time += 1
        take_in(chats, f"e{number}", kind=kind)
    assert chats.claim("a", kinds=["command", "action"]).event == "e1"
    assert chats.claim("a", kinds=["command"]) is None
    assert chats.claim("a", kinds=[]) is None
    assert [chats.claim("a").event, chats.claim("b").event, chats.claim("b")] == ["e0", "e2", None]


def test_a_job_is_claimed_anew_once_its_lease_ran_out(chats, clock):
    take_in(chats, "e")
    assert chats.claim("a", 120).attempts == 1
    clock.time += 119
    assert chats.claim("b") is None
    assert chats.claim_one("e", "b") is None
    assert chats.extend("e", "a", 120)
    assert not chats.extend("e", "b", 120)
    clock.time += 119
    assert chats.claim("b") is None
    clock.time += 2
    assert chats.claim("b", 60).attempts == 2
    assert not chats.extend("e", "a")  # who was slow learns that another has it
    assert not chats.put_back("e", "a")
    clock.time += 61
    assert chats.extend("e", "b")  # late, but nobody else came
    assert chats.claim("c") is None


def test_who_takes_over_learns_what_was_posted(chats, clock):
    take_in(chats, "e")
    chats.claim("a")
    assert chats.posted("e") is None
    chats.mark_posted("e", {"channel": "C1", "ts": "1.1"})
    chats.mark_posted("e", {"channel": "C1", "ts": "1.1", "more": ["1.2"]})
    clock.time += 121
    assert chats.claim("b").attempts == 2
    assert chats.posted("e") == {"channel": "C1", "ts": "1.1", "more": ["1.2"]}
    assert chats.posted("unknown") is None


def test_a_job_that_is_put_back_waits_as_long_as_it_is_told(chats, clock):
    take_in(chats, "e")
    chats.claim("a")
    assert chats.put_back("e", "a", 30)
    assert chats.claim("b") is None
    clock.time += 31
    assert chats.claim("b").attempts == 2
    assert chats.put_back("e", "b", counted=False)
    assert chats.claim("b").attempts == 2
    assert chats.waiting() == 1


def test_of_an_ended_job_nothing_that_was_said_is_left(record, chats):
    take_in(chats, "answered", "failed")
    assert "부산항" in stored(record, tables.slack_jobs)
    for event in ("answered", "failed"):
        chats.claim_one(event, "a")
    assert chats.done("answered", "answered")
    assert chats.give_up("failed", "channel_not_found" + "x" * 1_000)
    assert not chats.give_up("answered", "late")
    assert not chats.extend("answered", "a")
    assert not chats.put_back("answered", "a")
    assert chats.waiting() == 0
    assert chats.claim("a") is None
    assert "부산항" not in stored(record, tables.slack_jobs)
    row = row_of(record, "answered")
    assert (row["payload"], row["state"], row["outcome"]) == ({}, "done", "answered")
    assert len(row_of(record, "failed")["outcome"]) == 200


def test_of_an_ended_job_no_byte_stays_in_the_file(tmp_path):
    file = tmp_path / "r.db"
    words = "비밀 질문입니다. " * 500  # more than a page of the file
    with Library.open(f"sqlite:///{file}") as library:
        chats = Chats(library)
        take_in(chats, *"abcdef", payload={"text": words})
        held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
        assert "비밀 질문".encode() in held
        for event in "abcdef":
            chats.claim_one(event, "i")
            chats.done(event, "answered")
    for path in tmp_path.iterdir():  # the last to close a file empties its log
        assert "비밀 질문".encode() not in path.read_bytes()


def test_keys_stay_for_a_week_and_threads_for_ninety_days(record, chats, clock):
    take_in(chats, "done", "held", "waiting")
    chats.claim_one("done", "a")
    chats.done("done", "answered")
    chats.keep_turn(*HERE, turn(1).to_json(), "ko")
    clock.time += 7 * DAY - 1
    take_in(chats, "young")
    assert chats.tidy() == 0
    chats.claim_one("held", "a")
    assert chats.tidy(clock.time + 2) == 2  # what waited and what was done, not what is in hand
    assert take_in(chats, "done", "held") == [True, False]
    clock.time += 84 * DAY
    chats.tidy(clock.time)
    assert chats.thread(*HERE) is None
    turns = select(func.count()).select_from(tables.slack_turns)
    assert record.read(lambda c: c.execute(turns).scalar()) == 0


def test_threads_of_two_instances_claim_every_job_once(record, chats, record_url):
    events = [f"e{number}" for number in range(40)]
    with Library.open(record_url) as other, ThreadPoolExecutor(8) as pool:
        both = (chats, Chats(other, chats._clock))
        came = list(pool.map(lambda n: take_in(both[n % 2], events[n // 2])[0], range(80)))
        assert sum(came) == 40

        def work(number):
            mine = []
            while (job := both[number % 2].claim(f"i{number}")) is not None:
                mine.append((job.event, job.attempts))
                both[number % 2].done(job.event, "answered")
            return mine

        claimed = [found for mine in pool.map(work, range(6)) for found in mine]
        # With others in the way a claim may come back empty; then the job still waits.
        claimed += work(0)
    assert sorted(claimed) == sorted((event, 1) for event in events)
    assert chats.waiting() == 0


def test_one_job_goes_to_one_of_many_who_want_it_at_once(record, chats, record_url):
    with Library.open(record_url) as other:
        both = (chats, Chats(other, chats._clock))
        for number in range(10):
            take_in(chats, f"e{number}")
            gate = threading.Barrier(4)

            def claim(who, event=f"e{number}", gate=gate):
                gate.wait(30)
                return both[who % 2].claim_one(event, f"i{who}")

            with ThreadPoolExecutor(4) as pool:
                assert sum(job is not None for job in pool.map(claim, range(4))) == 1


def drain(url, instance, said):
    """As another process does: take every event in, and do what can be claimed."""
    with Library.open(url) as library:
        chats = Chats(library)
        said.send("ready")
        said.recv()
        came = [n for n in range(60) if chats.take_in(f"e{n}", "mention", "T0TEAM", ASKED)]
        mine = []
        while chats.waiting():
            if (job := chats.claim(instance)) is not None:
                mine.append(job.event)
                chats.done(job.event, "answered")
        said.send((came, mine))


def test_two_processes_take_in_and_claim_every_event_once(record_url):
    Library.open(record_url).close()
    pipes, processes = [], []
    for instance in ("a", "b"):
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=drain, args=(record_url, instance, theirs))
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    for pipe in pipes:
        assert pipe.recv() == "ready"
    for pipe in pipes:
        pipe.send("go")
    heard = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    assert sorted(n for came, _ in heard for n in came) == list(range(60))
    assert sorted(e for _, mine in heard for e in mine) == sorted(f"e{n}" for n in range(60))


def test_an_event_is_taken_in_while_a_document_is_ingested(record, chats, record_url):
    state = record.state()
    with Library.open(record_url) as other, other.writing():
        assert take_in(chats, "e") == [True]
        chats.keep_turn(*HERE, turn(1).to_json(), "ko")
    assert record.state() == state  # it is nothing that search sees


# --- threads and channels -------------------------------------------------------------------------


def test_a_thread_comes_back_as_it_was_said(chats):
    assert chats.thread(*HERE) is None
    assert not chats.answered_here(*HERE)
    turns = [turn(1, why={"passages": []}).to_json(), refusal(2).to_json()]
    for one in turns:
        chats.keep_turn(*HERE, one, "ko")
    assert chats.thread(*HERE) == Thread(tuple(turns), True, "ko")
    assert chats.answered_here(*HERE)
    assert chats.turn(*HERE, turns[1]["id"]) == turns[1]
    assert chats.turn(*HERE, "f" * 16) is None
    for at, other in enumerate(("T1", "C1", "1.1")):
        place = [*HERE]
        place[at] = other
        assert chats.thread(*place) is None
        assert chats.turn(*place, turns[1]["id"]) is None


def test_a_turn_that_is_kept_again_keeps_its_place(chats):
    for number in (1, 2):
        chats.keep_turn(*HERE, turn(number).to_json(), "ko")
    chats.keep_turn(*HERE, turn(1, question="얼마나 커지나요?").to_json(), "en")
    found = chats.thread(*HERE)
    assert [one["id"] for one in found.turns] == [turn(1).id, turn(2).id]
    assert (found.turns[0]["question"], found.lang) == ("얼마나 커지나요?", "en")


def test_of_a_long_thread_the_last_turns_stay(chats):
    for number in range(1, MOST_TURNS + 4):
        chats.keep_turn(*HERE, refusal(number).to_json(), "ko")
    found = [one["id"] for one in chats.thread(*HERE).turns]
    assert found == [refusal(number).id for number in range(4, MOST_TURNS + 4)]


def test_a_thread_counts_as_answered_once_everyone_saw_an_answer(chats):
    chats.keep_turn(*HERE, refusal(1).to_json(), "ko", answered=False)
    assert not chats.answered_here(*HERE)
    chats.keep_turn(*HERE, turn(2).to_json(), "ko")
    chats.keep_turn(*HERE, refusal(3).to_json(), "ko", answered=False)
    assert chats.answered_here(*HERE)
    chats.mark_answered("T0TEAM", "C1", "1.1", "en")  # seen in Slack, with no turn at hand
    assert chats.answered_here("T0TEAM", "C1", "1.1")
    assert chats.thread("T0TEAM", "C1", "1.1") == Thread((), True, "en")


def test_many_may_keep_turns_of_one_thread_at_once(record, chats, record_url):
    with Library.open(record_url) as other, ThreadPoolExecutor(6) as pool:
        both = (chats, Chats(other))
        keep = lambda n: both[n % 2].keep_turn(*HERE, turn(n).to_json(), "ko")  # noqa: E731
        list(pool.map(keep, range(1, 25)))
    found = chats.thread(*HERE).turns
    assert sorted(one["id"] for one in found) == [turn(n).id for n in range(1, 25)]
    positions = select(tables.slack_turns.c.position)
    assert sorted(record.read(lambda c: c.execute(positions).scalars().all())) == [*range(24)]


def test_a_channel_has_settings_of_its_own(chats):
    assert chats.channel("T0TEAM", "C1") == ChannelSettings("auto", None, False)
    for made in (
        ChannelSettings("ko", ("harbour", "\ud800"), True),
        ChannelSettings("en", (), False),
        ChannelSettings(),
    ):
        chats.set_channel("T0TEAM", "C1", made)
        assert chats.channel("T0TEAM", "C1") == made
        assert chats.channel("T0TEAM", "C2") == chats.channel("T1", "C1") == ChannelSettings()


def test_a_changed_turn_of_a_thread_is_noticed_by_the_check(record, chats):
    chats.keep_turn(*HERE, turn(1).to_json(), "ko")
    assert record.check() == []
    with record._engine.begin() as connection:
        connection.execute(text("UPDATE slack_turns SET data = replace(data, '2030', '2040')"))
    assert record.check() == [f"The turn {turn(1).id} of a Slack thread is not as it was written."]


# --- backups, upgrades ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_has_threads_and_settings_but_no_events(record, chats, kind, tmp_path, request):
    target = f"sqlite:///{tmp_path}/moved.db"
    if kind == "postgresql":
        target = request.getfixturevalue("postgres").database()
    take_in(chats, "e")
    chats.keep_turn(*HERE, turn(1).to_json(), "ko")
    chats.set_channel("T0TEAM", "C1", ChannelSettings("ko", ("harbour",), True))
    record.backup(tmp_path / "b.db")
    assert restore(target, tmp_path / "b.db") is None
    with Library.open(target) as moved:
        found = Chats(moved)
        assert found.thread(*HERE) == chats.thread(*HERE)
        assert found.channel("T0TEAM", "C1") == chats.channel("T0TEAM", "C1")
        assert found.waiting() == 0
        assert moved.check() == []


def test_a_restore_neither_loses_an_event_nor_lets_it_in_again(record, chats, tmp_path):
    record.backup(tmp_path / "b.db")
    take_in(chats, "waiting", "done")
    chats.claim_one("done", "a")
    chats.done("done", "answered")
    chats.keep_turn(*HERE, turn(1).to_json(), "ko")
    record.restore(tmp_path / "b.db")
    assert take_in(chats, "waiting", "done") == [False, False]
    assert chats.claim("a").event == "waiting"
    assert chats.thread(*HERE) is None


def test_a_record_without_slack_gets_it_and_keeps_what_it_has(record_url, monkeypatch, tmp_path):
    with monkeypatch.context() as before:
        before.setattr(migrate, "HEAD", "0002")
        with Library.open(record_url) as library:
            with library.writing() as writer:
                writer.keep(entry(prepared()), prepared())
            People(library).add(Person("jihye", "hash", "member", "2026-11-23T10:00:00Z"))
            state = library.state()
    engine = open_engine(address(record_url))
    with engine.connect() as connection:
        assert migrate.revision(connection) == "0002"
    engine.dispose()
    with Library.open(record_url) as library:
        with library.snapshot() as snapshot:
            assert same(snapshot.prepared("harbour", "r1"), prepared())
        assert library.state() == state
        assert [one.name for one in People(library).all()] == ["jihye"]
        assert take_in(Chats(library), "e") == [True]
        Chats(library).keep_turn(*HERE, turn(1).to_json(), "ko")
        assert library.check() == []
        assert library.read(migrate.revision) == "0003"
        if library.at.file:
            copy = library.at.file.with_name("citebrief.db.0002.bak")
            library.restore(copy)
            assert Chats(library).thread(*HERE) is None
            assert [one.name for one in People(library).all()] == ["jihye"]


# --- forgetting -----------------------------------------------------------------------------------

SECRETS = (QUOTE, "비밀 조항은 누구에게도 알려지지 않아야 할 것이다.")


@pytest.fixture
def secret(record):
    made = prepared("harbour", SECRETS)
    with record.writing() as writer:
        writer.keep(entry(made), made)
        writer.keep(entry(prepared("forest", ENGLISH)), prepared("forest", ENGLISH))
    return made


def test_forgetting_a_document_blanks_what_threads_say_of_it(record, chats, secret):
    chats.keep_turn(*HERE, turn(1, question=f"“{SECRETS[1]}” 뜻은?").to_json(), "ko")
    title = secret.document.titles["ko"]
    told = refusal(2)
    told = replace(told, answer=replace(told.answer, answer=f"가까운 주제: ‘{title}’."))
    chats.keep_turn(*HERE, told.to_json(), "ko")
    with record.writing() as writer:
        gone = writer.forget(["harbour"])
    assert (gone.blanked, gone.erased) == (2, True)
    first, second = chats.thread(*HERE).turns
    said = stored(record, tables.slack_turns)
    for word in (*SECRETS, "확장 계획", "항만 보고서", "Busan Port", title):
        assert word not in said
    assert first["answer"]["citations"][1]["quote"] == OTHER
    assert first["answer"]["citations"][0]["quote"] == "(삭제된 문서의 내용이라 지웠습니다.)"
    assert second["answer"]["answer"] == "가까운 주제: ‘삭제된 문서’."
    assert record.check() == []


def test_forgetting_blanks_the_sentences_in_a_question_that_waits(record, chats, secret):
    asked = {"text": f"“{SECRETS[1]}” 맞나요?", "channel": "C1", "files": [{"quote": SECRETS[0]}]}
    take_in(chats, "waiting", "other", payload=asked)
    chats.claim_one("other", "a")
    chats.done("other", "answered")
    with record.writing() as writer:
        assert writer.forget(["harbour"]).blanked == 1
    left = stored(record, tables.slack_jobs)
    assert not [said for said in SECRETS if said in left]
    job = chats.claim("a")
    assert job.payload["text"] == "“(삭제된 문서의 내용이라 지웠습니다.)” 맞나요?"
    assert job.payload["channel"] == "C1"


def test_a_turn_that_is_kept_after_the_forgetting_is_blanked_too(record, chats, secret):
    with record.writing() as writer:
        writer.forget(["harbour"])
    chats.keep_turn(*HERE, turn(1, asked_at="2020-01-01T00:00:00Z").to_json(), "ko")
    assert QUOTE not in stored(record, tables.slack_turns)
    assert OTHER in stored(record, tables.slack_turns)
