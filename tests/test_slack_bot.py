"""The bot's manners and answers, over a loopback Slack with the real Bolt and a stub assistant."""

import json
import logging
import time

import pytest
from slack_office import ALICE, CHANNEL, MINJI, buttons, office, text_of

from assistant.feedback import kept
from index.record.chats import ChannelSettings
from index.record.library import Library

pytestmark = pytest.mark.usefixtures("nothing_set")


@pytest.fixture
def at_work(tmp_path):
    with office(tmp_path) as made:
        made.open()
        yield made


def keep_settings(at_work, **settings):
    at_work.bots[-1].chats.set_channel("T0TEAM", CHANNEL, ChannelSettings(**settings))


def home_of(at_work, user):
    at_work.slack.home_opened(user)
    at_work.slack.wait_for(lambda: user in at_work.slack.homes)
    return at_work.slack.homes[user]


def test_a_mention_is_answered_once_in_its_thread_with_citations_and_buttons(at_work):
    ts = at_work.ask("How many ships are planned?")
    [answer] = at_work.said(ts)
    assert "350-ship" in text_of(answer)
    assert "[1]" in text_of(answer)
    assert {"cb_up", "cb_down", "cb_evidence", "cb_language"} <= buttons(answer).keys()
    assert answer["metadata"]["event_type"] == "citebrief_answer"
    assert at_work.said() == [answer]
    assert at_work.slack.refusals == at_work.slack.advice == at_work.slack.complaints == []


def test_the_answer_is_in_the_language_of_the_question(at_work):
    ts = at_work.ask("목표는 몇 척인가요?", MINJI)
    [answer] = at_work.said(ts)
    assert "목표는 함정 350척이다." in text_of(answer)


def test_what_is_not_for_the_bot_is_neither_answered_nor_kept(at_work):
    slack = at_work.slack
    keys = [
        slack.message(CHANNEL, ALICE, "lunch at noon?"),
        slack.message(CHANNEL, None, "<@U0BOT> hi", bot_id="B0OTHER", subtype="bot_message"),
        slack.message(CHANNEL, ALICE, "has joined", subtype="channel_join"),
    ]
    ts = slack.ts_of(slack.message(CHANNEL, ALICE, "a thread of people"))
    keys += [
        slack.message(CHANNEL, MINJI, "so it is", thread_ts=ts),
        slack.edit(CHANNEL, ts, "<@U0BOT> a thread of people"),
        slack.delete(CHANNEL, ts),
    ]
    at_work.settle(*keys)
    assert at_work.assistant.asked == []
    assert at_work.said() == at_work.whispered() == []
    assert b"lunch at noon" not in (at_work.folder / "record.db").read_bytes()


def test_the_bots_own_messages_are_no_questions(tmp_path):
    with office(tmp_path) as at_work:
        at_work.slack.echo = True
        at_work.open()
        at_work.ask("How many ships, long?")
        at_work.done()
        assert len(at_work.assistant.asked) == 1


def test_what_follows_in_a_thread_it_answered_needs_no_mention(at_work):
    ts = at_work.ask("How many ships are planned?")
    key = at_work.slack.message(CHANNEL, MINJI, "And for how long?", thread_ts=ts)
    at_work.settle(key)
    assert len(at_work.said(ts)) == 2
    assert at_work.assistant.asked[-1][:2] == (
        "And for how long?",
        ("How many ships are planned?",),
    )


def test_a_direct_message_is_answered_in_its_own_thread(at_work):
    key = at_work.slack.message("D0ALICE", ALICE, "How many ships?", channel_type="im")
    at_work.settle(key)
    [answer] = at_work.said(channel="D0ALICE")
    assert answer["thread_ts"] == at_work.slack.ts_of(key)


def test_what_the_documents_do_not_say_is_told_to_the_asker_alone(at_work):
    ts = at_work.ask("unknown matter")
    assert at_work.said() == []
    [told] = at_work.whispered()
    assert told["ephemeral_to"] == ALICE
    assert told["thread_ts"] == ts
    assert "How many ships?" in text_of(told)
    assert at_work.slack.status(CHANNEL, ts) == ""


def test_a_thread_that_was_only_refused_is_left_to_people(at_work):
    ts = at_work.ask("unknown matter")
    key = at_work.slack.message(CHANNEL, MINJI, "never mind", thread_ts=ts)
    at_work.settle(key)
    assert len(at_work.assistant.asked) == 1


def test_in_a_direct_message_a_refusal_is_a_message(at_work):
    at_work.settle(at_work.slack.message("D0ALICE", ALICE, "unknown", channel_type="im"))
    assert len(at_work.said(channel="D0ALICE")) == 1


def test_a_quiet_channel_hears_no_refusals_and_no_further_questions(at_work):
    keep_settings(at_work, quiet=True)
    at_work.ask("unknown matter")
    assert at_work.whispered() == at_work.said() == []
    ts = at_work.ask("How many ships?")
    [answer] = at_work.said(ts)
    assert "cb_follow" not in buttons(answer)
    at_work.settle(at_work.slack.message(CHANNEL, MINJI, "thanks all", thread_ts=ts))
    assert len(at_work.said()) == 1


def test_a_channels_language_and_documents_are_those_of_its_settings(at_work):
    keep_settings(at_work, lang="ko", documents=("brief", "long-gone"))
    at_work.ask("How many ships?")
    assert at_work.assistant.asked[-1][2:] == ("ko", ("brief",))


def test_where_all_chosen_documents_are_gone_the_asker_is_told(at_work):
    keep_settings(at_work, documents=("long-gone",))
    at_work.ask("How many ships?")
    [told] = at_work.whispered()
    assert "/brief settings" in text_of(told)
    assert at_work.assistant.asked == []


def test_a_mention_without_a_question_gets_help_for_the_asker_alone(at_work):
    at_work.ask("")
    [told] = at_work.whispered()
    assert "/brief" in text_of(told)


def test_a_question_that_is_too_long_is_told_so(at_work):
    at_work.ask("ships " * 500)
    [told] = at_work.whispered()
    assert "2,000" in text_of(told)


def test_a_long_answer_is_streamed_and_ends_as_blocks(at_work):
    ts = at_work.ask("a long question")
    [answer] = at_work.said(ts)
    [stream] = at_work.slack.streams.values()
    assert (stream.ts, stream.open, stream.recipient) == (answer["ts"], False, ALICE)
    assert len(stream.pieces) > 1
    assert "half an hour" in stream.text
    assert buttons(answer)["cb_up"]


def test_while_it_searches_the_thread_says_so_and_then_no_more(at_work):
    at_work.assistant.gate.clear()
    key = at_work.slack.mention(CHANNEL, MINJI, "몇 척인가요?")
    ts = at_work.slack.ts_of(key)
    at_work.slack.wait_for(lambda: at_work.slack.status(CHANNEL, ts) == "문서에서 찾는 중입니다…")
    at_work.assistant.gate.set()
    at_work.settle(key)
    assert at_work.slack.status(CHANNEL, ts) == ""


def test_a_fault_is_told_with_a_number_and_logged_without_the_question(at_work, caplog):
    with caplog.at_level(logging.DEBUG):
        at_work.ask("a fault about SECRETWORD")
    [told] = at_work.whispered()
    number = text_of(told).split("request id ")[1].split(".")[0]
    assert number in caplog.text
    assert "SECRETWORD" not in caplog.text + text_of(told)


def test_no_message_is_in_the_log_at_any_level(tmp_path, caplog):
    with caplog.at_level(logging.DEBUG), office(tmp_path) as at_work:
        at_work.options["log_level"] = "debug"
        at_work.open()
        at_work.ask("a long QUESTIONWORD")
        at_work.settle(at_work.slack.message("D0ALICE", ALICE, "DIRECTWORD", channel_type="im"))
        at_work.settle(at_work.slack.command("/brief", "COMMANDWORD", ALICE, CHANNEL))
    for word in ("QUESTIONWORD", "DIRECTWORD", "COMMANDWORD", "350-ship", "350척"):
        assert word not in caplog.text


def test_the_same_question_in_the_other_language_once_for_all_who_click(at_work):
    ts = at_work.ask("How many ships are planned?")
    [answer] = at_work.said(ts)
    keys = [at_work.slack.action("cb_language", None, answer, who) for who in (ALICE, MINJI)]
    at_work.settle(*keys)
    first, second = at_work.said(ts)
    assert "목표는 함정 350척이다." in text_of(second)
    assert "How many ships are planned?" in text_of(second)  # so that readers know what was asked
    assert at_work.assistant.asked[-1][2] == "ko"


def test_a_further_question_is_asked_by_its_button(at_work):
    ts = at_work.ask("How many ships are planned?")
    [answer] = at_work.said(ts)
    value = buttons(answer)["cb_follow"][1]["value"]
    at_work.settle(at_work.slack.action("cb_follow", value, answer, MINJI))
    assert at_work.assistant.asked[-1][:2] == (
        "통화는 얼마나 걸렸나?",
        ("How many ships are planned?",),
    )
    assert len(at_work.said(ts)) == 2


def test_more_evidence_is_shown_to_who_asked_for_it(at_work):
    ts = at_work.ask("How many ships are planned?")
    at_work.settle(at_work.slack.action("cb_evidence", None, at_work.said(ts)[0], MINJI))
    told = at_work.whispered()
    assert told[0]["ephemeral_to"] == MINJI
    assert "통화는 반 시간이었다." in "".join(map(text_of, told))


def test_a_thumb_up_is_kept(at_work):
    ts = at_work.ask("How many ships are planned?")
    at_work.settle(at_work.slack.action("cb_up", None, at_work.said(ts)[0], MINJI))
    [one] = kept(Library.open(at_work.settings.database))
    assert (one.rating.thumb, one.question, one.user) == ("up", "How many ships are planned?", None)
    assert at_work.whispered()[0]["ephemeral_to"] == MINJI


def test_a_thumb_down_asks_for_reasons_and_keeps_them(at_work):
    ts = at_work.ask("How many ships are planned?")
    at_work.settle(at_work.slack.action("cb_down", None, at_work.said(ts)[0], MINJI))
    values = {
        "cb_reasons": {"cb_reasons": {"selected_options": [{"value": "incomplete"}]}},
        "cb_note": {"cb_note": {"value": "the year"}},
    }
    at_work.settle(at_work.slack.view_submission("cb_feedback", values, user=MINJI))
    [one] = kept(Library.open(at_work.settings.database))
    assert (one.rating.thumb, one.rating.reasons, one.rating.note) == (
        "down",
        ("incomplete",),
        "the year",
    )


def test_a_button_of_an_answer_that_is_kept_no_more_says_so(at_work):
    ts = at_work.ask("How many ships are planned?")
    [answer] = at_work.said(ts)
    chats = at_work.bots[-1].chats
    chats.tidy(time.time() + 100 * 86_400)
    at_work.settle(at_work.slack.action("cb_up", None, answer, MINJI))
    assert "보관" in text_of(at_work.whispered()[0])


def test_the_command_answers_for_the_asker_alone(at_work):
    at_work.settle(at_work.slack.command("/brief", "How many ships?", ALICE, CHANNEL))
    [answer] = at_work.whispered()
    assert answer["ephemeral_to"] == ALICE
    assert "350-ship" in text_of(answer)
    at_work.settle(at_work.slack.action("cb_language", None, answer, ALICE, CHANNEL))
    assert "350척" in text_of(at_work.whispered()[-1])
    assert at_work.said() == []


def test_the_command_works_where_the_bot_is_no_member(at_work):
    at_work.settle(at_work.slack.command("/brief", "How many ships?", ALICE, "C0OUTSIDE"))
    [answer] = at_work.whispered("C0OUTSIDE")
    assert "350-ship" in text_of(answer)


@pytest.mark.parametrize(("typed", "told"), [("help", "/brief QUESTION"), ("", "/brief QUESTION")])
def test_the_command_helps(at_work, typed, told):
    at_work.settle(at_work.slack.command("/brief", typed, ALICE, CHANNEL))
    assert told in text_of(at_work.whispered()[0])


def test_the_settings_of_a_channel_are_made_in_a_dialog(at_work):
    at_work.settle(at_work.slack.command("/brief", "settings", MINJI, CHANNEL))
    [view] = at_work.slack.views.values()
    assert view["title"]["text"] == "이 채널의 설정"
    values = {
        "cb_language": {"cb_language": {"selected_option": {"value": "en"}}},
        "cb_documents": {"cb_documents": {"selected_options": [{"value": "brief"}]}},
        "cb_quiet": {"cb_quiet": {"selected_options": [{"value": "quiet"}]}},
    }
    at_work.settle(at_work.slack.view_submission("cb_settings", values, user=MINJI))
    made = at_work.bots[-1].chats.channel("T0TEAM", CHANNEL)
    assert made == ChannelSettings("en", ("brief",), True)
    assert "저장" in text_of(at_work.whispered()[-1])


@pytest.mark.parametrize("shortcut", ["cb_check", "cb_check_ko"])
def test_a_message_is_checked_for_who_asked(at_work, shortcut):
    slack = at_work.slack
    ts = slack.ts_of(slack.message(CHANNEL, ALICE, "목표는 함정 350척이다."))
    message = slack.find(CHANNEL, ts)
    at_work.settle(slack.shortcut(shortcut, message, MINJI))
    told = at_work.whispered()
    assert {m["ephemeral_to"] for m in told} == {MINJI}
    assert "목표는 함정 350척이다." in "".join(map(text_of, told))
    assert at_work.assistant.asked[-1][0] == "목표는 함정 350척이다."


def test_a_message_without_words_cannot_be_checked(at_work):
    slack = at_work.slack
    ts = slack.ts_of(slack.message(CHANNEL, ALICE, ":tada:!"))
    slack.find(CHANNEL, ts)["text"] = "!!"
    at_work.settle(slack.shortcut("cb_check", slack.find(CHANNEL, ts), ALICE))
    assert len(at_work.whispered()) == 1
    assert at_work.assistant.asked == []


def test_the_home_tab_says_what_is_covered_in_the_readers_language(at_work):
    assert "브리프" in text_of(home_of(at_work, MINJI))
    assert "How many ships are planned?" in text_of(home_of(at_work, ALICE))


def test_an_example_of_the_home_tab_is_asked_in_the_conversation_with_the_reader(at_work):
    view = home_of(at_work, ALICE)
    value = buttons(view)["cb_follow"][0]["value"]
    at_work.settle(at_work.slack.action("cb_follow", value, view, ALICE))
    question, answer = at_work.said(channel="D0ALICE")
    assert "How many ships are planned?" in text_of(question)
    assert answer["thread_ts"] == question["ts"]
    assert "350-ship" in text_of(answer)


def test_a_thread_that_the_record_lost_is_read_back_from_slack(at_work):
    slack = at_work.slack
    ts = at_work.ask("How many ships are planned?")
    chats = at_work.bots[-1].chats
    chats.tidy(time.time() + 100 * 86_400)
    assert chats.thread("T0TEAM", CHANNEL, ts) is None
    slack.post_as(CHANNEL, MINJI, "people talking", thread_ts=ts)
    at_work.ask("And by when?", thread_ts=ts)
    assert at_work.assistant.asked[-1][1] == ("How many ships are planned?",)
    at_work.settle(slack.message(CHANNEL, MINJI, "At what cost?", thread_ts=ts))
    assert at_work.assistant.asked[-1][1] == ("How many ships are planned?", "And by when?")


def test_a_thread_that_cannot_be_read_back_is_answered_without_what_was_before(at_work):
    slack = at_work.slack
    ts = slack.post_as(CHANNEL, MINJI, "people talking")["ts"]
    slack.fail_next("conversations.replies", error="missing_scope")
    at_work.ask("How many ships?", thread_ts=ts)
    assert at_work.assistant.asked[-1][1] == ()
    assert len(at_work.said(ts)) == 1


def test_of_what_people_said_before_it_was_called_nothing_is_a_question(at_work):
    slack = at_work.slack
    ts = slack.post_as(CHANNEL, MINJI, "people talking")["ts"]
    slack.post_as(CHANNEL, ALICE, "about lunch", thread_ts=ts)
    at_work.ask("How many ships?", thread_ts=ts)
    assert at_work.assistant.asked[-1][1] == ()


def test_mentions_and_links_of_a_question_are_read_as_their_words(at_work):
    at_work.ask("What of &lt;this&gt; <https://x.example|page> <#C1|sea> <@U0MINJI> &amp; that?")
    assert at_work.assistant.asked[-1][0] == "What of <this> page #sea & that?"


def test_button_values_are_keys_and_never_texts(at_work):
    ts = at_work.ask("How many ships are planned?")
    for group in buttons(at_work.said(ts)[0]).values():
        for one in group:
            assert "ships" not in json.dumps(one.get("value", ""))
