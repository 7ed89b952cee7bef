"""What stands on the page around the conversation: masthead, side pane, first questions, reader.

All is on the page in both languages, and the reader's choice hides one of them (static/page.js).
"""

import html
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assistant.render import text_html
from assistant.web.limits import SENTENCES
from assistant.web.words import WORDS
from index.types import Lang

LANGS: Mapping[Lang, str] = {"ko": "한국어", "en": "English"}
FOLDER = Path(__file__).parent / "static"
ICON = FOLDER / "icon.svg"
STYLES = (
    "chat.css",
    "page.css",
    "reader.css",
    "history.css",
    "library.css",
    "feedback.css",
    "export.css",
    "check.css",
    "why.css",
)
MENU = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 5.5h14M3 10h14M3 14.5h14"/></svg>'
CLOSE = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 5l10 10M15 5L5 15"/></svg>'
SUN = (
    '<svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="6.2"/>'
    '<path d="M10 3.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor" stroke="none"/></svg>'
)


def head(assets: str = "static-cb/") -> str:
    """Our style and scripts; the style inline, so that the page never shows without it."""
    refusals = {f"refused_{what}": texts for what, texts in SENTENCES.items()}
    told = {
        lang: dict(words) | {name: texts[lang] for name, texts in refusals.items()}
        for lang, words in WORDS.items()
    }
    words = json.dumps(told, ensure_ascii=False)
    return (
        f"<style>{style()}</style>"
        f'<script id="cb-words" type="application/json">{words.replace("<", chr(92) + "u003c")}'
        f'</script><script type="module" src="{assets}page.js"></script>'
    )


def style() -> str:
    """All our CSS, which a cited page shown by itself has too."""
    return "".join((FOLDER / name).read_text(encoding="utf-8") for name in STYLES)


def masthead(user: str | None = None) -> str:
    """The name, the two views, the choice of a language and of the brightness, and who is in."""
    views = "".join(
        f'<button type="button" class="cb-view-choice" data-cb-view="{view}">{both(view)}</button>'
        for view in ("ask", "check")
    )
    langs = "".join(
        f'<button type="button" class="cb-choice" data-cb-lang="{lang}" lang="{lang}">{name}'
        "</button>"
        for lang, name in LANGS.items()
    )
    account = ""
    if user:
        account = (
            f'<span class="cb-user">{html.escape(user)}</span>'
            f'<button type="button" class="cb-plain" id="cb-logout">{both("logout")}</button>'
        )
    return (
        '<header class="cb-masthead">'
        f'<button type="button" class="cb-icon" id="cb-open-side" data-cb-title="open_side" '
        f'aria-controls="cb-side" aria-expanded="false">{MENU}</button>'
        '<h1 class="cb-brand">CiteBrief</h1>'
        f'<nav class="cb-views" data-cb-title="views">{views}</nav>'
        f'<div class="cb-tools"><div id="cb-export"></div>'
        f'<div class="cb-choices" role="group" data-cb-title="language">{langs}</div>'
        f'<button type="button" class="cb-icon" id="cb-theme" data-cb-title="theme">{SUN}</button>'
        f"{account}</div></header>"
    )


def side() -> str:
    """The pane with the library and the history; the browser fills both."""
    return (
        '<div class="cb-side-bar">'
        f'<button type="button" class="cb-new" id="cb-new"><i aria-hidden="true">+</i> '
        f"{both('new_chat')}</button>"
        f'<button type="button" class="cb-icon" id="cb-close-side" data-cb-title="close_side">'
        f"{CLOSE}</button></div>"
        '<section class="cb-part"><div id="cb-library"></div></section>'
        '<section class="cb-part"><div id="cb-history"></div></section>'
    )


def welcome() -> str:
    """What stands in the place of the conversation before there is one."""
    return f'<span class="cb-intro"><b>{both("welcome")}</b><span>{both("promise")}</span></span>'


def openings(questions: Mapping[Lang, Sequence[str]]) -> str:
    """Questions to start with, by language, each of which asks itself when it is pressed."""
    return "".join(
        f'<div class="cb-openings cb-{lang}" lang="{lang}">'
        f"<p>{text_html(WORDS[lang]['openings'])}</p>{chips(questions.get(lang, ()))}</div>"
        for lang in LANGS
    )


def chips(questions: Sequence[str]) -> str:
    """Questions that ask themselves when they are pressed."""
    return "".join(
        f'<button type="button" class="cb-chip" data-cb-ask="{html.escape(question)}">'
        f"{text_html(question)}</button>"
        for question in questions
    )


def hint() -> str:
    """Which documents are asked, the keys, and how long a question may be."""
    return (
        '<span id="cb-scope" role="status"></span>'
        f'<span class="cb-keys">{both("keys")} · {both("longest")}</span>'
        '<span id="cb-editing" role="status"></span>'
    )


def both(word: str) -> str:
    """A word of the page in each language; the page shows the one that the reader chose."""
    return in_both(lambda lang: text_html(WORDS[lang][word]))


def in_both(text: Callable[[Lang], str]) -> str:
    """`text(lang)`, which is HTML, in each language."""
    return "".join(f'<span class="cb-{lang}" lang="{lang}">{text(lang)}</span>' for lang in LANGS)
