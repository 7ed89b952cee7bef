"""Turn a turn of a conversation into HTML: the question with what can be done with it, the answer,
why it was given, and what could be asked next. The answer itself is `assistant.render`'s.

The browser acts on the buttons by their data- attributes (web/static/page.js).
"""

import html
from collections.abc import Callable, Sequence

from assistant import render
from assistant.conversation import Turn
from assistant.labels import LABELS
from assistant.why import Explanation
from assistant.why_render import why_html

LONG = 140  # characters of a question beyond which it is no headline any more


def question_html(question: str, id: str) -> str:
    """The message for what the reader typed; `id` is its turn's."""
    kind = "cb-question cb-long" if len(question) > LONG else "cb-question"
    return f'<div class="{kind}" data-turn="{html.escape(id)}">{render.text_html(question)}</div>'


def turn_html(turn: Turn, paged: Callable[[str], bool] = lambda document: False) -> str:
    """The message for a whole turn."""
    lang = turn.answer.language
    answer = render.answer_html(turn.answer, turn.id, paged=paged)
    return answer + after_html(turn, lang)


def failed_html(message: str, question: str, lang: str) -> str:
    """What went wrong, with a button that asks `question` again."""
    label = html.escape(LABELS[lang]["again"])
    return render.notice_html(message, lang) + (
        f'<p class="cb-acts" lang="{lang}"><button type="button" class="cb-act"'
        f' data-cb-ask="{render.attribute(question)}">{label}</button></p>'
    )


def after_html(turn: Turn, lang: str) -> str:
    """What stands under an answer."""
    labels = LABELS[lang]
    id = html.escape(turn.id)
    acts = "".join(
        f'<button type="button" class="cb-act" data-cb-act="{act}" data-turn="{id}">'
        f"{html.escape(labels[act])}</button>"
        for act in ("retry", "edit")
    )
    rate = f'<span class="cb-rate" data-turn="{id}"></span>'
    parts = [f'<div class="cb-acts">{acts}{rate}</div>']
    if inner := _why(turn, lang):
        parts.append(
            f'<details class="cb-why"><summary>{html.escape(labels["why"])}</summary>{inner}'
            "</details>"
        )
    if turn.follow_ups:
        heading = labels["follow_ups" if turn.answer.sentences else "nearest"]
        parts.append(_next(heading, turn.follow_ups))
    return f'<div class="cb-after" lang="{lang}" data-turn="{id}">{"".join(parts)}</div>'


def _why(turn: Turn, lang: str) -> str:
    """Why it was answered so; nothing where a browser sent what is no explanation of ours."""
    if turn.why is None:
        return ""
    try:
        return why_html(Explanation.from_json(turn.why), turn.answer, lang)
    except (AttributeError, KeyError, TypeError, ValueError):
        return ""


def _next(heading: str, questions: Sequence[str]) -> str:
    items = "".join(
        f'<li><button type="button" class="cb-follow" data-cb-ask="{render.attribute(question)}">'
        f"{render.text_html(question)}</button></li>"
        for question in questions
    )
    return f'<div class="cb-next"><p>{html.escape(heading)}</p><ul>{items}</ul></div>'
