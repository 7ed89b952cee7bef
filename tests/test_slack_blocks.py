"""What is sent to Slack: valid, within its limits, whole, and with nothing for it to parse."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from assistant.check_types import CheckedStatement, Difference, TextCheck
from assistant.conversation import REASONS
from assistant.errors import InputError
from assistant.slack import kit
from assistant.slack.blocks import (
    answer_messages,
    error_message,
    note_message,
    refusal_message,
    sources_message,
    streamed_text,
)
from assistant.slack.check_blocks import check_messages
from assistant.slack.home import (
    Chosen,
    Cover,
    feedback_view,
    home_view,
    read_feedback,
    read_settings,
    settings_view,
)
from assistant.slack.kit import Message
from assistant.slack.mrkdwn import JOINER, shown
from assistant.slack.words import ERRORS, WORDS
from assistant.types import Answer, Check, Citation, Sentence
from index.types import Passage
from tests.test_slack_mrkdwn import HOSTILE, PARSED

KEY = "0123456789abcdef"
IN_CONTAINERS = {"section", "context", "divider"}  # what Slack surely takes there
words = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8), min_size=1, max_size=8).map(
    "".join
)


def citation(n: int, quote: str = "인용한 대목", **changes: Any) -> Citation:
    fields: dict[str, Any] = {
        "n": n,
        "document": "brief",
        "document_title": "안보정책",
        "document_title_translation": "Security Policy",
        "passage": f"brief:s{n:03}",
        "page": 4,
        "section": "서론",
        "section_translation": "Introduction",
        "quote": quote,
        "quote_language": "ko",
        "translation": "The cited passage",
        "translation_note": None,
        "char_start": 0,
        "char_end": len(quote),
    }
    return Citation(**{**fields, **changes})


def sentence(text: str, *numbers: int, **changes: Any) -> Sentence:
    fields: dict[str, Any] = {"verdict": "verified", "stance": "fact", "support": 1.0}
    return Sentence(text=text, citations=numbers, **{**fields, **changes})


def answer(*sentences: Sentence, citations: tuple[Citation, ...] = (), **changes: Any) -> Answer:
    fields: dict[str, Any] = {
        "id": KEY,
        "question": "무엇인가요?",
        "language": "ko",
        "status": "answered" if sentences else "not_in_document",
        "answer": " ".join(s.text for s in sentences) or "문서는 이 질문에 답하지 않습니다.",
        "as_of": "2024-11",
        "timings_ms": {"total": 250.0},
    }
    return Answer(sentences=sentences, citations=citations, **{**fields, **changes})


def messages(of: Answer, **changes: Any) -> list[Message]:
    given_: dict[str, Any] = {"key": KEY, "page_url": None, "question": of.question}
    return answer_messages(of, **{**given_, **changes})


def parts(of: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Every object of this type, anywhere in blocks."""
    if isinstance(of, dict):
        if of.get("type") == kind:
            yield of
        for value in of.values():
            yield from parts(value, kind)
    elif isinstance(of, list | tuple):
        for value in of:
            yield from parts(value, kind)


def text_of(found: list[Message]) -> str:
    return "".join(run["text"] for message in found for run in parts(message.blocks, "text"))


def check_blocks(blocks: list[dict[str, Any]]) -> None:
    """Against Slack's own models, and the limits and habits that these do not know."""
    for block in blocks:
        parsed = Block.parse(block)
        assert parsed is not None, block
        parsed.validate_json()
        assert parsed.to_dict() == block  # nothing in it that Slack does not know
        for one in (block, *block.get("child_blocks", ())):
            assert one.get("elements") != []
            assert len(one.get("elements", ())) <= (25 if one["type"] == "actions" else 10_000)
            assert one["type"] != "context" or len(one["elements"]) <= 10
            ids = [e["action_id"] for e in one.get("elements", ()) if "action_id" in e]
            assert len(ids) == len(set(ids))
        assert {child["type"] for child in block.get("child_blocks", ())} <= IN_CONTAINERS
    assert not list(parts(blocks, "mrkdwn"))
    assert not [
        p
        for kind in ("link", "user", "usergroup", "broadcast", "channel", "emoji", "date")
        for p in parts(blocks, kind)
    ]
    for plain in parts(blocks, "plain_text"):
        assert plain["emoji"] is False
        assert 0 < len(plain["text"].encode("utf-16-le")) // 2 <= 3000
    for run in parts(blocks, "text"):
        assert run["text"]
    for button in parts(blocks, "button"):
        assert button["action_id"].startswith("cb_")
        assert len(button.get("value", "")) <= 200
    assert len(str(blocks).encode("utf-8", "strict")) > 0  # no lone surrogate


def check_messages_are_sound(found: list[Message]) -> None:
    assert found
    for message in found:
        check_blocks(message.blocks)
        assert 0 < len(message.blocks) <= 50
        assert sum(map(kit.count, message.blocks)) <= 50
        assert kit.size(message.blocks) <= 13_000
        assert 0 < len(message.text.encode("utf-16-le")) // 2 <= 4000
        assert {kind for kind, pattern in PARSED.items() if pattern.search(message.text)} == set()


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    cited = tuple(
        citation(
            n,
            draw(words),
            section=draw(words),
            document_title=draw(words),
            translation=draw(st.none() | words),
            translation_note=draw(st.none() | words),
        )
        for n in range(1, draw(st.integers(1, 13)))
    )
    numbers = st.lists(st.sampled_from([c.n for c in cited]), max_size=4) if cited else st.just([])
    sentences = tuple(
        sentence(
            draw(words),
            *draw(numbers),
            stance=draw(st.sampled_from(["fact", "forecast"])),
            verdict=draw(st.sampled_from(["verified", "unverified"])),
            checks=tuple(Check("number", t) for t in draw(st.lists(words, max_size=2))),
        )
        for _ in range(draw(st.integers(0, 16)))
    )
    return answer(
        *sentences,
        citations=cited if sentences else (),
        language=draw(st.sampled_from(["ko", "en"])),
        answer=draw(words),
        notice=draw(st.none() | words),
        question=draw(words),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers(), st.booleans(), st.booleans(), st.lists(words, max_size=3))
def test_every_answer_is_sound_whatever_its_texts_hold(of, opened, folding, asked):
    found = messages(
        of,
        sources_open=opened,
        folding=folding,
        follow_ups=asked,
        page_url="https://example.com/",
        documents_note="note",
    )
    check_messages_are_sound(found)
    check_messages_are_sound(sources_message(of, key=KEY, lang=of.language))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers())
def test_every_word_and_marker_of_an_answer_arrives_in_order(of):
    whole = "".join(text_of(messages(of)).split()) if of.sentences else ""
    at = 0
    for one in of.sentences:
        said = "".join(shown(one.text).split()) + "".join(f"[{n}]" for n in one.citations)
        at = whole.index(said, at) + len(said)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers())
def test_what_is_streamed_holds_nothing_that_slack_would_parse(of):
    for piece in streamed_text(of):
        assert len(piece) <= 12_000
        assert {kind for kind, pattern in PARSED.items() if pattern.search(piece)} == set()


@pytest.mark.parametrize("length", [90, 3_000, 100_000])
def test_an_answer_of_100_kb_goes_on_in_further_messages_with_no_marker_split(length):
    text = ("방위비분담금은 크게 올라갔다. " * 12_000)[:length]
    count = 100_000 // length
    of = answer(
        *(sentence(text, *range(1, 30)) for _ in range(count)),
        citations=tuple(citation(n, "가" * 5_000) for n in range(1, 30)),
    )
    found = messages(of)
    check_messages_are_sound(found)
    assert 12 <= len(found) <= 60
    runs = [run["text"].strip() for m in found for run in parts(m.blocks, "text")]
    assert [run for run in runs if run.startswith("[")] == [f"[{n}]" for n in range(1, 30)] * count
    assert "".join("".join(text_of(found)).split()).count("올라갔다") == count * text.count(
        "올라갔다"
    )
    for message in found[:-1]:
        assert not list(parts(message.blocks, "button"))
    assert list(parts(found[-1].blocks, "button"))
    assert "".join(streamed_text(of)).count("[29]") == count


def test_one_word_of_100_kb_is_broken_at_letters():
    found = messages(answer(sentence("가" * 100_000, 1), citations=(citation(1),)))
    check_messages_are_sound(found)
    assert text_of(found).count("가") == 100_000


def test_an_answer_has_markers_stance_verdict_and_age_in_words():
    of = answer(
        sentence("타결했다.", 1, 2),
        sentence("번복할 수 있다.", 2, stance="forecast", verdict="unverified"),
        citations=(citation(1), citation(2)),
    )
    (found,) = messages(of)
    assert text_of([found]).replace("\u00a0", " ") == (
        "타결했다. [1] [2] (사실 · 확인됨)번복할 수 있다. [2] (전망 · 확인되지 않음)"
    )
    assert "2024년 11월 기준" in str(found.blocks)
    assert found.text.startswith("타결했다. [1] [2]")


def test_sources_are_folded_beneath_the_answer_with_place_stance_quote_and_translation():
    of = answer(sentence("타결했다.", 1), citations=(citation(1, "SMA를 타결했다."),))
    ((block,),) = ([b for b in m.blocks if b["type"] == "container"] for m in messages(of))
    assert block["is_collapsible"] and block["default_collapsed"]
    assert (block["title"]["text"], block["subtitle"]["text"]) == ("출처 1건", "안보정책")
    first, second = block["child_blocks"]
    assert first["text"]["text"] == "[1] “SMA를 타결했다.”"
    assert second["elements"][0]["text"] == "“The cited passage” (비공식 번역)\n4쪽 · 서론 · 사실"


def test_sources_of_many_stand_five_to_a_container():
    of = answer(sentence("말.", *range(1, 13)), citations=tuple(map(citation, range(1, 13))))
    blocks = [b for m in messages(of) for b in m.blocks if b["type"] == "container"]
    assert [b["title"]["text"] for b in blocks] == ["출처 1–5", "출처 6–10", "출처 11–12"]


def test_where_slack_knows_no_containers_a_button_shows_the_sources():
    of = answer(sentence("말.", 1), citations=(citation(1, "가나다"),))
    (closed,), (opened,) = (messages(of, folding=False, sources_open=on) for on in (False, True))
    assert "가나다" not in str(closed.blocks) and "가나다" in str(opened.blocks)
    labels = [
        b["text"]["text"]
        for m in (closed, opened)
        for b in parts(m.blocks, "button")
        if b["action_id"] == "cb_sources"
    ]
    assert labels == ["출처 보기", "출처 숨기기"]


def test_the_buttons_carry_keys_and_the_link_only_where_there_is_a_page():
    of = answer(sentence("말.", 1), citations=(citation(1),))
    (found,) = messages(of, page_url="https://example.com/", follow_ups=("짧은 질문?", "긴 " * 60))
    pressed = [(b["action_id"], b.get("value")) for b in parts(found.blocks, "button")]
    rest = [("cb_evidence", KEY), ("cb_language", KEY), ("cb_open", KEY)]
    asked = [("cb_follow", f"{KEY}:0"), ("cb_follow", f"{KEY}:1")]
    assert pressed == [("cb_up", KEY), ("cb_down", KEY), *rest, *asked]
    (without,) = messages(of)
    assert "cb_open" not in str(without.blocks)


def test_a_key_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="at most 200"):
        messages(answer(sentence("말.", 1), citations=(citation(1),)), key="k" * 201)


def test_a_stream_has_each_sentence_once_with_its_marks():
    of = answer(sentence("타결했다.", 1), citations=(citation(1),))
    assert "".join(streamed_text(of)) == "타결했다. [1] (사실\u00a0·\u00a0확인됨)\n\n"
    assert list(streamed_text(of, 1)) == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_refusal_names_the_nearest_questions(lang):
    of = answer(language=lang, answer="문서는 답하지 않습니다.\n- 서론")
    found = refusal_message(of, ["서론은 무엇인가요?", "q " * 50], lang, key=KEY)
    check_messages_are_sound([found])
    assert [b["value"] for b in parts(found.blocks, "button") if b["action_id"] == "cb_follow"] == [
        f"{KEY}:0",
        f"{KEY}:1",
    ]
    assert "cb_evidence" not in str(found.blocks)
    assert messages(of) == [refusal_message(of, (), lang, key=KEY)]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("code", ERRORS)
def test_every_error_says_what_to_do(code, lang):
    found = error_message(code, lang, id="1a2b")
    check_messages_are_sound([found])
    assert "{" not in found.text
    assert re.search("주십시오|Please|please", found.text.replace(JOINER, ""))


def test_more_evidence_is_every_quote_to_its_last_letter_and_what_else_was_found():
    long = "가" * 7_000 + "끝"
    of = answer(sentence("말.", 1), citations=(citation(1, long),))
    hit = Passage(
        "brief:s900",
        "brief",
        "sentence",
        "ko",
        "글",
        "다른 대목",
        0,
        5,
        7,
        "s1",
        {"ko": "결론"},
        1,
        1,
    )
    same = Passage(
        "brief:s001",
        "brief",
        "sentence",
        "ko",
        "글",
        "같은 대목",
        0,
        5,
        7,
        "s1",
        {"ko": "결론"},
        1,
        1,
    )
    found = sources_message(of, key=KEY, lang="ko", hits=[same, hit])
    check_messages_are_sound(found)
    assert long in text_of(found).replace("…", "")
    assert "다른 대목" in text_of(found) and "같은 대목" not in text_of(found)
    assert sources_message(answer(), key=KEY, lang="ko") == [note_message(WORDS["ko"]["no_more"])]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(words, max_size=20), st.sampled_from(["ko", "en"]))
def test_a_checked_message_is_sound_and_shows_every_sentence(said, lang):
    statements = tuple(
        CheckedStatement(
            one,
            0,
            len(one),
            "contradicted",
            "fact",
            0.5,
            (1,),
            (Difference("number", one[:50], one[:50]),),
        )
        for one in said
    )
    found = check_messages(TextCheck("", "ko", statements, (citation(1),), as_of="2024-11"), lang)
    check_messages_are_sound(found)
    whole = "".join(text_of(found).split())
    assert all("".join(shown(one).split()) in whole for one in said)


def test_a_checked_message_names_verdicts_and_differences():
    one = CheckedStatement(
        "10배 올랐다.",
        0,
        8,
        "contradicted",
        "fact",
        0.9,
        (1,),
        (Difference("number", "10배", "5배"),),
    )
    two = CheckedStatement("안녕하세요?", 9, 15, "unclear", reason="greeting")
    found = check_messages(TextCheck("", "ko", (one, two), (citation(1),)), "ko")
    text = text_of(found)
    assert "✕ 어긋남 · 사실 [1]" in text
    assert "수가 다릅니다: 10배 → 문서: 5배" in text
    assert "인사말이라 대조하지 않았습니다." in text


def check_view(view: dict[str, Any]) -> None:
    check_blocks([b for b in view["blocks"] if b["type"] != "input"])
    View(**view).validate_json()
    for block in view["blocks"]:
        Block.parse(block).validate_json()
    assert len(view["blocks"]) <= 100
    for name in ("title", "submit", "close"):
        assert len(view.get(name, {}).get("text", "")) <= 24


def option_values(view: dict[str, Any], block: str) -> list[str]:
    (element,) = (b["element"] for b in view["blocks"] if b["block_id"] == f"cb_{block}")
    groups = element.get("option_groups", [element])
    return [option["value"] for group in groups for option in group["options"]]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("count", [0, 1, 100, 101, 12_000])
def test_the_settings_offer_every_document_and_what_is_set(lang, count):
    documents = [(f"d{n}", f"문서 <!channel> {n} " + "가" * (n % 90)) for n in range(count)]
    view = settings_view(Chosen("en", ("d0", "gone"), True), documents, lang, metadata="C1")
    check_view(view)
    if count:
        assert option_values(view, "documents") == [f"d{n}" for n in range(min(count, 10_000))]
        assert str(view).count("'initial_options'") == 2
    assert view["private_metadata"] == "C1"


def test_the_settings_come_back_as_they_were_chosen():
    state = {
        "values": {
            "cb_language": {
                "cb_language": {"type": "radio_buttons", "selected_option": {"value": "ko"}}
            },
            "cb_documents": {
                "cb_documents": {"selected_options": [{"value": "a"}, {"value": "b"}]}
            },
            "cb_quiet": {"cb_quiet": {"selected_options": [{"value": "quiet"}]}},
        }
    }
    assert read_settings(state) == Chosen("ko", ("a", "b"), True)
    assert read_settings({"values": {}}) == Chosen("auto", None, False)
    state["values"]["cb_language"]["cb_language"]["selected_option"] = {"value": "fr"}
    with pytest.raises(InputError, match="fr"):
        read_settings(state)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_feedback_asks_for_the_reasons_of_the_page_and_reads_them(lang):
    view = feedback_view(KEY, lang)
    check_view(view)
    assert tuple(option_values(view, "reasons")) == REASONS
    assert view["private_metadata"] == KEY
    state = {
        "values": {
            "cb_reasons": {
                "cb_reasons": {"selected_options": [{"value": "incomplete"}, {"value": "x"}]}
            },
            "cb_note": {"cb_note": {"type": "plain_text_input", "value": " 빠짐 "}},
        }
    }
    assert read_feedback(state) == (("incomplete",), "빠짐")
    assert read_feedback({"values": {"cb_note": {"cb_note": {"value": None}}}}) == ((), "")


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(words, max_size=30), st.sampled_from(["ko", "en"]))
def test_the_home_tab_is_sound_whatever_documents_there_are(titles, lang):
    covers = [Cover(title, 3, "2024-11", tuple(titles[:12])) for title in titles]
    view = home_view(covers, titles, lang, "https://example.com/", model="openai:x")
    check_view(view)


def test_the_home_tab_tells_what_it_covers_what_it_keeps_and_where_questions_go():
    view = home_view([Cover("안보정책", 11, "2024-11", ("서론",))], ["무엇인가요?"], "ko", None)
    said = str(view)
    for words_ in (
        "안보정책",
        "11쪽 · 2024년 11월 기준",
        "서론",
        "90일",
        "다른 서비스로 보내지 않습니다",
    ):
        assert words_ in said
    assert [b["value"] for b in parts(view["blocks"], "button")] == ["home:ko:0"]


def test_both_languages_have_the_same_words():
    assert WORDS["ko"].keys() == WORDS["en"].keys()
    for name, korean in WORDS["ko"].items():
        holes = set(re.findall(r"\{\w+\}", korean + WORDS["en"][name]))
        if name != "sources_one":
            assert set(re.findall(r"\{\w+\}", korean)) == holes, name


def test_no_front_end_is_loaded_to_make_blocks():
    script = (
        "import sys, assistant.slack.blocks, assistant.slack.check_blocks, assistant.slack.home\n"
        "print(*[n for n in ('slack_sdk', 'slack_bolt', 'gradio', 'torch') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
