"""What stands on the chat page around the conversation: its head, its title, how to ask.

All is on the page in both languages, and the reader's choice hides one of them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from assistant.labels import LABELS, as_of_text
from assistant.render import text_html
from index.types import Document

LANGS = {"ko": "한국어", "en": "English"}
FOLDER = Path(__file__).parent / "static"
ICON = FOLDER / "icon.svg"


def head() -> str:
    """Our style and script, inline; as `css=` Gradio would send every rule twice, once prefixed."""
    script = (FOLDER / "chat.js").read_text(encoding="utf-8")
    reader = (FOLDER / "reader.css").read_text(encoding="utf-8")
    modules = (
        '<script type="module">import { start } from "./static-cb/reader.js"; start();</script>'
    )
    return f"<style>{style()}{reader}</style><script>{script}</script>{modules}"


def style() -> str:
    """The chat's CSS, which a cited page shown by itself has too."""
    return (FOLDER / "chat.css").read_text(encoding="utf-8")


def header(documents: Mapping[str, Document]) -> str:
    """The name, the choice of a language, and what can be asked about."""
    choices = "".join(
        f'<button type="button" class="cb-choice" data-cb-lang="{lang}" lang="{lang}">{name}'
        "</button>"
        for lang, name in LANGS.items()
    )
    return (
        f'<div class="cb-top"><h1>CiteBrief</h1><div class="cb-choices">{choices}</div></div>'
        f'<p class="cb-tagline">{_in_both(lambda lang: LABELS[lang]["tagline"])}</p>'
        f"{_in_both(lambda lang: _library([*documents.values()], lang))}"
    )


def welcome() -> str:
    """What stands in the place of the conversation before there is one."""
    return _in_both(
        lambda lang: (
            f'<span class="cb-intro"><b>{LABELS[lang]["welcome"]}</b>'
            f"<span>{LABELS[lang]['promise']}</span></span>"
        )
    )


def hint() -> str:
    """The keys, and how long a question may be."""
    return _in_both(
        lambda lang: (
            f'<span class="cb-keys">{LABELS[lang]["keys"]} · </span>{LABELS[lang]["longest"]}'
        )
    )


def _library(documents: list[Document], lang: str) -> str:
    """What can be asked about: the title of the one document, or of how many."""
    if len(documents) != 1:
        count = LABELS[lang]["documents"].format(count=len(documents))
        return f'<span class="cb-library">{count}</span>'
    (document,) = documents
    title = document.titles.get(lang) or next(iter(document.titles.values()))
    when = f" · {as_of_text(document.as_of, lang)}" if document.as_of else ""
    return f'<span class="cb-library">{text_html(title + when)}</span>'


def _in_both(text: Callable[[str], str]) -> str:
    """`text(lang)` in each language; the page shows the one that the reader chose."""
    return "".join(f'<span class="cb-{lang}" lang="{lang}">{text(lang)}</span>' for lang in LANGS)
