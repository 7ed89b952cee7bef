"""What Gradio keeps of a page goes when its reader leaves, and is bounded before."""

import os
from types import SimpleNamespace

import gradio as gr

from assistant.web.memory import MOST_EVENTS, MOST_PAGES, keep_little


def test_a_page_that_is_closed_is_forgotten_and_one_that_waits_for_an_answer_gets_it(monkeypatch):
    monkeypatch.setenv("GRADIO_ANALYTICS_MAX_EVENTS", "10000")
    with gr.Blocks() as page:
        gr.Textbox()
    keep_little(page)
    page.queue()
    assert page.state_session_capacity == MOST_PAGES
    assert os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] == str(MOST_EVENTS)
    gr.routes.App.create_app(page)
    forget = next(
        one.fn for one in page.fns.values() if any(event == "unload" for _, event in one.targets)
    )
    queue = page._queue
    for name in ("left", "waiting"):
        assert page.state_holder[name] is not None
        queue.pending_messages_per_session[name] = object()
        queue.pending_event_ids_session[name] = {"e"} if name == "waiting" else set()
        forget(SimpleNamespace(session_hash=name))
    forget(SimpleNamespace(session_hash="never seen"))
    assert not page.state_holder.session_data
    assert set(queue.pending_messages_per_session) == {"waiting"}
    assert set(queue.pending_event_ids_session) == {"waiting"}
