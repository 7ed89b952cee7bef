"""Conversations to take away, and a font that any machine has because a test makes it."""

from pathlib import Path
from typing import Any

from fakes import FIRST, SECOND, answered, refused

from assistant.types import Answer

HOSTILE = (
    "[눌러](javascript:alert(1)) ![x](http://a.example/p.png) <script>alert('1')</script> | `a` "
    "**b** # c ~~d~~ $e$ [^1] www.a.example me@a.example http://a.example &amp; 1. \u202eabc\x07"
)


def turn(answer: Answer, n: int = 0, **changes: Any) -> dict[str, Any]:
    given = {
        "id": f"{n:016x}",
        "asked_at": "2026-11-23T10:00:00Z",
        "question": answer.question,
        "documents": None,
        "answer": answer.to_json(),
        "follow_ups": [],
        "why": None,
        "rating": None,
    }
    return {**given, **changes}


def conversation(*answers: Answer, title: str = "함정은 몇 척인가?") -> dict[str, Any]:
    chosen = answers or (answered(FIRST, SECOND), refused("문서에 없습니다."), answered(SECOND))
    return {
        "id": "c" * 32,
        "title": title,
        "created": "2026-11-23T10:00:00Z",
        "updated": "2026-11-23T10:00:00Z",
        "turns": [turn(one, n) for n, one in enumerate(chosen)],
    }


def font(path: Path, letters: str) -> Path:
    """A font in which each of the letters is a box of its own."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 700), (800, 700), (800, 0)):
        pen.lineTo(point)
    pen.closePath()
    box = pen.glyph()
    known = {ord(letter): f"u{ord(letter):05X}" for letter in letters if letter != " "}
    names = [".notdef", "space", *sorted(known.values())]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({**known, 32: "space"})
    empty = TTGlyphPen(None).glyph()
    builder.setupGlyf({name: empty if name == "space" else box for name in names})
    builder.setupHorizontalMetrics({name: (900, 100) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.save(path)
    return path
