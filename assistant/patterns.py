"""Regular expressions written as lists: a line for what is found, a comment for why."""

import re

# Between the sentences of a passage or a claim, which are one or few and in plain prose; whole
# documents are split by `index.morphology`. Not after an initial (Joan M. Miller) or a number.
SENTENCE_END = re.compile(r"(?<=[^0-9A-Z][.!?。])\s+")


def any_of(*alternatives: str) -> str:
    """A group that matches any of them; of several that fit at one place, the first."""
    return f"(?:{'|'.join(alternatives)})"


def whole(*alternatives: str) -> str:
    """The same, where it begins and ends as words do: for English."""
    return rf"\b{any_of(*alternatives)}\b"
