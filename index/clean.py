"""What is kept of a text, typed or read from a file: what a reader can see, in one spelling."""

import re
import unicodedata

# Control, zero-width and direction marks, byte order marks and lone surrogates: nobody sees them,
# some steer a terminal, and words that hold one are not found. Line ends, tabs and form feeds stay.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    r"\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text in NFC without characters that cannot be seen; white space stays as it is."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))
