"""`citebrief slack`: the assistant in Slack, until it is stopped."""

import importlib
import logging
from typing import Annotated

import typer

from assistant.errors import InputError
from assistant.front_door import front_door, settings_in_force


def slack(
    http: Annotated[
        bool,
        typer.Option("--http", help="Take signed requests instead of opening a socket to Slack."),
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen at, with --http.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen at, with --http.")] = None,
) -> None:
    """Answer in Slack, until Ctrl-C."""
    with front_door():
        given = {"slack_host": host, "slack_port": port}
        settings = settings_in_force().model_copy(
            update={name: value for name, value in given.items() if value is not None}
        )
        logging.getLogger("slack_sdk").setLevel(logging.ERROR)
        try:
            # By name, since nothing imports a front door.
            serving = importlib.import_module("assistant.slack.serve")
        except ModuleNotFoundError as error:
            if error.name not in ("slack_bolt", "slack_sdk"):
                raise
            raise InputError(
                f"The Slack bot needs the package {error.name}, which is not installed. Install it "
                "with: pip install -e '.[slack]'"
            ) from error
        serving.serve(settings, "http" if http else None)
