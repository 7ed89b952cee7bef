"""Regular expressions written as lists: a line for what is found, a comment for why."""


def any_of(*alternatives: str) -> str:
    """A group that matches any of them; of several that fit at one place, the first."""
    return f"(?:{'|'.join(alternatives)})"


def whole(*alternatives: str) -> str:
    """The same, where it begins and ends as words do: for English."""
    return rf"\b{any_of(*alternatives)}\b"
