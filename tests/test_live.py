"""A server follows its library, and an answer ends on the version that it began with."""

import threading
import time
from types import SimpleNamespace

import pytest

from assistant.errors import AssistantError
from assistant.live import Live
from assistant.types import Answer, Step

SOON = 20.0  # seconds; far longer than it takes


class Store:
    closed = False

    def close(self):
        self.closed = True


class FakeAssistant:
    """One version of a library; `renewed` gives the next."""

    def __init__(self, library, version):
        self.library, self.version, self.state = library, version, version
        self.holdings = library
        self.index = SimpleNamespace(folder=version, store=Store(), documents={version: None})
        self.go_on = threading.Event()

    def renewed(self):
        if self.library.fault:
            raise self.library.fault
        return FakeAssistant(self.library, self.library.version)

    def warm(self):
        pass

    def examples(self, lang):
        return [f"{lang} {self.version}"]

    def stream(self, question, history=(), **options):
        yield Step("search")
        self.go_on.wait(SOON)
        yield Answer("", question, "ko", "answered", self.version)


class FakeHoldings:
    def __init__(self):
        self.version, self.fault = "first", None

    def state(self):
        return self.version


@pytest.fixture
def library():
    return FakeHoldings()


@pytest.fixture
def live(library):
    live = Live(FakeAssistant(library, "first"))
    live.watch(every=0.01, settled=0.0)
    yield live
    live.close()


def until(condition):
    end = time.monotonic() + SOON
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    assert condition()


def test_a_new_version_takes_the_place_of_the_old_one(live, library):
    old = live.index
    assert live.examples("ko") == ["ko first"]
    library.version = "second"
    until(lambda: live.examples("ko") == ["ko second"])
    assert [*live.documents] == ["second"]
    until(lambda: old.store.closed)


def test_a_question_that_has_begun_ends_on_its_own_version(live, library):
    first = live._assistant
    events = live.stream("질문?")
    next(events)
    library.version = "second"
    until(lambda: live.index.folder == "second")
    assert not first.index.store.closed
    first.go_on.set()
    assert [e.answer for e in events] == ["first"]
    until(lambda: first.index.store.closed)


def test_what_cannot_be_opened_is_told_once_and_the_old_version_answers(live, library, caplog):
    library.fault = AssistantError("The disk is full.")
    library.version = "second"
    until(lambda: "The disk is full." in caplog.text)
    time.sleep(0.05)
    assert caplog.text.count("The disk is full.") == 1
    assert live.index.folder == "first"
    library.fault = None
    until(lambda: live.index.folder == "second")


def test_a_version_that_changes_back_is_not_opened_twice(library):
    first = FakeAssistant(library, "first")
    live = Live(first)
    library.version = "second"
    first.renewed = lambda: FakeAssistant(library, "first")
    live._take_up()
    assert live._assistant is first


def test_versions_that_follow_each_other_fast_are_taken_up_when_they_settle(library):
    live = Live(FakeAssistant(library, "first"))
    live.watch(every=0.01, settled=0.4)
    try:
        for number in range(20):
            library.version = f"version {number}"
            time.sleep(0.01)
        until(lambda: live.index.folder == "version 19")
    finally:
        live.close()


def test_an_assistant_over_an_index_alone_is_asked_as_it_is():
    alone = FakeAssistant(FakeHoldings(), "only")
    alone.holdings = None
    live = Live(alone)
    live.watch(every=0.01)
    alone.go_on.set()
    assert [e.answer for e in live.stream("질문?") if isinstance(e, Answer)] == ["only"]
    live.close()
