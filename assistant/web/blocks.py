"""The Gradio page: what stands on it, and what happens when a reader acts.

What an answer looks like is `assistant.turn_render`; what the browser does by itself is in static/.
The conversation and the choice of documents are the browser's: static/page.js hands them over with
each question, and takes the conversation back with its new turn.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.chat import Messages, Shown, converse, messages, no_pages
from assistant.check_render import check_html, check_markdown
from assistant.conversation import Conversation
from assistant.errors import InputError
from assistant.failure import failure
from assistant.live import Live
from assistant.render import notice_html
from assistant.web import frame
from assistant.web.words import WORDS
from index.language import detect

if TYPE_CHECKING:
    import gradio as gr

    from assistant.answer import Assistant

OPENINGS = 4  # questions to start with
LONGEST_TEXT = 100_000  # characters of a text to check that the page takes


@dataclass(frozen=True, slots=True)
class Services:
    """What the page is served by.

    `paged` tells of which documents pages can be shown; `save` keeps the conversation of a user who
    is logged in.
    """

    assistant: "Assistant | Live"
    paged: Callable[[str], bool] = no_pages
    save: Callable[[str, Conversation], None] | None = None


def build(services: Services) -> "gr.Blocks":
    """The page around the services given, in Korean and English."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    page: gr.Blocks
    with gr.Blocks(title="CiteBrief", analytics_enabled=False, fill_height=True) as page:
        masthead = gr.HTML(frame.masthead(), elem_id="cb-header", apply_default_css=False)
        with gr.Row(elem_id="cb-body"):
            gr.HTML(frame.side(), elem_id="cb-side", apply_default_css=False)
            with gr.Column(elem_id="cb-main"):
                with gr.Column(elem_id="cb-ask"):
                    asking = _asking(services.assistant)
                with gr.Column(elem_id="cb-check"):
                    _checking(services)
        _connect(services, page, asking)

        def welcome(request: gr.Request) -> tuple[str, str]:
            """What depends on who came, and on the documents there are by now."""
            questions = {
                lang: services.assistant.openings(lang, count=OPENINGS) for lang in frame.LANGS
            }
            return frame.masthead(_user(request)), frame.openings(questions)

        page.load(welcome, None, [masthead, asking.openings], **PRIVATE)
    return page


PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True, slots=True)
class _Asking:
    """The components of the conversation; the last three stand for what the browser keeps."""

    chat: "gr.Chatbot"
    openings: "gr.HTML"
    box: "gr.Textbox"
    kept: "gr.HTML"
    scope: "gr.HTML"
    reopen: "gr.Button"


def _asking(assistant: "Assistant | Live") -> _Asking:
    import gradio as gr
    from gradio.i18n import I18nData

    from assistant.query import LONGEST_QUESTION

    # What documents bring along; questions that must be made take longer, and come with the page.
    given = {lang: assistant.examples(lang)[:OPENINGS] for lang in frame.LANGS}
    chat = gr.Chatbot(
        elem_id="cb-chat",
        show_label=False,
        container=False,
        scale=1,
        layout="panel",
        autoscroll=False,
        buttons=[],
        feedback_options=None,
        latex_delimiters=[],
        group_consecutive_messages=False,
        # It takes away the data- attributes that the page works by. All HTML in a message is made
        # by assistant.render and turn_render, which escape every text.
        sanitize_html=False,
        placeholder=frame.welcome(),
    )
    openings = gr.HTML(frame.openings(given), elem_id="cb-openings", apply_default_css=False)
    with gr.Row(elem_id="cb-input"):
        box = gr.Textbox(
            elem_id="cb-box",
            placeholder=I18nData("placeholder"),
            show_label=False,
            container=False,
            lines=1,
            max_lines=5,
            max_length=LONGEST_QUESTION,
            submit_btn=True,
            autofocus=True,
            scale=1,
        )
    gr.HTML(frame.hint(), elem_id="cb-hint", apply_default_css=False)
    return _Asking(
        chat,
        openings,
        box,
        kept=gr.HTML(None, html_template="", js_on_load=None, visible="hidden"),
        scope=gr.HTML(None, html_template="", js_on_load=None, visible="hidden"),
        reopen=gr.Button(visible="hidden", elem_id="cb-reopen"),
    )


def _connect(services: Services, page: "gr.Blocks", ui: _Asking) -> None:
    """What happens when a reader asks, stops, opens a conversation, leaves or comes back."""
    import gradio as gr

    asked: dict[str, threading.Event] = {}  # page -> what stops the answer it waits for

    def reply(
        question: str, kept: Any, scope: Any, request: gr.Request
    ) -> Iterator[tuple[Any, Any, Any]]:
        name = str(request.session_hash)
        stop(request)  # a page waits for one answer at a time
        asked[name] = mine = threading.Event()
        try:
            shown = _answers(services, question, kept, scope, mine)
            yield from _updates(_saving(services, shown, _user(request)))
        finally:
            mine.set()
            if asked.get(name) is mine:
                del asked[name]

    def stop(request: gr.Request) -> None:
        if waiting := asked.get(str(request.session_hash)):
            waiting.set()

    def reopen(kept: Any, request: gr.Request) -> tuple[Any, Any]:
        stop(request)
        try:
            shown = messages(Conversation.from_json(kept), services.paged) if kept else []
        except InputError as error:
            shown = _refused(error, "")
        return gr.update(value="", submit_btn=True, stop_btn=False), shown

    run = ui.box.submit(
        reply,
        [ui.box, ui.kept, ui.scope],
        [ui.box, ui.chat, ui.kept],
        js="(question) => window.citebrief.asking(question)",
        **PRIVATE,
    )
    run.then(None, ui.kept, None, js="(kept) => window.citebrief.answered(kept)", **PRIVATE)
    ui.box.stop(stop, None, None, queue=False, **PRIVATE)
    ui.reopen.click(
        reopen,
        [ui.kept],
        [ui.box, ui.chat],
        cancels=[run],
        queue=False,
        js="() => window.citebrief.opening()",
        **PRIVATE,
    )
    page.unload(stop)


def _answers(
    services: Services, question: str, kept: Any, scope: Any, stop: threading.Event
) -> Iterator[Shown]:
    """What is shown of the answer; of a conversation that is none of ours, a sentence."""
    try:
        conversation = Conversation.from_json(kept) if kept else Conversation.new(question)
    except InputError as error:
        yield Shown(_refused(error, question), Conversation.new(question))
        return
    documents = _chosen(scope)
    paged = services.paged
    yield from converse(
        services.assistant, question, conversation, stop, documents=documents, paged=paged
    )


def _chosen(scope: Any) -> list[str] | None:
    """The documents to ask, as the browser names them; None: all."""
    if not isinstance(scope, list) or not scope:
        return None
    return [str(document) for document in scope]


def _saving(services: Services, answering: Iterable[Shown], user: str | None) -> Iterator[Shown]:
    """The same, after the conversation of a user has been kept with its new turn."""
    for shown in answering:
        if user and services.save and shown.answer and shown.conversation:
            services.save(user, shown.conversation)
        yield shown


def _refused(error: InputError, question: str) -> Messages:
    said = notice_html(failure(error, question).message, detect(question).main)
    return [{"role": "assistant", "content": said}]


def _updates(answering: Iterable[Shown]) -> Iterator[tuple[Any, Any, Any]]:
    """Box, conversation and what is kept of it: the box is emptied first, and ready at the end."""
    import gradio as gr

    same = gr.skip()
    box = gr.update(value="", submit_btn=False, stop_btn=True)
    for shown in answering:
        if shown.conversation is not None:
            ready = gr.update(submit_btn=True, stop_btn=False)
            yield ready, shown.messages, shown.conversation.to_json()
        else:
            yield box, shown.messages, same
            # Said again, since a page under load may skip what it was told a moment ago.
            box = gr.update(submit_btn=False, stop_btn=True)


def _checking(services: Services) -> None:
    """The view that holds a text against the documents."""
    import gradio as gr
    from gradio.i18n import I18nData

    gr.HTML(
        f'<h2 class="cb-check-title">{frame.both("check_title")}</h2>'
        f'<p class="cb-check-intro">{frame.both("check_intro")}</p>',
        apply_default_css=False,
    )
    text = gr.Textbox(
        elem_id="cb-check-text",
        placeholder=I18nData("check_placeholder"),
        show_label=False,
        container=False,
        lines=9,
        max_lines=18,
        max_length=LONGEST_TEXT,
    )
    with gr.Row(elem_id="cb-check-acts"):
        go = gr.Button(I18nData("check_button"), elem_id="cb-check-go", min_width=0)
        clear = gr.Button(I18nData("check_clear"), elem_id="cb-check-clear", min_width=0)
        gr.HTML(
            '<button type="button" class="cb-plain" id="cb-check-save" hidden>'
            f"{frame.both('check_export')}</button>",
            apply_default_css=False,
        )
    result = gr.HTML("", elem_id="cb-check-result", apply_default_css=False)
    report = gr.HTML(None, html_template="", js_on_load=None, visible="hidden")
    scope = gr.HTML(None, html_template="", js_on_load=None, visible="hidden")

    def check_text(typed: str, documents: Any, request: gr.Request) -> Iterator[tuple[str, Any]]:
        lang = detect(typed or "").main
        yield f'<p class="cb-now" role="status">{frame.both("check_running")}</p>', None
        try:
            found = services.assistant.check(typed, documents=_chosen(documents))
            shown = check_html(found, "k", found.language, services.paged)
            yield shown, check_markdown(found, found.language)
        except Exception as error:
            yield notice_html(failure(error, typed or "").message, lang), None

    go.click(
        check_text,
        [text, scope],
        [result, report],
        js="(text) => [text, window.citebrief.scope()]",
        **PRIVATE,
    ).then(None, report, None, js="(text) => window.citebrief.checked(text)", **PRIVATE)
    clear.click(lambda: ("", "", None), None, [text, result, report], queue=False, **PRIVATE).then(
        None, report, None, js="(text) => window.citebrief.checked(text)", **PRIVATE
    )


def translations() -> dict[str, dict[str, str]]:
    """The words that Gradio's own components show, by language."""
    names = ("placeholder", "check_placeholder", "check_button", "check_clear")
    return {lang: {name: words[name] for name in names} for lang, words in WORDS.items()}


def _user(request: "gr.Request") -> str | None:
    return getattr(request, "username", None)
