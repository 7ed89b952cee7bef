"""What Slack refuses in blocks and views, as its own pages and the models of slack_sdk state it.

`blocks_faults` and `view_faults` give messages in Slack's form, each with a JSON pointer; none
means that it would be shown.
Not covered: workflow buttons, calls, videos, sign-in blocks, and whether a URL can be reached.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_rules import (
    Rule,
    address,
    anything,
    array,
    boolean,
    both,
    by_type,
    choice,
    fields,
    integer,
    one_of,
    plain,
    say,
    string,
    text,
)

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MOST_MARKDOWN = 12_000  # of all markdown blocks of a message together
MOST_VIEW_BYTES = 250_000


def blocks_faults(blocks: Any, surface: str = "message", at: str = "/blocks") -> list[str]:
    """What is wrong with the blocks of a message, a modal or a home tab."""
    found: list[str] = []
    array(BLOCKS[surface], MOST_BLOCKS[surface], least=0)(blocks, at, found)
    if not found:
        _whole(blocks, at, found)
    return found


def view_faults(view: Any) -> list[str]:
    """What is wrong with a modal or a home tab."""
    found: list[str] = []
    by_type(VIEWS, "view")(view, "/view", found)
    if found:
        return found
    found += blocks_faults(view["blocks"], view["type"], "/view/blocks")
    inputs = any(block["type"] == "input" for block in view["blocks"] if "type" in block)
    if view["type"] == "modal" and inputs and "submit" not in view:
        say(found, "missing required field: submit", "/view")
    if len(json.dumps(view, ensure_ascii=False).encode()) > MOST_VIEW_BYTES:
        say(found, "view is too large", "/view")
    return found


def elements(blocks: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every interactive element of the blocks, with its block's id, nested ones too."""
    for block in blocks or []:
        inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in [*inside, *(block.get("actions") or [])]:
            if isinstance(element, dict) and ("action_id" in element or "value" in element):
                yield block.get("block_id", ""), element
        yield from elements(block.get("child_blocks"))
        if block.get("type") == "carousel":
            yield from elements(block["elements"])


def _whole(blocks: Sequence[Mapping[str, Any]], at: str, found: list[str]) -> None:
    """What can be seen only over all blocks."""
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        say(found, f"`block_id` {name} already exists", at)
    for place, block in enumerate(blocks):
        actions = [e["action_id"] for _, e in elements([block]) if "action_id" in e]
        for name in sorted({name for name in actions if actions.count(name) > 1}):
            say(found, f"`action_id` {name} already exists for this block", f"{at}/{place}")
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MOST_MARKDOWN:
        say(found, f"markdown blocks must hold less than {MOST_MARKDOWN + 1} characters", at)
    if sum(block["type"] == "table" for block in blocks) > 1:
        say(found, "only_one_table_allowed", at)


def _known_option(value: Any, at: str, found: list[str]) -> None:
    groups = value.get("option_groups", [])
    options = [*value.get("options", []), *(o for g in groups for o in g["options"])]
    first = [value["initial_option"]] if "initial_option" in value else []
    for option in [*first, *value.get("initial_options", [])]:
        if option not in options:
            say(found, "initial_option must match one of the options", at)
    values = [option["value"] for option in options]
    if len(set(values)) < len(values):
        say(found, "values of options must be unique", at)


STYLE = choice("primary", "danger")
CONFIRM = fields(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)
ID = {"action_id": string(255)}
ASK = {**ID, "confirm": CONFIRM, "focus_on_load": boolean, "placeholder": plain(150)}
OPTION = fields({"text": plain(75), "value": string(150)}, {"description": plain(75)})
RICH_OPTION = fields({"text": text(75), "value": string(150)}, {"description": text(75)})
MENU_OPTION = fields(
    {"text": plain(75), "value": string(150)}, {"description": plain(75), "url": address()}
)
GROUPS = array(fields({"label": plain(75), "options": array(OPTION, 100)}), 100)
SELECT = {**ASK, "options": array(OPTION, 100), "option_groups": GROUPS}
MANY = {"max_selected_items": integer}
CHOSEN = both(one_of("options", "option_groups"), _known_option)
FEEDBACK = fields({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
BUTTON = fields(
    {"text": plain(75)},
    {
        **ID,
        "url": address(),
        "value": string(2000),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": string(75),
        "agent_prompt": string(4000),
        "agent_prompt_display": anything,
        "visible_to_user_ids": array(string(50), 100),
    },
)
LINES = {"dispatch_action_config": anything, "multiline": boolean, "initial_value": string(3000, 0)}
IMAGE = both(
    fields({"alt_text": string(2000)}, {"image_url": address(), "slack_file": anything}),
    one_of("image_url", "slack_file"),
)
PICKED = {
    "static_select": both(fields({}, {**SELECT, "initial_option": OPTION}), CHOSEN),
    "multi_static_select": both(
        fields({}, {**SELECT, **MANY, "initial_options": array(OPTION, 100)}), CHOSEN
    ),
    "checkboxes": both(
        fields(
            {"options": array(RICH_OPTION, 10)},
            {**ASK, "initial_options": array(RICH_OPTION, 10)},
        ),
        CHOSEN,
    ),
    "radio_buttons": both(
        fields({"options": array(RICH_OPTION, 10)}, {**ASK, "initial_option": RICH_OPTION}), CHOSEN
    ),
    "datepicker": fields({}, {**ASK, "initial_date": string(10)}),
    "timepicker": fields({}, {**ASK, "initial_time": string(5), "timezone": string(50)}),
    "conversations_select": fields(
        {},
        {
            **ASK,
            "initial_conversation": string(50),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": anything,
        },
    ),
    "channels_select": fields(
        {}, {**ASK, "initial_channel": string(50), "response_url_enabled": boolean}
    ),
    "users_select": fields({}, {**ASK, "initial_user": string(50)}),
}
PRESSED = {
    "button": BUTTON,
    "overflow": fields({"options": array(MENU_OPTION, 5)}, {**ID, "confirm": CONFIRM}),
}
TYPED = {
    "plain_text_input": fields({}, {**ASK, **LINES, "min_length": integer, "max_length": integer}),
    "email_text_input": fields({}, {**ASK, "initial_value": string(3000, 0)}),
    "url_text_input": fields({}, {**ASK, "initial_value": string(3000, 0)}),
    "number_input": fields(
        {"is_decimal_allowed": boolean},
        {**ASK, "initial_value": string(50), "min_value": string(50), "max_value": string(50)},
    ),
    "rich_text_input": fields({}, {**ASK, "initial_value": anything}),
}
CONTEXT_ACTIONS = {
    "feedback_buttons": fields({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, ID),
    "icon_button": fields(
        {"icon": choice("trash"), "text": plain(75)},
        {**ID, "value": string(2000), "confirm": CONFIRM, "accessibility_label": string(75)},
    ),
}
MARKS = fields({}, dict.fromkeys(["bold", "italic", "strike", "code", "underline"], boolean))
MARKED = {"style": MARKS}
PARTS = by_type(
    {
        "text": fields({"text": string(12_000, blank=True)}, MARKED),
        "link": fields({"url": address()}, {**MARKED, "text": string(12_000), "unsafe": boolean}),
        "user": fields({"user_id": string(50)}, MARKED),
        "channel": fields({"channel_id": string(50)}, MARKED),
        "usergroup": fields({"usergroup_id": string(50)}, MARKED),
        "broadcast": fields({"range": choice("here", "channel", "everyone")}, MARKED),
        "emoji": fields({"name": string(100)}, {**MARKED, "unicode": string(50)}),
        "date": fields(
            {"timestamp": integer, "format": string(200)},
            {**MARKED, "url": address(), "fallback": string(200)},
        ),
        "color": fields({"value": string(20)}, MARKED),
    },
    "rich text part",
)
RICH_SECTION = fields({"elements": array(PARTS, 1000)})
RICH = by_type(
    {
        "rich_text_section": RICH_SECTION,
        "rich_text_quote": fields({"elements": array(PARTS, 1000)}, {"border": integer}),
        "rich_text_preformatted": fields(
            {"elements": array(PARTS, 1000)}, {"border": integer, "language": string(50)}
        ),
        "rich_text_list": fields(
            {
                "elements": array(by_type({"rich_text_section": RICH_SECTION}, "item"), 1000),
                "style": choice("bullet", "ordered"),
            },
            {"indent": integer, "offset": integer, "border": integer},
        ),
    },
    "rich text element",
)
BLOCK = {"block_id": string(255)}
RICH_TEXT = fields({"elements": array(RICH, 1000)}, BLOCK)
RICH_BLOCK = by_type({"rich_text": RICH_TEXT}, "block")
CELL = by_type(
    {
        "raw_text": fields({"text": string(3000)}),
        "raw_number": fields({"value": anything}, {"text": string(3000)}),
        "rich_text": RICH_TEXT,
    },
    "cell",
)
TASK = fields(
    {"task_id": string(255), "title": string(256)},
    {
        **BLOCK,
        "status": choice("pending", "in_progress", "complete", "error"),
        "details": RICH_BLOCK,
        "output": RICH_BLOCK,
        "sources": array(
            by_type({"url": fields({"url": address(), "text": string(256)})}, "source"), 100
        ),
    },
)
CARD = both(
    fields(
        {},
        {
            **BLOCK,
            "hero_image": by_type({"image": IMAGE}, "image"),
            "icon": by_type({"image": IMAGE}, "image"),
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "actions": array(by_type({"button": BUTTON}, "action"), 5),
        },
    ),
    one_of("hero_image", "title", "actions", "body"),
)
ANYWHERE: dict[str, Rule] = {
    "section": both(
        fields(
            {},
            {
                **BLOCK,
                "text": text(3000),
                "fields": array(text(2000), 10),
                "expand": boolean,
                "accessory": by_type({**PICKED, **PRESSED, "image": IMAGE}, "accessory"),
            },
        ),
        one_of("text", "fields"),
    ),
    "divider": fields({}, BLOCK),
    "header": fields({"text": plain(150)}, {**BLOCK, "level": integer}),
    "image": both(
        fields(
            {"alt_text": string(2000)},
            {**BLOCK, "image_url": address(), "slack_file": anything, "title": plain(2000)},
        ),
        one_of("image_url", "slack_file"),
    ),
    "context": fields(
        {
            "elements": array(
                by_type(
                    {
                        "plain_text": plain(3000),
                        "mrkdwn": text(3000, "mrkdwn"),
                        "image": IMAGE,
                    },
                    "context element",
                ),
                10,
            )
        },
        BLOCK,
    ),
    "actions": fields({"elements": array(by_type({**PICKED, **PRESSED}, "action"), 25)}, BLOCK),
    "input": fields(
        {"label": plain(2000), "element": by_type({**PICKED, **TYPED}, "input")},
        {**BLOCK, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "alert": fields(
        {"text": text(3000)},
        {**BLOCK, "level": choice("default", "info", "warning", "error", "success")},
    ),
}
IN_MESSAGES: dict[str, Rule] = {
    **ANYWHERE,
    "context_actions": fields(
        {"elements": array(by_type(CONTEXT_ACTIONS, "context action"), 5)}, BLOCK
    ),
    "markdown": fields({"text": string(MOST_MARKDOWN)}, BLOCK),
    "table": fields({"rows": array(array(CELL, 20), 100)}, {**BLOCK, "column_settings": anything}),
    "task_card": TASK,
    "plan": fields(
        {"title": string(256)}, {**BLOCK, "tasks": array(by_type({"task_card": TASK}, "task"), 50)}
    ),
    "card": CARD,
    "carousel": fields({"elements": array(by_type({"card": CARD}, "card"), 10)}, BLOCK),
}


def _folded(value: Any, at: str, found: list[str]) -> None:
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        say(found, "default_collapsed requires is_collapsible", at)
    if value.get("has_header_divider") and value.get("is_collapsible"):
        say(found, "has_header_divider cannot be set when is_collapsible is true", at)


# Slack's pages name more, and its live validator takes no rich text here (docs.rs/slack-morphism,
# SlackContainerBlock): what both take.
FOLDED = "actions context divider header image section table".split()
IN_MESSAGES["container"] = both(
    fields(
        {"child_blocks": array(by_type({n: IN_MESSAGES[n] for n in FOLDED}, "child block"), 10)},
        {
            **BLOCK,
            "title": plain(150),
            "rich_text_title": RICH_BLOCK,
            "subtitle": text(150),
            "width": choice("narrow", "standard", "wide", "full"),
            "icon": by_type({"image": IMAGE}, "image"),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
    ),
    both(one_of("title", "rich_text_title"), _folded),
)
BLOCKS = {
    "message": by_type(IN_MESSAGES, "block"),
    "modal": by_type(ANYWHERE, "block"),
    "home": by_type(ANYWHERE, "block"),
}
KEPT = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
VIEWS = {
    "modal": fields(
        {"title": plain(24), "blocks": array(anything, 100)},
        {
            **KEPT,
            "close": plain(24),
            "submit": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": fields({"blocks": array(anything, 100)}, KEPT),
}
