"""A process killed at any moment of writing leaves whole documents only, in either database."""

import multiprocessing
import os
import random
import signal
import time

import pytest
from record_samples import KOREAN, boxes, entry, prepared, same

from index.record.library import Library
from index.record.writer import Writer

pytest_plugins = ["postgres"]
KILLS = 12
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["record_samples", "index.record.library"])


def version_of(id: str, number: int):
    """What document `id` is in its version `number`."""
    sentences = (
        tuple(f"{number}번째 판의 {n}번 문장이다." for n in range(20)) + KOREAN[: number % 4]
    )
    return prepared(id, sentences, seed=number)


def write_for_ever(url, seed, said):
    """Keep and forget documents, and say before and after each step what is being done."""
    choose = random.Random(seed)
    with Library.open(url) as library, library.writing() as writer:
        number = seed * 1000
        while True:
            number += 1
            id = f"d{choose.randrange(3)}"
            if choose.random() < 0.25:
                said.send(("forget", id, number))
                Writer.forget(writer, [id])
            else:
                made = version_of(id, number)
                said.send(("keep", id, number))
                writer.keep(entry(made, b"x" * number), made, boxes=boxes(), original=b"x" * number)
            said.send(("done", id, number))


def heard_from(pipe):
    """What was said until the process was no more."""
    heard = []
    try:
        while pipe.poll(5):
            heard.append(pipe.recv())
    except (EOFError, OSError):
        pass
    return heard


def test_killed_at_random_moments_every_acknowledged_document_is_whole(record_url):
    Library.open(record_url).close()
    acknowledged: dict[str, int | None] = {}
    chance = random.Random(20261123)
    for seed in range(1, KILLS + 1):
        ours, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=write_for_ever, args=(record_url, seed, theirs))
        process.start()
        theirs.close()
        heard = [ours.recv()]  # it has begun
        time.sleep(chance.uniform(0, 0.12))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        heard += heard_from(ours)
        begun: dict[str, tuple[str, int]] = {}
        for what, id, number in heard:
            if what == "done":
                doing, of = begun.pop(id)
                acknowledged[id] = of if doing == "keep" else None
            else:
                begun[id] = (what, number)
        check_all(record_url, acknowledged, begun)


def check_all(url, acknowledged, begun):
    """Every document is as acknowledged, or as it was about to be when its writer was killed."""
    with Library.open(url) as library, library.snapshot() as snapshot:
        for id in {*acknowledged, *begun}:
            found = snapshot.prepared(id, "r1")
            numbers = [acknowledged.get(id)]
            if id in begun:
                doing, number = begun[id]
                numbers.append(number if doing == "keep" else None)
            held = [n for n in numbers if same(found, None if n is None else version_of(id, n))]
            assert held, f"{id} is neither version of {numbers}"
            acknowledged[id] = held[-1]
            if held[-1] is not None:
                assert snapshot.original(id) == b"x" * held[-1]
                assert snapshot.boxes(id) == boxes()
        assert library.check() == []
        assert len(snapshot.entries) == sum(n is not None for n in acknowledged.values())


def hold(url, said):
    with Library.open(url) as library, library.writing():
        said.send("holding")
        time.sleep(60)


def test_a_killed_holder_of_the_lock_frees_it(record_url):
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=hold, args=(record_url, theirs))
    process.start()
    assert ours.recv() == "holding"
    with Library.open(record_url) as library:
        with pytest.raises(Exception, match=f"process {process.pid} on"), library.writing(0):
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        with library.writing(20) as writer:
            writer.keep(entry(prepared()), prepared())


def restore_slowly(url, source, said):
    from sqlalchemy import event

    from index.record import backup

    with Library.open(url) as library:

        def late(connection, cursor, statement, *rest):
            if "INSERT INTO passages" in statement:
                said.send("in the middle")
                time.sleep(60)

        event.listen(library._engine, "before_cursor_execute", late)
        assert backup
        library.restore(source)


def test_killed_in_the_middle_of_a_restore_the_old_content_stays(record_url, tmp_path):
    with Library.open(record_url) as library:
        with library.writing() as writer:
            writer.keep(entry(prepared()), prepared())
        library.backup(tmp_path / "b.db")
        with library.writing() as writer:
            writer.forget(["harbour"])
            other = version_of("d1", 1)
            writer.keep(entry(other), other)
        state = library.state()
        ours, theirs = PROCESSES.Pipe(duplex=False)
        arguments = (record_url, tmp_path / "b.db", theirs)
        process = PROCESSES.Process(target=restore_slowly, args=arguments)
        process.start()
        assert ours.recv() == "in the middle"
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert library.state() == state
        assert library.check() == []
        library.restore(tmp_path / "b.db", wait=20)
        assert [e.id for e in library.entries()] == ["harbour"]
