"""The Gradio page: what stands on it, and what happens when a reader acts.

What an answer looks like is `assistant.render`; what the browser does by itself is in static/.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant.chat import EMPTY, Kept, Shown, converse
from assistant.live import Live
from assistant.pages import Pages
from assistant.web import frame

if TYPE_CHECKING:
    import gradio as gr

    from assistant.answer import Assistant


def build(assistant: "Assistant | Live", pages: Pages | None = None) -> "gr.Blocks":
    """The page: a conversation with `assistant`, in Korean and English.

    With `pages`, citations lead to theirs; the server must then have its routes.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    page: gr.Blocks
    with gr.Blocks(title="CiteBrief", analytics_enabled=False, fill_height=True) as page:
        # The secret keeps the stored text from being read at a glance; it guards nothing more.
        saved = gr.BrowserState(EMPTY, storage_key="citebrief-chat", secret="citebrief-chat-1")
        header = gr.HTML(frame.header(assistant.index.documents), elem_id="cb-header")
        chat = _chat()
        with gr.Row(elem_id="cb-examples"):
            chips = [
                gr.Button(text, elem_classes=["cb-chip", f"cb-{lang}"], size="sm", min_width=0)
                for lang in frame.LANGS
                for text in assistant.examples(lang)
            ]
        with gr.Row(elem_id="cb-input"):
            box = _box()
        with gr.Row(elem_id="cb-under"):
            gr.HTML(frame.hint(), elem_id="cb-hint")
            clear = gr.Button("새 대화 · New chat", elem_id="cb-clear", size="sm", min_width=0)
        answers = partial(converse, assistant, paged=pages.shows if pages else lambda _: False)
        _connect(answers, page, chat, box, chips, clear, saved)
        # Asked anew for each page: documents come and go while it is served.
        page.load(
            lambda: frame.header(assistant.index.documents),
            None,
            header,
            api_visibility="private",
            show_progress="hidden",
        )
    return page


def _chat() -> "gr.Chatbot":
    import gradio as gr

    return gr.Chatbot(
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
        placeholder=frame.welcome(),
    )


def _box() -> "gr.Textbox":
    import gradio as gr

    from assistant.query import LONGEST_QUESTION

    return gr.Textbox(
        elem_id="cb-box",
        placeholder="질문을 입력하세요 · Ask a question",
        show_label=False,
        container=False,
        lines=1,
        max_lines=5,
        max_length=LONGEST_QUESTION,
        submit_btn=True,
        autofocus=True,
        scale=1,
    )


def _connect(
    answers: Callable[[str, Kept, threading.Event], Iterator[Shown]],
    page: "gr.Blocks",
    chat: "gr.Chatbot",
    box: "gr.Textbox",
    chips: "list[gr.Button]",
    clear: "gr.Button",
    saved: "gr.BrowserState",
) -> None:
    """What happens when a reader asks, stops, starts anew, leaves or comes back."""
    import gradio as gr

    asked: dict[str, threading.Event] = {}  # page -> what stops the answer it waits for

    def reply(question: str, kept: Kept, request: gr.Request) -> Iterator[tuple[Any, Any, Any]]:
        name = str(request.session_hash)
        stop(request)  # a page waits for one answer at a time
        asked[name] = mine = threading.Event()
        try:
            yield from _updates(answers(question, kept, mine))
        finally:
            mine.set()
            if asked.get(name) is mine:
                del asked[name]

    def stop(request: gr.Request) -> None:
        if waiting := asked.get(str(request.session_hash)):
            waiting.set()

    def empty(request: gr.Request) -> tuple[Any, list[Any], Kept]:
        stop(request)
        return gr.update(value="", submit_btn=True, stop_btn=False), [], EMPTY

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    runs: list[dict[str, Any]] = [
        trigger(reply, [source, saved], [box, chat, saved], **private)
        for trigger, source in ((box.submit, box), *((chip.click, chip) for chip in chips))
    ]
    box.stop(stop, None, None, queue=False, **private)
    clear.click(empty, None, [box, chat, saved], cancels=runs, queue=False, **private)
    page.unload(stop)
    page.load(lambda kept: kept["messages"], saved, chat, **private)


def _updates(answering: Iterable[Shown]) -> Iterator[tuple[Any, Any, Any]]:
    """Box, conversation and what is kept of it: the box is emptied first, and ready at the end."""
    import gradio as gr

    same = gr.skip()
    box = gr.update(value="", submit_btn=False, stop_btn=True)
    for shown in answering:
        if shown.kept is not None:
            yield gr.update(submit_btn=True, stop_btn=False), shown.messages, shown.kept
        else:
            yield box, shown.messages, same
            # Said again, since a page under load may skip what it was told a moment ago.
            box = gr.update(submit_btn=False, stop_btn=True)
