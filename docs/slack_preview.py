"""Draw what Slack is sent: `python docs/slack_preview.py` writes docs/slack/preview.{ko,en}.png.

A real answer of the shipped brief, a refusal, a checked message, the home tab and the dialogs, in
both languages, as the blocks of `assistant.slack` have them, on one page in a look like Slack's. It
is no Slack: it knows the blocks that we send and no others. Needs Chromium and Playwright.
"""

import html
import sys
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # as a script, it finds the project beside it

from assistant.slack import blocks  # noqa: E402
from assistant.slack.check_blocks import check_messages  # noqa: E402
from assistant.slack.home import (  # noqa: E402
    Chosen,
    covers_of,
    feedback_view,
    home_view,
    settings_view,
)
from assistant.slack.kit import Message  # noqa: E402
from assistant.slack.words import words  # noqa: E402

if TYPE_CHECKING:
    from assistant.answer import Assistant

FOLDER = ROOT / "docs" / "slack"
CHROMIUM = Path("/usr/bin/chromium")
KEY = "0123456789abcdef"
PAGE = "https://citebrief.example.com/"
SAID: Mapping[str, Mapping[str, str]] = {
    "ko": {
        "channel": "# 안보정책",
        "person": "분석가",
        "question": "미국이 우크라이나와 이스라엘에 지원한 금액은 각각 얼마인가요?",
        "second": "방위비분담금 인상 요구는 몇 배까지 올라갔나요?",
        "unknown": "2022년 월드컵에서 우승한 나라는 어디인가요?",
        "message": "미국은 우크라이나 전쟁에 1,830억 달러가량을 지원했다. 미국의 국가부채는 45조 "
        "달러에 이른다. 한국은 2030년까지 핵추진 잠수함 세 척을 건조하기로 했다.",
        "thread": "스레드",
        "only": "나만 볼 수 있음",
        "time": "오전 10:24",
        "home": "홈",
        "messages": "메시지",
    },
    "en": {
        "channel": "# security-policy",
        "person": "Analyst",
        "question": "How much has the US provided to Ukraine and to Israel?",
        "second": "How far did the demand for defense cost-sharing rise?",
        "unknown": "Who won the 2022 World Cup?",
        "message": "The United States provided about $183 billion for the war in Ukraine. Its "
        "national debt has reached $45 trillion. South Korea decided to build three "
        "nuclear-powered submarines by 2030.",
        "thread": "Thread",
        "only": "Only visible to you",
        "time": "10:24 AM",
        "home": "Home",
        "messages": "Messages",
    },
}


def render(block: Mapping[str, Any]) -> str:
    """A block as HTML; KeyError for a kind that we do not send."""
    return BLOCKS[block["type"]](block)


def page(parts: Mapping[str, str]) -> str:
    """The page of all languages."""
    style = (FOLDER / "preview.css").read_text("utf-8")
    mains = "".join(
        f'<main lang="{lang}" id="{lang}">{body}</main>' for lang, body in parts.items()
    )
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>CiteBrief · Slack</title>'
        f"<style>{style}</style></head><body>{mains}</body></html>"
    )


def main() -> None:
    """Ask the brief, write the page to build/ and the pictures beside the manifest."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    from assistant.answer import Assistant
    from assistant.settings import load_settings

    settings = load_settings().model_copy(update={"database": "none", "llm": None})
    assistant = Assistant.open(settings)
    whole = page({lang: body(assistant, lang) for lang in SAID})
    target = ROOT / "build" / "slack_preview.html"
    target.parent.mkdir(exist_ok=True)
    target.write_text(whole, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        shown = browser.new_page(viewport={"width": 1680, "height": 1000})
        shown.goto(target.as_uri())
        for lang in SAID:
            picture = Image.open(BytesIO(shown.locator(f"#{lang}").screenshot()))
            small = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
            small.save(FOLDER / f"preview.{lang}.png", optimize=True)
        browser.close()


def body(assistant: "Assistant", lang: str) -> str:
    """Everything in one language, in two columns."""
    from assistant.coverage import Shelf

    said = SAID[lang]
    answers = []
    for name, opened in (("question", False), ("second", True)):
        answer = assistant.ask(said[name], id=KEY)
        found = blocks.answer_messages(
            answer,
            key=KEY,
            page_url=PAGE if opened else None,
            question=said[name],
            sources_open=opened,
            follow_ups=() if opened else assistant.follow_ups(answer),
        )
        mention = '<span class="mention">@CiteBrief</span> ' if not opened else ""
        answers.append(_person(said, mention + html.escape(said[name])) + _bot(found, said))
    refused = assistant.ask(said["unknown"], id=KEY)
    nearest = assistant.nearest(said["unknown"], refused.language)
    refusal = blocks.refusal_message(refused, nearest, lang, key=KEY)
    check = assistant.check(said["message"], lang="ko" if lang == "ko" else "en")
    evidence = blocks.sources_message(assistant.ask(said["second"], id=KEY), key=KEY, lang=lang)
    covers = covers_of(Shelf(lambda: assistant.index, None), lang)
    home = home_view(covers, assistant.examples(lang)[:4], lang, PAGE)
    chosen = Chosen("auto", (), False)
    documents = [("brief", covers[0].title)] if covers else []
    thread = f"{html.escape(said['channel'])} <span>{said['thread']}</span>"
    asked = _person(said, html.escape(said["unknown"]))
    left = [
        _window(thread, "".join(answers)),
    ]
    middle = [
        _window(thread, asked + _bot([refusal], said, only=True)),
        _window(
            words(lang, "check_title"),
            _person(said, html.escape(said["message"]))
            + _bot(check_messages(check, lang), said, only=True),
        ),
        _window(words(lang, "evidence"), _bot(evidence, said, only=True)),
    ]
    right = [_home(home, said), _dialog(settings_view(chosen, documents, lang))]
    (left if lang == "ko" else right).append(_dialog(feedback_view(KEY, lang)))  # the shorter one
    columns = (left, middle, right)
    return "".join(f'<div class="column">{"".join(column)}</div>' for column in columns)


def _window(title: str, inner: str) -> str:
    return f'<div class="window"><div class="bar">{title}</div>{inner}</div>'


def _person(said: Mapping[str, str], inner: str) -> str:
    who = said["person"]
    return (
        f'<div class="message person"><div class="face">{who[0]}</div><div><p class="who">{who}'
        f'<time>{said["time"]}</time></p><div class="block"><p>{inner}</p></div></div></div>'
    )


def _bot(messages: Sequence[Message], said: Mapping[str, str], *, only: bool = False) -> str:
    shown = f'<p class="only">{said["only"]}</p>' if only else ""
    kind = "message bot mine" if only else "message bot"
    return "".join(
        f'<div class="{kind}"><div class="face">C[1]</div><div>{shown}<p class="who">CiteBrief'
        f"<em>APP</em><time>{said['time']}</time></p>"
        f"{''.join(map(render, message.blocks))}</div></div>"
        for message in messages
    )


def _home(view: Mapping[str, Any], said: Mapping[str, str]) -> str:
    tabs = f'<div class="tabs"><b>{said["home"]}</b><span>{said["messages"]}</span></div>'
    return _window("CiteBrief", f'{tabs}<div class="view">{_all(view["blocks"])}</div>')


def _dialog(view: Mapping[str, Any]) -> str:
    foot = f"<button>{_plain(view['close'])}</button>"
    foot += f'<button class="main">{_plain(view["submit"])}</button>'
    return (
        f'<div class="window"><div class="title">{_plain(view["title"])}</div>'
        f'<div class="view">{_all(view["blocks"])}</div><div class="foot">{foot}</div></div>'
    )


def _all(inner: Sequence[Mapping[str, Any]]) -> str:
    return "".join(map(render, inner))


def _plain(text: Mapping[str, Any]) -> str:
    return html.escape(text["text"])


def _runs(element: Mapping[str, Any]) -> str:
    return "".join(
        f"<b>{_plain(run)}</b>" if run.get("style", {}).get("bold") else _plain(run)
        for run in element["elements"]
    )


def _rich(block: Mapping[str, Any]) -> str:
    parts = []
    for element in block["elements"]:
        if element["type"] == "rich_text_list":
            items = "".join(f"<li>{_runs(item)}</li>" for item in element["elements"])
            parts.append(f"<ul>{items}</ul>")
        elif element["type"] == "rich_text_quote":
            parts.append(f"<blockquote>{_runs(element)}</blockquote>")
        else:
            parts.append(f"<p>{_runs(element)}</p>")
    return f'<div class="block">{"".join(parts)}</div>'


def _section(block: Mapping[str, Any]) -> str:
    inner = f"<p>{_plain(block['text'])}</p>"
    if "accessory" in block:
        inner = f'<div class="beside">{inner}{_button(block["accessory"])}</div>'
    return f'<div class="block">{inner}</div>'


def _button(element: Mapping[str, Any]) -> str:
    return f"<button>{_plain(element['text'])}</button>"


def _container(block: Mapping[str, Any]) -> str:
    opened = "" if block["default_collapsed"] else " open"
    subtitle = f"<small>{_plain(block['subtitle'])}</small>" if "subtitle" in block else ""
    return (
        f"<details{opened}><summary>{_plain(block['title'])}{subtitle}</summary>"
        f'<div class="children">{_all(block["child_blocks"])}</div></details>'
    )


def _input(block: Mapping[str, Any]) -> str:
    element = block["element"]
    hint = f"<small>{_plain(block['hint'])}</small>" if "hint" in block else ""
    return f'<div class="input"><b>{_plain(block["label"])}</b>{_field(element)}{hint}</div>'


def _field(element: Mapping[str, Any]) -> str:
    kind = element["type"]
    if kind in ("radio_buttons", "checkboxes"):
        on = [element.get("initial_option"), *element.get("initial_options", ())]
        sign = "radio" if kind == "radio_buttons" else "checkbox"
        return "".join(
            f'<label><input type="{sign}"{" checked" if one in on else ""}> '
            f"{_plain(one['text'])}</label>"
            for one in element["options"]
        )
    if kind == "multi_static_select":
        chips = "".join(
            f'<span class="chip">{_plain(one["text"])}</span>'
            for one in element.get("initial_options", ())
        )
        return f'<div class="box">{chips or _plain(element["placeholder"])}</div>'
    return '<div class="box tall"></div>'


BLOCKS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "rich_text": _rich,
    "section": _section,
    "header": lambda block: f'<div class="header">{_plain(block["text"])}</div>',
    "divider": lambda block: "<hr>",
    "context": lambda block: (
        '<div class="block context">' + "<br>".join(map(_plain, block["elements"])) + "</div>"
    ),
    "actions": lambda block: (
        '<div class="block buttons">' + "".join(map(_button, block["elements"])) + "</div>"
    ),
    "container": _container,
    "input": _input,
}


if __name__ == "__main__":
    main()
