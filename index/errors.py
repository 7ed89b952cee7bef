"""Errors whose message is safe to show and says what to do next.

Front doors print the message of a CiteBriefError and nothing else; any other exception is a fault.
"""


class CiteBriefError(Exception):
    """A fault with a message for the user: what was wrong, what was expected, the next step."""


class InputError(CiteBriefError):
    """The user's own input or setting is at fault (exit code 2)."""
