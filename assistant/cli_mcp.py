"""`citebrief mcp`: the tools ask, search and check for a program that starts this one."""

import importlib

from assistant.front_door import front_door, settings_in_force


def mcp() -> None:
    """Offer ask, search and check as MCP tools over standard input and output."""
    with front_door():
        # By name, since imports point down: the server depends on the assistant.
        importlib.import_module("assistant.web.mcp_server").serve_stdio(settings_in_force())
