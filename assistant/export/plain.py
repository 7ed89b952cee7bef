"""An answer as footnoted plain text, for the clipboard: sentences with [1], and the notes below."""

from assistant.export.footnotes import Line, Paper, Part
from assistant.export.words import FRAME


def plain(paper: Paper) -> str:
    """One answer alone as it is pasted into a text; several with their questions and a title."""
    if len(paper.parts) == 1:
        return "\n".join(_answer(paper.parts[0])) + "\n"
    lines = [paper.title.text, paper.about, paper.saved]
    for part in paper.parts:
        asked = FRAME[paper.lang]["question"]
        lines += ["", "", f"{asked} {part.number}. {part.question.text}", "", *_answer(part)]
    return "\n".join(lines) + "\n"


def _answer(part: Part) -> list[str]:
    lines = [" ".join(map(_sentence, part.lines))] if part.lines else list(part.prose)
    if part.notice:
        lines += ["", part.notice]
    if part.notes:
        lines += ["", *(f"[{note.number}] {note.text}" for note in part.notes)]
    if part.facts:
        lines += ["", " · ".join(("CiteBrief", *part.facts))]
    return lines


def _sentence(line: Line) -> str:
    marks = "".join(f"[{mark.number}]" for mark in line.marks)
    return " ".join(filter(None, (line.text, line.remark, marks)))
