"""Never twice, never lost: the bot against a Slack that breaks in every way, and against itself."""

import sqlite3
import threading
import time

import pytest
from slack_office import ALICE, CHANNEL, MINJI, StubAssistant, buttons, office, text_of

from assistant.slack import app as slack_app
from assistant.slack.client import RevokedError
from assistant.slack.crew import Crew
from index.record.chats import MOST_ATTEMPTS

pytestmark = pytest.mark.usefixtures("nothing_set")


@pytest.fixture
def empty(tmp_path):
    with office(tmp_path) as made:
        yield made


@pytest.fixture
def at_work(empty):
    empty.open()
    return empty


def dies(bot):
    """From now on the instance claims nothing and renews no lease, as if it stood still."""
    bot.crew._renew = lambda hold: None
    bot.crew.ended.set()


# --- the same event more than once ------------------------------------------------------------


def test_an_event_that_comes_again_is_acknowledged_and_not_answered_again(at_work):
    key = at_work.slack.mention(CHANNEL, ALICE, "How many ships?")
    again = [at_work.slack.resend(key, (n, "timeout")) for n in (1, 2, 3)]
    at_work.settle(key, *again)
    at_work.settle(at_work.slack.resend(key))
    assert len(at_work.said()) == len(at_work.assistant.asked) == 1


def test_an_event_that_comes_again_after_a_restart_is_not_answered_again(at_work):
    key = at_work.slack.mention(CHANNEL, ALICE, "How many ships?")
    at_work.settle(key)
    at_work.close()
    at_work.open()
    at_work.settle(at_work.slack.resend(key))
    assert len(at_work.said()) == 1


def test_two_instances_answer_each_question_once_between_them(empty):
    first, second = StubAssistant(took=0.02), StubAssistant(took=0.02)
    empty.open(assistant=first)
    empty.open(assistant=second)
    keys = [empty.slack.mention(CHANNEL, ALICE, f"How many ships {n}?") for n in range(16)]
    keys += [empty.slack.resend(key) for key in keys[::2]]
    empty.settle(*keys)
    assert len(empty.said()) == 16
    assert first.asked and second.asked
    assert len(first.asked) + len(second.asked) == 16


# --- calls that fail --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"retry_after": 1},
        {"status": 500},
        {"status": 503},
        {"cut": True},
        {"lost": True},
        {"error": "internal_error"},
        {"error": "ratelimited"},
    ],
)
@pytest.mark.parametrize("question", ["How many ships?", "a long question", "unknown matter"])
def test_whatever_call_fails_there_is_one_answer(at_work, fault, question):
    methods = {
        "How many ships?": ["chat.postMessage"],
        "a long question": ["chat.startStream", "chat.appendStream", "chat.update"],
        "unknown matter": ["chat.postEphemeral"],
    }[question]
    for method in methods:
        at_work.slack.fail_next(method, **fault)
    ts = at_work.ask(question)
    if question == "unknown matter":
        # What one person sees cannot be looked up: after a break it may come twice, never not.
        assert len(at_work.whispered()) == (2 if fault == {"lost": True} else 1)
        return
    [answer] = at_work.said(ts)
    assert buttons(answer)["cb_up"]
    assert all(not stream.open for stream in at_work.slack.streams.values())


def test_a_stream_that_is_cut_in_the_middle_is_finished_by_an_update(at_work):
    at_work.slack.fail_next("chat.appendStream", times=100, status=500)
    at_work.slack.fail_next("chat.stopStream", status=500)
    ts = at_work.ask("a long question")
    [answer] = at_work.said(ts)
    assert text_of(answer).count("350-ship") > 1
    assert buttons(answer)["cb_up"]


def test_a_stream_that_does_not_let_itself_be_ended_is_ended_later(at_work):
    at_work.slack.fail_next("chat.stopStream", times=2, retry_after=1)
    ts = at_work.ask("a long question")
    [answer] = at_work.said(ts)
    assert buttons(answer)["cb_up"]


def test_a_long_wait_that_slack_asks_for_holds_no_worker_and_loses_nothing(empty):
    empty.options["slack_workers"] = 1
    bot = empty.open()
    empty.slack.fail_next("chat.postMessage", retry_after=60)
    waits = empty.slack.mention(CHANNEL, ALICE, "How many ships?")
    empty.slack.wait_for(lambda: any(c.method == "chat.postMessage" for c in empty.slack.calls))
    empty.slack.wait_for(lambda: not bot.crew._holds)
    key = empty.slack.mention(CHANNEL, ALICE, "How many boats?")
    ts = empty.slack.ts_of(key)
    empty.slack.wait_for(lambda: empty.said(ts))
    empty.slack.wait_for(lambda: bot.chats.waiting() == 1)
    assert empty.said(empty.slack.ts_of(waits)) == []


def test_after_slack_was_down_the_question_is_answered(at_work, monkeypatch):
    at_work.slack.fail_next("chat.postMessage", times=5, status=500)
    ts = at_work.slack.ts_of(at_work.slack.mention(CHANNEL, ALICE, "How many ships?"))
    calls = at_work.slack.calls
    at_work.slack.wait_for(lambda: sum(c.method == "chat.postMessage" for c in calls) == 3)
    at_work.slack.wait_for(lambda: not at_work.bots[-1].crew._holds)
    monkeypatch.setattr(at_work.bots[-1].chats, "_clock", lambda: time.time() + 60)
    at_work.slack.wait_for(lambda: at_work.said(ts), 15)
    at_work.done()
    assert len(at_work.said(ts)) == 1


def test_blocks_that_slack_does_not_take_are_made_plainer(at_work):
    at_work.slack.fail_next("chat.postMessage", error="invalid_blocks")
    ts = at_work.ask("How many ships?")
    [answer] = at_work.said(ts)
    assert "container" not in {block["type"] for block in answer["blocks"]}
    at_work.settle(at_work.slack.action("cb_sources", None, answer, MINJI))
    [answer] = at_work.said(ts)
    assert "목표는 함정 350척이다." in text_of(answer)
    assert buttons(answer)["cb_sources"][0]["text"]["text"] == "Hide sources"


def test_a_person_whose_language_cannot_be_told_is_spoken_to_in_english(at_work):
    at_work.slack.fail_next("users.info", error="user_not_visible")
    at_work.settle(at_work.slack.command("/brief", "help", MINJI, CHANNEL))
    assert "/brief QUESTION" in text_of(at_work.whispered()[0])


def test_an_answer_for_one_person_comes_through_where_its_address_has_ended(at_work):
    at_work.assistant.gate.clear()
    key = at_work.slack.command("/brief", "How many ships?", ALICE, CHANNEL)
    for address in at_work.slack.response_urls.values():
        address["left"] = 0
    at_work.assistant.gate.set()
    at_work.settle(key)
    [answer] = at_work.whispered()
    assert "350-ship" in text_of(answer)


# --- what is gone -----------------------------------------------------------------------------


def test_a_question_that_was_deleted_meanwhile_ends_quietly(at_work, caplog):
    at_work.assistant.gate.clear()
    key = at_work.slack.mention(CHANNEL, ALICE, "How many ships?")
    at_work.slack.wait_for(lambda: at_work.assistant.asked)
    at_work.slack.delete_message(CHANNEL, at_work.slack.ts_of(key))
    at_work.assistant.gate.set()
    at_work.done()
    assert at_work.said() == []
    assert caplog.text == ""


def test_an_answer_that_somebody_deletes_while_it_grows_ends_quietly(at_work):
    at_work.assistant.halfway.clear()
    at_work.slack.mention(CHANNEL, ALICE, "a long question")
    [stream] = at_work.slack.wait_for(lambda: list(at_work.slack.streams.values()))
    at_work.slack.delete_message(CHANNEL, stream.ts)
    at_work.assistant.halfway.set()
    at_work.done()
    assert at_work.said() == []


def test_a_token_that_is_revoked_stops_the_bot_and_keeps_what_waits(at_work):
    bot = at_work.bots[-1]
    at_work.assistant.gate.clear()
    keys = [at_work.slack.mention(CHANNEL, ALICE, f"How many ships {n}?") for n in range(6)]
    at_work.slack.wait_for(lambda: all(map(at_work.slack.acked, keys)))
    at_work.slack.revoked = True
    at_work.assistant.gate.set()
    at_work.slack.wait_for(lambda: bot.crew.ended.is_set())
    bot.stop(1)
    assert isinstance(bot.fatal, RevokedError)
    assert "OAuth & Permissions" in str(bot.fatal)
    assert bot.chats.waiting() == 6
    at_work.slack.revoked = False
    at_work.open()
    at_work.done()
    assert len(at_work.said()) == 6


# --- stops, crashes and take-overs ------------------------------------------------------------


def test_a_stop_finishes_what_is_under_way_and_leaves_the_rest_for_the_next_start(empty):
    empty.options["slack_workers"] = 1
    bot = empty.open()
    empty.assistant.gate.clear()
    keys = [empty.slack.mention(CHANNEL, ALICE, f"How many ships {n}?") for n in range(3)]
    empty.slack.wait_for(lambda: all(map(empty.slack.acked, keys)))
    empty.slack.wait_for(lambda: empty.assistant.asked)
    threading.Timer(0.2, empty.assistant.gate.set).start()
    assert bot.stop(5) == 0
    assert len(empty.said()) == 1
    assert bot.chats.waiting() == 2
    empty.open()
    empty.done()
    assert len(empty.said()) == 3


def test_what_does_not_end_in_time_is_put_back_at_once(at_work):
    bot = at_work.bots[-1]
    at_work.assistant.gate.clear()
    key = at_work.slack.mention(CHANNEL, ALICE, "How many ships?")
    at_work.slack.wait_for(lambda: at_work.assistant.asked)
    assert bot.stop(0.1) == 1
    assert at_work.said() == []
    at_work.assistant.gate.set()
    at_work.open()
    at_work.settle(key)
    assert len(at_work.said()) == 1


def test_a_stopped_bot_acknowledges_nothing_so_that_slack_sends_it_again(empty):
    bot = empty.new()
    bot._closed.set()
    from slack_bolt import BoltRequest

    assert bot.bolt.dispatch(BoltRequest(mode="socket_mode", body={"type": "x"})).status == 503


def test_what_a_dead_instance_had_under_way_another_takes_over(empty):
    stuck = StubAssistant()
    stuck.gate.clear()
    first = empty.open(assistant=stuck, lease=0.4)
    key = empty.slack.mention(CHANNEL, ALICE, "How many ships?")
    empty.slack.wait_for(lambda: stuck.asked)
    dies(first)
    empty.open(lease=0.4)
    empty.settle(key)
    assert len(empty.said()) == 1
    stuck.gate.set()  # the first one was only slow: it must not post any more
    empty.slack.wait_for(lambda: not first.crew._holds)
    assert len(empty.said()) == 1


def test_an_answer_that_was_half_written_is_finished_by_who_takes_over(empty):
    stuck = StubAssistant()
    stuck.halfway.clear()
    first = empty.open(assistant=stuck, lease=0.4)
    key = empty.slack.mention(CHANNEL, ALICE, "a long question")
    empty.slack.wait_for(lambda: empty.slack.streams)
    dies(first)
    empty.open(lease=0.4)
    empty.settle(key)
    [answer] = empty.said()
    assert [answer["ts"]] == [stream.ts for stream in empty.slack.streams.values()]
    assert buttons(answer)["cb_up"]
    stuck.halfway.set()
    empty.slack.wait_for(lambda: not first.crew._holds)
    assert empty.said() == [answer]


@pytest.mark.parametrize(
    ("question", "last"), [("How many ships?", "done"), ("a long question", "mark_posted")]
)
def test_what_was_posted_but_not_noted_is_found_again(empty, monkeypatch, question, last):
    first = empty.open(lease=0.4)
    does = getattr(first.chats, last)

    def breaks(event, what):
        if last == "mark_posted" and "parts" not in what:
            does(event, what)
            return
        dies(first)
        threading.Event().wait()  # the process ends between the post and the note

    monkeypatch.setattr(first.chats, last, breaks)
    key = empty.slack.mention(CHANNEL, ALICE, question)
    empty.slack.wait_for(empty.said)
    empty.open(lease=0.4)
    empty.settle(key)
    [answer] = empty.said()
    assert buttons(answer)["cb_up"]


def test_parts_that_were_posted_before_a_wait_are_not_posted_again(at_work, monkeypatch):
    monkeypatch.setattr("assistant.slack.kit.BLOCKS", 6)
    at_work.slack.fail_next("chat.postMessage", skip=1, retry_after=60)
    key = at_work.slack.mention(CHANNEL, ALICE, "How many ships?")
    at_work.slack.wait_for(lambda: len(at_work.said()) == 1)
    at_work.slack.wait_for(lambda: not at_work.bots[-1].crew._holds)
    at_work.slack.heal()
    monkeypatch.setattr(at_work.bots[-1].chats, "_clock", lambda: time.time() + 61)
    at_work.settle(key)
    first, *rest = at_work.said()
    assert rest
    assert len({text_of(m) for m in (first, *rest)}) == 1 + len(rest)


def test_a_lease_is_renewed_for_as_long_as_an_answer_takes(empty):
    slow = StubAssistant(took=1.5)
    empty.open(assistant=slow, lease=0.6)
    other = StubAssistant()
    empty.open(assistant=other, lease=0.6)
    keys = [empty.slack.mention(CHANNEL, ALICE, f"How many ships {n}?") for n in range(2)]
    empty.settle(*keys)
    assert len(slow.asked) + len(other.asked) == 2


def test_what_always_fails_is_given_up_after_some_tries(empty):
    done = []

    def fails(job, hold):
        done.append(job.attempts)
        raise KeyError("a bug")

    bot = empty.new()
    crew = Crew(bot.chats, fails, [(1, ["question"])], instance="x", lease=5, poll=0.02)
    bot.chats.take_in("T:1", "question", "T", {"text": "?"})
    ahead = iter(range(0, 10_000, 40))
    bot.chats._clock = lambda: time.time() + next(ahead)
    crew.start()
    empty.slack.wait_for(lambda: bot.chats.waiting() == 0)
    crew.stop(1)
    assert done == list(range(1, MOST_ATTEMPTS + 1))


def test_a_question_of_half_a_day_ago_is_told_to_be_late_and_not_answered(at_work):
    event = {"type": "app_mention", "user": ALICE, "channel": CHANNEL, "text": "<@U0BOT> ships?"}
    ts = f"{time.time() - 50_000:.6f}"
    at_work.slack.post_as(CHANNEL, ALICE, "<@U0BOT> ships?")["ts"] = ts
    at_work.settle(at_work.slack.event(event | {"ts": ts, "event_ts": ts}))
    assert "in time" in text_of(at_work.whispered()[0])
    assert at_work.assistant.asked == []


# --- the connection ---------------------------------------------------------------------------


def test_after_a_broken_connection_it_connects_again(at_work):
    at_work.ask("How many ships?")
    before = at_work.slack.connections
    at_work.slack.disconnect()
    at_work.slack.wait_for(lambda: at_work.slack.connections > before, 5)
    at_work.ask("How many boats?")
    assert len(at_work.said()) == 2


def test_a_question_is_acknowledged_at_once_however_busy_the_bot_is(at_work):
    at_work.assistant.gate.clear()
    keys = [at_work.slack.mention(CHANNEL, ALICE, f"How many ships {n}?") for n in range(30)]
    at_work.slack.wait_for(lambda: all(key in at_work.slack.acks for key in keys))
    at_work.assistant.gate.set()
    at_work.settle(*keys)
    assert max(at_work.slack.acks.values()) < 2
    assert len(at_work.said()) == 30


def test_what_cannot_be_kept_in_time_is_not_acknowledged_until_slack_sends_it_again(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(slack_app, "IN_TIME", 0.2)
    with office(tmp_path, retrying=True, retry_waits=(0.6, 1.0, 1.0)) as at_work:
        at_work.open()
        writer = sqlite3.connect(tmp_path / "record.db", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")  # somebody writes, and does not end
        key = at_work.slack.mention(CHANNEL, ALICE, "How many ships?", twin=False)
        time.sleep(0.5)
        assert not at_work.slack.acked(key)
        writer.execute("ROLLBACK")
        at_work.settle(key)
        assert len(at_work.said()) == 1


def test_the_questions_of_a_thread_are_answered_in_turn(at_work):
    ts = at_work.ask("first?")
    at_work.assistant.took = 0.1
    keys = [at_work.slack.mention(CHANNEL, ALICE, f"next {n}?", thread_ts=ts) for n in range(3)]
    at_work.settle(*keys)
    assert sorted(len(asked[1]) for asked in at_work.assistant.asked) == [0, 1, 2, 3]
