"""The chat page: one Assistant, and Gradio around the conversation of assistant.chat; no logic.

`python app.py` and `citebrief serve` are the same. Everything the page needs is served from here:
no font, script or figure comes from another host, and Gradio's analytics are off before it is
imported. The conversation, citations included, is kept in the reader's own browser, so that a
reload loses nothing; the server keeps none of it.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import Console

from assistant import chat_page
from assistant.chat import EMPTY, Kept, Shown, converse
from assistant.errors import AssistantError, InputError
from assistant.failure import failure
from assistant.live import Live
from assistant.page_routes import routes
from assistant.pages import Pages
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    import gradio as gr

    from assistant.answer import Assistant

FONTS = (
    "-apple-system",
    "BlinkMacSystemFont",
    "Segoe UI",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "sans-serif",
)
STEPS = {
    "reading": "reading",
    "words": "indexing words",
    "vectors": "indexing meaning",
    "server": "filling the vector server",
}

log = logging.getLogger(__name__)


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
        header = gr.HTML(chat_page.header(assistant.index.documents), elem_id="cb-header")
        chat = _chat()
        with gr.Row(elem_id="cb-examples"):
            chips = [
                gr.Button(text, elem_classes=["cb-chip", f"cb-{lang}"], size="sm", min_width=0)
                for lang in chat_page.LANGS
                for text in assistant.examples(lang)
            ]
        with gr.Row(elem_id="cb-input"):
            box = _box()
        with gr.Row(elem_id="cb-under"):
            gr.HTML(chat_page.hint(), elem_id="cb-hint")
            clear = gr.Button("새 대화 · New chat", elem_id="cb-clear", size="sm", min_width=0)
        answers = partial(converse, assistant, paged=pages.shows if pages else lambda _: False)
        _connect(answers, page, chat, box, chips, clear, saved)
        # Asked anew for each page: documents come and go while it is served.
        page.load(
            lambda: chat_page.header(assistant.index.documents),
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
        placeholder=chat_page.welcome(),
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


def serve(settings: Settings) -> None:
    """Serve the chat until it is stopped; an AssistantError says why it could not start."""
    console = Console(stderr=True, soft_wrap=True)
    _require_port(settings.host, settings.port)
    assistant = Live(_open(settings, console))
    assistant.watch()
    threading.Thread(target=_warm, args=(assistant,), daemon=True, name="warm").start()
    originals = assistant.originals
    pages = Pages(lambda: assistant.index, originals) if originals is not None else None
    page = build(assistant, pages)
    page.queue(default_concurrency_limit=settings.users, api_open=False)
    _reach_ourselves(settings.host)
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    try:
        _launch(page, settings, pages)
        console.print(f"CiteBrief is at {page.local_url} (Ctrl-C stops it)", highlight=False)
        stop.wait()
    except OSError as error:
        raise _port_taken(settings.host, settings.port, error) from error
    finally:
        assistant.close()
        page.close(verbose=False)


def main() -> int:
    """Serve with the settings in force; what can be shown of a failure is shown in one line."""
    try:
        serve(load_settings())
    except AssistantError as error:
        shown = failure(error, "")
        Console(stderr=True, soft_wrap=True).print(shown.message, highlight=False, markup=False)
        return shown.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _open(settings: Settings, console: Console) -> "Assistant":
    """The assistant; the console tells of an index that must be built first."""
    from assistant.answer import Assistant

    with console.status("Opening the library …") as status:
        return Assistant.open(
            settings,
            progress=lambda step, done, total: status.update(
                f"Building the index, this once: {STEPS.get(step, step)} {done} of {total} …"
            ),
        )


def _warm(assistant: Live) -> None:
    try:
        assistant.warm()
    except Exception:
        log.exception("The models could not be loaded ahead; the first question will load them.")


def _launch(page: "gr.Blocks", settings: Settings, pages: Pages | None) -> None:
    from gradio.themes import Base

    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        max_threads=max(40, settings.users),
        ssr_mode=False,
        mcp_server=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        favicon_path=chat_page.ICON,
        theme=Base(font=FONTS, font_mono=("ui-monospace", "monospace")),
        head=chat_page.head(),
        app_kwargs={"routes": routes(pages, chat_page.style)} if pages else None,
    )


def _reach_ourselves(host: str) -> None:
    """Keep a proxy out of the way: on launch Gradio asks its own server whether it is up."""
    ours = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [ours, host, "127.0.0.1", "localhost"])
    )


def _require_port(host: str, port: int) -> None:
    """InputError where nothing can listen at `host` and `port`, before the index is built."""
    if not 1 <= port <= 65535:
        raise InputError(f"--port {port}: expected a number from 1 to 65535, such as 7860.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise InputError(
            f"The host {host!r} is unknown; expected an address of this machine such as 127.0.0.1. "
            "Correct --host or CITEBRIEF_HOST."
        ) from error
    except OSError as error:
        raise _port_taken(host, port, error) from error


def _port_taken(host: str, port: int, error: OSError) -> InputError:
    return InputError(
        f"Nothing can listen at {host} port {port} ({error.strerror or error}); expected a free "
        "port. Stop what uses it, or choose another with CITEBRIEF_PORT or: citebrief serve --port "
        f"{port % 65535 + 1}"
    )


if __name__ == "__main__":
    sys.exit(main())
