"""What every command runs in: settings that are told when wrong, and failures that are messages.

Whatever ends a command becomes a sentence on standard error and an exit code; internals are never
shown, but for the log's level debug.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from assistant.errors import AssistantError
from assistant.terminal import INTERRUPTED, drop_output, print_json

if TYPE_CHECKING:
    from assistant.settings import Settings

OURS = ("app", "assistant", "eval", "index")  # whose log is shown as the settings say
PIPE_CLOSED = 141  # exit code: 128 + the signal's number, as a shell has it
SEE_MORE = "To see it in full, run the same with CITEBRIEF_LOG_LEVEL=debug."


def settings_in_force() -> "Settings":
    """The settings, with our log at their level."""
    from assistant.settings import load_settings

    settings = load_settings()
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
    return settings


@contextmanager
def front_door(question: str = "", lang: str = "en", *, as_json: bool = False) -> Iterator[None]:
    """Turn whatever ends a command into a message and an exit code; internals are never shown."""
    try:
        yield
        sys.stdout.flush()
        return
    except typer.Exit:
        raise
    except BrokenPipeError:
        drop_output()
        raise typer.Exit(PIPE_CLOSED) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except Exception as error:
        from assistant.failure import error_answer, failure

        found = failure(error, question, lang)
        more = "" if isinstance(error, AssistantError) else f"\n{SEE_MORE}"
        typer.echo(found.message + more, err=True)
        if as_json:
            print_json(error_answer(found.message + more, question=question, lang=lang))
        raise typer.Exit(found.exit_code) from None
