"""What an uploaded file is called on our disk: a safe name that stays readable, and stays the same.

The same name gives the same file again, which is how an upload updates a document; so whatever is
left out here must not depend on anything but the name.
"""

import hashlib
import re
import unicodedata

LONGEST = 140  # bytes in UTF-8; file systems end at 255, encrypted ones at 143
LONGEST_SUFFIX = 12  # bytes; a longer one is no suffix
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # in names on Windows
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])")  # devices there
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # controls, marks of direction, no letters


def file_name(given: str) -> str:
    """The name to keep a file under that a browser calls `given`; empty where nothing is left.

    Composed (macOS sends names decomposed), without folders, controls and marks of direction, never
    hidden, of at most `LONGEST` bytes; a cut name ends in a digest of the whole one.
    """
    name = unicodedata.normalize("NFC", given)
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(" " if c in "\t\n\r" else c for c in name)
    name = "".join(c for c in name if unicodedata.category(c) not in _UNSEEN)
    name = " ".join(_FORBIDDEN.sub("_", name).split()).lstrip(". ").rstrip(". ")
    if _RESERVED.fullmatch(name.partition(".")[0].strip()):
        name = f"_{name}"
    return _cut(name)


def numbered(name: str, number: int) -> str:
    """`name` for the second, third … file of one upload that is called so."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem or suffix} ({number}){dot if stem else ''}{suffix if stem else ''}"


def _cut(name: str) -> str:
    if len(name.encode()) <= LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > LONGEST_SUFFIX:
        stem, dot, suffix = name, "", ""
    end = f"~{hashlib.sha256(name.encode()).hexdigest()[:8]}{dot}{suffix}"
    kept = stem.encode()[: LONGEST - len(end.encode())].decode(errors="ignore").rstrip(". ")
    return kept + end
