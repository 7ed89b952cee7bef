"""The font of a PDF: one with Korean letters, from the machine that it is made on.

None is shipped, since one weighs megabytes, and none is fetched. Windows and macOS have one; Linux
has one as soon as a package is installed, and CITEBRIEF_FONT names any other.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InputError

# Path, and the number of the Korean face in a collection.
PLACES = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 1),  # Debian, Ubuntu
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 1),  # Arch, Alpine
    ("/usr/share/fonts/noto/NotoSansCJK-Regular.ttc", 1),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 1),  # Fedora
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", 1),
    ("/usr/share/fonts/truetype/nanum/NanumGothic.ttf", 0),
    ("/System/Library/Fonts/AppleSDGothicNeo.ttc", 0),  # macOS
    ("/System/Library/Fonts/Supplemental/AppleGothic.ttf", 0),
)
WINDOWS = ("malgun.ttf", "gulim.ttc")
KINDS = (b"\0\1\0\0", b"OTTO", b"true")  # how the file of a single face begins
NEEDED = "가힣A1“"  # a font that has these has the rest


@dataclass(frozen=True, slots=True)
class Font:
    """A file, and the number of the face in it."""

    path: Path
    face: int = 0


def find_font(wanted: str | None) -> Font:
    """The font of the setting, `path` or `path#face`, or the first that this machine has.

    InputError says what to set or install where there is none.
    """
    if wanted:
        path, _, face = wanted.partition("#")
        font = Font(Path(path).expanduser(), int(face) if face.isdecimal() else 0)
        if font.face >= _faces(font.path) or (face and not face.isdecimal()):
            raise InputError(
                f"CITEBRIEF_FONT={wanted!r}: expected a font file (.ttf, .otf, or .ttc#1 for the "
                "face 1 of a collection). Correct it or unset it."
            )
        return font
    for name, number in (*PLACES, *_windows()):
        if Path(name).is_file():
            return Font(Path(name), number)
    raise InputError(
        "A PDF needs a font with Korean letters, and none was found on this machine. Install one "
        "(Debian, Ubuntu: apt-get install fonts-noto-cjk), or set CITEBRIEF_FONT to the path of a "
        "font file. Word and Markdown need none."
    )


def check_letters(font: Font, known: "set[int]") -> None:
    """InputError where the font, with letters for these code points, lacks Korean."""
    lacking = [letter for letter in NEEDED if ord(letter) not in known]
    if lacking:
        raise InputError(
            f"The font {font.path} (face {font.face}) has no {lacking[0]!r}; expected one with "
            "Korean and Latin letters. Set CITEBRIEF_FONT to another."
        )


def _faces(path: Path) -> int:
    """How many faces the file holds; 0 for what is no font."""
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"ttcf":
        return int.from_bytes(head[8:12])
    return 1 if head[:4] in KINDS else 0


def _windows() -> list[tuple[str, int]]:
    root = os.environ.get("WINDIR")
    return [(str(Path(root) / "Fonts" / name), 0) for name in WINDOWS] if root else []
