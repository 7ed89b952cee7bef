"""The chat page: build one Assistant, render its Answers; no logic.

`python app.py` and `citebrief serve` are the same. Everything the page needs is served from here:
no font, script or figure comes from another host, and Gradio's analytics are off before it is
imported. The conversation, citations included, is kept in the reader's own browser, so that a
reload loses nothing; the server keeps none of it.
"""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from assistant import render
from assistant.errors import FAULT, AssistantError, InputError
from assistant.settings import Settings, load_settings
from assistant.types import Answer, Partial, Step
from index.language import detect

if TYPE_CHECKING:
    import gradio as gr

    from assistant.answer import Assistant

PAGE = Path(__file__).parent / "assistant"
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
MAX_LENGTH = 2000  # characters of a question, as the Assistant has it
PAUSE = 0.08  # seconds between two sentences, so that a reader can follow them in
KEPT = 60  # messages of a conversation; a browser keeps 5 MB, and an answer is about 10 kB
LANGS = ("ko", "en")
STEPS = {"reading": "reading", "words": "indexing words", "vectors": "indexing meaning"}
INTRO = {
    "ko": (
        "정책 브리프에 물어보세요",
        "답의 모든 문장에 쪽수와 원문 인용이 붙습니다. 브리프에 없는 내용은 없다고 말합니다.",
    ),
    "en": (
        "Ask the policy brief",
        "Every sentence of an answer carries its page and verbatim quote. What the brief does not "
        "say, it says that it does not say.",
    ),
}
TAGLINE = {
    "ko": "모든 문장에 근거가 붙는 정책 브리프 문답",
    "en": "Policy briefs, answered with proof",
}
HINT = {
    "ko": '<span class="cb-keys">Enter로 보내기 · Shift+Enter로 줄 바꿈 · </span>2,000자까지',
    "en": '<span class="cb-keys">Enter sends · Shift+Enter for a new line · </span>'
    "Up to 2,000 characters",
}
EMPTY: dict[str, list[Any]] = {"questions": [], "messages": []}

log = logging.getLogger(__name__)


def build(assistant: "Assistant") -> "gr.Blocks":
    """The page: a conversation with `assistant`, in Korean and English."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    page: gr.Blocks
    with gr.Blocks(title="CiteBrief", analytics_enabled=False, fill_height=True) as page:
        # The secret keeps the stored text from being read at a glance; it guards nothing more.
        saved = gr.BrowserState(EMPTY, storage_key="citebrief-chat", secret="citebrief-chat-1")
        gr.HTML(_header(assistant), elem_id="cb-header")
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
            placeholder=_in_both(lambda lang: _intro(*INTRO[lang])),
        )
        with gr.Row(elem_id="cb-examples"):
            chips = [
                gr.Button(text, elem_classes=["cb-chip", f"cb-{lang}"], size="sm", min_width=0)
                for lang in LANGS
                for text in assistant.examples(lang)
            ]
        with gr.Row(elem_id="cb-input"):
            box = gr.Textbox(
                elem_id="cb-box",
                placeholder="질문을 입력하세요 · Ask a question",
                show_label=False,
                container=False,
                lines=1,
                max_lines=5,
                max_length=MAX_LENGTH,
                submit_btn=True,
                autofocus=True,
                scale=1,
            )
        with gr.Row(elem_id="cb-under"):
            gr.HTML(_in_both(lambda lang: HINT[lang]), elem_id="cb-hint")
            clear = gr.Button("새 대화 · New chat", elem_id="cb-clear", size="sm", min_width=0)

        asked: dict[str, threading.Event] = {}  # page -> what stops the answer it waits for

        def reply(
            question: str, kept: dict[str, list[Any]], request: gr.Request
        ) -> Iterator[tuple[Any, Any, Any]]:
            name = str(request.session_hash)
            stop(request)  # a page waits for one answer at a time
            asked[name] = mine = threading.Event()
            try:
                yield from _reply(assistant, question, kept, mine)
            finally:
                mine.set()
                if asked.get(name) is mine:
                    del asked[name]

        def stop(request: gr.Request) -> None:
            if waiting := asked.get(str(request.session_hash)):
                waiting.set()

        def empty(request: gr.Request) -> tuple[Any, list[Any], dict[str, list[Any]]]:
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
    return page


def serve(settings: Settings) -> None:
    """Serve the chat until it is stopped; an AssistantError says why it could not start."""
    console = Console(stderr=True, soft_wrap=True)
    _require_port(settings.host, settings.port)
    from assistant.answer import Assistant

    with console.status("Opening the library …") as status:
        assistant = Assistant.open(
            settings,
            progress=lambda step, done, total: status.update(
                f"Building the index, this once: {STEPS.get(step, step)} {done} of {total} …"
            ),
        )
    threading.Thread(target=_warm, args=(assistant,), daemon=True, name="warm").start()
    page = build(assistant)
    page.queue(default_concurrency_limit=settings.users, api_open=False)
    _reach_ourselves(settings.host)
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    try:
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
            favicon_path=PAGE / "chat.svg",
            theme=_theme(),
            head=_head(),
        )
        console.print(f"CiteBrief is at {page.local_url} (Ctrl-C stops it)", highlight=False)
        stop.wait()
    except OSError as error:
        raise _port_taken(settings.host, settings.port) from error
    finally:
        page.close(verbose=False)


def main() -> int:
    """Serve with the settings in force; what can be shown of a failure is shown in one line."""
    try:
        serve(load_settings())
    except AssistantError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), highlight=False, markup=False)
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt:
        return 130
    return 0


def _reply(
    assistant: "Assistant", question: str, kept: dict[str, list[Any]], stop: threading.Event
) -> Iterator[tuple[Any, Any, Any]]:
    """Box, conversation and what is kept of it, each time that something new can be shown."""
    import gradio as gr

    same = gr.skip()
    if not question.strip():
        yield same, same, same
        return
    lang = detect(question).main
    anchor = "a" + secrets.token_hex(4)
    shown = [*kept["messages"], {"role": "user", "content": render.question_html(question)}]
    questions = kept["questions"]

    def with_answer(content: str) -> list[dict[str, str]]:
        return [*shown, {"role": "assistant", "content": content}]

    busy = gr.update(value="", submit_btn=False, stop_btn=True)
    yield busy, with_answer(render.steps_html([Step("search")], lang)), same
    final = ""
    for content in _contents(assistant, question, questions, stop, anchor):
        if content is None:
            questions = [*questions, question]
        else:
            final = content
            yield same, with_answer(content), same
    messages = with_answer(final)[-KEPT:]
    done = gr.update(submit_btn=True, stop_btn=False)
    yield done, messages, {"questions": questions, "messages": messages}


def _contents(
    assistant: "Assistant", question: str, earlier: list[str], stop: threading.Event, anchor: str
) -> Iterator[str | None]:
    """The message as it grows; None once the question counts as one of the conversation."""
    lang = detect(question).main
    steps: list[Step] = []
    so_far: Answer | None = None
    try:
        for event in assistant.stream(question, earlier, id=anchor, stopped=stop.is_set):
            if isinstance(event, Step):
                steps.append(event)
            elif isinstance(event, Partial):
                so_far = event.answer
            else:
                if so_far is None:  # written at once: let the reader follow it in
                    for count in range(1, len(event.sentences) + 1):
                        yield render.answer_html(event, anchor, shown=count)
                        time.sleep(PAUSE)
                yield render.answer_html(event, anchor)
                yield None
                return
            if so_far is None:
                yield render.steps_html(steps, lang)
            else:
                count = len(so_far.sentences)
                yield render.answer_html(so_far, anchor, shown=count, steps=steps)
    except AssistantError as error:
        yield render.notice_html(str(error), lang)
        return
    except Exception:
        log.exception("Request %s failed.", anchor)
        yield render.notice_html(FAULT[lang].format(id=anchor), lang)
        return
    stopped = render.LABELS[lang]["stopped"]
    if so_far is None:
        yield render.notice_html(stopped, lang)
    else:
        yield render.answer_html(replace(so_far, notice=stopped), anchor)
        yield None


def _warm(assistant: "Assistant") -> None:
    try:
        assistant.warm()
    except Exception:
        log.exception("The models could not be loaded ahead; the first question will load them.")


def _reach_ourselves(host: str) -> None:
    """Keep a proxy out of the way: on launch Gradio asks its own server whether it is up."""
    ours = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [ours, host, "127.0.0.1", "localhost"])
    )


def _require_port(host: str, port: int) -> None:
    """Fail before the index is built if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _port_taken(host, port) from error


def _port_taken(host: str, port: int) -> InputError:
    return InputError(
        f"The chat cannot be served at {host}:{port}: the port is in use or may not be opened. "
        "Stop what uses it, or choose another with CITEBRIEF_PORT or: citebrief serve --port "
        f"{port % 65535 + 1}"
    )


def _theme() -> Any:
    from gradio.themes import Base

    return Base(font=FONTS, font_mono=("ui-monospace", "monospace"))


def _head() -> str:
    """Our style and script, inline; as `css=` Gradio would send every rule twice, once prefixed."""
    style = (PAGE / "chat.css").read_text(encoding="utf-8")
    script = (PAGE / "chat.js").read_text(encoding="utf-8")
    return f"<style>{style}</style><script>{script}</script>"


def _header(assistant: "Assistant") -> str:
    choices = "".join(
        f'<button type="button" class="cb-choice" data-cb-lang="{lang}" lang="{lang}">{name}'
        "</button>"
        for lang, name in (("ko", "한국어"), ("en", "English"))
    )
    return (
        f'<div class="cb-top"><h1>CiteBrief</h1><div class="cb-choices">{choices}</div></div>'
        f'<p class="cb-tagline">{_in_both(lambda lang: TAGLINE[lang])}</p>'
        f"{_in_both(lambda lang: _library(assistant, lang))}"
    )


def _library(assistant: "Assistant", lang: str) -> str:
    """What can be asked about: the title of the one document, or of how many."""
    documents = list(assistant.index.documents.values())
    if len(documents) != 1:
        count = f"문서 {len(documents)}건" if lang == "ko" else f"{len(documents)} documents"
        return f'<span class="cb-library">{count}</span>'
    title = documents[0].titles.get(lang) or next(iter(documents[0].titles.values()))
    as_of = documents[0].as_of
    when = f" · {render.as_of_text(as_of, lang)}" if as_of else ""
    return f'<span class="cb-library">{render.text_html(title + when)}</span>'


def _intro(heading: str, text: str) -> str:
    return f'<span class="cb-intro"><b>{heading}</b><span>{text}</span></span>'


def _in_both(text: Any) -> str:
    """`text(lang)` in each language; the page shows the one that the reader chose."""
    return "".join(f'<span class="cb-{lang}" lang="{lang}">{text(lang)}</span>' for lang in LANGS)


if __name__ == "__main__":
    sys.exit(main())
