"""What the loopback Slack lets stand in blocks and views, in both directions."""

from typing import Any

import pytest
from slack_checks import blocks_faults, elements, view_faults
from slack_sdk.models.blocks import Block

PLAIN = {"type": "plain_text", "text": "Text", "emoji": True}
MARKED = {"type": "mrkdwn", "text": "*Text*"}
BUTTON = {"type": "button", "text": PLAIN, "action_id": "a", "value": "v"}
OPTION = {"text": PLAIN, "value": "ko"}
OTHER = {**OPTION, "value": "x"}
SELECT = {"type": "static_select", "action_id": "s", "options": [OPTION], "initial_option": OPTION}
SECTION = {"type": "section", "text": MARKED, "accessory": BUTTON}
RUN = {"type": "text", "text": "인용", "style": {"bold": True}}
QUOTE = {"type": "rich_text_quote", "elements": [RUN]}
FOLDED = {
    "type": "container",
    "title": PLAIN,
    "child_blocks": [SECTION],
    "is_collapsible": True,
    "default_collapsed": True,
}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "f",
    "positive_button": {"text": PLAIN, "value": "up"},
    "negative_button": {"text": PLAIN, "value": "down"},
}
INPUT = {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input"}}
GOOD: list[dict[str, Any]] = [
    SECTION,
    {"type": "section", "fields": [MARKED, PLAIN], "expand": True},
    {"type": "divider"},
    {"type": "header", "text": PLAIN},
    {"type": "context", "elements": [MARKED, PLAIN]},
    {"type": "actions", "elements": [BUTTON, SELECT]},
    {"type": "context_actions", "elements": [FEEDBACK]},
    {"type": "rich_text", "elements": [QUOTE, {"type": "rich_text_section", "elements": [RUN]}]},
    {"type": "rich_text", "elements": [{**QUOTE, "elements": [{"type": "text", "text": " "}]}]},
    {"type": "markdown", "text": "**Text**"},
    FOLDED,
    INPUT,
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_what_slack_shows_is_let_through(block: dict[str, Any]) -> None:
    assert blocks_faults([block]) == []
    parsed = Block.parse(block)
    assert parsed is not None
    parsed.validate_json()  # the models of slack_sdk agree


@pytest.mark.parametrize(
    ("block", "said", "at"),
    [
        ({"type": "section"}, "one of these is required: text, fields", ""),
        ({"type": "sections", "text": MARKED}, "unsupported type of block", "/type"),
        ({**SECTION, "colour": "red"}, "no more properties allowed: colour", ""),
        ({**SECTION, "text": {**MARKED, "text": ""}}, "more than 0 characters", "/text/text"),
        ({**SECTION, "text": {**MARKED, "text": "가" * 3001}}, "less than 3001", "/text/text"),
        ({**SECTION, "text": {**PLAIN, "text": "😀" * 1501}}, "less than 3001", "/text/text"),
        ({"type": "header", "text": MARKED}, "unsupported type of text", "/text/type"),
        ({"type": "header", "text": {**PLAIN, "text": "x" * 151}}, "less than 151", "/text/text"),
        ({"type": "context", "elements": [PLAIN] * 11}, "no more than 10 items", "/elements"),
        ({"type": "context", "elements": []}, "no fewer than 1 items", "/elements"),
        ({"type": "actions", "elements": [BUTTON, BUTTON]}, "`action_id` a already exists", ""),
        (
            {"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]},
            "less than 2001",
            "/elements/0/value",
        ),
        (
            {"type": "actions", "elements": [{**BUTTON, "url": "javascript:x"}]},
            "valid URL",
            "/elements/0/url",
        ),
        (
            {
                "type": "actions",
                "elements": [{**SELECT, "initial_option": {**OPTION, "value": "x"}}],
            },
            "initial_option must match",
            "/elements/0",
        ),
        ({"type": "rich_text", "elements": [RUN]}, "unsupported type of rich", "/elements/0/type"),
        (
            {**FOLDED, "child_blocks": [GOOD[7]]},
            "unsupported type of child block: rich_text",
            "/child_blocks/0/type",
        ),
        ({**FOLDED, "is_collapsible": False}, "requires is_collapsible", ""),
        ({"type": "divider", "block_id": None}, "must not be null", "/block_id"),
    ],
)
def test_what_slack_refuses_is_refused_with_its_place(
    block: dict[str, Any], said: str, at: str
) -> None:
    (fault,) = blocks_faults([block])
    assert said in fault
    assert fault.endswith(f"[json-pointer:/blocks/0{at}]")


def test_blocks_are_counted_as_a_whole() -> None:
    assert "no more than 50 items" in blocks_faults([SECTION] * 51)[0]
    assert blocks_faults([SECTION] * 51, "home") == []
    twice = [{**SECTION, "block_id": "b"}] * 2
    assert "`block_id` b already exists" in blocks_faults(twice)[0]
    assert "12001" in blocks_faults([{"type": "markdown", "text": "x" * 7000}] * 2)[0]


def test_views_hold_what_their_kind_may() -> None:
    modal = {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": [INPUT]}
    assert view_faults(modal) == []
    assert view_faults({"type": "home", "blocks": [SECTION]}) == []
    assert "/view/title" in view_faults({**modal, "title": {**PLAIN, "text": "x" * 25}})[0]
    assert "submit" in view_faults({"type": "home", "blocks": [SECTION], "submit": PLAIN})[0]
    assert "less than 3001" in view_faults({**modal, "private_metadata": "x" * 3001})[0]
    assert "unsupported" in view_faults({**modal, "blocks": [GOOD[6]]})[0]
    bare = {name: value for name, value in modal.items() if name != "submit"}
    assert "missing required field: submit" in view_faults(bare)[0]


def test_elements_are_found_wherever_they_are() -> None:
    found = [element["action_id"] for _, element in elements([FOLDED, *GOOD[5:7]])]
    assert found == ["a", "a", "s", "f"]
