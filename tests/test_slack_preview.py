"""The preview draws every kind of block that is sent, and no text becomes HTML."""

import re

import pytest

from assistant.slack.blocks import answer_messages, sources_message
from assistant.slack.home import Chosen, Cover, feedback_view, home_view, settings_view
from docs.slack_preview import BLOCKS, FOLDER, page, render
from tests.test_slack_blocks import KEY, answer, citation, sentence

EVIL = '<script>alert("&")</script>'


def drawn() -> str:
    of = answer(
        sentence(EVIL, 1, verdict="unverified"), citations=(citation(1, EVIL, section=EVIL),)
    )
    found = answer_messages(
        of, key=KEY, page_url="https://e.com/", question="?", follow_ups=[EVIL, "긴 " * 60]
    )
    found += sources_message(of, key=KEY, lang="ko")
    views = (
        home_view([Cover(EVIL, 1)], [EVIL], "ko", None),
        settings_view(Chosen("ko", ("a",), True), [("a", EVIL)], "ko"),
        feedback_view(KEY, "en"),
    )
    blocks = [block for message in found for block in message.blocks]
    blocks += [block for view in views for block in view["blocks"]]
    assert {block["type"] for block in blocks} == BLOCKS.keys()
    return "".join(map(render, blocks))


def test_every_kind_of_block_is_drawn_with_its_texts_escaped():
    shown = drawn()
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") >= 6
    assert "<b> [1]</b>" in shown
    assert re.search(r"<details><summary>출처 1건<small>안보정책</small></summary>", shown)
    assert shown.count(" checked") == 2


def test_a_block_that_is_never_sent_is_an_error():
    with pytest.raises(KeyError):
        render({"type": "video"})


def test_the_page_asks_no_other_host_for_anything():
    shown = page({"ko": drawn()})
    assert "<style>" in shown
    assert not re.search(r'(src|href)="|url\(|@import', shown)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_both_pictures_are_there(lang):
    assert (FOLDER / f"preview.{lang}.png").read_bytes().startswith(b"\x89PNG")
