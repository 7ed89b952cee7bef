"""What Gradio would remember of every page that was ever opened, kept small.

It keeps the last values of each page, the whole conversation among them, for up to 10,000 pages,
and works out statistics of the last 10,000 questions anew after each one.
"""

import os
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import gradio as gr

MOST_PAGES = 200  # a page that is pushed out loses nothing: its browser keeps the conversation
MOST_EVENTS = 100  # of which statistics are worked out


def keep_little(page: "gr.Blocks") -> None:
    """Before the queue of `page` is made and it is mounted: bound what is kept of its readers."""
    import gradio as gr

    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = str(MOST_EVENTS)
    page.state_session_capacity = MOST_PAGES

    def forget(request: gr.Request) -> None:
        """What was kept of a page goes when it is closed."""
        held = cast(Any, page)
        name = request.session_hash
        with held.state_holder.lock:
            held.state_holder.session_data.pop(name, None)
            held.state_holder.time_last_used.pop(name, None)
        if not held._queue.pending_event_ids_session.get(name):  # else an answer is under way
            held._queue.pending_event_ids_session.pop(name, None)
            held._queue.pending_messages_per_session.pop(name, None)

    with page:
        page.unload(forget)
